// What stories cover, by what really happened as they were told: every kind of story, every event, every two events
// with at most one between them, in both orders, and every two of them at one edge; and what such trouble led to. An
// event follows the one before it within 3.5 s, and most last longer: two such are there at the same time.

import { EDGES } from './plane.js'
import { SIGHTS } from './store.js'
import { CALLS, NAMES, traitsOf, type Verdict } from './story.js'

const NEXT = 2

export function coverOf({ traits, events, sights }: Pick<Verdict, 'traits' | 'events' | 'sights'>): Set<string> {
  const covered = new Set<string>([...traits, ...sights])
  const done = events.filter(({ isIdle }) => !isIdle)
  for (const [k, { name, edge }] of done.entries()) {
    covered.add(name)
    for (const next of done.slice(k + 1, k + 1 + NEXT)) {
      covered.add(`${name}, then ${next.name}`)
      if (edge !== null && edge === next.edge) covered.add(atOneEdge(name, next.name))
    }
  }
  return covered
}

const atOneEdge = (...names: [string, string]): string => `${names.sort().join(' and ')} at one edge`

const DEATH = 'agent dies, restarted from disk'

/** What the stories of `npm test` must cover. An agent that is dead cannot die again at once. */
export const NEEDED: ReadonlySet<string> = new Set(
  [
    ...traitsOf('stillness', {}),
    ...(['trouble', 'storeLoss', 'storeOutage'] as const).flatMap((kind) =>
      CALLS.flatMap((calls) => traitsOf(kind, calls)),
    ),
    ...EDGES.flatMap((paced) => traitsOf('trouble', { paced, other: 1 })),
    ...SIGHTS,
    ...NAMES.all.flatMap((name) => [name, ...NAMES.all.map((next) => `${name}, then ${next}`)]),
    ...NAMES.besides,
    ...NAMES.atAnEdge.flatMap((name) => NAMES.atAnEdge.map((other) => atOneEdge(name, other))),
  ].filter((thing) => thing !== atOneEdge(DEATH, DEATH)),
)
