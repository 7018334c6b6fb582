// An institution with several edges is told of as a whole, then edge by edge: its guarantee is the whole one, and what
// keeps it from that is what limits the part that misses most. Each part is explained for itself; here they are summed.

import type { BandStep, Explanation } from '../../model/explanation.js'
import type { PlanFlow } from '../../model/plan.js'
import { earliest } from '../views.js'

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
    atLeast: sum(parts, ({ atLeast }) => atLeast),
    estimatedSince: earliest(parts.map(({ estimatedSince }) => estimatedSince)),
    waits: parts.some(({ waits }) => waits),
    need: sum(parts, ({ need }) => need),
    rate: sum(parts, ({ rate }) => rate),
    computed: sum(parts, ({ computed }) => computed),
    differs: differenceOf(parts),
    applied: sumKnown(parts, ({ applied }) => applied),
    arrived: sumKnown(parts, ({ arrived }) => arrived),
    carried: sumKnown(parts, ({ carried }) => carried),
    bands: bandsOf(parts, worst, promised.ceiling),
  }
}

/** Of the part whose published rate is furthest from what was computed. */
function differenceOf(parts: readonly Explanation[]): Explanation['differs'] {
  const by = ({ rate, computed }: Explanation): number => Math.abs(rate - computed)
  return parts.filter(({ differs }) => differs !== null).sort((a, b) => by(b) - by(a))[0]?.differs ?? null
}

/**
 * What a band gave to all parts; its bottleneck is that of the part that misses most. Each part may use the ceiling for
 * itself, all of them together only what is left of it.
 */
function bandsOf(parts: readonly Explanation[], worst: Explanation, ceiling: number): BandStep[] {
  const names = [...new Set(parts.flatMap(({ bands }) => bands.map(({ band }) => band)))]
  let held = 0
  return names.map((name): BandStep => {
    const steps = parts.flatMap(({ bands }) => bands.filter(({ band }) => band === name))
    const told = worst.bands.find(({ band }) => band === name) ?? steps[0]!
    const amount = steps.reduce((total, step) => total + step.amount, 0)
    const caps = steps.reduce((total, step) => total + step.cap, 0)
    const cap = Math.max(amount, Math.min(caps, ceiling - held))
    held += amount
    const kept = told.kept === null ? null : cap > 0 ? Math.min(1, amount / cap) : 1
    return { ...told, amount, cap, kept }
  })
}
