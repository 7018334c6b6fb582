// What the columns of somebody else's sheet mean. Usual names are known in English and Swahili; another one is said
// once ("Jina la Taasisi=name") and remembered with the plane; what nobody has said becomes a label, so that contract
// and ticket travel along. Amounts do not: of a sheet of contracts or agreements a column of money is refused.

import { MAX_ID_LENGTH } from '../../runtime/limits.js'
import { withoutEnd } from '../../runtime/sheet.js'
import type { PolicyDocument } from '../document/document.js'
import { CEILING, LABEL } from '../files/tables.js'
import { keyOf, SMALL_WORDS, wordsOf } from './names.js'

export const SITE_COLUMNS = ['edge', 'prefixes', 'down', 'up', 'vlan', 'medium'] as const
const PERSON_COLUMNS = [
  ...(['name', 'name_sw', 'noun_class', 'category', 'region', 'tier', 'internet', 'govnet', 'envelope'] as const),
  'restricted',
] as const
const LIFE_COLUMNS = ['split_from', 'merged_into', 'closed'] as const

const IMPORTS = ['institutions', 'sites', 'contracts', 'agreements'] as const
export type ImportKind = (typeof IMPORTS)[number]

/** What may be said of a member in a row, by what is imported. An institution's row may have its one site with it. */
export const COLUMNS: Readonly<Record<ImportKind, readonly string[]>> = {
  institutions: ['id', ...PERSON_COLUMNS, ...SITE_COLUMNS, ...LIFE_COLUMNS],
  sites: ['id', 'institution', ...SITE_COLUMNS],
  contracts: [
    ...['id', 'name', 'name_sw', 'provider', 'links', 'down', 'up', 'committed', 'percent', 'counts', 'month_from'],
    ...['timezone', 'valid_from', 'until', 'lead_days', 'services', 'sharing', 'documents'],
  ],
  agreements: [
    ...[
      'id',
      'institution',
      'reference',
      'valid_from',
      'until',
      'tier',
      'services',
      'attainment',
      'signatory',
      'budget',
    ],
  ],
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
  restricted: ['yenye usiri'],
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
  provider: ['supplier', 'carrier', 'isp', 'mtoa huduma'],
  links: ['link', 'line', 'circuit', 'kiungo', 'viungo'],
  committed: ['commit', 'commitment', 'cir', 'committed rate', 'kiwango cha mkataba'],
  percent: ['percentile', 'asilimia'],
  month_from: ['month begins', 'billing day', 'bill day'],
  timezone: ['time zone', 'zone'],
  valid_from: ['from', 'start', 'start date', 'begins', 'kuanzia', 'tarehe ya kuanza'],
  until: ['to', 'end', 'end date', 'expires', 'expiry', 'hadi', 'mwisho', 'tarehe ya mwisho'],
  lead_days: ['lead time', 'lead'],
  services: ['service', 'huduma'],
  sharing: ['sharing rule', 'shared by', 'mgawanyo'],
  documents: ['document', 'reference', 'contract', 'contract no', 'mkataba', 'namba ya mkataba'],
  reference: ['ref', 'agreement', 'agreement no', 'number', 'namba', 'kumb na'],
  attainment: ['sla', 'availability', 'utimizaji'],
  signatory: ['signed by', 'signed', 'aliyesaini', 'msaini'],
  budget: ['budget code', 'vote', 'kifungu', 'kifungu cha bajeti'],
}
/** "down (Mbps": numbers of the column are in this unit. */
const UNIT = /[\s(_[-]((?:[kmg]|kilo|mega|giga)\s?b(?:its?)?(?:ps|\/s(?:ec)?)?|b(?:it)?(?:ps|\/s))$/i
/** "down (MB/s)": in bytes, which is asked about and never read as bits. */
const BYTES = /[\s(_[-](?:[kKmMgG]?B(?:ps|\/s|\/sec)?|(?:[kKmMgG]|kilo|mega|giga)?[bB]ytes?(?:\/s|\/sec)?)[\s)\]]*$/
/** A header with one of these and a service is that service's ceiling; the first ones never say anything else. */
const CEILING_WORDS = ['ceiling', 'kikomo', 'ukomo']
const LIMIT_WORDS = [...CEILING_WORDS, 'cap', 'limit', 'max', 'maximum', 'most']

export interface Column {
  /** As it stands in the sheet. */
  readonly header: string
  /** A column of ours, a label or a ceiling; null: not read. */
  readonly means: string | null
  /** What a number without a unit is multiplied by; null: it must have one. */
  readonly unit: number | null
}

type Services = Readonly<Record<string, Pick<PolicyDocument['services'][string], 'name'>>>

/**
 * What each column of the sheet means.
 * @param said by people now or earlier: column names by header; what cannot be is told by `columnFaults`
 */
export function readColumns(
  kind: ImportKind,
  headers: readonly string[],
  said: Readonly<Record<string, string>>,
  services: Services,
): Column[] {
  const spoken = new Map(Object.entries(said).map(([header, means]) => [keyOf(header), means]))
  return headers.map((header) => {
    const open = withoutEnd(header.replace(/\s+/g, ' '), ' )]')
    const found = UNIT.exec(open)
    const bare = found === null ? header.replace(BYTES, '') : withoutEnd(open.slice(0, found.index), ' (_[-')
    const own = meaningOf(kind, bare, services)
    const means = spoken.get(keyOf(header)) ?? (own.startsWith(LABEL) ? meaningOf(kind, header, services) : own)
    const read = header === '' || means === LEFT_OUT || IGNORED.includes(keyOf(header)) ? null : means
    return { header, means: read, unit: found === null ? null : scaleOf(found[1]!) }
  })
}

function meaningOf(kind: ImportKind, header: string, services: Services): string {
  if (/^(label|ceiling)\.[a-z0-9]/.test(header)) return header
  const key = keyOf(header)
  const columns = COLUMNS[kind]
  const known =
    columns.find((column) => keyOf(column) === key) ?? columns.find((column) => SYNONYMS[column]?.includes(key))
  const ceiling = known === undefined ? ceilingOf(header, services) : undefined
  if (ceiling !== undefined) return ceiling
  const label = key.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  return known ?? (label === '' ? LEFT_OUT : LABEL + label.slice(0, MAX_ID_LENGTH))
}

/** "internet ceiling", "Kikomo cha intaneti": that service's ceiling; `ceiling.` alone where nobody knows whose. */
function ceilingOf(header: string, services: Services): string | undefined {
  const words = wordsOf(header).filter((word) => !SMALL_WORDS.has(word))
  const rest = words.filter((word) => !LIMIT_WORDS.includes(word)).join(' ')
  if (rest.length === words.join(' ').length) return undefined
  const spelled = (text: string): string =>
    wordsOf(text)
      .filter((word) => !SMALL_WORDS.has(word))
      .join(' ')
  const found = Object.entries(services).find(([id, { name }]) =>
    [id, name.en, name.sw].some((x) => spelled(x) === rest),
  )
  if (found !== undefined) return CEILING + found[0]
  return words.some((word) => CEILING_WORDS.includes(word)) ? CEILING : undefined
}

const scaleOf = (unit: string): number => ({ k: 1e3, m: 1e6, g: 1e9 })[unit[0]!.toLowerCase()] ?? 1

function ceilingFault(kind: ImportKind, header: string, service: string, services: Services): string | undefined {
  if (kind !== 'institutions')
    return `"${header}" is a ceiling, which is an institution's: say it in a sheet of institutions`
  if (Object.hasOwn(services, service)) return undefined
  const known = Object.keys(services).sort()
  const which = `${known.map((id) => CEILING + id).join(', ')} (300Mbps, or 300Mbps/150Mbps for down/up)`
  return `of which service is "${header}" the ceiling? Say ${which} or ${LEFT_OUT}`
}

const isOfPapers = (kind: ImportKind): boolean => kind === 'contracts' || kind === 'agreements'

const MONEY_WORDS = new Set([
  ...['price', 'cost', 'amount', 'fee', 'charge', 'rate', 'mrc', 'nrc', 'invoice', 'bei', 'gharama', 'kiasi', 'ada'],
  ...['usd', 'tzs', 'tsh', 'eur', 'kes', 'ugx', 'currency', 'sarafu', 'total'],
])
const isMoney = (header: string): boolean => wordsOf(header).some((word) => MONEY_WORDS.has(word))

/** Sentences on columns that cannot be so. */
export function columnFaults(kind: ImportKind, columns: readonly Column[], services: Services): string[] {
  const owners = new Map<string, string>()
  return columns.flatMap(({ header, means }) => {
    if (means === null) return []
    const isRate = ['down', 'up', 'committed'].includes(means) || means.startsWith(CEILING)
    if (isRate && BYTES.test(header))
      return [`"${header}" is in bytes, and rates are bits: give numbers of bits, in a column "${means} (Mbps)"`]
    if (means.startsWith(CEILING)) {
      const fault = ceilingFault(kind, header, means.slice(CEILING.length), services)
      if (fault !== undefined) return [fault]
    }
    const first = owners.get(means)
    owners.set(means, header)
    if (first !== undefined)
      return [`the columns "${first}" and "${header}" both mean ${means}; say ${LEFT_OUT} for one of them`]
    if (isOfPapers(kind) && means.startsWith(LABEL) && isMoney(header))
      return [`"${header}" is money, which stands in the price book and in no policy; say ${LEFT_OUT} for it`]
    if (COLUMNS[kind].includes(means) || /^(label|ceiling)\./.test(means)) return []
    return [`"${header}" cannot mean "${means}"; expected ${COLUMNS[kind].join(', ')}, ${LABEL}… or ${LEFT_OUT}`]
  })
}
