// Break dates by month, also for another growth than was asked about: demand that has grown by a factor has done so on
// another day, so every break moves by the ratio of the logarithms.

import { civilTime } from '../../model/civil-time.js'
import type { Text } from '../words/texts.js'

interface Body {
  readonly id: string
  readonly name: Text
}

/** The break of an institution; UTC milliseconds. */
export interface BreakDate {
  readonly institution: Body
  readonly at: number
}

/** Of 0.25, 25 % or 0.25±0.08 what is expected; a percent sign at the end is both parts'. */
export function meanOf(growth: string): number {
  const mean = Number.parseFloat(growth)
  return growth.includes('%') ? mean / 100 : mean
}

/** When it is as much as was reached then, had it grown so much a year. */
export function movedTo(at: number, from: number, asked: number, growth: number): number {
  if (growth <= 0) return Number.POSITIVE_INFINITY
  return from + (at - from) * (Math.log1p(asked) / Math.log1p(growth))
}

export interface Month {
  readonly month: string
  readonly newly: number
  readonly inAll: number
  readonly first: Body
}

export function monthsOf(breaks: readonly BreakDate[], zone: string, last: number): Month[] {
  const ordered = breaks.filter(({ at }) => at <= last).sort((a, b) => a.at - b.at)
  const months = new Map<string, Month>()
  for (const [n, { at, institution }] of ordered.entries()) {
    const month = civilTime(at, zone).date.slice(0, 7)
    const known = months.get(month)
    months.set(month, { month, newly: (known?.newly ?? 0) + 1, inAll: n + 1, first: known?.first ?? institution })
  }
  return [...months.values()]
}
