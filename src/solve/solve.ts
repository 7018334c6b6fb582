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

import { Contention, NOTHING } from './contention.js'
import { Envelopes } from './envelopes.js'
import { Hierarchy } from './hierarchy.js'
import { MaxMin } from './max-min.js'
import { Paths } from './paths.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'
import { Promises } from './promises.js'
import { HEADROOM_STAGES, Takers } from './takers.js'

/** Whoever rounds or proves the same problem may share its paths. */
export function createSolver(shape: Shape, paths = new Paths(shape)): Solver {
  return new Solver(shape, paths)
}

export class Solver {
  private readonly paths: Paths
  private readonly promises: Promises
  /** Links that can bind under any demand, and in each stage of headroom. */
  private readonly needNet: Contention
  private readonly headroomNets: readonly Contention[]
  private readonly takers: Takers
  private readonly envelopes: Envelopes
  private readonly maxMin: MaxMin
  /** Only for problems with envelopes. */
  private readonly hierarchy: Hierarchy | null
  private readonly held: Float64Array
  /** By link: the room of the bands that are being solved. */
  private readonly room: Float64Array
  private readonly onLink: Uint32Array

  constructor(shape: Shape, paths: Paths) {
    this.paths = paths
    this.promises = new Promises(shape)
    this.needNet = new Contention(shape)
    this.headroomNets = Array.from({ length: HEADROOM_STAGES }, () => new Contention(shape))
    this.takers = new Takers(shape)
    this.envelopes = new Envelopes(shape)
    this.maxMin = new MaxMin(shape)
    this.hierarchy = shape.envelopes > 0 ? new Hierarchy(shape) : null
    this.held = new Float64Array(shape.flows)
    this.room = new Float64Array(shape.links)
    this.onLink = new Uint32Array(shape.flows)
  }

  /**
   * Fills the answer columns of `p`: amount, level, bottleneck, need, rate, linkNeedLoad, linkLoad, saturatedIn.
   * Expects what the readers of policies and problem files ensure: no NaN, nothing negative, falling weights.
   * Throws RangeError for a flow without a finite demand, ceiling or link.
   */
  solve(p: Problem): void {
    const band = this.solveNeed(p)
    if (band < p.shape.bands) this.addHeadroom(p, band)
    else p.linkLoad.set(p.linkNeedLoad)
    p.rate.set(this.held)
    p.status[0]!++
    p.status[1] = -1
  }

  /**
   * The part of the answer that is about need: need, linkNeedLoad, saturatedIn, and the rows of bands before headroom,
   * the number of which it returns. Rows of headroom are empty; rate and linkLoad stay as they were.
   */
  solveNeed(p: Problem): number {
    const { takers, held, paths, room } = this
    p.amount.fill(0)
    p.level.fill(Number.NaN)
    p.bottleneck.fill(-1)
    p.saturatedIn.fill(-1)
    held.fill(0)
    takers.begin(p)
    this.envelopes.begin(p, takers)
    paths.follow(p)
    room.set(p.linkRoom)

    const { bands } = p.shape
    let band = 0
    while (band < bands && p.bandKind[band] === BAND_KIND.guarantee) band++
    if (!this.promises.keep(p, paths, room, band, takers.wanted, held)) band = 0
    let net = this.promises.net
    this.needNet.build(paths, p.ceiling, room)
    for (; band < bands && p.bandKind[band] !== BAND_KIND.headroom; band++) {
      if (p.bandKind[band] === BAND_KIND.share) net = this.needNet
      this.fillBand(p, band, 0, net)
    }
    p.need.set(held)
    paths.load(held, p.linkNeedLoad)
    this.markFull(p, p.linkNeedLoad, band - 1)
    return band
  }

  private addHeadroom(p: Problem, band: number): void {
    const { held, paths, room, headroomNets } = this
    const fill = p.bandFill[band]!
    for (let l = 0; l < room.length; l++) if (p.linkVirtual[l] === 0) room[l] = fill * p.linkRoom[l]!
    for (let stage = 0; stage < HEADROOM_STAGES; stage++) {
      headroomNets[stage]!.build(paths, p.ceiling, room)
      this.fillBand(p, band, stage, headroomNets[stage]!)
    }
    paths.load(held, p.linkLoad)
    this.markFull(p, p.linkLoad, band)
  }

  private fillBand(p: Problem, band: number, stage: number, net: Contention): void {
    const { paths, takers, envelopes, hierarchy, maxMin, held, room } = this
    takers.select(p, band, stage, held)
    net.findTight(p, paths, held, takers.reach, room)
    // Flat, unless somebody who takes part sits in an envelope.
    if (hierarchy !== null && envelopes.enter(p, band, takers, held)) {
      hierarchy.fill(p, band, paths, net, takers, envelopes, held)
    } else maxMin.fill(p, band, paths, net, takers, held)
    const { stuck, stuckCount, blockedBy } = takers
    const { level, bottleneck } = p
    const at = band * p.shape.flows
    for (let n = 0; n < stuckCount; n++) {
      const i = stuck[n]!
      level[at + i] = 0
      bottleneck[at + i] = blockedBy[i]!
    }
  }

  /** A link may be full, to the last bit, without having stopped anybody; nobody will rise on it again. */
  private markFull(p: Problem, load: Float64Array, band: number): void {
    const { paths, takers, room, onLink } = this
    const { saturatedIn, linkRoom } = p
    const { blockedBy } = takers
    for (let l = 0; l < load.length; l++) {
      if (room[l]! - load[l]! > NOTHING * linkRoom[l]! || saturatedIn[l] !== -1 || load[l] === 0) continue
      saturatedIn[l] = band
      const crowd = paths.crossing.list(l, onLink)
      for (let n = 0; n < crowd; n++) if (blockedBy[onLink[n]!]! < 0) blockedBy[onLink[n]!] = l
    }
  }
}
