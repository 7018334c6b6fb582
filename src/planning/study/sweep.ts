// One network under many conditions: for each, who is short of a promise and who is cut off, over the same steps.
//
// The production routes say where everyone's claims go. Where the claims of all fit every link in a step, all promises
// are kept in it: guarantee bands come first, and each hands out what is claimed where that fits. Only a step in which
// some link cannot carry the claims is compiled and solved, and then the solver's answer counts. Most cuts of most
// networks are settled by the routes alone, which is what makes thousands of them a matter of seconds.

import type { Conditions } from '../../model/network.js'
import type { Plan } from '../../model/plan.js'
import type { BitsPerSecond } from '../../model/units.js'
import { type Compiled, createCompiler, provisionalIndexes } from '../../policy/compile/compile.js'
import { type Routed, Topology } from '../../policy/compile/topology.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { Causes } from '../../solve/causes.js'
import { eachHop, type Problem } from '../../solve/problem.js'
import { createSolver } from '../../solve/solve.js'
import { claimOf, cutOff, keptOf, lackOf, mostBeforePromises, shortBandOf } from '../claims.js'
import { solverFor } from '../solvers.js'
import { type Harm, Tally } from './harm.js'

/** A watched flow that is short, or has no way (then nothing is full), and what all of them lack in that step. */
export interface FirstHurt {
  readonly flow: number
  readonly step: number
  readonly missing: BitsPerSecond
  /** Whether it has no way. */
  readonly isStranded: boolean
  /** -1: no link stopped it. */
  readonly cause: number
  /** Links that are full; more room on any other changes nothing. */
  readonly full: readonly number[]
}

export interface Solution {
  readonly need: Float64Array
  readonly missing: BitsPerSecond
}

interface ShortFlow {
  readonly flow: number
  readonly missing: BitsPerSecond
  /** The part of its claim that it gets. */
  readonly kept: number
}

const NOBODY: readonly ShortFlow[] = []

/** Flows of institutions. */
interface InEach {
  /** In all of the steps. */
  readonly stranded: readonly number[]
  /** By step. */
  readonly short: readonly (readonly ShortFlow[])[]
  readonly solves: number
}

/** Demands of the steps that are looked at, [step * flows + flow]. */
export interface Steps {
  readonly count: number
  readonly demand: Float64Array
  /**
   * How often all of them are looked at, and by how much each demand is multiplied then: so many steps follow again and
   * again. Absent: once, as they are.
   */
  readonly factors?: readonly number[]
}

const AS_IT_IS: readonly number[] = [1]

export class Sweep {
  readonly #topology: Topology
  readonly #compile: (conditions: Conditions) => Compiled
  readonly #plan: Plan
  readonly #steps: Steps
  /** By flow: its path, its institution (-1: an edge's own traffic), its service, and the port it passes. */
  readonly #path: Int32Array
  readonly #institution: Int32Array
  readonly #service: Int32Array
  readonly #port: Int32Array
  readonly #factors: readonly number[]
  /** By flow: the most it can claim. */
  readonly #most: Float64Array
  /** [step * paths + path]: claims of all flows on it. */
  readonly #onPath: Float64Array
  readonly #paths: number
  /** By factor: the most that is claimed of a link in any step beyond the routes: ports, access lines, ceilings. */
  readonly #local: readonly Float64Array[]
  /** The step in which somebody was last found short. */
  #lastFound = 0

  constructor(document: PolicyDocument, steps: Steps) {
    this.#topology = new Topology(document)
    const indexes = provisionalIndexes(document)
    this.#compile = createCompiler(document, { revision: 0, hash: '', indexes }, this.#topology)
    const { plan, problem } = this.#compile({})
    const { flows } = plan
    this.#plan = plan
    this.#steps = steps
    this.#path = Int32Array.from(flows, (flow) => this.#topology.pathId(flow.service, flow.direction, flow.edge))
    this.#institution = new Int32Array(flows.length).fill(-1)
    for (const [n, institution] of plan.institutions.entries())
      for (const i of institution.flows) this.#institution[i] = n
    const services = new Map(plan.services.map(({ id }, n) => [id, n]))
    this.#service = Int32Array.from(flows, ({ service }) => services.get(service)!)
    this.#port = new Int32Array(flows.length).fill(-1)
    this.#paths = this.#topology.intact.routes.length
    this.#factors = steps.factors ?? AS_IT_IS
    this.#onPath = new Float64Array(this.#factors.length * steps.count * this.#paths)
    const most = mostBeforePromises(problem)
    this.#most = Float64Array.from(flows, (_, i) => most(i))
    this.#local = this.#factors.map(() => new Float64Array(problem.shape.links))
    this.#readClaims(problem)
  }

  #readClaims(problem: Problem): void {
    const { flows } = problem.shape
    const isLocal = this.#plan.links.map(({ kind, virtual }) => virtual || kind === 'port' || kind === 'access')
    const hops: { readonly flow: number; readonly link: number; readonly fraction: number }[] = []
    for (let flow = 0; flow < flows; flow++) {
      eachHop(problem, flow, (link, fraction) => {
        if (isLocal[link]) hops.push({ flow, link, fraction })
        if (this.#plan.links[link]!.kind === 'port') this.#port[flow] = link
      })
    }
    const claims = new Float64Array(flows)
    const load = new Float64Array(problem.shape.links)
    for (let step = 0; step < this.#allSteps; step++) {
      for (let i = 0; i < flows; i++) {
        claims[i] = this.claimOf(i, step)
        this.#onPath[step * this.#paths + this.#path[i]!]! += claims[i]!
      }
      load.fill(0)
      for (const { flow, link, fraction } of hops) load[link]! += claims[flow]! * fraction
      const most = this.#local[Math.floor(step / this.#steps.count)]!
      for (let l = 0; l < most.length; l++) most[l] = Math.max(most[l]!, load[l]!)
    }
  }

  get #allSteps(): number {
    return this.#factors.length * this.#steps.count
  }

  #demandOf(flow: number, step: number): number {
    const { count, demand } = this.#steps
    return this.#factors[Math.floor(step / count)]! * demand[(step % count) * this.#path.length + flow]!
  }

  /** What it may claim of its promises in a step. */
  claimOf(flow: number, step: number): BitsPerSecond {
    return Math.min(this.#most[flow]!, this.#demandOf(flow, step))
  }

  /**
   * Whom these conditions hurt. Who has no way in the intact network is counted there, and under no cut.
   */
  under(conditions: Conditions): Harm {
    const routed = this.#topology.under(conditions)
    const tally = new Tally(this.#plan, this.#allSteps)
    const isCutOff = this.cutOffUnder(conditions)
    this.#countCutOff(isCutOff, routed === this.#topology.intact, tally)
    const unfit = this.#stepsThatDoNotFit(routed)
    if (unfit.length > 0) {
      const { problem } = this.#compile(conditions)
      for (const step of unfit) this.#solve(problem, step, isCutOff, tally)
    }
    return tally.harm()
  }

  /** Flow by flow, in each of some steps by itself: who has no way, who is short, and how many steps were solved. */
  inEach(conditions: Conditions, steps: readonly number[]): InEach {
    const isCutOff = this.cutOffUnder(conditions)
    const stranded = [...isCutOff.keys()].filter((i) => isCutOff[i] === 1 && this.#institution[i]! >= 0)
    const unfit = new Set(this.#stepsThatDoNotFit(this.#topology.under(conditions), steps))
    if (unfit.size === 0) return { stranded, short: steps.map(() => NOBODY), solves: 0 }
    const { problem } = this.#compile(conditions)
    // Its own: these conditions are not met again, and a solver that is kept for them holds 2 MB.
    const solver = createSolver(problem.shape)
    const short = steps.map((step) => {
      if (!unfit.has(step)) return NOBODY
      this.#writeDemand(problem, step)
      solver.solveNeed(problem)
      return this.#shortIn(problem, isCutOff)
    })
    return { stranded, short, solves: unfit.size }
  }

  /** Who has a way and lacks something of a promise. */
  #shortIn(problem: Problem, isCutOff: Int32Array): ShortFlow[] {
    const short: ShortFlow[] = []
    for (let flow = 0; flow < isCutOff.length; flow++) {
      // Who got all it may claim of every band is short of nothing.
      if (problem.shortIn[flow]! < 0 || isCutOff[flow] === 1 || this.#institution[flow]! < 0) continue
      const claim = claimOf(problem, flow)
      const given = keptOf(problem, flow)
      const missing = lackOf(claim, given)
      if (missing > 0) short.push({ flow, missing, kept: given / claim })
    }
    return short
  }

  /** Whose flow it is, and of which service. */
  ownerOf(flow: number): { readonly institution: number; readonly service: number } {
    return { institution: this.#institution[flow]!, service: this.#service[flow]! }
  }

  /** By place in the plan: its undirected id. */
  get links(): readonly string[] {
    return this.#plan.links.map(({ link }) => link)
  }

  get plan(): Plan {
    return this.#plan
  }

  /** By flow: 1 where it has no way under these conditions. */
  cutOffUnder(conditions: Conditions): Int32Array {
    const routed = this.#topology.under(conditions)
    return this.#path.map((path, i) => (this.#isCutOff(routed, path, this.#port[i]!) ? 1 : 0))
  }

  /**
   * The first of the watched flows that is found hurt; null: none is. Steps are looked at in turn, that of the last
   * find first.
   * @param excused flows that may be without a way
   */
  firstHurt(conditions: Conditions, watched: readonly number[], excused: Int32Array): FirstHurt | null {
    const cutOff = this.cutOffUnder(conditions)
    const stranded = watched.find((i) => cutOff[i] === 1 && excused[i] === 0)
    if (stranded !== undefined) return { flow: stranded, step: 0, missing: 0, isStranded: true, cause: -1, full: [] }
    const unfit = this.#stepsThatDoNotFit(this.#topology.under(conditions))
    if (unfit.length === 0) return null
    const { problem } = this.#compile(conditions)
    const solver = solverFor(problem)
    for (const step of [this.#lastFound, ...unfit.filter((step) => step !== this.#lastFound)]) {
      if (!unfit.includes(step)) continue
      this.#writeDemand(problem, step)
      solver.solveNeed(problem)
      const short = watched.filter((i) => cutOff[i] === 0 && lackOf(claimOf(problem, i), keptOf(problem, i)) > 0)
      if (short.length === 0) continue
      this.#lastFound = step
      const missing = short.reduce((sum, i) => sum + claimOf(problem, i) - keptOf(problem, i), 0)
      const cause = new Causes(problem).of(short[0]!, shortBandOf(problem, short[0]!))[0] ?? -1
      const full = [...problem.saturatedIn].flatMap((band, l) => (band >= 0 ? [l] : []))
      return { flow: short[0]!, step, missing, isStranded: false, cause, full }
    }
    return null
  }

  /** Of each of some steps: what the watched flows lack together, and what every flow needs, bit/s. */
  solved(conditions: Conditions, steps: Iterable<number>, watched: readonly number[]): Solution[] {
    const { problem, plan } = this.#compile(conditions)
    const solver = solverFor(problem)
    const isCutOff = cutOff(plan, problem)
    return Array.from(steps, (step) => {
      this.#writeDemand(problem, step)
      solver.solveNeed(problem)
      const need = problem.need.map((rate, i) => (isCutOff(i) ? 0 : rate))
      const lack = (i: number): number => lackOf(claimOf(problem, i), isCutOff(i) ? 0 : keptOf(problem, i))
      return { need, missing: watched.reduce((sum, i) => sum + lack(i), 0) }
    })
  }

  #writeDemand(problem: Problem, step: number): void {
    for (let i = 0; i < this.#path.length; i++) problem.demand[i] = this.#demandOf(i, step)
    problem.recent.set(problem.demand)
  }

  #isCutOff({ table, routes }: Routed, path: number, port: number): boolean {
    return routes[path] === null || (port >= 0 && table.links[port]!.room === 0)
  }

  /** By institution and service: whether a site has a way in each direction in which any of `counted` asks for one. */
  #haveWay(isCutOff: Int32Array, counted: readonly number[]): (flow: number) => boolean {
    const key = (i: number): number => this.#institution[i]! * this.#plan.services.length + this.#service[i]!
    const ways = new Map<number, { down: boolean | null; up: boolean | null }>()
    for (const i of counted) {
      const { direction } = this.#plan.flows[i]!
      const known = ways.get(key(i)) ?? { down: null, up: null }
      ways.set(key(i), known)
      known[direction] = known[direction] === true || isCutOff[i] === 0
    }
    return (flow) => {
      const { down, up } = ways.get(key(flow))!
      return down !== false && up !== false
    }
  }

  #countCutOff(isCutOff: Int32Array, isIntact: boolean, tally: Tally): void {
    const had = (i: number): boolean => isIntact || this.#topology.intact.routes[this.#path[i]!] !== null
    const counted = [...isCutOff.keys()].filter((i) => this.#institution[i]! >= 0 && had(i))
    const haveWay = this.#haveWay(isCutOff, counted)
    for (const i of counted) {
      if (isCutOff[i] === 0) continue
      const kind = haveWay(i) ? 'partly' : 'unreachable'
      for (let step = 0; step < this.#allSteps; step++) {
        const missing = this.claimOf(i, step)
        tally.add(this.#institution[i]!, this.#service[i]!, { kind, step, missing, kept: 0, cause: -1 })
      }
    }
  }

  /** Of some steps, or all, those in which the claims of all do not fit some link. */
  #stepsThatDoNotFit({ table, routes }: Routed, steps?: readonly number[]): number[] {
    const asked = steps ?? Array.from({ length: this.#allSteps }, (_, step) => step)
    const rooms = [...table.links, ...this.#plan.links.slice(table.links.length)]
    // A link that is cut carries nothing: whoever needs it is cut off.
    const isFull = this.#local.map((most) => rooms.some(({ room, state }, l) => state !== 'down' && most[l]! > room))
    const hops = routes.flatMap((route, path) => (route ?? []).map(({ link, fraction }) => ({ path, link, fraction })))
    const [paths, links] = [Int32Array.from(hops, ({ path }) => path), Int32Array.from(hops, ({ link }) => link)]
    const fractions = Float64Array.from(hops, ({ fraction }) => fraction)
    const room = Float64Array.from(table.links, (link) => link.room)
    const load = new Float64Array(room.length)
    return asked.filter((step) => {
      if (isFull[Math.floor(step / this.#steps.count)]) return true
      load.fill(0)
      const claimed = this.#onPath.subarray(step * this.#paths, (step + 1) * this.#paths)
      for (let n = 0; n < paths.length; n++) load[links[n]!]! += claimed[paths[n]!]! * fractions[n]!
      return load.some((each, l) => each > room[l]!)
    })
  }

  #solve(problem: Problem, step: number, isCutOff: Int32Array, tally: Tally): void {
    this.#writeDemand(problem, step)
    solverFor(problem).solveNeed(problem)
    const short = this.#shortIn(problem, isCutOff)
    if (short.length === 0) return
    const causes = new Causes(problem)
    for (const { flow, missing, kept } of short) {
      const cause = causes.of(flow, shortBandOf(problem, flow))[0] ?? -1
      tally.add(this.#institution[flow]!, this.#service[flow]!, { kind: 'short', step, missing, kept, cause })
    }
  }
}
