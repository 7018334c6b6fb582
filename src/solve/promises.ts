// Guarantees in a network that can keep them all.
//
// Most of the time it can: then no link is contended under what policy promises (contention.ts), nobody holds anybody
// back in these bands, and each flow gets min(size, d - x) of every guarantee it has. That is said flow by flow here,
// without lists, fillings or paths. Where a promise might not fit, or an envelope has one, the bands are filled one by
// one like any other.

import { Contention, isEqual } from './contention.js'
import type { Paths } from './paths.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'

export class Promises {
  /** Links that can bind under guarantees. */
  readonly net: Contention
  /** By flow: the most it can ever hold under guarantees, the sum of its sizes, and for which sizes that is. */
  private readonly most: Float64Array
  private readonly size: Float64Array
  private readonly knownSize: Float64Array
  private known: SharedArrayBuffer | undefined
  private ofEnvelopes = false

  constructor(shape: Shape) {
    this.net = new Contention(shape)
    this.most = new Float64Array(shape.flows)
    this.size = new Float64Array(shape.flows)
    this.knownSize = new Float64Array(shape.segments)
  }

  /** True: nothing can keep a flow from its guarantees. */
  fit(p: Problem, paths: Paths, room: Float64Array): boolean {
    const { most, size } = this
    this.sumSizes(p)
    const { ceiling } = p
    for (let i = 0; i < most.length; i++) most[i] = Math.min(size[i]!, ceiling[i]!)
    this.net.build(paths, most, room)
    return this.net.count === 0 && !this.ofEnvelopes
  }

  private sumSizes(p: Problem): void {
    const { size, knownSize } = this
    const { segmentStart, segmentBand, segmentSize, bandKind, envelopeGuaranteeBand } = p
    if (this.known === p.buffer && isEqual(segmentSize, knownSize)) return
    this.known = p.buffer
    knownSize.set(segmentSize)
    // An envelope's promise may give a member as much as it can use.
    this.ofEnvelopes = envelopeGuaranteeBand.some((band) => band >= 0)
    for (let i = 0; i < size.length; i++) {
      let sum = this.ofEnvelopes ? Number.POSITIVE_INFINITY : 0
      for (let s = segmentStart[i]!; s < segmentStart[i + 1]!; s++) {
        if (bandKind[segmentBand[s]!] === BAND_KIND.guarantee) sum += segmentSize[s]!
      }
      size[i] = sum
    }
  }

  /** Hands out the first `bands` bands, all of guarantees. `wanted` and `held` are bit/s by flow; nobody holds anything. */
  keep(p: Problem, bands: number, wanted: Float64Array, held: Float64Array): void {
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
}
