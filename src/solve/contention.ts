// Which links matter: three nested parts of a network.
//
//   all          what is charged and reported
//   contended    links on which flows together could ask for more than the room while each has no more than a bound
//                that policy sets (its guarantees, its ceiling). Any other link binds nobody, whatever is asked:
//                leaving it out changes nothing (exactly, not nearly). Few are left under guarantees, and none in a
//                network that can keep its promises.
//   tight        contended links on which what is asked in one filling is more than there is. Only they can fill and
//                stop anybody; a filling sees nothing else of the network.
//
// Bounds are what policy says, so the same links are contended from tick to tick. A bound that grows by less than the
// slack of the link that came nearest cannot bring in another, and the question is not asked again. A link too many
// does no harm: whether it is tight is asked in each filling.

import type { Kernel } from './kernel/kernel.js'
import type { Paths } from './paths.js'
import type { Shape } from './problem.js'

/** A link within this part of its room counts as contended, so that no order of summation can matter. */
const MARGIN = 2 ** -30

export class Contention {
  count = 0
  readonly link: Uint32Array
  tightCount = 0
  readonly tight: Uint32Array
  /** By tight link: its room, less what is held. */
  readonly left: Float64Array
  private readonly sum: Float64Array
  /** The question that was answered last, and how much more all bounds together may become under that answer. */
  private readonly lastBound: Float64Array
  private readonly lastRoom: Float64Array
  private readonly slack: Float64Array
  private version = 0
  private readonly kernel: Kernel

  constructor({ flows, links }: Shape, kernel: Kernel) {
    const { memory } = kernel
    this.kernel = kernel
    this.link = memory.u32(links)
    this.tight = memory.u32(links)
    this.left = memory.f64(links)
    this.sum = memory.f64(links)
    this.lastBound = memory.f64(flows)
    this.lastRoom = memory.f64(links)
    this.slack = memory.f64(1)
  }

  /** Keeps the links on which flows that hold up to `bound` (bit/s, by flow) could ask for more than `room`. */
  build(paths: Paths, bound: Float64Array, room: Float64Array): void {
    if (this.answers(paths, room) && this.covers(bound)) return
    const { link, sum } = this
    this.kernel.loadLinks(bound, sum)
    let count = 0
    let slack = Number.POSITIVE_INFINITY
    for (let l = 0; l < room.length; l++) {
      const free = room[l]! * (1 - MARGIN) - sum[l]!
      if (free > 0) slack = Math.min(slack, free)
      else link[count++] = l
    }
    this.lastBound.set(bound)
    this.lastRoom.set(room)
    this.count = count
    this.slack[0] = slack
    this.version = paths.version
  }

  /** The links kept are those of these paths and rooms. */
  answers(paths: Paths, room: Float64Array): boolean {
    return this.version === paths.version && this.kernel.isEqual(room, this.lastRoom)
  }

  /** What flows hold is so little above the bounds that no other link can be contended. */
  covers(bound: Float64Array): boolean {
    return this.kernel.covers(bound, this.lastBound, this.slack)
  }

  /** Finds the tight links of a filling in which flows that hold `held` may come to hold what participants reach. */
  findTight(held: Float64Array): void {
    const { link, count, tight, left, sum } = this
    this.tightCount = this.kernel.findTight(link, count, tight, left, sum, held)
  }

  /** After that filling: links that are full to the last bit, though they have stopped nobody. */
  markFull(band: number, isFlat: boolean, held: Float64Array, level: Float64Array): void {
    this.kernel.markFull(this.link, this.count, this.sum, this.left, isFlat, held, level, band)
  }
}
