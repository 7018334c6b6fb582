// Tables as people keep them in spreadsheets, read forgivingly and written so that a spreadsheet opens them. One reader
// and one writer for the whole of Mizani.
//
// Read: comma, semicolon, tab or bar; with or without a byte order mark or Excel's `sep=` line; any line ends; UTF-8,
// UTF-16 or, where it is neither, Windows-1252. Rows without a single value are left out.
//
// Written: UTF-8 with its mark and CRLF, which Excel needs to see letters and lines. A cell that a spreadsheet would
// take for a formula gets an apostrophe in front (OWASP, CSV injection), and so does a part of one where a spreadsheet
// that parts by the other of comma and semicolon would begin a cell; the reader takes them away again: what was written
// is read, always.

import { type CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { stampsInWords } from '../model/civil-time.js'
import { type Fault, MizaniError, messageOf } from './errors.js'

export interface SheetRow {
  /** Of the file, counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface Sheet {
  readonly delimiter: string
  readonly header: readonly string[]
  readonly rows: readonly SheetRow[]
}

/** Rows that are read as they are asked for, once. */
export interface WalkedSheet extends Pick<Sheet, 'delimiter' | 'header'> {
  readonly rows: Iterable<SheetRow>
}

export type Cell = string | number | boolean | null | undefined

const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * @param most rows below the header; reading ends there, so that nobody waits for a sheet that is too long
 * @throws MizaniError SHEET_INVALID with one fault, which has the line where reading ended.
 */
export function readSheet(bytes: Uint8Array | string, most?: number): Sheet {
  const { delimiter, header, rows } = walkSheet(bytes, most)
  return { delimiter, header, rows: Array.isArray(rows) ? rows : [...rows] }
}

/**
 * A sheet as it was written here, without the records that `keep` does not keep; it sees them by their columns. It
 * pauses after each record.
 */
export function* keepingRecords(
  csv: string,
  keep: (cells: Readonly<Record<string, string>>) => boolean,
): Generator<undefined, string, undefined> {
  const mark = csv.startsWith(MARK) ? MARK : ''
  const records = recordsOf(csv.slice(mark.length))
  const { value: header } = records.next()
  if (header === undefined) return csv
  const columns = cellsOf(header)
  const kept = [header]
  for (const record of records) {
    yield
    const cells = cellsOf(record)
    if (keep(Object.fromEntries(columns.map((key, at) => [key, cells[at] ?? ''])))) kept.push(record)
  }
  return `${mark}${kept.join('\r\n')}\r\n`
}

/** Without their line ends; a record goes on behind a line that ends within quotes. */
function* recordsOf(text: string): Generator<string, undefined> {
  for (let from = 0; from < text.length; ) {
    let isWithin = false
    let end = from - 1
    do {
      const start = end + 1
      end = placeOf(text, '\n', start)
      if (text.slice(start, end).split('"').length % 2 === 0) isWithin = !isWithin
    } while (isWithin && end < text.length)
    yield text.slice(from, end).replace(/\r$/, '')
    from = end + 1
  }
}

/** Most records have no quotes, and need no reader. */
const cellsOf = (record: string): readonly string[] =>
  record.includes('"') ? (parse(record, { relax_column_count: true })[0] ?? []) : record.split(',')

const MARK = '\ufeff'

/** The same for months of measurements, which need not all lie in memory. @throws as readSheet does. */
export function walkSheet(bytes: Uint8Array | string, most?: number): WalkedSheet {
  const whole = typeof bytes === 'string' ? bytes.replace(/^\ufeff/, '') : decodeText(bytes)
  const [said = '', separator] = /^"?sep=([,;\t|])"?\r?\n/i.exec(whole) ?? []
  const text = whole.slice(said.length)
  const delimiter = separator ?? delimiterOf(text)
  const options = {
    ...{ delimiter, info: true, trim: true, relax_column_count: true, relax_quotes: true },
    skip_records_with_empty_values: true,
    ...(most === undefined ? {} : { to: most + 2 }),
  }
  const before = said === '' ? 0 : 1
  // Without quotes a line is a row, which is read ten times as fast.
  if (most === undefined && !text.includes('"')) {
    const rows = plainRows(text, delimiter, before)
    const { value } = rows.next()
    return { delimiter, header: headerOf(value), rows }
  }
  try {
    // With `info` each row comes as { record, info }; the package's types know only one of its two forms.
    const found = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[]
    const rows = found.map(({ record, info }) => ({
      line: info.lines + before,
      cells: record.map((cell) => plain(cell, delimiter)),
    }))
    const [first, ...rest] = rows
    const header = headerOf(first)
    if (most !== undefined && rest.length > most)
      throw unreadable({ line: rest.at(-1)!.line, message: `expected at most ${most} rows` })
    return { delimiter, header, rows: rest }
  } catch (error) {
    if (error instanceof MizaniError) throw error
    const { code, lines } = error as Partial<CsvError> & { lines?: number }
    const message = FAULTS[code ?? ''] ?? messageOf(error)
    throw unreadable({ message, ...(lines === undefined ? {} : { line: lines + before }) })
  }
}

function headerOf(first: SheetRow | undefined): readonly string[] {
  if (first === undefined) throw unreadable({ line: 1, message: 'expected a first line with column names' })
  return first.cells
}

function* plainRows(text: string, delimiter: string, before: number): Generator<SheetRow, undefined> {
  const ends = text.includes('\n') ? '\n' : '\r'
  let line = before
  // The next delimiter, looked for once: a text without any is not searched to its end for each row.
  let parted = -1
  for (let from = 0; from < text.length; ) {
    const end = placeOf(text, ends, from)
    const cells: string[] = []
    let isFilled = false
    for (let start = from; start <= end; ) {
      if (parted < start) parted = placeOf(text, delimiter, start)
      const stop = Math.min(parted, end)
      const cell = plain(text.slice(start, stop).trim(), delimiter)
      cells.push(cell)
      isFilled ||= cell !== ''
      start = stop + 1
    }
    from = end + 1
    line++
    if (isFilled) yield { line, cells }
  }
}

/** The text's end, where there is none. */
function placeOf(text: string, sign: string, from: number): number {
  const found = text.indexOf(sign, from)
  return found < 0 ? text.length : found
}

/** Text with its mark and line ends, as it is saved to a file or sent as text/csv. */
export function writeSheet(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  delimiter: string = DELIMITERS[0],
): string {
  return cellsText([header, ...rows], delimiter, true)
}

function cellsText(rows: readonly (readonly Cell[])[], delimiter: string, bom: boolean): string {
  const written = (cell: Cell): Cell => (typeof cell === 'string' ? harmless(cell, delimiter) : cell)
  const cells = rows.map((row) => row.map(written))
  return stringify(cells, {
    ...{ bom, delimiter, record_delimiter: '\r\n', quoted_match: /[\r\n]|^\s|\s$/ },
    cast: { boolean: String },
  })
}

/** Rows that are written in some milliseconds. */
const PIECE = 200

/** The same in pieces, of rows that are made as they are written. */
export function* sheetPieces(header: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  yield writeSheet(header, [])
  let some: (readonly Cell[])[] = []
  for (const row of rows) {
    some.push(row)
    if (some.length < PIECE) continue
    yield cellsText(some, DELIMITERS[0], false)
    some = []
  }
  if (some.length > 0) yield cellsText(some, DELIMITERS[0], false)
}

/** Of 2026-01-01T00:00:00.000Z: a cell that is a time, and not a text with one in it. */
const STAMP_LENGTH = 24

/** These columns of the records; a sheet is for people, so its times are as the clocks of the zone show them. */
export function writeRecords(columns: readonly string[], records: readonly object[], zone: string): string {
  return writeSheet(columns, [...recordCells(columns, records, zone)])
}

/** The same in pieces, one after the other: whoever takes them may do something else in between. */
export function recordPieces(columns: readonly string[], records: Iterable<object>, zone: string): Generator<string> {
  return sheetPieces(columns, recordCells(columns, records, zone))
}

function* recordCells(columns: readonly string[], records: Iterable<object>, zone: string): Generator<Cell[]> {
  const shown = (cell: Cell): Cell =>
    typeof cell === 'string' && cell.length <= STAMP_LENGTH ? stampsInWords(cell, zone) : cell
  for (const record of records) yield columns.map((column) => shown((record as Record<string, Cell>)[column]))
}

/** Letters from bytes of which nobody says how they were written. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\u0080-\u009f]/g, (sign) => WINDOWS_1252[sign.charCodeAt(0) - 0x80] ?? sign)
  }
}

/** 0x80 to 0x9f. Node 20's own decoder of this name reads them as ISO 8859-1: dashes and quotes vanish. */
const WINDOWS_1252 = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ']

/** A text without these signs at its end. An expression that looks for a run before an end tries each of its places. */
export function withoutEnd(text: string, signs: string): string {
  let end = text.length
  while (end > 0 && signs.includes(text[end - 1]!)) end--
  return text.slice(0, end)
}

/** How far below a title column names are looked for. */
const TITLE_LINES = 10

/** The row of column names where what stands first is a title. @param telling how many cells say what a column is */
export function headerBelow(
  { header, rows }: Sheet,
  telling: (cells: readonly string[]) => number,
): SheetRow | undefined {
  const filled = header.filter((cell) => cell !== '').length
  if (telling(header) > (filled > 1 ? 0 : 1)) return undefined
  return rows.slice(0, TITLE_LINES).find(({ cells }) => telling(cells) > 1)
}

/** The sign that parts the first line of several cells most often, outside its quoted names. */
function delimiterOf(text: string): string {
  const lines = text.trimStart().split(/\r?\n/, TITLE_LINES)
  const parted = lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, ''))
  // A title may stand above the names, and has none of the signs.
  const bare = parted.find((line) => DELIMITERS.some((sign) => line.includes(sign))) ?? ''
  const count = (sign: string): number => bare.split(sign).length
  return [...DELIMITERS].sort((a, b) => count(b) - count(a))[0]!
}

const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted cell never ends (the file ends too early)',
  CSV_INVALID_CLOSING_QUOTE: 'a quoted cell goes on after its quote; is this a table?',
}

/** Of a formula, with apostrophes already in front; and where another reader of the file begins a cell within one. */
const FORMULA = /^'*[=+\-@\t\r]/
const WITHIN = { ';': /([,\r\n])([ ']*[=+\-@])/g, other: /([;\r\n])([ ']*[=+\-@])/g }
const KEPT = { ';': /([,\r\n])'([ ']*[=+\-@])/g, other: /([;\r\n])'([ ']*[=+\-@])/g }

function harmless(cell: string, delimiter: string): string {
  const parted = cell.replace(WITHIN[delimiter === ';' ? ';' : 'other'], "$1'$2")
  return FORMULA.test(parted) ? `'${parted}` : parted
}

function plain(cell: string, delimiter: string): string {
  if (!cell.includes("'")) return cell
  const parted = cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
  return parted.replace(KEPT[delimiter === ';' ? ';' : 'other'], '$1$2')
}

function unreadable(fault: Omit<Fault, 'code'>): MizaniError {
  const faults = [{ code: 'SYNTAX', ...fault }]
  return new MizaniError({ code: 'SHEET_INVALID', message: 'This is no table:', faults })
}
