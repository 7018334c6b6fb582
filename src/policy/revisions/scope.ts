// What a scoped officer may change: institutions inside the scope, before and after the change, with the sites and
// envelopes below them. Everything else of the document is common to all, and what a scope cannot see inside it cannot
// move: nobody hands their ministry another tier's guarantee by editing the tier, or takes an institution of others in.

import { canonicalJson } from '../../model/canonical.js'
import type { Scope } from '../../model/principal.js'
import { type Fault, MizaniError } from '../../runtime/errors.js'
import type { Tree } from '../../runtime/json.js'
import { partsOf } from '../document/diff.js'
import type { PolicyDocument, PolicyInstitution } from '../document/document.js'
import { namesIn, unknown } from '../document/names.js'
import type { Patch } from '../document/prepared.js'
import { membersOf } from '../in-force/holding.js'

/** Collections whose members lie inside or outside; all others are outside. */
const SCOPED = ['institutions', 'sites', 'envelopes'] as const
type Scoped = (typeof SCOPED)[number]

/**
 * What a scope names and the policy does not have. A scope of such a name alone holds nothing: an officer without power
 * whom nobody told.
 */
export function scopeFaults(document: Tree, scope: Scope | null): Fault[] {
  const names = namesIn(document)
  const tiers = (scope?.budget?.tiers ?? []).flatMap((id, at): Fault[] =>
    names.tiers.has(id)
      ? []
      : [{ code: 'UNKNOWN', pointer: `/scope/budget/tiers/${at}`, message: unknown('tier', id, names.tiers) }],
  )
  const subjects = KINDS.flatMap(([kind, what]) =>
    (scope?.[kind] ?? []).flatMap((id, at): Fault[] => {
      if (names[kind].has(id)) return []
      return [{ code: 'UNKNOWN', pointer: `/scope/${kind}/${at}`, message: unknown(what, id, names[kind]) }]
    }),
  )
  return [...subjects, ...tiers]
}

const KINDS = [
  ['institutions', 'institution'],
  ['categories', 'category'],
  ['regions', 'region'],
  ['envelopes', 'envelope'],
] as const

/** Whether an institution of this document lies in the scope. */
export function institutionInScope(document: PolicyDocument, id: string, scope: Scope | null): boolean {
  const institution = document.institutions[id]
  return scope === null || (institution !== undefined && inScope(document, id, institution, scope))
}

/** Whether everything behind an edge lies in the scope, and the edge in its regions. */
export function edgeInScope(document: PolicyDocument, id: string, scope: Scope | null): boolean {
  if (scope === null) return true
  const edge = document.edges[id]
  if (edge === undefined) return false
  if (scope.regions !== undefined && !scope.regions.includes(edge.region)) return false
  if (scope.institutions === undefined && scope.categories === undefined && scope.envelopes === undefined) return true
  const behind = Object.values(document.sites).filter((site) => site.edge === id)
  return behind.length > 0 && behind.every((site) => institutionInScope(document, site.institution, scope))
}

/**
 * JSON pointers of what differs between two documents and lies outside the scope.
 * @param named pointers to what counts as different, whether it is or not
 */
export function outsideScope(
  before: PolicyDocument,
  after: PolicyDocument,
  scope: Scope | null,
  named: readonly string[] = [],
): string[] {
  if (scope === null) return []
  const places = named.map((pointer) => partsOf(pointer))
  const parts = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...parts].sort().flatMap((part) => {
    const [old, next] = [partOf(before, part), partOf(after, part)]
    const members = new Set(places.filter(([first]) => first === part).map(([, id]) => id))
    if (members.size === 0 && same(old, next)) return []
    if (!isScoped(part)) return [`/${part}`]
    const ids = new Set([...Object.keys(old ?? {}), ...Object.keys(next ?? {})])
    return [...ids]
      .sort()
      .filter((id) => members.has(id) || !same(before[part][id], after[part][id]))
      .flatMap((id) => {
        if (!memberInScope(before, part, id, scope) || !memberInScope(after, part, id, scope)) return [`/${part}/${id}`]
        return part === 'institutions' && joinsOthers(before, after, id, scope) ? [`/${part}/${id}/envelope`] : []
      })
  })
}

/** FORBIDDEN with every pointer that lies outside. */
export const outOfScope = (outside: readonly string[]): MizaniError =>
  new MizaniError({
    code: 'FORBIDDEN',
    remedy: 'drop',
    message: `This change reaches outside what you may change, in ${outside.length} places.`,
    faults: outside.map((pointer) => ({ code: 'OUT_OF_SCOPE', pointer, message: 'this lies outside your scope' })),
  })

/** What is said of subjects that are no set of institutions. */
const NOT_OF_SCOPES: Readonly<Record<string, string>> = {
  envelope: 'has limits that belong to whoever drew it, also where your scope is that envelope',
  link: 'is common to all',
}

/** A scoped officer lays changes over institutions of the scope alone. @throws MizaniError FORBIDDEN. */
export function assertPatchInScope(document: PolicyDocument, on: Patch['on'], scope: Scope | null): void {
  if (scope === null) return
  const members = membersOf(document, on)
  const outside = members.filter((id) => !institutionInScope(document, id, scope))
  if (members.length > 0 && outside.length === 0) return
  const [[kind, id] = []] = Object.entries(on)
  const some = `${outside.length} of its ${members.length} institutions lie outside, first ${outside[0]}`
  const why =
    members.length === 0
      ? `${NOT_OF_SCOPES[kind ?? ''] ?? 'has no institutions'}; with a scope you change institutions`
      : outside.length === members.length
        ? 'lies outside your scope'
        : `reaches beyond your scope: ${some}`
  throw new MizaniError({ code: 'FORBIDDEN', message: `The ${kind} ${id} ${why}.` })
}

/** A member that is absent on one side was made or removed, which the other side decides. */
function memberInScope(document: PolicyDocument, part: Scoped, id: string, scope: Scope): boolean {
  const member = document[part][id]
  if (member === undefined) return true
  if ('tier' in member) return inScope(document, id, member, scope)
  if ('institution' in member) return institutionInScope(document, member.institution, scope)
  // An envelope below one that was delegated; the delegated one itself is its owner's limit.
  const { institutions, regions, categories } = scope
  const only = institutions === undefined && regions === undefined && categories === undefined
  return only && scope.envelopes !== undefined && isBelow(document, member.parent, scope.envelopes)
}

/**
 * Whether an institution comes to share with others than it did. Whose scope names envelopes moves it between those;
 * to all others an envelope, or having none, is what somebody above has given.
 */
function joinsOthers(before: PolicyDocument, after: PolicyDocument, id: string, scope: Scope): boolean {
  const next = after.institutions[id]?.envelope
  if (scope.envelopes !== undefined || next === undefined) return false
  const known = before.institutions[id]
  if (known !== undefined) return known.envelope !== next
  return !Object.entries(before.institutions).some(
    ([other, one]) => one.envelope === next && inScope(before, other, one, scope),
  )
}

function inScope(document: PolicyDocument, id: string, institution: PolicyInstitution, scope: Scope): boolean {
  const { institutions, categories, regions, envelopes } = scope
  return (
    (institutions === undefined || institutions.includes(id)) &&
    (categories === undefined || categories.includes(institution.category)) &&
    (regions === undefined || regions.includes(institution.region)) &&
    (envelopes === undefined || isBelow(document, institution.envelope, envelopes))
  )
}

function isBelow(document: PolicyDocument, envelope: string | null, delegated: readonly string[]): boolean {
  const seen = new Set<string>()
  for (let at = envelope; at !== null && !seen.has(at); at = document.envelopes[at]?.parent ?? null) {
    if (delegated.includes(at)) return true
    seen.add(at)
  }
  return false
}

const isScoped = (part: string): part is Scoped => SCOPED.some((known) => known === part)
const partOf = (document: PolicyDocument, part: string): unknown =>
  Object.entries(document).find(([key]) => key === part)?.[1]
const same = (a: unknown, b: unknown): boolean => a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null)
