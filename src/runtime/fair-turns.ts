// Turns at a thread that must stay free for something else: the tick. Whoever has work for it waits for a turn, and in
// one round of the event loop there is one, so that whatever the thread is for comes between any two. Who has used the
// thread least of late is next: somebody who asks for little is answered at once beside somebody who asks for all.

import type { Milliseconds } from '../model/units.js'
import { type Clock, nextRound } from './clock.js'
import { MizaniError } from './errors.js'

/** What somebody has used counts half as much after so long. */
const HALF_LIFE: Milliseconds = 2_000
/** Whoever has used less than this and waits for nothing is forgotten. */
const NOTHING: Milliseconds = 0.1

interface Line {
  /** Time at the thread, as of `at`. */
  used: Milliseconds
  at: Milliseconds
  readonly waiting: (() => void)[]
}

export class FairTurns {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #mostEach: number
  readonly #lines = new Map<string, Line>()
  #waiting = 0

  /** @param mostEach turns that one may wait for */
  constructor(clock: Pick<Clock, 'monotonic'>, mostEach: number) {
    this.#clock = clock
    this.#mostEach = mostEach
  }

  /**
   * Resolves when it is their turn, which lasts until the thread is given back.
   * @throws MizaniError RATE_LIMITED for who waits for so many already.
   */
  take(who: string): Promise<void> {
    const line = this.#lineOf(who)
    if (line.waiting.length >= this.#mostEach) return Promise.reject(tooMany(who, this.#mostEach))
    return new Promise((resolve) => {
      line.waiting.push(resolve)
      if (++this.#waiting === 1) this.#round()
    })
  }

  /** Of the two, the second runs as soon as whoever the first lets go on has given the thread back. */
  #round(): void {
    let turn: { readonly line: Line; readonly began: Milliseconds }
    nextRound(() => {
      turn = { line: this.#least(), began: this.#clock.monotonic() }
      turn.line.waiting.shift()!()
    })
    nextRound(() => {
      const now = this.#clock.monotonic()
      turn.line.used = usedBy(turn.line, now) + now - turn.began
      turn.line.at = now
      if (--this.#waiting > 0) this.#round()
    })
  }

  /** Who waits and has used least. */
  #least(): Line {
    const now = this.#clock.monotonic()
    let least: Line | null = null
    for (const [who, line] of this.#lines) {
      if (line.waiting.length > 0) {
        if (least === null || usedBy(line, now) < usedBy(least, now)) least = line
      } else if (usedBy(line, now) < NOTHING) this.#lines.delete(who)
    }
    // Rounds go on only while somebody waits.
    return least!
  }

  #lineOf(who: string): Line {
    const known = this.#lines.get(who)
    if (known !== undefined) return known
    const line: Line = { used: 0, at: this.#clock.monotonic(), waiting: [] }
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
