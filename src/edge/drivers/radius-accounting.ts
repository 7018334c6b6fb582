// What an access server tells of its sessions (RFC 2866): that one begins, goes on, ends. A session that begins knows
// nothing of what the one before it was told. Requests that the secret has not signed are discarded without an answer,
// as section 3 has it; all others are answered, for whoever is not answered asks again and again. But what was answered
// already, or is old by its own word, is not acted on: else a packet that was captured could be sent again for ever.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { fromSeconds, MINUTE, type Milliseconds, SECOND } from '../../model/units.js'
import type { Clock, Timer } from '../../runtime/clock.js'
import { messageOf } from '../../runtime/errors.js'
import type { Logger } from '../../runtime/log.js'
import { type AccountingRequest, decodeAccountingRequest, encodeAccountingResponse, TYPE } from './radius-packet.js'
import { wordsOf } from './radius-session.js'

/** RFC 2866, section 5.1; what is not here changes nothing. */
const EVENTS: ReadonlyMap<number, SessionTold['event']> = new Map([
  [1, 'start'],
  [3, 'interim'],
  [7, 'on'],
])

/** Requests that are remembered. */
const MOST_KNOWN = 20_000
/** Sent again it is the same: an access server gives up sooner than this. */
const REMEMBERED: Milliseconds = MINUTE
/** What an Event-Timestamp (RFC 2869, section 5.3) may be behind our clock: it may have waited to be heard. */
const OLDEST: Milliseconds = 5 * MINUTE
/** All sessions are told anew at most so often. */
const ALL_EVERY: Milliseconds = 10 * SECOND
const BOUND_AGAIN: Milliseconds = 5 * SECOND

export interface AccountingOptions {
  readonly host: string
  /** 1813 by RFC 2866. */
  readonly port: number
  /** Addresses of those who may tell; null: whoever knows the secret. */
  readonly from?: readonly string[] | null
  readonly secret: string
  readonly clock: Clock
  readonly log: Logger
}

export interface Accounting {
  /** Why nothing can be heard; null: it can. */
  readonly obstacle: string | null
  close(): Promise<void>
}

export interface SessionTold {
  /** `start` and `interim`: it is there. `on`: the access server has begun anew, and none is that was. */
  readonly event: 'start' | 'interim' | 'on'
  /** Of this session and no later one (Acct-Session-Id). */
  readonly id: string
  /** All that is said of it, as `wordsOf` has it. */
  readonly words: ReadonlySet<string>
}

export function listenForAccounting(options: AccountingOptions, told: (session: SessionTold) => void): Accounting {
  const { host, port, from: admitted = null, secret, clock, log } = options
  const news = newsOf(options, told)
  let obstacle: string | null = null
  let socket: Socket | null = null
  let timer: Timer | null = null

  function hear(bytes: Buffer, from: RemoteInfo): void {
    // Nobody can be answered there; it is where whoever invents a sender sends from.
    if (from.port === 0) return
    if (admitted !== null && !admitted.includes(from.address.replace(/^::ffff:(?=\d+\.)/, ''))) return
    const request = decodeAccountingRequest(bytes, secret)
    if (request === null) return
    socket?.send(encodeAccountingResponse(request, secret), from.port, from.address)
    news(request)
  }

  function open(): void {
    const opened = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    socket = opened
    opened.on('message', hear)
    opened.on('listening', () => {
      obstacle = null
    })
    opened.on('error', (error) => {
      obstacle = `accounting cannot be listened to at ${host} port ${port}: ${messageOf(error)}`
      log.error({ host, port, reason: messageOf(error) }, 'accounting cannot be listened to; it is tried again')
      opened.close()
      socket = null
      timer = clock.setTimer(BOUND_AGAIN, open)
    })
    opened.bind(port, host)
  }

  open()
  return {
    get obstacle() {
      return obstacle
    },
    close: () => {
      timer?.cancel()
      return new Promise((done) => (socket ? socket.close(() => done()) : done()))
    },
  }
}

/** Tells what a request says that is new. */
function newsOf(
  { clock, log }: AccountingOptions,
  told: (session: SessionTold) => void,
): (request: AccountingRequest) => void {
  /** By its authenticator, which is made of all of it: when a request was first heard. Oldest first. */
  const heard = new Map<string, Milliseconds>()
  let allAt = Number.NEGATIVE_INFINITY
  let isOldSaid = false

  function isAgain({ authenticator }: AccountingRequest, now: Milliseconds): boolean {
    for (const [other, at] of heard) {
      if (now - at <= REMEMBERED && heard.size <= MOST_KNOWN) break
      heard.delete(other)
    }
    const name = authenticator.toString('hex')
    if (heard.has(name)) return true
    heard.set(name, now)
    return false
  }

  function isOld(said: Buffer | undefined): boolean {
    if (said?.length !== 4 || clock.wall() - fromSeconds(said.readUInt32BE()) <= OLDEST) return false
    if (!isOldSaid) log.warn('accounting is more than 5 minutes old by its own word and not acted on: check the clocks')
    isOldSaid = true
    return true
  }

  return (request) => {
    const now = clock.monotonic()
    const { attributes } = request
    const shown = (type: number): Buffer | undefined => attributes.find((one) => one.type === type)?.value
    const status = shown(TYPE.acctStatusType)
    const event = status?.length === 4 ? EVENTS.get(status.readUInt32BE()) : undefined
    if (event === undefined || isAgain(request, now) || isOld(shown(TYPE.eventTimestamp))) return
    if (event === 'on') {
      if (now - allAt < ALL_EVERY) return
      allAt = now
    }
    told({ event, id: shown(TYPE.acctSessionId)?.toString('hex') ?? '', words: new Set(wordsOf(attributes)) })
  }
}
