// Revisions and switches as nouns: what is known of the policy in force, what a change of it says, and what becomes
// of it.

import type { Enforcement } from './network.js'
import type { UnixMilliseconds } from './units.js'

/** The policy that is in force, with what is known about its making. */
export interface PolicyHead {
  /** The whole document, as JSON. */
  readonly document: unknown
  readonly revision: number
  /** Strong entity tag, quoted. */
  readonly etag: string
  readonly hash: string
  readonly meta: {
    readonly author: string
    readonly reason: string
    readonly reference: string | null
    readonly at: UnixMilliseconds
    readonly parent: number | null
  }
}

export interface PolicyChange {
  /** The revision this change was made on; another one in force is PRECONDITION_FAILED. */
  readonly expected: number
  readonly author: string
  readonly reason: string
  readonly reference: string | null
  /** Check only; the answer has the same shape and nothing is kept. */
  readonly dryRun: boolean
}

export interface PolicyOutcome {
  /** The number the change has, or would have. */
  readonly revision: number
  readonly hash: string
  readonly base: number
  readonly etag: string
  readonly warnings: readonly string[]
}

export interface EnforcementChange {
  readonly enforcement: Enforcement
  /** When hold or bypass ends by itself; null: no end. */
  readonly until: UnixMilliseconds | null
  readonly reason: string
  readonly author: string
}
