// The same key for worlds that go on in the same way. Instants count from now, and what is long past is past. Serials
// and stamps are compared and nothing else, so of them only their order counts.

import { recordKey, type Serial, type Stamp } from '../../../../src/model/lease.js'
import type { EdgeLease } from '../../../../src/publish/edge-lease.js'
import type { EdgeFeed } from '../../../../src/publish/standby-log.js'
import type { RateMessage } from '../../../../src/wire/messages.js'
import { EDGES, type EdgeId, TERM } from './plane.js'
import { type Edge, LIES, type Ruler, type Small } from './world.js'

/** Nothing asks whether something is longer ago than two leases. */
const PAST = -2 * TERM
const ABSENT = -1
/** Serials of one term are below this; what nobody told is above. */
const SEQS = 1e8
const CLAIM = 1e5

class Key {
  readonly #words = new Float64Array(MAX_WORDS)
  #length = 0
  readonly #serials: number[] = []
  readonly #stamps: Record<EdgeId, number[]> = { east: [], west: [] }
  #now = 0

  begin(now: number): void {
    this.#now = now
    this.#length = this.#serials.length = this.#stamps.east.length = this.#stamps.west.length = 0
  }

  add(word: number): void {
    this.#words[this.#length++] = word
  }

  is(flag: boolean): void {
    this.add(flag ? 1 : 0)
  }

  /** @param past of what is over it does not matter since when */
  instant(at: number, past = PAST): void {
    this.add(Math.floor(Math.max(past, Math.min(1e9, at - this.#now)) / 1_000))
  }

  serial(serial: Serial | null): void {
    if (serial === null) {
      this.add(ABSENT)
      return
    }
    this.#serials.push(this.#length)
    this.add(serial.epoch * SEQS + serial.seq)
    this.is(serial.seq > CLAIM)
  }

  stamp(edge: EdgeId, at: number): void {
    this.#stamps[edge].push(this.#length)
    this.add(at)
    this.instant(at)
  }

  hash(): bigint {
    rank(this.#words, this.#serials, (serial) => Math.floor(serial / SEQS))
    for (const edge of EDGES) rank(this.#words, this.#stamps[edge], () => 0)
    mix(this.#words, this.#length)
    return MIXED[0] || 1n
  }
}

/** Longer than any that was seen by a factor of ten. */
const MAX_WORDS = 20_000
const sorted = new Float64Array(MAX_WORDS)

/** Of the words at these places each becomes its place in their order, and that of the group it is in. */
function rank(words: Float64Array, places: readonly number[], groupOf: (word: number) => number): void {
  for (let k = 0; k < places.length; k++) sorted[k] = words[places[k]!]!
  const all = sorted.subarray(0, places.length).sort()
  const ranks = new Map<number, number>()
  let [group, groups] = [Number.NaN, 0]
  for (let k = 0; k < all.length; k++) {
    const word = all[k]!
    if (groupOf(word) !== group) groups++
    group = groupOf(word)
    if (!ranks.has(word)) ranks.set(word, groups * 1_000 + ranks.size)
  }
  for (const at of places) words[at] = ranks.get(words[at]!)!
}

const MIXED = new BigInt64Array(1)
const HALVES = new Int32Array(MIXED.buffer)

/** MurmurHash3 of the words, twice with other constants: 64 bits. */
function mix(words: Float64Array, length: number): void {
  let [a, b] = [length, ~length]
  for (let k = 0; k < length; k++) {
    const word = words[k]! | 0
    let one = Math.imul(word, 0xcc9e2d51)
    one = Math.imul((one << 15) | (one >>> 17), 0x1b873593)
    a ^= one
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0
    let two = Math.imul(word ^ a, 0x239b961b)
    two = Math.imul((two << 16) | (two >>> 16), 0xab0e9789)
    b ^= two
    b = (Math.imul((b << 17) | (b >>> 15), 5) + 0x561ccd1b) | 0
  }
  HALVES[0] = finished(a)
  HALVES[1] = finished(b ^ Math.imul(a, 0x38b34ae5))
}

function finished(h: number): number {
  let bits = h ^ (h >>> 16)
  bits = Math.imul(bits, 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}

/** What is in a column, or in records, as two words; made once for each. */
const hashes = new WeakMap<object, readonly [number, number]>()

function hashOf(of: object, numbers: () => Iterable<number>): readonly [number, number] {
  const known = hashes.get(of)
  if (known) return known
  let [a, b] = [0x811c9dc5, 0x9747b28c]
  for (const number of numbers()) {
    a = Math.imul(a ^ number, 0x01000193)
    a ^= a >>> 15
    b = Math.imul(b ^ number, 0x5bd1e995)
    b ^= b >>> 13
  }
  const hash = [a | 0, b | 0] as const
  hashes.set(of, hash)
  return hash
}

const key = new Key()

export function keyOf(world: Small): bigint {
  const { now, asks, store, rulers, edges, lie } = world
  key.begin(now)
  key.add(asks)
  key.add(lie === null ? ABSENT : LIES.indexOf(lie))
  key.add(store.leader ?? ABSENT)
  key.serial({ epoch: store.epoch, seq: 0 })
  for (const edge of EDGES) {
    const { snapshot, before, contents, dropped, until } = store.edges[edge]
    key.instant(until, -1)
    if (until < now) continue
    key.is(dropped)
    addMessage(edge, snapshot)
    addMessage(edge, before)
    key.add(contents.length)
    for (const content of contents) addMessage(edge, content)
  }
  for (const edge of EDGES) addEdge(edge, edges[edge])
  for (const ruler of rulers) addRuler(ruler)
  return key.hash()
}

function addMessage(edge: EdgeId, message: RateMessage | null): void {
  if (message === null) {
    key.add(ABSENT)
    return
  }
  const { kind, epoch, seq, baseSeq, stamp, records } = message
  key.add(kind.length)
  key.serial({ epoch, seq })
  key.serial({ epoch, seq: baseSeq })
  addStamp(edge, stamp)
  addRecords(records)
}

function addStamp(edge: EdgeId, stamp: Stamp | null): void {
  if (stamp === null) {
    key.add(ABSENT)
    return
  }
  key.add(Number(stamp.boot))
  key.stamp(edge, stamp.at)
}

/** Of which flow one is its place tells in a whole content, and in others what they are of. */
function addRecords(records: RateMessage['records']): void {
  addHash(hashOf(records, () => records.flatMap((record) => [recordKey(record), record.rate, record.safe])))
}

function addHash([a, b]: readonly [number, number]): void {
  key.add(a)
  key.add(b)
}

function addEdge(edge: EdgeId, { keeping, memory, deadSince, boots, took, lastStamp, down, up }: Edge): void {
  const { content, newest, leaseEnd, safeAt, heardAt, lease } = keeping
  for (const word of [boots, lease, down.length, up.length]) key.add(word)
  key.stamp(edge, lastStamp)
  key.instant(deadSince ?? 1e12)
  key.serial(newest)
  key.serial(took)
  key.instant(leaseEnd, 0)
  key.instant(safeAt, 0)
  key.instant(heardAt, -4_000)
  addContent(content)
  key.add(memory === null ? ABSENT : Number(memory.boot))
  if (memory !== null) {
    key.instant(memory.leaseEnd, 0)
    addContent(memory.content)
  }
  for (const one of down) addMessage(edge, one)
  for (const { stamp, applied, state, enforcement } of up) {
    addStamp(edge, stamp)
    key.serial(applied)
    key.add(state.length * 10 + enforcement.length)
  }
}

function addContent(content: Edge['keeping']['content']): void {
  key.serial(content)
  if (content) addRecords(content.records)
}

function addRuler({ leases, epoch, seq, leads, committed, log, listens, unsureSince }: Ruler): void {
  key.serial({ epoch, seq })
  key.is(leads)
  key.is(listens)
  key.instant(unsureSince)
  key.instant(log.openedAt)
  for (const edge of EDGES) {
    key.is(committed.has(edge))
    addLease(edge, leases.get(edge)!)
    addFeed(edge, log.feeds.get(edge))
  }
}

function addFeed(edge: EdgeId, feed: EdgeFeed | undefined): void {
  if (feed === undefined) {
    key.add(ABSENT)
    return
  }
  key.is(feed.isOpen)
  key.is(feed.hasGap)
  key.instant(feed.grantedAfter)
  key.add(feed.contents.length)
  for (const content of feed.contents) addMessage(edge, content)
}

function addColumns(part: EdgeLease['most'] | null): void {
  if (part === null) {
    key.add(ABSENT)
    return
  }
  addHash(hashOf(part.rates, () => part.rates))
  addHash(hashOf(part.safe, () => part.safe))
}

function addLease(edge: EdgeId, lease: EdgeLease): void {
  const { state, report, newestOf, pending } = lease
  key.add(state.name.length)
  key.is('isOver' in state && state.isOver)
  key.add(newestOf.size)
  key.add(pending.length)
  key.is(lease.isFading)
  key.is(lease.inherits)
  key.instant(lease.freshAt)
  key.instant(lease.readAt)
  key.instant(lease.grantedAt)
  key.instant(lease.end, -1)
  key.instant(lease.foreignEnd, -1)
  addStamp(edge, report?.stamp ?? null)
  key.serial(report?.applied ?? null)
  if (report) key.add(report.state.length * 10 + report.enforcement.length)
  for (const [boot, at] of newestOf) addStamp(edge, { boot, at })
  for (const serial of [lease.applied, lease.shown, lease.holdGranted]) key.serial(serial)
  for (const part of [lease.acknowledged, lease.most, lease.lapsed, lease.predecessor]) addColumns(part)
  for (const grant of [lease.granted, ...pending]) {
    key.serial(grant)
    addColumns(grant)
  }
}
