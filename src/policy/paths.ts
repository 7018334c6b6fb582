// The route of every flow between its service and its edge, under given conditions. What lies beyond the edge (ports,
// access lines) and above the flow (ceilings over several flows) does not depend on conditions and stands with the
// flow itself.

import type { Conditions } from '../model/network.js'
import type { PolicyDocument } from './document.js'
import type { FlowDraft } from './flows.js'
import { type LinkTable, layLinks } from './links.js'
import { createRouter, type Route } from './routing.js'

export interface Paths {
  readonly table: LinkTable
  /** By flow; empty where there is none. */
  readonly routes: readonly Route[]
  /** Flows that no route reaches. */
  readonly unreachable: ReadonlySet<number>
}

const NOWHERE: Route = []

export function layPaths(document: PolicyDocument, flows: readonly FlowDraft[], conditions: Conditions): Paths {
  const table = layLinks(document, conditions)
  const routeOf = createRouter(document, table)
  const unreachable = new Set<number>()
  const routes = flows.map(({ plan, node }, i) => {
    const route = routeOf(plan.service, plan.direction, node)
    if (route === null) unreachable.add(i)
    return route ?? NOWHERE
  })
  return { table, routes, unreachable }
}
