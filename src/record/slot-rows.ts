// From what was gathered to the rows of both tables: in the archive's thread, for a nation has a hundred thousand
// values. What names the rows is read from the plan as it is kept beside them.

import { gunzipSync } from 'node:zlib'
import type { Plan } from '../model/plan.js'
import { toKbps } from '../model/units.js'
import { createSolver, type Solver } from '../solve/solve.js'
import type { Part } from './archive.js'
import type { Gathered, WorstMoment } from './gathering.js'
import { type KeptPlan, problemOf, readKeptPlan } from './moment.js'
import type { FlowRows, LinkRows } from './tables.js'

/** A part of a slot, on its way to the archive. */
export interface GatheredPart {
  readonly gathered: Gathered
  readonly plan: Part['plan']
  /** By edge. */
  readonly enforcement: ReadonlyMap<string, string>
}

export function partOf({ gathered, plan: kept, enforcement }: GatheredPart): Part {
  const known = readKeptPlan(gunzipSync(kept.packed))
  const { slot, worst } = gathered
  const { at, inForce } = worst
  const flows = flowRows(gathered, known.plan, kept.name, enforcement, wouldGive(known, worst))
  return { slot, plan: kept, at, inForce, flows, links: linkRows(gathered, known.plan, kept.name) }
}

/** By shape: one is made when somebody is first observed, and serves until there are more flows or fewer. */
let solver: Solver | null = null

/**
 * bit/s that enforcing would have given those who are only observed, at the worst moment, by flow; NaN: it is enforced.
 * Null: everything is.
 */
function wouldGive(kept: KeptPlan, { moment, limits }: WorstMoment): Float64Array | null {
  const observed = (f: number): boolean => limits[f] === 'OBSERVE'
  if (!limits.includes('OBSERVE')) return null
  const problem = problemOf(kept, moment, observed)
  if (!solver?.isReadyFor(problem)) solver = createSolver(problem.shape)
  solver.solve(problem)
  return problem.need.map((need, f) => (observed(f) ? need : Number.NaN))
}

function flowRows(
  { slot, seconds, flows: sum, worst }: Gathered,
  plan: Plan,
  name: string,
  enforcement: ReadonlyMap<string, string>,
  would: Float64Array | null,
): FlowRows {
  const { moment } = worst
  const n = plan.flows.length
  const mean = (of: Float64Array): number[] => column(n, (f) => meanOver(of[f]!, seconds) ?? 0)
  return {
    slot: column(n, () => slot),
    seconds: column(n, () => Math.round(seconds)),
    revision: column(n, () => plan.revision),
    plan: column(n, () => name),
    m_at: column(n, () => worst.at),
    flow: column(n, (f) => plan.flows[f]!.id),
    enforcement: column(n, (f) => enforcement.get(plan.flows[f]!.edge) ?? 'enforce'),
    asked: mean(sum.asked),
    demand: column(n, (f) => meanOver(sum.demand[f]!, sum.heard[f]!)),
    need: mean(sum.need),
    rate: mean(sum.rate),
    arrived: column(n, (f) => meanOver(sum.arrived[f]!, sum.heard[f]!)),
    carried: column(n, (f) => meanOver(sum.carried[f]!, sum.heard[f]!)),
    heard: column(n, (f) => wholeSeconds(sum.heard[f]!)),
    unmet: mean(sum.unmet),
    promised: mean(sum.promised),
    claimed: mean(sum.claimed),
    // Whoever lacked anything lacked something.
    lacked: column(n, (f) => (sum.lacked[f]! > 0 ? Math.max(1, meanOver(sum.lacked[f]!, seconds) ?? 0) : 0)),
    below_guarantee_s: column(n, (f) => wholeSeconds(sum.below[f]!)),
    at_ceiling_s: column(n, (f) => Math.round(sum.full[f]!)),
    would: column(n, (f) => (would === null || Number.isNaN(would[f]!) ? null : kbps(would[f]!))),
    m_limit: column(n, (f) => worst.limits[f]!),
    m_asked: column(n, (f) => moment.asked[f]!),
    m_recent: column(n, (f) => moment.recent[f]!),
    m_phi: column(n, (f) => moment.phi[f]!),
    m_charged: column(n, (f) => (Number.isNaN(moment.charged[f]!) ? null : moment.charged[f]!)),
    m_need: column(n, (f) => worst.need[f]!),
    m_rate: column(n, (f) => worst.kbps[f]!),
    m_told: column(n, (f) => Math.round(toKbps(worst.told[f]!))),
  }
}

function linkRows({ slot, seconds, links: sum, worst }: Gathered, plan: Plan, name: string): LinkRows {
  const n = plan.links.length
  const mean = (of: Float64Array): number[] => column(n, (l) => meanOver(of[l]!, seconds) ?? 0)
  /** What a link's own counter says, where there is one; what edges say otherwise. */
  const carried = (l: number): number | null =>
    meanOver(sum.counter[l]!, sum.counted[l]!) ?? meanOver(sum.carried[l]!, sum.heard[l]!)
  return {
    slot: column(n, () => slot),
    seconds: column(n, () => Math.round(seconds)),
    revision: column(n, () => plan.revision),
    plan: column(n, () => name),
    m_at: column(n, () => worst.at),
    link: column(n, (l) => plan.links[l]!.id),
    state: column(n, (l) => plan.links[l]!.state),
    capacity: column(n, (l) => kbps(plan.links[l]!.capacity)),
    need_load: mean(sum.needLoad),
    load: mean(sum.load),
    arrived: column(n, (l) => meanOver(sum.arrived[l]!, sum.heard[l]!)),
    carried: column(n, carried),
    heard: column(n, (l) => wholeSeconds(sum.counted[l]! > 0 ? sum.counted[l]! : sum.heard[l]!)),
    measured_by: column(n, (l) => (sum.counted[l]! > 0 ? 'counter' : 'edges')),
    unmet: mean(sum.unmet),
    short_s: column(n, (l) => Math.round(sum.short[l]!)),
    m_room: column(n, (l) => worst.moment.room[l]!),
  }
}

const meanOver = (sum: number, seconds: number): number | null => (seconds > 0 ? kbps(sum / seconds) : null)
/** Whole seconds; of what there was at all there is one at least. */
const wholeSeconds = (seconds: number): number => (seconds > 0 ? Math.max(1, Math.round(seconds)) : 0)
const kbps = (bitsPerSecond: number): number => Math.round(toKbps(bitsPerSecond))

function column<T>(length: number, of: (row: number) => T): T[] {
  const values: T[] = []
  for (let row = 0; row < length; row++) values.push(of(row))
  return values
}
