// A month of the record as series: of the lines of each contract, and of what each institution carried in the services
// that a contract carries. The days are read once, whatever the number of contracts; of several billing months the
// widest span. Beside it what each institution asked, got and missed, for its statement.

import { DAY, type UnixMilliseconds } from '../model/units.js'
import type { Archive } from '../record/archive.js'
import {
  ABSENT,
  type Carried,
  type DayUsage,
  HALF_HOUR,
  HALVES_A_DAY,
  SLOTS_A_DAY,
  usageOfDay,
} from '../record/usage.js'
import { type BillingMonth, SLOT, slotsIn } from './billing-month.js'
import type { Directions } from './month.js'
import { GAP, type Series, sumOf } from './percentile.js'

export interface WantedSeries {
  readonly month: BillingMonth
  /** Directed links whose sum is wanted. */
  readonly links: Directions<readonly string[]>
  readonly services: readonly string[]
  /** Whose series are wanted; null: of everybody. */
  readonly only: ReadonlySet<string> | null
}

export interface ReadSeries {
  readonly carried: Directions<Series>
  /** By institution. */
  readonly payers: ReadonlyMap<string, Directions<Series>>
}

/** What became of an institution in the month. */
export interface Served {
  /** Slots of the month in which it was seen. */
  slots: number
  /** kbit over the month, of all its flows. */
  asked: number
  need: number
  carried: number
  unmet: number
  /** Seconds that were seen, and those in which one of its flows at least was below its guarantee. */
  seconds: number
  below: number
  /** Seconds below, of all flows, by what held them. */
  readonly causes: Map<string, number>
}

const empty = (slots: number): Series => ({
  means: new Int32Array(slots).fill(GAP),
  seconds: new Uint16Array(slots),
})
const both = (slots: number): Directions<Series> => ({ down: empty(slots), up: empty(slots) })

/** Days in which the span lies, by their start. */
function daysOf({ from, before }: Pick<BillingMonth, 'from' | 'before'>): UnixMilliseconds[] {
  const first = from - (from % DAY)
  return Array.from({ length: Math.ceil((before - first) / DAY) }, (_, k) => first + k * DAY)
}

/** @param whole the month of the statements */
export async function readSeries(
  archive: Archive,
  wanted: readonly WantedSeries[],
  whole: BillingMonth,
): Promise<{ series: ReadSeries[]; served: Map<string, Served> }> {
  const spans = [whole, ...wanted.map(({ month }) => month)]
  const span = {
    from: Math.min(...spans.map(({ from }) => from)),
    before: Math.max(...spans.map(({ before }) => before)),
  }
  // Contracts of one month and the same services share what was read of institutions.
  const shared = new Map<string, Map<string, Directions<Series>>>()
  const readers = wanted.map((want) => {
    const key = JSON.stringify([want.month.from, want.month.before, want.services, want.only && [...want.only]])
    const isFirst = !shared.has(key)
    const payers = shared.get(key) ?? new Map<string, Directions<Series>>()
    shared.set(key, payers)
    const lines = new Map([...want.links.down, ...want.links.up].map((id) => [id, empty(slotsIn(want.month))]))
    return { want, payers, isFirst, lines }
  })
  const served = new Map<string, Served>()
  for (const day of daysOf(span)) {
    const usage = await usageOfDay(archive, day)
    for (const { want, payers, isFirst, lines } of readers) {
      takeLinks(usage.links, day, want, lines)
      if (isFirst) takeFlows(usage.flows, day, want, payers)
    }
    takeServed(usage.flows, day, whole, served)
  }
  const series = readers.map(({ want, payers, lines }) => {
    const sum = (way: 'down' | 'up'): Series =>
      sumOf(
        want.links[way].map((id) => lines.get(id)!),
        slotsIn(want.month),
      )
    return { carried: { down: sum('down'), up: sum('up') }, payers }
  })
  return { series, served }
}

/** Slots of a day that lie in the month, and what makes of one the slot of the month. */
function slotsOf(day: UnixMilliseconds, month: BillingMonth): { first: number; end: number; shift: number } {
  const shift = (day - month.from) / SLOT
  return { first: Math.max(0, -shift), end: Math.min(SLOTS_A_DAY, slotsIn(month) - shift), shift }
}

function takeLinks(
  { ids, means, seconds }: Carried,
  day: UnixMilliseconds,
  { month }: WantedSeries,
  lines: ReadonlyMap<string, Series>,
): void {
  const { first, end, shift } = slotsOf(day, month)
  for (const [row, id] of ids.entries()) {
    const to = lines.get(id)
    if (to === undefined) continue
    for (let slot = first; slot < end; slot++) {
      const mean = means[row * SLOTS_A_DAY + slot]!
      to.means[slot + shift] = mean < 0 ? GAP : mean
      to.seconds[slot + shift] = seconds[row * SLOTS_A_DAY + slot]!
    }
  }
}

function takeFlows(
  { ids, means, seconds }: Carried,
  day: UnixMilliseconds,
  { month, services, only }: WantedSeries,
  payers: Map<string, Directions<Series>>,
): void {
  const { first, end, shift } = slotsOf(day, month)
  for (const [row, id] of ids.entries()) {
    const [institution = '', service = '', way = ''] = id.split('@', 1)[0]!.split('/')
    if (!services.includes(service) || (only !== null && !only.has(institution))) continue
    const of = payers.get(institution) ?? both(slotsIn(month))
    payers.set(institution, of)
    const to = way === 'up' ? of.up : of.down
    for (let slot = first; slot < end; slot++) {
      const at = slot + shift
      const mean = means[row * SLOTS_A_DAY + slot]!
      if (mean === ABSENT) continue
      // Of several flows of one institution all that there were must have been heard.
      const isFirst = to.seconds[at] === 0
      if (mean < 0) to.means[at] = GAP
      else if (isFirst) to.means[at] = mean
      else if (to.means[at] !== GAP) to.means[at]! += mean
      to.seconds[at] = Math.max(1, to.seconds[at]!, seconds[row * SLOTS_A_DAY + slot]!)
    }
  }
}

function sumFor(served: Map<string, Served>, institution: string): Served {
  const known = served.get(institution)
  if (known !== undefined) return known
  const none = { slots: 0, asked: 0, need: 0, carried: 0, unmet: 0, seconds: 0, below: 0 }
  const made: Served = { ...none, causes: new Map() }
  served.set(institution, made)
  return made
}

function takeServed(
  flows: DayUsage['flows'],
  day: UnixMilliseconds,
  whole: BillingMonth,
  served: Map<string, Served>,
): void {
  const { first, end } = slotsOf(day, whole)
  const rows = new Map<string, number[]>()
  for (const [row, limit, half, seconds] of flows.causes) {
    const at = day + half * HALF_HOUR
    if (at < whole.from || at >= whole.before) continue
    const { causes } = sumFor(served, flows.ids[row]!.split('/', 1)[0]!)
    causes.set(limit, (causes.get(limit) ?? 0) + seconds)
  }
  for (const [row, id] of flows.ids.entries()) {
    const institution = id.split('/', 1)[0]!
    const own = rows.get(institution)
    if (own) own.push(row)
    else rows.set(institution, [row])
  }
  for (const [institution, own] of rows) {
    const sum = sumFor(served, institution)
    for (let slot = first; slot < end; slot++) {
      let [seconds, below] = [0, 0]
      for (const row of own) {
        const at = row * SLOTS_A_DAY + slot
        seconds = Math.max(seconds, flows.seconds[at]!)
        below = Math.max(below, flows.below[at]!)
        if (flows.means[at]! >= 0) sum.carried += flows.means[at]! * flows.seconds[at]!
      }
      if (seconds > 0) sum.slots++
      sum.seconds += Math.max(seconds, below)
      sum.below += below
    }
    const isIn = (half: number): boolean =>
      day + half * HALF_HOUR >= whole.from && day + half * HALF_HOUR < whole.before
    for (const row of own) {
      for (let half = 0; half < HALVES_A_DAY; half++) {
        if (!isIn(half)) continue
        for (const name of ['asked', 'need', 'unmet'] as const) sum[name] += flows[name][row * HALVES_A_DAY + half]!
      }
    }
  }
}
