// The links every flow crosses under given conditions: the route between its service and its edge, then its port and
// access lines, then the ceilings over several flows that it is under.

import type { Conditions } from '../model/network.js'
import type { PolicyDocument } from './document.js'
import type { FlowList } from './flows.js'
import { type LinkTable, layLinks } from './links.js'
import { createRouter, type Hop, type Route } from './routing.js'

export interface Paths {
  readonly table: LinkTable
  /** By flow: the route; empty without one. */
  readonly remote: readonly Route[]
  /** By flow: port and access lines. */
  readonly local: readonly Route[]
  /** By flow: all of it; virtual links are numbered after the real ones. */
  readonly hops: readonly Route[]
  /** Flows that no route reaches. Their local links remain, for the edge still enforces them. */
  readonly unreachable: ReadonlySet<number>
}

export function layPaths(document: PolicyDocument, { flows, virtual }: FlowList, conditions: Conditions): Paths {
  const table = layLinks(document, conditions)
  const route = createRouter(document, table)
  const places = new Map(virtual.map(({ id }, at) => [id, table.links.length + at]))
  const unreachable = new Set<number>()
  const remote: Route[] = []
  const local: Route[] = []
  const hops: Route[] = []
  flows.forEach((flow, i) => {
    const way = route(flow.service, flow.direction, flow.node)
    if (way === null) unreachable.add(i)
    const near = flow.local.map(({ link, fraction }): Hop => ({ link: table.index.get(link)!, fraction }))
    const above = flow.under.map((id): Hop => ({ link: places.get(id)!, fraction: 1 }))
    remote.push(way ?? [])
    local.push(near)
    hops.push([...(way ?? []), ...near, ...above])
  })
  return { table, remote, local, hops, unreachable }
}
