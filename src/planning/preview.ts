// The preview of a change: both policies under four demands, compared flow by flow, and the policy's tests on both.
//
//   now            what the last tick was asked, under the conditions of the network as they are
//   busyHour       the busiest hour of the last week, from one full working day of record on, or of what was imported
//                  of links (the model held to it); until then the seeded model's, as large as the present policy
//                  makes it: a change of promises is no change of habits
//   allAtCeiling   everyone asks for all they may
//   worstFailure   the same under that failure of the plane's `survive` list in which the present policy keeps least
//
// Pure: two documents and a demand in, an answer out. It runs in a thread of its own and never delays a tick.

import type { Conditions } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import type { BrokenPromise, BusyHourBasis, Impact, LinkShift, Preview, Shift } from '../model/preview.js'
import { isShortOf } from '../model/shortfall.js'
import { conditionsOf } from '../policy/compile/safe.js'
import type { RecordedHour } from '../policy/revisions/draft.js'
import type { Demand, DemandByFlow, Forecast, Outcome } from './forecast.js'
import { byInstitution, institutionsOf } from './institution-sums.js'
import { judgeTests } from './policy-tests.js'

const MOST_LISTED = 1_000
/** Links that carry less of their room than this are nobody's concern. */
const BUSY = 0.8

export interface Present {
  /** What the last tick was asked; null: there was none yet. */
  readonly demand: Demand | null
  readonly conditions: Conditions
  /** Null: none is recorded. */
  readonly busyHour: RecordedHour | null
}

/** @param losing what links would be left with besides, afterwards */
export function previewChange(before: Forecast, after: Forecast, present: Present, losing: Conditions = {}): Preview {
  const spent = before.solveMs + after.solveMs
  const worst = worstFailureOf(before)
  const { demand: now, busyHour: hour } = present
  const compare = (demand: Demand, conditions: Conditions, name?: string): Impact =>
    compareOutcomes(before.under(demand, conditions, name), after.under(demand, both(conditions, losing), name))
  const impact = {
    now: now && compare(now, present.conditions),
    busyHour:
      hour === null
        ? modelledHour(before, after, losing)
        : compare(demandOf(hour, before), {}, `hour ${hour.at} ${hour.slots}`),
    allAtCeiling: compare('ceiling', {}),
    worstFailure: { ...compare('ceiling', worst.conditions), failure: worst.id },
  }
  const tests = judgeTests(before, after)
  const { warnings } = after.intact
  const busyHour: BusyHourBasis = {
    source: hour === null ? 'model' : hour.measured === undefined ? 'recorded' : 'imported',
    from: hour?.at ?? null,
    slots: hour?.slots ?? null,
    timezone: before.document.plane.timezone,
  }
  return { impact, tests, warnings, busyHour, solveMs: before.solveMs + after.solveMs - spent }
}

/** Of an imported hour what the model says, held to what was measured: the same under both policies. */
const demandOf = ({ at, demand, measured }: RecordedHour, before: Forecast): DemandByFlow =>
  measured === undefined ? demand : before.heldTo(at, measured)

/** The least counts. */
const both = (conditions: Conditions, more: Conditions): Conditions => ({
  ...conditions,
  ...Object.fromEntries(Object.entries(more).map(([link, left]) => [link, Math.min(left, conditions[link] ?? 1)])),
})

function modelledHour(before: Forecast, after: Forecast, losing: Conditions): Impact {
  const demand = after.busyHourUnder(before)
  return compareOutcomes(before.under('busy-hour', {}), after.under(demand, losing, `busy hour of ${before.number}`))
}

/** The failure in which the policy keeps least of its promises. */
function worstFailureOf(forecast: Forecast): { id: string | null; conditions: Conditions } {
  let worst: { id: string | null; conditions: Conditions } = { id: null, conditions: {} }
  let least = Number.POSITIVE_INFINITY
  for (const failure of forecast.document.plane.survive) {
    const conditions = conditionsOf(failure)
    const kept = sumOf(forecast.under('ceiling', conditions).kept)
    if (kept >= least) continue
    least = kept
    worst = { id: failure.id, conditions }
  }
  return worst
}

function sumOf(column: Float64Array): number {
  let sum = 0
  for (let at = 0; at < column.length; at++) sum += column[at]!
  return sum
}

/** One row for each flow of an institution, those of a family as one. The same for all policies with these flows. */
interface Layout {
  /** Of each flow; -1: an edge's own traffic. */
  readonly rowOf: Int32Array
  /** Place of the first flow of each row. */
  readonly first: Int32Array
  readonly keys: readonly string[]
  /** Made when it is first asked for. */
  places(): ReadonlyMap<string, number>
}

/** Columns by row, bit/s; `asked`: what of the promise is asked for. */
interface Rows {
  readonly layout: Layout
  readonly need: Float64Array
  readonly kept: Float64Array
  readonly asked: Float64Array
}

const layouts = new WeakMap<Plan['flowIndex'], Layout>()

function layoutOf({ flows, flowIndex }: Plan): Layout {
  const known = layouts.get(flowIndex)
  if (known !== undefined) return known
  const first: number[] = []
  const keys: string[] = []
  let family = -1
  // Flows of a family stand side by side: their ids differ behind the @ alone.
  const rowOf = new Int32Array(flows.length).fill(-1)
  flows.forEach((flow, f) => {
    const isFirst = flow.family < 0 || flow.family !== family
    family = flow.family
    if (flow.kind !== 'institution') return
    if (isFirst) {
      first.push(f)
      keys.push(family < 0 ? flow.id : `${flow.institution}/${flow.service}/${flow.direction}`)
    }
    rowOf[f] = first.length - 1
  })
  let places: ReadonlyMap<string, number> | undefined
  const layout = {
    ...{ rowOf, first: Int32Array.from(first), keys },
    places() {
      places ??= new Map(keys.map((key, row) => [key, row]))
      return places
    },
  }
  layouts.set(flowIndex, layout)
  return layout
}

const guarantees = new WeakMap<Plan['flows'], Float64Array>()

/** By row of the plan's layout, bit/s. */
function guaranteesOf({ flows }: Plan, { first }: Layout): Float64Array {
  const known = guarantees.get(flows)
  if (known !== undefined) return known
  const column = new Float64Array(first.length)
  for (let row = 0; row < first.length; row++) column[row] = flows[first[row]!]!.guarantee
  guarantees.set(flows, column)
  return column
}

const rowsOfOutcome = new WeakMap<Outcome, Rows>()
/** By the demand of an outcome, which many of a policy have in common. */
const askedOfDemand = new WeakMap<Float64Array, Float64Array>()

/** Outcomes are compared again and again: those of the policy in force with every change of it. */
function rowsOf(outcome: Outcome): Rows {
  const known = rowsOfOutcome.get(outcome)
  if (known !== undefined) return known
  const layout = layoutOf(outcome.plan)
  const { rowOf, first } = layout
  const summed = (column: Float64Array): Float64Array => {
    const sums = new Float64Array(first.length)
    for (let f = 0; f < rowOf.length; f++) if (rowOf[f]! >= 0) sums[rowOf[f]!]! += column[f]!
    return sums
  }
  let asked = askedOfDemand.get(outcome.demand)
  if (asked === undefined) {
    const guarantee = guaranteesOf(outcome.plan, layout)
    asked = summed(outcome.demand)
    for (let row = 0; row < asked.length; row++) asked[row] = Math.min(asked[row]!, guarantee[row]!)
    askedOfDemand.set(outcome.demand, asked)
  }
  const rows = { layout, need: summed(outcome.need), kept: summed(outcome.kept), asked }
  rowsOfOutcome.set(outcome, rows)
  return rows
}

/** Compares two outcomes of one demand. What only one of them has (a new institution) is no gain and no loss. */
export function compareOutcomes(before: Outcome, after: Outcome): Impact {
  const was = rowsOf(before)
  const is = rowsOf(after)
  const { keys, first } = is.layout
  const isLaidOutAlike = was.layout === is.layout
  const gainers: Shift[] = []
  const losers: Shift[] = []
  const guaranteesBroken: BrokenPromise[] = []
  for (let row = 0; row < keys.length; row++) {
    const b = isLaidOutAlike ? row : was.layout.places().get(keys[row]!)
    if (b === undefined) continue
    const needBefore = was.need[b]!
    const needAfter = is.need[row]!
    const keptBefore = was.kept[b]!
    const keptAfter = is.kept[row]!
    const loses = isShortOf(needAfter, needBefore) || isShortOf(keptAfter, keptBefore)
    const breaks = isShortOf(keptAfter, is.asked[row]!) && !isShortOf(keptBefore, was.asked[b]!)
    if (!loses && !breaks && !isShortOf(needBefore, needAfter)) continue
    const { institution, service, direction, guarantee } = after.plan.flows[first[row]!]!
    // Spelled out: on a bad day there are thousands.
    const shift = {
      institution,
      service,
      direction,
      before: Math.round(needBefore),
      after: Math.round(needAfter),
      keptBefore: Math.round(keptBefore),
      keptAfter: Math.round(keptAfter),
    }
    if (loses) losers.push(shift)
    else if (isShortOf(needBefore, needAfter)) gainers.push(shift)
    if (breaks) {
      const { keptBefore: before, keptAfter: after } = shift
      guaranteesBroken.push({ institution, service, direction, guarantee, before, after })
    }
  }
  const sizeOf = ({ before, after, keptBefore, keptAfter }: Shift): number =>
    Math.max(Math.abs(after - before), Math.abs(keptAfter - keptBefore))
  const bySize = (a: Shift, b: Shift): number => sizeOf(b) - sizeOf(a)
  const institutions = {
    gainers: byInstitution(gainers),
    losers: byInstitution(losers),
    guaranteesBroken: institutionsOf(guaranteesBroken),
  }
  return {
    failure: null,
    gainers: gainers.sort(bySize).slice(0, MOST_LISTED),
    losers: losers.sort(bySize).slice(0, MOST_LISTED),
    guaranteesBroken: guaranteesBroken.slice(0, MOST_LISTED),
    links: linkShifts(before, after),
    institutions,
    totals: {
      gainers: institutions.gainers.length,
      losers: institutions.losers.length,
      guaranteesBroken: institutions.guaranteesBroken.length,
    },
  }
}

/** Shared links on which something changes and that are busy in either case. */
function linkShifts(before: Outcome, after: Outcome): LinkShift[] {
  const links = before.plan.links
  const shifts: LinkShift[] = []
  after.plan.links.forEach(({ id, kind, room }, l) => {
    if (kind === 'access') return
    const b = links[l]?.id === id ? l : links.findIndex((link) => link.id === id)
    if (b < 0) return
    const was = before.linkNeed[b]!
    const is = after.linkNeed[l]!
    const busy = Math.max(was, is) > BUSY * room
    if (!busy || !(isShortOf(is, was) || isShortOf(was, is) || before.full[b] !== after.full[l])) return
    shifts.push({ id, usable: room, before: Math.round(was), after: Math.round(is), full: after.full[l] === 1 })
  })
  return shifts
}
