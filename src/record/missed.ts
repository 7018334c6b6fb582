// What an incident has cost whom: from the record of the time it lasted, every institution that was below its guarantee
// or got less than it asked for, with minutes and Mbit.

import { inMinutes, type UnixMilliseconds } from '../model/units.js'
import type { Archive, Asked } from './archive.js'

export interface Missed {
  readonly institution: string
  /** In which at least one of its flows was below its guarantee. */
  readonly minutesBelowGuarantee: number
  readonly mbitMissing: number
}

interface Sum {
  /** Seconds below guarantee of its worst flow, by slot. */
  readonly below: Map<UnixMilliseconds, number>
  kbit: number
}

/** The most first. Five minutes count whole: the record is no finer. Runs in the archive's thread. */
export async function missedIn(archive: Archive, asked: Asked): Promise<Missed[]> {
  const sums = new Map<string, Sum>()
  for await (const rows of archive.walkFlows(['slot', 'seconds', 'flow', 'unmet', 'below_guarantee_s'], asked)) {
    for (const [i, flow] of rows.flow.entries()) {
      const below = rows.below_guarantee_s[i]!
      const kbit = (rows.unmet[i] ?? 0) * rows.seconds[i]!
      if (below === 0 && kbit === 0) continue
      const institution = flow.split('/', 1)[0]!
      const sum = sums.get(institution) ?? { below: new Map(), kbit: 0 }
      sums.set(institution, sum)
      sum.kbit += kbit
      if (below > 0) sum.below.set(rows.slot[i]!, Math.max(below, sum.below.get(rows.slot[i]!) ?? 0))
    }
  }
  return [...sums]
    .map(([institution, { below, kbit }]) => ({
      institution,
      minutesBelowGuarantee: inMinutes([...below.values()].reduce((a, b) => a + b, 0)),
      mbitMissing: Math.round(kbit / 1_000),
    }))
    .filter(({ minutesBelowGuarantee, mbitMissing }) => minutesBelowGuarantee > 0 || mbitMissing > 0)
    .sort((a, b) => b.mbitMissing - a.mbitMissing)
}
