// How a revision is written down. Most revisions change one place of a document of hundreds of kilobytes, so few are
// written whole; the others say what differs from one that is, their anchor.
//
//   record  := deflate(JSON)                          or the JSON itself, as releases before this one wrote it
//   JSON    := { revision, hash, author, reason, ..., document }                      whole
//            | { revision, hash, author, reason, ..., anchor, changes }               by what it changes
//   anchor  := number of a whole revision of the same store
//
// A record that leans on another is worth no more than both, so each leans on one whole record and never on a chain;
// when what has changed since the anchor takes more than a sixteenth of its room, the next one is written whole. The
// hash is that of the document, whichever way it is written: whoever reads it back holds the two against each other.

import { deflateSync, inflateSync } from 'node:zlib'
import { canonicalJson } from '../../model/canonical.js'
import * as z from '../../runtime/zod.js'
import { applyChanges, changesBetween } from '../document/diff.js'
import { changeSchema } from './proposal.js'

/** A document may differ from its anchor by this part of the anchor's room. */
const MOST_CHANGED = 1 / 16

const metaSchema = z.object({
  revision: z.int().positive(),
  hash: z.string(),
  author: z.string(),
  reason: z.string(),
  reference: z.string().nullable(),
  at: z.number(),
  parent: z.number().nullable(),
  kind: z.enum(['commit', 'rollback', 'revert']).default('commit'),
  confirmBy: z.number().nullable().default(null),
  breakGlass: z.boolean().default(false),
  approvedBy: z.string().nullable().default(null),
})
const contentSchema = z.union([
  z.object({ anchor: z.int().positive(), changes: z.array(changeSchema) }),
  z.object({ document: z.unknown() }),
])

/** What is known of a revision beside its document. */
export type RecordMeta = z.output<typeof metaSchema>
export type RecordContent = z.output<typeof contentSchema>

/** A whole revision that later ones may lean on. */
export interface Anchor {
  readonly revision: number
  readonly document: unknown
  /** What its record takes. */
  readonly bytes: number
}

export interface Encoded {
  readonly bytes: Buffer
  /** What the next revision may lean on. */
  readonly anchor: Anchor
}

export function encodeRecord(meta: RecordMeta, document: unknown, anchor: Anchor | null): Encoded {
  if (anchor !== null) {
    const changes = changesBetween(anchor.document, document).map(({ before: _, ...change }) => change)
    const bytes = deflateSync(canonicalJson({ ...meta, anchor: anchor.revision, changes }))
    if (bytes.length <= MOST_CHANGED * anchor.bytes) return { bytes, anchor }
  }
  const bytes = deflateSync(canonicalJson({ ...meta, document }))
  return { bytes, anchor: { revision: meta.revision, document, bytes: bytes.length } }
}

/** @throws Error when it is none. */
export function decodeRecord(bytes: Buffer): { readonly meta: RecordMeta; readonly content: RecordContent } {
  const json = jsonOf(bytes)
  return { meta: metaSchema.parse(json), content: contentSchema.parse(json) }
}

/** The document, whole or laid on that of its anchor; undefined where the anchor is not there. */
export function documentOf(content: RecordContent, anchor: Anchor | null): unknown {
  if (!('changes' in content)) return content.document
  return anchor === null ? undefined : applyChanges(anchor.document, content.changes)
}

const BRACE = '{'.charCodeAt(0)

function jsonOf(bytes: Buffer): unknown {
  return JSON.parse((bytes[0] === BRACE ? bytes : inflateSync(bytes)).toString())
}
