// The worst hour of each link, with its cause: the events under way and who took most of it. A number without its cause
// gets no upgrade funded.

import { HOUR } from '../model/units.js'
import { eachHop, type Problem } from '../solve/problem.js'
import type { LinkOutcome } from './outcome.js'
import { minutesOf, type Playthrough, phaseOfSteps, timeOf } from './playthrough.js'

/** A link this close to its room is full. */
const FULL = 0.999
/** Loads are kept with 24 bits: utilisations this close are equal. */
const SAME = 1e-6
const TAKERS = 5

interface Crossing {
  readonly flow: number
  readonly fraction: number
}

/** Links that carried anything: by utilisation in the worst hour, fullest first; then by id. */
export function linkOutcomes(run: Playthrough): LinkOutcome[] {
  const { scenario, phases, ledger } = run
  const { shape, linkLoad } = ledger
  const phaseOf = phaseOfSteps(phases)
  const crossings = new Map(phases.map((phase) => [phase, crossingsOf(phase.problem)]))
  const load = new Float64Array(shape.steps)
  const room = new Float64Array(shape.steps)
  const found: LinkOutcome[] = []
  for (const [n, l] of run.loaded.entries()) {
    const link = phases[0]!.plan.links[l]!
    for (let step = 0; step < shape.steps; step++) {
      load[step] = linkLoad[step * shape.links + n]!
      room[step] = phaseOf[step]!.problem.linkRoom[l]!
    }
    const alive = room.filter((left) => left > 0).length
    if (alive > 0 && load.every((carried) => carried === 0)) continue
    const used = load.map((carried, step) => (room[step]! > 0 ? carried / room[step]! : 0))
    const living = (column: Float64Array): Float64Array => column.filter((_, step) => room[step]! > 0)
    const { hour, ...figures } = worstHour(load, room, HOUR / scenario.step)
    const met = phaseOf.slice(hour.firstStep, hour.endStep)
    found.push({
      id: link.id,
      kind: link.kind,
      direction: link.direction,
      p95Load: nearestRank(living(load), 0.95),
      p95Utilisation: nearestRank(living(used), 0.95),
      minutesFull: minutesOf(scenario, used.filter((part) => part >= FULL).length),
      minutesDead: minutesOf(scenario, shape.steps - alive),
      worstHour: {
        from: timeOf(scenario, hour.firstStep),
        ...figures,
        utilisation: alive > 0 ? figures.utilisation : null,
        events: [...new Set(met.flatMap((phase) => phase.events))].sort(),
        takers: takersOf(run, crossings.get(met[0]!)![l]!, hour.firstStep),
      },
    })
  }
  const rank = ({ worstHour }: LinkOutcome): number => worstHour.utilisation ?? Number.MAX_VALUE
  return found.sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1))
}

/** The hour with the highest mean load over mean room; the earliest of equals. */
function worstHour(load: Float64Array, room: Float64Array, stepsPerHour: number) {
  let worst = { hour: { firstStep: 0, endStep: stepsPerHour }, load: 0, room: 0, utilisation: -1 }
  for (let firstStep = 0; firstStep < load.length; firstStep += stepsPerHour) {
    const hour = { firstStep, endStep: firstStep + stepsPerHour }
    let carried = 0
    let offered = 0
    for (let step = hour.firstStep; step < hour.endStep; step++) {
      carried += load[step]!
      offered += room[step]!
    }
    const utilisation = offered > 0 ? carried / offered : 0
    if (utilisation > worst.utilisation + SAME) {
      worst = { hour, load: carried / stepsPerHour, room: offered / stepsPerHour, utilisation }
    }
  }
  return worst
}

/** The institutions with the largest mean need on a link, by the paths that held when the hour began. */
function takersOf(
  { scenario, phases, ledger }: Playthrough,
  crossings: readonly Crossing[],
  firstStep: number,
): LinkOutcome['worstHour']['takers'] {
  const { plan } = phases[0]!
  const at = ((firstStep * scenario.step) / HOUR) * ledger.shape.flows
  const taken = new Map<string, number>()
  for (const { flow, fraction } of crossings) {
    const { institution } = plan.flows[flow]!
    taken.set(institution, (taken.get(institution) ?? 0) + fraction * ledger.hourNeed[at + flow]!)
  }
  return [...taken]
    .map(([institution, need]) => ({ institution, need }))
    .sort((a, b) => b.need - a.need || (a.institution < b.institution ? -1 : 1))
    .slice(0, TAKERS)
}

/** By link: the flows whose path crosses it. */
function crossingsOf(problem: Problem): Crossing[][] {
  const crossings: Crossing[][] = Array.from({ length: problem.shape.links }, () => [])
  for (let flow = 0; flow < problem.shape.flows; flow++) {
    eachHop(problem, flow, (link, fraction) => {
      crossings[link]!.push({ flow, fraction })
    })
  }
  return crossings
}

/** The smallest value at or below which the part `p` of all values lies; null: there are none. */
function nearestRank(values: Float64Array, p: number): number | null {
  return values.sort()[Math.max(0, Math.ceil(p * values.length) - 1)] ?? null
}
