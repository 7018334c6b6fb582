// Weighted max-min fairness over links: one filling of one band, for flows that answer only to links.
//
// Raise one water level for everybody. At level L flow i has taken f_i(L), which rises by its weight, more slowly
// after each step, and stops at its cap. A link fills at the level at which the sum of a_li f_i(L) over its flows
// is its room; its flows stop there, and the others go on. What results is the allocation whose sorted levels are
// lexicographically largest: nobody can have more without somebody at the same level or a lower one having less
// (Bertsekas and Gallager, Data Networks, 6.5.2; with functions instead of weights: Jain et al., BwE, SIGCOMM
// 2015).
//
// The steps and caps of a flow lie at levels that only the flow decides, so they are sorted once. Where a link
// fills does depend on the others, but as f_i is concave each event can only raise it: a lazy heap (link-heap.ts).
// Between events f_i(L) = base_i + speed_i L, so link l fills at L = left_l / slope_l, where left_l is its room minus
// all bases and slope_l the sum of a_li speed_i: both are sums that change by one term per event. `left` only falls.
// `slope` falls too and would end in rounding noise, so it is summed afresh whenever it has lost four bits; then it is
// exact, and 0 just when nobody on the link rises any more.
//
// Only tight links can fill (contention.ts); flows that cross none reach their caps and take no part in the rise.
//
// Cost: O(n log n) for n flows, steps and links, plus O(1) per crossing of a tight link. No allocation: numbers that
// are no whole numbers pass through columns, because as arguments and results they would be boxed.

import type { Contention } from './contention.js'
import { Events, STEP } from './events.js'
import { LinkHeap } from './link-heap.js'
import type { Paths } from './paths.js'
import type { Problem, Shape } from './problem.js'
import type { Takers } from './takers.js'

/** A slope that has fallen to this fraction of its last exact sum is summed again. */
const WORN = 1 / 16

export class MaxMin {
  /** By flow: f(L) = base + speed L. */
  private readonly base: Float64Array
  // by tight link
  private readonly slope: Float64Array
  private readonly exactSlope: Float64Array
  private readonly events: Events
  private readonly heap: LinkHeap
  private readonly onLink: Uint32Array
  private readonly one = new Uint32Array(1)
  private rising = 0

  constructor(shape: Shape) {
    const { flows, links } = shape
    this.base = new Float64Array(flows)
    this.slope = new Float64Array(links)
    this.exactSlope = new Float64Array(links)
    this.events = new Events(shape)
    this.heap = new LinkHeap(links)
    this.onLink = new Uint32Array(flows)
  }

  /**
   * Fills the takers from level 0, and writes what each got into the band's rows of the answer. `held` (bit/s, by flow)
   * places the steps, and grows by what is handed out. Tells the takers which links are full. Throws RangeError for a
   * flow without any bound.
   */
  fill(p: Problem, band: number, paths: Paths, net: Contention, takers: Takers, held: Float64Array): void {
    this.begin(p, band, net, takers, held)
    if (this.rising === 0) return
    this.events.order.sort()
    this.fileTight(paths, net, takers)
    this.run(p, band, paths, net, takers, held)
  }

  /** Flows that cross no tight link reach their caps; the steps and caps of the others are sorted. */
  private begin(p: Problem, band: number, net: Contention, takers: Takers, held: Float64Array): void {
    const { base, events } = this
    const { flow, count, cap, reach } = takers
    const { isCrossing } = net
    const { amount, level } = p
    const at = band * p.shape.flows
    const anyTight = net.tightCount > 0
    events.clear()
    let rising = 0
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const u = cap[i]!
      const x = held[i]!
      if (anyTight && isCrossing[i] === 1) {
        base[i] = 0
        events.add(takers, i, x, u)
        rising++
      } else {
        if (u === Number.POSITIVE_INFINITY) throw unbounded(i)
        amount[at + i]! += u
        level[at + i] = takers.levelAt(i, x, u)
        held[i] = reach[i]!
      }
    }
    this.rising = rising
  }

  private fileTight(paths: Paths, { tight, tightCount, left }: Contention, { speed }: Takers): void {
    const { slope, exactSlope, heap } = this
    paths.sum(speed, tight, tightCount, slope)
    heap.clear()
    for (let k = 0; k < tightCount; k++) {
      const l = tight[k]!
      exactSlope[l] = slope[l]!
      if (slope[l]! > 0) heap.add(l, left[l]! / slope[l]!)
    }
    heap.heapify()
  }

  /** Raises the level from event to event until everybody has stopped. */
  private run(p: Problem, band: number, paths: Paths, net: Contention, takers: Takers, held: Float64Array): void {
    const { heap, slope, exactSlope } = this
    const { sorted, sortedLevel, count } = this.events.order
    const { speed, cap, reach } = takers
    const { amount, level } = p
    const at = band * p.shape.flows
    let next = 0
    let now = 0
    while (this.rising > 0) {
      while (next < count && speed[sorted[next]! >>> 1] === 0) next++
      const eventLevel = next < count ? sortedLevel[next]! : Number.POSITIVE_INFINITY
      if (next === count && heap.size === 0) throw unbounded(-1)
      const top = heap.size > 0 ? heap.top() : 0
      if (heap.size === 0 || eventLevel <= heap.key[top]!) {
        // A link can only fill later than it is filed, so this event comes first whatever the link's true level is.
        now = eventLevel
        const i = sorted[next]! >>> 1
        if ((sorted[next]! & STEP) === STEP) this.step(net, takers, next)
        else {
          amount[at + i]! += cap[i]!
          level[at + i] = now
          held[i] = reach[i]!
          this.stop(net, takers, i, cap)
        }
        next++
        continue
      }
      if (slope[top]! <= exactSlope[top]! * WORN) this.sumAgain(paths, takers, top)
      if (slope[top] === 0) {
        heap.pop()
        continue
      }
      const fills = net.left[top]! > 0 ? net.left[top]! / slope[top]! : 0
      if (fills > heap.key[top]!) {
        heap.raise(fills)
        continue
      }
      heap.pop()
      if (fills > now) now = fills
      heap.key[top] = now
      this.stopAll(p, band, paths, net, takers, held, top)
    }
  }

  private sumAgain(paths: Paths, { speed }: Takers, l: number): void {
    this.one[0] = l
    paths.sum(speed, this.one, 1, this.slope)
    this.exactSlope[l] = this.slope[l]!
  }

  /** Link l is full, at the level it is filed under: whoever still rises on it stops, and nobody will rise again. */
  private stopAll(
    p: Problem,
    band: number,
    paths: Paths,
    net: Contention,
    takers: Takers,
    held: Float64Array,
    l: number,
  ): void {
    const { base, onLink } = this
    const { speed, cap, reach, blockedBy } = takers
    const { amount, level, bottleneck, saturatedIn } = p
    const at = band * p.shape.flows
    const now = this.heap.key[l]!
    const crowd = paths.list(l, onLink)
    if (saturatedIn[l] === -1) saturatedIn[l] = band
    for (let n = 0; n < crowd; n++) {
      const i = onLink[n]!
      if (blockedBy[i]! < 0) blockedBy[i] = l
      const w = speed[i]!
      if (w === 0) continue
      const x = base[i]! + w * now
      if (x < cap[i]!) {
        cap[i] = x
        held[i]! += x
      } else held[i] = reach[i]!
      amount[at + i]! += cap[i]!
      level[at + i] = now
      bottleneck[at + i] = l
      this.stop(net, takers, i, cap)
    }
  }

  /** Flow i goes no further than taken[i]. */
  private stop({ left, shortPaths }: Contention, { speed }: Takers, i: number, taken: Float64Array): void {
    const { slope } = this
    const { start, link, fraction } = shortPaths
    const more = taken[i]! - this.base[i]!
    const w = speed[i]!
    for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
      const l = link[e]!
      const a = fraction[e]!
      left[l]! -= a * more
      slope[l]! -= a * w
    }
    speed[i] = 0
    this.rising--
  }

  /** The flow of this event goes on with less speed; what it had by the faster one is base. */
  private step({ left, shortPaths }: Contention, takers: Takers, event: number): void {
    const { slope, base, events } = this
    const { start, link, fraction } = shortPaths
    const { speed, piece, weight } = takers
    const i = events.order.sorted[event]! >>> 1
    const s = ++piece[i]!
    const fall = speed[i]! - weight[s]!
    const more = fall * events.order.sortedLevel[event]!
    for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
      const l = link[e]!
      const a = fraction[e]!
      left[l]! -= a * more
      slope[l]! -= a * fall
    }
    speed[i] = weight[s]!
    base[i]! += more
  }
}

const unbounded = (i: number): RangeError =>
  new RangeError(`${i < 0 ? 'a flow' : `flow ${i}`} has no finite demand, ceiling or link`)
