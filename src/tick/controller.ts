// THE TICK. Every second: take the plan that holds now and the term, hear what edges say, ask what is wanted, solve,
// decide who may be granted what, publish, and show it. `#tick` below is that sentence, in that order. When there is a
// tick stands in rhythm.ts, what lives as long as a plan in plan-state.ts, who publishes under which serial in
// leader-session.ts.
//
//   reports --hear--> demand --fill--> problem --solve--> rates --quiet--> --decide--> publication --> edges
//
// The controller owns no data that could be lost: what it knows it heard from edges, and what it decides it can decide
// again. Time, threads and the store are handed in. What it shows are columns (shown.ts): whoever wants a picture of
// them paints it, and takes no time of the tick for it.

import type { Board } from '../model/board.js'
import type { EdgeReport } from '../model/lease.js'
import { fromKbps, type Milliseconds } from '../model/units.js'
import { quiet } from '../publish/quiet.js'
import type { RatesStore } from '../publish/rates-store.js'
import type { LinkCounters } from '../record/gathering.js'
import { anotherRound } from '../runtime/clock.js'
import { byPieces } from '../runtime/pieces.js'
import type { Problem } from '../solve/problem.js'
import { limitsOf, paintEdges, type TickColumns } from './board.js'
import { Ceased } from './ceased.js'
import { Differences } from './differences.js'
import { Doubts } from './doubts.js'
import { heardNow, LoweredLinks } from './heard.js'
import { Instances } from './instances.js'
import { LeaderSession, type LeaderSessionOptions } from './leader-session.js'
import { LimitedSince } from './limited-since.js'
import { applyPins, type Pins, pinFlows } from './pins.js'
import { type PlanState, planStateOf, roomFor } from './plan-state.js'
import { type PlanInForce, Planner, type Situation } from './planner.js'
import { Rhythm } from './rhythm.js'
import { boardOf, type Shown } from './shown.js'
import type { SolverThreads } from './solver.js'
import { askForGranted } from './takeover.js'

/** The answer of one tick in so many is proved; a failing proof raises the metric and the log. */
const CERTIFY_EVERY = 10
const UNCOUNTED: LinkCounters = { measured: () => undefined }

export interface ControllerDeps extends LeaderSessionOptions {
  readonly solver: SolverThreads
  readonly store: RatesStore
  /** What holds now: revision, conditions, switched enforcement. Read at each tick. */
  situation(): Situation
  /** Told of each tick, and of what was granted between two; must not throw. */
  readonly onShown?: (shown: Shown<Problem>) => void
  /** Told of each tick as it begins: how late that is. */
  readonly onBeat?: (late: Milliseconds) => void
  /** Told of each turn that is over, whatever became of it. */
  readonly onTurn?: () => void
  /** What monitoring counts on links; absent: nothing. */
  readonly counters?: LinkCounters
}

/** What one tick made, of one plan. */
interface Made {
  readonly state: PlanState
  readonly pins: Pins
  readonly problem: Problem
  readonly columns: Omit<TickColumns, 'granted'>
  readonly now: Situation
  readonly made: Milliseconds
}

export class Controller {
  readonly #deps: ControllerDeps
  readonly #round: () => Promise<void>
  readonly #planner: Planner
  readonly #rhythm: Rhythm
  readonly #session: LeaderSession
  #state: PlanState | null = null
  #shown: Shown<Problem> | null = null
  /** Of what was shown last; null: nobody has looked at it yet. */
  #board: Board | null = null
  /** What the last tick made; null from when a tick begins until it has ended well. */
  #last: Made | null = null
  #certificate = { ok: true, checkedSeq: 0 }
  readonly #differences = new Differences()
  readonly #doubts = new Doubts()
  readonly #ceased = new Ceased()
  readonly #lowered = new LoweredLinks()
  readonly #instances: Instances
  readonly #limited: LimitedSince
  #growing = false
  #countedAt: Milliseconds
  /** Bits above capacity that edges may have let through since the start: the promise is 0. */
  excess = 0
  ticks = 0

  constructor(deps: ControllerDeps) {
    const { clock, log, solver, store } = deps
    this.#deps = deps
    this.#round = deps.round ?? anotherRound
    const solve = (problem: Problem): Promise<void> => solver.solve(problem, { once: true })
    this.#planner = new Planner(solve, this.#round)
    this.#instances = new Instances(clock)
    this.#limited = new LimitedSince(clock)
    this.#session = new LeaderSession({ ...deps, instances: this.#instances, reasons: this.#limited })
    const period = (): Milliseconds => this.#state?.plan.timing.tick ?? 1_000
    const late = (by: Milliseconds): void => deps.onBeat?.(by)
    this.#rhythm = new Rhythm({ clock, log, period, late, over: () => deps.onTurn?.(), tick: () => this.#tick() })
    this.#countedAt = clock.monotonic()
    store.incoming.onReport((report) => this.#heard(report))
    store.incoming.admitBy((report) => this.#instances.admits(report))
  }

  /** The state of this plan: the present one, where the plan is still the same. */
  async #stateOf(inForce: PlanInForce): Promise<PlanState> {
    if (this.#state?.plan === inForce.plan) return this.#state
    const room = await byPieces(roomFor(inForce), this.#round)
    // From here to the end at once: what is heard meanwhile is heard by the state that was.
    this.#state = planStateOf(room, this.#state, this.#session.serial, this.#deps.clock.monotonic())
    return this.#state
  }

  async #tick(): Promise<void> {
    const { clock, solver, store, situation } = this.#deps
    // From here on rates, pins and plan may be of two ticks: until they are of one again nothing is made of them.
    this.#last = null
    const started = clock.monotonic()
    const now = situation()
    const inForce = await this.#planner.planAt(now, clock.wall())
    const state = await this.#stateOf(inForce)
    const { plan, whole, demand, leases, staticRates, drained, lone, enforced } = state

    this.#instances.suit(plan, now.replacements)
    const term = await this.#session.elect(state)
    for (const report of await store.incoming.readReports(plan.edges)) this.#hear(report, state)
    await this.#session.assume(term, state)
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
    demand.moveSplits(
      (f) => pins.reason[f] !== null && pins.keepsPart[f] === 1,
      (f) => drained.has(plan.flows[f]!.edge),
    )
    leases.readInto(null, enforced)
    demand.fill(problem, whole, (f) => fromKbps(enforced[f]!))
    const asked = problem.demand.slice()
    if (this.#session.stillLearns(state)) askForGranted(problem, leases)
    applyPins(state, problem, pins)

    const certify = this.ticks % CERTIFY_EVERY === 0
    await solver.solve(problem, { certify })
    const solved = this.#readAnswer(state, problem, pins)
    await this.#session.publish(state, pins, 'all', () => this.#noteLimits(state, problem, pins, state.rates))
    const told = clock.monotonic()

    this.ticks++
    if (certify) this.#noteCertificate(problem)
    this.#countExcess(state)
    this.#doubts.look(state, this.leads ? this.#session.serial : null, clock.monotonic())
    this.#ceased.look(plan, leases, now, clock.wall())
    this.#differences.note(state, now.confirmations ?? [], clock.wall())
    const made = clock.monotonic()
    const last = { state, pins, problem, now, made, columns: this.#columnsOf(state, pins, asked) }
    this.#last = last
    this.#show(last, { ...solved, lastMs: told - started, solveMs: problem.timing[0]! / 1_000 })
  }

  /** A report from a tick's reading or from a channel: what is applied first, then what it says of demand. */
  #hear(report: EdgeReport, { leases, demand }: PlanState): boolean {
    const heard = leases.acknowledge(report, this.#deps.clock.monotonic())
    if (heard !== 'stale') demand.observe(report, (f) => fromKbps(leases.inForce(f)), this.#deps.clock.wall())
    return heard === 'freed'
  }

  /** Between ticks: an acknowledgement may have freed the room that increases are waiting for. False: too early. */
  #heard(report: EdgeReport): boolean {
    const state = this.#state
    const session = this.#session
    if (!state || this.#rhythm.stopped) return false
    if (this.#hear(report, state) && session.waiting > 0 && !this.#growing && session.leads) this.#growSoon()
    return true
  }

  #growSoon(): void {
    const session = this.#session
    this.#growing = true
    void this.#rhythm.inTurn(async () => {
      this.#growing = false
      const last = this.#last
      if (last === null || session.waiting === 0) return
      const decided = (): void => this.#noteLimits(last.state, last.problem, last.pins, last.columns.target)
      if (await session.publish(last.state, last.pins, 'changed', decided)) this.#show(last, this.#shown!.said.tick)
    })
  }

  /** The answer as whole kbit/s, pinned flows at what they are granted, and quiet. */
  #readAnswer(
    { ceilings, rates, leases, scratch }: PlanState,
    problem: Problem,
    pins: Pins,
  ): { kept: number; moved: number } {
    const { kbps } = problem
    const { learning } = this.#session
    for (let f = 0; f < rates.length; f++) {
      const granted = pins.reason[f] === null ? kbps[f]! : pins.granted[f]!
      rates[f] = learning && leases.granted[f]! > 0 ? Math.min(granted, leases.granted[f]!) : granted
    }
    const ceilingOf = (f: number): number => ceilings[f]!
    return quiet(problem, rates, leases.granted, ceilingOf, (f) => pins.reason[f] !== null, scratch)
  }

  #noteLimits({ plan, granted }: PlanState, problem: Problem, { reason }: Pins, target: Uint32Array): void {
    this.#limited.note(plan, limitsOf(plan, problem, { reason, target, granted }))
  }

  #countExcess({ leases }: PlanState): void {
    const now = this.#deps.clock.monotonic()
    if (this.leads) this.excess += (leases.excess() * (now - this.#countedAt)) / 1_000
    this.#countedAt = now
  }

  #columnsOf({ plan, leases, demand, rates }: PlanState, { reason, charged }: Pins, asked: Float64Array) {
    const now = this.#deps.clock.monotonic()
    const applied = new Float64Array(plan.flows.length)
    leases.readInto(applied, null)
    for (let f = 0; f < applied.length; f++) applied[f] = fromKbps(applied[f]!)
    const heard = heardNow(plan, leases.edges, demand, now, this.#lowered.settling(plan, now))
    return { reason, charged, demand: asked, seen: demand.seenOf(asked), target: rates.slice(), applied, heard }
  }

  #noteCertificate(problem: Problem): void {
    const { seq } = this.#session.serial
    const ok = problem.status[1] === 1
    this.#certificate = { ok, checkedSeq: seq }
    if (!ok) this.#deps.log.error({ seq, violation: [...problem.status.slice(2, 5)] }, 'certificate')
  }

  /** Edges have been told: now everybody else is. */
  #show({ state, problem, columns, now, made }: Made, tick: Board['tick']): void {
    const { clock, store, onShown } = this.#deps
    const { plan, whole, demand, leases, granted } = state
    const { leader, leads, serial, learning, grantedSerials } = this.#session
    const at = { monotonic: clock.monotonic(), wall: clock.wall() }
    this.#board = null
    this.#shown = {
      ...{ number: this.ticks, made, plan, whole, problem, phi: demand.phi, situation: now },
      columns: { ...columns, granted: granted.slice() },
      told: this.#limited.told(),
      said: {
        ...{ leader, leads, serial, learning, tick, at: at.wall, certificate: this.#certificate, excess: this.excess },
        edges: paintEdges(
          plan,
          leases.edges,
          grantedSerials,
          at,
          this.#differences,
          this.#doubts,
          this.#ceased,
          this.#instances,
          store.freshness,
        ),
      },
    }
    onShown?.(this.#shown)
  }

  /** The picture of the last tick; null before the first. */
  get board(): Board | null {
    if (this.#shown !== null) this.#board ??= boardOf(this.#shown)
    return this.#board
  }

  /** The plan of the last tick, with the paths of its flows; null before the first. */
  get inForce(): PlanInForce | null {
    return this.#state
  }

  get leads(): boolean {
    return this.#session.leads
  }

  /** By the clock that does not jump; in the past: it does not lead. */
  get leadsUntil(): Milliseconds {
    return this.#session.leadsUntil
  }

  /** Why ticks fail; empty: they do not. */
  get failing(): string {
    return this.#rhythm.failing
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
