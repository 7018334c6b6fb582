// The difference of two policies: the places that differ, deepest first found, as JSON pointers with both values. Lists
// count as one value, for their order is their meaning. The same differences laid on another policy repeat the change
// there, as long as nobody has touched the same places.

import { isTree, type Tree } from '../../runtime/json.js'
import { pointerTo } from '../../runtime/shape-faults.js'
import type { Change } from '../revisions/proposal.js'

/** In the order of the pointers; none where both say the same. */
export function changesBetween(before: unknown, after: unknown, path: readonly string[] = []): Change[] {
  const changes: Change[] = []
  compare(before, after, [...path], changes)
  return changes
}

/** `path` is where both stand; it is the same again when this returns. */
function compare(before: unknown, after: unknown, path: string[], changes: Change[]): void {
  if (Object.is(before, after)) return
  if (isTree(before) && isTree(after)) {
    for (const name of namesThatDiffer(before, after)) {
      path.push(name)
      compare(own(before, name), own(after, name), path, changes)
      path.pop()
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    const both = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
    changes.push({ pointer: pointerTo(path), ...both })
  }
}

/** What is not the very same in both, in order: of two versions of one thing mostly little. */
function namesThatDiffer(before: Tree, after: Tree): string[] {
  const differ: string[] = []
  for (const name of Object.keys(before)) if (before[name] !== own(after, name)) differ.push(name)
  for (const name of Object.keys(after))
    if (!Object.hasOwn(before, name) && after[name] !== undefined) differ.push(name)
  return differ.sort()
}

/**
 * What an edited copy of a document has anew, told by identity alone: whole members of collections, without a look into
 * what was not touched. Null: nothing of the document is left in it.
 */
export function replacedIn(document: Tree, copy: unknown): Change[] | null {
  if (!isTree(copy) || !Object.keys(document).some((part) => isTree(document[part]) && copy[part] === document[part])) {
    return null
  }
  return namesThatDiffer(document, copy).flatMap((part): Change[] => {
    const [before, after] = [own(document, part), own(copy, part)]
    if (!isTree(before) || !isTree(after))
      return [{ pointer: pointerTo([part]), ...(after === undefined ? {} : { after }) }]
    return namesThatDiffer(before, after).flatMap((id): Change[] => {
      const member = own(after, id)
      return [{ pointer: pointerTo([part, id]), ...(member === undefined ? {} : { after: member }) }]
    })
  })
}

/** Repeats changes on another document, which is left as it is; what they do not touch is shared with it. */
export function applyChanges(document: unknown, changes: readonly Change[]): unknown {
  const copies = new Set<unknown>()
  const copyOf = (tree: unknown): Record<string, unknown> => {
    if (copies.has(tree)) return tree as Record<string, unknown>
    const copy = isTree(tree) ? { ...tree } : {}
    copies.add(copy)
    return copy
  }
  let root = document
  for (const { pointer, after } of changes) {
    const parts = partsOf(pointer)
    const last = parts.pop()
    if (last === undefined) {
      root = after
      continue
    }
    root = copyOf(root)
    let tree = root as Record<string, unknown>
    for (const name of parts) {
      const inner = copyOf(own(tree, name))
      put(tree, name, inner)
      tree = inner
    }
    if (after === undefined) delete tree[last]
    else put(tree, last, after)
  }
  return root
}

/** A name such as __proto__ must become a member like any other. */
function put(tree: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(tree, name, { value, enumerable: true, writable: true, configurable: true })
  else tree[name] = value
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

/** The names on the way to the place. */
export function partsOf(pointer: string): string[] {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const own = (tree: Tree, name: string): unknown => (Object.hasOwn(tree, name) ? tree[name] : undefined)
