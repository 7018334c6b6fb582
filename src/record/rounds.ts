// The rounds of a postman: letters go to each receiver one after another, in their order. One that cannot be delivered
// is tried again with longer and longer pauses, then put aside and listed. Each receiver has its own queue, so that a
// slow one delays nobody, and what is in the queues outlives the process (letters.ts).

import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
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
  /** Whether anybody is still to be told there. */
  lives(receiver: string): boolean
  /** A letter has failed, and is tried again then. */
  waits?(receiver: string, until: UnixMilliseconds): void
  /** Tries once. Null: it was taken. */
  attempt(letter: Letter): Promise<Failure | null>
}

export class Rounds {
  readonly #options: RoundsOptions
  readonly #busy = new Set<string>()
  #stopped = false

  constructor(options: RoundsOptions) {
    this.#options = options
  }

  /** Delivers what waits for this receiver, unless that is under way. */
  async work(receiver: string): Promise<void> {
    if (this.#busy.has(receiver)) return
    this.#busy.add(receiver)
    for (;;) {
      const [letter] = this.#options.letters.waiting(receiver)
      if (letter === undefined || !this.#lives(receiver)) break
      await this.#deliver(letter)
    }
    this.#busy.delete(receiver)
  }

  stop(): void {
    this.#stopped = true
  }

  async #deliver(letter: Letter): Promise<void> {
    const { letters, clock, log } = this.#options
    let reason = ''
    for (const pause of [0, ...PAUSES]) {
      if (pause > 0) this.#options.waits?.(letter.receiver, clock.wall() + pause)
      if (pause > 0) await clock.sleep(pause)
      if (!this.#lives(letter.receiver)) return
      const failure = await this.#options.attempt(letter)
      // What the receiver has taken is not sent again, even when we were told to stop meanwhile.
      if (failure === null) return letters.delivered(letter)
      reason = failure.reason
      if (failure.final) break
    }
    letters.bury(letter, reason)
    const { receiver, alarm } = letter
    log.warn({ receiver, alarm, reason }, 'an alarm was not delivered')
  }

  #lives(receiver: string): boolean {
    return !this.#stopped && this.#options.lives(receiver)
  }
}
