// Alarms by e-mail: one message a change, in both languages, to those it is for. A mail server that is away is tried
// again like every receiver (rounds.ts), over restarts too; a message that it will never take is put aside at once.

import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { z } from 'zod'
import type { WordedAlarm } from '../model/alarm.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { AlarmChange } from './alarm-book.js'
import { smsOf } from './alarm-table.js'
import { type Letter, Letters } from './letters.js'
import { type Failure, Rounds } from './rounds.js'
import { isFor, type Route } from './webhooks.js'

/** All letters go to one server, in one queue. */
const SERVER = 'mail'
const messageShape = z.object({ from: z.string(), to: z.array(z.string()), subject: z.string(), text: z.string() })
/** What nodemailer calls a server's refusal of this very message, not of everything. */
const OWN_FAULTS = ['EENVELOPE', 'EMESSAGE']

export interface MailOptions {
  readonly server: {
    readonly host: string
    readonly port: number
    /** TLS from the first byte; false: STARTTLS where the server offers it. */
    readonly secure: boolean
    readonly user: string | null
    readonly password: string | null
  }
  readonly from: string
  readonly to: readonly (Route & { readonly address: string })[]
  /** Holds the letters. */
  readonly folder: string
  readonly plane: string
  readonly clock: Clock
  readonly log: Logger
}

export interface Mail {
  /** Enters a letter and returns at once. */
  tell(change: AlarmChange, alarm: WordedAlarm): void
  close(): void
}

export function createMail({ server, from, to, folder, plane, clock, log }: MailOptions): Mail {
  const { user, password, ...place } = server
  const transport = createTransport({
    ...place,
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: 10_000,
    socketTimeout: 30_000,
  })
  const letters = new Letters({ file: join(folder, 'mail.jsonl'), clock, log })
  const rounds = new Rounds({ letters, clock, log, lives: () => true, attempt })
  void rounds.work(SERVER)

  async function attempt({ body }: Letter): Promise<Failure | null> {
    const message = messageShape.safeParse(JSON.parse(body))
    if (!message.success) return { reason: 'written by another release', final: true }
    try {
      await transport.sendMail(message.data)
      return null
    } catch (error) {
      const { code = '', responseCode = 0 } = error as { code?: string; responseCode?: number }
      return { reason: messageOf(error), final: OWN_FAULTS.includes(code) && responseCode >= 500 }
    }
  }

  return {
    tell(change, alarm) {
      const addresses = to.filter((route) => isFor(route, alarm)).map(({ address }) => address)
      if (addresses.length === 0) return
      const message = { from, to: addresses, subject: smsOf(plane, alarm), text: wordsOf(change, alarm) }
      letters.enter(SERVER, { body: JSON.stringify(message), alarm: alarm.id, change })
      void rounds.work(SERVER)
    },
    close() {
      rounds.stop()
      transport.close()
    },
  }
}

function wordsOf(change: AlarmChange, { id, code, severity, detail, remedy, since, members }: WordedAlarm): string {
  const begun = new Date(since).toISOString()
  return [
    `${code} (${severity}), ${change}, since ${begun}`,
    ...['', detail.en, remedy.en, '', detail.sw, remedy.sw, ''],
    `${members.length}: ${members.join(', ')}`,
    '',
    id,
  ].join('\n')
}
