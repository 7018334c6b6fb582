// Who falls below what was promised: by band over a stretch of time, by flow and band, by institution, by tier.

import type { BitsPerSecond } from '../model/units.js'
import { wordsOf } from './ledger.js'
import type { BandOutcome, CauseLink, InstitutionOutcome, ShortFlow, Spell, TierOutcome } from './outcome.js'
import {
  GUARANTEE,
  minutesOf,
  type PlayedPhase,
  type Playthrough,
  phaseOfSteps,
  rowNames,
  timeOf,
  volumeOf,
} from './playthrough.js'

/** What each guarantee band, and all together, kept from step `firstStep` to before `endStep`. */
export function bandOutcomes(
  { scenario, phases, ledger }: Playthrough,
  firstStep: number,
  endStep: number,
): BandOutcome[] {
  const { stepPromised, stepMissing, stepKept, stepShort, shape } = ledger
  return rowNames(phases[0]!.plan).map((band, row) => {
    let promised = 0
    let missing = 0
    let worstKept = 1
    let worstStep = -1
    let most = 0
    let short = 0
    let spell = 0
    let longest = 0
    for (let step = firstStep; step < endStep; step++) {
      const at = step * shape.rows + row
      promised += stepPromised[at]!
      missing += stepMissing[at]!
      most = Math.max(most, stepShort[at]!)
      if (stepShort[at]! > 0) short++
      spell = stepShort[at]! > 0 ? spell + 1 : 0
      longest = Math.max(longest, spell)
      if (stepKept[at]! < worstKept) {
        worstKept = stepKept[at]!
        worstStep = step
      }
    }
    return {
      band,
      promised: volumeOf(scenario, promised),
      missing: volumeOf(scenario, missing),
      worstKept,
      worstAt: worstStep < 0 ? null : timeOf(scenario, worstStep),
      mostInstitutionsShort: most,
      minutesShort: minutesOf(scenario, short),
      longestSpellMinutes: minutesOf(scenario, longest),
    }
  })
}

/** Every flow and band that was ever short, by flow, then band. */
export function shortFlowsOf(run: Playthrough): ShortFlow[] {
  const { scenario, phases, ledger, sums } = run
  const { missing, kept, shortSteps, worstStep, causes } = sums
  const { plan } = phases[0]!
  const phaseOf = phaseOfSteps(phases)
  const found: ShortFlow[] = []
  for (const [i, flow] of plan.flows.entries()) {
    for (const [row, band] of rowNames(plan).entries()) {
      const at = i * ledger.shape.rows + row
      if (shortSteps[at] === 0) continue
      const phase = phaseOf[worstStep[at]!]!
      found.push({
        flow: flow.id,
        institution: flow.institution,
        band,
        size: sizeOf(run, i, band),
        minutes: minutesOf(scenario, shortSteps[at]!),
        missing: volumeOf(scenario, missing[at]!),
        worst: {
          kept: kept[at]!,
          at: timeOf(scenario, worstStep[at]!),
          events: phase.events,
          links: causeLinks(run, phase, causes.get(at)!),
        },
      })
    }
  }
  return found
}

/** The links by name, those that an event of the phase has lowered in front. */
function causeLinks({ scenario }: Playthrough, { plan, events }: PlayedPhase, links: readonly number[]): CauseLink[] {
  const named = links.map((l): CauseLink => {
    const { id, link, groups } = plan.links[l]!
    const lowers = (event: string): boolean =>
      [id, link, ...groups].some((name) => (scenario.events[event]!.conditions[name] ?? 1) < 1)
    return { id, loweredBy: events.filter(lowers) }
  })
  return [
    ...named.filter(({ loweredBy }) => loweredBy.length > 0),
    ...named.filter(({ loweredBy }) => loweredBy.length === 0),
  ]
}

/** What a band, or all guarantee bands, promise to a flow. */
function sizeOf({ phases }: Playthrough, flow: number, name: string): BitsPerSecond {
  const { plan, problem } = phases[0]!
  let size = 0
  for (let s = problem.segmentStart[flow]!; s < problem.segmentStart[flow + 1]!; s++) {
    const { id, kind } = plan.bands[problem.segmentBand[s]!]!
    if (kind === 'guarantee' && (name === GUARANTEE || name === id)) size += problem.segmentSize[s]!
  }
  return size
}

/** All institutions: longest below first, then most missing, then by id. */
export function institutionOutcomes(run: Playthrough, shortFlows: readonly ShortFlow[]): InstitutionOutcome[] {
  const { scenario, phases, ledger, sums } = run
  const { steps } = ledger.shape
  const below = new Map<string, ShortFlow[]>()
  for (const flow of shortFlows) {
    if (flow.band === GUARANTEE) below.set(flow.institution, [...(below.get(flow.institution) ?? []), flow])
  }
  const found = phases[0]!.plan.institutions.map(({ id, category, region, tier }, n): InstitutionOutcome => {
    const short = below.get(id) ?? []
    const worst = short.reduce<ShortFlow | null>((w, f) => (w && w.worst.kept <= f.worst.kept ? w : f), null)
    const demand = sums.demand[n]! / steps
    const need = sums.need[n]! / steps
    return {
      id,
      category,
      region,
      tier,
      minutesBelow: minutesOf(scenario, sums.belowSteps[n]!),
      longestSpell: sums.belowSteps[n] === 0 ? null : longestSpell(run, n),
      missing: short.reduce((sum, flow) => sum + flow.missing, 0),
      worst: worst && { ...worst.worst, flow: worst.flow },
      demand,
      need,
      rate: run.withRates ? sums.rate[n]! / steps : null,
      minutesLeast: run.scenario.demand.model === 'recorded' ? minutesOf(scenario, sums.leastSteps[n]!) : null,
      satisfaction: demand > 0 ? need / demand : 1,
    }
  })
  return found.sort((a, b) => b.minutesBelow - a.minutesBelow || b.missing - a.missing || (a.id < b.id ? -1 : 1))
}

function longestSpell({ scenario, ledger: { shape, stepBelow } }: Playthrough, institution: number): Spell {
  const words = wordsOf(shape)
  const word = institution >> 5
  const bit = 1 << (institution & 31)
  let steps = 0
  let longest = { end: 0, steps: 0 }
  for (let step = 0; step < shape.steps; step++) {
    steps = (stepBelow[step * words + word]! & bit) === 0 ? 0 : steps + 1
    if (steps > longest.steps) longest = { end: step + 1, steps }
  }
  return { from: timeOf(scenario, longest.end - longest.steps), minutes: minutesOf(scenario, longest.steps) }
}

/** Which tiers carry the shortage: most missing first, then by id. */
export function tierOutcomes(institutions: readonly InstitutionOutcome[]): TierOutcome[] {
  const tiers = [...new Set(institutions.map(({ tier }) => tier))]
  const found = tiers.map((tier): TierOutcome => {
    const members = institutions.filter((institution) => institution.tier === tier)
    const sum = (of: (institution: InstitutionOutcome) => number) => members.reduce((total, i) => total + of(i), 0)
    const demand = sum((i) => i.demand)
    return {
      tier,
      institutions: members.length,
      below: members.filter(({ minutesBelow }) => minutesBelow > 0).length,
      longestMinutes: Math.max(...members.map(({ minutesBelow }) => minutesBelow)),
      longestSpellMinutes: Math.max(...members.map(({ longestSpell }) => longestSpell?.minutes ?? 0)),
      minutesBelow: sum((i) => i.minutesBelow),
      missing: sum((i) => i.missing),
      worstKept: Math.min(...members.map(({ worst }) => worst?.kept ?? 1)),
      satisfaction: demand > 0 ? sum((i) => i.need) / demand : 1,
    }
  })
  return found.sort((a, b) => b.missing - a.missing || (a.tier < b.tier ? -1 : 1))
}
