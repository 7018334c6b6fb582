// The preview of a change: both policies under four demands, compared flow by flow, and the policy's tests on both.
//
//   now            what the last tick was asked, under the conditions of the network as they are
//   busyHour       the busiest hour; until one is recorded, the seeded model's
//   allAtCeiling   everyone asks for all they may
//   worstFailure   the same under that failure of the plane's `survive` list in which the present policy keeps least
//
// Pure: two documents and a demand in, an answer out. It runs in a thread of its own and never delays a tick.

import type { Conditions } from '../model/network.js'
import type { Plan, PlanFlow } from '../model/plan.js'
import type { BrokenPromise, Impact, LinkShift, Preview, Shift } from '../model/preview.js'
import { conditionsOf } from '../policy/safe.js'
import type { Demand, DemandByFlow, Forecast, Outcome } from './forecast.js'
import { judgeTests } from './policy-tests.js'

/** A change below this part, or below 64 kbit/s, is nobody's loss. */
const PART = 0.01
const LEAST = 64_000
const MOST_LISTED = 1_000
/** Links that carry less of their room than this are nobody's concern. */
const BUSY = 0.8

export interface Present {
  /** What the last tick was asked; null: there was none yet. */
  readonly demand: DemandByFlow | null
  readonly conditions: Conditions
}

export function previewChange(before: Forecast, after: Forecast, present: Present): Preview {
  const spent = before.solveMs + after.solveMs
  const worst = worstFailureOf(before)
  const compare = (demand: Demand, conditions: Conditions, failure: string | null = null): Impact =>
    compareOutcomes(before.under(demand, conditions), after.under(demand, conditions), failure)
  const impact = {
    now: present.demand === null ? null : compare(present.demand, present.conditions),
    busyHour: compare('busy-hour', {}),
    allAtCeiling: compare('ceiling', {}),
    worstFailure: compare('ceiling', worst.conditions, worst.id),
  }
  const tests = judgeTests(before, after)
  const { warnings } = after.intact
  return { impact, tests, warnings, busyHourSource: 'model', solveMs: before.solveMs + after.solveMs - spent }
}

/** The failure in which the policy keeps least of its promises. */
function worstFailureOf(forecast: Forecast): { id: string | null; conditions: Conditions } {
  let worst: { id: string | null; conditions: Conditions } = { id: null, conditions: {} }
  let least = Number.POSITIVE_INFINITY
  for (const failure of forecast.document.plane.survive) {
    const conditions = conditionsOf(failure)
    const kept = forecast.under('ceiling', conditions).kept.reduce((sum, amount) => sum + amount, 0)
    if (kept >= least) continue
    least = kept
    worst = { id: failure.id, conditions }
  }
  return worst
}

/** A flow, or the flows of a family as one. bit/s. */
interface Row {
  readonly flow: PlanFlow
  need: number
  kept: number
  /** What of the promise is asked for. */
  asked: number
}

const rowsOfOutcome = new WeakMap<Outcome, ReadonlyMap<string, Row>>()

/** Outcomes are compared again and again: those of the policy in force with every change of it. */
function rowsOf(outcome: Outcome): ReadonlyMap<string, Row> {
  const known = rowsOfOutcome.get(outcome)
  if (known !== undefined) return known
  const { plan, demand, need, kept } = outcome
  const rows = new Map<string, Row>()
  for (const [f, flow] of plan.flows.entries()) {
    if (flow.kind !== 'institution') continue
    const key = `${flow.institution}/${flow.service}/${flow.direction}`
    const row = rows.get(key) ?? { flow, need: 0, kept: 0, asked: 0 }
    row.need += need[f]!
    row.kept += kept[f]!
    row.asked += demand[f]!
    rows.set(key, row)
  }
  for (const row of rows.values()) row.asked = Math.min(row.asked, row.flow.guarantee)
  rowsOfOutcome.set(outcome, rows)
  return rows
}

const falls = (before: number, after: number): boolean => before - after > Math.max(PART * before, LEAST)

/** Compares two outcomes of one demand. What only one of them has (a new institution) is no gain and no loss. */
export function compareOutcomes(before: Outcome, after: Outcome, failure: string | null): Impact {
  const then = rowsOf(before)
  const gainers: Shift[] = []
  const losers: Shift[] = []
  const guaranteesBroken: BrokenPromise[] = []
  for (const [key, row] of rowsOf(after)) {
    const was = then.get(key)
    if (was === undefined) continue
    const { institution, service, direction, guarantee } = row.flow
    const who = { institution, service, direction }
    const shift = { ...who, before: Math.round(was.need), after: Math.round(row.need) }
    if (falls(was.need, row.need) || falls(was.kept, row.kept)) losers.push(shift)
    else if (falls(row.need, was.need)) gainers.push(shift)
    if (falls(row.asked, row.kept) && !falls(was.asked, was.kept)) {
      const kept = { before: Math.round(was.kept), after: Math.round(row.kept) }
      guaranteesBroken.push({ ...who, guarantee, ...kept })
    }
  }
  const bySize = (a: Shift, b: Shift): number => Math.abs(b.after - b.before) - Math.abs(a.after - a.before)
  return {
    failure,
    gainers: gainers.sort(bySize).slice(0, MOST_LISTED),
    losers: losers.sort(bySize).slice(0, MOST_LISTED),
    guaranteesBroken: guaranteesBroken.slice(0, MOST_LISTED),
    links: linkShifts(before, after),
    totals: {
      gainers: countInstitutions(gainers),
      losers: countInstitutions(losers),
      guaranteesBroken: countInstitutions(guaranteesBroken),
    },
  }
}

/** Shared links on which something changes and that are busy in either case. */
function linkShifts(before: Outcome, after: Outcome): LinkShift[] {
  const places = new Map(before.plan.links.map(({ id }, l) => [id, l]))
  return after.plan.links.flatMap(({ id, kind, room }, l): LinkShift[] => {
    const b = places.get(id)
    if (b === undefined || kind === 'access') return []
    const [was, is] = [before.linkNeed[b]!, after.linkNeed[l]!]
    const busy = Math.max(was, is) > BUSY * room
    if (!busy || !(falls(was, is) || falls(is, was) || before.full[b] !== after.full[l])) return []
    return [{ id, usable: room, before: Math.round(was), after: Math.round(is), full: after.full[l] === 1 }]
  })
}

const countInstitutions = (rows: readonly { readonly institution: string }[]): number =>
  new Set(rows.map(({ institution }) => institution)).size

/** The name of the link at which a flow's need ended; null: at its own bound. */
export function bottleneckOf({ plan, stoppedBy }: { plan: Plan; stoppedBy: Int32Array }, flow: number): string | null {
  return plan.links[stoppedBy[flow]!]?.id ?? null
}
