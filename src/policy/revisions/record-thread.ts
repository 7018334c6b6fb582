// The way to the thread that reads revisions. It starts when somebody first asks. What brings an old policy back goes
// before whoever only looks at one, and waits for nothing that a change or a preview does.

import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { createPool, type Pool } from '../../runtime/pool.js'
import { Turns } from '../../runtime/turns.js'
import type { RecordAnswer, RecordTask } from './record-reader.js'

/** One is read in a tenth of a second, by a thread that has just begun in half a second. */
const WITHIN: Milliseconds = 10_000

export interface RecordThread {
  read(task: RecordTask): Promise<RecordAnswer>
  close(): Promise<void>
}

export function createRecordThread(clock: Clock): RecordThread {
  const pool: Pool<RecordTask, RecordAnswer> = createPool('revision', 1, { rare: true })
  const turns = new Turns(clock)
  return {
    read: (task) => turns.run({ first: task.judged, within: WITHIN }, (ending) => pool.run(task, ending)),
    close: () => pool.close(),
  }
}
