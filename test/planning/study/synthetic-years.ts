// Years as they happen, drawn another way than those that are forecast: one failure after another, growth by another
// transformation, another generator; and each moment of each day at its exact demand, compiled and solved.

import { seeded } from '../../../bench/harness.js'
import { claimOf, cutOff, keptOf, lackOf } from '../../../src/planning/claims.js'
import { compileUnder } from '../../../src/planning/run.js'
import { demandOfMoments, type FuturesOptions, futuresOf } from '../../../src/planning/study/futures.js'
import { poolRunner } from '../../../src/planning/study/futures-parts.js'
import { fiscalYear } from '../../../src/planning/study/futures-years.js'
import { parseOdds } from '../../../src/planning/study/odds.js'
import { growthAfter } from '../../../src/planning/study/scan.js'
import type { Study } from '../../../src/planning/study/study.js'
import { createSolver } from '../../../src/solve/solve.js'
import { ringStudy } from './ring-plane.js'

export const ODDS = [
  'what,failures_per_year,hours_to_repair',
  ...['up-a,4,60', 'cable,1,200', 'road,3,40', 'backbone,6,20', 'core,0.02,30'],
].join('\n')

export function ringFutures(study: Study, more: Partial<FuturesOptions> = {}): FuturesOptions {
  const odds = parseOdds(ODDS, 'odds.csv', study.document)
  const growth = { mean: 0.25, spread: 0.08 }
  return { year: fiscalYear(study), draws: 400, growth, odds, moments: 4, minutes: 0.999, ...more }
}

/** What is missing in a year, bit/s times hours, for a growth and what is away at each hour. */
export class SlowYears {
  readonly #study: Study
  readonly #options: FuturesOptions
  readonly #demand: Float64Array
  readonly #known = new Map<string, (demand: Float64Array) => number>()

  constructor(study: Study, options: FuturesOptions) {
    this.#study = study
    this.#options = options
    this.#demand = demandOfMoments(study, options.moments)
  }

  missing(growth: number, awayAt: (from: number, to: number) => readonly { hours: number; away: readonly number[] }[]) {
    const { year, moments } = this.#options
    const flows = this.#study.plan.flows.length
    const length = 24 / moments
    let sum = 0
    for (let day = 0; day < year.days; day++) {
      const factor = growthAfter(growth, year.since + day)
      for (let place = 0; place < moments; place++) {
        const at = ((year.isOff[day] ? moments : 0) + place) * flows
        const demand = this.#demand.subarray(at, at + flows).map((asked) => asked * factor)
        const from = 24 * day + length * place
        for (const { hours, away } of awayAt(from, from + length)) sum += hours * this.#lackOf(away)(demand)
      }
    }
    return sum
  }

  /** What all lack of their claims while some things are away. */
  #lackOf(away: readonly number[]): (demand: Float64Array) => number {
    const key = away.join(' ')
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const conditions = Object.assign({}, ...away.map((n) => this.#options.odds[n]!.cut.conditions))
    const { plan, problem } = compileUnder(this.#study.document, conditions)
    const solver = createSolver(problem.shape)
    const isCutOff = cutOff(plan, problem)
    const lackUnder = (demand: Float64Array): number => {
      problem.demand.set(demand)
      problem.recent.set(demand)
      solver.solveNeed(problem)
      let sum = 0
      for (const { flows } of plan.institutions)
        for (const i of flows) {
          const claim = claimOf(problem, i)
          sum += isCutOff(i) ? claim : lackOf(claim, keptOf(problem, i))
        }
      return sum
    }
    this.#known.set(key, lackUnder)
    return lackUnder
  }
}

/** One year as it happens. */
export function yearAsItHappens(slow: SlowYears, { growth, odds, year }: FuturesOptions, seed: number): number {
  const chance = seeded(seed)
  const gap = (mean: number): number => -mean * Math.log(1 - chance())
  const normal = Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance())
  const outages = odds.flatMap(({ failures, hours }, n) => {
    const found: { n: number; from: number; to: number }[] = []
    // Long before, so that what is away when the year begins is as in any other hour.
    for (let at = gap(8_766 / failures) - 20 * hours; at < 24 * year.days; at += gap(8_766 / failures))
      found.push({ n, from: at, to: at + gap(hours) })
    return found
  })
  return slow.missing(growth.mean + growth.spread * normal, (from, to) => {
    const met = outages.filter((each) => each.from < to && each.to > from)
    const times = [...new Set([from, to, ...met.flatMap((each) => [each.from, each.to])])]
    const within = times.filter((time) => time >= from && time <= to).sort((a, b) => a - b)
    return within.slice(1).map((end, k) => {
      const middle = (within[k]! + end) / 2
      const away = [...new Set(met.filter((each) => each.from < middle && each.to > middle).map(({ n }) => n))]
      return { hours: end - within[k]!, away: away.sort((a, b) => a - b) }
    })
  })
}

/** How many of so many synthetic years lie between P5 and P95 of the forecasts of their worlds. */
export async function held(seed: number, worlds: number, years: number): Promise<{ held: number; of: number }> {
  const count = { held: 0, of: 0 }
  for (let world = seed; count.of < worlds * years; world++) {
    const study = ringStudy(world, 4)
    const options = ringFutures(study)
    const { missing } = await futuresOf(study, options, (input) => poolRunner(input, 1))
    const ordered = missing.toSorted()
    const [p5, p95] = [ordered[0.05 * options.draws - 1]!, ordered[0.95 * options.draws - 1]!]
    // Where some years miss nothing at all, an interval from nothing on holds more than it says.
    if (p5 === 0) continue
    const slow = new SlowYears(study, options)
    for (let n = 0; n < years; n++) {
      const truth = yearAsItHappens(slow, options, 1_000_003 * world + n)
      if (truth > p5 && truth <= p95) count.held++
      count.of++
    }
  }
  return count
}
