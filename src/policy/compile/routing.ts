// Which links a flow crosses, and which part of it crosses each.
//
// A service is reached over anchors: links over which its traffic enters the plane (`via`: upstreams, an exchange), or
// nodes at which it ends (`at`: the core; the data centres, behind their links). From an anchor to the node of an edge
// it takes the shortest path by cost over the links that are up; where several are equally short it divides equally at
// each node, as a backbone does (ECMP). Over the anchors that can be reached it is split as the service says:
//
//   by-capacity   by the room the anchor links have at present, derates included
//   equal         in equal parts
//   fixed         by stated parts, scaled up when an anchor is lost
//   nearest       all over the anchor with the shortest path (equal parts where several are)
//
// Upstreams and exchanges carry no transit: no path leads out of one and in by another. Traffic `up` takes the path of
// `down` backwards, over the other direction of each link, whose state counts.

import { type Direction, directed } from '../../model/network.js'
import type { PolicyDocument, PolicyService } from '../document/document.js'
import type { LinkTable } from '../document/links.js'

/** One link and the part of the flow that crosses it, in (0, 1]. */
export interface Hop {
  readonly link: number
  readonly fraction: number
}
export type Route = readonly Hop[]

/** The route of a service's traffic between its anchors and a node; null: there is none. */
export type Router = (service: string, direction: Direction, node: string) => Route | null

/** The parts of a document that say where traffic may go. */
type RoutingParts = Pick<PolicyDocument, 'links' | 'services'>

interface Arc {
  readonly from: string
  readonly to: string
  readonly link: number
  readonly cost: number
}

/** Shortest distances from a root, and for each node the arcs by which shortest paths reach it. */
interface Tree {
  readonly distance: ReadonlyMap<string, number>
  readonly into: ReadonlyMap<string, readonly Arc[]>
}

interface Anchor {
  readonly id: string
  /** The link that is crossed at the anchor itself; -1: the anchor is a node. */
  readonly link: number
  readonly root: string
  readonly room: number
}

const WITHOUT_TRANSIT: ReadonlySet<string> = new Set(['upstream', 'exchange'])

/** A router over the links as they stand. Shortest paths are computed once for each root and direction. */
export function createRouter(document: RoutingParts, table: LinkTable): Router {
  const arcs = { down: arcsOf(document, table, 'down'), up: arcsOf(document, table, 'up') }
  const trees = new Map<string, Tree>()

  function treeFrom(root: string, direction: Direction): Tree {
    const key = `${direction} ${root}`
    let tree = trees.get(key)
    if (tree === undefined) {
      tree = shortestPaths(root, arcs[direction])
      trees.set(key, tree)
    }
    return tree
  }

  return (id, direction, node) => {
    const service = document.services[id]
    if (service === undefined) return null
    const anchors = anchorsOf(document, service, direction, table)
    return routeOver(service, anchors, node, (root) => treeFrom(root, direction))
  }
}

function routeOver(
  service: PolicyService,
  anchors: readonly Anchor[],
  node: string,
  treeFrom: (root: string) => Tree,
): Route | null {
  const reachable = anchors.flatMap((anchor) => {
    const tree = treeFrom(anchor.root)
    const distance = tree.distance.get(node)
    return distance === undefined ? [] : [{ anchor, tree, distance }]
  })
  const parts = splitOver(service, reachable)
  const total = parts.reduce((sum, part) => sum + part, 0)
  if (total <= 0) return null
  const fractions = new Map<number, number>()
  reachable.forEach(({ anchor, tree }, at) => {
    const part = parts[at]! / total
    if (part <= 0) return
    if (anchor.link >= 0) add(fractions, anchor.link, part)
    walkBack(tree, node, part, fractions)
  })
  return [...fractions]
    .map(([link, fraction]) => ({ link, fraction: Math.min(1, fraction) }))
    .sort((a, b) => a.link - b.link)
}

/** What each reachable anchor takes, in any scale. */
function splitOver(
  { split, fractions }: PolicyService,
  reachable: readonly { readonly anchor: Anchor; readonly distance: number }[],
): number[] {
  const least = Math.min(...reachable.map(({ distance }) => distance))
  const parts: Readonly<Record<PolicyService['split'], (anchor: Anchor, distance: number) => number>> = {
    'by-capacity': ({ room }) => room,
    equal: () => 1,
    fixed: ({ id }) => fractions[id] ?? 0,
    nearest: (_, distance) => (distance === least ? 1 : 0),
  }
  return reachable.map(({ anchor, distance }) => parts[split](anchor, distance))
}

function anchorsOf(
  document: RoutingParts,
  service: PolicyService,
  direction: Direction,
  { links, index }: LinkTable,
): Anchor[] {
  const nodes = service.at.map((id) => ({ id, link: -1, root: id, room: 1 }))
  const entries = service.via.flatMap((id) => {
    const at = index.get(directed(id, direction))
    const link = document.links[id]
    if (at === undefined || link === undefined || links[at]!.room <= 0) return []
    return [{ id, link: at, root: link.to, room: links[at]!.room }]
  })
  return [...entries, ...nodes]
}

/** Arcs away from the outside; each carries the directed link that the given direction of traffic uses on it. */
function arcsOf(document: RoutingParts, { links, index }: LinkTable, direction: Direction): Map<string, Arc[]> {
  const arcs = new Map<string, Arc[]>()
  const backwards: Direction = direction === 'down' ? 'up' : 'down'
  for (const [id, { kind, from, to, cost }] of Object.entries(document.links)) {
    if (WITHOUT_TRANSIT.has(kind)) continue
    const along = { from, to, link: index.get(directed(id, direction))!, cost }
    const against = { from: to, to: from, link: index.get(directed(id, backwards))!, cost }
    for (const arc of [along, against]) {
      if (links[arc.link]!.room <= 0) continue
      const leaving = arcs.get(arc.from)
      if (leaving === undefined) arcs.set(arc.from, [arc])
      else leaving.push(arc)
    }
  }
  return arcs
}

/** Dijkstra with a plain scan for the nearest node: a backbone has tens of nodes, not thousands. */
function shortestPaths(root: string, arcs: ReadonlyMap<string, readonly Arc[]>): Tree {
  const distance = new Map([[root, 0]])
  const into = new Map<string, Arc[]>()
  const settled = new Set<string>()
  for (;;) {
    let nearest: string | undefined
    for (const [node, length] of distance) {
      if (!settled.has(node) && (nearest === undefined || length < distance.get(nearest)!)) nearest = node
    }
    if (nearest === undefined) return { distance, into }
    settled.add(nearest)
    for (const arc of arcs.get(nearest) ?? []) {
      const length = distance.get(nearest)! + arc.cost
      const known = distance.get(arc.to) ?? Number.POSITIVE_INFINITY
      if (length < known) {
        distance.set(arc.to, length)
        into.set(arc.to, [arc])
      } else if (length === known) into.get(arc.to)!.push(arc)
    }
  }
}

/** Adds to `fractions` what each link carries of `part` on the way from the tree's root to the node. */
function walkBack(tree: Tree, node: string, part: number, fractions: Map<number, number>): void {
  const arriving = new Map([[node, part]])
  while (arriving.size > 0) {
    // Farthest first: by then everything that passes through it has arrived, since every cost is positive.
    const [farthest, amount] = [...arriving].reduce((a, b) =>
      tree.distance.get(b[0])! > tree.distance.get(a[0])! ? b : a,
    )
    arriving.delete(farthest)
    const arcs = tree.into.get(farthest) ?? []
    for (const arc of arcs) {
      add(fractions, arc.link, amount / arcs.length)
      add(arriving, arc.from, amount / arcs.length)
    }
  }
}

function add<K>(map: Map<K, number>, key: K, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount)
}
