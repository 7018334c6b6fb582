// The way to the thread in which history is read and written down. It is not the archive's: what is recorded now waits
// for nobody who looks back. It starts when somebody first asks, has one task at a time, each with a limit of time, and
// ends what nobody waits for any more.

import type { Asker } from '../model/revision.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import { MAX_HISTORIES_EACH, MAX_HISTORIES_WAITING } from '../runtime/limits.js'
import { Places } from '../runtime/places.js'
import { createPool, type Pool } from '../runtime/pool.js'
import { Turns } from '../runtime/turns.js'
import type { HistoryAnswer, HistoryAsked } from './history-answer.js'
import type { HistoryTask } from './history-task.js'

/** A month takes half a second, thirteen of hours several; on a busy machine ten times as long. */
const WITHIN: Milliseconds = 30_000
export interface HistoryThread {
  /** @throws MizaniError RATE_LIMITED, PAYLOAD_TOO_LARGE for what takes too long, STOPPING; what the disk says. */
  ask(asked: HistoryAsked, asker: Asker): Promise<HistoryAnswer>
  close(): Promise<void>
}

export function createHistoryThread(folder: string, clock: Clock): HistoryThread {
  const pool: Pool<HistoryTask, HistoryAnswer> = createPool('history', 1, { rare: true })
  const turns = new Turns(clock, tooLong)
  const places = new Places('histories', MAX_HISTORIES_WAITING, MAX_HISTORIES_EACH)
  return {
    async ask(asked, { actor, gone }) {
      const leave = places.take(actor)
      const errand = { first: false, within: WITHIN, gone }
      return turns.run(errand, (ending) => pool.run({ folder, ...asked }, ending)).finally(leave)
    },
    close: () => pool.close(),
  }
}

const tooLong = (within: Milliseconds): MizaniError =>
  new MizaniError({
    code: 'PAYLOAD_TOO_LARGE',
    message: `This takes longer than ${within / 1_000} s to read.`,
    advice: 'Ask for fewer days at once, or for longer steps.',
  })
