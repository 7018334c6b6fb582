// A run that has been played: the scenario, what held in each of its phases, the ledger, sums and loads. All metrics
// are read from it.

import type { Plan } from '../model/plan.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Problem } from '../solve/problem.js'
import type { Ledger } from './ledger.js'
import type { LinkLoads } from './link-loads.js'
import type { Phase, Scenario } from './scenario.js'
import type { Sums } from './sums.js'

/** Name of the row of the ledger in which all guarantee bands stand together. */
export const GUARANTEE = 'guarantee'

/** Rooms, paths and unreachable flows hold only under the phase's conditions; ids and sizes are the same in all. */
export interface PlayedPhase extends Phase {
  readonly plan: Plan
  readonly problem: Problem
}

export interface Playthrough {
  readonly scenario: Scenario
  readonly phases: readonly PlayedPhase[]
  readonly ledger: Ledger
  readonly sums: Sums
  readonly loads: LinkLoads
  /** Links of the plan whose load is kept, in the order of the loads. */
  readonly loaded: readonly number[]
  /** Whether rates were worked out, and not needs alone. */
  readonly withRates: boolean
}

/** Names of the rows of the ledger: the guarantee bands, then all of them together. */
export function rowNames(plan: Plan): string[] {
  return [...plan.bands.filter((band) => band.kind === 'guarantee').map((band) => band.id), GUARANTEE]
}

/** By step. */
export function phaseOfSteps(phases: readonly PlayedPhase[]): PlayedPhase[] {
  return phases.flatMap((phase) => new Array<PlayedPhase>(phase.endStep - phase.firstStep).fill(phase))
}

export const timeOf = ({ from, step }: Scenario, n: number): UnixMilliseconds => from + n * step
export const minutesOf = ({ step }: Scenario, steps: number): number => (steps * step) / 60_000
/** A volume in bit from a sum of rates over steps. */
export const volumeOf = ({ step }: Scenario, sum: number): number => (sum * step) / 1_000
