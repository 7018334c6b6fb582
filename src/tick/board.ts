// Painting the board: from the columns of a tick to the picture that everyone reads.

import type { Seen } from '../demand/estimates.js'
import type { Board, EdgeBypass, EdgeStatus, FlowColumns, LinkColumns } from '../model/board.js'
import { LIMIT_CODES, type LimitCode, type LimitedBy } from '../model/explanation.js'
import type { LeaseState, Serial } from '../model/lease.js'
import { staleAfter } from '../model/line.js'
import type { Plan } from '../model/plan.js'
import { isShortOf } from '../model/shortfall.js'
import { fromKbps, type Milliseconds, type UnixMilliseconds } from '../model/units.js'
import { askedBy, isSteered, wholesOf } from '../model/wholes.js'
import { type EdgeLease, isOver, reportAt } from '../publish/edge-lease.js'
import type { Freshness } from '../publish/freshness.js'
import { BY_CEILING, BY_DEMAND, envelopeOf, type Limiter, limitOf } from '../solve/explain.js'
import { BAND_KIND, type Solved } from '../solve/problem.js'
import type { Ceased } from './ceased.js'
import type { Differences } from './differences.js'
import { type Doubts, unorderedAt } from './doubts.js'
import { type Heard, overLinks } from './heard.js'
import type { Instances } from './instances.js'
import type { Pins } from './pins.js'

/** What a board answers when it is asked; the rest of it stands there. */
export type Asked = 'explain' | 'crossing' | 'standing' | 'whatIf'

const NOTHING_UNCOUNTED = { down: 0, up: 0 }

/** What a tick knows of its flows, kbit/s by flow where not said otherwise. */
export interface TickColumns extends Pick<Pins, 'reason' | 'charged'> {
  /** What the flow asked for, bit/s, before pins. */
  readonly demand: Float64Array
  readonly seen: Seen
  readonly target: Uint32Array
  readonly granted: Uint32Array
  /** bit/s; NaN: nothing acknowledged yet. */
  readonly applied: Float64Array
  readonly heard: Heard
}

export function paintFlows(plan: Plan, problem: Solved, t: TickColumns): FlowColumns {
  const n = plan.flows.length
  const need = new Float64Array(n)
  const rate = new Float64Array(n)
  const { arrived, carried } = t.heard
  for (let f = 0; f < n; f++) {
    const pinned = t.reason[f]!
    need[f] = pinned === null ? problem.need[f]! : fromKbps(t.charged[f]!)
    rate[f] = fromKbps(t.granted[f]!)
  }
  const asked = { demand: t.demand, ...t.seen }
  return { ...asked, need, rate, applied: t.applied, arrived, carried, limitedBy: limitsOf(plan, problem, t) }
}

/** What limits each flow, of what was decided. */
export function limitsOf(plan: Plan, problem: Solved, decided: Decided): LimitedBy[] {
  const { reason, granted, target } = decided
  const names = namesOf(plan)
  const limits = new Array<LimitedBy>(reason.length)
  for (let f = 0; f < reason.length; f++) {
    const pinned = reason[f]!
    const isPending = granted[f]! < target[f]! && fromKbps(granted[f]!) < problem.need[f]! - 1_000
    limits[f] = pinned !== null ? NAMELESS[pinned] : isPending ? NAMELESS.PENDING : named(names, plan, problem, f)
  }
  return limits
}

type Decided = Pick<TickColumns, 'reason' | 'target' | 'granted'>

/** The solver's reason with names: a virtual link speaks for what it stands for. */
export const nameLimit = (plan: Plan, problem: Solved, flow: number): LimitedBy =>
  named(namesOf(plan), plan, problem, flow)

function named({ links, envelopes }: Names, plan: Plan, problem: Solved, flow: number): LimitedBy {
  const limit = limitOf(problem, flow)
  // Of most flows it is their demand, and nothing has to be looked up.
  if (limit === BY_DEMAND) return NAMELESS.DEMAND
  if (limit !== BY_CEILING) return limit < 0 ? envelopes[envelopeOf(limit)]! : links[limit]!
  const { override } = plan.flows[flow]!
  return override === null ? NAMELESS.CEILING : { code: 'OVERRIDE', id: override }
}

export function nameLimiter(plan: Plan, { code, index }: Limiter): LimitedBy {
  if (code === 'LINK') return namesOf(plan).links[index]!
  return code === 'ENVELOPE' ? namesOf(plan).envelopes[index]! : NAMELESS[code]
}

/** One object stands for all flows that the same limits: there are tens of thousands, each second. */
const limitOn = (code: LimitCode, id: string | null): LimitedBy => Object.freeze({ code, id })
const NAMELESS = Object.fromEntries(LIMIT_CODES.map((code) => [code, limitOn(code, null)])) as Record<
  LimitCode,
  LimitedBy
>

interface Names {
  readonly links: readonly LimitedBy[]
  readonly envelopes: readonly LimitedBy[]
}

const namesByPlan = new WeakMap<Plan, Names>()

function namesOf(plan: Plan): Names {
  const known = namesByPlan.get(plan)
  if (known !== undefined) return known
  const links = plan.links.map(({ id }) => limitOn('LINK', id))
  const envelopes = plan.envelopes.map(({ envelope }) => limitOn('ENVELOPE', envelope))
  const names = { links, envelopes }
  namesByPlan.set(plan, names)
  return names
}

/** By the list: most plans have the very one of the plan before. */
const places = new WeakMap<Plan['links'], ReadonlyMap<string, number>>()

function placesOf(links: Plan['links']): ReadonlyMap<string, number> {
  const known = places.get(links) ?? new Map(links.map(({ id }, l) => [id, l]))
  places.set(links, known)
  return known
}

export function paintLinks(plan: Plan, p: Solved, t: TickColumns, flows: FlowColumns): LinkColumns {
  const n = plan.links.length
  const columns = {
    needLoad: new Float64Array(n),
    load: new Float64Array(n),
    unmet: new Float64Array(n),
    level: new Float64Array(n).fill(Number.NaN),
  }
  const lastShare = p.shape.bands - 1 - [...p.bandKind].reverse().indexOf(BAND_KIND.share)
  const indexOf = placesOf(plan.links)
  const loadOf = (f: number): number => {
    const charged = t.charged[f]!
    return Number.isNaN(charged) ? flows.rate[f]! : fromKbps(charged)
  }
  for (let f = 0; f < plan.flows.length; f++) {
    const load = loadOf(f)
    const limit = flows.limitedBy[f]!
    const at = bottleneckOf(plan, f, limit, indexOf)
    for (let q = p.pathStart[f]!; q < p.pathStart[f + 1]!; q++) {
      const l = p.pathLink[q]!
      const a = p.pathFraction[q]!
      columns.needLoad[l]! += a * flows.need[f]!
      columns.load[l]! += a * load
      if (l === at)
        columns.unmet[l]! += a * Math.max(0, Math.min(t.demand[f]!, plan.flows[f]!.ceiling) - flows.need[f]!)
    }
    if (at !== undefined && lastShare >= 0) {
      const level = p.level[lastShare * p.shape.flows + f]!
      if (!(columns.level[at]! >= level) && !Number.isNaN(level)) columns.level[at] = level
    }
  }
  return { ...columns, ...overLinks(plan, p, t.heard, loadOf) }
}

/** The link that limits the flow; an envelope stands on it with its ceiling, if it has one. */
function bottleneckOf(
  { flows }: Plan,
  flow: number,
  { code, id }: LimitedBy,
  indexOf: ReadonlyMap<string, number>,
): number | undefined {
  if (code === 'LINK') return indexOf.get(id!)
  const { service, direction } = flows[flow]!
  return code === 'ENVELOPE' ? indexOf.get(`envelope.${id}/${service}/${direction}`) : undefined
}

/** 551 get all they ask, 3 short, 0 below guarantee, 1 perhaps: institutions counted by their worst flow. */
export function countSatisfied(plan: Plan, flows: FlowColumns): Board['satisfied'] {
  let short = 0
  let belowGuarantee = 0
  let maybeBelow = 0
  for (const institution of plan.institutions) {
    let isShort = false
    let isBelow = false
    let isMaybe = false
    for (const whole of wholesOf(plan, institution)) {
      // Of most nothing has to be added up.
      if (!isSteered(flows, whole)) continue
      const { asked, need, promised, claimed } = askedBy(plan, flows, whole)
      isShort ||= isShortOf(need, asked)
      isBelow ||= isShortOf(need, claimed)
      isMaybe ||= isShortOf(need, promised)
    }
    if (isShort) short++
    if (isBelow) belowGuarantee++
    else if (isMaybe) maybeBelow++
  }
  return { all: plan.institutions.length - short, short, belowGuarantee, maybeBelow }
}

export function paintEdges(
  plan: Plan,
  leases: ReadonlyMap<string, EdgeLease>,
  grantedSerials: ReadonlyMap<string, Serial>,
  now: { readonly monotonic: Milliseconds; readonly wall: UnixMilliseconds },
  differences: Pick<Differences, 'of'>,
  doubts: Pick<Doubts, 'of'>,
  ceased: Pick<Ceased, 'has'>,
  instances: Pick<Instances, 'secondOf'>,
  freshness: Pick<Freshness, 'isUnproven'>,
): EdgeStatus[] {
  return plan.edges.map((edge) => {
    const lease = leases.get(edge.id)!
    const { report } = lease
    const silence = now.monotonic - reportAt(lease)
    const goal = grantedSerials.get(edge.id) ?? null
    const applied = lease.applied
    return {
      id: edge.id,
      state: stateOf(lease, silence, staleAfter(plan.timing, edge.line), plan.timing.lease),
      enforcement: report?.enforcement ?? edge.enforcement,
      driver: report?.driver ?? null,
      simulated: report?.simulated ?? false,
      agent: report?.agent ?? null,
      intended: goal,
      applied,
      lag: goal && applied && goal.epoch === applied.epoch ? Math.max(0, goal.seq - applied.seq) : goal ? goal.seq : 0,
      lastReport: report ? now.wall - silence : null,
      leaseLeft: report ? Math.max(0, lease.readAt + plan.timing.lease - now.monotonic) : null,
      refusal: report?.refusal ?? null,
      unordered: isOver(lease) ? null : unorderedAt(edge, lease),
      ceased: ceased.has(edge.id),
      unproven: freshness.isUnproven(edge.id),
      bypasses: isOver(lease) ? [] : bypassesAt(plan, lease),
      instance: report?.instance ?? null,
      place: report?.place ?? null,
      second: instances.secondOf(edge.id),
      notices: isOver(lease) ? [] : (report?.notices ?? []),
      uncounted: (isOver(lease) ? null : report?.uncounted) ?? NOTHING_UNCOUNTED,
      doubts: doubts.of(edge.id),
      ...differences.of(edge.id),
    }
  })
}

function bypassesAt({ institutions }: Plan, { report }: EdgeLease): EdgeBypass[] {
  return (report?.bypasses ?? []).map(({ institution, ...bypass }) => {
    const id = institutions.find(({ index }) => index === institution)?.id
    return { ...bypass, institution: institution === null ? null : (id ?? `no. ${institution}`) }
  })
}

/** What the controller believes: the edge's own word while it speaks, else what follows from its silence. */
function stateOf(lease: EdgeLease, silence: number, stale: number, term: number): LeaseState | 'UNKNOWN' {
  if (!lease.report) return 'UNKNOWN'
  if (silence > term) return 'SAFE'
  if (silence > stale) return 'STALE'
  return lease.report.state
}
