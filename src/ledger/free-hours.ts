// Hours of the day in which what some tiers carry is not counted, as the clocks of the contract's zone show them.

import { civilTime } from '../model/civil-time.js'
import { SLOT } from '../model/units.js'
import type { PolicySharing } from '../policy/document/contracts.js'
import { type BillingMonth, slotsIn } from './billing-month.js'

/** Whether a slot of the month is free for a tier. The clocks are asked once a quarter: they leap on whole ones. */
export function freeHours(
  { from, until, tiers }: NonNullable<PolicySharing['free']>,
  month: BillingMonth,
): (slot: number, tier: string) => boolean {
  const free = new Uint8Array(slotsIn(month))
  const [start, end] = [minuteOf(from), minuteOf(until)]
  let [known, minutes] = [Number.NEGATIVE_INFINITY, 0]
  for (let slot = 0; slot < free.length; slot++) {
    const at = month.from + slot * SLOT
    const quarter = at - (at % QUARTER)
    if (quarter !== known) {
      known = quarter
      minutes = minuteOf(civilTime(quarter, month.zone).clock)
    }
    const minute = minutes + (at - quarter) / 60_000
    const isIn = start < end ? start <= minute && minute < end : minute >= start || minute < end
    free[slot] = isIn ? 1 : 0
  }
  const concerned = new Set(tiers)
  return (slot, tier) => free[slot] === 1 && concerned.has(tier)
}

const QUARTER = 900_000

function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number)
  return hours! * 60 + minutes!
}
