// The plan: one revision of the policy, compiled under given conditions of the network, as indexed lists.
//
// It names what stands in each row and column of the Problem (solve/problem.ts) that was compiled with it:
// plan.flows[i] is flow i, plan.links[l] is link l. Every stage after compile speaks in these indices and in nothing
// else. A plan is immutable; a new revision or new conditions make a new one.

import type { NounClass } from './concord.js'
import type { Direction, Enforcement, LineProfile, LinkKind, Pace, Text, Timing } from './network.js'
import type { BitsPerSecond } from './units.js'

/** Institution ids that stand for an edge's own two flows per direction; no real institution may use them. */
export const UNMAPPED = 'unmapped'
export const CONTROL = 'control'
/** In lists for whoever is not shown them one by one: all restricted institutions as one row. No institution has it. */
export const RESTRICTED = 'restricted'

export type FlowKind = 'institution' | 'unmapped' | 'control'

export interface PlanFlow {
  /** institution/service/direction, with @edge where it has several edges (always for unmapped and control). */
  readonly id: string
  readonly kind: FlowKind
  readonly institution: string
  readonly service: string
  readonly direction: Direction
  readonly edge: string
  readonly tier: string | null
  /** Sum of the sizes of its guarantee segments over all edges of the institution, bit/s. */
  readonly guarantee: BitsPerSecond
  readonly ceiling: BitsPerSecond
  /** Index into plan.families when the institution has several edges, else -1. */
  readonly family: number
  /** Index into plan.envelopes of the innermost envelope around it, else -1. */
  readonly envelope: number
  /** Override or mode in force that says its ceiling or its tier; null: the policy does. */
  readonly override: string | null
  /** The same with schedules, which are the policy itself: what was the last to say its ceiling or its tier. */
  readonly laidBy: LaidBy | null
  /** The three numbers that name the flow in wire records. */
  readonly record: FlowRecordKey
}

/** Their places are the numbers on the wire: append only. */
export const LAYERS = ['schedule', 'mode', 'override'] as const

/** What is laid over the policy for a while. */
export interface LaidBy {
  readonly kind: (typeof LAYERS)[number]
  readonly id: string
}

/** A link on which promises do not fit because of the present conditions. */
export interface PromiseShortfall {
  /** Index into plan.links. */
  readonly link: number
  /** Sum of the guarantees that cross it, or have no other way, bit/s. */
  readonly promised: BitsPerSecond
}

/** How conditions have moved the route of a flow, by index into plan.links. */
export interface Detour {
  /** Links that are not whole and carry less of it than in the intact network, or nothing. */
  readonly from: readonly number[]
  /** Links that carry more of it; none where no route is left. */
  readonly to: readonly number[]
}

export interface FlowRecordKey {
  /** Persistent number of the institution in the plane; unmapped is 0, control is 1, institutions start at 2. */
  readonly institution: number
  readonly service: number
  readonly direction: 0 | 1
}

/** One service and direction of an institution that several edges serve; its parts are split by phi. */
export interface PlanFamily {
  readonly institution: string
  readonly service: string
  readonly direction: Direction
  /** Flow indices, one per edge. */
  readonly flows: readonly number[]
  /** Where the split starts, by access capacity; sums to 1. */
  readonly phi: readonly number[]
}

/** An envelope in one service and direction. */
export interface PlanEnvelope {
  /** envelope.health/internet/down; its ceiling is the virtual link of this id. */
  readonly id: string
  readonly envelope: string
  readonly service: string
  readonly direction: Direction
  /** Index into plan.envelopes, -1: none is around it. */
  readonly parent: number
  /** Index into plan.links, -1: it has no ceiling. */
  readonly ceiling: number
  /** Null: the sum of the first share weights of its members. */
  readonly weight: number | null
  readonly guarantee: { readonly band: string; readonly size: BitsPerSecond } | null
}

export interface PlanLink {
  /** Directed id, such as transit-a.down; a virtual link carries the id of the envelope or family it stands for. */
  readonly id: string
  readonly link: string
  readonly direction: Direction
  readonly kind: LinkKind | 'envelope' | 'ceiling'
  readonly from: string
  readonly to: string
  /** bit/s as built, before `usable` and conditions. */
  readonly capacity: BitsPerSecond
  /** Room in the solve: capacity x usable x conditions. */
  readonly room: BitsPerSecond
  readonly state: 'up' | 'derated' | 'down'
  readonly groups: readonly string[]
  readonly virtual: boolean
}

export interface PlanInstitution {
  readonly id: string
  readonly index: number
  readonly name: Text
  /** Of its Swahili name, where the policy says it. */
  readonly nounClass?: NounClass | undefined
  readonly category: string
  readonly region: string
  readonly tier: string
  readonly govnet: boolean
  readonly internet: boolean
  readonly envelope: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly edges: readonly string[]
  /** Flow indices. */
  readonly flows: readonly number[]
}

export interface PlanSite {
  readonly id: string
  readonly institution: string
  readonly edge: string
  readonly prefixes: readonly string[]
  readonly vlan: number | null
  /** Of a router that a person configures; absent: told by VLAN or prefix. */
  readonly interface?: string
  readonly access: { readonly down: BitsPerSecond; readonly up: BitsPerSecond }
}

export interface PlanEdge {
  readonly id: string
  readonly name: Text
  readonly node: string
  readonly region: string
  readonly enforcement: Enforcement
  readonly pace: Pace
  readonly line: LineProfile
  readonly port: { readonly down: BitsPerSecond; readonly up: BitsPerSecond }
  readonly sites: readonly PlanSite[]
  /** Flow indices of everything this edge enforces, its unmapped and control flows included. */
  readonly flows: readonly number[]
}

export interface PlanService {
  readonly id: string
  readonly index: number
  readonly name: Text
  /** Far prefixes by which an edge tells this service; empty: whatever no other service claims. */
  readonly prefixes: readonly string[]
}

export interface PlanClass {
  readonly id: string
  readonly index: number
  readonly name: Text
  readonly dscp: readonly number[]
  readonly weight: number
  /** Share of the flow's rate promised to the class first, 0 to 1. */
  readonly guarantee: number
}

export interface PlanBand {
  readonly id: string
  readonly kind: 'guarantee' | 'share' | 'headroom'
  readonly fill: number
}

/** How demand is told from arrivals. */
export interface DemandSettings {
  /** What is asked for is this much more than what arrives. */
  readonly margin: number
  /** A flow whose arrivals reach this part of its rate is throttled. */
  readonly threshold: number
}

export interface Plan {
  readonly plane: string
  readonly name: Text
  /** True while any edge is simulated or a figure is the shipped assumption: every page says DEMO. */
  readonly demo: boolean
  readonly revision: number
  /** sha256:… of the canonical policy document. */
  readonly hash: string
  /** IANA name of the zone in whose time people read and write. */
  readonly timezone: string
  readonly timing: Timing
  readonly demand: DemandSettings
  /** What an edge without any memory shapes each site at. */
  readonly bootRate: BitsPerSecond
  readonly flows: readonly PlanFlow[]
  readonly flowIndex: ReadonlyMap<string, number>
  readonly families: readonly PlanFamily[]
  readonly envelopes: readonly PlanEnvelope[]
  readonly links: readonly PlanLink[]
  readonly institutions: readonly PlanInstitution[]
  readonly edges: readonly PlanEdge[]
  readonly services: readonly PlanService[]
  readonly classes: readonly PlanClass[]
  readonly bands: readonly PlanBand[]
  /**
   * Safe rate of each flow, kbit/s: one solve of the guarantee bands over the stacked constraints of the intact network
   * and of each failure the plane survives, so all of them together fit every link in every one of those cases.
   */
  readonly safe: Readonly<Uint32Array>
  /** Flows without a path under the present conditions; they keep their lifeline at the edge and nothing else. */
  readonly unreachable: ReadonlySet<number>
  readonly shortfalls: readonly PromiseShortfall[]
  /** By flow index; null, or absent at the end: its route is that of the intact network. */
  readonly detours: readonly (Detour | null)[]
  /** Warnings of the admission check, already in words. */
  readonly warnings: readonly string[]
}
