// The names that a policy document gives, by collection, and the sentence for one that leads nowhere.

import { DIRECTIONS, directed, PORT_PREFIX, portOf } from '../../model/network.js'
import { isTree, type Tree } from '../../runtime/json.js'
import { nearWord } from '../../runtime/near-word.js'
import type { Path, Report } from '../../runtime/shape-faults.js'

/** Virtual links of a site are named after it, as ports are after edges; nothing else may begin so. */
export const ACCESS_PREFIX = 'access.'

export const COLLECTIONS = [
  'regions',
  'categories',
  'nodes',
  'groups',
  'links',
  'edges',
  'services',
  'tiers',
  'classes',
  'envelopes',
  'institutions',
  'sites',
  'former',
  'calendars',
  'schedules',
  'modes',
  'guards',
  'tests',
  'contracts',
  'agreements',
  'sharing',
] as const
export type Collection = (typeof COLLECTIONS)[number]

/** The ids of each collection, those of members with a wrong shape included; ports as they are cut. */
export type Names = Readonly<Record<Collection | 'bands' | 'ports', ReadonlySet<string>>>

/** A document that has passed, with its names. */
export interface Named {
  readonly document: Tree
  readonly names: Names
}

/** @param passed what both share has the same names, and they are not listed again */
export function namesIn(document: Tree, passed: Named | null = null): Names {
  const known = (part: string): Names | null =>
    passed !== null && document[part] === passed.document[part] ? passed.names : null
  const collections = COLLECTIONS.map((part) => [part, known(part)?.[part] ?? keysOf(document[part])])
  return {
    // Object.fromEntries forgets which keys it was given: they are those of COLLECTIONS.
    ...(Object.fromEntries(collections) as Record<Collection, ReadonlySet<string>>),
    bands: known('bands')?.bands ?? bandsIn(document.bands),
    ports: known('edges')?.ports ?? portsIn(document.edges),
  }
}

const keysOf = (members: unknown): Set<string> => new Set(isTree(members) ? Object.keys(members) : [])

function bandsIn(bands: unknown): Set<string> {
  const ids = Array.isArray(bands) ? bands.map((band: unknown) => isTree(band) && band.id) : []
  return new Set(ids.filter((id) => typeof id === 'string'))
}

function portsIn(edges: unknown): Set<string> {
  const ports = Object.entries(isTree(edges) ? edges : {}).flatMap(([edge, member]) =>
    isTree(member) && isTree(member.ports) ? Object.keys(member.ports).map((name) => portOf(edge, name)) : [],
  )
  return new Set(ports)
}

type Breaking = Pick<Names, 'links' | 'edges' | 'ports' | 'sites' | 'groups'>

/** By the names of sites, which are the most. */
const breakable = new WeakMap<Names['sites'], { readonly of: Breaking; readonly all: ReadonlySet<string> }>()

/** What may be cut or derated: links, ports, access lines, each direction of them, and shared-risk groups. */
export function breakableOf({ links, edges, ports, sites, groups }: Breaking): ReadonlySet<string> {
  const known = breakable.get(sites)
  const of = { links, edges, ports, sites, groups }
  if (known !== undefined && BREAKING.every((part) => known.of[part] === of[part])) return known.all
  const lines = [
    ...links,
    ...[...edges].map((id) => PORT_PREFIX + id),
    ...ports,
    ...[...sites].map((id) => ACCESS_PREFIX + id),
  ]
  const ways = lines.flatMap((link) => DIRECTIONS.map((direction) => directed(link, direction)))
  const all = new Set([...groups, ...lines, ...ways])
  breakable.set(sites, { of, all })
  return all
}

const BREAKING = ['links', 'edges', 'ports', 'sites', 'groups'] as const

/** What reports a name that leads nowhere; none is no fault. */
export function referencesOf(report: Report) {
  return (path: Path, what: string, id: string | null | undefined, known: ReadonlySet<string>): void => {
    if (id !== null && id !== undefined && !known.has(id)) report('UNKNOWN', path, unknown(what, id, known))
  }
}

/** "unknown tier "gold"; known: district, national". A long list is cut to the names most like it. */
export function unknown(what: string, id: string, known: ReadonlySet<string>): string {
  const alike = likest(id, known)
  const names = known.size <= 16 ? [...known] : alike
  const near = alike.length === 1 ? alike[0] : nearWord(id, known)
  const listed = known.size === 0 ? 'there is none' : names.length === 0 ? '' : `known: ${names.sort().join(', ')}`
  const hint = near === undefined ? listed : `did you mean "${near}"?`
  return `unknown ${what} "${id}"${hint === '' ? '' : `; ${hint}`}`
}

/** Of many ids those that somebody may have meant: one in other letters ("Dar es Salaam"), else those that are near. */
function likest(id: string, known: ReadonlySet<string>): string[] {
  const meant = spelled(id)
  const same = [...known].filter((name) => spelled(name) === meant)
  if (same.length > 0) return same
  const slips = [...known].filter((name) => isOneSlip(meant, spelled(name)))
  if (slips.length > 0) return slips
  return [...known].filter((name) => spelled(name).slice(0, 3) === meant.slice(0, 3)).slice(0, 8)
}

const spelled = (id: string): string =>
  id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** One letter more, less, other, or two that have changed places. */
export function isOneSlip(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (long.length - short.length > 1) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at++
  if (long.length > short.length) return short.slice(at) === long.slice(at + 1)
  const swapped = short[at] === long[at + 1] && short[at + 1] === long[at]
  return short.slice(at + 1) === long.slice(at + 1) || (swapped && short.slice(at + 2) === long.slice(at + 2))
}
