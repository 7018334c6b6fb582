// Growth of a year as people write it: 0.25, 25 %, or with what one is unsure of, 0.25±0.08.

import { usageError } from '../../runtime/errors.js'

export interface Growth {
  readonly mean: number
  /** One standard deviation; 0: it is taken as certain. */
  readonly spread: number
}

const PART = /^(\d{1,4}(?:\.\d{1,9})?) ?(%?)$/
const MOST = 10

export function readGrowth(text: string): Growth {
  const [first = '', second, ...more] = text.split(/±|\+\/?-/).map((word) => word.trim())
  const [, mean, percent] = PART.exec(first) ?? []
  const [, spread, spreadPercent] = PART.exec(second ?? '') ?? []
  const expected = 'expected the growth of a year, such as 0.25, 25% or 0.25±0.08'
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

export const growthText = ({ mean, spread }: Growth): string => (spread === 0 ? `${mean}` : `${mean}±${spread}`)

/** The least, the middle and the most of what is expected; all the same where nobody is unsure. */
export const growthRange = ({ mean, spread }: Growth): readonly [number, number, number] => [
  Math.max(0, mean - spread),
  mean,
  mean + spread,
]
