// `mizani plan failures`: cuts everything that can be cut, one after the other or two at a time.

import { usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { failuresOf } from './failures.js'
import { failuresReport } from './failures-report.js'
import { type Answer, type PlanArgs, runPlan } from './plan-command.js'
import { STEPS_A_DAY } from './study.js'

/** Steps of the day that are looked at where nobody says how many. */
const BUSIEST = 12

export interface FailuresArgs extends PlanArgs {
  readonly busiest?: number
  readonly pairs?: boolean
}

export async function runPlanFailures(args: FailuresArgs, io: Io): Promise<void> {
  await runPlan(args, io, failuresAnswer(args))
}

/** @throws MizaniError USAGE */
export function failuresAnswer({ busiest = BUSIEST, pairs = false }: FailuresArgs): Answer {
  if (busiest < 1 || busiest > STEPS_A_DAY) throw usageError(`--busiest ${busiest}: expected 1 to ${STEPS_A_DAY}`)
  return async ({ study, workers, progress }) => {
    let tell: ((done: number) => void) | undefined
    const onProgress = (done: number, of: number) => {
      tell ??= progress(of, 'cuts')
      tell(done)
    }
    return failuresReport(await failuresOf(study, { busiest, pairs, workers, onProgress }), { busiest, pairs })
  }
}
