// What passkeys sign: who may answer and since when, sealed, so that it can be neither read nor made up. Nothing is
// kept of what was only asked, so that a crowd of strangers pushes nobody's out, and any controller takes the answer.
// An answer that was right is remembered where it was given for as long as it could be given again.

import { z } from 'zod'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { jsonOrNull } from '../runtime/json.js'
import { PASSKEY_PATIENCE } from '../runtime/limits.js'
import type { Sealing } from '../runtime/sealing.js'

/** `user`: who may answer; null: whoever signs in. */
const schema = z.strictObject({ user: z.string().nullable(), begun: z.number() })

/** What the seal binds it to. */
const OWNER = 'what a passkey is asked'

export class Challenges {
  readonly #sealing: Sealing
  readonly #clock: Clock
  /** Those that were answered, and when each began. */
  readonly #spent = new Map<string, UnixMilliseconds>()

  constructor(sealing: Sealing, clock: Clock) {
    this.#sealing = sealing
    this.#clock = clock
  }

  /** Bytes for the device; no two are alike. */
  next(user: string | null): Uint8Array<ArrayBuffer> {
    const sealed = this.#sealing.seal(JSON.stringify({ user, begun: this.#clock.wall() }), OWNER)
    return new Uint8Array(Buffer.from(sealed))
  }

  /** Whether it was given to this one, not long ago, and has not been answered. @param challenge base64url */
  isOpen(challenge: string, user: string | null): boolean {
    const known = this.#read(challenge)
    return known !== null && known.user === user && !this.#spent.has(canonical(challenge))
  }

  /** Answers it. False: another answer was faster. */
  spend(challenge: string): boolean {
    const now = this.#clock.wall()
    for (const [one, begun] of this.#spent) if (now - begun > PASSKEY_PATIENCE) this.#spent.delete(one)
    const known = this.#read(challenge)
    if (known === null || this.#spent.has(canonical(challenge))) return false
    this.#spent.set(canonical(challenge), known.begun)
    return true
  }

  #read(challenge: string): z.output<typeof schema> | null {
    const { data } = schema.safeParse(
      jsonOrNull(this.#sealing.unseal(Buffer.from(challenge, 'base64url').toString(), OWNER) ?? ''),
    )
    return data === undefined || this.#clock.wall() - data.begun >= PASSKEY_PATIENCE ? null : data
  }
}

/** Base64url has more than one text for the same bytes. */
const canonical = (challenge: string): string => Buffer.from(challenge, 'base64url').toString('base64url')
