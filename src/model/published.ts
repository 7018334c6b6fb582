// Why a published rate is not the computed one, as data and in words: the API and the console say the same.

import type { Text } from './network.js'

/**
 * KEPT: the rate before is near enough; WAITS: others give back first; LEARNS: a new leader raises no rate yet;
 * FIXED: the edge takes no new rates, or none are computed for it.
 */
export const DIFFERENCES = ['KEPT', 'WAITS', 'LEARNS', 'FIXED'] as const
export type Difference = (typeof DIFFERENCES)[number]

export const DIFFERS: Readonly<Record<Difference, Text>> = {
  KEPT: { en: 'a small change of headroom is not sent', sw: 'badiliko dogo la nafasi ya ziada halitangazwi' },
  WAITS: { en: 'it waits until others have given back', sw: 'inasubiri wengine waachie nafasi kwanza' },
  LEARNS: {
    en: 'a new leader raises no rate before it knows what edges enforce',
    sw: 'kiongozi mpya haongezi kasi kabla ya kujua malango yanatekeleza nini',
  },
  FIXED: { en: 'the edge takes no new rates now', sw: 'lango halipokei viwango vipya kwa sasa' },
}
