// What somebody has written of a part of the policy, as the places in which it differs from what was read; so it can be
// laid on what others have made of that part meanwhile.

import { isTree, type Json } from './schema.js'

export interface Draft {
  /** What was read; null: nothing was there. */
  readonly base: Json
  readonly etag: string | null
  /** Undefined: it is to go. */
  readonly value: Json | undefined
}

/** What is said differently, place by place: no value, and it goes. */
export type Difference = readonly (readonly [path: readonly string[], value?: Json])[]

export const isSame = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

export function differenceOf(
  base: Json | undefined,
  value: Json | undefined,
  path: readonly string[] = [],
): Difference {
  if (isSame(base, value)) return []
  if (value === undefined) return [[path]]
  if (!isTree(base) || !isTree(value)) return [[path, value]]
  const names = new Set([...Object.keys(base), ...Object.keys(value)])
  return [...names].flatMap((name) => differenceOf(base[name], value[name], [...path, name]))
}

export const laidOn = (base: Json, difference: Difference): Json | undefined =>
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
