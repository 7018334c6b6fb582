// What an access server tells of its sessions (RFC 2866): that one begins, goes on, ends. A session that begins knows
// nothing of what the one before it was told. Requests that the secret has not signed are discarded without an answer,
// as section 3 has it; all others are answered, for whoever is not answered asks again and again.

import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { messageOf } from '../../runtime/errors.js'
import type { Logger } from '../../runtime/log.js'
import { decodeAccountingRequest, encodeAccountingResponse, TYPE } from './radius-packet.js'
import { wordsOf } from './radius-session.js'

/** RFC 2866, section 5.1. */
const STATUS = { start: 1, interim: 3, on: 7 } as const

/** Of those that an access server has, also sessions that are nothing to us; the longest unheard is forgotten. */
const MOST_KNOWN = 20_000

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

/** @param began what is known of a session that has begun; null: the access server has, and so did all of them */
export function listenForAccounting(
  { host, port, secret, log }: AccountingOptions,
  began: (words: ReadonlySet<string> | null) => void,
): Accounting {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  /** By what a session is known, less its own id: that id as it was last told. One that changed has begun unheard. */
  const lastIds = new Map<string, string>()

  socket.on('message', (bytes, from) => {
    const request = decodeAccountingRequest(bytes, secret)
    if (request === null) return
    socket.send(encodeAccountingResponse(request, secret), from.port, from.address)
    const shown = (type: number): Buffer | undefined => request.attributes.find((one) => one.type === type)?.value
    const status = shown(TYPE.acctStatusType)
    if (status?.length !== 4) return
    const code = status.readUInt32BE()
    if (code === STATUS.on) return began(null)
    if (code !== STATUS.start && code !== STATUS.interim) return
    const id = shown(TYPE.acctSessionId)?.toString('hex') ?? ''
    const who = [TYPE.nasIdentifier, TYPE.nasIpAddress, TYPE.nasPort, TYPE.nasPortId, TYPE.userName]
      .map((type) => shown(type)?.toString('hex') ?? '')
      .join(' ')
    const before = lastIds.get(who)
    lastIds.delete(who)
    lastIds.set(who, id)
    if (lastIds.size > MOST_KNOWN) lastIds.delete(lastIds.keys().next().value!)
    if (code === STATUS.start || (before !== undefined && before !== id)) began(new Set(wordsOf(request.attributes)))
  })
  socket.on('error', (error) => log.error({ host, port, reason: messageOf(error) }, 'accounting cannot be listened to'))
  socket.bind(port, host)
  return { close: () => new Promise((done) => socket.close(() => done())) }
}
