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
