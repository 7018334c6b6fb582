// What an access server tells of its sessions (RFC 2866): that one begins, goes on, ends. A session that begins knows
// nothing of what the one before it was told. Requests that the secret has not signed are discarded without an answer,
// as section 3 has it; all others are answered, for whoever is not answered asks again and again.

import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { messageOf } from '../../runtime/errors.js'
import type { Logger } from '../../runtime/log.js'
import { decodeAccountingRequest, encodeAccountingResponse, TYPE } from './radius-packet.js'
import { wordsOf } from './radius-session.js'

/** RFC 2866, section 5.1; what is not here changes nothing. */
const EVENTS: ReadonlyMap<number, SessionTold['event']> = new Map([
  [1, 'start'],
  [3, 'interim'],
  [7, 'on'],
])

export interface AccountingOptions {
  readonly host: string
  /** 1813 by RFC 2866. */
  readonly port: number
  readonly secret: string
  readonly log: Logger
}

export interface Accounting {
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

export function listenForAccounting(
  { host, port, secret, log }: AccountingOptions,
  told: (session: SessionTold) => void,
): Accounting {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  socket.on('message', (bytes, from) => {
    const request = decodeAccountingRequest(bytes, secret)
    if (request === null) return
    socket.send(encodeAccountingResponse(request, secret), from.port, from.address)
    const { attributes } = request
    const shown = (type: number): string => attributes.find((one) => one.type === type)?.value.toString('hex') ?? ''
    const event = EVENTS.get(Number.parseInt(shown(TYPE.acctStatusType), 16))
    if (event !== undefined) told({ event, id: shown(TYPE.acctSessionId), words: new Set(wordsOf(attributes)) })
  })
  socket.on('error', (error) => log.error({ host, port, reason: messageOf(error) }, 'accounting cannot be listened to'))
  socket.bind(port, host)
  return { close: () => new Promise((done) => socket.close(() => done())) }
}
