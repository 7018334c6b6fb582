// Orders events by level, smallest first; equal levels keep the order in which they were pushed.
//
// A level is a non-negative double, and the bits of such a double, read as an unsigned integer, sort as the number
// does. So the leading bits that differ say nearly where an event belongs: it is counted and thrown into one of about
// as many buckets as there are events, and one insertion pass over the exact values finishes. Levels that crowd closer
// than that (a hostile file, or a plane in which everybody asks for nearly the same) would make the insertion
// quadratic: past a budget of moves all 64 bits are sorted instead, digit by digit. Either way the order is exact, and
// the cost is linear.

import type { LinearMemory } from './kernel/linear-memory.js'

/** Below this an insertion sort from the start is quicker. */
const FEW = 48
/** Insertion moves per element that we are ready to pay before we sort all bits. */
const PATIENCE = 16

export class Order {
  count = 0
  /** By event, as pushed. */
  readonly level: Float64Array
  readonly tag: Uint32Array
  /** After sort(): the tags of the events in order, and their levels. */
  readonly sorted: Uint32Array
  readonly sortedLevel: Float64Array
  private readonly words: Uint32Array
  private readonly bucket: Uint32Array

  /**
   * With a memory, what is pushed stands there, in one place for all who sort there, and what is sorted; the latter in
   * columns that are there, if given.
   */
  constructor(most: number, memory?: LinearMemory, sorted?: Pick<Order, 'sorted' | 'sortedLevel'>) {
    this.level = memory?.f64(most, 'pushedLevel') ?? new Float64Array(most)
    this.words = new Uint32Array(this.level.buffer, this.level.byteOffset, 2 * most)
    this.tag = memory?.u32(most, 'pushedTag') ?? new Uint32Array(most)
    this.sorted = sorted?.sorted ?? memory?.u32(most) ?? new Uint32Array(most)
    this.sortedLevel = sorted?.sortedLevel ?? memory?.f64(most) ?? new Float64Array(most)
    this.bucket = new Uint32Array(Math.max(256, 2 ** Math.ceil(Math.log2(most + 1))) + 1)
  }

  clear(): void {
    this.count = 0
  }

  /** Adds an event; the tag says what it is. */
  push(level: number, tag: number): void {
    this.level[this.count] = level
    this.tag[this.count++] = tag
  }

  sort(): void {
    const { level, tag, sorted, sortedLevel, count } = this
    if (count <= FEW) {
      for (let n = 0; n < count; n++) {
        sorted[n] = tag[n]!
        sortedLevel[n] = level[n]!
      }
      this.insert(FEW * FEW)
    } else {
      this.throwIntoBuckets()
      if (!this.insert(PATIENCE * count)) this.sortAllBits()
    }
  }

  private throwIntoBuckets(): void {
    const { words, level, tag, sorted, sortedLevel, bucket, count } = this
    let least = 0xffffffff
    let most = 0
    for (let at = HIGH_WORD; at < 2 * count; at += 2) {
      const word = words[at]!
      if (word < least) least = word
      if (word > most) most = word
    }
    const bits = 32 - Math.clz32(count)
    const shift = Math.max(0, 32 - Math.clz32(most - least) - bits)
    const last = (most - least) >>> shift
    bucket.fill(0, 0, last + 1)
    for (let at = HIGH_WORD; at < 2 * count; at += 2) bucket[(words[at]! - least) >>> shift]!++
    for (let b = 0, before = 0; b <= last; b++) {
      const size = bucket[b]!
      bucket[b] = before
      before += size
    }
    for (let n = 0; n < count; n++) {
      const to = bucket[(words[2 * n + HIGH_WORD]! - least) >>> shift]!++
      sorted[to] = tag[n]!
      sortedLevel[to] = level[n]!
    }
  }

  /** Stable insertion sort by exact level. False: the budget ran out, the order is not finished. */
  private insert(budget: number): boolean {
    const { sorted, sortedLevel, count } = this
    let left = budget
    let before = count > 0 ? sortedLevel[0]! : 0
    for (let n = 1; n < count; n++) {
      const at = sortedLevel[n]!
      if (at >= before) {
        before = at
        continue
      }
      const tag = sorted[n]!
      let m = n
      do {
        sorted[m] = sorted[m - 1]!
        sortedLevel[m] = sortedLevel[m - 1]!
        m--
      } while (m > 0 && sortedLevel[m - 1]! > at)
      sorted[m] = tag
      sortedLevel[m] = at
      left -= n - m
      if (left < 0) return false
    }
    return true
  }

  /** Stable radix sort by all bits, the least first. Rare enough to make its arrays only when they are needed. */
  private sortAllBits(): void {
    const { words, bucket, level, tag, sorted, sortedLevel, count } = this
    let from = new Uint32Array(count).map((_, n) => n)
    let to = new Uint32Array(count)
    for (let bit = 0; bit < 64; bit += 8) {
      const word = bit < 32 ? 1 - HIGH_WORD : HIGH_WORD
      const shift = bit % 32
      bucket.fill(0, 0, 257)
      for (let n = 0; n < count; n++) bucket[((words[2 * n + word]! >>> shift) & 255) + 1]!++
      for (let b = 0; b < 256; b++) bucket[b + 1]! += bucket[b]!
      for (let n = 0; n < count; n++) {
        const event = from[n]!
        to[bucket[(words[2 * event + word]! >>> shift) & 255]!++] = event
      }
      const before = from
      from = to
      to = before
    }
    for (let n = 0; n < count; n++) {
      sorted[n] = tag[from[n]!]!
      sortedLevel[n] = level[from[n]!]!
    }
  }
}

/** Index of the word of a double that holds its sign and exponent, on this machine. */
const HIGH_WORD = new Uint32Array(new Float64Array([1]).buffer)[1] === 0 ? 0 : 1
