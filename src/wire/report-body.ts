// The body of a report: what the edge is, what is in force there, and the counters of its leaves.
//
//   report  = boot id 8 bytes, stamp u64 (ms), reads u16, state u8, enforcement u8, agent text, driver text,
//             applied crc u32, applied profile 8 bytes, generation varint, [refusal], [bypassed],
//             counters: see leaves.ts, each version its own
//   refusal = code u8, detail text                                      (with flag REFUSED)
//   bypassed = count varint (from 1), count x bypass                    (with flag BYPASSED)
//   bypass  = institution + 1 varint (0: the whole edge), since u64, until u64 (Unix ms), reason text
//   text    = length u8, UTF-8
//
// The frame's epoch and seq are those of the publication in force; epoch 0 says that there is none.

import { LEASE_STATES, type LocalBypass, REFUSALS } from '../model/lease.js'
import { ENFORCEMENTS } from '../model/network.js'
import { MAX_BYPASSES_PER_EDGE } from '../runtime/limits.js'
import { MAX_VARINT_BYTES, type Reader, refuse, type Writer } from './bytes.js'
import { type LeafFormat, leavesSize } from './leaves.js'
import type { ReportMessage, SentReport } from './messages.js'

/** Flags of the frame. */
export const SIMULATED = 1
export const REFUSED = 2
export const BYPASSED = 4

const TEXT_BYTES = 256
const FIXED_BYTES = 8 + 8 + 2 + 1 + 1 + 4 + 8 + 2 * MAX_VARINT_BYTES + 2 * TEXT_BYTES + 1 + TEXT_BYTES
const BYPASS_BYTES = MAX_VARINT_BYTES + 8 + 8 + TEXT_BYTES
const SMALLEST_BYPASS_BYTES = 18
const NO_PROFILE = '0'.repeat(16)

/** At most. */
export const reportBodySize = ({ counters, bypasses = [] }: SentReport): number =>
  FIXED_BYTES + BYPASS_BYTES * bypasses.length + leavesSize(counters)

/** @throws RangeError for a report that no controller would accept. */
export function writeReportBody(writer: Writer, report: SentReport, leaves: LeafFormat): void {
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
  leaves.write(writer, report)
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

export type ReportBody = Omit<ReportMessage, 'edge' | 'version' | 'applied'> & {
  readonly appliedCrc: number
  readonly appliedProfile: string
}

export function readReportBody(reader: Reader, flags: number, leaves: LeafFormat): ReportBody {
  const stamp = { boot: reader.hex(8), at: reader.u64() }
  return {
    stamp,
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
    counted: leaves.read(reader, flags, stamp.at),
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
