// Rates by Redis. Subscribe first, wait until that is confirmed, then read the snapshot: whatever is published in
// between comes through the channel, so nothing is missed. ioredis subscribes again by itself after an interruption
// and says nothing about what was lost meanwhile, so each new connection counts as an interruption.
//
// Two connections, because one that is subscribed can do nothing else. The edge's own store user may read its profile,
// snapshot and deltas, write its report, hear one channel and speak on the other.

import { LINE_TIMERS } from '../model/line.js'
import type { Milliseconds } from '../model/units.js'
import { expiryOf, readPem } from '../runtime/certificates.js'
import { connect, type Redis, storeError, suitLine, whyAway } from '../runtime/redis.js'
import { parseAddress } from '../runtime/store-address.js'
import { isRefusal, shortHash } from '../wire/bytes.js'
import { decodeProfile } from '../wire/profile-reader.js'
import { keys } from '../wire/redis-keys.js'
import { Speech, type SpeechOptions } from './speech.js'
import type { EdgeTransport, TransportListener } from './transport.js'

export interface SubscriberOptions extends SpeechOptions {
  /** Of the volatile store, with the edge's user and password in it; a function is asked again at each connection. */
  readonly url: string | (() => string)
  readonly plane: string
}

export function createSubscriber(given: SubscriberOptions): EdgeTransport {
  const { url, plane, edge, clock, log } = given
  const speech = new Speech(given)
  const key = keys(plane).edge(edge)
  // Every edge waits a time of its own before it comes back, always the same one.
  const phase = Number.parseInt(shortHash(edge).slice(0, 8), 16) / 2 ** 32
  const options = { log, clock, random: () => phase }
  let subscriber: Redis | null = null
  let reader: Redis | null = null
  /** Until the profile says what line this is it may be any. */
  let timers = LINE_TIMERS.satellite
  /** When each connection was made. */
  const readyAt = new WeakMap<Redis, Milliseconds>()
  const beSuited = (): void => {
    for (const redis of [reader, subscriber]) if (redis) suitLine(redis, timers)
  }

  function dial(role: 'edge-reader' | 'edge-subscriber'): Redis {
    const redis = connect(url, role, options)
    redis.on('ready', () => readyAt.set(redis, clock.monotonic()))
    return redis
  }

  async function read(name: string): Promise<Buffer | null> {
    if (!reader) throw new Error('the transport is not open')
    return reader.getBuffer(name).catch((error: unknown) => {
      throw storeError(error, `Reading ${name}`)
    })
  }

  function listen(connection: Redis, listener: TransportListener): void {
    connection.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => {
      const decoded = speech.hear(bytes)
      if (isRefusal(decoded)) listener.refused(decoded)
      else listener.received(decoded)
    })
    connection.on('ready', () => {
      connection.subscribe(key.down).then(
        () => listener.linked(),
        (error: unknown) => log.warn({ reason: storeError(error, 'Subscribing').message }, 'no rates will come'),
      )
    })
  }

  return {
    open(listener) {
      reader = dial('edge-reader')
      subscriber = dial('edge-subscriber')
      beSuited()
      listen(subscriber, listener)
    },
    async readSnapshot() {
      const bytes = await read(key.snap)
      return bytes && speech.hear(bytes, { lay: true })
    },
    async readProfile() {
      const bytes = await read(key.profile)
      return bytes && decodeProfile(bytes)
    },
    async sendReport(report) {
      if (!reader) throw new Error('the transport is not open')
      const bytes = speech.say(report)
      // The key for truth, the channel for speed; one write to the socket. Who was told that another agent is this
      // edge does not lie in the place of that one, which would write over it unread: it is heard as it speaks.
      const isSecond = report.refusal?.code === 'SECOND'
      const pipeline = reader.pipeline()
      if (!isSecond) pipeline.set(key.report, bytes)
      if (isSecond || timers.hurries) pipeline.publish(key.up, bytes)
      const results = await pipeline.exec()
      for (const [error] of results ?? []) if (error) throw storeError(error, 'Sending a report')
    },
    suits(line) {
      timers = LINE_TIMERS[line]
      beSuited()
    },
    reconnect() {
      const made = clock.monotonic() - timers.silence
      // One that has just been made is given the time that its line may take.
      for (const redis of [reader, subscriber])
        if (redis?.status === 'ready' && readyAt.get(redis)! < made) redis.disconnect(true)
    },
    whyAway() {
      for (const redis of [subscriber, reader]) {
        const away = redis && whyAway(redis, clock.wall())
        if (away) return away
      }
      return null
    },
    ownCertificate() {
      const file = parseAddress(typeof url === 'string' ? url : url()).tls?.certificate ?? null
      const end = file === null ? null : expiryOf(readPem('certificate', file))
      return file === null || end === null ? null : { file, end }
    },
    async close() {
      subscriber?.disconnect()
      reader?.disconnect()
    },
  }
}
