// The board: the picture of the last tick that everyone may read. The controller replaces it whole after each
// publication and never changes one that it has shown, so a reader needs no lock and sees no half tick.

import type { Explanation, LimitedBy, WouldBe } from './explanation.js'
import type { CauseInForce } from './in-force.js'
import type { LeaseState, LocalBypass, Refusal, Serial, Uncounted } from './lease.js'
import type { Enforcement } from './network.js'
import type { EdgeNotice } from './notice.js'
import type { Plan } from './plan.js'
import type { Milliseconds, UnixMilliseconds } from './units.js'

/** Columns by flow index of the plan, bit/s. NaN: not known (no report yet). */
export interface FlowColumns {
  readonly demand: Float64Array
  /** Of the demand, what was seen to be asked: the last that its rate did not decide, or what has arrived since. */
  readonly atLeast: Float64Array
  /** UnixMilliseconds; since then the demand is an estimate, for its rate decides what arrives. NaN: it is seen. */
  readonly estimatedSince: Float64Array
  /** 1: packets wait for the rate, or were dropped at it; so more is asked than it has, however much that is. */
  readonly waits: Uint8Array
  readonly need: Float64Array
  /** Published rate: what the edge is being told. */
  readonly rate: Float64Array
  /** What the edge acknowledged. */
  readonly applied: Float64Array
  /** Before the shaper, and what it let through; NaN also where the edge says nothing now. */
  readonly arrived: Float64Array
  readonly carried: Float64Array
  readonly limitedBy: readonly LimitedBy[]
}

/** Columns by link index of the plan, bit/s. */
export interface LinkColumns {
  readonly needLoad: Float64Array
  /** Sum over the link of the published rates (pinned flows at what they are charged). */
  readonly load: Float64Array
  /** What arrives at the edges of its flows; NaN: none of them says anything now. */
  readonly arrived: Float64Array
  /** Upstream of the shapers what arrives at them, past them what they let through; NaN as above. */
  readonly carried: Float64Array
  /** What flows whose edges say nothing now may bring besides: what they were granted, or brought last. */
  readonly unheard: Float64Array
  /** Demand on the link that was not met because of this link. */
  readonly unmet: Float64Array
  /** Water level at which the link saturated in a share band; NaN: it did not. */
  readonly level: Float64Array
}

/** What an edge says and cannot be: tick/doubts.ts. */
export type Doubt = 'counters' | 'rates' | 'stamps' | 'applied' | 'orders' | `link ${string}`

export interface EdgeBypass extends Omit<LocalBypass, 'institution'> {
  /** Null: the whole edge. */
  readonly institution: string | null
}

export interface SecondAgent {
  readonly place: string | null
  readonly since: UnixMilliseconds
}

export interface EdgeStatus {
  readonly id: string
  readonly state: LeaseState | 'UNKNOWN'
  readonly enforcement: Enforcement
  readonly driver: string | null
  readonly simulated: boolean
  readonly agent: string | null
  readonly intended: Serial | null
  readonly applied: Serial | null
  /** Publications since the one applied, up to the last that told it something new. */
  readonly lag: number
  readonly lastReport: UnixMilliseconds | null
  /** As the controller knows it; the edge's own clock decides. */
  readonly leaseLeft: Milliseconds | null
  readonly refusal: Refusal | null
  /** What it says that it does, where that is not what it was told; null: it is. */
  readonly unordered: Enforcement | null
  /** It enforced, and is to enforce no more although no order, end of an order or newer revision says so. */
  readonly ceased: boolean
  /** Reports come in its name, again and again, and none of them is shown to be new. */
  readonly unproven: boolean
  /** Limits that are lifted at the box, as it says. */
  readonly bypasses: readonly EdgeBypass[]
  /** Its agent, among those that may be this edge; null: it does not tell. */
  readonly instance?: string | null
  /** Where its agent says that it is; null: it does not say. */
  readonly place: string | null
  /** Another agent that speaks as this edge, is told nothing and counts for nothing; null: there is none. */
  readonly second: SecondAgent | null
  /** What it has found around it. */
  readonly notices: readonly EdgeNotice[]
  /** What passes it in no class. */
  readonly uncounted: Uncounted
  readonly doubts: readonly Doubt[]
  /** What a person said is in force, where only a person can say so; null: nobody did, or nobody has to. */
  readonly confirmed: { readonly revision: number; readonly at: UnixMilliseconds; readonly by: string } | null
  /** Since when a paced or static edge has not had what it should have; null: it has, or is live. */
  readonly differsSince: UnixMilliseconds | null
}

/** Institutions by their worst flow. */
export interface Satisfied {
  readonly all: number
  readonly short: number
  /** What was seen to be asked is more than they have, and their guarantee too. */
  readonly belowGuarantee: number
  /** The others that would be below it if they ask as much as is estimated. */
  readonly maybeBelow: number
}

/** A flow that crosses a link, by index. */
export interface CrossingFlow {
  readonly flow: number
  /** How much of it does, 0 to 1. */
  readonly part: number
}

/** How far a flow got. */
export interface Standing {
  readonly band: string
  readonly kind: 'guarantee' | 'share' | 'headroom'
  /** Share bands: bit/s for each unit of weight, inside an envelope by its members' weights; null: nothing to get. */
  readonly level: number | null
  /** Part of the guarantee that is kept; null outside guarantee bands. */
  readonly kept: number | null
}

export interface Board {
  readonly plan: Plan
  /** Id of the controller that leads. */
  readonly leader: string
  /** Whether that is the one that made this board; a standby shows what the leader told edges. */
  readonly leads: boolean
  readonly serial: Serial
  readonly at: UnixMilliseconds
  readonly learning: boolean
  readonly flows: FlowColumns
  readonly links: LinkColumns
  readonly edges: readonly EdgeStatus[]
  readonly satisfied: Satisfied
  readonly tick: { readonly lastMs: number; readonly solveMs: number; readonly kept: number; readonly moved: number }
  readonly certificate: { readonly ok: boolean; readonly checkedSeq: number }
  /** Bits above capacity that edges may have let through since this controller started: the promise is 0. */
  readonly excess: number
  /** What was in force beside the policy as it is written; null: that was not recorded. */
  inForce(): readonly CauseInForce[] | null
  /** Flow index to its explanation; re-reads the solved problem of this very tick. */
  explain(flow: number): Explanation
  /** Flows on a link, by index, in the order of the plan; as `explain`. */
  crossing(link: number): readonly CrossingFlow[]
  /** Null: it takes no part in what is shared, or asks for nothing. */
  standing(flow: number): Standing | null
  /** What would give the flow more, and how much more; empty where nothing limits it, or nobody has time to say. */
  whatIf(flow: number): Promise<readonly WouldBe[]>
}
