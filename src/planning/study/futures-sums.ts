// Each drawn year by what is known of the states that it meets: what is short and what is unreachable in it, of whom,
// in which month, and while what was away. Years are weighed alike, so what is expected is their mean.

import { type Agenda, type DayLevels, INTACT } from './futures-agenda.js'
import type { Harm, Harms } from './futures-harms.js'
import { BATCHES, batchStart, type DrawnYear, type FiscalYear } from './futures-years.js'

/** What a year can come to; rates times hours in bit/s and hours. */
export const MEASURES = ['short', 'unreachable', 'institutionsShort', 'institutionsUnreachable'] as const
export type MeasureName = (typeof MEASURES)[number]

export interface Measure {
  readonly mean: number
  /** Standard error of the mean. */
  readonly error: number
  readonly p5: number
  readonly p50: number
  readonly p95: number
}

/** While a thing was away, of all years. */
export interface Away {
  hours: number
  /** Years in which it was. */
  years: number
  /** bit/s times hours: of all that was missing then, and of that while nothing else was away. */
  missing: number
  alone: number
}

export interface SumsParts {
  readonly agenda: Agenda
  readonly year: FiscalYear
  /** Of one day. */
  readonly moments: number
  readonly odds: number
  readonly draws: number
  readonly harms: Harms
}

export class Sums {
  readonly #parts: SumsParts
  readonly #values: Record<MeasureName, Float64Array>
  readonly #wholeDays = new Map<number, Harm>()
  readonly #who: readonly [Uint32Array, Uint32Array]
  readonly away: Away[]
  /** By month: bit/s times hours of all years. */
  readonly months = Array.from({ length: 12 }, () => ({ short: 0, unreachable: 0 }))
  /** The same while nothing was away. */
  intact = 0

  constructor(parts: SumsParts) {
    this.#parts = parts
    const { odds, draws, harms } = parts
    const column = (): Float64Array => new Float64Array(draws)
    this.#values = {
      ...{ short: column(), unreachable: column() },
      ...{ institutionsShort: column(), institutionsUnreachable: column() },
    }
    this.#who = [harms.nobody(), harms.nobody()]
    this.away = Array.from({ length: odds }, () => ({ hours: 0, years: 0, missing: 0, alone: 0 }))
  }

  add(draw: number, drawn: DrawnYear): void {
    const levels = this.#parts.agenda.levelsOf(drawn)
    for (const who of this.#who) who.fill(0)
    this.#addDays(draw, levels)
    const met = new Set<number>()
    for (const stretch of drawn.stretches) {
      const state = this.#parts.agenda.stateOf(stretch.away)
      let missing = 0
      this.#parts.agenda.eachMoment(stretch, (day, place, hours) => {
        missing += this.#addHours(draw, state, levels, { day, place, hours })
      })
      for (const n of stretch.away) {
        const away = this.away[n]!
        met.add(n)
        away.hours += stretch.to - stretch.from
        away.missing += missing
        if (stretch.away.length === 1) away.alone += missing
      }
    }
    for (const n of met) this.away[n]!.years++
    this.#values.institutionsShort[draw] = countOf(this.#who[0])
    this.#values.institutionsUnreachable[draw] = countOf(this.#who[1])
  }

  /** Whole days of the intact network. */
  #addDays(draw: number, { level, above }: DayLevels): void {
    for (let day = 0; day < level.length; day++) {
      for (const [upper, part] of [
        [0, 1 - above[day]!],
        [1, above[day]!],
      ] as const) {
        if (part === 0) continue
        const { short, unreachable, who } = this.#wholeDay(day, level[day]! + upper)
        if (short === 0 && unreachable === 0) continue
        this.#note(draw, day, part * short, part * unreachable)
        this.intact += part * (short + unreachable)
        if (part >= 0.5) this.#meet(who)
      }
    }
  }

  #wholeDay(day: number, level: number): Harm {
    const { agenda, moments, harms } = this.#parts
    const first = agenda.momentOf(day, 0, level)
    const known = this.#wholeDays.get(first)
    if (known !== undefined) return known
    const sum = { short: 0, unreachable: 0, who: [harms.nobody(), harms.nobody()] as const }
    for (let place = 0; place < moments; place++) {
      const harm = harms.of(INTACT, first + place)
      if (harm === undefined) continue
      sum.short += (24 / moments) * harm.short
      sum.unreachable += (24 / moments) * harm.unreachable
      for (const kind of [0, 1] as const) unite(sum.who[kind], harm.who[kind])
    }
    this.#wholeDays.set(first, sum)
    return sum
  }

  /** What is missing in these hours. They count as those of the intact network until now. */
  #addHours(
    draw: number,
    state: number,
    { level, above }: DayLevels,
    { day, place, hours }: { readonly day: number; readonly place: number; readonly hours: number },
  ): number {
    const { agenda, harms } = this.#parts
    let missing = 0
    for (let upper = 0; upper < 2; upper++) {
      const part = upper === 0 ? 1 - above[day]! : above[day]!
      if (part === 0) continue
      const moment = agenda.momentOf(day, place, level[day]! + upper)
      const [harm, before] = [harms.of(state, moment), harms.of(INTACT, moment)]
      if (harm === undefined && before === undefined) continue
      const spent = part * hours
      const short = (harm?.short ?? 0) - (before?.short ?? 0)
      const unreachable = (harm?.unreachable ?? 0) - (before?.unreachable ?? 0)
      this.#note(draw, day, spent * short, spent * unreachable)
      this.intact -= spent * ((before?.short ?? 0) + (before?.unreachable ?? 0))
      if (harm === undefined) continue
      missing += spent * (harm.short + harm.unreachable)
      if (part >= 0.5) this.#meet(harm.who)
    }
    return missing
  }

  #note(draw: number, day: number, short: number, unreachable: number): void {
    const month = this.months[this.#parts.year.month[day]!]!
    this.#values.short[draw]! += short
    this.#values.unreachable[draw]! += unreachable
    month.short += short
    month.unreachable += unreachable
  }

  #meet(who: Harm['who']): void {
    for (const kind of [0, 1] as const) unite(this.#who[kind], who[kind])
  }

  /** Of each year. */
  values(of: (values: Record<MeasureName, number>) => number): Float64Array {
    return Float64Array.from({ length: this.#parts.draws }, (_, draw) =>
      of(Object.fromEntries(MEASURES.map((name) => [name, this.#values[name][draw]!])) as Record<MeasureName, number>),
    )
  }
}

function unite(into: Uint32Array, more: Uint32Array): void {
  for (let w = 0; w < into.length; w++) into[w]! |= more[w]!
}

function countOf(bits: Uint32Array): number {
  let count = 0
  for (let word of bits) for (; word !== 0; word &= word - 1) count++
  return count
}

/** The mean of all years with its error (batches are independent: what they differ by says it), and nearest ranks. */
export function measureOf(values: Float64Array): Measure {
  const draws = values.length
  const ordered = values.toSorted()
  const rank = (part: number): number => ordered[Math.max(0, Math.ceil(part * draws) - 1)]!
  const mean = meanOf(values)
  const means = Array.from({ length: BATCHES }, (_, batch) =>
    meanOf(values.subarray(batchStart(draws, batch), batchStart(draws, batch + 1))),
  )
  const spread = means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (BATCHES - 1)
  return { mean, error: Math.sqrt(spread / BATCHES), p5: rank(0.05), p50: rank(0.5), p95: rank(0.95) }
}

function meanOf(values: Float64Array): number {
  // Equal years have that year as their mean, to the last bit.
  const [first = 0] = values
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length
}
