// The problem whose answer are the safe rates: what edges enforce when nobody tells them anything any more. Nobody
// knows then which failure goes with the silence, so the rates must fit all of them at once: the links of the intact
// network and of each failure the plane says it survives, with that failure's own routes, stand one under the other as
// constraints of one solve of the guarantee bands, everyone asking for everything. What an envelope is promised is left
// out: it is lent among its members by who asks, and nobody asks then. Its ceiling binds.

import type { Conditions } from '../model/network.js'
import type { Problem } from '../solve/problem.js'
import { type Layer, makeProblem } from './columns.js'
import type { PolicyDocument, PolicyFailure } from './document.js'
import type { FlowList } from './flows.js'
import { layPaths, type Paths } from './paths.js'

/** A failure as conditions of the network. */
export function conditionsOf({ cut, derate }: PolicyFailure): Conditions {
  return { ...derate, ...Object.fromEntries(cut.map((id) => [id, 0])) }
}

/**
 * Links: those of the intact network, those of each failure in the order of `survive`, then the virtual ones. A flow
 * that a failure leaves without a route is not bound by that failure's backbone.
 */
export function stackFailures(document: PolicyDocument, { flows, virtual }: FlowList, intact: Paths): Problem {
  const cases = [intact, ...document.plane.survive.map((failure) => layPaths(document, flows, conditionsOf(failure)))]
  const height = intact.table.links.length
  const realLinks = cases.length * height
  const { problem } = makeProblem({
    flows,
    bands: document.bands.filter(({ kind }) => kind === 'guarantee'),
    envelopes: [],
    rooms: [
      ...cases.flatMap(({ table }) => table.links.map(({ room }) => room)),
      ...virtual.map(({ capacity }) => capacity),
    ],
    realLinks,
    layers: [
      ...cases.flatMap(({ routes }, at): Layer[] => [
        { offset: at * height, routeOf: (i) => routes[i]! },
        { offset: at * height, routeOf: (i) => flows[i]!.local },
      ]),
      // A virtual link's number counts from the end of one network, not of all.
      { offset: realLinks - height, routeOf: (i) => flows[i]!.above },
    ],
    lifelineOnly: intact.unreachable,
  })
  problem.demand.set(problem.ceiling)
  return problem
}
