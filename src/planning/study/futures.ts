// A fiscal year, many times over: what it may come to.
//
//   odds --draw years--> agenda of states --parts, in threads or on other machines--> what each does --sum--> futures
//
// All draws meet the same network, day and luck for the same seed, whoever computes what: parts are cut by the agenda
// alone, each answer depends on its part alone, and sums are in the order of the draws.

import { Agenda } from './futures-agenda.js'
import { keyOf, type PartRunner, type PartsOptions, partsOf, runParts } from './futures-parts.js'
import { type Away, MEASURES, type Measure, type MeasureName, measureOf, Sums } from './futures-sums.js'
import type { FuturesInput, PartResult } from './futures-task.js'
import { type FiscalYear, Years } from './futures-years.js'
import type { Growth } from './growth.js'
import type { Odds } from './odds.js'
import { demandOfDay, demandOfDayOff, STEPS_A_DAY, type Study, withDayOff } from './study.js'
import { shared } from './sweep-task.js'

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

/** Of an institution and service. */
export interface Availability {
  readonly institution: number
  readonly service: number
  /** The part of its promise that it has in so many minutes as were asked about. */
  readonly part: number
  /** The part of all minutes in which it has all of it. */
  readonly whole: number
  /** Expected in a year: bit/s times hours. */
  readonly short: number
  readonly unreachable: number
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
  const { year, draws, growth, odds, moments } = options
  const study = await withDayOff(asked)
  const years = new Years({ seed: study.scenario.seed, draws, growth, odds, days: year.days })
  const agenda = new Agenda(study.document, year, odds, moments)
  for (let draw = 0; draw < draws; draw++) agenda.add(years.year(draw))
  agenda.close()
  const { factors, parts } = partsOf(agenda, 2 * moments)
  const demand = demandOfMoments(study, moments)
  const shares = { document: shared(study.document), moments: 2 * moments, demand: demand.buffer, factors }
  const input = { key: keyOf(shares), ...shares }
  const results = await runParts(input.key, parts, await makeRunner(input), partsOptions)
  const institutions = study.plan.institutions.length
  const sums = new Sums({ agenda, year, moments, institutions, odds: odds.length, draws, parts, results })
  for (let draw = 0; draw < draws; draw++) sums.add(draw, years.year(draw))
  const measured = MEASURES.map((name) => [name, measureOf(sums.values((of) => of[name]))])
  const looked = parts.reduce((sum, { states }) => sum + states.reduce((n, { steps }) => n + steps.length, 0), 0)
  return {
    ...{ study, options, looked, states: agenda.states.length, away: sums.away, intact: sums.intact / draws },
    measures: Object.fromEntries(measured) as Record<MeasureName, Measure>,
    missing: sums.values(({ short, unreachable }) => short + unreachable),
    months: sums.months.map(({ short, unreachable }) => ({ short: short / draws, unreachable: unreachable / draws })),
    availability: availabilityOf(study, options, results),
    solves: results.reduce((sum, { solves }) => sum + solves, 0),
  }
}

/** Of the moments of a working day, then of the first day off after it. */
export function demandOfMoments(study: Study, moments: number): Float64Array<SharedArrayBuffer> {
  const flows = study.plan.flows.length
  const demand = new Float64Array(new SharedArrayBuffer(8 * 2 * moments * flows))
  for (const [n, day] of [demandOfDay(study), demandOfDayOff(study)].entries()) {
    for (let place = 0; place < moments; place++) {
      const step = stepOfMoment(place, moments)
      demand.set(day.subarray(step * flows, (step + 1) * flows), (n * moments + place) * flows)
    }
  }
  return demand
}

/** The middle of the time that it stands for. */
export const stepOfMoment = (place: number, moments: number): number =>
  Math.floor(((place + 0.5) * STEPS_A_DAY) / moments)

function availabilityOf(
  { plan }: Study,
  { draws, year, minutes }: FuturesOptions,
  results: readonly PartResult[],
): Availability[] {
  const hours = 24 * year.days * draws
  const kept = new Map<number, Map<number, number>>()
  const lacks = new Map<number, [number, number]>()
  for (const result of results) {
    for (let at = 0; at < result.kept.length; at += 3) {
      const [row = 0, bin = 0, spent = 0] = result.kept.slice(at, at + 3)
      const bins = kept.get(row) ?? new Map<number, number>()
      kept.set(row, bins.set(bin, (bins.get(bin) ?? 0) + spent))
    }
    for (let at = 0; at < result.lacks.length; at += 3) {
      const [row = 0, short = 0, unreachable = 0] = result.lacks.slice(at, at + 3)
      const sum = lacks.get(row) ?? [0, 0]
      lacks.set(row, [sum[0] + short, sum[1] + unreachable])
    }
  }
  const services = plan.services.length
  const served = new Set(plan.flows.map(({ institution, service }) => `${institution} ${service}`))
  return plan.institutions.flatMap(({ id }, institution) =>
    plan.services.flatMap((of, service): Availability[] => {
      if (!served.has(`${id} ${of.id}`)) return []
      const row = institution * services + service
      const [short, unreachable] = lacks.get(row) ?? [0, 0]
      const had = partHad(kept.get(row) ?? new Map(), hours, minutes)
      return [{ institution, service, ...had, short: short / draws, unreachable: unreachable / draws }]
    }),
  )
}

/** @param bins hours in which less than all was kept, by thousandths of it */
function partHad(bins: ReadonlyMap<number, number>, hours: number, minutes: number): { part: number; whole: number } {
  const ordered = [...bins].sort(([a], [b]) => b - a)
  const lacking = ordered.reduce((sum, [, spent]) => sum + spent, 0)
  const whole = Math.min(1, Math.max(0, 1 - lacking / hours))
  let below = lacking
  let part = 1
  for (const [bin, spent] of ordered) {
    if (1 - below / hours >= minutes) break
    below -= spent
    part = bin / 1_000
  }
  // Rounding may leave a breath of the last bin.
  return { part: 1 - Math.max(0, below) / hours >= minutes - 1e-12 ? part : 0, whole }
}
