// A link as people see it: both directions together, judged by the worse of the two. By need, never by rate: headroom
// fills every link every night and means nothing.

import type { Schema } from '../call.js'

type Figure = 'capacity' | 'usable' | 'needLoad' | 'carried' | 'unmet'

/** What of a directed link is drawn. */
export type LinkSeen = Pick<Schema['Link'], 'id' | 'link' | 'kind' | 'direction' | 'from' | 'to' | 'state' | Figure>

export interface Way extends LinkSeen {
  /** Of what is usable: how much is needed; more than 1 only where promises do not fit. */
  readonly part: number
}

export interface Line {
  readonly id: string
  readonly kind: Schema['Link']['kind']
  readonly ways: readonly Way[]
  readonly worst: Way
  readonly state: 'free' | 'tight' | 'short' | 'broken'
}

const TIGHT = 0.7

export function byLine(links: readonly LinkSeen[]): Line[] {
  const found = new Map<string, LinkSeen[]>()
  for (const link of links) {
    const known = found.get(link.link)
    if (known === undefined) found.set(link.link, [link])
    else known.push(link)
  }
  return [...found].map(([id, both]) => {
    const ways = both.map(wayOf)
    const worst = ways.reduce((a, b) => (badness(b) > badness(a) ? b : a))
    return { id, kind: both[0]!.kind, ways, worst, state: stateOf(ways, worst) }
  })
}

export const wayOf = (link: LinkSeen): Way => ({
  ...link,
  part: link.usable > 0 ? link.needLoad / link.usable : link.needLoad > 0 ? 1 : 0,
})

/** Unmet need counts before use. */
const badness = ({ unmet, part }: Way): number => (unmet > 0 ? 10 : 0) + part

const stateOf = (ways: readonly Way[], worst: Way): Line['state'] =>
  ways.some(({ state }) => state !== 'up') ? 'broken' : standing(worst)

/** By this direction alone: what it is coloured by. */
export function standing({ state, unmet, part }: Pick<Way, 'state' | 'unmet' | 'part'>): Line['state'] {
  if (state !== 'up') return 'broken'
  if (unmet > 0) return 'short'
  return part >= TIGHT ? 'tight' : 'free'
}
