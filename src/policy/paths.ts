// The route of every flow between its service and its edge, under given conditions. What lies beyond the edge (ports,
// access lines) and above the flow (ceilings over several flows) does not depend on conditions and stands with the
// flow itself.

import type { FlowDraft } from './flows.js'
import type { Routed } from './grid.js'
import type { LinkTable } from './links.js'
import type { Route } from './routing.js'

export interface Paths {
  readonly table: LinkTable
  /** By flow; empty where there is none. */
  readonly routes: readonly Route[]
  /** Flows that no route reaches. */
  readonly unreachable: ReadonlySet<number>
}

const NOWHERE: Route = []

export function layPaths(flows: readonly FlowDraft[], { table, routes: ofWays }: Routed): Paths {
  const unreachable = new Set<number>()
  const routes = flows.map(({ way }, i) => {
    const route = ofWays[way]!
    if (route === null) unreachable.add(i)
    return route ?? NOWHERE
  })
  return { table, routes, unreachable }
}
