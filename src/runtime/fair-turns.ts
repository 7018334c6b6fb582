// Turns at a thread that many want. Whoever has work for it waits for a turn, and in one round of the event loop there
// is one, so that whatever else has come (a connection, a picture of the tick) comes between any two. Who has used the
// thread least of late is next: somebody who asks for little is answered at once beside somebody who asks for all. What
// is made once for all who ask (`forAll`) is nobody's use.

import TinyQueue from 'tinyqueue'
import type { Milliseconds } from '../model/units.js'
import { type Clock, nextRound } from './clock.js'
import { MizaniError } from './errors.js'

/** What somebody has used counts half as much after so long. */
const HALF_LIFE: Milliseconds = 2_000
/** Whoever has used less than this and waits for nothing is forgotten. */
const NOTHING: Milliseconds = 0.1
/** Lines that are looked at in a round, whether they can be: there may be as many as there are addresses. */
const LOOKED_AT = 2

type Ended = (who: string, what: string, held: Milliseconds) => void

interface Line {
  readonly who: string
  /**
   * What it has used of late, as the binary logarithm of what it would have been when the clock began, so many
   * half-lives ago: all fade alike, and who has used less than another still has later.
   */
  load: number
  /** When it came to wait: of two that have used nothing the first is first. */
  place: number
  readonly waiting: Turn[]
}

interface Turn {
  /** What is done in it, for whoever is told. */
  readonly what: string
  begin(): void
}

export class FairTurns {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #mostEach: number
  readonly #lines = new Map<string, Line>()
  /** Those that wait, but for whose turn it is. */
  readonly #next = new TinyQueue<Line>([], (a, b) => (a.load === b.load ? a.place - b.place : a.load < b.load ? -1 : 1))
  #looked = this.#lines.values()
  #places = 0
  #current: Line | null = null
  /** Of the turn under way what was made for all. */
  #shared: Milliseconds = 0
  #isShared = false
  #ended: Ended = () => undefined
  #waiting = 0
  /** A round is on its way. */
  #goes = false

  /** @param mostEach turns that one may wait for */
  constructor(clock: Pick<Clock, 'monotonic'>, mostEach: number) {
    this.#clock = clock
    this.#mostEach = mostEach
  }

  /** Of whom it is remembered what they have used. */
  get lines(): number {
    return this.#lines.size
  }

  /** Told of each turn, and how long it held the thread. */
  onEnd(ended: Ended): void {
    this.#ended = ended
  }

  /**
   * Resolves when it is their turn, which lasts until the thread is given back.
   * @param isBegun whether something was done already, of which it is the answer: that is never refused
   * @throws MizaniError RATE_LIMITED for who waits for so many already.
   */
  take(who: string, what: string, isBegun = false): Promise<void> {
    const line = this.#lineOf(who)
    if (!isBegun && line.waiting.length >= this.#mostEach) return Promise.reject(tooMany(who, this.#mostEach))
    return new Promise((resolve) => {
      line.waiting.push({ what, begin: resolve })
      if (line.waiting.length === 1 && line !== this.#current) this.#wait(line)
      this.#waiting++
      this.#round()
    })
  }

  /** Does within a turn what all who ask are given alike: who happens to be the first has not used the thread. */
  forAll<T>(work: () => T): T {
    if (this.#isShared) return work()
    const began = this.#clock.monotonic()
    this.#isShared = true
    try {
      return work()
    } finally {
      this.#isShared = false
      this.#shared += this.#clock.monotonic() - began
    }
  }

  /** Of the two, the second runs as soon as whoever the first lets go on has given the thread back. */
  #round(): void {
    if (this.#goes || this.#waiting === 0) return
    this.#goes = true
    let line: Line
    let turn: Turn
    let began: Milliseconds
    nextRound(() => {
      // Rounds go on only while somebody waits.
      line = this.#next.pop()!
      this.#current = line
      turn = line.waiting.shift()!
      this.#shared = 0
      began = this.#clock.monotonic()
      turn.begin()
    })
    nextRound(() => {
      const now = this.#clock.monotonic()
      this.#use(line, now, now - began - this.#shared)
      this.#current = null
      if (line.waiting.length > 0) this.#wait(line)
      this.#ended(line.who, turn.what, now - began)
      this.#waiting--
      this.#goes = false
      this.#forget(now)
      this.#round()
    })
  }

  #wait(line: Line): void {
    line.place = ++this.#places
    this.#next.push(line)
  }

  #use(line: Line, now: Milliseconds, time: Milliseconds): void {
    const used = usedBy(line, now) + Math.max(0, time)
    line.load = Math.log2(used) + now / HALF_LIFE
  }

  /** Looks at a few lines at a time, one after the other. */
  #forget(now: Milliseconds): void {
    for (let n = 0; n < LOOKED_AT; n++) {
      const { value: line } = this.#looked.next()
      if (line === undefined) this.#looked = this.#lines.values()
      else if (line.waiting.length === 0 && usedBy(line, now) < NOTHING) this.#lines.delete(line.who)
    }
  }

  #lineOf(who: string): Line {
    const known = this.#lines.get(who)
    if (known !== undefined) return known
    const line: Line = { who, load: Number.NEGATIVE_INFINITY, place: 0, waiting: [] }
    this.#lines.set(who, line)
    return line
  }
}

const usedBy = ({ load }: Line, now: Milliseconds): Milliseconds => 2 ** (load - now / HALF_LIFE)

const tooMany = (who: string, most: number): MizaniError =>
  new MizaniError({
    code: 'RATE_LIMITED',
    remedy: 'retry',
    message: `${most} requests of ${who} wait already; try again in a second.`,
  })
