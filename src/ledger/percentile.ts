// What a series of five-minute means comes to: percentile, mean, peak, volume, and how much of the month was seen. A
// gap is counted and never filled: it is neither zero nor what stood before it, and the percentile is one of the values
// that were measured (nearest rank), never something between two of them. A slot weighs by the seconds of it that were
// heard: a mean over two seconds is not five minutes of a month.

import { nearestRank } from '../record/nearest-rank.js'

/** kbit/s, whole: the means that the record keeps. */
export type Kbps = number

/** In place of a mean: nobody knows what was carried. */
export const GAP = -1

/** In place of a mean of a line: there was no such line then. */
export const NOT_THERE = -2

export interface Series {
  /** Mean of each slot, kbit/s; GAP where it is not known, NOT_THERE where there is nothing to be known. */
  readonly means: Int32Array
  /** Seconds of each slot that were heard. */
  readonly seconds: Uint16Array
}

export interface Usage {
  /** Null: nothing was counted. */
  readonly percentile: Kbps | null
  readonly mean: Kbps | null
  readonly peak: Kbps | null
  /** kbit in the time that was seen. */
  readonly volume: number
  /** Slots of which anything was heard, and slots there are. */
  readonly counted: number
  readonly slots: number
  /** Seconds that were heard: by them each slot weighs. */
  readonly heard: number
}

/** @param counted a mask: which slots count; absent: all */
export function usageOf({ means, seconds }: Series, percent: number, counted?: Uint8Array): Usage {
  const [known, lasted] = [new Int32Array(means.length), new Uint16Array(means.length)]
  let [count, slots, heard, volume, peak] = [0, 0, 0, 0, 0]
  for (let slot = 0; slot < means.length; slot++) {
    if (counted !== undefined && counted[slot] === 0) continue
    slots++
    const mean = means[slot]!
    if (mean < 0) continue
    known[count] = mean
    lasted[count++] = seconds[slot]!
    heard += seconds[slot]!
    volume += mean * seconds[slot]!
    if (mean > peak) peak = mean
  }
  const isSeen = count > 0
  return {
    percentile: nearestRank(known.subarray(0, count), lasted.subarray(0, count), percent),
    mean: heard > 0 ? Math.round(volume / heard) : null,
    peak: isSeen ? peak : null,
    ...{ volume, counted: count, slots, heard },
  }
}

/** What several carry together: known where all that were there are, and for as long as the one heard least. */
export function sumOf(series: readonly Series[], slots: number): Series {
  const means = new Int32Array(slots).fill(NOT_THERE)
  const seconds = new Uint16Array(slots)
  for (const one of series) {
    for (let slot = 0; slot < slots; slot++) {
      if (one.means[slot] === NOT_THERE) continue
      if (one.means[slot] === GAP || means[slot] === GAP) means[slot] = GAP
      else means[slot] = Math.max(0, means[slot]!) + one.means[slot]!
      seconds[slot] = seconds[slot] === 0 ? one.seconds[slot]! : Math.min(seconds[slot]!, one.seconds[slot]!)
    }
  }
  return { means: means.map((mean) => (mean === NOT_THERE ? GAP : mean)), seconds }
}
