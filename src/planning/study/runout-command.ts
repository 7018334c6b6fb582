// `mizani plan runout`: lets demand grow until promises break.

import { usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { cutsNamed } from './cuts.js'
import { type Growth, growthRange, readGrowth } from './growth.js'
import { growthFor, pathsOf } from './growth-fit.js'
import { type Answer, type PlanArgs, runPlan } from './plan-command.js'
import { type RunoutOptions, runoutOf, workingDays } from './runout.js'
import { runoutReport } from './runout-report.js'
import { checkWorkingDay, type Study } from './study.js'

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
  const asked = readGrowth(args.growth)
  if (years < 1 || years > MOST_YEARS) throw usageError(`--years ${years}: expected 1 to ${MOST_YEARS}`)
  return async ({ study, workers, record, progress }) => {
    checkWorkingDay(study)
    const growth = await growthFor(asked, study, record, progress)
    const cuts = anyOne === undefined ? [] : cutsNamed(anyOne, study.document)
    let tell: ((done: number) => void) | undefined
    const onProgress = (done: number, of: number) => {
      tell ??= progress(of, 'stretches of time')
      tell(done)
    }
    const [least, mean, most] = ratesOf(growth, study, years)
    const common = { years, cuts, workers }
    const runout = await runoutOf(study, { ...common, ...mean, onProgress })
    const all = study.plan.institutions.map((_, n) => n)
    const firstAt = (rate: Rate) => runoutOf(study, { ...common, ...rate }, all)
    const range = growth.spread === 0 ? null : ([await firstAt(most), await firstAt(least)] as const)
    return runoutReport(runout, { growth, years, ...(anyOne === undefined ? {} : { anyOne }) }, range)
  }
}

type Rate = Pick<RunoutOptions, 'growth' | 'path'>

/** The least, the middle and the most of what is expected. */
function ratesOf(growth: Growth, study: Study, years: number): readonly [Rate, Rate, Rate] {
  const [least, mean, most] = growthRange(growth)
  if (growth.fit === undefined) return [{ growth: least }, { growth: mean }, { growth: most }]
  const days = workingDays(study, { growth: 1, years })
  const paths = pathsOf(growth.fit, study.scenario.from, days)
  return [
    { growth: least, path: paths.least },
    { growth: mean, path: paths.middle },
    { growth: most, path: paths.most },
  ]
}
