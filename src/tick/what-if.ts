// What would change a flow's need? Solved again in a thread of its own, which starts when somebody first asks, so that
// neither a tick nor a preview waits for it. A question carries a copy of the solved problem, in memory that both
// threads see and that is used again.

import type { WouldBe } from '../model/explanation.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { createPool, type Pool } from '../runtime/pool.js'
import { Spares } from '../solve/copies.js'
import type { Question } from '../solve/counterfactual.js'
import { limitedBy } from '../solve/explain.js'
import type { Solved } from '../solve/problem.js'

/** Questions that may wait; whoever comes then is told the rest of the explanation, at once. */
const MOST_WAITING = 8

export interface WhatIfs {
  /** Never fails: an explanation without it is better than none. */
  ask(problem: Solved, flow: number): Promise<readonly WouldBe[]>
  close(): Promise<void>
}

export function createWhatIfs(
  log: Logger,
  start = (): Pool<Question, readonly WouldBe[]> => createPool('what-if', 1, { awaited: true }),
): WhatIfs {
  let pool: Pool<Question, readonly WouldBe[]> | null = null
  let waiting = 0
  const spares = new Spares()
  return {
    async ask(problem, flow) {
      if (waiting >= MOST_WAITING || limitedBy(problem, flow).code === 'DEMAND') return []
      waiting++
      try {
        pool ??= start()
        const copy = spares.lend(problem)
        const answer = await pool.run({ shape: copy.shape, buffer: copy.buffer, flow })
        spares.takeBack(copy)
        return answer
      } catch (error) {
        log.warn({ flow, reason: messageOf(error) }, 'what would change a need was not found out')
        return []
      } finally {
        waiting--
      }
    },
    close: async () => pool?.close(),
  }
}
