// Weighted max-min fairness within envelopes: one filling of one band, as fluid H-GPS (Bennett and Zhang, SIGCOMM
// 1996).
//
// The root's level rises at unit speed and a child of the root at its weight. An envelope divides its speed among
// the children that still rise, by weight: it has a level V of its own, which every child follows at its weight,
// and dV/dt = speed / (sum of those weights). A flow stops at its cap or when a link on its path fills, an envelope
// with its last child, or when its promise is kept.
//
// In its envelope's level a flow still is f_i(V) = base + weight V, so its steps and caps are sorted once, per
// envelope, and the sums on links stay linear in the levels of the envelopes that cross them (crossings.ts). What
// is new is that a stop makes siblings faster, so a link may fill sooner than it was filed. Each envelope is
// therefore filed at a pace somewhat above its own; while it stays below, the key of a link is a lower bound and
// the heap is lazy again (link-bounds.ts). When it overtakes, its links are hastened. As envelopes only grow faster,
// each overtakes a few dozen times, not once per event.
//
// Cost: O((n + pairs) log) for flat forests; every event also touches the envelopes below the one it happens in.

import type { Answer, Surroundings } from './answer.js'
import type { Contention } from './contention.js'
import { Crossings, LAST_PAIR, NO_PAIR } from './crossings.js'
import type { Envelopes } from './envelopes.js'
import { Events, STEP } from './events.js'
import { Heap } from './heap.js'
import { LinkBounds } from './link-bounds.js'
import { Members } from './members.js'
import { isLess, type Participants } from './participants.js'
import type { Paths } from './paths.js'
import { BAND_KIND, type Problem, type Shape } from './problem.js'

/** How much faster than now an envelope may become before its links are filed again. */
const AHEAD = 1.25
const WORN = 1 / 16

export class Hierarchy {
  private readonly root: number
  private readonly crossings: Crossings
  private readonly members: Members
  private readonly events: Events
  private readonly groupHeap: Heap
  private readonly bounds: LinkBounds
  // by flow
  private readonly base: Float64Array
  private readonly taken: Float64Array
  // by tight link
  private readonly rising: Uint32Array
  private readonly fills: Float64Array
  private readonly onLink: Uint32Array
  // by group: envelopes, then the root. Level at root level `since`, its pace, and the pace its links are filed at.
  private readonly local: Float64Array
  private readonly since: Float64Array
  private readonly pace: Float64Array
  private readonly filed: Float64Array
  private readonly more: Float64Array
  /** Sum of the weights of the children that rise, its last exact value, and their number. */
  private readonly slope: Float64Array
  private readonly exactSlope: Float64Array
  private readonly alive: Uint32Array
  private readonly firstChild: Int32Array
  private readonly sibling: Int32Array
  private readonly nextEvent: Uint32Array
  /** Groups that the event at hand has changed. */
  private readonly changed: Uint32Array
  private readonly isChanged: Uint8Array
  private changedCount = 0
  /** [0]: the root level of the event at hand; in a column, for numbers that are handed around are boxed. */
  private readonly now = new Float64Array(1)
  private stillRising = 0
  // What is at hand, so that the many small steps need not pass it around.
  private band = 0
  private isNeed = true
  private net!: Contention
  private readonly paths!: Paths
  private readonly participants!: Participants
  private readonly envelopes!: Envelopes
  private readonly held!: Float64Array
  private readonly answer!: Answer

  constructor(shape: Shape, surroundings: Surroundings) {
    Object.assign(this, surroundings)
    const { flows, links } = shape
    const groups = shape.envelopes + 1
    this.root = shape.envelopes
    this.crossings = new Crossings(shape)
    this.members = new Members(shape)
    this.events = new Events(shape)
    this.groupHeap = new Heap(groups)
    this.bounds = new LinkBounds(links)
    this.base = new Float64Array(flows)
    this.taken = new Float64Array(flows)
    this.rising = new Uint32Array(links)
    this.fills = new Float64Array(links)
    this.onLink = new Uint32Array(flows)
    this.local = new Float64Array(groups)
    this.since = new Float64Array(groups)
    this.pace = new Float64Array(groups)
    this.filed = new Float64Array(groups)
    this.more = new Float64Array(groups)
    this.slope = new Float64Array(groups)
    this.exactSlope = new Float64Array(groups)
    this.alive = new Uint32Array(groups)
    this.firstChild = new Int32Array(groups)
    this.sibling = new Int32Array(groups)
    this.nextEvent = new Uint32Array(groups)
    this.changed = new Uint32Array(groups)
    this.isChanged = new Uint8Array(groups)
  }

  /** As MaxMin.fill, with the forest that `envelopes` was entered with. The bottleneck of envelope e reads -2 - e. */
  fill(p: Problem, band: number, net: Contention): void {
    this.band = band
    this.isNeed = p.bandKind[band] !== BAND_KIND.headroom
    this.net = net
    this.sortEvents(p)
    this.crossings.build(p, this.paths.version, net, this.members, this.participants.speed)
    this.start()
    while (this.stillRising > 0) this.advance()
  }

  private sortEvents(p: Problem): void {
    const { root, members, events, participants, base, held } = this
    const { flow, count } = participants
    events.clear()
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      events.add(participants, i, held)
      base[i] = 0
    }
    events.order.sort()
    members.group(p, participants, root)
    members.groupEvents(events.order, root)
    this.nextEvent.set(members.eventStart.subarray(0, root + 1))
    this.stillRising = count
  }

  /** Level 0: who rises in whom, how fast, and what happens first. */
  private start(): void {
    const { root, envelopes, alive, slope, exactSlope, firstChild, sibling, local, since, filed } = this
    const memberStart = this.members.start
    this.groupHeap.clear()
    this.bounds.heap.clear()
    firstChild.fill(-1)
    local.fill(0)
    since.fill(0)
    filed.fill(0)
    this.pace.fill(0)
    this.changedCount = 0
    this.now[0] = 0
    for (let g = 0; g <= root; g++) alive[g] = memberStart[g + 1]! - memberStart[g]!
    for (let n = root - 1; n >= 0; n--) {
      const e = envelopes.order[n]!
      if (alive[e] === 0) continue
      const up = envelopes.parent[e]!
      alive[up]!++
      sibling[e] = firstChild[up]!
      firstChild[up] = e
    }
    for (let g = 0; g <= root; g++) {
      slope[g] = this.sumWeights(g)
      exactSlope[g] = slope[g]!
    }
    const { rising, crossings } = this
    const { tight, tightCount } = this.net
    for (let k = 0; k < tightCount; k++) rising[tight[k]!] = 0
    for (let pair = 0; pair < crossings.count; pair++) rising[crossings.link[pair]!]! += crossings.rising[pair]!
    this.pace[root] = 1
    filed[root] = 1
    this.fileGroup(root)
    for (let e = firstChild[root]!; e >= 0; e = sibling[e]!) this.touch(e)
    for (let k = 0; k < tightCount; k++) if (rising[tight[k]!]! > 0) this.fileLink(tight[k]!)
  }

  private sumWeights(g: number): number {
    const { firstChild, sibling, alive, envelopes, participants } = this
    const { flow: member, start: memberStart } = this.members
    let sum = 0
    for (let m = memberStart[g]!; m < memberStart[g + 1]!; m++) sum += participants.speed[member[m]!]!
    for (let e = firstChild[g]!; e >= 0; e = sibling[e]!) if (alive[e]! > 0) sum += envelopes.weight[e]!
    return sum
  }

  /** Goes to the next event: of an envelope (a step, a cap, a promise kept) or of a link that may be full. */
  private advance(): void {
    const { groupHeap } = this
    const linkHeap = this.bounds.heap
    const g = groupHeap.top()
    const k = linkHeap.top()
    const next = groupHeap.key[g]!
    if (next <= linkHeap.key[k]!) {
      if (next === Number.POSITIVE_INFINITY) throw new RangeError('a flow has no finite demand, ceiling or link')
      this.now[0] = next
      this.passEvent(g)
    } else {
      this.now[0] = linkHeap.key[k]!
      this.visitLink(k)
    }
  }

  private passEvent(g: number): void {
    const { events, members, nextEvent, participants, local, envelopes } = this
    if (envelopes.promiseEnds[g]! <= this.now[0]!) this.stopBelow(g)
    else {
      const which = members.event[nextEvent[g]!++]!
      const tag = events.order.sorted[which]!
      const i = tag >>> 1
      this.sync(g)
      local[g] = events.order.sortedLevel[which]!
      if ((tag & STEP) !== STEP) {
        this.taken[i] = participants.cap[i]!
        this.stop(i, -1)
      } else {
        const w = participants.weight[++participants.piece[i]!]!
        const fall = participants.speed[i]! - w
        this.charge(i, fall * local[g]!, fall, 0)
        this.base[i]! += fall * local[g]!
        participants.speed[i] = w
      }
    }
    this.spread()
  }

  /** Looks at the link that may be full first, at the root level it is filed under. */
  private visitLink(k: number): void {
    const { groupHeap, crossings, rising, fills, now } = this
    const { heap } = this.bounds
    if (rising[k] === 0) {
      heap.delete(k)
      return
    }
    crossings.refresh(this.paths, k, this.participants.speed, this.members.groupOf)
    this.fileLink(k)
    // Nothing else can happen before `others`, so until then speeds are what they are.
    const next = heap.top()
    const others = Math.min(groupHeap.key[groupHeap.top()]!, next === k ? heap.second() : heap.key[next]!)
    if (fills[k]! > others && heap.key[k]! > now[0]!) return
    heap.delete(k)
    now[0] = fills[k]!
    this.stopOn(k)
    this.spread()
  }

  /** Files link k under a root level before which it cannot fill; fills[k] is when it does, if no speed changes. */
  private fileLink(k: number): void {
    const { crossings, net, local, pace, since, filed } = this
    const now = this.now[0]!
    const { head, next, group, base, slope, rising } = crossings
    let left = net.left[k]!
    let speed = 0
    let most = 0
    for (let pair = head[k]!; pair !== LAST_PAIR; pair = next[pair]!) {
      left -= base[pair]!
      if (rising[pair] === 0) continue
      const g = group[pair]!
      const w = slope[pair]!
      left -= w * (local[g]! + pace[g]! * (now - since[g]!))
      speed += w * pace[g]!
      most += w * filed[g]!
    }
    this.bounds.file(k, now, left, most)
    this.fills[k] = left > 0 ? now + left / speed : now
  }

  /** Link k is full: whoever still rises on it stops, and nobody will rise again. */
  private stopOn(k: number): void {
    const { onLink, base, taken, participants, local, pace, since, answer, members } = this
    const { groupOf } = members
    const now = this.now[0]!
    const { speed, blockedBy } = participants
    const crowd = this.paths.crossing.list(k, onLink)
    if (answer.saturatedIn[k] === -1) answer.saturatedIn[k] = this.band
    answer.filledAt[k] = now
    for (let n = 0; n < crowd; n++) {
      const i = onLink[n]!
      if (blockedBy[i]! < 0) blockedBy[i] = k
      if (speed[i] === 0) continue
      const g = groupOf[i]!
      taken[i] = base[i]! + speed[i]! * (local[g]! + pace[g]! * (now - since[g]!))
      this.stop(i, k)
    }
  }

  /** The promise of envelope g is kept: whoever still rises in it or below stops. */
  private stopBelow(g: number): void {
    const { root, envelopes, base, taken, participants, local, pace, since, now } = this
    const { flow: member, start: memberStart } = this.members
    for (let e = 0; e < root; e++) {
      if (!envelopes.isWithin(e, g)) continue
      const at = local[e]! + pace[e]! * (now[0]! - since[e]!)
      for (let m = memberStart[e]!; m < memberStart[e + 1]!; m++) {
        const i = member[m]!
        if (participants.speed[i] === 0) continue
        taken[i] = base[i]! + participants.speed[i]! * at
        this.stop(i, -2 - g)
      }
    }
  }

  /** Flow i has got taken[i], or its cap if that is less, and rises no further. */
  private stop(i: number, by: number): void {
    const { base, participants, alive, members, held, isNeed } = this
    const { shortIn } = this.answer
    const row = this.answer.rows[this.band]!
    const { cap, reach, speed } = participants
    const x = Math.min(this.taken[i]!, cap[i]!)
    this.charge(i, x - base[i]!, speed[i]!, 1)
    speed[i] = 0
    alive[members.groupOf[i]!]!--
    row.amount[i]! += x
    // Who rises no more in the second stage of headroom keeps the level of the first.
    if (x > 0 || !(row.level[i]! >= 0)) row.level[i] = this.now[0]!
    row.bottleneck[i] = by
    // A promise that is kept is all that could be claimed of it.
    if (isNeed && by >= 0 && shortIn[i] === -1 && isLess(x, cap[i]!, held[i]!)) shortIn[i] = this.band
    held[i] = x === cap[i]! ? reach[i]! : held[i]! + x
    this.stillRising--
  }

  /** Moves `base` more of flow i into the sums it is part of, and takes `weight` from their slopes. */
  private charge(i: number, base: number, weight: number, stops: number): void {
    const { crossings, rising, members, slope, changed, isChanged } = this
    const { start, link, fraction } = crossings.shortPaths
    for (let e = start[i]!, end = start[i + 1]!; e < end; e++) {
      const pair = crossings.pairOf[e]!
      if (pair === NO_PAIR) continue
      crossings.base[pair]! += fraction[e]! * base
      crossings.slope[pair]! -= fraction[e]! * weight
      crossings.rising[pair]! -= stops
      rising[link[e]!]! -= stops
    }
    const g = members.groupOf[i]!
    slope[g]! -= weight
    if (isChanged[g] === 1) return
    isChanged[g] = 1
    changed[this.changedCount++] = g
  }

  /** After an event: envelopes without children stop, the others have new speeds. */
  private spread(): void {
    const { changed, isChanged, alive, envelopes, root, slope, pace, groupHeap } = this
    for (let n = 0; n < this.changedCount; n++) {
      let g = changed[n]!
      isChanged[g] = 0
      while (alive[g] === 0 && g !== root) {
        groupHeap.delete(g)
        const up = envelopes.parent[g]!
        if (pace[g] === 0) break // it has stopped before
        pace[g] = 0
        alive[up]!--
        slope[up]! -= envelopes.weight[g]!
        g = up
      }
      if (g === root) this.fileGroup(root)
      else if (alive[g]! > 0) this.touch(g)
    }
    this.changedCount = 0
  }

  private sync(g: number): void {
    this.local[g]! += this.pace[g]! * (this.now[0]! - this.since[g]!)
    this.since[g] = this.now[0]!
  }

  /** Gives envelope g, and those below it, the speed that now is theirs. */
  private touch(g: number): void {
    const { slope, exactSlope, envelopes, pace, filed, alive, firstChild, sibling } = this
    this.sync(g)
    if (slope[g]! <= exactSlope[g]! * WORN) {
      slope[g] = this.sumWeights(g)
      exactSlope[g] = slope[g]!
    }
    pace[g] = (envelopes.weight[g]! * pace[envelopes.parent[g]!]!) / slope[g]!
    this.fileGroup(g)
    if (pace[g]! > filed[g]!) this.fileAhead(g)
    for (let e = firstChild[g]!; e >= 0; e = sibling[e]!) if (alive[e]! > 0) this.touch(e)
  }

  private fileAhead(g: number): void {
    const { filed, more, pace, crossings, bounds, now } = this
    const { groupStart, rising, link, slope } = crossings
    more[g] = AHEAD * pace[g]! - filed[g]!
    filed[g]! += more[g]!
    if (bounds.heap.size === 0) return
    for (let pair = groupStart[g]!; pair < groupStart[g + 1]!; pair++) {
      if (rising[pair]! > 0) bounds.hasten(link, slope, pair, more, g, now)
    }
  }

  /** Files group g under the root level of its next event. */
  private fileGroup(g: number): void {
    const { nextEvent, events, members, participants, envelopes, local, pace, since, groupHeap } = this
    const { sorted, sortedLevel } = events.order
    const end = members.eventStart[g + 1]!
    let n = nextEvent[g]!
    while (n < end && participants.speed[sorted[members.event[n]!]! >>> 1] === 0) n++
    nextEvent[g] = n
    const way = n < end ? sortedLevel[members.event[n]!]! - local[g]! : Number.POSITIVE_INFINITY
    groupHeap.key[g] = Math.min(since[g]! + Math.max(0, way) / pace[g]!, envelopes.promiseEnds[g]!)
    groupHeap.file(g)
  }
}
