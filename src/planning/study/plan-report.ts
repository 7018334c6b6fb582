// The report of a plan command, whatever it was asked: sentences first, then tables, then what identifies it. Terminal,
// JSON, CSV and HTML are written from this one value, so that no two of them can differ. But for the command, which
// names files as they are here, nothing of the moment or the machine is in it: equal inputs are equal results.

import { createHash } from 'node:crypto'
import { civilTime, timeInWords } from '../../model/civil-time.js'
import type { Text } from '../../model/network.js'
import { formatRate } from '../../model/units.js'
import { VERSION } from '../../runtime/config.js'
import { sheetPieces } from '../../runtime/sheet.js'
import { textTable } from '../../runtime/text-table.js'
import { PLAN_DEFINITIONS, wordIn } from './definitions.js'

export type Language = keyof Text
/** Files have the id of a body, and whoever reads its name. */
export interface Named extends Text {
  readonly id: string
}
/** What is a name is the same in every language; a sentence is said in both. */
export type Cell = string | number | null | Text | Named
/** bit/s for `rate`, a part of 1 for `part`, UTC milliseconds for `time` and `date`. */
export type CellKind = 'text' | 'count' | 'rate' | 'part' | 'time' | 'date' | 'money'

export interface Column {
  /** Its name in CSV and JSON; a rate is written there in Mbit/s and says so. */
  readonly id: string
  readonly kind: CellKind
  readonly head: Text
}

export interface PlanTable {
  readonly id: string
  readonly title: Text
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** Rows that a page shows; the files hold all. Absent: all. */
  readonly shown?: number
  /** Rows that stand before the sign-off, for a committee to decide by; absent: it is among the details alone. */
  readonly first?: number
  /** Columns for which there is no room before it. */
  readonly aside?: readonly string[]
  /** What stands where there are no rows. */
  readonly empty?: Text
  readonly plot?: Plot
}

/** A table for the files alone. It can be long, so its rows are made as they are written, each time anew. */
export interface PlanSheet extends Pick<PlanTable, 'id' | 'title' | 'columns'> {
  rows(): Iterable<readonly Cell[]>
}

/** Bars of one column, named by another. The table is its twin. */
export interface Plot {
  readonly label: string
  readonly values: readonly string[]
  readonly title: Text
  /** Columns side by side, one a row of the table. */
  readonly isOverTime?: true
}

export interface PlanReport {
  readonly id: 'failures' | 'runout' | 'buy' | 'futures' | 'comparison' | 'replay' | 'month'
  readonly title: Text
  readonly zone: string
  /** The command that makes it again. */
  readonly command: string
  readonly inputHash: string
  /** What it was asked of: the plane, the day, the seed, … */
  readonly facts: readonly (readonly [Text, string | Text])[]
  readonly findings: readonly Text[]
  readonly tables: readonly PlanTable[]
  readonly sheets?: readonly PlanSheet[]
  /** What was not tried, and what to beware of. */
  readonly limits: readonly Text[]
  /** It says what was, and asks nobody for a decision. */
  readonly unsigned?: true
}

export const text = (en: string, sw: string): Text => ({ en, sw })
export const named = (id: string, { en, sw }: Text): Named => ({ id, en, sw })
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
export const column = (id: string, kind: CellKind, en: string, sw: string): Column => ({
  ...{ id, kind },
  head: text(capital(en), capital(sw)),
})

/** What is the same in both languages, or said in both. */
export const saidIn = (said: string | Text, lang: Language): string => (typeof said === 'string' ? said : said[lang])

/** "12,345" */
export const count = (number: number): string => number.toLocaleString('en-GB')

/** A cell as people read it. */
export function cellText(cell: Cell, kind: CellKind, zone: string, lang: Language): string {
  if (cell === null) return '–'
  if (typeof cell === 'string') return cell
  if (typeof cell === 'object') return cell[lang]
  switch (kind) {
    case 'rate':
      return cell === 0 ? '0' : formatRate(cell)
    case 'part':
      return `${(100 * cell).toFixed(1)} %`
    case 'time':
      return timeInWords(cell, zone)
    case 'date':
      return civilTime(cell, zone).date
    case 'count':
      // What is counted in hundreds is not known to a hundredth.
      return cell.toLocaleString('en-GB', { maximumFractionDigits: Math.abs(cell) < 100 ? 2 : 0 })
    default:
      return cell.toLocaleString('en-GB', { maximumFractionDigits: 2 })
  }
}

export const isNumeric = ({ kind }: Column): boolean => kind !== 'text' && kind !== 'time' && kind !== 'date'

const WORDS = {
  more: text('more; --out DIR writes all, in', 'zaidi; --out FOLDA huandika zote, katika'),
  input: text('input', 'ingizo'),
  again: text('made again, where its files are, by', 'hutengenezwa tena, zilipo faili zake, kwa'),
  engine: text('engine', 'injini'),
}

/** What a person reads in a terminal. */
export function renderText(report: PlanReport, lang: Language): string {
  const facts = report.facts.map(([name, value]) => `${name[lang]}: ${saidIn(value, lang)}`)
  const limits = report.limits.map((limit) => limit[lang])
  const defined = Object.entries(PLAN_DEFINITIONS).map(([word, meaning]) => `${wordIn(word, lang)}: ${meaning[lang]}`)
  return [
    report.title[lang],
    '',
    ...report.findings.map((finding) => finding[lang]),
    '',
    ...report.tables.flatMap((table) => tableText(table, report.zone, lang)),
    ...limits,
    ...defined,
    '',
    ...facts,
    `${WORDS.input[lang]}: ${report.inputHash.slice(0, 23)}, ${WORDS.engine[lang]} ${VERSION}`,
    `${WORDS.again[lang]}: ${report.command}`,
    '',
  ].join('\n')
}

function tableText(table: PlanTable, zone: string, lang: Language): string[] {
  const { columns, rows, shown = rows.length } = table
  if (rows.length === 0) return table.empty === undefined ? [] : [table.empty[lang], '']
  const heads = columns.map(({ head }) => head[lang])
  const cells = rows.slice(0, shown).map((row) => row.map((cell, c) => cellText(cell, columns[c]!.kind, zone, lang)))
  const right = columns.flatMap((each, c) => (isNumeric(each) ? [c] : []))
  const left = rows.length - shown
  return [
    `${table.title[lang]}:`,
    textTable({ heads, rows: cells, right }),
    ...(left > 0 ? [`… ${left} ${WORDS.more[lang]} ${table.id}.csv`] : []),
    '',
  ]
}

export const MEGABIT = 1e6
/** Of a column in CSV and JSON. */
export const nameOf = ({ id, kind }: Column): string => (kind === 'rate' ? `${id}_mbps` : id)

/** What files have of it. */
export const idOf = (said: Text | Named): string => ('id' in said ? said.id : said.en)

function plainOf(cell: Cell, { kind }: Column, zone: string): string | number | null {
  if (cell === null || typeof cell === 'string') return cell
  if (typeof cell === 'object') return idOf(cell)
  if (kind === 'rate') return Number((cell / MEGABIT).toFixed(3))
  if (kind === 'part') return Number(cell.toFixed(6))
  if (kind === 'time') return new Date(cell).toISOString()
  if (kind === 'date') return civilTime(cell, zone).date
  return Number(cell.toFixed(6))
}

/** In pieces, none of them long. */
export function* renderJson(report: PlanReport): Generator<string> {
  const { id, title, zone, command, inputHash, facts, findings, tables, sheets = [], limits } = report
  const about = Object.fromEntries(facts.map(([name, value]) => [name.en, saidIn(value, 'en')]))
  const head = {
    ...{ report: id, title, engine: VERSION, inputHash, command, timezone: zone, about },
    definitions: Object.fromEntries(Object.entries(PLAN_DEFINITIONS).map(([word, { en }]) => [word, en])),
    ...{ findings, limits },
  }
  yield `${JSON.stringify(head, null, 1).slice(0, -2)},\n "tables": {`
  const all = [...tables.map((table) => ({ ...table, rows: () => table.rows })), ...sheets]
  for (const [n, { id, columns, rows }] of all.entries()) {
    yield `${n === 0 ? '' : ','}\n  ${JSON.stringify(id)}: [`
    let isEmpty = true
    for (const row of rows()) {
      const cells = Object.fromEntries(columns.map((each, c) => [nameOf(each), plainOf(row[c]!, each, zone)]))
      yield `${isEmpty ? '' : ','}\n   ${JSON.stringify(cells, null, 1).replaceAll('\n', '\n   ')}`
      isEmpty = false
    }
    yield isEmpty ? ']' : '\n  ]'
  }
  yield '\n }\n}\n'
}

/** One table for spreadsheets, in pieces; times are as the clocks of the plane show them. */
export function* renderCsv({ zone }: PlanReport, { columns, rows }: PlanTable | PlanSheet): Generator<string> {
  const cellOf = (cell: Cell, column: Column): string | number | null =>
    column.kind === 'time' && cell !== null ? cellText(cell, 'time', zone, 'en') : plainOf(cell, column, zone)
  yield* sheetPieces(columns.map(nameOf), cellsOf(typeof rows === 'function' ? rows() : rows))

  function* cellsOf(all: Iterable<readonly Cell[]>) {
    for (const row of all) yield row.map((cell, c) => cellOf(cell, columns[c]!))
  }
}

/** SHA-256 of the report without its command, shortened to what a person compares. */
export function resultHash(report: PlanReport): string {
  const hash = createHash('sha256')
  for (const piece of renderJson({ ...report, command: '' })) hash.update(piece)
  return hash.digest('hex').slice(0, 16)
}
