// What lives as long as a plan: the plan with its arenas, and everything that is kept in its rows and columns. A new
// plan takes over what the old one knew, by the ids of flows.

import { DemandTable } from '../demand/table.js'
import type { Serial } from '../model/lease.js'
import type { Plan } from '../model/plan.js'
import type { Milliseconds } from '../model/units.js'
import { LeaseTable } from '../publish/lease-table.js'
import { type QuietScratch, quietScratch } from '../publish/quiet.js'
import type { InPieces } from '../runtime/pieces.js'
import { ClassSplit } from './class-split.js'
import type { PlanInForce } from './planner.js'

/** bit/s, as the plan says, in the order in which they are looked at. */
export interface PlanColumns {
  /** By flow. */
  readonly ceilings: Float64Array
  /** By link. */
  readonly rooms: Float64Array
}

interface Room extends PlanInForce, PlanColumns {
  readonly demand: DemandTable
  readonly classes: ClassSplit
  readonly scratch: QuietScratch
  /** What the tick decided, kbit/s by flow. */
  readonly rates: Uint32Array
  /** What may be granted of it now, kbit/s by flow. */
  readonly granted: Uint32Array
  /** 1: down, 0: up; as the plan says, by flow. */
  readonly isDown: Uint8Array
  /** What is in force now as far as is known, kbit/s by flow. */
  readonly enforced: Float64Array
}

export interface PlanState extends Room {
  readonly leases: LeaseTable
}

/** What the state of a new plan is kept in, while nothing is known yet. */
export function* roomFor(inForce: PlanInForce): InPieces<Room> {
  const { plan, whole, problems, profiles, staticRates, drained, lone } = inForce
  const [problem] = problems
  const demand = new DemandTable(plan, problem)
  yield
  // Added and not spread: what is spread has a form of its own in memory, for which nothing is compiled yet.
  const known = { plan, whole, problems, profiles, staticRates, drained, lone }
  return Object.assign(known, {
    ...{ demand, classes: new ClassSplit(plan), scratch: quietScratch(problem) },
    rates: new Uint32Array(plan.flows.length),
    granted: new Uint32Array(plan.flows.length),
    ...columnsOf(plan),
    enforced: new Float64Array(plan.flows.length),
  })
}

function columnsOf({ flows, links }: Plan): PlanColumns & Pick<Room, 'isDown'> {
  const ceilings = new Float64Array(flows.length)
  const isDown = new Uint8Array(flows.length)
  for (let f = 0; f < flows.length; f++) {
    ceilings[f] = flows[f]!.ceiling
    isDown[f] = flows[f]!.direction === 'down' ? 1 : 0
  }
  return { ceilings, rooms: Float64Array.from(links, ({ room }) => room), isDown }
}

/** The state of a new plan: what the old one knows is taken over, all of it at one time. */
export function planStateOf(room: Room, old: PlanState | null, last: Serial, now: Milliseconds): PlanState {
  const { plan, problems, demand } = room
  const [problem] = problems
  if (old) demand.inherit(old.demand)
  const leases = old ? LeaseTable.successor(old.leases, plan, problem, last, now) : new LeaseTable(plan, problem, now)
  // Nobody has to speak there before it is known what may be in force.
  for (const { id, pace } of plan.edges) if (pace === 'static') leases.assumeKnown(id)
  return Object.assign(room, { leases })
}
