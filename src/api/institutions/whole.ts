// An institution with several edges is told of as a whole, then edge by edge: its guarantee is the whole one, and what
// keeps it from that is what limits the part that misses most. Each part is explained for itself; here they are summed.

import type { BandStep, Explanation } from '../../model/explanation.js'
import type { PlanFlow } from '../../model/plan.js'

const sum = (parts: readonly Explanation[], of: (part: Explanation) => number): number =>
  parts.reduce((total, part) => total + of(part), 0)

/** Null where that of one part is not known. */
const sumKnown = (parts: readonly Explanation[], of: (part: Explanation) => number | null): number | null =>
  parts.some((part) => of(part) === null) ? null : sum(parts, (part) => of(part) ?? 0)

/** @param worst the part that misses most; @param promised the flow of any part, for what the whole was promised */
export function wholeOf(
  parts: readonly Explanation[],
  worst: Explanation,
  promised: Pick<PlanFlow, 'guarantee' | 'ceiling'>,
): Explanation {
  if (parts.length < 2) return worst
  return {
    ...worst,
    ...{ guarantee: promised.guarantee, ceiling: promised.ceiling },
    demand: sum(parts, ({ demand }) => demand),
    need: sum(parts, ({ need }) => need),
    rate: sum(parts, ({ rate }) => rate),
    applied: sumKnown(parts, ({ applied }) => applied),
    arrived: sumKnown(parts, ({ arrived }) => arrived),
    carried: sumKnown(parts, ({ carried }) => carried),
    bands: bandsOf(parts, worst),
  }
}

/** What a band gave to all parts; its bottleneck is that of the part that misses most. */
function bandsOf(parts: readonly Explanation[], worst: Explanation): BandStep[] {
  const names = [...new Set(parts.flatMap(({ bands }) => bands.map(({ band }) => band)))]
  return names.map((name): BandStep => {
    const steps = parts.flatMap(({ bands }) => bands.filter(({ band }) => band === name))
    const told = worst.bands.find(({ band }) => band === name) ?? steps[0]!
    const amount = steps.reduce((total, step) => total + step.amount, 0)
    const cap = steps.reduce((total, step) => total + step.cap, 0)
    const kept = told.kept === null ? null : cap > 0 ? Math.min(1, amount / cap) : 1
    return { ...told, amount, cap, kept }
  })
}
