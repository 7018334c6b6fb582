// Who takes part in a band, up to how much, and by which weights: the table of bands, as code.
//
//   guarantee  cap min(size, d - x)   weight: the size, times the segment's own weight
//              for members of an envelope with a promise in the band: d - x, the weights of their first share band
//   share      cap d - x              weights of the tier, falling at given totals of the flow
//   headroom   first min(P, recent) - x, then P - x; weight of the last segment of the flow's first share band
//
// x is what the flow holds from earlier bands, d = min(demand, ceiling), P the ceiling. A flow's weights in a band
// are the pieces from[i] .. to[i] - 1, rows of the segment columns: piece s has weight[s] until the flow holds
// upTo[s], and the last has no end. Pieces that lie below x are passed over here, so from[i] is the weight at which
// the flow starts.

import { promiseAround } from './envelopes.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'

/** The two fillings of a headroom band; every other band has one. */
export const HEADROOM_STAGES = 2

export class Takers {
  count = 0
  readonly flow: Uint32Array
  /** By flow, for those that take part. */
  readonly cap: Float64Array
  readonly from: Uint32Array
  readonly to: Uint32Array
  /** By segment: the weight with which its piece rises. */
  readonly weight: Float64Array
  /** By segment: the flow's total at which its piece ends. */
  readonly upTo: Float64Array
  /** By flow: min(demand, ceiling). */
  readonly wanted: Float64Array
  /** By flow: its first share segments, and the end of them; equal when it has none. */
  readonly shareFrom: Uint32Array
  readonly shareTo: Uint32Array
  private readonly cursor: Uint32Array

  constructor({ flows, segments }: Shape) {
    this.flow = new Uint32Array(flows)
    this.cap = new Float64Array(flows)
    this.from = new Uint32Array(flows)
    this.to = new Uint32Array(flows)
    this.weight = new Float64Array(segments)
    this.upTo = new Float64Array(segments)
    this.wanted = new Float64Array(flows)
    this.shareFrom = new Uint32Array(flows)
    this.shareTo = new Uint32Array(flows)
    this.cursor = new Uint32Array(flows)
  }

  /** Reads demands, ceilings and weights. Call once per solve, then `select` band by band, in order. */
  begin(p: Problem): void {
    const { wanted, cursor, weight, upTo, shareFrom, shareTo } = this
    const { demand, ceiling, segmentStart, segmentBand, segmentSize, segmentWeight, segmentUpTo, bandKind } = p
    for (let i = 0; i < p.shape.flows; i++) {
      wanted[i] = Math.min(demand[i]!, ceiling[i]!)
      const start = segmentStart[i]!
      const end = segmentStart[i + 1]!
      cursor[i] = start
      let first = end
      let last = end
      for (let s = start; s < end; s++) {
        const band = segmentBand[s]!
        const kind = bandKind[band]!
        weight[s] = kind === BAND_KIND.guarantee ? segmentSize[s]! * segmentWeight[s]! : segmentWeight[s]!
        upTo[s] = s + 1 < end && segmentBand[s + 1] === band ? segmentUpTo[s]! : Number.POSITIVE_INFINITY
        if (kind === BAND_KIND.share && (first === end || segmentBand[first] === band)) {
          if (first === end) first = s
          last = s + 1
        }
      }
      shareFrom[i] = first
      shareTo[i] = last
    }
  }

  /** Lists the flows that may still take something in `band`, given what they hold (bit/s, by flow). */
  select(p: Problem, band: number, stage: number, held: Float64Array): void {
    const { flow, cap, from, to, weight, upTo, wanted, shareFrom, shareTo, cursor } = this
    const { segmentStart, segmentBand, segmentSize, ceiling, recent } = p
    const kind = p.bandKind[band]!
    const ofEnvelopes = p.envelopeGuaranteeBand.includes(band)
    let count = 0
    for (let i = 0; i < p.shape.flows; i++) {
      const end = segmentStart[i + 1]!
      let s = cursor[i]!
      while (s < end && segmentBand[s]! < band) s++
      cursor[i] = s
      let stop = s
      while (stop < end && segmentBand[stop] === band) stop++
      const x = held[i]!
      let most = wanted[i]! - x
      if (kind === BAND_KIND.headroom) {
        const limit = stage === 0 ? Math.min(recent[i]!, ceiling[i]!) : ceiling[i]!
        most = limit - x
        if (s === stop && shareFrom[i]! < shareTo[i]!) {
          stop = shareTo[i]!
          s = stop - 1
        }
      } else if (kind === BAND_KIND.guarantee) {
        if (s < stop) most = Math.min(most, segmentSize[s]!)
        else if (ofEnvelopes && isPromised(p, i, band)) {
          s = shareFrom[i]!
          stop = shareTo[i]!
        }
      }
      if (s === stop || !(most > 0)) continue
      while (upTo[s]! <= x) s++ // the last piece ends at Infinity
      if (!(weight[s]! > 0)) continue
      flow[count++] = i
      cap[i] = most
      from[i] = s
      to[i] = stop
    }
    this.count = count
  }

  /** The level at which flow i, which held x when the band began, has taken y: the inverse of its stepped function. */
  levelAt(i: number, x: number, y: number): number {
    const { to, weight, upTo } = this
    let s = this.from[i]!
    let level = 0
    let at = 0
    for (const last = to[i]! - 1; s < last && upTo[s]! - x < y; s++) {
      const next = upTo[s]! - x
      level += (next - at) / weight[s]!
      at = next
    }
    return level + (y - at) / weight[s]!
  }
}

function isPromised(p: Problem, i: number, band: number): boolean {
  const e = promiseAround(p, i, band)
  return e >= 0 && p.envelopeGuarantee[e]! > 0
}
