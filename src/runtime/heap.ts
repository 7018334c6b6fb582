// The heap of a process that goes on for long, or plays much. V8 lets a heap grow to three times what lives in it
// before it looks for what can go: of the default plane 40 MB live, and 200 were held. A controller shares its machine
// with its stores, and makes little that it drops later, so V8 is told to look when a third has been added
// (bench/README.md, memory, says what that costs); and so it is where a month is played or ten thousand years are
// drawn, of which each thread drops every step.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Percent of what lives that may be added before V8 looks. */
const GROWTH = 30

/** To be called before much is made; holds for threads as well. */
export function mindMemory(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
}

let collector: (() => void) | undefined

/**
 * Looks for all that can go, now: memory that V8 does not count among what it watches would wait for its next look.
 * Takes tens of milliseconds of this thread: where nobody waits for it.
 */
export function collect(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}
