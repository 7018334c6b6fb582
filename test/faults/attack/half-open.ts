// An attacker with one address, in a process of its own: it wants to hold so many half-open connections, and opens
// another one for each that the server ends. It asks for the last place in the queue for the processor.

import { connect, type Socket } from 'node:net'
import { setPriority } from 'node:os'
import { connect as connectTls } from 'node:tls'
import { Random } from '../model/random.js'

export interface HalfOpenOrder {
  readonly port: number
  /** The attacker's own address. */
  readonly from: string
  /** Connections that it wants to hold. */
  readonly wanted: number
  readonly seed: number
}

/** Counts since the beginning; `open` is of this moment. */
export interface HalfOpenCounts {
  readonly opened: number
  /** Ended by the server after they were opened. */
  readonly ended: number
  /** Never opened: refused, or no answer in time. */
  readonly refused: number
  readonly open: number
  readonly mostOpen: number
  /** CPU seconds of the attacker. */
  readonly cpu: number
}

/** What a connection says: nothing, a part of a TLS handshake, or a head of a request that never ends. */
const KINDS = ['silent', 'silent', 'silent', 'silent', 'silent', 'hello', 'hello', 'hello', 'head', 'head'] as const
/** Connections that are being opened at one time. */
const MAX_CONNECTING = 256
const CONNECT_TIMEOUT = 5_000
const FILL = 5
const DRIP = 1_000
const COUNT = 500
const BEGUN_HANDSHAKE = Buffer.from([22, 3, 1, 2, 0])

function attack({ port, from, wanted, seed }: HalfOpenOrder): void {
  setPriority(19)
  const random = new Random(seed)
  const open = new Set<Socket>()
  const heads = new Set<Socket>()
  let [connecting, opened, ended, refused, mostOpen] = [0, 0, 0, 0, 0]

  const begin = (): void => {
    connecting++
    let isOpen = false
    const kind = random.pick(KINDS)
    const socket = connect({ host: '127.0.0.1', port, localAddress: from })
    const late = setTimeout(() => socket.destroy(), CONNECT_TIMEOUT)
    socket
      .on('error', () => undefined)
      .once('connect', () => {
        clearTimeout(late)
        isOpen = true
        connecting--
        opened++
        open.add(socket)
        mostOpen = Math.max(mostOpen, open.size)
        if (kind === 'head') beginHead(socket)
        else socket.resume()
        if (kind === 'hello') socket.write(BEGUN_HANDSHAKE)
      })
    socket.once('close', () => {
      clearTimeout(late)
      open.delete(socket)
      if (isOpen) ended++
      else {
        connecting--
        refused++
      }
    })
  }

  const beginHead = (socket: Socket): void => {
    const secured = connectTls({ socket, rejectUnauthorized: false })
    secured.on('error', () => undefined).resume()
    secured.once('close', () => {
      heads.delete(secured)
      socket.destroy()
    })
    secured.once('secureConnect', () => {
      heads.add(secured)
      secured.write('GET /v1/status HTTP/1.1\r\nHost: x\r\n')
    })
  }

  setInterval(() => {
    while (connecting < MAX_CONNECTING && open.size + connecting < wanted) begin()
  }, FILL)
  setInterval(() => {
    for (const head of heads) if (head.writable) head.write('x-a: b\r\n')
  }, DRIP)
  setInterval(() => {
    const { user, system } = process.cpuUsage()
    const counts: HalfOpenCounts = { opened, ended, refused, open: open.size, mostOpen, cpu: (user + system) / 1e6 }
    process.send!(counts)
  }, COUNT)
}

process.on('message', (order: HalfOpenOrder) => attack(order))
// The process that forked this one is gone.
process.on('disconnect', () => process.exit(0))
