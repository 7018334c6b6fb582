// The busy hour: what every flow asked in the five minutes of the last week in which most was asked in all. It is the
// demand that a change of the policy is held against. Days that are over are looked at once; a preview never waits for
// the disk, it takes what was found within the last hour.

import type { BitsPerSecond, Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { ArchivePort } from './archive-thread.js'

const DAY: Milliseconds = 86_400_000
const DAYS = 7
const LOOK_AGAIN: Milliseconds = 3_600_000
/** A start has better things to do first. */
const FIRST_LOOK: Milliseconds = 10_000

export interface BusyHour {
  readonly at: UnixMilliseconds
  /** kbit asked in it, of all flows. */
  readonly total: number
  /** By flow id. */
  readonly demand: ReadonlyMap<string, BitsPerSecond>
}

export interface BusyHourDeps {
  readonly archive: Pick<ArchivePort, 'busiest'>
  readonly clock: Clock
  readonly log: Logger
}

export class BusyHours {
  readonly #deps: BusyHourDeps
  /** By start of the day; only days that are over. */
  #past = new Map<UnixMilliseconds, BusyHour | null>()
  #latest: BusyHour | null = null
  #timer: Timer | null = null

  constructor(deps: BusyHourDeps) {
    this.#deps = deps
  }

  /** Null: nothing is recorded yet, or it has not been looked at. */
  get latest(): BusyHour | null {
    return this.#latest
  }

  start(): void {
    const { clock, log } = this.#deps
    const again = async (): Promise<void> => {
      await this.look().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'no busy hour was found'))
      if (this.#timer !== null) this.#timer = clock.setTimer(LOOK_AGAIN, again)
    }
    this.#timer = clock.setTimer(FIRST_LOOK, again)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  async look(): Promise<void> {
    const now = this.#deps.clock.wall()
    const today = now - (now % DAY)
    const past = new Map<UnixMilliseconds, BusyHour | null>()
    let latest: BusyHour | null = null
    for (let day = today - (DAYS - 1) * DAY; day <= today; day += DAY) {
      const known = this.#past.get(day)
      const found = known !== undefined ? known : await this.#deps.archive.busiest({ from: day, before: day + DAY })
      // The last slot of a day is written when the next day has begun.
      if (now - day > DAY + LOOK_AGAIN) past.set(day, found)
      if (found !== null && (latest === null || found.total > latest.total)) latest = found
    }
    this.#past = past
    this.#latest = latest
  }
}
