// A small world as a value: two edges that share a link, two controllers, a store, and what is on its way. Events make
// other values of it by the product's own code, so that a search need not begin anew each time. The controllers' part
// is in controllers.ts, that of the edges in edges.ts; here is what both of them hold.

import { emptyKeeping, type Keeping } from '../../../../src/edge/lease-keeper.js'
import type { Memory } from '../../../../src/edge/memory.js'
import type { EdgeReport, Serial } from '../../../../src/model/lease.js'
import type { EdgeLease } from '../../../../src/publish/edge-lease.js'
import { LeaseTable } from '../../../../src/publish/lease-table.js'
import { type LogState, StandbyLog } from '../../../../src/publish/standby-log.js'
import type { RateMessage } from '../../../../src/wire/messages.js'
import type { Mistake } from './mistakes.js'
import { type EdgeId, plan, problem } from './plane.js'

/** Messages and reports on their way, of an edge: one more, and the oldest is lost. */
const MAX_IN_FLIGHT = 2

export const RULERS = [0, 1] as const
export type RulerId = (typeof RULERS)[number]
export const NAME_OF = ['a', 'b'] as const

/** A controller. */
export interface Ruler {
  readonly leases: ReadonlyMap<string, EdgeLease>
  /** Its last term, and the last number in it. */
  readonly epoch: number
  readonly seq: number
  /** It takes itself for the leader. */
  readonly leads: boolean
  /** What it sent last to these edges the store has taken, in this term: later messages build on it. */
  readonly committed: ReadonlySet<string>
  /** What it heard while it stood by, and whether it listens. */
  readonly log: LogState
  readonly listens: boolean
  /** When it began, took over or lost the store: until a lease and its grace later it may not know an edge. */
  readonly unsureSince: number
}

export interface Stored {
  readonly snapshot: RateMessage | null
  readonly before: RateMessage | null
  readonly contents: readonly RateMessage[]
  readonly dropped: boolean
  /** When all of it lapses. */
  readonly until: number
}

export interface Store {
  /** Who leads; null: nobody. */
  readonly leader: RulerId | null
  readonly epoch: number
  readonly edges: Readonly<Record<EdgeId, Stored>>
}

export interface Edge {
  readonly keeping: Keeping
  /** What its disk holds. */
  readonly memory: (Pick<Memory, 'boot' | 'content' | 'lease'> & { readonly leaseEnd: number }) | null
  /** When its agent died: its kernel goes on with what stood then; null: it lives. */
  readonly deadSince: number | null
  readonly boots: number
  /** The newest that it ever took: where its disk and the store have both lost that, nobody promises anything. */
  readonly took: Serial
  /** Of its last report. */
  readonly lastStamp: number
  readonly down: readonly RateMessage[]
  readonly up: readonly EdgeReport[]
}

/** What west says instead of what is so. */
export const LIES = ['that all is applied', 'that nothing is applied', 'what nobody told it', 'that it holds'] as const
export type Lie = (typeof LIES)[number]

export interface Small {
  readonly now: number
  /** The edge that asks for most. */
  readonly asks: number
  readonly rulers: readonly Ruler[]
  readonly store: Store
  readonly edges: Readonly<Record<EdgeId, Edge>>
  /** Null: nobody lies. */
  readonly lie: Lie | null
  /** Something that must not be. */
  readonly fault: string | null
}

/** False or null: nothing can come of it now. */
export type Act = (world: Small, mistake: Mistake) => Small | null | Promise<Small | null>
export type Event = readonly [name: string, act: Act]

export const withRuler = (world: Small, k: RulerId, change: Partial<Ruler>): Small => ({
  ...world,
  rulers: world.rulers.map((ruler, n) => (n === k ? { ...ruler, ...change } : ruler)),
})

export const withEdge = (world: Small, edge: EdgeId, change: Partial<Edge>): Small => ({
  ...world,
  edges: { ...world.edges, [edge]: { ...world.edges[edge], ...change } },
})

/** What is on its way once this is too. */
export const sent = <T>(inFlight: readonly T[], one: T): readonly T[] => [...inFlight, one].slice(-MAX_IN_FLIGHT)

export const bootName = (boots: number): string => `${boots}`.padStart(16, '0')

export const EMPTY_LOG: LogState = new StandbyLog().state
export const NOTHING_STORED: Stored = { snapshot: null, before: null, contents: [], dropped: false, until: 0 }

/** What a controller knows that begins now; each instant comes again and again. */
const unknownAt = new Map<number, Ruler['leases']>()

function unknown(now: number): Ruler['leases'] {
  const known = unknownAt.get(now) ?? new Map(new LeaseTable(plan, problem, now).edges)
  unknownAt.set(now, known)
  return known
}

export const newRuler = (now: number): Ruler => ({
  leases: unknown(now),
  ...{ epoch: 0, seq: 0, leads: false, committed: new Set(), log: EMPTY_LOG, listens: false, unsureSince: now },
})

const newEdge = (): Edge => ({
  ...{ keeping: emptyKeeping(bootName(1)), memory: null, deadSince: null, boots: 1, lastStamp: 0, down: [], up: [] },
  took: { epoch: 0, seq: 0 },
})

/** Nothing has ever happened. */
export const nothing = (): Small => ({
  ...{ now: 1_000_000, asks: 0, lie: null, fault: null },
  rulers: RULERS.map(() => newRuler(1_000_000)),
  store: { leader: null, epoch: 0, edges: { east: NOTHING_STORED, west: NOTHING_STORED } },
  edges: { east: newEdge(), west: newEdge() },
})
