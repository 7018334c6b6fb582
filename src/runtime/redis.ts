// Connections to the stores. With unheeded.ts, which mends ioredis, the only place that knows it. Each role has the
// options that its work needs; the reasons are measured, and each was a silent failure once:
//
//   autoResendUnfulfilledCommands off   a command whose reply was lost would run twice
//   what was asked settles on 'close'   ... and ioredis would leave its promise to the timeout
//   commandTimeout                      the outcome is unknown then, never that nothing happened
//   no offline queue for controllers    a publication of seconds ago must not be sent after a reconnect
//   socketTimeout                       TCP sends again later each time: a line that is back would bring nothing for
//                                       minutes more; a connection without an answer for so long is made anew (on
//                                       slow lines: model/line.ts). ioredis counts from a command that is owed one
//   PING on subscribers                 nothing else is sent there: with one each 500 ms a dead link shows within 1.5 s
//   PING on all others                  a store ends what is idle, or crowds of nobody would stay; we are not. More is
//                                       not needed: an edge reports and a controller reads all the time
//   own retryStrategy                   the default gives up after 10 s, and all edges would come back at one moment
//   no ready check for edges            it needs INFO, which an edge may not call
//   no client info where there is none  ioredis calls a connection ready once CLIENT SETINFO has settled, also when it
//                                       was closed meanwhile; then it takes itself for connected and never tries again
//   reconnect on READONLY               an address may lead to another master by now; the old one keeps its connections

import { readFileSync } from 'node:fs'
import { TLSSocket } from 'node:tls'
import { Command, Redis, type RedisOptions } from 'ioredis'
import type { LineTimers } from '../model/line.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { type Away, type AwayKind, awayReason } from './away.js'
import { readTlsFiles } from './certificates.js'
import { type Clock, systemClock } from './clock.js'
import { MizaniError, messageOf, type Remedy } from './errors.js'
import { STORE_IDLE } from './limits.js'
import { type Logger, withoutPassword } from './log.js'
import { parseAddress, type StoreNode, withNode } from './store-address.js'
import { assertEncrypted } from './unencrypted.js'
import { heedTheUnheeded } from './unheeded.js'

export type { Redis }

const SILENCE: Milliseconds = 1_500
const PROBES_IN_SILENCE = 3
const CONNECT_WITHIN: Milliseconds = 2_000
const SENTINEL_ANSWER: Milliseconds = 1_000
const COMMON: RedisOptions = { connectTimeout: CONNECT_WITHIN, keepAlive: 5_000, autoResendUnfulfilledCommands: false }
const PROMPT: RedisOptions = { ...COMMON, enableOfflineQueue: false, maxRetriesPerRequest: 1 }
const WRITES: RedisOptions = { ...PROMPT, reconnectOnError: ({ message }) => message.startsWith('READONLY') }
const PATIENT: RedisOptions = {
  ...COMMON,
  maxRetriesPerRequest: null,
  enableReadyCheck: false,
  disableClientInfo: true,
}

export type StoreRole =
  | ('controller' | 'policy' | 'controller-subscriber' | 'supervisor')
  | ('edge-subscriber' | 'edge-reader' | 'jobs')

const ROLES: Readonly<Record<StoreRole, RedisOptions>> = {
  /** Publishes and reads reports on the volatile store. */
  controller: { ...WRITES, commandTimeout: 800, socketTimeout: 4_000 },
  /** Writes policy on the durable store; WAITAOF of replicas takes a second. */
  policy: { ...WRITES, commandTimeout: 7_000, socketTimeout: 9_000 },
  'controller-subscriber': { ...PATIENT, socketTimeout: SILENCE },
  /** Subscribes anew by itself: a refusal of what ioredis repeats on its own account would be nobody's to catch. */
  'edge-subscriber': { ...PATIENT, socketTimeout: SILENCE, autoResubscribe: false },
  'edge-reader': { ...PATIENT, commandTimeout: 1_000, socketTimeout: SILENCE, enableOfflineQueue: false },
  /** Asks for work, or does it: waits as long as there is none, and sends again by its own rules. */
  jobs: { ...PATIENT },
  /** Owns a private server: starts, checks, sets users. */
  supervisor: { ...PROMPT, commandTimeout: 2_000 },
}

export interface ConnectOptions {
  readonly log?: Logger
  readonly clock?: Clock
  /** Spreads reconnections: a number in [0, 1) at each call, of a seeded generator or always the same one. */
  readonly random?: () => number
}

/**
 * An address of store-address.ts with user and password in it; a function is asked again before each new connection,
 * for accounts that change while we run. The connection is made in the background.
 */
export function connect(address: string | (() => string), role: StoreRole, options: ConnectOptions = {}): Redis {
  const { log, clock = systemClock, random = () => 0.5 } = options
  const pause = (times: number): Milliseconds => Math.min(2_000, 100 * 2 ** Math.min(times, 5)) * (0.5 + random())
  const current = typeof address === 'string' ? () => address : address
  const url = current()
  const retryStrategy = (times: number): Milliseconds => {
    try {
      if (typeof address !== 'string') Object.assign(redis.options, placeOf(current(), pause))
    } catch (error) {
      // A certificate that is being replaced, or cannot be read: what was read last holds.
      lastError.set(redis, error)
    }
    return pause(times)
  }
  const redis = new Redis({ ...placeOf(url, pause), ...ROLES[role], retryStrategy })
  // The name is for people who list connections; nothing depends on it.
  redis.on('ready', () => void redis.client('SETNAME', `mizani-${role}`).catch(() => undefined))
  reportOutages(redis, clock, log?.child({ store: withoutPassword(url), role }))
  heedTheUnheeded(redis)
  keepProbing(redis, clock, role.endsWith('subscriber'))
  return redis
}

/** When the certificate ends that the server has shown on this connection; null: it speaks no TLS, or is away. */
export function serverExpiry({ stream }: Redis): UnixMilliseconds | null {
  if (!(stream instanceof TLSSocket)) return null
  // Without a certificate this is an empty object, and null on a socket that has ended.
  const end = Date.parse(stream.getPeerCertificate()?.valid_to ?? '')
  return Number.isNaN(end) ? null : end
}

/** Ours, beside those of ioredis: other timers hold for this connection. */
const SUITED = 'suited'
/** Ours: it has let us in. ioredis says 'ready' before it knows. */
const ANSWERED = 'answered'

/** How patient a connection is with its line, from its next command on. */
export function suitLine(redis: Redis, { silence, answer }: LineTimers): void {
  const { options } = redis
  if (options.socketTimeout !== undefined) options.socketTimeout = silence
  if (options.commandTimeout !== undefined) options.commandTimeout = answer
  options.connectTimeout = Math.max(CONNECT_WITHIN, answer)
  redis.emit(SUITED)
}

/**
 * Waits until the store answers.
 * @throws MizaniError STORE_UNAVAILABLE when it does not within the time; STORE_REFUSED at once when it does not let
 * us in.
 */
export async function untilReady(redis: Redis, within: Milliseconds, clock: Clock = systemClock): Promise<void> {
  const end = clock.monotonic() + within
  for (;;) {
    try {
      if (redis.status === 'ready') {
        await redis.ping()
        return
      }
    } catch (error) {
      if (remedyOf(error) === 'stop') throw storeError(error, 'Signing in')
    }
    const refusal = lastError.get(redis)
    if (refusal !== undefined && remedyOf(refusal) === 'stop') throw storeError(refusal, 'Signing in')
    if (clock.monotonic() >= end) {
      const { host, port, path, sentinels, name } = redis.options
      const place = sentinels ? `${name} (by its Sentinels)` : (path ?? `${host}:${port}`)
      throw new MizaniError({
        code: 'STORE_UNAVAILABLE',
        message: `Redis at ${place} does not answer: ${messageOf(refusal ?? 'no connection')}`,
        advice: 'Check that it runs there, or that REDIS_URL and RATES_REDIS_URL name the right place.',
        cause: refusal,
      })
    }
    await clock.sleep(10)
  }
}

function placeOf(text: string, retry: (times: number) => Milliseconds): RedisOptions {
  const { nodes, master, path, db, user, secret, tls: files, isAccepted, ...its } = parseAddress(text)
  assertEncrypted(text, isAccepted)
  const account = { ...(user === null ? {} : { username: user }), ...(secret === null ? {} : { password: secret }) }
  if (path !== null) return { path, ...account }
  const tls = files === null ? null : readTlsFiles(files, master === null ? nodes[0]!.host : null)
  if (master === null) return { ...nodes[0]!, ...account, ...(db > 0 ? { db } : {}), ...(tls === null ? {} : { tls }) }
  return {
    sentinels: [...nodes],
    name: master,
    role: 'master',
    ...account,
    ...(its.sentinelUser === null ? {} : { sentinelUsername: its.sentinelUser }),
    ...(its.sentinelSecret === null ? {} : { sentinelPassword: its.sentinelSecret }),
    ...(tls === null ? {} : { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: retry,
    sentinelCommandTimeout: SENTINEL_ANSWER,
    // Not after a minute, through which no failover would be heard of.
    sentinelReconnectStrategy: retry,
    // The master stands wherever the Sentinels say: where this address could not lead, nothing is dialled.
    natMap: (node: string) => {
      const at = node.lastIndexOf(':')
      assertEncrypted(withNode(text, { host: node.slice(0, at), port: Number(node.slice(at + 1)) }), isAccepted)
      return null
    },
    // A master that was cut off stays alive for those on its side: the Sentinels say when it is master no longer.
    failoverDetector: true,
  }
}

const lastError = new WeakMap<Redis, unknown>()

/** One line when a store goes away, for each reason why, and one when it is back, however often it is tried. */
function reportOutages(redis: Redis, clock: Clock, log: Logger | undefined): void {
  let away: AwayKind | null = null
  redis.on('error', (error) => {
    lastError.set(redis, error)
    const { kind, reason, advice } = whyAway(redis, clock.wall())!
    if (away !== kind) log?.warn({ reason, advice }, 'store is away')
    away = kind
  })
  redis.on(ANSWERED, () => {
    lastError.delete(redis)
    if (away !== null) log?.info('store is back')
    away = null
  })
}

/** What keeps this connection from its store; null: nothing. */
export function whyAway(redis: Redis, now: UnixMilliseconds): Away | null {
  const error = lastError.get(redis) ?? (redis.status === 'connecting' ? new Error('no answer yet') : undefined)
  if (error === undefined) return null
  const { host, port, path, name, sentinels, tls } = redis.options
  const place = sentinels ? `store ${name} (by its Sentinels)` : `store ${path ?? `${host}:${port}`}`
  return awayReason(error, { place, now, ca: pemOf(tls?.ca), own: pemOf(tls?.cert) })
}

/** As `readTlsFiles` gives it. */
const pemOf = (given: unknown): string | null => (typeof given === 'string' ? given : null)

function keepProbing(redis: Redis, clock: Clock, onlyListens: boolean): void {
  let timer = clock.setTimer(0, () => {})
  const probe = (): void => {
    timer.cancel()
    const silence = onlyListens ? redis.options.socketTimeout : undefined
    timer = clock.setTimer((silence ?? STORE_IDLE) / PROBES_IN_SILENCE, probe)
    // The answer says nothing; its absence lets socketTimeout close the connection.
    const answered = (): void => void redis.emit(ANSWERED)
    // What the store will not have of this user it has answered all the same.
    redis.ping().then(answered, (error: unknown) => /^NOPERM/.test(messageOf(error)) && answered())
  }
  redis.on('ready', probe)
  redis.on(SUITED, () => redis.status === 'ready' && probe())
  redis.on('close', () => {
    timer.cancel()
    // ioredis lets it run on, and ends the next connection by it.
    clearTimeout(Reflect.get(redis, SOCKET_TIMER))
    Reflect.set(redis, SOCKET_TIMER, undefined)
  })
}

/** What ioredis has and its types keep private. */
const SOCKET_TIMER = 'socketTimeoutTimer'

// ---- errors, by remedy

const NOT_SENT = /^Stream isn't writeable|ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT/
const NO_REPLY = /^Command timed out|^Connection is closed|max retries per request|ECONNRESET|EPIPE|^Socket timeout/
/** The store itself says that it cannot now. */
const NOT_NOW = /^(LOADING|BUSY|READONLY|MASTERDOWN|NOREPLICAS|MISCONF|OOM|TRYAGAIN|CLUSTERDOWN)\b/
const NEVER = /^(NOAUTH|WRONGPASS|NOPERM|ERR unknown command|ERR unknown subcommand|ERR Function not found)\b/i

/** retry: the store is away. stop: it will never let us. drop: this command was wrong. */
export function remedyOf(error: unknown): Remedy {
  if (error instanceof MizaniError) return error.remedy
  const text = messageOf(error)
  if (NOT_SENT.test(text) || NO_REPLY.test(text) || NOT_NOW.test(text)) return 'retry'
  return NEVER.test(text) ? 'stop' : 'drop'
}

/**
 * What a store answered or failed to answer, as an error of ours: STORE_UNAVAILABLE (nothing was done), OUTCOME_UNKNOWN
 * (it may have been done: ask again with the same identity), STORE_REFUSED, or STORE_REPLY.
 */
export function storeError(error: unknown, doing: string): MizaniError {
  if (error instanceof MizaniError) return error
  const text = messageOf(error)
  const remedy = remedyOf(error)
  const code = NO_REPLY.test(text)
    ? 'OUTCOME_UNKNOWN'
    : ({ retry: 'STORE_UNAVAILABLE', stop: 'STORE_REFUSED', drop: 'STORE_REPLY' } as const)[remedy]
  return new MizaniError({ code, message: `${doing}: ${text}`, remedy, cause: error })
}

// ---- functions in a library that is named by its version

export interface FunctionLibrary {
  readonly name: string
  readonly source: string
}

/** A Lua library whose first line is `#!lua name=…`; the name ends in the version and so do its functions' names. */
export function readLibrary(file: URL): FunctionLibrary {
  const source = readFileSync(file, 'utf8')
  const name = /^#!lua name=(\w+)\n/.exec(source)?.[1]
  if (name === undefined) throw new Error(`${file.pathname} does not begin with #!lua name=…`)
  return { name, source }
}

/**
 * Loads a library beside the older versions that other controllers still use. Loading it again does nothing.
 * @throws MizaniError LIBRARY_CONFLICT when another code has the same name.
 */
export async function loadLibrary(redis: Redis, { name, source }: FunctionLibrary): Promise<void> {
  try {
    await redis.call('FUNCTION', 'LOAD', source)
  } catch (error) {
    if (!/already exists/.test(messageOf(error))) throw storeError(error, `Loading ${name}`)
    const [found] = (await redis.call('FUNCTION', 'LIST', 'LIBRARYNAME', name, 'WITHCODE')) as unknown[][]
    if (found?.includes(source)) return
    throw new MizaniError({
      code: 'LIBRARY_CONFLICT',
      message: `The store holds another library under the name ${name}.`,
      advice: 'Two releases with different functions under one version use this store: upgrade or stop one of them.',
    })
  }
}

/** Of a command, and of each of its words. */
const FRAME_BYTES = 16
const MAX_UTF8_BYTES = 3

type Words = readonly (string | Buffer)[]

/** A publication has 1,400 words. ioredis measures and copies each by itself; here the text between blobs is one. */
class FunctionCall extends Command {
  readonly #words: Words

  constructor(words: Words) {
    super('fcall', [], { replyEncoding: 'utf8' })
    this.#words = words
  }

  override toWritable(): Buffer {
    let most = 2 * FRAME_BYTES
    for (const word of this.#words) {
      most += FRAME_BYTES + (typeof word === 'string' ? MAX_UTF8_BYTES * word.length : word.length)
    }
    const bytes = Buffer.allocUnsafe(most)
    let at = 0
    let text = `*${this.#words.length + 1}\r\n$5\r\nfcall\r\n`
    for (const word of this.#words) {
      text += `$${Buffer.byteLength(word)}\r\n`
      if (typeof word === 'string') text += `${word}\r\n`
      else {
        at += bytes.write(text, at)
        bytes.set(word, at)
        at += word.length
        text = '\r\n'
      }
    }
    at += bytes.write(text, at)
    return bytes.subarray(0, at)
  }
}

/** FCALL; a library that the store has lost (or never had) is loaded, and the call is made once more. */
export async function callFunction(redis: Redis, library: FunctionLibrary, name: string, keys: Words, args: Words) {
  const words = [name, String(keys.length), ...keys, ...args]
  const call = async (): Promise<unknown> => redis.sendCommand(new FunctionCall(words))
  try {
    return await call()
  } catch (error) {
    if (!/^ERR Function not found/i.test(messageOf(error))) throw storeError(error, name)
  }
  await loadLibrary(redis, library)
  return call().catch((error: unknown) => {
    throw storeError(error, name)
  })
}

// ---- replicas

/** Whom the server calls its replicas, as it sees them. */
export async function replicaNodes(redis: Redis): Promise<StoreNode[]> {
  const info = await redis.info('replication')
  return [...info.matchAll(/^slave\d+:ip=([^,\s]+),port=(\d+)/gm)].map(([, host, port]) => ({
    host: host!,
    port: Number(port),
  }))
}

/** Replicas that are connected now: as many must confirm a policy write. */
export async function replicasOf(redis: Redis): Promise<number> {
  const info = await redis.info('replication')
  return Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0)
}
