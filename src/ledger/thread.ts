// The way to the thread in which months are counted, packed and read back: it reads a month of the record, which nobody
// else may wait for. It starts when somebody first asks and has one task at a time, each with a limit of time.

import type { Asker } from '../model/revision.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import { MAX_HISTORIES_EACH, MAX_HISTORIES_WAITING } from '../runtime/limits.js'
import { Places } from '../runtime/places.js'
import { createPool, type Pool } from '../runtime/pool.js'
import { Turns } from '../runtime/turns.js'
import type { AnswerTo, MonthSource, Question } from './answers.js'
import type { Answered, MonthTask } from './task.js'

/** Days whose usage is kept take 0.1 s each, others a second and more, on a busy machine several times as long. */
const WITHIN: Milliseconds = 180_000

/** How a month is asked about. */
export interface MonthOf {
  /** Equal for what is the same month, made from the same; null: it is made anew. */
  readonly key: string | null
  /** Looked up where the thread has not the month any more. */
  source(): Promise<MonthSource>
}

export interface LedgerThread {
  /**
   * @param first before whoever only looks
   * @throws MizaniError RATE_LIMITED, PAYLOAD_TOO_LARGE for what takes too long, STOPPING; what the disk says.
   */
  ask<Q extends Question>(of: MonthOf, question: Q, asker: Asker, first?: boolean): Promise<AnswerTo<Q>>
  close(): Promise<void>
}

export function createLedgerThread(folder: string, clock: Clock): LedgerThread {
  const pool: Pool<MonthTask, Answered> = createPool('ledger', 1, { rare: true })
  const turns = new Turns(clock, tooLong)
  const places = new Places('months', MAX_HISTORIES_WAITING, MAX_HISTORIES_EACH)
  return {
    async ask<Q extends Question>({ key, source }: MonthOf, question: Q, { actor, gone }: Asker, first = false) {
      const leave = places.take(actor)
      const run = (found: MonthSource | null): Promise<Answered> =>
        turns.run({ first, within: WITHIN, gone }, (ending) =>
          pool.run({ folder, key, question, source: found }, ending),
        )
      try {
        const answered = (key === null ? null : await run(null)) ?? (await run(await source()))
        if (answered === null) throw new Error(`the month ${key} was read and is not there`)
        // The thread answers this very question.
        return answered.answer as AnswerTo<Q>
      } finally {
        leave()
      }
    },
    close: () => pool.close(),
  }
}

const tooLong = (within: Milliseconds): MizaniError =>
  new MizaniError({
    code: 'PAYLOAD_TOO_LARGE',
    message: `This month takes longer than ${within / 1_000} s to count.`,
    advice: 'Days that are over are prepared hour by hour: try again in an hour.',
  })
