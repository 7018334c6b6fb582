// Growth out of the record: the line through what its months were busy with, and how busy days to come may be. Months
// that lie before the day of the study count, and no other: with --day in the past the forecast of that day is made
// again, and the months since tell what it was worth.

import { DAY, type UnixMilliseconds } from '../../model/units.js'
import { usageError } from '../../runtime/errors.js'
import { didYouMean } from '../../runtime/near-word.js'
import { type BusyDay, type BusyLevels, busyLevels } from '../recorded/busy-levels.js'
import { slotFor } from '../recorded/window.js'
import type { Fitted, FittedMonth, Growth, ToFit } from './growth.js'
import type { Study } from './study.js'
import { type DayPlace, type MonthLevel, Trend, type TrendInput } from './trend.js'

/** A line, a correlation and an error cannot be told from fewer. */
const LEAST_MONTHS = 6
/** Older ones say little of the next. */
const MOST_MONTHS = 36
/** Of a month; fewer of its working days say too little of it. */
const LEAST_DAYS = 10
/** From here on a season and a trend can be told apart. */
export const SEASON_MONTHS = 24
/** A link that carried so much of its capacity was full. */
const FULL = 0.95
const YEAR = 365.25 * DAY
/** Of all futures so many lie within the range. */
export const WITHIN = 0.9
const PARTS = [(1 - WITHIN) / 2, 0.5, (1 + WITHIN) / 2] as const
/** How many standard deviations of a normal distribution that range has on each side. */
const SIDE = 1.6449

/** As it was written, or as the record before the day of the study has it. */
export async function growthFor(
  asked: Growth | ToFit,
  study: Study,
  record: string,
  progress: (of: number, what: string) => (done: number) => void,
): Promise<Growth> {
  if (!('link' in asked)) return asked
  let tell: ((done: number) => void) | undefined
  const onProgress = (done: number, of: number): void => {
    tell ??= progress(of, 'days of the record')
    tell(done)
  }
  const { scenario, document, plan } = study
  const link = asked.link === null ? null : plan.links.find(({ id }) => id === asked.link)
  if (link === undefined) {
    const known = plan.links.map(({ id }) => id)
    throw usageError(
      `--growth fitted:${asked.link}: the plane has no such directed link${didYouMean(asked.link!, known)}`,
    )
  }
  const source = sourceDay(study)
  const levels = await busyLevels({
    ...{ folder: record, zone: document.plane.timezone, before: Math.max(scenario.from, source ?? 0) },
    ...{ link: link && { id: link.id, full: FULL * link.capacity }, onProgress },
  })
  return fitted(levels, { link: asked.link, from: scenario.from, source, seed: scenario.seed })
}

/** The end of the recorded day that stands for the study's; null: demand is the model's. */
function sourceDay({ scenario: { demand, from } }: Study): UnixMilliseconds | null {
  return demand.model === 'recorded' ? slotFor(from, demand) + DAY : null
}

interface FitOptions {
  readonly link: string | null
  /** The day of the study. */
  readonly from: UnixMilliseconds
  readonly source: UnixMilliseconds | null
  readonly seed: number
}

/** @throws MizaniError USAGE where too few months are recorded */
export function fitted(levels: BusyLevels, { link, from, source, seed }: FitOptions): Growth {
  const past = levels.days.filter(({ at }) => at < from)
  const workingDays = levels.workingDays.filter((date) => Date.parse(`${date}T12:00:00Z`) < from)
  const months = monthsOf(past, workingDays).slice(-MOST_MONTHS)
  const counted = months.filter(({ level }) => level !== null)
  if (counted.length < LEAST_MONTHS) throw tooFew(link, months)
  const input = inputOf(past, counted)
  const trend = new Trend(input)
  const [low = 0, middle = 0, high = 0] = trend.rates(PARTS, seed)
  const own = source === null ? undefined : levels.days.find(({ at }) => at >= source - DAY && at < source)
  const round = (rate: number): number => Number(rate.toFixed(4))
  const inMonths = new Set(counted.map(({ month }) => month))
  const busy = past.filter(({ date }) => inMonths.has(date.slice(0, 7)))
  const fit: Fitted = {
    ...{ link, months, input, range: [round(low), round(high)], seed },
    least: busy.reduce((sum, { least }) => sum + least, 0) / busy.length,
    base: own === undefined ? trend.lineAt(yearsOf(from)) : Math.log(own.level),
    isBaseRecorded: own !== undefined,
  }
  return { mean: round(middle), spread: round((high - low) / 2 / SIDE), fit }
}

const yearsOf = (at: UnixMilliseconds): number => at / YEAR
const monthNumber = (month: string): number => 12 * Number(month.slice(0, 4)) + Number(month.slice(5, 7)) - 1

function monthsOf(days: readonly BusyDay[], workingDays: readonly string[]): FittedMonth[] {
  const names = [...new Set(workingDays.map((date) => date.slice(0, 7)))]
  return names.map((month) => {
    const own = days.filter(({ date }) => date.startsWith(month))
    const mean = own.reduce((sum, { level }) => sum + Math.log(level), 0) / own.length
    return {
      ...{ month, days: own.length, of: workingDays.filter((date) => date.startsWith(month)).length },
      level: own.length < LEAST_DAYS ? null : Math.round(Math.exp(mean)),
    }
  })
}

function inputOf(past: readonly BusyDay[], counted: readonly FittedMonth[]): TrendInput {
  const daysOf = (month: string) => past.filter(({ date }) => date.startsWith(month))
  const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length
  const months = counted.map(({ month }): MonthLevel => {
    const own = daysOf(month)
    const at = mean(own.map((day) => yearsOf(day.at)))
    return { month: monthNumber(month), at, level: mean(own.map(({ level }) => Math.log(level))) }
  })
  const line = new Trend({ months, aside: [] })
  const slope = line.lineAt(1) - line.lineAt(0)
  const aside = months.flatMap(({ at, level }, n) =>
    daysOf(counted[n]!.month).map((day) => Math.log(day.level) - level - slope * (yearsOf(day.at) - at)),
  )
  return { months, aside }
}

function tooFew(link: string | null, months: readonly FittedMonth[]) {
  const of = link === null ? '' : `:${link}`
  const found = months.map(({ month, days, of }) => `${month} (${days} of ${of} working days)`)
  const counted = months.filter(({ level }) => level !== null).length
  return usageError(
    `--growth fitted${of}: ${counted} months before that day are recorded well enough, and ${LEAST_MONTHS} are ` +
      `needed: ${found.join(', ') || 'none is recorded'}.`,
    `A month counts with ${LEAST_DAYS} working days of which ${100 * FULL} % are recorded. Take in what monitoring ` +
      'has kept with `mizani history import`, or say growth by a number: --growth 0.25±0.08.',
  )
}

/** What demand is multiplied by after so many days; it never falls. */
export type Path = (day: number) => number
export interface Paths {
  readonly most: Path
  readonly middle: Path
  readonly least: Path
}

/** @param days since the day of the study, in their order */
export function pathsOf(fit: Fitted, from: UnixMilliseconds, days: readonly number[]): Paths {
  const places = days.map((day): DayPlace => {
    const at = from + day * DAY + DAY / 2
    return { month: monthNumber(new Date(at).toISOString()), at: yearsOf(at) }
  })
  const place = new Map(days.map((day, n) => [day, n]))
  const columns = new Trend(fit.input).busiestUpTo(places, PARTS, fit.seed)
  const path =
    (column: Float64Array): Path =>
    (day) =>
      Math.exp(column[place.get(day)!]! - fit.base)
  return { most: path(columns[2]!), middle: path(columns[1]!), least: path(columns[0]!) }
}
