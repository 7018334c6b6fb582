// What somebody has written of the policy and not saved: kept in the tab, so that a reload loses nothing, and, where it
// is short, in the address behind the #, which never leaves the browser, so that the link shows it to a colleague.

import { keepDraft, readDraft } from './browser.js'
import { isTree, type Json, type JsonTree } from './schema.js'

export interface Draft {
  /** What was read; null: nothing was there. */
  readonly base: Json
  readonly etag: string | null
  /** Undefined: it is to go. */
  readonly value: Json | undefined
}

/** What is said differently, by field. */
interface Difference {
  readonly set?: JsonTree
  readonly unset?: readonly string[]
  /** Where it has no fields, or is to go. */
  readonly all?: Json
}

/** Longer ones stay in the tab alone. */
const LONGEST = 1_800
const MARK = '#draft='

export const isSame = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

function differenceOf({ base, value }: Draft): Difference {
  if (!isTree(base) || !isTree(value)) return { all: value ?? null }
  return {
    set: Object.fromEntries(Object.entries(value).filter(([name, one]) => !isSame(one, base[name]))),
    unset: Object.keys(base).filter((name) => !Object.hasOwn(value, name)),
  }
}

function laidOn(base: Json, { set, unset = [], all }: Difference): Json | undefined {
  if (set === undefined || !isTree(base)) return all ?? undefined
  const kept = Object.entries(base).filter(([name]) => !unset.includes(name))
  return { ...Object.fromEntries(kept), ...set }
}

/** The same changes on what is there now. */
export const rebased = (draft: Draft, { value: base, etag }: { value: Json; etag: string | null }): Draft => ({
  ...{ base, etag },
  value: laidOn(base, differenceOf(draft)),
})

const addressed = (draft: Draft): string => MARK + encodeURIComponent(JSON.stringify(differenceOf(draft)))

export function keep(place: string, draft: Draft): void {
  const isDone = isSame(draft.base, draft.value)
  keepDraft(place, isDone ? null : JSON.stringify(draft))
  const said = isDone ? '' : addressed(draft)
  history.replaceState(null, '', location.pathname + location.search + (said.length > LONGEST ? '' : said))
}

/** What was written before, of what is there now; null: nothing. */
export function readBack(place: string, now: { readonly value: Json; readonly etag: string | null }): Draft | null {
  const text = readDraft(place)
  // This console has written it.
  const kept = text === null ? null : (JSON.parse(text) as Draft)
  if (!location.hash.startsWith(MARK) || (kept !== null && addressed(kept) === location.hash)) return kept
  try {
    const difference = JSON.parse(decodeURIComponent(location.hash.slice(MARK.length))) as Difference
    return { base: now.value, etag: now.etag, value: laidOn(now.value, difference) }
  } catch {
    // A link that was cut off: there is nothing in it.
    return kept
  }
}
