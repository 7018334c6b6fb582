// A sheet of institutions or sites laid on the policy in force: what is new, changed, the same and missing, and the
// whole policy as it would be. All or none: with one row that cannot be taken nothing is, and the answer is the same
// sheet with a column `error`. Nothing is ever deleted unless pruning is asked for.

import type { Scope } from '../../model/principal.js'
import { type Fault, MizaniError } from '../../runtime/errors.js'
import { MAX_INSTITUTIONS, MAX_SITES } from '../../runtime/limits.js'
import { headerBelow, readSheet, type Sheet, writeSheet } from '../../runtime/sheet.js'
import { UNTOLD } from '../document/addressing.js'
import { changesBetween } from '../document/diff.js'
import type { PolicyDocument } from '../document/document.js'
import { validatePolicy } from '../document/validate.js'
import type { Change } from '../revisions/proposal.js'
import { institutionInScope } from '../revisions/scope.js'
import { type CellFault, Cells } from './cells.js'
import { COLUMNS, type Column, columnFaults, type ImportKind, readColumns } from './columns.js'
import { ImportDraft } from './draft.js'
import { close, endInstitution, importInstitution } from './institutions.js'
import { importAgreement, importContract } from './papers.js'
import { edgesFor, importSite } from './sites.js'

export interface ImportRequest {
  readonly kind: ImportKind
  /** The sheet as it came. */
  readonly csv: string | Uint8Array
  /** What headers mean, said now or earlier. */
  readonly columns: Readonly<Record<string, string>>
  /** Institutions by the names of sheets, said now or earlier. */
  readonly same: Readonly<Record<string, string>>
  /** For empty cells and absent columns. */
  readonly defaults: Readonly<Record<string, string>>
  /** What is not in the sheet goes. */
  readonly prune: boolean
  readonly scope: Scope | null
}

export interface ImportRow {
  readonly line: number
  readonly id: string
  readonly verdict: 'new' | 'changed' | 'same' | 'closed'
  /** Places of the policy that this row changes. */
  readonly changes: readonly Change[]
}

export interface ImportPlan {
  /** The whole policy as it would be, not validated yet. */
  readonly document: unknown
  readonly columns: readonly Column[]
  readonly rows: readonly ImportRow[]
  /** What is taken and will still not do what its row says. */
  readonly warnings: readonly {
    readonly line: number
    readonly site: string
    readonly code: 'UNTOLD'
    readonly message: string
  }[]
  /** There, within the scope, and not in the sheet: kept, or gone where pruning was asked for. */
  readonly missing: readonly string[]
  /** The refusal for faults that were found later, in the policy as it would be. */
  refusal(faults: readonly Fault[]): ImportRefused
}

/** A sheet that was not taken, with the sheet that says why. */
export class ImportRefused extends MizaniError {
  /** The same sheet with a column `error`. */
  readonly sheet: string
  readonly rows: number

  constructor(sheet: string, rows: number, faults: readonly Fault[]) {
    const what = rows === 1 ? '1 row cannot be taken' : `${rows} rows cannot be taken`
    const message = rows === 0 ? 'The sheet cannot be taken as it is' : `${what}, so nothing was`
    super({ code: 'POLICY_INVALID', remedy: 'drop', message: `${message}.`, faults })
    this.sheet = sheet
    this.rows = rows
  }
}

/** @throws ImportRefused with every fault of every cell; MizaniError POLICY_INVALID for what is no table. */
export function planImport(document: PolicyDocument, request: ImportRequest): ImportPlan {
  const { kind, defaults, scope } = request
  const { services } = document
  const sheet = tableIn(request.csv, MOST_ROWS[kind])
  const columnsIn = (header: readonly string[]): Column[] => readColumns(kind, header, request.columns, services)
  assertNoTitle(kind, sheet, columnsIn)
  const columns = columnsIn(sheet.header)
  const refusal = (draft: ImportDraft, found: readonly Fault[]): ImportRefused =>
    refused(
      sheet,
      columns,
      [...draft.faults],
      found.map((fault) => placed(draft, fault)),
    )
  const draft = new ImportDraft(document, request.same)
  const wrong = columnFaults(kind, columns, services)
  if (wrong.length > 0) {
    const faults = wrong.map((message) => ({ code: 'COLUMN', pointer: '', message }))
    throw refused(sheet, columns, [], faults)
  }
  const rows = sheet.rows.map((row) => new Cells(row, columns, defaults, (fault) => draft.faults.push(fault)))
  const told = rows.map((cells) => ({ cells, id: LAYS[kind](draft, cells) }))
  if (kind === 'institutions') for (const { cells, id } of told) if (id !== undefined) endInstitution(draft, cells, id)
  const missing = Object.keys(document[kind] ?? {}).filter((id) => {
    if (draft.lineOf(kind, id) !== undefined) return false
    if (kind === 'contracts' || kind === 'agreements') return scope === null
    return institutionInScope(document, kind === 'institutions' ? id : document.sites[id]!.institution, scope)
  })
  if (request.prune) for (const id of missing) kind === 'institutions' ? close(draft, id) : draft[kind].delete(id)
  const result = draft.result()
  // With faults already, the policy as it would be is looked at for the others at once, not at the next attempt.
  if (draft.faults.length > 0) throw refusal(draft, validatePolicy(result).faults)
  return {
    ...{ document: result, columns, missing },
    rows: told.flatMap(({ cells: { line }, id }) => (id === undefined ? [] : [rowOf(draft, kind, line, id)])),
    warnings: draft.untold().map(({ line, site }) => ({
      ...{ line, site, code: 'UNTOLD' as const, message: `site ${site} has ${UNTOLD}` },
    })),
    refusal: (faults) => refusal(draft, faults),
  }
}

const LAYS: Readonly<Record<ImportKind, (draft: ImportDraft, cells: Cells) => string | undefined>> = {
  ...{ institutions: importInstitution, sites: importSite, contracts: importContract, agreements: importAgreement },
}

const MOST_ROWS: Readonly<Record<ImportKind, number>> = {
  ...{ institutions: MAX_INSTITUTIONS, sites: MAX_SITES, contracts: MAX_SITES, agreements: MAX_SITES },
}

function tableIn(csv: ImportRequest['csv'], most: number): Sheet {
  try {
    return readSheet(csv, most)
  } catch (error) {
    if (!(error instanceof MizaniError)) throw error
    const faults = error.faults.map(({ line, ...fault }) => ({ ...fault, pointer: `/${line ?? 1}` }))
    throw new MizaniError({ code: 'POLICY_INVALID', message: error.message, faults, cause: error })
  }
}

/** A title above the column names would be a fault in every cell below it: it is told alone. */
function assertNoTitle(kind: ImportKind, sheet: Sheet, columnsIn: (header: readonly string[]) => Column[]): void {
  const telling = (cells: readonly string[]): number =>
    columnsIn(cells).filter(({ means }) => means !== null && COLUMNS[kind].includes(means)).length
  const below = headerBelow(sheet, telling)
  if (below === undefined) return
  const [title = ''] = sheet.header.filter((cell) => cell !== '')
  const names = below.cells.filter((cell) => cell !== '').slice(0, 4)
  const found = `the first row is a title ("${title}"), and line ${below.line} has the column names`
  const message = `${found} (${names.join(', ')}, …): take away what stands above them`
  const faults = [{ code: 'TITLE', pointer: '/1', message }]
  throw new MizaniError({ code: 'POLICY_INVALID', message: 'The sheet cannot be taken as it is.', faults })
}

/** What became of a row: its own member, and of an institution the sites in the same row. */
function rowOf(draft: ImportDraft, kind: ImportKind, line: number, id: string): ImportRow {
  const parts: [ImportKind, string][] = [[kind, id]]
  if (kind === 'institutions') {
    const sites = [...draft.sitesOf(id), ...draft.before.sites]
    const own = sites.filter(([site]) => draft.lineOf('sites', site) === line)
    parts.push(...[...new Set(own.map(([site]) => site))].map((site): [ImportKind, string] => ['sites', site]))
  }
  const changes = parts.flatMap(([collection, member]) =>
    changesBetween(draft.before[collection].get(member), draft[collection].get(member), [collection, member]),
  )
  const [before, after] = [draft.before[kind].get(id), draft[kind].get(id)]
  const verdict =
    before === undefined ? 'new' : after === undefined ? 'closed' : changes.length > 0 ? 'changed' : 'same'
  return { line, id, verdict, changes }
}

/** A fault of the policy as it would be, at the row and column it came from. */
function placed(draft: ImportDraft, fault: Fault): CellFault | Fault {
  const [, collection = '', id = '', ...rest] = (fault.pointer ?? '').split('/')
  const line = draft.lineOf(collection, id)
  if (line === undefined) return fault
  const [field = ''] = rest
  const column = NESTED[rest.join('/')] ?? NESTED[field] ?? field
  if (fault.code === 'OVERLAP') return { line, column, code: fault.code, message: withOwner(draft, fault.message) }
  if (fault.code !== 'NO_SITE') return { line, column, code: fault.code, message: fault.message }
  const edges = edgesFor(draft, id)
  const message = `it has no site yet; say edge, prefixes, down and up in the same row; edges ${edges}`
  return { line, column: 'edge', code: fault.code, message }
}
/** Whose site it is, by name. */
function withOwner({ before }: ImportDraft, message: string): string {
  const [, site = ''] = /site "([^"]+)"$/.exec(message) ?? []
  const owner = before.institutions.get(before.sites.get(site)?.institution ?? '')
  return owner === undefined ? message : `${message}, ${owner.name.en}`
}

const NESTED: Readonly<Record<string, string>> = {
  ...{ 'access/down': 'down', 'access/up': 'up', 'name/en': 'name', 'name/sw': 'name_sw', nounClass: 'noun_class' },
  ...{ 'capacity/down': 'down', 'capacity/up': 'up', monthFrom: 'month_from', leadDays: 'lead_days' },
  ...{ capacity: 'down', from: 'valid_from' },
}

function refused(
  { header, rows, delimiter }: Sheet,
  columns: readonly Column[],
  cells: readonly CellFault[],
  later: readonly (CellFault | Fault)[],
): ImportRefused {
  const told = new Set(cells.map(({ line, column }) => `${line} ${column}`))
  const known: CellFault[] = [...cells]
  const others: Fault[] = []
  for (const fault of later) {
    // Only the shadow of what was said of the cell.
    if (!('column' in fault)) others.push(fault)
    else if (!told.has(`${fault.line} ${fault.column}`)) known.push(fault)
  }
  known.sort((a, b) => a.line - b.line)
  const said = new Map<number, string[]>()
  for (const { line, column, message } of known) {
    const what = columns.find(({ means }) => means === column)?.header ?? column
    said.set(line, [...(said.get(line) ?? []), what === '' ? message : `${what}: ${message}`])
  }
  const kept = header.flatMap((name, at) => (name.toLowerCase() === 'error' ? [] : [at]))
  const sheet = writeSheet(
    [...kept.map((at) => header[at] ?? ''), 'error'],
    rows.map((row) => [...kept.map((at) => row.cells[at] ?? ''), said.get(row.line)?.join('; ') ?? '']),
    delimiter,
  )
  const faults = known.map(({ line, column, code, message }) => ({
    ...{ code, message, pointer: column === '' ? `/${line}` : `/${line}/${column}` },
  }))
  return new ImportRefused(sheet, said.size, [...faults, ...others])
}
