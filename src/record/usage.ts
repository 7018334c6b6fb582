// A day of the record as whoever counts months reads it: of every flow and link the five-minute means of what was
// carried, of flows also what was asked, given and missed. A day of a nation is a million rows that take a second to
// read; what is left of them here is kept beside them in one small file, named by what it was made from, so that it is
// made anew where that has changed (an import). It says nothing that the tables do not say.
//
// Of a link, what another counts outranks what edges say, and of one time an imported and a posted counter count once:
// the one that was heard for more of the five minutes, the posted one between equals.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { DAY, HOUR, SLOT, type UnixMilliseconds } from '../model/units.js'
import type { Archive } from './archive.js'
import { digestOf, keepDigests } from './digest.js'

export const SLOTS_A_DAY = DAY / SLOT
/** Sums are kept by half-hours: months begin with one nearly everywhere. */
export const HALF_HOUR = HOUR / 2
export const HALVES_A_DAY = 48
/** In place of a mean: there was such a flow, and nobody heard what it carried. */
const UNHEARD = -1
/** There was no such flow then, or nothing was recorded. */
export const ABSENT = -2

const FORMAT = 3
const KIND = 'usage'

export interface Carried {
  readonly ids: readonly string[]
  /** A row of SLOTS_A_DAY an id: kbit/s, UNHEARD or ABSENT; and seconds in which that was heard. */
  readonly means: Int32Array
  readonly seconds: Uint16Array
}

export interface DayUsage {
  readonly links: Carried
  readonly flows: Carried & {
    /** Seconds of each slot that were recorded, whether or not anybody heard what was carried; rows as above. */
    readonly recorded: Uint16Array
    /** Those of them below guarantee. */
    readonly below: Uint16Array
    /** kbit, a row of HALVES_A_DAY a flow. */
    readonly asked: Float64Array
    readonly need: Float64Array
    readonly unmet: Float64Array
    readonly causes: readonly Cause[]
  }
}

/** What held a flow below its guarantee: its place in `ids`, the limit as recorded, the half-hour, seconds. */
type Cause = readonly [row: number, limit: string, half: number, seconds: number]

interface Header {
  readonly links: readonly string[]
  readonly flows: readonly string[]
  readonly causes: readonly Cause[]
}

export async function usageOfDay(archive: Archive, start: UnixMilliseconds): Promise<DayUsage> {
  const path = digestOf(archive, start, KIND, FORMAT)
  return path !== null && existsSync(path) ? decode(readFileSync(path)) : usageFrom(archive, start)
}

export const keepUsage = (archive: Archive): Promise<void> =>
  keepDigests(archive, KIND, FORMAT, async (start) => encode(await usageFrom(archive, start)))

async function usageFrom(archive: Archive, start: UnixMilliseconds): Promise<DayUsage> {
  return { links: await linksOf(archive, start), flows: await flowsOf(archive, start) }
}

function encode({ links, flows }: DayUsage): Uint8Array {
  const { recorded, below, asked, need, unmet, causes } = flows
  const header: Header = { links: links.ids, flows: flows.ids, causes }
  const said = JSON.stringify(header)
  // Numbers begin where numbers may begin, so that they are read as they lie there.
  const text = Buffer.from(`${said}${' '.repeat(7 - (Buffer.byteLength(said) % 8))}\n`)
  const columns = [asked, need, unmet, links.means, flows.means, links.seconds, flows.seconds, recorded, below]
  const bytes = columns.map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength))
  return gzipSync(Buffer.concat([text, ...bytes]), { level: 3 })
}

/** Written above, in a folder that only we can write. */
function decode(file: Uint8Array): DayUsage {
  const bytes = gunzipSync(file)
  const end = bytes.indexOf(10)
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as Header
  const rest = bytes.buffer
  const [links, flows] = [header.links.length * SLOTS_A_DAY, header.flows.length * SLOTS_A_DAY]
  let at = bytes.byteOffset + end + 1
  const doubles = (length: number): Float64Array => {
    at += length * 8
    return new Float64Array(rest, at - length * 8, length)
  }
  const ints = (length: number): Int32Array => {
    at += length * 4
    return new Int32Array(rest, at - length * 4, length)
  }
  const shorts = (length: number): Uint16Array => {
    at += length * 2
    return new Uint16Array(rest, at - length * 2, length)
  }
  const halves = header.flows.length * HALVES_A_DAY
  const [asked, need, unmet] = [doubles(halves), doubles(halves), doubles(halves)]
  const [linkMeans, flowMeans] = [ints(links), ints(flows)]
  const [linkSeconds, flowSeconds] = [shorts(links), shorts(flows)]
  const [recorded, below] = [shorts(flows), shorts(flows)]
  const { causes } = header
  const carried = { ids: header.flows, means: flowMeans, seconds: flowSeconds }
  return {
    links: { ids: header.links, means: linkMeans, seconds: linkSeconds },
    flows: { ...carried, recorded, below, asked, need, unmet, causes },
  }
}

/** Sums by subject and slot while rows of a day are read. */
class Sums {
  readonly ids: string[] = []
  readonly #places = new Map<string, number>()
  readonly #columns: { kbit: number[]; heard: number[]; seconds: number[] }[] = []

  placeOf(id: string): number {
    const known = this.#places.get(id)
    if (known !== undefined) return known
    const zero = (): number[] => new Array<number>(SLOTS_A_DAY).fill(0)
    this.ids.push(id)
    this.#columns.push({ kbit: zero(), heard: zero(), seconds: zero() })
    this.#places.set(id, this.ids.length - 1)
    return this.ids.length - 1
  }

  /** @param said seconds in which that was heard; null: nobody wrote them down, and it is all that were recorded */
  add(place: number, slot: number, seconds: number, kbps: number | null, said: number | null): void {
    const column = this.#columns[place]!
    column.seconds[slot]! += seconds
    if (kbps === null) return
    const heard = said ?? seconds
    column.kbit[slot]! += kbps * heard
    column.heard[slot]! += heard
  }

  recorded(id: string, slot: number): number {
    return this.#columns[this.placeOf(id)]!.seconds[slot]!
  }

  heard(id: string, slot: number): number {
    const place = this.#places.get(id)
    return place === undefined ? 0 : this.#columns[place]!.heard[slot]!
  }

  /** Several parts of a slot are one mean, by the seconds in which each was heard. */
  mean(id: string, slot: number): number {
    const place = this.#places.get(id)
    if (place === undefined) return ABSENT
    const { kbit, heard, seconds } = this.#columns[place]!
    if (heard[slot]! > 0) return Math.round(kbit[slot]! / heard[slot]!)
    return seconds[slot]! > 0 ? UNHEARD : ABSENT
  }
}

/** In the order of the ids, whatever the order of the files. */
function carriedOf(ids: readonly string[], of: (id: string, slot: number) => Sums): Carried {
  const means = new Int32Array(ids.length * SLOTS_A_DAY)
  const seconds = new Uint16Array(means.length)
  for (const [row, id] of ids.entries()) {
    for (let slot = 0; slot < SLOTS_A_DAY; slot++) {
      const sums = of(id, slot)
      means[row * SLOTS_A_DAY + slot] = sums.mean(id, slot)
      seconds[row * SLOTS_A_DAY + slot] = Math.min(SLOT / 1_000, sums.heard(id, slot))
    }
  }
  return { ids, means, seconds }
}

async function linksOf(archive: Archive, start: UnixMilliseconds): Promise<Carried> {
  const [posted, imported, edges] = [new Sums(), new Sums(), new Sums()]
  const names = ['slot', 'seconds', 'link', 'carried', 'heard', 'measured_by'] as const
  for await (const rows of archive.walkLinks(names, { from: start, before: start + DAY })) {
    for (const [i, link] of rows.link.entries()) {
      const source = rows.measured_by[i]
      const sums = source === 'counter' ? posted : source === 'import' ? imported : edges
      const slot = (rows.slot[i]! - start) / SLOT
      sums.add(sums.placeOf(link), slot, rows.seconds[i]!, rows.carried[i]!, rows.heard[i]!)
    }
  }
  const ids = [...new Set([posted, imported, edges].flatMap((sums) => sums.ids))].sort()
  return carriedOf(ids, (id, slot) => {
    const counted = posted.heard(id, slot) >= imported.heard(id, slot) ? posted : imported
    return counted.heard(id, slot) > 0 ? counted : edges
  })
}

const FLOW_NAMES = [
  ...(['slot', 'seconds', 'flow', 'carried', 'heard', 'asked', 'need', 'unmet'] as const),
  ...(['below_guarantee_s', 'm_limit'] as const),
]

async function flowsOf(archive: Archive, start: UnixMilliseconds): Promise<DayUsage['flows']> {
  const sums = new Sums()
  const halves = { asked: [] as number[], need: [] as number[], unmet: [] as number[] }
  const short: { place: number; slot: number; limit: string; seconds: number }[] = []
  for await (const rows of archive.walkFlows(FLOW_NAMES, { from: start, before: start + DAY })) {
    for (const [i, flow] of rows.flow.entries()) {
      const place = sums.placeOf(flow)
      const [slot, seconds] = [(rows.slot[i]! - start) / SLOT, rows.seconds[i]!]
      sums.add(place, slot, seconds, rows.carried[i]!, rows.heard[i]!)
      const half = place * HALVES_A_DAY + halfOf(slot)
      for (const name of ['asked', 'need', 'unmet'] as const)
        halves[name][half] = (halves[name][half] ?? 0) + (rows[name][i] ?? 0) * seconds
      const below = rows.below_guarantee_s[i]!
      if (below > 0) short.push({ place, slot, limit: rows.m_limit[i]!, seconds: below })
    }
  }
  const ids = [...sums.ids].sort()
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  const carried = carriedOf(ids, () => sums)
  const below = new Uint16Array(carried.means.length)
  const recorded = Uint16Array.from(carried.means, (_, at) =>
    Math.min(SLOT / 1_000, sums.recorded(ids[Math.floor(at / SLOTS_A_DAY)]!, at % SLOTS_A_DAY)),
  )
  const causes = new Map<string, Cause>()
  for (const { place, slot, limit, seconds } of short) {
    const row = rowOf.get(sums.ids[place]!)!
    below[row * SLOTS_A_DAY + slot]! += seconds
    const key = `${row} ${halfOf(slot)} ${limit}`
    causes.set(key, [row, limit, halfOf(slot), seconds + (causes.get(key)?.[3] ?? 0)])
  }
  const byRow = (column: readonly number[]): Float64Array =>
    Float64Array.from({ length: ids.length * HALVES_A_DAY }, (_, at) => {
      const place = sums.placeOf(ids[Math.floor(at / HALVES_A_DAY)]!)
      return column[place * HALVES_A_DAY + (at % HALVES_A_DAY)] ?? 0
    })
  const [asked, need, unmet] = [byRow(halves.asked), byRow(halves.need), byRow(halves.unmet)]
  const inOrder = [...causes.values()].sort((a, b) => a[0] - b[0] || a[2] - b[2] || (a[1] < b[1] ? -1 : 1))
  return { ...carried, recorded, below, asked, need, unmet, causes: inOrder }
}

const halfOf = (slot: number): number => Math.floor((slot * SLOT) / HALF_HOUR)
