// Alarms by e-mail: one notification a change and address, in both languages, to those it is for. The address is the
// receiver (delivery-queue.ts), not the server: a server that takes one address and refuses another has then said so of
// each, and one that is put off keeps nobody else waiting. An address that will never be taken is given up at once; all
// else is tried again, over restarts too: what a server says of the sender or the message it may say of every
// notification.

import { join } from 'node:path'
import type { Transporter } from 'nodemailer'
import type { WordedAlarm } from '../model/alarm.js'
import { timeInWords } from '../model/civil-time.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { printableLine } from '../runtime/printable.js'
import * as z from '../runtime/zod.js'
import type { AlarmChange } from './alarm-book.js'
import { smsOf } from './alarm-table.js'
import { DeliveryQueue, type Failure } from './delivery-queue.js'
import { type Notification, Notifications } from './notifications.js'
import { isFor, type Route } from './webhooks.js'

/** Earlier releases kept notifications for everybody in one queue of this name. */
const FORMER = 'mail'
const NOT_DELIVERED = 'an alarm was not delivered'
const UNREADABLE = 'written by another release'
const messageShape = z.object({ from: z.string(), to: z.array(z.string()), subject: z.string(), text: z.string() })
/** What is known of a failure of nodemailer; EENVELOPE is what it calls a refused sender, too. */
interface Refusal {
  readonly code?: string
  readonly command?: string
  readonly responseCode?: number
}

export interface MailOptions {
  readonly server: {
    readonly host: string
    readonly port: number
    /** TLS from the first byte; false: STARTTLS where the server offers it, and with an account nothing without. */
    readonly secure: boolean
    readonly user: string | null
    readonly password: string | null
  }
  readonly from: string
  readonly to: readonly (Route & { readonly address: string })[]
  /** Holds the notifications. */
  readonly folder: string
  readonly plane: string
  /** In whose time people are told. */
  readonly zone: () => string
  readonly clock: Clock
  readonly log: Logger
  /** Of the process: see DeliveryQueueOptions. */
  readonly ending: AbortSignal
}

export interface Mail {
  /** Enters a notification and returns at once. */
  notify(change: AlarmChange, alarm: WordedAlarm): void
  /** As DeliveryQueue. */
  settled(): Promise<void>
}

export function createMail({ server, from, to, folder, plane, zone, clock, log, ending }: MailOptions): Mail {
  const { user, password, ...place } = server
  // Loaded for the first message: most days have none.
  const opened = async (): Promise<Transporter> => {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      ...place,
      // A password goes nowhere in clear: whoever sits on the way could take STARTTLS out of what the server offers.
      ...(user !== null && { auth: { user, pass: password ?? '' }, requireTLS: true }),
      connectionTimeout: 10_000,
      socketTimeout: 30_000,
    })
  }
  let transport: Promise<Transporter> | undefined
  const notifications = new Notifications({ file: join(folder, 'mail.jsonl'), clock, log })
  const queue = new DeliveryQueue({ notifications, clock, log, ending, lives: () => true, attempt })
  const addresses = new Set(to.map(({ address }) => address))
  partFormer(notifications, addresses, log)
  for (const address of addresses) queue.deliver(address)

  async function attempt({ body }: Notification, signal: AbortSignal): Promise<Failure | null> {
    const message = messageShape.safeParse(JSON.parse(body))
    if (!message.success) return { reason: UNREADABLE, final: true }
    try {
      // It takes a signal, of which its types do not know.
      transport ??= opened()
      await (await transport).sendMail({ ...message.data, ...{ signal } })
      return null
    } catch (error) {
      const { code, command, responseCode = 0 } = error as Refusal
      return { reason: messageOf(error), final: code === 'EENVELOPE' && command === 'RCPT TO' && responseCode >= 500 }
    }
  }

  return {
    notify(change, alarm) {
      const addressees = new Set(to.filter((route) => isFor(route, alarm)).map(({ address }) => address))
      const words = { from, subject: smsOf(plane, alarm, zone()), text: wordsOf(plane, alarm, zone()) }
      for (const address of addressees) {
        notifications.enter(address, { body: JSON.stringify({ ...words, to: [address] }), alarm: alarm.id, change })
        queue.deliver(address)
      }
    },
    settled: () => queue.settled(),
  }
}

/** Notifications that an earlier release left become one for each of their addresses that is still told. */
function partFormer(notifications: Notifications, addresses: ReadonlySet<string>, log: Logger): void {
  for (const notification of [...notifications.waiting(FORMER)]) {
    const { alarm, change, body } = notification
    const message = messageShape.safeParse(JSON.parse(body))
    if (!message.success) {
      notifications.deadLetter(notification, UNREADABLE)
      log.warn({ receiver: FORMER, alarm, reason: UNREADABLE }, NOT_DELIVERED)
      continue
    }
    for (const address of new Set(message.data.to)) {
      if (addresses.has(address))
        notifications.enter(address, { body: JSON.stringify({ ...message.data, to: [address] }), alarm, change })
      else log.warn({ receiver: address, alarm, reason: 'no longer in mail.to' }, NOT_DELIVERED)
    }
    notifications.delivered(notification)
  }
}

/** Begins, in each language, with what would be sent to a telephone, so that it is true without the subject. */
function wordsOf(plane: string, alarm: WordedAlarm, zone: string): string {
  const { id, code, detail, remedy, since, cleared, acknowledged, members } = alarm
  const time = (at: number): string => timeInWords(at, zone)
  const seen = (word: string): string[] =>
    acknowledged === null ? [] : [`${word} ${acknowledged.by}, ${time(acknowledged.at)}`]
  const [begun, over] = [time(since), cleared === null ? null : time(cleared)]
  const note = acknowledged?.note ?? ''
  const lines = [
    ...[detail.en, remedy.en, `Since ${begun}${over === null ? '' : `, over ${over}`}`, ...seen('Seen by')],
    ...['', detail.sw, remedy.sw, `Tangu ${begun}${over === null ? '' : `, hadi ${over}`}`, ...seen('Imeonwa na')],
    ...(note === '' ? [] : ['', note]),
    ...['', `${members.length}: ${members.join(', ')}`, '', `${plane} ${code} ${id}`],
  ]
  // A name that was written elsewhere forges no line of ours.
  return lines.map(printableLine).join('\n')
}
