// What the thread does in which a proposal is replayed: day after day, each under both policies.

import type { UnixMilliseconds } from '../../model/units.js'
import { applyChanges } from '../../policy/document/diff.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { validatePolicy } from '../../policy/document/validate.js'
import type { InForce } from '../../policy/in-force/holding.js'
import type { Change } from '../../policy/revisions/proposal.js'
import { type ErrorParts, MizaniError } from '../../runtime/errors.js'
import { SerialQueue } from '../../runtime/serial-queue.js'
import { parsed } from '../shared-document.js'
import { type Replay, replayBy } from './replay.js'
import { replayDay } from './replay-task.js'
import type { Window } from './window.js'

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

export interface ReplaysTask extends Pick<ReplayAsked, 'inForce' | 'changes'> {
  readonly folder: string
  readonly window: Window
  /** As JSON. */
  readonly document: SharedArrayBuffer
}

/** An error that crosses threads loses its name: what was refused crosses as parts. */
export type Answered = { readonly replay: Replay } | { readonly refused: ErrorParts }

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
