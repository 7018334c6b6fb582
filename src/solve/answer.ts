// The answer while it is being found: the rows of a problem's answer columns, where the kernel can write them.

import { Copies } from './copies.js'
import type { Envelopes } from './envelopes.js'
import type { Kernel } from './kernel/kernel.js'
import type { Participants } from './participants.js'
import type { Paths } from './paths.js'
import type { Problem, Shape } from './problem.js'

export interface Row {
  readonly amount: Float64Array
  readonly level: Float64Array
  readonly bottleneck: Int32Array
}

export class Answer {
  readonly amount: Float64Array
  readonly level: Float64Array
  readonly bottleneck: Int32Array
  readonly shortIn: Int32Array
  readonly saturatedIn: Int32Array
  /** By link: the root level at which it filled, in the band in which it did. */
  readonly filledAt: Float64Array
  /** By band. */
  readonly rows: readonly Row[]
  private readonly kernel: Kernel
  private readonly told = new Copies((p) => [
    [p.amount, this.amount],
    [p.level, this.level],
    [p.bottleneck, this.bottleneck],
    [p.shortIn, this.shortIn],
    [p.saturatedIn, this.saturatedIn],
  ])

  constructor({ flows, bands }: Shape, kernel: Kernel) {
    const { memory } = kernel
    this.kernel = kernel
    this.amount = memory.f64(bands * flows, 'amount')
    this.level = memory.f64(bands * flows, 'level')
    this.bottleneck = memory.i32(bands * flows, 'bottleneck')
    this.shortIn = kernel.column('shortIn')
    this.saturatedIn = kernel.column('saturatedIn')
    this.filledAt = kernel.column('filledAt')
    this.rows = Array.from({ length: bands }, (_, band) => ({
      amount: this.amount.subarray(band * flows, (band + 1) * flows),
      level: this.level.subarray(band * flows, (band + 1) * flows),
      bottleneck: this.bottleneck.subarray(band * flows, (band + 1) * flows),
    }))
  }

  /** Nobody has anything in any band. */
  clear(): void {
    const { kernel } = this
    kernel.fillBytes(this.amount, 0)
    kernel.fillF64(this.level, Number.NaN)
    kernel.fillBytes(this.bottleneck, 0xff)
    kernel.fillBytes(this.shortIn, 0xff)
    kernel.fillBytes(this.saturatedIn, 0xff)
  }

  writeTo(p: Problem): void {
    this.told.make(p)
  }
}

/** What a solver has, and those who fill bands for it use. */
export interface Surroundings {
  readonly paths: Paths
  readonly participants: Participants
  readonly envelopes: Envelopes
  readonly held: Float64Array
  readonly answer: Answer
}
