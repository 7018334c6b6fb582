// Takes out of the trail what should never have stood in it. An entry is rewritten with what today's rules find fit;
// its hash stays what it was, so that the chain holds, and entries behind name it with that hash and the digest of
// the text that it has now. Those are written first: a purge that is cut short leaves a trail that holds, and is
// begun again.

import type { Entry, OwnDeed } from '../model/happening.js'
import { MizaniError } from '../runtime/errors.js'
import { jsonOrNull } from '../runtime/json.js'
import { type Link, type Row, textOf } from './chain.js'
import { REDACT } from './deeds.js'
import { digestOf } from './signing.js'
import type { AuditStore } from './store.js'

const PAGE = 1_000
/** Entries that one entry names: it stays small. */
const NAMED_AT_ONCE = 20
/** Others may write meanwhile; so many times in a row they do not. */
const MAX_ROUNDS = 20

/** An entry as today's rules would have written it, and which of its fields they leave out; null: it is fit. */
export type Cleaned = { readonly entry: Entry; readonly fields: readonly string[] } | null

export interface Unfit extends Link {
  readonly entry: Entry
  readonly fields: readonly string[]
}

/** Every entry that is not fit. @param clean what today's rules make of one. */
export async function findUnfit(store: AuditStore, clean: (entry: Entry) => Cleaned): Promise<Unfit[]> {
  const { base, head } = await store.ends()
  const found: Unfit[] = []
  for (let from = base.n + 1; from <= head.n; ) {
    const rows = await store.range(from, head.n, PAGE, false)
    for (const row of rows) {
      const entry = entryOf(row)
      const cleaned = entry === null ? null : clean(entry)
      if (cleaned !== null) found.push({ n: row.n, hash: row.hash, ...cleaned })
    }
    const last = rows.at(-1)
    if (last === undefined) break
    from = last.n + 1
  }
  return found
}

/** Only what is whole: an entry that somebody spoilt must not be put right by the way. */
function entryOf({ n, text }: Row): Entry | null {
  // Its shape is that of an entry if it gives the same bytes again.
  const entry = jsonOrNull(text) as Entry | null
  return entry !== null && entry.n === n && textOf(entry) === text ? entry : null
}

/** @param tell resolves when the deed is on disk. @throws MizaniError STORE_BUSY. */
export async function purge(
  store: AuditStore,
  unfit: readonly Unfit[],
  reason: string,
  tell: (deed: OwnDeed) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < unfit.length; at += NAMED_AT_ONCE) {
    const some = unfit.slice(at, at + NAMED_AT_ONCE)
    const entries = some.map(({ n, hash, entry }) => ({ n, hash, sha256: digestOf(textOf(entry)) }))
    const subject = `${some[0]!.n}-${some.at(-1)!.n}`
    await tell({ action: REDACT, subject, reason, reference: null, before: null, after: { entries } })
  }
  const texts = new Map(unfit.map(({ n, entry }) => [n, textOf(entry)]))
  for (let round = 0; round < MAX_ROUNDS; round++) if (await store.rewrite(await store.ends(), texts)) return
  throw new MizaniError({ code: 'STORE_BUSY', message: 'Others keep adding to the audit; nothing was taken out yet.' })
}
