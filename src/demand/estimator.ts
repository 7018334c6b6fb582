// What a flow asks for, from what was seen of it. Pure: numbers in, numbers out.
//
//   arrival   bytes + drops x mean packet + change of backlog, over the time between two samples, bit/s
//   now       margin x the largest arrival of the last 3 s
//   recent    the same, remembered with a half-life of 30 s
//
// Guarantee and share bands use `now`, headroom uses `recent`: a memory never outranks a present need. What was asked
// is never fed back into what was seen, so the estimator cannot chase itself. A steady flow must come to rest: it is
// given at least `now`, so it fills at most 1/margin of its rate, and that must lie below the threshold at which it
// counts as throttled. `now` moves only when it would change by more than STILL, else rounding alone would move every
// rate by a kilobit each tick; both together give the condition that `settles` states and that a policy is checked
// against.

import type { BitsPerSecond, Milliseconds } from '../model/units.js'

/** A change of `now` smaller than this is no change. */
export const STILL = 0.02
const WINDOW: Milliseconds = 3_000
const RECENT_HALF_LIFE: Milliseconds = 30_000
/** Throttled also: arrival reached this part of the rate while packets waited at two samples in a row. */
const THROTTLED_WITH_BACKLOG_AT = 0.75
/** A throttled flow asks for this multiple of its rate, */
const PROBE = 1.5
/** and for this one while it is below its guarantee. */
const PROBE_BELOW_GUARANTEE = 2
/** What a sample says of the rate: it is enough, it was not of late, it decided what arrived. */
export const FREE = 0
export const PRESSED = 1
export const THROTTLED = 2
export type Pressure = typeof FREE | typeof PRESSED | typeof THROTTLED
/** An idle flow keeps min(25 % of its guarantee, 2 Mbit/s), at least 256 kbit/s, so that it can make itself heard. */
const IDLE_PART = 0.25
const IDLE_MOST: BitsPerSecond = 2_000_000
const IDLE_LEAST: BitsPerSecond = 256_000

/** False when a steady flow would oscillate: its margin would look like throttling to the next sample. */
export function settles(margin: number, threshold: number): boolean {
  return margin / (1 + STILL) > 1 / threshold
}

/** Counters between two samples of one leaf. */
export interface Progress {
  readonly bytes: number
  readonly packets: number
  readonly drops: number
  readonly backlogChange: number
}

/**
 * What arrived at a leaf, in bits, whatever happened to it. `meanPacket` (bytes) stands in where nothing was sent.
 * Never negative: a backlog that drained is not a negative arrival.
 */
export function arrivedBits(p: Progress, meanPacket: number): number {
  const packet = p.packets > 0 ? p.bytes / p.packets : meanPacket
  return Math.max(0, p.bytes + p.drops * packet + p.backlogChange) * 8
}

/** `now` after a sample: margin x the window's largest arrival, still while that is near what it was. */
export function nextNow(previous: BitsPerSecond, largestArrival: BitsPerSecond, margin: number): BitsPerSecond {
  const seen = margin * largestArrival
  return Math.abs(seen - previous) <= STILL * previous ? previous : seen
}

/** What is left of `recent` after `elapsed`. */
export const recentLeft = (elapsed: Milliseconds): number => 0.5 ** (elapsed / RECENT_HALF_LIFE)

/** `recent` after a time of which so much is left: decayed, but never below `now`. */
export function nextRecent(previous: BitsPerSecond, now: BitsPerSecond, left: number): BitsPerSecond {
  return Math.max(now, previous * left)
}

/** True when the rate, not the user, decided what arrived. */
export function isThrottled(
  arrival: BitsPerSecond,
  rate: BitsPerSecond,
  backlogTwice: boolean,
  threshold: number,
): boolean {
  if (!(rate > 0)) return false
  return arrival >= threshold * rate || (backlogTwice && arrival >= THROTTLED_WITH_BACKLOG_AT * rate)
}

/** What an idle flow keeps, bit/s. */
export function idleAsk(guarantee: BitsPerSecond): BitsPerSecond {
  return Math.max(IDLE_LEAST, Math.min(IDLE_PART * guarantee, IDLE_MOST))
}

/**
 * What the flow asks the solver for, bit/s; before its ceiling, which the solver applies. A flow that was throttled
 * within the window asks for its guarantee on: the sample in whose midst its rate was raised shows less than the new
 * rate, TCP takes a while to fill it, and what has come back would be lent again.
 */
export function ask(
  now: BitsPerSecond,
  pressure: Pressure,
  rate: BitsPerSecond,
  guarantee: BitsPerSecond,
): BitsPerSecond {
  const idle = idleAsk(guarantee)
  if (pressure === FREE) return Math.max(now, idle)
  if (pressure === PRESSED) return Math.max(guarantee, now, idle)
  const probe = rate < guarantee ? PROBE_BELOW_GUARANTEE : PROBE
  return Math.max(guarantee, probe * rate, now, idle)
}

/** Whether `then` lies in the window before `at`. No closure: each would make an object of the time. */
export const isOfLate = (at: Milliseconds, then: Milliseconds): boolean => at - then < WINDOW && then <= at
