// What can be cut: each link, each shared-risk group (all links that ride on it), each node (all links that end there,
// and the ports of the gateways that stand there); and each two links or groups together. What cuts the same links is
// one event, whatever it is called.

import { type Conditions, LINK_KINDS, PORT_PREFIX } from '../../model/network.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import { sortedEntries } from '../../policy/document/members.js'
import { usageError } from '../../runtime/errors.js'
import { didYouMean } from '../../runtime/near-word.js'

export type CutKind = 'link' | 'group' | 'node' | 'pair'

export interface Cut {
  readonly id: string
  readonly kind: CutKind
  readonly conditions: Conditions
  /** Other names of the same event. */
  readonly also?: readonly string[]
}

/** A node may be called what a link or a group is called; those two never share a name. */
export const cutName = ({ id, kind }: Cut): string => (kind === 'node' ? `node:${id}` : id)

/** Links, then groups, then nodes; each by id. Nothing that carries nothing: a group without links cuts nobody. */
export function singleCuts(document: PolicyDocument): Cut[] {
  const links = sortedEntries(document.links)
  const cut = (kind: CutKind, id: string, names: readonly string[]): Cut => ({
    ...{ kind, id },
    conditions: Object.fromEntries(names.map((name) => [name, 0])),
  })
  const groups = sortedEntries(document.groups).filter(([id]) => links.some(([, { groups }]) => groups.includes(id)))
  const nodes = sortedEntries(document.nodes).map(([id]) => {
    const ending = links.filter(([, { from, to }]) => from === id || to === id).map(([link]) => link)
    const ports = sortedEntries(document.edges).filter(([, { node }]) => node === id)
    return cut('node', id, [...ending, ...ports.map(([edge]) => PORT_PREFIX + edge)])
  })
  return [
    ...links.map(([id]) => cut('link', id, [id])),
    ...groups.map(([id]) => cut('group', id, [id])),
    ...nodes.filter(({ conditions }) => Object.keys(conditions).length > 0),
  ]
}

/** Each event once, under the name that comes first, with all others. */
export function eventsOf(cuts: readonly Cut[], document: PolicyDocument): Cut[] {
  const known = new Map<string, [Cut, ...Cut[]]>()
  for (const cut of cuts) {
    const event = eventOf(cut, document)
    const same = known.get(event)
    if (same === undefined) known.set(event, [cut])
    else same.push(cut)
  }
  return [...known.values()].map(([first, ...others]) =>
    others.length === 0 ? first : { ...first, also: others.map(cutName) },
  )
}

/** What it takes away. */
function eventOf({ conditions }: Cut, { links }: PolicyDocument): string {
  const ridingOn = (group: string): string[] => Object.keys(links).filter((id) => links[id]!.groups.includes(group))
  const parts = Object.keys(conditions).flatMap((name) => {
    return links[name] !== undefined || name.startsWith(PORT_PREFIX) ? [name] : ridingOn(name)
  })
  return [...new Set(parts)].sort().join(' ')
}

/** Each two links or groups of `cuts` once, but those that are one link or group alone. */
export function pairCuts(cuts: readonly Cut[], document: PolicyDocument): Cut[] {
  const nodes = cuts.filter(({ kind }) => kind === 'node')
  const singles = cuts.filter(({ kind }) => kind !== 'node')
  const alone = new Set(singles.map((cut) => eventOf(cut, document)))
  const pairs = singles.flatMap((a, n) =>
    singles.slice(n + 1).map((b): Cut => {
      return { id: `${a.id} + ${b.id}`, kind: 'pair', conditions: { ...a.conditions, ...b.conditions } }
    }),
  )
  const two = pairs.filter((pair) => !alone.has(eventOf(pair, document)))
  return eventsOf([...two, ...nodes], document).filter(({ kind }) => kind === 'pair')
}

/** Words that mean all cuts of a sort. */
export const SORTS: readonly string[] = [
  'link',
  'group',
  'node',
  ...LINK_KINDS.filter((kind) => !/^(port|access)$/.test(kind)),
]

/** What people may call a single cut. */
export const namesOf = ({ id, kind }: Cut): string[] => [id, `${kind}:${id}`]

/**
 * The cuts that a list of words means: sorts of links (`upstream`), `link`, `group`, `node`, or single ones by id.
 * @throws MizaniError USAGE with every word that means nothing
 */
export function cutsNamed(list: string, document: PolicyDocument): Cut[] {
  const singles = singleCuts(document)
  const words = list.split(',').map((word) => word.trim())
  const known = [...SORTS, ...singles.flatMap(namesOf)]
  const wrong = words.filter((word) => !known.includes(word))
  if (wrong.length > 0) {
    const faults = wrong.map((word) => `the plane has no "${word}" that can be cut${didYouMean(word, known)}`)
    throw usageError(
      `--any-one ${list}: ${faults.join('\n')}`,
      `Sorts: ${SORTS.join(', ')}; or names of single ones, if need be with their sort: node:NAME.`,
    )
  }
  return singles.filter((cut) => {
    const kinds = [cut.kind, ...(cut.kind === 'link' ? [document.links[cut.id]!.kind] : [])]
    return words.some((word) => namesOf(cut).includes(word) || (kinds as string[]).includes(word))
  })
}
