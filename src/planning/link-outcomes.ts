// The links that carried anything, each with its worst hour and its cause: the events under way and who took most of
// it. A number without its cause gets no upgrade funded.

import { HOUR } from '../model/units.js'
import type { LinkOutcome } from './outcome.js'
import { minutesOf, type Playthrough, phaseOfSteps, timeOf } from './playthrough.js'

/** Links that carried anything: by utilisation in the worst hour, fullest first; then by id. */
export function linkOutcomes(run: Playthrough): LinkOutcome[] {
  const { scenario, phases, ledger, sums, loads } = run
  const phaseOf = phaseOfSteps(phases)
  const found = run.loaded.flatMap((l, n): LinkOutcome[] => {
    const { id, kind, direction } = phases[0]!.plan.links[l]!
    const { isUsed, alive, full, p95Load, p95Utilisation } = loads.of(n)
    if (alive > 0 && !isUsed) return []
    const { firstStep, load, room, utilisation, takers } = sums.worstHours[n]!
    const met = phaseOf.slice(firstStep, firstStep + HOUR / scenario.step)
    const worstHour = {
      from: timeOf(scenario, firstStep),
      ...{ load, room, takers },
      utilisation: alive > 0 ? utilisation : null,
      events: [...new Set(met.flatMap((phase) => phase.events))].sort(),
    }
    const minutes = {
      minutesFull: minutesOf(scenario, full),
      minutesDead: minutesOf(scenario, ledger.shape.steps - alive),
    }
    return [{ id, kind, direction, p95Load, p95Utilisation, ...minutes, worstHour }]
  })
  const rank = ({ worstHour }: LinkOutcome): number => worstHour.utilisation ?? Number.MAX_VALUE
  return found.sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1))
}
