// Pinned flows: what cannot be steered now is charged to its links at what it is, and takes no part in the solve, so
// the others share, max-min fair, what is truly left.
//
//   observe, bypass        by order, nothing is limited there: charged at what was measured, once the edge says so, as
//                          far as that can be believed (claims.ts), and until its lease is over
//   hold, refusing         what is in force stays: charged at the most that may be in force
//   lease gone             the edge goes to its safe rates: charged at those
//   silent, hears nothing  charged at the most that may be in force; granted less only where its links lost capacity
//   paced                  the same, for a while after each time it is granted something new; after that it is steered,
//                          but what it keeps above its grant (it does not obey where that is little) is withheld, as
//                          from any edge that does not say that it has shrunk; what it lifts unordered is claimed
//   static                 charged at what a person confirmed, or at what the revision says, where that is more
//   gone                   what a flow that left an edge may still let through there is taken from its links, once the
//                          edge should have said that it let it go
//   no path                nothing flows: charged to no link, granted its safe rate
//
// An edge that says it observes or is in bypass, or that limits were lifted at the box, and was not told to, is steered
// as if it had said nothing: it is charged at its grant, and only what a counter bears out beyond that is withheld.
//
// Whatever is pinned, everyone's lifeline is kept free: no rate falls below it for what others say.

import type { LimitCode } from '../model/explanation.js'
import { staleAfter } from '../model/line.js'
import { isLifted, PACE, type Timing } from '../model/network.js'
import type { Plan, PlanEdge } from '../model/plan.js'
import { type KilobitsPerSecond, MIN_LIFELINE, type Milliseconds, toKbps } from '../model/units.js'
import { type EdgeLease, hasGrant, isKnown, isOver, isStuck, reportAt } from '../publish/edge-lease.js'
import { EdgeLoad } from '../publish/edge-load.js'
import type { LeaseTable } from '../publish/lease-table.js'
import { copyColumn, eachHop, type Problem } from '../solve/problem.js'
import { believe, type Claim, type Ground, lifelineOf } from './claims.js'
import type { LoneWord } from './edge-words.js'
import type { PlanColumns } from './plan-state.js'
import type { StaticRate } from './static-rates.js'

export interface Pins {
  /** kbit/s a pinned flow is charged at; NaN: it is ours to steer. */
  readonly charged: Float64Array
  /** kbit/s a pinned flow is granted; unused where it is not pinned. */
  readonly granted: Uint32Array
  /** Why it is pinned; null where it is not. */
  readonly reason: (LimitCode | null)[]
  /** kbit/s that a flow which is not pinned may have above what it was granted: nobody can have that until it obeys. */
  readonly withheld: Float64Array
  /** 1: nobody says what it carries, so it keeps its part of what the institution is promised. */
  readonly keepsPart: Uint8Array
  /** bit/s of each link that nobody can be given: it is charged or withheld, lost as an edge says, or of flows gone. */
  readonly taken: Float64Array
}

export interface Sight extends Ground {
  readonly leases: LeaseTable
  readonly staticRates: ReadonlyMap<number, StaticRate>
  readonly lone: readonly LoneWord[]
  readonly now: Milliseconds
}

export function noPins({ flows: { length: n }, links }: Pick<Plan, 'flows' | 'links'>): Pins {
  return {
    charged: new Float64Array(n).fill(Number.NaN),
    granted: new Uint32Array(n),
    reason: new Array<LimitCode | null>(n).fill(null),
    withheld: new Float64Array(n),
    keepsPart: new Uint8Array(n),
    taken: new Float64Array(links.length),
  }
}

export function pinFlows(sight: Sight): Pins {
  const { plan, problem, leases } = sight
  const pins = noPins(plan)
  const pin = pinner(pins)
  const found: Found = { claims: [], resting: [] }
  const prompt = new Set<string>()
  for (const edge of plan.edges) {
    const lease = leases.edges.get(edge.id)!
    const how = standing(edge, lease, sight)
    if (how.isPrompt) prompt.add(edge.id)
    // The rule in a large plane: all of it is ours to steer, and nothing has to be looked at flow by flow.
    if (how.isPlain) for (const f of edge.flows) pins.keepsPart[f] = how.isHeard ? 0 : 1
    else pinEdge(edge, lease, how, sight, pins, pin, found)
  }
  const { claims, resting } = found
  believe(claims, pins.charged, sight)
  for (const f of fitting(plan, problem, leases, pins, resting, claims))
    pin(f, 'PINNED', leases.boundOf(f), leases.granted[f]!)
  for (const f of resting) {
    if (pins.reason[f] === null) pins.withheld[f] = Math.max(0, leases.boundOf(f) - leases.granted[f]!)
  }
  for (const { flow, granted, beyond, isOrdered } of claims) {
    if (isOrdered) pins.charged[flow] = granted + beyond
    else if (pins.reason[flow] !== null) pins.charged[flow]! += beyond
    else pins.withheld[flow]! += beyond
  }
  take(sight, pins, prompt)
  return pins
}

/** What is found on the way: what edges claim, and flows that rest. */
interface Found {
  readonly claims: Claim[]
  readonly resting: number[]
}

/** How an edge stands to us now. */
interface Standing {
  readonly isFree: boolean
  readonly lifted: ReturnType<typeof liftedAt>
  readonly known: boolean
  readonly stale: boolean
  readonly isHeard: boolean
  readonly lags: boolean
  readonly isPrompt: boolean
  readonly rests: boolean
  /** None of its flows is pinned, withheld or claimed. */
  readonly isPlain: boolean
}

function standing(edge: PlanEdge, lease: EdgeLease, { plan, now, staticRates }: Sight): Standing {
  const isFree = isLifted(edge.enforcement)
  const lifted = liftedAt(lease)
  const silence = now - reportAt(lease)
  const longest = staleAfter(plan.timing, edge.line)
  // Who speaks but does not hear may fall to its safe rates: the others must make room for these in time.
  const known = isKnown(lease)
  const stale = known && (lease.isFading || silence > longest)
  const isHeard = known && edge.pace === 'live' && silence <= longest
  const lags = edge.pace === 'paced' || isLagging(lease, now, plan.timing)
  const isPrompt = isHeard && !lags && !isStuck(lease)
  const rests = edge.pace === 'paced' && hasGrant(lease) && now - lease.grantedAt < PACE
  const isOwn = !isFree && known && edge.enforcement !== 'hold' && !isStuck(lease) && !isOver(lease)
  const isUsual = staticRates.size === 0 && plan.unreachable.size === 0 && lifted !== 'all' && lifted.size === 0
  return {
    ...{ isFree, lifted, known, stale, isHeard, lags, isPrompt, rests },
    isPlain: isOwn && isUsual && !stale && !rests && !lags,
  }
}

function pinEdge(
  edge: PlanEdge,
  lease: EdgeLease,
  { isFree, lifted, known, stale, isHeard, lags, rests }: Standing,
  { plan, leases, carried, staticRates }: Sight,
  pins: Pins,
  pin: Pin,
  { claims, resting }: Found,
): void {
  const holds = known && (edge.enforcement === 'hold' || isStuck(lease))
  const isLate = hasGrant(lease) && lags
  for (const f of edge.flows) {
    const fixed = staticRates.get(f)
    if (fixed) {
      pins.keepsPart[f] = 1
      pin(f, Number.isNaN(fixed.confirmed) ? 'OBSERVE' : 'PINNED', fixed.charged, fixed.granted)
      continue
    }
    pins.keepsPart[f] = isHeard && !plan.unreachable.has(f) ? 0 : 1
    const safe = plan.safe[f]!
    const bound = leases.boundOf(f)
    // Whatever is granted here is never more than what is charged: a pinned flow takes no part in shrink before grow.
    const kept = Math.min(leases.granted[f]! || safe, bound)
    const isClaimed = !isOver(lease) && (lifted === 'all' || lifted.has(plan.flows[f]!.record.institution))
    const seen = toKbps(carried[f]! || 0)
    // Of one that was never heard nothing is charged, but what an earlier leader granted it.
    if (isFree && (isClaimed || (lease.report === null && !lease.inherits))) {
      const granted = Math.min(seen, bound)
      pin(f, 'OBSERVE', granted, safe)
      if (seen > bound) claims.push({ flow: f, edge: edge.id, granted, beyond: seen - bound, isOrdered: true })
    } else if (isFree) pin(f, 'OBSERVE', bound, kept)
    // Of what is not known yet there is no bound: its links are closed for growth until there is one.
    else if (holds) pin(f, 'PINNED', bound, kept)
    else if (isOver(lease)) pin(f, 'SAFE', bound, Math.min(safe, bound))
    else if (plan.unreachable.has(f)) pin(f, 'NO_PATH', 0, safe)
    else if (stale || rests) resting.push(f)
    else if (isLate) pins.withheld[f] = Math.max(0, bound - leases.granted[f]!)
    // Who is told new rates seldom lifts limits like others.
    if (!isFree && !stale && pins.reason[f] === null && isClaimed && seen > bound)
      claims.push({ flow: f, edge: edge.id, granted: bound, beyond: seen - bound, isOrdered: false })
  }
}

/** Of each edge no more than its port can carry beside what is steered there. */
function take({ plan, problem, leases, lone }: Sight, pins: Pins, prompt: ReadonlySet<string>): void {
  const gone = leases.orphanHops()
  const kbpsOf = (f: number): KilobitsPerSecond => {
    const charged = pins.charged[f]!
    return Number.isNaN(charged) ? pins.withheld[f]! : charged
  }
  const speaks = new Set(lone.map(({ edge }) => edge))
  // Of most edges nothing is taken: then it does not matter what is steered beside it.
  const taking = plan.edges.filter(
    ({ id, flows }) => gone.has(id) || speaks.has(id) || flows.some((f) => kbpsOf(f) > 0),
  )
  if (taking.length === 0 && gone.size === 0) return
  const load = new EdgeLoad(plan.links)
  const takeGone = (id: string): void => {
    for (const { link, fraction, most } of gone.get(id) ?? []) load.add(link, fraction, most)
  }
  for (const { id, port, flows } of taking) {
    for (const f of flows) {
      const kbps = kbpsOf(f)
      const steered = Number.isNaN(pins.charged[f]!) ? leases.granted[f]! : 0
      if (kbps > 0) load.addFlow(problem, f, kbps)
      if (steered > 0) load.addFlowBeside(problem, f, steered)
    }
    if (!prompt.has(id)) takeGone(id)
    for (const { edge, link, lost } of lone) if (edge === id) load.addWhole(link, lost)
    load.drainInto(port, pins.taken)
  }
  for (const id of gone.keys()) {
    if (leases.edges.has(id)) continue
    takeGone(id)
    load.drainInto(null, pins.taken)
  }
}

type Pin = (flow: number, reason: LimitCode, charged: number, granted: number) => void

/**
 * Nobody is granted less than a lifeline, be it more than may be in force now, and what is granted is charged. Where
 * nothing is limited, or nothing flows, it is charged as it is.
 */
const pinner =
  (pins: Pins): Pin =>
  (flow, reason, charged, granted) => {
    const told = Math.max(toKbps(MIN_LIFELINE), granted)
    pins.charged[flow] = reason === 'OBSERVE' || reason === 'NO_PATH' ? charged : Math.max(charged, told)
    pins.granted[flow] = told
    pins.reason[flow] = reason
  }

/** Whether it speaks, and has not said for a while that it applies what it is granted. */
const isLagging = ({ pending, grantedAt }: EdgeLease, now: Milliseconds, { tick, staleAfterTicks }: Timing): boolean =>
  pending.length > staleAfterTicks || (pending.length > 0 && now - grantedAt > staleAfterTicks * tick)

/** Where the edge says that it limits nothing: everywhere, or for these institutions, by who stands at the box. */
function liftedAt({ report }: EdgeLease): 'all' | ReadonlySet<number | null> {
  if (report !== null && isLifted(report.enforcement)) return 'all'
  return new Set(report?.bypasses?.map(({ institution }) => institution))
}

/** Of the flows that rest those whose links have room for all that is pinned or claimed: the others are to shrink. */
function fitting(
  plan: Plan,
  problem: Problem,
  leases: LeaseTable,
  pins: Pins,
  resting: readonly number[],
  claims: readonly Claim[],
): number[] {
  if (resting.length === 0) return []
  const { pathStart, pathLink } = problem
  const load = new Float64Array(plan.links.length)
  const charge = (flow: number, kbps: number): void => {
    eachHop(problem, flow, (l, fraction) => {
      load[l]! += fraction * kbps * 1_000
    })
  }
  pins.charged.forEach((kbps, f) => {
    if (!Number.isNaN(kbps)) charge(f, kbps)
  })
  for (const f of resting) charge(f, leases.boundOf(f))
  for (const { flow, beyond } of claims) charge(flow, beyond)
  const fits = (flow: number): boolean => {
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) {
      if (load[pathLink[q]!]! > plan.links[pathLink[q]!]!.room) return false
    }
    return true
  }
  return resting.filter((f) => leases.granted[f]! > 0 && fits(f))
}

interface Planned extends PlanColumns {
  readonly plan: Plan
}

/**
 * Takes pinned flows out of the problem, and their charge out of the room but for what the lifelines of others take;
 * puts back what an earlier tick took out.
 */
export function applyPins({ plan, ceilings, rooms }: Planned, problem: Problem, { charged, taken }: Pins): void {
  const { linkRoom, ceiling, demand, recent } = problem
  for (let l = 0; l < rooms.length; l++) linkRoom[l] = Math.max(0, rooms[l]! - taken[l]!)
  copyColumn(ceilings, ceiling)
  for (let f = 0; f < charged.length; f++) if (!Number.isNaN(charged[f]!)) ceiling[f] = demand[f] = recent[f] = 0
  // A link from which nothing is taken has room for lifelines as for all.
  if (!taken.some((bps) => bps > 0)) return
  const lifelines = lifelinesOf(plan, problem, charged)
  for (let l = 0; l < rooms.length; l++) linkRoom[l] = Math.max(linkRoom[l]!, Math.min(rooms[l]!, lifelines[l]!))
}

/** bit/s by link of flows that are not pinned. */
function lifelinesOf(plan: Plan, problem: Problem, charged: Float64Array): Float64Array {
  const { pathStart, pathLink, pathFraction } = problem
  const lifelines = new Float64Array(plan.links.length)
  for (let f = 0; f < plan.flows.length; f++) {
    if (!Number.isNaN(charged[f]!)) continue
    const lifeline = lifelineOf(plan, problem, f) * 1_000
    for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) lifelines[pathLink[q]!]! += pathFraction[q]! * lifeline
  }
  return lifelines
}
