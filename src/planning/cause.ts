// What kept a flow from more. One place, so that a report, a preview and a policy test name the same links.

import { BAND_KIND, type Problem } from '../solve/problem.js'

/** Whoever lacks less than the smallest rate that can be published lacks nothing, bit/s. */
export const NEGLIGIBLE = 1_000

/** The links that stopped a flow in a band, those that filled first in front; none: its own bounds, or no path. */
export function linksThatStopped({ shape, bottleneck }: Problem, flow: number, band: number): number[] {
  const link = band < 0 ? -1 : bottleneck[band * shape.flows + flow]!
  return link < 0 ? [] : [link]
}

/** The first band of need in which a flow got less than its demand may claim there; -1: none. */
export function stoppingBand(p: Problem, flow: number): number {
  const { bands, flows } = p.shape
  let unserved = Math.min(p.demand[flow]!, p.ceiling[flow]!)
  for (let band = 0, s = p.segmentStart[flow]!; band < bands; band++) {
    while (s < p.segmentStart[flow + 1]! && p.segmentBand[s]! < band) s++
    const isClaimed = s < p.segmentStart[flow + 1]! && p.segmentBand[s] === band
    const kind = p.bandKind[band]!
    if (kind === BAND_KIND.headroom) return -1
    const claim = !isClaimed ? 0 : kind === BAND_KIND.guarantee ? Math.min(p.segmentSize[s]!, unserved) : unserved
    const amount = p.amount[band * flows + flow]!
    if (claim - amount > NEGLIGIBLE) return band
    unserved -= amount
  }
  return -1
}
