// Explaining the past: the moment of any recorded five minutes is solved again, from the plan that held, what was asked
// and what room there was, and must give the very numbers that were recorded. What is explained is the moment at which
// most was missing: that is the one people ask about.

import type { CauseInForce } from '../model/in-force.js'
import type { Plan } from '../model/plan.js'
import { SLOT, slotOf, type UnixMilliseconds } from '../model/units.js'
import { MizaniError } from '../runtime/errors.js'
import type { Problem } from '../solve/problem.js'
import type { ArchivePort } from './archive-thread.js'
import { type KeptPlan, type Moment, problemOf, readKeptPlan } from './moment.js'
import type { FlowRows, LinkRows } from './tables.js'

export interface PastMoment {
  readonly plan: Plan
  /** Solved. */
  readonly problem: Problem
  readonly at: UnixMilliseconds
  readonly moment: Moment
  /** As recorded, by flow of the plan: need and rate in bit/s, all others in kbit/s. */
  readonly need: Float64Array
  readonly rate: Float64Array
  readonly told: Float64Array
  readonly arrived: Float64Array
  readonly carried: Float64Array
  readonly limits: readonly string[]
  /** What was in force then; null: that was not recorded. */
  readonly inForce: readonly CauseInForce[] | null
  /** Flows whose answer now is not the recorded one; empty, or something is wrong with this program. */
  readonly differing: readonly number[]
}

export type Solve = (problem: Problem) => Promise<unknown>

/**
 * The recorded moment of the five minutes that hold `at`.
 * @throws MizaniError NOT_FOUND for a gap, a time before the record, or the five minutes still open.
 */
export async function momentAt(archive: ArchivePort, solve: Solve, at: UnixMilliseconds): Promise<PastMoment> {
  const slot = slotOf(at)
  const asked = { from: slot, before: slot + SLOT }
  const [flows, links] = await Promise.all([archive.readFlows(asked), archive.readLinks(asked)])
  const part = partNearest(flows, at)
  if (part === null)
    throw new MizaniError({
      code: 'NOT_FOUND',
      remedy: 'drop',
      message: `Nothing is recorded for the five minutes from ${new Date(slot).toISOString()}.`,
      advice: 'The five minutes that are under way are recorded when they end.',
    })
  const kept = readKeptPlan(await archive.readPlan(slot, part.plan))
  return { ...(await again(kept, solve, part.at, flows, links)), inForce: await archive.readInForce(slot, part.at) }
}

/** Of several parts of a slot, the one whose moment is nearest. */
function partNearest({ m_at, plan }: FlowRows, at: UnixMilliseconds): { at: UnixMilliseconds; plan: string } | null {
  let best = -1
  for (let i = 0; i < m_at.length; i++) if (best < 0 || Math.abs(m_at[i]! - at) < Math.abs(m_at[best]! - at)) best = i
  return best < 0 ? null : { at: m_at[best]!, plan: plan[best]! }
}

async function again(
  kept: KeptPlan,
  solve: Solve,
  at: UnixMilliseconds,
  flows: FlowRows,
  links: LinkRows,
): Promise<Omit<PastMoment, 'inForce'>> {
  const { plan } = kept
  const rowOf = rowsAt(flows.flow, flows.m_at, at)
  const column = (values: readonly (number | null)[]): Float64Array =>
    Float64Array.from(plan.flows, ({ id }) => values[rowOf.get(id)!] ?? Number.NaN)
  const linkRow = rowsAt(links.link, links.m_at, at)
  const room = Float64Array.from(plan.links, (link) => links.m_room[linkRow.get(link.id)!] ?? link.room)
  const moment: Moment = {
    asked: column(flows.m_asked),
    recent: column(flows.m_recent),
    phi: column(flows.m_phi),
    charged: column(flows.m_charged),
    room,
  }
  const problem = problemOf(kept, moment)
  await solve(problem)
  const need = column(flows.m_need)
  const rate = column(flows.m_rate)
  const differing = plan.flows.flatMap((_, f) =>
    Number.isNaN(moment.charged[f]!) && (problem.need[f] !== need[f] || problem.kbps[f] !== rate[f]) ? [f] : [],
  )
  const limits = plan.flows.map(({ id }) => flows.m_limit[rowOf.get(id)!] ?? 'DEMAND')
  const told = column(flows.m_told)
  const heard = { arrived: column(flows.arrived), carried: column(flows.carried) }
  return { plan, problem, at, moment, need, rate, told, ...heard, limits, differing }
}

/** Row of each subject at that moment. */
function rowsAt(subject: readonly string[], at: readonly number[], moment: number): Map<string, number> {
  const rows = new Map<string, number>()
  for (let i = 0; i < subject.length; i++) if (at[i] === moment) rows.set(subject[i]!, i)
  return rows
}
