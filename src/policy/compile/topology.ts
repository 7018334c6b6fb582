// The topology: what promises are laid over. It is the part of a plane that changes seldom: its links, where
// institutions are attached, and the path of each service to each node under given conditions of the network. It knows
// nothing of tiers, so policies that differ only in what they promise share one topology, and its routes with it.

import { type Conditions, DIRECTIONS, type Direction, directed, PORT_PREFIX } from '../../model/network.js'
import { LruMap } from '../../runtime/lru-map.js'
import type { PolicyDocument } from '../document/document.js'
import { derate, type LinkTable, layLinks } from '../document/links.js'
import { sortedEntries } from '../document/members.js'
import { ACCESS_PREFIX } from '../document/names.js'
import { createRouter, type Route } from './routing.js'

/** Conditions whose routes are kept: those of the failures that a plane is tested against. */
const KEPT = 64

/** The parts of a document that a topology is made of. */
type Parts = Pick<PolicyDocument, 'links' | 'edges' | 'sites' | 'services'>

/** The sites of an institution at one edge. */
export interface Attachment {
  readonly edge: string
  /** Links between the edge's node and the institution: the port, then the access lines. */
  readonly local: Readonly<Record<Direction, Route>>
  /** Part of the institution's access capacity. */
  readonly phi: Readonly<Record<Direction, number>>
}

/** The topology under given conditions. */
export interface Routed {
  readonly table: LinkTable
  /** By path id; null: there is none. */
  readonly routes: readonly (Route | null)[]
  /** Equal where conditions come to the same, a cable or all its links; empty: nothing is broken. */
  readonly name: string
}

export class Topology {
  readonly #parts: Parts
  readonly intact: Routed
  /** By institution, in the order of edges' first sites. */
  readonly attachments: ReadonlyMap<string, readonly Attachment[]>
  /** First path id of a service and of a node; their sum, and 1 more for `up`, is the id. */
  readonly #service: ReadonlyMap<string, number>
  readonly #node: ReadonlyMap<string, number>
  readonly #routed = new LruMap<Routed>(KEPT)
  readonly #named = new LruMap<Routed>(KEPT)

  constructor(parts: Parts) {
    const nodes = [...new Set(Object.values(parts.edges).map(({ node }) => node))].sort()
    this.#parts = parts
    this.#service = new Map(Object.keys(parts.services).map((id, at) => [id, 2 * nodes.length * at]))
    this.#node = new Map(nodes.map((id, at) => [id, 2 * at]))
    this.intact = this.#route(layLinks(parts), '')
    this.attachments = attachmentsOf(parts, this.intact.table)
  }

  /** The topology of a document: that of the one before where it is the same. */
  static of(document: PolicyDocument, before: Topology | null): Topology {
    return before?.fits(document) ? before : new Topology(document)
  }

  /** Whether the document has these very parts. */
  fits({ links, edges, sites, services }: PolicyDocument): boolean {
    const own = this.#parts
    return links === own.links && edges === own.edges && sites === own.sites && services === own.services
  }

  /** Of the path of a service to the node of an edge, in one direction. */
  pathId(service: string, direction: Direction, edge: string): number {
    const { node } = this.#parts.edges[edge]!
    return this.#service.get(service)! + this.#node.get(node)! + (direction === 'down' ? 0 : 1)
  }

  under(conditions: Conditions): Routed {
    if (Object.keys(conditions).length === 0) return this.intact
    return this.#routed.get(conditionsKey(conditions), () => this.#derated(derate(this.intact.table, conditions)))
  }

  #derated(table: LinkTable): Routed {
    const changed = table.links.filter((link, l) => link !== this.intact.table.links[l])
    if (changed.length === 0) return this.intact
    const name = changed.map(({ id, room, state }) => `${id} ${room} ${state}`).join()
    return this.#named.get(name, () => this.#route(table, name))
  }

  #route(table: LinkTable, name: string): Routed {
    const routeOf = createRouter(this.#parts, table)
    const routes = [...this.#service.keys()].flatMap((service) =>
      [...this.#node.keys()].flatMap((node) => DIRECTIONS.map((direction) => routeOf(service, direction, node))),
    )
    return { table, routes, name }
  }

  /** The port of an edge, then access lines by their capacity: where traffic goes inside an edge nobody decides. */
  local(edge: string, sites: readonly string[], direction: Direction): Route {
    return localRoute(this.#parts, this.intact.table, edge, sites, direction)
  }
}

/** Equal for conditions that say the same. */
export const conditionsKey = (conditions: Conditions): string => JSON.stringify(Object.entries(conditions).sort())

function attachmentsOf(parts: Parts, table: LinkTable): Map<string, Attachment[]> {
  const grouped = new Map<string, Map<string, string[]>>()
  for (const [site, { institution, edge }] of sortedEntries(parts.sites)) {
    const edges = grouped.get(institution) ?? new Map<string, string[]>()
    grouped.set(institution, edges.set(edge, [...(edges.get(edge) ?? []), site]))
  }
  const access = (sites: readonly string[], direction: Direction): number =>
    sites.reduce((sum, site) => sum + parts.sites[site]!.access[direction], 0)
  return new Map(
    [...grouped].map(([institution, edges]) => {
      const all = [...edges.values()].flat()
      const attached = [...edges].map(([edge, sites]) => ({
        edge,
        local: inBothDirections((direction) => localRoute(parts, table, edge, sites, direction)),
        phi: inBothDirections((direction) => access(sites, direction) / access(all, direction)),
      }))
      return [institution, attached]
    }),
  )
}

function localRoute(
  { sites: listed }: Parts,
  { index }: LinkTable,
  edge: string,
  sites: readonly string[],
  direction: Direction,
): Route {
  const capacities = sites.map((site) => listed[site]!.access[direction])
  const total = capacities.reduce((sum, capacity) => sum + capacity, 0)
  const lines = sites.map((site, at) => ({
    link: index.get(directed(ACCESS_PREFIX + site, direction))!,
    fraction: capacities[at]! / total,
  }))
  return [{ link: index.get(directed(PORT_PREFIX + edge, direction))!, fraction: 1 }, ...lines]
}

function inBothDirections<T>(make: (direction: Direction) => T): Record<Direction, T> {
  return { down: make('down'), up: make('up') }
}
