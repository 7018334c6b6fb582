// What can be cut: each link, each shared-risk group (all links that ride on it), each node (all links that end there,
// and the ports of the gateways that stand there); and each two links or groups together.

import { type Conditions, LINK_KINDS, PORT_PREFIX } from '../../model/network.js'
import { type PolicyDocument, sortedEntries } from '../../policy/document/document.js'
import { usageError } from '../../runtime/errors.js'
import { didYouMean } from '../../runtime/near-word.js'

export type CutKind = 'link' | 'group' | 'node' | 'pair'

export interface Cut {
  readonly id: string
  readonly kind: CutKind
  readonly conditions: Conditions
}

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

/** Each two links or groups of `cuts`, once. */
export function pairCuts(cuts: readonly Cut[]): Cut[] {
  const singles = cuts.filter(({ kind }) => kind === 'link' || kind === 'group')
  return singles.flatMap((a, n) =>
    singles.slice(n + 1).map((b): Cut => {
      return { id: `${a.id} + ${b.id}`, kind: 'pair', conditions: { ...a.conditions, ...b.conditions } }
    }),
  )
}

/** Words that mean all cuts of a sort. */
export const SORTS: readonly string[] = [
  'link',
  'group',
  'node',
  ...LINK_KINDS.filter((kind) => !/^(port|access)$/.test(kind)),
]

/**
 * The cuts that a list of words means: sorts of links (`upstream`), `link`, `group`, `node`, or single ones by id.
 * @throws MizaniError USAGE with every word that means nothing
 */
export function cutsNamed(list: string, document: PolicyDocument): Cut[] {
  const singles = singleCuts(document)
  const words = list.split(',').map((word) => word.trim())
  const known = [...SORTS, ...singles.map(({ id }) => id)]
  const wrong = words.filter((word) => !known.includes(word))
  if (wrong.length > 0) {
    const faults = wrong.map((word) => `the plane has no "${word}" that can be cut${didYouMean(word, known)}`)
    throw usageError(`--any-one ${list}: ${faults.join('\n')}`, `Sorts: ${SORTS.join(', ')}; or names of single ones.`)
  }
  return singles.filter(({ id, kind }) => words.some((w) => w === id || w === kind || document.links[id]?.kind === w))
}
