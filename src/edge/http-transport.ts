// Rates by HTTP, for gateways that reach the API and nothing else. One poll is always open: it shows the place in
// history of what came last, and is answered with what comes after. Nothing is pushed and nothing is missed, for an
// answer is the whole state or what renews it, never a part.

import type { Refusal } from '../model/lease.js'
import { LINE_TIMERS } from '../model/line.js'
import type { LineProfile } from '../model/network.js'
import { fromSeconds, type Milliseconds } from '../model/units.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { createHttpClient, type HttpAnswer, type HttpClient } from '../runtime/http-call.js'
import { MAX_MESSAGE_BYTES, MAX_POLL_SECONDS, MAX_PROFILE_BYTES } from '../runtime/limits.js'
import { isRefusal, shortHash } from '../wire/bytes.js'
import type { SentReport } from '../wire/messages.js'
import { decodeProfile } from '../wire/profile.js'
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
  #client: HttpClient
  #patience: Milliseconds = LINE_TIMERS.satellite.answer
  /** Tag of what came last. */
  #seen: string | null = null
  #poll = new AbortController()
  #closed = false
  #done: Promise<void> = Promise.resolve()
  readonly #speech: Speech

  constructor(options: HttpTransportOptions) {
    this.#o = options
    this.#speech = new Speech(options)
    this.#path = `/v1/edges/${encodeURIComponent(options.edge)}`
    this.#phase = Number.parseInt(shortHash(options.edge).slice(0, 8), 16) / 2 ** 32
    this.#access = options.access()
    this.#client = createHttpClient(this.#access.address, this.#access.ca)
  }

  open(listener: TransportListener): void {
    this.#done = this.#pollOn(listener)
  }

  async readSnapshot(): Promise<Received | Refusal | null> {
    const answer = await this.#get('/rates', {}, this.#patience, MAX_MESSAGE_BYTES)
    if (answer.status === 404) return null
    return this.#speech.hear(answer.body)
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
    this.#client.close()
    this.#client = createHttpClient(this.#access.address, this.#access.ca)
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
        if (!linked) listener.linked()
        linked = true
        pause = SHORTEST_PAUSE
        if (answer.status === 200) this.#take(answer, listener)
      } catch (error) {
        if (this.#closed) return
        if (linked || pause === SHORTEST_PAUSE) log.warn({ reason: messageOf(error) }, 'no rates come by HTTP')
        linked = false
        this.#renewAccess(error)
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

  /** Credentials may have been renewed while we were shut out. */
  #renewAccess(error: unknown): void {
    if (!(error instanceof MizaniError) || error.code !== 'STORE_REFUSED') return
    this.#access = this.#o.access()
    this.reconnect()
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
