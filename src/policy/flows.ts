// The flows of a plane, before any route: which institution is promised what of which service at which edge. One flow per
// institution, service and direction; one for each edge where the institution has several (a family); and for each edge
// its unmapped and its control traffic.

import { DIRECTIONS, type Direction, directed } from '../model/network.js'
import { CONTROL, type PlanFlow, UNMAPPED } from '../model/plan.js'
import {
  type PolicyBand,
  type PolicyBandwidth,
  type PolicyDocument,
  type PolicyInstitution,
  type PolicyService,
  subscribes,
} from './document.js'
import { ACCESS_PREFIX, PORT_PREFIX } from './links.js'

/** One step of a bandwidth function, with the band as its place in the order. */
export interface WholeSegment {
  readonly band: number
  readonly size: number
  readonly weight: number
  readonly upTo: number
}

export interface LocalLink {
  readonly link: string
  readonly fraction: number
}

export interface FlowDraft extends Omit<PlanFlow, 'family'> {
  /** Where the flow's edge stands. */
  readonly node: string
  /** Links between that node and the institution: the port, then access lines by capacity. Ids and fractions. */
  readonly local: readonly LocalLink[]
  /** As the tier states them; times phi is what the flow gets. Ordered by band. */
  readonly segments: readonly WholeSegment[]
  /** Part of the institution's promise at this edge, by access capacity; 1 where there is one edge. */
  readonly phi: number
  /** Ceilings over several flows that this one is under, by the id of the virtual link. */
  readonly under: readonly string[]
}

/** A ceiling over several flows, which the solver sees as one more link. */
export interface VirtualLink {
  readonly id: string
  /** The envelope or institution it stands for. */
  readonly subject: string
  readonly kind: 'envelope' | 'ceiling'
  readonly direction: Direction
  readonly capacity: number
}

export interface FlowList {
  /** Ordered by id. */
  readonly flows: readonly FlowDraft[]
  /** Ordered by id. */
  readonly virtual: readonly VirtualLink[]
  /** Service and direction of each institution with several edges, by the id of its ceiling: its flows' ids. */
  readonly families: ReadonlyMap<string, readonly string[]>
}

/** The sites of an institution at one edge. */
interface Presence {
  readonly edge: string
  readonly sites: readonly string[]
  readonly access: Readonly<Record<Direction, number>>
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)

/** Lists the flows of a document that has passed validation. `indexes`: persistent numbers of institutions, from 2. */
export function listFlows(document: PolicyDocument, indexes: ReadonlyMap<string, number>): FlowList {
  const flows: FlowDraft[] = []
  const virtual = new Map<string, VirtualLink>()
  const families = new Map<string, string[]>()
  const presences = presencesOf(document)
  const segments = segmentsByFunction(document)

  for (const [institution, about] of Object.entries(document.institutions)) {
    const index = indexes.get(institution)
    if (index === undefined) throw new Error(`institution ${institution} has no persistent number`)
    const present = presences.get(institution) ?? []
    for (const [service, { index: number }] of subscriptions(document, about)) {
      for (const direction of DIRECTIONS) {
        const bandwidth = document.tiers[about.tier]!.services[service]![direction]
        const whole = `${institution}/${service}/${direction}`
        const under = envelopeCeilings(document, about.envelope, service, direction, virtual)
        const isFamily = present.length > 1
        if (isFamily) {
          const { ceiling: capacity } = bandwidth
          virtual.set(whole, { id: whole, subject: institution, kind: 'ceiling', direction, capacity })
          families.set(
            whole,
            present.map(({ edge }) => `${whole}@${edge}`),
          )
        }
        const steps = segments(bandwidth)
        const common = {
          kind: 'institution' as const,
          institution,
          service,
          direction,
          tier: about.tier,
          guarantee: guaranteeOf(steps, document.bands),
          ceiling: bandwidth.ceiling,
          record: { institution: index, service: number, direction: recordDirection(direction) },
          segments: steps,
          under: isFamily ? [...under, whole] : under,
        }
        const total = present.reduce((sum, { access }) => sum + access[direction], 0)
        for (const presence of present) {
          flows.push({
            ...common,
            id: isFamily ? `${whole}@${presence.edge}` : whole,
            edge: presence.edge,
            node: document.edges[presence.edge]!.node,
            local: localLinks(document, presence, direction),
            phi: presence.access[direction] / total,
          })
        }
      }
    }
  }
  for (const edge of Object.keys(document.edges)) flows.push(...ownFlows(document, edge))
  return { flows: flows.sort(byId), virtual: [...virtual.values()].sort(byId), families }
}

const recordDirection = (direction: Direction): 0 | 1 => (direction === 'down' ? 0 : 1)

function subscriptions(document: PolicyDocument, institution: PolicyInstitution): [string, PolicyService][] {
  return Object.entries(document.services).filter(([, service]) => subscribes(institution, service))
}

/** A port, then access lines by their capacity: where an institution's traffic goes inside one edge nobody decides. */
function localLinks(document: PolicyDocument, { edge, sites, access }: Presence, direction: Direction): LocalLink[] {
  const lines = sites.map((site) => ({
    link: directed(ACCESS_PREFIX + site, direction),
    fraction: document.sites[site]!.access[direction] / access[direction],
  }))
  return [{ link: directed(PORT_PREFIX + edge, direction), fraction: 1 }, ...lines]
}

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

function presencesOf(document: PolicyDocument): Map<string, Presence[]> {
  const grouped = new Map<string, Map<string, string[]>>()
  for (const [site, { institution, edge }] of Object.entries(document.sites)) {
    const edges = grouped.get(institution) ?? new Map<string, string[]>()
    grouped.set(institution, edges.set(edge, [...(edges.get(edge) ?? []), site]))
  }
  const sum = (sites: readonly string[], direction: Direction): number =>
    sites.reduce((total, site) => total + document.sites[site]!.access[direction], 0)
  return new Map(
    [...grouped].map(([institution, edges]) => [
      institution,
      [...edges].map(([edge, sites]) => ({ edge, sites, access: { down: sum(sites, 'down'), up: sum(sites, 'up') } })),
    ]),
  )
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

/** Ids of the ceilings of an envelope and all above it; each is noted in `virtual` on first use. */
function envelopeCeilings(
  document: PolicyDocument,
  innermost: string | null,
  service: string,
  direction: Direction,
  virtual: Map<string, VirtualLink>,
): string[] {
  const under: string[] = []
  for (let envelope = innermost; envelope !== null; ) {
    const { parent, ceilings } = document.envelopes[envelope]!
    const capacity = ceilings[service]?.[direction]
    if (capacity !== undefined) {
      const id = `envelope.${envelope}/${service}/${direction}`
      virtual.set(id, { id, subject: envelope, kind: 'envelope', direction, capacity })
      under.push(id)
    }
    envelope = parent
  }
  return under
}

function ownFlows(document: PolicyDocument, edge: string): FlowDraft[] {
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
    return DIRECTIONS.map((direction) => ({
      id: `${kind}/${service}/${direction}@${edge}`,
      kind,
      institution: kind,
      service,
      direction,
      edge,
      tier: null,
      guarantee: lifeline,
      ceiling,
      record: {
        institution: index,
        service: document.services[service]!.index,
        direction: recordDirection(direction),
      },
      node: document.edges[edge]!.node,
      local: [{ link: directed(PORT_PREFIX + edge, direction), fraction: 1 }],
      segments,
      phi: 1,
      under: [],
    }))
  })
}
