// How busy the working days of the record were: of each, as the plane's clocks count days, the mean of its busiest
// hour, of what all flows wanted together or of what one link carried. A day of which more than a twentieth is missing
// does not count, and nothing stands in for it: what nobody recorded may have been its busiest hour.

import { existsSync } from 'node:fs'
import { civilTime } from '../../model/civil-time.js'
import { type BitsPerSecond, DAY, HOUR, SLOT, type UnixMilliseconds } from '../../model/units.js'
import { localTime } from '../../policy/document/calendar.js'
import { Archive } from '../../record/archive.js'
import { NOTHING, recordedDay, SLOTS_AN_HOUR } from '../../record/demand-digest.js'
import { SLOTS_A_DAY, usageOfDay } from '../../record/usage.js'
import { MizaniError, usageError } from '../../runtime/errors.js'
import { didYouMean } from '../../runtime/near-word.js'

/** Of the five minutes of a day, and of the flows of five minutes. */
const FULL = 0.95
const SATURDAY = 5

export interface BusyDay {
  /** 2026-03-02 */
  readonly date: string
  /** The middle of its busiest hour. */
  readonly at: UnixMilliseconds
  /** kbit/s */
  readonly level: number
  /** The part of it that was held back, so that more may have been wanted. */
  readonly least: number
}

export interface BusyLevels {
  /** Working days that count, in their order. */
  readonly days: readonly BusyDay[]
  /** Working days from the first to the last of which anything is recorded, those that do not count among them. */
  readonly workingDays: readonly string[]
}

/** What one hour of the record says. */
interface Hour {
  slots: number
  kbps: number
  least: number
}

/** A link as the record names it. */
export interface LinkOfRecord {
  readonly id: string
  /** So much of it carried is all of it: more may have been wanted. */
  readonly full: BitsPerSecond
}

export interface LevelsAsked {
  readonly folder: string
  readonly zone: string
  /** Only what was recorded before. */
  readonly before: UnixMilliseconds
  /** Null: all flows together. */
  readonly link: LinkOfRecord | null
  readonly onProgress?: (days: number, of: number) => void
}

/** @throws MizaniError NOT_FOUND where nothing of it is recorded */
export async function busyLevels({ folder, zone, before, link, onProgress }: LevelsAsked): Promise<BusyLevels> {
  if (!existsSync(folder)) throw nothingOf(folder, link)
  const archive = new Archive(folder)
  const starts = archive.days().map((name) => Date.parse(`${name}T00:00:00Z`))
  const asked = starts.filter((start) => start < before)
  const days = new Map<string, { slots: number; hours: Map<UnixMilliseconds, Hour> }>()
  for (const [n, start] of asked.entries()) {
    const hours = link === null ? await hoursOfFlows(archive, start) : await hoursOfLink(archive, start, link)
    for (const [at, hour] of hours) {
      if (at >= before || hour.slots === 0) continue
      const { date, weekday } = localTime(at + HOUR / 2, zone)
      if (weekday >= SATURDAY) continue
      const day = days.get(date) ?? { slots: 0, hours: new Map<UnixMilliseconds, Hour>() }
      days.set(date, day)
      day.slots += hour.slots
      day.hours.set(at, hour)
    }
    onProgress?.(n + 1, asked.length)
  }
  if (days.size === 0) throw await nothingRecorded(archive, asked.at(-1), folder, link)
  const dates = [...days.keys()].sort()
  const counted = dates.flatMap((date): BusyDay[] => {
    const { slots, hours } = days.get(date)!
    if (slots < FULL * SLOTS_A_DAY) return []
    const [at, hour] = [...hours].reduce((most, next) => (meanOf(next[1]) > meanOf(most[1]) ? next : most))
    if (hour.kbps === 0) return []
    return [{ date, at: at + HOUR / 2, level: meanOf(hour), least: hour.least / hour.kbps }]
  })
  return { days: counted, workingDays: workingDaysOf(dates[0]!, dates.at(-1)!) }
}

/** An hour of which much is missing is no busiest hour. */
const meanOf = ({ slots, kbps }: Hour): number => (slots >= FULL * SLOTS_AN_HOUR ? kbps / slots : 0)

async function hoursOfFlows(archive: Archive, start: UnixMilliseconds): Promise<Map<UnixMilliseconds, Hour>> {
  const found = new Map<UnixMilliseconds, Hour>()
  const day = await recordedDay(archive, start)
  const flows = day?.flows.length ?? 0
  for (let n = 0; day !== null && n < DAY / HOUR; n++) {
    const { wanted, isLeast } = day.means(n)
    const hour = { slots: 0, kbps: 0, least: 0 }
    for (let row = 0; row < SLOTS_AN_HOUR * flows; row += flows) {
      let [known, kbps, least] = [0, 0, 0]
      for (let i = row; i < row + flows; i++) {
        const each = wanted[i]!
        if (each === NOTHING) continue
        known++
        kbps += each
        if (isLeast[i] === 1) least += each
      }
      if (known === 0 || known < FULL * flows) continue
      hour.slots++
      hour.kbps += kbps
      hour.least += least
    }
    found.set(start + n * HOUR, hour)
  }
  return found
}

async function hoursOfLink(archive: Archive, start: UnixMilliseconds, link: LinkOfRecord) {
  const found = new Map<UnixMilliseconds, Hour>()
  const { links } = await usageOfDay(archive, start)
  const row = links.ids.indexOf(link.id)
  for (let slot = 0; row >= 0 && slot < SLOTS_A_DAY; slot++) {
    const at = start + slot * SLOT
    const hour = found.get(at - (at % HOUR)) ?? { slots: 0, kbps: 0, least: 0 }
    found.set(at - (at % HOUR), hour)
    const kbps = links.means[row * SLOTS_A_DAY + slot]!
    if (kbps < 0) continue
    hour.slots++
    hour.kbps += kbps
    if (1_000 * kbps >= link.full) hour.least += kbps
  }
  return found
}

/** Monday to Friday, from one date to another. */
function workingDaysOf(first: string, last: string): string[] {
  const found: string[] = []
  for (let noon = Date.parse(`${first}T12:00:00Z`); noon <= Date.parse(`${last}T12:00:00Z`); noon += DAY)
    if (localTime(noon, 'UTC').weekday < SATURDAY) found.push(civilTime(noon, 'UTC').date)
  return found
}

/** With the links that are recorded, where flows or this link are not. */
async function nothingRecorded(
  archive: Archive,
  newest: UnixMilliseconds | undefined,
  folder: string,
  link: LinkOfRecord | null,
): Promise<MizaniError> {
  const ids = newest === undefined ? [] : (await usageOfDay(archive, newest)).links.ids
  if (ids.length === 0) return nothingOf(folder, link)
  const known = `Of these links something is: ${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ', …' : ''}.`
  return link === null
    ? usageError('--growth fitted: no flow is recorded.', `${known} Write --growth fitted:LINK.`)
    : usageError(`--growth fitted:${link.id}: nothing of it is recorded${didYouMean(link.id, ids)}.`, known)
}

const nothingOf = (folder: string, link: LinkOfRecord | null): MizaniError =>
  new MizaniError({
    code: 'NOT_FOUND',
    message: `--growth fitted${link === null ? '' : `:${link.id}`}: before that day nothing is recorded in ${folder}.`,
    advice: 'Name the folder of the record with --record, another --day, or growth by a number: --growth 0.25±0.08.',
  })
