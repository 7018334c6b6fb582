// What travels between controller and edge, as bytes. Meaning stands in messages.ts, order in time at the edge; here is
// only: is this a whole message, of a version we read, meant for this edge? One frame for all four kinds:
//
//   message = magic "MZNI", version u16, kind u8, flags u8, epoch u64, seq u64, edge 8 bytes, body, author, crc
//   kind    = 0 snapshot | 1 delta | 2 heartbeat | 3 report
//   edge    = first 8 bytes of the SHA-256 of the edge's id: a message for another edge is refused
//   author  = in versions 3, 5 and 6: generation of the key u32, newest generation there is u32, mac 16 bytes (mac.ts)
//   crc     = u32: CRC-32 (ISO 3309, as zlib) of everything before it
//
// Big endian, whole numbers only; the bodies' grammars stand above their own readers (rates-body.ts, report-body.ts,
// leaves.ts). Whatever is unknown, foreign, mis-sized or mis-summed is refused before any of it is used. The checksum
// finds damage, the code proves the author: whoever holds a key for an edge takes nothing unsigned from it or for it.
//
// Compatibility: a release reads all versions that it writes, and the one before it writes too; controllers and edges
// are upgraded in any order; but keys are handed out by a controller that reads version 3, so all controllers of a
// plane come first. The header up to `version` never changes; whatever else a version spells in its own way stands in
// its WireFormat. To an edge goes the highest version that its report says it reads, and before any report the oldest
// one written here; an edge speaks the version it was spoken to in, and before that the oldest. So two neighbours
// always find the version that both know, whoever speaks first. Where both hold a key they choose in the same way among
// the versions that are signed: 3 says what 1 and 2 do, 5 what 4 does, and a message for one of these is signed in the
// next. Version 6 is signed always: the controller adds a nonce to what 5 says, and the edge repeats it, so that nobody
// can pass an old report off as new (publish/freshness.ts).

import { crc32 } from 'node:zlib'
import type { Refusal } from '../model/lease.js'
import { MAX_EDGES, MAX_MESSAGE_BYTES } from '../runtime/limits.js'
import { Reader, refuse, refusing, shortHash, Writer } from './bytes.js'
import { COUNTERS, CUMULATIVE, DIFFERENCES, type LeafFormat, SINCE } from './leaves.js'
import { type EdgeMacs, MAC_BYTES } from './mac.js'
import {
  PROVING_VERSION,
  type RateMessage,
  type RateMessageKind,
  type ReportMessage,
  type SentReport,
} from './messages.js'
import {
  askedBodySize,
  COUNTED,
  type RatesBody,
  REASONED,
  ratesBodySize,
  readAskedBody,
  readCountedRates,
  readRatesBody,
  readToldBody,
  STAMPED,
  toldBodySize,
  writeAskedBody,
  writeRatesBody,
  writeToldBody,
} from './rates-body.js'
import {
  type AboutFormat,
  BYPASSED,
  NOTICED,
  REFUSED,
  type ReportBody,
  readReportBody,
  reportBodySize,
  SAYS_NOTHING,
  SAYS_WHAT_IT_HEARD,
  SAYS_WHERE,
  SIMULATED,
  writeReportBody,
} from './report-body.js'

const MAGIC = Buffer.from('MZNI').readUInt32BE()
/** Their places are the numbers on the wire: append only. */
const KINDS = ['snapshot', 'delta', 'heartbeat', 'report'] as const
type Kind = (typeof KINDS)[number]

const HEADER_BYTES = 4 + 2 + 1 + 1 + 8 + 8 + 8
const AUTHOR_BYTES = 4 + 4 + MAC_BYTES
const CRC_BYTES = 4

/** How one version spells what the frame encloses. */
export interface WireFormat {
  readonly version: number
  /** Whether it says who wrote it. */
  readonly isSigned: boolean
  /** Bits of the flags that mean something, by kind. */
  readonly flags: Readonly<Record<Kind, number>>
  readonly rates: BodyFormat<RateMessage, RatesBody, RateMessageKind>
  readonly report: BodyFormat<SentReport, ReportBody, 'report'>
}

export interface BodyFormat<Whole, Body, Which> {
  /** Bytes at most. */
  size(message: Whole): number
  write(writer: Writer, kind: Which, message: Whole): void
  read(reader: Reader, kind: Which, flags: number): Body
}

const reportsWith = (leaves: LeafFormat, about: AboutFormat): WireFormat['report'] => ({
  size: reportBodySize,
  write: (writer, _kind, report) => writeReportBody(writer, report, about, leaves),
  read: (reader, _kind, flags) => readReportBody(reader, flags, about, leaves),
})

export const VERSION_1: WireFormat = {
  version: 1,
  isSigned: false,
  flags: { snapshot: STAMPED, delta: STAMPED, heartbeat: STAMPED, report: SIMULATED | REFUSED | BYPASSED },
  rates: { size: ratesBodySize, write: writeRatesBody, read: readRatesBody },
  report: reportsWith(CUMULATIVE, SAYS_NOTHING),
}

const ECHO = STAMPED | COUNTED

/** Counters as differences to a report that the controller says it has. */
export const VERSION_2: WireFormat = {
  version: 2,
  isSigned: false,
  flags: { snapshot: ECHO, delta: ECHO, heartbeat: ECHO, report: VERSION_1.flags.report | COUNTERS | SINCE },
  rates: { ...VERSION_1.rates, read: readCountedRates },
  report: reportsWith(DIFFERENCES, SAYS_NOTHING),
}

/** What version 2 says, and who says it. */
export const VERSION_3: WireFormat = { ...VERSION_2, version: 3, isSigned: true }

const TOLD = ECHO | REASONED

/** Which agent speaks or is spoken to, why a flow has its rate, and what an edge has found around it. */
export const VERSION_4: WireFormat = {
  version: 4,
  isSigned: false,
  flags: { snapshot: TOLD, delta: TOLD, heartbeat: TOLD, report: VERSION_2.flags.report | NOTICED },
  rates: { size: toldBodySize, write: writeToldBody, read: readToldBody },
  report: reportsWith(DIFFERENCES, SAYS_WHERE),
}

/** What version 4 says, and who says it. */
export const VERSION_5: WireFormat = { ...VERSION_4, version: 5, isSigned: true }

/** What version 5 says, and what shows that it is new. */
const VERSION_6: WireFormat = {
  ...VERSION_5,
  version: PROVING_VERSION,
  rates: { size: askedBodySize, write: writeAskedBody, read: readAskedBody },
  report: reportsWith(DIFFERENCES, SAYS_WHAT_IT_HEARD),
}

interface Header {
  readonly version: number
  readonly kind: Kind
  readonly flags: number
  readonly epoch: number
  readonly seq: number
}

/** Whom a message must be about; it is refused as FOREIGN otherwise. */
export interface Addressee {
  readonly edge: string
  /** Under which keys it must be; without any it must be of a version that has none. */
  readonly macs?: EdgeMacs | null
}

export interface Codec {
  /**
   * Signed where there are keys: in the version that the message says, or the next that has room for it and its nonce.
   * @throws RangeError for a message that no edge would accept (a fault of the caller).
   */
  encodeRates(message: RateMessage, macs?: EdgeMacs | null): Buffer
  decodeRates(bytes: Uint8Array, addressee: Addressee): RateMessage | Refusal
  /**
   * In the version the controller speaks; nothing was heard of it yet: in the oldest one. Signed as rates are.
   * @throws RangeError for a report that no controller would accept (a fault of the caller).
   */
  encodeReport(report: SentReport, version?: number, macs?: EdgeMacs | null): Buffer
  decodeReport(bytes: Uint8Array, addressee: Addressee): ReportMessage | Refusal
  /**
   * The version to write without a key to an edge whose report says that it reads up to `reads`; null: no report yet.
   * An edge that reads none of ours gets the oldest, and refuses it with both numbers.
   */
  versionFor(reads: number | null): number
}

/** @param formats neighbouring versions, the oldest first. */
export function createCodec(formats: readonly WireFormat[]): Codec {
  const known = new Map(formats.map((format) => [format.version, format]))
  const versions = formats.filter(({ isSigned }) => !isSigned).map(({ version }) => version)
  const oldest = versions[0]!
  const written = (version: number, macs: EdgeMacs | null): WireFormat => {
    const format = macs === null ? known.get(version) : formats.find((f) => f.isSigned && f.version >= version)
    if (format === undefined || format.isSigned !== (macs !== null))
      throw new RangeError(`wire version ${version} is not written here${macs === null ? ' without a key' : ''}`)
    return format
  }

  return {
    encodeRates(message, macs = null) {
      const { kind, edge, epoch, seq, stamp, counted, reasons, nonce } = message
      const asks = macs !== null && nonce !== undefined && known.has(PROVING_VERSION)
      const { rates, flags, version } = written(asks ? PROVING_VERSION : message.version, macs)
      const echo = stamp === null ? 0 : STAMPED | (counted ? COUNTED : 0)
      const says = echo | (reasons ? REASONED : 0)
      const header = { version, kind, flags: says & flags[kind], epoch, seq }
      return frame(header, edge, macs, rates.size(message), (writer) => rates.write(writer, kind, message))
    },

    decodeRates(bytes, addressee) {
      return refusing(() => {
        const { edge } = addressee
        const { reader, header, format } = openFrame(bytes, addressee, known)
        const { version, kind, epoch, seq, flags } = header
        if (kind === 'report') return refuse('MALFORMED', 'expected rates, found a report')
        const body = format.rates.read(reader, kind, flags)
        if (epoch < 1 || seq < 1 || body.baseSeq > seq) {
          refuse('BOUNDS', `expected epoch and seq from 1 and base seq <= seq, found ${epoch}, ${seq}, ${body.baseSeq}`)
        }
        expectEnd(reader)
        return { kind, version, edge, epoch, seq, ...body }
      })
    },

    encodeReport(report, version = oldest, macs = null) {
      const format = written(version, macs)
      const flags = flagsOf(report) & format.flags.report
      const { epoch, seq } = report.applied ?? { epoch: 0, seq: 0 }
      const header: Header = { version: format.version, kind: 'report', flags, epoch, seq }
      return frame(header, report.edge, macs, format.report.size(report), (writer) =>
        format.report.write(writer, 'report', report),
      )
    },

    decodeReport(bytes, addressee) {
      return refusing(() => {
        const { edge } = addressee
        const { reader, header, format } = openFrame(bytes, addressee, known)
        const { version, kind, epoch, seq, flags } = header
        if (kind !== 'report') return refuse('MALFORMED', `expected a report, found a ${kind}`)
        const { appliedCrc: crc, appliedProfile: profile, ...body } = format.report.read(reader, kind, flags)
        expectEnd(reader)
        if (epoch === 0 && (seq !== 0 || crc !== 0 || Number.parseInt(profile, 16) !== 0)) {
          refuse('MALFORMED', 'a publication in force without its epoch')
        }
        return { version, edge, ...body, applied: epoch === 0 ? null : { epoch, seq, crc, profile } }
      })
    },

    versionFor(reads) {
      if (reads === null) return oldest
      return versions.findLast((version) => version <= reads) ?? oldest
    },
  }
}

function flagsOf({ simulated, refusal, bypasses = [], notices = [], counters, base }: SentReport): number {
  const counted = counters === null ? 0 : COUNTERS | (base ? SINCE : 0)
  const found = (bypasses.length > 0 ? BYPASSED : 0) | (notices.length > 0 ? NOTICED : 0)
  return (simulated ? SIMULATED : 0) | (refusal ? REFUSED : 0) | found | counted
}

/** What this release speaks. WIRE_VERSION names the last. */
export const { encodeRates, decodeRates, encodeReport, decodeReport, versionFor } = createCodec([
  VERSION_1,
  VERSION_2,
  VERSION_3,
  VERSION_4,
  VERSION_5,
  VERSION_6,
])

/** The checksum a whole message ends with: with epoch and seq it names the very bytes that were applied. */
export const crcOf = (message: Uint8Array): number => u32At(message, message.length - CRC_BYTES)

const hashes = new Map<string, string>()

/** Each message names its edge: worked out once, not each second. */
function idHash(edge: string): string {
  const known = hashes.get(edge)
  if (known !== undefined) return known
  if (hashes.size >= 2 * MAX_EDGES) hashes.clear()
  const hash = shortHash(edge)
  hashes.set(edge, hash)
  return hash
}

function frame(
  header: Header,
  edge: string,
  macs: EdgeMacs | null,
  bodySize: number,
  writeBody: (writer: Writer) => void,
): Buffer {
  const writer = new Writer(HEADER_BYTES + bodySize + AUTHOR_BYTES + CRC_BYTES)
  writer.u32(MAGIC).u16(header.version).oneOf(KINDS, header.kind).u8(header.flags)
  writer.u64(header.epoch).u64(header.seq).hex(idHash(edge), 8)
  writeBody(writer)
  return authored(writer, macs)
}

/** A message that was signed under any keys, under these. */
export function signedUnder(message: Uint8Array, macs: EdgeMacs): Buffer {
  const writer = new Writer(message.length)
  writer.bytes(message.subarray(0, message.length - AUTHOR_BYTES - CRC_BYTES))
  return authored(writer, macs)
}

function authored(writer: Writer, macs: EdgeMacs | null): Buffer {
  if (macs !== null) {
    writer.u32(macs.writes).u32(macs.newest)
    writer.bytes(macs.sign(writer.written()))
  }
  return writer.u32(crc32(writer.written())).written()
}

/** In the order in which each answer makes sense: is it ours, whole, of a version we read, undamaged, for this edge? */
function openFrame(
  bytes: Uint8Array,
  { edge, macs = null }: Addressee,
  known: ReadonlyMap<number, WireFormat>,
): { reader: Reader; header: Header; format: WireFormat } {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    refuse('MALFORMED', `expected at most ${MAX_MESSAGE_BYTES} bytes, found ${bytes.length}`)
  }
  if (bytes.length < HEADER_BYTES + CRC_BYTES) refuse('MALFORMED', `a message of ${bytes.length} bytes is cut off`)
  const content = bytes.subarray(0, -CRC_BYTES)
  if (u32At(bytes, 0) !== MAGIC) refuse('MALFORMED', 'this is no message of ours')
  const version = (bytes[4]! << 8) | bytes[5]!
  const format = known.get(version)
  if (format === undefined) {
    return refuse('VERSION', `wire version ${version}; this release reads ${[...known.keys()].join(' and ')}`)
  }
  if (crc32(content) !== crcOf(bytes)) refuse('CHECKSUM', `the checksum of ${bytes.length} bytes does not match`)
  const reader = new Reader(content, Math.max(0, content.length - (format.isSigned ? AUTHOR_BYTES : 0)))
  reader.take(4 + 2)
  const kind = reader.oneOf(KINDS, 'kind')
  const flags = reader.u8()
  if ((flags & ~format.flags[kind]) !== 0) refuse('MALFORMED', `unknown flags ${flags} of a ${kind}`)
  const epoch = reader.u64()
  const seq = reader.u64()
  if (reader.hex(8) !== idHash(edge)) refuse('FOREIGN', `this message is not for edge ${edge}`)
  expectAuthor(content, format, macs)
  return { reader, format, header: { version, kind, flags, epoch, seq } }
}

function expectAuthor(content: Uint8Array, { version, isSigned }: WireFormat, macs: EdgeMacs | null): void {
  if (!isSigned) {
    if (macs !== null) refuse('MAC', `expected a code under generation ${macs.newest}, found wire version ${version}`)
    return
  }
  const generation = u32At(content, content.length - AUTHOR_BYTES)
  const verdict = macs?.verify(content, content.length - MAC_BYTES, generation) ?? null
  if (verdict === null) refuse('MAC', `the message is under a key of generation ${generation}, which is not held here`)
  if (!verdict) refuse('MAC', 'the message is not from who holds the key')
}

function expectEnd(reader: Reader): void {
  if (reader.left !== 0) refuse('MALFORMED', `${reader.left} bytes too many`)
}

/** Under which generation of keys a signed message is. */
export const generationOf = (message: Uint8Array): number => u32At(message, message.length - CRC_BYTES - AUTHOR_BYTES)

/** The newest generation of keys that whoever wrote this signed message knows of; it was verified. */
export const newestKeyIn = (message: Uint8Array): number =>
  u32At(message, message.length - CRC_BYTES - AUTHOR_BYTES + 4)

const u32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
