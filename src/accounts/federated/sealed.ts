// What the browser carries on its way to a provider and back: sealed, so that it can be neither read nor made up, and
// good for one return. (At another controller, or after a restart, the provider's code still is.)

import { z } from 'zod'
import type { UnixMilliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { jsonOrNull } from '../../runtime/json.js'
import { PROVIDER_ROUND_TRIP } from '../../runtime/limits.js'
import type { Sealing } from '../../runtime/sealing.js'

const schema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  begun: z.number(),
  /** Whether the person had to show anew who they are. */
  fresh: z.boolean(),
})
export type Journey = z.output<typeof schema>

/** What the seal binds it to. */
const OWNER = 'a way to the provider'

export class SealedJourneys {
  readonly #sealing: Sealing
  readonly #clock: Clock
  /** States that came back, and when each began. */
  readonly #spent = new Map<string, UnixMilliseconds>()

  constructor(sealing: Sealing, clock: Clock) {
    this.#sealing = sealing
    this.#clock = clock
  }

  /** Text for a cookie. */
  seal(journey: Omit<Journey, 'begun'>): string {
    return this.#sealing.seal(JSON.stringify({ ...journey, begun: this.#clock.wall() }), OWNER)
  }

  /** Once. Null: it was not sealed here, took too long, or came back before. */
  open(sealed: string): Journey | null {
    const { data: journey } = schema.safeParse(jsonOrNull(this.#sealing.unseal(sealed, OWNER) ?? ''))
    const now = this.#clock.wall()
    for (const [state, begun] of this.#spent) if (now - begun > PROVIDER_ROUND_TRIP) this.#spent.delete(state)
    if (journey === undefined || now - journey.begun > PROVIDER_ROUND_TRIP || this.#spent.has(journey.state))
      return null
    this.#spent.set(journey.state, journey.begun)
    return journey
  }
}
