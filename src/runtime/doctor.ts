// What both doctors say (`mizani doctor`, `mizani edge doctor`): items, each with a verdict and what to do about it,
// and the exit code that follows from them. It is here once, so that people and scripts may read both alike.

/** good: as it should be. look: works, and could surprise. bad: it cannot work so. unknown: cannot tell. */
export type Verdict = 'good' | 'look' | 'bad' | 'unknown'

export interface Item {
  readonly about: string
  readonly verdict: Verdict
  readonly found: string
  readonly advice?: string
}

/** @param inClear of the settings. What is refused does not come so far: settings are read first. */
export function ofEncryption(inClear: readonly string[] | null): Item[] {
  if (inClear === null) return []
  const found = `may be left out${inClear.length > 0 ? `, and is: ${inClear.join(', ')}` : ''}`
  return [{ about: 'encryption', verdict: 'bad', found, advice: 'Give it TLS; take MIZANI_UNENCRYPTED away.' }]
}

/** A line an item, and its advice below it. */
export const itemsText = (items: readonly Item[]): string => items.map(lineOf).join('')

/** 1 when something is bad. */
export const exitCodeOf = (items: readonly Item[]): 0 | 1 => (items.some(({ verdict }) => verdict === 'bad') ? 1 : 0)

const lineOf = ({ about, verdict, found, advice }: Item): string =>
  `${verdict.padEnd(8)}${about.padEnd(14)}${found}${advice === undefined ? '' : `\n${' '.repeat(22)}${advice}`}\n`
