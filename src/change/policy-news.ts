// Word of changes from one controller to the others, through the durable store: whoever took a write says so, and
// whoever hears it looks. It is for speed only. A word that is lost is made up for by the look that everyone takes
// anyway.

import { type Clock, systemClock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { connect, type Redis } from '../runtime/redis.js'
import { keys } from '../wire/redis-keys.js'

export interface PolicyNewsOptions {
  /** Of the durable store, with user and password. */
  readonly url: string
  /** Where words are sent from. */
  readonly durable: Redis
  readonly plane: string
  readonly log: Logger
  readonly clock?: Clock
}

export class PolicyNews {
  readonly #durable: Redis
  readonly #subscriber: Redis
  readonly #channel: string
  #heard: () => void = () => {}

  constructor({ url, durable, plane, log, clock = systemClock }: PolicyNewsOptions) {
    this.#durable = durable
    this.#channel = keys(plane).policyChanged
    this.#subscriber = connect(url, 'controller-subscriber', { clock })
    this.#subscriber.on('message', () => this.#heard())
    this.#subscriber.on('ready', () => {
      const complain = (error: unknown): void => log.warn({ reason: messageOf(error) }, 'changes elsewhere come late')
      this.#subscriber.subscribe(this.#channel).then(() => this.#heard(), complain)
    })
  }

  /** Somebody changed something; also said when words may have been missed. */
  onWord(heard: () => void): void {
    this.#heard = heard
  }

  /** Something was changed here. */
  tell(): void {
    this.#durable.publish(this.#channel, '').catch(() => undefined)
  }

  stop(): void {
    this.#subscriber.disconnect()
  }
}
