// The end of a process, once for all of them: wait for the first signal, then stop within a stated time or be stopped.

import type { Milliseconds } from '../model/units.js'
import type { Clock } from './clock.js'

/** Resolves at the first SIGTERM or SIGINT. A second one then has its usual effect, for people in a hurry. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', end).off('SIGINT', end)
      resolve(signal)
    }
    process.on('SIGTERM', end).on('SIGINT', end)
  })
}

/** Stops the parts in the order given, each whatever became of the one before; false: the time was not enough. */
export async function stopWithin(
  limit: Milliseconds,
  clock: Clock,
  parts: readonly (() => Promise<unknown> | unknown)[],
  failed: (error: unknown) => void,
): Promise<boolean> {
  const stopAll = async (): Promise<boolean> => {
    for (const stop of parts) {
      try {
        await stop()
      } catch (error) {
        failed(error)
      }
    }
    return true
  }
  const giveUp = new AbortController()
  const done = await Promise.race([stopAll(), clock.sleep(limit, giveUp.signal).then(() => false)])
  giveUp.abort()
  return done
}
