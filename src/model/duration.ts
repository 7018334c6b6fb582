// How long something lasts, as people write it: "90s", "30m", "2h", "1d", "1h30m", "90 minutes", "2 days", "dakika 90",
// "siku 2 na saa 3". A month or a year has no fixed length and is no duration.

import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from './units.js'

const UNITS: ReadonlyMap<string, Milliseconds> = new Map([
  ...words(SECOND, 's sec secs second seconds sekunde'),
  ...words(MINUTE, 'm min mins minute minutes dakika'),
  ...words(HOUR, 'h hr hrs hour hours saa'),
  ...words(DAY, 'd day days siku'),
  ...words(7 * DAY, 'w week weeks wiki'),
])

function words(length: Milliseconds, names: string): [string, Milliseconds][] {
  return names.split(' ').map((name) => [name, length])
}

/** English puts the number first, Swahili the unit; what joins the parts says nothing. */
const PART = /(\d{1,9}(?:[.,]\d{1,3})?)\s*([a-z]+)|([a-z]+)\s+(\d{1,9}(?:[.,]\d{1,3})?)/y
const JOIN = /\s*(?:(?:,|\band\b|\bna\b)\s*)?/y

/** Milliseconds; undefined for anything else, a number without a unit included. */
export function parseDuration(text: string): Milliseconds | undefined {
  const plain = text.trim().toLowerCase()
  let total = 0
  let at = 0
  while (at < plain.length) {
    PART.lastIndex = at
    const [whole, first, after, before, last] = PART.exec(plain) ?? []
    const length = UNITS.get(after ?? before ?? '')
    if (whole === undefined || length === undefined) return undefined
    total += Number((first ?? last)!.replace(',', '.')) * length
    at += whole.length
    JOIN.lastIndex = at
    const join = JOIN.exec(plain)?.[0] ?? ''
    at += join.length
    // "2 days and" waits for more.
    if (at === plain.length && join.trim() !== '') return undefined
  }
  return at === 0 ? undefined : Math.round(total)
}

/** What a duration may look like, for whoever is refused. */
export const DURATION_EXAMPLES = '30m, 2h, 1h30m, "90 minutes" or "2 days"'
