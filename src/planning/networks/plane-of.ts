// What Mizani makes of a network: a plane in which each node that asks for anything has a gateway and an institution
// with a tier of its own, promised what the network's demands say. What is asked for is a service that ends at a node.
// A plane has few services, so where few nodes stand at one end of every demand each of them is one, and demands are
// exact; elsewhere there is one service that ends at all nodes by what they ask and are asked for (a gravity model),
// and what each node sends to others and receives from them is exact in sum.

import { type BitsPerSecond, formatRate, MIN_LIFELINE } from '../../model/units.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { validatePolicy } from '../../policy/document/validate.js'
import { invalid } from '../../runtime/errors.js'
import { MAX_RATE, MAX_SERVICES } from '../../runtime/limits.js'
import { freshId, type Network, type NetworkDemand, type NetworkLink } from './network.js'

/** A capacity that nobody chose: more than any node asks for. */
const ROOMY = 2
const LEAST_LINE: BitsPerSecond = 1_000_000
const REGION = 'network'

/** An offer of offers.csv: a step of capacity on a link. */
export interface OfferOf {
  readonly link: string
  readonly capacity: BitsPerSecond
  readonly once: number
  /** The two ends of a link that is not built. */
  readonly fresh: { readonly from: string; readonly to: string; readonly cost: number } | null
}

export interface PlaneOf {
  readonly document: PolicyDocument
  readonly offers: readonly OfferOf[]
  /** What was made up, in words. */
  readonly notes: readonly string[]
}

/**
 * @param promise what each node asks of the one with most links, where the file has no demands
 * @throws MizaniError NETWORK_INVALID where no sound plane comes of it
 */
export function planeOf(network: Network, promise: BitsPerSecond): PlaneOf {
  const notes: string[] = []
  const { built, offers } = builtOf(network, notes)
  const demands = demandsOf(network, promise, notes)
  const asked = asksOf(demands, notes)
  const own = { service: Object.keys(asked.services)[0]!, lifeline: MIN_LIFELINE, weight: 1, ceiling: MIN_LIFELINE }
  const name = text(network.name || 'Network')
  const { document, faults } = validatePolicy({
    schema: 1,
    plane: { id: freshId(network.name || 'network', new Set()), name, demo: true, unmapped: own, control: own },
    regions: { [REGION]: { name } },
    categories: { node: { name: { en: 'Node', sw: 'Kituo' } } },
    nodes: Object.fromEntries(
      network.nodes.map(({ id, name, at }) => [id, { name: text(name), region: REGION, ...(at && { at: [...at] }) }]),
    ),
    links: Object.fromEntries(
      built.map(({ id, from, to, capacity, cost }) => [id, { kind: 'backbone', from, to, capacity, cost }]),
    ),
    bands: [
      { id: 'lifeline', kind: 'guarantee' },
      { id: 'committed', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
      { id: 'headroom', kind: 'headroom', fill: 0.95 },
    ],
    classes: { standard: { name: { en: 'Everything', sw: 'Yote' }, index: 0, weight: 1 } },
    services: asked.services,
    ...institutionsOf(network, asked, notes),
  })
  if (document === null) throw invalid('NETWORK_INVALID', 'no sound plane comes of this network', faults)
  return { document, offers, notes }
}

const text = (name: string) => ({ en: name, sw: name })

/**
 * What is built, and what is on offer. Of a network of which nothing is built yet each link is built with its smallest
 * module, so that there is something to ask about.
 */
export function builtOf({ links }: Network, notes: string[]): { built: NetworkLink[]; offers: OfferOf[] } {
  const hasAny = links.some(({ capacity }) => capacity.down > 0)
  const withRoom = (link: NetworkLink): NetworkLink[] => {
    if (link.capacity.down > 0) return [link]
    const [smallest] = link.modules.toSorted((a, b) => a.capacity - b.capacity)
    return hasAny || smallest === undefined
      ? []
      : [{ ...link, capacity: { down: smallest.capacity, up: smallest.capacity } }]
  }
  const built = links.flatMap(withRoom)
  const isBuilt = new Set(built.map(({ id }) => id))
  const missing = links.filter(({ id, modules }) => !isBuilt.has(id) && modules.length === 0)
  if (!hasAny) notes.push('nothing is built: each link is taken to have its smallest module')
  if (missing.length > 0)
    notes.push(`without capacity and modules, and left out: ${missing.map(({ id }) => id).join(', ')}`)
  const offers = links.flatMap(({ id, from, to, cost, setup, modules }) =>
    modules.map((module): OfferOf => {
      const isFresh = !isBuilt.has(id)
      const once = module.cost + (isFresh ? setup : 0)
      return { link: id, capacity: module.capacity, once, fresh: isFresh ? { from, to, cost } : null }
    }),
  )
  return { built, offers }
}

/** Its own; where it has none, each node asks the same of one. */
export function demandsOf(network: Network, promise: BitsPerSecond, notes: string[]): readonly NetworkDemand[] {
  return network.demands.length > 0 ? network.demands : towardsHub(network, promise, notes)
}

function towardsHub({ nodes, links }: Network, promise: BitsPerSecond, notes: string[]): NetworkDemand[] {
  const degree = (id: string): number => links.filter(({ from, to }) => from === id || to === id).length
  const { id: hub } = nodes.reduce((most, next) => (degree(next.id) > degree(most.id) ? next : most))
  notes.push(`no demands: each node asks ${hub}, which has most links, for the same`)
  return nodes.flatMap(({ id }) => (id === hub ? [] : [{ from: hub, to: id, rate: promise }]))
}

/** What is reached, and what each node is promised of it. */
interface Asks {
  readonly services: Readonly<Record<string, object>>
  /** bit/s, by node and service. */
  readonly rates: ReadonlyMap<string, ReadonlyMap<string, { down: BitsPerSecond; up: BitsPerSecond }>>
}

function asksOf(demands: readonly NetworkDemand[], notes: string[]): Asks {
  const ends = coveringNodes(demands)
  const rates = new Map<string, Map<string, { down: number; up: number }>>()
  const add = (node: string, service: string, direction: 'down' | 'up', rate: number): void => {
    const own = rates.get(node) ?? new Map<string, { down: number; up: number }>()
    rates.set(node, own)
    const pair = own.get(service) ?? { down: 0, up: 0 }
    own.set(service, pair)
    pair[direction] += rate
  }
  if (ends === null) {
    const totals = new Map<string, number>()
    for (const { from, to, rate } of demands)
      for (const node of [from, to]) totals.set(node, (totals.get(node) ?? 0) + rate)
    const all = [...totals.values()].reduce((sum, each) => sum + each, 0)
    const fractions = Object.fromEntries([...totals].map(([node, total]) => [node, total / all]))
    for (const { from, to, rate } of demands) {
      // Each demand is asked for by its two ends, a half by each; what ends where it begins crosses nothing.
      add(from, REGION, 'up', rate / 2 / (1 - fractions[from]!))
      add(to, REGION, 'down', rate / 2 / (1 - fractions[to]!))
    }
    notes.push(
      `demands join more than ${MAX_SERVICES} nodes: of each node its total is kept, not where it goes; what was ` +
        'asked of a node that is cut off is asked of the others',
    )
    const at = [...totals.keys()]
    const network = { name: { en: 'The network', sw: 'Mtandao' }, index: 0, members: 'everyone', at }
    return { services: { [REGION]: { ...network, split: 'fixed', fractions } }, rates }
  }
  for (const { from, to, rate } of demands) {
    if (ends.includes(to)) add(from, to, 'up', rate)
    else add(to, from, 'down', rate)
  }
  const services = ends.map((node, index) => {
    // Of two services one is told by its prefixes; these are nobody's.
    const prefixes = index === 0 ? [] : [`fd00:0:0:${index}::/64`]
    return [node, { name: text(node), index, members: 'everyone', at: [node], split: 'nearest', prefixes }]
  })
  return { services: Object.fromEntries(services), rates }
}

/** Few nodes of which each demand has one at an end; null: there are none so few. */
function coveringNodes(demands: readonly NetworkDemand[]): string[] | null {
  const pairs = new Map(demands.map(({ from, to }) => [[from, to].sort().join(' '), [from, to] as const]))
  const cover = (chosen: readonly string[], most: number): string[] | null => {
    const open = [...pairs.values()].find((ends) => !ends.some((end) => chosen.includes(end)))
    if (open === undefined) return [...chosen]
    if (chosen.length === most) return null
    // The end that more demands share comes first where both would do.
    return cover([...chosen, open[0]], most) ?? cover([...chosen, open[1]], most)
  }
  for (let most = 1; most <= MAX_SERVICES; most++) {
    const found = cover([], most)
    if (found !== null) return found
  }
  return null
}

/** Of each node that asks: a gateway, an institution with its site, and a tier. */
function institutionsOf({ nodes }: Network, { services, rates }: Asks, notes: string[]) {
  const asking = nodes.filter(({ id }) => rates.has(id))
  const promised = (node: string, service: string) => {
    const asked = rates.get(node)!.get(service) ?? { down: 0, up: 0 }
    return { down: Math.max(MIN_LIFELINE, Math.round(asked.down)), up: Math.max(MIN_LIFELINE, Math.round(asked.up)) }
  }
  const isCapped = new Set<string>()
  const lineOf = (node: string) => {
    const sum = (direction: 'down' | 'up'): number => {
      const all = Object.keys(services).map((service) => ROOMY * promised(node, service)[direction])
      const roomy = all.reduce((sum, each) => sum + each, LEAST_LINE)
      if (roomy > MAX_RATE) isCapped.add(node)
      return Math.min(MAX_RATE, roomy)
    }
    return { down: sum('down'), up: sum('up') }
  }
  const bandwidth = (rate: BitsPerSecond) => ({
    ceiling: Math.min(Math.max(MAX_RATE, rate), ROOMY * rate),
    segments: [
      { band: 'lifeline', size: MIN_LIFELINE },
      ...(rate > MIN_LIFELINE ? [{ band: 'committed', size: rate - MIN_LIFELINE }] : []),
      { band: 'share', weight: 1 },
    ],
  })
  const tierOf = (node: string) =>
    Object.keys(services).map((service) => {
      const { down, up } = promised(node, service)
      return [service, { down: bandwidth(down), up: bandwidth(up) }] as const
    })
  const lines = new Map(asking.map(({ id }) => [id, lineOf(id)]))
  if (isCapped.size > 0)
    notes.push(`the line of ${[...isCapped].join(', ')}: ${formatRate(MAX_RATE)}, the most that a line may have`)
  const body = { category: 'node', region: REGION, internet: false, govnet: false }
  return {
    edges: Object.fromEntries(
      asking.map(({ id, name }) => [id, { name: text(name), node: id, region: REGION, port: lines.get(id) }]),
    ),
    tiers: Object.fromEntries(
      asking.map(({ id, name }) => [id, { name: text(name), services: Object.fromEntries(tierOf(id)) }]),
    ),
    institutions: Object.fromEntries(asking.map(({ id, name }) => [id, { name: text(name), tier: id, ...body }])),
    sites: Object.fromEntries(
      asking.map(({ id }) => [`${id}.site`, { institution: id, edge: id, access: lines.get(id) }]),
    ),
  }
}
