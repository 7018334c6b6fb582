// THE TICK. Every second: hear what edges say, take the plan that holds now, ask what is wanted, solve, decide who
// may be told what, publish, and show it. `tick` below is that sentence, in that order; everything else in this file
// keeps the things that live longer than a tick.
//
//   reports --hear--> demand --fill--> problem --solve--> rates --quiet--> --decide--> publication --> edges
//
// The controller owns no data that could be lost: what it knows it heard from edges, and what it decides it can decide
// again. Time, threads and the store are handed in.

import { DemandTable } from '../demand/table.js'
import type { Board } from '../model/board.js'
import { compareSerial, type EdgeReport, type Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { LeaseTable } from '../publish/lease-table.js'
import { type EdgePublication, Outbox } from '../publish/publication.js'
import { LEADER_LEASE, type Publisher, type Term } from '../publish/publisher.js'
import { type QuietScratch, quiet, quietScratch } from '../publish/quiet.js'
import type { SolvedTick } from '../record/tick.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { remedyOf } from '../runtime/redis.js'
import type { Problem } from '../solve/problem.js'
import { countSatisfied, paintEdges, paintFlows, paintLinks, type TickColumns } from './board.js'
import { ClassSplit } from './class-split.js'
import { explainFlow } from './explain.js'
import { applyPins, type Pins, pinFlows } from './pins.js'
import { type PlanInForce, Planner, type Situation } from './planner.js'
import type { SolverThreads } from './solver.js'
import { askForWhatWasTold, epochFloor, followLeader, isLearning, takeOver } from './succession.js'

/** Further wishes for a tick within this time share it. */
const COALESCE: Milliseconds = 20
/** The answer of one tick in so many is proved; a failing proof raises the metric and the log. */
const CERTIFY_EVERY = 10

/** What the controller needs of the volatile store. */
export type RatesStore = Pick<
  Publisher,
  'elect' | 'resign' | 'profiles' | 'publish' | 'readReports' | 'readSnapshots' | 'readContents' | 'onReport'
>

export interface ControllerDeps {
  readonly id: string
  readonly clock: Clock
  readonly log: Logger
  readonly solver: SolverThreads
  readonly store: RatesStore
  /** What holds now: revision, conditions, switched enforcement. Read at each tick. */
  situation(): Situation
  /** Shown each tick when it has ended; must not throw, wait, or keep the arenas. */
  readonly onTick?: (tick: SolvedTick) => void
}

/** What lives as long as a plan. */
interface Desk extends PlanInForce {
  readonly demand: DemandTable
  readonly leases: LeaseTable
  readonly classes: ClassSplit
  readonly scratch: QuietScratch
  readonly rates: Uint32Array
  readonly told: Uint32Array
}

export class Controller {
  readonly #deps: ControllerDeps
  readonly #planner: Planner
  readonly #outbox = new Outbox()
  #desk: Desk | null = null
  #term: Term | null = null
  /** By our own clock: when the term is over unless it is renewed. */
  #termEnd: Milliseconds = Number.NEGATIVE_INFINITY
  #leader = ''
  #serial: Serial = { epoch: 0, seq: 0 }
  #board: Board | null = null
  #intended = new Map<string, Serial>()
  #certificate = { ok: true, checkedSeq: 0 }
  /** When a new leader began to learn what edges ask for; null: it knows, or it does not lead. */
  #learningSince: Milliseconds | null = null
  #waiting = 0
  #last: { readonly columns: Omit<TickColumns, 'told'>; readonly pins: Pins } | null = null
  #turn: Promise<void> = Promise.resolve()
  #timer: Timer | null = null
  #stopped = false
  #countedAt: Milliseconds
  /** Bits above capacity that edges may have let through since the start: the promise is 0. */
  excess = 0
  ticks = 0

  constructor(deps: ControllerDeps) {
    this.#deps = deps
    this.#planner = new Planner((problem) => deps.solver.solve(problem))
    this.#countedAt = deps.clock.monotonic()
    deps.store.onReport((report) => this.#heard(report))
  }

  /** The picture of the last tick; null before the first. */
  get board(): Board | null {
    return this.#board
  }

  get leads(): boolean {
    return this.#term !== null && this.#deps.clock.monotonic() < this.#termEnd
  }

  /** Ticks on until `stop`. A tick that is late does not bring the next one closer than a quarter of a period. */
  start(): void {
    const loop = async (): Promise<void> => {
      const { clock } = this.#deps
      const due = clock.monotonic() + (this.#desk?.plan.timing.tick ?? 1_000)
      await this.tick()
      if (this.#stopped) return
      const period = this.#desk?.plan.timing.tick ?? 1_000
      this.#timer = clock.setTimer(Math.max(period / 4, due - clock.monotonic()), loop, { hold: true })
    }
    void loop()
  }

  /** Ends ticking and frees the term for a standby; without `resign` as a process does that is killed. */
  async stop({ resign = true } = {}): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#turn
    if (this.#term && resign) await this.#deps.store.resign(this.#deps.id).catch(() => undefined)
  }

  /** Something changed that cannot wait for the next tick: policy, enforcement, a link. */
  wake(): void {
    if (this.#stopped || this.#woken) return
    const { clock } = this.#deps
    const now = clock.monotonic()
    if (now - this.#wokenAt >= COALESCE) {
      this.#wokenAt = now
      void this.tick()
      return
    }
    this.#woken = clock.setTimer(this.#wokenAt + COALESCE - now, () => {
      this.#woken = null
      this.#wokenAt = clock.monotonic()
      void this.tick()
    })
  }
  #woken: Timer | null = null
  #wokenAt: Milliseconds = Number.NEGATIVE_INFINITY

  /** One tick. Ticks never overlap; a failing one is logged and the next one starts from what is true then. */
  tick(): Promise<void> {
    return this.#inTurn(() => this.#tick())
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const { log } = this.#deps
    this.#turn = this.#turn.then(work).then(
      () => {
        if (this.#failing) log.info('ticks go on')
        this.#failing = ''
      },
      (error: unknown) => {
        const reason = messageOf(error)
        if (this.#failing === reason) return // said once, not each second
        this.#failing = reason
        const told = 'no tick; edges keep what they hold under lease, then go to safe rates'
        if (remedyOf(error) === 'retry') log.warn({ reason }, told)
        else log.error({ err: error }, told)
      },
    )
    return this.#turn
  }
  /** Why ticks fail; empty while they do not. */
  #failing = ''

  /** Null while this controller does what it is for, else why not. */
  notReady(): string | null {
    if (this.#failing) return this.#failing
    return this.#board ? null : 'the first tick has not ended yet'
  }

  async #tick(): Promise<void> {
    const { clock, solver } = this.#deps
    const started = clock.monotonic()
    const desk = await this.#takeDesk()
    await this.#hearAll(desk)
    desk.leases.expire(clock.monotonic())

    const { plan, demand, leases } = desk
    const problem = desk.problems[this.ticks % 2]!
    const pins = pinFlows(plan, problem, leases, demand.arrival, clock.monotonic())
    demand.moveSplits((f) => pins.reason[f] !== null)
    demand.fill(problem, desk.whole, (f) => leases.inForce(f) * 1_000)
    const asked = problem.demand.slice()
    if (this.#isLearning(desk)) askForWhatWasTold(problem, leases)
    applyPins(plan, problem, pins)

    const certify = this.ticks % CERTIFY_EVERY === 0
    await solver.solve(problem, { certify })
    const solved = this.#readAnswer(desk, problem, pins)
    await this.#publish(desk, pins, 'all')

    this.ticks++
    if (certify) this.#noteCertificate(problem)
    this.#countExcess(leases)
    this.#last = { pins, columns: this.#columns(desk, problem, pins, asked) }
    const lastMs = clock.monotonic() - started
    this.#paint(desk, { ...solved, lastMs, solveMs: problem.timing[0]! / 1_000 })
    const { whole } = desk
    this.#deps.onTick?.({ board: this.#board!, problem, whole, phi: demand.phi, charged: pins.charged })
  }

  /** The plan that holds now, with everything that hangs on it; a new plan takes over what the old one knew. */
  async #takeDesk(): Promise<Desk> {
    const inForce = await this.#planner.planAt(this.#deps.situation(), this.#deps.clock.wall())
    const old = this.#desk
    if (old && old.plan === inForce.plan) return old
    const { plan } = inForce
    const [problem] = inForce.problems
    const demand = new DemandTable(plan)
    if (old) demand.inherit(old.demand)
    this.#desk = {
      ...inForce,
      demand,
      leases: old
        ? LeaseTable.successor(old.leases, plan, problem, this.#serial, this.#deps.clock.monotonic())
        : new LeaseTable(plan, problem, this.#deps.clock.monotonic()),
      classes: new ClassSplit(plan),
      scratch: quietScratch(problem),
      rates: new Uint32Array(plan.flows.length),
      told: new Uint32Array(plan.flows.length),
    }
    return this.#desk
  }

  /** Who leads, what edges say, and what another leader told them where that is not known here. */
  async #hearAll(desk: Desk): Promise<void> {
    const { store, log, id, clock } = this.#deps
    const edges = desk.plan.edges.map((e) => e.id)
    const asked = clock.monotonic()
    const term = await store.elect(id, epochFloor(desk.leases, this.#serial.epoch))
    for (const report of await store.readReports(edges)) this.#hear(report, desk)
    this.#leader = term.leader
    this.#termEnd = asked + LEADER_LEASE
    if (!term.leads) {
      if (this.#term) log.warn({ leader: term.leader }, 'another controller leads; this one only watches')
      this.#term = null
      this.#learningSince = null
      const newest = await followLeader(desk, store, clock.monotonic())
      for (const [edge, serial] of newest) this.#intended.set(edge, serial)
      this.#serial = [...newest.values()].reduce((a, b) => (compareSerial(a, b) < 0 ? b : a), { ...term, seq: 0 })
      return
    }
    if (term.epoch !== this.#ownEpoch) {
      log.info({ epoch: term.epoch }, 'leading')
      await takeOver(desk, store, clock.monotonic())
      this.#ownEpoch = term.epoch
      this.#serial = { epoch: term.epoch, seq: 0 }
      this.#learningSince = clock.monotonic()
      this.#outbox.forget()
    }
    this.#term = term
  }
  /** The last term that was begun here. */
  #ownEpoch = 0

  /** A report from a tick's reading or from a channel: what is applied first, then what it says of demand. */
  #hear(report: EdgeReport, desk: Desk): boolean {
    const heard = desk.leases.acknowledge(report, this.#deps.clock.monotonic())
    if (heard !== 'stale') desk.demand.observe(report, (f) => desk.leases.inForce(f) * 1_000)
    return heard === 'freed'
  }

  /** Between ticks: an acknowledgement may have freed the room that increases are waiting for. */
  #heard(report: EdgeReport): void {
    const desk = this.#desk
    if (!desk || this.#stopped) return
    if (!this.#hear(report, desk) || this.#waiting === 0 || this.#growing || !this.leads) return
    this.#growing = true
    void this.#inTurn(async () => {
      this.#growing = false
      if (!this.#last || this.#waiting === 0 || desk !== this.#desk) return
      if (await this.#publish(desk, this.#last.pins, 'changed')) this.#paint(desk, this.#board!.tick)
    })
  }
  #growing = false

  /** The answer as whole kbit/s, pinned flows at what they are told, and quiet. */
  #readAnswer(desk: Desk, problem: Problem, pins: Pins): { kept: number; moved: number } {
    const { plan, rates, leases } = desk
    const learning = this.#learningSince !== null
    for (let f = 0; f < rates.length; f++) {
      const told = pins.reason[f] === null ? problem.kbps[f]! : pins.told[f]!
      rates[f] = learning && leases.sent[f]! > 0 ? Math.min(told, leases.sent[f]!) : told
    }
    const ceilingOf = (f: number): number => plan.flows[f]!.ceiling
    return quiet(problem, rates, leases.sent, ceilingOf, (f) => pins.reason[f] !== null, desk.scratch)
  }

  #isLearning(desk: Desk): boolean {
    const since = this.#learningSince
    if (since !== null && !isLearning(desk, since, this.#deps.clock.monotonic())) this.#learningSince = null
    return this.#learningSince !== null
  }

  /** Tells edges what they may have now: all of them, or those for whom something changed. True if it went out. */
  async #publish(desk: Desk, pins: Pins, to: 'all' | 'changed'): Promise<boolean> {
    const { plan, leases, rates, told, classes, demand, until } = desk
    this.#waiting = leases.decide(rates, pins.charged, this.#learningSince === null, told)
    if (!this.leads) {
      // What holds is what the leader told.
      leases.sent.forEach((kbps, f) => {
        if (kbps > 0) told[f] = kbps
      })
      return false
    }
    classes.update(told, demand.classArrival, plan.demand.margin)
    const { store, clock, log } = this.#deps
    if (this.#unsettled && !(await this.#settle())) return false
    const serial = { epoch: this.#term!.epoch, seq: this.#serial.seq + 1 }
    const profiles = store.profiles(plan, until)
    const composed = this.#outbox.compose(plan, leases, serial, told, classes.rates, profiles)
    const publications = to === 'all' ? composed : composed.filter(({ snapshot }) => snapshot !== null)
    if (publications.length === 0) return false
    // An edge may be enforcing it, and say so, before the store has answered us.
    for (const { edge, snapshot } of publications)
      leases.noteSent(edge, serial, told, snapshot !== null, clock.monotonic())
    const outcome = await store.publish(this.#deps.id, serial, publications)
    if (outcome === 'fenced') {
      log.warn({ epoch: serial.epoch }, 'fenced: another controller leads')
      this.#term = null
      this.#ownEpoch = 0
      return false
    }
    this.#serial = serial
    for (const { edge, snapshot } of publications) if (snapshot) this.#intended.set(edge, serial)
    if (outcome === 'unknown') {
      this.#unsettled = { serial, publications }
      this.#outbox.forget()
    } else {
      this.#outbox.commit(plan, leases, publications, told, classes.rates)
      for (const edge of outcome.lost) this.#outbox.forget(edge)
    }
    return true
  }

  /** No answer came to a publication: the very same one goes out again before anything else does. */
  async #settle(): Promise<boolean> {
    const { serial, publications } = this.#unsettled!
    if (serial.epoch === this.#term!.epoch) {
      const outcome = await this.#deps.store.publish(this.#deps.id, serial, publications)
      if (outcome === 'unknown') return false
    }
    this.#unsettled = null
    return true
  }
  #unsettled: { readonly serial: Serial; readonly publications: readonly EdgePublication[] } | null = null

  #countExcess(leases: LeaseTable): void {
    const now = this.#deps.clock.monotonic()
    if (this.leads) this.excess += (leases.excess() * (now - this.#countedAt)) / 1_000
    this.#countedAt = now
  }

  #noteCertificate(problem: Problem): void {
    const ok = problem.status[1] === 1
    this.#certificate = { ok, checkedSeq: this.#serial.seq }
    if (!ok) this.#deps.log.error({ seq: this.#serial.seq, violation: [...problem.status.slice(2, 5)] }, 'certificate')
  }

  #columns({ plan, leases, demand, rates }: Desk, problem: Problem, pins: Pins, asked: Float64Array) {
    const applied = Float64Array.from(plan.flows, (_, f) => leases.acknowledgedRate(f) * 1_000)
    return { problem, pins, demand: asked, target: rates.slice(), applied, measured: demand.arrival.slice() }
  }

  #paint(desk: Desk, tick: Board['tick']): void {
    const { plan, leases, told } = desk
    const { clock, id } = this.#deps
    const columns: TickColumns = { ...this.#last!.columns, told: told.slice() }
    const flows = paintFlows(plan, columns)
    const now = { monotonic: clock.monotonic(), wall: clock.wall() }
    const board: Omit<Board, 'explain'> = {
      plan,
      leader: this.#leader || id,
      leads: this.leads,
      serial: this.#serial,
      at: now.wall,
      learning: this.#learningSince !== null,
      flows,
      links: paintLinks(plan, columns, flows),
      edges: paintEdges(plan, leases.edges, this.#intended, now),
      satisfied: countSatisfied(plan, flows),
      tick,
      certificate: this.#certificate,
      excess: this.excess,
    }
    this.#board = { ...board, explain: (flow) => explainFlow(plan, columns.problem, board, flow) }
  }
}
