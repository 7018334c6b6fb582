// The controller's side of the volatile store: take the lead, publish, read what edges report. One function call for
// each of the first two (functions.lua), so that no one ever sees half a publication; the rest is thin over it. A
// decision is several publications where there are many edges, and any of them may arrive without the others.
//
// Nothing in this store is the truth: rates are derived and reports are renewed each second. A store that lost
// everything is filled again by the next publications under a higher epoch.

import type { EdgeReport, Serial } from '../model/lease.js'
import type { Plan, PlanEdge } from '../model/plan.js'
import type { Bytes, Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { MAX_CLASSES, MAX_DELTAS_KEPT, MAX_MESSAGE_BYTES } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { callFunction, connect, type Redis, readLibrary, remedyOf, storeError, untilReady } from '../runtime/redis.js'
import { isRefusal } from '../wire/bytes.js'
import { decodeRates, encodeRates } from '../wire/codec.js'
import type { RateMessage } from '../wire/messages.js'
import { encodeProfile, type ProfileBytes } from '../wire/profile.js'
import { DELTA_FIELD, type EdgeKeys, keys, type PlaneKeys } from '../wire/redis-keys.js'
import { ReportReader } from '../wire/report-reader.js'
import { contentLife } from './edge-lease.js'
import { profileOf } from './profile.js'
import type { EdgePublication } from './publication.js'
import { type EdgeLog, StandbyLog } from './standby-log.js'

/** How long a controller leads without saying so again. Above any pause of a store that is not a failure. */
export const LEADER_LEASE: Milliseconds = 5_000

/** The store answers within milliseconds; a standby that waited longer for its subscription would be late to lead. */
const HEARS_WITHIN: Milliseconds = 250

/** Leaves that an edge may report beyond twice those of its plan, which may have been another a moment ago. */
const LEAVES_BESIDE = 1_024

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))
const ELECT = 'mizani_elect_2'
const RESIGN = 'mizani_resign_2'
const PUBLISH = 'mizani_publish_2'

export interface Term {
  readonly leads: boolean
  readonly epoch: number
  readonly leader: string
}

/**
 * `fenced`: another term is in force, or none; nothing was published. `unknown`: no answer came; it may have been
 * published, and the very same publications are to be sent again. Else published; `lost` are edges whose profile or
 * snapshot the store no longer holds.
 */
export type PublishOutcome = 'fenced' | 'unknown' | { readonly lost: readonly string[] }

export interface PublisherOptions {
  /** Of the volatile store, with user and password. */
  readonly url: string
  readonly plane: string
  readonly clock: Clock
  readonly log: Logger
  /** Spreads reconnections: see ConnectOptions. */
  readonly random?: () => number
}

/** An edge whose reports are read, as a plan has it. */
export type Reporting = Pick<PlanEdge, 'id' | 'flows'>

interface KnownProfile extends ProfileBytes {
  readonly plan: Plan
  readonly until: UnixMilliseconds | null
}

export class Publisher {
  readonly #redis: Redis
  readonly #subscriber: Redis
  readonly #keys: PlaneKeys
  /** Names of each edge, made once. */
  readonly #names = new Map<string, EdgeKeys>()
  readonly #clock: Clock
  readonly #log: Logger
  readonly #reports = new ReportReader()
  #heard: (report: EdgeReport) => void = () => {}
  /** What came from each edge since reports were read: whoever shouts is heard at the next reading. */
  readonly #heardBytes = new Map<string, Bytes>()
  /** Channel to its edge: what we listen to. Down, to what a leader publishes, only a standby does. */
  readonly #channels = { up: new Map<string, string>(), down: new Map<string, string>() }
  /** Down channels that this connection is subscribed to, by the word of the store. */
  readonly #open = new Set<string>()
  #opening: Promise<void> | null = null
  readonly #standbyLog = new StandbyLog()
  readonly #profiles = new Map<string, KnownProfile>()
  /** Edge to the hash of the profile that this term has put into the store. */
  readonly #stored = new Map<string, string>()
  #storedIn = 0
  /** Edge to what was last wrong with what the store holds for it: said once, not each second. */
  readonly #unread = new Map<string, string>()
  /** The same of its report. */
  readonly #refused = new Map<string, string>()

  constructor({ url, plane, clock, log, random = () => 0.5 }: PublisherOptions) {
    this.#clock = clock
    this.#keys = keys(plane)
    this.#log = log
    this.#redis = connect(url, 'controller', { log, random })
    this.#subscriber = connect(url, 'controller-subscriber', { random })
    this.#subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
      const name = channel.toString()
      const [up, down] = [this.#channels.up.get(name), this.#channels.down.get(name)]
      if (up !== undefined) this.#hearReport(up, message)
      if (down !== undefined) this.#standbyLog.hear(down, this.#judgeContent(down, message))
    })
    this.#subscriber.on('close', () => {
      this.#open.clear()
      this.#opening = null
      this.#standbyLog.noteGap()
    })
  }

  /** @throws MizaniError STORE_UNAVAILABLE or STORE_REFUSED. */
  ready(within: Milliseconds): Promise<void> {
    return untilReady(this.#redis, within)
  }

  /** What asks, and what hears. */
  get connections(): { readonly redis: Redis; readonly subscriber: Redis } {
    return { redis: this.#redis, subscriber: this.#subscriber }
  }

  close(): void {
    this.#redis.disconnect()
    this.#subscriber.disconnect()
  }

  /**
   * Takes or renews the term. `floor`: the highest epoch seen anywhere.
   * @throws MizaniError, remedy retry, while the store is away.
   */
  async elect(id: string, floor: number, lease: Milliseconds = LEADER_LEASE): Promise<Term> {
    const reply = await callFunction(this.#redis, LIBRARY, ELECT, [this.#keys.head], [id, String(lease), String(floor)])
    const [leads, epoch, leader] = reply as [number, string, string]
    return { leads: leads === 1, epoch: Number(epoch), leader }
  }

  /** Frees the term for a standby; its epoch stays, for epochs only rise. */
  async resign(id: string): Promise<void> {
    await callFunction(this.#redis, LIBRARY, RESIGN, [this.#keys.head], [id])
  }

  /** Profile hashes by edge. Profiles that this term has not stored yet go out with the next publication. */
  profiles(plan: Plan, until: ReadonlyMap<string, UnixMilliseconds | null>): ReadonlyMap<string, string> {
    return new Map(
      plan.edges.map((edge) => {
        const end = until.get(edge.id) ?? null
        const known = this.#profiles.get(edge.id)
        if (known?.plan === plan && known.until === end) return [edge.id, known.hash]
        const made = encodeProfile(profileOf(plan, edge, end))
        this.#profiles.set(edge.id, { ...made, plan, until: end })
        return [edge.id, made.hash]
      }),
    )
  }

  /**
   * One publication, whole or not at all. Sending the same one again does nothing and is answered as the first time,
   * but without the edges that were lost.
   * @throws MizaniError STALE_SEQ (a later one was published), STORE_REFUSED.
   */
  async publish(id: string, { epoch, seq }: Serial, publications: readonly EdgePublication[]): Promise<PublishOutcome> {
    if (this.#channels.down.size > 0) this.#listenTo('down', [])
    if (epoch !== this.#storedIn) this.#stored.clear()
    this.#storedIn = epoch
    const life = contentLife(Math.max(...publications.map(({ message }) => message.lease), 1))
    const names = [this.#keys.head]
    const args: (string | Buffer)[] = [epoch, seq, id, life, MAX_DELTAS_KEPT, DELTA_FIELD].map(String)
    for (const { edge, snapshot, message } of publications) {
      const { profile, snap, delta, down } = this.#namesOf(edge)
      names.push(profile, snap, delta)
      const bytes = encodeRates(message)
      args.push(down, this.#unsentProfile(edge, message.profile))
      if (snapshot === message) args.push(bytes, '')
      else args.push(snapshot === null ? '' : encodeRates(snapshot), bytes)
    }
    try {
      const [, ...lost] = (await callFunction(this.#redis, LIBRARY, PUBLISH, names, args)) as number[]
      for (const { edge, message } of publications) this.#stored.set(edge, message.profile)
      const edges = lost.map((place) => publications[place]!.edge)
      for (const edge of edges) this.#stored.delete(edge)
      return { lost: edges }
    } catch (error) {
      // What the store holds of profiles now is not known: they go again with the next publication.
      for (const { edge } of publications) this.#stored.delete(edge)
      const text = messageOf(error)
      if (/\bFENCED\b/.test(text)) return 'fenced'
      if (remedyOf(error) === 'retry') return 'unknown'
      if (/\bSTALESEQ\b/.test(text)) throw new MizaniError({ code: 'STALE_SEQ', message: text, remedy: 'drop' })
      throw error
    }
  }

  /** The newest report of each edge that has one we can read, and listening to these edges from now on. */
  async readReports(edges: readonly Reporting[]): Promise<readonly EdgeReport[]> {
    this.#listenTo(
      'up',
      edges.map(({ id }) => id),
    )
    this.#reports.keepOnly(new Map(edges.map(({ id, flows }) => [id, LEAVES_BESIDE + 2 * MAX_CLASSES * flows.length])))
    this.#heardBytes.clear()
    const found = await this.#read(edges.map(({ id }) => this.#keys.report(id)))
    return found.flatMap((bytes, i) => (bytes === null ? [] : (this.#judge(edges[i]!.id, bytes) ?? [])))
  }

  /**
   * What each edge was granted last, under whichever leader; null: what stands there cannot be read here, for a newer
   * release has written it or it is damaged. An edge of which the store holds nothing is left out.
   */
  async readSnapshots(edges: readonly string[]): Promise<ReadonlyMap<string, RateMessage | null>> {
    const found = await this.#read(edges.map((edge) => this.#keys.snap(edge)))
    return new Map(
      found.flatMap((bytes, i) => (bytes === null ? [] : [[edges[i]!, this.#judgeContent(edges[i]!, bytes)]])),
    )
  }

  /**
   * As readSnapshots for a standby, who from now on also hears what each edge is granted, until it publishes.
   * `applied`: what an edge says it has; nothing before that is kept.
   */
  async watch(applied: ReadonlyMap<string, Serial | null>): ReturnType<Publisher['readSnapshots']> {
    this.#listenTo('down', [...applied.keys()])
    await this.#untilHearing()
    const { down } = this.#channels
    const listened = [...down].flatMap(([channel, edge]) => (this.#open.has(channel) ? [edge] : []))
    this.#standbyLog.open(listened, this.#clock.monotonic())
    const snapshots = await this.readSnapshots([...applied.keys()])
    for (const [edge, serial] of applied) this.#standbyLog.read(edge, snapshots.get(edge), serial)
    return snapshots
  }

  /** What an edge was granted as we watched. */
  standbyLog(edge: string): EdgeLog {
    return this.#standbyLog.of(edge, this.#clock.monotonic())
  }

  /**
   * Contents that the store still holds for an edge, oldest first, without a gap up to now; `whole`: that is all there
   * was since it last held nothing. What came before one that cannot be read is left out with it.
   */
  async readContents(edge: string): Promise<{ readonly contents: readonly RateMessage[]; readonly whole: boolean }> {
    const key = this.#keys.delta(edge)
    const entries = await this.#redis.xrangeBuffer(key, '-', '+').catch((error: unknown) => {
      throw storeError(error, `Reading ${key}`)
    })
    const all = entries.map(([, fields]) => this.#judgeContent(edge, fields[1]!))
    const contents = all.slice(all.lastIndexOf(null) + 1).filter((message) => message !== null)
    return { contents, whole: entries.length < MAX_DELTAS_KEPT && contents.length === entries.length }
  }

  #judgeContent(edge: string, bytes: Buffer): RateMessage | null {
    const message = decodeRates(bytes, { edge })
    if (!isRefusal(message)) {
      this.#unread.delete(edge)
      return message
    }
    if (this.#unread.get(edge) !== message.code)
      this.#log.warn({ edge, ...message }, 'what an edge was told cannot be read here')
    this.#unread.set(edge, message.code)
    return null
  }

  /** Reports as they come. */
  onReport(heard: (report: EdgeReport) => void): void {
    this.#heard = heard
  }

  #namesOf(edge: string): EdgeKeys {
    const known = this.#names.get(edge)
    if (known !== undefined) return known
    const names = this.#keys.edge(edge)
    this.#names.set(edge, names)
    return names
  }

  #unsentProfile(edge: string, hash: string): Buffer | '' {
    if (this.#stored.get(edge) === hash) return ''
    const known = this.#profiles.get(edge)
    if (known?.hash !== hash) throw new Error(`profile ${hash} of ${edge} was never made: profiles() comes first`)
    return known.bytes
  }

  /** No value of more than a message's size is taken from the store: an edge may write any size under its own name. */
  async #read(names: readonly string[]): Promise<(Buffer | null)[]> {
    const pipeline = this.#redis.pipeline()
    for (const name of names) pipeline.getrangeBuffer(name, 0, MAX_MESSAGE_BYTES)
    const replies = await pipeline.exec().catch((error: unknown) => {
      throw storeError(error, 'Reading from the store')
    })
    return (replies ?? []).map(([error, bytes]) => {
      if (error !== null) throw storeError(error, 'Reading from the store')
      return (bytes as Buffer).length === 0 ? null : (bytes as Buffer)
    })
  }

  #judge(edge: string, bytes: Buffer): EdgeReport | null {
    const report = this.#reports.read(edge, bytes)
    if (!isRefusal(report)) {
      this.#refused.delete(edge)
      return report
    }
    if (this.#refused.get(edge) !== report.code) this.#log.warn({ edge, ...report }, 'report is refused')
    this.#refused.set(edge, report.code)
    return null
  }

  #hearReport(edge: string, message: Buffer): void {
    const heard = (this.#heardBytes.get(edge) ?? 0) + message.length
    this.#heardBytes.set(edge, heard)
    if (heard > MAX_MESSAGE_BYTES) return
    const report = this.#judge(edge, message)
    if (report !== null) this.#heard(report)
  }

  #listenTo(way: 'up' | 'down', edges: readonly string[]): void {
    const channels = this.#channels[way]
    const wanted = new Map(edges.map((edge) => [this.#keys[way](edge), edge]))
    const added = [...wanted].filter(([channel]) => !channels.has(channel))
    const gone = [...channels].filter(([channel]) => !wanted.has(channel))
    for (const [channel, edge] of added) channels.set(channel, edge)
    for (const [channel, edge] of gone) {
      channels.delete(channel)
      if (way === 'up') continue
      this.#standbyLog.forget(edge)
      this.#open.delete(channel)
      // What is being opened may be what we leave.
      this.#opening = null
    }
    const names = (of: typeof added): string[] => of.map(([channel]) => channel)
    if (added.length > 0 && way === 'up') this.#subscriber.subscribe(...names(added)).catch(this.#complain)
    if (gone.length > 0) this.#subscriber.unsubscribe(...names(gone)).catch(this.#complain)
  }

  /** Until the store has said that we hear the down channels, or for as long as it should take. */
  async #untilHearing(): Promise<void> {
    const closed = [...this.#channels.down.keys()].filter((channel) => !this.#open.has(channel))
    // One that is being connected would keep each of our wishes until then.
    if (closed.length === 0 || this.#subscriber.status !== 'ready') return
    if (this.#opening === null) {
      const opening = this.#subscriber
        .subscribe(...closed)
        .then(() => {
          if (this.#opening === opening) for (const channel of closed) this.#open.add(channel)
        })
        .catch(this.#complain)
        .finally(() => {
          if (this.#opening === opening) this.#opening = null
        })
      this.#opening = opening
    }
    const patience = new AbortController()
    await Promise.race([this.#opening, this.#clock.sleep(HEARS_WITHIN, patience.signal)])
    patience.abort()
  }

  readonly #complain = (error: unknown): void => this.#log.warn({ reason: messageOf(error) }, 'cannot listen to edges')
}
