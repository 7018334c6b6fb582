// A planner's question that is answered in a process of its own: what was asked, of which policy, and how far it is.

import type { Text } from './network.js'
import type { Milliseconds, UnixMilliseconds } from './units.js'

/** `compare`: of two that are done, of one kind. */
export const SIMULATION_KINDS = ['failures', 'runout', 'buy', 'futures', 'simulate', 'compare'] as const
export type SimulationKind = (typeof SIMULATION_KINDS)[number]

/** Those that ship, in config/scenarios. */
export const SHIPPED_SCENARIOS = [
  'all-upstreams-lost',
  'both-data-centres',
  'budget-day',
  'cable-cut-2024-05',
  'exam-week',
  'growth-5y',
  'join-govnet',
  'new-districts',
  'one-upstream-30',
  'red-sea',
  'ring-cut',
] as const

export const SIMULATION_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
export type SimulationState = (typeof SIMULATION_STATES)[number]

/** As the command of that kind takes it; files are here as what stands in them. */
export interface SimulationAsked {
  readonly kind: SimulationKind
  /** A proposal, laid on the policy in force; absent: that policy. */
  readonly proposal?: string | undefined
  /** Name of one that ships, or a scenario as its file says it; its plane is the policy that is asked of. */
  readonly scenario?: string | Readonly<Record<string, unknown>> | undefined
  /** 2026-11-30 */
  readonly day?: string | undefined
  readonly seed?: number | undefined
  readonly busiest?: number | undefined
  readonly pairs?: boolean | undefined
  readonly growth?: string | undefined
  readonly anyOne?: string | undefined
  readonly years?: number | undefined
  readonly keep?: string | undefined
  /** CSV. */
  readonly offers?: string | undefined
  readonly outages?: string | undefined
  readonly draws?: number | undefined
  readonly year?: number | undefined
  readonly minutes?: number | undefined
  readonly moments?: number | undefined
  /** Of `compare`: ids of two simulations. */
  readonly a?: string | undefined
  readonly b?: string | undefined
}

/** Why there is no answer. */
export interface SimulationRefusal {
  readonly code: string
  readonly message: string
  /** The same in both languages; absent: the command said it, in English alone. */
  readonly words?: Text
  readonly faults: readonly { readonly code: string; readonly message: string; readonly pointer?: string }[]
}

/** Of what ended it here. */
export const refusedWith = (code: string, words: Text): SimulationRefusal => ({
  ...{ code, message: words.en, words, faults: [] },
})

export interface Simulation {
  /** Named by what was asked, of which revision, of which build: the same question again is the same simulation. */
  readonly id: string
  readonly asked: SimulationAsked
  readonly revision: number
  /** Of the policy in force. */
  readonly hash: string
  readonly build: string
  readonly author: string
  readonly at: UnixMilliseconds
  readonly begun: UnixMilliseconds | null
  readonly ended: UnixMilliseconds | null
  readonly state: SimulationState
  /** 0 to 1. */
  readonly progress: number
  /** Expected; null: not known. */
  readonly left: Milliseconds | null
  readonly refusal: SimulationRefusal | null
}

/** Neither waits nor runs. */
export const hasEnded = ({ state }: Pick<Simulation, 'state'>): boolean => state !== 'queued' && state !== 'running'
