// What somebody wants of a policy, as it came: a document, changes, text that nobody has read yet, or a sheet. Here, in
// the thread of drafts, it becomes a document or changes; whatever is wrong with it is an answer, and no failure.

import type { PolicyDocument } from '../policy/document/document.js'
import { foundText } from '../policy/import/found.js'
import { type ImportPlan, ImportRefused, type ImportRequest, planImport } from '../policy/import/plan.js'
import type { DrafterAnswer, Edit, ReadEdit } from '../policy/revisions/draft.js'
import type { Change } from '../policy/revisions/proposal.js'
import { type Fault, MizaniError, messageOf } from '../runtime/errors.js'

export type EditReading =
  | { readonly answer: DrafterAnswer }
  | {
      readonly edit: ReadEdit
      /** Pointers to members of the policy that it speaks of by name, changed or not. */
      readonly names: readonly string[]
      /** What was found in a sheet, as JSON; null: it is none. */
      readonly found: string | null
      /** The answer where the policy as it would be has faults. */
      refused(faults: readonly Fault[]): DrafterAnswer
    }

export function readEdit(base: PolicyDocument, edit: Edit): EditReading {
  if ('sheet' in edit) return readSheetEdit(base, edit.sheet)
  const refused = (faults: readonly Fault[]): DrafterAnswer => ({ kind: 'refused', faults })
  if (!('json' in edit)) return { edit, names: namesOf(edit), found: null, refused }
  try {
    const read: unknown = JSON.parse(Buffer.from(edit.json).toString())
    const changes = changesIn(read)
    if (changes === null) return { edit: { whole: read }, names: [], found: null, refused }
    const fault = changesFault(changes, edit.most)
    if (fault !== null) return { answer: { kind: 'misread', faults: [fault] } }
    // Looked through just above.
    const known = { changes: changes as Change[] }
    return { edit: known, names: namesOf(known), found: null, refused }
  } catch (error) {
    const message = `this is no JSON: ${messageOf(error)}`
    return { answer: { kind: 'misread', faults: [{ code: 'SYNTAX', pointer: '', message }] } }
  }
}

const namesOf = (edit: ReadEdit): string[] => ('changes' in edit ? edit.changes.map(({ pointer }) => pointer) : [])

/** A list of changes is never taken for a policy. */
function changesIn(read: unknown): readonly unknown[] | null {
  if (typeof read !== 'object' || read === null || 'schema' in read || !('changes' in read)) return null
  return Array.isArray(read.changes) ? read.changes : null
}

function changesFault(changes: readonly unknown[], most: number): Fault | null {
  const isChange = (change: unknown): boolean =>
    typeof change === 'object' && change !== null && 'pointer' in change && isPointer(change.pointer)
  const wrong = changes.findIndex((change) => !isChange(change))
  if (changes.length > 0 && changes.length <= most && wrong < 0) return null
  const message = `expected 1 to ${most} changes, each { pointer, after }; found ${changes.length}`
  return { code: 'SHAPE', pointer: wrong < 0 ? '/changes' : `/changes/${wrong}`, message }
}

const isPointer = (text: unknown): boolean => typeof text === 'string' && text.startsWith('/') && text.length <= 500

function readSheetEdit(base: PolicyDocument, request: ImportRequest): EditReading {
  const unlaid = (refusal: ImportRefused): DrafterAnswer => {
    const { rows, sheet, faults } = refusal
    return { kind: 'unlaid', rows, sheet, faults }
  }
  let plan: ImportPlan
  try {
    plan = planImport(base, request)
  } catch (error) {
    if (error instanceof ImportRefused) return { answer: unlaid(error) }
    if (!(error instanceof MizaniError)) throw error
    return { answer: { kind: 'refused', faults: error.faults, message: error.message } }
  }
  return {
    edit: { whole: plan.document },
    names: plan.rows.map(({ id }) => `/${request.kind}/${id}`),
    found: foundText(plan, request.prune),
    refused: (faults) => unlaid(plan.refusal(faults)),
  }
}
