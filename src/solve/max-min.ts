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

// Events come in an order that has nothing to do with that of flows, so what one needs of a flow stands together:
// `water` has four numbers for each, f(L) = base + speed L until it is what it may take, or has taken.
const SPEED = 0
const BASE = 1
const TAKES = 2
/** The link that has stopped it. */
const BY = 3
const STRIDE = 4

// What a flow does.
const STANDS = 0
const RISES = 1
/** It has reached its cap, or a link has stopped it. */
const CAPPED = 2
const STOPPED = 3

export class MaxMin {
  // by flow
  private readonly water: Float64Array
  private readonly state: Uint8Array
  // by tight link
  private readonly slope: Float64Array
  private readonly exactSlope: Float64Array
  private readonly events: Events
  private readonly heap: LinkHeap
  private readonly onLink: Uint32Array
  /** Flows that rise in steps. */
  private readonly stepped: Uint32Array
  private rising = 0
  private readonly one = new Uint32Array(1)

  constructor(shape: Shape) {
    const { flows, links } = shape
    this.water = new Float64Array(STRIDE * flows)
    this.state = new Uint8Array(flows)
    this.slope = new Float64Array(links)
    this.exactSlope = new Float64Array(links)
    this.events = new Events(shape)
    this.heap = new LinkHeap(links)
    this.onLink = new Uint32Array(flows)
    this.stepped = new Uint32Array(flows)
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
    this.run(p, band, paths, net, takers)
    this.record(p, band, takers, held)
  }

  /** Flows that cross no tight link reach their caps; the steps and caps of the others are sorted. */
  private begin(p: Problem, band: number, net: Contention, takers: Takers, held: Float64Array): void {
    const { water, state, events, stepped } = this
    const { flow, count, cap, reach, speed, piece, last } = takers
    const { order } = events
    const { isCrossing } = net
    const { amount, level } = p
    const at = band * p.shape.flows
    const anyTight = net.tightCount > 0
    order.clear()
    state.fill(STANDS)
    let rising = 0
    let steppedCount = 0
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const u = cap[i]!
      if (anyTight && isCrossing[i] === 1) {
        const w = speed[i]!
        state[i] = RISES
        water[STRIDE * i + SPEED] = w
        water[STRIDE * i + BASE] = 0
        water[STRIDE * i + TAKES] = u
        rising++
        if (piece[i]! < last[i]!) stepped[steppedCount++] = i
        else if (u < Number.POSITIVE_INFINITY) order.push(u / w, 2 * i)
      } else {
        if (u === Number.POSITIVE_INFINITY) throw unbounded(i)
        amount[at + i]! += u
        level[at + i] = takers.levelAt(i, held[i]!, u)
        held[i] = reach[i]!
      }
    }
    for (let n = 0; n < steppedCount; n++) events.add(takers, stepped[n]!, held[stepped[n]!]!, cap[stepped[n]!]!)
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
  private run(p: Problem, band: number, paths: Paths, net: Contention, takers: Takers): void {
    const { heap, slope, exactSlope } = this
    const { sorted, sortedLevel, count } = this.events.order
    const { left } = net
    let next = 0
    while (this.rising > 0) {
      next = this.passCaps(net, takers, next)
      if (next < count && (heap.size === 0 || sortedLevel[next]! <= heap.key[heap.top()]!)) {
        if (this.state[sorted[next]! >>> 1] === RISES) this.step(net, takers, next)
        next++
        continue
      }
      if (this.rising === 0) return
      if (heap.size === 0) throw unbounded(-1)
      const l = heap.top()
      if (slope[l]! <= exactSlope[l]! * WORN) this.sumAgain(paths, takers, l)
      if (slope[l] === 0) {
        heap.pop()
        continue
      }
      const fills = left[l]! > 0 ? left[l]! / slope[l]! : 0
      if (fills > heap.key[l]!) heap.raise(fills)
      else {
        heap.pop()
        if (p.saturatedIn[l] === -1) p.saturatedIn[l] = band
        this.stopAll(paths, net, takers, l)
      }
    }
  }

  /**
   * Passes the caps that come before any link can be full, up to the next step. A link can only fill later than it is
   * filed, so these come first whatever the links' true levels are. Calls nothing, so that all it reads and writes is
   * looked up once: most of the time goes here.
   */
  private passCaps({ left, shortPaths }: Contention, { speed }: Takers, from: number): number {
    const { water, state, slope, heap } = this
    const { sorted, sortedLevel, count } = this.events.order
    const { start, link, fraction } = shortPaths
    const until = heap.size > 0 ? heap.key[heap.top()]! : Number.POSITIVE_INFINITY
    let stopped = 0
    let next = from
    let end = from
    while (end < count && sortedLevel[end]! <= until && (sorted[end]! & STEP) === 0) end++
    for (; next < end; next++) {
      const i = sorted[next]! >>> 1
      if (state[i] !== RISES) continue
      const x = water[STRIDE * i + TAKES]!
      const w = water[STRIDE * i + SPEED]!
      const more = x - water[STRIDE * i + BASE]!
      for (let e = start[i]!, stop = start[i + 1]!; e < stop; e++) {
        const l = link[e]!
        const a = fraction[e]!
        left[l]! -= a * more
        slope[l]! -= a * w
      }
      speed[i] = 0
      state[i] = CAPPED
      stopped++
    }
    this.rising -= stopped
    return next
  }

  private sumAgain(paths: Paths, { speed }: Takers, l: number): void {
    this.one[0] = l
    paths.sum(speed, this.one, 1, this.slope)
    this.exactSlope[l] = this.slope[l]!
  }

  /** Link l is full, at the level it is filed under: all on it stop, and will not rise again. */
  private stopAll(paths: Paths, { left, shortPaths }: Contention, { blockedBy, speed }: Takers, l: number): void {
    const { water, state, slope, onLink } = this
    const { start, link, fraction } = shortPaths
    const now = this.heap.key[l]!
    const crowd = paths.list(l, onLink)
    let stopping = 0
    for (let n = 0; n < crowd; n++) {
      const i = onLink[n]!
      onLink[stopping] = i
      stopping += state[i] === RISES ? 1 : 0
      blockedBy[i] = l
    }
    for (let n = 0; n < stopping; n++) {
      const i = onLink[n]!
      const w = water[STRIDE * i + SPEED]!
      const base = water[STRIDE * i + BASE]!
      const x = Math.min(base + w * now, water[STRIDE * i + TAKES]!)
      for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
        const k = link[e]!
        const a = fraction[e]!
        left[k]! -= a * (x - base)
        slope[k]! -= a * w
      }
      water[STRIDE * i + TAKES] = x
      water[STRIDE * i + BY] = l
      speed[i] = 0
      state[i] = STOPPED
    }
    this.rising -= stopping
  }

  /** The flow of this event goes on with less speed; what it had by the faster one is base. */
  private step({ left, shortPaths }: Contention, { piece, weight, speed }: Takers, event: number): void {
    const { slope, water, events } = this
    const { start, link, fraction } = shortPaths
    const i = events.order.sorted[event]! >>> 1
    const w = weight[++piece[i]!]!
    const fall = water[STRIDE * i + SPEED]! - w
    const more = fall * events.order.sortedLevel[event]!
    for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
      const l = link[e]!
      const a = fraction[e]!
      left[l]! -= a * more
      slope[l]! -= a * fall
    }
    speed[i] = w
    water[STRIDE * i + SPEED] = w
    water[STRIDE * i + BASE]! += more
  }

  /** Writes down, in the order of flows, what those that rose have taken. */
  private record(p: Problem, band: number, takers: Takers, held: Float64Array): void {
    const { water, state } = this
    const { flow, count, cap, reach } = takers
    const { amount, level, bottleneck } = p
    const at = band * p.shape.flows
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      if (state[i] === STANDS) continue
      const x = water[STRIDE * i + TAKES]!
      const base = water[STRIDE * i + BASE]!
      amount[at + i]! += x
      level[at + i] = (x - base) / water[STRIDE * i + SPEED]!
      // x + (d - x) may miss d by a rounding, and would leave a flow that has all it asks asking for it again.
      held[i] = x === cap[i]! ? reach[i]! : held[i]! + x
      if (state[i] === STOPPED) bottleneck[at + i] = water[STRIDE * i + BY]!
    }
  }
}

const unbounded = (i: number): RangeError =>
  new RangeError(`${i < 0 ? 'a flow' : `flow ${i}`} has no finite demand, ceiling or link`)
