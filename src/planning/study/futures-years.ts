// Fiscal years that could be, each drawn from the odds: how much demand grows in it, what fails, when and for how long.
//
// Growth is normal. Failures of a thing are a Poisson process and repairs take an exponential time, in the long run
// already when the year begins: so many outages touch a year of T hours as a Poisson number of mean λ (T + r) says, and
// a part r / (T + r) of them was on when it began. Growth and the number of outages of each thing are stratified over
// the draws of a batch; batches are independent of each other, so that what they differ by tells the error.

import { civilTime, readTime } from '../../model/civil-time.js'
import { DAY, type UnixMilliseconds } from '../../model/units.js'
import { usageError } from '../../runtime/errors.js'
import { isWeekend } from '../working-day.js'
import { normalQuantile, numberOf, poissonQuantile, stratified, stream } from './chance.js'
import type { Growth } from './growth.js'
import type { Odds } from './odds.js'
import type { Study } from './study.js'

/** Each is a Latin hypercube of its own. */
export const BATCHES = 20

const YEAR_HOURS = 8_766
const MOST_YEARS_AHEAD = 30
/** Whatever is expected, something is still asked for. */
const LEAST_GROWTH = -0.9

/** July to June, by the clocks of the plane. */
export interface FiscalYear {
  /** The first of its two. */
  readonly year: number
  readonly from: UnixMilliseconds
  readonly days: number
  /** By day. */
  readonly isOff: readonly boolean[]
  /** The month in which a day is; 0: July. */
  readonly month: readonly number[]
  /** Days from the day of the study to its first. */
  readonly since: number
}

export const nameOfYear = ({ year }: FiscalYear): string => `${year}/${String((year + 1) % 100).padStart(2, '0')}`

/** @param year absent: the one that begins next, on the day of the study at the earliest */
export function fiscalYear({ scenario, document }: Study, year?: number): FiscalYear {
  const zone = document.plane.timezone
  const midnight = (of: number): UnixMilliseconds => readTime(`${of}-07-01 00:00`, { now: scenario.from, zone })!
  const now = Number(civilTime(scenario.from, zone).date.slice(0, 4))
  const next = midnight(now) >= scenario.from ? now : now + 1
  const first = year ?? next
  if (first < next || first > next + MOST_YEARS_AHEAD)
    throw usageError(`--year ${first}: expected ${next} to ${next + MOST_YEARS_AHEAD}, the year in which it begins`)
  const from = midnight(first)
  const days = Math.round((midnight(first + 1) - from) / DAY)
  const noons = Array.from({ length: days }, (_, day) => from + day * DAY + DAY / 2)
  return {
    ...{ year: first, from, days, since: Math.round((from - scenario.from) / DAY) },
    isOff: noons.map((noon) => isWeekend(noon, zone)),
    month: noons.map((noon) => (Number(civilTime(noon, zone).date.slice(5, 7)) + 5) % 12),
  }
}

/** A time in which the same things are away. */
export interface Stretch {
  /** Hours since the year began. */
  readonly from: number
  readonly to: number
  /** Places of the odds, in their order. */
  readonly away: readonly number[]
}

export interface DrawnYear {
  readonly growth: number
  /** In their order; between them nothing is away. */
  readonly stretches: readonly Stretch[]
}

export interface YearsOptions {
  readonly seed: number
  readonly draws: number
  readonly growth: Growth
  readonly odds: readonly Odds[]
  readonly days: number
}

/** The first draw of a batch; of the one after the last, how many there are. */
export const batchStart = (draws: number, batch: number): number => Math.floor((batch * draws) / BATCHES)

const batchOf = (draws: number, draw: number): number => Math.floor((BATCHES * (draw + 1) - 1) / draws)

/** Draws from `start` to before `end`: columns of the hypercube. */
interface Batch {
  readonly start: number
  readonly end: number
  readonly growth: Float64Array
  /** By odds. */
  readonly failures: readonly Float64Array[]
}

export class Years {
  readonly #options: YearsOptions
  readonly #names: readonly number[]
  #batch: Batch

  constructor(options: YearsOptions) {
    this.#options = options
    this.#names = options.odds.map(({ cut }) => numberOf(`${cut.kind} ${cut.id}`))
    this.#batch = this.#drawn(0)
  }

  #drawn(batch: number): Batch {
    const { seed, draws } = this.#options
    const start = batchStart(draws, batch)
    const end = batchStart(draws, batch + 1)
    const column = (name: number): Float64Array => stratified(end - start, stream([seed, name, ~batch]))
    return { start, end, growth: column(numberOf('growth')), failures: this.#names.map(column) }
  }

  /** The same whenever and by whomever it is asked for; quickest in their order. */
  year(draw: number): DrawnYear {
    const { draws, growth } = this.#options
    const { start, end } = this.#batch
    if (draw < start || draw >= end) this.#batch = this.#drawn(batchOf(draws, draw))
    const { mean, spread } = growth
    const u = this.#batch.growth[draw - this.#batch.start]!
    const rate = spread === 0 ? mean : mean + spread * normalQuantile(u)
    return { growth: Math.max(LEAST_GROWTH, rate), stretches: this.#stretches(draw) }
  }

  #stretches(draw: number): Stretch[] {
    const { odds, seed, days } = this.#options
    const end = 24 * days
    const changes: { at: number; place: number; by: 1 | -1 }[] = []
    for (const [place, { failures, hours }] of odds.entries()) {
      const count = poissonQuantile(
        (failures / YEAR_HOURS) * (end + hours),
        this.#batch.failures[place]![draw - this.#batch.start]!,
      )
      if (count === 0) continue
      const next = stream([seed, this.#names[place]!, draw])
      for (let n = 0; n < count; n++) {
        const wasOn = next() < hours / (end + hours)
        const from = wasOn ? 0 : end * next()
        const to = from - hours * Math.log(next())
        changes.push({ at: from, place, by: 1 }, { at: Math.min(end, to), place, by: -1 })
      }
    }
    changes.sort((a, b) => a.at - b.at || a.place - b.place || b.by - a.by)
    return between(changes)
  }
}

/** A thing may fail again while it is away. */
function between(changes: readonly { readonly at: number; readonly place: number; readonly by: 1 | -1 }[]): Stretch[] {
  const stretches: Stretch[] = []
  const away = new Map<number, number>()
  let from = 0
  for (const { at, place, by } of changes) {
    if (at > from && away.size > 0) stretches.push({ from, to: at, away: [...away.keys()].sort((a, b) => a - b) })
    from = at
    const count = (away.get(place) ?? 0) + by
    if (count === 0) away.delete(place)
    else away.set(place, count)
  }
  return stretches
}
