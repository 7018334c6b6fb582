// Two reports side by side: what differs, row by row, the largest change first. They may be of `simulate` or of `plan`;
// both must answer the same question, and a comparison over one seed compares what was changed and not the dice.

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Text } from '../../model/network.js'
import { usageError } from '../../runtime/errors.js'
import * as z from '../../runtime/zod.js'
import { CompareWords } from './compare-words.js'
import { type Cell, column, count, type PlanReport, text } from './plan-report.js'

const SHOWN = 40
/** With its sort and as many digits as people compare. */
const SHORT_HASH = 23
/** What may fail, who is to be kept, until when: growth, prices and policies may differ. */
const ASKED = /--(pairs|(any-one|keep|years|year|month) \S+)/g
const NONE = 'none of these'
const SAME = text('The two answers are the same.', 'Majibu yote mawili ni sawa.')

/** What names a row, by table; tables that are not here are lists of moments. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  ...{ tiers: ['tier', 'service'], institutions: ['institution'], 'institutions-below': ['institution'] },
  ...{ links: ['link'], bands: ['from', 'band'], cuts: ['kind', 'cut'], calendar: ['quarter'] },
  ...{
    options: ['option'],
    offers: ['offer'],
    losers: ['institution', 'service', 'direction'],
    'second-paths': ['cut'],
  },
  ...{ year: ['measure'], months: ['month'], outages: ['what'], availability: ['institution', 'service'] },
  range: ['years'],
}

const cell = z.union([z.string(), z.number(), z.null()])
const rows = z.array(z.record(z.string(), cell))
const reportSchema = z.looseObject({
  report: z.string().optional(),
  inputHash: z.string().optional(),
  command: z.string().optional(),
  about: z.record(z.string(), cell),
  tables: z.record(z.string(), rows).optional(),
})

type Row = z.output<typeof rows>[number]

interface Read {
  readonly name: string
  readonly kind: string
  /** Options of its command that say what is asked. */
  readonly asked: string
  /** Empty: nothing in it is drawn. */
  readonly seed: string
  readonly hash: string
  readonly tables: Readonly<Record<string, readonly Row[]>>
}

/**
 * The report in a folder that `--out` has written, or a report.json.
 * @throws MizaniError USAGE
 */
function readReport(name: string): Read {
  const file = statSync(name, { throwIfNoEntry: false })?.isDirectory() === true ? join(name, 'report.json') : name
  let found: unknown
  try {
    found = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw usageError(`${name}: expected a folder that --out has written, or its report.json`)
  }
  const parsed = reportSchema.safeParse(found)
  if (!parsed.success) throw usageError(`${name}: this is no report of \`mizani simulate\` or \`mizani plan\``)
  const { report = 'simulate', inputHash, command = '', about, tables, ...rest } = parsed.data
  const own = Object.entries(rest).flatMap(([key, value]) => {
    const list = rows.safeParse(value)
    return list.success ? [[key, list.data] as const] : []
  })
  // Of recorded demand only the years are drawn.
  const drawn = `${about.demand ?? ''} ${about['years drawn'] ?? ''}`
  const seed = /seed (\d+)/.exec(drawn)?.[1] ?? String(about.seed ?? '')
  return {
    name,
    kind: report,
    asked: [...command.matchAll(ASKED)].map(([option]) => option).join(' '),
    seed,
    hash: inputHash ?? String(about.planeHash),
    tables: tables ?? Object.fromEntries(own),
  }
}

interface Difference {
  readonly table: string
  readonly row: string
  /** What names it, by column. */
  readonly keys: readonly (readonly [column: string, cell: Cell])[]
  /** Whose row it is; null: of no single institution. */
  readonly institution: Cell
  readonly value: string
  readonly a: Cell
  readonly b: Cell
  /** Null: at least one of the two is no number. */
  readonly change: number | null
}

/** @throws MizaniError USAGE where they do not answer the same question */
export function compareReports(first: string, second: string, zone: string): PlanReport {
  const [a, b] = [readReport(first), readReport(second)]
  const different = differenceOf(a, b)
  if (different !== null) throw usageError(`These reports answer different questions. ${different}`)
  const found = Object.keys(a.tables).flatMap((table) => differencesIn(table, a.tables[table]!, b.tables[table] ?? []))
  const words = new CompareWords([first, second])
  const names = new Set(found.flatMap(({ institution }) => institution ?? []))
  const counted = text(
    `Values that differ: ${count(found.length)}; institutions among them: ${names.size}.`,
    `Thamani zinazotofautiana: ${count(found.length)}; taasisi kati yake: ${names.size}.`,
  )
  const factOf = ({ name, hash }: Read): Text =>
    text(`${name}, input ${hash.slice(0, SHORT_HASH)}`, `${name}, ingizo ${hash.slice(0, SHORT_HASH)}`)
  return {
    id: 'comparison',
    title: text('Two reports compared', 'Ripoti mbili zikilinganishwa'),
    zone,
    command: `mizani compare ${first} ${second}`,
    inputHash: `${a.hash} ${b.hash}`,
    facts: [
      [text('A', 'A'), factOf(a)],
      [text('B', 'B'), factOf(b)],
    ],
    findings: found.length === 0 ? [SAME] : [counted, diceText(a.seed, b.seed)],
    tables: [
      {
        id: 'differences',
        title: text('What differs, the largest change first', 'Yanayotofautiana, badiliko kubwa kwanza'),
        ...{ shown: SHOWN, first: 20 },
        columns: [
          column('table', 'text', 'table', 'jedwali'),
          column('row', 'text', 'row', 'safu'),
          column('value', 'text', 'value', 'thamani'),
          column('a', 'count', 'A', 'A'),
          column('b', 'count', 'B', 'B'),
          column('change', 'count', 'change', 'badiliko'),
        ],
        rows: found.map(({ table, row, keys, value, a, b, change }) => [
          ...[words.table(table), words.row(table, row, keys), words.value(table, value)],
          ...[words.cell(table, value, a), words.cell(table, value, b), change],
        ]),
      },
    ],
    limits: [
      text(
        'Row by row what both say is compared. What neither tried is not known here: each report says its own limits.',
        'Hulinganishwa kile ambacho ripoti zote mbili zinasema, safu kwa safu. Yale ambayo hakuna iliyojaribu ' +
          'hayajulikani hapa: kila ripoti inataja mipaka yake.',
      ),
    ],
  }
}

/** What is asked of one and not of the other; null: both answer one question. */
function differenceOf(a: Read, b: Read): string | null {
  if (a.kind !== b.kind) return `${a.name} is a report of ${a.kind}, ${b.name} of ${b.kind}: nothing to compare.`
  if (a.asked !== b.asked) return `${a.name} asks with ${a.asked || NONE}, ${b.name} with ${b.asked || NONE}.`
  const namesIn = ({ tables }: Read): Set<string> =>
    new Set(
      Object.entries(tables).flatMap(([table, rows]) =>
        (KEYS[table] ?? []).length === 0 ? [] : rows.map((row) => `${table} ${rowName(table, row)}`),
      ),
    )
  const [names, others] = [namesIn(a), namesIn(b)]
  const isApart = names.size > 0 && others.size > 0 && ![...names].some((name) => others.has(name))
  return isApart ? `No row of ${a.name} is one of ${b.name}.` : null
}

const rowName = (table: string, row: Row): string =>
  keysOf(table, row)
    .map(([, cell]) => cell)
    .join(' ')

const keysOf = (table: string, row: Row): [column: string, cell: Cell][] =>
  (KEYS[table] ?? []).flatMap((key) => (row[key] === undefined ? [] : [[key, row[key]]]))

function diceText(a: string, b: string): Text {
  if (a === '' && b === '')
    return text('Neither draws anything: what differs is not chance.', 'Hakuna kilichochorwa: tofauti si bahati.')
  if (a === b) return text(`Both of seed ${a}: what differs is not chance.`, `Zote za mbegu ${a}: tofauti si bahati.`)
  if (a === '' || b === '')
    return text(
      `One is of seed ${a}${b} and the other draws nothing: some of what differs is chance.`,
      `Moja ni ya mbegu ${a}${b} na nyingine haikuchora: sehemu ya tofauti ni bahati.`,
    )
  return text(
    `Of seeds ${a} and ${b}: some of what differs is chance.`,
    `Za mbegu ${a} na ${b}: sehemu ya tofauti ni bahati.`,
  )
}

function differencesIn(table: string, a: readonly Row[], b: readonly Row[]): Difference[] {
  const keys = KEYS[table]
  if (keys === undefined) return []
  const after = new Map(b.map((row) => [rowName(table, row), row]))
  const before = new Map(a.map((row) => [rowName(table, row), row]))
  const found = [...new Set([...before.keys(), ...after.keys()])].flatMap((row) => {
    const [old, now] = [before.get(row) ?? {}, after.get(row) ?? {}]
    const values = Object.keys({ ...old, ...now }).filter((value) => !keys.includes(value))
    return values.flatMap((value): Difference[] => {
      const [was, is] = [old[value] ?? null, now[value] ?? null]
      if (was === is) return []
      const change = typeof was === 'number' && typeof is === 'number' ? Number((is - was).toFixed(6)) : null
      const institution = now.institution ?? old.institution ?? null
      return [{ table, row, keys: keysOf(table, { ...old, ...now }), institution, value, a: was, b: is, change }]
    })
  })
  // Columns in their order, for they are of different units; within one the largest change.
  const values = [...new Set(found.map(({ value }) => value))]
  const size = ({ change }: Difference): number => (change === null ? Number.POSITIVE_INFINITY : Math.abs(change))
  const larger = (x: Difference, y: Difference): number => (size(x) === size(y) ? 0 : size(x) > size(y) ? -1 : 1)
  return found.sort(
    (x, y) => values.indexOf(x.value) - values.indexOf(y.value) || larger(x, y) || (x.row < y.row ? -1 : 1),
  )
}
