// What the browser carries on its way to a provider and back: sealed, so that it can be neither read nor made up, and
// good for one return. The key lives as long as this process: whoever was on the way when it ended begins again.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { UnixMilliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { jsonOrNull } from '../../runtime/json.js'
import { PROVIDER_ROUND_TRIP } from '../../runtime/limits.js'

const schema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  begun: z.number(),
  /** Whether the person had to show anew who they are. */
  fresh: z.boolean(),
})
export type Journey = z.output<typeof schema>

const CIPHER = 'aes-256-gcm'
const IV = 12
const TAG = 16

export class SealedJourneys {
  readonly #key = randomBytes(32)
  readonly #clock: Clock
  /** States that came back, and when each began. */
  readonly #spent = new Map<string, UnixMilliseconds>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Text for a cookie. */
  seal(journey: Omit<Journey, 'begun'>): string {
    const iv = randomBytes(IV)
    const cipher = createCipheriv(CIPHER, this.#key, iv)
    const text = JSON.stringify({ ...journey, begun: this.#clock.wall() })
    return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url')
  }

  /** Once. Null: it was not sealed here, took too long, or came back before. */
  open(sealed: string): Journey | null {
    const { data: journey } = schema.safeParse(jsonOrNull(this.#textOf(Buffer.from(sealed, 'base64url'))))
    const now = this.#clock.wall()
    for (const [state, begun] of this.#spent) if (now - begun > PROVIDER_ROUND_TRIP) this.#spent.delete(state)
    if (journey === undefined || now - journey.begun > PROVIDER_ROUND_TRIP || this.#spent.has(journey.state))
      return null
    this.#spent.set(journey.state, journey.begun)
    return journey
  }

  #textOf(bytes: Buffer): string {
    if (bytes.length < IV + TAG) return ''
    try {
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, IV))
      decipher.setAuthTag(bytes.subarray(-TAG))
      return Buffer.concat([decipher.update(bytes.subarray(IV, -TAG)), decipher.final()]).toString()
    } catch {
      // Changed, or of a process before this one.
      return ''
    }
  }
}
