// What was busy, month by month, carried on: a straight line through the logarithms, and how far from it a day to come
// may lie. Months keep something of the month before and may have a season; how much, a few of them cannot tell. So
// neither is guessed: every pair of a month-to-month correlation and a size of the season counts by what the months
// themselves say for it (regression with correlated errors, Zellner and Tiao, JASA 59, 1964; for one pair it is the
// prediction interval by Student's t that textbooks have). Below two years a season and a trend look alike, no pair
// is ruled out, and the range is the wider for it; it needs no allowance by hand.
//
// A day breaks what it breaks when it is the first so busy. So a range is of the busiest day up to then: drawn futures,
// each with its line, its months and its days, and of the busiest so far the part of futures that lie below.

import { normalQuantile, stream } from './chance.js'

/** A month that was recorded. */
export interface MonthLevel {
  /** Months since the year 0. */
  readonly month: number
  /** Years since 1970: the middle of its days that count. */
  readonly at: number
  /** Mean logarithm over these days. */
  readonly level: number
}

/** A working day, past or to come. */
export interface DayPlace {
  readonly month: number
  readonly at: number
}

export interface TrendInput {
  readonly months: readonly MonthLevel[]
  /** How far the logarithm of each day lies from the line through the middle of its month. */
  readonly aside: readonly number[]
}

/** Correlation of a month with the next; variance of the season, in that of a month. */
const CORRELATIONS = [0, 0.25, 0.5, 0.75] as const
const SEASONS = [0, 0.5, 1, 2] as const
const DRAWS = 1_000
/** Months that lie on a line exactly have an error all the same: rates are whole kbit/s. */
const LEAST_SQUARES = 1e-10

type Pair = readonly [correlation: number, season: number]
const ALL_PAIRS: readonly Pair[] = CORRELATIONS.flatMap((rho) => SEASONS.map((season): Pair => [rho, season]))

/** A pair with the line that it fits. */
interface Fit {
  readonly rho: number
  readonly season: number
  /** Logarithm of what the months say for it. */
  readonly evidence: number
  /** Lower triangles (Cholesky): of the covariance of months, and of the inverse of that of the line. */
  readonly months: readonly Float64Array[]
  readonly line: readonly Float64Array[]
  /** Level in the middle of the months, and what it gains in a year. */
  readonly beta: readonly [number, number]
  readonly squares: number
}

/** One future. */
export interface Drawn {
  readonly level: number
  readonly slope: number
  /** By month to come, in their order: how far it lies from the line. */
  readonly months: Float64Array
}

const seasonal = (years: number): number => Math.cos(2 * Math.PI * years)

export class Trend {
  readonly #months: readonly MonthLevel[]
  readonly #aside: readonly number[]
  readonly #fits: readonly Fit[]
  readonly #middle: number

  /** @param pairs what may be; of one alone the textbook's interval */
  constructor({ months, aside }: TrendInput, pairs: readonly Pair[] = ALL_PAIRS) {
    this.#months = months
    this.#aside = aside
    this.#middle = months.reduce((sum, { at }) => sum + at, 0) / months.length
    this.#fits = pairs.map((pair) => fitOf(months, this.#middle, pair))
  }

  /** The line that has most for it, at a time. */
  lineAt(at: number): number {
    const { beta } = this.#fits.reduce((best, next) => (next.evidence > best.evidence ? next : best))
    return beta[0] + beta[1] * (at - this.#middle)
  }

  /**
   * Of a year: what such parts of the futures gain at most.
   * @param parts each from 0 to 1
   */
  rates(parts: readonly number[], seed: number): number[] {
    const slopes = Float64Array.from(this.draws([], seed), ({ slope }) => Math.exp(slope) - 1).sort()
    return parts.map((part) => quantile(slopes, part))
  }

  /**
   * The busiest day up to each: the level, as a logarithm, that such parts of the futures do not pass.
   * @param days working days in their order
   * @returns by part, by day; no value is below the one before it
   */
  busiestUpTo(days: readonly DayPlace[], parts: readonly number[], seed: number): Float64Array[] {
    const first = days[0]?.month ?? 0
    const months = Array.from({ length: (days.at(-1)?.month ?? first) - first + 1 }, (_, n) => first + n)
    const drawn = [...this.draws(months, seed)]
    const next = stream([seed, 0x64617973, 1])
    const busiest = new Float64Array(drawn.length).fill(-Infinity)
    const sorted = new Float64Array(drawn.length)
    const columns = parts.map(() => new Float64Array(days.length))
    for (const [n, { month, at }] of days.entries()) {
      for (let k = 0; k < drawn.length; k++) {
        const { level, slope, months } = drawn[k]!
        const aside = this.#aside[Math.floor(next() * this.#aside.length)] ?? 0
        const reached = level + slope * (at - this.#middle) + months[month - first]! + aside
        if (reached > busiest[k]!) busiest[k] = reached
      }
      sorted.set(busiest)
      sorted.sort()
      for (const [p, part] of parts.entries()) columns[p]![n] = quantile(sorted, part)
    }
    return columns
  }

  /** Futures; the same for the same seed. */
  *draws(months: readonly number[], seed: number): Generator<Drawn> {
    const next = stream([seed, 0x7472656e, 1])
    const normal = (): number => normalQuantile(next())
    const most = Math.max(...this.#fits.map(({ evidence }) => evidence))
    const weights = this.#fits.map(({ evidence }) => Math.exp(evidence - most))
    const all = weights.reduce((sum, weight) => sum + weight, 0)
    const known = new Map<Fit, Float64Array[]>()
    let [place, upTo] = [0, weights[0]! / all]
    for (let n = 0; n < DRAWS; n++) {
      while ((n + 0.5) / DRAWS > upTo && place < this.#fits.length - 1) upTo += weights[++place]! / all
      const fit = this.#fits[place]!
      const towards = known.get(fit) ?? this.#covariance(fit, months)
      known.set(fit, towards)
      yield this.#draw(fit, months, towards, normal)
    }
  }

  /** Of months to come with those that were recorded. */
  #covariance({ rho, season }: Fit, months: readonly number[]): Float64Array[] {
    return months.map((month) =>
      Float64Array.from(this.#months, (known) => {
        const apart = Math.abs(month - known.month)
        return rho ** apart + season * seasonal(apart / 12)
      }),
    )
  }

  /** The months to come given those that were: drawn together, then moved by what was (Matheron's rule). */
  #draw(fit: Fit, months: readonly number[], towards: readonly Float64Array[], normal: () => number): Drawn {
    const freedom = this.#months.length - 2
    let chi = 0
    for (let n = 0; n < freedom; n++) chi += normal() ** 2
    const sigma = Math.sqrt(fit.squares / chi)
    const shift = solveUpper(fit.line, [normal(), normal()])
    const [level, slope] = [fit.beta[0] + sigma * shift[0]!, fit.beta[1] + sigma * shift[1]!]
    if (months.length === 0) return { level, slope, months: new Float64Array(0) }
    const walked = walk(fit, this.#months[0]!.month, months.at(-1)!, normal)
    const lacking = this.#months.map(({ month, at, level: was }) => {
      const aside = (was - level - slope * (at - this.#middle)) / sigma
      return aside - walked[month - this.#months[0]!.month]!
    })
    const pull = solveUpper(fit.months, solveLower(fit.months, lacking))
    const drawn = Float64Array.from(months, (month, n) => {
      let sum = walked[month - this.#months[0]!.month]!
      for (let i = 0; i < pull.length; i++) sum += towards[n]![i]! * pull[i]!
      return sigma * sum
    })
    return { level, slope, months: drawn }
  }
}

/** Months in a row as they could be, by chance alone. */
function walk({ rho, season }: Fit, from: number, to: number, normal: () => number): Float64Array {
  const [even, odd] = [Math.sqrt(season) * normal(), Math.sqrt(season) * normal()]
  let kept = normal()
  return Float64Array.from({ length: to - from + 1 }, (_, n) => {
    if (n > 0) kept = rho * kept + Math.sqrt(1 - rho * rho) * normal()
    return kept + even * seasonal(n / 12) + odd * seasonal(n / 12 - 0.25)
  })
}

/** By generalized least squares. */
function fitOf(months: readonly MonthLevel[], middle: number, [rho, season]: Pair): Fit {
  const covariance = months.map((a) =>
    Float64Array.from(months, (b) => {
      const apart = Math.abs(a.month - b.month)
      // A little of its own, so that no month is known from the others.
      return rho ** apart + season * seasonal(apart / 12) + (apart === 0 ? 1e-9 : 0)
    }),
  )
  const lower = cholesky(covariance)
  const white = (column: readonly number[]): Float64Array => solveLower(lower, column)
  const [ones, times, levels] = [
    white(months.map(() => 1)),
    white(months.map(({ at }) => at - middle)),
    white(months.map(({ level }) => level)),
  ]
  const line = cholesky([
    Float64Array.of(dot(ones, ones), dot(ones, times)),
    Float64Array.of(dot(ones, times), dot(times, times)),
  ])
  const [level = 0, slope = 0] = solveUpper(line, solveLower(line, [dot(ones, levels), dot(times, levels)]))
  const left = levels.map((each, n) => each - level * ones[n]! - slope * times[n]!)
  const squares = Math.max(LEAST_SQUARES, dot(left, left))
  const evidence = -logOf(lower) - logOf(line) - ((months.length - 2) / 2) * Math.log(squares)
  return { rho, season, evidence, months: lower, line, beta: [level, slope], squares }
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, each, n) => sum + each * b[n]!, 0)
/** Half the logarithm of the determinant. */
const logOf = (lower: readonly Float64Array[]): number => lower.reduce((sum, row, n) => sum + Math.log(row[n]!), 0)

function cholesky(matrix: readonly Float64Array[]): Float64Array[] {
  const lower = matrix.map((row) => new Float64Array(row.length))
  for (const [i, row] of lower.entries()) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!
      for (let k = 0; k < j; k++) sum -= row[k]! * lower[j]![k]!
      row[j] = i === j ? Math.sqrt(sum) : sum / lower[j]![j]!
    }
  }
  return lower
}

function solveLower(lower: readonly Float64Array[], right: ArrayLike<number>): Float64Array {
  const found = Float64Array.from(right)
  for (const [i, row] of lower.entries()) {
    for (let k = 0; k < i; k++) found[i]! -= row[k]! * found[k]!
    found[i]! /= row[i]!
  }
  return found
}

/** Of the transpose. */
function solveUpper(lower: readonly Float64Array[], right: ArrayLike<number>): Float64Array {
  const found = Float64Array.from(right)
  for (let i = lower.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < lower.length; k++) found[i]! -= lower[k]![i]! * found[k]!
    found[i]! /= lower[i]![i]!
  }
  return found
}

const quantile = (sorted: Float64Array, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!
