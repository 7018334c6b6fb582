// `mizani history import FILE.csv`: what LibreNMS, Zabbix or Cacti kept becomes part of the record. A forgiving reader:
// commas or semicolons, with or without a byte order mark, any line ends, UTF-8 or Windows-1252, times in several
// spellings, rates in the unit that the column or the cell names; but every row that cannot be used is named, and then
// nothing is taken. Links and sites are those of the policy in force beside a running controller, else of the folder.
//
//   time;link;direction;rate (Mbps)
//   2026-03-02 10:05;transit-a;down;5200

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DIRECTIONS, type Direction, directed } from '../model/network.js'
import { type BitsPerSecond, parseRate, type UnixMilliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document.js'
import { loadPlane } from '../policy/files.js'
import { ACCESS_PREFIX } from '../policy/links.js'
import { validatePolicy } from '../policy/validate.js'
import { CLI_TOKEN_FILE, createApiClient } from '../runtime/api-client.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { type Fault, invalid, MizaniError, messageOf, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { MAX_FILE_BYTES } from '../runtime/limits.js'
import { readSheet, type Sheet } from '../runtime/sheet.js'
import { Archive, DAY, slotOf } from './archive.js'
import { emptyRows, LINKS, type LinkRows } from './tables.js'

/** What columns may be called, in lower case. */
const COLUMNS = {
  time: ['time', 'timestamp', 'date', 'datetime', 'clock', 'wakati'],
  link: ['link', 'site', 'interface', 'port', 'kiungo', 'kituo'],
  direction: ['direction', 'dir', 'mwelekeo'],
  rate: ['rate', 'bps', 'bit/s', 'bits', 'value', 'kiwango'],
} as const
type Column = keyof typeof COLUMNS
/** "rate (Mbps)": numbers of the column are in this unit. */
const UNIT = /^(.*?)[\s([_]+([kmgt]?)b(?:its?)?(?:ps|\/s|\/sec)[\s)\]]*$/
/** "MB/s", "kBps": a large B is bytes. Only "MBPS" is not: where all is in capitals, it says nothing. */
const BYTES = /(?:^|[\s([_\d])[KkMmGgTt]?B(?:ps|\/[Ss](?:ec|EC)?)[\s)\]]*$/
const DIRECTION_WORDS: Readonly<Record<string, Direction>> = {
  ...{ down: 'down', in: 'down', inbound: 'down', rx: 'down', received: 'down', download: 'down', kupakua: 'down' },
  ...{ up: 'up', out: 'up', outbound: 'up', tx: 'up', sent: 'up', upload: 'up', kupakia: 'up' },
}

export interface Sample {
  readonly at: UnixMilliseconds
  /** Directed link. */
  readonly link: string
  readonly rate: BitsPerSecond
}

/**
 * @param now what lies a day and more after it was not measured
 * @throws MizaniError IMPORT_INVALID with every row that cannot be used.
 */
export function readSamples(
  file: string,
  bytes: Uint8Array,
  document: PolicyDocument,
  now: UnixMilliseconds = systemClock.wall(),
): Sample[] {
  const sheet = sheetIn(file, bytes)
  const units = sheet.header.map((name) => UNIT.exec(name.toLowerCase()))
  const header = sheet.header.map((name, at) => units[at]?.[1] ?? name.toLowerCase())
  const placeOf = (column: Column): number =>
    header.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name))
  const at: Readonly<Record<Column, number>> = {
    ...{ time: placeOf('time'), link: placeOf('link') },
    ...{ direction: placeOf('direction'), rate: placeOf('rate') },
  }
  const faults: Fault[] = []
  for (const [column, place] of Object.entries(at))
    if (place < 0 && column !== 'direction')
      faults.push({
        code: 'COLUMN',
        file,
        line: 1,
        message: `expected a column "${column}", found ${header.join(', ')}`,
      })
  const counted = sheet.header[at.rate] ?? ''
  if (BYTES.test(counted)) {
    const message = `"${counted}" is in bytes a second; multiply the column by 8 and call it "rate (Mbit/s)"`
    faults.push({ code: 'COLUMN', file, line: 1, message })
  }
  if (faults.length > 0) throw invalid('IMPORT_INVALID', file, faults)
  const unit = units[at.rate]?.[2] ?? ''
  const samples = sheet.rows.flatMap(({ line, cells }): Sample[] => {
    const read = (column: Column): string => cells[at[column]] ?? ''
    const refuse = (message: string): [] => {
      faults.push({ code: 'ROW', file, line, message })
      return []
    }
    const time = timeOf(read('time'))
    if (time === null) return refuse(`"${read('time')}" is not a time; write 2026-03-02T10:05:00Z`)
    if (time > now + DAY) return refuse(`"${read('time')}" lies in the future`)
    const rate = rateOf(read('rate'), unit)
    if (rate === null) return refuse(`"${read('rate')}" is not a rate; write bit/s, or 5.2Gbps`)
    const link = linkOf(read('link'), read('direction').toLowerCase(), document)
    if (link === null) return refuse(`no link or site of this plane is called "${read('link')}" ${read('direction')}`)
    return [{ at: time, link, rate }]
  })
  if (faults.length > 0) throw invalid('IMPORT_INVALID', file, faults)
  return samples
}

function sheetIn(file: string, bytes: Uint8Array): Sheet {
  try {
    return readSheet(bytes)
  } catch (error) {
    if (!(error instanceof MizaniError)) throw error
    throw invalid(
      'IMPORT_INVALID',
      file,
      error.faults.map((fault) => ({ ...fault, file })),
    )
  }
}

/** `transit-a` with a direction, `transit-a.down`, or a site for its access line. */
function linkOf(name: string, direction: string, { links, sites }: PolicyDocument): string | null {
  const [, base, said] = /^(.*?)(?:\.(down|up))?$/.exec(name.toLowerCase()) as unknown as [string, string, string?]
  const way = said === undefined ? DIRECTION_WORDS[direction] : DIRECTIONS.find((d) => d === said)
  if (way === undefined) return null
  if (Object.hasOwn(links, base)) return directed(base, way)
  return Object.hasOwn(sites, base) ? directed(`${ACCESS_PREFIX}${base}`, way) : null
}

/** ISO 8601 with any offset, the same with a blank and without offset (then UTC), or Unix seconds. */
function timeOf(text: string): UnixMilliseconds | null {
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1_000
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/.exec(text)
  if (parts === null) return null
  const time = Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? 'Z'}`)
  return Number.isNaN(time) ? null : time
}

/** 5200000000, 5.2e9, "1234,5" in the unit of the column, or 5.2Gbps. */
function rateOf(text: string, unit: string): BitsPerSecond | null {
  if (BYTES.test(text)) return null
  if (!/^\d+([.,]\d+)?(e\+?\d+)?$/i.test(text)) return parseRate(text.replace(',', '.')) ?? null
  return Number(text.replace(',', '.')) * { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }[unit]!
}

/** Rows of the record: the mean of each link's samples in each five minutes. */
export function rowsOf(samples: readonly Sample[], capacities: ReadonlyMap<string, BitsPerSecond>): LinkRows {
  const sums = new Map<string, { slot: number; link: string; total: number; count: number }>()
  for (const { at, link, rate } of samples) {
    const slot = slotOf(at)
    const key = `${slot} ${link}`
    const sum = sums.get(key) ?? { slot, link, total: 0, count: 0 }
    sum.total += rate
    sum.count++
    sums.set(key, sum)
  }
  const rows = emptyRows(LINKS)
  for (const { slot, link, total, count } of sums.values()) {
    const capacity = capacities.get(link)
    rows.slot.push(slot)
    rows.seconds.push(300)
    rows.link.push(link)
    rows.revision.push(0)
    rows.plan.push('')
    rows.state.push('up')
    rows.capacity.push(capacity === undefined ? null : Math.round(capacity / 1_000))
    rows.carried.push(Math.round(total / count / 1_000))
    rows.measured_by.push('import')
    for (const unknown of [rows.need_load, rows.load, rows.arrived, rows.unmet, rows.m_room]) unknown.push(null)
    rows.short_s.push(0)
    rows.m_at.push(slot)
  }
  return rows
}

export interface ImportArgs {
  readonly file: string
  readonly json: boolean
  readonly settings: Pick<Settings, 'data' | 'plane' | 'client'>
}

/** The same file again changes nothing. */
export async function runHistoryImport({ file, json, settings }: ImportArgs, io: Io): Promise<number> {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile()) throw usageError(`${file} is not a file.`)
  if (stat.size > MAX_FILE_BYTES)
    throw usageError(`${file} is larger than ${MAX_FILE_BYTES} bytes.`, 'Part it by month.')
  const document = await namesFrom(settings, io)
  const bytes = readFileSync(file)
  const samples = readSamples(file, bytes, document)
  const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const days = new Archive(join(settings.data, 'history')).adopt(rowsOf(samples, capacitiesOf(document)), name)
  const links = new Set(samples.map(({ link }) => link)).size
  const span = days === 1 ? 'one day' : `${days} days`
  const words = `${samples.length} samples of ${links} directed links on ${span} are in the record.\n`
  io.stdout.write(json ? `${JSON.stringify({ samples: samples.length, links, days })}\n` : words)
  return 0
}

/** The policy in force, beside a controller on this data folder; the plane's folder, where none answers. */
async function namesFrom(settings: ImportArgs['settings'], { stderr }: Io): Promise<PolicyDocument> {
  if (existsSync(join(settings.data, CLI_TOKEN_FILE))) {
    try {
      const found = validatePolicy((await createApiClient(settings).ask('get', '/v1/policy', {})).body).document
      if (found !== null) return found
    } catch (error) {
      stderr.write(`${messageOf(error)} Links and sites are taken from ${settings.plane}.\n`)
    }
  }
  const { document, faults } = loadPlane(settings.plane)
  if (document === null) throw invalid('PLANE_INVALID', settings.plane, faults)
  return document
}

function capacitiesOf({ links }: PolicyDocument): ReadonlyMap<string, BitsPerSecond> {
  return new Map(
    Object.entries(links).flatMap(([id, { capacity }]) =>
      DIRECTIONS.map((way) => [directed(id, way), typeof capacity === 'number' ? capacity : capacity[way]] as const),
    ),
  )
}
