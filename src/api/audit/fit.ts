// What of a request and its answer is fit for the trail. The trail is read by others than those who did the deed, is
// exported and backed up, and is kept for ever: a secret that stands in it once stands there for good. So a route names
// what may stand there (`told`), and whatever nobody has named stays out: a field that is new is forgotten, not leaked.

import { isTree } from '../../runtime/json.js'

/**
 * Names of fields: `subject` (what the path names), `reason` and `reference` of the request; any other, of what was
 * there before and after, such as `user.roles`, where `*` is any name. A name lets through what is plain, or a list of
 * it, and never an object: each of its fields has a name of its own.
 */
export type Told = readonly string[]

/** Who has what scope, where it stands under this name. */
export const toldScope = (name: string): Told => [
  name,
  ...['institutions', 'categories', 'regions', 'envelopes', 'reads'].map((of) => `${name}.${of}`),
  ...['institutions', 'tiers', 'guarantee', 'ceiling'].map((of) => `${name}.budget.${of}`),
]

/** Null: nothing of it is. */
export const fitOf = (value: unknown, told: Told): unknown =>
  pick(
    value,
    told.map((name) => name.split('.')),
  ) ?? null

type Path = readonly string[]

function pick(value: unknown, paths: readonly Path[]): unknown {
  if (Array.isArray(value)) return value.map((inner) => pick(inner, paths)).filter((inner) => inner !== undefined)
  if (!isTree(value)) return paths.some((path) => path.length === 0) ? value : undefined
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const below = paths.filter(([first]) => first === key || first === '*').map(([, ...rest]) => rest)
    const found = below.length === 0 ? undefined : pick(inner, below)
    return found === undefined ? [] : [[key, found] as const]
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
