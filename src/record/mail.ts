// Alarms by e-mail: one message a change, in both languages, to those it is for. A mail server that is away is tried
// again twice; after that the log says so and the alarm is still on every page.

import { createTransport } from 'nodemailer'
import type { WordedAlarm } from '../model/alarm.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { AlarmChange } from './alarm-book.js'
import { smsOf } from './alarm-table.js'
import { isFor, type Route } from './webhooks.js'

const PAUSES = [0, 10_000, 120_000]

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
  readonly plane: string
  readonly clock: Clock
  readonly log: Logger
}

export interface Mail {
  /** Returns at once; resolves when all is sent or given up. */
  tell(change: AlarmChange, alarm: WordedAlarm): Promise<void>
  close(): void
}

export function createMail({ server, from, to, plane, clock, log }: MailOptions): Mail {
  const { user, password, ...place } = server
  const transport = createTransport({
    ...place,
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: 10_000,
    socketTimeout: 30_000,
  })
  return {
    async tell(change, alarm) {
      const addresses = to.filter((route) => isFor(route, alarm)).map(({ address }) => address)
      if (addresses.length === 0) return
      const message = { from, to: addresses, subject: smsOf(plane, alarm), text: wordsOf(change, alarm) }
      let reason = ''
      for (const pause of PAUSES) {
        await clock.sleep(pause)
        try {
          await transport.sendMail(message)
          return
        } catch (error) {
          reason = messageOf(error)
        }
      }
      log.warn({ alarm: alarm.id, reason }, 'an e-mail was not sent')
    },
    close: () => transport.close(),
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
