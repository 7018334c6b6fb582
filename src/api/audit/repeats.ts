// A refusal, or the reading of what is told when it is read, is told once a minute for each actor and action, with how
// often it happened since: somebody who tries a thousand times must not push everything else out of sight.

import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'

const QUIET: Milliseconds = 60_000
const MAX_REMEMBERED = 10_000

export class Repeats {
  readonly #clock: Clock
  readonly #told = new Map<string, { at: Milliseconds; untold: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How often this happened since it was last told, this time included; 0: not now. */
  tell(actor: string, action: string): number {
    const key = `${actor}\n${action}`
    const now = this.#clock.monotonic()
    const known = this.#told.get(key)
    if (known !== undefined && now - known.at < QUIET) {
      known.untold++
      return 0
    }
    this.#told.delete(key)
    this.#told.set(key, { at: now, untold: 0 })
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MAX_REMEMBERED) break
      this.#told.delete(oldest)
    }
    return (known?.untold ?? 0) + 1
  }
}
