// A month of one institution, from rows of the record alone: each figure is a sum, a count or a place in an order, so
// that anybody can have it again from the Parquet files (test/planning/month/month.test.ts does, in SQL). A gap is
// counted, and is neither filled nor zero. Rates are kbit/s as recorded; a mean weighs by the seconds that it is of:
// what was carried and wanted by those that were heard, as in the ledger, all else by those that were recorded.

import { DIRECTIONS, type Direction } from '../../model/network.js'
import { SLOT, type UnixMilliseconds } from '../../model/units.js'
import { nearestRank } from '../../record/nearest-rank.js'
import type { FlowRows } from '../../record/tables.js'

export const COLUMNS = [
  ...(['slot', 'seconds', 'heard', 'flow', 'demand', 'carried', 'promised', 'claimed', 'lacked'] as const),
  ...(['below_guarantee_s', 'm_limit'] as const),
]
export type MonthRows = Pick<FlowRows, (typeof COLUMNS)[number]>

export interface Span {
  readonly from: UnixMilliseconds
  readonly before: UnixMilliseconds
}

/** One service in one direction. */
export interface ServiceMonth {
  readonly service: string
  readonly direction: Direction
  /** Means over the time in which they are known; null: never. Of flows at several edges the sum. */
  readonly promised: number | null
  readonly wanted: number | null
  readonly carried: number | null
  /** Nearest rank of its five-minute means, each by the seconds of it that were heard; and the largest. */
  readonly p95: number | null
  readonly peak: number | null
  /** Seconds by which these means weigh: of all of a service's gateways the least that was heard. */
  readonly heard: number
  /** kbit */
  readonly volume: number
  readonly lacked: number
  readonly minutesShort: number
}

export interface DayOfMonth {
  readonly from: UnixMilliseconds
  /** kbit; null: nobody heard what was carried. */
  readonly volume: Readonly<Record<Direction, number | null>>
  readonly lacked: number
  readonly minutesShort: number
  /** Five minutes of which anything is recorded, and of which promises are: only of those shortage is known. */
  readonly recorded: number
  readonly judged: number
}

export interface Spell {
  readonly from: UnixMilliseconds
  readonly minutes: number
  /** kbit */
  readonly lacked: number
  /** What the record says that limited whoever lacked most, in its first five minutes. */
  readonly limit: string
}

export interface MonthFigures {
  /** Five minutes of the month, those of which anything is recorded, and those of which promises are. */
  readonly slots: number
  readonly recorded: number
  readonly judged: number
  readonly minutesShort: number
  /** In which one of its flows at least was below its guarantee, as the ledger counts. */
  readonly secondsBelow: number
  /** kbit */
  readonly lacked: number
  readonly claimed: number
  readonly services: readonly ServiceMonth[]
  readonly days: readonly DayOfMonth[]
  /** Longest first; then the earlier. */
  readonly spells: readonly Spell[]
}

/** Sums over the rows of one flow. */
interface FlowSums {
  readonly kbit: { promised: number; wanted: number; carried: number }
  readonly seconds: { promised: number; wanted: number; carried: number }
  /** By slot: seconds below the guarantee. */
  readonly below: Uint32Array
  /** By slot: kbit carried and seconds heard; whether there is a row. */
  readonly heard: { readonly kbit: Float64Array; readonly seconds: Uint16Array; readonly isThere: Uint8Array }
}

/** Of one service and direction, slot by slot: of all its flows together. */
interface SlotSums {
  readonly flows: Map<string, FlowSums>
  readonly short: Uint8Array
  volume: number
  lacked: number
}

export class InstitutionMonth {
  readonly #span: Span
  readonly #days: readonly Span[]
  readonly #services = new Map<string, SlotSums>()
  readonly #isRecorded: Uint8Array
  readonly #isJudged: Uint8Array
  readonly #isHeard: Readonly<Record<Direction, Uint8Array>>
  readonly #lacked: Float64Array
  readonly #limits = new Map<number, { most: number; limit: string }>()
  readonly #volume: Readonly<Record<Direction, Float64Array>>
  #claimed = 0

  /** @param days of the month, in their order */
  constructor(span: Span, days: readonly Span[]) {
    const slots = (span.before - span.from) / SLOT
    this.#span = span
    this.#days = days
    this.#isRecorded = new Uint8Array(slots)
    this.#isJudged = new Uint8Array(slots)
    this.#isHeard = { down: new Uint8Array(slots), up: new Uint8Array(slots) }
    this.#lacked = new Float64Array(slots)
    this.#volume = { down: new Float64Array(slots), up: new Float64Array(slots) }
  }

  /** Takes in row i. */
  add(rows: MonthRows, i: number): void {
    const slot = (rows.slot[i]! - this.#span.from) / SLOT
    const seconds = rows.seconds[i]!
    const flow = rows.flow[i]!
    const [, service = '', way = ''] = flow.split('@')[0]!.split('/')
    const direction = DIRECTIONS.find((each) => each === way)
    if (direction === undefined || slot < 0 || slot >= this.#isRecorded.length) return
    this.#isRecorded[slot] = 1
    if ((rows.promised[i] ?? null) !== null) this.#isJudged[slot] = 1
    const sums = this.#sumsOf(`${service}/${direction}`)
    const own = sumsOfFlow(sums, flow, this.#isRecorded.length)
    const heard = rows.heard[i] ?? seconds
    add(own, 'promised', rows.promised[i] ?? null, seconds)
    add(own, 'wanted', rows.demand[i] ?? null, heard)
    add(own, 'carried', rows.carried[i] ?? null, heard)
    own.heard.isThere[slot] = 1
    own.below[slot]! += rows.below_guarantee_s[i]!
    const carried = rows.carried[i] ?? null
    if (carried !== null) {
      own.heard.kbit[slot]! += carried * heard
      own.heard.seconds[slot]! += heard
      sums.volume += carried * heard
      this.#isHeard[direction][slot] = 1
      this.#volume[direction][slot]! += carried * heard
    }
    this.#claimed += (rows.claimed[i] ?? 0) * seconds
    const lacked = rows.lacked[i] ?? 0
    if (lacked < 1) return
    sums.short[slot] = 1
    sums.lacked += lacked * seconds
    this.#lacked[slot]! += lacked * seconds
    const first = this.#limits.get(slot)
    if (first === undefined || lacked > first.most) this.#limits.set(slot, { most: lacked, limit: rows.m_limit[i]! })
  }

  figures(): MonthFigures {
    const short = this.#lacked.map((kbit) => (kbit > 0 ? 1 : 0))
    const count = (column: ArrayLike<number>, { from, before }: Span): number =>
      sumOver(column, (from - this.#span.from) / SLOT, (before - this.#span.from) / SLOT)
    const volume = (way: Direction, day: Span): number | null =>
      count(this.#isHeard[way], day) === 0 ? null : count(this.#volume[way], day)
    return {
      slots: this.#isRecorded.length,
      recorded: count(this.#isRecorded, this.#span),
      judged: count(this.#isJudged, this.#span),
      minutesShort: MINUTES * count(short, this.#span),
      secondsBelow: this.#secondsBelow(),
      lacked: count(this.#lacked, this.#span),
      claimed: this.#claimed,
      services: [...this.#services].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sums]) => serviceOf(name, sums)),
      days: this.#days.map((day) => ({
        from: day.from,
        volume: { down: volume('down', day), up: volume('up', day) },
        lacked: count(this.#lacked, day),
        minutesShort: MINUTES * count(short, day),
        recorded: count(this.#isRecorded, day),
        judged: count(this.#isJudged, day),
      })),
      spells: this.#spells(short),
    }
  }

  #sumsOf(name: string): SlotSums {
    const known = this.#services.get(name)
    if (known !== undefined) return known
    const slots = this.#isRecorded.length
    const made: SlotSums = {
      flows: new Map(),
      short: new Uint8Array(slots),
      ...{ volume: 0, lacked: 0 },
    }
    this.#services.set(name, made)
    return made
  }

  /** Of several flows the longest: together they are below for as long as one of them is. */
  #secondsBelow(): number {
    const flows = [...this.#services.values()].flatMap(({ flows }) => [...flows.values()])
    let sum = 0
    for (let slot = 0; slot < this.#isRecorded.length; slot++)
      sum += flows.reduce((most, { below }) => Math.max(most, below[slot]!), 0)
    return sum
  }

  /** Unbroken steps: a gap ends a spell. */
  #spells(short: Float64Array): Spell[] {
    const spells: Spell[] = []
    for (let slot = 0; slot < short.length; slot++) {
      if (short[slot] === 0) continue
      let end = slot
      while (end < short.length && short[end] === 1) end++
      const { limit } = this.#limits.get(slot)!
      const from = this.#span.from + slot * SLOT
      spells.push({ from, minutes: MINUTES * (end - slot), lacked: sumOver(this.#lacked, slot, end), limit })
      slot = end
    }
    return spells.sort((a, b) => b.minutes - a.minutes || a.from - b.from)
  }
}

const MINUTES = SLOT / 60_000

const sumOver = (column: ArrayLike<number>, from: number, before: number): number => {
  let sum = 0
  for (let n = from; n < before; n++) sum += column[n]!
  return sum
}

function sumsOfFlow({ flows }: SlotSums, flow: string, slots: number): FlowSums {
  const known = flows.get(flow)
  if (known !== undefined) return known
  const zero = () => ({ promised: 0, wanted: 0, carried: 0 })
  const heard = {
    ...{ kbit: new Float64Array(slots), seconds: new Uint16Array(slots), isThere: new Uint8Array(slots) },
  }
  const made = { kbit: zero(), seconds: zero(), heard, below: new Uint32Array(slots) }
  flows.set(flow, made)
  return made
}

function add(sums: FlowSums, what: keyof FlowSums['kbit'], kbps: number | null, seconds: number): void {
  if (kbps === null) return
  sums.kbit[what] += kbps * seconds
  sums.seconds[what] += seconds
}

function serviceOf(name: string, { flows, short, volume, lacked }: SlotSums): ServiceMonth {
  const [service = '', way] = name.split('/')
  const mean = (what: keyof FlowSums['kbit']): number | null => {
    const known = [...flows.values()].filter(({ seconds }) => seconds[what] > 0)
    const sum = known.reduce((total, { kbit, seconds }) => total + kbit[what] / seconds[what], 0)
    return known.length === 0 ? null : Math.round(sum)
  }
  const { means, seconds } = meansOf([...flows.values()], short.length)
  return {
    service,
    direction: way === 'up' ? 'up' : 'down',
    ...{ promised: mean('promised'), wanted: mean('wanted'), carried: mean('carried') },
    p95: nearestRank(means, seconds, 95),
    peak: means.length === 0 ? null : means.reduce((most, mean) => Math.max(most, mean)),
    ...{ heard: sumOver(seconds, 0, seconds.length), volume, lacked },
    minutesShort: MINUTES * sumOver(short, 0, short.length),
  }
}

/**
 * Of each slot what all flows carried, and how long that was heard of the one heard least; where one of several edges
 * was not heard, the sum is not known.
 */
function meansOf(flows: readonly FlowSums[], slots: number): { means: Int32Array; seconds: Uint16Array } {
  const known: (readonly [mean: number, seconds: number])[] = []
  for (let slot = 0; slot < slots; slot++) {
    const there = flows.filter(({ heard }) => heard.isThere[slot] === 1)
    if (there.length === 0) continue
    const least = there.reduce((least, { heard }) => Math.min(least, heard.seconds[slot]!), SLOT / 1_000)
    if (least === 0) continue
    known.push([there.reduce((sum, { heard }) => sum + Math.round(heard.kbit[slot]! / heard.seconds[slot]!), 0), least])
  }
  return { means: Int32Array.from(known, ([mean]) => mean), seconds: Uint16Array.from(known, ([, least]) => least) }
}
