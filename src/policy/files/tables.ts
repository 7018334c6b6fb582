// Institutions and sites as tables: which columns there are, what a row becomes, and what becomes of a member of the
// policy. The folder of a plane, `policy get` and the export of sheets all write these columns and no others, and
// reading what was written gives the same member back.
//
//   label.<name>       a label
//   ceiling.<service>  an institution's own ceiling, "300Mbps" or "300Mbps/150Mbps" (down/up)

import { parseRatePair, writeRate, writeRatePair } from '../../model/units.js'
import { type Cell, writeSheet } from '../../runtime/sheet.js'
import type { PolicyDocument, PolicyInstitution, PolicySite } from '../document/document.js'

const RARE = ['from', 'noun_class', 'restricted']
export const LABEL = 'label.'
export const CEILING = 'ceiling.'

/** The cell of a column; undefined where it is empty or the column is absent. */
export type Row = (column: string) => string | undefined

export interface Table {
  readonly collection: 'institutions' | 'sites'
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** Where a row comes from: for people, not part of the policy. */
  readonly notes: readonly string[]
  /** Beginnings of columns of which there may be many. */
  readonly families: readonly string[]
  /** What the row says, for the schema to judge. */
  member(cell: Row, columns: readonly string[]): Record<string, unknown>
}

export const INSTITUTIONS: Table = {
  collection: 'institutions',
  required: ['id', 'name', 'category', 'region', 'tier', 'internet', 'govnet'],
  optional: ['name_sw', 'envelope', 'from', 'noun_class', 'restricted'],
  notes: ['source', 'confidence'],
  families: [LABEL, CEILING],
  member: (cell, columns) => ({
    name: { en: cell('name'), sw: cell('name_sw') ?? cell('name') },
    category: cell('category'),
    region: cell('region'),
    tier: cell('tier'),
    internet: yesOrNo(cell('internet')),
    govnet: yesOrNo(cell('govnet')),
    envelope: cell('envelope'),
    from: cell('from')?.split(/\s+/),
    nounClass: wholeNumber(cell('noun_class')),
    restricted: yesOrNo(cell('restricted')),
    ceilings: familyOf(CEILING, cell, columns, pairOf),
    labels: familyOf(LABEL, cell, columns, (text) => text),
  }),
}

export const SITES: Table = {
  collection: 'sites',
  required: ['id', 'institution', 'edge', 'prefixes', 'down', 'up'],
  optional: ['vlan', 'interface', 'medium'],
  notes: [],
  families: [LABEL],
  member: (cell, columns) => ({
    institution: cell('institution'),
    edge: cell('edge'),
    prefixes: cell('prefixes')?.split(/\s+/),
    vlan: wholeNumber(cell('vlan')),
    interface: cell('interface'),
    access: { down: wholeNumber(cell('down')), up: wholeNumber(cell('up')) },
    medium: cell('medium'),
    labels: familyOf(LABEL, cell, columns, (text) => text),
  }),
}

/** All institutions of a policy as a sheet. */
export function institutionSheet({ institutions }: Pick<PolicyDocument, 'institutions'>): string {
  const members = Object.entries(institutions)
  return sheetOf(INSTITUTIONS, members, ({ name, ceilings = {}, labels, from, envelope, ...rest }) => ({
    ...{ name: name.en, name_sw: name.sw, category: rest.category, region: rest.region, tier: rest.tier },
    ...{ internet: yesNo(rest.internet), govnet: yesNo(rest.govnet), envelope, from: from?.join(' ') },
    noun_class: rest.nounClass,
    restricted: rest.restricted === undefined ? undefined : yesNo(rest.restricted),
    ...prefixed(CEILING, ceilings, writeRatePair),
    ...prefixed(LABEL, labels, (text) => text),
  }))
}

/** All contracts of a policy as a sheet. */
export function contractSheet({ contracts = {} }: Pick<PolicyDocument, 'contracts'>): string {
  return plainSheet(contracts, ({ name, capacity, links, services, documents, labels, ...rest }) => ({
    ...{ name: name.en, name_sw: name.sw, provider: rest.provider, links: links.join(' ') },
    ...{ down: writeRate(capacity.down), up: writeRate(capacity.up), committed: writeRate(rest.committed) },
    ...{ percent: rest.percent, counts: rest.counts, month_from: rest.monthFrom, timezone: rest.timezone },
    ...{ valid_from: rest.from, until: rest.until, lead_days: rest.leadDays, services: services?.join(' ') },
    ...{ sharing: rest.sharing, documents: documents.join('; ') },
    ...prefixed(LABEL, labels ?? {}, (text) => text),
  }))
}

/** All agreements of a policy as a sheet. */
export function agreementSheet({ agreements = {} }: Pick<PolicyDocument, 'agreements'>): string {
  return plainSheet(agreements, ({ services, labels, from, ...rest }) => ({
    ...{ institution: rest.institution, reference: rest.reference, valid_from: from, until: rest.until },
    ...{ tier: rest.tier, services: services.join(' '), attainment: rest.attainment },
    ...{ signatory: rest.signatory, budget: rest.budget },
    ...prefixed(LABEL, labels ?? {}, (text) => text),
  }))
}

/** With the columns that the records have. */
function plainSheet<Member>(
  members: Readonly<Record<string, Member>>,
  record: (member: Member) => Record<string, Cell>,
): string {
  const records = Object.entries(members).map(([id, member]): Record<string, Cell> => ({ id, ...record(member) }))
  const columns = [...new Set(['id', ...records.flatMap(Object.keys)])]
  return writeSheet(
    columns,
    records.map((row) => columns.map((column) => (Object.hasOwn(row, column) ? row[column] : undefined))),
  )
}

/** All sites of a policy as a sheet. */
export function siteSheet({ sites }: Pick<PolicyDocument, 'sites'>): string {
  return sheetOf(SITES, Object.entries(sites), ({ prefixes, access, labels, ...rest }: PolicySite) => ({
    ...{ institution: rest.institution, edge: rest.edge, prefixes: prefixes.join(' ') },
    ...{ down: writeRate(access.down), up: writeRate(access.up), vlan: rest.vlan },
    ...{ interface: rest.interface, medium: rest.medium },
    ...prefixed(LABEL, labels, (text) => text),
  }))
}

function sheetOf<Member extends PolicyInstitution | PolicySite>(
  { required, optional, families }: Table,
  members: readonly (readonly [string, Member])[],
  record: (member: Member) => Record<string, Cell>,
): string {
  const records = members.map(([id, member]): Record<string, Cell> => ({ id, ...record(member) }))
  const many = new Set(records.flatMap(Object.keys).filter((key) => families.some((family) => key.startsWith(family))))
  // What few rows ever have does not stand in the sheet of those who never had it.
  const rare = optional.filter(
    (column) => !RARE.includes(column) || records.some((record) => record[column] !== undefined),
  )
  const columns = [...required, ...rare, ...[...many].sort()]
  return writeSheet(
    columns,
    records.map((row) => columns.map((column) => (Object.hasOwn(row, column) ? row[column] : undefined))),
  )
}

function yesOrNo(cell: string | undefined): boolean | string | undefined {
  const word = cell?.toLowerCase()
  return word === 'yes' || word === 'true' ? true : word === 'no' || word === 'false' ? false : cell
}

/** Digits as a number; anything else as it stands, for the schema to judge. */
function wholeNumber(cell: string | undefined): number | string | undefined {
  return cell !== undefined && /^\d+$/.test(cell) ? Number(cell) : cell
}

function pairOf(text: string): unknown {
  const pair = parseRatePair(text)
  if (pair !== undefined) return pair
  const [down, up = down] = text.split('/').map((part) => wholeNumber(part.trim()))
  return { down, up }
}

/** The filled cells of a family of columns; undefined where there is none. */
function familyOf<T>(family: string, cell: Row, columns: readonly string[], read: (text: string) => T) {
  const found = columns.flatMap((column) => {
    const text = column.startsWith(family) ? cell(column) : undefined
    return text === undefined ? [] : [[column.slice(family.length), read(text)] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function prefixed<T>(family: string, members: Readonly<Record<string, T>>, say: (member: T) => string) {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [family + name, say(member)]))
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no')
