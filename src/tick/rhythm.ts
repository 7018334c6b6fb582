// When there is a tick. One a period, never two at once, and at once when something cannot wait: further wishes within
// COALESCE share the next one. Each tick does the whole, so the period counts from the last one, whoever wanted it:
// else the beat would stand in line behind one that was woken. A tick that fails is said once, and the next one starts
// from what is true then.

import type { Milliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { remedyOf } from '../runtime/redis.js'
import { SerialQueue } from '../runtime/serial-queue.js'

const COALESCE: Milliseconds = 20

export interface RhythmOptions {
  readonly clock: Clock
  readonly log: Logger
  period(): Milliseconds
  tick(): Promise<void>
  /** Told of each tick as it begins: by how much longer than a period the one before is past. */
  late?(by: Milliseconds): void
  /** Told of each turn that is over, whatever became of it. */
  over?(): void
}

export class Rhythm {
  readonly #options: RhythmOptions
  readonly #turns = new SerialQueue()
  #beats = false
  /** When the next tick has to begin. */
  #due: Milliseconds = Number.POSITIVE_INFINITY
  #timer: Timer | null = null
  #woken: Timer | null = null
  #wokenAt: Milliseconds = Number.NEGATIVE_INFINITY
  /** Whatever wakes again and again leaves as much time between its ticks as they take. */
  #restUntil: Milliseconds = Number.NEGATIVE_INFINITY
  #isTicking = false
  /** It was woken while it ticked: what that tick has read was older. */
  #wokenMeanwhile = false
  #stopped = false
  /** Why ticks fail; empty while they do not. */
  failing = ''

  constructor(options: RhythmOptions) {
    this.#options = options
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Ticks on until `stop`. A tick that is late does not bring the next one closer than a quarter of a period. */
  start(): void {
    this.#beats = true
    this.#due = this.#options.clock.monotonic()
    this.#beat()
  }

  #beat(): void {
    void this.inTurn(() => this.#timed(false))
  }

  #expectBeat(): void {
    if (!this.#beats || this.#stopped) return
    const { clock, period } = this.#options
    const wait = Math.max(period() / 4, this.#due - clock.monotonic())
    this.#timer = clock.setTimer(wait, () => this.#beat(), { hold: true })
  }

  /** No tick after this; resolves when the last one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    this.#woken?.cancel()
    await this.#turns.idle()
  }

  /** Something changed that cannot wait for the next tick: policy, enforcement, a link. */
  wake(): void {
    if (this.#stopped || this.#woken) return
    if (this.#isTicking) {
      this.#wokenMeanwhile = true
      return
    }
    const { clock } = this.#options
    const now = clock.monotonic()
    const next = Math.max(this.#wokenAt + COALESCE, this.#restUntil)
    if (now >= next) {
      this.#wokenAt = now
      void this.inTurn(() => this.#timed(true))
      return
    }
    this.#woken = clock.setTimer(next - now, () => {
      this.#woken = null
      this.#wokenAt = clock.monotonic()
      void this.inTurn(() => this.#timed(true))
    })
  }

  tick(): Promise<void> {
    return this.inTurn(() => this.#timed(false))
  }

  async #timed(woken: boolean): Promise<void> {
    const { clock, period, late, tick } = this.#options
    const began = clock.monotonic()
    late?.(Math.max(0, began - this.#due))
    this.#due = began + period()
    this.#timer?.cancel()
    this.#isTicking = true
    try {
      await tick()
    } finally {
      const ended = clock.monotonic()
      if (woken) this.#restUntil = ended + (ended - began)
      this.#isTicking = false
      this.#expectBeat()
      if (this.#wokenMeanwhile) {
        this.#wokenMeanwhile = false
        this.wake()
      }
    }
  }

  /** Runs work that must not overlap a tick. */
  inTurn(work: () => Promise<void>): Promise<void> {
    const { log, over } = this.#options
    const judged = this.#turns.run(work).then(
      () => {
        if (this.failing) log.info('ticks go on')
        this.failing = ''
      },
      (error: unknown) => {
        const reason = messageOf(error)
        if (this.failing === reason) return // said once, not each second
        this.failing = reason
        const told = 'no tick; edges keep what they hold under lease, then go to safe rates'
        if (remedyOf(error) === 'retry') log.warn({ reason }, told)
        else log.error({ err: error }, told)
      },
    )
    return judged.then(over)
  }
}
