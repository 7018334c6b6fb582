// The door to the solver threads. The arena is shared memory: a task is the arena's number, its shape and its buffer,
// and nothing else crosses.

import { createPool } from '../runtime/pool.js'
import type { Problem, Shape } from '../solve/problem.js'

export interface SolveTask {
  /** Names the arena, so that a thread makes its views and scratch once. */
  readonly id: number
  readonly shape: Shape
  readonly buffer: SharedArrayBuffer
  /** Also prove the answer (status[1]). */
  readonly certify: boolean
}

export interface SolverThreads {
  /** Solves in a thread; the answer is in the problem's own columns when it resolves. */
  solve(problem: Problem, options?: { readonly certify?: boolean }): Promise<void>
  close(): Promise<void>
}

export function createSolverThreads(threads = 1): SolverThreads {
  const pool = createPool<SolveTask, void>('solve', threads)
  const ids = new WeakMap<SharedArrayBuffer, number>()
  let made = 0
  return {
    async solve({ shape, buffer }, { certify = false } = {}) {
      let id = ids.get(buffer)
      if (id === undefined) {
        id = ++made
        ids.set(buffer, id)
      }
      await pool.run({ id, shape, buffer, certify })
    },
    close: () => pool.close(),
  }
}
