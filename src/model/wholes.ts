// An institution with several edges is told of as a whole: it was promised one guarantee, and misses it or not with all
// its edges together. What one edge's part gets is a matter of the split, not of the promise.

import type { FlowColumns } from './board.js'
import { isOwnLimit } from './explanation.js'
import type { Plan, PlanInstitution } from './plan.js'
import type { BitsPerSecond } from './units.js'

/** Flows of the institution that are one service and direction at its edges; most have one edge. */
export function wholesOf({ flows, families }: Plan, institution: PlanInstitution): (readonly number[])[] {
  return institution.flows.flatMap((f) => {
    const { family } = flows[f]!
    if (family < 0) return [[f]]
    const members = families[family]!.flows
    return members[0] === f ? [members] : []
  })
}

export interface WholeAsked {
  readonly asked: BitsPerSecond
  readonly need: BitsPerSecond
  /** What of the guarantee it asks for. */
  readonly promised: BitsPerSecond
  /** Not by the policy alone: its edges do more than observe, and something else than its own ceiling limits it. */
  readonly isSteered: boolean
}

export function askedBy(plan: Plan, flows: FlowColumns, whole: readonly number[]): WholeAsked {
  const { guarantee, ceiling } = plan.flows[whole[0]!]!
  const sum = (column: Float64Array): number => whole.reduce((total, f) => total + column[f]!, 0)
  const asked = Math.min(sum(flows.demand), ceiling)
  const isSteered = whole.some((f) => {
    const { code } = flows.limitedBy[f]!
    return code !== 'OBSERVE' && !isOwnLimit(code)
  })
  return { asked, need: sum(flows.need), promised: Math.min(asked, guarantee), isSteered }
}

/** The part of a whole that misses most. */
export function worstOf(flows: FlowColumns, whole: readonly number[]): number {
  const unmet = (f: number): number => flows.demand[f]! - flows.need[f]!
  return whole.reduce((a, b) => (unmet(b) > unmet(a) ? b : a))
}
