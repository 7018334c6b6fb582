// `mizani plan buy`: the cheapest set of offers that keeps what must be kept.

import { DAY } from '../../model/units.js'
import { usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { type Bought, buy } from './buy.js'
import { type BreakDates, buyReport } from './buy-report.js'
import { type Cut, cutsNamed } from './cuts.js'
import { type Growth, growthRange, readGrowth } from './growth.js'
import { growthFor } from './growth-fit.js'
import { keptOnes } from './keep.js'
import { readOffers, withAllOffers } from './offers.js'
import { type Answer, type PlanArgs, runPlan } from './plan-command.js'
import { leadOf, setsOf } from './purchase.js'
import { runoutOf, timeOfBreak } from './runout.js'
import { checkWorkingDay, STEPS_A_DAY, type Study } from './study.js'

export interface BuyArgs extends PlanArgs {
  readonly offers: string
  readonly keep: string
  readonly anyOne?: string
  readonly growth?: string
  readonly years?: number
  readonly busiest?: number
}

const MOST_YEARS = 30

export async function runPlanBuy(args: BuyArgs, io: Io): Promise<void> {
  await runPlan(args, io, buyAnswer(args))
}

/** @throws MizaniError USAGE */
export function buyAnswer(args: BuyArgs): Answer {
  const { keep, anyOne = 'link,group', years = 3, busiest = 3 } = args
  const asked = readGrowth(args.growth ?? '0')
  if (years < 1 || years > MOST_YEARS) throw usageError(`--years ${years}: expected 1 to ${MOST_YEARS}`)
  if (busiest < 1 || busiest > STEPS_A_DAY) throw usageError(`--busiest ${busiest}: expected 1 to ${STEPS_A_DAY}`)
  return async ({ study, workers, record, progress }) => {
    checkWorkingDay(study)
    const growth = await growthFor(asked, study, record, progress)
    const offers = readOffers(args.offers, study.document)
    const kept = keptOnes(keep, study.plan)
    const cuts = cutsNamed(anyOne, withAllOffers(study.document, offers))
    const [, mean, mostGrowth] = growthRange(growth)
    const rates = { growth: mean, mostGrowth }
    const onProgress = progress(setsOf(offers), 'sets at most')
    const bought = buy(study, { offers, keep: kept, cuts, ...rates, years, busiest, onProgress })
    const breaks = await breaksOf(study, bought, kept, growth, workers)
    const inTime = await withLate(study, bought, breaks, workers)
    return buyReport(inTime, { offersFile: args.offers, keep, anyOne, growth, years, busiest }, breaks)
  }
}

/**
 * When the first of them breaks with nothing bought. Every failure is asked about, in every step: one that the busiest
 * steps let pass may break first in another.
 */
export async function breaksOf(
  study: Study,
  { tried, atMost, options }: Bought,
  kept: readonly number[],
  growth: Growth,
  workers: number,
): Promise<BreakDates> {
  // Who would have no way has none on the first day either.
  if (atMost.refusing(tried[0]!.choice).some(({ hurt }) => hurt.isStranded)) return [study.scenario.from]
  const cuts = cutsOf(study, options)
  const [least, mean, most] = growthRange(growth)
  const rates = growth.spread === 0 ? [mean] : [most, mean, least]
  const dates: (number | null)[] = []
  for (const rate of rates) {
    // Who has no way is waiting for no purchase: no offer gives one.
    const { firstShort } = await runoutOf(study, { growth: rate, years: options.years, cuts, workers }, kept)
    dates.push(firstShort === null ? null : timeOfBreak(study, firstShort))
  }
  return dates
}

/** Those of links that the plane has without a purchase. */
function cutsOf({ document: { links } }: Study, { cuts }: Bought['options']): Cut[] {
  return cuts.filter(({ id, kind }) => kind !== 'link' || links[id] !== undefined)
}

/**
 * What is bought if the cheapest set comes after the first break: the cheapest of those that come before it, or else
 * the late one, with whom it leaves short until then.
 */
export async function withLate(study: Study, bought: Bought, breaks: BreakDates, workers: number): Promise<Bought> {
  const { chosen, options } = bought
  // Of a range the date that is expected.
  const needed = breaks[Math.floor(breaks.length / 2)] ?? null
  if (chosen === null || needed === null) return bought
  const within = (needed - study.scenario.from) / DAY
  const days = leadOf(options.offers, chosen.choice)
  if (days <= within) return bought
  const { growth, keep, years } = options
  const until = Math.min(days, 365.25 * years)
  const cuts = cutsOf(study, options)
  const { institutions } = await runoutOf(study, { growth, years: until / 365.25, cuts, workers })
  const short = [...institutions].flatMap(([n, found]) => (keep.includes(n) ? [found] : []))
  const late = { set: chosen, days, short }
  const inTime = buy(study, { ...options, within })
  return { ...(inTime.chosen === null ? bought : inTime), late }
}
