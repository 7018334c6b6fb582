// `mizani plan futures`: draws fiscal years from the odds, and says what they come to.

import { setMaxListeners } from 'node:events'
import { usageError } from '../../runtime/errors.js'
import { mindMemory } from '../../runtime/heap.js'
import type { Io } from '../../runtime/io.js'
import { untilSignal } from '../../runtime/lifetime.js'
import { type FuturesOptions, futuresOf, type MakeRunner } from './futures.js'
import { poolRunner } from './futures-parts.js'
import { futuresReport } from './futures-report.js'
import { BATCHES, fiscalYear } from './futures-years.js'
import { type Growth, readGrowth } from './growth.js'
import { growthFor } from './growth-fit.js'
import { readOdds } from './odds.js'
import { type Answer, type PlanArgs, runPlan } from './plan-command.js'
import { queueAddress, queueRunner } from './sim-worker.js'
import { checkWorkingDay, STEPS_A_DAY, type Study } from './study.js'
import { readWorth, type WorthFiles } from './worth.js'

export interface FuturesArgs extends PlanArgs, WorthFiles {
  readonly growth: string
  readonly outages?: string
  readonly draws?: number
  readonly year?: number
  readonly minutes?: string
  readonly moments?: number
  readonly parts?: string
  /** True: where the environment says. */
  readonly queue?: string | true
}

const MOST_DRAWS = 100_000

export async function runPlanFutures(args: FuturesArgs, io: Io): Promise<void> {
  mindMemory()
  const { parts, queue } = args
  const cancelled = new AbortController()
  // Every part listens.
  setMaxListeners(0, cancelled.signal)
  await runPlan(args, io, (asked) => {
    const url = queue === undefined ? null : queueAddress(queue === true ? undefined : queue, io)
    const { workers } = asked
    const answer = futuresAnswer(args, (input) =>
      url === null ? poolRunner(input, workers, cancelled.signal) : queueRunner(url, input, cancelled.signal),
    )
    return untilCancelled(cancelled, parts, () => answer(asked))
  })
}

/** @param makeRunner who does its parts: threads here, or other machines */
export function futuresAnswer(args: FuturesArgs, makeRunner: MakeRunner): Answer {
  const { outages, prices, offers, parts } = args
  const asked = readGrowth(args.growth)
  return async ({ study, record, progress }) => {
    checkWorkingDay(study)
    const growth = await growthFor(asked, study, record, progress)
    const options = optionsOf(args, study, growth)
    const worth = readWorth({ ...(prices && { prices }), ...(offers && { offers }) }, study.document)
    let tell: ((done: number) => void) | undefined
    const onProgress = (done: number, of: number): void => {
      tell ??= progress(of, 'states of the network')
      tell(done)
    }
    const kept = parts === undefined ? {} : { folder: parts }
    const futures = await futuresOf(study, options, makeRunner, { onProgress, ...kept })
    return futuresReport(futures, worth, {
      ...{ ...(outages && { outages }), ...(prices && { prices }), ...(offers && { offers }) },
    })
  }
}

function optionsOf(args: FuturesArgs, study: Study, growth: Growth): FuturesOptions {
  const { outages, draws = 1_000, moments = 24, minutes = '99.9' } = args
  if (draws < BATCHES || draws > MOST_DRAWS) throw usageError(`--draws ${draws}: expected ${BATCHES} to ${MOST_DRAWS}`)
  if (moments < 1 || STEPS_A_DAY % moments !== 0)
    throw usageError(`--moments ${moments}: expected so many as divide a day: 24, 48, 96, 288`)
  const percent = /^\d{1,2}(\.\d{1,6})?$/.test(minutes) ? Number(minutes) : 0
  if (percent <= 0) throw usageError(`--minutes ${minutes}: expected a part of all minutes in percent, such as 99.9`)
  return {
    ...{ growth, year: fiscalYear(study, args.year), draws, moments, minutes: percent / 100 },
    odds: outages === undefined ? [] : readOdds(outages, study.document),
  }
}

/** Ends the work at a signal; results that are kept stay. */
async function untilCancelled<T>(
  cancelled: AbortController,
  parts: string | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  // From the signal on the process is gone within SHUTDOWN_TIME, whatever a store that is away holds up.
  void untilSignal(over.signal).then(() => cancelled.abort())
  try {
    return await run()
  } catch (error) {
    if (!cancelled.signal.aborted) throw error
    const next =
      parts === undefined
        ? 'With --parts DIR it would go on where it stood.'
        : `The same command goes on from ${parts}.`
    throw usageError('Cancelled: there is no report.', next)
  } finally {
    over.abort()
  }
}
