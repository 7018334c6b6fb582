// Webhooks: each change of an alarm is posted, signed, to whoever wants to know. A receiver that fails is tried again
// with longer and longer pauses, then the letter is put aside and listed. Each receiver has its own queue, so that a
// slow one delays nobody, and nothing here is ever waited for by a tick.
//
// Signature (header mizani-signature): t=UNIX SECONDS,v1=HEX of HMAC-SHA256(secret, "t.body"). A receiver checks both
// the sum and that t is recent.

import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { SEVERITIES, type Severity, type WordedAlarm } from '../model/alarm.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { AlarmChange } from './alarm-book.js'
import { smsOf } from './alarm-table.js'
import { allowedUrl, type DialRules, post, targetOf } from './dial.js'
import { writeWhole } from './parquet-file.js'

const PATIENCE: Milliseconds = 10_000
/** After these pauses the letter is dead: it has been tried for most of a day. */
export const PAUSES: readonly Milliseconds[] = [
  1_000,
  10_000,
  60_000,
  600_000,
  3_600_000,
  6 * 3_600_000,
  12 * 3_600_000,
]
const MOST_WAITING = 1_000
const MOST_DEAD = 100
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

const webhookShape = z.object({
  id: z.string(),
  url: z.string(),
  secret: z.string(),
  severity: z.enum(SEVERITIES),
  regions: z.array(z.string()),
  by: z.string(),
})
export type Webhook = z.infer<typeof webhookShape>

export interface DeadLetter {
  readonly at: UnixMilliseconds
  readonly alarm: string
  readonly change: AlarmChange
  readonly reason: string
}

interface Receiver {
  readonly webhook: Webhook
  readonly waiting: { readonly body: string; readonly alarm: string; readonly change: AlarmChange }[]
  readonly dead: DeadLetter[]
  busy: boolean
}

export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`

export interface WebhooksOptions {
  /** Holds secrets: mode 0600. */
  readonly file: string
  readonly plane: string
  readonly rules: DialRules
  readonly clock: Clock
  readonly log: Logger
}

export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #receivers = new Map<string, Receiver>()
  #stopped = false

  constructor(options: WebhooksOptions) {
    this.#options = options
    const text = existsSync(options.file) ? readFileSync(options.file, 'utf8') : '[]'
    for (const webhook of z.array(webhookShape).parse(JSON.parse(text))) this.#add(webhook)
  }

  list(): (Omit<Webhook, 'secret'> & { readonly waiting: number; readonly dead: readonly DeadLetter[] })[] {
    return [...this.#receivers.values()].map(({ webhook: { secret: _, ...shown }, waiting, dead }) => ({
      ...shown,
      waiting: waiting.length,
      dead: [...dead],
    }))
  }

  /** The secret is in this answer and nowhere else. @throws MizaniError BAD_REQUEST. */
  add(url: string, route: Route, by: string): Webhook {
    allowedUrl(url, this.#options.rules.allow)
    if (this.#receivers.size >= MOST_WEBHOOKS)
      throw new MizaniError({ code: 'BAD_REQUEST', message: `There are ${MOST_WEBHOOKS} webhooks already.` })
    const secret = randomBytes(32).toString('base64url')
    const webhook = { id: randomUUID(), url, secret, severity: route.severity, regions: [...route.regions], by }
    this.#add(webhook)
    this.#save()
    return webhook
  }

  /** @returns false when there is none of this id. */
  remove(id: string): boolean {
    const known = this.#receivers.delete(id)
    if (known) this.#save()
    return known
  }

  /** Enters a letter for each receiver that the alarm is for, and returns at once. */
  tell(change: AlarmChange, alarm: WordedAlarm): void {
    const { plane } = this.#options
    const { since, cleared, acknowledged, ...rest } = alarm
    const body = JSON.stringify({
      ...{ plane, change, alarm: { ...rest, since: iso(since), cleared: cleared === null ? null : iso(cleared) } },
      acknowledgedBy: acknowledged?.by ?? null,
      text: smsOf(plane, alarm),
    })
    for (const receiver of this.#receivers.values()) {
      if (!isFor(receiver.webhook, alarm)) continue
      receiver.waiting.push({ body, alarm: alarm.id, change })
      if (receiver.waiting.length > MOST_WAITING) this.#bury(receiver, 'too many were waiting')
      void this.#work(receiver)
    }
  }

  stop(): void {
    this.#stopped = true
  }

  async #work(receiver: Receiver): Promise<void> {
    if (receiver.busy) return
    receiver.busy = true
    while (receiver.waiting.length > 0 && this.#lives(receiver)) {
      let reason: string | null = null
      for (const pause of [0, ...PAUSES]) {
        if (pause > 0) await this.#options.clock.sleep(pause)
        if (!this.#lives(receiver)) return
        reason = await this.#attempt(receiver)
        if (reason === null) break
      }
      if (reason === null) receiver.waiting.shift()
      else this.#bury(receiver, reason)
    }
    receiver.busy = false
  }

  #lives({ webhook }: Receiver): boolean {
    return !this.#stopped && this.#receivers.has(webhook.id)
  }

  /** @returns why it failed; null: it is delivered. The name is resolved again for each attempt, and checked again. */
  async #attempt({ webhook: { url, secret, id }, waiting }: Receiver): Promise<string | null> {
    const { rules, clock } = this.#options
    const { body, alarm, change } = waiting[0]!
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
      return status >= 200 && status < 300 ? null : `answered ${status}`
    } catch (error) {
      return messageOf(error)
    }
  }

  #bury({ webhook, waiting, dead }: Receiver, reason: string): void {
    const letter = waiting.shift()
    if (letter === undefined) return
    dead.push({ at: this.#options.clock.wall(), alarm: letter.alarm, change: letter.change, reason })
    if (dead.length > MOST_DEAD) dead.shift()
    this.#options.log.warn({ webhook: webhook.id, alarm: letter.alarm, reason }, 'a webhook was not delivered')
  }

  #add(webhook: Webhook): void {
    this.#receivers.set(webhook.id, { webhook, waiting: [], dead: [], busy: false })
  }

  #save(): void {
    const kept = [...this.#receivers.values()].map(({ webhook }) => webhook)
    writeWhole(this.#options.file, Buffer.from(`${JSON.stringify(kept, null, 2)}\n`))
  }
}

const iso = (at: UnixMilliseconds): string => new Date(at).toISOString()
