// Guessing is slowed down twice: by the name from one address (a person who forgot), and by the name from anywhere
// (many machines at one account). A name that belongs to nobody is treated in the same way, so the delay tells nothing.
// Kept in memory: a restart forgives.

import { type Milliseconds, toSeconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'

/** Wrong passwords that cost nothing, and the longest wait, which doubles from a second. */
const FREE_HERE = 5
const FREE_ANYWHERE = 50
const LONGEST: Milliseconds = 5 * 60_000
/** A quiet hour forgives. */
const MEMORY: Milliseconds = 3_600_000
const MAX_REMEMBERED = 10_000

interface Failures {
  readonly count: number
  readonly at: Milliseconds
}

export class SignInThrottle {
  readonly #clock: Clock
  readonly #failures = new Map<string, Failures>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws MizaniError RATE_LIMITED while this name has to wait, whatever the password would have been. */
  assertOpen(name: string, address: string): void {
    const wait = Math.max(this.#wait(`${name} ${address}`, FREE_HERE), this.#wait(name, FREE_ANYWHERE))
    if (wait <= 0) return
    const seconds = Math.ceil(toSeconds(wait))
    const message = `Too many wrong passwords for this name; try again in ${seconds} s.`
    throw new MizaniError({ code: 'RATE_LIMITED', message })
  }

  failed(name: string, address: string): void {
    for (const key of [`${name} ${address}`, name]) {
      const known = this.#failures.get(key)
      // Moved to the end: the oldest is forgotten first.
      this.#failures.delete(key)
      this.#failures.set(key, { count: (known?.count ?? 0) + 1, at: this.#clock.monotonic() })
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= MAX_REMEMBERED) break
      this.#failures.delete(key)
    }
  }

  succeeded(name: string, address: string): void {
    this.#failures.delete(`${name} ${address}`)
  }

  #wait(key: string, free: number): Milliseconds {
    const known = this.#failures.get(key)
    if (known === undefined || known.count < free) return 0
    const since = this.#clock.monotonic() - known.at
    if (since > MEMORY) {
      this.#failures.delete(key)
      return 0
    }
    return Math.min(LONGEST, 1_000 * 2 ** Math.min(known.count - free, 20)) - since
  }
}
