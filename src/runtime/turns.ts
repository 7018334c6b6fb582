// Work that many ask for and one thread does, one piece after another. Each piece ends within a stated time, or its
// thread is ended and whoever asked is told so. Whoever leaves is not worked for: what waits is forgotten, and what has
// begun may end by itself for a moment (a person who drags a slider leaves ten times a second), then its thread is
// ended too. What cannot wait goes before what can.

import type { Milliseconds } from '../model/units.js'
import type { Clock } from './clock.js'
import { MizaniError } from './errors.js'

export interface Errand {
  /** It goes before all that does not. */
  readonly first: boolean
  readonly within: Milliseconds
  /** Aborts when whoever asks has left. */
  readonly gone?: AbortSignal | undefined
}

/** What has begun for somebody who left may go on so long. */
const GRACE: Milliseconds = 250

export class Turns {
  readonly #clock: Clock
  readonly #slow: (within: Milliseconds) => MizaniError
  readonly #first: (() => void)[] = []
  readonly #others: (() => void)[] = []
  #busy = false

  /** @param slow what is said of what took too long */
  constructor(clock: Clock, slow: (within: Milliseconds) => MizaniError = tooLong) {
    this.#clock = clock
    this.#slow = slow
  }

  /**
   * Runs it when its turn has come.
   * @param work is handed the signal that ends it
   * @throws what it throws; MizaniError PAYLOAD_TOO_LARGE, or as `slow` says, when it took too long;
   * STOPPING for whoever has left
   */
  async run<T>({ first, within, gone }: Errand, work: (ending: AbortSignal) => Promise<T>): Promise<T> {
    if (gone?.aborted) throw left()
    if (this.#busy) await this.#turn(first ? this.#first : this.#others, gone)
    this.#busy = true
    const ending = new AbortController()
    const limit = this.#clock.setTimer(within, () => ending.abort(this.#slow(within)))
    let grace: { cancel(): void } | undefined
    const leave = (): void => {
      grace = this.#clock.setTimer(GRACE, () => ending.abort(left()))
    }
    gone?.addEventListener('abort', leave, { once: true })
    try {
      return await work(ending.signal)
    } catch (error) {
      throw ending.signal.aborted ? ending.signal.reason : error
    } finally {
      limit.cancel()
      grace?.cancel()
      gone?.removeEventListener('abort', leave)
      const next = this.#first.shift() ?? this.#others.shift()
      if (next === undefined) this.#busy = false
      else next()
    }
  }

  #turn(queue: (() => void)[], gone: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.splice(queue.indexOf(come), 1)
        reject(left())
      }
      const come = (): void => {
        gone?.removeEventListener('abort', leave)
        resolve()
      }
      queue.push(come)
      gone?.addEventListener('abort', leave, { once: true })
    })
  }
}

const left = (): MizaniError =>
  new MizaniError({ code: 'STOPPING', message: 'Whoever asked has left: nothing was made.' })

const tooLong = (within: Milliseconds): MizaniError =>
  new MizaniError({
    code: 'PAYLOAD_TOO_LARGE',
    message: `This takes longer than ${within / 1_000} s to look at.`,
    advice: 'Send fewer changes at once.',
  })
