// The life of a process, once for all of them. Whatever waits (a pause, a poll, a letter that nobody takes) is handed
// one signal and waits no longer when it aborts; whatever must be put in order is a part, and is stopped within a
// stated time, the last one begun first. What has not ended by then is left behind: all that must not be lost is on a
// disk, in a store, or told anew by whoever starts next.

import type { Milliseconds } from '../model/units.js'
import { type Clock, systemClock } from './clock.js'
import { PARTS_TIME, SHUTDOWN_TIME } from './limits.js'

/** Before the end, so that one who is late does not make the process late. */
const LEAVES_BEFORE: Milliseconds = 250

/**
 * Resolves at the first SIGTERM or SIGINT; from then on the process is gone within SHUTDOWN_TIME, whatever holds it. A
 * second one has its usual effect, for people in a hurry.
 * @param over once it aborts nobody listens any more, and a signal has its usual effect
 */
export function untilSignal(over?: AbortSignal): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', end).off('SIGINT', end)
      // This timer holds no process: it fires where something else does, which is a fault, and says what.
      systemClock.setTimer(SHUTDOWN_TIME - LEAVES_BEFORE, () => {
        const held = [...new Set(process.getActiveResourcesInfo())].join(', ')
        process.stderr.write(`Ended by force: after ${signal} something went on (${held}).\n`)
        process.exit(process.exitCode ?? 1)
      })
      resolve(signal)
    }
    process.on('SIGTERM', end).on('SIGINT', end)
    over?.addEventListener('abort', () => process.off('SIGTERM', end).off('SIGINT', end), { once: true })
  })
}

type Stop = () => Promise<unknown> | unknown

export class Lifetime {
  readonly #clock: Clock
  readonly #ending = new AbortController()
  readonly #parts: Stop[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Aborts when the end begins. */
  get ending(): AbortSignal {
    return this.#ending.signal
  }

  /** Keeps how this part is stopped. */
  readonly begun = <T>(part: T, stop: (part: T) => Promise<unknown> | unknown): T => {
    this.#parts.unshift(() => stop(part))
    return part
  }

  /**
   * Ends the waiting at once, then each part, whatever became of the one before.
   * @returns false: PARTS_TIME was not enough.
   */
  async end(failed: (error: unknown) => void = () => undefined): Promise<boolean> {
    this.#ending.abort()
    const stopAll = async (): Promise<boolean> => {
      for (const stop of this.#parts) {
        try {
          await stop()
        } catch (error) {
          failed(error)
        }
      }
      return true
    }
    const done = new AbortController()
    const inTime = await Promise.race([stopAll(), this.#clock.sleep(PARTS_TIME, done.signal).then(() => false)])
    done.abort()
    return inTime
  }
}
