// A network under one failure while demand grows: the first five minutes in which each promise is short.
//
// The day of the study comes again every working day, larger each time. Bands are served in their order, so a promise
// of a band can be short only where what is claimed of this band and those before it does not fit a link on the way.
// Until then there is nothing to solve for whom it was made; from then on every such five minutes are, by the
// production solve, until the promise breaks.

import TinyQueue from 'tinyqueue'
import type { Conditions } from '../../model/network.js'
import type { Plan } from '../../model/plan.js'
import { type Compiled, createCompiler, provisionalIndexes } from '../../policy/compile/compile.js'
import { Topology } from '../../policy/compile/topology.js'
import { Causes } from '../../solve/causes.js'
import { BAND_KIND, eachHop, type Problem } from '../../solve/problem.js'
import { claimOf, cutOff, keptOf, lackOf, promiseBands, shortBandOf } from '../claims.js'
import { parsed } from '../shared-document.js'
import { solverFor } from '../solvers.js'

export interface ScanTask {
  /** Of the policy, and the policy as JSON. */
  readonly hash: string
  readonly document: SharedArrayBuffer
  readonly conditions: Conditions
  /** Of every step of the day, [step * flows + flow]. */
  readonly demand: SharedArrayBuffer
  /** Days since the day of the study that are looked at, in their order, and what multiplies demand: it never falls. */
  readonly days: readonly number[]
  readonly factors: readonly number[]
  /** Institutions that are asked about, by their place in the plan. */
  readonly watched: readonly number[]
  /** Whether to stop at the first break of any of them. */
  readonly first: boolean
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
  /** By link that stopped somebody who was short, in the steps that were solved. */
  readonly links: readonly (readonly [number, Break])[]
  readonly solves: number
}

const YEAR_DAYS = 365.25
export const growthAfter = (growth: number, days: number): number => (1 + growth) ** (days / YEAR_DAYS)

/** Of the policy that this thread was asked about last: prepared once for all its failures. */
let last: { readonly hash: string; readonly compile: (conditions: Conditions) => Compiled } | undefined

function compileUnder({ hash, document, conditions }: ScanTask): Compiled {
  if (last?.hash !== hash) {
    const policy = parsed(document)
    const names = { revision: 0, hash, indexes: provisionalIndexes(policy) }
    last = { hash, compile: createCompiler(policy, names, new Topology(policy)) }
  }
  return last.compile(conditions)
}

export function scan(task: ScanTask): Breaks {
  const { plan, problem } = compileUnder(task)
  const day = new Float64Array(task.demand)
  const { factors } = task
  const loads = loadsThatCanBreak(plan, problem)
  const steps = day.length / problem.shape.flows
  const firsts = new Map(loads.map((load) => [load, daysOfBreak(load, day, problem.shape.flows, factors)]))
  const agenda = new Agenda(plan, { watched: task.watched, firsts, day, factors, flows: problem.shape.flows })
  const worst = task.first ? [] : worstSteps(firsts, day, problem.shape.flows, factors)
  const watch = new Watch(plan, problem, task.watched, loads)
  const solver = solverFor(problem)
  let solves = 0
  for (const [n, factor] of factors.entries()) {
    const ofLinks = new Set(worst.flatMap(({ link, step, first }) => (first <= n && watch.isOpen(link) ? [step] : [])))
    for (let step = 0; step < steps; step++) {
      if (!ofLinks.has(step) && !agenda.has(n, step, watch.institutions)) continue
      fill(problem, day, step, factor)
      solver.solveNeed(problem)
      solves++
      watch.look(problem, task.days[n]!, step)
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

/** What is claimed of a link in the bands up to one, with the part of each flow that crosses it. */
interface LinkLoad {
  readonly link: number
  /** The last of the bands; -1: of all that is claimed before the last promise. */
  readonly band: number
  readonly room: number
  readonly flows: Uint32Array
  readonly fractions: Float64Array
  readonly most: Float64Array
  /** What each can claim of the bands before it alone, and at which weight it rises in this one; 0: not known. */
  readonly before: Float64Array
  readonly weight: Float64Array
}

/** Of links and bands that do not fit where all claim what they can. */
function loadsThatCanBreak(plan: Plan, problem: Problem): LinkLoad[] {
  const isCutOff = cutOff(plan, problem)
  const crossing = new Map<number, { flow: number; fraction: number }[]>()
  for (let i = 0; i < problem.shape.flows; i++) {
    if (isCutOff(i)) continue
    eachHop(problem, i, (link, fraction) => {
      const row = crossing.get(link) ?? []
      crossing.set(link, row)
      row.push({ flow: i, fraction })
    })
  }
  return promiseBands(problem).flatMap(({ band, ...of }) => {
    const ofAll = (each: (i: number) => number) => Float64Array.from({ length: problem.shape.flows }, (_, i) => each(i))
    const [most, before, weight] = [ofAll(of.most), ofAll(of.before), ofAll(of.weight)]
    return [...crossing].flatMap(([link, hops]): LinkLoad[] => {
      const room = problem.linkRoom[link]!
      if (hops.reduce((sum, { flow, fraction }) => sum + fraction * most[flow]!, 0) <= room) return []
      const flows = Uint32Array.from(hops, ({ flow }) => flow)
      const fractions = Float64Array.from(hops, ({ fraction }) => fraction)
      const columnOf = (all: Float64Array) => Float64Array.from(hops, ({ flow }) => all[flow]!)
      const columns = { most: columnOf(most), before: columnOf(before), weight: columnOf(weight) }
      return [{ link, band, room, flows, fractions, ...columns }]
    })
  })
}

function claimedOf({ fractions, most, flows }: LinkLoad, demand: Float64Array, factor: number): number {
  let sum = 0
  for (let n = 0; n < fractions.length; n++) sum += fractions[n]! * Math.min(most[n]!, factor * demand[flows[n]!]!)
  return sum
}

/** By step: the place of the first day on which its claims no longer fit the link; the number of days: they do. */
function daysOfBreak(load: LinkLoad, day: Float64Array, flows: number, factors: readonly number[]): Uint32Array {
  return Uint32Array.from({ length: day.length / flows }, (_, step) => {
    const demand = day.subarray(step * flows, (step + 1) * flows)
    const fits = (n: number): boolean => claimedOf(load, demand, factors[n]!) <= load.room
    if (fits(factors.length - 1)) return factors.length
    let [low, high] = [0, factors.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (fits(middle)) low = middle + 1
      else high = middle
    }
    return low
  })
}

interface WorstStep {
  readonly link: number
  readonly step: number
  readonly first: number
}

/** Of each link the step in which its claims no longer fit first, by most where several do on that day. */
function worstSteps(
  firsts: ReadonlyMap<LinkLoad, Uint32Array>,
  day: Float64Array,
  flows: number,
  factors: readonly number[],
): WorstStep[] {
  const found = new Map<number, WorstStep>()
  // The last band comes last: all that is claimed.
  for (const [load, days] of firsts) {
    const first = Math.min(...days)
    if (first === factors.length) continue
    const claimed = (step: number): number =>
      claimedOf(load, day.subarray(step * flows, (step + 1) * flows), factors[first]!)
    const steps = [...days.keys()].filter((step) => days[step] === first)
    const step = steps.reduce((worst, next) => (claimed(next) > claimed(worst) ? next : worst))
    found.set(load.link, { link: load.link, step, first })
  }
  return [...found.values()]
}

interface AgendaParts {
  readonly watched: readonly number[]
  readonly firsts: ReadonlyMap<LinkLoad, Uint32Array>
  readonly day: Float64Array
  readonly factors: readonly number[]
  readonly flows: number
}

/** A flow at a link that can leave it short. */
interface Place {
  readonly load: LinkLoad
  /** Of the flow among those that cross the link. */
  readonly at: number
  /** By step: the place of the first day on which the claims of all do not fit. */
  readonly days: Uint32Array
  /** To which the link fills alone, by step and day; as far as they have been asked for. */
  readonly levels: Map<number, number>
}

/**
 * Knows in which five minutes a promise that has not broken yet could. Where its link is full a flow is short if it
 * claims more than its part at the link's level; that level is never lower than if all who cross the link claimed there
 * alone.
 */
class Agenda {
  readonly #parts: AgendaParts
  readonly #institutions: number
  /** By institution. */
  readonly #places = new Map<number, Place[]>()
  /** By step: who is to be looked at from which day on, day * institutions + institution, the earliest in front. */
  readonly #queues: readonly TinyQueue<number>[]

  constructor({ institutions }: Plan, parts: AgendaParts) {
    this.#parts = parts
    this.#institutions = institutions.length
    const { factors, firsts, flows } = parts
    const watched = new Set(parts.watched)
    const ownerOf = new Map(institutions.flatMap((one, n) => (watched.has(n) ? one.flows.map((i) => [i, n]) : [])))
    for (const [load, days] of firsts) {
      const levels = new Map<number, number>()
      if (days.every((day) => day === factors.length)) continue
      for (const [at, flow] of load.flows.entries()) {
        const n = ownerOf.get(flow)
        if (n === undefined || load.most[at] === load.before[at]) continue
        const places = this.#places.get(n) ?? []
        this.#places.set(n, places)
        places.push({ load, at, days, levels })
      }
    }
    this.#queues = Array.from({ length: parts.day.length / flows }, (_, step) => {
      const due = [...this.#places].flatMap(([n, places]) => {
        const first = places.reduce((least, { days }) => Math.min(least, days[step]!), factors.length)
        return first < factors.length ? [first * this.#institutions + n] : []
      })
      return new TinyQueue(due)
    })
  }

  /** Days are to be asked about in their order; who has broken once is not looked at again. */
  has(day: number, step: number, broken: ReadonlyMap<number, unknown>): boolean {
    const queue = this.#queues[step]!
    for (;;) {
      const due = queue.peek()
      if (due === undefined || due >= (day + 1) * this.#institutions) return false
      const n = due % this.#institutions
      if (!broken.has(n) && this.#canBreak(n, step, day)) return true
      queue.pop()
      const next = broken.has(n) ? this.#parts.factors.length : this.#firstDay(n, step)
      if (next < this.#parts.factors.length) queue.push(next * this.#institutions + n)
    }
  }

  /** On which it can break; more is claimed each day, so that it can on all that follow. */
  #firstDay(n: number, step: number): number {
    let first = this.#parts.factors.length
    for (const place of this.#places.get(n)!) {
      if (place.days[step]! >= first || !this.#isShort(place, step, first - 1)) continue
      let [low, high] = [place.days[step]!, first - 1]
      while (low < high) {
        const middle = (low + high) >> 1
        if (this.#isShort(place, step, middle)) high = middle
        else low = middle + 1
      }
      first = low
    }
    return first
  }

  #canBreak(n: number, step: number, day: number): boolean {
    return this.#places.get(n)!.some((place) => place.days[step]! <= day && this.#isShort(place, step, day))
  }

  /** If nothing but this link holds anybody. */
  #isShort({ load, at, levels }: Place, step: number, day: number): boolean {
    const { factors, flows } = this.#parts
    const asked = factors[day]! * this.#parts.day[step * flows + load.flows[at]!]!
    const claim = Math.min(load.most[at]!, asked) - Math.min(load.before[at]!, asked)
    const key = step * factors.length + day
    let level = levels.get(key)
    if (level === undefined) {
      level = levelAlone(load, this.#parts.day.subarray(step * flows, (step + 1) * flows), factors[day]!)
      levels.set(key, level)
    }
    return claim > level * load.weight[at]! * (1 - 1e-9)
  }
}

/** To which level the flows of a link rise in the band if nothing else holds them; 0: not at all, or not known. */
function levelAlone({ room, flows, fractions, most, before, weight }: LinkLoad, demand: Float64Array, factor: number) {
  const claims = new Float64Array(flows.length)
  let left = room
  for (let n = 0; n < flows.length; n++) {
    const asked = factor * demand[flows[n]!]!
    const earlier = Math.min(before[n]!, asked)
    claims[n] = Math.min(most[n]!, asked) - earlier
    left -= fractions[n]! * earlier
  }
  let level = 0
  // From below, in at most one round for each flow that gets all it claims.
  while (left > 0) {
    let load = 0
    let slope = 0
    for (let n = 0; n < flows.length; n++) {
      const part = level * weight[n]!
      if (claims[n]! > part) slope += fractions[n]! * weight[n]!
      load += fractions[n]! * Math.min(claims[n]!, part)
    }
    if (slope === 0) return level
    const next = level + (left - load) / slope
    if (next <= level * (1 + 1e-12)) return level
    level = next
  }
  return level
}

/** Notes first times. */
class Watch {
  readonly institutions = new Map<number, Break>()
  readonly links = new Map<number, Break>()
  readonly #flows: readonly (readonly [flow: number, institution: number])[]

  /** Links that nobody was short at yet. */
  readonly #open: Set<number>
  readonly #lastPromise: number

  constructor(plan: Plan, problem: Problem, watched: readonly number[], loads: readonly LinkLoad[]) {
    const isCutOff = cutOff(plan, problem)
    this.#open = new Set(loads.map(({ link }) => link))
    this.#lastPromise = problem.bandKind.lastIndexOf(BAND_KIND.guarantee)
    this.#flows = watched.flatMap((n) =>
      plan.institutions[n]!.flows.filter((i) => !isCutOff(i)).map((i) => [i, n] as const),
    )
  }

  isOpen(link: number): boolean {
    return this.#open.has(link)
  }

  look(problem: Problem, day: number, step: number): void {
    // Later bands fill links too, and leave no promise short.
    const isNewLink = [...this.#open].some((link) => {
      const band = problem.saturatedIn[link]!
      return band >= 0 && band <= this.#lastPromise
    })
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
