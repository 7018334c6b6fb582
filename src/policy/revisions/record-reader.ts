// A revision as it was written, read back and held against its hash: a tenth of a second of work for a whole nation, so
// it is done in a thread (workers/revision.ts) where people are answered by this one.

import { type Fault, formatFault, messageOf } from '../../runtime/errors.js'
import { shapeFaults } from '../../runtime/shape-faults.js'
import { hashOf } from '../document/canonical.js'
import { type PolicyDocument, policySchema } from '../document/document.js'
import { validatePolicy } from '../document/validate.js'
import { type Anchor, decodeRecord, documentOf, type RecordMeta } from './revision-record.js'

export interface RecordTask {
  readonly record: Uint8Array
  /** The whole record that it leans on, once it is known to; null: not yet, or it is gone. */
  readonly anchor: Uint8Array | null
  /** Whether it would still pass as a new policy is asked as well. */
  readonly judged: boolean
}

export type RecordAnswer =
  | { readonly kind: 'read'; readonly meta: RecordMeta; readonly document: PolicyDocument; readonly hash: string }
  /** It has to come again with that record. */
  | { readonly kind: 'leans'; readonly on: number }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'refused'; readonly faults: readonly Fault[] }

export function readRecord({ record, anchor, judged }: RecordTask): RecordAnswer {
  try {
    const { meta, content } = decodeRecord(Buffer.from(record))
    if ('changes' in content && anchor === null) return { kind: 'leans', on: content.anchor }
    const written = documentOf(content, anchor && anchorOf(anchor))
    const { data: document, error } = policySchema.safeParse(written)
    if (document === undefined) return { kind: 'unreadable', why: formatFault(shapeFaults(error.issues)[0]!) }
    if (hashOf(written) !== meta.hash) return { kind: 'unreadable', why: `its hash is not ${meta.hash}` }
    if (!judged) return { kind: 'read', meta, document, hash: meta.hash }
    const { faults } = validatePolicy(document)
    return faults.length > 0 ? { kind: 'refused', faults } : { kind: 'read', meta, document, hash: hashOf(document) }
  } catch (error) {
    return { kind: 'unreadable', why: messageOf(error) }
  }
}

/** Null: it is not whole itself. */
function anchorOf(bytes: Uint8Array): Anchor | null {
  const { meta, content } = decodeRecord(Buffer.from(bytes))
  return 'changes' in content ? null : { revision: meta.revision, document: content.document, bytes: bytes.length }
}
