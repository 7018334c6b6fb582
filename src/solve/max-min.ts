// Weighted max-min fairness over links: one filling of one band, for flows that answer only to links.
//
// Raise one water level for everybody. At level L flow i has taken f_i(L), which rises by its weight, more slowly
// after each step, and stops at its cap. A link fills at the level at which the sum of a_li f_i(L) over its flows
// is its room; its flows stop there, and the others go on. What results is the allocation whose sorted levels are
// lexicographically largest: nobody can have more without somebody at the same level or a lower one having less
// (Bertsekas and Gallager, Data Networks, 6.5.2; with functions instead of weights: Jain et al., BwE, SIGCOMM
// 2015).
//
// What a link carries at level L is concave and piecewise linear in L, also when some of its flows have been stopped
// elsewhere below L. So Newton's method climbs towards the level at which the link fills, never past it: seen from L,
// where some flows are capped or stopped and the others rise, it fills at (room - what the former have) / (weights of
// the latter), or later. Links are filed in a heap under such bounds. The one at the top is looked at: either its
// bound rises, or nothing has changed since it was filed, and it is full. That takes three or four looks a link, and
// never more than about the bits of a number, as each at least quarters (room left) x (weights that rise). Nothing is
// sorted by cap, nothing is charged to links as flows stop, and every sum is made afresh of what is there.
//
// Only tight links can fill (contention.ts).
//
// Cost: a few additions per crossing of a tight link, O(log) per look in the heap. No allocation: numbers that are no
// whole numbers pass through columns, because as arguments and results they would be boxed. And few branches: whether a
// flow is at its cap is a coin toss, and a wrong guess costs the processor as much as twenty additions, so both
// answers are multiplied by 0 or 1.

import type { Contention } from './contention.js'
import { Events, STEP } from './events.js'
import { LinkHeap } from './link-heap.js'
import type { Paths } from './paths.js'
import type { Problem, Shape } from './problem.js'
import type { Takers } from './takers.js'
import { TILE, type Turned } from './turned.js'

// The water in a flow, four numbers that stand together, as links need them in no order: at level L it has
// base + speed L, until that is all it may take.
const MOST = 0
const SPEED = 1
const BASE = 2
/** The link that has stopped it, -1: none. `most` then is what it had. */
const BY = 3
const STRIDE = 4

// What is seen of a link from a level, in `seen`: what the flows that rise no more have, and how fast the others rise;
// and what all would have in the end.
const TAKEN = 0
const SLOPE = 1
const ASKED = 2

/** Stands for no bound, in sums where Infinity times 0 would be no number. */
const UNBOUNDED = Number.MAX_VALUE

export class MaxMin {
  private readonly water: Float64Array
  private readonly events: Events
  private next = 0
  private readonly heap: LinkHeap
  /** [0]: the level at hand. */
  private readonly level = new Float64Array(1)
  private readonly seen = new Float64Array(3)
  /** By tight link: the speed of its flows at level 0. */
  private readonly slope: Float64Array
  private readonly either = new Float64Array(2)

  constructor(shape: Shape) {
    this.water = new Float64Array(STRIDE * shape.flows)
    this.events = new Events(shape)
    this.slope = new Float64Array(shape.links)
    this.heap = new LinkHeap(shape.links)
  }

  /**
   * Fills the takers from level 0, and writes what each got into the band's rows of the answer. `held` (bit/s, by flow)
   * places the steps, and grows by what is handed out. Tells the takers which links are full. Throws RangeError for a
   * flow without any bound.
   */
  fill(p: Problem, band: number, paths: Paths, net: Contention, takers: Takers, held: Float64Array): void {
    this.begin(takers, held)
    this.fileTight(paths, net, takers)
    while (this.heap.size > 0) this.visit(p, band, paths, net, takers)
    this.level[0] = Number.POSITIVE_INFINITY
    this.passSteps(takers)
    this.record(p, band, takers, held)
  }

  /** Level 0: nobody has taken anything. */
  private begin(takers: Takers, held: Float64Array): void {
    const { water, events } = this
    const { flow, count, cap, speed, piece, upTo } = takers
    events.clear()
    water.fill(0)
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const at = STRIDE * i
      water[at + MOST] = Math.min(cap[i]!, UNBOUNDED)
      water[at + SPEED] = speed[i]!
      water[at + BY] = -1
      if (upTo[piece[i]!]! < Number.POSITIVE_INFINITY) events.add(takers, i, held)
    }
    events.order.sort()
    this.next = 0
  }

  private fileTight(paths: Paths, { tight, tightCount, left }: Contention, { speed }: Takers): void {
    const { heap, slope } = this
    paths.crossing.sum(speed, tight, tightCount, slope)
    heap.clear()
    for (let k = 0; k < tightCount; k++) {
      const l = tight[k]!
      if (slope[l]! > 0) heap.add(l, left[l]! / slope[l]!)
    }
    heap.heapify()
  }

  /** Looks at the link that may be full first, at the level it is filed under. */
  private visit(p: Problem, band: number, paths: Paths, { left }: Contention, takers: Takers): void {
    const { heap, level, seen } = this
    const l = heap.link[0]!
    level[0] = heap.level[0]!
    if (this.next < this.events.order.count) this.passSteps(takers)
    this.look(paths.crossing, l)
    const fills = (left[l]! - seen[TAKEN]!) / seen[SLOPE]!
    if (!(seen[ASKED]! > left[l]! && seen[SLOPE]! > 0)) heap.pop()
    else if (fills > level[0]!) {
      heap.level[0] = fills
      heap.raise()
    } else {
      if (p.saturatedIn[l] === -1) p.saturatedIn[l] = band
      this.stopAll(paths, takers, l)
      heap.pop()
    }
  }

  /** Sees what flows on link l have at the level at hand, and how fast they rise. */
  private look({ tiles, links, start, parts, flow, fraction }: Turned, l: number): void {
    const { water, seen } = this
    const level = this.level[0]!
    let taken = 0
    let slope = 0
    let asked = 0
    for (let tile = 0; tile < tiles; tile++) {
      const piece = tile * links + l
      const whole = parts[piece]!
      for (let e = start[piece]!, end = start[piece + 1]!; e < end; e++) {
        const at = STRIDE * (tile * TILE + flow[e]!)
        const a = e < whole ? 1 : fraction[e]!
        const most = water[at + MOST]!
        const speed = water[at + SPEED]!
        const base = water[at + BASE]!
        const stands = Number(most <= base + speed * level)
        const rises = 1 - stands
        taken += a * (stands * most + rises * base)
        slope += a * (rises * speed)
        asked += a * most
      }
    }
    seen[TAKEN] = taken
    seen[SLOPE] = slope
    seen[ASKED] = asked
  }

  /** Link l is full, at the level at hand: all on it stop, and will not rise again. */
  private stopAll(paths: Paths, { blockedBy }: Takers, l: number): void {
    const { water, either } = this
    const { tiles, links, start, flow } = paths.crossing
    const level = this.level[0]!
    for (let tile = 0; tile < tiles; tile++) {
      const piece = tile * links + l
      for (let e = start[piece]!, end = start[piece + 1]!; e < end; e++) {
        const i = tile * TILE + flow[e]!
        const at = STRIDE * i
        either[0] = water[at + MOST]!
        either[1] = water[at + BASE]! + water[at + SPEED]! * level
        const stops = Number(either[1]! < either[0]!)
        water[at + MOST] = either[stops]!
        water[at + BY]! += stops * (l - water[at + BY]!)
        blockedBy[i] = l
      }
    }
  }

  /** Flows that end a piece by the level at hand go on with less speed; what they had by the faster one is base. */
  private passSteps({ piece, weight }: Takers): void {
    const { water } = this
    const level = this.level[0]!
    const { sorted, sortedLevel, count } = this.events.order
    for (; this.next < count && sortedLevel[this.next]! <= level; this.next++) {
      const tag = sorted[this.next]!
      const i = tag >>> 1
      const at = STRIDE * i
      if ((tag & STEP) === 0 || water[at + BY]! >= 0) continue
      const w = weight[++piece[i]!]!
      water[at + BASE]! += (water[at + SPEED]! - w) * sortedLevel[this.next]!
      water[at + SPEED] = w
    }
  }

  /** Writes down, in the order of flows, what they have taken. */
  private record(p: Problem, band: number, takers: Takers, held: Float64Array): void {
    const { water, either } = this
    const { flow, count, cap, reach } = takers
    const { amount, level, bottleneck } = p
    const row = band * p.shape.flows
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const at = STRIDE * i
      const x = water[at + MOST]!
      if (x === UNBOUNDED) throw new RangeError(`flow ${i} has no finite demand, ceiling or link`)
      amount[row + i]! += x
      level[row + i] = (x - water[at + BASE]!) / water[at + SPEED]!
      bottleneck[row + i] = water[at + BY]!
      // x + (d - x) may miss d by a rounding, and would leave a flow that has all it asks asking for it again.
      either[0] = held[i]! + x
      either[1] = reach[i]!
      held[i] = either[Number(x === cap[i]!)]!
    }
  }
}
