// Time as a parameter. Whatever waits, expires or is measured takes a Clock, so that tests own time: with the manual
// clock a lease of a minute ends in a microsecond, and always at the same moment. No other file reads the machine's
// clock, but the browser's (console/clock.ts).
//
// Two clocks, never mixed: `monotonic` for durations and leases (it does not jump, counts from the machine's start,
// and so outlives a restart of the process), `wall` for what people read and for schedules (it may jump).

import { setImmediate as inNextRound } from 'node:timers'
import { setImmediate } from 'node:timers/promises'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since the machine started, fractions included. Never goes back. */
  monotonic(): Milliseconds
  /** Milliseconds since 1970 UTC. May jump in both directions. */
  wall(): UnixMilliseconds
  /** Runs once after the delay. The timer keeps the process alive only if it is the process's work (`hold`). */
  setTimer(delay: Milliseconds, run: () => void, options?: { readonly hold?: boolean }): Timer
  /** Resolves after the delay, or at once when the signal aborts: who waits looks at the signal afterwards. */
  sleep(delay: Milliseconds, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  wall: () => Date.now(),
  setTimer(delay, run, { hold = false } = {}) {
    const handle = setTimeout(run, delay)
    if (!hold) handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
  sleep(delay, signal) {
    return sleepOn((run) => systemClock.setTimer(delay, run, { hold: true }), signal)
  },
}

/** Runs when the event loop has been round once more: timers that are due and what has arrived come before it. */
export const nextRound = (run: () => void): void => void inNextRound(run)

const waiting: (() => void)[] = []

/** The same, for whoever has done a part of what takes long: of all who have, one goes on in a round. */
export const anotherRound = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) nextRound(letOneGoOn)
  })

function letOneGoOn(): void {
  waiting.shift()!()
  if (waiting.length > 0) nextRound(letOneGoOn)
}

export interface ManualClock extends Clock {
  /**
   * Moves both clocks on and fires the timers that fall due on the way, in order of their times (then of their making),
   * each at its own moment. Between two timers every promise that is ready runs, so that a loop of sleeps is followed.
   */
  advance(by: Milliseconds): Promise<void>
  /** Moves the wall clock alone, as NTP or an operator does. */
  jumpWall(by: Milliseconds): void
  /** Timers that still wait. */
  pending(): number
}

/** A clock that stands still until it is told. */
export function manualClock(start: { monotonic?: Milliseconds; wall?: UnixMilliseconds } = {}): ManualClock {
  let now = start.monotonic ?? 0
  let wallOffset = (start.wall ?? Date.UTC(2026, 0, 1)) - now
  let made = 0
  const waiting = new Map<number, { readonly due: Milliseconds; readonly run: () => void }>()

  function nextDue(limit: Milliseconds): number | undefined {
    let first: number | undefined
    let earliest = Number.POSITIVE_INFINITY
    for (const [id, { due }] of waiting) {
      if (due <= limit && due < earliest) {
        earliest = due
        first = id
      }
    }
    return first
  }

  const clock: ManualClock = {
    monotonic: () => now,
    wall: () => now + wallOffset,
    setTimer(delay, run) {
      const id = made++
      waiting.set(id, { due: now + Math.max(0, delay), run })
      return { cancel: () => void waiting.delete(id) }
    },
    sleep: (delay, signal) => sleepOn((run) => clock.setTimer(delay, run), signal),
    async advance(by) {
      const end = now + by
      await setImmediate()
      for (let id = nextDue(end); id !== undefined; id = nextDue(end)) {
        const timer = waiting.get(id)!
        waiting.delete(id)
        now = Math.max(now, timer.due)
        timer.run()
        await setImmediate()
      }
      now = end
    },
    jumpWall(by) {
      wallOffset += by
    },
    pending: () => waiting.size,
  }
  return clock
}

function sleepOn(setTimer: (run: () => void) => Timer, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimer(done)
    signal?.addEventListener('abort', done, { once: true })
    function done(): void {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
