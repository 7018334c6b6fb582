// Rates for gateways that have no way to the store. What goes through the store for the others is handed on here: the
// same messages, the same lease, the same safe rates. Any controller does it, whether it leads or not.
//
// A poll that shows what it saw last is answered as soon as there is something newer: with the whole state when the
// content changed, with the heartbeat that renews it when not. Never with a delta: whoever misses a poll misses
// nothing.

import type { Refusal, Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { MAX_JSON_INLINE, MAX_MESSAGE_BYTES, MAX_PROFILE_BYTES, MAX_REPORTS_WAITING } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { createPool, type Pool } from '../runtime/pool.js'
import { connect, type Redis, storeError } from '../runtime/redis.js'
import { isRefusal, shortHash } from '../wire/bytes.js'
import { decodeRates, decodeReport, encodeRates, signedUnder } from '../wire/codec.js'
import type { EdgeMacs } from '../wire/mac.js'
import type { RateMessage } from '../wire/messages.js'
import { keys, type PlaneKeys } from '../wire/redis-keys.js'
import { type ReportRead, type ReportTask, readReport } from './report-json.js'

/** What an edge is granted, as message and as the very bytes that carry it. */
export interface Granted {
  readonly message: RateMessage
  readonly bytes: Buffer
}

/** Without a poll for so long an edge is no longer listened to. */
const IDLE: Milliseconds = 120_000

/** An edge that polls: what it is to hear next, and who waits for that. */
interface PollState {
  newest: Granted | null
  /** The newest that said why rates are as they are: whoever polls may have missed it. */
  reasoned: RateMessage | null
  lastPoll: Milliseconds
  readonly waiting: Set<() => void>
}

export interface EdgeRelayOptions {
  /** Of the volatile store. */
  readonly url: string
  readonly plane: string
  /** Under which keys an edge speaks and is spoken to; null: it has none. */
  macsOf(edge: string): EdgeMacs | null
  readonly clock: Clock
  readonly log: Logger
}

export class EdgeRelay {
  readonly #keys: PlaneKeys
  readonly #macsOf: EdgeRelayOptions['macsOf']
  readonly #redis: Redis
  readonly #subscriber: Redis
  readonly #clock: Clock
  readonly #log: Logger
  readonly #polls = new Map<string, PollState>()
  readonly #edgeOf = new Map<string, string>()
  readonly #readers: Pool<ReportTask, ReportRead> = createPool('report', 1, { rare: true })
  #reading = 0
  #closed = false

  constructor({ url, plane, macsOf, clock, log }: EdgeRelayOptions) {
    this.#macsOf = macsOf
    this.#keys = keys(plane)
    this.#clock = clock
    this.#log = log
    this.#redis = connect(url, 'controller', { clock, log })
    this.#subscriber = connect(url, 'controller-subscriber', { clock })
    this.#subscriber.on('messageBuffer', (channel: Buffer, bytes: Buffer) => this.#heard(channel.toString(), bytes))
  }

  /** The profile's bytes; null: there is none. @throws MizaniError STORE_UNAVAILABLE. */
  async profile(edge: string): Promise<{ bytes: Buffer; hash: string } | null> {
    const bytes = await this.#read(this.#keys.profile(edge), MAX_PROFILE_BYTES)
    return bytes && { bytes, hash: shortHash(bytes) }
  }

  /** The whole state as published last; null: nothing was, or it has lapsed. @throws MizaniError STORE_UNAVAILABLE. */
  async snapshot(edge: string): Promise<Granted | null> {
    const bytes = await this.#read(this.#keys.snap(edge), MAX_MESSAGE_BYTES)
    if (bytes === null) return null
    const message = decodeRates(bytes, { edge, macs: this.#macsOf(edge) })
    return isRefusal(message) ? null : { message, bytes }
  }

  /** Something newer than `seen`, waited for up to `wait`; null: nothing came. @throws as `snapshot`. */
  async newerThan(edge: string, seen: Serial, wait: Milliseconds, signal?: AbortSignal): Promise<Granted | null> {
    const poll = this.#listenTo(edge)
    const end = this.#clock.monotonic() + wait
    for (;;) {
      const granted = await this.#answer(edge, poll, seen)
      const left = end - this.#clock.monotonic()
      if (granted !== null || left <= 0 || signal?.aborted || this.#closed) return granted
      await this.#next(poll, left, signal)
    }
  }

  /**
   * Hands a report on. @returns why it is not one; null: it was handed on.
   * @throws MizaniError BAD_REQUEST with what is wrong with the JSON, RATE_LIMITED, STORE_UNAVAILABLE.
   */
  async report(edge: string, report: Uint8Array, isJson: boolean): Promise<Refusal | null> {
    const macs = this.#macsOf(edge)
    const bytes = isJson ? await this.#bytesOf(edge, report, macs) : judged(Buffer.from(report), edge, macs)
    if (isRefusal(bytes)) return bytes
    const results = await this.#redis
      .pipeline()
      .set(this.#keys.report(edge), bytes)
      .publish(this.#keys.up(edge), bytes)
      .exec()
      .catch((error: unknown) => {
        throw storeError(error, 'Handing on a report')
      })
    for (const [error] of results ?? []) if (error) throw storeError(error, 'Handing on a report')
    return null
  }

  /**
   * A large one is read and judged in a thread, so that no tick waits for it. Who speaks JSON has shown a token, and no
   * key: it is signed for here, and came just now, so that the nonce is repeated here as well.
   */
  async #bytesOf(edge: string, json: Uint8Array, macs: EdgeMacs | null): Promise<Buffer | Refusal> {
    const echo = macs === null ? undefined : await this.#nonceFor(edge)
    const task = { edge, json, isKeyed: macs !== null, ...(echo !== undefined && { echo }) }
    const isLarge = json.byteLength > MAX_JSON_INLINE
    if (isLarge && this.#reading >= MAX_REPORTS_WAITING) throw tooManyWait()
    this.#reading++
    const read = await (isLarge ? this.#readers.run(task) : Promise.resolve(readReport(task))).finally(() => {
      this.#reading--
    })
    if ('refusal' in read) return read.refusal
    if ('bytes' in read) return macs === null ? Buffer.from(read.bytes) : signedUnder(read.bytes, macs)
    const [first] = read.faults
    throw new MizaniError({
      code: 'BAD_REQUEST',
      message: `The report is not valid: ${first?.message}`,
      faults: read.faults,
    })
  }

  /** What who leads asks this edge to repeat; undefined: nothing. */
  async #nonceFor(edge: string): Promise<string | undefined> {
    const { newest } = this.#listenTo(edge)
    return newest === null ? (await this.snapshot(edge))?.message.nonce : newest.message.nonce
  }

  close(): void {
    this.#closed = true
    void this.#readers.close()
    for (const { waiting } of this.#polls.values()) for (const wake of waiting) wake()
    this.#redis.disconnect()
    this.#subscriber.disconnect()
  }

  async #answer(edge: string, { newest, reasoned }: PollState, seen: Serial): Promise<Granted | null> {
    if (newest === null) {
      // Nothing was heard yet since we listen: what is stored may be newer all the same.
      const stored = await this.snapshot(edge)
      return stored !== null && isNewer(stored.message, seen) ? stored : null
    }
    const { message } = newest
    if (!isNewer(message, seen)) return null
    if (message.kind === 'snapshot') return newest
    const renewsSeen = message.kind === 'heartbeat' && message.epoch === seen.epoch && message.baseSeq <= seen.seq
    if (!renewsSeen) {
      const stored = await this.snapshot(edge)
      if (stored !== null && isNewer(stored.message, seen)) return stored
      // A heartbeat that builds on nothing is for an edge without a grant: by it the edge hears the nonce to repeat.
      if (message.kind !== 'heartbeat' || message.baseSeq !== 0) return null
    }
    const isMissed = reasoned !== null && reasoned !== message && isNewer(reasoned, seen)
    return isMissed ? this.#withReasons(edge, message, reasoned) : newest
  }

  /** A heartbeat and what was said a moment before; nobody builds on the bytes of a heartbeat. */
  #withReasons(edge: string, heartbeat: RateMessage, { reasons }: RateMessage): Granted {
    const message = { ...heartbeat, ...(reasons && { reasons }) }
    return { message, bytes: encodeRates(message, this.#macsOf(edge)) }
  }

  #heard(channel: string, bytes: Buffer): void {
    const edge = this.#edgeOf.get(channel)
    const poll = edge === undefined ? undefined : this.#polls.get(edge)
    if (edge === undefined || poll === undefined) return
    const message = decodeRates(bytes, { edge, macs: this.#macsOf(edge) })
    if (isRefusal(message)) return
    poll.newest = { message, bytes }
    if (message.reasons) poll.reasoned = message
    for (const wake of poll.waiting) wake()
  }

  #listenTo(edge: string): PollState {
    const now = this.#clock.monotonic()
    const known = this.#polls.get(edge)
    if (known !== undefined) {
      known.lastPoll = now
      return known
    }
    for (const [name, { lastPoll }] of this.#polls) if (now - lastPoll > IDLE) this.#forget(name)
    const poll: PollState = { newest: null, reasoned: null, lastPoll: now, waiting: new Set() }
    this.#polls.set(edge, poll)
    this.#edgeOf.set(this.#keys.down(edge), edge)
    this.#subscriber.subscribe(this.#keys.down(edge)).catch((error: unknown) => {
      this.#log.warn({ edge, reason: messageOf(error) }, 'cannot listen for an edge that polls')
    })
    return poll
  }

  #forget(edge: string): void {
    const channel = this.#keys.down(edge)
    this.#polls.delete(edge)
    this.#edgeOf.delete(channel)
    this.#subscriber.unsubscribe(channel).catch(() => {}) // a connection that is lost listens to nothing
  }

  #next(poll: PollState, within: Milliseconds, signal: AbortSignal | undefined): Promise<void> {
    const over = new AbortController()
    return new Promise((resolve) => {
      const wake = (): void => {
        poll.waiting.delete(wake)
        signal?.removeEventListener('abort', wake)
        over.abort()
        resolve()
      }
      poll.waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
      void this.#clock.sleep(within, over.signal).then(wake)
    })
  }

  async #read(name: string, most: number): Promise<Buffer | null> {
    const bytes = await this.#redis.getrangeBuffer(name, 0, most).catch((error: unknown) => {
      throw storeError(error, 'Reading for an edge')
    })
    return bytes.length === 0 ? null : bytes
  }
}

const isNewer = (message: RateMessage, seen: Serial): boolean =>
  message.epoch > seen.epoch || (message.epoch === seen.epoch && message.seq > seen.seq)

const tooManyWait = (): MizaniError =>
  new MizaniError({ code: 'RATE_LIMITED', remedy: 'retry', message: 'Too many reports as JSON wait to be read.' })

function judged(bytes: Buffer, edge: string, macs: EdgeMacs | null): Buffer | Refusal {
  const decoded = decodeReport(bytes, { edge, macs })
  return isRefusal(decoded) ? decoded : bytes
}
