// The percentile of five-minute means, one for the statement and for the monthly page: a slot weighs by the seconds of
// it that were heard, and the answer is one of the values that were measured, never something between two of them.

/** A mean and its seconds as one number, so that they sort together. */
const PLACES = 1_024

/**
 * The smallest value below which, itself included, so much of the time lies: of slots that were all heard throughout
 * the value at place ceil(percent / 100 x n) of n sorted ones.
 * @param means kbit/s, whole, none below zero
 * @param percent above 0, to 100, with one decimal at most
 */
export function nearestRank(means: Int32Array, seconds: Uint16Array, percent: number): number | null {
  const sorted = Float64Array.from(means, (mean, slot) => mean * PLACES + seconds[slot]!).sort()
  // In tenths: whole numbers, whose quotient is never on the wrong side of one.
  const wanted = Math.round(percent * 10) * seconds.reduce((sum, one) => sum + one, 0)
  let passed = 0
  for (const one of sorted) {
    passed += 1_000 * (one % PLACES)
    if (passed >= wanted) return Math.floor(one / PLACES)
  }
  return null
}
