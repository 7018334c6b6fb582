// What is said of a demand that is an estimate, and of a promise that only such a demand would break.

import { timeInWords } from '../../model/civil-time.js'
import type { Explanation } from '../../model/explanation.js'
import type { Text } from '../../model/network.js'
import { type BitsPerSecond, formatRate } from '../../model/units.js'

/** Whether what it gets keeps its guarantee, by what was seen to be asked; null: it has none. */
export function promiseOf({ demand, atLeast, waits, need, guarantee }: Explanation): Text | null {
  if (guarantee === 0) return null
  const is = formatRate(guarantee)
  // Less than a kbit/s is rounding, not a shortage.
  const isBelow = (asked: BitsPerSecond): boolean => need < Math.min(asked, guarantee) - 1_000
  if (!isBelow(demand)) {
    return {
      en: `Its guarantee of ${is} is kept.`,
      sw: `Kiwango chake cha uhakika cha ${is} kimezingatiwa.`,
    }
  }
  return isBelow(waits ? demand : atLeast)
    ? {
        en: `That is below its guarantee of ${is}.`,
        sw: `Hiyo ni chini ya kiwango chake cha uhakika cha ${is}.`,
      }
    : {
        en: `Whether that is below its guarantee of ${is} is not known.`,
        sw: `Haijulikani kama hiyo ni chini ya kiwango chake cha uhakika cha ${is}.`,
      }
}

/** Since when what it asks for is an estimate, and what of it was seen. */
export function estimateStep({ atLeast, estimatedSince, waits, timezone }: Explanation): Text[] {
  if (estimatedSince === null) return []
  const since = timeInWords(Date.parse(estimatedSince), timezone)
  const waiting = waits ? { en: ', and packets wait for more', sw: ', na data inasubiri zaidi' } : { en: '', sw: '' }
  return [
    {
      en:
        `What it asks for is an estimate since ${since}, for its rate decides what arrives: ` +
        `${formatRate(atLeast)} of it was seen${waiting.en}.`,
      sw:
        `Inachoomba ni makadirio tangu ${since}, kwa kuwa kasi yake ndiyo inayoamua kinachofika: ` +
        `${formatRate(atLeast)} kati yake ilionekana${waiting.sw}.`,
    },
  ]
}
