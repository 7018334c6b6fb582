// Webhooks: each change of an alarm is posted, signed, to whoever wants to know (rounds.ts: in order, again and again,
// and a slow one delays nobody). Nothing here is ever waited for by a tick.
//
// Signature (header mizani-signature): t=UNIX SECONDS,v1=HEX of HMAC-SHA256(secret, "t.body"). A receiver checks both
// the sum and that t is recent.

import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { SEVERITIES, type Severity, type WordedAlarm } from '../model/alarm.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { AlarmChange } from './alarm-book.js'
import { smsOf } from './alarm-table.js'
import { allowedUrl, type DialRules, post, targetOf } from './dial.js'
import { type DeadLetter, type Letter, Letters } from './letters.js'
import { type Failure, Rounds } from './rounds.js'
import type { Webhook, WebhookStore } from './webhook-store.js'

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

export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`

export interface WebhooksOptions {
  readonly store: WebhookStore
  /** Holds the letters. */
  readonly folder: string
  readonly plane: string
  /** In whose time people are told. */
  readonly zone: () => string
  readonly rules: DialRules
  readonly clock: Clock
  readonly log: Logger
}

export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #letters: Letters
  readonly #rounds: Rounds
  readonly #receivers = new Map<string, Webhook>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: WebhooksOptions) {
    this.#options = options
    this.#letters = new Letters({ ...options, file: join(options.folder, 'letters.jsonl') })
    this.#rounds = new Rounds({
      ...{ ...options, letters: this.#letters },
      lives: (receiver) => this.#receivers.has(receiver),
      attempt: (letter) => this.#attempt(letter),
    })
  }

  /** Takes over what the store has. @throws MizaniError STORE_UNAVAILABLE; those that are known stay then. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#read())
  }

  async #read(): Promise<void> {
    const found = new Map((await this.#options.store.read()).map((webhook) => [webhook.id, webhook]))
    for (const id of this.#receivers.keys()) {
      if (found.has(id)) continue
      this.#receivers.delete(id)
      this.#letters.forget(id)
    }
    for (const webhook of found.values()) {
      if (this.#receivers.has(webhook.id)) continue
      this.#receivers.set(webhook.id, webhook)
      void this.#rounds.work(webhook.id)
    }
  }

  /** What is read is never older than what was written here. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  list(): (Omit<Webhook, 'secret'> & { readonly waiting: number; readonly dead: readonly DeadLetter[] })[] {
    return [...this.#receivers.values()].map(({ secret: _, ...shown }) => ({
      ...shown,
      waiting: this.#letters.waiting(shown.id).length,
      dead: this.#letters.dead(shown.id),
    }))
  }

  /** The secret is in this answer and nowhere else. @throws MizaniError BAD_REQUEST, and as the store does. */
  add(url: string, route: Route, by: string): Promise<Webhook> {
    allowedUrl(url, this.#options.rules.allow)
    return this.#inTurn(async () => {
      if (this.#receivers.size >= MOST_WEBHOOKS)
        throw new MizaniError({ code: 'BAD_REQUEST', message: `There are ${MOST_WEBHOOKS} webhooks already.` })
      const secret = randomBytes(32).toString('base64url')
      const webhook = { id: randomUUID(), url, secret, severity: route.severity, regions: [...route.regions], by }
      await this.#options.store.put(webhook)
      await this.#read()
      return webhook
    })
  }

  /** @returns false when there is none of this id. @throws MizaniError as the store does. */
  remove(id: string): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#receivers.has(id)) return false
      await this.#options.store.remove(id)
      await this.#read()
      return true
    })
  }

  /** Enters a letter for each receiver that the alarm is for, and returns at once. */
  tell(change: AlarmChange, alarm: WordedAlarm): void {
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
      this.#letters.enter(webhook.id, { body, alarm: alarm.id, change })
      void this.#rounds.work(webhook.id)
    }
  }

  stop(): void {
    this.#rounds.stop()
  }

  /** The name is resolved again for each attempt, and checked again. */
  async #attempt({ receiver, body, alarm, change }: Letter): Promise<Failure | null> {
    const { rules, clock } = this.#options
    // It lives, or this would not be asked.
    const { url, secret, id } = this.#receivers.get(receiver)!
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'mizani',
      'mizani-webhook': id,
      // Equal for every attempt at one letter, so that a receiver can tell a repetition.
      'mizani-delivery': `${alarm}.${change}`,
      'mizani-signature': signatureOf(secret, Math.floor(clock.wall() / 1_000), body),
    }
    try {
      const status = await post(await targetOf(url, rules), body, headers, PATIENCE)
      return status >= 200 && status < 300 ? null : { reason: `answered ${status}` }
    } catch (error) {
      return { reason: messageOf(error) }
    }
  }
}

const iso = (at: UnixMilliseconds): string => new Date(at).toISOString()
