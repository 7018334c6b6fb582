// Orders events by level, smallest first; equal levels keep the order in which they were pushed.
//
// A level is a non-negative double, and the bits of such a double, read as an unsigned integer, sort as the number
// does. So a radix sort over the high word (sign, exponent, 20 bits of mantissa) brings everything to within 2^-20
// of its place, and one insertion pass over the exact values finishes. Levels that crowd closer than that (a
// hostile file, or a plane in which everybody asks for nearly the same) would make the insertion quadratic: past a
// budget of moves both words are sorted instead. Either way the order is exact, and the cost is linear.

const BITS = 11
const BUCKETS = 1 << BITS
const MASK = BUCKETS - 1
/** Shifts of the three digits of a 32-bit word. */
const DIGITS = [0, 11, 22] as const
/** Below this an insertion sort from the start is quicker than clearing the buckets. */
const FEW = 48
/** Insertion moves per element that we are ready to pay before we sort the low word too. */
const PATIENCE = 8

export class Order {
  count = 0
  readonly level: Float64Array
  /** After sort(): positions of the events, in order. */
  sorted: Uint32Array
  private spare: Uint32Array
  private readonly words: Uint32Array
  private readonly bucket = new Uint32Array(BUCKETS)

  constructor(most: number) {
    this.level = new Float64Array(most)
    this.words = new Uint32Array(this.level.buffer)
    this.sorted = new Uint32Array(most)
    this.spare = new Uint32Array(most)
  }

  clear(): void {
    this.count = 0
  }

  /** Adds an event and returns its position. */
  push(level: number): number {
    this.level[this.count] = level
    return this.count++
  }

  sort(): void {
    this.restart()
    if (this.count > FEW) this.radix(HIGH_WORD)
    if (this.insertion(this.count > FEW ? PATIENCE * this.count : FEW * FEW)) return
    this.restart()
    this.radix(1 - HIGH_WORD)
    this.radix(HIGH_WORD)
  }

  private restart(): void {
    const { sorted, count } = this
    for (let n = 0; n < count; n++) sorted[n] = n
  }

  private radix(word: number): void {
    const { words, bucket, count } = this
    for (const shift of DIGITS) {
      const { sorted, spare } = this
      bucket.fill(0)
      for (let n = 0; n < count; n++) bucket[(words[2 * n + word]! >>> shift) & MASK]!++
      // Exponents are mostly shared: a digit that is the same everywhere needs no move.
      if (count > 0 && bucket[(words[word]! >>> shift) & MASK] === count) continue
      let sum = 0
      for (let d = 0; d < BUCKETS; d++) {
        const size = bucket[d]!
        bucket[d] = sum
        sum += size
      }
      for (let n = 0; n < count; n++) {
        const event = sorted[n]!
        const digit = (words[2 * event + word]! >>> shift) & MASK
        spare[bucket[digit]!++] = event
      }
      this.sorted = spare
      this.spare = sorted
    }
  }

  /** Stable insertion sort by exact level. False: the budget ran out, the order is not finished. */
  private insertion(budget: number): boolean {
    const { level, sorted, count } = this
    let left = budget
    for (let n = 1; n < count; n++) {
      const event = sorted[n]!
      const at = level[event]!
      let m = n
      while (m > 0 && level[sorted[m - 1]!]! > at) {
        sorted[m] = sorted[m - 1]!
        m--
      }
      sorted[m] = event
      left -= n - m
      if (left < 0) return false
    }
    return true
  }
}

/** Index of the word of a double that holds its sign and exponent, on this machine. */
const HIGH_WORD = new Uint32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1
