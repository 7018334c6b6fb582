// Stories by their names: a seed, and where it is told in another way than usual, the name of that.

import { losing } from './losing.js'
import { lying } from './lying.js'
import { CALLS, stillness, storeLoss, storeOutage, type Told, trouble, type Verdict } from './story.js'

/** The story of a seed: of ten, one is about standing still, and one about a store that forgets or is away. */
const tell = (seed: number): Promise<Verdict> => {
  if (seed % 10 === 5) return seed % 20 === 5 ? storeLoss(seed) : storeOutage(seed)
  return seed % 10 === 0 ? stillness(seed) : trouble(seed, CALLS[seed % CALLS.length])
}

/** Other ways to tell the story of a seed. */
const WAYS: Record<string, Told> = {
  beside: { other: 1 },
  whole: {},
  pairs: { edgesACall: 2 },
  apart: { edgesACall: 2, apart: true },
}

export const tellNamed = (story: string): Promise<Verdict> => {
  const [name, way] = story.split(' ') as [string, string?]
  const seed = Number(name)
  if (way === 'lying') return lying(seed)
  if (way === 'losing') return losing(seed)
  return way === undefined ? tell(seed) : trouble(seed, WAYS[way])
}

/**
 * Stories that were broken once: those of another release charged somebody too little; in 90206 an edge that was about
 * to rise to its safe rates was granted higher ones than its links had room for. In 942701 a kernel that took no orders
 * was charged too little once its agent had been restarted; in 949486 one that had not heard that it is to observe was
 * charged nothing by a leader that had not heard it. In 1002907 and 1003409 honest edges were called incredible: a
 * report had lain in the store, rates had been granted between two ticks; so they were in 2005852, where two reports
 * had, and in 2005711, where a slow edge held what the store had lost. In 1041688 a flow that had left an edge while
 * that held its rates came back there, at the rate of before. In 1151099 one had left before a controller began, which
 * led once the store had lost what the edge held.
 */
export const PAST = [
  ...['90206', '942701', '949486', '1002907', '1003409', '1041688', '1151099', '2005711', '2005852'],
  ...['144 beside', '270 beside', '2062 whole', '4301 whole', '4462 whole'],
  ...['5698 whole', '5976 whole', '7674 whole', '8552 pairs'],
]
