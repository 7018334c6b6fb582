// What somebody has written of the policy and not saved: kept in the tab, so that a reload loses nothing, and, where it
// is short, in the address behind the #, which never leaves the browser, so that the link shows it to a colleague.

import { keepDraft, readDraft } from './browser.js'
import { isTree, type Json } from './schema.js'

export interface Draft {
  /** What was read; null: nothing was there. */
  readonly base: Json
  readonly etag: string | null
  /** Undefined: it is to go. */
  readonly value: Json | undefined
}

/** What is said differently, place by place: no value, and it goes. */
type Difference = readonly (readonly [path: readonly string[], value?: Json])[]

/** Longer ones stay in the tab alone. */
const LONGEST = 1_800
const MARK = '#draft='

export const isSame = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

function differenceOf(base: Json | undefined, value: Json | undefined, path: readonly string[] = []): Difference {
  if (isSame(base, value)) return []
  if (value === undefined) return [[path]]
  if (!isTree(base) || !isTree(value)) return [[path, value]]
  const names = new Set([...Object.keys(base), ...Object.keys(value)])
  return [...names].flatMap((name) => differenceOf(base[name], value[name], [...path, name]))
}

const laidOn = (base: Json, difference: Difference): Json | undefined =>
  difference.reduce<Json | undefined>((value, [path, said]) => withAt(value, path, said), base)

function withAt(tree: Json | undefined, [name, ...rest]: readonly string[], said: Json | undefined): Json | undefined {
  if (name === undefined) return said
  const known = isTree(tree) ? tree : {}
  const { [name]: inner, ...others } = known
  const next = withAt(inner, rest, said)
  return next === undefined ? others : { ...known, [name]: next }
}

/** The same changes on what is there now. */
export const rebased = (draft: Draft, { value: base, etag }: { value: Json; etag: string | null }): Draft => ({
  ...{ base, etag },
  value: laidOn(base, differenceOf(draft.base, draft.value)),
})

const addressed = ({ base, value }: Draft): string =>
  MARK + encodeURIComponent(JSON.stringify(differenceOf(base, value)))

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
