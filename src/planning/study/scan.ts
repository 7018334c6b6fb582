// A network under one failure while demand grows: the first five minutes in which each promise is short.
//
// The day of the study comes again every working day, larger each time. A link breaks on the day on which the claims of
// its worst step (the one in which they reach its room at the least growth) no longer fit; the worst steps of all links
// are looked at, each day, by the production solve. While the claims of all fit every link every promise is kept, and
// there is nothing to solve.

import type { Conditions } from '../../model/network.js'
import type { Plan } from '../../model/plan.js'
import { Causes } from '../../solve/causes.js'
import { eachHop, type Problem } from '../../solve/problem.js'
import { claimOf, keptOf, lackOf, mostBeforePromises, shortBandOf } from '../claims.js'
import { solverFor } from '../forecast.js'
import { compileUnder } from '../run.js'
import { parsed } from './sweep-task.js'

export interface ScanTask {
  /** The policy as JSON. */
  readonly document: SharedArrayBuffer
  readonly conditions: Conditions
  /** Of every step of the day, [step * flows + flow]. */
  readonly demand: SharedArrayBuffer
  readonly growth: number
  /** Days since the day of the study that are looked at, in their order. */
  readonly days: readonly number[]
  /** Institutions that are asked about, by their place in the plan. */
  readonly watched: readonly number[]
  /** Whether to stop at the first break of any of them. */
  readonly first: boolean
  /** Whether to look at every step of these days, and not at the worst ones alone. */
  readonly everyStep: boolean
}

/** The first time that something is short. */
export interface Break {
  readonly day: number
  readonly step: number
  readonly flow: number
  /** The link that stopped it; -1: none did. */
  readonly cause: number
}

export interface Breaks {
  /** By place of the institution in the plan. */
  readonly institutions: readonly (readonly [number, Break])[]
  /** By link that stopped somebody who was short. */
  readonly links: readonly (readonly [number, Break])[]
  readonly solves: number
}

const YEAR_DAYS = 365.25
export const growthAfter = (growth: number, days: number): number => (1 + growth) ** (days / YEAR_DAYS)

export function scan(task: ScanTask): Breaks {
  const { plan, problem } = compileUnder(parsed(task.document), task.conditions)
  const day = new Float64Array(task.demand)
  const most = growthAfter(task.growth, task.days.at(-1) ?? 0)
  const loads = loadsThatCanBreak(plan, problem)
  const { flows } = problem.shape
  const steps = task.everyStep ? [...new Array(day.length / flows).keys()] : worstSteps(loads, day, flows, most)
  const worst = steps.map((step) => ({
    step,
    least: leastGrowth(loads, day.subarray(step * flows, (step + 1) * flows), most),
  }))
  const watch = new Watch(plan, task.watched, loads)
  const solver = solverFor(problem)
  let solves = 0
  for (const days of task.days) {
    const factor = growthAfter(task.growth, days)
    for (const { step, least } of worst) {
      if (factor <= least) continue
      fill(problem, day, step, factor)
      solver.solveNeed(problem)
      solves++
      watch.look(problem, days, step)
      if (task.first && watch.institutions.size > 0) break
    }
    if (task.first && watch.institutions.size > 0) break
  }
  return { institutions: [...watch.institutions], links: [...watch.links], solves }
}

function fill(problem: Problem, day: Float64Array, step: number, factor: number): void {
  const { flows } = problem.shape
  for (let i = 0; i < flows; i++) problem.demand[i] = day[step * flows + i]! * factor
  problem.recent.set(problem.demand)
}

/** Steps in which some link breaks first, in the order of the day. @param most growth beyond which nobody looks */
function worstSteps(loads: readonly LinkLoad[], day: Float64Array, flows: number, most: number): number[] {
  const steps = day.length / flows
  const chosen = new Set<number>()
  for (const load of loads) {
    let first = -1
    let atFirst = most
    for (let step = 0; step < steps; step++) {
      const demand = day.subarray(step * flows, (step + 1) * flows)
      if (claimedOf(load, demand, atFirst) <= load.room) continue
      first = step
      atFirst = growthUntil(load, demand, atFirst)
    }
    if (first >= 0) chosen.add(first)
  }
  return [...chosen].sort((a, b) => a - b)
}

/** The growth up to which nothing at all breaks in a step. */
const leastGrowth = (loads: readonly LinkLoad[], demand: Float64Array, most: number): number =>
  Math.min(most, ...loads.map((load) => growthUntil(load, demand, most)))

/** Who claims how much of a link at most, with the part of each that crosses it. */
interface LinkLoad {
  readonly link: number
  readonly room: number
  readonly flows: Uint32Array
  readonly fractions: Float64Array
  readonly most: Float64Array
}

/** Of links on which the promises of all do not fit. */
function loadsThatCanBreak(plan: Plan, problem: Problem): LinkLoad[] {
  const mostOf = mostBeforePromises(problem)
  const crossing = new Map<number, { flows: number[]; fractions: number[]; most: number[]; sum: number }>()
  for (let i = 0; i < problem.shape.flows; i++) {
    if (plan.unreachable.has(i)) continue
    const most = mostOf(i)
    eachHop(problem, i, (link, fraction) => {
      const row = crossing.get(link) ?? { flows: [], fractions: [], most: [], sum: 0 }
      crossing.set(link, row)
      row.flows.push(i)
      row.fractions.push(fraction)
      row.most.push(most)
      row.sum += fraction * most
    })
  }
  return [...crossing]
    .filter(([link, { sum }]) => sum > problem.linkRoom[link]!)
    .map(([link, { flows, fractions, most }]) => ({
      ...{ link, room: problem.linkRoom[link]!, flows: Uint32Array.from(flows) },
      ...{ fractions: Float64Array.from(fractions), most: Float64Array.from(most) },
    }))
}

function claimedOf({ fractions, most, flows }: LinkLoad, demand: Float64Array, factor: number): number {
  let sum = 0
  for (let n = 0; n < fractions.length; n++) sum += fractions[n]! * Math.min(most[n]!, factor * demand[flows[n]!]!)
  return sum
}

/** The growth up to which the claims of a step fit the link; `most` where they do at that. */
function growthUntil(load: LinkLoad, demand: Float64Array, most: number): number {
  if (claimedOf(load, demand, most) <= load.room) return most
  let fits = 0
  let breaks = most
  // 50 halvings: closer than anything that is printed.
  for (let n = 0; n < 50; n++) {
    const middle = (fits + breaks) / 2
    if (claimedOf(load, demand, middle) <= load.room) fits = middle
    else breaks = middle
  }
  return fits
}

/** Notes first times. */
class Watch {
  readonly institutions = new Map<number, Break>()
  readonly links = new Map<number, Break>()
  readonly #flows: readonly (readonly [flow: number, institution: number])[]

  /** Links that nobody was short at yet. */
  readonly #open: Set<number>

  constructor({ institutions, unreachable }: Plan, watched: readonly number[], loads: readonly LinkLoad[]) {
    this.#open = new Set(loads.map(({ link }) => link))
    this.#flows = watched.flatMap((n) =>
      institutions[n]!.flows.filter((i) => !unreachable.has(i)).map((i) => [i, n] as const),
    )
  }

  look(problem: Problem, day: number, step: number): void {
    const isNewLink = [...this.#open].some((link) => problem.saturatedIn[link]! >= 0)
    let causes: Causes | undefined
    for (const [flow, institution] of this.#flows) {
      const isKnown = this.institutions.has(institution)
      if (isKnown && !isNewLink) continue
      if (lackOf(claimOf(problem, flow), keptOf(problem, flow)) === 0) continue
      causes ??= new Causes(problem)
      const stopped = causes.of(flow, shortBandOf(problem, flow))
      const found = { day, step, flow, cause: stopped[0] ?? -1 }
      if (!isKnown) this.institutions.set(institution, found)
      for (const link of stopped) if (!this.links.has(link)) this.links.set(link, found)
    }
    for (const link of this.links.keys()) this.#open.delete(link)
  }
}
