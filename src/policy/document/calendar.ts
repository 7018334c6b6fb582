// Local days: civil time with the weekday, for schedules and guards. Everything else counts UTC milliseconds.

import { civilTime } from '../../model/civil-time.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { WEEKDAYS } from './members.js'

export interface LocalDay {
  /** 2026-12-09 */
  readonly date: string
  /** 0 is Monday. */
  readonly weekday: number
}

export interface LocalTime extends LocalDay {
  /** 07:30 */
  readonly clock: string
  readonly yesterday: LocalDay
}

export function localTime(at: UnixMilliseconds, timeZone: string): LocalTime {
  const { date, clock } = civilTime(at, timeZone)
  const noon = Date.parse(`${date}T12:00:00Z`)
  return { ...dayOf(noon), clock, yesterday: dayOf(noon - 86_400_000) }
}

/** The day that has this noon, UTC. */
function dayOf(noon: UnixMilliseconds): LocalDay {
  const day = new Date(noon)
  return { date: day.toISOString().slice(0, 10), weekday: (day.getUTCDay() + 6) % 7 }
}

/** Whether a time of the week such as "fri 14:00" to "mon 07:00" holds; it may pass over the end of the week. */
export function inWeek({ weekday, clock }: LocalTime, { from, until }: { from: string; until: string }): boolean {
  const [start, end, now] = [minuteOfWeek(from), minuteOfWeek(until), minuteOf(weekday, clock)]
  return start < end ? start <= now && now < end : now >= start || now < end
}

function minuteOfWeek(time: string): number {
  const [day = '', clock = ''] = time.split(' ')
  return minuteOf((WEEKDAYS as readonly string[]).indexOf(day), clock)
}

function minuteOf(weekday: number, clock: string): number {
  const [hours = '', minutes = ''] = clock.split(':')
  return (weekday * 24 + Number(hours)) * 60 + Number(minutes)
}
