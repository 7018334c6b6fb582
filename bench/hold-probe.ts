// How long one round of a thread's event loop takes: the processor's time of it, by the kernel's own account of the
// thread. Loaded before a thread (`--import`) it looks there too, between two words that it is told.

import { readFileSync } from 'node:fs'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'

export const CHANNEL = 'mizani-holds'

/** Milliseconds that this thread has had the processor. */
function busy(): number {
  // The kernel writes it up when a thread lets go of its processor; else only with its own clock, each 4 ms.
  Atomics.wait(NEVER, 0, 0, 0.02)
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
}

const NEVER = new Int32Array(new SharedArrayBuffer(4))

/** Looks at each round from now on; what is returned ends it and says what the longest took, ms. */
export function watchRounds(): () => number {
  let longest = 0
  let before = busy()
  let done = false
  const look = (): void => {
    const now = busy()
    longest = Math.max(longest, now - before)
    before = now
    if (!done) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    done = true
    return longest
  }
}

/** What the other threads that look say. */
export interface Told {
  readonly longest: number
}

if (!isMainThread) {
  const channel = new BroadcastChannel(CHANNEL)
  channel.unref()
  let end: (() => number) | null = null
  channel.onmessage = (event) => {
    const { data } = event as { readonly data: 'begin' | 'end' }
    if (data === 'begin') end = watchRounds()
    else if (end !== null) channel.postMessage({ longest: end() } satisfies Told)
  }
}
