// One policy under stated demands and failures: what everyone would need, solved by the production compile and solve.
// Cases are compiled and solved once and kept as long as the forecast.

import { createLoadModel, type LoadSubject, offeredLoad, promisedTo } from '../model/load.js'
import type { Conditions } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import { HOUR, type Milliseconds, type UnixMilliseconds } from '../model/units.js'
import { type Compiled, createCompiler, provisionalIndexes } from '../policy/compile/compile.js'
import { Topology } from '../policy/compile/topology.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { LruMap } from '../runtime/lru-map.js'
import { BAND_KIND, type Problem, rowsIn } from '../solve/problem.js'
import { Arenas } from './arenas.js'
import { holdTo, measuredLinks } from './recorded/measured-links.js'
import { solverFor } from './solvers.js'
import { loadSubjects, subjectsOf } from './subjects.js'

/** Demand by flow id, bit/s. A flow that is not named asks for nothing. */
export type DemandByFlow = Pick<ReadonlyMap<string, number>, 'get'>
/** A column is in the order of the plan's flows. */
export type Demand = 'ceiling' | 'busy-hour' | DemandByFlow | Float64Array | ((plan: Plan) => Float64Array)

export interface Outcome {
  readonly plan: Plan
  /** bit/s by flow of the plan. The very same column where all ask for all they may. */
  readonly demand: Float64Array
  readonly need: Float64Array
  /** What the guarantee bands give, and the first of them alone. */
  readonly kept: Float64Array
  readonly lifeline: Float64Array
  readonly linkNeed: Float64Array
  /** By link: 1 where needs filled it. */
  readonly full: Uint8Array
  /** The link that stopped the flow in the first band in which it got less than it may claim; -1: none did. */
  readonly stoppedBy: Int32Array
}

/** A Wednesday at ten in the morning in Dar es Salaam: the busiest hour of the model's office day. */
const BUSIEST: UnixMilliseconds = Date.UTC(2026, 10, 25, 7, 30)
const SEED = 1

type Case = Pick<Compiled, 'plan' | 'problem'>

/** Outcomes that a forecast keeps beside those of the policy's own failures: a preview asks for six, and again. */
const BESIDE_FAILURES = 12

let made = 0
const arenas = new Arenas()
/** The failure asked for last: a problem takes megabytes, and its outcomes are kept. */
const broken = new LruMap<Case>(1, ({ problem }) => arenas.takeBack(problem.buffer))

export class Forecast {
  readonly document: PolicyDocument
  /** Tells it from all others of this process. */
  readonly number = ++made
  readonly #now: () => Milliseconds
  readonly #topology: Topology
  readonly #compile: (conditions: Conditions) => Compiled
  readonly #intact: Case
  /** Its names among the broken. */
  readonly #broken = new Set<string>()
  readonly #outcomes: LruMap<Outcome>
  #busyHour: Float64Array | null = null
  #ceiling: Float64Array | null = null
  /** Time spent in the solver. */
  solveMs: Milliseconds = 0

  /** `topology`: the document's own, where it is made already. */
  constructor(document: PolicyDocument, now: () => Milliseconds, topology = new Topology(document)) {
    this.document = document
    this.#now = now
    this.#topology = topology
    this.#outcomes = new LruMap(document.plane.survive.length + BESIDE_FAILURES)
    const indexes = provisionalIndexes(document)
    this.#compile = createCompiler(document, { revision: 0, hash: '', indexes, compared: arenas }, topology)
    this.#intact = this.#make({})
  }

  /** Gives its memory to the next one. It is asked for nothing after this. */
  release(): void {
    arenas.takeBack(this.#intact.problem.buffer)
    for (const key of this.#broken) broken.delete(key)
  }

  /** The plan of the intact network. */
  get intact(): Plan {
    return this.#intact.plan
  }

  /** The model's busiest hour as it is under another policy: other promises change nobody's habits. */
  busyHourUnder(habits: Forecast): Float64Array {
    return modelledDemand(this.intact, habits.intact, habits.#modelled)
  }

  get #modelled(): Float64Array {
    this.#busyHour ??= modelledDemand(this.intact, this.intact, null)
    return this.#busyHour
  }

  /** The model's demand in the hour that begins then, held to what links and sites carried in it. */
  heldTo(at: UnixMilliseconds, measured: ReadonlyMap<string, number>): DemandByFlow {
    const { plan, problem } = this.#intact
    const load = new Float64Array(plan.flows.length)
    createLoadModel(SEED, loadSubjects(plan)).fill(at + HOUR / 2, load)
    const links = measuredLinks([...measured.keys()], plan.links, problem)
    holdTo(links, [...measured.values()], load, new Uint8Array(load.length))
    return new Map(plan.flows.map(({ id }, f) => [id, plan.demand.margin * load[f]!]))
  }

  /** What everyone would need. Kept where the demand has a name, as long as others are not asked for; null: none. */
  under(
    demand: Demand,
    conditions: Conditions,
    named: string | null = typeof demand === 'string' ? demand : null,
  ): Outcome {
    const key = this.#topology.under(conditions).name
    const name = named && `${named} ${key}`
    if (name === null) return this.#solved(demand, key, conditions)
    return this.#outcomes.get(name, () => this.#solved(demand, key, conditions))
  }

  #solved(demand: Demand, key: string, conditions: Conditions): Outcome {
    const { plan, problem } = this.#case(key, conditions)
    writeDemand(plan, problem, demand === 'busy-hour' ? this.#modelled : demand)
    const solver = solverFor(problem)
    const begun = this.#now()
    solver.solveNeed(problem)
    this.solveMs += this.#now() - begun
    return readOutcome(plan, problem, demand === 'ceiling' ? this.#ceilings : askedIn(plan, problem))
  }

  /** By flow, as the policy says. */
  get #ceilings(): Float64Array {
    this.#ceiling ??= withCeilingOf(this.intact.unreachable, this.intact, rowsIn(this.#intact.problem.ceiling))
    return this.#ceiling
  }

  #case(key: string, conditions: Conditions): Case {
    if (key === '') return this.#intact
    const name = `${this.number} ${key}`
    this.#broken.add(name)
    return broken.get(name, () => {
      broken.makeRoom()
      return this.#make(conditions)
    })
  }

  #make(conditions: Conditions): Case {
    const { plan, problem } = this.#compile(conditions)
    return { plan, problem }
  }
}

/** By flow: the same in every policy in which nobody is somebody else. */
const busyHours = new Map<string, { readonly category: string; readonly scale: number; readonly multiple: number }>()
const MOST_KEPT = 100_000

/** The model's load in its busiest hour, as a multiple of what the flow is promised. */
function busyHourOf(id: string, subject: LoadSubject): number {
  const { category, scale = 1 } = subject
  const known = busyHours.get(id)
  if (known !== undefined && known.category === category && known.scale === scale) return known.multiple
  const multiple = offeredLoad(SEED, { ...subject, guarantee: 1, ceiling: 1 }, BUSIEST)
  if (busyHours.size >= MOST_KEPT) busyHours.clear()
  busyHours.set(id, { category, scale, multiple })
  return multiple
}

/**
 * By flow of the plan, bit/s; what is asked for is more than what arrives by the margin of the habits. A flow that both
 * plans share, and no family, asks as in `usual`, the habits' own: its institution is the same too.
 */
function modelledDemand(plan: Plan, habits: Plan, usual: Float64Array | null): Float64Array {
  const subjectOf = subjectsOf(plan, habits)
  const demand = new Float64Array(plan.flows.length)
  for (let f = 0; f < demand.length; f++) {
    const flow = plan.flows[f]!
    if (usual !== null && flow === habits.flows[f] && flow.family < 0) demand[f] = usual[f]!
    else {
      const subject = subjectOf(f)
      demand[f] = habits.demand.margin * promisedTo(subject) * busyHourOf(flow.id, subject)
    }
  }
  return demand
}

function writeDemand(plan: Plan, problem: Problem, demand: Exclude<Demand, 'busy-hour'>): void {
  const asked = problem.demand
  if (demand === 'ceiling') asked.set(problem.ceiling)
  else if (demand instanceof Float64Array) asked.set(demand)
  else if (typeof demand === 'function') asked.set(demand(plan))
  else for (let f = 0; f < asked.length; f++) asked[f] = demand.get(plan.flows[f]!.id) ?? 0
}

/** An edge lets those that nothing reaches have their lifeline, and a problem bounds them by it: they ask for all. */
function withCeilingOf(flows: Iterable<number>, plan: Plan, column: Float64Array): Float64Array {
  for (const f of flows) column[f] = plan.flows[f]!.ceiling
  return column
}

const askedIn = (plan: Plan, problem: Problem): Float64Array =>
  withCeilingOf(plan.unreachable, plan, rowsIn(problem.demand))

function readOutcome(plan: Plan, problem: Problem, demand: Float64Array): Outcome {
  const { links } = problem.shape
  const need = rowsIn(problem.need)
  const kept = keptIn(problem)
  const lifeline = rowsIn(problem.amount, need.length)
  // Whatever an edge lets them have, nothing arrives.
  for (const f of plan.unreachable) need[f] = kept[f] = lifeline[f] = 0
  const share = problem.bandKind.findLastIndex((kind) => kind !== BAND_KIND.headroom)
  const full = new Uint8Array(links)
  for (let l = 0; l < links; l++) {
    const band = problem.saturatedIn[l]!
    full[l] = band >= 0 && band <= share ? 1 : 0
  }
  return {
    plan,
    demand,
    need,
    kept,
    lifeline,
    linkNeed: problem.linkNeedLoad.slice(),
    full,
    stoppedBy: stoppedByIn(problem),
  }
}

/** By flow: what all guarantee bands before headroom give. */
function keptIn({ shape: { flows, bands }, bandKind, amount }: Problem): Float64Array {
  const kept = new Float64Array(flows)
  for (let band = 0; band < bands && bandKind[band] !== BAND_KIND.headroom; band++) {
    if (bandKind[band] !== BAND_KIND.guarantee) continue
    for (let f = 0, at = band * flows; f < flows; f++, at++) kept[f]! += amount[at]!
  }
  return kept
}

/** By flow: the first of its causes (solve/causes.ts) that is a link. */
function stoppedByIn({ shape: { flows }, shortIn, bottleneck }: Problem): Int32Array {
  const stopped = new Int32Array(flows)
  for (let f = 0; f < flows; f++) {
    const band = shortIn[f]!
    stopped[f] = band < 0 ? -1 : Math.max(-1, bottleneck[band * flows + f]!)
  }
  return stopped
}
