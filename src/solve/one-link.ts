// One link shared by many, each with one demand and one weight: the usual case of a planner's question, and of rivals.
//
// Nothing has to be listed, filed or gathered here: every pass is over whole columns, in the order of flows, and most
// of the time goes into carrying them to the kernel and back. The answer is that of any other filling (max-min.ts).

import { Copies } from './copies.js'
import type { Kernel } from './kernel/kernel.js'
import { areAlike, BAND_KIND, type Problem, type Shape } from './problem.js'

/** A part of the room that is rounding, not room: as in kernel/assembly/filling.ts. */
const NOTHING = 2 ** -40
/** Flows to one in the sample of the kernel. */
const SAMPLED = 16

const STATIC = ['pathStart', 'pathLink', 'pathFraction', 'segmentStart', 'segmentBand', 'bandKind'] as const

export class OneLink {
  private readonly kernel: Kernel
  private readonly asked: Float64Array
  private readonly ceiling: Float64Array
  private readonly weight: Float64Array
  private readonly sample: Float64Array
  private readonly sampleWeight: Float64Array
  private readonly amount: Float64Array
  private readonly level: Float64Array
  private readonly bottleneck: Int32Array
  private readonly shortIn: Int32Array
  private readonly load: Float64Array
  private known: Problem | undefined
  private isPlain = false
  private readonly taken = new Copies((p) => [
    [this.asked, p.demand],
    [this.ceiling, p.ceiling],
    [this.weight, p.segmentWeight],
  ])
  private readonly told = new Copies((p) => [
    [p.amount, this.amount],
    [p.need, this.amount],
    [p.level, this.level],
    [p.bottleneck, this.bottleneck],
    [p.shortIn, this.shortIn],
  ])

  private constructor({ flows }: Shape, kernel: Kernel) {
    const { memory } = kernel
    const samples = Math.ceil(flows / SAMPLED) + SAMPLED
    this.kernel = kernel
    this.asked = memory.f64(flows)
    this.ceiling = memory.f64(flows)
    this.weight = memory.f64(flows)
    this.sample = memory.f64(samples)
    this.sampleWeight = memory.f64(samples)
    this.amount = memory.f64(flows)
    this.level = memory.f64(flows)
    this.bottleneck = memory.i32(flows)
    this.shortIn = memory.i32(flows)
    this.load = memory.f64(1)
  }

  /** Null: problems of this shape are not of this kind. */
  static of(shape: Shape, kernel: Kernel): OneLink | null {
    const { flows, links, bands, segments, nonZeros, envelopes } = shape
    const isOne = links === 1 && bands === 1 && envelopes === 0 && segments === flows && nonZeros === flows
    return isOne ? new OneLink(shape, kernel) : null
  }

  /**
   * Fills amount, level, bottleneck, shortIn, need, linkNeedLoad and saturatedIn of p. False: p is not of this kind
   * after all, or some flow has no bound, and nothing was written.
   */
  solveNeed(p: Problem): boolean {
    this.learn(p)
    if (!this.isPlain) return false
    const { asked, ceiling, weight, sample, sampleWeight, amount, level, bottleneck, shortIn, load } = this
    const room = p.linkRoom[0]!
    this.taken.make(p)
    const filledAt = this.kernel.run.shareLink(
      room,
      asked.byteOffset,
      ceiling.byteOffset,
      weight.byteOffset,
      sample.byteOffset,
      sampleWeight.byteOffset,
      amount.byteOffset,
      level.byteOffset,
      bottleneck.byteOffset,
      shortIn.byteOffset,
      load.byteOffset,
    )
    if (Number.isNaN(filledAt)) return false
    this.told.make(p)
    p.linkNeedLoad[0] = load[0]!
    // A link may be full, to the last bit, without having stopped anybody.
    const isFull = filledAt < Number.POSITIVE_INFINITY || (load[0]! > 0 && room - load[0]! <= NOTHING * room)
    p.saturatedIn[0] = isFull ? 0 : -1
    return true
  }

  private learn(p: Problem): void {
    const { known } = this
    if (known?.buffer === p.buffer) return
    if (known === undefined || !areAlike(known, p, STATIC)) this.isPlain = isPlain(p)
    this.known = p
  }
}

/** Whether every flow has one weight, in a band of shares, and crosses the link as a whole. */
function isPlain({ shape, bandKind, pathStart, pathFraction, segmentStart }: Problem): boolean {
  if (bandKind[0] !== BAND_KIND.share || !pathFraction.every((part) => part === 1)) return false
  for (let i = 0; i < shape.flows; i++) if (pathStart[i] !== i || segmentStart[i] !== i) return false
  return true
}
