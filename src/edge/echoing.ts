// Which nonce an edge repeats, and which version of the wire it speaks: those of the newest message that it has heard.
// Within a term what is older says nothing. A message that comes by itself is of who leads now, whatever epoch it has;
// one that lay in the store may be of who led before, and does not count after one that is newer.

import { compareSerial } from '../model/lease.js'
import type { RateMessage } from '../wire/messages.js'

type Heard = Pick<RateMessage, 'epoch' | 'seq' | 'version' | 'nonce'>

export class Echoing {
  #heard: Heard | null = null

  /** @param lay it was read from the store */
  hear({ epoch, seq, version, nonce }: Heard, lay: boolean): void {
    const last = this.#heard
    const isOlder = last !== null && compareSerial({ epoch, seq }, last) < 0
    if (isOlder && (lay || epoch === last.epoch)) return
    this.#heard = { epoch, seq, version, ...(nonce !== undefined && { nonce }) }
  }

  /** The version that the controller speaks; undefined: nothing was heard of it yet. */
  get version(): number | undefined {
    return this.#heard?.version
  }

  /** Undefined: none was heard. */
  get nonce(): string | undefined {
    return this.#heard?.nonce
  }
}
