// Guarantees in a network that can keep them all.
//
// Most of the time it can: then no link is contended under what policy promises (contention.ts), nobody holds anybody
// back in these bands, and each flow gets min(size, d - x) of every guarantee it has. That is handed out flow by flow,
// without lists, fillings or paths, and then asked about: does every link carry what is held now, as surely as it
// carries all that was ever promised? Where a promise might not fit, or an envelope has one, it is all taken back, and
// the bands are filled one by one like any other.

import type { Answer } from './answer.js'
import { Contention } from './contention.js'
import type { Kernel } from './kernel/kernel.js'
import type { Participants } from './participants.js'
import type { Paths } from './paths.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'

export class Promises {
  /** Links that can bind under guarantees. */
  readonly net: Contention
  /** By flow: the most it can ever hold under guarantees. */
  private readonly most: Float64Array
  private readonly kernel: Kernel

  constructor(shape: Shape, kernel: Kernel) {
    this.kernel = kernel
    this.net = new Contention(shape, kernel)
    this.most = kernel.memory.f64(shape.flows)
  }

  /**
   * Hands out the first `bands` bands, all of guarantees; `held` is bit/s by flow, and nobody holds anything yet.
   * False: there are none, or not every guarantee is sure to fit, and nothing is handed out.
   */
  keep(
    p: Problem,
    paths: Paths,
    room: Float64Array,
    bands: number,
    participants: Participants,
    held: Float64Array,
    answer: Answer,
  ): boolean {
    if (bands === 0) return false
    // An envelope's promise may give a member as much as it can use.
    const isOwn = participants.ownBands === bands
    if (isOwn) this.give(participants, answer, held)
    if (!isOwn || !this.net.answers(paths, room) || !this.net.covers(held)) {
      this.findMost(p, isOwn)
      this.net.build(paths, this.most, room)
    }
    if (isOwn && this.net.count === 0) return true
    answer.amount.fill(0, 0, bands * p.shape.flows)
    answer.level.fill(Number.NaN, 0, bands * p.shape.flows)
    held.fill(0)
    return false
  }

  private give({ promisedTo }: Participants, { amount, level }: Answer, held: Float64Array): void {
    this.kernel.give(promisedTo, amount, level, held)
  }

  private findMost({ ceiling, segmentStart, segmentBand, segmentSize, bandKind }: Problem, isOwn: boolean): void {
    const { most } = this
    for (let i = 0; i < most.length; i++) {
      let sum = isOwn ? 0 : Number.POSITIVE_INFINITY
      for (let s = segmentStart[i]!; s < segmentStart[i + 1]!; s++) {
        if (bandKind[segmentBand[s]!] === BAND_KIND.guarantee) sum += segmentSize[s]!
      }
      most[i] = Math.min(sum, ceiling[i]!)
    }
  }
}
