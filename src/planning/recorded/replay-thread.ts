// The way to the thread in which a proposal is replayed on the record. It starts when somebody first asks, has one task
// at a time, each with a limit of time, and ends what nobody waits for any more.

import type { Asker } from '../../model/revision.js'
import { DAY, HOUR, type Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError } from '../../runtime/errors.js'
import { MAX_HISTORIES_EACH, MAX_HISTORIES_WAITING } from '../../runtime/limits.js'
import { Places } from '../../runtime/places.js'
import { createPool, type Pool } from '../../runtime/pool.js'
import { Turns } from '../../runtime/turns.js'
import { shared } from '../shared-document.js'
import type { Replay } from './replay.js'
import type { Answered, ReplayAsked, ReplaysTask } from './replays-task.js'

/** A month of a nation takes ten seconds, on a busy machine several times as long; a year two minutes. */
const WITHIN: Milliseconds = 300_000

export interface Replays {
  /**
   * @throws MizaniError NOT_FOUND where nothing is recorded; POLICY_INVALID; RATE_LIMITED; PAYLOAD_TOO_LARGE for what
   * takes too long; STOPPING.
   */
  ask(asked: ReplayAsked, asker: Asker): Promise<Replay>
  close(): Promise<void>
}

export function createReplays(folder: string, clock: Clock): Replays {
  const pool: Pool<ReplaysTask, Answered> = createPool('replays', 1, { rare: true })
  const turns = new Turns(clock, tooLong)
  const places = new Places('replays', MAX_HISTORIES_WAITING, MAX_HISTORIES_EACH)
  return {
    async ask({ days, to, document, ...asked }, { actor, gone }) {
      const leave = places.take(actor)
      const end = to - (to % HOUR)
      const task = { ...asked, folder, window: { from: end - days * DAY, to: end }, document: shared(document) }
      const run = (ending: AbortSignal): Promise<Answered> => pool.run(task, ending)
      const answered = await turns.run({ first: false, within: WITHIN, gone }, run).finally(leave)
      if ('refused' in answered) throw new MizaniError(answered.refused)
      return answered.replay
    },
    close: () => pool.close(),
  }
}

const tooLong = (within: Milliseconds): MizaniError =>
  new MizaniError({
    code: 'PAYLOAD_TOO_LARGE',
    message: `This takes longer than ${within / 1_000} s to replay.`,
    advice: 'Ask for fewer days at once.',
  })
