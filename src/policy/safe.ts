// The problem whose answer are the safe rates: what edges enforce when nobody tells them anything any more. Nobody knows
// then which failure goes with the silence, so the rates must fit all of them at once: the links of the intact network and
// of each failure the plane says it survives, with that failure's own routes, stand one under the other as constraints of
// one solve of the guarantee bands, everyone asking for everything.

import type { Conditions } from '../model/network.js'
import type { Problem } from '../solve/problem.js'
import { makeProblem } from './columns.js'
import type { PolicyDocument, PolicyFailure } from './document.js'
import type { FlowList } from './flows.js'
import { layPaths, type Paths } from './paths.js'
import type { Hop } from './routing.js'

/** A failure as conditions of the network. */
export function conditionsOf({ cut, derate }: PolicyFailure): Conditions {
  return { ...derate, ...Object.fromEntries(cut.map((id) => [id, 0])) }
}

/**
 * Links: those of the intact network, those of each failure in the order of `survive`, then the virtual ones. A flow that
 * a failure leaves without a route is not bound by that failure's links.
 */
export function stackFailures(document: PolicyDocument, list: FlowList, intact: Paths): Problem {
  const failures = document.plane.survive.map((failure) => layPaths(document, list, conditionsOf(failure)))
  const cases = [intact, ...failures]
  const height = intact.table.links.length
  const hops = list.flows.map((_, i) => {
    const stacked: Hop[] = [...intact.remote[i]!, ...intact.local[i]!]
    failures.forEach((paths, at) => {
      // A port or line that the failure leaves alone would only repeat its constraint.
      const touched = paths.local[i]!.filter(({ link }) => roomOf(paths, link) < roomOf(intact, link))
      const crossed = paths.unreachable.has(i) ? [] : [...paths.remote[i]!, ...touched]
      for (const { link, fraction } of crossed) stacked.push({ link: (at + 1) * height + link, fraction })
    })
    const above = intact.hops[i]!.slice(intact.remote[i]!.length + intact.local[i]!.length)
    for (const { link, fraction } of above) stacked.push({ link: link + failures.length * height, fraction })
    return stacked
  })
  const problem = makeProblem({
    flows: list.flows,
    bands: document.bands.filter(({ kind }) => kind === 'guarantee'),
    rooms: [
      ...cases.flatMap(({ table }) => table.links.map(({ room }) => room)),
      ...list.virtual.map(({ capacity }) => capacity),
    ],
    realLinks: cases.length * height,
    hops,
    lifelineOnly: intact.unreachable,
  })
  problem.demand.set(problem.ceiling)
  return problem
}

function roomOf({ table }: Paths, link: number): number {
  return table.links[link]!.room
}
