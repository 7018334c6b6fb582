// Rates for gateways that cannot reach the store. The relay hands on what the store holds for them: the same messages,
// the same lease, the same safe rates. Every controller does so, whether it leads or not.
//
// A poll names the publication that the gateway saw last. The relay answers as soon as it has a newer one. If the
// content changed, it sends the whole state. If not, it sends the heartbeat that renews the content. It never sends a
// delta, so a gateway that misses a poll misses nothing.

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

/** A message to an edge, decoded, and the bytes that carry it. */
export interface Granted {
  readonly message: RateMessage
  readonly bytes: Buffer
}

/** The relay stops listening for an edge that has not polled for so long. */
const IDLE: Milliseconds = 120_000

/** What the relay knows of an edge that polls, and the polls that wait. */
interface PollState {
  newest: Granted | null
  /** The newest message that gave reasons for the rates; a gateway may have missed it between two polls. */
  reasoned: RateMessage | null
  lastPoll: Milliseconds
  readonly waiting: Set<() => void>
}

export interface EdgeRelayOptions {
  /** Of the volatile store. */
  readonly url: string
  readonly plane: string
  /** The keys that sign messages of this edge and to it; null: the edge has none. */
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

  /** The bytes of the profile; null: the store has none. @throws MizaniError STORE_UNAVAILABLE. */
  async profile(edge: string): Promise<{ bytes: Buffer; hash: string } | null> {
    const bytes = await this.#read(this.#keys.profile(edge), MAX_PROFILE_BYTES)
    return bytes && { bytes, hash: shortHash(bytes) }
  }

  /** The whole state, as the leader stored it last; null: the store has none. @throws MizaniError STORE_UNAVAILABLE. */
  async snapshot(edge: string): Promise<Granted | null> {
    const bytes = await this.#read(this.#keys.snap(edge), MAX_MESSAGE_BYTES)
    if (bytes === null) return null
    const message = decodeRates(bytes, { edge, macs: this.#macsOf(edge) })
    return isRefusal(message) ? null : { message, bytes }
  }

  /** A message newer than `seen`; waits for one up to `wait`. Null: none came. @throws as `snapshot`. */
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
   * Hands a report on to the leader.
   * @returns why the relay refused the report; null: it handed the report on
   * @throws MizaniError BAD_REQUEST (names the faults of the JSON), RATE_LIMITED, STORE_UNAVAILABLE
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
   * A thread reads a large report, so that no tick waits for it. A gateway that sends JSON shows a token and signs
   * nothing. Its report came just now, so the relay signs it and adds the nonce.
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

  /** The nonce that the leader asks this edge to repeat; undefined: none. */
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
      // The relay has heard nothing since it began to listen. The stored state may be newer than `seen` all the same.
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
      // The leader sends a heartbeat with baseSeq 0 to an edge without a grant. It carries the nonce to repeat.
      if (message.kind !== 'heartbeat' || message.baseSeq !== 0) return null
    }
    const isMissed = reasoned !== null && reasoned !== message && isNewer(reasoned, seen)
    return isMissed ? this.#withReasons(edge, message, reasoned) : newest
  }

  /** The heartbeat with the reasons of an earlier message; no delta builds on the bytes of a heartbeat. */
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
