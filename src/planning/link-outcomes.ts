// The links that carried anything, each with its worst hour and its cause: the events under way and who took most of
// it. A number without its cause gets no upgrade funded.

import { HOUR } from '../model/units.js'
import type { LinkOutcome } from './outcome.js'
import { minutesOf, type Playthrough, phaseOfSteps, timeOf } from './playthrough.js'

/** A link this close to its room is full. */
const FULL = 0.999

/** Links that carried anything: by utilisation in the worst hour, fullest first; then by id. */
export function linkOutcomes(run: Playthrough): LinkOutcome[] {
  const { scenario, phases, ledger, sums } = run
  const { shape, linkLoad } = ledger
  const phaseOf = phaseOfSteps(phases)
  // Of one link after the other, the steps in which it had room.
  const load = new Float64Array(shape.steps)
  const used = new Float64Array(shape.steps)
  const found: LinkOutcome[] = []
  for (const [n, l] of run.loaded.entries()) {
    const { id, kind, direction } = phases[0]!.plan.links[l]!
    let [alive, full, hasCarried] = [0, 0, false]
    for (let step = 0; step < shape.steps; step++) {
      const carried = linkLoad[step * shape.links + n]!
      const room = phaseOf[step]!.problem.linkRoom[l]!
      if (carried !== 0) hasCarried = true
      if (room <= 0) continue
      load[alive] = carried
      used[alive] = carried / room
      if (used[alive]! >= FULL) full++
      alive++
    }
    if (alive > 0 && !hasCarried) continue
    const { firstStep, takers, ...worst } = sums.worstHours[n]!
    const met = phaseOf.slice(firstStep, firstStep + HOUR / scenario.step)
    found.push({
      ...{ id, kind, direction },
      p95Load: nearestRank(load.subarray(0, alive), 0.95),
      p95Utilisation: nearestRank(used.subarray(0, alive), 0.95),
      minutesFull: minutesOf(scenario, full),
      minutesDead: minutesOf(scenario, shape.steps - alive),
      worstHour: {
        from: timeOf(scenario, firstStep),
        ...{ load: worst.load, room: worst.room },
        utilisation: alive > 0 ? worst.utilisation : null,
        events: [...new Set(met.flatMap((phase) => phase.events))].sort(),
        takers,
      },
    })
  }
  const rank = ({ worstHour }: LinkOutcome): number => worstHour.utilisation ?? Number.MAX_VALUE
  return found.sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1))
}

/** The smallest value at or below which the part `p` of all values lies; null: there are none. */
function nearestRank(values: Float64Array, p: number): number | null {
  return values.sort()[Math.max(0, Math.ceil(p * values.length) - 1)] ?? null
}
