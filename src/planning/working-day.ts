// Days by the clocks of a plane, and those on which people work.

import { civilTime, readTime } from '../model/civil-time.js'
import { DAY, type UnixMilliseconds } from '../model/units.js'

/** Midnight of the plane's clocks. */
export function dayOf(at: UnixMilliseconds, zone: string): UnixMilliseconds {
  return readTime(`${civilTime(at, zone).date} 00:00`, { now: at, zone })!
}

/** That day, or the first working day after it. */
export function workingDay(at: UnixMilliseconds, zone: string): UnixMilliseconds {
  let day = dayOf(at, zone)
  while (isWeekend(day, zone)) day = dayOf(day + DAY + DAY / 8, zone)
  return day
}

export function isWeekend(day: UnixMilliseconds, zone: string): boolean {
  const weekday = new Date(`${civilTime(day, zone).date}T00:00:00Z`).getUTCDay()
  return weekday === 0 || weekday === 6
}
