// How often a slow device is told something: a router whose configuration is written is not asked to do that each
// second.
//
// Rates that differ little, or that come soon after the last change, wait, and are not acknowledged: the controller
// goes on charging what was confirmed. What takes effect at once is what is not a matter of demand: another profile,
// enforcement or institution lifted, and what the end of a lease requires.

import { recordKey } from '../model/lease.js'
import { PACE } from '../model/network.js'
import type { Milliseconds } from '../model/units.js'
import type { Goal } from './enforcer.js'

/** A flow's rate that differs by less is left as it is. */
const WORTH = 0.1

/** Whether the goal may be pursued now, `changedAt` being when rates were changed last. */
export function isDue(goal: Goal, inForce: Goal | null, changedAt: Milliseconds, now: Milliseconds): boolean {
  if (!inForce || goal.key === inForce.key || goal.urgency !== inForce.urgency) return true
  return now - changedAt >= PACE && differs(goal, inForce)
}

function differs(goal: Goal, inForce: Goal): boolean {
  const stands = new Map(inForce.desired.rates.map((record) => [recordKey(record), record]))
  if (stands.size !== goal.desired.rates.length) return true
  return goal.desired.rates.some((record) => {
    const now = stands.get(recordKey(record))
    // What it falls to when it is left alone costs the device nothing, and others wait for it.
    return now === undefined || now.safe !== record.safe || Math.abs(record.rate - now.rate) > now.rate * WORTH
  })
}
