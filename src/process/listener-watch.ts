// The connection on which a controller hears edges, watched: whoever says more on it than a report may be is named, and
// should the store cut it off, because more is waiting for us than it will hold, that is noticed at once and not taken
// for a quiet second. Rates go on meanwhile: each tick reads the reports too.

import type { Bytes, Milliseconds } from '../model/units.js'
import type { Finding } from '../record/findings.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { MAX_MESSAGE_BYTES, MAX_TICK } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import type { Redis } from '../runtime/redis.js'
import { keys } from '../wire/redis-keys.js'

/** What is said is counted over so long. */
const WINDOW: Milliseconds = 1_000
/** Long enough for the slowest tick to look. */
const SHOWN: Milliseconds = MAX_TICK + 2 * WINDOW

export interface ListenerWatchDeps {
  /** The two connections of a controller to the volatile store: one that asks, one that hears. */
  readonly redis: Redis
  readonly subscriber: Redis
  readonly plane: string
  readonly clock: Clock
  readonly log: Logger
}

export interface ListenerWatch extends Timer {
  findings(): Finding[]
}

export function watchListener({ redis, subscriber, plane, clock, log }: ListenerWatchDeps): ListenerWatch {
  const [before = '', behind = ''] = keys(plane).up('*').split('*')
  const heard = new Map<string, Bytes>()
  /** Who was too loud, to when it was last seen. */
  const loud = new Map<string, Milliseconds>()
  /** By the store's count; and a window ago, for the newest count may know of a cut before we do. */
  let cuts = Number.POSITIVE_INFINITY
  let earlier = cuts
  let isOpen = subscriber.status === 'ready'
  let timer = clock.setTimer(WINDOW, turn)
  subscriber.on('ready', opened)
  subscriber.on('messageBuffer', hear)
  subscriber.on('close', closed)
  void countCuts()
  return {
    findings: () =>
      [...loud.keys()].map((subject) => ({ code: 'EDGE_FLOODING', subject, cause: subject, region: null })),
    cancel() {
      timer.cancel()
      subscriber.off('ready', opened)
      subscriber.off('messageBuffer', hear)
      subscriber.off('close', closed)
    },
  }

  function turn(): void {
    heard.clear()
    for (const [who, at] of loud) if (clock.monotonic() - at > SHOWN) loud.delete(who)
    earlier = cuts
    void countCuts()
    timer = clock.setTimer(WINDOW, turn)
  }

  function note(who: string, what: object): void {
    if (!loud.has(who)) log.warn({ who, ...what }, 'too much is said to the controller')
    loud.set(who, clock.monotonic())
  }

  function hear(channel: Buffer, message: Buffer): void {
    const name = channel.toString()
    if (!name.startsWith(before) || !name.endsWith(behind)) return
    const bytes = (heard.get(name) ?? 0) + message.length
    heard.set(name, bytes)
    if (bytes > MAX_MESSAGE_BYTES) note(name.slice(before.length, -behind.length), { bytes })
  }

  function opened(): void {
    isOpen = true
  }

  function closed(): void {
    if (!isOpen) return
    isOpen = false
    log.warn('the connection on which edges are heard has ended; their reports are read each tick')
    const known = Math.min(earlier, cuts)
    void countCuts().then((now) => {
      // Whoever shouts so much was heard before that, but for one message larger than the store will hold.
      const isKnown = [...heard.values()].some((bytes) => bytes > MAX_MESSAGE_BYTES)
      if (now > known && !isKnown) note('rates store (it cut the controller off)', {})
    })
  }

  async function countCuts(): Promise<number> {
    cuts = (await cutsOf(redis)) ?? cuts
    return cuts
  }
}

/** Connections that a store has cut off because too much waited for them; null: it does not answer. */
async function cutsOf(redis: Redis): Promise<number | null> {
  const stats = await redis.info('stats').catch(() => '') // a store that is away is found by others
  const found = /^client_output_buffer_limit_disconnections:(\d+)/m.exec(stats)?.[1]
  return found === undefined ? null : Number(found)
}
