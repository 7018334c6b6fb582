// What is written where a person has decided about a store that had lost something: the policy, the register and the
// orders that go on, under a number and a version above all that anybody knows. Institutions keep the numbers that
// edges know them by, whichever policy goes on.

import { canonicalJson } from '../model/canonical.js'
import type { UnixMilliseconds } from '../model/units.js'
import { hashOf } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { Found } from '../policy/in-force/known.js'
import { fieldOf, type Settled, type Settlement } from '../policy/in-force/register.js'
import { encodeRecord } from '../policy/revisions/revision-record.js'
import type { PutOptions } from '../policy/revisions/revisions.js'
import type { Holding } from './store-look.js'

interface Settling extends Pick<PutOptions, 'author' | 'reason'> {
  readonly decision: Settled['decision']
  readonly holds: Holding
  readonly found: Found
  /** What goes on. */
  readonly document: PolicyDocument
  /** The highest number of a revision that anybody knows. */
  readonly least: number
  readonly at: UnixMilliseconds
}

export function settlementOf({ decision, holds, found, document, least, at, author, reason }: Settling): Settlement {
  const [known, stays] = [holds.revision, decision === 'keep']
  const { register, orders } = stays ? holds : found
  const revision = least + 1
  const of = { revision: known.revision, hash: known.hash }
  const parent = stays ? known.revision : (found.head?.revision ?? null)
  const plain = { reference: null, kind: 'commit', confirmBy: null, breakGlass: false, approvedBy: null } as const
  const hash = hashOf(document)
  const record = encodeRecord({ ...plain, revision, hash, author, reason, at, parent }, document, null).bytes
  const before = { ...known.meta, revision: known.revision, hash: known.hash }
  return {
    seen: found.head?.revision ?? 0,
    next: { revision, hash, record },
    known: { revision: known.revision, record: stays ? encodeRecord(before, known.document, null).bytes : null },
    indexes: numbered(known.indexes, Object.keys(document.institutions)),
    fields: {
      ...register.fields,
      [fieldOf.settled]: canonicalJson({ of, decision, author, at }),
      revision: String(revision),
      version: String(Math.max(holds.register.version, found.register.version) + 1),
    },
    orders: Object.fromEntries([...orders].map(([edge, order]) => [edge, canonicalJson(order)])),
  }
}

/** As functions.lua gives them: 0 and 1 are unmapped and control traffic, and none is ever given twice. */
function numbered(known: ReadonlyMap<string, number>, institutions: readonly string[]): Map<string, number> {
  const numbers = new Map(known)
  for (const id of institutions.toSorted()) if (!numbers.has(id)) numbers.set(id, numbers.size + 2)
  return numbers
}
