// A sheet of what monitoring has measured, read forgivingly: commas or semicolons, with or without a byte order mark,
// any line ends, UTF-8 or Windows-1252, times in several spellings, rates in the unit that the column or the cell
// names, one column with a direction beside it or `in` and `out` side by side. But every row that cannot be used is
// named, and then nothing is taken; and what had to be assumed (a zone, a doubtful value) is answered.
//
//   time;link;direction;rate (Mbps)            time,link,in (Mbps),out (Mbps)
//   2026-03-02 10:05;transit-a;down;5200       2026-03-02T10:05:00Z,transit-a,5200,910

import { DIRECTIONS, type Direction, directed } from '../model/network.js'
import { type BitsPerSecond, DAY, formatRate, parseRate, type UnixMilliseconds } from '../model/units.js'
import { localTime } from '../policy/document/calendar.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { ACCESS_PREFIX } from '../policy/document/names.js'
import { type Fault, invalid, MizaniError } from '../runtime/errors.js'
import { type WalkedSheet, walkSheet, withoutEnd } from '../runtime/sheet.js'

/** What columns may be called, in lower case. */
const COLUMNS = {
  time: ['time', 'timestamp', 'date', 'datetime', 'clock', 'wakati'],
  link: ['link', 'site', 'interface', 'port', 'kiungo', 'kituo'],
  direction: ['direction', 'dir', 'mwelekeo'],
  rate: ['rate', 'bps', 'bit/s', 'bits', 'value', 'kiwango'],
} as const
type Column = keyof typeof COLUMNS
/** "rate (mbps": numbers of the column are in this unit. */
const UNIT = /[\s([_]([kmgt]?)b(?:its?)?(?:ps|\/s|\/sec)$/
/** "MB/s", "kBps": a large B is bytes. Only "MBPS" is not: where all is in capitals, it says nothing. */
const BYTES = /(?:^|[\s([_\d])[KkMmGgTt]?B(?:ps|\/[Ss](?:ec|EC)?)[\s)\]]*$/
const DIRECTION_WORDS: ReadonlyMap<string, Direction> = new Map(
  Object.entries({
    ...{ down: 'down', in: 'down', inbound: 'down', rx: 'down', received: 'down', download: 'down', kupakua: 'down' },
    ...{ up: 'up', out: 'up', outbound: 'up', tx: 'up', sent: 'up', upload: 'up', kupakia: 'up' },
  } as const),
)
/** Words that a column of one direction may have beside it: "traffic in", "Bits received". */
const SMALL_WORDS: ReadonlySet<string> = new Set(['traffic', 'rate', 'bits', 'bps', 'bandwidth', 'average', 'avg'])
/** A clock that stumbled gives a value a little too large, a wrong unit one of a thousandfold. */
const WRONG_UNIT = 10

export interface Sample {
  readonly at: UnixMilliseconds
  /** Directed link. */
  readonly link: string
  readonly rate: BitsPerSecond
}

export interface Samples {
  readonly samples: readonly Sample[]
  /** In whose time rows without a zone were read; null: all said theirs. */
  readonly zone: string | null
  /** What was taken and cannot be right, by row. */
  readonly warnings: readonly Fault[]
}

/** A column of rates. */
interface Side {
  readonly at: number
  readonly header: string
  /** k, M, G, T or nothing. */
  readonly unit: string
  /** Null: another column says it, or the name of the link. */
  readonly direction: Direction | null
}

/**
 * @param now what lies a day and more after it was not measured
 * @throws MizaniError IMPORT_INVALID with every row that cannot be used.
 */
export function readSamples(file: string, bytes: Uint8Array, document: PolicyDocument, now: UnixMilliseconds): Samples {
  const sheet = sheetIn(file, bytes)
  const { at, sides } = columnsOf(file, sheet)
  const { timezone } = document.plane
  const faults: Fault[] = []
  const warnings: Fault[] = []
  const samples: Sample[] = []
  // Few moments and few links, many rows.
  const times = lookedUpOnce((text) => timeOf(text, timezone))
  const links = lookedUpOnce((name) =>
    sides.map((side) => lookedUpOnce((way) => linkOf(name, side.direction ?? way, side.direction !== null, document))),
  )
  let zoneless = false
  for (const { line, cells } of sheet.rows) {
    const refuse = (message: string): void => void faults.push({ code: 'ROW', file, line, message })
    const [said, name, way] = [cells[at.time] ?? '', cells[at.link] ?? '', cells[at.direction] ?? '']
    const time = times(said)
    if (time === null) refuse(`"${said}" is not a time; write 2026-03-02T10:05:00Z`)
    else if (time.at > now + DAY) refuse(`"${said}" lies in the future`)
    if (time === null || time.at > now + DAY) continue
    zoneless ||= !time.hasZone
    const linkBySide = links(name)
    let isFilled = false
    for (const [n, { at: place, unit, direction }] of sides.entries()) {
      const cell = cells[place] ?? ''
      if (direction !== null && cell === '') continue
      isFilled = true
      const rate = rateOf(cell, unit)
      const link = linkBySide[n]!(way)
      if (rate === null) refuse(`"${cell}" is not a rate; write bit/s, or 5.2Gbps`)
      else if (link === null) refuse(`no link or site of this plane is called "${name}" ${direction ?? way}`)
      else {
        const doubt = doubtOf(rate, link)
        if (doubt?.isFault) refuse(doubt.message)
        else if (doubt) warnings.push({ code: 'ROW', file, line, message: doubt.message })
        samples.push({ at: time.at, link: link.id, rate })
      }
    }
    if (!isFilled) refuse(`no rate: ${sides.map(({ header }) => `"${header}"`).join(' and ')} are empty`)
  }
  if (faults.length > 0) throw invalid('IMPORT_INVALID', file, faults)
  return { samples, zone: zoneless ? timezone : null, warnings }
}

function lookedUpOnce<Found>(look: (text: string) => Found): (text: string) => Found {
  const known = new Map<string, Found>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = look(text)
    known.set(text, made)
    return made
  }
}

/** Where each column stands. @throws MizaniError IMPORT_INVALID with what is missing. */
function columnsOf(file: string, sheet: WalkedSheet): { at: Readonly<Record<Column, number>>; sides: readonly Side[] } {
  const open = sheet.header.map((name) => withoutEnd(name.toLowerCase(), ' )]'))
  const units = open.map((name) => UNIT.exec(name))
  const bare = (name: string, { index }: RegExpExecArray): string => withoutEnd(name.slice(0, index), ' ([_')
  const header = sheet.header.map((name, at) => (units[at] ? bare(open[at]!, units[at]) : name.toLowerCase()))
  const placeOf = (column: Column): number =>
    header.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name))
  const at = {
    ...{ time: placeOf('time'), link: placeOf('link') },
    ...{ direction: placeOf('direction'), rate: placeOf('rate') },
  }
  const side = (place: number, direction: Direction | null): Side => ({
    ...{ at: place, direction, header: sheet.header[place]!, unit: units[place]?.[1] ?? '' },
  })
  const beside = header.flatMap((name, place) => {
    const direction = sideOf(name)
    return direction === null ? [] : [side(place, direction)]
  })
  const sides = at.rate >= 0 ? [side(at.rate, null)] : beside
  const faults: Fault[] = []
  const refuse = (message: string): void => void faults.push({ code: 'COLUMN', file, line: 1, message })
  const found = header.join(', ')
  for (const column of ['time', 'link'] as const)
    if (at[column] < 0) refuse(`expected a column "${column}", found ${found}`)
  if (sides.length === 0) refuse(`expected a column "rate", or "in" and "out" side by side, found ${found}`)
  for (const { header } of sides)
    if (BYTES.test(header))
      refuse(`"${header}" is in bytes a second; multiply the column by 8 and call it "rate (Mbit/s)"`)
  if (faults.length > 0) throw invalid('IMPORT_INVALID', file, faults)
  return { at, sides }
}

/** "in", "traffic_out", "bits received". */
function sideOf(name: string): Direction | null {
  const words = (name.match(/[a-z]+/g) ?? []).filter((word) => !SMALL_WORDS.has(word))
  return (words.length === 1 && DIRECTION_WORDS.get(words[0]!)) || null
}

function sheetIn(file: string, bytes: Uint8Array): WalkedSheet {
  try {
    return walkSheet(bytes)
  } catch (error) {
    if (!(error instanceof MizaniError)) throw error
    throw invalid(
      'IMPORT_INVALID',
      file,
      error.faults.map((fault) => ({ ...fault, file })),
    )
  }
}

interface KnownLink {
  readonly id: string
  readonly capacity: BitsPerSecond
}

/** `transit-a` with a direction, `transit-a.down`, or a site for its access line; no name may contradict a column. */
function linkOf(
  written: string,
  direction: string,
  isOfColumn: boolean,
  { links, sites }: PolicyDocument,
): KnownLink | null {
  const name = written.toLowerCase()
  const [, base, said] = /^(.*?)(?:\.(down|up))?$/s.exec(name) as unknown as [string, string, string?]
  const told = DIRECTION_WORDS.get(direction.toLowerCase())
  const way = said === undefined || isOfColumn ? told : DIRECTIONS.find((d) => d === said)
  if (way === undefined || (said !== undefined && said !== way)) return null
  const link = Object.hasOwn(links, base) ? links[base]!.capacity : undefined
  const line = Object.hasOwn(sites, base) ? sites[base]!.access : undefined
  if (link !== undefined) return { id: directed(base, way), capacity: link[way] }
  return line === undefined ? null : { id: directed(`${ACCESS_PREFIX}${base}`, way), capacity: line[way] }
}

/** What no link of this capacity has carried. */
function doubtOf(rate: BitsPerSecond, { id, capacity }: KnownLink): { message: string; isFault: boolean } | null {
  if (rate <= capacity) return null
  const about = `${formatRate(rate)} on ${id}, which carries ${formatRate(capacity)} at most`
  if (rate > WRONG_UNIT * capacity) return { message: `${about}: is the unit of the column right?`, isFault: true }
  return { message: `${about} today; taken as it stands`, isFault: false }
}

interface ReadTime {
  readonly at: UnixMilliseconds
  readonly hasZone: boolean
}

/** ISO 8601 with any offset, the same with a blank and without offset (then the plane's time), or Unix seconds. */
function timeOf(text: string, timeZone: string): ReadTime | null {
  if (/^\d{9,10}$/.test(text)) return { at: Number(text) * 1_000, hasZone: true }
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/.exec(text)
  if (parts === null) return null
  const [, date = '', clock = '', zone] = parts
  const utc = Date.parse(`${date}T${clock}Z`)
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== date) return null
  const at = zone === undefined ? instantOf(utc, timeZone) : Date.parse(`${date}T${clock}${zone}`)
  return at === null || Number.isNaN(at) ? null : { at, hasZone: zone !== undefined }
}

/** When the zone's clocks show what UTC's show at `shown`: the earlier of two moments; null: they leap over it. */
function instantOf(shown: UnixMilliseconds, timeZone: string): UnixMilliseconds | null {
  const aheadAt = (at: UnixMilliseconds): number => {
    const { date, clock } = localTime(at, timeZone)
    return Date.parse(`${date}T${clock}Z`) - Math.floor(at / 60_000) * 60_000
  }
  const found = [shown - DAY, shown + DAY]
    .map((near) => shown - aheadAt(near))
    .filter((at) => at + aheadAt(at) === shown)
  return found.length === 0 ? null : Math.min(...found)
}

const MULTIPLE: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** 5200000000, 5.2e9, "1234,5" in the unit of the column, or 5.2Gbps. */
function rateOf(text: string, unit: string): BitsPerSecond | null {
  if (/^\d+([.,]\d+)?(e\+?\d+)?$/i.test(text)) return Number(text.replace(',', '.')) * MULTIPLE[unit]!
  return BYTES.test(text) ? null : (parseRate(text.replace(',', '.')) ?? null)
}
