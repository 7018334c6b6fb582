// What leaves a process between controller and edge, as types. The grammar of the bytes stands above the codec.

import type { EdgeReport, RateRecord, Serial, Stamp } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'

/** The newest wire version this release writes; it reads this one and the one before. */
export const WIRE_VERSION = 1

export type RateMessageKind = 'snapshot' | 'delta' | 'heartbeat'

/**
 * Rates on their way to one edge. A snapshot carries all flows of the edge, a delta those that changed since the
 * content with `baseSeq`, a heartbeat none: it renews the content `baseSeq` names and nothing else.
 */
export interface RateMessage extends Serial {
  readonly kind: RateMessageKind
  readonly version: number
  readonly edge: string
  /** Seq of this edge's content that the message builds on or renews; 0 for a first snapshot. */
  readonly baseSeq: number
  readonly revision: number
  /** First 16 hex digits of the SHA-256 of the profile that the records are to be read with. */
  readonly profile: string
  readonly lease: Milliseconds
  /** Newest stamp the controller had read from this edge; null: none yet. The lease ends at this stamp + lease. */
  readonly stamp: Stamp | null
  readonly records: readonly RateRecord[]
}

export type ReportMessage = EdgeReport & { readonly version: number }
