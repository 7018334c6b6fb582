// `mizani plan runout`: lets demand grow until promises break.

import { usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { cutsNamed } from './cuts.js'
import { growthRange, readGrowth } from './growth.js'
import { type Answer, type PlanArgs, runPlan } from './plan-command.js'
import { runoutOf } from './runout.js'
import { runoutReport } from './runout-report.js'
import { checkWorkingDay } from './study.js'

/** As far as contracts and budgets are planned. */
const YEARS = 5
const MOST_YEARS = 30

export interface RunoutArgs extends PlanArgs {
  readonly growth: string
  readonly years?: number
  readonly anyOne?: string
}

export async function runPlanRunout(args: RunoutArgs, io: Io): Promise<void> {
  await runPlan(args, io, runoutAnswer(args))
}

/** @throws MizaniError USAGE */
export function runoutAnswer(args: RunoutArgs): Answer {
  const { years = YEARS, anyOne } = args
  const growth = readGrowth(args.growth)
  if (years < 1 || years > MOST_YEARS) throw usageError(`--years ${years}: expected 1 to ${MOST_YEARS}`)
  return async ({ study, workers, progress }) => {
    checkWorkingDay(study)
    const cuts = anyOne === undefined ? [] : cutsNamed(anyOne, study.document)
    let tell: ((done: number) => void) | undefined
    const onProgress = (done: number, of: number) => {
      tell ??= progress(of, 'stretches of time')
      tell(done)
    }
    const [least, mean, most] = growthRange(growth)
    const common = { years, cuts, workers }
    const runout = await runoutOf(study, { ...common, growth: mean, onProgress })
    const all = study.plan.institutions.map((_, n) => n)
    const firstAt = (rate: number) => runoutOf(study, { ...common, growth: rate }, all)
    const range = growth.spread === 0 ? null : ([await firstAt(most), await firstAt(least)] as const)
    return runoutReport(runout, { growth, years, ...(anyOne === undefined ? {} : { anyOne }) }, range)
  }
}
