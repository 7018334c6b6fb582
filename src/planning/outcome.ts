// The outcome of a run: what a planner asks, in names instead of indices. Nothing is rounded: rounding is the report's
// business. DEFINITIONS says in words what each number means and travels with every report.

import type { Direction } from '../model/network.js'
import type { BitsPerSecond, UnixMilliseconds } from '../model/units.js'

export const DEFINITIONS: Readonly<Record<string, string>> = {
  guarantee: 'Sum of the sizes of a flow in all guarantee bands of its tier.',
  short:
    'In a step a flow is short in a band if it gets at least 1 kbit/s less than its demand may claim of the band: ' +
    'of each band in turn as much of its size as the demand still reaches. Below guarantee: short in all guarantee ' +
    'bands together.',
  minutes_below:
    'Steps in which any flow of the institution is below its guarantee, times the length of a step: a sum over the ' +
    'horizon, whatever lies between. So are all columns that begin with minutes.',
  longest_minutes_below: 'The largest such sum among the institutions of a tier.',
  spell: 'Steps in a row, without a break, in which the institution is below its guarantee.',
  kept:
    'Of what the demand of a flow may claim of a promise, the fraction that it gets. ' +
    'Worst: the least over time; 1 when never short.',
  missing_mbit: 'What short flows lack, added up over time: a volume in Mbit, not a rate.',
  lacks_mbps:
    'The same divided by the time in which it was lacking: Mbit/s, the mean while below. Of a tier: of one of its ' +
    'institutions while that is below. Of a band: of all together while anyone is short.',
  need: 'What a flow gets for its demand, up to the last share band; without headroom.',
  rate: 'Need plus headroom: what the edges would be told. Empty in runs of more than eight days.',
  lower_bound:
    'A recorded demand of which something was held back by its rate or a link: more may have been wanted. Minutes in ' +
    'which that is so for any flow of the institution. Empty where demand is modelled.',
  satisfaction: 'Need divided by offered load, both added up over the horizon.',
  load: 'Sum of need over the flows on a link, times the part of each that the link carries.',
  room: 'Capacity x usable fraction x what the conditions of the moment leave.',
  utilisation: 'Load divided by the room of the same moment.',
  p95:
    'Percentile over time, not over links: the nearest rank of the steps in which the link had room. ' +
    'Empty where it never had: a dead link has no percentile.',
  worst_hour:
    'The hour, counted from the beginning of the horizon, with the highest mean load over mean room; ' +
    'the earliest of equals.',
  cause:
    'Events under way at that moment, and the links that stopped the flow in the first band in which it was short: ' +
    'those whose capacity the events lowered in front, then the one that filled first.',
  takers: 'Institutions with the largest mean need on the link in that hour.',
  predicted: 'Rates, headroom and satisfaction are predicted. Latency and loss are not.',
}

export interface BandOutcome {
  /** A guarantee band, or `guarantee` for all of them together. */
  readonly band: string
  /** bit, over the stretch. */
  readonly promised: number
  readonly missing: number
  readonly worstKept: number
  readonly worstAt: UnixMilliseconds | null
  readonly mostInstitutionsShort: number
  /** Sum of the steps in which anyone is short. */
  readonly minutesShort: number
  /** The longest time in which always someone was. */
  readonly longestSpellMinutes: number
}

export interface PhaseOutcome {
  readonly from: UnixMilliseconds
  readonly to: UnixMilliseconds
  readonly events: readonly string[]
  readonly bands: readonly BandOutcome[]
}

/** Where and when something was at its worst, and why. */
export interface Worst {
  readonly kept: number
  readonly at: UnixMilliseconds
  readonly events: readonly string[]
  /** Where it stopped; none: it has no path. */
  readonly links: readonly CauseLink[]
}

/** A link that stopped a flow, with the events that had lowered its capacity. */
export interface CauseLink {
  readonly id: string
  readonly loweredBy: readonly string[]
}

export interface Spell {
  readonly from: UnixMilliseconds
  readonly minutes: number
}

export interface ShortFlow {
  readonly flow: string
  readonly institution: string
  readonly band: string
  readonly size: BitsPerSecond
  readonly minutes: number
  /** bit */
  readonly missing: number
  readonly worst: Worst
}

export interface InstitutionOutcome {
  readonly id: string
  readonly category: string
  readonly region: string
  readonly tier: string
  /** In all, whatever lies between. */
  readonly minutesBelow: number
  /** Unbroken; the earliest of equals. Null: never below. */
  readonly longestSpell: Spell | null
  /** bit */
  readonly missing: number
  /** Null: never below. */
  readonly worst: (Worst & { readonly flow: string }) | null
  /** Means over the horizon. */
  readonly demand: BitsPerSecond
  readonly need: BitsPerSecond
  /** Null: only needs were worked out. */
  readonly rate: BitsPerSecond | null
  /** In which what it asks for is a lower bound; null: nothing is recorded. */
  readonly minutesLeast: number | null
  readonly satisfaction: number
}

/** The institutions of one tier together. */
export interface TierOutcome {
  readonly tier: string
  readonly institutions: number
  readonly below: number
  /** Most minutes below in all of any of them, and the longest of all their spells. */
  readonly longestMinutes: number
  readonly longestSpellMinutes: number
  /** Minutes below of all of them. */
  readonly minutesBelow: number
  /** bit */
  readonly missing: number
  readonly worstKept: number
  readonly satisfaction: number
}

export interface LinkOutcome {
  readonly id: string
  readonly kind: string
  readonly direction: Direction
  /** Null: it never had room. */
  readonly p95Load: BitsPerSecond | null
  readonly p95Utilisation: number | null
  readonly minutesFull: number
  readonly minutesDead: number
  readonly worstHour: {
    readonly from: UnixMilliseconds
    readonly load: BitsPerSecond
    readonly room: BitsPerSecond
    /** Null: it never had room. */
    readonly utilisation: number | null
    readonly events: readonly string[]
    readonly takers: readonly { readonly institution: string; readonly need: BitsPerSecond }[]
  }
}

export interface Outcome {
  readonly phases: readonly PhaseOutcome[]
  readonly bands: readonly BandOutcome[]
  /** Below guarantee first, longest first; then by id. */
  readonly institutions: readonly InstitutionOutcome[]
  /** Most missing first; then by id. */
  readonly tiers: readonly TierOutcome[]
  readonly shortFlows: readonly ShortFlow[]
  /** Without any room first, then by worst hour, fullest first; then by id. Links that carry nothing are left out. */
  readonly links: readonly LinkOutcome[]
}
