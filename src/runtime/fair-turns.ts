// Turns at a thread that must stay free for something else: the tick. Whoever has work for it waits for a turn, and in
// one round of the event loop there is one, so that whatever the thread is for comes between any two. Who has used the
// thread least of late is next: somebody who asks for little is answered at once beside somebody who asks for all.

import type { Milliseconds } from '../model/units.js'
import { type Clock, nextRound, type Timer } from './clock.js'
import { MizaniError } from './errors.js'

/** What somebody has used counts half as much after so long. */
const HALF_LIFE: Milliseconds = 2_000
/** Somebody's answer is not kept waiting for longer, whatever a tick waits for. */
const LONGEST_PAUSE: Milliseconds = 100
/** Whoever has used less than this and waits for nothing is forgotten. */
const NOTHING: Milliseconds = 0.1

type Ended = (who: string, what: string, held: Milliseconds) => void

interface Line {
  readonly who: string
  /** Time at the thread, as of `at`. */
  used: Milliseconds
  at: Milliseconds
  readonly waiting: Turn[]
}

interface Turn {
  /** What is done in it, for whoever is told. */
  readonly what: string
  begin(): void
}

export class FairTurns {
  readonly #clock: Pick<Clock, 'monotonic' | 'setTimer'>
  readonly #mostEach: number
  readonly #lines = new Map<string, Line>()
  #ended: Ended = () => undefined
  #waiting = 0
  /** A round is on its way. */
  #goes = false
  #paused: Timer | null = null

  /** @param mostEach turns that one may wait for */
  constructor(clock: Pick<Clock, 'monotonic' | 'setTimer'>, mostEach: number) {
    this.#clock = clock
    this.#mostEach = mostEach
  }

  /** Told of each turn, and how long it held the thread. */
  onEnd(ended: Ended): void {
    this.#ended = ended
  }

  /** No turn begins until `resume`, or for LONGEST_PAUSE: what the thread is for waits for answers of its own. */
  pause(): void {
    this.#paused?.cancel()
    this.#paused = this.#clock.setTimer(LONGEST_PAUSE, () => this.resume())
  }

  resume(): void {
    this.#paused?.cancel()
    this.#paused = null
    this.#round()
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
      this.#waiting++
      this.#round()
    })
  }

  /** Of the two, the second runs as soon as whoever the first lets go on has given the thread back. */
  #round(): void {
    if (this.#goes || this.#waiting === 0 || this.#paused !== null) return
    this.#goes = true
    let line: Line
    let turn: Turn
    let began: Milliseconds
    nextRound(() => {
      line = this.#least()
      turn = line.waiting.shift()!
      began = this.#clock.monotonic()
      turn.begin()
    })
    nextRound(() => {
      const now = this.#clock.monotonic()
      line.used = usedBy(line, now) + now - began
      line.at = now
      this.#ended(line.who, turn.what, now - began)
      this.#waiting--
      this.#goes = false
      this.#round()
    })
  }

  /** Who waits and has used least. */
  #least(): Line {
    const now = this.#clock.monotonic()
    let least: Line | null = null
    for (const line of this.#lines.values()) {
      if (line.waiting.length > 0) {
        if (least === null || usedBy(line, now) < usedBy(least, now)) least = line
      } else if (usedBy(line, now) < NOTHING) this.#lines.delete(line.who)
    }
    // Rounds go on only while somebody waits.
    return least!
  }

  #lineOf(who: string): Line {
    const known = this.#lines.get(who)
    if (known !== undefined) return known
    const line: Line = { who, used: 0, at: this.#clock.monotonic(), waiting: [] }
    this.#lines.set(who, line)
    return line
  }
}

const usedBy = ({ used, at }: Line, now: Milliseconds): Milliseconds => used * 0.5 ** ((now - at) / HALF_LIFE)

const tooMany = (who: string, most: number): MizaniError =>
  new MizaniError({
    code: 'RATE_LIMITED',
    remedy: 'retry',
    message: `${most} requests of ${who} wait already; try again in a second.`,
  })
