// Bytes in and bytes out: a reader that never looks past the end and a writer that never writes what does not fit.
//
// All numbers are big endian and whole. A reader that meets what it does not expect throws Refused, which `refusing`
// turns into a Refusal at the border of this folder: outside of wire/ nobody catches anything. Every read checks the
// length that is left first, so a message that lies about its size costs nothing.

import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Refusal, RefusalCode } from '../model/lease.js'
import { LAST_TIME, type UnixMilliseconds } from '../model/units.js'

/** Seven bits a byte: what a whole number of 53 bits needs. */
export const MAX_VARINT_BYTES = 8
const HIGH = 2 ** 32

class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.detail)
    this.refusal = refusal
  }
}

/** Ends the reading of this message. */
export function refuse(code: RefusalCode, detail: string): never {
  throw new Refused({ code, detail })
}

/** What `read` returns, or the refusal it met. Anything else that is thrown is a fault of ours and passes through. */
export function refusing<T>(read: () => T): T | Refusal {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refused) return error.refusal
    throw error
  }
}

/** Tells a refusal from what was asked for: nothing else that comes out of wire/ has a `code` and a `detail`. */
export function isRefusal<T extends object>(result: T | Refusal): result is Refusal {
  return 'code' in result && 'detail' in result
}

/** First 8 bytes of the SHA-256 of a text, as 16 hex digits: long enough to tell our edges and profiles apart. */
export const shortHash = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16)

export class Reader {
  /** For those who have taken their bytes and read them where they stand. */
  readonly view: DataView
  readonly #bytes: Buffer
  #at = 0

  /** @param end how many of the bytes are to be read */
  constructor(bytes: Uint8Array, end: number = bytes.byteLength) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, end)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, end)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** Where the next `size` bytes stand in `view`; they are read with that. */
  take(size: number): number {
    const at = this.#at
    if (at + size > this.#bytes.length) refuse('MALFORMED', `expected ${size} more bytes, found ${this.left}`)
    this.#at = at + size
    return at
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }

  u16(): number {
    return this.view.getUint16(this.take(2))
  }

  u32(): number {
    return this.view.getUint32(this.take(4))
  }

  /** 64 bits, of which a JavaScript number holds the lower 53; larger ones are refused. */
  u64(): number {
    const at = this.take(8)
    const value = this.view.getUint32(at) * HIGH + this.view.getUint32(at + 4)
    return Number.isSafeInteger(value) ? value : refuse('BOUNDS', 'a number of more than 53 bits')
  }

  /** A moment that people can be told. */
  time(): UnixMilliseconds {
    const at = this.u64()
    return at <= LAST_TIME ? at : refuse('BOUNDS', `a time beyond the year 9999: ${at}`)
  }

  /** `size` bytes as hex digits. */
  hex(size: number): string {
    const at = this.take(size)
    return this.#bytes.toString('hex', at, at + size)
  }

  /** LEB128, at most 53 bits, in its shortest form only: one number has one spelling. */
  varint(): number {
    // A report holds tens of thousands of these: the bytes are walked here, not through `u8`.
    const bytes = this.#bytes
    let at = this.#at
    let value = 0
    let scale = 1
    for (let size = 1; size <= MAX_VARINT_BYTES; size++, scale *= 128) {
      const byte = bytes[at++]
      if (byte === undefined) return refuse('MALFORMED', 'the message ends inside a number')
      value += (byte & 0x7f) * scale
      if (byte >= 0x80) continue
      if (byte === 0 && size > 1) refuse('MALFORMED', 'a number written longer than it is')
      this.#at = at
      return Number.isSafeInteger(value) ? value : refuse('BOUNDS', 'a number of more than 53 bits')
    }
    return refuse('MALFORMED', `a number of more than ${MAX_VARINT_BYTES} bytes`)
  }

  /** One byte of length, then UTF-8. */
  text(): string {
    const size = this.u8()
    const at = this.take(size)
    const utf8 = this.#bytes.subarray(at, at + size)
    return isUtf8(utf8) ? utf8.toString() : refuse('MALFORMED', 'a text that is not UTF-8')
  }

  /** One of a closed list, written as its place in it. */
  oneOf<T>(list: readonly T[], what: string): T {
    const place = this.u8()
    return list[place] ?? refuse('MALFORMED', `${what}: expected a number below ${list.length}, found ${place}`)
  }
}

/** Writes into one buffer of a size that is known beforehand to be enough. Numbers that do not fit throw RangeError. */
export class Writer {
  /** For those who have taken room and write where it stands. */
  readonly view: DataView
  readonly #bytes: Buffer
  #at = 0

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity)
    this.view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, capacity)
  }

  /** Where there is room for `size` bytes in `view`; all of them are to be written. */
  take(size: number): number {
    const at = this.#at
    if (at + size > this.#bytes.length) throw new RangeError(`${size} bytes do not fit behind the first ${at}`)
    this.#at = at + size
    return at
  }

  u8(value: number): this {
    this.view.setUint8(this.take(1), whole(value, 0xff))
    return this
  }

  u16(value: number): this {
    this.view.setUint16(this.take(2), whole(value, 0xffff))
    return this
  }

  u32(value: number): this {
    this.view.setUint32(this.take(4), whole(value, 0xffffffff))
    return this
  }

  u64(value: number): this {
    whole(value, Number.MAX_SAFE_INTEGER)
    return this.u32(Math.floor(value / HIGH)).u32(value % HIGH)
  }

  hex(digits: string, size: number): this {
    const written = this.#bytes.write(digits, this.#at, size, 'hex')
    if (written !== size || digits.length !== 2 * size) throw new RangeError(`expected ${2 * size} hex digits`)
    this.#at += size
    return this
  }

  bytes(bytes: Uint8Array): this {
    const at = this.take(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  varint(value: number): this {
    let rest = whole(value, Number.MAX_SAFE_INTEGER)
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.u8((rest % 128) + 128)
    return this.u8(rest)
  }

  /** Cut to 255 bytes between two characters: a long explanation is worth less than the report around it. */
  text(text: string): this {
    const utf8 = Buffer.from(text)
    let size = Math.min(utf8.length, 0xff)
    while (isContinuation(utf8[size])) size--
    this.u8(size)
    this.#at += utf8.copy(this.#bytes, this.#at, 0, size)
    return this
  }

  oneOf<T>(list: readonly T[], value: T): this {
    const place = list.indexOf(value)
    if (place < 0) throw new RangeError(`expected one of ${list.join(', ')}, found ${String(value)}`)
    return this.u8(place)
  }

  /** What was written so far; a view, not a copy. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }
}

/** A byte inside of a UTF-8 character. */
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** The number itself. */
export function whole(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new RangeError(`expected a whole number from 0 to ${most}, found ${value}`)
  }
  return value
}
