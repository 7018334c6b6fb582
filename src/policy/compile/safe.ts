// The problem whose answer are the safe rates: what edges enforce when nobody tells them anything any more. Nobody
// knows then which failure goes with the silence, so the rates must fit all of them at once: the links of the intact
// network and of each failure the plane says it survives, with that failure's own routes, stand one under the other as
// constraints of one solve of the guarantee bands, everyone asking for everything. What an envelope is promised is left
// out: it is lent among its members by who asks, and nobody asks then. Its ceiling binds.

import type { Conditions } from '../../model/network.js'
import type { InPieces } from '../../runtime/pieces.js'
import type { Problem } from '../../solve/problem.js'
import type { PolicyDocument, PolicyFailure } from '../document/document.js'
import type { LinkTable } from '../document/links.js'
import { type Layer, listSegments, makeProblem } from './columns.js'
import type { FlowList } from './flows.js'
import { layPaths } from './paths.js'
import type { Topology } from './topology.js'

/** A failure as conditions of the network. */
export function conditionsOf({ cut, derate }: PolicyFailure): Conditions {
  return { ...derate, ...Object.fromEntries(cut.map((id) => [id, 0])) }
}

/**
 * Links: those of the intact network, those of each failure in the order of `survive`, then the virtual ones. A flow
 * that a failure leaves without a route is not bound by that failure's backbone. Ports and access lines that a failure
 * leaves as they are bind once.
 */
export function* stackFailures(document: PolicyDocument, list: FlowList, topology: Topology): InPieces<Problem> {
  const { columns, virtualLinks } = list
  const cases = [layPaths(columns, topology.intact)]
  for (const failure of document.plane.survive) {
    yield
    cases.push(layPaths(columns, topology.under(conditionsOf(failure))))
  }
  yield
  const [intact] = cases
  const height = topology.intact.table.links.length
  const realLinks = cases.length * height
  const { local } = columns
  const bands = document.bands.filter(({ kind }) => kind === 'guarantee')
  const segments = listSegments(columns, bands)
  yield
  const problem = yield* makeProblem({
    list,
    segments,
    bands,
    envelopes: [],
    rooms: [
      ...cases.flatMap(({ table }) => table.links.map(({ room }) => room)),
      ...virtualLinks.map(({ capacity }) => capacity),
    ],
    realLinks,
    layers: [
      ...cases.flatMap(({ table, routes }, at): Layer[] => {
        const offset = at * height
        const bindsAnew = at === 0 || breaksLocally(table, topology.intact.table)
        return bindsAnew
          ? [
              { offset, routes },
              { offset, routes: local },
            ]
          : [{ offset, routes }]
      }),
      // A virtual link's number counts from the end of one network, not of all.
      { offset: realLinks - height, routes: columns.virtualLinks },
    ],
    lifelineOnly: intact!.unreachable,
  })
  problem.demand.set(problem.ceiling)
  return problem
}

/** Whether a port or an access line has less room than it was built with. */
function breaksLocally({ links }: LinkTable, intact: LinkTable): boolean {
  return links.some((link, l) => link !== intact.links[l] && (link.kind === 'port' || link.kind === 'access'))
}
