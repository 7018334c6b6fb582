// What leaves a process between controller and edge, as types. The grammar of the bytes stands above the codec.

import type { EdgeReport, RateRecord, Serial, Stamp } from '../model/lease.js'
import type { Reason } from '../model/reason.js'
import type { Milliseconds } from '../model/units.js'
import type { LeafColumns } from './leaf-columns.js'

/** The newest wire version this release writes, where both ends hold a key; it reads all before as well. */
export const WIRE_VERSION = 6
/** The newest without a key. */
export const KEYLESS_VERSION = 4
/** From here on, in numbers that say what a party reads: instances, reasons, notices, and profiles of format 2. */
export const TELLING_VERSION = 4
/** From here on, always with a key: an edge shows that it heard the controller lately (Echoed). */
export const PROVING_VERSION = 6
/** Of a nonce: what a leader draws, and an edge repeats. */
export const NONCE_BYTES = 16

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
  /**
   * Whether the controller has all counters of the report with this stamp, so that later ones may build on them.
   * Absent: version 1, which does not say; what is echoed was read.
   */
  readonly counted?: boolean
  /** Whose stamp it is, and who alone may take the message; null: anybody. Absent: before version 4. */
  readonly instance?: string | null
  /** Of all flows that do not get what they ask for. Absent: those that were told last. */
  readonly reasons?: readonly Reason[]
  /** Drawn by the leader a moment ago, hex digits; reports are to repeat it. Absent: before version 6. */
  readonly nonce?: string
  readonly records: readonly RateRecord[]
}

/** What a report repeats of the newest message that its edge has heard. */
export interface Echoed {
  /** Its nonce; absent: it heard none, or speaks a version before 6. */
  readonly echo?: string
}

/** Counters as they stood in an earlier report. */
export interface CounterBase {
  readonly at: Milliseconds
  readonly leaves: LeafColumns
}

/**
 * A report on its way out. With a base the controller has the counters of that report, and `counters` are those that
 * changed since and none has fallen; without one they are all there are.
 */
export type SentReport = Omit<EdgeReport, 'isBase'> & Echoed & { readonly base?: CounterBase | null }

/** Counters as they travel. */
export type Counted =
  /** Version 1: what they have reached, of leaves that changed since a report that is not named. */
  | { readonly kind: 'changed'; readonly leaves: LeafColumns }
  /** What they have reached, of all leaves. */
  | { readonly kind: 'whole'; readonly leaves: LeafColumns }
  /** What was added since the report of the same boot with the stamp `since`. */
  | { readonly kind: 'added'; readonly since: Milliseconds; readonly leaves: LeafColumns }

/** A report as it arrives; what its counters have reached only a ReportReader can tell. */
export type ReportMessage = Omit<EdgeReport, 'counters' | 'isBase'> &
  Echoed & {
    readonly version: number
    /** Null: it says nothing of them. */
    readonly counted: Counted | null
  }
