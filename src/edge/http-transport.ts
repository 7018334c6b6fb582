// Rates by HTTP, for gateways that reach the API and nothing else. One poll is always open: it shows the place in
// history of what came last, and is answered with what comes after. Nothing is pushed and nothing is missed, for an
// answer is the whole state or what renews it, never a part.
//
// Any controller will do, for each hands on what the leader publishes. One that is not reached, does not work or brings
// nothing is left for the next one; the one that answers is kept.

import type { Refusal } from '../model/lease.js'
import { LINE_TIMERS } from '../model/line.js'
import type { LineProfile } from '../model/network.js'
import { fromSeconds, type Milliseconds } from '../model/units.js'
import { type Away, awayReason } from '../runtime/away.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { createHttpClient, type HttpAnswer, type HttpClient } from '../runtime/http-call.js'
import { MAX_MESSAGE_BYTES, MAX_POLL_SECONDS, MAX_PROFILE_BYTES } from '../runtime/limits.js'
import { isRefusal, shortHash } from '../wire/bytes.js'
import type { SentReport } from '../wire/messages.js'
import { decodeProfile } from '../wire/profile-reader.js'
import type { Received } from './lease-keeper.js'
import { Speech, type SpeechOptions } from './speech.js'
import type { EdgeTransport, TransportListener } from './transport.js'

/** An answer, or the end of a poll after its time, takes no longer than this on any line but a slow one. */
const PROMPT: Milliseconds = 5_000
const SHORTEST_PAUSE: Milliseconds = 100
const LONGEST_PAUSE: Milliseconds = 2_000
const BINARY = 'application/octet-stream'

/** Where the API is, and with what; asked again when it refuses us. */
export interface HttpAccess {
  readonly address: string
  /** Of other controllers that will do as well. */
  readonly others: readonly string[]
  readonly token: string
  /** PEM of who vouches for it; null: whom this machine trusts. */
  readonly ca: string | null
}

export interface HttpTransportOptions extends SpeechOptions {
  readonly access: () => HttpAccess
  /** Ticks of this length make a poll that brings nothing suspicious; see MAX_POLL_SECONDS. */
  readonly pollSeconds?: number
}

export const createHttpTransport = (options: HttpTransportOptions): EdgeTransport => new HttpTransport(options)

class HttpTransport implements EdgeTransport {
  readonly #o: HttpTransportOptions
  readonly #path: string
  /** Each edge comes back at a moment of its own. */
  readonly #phase: number
  #access: HttpAccess
  /** Which of its addresses is spoken to. */
  #at = 0
  #client: HttpClient
  #patience: Milliseconds = LINE_TIMERS.satellite.answer
  /** Tag of what came last. */
  #seen: string | null = null
  #poll = new AbortController()
  #closed = false
  #done: Promise<void> = Promise.resolve()
  readonly #speech: Speech
  /** Of the newest poll; null: it was answered. */
  #failure: { readonly error: unknown; readonly address: string } | null = null

  constructor(options: HttpTransportOptions) {
    this.#o = options
    this.#speech = new Speech(options)
    this.#path = `/v1/edges/${encodeURIComponent(options.edge)}`
    this.#phase = Number.parseInt(shortHash(options.edge).slice(0, 8), 16) / 2 ** 32
    this.#access = options.access()
    this.#client = createHttpClient(this.#address, this.#access.ca)
  }

  get #address(): string {
    const { address, others } = this.#access
    return [address, ...others][this.#at % (others.length + 1)]!
  }

  open(listener: TransportListener): void {
    this.#done = this.#pollOn(listener)
  }

  async readSnapshot(): Promise<Received | Refusal | null> {
    const answer = await this.#get('/rates', {}, this.#patience, MAX_MESSAGE_BYTES)
    if (answer.status === 404) return null
    return this.#speech.hear(answer.body, { lay: true })
  }

  async readProfile(): ReturnType<EdgeTransport['readProfile']> {
    const answer = await this.#get('/profile', {}, this.#patience, MAX_PROFILE_BYTES)
    return answer.status === 404 ? null : decodeProfile(answer.body)
  }

  async sendReport(report: SentReport): Promise<void> {
    const answer = await this.#call('/reports', {
      ...{ method: 'POST' as const, body: this.#speech.say(report), silence: this.#patience, most: 65_536 },
      headers: { 'content-type': BINARY },
    })
    if (answer.status !== 204) throw refused(answer)
  }

  suits(line: LineProfile): void {
    this.#patience = Math.max(PROMPT, LINE_TIMERS[line].answer)
  }

  reconnect(): void {
    this.#poll.abort()
    this.#dialNext()
  }

  #dialNext(): void {
    this.#at++
    this.#client.close()
    this.#client = createHttpClient(this.#address, this.#access.ca)
  }

  whyAway(): Away | null {
    if (this.#failure === null) return null
    const { error, address } = this.#failure
    const place = `controller ${new URL(address).host}`
    return awayReason(error, { place, now: this.#o.clock.wall(), ca: this.#access.ca, own: null })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#poll.abort()
    this.#client.close()
    await this.#done
  }

  async #pollOn(listener: TransportListener): Promise<void> {
    const { clock, log, pollSeconds = MAX_POLL_SECONDS } = this.#o
    let linked = false
    let pause = SHORTEST_PAUSE
    while (!this.#closed) {
      this.#poll = new AbortController()
      const { signal } = this.#poll
      try {
        // The first poll only asks where we are; the agent then reads the state by itself.
        const wait = linked ? pollSeconds : 0
        const tag = this.#seen ?? '"0.0"'
        const silence = fromSeconds(wait) + this.#patience
        const answer = await this.#get(
          `/rates?wait=${wait}`,
          { 'if-none-match': tag },
          silence,
          MAX_MESSAGE_BYTES,
          signal,
        )
        // With a tag ours answers 304, at the latest when the wait is over: this is somebody else.
        if (answer.status === 404) throw refused(answer)
        if (!linked) listener.linked()
        linked = true
        // The first answer is to no long poll yet: whether those are answered is not known.
        if (wait > 0) pause = SHORTEST_PAUSE
        this.#failure = null
        if (answer.status === 200) this.#take(answer, listener)
      } catch (error) {
        if (this.#closed) return
        const address = this.#address
        // Whoever begins anew has chosen the next one already.
        if (!signal.aborted) this.#failure = { error, address }
        const { reason = messageOf(error), advice } = this.whyAway() ?? {}
        if (linked || pause === SHORTEST_PAUSE) log.warn({ reason, advice }, 'no rates come by HTTP')
        linked = false
        if (this.#renewAccess(error)) pause = SHORTEST_PAUSE
        else if (!signal.aborted && this.#access.others.length > 0) this.#dialNext()
        this.#poll = new AbortController()
        await clock.sleep(pause * (0.5 + this.#phase), this.#poll.signal)
        pause = Math.min(LONGEST_PAUSE, 2 * pause)
      }
    }
  }

  #take(answer: HttpAnswer, listener: TransportListener): void {
    const decoded = this.#speech.hear(answer.body)
    const { etag } = answer.headers
    if (typeof etag === 'string') this.#seen = etag
    if (isRefusal(decoded)) listener.refused(decoded)
    else listener.received(decoded)
  }

  /** Credentials may have been renewed while we were shut out; true: they were, and whoever gave them is asked next. */
  #renewAccess(error: unknown): boolean {
    if (!(error instanceof MizaniError) || error.code !== 'STORE_REFUSED') return false
    const { token } = this.#access
    this.#access = this.#o.access()
    const isNew = this.#access.token !== token
    if (isNew) this.#at = -1
    this.reconnect()
    return isNew
  }

  async #get(
    path: string,
    headers: Readonly<Record<string, string>>,
    silence: Milliseconds,
    most: number,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    const more = signal === undefined ? {} : { signal }
    const answer = await this.#call(path, { headers: { accept: BINARY, ...headers }, silence, most, ...more })
    if (![200, 304, 404].includes(answer.status)) throw refused(answer)
    return answer
  }

  #call(path: string, call: Parameters<HttpClient['call']>[1]): Promise<HttpAnswer> {
    const headers = { ...call.headers, authorization: `Bearer ${this.#access.token}` }
    return this.#client.call(`${this.#path}${path}`, { ...call, headers })
  }
}

function refused({ status, body }: HttpAnswer): MizaniError {
  const shutOut = status === 401 || status === 403
  const text = body.toString('utf8', 0, 300)
  const detail = /"detail":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? ''
  return new MizaniError({
    code: shutOut ? 'STORE_REFUSED' : 'STORE_UNAVAILABLE',
    remedy: 'retry',
    message: `The controller answered ${status}. ${detail}`.trim(),
  })
}
