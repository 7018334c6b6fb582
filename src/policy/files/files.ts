// A plane as files a person edits: three YAML files for what is written by hand, two CSV files for what comes as
// tables. This file turns a folder into one policy document and turns every pointer of a fault back into a file and a
// line.
//
// YAML is read strictly (1.2 core schema: `no` is a word, not false): duplicate keys, aliases and merge keys are
// refused, for what is written must be what is meant. Of a file that cannot be read to its end only that is said, and
// of the others what is wrong in themselves: whether they agree would only be its shadow.

import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, visit } from 'yaml'
import { type Fault, MizaniError, messageOf } from '../../runtime/errors.js'
import { MAX_FILE_BYTES } from '../../runtime/limits.js'
import { headerBelow, readSheet, type Sheet } from '../../runtime/sheet.js'
import type { PolicyDocument } from '../document/document.js'
import { policyShapeFaults, type Verdict, validatePolicy } from '../document/validate.js'
import { INSTITUTIONS, type Row, SITES, type Table } from './tables.js'

/** Which part of the document stands in which file. */
export const YAML_FILES: Readonly<Record<string, readonly string[]>> = {
  'policy.yaml': [
    'schema',
    'plane',
    'services',
    'envelopes',
    'categories',
    'regions',
    'former',
    'calendars',
    'schedules',
    'modes',
    'guards',
    'tests',
    'contracts',
    'agreements',
    'sharing',
  ],
  'network.yaml': ['nodes', 'groups', 'links', 'edges'],
  'tiers.yaml': ['bands', 'classes', 'tiers'],
}

export const TABLES: Readonly<Record<string, Table>> = { 'institutions.csv': INSTITUTIONS, 'sites.csv': SITES }

export interface LoadedPlane {
  readonly document: PolicyDocument | null
  /** Everything that is wrong, in the order of the files; each with its file and, where known, its line. */
  readonly faults: readonly Fault[]
}

type Place = Pick<Fault, 'file' | 'line'>
/** Where a part of the document is written; null: not in this file. */
type Locate = (path: readonly string[]) => Place | null

interface Part {
  readonly content: Readonly<Record<string, unknown>>
  readonly locate: Locate
}

/** Reads the folder of a plane. Never throws: what is wrong is in `faults`. */
export function loadPlane(directory: string): LoadedPlane {
  if (!isFolder(directory)) {
    return { document: null, faults: [{ code: 'MISSING_FILE', file: directory, message: 'there is no such folder' }] }
  }
  const faults: Fault[] = []
  const parts = [
    ...Object.keys(YAML_FILES).map((name) => readYamlPart(directory, name, faults)),
    ...Object.keys(TABLES).map((name) => readTablePart(directory, name, faults)),
  ]
  const input = Object.assign({}, ...parts.map(({ content }) => content)) as unknown
  const unread = new Set(faults.flatMap(({ code, file }) => (FATAL.includes(code) ? partsOfFile(file) : [])))
  const { document, faults: found } = unread.size > 0 ? shapeOf(input, unread) : validatePolicy(input)
  const torn = new Set(faults.flatMap(({ code, file, line }) => (code === 'COLUMNS' ? [`${file}:${line}`] : [])))
  const placed = found.map((fault): Fault => ({ ...fault, ...locateIn(parts, fault.pointer ?? '') }))
  // A row of too many or too few cells says the rest by itself.
  faults.push(...placed.filter(({ file, line }) => !torn.has(`${file}:${line}`)))
  return { document: faults.length === 0 ? document : null, faults: inFileOrder(faults) }
}

/** Of a file that cannot be read to its end. */
const FATAL = ['MISSING_FILE', 'SYNTAX']

/** Parts of the document that stand in the file. */
function partsOfFile(file = ''): readonly string[] {
  const name = basename(file)
  return YAML_FILES[name] ?? [TABLES[name]?.collection ?? []].flat()
}

/** What is wrong in the shape of the parts that could be read; whether they agree is not asked. */
function shapeOf(input: unknown, unread: ReadonlySet<string>): Verdict {
  const faults = policyShapeFaults(input).filter(({ pointer = '' }) => !unread.has(pointer.split('/', 2)[1] ?? ''))
  return { document: null, faults }
}

function readYamlPart(directory: string, name: string, faults: Fault[]): Part {
  const file = join(directory, name)
  const text = readText(file, faults)
  if (text === null) return { content: {}, locate: () => null }
  const lines = new LineCounter()
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    merge: false,
    lineCounter: lines,
    prettyErrors: false,
  })
  for (const { message, pos, code } of [...document.errors, ...document.warnings]) {
    const duplicate = code === 'DUPLICATE_KEY'
    const cutOff = !duplicate && text.slice(pos[0]).trim() === '' ? ' (the file ends too early)' : ''
    const said = `${firstLine(message)}${cutOff}`
    faults.push({ code: duplicate ? 'DUPLICATE' : 'SYNTAX', file, line: lineAt(pos[0]), message: said })
    if (!duplicate) break
  }
  visit(document, {
    Alias(_, { source, range }) {
      const message = `expected the value itself, found the alias *${source}`
      faults.push({ code: 'ALIAS', file, line: lineAt(range?.[0] ?? 0), message })
    },
  })
  const locate: Locate = (path) => {
    const offset = offsetOf(document.contents, path)
    return offset === null ? null : { file, line: lineAt(offset) }
  }
  if (faults.some((fault) => fault.code === 'SYNTAX' && fault.file === file)) return { content: {}, locate }
  const content: unknown = document.toJS()
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    faults.push({ code: 'SYNTAX', file, line: 1, message: `expected the keys ${YAML_FILES[name]!.join(', ')}` })
    return { content: {}, locate }
  }
  return { content: ownKeys(name, content as Part['content'], locate, faults), locate }
}

/** Only what belongs in this file; the rest is a fault that says where it belongs. */
function ownKeys(name: string, content: Part['content'], locate: Locate, faults: Fault[]): Part['content'] {
  const own = YAML_FILES[name]!
  const kept = Object.entries(content).filter(([key]) => {
    if (own.includes(key)) return true
    const home =
      Object.keys(YAML_FILES).find((other) => YAML_FILES[other]!.includes(key)) ??
      Object.keys(TABLES).find((other) => TABLES[other]!.collection === key)
    const message =
      home === undefined ? `unknown key "${key}"; expected ${own.join(', ')}` : `"${key}" belongs in ${home}`
    faults.push({ code: 'UNKNOWN_KEY', pointer: `/${key}`, message, ...locate([key]) })
    return false
  })
  return Object.fromEntries(kept)
}

function readTablePart(directory: string, name: string, faults: Fault[]): Part {
  const table = TABLES[name]!
  const file = join(directory, name)
  const members: Record<string, unknown> = {}
  const lineOf = new Map<string, number>()
  const locate: Locate = ([collection, id = '']) =>
    collection === table.collection ? { file, line: lineOf.get(id) ?? 1 } : null
  const part = { content: { [table.collection]: members }, locate }
  const sheet = readRows(file, faults)
  if (sheet === null || !headerIsSound(table, sheet, file, faults)) return part
  const { header } = sheet
  for (const { cells, line } of sheet.rows) {
    if (cells.length !== header.length) {
      const message = `expected ${header.length} columns, found ${cells.length}`
      faults.push({ code: 'COLUMNS', file, line, message })
    }
    const cell: Row = (column) => cells[header.indexOf(column)] || undefined
    const id = cell('id') ?? ''
    const first = lineOf.get(id)
    if (first !== undefined) {
      const message = `"${id}" is already on line ${first}`
      faults.push({ code: 'DUPLICATE', file, line, pointer: `/${table.collection}/${id}`, message })
      continue
    }
    lineOf.set(id, line)
    // A member of any name, `__proto__` included, must become one of the collection's own.
    Object.defineProperty(members, id, { value: definedOnly(table.member(cell, header)), enumerable: true })
  }
  return part
}

function headerIsSound(table: Table, sheet: Sheet, file: string, faults: Fault[]): boolean {
  const { header } = sheet
  const known = [...table.required, ...table.optional, ...table.notes]
  const below = headerBelow(sheet, (cells) => cells.filter((cell) => known.includes(cell)).length)
  if (below !== undefined) {
    const message = `expected column names here; they are in line ${below.line}: take away what stands above them`
    faults.push({ code: 'SYNTAX', file, line: 1, message })
    return false
  }
  for (const column of table.required) {
    if (header.includes(column)) continue
    faults.push({ code: 'SYNTAX', file, line: 1, message: `expected a column "${column}"` })
  }
  header.forEach((column, at) => {
    if (header.indexOf(column) < at) {
      faults.push({ code: 'SYNTAX', file, line: 1, message: `column "${column}" stands there twice` })
    } else if (!known.includes(column) && !table.families.some((family) => column.startsWith(family))) {
      const message = `unknown column "${column}"; expected ${known.join(', ')} or ${table.families.join('…, ')}…`
      faults.push({ code: 'UNKNOWN_KEY', file, line: 1, message })
    }
  })
  return !faults.some((fault) => fault.code === 'SYNTAX' && fault.file === file)
}

function readRows(file: string, faults: Fault[]): Sheet | null {
  const bytes = readBytes(file, faults)
  if (bytes === null) return null
  try {
    return readSheet(bytes)
  } catch (error) {
    if (!(error instanceof MizaniError)) throw error
    faults.push(...error.faults.map((fault) => ({ ...fault, file })))
    return null
  }
}

function readText(file: string, faults: Fault[]): string | null {
  const bytes = readBytes(file, faults)
  if (bytes === null) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    faults.push({ code: 'SYNTAX', file, message: 'not UTF-8 text' })
    return null
  }
}

function readBytes(file: string, faults: Fault[]): Buffer | null {
  try {
    const { size } = statSync(file)
    if (size <= MAX_FILE_BYTES) return readFileSync(file)
    faults.push({ code: 'SYNTAX', file, message: `expected at most ${MAX_FILE_BYTES} bytes, found ${size}` })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const missing = code === 'ENOENT' || code === 'ENOTDIR'
    const message = missing ? 'there is no such file' : messageOf(error)
    faults.push({ code: missing ? 'MISSING_FILE' : 'SYNTAX', file, message })
  }
  return null
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Offset of the deepest node on the way of the path; null when not even its first part is here. */
function offsetOf(root: ParsedNode | null, path: readonly string[]): number | null {
  let node: unknown = root
  let offset: number | null = null
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part)
      if (pair === undefined || !isScalar(pair.key)) break
      offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(part)]
      if (!isMap(item) && !isSeq(item) && !isScalar(item) && !isAlias(item)) break
      offset = item.range?.[0] ?? offset
      node = item
    } else break
  }
  return offset
}

function locateIn(parts: readonly Part[], pointer: string): Place {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  for (const { locate } of parts) {
    const place = locate(path)
    if (place !== null) return place
  }
  return {}
}

function inFileOrder(faults: readonly Fault[]): Fault[] {
  const files = [...new Set(faults.map(({ file }) => file ?? ''))].sort()
  return [...faults].sort(
    (a, b) => files.indexOf(a.file ?? '') - files.indexOf(b.file ?? '') || (a.line ?? 0) - (b.line ?? 0),
  )
}

function definedOnly(member: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(member).filter(([, value]) => value !== undefined))
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
