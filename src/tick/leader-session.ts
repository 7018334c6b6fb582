// Who publishes, and under which serial. A leader session takes and renews the term, learns what other leaders granted,
// and publishes what was decided, some edges at a time: each publication whole, noted before it is sent, since an edge
// may be enforcing it before the store has answered, and sent again, the very same bytes, when no answer came. What
// each edge was granted is safe whether or not others hear theirs: the lease table charges all that may be in force.

import { compareSerial, type Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { LEADER_LEASE, type Term } from '../publish/election.js'
import type { PublishOutcome } from '../publish/outgoing.js'
import { type Audience, Outbox, type Publication, type Reasons } from '../publish/publication.js'
import type { RatesStore } from '../publish/rates-store.js'
import { anotherRound, type Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { byPieces } from '../runtime/pieces.js'
import type { Instances } from './instances.js'
import type { Pins } from './pins.js'
import type { PlanState } from './plan-state.js'
import { epochFloor, followLeader, isBelowEdges, isLearning, takeOver } from './takeover.js'

export interface LeaderSessionOptions {
  readonly id: string
  readonly clock: Clock
  readonly log: Logger
  readonly store: Pick<RatesStore, 'election' | 'outgoing' | 'feed' | 'freshness'>
  /** How long it leads without saying so again; absent: LEADER_LEASE. */
  readonly term?: Milliseconds | undefined
  /** Edges that hear what was decided in one call; absent: EDGES_A_CALL. */
  readonly edgesACall?: number
  /** Told which agents the store names. */
  readonly instances?: Pick<Instances, 'follow'>
  /** Why flows have their rates; absent: edges are not told. */
  readonly reasons?: Reasons
  /** Lets reports be heard between two pieces of what takes long; absent: one round of the loop. */
  readonly round?: () => Promise<void>
}

/** A publication, and what became of it; an error: the store did not take it. */
interface Sent {
  readonly publication: Publication
  readonly outcome: PublishOutcome | Error
}

export class LeaderSession {
  readonly #options: LeaderSessionOptions
  readonly #outbox: Outbox
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

  constructor(options: LeaderSessionOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.edgesACall)
  }

  get leads(): boolean {
    return this.#options.clock.monotonic() < this.leadsUntil
  }

  get leadsUntil(): Milliseconds {
    return this.#term === null ? Number.NEGATIVE_INFINITY : this.#termEnd
  }

  get leader(): string {
    return this.#leader || this.#options.id
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
    if (since !== null && !isLearning(state, since, this.#options.clock.monotonic())) this.#learningSince = null
    return this.learning
  }

  /** Takes or renews the term; what follows from it is for `assume`, once the reports have been heard. */
  async elect({ leases }: PlanState): Promise<Term> {
    const { id, clock, log, store, term: length = LEADER_LEASE } = this.#options
    const [asked, now] = [clock.monotonic(), clock.wall()]
    const floor = epochFloor(leases, this.#serial.epoch, now)
    let term = await store.election.elect(id, floor, length)
    if (term.leads && isBelowEdges(leases, term.epoch, now)) {
      log.warn({ epoch: term.epoch, floor }, 'edges hold a higher epoch: this term ends for one above it')
      await store.election.resign(id)
      term = await store.election.elect(id, floor, length)
    }
    this.#leader = term.leader
    this.#termEnd = term.leads ? asked + length : Number.NEGATIVE_INFINITY
    return term
  }

  /** Leads, or watches who does; a term that is new here begins with everything edges may be enforcing. */
  async assume(term: Term, state: PlanState): Promise<void> {
    const { clock, log, store, instances } = this.#options
    const now = clock.monotonic()
    if (!term.leads) {
      store.freshness.watch()
      if (this.#term) log.warn({ leader: term.leader }, 'another controller leads; this one only watches')
      if (this.#term) this.#options.reasons?.forget()
      this.#term = null
      this.#learningSince = null
      const newest = await followLeader(state, store.feed, now, instances)
      for (const [edge, serial] of newest) this.#grantedSerials.set(edge, serial)
      this.#serial = [...newest.values()].reduce((a, b) => (compareSerial(a, b) < 0 ? b : a), { ...term, seq: 0 })
      return
    }
    if (term.epoch !== this.#ownEpoch) {
      log.info({ epoch: term.epoch }, 'leading')
      await takeOver(state, store.feed, now, instances)
      // Reports were heard by what the leader before asked for; from here on by what we ask.
      store.freshness.lead(term.epoch)
      this.#ownEpoch = term.epoch
      this.#serial = { epoch: term.epoch, seq: 0 }
      this.#learningSince = clock.monotonic()
      this.#outbox.forget()
      this.#options.reasons?.forget()
    }
    this.#term = term
  }

  /**
   * Tells edges what they may have now: all of them, or those for whom something changed. True if it went out.
   * @param decided called once it is known what may be granted now
   */
  async publish(state: PlanState, pins: Pins, to: Audience, decided?: () => void): Promise<boolean> {
    const { plan, leases, rates, granted, classes, demand, profiles } = state
    this.waiting = leases.decide(rates, pins.charged, !this.learning, granted)
    if (!this.leads) {
      // What holds is what the leader granted.
      leases.granted.forEach((kbps, f) => {
        if (kbps > 0) granted[f] = kbps
      })
      decided?.()
      return false
    }
    decided?.()
    const { reasons, store, round = anotherRound } = this.#options
    const { freshness } = store
    if (to === 'all') freshness.next()
    await byPieces(classes.update(granted, demand.classArrival, plan.demand.margin), round)
    if (!(await this.#settle())) return false
    const last = { epoch: this.#term!.epoch, seq: this.#serial.seq }
    const inFlight: Promise<Sent>[] = []
    const decision = {
      plan,
      leases,
      rates: granted,
      classes: classes.rates,
      profiles,
      freshness,
      ...(reasons && { reasons }),
    }
    for (const publication of this.#outbox.compose(decision, last, to)) {
      const { serial, edges } = publication
      for (const { edge, snapshot } of edges)
        leases.noteGranted(edge, serial, granted, snapshot !== null, this.#options.clock.monotonic())
      const sent = this.#send(publication)
      inFlight.push(sent)
      this.#serial = serial
      // Edges that are to shrink hear of it before this thread writes for all others.
      if (publication.endsDecreases && isUnheard((await sent).outcome)) break
      await round()
    }
    return this.#hear(state, await Promise.all(inFlight))
  }

  /** @throws what the store said first of a publication that it did not take; the others count. */
  #hear({ plan, leases, classes }: PlanState, all: readonly Sent[]): boolean {
    for (const { publication, outcome } of all) {
      const { serial, edges } = publication
      if (outcome === 'fenced') continue
      const isRefused = outcome instanceof Error
      if (!isRefused) for (const { edge, snapshot } of edges) if (snapshot) this.#grantedSerials.set(edge, serial)
      const isTaken = !isRefused && outcome !== 'unknown'
      if (isTaken) this.#outbox.commit(plan, leases, edges, classes.rates)
      if (isTaken)
        for (const { edge, message } of edges)
          if (message.reasons) this.#options.reasons?.noteTold(edge, message.reasons)
      // Without a word of the store some of them may have it: it can fail in the midst of a call.
      for (const edge of isTaken ? outcome.lost : edges.map(({ edge }) => edge)) {
        this.#outbox.forget(edge)
        this.#options.reasons?.forget(edge)
      }
    }
    this.#unsettled = unanswered(all)
    const isFenced = all.some(({ outcome }) => outcome === 'fenced')
    if (isFenced) {
      this.#options.log.warn({ epoch: this.#serial.epoch }, 'fenced: this term is over')
      this.#term = null
      this.#ownEpoch = 0
      this.#options.reasons?.forget()
    }
    const refused = all.find(({ outcome }) => outcome instanceof Error)
    if (refused) throw refused.outcome
    return all.length > 0 && !isFenced
  }

  /**
   * No answer came to some publications: the very same ones go out again before anything else does.
   * @throws what the store refuses one for; it is not sent again, for its edges are told anew.
   */
  async #settle(): Promise<boolean> {
    const again = this.#unsettled.filter(({ serial }) => serial.epoch === this.#term!.epoch)
    const all = await Promise.all(again.map((publication) => this.#send(publication)))
    this.#unsettled = unanswered(all)
    const refused = all.find(({ outcome }) => outcome instanceof Error && !isOvertaken(outcome))
    if (refused) throw refused.outcome
    return this.#unsettled.length === 0
  }

  /** Whoever publishes listens to nobody who does. */
  async #send(publication: Publication): Promise<Sent> {
    const { id, store } = this.#options
    store.feed.leave()
    const sent = store.outgoing.publish(id, publication.serial, publication.edges)
    return { publication, outcome: await sent.catch((error: Error) => error) }
  }

  /** Frees the term for a standby. */
  async resign(): Promise<void> {
    const { id, store } = this.#options
    if (this.#term) await store.election.resign(id).catch(() => undefined) // the term ends by itself
  }
}

/** What goes out behind it would fare no better. */
const isUnheard = (outcome: Sent['outcome']): boolean => outcome === 'fenced' || outcome === 'unknown'

const unanswered = (all: readonly Sent[]): Publication[] =>
  all.flatMap(({ publication, outcome }) => (outcome === 'unknown' ? [publication] : []))

/** A later one got through: this one did as well, or its edges are sent everything anew by the next. */
const isOvertaken = (error: unknown): boolean => error instanceof MizaniError && error.code === 'STALE_SEQ'
