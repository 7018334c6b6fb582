// Twelve months of demand that nobody had: growth that is known, working days that differ by weekday and by chance,
// months that drift together, a season where one is wanted. What a forecast from the first nine says of the last three
// is held against what they were.

import { DAY } from '../../../src/model/units.js'
import type { BusyDay } from '../../../src/planning/recorded/busy-levels.js'
import { normalQuantile, stream } from '../../../src/planning/study/chance.js'
import { fitted, pathsOf } from '../../../src/planning/study/growth-fit.js'

/** 2025-01-01, in the middle of the day by the clocks of Dar es Salaam. */
const FIRST = Date.UTC(2025, 0, 1, 9)
const MONTHS = 12
const FITTED = 9
const LEVEL = 80_000
/** Monday to Friday; what is busier on the first days of a week is quieter at its end. */
const WEEKDAYS = [0, 0.02, 0.03, 0.01, -0.04] as const
/** Further than this nobody looks: the forecast says "not within a year". */
const HORIZON = 366

export interface Synthetic {
  readonly days: readonly BusyDay[]
  /** Of a year. */
  readonly growth: number
  /** kbit/s: the line reaches it in the last three months. */
  readonly capacity: number
}

const isWeekday = (at: number): boolean => new Date(at).getUTCDay() % 6 !== 0

/**
 * Growth of 20 to 60 % a year, months that lie 1 to 4 % from the line and keep up to 0.6 of the month before, days that
 * lie 2 to 6 % from their month.
 * @param season the part by which the best month of a year lies above the line
 */
export function syntheticDays(seed: number, season: number): Synthetic {
  const next = stream([seed, 0x6d6f6e74, 1])
  const normal = (): number => normalQuantile(next())
  const between = (least: number, most: number): number => least + (most - least) * next()
  const growth = between(0.2, 0.6)
  const [month, kept, day] = [between(0.01, 0.04), between(0, 0.6), between(0.02, 0.06)]
  const best = next()
  const lineAt = (years: number): number =>
    Math.log(LEVEL) + Math.log(1 + growth) * years + season * Math.cos(2 * Math.PI * (years - best))
  const months = driftOf(kept, normal)
  const days: BusyDay[] = []
  for (let at = FIRST; new Date(at).getUTCFullYear() === 2025; at += DAY) {
    const aside = day * normal()
    if (!isWeekday(at)) continue
    const date = new Date(at).toISOString().slice(0, 10)
    const drift = month * months[new Date(at).getUTCMonth()]! + WEEKDAYS[new Date(at).getUTCDay() - 1]! + aside
    days.push({ date, at, level: Math.round(Math.exp(lineAt((at - FIRST) / 365.25 / DAY) + drift)), least: 0 })
  }
  // A link is bought for the busiest days, not for the mean of them.
  const capacity = Math.round(Math.exp(lineAt(between(9.2, 11.8) / 12) + 2 * day))
  return { days, growth, capacity }
}

function driftOf(kept: number, normal: () => number): number[] {
  const months = [normal()]
  while (months.length < MONTHS) months.push(kept * months.at(-1)! + Math.sqrt(1 - kept * kept) * normal())
  return months
}

/** Those of the first nine months. */
export const firstNine = (days: readonly BusyDay[]): BusyDay[] =>
  days.filter(({ date }) => Number(date.slice(5, 7)) <= FITTED)

export interface Held {
  readonly isHeld: boolean
  /** Days from the first of the range to the last; Infinity: the last is not within the horizon. */
  readonly width: number
  /** Days by which the middle of the forecast is late. */
  readonly late: number
}

/** What the production fit says of one seed; null: its crossing does not lie in the last three months. */
export function heldBy(seed: number, season: number): Held | null {
  const { days, capacity } = syntheticDays(seed, season)
  const crossing = days.find(({ level }) => level >= capacity)
  const past = firstNine(days)
  if (crossing === undefined || crossing.at <= past.at(-1)!.at) return null
  const from = Date.UTC(2025, FITTED, 1) - DAY / 8
  const levels = { days: past, workingDays: past.map(({ date }) => date) }
  const { fit } = fitted(levels, { link: null, from, source: null, seed })
  const asked = Array.from({ length: HORIZON }, (_, n) => n).filter((n) => isWeekday(from + n * DAY + DAY / 2))
  const paths = pathsOf(fit!, from, asked)
  const reached = (path: (day: number) => number): number =>
    asked.find((n) => Math.exp(fit!.base) * path(n) >= capacity) ?? Infinity
  const [first, middle, last] = [reached(paths.most), reached(paths.middle), reached(paths.least)]
  const truth = Math.floor((crossing.at - from) / DAY)
  return { isHeld: first <= truth && truth <= last, width: last - first, late: middle - truth }
}

export interface Coverage {
  readonly seeds: number
  readonly held: number
  readonly share: number
  /** Days. */
  readonly medianWidth: number
  readonly medianMiss: number
}

/** The first so many seeds from one on whose crossing lies in the last three months. */
export function coverage(first: number, seeds: number, season = 0): Coverage {
  const found: Held[] = []
  for (let seed = first; found.length < seeds; seed++) {
    const held = heldBy(seed, season)
    if (held !== null) found.push(held)
  }
  const median = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!
  const held = found.filter(({ isHeld }) => isHeld).length
  return {
    ...{ seeds, held, share: held / seeds, medianWidth: median(found.map(({ width }) => width)) },
    medianMiss: median(found.map(({ late }) => Math.abs(late))),
  }
}
