// A day of the record as whoever replays it reads it, kept beside its tables (digest.ts): of every flow and five
// minutes what was wanted, and the moments of the day, from which each can be solved again. An hour is read at a time:
// a day of a nation is thirty megabytes, and a year is played in pieces.
//
//   {"flows":[…],"links":[…],"parts":[…],"hours":[[means,moments],…]}\n  means 0  moments 0  means 1  moments 1  …
//
// means: of each slot, by flow, kbit/s wanted and whether that is a lower bound. moments: of each part, by flow, asked,
// part of the family, charge (float32: 24 bits, at 10 Gbit/s the sixth part of a kbit/s) and need; by link the room.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { DAY, HOUR, SLOT, type UnixMilliseconds } from '../model/units.js'
import type { Archive } from './archive.js'
import { digestOf, keepDigests } from './digest.js'

const FORMAT = 1
const KIND = 'demand'
const SLOTS_A_DAY = DAY / SLOT
export const SLOTS_AN_HOUR = HOUR / SLOT
const HOURS = DAY / HOUR
/** In place of kbit/s: nothing is recorded. */
export const NOTHING = 0xffffffff
/** In place of a need: what was asked. */
const AS_ASKED = 0xffffffff

/** A part of a slot, as archive.ts has it. */
export interface RecordedPart {
  readonly slot: UnixMilliseconds
  /** Of the moment that is kept in full. */
  readonly at: UnixMilliseconds
  readonly seconds: number
  readonly plan: string
}

/** Rows of `flows` a slot of the hour. */
export interface HourMeans {
  /** kbit/s, or NOTHING. What was asked where that was not given, else what arrived. */
  readonly wanted: Uint32Array
  /** 1: something held it back, so that it may have wanted more. */
  readonly isLeast: Uint8Array
}

/**
 * Rows of `flows`, or of `links`, a part of the hour; bit/s. NaN: it was not there, or of `charged`: it was steered.
 */
export interface HourMoments {
  readonly parts: readonly RecordedPart[]
  readonly asked: Float32Array
  readonly phi: Float32Array
  /** kbit/s */
  readonly charged: Float32Array
  readonly need: Float64Array
  readonly room: Float64Array
}

interface Header {
  readonly flows: readonly string[]
  readonly links: readonly string[]
  readonly parts: readonly RecordedPart[]
  /** Bytes of the means and of the moments of each hour. */
  readonly hours: readonly (readonly [number, number])[]
}

export class RecordedDay {
  readonly flows: readonly string[]
  readonly links: readonly string[]
  readonly parts: readonly RecordedPart[]
  readonly #start: UnixMilliseconds
  readonly #bytes: Uint8Array
  readonly #hours: Header['hours']
  readonly #first: number

  constructor(start: UnixMilliseconds, bytes: Uint8Array) {
    this.#start = start
    this.#bytes = bytes
    this.#first = bytes.indexOf(10) + 1
    // Written below, in a folder that only we can write.
    const header = JSON.parse(Buffer.from(bytes.subarray(0, this.#first)).toString('utf8')) as Header
    this.flows = header.flows
    this.links = header.links
    this.parts = header.parts
    this.#hours = header.hours
  }

  means(hour: number): HourMeans {
    const block = this.#block(hour, 0)
    const cells = SLOTS_AN_HOUR * this.flows.length
    return { wanted: new Uint32Array(block, 0, cells), isLeast: new Uint8Array(block, 4 * cells, cells) }
  }

  moments(hour: number): HourMoments {
    const parts = this.parts.filter(({ slot }) => hourOf(slot - this.#start) === hour)
    const block = this.#block(hour, 1)
    const [flows, links] = [parts.length * this.flows.length, parts.length * this.links.length]
    const room = new Float64Array(block, 0, links)
    const column = (n: number) => new Float32Array(block, 8 * links + 4 * n * flows, flows)
    const [asked, phi, charged] = [column(0), column(1), column(2)]
    const told = new Uint32Array(block, 8 * links + 12 * flows, flows)
    // A walk by `from` makes an object of each of a hundred thousand numbers.
    const need = new Float64Array(flows)
    for (let i = 0; i < flows; i++) need[i] = told[i] === AS_ASKED ? asked[i]! : 1_000 * told[i]!
    return { parts, asked, phi, charged, need, room }
  }

  /** A copy begins where numbers may begin. */
  #block(hour: number, which: 0 | 1): ArrayBuffer {
    const before = this.#hours.slice(0, hour).reduce((sum, [means, moments]) => sum + means + moments, 0)
    const [means, moments] = this.#hours[hour]!
    const from = this.#first + before + (which === 0 ? 0 : means)
    return new Uint8Array(gunzipSync(this.#bytes.subarray(from, from + (which === 0 ? means : moments)))).buffer
  }
}

const hourOf = (offset: number): number => Math.floor(offset / HOUR)

/** Null: no flow is recorded on that day. */
export async function recordedDay(archive: Archive, start: UnixMilliseconds): Promise<RecordedDay | null> {
  const path = digestOf(archive, start, KIND, FORMAT)
  const bytes = path !== null && existsSync(path) ? readFileSync(path) : await digest(archive, start)
  const day = new RecordedDay(start, bytes)
  return day.parts.length === 0 ? null : day
}

/** Keeps it of the days that are over. Runs in the archive's thread, which alone writes there. */
export const keepDemand = (archive: Archive): Promise<void> =>
  keepDigests(archive, KIND, FORMAT, (start) => digest(archive, start))

async function digest(archive: Archive, start: UnixMilliseconds): Promise<Uint8Array> {
  const means = await meansOf(archive, start)
  const moments = await momentsOf(archive, start, means.flows)
  const { flows } = means
  const { parts, links } = moments
  const blocks = Array.from({ length: HOURS }, (_, hour) => {
    const inHour = (n: number): boolean => hourOf(parts[n]!.slot - start) === hour
    const first = parts.findIndex((_, n) => inHour(n))
    const rows = parts.filter((_, n) => inHour(n)).length
    const cut = <A extends Float64Array | Float32Array | Uint32Array | Uint8Array>(
      { buffer, byteOffset, BYTES_PER_ELEMENT }: A,
      from: number,
      length: number,
    ): Buffer => Buffer.from(buffer, byteOffset + from * BYTES_PER_ELEMENT, length * BYTES_PER_ELEMENT)
    const ofFlows = (column: Float32Array | Uint32Array): Buffer =>
      cut(column, Math.max(0, first) * flows.length, rows * flows.length)
    const cells = SLOTS_AN_HOUR * flows.length
    const { asked, phi, charged, need, room } = moments
    return [
      packed([cut(means.wanted, hour * cells, cells), cut(means.isLeast, hour * cells, cells)]),
      packed([
        cut(room, Math.max(0, first) * links.length, rows * links.length),
        ...[asked, phi, charged, need].map(ofFlows),
      ]),
    ] as const
  })
  const hours = blocks.map(([a, b]) => [a.length, b.length] as const)
  const header: Header = { flows, links, parts, hours }
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...blocks.flat()])
}

const packed = (columns: readonly Buffer[]): Buffer => gzipSync(Buffer.concat(columns), { level: 1 })

const MEANS = ['slot', 'seconds', 'flow', 'demand', 'unmet', 'at_ceiling_s'] as const

/** Of several parts of a slot the mean by the seconds that each saw. */
async function meansOf(archive: Archive, start: UnixMilliseconds) {
  const asked = { from: start, before: start + DAY }
  const ids = new Set<string>()
  for await (const { flow } of archive.walkFlows(['flow'], asked)) for (const id of flow) ids.add(id)
  const flows = [...ids].sort()
  const place = new Map(flows.map((id, n) => [id, n]))
  const kbit = new Float64Array(SLOTS_A_DAY * flows.length)
  const seconds = new Uint16Array(kbit.length)
  const isLeast = new Uint8Array(kbit.length)
  for await (const rows of archive.walkFlows(MEANS, asked)) {
    for (const [i, id] of rows.flow.entries()) {
      const demand = rows.demand[i] ?? null
      if (demand === null) continue
      const at = ((rows.slot[i]! - start) / SLOT) * flows.length + place.get(id)!
      kbit[at]! += demand * rows.seconds[i]!
      seconds[at]! += rows.seconds[i]!
      if ((rows.unmet[i] ?? 0) > 0 || rows.at_ceiling_s[i]! > 0) isLeast[at] = 1
    }
  }
  const wanted = Uint32Array.from(kbit, (sum, at) => (seconds[at]! > 0 ? Math.round(sum / seconds[at]!) : NOTHING))
  return { flows, wanted, isLeast }
}

const MOMENTS = ['slot', 'seconds', 'flow', 'plan', 'm_at', 'm_asked', 'm_phi', 'm_charged', 'm_need'] as const

async function momentsOf(archive: Archive, start: UnixMilliseconds, flows: readonly string[]) {
  const asked = { from: start, before: start + DAY }
  const place = new Map(flows.map((id, n) => [id, n]))
  const { parts, placeOf, links } = await partsOf(archive, start)
  const column = () => new Float32Array(parts.length * flows.length).fill(Number.NaN)
  const moments = { asked: column(), phi: column(), charged: column() }
  const need = new Uint32Array(parts.length * flows.length).fill(AS_ASKED)
  for await (const rows of archive.walkFlows(MOMENTS, asked)) {
    for (const [i, id] of rows.flow.entries()) {
      const at = placeOf.get(`${rows.m_at[i]} ${rows.plan[i]}`)! * flows.length + place.get(id)!
      moments.asked[at] = rows.m_asked[i] ?? Number.NaN
      moments.phi[at] = rows.m_phi[i] ?? Number.NaN
      moments.charged[at] = rows.m_charged[i] ?? Number.NaN
      const [kbps, all] = [Math.round((rows.m_need[i] ?? 0) / 1_000), Math.round((rows.m_asked[i] ?? 0) / 1_000)]
      if (kbps !== all) need[at] = kbps
    }
  }
  const linkPlace = new Map(links.map((id, n) => [id, n]))
  const room = new Float64Array(parts.length * links.length).fill(Number.NaN)
  for await (const rows of archive.walkLinks(['link', 'plan', 'm_at', 'm_room'], asked)) {
    for (const [i, id] of rows.link.entries()) {
      const part = placeOf.get(`${rows.m_at[i]} ${rows.plan[i]}`)
      if (part !== undefined) room[part * links.length + linkPlace.get(id)!] = rows.m_room[i] ?? Number.NaN
    }
  }
  return { parts, links, ...moments, need, room }
}

/** The parts of the day in their order, and the links of which a moment is kept. */
async function partsOf(archive: Archive, start: UnixMilliseconds) {
  const asked = { from: start, before: start + DAY }
  const found = new Map<string, RecordedPart>()
  for await (const rows of archive.walkFlows(['slot', 'seconds', 'plan', 'm_at'], asked)) {
    for (const [i, at] of rows.m_at.entries()) {
      const key = `${at} ${rows.plan[i]}`
      if (found.has(key)) continue
      found.set(key, { slot: rows.slot[i]!, at, seconds: rows.seconds[i]!, plan: rows.plan[i]! })
    }
  }
  const parts = [...found.values()].sort((a, b) => a.at - b.at || (a.plan < b.plan ? -1 : 1))
  const placeOf = new Map(parts.map(({ at, plan }, n) => [`${at} ${plan}`, n]))
  const ids = new Set<string>()
  for await (const { link, plan } of archive.walkLinks(['link', 'plan'], asked))
    for (const [i, id] of link.entries()) if (parts.length > 0 && plan[i] !== '') ids.add(id)
  return { parts, placeOf, links: [...ids].sort() }
}
