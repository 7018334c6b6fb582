// The envelopes as they stand in one band: who is a child of the root there, and at which weight each rises.
//
//   share, headroom        the forest as it is; an envelope rises at its weight
//   guarantee of envelopes each envelope with a promise in the band is a child of the root and rises at the promise's
//                          size, until its members hold that much; envelopes within it rise at their weights
//   guarantee of flows     flat: a promise of one's own rises at the root
//
// An absent weight is the sum of the first share weights of all flows below: an envelope without an opinion changes
// nothing as long as nobody in it is short before the others. A flow that shares in no band counts with its own
// weight in headroom, the only one it has.

import type { Participants } from './participants.js'
import { BAND_KIND, type Problem, type Shape, type Solved } from './problem.js'

/** `parent` of an envelope that takes no part in the band. */
const OUTSIDE = -1
/** A promise whose rest is below this part of it is kept: 2^-40. */
const NOTHING = 2 ** -40

export class Envelopes {
  /** The root's number: one past the last envelope. */
  readonly root: number
  /** Envelopes, parents before children. */
  readonly order: Uint32Array
  /** By envelope, in the band entered last: its parent (root, or OUTSIDE), its weight there, what it may take. */
  readonly parent: Int32Array
  readonly weight: Float64Array
  readonly room: Float64Array
  /** The root level at which an envelope, or the root, holds what it was promised; Infinity where nothing was. */
  readonly promiseEnds: Float64Array
  private readonly shareWeight: Float64Array

  constructor({ envelopes }: Shape) {
    this.root = envelopes
    this.order = new Uint32Array(envelopes)
    this.parent = new Int32Array(envelopes)
    this.weight = new Float64Array(envelopes)
    this.room = new Float64Array(envelopes)
    this.promiseEnds = new Float64Array(envelopes + 1).fill(Number.POSITIVE_INFINITY)
    this.shareWeight = new Float64Array(envelopes)
  }

  /** Reads weights and puts parents first. Once per solve, after participants.begin. */
  begin(p: Problem, { shareFrom, shareTo }: Participants): void {
    const { order, shareWeight, root } = this
    const { envelopeParent, envelopeWeight, flowEnvelope } = p
    if (root === 0) return
    shareWeight.fill(0)
    for (let i = 0; i < p.shape.flows; i++) {
      const w = shareFrom[i]! < shareTo[i]! ? p.segmentWeight[shareFrom[i]!]! : headroomWeight(p, i)
      for (let e = flowEnvelope[i]!; e >= 0; e = envelopeParent[e]!) shareWeight[e]! += w
    }
    for (let e = 0; e < root; e++) {
      if (!Number.isNaN(envelopeWeight[e]!)) shareWeight[e] = envelopeWeight[e]!
    }
    // `parent` is free here: it counts depths, and each round takes one layer of the forest.
    const depth = this.parent
    for (let e = 0; e < root; e++) {
      depth[e] = 0
      for (let up = envelopeParent[e]!; up >= 0; up = envelopeParent[up]!) depth[e]!++
    }
    let placed = 0
    for (let layer = 0; placed < root; layer++) {
      for (let e = 0; e < root; e++) if (depth[e] === layer) order[placed++] = e
    }
  }

  /** Plants the forest of a band. False: the band is flat, nobody rises within an envelope. */
  enter(p: Problem, band: number, participants: Participants, held: Float64Array): boolean {
    const { parent, weight, room, order, root, shareWeight } = this
    const isGuarantee = p.bandKind[band] === BAND_KIND.guarantee
    if (root === 0 || (isGuarantee && !p.envelopeGuaranteeBand.includes(band))) return false
    room.fill(Number.POSITIVE_INFINITY)
    for (let n = 0; n < root; n++) {
      const e = order[n]!
      const outer = p.envelopeParent[e]!
      weight[e] = shareWeight[e]!
      if (!isGuarantee) parent[e] = outer < 0 ? root : outer
      else if (p.envelopeGuaranteeBand[e] === band) {
        parent[e] = root
        weight[e] = p.envelopeGuarantee[e]!
        room[e] = p.envelopeGuarantee[e]!
      } else parent[e] = outer < 0 || parent[outer] === OUTSIDE ? OUTSIDE : outer
    }
    if (isGuarantee) this.takeHeld(p, band, held)
    for (let e = 0; e < root; e++) this.promiseEnds[e] = room[e]! / weight[e]!
    for (let n = 0; n < participants.count; n++) if (p.flowEnvelope[participants.flow[n]!]! >= 0) return true
    return false
  }

  /** Is e envelope g, or below it, in the band entered last? */
  isWithin(e: number, g: number): boolean {
    let up = e
    while (up !== g && up !== this.root && up !== OUTSIDE) up = this.parent[up]!
    return up === g
  }

  /** What members hold already counts towards the promise. */
  private takeHeld(p: Problem, band: number, held: Float64Array): void {
    const { room, root } = this
    for (let i = 0; i < p.shape.flows; i++) {
      const e = promiseAround(p, i, band)
      if (e >= 0) room[e]! -= held[i]!
    }
    for (let e = 0; e < root; e++) if (room[e]! <= NOTHING * p.envelopeGuarantee[e]!) room[e] = 0
  }
}

function headroomWeight(p: Problem, i: number): number {
  const last = p.segmentStart[i + 1]! - 1
  return last >= p.segmentStart[i]! && p.bandKind[p.segmentBand[last]!] === BAND_KIND.headroom
    ? p.segmentWeight[last]!
    : 0
}

/** The envelope around flow i that has a promise in the band, -1: none. No two of them nest. */
export function promiseAround(p: Solved, i: number, band: number): number {
  let e = p.flowEnvelope[i]!
  while (e >= 0 && p.envelopeGuaranteeBand[e] !== band) e = p.envelopeParent[e]!
  return e
}
