// Waiting for a state, never for a time. What is waited for may take as long as the machine needs; the limit ends a
// test that has failed already, and says what never came.

import { setTimeout as sleep } from 'node:timers/promises'

const HOPELESS = 120_000
/** Of a look at our own memory; whoever asks a server over and over leaves it time to get there. */
const PAUSE = 10

/** What a look gives while it is not so yet. */
type NotYet = false | null | undefined

/**
 * Looks again and again until something is there, and gives that.
 * @param pause what happens between two looks: a clock that is handed on, or so many ms
 */
export async function until<T>(
  look: () => T | Promise<T>,
  what = 'what was waited for',
  pause: number | (() => unknown) = PAUSE,
): Promise<Exclude<T, NotYet>> {
  const end = performance.now() + HOPELESS
  while (performance.now() < end) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) return found as Exclude<T, NotYet>
    await (typeof pause === 'number' ? sleep(pause) : pause())
  }
  throw new Error(`never: ${what}`)
}
