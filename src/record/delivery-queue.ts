// Delivery of notifications: one queue a receiver, in order. A notification that cannot be delivered is tried again
// with longer and longer pauses, then becomes a dead letter, which is listed. Each receiver has its own queue, so that
// a slow one delays nobody, and what is in the queues outlives the process (notifications.ts).

import { HOUR, MINUTE, type Milliseconds, SECOND, type UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { LAST_WORDS } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import type { Notification, Notifications } from './notifications.js'

/** After these pauses it is a dead letter: it has been tried for most of a day. A restart begins them anew. */
export const PAUSES: readonly Milliseconds[] = [SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR]

export interface Failure {
  readonly reason: string
  /** This notification will never be taken; others may be. */
  readonly final?: boolean
}

export interface DeliveryQueueOptions {
  readonly notifications: Notifications
  readonly clock: Clock
  readonly log: Logger
  /** Nothing is begun from then on; what was not delivered is there after a restart. */
  readonly ending: AbortSignal
  /** Whether anybody is still to be told there. */
  lives(receiver: string): boolean
  /** Tries once. Null: it was taken. Aborted: there is no more time, and nobody knows. */
  attempt(notification: Notification, signal: AbortSignal): Promise<Failure | null>
  /** An attempt has failed; the next is made then. */
  waits?(receiver: string, until: UnixMilliseconds): void
}

export class DeliveryQueue {
  readonly #options: DeliveryQueueOptions
  readonly #busy = new Set<string>()
  readonly #underWay = new Set<Promise<void>>()
  /** Breaks off attempts; a moment after the end began, for a receiver may be about to say that it took one. */
  readonly #cut = new AbortController()
  /** Resolves with it. */
  readonly #over: Promise<void>

  constructor(options: DeliveryQueueOptions) {
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
  deliver(receiver: string): void {
    if (this.#busy.has(receiver)) return
    this.#busy.add(receiver)
    const work = this.#drain(receiver).finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  /** Resolves when nothing is under way, or is broken off: soon, once the end has begun. */
  async settled(): Promise<void> {
    // A name that is being looked up heeds no signal.
    await Promise.race([Promise.all(this.#underWay), this.#over])
  }

  async #drain(receiver: string): Promise<void> {
    for (;;) {
      const [notification] = this.#options.notifications.waiting(receiver)
      if (notification === undefined || !this.#lives(receiver)) break
      await this.#attempt(notification)
    }
    // In the same breath as the look: a notification that comes next starts the next run.
    this.#busy.delete(receiver)
  }

  async #attempt(notification: Notification): Promise<void> {
    const { notifications, clock, log, ending } = this.#options
    let reason = ''
    for (const pause of [0, ...PAUSES]) {
      if (pause > 0) this.#options.waits?.(notification.receiver, clock.wall() + pause)
      if (pause > 0) await clock.sleep(pause, ending)
      if (!this.#lives(notification.receiver)) return
      const failure = await this.#options.attempt(notification, this.#cut.signal)
      // What the receiver has taken is not sent again, even when we were told to stop meanwhile.
      if (failure === null) return notifications.delivered(notification)
      if (this.#cut.signal.aborted) return
      reason = failure.reason
      if (failure.final) break
    }
    notifications.deadLetter(notification, reason)
    const { receiver, alarm } = notification
    log.warn({ receiver, alarm, reason }, 'an alarm was not delivered')
  }

  #lives(receiver: string): boolean {
    return !this.#options.ending.aborted && this.#options.lives(receiver)
  }
}
