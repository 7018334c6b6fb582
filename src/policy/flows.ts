// The flows of a plane, before any route: which institution is promised what of which service at which edge. One flow
// per institution, service and direction; one for each edge where the institution has several (a family); and for each
// edge its unmapped and its control traffic.

import { DIRECTIONS, type Direction, directed } from '../model/network.js'
import { CONTROL, type PlanEnvelope, type PlanFamily, type PlanFlow, UNMAPPED } from '../model/plan.js'
import { standAbove, type VirtualLink } from './above.js'
import { type PolicyBand, type PolicyBandwidth, type PolicyDocument, sortedEntries, subscribes } from './document.js'
import { ACCESS_PREFIX, type LinkTable, PORT_PREFIX } from './links.js'
import type { Route } from './routing.js'

/** One step of a bandwidth function, with the band as its place in the order. */
export interface WholeSegment {
  readonly band: number
  readonly size: number
  readonly weight: number
  readonly upTo: number
}

export interface FlowDraft {
  readonly plan: PlanFlow
  /** Where the flow's edge stands. */
  readonly node: string
  /** Links between that node and the institution: the port, then the access lines. */
  readonly local: Route
  /** Ceilings over several flows that this one is under, as links after the real ones. */
  readonly above: Route
  /** As the tier states them; times phi is what the flow gets. Ordered by band. */
  readonly segments: readonly WholeSegment[]
  /** Part of the institution's promise at this edge, by access capacity; 1 where there is one edge. */
  readonly phi: number
}

export interface FlowList {
  /** Ordered by id. */
  readonly flows: readonly FlowDraft[]
  readonly flowIndex: ReadonlyMap<string, number>
  /** Numbered after the real links. */
  readonly virtual: readonly VirtualLink[]
  /** By PlanFlow.envelope; outer ones before inner ones. */
  readonly envelopes: readonly PlanEnvelope[]
  /** By PlanFlow.family. */
  readonly families: readonly PlanFamily[]
}

/** The sites of an institution at one edge. */
interface Presence {
  readonly edge: string
  readonly node: string
  readonly local: Readonly<Record<Direction, Route>>
  /** Part of the institution's access capacity. */
  readonly phi: Readonly<Record<Direction, number>>
}

/** Lists the flows of a document that has passed validation. `indexes`: persistent numbers of institutions, from 2. */
export function listFlows(document: PolicyDocument, indexes: ReadonlyMap<string, number>, table: LinkTable): FlowList {
  const flows: FlowDraft[] = []
  const families: string[][] = []
  const above = standAbove(document, table.links.length)
  const presences = presencesOf(document, table)
  const segmentsOf = segmentsByFunction(document)
  const services = sortedEntries(document.services)

  for (const [institution, about] of sortedEntries(document.institutions)) {
    const index = indexes.get(institution)
    if (index === undefined) throw new Error(`institution ${institution} has no persistent number`)
    const present = presences.get(institution) ?? []
    for (const [service, offered] of services) {
      if (!subscribes(about, offered)) continue
      const number = offered.index
      for (const direction of DIRECTIONS) {
        const whole = `${institution}/${service}/${direction}`
        const bandwidth = document.tiers[about.tier]!.services[service]![direction]
        const segments = segmentsOf(bandwidth)
        const ceiling = about.ceilings?.[service]?.[direction] ?? bandwidth.ceiling
        const isFamily = present.length > 1
        const around = above.envelope(about.envelope, service, direction)
        const ceilings = isFamily
          ? [...around.route, ...above.ceiling(whole, institution, direction, ceiling)]
          : around.route
        const common = {
          kind: 'institution' as const,
          institution,
          service,
          direction,
          tier: about.tier,
          guarantee: Math.min(ceiling, guaranteeOf(segments, document.bands)),
          ceiling,
          family: isFamily ? families.length : -1,
          envelope: around.at,
          record: { institution: index, service: number, direction: recordDirection(direction) },
        }
        if (isFamily) families.push(present.map(({ edge }) => `${whole}@${edge}`))
        for (const { edge, node, local, phi } of present) {
          const plan = { ...common, id: isFamily ? `${whole}@${edge}` : whole, edge }
          flows.push({ plan, node, local: local[direction], above: ceilings, segments, phi: phi[direction] })
        }
      }
    }
  }
  for (const edge of Object.keys(document.edges)) flows.push(...ownFlows(document, edge, table))
  flows.sort((a, b) => (a.plan.id < b.plan.id ? -1 : 1))
  const flowIndex = new Map(flows.map(({ plan }, at) => [plan.id, at]))
  const { virtual, envelopes } = above
  return { flows, flowIndex, virtual, envelopes, families: families.map((ids) => family(ids, flows, flowIndex)) }
}

function family(
  ids: readonly string[],
  flows: readonly FlowDraft[],
  flowIndex: ReadonlyMap<string, number>,
): PlanFamily {
  const places = ids.map((id) => flowIndex.get(id)!)
  const { institution, service, direction } = flows[places[0]!]!.plan
  return { institution, service, direction, flows: places, phi: places.map((i) => flows[i]!.phi) }
}

const recordDirection = (direction: Direction): 0 | 1 => (direction === 'down' ? 0 : 1)

/** Each bandwidth function is put in order once, however many institutions share it. */
function segmentsByFunction(document: PolicyDocument): (bandwidth: PolicyBandwidth) => readonly WholeSegment[] {
  const ordered = new Map<PolicyBandwidth, readonly WholeSegment[]>()
  return (bandwidth) => {
    const known = ordered.get(bandwidth)
    if (known !== undefined) return known
    const segments = orderSegments(bandwidth, document.bands)
    ordered.set(bandwidth, segments)
    return segments
  }
}

/** Sum of the sizes in guarantee bands, bit/s. */
export function guaranteeOf(segments: readonly WholeSegment[], bands: readonly PolicyBand[]): number {
  return segments.reduce((sum, { band, size }) => (bands[band]!.kind === 'guarantee' ? sum + size : sum), 0)
}

function presencesOf(document: PolicyDocument, table: LinkTable): Map<string, Presence[]> {
  const grouped = new Map<string, Map<string, string[]>>()
  for (const [site, { institution, edge }] of sortedEntries(document.sites)) {
    const edges = grouped.get(institution) ?? new Map<string, string[]>()
    grouped.set(institution, edges.set(edge, [...(edges.get(edge) ?? []), site]))
  }
  const access = (sites: readonly string[], direction: Direction): number =>
    sites.reduce((sum, site) => sum + document.sites[site]!.access[direction], 0)
  return new Map(
    [...grouped].map(([institution, edges]) => {
      const all = [...edges.values()].flat()
      const present = [...edges].map(([edge, sites]) => ({
        edge,
        node: document.edges[edge]!.node,
        local: inBothDirections((direction) => localRoute(document, table, edge, sites, direction)),
        phi: inBothDirections((direction) => access(sites, direction) / access(all, direction)),
      }))
      return [institution, present]
    }),
  )
}

/** A port, then access lines by their capacity: where an institution's traffic goes inside one edge nobody decides. */
function localRoute(
  document: PolicyDocument,
  { index }: LinkTable,
  edge: string,
  sites: readonly string[],
  direction: Direction,
): Route {
  const capacities = sites.map((site) => document.sites[site]!.access[direction])
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

/** In the order of the bands; a flow that names no headroom segment takes its last weight in its first share band. */
function orderSegments(bandwidth: PolicyBandwidth, bands: readonly PolicyBand[]): WholeSegment[] {
  const segments = bandwidth.segments
    .map(({ band, size = 0, weight = 1, upTo = Number.POSITIVE_INFINITY }) => ({
      band: bands.findIndex(({ id }) => id === band),
      size,
      weight,
      upTo,
    }))
    .sort((a, b) => a.band - b.band)
  const headroom = bands.findIndex(({ kind }) => kind === 'headroom')
  const firstShare = segments.find(({ band }) => bands[band]!.kind === 'share')?.band
  if (headroom < 0 || firstShare === undefined || segments.some(({ band }) => band === headroom)) return segments
  const { weight } = segments.findLast(({ band }) => band === firstShare)!
  return [...segments, { band: headroom, size: 0, weight, upTo: Number.POSITIVE_INFINITY }]
}

function ownFlows(document: PolicyDocument, edge: string, table: LinkTable): FlowDraft[] {
  const { unmapped, control } = document.plane
  const own = [
    { kind: UNMAPPED, index: 0, ...unmapped },
    { kind: CONTROL, index: 1, ...control },
  ] as const
  const share = document.bands.find(({ kind }) => kind === 'share')
  return own.flatMap(({ kind, index, service, lifeline, weight, ceiling }) => {
    const promised = { band: document.bands[0]!.id, size: lifeline }
    const shared = share === undefined ? [] : [{ band: share.id, weight }]
    const segments = orderSegments({ ceiling, segments: [promised, ...shared] }, document.bands)
    const number = document.services[service]!.index
    return DIRECTIONS.map((direction) => ({
      plan: {
        id: `${kind}/${service}/${direction}@${edge}`,
        kind,
        institution: kind,
        service,
        direction,
        edge,
        tier: null,
        guarantee: lifeline,
        ceiling,
        family: -1,
        envelope: -1,
        record: { institution: index, service: number, direction: recordDirection(direction) },
      },
      node: document.edges[edge]!.node,
      local: localRoute(document, table, edge, [], direction),
      above: [],
      segments,
      phi: 1,
    }))
  })
}
