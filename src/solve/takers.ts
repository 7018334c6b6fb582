// Who takes part in a band, up to how much, and by which weights: the table of bands, as code.
//
//   guarantee  cap min(size, d - x)   weight: the size, times the segment's own weight
//              for members of an envelope with a promise in the band: d - x, the weights of their first share band
//   share      cap d - x              weights of the tier, falling at given totals of the flow
//   headroom   first min(P, recent) - x, then P - x; weight of the last segment of the flow's first share band
//
// x is what the flow holds from earlier bands, d = min(demand, ceiling), P the ceiling. A flow's weights in a band
// are the pieces from piece[i] on, rows of the segment columns: piece s has weight[s] until the flow holds upTo[s],
// which is Infinity for the last. Pieces that lie below x are passed over here, so piece[i] is the one on which the
// flow starts, and speed[i] its weight. Whoever crosses a link that is full takes no part: it gets nothing, whatever
// the others do.

import { promiseAround } from './envelopes.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'

/** The two fillings of a headroom band; every other band has one. */
export const HEADROOM_STAGES = 2

export class Takers {
  count = 0
  readonly flow: Uint32Array
  /** Flows that could use more, but cross a full link. */
  stuckCount = 0
  readonly stuck: Uint32Array
  /** By flow, a link on its path that is full, -1: none. Whoever fills links says so here. */
  readonly blockedBy: Int32Array
  /** By flow: what all may hold in the end, which is x + cap for takers and x for others. */
  readonly reach: Float64Array
  /** By flow: how fast it rises, 0 for those that do not take part. A filling changes this and `piece` as it goes. */
  readonly speed: Float64Array
  /** By flow, for those that take part. */
  readonly cap: Float64Array
  readonly piece: Uint32Array
  /** By segment: the weight with which its piece rises, and the flow's total at which it ends. */
  weight: Float64Array
  upTo: Float64Array
  /** By flow: min(demand, ceiling). */
  readonly wanted: Float64Array
  /** By flow: its first share segments, and the end of them; equal when it has none. */
  readonly shareFrom: Uint32Array
  readonly shareTo: Uint32Array
  // Who has weights in band b, in the order of flows, and the first: rows bandStart[b] .. bandStart[b + 1] - 1.
  private readonly bandStart: Uint32Array
  private readonly bandFlow: Uint32Array
  private readonly bandFrom: Uint32Array
  private known: SharedArrayBuffer | undefined

  constructor({ flows, bands }: Shape) {
    this.flow = new Uint32Array(flows)
    this.stuck = new Uint32Array(flows)
    this.blockedBy = new Int32Array(flows)
    this.reach = new Float64Array(flows)
    this.cap = new Float64Array(flows)
    this.speed = new Float64Array(flows)
    this.piece = new Uint32Array(flows)
    this.weight = new Float64Array(0)
    this.upTo = new Float64Array(0)
    this.wanted = new Float64Array(flows)
    this.shareFrom = new Uint32Array(flows)
    this.shareTo = new Uint32Array(flows)
    this.bandStart = new Uint32Array(bands + 1)
    this.bandFlow = new Uint32Array(flows * bands)
    this.bandFrom = new Uint32Array(flows * bands)
  }

  /** Reads demands, ceilings and weights. Call once per solve, then `select` band by band, in order. */
  begin(p: Problem): void {
    if (this.known !== p.buffer) {
      this.findShares(p)
      this.listBands(p)
      this.known = p.buffer
    }
    const { wanted } = this
    const { demand, ceiling } = p
    for (let i = 0; i < wanted.length; i++) wanted[i] = Math.min(demand[i]!, ceiling[i]!)
    this.blockedBy.fill(-1)
    this.weight = p.segmentWeight
    this.upTo = p.segmentUpTo
  }

  private findShares({ shape, segmentStart, segmentBand, bandKind }: Problem): void {
    const { shareFrom, shareTo } = this
    for (let i = 0; i < shape.flows; i++) {
      const end = segmentStart[i + 1]!
      let s = segmentStart[i]!
      while (s < end && bandKind[segmentBand[s]!] !== BAND_KIND.share) s++
      shareFrom[i] = s
      const band = segmentBand[s]
      while (s < end && segmentBand[s] === band) s++
      shareTo[i] = s
    }
  }

  private listBands(p: Problem): void {
    const { shareFrom, shareTo, bandStart, bandFlow, bandFrom } = this
    const { segmentStart, segmentBand, bandKind } = p
    let n = 0
    for (let band = 0; band < p.shape.bands; band++) {
      bandStart[band] = n
      const ofEnvelopes = p.envelopeGuaranteeBand.includes(band)
      for (let i = 0; i < p.shape.flows; i++) {
        const end = segmentStart[i + 1]!
        let s = segmentStart[i]!
        while (s < end && segmentBand[s]! < band) s++
        if (s === end || segmentBand[s] !== band) {
          if (shareFrom[i] === shareTo[i]) continue
          if (bandKind[band] === BAND_KIND.headroom) s = shareTo[i]! - 1
          else if (ofEnvelopes && promiseAround(p, i, band) >= 0) s = shareFrom[i]!
          else continue
        }
        bandFlow[n] = i
        bandFrom[n++] = s
      }
    }
    bandStart[p.shape.bands] = n
  }

  /** Lists the flows that may still take something in `band`, given what they hold (bit/s, by flow). */
  select(p: Problem, band: number, stage: number, held: Float64Array): void {
    this.count = 0
    this.stuckCount = 0
    this.reach.set(held)
    this.speed.fill(0)
    if (p.bandKind[band] === BAND_KIND.headroom) this.selectUpTo(band, p.ceiling, stage === 0 ? p.recent : p.ceiling)
    else if (p.bandKind[band] === BAND_KIND.share) this.selectUpTo(band, this.wanted, this.wanted)
    else if (!p.envelopeGuaranteeBand.includes(band)) this.selectGuaranteed(p, band)
    else {
      this.selectUpTo(band, this.wanted, this.wanted)
      this.dropUnpromised(p, band, held)
    }
  }

  /** Everybody with weights, up to the lesser of two limits. */
  private selectUpTo(band: number, limit: Float64Array, other: Float64Array): void {
    const { flow, stuck, blockedBy, reach, speed, cap, piece, weight, upTo } = this
    const { bandStart, bandFlow, bandFrom } = this
    let count = 0
    let stuckCount = 0
    for (let n = bandStart[band]!, end = bandStart[band + 1]!; n < end; n++) {
      const i = bandFlow[n]!
      const x = reach[i]!
      const most = Math.min(limit[i]!, other[i]!)
      if (!(most > x)) continue
      let s = bandFrom[n]!
      while (upTo[s]! <= x) s++
      const w = weight[s]!
      if (!(w > 0)) continue
      if (blockedBy[i]! >= 0) {
        stuck[stuckCount++] = i
        continue
      }
      flow[count++] = i
      reach[i] = most
      cap[i] = most - x
      speed[i] = w
      piece[i] = s
    }
    this.count = count
    this.stuckCount = stuckCount
  }

  private selectGuaranteed({ segmentSize, segmentWeight }: Problem, band: number): void {
    const { flow, stuck, blockedBy, reach, speed, cap, piece, wanted, bandStart, bandFlow, bandFrom } = this
    let count = 0
    let stuckCount = 0
    for (let n = bandStart[band]!, end = bandStart[band + 1]!; n < end; n++) {
      const i = bandFlow[n]!
      const s = bandFrom[n]!
      const x = reach[i]!
      const size = segmentSize[s]!
      const rest = wanted[i]! - x
      const most = Math.min(size, rest)
      if (!(most > 0)) continue
      if (blockedBy[i]! >= 0) {
        stuck[stuckCount++] = i
        continue
      }
      flow[count++] = i
      reach[i] = size < rest ? x + size : wanted[i]!
      cap[i] = most
      speed[i] = size * segmentWeight[s]!
      piece[i] = s
    }
    this.count = count
    this.stuckCount = stuckCount
  }

  /** An envelope whose promise is nothing promises nothing. */
  private dropUnpromised(p: Problem, band: number, held: Float64Array): void {
    const { flow, stuck, reach, speed } = this
    const isPromised = (i: number): boolean => p.envelopeGuarantee[promiseAround(p, i, band)]! > 0
    let count = 0
    for (let n = 0; n < this.count; n++) {
      const i = flow[n]!
      if (isPromised(i)) flow[count++] = i
      else {
        reach[i] = held[i]!
        speed[i] = 0
      }
    }
    let stuckCount = 0
    for (let n = 0; n < this.stuckCount; n++) if (isPromised(stuck[n]!)) stuck[stuckCount++] = stuck[n]!
    this.count = count
    this.stuckCount = stuckCount
  }

  /** The level at which flow i, which held x when the band began, has taken y: the inverse of its stepped function. */
  levelAt(i: number, x: number, y: number): number {
    let s = this.piece[i]!
    const { weight, upTo } = this
    if (upTo[s] === Number.POSITIVE_INFINITY) return y / this.speed[i]!
    let level = 0
    let at = 0
    for (; upTo[s]! - x < y; s++) {
      const next = upTo[s]! - x
      level += (next - at) / weight[s]!
      at = next
    }
    return level + (y - at) / weight[s]!
  }
}
