// The body of a report: what the edge is, what is in force there, and the counters of its leaves.
//
//   report  = boot id 8 bytes, stamp u64 (ms), reads u16, state u8, enforcement u8, agent text, driver text,
//             applied crc u32, applied profile 8 bytes, generation varint, [refusal], [bypassed],
//             count varint, count x leaf
//   refusal = code u8, detail text                                      (with flag REFUSED)
//   bypassed = count varint (from 1), count x bypass                    (with flag BYPASSED)
//   bypass  = institution + 1 varint (0: the whole edge), since u64, until u64 (Unix ms), reason text
//   leaf    = step varint, bytes varint, packets varint, drops varint, backlog varint
//   text    = length u8, UTF-8
//
// The frame's epoch and seq are those of the publication in force; epoch 0 says that there is none. A leaf's key is
// its flow's record key and its class in one number; leaves are written in order of their keys, each as the step from
// the key before it (the first from -1). So no leaf can stand twice, and a usual leaf takes some 14 bytes.

import {
  type EdgeReport,
  LEASE_STATES,
  type LeafCounters,
  type LocalBypass,
  REFUSALS,
  recordKey,
  SERVICE_NUMBERS,
} from '../model/lease.js'
import { ENFORCEMENTS } from '../model/network.js'
import { MAX_BYPASSES_PER_EDGE, MAX_CLASSES, MAX_RECORDS } from '../runtime/limits.js'
import { MAX_VARINT_BYTES, type Reader, refuse, type Writer } from './bytes.js'

/** Flags of the frame. */
export const SIMULATED = 1
export const REFUSED = 2
export const BYPASSED = 4

const MAX_LEAVES = MAX_RECORDS * MAX_CLASSES
const TEXT_BYTES = 256
const FIXED_BYTES = 8 + 8 + 2 + 1 + 1 + 4 + 8 + 2 * MAX_VARINT_BYTES + 2 * TEXT_BYTES + 1 + TEXT_BYTES
const BYPASS_BYTES = MAX_VARINT_BYTES + 8 + 8 + TEXT_BYTES
const SMALLEST_BYPASS_BYTES = 18
const LEAF_BYTES = 5 * MAX_VARINT_BYTES
const SMALLEST_LEAF_BYTES = 5
const NO_PROFILE = '0'.repeat(16)

/** At most. */
export const reportBodySize = ({ counters, bypasses = [] }: EdgeReport): number =>
  FIXED_BYTES + MAX_VARINT_BYTES + BYPASS_BYTES * bypasses.length + LEAF_BYTES * counters.length

/** @throws RangeError for a report that no controller would accept. */
export function writeReportBody(writer: Writer, report: EdgeReport): void {
  const { stamp, applied, refusal } = report
  // Down to a whole millisecond: the lease that is granted on it may end early, never late.
  writer.hex(stamp.boot, 8).u64(Math.floor(stamp.at)).u16(report.reads)
  writer.oneOf(LEASE_STATES, report.state).oneOf(ENFORCEMENTS, report.enforcement)
  writer.text(report.agent).text(report.driver)
  writer
    .u32(applied?.crc ?? 0)
    .hex(applied?.profile ?? NO_PROFILE, 8)
    .varint(report.generation)
  if (refusal !== null) writer.oneOf(REFUSALS, refusal.code).text(refusal.detail)
  writeBypasses(writer, report.bypasses ?? [])
  const leaves = report.counters.map((leaf) => ({ key: leafKey(leaf), leaf })).sort((a, b) => a.key - b.key)
  if (leaves.length > MAX_LEAVES) throw new RangeError(`expected at most ${MAX_LEAVES} leaves, found ${leaves.length}`)
  writer.varint(leaves.length)
  let last = -1
  for (const { key, leaf } of leaves) {
    if (key === last) throw new RangeError(`leaf ${nameOf(leaf)} stands twice`)
    writer
      .varint(key - last)
      .varint(leaf.bytes)
      .varint(leaf.packets)
      .varint(leaf.drops)
      .varint(leaf.backlog)
    last = key
  }
}

function writeBypasses(writer: Writer, bypasses: readonly LocalBypass[]): void {
  if (bypasses.length === 0) return
  if (bypasses.length > MAX_BYPASSES_PER_EDGE) {
    throw new RangeError(`expected at most ${MAX_BYPASSES_PER_EDGE} bypasses, found ${bypasses.length}`)
  }
  writer.varint(bypasses.length)
  for (const { institution, since, until, reason } of bypasses) {
    writer
      .varint(institution === null ? 0 : institution + 1)
      .u64(since)
      .u64(until)
      .text(reason)
  }
}

export type ReportBody = Omit<EdgeReport, 'edge' | 'applied'> & {
  readonly appliedCrc: number
  readonly appliedProfile: string
}

export function readReportBody(reader: Reader, flags: number): ReportBody {
  return {
    stamp: { boot: reader.hex(8), at: reader.u64() },
    reads: reader.u16(),
    state: reader.oneOf(LEASE_STATES, 'state'),
    enforcement: reader.oneOf(ENFORCEMENTS, 'enforcement'),
    agent: reader.text(),
    driver: reader.text(),
    simulated: (flags & SIMULATED) !== 0,
    appliedCrc: reader.u32(),
    appliedProfile: reader.hex(8),
    generation: reader.varint(),
    refusal: (flags & REFUSED) === 0 ? null : { code: reader.oneOf(REFUSALS, 'refusal'), detail: reader.text() },
    ...((flags & BYPASSED) === 0 ? {} : { bypasses: readBypasses(reader) }),
    counters: readLeaves(reader),
  }
}

function readBypasses(reader: Reader): LocalBypass[] {
  const count = reader.varint()
  if (count < 1 || count > MAX_BYPASSES_PER_EDGE) {
    refuse('BOUNDS', `expected 1 to ${MAX_BYPASSES_PER_EDGE} bypasses, found ${count}`)
  }
  if (reader.left < count * SMALLEST_BYPASS_BYTES) refuse('MALFORMED', `${count} bypasses do not fit`)
  return Array.from({ length: count }, () => {
    const number = reader.varint()
    if (number > 0x1_0000_0000) refuse('BOUNDS', `institution ${number - 1} does not fit 32 bits`)
    return {
      institution: number === 0 ? null : number - 1,
      since: reader.u64(),
      until: reader.u64(),
      reason: reader.text(),
    }
  })
}

function readLeaves(reader: Reader): LeafCounters[] {
  const count = reader.varint()
  if (count > MAX_LEAVES) refuse('BOUNDS', `expected at most ${MAX_LEAVES} leaves, found ${count}`)
  if (reader.left < count * SMALLEST_LEAF_BYTES) {
    refuse('MALFORMED', `${count} leaves do not fit the ${reader.left} bytes that are left`)
  }
  const leaves: LeafCounters[] = []
  let key = -1
  for (let i = 0; i < count; i++) {
    const step = reader.varint()
    if (step === 0) refuse('DUPLICATE', `leaf ${nameOf(leaves[i - 1]!)} stands twice`)
    key += step
    const { institution, service, direction, class: trafficClass } = placeOf(key)
    leaves.push({
      institution,
      service,
      direction,
      class: trafficClass,
      bytes: reader.varint(),
      packets: reader.varint(),
      drops: reader.varint(),
      backlog: reader.varint(),
    })
  }
  return leaves
}

type LeafPlace = Pick<LeafCounters, 'institution' | 'service' | 'direction' | 'class'>

function leafKey(leaf: LeafPlace): number {
  if (leaf.service >= SERVICE_NUMBERS || leaf.class >= MAX_CLASSES || leaf.institution > 0xffffffff) {
    throw new RangeError(`leaf ${nameOf(leaf)} is out of bounds`)
  }
  return recordKey(leaf) * MAX_CLASSES + leaf.class
}

function placeOf(key: number): LeafPlace {
  const flow = Math.floor(key / MAX_CLASSES)
  const service = Math.floor(flow / 2) % SERVICE_NUMBERS
  const institution = Math.floor(flow / (2 * SERVICE_NUMBERS))
  if (institution > 0xffffffff) refuse('BOUNDS', `institution ${institution} does not fit 32 bits`)
  return { institution, service, direction: flow % 2 === 0 ? 0 : 1, class: key % MAX_CLASSES }
}

const nameOf = (leaf: LeafPlace): string => `${leaf.institution}/${leaf.service}/${leaf.direction}/${leaf.class}`
