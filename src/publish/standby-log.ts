// What a standby heard the leader grant to edges, so that it knows what they may hold even where the store has lost it,
// the leader's last second included. A standby subscribes to the channels that edges subscribe to, and logs what each
// was granted since what it says it has applied, a delta as the whole that comes of it.
//
// Nothing is missing between the contents of a log: the first was read from the store while the feed was open, or heard
// whole, and from then on every one was heard. What does not fit means that something was missed, and then the log is
// unknown until the store is read again or the leader publishes all anew. Where the feed was closed since, the log has
// a gap at its end: what was heard was granted, and perhaps more.
//
// A content stands as long as in the store (contentLife): then its edge is at its safe rates, and what it was granted
// would be a rise. A standby that stood still hears late, so a message is taken to be as old as our last look at the
// store.

import { compareSerial, recordsAfter, type Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { RateMessage } from '../wire/messages.js'
import { contentLife } from './edge-lease.js'

/** Contents of one edge that is not heard of; with the oldest, what is known is no longer all it may hold. */
const CONTENTS_KEPT = 16

export interface EdgeFeed {
  /** Whole contents, oldest first. */
  readonly contents: readonly RateMessage[]
  /** Whether it was open, and all that came fitted, since the reading of the store that is under way began. */
  readonly isOpen: boolean
  /** Whether it was closed since the last content: what was published meanwhile is not known. */
  readonly hasGap: boolean
  /** The edge was granted the last content, or its renewal, no earlier than this. */
  readonly grantedAfter: Milliseconds
}

/** What the leader granted an edge, whole, oldest first; none: unknown. `hasGap`: it may have granted more since. */
export interface EdgeLog {
  readonly contents: readonly RateMessage[]
  readonly hasGap: boolean
}

const NEVER = Number.NEGATIVE_INFINITY

const UNKNOWN: EdgeFeed = { contents: [], isOpen: false, hasGap: true, grantedAfter: NEVER }

/** All that a log holds at one moment. */
export interface LogState {
  readonly feeds: ReadonlyMap<string, EdgeFeed>
  /** When the last reading of the store began. */
  readonly openedAt: Milliseconds
}

export class StandbyLog {
  readonly #feeds: Map<string, EdgeFeed>
  #openedAt: Milliseconds

  /** @param from what another log held, from which this one goes on */
  constructor({ feeds, openedAt }: LogState = { feeds: new Map(), openedAt: NEVER }) {
    this.#feeds = new Map(feeds)
    this.#openedAt = openedAt
  }

  get state(): LogState {
    return { feeds: new Map(this.#feeds), openedAt: this.#openedAt }
  }

  of(edge: string, now: Milliseconds): EdgeLog {
    const { contents, hasGap, grantedAfter } = this.#feeds.get(edge) ?? UNKNOWN
    const last = contents.at(-1)
    return last && now - grantedAfter < contentLife(last.lease) ? { contents, hasGap } : UNKNOWN
  }

  /** A reading of the store begins, while these edges are listened to. */
  open(edges: readonly string[], now: Milliseconds): void {
    for (const edge of edges) {
      const feed = this.#feeds.get(edge) ?? UNKNOWN
      this.#feeds.set(edge, { ...feed, isOpen: true })
    }
    this.#openedAt = now
  }

  /** The reading ends: `snapshot` is what the store holds (null: unreadable, undefined: nothing). */
  read(edge: string, snapshot: RateMessage | null | undefined, applied: Serial | null): void {
    const feed = this.#feeds.get(edge)
    if (!feed) return
    const last = feed.contents.at(-1)
    const isBehind = snapshot && !(last && compareSerial(last, snapshot) >= 0)
    const isLast = feed.isOpen && snapshot && last && compareSerial(last, snapshot) === 0
    const read: EdgeFeed =
      snapshot === null || (isBehind && !feed.isOpen)
        ? { ...feed, contents: [] }
        : isBehind
          ? { ...feed, contents: [snapshot], hasGap: false, grantedAfter: NEVER }
          : { ...feed, hasGap: feed.hasGap && !isLast }
    this.#feeds.set(edge, { ...read, isOpen: false, contents: sinceApplied(read.contents, applied) })
  }

  /** Something came through the channel of this edge; null: it cannot be read here. */
  hear(edge: string, message: RateMessage | null): void {
    const feed = this.#feeds.get(edge)
    if (!feed) return
    const last = feed.contents.at(-1)
    if (message && last && compareSerial(message, last) <= 0) return
    // One that fits nothing tells an edge of which nothing is known where to find its profile.
    if (message?.kind === 'heartbeat' && (!last || message.baseSeq === 0)) return
    const renews = message?.kind === 'heartbeat' && buildsOn(message, last!)
    const content = renews ? last! : message && wholeOf(message, feed.hasGap ? undefined : last)
    if (!content) {
      this.#feeds.set(edge, { ...feed, contents: [], isOpen: false })
      return
    }
    const contents = renews ? feed.contents : [...(feed.hasGap ? [] : feed.contents), content].slice(-CONTENTS_KEPT)
    this.#feeds.set(edge, { ...feed, contents, hasGap: false, grantedAfter: this.#openedAt })
  }

  /** The connection was lost: what is logged stays so until something may have been published that nobody heard. */
  noteGap(): void {
    for (const [edge, feed] of this.#feeds) this.#feeds.set(edge, { ...feed, isOpen: false, hasGap: true })
  }

  /** It is no longer listened to: whoever leads need not, and edges leave. */
  forget(edge: string): void {
    this.#feeds.delete(edge)
  }
}

/** Whether what an edge has applied is made of this content alone: a delta says nothing of the flows it leaves out. */
export const isBaseOf = (content: RateMessage, applied: Serial | null): boolean =>
  content.kind === 'snapshot' && applied !== null && compareSerial(content, applied) <= 0

/** Of contents, oldest first, those that what is applied is made of, and all that came after it. */
export function sinceApplied(contents: readonly RateMessage[], applied: Serial | null): readonly RateMessage[] {
  const base = contents.findLastIndex((content) => isBaseOf(content, applied))
  return base > 0 ? contents.slice(base) : contents
}

const buildsOn = (message: RateMessage, content: RateMessage): boolean =>
  message.epoch === content.epoch && message.baseSeq === content.seq

/** The whole content that a message brings or comes to; null: it builds on something else. */
function wholeOf(message: RateMessage, base: RateMessage | undefined): RateMessage | null {
  if (message.kind === 'snapshot') return message
  if (message.kind === 'heartbeat' || !base || !buildsOn(message, base)) return null
  return { ...message, kind: 'snapshot', baseSeq: 0, records: recordsAfter(base.records, message.records) }
}
