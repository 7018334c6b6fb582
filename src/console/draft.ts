// What somebody has written of the policy and not saved: kept in the tab, so that a reload loses nothing, and, where it
// is short, in the address behind the #, which never leaves the browser, so that the link shows it to a colleague.

import { keepDraft, readDraft } from './browser.js'
import { type Difference, type Draft, differenceOf, isSame, laidOn } from './differences.js'
import type { Json } from './schema.js'

/** Longer ones stay in the tab alone. */
const LONGEST = 1_800
const MARK = '#draft='

/** It names its place: another one has no use for it. */
const addressed = (place: string, { base, value }: Draft): string =>
  MARK + encodeURIComponent(JSON.stringify([place, differenceOf(base, value)]))

export function keep(place: string, draft: Draft): void {
  const isDone = isSame(draft.base, draft.value)
  keepDraft(place, isDone ? null : JSON.stringify(draft))
  const said = isDone ? '' : addressed(place, draft)
  history.replaceState(null, '', location.pathname + location.search + (said.length > LONGEST ? '' : said))
}

/** What was written before, of what is there now; null: nothing. */
export function readBack(place: string, now: { readonly value: Json; readonly etag: string | null }): Draft | null {
  const text = readDraft(place)
  // This console has written it.
  const kept = text === null ? null : (JSON.parse(text) as Draft)
  if (!location.hash.startsWith(MARK) || (kept !== null && addressed(place, kept) === location.hash)) return kept
  try {
    const said = JSON.parse(decodeURIComponent(location.hash.slice(MARK.length))) as readonly [string, Difference]
    const [of, difference] = said
    if (of !== place) return kept
    return { base: now.value, etag: now.etag, value: laidOn(now.value, difference) }
  } catch {
    // A link that was cut off: there is nothing in it.
    return kept
  }
}
