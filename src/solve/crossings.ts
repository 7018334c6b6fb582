// What an envelope's members put on a link, as a function of the envelope's own level.
//
// Member i has taken base_i + weight_i V at its envelope's level V, so all members of g on link k together have put
// base + slope V there: one pair of sums per (link, envelope) that meet. When the envelope changes speed, V changes
// speed, and the sums stay what they are. `base` only grows; `slope` falls, and is summed afresh when it is worn.

import type { Contention } from './contention.js'
import type { Members } from './members.js'
import type { Paths } from './paths.js'
import type { Problem, Shape } from './problem.js'
import { ShortPaths } from './short-paths.js'

const NONE = 0xffffffff
/** Pair of an entry whose link is not tight. */
export const NO_PAIR = 0xffffffff
/** A slope that has fallen to this fraction of its last exact sum is summed again. */
const WORN = 1 / 16

export class Crossings {
  count = 0
  /** By pair. Pairs of one group follow each other; those of one link are chained by `next`, from `head`. */
  readonly link: Uint32Array
  readonly group: Uint32Array
  readonly next: Uint32Array
  readonly head: Uint32Array
  readonly groupStart: Uint32Array
  readonly base: Float64Array
  readonly slope: Float64Array
  readonly rising: Uint32Array
  /** Paths over all tight links, and some others. */
  readonly shortPaths: ShortPaths
  /** By entry of these paths: its pair. */
  readonly pairOf: Uint32Array
  private readonly exactSlope: Float64Array
  private readonly isTight: Uint8Array
  private readonly ofGroup: Uint32Array
  private readonly onLink: Uint32Array
  private readonly part: Float64Array

  constructor(shape: Shape) {
    const { flows, links, nonZeros, envelopes } = shape
    this.shortPaths = new ShortPaths(shape)
    this.link = new Uint32Array(nonZeros)
    this.group = new Uint32Array(nonZeros)
    this.next = new Uint32Array(nonZeros)
    this.head = new Uint32Array(links)
    this.groupStart = new Uint32Array(envelopes + 2)
    this.base = new Float64Array(nonZeros)
    this.slope = new Float64Array(nonZeros)
    this.rising = new Uint32Array(nonZeros)
    this.pairOf = new Uint32Array(nonZeros)
    this.exactSlope = new Float64Array(nonZeros)
    this.isTight = new Uint8Array(links)
    this.ofGroup = new Uint32Array(envelopes + 1)
    this.onLink = new Uint32Array(flows)
    this.part = new Float64Array(flows)
  }

  /** Pairs up the tight links with the groups whose members cross them. @param version of the paths */
  build(p: Problem, version: number, net: Contention, members: Members, speed: Float64Array): void {
    const { tight, tightCount } = net
    const { link, group, next, head, groupStart, base, slope, rising, pairOf, exactSlope } = this
    const { shortPaths } = this
    const groups = groupStart.length - 1
    shortPaths.keep(p, version, tight, tightCount)
    this.isTight.fill(0)
    for (let k = 0; k < tightCount; k++) {
      this.isTight[tight[k]!] = 1
      head[tight[k]!] = NONE
    }
    let count = 0
    for (let g = 0; g < groups; g++) {
      groupStart[g] = count
      for (let m = members.start[g]!; m < members.start[g + 1]!; m++) {
        const i = members.flow[m]!
        const w = speed[i]!
        for (let e = shortPaths.start[i]!, end = shortPaths.start[i + 1]!; e < end; e++) {
          const k = shortPaths.link[e]!
          pairOf[e] = NO_PAIR
          if (this.isTight[k] === 0) continue
          let pair = head[k]!
          if (pair === NONE || group[pair] !== g) {
            pair = count++
            link[pair] = k
            group[pair] = g
            next[pair] = head[k]!
            head[k] = pair
            base[pair] = 0
            slope[pair] = 0
            rising[pair] = 0
          }
          pairOf[e] = pair
          slope[pair]! += shortPaths.fraction[e]! * w
          rising[pair]!++
        }
      }
    }
    groupStart[groups] = count
    exactSlope.set(slope.subarray(0, count))
    this.count = count
  }

  /** Sums worn slopes of link k again, from the flows that still rise on it. */
  refresh(paths: Paths, k: number, speed: Float64Array, groupOf: Uint32Array): void {
    const { slope, exactSlope, rising, next, head, group, ofGroup, onLink, part } = this
    let worn = false
    for (let pair = head[k]!; pair !== NONE; pair = next[pair]!) {
      worn ||= rising[pair]! > 0 && slope[pair]! <= exactSlope[pair]! * WORN
    }
    if (!worn) return
    for (let pair = head[k]!; pair !== NONE; pair = next[pair]!) {
      ofGroup[group[pair]!] = pair
      slope[pair] = 0
    }
    const crowd = paths.crossing.list(k, onLink)
    paths.crossing.listParts(k, part)
    for (let n = 0; n < crowd; n++) {
      const i = onLink[n]!
      if (speed[i]! > 0) slope[ofGroup[groupOf[i]!]!]! += part[n]! * speed[i]!
    }
    for (let pair = head[k]!; pair !== NONE; pair = next[pair]!) exactSlope[pair] = slope[pair]!
  }
}

/** Ends a chain of pairs. */
export const LAST_PAIR = NONE
