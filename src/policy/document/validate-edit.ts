// Is this edit of a policy a policy? An edit of what has passed once is not checked from the ground up: where it stays
// within members of collections, only they are parsed, and what the parts have to do with each other is checked on all
// of them. Any other edit, and any member that is wrong, goes the long way, which finds every fault.
//
// What an edit leaves as it is, it shares with its base: whoever compares, hashes or compiles both tells by identity.

import type { Fault } from '../../runtime/errors.js'
import type { Tree } from '../../runtime/json.js'
import { pointerTo } from '../../runtime/shape-faults.js'
import type { ReadEdit } from '../revisions/draft.js'
import type { Change } from '../revisions/proposal.js'
import { applyChanges, changesBetween, partsOf } from './diff.js'
import { type PolicyDocument, policySchema } from './document.js'
import { COLLECTIONS, type Collection } from './names.js'
import { lostRestrictions } from './restricted.js'
import { crossCheck, validatePolicy } from './validate.js'

export type EditVerdict =
  | { readonly document: null; readonly faults: readonly Fault[] }
  | { readonly document: PolicyDocument; readonly changes: readonly Change[] }

/** `base` has passed validation. Never throws. */
export function validateEdit(base: PolicyDocument, edit: ReadEdit): EditVerdict {
  const members = 'changes' in edit ? parsedMembers(base, edit.changes) : null
  if (members !== null) {
    // Made of what has passed and of what was parsed just now.
    const edited = applyChanges(base, members) as PolicyDocument
    const faults = [...crossCheck(edited, base), ...lostRestrictions(base, edited)]
    return faults.length > 0 ? { document: null, faults } : { document: edited, changes: changesBetween(base, edited) }
  }
  const { document, faults } = validatePolicy('whole' in edit ? edit.whole : applyChanges(base, edit.changes))
  if (document === null) return { document, faults }
  const lost = lostRestrictions(base, document)
  if (lost.length > 0) return { document: null, faults: lost }
  const changes = changesBetween(base, document)
  return { document: applyChanges(base, changes) as PolicyDocument, changes }
}

/** The members that the changes make other ones, parsed; null: a change is beyond any member, or makes it wrong. */
function parsedMembers(base: PolicyDocument, changes: readonly Change[]): Change[] | null {
  const touched = new Map<string, readonly [collection: Collection, id: string]>()
  for (const { pointer } of changes) {
    const [part, id] = partsOf(pointer)
    const collection = COLLECTIONS.find((name) => name === part)
    if (collection === undefined || id === undefined || base[collection] === undefined) return null
    touched.set(pointerTo([collection, id]), [collection, id])
  }
  const before = [...touched].map(([pointer, [part, id]]) => ({ pointer, ...asAfter(memberOf(base[part], id)) }))
  const edited = applyChanges(applyChanges({}, before), changes) as PolicyDocument
  const parsed: Change[] = []
  for (const [pointer, [collection, id]] of touched) {
    const [was, is] = [memberOf(base[collection], id), memberOf(edited[collection], id)]
    const { success, data } = policySchema.out.shape[collection].safeParse(is === undefined ? {} : { [id]: is })
    const becomes = memberOf(data, id)
    // A name such as __proto__ may be lost on the way.
    if (!success || (is !== undefined && becomes === undefined)) return null
    const differences = changesBetween(was, becomes)
    if (differences.length > 0) parsed.push({ pointer, ...asAfter(applyChanges(was, differences)) })
  }
  return parsed
}

const memberOf = (members: Tree | undefined, id: string): unknown =>
  members !== undefined && Object.hasOwn(members, id) ? members[id] : undefined

const asAfter = (after: unknown): Pick<Change, 'after'> => (after === undefined ? {} : { after })
