// The way to the thread that reads revisions. It starts when somebody first asks. What a change, a revert or a takeover
// needs goes before whoever only looks at one, and waits for nothing that a preview does.

import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError } from '../../runtime/errors.js'
import { createPool, type Pool } from '../../runtime/pool.js'
import { Turns } from '../../runtime/turns.js'
import type { RecordAnswer, RecordTask } from './record-reader.js'

/** One is read in a tenth of a second, by a thread that has just begun in half a second. */
const WITHIN: Milliseconds = 10_000

export interface RecordThread {
  /** @throws MizaniError STORE_BUSY, remedy retry, for what is not read in time. */
  read(task: RecordTask, looking: boolean): Promise<RecordAnswer>
  close(): Promise<void>
}

export function createRecordThread(clock: Clock): RecordThread {
  const pool: Pool<RecordTask, RecordAnswer> = createPool('revision', 1, { rare: true, urgent: true })
  const turns = new Turns(clock, tooSlow)
  return {
    read: (task, looking) => turns.run({ first: !looking, within: WITHIN }, (ending) => pool.run(task, ending)),
    close: () => pool.close(),
  }
}

const tooSlow = (within: Milliseconds): MizaniError =>
  new MizaniError({
    code: 'STORE_BUSY',
    message: `A revision could not be read within ${within / 1_000} s: this machine is too busy.`,
    advice: 'Ask again in a moment.',
  })
