// THE TICK. Every second: hear what edges say, take the plan that holds now, ask what is wanted, solve, decide who may
// be granted what, publish, and show it. `#tick` below is that sentence, in that order. When there is a tick stands in
// rhythm.ts, what lives as long as a plan in plan-state.ts, who publishes under which serial in leader-session.ts.
//
//   reports --hear--> demand --fill--> problem --solve--> rates --quiet--> --decide--> publication --> edges
//
// The controller owns no data that could be lost: what it knows it heard from edges, and what it decides it can decide
// again. Time, threads and the store are handed in.

import type { Board } from '../model/board.js'
import type { EdgeReport } from '../model/lease.js'
import { fromKbps, type Milliseconds, type UnixMilliseconds } from '../model/units.js'
import { causesInForce } from '../policy/in-force/in-force.js'
import { quiet } from '../publish/quiet.js'
import type { RatesStore } from '../publish/rates-store.js'
import type { LinkCounters } from '../record/gathering.js'
import type { SolvedTick } from '../record/tick.js'
import { anotherRound } from '../runtime/clock.js'
import type { Problem } from '../solve/problem.js'
import { countSatisfied, paintEdges, paintFlows, paintLinks, type TickColumns } from './board.js'
import { Differences } from './differences.js'
import { Doubts } from './doubts.js'
import { explainFlow } from './explain.js'
import { heardNow, LoweredLinks } from './heard.js'
import { Instances } from './instances.js'
import { LeaderSession, type LeaderSessionOptions } from './leader-session.js'
import { applyPins, type Pins, pinFlows } from './pins.js'
import { blankOf, type PlanState, planStateOf } from './plan-state.js'
import { type PlanInForce, Planner, type Situation } from './planner.js'
import { Rhythm } from './rhythm.js'
import type { SolverThreads } from './solver.js'
import type { StaticRates } from './static-rates.js'
import { askForGranted } from './takeover.js'
import type { WhatIfs } from './what-if.js'

/** The answer of one tick in so many is proved; a failing proof raises the metric and the log. */
const CERTIFY_EVERY = 10
const UNCOUNTED: LinkCounters = { measured: () => undefined }

export interface ControllerDeps extends LeaderSessionOptions {
  readonly solver: SolverThreads
  readonly store: RatesStore
  /** What holds now: revision, conditions, switched enforcement. Read at each tick. */
  situation(): Situation
  /** Shown each tick before the next may begin; must not throw, keep the arenas, or wait for more than the thread. */
  readonly onTick?: (tick: SolvedTick) => Promise<void> | void
  /** Lets others at this thread come between two pieces of work; absent: one round of the loop. */
  readonly round?: () => Promise<void>
  /** Of others at this thread: none begins while a tick is under way. */
  readonly turns?: { pause(): void; resume(): void }
  /** Told of each tick of the beat: how late it begins. */
  readonly onBeat?: (late: Milliseconds) => void
  /** What monitoring counts on links; absent: nothing. */
  readonly counters?: LinkCounters
  /** Rates for edges that a person configures, shared with whoever shows them; absent: its own. */
  readonly staticRates?: StaticRates
  /** Absent: nobody is asked what would change a flow's need. */
  readonly whatIf?: WhatIfs['ask']
}

/** What one tick made, of one plan. */
interface Made {
  readonly state: PlanState
  readonly pins: Pins
  readonly columns: Omit<TickColumns, 'granted'>
  readonly now: Situation
}

export class Controller {
  readonly #deps: ControllerDeps
  readonly #planner: Planner
  readonly #rhythm: Rhythm
  readonly #session: LeaderSession
  /** Lets whatever else is due at this thread come between two pieces of work. */
  readonly #round: () => Promise<void>
  #state: PlanState | null = null
  #board: Board | null = null
  /** What the last tick made; null from when a tick begins until it has ended well. */
  #last: Made | null = null
  #certificate = { ok: true, checkedSeq: 0 }
  readonly #differences = new Differences()
  readonly #doubts = new Doubts()
  readonly #lowered = new LoweredLinks()
  readonly #instances: Instances
  #growing = false
  #countedAt: Milliseconds
  /** Bits above capacity that edges may have let through since the start: the promise is 0. */
  excess = 0
  ticks = 0

  constructor(deps: ControllerDeps) {
    const { clock, log, solver, store, round = anotherRound } = deps
    this.#deps = deps
    this.#round = round
    const solve = (problem: Problem): Promise<void> => solver.solve(problem, { once: true })
    this.#planner = new Planner(solve, this.#round, deps.staticRates)
    this.#instances = new Instances(clock)
    this.#session = new LeaderSession({ ...deps, round, instances: this.#instances })
    const period = (): Milliseconds => this.#state?.plan.timing.tick ?? 1_000
    const late = (by: Milliseconds): void => deps.onBeat?.(by)
    this.#rhythm = new Rhythm({ clock, log, period, late, tick: () => this.#undisturbed() })
    this.#countedAt = clock.monotonic()
    store.incoming.onReport((report) => this.#heard(report))
    store.incoming.admitBy((report) => this.#instances.admits(report))
  }

  #undisturbed(): Promise<void> {
    this.#deps.turns?.pause()
    return this.#tick().finally(() => this.#deps.turns?.resume())
  }

  /** The state of this plan: the present one, where the plan is still the same. */
  async #stateOf(inForce: PlanInForce): Promise<PlanState> {
    if (this.#state?.plan === inForce.plan) return this.#state
    const blank = blankOf(inForce)
    await this.#round()
    const state = planStateOf(inForce, blank, this.#state, this.#session.serial, this.#deps.clock.monotonic())
    this.#state = state
    await this.#round()
    return state
  }

  async #tick(): Promise<void> {
    const { clock, solver, store, situation } = this.#deps
    // From here on rates, pins and plan may be of two ticks: until they are of one again nothing is made of them.
    this.#last = null
    const started = clock.monotonic()
    const now = situation()
    const inForce = await this.#planner.planAt(now, clock.wall())
    const state = await this.#stateOf(inForce)
    const { plan, whole, demand, leases, staticRates, drained, lone } = state

    this.#instances.suit(plan, now.replacements)
    const term = await this.#session.elect(state)
    for (const report of await store.incoming.readReports(plan.edges)) this.#hear(report, state)
    await this.#session.assume(term, state)
    await this.#round()
    leases.expire(clock.monotonic())

    const problem = state.problems[this.ticks % 2]!
    const pins = pinFlows({
      ...{
        plan,
        problem,
        leases,
        staticRates,
        lone,
        carried: demand.carried,
        now: clock.monotonic(),
        at: clock.wall(),
      },
      counters: this.#deps.counters ?? UNCOUNTED,
    })
    await this.#round()
    demand.moveSplits(
      (f) => pins.reason[f] !== null && pins.keepsPart[f] === 1,
      (f) => drained.has(plan.flows[f]!.edge),
    )
    demand.fill(problem, whole, (f) => fromKbps(leases.inForce(f)))
    const asked = problem.demand.slice()
    await this.#round()
    if (this.#session.stillLearns(state)) askForGranted(problem, leases)
    applyPins(plan, problem, pins)

    const certify = this.ticks % CERTIFY_EVERY === 0
    await solver.solve(problem, { certify })
    await this.#round()
    const solved = this.#readAnswer(state, problem, pins)
    await this.#round()
    await this.#session.publish(state, pins, 'all')

    await this.#round()
    this.ticks++
    if (certify) this.#noteCertificate(problem)
    this.#countExcess(state)
    this.#doubts.look(state, this.leads ? this.#session.serial : null, clock.monotonic())
    this.#differences.note(state, now.confirmations ?? [], clock.wall())
    await this.#round()
    const last = { state, pins, now, columns: this.#columnsOf(state, problem, pins, asked) }
    await this.#paint(last, { ...solved, lastMs: clock.monotonic() - started, solveMs: problem.timing[0]! / 1_000 })
    this.#last = last
    await this.#round()
    await this.#deps.onTick?.({ board: this.#board!, problem, whole, phi: demand.phi, charged: pins.charged })
  }

  /** A report from a tick's reading or from a channel: what is applied first, then what it says of demand. */
  #hear(report: EdgeReport, { leases, demand }: PlanState): boolean {
    const heard = leases.acknowledge(report, this.#deps.clock.monotonic())
    if (heard !== 'stale') demand.observe(report, (f) => fromKbps(leases.inForce(f)))
    return heard === 'freed'
  }

  /** Between ticks: an acknowledgement may have freed the room that increases are waiting for. */
  #heard(report: EdgeReport): void {
    const state = this.#state
    const session = this.#session
    if (!state || this.#rhythm.stopped) return
    if (!this.#hear(report, state) || session.waiting === 0 || this.#growing || !session.leads) return
    this.#growing = true
    void this.#rhythm.inTurn(async () => {
      this.#growing = false
      const last = this.#last
      if (last === null || session.waiting === 0) return
      if (await session.publish(last.state, last.pins, 'changed')) await this.#paint(last, this.#board!.tick)
    })
  }

  /** The answer as whole kbit/s, pinned flows at what they are granted, and quiet. */
  #readAnswer(
    { plan, rates, leases, scratch }: PlanState,
    problem: Problem,
    pins: Pins,
  ): { kept: number; moved: number } {
    for (let f = 0; f < rates.length; f++) {
      const granted = pins.reason[f] === null ? problem.kbps[f]! : pins.granted[f]!
      rates[f] = this.#session.learning && leases.granted[f]! > 0 ? Math.min(granted, leases.granted[f]!) : granted
    }
    const ceilingOf = (f: number): number => plan.flows[f]!.ceiling
    return quiet(problem, rates, leases.granted, ceilingOf, (f) => pins.reason[f] !== null, scratch)
  }

  #countExcess({ leases }: PlanState): void {
    const now = this.#deps.clock.monotonic()
    if (this.leads) this.excess += (leases.excess() * (now - this.#countedAt)) / 1_000
    this.#countedAt = now
  }

  #columnsOf({ plan, leases, demand, rates }: PlanState, problem: Problem, pins: Pins, asked: Float64Array) {
    const now = this.#deps.clock.monotonic()
    const applied = Float64Array.from(plan.flows, (_, f) => fromKbps(leases.acknowledgedRate(f)))
    const heard = heardNow(plan, leases.edges, demand, now, this.#lowered.settling(plan, now))
    return { problem, pins, demand: asked, target: rates.slice(), applied, heard }
  }

  #noteCertificate(problem: Problem): void {
    const { seq } = this.#session.serial
    const ok = problem.status[1] === 1
    this.#certificate = { ok, checkedSeq: seq }
    if (!ok) this.#deps.log.error({ seq, violation: [...problem.status.slice(2, 5)] }, 'certificate')
  }

  /** Edges have been told: whoever else is at this thread comes before the picture of it. */
  async #paint({ state: { plan, leases, granted }, ...made }: Made, tick: Board['tick']): Promise<void> {
    const { clock } = this.#deps
    const { leader, leads, serial, learning, grantedSerials } = this.#session
    const { problem, pins, demand, target, applied, heard } = made.columns
    const columns: TickColumns = { problem, pins, demand, target, granted: granted.slice(), applied, heard }
    await this.#round()
    const flows = paintFlows(plan, columns)
    const satisfied = countSatisfied(plan, flows)
    await this.#round()
    const links = paintLinks(plan, columns, flows)
    await this.#round()
    const now = { monotonic: clock.monotonic(), wall: clock.wall() }
    const board: Omit<Board, 'explain' | 'whatIf'> = {
      ...{ plan, leader, leads, serial, at: now.wall, learning, flows, links, satisfied, tick },
      edges: paintEdges(plan, leases.edges, grantedSerials, now, this.#differences, this.#doubts, this.#instances),
      certificate: this.#certificate,
      excess: this.excess,
      inForce: lasting(made.now, now.wall),
    }
    this.#board = {
      ...board,
      explain: (flow) => explainFlow(plan, problem, board, flow),
      whatIf: async (flow) => (await this.#deps.whatIf?.(problem, flow)) ?? [],
    }
  }

  /** The picture of the last tick; null before the first. */
  get board(): Board | null {
    return this.#board
  }

  /** The plan of the last tick, with the paths of its flows; null before the first. */
  get inForce(): PlanInForce | null {
    return this.#state
  }

  get leads(): boolean {
    return this.#session.leads
  }

  /** Null while this controller does what it is for, else why not. */
  notReady(): string | null {
    return this.#rhythm.failing || (this.#board ? null : 'the first tick has not ended yet')
  }

  start(): void {
    this.#rhythm.start()
  }

  /** Something changed that cannot wait for the next tick. */
  wake(): void {
    this.#rhythm.wake()
  }

  tick(): Promise<void> {
    return this.#rhythm.tick()
  }

  /** Ends ticking and frees the term for a standby; without `resign` as a process does that is killed. */
  async stop({ resign = true } = {}): Promise<void> {
    await this.#rhythm.stop()
    if (resign) await this.#session.resign()
  }
}

/** What is in force, made when somebody asks. */
function lasting({ revision, inForce }: Situation, at: UnixMilliseconds): Board['inForce'] {
  let made: ReturnType<typeof causesInForce> | undefined
  return () => {
    made ??= causesInForce(revision.document, inForce, at)
    return made
  }
}
