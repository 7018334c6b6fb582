// Who wrote a message. In versions 3, 5 and 6 every message between controller and edge carries a message
// authentication code under a key that these two alone hold, so that whoever can write to the rates store can still not
// speak for either of them.
//
//   edge key = HMAC-SHA-256(secret of the generation, "mizani wire 3" NUL plane NUL edge NUL when its account was made)
//   mac      = first 16 bytes of HMAC-SHA-256(edge key, all bytes before it)           (RFC 2104, RFC 4868)
//
// The secret stays with the controllers; an edge is given its own key, by HTTPS, and can work out no other. Keys come
// in generations: two of them hold at a time, so that edges pass from one to the next while they run. Every message
// names the one it is under and the newest there is.
//
// The HMAC is spelled out over two one-shot hashes: Node's Hmac object costs half as much again for messages of
// our size, and there are hundreds a second. A test compares it with Node's and with the vectors of RFC 4231.

import { createHmac, hash } from 'node:crypto'
import type { EdgeKey } from '../model/edge-account.js'
import type { UnixMilliseconds } from '../model/units.js'

export const MAC_BYTES = 16
const BLOCK = 64
const DIGEST = 32

export const edgeKeyOf = (secret: Uint8Array, plane: string, edge: string, since: UnixMilliseconds): string =>
  createHmac('sha256', secret).update(`mizani wire 3\0${plane}\0${edge}\0${since}`).digest('hex')

let scratch = Buffer.alloc(BLOCK + 4_096)

/** One key, ready for use. */
class Mac {
  readonly #inner: Buffer
  readonly #outer: Buffer

  constructor(key: Uint8Array) {
    const padded = Buffer.alloc(BLOCK)
    padded.set(key.length > BLOCK ? hash('sha256', key, 'buffer') : key)
    this.#inner = padded.map((byte) => byte ^ 0x36) as Buffer
    this.#outer = Buffer.alloc(BLOCK + DIGEST)
    this.#outer.set(padded.map((byte) => byte ^ 0x5c))
  }

  /** Of the first `end` bytes; a character is a byte: strings are let go of more cheaply than buffers. */
  of(bytes: Uint8Array, end: number): string {
    const size = BLOCK + end
    if (scratch.length < size) scratch = Buffer.alloc(2 * size)
    scratch.set(this.#inner)
    scratch.set(end === bytes.length ? bytes : bytes.subarray(0, end), BLOCK)
    this.#outer.write(hash('sha256', scratch.subarray(0, size), 'binary'), BLOCK, 'binary')
    return hash('sha256', this.#outer, 'binary')
  }
}

/** Under which keys an edge speaks and is spoken to; null: it has none. */
export type MacsOf = (edge: string) => EdgeMacs | null

/** The keys of one edge, at either end. */
export class EdgeMacs {
  readonly #macs: ReadonlyMap<number, Mac>
  readonly #names: ReadonlyMap<number, string>
  readonly #follows: boolean
  readonly newest: number
  #writes: number

  /**
   * @param keys at least one, the oldest first
   * @param end the edge writes under its newest key, for it was given all of them; the controller under the one that
   * the edge last showed to hold, and before that under the oldest.
   */
  constructor(keys: readonly EdgeKey[], end: 'edge' | 'controller') {
    this.#macs = new Map(keys.map(({ generation, key }) => [generation, new Mac(Buffer.from(key, 'hex'))]))
    this.#names = new Map(keys.map(({ generation, key }) => [generation, hash('sha256', `name of ${key}`)]))
    this.#follows = end === 'controller'
    this.newest = keys.at(-1)!.generation
    this.#writes = this.#follows ? keys[0]!.generation : this.newest
  }

  /** The generation that is written under. */
  get writes(): number {
    return this.#writes
  }

  /** What tells one key from another and is no secret; of a generation that is not held here nothing. */
  nameOf(generation: number): string {
    return this.#names.get(generation) ?? ''
  }

  sign(bytes: Uint8Array): Buffer {
    return Buffer.from(this.#macs.get(this.#writes)!.of(bytes, bytes.length).slice(0, MAC_BYTES), 'binary')
  }

  /** Whether the code that stands at `end` is that of all before it; null: there is no key of that generation here. */
  verify(bytes: Uint8Array, end: number, generation: number): boolean | null {
    const key = this.#macs.get(generation)
    if (key === undefined) return null
    const expected = key.of(bytes, end)
    // In the same time whatever differs.
    let difference = 0
    for (let k = 0; k < MAC_BYTES; k++) difference |= expected.charCodeAt(k) ^ bytes[end + k]!
    if (difference === 0 && this.#follows) this.#writes = generation
    return difference === 0
  }
}
