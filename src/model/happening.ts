// What the audit tells: one line for each attempt to change something, whether or not it was let happen.

import type { UnixMilliseconds } from './units.js'

/** refused: nothing was changed. unknown: the store did not say whether it was. */
export const OUTCOMES = ['done', 'refused', 'unknown'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface Happening {
  readonly at: UnixMilliseconds
  /** Account, or a name of the machine; `nobody`: not signed in. */
  readonly actor: string
  /** How they came in. */
  readonly via: string
  readonly address: string
  /** Method and route, such as `PUT /v1/policy`. */
  readonly action: string
  /** What it was done to: the ids in the path. */
  readonly subject: string
  readonly reason: string | null
  readonly reference: string | null
  readonly requestId: string
  readonly outcome: Outcome
  /** Code of the refusal. */
  readonly code: string | null
  /** JSON, without secrets; null: nothing, or not known. */
  readonly before: unknown
  readonly after: unknown
  /** How often, where the same refusal was told once for many. */
  readonly times: number
}

/** What the machine does by itself, without anybody's request. */
export type OwnDeed = Pick<Happening, 'action' | 'subject' | 'reason' | 'reference' | 'before' | 'after'>

export interface Entry extends Happening {
  /** From 1, without gaps. */
  readonly n: number
}

/**
 * What may be wrong with a trail.
 *
 * CHANGED: the text is not what was hashed. GAP: an entry is missing. HEAD: the end is not where it was. UNSIGNED: it
 * has no signature, FORGED: one that does not fit, or of a key that nobody vouches for. ANCHOR: another entry was
 * told to the outside. CUT: what came behind is gone. BASE: what came before is gone, and no entry says by whom.
 */
export const TRAIL_FAULTS = ['CHANGED', 'GAP', 'HEAD', 'UNSIGNED', 'FORGED', 'ANCHOR', 'CUT', 'BASE'] as const
export type TrailFault = (typeof TRAIL_FAULTS)[number]
