// The one interface between an edge agent and whatever enforces: plan first, then apply, then read back.
//
// A driver is a thin rim around a pure core. `plan` compares what is desired with what was observed and returns
// operations in the order in which they are safe (deletes, decreases, adds, increases); `apply` carries them out.
// Applying twice is applying once: after a good apply, `plan(desired, await observe())` is empty.

import type { EdgeProfile, LeafCounters, RateRecord, Refusal } from '../model/lease.js'
import type { Enforcement } from '../model/network.js'
import type { Bytes, Milliseconds } from '../model/units.js'

/** All flows of the edge as they shall be enforced now. */
export interface Desired {
  readonly profile: EdgeProfile
  /** The enforcement in force: the profile's, or what was set locally. */
  readonly enforcement: Enforcement
  /** One record a flow; every institution of the profile has one for each of its services and directions. */
  readonly rates: readonly RateRecord[]
  /** Numbers of institutions whose limits are lifted at the box while the others' hold; absent: none. */
  readonly lifted?: ReadonlySet<number>
}

/** Whether what this institution sends and receives is delayed at all. */
export const isShaped = (
  { enforcement, lifted }: { readonly enforcement: Enforcement | null; readonly lifted?: ReadonlySet<number> },
  institution: number,
): boolean => (enforcement === 'enforce' || enforcement === 'hold') && !lifted?.has(institution)

export interface Capabilities {
  /** Facts worth showing: kernel, versions, chosen classifier and leaf queue. */
  readonly facts: Readonly<Record<string, string>>
  /** Why this driver cannot enforce here; empty: it can. */
  readonly obstacles: readonly string[]
}

export const OPERATION_ORDER = ['delete', 'decrease', 'add', 'increase', 'filter'] as const
export interface Operation {
  readonly kind: (typeof OPERATION_ORDER)[number]
  /** The exact text a person would type or read: what `--dry-run` prints. */
  readonly text: string
}

export interface ApplyResult<Observed = never> {
  readonly applied: number
  readonly refusal: Refusal | null
  /** What stands now, where the driver has read it back already; absent: it is to be observed. */
  readonly observed?: Observed
}

export interface Stats {
  /** Rises when counters restart from 0 (a rebuild, a reboot). */
  readonly generation: number
  readonly leaves: Iterable<LeafCounters>
  /** When counters stood so, on the edge's own clock; absent: as the reading ended. */
  readonly at?: Milliseconds
}

/**
 * A way past what is shaped, or through it in a class that is not the site's:
 *
 *   PAST       another interface, by a route, a policy rule, or as was seen
 *   TUNNEL     what a site sends is hidden before it can be sorted
 *   VRF        the device forwards by a table of its own
 *   FLOWTABLE  what is forwarded by it goes round the packet filter
 *   FASTTRACK  the same on a router of another make
 */
export interface Escape {
  readonly code: 'PAST' | 'TUNNEL' | 'VRF' | 'FLOWTABLE' | 'FASTTRACK'
  /** The interface, or what else it is called. */
  readonly subject: string
  readonly found: string
  /** Traffic of sites went that way since the last look. */
  readonly used: boolean
}

/** An interface that is shaped. */
export interface ShapedDevice {
  readonly device: string
  readonly side: 'lan' | 'wan'
  /** `away`: there is no such interface at present. */
  readonly state: 'up' | 'down' | 'away'
  /** By its own count, since it was made. */
  readonly sent: Bytes
  /** It is given all that it may carry, and rates in force come to more; absent: it is not. */
  readonly isFull?: boolean
}

/** What lies beside the shaped interfaces, and how they are. */
export interface Surroundings {
  readonly escapes: readonly Escape[]
  /** Seen on the interfaces and counted in no class, since the driver began to look; null: it cannot tell. */
  readonly uncounted: { readonly down: Bytes; readonly up: Bytes } | null
  /** Absent: they are another machine's. */
  readonly devices?: readonly ShapedDevice[]
}

/** How everything of ours is taken away again, when a person asks for it. */
export interface Removal<Observed> {
  plan(observed: Observed): readonly Operation[]
  /** Carries that out and reads back. */
  carryOut(operations: readonly Operation[]): Promise<Refusal | null>
}

/** `Observed` is the driver's own picture of what stands; nobody else looks inside. */
export interface Driver<Observed = unknown> {
  readonly name: string
  readonly simulated: boolean
  /** It limits sites and nothing else: neither unmapped traffic nor the gateway's own. */
  readonly sitesOnly?: boolean
  probe(): Promise<Capabilities>
  observe(): Promise<Observed>
  plan(desired: Desired, observed: Observed): readonly Operation[]
  apply(operations: readonly Operation[], desired: Desired): Promise<ApplyResult<Observed>>
  stats(): Promise<Stats>
  /** Absent: it cannot see past what it shapes. */
  surroundings?(): Promise<Surroundings>
  /** Absent: nothing that this driver sets could be taken away from here. */
  readonly removal?: Removal<Observed>
  /**
   * What others have taken away of what stood here, since this was asked last, in words; null: nothing. Absent: it
   * cannot tell.
   */
  takenAway?(): string | null
  /**
   * From now until it is closed: says what somebody else has changed, or seems to, and when it would divide what is
   * desired otherwise by itself (`moved`), and when what it refused may be taken now (`again`). Absent: it is found by
   * looking.
   */
  watch?(changed: (what: string) => void, moved: () => void, again: () => void): void
  /** Ends the driver and leaves what it enforces in force. */
  close(): Promise<void>
}
