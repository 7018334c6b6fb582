// The counters of an edge's leaves in columns, in order of their keys. A nation has some ten thousand leaves, and each
// second an edge reads them, a controller hears them, and both keep what the last few reports said: as objects that is
// most of what a process makes and drops.
//
// A leaf's key is its flow's record key and its class in one number.

import { type LeafCounters, recordKey, SERVICE_NUMBERS } from '../model/lease.js'
import { MAX_CLASSES, MAX_RECORDS } from '../runtime/limits.js'

export const MAX_LEAVES = MAX_RECORDS * MAX_CLASSES
const LARGEST_INSTITUTION = 0xffffffff
const PARTS = ['key', 'bytes', 'packets', 'drops', 'backlog'] as const
type SharedColumns = Readonly<Partial<Record<(typeof PARTS)[number], Float64Array | undefined>>>

type LeafPlace = Pick<LeafCounters, 'institution' | 'service' | 'direction' | 'class'>

/** One number for a leaf that is in bounds. */
export const leafKey = (leaf: LeafPlace): number => recordKey(leaf) * MAX_CLASSES + leaf.class

/** Of the last leaf that can be. */
export const LARGEST_KEY = (LARGEST_INSTITUTION + 1) * 2 * SERVICE_NUMBERS * MAX_CLASSES - 1

/** The flow's record key. */
export const flowOfLeaf = (key: number): number => Math.floor(key / MAX_CLASSES)

export const classOfLeaf = (key: number): number => key % MAX_CLASSES

export function leafPlace(key: number): LeafPlace {
  const flow = flowOfLeaf(key)
  const service = Math.floor(flow / 2) % SERVICE_NUMBERS
  const institution = Math.floor(flow / (2 * SERVICE_NUMBERS))
  return { institution, service, direction: flow % 2 === 0 ? 0 : 1, class: classOfLeaf(key) }
}

export const nameOfLeaf = (leaf: LeafPlace): string =>
  `${leaf.institution}/${leaf.service}/${leaf.direction}/${leaf.class}`

/** Where nothing was dropped and nothing waits, which is the rule: all such columns are one. */
let zero = new Float64Array(1_024)

function zeros(length: number): Float64Array {
  if (length > zero.length) zero = new Float64Array(2 * length)
  return zero.subarray(0, length)
}

/** The column, or what stands for all of nothing. */
function zerosFor(column: Float64Array): Float64Array | undefined {
  // `every` makes an object of each number.
  for (let i = 0; i < column.length; i++) if (column[i] !== 0) return undefined
  return zeros(column.length)
}

/** Not to be changed once it is made; whoever wants objects has them one by one. */
export class LeafColumns implements Iterable<LeafCounters> {
  readonly length: number
  /** Rising. */
  readonly key: Float64Array
  readonly bytes: Float64Array
  readonly packets: Float64Array
  readonly drops: Float64Array
  readonly backlog: Float64Array

  /** @param shared columns that it has in common with others */
  constructor(length: number, shared: SharedColumns = {}) {
    const own = PARTS.filter((part) => shared[part] === undefined)
    const buffer = new ArrayBuffer(own.length * 8 * length)
    const column = (part: (typeof PARTS)[number]): Float64Array =>
      shared[part] ?? new Float64Array(buffer, 8 * length * own.indexOf(part), length)
    this.length = length
    this.key = column('key')
    this.bytes = column('bytes')
    this.packets = column('packets')
    this.drops = column('drops')
    this.backlog = column('backlog')
  }

  *[Symbol.iterator](): Generator<LeafCounters> {
    for (let i = 0; i < this.length; i++) {
      const [bytes, packets, drops, backlog] = [this.bytes[i]!, this.packets[i]!, this.drops[i]!, this.backlog[i]!]
      yield { ...leafPlace(this.key[i]!), bytes, packets, drops, backlog }
    }
  }
}

/** Where columns grow whose length is not known before. One is filled and made up at a time. */
export class LeafBuilder {
  #room = new LeafColumns(1_024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Forgets what an earlier filling left that was broken off. */
  begin(): this {
    this.#length = 0
    return this
  }

  push(key: number, bytes: number, packets: number, drops: number, backlog: number): void {
    const at = this.#length++
    if (at === this.#room.length) this.#grow()
    const room = this.#room
    room.key[at] = key
    room.bytes[at] = bytes
    room.packets[at] = packets
    room.drops[at] = drops
    room.backlog[at] = backlog
  }

  pushFrom(from: LeafColumns, i: number): void {
    this.push(from.key[i]!, from.bytes[i]!, from.packets[i]!, from.drops[i]!, from.backlog[i]!)
  }

  /** @param key the column of keys, where another has the same */
  end(key?: Float64Array): LeafColumns {
    const filled = (part: (typeof PARTS)[number]): Float64Array => this.#room[part].subarray(0, this.#length)
    const shared: SharedColumns = { key, drops: zerosFor(filled('drops')), backlog: zerosFor(filled('backlog')) }
    const made = new LeafColumns(this.#length, shared)
    for (const part of PARTS) if (shared[part] === undefined) made[part].set(filled(part))
    return made
  }

  #grow(): void {
    const before = this.#room
    this.#room = new LeafColumns(2 * before.length)
    for (const part of PARTS) this.#room[part].set(before[part])
  }
}

/** Leaves as columns, in order. @throws RangeError for leaves that cannot be, or are too many. */
export function columnsOf(leaves: Iterable<LeafCounters>): LeafColumns {
  if (leaves instanceof LeafColumns) return leaves
  const list = [...leaves]
  if (list.length > MAX_LEAVES) throw new RangeError(`${list.length} leaves, at most ${MAX_LEAVES} are read`)
  const keyed = list.map((leaf) => ({ key: leafKey(leaf), leaf })).sort((a, b) => a.key - b.key)
  const columns = new LeafColumns(list.length)
  for (const [i, { key, leaf }] of keyed.entries()) {
    if (isOutOfBounds(leaf)) throw new RangeError(`leaf ${nameOfLeaf(leaf)} is out of bounds`)
    if (i > 0 && key === keyed[i - 1]!.key) throw new RangeError(`leaf ${nameOfLeaf(leaf)} stands twice`)
    columns.key[i] = key
    columns.bytes[i] = leaf.bytes
    columns.packets[i] = leaf.packets
    columns.drops[i] = leaf.drops
    columns.backlog[i] = leaf.backlog
  }
  return columns
}

const isOutOfBounds = ({ institution, service, class: trafficClass }: LeafPlace): boolean =>
  service >= SERVICE_NUMBERS || trafficClass >= MAX_CLASSES || institution > LARGEST_INSTITUTION
