// Who comes first at the processor. The kernel knows a place for each thread, and nobody without rights may step
// forward: so the thread of the tick, and what it or a rollback waits for, stays where the process was started, and all
// others step behind it.

import { getPriority, setPriority } from 'node:os'

/** As `nice` counts: where all want the processor, such a thread has a tenth of its time. */
const FAR = 10
/** Three parts in ten. */
const MIDDLE = 4
/** The thread that answers people: a step, for its neighbours at the machine are not to keep it from answering. */
const NEAR = 2

/** Of threads that nobody waits for from one moment to the next. */
export const BEHIND = mayStepBehind() ? FAR : 0
/** Of threads for whose answer somebody waits at a screen. */
export const AWAITED = BEHIND > 0 ? MIDDLE : 0

function mayStepBehind(): boolean {
  try {
    setPriority(getPriority())
    return true
  } catch {
    // A sandbox refuses the call, whatever is asked: a thread that asked would not start, so all are alike.
    return false
  }
}

/**
 * So many steps behind, for a thread that is started at `from` or a step of `stepBehind` later; one more where that
 * would end at -1, which is what the call answers where it fails, and is taken for it: no such thread would start.
 */
export function stepsFrom(from: number, steps: number): number {
  let by = steps
  while (by > 0 && (from + by === -1 || from + NEAR + by === -1)) by++
  return by
}

/** Puts the thread that calls behind those that were started before; what it starts from now on comes with it. */
export function stepBehind(): void {
  if (BEHIND > 0) setPriority(Math.min(19, getPriority() + NEAR))
}

/** Puts a process that works for nobody's eyes behind all others of the machine. */
export function stepLast(): void {
  if (BEHIND > 0) setPriority(19)
}
