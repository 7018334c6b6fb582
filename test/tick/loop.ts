// The production controller in a closed loop with model edges, on a manual clock and without a network: what the store
// and the edges do is a few lines each, so that a test can delay, lose and stop whatever it likes.

import type { Board } from '../../src/model/board.js'
import type { EdgeReport, LeafCounters, LocalBypass, RateRecord } from '../../src/model/lease.js'
import { recordKey } from '../../src/model/lease.js'
import type { Conditions, Enforcement } from '../../src/model/network.js'
import type { Plan, PlanEdge } from '../../src/model/plan.js'
import { provisionalIndexes } from '../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { type InForce, NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import type { LinkState } from '../../src/policy/in-force/link-state.js'
import { Freshness } from '../../src/publish/freshness.js'
import type { EdgePublication } from '../../src/publish/publication.js'
import type { RatesStore } from '../../src/publish/rates-store.js'
import type { StandbyFeed } from '../../src/publish/standby-feed.js'
import type { SolvedTick } from '../../src/record/tick.js'
import { type ManualClock, manualClock } from '../../src/runtime/clock.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { createLogger } from '../../src/runtime/log.js'
import { Certifier } from '../../src/solve/certificate.js'
import { Integers } from '../../src/solve/integers.js'
import { Paths } from '../../src/solve/paths.js'
import type { Problem, Solved } from '../../src/solve/problem.js'
import { createSolver, type Solver } from '../../src/solve/solve.js'
import { Controller, type ControllerDeps } from '../../src/tick/controller.js'
import type { Switch } from '../../src/tick/planner.js'
import { type Shown, solvedTickOf } from '../../src/tick/shown.js'
import type { SolverThreads } from '../../src/tick/solver.js'
import type { StaticConfirmation } from '../../src/tick/static-rates.js'
import { PROVING_VERSION } from '../../src/wire/messages.js'

/** Of what others grant, where nobody does. */
export const NOTHING_HEARD: StandbyFeed = {
  readSnapshots: async () => new Map(),
  readContents: async () => ({ contents: [], whole: true }),
  watch: async () => new Map(),
  logOf: () => ({ contents: [], hasGap: true }),
  leave: () => undefined,
}

/** bit/s that a flow is offered at a time; the edge serves what its rate lets through and drops the rest. */
export type Offer = (flow: string, tick: number) => number

export class ModelEdge {
  readonly rates = new Map<number, RateRecord>()
  readonly counters = new Map<number, { bytes: number; packets: number; drops: number }>()
  applied: EdgeReport['applied'] = null
  enforcement: Enforcement = 'enforce'
  bypasses: readonly LocalBypass[] = []
  alive = true
  /** Of the wire: from 4 on it is told why its rates are as they are. */
  reads = 1
  #leaseFrom = Number.NEGATIVE_INFINITY
  #plan: Plan
  #edge: PlanEdge
  readonly #clock: ManualClock

  constructor(plan: Plan, edge: PlanEdge, clock: ManualClock) {
    this.#plan = plan
    this.#edge = edge
    this.#clock = clock
  }

  /** Flows have other places in another plan. */
  follow(plan: Plan, edge: PlanEdge): void {
    this.#plan = plan
    this.#edge = edge
  }

  /** Rate in force of a flow, kbit/s: under lease, in the two steps of SAFE, or the boot rate. */
  rateOf(flow: number): number {
    const record = this.rates.get(recordKey(this.#plan.flows[flow]!.record))
    if (!record) return this.#plan.bootRate / 1_000
    if (this.state === 'FRESH') return record.rate
    return this.#age() > 2 * this.#plan.timing.lease ? record.safe : Math.min(record.rate, record.safe)
  }

  #age(): number {
    return this.#clock.monotonic() - this.#leaseFrom
  }

  get state(): 'FRESH' | 'SAFE' {
    return this.#age() > this.#plan.timing.lease ? 'SAFE' : 'FRESH'
  }

  receive({ snapshot, message }: EdgePublication): void {
    if (!this.alive || !message.stamp) return
    this.#leaseFrom = Math.max(this.#leaseFrom, message.stamp.at)
    for (const record of (snapshot ?? message).records) this.rates.set(recordKey(record), record)
    const { epoch, seq, profile } = message
    if (snapshot) this.applied = { epoch, seq, crc: 0, profile }
  }

  carry(offer: Offer, tick: number, seconds: number): void {
    if (!this.alive) return
    for (const f of this.#edge.flows) {
      const flow = this.#plan.flows[f]!
      const key = recordKey(flow.record)
      const offered = offer(flow.id, tick)
      const shaped =
        this.enforcement === 'enforce' && !this.bypasses.some((b) => b.institution === flow.record.institution)
      const limited = shaped ? Math.min(offered, this.rateOf(f) * 1_000) : offered
      const c = this.counters.get(key) ?? { bytes: 0, packets: 0, drops: 0 }
      const packets = (limited * seconds) / 8 / 1_000
      const dropped = ((offered - limited) * seconds) / 8 / 1_000
      this.counters.set(key, {
        bytes: c.bytes + Math.round(packets) * 1_000,
        packets: c.packets + Math.round(packets),
        drops: c.drops + Math.round(dropped),
      })
    }
  }

  report(): EdgeReport {
    const counters = [...this.counters].map(
      ([key, c]): LeafCounters => ({
        institution: Math.floor(key / 32),
        service: Math.floor(key / 2) % 16,
        direction: (key % 2) as 0 | 1,
        class: 0,
        backlog: 0,
        ...c,
      }),
    )
    return {
      edge: this.#edge.id,
      stamp: { boot: '0000000000000001', at: this.#clock.monotonic() },
      reads: this.reads,
      agent: 'model',
      driver: 'model',
      simulated: true,
      applied: this.applied,
      state: this.applied ? this.state : 'SAFE',
      enforcement: this.enforcement,
      refusal: null,
      ...(this.bypasses.length > 0 ? { bypasses: this.bypasses } : {}),
      generation: 1,
      counters,
    }
  }
}

export interface LoopOptions {
  readonly document: PolicyDocument
  readonly offer: Offer
  /** How many ticks a report takes to arrive. */
  readonly delay?: (edge: string, tick: number) => number
  readonly onTick?: (tick: SolvedTick) => void
  readonly onShown?: (shown: Shown<Problem>) => void
  readonly counters?: ControllerDeps['counters']
  /** Edges that nobody speaks for. */
  readonly silent?: readonly string[]
  /** False: another controller leads, and this one stands by. */
  readonly leads?: boolean
}

/** A link as monitoring would have reported it long ago. */
export const reported = ([link, factor]: [string, number]): LinkState => ({
  ...{ link, factor, held: factor, heldUntil: 0, until: null, at: 0, source: 'test', reason: 'a test' },
  ...{ events: [], falls: [] },
})

/** Of what a controller shows each tick, once. */
export function eachTick(board: () => Board, see: (tick: SolvedTick) => void): (shown: Shown) => void {
  let seen = 0
  return (shown) => {
    if (shown.number === seen) return
    seen = shown.number
    see(solvedTickOf(shown, board()))
  }
}

export class Loop {
  readonly clock = manualClock()
  readonly controller: Controller
  readonly edges = new Map<string, ModelEdge>()
  document: PolicyDocument
  revision = 1
  conditions: Conditions = {}
  /** What people have put in force, and what monitoring has said by itself. */
  inForce: InForce = NOTHING_IN_FORCE
  readonly switches = new Map<string, Switch>()
  confirmations: readonly StaticConfirmation[] = []
  drained: readonly string[] = []
  /** What fails the next time. */
  failing: 'solve' | 'publish' | null = null
  offer: Offer
  tick = 0
  readonly #leads: boolean
  readonly #silent: readonly string[]
  readonly #delay: (edge: string, tick: number) => number
  readonly #mail: { readonly due: number; readonly report: EdgeReport }[] = []
  readonly #readable = new Map<string, EdgeReport>()
  #onReport: (report: EdgeReport) => void = () => undefined
  #admits: (report: EdgeReport) => boolean = () => true
  /** What else is said in the name of an edge. */
  readonly besides = new Map<string, Partial<EdgeReport>>()
  /** Edges that say nothing, and in whose name old reports come. */
  readonly replayed = new Set<string>()
  readonly freshness = new Freshness(this.clock)

  constructor({ document, offer, delay = () => 0, onTick, onShown, counters, leads = true, silent = [] }: LoopOptions) {
    this.#silent = silent
    this.#leads = leads
    this.document = document
    this.offer = offer
    this.#delay = delay
    const see = eachTick(
      () => this.controller.board!,
      (tick) => {
        this.problem = tick.problem
        onTick?.(tick)
      },
    )
    this.controller = new Controller({
      // Time here goes by steps: nobody else is due between two pieces of work.
      round: async () => undefined,
      id: 'ctl-1',
      clock: this.clock,
      log: createLogger('loop', 'error'),
      solver: this.#solver(),
      store: this.#store(),
      situation: () => ({
        revision: {
          document: this.document,
          revision: this.revision,
          hash: `sha256:${this.revision}`,
          indexes: provisionalIndexes(this.document),
        },
        inForce: { ...this.inForce, links: [...this.inForce.links, ...Object.entries(this.conditions).map(reported)] },
        switches: this.switches,
        confirmations: this.confirmations,
        drains: this.drained.map((edge) => ({ edge, since: 0, author: 'test', reason: 'a test' })),
      }),
      onShown: (shown) => {
        onShown?.(shown)
        see(shown)
      },
      ...(counters && { counters }),
    })
  }

  #solver(): SolverThreads {
    const { solve, close } = inThread(() => undefined)
    return {
      solve: async (problem, options) => {
        // What is solved once is of a plan, before there is one.
        if (!options?.once) this.#failAt('solve')
        await solve(problem, options)
      },
      close,
    }
  }

  #failAt(at: Loop['failing']): void {
    if (this.failing !== at) return
    this.failing = null
    throw new MizaniError({ code: 'STORE_UNAVAILABLE', message: `this ${at} fails` })
  }

  #store(): RatesStore {
    const leader = this.#leads ? 'ctl-1' : 'ctl-2'
    return {
      election: { elect: async () => ({ leads: this.#leads, epoch: 1, leader }), resign: async () => undefined },
      outgoing: {
        publish: async (_id, _serial, publications) => {
          this.#failAt('publish')
          for (const p of publications) this.edges.get(p.edge)?.receive(p)
          return { lost: [] }
        },
      },
      incoming: {
        readReports: async () =>
          [...this.#readable.values(), ...this.#saidBesides()].filter((r) => this.#isNew(r) && this.#admits(r)),
        onReport: (heard) => {
          this.#onReport = heard
        },
        admitBy: (judge) => {
          this.#admits = judge
        },
      },
      feed: NOTHING_HEARD,
      freshness: this.freshness,
    }
  }

  #isNew(report: EdgeReport): boolean {
    if (!this.replayed.has(report.edge)) return true
    return this.freshness.admits({ ...report, version: PROVING_VERSION, echo: 'of a term before' }, 'key', true)
  }

  #saidBesides(): EdgeReport[] {
    return [...this.besides].map(([edge, said]) => ({ ...this.edges.get(edge)!.report(), ...said }))
  }

  /** One tick of the world and of the controller. */
  async step(): Promise<void> {
    await this.controller.tick()
    const { plan } = this.controller.board!
    for (const edge of plan.edges) {
      const known = this.edges.get(edge.id)
      if (known) known.follow(plan, edge)
      else this.edges.set(edge.id, new ModelEdge(plan, edge, this.clock))
      if (this.#silent.includes(edge.id)) this.edges.get(edge.id)!.alive = false
    }
    const period = plan.timing.tick
    await this.clock.advance(period)
    for (const [id, edge] of this.edges) {
      edge.carry(this.offer, this.tick, period / 1_000)
      if (edge.alive) this.#mail.push({ due: this.tick + this.#delay(id, this.tick), report: edge.report() })
    }
    this.tick++
    for (let k = this.#mail.length - 1; k >= 0; k--) {
      const { due, report } = this.#mail[k]!
      if (due >= this.tick) continue
      this.#mail.splice(k, 1)
      const held = this.#readable.get(report.edge)
      if (!held || held.stamp.at < report.stamp.at) this.#readable.set(report.edge, report)
    }
  }

  /** What an edge says comes between two ticks, and whatever follows from it is done. */
  async hear(edge: string): Promise<void> {
    await this.clock.advance(1)
    this.#onReport(this.edges.get(edge)!.report())
    await this.clock.advance(1)
  }

  /** Published rates, kbit/s by flow. */
  rates(): number[] {
    return Array.from(this.controller.board!.flows.rate, (r) => r / 1_000)
  }

  /** Rates that edges really have in force, summed over each link, against its room: the largest excess in bit/s. */
  worstExcess(): number {
    const { plan } = this.controller.board!
    const problem = this.problem
    const load = new Float64Array(plan.links.length)
    for (const edge of plan.edges) {
      const model = this.edges.get(edge.id)
      for (const f of edge.flows) {
        for (let q = problem.pathStart[f]!; q < problem.pathStart[f + 1]!; q++)
          load[problem.pathLink[q]!]! += problem.pathFraction[q]! * (model?.rateOf(f) ?? 0) * 1_000
      }
    }
    return Math.max(...plan.links.map((link, l) => load[l]! - link.room))
  }

  /** Of the board. */
  problem!: Solved
}

/** By the paths they were made for: thousands of stories are told over a few planes. */
const kept: { readonly solver: Solver; readonly integers: Integers; readonly certifier: Certifier }[] = []
const MOST_KEPT = 16

function partsFor(problem: Problem) {
  const known = kept.find(({ solver }) => solver.isReadyFor(problem))
  if (known !== undefined) return known
  const paths = new Paths(problem.shape)
  const made = {
    solver: createSolver(problem.shape, paths),
    integers: new Integers(problem.shape, paths),
    certifier: new Certifier(problem.shape, paths),
  }
  if (kept.push(made) > MOST_KEPT) kept.shift()
  return made
}

/** The production solver on this thread. */
export function inThread(solved: (problem: Problem) => void) {
  return {
    solve: async (problem: Problem, { certify = false } = {}) => {
      const { solver, integers, certifier } = partsFor(problem)
      solver.solve(problem)
      integers.round(problem)
      solved(problem)
      if (certify) certifier.certify(problem)
    },
    close: async () => undefined,
  }
}
