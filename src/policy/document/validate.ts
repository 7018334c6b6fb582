// Is this a policy? First the shape (document.ts), then whether its parts agree: every name leads somewhere, and the
// rules of rules.ts and addressing.ts hold. All faults are found in one pass, each with a JSON pointer (RFC 6901) and
// a sentence that says what would be right. A member whose shape is wrong is reported and then left out, so that one
// bad number does not hide what else is wrong; its name still counts, so that nothing seems to be missing because of
// it.

import { MIN_LIFELINE } from '../../model/units.js'
import type { Fault } from '../../runtime/errors.js'
import { isTree, type Tree } from '../../runtime/json.js'
import { pointerTo, type Report, shapeFaults } from '../../runtime/shape-faults.js'
import type * as z from '../../runtime/zod.js'
import { addressFaults } from './addressing.js'
import { CONTRACTS } from './contract-rules.js'
import { policyOutline } from './describe.js'
import { type PolicyDocument, policySchema } from './document.js'
import { COLLECTIONS, type Names, namesIn } from './names.js'
import { PREPARED } from './prepared-rules.js'
import { REFERENCES } from './reference-rules.js'
import { plain, type Rule } from './rule.js'
import { RULES } from './rules.js'

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
  const own = namesIn(document, passed && { document: passed, names: namesOf(passed) })
  const isNews = ({ parts }: Rule): boolean => passed === null || parts.some((part) => document[part] !== passed[part])
  const check = (rules: readonly Rule[], names: Names): void => {
    for (const rule of rules.filter(isNews)) rule.check(document, names, report)
  }
  check(REFERENCES, written ?? own)
  check([...RULES, ...PREPARED], own)
  check(CONTRACTS, written ?? own)
  check([ADDRESSES], own)
  return faults
}

const known = new WeakMap<PolicyDocument, Names>()

/** Of a document that has passed: nobody changes it any more. */
function namesOf(passed: PolicyDocument): Names {
  const names = known.get(passed) ?? namesIn(passed)
  known.set(passed, names)
  return names
}

const ADDRESSES = plain(['sites', 'services'], addressFaults)

/** Not one that a member which was left out for its own fault may have caused by its absence. */
function isNoShadow({ code }: Fault): boolean {
  return code !== 'NO_SITE' && code !== 'NO_BANDWIDTH'
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
