// The ways to the threads that read revisions. Each starts when somebody first asks: one for what a change, a revert or
// a takeover needs, which waits for nothing that anybody looks at, and one behind it for whoever only looks.

import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError } from '../../runtime/errors.js'
import { createPool, type Pool, type PoolOptions } from '../../runtime/pool.js'
import { Turns } from '../../runtime/turns.js'
import type { RecordAnswer, RecordTask } from './record-reader.js'

/** One is read in a tenth of a second, by a thread that has just begun in half a second. */
const WITHIN: Milliseconds = 10_000

export interface RecordThread {
  /** @throws MizaniError STORE_BUSY, remedy retry, for what is not read in time. */
  read(task: RecordTask, looking: boolean): Promise<RecordAnswer>
  close(): Promise<void>
}

export function createRecordThread(
  clock: Clock,
  start = (order: PoolOptions): Pool<RecordTask, RecordAnswer> => createPool('revision', 1, order),
): RecordThread {
  const way = (order: PoolOptions) => ({ pool: start({ rare: true, ...order }), turns: new Turns(clock, tooSlow) })
  const [needed, looked] = [way({ urgent: true }), way({ awaited: true })]
  return {
    read(task, looking) {
      const { pool, turns } = looking ? looked : needed
      return turns.run({ first: false, within: WITHIN }, (ending) => pool.run(task, ending))
    },
    async close() {
      await Promise.all([needed, looked].map(({ pool }) => pool.close()))
    },
  }
}

const tooSlow = (within: Milliseconds): MizaniError =>
  new MizaniError({
    code: 'STORE_BUSY',
    message: `A revision could not be read within ${within / 1_000} s: this machine is too busy.`,
    advice: 'Ask again in a moment.',
  })
