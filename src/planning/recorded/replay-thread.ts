// The way to the thread in which a proposal is replayed on the record. It starts when somebody first asks, has one task
// at a time, each with a limit of time, and ends what nobody waits for any more.

import type { Asker } from '../../model/revision.js'
import { DAY, HOUR, type Milliseconds, type UnixMilliseconds } from '../../model/units.js'
import { applyChanges } from '../../policy/document/diff.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { validatePolicy } from '../../policy/document/validate.js'
import type { InForce } from '../../policy/in-force/holding.js'
import type { Change } from '../../policy/revisions/proposal.js'
import type { Clock } from '../../runtime/clock.js'
import { type ErrorParts, MizaniError } from '../../runtime/errors.js'
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
  /** So many days back from then, on the hour. */
  readonly days: number
  readonly to: UnixMilliseconds
  /** What is in force. */
  readonly document: PolicyDocument
  readonly inForce: InForce
  /** What is proposed. */
  readonly changes: readonly Change[]
}

interface ReplaysTask extends Pick<ReplayAsked, 'inForce' | 'changes'> {
  readonly folder: string
  readonly window: Window
  /** As JSON. */
  readonly document: SharedArrayBuffer
}

/** An error that crosses threads loses its name: what was refused crosses as parts. */
type Answered = { readonly replay: Replay } | { readonly refused: ErrorParts }

/** Runs in the thread. */
export async function answerReplays(task: ReplaysTask): Promise<Answered> {
  try {
    return { replay: await runReplays(task) }
  } catch (error) {
    if (!(error instanceof MizaniError)) throw error
    const { code, message, remedy, advice, faults } = error
    return { refused: { code, message, remedy, faults, ...(advice === undefined ? {} : { advice }) } }
  }
}

/** @throws MizaniError NOT_FOUND where nothing is recorded; POLICY_INVALID. */
async function runReplays({ folder, window, document, inForce, changes }: ReplaysTask): Promise<Replay> {
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
