// Pinned flows: what cannot be steered now is charged to its links at what it is, and takes no part in the solve, so
// the others share, max-min fair, what is truly left.
//
//   observe, bypass   nothing is limited there: charged at what was measured
//   hold, refusing    what is in force stays: charged at the most that may be in force
//   lease gone        the edge goes to its safe rates: charged at those
//   no path           nothing flows: charged to no link, told its safe rate

import type { LimitCode } from '../model/explanation.js'
import type { Plan } from '../model/plan.js'
import { MIN_LIFELINE } from '../model/units.js'
import type { EdgeLease } from '../publish/lease-table.js'
import type { Problem } from '../solve/problem.js'

export interface Pins {
  /** kbit/s a pinned flow is charged at; NaN: it is ours to steer. */
  readonly charged: Float64Array
  /** kbit/s a pinned flow is told; unused where it is not pinned. */
  readonly told: Uint32Array
  /** Why it is pinned; null where it is not. */
  readonly reason: (LimitCode | null)[]
}

export function pinFlows(
  plan: Plan,
  leases: ReadonlyMap<string, EdgeLease>,
  measured: Float64Array,
  bound: (flow: number) => number,
): Pins {
  const n = plan.flows.length
  const pins: Pins = {
    charged: new Float64Array(n).fill(Number.NaN),
    told: new Uint32Array(n),
    reason: new Array<LimitCode | null>(n).fill(null),
  }
  const pin = (flow: number, reason: LimitCode, charged: number, told: number): void => {
    pins.charged[flow] = charged
    pins.told[flow] = Math.max(MIN_LIFELINE / 1_000, told)
    pins.reason[flow] = reason
  }
  for (const edge of plan.edges) {
    const lease = leases.get(edge.id)!
    // Enforcement is as strict as the weaker of what was ordered and what the edge says it does.
    const reported = lease.report?.enforcement ?? edge.enforcement
    const ordered = edge.enforcement
    const refusing = lease.report?.refusal?.code === 'DRIVER' || lease.report?.refusal?.code === 'FOREIGN_QDISC'
    for (const f of edge.flows) {
      const safe = plan.safe[f]!
      if (ordered === 'observe' || ordered === 'bypass' || reported === 'observe' || reported === 'bypass')
        pin(f, 'OBSERVE', (measured[f]! || 0) / 1_000, safe)
      else if (lease.expired) pin(f, 'SAFE', safe, safe)
      else if (ordered === 'hold' || refusing) pin(f, 'PINNED', bound(f), bound(f) || safe)
      else if (plan.unreachable.has(f)) pin(f, 'NO_PATH', 0, safe)
    }
  }
  return pins
}

/** Takes pinned flows out of the problem and their charge out of the room; puts back what an earlier tick took out. */
export function applyPins(plan: Plan, problem: Problem, pins: Pins): void {
  plan.links.forEach((link, l) => {
    problem.linkRoom[l] = link.room
  })
  plan.flows.forEach((flow, f) => {
    const charged = pins.charged[f]!
    problem.ceiling[f] = flow.ceiling
    if (Number.isNaN(charged)) return
    problem.ceiling[f] = 0
    problem.demand[f] = 0
    problem.recent[f] = 0
    for (let q = problem.pathStart[f]!; q < problem.pathStart[f + 1]!; q++) {
      const l = problem.pathLink[q]!
      problem.linkRoom[l] = Math.max(0, problem.linkRoom[l]! - problem.pathFraction[q]! * charged * 1_000)
    }
  })
}
