// Is this a policy? First the shape (document.ts), then whether its parts agree: every name leads somewhere, and the
// rules of rules.ts and addressing.ts hold. All faults are found in one pass, each with a JSON pointer (RFC 6901) and
// a sentence that says what would be right. A member whose shape is wrong is reported and then left out, so that one
// bad number does not hide what else is wrong; its name still counts, so that nothing seems to be missing because of
// it.

import type { z } from 'zod'
import { DIRECTIONS } from '../../model/network.js'
import { MIN_LIFELINE } from '../../model/units.js'
import type { Fault } from '../../runtime/errors.js'
import { isTree, type Tree } from '../../runtime/json.js'
import { type Path, pointerTo, type Report, shapeFaults } from '../../runtime/shape-faults.js'
import { addressFaults } from './addressing.js'
import { contractRules } from './contract-rules.js'
import { policyOutline } from './describe.js'
import { type PolicyDocument, policySchema } from './document.js'
import { breakableOf, COLLECTIONS, type Names, namesIn, unknown } from './names.js'
import { preparedFaults } from './prepared-rules.js'
import { ruleFaults } from './rules.js'

export interface Verdict {
  /** Parsed, with defaults filled in; null when there is any fault. */
  readonly document: PolicyDocument | null
  readonly faults: readonly Fault[]
}

/** Checks a policy document of any origin: a folder, an HTTP body, the store. Never throws. */
export function validatePolicy(input: unknown): Verdict {
  const parsed = policySchema.safeParse(input)
  if (parsed.success) {
    const faults = crossCheck(parsed.data)
    return { document: faults.length === 0 ? parsed.data : null, faults }
  }
  const { issues } = parsed.error
  const faults = faultsOf(issues)
  const rest = policySchema.safeParse(withoutBrokenMembers(input, issues))
  if (rest.success) {
    const whole = issues.some(({ path }) => path[0] === 'plane') ? ['/plane'] : []
    const found = crossCheck(rest.data, null, namesIn(input as Tree)).filter(isNoShadow)
    faults.push(...found.filter(({ pointer = '' }) => !whole.some((part) => pointer.startsWith(part))))
  }
  return { document: null, faults }
}

/** What is wrong in the shape alone. */
export const policyShapeFaults = (input: unknown): Fault[] =>
  faultsOf(policySchema.safeParse(input).error?.issues ?? [])

/** What is missing or of another kind, in the words of the documentation. */
function faultsOf(issues: readonly z.core.$ZodIssue[]): Fault[] {
  const outline = policyOutline()
  return shapeFaults(issues).map((fault) => {
    const [, missing, found] =
      /^(?:(is missing)|expected an? (?:\w+ )?(?:number|object|list)(, found .*))/s.exec(fault.message) ?? []
    const schema = outline.at((fault.pointer ?? '').split('/').slice(1).map(unescaped))
    if (schema === undefined) return fault
    const expected = outline.typeOf(schema)
    if (found !== undefined) return { ...fault, message: `expected ${expected}${found}` }
    if (missing === undefined) return fault
    const purpose = schema.description === undefined ? '' : `: ${schema.description}`
    return { ...fault, message: `is missing: expected ${expected}${purpose}` }
  })
}

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

/**
 * Whether the parts of a policy agree with each other.
 * @param passed a policy that has passed; what only concerns parts that both share is not looked at again
 * @param written names that lead somewhere, members that were left out included; absent: those of the document
 */
export function crossCheck(document: PolicyDocument, passed: PolicyDocument | null = null, written?: Names): Fault[] {
  const faults: Fault[] = []
  const report: Report = (code, path, message) => faults.push({ code, pointer: pointerTo(path), message })
  const own = namesIn(document)
  const names = written ?? own
  referenceFaults(document, names, report)
  ruleFaults(document, report)
  preparedFaults(document, own, report)
  contractRules(document, names, report)
  const sameAddresses = document.sites === passed?.sites && document.services === passed.services
  if (!sameAddresses) addressFaults(document, report)
  return faults
}

/** Not one that a member which was left out for its own fault may have caused by its absence. */
function isNoShadow({ code }: Fault): boolean {
  return code !== 'NO_SITE' && code !== 'NO_BANDWIDTH'
}

function referenceFaults(document: PolicyDocument, names: Names, report: Report): void {
  const check = (path: Path, what: string, id: string | null, known: ReadonlySet<string>): void => {
    if (id !== null && !known.has(id)) report('UNKNOWN', path, unknown(what, id, known))
  }
  const ever = new Set([...names.institutions, ...names.former])
  for (const [id, { category, region, tier, envelope, from = [] }] of Object.entries(document.institutions)) {
    check(['institutions', id, 'category'], 'category', category, names.categories)
    check(['institutions', id, 'region'], 'region', region, names.regions)
    check(['institutions', id, 'tier'], 'tier', tier, names.tiers)
    check(['institutions', id, 'envelope'], 'envelope', envelope, names.envelopes)
    for (const [at, other] of from.entries()) check(['institutions', id, 'from', at], 'institution', other, ever)
    if (names.former.has(id)) {
      report('CLOSED', ['institutions', id], `"${id}" was closed; an id is never used again, take another one`)
    }
  }
  for (const [id, { institution, edge }] of Object.entries(document.sites)) {
    check(['sites', id, 'institution'], 'institution', institution, names.institutions)
    check(['sites', id, 'edge'], 'edge', edge, names.edges)
  }
  for (const [id, { node, region }] of Object.entries(document.edges)) {
    check(['edges', id, 'node'], 'node', node, names.nodes)
    check(['edges', id, 'region'], 'region', region, names.regions)
  }
  for (const [id, { region }] of Object.entries(document.nodes)) {
    check(['nodes', id, 'region'], 'region', region, names.regions)
  }
  for (const [id, { from, to, groups }] of Object.entries(document.links)) {
    check(['links', id, 'from'], 'node', from, names.nodes)
    check(['links', id, 'to'], 'node', to, names.nodes)
    for (const [at, group] of groups.entries()) check(['links', id, 'groups', at], 'group', group, names.groups)
  }
  for (const [id, { via, at, fractions }] of Object.entries(document.services)) {
    for (const [i, link] of via.entries()) check(['services', id, 'via', i], 'link', link, names.links)
    for (const [i, node] of at.entries()) check(['services', id, 'at', i], 'node', node, names.nodes)
    const anchors = new Set([...via, ...at])
    for (const key of Object.keys(fractions)) check(['services', id, 'fractions', key], 'anchor', key, anchors)
  }
  for (const [id, { parent, ceilings, weights, guarantees }] of Object.entries(document.envelopes)) {
    check(['envelopes', id, 'parent'], 'envelope', parent, names.envelopes)
    for (const [field, byService] of Object.entries({ ceilings, weights, guarantees })) {
      for (const key of Object.keys(byService)) check(['envelopes', id, field, key], 'service', key, names.services)
    }
    for (const [service, { band }] of Object.entries(guarantees)) {
      check(['envelopes', id, 'guarantees', service, 'band'], 'band', band, names.bands)
    }
  }
  for (const [id, { services }] of Object.entries(document.tiers)) {
    for (const [service, pair] of Object.entries(services)) {
      check(['tiers', id, 'services', service], 'service', service, names.services)
      for (const direction of DIRECTIONS) {
        for (const [at, { band }] of pair[direction].segments.entries()) {
          check(['tiers', id, 'services', service, direction, 'segments', at, 'band'], 'band', band, names.bands)
        }
      }
    }
  }
  planeReferenceFaults(document, names, check)
}

function planeReferenceFaults(
  { plane }: PolicyDocument,
  names: Names,
  check: (path: Path, what: string, id: string, known: ReadonlySet<string>) => void,
): void {
  check(['plane', 'unmapped', 'service'], 'service', plane.unmapped.service, names.services)
  check(['plane', 'control', 'service'], 'service', plane.control.service, names.services)
  const breakable = breakableOf(names)
  for (const [at, { cut, derate }] of plane.survive.entries()) {
    for (const [i, id] of cut.entries()) check(['plane', 'survive', at, 'cut', i], 'link or group', id, breakable)
    for (const id of Object.keys(derate)) check(['plane', 'survive', at, 'derate', id], 'link or group', id, breakable)
  }
}

/** The input without the members of collections in which something is wrong with the shape. */
function withoutBrokenMembers(input: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (!isTree(input)) return input
  const rest: Record<string, unknown> = { ...input }
  for (const { path } of issues) {
    const [collection, id] = path
    if (typeof collection !== 'string' || typeof id !== 'string' || !COLLECTIONS.some((c) => c === collection)) continue
    const members = rest[collection]
    if (isTree(members)) rest[collection] = Object.fromEntries(Object.entries(members).filter(([key]) => key !== id))
  }
  if (issues.some(({ path }) => path[0] === 'plane')) rest.plane = standInFor(rest)
  const wrongBands = new Set(issues.flatMap(({ path: [part, at] }) => (part === 'bands' ? [at] : [])))
  if (Array.isArray(rest.bands)) rest.bands = rest.bands.filter((_, at) => !wrongBands.has(at))
  return rest
}

/** A plane that is right, in place of a wrong one, so that all the rest can be looked at. */
function standInFor({ services }: Tree): unknown {
  const [service = ''] = isTree(services) ? Object.keys(services) : []
  const own = { service, lifeline: MIN_LIFELINE, weight: 1, ceiling: MIN_LIFELINE }
  return { id: 'x', name: { en: 'x', sw: 'x' }, unmapped: own, control: own }
}
