// Who is on a link, and how far each has got in the order in which bandwidth is handed out: read from the solved
// problem, for a person who asks.

import type { CrossingFlow, Standing } from '../model/board.js'
import type { Plan } from '../model/plan.js'
import { BAND_KIND, type Solved } from '../solve/problem.js'

/** Flows that cross a link, each with the part of it that does: one walk over all paths, about a millisecond. */
export function crossingOf({ shape, pathStart, pathLink, pathFraction }: Solved, link: number): CrossingFlow[] {
  const found: CrossingFlow[] = []
  for (let flow = 0; flow < shape.flows; flow++) {
    let part = 0
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) if (pathLink[q] === link) part += pathFraction[q]!
    if (part > 0) found.push({ flow, part })
  }
  return found
}

/**
 * Where a flow stands: in the first band in which it got less than it may claim, else in the last that gave it
 * something; headroom counts for nothing. Of a flow that is charged at what its edge keeps nothing is asked here.
 */
export function standingOf({ bands }: Plan, problem: Solved, flow: number): Standing | null {
  const { shape, shortIn, level, amount } = problem
  let at = shortIn[flow]!
  for (let band = 0; shortIn[flow]! < 0 && band < shape.bands; band++) {
    const gave = problem.bandKind[band] !== BAND_KIND.headroom && amount[band * shape.flows + flow]! > 0
    if (gave) at = band
  }
  if (at < 0) return null
  const { id, kind } = bands[at]!
  const value = level[at * shape.flows + flow]!
  const reached = Number.isNaN(value) ? null : value
  return {
    ...{ band: id, kind, level: reached },
    // Guarantees rise by their sizes, so the level of one is the part of it that is kept.
    kept: kind !== 'guarantee' ? null : shortIn[flow] !== at ? 1 : reached === null ? null : Math.min(1, reached),
  }
}
