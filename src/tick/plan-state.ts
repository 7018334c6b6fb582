// What lives as long as a plan: the plan with its arenas, and everything that is kept in its rows and columns. A new
// plan takes over what the old one knew, by the ids of flows.

import { DemandTable } from '../demand/table.js'
import type { Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { LeaseTable } from '../publish/lease-table.js'
import { type QuietScratch, quietScratch } from '../publish/quiet.js'
import { ClassSplit } from './class-split.js'
import type { PlanInForce } from './planner.js'

export interface PlanState extends PlanInForce {
  readonly demand: DemandTable
  readonly leases: LeaseTable
  readonly classes: ClassSplit
  readonly scratch: QuietScratch
  /** What the tick decided, kbit/s by flow. */
  readonly rates: Uint32Array
  /** What may be granted of it now, kbit/s by flow. */
  readonly granted: Uint32Array
}

/** The state of a new plan: what the old one knows is taken over. */
export function planStateOf(inForce: PlanInForce, old: PlanState | null, last: Serial, now: Milliseconds): PlanState {
  const { plan, whole, problems, profiles, staticRates, drained, lone } = inForce
  const [problem] = problems
  const demand = new DemandTable(plan, problem)
  if (old) demand.inherit(old.demand)
  const leases = old ? LeaseTable.successor(old.leases, plan, problem, last, now) : new LeaseTable(plan, problem, now)
  // Nobody has to speak there before it is known what may be in force.
  for (const { id, pace } of plan.edges) if (pace === 'static') leases.assumeKnown(id)
  // Added and not spread: what is spread has a form of its own in memory, for which nothing is compiled yet.
  const known = { plan, whole, problems, profiles, staticRates, drained, lone }
  return Object.assign(known, {
    ...{ demand, leases, classes: new ClassSplit(plan), scratch: quietScratch(problem) },
    rates: new Uint32Array(plan.flows.length),
    granted: new Uint32Array(plan.flows.length),
  })
}
