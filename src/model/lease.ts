// What an edge tells and is told, as nouns. The bytes are in wire/.

import type { Enforcement, LineProfile, Pace, Text } from './network.js'
import type { EdgeNotice } from './notice.js'
import type { BitsPerSecond, Bytes, KilobitsPerSecond, Milliseconds, UnixMilliseconds } from './units.js'

export const LEASE_STATES = ['FRESH', 'STALE', 'SAFE'] as const
/** FRESH. STALE: no message for some ticks, last rates kept. SAFE: the lease is gone, min(last, safe), then safe. */
export type LeaseState = (typeof LEASE_STATES)[number]

/** A publication's place in history: a leader's term, then a number within it, from 1. */
export interface Serial {
  readonly epoch: number
  readonly seq: number
}

/** Negative when a is older than b. */
export const compareSerial = (a: Serial, b: Serial): number => a.epoch - b.epoch || a.seq - b.seq

/** Whether both are there and name the same publication. */
export const isSameSerial = (a: Serial | null, b: Serial | null): boolean =>
  a !== null && b !== null && compareSerial(a, b) === 0

/** An instant on an edge's own monotonic clock, meaningful only together with the boot that started the clock. */
export interface Stamp {
  /** 16 hex digits naming the boot (or the process, where the clock starts with it). */
  readonly boot: string
  readonly at: Milliseconds
}

/** One flow as an edge enforces it. */
export interface RateRecord {
  /** Persistent numbers of the flow: see FlowRecordKey. */
  readonly institution: number
  readonly service: number
  readonly direction: 0 | 1
  readonly rate: KilobitsPerSecond
  readonly safe: KilobitsPerSecond
  readonly burst: Bytes
  /** Rates of the classes in profile order; their sum is `rate`, exactly. */
  readonly classes: readonly KilobitsPerSecond[]
}

/** Services that recordKey can tell apart. */
export const SERVICE_NUMBERS = 16

/** One number for a flow on an edge, good as a map key. */
export const recordKey = (r: { institution: number; service: number; direction: 0 | 1 }): number =>
  (r.institution * SERVICE_NUMBERS + r.service) * 2 + r.direction

/** What changed records make of those before: each in its place, and those of new flows after them. */
export function recordsAfter(records: readonly RateRecord[], changed: readonly RateRecord[]): readonly RateRecord[] {
  const fresh = new Map(changed.map((record) => [recordKey(record), record]))
  const merged = records.slice()
  for (let k = 0; k < merged.length; k++) {
    const key = recordKey(merged[k]!)
    const record = fresh.get(key)
    if (record === undefined) continue
    merged[k] = record
    fresh.delete(key)
  }
  for (const record of fresh.values()) merged.push(record)
  return merged
}

/** All an edge must know to shape, but the rates. Its hash is its version. Only interfaces are local to the machine. */
export interface EdgeProfile {
  /** 2: with what is promised and with what follows a switched enforcement. */
  readonly format: 1 | 2
  readonly plane: string
  readonly edge: string
  readonly enforcement: Enforcement
  /** Unix ms at which a switched enforcement ends; null: no end. */
  readonly until: number | null
  /** What follows then, which is what the policy says: in format 2; null: there is no end. */
  readonly after?: Enforcement | null
  readonly pace: Pace
  readonly line: LineProfile
  readonly tick: Milliseconds
  readonly lease: Milliseconds
  readonly staleAfterTicks: number
  readonly bootRate: BitsPerSecond
  readonly port: { readonly down: BitsPerSecond; readonly up: BitsPerSecond }
  readonly institutions: readonly ProfileInstitution[]
  readonly services: readonly ProfileService[]
  readonly classes: readonly ProfileClass[]
}

export interface ProfileInstitution {
  readonly index: number
  readonly id: string
  readonly name: Text
  readonly sites: readonly ProfileSite[]
  /** In format 2. */
  readonly promised?: readonly ProfilePromise[]
}

/** What the policy says of a service in one direction, of all edges of the institution together. */
export interface ProfilePromise {
  readonly service: number
  readonly direction: 0 | 1
  readonly guarantee: BitsPerSecond
  /** Never enforced at an edge: it is told for people. */
  readonly ceiling: BitsPerSecond
}

export interface ProfileSite {
  readonly id: string
  readonly prefixes: readonly string[]
  readonly vlan: number | null
  readonly access: { readonly down: BitsPerSecond; readonly up: BitsPerSecond }
}

export interface ProfileService {
  readonly index: number
  readonly id: string
  /** Far prefixes; empty: whatever no other service claims. */
  readonly prefixes: readonly string[]
}

/** DSCP of what must not wait (RFC 3246). */
export const EXPEDITED_FORWARDING = 46

export interface ProfileClass {
  readonly index: number
  readonly id: string
  readonly dscp: readonly number[]
  readonly weight: number
  readonly guarantee: number
}

/** Cumulative counters of one leaf (a class of a flow). Losing a report loses nothing. */
export interface LeafCounters {
  readonly institution: number
  readonly service: number
  readonly direction: 0 | 1
  readonly class: number
  readonly bytes: number
  readonly packets: number
  readonly drops: number
  /** Bytes waiting now; not cumulative. */
  readonly backlog: Bytes
}

export const REFUSALS = [
  'MALFORMED',
  'CHECKSUM',
  'VERSION',
  'FOREIGN',
  'BOUNDS',
  'DUPLICATE',
  'PROFILE',
  'DRIVER',
  'FOREIGN_QDISC',
  'MAC',
  'SECOND',
] as const
export type RefusalCode = (typeof REFUSALS)[number]

export interface Refusal {
  readonly code: RefusalCode
  readonly detail: string
}

/** Limits lifted at the box itself, for a stated time, by someone who stands there. */
export interface LocalBypass {
  /** Number of the institution; null: the whole edge. */
  readonly institution: number | null
  readonly since: UnixMilliseconds
  readonly until: UnixMilliseconds
  readonly reason: string
}

/** Traffic in no class, by direction. */
export interface Uncounted {
  readonly down: BitsPerSecond
  readonly up: BitsPerSecond
}

const MACHINE_DIGITS = 8

/** Of an instance: its machine. */
export const machineOf = (instance: string): string => instance.slice(0, MACHINE_DIGITS)

/** What an edge says each tick and at once after each apply. */
export interface EdgeReport {
  readonly edge: string
  /** Names the agent, 16 hex digits: the first 8 its machine. Absent: an older release, which does not say. */
  readonly instance?: string
  /** Where that is, for people. */
  readonly place?: string
  readonly stamp: Stamp
  /** Highest wire version it reads. */
  readonly reads: number
  readonly agent: string
  readonly driver: string
  readonly simulated: boolean
  /** The newest publication in force, read back from the driver, not assumed. Null: none yet. */
  readonly applied: (Serial & { readonly crc: number; readonly profile: string }) | null
  readonly state: LeaseState
  readonly enforcement: Enforcement
  readonly refusal: Refusal | null
  /** Limits that the engineer at the box has lifted; absent: none. */
  readonly bypasses?: readonly LocalBypass[]
  /** What it has found around it; absent: nothing. */
  readonly notices?: readonly EdgeNotice[]
  /** What passes it in no class; absent: nothing, or it cannot tell. */
  readonly uncounted?: Uncounted
  /** Rises when counters restart from 0. */
  readonly generation: number
  /** A leaf that is left out did not change since an earlier report that was read. Null: it says nothing of them. */
  readonly counters: Iterable<LeafCounters> | null
  /** Of a report that was read: all its counters are known, so that later ones may be told as what was added. */
  readonly isBase?: boolean
}
