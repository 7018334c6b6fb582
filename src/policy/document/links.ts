// The real links of a plane, as built and under given conditions, each direction a row: what the document lists, then a
// port for each edge and an access line for each site. Ports and lines take their capacity from the edge and the site,
// and their ids from a prefix that no other link may have. An edge of several lines has one port all the same: which
// flow takes which line its routes decide, and not the plane. What is cut of a line is taken from the port.

import { type Conditions, DIRECTIONS, type Direction, directed, PORT_PREFIX, portOf } from '../../model/network.js'
import type { PlanLink } from '../../model/plan.js'
import type { PolicyDocument } from './document.js'
import { ACCESS_PREFIX } from './names.js'

/** The far end of an access line, which is no node of the plane. */
const CUSTOMER = 'site'

/** The parts of a document that have links. */
type LinkParts = Pick<PolicyDocument, 'links' | 'edges' | 'sites'>

export interface LinkTable {
  /** Ordered by id. */
  readonly links: readonly PlanLink[]
  /** Directed id to its place in `links`. */
  readonly index: ReadonlyMap<string, number>
  /** By directed port: the lines that carry it together, where it has several. */
  readonly lines: ReadonlyMap<string, readonly Line[]>
}

interface Line {
  /** As it is cut: in both directions, or in this one. */
  readonly names: readonly [string, string]
  readonly capacity: number
}

interface Undirected extends Pick<PlanLink, 'kind' | 'from' | 'to' | 'groups'> {
  readonly id: string
  readonly capacity: { readonly down: number; readonly up: number }
  readonly usable: number
}

/** Lists the directed links of the plane as they are built. */
export function layLinks(document: LinkParts): LinkTable {
  const links = undirectedLinks(document)
    .flatMap((link) => DIRECTIONS.map((direction) => planLink(link, direction)))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  return { links, index: new Map(links.map((link, at) => [link.id, at])), lines: linesOf(document) }
}

function linesOf({ edges }: LinkParts): Map<string, Line[]> {
  return new Map(
    Object.entries(edges).flatMap(([edge, { ports }]) =>
      DIRECTIONS.flatMap((direction) => {
        if (ports === undefined || Object.keys(ports).length === 0) return []
        const lines = Object.entries(ports).map(([name, rate]): Line => {
          const id = portOf(edge, name)
          return { names: [id, directed(id, direction)], capacity: rate[direction] }
        })
        return [[directed(PORT_PREFIX + edge, direction), lines] as const]
      }),
    ),
  )
}

/** The same links under conditions: a factor of 0 closes a link, a smaller than 1 derates it; others are shared. */
export function derate({ links, index, lines }: LinkTable, conditions: Conditions): LinkTable {
  const derated = links.map((link): PlanLink => {
    const factor = Math.min(factorOf(conditions, link), partLeft(conditions, link, lines.get(link.id)))
    return factor === 1 ? link : { ...link, room: link.room * factor, state: factor === 0 ? 'down' : 'derated' }
  })
  return { links: derated, index, lines }
}

/** What the lines of a port carry together, as a part of it. */
function partLeft(conditions: Conditions, { capacity }: PlanLink, lines: readonly Line[] = []): number {
  if (lines.length === 0) return 1
  const left = lines.reduce((sum, { names, capacity }) => {
    const factor = Math.min(...names.map((name) => conditions[name] ?? 1))
    return sum + capacity * Math.max(0, factor)
  }, 0)
  return Math.min(1, left / capacity)
}

/** What is left of a directed link: the smallest factor of all that speak about it. */
function factorOf(conditions: Conditions, { id, link, groups }: PlanLink): number {
  let factor = Math.min(conditions[link] ?? 1, conditions[id] ?? 1)
  for (const group of groups) factor = Math.min(factor, conditions[group] ?? 1)
  return Math.max(0, factor)
}

function undirectedLinks(document: LinkParts): Undirected[] {
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

function planLink(link: Undirected, direction: Direction): PlanLink {
  const capacity = link.capacity[direction]
  return {
    id: directed(link.id, direction),
    link: link.id,
    direction,
    kind: link.kind,
    from: direction === 'down' ? link.from : link.to,
    to: direction === 'down' ? link.to : link.from,
    capacity,
    room: capacity * link.usable,
    state: 'up',
    groups: link.groups,
    virtual: false,
  }
}
