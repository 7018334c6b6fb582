// A fiscal year, many times over: what it may come to.
//
//   odds --draw years--> agenda of states --parts, in threads or on other machines--> what each does --sum--> futures
//
// All draws meet the same network, day and luck for the same seed, whoever computes what: parts are cut by the agenda
// alone, each answer depends on its part alone, and sums are in the order of the draws.

import { shared } from '../shared-document.js'
import { Agenda } from './futures-agenda.js'
import { type Availability, Kept } from './futures-availability.js'
import { Harms } from './futures-harms.js'
import { keyOf, type PartRunner, type PartsOptions, partsOf, runParts } from './futures-parts.js'
import { type Away, MEASURES, type Measure, type MeasureName, measureOf, Sums } from './futures-sums.js'
import type { FuturesInput, Part, PartResult } from './futures-task.js'
import { type FiscalYear, Years } from './futures-years.js'
import type { Growth } from './growth.js'
import type { Odds } from './odds.js'
import { STEPS_A_DAY, type Study, stepsOfDay, stepsOfDayOff, withDayOff } from './study.js'

export interface FuturesOptions {
  readonly year: FiscalYear
  readonly draws: number
  readonly growth: Growth
  readonly odds: readonly Odds[]
  /** Moments of a day that are looked at; each stands for as much of it. */
  readonly moments: number
  /** The part of all minutes in which a rate is to be had. */
  readonly minutes: number
}

export interface Futures {
  readonly study: Study
  readonly options: FuturesOptions
  readonly measures: Readonly<Record<MeasureName, Measure>>
  /** Of each year, bit/s times hours: short and unreachable together. */
  readonly missing: Float64Array
  /** By month, of the mean year. */
  readonly months: readonly { readonly short: number; readonly unreachable: number }[]
  /** By odds, of all years. */
  readonly away: readonly Away[]
  /** bit/s times hours of the mean year while nothing is away. */
  readonly intact: number
  readonly availability: readonly Availability[]
  readonly states: number
  readonly looked: number
  readonly solves: number
}

/** Makes the runner for what all parts share. */
export type MakeRunner = (input: FuturesInput) => PartRunner | Promise<PartRunner>

/** @throws MizaniError USAGE where demand is recorded, and no day off is */
export async function futuresOf(
  asked: Study,
  options: FuturesOptions,
  makeRunner: MakeRunner,
  partsOptions: PartsOptions = {},
): Promise<Futures> {
  const { year, draws, growth, odds, moments, minutes } = options
  const study = await withDayOff(asked)
  const years = new Years({ seed: study.scenario.seed, draws, growth, odds, days: year.days })
  const agenda = new Agenda(study.document, year, odds, moments)
  for (let draw = 0; draw < draws; draw++) agenda.add(years.year(draw))
  agenda.close()
  const { factors, parts } = partsOf(agenda, 2 * moments)
  const looked = parts.reduce((sum, { states }) => sum + states.reduce((n, { steps }) => n + steps.length, 0), 0)
  const demand = demandOfMoments(study, moments)
  const shares = { document: shared(study.document), moments: 2 * moments, demand: demand.buffer, factors }
  const input = { key: keyOf(shares), ...shares }
  const harms = new Harms(agenda, 2 * moments, study.plan.institutions.length)
  const kept = new Kept()
  let solves = 0
  const take = (part: Part, result: PartResult): void => {
    harms.take(part, result)
    kept.take(result)
    solves += result.solves
  }
  await runParts(input.key, parts, await makeRunner(input), take, partsOptions)
  const sums = new Sums({ agenda, year, moments, odds: odds.length, draws, harms })
  for (let draw = 0; draw < draws; draw++) sums.add(draw, years.year(draw))
  const measured = MEASURES.map((name) => [name, measureOf(sums.values((of) => of[name]))])
  return {
    ...{ study, options, looked, solves, states: agenda.states.length, away: sums.away, intact: sums.intact / draws },
    measures: Object.fromEntries(measured) as Record<MeasureName, Measure>,
    missing: sums.values(({ short, unreachable }) => short + unreachable),
    months: sums.months.map(({ short, unreachable }) => ({ short: short / draws, unreachable: unreachable / draws })),
    availability: kept.availability(study.plan, draws, 24 * year.days, minutes),
  }
}

/** Of the moments of a working day, then of the first day off after it. */
export function demandOfMoments(study: Study, moments: number): Float64Array<SharedArrayBuffer> {
  const flows = study.plan.flows.length
  const demand = new Float64Array(new SharedArrayBuffer(8 * 2 * moments * flows))
  for (const [n, write] of [stepsOfDay(study), stepsOfDayOff(study)].entries()) {
    for (let place = 0; place < moments; place++) {
      const at = (n * moments + place) * flows
      write(stepOfMoment(place, moments), demand.subarray(at, at + flows))
    }
  }
  return demand
}

/** The middle of the time that it stands for. */
export const stepOfMoment = (place: number, moments: number): number =>
  Math.floor(((place + 0.5) * STEPS_A_DAY) / moments)
