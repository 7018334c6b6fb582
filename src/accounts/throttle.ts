// Guessing is slowed down by the name from one address (a person who forgot), and, once many have failed at a name, for
// whoever comes from elsewhere: one guess an address, then an hour. Where somebody has signed in with that name before
// nothing changes, so that the guesser is locked out and not the owner; from a new place the owner has that one guess,
// which is right. A name that belongs to nobody is treated in the same way, so the delay tells nothing. An IPv6 address
// counts with its /64, of which one machine has 2^64. Kept in memory: a restart forgives. The emergency account's
// name is known to all, and nobody guesses its 100 bits: there a crowd of guessers locks nobody out, and a slip of
// whoever holds the envelope costs seconds.

import { type Milliseconds, toSeconds } from '../model/units.js'
import { placeOf } from '../runtime/address.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'

/** Wrong passwords that cost nothing, and the longest wait, which doubles from a second. */
const FREE = 5
const LONGEST: Milliseconds = 5 * 60_000
/** Of a name that everybody knows: five guesses a minute. */
const LONGEST_PUBLIC: Milliseconds = 12_000
/** As many failures at a name, from wherever, and it counts as attacked: then a stranger has one guess an hour. */
const ATTACKED = 50
/** A quiet hour forgives. */
const MEMORY: Milliseconds = 3_600_000
const MAX_REMEMBERED = 10_000
/** Places where a name has signed in, and names of which they are known. */
const MAX_PLACES = 8
const MAX_NAMES = 2_000

interface Failures {
  readonly count: number
  readonly at: Milliseconds
}

export class SignInThrottle {
  readonly #clock: Clock
  readonly #guessed: string
  /** By name, and by name and place. */
  readonly #failures = new Map<string, Failures>()
  readonly #places = new Map<string, readonly string[]>()

  constructor(clock: Clock, guessed: 'passwords' | 'codes' = 'passwords') {
    this.#clock = clock
    this.#guessed = guessed
  }

  /**
   * @param isPublic a name that everybody knows, with a password that nobody guesses
   * @throws MizaniError RATE_LIMITED while this name has to wait, whatever the password would have been.
   */
  assertOpen(name: string, address: string, isPublic = false): void {
    const wait = this.#wait(name, placeOf(address), isPublic)
    if (wait <= 0) return
    const seconds = Math.ceil(toSeconds(wait))
    const message = `Too many wrong ${this.#guessed} for this name; try again in ${seconds} s.`
    throw new MizaniError({ code: 'RATE_LIMITED', message })
  }

  failed(name: string, address: string): void {
    for (const key of [keyOf(name, placeOf(address)), keyOf(name)]) {
      const count = (this.#recent(key)?.count ?? 0) + 1
      remember(this.#failures, key, { count, at: this.#clock.monotonic() }, MAX_REMEMBERED)
    }
  }

  succeeded(name: string, address: string): void {
    const place = placeOf(address)
    this.#failures.delete(keyOf(name, place))
    const others = (this.#places.get(name) ?? []).filter((known) => known !== place)
    remember(this.#places, name, [place, ...others].slice(0, MAX_PLACES), MAX_NAMES)
  }

  #wait(name: string, place: string, isPublic: boolean): Milliseconds {
    const here = this.#recent(keyOf(name, place))
    if (here === undefined) return 0
    const since = this.#clock.monotonic() - here.at
    const isStranger = !(this.#places.get(name) ?? []).includes(place)
    if (isStranger && !isPublic && (this.#recent(keyOf(name))?.count ?? 0) >= ATTACKED) return MEMORY - since
    const longest = isPublic ? LONGEST_PUBLIC : LONGEST
    return here.count < FREE ? 0 : Math.min(longest, 1_000 * 2 ** Math.min(here.count - FREE, 20)) - since
  }

  #recent(key: string): Failures | undefined {
    const known = this.#failures.get(key)
    if (known === undefined || this.#clock.monotonic() - known.at <= MEMORY) return known
    this.#failures.delete(key)
    return undefined
  }
}

/** Names are what somebody typed: none may look like another with its place. */
const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts)

/** At the end, so that the oldest is forgotten first. */
function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) break
    map.delete(oldest)
  }
}
