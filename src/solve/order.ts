// Orders events by level, smallest first; equal levels keep the order in which they were pushed.
//
// A level is a non-negative double, and the bits of such a double, read as an unsigned integer, sort as the number
// does. To tell n levels apart takes about log2(n) bits and a few more, so a radix sort over just so many of the
// leading bits that differ brings nearly everything to its place, and one insertion pass over the exact values
// finishes. Levels that crowd closer than that (a hostile file, or a plane in which everybody asks for nearly the
// same) would make the insertion quadratic: past a budget of moves all 64 bits are sorted instead. Either way the
// order is exact, and the cost is linear.

/** Leading bits beyond log2(n): one pair in sixteen may still share a bucket. */
const MORE_BITS = 4
/** Digits of at most so many bits: the counts of one must stay in the nearest cache. */
const DIGIT_BITS = 11
/** Below this an insertion sort from the start is quicker. */
const FEW = 48
/** Insertion moves per element that we are ready to pay before we sort all bits. */
const PATIENCE = 8

export class Order {
  count = 0
  readonly level: Float64Array
  /** After sort(): positions of the events, in order. */
  sorted: Uint32Array
  private spare: Uint32Array
  private readonly words: Uint32Array
  private readonly bucket = new Uint32Array(1 << DIGIT_BITS)

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
    const { count } = this
    this.restart()
    if (count <= FEW) this.insertion(FEW * FEW)
    else {
      this.sortLeadingBits()
      if (!this.insertion(PATIENCE * count)) this.sortAllBits()
    }
  }

  private restart(): void {
    const { sorted, count } = this
    for (let n = 0; n < count; n++) sorted[n] = n
  }

  private sortLeadingBits(): void {
    const { words, count } = this
    let least = 0xffffffff
    let most = 0
    for (let n = HIGH_WORD; n < 2 * count; n += 2) {
      const word = words[n]!
      if (word < least) least = word
      if (word > most) most = word
    }
    const differ = 32 - Math.clz32(most - least)
    const bits = Math.min(differ, 32 - Math.clz32(count) + MORE_BITS)
    this.radix(HIGH_WORD, least, differ - bits, bits)
  }

  private sortAllBits(): void {
    this.restart()
    this.radix(1 - HIGH_WORD, 0, 0, 32)
    this.radix(HIGH_WORD, 0, 0, 32)
  }

  /** Stable sort by `bits` bits of (word - least), from bit `shift` up. */
  private radix(word: number, least: number, shift: number, bits: number): void {
    const { words, bucket, count } = this
    const passes = Math.ceil(bits / DIGIT_BITS)
    const width = Math.ceil(bits / passes)
    const mask = (1 << width) - 1
    for (let pass = 0, low = shift; pass < passes; pass++, low += width) {
      const { sorted, spare } = this
      bucket.fill(0, 0, mask + 1)
      for (let n = 0, at = word; n < count; n++, at += 2) bucket[((words[at]! - least) >>> low) & mask]!++
      let sum = 0
      for (let d = 0; d <= mask; d++) {
        const size = bucket[d]!
        bucket[d] = sum
        sum += size
      }
      for (let n = 0; n < count; n++) {
        const event = sorted[n]!
        spare[bucket[((words[2 * event + word]! - least) >>> low) & mask]!++] = event
      }
      this.sorted = spare
      this.spare = sorted
    }
  }

  /** Stable insertion sort by exact level. False: the budget ran out, the order is not finished. */
  private insertion(budget: number): boolean {
    const { level, sorted, count } = this
    let left = budget
    let before = count > 0 ? level[sorted[0]!]! : 0
    for (let n = 1; n < count; n++) {
      const event = sorted[n]!
      const at = level[event]!
      if (at >= before) {
        before = at
        continue
      }
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
