// What is handed to a browser and has to come back: sealed, so that it can be neither read nor made up, good once and
// for a while. Nothing is kept of what was only given, so that a crowd of strangers pushes nobody's out, and any
// controller takes it back. What came back is remembered where it did for as long as it could come again.

import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { jsonOrNull } from '../runtime/json.js'
import type { Sealing } from '../runtime/sealing.js'
import * as z from '../runtime/zod.js'
import { newId } from './records.js'

interface Kind<T> {
  /** What the seal binds it to: nothing that was sealed for something else opens. */
  readonly place: string
  readonly shape: z.ZodType<T>
  readonly goodFor: Milliseconds
}

export class SealedOnce<T> {
  readonly #kind: Kind<T>
  readonly #sealing: Sealing
  readonly #clock: Clock
  /** Those that came back, and when each was given. */
  readonly #spent = new Map<string, UnixMilliseconds>()

  constructor(kind: Kind<T>, sealing: Sealing, clock: Clock) {
    this.#kind = kind
    this.#sealing = sealing
    this.#clock = clock
  }

  /** No two are alike. */
  seal(value: T): string {
    return this.#sealing.seal(JSON.stringify({ id: newId(), begun: this.#clock.wall(), value }), this.#kind.place)
  }

  /** What was sealed; null: not here, too long ago, or it came back before. */
  look(sealed: string): T | null {
    return this.#read(sealed)?.value ?? null
  }

  /** The same, and it is spent. */
  take(sealed: string): T | null {
    const now = this.#clock.wall()
    for (const [id, begun] of this.#spent) if (now - begun >= this.#kind.goodFor) this.#spent.delete(id)
    const known = this.#read(sealed)
    if (known !== null) this.#spent.set(known.id, known.begun)
    return known?.value ?? null
  }

  #read(sealed: string) {
    const { shape, place, goodFor } = this.#kind
    const whole = z.strictObject({ id: z.string(), begun: z.number(), value: shape })
    const { data } = whole.safeParse(jsonOrNull(this.#sealing.unseal(sealed, place) ?? ''))
    // By its id, for the same bytes have more than one text.
    return data === undefined || this.#clock.wall() - data.begun >= goodFor || this.#spent.has(data.id) ? null : data
  }
}
