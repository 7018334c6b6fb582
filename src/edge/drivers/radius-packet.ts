// RADIUS packets for changes of authorization, and of accounting: RFC 2865 section 3 (format), RFC 2866 section 3 (how
// a request that carries no random authenticator is signed), RFC 2869 section 5.14 (Message-Authenticator), RFC 5176
// (CoA).
//
//   packet    = code u8, identifier u8, length u16, authenticator 16 bytes, attributes
//   attribute = type u8, length u8 (with these two), value
//   vendor    = type 26, length u8, vendor id u32, type u8, length u8 (with these two), value
//
// A CoA-Request is signed twice, in this order: Message-Authenticator is HMAC-MD5 over the packet with 16 zeros for the
// authenticator and for itself (RFC 5176, 3.4 note 1); the authenticator is then MD5 over the packet with zeros for the
// authenticator, and the secret. The answer's Message-Authenticator and authenticator are computed with the request's
// authenticator in that place.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const CODES = { accountingRequest: 4, accountingResponse: 5, coaRequest: 43, coaAck: 44, coaNak: 45 } as const

/** Attribute types. */
export const TYPE = {
  userName: 1,
  nasIpAddress: 4,
  vendorSpecific: 26,
  nasIdentifier: 32,
  proxyState: 33,
  acctStatusType: 40,
  acctSessionId: 44,
  eventTimestamp: 55,
  messageAuthenticator: 80,
  errorCause: 101,
} as const

/** RFC 5176, section 3.5. */
const ERROR_CAUSES: Readonly<Record<number, string>> = {
  201: 'residual session context removed',
  202: 'invalid EAP packet',
  401: 'unsupported attribute',
  402: 'missing attribute',
  403: 'NAS identification mismatch',
  404: 'invalid request',
  405: 'unsupported service',
  406: 'unsupported extension',
  407: 'invalid attribute value',
  501: 'administratively prohibited',
  502: 'request not routable',
  503: 'session context not found',
  504: 'session context not removable',
  505: 'other proxy processing error',
  506: 'resources unavailable',
  507: 'request initiated',
  508: 'multiple session selection unsupported',
}

const HEADER = 20
const MAX_PACKET = 4_096
const ZEROS = Buffer.alloc(16)

export interface Attribute {
  readonly type: number
  readonly value: Buffer
}

/** @throws RangeError for a value that does not fit its attribute. */
export function attribute(type: number, value: Buffer | string): Attribute {
  const bytes = Buffer.from(value)
  if (bytes.length < 1 || bytes.length > 253)
    throw new RangeError(`attribute ${type}: ${bytes.length} bytes do not fit`)
  return { type, value: bytes }
}

export function vendorAttribute(vendor: number, type: number, value: Buffer | string): Attribute {
  const bytes = Buffer.from(value)
  const head = Buffer.alloc(6)
  head.writeUInt32BE(vendor)
  head.writeUInt8(type, 4)
  head.writeUInt8(bytes.length + 2, 5)
  return attribute(TYPE.vendorSpecific, Buffer.concat([head, bytes]))
}

export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A CoA-Request, signed. Sent again unchanged it must have the same identifier, and so be the same bytes. */
export function encodeCoaRequest(identifier: number, attributes: readonly Attribute[], secret: string): Buffer {
  const signature = { type: TYPE.messageAuthenticator, value: ZEROS }
  const packet = packetOf(CODES.coaRequest, identifier, [...attributes, signature])
  hmac(packet, secret).copy(packet, packet.length - 16)
  md5(packet, secret).copy(packet, 4)
  return packet
}

/** Its authenticator is still to be put in. */
function packetOf(code: number, identifier: number, attributes: readonly Attribute[]): Buffer {
  const packet = Buffer.alloc(HEADER + attributes.reduce((size, { value }) => size + 2 + value.length, 0))
  if (packet.length > MAX_PACKET) throw new RangeError(`a packet of ${packet.length} bytes, at most ${MAX_PACKET}`)
  packet.writeUInt8(code, 0)
  packet.writeUInt8(identifier, 1)
  packet.writeUInt16BE(packet.length, 2)
  let at = HEADER
  for (const { type, value } of attributes) {
    packet.writeUInt8(type, at)
    packet.writeUInt8(value.length + 2, at + 1)
    value.copy(packet, at + 2)
    at += value.length + 2
  }
  return packet
}

export interface AccountingRequest {
  readonly identifier: number
  readonly authenticator: Buffer
  readonly attributes: readonly Attribute[]
}

/** Null: none that whoever knows the secret has signed, and to be discarded (RFC 2866, section 3). */
export function decodeAccountingRequest(bytes: Buffer, secret: string): AccountingRequest | null {
  if (bytes.length < HEADER || bytes[0] !== CODES.accountingRequest) return null
  const length = bytes.readUInt16BE(2)
  if (length < HEADER || length > Math.min(bytes.length, MAX_PACKET)) return null
  const packet = Buffer.from(bytes.subarray(0, length))
  const authenticator = Buffer.from(packet.subarray(4, HEADER))
  const blank = packet.fill(0, 4, HEADER)
  if (!timingSafeEqual(md5(blank, secret), authenticator)) return null
  const attributes: Attribute[] = []
  for (let at = HEADER; at < length; ) {
    const size = packet[at + 1] ?? 0
    if (size < 2 || at + size > length) return null
    attributes.push({ type: packet[at]!, value: packet.subarray(at + 2, at + size) })
    at += size
  }
  return { identifier: packet[1]!, authenticator, attributes }
}

/** With what proxies on the way have to have back (RFC 2865, section 5.33). */
export function encodeAccountingResponse(request: AccountingRequest, secret: string): Buffer {
  const { identifier, authenticator, attributes } = request
  const back = attributes.filter(({ type }) => type === TYPE.proxyState)
  const packet = packetOf(CODES.accountingResponse, identifier, back)
  authenticator.copy(packet, 4)
  md5(packet, secret).copy(packet, 4)
  return packet
}

export type CoaAnswer = { readonly code: 'ack' } | { readonly code: 'nak'; readonly cause: string }

/**
 * The answer to `request`; null: it is not, and is silently discarded (RFC 2865, section 3; RFC 5176, section 2.3).
 * `unsigned`: it has no Message-Authenticator, and what remains is plain MD5, which who sits in between can bend from a
 * refusal into a consent (CVE-2024-3596); it is discarded too, but whoever waits may say why.
 */
export function decodeCoaAnswer(bytes: Buffer, request: Buffer, secret: string): CoaAnswer | 'unsigned' | null {
  if (bytes.length < HEADER || bytes[1] !== request[1]) return null
  const length = bytes.readUInt16BE(2)
  const code = bytes[0]
  // Bytes outside the range of the length are padding; a packet that is shorter than its length is discarded.
  if (length < HEADER || length > Math.min(bytes.length, MAX_PACKET)) return null
  if (code !== CODES.coaAck && code !== CODES.coaNak) return null
  const packet = Buffer.from(bytes.subarray(0, length))
  const signed = Buffer.from(packet)
  request.copy(signed, 4, 4, HEADER)
  if (!timingSafeEqual(md5(signed, secret), packet.subarray(4, HEADER))) return null

  let cause: number | null = null
  let isSigned = false
  for (let at = HEADER; at < length; ) {
    const size = packet[at + 1] ?? 0
    if (size < 2 || at + size > length) return null
    const value = packet.subarray(at + 2, at + size)
    if (packet[at] === TYPE.messageAuthenticator) {
      if (value.length !== 16) return null
      const blank = Buffer.from(signed)
      blank.fill(0, at + 2, at + size)
      if (!timingSafeEqual(hmac(blank, secret), value)) return null
      isSigned = true
    }
    if (packet[at] === TYPE.errorCause && value.length === 4) cause = value.readUInt32BE()
    at += size
  }
  if (!isSigned) return 'unsigned'
  if (code === CODES.coaAck) return { code: 'ack' }
  const words = cause === null ? 'no cause given' : (ERROR_CAUSES[cause] ?? 'unknown cause')
  return { code: 'nak', cause: cause === null ? words : `${words} (Error-Cause ${cause})` }
}

const hmac = (packet: Buffer, secret: string): Buffer => createHmac('md5', secret).update(packet).digest()
const md5 = (packet: Buffer, secret: string): Buffer => createHash('md5').update(packet).update(secret).digest()
