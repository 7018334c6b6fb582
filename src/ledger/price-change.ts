// A change of the price book: who made it and why, what it changed by name, and who must agree. The trail and the lists
// have this and no amount. The fingerprint is keyed like that of a closed month: a plain hash of a book would give away
// a price that is its only secret to anyone who tries amounts.

import { canonicalJson } from '../model/canonical.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { guardsOf } from '../policy/revisions/guards.js'
import * as z from '../runtime/zod.js'
import { EMPTY_BOOK, type PriceBook, priceBookShape } from './price-book.js'

/** Names of changed keys that are listed; their number is always said. */
const MAX_CHANGED_NAMED = 100

const changeShape = z.object({
  at: z.number(),
  by: z.string(),
  reason: z.string(),
  fingerprint: z.string(),
  changed: z.array(z.string()),
  changes: z.number(),
})
/** Who made a book and why; `changed` names keys such as `tariffs/transit-2026`, `changes` says how many there are. */
export type BookChange = z.infer<typeof changeShape>

export const aboutBookShape = changeShape.extend({ approvedBy: z.string().nullable() })
/** The same of a book that is in force. `approvedBy` null: no guard asked for a second person. */
export type AboutBook = z.infer<typeof aboutBookShape>

export const waitingBookShape = changeShape.extend({
  version: z.string(),
  guards: z.array(z.string()),
  book: priceBookShape,
})
/** A book that waits for a second person, made on this version. */
export type WaitingBook = z.infer<typeof waitingBookShape>

/** Keys whose content differs, such as `tariffs/transit-2026` and `invoices/2026-11/transit-2026`, sorted. */
export function changedKeys(book: PriceBook, kept: PriceBook | null): string[] {
  const [now, before] = [entriesOf(book), entriesOf(kept ?? EMPTY_BOOK)]
  const keys = new Set([...now.keys(), ...before.keys()])
  return [...keys].filter((key) => now.get(key) !== before.get(key)).sort()
}

/** What the book says under each key, as canonical text. */
function entriesOf({ tariffs, tiers, invoices, corrections }: PriceBook): Map<string, string> {
  const months = Object.entries(invoices).map(([month, of]) => [`invoices/${month}`, of] as const)
  const parts = [['tariffs', tariffs], ['tiers', tiers], ...months, ['corrections', corrections]] as const
  return new Map(
    parts.flatMap(([part, of]) =>
      Object.entries(of).map(([id, value]) => [`${part}/${id}`, canonicalJson(value)] as const),
    ),
  )
}

/** The keys as they are told: the first of them, and how many there are. */
export const namedKeys = (keys: readonly string[]): Pick<BookChange, 'changed' | 'changes'> => ({
  changed: keys.slice(0, MAX_CHANGED_NAMED),
  changes: keys.length,
})

/**
 * Ids of the guards of the policy that ask for a second person. The price of a contract or a tier is asked for like a
 * change of that contract or tier; a price takes no rate from anybody.
 */
export function guardsOfBook(document: PolicyDocument, keys: readonly string[], at: UnixMilliseconds): string[] {
  const changes = keys.map((key) => {
    const parts = key.split('/')
    const area = { tiers: `/tiers/${parts[1]}`, tariffs: `/contracts/${parts[1]}` }[parts[0] ?? '']
    return { pointer: area ?? '/contracts', before: key, after: key }
  })
  return guardsOf(document, changes, { impact: {} }, at)
}
