// The solve: bands in order, each handing out max-min fair what the earlier ones left.
//
//   guarantee and share bands   by demand, over the full room of the links       -> need
//   headroom                    up to the ceiling, over `fill` of the real links -> rate
//
// A solver owns scratch for one shape and can be used again and again without allocating; it keeps nothing between
// solves that the answer could depend on, so equal columns give equal bytes.

import { Contention } from './contention.js'
import { Envelopes } from './envelopes.js'
import { Hierarchy } from './hierarchy.js'
import { type Filling, MaxMin } from './max-min.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'
import { HEADROOM_STAGES, Takers } from './takers.js'
import { Transpose } from './transpose.js'

/** Room below this fraction of a link is rounding, not room: 2^-40. */
const NOTHING = 2 ** -40

export function createSolver(shape: Shape): Solver {
  return new Solver(shape)
}

export class Solver {
  private readonly columns: Transpose
  /** Links that can bind while demand is served, and while headroom is handed out. */
  private readonly needNet: Contention
  private readonly headroomNet: Contention
  private net: Contention
  private readonly takers: Takers
  private readonly envelopes: Envelopes
  private readonly maxMin: MaxMin
  /** Only for problems with envelopes. */
  private readonly hierarchy: Hierarchy | null
  private readonly held: Float64Array
  /** By link: the room of the stage that is being solved. */
  private readonly linkRoom: Float64Array
  /** By contended link: what is left of it. */
  private readonly room: Float64Array

  constructor(shape: Shape) {
    this.columns = new Transpose(shape)
    this.needNet = new Contention(shape, this.columns)
    this.headroomNet = new Contention(shape, this.columns)
    this.net = this.needNet
    this.takers = new Takers(shape)
    this.envelopes = new Envelopes(shape)
    this.maxMin = new MaxMin(shape)
    this.hierarchy = shape.envelopes > 0 ? new Hierarchy(shape) : null
    this.held = new Float64Array(shape.flows)
    this.linkRoom = new Float64Array(shape.links)
    this.room = new Float64Array(shape.links)
  }

  /**
   * Fills the answer columns of `p`: amount, level, bottleneck, need, rate, linkNeedLoad, linkLoad, saturatedIn.
   * Expects what the readers of policies and problem files ensure: no NaN, nothing negative, falling weights.
   * Throws RangeError for a flow without a finite demand, ceiling or link.
   */
  solve(p: Problem): void {
    const { takers, held } = this
    p.amount.fill(0)
    p.level.fill(Number.NaN)
    p.bottleneck.fill(-1)
    p.saturatedIn.fill(-1)
    held.fill(0)
    takers.begin(p)
    this.envelopes.begin(p, takers)

    this.columns.follow(p)
    this.linkRoom.set(p.linkRoom)
    this.enter(p, this.needNet, takers.wanted)
    const { bands } = p.shape
    let band = 0
    for (; band < bands && p.bandKind[band] !== BAND_KIND.headroom; band++) this.fillBand(p, band, 0)
    p.need.set(held)
    loadLinks(p, p.need, p.linkNeedLoad)

    p.linkLoad.set(p.linkNeedLoad)
    if (band < bands) {
      this.fillHeadroom(p, band)
      loadLinks(p, held, p.linkLoad)
    }
    p.rate.set(held)
    p.status[0]!++
    p.status[1] = -1
  }

  private fillHeadroom(p: Problem, band: number): void {
    const fill = p.bandFill[band]!
    for (let l = 0; l < p.shape.links; l++)
      this.linkRoom[l] = p.linkVirtual[l] === 1 ? p.linkRoom[l]! : fill * p.linkRoom[l]!
    this.enter(p, this.headroomNet, p.ceiling)
    for (let k = 0; k < this.net.links; k++) {
      const l = this.net.link[k]!
      const free = this.linkRoom[l]! - p.linkNeedLoad[l]!
      this.room[k] = free > NOTHING * p.linkRoom[l]! ? free : 0
    }
    for (let stage = 0; stage < HEADROOM_STAGES; stage++) this.fillBand(p, band, stage)
  }

  /** Finds the links that can bind while flows hold at most `bound`. */
  private enter(p: Problem, net: Contention, bound: Float64Array): void {
    net.build(p, bound, this.linkRoom)
    this.net = net
    for (let k = 0; k < this.net.links; k++) this.room[k] = this.linkRoom[this.net.link[k]!]!
  }

  /** One filling: flat, unless somebody who takes part sits in an envelope. */
  private pour(p: Problem, band: number): Filling {
    const { net, takers, envelopes, maxMin, hierarchy, held, room } = this
    if (hierarchy !== null && envelopes.enter(p, band, takers, held)) {
      hierarchy.fill(p, net, takers, envelopes, held, room)
      return hierarchy
    }
    maxMin.fill(net, takers, held, room)
    return maxMin
  }

  private fillBand(p: Problem, band: number, stage: number): void {
    const { net, takers, held, room } = this
    takers.select(p, band, stage, held)
    const { taken, level, stoppedBy } = this.pour(p, band)
    const limit = p.bandKind[band] === BAND_KIND.headroom ? p.ceiling : takers.wanted
    const { flow, count } = takers
    const { link } = net
    const { amount, level: levels, bottleneck } = p
    const at = band * p.shape.flows
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const y = taken[i]!
      const by = stoppedBy[i]!
      amount[at + i]! += y
      levels[at + i] = level[i]!
      bottleneck[at + i] = by < 0 ? by : link[by]!
      // x + (d - x) may miss d by a rounding, and would leave a flow that has all it asks asking for it again.
      held[i] = y === limit[i]! - held[i]! ? limit[i]! : held[i]! + y
    }
    for (let k = 0; k < net.links; k++) {
      const l = net.link[k]!
      if (room[k]! > NOTHING * p.linkRoom[l]!) continue
      room[k] = 0
      if (p.saturatedIn[l] === -1) p.saturatedIn[l] = band
    }
  }
}

/** load_l = sum over flows of a_li x_i, summed in the order of the flows. */
function loadLinks(p: Problem, x: Float64Array, load: Float64Array): void {
  const { pathStart, pathLink, pathFraction } = p
  load.fill(0)
  for (let i = 0, e = 0; i < p.shape.flows; i++) {
    const end = pathStart[i + 1]!
    for (const held = x[i]!; e < end; e++) load[pathLink[e]!]! += pathFraction[e]! * held
  }
}
