// What edges say of links. Who stands at a line knows best that it is down, and could also say so to harm whoever else
// is on it. So the word of edges counts in full where nobody else's traffic goes over the link, or all whose does say
// the same; else it takes from the link what the lines of those who say it could carry and do not, after everyone's
// lifeline, and is told to people with their names. Routes stay then: only monitoring moves what is not theirs.

import type { Conditions } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import type { BitsPerSecond, UnixMilliseconds } from '../model/units.js'
import { factorNow, type LinkState } from '../policy/in-force/link-state.js'
import { eachHop, type Problem } from '../solve/problem.js'

/** A directed link or link of which an edge says that this part is left. */
export interface EdgeWord {
  readonly edge: string
  readonly link: string
  readonly factor: number
}

/** A word that others on the link do not share. */
export interface LoneWord {
  readonly edge: string
  /** Index into plan.links. */
  readonly link: number
  /** What the link would have lost. */
  readonly lost: BitsPerSecond
}

export const edgeWordsAt = (links: readonly LinkState[], at: UnixMilliseconds): EdgeWord[] =>
  links
    .flatMap((state) =>
      state.edge === undefined ? [] : [{ edge: state.edge, link: state.link, factor: factorNow(state, at) }],
    )
    .filter(({ factor }) => factor < 1)

/** `shared`: conditions by the words that count in full. */
export function judge(
  words: readonly EdgeWord[],
  { flows, links, edges }: Plan,
  problem: Problem,
): { readonly shared: Conditions; readonly lone: readonly LoneWord[] } {
  if (words.length === 0) return { shared: {}, lone: [] }
  const crossing = links.map(() => new Set<string>())
  flows.forEach(({ edge }, f) => {
    eachHop(problem, f, (l, fraction) => {
      if (fraction > 0) crossing[l]!.add(edge)
    })
  })
  // Whoever has left the policy may have left a word behind.
  const known = new Set(edges.map(({ id }) => id))
  const shared: Record<string, number> = {}
  const lone: LoneWord[] = []
  links.forEach(({ id, link, virtual, capacity, room }, l) => {
    const said = virtual ? [] : words.filter((word) => known.has(word.edge) && (word.link === id || word.link === link))
    const silent = new Set(crossing[l])
    for (const { edge } of said) silent.delete(edge)
    for (const { edge, factor } of said) {
      if (silent.size === 0) shared[id] = Math.min(shared[id] ?? 1, factor)
      else lone.push({ edge, link: l, lost: Math.max(0, room - factor * capacity) })
    }
  })
  return { shared, lone }
}
