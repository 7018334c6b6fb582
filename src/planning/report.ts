// A run as files and as text. It leads with who falls below the guarantee, how far, for how long and why; then what
// each band kept, then the worst hour of each link with its cause. Files carry everything that identifies the run and
// what each number means, and nothing of the moment or the machine: equal runs are equal bytes.

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { formatMinutes, formatRate } from '../model/units.js'
import { textTable } from '../runtime/text-table.js'
import { type CauseLink, DEFINITIONS, type InstitutionOutcome } from './outcome.js'
import { GUARANTEE } from './playthrough.js'
import { basisText } from './recorded/basis-words.js'
import { BASIS, type Basis } from './recorded/source.js'
import type { Run } from './run.js'
import { type Cell, type LongTable, lackOf, type Row, type Table, tablesOf, timelineOf, utc } from './tables.js'

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
    ['timeline.csv', longCsv(timelineOf(run))],
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

/** Into a folder that is there. */
export function writeFiles(files: ReadonlyMap<string, string>, directory: string): void {
  for (const [name, content] of files) writeFileSync(join(directory, name), content)
}

function csv({ columns, rows }: Table, header = true): string {
  return stringify([...rows], { header, columns: [...columns] })
}

/** Rows that are text before the next are made: of a year there are a hundred thousand. */
const AT_ONCE = 1_000

function longCsv({ columns, rows }: LongTable): string {
  let text = csv({ columns, rows: [] })
  let some: Row[] = []
  for (const row of rows()) {
    some.push(row)
    if (some.length < AT_ONCE) continue
    text += csv({ columns, rows: some }, false)
    some = []
  }
  return text + csv({ columns, rows: some }, false)
}

function aboutOf({ stamp, scenario, basis }: Run): Record<string, Cell> {
  const { name, source, from, horizon, step } = scenario
  return {
    ...stamp,
    name_en: name.en,
    name_sw: name.sw,
    source,
    from: utc(from),
    to: utc(from + horizon),
    step_minutes: step / 60_000,
    ...(scenario.demand.model === 'recorded' ? { ...basisFacts(basis), record: basisText(basis).en } : {}),
  }
}

const basisFacts = (basis: Basis): Record<string, Cell> =>
  Object.fromEntries(BASIS.map((name) => [`demand_${name}`, basis[name]]))

/** The timeline's place is its CSV; of the institutions those that fall below. */
function reportJson(run: Run, { institutions, ...tables }: Readonly<Record<string, Table>>): string {
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
  'Times "in all" are sums over the horizon; a spell is unbroken. Lacks: the mean while something is lacking.\n' +
  "Kept: of what a flow's demand may claim of a promise, the fraction it gets. Definitions: about.csv, report.json.\n"

/** What a person reads first: a page. */
export function renderText(run: Run): string {
  return [headText(run), belowText(run), tiersText(run), bandsText(run), linksText(run), FOOT].join('\n')
}

function headText({ scenario, stamp, basis }: Run): string {
  const { name, story, source, from, horizon, step } = scenario
  const stretch = `${utc(from)} to ${utc(from + horizon)} in steps of ${step / 60_000} min`
  return (
    `${name.en}\n${name.sw}\n\n${story.en.trim()}\nSource: ${source.trim()}\n\n` +
    `${stretch}, seed ${stamp.seed}, engine ${stamp.engine}\n` +
    `scenario ${stamp.scenarioHash.slice(0, 23)}, plane ${stamp.planeHash.slice(0, 23)}\n` +
    (scenario.demand.model === 'recorded' ? `${basisText(basis).en}\n` : '')
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
      formatMinutes(i.minutesBelow),
      formatMinutes(i.longestSpell!.minutes),
      percent(i.worst?.kept ?? 1),
      formatRate(lackOf(i.missing, i.minutesBelow)),
      minute(i.worst!.at),
      causeOf(i),
    ])
  const heads = [
    'institution',
    'tier',
    'below in all',
    'longest spell',
    'worst kept',
    'lacks',
    'worst at (UTC)',
    'cause',
  ]
  const longest = below.reduce((a, b) => (b.longestSpell!.minutes > a.longestSpell!.minutes ? b : a))
  const { from, minutes } = longest.longestSpell!
  return (
    `${below.length} of ${all} institutions fall below their guarantee; ` +
    `the longest spell is ${formatMinutes(minutes)}, of ${longest.id} from ${minute(from)} UTC:\n` +
    `${table(heads, lines)}\n${left(below.length, 'institutions.csv')}`
  )
}

function tiersText({ outcome }: Run): string {
  const lines = outcome.tiers.map((tier) => [
    tier.tier,
    `${tier.below} of ${tier.institutions}`,
    formatMinutes(tier.longestMinutes),
    formatMinutes(tier.longestSpellMinutes),
    percent(tier.worstKept),
    formatRate(lackOf(tier.missing, tier.minutesBelow)),
    percent(tier.satisfaction),
  ])
  const heads = ['tier', 'below', 'most in all', 'longest spell', 'worst kept', 'each lacks', 'need of demand']
  return `Which tiers:\n${table(heads, lines)}\n`
}

/** What an event has lowered comes first, by the event's name; then what filled together with it. */
function causeOf({ worst }: InstitutionOutcome): string {
  if (worst === null) return ''
  const { events, links } = worst
  const during = events.length === 0 ? 'no event' : `during ${events.join(' + ')}`
  if (links.length === 0) return `${during}, at no link: it has no path`
  const names = (some: readonly CauseLink[]): string => some.map(({ id }) => id).join(', ')
  const lowered = links.filter(({ loweredBy }) => loweredBy.length > 0)
  if (lowered.length === 0) return `${during}, at ${names(links)}`
  const by = [...new Set(lowered.flatMap(({ loweredBy }) => loweredBy))].join(' + ')
  const others = links.filter(({ loweredBy }) => loweredBy.length === 0)
  return `${by}, at ${names(lowered)}${others.length === 0 ? '' : `, with ${names(others)}`}`
}

function bandsText({ outcome }: Run): string {
  const lines = outcome.phases.flatMap((phase) =>
    phase.bands.map((band) => [
      minute(phase.from),
      phase.events.join(' + ') || 'as built',
      band.band === GUARANTEE ? 'all together' : band.band,
      percent(band.worstKept),
      formatRate(lackOf(band.missing, band.minutesShort)),
      String(band.mostInstitutionsShort),
      formatMinutes(band.minutesShort),
      formatMinutes(band.longestSpellMinutes),
    ]),
  )
  const most = ['most short at once', 'anyone short in all', 'longest spell']
  const heads = ['from (UTC)', 'events', 'band', 'worst kept', 'all lack', ...most]
  return `What each band keeps:\n${table(heads, lines)}\n`
}

function linksText({ outcome }: Run): string {
  const shared = outcome.links.filter(({ kind }) => kind !== 'access' && kind !== 'ceiling')
  const lines = shared.slice(0, SHOWN).map(({ id, p95Utilisation, minutesFull, minutesDead, worstHour }) => [
    id,
    minute(worstHour.from),
    percent(worstHour.utilisation),
    formatRate(worstHour.room),
    percent(p95Utilisation),
    formatMinutes(minutesFull),
    formatMinutes(minutesDead),
    worstHour.events.join(' + ') || 'no event',
    worstHour.takers
      .slice(0, 3)
      .map(({ institution }) => institution)
      .join(' '),
  ])
  const heads = [
    'link',
    'worst hour (UTC)',
    'used',
    'of',
    'p95 in time',
    'full in all',
    'dead in all',
    'event',
    'most taken by',
  ]
  return `Worst hour of each link that several share:\n${table(heads, lines)}\n${left(shared.length, 'links.csv')}`
}

const percent = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`)
const minute = (at: number): string => utc(at).slice(0, 16).replace('T', ' ')
const left = (all: number, file: string): string => (all > SHOWN ? `… and ${all - SHOWN} more in ${file}\n` : '')

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => textTable({ heads, rows })
