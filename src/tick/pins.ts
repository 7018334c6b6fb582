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
import { type Enforcement, PACE, type Timing } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import { type BitsPerSecond, MIN_LIFELINE, type Milliseconds, toKbps } from '../model/units.js'
import { type EdgeLease, hasGrant, isKnown, isOver, isStuck, reportAt } from '../publish/edge-lease.js'
import { EdgeLoad } from '../publish/edge-load.js'
import type { LeaseTable } from '../publish/lease-table.js'
import { eachHop, type Problem } from '../solve/problem.js'
import { believe, type Claim, type Ground, lifelineOf } from './claims.js'
import type { LoneWord } from './edge-words.js'
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
  const { plan, problem, leases, carried, now, staticRates } = sight
  const pins = noPins(plan)
  const pin = pinner(pins)
  const claims: Claim[] = []
  const resting: number[] = []
  const prompt = new Set<string>()
  for (const edge of plan.edges) {
    const lease = leases.edges.get(edge.id)!
    const isFree = isLifted(edge.enforcement)
    const lifted = liftedAt(lease)
    const silence = now - reportAt(lease)
    // Who speaks but does not hear may fall to its safe rates: the others must make room for these in time.
    const known = isKnown(lease)
    const stale = known && (lease.isFading || silence > staleAfter(plan.timing, edge.line))
    const isHeard = known && edge.pace === 'live' && silence <= staleAfter(plan.timing, edge.line)
    const lags = edge.pace === 'paced' || isLagging(lease, now, plan.timing)
    if (isHeard && !lags && !isStuck(lease)) prompt.add(edge.id)
    const rests = edge.pace === 'paced' && hasGrant(lease) && now - lease.grantedAt < PACE
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
      if (isFree && (isClaimed || lease.report === null)) {
        const granted = Math.min(seen, bound)
        pin(f, 'OBSERVE', granted, safe)
        if (seen > bound) claims.push({ flow: f, edge: edge.id, granted, beyond: seen - bound, isOrdered: true })
      } else if (isFree) pin(f, 'OBSERVE', bound, kept)
      // Of what is not known yet there is no bound: its links are closed for growth until there is one.
      else if (known && (edge.enforcement === 'hold' || isStuck(lease))) pin(f, 'PINNED', bound, kept)
      else if (isOver(lease)) pin(f, 'SAFE', bound, Math.min(safe, bound))
      else if (plan.unreachable.has(f)) pin(f, 'NO_PATH', 0, safe)
      else if (stale || rests) resting.push(f)
      else if (hasGrant(lease) && lags) pins.withheld[f] = Math.max(0, bound - leases.granted[f]!)
      // Who is told new rates seldom lifts limits like others.
      if (!isFree && !stale && pins.reason[f] === null && isClaimed && seen > bound)
        claims.push({ flow: f, edge: edge.id, granted: bound, beyond: seen - bound, isOrdered: false })
    }
  }
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

/** Of each edge no more than its port can carry beside what is steered there. */
function take({ plan, problem, leases, lone }: Sight, pins: Pins, prompt: ReadonlySet<string>): void {
  const load = new EdgeLoad(plan.links)
  const gone = leases.orphanHops()
  const takeGone = (id: string): void => {
    for (const { link, fraction, most } of gone.get(id) ?? []) load.add(link, fraction, most)
  }
  const note = (link: number, bps: BitsPerSecond): void => {
    pins.taken[link]! += bps
  }
  for (const { id, port, flows } of plan.edges) {
    for (const f of flows) {
      const charged = pins.charged[f]!
      const kbps = Number.isNaN(charged) ? pins.withheld[f]! : charged
      const steered = Number.isNaN(charged) ? leases.granted[f]! : 0
      if (kbps > 0) eachHop(problem, f, (l, fraction) => load.add(l, fraction, kbps))
      if (steered > 0) eachHop(problem, f, (l, fraction) => load.addBeside(l, fraction, steered))
    }
    if (!prompt.has(id)) takeGone(id)
    for (const { edge, link, lost } of lone) if (edge === id) load.addWhole(link, lost)
    load.drain(port, note)
  }
  for (const id of gone.keys()) {
    if (leases.edges.has(id)) continue
    takeGone(id)
    load.drain(null, note)
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

const isLifted = (enforcement: Enforcement): boolean => enforcement === 'observe' || enforcement === 'bypass'

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

/**
 * Takes pinned flows out of the problem, and their charge out of the room but for what the lifelines of others take;
 * puts back what an earlier tick took out.
 */
export function applyPins(plan: Plan, problem: Problem, pins: Pins): void {
  plan.links.forEach((link, l) => {
    problem.linkRoom[l] = Math.max(0, link.room - pins.taken[l]!)
  })
  plan.flows.forEach((flow, f) => {
    const charged = pins.charged[f]!
    problem.ceiling[f] = flow.ceiling
    if (!Number.isNaN(charged)) {
      problem.ceiling[f] = 0
      problem.demand[f] = 0
      problem.recent[f] = 0
    }
  })
  const lifelines = new Float64Array(plan.links.length)
  plan.flows.forEach((_, f) => {
    if (!Number.isNaN(pins.charged[f]!)) return
    const lifeline = lifelineOf(plan, problem, f) * 1_000
    eachHop(problem, f, (l, fraction) => {
      lifelines[l]! += fraction * lifeline
    })
  })
  plan.links.forEach(({ room }, l) => {
    problem.linkRoom[l] = Math.max(problem.linkRoom[l]!, Math.min(room, lifelines[l]!))
  })
}
