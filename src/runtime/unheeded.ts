// What ioredis leaves to nobody to catch, which would end the process, and to timers to end. Each was found by a
// process that ended, or a command that waited for an answer which nobody could give any more.

import type { Socket } from 'node:net'
import type { Redis } from 'ioredis'

/** What ioredis has and its types keep private. */
const [CONNECTOR, FLUSH] = ['connector', 'flushQueue'] as const

interface Connector {
  stream?: Socket | undefined
  connectToSentinel?: (...asked: readonly unknown[]) => Redis
}

export function heedTheUnheeded(redis: Redis): void {
  heedFailures(redis)
  const disconnect = redis.disconnect.bind(redis)
  Object.assign(redis, {
    disconnect: (reconnect?: boolean): void => {
      // It would be given two seconds to close once more.
      const connector = Reflect.get(redis, CONNECTOR) as Connector
      if (connector.stream?.closed) connector.stream = undefined
      disconnect(reconnect)
    },
  })
  // What was asked on a connection that is gone gets no answer, however soon there is another one.
  const flush = Reflect.get(redis, FLUSH) as (error: Error, queues: { readonly offlineQueue: boolean }) => void
  const closed = (): void => flush.call(redis, new Error('Connection is closed.'), { offlineQueue: false })
  redis.on('ready', () => redis.once('close', closed))
}

/** Of it, and of the connections that are made after it: to Sentinels, and its duplicates. */
function heedFailures(redis: Redis): void {
  const [subscribe, duplicate] = [redis.subscribe.bind(redis), redis.duplicate.bind(redis)]
  const heeded = (made: Redis): Redis => {
    heedFailures(made)
    return made
  }
  Object.assign(redis, {
    // It subscribes again by itself on a new connection, while a store may say nothing until we leave it. Whoever
    // subscribes still hears how that went.
    subscribe: (...words: string[]): Promise<unknown> => {
      const done = subscribe(...words)
      done.catch(() => {}) // whoever subscribes holds `done` itself
      return done
    },
    duplicate: (...asked: Parameters<typeof duplicate>): Redis => heeded(duplicate(...asked)),
  })
  const connector = Reflect.get(redis, CONNECTOR) as Connector
  heedEachFailure(connector)
  const toSentinel = connector.connectToSentinel?.bind(connector)
  // Who asks a Sentinel says what came of it, and who only listens comes back. ioredis would print it beside our log.
  if (toSentinel !== undefined)
    connector.connectToSentinel = (...asked) => heeded(toSentinel(...asked)).on('error', () => {})
}

/**
 * A connection over TLS may fail twice: the server takes no such certificate, and then cuts us off; we refuse the
 * server, who complains that we left it. ioredis listens for one failure, and when it is left before it was handed a
 * connection that has been made, for none.
 */
function heedEachFailure(connector: Connector): void {
  let current: Connector['stream']
  Object.defineProperty(connector, 'stream', {
    get: () => current,
    set: (made: Connector['stream']) => {
      current = made?.on('error', () => {}) // said by the listener of ioredis, where it is the first one
    },
  })
}
