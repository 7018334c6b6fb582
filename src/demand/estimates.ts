// Which demands are estimates. Where the rate decides what arrives, nobody sees how much is asked: the flow asks for
// its guarantee and more (estimator.ts). Here stands since when that is so, and what was seen all the same.

import type { FlowColumns } from '../model/board.js'
import type { BitsPerSecond, Milliseconds, UnixMilliseconds } from '../model/units.js'
import { copyRows } from './columns.js'
import { FREE, isOfLate, type Pressure } from './estimator.js'

/** What one sample says of a flow. */
interface Sampled {
  readonly pressure: Pressure
  /** What it asked for before this sample, bit/s. */
  readonly before: BitsPerSecond
  readonly arrival: BitsPerSecond
  /** Packets wait for the rate, or were dropped at it. */
  readonly waits: boolean
  /** On the edge's clock, and on ours. */
  readonly at: Milliseconds
  readonly wall: UnixMilliseconds
}

export type Seen = Pick<FlowColumns, 'atLeast' | 'estimatedSince' | 'waits'>

export class Estimates {
  /** UnixMilliseconds; NaN: the demand is no estimate. */
  readonly #since: Float64Array
  readonly #seen: Float64Array
  readonly #waitedAt: Float64Array
  readonly #waits: Uint8Array

  constructor(flows: number) {
    this.#since = new Float64Array(flows).fill(Number.NaN)
    this.#seen = new Float64Array(flows)
    this.#waitedAt = new Float64Array(flows).fill(Number.NEGATIVE_INFINITY)
    this.#waits = new Uint8Array(flows)
  }

  note(flow: number, { pressure, before, arrival, waits, at, wall }: Sampled): void {
    if (waits) this.#waitedAt[flow] = at
    const isEstimate = pressure !== FREE
    this.#waits[flow] = isEstimate && isOfLate(at, this.#waitedAt[flow]!) ? 1 : 0
    if (!isEstimate) {
      this.#since[flow] = Number.NaN
      return
    }
    if (Number.isNaN(this.#since[flow]!)) {
      this.#since[flow] = wall
      this.#seen[flow] = before
    }
    this.#seen[flow] = Math.max(this.#seen[flow]!, arrival)
  }

  /** Takes over so many flows of another table, from `i` on, which stood there from `j` on. */
  takeRun(from: Estimates, i: number, j: number, length: number): void {
    copyRows(this.#since, i, from.#since, j, length)
    copyRows(this.#seen, i, from.#seen, j, length)
    copyRows(this.#waitedAt, i, from.#waitedAt, j, length)
    copyRows(this.#waits, i, from.#waits, j, length)
  }

  /** @param asked what each flow asks for, bit/s */
  of(asked: Float64Array): Seen {
    const atLeast = asked.slice()
    for (let f = 0; f < atLeast.length; f++)
      if (!Number.isNaN(this.#since[f]!)) atLeast[f] = Math.min(asked[f]!, this.#seen[f]!)
    return { atLeast, estimatedSince: this.#since.slice(), waits: this.#waits.slice() }
  }
}
