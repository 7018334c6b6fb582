// What the columns of somebody else's sheet mean. Usual names are known in English and Swahili; another one is said
// once ("Jina la Taasisi=name") and remembered with the plane; what nobody has said becomes a label, so that contract,
// ticket and price travel along.

import { MAX_ID_LENGTH } from '../runtime/limits.js'
import { keyOf } from './import-names.js'
import { LABEL } from './tables.js'

export const SITE_COLUMNS = ['edge', 'prefixes', 'down', 'up', 'vlan', 'medium'] as const
const PERSON_COLUMNS = [
  ...(['name', 'name_sw', 'noun_class', 'category', 'region', 'tier', 'internet', 'govnet', 'envelope'] as const),
] as const
const LIFE_COLUMNS = ['split_from', 'merged_into', 'closed'] as const

export const IMPORTS = ['institutions', 'sites'] as const
export type ImportKind = (typeof IMPORTS)[number]

/** What may be said of a member in a row, by what is imported. An institution's row may have its one site with it. */
export const COLUMNS: Readonly<Record<ImportKind, readonly string[]>> = {
  institutions: ['id', ...PERSON_COLUMNS, ...SITE_COLUMNS, ...LIFE_COLUMNS],
  sites: ['id', 'institution', ...SITE_COLUMNS],
}
/** Of an earlier answer to this sheet, or for its readers: never part of the policy. */
const IGNORED = ['error', 'source', 'confidence']
/** How somebody says that a column is not to be read. */
export const LEFT_OUT = '-'

/** Further names, as `keyOf` spells them. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  id: ['code', 'institution id', 'kitambulisho'],
  name: ['institution name', 'name en', 'organisation', 'organization', 'jina', 'jina la taasisi'],
  name_sw: ['name sw', 'swahili name', 'jina la kiswahili', 'jina kwa kiswahili'],
  noun_class: ['noun class', 'ngeli'],
  institution: ['institution name', 'institution id', 'organisation', 'organization', 'name', 'taasisi'],
  category: ['type', 'kind', 'sector', 'aina', 'kundi'],
  region: ['mkoa'],
  tier: ['service tier', 'package', 'class of service', 'ngazi', 'daraja'],
  internet: ['intaneti'],
  govnet: ['gov net', 'govnet member'],
  envelope: ['group', 'parent ministry', 'bahasha'],
  edge: ['gateway', 'router', 'pop', 'lango'],
  prefixes: ['prefix', 'network', 'subnet', 'ip', 'ip address', 'ip addresses', 'ip range', 'anwani'],
  down: ['download', 'downlink', 'access down', 'bandwidth', 'kasi'],
  up: ['upload', 'uplink', 'access up'],
  vlan: ['vlan id'],
  medium: ['media', 'access medium', 'line'],
  split_from: ['split from', 'part of until now'],
  merged_into: ['merged into', 'merge into', 'joins', 'imeungana na'],
  closed: ['closes', 'imefungwa'],
}
/** "down (Mbps)": numbers of the column are in this unit. */
const UNIT = /^(.*?)[\s(_[-]+((?:[kmg]|kilo|mega|giga)?\s*b(?:it)?(?:ps|\/s))[\s)\]]*$/i

export interface Column {
  /** As it stands in the sheet. */
  readonly header: string
  /** A column of ours, a label or a ceiling; null: not read. */
  readonly means: string | null
  /** What a number without a unit is multiplied by; null: it must have one. */
  readonly unit: number | null
}

/**
 * What each column of the sheet means.
 * @param said by people now or earlier: column names by header; what cannot be is told by `columnFaults`
 */
export function readColumns(
  kind: ImportKind,
  headers: readonly string[],
  said: Readonly<Record<string, string>>,
): Column[] {
  const spoken = new Map(Object.entries(said).map(([header, means]) => [keyOf(header), means]))
  return headers.map((header) => {
    const [, bare = header, unit] = UNIT.exec(header) ?? []
    const means = spoken.get(keyOf(header)) ?? meaningOf(kind, bare)
    const read = header === '' || means === LEFT_OUT || IGNORED.includes(keyOf(header)) ? null : means
    return { header, means: read, unit: unit === undefined ? null : scaleOf(unit) }
  })
}

function meaningOf(kind: ImportKind, header: string): string {
  if (/^(label|ceiling)\.[a-z0-9]/.test(header)) return header
  const key = keyOf(header)
  const columns = COLUMNS[kind]
  const known =
    columns.find((column) => keyOf(column) === key) ?? columns.find((column) => SYNONYMS[column]?.includes(key))
  const label = key.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  return known ?? (label === '' ? LEFT_OUT : LABEL + label.slice(0, MAX_ID_LENGTH))
}

const scaleOf = (unit: string): number => ({ k: 1e3, m: 1e6, g: 1e9 })[unit[0]!.toLowerCase()] ?? 1

/** Sentences on columns that cannot be so. */
export function columnFaults(kind: ImportKind, columns: readonly Column[]): string[] {
  const owners = new Map<string, string>()
  return columns.flatMap(({ header, means }) => {
    if (means === null) return []
    const first = owners.get(means)
    owners.set(means, header)
    if (first !== undefined)
      return [`the columns "${first}" and "${header}" both mean ${means}; say ${LEFT_OUT} for one of them`]
    if (COLUMNS[kind].includes(means) || /^(label|ceiling)\./.test(means)) return []
    return [`"${header}" cannot mean "${means}"; expected ${COLUMNS[kind].join(', ')}, ${LABEL}… or ${LEFT_OUT}`]
  })
}
