// The agent of one edge, from message to kernel and back:
//
//   received -> taken (lease, order, profile, bounds) -> goal -> enforced and read back -> remembered -> reported
//
// Each step has a file of its own: lease-keeper.ts says what may be enforced and until when, record-check.ts what
// cannot be right, enforcer.ts drives the driver, memory.ts outlives the process, reporter.ts picks the counters.
// Here is the order of things. Messages are taken one at a time; what is enforced is always the newest goal; nothing
// waits for Redis.
//
// Whatever fails, the agent leaves in force what is in force. It never flushes a kernel.

import type { EdgeReport, LeaseState, Refusal } from '../model/lease.js'
import type { Enforcement } from '../model/network.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { VERSION } from '../runtime/config.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import { isRefusal } from '../wire/bytes.js'
import { WIRE_VERSION } from '../wire/messages.js'
import { bootId } from './boot-id.js'
import type { Driver } from './driver.js'
import { type DatedRefusal, Enforcer, type Goal } from './enforcer.js'
import { enforcementAt, goalOf, heldThrough, liftedBy } from './goal.js'
import { History } from './history.js'
import {
  type Content,
  emptyKeeping,
  type Keeping,
  nextPhaseChange,
  phaseAt,
  type Received,
  receive,
  rememberedKeeping,
} from './lease-keeper.js'
import { type Bypasses, toldOf } from './local/bypasses.js'
import { linkOf } from './local/link.js'
import type { Picture } from './local/picture.js'
import { createMemoryStore, type MemoryStore, type ProfileInForce } from './memory.js'
import { isDue } from './pace.js'
import { readProfile } from './read-profile.js'
import { checkRecords } from './record-check.js'
import { Reporter, type ReportHead } from './reporter.js'
import { ANTI_ENTROPY, RECHECK, RECONNECT, type Rhythm, rhythmOf } from './rhythm.js'
import type { EdgeTransport } from './transport.js'

export interface AgentOptions {
  readonly edge: string
  readonly driver: Driver
  readonly clock: Clock
  readonly transport: EdgeTransport
  /** Where the edge remembers, a folder or what stands for one; null: nowhere, it starts low each time. */
  readonly stateDir: string | MemoryStore | null
  readonly log: Logger
  /** Limits that are lifted at the box; absent: nobody can. */
  readonly bypasses?: Bypasses
  /** Names the boot whose monotonic clock `clock` shows; the machine's when absent. */
  readonly boot?: string
}

export interface Agent {
  /** Resolves when what is remembered is in force; listening goes on in the background. */
  start(): Promise<void>
  /** Leaves everything in force and lets go of the driver and the carrier. */
  stop(): Promise<void>
  /** What the next report would say, but for the counters. */
  status(): ReportHead
  /** All an engineer at the box may want to know of this moment. */
  picture(): Picture
  /** Something was decided at the box: acts on it and reports it at once. */
  reconsider(): void
}

export const createAgent = (options: AgentOptions): Agent => new EdgeAgent(options)

class EdgeAgent implements Agent {
  readonly #edge: string
  readonly #driver: Driver
  readonly #clock: Clock
  readonly #transport: EdgeTransport
  readonly #log: Logger
  readonly #memory: MemoryStore | null
  readonly #enforcer: Enforcer
  readonly #reporter: Reporter
  readonly #bypasses: Bypasses | null
  readonly #history: History
  #keeping: Keeping
  #profile: ProfileInForce | null = null
  #held: Content | null = null
  #applied: EdgeReport['applied'] = null
  #state: LeaseState = 'SAFE'
  /** Why a message was not taken; gone with the next one that is, once it was reported. */
  #refusal: { readonly refusal: Refusal; reported: boolean } | null = null
  #lastRefusal: DatedRefusal | null = null
  readonly #inbox = new SerialQueue()
  #fetching = false
  #timer: Timer | null = null
  #due = { tick: 0, recheck: 0, snapshot: 0, reconnect: 0, report: 0 }
  #stopped = false

  constructor({ edge, driver, clock, transport, stateDir, log, bypasses, boot = bootId() }: AgentOptions) {
    this.#edge = edge
    this.#driver = driver
    this.#clock = clock
    this.#transport = transport
    this.#log = log
    this.#bypasses = bypasses ?? null
    this.#history = new History(clock)
    this.#memory = typeof stateDir === 'string' ? createMemoryStore(stateDir, edge) : stateDir
    this.#keeping = emptyKeeping(boot)
    this.#enforcer = new Enforcer(driver, clock, (goal) => this.#reached(goal), log)
    this.#reporter = new Reporter(
      boot,
      driver,
      clock,
      () => this.#reportHead(),
      (report) =>
        transport
          .sendReport(report)
          .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'the report did not leave')),
    )
  }

  async start(): Promise<void> {
    const now = this.#clock.monotonic()
    const { tick } = this.#rhythm
    this.#due = { ...this.#due, tick: now + tick, recheck: now + RECHECK, snapshot: now + ANTI_ENTROPY }
    this.#due.reconnect = now + RECONNECT
    await this.#remember()
    this.#pursue()
    await this.#enforcer.idle()
    this.#transport.open({
      linked: () => {
        this.#readSnapshot()
        this.#reporter.report()
      },
      received: (message) => this.#enqueue(message),
      refused: (refusal) => this.#refuse(refusal),
    })
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#enforcer.close()
    await this.#save().catch(() => {}) // what cannot be written is asked for again after the start
    // A message may be waiting for its profile, from a store that is away: it is not taken any more.
    await this.#transport.close()
    await this.#inbox.idle()
    await this.#driver.close()
  }

  status(): ReportHead {
    const { state } = this.#phase()
    // What stands, not what is wanted: others are given room on the strength of this word.
    const enforcement = this.#enforcer.inForce?.desired.enforcement ?? this.#enforcement()
    const refusal = this.#enforcer.refusal ?? this.#refusal?.refusal ?? null
    const { name: driver, simulated } = this.#driver
    const bypasses = toldOf(this.#bypasses?.list() ?? [], this.#enforcer.inForce?.desired.lifted, this.#clock.wall())
    const told = {
      ...{ edge: this.#edge, reads: WIRE_VERSION, agent: `mizani ${VERSION}`, driver, simulated },
      ...{ applied: this.#applied, state, enforcement, refusal },
    }
    return bypasses.length > 0 ? { ...told, bypasses } : told
  }

  picture(): Picture {
    const { heardAt, leaseEnd, content } = this.#keeping
    const sinceHeard = this.#clock.monotonic() - heardAt
    const now = this.#clock.wall()
    return {
      head: this.status(),
      at: now,
      profile: this.#profile?.profile ?? null,
      inForce: this.#enforcer.inForce?.desired ?? null,
      history: this.#history,
      step: this.#phase().step,
      granted: content,
      lastContact: Number.isFinite(sinceHeard) ? now - sinceHeard : null,
      leaseLeft: Number.isFinite(leaseEnd) ? leaseEnd - this.#clock.monotonic() : null,
      lastRepair: this.#enforcer.lastRepair,
      lastRefusals: [this.#lastRefusal, this.#enforcer.lastRefusal],
      counters: this.#reporter.latest,
      link: linkOf(this.#transport, now),
      sitesOnly: this.#driver.sitesOnly ?? false,
    }
  }

  reconsider(): void {
    this.#pursue()
    this.#reporter.report()
  }

  #shapeBy(profile: ProfileInForce): void {
    this.#profile = profile
    this.#transport.suits?.(profile.profile.line)
  }

  // ---- receive

  /** One at a time: a profile may have to be read in between. */
  #enqueue(message: Received): void {
    this.#inbox
      .run(() => this.#take(message))
      .catch((error: unknown) => this.#log.error({ reason: messageOf(error) }, 'a message was not taken'))
  }

  async #take(received: Received): Promise<void> {
    if (this.#stopped) return
    const { message } = received
    const { keeping, verdict } = receive(this.#keeping, received, this.#clock.monotonic())
    if (verdict === 'old') return
    if (verdict === 'gap') return this.#readSnapshot()
    if (verdict === 'apply') {
      const profile = await this.#profileOf(message.profile)
      if (isRefusal(profile)) return this.#refuse(profile)
      const refusal = checkRecords(message.records, profile.profile)
      if (refusal) return this.#refuse(refusal)
      this.#shapeBy(profile)
    }
    if (message.epoch !== this.#keeping.newest.epoch) this.#reporter.counters.startOver()
    if (message.stamp?.boot === keeping.boot) this.#reporter.counters.echoed(message.stamp.at, message.counted ?? true)
    this.#keeping = keeping
    if (this.#refusal?.reported) this.#refusal = null
    this.#pursue()
    this.#schedule()
  }

  /** Rates and the profile they are to be read with come into force together, or not at all. */
  async #profileOf(hash: string): Promise<ProfileInForce | Refusal> {
    return this.#profile?.hash === hash ? this.#profile : readProfile(this.#transport, this.#edge, hash)
  }

  #readSnapshot(): void {
    if (this.#fetching || this.#stopped) return
    this.#fetching = true
    this.#due.snapshot = this.#clock.monotonic() + ANTI_ENTROPY
    this.#transport
      .readSnapshot()
      .then(async (snapshot) => {
        if (snapshot === null) await this.#startFromProfile()
        else if (isRefusal(snapshot)) this.#refuse(snapshot)
        else this.#enqueue(snapshot)
      })
      .catch((error: unknown) => {
        this.#log.debug({ reason: messageOf(error) }, 'the snapshot was not read')
        // With the next tick again: nothing else may come that asks for it.
        this.#due.snapshot = 0
      })
      .finally(() => {
        this.#fetching = false
      })
  }

  /** Nothing was published to us yet: the profile is enough to shape every site at its boot rate. */
  async #startFromProfile(): Promise<void> {
    if (this.#profile) return
    const found = await this.#transport.readProfile()
    if (!found || isRefusal(found) || found.profile.edge !== this.#edge) return
    if (!this.#profile) this.#shapeBy(found)
    this.#pursue()
  }

  #refuse(refusal: Refusal): void {
    if (this.#stopped) return
    const last = this.#refusal?.refusal
    if (last?.code !== refusal.code || last.detail !== refusal.detail) {
      this.#log.warn(refusal, 'refused; the last good rates stay')
    }
    this.#refusal = { refusal, reported: false }
    this.#lastRefusal = { refusal, at: this.#clock.wall() }
  }

  // ---- enforce

  /** Aims at what shall be enforced now. Cheap when it stands already. */
  #pursue(): void {
    this.#noteState()
    const profile = this.#profile
    if (!profile || this.#stopped) return
    const enforcement = this.#enforcement()
    this.#held = heldThrough(enforcement, this.#held, this.#enforcer.inForce)
    const { content } = this.#keeping
    const { step } = this.#phase()
    const lifted = liftedBy(this.#bypasses?.list() ?? [])
    const goal = goalOf({ profile, enforcement, content, held: this.#held, step, lifted })
    const paced = profile.profile.pace === 'paced'
    if (!paced || isDue(goal, this.#enforcer.inForce, this.#history.changedAt, this.#clock.monotonic()))
      this.#enforcer.aim(goal)
  }

  /** What was told is in force, as read back: remember it, then say so. */
  async #reached({ content, profileHash, desired }: Goal): Promise<void> {
    this.#history.changed(desired)
    // Hold may have begun while this change was under way: what stands now is what is held.
    this.#pursue()
    if (content) {
      await this.#save()
      const { epoch, seq, crc } = content
      this.#applied = { epoch, seq, crc, profile: profileHash }
    }
    this.#reporter.report()
  }

  // ---- remember

  async #remember(): Promise<void> {
    const { memory, note } = (await this.#memory?.load()) ?? { memory: null, note: null }
    if (note !== null) this.#log.warn({ note }, 'starting without memory')
    if (!memory) return
    const { profile, hash, held, leaseEnd } = memory
    this.#shapeBy({ profile, hash })
    this.#held = held
    const remembered = { ...memory, leaseEnd: leaseEnd ?? Number.NEGATIVE_INFINITY }
    this.#keeping = rememberedKeeping(this.#keeping.boot, this.#clock.monotonic(), remembered)
  }

  async #save(): Promise<void> {
    const { boot, lease, leaseEnd, content } = this.#keeping
    if (!content || !this.#profile) return
    const end = Number.isFinite(leaseEnd) ? leaseEnd : null
    await this.#memory?.save({ boot, lease, leaseEnd: end, content, held: this.#held }, this.#profile)
  }

  // ---- time

  get #rhythm(): Rhythm {
    return rhythmOf(this.#profile?.profile ?? null)
  }

  #phase(): ReturnType<typeof phaseAt> {
    return phaseAt(this.#keeping, this.#clock.monotonic(), this.#rhythm.staleAfter)
  }

  #enforcement(): Enforcement {
    if (!this.#profile) return 'observe'
    return enforcementAt(this.#profile.profile, this.#clock.wall(), this.#bypasses?.list())
  }

  /** Wakes at the next tick, or at the very moment at which the lease changes what holds. */
  #schedule(): void {
    this.#timer?.cancel()
    if (this.#stopped) return
    const now = this.#clock.monotonic()
    const at = Math.min(this.#due.tick, nextPhaseChange(this.#keeping, now, this.#rhythm.staleAfter))
    this.#timer = this.#clock.setTimer(Math.max(0, at - now), () => this.#wake(), { hold: true })
  }

  #wake(): void {
    const now = this.#clock.monotonic()
    if (now >= this.#due.tick) this.#tick(now)
    this.#pursue()
    if (now >= this.#due.report) {
      this.#due.report = now + this.#rhythm.reports
      this.#reporter.report()
    }
    this.#schedule()
  }

  #tick(now: Milliseconds): void {
    const { tick } = this.#rhythm
    this.#due.tick += tick * (Math.floor((now - this.#due.tick) / tick) + 1)
    if (now >= this.#due.recheck) {
      this.#due.recheck = now + RECHECK
      this.#enforcer.look()
      this.#save().catch((error: unknown) => this.#log.warn({ reason: messageOf(error) }, 'not remembered'))
    }
    this.#history.tick(this.#enforcer.inForce?.desired, this.#reporter.latest)
    if (now >= this.#due.snapshot) this.#readSnapshot()
    if (this.#phase().state !== 'FRESH' && now >= this.#due.reconnect) {
      this.#due.reconnect = now + RECONNECT
      this.#transport.reconnect()
    }
  }

  #noteState(): void {
    const { state, step } = this.#phase()
    if (state === this.#state) return
    this.#state = state
    this.#due.report = 0
    if (state === 'FRESH') this.#log.info('FRESH: rates are renewed')
    else if (state === 'STALE') {
      this.#log.warn('STALE: no message for some ticks; the last rates stay')
      this.#due.reconnect = this.#clock.monotonic()
    } else this.#log.warn({ step }, 'SAFE: the lease is over')
  }

  #reportHead(): ReportHead {
    if (this.#refusal) this.#refusal.reported = true
    return this.status()
  }
}
