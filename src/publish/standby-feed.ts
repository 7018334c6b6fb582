// What leaders grant, for a controller that does not lead, or that begins to: what the store holds of it, and what was
// heard on the channels that edges subscribe to, where the store has lost it (standby-log.ts). Whoever publishes
// listens to none of them.

import type { Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import { MAX_DELTAS_KEPT } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { type Redis, storeError } from '../runtime/redis.js'
import { decodeRates } from '../wire/codec.js'
import type { MacsOf } from '../wire/mac.js'
import type { RateMessage } from '../wire/messages.js'
import type { PlaneKeys } from '../wire/redis-keys.js'
import type { Freshness } from './freshness.js'
import { createJudge, readValues } from './reading.js'
import { type EdgeLog, StandbyLog } from './standby-log.js'

/** The store answers within milliseconds; a standby that waited longer for its subscription would be late to lead. */
const HEARS_WITHIN: Milliseconds = 250

/** By edge; null: what stands there cannot be read here, for a newer release has written it or it is damaged. */
export type Snapshots = ReadonlyMap<string, RateMessage | null>

export interface StandbyFeed {
  /** What each edge was granted last, under whichever leader. One of which the store holds nothing is left out. */
  readSnapshots(edges: readonly string[]): Promise<Snapshots>
  /**
   * Contents that the store still holds for an edge, oldest first, without a gap up to now; `whole`: that is all there
   * was since it last held nothing. What came before one that cannot be read is left out with it.
   */
  readContents(edge: string): Promise<{ readonly contents: readonly RateMessage[]; readonly whole: boolean }>
  /**
   * As readSnapshots for a standby, who from now on also hears what each edge is granted, until it leaves.
   * `applied`: what an edge says it has; nothing before that is kept.
   */
  watch(applied: ReadonlyMap<string, Serial | null>): Promise<Snapshots>
  /** What an edge was granted as we watched. */
  logOf(edge: string): EdgeLog
  /** Hears no more, and forgets what was heard. */
  leave(): void
}

/** What the store holds of what edges were granted. */
export function grantReader(redis: Redis, keys: PlaneKeys, log: Logger, macsOf: MacsOf) {
  const judge = createJudge(log, 'what an edge was told cannot be read here')
  const contentOf = (edge: string, bytes: Buffer) => judge(edge, decodeRates(bytes, { edge, macs: macsOf(edge) }))
  return {
    contentOf,
    async readSnapshots(edges: readonly string[]): Promise<Snapshots> {
      const found = await readValues(redis, edges, keys.snap)
      return new Map([...found].map(([edge, bytes]) => [edge, contentOf(edge, bytes)]))
    },
    async readContents(edge: string) {
      const key = keys.delta(edge)
      const entries = await redis.xrangeBuffer(key, '-', '+').catch((error: unknown) => {
        throw storeError(error, `Reading ${key}`)
      })
      const all = entries.map(([, fields]) => contentOf(edge, fields[1]!))
      const contents = all.slice(all.lastIndexOf(null) + 1).filter((message) => message !== null)
      return { contents, whole: entries.length < MAX_DELTAS_KEPT && contents.length === entries.length }
    },
  }
}

export function standbyFeed(
  redis: Redis,
  subscriber: Redis,
  keys: PlaneKeys,
  clock: Clock,
  log: Logger,
  macsOf: MacsOf,
  freshness: Pick<Freshness, 'follow'>,
): StandbyFeed {
  const heard = new StandbyLog()
  const channels = openDownChannels(subscriber, keys, clock, log)
  const { contentOf, readSnapshots, readContents } = grantReader(redis, keys, log, macsOf)
  subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
    const edge = channels.edgeOf(channel.toString())
    if (edge === undefined) return
    const content = contentOf(edge, message)
    if (content !== null) freshness.follow(content)
    heard.hear(edge, content)
  })
  subscriber.on('close', () => heard.noteGap())

  const listenTo = (edges: readonly string[]): void => {
    for (const edge of channels.turnTo(edges)) heard.forget(edge)
  }

  return {
    readSnapshots,
    readContents,
    async watch(applied) {
      const edges = [...applied.keys()]
      listenTo(edges)
      heard.open(await channels.opened(), clock.monotonic())
      const snapshots = await readSnapshots(edges)
      for (const [edge, serial] of applied) heard.read(edge, snapshots.get(edge), serial)
      return snapshots
    },
    logOf: (edge) => heard.of(edge, clock.monotonic()),
    leave: () => listenTo([]),
  }
}

/** An edge is heard once the store has said so, until the connection closes: the next may lead elsewhere. */
function openDownChannels(subscriber: Redis, { down }: PlaneKeys, clock: Clock, log: Logger) {
  /** Channel to its edge: what we listen to. */
  let edges: ReadonlyMap<string, string> = new Map()
  /** Of these, what this connection is subscribed to by the word of the store. */
  const open = new Set<string>()
  let opening: Promise<void> | null = null
  const complain = (error: unknown) => log.warn({ reason: messageOf(error) }, 'cannot listen to edges')
  subscriber.on('close', () => {
    open.clear()
    opening = null
  })
  return { edgeOf: (channel: string) => edges.get(channel), turnTo, opened }

  /** These are to be heard and no others; returns the edges that are left. */
  function turnTo(wishes: readonly string[]): string[] {
    const wanted = new Map(wishes.map((edge) => [down(edge), edge]))
    const gone = [...edges].filter(([channel]) => !wanted.has(channel))
    edges = wanted
    if (gone.length === 0) return []
    for (const [channel] of gone) open.delete(channel)
    // What is being opened may be what we leave.
    opening = null
    subscriber.unsubscribe(...gone.map(([channel]) => channel)).catch(complain)
    return gone.map(([, edge]) => edge)
  }

  /** The edges that are heard, once the store has said so of all, or after as long as that should take. */
  async function opened(): Promise<string[]> {
    const closed = [...edges.keys()].filter((channel) => !open.has(channel))
    // One that is being connected would keep each of our wishes until then.
    if (closed.length > 0 && subscriber.status === 'ready') {
      opening ??= subscribe(closed)
      const patience = new AbortController()
      await Promise.race([opening, clock.sleep(HEARS_WITHIN, patience.signal)])
      patience.abort()
    }
    return [...edges].flatMap(([channel, edge]) => (open.has(channel) ? [edge] : []))
  }

  function subscribe(channels: readonly string[]): Promise<void> {
    const mine = subscriber
      .subscribe(...channels)
      .then(() => {
        if (opening === mine) for (const channel of channels) open.add(channel)
      })
      .catch(complain)
      .finally(() => {
        if (opening === mine) opening = null
      })
    return mine
  }
}
