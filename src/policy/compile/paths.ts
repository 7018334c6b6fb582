// The route of every flow between its service and its edge, under given conditions. What lies beyond the edge (ports,
// access lines) and its virtual links (ceilings over several flows) do not depend on conditions and stand with the flow
// itself.

import type { Detour } from '../../model/plan.js'
import type { LinkTable } from '../document/links.js'
import type { FlowColumns } from './flows.js'
import type { Route } from './routing.js'
import type { Routed } from './topology.js'

export interface Paths {
  readonly table: LinkTable
  /** By flow; empty where there is none. */
  readonly routes: readonly Route[]
  /** Flows that no route reaches. */
  readonly unreachable: ReadonlySet<number>
}

const NOWHERE: Route = []

export function layPaths({ pathId }: Pick<FlowColumns, 'pathId'>, { table, routes: routeOf }: Routed): Paths {
  const unreachable = new Set<number>()
  const routes = new Array<Route>(pathId.length)
  for (let i = 0; i < routes.length; i++) {
    const route = routeOf[pathId[i]!]!
    if (route === null) unreachable.add(i)
    routes[i] = route ?? NOWHERE
  }
  return { table, routes, unreachable }
}

/** What these conditions have done to the route of each flow; flows with the same routes share the answer. */
export function detoursUnder(intact: Paths, now: Paths): (Detour | null)[] {
  if (now.table.links.every(({ state }) => state === 'up')) return []
  const known = new Map<Route, Map<Route, Detour | null>>()
  return intact.routes.map((before, flow) => {
    const route = now.routes[flow]!
    const same = known.get(before) ?? new Map<Route, Detour | null>()
    known.set(before, same)
    let detour = same.get(route)
    if (detour === undefined) {
      detour = detourOf(before, route, ({ link }) => now.table.links[link]!.state !== 'up')
      same.set(route, detour)
    }
    return detour
  })
}

function detourOf(before: Route, now: Route, isBroken: (leg: Route[number]) => boolean): Detour | null {
  if (before === now) return null
  const partOf = (route: Route, link: number): number =>
    route.reduce((sum, leg) => (leg.link === link ? sum + leg.fraction : sum), 0)
  const isLess = (a: number, b: number): boolean => a < b * (1 - 1e-6)
  const from = before.filter((leg) => isBroken(leg) && isLess(partOf(now, leg.link), leg.fraction))
  const to = now.filter((leg) => isLess(partOf(before, leg.link), leg.fraction))
  return from.length === 0 ? null : { from: from.map(({ link }) => link), to: to.map(({ link }) => link) }
}
