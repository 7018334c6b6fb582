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

  constructor({ flows, links, bands }: Shape, kernel: Kernel) {
    const { memory } = kernel
    this.kernel = kernel
    this.amount = memory.f64(bands * flows, 'amount')
    this.level = memory.f64(bands * flows, 'level')
    this.bottleneck = memory.i32(bands * flows, 'bottleneck')
    this.shortIn = memory.i32(flows, 'shortIn')
    this.saturatedIn = memory.i32(links)
    this.filledAt = memory.f64(links)
    this.rows = Array.from({ length: bands }, (_, band) => ({
      amount: this.amount.subarray(band * flows, (band + 1) * flows),
      level: this.level.subarray(band * flows, (band + 1) * flows),
      bottleneck: this.bottleneck.subarray(band * flows, (band + 1) * flows),
    }))
    kernel.place({ shortIn: this.shortIn, saturatedIn: this.saturatedIn, filledAt: this.filledAt })
  }

  /** Nobody has anything in any band. */
  clear(): void {
    const { run } = this.kernel
    const { amount, level, bottleneck, shortIn, saturatedIn } = this
    run.fillBytes(amount.byteOffset, amount.byteLength, 0)
    run.fillF64(level.byteOffset, level.length, Number.NaN)
    run.fillBytes(bottleneck.byteOffset, bottleneck.byteLength, 0xff)
    run.fillBytes(shortIn.byteOffset, shortIn.byteLength, 0xff)
    run.fillBytes(saturatedIn.byteOffset, saturatedIn.byteLength, 0xff)
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
