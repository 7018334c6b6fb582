// A replay: every recorded moment of some time under the policy in force and under another one, day by day, in threads.
// What is compared was solved by one program from one input, so that what differs is the policy; that this program says
// of the policy in force what was recorded is counted beside it.

import { type BitsPerSecond, SLOT, toSeconds } from '../../model/units.js'
import { hashOf } from '../../policy/document/canonical.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import type { InForce } from '../../policy/in-force/holding.js'
import { MizaniError } from '../../runtime/errors.js'
import { createPool } from '../../runtime/pool.js'
import { compileUnder } from '../run.js'
import { shared } from '../shared-document.js'
import type { Outcome, Policy, ReplayedDay, ReplayTask } from './replay-task.js'
import { daysOf, type Window } from './window.js'

export interface Tried {
  readonly document: PolicyDocument
  /** What was laid over it meanwhile, as far as it is known. */
  readonly inForce: InForce
}

/** Of one institution under one policy. */
export interface Replayed {
  /** Five minutes in whose moment it was short, as minutes. */
  readonly minutesShort: number
  /** bit, if each moment stood for its five minutes. */
  readonly missing: number
  /** Mean over the moments. */
  readonly need: BitsPerSecond
}

export interface ReplayedInstitution {
  readonly id: string
  /** Null: the policy does not have it. */
  readonly before: Replayed | null
  readonly after: Replayed | null
}

export interface Replay {
  readonly window: Window
  readonly moments: number
  readonly equal: number
  readonly ofRevision: number
  readonly unsteered: number
  /** Five minutes of the window, and those of them of which a moment is recorded. */
  readonly slots: number
  readonly recordedSlots: number
  /** By harm: the most missing more first; then by id. */
  readonly institutions: readonly ReplayedInstitution[]
}

type RunDay = (task: ReplayTask) => Promise<ReplayedDay | null>

/**
 * @throws MizaniError NOT_FOUND where no moment is recorded.
 */
export async function replay(
  folder: string,
  window: Window,
  before: Tried,
  after: Tried,
  workers: number,
  onDay: (done: number, of: number) => void = () => undefined,
): Promise<Replay> {
  const pool = createPool<ReplayTask, ReplayedDay | null>('replay', workers)
  let done = 0
  const run: RunDay = async (task) => {
    const day = await pool.run(task)
    onDay(++done, daysOf(window).length)
    return day
  }
  return replayBy(run, folder, window, before, after).finally(() => pool.close())
}

/** @param run answers a day, somewhere */
export async function replayBy(
  run: RunDay,
  folder: string,
  window: Window,
  before: Tried,
  after: Tried,
): Promise<Replay> {
  const crossing = ({ document, inForce }: Tried): Policy => ({ document: shared(document), inForce })
  const key = hashOf([before, after] as never)
  const common = { key, folder, window, before: crossing(before), after: crossing(after) }
  const days = await Promise.all(daysOf(window).map((start) => run({ ...common, start })))
  const known = days.filter((day) => day !== null)
  const sum = (of: (day: ReplayedDay) => number): number => known.reduce((total, day) => total + of(day), 0)
  const moments = sum((day) => day.moments)
  if (moments === 0) throw nothingRecorded(window)
  const was = outcomes(
    before.document,
    known.map((day) => day.before),
    moments,
  )
  const is = outcomes(
    after.document,
    known.map((day) => day.after),
    moments,
  )
  const ids = [...new Set([...was.keys(), ...is.keys()])]
  const institutions = ids.map((id) => ({ id, before: was.get(id) ?? null, after: is.get(id) ?? null }))
  return {
    ...{ window, moments, slots: (window.to - window.from) / SLOT, recordedSlots: sum((d) => d.recordedSlots) },
    ...{ equal: sum((d) => d.equal), ofRevision: sum((d) => d.ofRevision), unsteered: sum((d) => d.unsteered) },
    institutions: institutions.sort((a, b) => harmOf(b) - harmOf(a) || lostBy(b) - lostBy(a) || (a.id < b.id ? -1 : 1)),
  }
}

/** bit that it misses more, or less. */
export const harmOf = ({ before, after }: ReplayedInstitution): number =>
  before === null || after === null ? 0 : after.missing - before.missing
/** bit/s that it has less, or more. */
export const lostBy = ({ before, after }: ReplayedInstitution): BitsPerSecond =>
  before === null || after === null ? 0 : before.need - after.need

function outcomes(document: PolicyDocument, days: readonly Outcome[], moments: number): Map<string, Replayed> {
  const { institutions } = compileUnder(document, {}).plan
  return new Map(
    institutions.map(({ id }, n) => {
      const sum = (of: (day: Outcome) => ArrayLike<number>): number =>
        days.reduce((total, day) => total + of(day)[n]!, 0)
      const replayed = {
        minutesShort: (sum((day) => day.short) * SLOT) / 60_000,
        missing: sum((day) => day.missing) * toSeconds(SLOT),
        need: sum((day) => day.need) / moments,
      }
      return [id, replayed]
    }),
  )
}

const nothingRecorded = ({ from, to }: Window): MizaniError =>
  new MizaniError({
    code: 'NOT_FOUND',
    message: `No moment is recorded from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}.`,
    advice: 'A moment of each five minutes is recorded while a controller runs; a command looks where --record says.',
  })
