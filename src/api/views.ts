// The board in the words of the API: columns become objects, indices become ids, NaN becomes null. Pure functions of
// one board; board-view.ts keeps what they make for as long as that board is shown.

import type { Board } from '../model/board.js'
import type { Serial } from '../model/lease.js'
import { DIRECTIONS, type Direction, LINK_KINDS, type LinkKind } from '../model/network.js'
import { type PlanEdge, type PlanInstitution, type PlanLink, RESTRICTED } from '../model/plan.js'
import { isShortOf } from '../model/shortfall.js'
import { fromKbps } from '../model/units.js'
import { askedBy, isSteered } from '../model/wholes.js'
import type {
  AllocationView,
  EdgeDetail,
  EdgeView,
  EnvelopeView,
  FiguresView,
  FlowView,
  InstitutionDetail,
  InstitutionView,
  LinkDetail,
  LinkView,
  UnmappedView,
} from './shapes.js'

/** Whether an institution is listed by itself. */
export type IsShown = (institution: string) => boolean

type Amounts = Pick<
  FlowView,
  | 'demand'
  | 'atLeast'
  | 'estimatedSince'
  | 'waits'
  | 'need'
  | 'rate'
  | 'applied'
  | 'arrived'
  | 'carried'
  | 'measured'
  | 'unmet'
  | 'limitedBy'
>

/** How many of the flows that a link limits are listed with it; all are counted. */
const LIMITED_LISTED = 100

const known = (x: number): number | null => (Number.isFinite(x) ? Math.round(x) : null)
export const whole = (x: number): number => known(x) ?? 0
const level = (x: number): number | null => (Number.isFinite(x) ? x : null)
export const utc = (at: number): string => new Date(at).toISOString()
/** Null: it is not. */
export const moment = (at: number): string | null => (Number.isFinite(at) ? utc(at) : null)
const serialOf = (serial: Serial | null) => serial && { epoch: String(serial.epoch), seq: serial.seq }

/** `measured` is what `carried` was called before it was told apart from what arrives. */
const heard = (arrived: number | null, carried: number | null) => ({ arrived, carried, measured: carried })

function amountsOf({ flows }: Board, flow: number): Amounts {
  const demand = whole(flows.demand[flow]!)
  const need = whole(flows.need[flow]!)
  return {
    demand,
    atLeast: whole(flows.atLeast[flow]!),
    estimatedSince: moment(flows.estimatedSince[flow]!),
    waits: flows.waits[flow] === 1,
    need,
    rate: whole(flows.rate[flow]!),
    applied: known(flows.applied[flow]!),
    ...heard(known(flows.arrived[flow]!), known(flows.carried[flow]!)),
    unmet: Math.max(0, demand - need),
    limitedBy: flows.limitedBy[flow]!,
  }
}

/** The parts of a flow at several edges as one: their sums, and the limit of the part that misses most. */
export function sumOf(parts: readonly Amounts[]): Amounts {
  const worst = parts.reduce((a, b) => (b.unmet > a.unmet ? b : a))
  const sum = (of: (part: Amounts) => number): number => parts.reduce((total, part) => total + of(part), 0)
  /** What a silent edge carries, or applies, is not nothing. */
  const sumKnown = (of: (part: Amounts) => number | null): number | null =>
    parts.some((part) => of(part) === null) ? null : sum((part) => of(part) ?? 0)
  return {
    demand: sum((part) => part.demand),
    atLeast: sum((part) => part.atLeast),
    estimatedSince: earliest(parts.map((part) => part.estimatedSince)),
    waits: parts.some((part) => part.waits),
    need: sum((part) => part.need),
    rate: sum((part) => part.rate),
    applied: sumKnown((part) => part.applied),
    ...heard(
      sumKnown((part) => part.arrived),
      sumKnown((part) => part.carried),
    ),
    unmet: sum((part) => part.unmet),
    limitedBy: worst.limitedBy,
  }
}

/** Null: none is known. */
export const earliest = (times: readonly (string | null)[]): string | null =>
  times.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null)

/** By institution of a plan. */
const grouped = new WeakMap<PlanInstitution, readonly (readonly number[])[]>()

/** Flow indices of an institution by service and direction, in the order of the plan. */
export function flowGroups({ plan }: Board, institution: PlanInstitution): readonly (readonly number[])[] {
  const known = grouped.get(institution)
  if (known !== undefined) return known
  const groups = new Map<string, number[]>()
  for (const i of institution.flows) {
    const { service, direction } = plan.flows[i]!
    const key = `${service}/${direction}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [i])
    else group.push(i)
  }
  const made = [...groups.values()]
  grouped.set(institution, made)
  return made
}

function flowView(board: Board, group: readonly number[]): FlowView {
  const { service, direction, guarantee, ceiling } = board.plan.flows[group[0]!]!
  const amounts = group.length === 1 ? amountsOf(board, group[0]!) : sumOf(group.map((i) => amountsOf(board, i)))
  const { need, claimed } = askedBy(board.plan, board.flows, group)
  const belowGuarantee = isSteered(board.flows, group) && isShortOf(need, claimed)
  return { service, direction, guarantee: whole(guarantee), ceiling: known(ceiling), ...amounts, belowGuarantee }
}

export function institutionView(board: Board, institution: PlanInstitution): InstitutionView {
  const { id, name, category, region, tier, govnet, internet, envelope, labels, edges } = institution
  const flows = flowGroups(board, institution).map((group) => flowView(board, group))
  const lists = { labels: { ...labels }, edges: [...edges], flows }
  return { id, name, category, region, tier, govnet, internet, envelope, ...lists }
}

/** What matters each second of one service in one direction; nothing where the institution has none of it. */
export function figuresView(institution: InstitutionView, of: FlowKind): FiguresView[] {
  return institution.flows.filter(isOf(of)).map((flow) => {
    const { guarantee, demand, estimatedSince, need, carried, unmet, limitedBy, belowGuarantee } = flow
    const asked = { guarantee, demand, estimatedSince, belowGuarantee }
    return { id: institution.id, ...asked, need, carried, unmet, limitedBy }
  })
}

export interface FlowKind {
  readonly service?: string | undefined
  readonly direction?: Direction | undefined
}

export const isOf =
  ({ service, direction }: FlowKind) =>
  (flow: Pick<FlowView, 'service' | 'direction'>): boolean =>
    (service ?? flow.service) === flow.service && (direction ?? flow.direction) === flow.direction

export function institutionDetail(board: Board, institution: PlanInstitution): InstitutionDetail {
  const { plan } = board
  const sites = plan.edges
    .filter(({ id }) => institution.edges.includes(id))
    .flatMap((edge) => edge.sites.filter((site) => site.institution === institution.id))
    .map(({ id, edge, prefixes, vlan, access }) => ({ id, edge, prefixes: [...prefixes], vlan, access }))
  const flows = flowGroups(board, institution).map((group) => ({
    ...flowView(board, group),
    parts: group.map((i) => {
      const { edge } = plan.flows[i]!
      return { edge, ...amountsOf(board, i), lastReport: lastReportOf(board, edge) }
    }),
  }))
  return { ...institutionView(board, institution), sites, flows }
}

export function allocationView(board: Board, i: number): AllocationView {
  const { id, kind, institution, service, direction, edge, tier, guarantee, ceiling } = board.plan.flows[i]!
  const bounds = { guarantee: whole(guarantee), ceiling: known(ceiling), safe: fromKbps(board.plan.safe[i] ?? 0) }
  return { id, kind, institution, service, direction, edge, tier, ...bounds, ...amountsOf(board, i) }
}

export function unmappedView(board: Board, i: number): UnmappedView {
  const { id, edge, direction } = board.plan.flows[i]!
  return { id, edge, direction, ...amountsOf(board, i) }
}

const isPhysical = (kind: PlanLink['kind']): kind is LinkKind => (LINK_KINDS as readonly string[]).includes(kind)

/** Null for the virtual links, by which the solver keeps ceilings. */
export function linkView({ plan, links }: Board, l: number): LinkView | null {
  const { id, link, direction, kind, from, to, groups, capacity, room, state } = plan.links[l]!
  if (!isPhysical(kind)) return null
  return {
    id,
    link,
    direction,
    kind,
    from,
    to,
    groups: [...groups],
    capacity: whole(capacity),
    usable: whole(room),
    needLoad: whole(links.needLoad[l]!),
    load: whole(links.load[l]!),
    ...heard(known(links.arrived[l]!), known(links.carried[l]!)),
    measuredBy: 'edges',
    unheard: whole(links.unheard[l]!),
    unmet: whole(links.unmet[l]!),
    level: level(links.level[l]!),
    state,
  }
}

/** @param isShown whether an institution's flow is listed by itself; what is not is a sum at the end */
export function linkDetail(board: Board, view: LinkView, isShown: IsShown): LinkDetail {
  const { plan, flows } = board
  const limited = plan.flows
    .map(({ id, institution }, i) => ({ id, institution, i }))
    .filter(({ i }) => flows.limitedBy[i]!.code === 'LINK' && flows.limitedBy[i]!.id === view.id)
    .map(({ id, institution, i }) => ({
      institution,
      flow: {
        ...{ id, demand: whole(flows.demand[i]!), estimatedSince: moment(flows.estimatedSince[i]!) },
        ...{ need: whole(flows.need[i]!), rate: whole(flows.rate[i]!) },
      },
    }))
    .sort((a, b) => b.flow.demand - b.flow.need - (a.flow.demand - a.flow.need))
  const isListed = limited.map(({ institution }) => isShown(institution))
  const rest = limited.flatMap(({ flow }, n) => (isListed[n] ? [] : flow))
  const sum = (of: 'demand' | 'need' | 'rate'): number => rest.reduce((total, flow) => total + flow[of], 0)
  const estimatedSince = earliest(rest.map((flow) => flow.estimatedSince))
  const of = { demand: sum('demand'), estimatedSince, need: sum('need'), rate: sum('rate') }
  const sums = rest.length === 0 ? [] : [{ id: RESTRICTED, ...of }]
  const listed = limited.flatMap(({ flow }, n) => (isListed[n] ? flow : [])).slice(0, LIMITED_LISTED)
  return { ...view, limits: { total: limited.length, flows: [...listed, ...sums] } }
}

/** Envelopes with all below them. Unmet and level are those of the ceiling: null or 0 where there is none. */
export function envelopeViews({ plan, flows, links }: Board): EnvelopeView[] {
  const sums = plan.envelopes.map(() => ({ needLoad: 0, load: 0, members: new Set<string>() }))
  plan.flows.forEach(({ envelope, institution }, f) => {
    for (let e = envelope; e >= 0; e = plan.envelopes[e]!.parent) {
      const sum = sums[e]!
      sum.needLoad += flows.need[f]!
      sum.load += flows.rate[f]!
      sum.members.add(institution)
    }
  })
  return plan.envelopes.map(({ id, envelope, service, direction, ceiling, guarantee, weight }, e) => {
    const { needLoad, load, members } = sums[e]!
    return {
      ...{ id, envelope, service, direction, weight },
      ceiling: ceiling < 0 ? null : whole(plan.links[ceiling]!.room),
      guarantee: guarantee?.size ?? null,
      needLoad: whole(needLoad),
      load: whole(load),
      unmet: ceiling < 0 ? 0 : whole(links.unmet[ceiling]!),
      level: ceiling < 0 ? null : level(links.level[ceiling]!),
      members: members.size,
    }
  })
}

/** When the edge said last what it applies. */
function lastReportOf({ edges }: Board, edge: string): string | null {
  const at = edges.find(({ id }) => id === edge)?.lastReport ?? null
  return at === null ? null : utc(at)
}

export function edgeView(board: Board, edge: PlanEdge): EdgeView {
  const status = board.edges.find(({ id }) => id === edge.id)
  return {
    id: edge.id,
    name: edge.name,
    region: edge.region,
    node: edge.node,
    state: status?.state ?? 'UNKNOWN',
    enforcement: status?.enforcement ?? edge.enforcement,
    pace: edge.pace,
    line: edge.line,
    driver: status?.driver ?? null,
    simulated: status?.simulated ?? false,
    agent: status?.agent ?? null,
    intended: serialOf(status?.intended ?? null),
    applied: serialOf(status?.applied ?? null),
    lag: status?.lag ?? 0,
    lastReport: lastReportOf(board, edge.id),
    leaseLeftMs: known(status?.leaseLeft ?? Number.NaN),
    refusal: status?.refusal ?? null,
    bypasses: (status?.bypasses ?? []).map((b) => ({ ...b, since: utc(b.since), until: utc(b.until) })),
    place: status?.place ?? null,
    second: status?.second ? { ...status.second, since: utc(status.second.since) } : null,
    notices: (status?.notices ?? []).map((notice) => ({ ...notice, since: utc(notice.since) })),
    uncounted: status?.uncounted ?? { down: 0, up: 0 },
    confirmed: status?.confirmed ? { ...status.confirmed, at: utc(status.confirmed.at) } : null,
    differsSince: status?.differsSince ? utc(status.differsSince) : null,
    port: edge.port,
    institutions: new Set(edge.sites.map(({ institution }) => institution)).size,
    flows: edge.flows.length,
  }
}

export function edgeDetail(board: Board, edge: PlanEdge): EdgeDetail {
  const sites = edge.sites.map(({ id, institution, prefixes, vlan, access }) => ({
    id,
    institution,
    edge: edge.id,
    prefixes: [...prefixes],
    vlan,
    access,
  }))
  const total = (direction: Direction) => {
    const flows = edge.flows.filter((i) => board.plan.flows[i]!.direction === direction)
    const sum = (column: Float64Array): number => flows.reduce((all, i) => all + whole(column[i]!), 0)
    const sumOfAll = (column: Float64Array): number | null => known(flows.reduce((all, i) => all + column[i]!, 0))
    const { demand, need, rate, applied, arrived, carried } = board.flows
    return {
      ...{ demand: sum(demand), need: sum(need), rate: sum(rate), applied: sum(applied) },
      ...heard(sumOfAll(arrived), sumOfAll(carried)),
    }
  }
  return { ...edgeView(board, edge), sites, totals: { down: total(DIRECTIONS[0]), up: total(DIRECTIONS[1]) } }
}

/** Flows of an edge that ask for more than they may have: whom its state of enforcement matters to. */
export function limitedAt(board: Board, edge: PlanEdge) {
  return edge.flows.flatMap((i) => {
    const { kind, institution, service, direction } = board.plan.flows[i]!
    const { demand, rate } = amountsOf(board, i)
    return kind === 'institution' && demand > rate ? [{ institution, service, direction, demand, rate }] : []
  })
}
