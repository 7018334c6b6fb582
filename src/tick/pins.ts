// Pinned flows: what cannot be steered now is charged to its links at what it is, and takes no part in the solve, so
// the others share, max-min fair, what is truly left.
//
//   observe, bypass        nothing is limited there: charged at what was measured, once the edge says so
//   hold, refusing         what is in force stays: charged at the most that may be in force
//   lease gone             the edge goes to its safe rates: charged at those
//   silent, hears nothing  charged at the most that may be in force; granted less only where its links lost capacity
//   paced                  the same, for a while after each time it is granted something new; after that it is steered,
//                          but what it keeps above its grant (it does not obey where that is little) is withheld
//   static                 charged at what a person confirmed, or at what the revision says, where that is more
//   no path                nothing flows: charged to no link, granted its safe rate

import type { LimitCode } from '../model/explanation.js'
import { staleAfter } from '../model/line.js'
import { type Enforcement, PACE } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import { MIN_LIFELINE, type Milliseconds, toKbps } from '../model/units.js'
import { hasGrant, isKnown, isOver, isStuck, reportAt } from '../publish/edge-lease.js'
import type { LeaseTable } from '../publish/lease-table.js'
import { eachHop, type Problem } from '../solve/problem.js'
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
}

export function pinFlows(
  plan: Plan,
  problem: Problem,
  leases: LeaseTable,
  measured: Float64Array,
  now: Milliseconds,
  staticRates: ReadonlyMap<number, StaticRate>,
): Pins {
  const n = plan.flows.length
  const pins: Pins = {
    charged: new Float64Array(n).fill(Number.NaN),
    granted: new Uint32Array(n),
    reason: new Array<LimitCode | null>(n).fill(null),
    withheld: new Float64Array(n),
  }
  const pin = (flow: number, reason: LimitCode, charged: number, granted: number): void => {
    pins.charged[flow] = charged
    pins.granted[flow] = Math.max(toKbps(MIN_LIFELINE), granted)
    pins.reason[flow] = reason
  }
  const resting: number[] = []
  for (const edge of plan.edges) {
    const lease = leases.edges.get(edge.id)!
    // Enforcement is as strict as the weaker of what was ordered and what the edge says it does.
    const reported = lease.report?.enforcement ?? edge.enforcement
    const ordered = edge.enforcement
    // Besides, the engineer at the box may have lifted the limits of single institutions there.
    const liftedThere = new Set((lease.report?.bypasses ?? []).map(({ institution }) => institution))
    const silence = now - reportAt(lease)
    // Who speaks but does not hear may fall to its safe rates: the others must make room for these in time.
    const known = isKnown(lease)
    const stale = known && (lease.isFading || silence > staleAfter(plan.timing, edge.line))
    const rests = edge.pace === 'paced' && hasGrant(lease) && now - lease.grantedAt < PACE
    for (const f of edge.flows) {
      const fixed = staticRates.get(f)
      if (fixed) {
        pin(f, Number.isNaN(fixed.confirmed) ? 'OBSERVE' : 'PINNED', fixed.charged, fixed.granted)
        continue
      }
      const safe = plan.safe[f]!
      const bound = leases.boundOf(f)
      // Whatever is granted here is never more than what is charged: a pinned flow takes no part in shrink before grow.
      const kept = Math.min(leases.granted[f]! || safe, bound)
      const seen = toKbps(measured[f]! || 0)
      // Whose limits were lifted when it was heard last may be back by now: by another order, or as its time ran out.
      if (isLifted(reported)) pin(f, 'OBSERVE', isLifted(ordered) ? seen : Math.max(seen, bound, safe), safe)
      else if (liftedThere.has(plan.flows[f]!.record.institution))
        pin(f, 'OBSERVE', stale ? Math.max(seen, bound, safe) : seen, safe)
      else if (isLifted(ordered)) pin(f, 'OBSERVE', bound, kept)
      // Of what is not known yet there is no bound: its links are closed for growth until there is one.
      else if (known && (ordered === 'hold' || isStuck(lease))) pin(f, 'PINNED', bound, kept)
      else if (isOver(lease)) pin(f, 'SAFE', bound, Math.min(safe, bound))
      else if (plan.unreachable.has(f)) pin(f, 'NO_PATH', 0, safe)
      else if (stale || rests) resting.push(f)
      else if (edge.pace === 'paced' && hasGrant(lease)) pins.withheld[f] = Math.max(0, bound - leases.granted[f]!)
    }
  }
  for (const f of fitting(plan, problem, leases, pins, resting)) pin(f, 'PINNED', leases.boundOf(f), leases.granted[f]!)
  return pins
}

const isLifted = (enforcement: Enforcement): boolean => enforcement === 'observe' || enforcement === 'bypass'

/** Of the flows that rest those whose links have room for all that is pinned: the others must be told to shrink. */
function fitting(plan: Plan, problem: Problem, leases: LeaseTable, pins: Pins, resting: readonly number[]): number[] {
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
  const fits = (flow: number): boolean => {
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) {
      if (load[pathLink[q]!]! > plan.links[pathLink[q]!]!.room) return false
    }
    return true
  }
  return resting.filter((f) => leases.granted[f]! > 0 && fits(f))
}

/** Takes pinned flows out of the problem and their charge out of the room; puts back what an earlier tick took out. */
export function applyPins(plan: Plan, problem: Problem, pins: Pins): void {
  plan.links.forEach((link, l) => {
    problem.linkRoom[l] = link.room
  })
  plan.flows.forEach((flow, f) => {
    const charged = pins.charged[f]!
    problem.ceiling[f] = flow.ceiling
    if (!Number.isNaN(charged)) {
      problem.ceiling[f] = 0
      problem.demand[f] = 0
      problem.recent[f] = 0
    }
    const taken = Number.isNaN(charged) ? pins.withheld[f]! : charged
    if (taken === 0) return
    eachHop(problem, f, (l, fraction) => {
      problem.linkRoom[l] = Math.max(0, problem.linkRoom[l]! - fraction * taken * 1_000)
    })
  })
}
