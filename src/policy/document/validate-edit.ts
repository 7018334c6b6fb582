// Is this edit of a policy a policy? An edit of what has passed once is not checked from the ground up: where whole
// members of collections were replaced, only they are parsed, and what the parts have to do with each other is checked
// on all of them. Any other edit, and any member that is wrong, goes the long way, which finds every fault.
//
// What an edit leaves as it is, it shares with its base: whoever compares, hashes or compiles both tells by identity.

import type { Fault } from '../../runtime/errors.js'
import type { ReadEdit } from '../revisions/draft.js'
import type { Change } from '../revisions/proposal.js'
import { applyChanges, changesBetween, partsOf } from './diff.js'
import { type PolicyDocument, policySchema } from './document.js'
import { COLLECTIONS } from './names.js'
import { lostRestrictions } from './restricted.js'
import { crossCheck, validatePolicy } from './validate.js'

export type EditVerdict =
  | { readonly document: null; readonly faults: readonly Fault[] }
  | { readonly document: PolicyDocument; readonly changes: readonly Change[] }

/** `base` has passed validation. Never throws. */
export function validateEdit(base: PolicyDocument, edit: ReadEdit): EditVerdict {
  const members = 'changes' in edit ? parsedMembers(edit.changes) : null
  if (members !== null) {
    // Made of what has passed and of what was parsed just now.
    const edited = applyChanges(base, members) as PolicyDocument
    const faults = [...crossCheck(edited, base), ...lostRestrictions(base, edited)]
    return faults.length > 0 ? { document: null, faults } : sharing(base, edited)
  }
  const { document, faults } = validatePolicy('whole' in edit ? edit.whole : applyChanges(base, edit.changes))
  if (document === null) return { document, faults }
  const lost = lostRestrictions(base, document)
  return lost.length > 0 ? { document: null, faults: lost } : sharing(base, document)
}

function sharing(base: PolicyDocument, edited: PolicyDocument): EditVerdict {
  const changes = changesBetween(base, edited)
  return { document: applyChanges(base, changes) as PolicyDocument, changes }
}

/** The same changes with their members parsed; null: one is not a whole member of a collection, or is wrong. */
function parsedMembers(changes: readonly Change[]): Change[] | null {
  const parsed: Change[] = []
  for (const { pointer, after } of changes) {
    const [part, id, ...deeper] = partsOf(pointer)
    const collection = COLLECTIONS.find((name) => name === part)
    if (collection === undefined || id === undefined || deeper.length > 0) return null
    if (after === undefined) {
      parsed.push({ pointer })
      continue
    }
    const result = policySchema.out.shape[collection].safeParse({ [id]: after })
    // A name such as __proto__ may be lost on the way.
    if (!result.success || result.data === undefined || !Object.hasOwn(result.data, id)) return null
    parsed.push({ pointer, after: result.data[id] })
  }
  return parsed
}
