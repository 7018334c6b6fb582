// What an edge says and hears as bytes, whatever carries them: in which version, and under whose key.

import type { EdgeKey } from '../model/edge-account.js'
import type { Refusal } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { isRefusal } from '../wire/bytes.js'
import { crcOf, decodeRates, encodeReport, newestKeyIn, versionFor } from '../wire/codec.js'
import { EdgeMacs } from '../wire/mac.js'
import { KEYLESS_VERSION, type SentReport, WIRE_VERSION } from '../wire/messages.js'
import { Echoing } from './echoing.js'
import type { Received } from './lease-keeper.js'

/** Keys that do not fit are looked for at most this often, whoever provokes it: in the file, */
const LOOK: Milliseconds = 1_000
/** and at the controller; */
const ASK: Milliseconds = 10_000
/** ever more rarely where it has none for us, down to this. */
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
  readonly #echoing = new Echoing()
  #lookAt = Number.NEGATIVE_INFINITY
  #askAt = Number.NEGATIVE_INFINITY
  #pause = ASK

  constructor(options: SpeechOptions) {
    this.#o = options
    this.#readKeys()
  }

  /** @param lay it was read from the store, where it may have lain for long */
  hear(bytes: Uint8Array, { lay = false } = {}): Received | Refusal {
    const message = decodeRates(bytes, { edge: this.#o.edge, macs: this.#macs })
    if (isRefusal(message)) {
      if (message.code === 'MAC') this.#seekKeys()
      return message
    }
    this.#echoing.hear(message, lay)
    if (this.#macs !== null && newestKeyIn(bytes) > this.#macs.newest) this.#seekKeys()
    return { message, crc: crcOf(bytes) }
  }

  say(report: SentReport): Buffer {
    // It may have joined under a release that had none.
    if (this.#macs === null) this.#seekKeys()
    const { version, nonce } = this.#echoing
    const echo = nonce === undefined ? {} : { echo: nonce }
    if (this.#macs !== null) return encodeReport({ ...report, reads: WIRE_VERSION, ...echo }, version, this.#macs)
    return encodeReport({ ...report, reads: KEYLESS_VERSION }, versionFor(version ?? null))
  }

  #seekKeys(): void {
    const now = this.#o.clock.monotonic()
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK
      this.#readKeys()
    }
    if (now < this.#askAt) return
    this.#askAt = now + this.#pause
    this.#o
      .renewKeys?.()
      .catch((error: unknown) => this.#o.log.warn({ reason: messageOf(error) }, 'the newest key is not kept yet'))
      .then(() => this.#readKeys())
    this.#pause = this.#macs === null ? Math.min(LONGEST_PAUSE, 2 * this.#pause) : ASK
  }

  #readKeys(): void {
    const keys = this.#o.keys?.() ?? []
    this.#macs = keys.length === 0 ? null : new EdgeMacs(keys, 'edge')
  }
}
