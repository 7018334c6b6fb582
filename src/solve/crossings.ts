// What an envelope's members put on a link, as a function of the envelope's own level.
//
// Member i has taken base_i + weight_i V at its envelope's level V, so all members of g on link k together have put
// base + slope V there: one pair of sums per (link, envelope) that meet. When the envelope changes speed, V changes
// speed, and the sums stay what they are. `base` only grows; `slope` falls, and is summed afresh when it is worn.

import type { Contention } from './contention.js'
import { STOPPED } from './events.js'
import type { Members } from './members.js'
import type { Shape } from './problem.js'

const NONE = 0xffffffff
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
  /** By entry of the contention: its pair. */
  readonly pairOf: Uint32Array
  private readonly exactSlope: Float64Array
  private readonly ofGroup: Uint32Array

  constructor({ links, nonZeros, envelopes }: Shape) {
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
    this.ofGroup = new Uint32Array(envelopes + 1)
  }

  /** Pairs up the tight links with the groups whose members cross them. */
  build(net: Contention, members: Members, weight: Float64Array, piece: Uint32Array, tight: Uint8Array): void {
    const { link, group, next, head, groupStart, base, slope, rising, pairOf, exactSlope } = this
    const { start, entryLink, entryFraction } = net
    const groups = groupStart.length - 1
    head.fill(NONE, 0, net.links)
    let count = 0
    for (let g = 0; g < groups; g++) {
      groupStart[g] = count
      for (let m = members.start[g]!; m < members.start[g + 1]!; m++) {
        const i = members.flow[m]!
        const w = weight[piece[i]!]!
        for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
          const k = entryLink[e]!
          if (tight[k] === 0) continue
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
          slope[pair]! += entryFraction[e]! * w
          rising[pair]!++
        }
      }
    }
    groupStart[groups] = count
    exactSlope.set(slope.subarray(0, count))
    this.count = count
  }

  /** Sums worn slopes of link k again, from the flows that still rise on it. */
  refresh(net: Contention, k: number, weight: Float64Array, piece: Uint32Array, groupOf: Uint32Array): void {
    const { slope, exactSlope, rising, next, head, group, ofGroup } = this
    let worn = false
    for (let pair = head[k]!; pair !== NONE; pair = next[pair]!) {
      worn ||= rising[pair]! > 0 && slope[pair]! <= exactSlope[pair]! * WORN
    }
    if (!worn) return
    for (let pair = head[k]!; pair !== NONE; pair = next[pair]!) {
      ofGroup[group[pair]!] = pair
      slope[pair] = 0
    }
    const { start, flow, fraction } = net.columns
    const l = net.link[k]!
    for (let e = start[l]!, end = start[l + 1]!; e < end; e++) {
      const i = flow[e]!
      if (piece[i] !== STOPPED) slope[ofGroup[groupOf[i]!]!]! += fraction[e]! * weight[piece[i]!]!
    }
    for (let pair = head[k]!; pair !== NONE; pair = next[pair]!) exactSlope[pair] = slope[pair]!
  }
}

/** Ends a chain of pairs. */
export const LAST_PAIR = NONE
