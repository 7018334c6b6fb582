// The counters of leaves, as they stand in a report.
//
// A leaf's key is its flow's record key and its class in one number; leaves are written in order of their keys, each as
// the step from the key before it (the first from -1). So no leaf can stand twice.
//
//   version 1   counters = count varint, count x leaf
//               leaf     = step varint, bytes varint, packets varint, drops varint, backlog varint
//
//   version 2   counters = [back varint], count varint, count x run                      (with flag COUNTERS)
//               run      = step varint, head varint, leaves with keys one after the other
//               head     = 4 x number of leaves, + 1 when drops follow, + 2 when backlog follows, in each of them
//               leaf     = bytes varint, packets varint, [drops varint], [backlog varint]; what follows is not 0
//
// Version 1 tells what each counter has reached, some 14 bytes a leaf. Version 2 does so for all leaves now and then;
// in between (flag SINCE) it tells what was added to each since the report that came `back` milliseconds before this
// one, some 4 to 5 bytes a leaf, and leaves out those to which nothing was added. Backlog is no sum: it is told as it
// is.

import type { EdgeReport } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { MAX_VARINT_BYTES, type Reader, refuse, type Writer } from './bytes.js'
import {
  columnsOf,
  LARGEST_KEY,
  LeafBuilder,
  type LeafColumns,
  leafPlace,
  MAX_LEAVES,
  nameOfLeaf,
} from './leaf-columns.js'
import type { Counted, SentReport } from './messages.js'

/** Flags of the frame, from version 2. */
export const COUNTERS = 8
export const SINCE = 16

/** Step, head, and four numbers. */
const LEAF_BYTES = 6 * MAX_VARINT_BYTES
const DROPS = 1
const BACKLOG = 2
const MASKS = 4

/** Bytes at most, in any version. */
export const leavesSize = (counters: EdgeReport['counters']): number =>
  2 * MAX_VARINT_BYTES + LEAF_BYTES * (counters === null ? 0 : columnsOf(counters).length)

/** How one version spells counters. */
export interface LeafFormat {
  /** @throws RangeError for counters that no controller would accept. */
  write(writer: Writer, report: SentReport): void
  /** `at`: stamp of the report. */
  read(reader: Reader, flags: number, at: Milliseconds): Counted | null
}

/** What is being read or added up just now. */
const building = new LeafBuilder()

/** Version 1 cannot say that nothing is known: it says that nothing changed. */
export const CUMULATIVE: LeafFormat = {
  write(writer, { counters }) {
    const leaves = columnsOf(counters ?? [])
    writer.varint(leaves.length)
    for (let i = 0; i < leaves.length; i++) {
      writer
        .varint(leaves.key[i]! - (i === 0 ? -1 : leaves.key[i - 1]!))
        .varint(leaves.bytes[i]!)
        .varint(leaves.packets[i]!)
        .varint(leaves.drops[i]!)
        .varint(leaves.backlog[i]!)
    }
  },
  read(reader) {
    const count = reader.varint()
    expectRoom(reader, count, 5)
    building.begin()
    let key = -1
    for (let i = 0; i < count; i++) {
      key = keyInBounds(key + stepOf(reader))
      building.push(key, reader.varint(), reader.varint(), reader.varint(), reader.varint())
    }
    return { kind: 'changed', leaves: building.end() }
  },
}

export const DIFFERENCES: LeafFormat = {
  write(writer, { stamp, counters, base }) {
    if (counters === null) return
    if (base) writer.varint(backTo(base.at, stamp.at))
    const leaves = base ? addedTo(base.leaves, columnsOf(counters)) : columnsOf(counters)
    const { key, bytes, packets, drops, backlog } = leaves
    const starts = runsOf(leaves)
    writer.varint(starts.length)
    for (const [n, start] of starts.entries()) {
      const end = starts[n + 1] ?? leaves.length
      writer.varint(key[start]! - (start === 0 ? -1 : key[start - 1]!))
      writer.varint(MASKS * (end - start) + maskOf(leaves, start))
      for (let i = start; i < end; i++) {
        writer.varint(bytes[i]!).varint(packets[i]!)
        if (drops[i] !== 0) writer.varint(drops[i]!)
        if (backlog[i] !== 0) writer.varint(backlog[i]!)
      }
    }
  },
  read(reader, flags, at) {
    const builds = (flags & SINCE) !== 0
    if ((flags & COUNTERS) === 0) return builds ? refuse('MALFORMED', 'a base without counters') : null
    const back = builds ? positive(reader.varint()) : 0
    if (back > at) refuse('BOUNDS', `expected a base at most ${at} ms back, found ${back}`)
    const leaves = readRuns(reader)
    return builds ? { kind: 'added', since: at - back, leaves } : { kind: 'whole', leaves }
  },
}

function readRuns(reader: Reader): LeafColumns {
  const runs = reader.varint()
  expectRoom(reader, runs, 4)
  building.begin()
  let key = -1
  let lastMask = -1
  for (let i = 0; i < runs; i++) {
    const step = stepOf(reader)
    const head = reader.varint()
    const mask = head % MASKS
    const end = building.length + positive(Math.floor(head / MASKS))
    // A leaf has one spelling: what is announced is there, and a run is as long as it can be.
    if (step === 1 && mask === lastMask) refuse('MALFORMED', 'one run in two pieces')
    lastMask = mask
    expectRoom(reader, end, 2, building.length)
    key += step - 1
    while (building.length < end) {
      const bytes = reader.varint()
      const packets = reader.varint()
      const drops = (mask & DROPS) === 0 ? 0 : positive(reader.varint())
      const backlog = (mask & BACKLOG) === 0 ? 0 : positive(reader.varint())
      key = keyInBounds(key + 1)
      building.push(key, bytes, packets, drops, backlog)
    }
  }
  return building.end()
}

const maskOf = ({ drops, backlog }: LeafColumns, i: number): number =>
  (drops[i] === 0 ? 0 : DROPS) + (backlog[i] === 0 ? 0 : BACKLOG)

/** Where each run starts: leaves as long as their keys follow each other and they have the same parts. */
function runsOf(leaves: LeafColumns): number[] {
  const starts: number[] = []
  for (let i = 0; i < leaves.length; i++) {
    const goesOn = i > 0 && leaves.key[i - 1]! + 1 === leaves.key[i] && maskOf(leaves, i - 1) === maskOf(leaves, i)
    if (!goesOn) starts.push(i)
  }
  return starts
}

/** What was added to each of these since the base. */
function addedTo(base: LeafColumns, leaves: LeafColumns): LeafColumns {
  building.begin()
  let k = 0
  for (let i = 0; i < leaves.length; i++) {
    const key = leaves.key[i]!
    while (k < base.length && base.key[k]! < key) k++
    if (base.key[k] !== key) building.pushFrom(leaves, i)
    else {
      const bytes = leaves.bytes[i]! - base.bytes[k]!
      const packets = leaves.packets[i]! - base.packets[k]!
      building.push(key, bytes, packets, leaves.drops[i]! - base.drops[k]!, leaves.backlog[i]!)
    }
  }
  return building.end()
}

function backTo(base: Milliseconds, at: Milliseconds): Milliseconds {
  const back = Math.floor(at) - base
  if (back < 1) throw new RangeError(`a report cannot build on one that came ${-back} ms later`)
  return back
}

const stepOf = (reader: Reader): number => reader.varint() || refuse('DUPLICATE', 'a leaf stands twice')

const positive = (value: number): number => value || refuse('MALFORMED', 'a 0 where something must be')

/** Before anything is made of a number that may lie: `count` in all, `read` of them read, of `size` bytes at least. */
function expectRoom(reader: Reader, count: number, size: number, read = 0): void {
  if (count > MAX_LEAVES) refuse('BOUNDS', `expected at most ${MAX_LEAVES} leaves, found ${count}`)
  if (reader.left < (count - read) * size) {
    refuse('MALFORMED', `${count - read} leaves do not fit the ${reader.left} bytes that are left`)
  }
}

function keyInBounds(key: number): number {
  if (key > LARGEST_KEY) refuse('BOUNDS', `institution ${leafPlace(key).institution} does not fit 32 bits`)
  return key
}

/** What the counters have reached: those of the base, and what was added to them. */
export function sumOf(base: LeafColumns, added: LeafColumns): LeafColumns {
  building.begin()
  let k = 0
  for (let i = 0; i < added.length; i++) {
    const key = added.key[i]!
    while (k < base.length && base.key[k]! < key) building.pushFrom(base, k++)
    if (base.key[k] === key) pushSum(base, k++, added, i)
    else building.pushFrom(added, i)
  }
  while (k < base.length) building.pushFrom(base, k++)
  // All leaves of the base are there: where there are no more, they are those.
  return building.end(building.length === base.length ? base.key : undefined)
}

function pushSum(base: LeafColumns, k: number, added: LeafColumns, i: number): void {
  const bytes = base.bytes[k]! + added.bytes[i]!
  const packets = base.packets[k]! + added.packets[i]!
  const drops = base.drops[k]! + added.drops[i]!
  if (!(Number.isSafeInteger(bytes) && Number.isSafeInteger(packets) && Number.isSafeInteger(drops))) {
    refuse('BOUNDS', `leaf ${nameOfLeaf(leafPlace(added.key[i]!))} adds up to more than 53 bits`)
  }
  building.push(added.key[i]!, bytes, packets, drops, added.backlog[i]!)
}
