// From what was played to what a planner asks. One line each; how each is read stands in the file it comes from.

import { linkOutcomes } from './link-outcomes.js'
import type { Outcome } from './outcome.js'
import { type Playthrough, timeOf } from './playthrough.js'
import { bandOutcomes, institutionOutcomes, shortFlowsOf, tierOutcomes } from './shortage.js'

export function outcomeOf(run: Playthrough): Outcome {
  const { scenario, phases, ledger } = run
  const shortFlows = shortFlowsOf(run)
  const institutions = institutionOutcomes(run, shortFlows)
  return {
    bands: bandOutcomes(run, 0, ledger.shape.steps),
    phases: phases.map(({ firstStep, endStep, events }) => ({
      from: timeOf(scenario, firstStep),
      to: timeOf(scenario, endStep),
      events,
      bands: bandOutcomes(run, firstStep, endStep),
    })),
    institutions,
    tiers: tierOutcomes(institutions),
    shortFlows,
    links: linkOutcomes(run),
  }
}
