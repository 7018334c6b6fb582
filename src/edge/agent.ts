// The agent of one edge, from message to kernel and back:
//
//   received -> taken (lease, order, profile, bounds) -> goal -> enforced and read back -> remembered -> reported
//
// Each step has a file of its own: receiving.ts takes messages in, lease-keeper.ts says what may be enforced and until
// when, enforcer.ts drives the driver, memory.ts outlives the process, reporter.ts picks the counters. Here is the
// order of things. What is enforced is always the newest goal; nothing waits for Redis.
//
// Whatever fails, the agent leaves in force what is in force. It never flushes a kernel.

import type { EdgeReport, LeaseState } from '../model/lease.js'
import type { Enforcement } from '../model/network.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { VERSION } from '../runtime/config.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { WIRE_VERSION } from '../wire/messages.js'
import { bootId } from './boot-id.js'
import type { Driver } from './driver.js'
import { Enforcer, type Goal } from './enforcer.js'
import { enforcementAt, goalOf, heldThrough, liftedBy } from './goal.js'
import { History } from './history.js'
import { type Content, nextPhaseChange } from './lease-keeper.js'
import { type Bypasses, toldOf } from './local/bypasses.js'
import { linkOf } from './local/link.js'
import type { Lookout } from './local/lookout.js'
import { Notices } from './local/notices.js'
import type { Picture } from './local/picture.js'
import { createMemoryStore, type MemoryStore } from './memory.js'
import { isDue } from './pace.js'
import { Receiving } from './receiving.js'
import { Reporter, type ReportHead } from './reporter.js'
import { RECHECK, RECONNECT, type Rhythm, rhythmOf } from './rhythm.js'
import type { Self } from './self.js'
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
  /** Names this agent among those that may speak as this edge, and says where it is; absent: it does not tell. */
  readonly self?: Self
  /** Absent: nobody looks beside what is shaped. */
  readonly lookout?: Pick<Lookout, 'latest'>
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
  readonly #self: Self | null
  readonly #driver: Driver
  readonly #clock: Clock
  readonly #transport: EdgeTransport
  readonly #receiving: Receiving
  readonly #log: Logger
  readonly #memory: MemoryStore | null
  readonly #enforcer: Enforcer
  readonly #reporter: Reporter
  readonly #bypasses: Bypasses | null
  readonly #history: History
  readonly #lookout: Pick<Lookout, 'latest'> | null
  readonly #notices = new Notices()
  #held: Content | null = null
  #applied: EdgeReport['applied'] = null
  /** How its kernel was left by the agent before; null: not known. */
  #stood: Enforcement | null = null
  #state: LeaseState = 'SAFE'
  #timer: Timer | null = null
  #due = { tick: 0, recheck: 0, reconnect: 0, report: 0 }
  #stopped = false

  constructor(options: AgentOptions) {
    const { edge, driver, clock, transport, stateDir, log, bypasses, boot = bootId(), self } = options
    this.#edge = edge
    this.#self = self ?? null
    this.#driver = driver
    this.#clock = clock
    this.#transport = transport
    this.#log = log
    this.#bypasses = bypasses ?? null
    this.#history = new History(clock)
    this.#lookout = options.lookout ?? null
    this.#memory = typeof stateDir === 'string' ? createMemoryStore(stateDir, edge) : stateDir
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
    this.#receiving = new Receiving({
      ...{ edge, boot, instance: self?.instance ?? null, clock, transport, log },
      counters: this.#reporter.counters,
      taken: () => {
        this.#pursue()
        this.#schedule()
      },
    })
  }

  async start(): Promise<void> {
    const now = this.#clock.monotonic()
    const { tick } = this.#rhythm
    this.#due = { ...this.#due, tick: now + tick, recheck: now + RECHECK, reconnect: now + RECONNECT }
    await this.#remember()
    this.#pursue()
    await this.#enforcer.idle()
    this.#transport.open({
      linked: () => {
        this.#receiving.readSnapshot()
        this.#reporter.report()
      },
      received: (message) => this.#receiving.receive(message),
      refused: (refusal) => this.#receiving.refuse(refusal),
    })
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#receiving.stop()
    this.#timer?.cancel()
    await this.#enforcer.close()
    await this.#save().catch(() => {}) // what cannot be written is asked for again after the start
    await this.#transport.close()
    await this.#receiving.idle()
    await this.#driver.close()
  }

  status(): ReportHead {
    const { state } = this.#receiving
    // What stands, not what is wanted: others are given room on the strength of this word.
    const enforcement = this.#standing
    const told = this.#receiving.refusal
    // What the driver of one that is not meant refuses is of no use to anybody.
    const refusal = told?.code === 'SECOND' ? told : (this.#enforcer.refusal ?? told)
    const { name: driver, simulated } = this.#driver
    const bypasses = toldOf(this.#bypasses?.list() ?? [], this.#enforcer.inForce?.desired.lifted, this.#clock.wall())
    const head = {
      ...{ edge: this.#edge, reads: WIRE_VERSION, agent: `mizani ${VERSION}`, driver, simulated },
      ...{ applied: this.#applied, state, enforcement, refusal },
    }
    const found = this.#notices.tell({
      ...{ sight: this.#lookout?.latest ?? null, repair: this.#enforcer.lastRepair },
      ...{ link: linkOf(this.#transport, this.#clock.wall()), now: this.#clock.wall() },
    })
    return { ...head, ...this.#self, ...found, ...(bypasses.length > 0 ? { bypasses } : {}) }
  }

  picture(): Picture {
    const { heardAt, leaseEnd, content } = this.#receiving.keeping
    const sinceHeard = this.#clock.monotonic() - heardAt
    const now = this.#clock.wall()
    return {
      head: this.status(),
      at: now,
      profile: this.#receiving.profile?.profile ?? null,
      inForce: this.#enforcer.inForce?.desired ?? null,
      history: this.#history,
      step: this.#receiving.phase.step,
      granted: content,
      told: this.#receiving.reasons,
      lastContact: Number.isFinite(sinceHeard) ? now - sinceHeard : null,
      leaseLeft: Number.isFinite(leaseEnd) ? leaseEnd - this.#clock.monotonic() : null,
      lastRepair: this.#enforcer.lastRepair,
      lastRefusals: [this.#receiving.lastRefusal, this.#enforcer.lastRefusal],
      counters: this.#reporter.latest,
      link: linkOf(this.#transport, now),
      sitesOnly: this.#driver.sitesOnly ?? false,
    }
  }

  reconsider(): void {
    this.#pursue()
    this.#reporter.report()
  }

  // ---- enforce

  /** Aims at what shall be enforced now. Cheap when it stands already. */
  #pursue(): void {
    this.#noteState()
    const { profile } = this.#receiving
    if (!profile || this.#stopped) return
    const enforcement = this.#enforcement()
    const { content } = this.#receiving.keeping
    this.#held = heldThrough(enforcement, this.#held, this.#enforcer.inForce, content)
    const { step } = this.#receiving.phase
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
      const { epoch, seq, crc } = content
      const applied = { epoch, seq, crc, profile: profileHash }
      await this.#save({ applied, enforcement: desired.enforcement })
      this.#applied = applied
    }
    this.#reporter.report()
  }

  // ---- remember

  async #remember(): Promise<void> {
    const { memory, note } = (await this.#memory?.load()) ?? { memory: null, note: null }
    if (note !== null) this.#log.warn({ note }, 'starting without memory')
    if (!memory) return
    this.#held = memory.held
    // Where the kernel takes no orders, that is what it still does.
    const stood = memory.boot === this.#receiving.keeping.boot ? memory.stood : undefined
    this.#stood = stood?.enforcement ?? null
    this.#applied = stood?.applied ?? null
    this.#receiving.remember(memory)
  }

  async #save(stood = { applied: this.#applied, enforcement: this.#standing }): Promise<void> {
    const { profile } = this.#receiving
    const { boot, lease, leaseEnd, content } = this.#receiving.keeping
    if (!content || !profile) return
    const end = Number.isFinite(leaseEnd) ? leaseEnd : null
    const { reasons } = this.#receiving
    const told = reasons && { reasons }
    await this.#memory?.save({ boot, lease, leaseEnd: end, content, held: this.#held, stood, ...told }, profile)
  }

  // ---- time

  get #rhythm(): Rhythm {
    return rhythmOf(this.#receiving.profile?.profile ?? null)
  }

  get #standing(): Enforcement {
    return this.#enforcer.inForce?.desired.enforcement ?? this.#stood ?? this.#enforcement()
  }

  #enforcement(): Enforcement {
    const { profile } = this.#receiving
    return profile === null ? 'observe' : enforcementAt(profile.profile, this.#clock.wall(), this.#bypasses?.list())
  }

  /** Wakes at the next tick, or at the very moment at which the lease changes what holds. */
  #schedule(): void {
    this.#timer?.cancel()
    if (this.#stopped) return
    const now = this.#clock.monotonic()
    const at = Math.min(this.#due.tick, nextPhaseChange(this.#receiving.keeping, now, this.#rhythm.staleAfter))
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
    this.#receiving.tick()
    if (this.#receiving.state !== 'FRESH' && now >= this.#due.reconnect) {
      this.#due.reconnect = now + RECONNECT
      this.#transport.reconnect()
    }
  }

  #noteState(): void {
    const { state, step } = this.#receiving.phase
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
    this.#receiving.noteReported()
    return this.status()
  }
}
