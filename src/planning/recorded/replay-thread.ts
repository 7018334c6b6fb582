// The way to the thread in which a proposal is replayed on the record. It starts when somebody first asks, has one task
// at a time, each with a limit of time, and ends what nobody waits for any more.

import type { Asker } from '../../model/revision.js'
import type { Milliseconds } from '../../model/units.js'
import { applyChanges } from '../../policy/document/diff.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { validatePolicy } from '../../policy/document/validate.js'
import type { InForce } from '../../policy/in-force/holding.js'
import type { Change } from '../../policy/revisions/proposal.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError } from '../../runtime/errors.js'
import { MAX_HISTORIES_EACH, MAX_HISTORIES_WAITING } from '../../runtime/limits.js'
import { Places } from '../../runtime/places.js'
import { createPool, type Pool } from '../../runtime/pool.js'
import { SerialQueue } from '../../runtime/serial-queue.js'
import { Turns } from '../../runtime/turns.js'
import { parsed, shared } from '../study/sweep-task.js'
import { type Replay, replayBy } from './replay.js'
import { replayDay } from './replay-task.js'
import type { Window } from './window.js'

/** A month of a nation takes ten seconds, on a busy machine several times as long; a year two minutes. */
const WITHIN: Milliseconds = 300_000

export interface ReplayAsked {
  readonly window: Window
  /** What is in force. */
  readonly document: PolicyDocument
  readonly inForce: InForce
  /** What is proposed. */
  readonly changes: readonly Change[]
}

interface ReplaysTask extends Omit<ReplayAsked, 'document'> {
  readonly folder: string
  /** As JSON. */
  readonly document: SharedArrayBuffer
}

/** Runs in the thread. */
export async function runReplays({ folder, window, document, inForce, changes }: ReplaysTask): Promise<Replay> {
  const before = parsed(document)
  const { document: after, faults } = validatePolicy(applyChanges(before, changes))
  if (after === null)
    throw new MizaniError({ code: 'POLICY_INVALID', message: 'What is proposed makes no usable policy:', faults })
  const turn = new SerialQueue()
  const day: typeof replayDay = (task) => turn.run(() => replayDay(task))
  return replayBy(day, folder, window, { document: before, inForce }, { document: after, inForce })
}

export interface Replays {
  /**
   * @throws MizaniError NOT_FOUND where nothing is recorded; POLICY_INVALID; RATE_LIMITED; PAYLOAD_TOO_LARGE for what
   * takes too long; STOPPING.
   */
  ask(asked: ReplayAsked, asker: Asker): Promise<Replay>
  close(): Promise<void>
}

export function createReplays(folder: string, clock: Clock): Replays {
  const pool: Pool<ReplaysTask, Replay> = createPool('replays', 1, { rare: true })
  const turns = new Turns(clock, tooLong)
  const places = new Places('replays', MAX_HISTORIES_WAITING, MAX_HISTORIES_EACH)
  return {
    async ask({ document, ...asked }, { actor, gone }) {
      const leave = places.take(actor)
      const task = { ...asked, folder, document: shared(document) }
      return turns.run({ first: false, within: WITHIN, gone }, (ending) => pool.run(task, ending)).finally(leave)
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
