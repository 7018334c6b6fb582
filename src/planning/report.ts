// A run as files and as text. It leads with who falls below the guarantee, how far, for how long and why; then what
// each band kept, then the worst hour of each link with its cause. Files carry everything that identifies the run and
// what each number means, and nothing of the moment or the machine: equal runs are equal bytes.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { formatRate } from '../model/units.js'
import { textTable } from '../runtime/text-table.js'
import { DEFINITIONS, type InstitutionOutcome } from './outcome.js'
import { GUARANTEE } from './playthrough.js'
import type { Run } from './run.js'
import { type Cell, type Row, type Table, tablesOf, utc } from './tables.js'

/** Rows that the text shows of a list; the files hold all. */
const SHOWN = 15

/** Name of each file to its content, in the order in which they are hashed. */
export function renderFiles(run: Run): Map<string, string> {
  const tables = tablesOf(run)
  const about = [
    ...Object.entries(aboutOf(run)).map(([what, value]) => ({ what, value })),
    ...Object.entries(DEFINITIONS).map(([what, value]) => ({ what: `definition of ${what}`, value })),
  ]
  return new Map([
    ['about.csv', csv({ columns: ['what', 'value'], rows: about })],
    ...Object.entries(tables).map(([name, table]): [string, string] => [`${name}.csv`, csv(table)]),
    ['report.json', reportJson(run, tables)],
    ['summary.txt', renderText(run)],
  ])
}

/** SHA-256 over names and contents, shortened to what a person compares. */
export function resultHash(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(`${name}\0${content}\0`)
  return hash.digest('hex').slice(0, 16)
}

export function writeFiles(files: ReadonlyMap<string, string>, directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const [name, content] of files) writeFileSync(join(directory, name), content)
}

function csv({ columns, rows }: Table): string {
  return stringify([...rows], { header: true, columns: [...columns] })
}

function aboutOf({ stamp, scenario }: Run): Record<string, Cell> {
  const { name, source, from, horizon, step } = scenario
  return {
    ...stamp,
    name_en: name.en,
    name_sw: name.sw,
    source,
    from: utc(from),
    to: utc(from + horizon),
    step_minutes: step / 60_000,
  }
}

/** The tables but the timeline, whose place is its CSV; of the institutions those that fall below. */
function reportJson(run: Run, { institutions, timeline: _, ...tables }: Readonly<Record<string, Table>>): string {
  const below = institutions!.rows.filter((row) => row.minutes_below !== 0)
  const rows = Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.rows]))
  const report: Record<string, unknown> = {
    about: aboutOf(run),
    definitions: DEFINITIONS,
    institutions: { total: institutions!.rows.length, below: below.length },
    'institutions-below': below satisfies readonly Row[],
    ...rows,
  }
  return `${JSON.stringify(report, null, 1)}\n`
}

const FOOT =
  `${DEFINITIONS.predicted}\n` +
  "Kept: of what a flow's demand may claim of a promise, the fraction it gets. Definitions: about.csv, report.json.\n"

/** What a person reads first: a page. */
export function renderText(run: Run): string {
  return [headText(run), belowText(run), tiersText(run), bandsText(run), linksText(run), FOOT].join('\n')
}

function headText({ scenario, stamp }: Run): string {
  const { name, story, source, from, horizon, step } = scenario
  const stretch = `${utc(from)} to ${utc(from + horizon)} in steps of ${step / 60_000} min`
  return (
    `${name.en}\n${name.sw}\n\n${story.en.trim()}\nSource: ${source.trim()}\n\n` +
    `${stretch}, seed ${stamp.seed}, engine ${stamp.engine}\n` +
    `scenario ${stamp.scenarioHash.slice(0, 23)}, plane ${stamp.planeHash.slice(0, 23)}\n`
  )
}

function belowText({ outcome }: Run): string {
  const below = outcome.institutions.filter((institution) => institution.minutesBelow > 0)
  const all = outcome.institutions.length
  if (below.length === 0) return `Nobody of ${all} institutions falls below the guarantee.\n`
  const lines = below
    .slice(0, SHOWN)
    .map((i) => [
      i.id,
      i.tier,
      hours(i.minutesBelow),
      percent(i.worst?.kept ?? 1),
      gbit(i.missing),
      minute(i.worst!.at),
      causeOf(i),
    ])
  const heads = ['institution', 'tier', 'below for', 'worst kept', 'missing', 'worst at (UTC)', 'cause']
  const longest = hours(below[0]!.minutesBelow)
  return (
    `${below.length} of ${all} institutions fall below their guarantee, the longest for ${longest}:\n` +
    `${table(heads, lines)}\n${left(below.length, 'institutions.csv')}`
  )
}

function tiersText({ outcome }: Run): string {
  const lines = outcome.tiers.map((tier) => [
    tier.tier,
    `${tier.below} of ${tier.institutions}`,
    hours(tier.longestMinutes),
    percent(tier.worstKept),
    gbit(tier.missing),
    percent(tier.satisfaction),
  ])
  const heads = ['tier', 'below', 'longest for', 'worst kept', 'missing', 'need of demand']
  return `Which tiers:\n${table(heads, lines)}\n`
}

function causeOf({ worst }: InstitutionOutcome): string {
  if (worst === null) return ''
  const why = worst.events.length === 0 ? 'no event' : worst.events.join(' + ')
  return `${why}, at ${worst.link ?? 'no link: it has no path'}`
}

function bandsText({ outcome }: Run): string {
  const lines = outcome.phases.flatMap((phase) =>
    phase.bands.map((band) => [
      minute(phase.from),
      phase.events.join(' + ') || 'as built',
      band.band === GUARANTEE ? 'all together' : band.band,
      percent(band.worstKept),
      gbit(band.missing),
      String(band.mostInstitutionsShort),
      hours(band.minutesShort),
    ]),
  )
  const heads = ['from (UTC)', 'events', 'band', 'worst kept', 'missing', 'most short at once', 'anyone short for']
  return `What each band keeps:\n${table(heads, lines)}\n`
}

function linksText({ outcome }: Run): string {
  const shared = outcome.links.filter(({ kind }) => kind !== 'access' && kind !== 'ceiling')
  const lines = shared.slice(0, SHOWN).map(({ id, p95Utilisation, minutesFull, worstHour }) => [
    id,
    minute(worstHour.from),
    percent(worstHour.utilisation),
    formatRate(worstHour.room),
    percent(p95Utilisation),
    hours(minutesFull),
    worstHour.events.join(' + ') || 'no event',
    worstHour.takers
      .slice(0, 3)
      .map(({ institution }) => institution)
      .join(' '),
  ])
  const heads = ['link', 'worst hour (UTC)', 'used', 'of', 'p95 in time', 'full for', 'event', 'most taken by']
  return `Worst hour of each link that several share:\n${table(heads, lines)}\n${left(shared.length, 'links.csv')}`
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
const hours = (minutes: number): string => `${(minutes / 60).toFixed(1)} h`
const gbit = (bits: number): string => `${(bits / 1e9).toFixed(1)} Gbit`
const minute = (at: number): string => utc(at).slice(0, 16).replace('T', ' ')
const left = (all: number, file: string): string => (all > SHOWN ? `… and ${all - SHOWN} more in ${file}\n` : '')

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => textTable({ heads, rows })
