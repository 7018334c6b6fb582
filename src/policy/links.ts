// The real links of a plane under given conditions, each direction a row: what the document lists, then a port for each
// edge and an access line for each site. Ports and lines take their capacity from the edge and the site, and their ids
// from a prefix that no other link may have.

import { type Conditions, DIRECTIONS, type Direction, directed } from '../model/network.js'
import type { PlanLink } from '../model/plan.js'
import type { PolicyDocument } from './document.js'

export const PORT_PREFIX = 'port.'
export const ACCESS_PREFIX = 'access.'
/** The far end of an access line, which is no node of the plane. */
const CUSTOMER = 'site'

export interface LinkTable {
  /** Ordered by id. */
  readonly links: readonly PlanLink[]
  /** Directed id to its place in `links`. */
  readonly index: ReadonlyMap<string, number>
}

interface Undirected extends Pick<PlanLink, 'kind' | 'from' | 'to' | 'groups'> {
  readonly id: string
  readonly capacity: { readonly down: number; readonly up: number }
  readonly usable: number
}

/** Lists the directed links of the plane; a factor of 0 closes a link, a smaller than 1 derates it. */
export function layLinks(document: PolicyDocument, conditions: Conditions): LinkTable {
  const intact = Object.keys(conditions).length === 0
  const links = undirectedLinks(document)
    .flatMap((link) =>
      DIRECTIONS.map((direction) =>
        planLink(link, direction, intact ? 1 : factorOf(conditions, link.id, direction, link.groups)),
      ),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  return { links, index: new Map(links.map((link, at) => [link.id, at])) }
}

/** What is left of a directed link: the smallest factor of all that speak about it. */
export function factorOf(
  conditions: Conditions,
  link: string,
  direction: Direction,
  groups: readonly string[],
): number {
  let factor = Math.min(conditions[link] ?? 1, conditions[directed(link, direction)] ?? 1)
  for (const group of groups) factor = Math.min(factor, conditions[group] ?? 1)
  return Math.max(0, factor)
}

function undirectedLinks(document: PolicyDocument): Undirected[] {
  const built = Object.entries(document.links).map(([id, link]) => ({ id, ...link }))
  const ports = Object.entries(document.edges).map(([id, { node, port }]) => ({
    id: PORT_PREFIX + id,
    kind: 'port' as const,
    from: node,
    to: id,
    capacity: port,
    usable: 1,
    groups: [],
  }))
  const lines = Object.entries(document.sites).map(([id, { edge, access }]) => ({
    id: ACCESS_PREFIX + id,
    kind: 'access' as const,
    from: edge,
    to: CUSTOMER,
    capacity: access,
    usable: 1,
    groups: [],
  }))
  return [...built, ...ports, ...lines]
}

function planLink(link: Undirected, direction: Direction, factor: number): PlanLink {
  const capacity = link.capacity[direction]
  return {
    id: directed(link.id, direction),
    link: link.id,
    direction,
    kind: link.kind,
    from: direction === 'down' ? link.from : link.to,
    to: direction === 'down' ? link.to : link.from,
    capacity,
    room: capacity * link.usable * factor,
    state: factor === 0 ? 'down' : factor < 1 ? 'derated' : 'up',
    groups: link.groups,
    virtual: false,
  }
}
