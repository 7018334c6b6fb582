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
// Between events f_i(L) = base_i + weight_i L, so link k fills at L = left_k / slope_k, where left_k is its room
// minus all bases and slope_k the sum of a_ki weight_i: both are sums that change by one term per event. `left`
// only falls. `slope` falls too and would end in rounding noise, so it is summed afresh whenever it has lost four
// bits; then it is exact, and 0 just when nobody on the link rises any more.
//
// Only tight links, on which the caps of all together exceed the room, can fill; flows that cross none reach their
// caps and take no part in the rise. On a slack link `left` starts as what the caps leave, and gets back what flows
// that a link stops elsewhere do not take.
//
// Cost: O(n log n) for n flows, steps and links, plus O(1) per non-zero. No allocation.

import type { Contention } from './contention.js'
import { Events, STOPPED } from './events.js'
import { LinkHeap } from './link-heap.js'
import type { Shape } from './problem.js'
import type { Takers } from './takers.js'

/** A slope that has fallen to this fraction of its last exact sum is summed again. */
const WORN = 1 / 16

/** What one filling gave, by flow; read only for the flows that took part. */
export interface Filling {
  readonly taken: Float64Array
  readonly level: Float64Array
  /** Contended link that stopped the flow; -1: its own cap did; -2 - e: the promise of envelope e did. */
  readonly stoppedBy: Int32Array
}

/** The rooms after a filling. A link that stopped somebody is full, to the last bit. */
export function settle(
  { links }: Contention,
  { count, flow }: Takers,
  { stoppedBy }: Filling,
  left: Float64Array,
  room: Float64Array,
): void {
  for (let k = 0; k < links; k++) room[k] = Math.max(0, left[k]!)
  for (let n = 0; n < count; n++) {
    const k = stoppedBy[flow[n]!]!
    if (k >= 0) room[k] = 0
  }
}

const unbounded = (i: number): RangeError => new RangeError(`flow ${i} has no finite demand, ceiling or link`)

export class MaxMin implements Filling {
  readonly taken: Float64Array
  readonly level: Float64Array
  readonly stoppedBy: Int32Array
  // by flow: the piece it rises on (or STOPPED), and f(L) = base + weight[piece] L
  private readonly piece: Uint32Array
  private readonly base: Float64Array
  // by contended link
  /** Of a tight link: its room minus all bases. Of a slack one: minus the caps of all, until they are stopped below. */
  private readonly left: Float64Array
  private readonly slope: Float64Array
  private readonly exactSlope: Float64Array
  private readonly tight: Uint8Array
  private readonly events: Events
  private readonly heap: LinkHeap
  private stillRising = 0

  constructor(shape: Shape) {
    const { flows, links } = shape
    this.taken = new Float64Array(flows)
    this.level = new Float64Array(flows)
    this.stoppedBy = new Int32Array(flows)
    this.piece = new Uint32Array(flows)
    this.base = new Float64Array(flows)
    this.left = new Float64Array(links)
    this.slope = new Float64Array(links)
    this.exactSlope = new Float64Array(links)
    this.tight = new Uint8Array(links)
    this.events = new Events(shape)
    this.heap = new LinkHeap(links)
  }

  /**
   * Fills the takers from level 0. `room` (bit/s, by contended link) is what earlier fillings left and is lowered by
   * what this one hands out; `held` (bit/s, by flow) places the steps. Throws RangeError for a flow without any bound.
   */
  fill(net: Contention, takers: Takers, held: Float64Array, room: Float64Array): void {
    if (this.ask(net, takers, room)) {
      this.begin(net, takers, held)
      this.fileTight(net)
      if (this.stillRising > 0) this.run(net, takers)
    } else this.reachCaps(takers, held)
    settle(net, takers, this, this.left, room)
  }

  /** Sums what everybody may ask of each link, and finds those on which that is too much. False: there are none. */
  private ask(net: Contention, { count, flow, cap }: Takers, room: Float64Array): boolean {
    const { left, slope, tight, stoppedBy } = this
    const { start, entryLink, entryFraction, links } = net
    const asked = slope // free until the tight links are known
    asked.fill(0, 0, links)
    let anyFull = false
    for (let k = 0; k < links; k++) anyFull ||= room[k] === 0
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const begin = start[i]!
      const end = start[i + 1]!
      let full = -1
      if (anyFull) for (let e = begin; e < end && full < 0; e++) if (room[entryLink[e]!] === 0) full = entryLink[e]!
      stoppedBy[i] = full
      if (full >= 0) continue // it gets nothing, so it is no burden to others
      const u = cap[i]!
      for (let e = begin; e < end; e++) asked[entryLink[e]!]! += entryFraction[e]! * u
    }
    let anyTight = anyFull
    for (let k = 0; k < links; k++) {
      const isTight = asked[k]! > room[k]!
      anyTight ||= isTight
      tight[k] = isTight ? 1 : 0
      left[k] = isTight ? room[k]! : room[k]! - asked[k]!
      slope[k] = 0
    }
    return anyTight
  }

  private reachCaps(takers: Takers, held: Float64Array): void {
    const { taken, level } = this
    const { flow, count, cap } = takers
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      taken[i] = cap[i]!
      if (cap[i] === Number.POSITIVE_INFINITY) throw unbounded(i)
      level[i] = takers.levelAt(i, held[i]!, cap[i]!)
    }
  }

  /** Sorts the steps and caps of the flows on tight links; the others reach their caps. */
  private begin(net: Contention, takers: Takers, held: Float64Array): void {
    const { taken, level, stoppedBy, piece, base, tight, slope, events } = this
    const { flow, count, cap, from, weight } = takers
    const { start, entryLink, entryFraction } = net
    events.clear()
    piece.fill(STOPPED) // a link's column lists all flows that cross it, also those that take no part
    this.stillRising = 0
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      if (stoppedBy[i]! >= 0) {
        taken[i] = 0
        level[i] = 0
        continue
      }
      const u = cap[i]!
      const w = weight[from[i]!]!
      taken[i] = u
      let isFree = true
      for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
        const k = entryLink[e]!
        if (tight[k] === 0) continue
        slope[k]! += entryFraction[e]! * w
        isFree = false
      }
      if (isFree) {
        if (u === Number.POSITIVE_INFINITY) throw unbounded(i)
        level[i] = takers.levelAt(i, held[i]!, u)
        continue
      }
      level[i] = events.add(takers, i, held[i]!, u)
      piece[i] = from[i]!
      base[i] = 0
      this.stillRising++
    }
    events.order.sort()
  }

  private fileTight({ links }: Contention): void {
    const { left, slope, exactSlope, tight, heap } = this
    heap.clear()
    for (let k = 0; k < links; k++) {
      exactSlope[k] = slope[k]!
      if (tight[k] === 1) heap.add(k, left[k]! / slope[k]!)
    }
    heap.heapify()
  }

  /** Raises the level from event to event until everybody has stopped. */
  private run(net: Contention, takers: Takers): void {
    const { piece, heap } = this
    const { order, flow: eventFlow, piece: eventPiece } = this.events
    const { cap, weight } = takers
    const { sorted, count, level: at } = order
    let now = 0
    let next = 0
    while (this.stillRising > 0) {
      while (next < count && piece[eventFlow[sorted[next]!]!] === STOPPED) next++
      const event = next < count ? sorted[next]! : 0
      const eventLevel = next < count ? at[event]! : Number.POSITIVE_INFINITY
      const top = heap.size > 0 ? heap.top() : 0
      if (heap.size === 0 || eventLevel <= heap.key[top]!) {
        // A link can only fill later than it is filed, so this event comes first whatever the link's true level is.
        now = eventLevel
        const i = eventFlow[event]!
        const s = eventPiece[event]!
        next++
        const w = weight[piece[i]!]!
        if (s === STOPPED) this.stop(net, i, cap[i]!, cap[i]!, now, w, -1)
        else {
          this.step(net, i, (w - weight[s]!) * now, w - weight[s]!)
          piece[i] = s
        }
      } else {
        const fills = this.fillsAt(net, takers, top)
        if (fills === Number.POSITIVE_INFINITY) heap.pop()
        else if (fills > heap.key[top]!) heap.raise(fills)
        else {
          heap.pop()
          if (fills > now) now = fills
          this.stopAll(net, takers, top, now)
        }
      }
    }
  }

  /** The level at which link k is full if nobody steps or stops before; Infinity: nobody rises on it. */
  private fillsAt(net: Contention, { weight }: Takers, k: number): number {
    const { slope, exactSlope, left, piece } = this
    if (slope[k]! <= exactSlope[k]! * WORN) {
      const { start, flow, fraction } = net.columns
      const l = net.link[k]!
      let sum = 0
      for (let e = start[l]!, end = start[l + 1]!; e < end; e++) {
        const s = piece[flow[e]!]!
        if (s !== STOPPED) sum += fraction[e]! * weight[s]!
      }
      slope[k] = sum
      exactSlope[k] = sum
    }
    if (slope[k] === 0) return Number.POSITIVE_INFINITY
    return left[k]! > 0 ? left[k]! / slope[k]! : 0
  }

  /** Link k is full at `level`: whoever still rises on it stops. */
  private stopAll(net: Contention, { cap, weight }: Takers, k: number, level: number): void {
    const { piece, base } = this
    const { start, flow } = net.columns
    const l = net.link[k]!
    for (let e = start[l]!, end = start[l + 1]!; e < end; e++) {
      const i = flow[e]!
      const s = piece[i]!
      if (s === STOPPED) continue
      const x = base[i]! + weight[s]! * level
      this.stop(net, i, Math.min(x, cap[i]!), cap[i]!, level, weight[s]!, k)
    }
  }

  private stop(net: Contention, i: number, x: number, u: number, level: number, weight: number, link: number): void {
    const { start, entryLink, entryFraction } = net
    const { left, slope, tight } = this
    const base = x - this.base[i]!
    for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
      const k = entryLink[e]!
      const a = entryFraction[e]!
      if (tight[k] === 1) {
        left[k]! -= a * base
        slope[k]! -= a * weight
      } else if (x < u) left[k]! += a * (u - x)
    }
    this.piece[i] = STOPPED
    this.taken[i] = x
    this.level[i] = level
    this.stoppedBy[i] = link
    this.stillRising--
  }

  /** Flow i goes on with `fall` less weight, and `base` more of it is base. */
  private step(net: Contention, i: number, base: number, fall: number): void {
    const { start, entryLink, entryFraction } = net
    const { left, slope, tight } = this
    for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
      const k = entryLink[e]!
      if (tight[k] === 0) continue
      left[k]! -= entryFraction[e]! * base
      slope[k]! -= entryFraction[e]! * fall
    }
    this.base[i]! += base
  }
}
