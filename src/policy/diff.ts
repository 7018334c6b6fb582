// The difference of two policies: the places that differ, deepest first found, as JSON pointers with both values. Lists
// count as one value, for their order is their meaning. The same differences laid on another policy repeat the change
// there, as long as nobody has touched the same places.

import type { Change } from './proposal.js'
import { pointerTo } from './validate.js'

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** In the order of the pointers; none where both say the same. */
export function changesBetween(before: unknown, after: unknown, path: readonly string[] = []): Change[] {
  if (Object.is(before, after)) return []
  if (isTree(before) && isTree(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return names.flatMap((name) => changesBetween(own(before, name), own(after, name), [...path, name]))
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  const pointer = pointerTo(path)
  return [{ pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

/** Repeats changes on another document; the document itself is left as it is. */
export function applyChanges(document: unknown, changes: readonly Change[]): unknown {
  return changes.reduce((draft, { pointer, after }) => withValue(draft, partsOf(pointer), after), document)
}

/** Whether two changes speak of the same place, or one of a part of the other's. */
export function overlaps(a: readonly Change[], b: readonly Change[]): string | null {
  for (const { pointer } of a) {
    if (b.some((other) => isWithin(pointer, other.pointer) || isWithin(other.pointer, pointer))) return pointer
  }
  return null
}

/** Whether the place is `area` or below it. */
export const isWithin = (pointer: string, area: string): boolean =>
  area === '' || pointer === area || pointer.startsWith(`${area}/`)

function partsOf(pointer: string): string[] {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function withValue(tree: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  const before: Tree = isTree(tree) ? tree : {}
  const { [name]: present, ...others } = before
  const next = withValue(present, rest, value)
  if (next === undefined) return others
  // Its own place among the others does not matter, but a name such as __proto__ must become a member.
  return Object.defineProperty({ ...others }, name, {
    value: next,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

const own = (tree: Tree, name: string): unknown => (Object.hasOwn(tree, name) ? tree[name] : undefined)
