// Seeded chance: the same seed, the same story, on every machine.

export class Random {
  #x: number

  constructor(seed: number) {
    this.#x = (seed ^ 0x9e3779b9) >>> 0
    for (let k = 0; k < 4; k++) this.next()
  }

  /** In [0, 1). */
  next(): number {
    this.#x = (this.#x + 0x6d2b79f5) >>> 0
    let y = Math.imul(this.#x ^ (this.#x >>> 15), 1 | this.#x)
    y = (y + Math.imul(y ^ (y >>> 7), 61 | y)) ^ y
    return ((y ^ (y >>> 14)) >>> 0) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  chance(part: number): boolean {
    return part > 0 && this.next() < part
  }

  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.next() * of.length)]!
  }
}
