// A month of the record as series: of the lines of each contract, and of what each institution carried in the services
// that a contract carries. The days are read once, whatever the number of contracts; of several billing months the
// widest span. Beside it what each institution asked, got and missed, for its statement.

import { DAY, SLOT, type UnixMilliseconds } from '../model/units.js'
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
import { type BillingMonth, slotsIn } from './billing-month.js'
import type { Directions } from './month.js'
import { GAP, type Kbps, NOT_THERE, type Series, sumOf } from './percentile.js'

/** Stretches of time. */
export type Spans = readonly Pick<BillingMonth, 'from' | 'before'>[]

export interface WantedSeries {
  readonly month: BillingMonth
  /** Directed links whose sum is wanted. */
  readonly links: Directions<readonly string[]>
  readonly services: readonly string[]
  /** When the policy had each line: outside of it a line that is not recorded is no gap. Absent: always. */
  readonly there?: ReadonlyMap<string, Spans>
  /** Whose series are wanted; null: of everybody. */
  readonly only: ReadonlySet<string> | null
}

export interface ReadSeries {
  readonly carried: Directions<Series>
  /** Links of which nothing at all was recorded. */
  readonly silent: readonly string[]
  /** By institution. */
  readonly payers: ReadonlyMap<string, Directions<Series>>
  readonly asked: Asked
}

/** What all payers asked together. */
interface Asked {
  /** kbit. */
  down: number
  up: number
  /** Seconds in which anything was recorded of them. */
  recorded: number
}

/** Services of an institution, and the time in which their promise is looked at. */
export interface Judged extends Pick<BillingMonth, 'from' | 'before'> {
  readonly services: readonly string[]
}

/** Seconds that were recorded, and those of them in which one of the flows at least was below its guarantee. */
interface Below {
  recorded: number
  below: number
}

/** What is wanted beside the series of contracts. */
export interface WantedMonth {
  /** The month of the statements. */
  readonly whole: BillingMonth
  /** By institution. */
  readonly judged: ReadonlyMap<string, readonly Judged[]>
}

/** What was heard of a directed line in the month; one of which nothing was is not there. */
export type HeardLines = ReadonlyMap<string, { readonly peak: Kbps }>

/** What became of an institution in the month. */
export interface Served extends Below {
  /** Slots of the month in which all of its flows that there were were heard. */
  slots: number
  /** kbit over the month, of all its flows. */
  asked: number
  need: number
  carried: number
  unmet: number
  /** Seconds in which what it carried was heard. */
  heard: number
  /** Seconds below, of all flows, by what held them. */
  readonly causes: Map<string, number>
  /** In the order in which they were wanted. */
  readonly judged: readonly Below[]
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

export async function readSeries(
  archive: Archive,
  wanted: readonly WantedSeries[],
  { whole, judged }: WantedMonth,
): Promise<{ series: ReadSeries[]; served: Map<string, Served>; lines: HeardLines }> {
  const spans = [whole, ...wanted.map(({ month }) => month)]
  const span = {
    from: Math.min(...spans.map(({ from }) => from)),
    before: Math.max(...spans.map(({ before }) => before)),
  }
  // Contracts of one month and the same services share what was read of institutions.
  const shared = new Map<string, { readonly payers: Map<string, Directions<Series>>; readonly asked: Asked }>()
  const readers = wanted.map((want) => {
    const key = JSON.stringify([want.month.from, want.month.before, want.services, want.only && [...want.only]])
    const isFirst = !shared.has(key)
    const of = shared.get(key) ?? { payers: new Map(), asked: { down: 0, up: 0, recorded: 0 } }
    shared.set(key, of)
    const lines = new Map([...want.links.down, ...want.links.up].map((id) => [id, lineOf(id, want)]))
    return { want, ...of, isFirst, lines }
  })
  const served = new Map<string, Served>()
  const heard = new Map<string, { peak: Kbps }>()
  for (const day of daysOf(span)) {
    const usage = await usageOfDay(archive, day)
    const rowOf = new Map(usage.links.ids.map((id, row) => [id, row]))
    const flowsOf = flowsBy(usage.flows.ids)
    for (const { want, payers, asked, isFirst, lines } of readers) {
      takeLinks(usage.links, rowOf, day, want, lines)
      if (isFirst) takeFlows(usage.flows, takenBy(want, flowsOf), day, want, { payers, asked })
    }
    takeServed(usage.flows, flowsOf, day, { whole, judged }, served)
    takeLines(usage.links, day, whole, heard)
  }
  const series = readers.map(({ want, payers, asked, lines }) => {
    const sum = (way: 'down' | 'up'): Series =>
      sumOf(
        want.links[way].map((id) => lines.get(id)!),
        slotsIn(want.month),
      )
    const silent = [...lines].filter(([, { means }]) => means.includes(GAP) && means.every((mean) => mean < 0))
    return { carried: { down: sum('down'), up: sum('up') }, silent: silent.map(([id]) => id), payers, asked }
  })
  return { series, served, lines: heard }
}

const isInMonth = (at: UnixMilliseconds, { from, before }: BillingMonth): boolean => at >= from && at < before

/** Slots of a day that lie in the month, and what makes of one the slot of the month. */
function slotsOf(day: UnixMilliseconds, month: BillingMonth): { first: number; end: number; shift: number } {
  const shift = (day - month.from) / SLOT
  return { first: Math.max(0, -shift), end: Math.min(SLOTS_A_DAY, slotsIn(month) - shift), shift }
}

/** Nothing is known of the line yet, where it was there. */
function lineOf(id: string, { month, there }: WantedSeries): Series {
  const line = empty(slotsIn(month))
  const spans = there?.get(id)
  if (spans === undefined) return line
  const slotAt = (at: UnixMilliseconds): number => Math.ceil((at - month.from) / SLOT)
  line.means.fill(NOT_THERE)
  for (const { from, before } of spans)
    line.means.fill(GAP, Math.max(0, slotAt(from)), Math.min(slotsIn(month), Math.max(0, slotAt(before))))
  return line
}

interface FlowRow {
  readonly row: number
  readonly service: string
  readonly way: string
}

/** The flows of a day by institution. */
function flowsBy(ids: readonly string[]): Map<string, FlowRow[]> {
  const by = new Map<string, FlowRow[]>()
  for (const [row, id] of ids.entries()) {
    const [institution = '', service = '', way = ''] = id.split('@', 1)[0]!.split('/')
    const own = by.get(institution)
    if (own) own.push({ row, service, way })
    else by.set(institution, [{ row, service, way }])
  }
  return by
}

function takeLinks(
  { means, seconds }: Carried,
  rowOf: ReadonlyMap<string, number>,
  day: UnixMilliseconds,
  { month }: WantedSeries,
  lines: ReadonlyMap<string, Series>,
): void {
  const { first, end, shift } = slotsOf(day, month)
  for (const [id, to] of lines) {
    const row = rowOf.get(id)
    if (row === undefined) continue
    for (let slot = first; slot < end; slot++) {
      const mean = means[row * SLOTS_A_DAY + slot]!
      if (mean === ABSENT) continue
      to.means[slot + shift] = mean < 0 ? GAP : mean
      to.seconds[slot + shift] = seconds[row * SLOTS_A_DAY + slot]!
    }
  }
}

type TakenFlow = FlowRow & { readonly institution: string }

const takenBy = ({ services, only }: WantedSeries, flowsOf: ReadonlyMap<string, readonly FlowRow[]>): TakenFlow[] =>
  [...(only ?? flowsOf.keys())].flatMap((institution) =>
    (flowsOf.get(institution) ?? [])
      .filter(({ service }) => services.includes(service))
      .map((flow) => ({ institution, ...flow })),
  )

function takeFlows(
  flows: DayUsage['flows'],
  taken: readonly TakenFlow[],
  day: UnixMilliseconds,
  { month }: WantedSeries,
  { payers, asked }: { readonly payers: Map<string, Directions<Series>>; readonly asked: Asked },
): void {
  const { means, seconds } = flows
  const { first, end, shift } = slotsOf(day, month)
  for (let slot = first; slot < end; slot++)
    asked.recorded += taken.reduce((most, { row }) => Math.max(most, flows.recorded[row * SLOTS_A_DAY + slot]!), 0)
  for (const { row, way } of taken)
    for (let half = 0; half < HALVES_A_DAY; half++)
      if (isInMonth(day + half * HALF_HOUR, month))
        asked[way === 'up' ? 'up' : 'down'] += flows.asked[row * HALVES_A_DAY + half]!
  for (const { institution, row, way } of taken) {
    const of = payers.get(institution) ?? both(slotsIn(month))
    payers.set(institution, of)
    const to = way === 'up' ? of.up : of.down
    for (let slot = first; slot < end; slot++) {
      const at = slot + shift
      const mean = means[row * SLOTS_A_DAY + slot]!
      if (mean === ABSENT) continue
      // Of several flows of one institution all that there were must have been heard: for as long as the least was.
      const isFirst = to.seconds[at] === 0
      if (mean < 0) to.means[at] = GAP
      else if (isFirst) to.means[at] = mean
      else if (to.means[at] !== GAP) to.means[at]! += mean
      const heard = Math.max(1, seconds[row * SLOTS_A_DAY + slot]!)
      to.seconds[at] = isFirst ? heard : Math.min(to.seconds[at]!, heard)
    }
  }
}

function takeLines(
  { ids, means }: Carried,
  day: UnixMilliseconds,
  whole: BillingMonth,
  heard: Map<string, { peak: Kbps }>,
): void {
  const { first, end } = slotsOf(day, whole)
  for (const [row, id] of ids.entries()) {
    let peak = GAP
    for (let slot = first; slot < end; slot++) peak = Math.max(peak, means[row * SLOTS_A_DAY + slot]!)
    if (peak === GAP) continue
    const line = heard.get(id)
    if (line === undefined) heard.set(id, { peak })
    else line.peak = Math.max(line.peak, peak)
  }
}

function sumFor(served: Map<string, Served>, institution: string, judged: WantedMonth['judged']): Served {
  const known = served.get(institution)
  if (known !== undefined) return known
  const none = { slots: 0, asked: 0, need: 0, carried: 0, unmet: 0, heard: 0, recorded: 0, below: 0 }
  const parts = (judged.get(institution) ?? []).map(() => ({ recorded: 0, below: 0 }))
  const made: Served = { ...none, causes: new Map(), judged: parts }
  served.set(institution, made)
  return made
}

function takeServed(
  flows: DayUsage['flows'],
  flowsOf: ReadonlyMap<string, readonly FlowRow[]>,
  day: UnixMilliseconds,
  { whole, judged }: WantedMonth,
  served: Map<string, Served>,
): void {
  const isIn = (half: number): boolean => isInMonth(day + half * HALF_HOUR, whole)
  for (const [row, limit, half, seconds] of flows.causes) {
    if (!isIn(half)) continue
    const { causes } = sumFor(served, flows.ids[row]!.split('/', 1)[0]!, judged)
    causes.set(limit, (causes.get(limit) ?? 0) + seconds)
  }
  for (const [institution, own] of flowsOf) {
    const sum = sumFor(served, institution, judged)
    takeBelow(flows, own, slotsOf(day, whole), sum)
    takeHeard(flows, own, slotsOf(day, whole), sum)
    for (const [at, { services, ...span }] of (judged.get(institution) ?? []).entries()) {
      const taken = own.filter(({ service }) => services.includes(service))
      takeBelow(flows, taken, slotsOf(day, { ...whole, ...span }), sum.judged[at]!)
    }
    for (const { row } of own) {
      for (let half = 0; half < HALVES_A_DAY; half++) {
        if (!isIn(half)) continue
        for (const name of ['asked', 'need', 'unmet'] as const) sum[name] += flows[name][row * HALVES_A_DAY + half]!
      }
    }
  }
}

interface Slots {
  readonly first: number
  readonly end: number
}

/** Of several flows the longest: together they are below for as long as one of them is. */
function takeBelow(flows: DayUsage['flows'], own: readonly FlowRow[], { first, end }: Slots, sum: Below): void {
  for (let slot = first; slot < end; slot++) {
    let [recorded, below] = [0, 0]
    for (const { row } of own) {
      const at = row * SLOTS_A_DAY + slot
      recorded = Math.max(recorded, flows.recorded[at]!)
      below = Math.max(below, flows.below[at]!)
    }
    sum.recorded += recorded
    sum.below += below
  }
}

/** What all of them carried together is known where each was heard, for as long as the one heard least. */
function takeHeard(flows: DayUsage['flows'], own: readonly FlowRow[], { first, end }: Slots, sum: Served): void {
  for (let slot = first; slot < end; slot++) {
    let [heard, mean] = [0, 0]
    let isHeard = true
    for (const { row } of own) {
      const at = row * SLOTS_A_DAY + slot
      if (flows.means[at] === ABSENT) continue
      if (flows.means[at]! < 0) isHeard = false
      const seconds = flows.seconds[at]!
      heard = heard === 0 ? seconds : Math.min(heard, seconds)
      mean += flows.means[at]!
    }
    if (!isHeard || heard === 0) continue
    sum.slots++
    sum.heard += heard
    sum.carried += mean * heard
  }
}
