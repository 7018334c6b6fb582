// The body of a report: what the edge is, what is in force there, and the counters of its leaves.
//
//   report  = boot id 8 bytes, stamp u64 (ms), reads u16, state u8, enforcement u8, agent text, driver text,
//             applied crc u32, applied profile 8 bytes, generation varint, [refusal], [bypassed], [about],
//             counters: see leaves.ts, each version its own
//   refusal = code u8, detail text                                      (with flag REFUSED)
//   bypassed = count varint (from 1), count x bypass                    (with flag BYPASSED)
//   bypass  = institution + 1 varint (0: the whole edge), since u64, until u64 (Unix ms), reason text
//   about   = instance 8 bytes, place text, uncounted down varint, uncounted up varint (bit/s), [noticed]   (version 4)
//             and from version 6: echo 16 bytes
//   noticed = count varint (from 1), count x notice                     (with flag NOTICED)
//   notice  = code u8, used u8, since u64 (Unix ms), subject text
//   text    = length u8, UTF-8
//
// An instance of 0 says that the edge does not tell, an echo of 0 that it has heard no nonce.
// Before version 4 no reader knows the refusal SECOND.
//
// The frame's epoch and seq are those of the publication in force; epoch 0 says that there is none.

import { LEASE_STATES, type LocalBypass, REFUSALS, type RefusalCode } from '../model/lease.js'
import { ENFORCEMENTS } from '../model/network.js'
import { type EdgeNotice, NOTICES } from '../model/notice.js'
import { MAX_BYPASSES_PER_EDGE, MAX_NOTICES_PER_EDGE } from '../runtime/limits.js'
import { MAX_VARINT_BYTES, type Reader, refuse, type Writer } from './bytes.js'
import { type LeafFormat, leavesSize } from './leaves.js'
import { NONCE_BYTES, type ReportMessage, type SentReport } from './messages.js'
import { NO_NONCE } from './rates-body.js'

/** Flags of the frame. */
export const SIMULATED = 1
export const REFUSED = 2
export const BYPASSED = 4
/** From version 4; 8 and 16 are those of leaves.ts. */
export const NOTICED = 32

const TEXT_BYTES = 256
const FIXED_BYTES = 8 + 8 + 2 + 1 + 1 + 4 + 8 + 2 * MAX_VARINT_BYTES + 2 * TEXT_BYTES + 1 + TEXT_BYTES
const BYPASS_BYTES = MAX_VARINT_BYTES + 8 + 8 + TEXT_BYTES
const SMALLEST_BYPASS_BYTES = 18
const ABOUT_BYTES = 8 + TEXT_BYTES + 3 * MAX_VARINT_BYTES + NONCE_BYTES
const NOTICE_BYTES = 1 + 1 + 8 + TEXT_BYTES
const SMALLEST_NOTICE_BYTES = 11
const NO_PROFILE = '0'.repeat(16)
const NO_INSTANCE = '0'.repeat(16)
/** Up to version 3. */
const OLD_REFUSALS = REFUSALS.slice(0, REFUSALS.indexOf('SECOND'))
const NO = 0
const YES = 1

/** At most. */
export const reportBodySize = ({ counters, bypasses = [], notices = [] }: SentReport): number =>
  FIXED_BYTES + BYPASS_BYTES * bypasses.length + ABOUT_BYTES + NOTICE_BYTES * notices.length + leavesSize(counters)

/** What a report says besides from one version on. */
export interface AboutFormat {
  readonly refusals: readonly RefusalCode[]
  write(writer: Writer, report: SentReport): void
  read(reader: Reader, flags: number): About
}

type About = Pick<ReportMessage, 'instance' | 'place' | 'uncounted' | 'notices' | 'echo'>

/** Up to version 3. */
export const SAYS_NOTHING: AboutFormat = { refusals: OLD_REFUSALS, write: () => undefined, read: () => ({}) }

/** From version 4. */
export const SAYS_WHERE: AboutFormat = {
  refusals: REFUSALS,
  write(writer, { instance = NO_INSTANCE, place = '', uncounted, notices = [] }) {
    writer.hex(instance, 8).text(place)
    writer.varint(uncounted?.down ?? 0).varint(uncounted?.up ?? 0)
    if (notices.length > 0) writeNotices(writer, notices)
  },
  read(reader, flags) {
    const instance = reader.hex(8)
    const place = reader.text()
    const uncounted = { down: reader.varint(), up: reader.varint() }
    return {
      ...(instance === NO_INSTANCE ? {} : { instance }),
      ...(place === '' ? {} : { place }),
      ...(uncounted.down + uncounted.up === 0 ? {} : { uncounted }),
      ...((flags & NOTICED) === 0 ? {} : { notices: readNotices(reader) }),
    }
  },
}

/** From version 6. */
export const SAYS_WHAT_IT_HEARD: AboutFormat = {
  refusals: REFUSALS,
  write(writer, report) {
    SAYS_WHERE.write(writer, report)
    writer.hex(report.echo ?? NO_NONCE, NONCE_BYTES)
  },
  read(reader, flags) {
    const about = SAYS_WHERE.read(reader, flags)
    const echo = reader.hex(NONCE_BYTES)
    return echo === NO_NONCE ? about : { ...about, echo }
  },
}

function writeNotices(writer: Writer, notices: readonly EdgeNotice[]): void {
  if (notices.length > MAX_NOTICES_PER_EDGE) {
    throw new RangeError(`expected at most ${MAX_NOTICES_PER_EDGE} notices, found ${notices.length}`)
  }
  writer.varint(notices.length)
  for (const { code, used, since, subject } of notices) {
    writer
      .oneOf(NOTICES, code)
      .u8(used ? YES : NO)
      .u64(Math.floor(since))
      .text(subject)
  }
}

function readNotices(reader: Reader): EdgeNotice[] {
  const count = reader.varint()
  if (count < 1 || count > MAX_NOTICES_PER_EDGE) {
    refuse('BOUNDS', `expected 1 to ${MAX_NOTICES_PER_EDGE} notices, found ${count}`)
  }
  if (reader.left < count * SMALLEST_NOTICE_BYTES) refuse('MALFORMED', `${count} notices do not fit`)
  return Array.from({ length: count }, () => ({
    code: reader.oneOf(NOTICES, 'notice'),
    used: reader.oneOf([false, true], 'used'),
    since: reader.time(),
    subject: reader.text(),
  }))
}

/** @throws RangeError for a report that no controller would accept. */
export function writeReportBody(writer: Writer, report: SentReport, about: AboutFormat, leaves: LeafFormat): void {
  const { stamp, applied, refusal } = report
  // Down to a whole millisecond: the lease that is granted on it may end early, never late.
  writer.hex(stamp.boot, 8).u64(Math.floor(stamp.at)).u16(report.reads)
  writer.oneOf(LEASE_STATES, report.state).oneOf(ENFORCEMENTS, report.enforcement)
  writer.text(report.agent).text(report.driver)
  writer
    .u32(applied?.crc ?? 0)
    .hex(applied?.profile ?? NO_PROFILE, 8)
    .varint(report.generation)
  if (refusal !== null) {
    const code = about.refusals.includes(refusal.code) ? refusal.code : 'FOREIGN'
    writer.oneOf(REFUSALS, code).text(refusal.detail)
  }
  writeBypasses(writer, report.bypasses ?? [])
  about.write(writer, report)
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

export function readReportBody(reader: Reader, flags: number, about: AboutFormat, leaves: LeafFormat): ReportBody {
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
    refusal: (flags & REFUSED) === 0 ? null : { code: reader.oneOf(about.refusals, 'refusal'), detail: reader.text() },
    ...((flags & BYPASSED) === 0 ? {} : { bypasses: readBypasses(reader) }),
    ...about.read(reader, flags),
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
      since: reader.time(),
      until: reader.time(),
      reason: reader.text(),
    }
  })
}
