// The flows of a plane, before any route: which institution is promised what of which service at which edge. One flow
// per institution, service and direction; one for each edge where the institution has several (a family); and for each
// edge its unmapped and its control traffic.

import { DIRECTIONS, type Direction } from '../../model/network.js'
import { CONTROL, type LaidBy, type PlanEnvelope, type PlanFamily, type PlanFlow, UNMAPPED } from '../../model/plan.js'
import type { InPieces } from '../../runtime/pieces.js'
import type { PolicyBand, PolicyBandwidth, PolicyDocument, PolicyInstitution } from '../document/document.js'
import { sortedEntries, subscribes } from '../document/members.js'
import type { Route } from './routing.js'
import type { Topology } from './topology.js'
import { createVirtualLinks, type VirtualLink, type VirtualLinks } from './virtual-links.js'

/** One step of a bandwidth function, with the band as its place in the order. */
export interface WholeSegment {
  readonly band: number
  readonly size: number
  readonly weight: number
  readonly upTo: number
}

export interface FlowDraft {
  readonly plan: PlanFlow
  /** Of its path over the topology. */
  readonly pathId: number
  /** Links between its edge's node and the institution: the port, then the access lines. */
  readonly local: Route
  /** Ceilings over several flows that this one is under, as links after the real ones. */
  readonly virtualLinks: Route
  /** As the tier states them; times phi is what the flow gets. Ordered by band. */
  readonly segments: readonly WholeSegment[]
  /** Part of the institution's promise at this edge, by access capacity; 1 where there is one edge. */
  readonly phi: number
}

/**
 * What passes over all flows read, by flow: drafts are tens of thousands all over memory, and each is looked at once
 * for all passes.
 */
export interface FlowColumns {
  readonly planned: readonly PlanFlow[]
  readonly pathId: Int32Array
  readonly local: readonly Route[]
  readonly virtualLinks: readonly Route[]
  readonly segments: readonly (readonly WholeSegment[])[]
  readonly phi: Float64Array
  /** PlanFlow.envelope, and bit/s. */
  readonly envelope: Int32Array
  readonly ceiling: Float64Array
  /** The guarantee at this edge, bit/s. */
  readonly promised: Float64Array
}

export interface FlowList {
  /** Ordered by id. */
  readonly flows: readonly FlowDraft[]
  readonly columns: FlowColumns
  readonly flowIndex: ReadonlyMap<string, number>
  /** Numbered after the real links. */
  readonly virtualLinks: readonly VirtualLink[]
  /** By PlanFlow.envelope; outer ones before inner ones. */
  readonly envelopes: readonly PlanEnvelope[]
  /** By PlanFlow.family. */
  readonly families: readonly PlanFamily[]
}

/** Institutions that are listed in a piece: well below a millisecond. */
const LISTED = 80

/**
 * Lists the flows of a document that has passed validation.
 * @param indexes persistent numbers of institutions, from 2
 * @param laid what is laid over the policy by `institution/service` (holding.ts)
 */
export function* listFlows(
  document: PolicyDocument,
  indexes: ReadonlyMap<string, number>,
  topology: Topology,
  laid: ReadonlyMap<string, LaidBy> = new Map(),
): InPieces<FlowList> {
  const listed: FlowDraft[] = []
  const families: string[][] = []
  const virtual = createVirtualLinks(document, topology.intact.table.links.length)
  const lister = { document, topology, laid, virtual, families, promiseOf: promisesByFunction(document) }
  const services = sortedEntries(document.services)
  const known = knownOver(topology)

  for (const [at, [institution, about]] of sortedEntries(document.institutions).entries()) {
    if (at % LISTED === 0) yield
    const index = indexes.get(institution)
    if (index === undefined) throw new Error(`institution ${institution} has no persistent number`)
    const drafts = known.get(institution, laid.size > 0 ? null : standingOf(document, about, index), () =>
      services.flatMap(([service]) => draftsOf(institution, index, service, lister)),
    )
    listed.push(...drafts)
  }
  for (const edge of Object.keys(document.edges)) listed.push(...ownFlows(document, edge, topology))
  yield
  const { flows, flowIndex } = known.inOrder(listed)
  yield
  const { links: virtualLinks, envelopes } = virtual
  return {
    ...{ flows, columns: columnsOf(flows), flowIndex, virtualLinks, envelopes },
    families: families.map((ids) => family(ids, flows, flowIndex)),
  }
}

function columnsOf(flows: readonly FlowDraft[]): FlowColumns {
  const { length } = flows
  // A list that was never longer than it is has no holes, and crosses to other threads as it is.
  const planned = flows.map(({ plan }) => plan)
  const [local, virtualLinks] = [new Array<Route>(length), new Array<Route>(length)]
  const segments = new Array<readonly WholeSegment[]>(length)
  const [pathId, envelope] = [new Int32Array(length), new Int32Array(length)]
  const [phi, ceiling, promised] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)]
  for (let i = 0; i < length; i++) {
    const flow = flows[i]!
    const plan = planned[i]!
    local[i] = flow.local
    virtualLinks[i] = flow.virtualLinks
    segments[i] = flow.segments
    pathId[i] = flow.pathId
    envelope[i] = plan.envelope
    phi[i] = flow.phi
    ceiling[i] = plan.ceiling
    promised[i] = plan.guarantee * flow.phi
  }
  return { planned, pathId, local, virtualLinks, segments, phi, envelope, ceiling, promised }
}

interface Lister {
  readonly document: PolicyDocument
  readonly topology: Topology
  readonly laid: ReadonlyMap<string, LaidBy>
  /** Numbered on first use, as families are. */
  readonly virtual: VirtualLinks
  readonly families: string[][]
  promiseOf(bandwidth: PolicyBandwidth): FunctionPromise
}

function draftsOf(institution: string, index: number, service: string, lister: Lister): FlowDraft[] {
  const { document, topology, laid, virtual, families, promiseOf } = lister
  const about = document.institutions[institution]!
  const offered = document.services[service]!
  if (!subscribes(about, offered)) return []
  const attachments = topology.attachments.get(institution) ?? []
  const isFamily = attachments.length > 1
  const laidBy = laid.get(`${institution}/${service}`) ?? null
  return DIRECTIONS.flatMap((direction) => {
    // Joined, it is one text; added up, a tree of five, for each of tens of thousands.
    const whole = [institution, service, direction].join('/')
    const bandwidth = document.tiers[about.tier]!.services[service]![direction]
    const { segments, promised } = promiseOf(bandwidth)
    const ceiling = about.ceilings?.[service]?.[direction] ?? bandwidth.ceiling
    const around = virtual.envelope(about.envelope, service, direction)
    const family = isFamily ? families.push(attachments.map(({ edge }) => `${whole}@${edge}`)) - 1 : -1
    const ceilings = isFamily
      ? [...around.route, ...virtual.ceiling(whole, institution, direction, ceiling)]
      : around.route
    return attachments.map(({ edge, local, phi }) => {
      const plan: PlanFlow = {
        id: isFamily ? `${whole}@${edge}` : whole,
        kind: 'institution',
        institution,
        service,
        direction,
        edge,
        tier: about.tier,
        guarantee: Math.min(ceiling, promised),
        ceiling,
        family,
        envelope: around.at,
        ...{ laidBy, override: laidBy === null || laidBy.kind === 'schedule' ? null : laidBy.id },
        record: { institution: index, service: offered.index, direction: recordDirection(direction) },
      }
      const pathId = topology.pathId(service, direction, edge)
      return { plan, pathId, local: local[direction], virtualLinks: ceilings, segments, phi: phi[direction] }
    })
  })
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

/** All that the flows of an institution are made of over a topology, where nothing is numbered or laid over it. */
type Standing = readonly unknown[]

const standingOf = ({ tiers, services, bands }: PolicyDocument, about: PolicyInstitution, index: number) =>
  about.envelope === null ? [about, tiers[about.tier], services, bands, index] : null

/** Flows of a topology's institutions as they were listed last: most policies leave nearly all of them as they are. */
class KnownDrafts {
  readonly #known = new Map<string, { readonly standing: Standing; readonly drafts: readonly FlowDraft[] }>()
  #listed: readonly FlowDraft[] = []
  /** Place in the list of each flow in order. */
  #order = new Uint32Array()
  #index: ReadonlyMap<string, number> = new Map()

  /** Flows by their ids, and places by id: the very same map as long as the ids are the same. */
  inOrder(listed: readonly FlowDraft[]): Pick<FlowList, 'flows' | 'flowIndex'> {
    const before = this.#listed
    const isSame =
      listed.length === before.length &&
      listed.every((flow, at) => flow === before[at] || flow.plan.id === before[at]!.plan.id)
    this.#listed = listed
    if (!isSame) {
      const ids = listed.map(({ plan }) => plan.id)
      this.#order = Uint32Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1))
      this.#index = new Map(Array.from(this.#order, (at, i) => [ids[at]!, i]))
    }
    return { flows: Array.from(this.#order, (at) => listed[at]!), flowIndex: this.#index }
  }

  get(institution: string, standing: Standing | null, list: () => readonly FlowDraft[]): readonly FlowDraft[] {
    const before = this.#known.get(institution)
    if (standing !== null && before?.standing.every((part, at) => part === standing[at])) return before.drafts
    const drafts = list()
    const isNumbered = drafts.some(({ plan }) => plan.family >= 0)
    if (standing === null || isNumbered) this.#known.delete(institution)
    else this.#known.set(institution, { standing, drafts })
    return drafts
  }
}

const known = new WeakMap<Topology, KnownDrafts>()

function knownOver(topology: Topology): KnownDrafts {
  const drafts = known.get(topology) ?? new KnownDrafts()
  known.set(topology, drafts)
  return drafts
}

interface FunctionPromise {
  readonly segments: readonly WholeSegment[]
  /** Their guarantees, bit/s. */
  readonly promised: number
}

/** Each bandwidth function is put in order once, however many institutions share it. */
function promisesByFunction({ bands }: PolicyDocument): (bandwidth: PolicyBandwidth) => FunctionPromise {
  const made = new Map<PolicyBandwidth, FunctionPromise>()
  return (bandwidth) => {
    const known = made.get(bandwidth)
    if (known !== undefined) return known
    const segments = orderSegments(bandwidth, bands)
    const promise = { segments, promised: guaranteeOf(segments, bands) }
    made.set(bandwidth, promise)
    return promise
  }
}

/** Sum of the sizes in guarantee bands, bit/s. */
function guaranteeOf(segments: readonly WholeSegment[], bands: readonly PolicyBand[]): number {
  return segments.reduce((sum, { band, size }) => (bands[band]!.kind === 'guarantee' ? sum + size : sum), 0)
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

function ownFlows(document: PolicyDocument, edge: string, topology: Topology): FlowDraft[] {
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
        override: null,
        laidBy: null,
        record: { institution: index, service: number, direction: recordDirection(direction) },
      },
      pathId: topology.pathId(service, direction, edge),
      local: topology.local(edge, [], direction),
      virtualLinks: [],
      segments,
      phi: 1,
    }))
  })
}
