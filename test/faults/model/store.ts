// The volatile store of the model and the lines that lead to it. It keeps to functions.lua: a term is fenced, a
// publication is whole and comes once. Lines delay, lose, double and reorder, edge by edge, and can be cut. Reports
// travel as bytes, and what a controller reads of counters must be what the edge had counted.

import { Echoing } from '../../../src/edge/echoing.js'
import type { Received } from '../../../src/edge/lease-keeper.js'
import type { EdgeTransport, TransportListener } from '../../../src/edge/transport.js'
import { compareSerial, type EdgeReport, type Serial } from '../../../src/model/lease.js'
import { contentLife } from '../../../src/publish/edge-lease.js'
import { LEADER_LEASE } from '../../../src/publish/election.js'
import { Freshness } from '../../../src/publish/freshness.js'
import type { EdgePublication } from '../../../src/publish/publication.js'
import type { RatesStore } from '../../../src/publish/rates-store.js'
import { type EdgeLog, StandbyLog } from '../../../src/publish/standby-log.js'
import type { ManualClock } from '../../../src/runtime/clock.js'
import { MizaniError } from '../../../src/runtime/errors.js'
import { MAX_DELTAS_KEPT } from '../../../src/runtime/limits.js'
import { isRefusal } from '../../../src/wire/bytes.js'
import { encodeReport } from '../../../src/wire/codec.js'
import { columnsOf, type LeafColumns } from '../../../src/wire/leaf-columns.js'
import { EdgeMacs, edgeKeyOf, type MacsOf } from '../../../src/wire/mac.js'
import {
  KEYLESS_VERSION,
  NONCE_BYTES,
  type RateMessage,
  type SentReport,
  TELLING_VERSION,
  WIRE_VERSION,
} from '../../../src/wire/messages.js'
import type { ProfileBytes } from '../../../src/wire/profile.js'
import { ReportReader } from '../../../src/wire/report-reader.js'
import type { Liar } from './lies.js'
import type { Process } from './process.js'
import type { Random } from './random.js'

/** How bad a line is, each way. */
export interface Line {
  delay: readonly [number, number]
  loss: number
  double: number
  /** Reports take up to this much longer, ms. */
  skew?: number
  /** Nothing passes, each way. */
  downCut: boolean
  upCut: boolean
}

/** A report on its way: the bytes, and what was meant by them. */
interface Letter {
  readonly report: SentReport
  readonly bytes: Buffer
}

interface ControllerLink {
  readonly process: Process
  readonly reader: ReportReader
  readonly freshness: Freshness
  /** The highest version of the wire that its release knows. */
  readonly speaks: number
  reads(letter: Letter): boolean
  heard(report: EdgeReport): void
  /** What a standby hears of what edges are told. */
  readonly standbyLog: StandbyLog
  watches: boolean
  isOpen: boolean
  /** It cannot be opened before. */
  closedUntil: number
  /** Contents that reached it, whatever it made of them. */
  readonly reached: Map<string, Serial>
}

const UNKNOWN: EdgeLog = { contents: [], hasGap: true }

/** From the store to those who listen there, ms. */
const NEXT_DOOR = 1

interface AtEdge {
  snapshot: Received | null
  /** The snapshot before it. */
  before: Received | null
  /** When the snapshot lapses. */
  until: number
  contents: RateMessage[]
  dropped: boolean
  profile: ProfileBytes | null
  report: Letter | null
  /** The newest report that reached a controller. */
  heard: Letter | null
  /** What the edge said last that it had applied. */
  said: EdgeReport['applied']
}

const NOTHING: AtEdge = {
  ...{
    snapshot: null,
    before: null,
    until: 0,
    contents: [],
    dropped: false,
    profile: null,
    report: null,
    heard: null,
    said: null,
  },
}

/** Takeovers after a store had lost what another leader granted: had who took over heard it all, or not? */
export type Takeovers = Record<'heard' | 'unknown', number>

/** Reports by what controllers made of their counters: differences added up, all of them told, nothing known. */
export type Reads = Record<'added' | 'whole' | 'unknown', number>

/** What trouble led to: how edges spoke of themselves, and what became of leaders and messages. */
export const SIGHTS = [
  ...(['FRESH', 'STALE', 'SAFE'] as const).flatMap((state) =>
    (['enforce', 'hold', 'observe', 'bypass'] as const).map((enforcement) => `${state} in ${enforcement}` as const),
  ),
  ...(['a kernel refuses', 'a message is lost', 'a message comes twice', 'counters are not known'] as const),
  ...(['a publication is fenced', 'its answer is lost', 'a content has lapsed'] as const),
  ...(['another leads', 'who leads had heard', 'who leads had not heard'] as const),
] as const
export type Sight = (typeof SIGHTS)[number]

export interface Wrong {
  /** Bugs of the past, to see that they are found: what an edge is granted, and what it says, on its way. */
  readonly granted?: (message: RateMessage, now: number) => RateMessage
  readonly said?: (report: SentReport, newest: RateMessage | null) => SentReport
  /** Whoever watches hears nothing of what edges are told, and is excused no more than who does. */
  readonly isUnheard?: boolean
}

export class ModelStore {
  readonly lines = new Map<string, Line>()
  readonly #clock: ManualClock
  readonly #random: Random
  readonly #wrong: Wrong
  readonly #edges = new Map<string, AtEdge>()
  readonly #listeners = new Map<string, { readonly process: Process; readonly listener: TransportListener }>()
  readonly #controllers: ControllerLink[] = []
  #head = { epoch: 0, leader: '', exp: 0, seq: 0 }
  #crc = 0
  /** Under the last serial. */
  #published: readonly EdgePublication[] = []
  /** Its clock is so far behind, ms. */
  behind = 0
  /** Commands of controllers fail. */
  away = false
  /** Part of publications whose answer is lost. */
  unanswered = 0
  /** Leader by epoch, and publications that broke the order of one writer. */
  readonly writers = new Map<number, string>()
  breaches: string[] = []
  /** By edge, when a message to it met a line that is cut. */
  readonly deafAt = new Map<string, number>()
  /** Contents that were published. */
  contents = 0
  readonly sights = new Set<Sight>()
  readonly reads: Reads = { added: 0, whole: 0, unknown: 0 }

  /** Of each edge that has keys, and of nonces so far. */
  readonly #macs: MacsOf
  #drawn = 0

  /** @param isKeyed edges and controllers sign what they say */
  constructor(clock: ManualClock, random: Random, wrong: Wrong = {}, isKeyed = true) {
    this.#macs = isKeyed ? macsOfEdges() : () => null
    this.#clock = clock
    this.#random = random
    this.#wrong = wrong
  }

  get leader(): string {
    return this.#head.leader
  }

  #at(edge: string): AtEdge {
    const at = this.#edges.get(edge) ?? { ...NOTHING, contents: [] }
    if (at.until < this.#clock.monotonic()) Object.assign(at, { snapshot: null, contents: [], dropped: false })
    this.#edges.set(edge, at)
    return at
  }

  /** Who led when the store lost something, and what it lost; null: someone else has led since. */
  #lost: { readonly leader: string; readonly contents: ReadonlyMap<string, Serial> } | null = null
  /** What an edge says instead of what is so. */
  liars: ReadonlyMap<string, Pick<Liar, 'tell'>> = new Map()
  /** Told of every content before it goes out. */
  onPublished = (_edge: string, _content: RateMessage, _before: RateMessage | null): void => {}
  /** Called when one takes over whom that had not reached: what was granted since it looked last nobody knows. */
  onUninformedTakeover = (): void => {}
  /** How often a standby took over. */
  readonly takeovers: Takeovers = { heard: 0, unknown: 0 }

  /** The store has lost everything, and its connections with that. */
  forget(): void {
    this.#noteLost()
    this.#edges.clear()
    this.#head = { epoch: 0, leader: '', exp: 0, seq: 0 }
    this.#disconnectAll()
  }

  /** Another takes the place of the store, and has not got the last content of any edge. */
  fallBehind(): void {
    this.#noteLost()
    for (const at of this.#edges.values()) {
      at.snapshot = at.before
      at.contents.pop()
    }
    this.#disconnectAll()
  }

  /** Whoever watches hears nothing for so long, and has not heard what was on its way. */
  silenceStandbys(time: number): void {
    for (const link of this.#controllers) {
      link.closedUntil = this.#clock.monotonic() + time
      this.#disconnect(link)
    }
  }

  #noteLost(): void {
    const told = [...this.#edges.keys()].flatMap((edge) => {
      const message = this.#at(edge).snapshot?.message
      return message ? [[edge, message] as const] : []
    })
    if (told.length > 0) this.#lost = { leader: this.#head.leader, contents: new Map(told) }
  }

  #disconnectAll(): void {
    for (const link of this.#controllers) this.#nextDoor(link, () => this.#disconnect(link))
  }

  #disconnect(link: ControllerLink): void {
    link.isOpen = false
    link.standbyLog.noteGap()
  }

  #nextDoor({ process }: ControllerLink, arrive: () => void): void {
    this.#clock.setTimer(NEXT_DOOR, () => process.enter(arrive))
  }

  line(edge: string): Line {
    return this.lines.get(edge)!
  }

  // ---- controllers

  /** `speaks`: the highest version that its release knows; what is of a higher one it can neither read nor write. */
  forController(process: Process, speaks = WIRE_VERSION): RatesStore {
    const reads = ({ bytes }: Letter): boolean => bytes.readUInt16BE(4) <= speaks
    let admits: Parameters<RatesStore['incoming']['admitBy']>[0] = () => true
    const freshness = new Freshness(this.#clock, () => (++this.#drawn).toString(16).padStart(2 * NONCE_BYTES, '0'))
    const reader = new ReportReader(this.#macs, {
      admits: (report) => admits(report),
      isFresh: (report, key, lay) => freshness.admits(report, key, lay),
    })
    const standbyLog = new StandbyLog()
    const heard = (_: EdgeReport): void => {}
    const state = { watches: false, isOpen: false, closedUntil: 0, reached: new Map<string, Serial>() }
    const link: ControllerLink = { process, reader, freshness, speaks, reads, heard, standbyLog, ...state }
    this.#controllers.push(link)
    const reach = async (): Promise<void> => {
      await process.after(this.#random.between(0.2, 4))
      if (this.away) throw new MizaniError({ code: 'STORE_UNAVAILABLE', message: 'away', remedy: 'retry' })
    }
    const readSnapshots = async (edges: readonly string[]): Promise<ReadonlyMap<string, RateMessage | null>> => {
      await reach()
      const found = new Map<string, RateMessage | null>()
      for (const edge of edges) {
        const message = this.#at(edge).snapshot?.message
        if (message) found.set(edge, message.version <= speaks ? message : null)
      }
      return found
    }
    /** One connection: what was sent later arrives later. False: it did not arrive. */
    let before: Promise<unknown> = Promise.resolve()
    const inOrder = (arriving: Promise<void>): Promise<boolean> => {
      const arrival = arriving.then(
        () => true,
        () => false,
      )
      const mine = before.then(() => arrival)
      before = mine
      return mine
    }
    const election: RatesStore['election'] = {
      elect: async (id, floor, lease = LEADER_LEASE) => {
        await reach()
        const now = this.#clock.monotonic()
        const { epoch, leader, exp } = this.#head
        if (leader !== '' && exp > now) {
          if (leader === id) this.#head.exp = now + lease
          return { leads: leader === id, epoch, leader }
        }
        // As in functions.lua: a store that lost everything has the time still, so epochs rise.
        const next = Math.max(epoch + 1, floor + 1, Math.floor(now) - this.behind)
        this.#head = { epoch: next, leader: id, exp: now + lease, seq: 0 }
        if (this.writers.size > 0 && [...this.writers.values()].at(-1) !== id) this.sights.add('another leads')
        this.#noteTakeover(id, link)
        return { leads: true, epoch: this.#head.epoch, leader: id }
      },
      resign: async (id) => {
        if (this.#head.leader === id) this.#head = { ...this.#head, leader: '', exp: 0 }
      },
    }
    const outgoing: RatesStore['outgoing'] = {
      publish: async (id, { epoch, seq }, publications) => {
        if (!(await inOrder(reach()))) return 'unknown'
        const head = this.#head
        if (head.epoch !== epoch || head.leader !== id || head.exp <= this.#clock.monotonic()) {
          this.sights.add('a publication is fenced')
          return 'fenced'
        }
        if (seq < head.seq) throw new MizaniError({ code: 'STALE_SEQ', message: `${head.seq}`, remedy: 'drop' })
        if (seq === head.seq && publications !== this.#published) this.breaches.push(`${seq} came with other content`)
        if (seq > head.seq) {
          this.#noteWriter(id, epoch, seq, head.seq)
          head.seq = seq
          this.#published = publications
          for (const { edge, profile, ...composed } of publications) {
            const at = this.#at(edge)
            const written = (message: RateMessage): RateMessage =>
              message.version <= speaks ? this.#signed(message) : inVersion(message, speaks)
            const [snapshot, message] = [composed.snapshot && written(composed.snapshot), written(composed.message)]
            at.profile = { bytes: profile, hash: composed.message.profile }
            at.until = this.#clock.monotonic() + contentLife(message.lease)
            if (snapshot) {
              this.onPublished(edge, snapshot, at.snapshot?.message ?? null)
              at.before = at.snapshot
              at.snapshot = { message: snapshot, crc: ++this.#crc }
              at.contents.push(message)
              this.contents++
              if (at.contents.length > MAX_DELTAS_KEPT) at.dropped = Boolean(at.contents.shift())
            }
            this.#send(edge, { message, crc: this.#crc })
            for (const other of this.#controllers) {
              if (!other.watches || !other.isOpen) continue
              this.#nextDoor(other, () => this.#hear(other, edge, message))
            }
          }
        }
        const lost = publications.filter((p) => !p.snapshot && !this.#at(p.edge).snapshot).map(({ edge }) => edge)
        if (lost.length > 0) this.sights.add('a content has lapsed')
        if (this.#random.chance(this.unanswered)) {
          this.sights.add('its answer is lost')
          return 'unknown'
        }
        return { lost }
      },
    }
    const incoming: RatesStore['incoming'] = {
      readReports: async (edges) => {
        await reach()
        for (const { id } of edges) this.#at(id).heard = this.#at(id).report
        return edges.flatMap(({ id }) => {
          const { report } = this.#at(id)
          return (report && reads(report) ? this.#read(reader, report, { lay: true }) : null) ?? []
        })
      },
      onReport: (heard) => {
        link.heard = heard
      },
      admitBy: (judge) => {
        admits = judge
      },
    }
    const feed: RatesStore['feed'] = {
      readSnapshots,
      watch: async (applied) => {
        link.watches = true
        if (!link.isOpen) await process.after(NEXT_DOOR)
        link.isOpen = this.#clock.monotonic() >= link.closedUntil
        standbyLog.open(link.isOpen ? [...applied.keys()] : [], this.#clock.monotonic())
        const found = await readSnapshots([...applied.keys()])
        for (const [edge, serial] of applied) {
          const snapshot = found.get(edge)
          if (snapshot) noteReached(link, edge, snapshot)
          standbyLog.read(edge, snapshot, serial)
        }
        return found
      },
      logOf: (edge) => (this.#wrong.isUnheard ? UNKNOWN : standbyLog.of(edge, this.#clock.monotonic())),
      readContents: async (edge) => {
        await reach()
        const { contents, dropped } = this.#at(edge)
        const read = contents.slice(contents.findLastIndex(({ version }) => version > speaks) + 1)
        return { contents: read, whole: !dropped && read.length === contents.length }
      },
      leave: () => {
        if (link.watches) for (const edge of this.lines.keys()) standbyLog.forget(edge)
        link.watches = false
      },
    }
    return { election, outgoing, incoming, feed, freshness }
  }

  /** In the version that the codec would choose. */
  #signed({ nonce, ...message }: RateMessage): RateMessage {
    if (this.#macs(message.edge) === null) return message
    if (nonce !== undefined) return { ...message, nonce, version: WIRE_VERSION }
    return { ...message, version: message.version < TELLING_VERSION ? 3 : 5 }
  }

  #hear(link: ControllerLink, edge: string, message: RateMessage): void {
    if (!link.isOpen) return
    if (message.version <= link.speaks) link.freshness.follow(message)
    if (message.kind !== 'heartbeat') noteReached(link, edge, message)
    link.standbyLog.hear(edge, message.version > link.speaks ? null : message)
  }

  #noteTakeover(id: string, { reached }: ControllerLink): void {
    const lost = this.#lost
    this.#lost = null
    if (lost === null || lost.leader === id) return
    const hasHeard = [...lost.contents].every(([edge, serial]) => {
      const last = reached.get(edge)
      return last !== undefined && compareSerial(last, serial) >= 0
    })
    this.takeovers[hasHeard ? 'heard' : 'unknown']++
    this.sights.add(hasHeard ? 'who leads had heard' : 'who leads had not heard')
    if (!hasHeard) this.onUninformedTakeover()
  }

  #noteWriter(id: string, epoch: number, seq: number, last: number): void {
    const owner = this.writers.get(epoch) ?? id
    this.writers.set(epoch, owner)
    if (owner !== id || seq <= last) this.breaches.push(`epoch ${epoch}: ${id} wrote ${seq} after ${last}`)
  }

  /** What an edge has applied only rises, whatever restarts. */
  #noteSaid(edge: string, { applied, state, enforcement, refusal }: SentReport): void {
    const { said } = this.#at(edge)
    this.sights.add(`${state} in ${enforcement}`)
    if (refusal?.code === 'DRIVER') this.sights.add('a kernel refuses')
    if (!applied) return
    if (said && compareSerial(applied, said) < 0)
      this.breaches.push(`${edge} went back from ${said.epoch}.${said.seq} to ${applied.epoch}.${applied.seq}`)
    this.#at(edge).said = applied
  }

  /** Whether a controller was told that this edge's kernel takes no orders. */
  hasHeardRefusal(edge: string): boolean {
    return this.#at(edge).heard?.report.refusal?.code === 'DRIVER'
  }

  /** As a controller reads it: counters that are not those of the edge are a breach. */
  #read(reader: ReportReader, { report, bytes }: Letter, how?: { readonly lay: boolean }): EdgeReport | null {
    const { edge, base } = report
    const read = reader.read(edge, bytes, how)
    if (read === null || (isRefusal(read) && read.code === 'SECOND')) return null
    if (isRefusal(read)) throw new Error(`a report of ${edge} is refused: ${read.detail}`)
    if (read.counters && !this.liars.has(edge) && !isMeant(columnsOf(read.counters), read.isBase === true, report))
      this.breaches.push(`counters of ${edge} at ${report.stamp.at} are not what it counted`)
    if (read.counters === null) this.sights.add('counters are not known')
    this.reads[read.counters === null ? 'unknown' : base ? 'added' : 'whole']++
    return read
  }

  // ---- lines

  /** Calls `arrive` once, late, twice or never. */
  #carry(edge: string, way: 'downCut' | 'upCut', arrive: () => void): void {
    const { delay, loss, double, skew = 0 } = this.line(edge)
    const more = way === 'upCut' ? this.#random.between(0, skew) : 0
    if (way === 'downCut' && this.line(edge).downCut) this.deafAt.set(edge, this.#clock.monotonic())
    const copies = this.#random.chance(double) ? 2 : 1
    if (copies > 1) this.sights.add('a message comes twice')
    for (let k = 0; k < copies; k++) {
      if (this.line(edge)[way] || this.#random.chance(loss)) {
        this.sights.add('a message is lost')
        continue
      }
      this.#clock.setTimer(more + this.#random.between(...delay), arrive)
    }
  }

  #send(edge: string, received: Received): void {
    this.#carry(edge, 'downCut', () => {
      const there = this.#listeners.get(edge)
      const now = this.#clock.monotonic()
      const message = this.#wrong.granted?.(received.message, now) ?? received.message
      there?.process.enter(() => there.listener.received({ ...received, message }))
    })
  }

  forEdge(edge: string, process: Process): EdgeTransport {
    const roundTrip = async (): Promise<void> => {
      await process.after(2 * this.#random.between(...this.line(edge).delay))
      const { downCut, upCut } = this.line(edge)
      if (downCut || upCut) throw new Error('cut')
    }
    /** As the carriers do: in the version that was heard last, with the nonce that came with it. */
    const echoing = new Echoing()
    const macs = this.#macs(edge)
    const heard = (received: Received, lay: boolean): Received => {
      echoing.hear(received.message, lay)
      return received
    }
    return {
      open: ({ received, ...others }) => {
        const listener = { ...others, received: (message: Received) => received(heard(message, false)) }
        this.#listeners.set(edge, { process, listener })
        process.clock.setTimer(this.#random.between(1, 50), () => listener.linked())
      },
      readSnapshot: async () => {
        const found = this.#at(edge).snapshot
        await roundTrip()
        if (!found) return null
        const message = this.#wrong.granted?.(found.message, this.#clock.monotonic()) ?? found.message
        return heard({ ...found, message }, true)
      },
      readProfile: async () => {
        await roundTrip()
        const { profile } = this.#at(edge)
        // Not decoded: this clock has parts of milliseconds, and an order may end at one.
        return profile && { profile: JSON.parse(profile.bytes.toString()), hash: profile.hash }
      },
      sendReport: async (said) => {
        const newest = this.#at(edge).snapshot?.message ?? null
        const lied = this.liars.get(edge)?.tell(said, newest, this.#clock.monotonic()) ?? said
        const report = this.#wrong.said?.(lied, newest) ?? lied
        this.#noteSaid(edge, said)
        const { version, nonce } = echoing
        const reads = macs === null ? KEYLESS_VERSION : WIRE_VERSION
        const written = { ...report, reads, ...(nonce !== undefined && { echo: nonce }) }
        const letter = { report, bytes: encodeReport(written, version, macs) }
        this.#carry(edge, 'upCut', () => {
          this.#at(edge).report = letter
          if (this.away) return
          this.#at(edge).heard = letter
          for (const { process, reader, reads, heard } of this.#controllers) {
            if (!reads(letter)) continue
            process.enter(() => {
              const read = this.#read(reader, letter)
              if (read) heard(read)
            })
          }
        })
      },
      reconnect: () => {
        const there = this.#listeners.get(edge)
        process.clock.setTimer(this.#random.between(1, 50), () => there?.listener.linked())
      },
      close: async () => {
        this.#listeners.delete(edge)
      },
    }
  }
}

/** One pair of ends for all: nobody here has more than one key. */
function macsOfEdges(): MacsOf {
  const known = new Map<string, EdgeMacs>()
  return (edge) => {
    const keys = [{ generation: 1, key: edgeKeyOf(Buffer.alloc(32, 1), 'model', edge, 0) }]
    const macs = known.get(edge) ?? new EdgeMacs(keys, 'edge')
    known.set(edge, macs)
    return macs
  }
}

/** What a leader of an older release would have written. */
function inVersion({ instance: _, reasons: __, nonce: ___, ...message }: RateMessage, version: number): RateMessage {
  return { ...message, version, counted: false }
}

function noteReached({ reached }: ControllerLink, edge: string, { epoch, seq }: Serial): void {
  const last = reached.get(edge)
  if (!last || compareSerial(last, { epoch, seq }) < 0) reached.set(edge, { epoch, seq })
}

/** Whether what was read is what the edge counted: what it said since its base, and the base where it does not. */
function isMeant(read: LeafColumns, isBase: boolean, { base, counters }: SentReport): boolean {
  const meant = new Map<number, readonly [LeafColumns, number]>()
  for (const told of [columnsOf(base?.leaves ?? []), columnsOf(counters ?? [])])
    for (let i = 0; i < told.length; i++) meant.set(told.key[i]!, [told, i])
  for (let i = 0; i < read.length; i++) {
    const [told, at] = meant.get(read.key[i]!) ?? [NO_LEAVES, 0]
    if (NUMBERS.some((part) => told[part][at] !== read[part][i])) return false
  }
  return !isBase || read.length === meant.size
}

const NUMBERS = ['bytes', 'packets', 'drops', 'backlog'] as const
const NO_LEAVES = columnsOf([])
