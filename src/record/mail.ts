// Alarms by e-mail: one letter a change and address, in both languages, to those it is for. The address is the receiver
// (rounds.ts), not the server: a server that takes one address and refuses another has then said so of each, and one
// that is put off keeps nobody else waiting. An address that will never be taken is given up at once; all else is tried
// again, over restarts too: what a server says of the sender or the message it may say of every letter.

import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { z } from 'zod'
import type { WordedAlarm } from '../model/alarm.js'
import { timeInWords } from '../model/civil-time.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { AlarmChange } from './alarm-book.js'
import { smsOf } from './alarm-table.js'
import { type Letter, Letters } from './letters.js'
import { type Failure, Rounds } from './rounds.js'
import { isFor, type Route } from './webhooks.js'

/** Earlier releases kept letters for everybody in one queue of this name. */
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
  /** In whose time people are told. */
  readonly zone: () => string
  readonly clock: Clock
  readonly log: Logger
  /** Of the process: see RoundsOptions. */
  readonly ending: AbortSignal
}

export interface Mail {
  /** Enters a letter and returns at once. */
  tell(change: AlarmChange, alarm: WordedAlarm): void
  /** As Rounds. */
  settled(): Promise<void>
}

export function createMail({ server, from, to, folder, plane, zone, clock, log, ending }: MailOptions): Mail {
  const { user, password, ...place } = server
  const transport = createTransport({
    ...place,
    ...(user !== null && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: 10_000,
    socketTimeout: 30_000,
  })
  const letters = new Letters({ file: join(folder, 'mail.jsonl'), clock, log })
  const rounds = new Rounds({ letters, clock, log, ending, lives: () => true, attempt })
  const addresses = new Set(to.map(({ address }) => address))
  partFormer(letters, addresses, log)
  for (const address of addresses) rounds.work(address)

  async function attempt({ body }: Letter, signal: AbortSignal): Promise<Failure | null> {
    const message = messageShape.safeParse(JSON.parse(body))
    if (!message.success) return { reason: UNREADABLE, final: true }
    try {
      // It takes a signal, of which its types do not know.
      await transport.sendMail({ ...message.data, ...{ signal } })
      return null
    } catch (error) {
      const { code, command, responseCode = 0 } = error as Refusal
      return { reason: messageOf(error), final: code === 'EENVELOPE' && command === 'RCPT TO' && responseCode >= 500 }
    }
  }

  return {
    tell(change, alarm) {
      const told = new Set(to.filter((route) => isFor(route, alarm)).map(({ address }) => address))
      const words = { from, subject: smsOf(plane, alarm, zone()), text: wordsOf(plane, alarm, zone()) }
      for (const address of told) {
        letters.enter(address, { body: JSON.stringify({ ...words, to: [address] }), alarm: alarm.id, change })
        rounds.work(address)
      }
    },
    settled: () => rounds.settled(),
  }
}

/** Letters that an earlier release left become one for each of their addresses that is still told. */
function partFormer(letters: Letters, addresses: ReadonlySet<string>, log: Logger): void {
  for (const letter of [...letters.waiting(FORMER)]) {
    const { alarm, change, body } = letter
    const message = messageShape.safeParse(JSON.parse(body))
    if (!message.success) {
      letters.bury(letter, UNREADABLE)
      log.warn({ receiver: FORMER, alarm, reason: UNREADABLE }, NOT_DELIVERED)
      continue
    }
    for (const address of new Set(message.data.to)) {
      if (addresses.has(address))
        letters.enter(address, { body: JSON.stringify({ ...message.data, to: [address] }), alarm, change })
      else log.warn({ receiver: address, alarm, reason: 'no longer in mail.to' }, NOT_DELIVERED)
    }
    letters.delivered(letter)
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
  return [
    ...[detail.en, remedy.en, `Since ${begun}${over === null ? '' : `, over ${over}`}`, ...seen('Seen by')],
    ...['', detail.sw, remedy.sw, `Tangu ${begun}${over === null ? '' : `, hadi ${over}`}`, ...seen('Imeonwa na')],
    ...(note === '' ? [] : ['', note]),
    ...['', `${members.length}: ${members.join(', ')}`, '', `${plane} ${code} ${id}`],
  ].join('\n')
}
