// The client of the solver threads. The arena is shared memory: a task is the arena's number, its shape and its buffer,
// whether to prove the answer and whether to keep the arena; nothing else crosses.

import { createPool } from '../runtime/pool.js'
import type { Problem, Shape } from '../solve/problem.js'

export interface SolveTask {
  /** Names the arena, so that a thread makes its views and scratch once. */
  readonly id: number
  readonly shape: Shape
  readonly buffer: SharedArrayBuffer
  /** Also prove the answer (status[1]). */
  readonly certify: boolean
  /** Keep nothing of it. */
  readonly once: boolean
}

export interface SolveOptions {
  /** Prove the answer as well. */
  readonly certify?: boolean
  /** This problem will not be solved again: the thread keeps nothing of it. */
  readonly once?: boolean
}

export interface SolverThreads {
  /** Solves in a thread; the answer is in the problem's own columns when it resolves. */
  solve(problem: Problem, options?: SolveOptions): Promise<void>
  close(): Promise<void>
}

/** @param rare its thread starts when there is something to solve: nobody waits for it from one moment to the next */
export function createSolverThreads({ rare = false } = {}): SolverThreads {
  const pool = createPool<SolveTask, void>('solve', 1, rare ? { rare } : { urgent: true })
  const ids = new WeakMap<SharedArrayBuffer, number>()
  let made = 0
  return {
    async solve({ shape, buffer }, { certify = false, once = false } = {}) {
      const id = ids.get(buffer) ?? ++made
      ids.set(buffer, id)
      await pool.run({ id, shape, buffer, certify, once })
    },
    close: () => pool.close(),
  }
}
