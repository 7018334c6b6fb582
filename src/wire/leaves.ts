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

import { type EdgeReport, type LeafCounters, recordKey, SERVICE_NUMBERS } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { MAX_CLASSES, MAX_RECORDS } from '../runtime/limits.js'
import { MAX_VARINT_BYTES, type Reader, refuse, type Writer } from './bytes.js'
import type { Counted, SentReport } from './messages.js'

/** Flags of the frame, from version 2. */
export const COUNTERS = 8
export const SINCE = 16

const MAX_LEAVES = MAX_RECORDS * MAX_CLASSES
/** Step, head, and four numbers. */
const LEAF_BYTES = 6 * MAX_VARINT_BYTES
const DROPS = 1
const BACKLOG = 2
const MASKS = 4

/** Bytes at most, in any version. */
export const leavesSize = (counters: EdgeReport['counters']): number =>
  2 * MAX_VARINT_BYTES + LEAF_BYTES * (counters?.length ?? 0)

/** How one version spells counters. */
export interface LeafFormat {
  /** @throws RangeError for counters that no controller would accept. */
  write(writer: Writer, report: SentReport): void
  /** `at`: stamp of the report. */
  read(reader: Reader, flags: number, at: Milliseconds): Counted | null
}

/** Version 1 cannot say that nothing is known: it says that nothing changed. */
export const CUMULATIVE: LeafFormat = {
  write(writer, { counters }) {
    const leaves = inOrder(counters ?? [])
    writer.varint(leaves.length)
    let last = -1
    for (const { key, leaf } of leaves) {
      const { bytes, packets, drops, backlog } = leaf
      writer
        .varint(key - last)
        .varint(bytes)
        .varint(packets)
        .varint(drops)
        .varint(backlog)
      last = key
    }
  },
  read(reader) {
    const count = reader.varint()
    expectRoom(reader, count, 5)
    const leaves: LeafCounters[] = []
    let key = -1
    for (let i = 0; i < count; i++) {
      key += stepOf(reader)
      leaves.push(leafAt(key, reader.varint(), reader.varint(), reader.varint(), reader.varint()))
    }
    return { kind: 'changed', leaves }
  },
}

export const DIFFERENCES: LeafFormat = {
  write(writer, { stamp, counters, base }) {
    if (counters === null) return
    if (base) writer.varint(backTo(base.at, stamp.at))
    const runs = runsOf(
      inOrder(counters).map(({ key, leaf }) => {
        const { bytes, packets, drops, backlog } = leaf
        const told = base?.leaves.get(key) ?? NOTHING
        return { key, bytes: bytes - told.bytes, packets: packets - told.packets, drops: drops - told.drops, backlog }
      }),
    )
    writer.varint(runs.length)
    let last = -1
    for (const { mask, leaves } of runs) {
      writer.varint(leaves[0]!.key - last).varint(MASKS * leaves.length + mask)
      for (const { bytes, packets, drops, backlog } of leaves) {
        writer.varint(bytes).varint(packets)
        if (drops !== 0) writer.varint(drops)
        if (backlog !== 0) writer.varint(backlog)
      }
      last = leaves.at(-1)!.key
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

function readRuns(reader: Reader): LeafCounters[] {
  const runs = reader.varint()
  expectRoom(reader, runs, 4)
  const leaves: LeafCounters[] = []
  let key = -1
  let lastMask = -1
  for (let i = 0; i < runs; i++) {
    const step = stepOf(reader)
    const head = reader.varint()
    const mask = head % MASKS
    const end = leaves.length + positive(Math.floor(head / MASKS))
    // A leaf has one spelling: what is announced is there, and a run is as long as it can be.
    if (step === 1 && mask === lastMask) refuse('MALFORMED', 'one run in two pieces')
    lastMask = mask
    expectRoom(reader, end, 2, leaves.length)
    key += step - 1
    while (leaves.length < end) {
      const bytes = reader.varint()
      const packets = reader.varint()
      const drops = (mask & DROPS) === 0 ? 0 : positive(reader.varint())
      const backlog = (mask & BACKLOG) === 0 ? 0 : positive(reader.varint())
      leaves.push(leafAt(++key, bytes, packets, drops, backlog))
    }
  }
  return leaves
}

type Keyed = Pick<LeafCounters, 'bytes' | 'packets' | 'drops' | 'backlog'> & { readonly key: number }

const NOTHING = { bytes: 0, packets: 0, drops: 0 }

/** Leaves in order, as long as they follow each other and have the same parts. */
function runsOf(leaves: readonly Keyed[]): { readonly mask: number; readonly leaves: Keyed[] }[] {
  const runs: { readonly mask: number; readonly leaves: Keyed[] }[] = []
  for (const leaf of leaves) {
    const mask = (leaf.drops === 0 ? 0 : DROPS) + (leaf.backlog === 0 ? 0 : BACKLOG)
    const run = runs.at(-1)
    if (run?.mask === mask && run.leaves.at(-1)!.key + 1 === leaf.key) run.leaves.push(leaf)
    else runs.push({ mask, leaves: [leaf] })
  }
  return runs
}

function backTo(base: Milliseconds, at: Milliseconds): Milliseconds {
  const back = Math.floor(at) - base
  if (back < 1) throw new RangeError(`a report cannot build on one that came ${-back} ms later`)
  return back
}

/** @throws RangeError for leaves that cannot be, or are too many. */
function inOrder(counters: readonly LeafCounters[]): { readonly key: number; readonly leaf: LeafCounters }[] {
  if (counters.length > MAX_LEAVES) throw new RangeError(`${counters.length} leaves, at most ${MAX_LEAVES} are read`)
  const leaves = counters.map((leaf) => ({ key: leafKey(leaf), leaf }))
  // As a rule they come in order: a kernel is read class by class.
  if (leaves.some(({ key }, k) => k > 0 && key < leaves[k - 1]!.key)) leaves.sort((a, b) => a.key - b.key)
  let last = -1
  for (const { key, leaf } of leaves) {
    if (isOutOfBounds(leaf)) throw new RangeError(`leaf ${nameOf(leaf)} is out of bounds`)
    if (key === last) throw new RangeError(`leaf ${nameOf(leaf)} stands twice`)
    last = key
  }
  return leaves
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

type LeafPlace = Pick<LeafCounters, 'institution' | 'service' | 'direction' | 'class'>

/** One number for a leaf that is in bounds. */
export const leafKey = (leaf: LeafPlace): number => recordKey(leaf) * MAX_CLASSES + leaf.class

const isOutOfBounds = ({ institution, service, class: trafficClass }: LeafPlace): boolean =>
  service >= SERVICE_NUMBERS || trafficClass >= MAX_CLASSES || institution > 0xffffffff

/** One object a leaf, and all of one shape: thousands are read each second. */
function leafAt(key: number, bytes: number, packets: number, drops: number, backlog: number): LeafCounters {
  const flow = Math.floor(key / MAX_CLASSES)
  const service = Math.floor(flow / 2) % SERVICE_NUMBERS
  const institution = Math.floor(flow / (2 * SERVICE_NUMBERS))
  if (institution > 0xffffffff) refuse('BOUNDS', `institution ${institution} does not fit 32 bits`)
  const direction = flow % 2 === 0 ? 0 : 1
  return { institution, service, direction, class: key % MAX_CLASSES, bytes, packets, drops, backlog }
}

const nameOf = (leaf: LeafPlace): string => `${leaf.institution}/${leaf.service}/${leaf.direction}/${leaf.class}`

/** What the counters have reached: those of the base, and what was added to them. Both in order of their keys. */
export function sumOf(base: readonly LeafCounters[], added: readonly LeafCounters[]): readonly LeafCounters[] {
  const sums: LeafCounters[] = []
  let next = 0
  for (const leaf of added) {
    const key = leafKey(leaf)
    while (next < base.length && leafKey(base[next]!) < key) sums.push(base[next++]!)
    const isKnown = next < base.length && leafKey(base[next]!) === key
    sums.push(isKnown ? plus(base[next++]!, leaf) : leaf)
  }
  while (next < base.length) sums.push(base[next++]!)
  return sums
}

function plus(before: LeafCounters, added: LeafCounters): LeafCounters {
  const { institution, service, direction, class: trafficClass, backlog } = added
  const [bytes, packets] = [before.bytes + added.bytes, before.packets + added.packets]
  const drops = before.drops + added.drops
  if (!(Number.isSafeInteger(bytes) && Number.isSafeInteger(packets) && Number.isSafeInteger(drops))) {
    refuse('BOUNDS', `leaf ${nameOf(added)} adds up to more than 53 bits`)
  }
  return { institution, service, direction, class: trafficClass, bytes, packets, drops, backlog }
}
