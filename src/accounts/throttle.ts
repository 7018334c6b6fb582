// Guessing is slowed down by the name from one address (a person who forgot), and, once many have failed at a name, for
// whoever comes from elsewhere. Where somebody has signed in with that name before nothing changes, so that the guesser
// is locked out and not the owner. A stranger has one guess at a password then, and after it none for an hour; the
// owner in a new place has that one too, which is right. At codes, of which there are a million, a stranger has none:
// whoever is asked for one has shown the password, and the owner has another factor, or a code for its loss, which is
// too long to guess. A name that belongs to nobody is treated in the same way, so the delay tells nothing. The
// emergency account's name is known to all, and nobody guesses its 100 bits: there a crowd of guessers locks nobody
// out, and a slip of whoever holds the envelope costs seconds.
//
// A try counts as wrong before anything is looked at, until it was right: many at one moment are no more than many in
// turn. An IPv6 address counts with its /64, of which one machine has 2^64, and a stranger's with its /48, of which one
// customer has 65,536. Kept in memory: a restart forgives.

import { type Milliseconds, toSeconds } from '../model/units.js'
import { networkOf, placeOf } from '../runtime/address.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'

/** Wrong ones that cost nothing; behind them the wait doubles from a second. */
const FREE = 5
/** Of a name that everybody knows: five guesses a minute. */
const LONGEST_PUBLIC: Milliseconds = 12_000
/** As many failures at a name, from wherever, and it counts as attacked. */
const ATTACKED = 50
const MAX_REMEMBERED = 10_000
/** Places where a name has signed in, and names of which they are known. */
const MAX_PLACES = 8
const MAX_NAMES = 2_000

/** `memory`: being left alone for so long forgives. */
interface Patience {
  readonly longest: Milliseconds
  readonly memory: Milliseconds
  /** Guesses of a stranger at a name that is attacked. */
  readonly strangers: 0 | 1
}
const HOUR: Milliseconds = 3_600_000
const PATIENCE = {
  passwords: { longest: 5 * 60_000, memory: HOUR, strangers: 1 },
  // 50 in a week: of those who try for a year one in a hundred finds one.
  codes: { longest: HOUR, memory: 7 * 24 * HOUR, strangers: 0 },
} as const satisfies Record<string, Patience>

interface Failures {
  readonly count: number
  readonly at: Milliseconds
}

/** A guess that was let through. It counts as wrong unless one of these is called. */
interface Try {
  right(): void
  /** Nothing was looked at. */
  takeBack(): void
  /** Waits for what looks at it; where that throws, nothing was. */
  looking<T>(work: Promise<T>): Promise<T>
}

export class SignInThrottle {
  readonly #clock: Clock
  readonly #guessed: keyof typeof PATIENCE
  readonly #patience: Patience
  /** By name, wherever they come from: apart, so that no crowd of places makes them forgotten. */
  readonly #atNames = new Map<string, Failures>()
  /** By name and place, and by name and network. */
  readonly #fromPlaces = new Map<string, Failures>()
  readonly #places = new Map<string, readonly string[]>()

  constructor(clock: Clock, guessed: keyof typeof PATIENCE = 'passwords') {
    this.#clock = clock
    this.#guessed = guessed
    this.#patience = PATIENCE[guessed]
  }

  /**
   * Before anything is looked at.
   * @param isPublic a name that everybody knows, with a password that nobody guesses
   * @throws MizaniError RATE_LIMITED while this name has to wait, whatever the password would have been.
   */
  take(name: string, address: string, isPublic = false): Try {
    const place = placeOf(address)
    this.#assertOpen(name, address, isPublic)
    const here = [...new Set([keyOf(name, place), keyOf(name, networkOf(address))])]
    this.#count(this.#atNames, name, 1)
    for (const key of here) this.#count(this.#fromPlaces, key, 1)
    const takeBack = (): void => {
      this.#count(this.#atNames, name, -1)
      for (const key of here) this.#count(this.#fromPlaces, key, -1)
    }
    return {
      right: () => {
        this.#count(this.#atNames, name, -1)
        for (const key of here) this.#fromPlaces.delete(key)
        const others = (this.#places.get(name) ?? []).filter((known) => known !== place)
        remember(this.#places, name, [place, ...others].slice(0, MAX_PLACES), MAX_NAMES)
      },
      takeBack,
      async looking(work) {
        return work.catch((error: unknown) => {
          takeBack()
          throw error
        })
      },
    }
  }

  /** Whether many have failed at this name, the last one not long ago. */
  isAttacked(name: string): boolean {
    const failures = this.#recent(this.#atNames, name)
    return failures !== undefined && failures.count >= ATTACKED && this.#clock.monotonic() - failures.at <= HOUR
  }

  #assertOpen(name: string, address: string, isPublic: boolean): void {
    const wait = this.#wait(name, address, isPublic)
    if (wait <= 0) return
    const seconds = Math.ceil(toSeconds(wait))
    const message = `Too many wrong ${this.#guessed} for this name; try again in ${seconds} s.`
    throw new MizaniError({ code: 'RATE_LIMITED', message })
  }

  #wait(name: string, address: string, isPublic: boolean): Milliseconds {
    const { memory, longest, strangers } = this.#patience
    const place = placeOf(address)
    const since = ({ at }: Failures): Milliseconds => this.#clock.monotonic() - at
    const all = this.#recent(this.#atNames, name)
    if (!isPublic && all !== undefined && all.count >= ATTACKED && !(this.#places.get(name) ?? []).includes(place)) {
      const near = strangers === 0 ? all : this.#recent(this.#fromPlaces, keyOf(name, networkOf(address)))
      if (near !== undefined) return memory - since(near)
    }
    const here = this.#recent(this.#fromPlaces, keyOf(name, place))
    if (here === undefined || here.count < FREE) return 0
    return Math.min(isPublic ? LONGEST_PUBLIC : longest, 1_000 * 2 ** Math.min(here.count - FREE, 20)) - since(here)
  }

  #count(map: Map<string, Failures>, key: string, more: 1 | -1): void {
    const known = this.#recent(map, key)
    const count = (known?.count ?? 0) + more
    if (count <= 0) map.delete(key)
    // What is taken back leaves the time as it is.
    else remember(map, key, { count, at: (more < 0 && known?.at) || this.#clock.monotonic() }, MAX_REMEMBERED)
  }

  #recent(map: Map<string, Failures>, key: string): Failures | undefined {
    const known = map.get(key)
    if (known === undefined || this.#clock.monotonic() - known.at <= this.#patience.memory) return known
    map.delete(key)
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
