// One story: three edges with production agents, two production controllers, a store, bad lines, and a seed that says
// what happens to them when. Time is a parameter, so an hour of trouble is a second of work, and the same seed is the
// same trouble.

import type { Conditions, Enforcement } from '../../../src/model/network.js'
import type { Milliseconds } from '../../../src/model/units.js'
import { provisionalIndexes } from '../../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import { NOTHING_IN_FORCE } from '../../../src/policy/in-force/holding.js'
import type { LinkState } from '../../../src/policy/in-force/link-state.js'
import { manualClock } from '../../../src/runtime/clock.js'
import { createLogger } from '../../../src/runtime/log.js'
import { Controller } from '../../../src/tick/controller.js'
import type { Situation, Switch } from '../../../src/tick/planner.js'
import { eachTick, inThread, reported } from '../../tick/loop.js'
import { Gateway, offerAt } from './gateway.js'
import { KeptLimits } from './kept-limits.js'
import { type Breach, Ledger } from './ledger.js'
import { Liar } from './lies.js'
import { Named } from './named.js'
import { changed, EDGES, firstDocument, type Geography, geography, LIARS_PORT, UPSTREAMS } from './plane.js'
import { type Known, PolicyStore, PolicyView } from './policy-store.js'
import { Process } from './process.js'
import { Random } from './random.js'
import { type Line, ModelStore, type Wrong } from './store.js'

const log = createLogger('model', 'silent')
/** So often a controller looks at the policy store, ms. */
const LOOKS_EVERY = 1_000
const WELL = { loss: 0, double: 0, downCut: false, upCut: false }

export interface WorldOptions {
  readonly seed: number
  readonly institutions?: number
  readonly controllers?: number
  readonly wrong?: Wrong
  /** One way, ms. */
  readonly delay?: readonly [number, number]
  /** Chance in the lines from the start. */
  readonly noise?: Partial<Line>
  /** An edge whose device is told new rates once a minute, and acknowledges them as seldom. */
  readonly paced?: string
  /** Others are heard between two pieces of a controller’s work; else time goes by steps, and nobody is due there. */
  readonly apart?: boolean
  /** Every second controller is of the release before, which knows no more than this version of the wire. */
  readonly other?: number
  /** See LeaderSessionOptions. */
  readonly edgesACall?: number
  /** Absent: the three of most stories. */
  readonly edges?: readonly string[]
  /** Edges that lie. */
  readonly liars?: readonly string[]
  /** The policy store can be lost (policy-store.ts); else what people say is never forgotten. */
  readonly losesPolicy?: boolean
  /** Controllers take whatever it holds for what is in force. */
  readonly believes?: boolean
}

interface Running {
  readonly process: Process
  readonly view: PolicyView | null
  readonly controller: Controller
}

/** Something that was done to a world. */
export interface Happening {
  /** Since the story began, ms. */
  readonly at: Milliseconds
  readonly name: string
  /** Null: it concerned all. */
  readonly edge: string | null
  /** There was nothing to do it to. */
  readonly isIdle: boolean
}

export class World {
  readonly options: WorldOptions
  readonly happenings: Happening[] = []
  readonly clock = manualClock({ monotonic: 1_000_000 })
  readonly start = this.clock.monotonic()
  readonly random: Random
  readonly store: ModelStore
  readonly ledger: Ledger
  readonly gateways = new Map<string, Gateway>()
  readonly edges: readonly string[]
  readonly liars: ReadonlyMap<string, Liar>
  readonly named: Named
  readonly policy: PolicyStore | null
  readonly #kept: KeptLimits | null
  /** In the data folder of a controller that was killed. */
  #disk: Known | undefined
  controllers: Running[] = []
  document: PolicyDocument
  revision = 1
  conditions: Conditions = {}
  readonly switches = new Map<string, Switch>()
  readonly #delay: readonly [number, number]
  #ids = 0
  #part = 1.2

  constructor(options: WorldOptions) {
    const { seed, institutions = 5, controllers = 2, wrong, delay = [10, 150], noise, paced } = options
    const { edges = EDGES, liars = [] } = options
    this.options = options
    this.edges = edges
    this.random = new Random(seed)
    // Nothing was signed in the first versions.
    this.store = new ModelStore(this.clock, this.random, wrong, options.other === undefined)
    this.ledger = new Ledger(paced, liars)
    this.named = new Named(this)
    this.store.onUninformedTakeover = () => this.ledger.lost(this.now)
    this.#delay = delay
    const document = firstDocument(institutions, { edges, paced, liars })
    this.policy = options.losesPolicy ? new PolicyStore(document, this.clock, new Random(seed + 104_729)) : null
    this.#kept = this.policy && new KeptLimits(this.policy, this.store.deafAt)
    this.document = this.policy?.document ?? document
    for (const id of edges) {
      this.store.lines.set(id, { ...WELL, ...noise, delay })
      this.gateways.set(id, new Gateway(id, this.clock, this.random, this.store, () => this.check()))
    }
    this.liars = new Map(liars.map((id) => [id, new Liar(this.gateways.get(id)!, this.clock)]))
    this.store.liars = this.liars
    this.#redraw(false)
    for (let k = 0; k < controllers; k++) this.startController()
    for (const gateway of this.gateways.values()) gateway.start()
    const watch = (): void => {
      this.ledger.checkLifelines([...this.gateways.values()], this.now)
      this.named.check()
      this.clock.setTimer(1_000, watch)
    }
    watch()
  }

  get now(): number {
    return this.clock.monotonic()
  }

  get breaches(): readonly Breach[] {
    const { ledger, named, store } = this
    const kept = this.#kept?.breaches ?? []
    return [...ledger.breaches, ...named.breaches, ...kept, ...store.breaches.map((what) => ({ at: this.now, what }))]
  }

  note(name: string, edge: string | null = null, isIdle = false): void {
    this.happenings.push({ at: this.now - this.start, name, edge, isIdle })
  }

  check(): void {
    this.ledger.check(this.gateways.values(), this.now)
    this.#kept?.check(this.gateways.values(), this.now)
  }

  async run(time: number): Promise<void> {
    await this.clock.advance(time)
  }

  leader(): Running | undefined {
    return this.controllers.find(({ controller, process }) => process.runs && controller.leads)
  }

  startController(): void {
    const process = new Process(this.clock)
    const { other, edgesACall } = this.options
    const speaks = this.#ids % 2 === 0 ? undefined : other
    const chances = new Random(this.options.seed + this.#ids)
    const rounds = (): Promise<void> => process.clock.sleep(chances.chance(0.2) ? chances.between(0, 20) : 0)
    const view = this.policy && new PolicyView(this.policy, this.clock, this.#keeps())
    const controller: Controller = new Controller({
      round: this.options.apart ? rounds : async () => undefined,
      id: `ctl-${this.#ids++}`,
      clock: process.clock,
      log,
      solver: inThread(() => undefined),
      store: this.store.forController(process, speaks),
      ...(edgesACall !== undefined && { edgesACall }),
      onShown: eachTick(() => controller.board!, this.named.watching(process.clock)),
      situation: () => this.#situation(view),
    })
    this.controllers.push({ process, controller, view })
    if (view) {
      const look = (): void => {
        if (view.refresh()) controller.wake()
        process.clock.setTimer(LOOKS_EVERY, look)
      }
      process.clock.setTimer(this.random.between(0, LOOKS_EVERY), look)
    }
    process.clock.setTimer(this.random.between(0, 900), () => controller.start())
  }

  #situation(view: PolicyView | null): Situation {
    const links = [...Object.entries(this.conditions).map(reported), ...this.words]
    if (view) {
      const { revision, register, orders } = view.known
      return { revision, inForce: { ...NOTHING_IN_FORCE, modes: register.modes, links }, switches: orders }
    }
    const { document, revision, switches } = this
    const indexes = provisionalIndexes(document)
    return {
      revision: { document, revision, hash: `sha256:${revision}`, indexes },
      ...{ inForce: { ...NOTHING_IN_FORCE, links }, switches },
    }
  }

  #keeps() {
    const kept = this.#disk
    return { ...(kept && { kept }), believes: this.options.believes ?? false }
  }

  /** Whether whoever leads takes an edit: it looks at the store, and refuses where that has lost something. */
  #mayEdit(): boolean {
    if (!this.policy) return true
    for (const { view } of this.controllers) view?.refresh()
    return this.#healed || this.leader()?.view?.loss === null
  }

  killLeader(): boolean {
    const leader = this.leader()
    if (!leader) return false
    leader.process.kill()
    this.#disk = leader.view?.known
    this.controllers = this.controllers.filter((running) => running !== leader)
    this.clock.setTimer(this.random.between(500, 4_000), () => this.startController())
    for (const id of this.edges) this.ledger.troubled(id, this.now + 7_000)
    return true
  }

  stopLeader(): boolean {
    const leader = this.leader()
    leader?.process.stopFor(this.random.between(1_000, 9_000))
    for (const id of this.edges) this.ledger.troubled(id, this.now + 9_000)
    return leader !== undefined
  }

  /** The store loses everything. */
  forget(): void {
    this.store.forget()
    this.ledger.forgotten(this.now)
  }

  /** What all offer towards the institutions is this part of what the upstreams carry; at a `calm` edge a fifth. */
  offer(part: number, calm?: string): void {
    this.#part = part
    for (const gateway of this.gateways.values()) {
      this.#offerAt(gateway)
      if (gateway.id === calm) gateway.offered = new Map([...gateway.offered].map(([key, bps]) => [key, bps / 5]))
    }
  }

  #offerAt(gateway: Gateway): void {
    const { plan } = this.#geography
    const all = plan.flows.filter(({ service, direction }) => service === 'internet' && direction === 'down')
    const sum = all.reduce((total, { id }) => total + weightOf(id), 0)
    // To an edge whose lines carry little, little comes.
    const most = this.liars.has(gateway.id) ? LIARS_PORT / UPSTREAMS : this.#part
    gateway.offered = offerAt(
      plan,
      gateway.id,
      (flow) => (Math.min(most, this.#part) * UPSTREAMS * weightOf(flow)) / sum,
    )
  }

  setConditions(conditions: Conditions): void {
    const before = this.conditions
    this.conditions = conditions
    this.#redraw(JSON.stringify(before) !== JSON.stringify(conditions))
    this.#wakeAll()
  }

  changePolicy(): boolean {
    const before = this.document
    const next = changed(before, this.random)
    if (!this.#mayEdit()) return false
    this.document = next
    this.revision++
    this.policy?.put(next)
    this.#redraw(false)
    this.offer(this.#part)
    this.#wakeAll()
    return true
  }

  order(edge: string, enforcement: Enforcement, time: number | null): void {
    if (!this.#mayEdit()) return
    this.policy?.order(edge, enforcement, time === null ? null : this.clock.wall() + time)
    if (enforcement === 'enforce') this.switches.delete(edge)
    else this.switches.set(edge, { enforcement, until: time === null ? null : this.clock.wall() + time })
    this.#wakeAll()
  }

  /** What edges that lie say of links. */
  words: readonly LinkState[] = []

  setWords(words: readonly LinkState[]): void {
    this.words = words
    this.#wakeAll()
  }

  /** Somebody restores the policy store, or decides that what is known goes on. */
  restorePolicy(decides: boolean): void {
    this.policy?.restore(decides)
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const { process, controller, view } of this.controllers) {
      view?.refresh()
      process.enter(() => controller.wake())
    }
  }

  #redraw(lossy: boolean): void {
    if (this.#documents.at(-1) !== this.document) this.#documents.push(this.document)
    // What has left the plan may still be let through, along what is there now.
    const drawn = this.#documents.map((document) => geography(document, this.conditions))
    this.#geography = drawn.at(-1)!
    this.ledger.redraw(drawn, geography(this.document, {}), this.gateways.values(), this.now, lossy)
    this.check()
  }
  #geography!: Geography
  /** In the order in which they were in force. */
  readonly #documents: PolicyDocument[] = []

  /** Happens after this time, unless all faults have ended before. */
  later(time: number, run: () => void): void {
    this.clock.setTimer(time, () => {
      if (!this.#healed) run()
    })
  }
  #healed = false

  /** All faults end: lines are well, nobody refuses, nobody is switched, one more controller where none runs. */
  heal(): void {
    this.#healed = true
    this.policy?.restore(false)
    for (const id of this.edges) {
      this.ledger.healed(id, this.now)
      Object.assign(this.store.line(id), WELL, { delay: this.#delay })
      const gateway = this.gateways.get(id)!
      gateway.refuses = false
      gateway.slowness = [1, 20]
      this.order(id, 'enforce', null)
    }
    this.store.away = false
    this.store.unanswered = 0
    this.setConditions({})
  }
}

/** Uneven, and the same for a flow each time. */
function weightOf(flow: string): number {
  let h = 7
  for (const c of flow) h = (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0
  return (0.5 + (h % 100) / 100) * (flow.includes('/down') ? 1 : 0.7)
}
