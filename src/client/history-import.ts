// `mizani history import FILE.csv`: what LibreNMS, Zabbix or Cacti kept becomes part of the record. Links and sites are
// those of the policy in force beside a running controller, else of the folder. The answer says what was assumed.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DIRECTIONS, directed } from '../model/network.js'
import { type BitsPerSecond, DAY, SLOT, toKbps, toSeconds, type UnixMilliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { ACCESS_PREFIX } from '../policy/document/names.js'
import { validatePolicy } from '../policy/document/validate.js'
import { loadPlane } from '../policy/files/files.js'
import { type AdoptedDay, Archive } from '../record/archive.js'
import { readSamples, type Sample } from '../record/import-samples.js'
import { emptyRows, LINKS, type LinkRows } from '../record/tables.js'
import { systemClock } from '../runtime/clock.js'
import { CLI_TOKEN_FILE, type Settings } from '../runtime/config.js'
import { formatFaults, invalid, messageOf, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { MAX_FILE_BYTES } from '../runtime/limits.js'
import { createApiClient } from './api-client.js'

/** Warnings that an answer for scripts lists; it counts all. */
const MOST_WARNINGS = 100

/** Sums by slot of a day. */
interface Sums {
  readonly total: Float64Array
  readonly count: Uint32Array
}

/**
 * Rows of the record by day: the mean of each link's samples in each five minutes. Each sample is looked at once, and
 * a day becomes rows only where the record does not have it yet.
 */
export function daysOf(samples: readonly Sample[], document: PolicyDocument): Map<UnixMilliseconds, AdoptedDay> {
  const days = new Map<UnixMilliseconds, Map<string, Sums>>()
  const slots = DAY / SLOT
  for (const { at, link, rate } of samples) {
    const day = at - (at % DAY)
    const links = days.get(day) ?? new Map<string, Sums>()
    days.set(day, links)
    const sums = links.get(link) ?? { total: new Float64Array(slots), count: new Uint32Array(slots) }
    links.set(link, sums)
    const slot = Math.floor((at - day) / SLOT)
    sums.total[slot]! += rate
    sums.count[slot]!++
  }
  const capacities = capacitiesOf(document)
  return new Map(
    [...days].map(([day, found]) => {
      const links = [...found].sort(([a], [b]) => (a < b ? -1 : 1))
      return [day, { content: contentOf(links, capacities), rows: () => rowsOf(day, links, capacities) }]
    }),
  )
}

type SumsByLink = readonly (readonly [link: string, sums: Sums])[]

function contentOf(links: SumsByLink, capacities: ReadonlyMap<string, BitsPerSecond>): string {
  const hash = createHash('sha256')
  for (const [link, { total, count }] of links)
    hash
      .update(`${link} ${capacities.get(link)}\n`)
      .update(total)
      .update(count)
  return hash.digest('hex').slice(0, 16)
}

function rowsOf(day: number, links: SumsByLink, capacities: ReadonlyMap<string, BitsPerSecond>): LinkRows {
  const rows = emptyRows(LINKS)
  for (const [link, { total, count }] of links) {
    const capacity = capacities.get(link)
    for (const [n, samples] of count.entries()) {
      if (samples === 0) continue
      const slot = day + n * SLOT
      rows.slot.push(slot)
      rows.seconds.push(toSeconds(SLOT))
      rows.link.push(link)
      rows.revision.push(0)
      rows.plan.push('')
      rows.state.push('up')
      rows.capacity.push(capacity === undefined ? null : Math.round(toKbps(capacity)))
      rows.heard.push(toSeconds(SLOT))
      rows.carried.push(Math.round(toKbps(total[n]! / samples)))
      rows.measured_by.push('import')
      for (const unknown of [rows.need_load, rows.load, rows.arrived, rows.unmet, rows.m_room]) unknown.push(null)
      rows.short_s.push(0)
      rows.m_at.push(slot)
    }
  }
  return rows
}

export interface ImportArgs {
  readonly file: string
  readonly json: boolean
  readonly settings: Pick<Settings, 'data' | 'plane' | 'client'>
}

/** The same file again changes nothing; one that was corrected changes the days on which it differs. */
export async function runHistoryImport({ file, json, settings }: ImportArgs, io: Io): Promise<number> {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile()) throw usageError(`${file} is not a file.`)
  if (stat.size > MAX_FILE_BYTES)
    throw usageError(`${file} is larger than ${MAX_FILE_BYTES} bytes.`, 'Part it by month.')
  const document = await namesFrom(settings, io)
  const { samples, zone, warnings } = readSamples(file, readFileSync(file), document, systemClock.wall())
  const { days, written } = await new Archive(join(settings.data, 'history')).adopt(daysOf(samples, document))
  const links = new Set(samples.map(({ link }) => link)).size
  if (json) {
    const told = warnings.slice(0, MOST_WARNINGS).map(({ line, message }) => ({ line, message }))
    const counts = { samples: samples.length, links, days, written, zone }
    io.stdout.write(`${JSON.stringify({ ...counts, warnings: told, warned: warnings.length })}\n`)
    return 0
  }
  io.stdout.write(`${words({ samples: samples.length, links, days, written, zone })}\n`)
  if (warnings.length > 0)
    io.stderr.write(`More than a link can carry, ${warnings.length} values:\n${formatFaults(warnings)}\n`)
  return 0
}

interface Imported {
  readonly samples: number
  readonly links: number
  readonly days: number
  readonly written: number
  readonly zone: string | null
}

function words({ samples, links, days, written, zone }: Imported): string {
  const span = days === 1 ? 'one day' : `${days} days`
  const change = written === 0 ? 'nothing was new' : written === days ? 'all new' : `new or changed on ${written}`
  return [
    `${samples} samples of ${links} directed links on ${span} are in the record; ${change}.`,
    'Inbound was read as down, towards the institutions, outbound as up. Series are shown by link.',
    ...(zone === null ? [] : [`Times without a zone were read as those of the plane, ${zone}.`]),
  ].join('\n')
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

function capacitiesOf({ links, sites }: PolicyDocument): ReadonlyMap<string, BitsPerSecond> {
  const lines = Object.entries(sites).map(([id, { access }]) => [`${ACCESS_PREFIX}${id}`, access] as const)
  const built = Object.entries(links).map(([id, { capacity }]) => [id, capacity] as const)
  return new Map(
    [...built, ...lines].flatMap(([id, capacity]) =>
      DIRECTIONS.map((way) => [directed(id, way), capacity[way]] as const),
    ),
  )
}
