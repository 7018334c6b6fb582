// What an access server tells of its sessions (RFC 2866): that one begins, goes on, ends. A session that begins knows
// nothing of what the one before it was told. Requests that the secret has not signed are discarded without an answer,
// as section 3 has it; all others are answered, for whoever is not answered asks again and again. But what was answered
// already, or is old by its own word, is not acted on: nothing else keeps a packet that somebody has captured from being
// sent again.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { fromSeconds, MINUTE, type Milliseconds, SECOND } from '../../model/units.js'
import type { Clock, Timer } from '../../runtime/clock.js'
import { messageOf } from '../../runtime/errors.js'
import type { Logger } from '../../runtime/log.js'
import { type AccountingRequest, decodeAccountingRequest, encodeAccountingResponse, TYPE } from './radius-packet.js'
import { wordsOf } from './radius-session.js'

/** RFC 2866, section 5.1. */
const STATUS = { start: 1, interim: 3, on: 7 } as const

/** Of those that an access server has, also sessions that are nothing to us; the longest unheard is forgotten. */
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

/** @param began what is known of a session that has begun; null: the access server has, and so did all of them */
export function listenForAccounting(
  options: AccountingOptions,
  began: (words: ReadonlySet<string> | null) => void,
): Accounting {
  const { host, port, from: admitted = null, secret, clock, log } = options
  const news = newsOf(options, began)
  let obstacle: string | null = null
  let socket: Socket | null = null
  let timer: Timer | null = null

  function hear(bytes: Buffer, from: RemoteInfo): void {
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

/** What a request says that is new, told to `began`. */
function newsOf(
  { clock, log }: AccountingOptions,
  began: (words: ReadonlySet<string> | null) => void,
): (request: AccountingRequest) => void {
  /** By what a session is known, less its own id: that id as it was last told. One that changed has begun unheard. */
  const lastIds = new Map<string, string>()
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
    const shown = (type: number): Buffer | undefined => request.attributes.find((one) => one.type === type)?.value
    const status = shown(TYPE.acctStatusType)
    if (status?.length !== 4 || isAgain(request, now) || isOld(shown(TYPE.eventTimestamp))) return
    const code = status.readUInt32BE()
    if (code === STATUS.on) {
      if (now - allAt < ALL_EVERY) return
      allAt = now
      return began(null)
    }
    if (code !== STATUS.start && code !== STATUS.interim) return
    const id = shown(TYPE.acctSessionId)?.toString('hex') ?? ''
    const line = [TYPE.callingStationId, TYPE.nasPortId]
    // An address may be another one in each session: it tells them apart where nothing else does.
    const apart = line.some(shown) ? line : [TYPE.framedIpAddress]
    const who = [TYPE.nasIdentifier, TYPE.nasIpAddress, TYPE.nasPort, TYPE.userName, ...apart]
      .map((type) => shown(type)?.toString('hex') ?? '')
      .join(' ')
    const before = lastIds.get(who)
    lastIds.delete(who)
    lastIds.set(who, id)
    if (lastIds.size > MOST_KNOWN) lastIds.delete(lastIds.keys().next().value!)
    if (code === STATUS.start || (before !== undefined && before !== id)) began(new Set(wordsOf(request.attributes)))
  }
}
