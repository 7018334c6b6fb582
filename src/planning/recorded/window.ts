// Which recorded five minutes stand for a moment that is planned on. A moment of the window stands for itself; any
// other for the one that lies whole weeks before or after it, so that a Monday meets a Monday: the window is repeated
// by as many weeks as it has, by days where it has less than one. What is not recorded is stood for by the same five
// minutes of the nearest week, then of the nearest day.

import { DAY, HOUR, SLOT, type UnixMilliseconds } from '../../model/units.js'

export interface Window {
  readonly from: UnixMilliseconds
  readonly to: UnixMilliseconds
}

const WEEK = 7 * DAY
/** Weeks, then days, before and after; the nearer first and of two the earlier. */
const STAND_INS = [1, 2, 3, 4]
  .map((weeks) => weeks * WEEK)
  .concat([1, 2, 3, 4, 5, 6].map((days) => days * DAY))
  .flatMap((apart) => [-apart, apart])

/** The slot of the window that stands for the moment. */
export function slotFor(at: UnixMilliseconds, { from, to }: Window): UnixMilliseconds {
  const slot = at - (at % SLOT)
  if (slot >= from && slot < to) return slot
  const length = to - from >= WEEK ? to - from - ((to - from) % WEEK) : to - from - ((to - from) % DAY)
  return from + ((((slot - from) % length) + length) % length)
}

/** That slot, then those of the window that may stand in for it. */
export function standInsFor(slot: UnixMilliseconds, { from, to }: Window): UnixMilliseconds[] {
  return [slot, ...STAND_INS.map((apart) => slot + apart).filter((other) => other >= from && other < to)]
}

export const dayOf = (at: UnixMilliseconds): UnixMilliseconds => at - (at % DAY)

/** Every day, by its start, that the window touches. */
export function daysOf({ from, to }: Window): UnixMilliseconds[] {
  const first = dayOf(from)
  return Array.from({ length: Math.ceil((to - first) / DAY) }, (_, n) => first + n * DAY)
}

/** A window is whole hours and a day at least. */
export function windowFault({ from, to }: Window): string | null {
  if (from % HOUR !== 0 || to % HOUR !== 0) return 'expected whole hours'
  return to - from < DAY ? 'expected a day at least' : null
}
