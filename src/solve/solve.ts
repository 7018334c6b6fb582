// The solve: bands in order, each handing out max-min fair what the earlier ones left.
//
//   guarantee and share bands   by demand, over the full room of the links       -> need
//   headroom                    up to the ceiling, over `fill` of the real links -> rate
//
// A filling looks at three nested parts of the network: all links; the contended ones, which could bind under what
// policy allows in such a band; and the tight ones, which can bind under what is asked now. A band without a tight link
// gives everybody its cap and walks no paths.
//
// A solver owns scratch for one shape and can be used again and again without allocating; it keeps nothing between
// solves that the answer could depend on, so equal columns give equal bytes.

import { Answer, type Surroundings } from './answer.js'
import { Contention } from './contention.js'
import { Copies } from './copies.js'
import { Envelopes } from './envelopes.js'
import { Hierarchy } from './hierarchy.js'
import type { Kernel } from './kernel/kernel.js'
import { MaxMin } from './max-min.js'
import { HEADROOM_STAGES, Participants } from './participants.js'
import { Paths } from './paths.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'
import { Promises } from './promises.js'

/** Whoever rounds or proves the same problem may share its paths. */
export function createSolver(shape: Shape, paths = new Paths(shape)): Solver {
  return new Solver(shape, paths)
}

export class Solver {
  private readonly paths: Paths
  private readonly kernel: Kernel
  private readonly promises: Promises
  /** Links that can bind under any demand, and in each stage of headroom. */
  private readonly needNet: Contention
  private readonly headroomNets: readonly Contention[]
  private readonly participants: Participants
  private readonly envelopes: Envelopes
  private readonly maxMin: MaxMin
  /** Only for problems with envelopes. */
  private readonly hierarchy: Hierarchy | null
  private readonly answer: Answer
  private readonly held: Float64Array
  /** By link: its room, that of the bands that are being solved, and the load of what is held. */
  private readonly linkRoom: Float64Array
  private readonly room: Float64Array
  private readonly load: Float64Array
  private readonly heldAsNeed = new Copies((p) => [[p.need, this.held]])
  private readonly heldAsRate = new Copies((p) => [[p.rate, this.held]])

  constructor(shape: Shape, paths: Paths) {
    const kernel = paths.kernel()
    const { memory } = kernel
    this.paths = paths
    this.kernel = kernel
    this.promises = new Promises(shape, kernel)
    this.needNet = new Contention(shape, kernel)
    this.headroomNets = Array.from({ length: HEADROOM_STAGES }, () => new Contention(shape, kernel))
    this.participants = new Participants(shape, kernel)
    this.envelopes = new Envelopes(shape)
    this.maxMin = new MaxMin(shape, kernel)
    this.answer = new Answer(shape, kernel)
    this.held = memory.f64(shape.flows, 'held')
    this.hierarchy = shape.envelopes > 0 ? new Hierarchy(shape, this.surroundings()) : null
    this.linkRoom = kernel.column('linkRoom')
    this.room = kernel.column('room')
    this.load = memory.f64(shape.links)
  }

  /** Whether what was prepared for the problem solved last serves p as well. */
  isReadyFor(p: Problem): boolean {
    return this.paths.areOf(p)
  }

  /**
   * Fills the answer columns of `p`: amount, level, bottleneck, shortIn, need, rate, linkNeedLoad, linkLoad,
   * saturatedIn. Expects what the readers of policies and problem files ensure: no NaN, nothing negative, falling
   * weights. Throws RangeError for a flow without a finite demand, ceiling or link.
   */
  solve(p: Problem): void {
    const band = this.fillNeed(p)
    if (band < p.shape.bands) this.addHeadroom(p, band)
    else p.linkLoad.set(p.linkNeedLoad)
    this.heldAsRate.make(p)
    this.answer.writeTo(p)
    p.status[0]!++
    p.status[1] = -1
  }

  /**
   * The part of the answer that is about need: need, linkNeedLoad, shortIn, saturatedIn, and the rows of bands before
   * headroom, the number of which it returns. Rows of headroom are empty; rate and linkLoad stay as they were.
   */
  solveNeed(p: Problem): number {
    const band = this.fillNeed(p)
    this.answer.writeTo(p)
    return band
  }

  private fillNeed(p: Problem): number {
    const { participants, held, paths, room, linkRoom, answer } = this
    answer.clear()
    this.kernel.fillBytes(held, 0)
    participants.begin(p)
    this.envelopes.begin(p, participants)
    paths.follow(p)
    linkRoom.set(p.linkRoom)
    room.set(linkRoom)

    const { bands } = p.shape
    let band = 0
    while (band < bands && p.bandKind[band] === BAND_KIND.guarantee) band++
    if (!this.promises.keep(p, paths, room, band, participants, held, answer)) band = 0
    let net = this.promises.net
    this.needNet.build(paths, participants.ceiling, room)
    for (; band < bands && p.bandKind[band] !== BAND_KIND.headroom; band++) {
      if (p.bandKind[band] === BAND_KIND.share) net = this.needNet
      this.fillBand(p, band, 0, net)
    }
    this.heldAsNeed.make(p)
    this.tellLoad(p.linkNeedLoad)
    return band
  }

  private surroundings(): Surroundings {
    const { paths, participants, envelopes, held, answer } = this
    return { paths, participants, envelopes, held, answer }
  }

  private addHeadroom(p: Problem, band: number): void {
    const { participants, paths, room, headroomNets } = this
    const fill = p.bandFill[band]!
    for (let l = 0; l < room.length; l++) if (p.linkVirtual[l] === 0) room[l] = fill * p.linkRoom[l]!
    for (let stage = 0; stage < HEADROOM_STAGES; stage++) {
      headroomNets[stage]!.build(paths, participants.ceiling, room)
      this.fillBand(p, band, stage, headroomNets[stage]!)
    }
    this.tellLoad(p.linkLoad)
  }

  private fillBand(p: Problem, band: number, stage: number, net: Contention): void {
    const { participants, envelopes, hierarchy, maxMin, answer, held } = this
    participants.select(p, band, stage, held)
    net.findTight(held)
    const need = p.bandKind[band] === BAND_KIND.headroom ? -1 : band
    // Flat, unless somebody who takes part sits in an envelope.
    const isFlat = hierarchy === null || !envelopes.enter(p, band, participants, held)
    if (!isFlat) hierarchy.fill(p, band, net)
    else maxMin.fill(band, need, net, participants, held, answer)
    const { level, bottleneck } = answer.rows[band]!
    this.kernel.recordStuck(level, bottleneck, held, need)
    net.markFull(band, isFlat, held, level)
  }

  /** Tells what all links carry. */
  private tellLoad(load: Float64Array): void {
    this.kernel.loadLinks(this.held, this.load)
    load.set(this.load)
  }
}
