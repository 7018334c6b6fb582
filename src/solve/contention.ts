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

import type { Paths } from './paths.js'
import type { Problem, Shape } from './problem.js'

/** Room below this fraction of a link is rounding, not room: 2^-40. */
export const NOTHING = 2 ** -40
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
  private slack = 0
  private version = 0

  constructor({ flows, links }: Shape) {
    this.link = new Uint32Array(links)
    this.tight = new Uint32Array(links)
    this.left = new Float64Array(links)
    this.sum = new Float64Array(links)
    this.lastBound = new Float64Array(flows)
    this.lastRoom = new Float64Array(links)
  }

  /** Keeps the links on which flows that hold up to `bound` (bit/s, by flow) could ask for more than `room`. */
  build(paths: Paths, bound: Float64Array, room: Float64Array): void {
    if (this.answers(paths, room) && this.covers(bound)) return
    const { link, sum } = this
    paths.load(bound, sum)
    let count = 0
    let slack = Number.POSITIVE_INFINITY
    for (let l = 0; l < room.length; l++) {
      const free = room[l]! * (1 - MARGIN) - sum[l]!
      if (free > 0) slack = Math.min(slack, free)
      else if (sum[l]! > 0) link[count++] = l
    }
    this.lastBound.set(bound)
    this.lastRoom.set(room)
    this.count = count
    this.slack = slack
    this.version = paths.version
  }

  /** The links kept are those of these paths and rooms. */
  answers(paths: Paths, room: Float64Array): boolean {
    return this.version === paths.version && isEqual(room, this.lastRoom)
  }

  /** What flows hold is so little above the bounds that no other link can be contended. */
  covers(bound: Float64Array): boolean {
    const { lastBound, slack } = this
    let growth = 0
    for (let i = 0; i < bound.length; i++) if (bound[i]! > lastBound[i]!) growth += bound[i]! - lastBound[i]!
    return growth < slack
  }

  /** Finds the tight links of a filling in which flows that hold `held` may come to hold `reach` (bit/s, by flow). */
  findTight(p: Problem, paths: Paths, held: Float64Array, reach: Float64Array, room: Float64Array): void {
    const { link, tight, left, sum } = this
    const { saturatedIn } = p
    // Nobody rises on a link that has been full before.
    let open = 0
    for (let k = 0; k < this.count; k++) {
      tight[open] = link[k]!
      open += saturatedIn[link[k]!]! < 0 ? 1 : 0
    }
    this.tightCount = 0
    if (open === 0) return
    paths.load(reach, sum)
    let count = 0
    for (let k = 0; k < open; k++) {
      const l = tight[k]!
      if (!(sum[l]! > room[l]!)) continue
      tight[count++] = l
    }
    this.tightCount = count
    if (count === 0) return
    paths.crossing.sum(held, tight, count, left)
    for (let k = 0; k < count; k++) {
      const l = tight[k]!
      const free = room[l]! - left[l]!
      left[l] = free > NOTHING * p.linkRoom[l]! ? free : 0
    }
  }
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return false
  return true
}
