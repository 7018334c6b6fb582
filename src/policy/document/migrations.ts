// Policies of earlier releases, brought to the shape of this one step by step. A document says its shape in `schema`;
// step n makes of schema n what schema n + 1 says, and is never changed once it was released: backups, folders in
// somebody's git and revisions in the store are read by it years later.

import { isTree, type Tree } from '../../runtime/json.js'

export type Migration = (document: Tree) => Tree

/** In order, the first from schema 1. There was no other shape yet. */
const MIGRATIONS: readonly Migration[] = []

/** Version of the document's shape. One of a later release is refused with both numbers. */
export const POLICY_SCHEMA = MIGRATIONS.length + 1

/** The document in the present shape; what has no schema that is known is left for the schema to refuse. */
export function migrated(document: unknown, steps: readonly Migration[] = MIGRATIONS): unknown {
  if (!isTree(document) || typeof document.schema !== 'number') return document
  const step = steps[document.schema - 1]
  return step === undefined ? document : migrated({ ...step(document), schema: document.schema + 1 }, steps)
}
