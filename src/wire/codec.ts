// What travels between controller and edge, as bytes. Meaning stands in messages.ts, order in time at the edge; here is
// only: is this a whole message, of a version we read, meant for this edge? One frame for all four kinds:
//
//   message = magic "MZNI", version u16, kind u8, flags u8, epoch u64, seq u64, edge 8 bytes, body, crc u32
//   kind    = 0 snapshot | 1 delta | 2 heartbeat | 3 report
//   edge    = first 8 bytes of the SHA-256 of the edge's id: a message for another edge is refused
//   crc     = CRC-32 (ISO 3309, as zlib) of everything before it
//
// Big endian, whole numbers only; the bodies' grammars stand above their own readers (rates-body.ts, report-body.ts).
// Whatever is unknown, foreign, mis-sized or mis-summed is refused before any of it is used. The checksum finds damage;
// it does not prove an author: who may write where is for the store's ACLs to say.
//
// Compatibility: a release reads WIRE_VERSION and the version before it, and writes to an edge the highest version that
// the edge's report says it reads. The header up to `version` never changes.

import { crc32 } from 'node:zlib'
import type { EdgeReport, Refusal } from '../model/lease.js'
import { MAX_MESSAGE_BYTES } from '../runtime/limits.js'
import { Reader, refuse, refusing, shortHash, Writer } from './bytes.js'
import { type RateMessage, type ReportMessage, WIRE_VERSION } from './messages.js'
import { ratesBodySize, readRatesBody, STAMPED, writeRatesBody } from './rates-body.js'
import { REFUSED, readReportBody, reportBodySize, SIMULATED, writeReportBody } from './report-body.js'

const MAGIC = Buffer.from('MZNI').toString('hex')
/** Their places are the numbers on the wire: append only. */
const KINDS = ['snapshot', 'delta', 'heartbeat', 'report'] as const
type Kind = (typeof KINDS)[number]

const HEADER_BYTES = 4 + 2 + 1 + 1 + 8 + 8 + 8
const CRC_BYTES = 4

const READABLE: readonly number[] = [WIRE_VERSION]
const KNOWN_FLAGS: Readonly<Record<Kind, number>> = {
  snapshot: STAMPED,
  delta: STAMPED,
  heartbeat: STAMPED,
  report: SIMULATED | REFUSED,
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
}

/** @throws RangeError for a message that no edge would accept (a fault of the caller). */
export function encodeRates(message: RateMessage): Buffer {
  const flags = message.stamp === null ? 0 : STAMPED
  return frame({ ...message, flags }, message.edge, ratesBodySize(message), (writer) =>
    writeRatesBody(writer, message.kind, message),
  )
}

export function decodeRates(bytes: Uint8Array, { edge }: Addressee): RateMessage | Refusal {
  return refusing(() => {
    const { reader, header } = openFrame(bytes, edge)
    const { version, kind, epoch, seq, flags } = header
    if (kind === 'report') refuse('MALFORMED', 'expected rates, found a report')
    const body = readRatesBody(reader, kind, flags)
    if (epoch < 1 || seq < 1 || body.baseSeq > seq) {
      refuse('BOUNDS', `expected epoch and seq from 1 and base seq <= seq, found ${epoch}, ${seq}, ${body.baseSeq}`)
    }
    expectEnd(reader)
    return { kind, version, edge, epoch, seq, ...body }
  })
}

/** @throws RangeError for a report that no controller would accept (a fault of the caller). */
export function encodeReport(report: EdgeReport): Buffer {
  const flags = (report.simulated ? SIMULATED : 0) | (report.refusal === null ? 0 : REFUSED)
  const { epoch, seq } = report.applied ?? { epoch: 0, seq: 0 }
  const header: Header = { version: WIRE_VERSION, kind: 'report', flags, epoch, seq }
  return frame(header, report.edge, reportBodySize(report), (writer) => writeReportBody(writer, report))
}

export function decodeReport(bytes: Uint8Array, { edge }: Addressee): ReportMessage | Refusal {
  return refusing(() => {
    const { reader, header } = openFrame(bytes, edge)
    const { version, kind, epoch, seq, flags } = header
    if (kind !== 'report') refuse('MALFORMED', `expected a report, found a ${kind}`)
    const { appliedCrc: crc, appliedProfile: profile, ...body } = readReportBody(reader, flags)
    expectEnd(reader)
    if (epoch === 0 && (seq !== 0 || crc !== 0 || Number.parseInt(profile, 16) !== 0)) {
      refuse('MALFORMED', 'a publication in force without its epoch')
    }
    return { version, edge, ...body, applied: epoch === 0 ? null : { epoch, seq, crc, profile } }
  })
}

/** The checksum a whole message ends with: with epoch and seq it names the very bytes that were applied. */
export const crcOf = (message: Uint8Array): number => {
  const tail = message.subarray(-CRC_BYTES)
  return new DataView(tail.buffer, tail.byteOffset, CRC_BYTES).getUint32(0)
}

function frame(header: Header, edge: string, bodySize: number, writeBody: (writer: Writer) => void): Buffer {
  if (!READABLE.includes(header.version)) throw new RangeError(`wire version ${header.version} is not written here`)
  const writer = new Writer(HEADER_BYTES + bodySize + CRC_BYTES)
  writer.hex(MAGIC, 4).u16(header.version).oneOf(KINDS, header.kind).u8(header.flags)
  writer.u64(header.epoch).u64(header.seq).hex(shortHash(edge), 8)
  writeBody(writer)
  return writer.u32(crc32(writer.written())).written()
}

/** In the order in which each answer makes sense: is it ours, whole, of a version we read, undamaged, for this edge? */
function openFrame(bytes: Uint8Array, edge: string): { reader: Reader; header: Header } {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    refuse('MALFORMED', `expected at most ${MAX_MESSAGE_BYTES} bytes, found ${bytes.length}`)
  }
  if (bytes.length < HEADER_BYTES + CRC_BYTES) refuse('MALFORMED', `a message of ${bytes.length} bytes is cut off`)
  const content = bytes.subarray(0, -CRC_BYTES)
  const reader = new Reader(content)
  if (reader.hex(4) !== MAGIC) refuse('MALFORMED', 'this is no message of ours')
  const version = reader.u16()
  if (!READABLE.includes(version)) {
    refuse('VERSION', `wire version ${version}; this release reads ${READABLE.join(' and ')}`)
  }
  if (crc32(content) !== crcOf(bytes)) refuse('CHECKSUM', `the checksum of ${bytes.length} bytes does not match`)
  const kind = reader.oneOf(KINDS, 'kind')
  const flags = reader.u8()
  if ((flags & ~KNOWN_FLAGS[kind]) !== 0) refuse('MALFORMED', `unknown flags ${flags} of a ${kind}`)
  const epoch = reader.u64()
  const seq = reader.u64()
  if (reader.hex(8) !== shortHash(edge)) refuse('FOREIGN', `this message is not for edge ${edge}`)
  return { reader, header: { version, kind, flags, epoch, seq } }
}

function expectEnd(reader: Reader): void {
  if (reader.left !== 0) refuse('MALFORMED', `${reader.left} bytes too many`)
}
