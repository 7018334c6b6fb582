// Weighted max-min fairness within envelopes: one filling of one band, as fluid H-GPS (Bennett and Zhang, SIGCOMM 1996).
//
// The root's level rises at unit speed and a child of the root at its weight. An envelope divides its speed among the
// children that still rise, by weight: it has a level V of its own, which every child follows at its weight, and
// dV/dt = speed / (sum of those weights). A flow stops at its cap or when a link on its path fills, an envelope with its
// last child, or when its promise is kept.
//
// In its envelope's level a flow still is f_i(V) = base + weight V, so its steps and caps are sorted once, per envelope,
// and the sums on links stay linear in the levels of the envelopes that cross them (crossings.ts). What is new is that
// a stop makes siblings faster, so a link may fill sooner than it was filed. Each envelope is therefore filed at a pace
// somewhat above its own; while it stays below, the key of a link is a lower bound and the heap is lazy again. When it
// overtakes, its links are filed anew. Envelopes that only grow faster do so a few dozen times, not once per event.
//
// Cost: O((n + pairs) log) for flat forests; every event also touches the envelopes below the one it happens in.

import type { Contention } from './contention.js'
import { Crossings, LAST_PAIR, STOPPED } from './crossings.js'
import type { Envelopes } from './envelopes.js'
import { Heap } from './heap.js'
import { type Filling, settle } from './max-min.js'
import { Order } from './order.js'
import type { Problem, Shape } from './problem.js'
import type { Takers } from './takers.js'

/** How much faster than now an envelope may become before its links are filed again. */
const AHEAD = 1.25
const WORN = 1 / 16

export class Hierarchy implements Filling {
  readonly taken: Float64Array
  readonly level: Float64Array
  readonly stoppedBy: Int32Array
  private readonly root: number
  private readonly crossings: Crossings
  private readonly order: Order
  private readonly groupHeap: Heap
  private readonly linkHeap: Heap
  // by flow
  private readonly groupOf: Uint32Array
  private readonly piece: Uint32Array
  private readonly base: Float64Array
  // by link
  private readonly asked: Float64Array
  private readonly tight: Uint8Array
  private readonly rising: Uint32Array
  // by group: envelopes, then the root. Level at root level `since`, its pace, and the pace its links are filed at.
  private readonly local: Float64Array
  private readonly since: Float64Array
  private readonly pace: Float64Array
  private readonly filed: Float64Array
  /** Sum of the weights of the children that rise, its last exact value, and their number. */
  private readonly slope: Float64Array
  private readonly exactSlope: Float64Array
  private readonly alive: Uint32Array
  private readonly firstChild: Int32Array
  private readonly sibling: Int32Array
  // members and events, group by group
  private readonly member: Uint32Array
  private readonly memberStart: Uint32Array
  private readonly event: Uint32Array
  private readonly eventStart: Uint32Array
  private readonly nextEvent: Uint32Array
  private readonly eventFlow: Uint32Array
  private readonly eventPiece: Uint32Array
  private readonly changed: Uint32Array
  private readonly isChanged: Uint8Array
  private changedCount = 0
  private stillRising = 0

  // The problem at hand, so that the many small steps need not pass it around.
  private net!: Contention
  private takers!: Takers
  private envelopes!: Envelopes
  private room!: Float64Array

  constructor(shape: Shape) {
    const { flows, links, segments, envelopes } = shape
    const groups = envelopes + 1
    this.root = envelopes
    this.taken = new Float64Array(flows)
    this.level = new Float64Array(flows)
    this.stoppedBy = new Int32Array(flows)
    this.crossings = new Crossings(shape)
    this.order = new Order(flows + segments)
    this.groupHeap = new Heap(groups)
    this.linkHeap = new Heap(links)
    this.groupOf = new Uint32Array(flows)
    this.piece = new Uint32Array(flows)
    this.base = new Float64Array(flows)
    this.asked = new Float64Array(links)
    this.tight = new Uint8Array(links)
    this.rising = new Uint32Array(links)
    this.local = new Float64Array(groups)
    this.since = new Float64Array(groups)
    this.pace = new Float64Array(groups)
    this.filed = new Float64Array(groups)
    this.slope = new Float64Array(groups)
    this.exactSlope = new Float64Array(groups)
    this.alive = new Uint32Array(groups)
    this.firstChild = new Int32Array(groups)
    this.sibling = new Int32Array(groups)
    this.member = new Uint32Array(flows)
    this.memberStart = new Uint32Array(groups + 1)
    this.event = new Uint32Array(flows + segments)
    this.eventStart = new Uint32Array(groups + 1)
    this.nextEvent = new Uint32Array(groups)
    this.eventFlow = new Uint32Array(flows + segments)
    this.eventPiece = new Uint32Array(flows + segments)
    this.changed = new Uint32Array(groups)
    this.isChanged = new Uint8Array(groups)
  }

  /** As MaxMin.fill, with the forest that `envelopes` was entered with. A flow stopped by envelope e reads -2 - e. */
  fill(
    p: Problem,
    net: Contention,
    takers: Takers,
    envelopes: Envelopes,
    held: Float64Array,
    room: Float64Array,
  ): void {
    this.net = net
    this.takers = takers
    this.envelopes = envelopes
    this.room = room
    this.findTight()
    this.groupMembers(p)
    this.sortEvents(held)
    this.crossings.build(net, this.root + 1, this.member, this.memberStart, takers.weight, this.piece, this.tight)
    this.start()
    while (this.stillRising > 0) this.advance()
    net.load(takers, this.taken, this.asked)
    settle(net, takers, this, this.asked, room)
  }

  private findTight(): void {
    const { net, takers, asked, tight, room } = this
    net.load(takers, takers.cap, asked)
    for (let k = 0; k < net.links; k++) tight[k] = asked[k]! > room[k]! ? 1 : 0
  }

  private groupMembers(p: Problem): void {
    const { root, groupOf, member, memberStart, piece, base, takers } = this
    const { flow, count, from } = takers
    memberStart.fill(0)
    piece.fill(STOPPED)
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const e = p.flowEnvelope[i]!
      groupOf[i] = e < 0 ? root : e
      memberStart[groupOf[i]! + 1]!++
      piece[i] = from[i]!
      base[i] = 0
    }
    for (let g = 0; g <= root; g++) memberStart[g + 1]! += memberStart[g]!
    const { nextEvent } = this // free until the events are sorted: it counts what is placed
    nextEvent.set(memberStart.subarray(0, root + 1))
    for (let n = 0; n < count; n++) member[nextEvent[groupOf[flow[n]!]!]!++] = flow[n]!
    this.stillRising = count
  }

  private sortEvents(held: Float64Array): void {
    const { order, takers, eventFlow, eventPiece, event, eventStart, nextEvent, groupOf, root } = this
    const { flow, count, cap, from, to, weight, upTo } = takers
    order.clear()
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const u = cap[i]!
      let s = from[i]!
      let at = 0
      let l = 0
      for (const last = to[i]! - 1; s < last && upTo[s]! - held[i]! < u; s++) {
        const next = upTo[s]! - held[i]!
        l += (next - at) / weight[s]!
        at = next
        eventFlow[order.count] = i
        eventPiece[order.count] = s + 1
        order.push(l)
      }
      if (u === Number.POSITIVE_INFINITY) continue
      eventFlow[order.count] = i
      eventPiece[order.count] = STOPPED
      order.push(l + (u - at) / weight[s]!)
    }
    order.sort()
    eventStart.fill(0)
    for (let n = 0; n < order.count; n++) eventStart[groupOf[eventFlow[n]!]! + 1]!++
    for (let g = 0; g <= root; g++) eventStart[g + 1]! += eventStart[g]!
    nextEvent.set(eventStart.subarray(0, root + 1))
    for (let n = 0; n < order.count; n++) {
      const which = order.sorted[n]!
      event[nextEvent[groupOf[eventFlow[which]!]!]!++] = which
    }
    nextEvent.set(eventStart.subarray(0, root + 1))
  }

  /** Level 0: who rises in whom, how fast, and what happens first. */
  private start(): void {
    const { root, envelopes, alive, slope, exactSlope, firstChild, sibling, local, since, filed, memberStart } = this
    this.groupHeap.clear()
    this.linkHeap.clear()
    firstChild.fill(-1)
    local.fill(0)
    since.fill(0)
    filed.fill(0)
    this.pace.fill(0)
    this.changedCount = 0
    for (let g = 0; g <= root; g++) alive[g] = memberStart[g + 1]! - memberStart[g]!
    for (let n = root - 1; n >= 0; n--) {
      const e = envelopes.order[n]!
      if (alive[e] === 0) continue
      const up = envelopes.above[e]!
      alive[up]!++
      sibling[e] = firstChild[up]!
      firstChild[up] = e
    }
    for (let g = 0; g <= root; g++) {
      slope[g] = this.sumWeights(g)
      exactSlope[g] = slope[g]!
    }
    const { rising, net, tight, crossings } = this
    rising.fill(0, 0, net.links)
    for (let pair = 0; pair < crossings.count; pair++) rising[crossings.link[pair]!]! += crossings.rising[pair]!
    this.touch(root, 0)
    for (let k = 0; k < net.links; k++) if (tight[k] === 1) this.fileLink(k, 0)
  }

  private sumWeights(g: number): number {
    const { member, memberStart, piece, firstChild, sibling, alive, envelopes, takers } = this
    let sum = 0
    for (let m = memberStart[g]!; m < memberStart[g + 1]!; m++) {
      const s = piece[member[m]!]!
      if (s !== STOPPED) sum += takers.weight[s]!
    }
    for (let e = firstChild[g]!; e >= 0; e = sibling[e]!) if (alive[e]! > 0) sum += envelopes.weight[e]!
    return sum
  }

  /** Goes to the next event: of an envelope (a step, a cap, a promise kept) or of a link that may be full. */
  private advance(): void {
    const { groupHeap, linkHeap } = this
    const next = groupHeap.first()
    if (next <= linkHeap.first()) {
      if (next === Number.POSITIVE_INFINITY) throw new RangeError('a flow has no finite demand, ceiling or link')
      this.passEvent(groupHeap.top(), next)
    } else this.visitLink(linkHeap.top(), linkHeap.first())
  }

  private passEvent(g: number, now: number): void {
    const { event, eventFlow, eventPiece, nextEvent, order, takers, piece, local } = this
    if (this.promiseEnds(g) <= now) this.stopBelow(g, now)
    else {
      const which = event[nextEvent[g]!++]!
      const i = eventFlow[which]!
      const s = eventPiece[which]!
      this.sync(g, now)
      local[g] = order.level[which]!
      if (s === STOPPED) this.stop(i, takers.cap[i]!, now, -1)
      else {
        const fall = takers.weight[piece[i]!]! - takers.weight[s]!
        this.charge(i, fall * local[g]!, fall, 0)
        this.base[i]! += fall * local[g]!
        piece[i] = s
      }
    }
    this.spread(now)
  }

  /** Looks at the link that may be full first, at the root level it is filed under. */
  private visitLink(k: number, now: number): void {
    const { linkHeap, groupHeap, crossings, room, net, takers, piece, groupOf, rising } = this
    if (rising[k] === 0) {
      linkHeap.delete(k)
      return
    }
    crossings.refresh(net, k, takers.weight, piece, groupOf)
    let left = room[k]!
    let speed = 0
    let most = 0
    for (let pair = crossings.head[k]!; pair !== LAST_PAIR; pair = crossings.next[pair]!) {
      const g = crossings.group[pair]!
      left -= crossings.base[pair]!
      if (crossings.rising[pair] === 0) continue
      const w = crossings.slope[pair]!
      left -= w * (this.local[g]! + this.pace[g]! * (now - this.since[g]!))
      speed += w * this.pace[g]!
      most += w * this.filed[g]!
    }
    const fills = left > 0 ? now + left / speed : now
    const soonest = left > 0 ? now + left / most : now
    // Nothing else can happen before `others`, so until then speeds are what they are.
    const others = Math.min(groupHeap.first(), linkHeap.second())
    if (fills > others && soonest > now) {
      linkHeap.set(k, soonest)
      return
    }
    linkHeap.delete(k)
    this.stopOn(k, fills)
    this.spread(fills)
  }

  /** Files link k under a root level before which it cannot fill. */
  private fileLink(k: number, now: number): void {
    const { crossings, room, linkHeap, rising } = this
    if (rising[k] === 0) return
    let left = room[k]!
    let most = 0
    for (let pair = crossings.head[k]!; pair !== LAST_PAIR; pair = crossings.next[pair]!) {
      const g = crossings.group[pair]!
      left -= crossings.base[pair]!
      if (crossings.rising[pair] === 0) continue
      left -= crossings.slope[pair]! * (this.local[g]! + this.pace[g]! * (now - this.since[g]!))
      most += crossings.slope[pair]! * this.filed[g]!
    }
    linkHeap.set(k, left > 0 ? now + left / most : now)
  }

  /** Link k is full: whoever still rises on it stops. */
  private stopOn(k: number, now: number): void {
    const { net, piece, base, takers, groupOf, local, pace, since } = this
    for (let e = net.columnStart[k]!, end = net.columnStart[k + 1]!; e < end; e++) {
      const i = net.columnFlow[e]!
      const s = piece[i]!
      if (s === STOPPED) continue
      const g = groupOf[i]!
      const x = base[i]! + takers.weight[s]! * (local[g]! + pace[g]! * (now - since[g]!))
      this.stop(i, Math.min(x, takers.cap[i]!), now, k)
    }
  }

  /** The promise of envelope g is kept: whoever still rises in it or below stops. */
  private stopBelow(g: number, now: number): void {
    const { root, envelopes, member, memberStart, piece, base, takers, local, pace, since } = this
    for (let n = 0; n < root; n++) {
      const e = envelopes.order[n]!
      let up = e
      while (up !== g && up >= 0 && up !== root) up = envelopes.above[up]!
      if (up !== g) continue
      const at = local[e]! + pace[e]! * (now - since[e]!)
      for (let m = memberStart[e]!; m < memberStart[e + 1]!; m++) {
        const i = member[m]!
        const s = piece[i]!
        if (s === STOPPED) continue
        this.stop(i, Math.min(base[i]! + takers.weight[s]! * at, takers.cap[i]!), now, -2 - g)
      }
    }
  }

  private stop(i: number, x: number, now: number, by: number): void {
    const { piece, base, takers, alive, groupOf } = this
    this.charge(i, x - base[i]!, takers.weight[piece[i]!]!, 1)
    piece[i] = STOPPED
    alive[groupOf[i]!]!--
    this.taken[i] = x
    this.level[i] = now
    this.stoppedBy[i] = by
    this.stillRising--
  }

  /** Moves `base` more of flow i into the sums it is part of, and takes `weight` from their slopes. */
  private charge(i: number, base: number, weight: number, stops: number): void {
    const { net, crossings, tight, rising, groupOf, slope, changed, isChanged } = this
    for (let e = net.start[i]!, end = net.start[i + 1]!; e < end; e++) {
      const k = net.entryLink[e]!
      if (tight[k] === 0) continue
      const pair = crossings.pairOf[e]!
      crossings.base[pair]! += net.entryFraction[e]! * base
      crossings.slope[pair]! -= net.entryFraction[e]! * weight
      crossings.rising[pair]! -= stops
      rising[k]! -= stops
    }
    const g = groupOf[i]!
    slope[g]! -= weight
    if (isChanged[g] === 1) return
    isChanged[g] = 1
    changed[this.changedCount++] = g
  }

  /** After an event: envelopes without children stop, the others have new speeds. */
  private spread(now: number): void {
    const { changed, isChanged, alive, envelopes, root, slope, pace, groupHeap } = this
    for (let n = 0; n < this.changedCount; n++) {
      let g = changed[n]!
      isChanged[g] = 0
      while (alive[g] === 0 && g !== root) {
        groupHeap.delete(g)
        const up = envelopes.above[g]!
        if (pace[g] === 0) break // it has stopped before
        pace[g] = 0
        alive[up]!--
        slope[up]! -= envelopes.weight[g]!
        g = up
      }
      if (alive[g]! > 0) this.touch(g, now)
    }
    this.changedCount = 0
  }

  private sync(g: number, now: number): void {
    this.local[g]! += this.pace[g]! * (now - this.since[g]!)
    this.since[g] = now
  }

  /** Gives group g, and those below it, the speed that now is theirs. */
  private touch(g: number, now: number): void {
    const { root, slope, exactSlope, envelopes, pace, filed, crossings, alive, firstChild, sibling } = this
    this.sync(g, now)
    if (g === root) pace[g] = 1
    else {
      if (slope[g]! <= exactSlope[g]! * WORN) {
        slope[g] = this.sumWeights(g)
        exactSlope[g] = slope[g]!
      }
      pace[g] = (envelopes.weight[g]! * pace[envelopes.above[g]!]!) / slope[g]!
    }
    this.fileGroup(g)
    if (pace[g]! > filed[g]!) {
      filed[g] = g === root ? 1 : AHEAD * pace[g]!
      if (this.linkHeap.size > 0) {
        for (let pair = crossings.groupStart[g]!; pair < crossings.groupStart[g + 1]!; pair++) {
          this.fileLink(crossings.link[pair]!, now)
        }
      }
    }
    for (let e = firstChild[g]!; e >= 0; e = sibling[e]!) if (alive[e]! > 0) this.touch(e, now)
  }

  /** Files group g under the root level of its next event. */
  private fileGroup(g: number): void {
    const { nextEvent, eventStart, event, eventFlow, piece, order, local, pace, since, groupHeap } = this
    const end = eventStart[g + 1]!
    while (nextEvent[g]! < end && piece[eventFlow[event[nextEvent[g]!]!]!] === STOPPED) nextEvent[g]!++
    const way = nextEvent[g]! < end ? order.level[event[nextEvent[g]!]!]! - local[g]! : Number.POSITIVE_INFINITY
    const at = since[g]! + Math.max(0, way) / pace[g]!
    groupHeap.set(g, Math.min(at, this.promiseEnds(g)))
  }

  /** The root level at which envelope g holds what it was promised; Infinity where nothing was. */
  private promiseEnds(g: number): number {
    const { root, envelopes } = this
    return g === root ? Number.POSITIVE_INFINITY : envelopes.room[g]! / envelopes.weight[g]!
  }
}
