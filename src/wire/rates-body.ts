// The body of a message to an edge: what the records build on, how long they hold, and the records.
//
//   rates   = base seq u64, policy revision u64, profile hash 8 bytes, lease u32 (ms), boot id 8 bytes, stamp u64 (ms),
//             count u32, count x record
//   record  = institution u32, service u8, direction u8, classes u8, rate u32 (kbit/s), safe u32 (kbit/s),
//             burst u32 (bytes), classes x u32 (kbit/s)
//   told    = instance 8 bytes, [reasoned], rates                       (from version 4, in place of rates)
//   asked   = nonce 16 bytes, told                                      (from version 6, in place of told)
//   reasoned = count varint, count x reason                             (with flag REASONED)
//   reason  = institution varint, service u8, direction u8, code u8, since u64 (Unix ms), id text (empty: none),
//             layer u8 (0: none), [layer id text]
//
// Without a stamp (flag STAMPED not set) boot id and stamp are 0. From version 2 the flag COUNTED says that the
// controller has all counters of the report with this stamp: the edge may tell later ones as differences. From version
// 4 the instance is that of the agent whose stamp it is, and no other agent takes the message; 0: it is anybody's.
// Reasons are those of all flows that do not get what they ask for, in place of what was told before; without the flag
// that still holds. A heartbeat has no records. The class rates of a record sum to its rate. A rate of 0 is a valid
// record: whether anyone may be given nothing is for the solver to say, and an edge never refuses a decrease for its
// size. A nonce of 0 is none.

import { LIMIT_CODES } from '../model/explanation.js'
import { type RateRecord, recordKey, SERVICE_NUMBERS, type Stamp } from '../model/lease.js'
import { LAYERS } from '../model/plan.js'
import type { Reason } from '../model/reason.js'
import { toKbps } from '../model/units.js'
import { MAX_CLASSES, MAX_LEASE, MAX_RATE, MAX_REASONS_BYTES, MAX_RECORDS } from '../runtime/limits.js'
import { MAX_VARINT_BYTES, type Reader, refuse, type Writer, whole } from './bytes.js'
import { NONCE_BYTES, type RateMessage, type RateMessageKind } from './messages.js'

/** Flags of the frame: there is a stamp; and, from version 2, all counters of the report with that stamp are known. */
export const STAMPED = 1
export const COUNTED = 2
/** From version 4: there are reasons. */
export const REASONED = 4
const NO_BOOT = '0'.repeat(16)
const NO_INSTANCE = '0'.repeat(16)
export const NO_NONCE = '0'.repeat(2 * NONCE_BYTES)

const FIXED_BYTES = 8 + 8 + 8 + 4 + 8 + 8 + 4
const RECORD_BYTES = 4 + 1 + 1 + 1 + 4 + 4 + 4
const CLASS_BYTES = 4
const TEXT_BYTES = 256
const REASON_BYTES = MAX_VARINT_BYTES + 1 + 1 + 1 + 8 + TEXT_BYTES + 1 + TEXT_BYTES
const SMALLEST_REASON_BYTES = 14
/** So many fit beside whatever records. */
export const MAX_REASONS = Math.floor(MAX_REASONS_BYTES / REASON_BYTES)
const U8 = 0xff
const U32 = 0xffffffff
const MAX_KBPS = toKbps(MAX_RATE)
/** A burst is at most what the rate carries in a second, but never less than a few packets. */
const SMALL_BURST = 64 * 1024
const BYTES_PER_KBIT = 125

export type RatesBody = Omit<RateMessage, 'kind' | 'version' | 'edge' | 'epoch' | 'seq'>

export function ratesBodySize({ records }: RatesBody): number {
  let classes = 0
  for (const record of records) classes += record.classes.length
  return FIXED_BYTES + RECORD_BYTES * records.length + CLASS_BYTES * classes
}

/** @throws RangeError for a body that no edge would accept. */
export function writeRatesBody(writer: Writer, kind: RateMessageKind, body: RatesBody): void {
  const fault = faultOf(kind, body)
  if (fault !== null) throw new RangeError(fault)
  writer.u64(body.baseSeq).u64(body.revision).hex(body.profile, 8).u32(body.lease)
  // Down to a whole millisecond: a lease may end early, never late.
  writer.hex(body.stamp?.boot ?? NO_BOOT, 8).u64(Math.floor(body.stamp?.at ?? 0))
  writer.u32(body.records.length)
  for (const record of body.records) writeRecord(writer, record)
}

function writeRecord(
  writer: Writer,
  { institution, service, direction, classes, rate, safe, burst }: RateRecord,
): void {
  // Room is taken once a record: an edge has thousands of these numbers.
  const { view } = writer
  let at = writer.take(RECORD_BYTES + CLASS_BYTES * classes.length)
  view.setUint32(at, whole(institution, U32))
  view.setUint8(at + 4, whole(service, U8))
  view.setUint8(at + 5, whole(direction, U8))
  view.setUint8(at + 6, classes.length)
  view.setUint32(at + 7, whole(rate, U32))
  view.setUint32(at + 11, whole(safe, U32))
  view.setUint32(at + 15, whole(burst, U32))
  at += RECORD_BYTES
  for (const kbps of classes) {
    view.setUint32(at, whole(kbps, U32))
    at += CLASS_BYTES
  }
}

export function readRatesBody(reader: Reader, kind: RateMessageKind, flags: number): RatesBody {
  const baseSeq = reader.u64()
  const revision = reader.u64()
  const profile = reader.hex(8)
  const lease = reader.u32()
  const stamp: Stamp = { boot: reader.hex(8), at: reader.u64() }
  const stamped = (flags & STAMPED) !== 0
  if (!stamped && (stamp.boot !== NO_BOOT || stamp.at !== 0)) refuse('MALFORMED', 'a stamp without its flag')
  const count = reader.u32()
  if (count > MAX_RECORDS) refuse('BOUNDS', `expected at most ${MAX_RECORDS} records, found ${count}`)
  if (reader.left < count * (RECORD_BYTES + CLASS_BYTES)) {
    refuse('MALFORMED', `${count} records do not fit the ${reader.left} bytes that are left`)
  }
  const records: RateRecord[] = []
  // As a rule they stand in order, and then nothing stands twice; from where they do not, all are remembered.
  let seen: Set<number> | null = null
  let last = -1
  for (let i = 0; i < count; i++) {
    const record = readRecord(reader)
    const key = recordKey(record)
    if (key <= last) seen ??= new Set(records.map(recordKey))
    if (seen?.has(key)) refuse('DUPLICATE', `${nameOf(record)} stands twice`)
    seen?.add(key)
    last = key
    records.push(record)
  }
  const body = { baseSeq, revision, profile, lease, stamp: stamped ? stamp : null, records }
  const fault = faultOf(kind, body)
  return fault === null ? body : refuse('BOUNDS', fault)
}

/** From version 2. */
export function readCountedRates(reader: Reader, kind: RateMessageKind, flags: number): RatesBody {
  const body = readRatesBody(reader, kind, flags)
  const counted = (flags & COUNTED) !== 0
  return counted && body.stamp === null ? refuse('MALFORMED', 'counted without a stamp') : { ...body, counted }
}

/** At most, from version 4. */
export const toldBodySize = (body: RatesBody): number =>
  8 + MAX_VARINT_BYTES + REASON_BYTES * (body.reasons?.length ?? 0) + ratesBodySize(body)

/** From version 4. @throws RangeError for a body that no edge would accept. */
export function writeToldBody(writer: Writer, kind: RateMessageKind, body: RatesBody): void {
  writer.hex(body.instance ?? NO_INSTANCE, 8)
  if (body.reasons) writeReasons(writer, body.reasons)
  writeRatesBody(writer, kind, body)
}

function writeReasons(writer: Writer, reasons: readonly Reason[]): void {
  if (reasons.length > MAX_RECORDS) {
    throw new RangeError(`expected at most ${MAX_RECORDS} reasons, found ${reasons.length}`)
  }
  writer.varint(reasons.length)
  for (const { institution, service, direction, code, since, id, behind } of reasons) {
    writer.varint(institution).u8(service).u8(direction).oneOf(LIMIT_CODES, code)
    writer.u64(Math.floor(since)).text(id ?? '')
    writer.u8(behind ? LAYERS.indexOf(behind.kind) + 1 : 0)
    if (behind) writer.text(behind.id)
  }
}

/** From version 4. */
export function readToldBody(reader: Reader, kind: RateMessageKind, flags: number): RatesBody {
  const instance = reader.hex(8)
  const reasons = (flags & REASONED) === 0 ? {} : { reasons: readReasons(reader) }
  return { ...readCountedRates(reader, kind, flags), instance: instance === NO_INSTANCE ? null : instance, ...reasons }
}

/** At most, from version 6. */
export const askedBodySize = (body: RatesBody): number => NONCE_BYTES + toldBodySize(body)

/** From version 6. @throws RangeError for a body that no edge would accept. */
export function writeAskedBody(writer: Writer, kind: RateMessageKind, body: RatesBody): void {
  writeToldBody(writer.hex(body.nonce ?? NO_NONCE, NONCE_BYTES), kind, body)
}

/** From version 6. */
export function readAskedBody(reader: Reader, kind: RateMessageKind, flags: number): RatesBody {
  const nonce = reader.hex(NONCE_BYTES)
  return { ...readToldBody(reader, kind, flags), ...(nonce === NO_NONCE ? {} : { nonce }) }
}

function readReasons(reader: Reader): Reason[] {
  const count = reader.varint()
  if (count > MAX_RECORDS) refuse('BOUNDS', `expected at most ${MAX_RECORDS} reasons, found ${count}`)
  if (reader.left < count * SMALLEST_REASON_BYTES) refuse('MALFORMED', `${count} reasons do not fit`)
  return Array.from({ length: count }, () => readReason(reader))
}

function readReason(reader: Reader): Reason {
  const institution = reader.varint()
  if (institution > U32) refuse('BOUNDS', `institution ${institution} does not fit 32 bits`)
  const service = reader.u8()
  if (service >= SERVICE_NUMBERS) refuse('BOUNDS', `service: expected a number below ${SERVICE_NUMBERS}`)
  const direction = reader.oneOf([0, 1] as const, 'direction')
  const code = reader.oneOf(LIMIT_CODES, 'reason')
  const since = reader.u64()
  const id = reader.text()
  const kind = reader.oneOf(['none', ...LAYERS] as const, 'layer')
  const behind = kind === 'none' ? null : { kind, id: reader.text() }
  return { institution, service, direction, code, id: id === '' ? null : id, since, behind }
}

function readRecord(reader: Reader): RateRecord {
  const { view } = reader
  const at = reader.take(RECORD_BYTES)
  const direction = view.getUint8(at + 5)
  if (direction !== 0 && direction !== 1) return refuse('MALFORMED', `direction: expected 0 or 1, found ${direction}`)
  const size = view.getUint8(at + 6)
  // Before the list is made: a length that lies must not cost memory.
  if (size > MAX_CLASSES) refuse('BOUNDS', `expected at most ${MAX_CLASSES} classes, found ${size}`)
  const from = reader.take(CLASS_BYTES * size)
  const classes: number[] = []
  for (let c = 0; c < size; c++) classes.push(view.getUint32(from + CLASS_BYTES * c))
  return {
    institution: view.getUint32(at),
    service: view.getUint8(at + 4),
    direction,
    rate: view.getUint32(at + 7),
    safe: view.getUint32(at + 11),
    burst: view.getUint32(at + 15),
    classes,
  }
}

/** The same test on both sides: what is written can be read. Null: nothing is wrong. */
function faultOf(kind: RateMessageKind, { lease, records }: RatesBody): string | null {
  if (lease < 1 || lease > MAX_LEASE) return `lease: expected 1 to ${MAX_LEASE} ms, found ${lease}`
  if (kind === 'heartbeat' && records.length > 0) return `a heartbeat carries no records, found ${records.length}`
  if (records.length > MAX_RECORDS) return `expected at most ${MAX_RECORDS} records, found ${records.length}`
  for (const record of records) {
    const fault = faultOfRecord(record)
    if (fault !== null) return `${nameOf(record)}: ${fault}`
  }
  return null
}

function faultOfRecord({ service, rate, safe, burst, classes }: RateRecord): string | null {
  if (service >= SERVICE_NUMBERS) return `service: expected a number below ${SERVICE_NUMBERS}, found ${service}`
  if (rate > MAX_KBPS) return `rate: expected at most ${MAX_KBPS} kbit/s, found ${rate}`
  if (safe > MAX_KBPS) return `safe rate: expected at most ${MAX_KBPS} kbit/s, found ${safe}`
  const mostBurst = Math.max(SMALL_BURST, rate * BYTES_PER_KBIT)
  if (burst < 1 || burst > mostBurst) return `burst: expected 1 to ${mostBurst} bytes, found ${burst}`
  if (classes.length < 1 || classes.length > MAX_CLASSES) {
    return `expected 1 to ${MAX_CLASSES} classes, found ${classes.length}`
  }
  let sum = 0
  for (const kbps of classes) sum += kbps
  return sum === rate ? null : `classes sum to ${sum} kbit/s, expected the rate ${rate}`
}

const nameOf = ({ institution, service, direction }: RateRecord): string =>
  `record ${institution}/${service}/${direction}`
