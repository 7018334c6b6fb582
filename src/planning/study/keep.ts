// Whom a purchase must keep: categories, tiers or single institutions, by name.

import type { Plan } from '../../model/plan.js'
import { usageError } from '../../runtime/errors.js'
import { didYouMean } from '../../runtime/near-word.js'

const EVERYONE = 'everyone'

/**
 * Places of the institutions that a list of words means.
 * @throws MizaniError USAGE with every word that means nobody
 */
export function keptOnes(list: string, { institutions }: Plan): number[] {
  const words = list.split(',').map((word) => word.trim())
  const namesOf = ({ id, category, tier }: Plan['institutions'][number]): string[] => [EVERYONE, category, tier, id]
  const known = new Set(institutions.flatMap(namesOf))
  const wrong = words.filter((word) => !known.has(word))
  if (wrong.length > 0) {
    const faults = wrong.map((word) => `"${word}" is no category, tier or institution${didYouMean(word, known)}`)
    throw usageError(`--keep ${list}: ${faults.join('\n')}`)
  }
  return institutions.flatMap((one, n) => (namesOf(one).some((name) => words.includes(name)) ? [n] : []))
}
