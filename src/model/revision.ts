// Revisions and switches as nouns: what is known of the policy in force, what a change of it says, and what becomes
// of it.

import type { Enforcement } from './network.js'
import type { Preview } from './preview.js'
import type { Scope } from './principal.js'
import type { Milliseconds, UnixMilliseconds } from './units.js'

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

/** What a change makes of the policy that is in force when its turn has come; throws to refuse. */
export type PolicyEdit = (head: PolicyHead) => unknown

/** JSON of an edit that nobody has read yet: a document, or at most so many changes. */
export class UnreadEdit {
  readonly json: Uint8Array
  readonly most: number

  constructor(json: Uint8Array, most: number) {
    this.json = json
    this.most = most
  }
}

/** Who asks for something that takes its time. */
export interface Asker {
  readonly actor: string
  /** Aborts when they have left: what was not made by then is not made. */
  readonly gone?: AbortSignal | undefined
}

export interface PolicyChange extends Pick<Asker, 'gone'> {
  readonly author: string
  /** What the author may change; null or absent: everything. */
  readonly scope?: Scope | null | undefined
  readonly reason: string
  readonly reference: string | null
  /** Check only; the answer has the same shape and nothing is kept. */
  readonly dryRun: boolean
  /** Undone unless it is confirmed within this time; 0: it stays. Absent: ten minutes where someone loses. */
  readonly confirmWithin?: Milliseconds | undefined
  /** Past approval and tests, to be signed afterwards; always to be confirmed. */
  readonly breakGlass?: boolean | undefined
  /** Names the write, so that it can be asked for again when its answer is lost. */
  readonly request?: string | undefined
}

export interface PolicyOutcome {
  /** The number the change has, or would have. */
  readonly revision: number
  readonly hash: string
  readonly base: number
  readonly etag: string
  readonly warnings: readonly string[]
  /** Absent: nothing would change. */
  readonly preview?: Preview | undefined
  /** Guards that ask for a second person. */
  readonly guards?: readonly string[] | undefined
  /** Undone at this time unless it is confirmed; null: it stays. */
  readonly confirmBy?: UnixMilliseconds | null | undefined
}

export interface EnforcementChange {
  readonly enforcement: Enforcement
  /** When hold or bypass ends by itself; null: no end. */
  readonly until: UnixMilliseconds | null
  readonly reason: string
  readonly author: string
}

/**
 * Why a proposal cannot be made any more. TOUCHED: somebody has changed the place since that revision. REFUSED: the
 * policy in force does not take it any more.
 */
export type Stale =
  | { readonly code: 'TOUCHED'; readonly place: string; readonly since: number }
  | { readonly code: 'REFUSED'; readonly detail: string }

export const staleSaid = (stale: Stale): string =>
  stale.code === 'TOUCHED'
    ? `${stale.place} has been changed since revision ${stale.since}`
    : `the policy in force does not take it any more: ${stale.detail}`
