// The month that a contract bills: from the first day, 00:00 by the clocks of its zone, to the first day of the next.
// The record counts slots of five minutes in UTC; a slot lies in the month in which it begins.

import { readTime } from '../model/civil-time.js'
import { DAY, SLOT, type UnixMilliseconds } from '../model/units.js'

export interface BillingMonth {
  /** 2026-11, also where it begins later than on the first. */
  readonly id: string
  readonly zone: string
  readonly from: UnixMilliseconds
  readonly before: UnixMilliseconds
}

export const MONTH_FORM = /^[12]\d{3}-(0[1-9]|1[0-2])$/

/**
 * @param id such as 2026-11
 * @param firstDay from 1 to 28: then the month of November begins on that day of November
 * @throws RangeError for what is no month
 */
export function billingMonth(id: string, zone: string, firstDay = 1): BillingMonth {
  if (!MONTH_FORM.test(id)) throw new RangeError(`expected a month such as 2026-11, found "${id}"`)
  const start = (month: string): UnixMilliseconds => {
    const date = `${month}-${String(firstDay).padStart(2, '0')}`
    const at = readTime(`${date} 00:00`, { now: 0, zone })
    // Where clocks leap over midnight the day begins with the hour that is there.
    return at ?? readTime(`${date} 01:00`, { now: 0, zone })!
  }
  return { id, zone, from: firstSlot(start(id)), before: firstSlot(start(monthAfter(id))) }
}

/** The part of the month in which something with these dates holds; empty where it does not. */
export function heldSpan({ from, until }: Period, month: BillingMonth): BillingMonth {
  const start = Math.max(month.from, firstSlot(dayStart(from, month.zone)))
  const end = Math.min(month.before, until === null ? month.before : firstSlot(dayEnd(until, month.zone)))
  return { ...month, from: start, before: Math.max(start, end) }
}

/** Days of a contract or agreement, both included. */
interface Period {
  readonly from: string
  readonly until: string | null
}

/** Slots begin at whole five minutes of UTC. */
const firstSlot = (at: UnixMilliseconds): UnixMilliseconds => Math.ceil(at / SLOT) * SLOT

export const slotsIn = ({ from, before }: Pick<BillingMonth, 'from' | 'before'>): number => (before - from) / SLOT

export const monthAfter = (id: string): string => {
  const [year = 0, month = 0] = id.split('-').map(Number)
  return month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`
}

export const monthBefore = (id: string): string => {
  const [year = 0, month = 0] = id.split('-').map(Number)
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`
}

/** A date of a contract or agreement as the moment at which it begins in the zone. */
export const dayStart = (date: string, zone: string): UnixMilliseconds =>
  readTime(`${date} 00:00`, { now: 0, zone }) ?? readTime(`${date} 01:00`, { now: 0, zone })!

/** The last day counts whole. */
export const dayEnd = (date: string, zone: string): UnixMilliseconds =>
  dayStart(new Date(Date.parse(`${date}T12:00:00Z`) + DAY).toISOString().slice(0, 10), zone)
