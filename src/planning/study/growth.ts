// Growth of a year as people write it: 0.25, 25 %, with what one is unsure of, 0.25±0.08, or `fitted`: as the record
// has it (growth-fit.ts).

import type { Text } from '../../model/network.js'
import { usageError } from '../../runtime/errors.js'
import { text } from './plan-report.js'
import type { TrendInput } from './trend.js'

export interface Growth {
  readonly mean: number
  /** One standard deviation; 0: it is taken as certain. */
  readonly spread: number
  /** What both were read from; absent: somebody said so. */
  readonly fit?: Fitted
}

/** A month of the record. */
export interface FittedMonth {
  /** 2026-03 */
  readonly month: string
  /** Working days that count, and that there were. */
  readonly days: number
  readonly of: number
  /** kbit/s: the busiest hour of its days in the mean, by logarithms; null: too few count. */
  readonly level: number | null
}

/** Plain data, so that equal records are equal inputs. */
export interface Fitted {
  /** Null: of all flows. */
  readonly link: string | null
  readonly months: readonly FittedMonth[]
  readonly input: TrendInput
  /** Of a year, least and most of the range. */
  readonly range: readonly [number, number]
  /** The part of what was busy that was held back. */
  readonly least: number
  /** ln kbit/s: what the day of the study stands for, and whether that very day was recorded. */
  readonly base: number
  readonly isBaseRecorded: boolean
  readonly seed: number
}

/** To be fitted to what the whole nation wanted, or to what a directed link carried. */
export interface ToFit {
  readonly link: string | null
}

const PART = /^(\d{1,4}(?:\.\d{1,9})?) ?(%?)$/
const MOST = 10
const FITTED = 'fitted'

/** A number, or what is to be fitted. */
export function readGrowth(text: string): Growth | ToFit {
  const [word = '', link] = text.trim().split(':')
  if (word !== FITTED) return numberOf(text)
  if (link === '') throw usageError(`--growth ${text}: expected a directed link, such as fitted:transit-a.down`)
  return { link: link ?? null }
}

function numberOf(text: string): Growth {
  const [first = '', second, ...more] = text.split(/±|\+\/?-/).map((word) => word.trim())
  const [, mean, percent] = PART.exec(first) ?? []
  const [, spread, spreadPercent] = PART.exec(second ?? '') ?? []
  const expected = 'expected the growth of a year, such as 0.25, 25%, 0.25±0.08, or fitted'
  if (/^[-−]/.test(first)) throw usageError(`--growth ${text}: demand that shrinks is not offered; ${expected}`)
  if (mean === undefined || more.length > 0 || (second !== undefined && spread === undefined))
    throw usageError(`--growth ${text}: ${expected}`)
  // "25±8%" has one sign for both; "0.25±8%" could be read in two ways.
  const isShared = percent === '' && spreadPercent === '%' && !mean.includes('.') && mean !== '0'
  if (spread !== undefined && percent !== spreadPercent && !isShared)
    throw usageError(`--growth ${text}: one part is in percent and the other is not; write 25%±8% or 0.25±0.08`)
  const part = (value: string, isPercent: boolean): number => Number(value) / (isPercent ? 100 : 1)
  const growth = {
    mean: part(mean, percent === '%' || isShared),
    spread: spread === undefined ? 0 : part(spread, spreadPercent === '%'),
  }
  if (growth.mean <= MOST && growth.spread <= growth.mean + 1) return growth
  throw usageError(`--growth ${text}: ${expected}; ${MOST} is the most`)
}

const rateText = ({ mean, spread }: Growth): string => (spread === 0 ? `${mean}` : `${mean}±${spread}`)

/** As the command takes it. */
export const growthText = (growth: Growth): string =>
  growth.fit === undefined ? rateText(growth) : `${FITTED}${growth.fit.link === null ? '' : `:${growth.fit.link}`}`

/** As a sentence says it: "25 %", "25 % ± 8 %". */
export function growthWords(growth: Growth): Text {
  const percent = (part: number): string => `${Number((100 * part).toFixed(2))} %`
  const { mean, spread, fit } = growth
  const said = spread === 0 ? percent(mean) : `${percent(mean)} ± ${percent(spread)}`
  if (fit === undefined) return text(said, said)
  const of = fit.link === null ? '' : ` kwa ${fit.link}`
  return text(`${said} (${growthText(growth)})`, `${said} (uliokadiriwa${of})`)
}

/** The least, the middle and the most of what is expected; all the same where nobody is unsure. */
export const growthRange = ({ mean, spread }: Growth): readonly [number, number, number] => [
  Math.max(0, mean - spread),
  Math.max(0, mean),
  Math.max(0, mean + spread),
]
