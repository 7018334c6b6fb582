// What a series of five-minute means comes to: percentile, mean, peak, volume, and how much of the month was seen. A
// gap is counted and never filled: it is neither zero nor what stood before it, and the percentile is one of the values
// that were measured (nearest rank), never something between two of them.

/** kbit/s, whole: the means that the record keeps. */
export type Kbps = number

/** In place of a mean: nobody knows what was carried. */
export const GAP = -1

export interface Series {
  /** Mean of each slot, kbit/s; GAP where it is not known. */
  readonly means: Int32Array
  /** Seconds of each slot that were seen. */
  readonly seconds: Uint16Array
}

export interface Usage {
  /** Null: nothing was counted. */
  readonly percentile: Kbps | null
  readonly mean: Kbps | null
  readonly peak: Kbps | null
  /** kbit in the time that was seen. */
  readonly volume: number
  /** Slots that were counted, and slots there are. */
  readonly counted: number
  readonly slots: number
}

/**
 * The value at place ceil(percent / 100 x n) of n sorted values.
 * @param percent above 0, to 100, with one decimal at most
 */
export function nearestRank(known: Int32Array, percent: number): Kbps | null {
  if (known.length === 0) return null
  // In tenths: whole numbers, whose quotient is never on the wrong side of one.
  const rank = Math.ceil((Math.round(percent * 10) * known.length) / 1_000)
  return known.slice().sort()[rank - 1]!
}

/** @param counted a mask: which slots count; absent: all */
export function usageOf({ means, seconds }: Series, percent: number, counted?: Uint8Array): Usage {
  const known = new Int32Array(means.length)
  let [count, slots, sum, volume, peak] = [0, 0, 0, 0, 0]
  for (let slot = 0; slot < means.length; slot++) {
    if (counted !== undefined && counted[slot] === 0) continue
    slots++
    const mean = means[slot]!
    if (mean === GAP) continue
    known[count++] = mean
    sum += mean
    volume += mean * seconds[slot]!
    if (mean > peak) peak = mean
  }
  const isSeen = count > 0
  return {
    percentile: nearestRank(known.subarray(0, count), percent),
    mean: isSeen ? Math.round(sum / count) : null,
    peak: isSeen ? peak : null,
    ...{ volume, counted: count, slots },
  }
}

/** What several carry together: where one of them is not known, the sum is not. */
export function sumOf(series: readonly Series[], slots: number): Series {
  const means = new Int32Array(slots).fill(series.length === 0 ? GAP : 0)
  const seconds = new Uint16Array(slots)
  for (const one of series) {
    for (let slot = 0; slot < slots; slot++) {
      if (one.means[slot] === GAP || means[slot] === GAP) means[slot] = GAP
      else means[slot]! += one.means[slot]!
      seconds[slot] = Math.max(seconds[slot]!, one.seconds[slot]!)
    }
  }
  return { means, seconds }
}
