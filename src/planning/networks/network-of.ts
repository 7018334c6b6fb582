// A plane as a network that others read: its nodes and links, the offers as modules, and as demands what is promised
// beyond the lifeline, from and to where each service ends. What a plane has and a network does not, is left out, and
// said.

import { DIRECTIONS } from '../../model/network.js'
import { MIN_LIFELINE } from '../../model/units.js'
import type { PolicyDocument, PolicyService } from '../../policy/document/document.js'
import { compileUnder } from '../run.js'
import type { Offer } from '../study/offers.js'
import type { Network, NetworkDemand, NetworkLink, NetworkModule } from './network.js'

export interface NetworkOf {
  readonly network: Network
  /** What is not in it. */
  readonly notes: readonly string[]
}

export function networkOf(document: PolicyDocument, offers: readonly Offer[]): NetworkOf {
  const notes: string[] = []
  const modulesOf = (link: string): NetworkModule[] =>
    offers
      .filter((offer) => offer.link === link)
      .flatMap(({ steps }) => steps.map(({ capacity, once }) => ({ capacity: capacity.down, cost: once })))
  const built = Object.entries(document.links).map(([id, { from, to, capacity, cost }]): NetworkLink => {
    const least = Math.min(capacity.down, capacity.up)
    return { ...{ id, from, to, cost, setup: 0 }, capacity: { down: least, up: least }, modules: modulesOf(id) }
  })
  const fresh = new Map(offers.flatMap(({ link, fresh }) => (fresh === null ? [] : [[link, fresh] as const])))
  const offered = [...fresh].map(([id, { from, to, cost }]): NetworkLink => {
    return { ...{ id, from, to, cost, setup: 0 }, capacity: { down: 0, up: 0 }, modules: modulesOf(id) }
  })
  const uneven = Object.entries(document.links).filter(([, { capacity }]) => capacity.down !== capacity.up)
  if (uneven.length > 0)
    notes.push(`a link has one capacity: the smaller of the two of ${uneven.map(([id]) => id).join(', ')}`)
  if (Object.keys(document.groups).length > 0) notes.push('shared-risk groups')
  if (offers.some(({ steps }) => steps.some(({ monthly }) => monthly > 0))) notes.push('monthly prices and lead times')
  const nodes = Object.entries(document.nodes).map(([id, { name, at }]) => ({ id, name: name.en, at: at ?? null }))
  const demands = demandsOf(document)
  return {
    network: { name: document.plane.id, format: 'plane', nodes, links: [...built, ...offered], demands, toSelf: 0 },
    notes,
  }
}

/** By pair of nodes, in the order of the flows. */
function demandsOf(document: PolicyDocument): NetworkDemand[] {
  const { plan } = compileUnder(document, {})
  const sums = new Map<string, NetworkDemand>()
  for (const [i, { kind, service, direction, edge, guarantee, family }] of plan.flows.entries()) {
    const { flows, phi: parts } = plan.families[family] ?? { flows: [i], phi: [1] }
    const phi = parts[flows.indexOf(i)]!
    if (kind !== 'institution' || guarantee <= MIN_LIFELINE) continue
    const node = document.edges[edge]!.node
    for (const [end, part] of endsOf(document, document.services[service]!)) {
      if (end === node) continue
      const [from, to] = direction === DIRECTIONS[0] ? [end, node] : [node, end]
      const rate = (sums.get(`${from} ${to}`)?.rate ?? 0) + Math.round(guarantee * phi * part)
      sums.set(`${from} ${to}`, { from, to, rate })
    }
  }
  return [...sums.values()].filter(({ rate }) => rate > 0)
}

/** Where a service ends, and which part of it there. */
function endsOf({ links }: PolicyDocument, { via, at, split, fractions }: PolicyService): [string, number][] {
  const rooms = via.map((id) => links[id]!.capacity.down * links[id]!.usable)
  const all = rooms.reduce((sum, room) => sum + room, 0)
  const partOf = (id: string, n: number): number => {
    if (split === 'fixed') return fractions[id] ?? 0
    return split === 'by-capacity' && all > 0 ? rooms[n]! / all : 1 / (via.length + at.length)
  }
  return [
    ...via.map((id, n): [string, number] => [links[id]!.from, partOf(id, n)]),
    ...at.map((id, n): [string, number] => [id, partOf(id, n)]),
  ]
}
