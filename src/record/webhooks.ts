// Webhooks: each change of an alarm is posted, signed, to whoever wants to know (delivery-queue.ts: in order, again and
// again, and a slow receiver delays nobody). No tick ever waits for anything here.
//
// The signature is described where receivers read of it: model/webhook-signature.ts.

import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { SEVERITIES, type Severity, type WordedAlarm } from '../model/alarm.js'
import { type Milliseconds, toSeconds, type UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import type { AlarmChange } from './alarm-book.js'
import { smsOf } from './alarm-table.js'
import { DeliveryQueue, type Failure } from './delivery-queue.js'
import { NAME_UNKNOWN, post, type RequestRules, targetOf } from './guarded-request.js'
import { type DeadLetter, type Notification, Notifications } from './notifications.js'
import type { UsableWebhook, Webhook, WebhookStore } from './webhook-store.js'

const PATIENCE: Milliseconds = 10_000
const MOST_WEBHOOKS = 50

/** Whom an alarm is for: at least this bad, and in one of these regions or everywhere. */
export interface Route {
  readonly severity: Severity
  /** Empty: all. */
  readonly regions: readonly string[]
}

export function isFor({ severity, regions }: Route, alarm: Pick<WordedAlarm, 'severity' | 'regions'>): boolean {
  if (SEVERITIES.indexOf(alarm.severity) > SEVERITIES.indexOf(severity)) return false
  return regions.length === 0 || alarm.regions.length === 0 || alarm.regions.some((region) => regions.includes(region))
}

const newSecret = (): string => randomBytes(32).toString('base64url')

const SEALED_ELSEWHERE =
  'its secret does not open with the sealing key of this controller: give it a new one (mizani webhook rotate)'

const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`

/** How it goes with a receiver, since this process runs. Null: not yet, or nothing to tell. */
export interface Going {
  readonly lastAttempt: UnixMilliseconds | null
  readonly lastDelivered: UnixMilliseconds | null
  /** What came of the last attempt; null: it was taken. */
  readonly lastError: string | null
  /** Of the notification that failed; those after it wait for it. */
  readonly nextTry: UnixMilliseconds | null
}
const NOTHING_YET: Going = { lastAttempt: null, lastDelivered: null, lastError: null, nextTry: null }

/** What a receiver said to a notification. */
export interface Tried {
  readonly delivered: boolean
  /** Null: no answer came. */
  readonly status: number | null
  readonly answer: string | null
  readonly reason: string | null
}

export interface WebhooksOptions {
  readonly store: WebhookStore
  /** Holds the notifications. */
  readonly folder: string
  readonly plane: string
  /** In whose time people are told. */
  readonly zone: () => string
  readonly rules: RequestRules
  readonly clock: Clock
  readonly log: Logger
  /** Of the process: see DeliveryQueueOptions. */
  readonly ending: AbortSignal
}

export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #notifications: Notifications
  readonly #queue: DeliveryQueue
  readonly #receivers = new Map<string, Webhook>()
  readonly #going = new Map<string, Going>()
  /** What is read is never older than what was written here. */
  readonly #turns = new SerialQueue()

  constructor(options: WebhooksOptions) {
    this.#options = options
    this.#notifications = new Notifications({ ...options, file: join(options.folder, 'letters.jsonl') })
    this.#queue = new DeliveryQueue({
      ...{ ...options, notifications: this.#notifications },
      lives: (receiver) => this.#receivers.has(receiver),
      attempt: (notification, signal) => this.#attempt(notification, signal),
      waits: (receiver, nextTry) => this.#note(receiver, { nextTry }),
    })
  }

  /** Takes over what the store has. @throws MizaniError STORE_UNAVAILABLE; those that are known stay then. */
  refresh(): Promise<void> {
    return this.#turns.run(() => this.#read())
  }

  async #read(): Promise<void> {
    const found = new Map((await this.#options.store.read()).map((webhook) => [webhook.id, webhook]))
    for (const id of this.#receivers.keys()) {
      if (found.has(id)) continue
      this.#receivers.delete(id)
      this.#going.delete(id)
      this.#notifications.forget(id)
    }
    for (const webhook of found.values()) {
      const isKnown = this.#receivers.has(webhook.id)
      if (webhook.secret === null && this.#receivers.get(webhook.id)?.secret !== null)
        this.#options.log.error({ webhook: webhook.id, url: webhook.url }, SEALED_ELSEWHERE)
      // Its secret may be another now.
      this.#receivers.set(webhook.id, webhook)
      if (!isKnown) this.#queue.deliver(webhook.id)
    }
  }

  list(): (Omit<Webhook, 'secret'> & Going & { readonly waiting: number; readonly dead: readonly DeadLetter[] })[] {
    return [...this.#receivers.values()].map(({ secret, ...shown }) => ({
      ...{ ...shown, ...(this.#going.get(shown.id) ?? NOTHING_YET) },
      ...(secret === null && { lastError: SEALED_ELSEWHERE }),
      waiting: this.#notifications.waiting(shown.id).length,
      dead: this.#notifications.deadLetters(shown.id),
    }))
  }

  /**
   * The secret is in this answer and nowhere else.
   * @throws MizaniError BAD_REQUEST for what would never be called, and as the store does.
   */
  async add(url: string, route: Route, by: string): Promise<UsableWebhook> {
    const unknown = await this.#unknownName(url)
    return this.#turns.run(async () => {
      if (this.#receivers.size >= MOST_WEBHOOKS)
        throw new MizaniError({ code: 'BAD_REQUEST', message: `There are ${MOST_WEBHOOKS} webhooks already.` })
      const webhook = {
        id: randomUUID(),
        url,
        secret: newSecret(),
        severity: route.severity,
        regions: [...route.regions],
        by,
      }
      await this.#options.store.put(webhook)
      await this.#read()
      if (unknown !== null) this.#note(webhook.id, { lastError: unknown })
      return webhook
    })
  }

  /**
   * A new secret for a receiver, in this answer and nowhere else; the old one signs nothing from now on. Letters that
   * are refused until the receiver has it wait, as always.
   * @returns null when there is none of this id. @throws MizaniError as the store does.
   */
  rotate(id: string): Promise<UsableWebhook | null> {
    return this.#turns.run(async () => {
      await this.#read()
      const known = this.#receivers.get(id)
      if (known === undefined) return null
      const webhook = { ...known, secret: newSecret() }
      const isThere = await this.#options.store.replace(webhook)
      await this.#read()
      return isThere ? webhook : null
    })
  }

  /** Why its name leads nowhere now, which may change. @throws MizaniError BAD_REQUEST for what is never called. */
  async #unknownName(url: string): Promise<string | null> {
    try {
      await targetOf(url, this.#options.rules)
      return null
    } catch (error) {
      if (error instanceof MizaniError && error.code === NAME_UNKNOWN) return error.message
      throw error
    }
  }

  /** @returns false when there is none of this id. @throws MizaniError as the store does. */
  remove(id: string): Promise<boolean> {
    return this.#turns.run(async () => {
      if (!this.#receivers.has(id)) return false
      await this.#options.store.remove(id)
      await this.#read()
      return true
    })
  }

  /** Posts a notification that tells of nothing, at once and beside the queue. Null: there is none of this id. */
  async try(id: string): Promise<Tried | null> {
    const webhook = this.#receivers.get(id)
    if (webhook === undefined) return null
    const { plane } = this.#options
    const text = `Mizani ${plane}: this webhook was tried; nothing has happened.`
    const texts = { en: text, sw: `Mizani ${plane}: webhook hii imejaribiwa; hakuna kilichotokea.` }
    const body = JSON.stringify({ plane, change: 'test', alarm: null, acknowledgedBy: null, text, texts })
    return this.#post(webhook, body, `test.${randomUUID()}`, this.#options.ending)
  }

  /** Enters a notification for each receiver that the alarm is for, and returns at once. */
  notify(change: AlarmChange, alarm: WordedAlarm): void {
    const { plane, zone } = this.#options
    const { since, cleared, gone, acknowledged, ...rest } = alarm
    const times = { since: iso(since), cleared: cleared && iso(cleared), gone: gone && iso(gone) }
    const texts = { en: smsOf(plane, alarm, zone()), sw: smsOf(plane, alarm, zone(), 'sw') }
    const body = JSON.stringify({
      ...{ plane, change, alarm: { ...rest, ...times }, acknowledgedBy: acknowledged?.by ?? null },
      ...{ text: texts.en, texts },
    })
    for (const webhook of this.#receivers.values()) {
      if (!isFor(webhook, alarm)) continue
      this.#notifications.enter(webhook.id, { body, alarm: alarm.id, change })
      this.#queue.deliver(webhook.id)
    }
  }

  /** As DeliveryQueue. */
  settled(): Promise<void> {
    return this.#queue.settled()
  }

  async #attempt({ receiver, body, alarm, change }: Notification, signal: AbortSignal): Promise<Failure | null> {
    this.#note(receiver, { nextTry: null })
    // It lives, or this would not be asked.
    const { reason } = await this.#post(this.#receivers.get(receiver)!, body, `${alarm}.${change}`, signal)
    return reason === null ? null : { reason }
  }

  /**
   * The name is resolved again for each attempt, and checked again.
   * @param delivery equal for every attempt at one notification, so that a receiver can tell a repetition
   */
  async #post({ url, secret, id }: Webhook, body: string, delivery: string, ending: AbortSignal): Promise<Tried> {
    const { rules, clock } = this.#options
    if (secret === null) {
      this.#note(id, { lastAttempt: clock.wall(), lastError: SEALED_ELSEWHERE })
      return { delivered: false, status: null, answer: null, reason: SEALED_ELSEWHERE }
    }
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'mizani',
      'mizani-webhook': id,
      'mizani-delivery': delivery,
      'mizani-signature': signatureOf(secret, Math.floor(toSeconds(clock.wall())), body),
    }
    const lastAttempt = clock.wall()
    try {
      const { status, text } = await post(
        await targetOf(url, rules),
        body,
        headers,
        AbortSignal.any([ending, AbortSignal.timeout(PATIENCE)]),
      )
      const delivered = status >= 200 && status < 300
      const reason = delivered ? null : `answered ${status}`
      this.#note(id, {
        lastAttempt,
        lastError: reason,
        ...(delivered && { lastDelivered: lastAttempt }),
      })
      return { delivered, status, answer: text === '' ? null : text, reason }
    } catch (error) {
      const reason = messageOf(error)
      this.#note(id, { lastAttempt, lastError: reason })
      return { delivered: false, status: null, answer: null, reason }
    }
  }

  #note(id: string, news: Partial<Going>): void {
    if (this.#receivers.has(id)) this.#going.set(id, { ...(this.#going.get(id) ?? NOTHING_YET), ...news })
  }
}

const iso = (at: UnixMilliseconds): string => new Date(at).toISOString()
