// A line between clients and a server of the test: it can be cut (connections end, and new ones too), held (nothing
// arrives and nobody is told, as when a cable is pulled: what was under way arrives when it is released, as TCP would
// send it again), slow, narrow and lossy. It is a TCP proxy in this process; both directions are alike.

import { once } from 'node:events'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import type { Ending } from '../harness/place.js'
import type { Random } from './model/random.js'

/** What a lost segment costs: the sender's timer. TCP waits at least this long (RFC 6298). */
const RETRANSMISSION = 1_000
/** A segment, of which each may be lost. */
const SEGMENT = 1_400
/** Bytes under way in one direction before the sender is asked to wait. */
const WINDOW = 64 * 1_024

export interface Quality {
  /** One way, ms; drawn anew for each piece, which never overtake each other. */
  readonly delay?: readonly [number, number]
  readonly bytesPerSecond?: number
  /** Part of segments that have to be sent again. */
  readonly loss?: number
}

export class Line {
  readonly port: number
  /** Connections that were made, and that were refused because the line was cut. */
  accepted = 0
  refused = 0
  /** Bytes, from clients and to them. */
  carried: readonly number[] = [0, 0]
  /** Shown everything that clients send. */
  sent: (bytes: Buffer) => void = () => {}
  readonly #server: Server
  readonly #random: Random
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #target: number
  #cut = false
  #held = false
  #waiting: (() => void)[] = []
  #quality: Quality = {}
  /** When each direction has sent what it was given: all connections share the line. */
  readonly #freeAt = [0, 0]

  private constructor(server: Server, target: number, random: Random) {
    this.#server = server
    this.#target = target
    this.#random = random
    this.port = (server.address() as { port: number }).port
    server.on('connection', (client) => this.#join(client))
  }

  static async to(target: number, ending: Ending, random: Random): Promise<Line> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const line = new Line(server, target, random)
    ending.teardown(() => line.close())
    return line
  }

  /** Where new connections lead. */
  leadTo(target: number): void {
    this.#target = target
  }

  cut(): void {
    this.#cut = true
    this.#end()
  }

  hold(): void {
    this.#held = true
  }

  /** As it was made, but for its quality; connections that were cut stay cut. */
  heal(): void {
    this.#cut = false
    this.#held = false
    for (const go of this.#waiting.splice(0)) go()
  }

  set quality(quality: Quality) {
    this.#quality = quality
  }

  get open(): number {
    return this.#pairs.size
  }

  close(): void {
    this.#server.close()
    this.#end()
  }

  #end(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  #join(client: Socket): void {
    if (this.#cut) {
      this.refused++
      client.destroy()
      return
    }
    this.accepted++
    const server = dial(this.#target, '127.0.0.1')
    const pair = [client, server] as const
    this.#pairs.add(pair)
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        this.#pairs.delete(pair)
        // The other side hears of it as late as of anything else.
        const other = socket === client ? server : client
        if (this.#held) this.#waiting.push(() => other.destroy())
        else other.destroy()
      })
    }
    this.#carry(client, server, 0)
    this.#carry(server, client, 1)
  }

  #carry(from: Socket, to: Socket, direction: 0 | 1): void {
    const queue: { readonly bytes: Buffer; readonly due: number }[] = []
    let arrivedAt = 0
    let underWay = 0
    let timer: NodeJS.Timeout | null = null
    const deliver = (): void => {
      if (this.#held) return void this.#waiting.push(deliver)
      while (queue.length > 0 && queue[0]!.due <= performance.now()) {
        const { bytes } = queue.shift()!
        underWay -= bytes.length
        if (!to.destroyed) to.write(bytes)
      }
      if (underWay < WINDOW) from.resume()
      if (queue.length === 0 || timer !== null) return
      const wake = (): void => {
        timer = null
        deliver()
      }
      timer = setTimeout(wake, queue[0]!.due - performance.now())
    }
    from.on('data', (bytes: Buffer) => {
      if (direction === 0) this.sent(bytes)
      this.carried = this.carried.map((sum, way) => (way === direction ? sum + bytes.length : sum))
      underWay += bytes.length
      if (underWay >= WINDOW) from.pause()
      const { delay = [0, 0], bytesPerSecond = Number.POSITIVE_INFINITY, loss = 0 } = this.#quality
      const sent = Math.max(performance.now(), this.#freeAt[direction]!) + (bytes.length / bytesPerSecond) * 1_000
      this.#freeAt[direction] = sent
      let again = 0
      for (let k = 0; k < bytes.length; k += SEGMENT) if (this.#random.chance(loss)) again += RETRANSMISSION
      arrivedAt = Math.max(arrivedAt, sent + again + this.#random.between(...delay))
      queue.push({ bytes, due: arrivedAt })
      deliver()
    })
    from.resume()
  }
}
