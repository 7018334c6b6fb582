// Which word was meant: the known one with the fewest slips of the hand, if there are few. A slip is a letter too many,
// too few, another one, or two that changed places (Damerau's, as optimal string alignment).

/** A hint is a help, not a promise: among more words than this nobody is made to wait for one. */
const MOST_LOOKED_AT = 10_000
const MOST_SLIPS = 2

/** The known word nearest to `word`; undefined: none is near. Upper and lower case are the same here. */
export function nearWord(word: string, known: Iterable<string>): string | undefined {
  let near: string | undefined
  // Of a short word little is left after two slips.
  let fewest = 1 + Math.min(MOST_SLIPS, Math.floor(word.length / 3))
  let looked = 0
  const typed = word.toLowerCase()
  for (const candidate of known) {
    if (looked++ === MOST_LOOKED_AT) break
    if (Math.abs(candidate.length - word.length) >= fewest) continue
    const slips = slipsBetween(typed, candidate.toLowerCase(), fewest)
    if (slips >= fewest) continue
    fewest = slips
    near = candidate
  }
  return near
}

/** `; did you mean "fill"?`, or nothing: the end of a sentence about a word that is not known. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = nearWord(word, known)
  return near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
}

/** Slips between two words; `most` or more where there are so many. */
function slipsBetween(a: string, b: string, most: number): number {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let cut = 0
  while (a.length - cut > start && b.length - cut > start && a[a.length - 1 - cut] === b[b.length - 1 - cut]) cut++
  const [from, to] = [a.slice(start, a.length - cut), b.slice(start, b.length - cut)]
  let above: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      let least = Math.min(change, row[j]! + 1, next[j - 1]! + 1)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        least = Math.min(least, above[j - 2]! + 1)
      next.push(least)
    }
    if (Math.min(...next) >= most) return most
    above = row
    row = next
  }
  return row[to.length]!
}
