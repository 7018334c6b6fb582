// An institution with several edges is told of as a whole: it was promised one guarantee, and misses it or not with all
// its edges together. What one edge's part gets is a matter of the split, not of the promise.

import type { FlowColumns } from './board.js'
import { isOwnLimit } from './explanation.js'
import type { Plan, PlanInstitution } from './plan.js'
import type { BitsPerSecond } from './units.js'

/** By the flows of the plan: the same for as long as they are. */
const known = new WeakMap<Plan['flows'], Map<PlanInstitution, readonly (readonly number[])[]>>()

/** Flows of the institution that are one service and direction at its edges; most have one edge. */
export function wholesOf({ flows, families }: Plan, institution: PlanInstitution): readonly (readonly number[])[] {
  const ofPlan = known.get(flows) ?? new Map<PlanInstitution, readonly (readonly number[])[]>()
  known.set(flows, ofPlan)
  const wholes =
    ofPlan.get(institution) ??
    institution.flows.flatMap((f) => {
      const { family } = flows[f]!
      if (family < 0) return [[f]]
      const members = families[family]!.flows
      return members[0] === f ? [members] : []
    })
  ofPlan.set(institution, wholes)
  return wholes
}

/** Not by the policy alone: its edges do more than observe, and something else than its own ceiling limits it. */
export function isSteered({ limitedBy }: FlowColumns, whole: readonly number[]): boolean {
  for (const f of whole) {
    const { code } = limitedBy[f]!
    if (code !== 'OBSERVE' && !isOwnLimit(code)) return true
  }
  return false
}

export interface WholeAsked {
  readonly asked: BitsPerSecond
  readonly need: BitsPerSecond
  /** What of the guarantee it asks for; an estimate where the demand is one. */
  readonly promised: BitsPerSecond
  /** What of that was seen to be asked; all of it where packets wait. Who has less is below the guarantee. */
  readonly claimed: BitsPerSecond
}

/** What of the flow's demand is no estimate. */
export const seenOf = ({ demand, atLeast, waits }: Seen, flow: number): BitsPerSecond =>
  waits[flow] === 1 ? demand[flow]! : atLeast[flow]!

type Seen = Pick<FlowColumns, 'demand' | 'atLeast' | 'waits'>

export function askedBy(plan: Plan, flows: FlowColumns, whole: readonly number[]): WholeAsked {
  const { guarantee, ceiling } = plan.flows[whole[0]!]!
  let [demand, seen, need] = [0, 0, 0]
  let waits = false
  for (const f of whole) {
    demand += flows.demand[f]!
    seen += flows.atLeast[f]!
    need += flows.need[f]!
    waits ||= flows.waits[f] === 1
  }
  const asked = Math.min(demand, ceiling)
  const promised = Math.min(asked, guarantee)
  return { asked, need, promised, claimed: waits ? promised : Math.min(seen, promised) }
}

/** The part of a whole that misses most; of several the first. Who is charged more than it asks misses nothing. */
export function worstOf(flows: Pick<FlowColumns, 'demand' | 'need'>, whole: readonly number[]): number {
  const unmet = (f: number): number => Math.max(0, Math.round(flows.demand[f]!) - Math.round(flows.need[f]!))
  return whole.reduce((a, b) => (unmet(b) > unmet(a) ? b : a))
}
