// What the members of a policy are called, looked up by id. They are read once for a policy: a change of many places
// asks for the same names again and again.

import type { Text } from '../../model/network.js'
import { isTree, type Tree } from '../../runtime/json.js'
import type { Collection } from '../document/names.js'

export interface MemberName extends Text {
  /** Another member of the collection is called the same, in one of the languages. */
  readonly isShared: boolean
}

type NamesOf = ReadonlyMap<string, MemberName>

const read = new WeakMap<Tree, Map<Collection, NamesOf>>()

/** By id; those without a name are not in it. @param document a policy, which does not change any more */
export function memberNames(document: Tree, collection: Collection): NamesOf {
  const known = read.get(document) ?? new Map<Collection, NamesOf>()
  read.set(document, known)
  const found = known.get(collection) ?? namesIn(document[collection])
  known.set(collection, found)
  return found
}

function namesIn(members: unknown): NamesOf {
  const names = Object.entries(isTree(members) ? members : {}).flatMap(([id, member]) => {
    const name = nameOf(member)
    return name === undefined ? [] : [[id, name] as const]
  })
  const count = new Map<string, number>()
  for (const [, { en, sw }] of names) for (const said of new Set([en, sw])) count.set(said, (count.get(said) ?? 0) + 1)
  const isShared = ({ en, sw }: Text): boolean => [en, sw].some((said) => count.get(said)! > 1)
  return new Map(names.map(([id, name]) => [id, { ...name, isShared: isShared(name) }]))
}

/** English where there is no Swahili. */
export function nameOf(member: unknown): Text | undefined {
  if (!isTree(member) || !isTree(member.name)) return undefined
  const { en, sw } = member.name
  return typeof en === 'string' ? { en, sw: typeof sw === 'string' ? sw : en } : undefined
}
