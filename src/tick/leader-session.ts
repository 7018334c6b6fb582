// Who publishes, and under which serial. A leader session takes and renews the term, learns what other leaders granted,
// and publishes what was decided, some edges at a time: each publication whole, noted before it is sent, since an edge
// may be enforcing it before the store has answered, and sent again, the very same bytes, when no answer came. What
// each edge was granted is safe whether or not others hear theirs: the lease table charges all that may be in force.

import { compareSerial, type Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { type Audience, Outbox, type Publication } from '../publish/publication.js'
import { LEADER_LEASE, type Publisher, type PublishOutcome, type Term } from '../publish/publisher.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { Pins } from './pins.js'
import type { PlanState } from './plan-state.js'
import { epochFloor, followLeader, isBelowEdges, isLearning, takeOver } from './takeover.js'

/** What a controller needs of the volatile store. */
export type RatesStore = Pick<
  Publisher,
  | 'elect'
  | 'resign'
  | 'profiles'
  | 'publish'
  | 'readReports'
  | 'readSnapshots'
  | 'readContents'
  | 'watch'
  | 'standbyLog'
  | 'onReport'
>

export interface LeaderSessionOptions {
  readonly id: string
  readonly clock: Clock
  readonly log: Logger
  readonly store: RatesStore
  /** How long it leads without saying so again; absent: LEADER_LEASE. */
  readonly term?: Milliseconds | undefined
  /** Edges that hear what was decided in one call; absent: EDGES_A_CALL. */
  readonly edgesACall?: number
}

/** A publication that is out, and what becomes of it. */
interface InFlight {
  readonly publication: Publication
  readonly outcome: Promise<PublishOutcome>
}

export class LeaderSession {
  readonly #id: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #store: RatesStore
  readonly #outbox: Outbox
  readonly #termLength: Milliseconds
  readonly #grantedSerials = new Map<string, Serial>()
  #term: Term | null = null
  /** By our own clock: when the term is over unless it is renewed. */
  #termEnd: Milliseconds = Number.NEGATIVE_INFINITY
  /** The last term that was begun here. */
  #ownEpoch = 0
  #leader = ''
  #serial: Serial = { epoch: 0, seq: 0 }
  /** When a new leader began to learn what edges ask for; null: it knows, or it does not lead. */
  #learningSince: Milliseconds | null = null
  /** No answer came to these. */
  #unsettled: readonly Publication[] = []
  /** Increases that wait for room which is being freed. */
  waiting = 0

  constructor({ id, clock, log, store, term = LEADER_LEASE, edgesACall }: LeaderSessionOptions) {
    this.#id = id
    this.#clock = clock
    this.#log = log
    this.#store = store
    this.#outbox = new Outbox(edgesACall)
    this.#termLength = term
  }

  get leads(): boolean {
    return this.#term !== null && this.#clock.monotonic() < this.#termEnd
  }

  get leader(): string {
    return this.#leader || this.#id
  }

  get serial(): Serial {
    return this.#serial
  }

  /** The last content of each edge that the store took, whatever has become of its lease since: for the board. */
  get grantedSerials(): ReadonlyMap<string, Serial> {
    return this.#grantedSerials
  }

  get learning(): boolean {
    return this.#learningSince !== null
  }

  /** Whether this new leader still learns what edges ask for. */
  stillLearns(state: PlanState): boolean {
    const since = this.#learningSince
    if (since !== null && !isLearning(state, since, this.#clock.monotonic())) this.#learningSince = null
    return this.learning
  }

  /** Takes or renews the term; what follows from it is for `assume`, once the reports have been heard. */
  async elect({ leases }: PlanState): Promise<Term> {
    const [asked, now] = [this.#clock.monotonic(), this.#clock.wall()]
    const floor = epochFloor(leases, this.#serial.epoch, now)
    let term = await this.#store.elect(this.#id, floor, this.#termLength)
    if (term.leads && isBelowEdges(leases, term.epoch, now)) {
      this.#log.warn({ epoch: term.epoch, floor }, 'edges hold a higher epoch: this term ends for one above it')
      await this.#store.resign(this.#id)
      term = await this.#store.elect(this.#id, floor, this.#termLength)
    }
    this.#leader = term.leader
    this.#termEnd = asked + this.#termLength
    return term
  }

  /** Leads, or watches who does; a term that is new here begins with everything edges may be enforcing. */
  async assume(term: Term, state: PlanState): Promise<void> {
    const now = this.#clock.monotonic()
    if (!term.leads) {
      if (this.#term) this.#log.warn({ leader: term.leader }, 'another controller leads; this one only watches')
      this.#term = null
      this.#learningSince = null
      const newest = await followLeader(state, this.#store, now)
      for (const [edge, serial] of newest) this.#grantedSerials.set(edge, serial)
      this.#serial = [...newest.values()].reduce((a, b) => (compareSerial(a, b) < 0 ? b : a), { ...term, seq: 0 })
      return
    }
    if (term.epoch !== this.#ownEpoch) {
      this.#log.info({ epoch: term.epoch }, 'leading')
      await takeOver(state, this.#store, now)
      this.#ownEpoch = term.epoch
      this.#serial = { epoch: term.epoch, seq: 0 }
      this.#learningSince = this.#clock.monotonic()
      this.#outbox.forget()
    }
    this.#term = term
  }

  /** Tells edges what they may have now: all of them, or those for whom something changed. True if it went out. */
  async publish(state: PlanState, pins: Pins, to: Audience): Promise<boolean> {
    const { plan, leases, rates, granted, classes, demand, until } = state
    this.waiting = leases.decide(rates, pins.charged, !this.learning, granted)
    if (!this.leads) {
      // What holds is what the leader granted.
      leases.granted.forEach((kbps, f) => {
        if (kbps > 0) granted[f] = kbps
      })
      return false
    }
    classes.update(granted, demand.classArrival, plan.demand.margin)
    if (!(await this.#settle())) return false
    const last = { epoch: this.#term!.epoch, seq: this.#serial.seq }
    const profiles = this.#store.profiles(plan, until)
    const inFlight: InFlight[] = []
    const decision = { plan, leases, rates: granted, classes: classes.rates, profiles }
    for (const publication of this.#outbox.compose(decision, last, to)) {
      const { serial, edges } = publication
      for (const { edge, snapshot } of edges)
        leases.noteGranted(edge, serial, granted, snapshot !== null, this.#clock.monotonic())
      inFlight.push({ publication, outcome: this.#store.publish(this.#id, serial, edges) })
      this.#serial = serial
    }
    return this.#hear(state, inFlight)
  }

  /** @throws what the store said first of a publication that it did not take; the others count. */
  async #hear({ plan, leases, classes }: PlanState, inFlight: readonly InFlight[]): Promise<boolean> {
    const outcomes = await Promise.allSettled(inFlight.map(({ outcome }) => outcome))
    const unsettled: Publication[] = []
    let isFenced = false
    for (const [k, { publication }] of inFlight.entries()) {
      const settled = outcomes[k]!
      const { serial, edges } = publication
      if (settled.status === 'rejected') {
        // Some of them may have it: a store can fail in the midst of a call.
        for (const { edge } of edges) this.#outbox.forget(edge)
        continue
      }
      const { value: outcome } = settled
      if (outcome === 'fenced') {
        isFenced = true
        continue
      }
      for (const { edge, snapshot } of edges) if (snapshot) this.#grantedSerials.set(edge, serial)
      if (outcome === 'unknown') {
        unsettled.push(publication)
        for (const { edge } of edges) this.#outbox.forget(edge)
      } else {
        this.#outbox.commit(plan, leases, edges, classes.rates)
        for (const edge of outcome.lost) this.#outbox.forget(edge)
      }
    }
    this.#unsettled = unsettled
    if (isFenced) {
      this.#log.warn({ epoch: this.#serial.epoch }, 'fenced: another controller leads')
      this.#term = null
      this.#ownEpoch = 0
    }
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')
    if (refused) throw refused.reason
    return inFlight.length > 0 && !isFenced
  }

  /**
   * No answer came to some publications: the very same ones go out again before anything else does.
   * @throws what the store refuses one for; it is not sent again, for its edges are told anew.
   */
  async #settle(): Promise<boolean> {
    const again = this.#unsettled.filter(({ serial }) => serial.epoch === this.#term!.epoch)
    const outcomes = await Promise.allSettled(
      again.map(({ serial, edges }) => this.#store.publish(this.#id, serial, edges)),
    )
    this.#unsettled = again.filter((_, k) => isUnknown(outcomes[k]!))
    const refused = outcomes.find((outcome) => outcome.status === 'rejected' && !isOvertaken(outcome.reason))
    if (refused) throw (refused as PromiseRejectedResult).reason
    return this.#unsettled.length === 0
  }

  /** Frees the term for a standby. */
  async resign(): Promise<void> {
    if (this.#term) await this.#store.resign(this.#id).catch(() => undefined) // the term ends by itself
  }
}

const isUnknown = (outcome: PromiseSettledResult<PublishOutcome>): boolean =>
  outcome.status === 'fulfilled' && outcome.value === 'unknown'

/** A later one got through: this one did as well, or its edges are sent everything anew by the next. */
const isOvertaken = (error: unknown): boolean => error instanceof MizaniError && error.code === 'STALE_SEQ'
