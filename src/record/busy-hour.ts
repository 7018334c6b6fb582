// The busy hour: what every flow asked, on average, in the hour of the last week in which most was asked in all. It is
// the demand that a change of the policy is held against, from one full working day of record on: the busiest of
// twenty minutes at night is no busy hour. Days that are over are looked at once; a preview never waits for the disk,
// it takes what was found within the last hour. Where no flow is recorded yet but links and sites were imported, it is
// the hour in which most was carried on those; what every flow asked in it is then for planning to say.

import {
  type BitsPerSecond,
  DAY,
  HOUR,
  type Milliseconds,
  SLOT,
  toSeconds,
  type UnixMilliseconds,
} from '../model/units.js'
import { localTime } from '../policy/document/calendar.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { Archive, Asked } from './archive.js'

const DAYS = 7
const LOOK_AGAIN: Milliseconds = 3_600_000
/** A start has better things to do first. */
const FIRST_LOOK: Milliseconds = 10_000

/** Of the five minutes of a working day: a restart leaves a gap, and the day is full all the same. */
const FULL = 0.95
const SATURDAY = 5

export interface BusyHour {
  /** Its beginning. */
  readonly at: UnixMilliseconds
  /** Its five minutes that are recorded, of twelve. What is missing counts as nothing asked when hours are compared. */
  readonly slots: number
  /** kbit asked in it, of all flows. */
  readonly total: number
  /** By flow id. */
  readonly demand: ReadonlyMap<string, BitsPerSecond>
  /** By directed link, of an hour that was imported; absent: flows are recorded. */
  readonly measured?: ReadonlyMap<string, BitsPerSecond>
}

export interface BusyDay {
  /** Slots that are recorded, by the beginning of their hour. */
  readonly hours: ReadonlyMap<UnixMilliseconds, number>
  /** Null: nothing is recorded. */
  readonly busiest: BusyHour | null
}

/** Of these hours the one in which most was asked. Runs in the archive's thread. */
export async function busiestOf(archive: Archive, asked: Asked): Promise<BusyDay> {
  const totals = new Map<UnixMilliseconds, number>()
  const slots = new Map<UnixMilliseconds, Set<UnixMilliseconds>>()
  for await (const rows of archive.walkFlows(['slot', 'seconds', 'asked'], asked)) {
    // Parts of a slot count by the time they saw.
    for (const [i, slot] of rows.slot.entries()) {
      const hour = slot - (slot % HOUR)
      totals.set(hour, (totals.get(hour) ?? 0) + (rows.asked[i] ?? 0) * rows.seconds[i]!)
      const seen = slots.get(hour)
      if (seen) seen.add(slot)
      else slots.set(hour, new Set([slot]))
    }
  }
  const hours = new Map([...slots].map(([hour, seen]) => [hour, seen.size]))
  const [first] = [...totals].sort(([, a], [, b]) => b - a)
  if (first === undefined) return busiestImported(archive, asked)
  const [at, total] = first
  const sums = new Map<string, { kbit: number; seconds: number }>()
  const means = await archive.readFlowMeans({ from: at, before: at + HOUR })
  for (const [i, id] of means.flow.entries()) {
    const sum = sums.get(id) ?? { kbit: 0, seconds: 0 }
    const seconds = means.seconds[i]!
    sums.set(id, { kbit: sum.kbit + (means.asked[i] ?? 0) * seconds, seconds: sum.seconds + seconds })
  }
  const mean = (sum: { kbit: number; seconds: number }): number =>
    sum.seconds > 0 ? (1_000 * sum.kbit) / sum.seconds : 0
  const demand = new Map([...sums].map(([id, sum]) => [id, mean(sum)]))
  return { hours, busiest: { at, slots: hours.get(at)!, total, demand } }
}

/** The same of links and sites of which monitoring has kept what they carried. */
async function busiestImported(archive: Archive, asked: Asked): Promise<BusyDay> {
  const hours = new Map<UnixMilliseconds, { slots: Set<UnixMilliseconds>; total: number; links: Map<string, number> }>()
  for await (const rows of archive.walkImports(['slot', 'seconds', 'link', 'carried'], asked)) {
    for (const [i, slot] of rows.slot.entries()) {
      const at = slot - (slot % HOUR)
      const hour = hours.get(at) ?? { slots: new Set(), total: 0, links: new Map() }
      const kbit = (rows.carried[i] ?? 0) * rows.seconds[i]!
      hour.slots.add(slot)
      hour.total += kbit
      hour.links.set(rows.link[i]!, (hour.links.get(rows.link[i]!) ?? 0) + kbit)
      hours.set(at, hour)
    }
  }
  const [first] = [...hours].sort(([, a], [, b]) => b.total - a.total)
  const seen = new Map([...hours].map(([at, { slots }]) => [at, slots.size]))
  if (first === undefined) return { hours: seen, busiest: null }
  const [at, { slots, total, links }] = first
  const measured = new Map([...links].map(([link, kbit]) => [link, (1_000 * kbit) / toSeconds(slots.size * SLOT)]))
  return { hours: seen, busiest: { at, slots: slots.size, total, demand: new Map(), measured } }
}

export interface BusyHourDeps {
  readonly archive: { busiest(asked: Asked): Promise<BusyDay> }
  readonly clock: Clock
  readonly log: Logger
  /** The plane's zone, in which a day is a working day. */
  readonly timezone: () => string
}

export class BusyHours {
  readonly #deps: BusyHourDeps
  /** By start of the day; only days that are over. */
  #past = new Map<UnixMilliseconds, BusyDay>()
  #latest: BusyHour | null = null
  #timer: Timer | null = null

  constructor(deps: BusyHourDeps) {
    this.#deps = deps
  }

  /** Null: no full working day of the last seven is recorded, or it has not been looked at. */
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
    const past = new Map<UnixMilliseconds, BusyDay>()
    const recorded = new Best()
    const imported = new Best()
    for (let day = today - (DAYS - 1) * DAY; day <= today; day += DAY) {
      const found = this.#past.get(day) ?? (await this.#deps.archive.busiest({ from: day, before: day + DAY }))
      // The last slot of a day is written when the next day has begun.
      if (now - day > DAY + LOOK_AGAIN) past.set(day, found)
      if (found.busiest !== null) (found.busiest.measured === undefined ? recorded : imported).take(found)
    }
    this.#past = past
    const zone = this.#deps.timezone()
    this.#latest = recorded.of(zone) ?? imported.of(zone)
  }
}

/** The busiest of some days. */
class Best {
  readonly #hours = new Map<UnixMilliseconds, number>()
  #busiest: BusyHour | null = null

  take({ hours, busiest }: BusyDay): void {
    for (const [hour, slots] of hours) this.#hours.set(hour, slots)
    if (busiest !== null && busiest.total > (this.#busiest?.total ?? -1)) this.#busiest = busiest
  }

  /** Null: none of the days is a full working day. */
  of(timezone: string): BusyHour | null {
    return hasWorkingDay(this.#hours, timezone) ? this.#busiest : null
  }
}

/** Whether a day from Monday to Friday, as the zone's clocks count it, is recorded in full. */
function hasWorkingDay(hours: ReadonlyMap<UnixMilliseconds, number>, timezone: string): boolean {
  const days = new Map<string, number>()
  for (const [hour, slots] of hours) {
    // Where clocks are off by half an hour an hour lies in the day of its middle.
    const { date, weekday } = localTime(hour + HOUR / 2, timezone)
    if (weekday < SATURDAY) days.set(date, (days.get(date) ?? 0) + slots)
  }
  return [...days.values()].some((slots) => slots >= FULL * (DAY / SLOT))
}
