// The busy hour: what every flow asked in the five minutes of the last week in which most was asked in all. It is the
// demand that a change of the policy is held against. Days that are over are looked at once; a preview never waits for
// the disk, it takes what was found within the last hour.

import type { BitsPerSecond, Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { type Archive, type Asked, DAY, SLOT } from './archive.js'
import type { ArchivePort } from './archive-thread.js'

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

/** Of these slots the one in which most was asked; null: none of them is recorded. Runs in the archive's thread. */
export async function busiestOf(archive: Archive, asked: Asked): Promise<BusyHour | null> {
  const totals = new Map<UnixMilliseconds, number>()
  for await (const rows of archive.walkFlows(['slot', 'seconds', 'demand'], asked)) {
    // Parts of a slot count by the time they saw.
    for (const [i, slot] of rows.slot.entries())
      totals.set(slot, (totals.get(slot) ?? 0) + (rows.demand[i] ?? 0) * rows.seconds[i]!)
  }
  const [first] = [...totals].sort(([, a], [, b]) => b - a)
  if (first === undefined) return null
  const [at, total] = first
  const sums = new Map<string, { kbit: number; seconds: number }>()
  const { flow, demand, seconds } = await archive.readFlowMeans({ from: at, before: at + SLOT })
  for (const [i, id] of flow.entries()) {
    const sum = sums.get(id) ?? { kbit: 0, seconds: 0 }
    sums.set(id, { kbit: sum.kbit + (demand[i] ?? 0) * seconds[i]!, seconds: sum.seconds + seconds[i]! })
  }
  const mean = (sum: { kbit: number; seconds: number }): number =>
    sum.seconds > 0 ? (1_000 * sum.kbit) / sum.seconds : 0
  return { at, total, demand: new Map([...sums].map(([id, sum]) => [id, mean(sum)])) }
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
      await this.look().catch((error: unknown) => {
        if (this.#timer !== null) log.warn({ reason: messageOf(error) }, 'no busy hour was found')
      })
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
