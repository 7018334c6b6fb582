// Connections that a server accepts, counted from the first packet on: before TLS, before HTTP, before any account.
//
// A connection rises twice. It begins half-open: no request has been read yet. With its first request it is a
// stranger's, and with the first request of an account it is known. Where an address, or the server, has as many as it
// may have, the oldest half-open connection makes room for the new one, then the oldest stranger's. Known connections
// never make room: whoever floods the server ends connections of their own, and gateways keep theirs.
//
// An address whose half-open connections come faster than a client may take for a request is refused, before TLS costs
// anything: all clients wait in one queue of the kernel, and its length divided by our speed is how long they wait.
//
// An address is a machine (of IPv6 its /64). A trusted proxy speaks for many and has a limit of its own.

import type { Server, Socket } from 'node:net'
import { fromSeconds, type Milliseconds } from '../model/units.js'
import { placeOf, prefixesOver } from './address.js'
import type { Clock } from './clock.js'
import type { Logger } from './log.js'

export interface ConnectionLimits {
  /** Connections of one address. */
  readonly each: number
  /** Of these, connections on which no request has been read yet. */
  readonly halfOpen: number
  /** Connections of one trusted proxy, half-open ones included. */
  readonly proxy: number
  /** Connections of all addresses. */
  readonly total: number
  /** Seconds for a TLS handshake, and for the head of a request. */
  readonly headerSeconds: number
}

/** An address is named for this long after its last connection was ended or refused. */
const NAMED_FOR: Milliseconds = 60_000
/** Addresses named at one time; a flood from more than these is no less an alarm. */
const MAX_NAMED = 100

/** How far a connection has risen. */
const HALF_OPEN = 0
const STRANGER = 1
const KNOWN = 2
type Standing = typeof HALF_OPEN | typeof STRANGER | typeof KNOWN

interface Connection {
  readonly socket: Socket
  readonly place: string
  standing: Standing
}

/** Connections by standing, each in the order in which they came to it. */
type Group = readonly [Set<Connection>, Set<Connection>, Set<Connection>]
const emptyGroup = (): Group => [new Set(), new Set(), new Set()]

interface Place {
  readonly group: Group
  /** Half-open connections that newcomers may end now, and when that was counted. */
  replaceable: number
  countedAt: Milliseconds
}

const sizeOf = (group: Group): number => group[HALF_OPEN].size + group[STRANGER].size + group[KNOWN].size

type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>
/** TLS wraps a socket in another one; both have the same two ends. */
const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Ends): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`

export interface ConnectionGuardDeps {
  readonly limits: ConnectionLimits
  /** Addresses and prefixes of proxies. */
  readonly trustProxy: readonly string[]
  readonly clock: Clock
  readonly log: Logger
}

export class ConnectionGuard {
  readonly #deps: ConnectionGuardDeps
  readonly #isProxy: (address: string) => boolean
  readonly #all = emptyGroup()
  readonly #places = new Map<string, Place>()
  readonly #byEnds = new Map<string, Connection>()
  /** Limited addresses, to when each was last limited. */
  readonly #limited = new Map<string, Milliseconds>()

  constructor(deps: ConnectionGuardDeps) {
    this.#deps = deps
    this.#isProxy = among(deps.trustProxy)
  }

  /** Stands before everything that the server does with a new connection, the TLS handshake included. */
  watch(server: Server): void {
    const accept = server.listeners('connection')
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => {
      if (this.#admit(socket)) for (const listener of accept) Reflect.apply(listener, server, [socket])
      else socket.resetAndDestroy()
    })
    server.on('request', ({ socket }: { readonly socket: Socket }) => this.#rise(socket, STRANGER))
  }

  /** An account has spoken on this connection. */
  know(socket: Socket): void {
    this.#rise(socket, KNOWN)
  }

  /** Addresses whose connections are being limited. */
  limited(): readonly string[] {
    const now = this.#deps.clock.monotonic()
    for (const [place, at] of this.#limited) if (now - at > NAMED_FOR) this.#limited.delete(place)
    return [...this.#limited.keys()]
  }

  #admit(socket: Socket): boolean {
    const { limits } = this.#deps
    const { remoteAddress } = socket
    if (remoteAddress === undefined) return false // it has ended already
    const place = placeOf(remoteAddress)
    const isProxy = this.#isProxy(remoteAddress)
    const [most, halfOpen] = isProxy ? [limits.proxy, limits.proxy] : [limits.each, limits.halfOpen]
    const known = this.#places.get(place)
    const own = known?.group ?? emptyGroup()
    const hasRoom =
      (known === undefined || own[HALF_OPEN].size < halfOpen || this.#replaceHalfOpen(known, halfOpen)) &&
      (sizeOf(own) < most || this.#makeRoom(own)) &&
      (sizeOf(this.#all) < limits.total || this.#makeRoom(this.#all))
    if (!hasRoom) {
      this.#note(place)
      return false
    }
    this.#enter({ socket, place, standing: HALF_OPEN }, halfOpen)
    return true
  }

  #enter(connection: Connection, halfOpen: number): void {
    const { socket, place } = connection
    const fresh = { group: emptyGroup(), replaceable: halfOpen, countedAt: this.#deps.clock.monotonic() }
    const own = this.#places.get(place) ?? fresh
    this.#places.set(place, own)
    own.group[HALF_OPEN].add(connection)
    this.#all[HALF_OPEN].add(connection)
    const ends = endsOf(socket)
    this.#byEnds.set(ends, connection)
    socket.once('close', () => {
      if (this.#byEnds.get(ends) === connection) this.#byEnds.delete(ends)
      this.#leave(connection)
    })
  }

  #leave(connection: Connection): void {
    const { place, standing } = connection
    const own = this.#places.get(place)?.group
    if (own?.[standing].delete(connection) !== true) return // it made room before it closed
    this.#all[standing].delete(connection)
    if (sizeOf(own) === 0) this.#places.delete(place)
  }

  #rise(socket: Socket, standing: Standing): void {
    const connection = this.#byEnds.get(endsOf(socket))
    if (connection === undefined || connection.standing >= standing) return
    const own = this.#places.get(connection.place)?.group
    if (own?.[connection.standing].delete(connection) !== true) return
    this.#all[connection.standing].delete(connection)
    connection.standing = standing
    own[standing].add(connection)
    this.#all[standing].add(connection)
  }

  /** Ends the oldest half-open connection, if it has had time to send a request. @returns whether it has. */
  #replaceHalfOpen(place: Place, halfOpen: number): boolean {
    const { clock, limits } = this.#deps
    const now = clock.monotonic()
    const regained = ((now - place.countedAt) * halfOpen) / fromSeconds(limits.headerSeconds)
    place.replaceable = Math.min(halfOpen, place.replaceable + regained)
    place.countedAt = now
    if (place.replaceable < 1) return false
    place.replaceable--
    return this.#makeRoom(place.group)
  }

  /** Ends the oldest connection that must make room. @returns whether there was one. */
  #makeRoom(group: Group): boolean {
    const [oldest] = group[HALF_OPEN].size > 0 ? group[HALF_OPEN] : group[STRANGER]
    if (oldest === undefined) return false
    this.#note(oldest.place)
    this.#leave(oldest)
    oldest.socket.destroy()
    return true
  }

  #note(place: string): void {
    const { clock, log } = this.#deps
    if (!this.#limited.has(place)) {
      if (this.limited().length >= MAX_NAMED) return
      const own = this.#places.get(place)?.group ?? emptyGroup()
      const counts = { open: sizeOf(own), halfOpen: own[HALF_OPEN].size, all: sizeOf(this.#all) }
      log.warn({ address: place, ...counts }, 'an address has too many connections: some are ended or refused')
    }
    this.#limited.set(place, clock.monotonic())
  }
}

function among(prefixes: readonly string[]): (address: string) => boolean {
  const ranges = prefixes.map((text) => (text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`))
  return (address) => {
    const over = prefixesOver(address)
    return over !== null && ranges.some((range) => over(range) >= 0)
  }
}
