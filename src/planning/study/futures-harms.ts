// What the states do, taken from the results of parts in their order: at which moments of a state somebody lacks
// something, how much, and who. Rows of numbers: ten thousand years of a nation have a quarter of a million of them.

import type { Agenda } from './futures-agenda.js'
import type { Part, PartResult } from './futures-task.js'

/** Numbers of a row: its moment, bit/s that is short and that is unreachable, and the sets of both. */
const ROW = 5

export interface Harm {
  readonly short: number
  readonly unreachable: number
  /** Institutions, a bit each. */
  readonly who: readonly [short: Uint32Array, unreachable: Uint32Array]
}

export class Harms {
  readonly #levels: readonly number[]
  readonly #moments: number
  readonly #words: number
  /** By state: rows, the earliest moment first. */
  readonly #rows: Float64Array[] = []
  readonly #sets: Uint32Array[] = []

  /** @param moments of a working day and a day off together */
  constructor({ levels }: Agenda, moments: number, institutions: number) {
    this.#levels = levels
    this.#moments = moments
    this.#words = Math.ceil(institutions / 32)
  }

  /** The states of a part are those after the states of the part before it. */
  take({ states }: Part, { sets, harms }: PartResult): void {
    const before = this.#sets.length
    for (const members of sets) this.#sets.push(this.#bitsOf(members))
    for (const [s, flat] of harms.entries()) {
      const { steps } = states[s]!
      const rows = Float64Array.from(flat)
      for (let at = 0; at < rows.length; at += ROW) {
        rows[at] = this.#momentOf(steps[rows[at]!]!)
        rows[at + 3]! += before
        rows[at + 4]! += before
      }
      this.#rows.push(rows)
    }
  }

  #momentOf(step: number): number {
    return this.#levels[Math.floor(step / this.#moments)]! * this.#moments + (step % this.#moments)
  }

  #bitsOf(members: readonly number[]): Uint32Array {
    const bits = this.nobody()
    for (const n of members) bits[n >> 5]! |= 1 << (n & 31)
    return bits
  }

  nobody(): Uint32Array {
    return new Uint32Array(this.#words)
  }

  /** Undefined: nobody lacks anything then. */
  of(state: number, moment: number): Harm | undefined {
    const rows = this.#rows[state]!
    let [from, to] = [0, rows.length / ROW]
    while (from < to) {
      const middle = (from + to) >> 1
      if (rows[ROW * middle]! < moment) from = middle + 1
      else to = middle
    }
    const at = ROW * from
    if (rows[at] !== moment) return undefined
    const who = [this.#sets[rows[at + 3]!]!, this.#sets[rows[at + 4]!]!] as const
    return { short: rows[at + 1]!, unreachable: rows[at + 2]!, who }
  }
}
