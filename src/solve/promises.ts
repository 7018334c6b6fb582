// Guarantees in a network that can keep them all.
//
// Most of the time it can: then no link is contended under what policy promises (contention.ts), nobody holds anybody
// back in these bands, and each flow gets min(size, d - x) of every guarantee it has. That is handed out flow by flow,
// without lists, fillings or paths, and then asked about: does every link carry what is held now, as surely as it
// carries all that was ever promised? Where a promise might not fit, or an envelope has one, it is all taken back, and
// the bands are filled one by one like any other.

import { Contention } from './contention.js'
import type { Paths } from './paths.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'

export class Promises {
  /** Links that can bind under guarantees. */
  readonly net: Contention
  /** By flow: the most it can ever hold under guarantees. */
  private readonly most: Float64Array

  constructor(shape: Shape) {
    this.net = new Contention(shape)
    this.most = new Float64Array(shape.flows)
  }

  /**
   * Hands out the first `bands` bands, all of guarantees; `wanted` and `held` are bit/s by flow, and nobody holds
   * anything yet. False: there are none, or not every guarantee is sure to fit, and nothing is handed out.
   */
  keep(p: Problem, paths: Paths, room: Float64Array, bands: number, wanted: Float64Array, held: Float64Array): boolean {
    if (bands === 0) return false
    // An envelope's promise may give a member as much as it can use.
    const isOwn = p.shape.envelopes === 0 || p.envelopeGuaranteeBand.every((band) => band < 0)
    if (isOwn) this.give(p, bands, wanted, held)
    if (!isOwn || !this.net.answers(paths, room) || !this.net.covers(held)) {
      this.findMost(p, isOwn)
      this.net.build(paths, this.most, room)
    }
    if (isOwn && this.net.count === 0) return true
    p.amount.fill(0, 0, bands * p.shape.flows)
    p.level.fill(Number.NaN, 0, bands * p.shape.flows)
    held.fill(0)
    return false
  }

  private give(p: Problem, bands: number, wanted: Float64Array, held: Float64Array): void {
    const { segmentStart, segmentBand, segmentSize, segmentWeight, amount, level } = p
    const { flows } = p.shape
    for (let i = 0; i < flows; i++) {
      const d = wanted[i]!
      let x = 0
      for (let s = segmentStart[i]!, end = segmentStart[i + 1]!; s < end && x < d; s++) {
        const band = segmentBand[s]!
        if (band >= bands) break
        const size = segmentSize[s]!
        if (size === 0) continue
        const u = Math.min(size, d - x)
        amount[band * flows + i] = u
        level[band * flows + i] = u / (size * segmentWeight[s]!)
        x = u < size ? d : x + u
      }
      held[i] = x
    }
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
