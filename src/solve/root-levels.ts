// Carries the level of a flow within its envelope up to the root, from the amounts alone.
//
// A child of envelope e that stopped at e's level V stopped when all of e had together A_e(V), the sum over e's
// children of what each has at min(V, where it stopped). As e rises at its weight until then, its parent's level
// was A_e(V) / w_e; and so on upwards. For a promised envelope w_e is the size of the promise and the next level is
// the root's. A_e is concave and piecewise linear: its corners are where children step or stop. Its slopes are
// summed from the last corner down, so that no slope is the difference of larger ones.
//
// O(n log n). It knows nothing of how the allocation was found, which makes it fit to prove one.

import type { Envelopes } from './envelopes.js'
import { Order } from './order.js'
import type { Participants } from './participants.js'
import type { Problem, Shape } from './problem.js'

export class RootLevels {
  private readonly order: Order
  /** By corner, before sorting: the group it belongs to, and by how much the slope falls there. */
  private readonly cornerGroup: Uint32Array
  private readonly cornerFall: Float64Array
  // by corner, group by group and by level within: level, slope up to it, amount there
  private readonly cornerStart: Uint32Array
  private readonly cursor: Uint32Array
  private readonly corner: Float64Array
  private readonly slope: Float64Array
  private readonly amount: Float64Array
  /** By envelope: what all below it got. */
  private readonly total: Float64Array

  constructor({ flows, segments, envelopes }: Shape) {
    const corners = flows + segments + envelopes
    this.order = new Order(corners)
    this.cornerGroup = new Uint32Array(corners)
    this.cornerFall = new Float64Array(corners)
    this.cornerStart = new Uint32Array(envelopes + 2)
    this.cursor = new Uint32Array(envelopes + 1)
    this.corner = new Float64Array(corners)
    this.slope = new Float64Array(corners)
    this.amount = new Float64Array(corners)
    this.total = new Float64Array(envelopes + 1)
  }

  /** Replaces `level`, by flow within its envelope, by the level at the root. `got` is bit/s in this filling. */
  carry(
    p: Problem,
    participants: Participants,
    envelopes: Envelopes,
    held: Float64Array,
    got: Float64Array,
    level: Float64Array,
  ): void {
    this.findCorners(p, participants, envelopes, held, got)
    this.drawCurves(envelopes.root)
    for (let n = 0; n < participants.count; n++) {
      const i = participants.flow[n]!
      let l = level[i]!
      for (let e = p.flowEnvelope[i]!; e >= 0 && e !== envelopes.root; e = envelopes.parent[e]!) {
        l = this.amountAt(e, l) / envelopes.weight[e]!
      }
      level[i] = l
    }
  }

  private findCorners(
    p: Problem,
    participants: Participants,
    envelopes: Envelopes,
    held: Float64Array,
    got: Float64Array,
  ): void {
    const { order, total } = this
    const { flow, count, piece, weight, upTo } = participants
    order.clear()
    total.fill(0)
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const e = p.flowEnvelope[i]!
      if (e < 0) continue
      const y = got[i]!
      total[e]! += y
      let s = piece[i]!
      let at = 0
      let l = 0
      for (; upTo[s]! - held[i]! < y; s++) {
        const next = upTo[s]! - held[i]!
        l += (next - at) / weight[s]!
        at = next
        this.add(e, l, weight[s]! - weight[s + 1]!)
      }
      this.add(e, l + (y - at) / weight[s]!, weight[s]!)
    }
    for (let n = envelopes.root - 1; n >= 0; n--) {
      const e = envelopes.order[n]!
      const up = envelopes.parent[e]!
      if (!(total[e]! > 0) || up === envelopes.root) continue
      total[up]! += total[e]!
      this.add(up, total[e]! / envelopes.weight[e]!, envelopes.weight[e]!)
    }
  }

  private add(group: number, level: number, fall: number): void {
    const corner = this.order.count
    this.order.push(level, corner)
    this.cornerGroup[corner] = group
    this.cornerFall[corner] = fall
  }

  private drawCurves(root: number): void {
    const { order, cornerGroup, cornerFall, cornerStart, cursor, corner, slope, amount } = this
    order.sort()
    cornerStart.fill(0)
    for (let n = 0; n < order.count; n++) cornerStart[cornerGroup[n]! + 1]!++
    for (let g = 0; g <= root; g++) cornerStart[g + 1]! += cornerStart[g]!
    cursor.set(cornerStart.subarray(0, root + 1))
    for (let n = 0; n < order.count; n++) {
      const which = order.sorted[n]!
      const at = cursor[cornerGroup[which]!]!++
      corner[at] = order.sortedLevel[n]!
      slope[at] = cornerFall[which]!
    }
    for (let g = 0; g < root; g++) {
      const start = cornerStart[g]!
      const end = cornerStart[g + 1]!
      for (let c = end - 2; c >= start; c--) slope[c]! += slope[c + 1]!
      let before = 0
      let sum = 0
      for (let c = start; c < end; c++) {
        sum += slope[c]! * (corner[c]! - before)
        before = corner[c]!
        amount[c] = sum
      }
    }
  }

  /** What envelope e has at its own level l. */
  private amountAt(e: number, l: number): number {
    const { cornerStart, corner, slope, amount } = this
    const start = cornerStart[e]!
    const end = cornerStart[e + 1]!
    let low = start
    let high = end
    while (low < high) {
      const middle = (low + high) >> 1
      if (corner[middle]! < l) low = middle + 1
      else high = middle
    }
    if (low === end) return end > start ? amount[end - 1]! : 0
    return amount[low]! - slope[low]! * (corner[low]! - l)
  }
}
