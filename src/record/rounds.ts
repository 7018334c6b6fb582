// The rounds of a postman: letters go to each receiver one after another, in their order. One that cannot be delivered
// is tried again with longer and longer pauses, then put aside and listed. Each receiver has its own queue, so that a
// slow one delays nobody, and what is in the queues outlives the process (letters.ts).

import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { LAST_WORDS } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import type { Letter, Letters } from './letters.js'

/** After these pauses the letter is dead: it has been tried for most of a day. A restart begins them anew. */
export const PAUSES: readonly Milliseconds[] = [
  1_000,
  10_000,
  60_000,
  600_000,
  3_600_000,
  6 * 3_600_000,
  12 * 3_600_000,
]

export interface Failure {
  readonly reason: string
  /** This letter will never be taken; others may be. */
  readonly final?: boolean
}

export interface RoundsOptions {
  readonly letters: Letters
  readonly clock: Clock
  readonly log: Logger
  /** Nothing is begun from then on; what was not delivered is there after a restart. */
  readonly ending: AbortSignal
  /** Whether anybody is still to be told there. */
  lives(receiver: string): boolean
  /** Tries once. Null: it was taken. Aborted: there is no more time, and nobody knows. */
  attempt(letter: Letter, signal: AbortSignal): Promise<Failure | null>
  /** A letter has failed, and is tried again then. */
  waits?(receiver: string, until: UnixMilliseconds): void
}

export class Rounds {
  readonly #options: RoundsOptions
  readonly #busy = new Set<string>()
  readonly #underWay = new Set<Promise<void>>()
  /** Breaks off attempts; a moment after the end began, for a receiver may be about to say that it has the letter. */
  readonly #cut = new AbortController()
  /** Resolves with it. */
  readonly #over: Promise<void>

  constructor(options: RoundsOptions) {
    this.#options = options
    const { ending, clock } = options
    this.#over = new Promise((resolve) => {
      const cut = (): void => {
        this.#cut.abort()
        resolve()
      }
      ending.addEventListener('abort', () => clock.setTimer(LAST_WORDS, cut), { once: true })
    })
  }

  /** Delivers what waits for this receiver, unless that is under way. */
  work(receiver: string): void {
    if (this.#busy.has(receiver)) return
    this.#busy.add(receiver)
    const work = this.#work(receiver).finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  /** Resolves when nothing is under way, or is broken off: soon, once the end has begun. */
  async settled(): Promise<void> {
    // A name that is being looked up heeds no signal.
    await Promise.race([Promise.all(this.#underWay), this.#over])
  }

  async #work(receiver: string): Promise<void> {
    for (;;) {
      const [letter] = this.#options.letters.waiting(receiver)
      if (letter === undefined || !this.#lives(receiver)) break
      await this.#deliver(letter)
    }
    // In the same breath as the look: a letter that comes next begins its own round.
    this.#busy.delete(receiver)
  }

  async #deliver(letter: Letter): Promise<void> {
    const { letters, clock, log, ending } = this.#options
    let reason = ''
    for (const pause of [0, ...PAUSES]) {
      if (pause > 0) this.#options.waits?.(letter.receiver, clock.wall() + pause)
      if (pause > 0) await clock.sleep(pause, ending)
      if (!this.#lives(letter.receiver)) return
      const failure = await this.#options.attempt(letter, this.#cut.signal)
      // What the receiver has taken is not sent again, even when we were told to stop meanwhile.
      if (failure === null) return letters.delivered(letter)
      if (this.#cut.signal.aborted) return
      reason = failure.reason
      if (failure.final) break
    }
    letters.bury(letter, reason)
    const { receiver, alarm } = letter
    log.warn({ receiver, alarm, reason }, 'an alarm was not delivered')
  }

  #lives(receiver: string): boolean {
    return !this.#options.ending.aborted && this.#options.lives(receiver)
  }
}
