// What an edge says and hears as bytes, whatever carries them: in which version, and under whose key.

import type { EdgeKey } from '../model/edge-account.js'
import type { Refusal } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { isRefusal } from '../wire/bytes.js'
import { crcOf, decodeRates, encodeReport, newestKeyIn } from '../wire/codec.js'
import { EdgeMacs } from '../wire/mac.js'
import { KEYLESS_VERSION, type SentReport, WIRE_VERSION } from '../wire/messages.js'
import type { Received } from './lease-keeper.js'

/** Keys that do not fit are read again, and newer ones asked for, at most this often, whoever provokes it; */
const AGAIN: Milliseconds = 10_000
/** and ever more rarely where nobody has any, down to this. */
const LONGEST_PAUSE: Milliseconds = 3_600_000

export interface SpeechOptions {
  readonly edge: string
  readonly clock: Clock
  readonly log: Logger
  /** The keys of this edge, the oldest first; asked again when they do not fit. Absent: it has none, and never will. */
  readonly keys?: () => readonly EdgeKey[]
  /** Fetches those that are newer; `keys` has them then. */
  readonly renewKeys?: () => Promise<void>
}

export class Speech {
  readonly #o: SpeechOptions
  #macs: EdgeMacs | null = null
  /** The version the controller speaks: what we say is to be read by it. */
  #speaks: number | undefined
  #notBefore = Number.NEGATIVE_INFINITY
  #pause = AGAIN

  constructor(options: SpeechOptions) {
    this.#o = options
    this.#readKeys()
  }

  hear(bytes: Uint8Array): Received | Refusal {
    const message = decodeRates(bytes, { edge: this.#o.edge, macs: this.#macs })
    if (isRefusal(message)) {
      if (message.code === 'MAC' && this.#isTime()) this.#renewKeys()
      return message
    }
    this.#speaks = message.version
    if (this.#macs !== null && newestKeyIn(bytes) > this.#macs.newest && this.#isTime()) this.#renewKeys()
    return { message, crc: crcOf(bytes) }
  }

  say(report: SentReport): Buffer {
    if (this.#macs !== null) return encodeReport({ ...report, reads: WIRE_VERSION }, WIRE_VERSION, this.#macs)
    // It joined under a release that had none.
    if (this.#o.renewKeys && this.#isTime()) this.#renewKeys()
    const version = this.#speaks === undefined ? undefined : Math.min(this.#speaks, KEYLESS_VERSION)
    return encodeReport({ ...report, reads: KEYLESS_VERSION }, version)
  }

  #isTime(): boolean {
    const now = this.#o.clock.monotonic()
    if (now < this.#notBefore) return false
    this.#notBefore = now + this.#pause
    return true
  }

  #readKeys(): void {
    const keys = this.#o.keys?.() ?? []
    this.#macs = keys.length === 0 ? null : new EdgeMacs(keys, 'edge')
  }

  #renewKeys(): void {
    this.#readKeys()
    this.#o.renewKeys?.().then(
      () => {
        this.#pause = AGAIN
        this.#readKeys()
      },
      (error: unknown) => {
        this.#pause = Math.min(LONGEST_PAUSE, 2 * this.#pause)
        this.#o.log.warn({ reason: messageOf(error) }, 'the newest key could not be fetched yet')
      },
    )
  }
}
