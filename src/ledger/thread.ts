// The way to the thread in which months are counted: it reads a month of the record, which nobody else may wait for. It
// starts when somebody first asks and has one task at a time, each with a limit of time.

import type { Asker } from '../model/revision.js'
import type { Milliseconds } from '../model/units.js'
import { Archive } from '../record/archive.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import { MAX_HISTORIES_EACH, MAX_HISTORIES_WAITING } from '../runtime/limits.js'
import { Places } from '../runtime/places.js'
import { createPool, type Pool } from '../runtime/pool.js'
import { Turns } from '../runtime/turns.js'
import { countMonth, type LedgerMonth, type MonthAsked } from './ledger-month.js'

/** Days whose usage is kept take 0.1 s each, others a second and more, on a busy machine several times as long. */
const WITHIN: Milliseconds = 180_000
/** Times that a day's files may be merged while they are read. */
const MOST_TRIES = 3

type MonthTask = MonthAsked & { readonly folder: string }

/** Runs in the thread. */
export async function runMonthTask({ folder, ...asked }: MonthTask): Promise<LedgerMonth> {
  for (let tries = 1; ; tries++) {
    try {
      return await countMonth(new Archive(folder), asked)
    } catch (error) {
      // The archive's own thread has made one file of a day's parts meanwhile.
      const isMerged = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isMerged || tries === MOST_TRIES) throw error
    }
  }
}

export interface LedgerThread {
  /** @throws MizaniError RATE_LIMITED, PAYLOAD_TOO_LARGE for what takes too long, STOPPING; what the disk says. */
  count(asked: MonthAsked, asker: Asker): Promise<LedgerMonth>
  close(): Promise<void>
}

export function createLedgerThread(folder: string, clock: Clock): LedgerThread {
  const pool: Pool<MonthTask, LedgerMonth> = createPool('ledger', 1, { rare: true })
  const turns = new Turns(clock, tooLong)
  const places = new Places('months', MAX_HISTORIES_WAITING, MAX_HISTORIES_EACH)
  return {
    async count(asked, { actor, gone }) {
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
    message: `This month takes longer than ${within / 1_000} s to count.`,
    advice: 'Days that are over are prepared hour by hour: try again in an hour.',
  })
