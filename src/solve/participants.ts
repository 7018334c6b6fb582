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

import { Copies } from './copies.js'
import { promiseAround } from './envelopes.js'
import { TALLY } from './kernel/columns.js'
import type { Kernel } from './kernel/kernel.js'
import { areAlike, BAND_KIND, type Columns, copiedColumns, type Shape, type Solved } from './problem.js'

/** The two fillings of a headroom band; every other band has one. */
export const HEADROOM_STAGES = 2

/** What says who takes part in which band; numbers aside, which may change between solves. */
const STATIC = [
  ...(['segmentStart', 'segmentBand', 'bandKind', 'flowEnvelope', 'envelopeParent', 'envelopeGuaranteeBand'] as const),
]

/** Whether a participant that held `held` and got x of u has less than it may claim, but for roundings of `held`. */
export const isLess = (x: number, u: number, held: number): boolean => x < u * (1 - 1e-9) - 2 ** -40 * held

export class Participants {
  count = 0
  /** The participants, in the order of flows. */
  readonly flow: Uint32Array
  /** Flows that could use more, but cross a full link. */
  stuckCount = 0
  readonly stuck: Uint32Array
  /** By flow, a link on its path that is full, -1: none. Whoever fills links says so here. */
  readonly blockedBy: Int32Array
  /** By flow: what all may hold in the end, which is x + cap for participants and x for others. */
  readonly reach: Float64Array
  /** By flow: how fast it rises, 0 for those that do not take part. A filling changes this and `piece` as it goes. */
  readonly speed: Float64Array
  /** By flow, for those that take part. */
  readonly cap: Float64Array
  readonly piece: Uint32Array
  /** By segment: the weight with which its piece rises, and the flow's total at which it ends. */
  readonly weight: Float64Array
  readonly upTo: Float64Array
  /** By flow: min(demand, ceiling), min(recent, ceiling), and the ceiling. */
  readonly wanted: Float64Array
  readonly recently: Float64Array
  readonly ceiling: Float64Array
  /** By flow: its first share segments, and the end of them; equal when it has none. */
  readonly shareFrom: Uint32Array
  readonly shareTo: Uint32Array
  /** Leading bands of guarantees that are all flows' own, and by flow the end of its segments in them. */
  ownBands = 0
  readonly promisedTo: Uint32Array
  private readonly kernel: Kernel
  private readonly tally: Uint32Array
  private readonly segmentStart: Uint32Array
  private readonly segmentBand: Uint8Array
  private readonly size: Float64Array
  private readonly demand: Float64Array
  private readonly recent: Float64Array
  // Who has weights in band b, in the order of flows, and the first: rows bandStart[b] .. bandStart[b + 1] - 1.
  private readonly bandStart: Uint32Array
  private readonly bandFlow: Uint32Array
  private readonly bandFrom: Uint32Array
  private known: Pick<Columns, (typeof STATIC)[number]> | undefined
  /** Columns that say the same: what was compared once does not change. */
  private alike = new WeakSet<Columns['segmentStart']>()
  private readonly taken = new Copies((p) => [
    [this.demand, p.demand],
    [this.recent, p.recent],
    [this.ceiling, p.ceiling],
    [this.size, p.segmentSize],
    [this.weight, p.segmentWeight],
    [this.upTo, p.segmentUpTo],
  ])

  constructor({ flows, bands }: Shape, kernel: Kernel) {
    const { memory } = kernel
    this.kernel = kernel
    this.flow = kernel.column('participantFlow')
    this.stuck = kernel.column('stuckFlow')
    this.blockedBy = kernel.column('blockedBy')
    this.reach = kernel.column('reach')
    this.speed = kernel.column('speed')
    this.cap = kernel.column('cap')
    this.piece = kernel.column('piece')
    this.weight = kernel.column('segmentWeight')
    this.upTo = kernel.column('segmentUpTo')
    this.wanted = kernel.column('wanted')
    this.recently = memory.f64(flows, 'recently')
    this.ceiling = memory.f64(flows, 'ceiling')
    this.shareFrom = new Uint32Array(flows)
    this.shareTo = new Uint32Array(flows)
    this.promisedTo = memory.u32(flows)
    this.segmentStart = kernel.column('segmentStart')
    this.segmentBand = kernel.column('segmentBand')
    this.size = kernel.column('segmentSize')
    this.demand = memory.f64(flows, 'demand')
    this.recent = memory.f64(flows, 'recent')
    this.bandStart = new Uint32Array(bands + 1)
    this.tally = kernel.column('tally')
    this.bandFlow = kernel.column('bandFlow')
    this.bandFrom = kernel.column('bandFrom')
  }

  /** Reads demands, ceilings and weights. Call once per solve, then `select` band by band, in order. */
  begin(p: Solved): void {
    this.learn(p)
    const { kernel, ceiling } = this
    this.taken.make(p)
    kernel.least(this.demand, ceiling, this.wanted)
    kernel.least(this.recent, ceiling, this.recently)
    kernel.fillBytes(this.blockedBy, 0xff)
  }

  private learn(p: Solved): void {
    const { known, alike } = this
    if (alike.has(p.segmentStart)) return
    const isAlike = known !== undefined && areAlike(known, p, STATIC)
    if (!isAlike) this.alike = new WeakSet()
    this.alike.add(p.segmentStart)
    if (isAlike) return
    this.known = copiedColumns(p, STATIC)
    this.segmentStart.set(p.segmentStart)
    this.segmentBand.set(p.segmentBand)
    this.findShares(p)
    this.findPromised(p)
    this.listBands(p)
  }

  private findPromised({ shape, segmentStart, segmentBand, bandKind, envelopeGuaranteeBand }: Solved): void {
    const isOwn = (band: number): boolean =>
      bandKind[band] === BAND_KIND.guarantee && !envelopeGuaranteeBand.includes(band)
    this.ownBands = 0
    while (this.ownBands < shape.bands && isOwn(this.ownBands)) this.ownBands++
    for (let i = 0; i < shape.flows; i++) {
      let s = segmentStart[i]!
      while (s < segmentStart[i + 1]! && segmentBand[s]! < this.ownBands) s++
      this.promisedTo[i] = s
    }
  }

  private findShares({ shape, segmentStart, segmentBand, bandKind }: Solved): void {
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

  private listBands(p: Solved): void {
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
  select(p: Solved, band: number, stage: number, held: Float64Array): void {
    const { kernel, tally } = this
    const isPromise = p.bandKind[band] === BAND_KIND.guarantee
    const ofEnvelopes = isPromise && p.envelopeGuaranteeBand.includes(band)
    const from = this.bandStart[band]!
    const to = this.bandStart[band + 1]!
    if (isPromise && !ofEnvelopes) kernel.selectGuaranteed(from, to, held)
    else {
      const limit = p.bandKind[band] !== BAND_KIND.headroom ? this.wanted : stage === 0 ? this.recently : this.ceiling
      kernel.selectUpTo(from, to, limit, held)
    }
    this.count = tally[TALLY.participants]!
    this.stuckCount = tally[TALLY.stuck]!
    if (!ofEnvelopes) return
    this.dropUnpromised(p, band, held)
    tally[TALLY.participants] = this.count
    tally[TALLY.stuck] = this.stuckCount
  }

  /** An envelope whose promise is nothing promises nothing. */
  private dropUnpromised(p: Solved, band: number, held: Float64Array): void {
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
}
