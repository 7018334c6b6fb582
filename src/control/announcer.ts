// Who speaks, and under which serial. An announcer takes and renews the term, learns what other leaders told, and lets
// each publication out whole: noted before it is sent, since an edge may be enforcing it before the store has answered,
// and sent again, the very same bytes, when no answer came.

import { compareSerial, type Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import { type EdgePublication, Outbox } from '../publish/publication.js'
import { LEADER_LEASE, type Publisher, type Term } from '../publish/publisher.js'
import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log.js'
import type { Desk } from './desk.js'
import type { Pins } from './pins.js'
import { epochFloor, followLeader, isDeafTo, isLearning, takeOver } from './succession.js'

/** What a controller needs of the volatile store. */
export type RatesStore = Pick<
  Publisher,
  'elect' | 'resign' | 'profiles' | 'publish' | 'readReports' | 'readSnapshots' | 'readContents' | 'onReport'
>

export interface AnnouncerOptions {
  readonly id: string
  readonly clock: Clock
  readonly log: Logger
  readonly store: RatesStore
}

export class Announcer {
  readonly #id: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #store: RatesStore
  readonly #outbox = new Outbox()
  readonly #intended = new Map<string, Serial>()
  #term: Term | null = null
  /** By our own clock: when the term is over unless it is renewed. */
  #termEnd: Milliseconds = Number.NEGATIVE_INFINITY
  /** The last term that was begun here. */
  #ownEpoch = 0
  #leader = ''
  #serial: Serial = { epoch: 0, seq: 0 }
  /** When a new leader began to learn what edges ask for; null: it knows, or it does not lead. */
  #learningSince: Milliseconds | null = null
  #unsettled: { readonly serial: Serial; readonly publications: readonly EdgePublication[] } | null = null
  /** Increases that wait for room which is being freed. */
  waiting = 0

  constructor({ id, clock, log, store }: AnnouncerOptions) {
    this.#id = id
    this.#clock = clock
    this.#log = log
    this.#store = store
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

  /** What each edge was told last as content. */
  get intended(): ReadonlyMap<string, Serial> {
    return this.#intended
  }

  get learning(): boolean {
    return this.#learningSince !== null
  }

  /** Whether this new leader still learns what edges ask for. */
  stillLearns(desk: Desk): boolean {
    const since = this.#learningSince
    if (since !== null && !isLearning(desk, since, this.#clock.monotonic())) this.#learningSince = null
    return this.learning
  }

  /** Takes or renews the term; what follows from it is for `assume`, once the reports have been heard. */
  async elect({ leases }: Desk): Promise<Term> {
    const [asked, now] = [this.#clock.monotonic(), this.#clock.wall()]
    const floor = epochFloor(leases, this.#serial.epoch, now)
    let term = await this.#store.elect(this.#id, floor)
    if (term.leads && isDeafTo(leases, term.epoch, now)) {
      this.#log.warn({ epoch: term.epoch, floor }, 'edges hold a higher epoch: this term ends for one above it')
      await this.#store.resign(this.#id)
      term = await this.#store.elect(this.#id, floor)
    }
    this.#leader = term.leader
    this.#termEnd = asked + LEADER_LEASE
    return term
  }

  /** Leads, or watches who does; a term that is new here begins with everything edges may be enforcing. */
  async assume(term: Term, desk: Desk): Promise<void> {
    const now = this.#clock.monotonic()
    if (!term.leads) {
      if (this.#term) this.#log.warn({ leader: term.leader }, 'another controller leads; this one only watches')
      this.#term = null
      this.#learningSince = null
      const newest = await followLeader(desk, this.#store, now)
      for (const [edge, serial] of newest) this.#intended.set(edge, serial)
      this.#serial = [...newest.values()].reduce((a, b) => (compareSerial(a, b) < 0 ? b : a), { ...term, seq: 0 })
      return
    }
    if (term.epoch !== this.#ownEpoch) {
      this.#log.info({ epoch: term.epoch }, 'leading')
      await takeOver(desk, this.#store, now)
      this.#ownEpoch = term.epoch
      this.#serial = { epoch: term.epoch, seq: 0 }
      this.#learningSince = this.#clock.monotonic()
      this.#outbox.forget()
    }
    this.#term = term
  }

  /** Tells edges what they may have now: all of them, or those for whom something changed. True if it went out. */
  async publish(desk: Desk, pins: Pins, to: 'all' | 'changed'): Promise<boolean> {
    const { plan, leases, rates, told, classes, demand, until } = desk
    this.waiting = leases.decide(rates, pins.charged, !this.learning, told)
    if (!this.leads) {
      // What holds is what the leader told.
      leases.sent.forEach((kbps, f) => {
        if (kbps > 0) told[f] = kbps
      })
      return false
    }
    classes.update(told, demand.classArrival, plan.demand.margin)
    if (this.#unsettled && !(await this.#settle())) return false
    const serial = { epoch: this.#term!.epoch, seq: this.#serial.seq + 1 }
    const profiles = this.#store.profiles(plan, until)
    const composed = this.#outbox.compose(plan, leases, serial, told, classes.rates, profiles)
    const publications = to === 'all' ? composed : composed.filter(({ snapshot }) => snapshot !== null)
    if (publications.length === 0) return false
    for (const { edge, snapshot } of publications)
      leases.noteSent(edge, serial, told, snapshot !== null, this.#clock.monotonic())
    return this.#send(desk, serial, publications)
  }

  async #send({ plan, leases, told, classes }: Desk, serial: Serial, publications: readonly EdgePublication[]) {
    const outcome = await this.#store.publish(this.#id, serial, publications)
    if (outcome === 'fenced') {
      this.#log.warn({ epoch: serial.epoch }, 'fenced: another controller leads')
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
      const outcome = await this.#store.publish(this.#id, serial, publications)
      if (outcome === 'unknown') return false
    }
    this.#unsettled = null
    return true
  }

  /** Frees the term for a standby. */
  async resign(): Promise<void> {
    if (this.#term) await this.#store.resign(this.#id).catch(() => undefined)
  }
}
