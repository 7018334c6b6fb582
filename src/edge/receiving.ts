// What an edge takes in: messages, one at a time, each with the profile that its records are to be read with, checked
// before anything of it counts. What is not taken is refused with the reason, and the last good rates stay.
//
// A message for another agent is not taken, whatever its rates: two gateways that speak as one edge would renew each
// other's lease. The one that is not named keeps reporting, so that it can be named when the other is gone.

import type { LeaseState, Refusal } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import { isRefusal } from '../wire/bytes.js'
import type { RateMessage } from '../wire/messages.js'
import type { DatedRefusal } from './enforcer.js'
import { emptyKeeping, type Keeping, phaseAt, type Received, receive, rememberedKeeping } from './lease-keeper.js'
import type { Memory, ProfileInForce, ToldReasons } from './memory.js'
import { readProfile } from './read-profile.js'
import { checkRecords } from './record-check.js'
import type { CounterSelection } from './reporter.js'
import { ANTI_ENTROPY, rhythmOf } from './rhythm.js'
import type { EdgeTransport } from './transport.js'

export interface ReceivingOptions {
  readonly edge: string
  readonly boot: string
  /** Names this agent among those that may speak as this edge; null: it does not tell. */
  readonly instance: string | null
  readonly clock: Clock
  readonly transport: EdgeTransport
  readonly counters: CounterSelection
  readonly log: Logger
  /** Something new holds. */
  readonly taken: () => void
}

export class Receiving {
  readonly #o: ReceivingOptions
  readonly #inbox = new SerialQueue()
  #keeping: Keeping
  #profile: ProfileInForce | null = null
  /** Why a message was not taken; gone with the next one that is, once it was reported. */
  #refusal: { readonly refusal: Refusal; reported: boolean } | null = null
  #lastRefusal: DatedRefusal | null = null
  #reasons: ToldReasons | null = null
  #fetching = false
  #snapshotAt: Milliseconds
  #stopped = false

  constructor(options: ReceivingOptions) {
    this.#o = options
    this.#keeping = emptyKeeping(options.boot)
    this.#snapshotAt = options.clock.monotonic() + ANTI_ENTROPY
  }

  get keeping(): Keeping {
    return this.#keeping
  }

  get profile(): ProfileInForce | null {
    return this.#profile
  }

  get refusal(): Refusal | null {
    return this.#refusal?.refusal ?? null
  }

  /** The newest one, over since then or not. */
  get lastRefusal(): DatedRefusal | null {
    return this.#lastRefusal
  }

  /** Null: it was told nothing of them. */
  get reasons(): ToldReasons | null {
    return this.#reasons
  }

  get phase(): ReturnType<typeof phaseAt> {
    return phaseAt(this.#keeping, this.#o.clock.monotonic(), rhythmOf(this.#profile?.profile ?? null).staleAfter)
  }

  get state(): LeaseState {
    return this.phase.state
  }

  remember({ profile, hash, leaseEnd, reasons, ...memory }: Memory & ProfileInForce): void {
    this.#shapeBy({ profile, hash })
    this.#reasons = reasons ?? null
    const remembered = { ...memory, leaseEnd: leaseEnd ?? Number.NEGATIVE_INFINITY }
    this.#keeping = rememberedKeeping(this.#o.boot, this.#o.clock.monotonic(), remembered)
  }

  #shapeBy(profile: ProfileInForce): void {
    this.#profile = profile
    this.#o.transport.suits?.(profile.profile.line)
  }

  /** One at a time: a profile may have to be read in between. */
  receive(message: Received): void {
    this.#inbox
      .run(() => this.#take(message))
      .catch((error: unknown) => this.#o.log.error({ reason: messageOf(error) }, 'a message was not taken'))
  }

  async #take(received: Received): Promise<void> {
    if (this.#stopped) return
    const { clock, counters, taken } = this.#o
    const { message } = received
    const stranger = this.#strangerOf(message.instance ?? null)
    if (stranger) return this.refuse(stranger)
    const { keeping, verdict } = receive(this.#keeping, received, clock.monotonic())
    if (verdict === 'old') return
    if (verdict === 'gap') return this.readSnapshot()
    if (verdict === 'apply') {
      const profile = await this.#profileOf(message.profile)
      if (isRefusal(profile)) return this.refuse(profile)
      const refusal = checkRecords(message.records, profile.profile)
      if (refusal) return this.refuse(refusal)
      this.#shapeBy(profile)
    }
    if (message.epoch !== this.#keeping.newest.epoch) counters.startOver()
    if (message.stamp?.boot === keeping.boot) counters.echoed(message.stamp.at, message.counted ?? true)
    this.#keeping = keeping
    this.#noteReasons(message)
    if (this.#refusal?.reported) this.#refusal = null
    taken()
  }

  /** They are told again and again: what was said long ago may be otherwise by now, and shows its age. */
  #noteReasons({ reasons }: RateMessage): void {
    if (reasons) this.#reasons = { at: this.#o.clock.wall(), reasons }
  }

  #strangerOf(named: string | null): Refusal | null {
    const { edge, instance } = this.#o
    if (named === null || instance === null || named === instance) return null
    return { code: 'SECOND', detail: `another gateway speaks as ${edge} (instance ${named}); this is ${instance}` }
  }

  /** Rates and the profile they are to be read with come into force together, or not at all. */
  async #profileOf(hash: string): Promise<ProfileInForce | Refusal> {
    return this.#profile?.hash === hash ? this.#profile : readProfile(this.#o.transport, this.#o.edge, hash)
  }

  readSnapshot(): void {
    if (this.#fetching || this.#stopped) return
    this.#fetching = true
    const { clock, transport, log } = this.#o
    this.#snapshotAt = clock.monotonic() + ANTI_ENTROPY
    transport
      .readSnapshot()
      .then(async (snapshot) => {
        if (snapshot === null) await this.#startFromProfile()
        else if (isRefusal(snapshot)) this.refuse(snapshot)
        else this.receive(snapshot)
      })
      .catch((error: unknown) => {
        log.debug({ reason: messageOf(error) }, 'the snapshot was not read')
        // With the next tick again: nothing else may come that asks for it.
        this.#snapshotAt = 0
      })
      .finally(() => {
        this.#fetching = false
      })
  }

  /** Now and then, so that what was missed and never asked for is found. */
  tick(): void {
    if (this.#o.clock.monotonic() >= this.#snapshotAt) this.readSnapshot()
  }

  /** Nothing was published to us yet: the profile is enough to shape every site at its boot rate. */
  async #startFromProfile(): Promise<void> {
    if (this.#profile) return
    const found = await this.#o.transport.readProfile()
    if (!found || isRefusal(found) || found.profile.edge !== this.#o.edge) return
    if (!this.#profile) this.#shapeBy(found)
    this.#o.taken()
  }

  refuse(refusal: Refusal): void {
    if (this.#stopped) return
    const last = this.#refusal?.refusal
    const isGoingOn = last?.code === refusal.code && last.detail === refusal.detail
    if (!isGoingOn) this.#o.log.warn(refusal, 'refused; the last good rates stay')
    this.#refusal = { refusal, reported: false }
    const at = this.#o.clock.wall()
    this.#lastRefusal = { refusal, at, since: isGoingOn ? (this.#lastRefusal?.since ?? at) : at }
  }

  /** What is refused was said. */
  noteReported(): void {
    if (this.#refusal) this.#refusal.reported = true
  }

  /** From now on nothing is taken: a message may be waiting for its profile, from a store that is away. */
  stop(): void {
    this.#stopped = true
  }

  idle(): Promise<void> {
    return this.#inbox.idle()
  }
}
