// A draft: a change of the policy with all that is known of it before it is made. Drafts are made in a thread of their
// own (planning/drafter.ts); these are the words that cross to it and back. They are kept short: a document crosses
// once and then goes by its hash, a list of flows and an hour's demand likewise.

import type { Conditions } from '../../model/network.js'
import type { Preview } from '../../model/preview.js'
import type { Scope } from '../../model/principal.js'
import type { BitsPerSecond, UnixMilliseconds } from '../../model/units.js'
import type { Fault } from '../../runtime/errors.js'
import type { PolicyDocument } from '../document/document.js'
import type { ImportRequest } from '../import/plan.js'
import type { InForce } from '../in-force/holding.js'
import type { Laid } from './budget-moments.js'
import type { Change } from './proposal.js'

/** Demand of an hour that was, by flow id. */
export interface RecordedHour {
  /** Its beginning, which names it. */
  readonly at: UnixMilliseconds
  /** Its five minutes that are recorded, of twelve. */
  readonly slots: number
  readonly demand: ReadonlyMap<string, BitsPerSecond>
  /** By directed link, of an hour of which no flow is known but what was imported; absent: flows are recorded. */
  readonly measured?: ReadonlyMap<string, BitsPerSecond>
}

/** A policy by its hash. A thread that knows it needs no document. */
export interface Named {
  readonly hash: string
  readonly document: PolicyDocument | null
}

/** A whole document, or what should be changed in the one in force. Neither has been checked. */
export type ReadEdit = { readonly whole: unknown } | { readonly changes: readonly Change[] }

/** The same; or either as JSON, of `most` changes; or a sheet that is to be laid on the document in force. */
export type Edit = ReadEdit | { readonly json: Uint8Array; readonly most: number } | { readonly sheet: ImportRequest }

/** The moment at which policies are compared. */
export interface Moment {
  readonly at: UnixMilliseconds
  /** What is laid over both. */
  readonly inForce: InForce
  /** bit/s asked in the last tick; null: there was none. */
  readonly asked: Asked | null
  /** The busiest hour that is recorded, its demand left out where the thread knows it; null: none is. */
  readonly busyHour: (Omit<RecordedHour, 'demand'> & { readonly demand: RecordedHour['demand'] | null }) | null
}

export interface Asked {
  /** Names the list of flows; the list itself may be left out where the thread knows it. */
  readonly list: number
  readonly flows: readonly string[] | null
  readonly demand: Float64Array
}

export type DrafterTask =
  | ({
      readonly kind: 'draft'
      readonly base: Named
      readonly edit: Edit
      readonly scope: Scope | null
      /** The edit is what this makes of the base while it holds; absent: the document is changed for good. */
      readonly laid?: Laid | undefined
      /** The override that ends; absent: none does. */
      readonly ends?: string | undefined
      /** Nothing will be made of it: what it changes is not told. */
      readonly looking?: boolean
    } & Moment)
  | ({
      readonly kind: 'compare'
      readonly before: Named
      readonly after: Named
      /** What links would be left with besides, afterwards; absent: nothing is taken from any. */
      readonly losing?: Conditions | undefined
    } & Moment)

/** A change, and all that is known of it. */
export interface Drafted {
  readonly hash: string
  /** What it changes in its base; laid on the base they are the document. */
  readonly changes: readonly Change[]
  readonly preview: Preview
  /** Guards that ask for a second person. */
  readonly guards: readonly string[]
  /** Of a sheet: what was found in it, as JSON; null: it was none. */
  readonly found: string | null
}

/**
 * unknown: the task has to come again with what the thread does not know. outside: pointers beyond the scope. over:
 * beyond its budget.
 */
export type DrafterAnswer =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly faults: readonly Fault[]; readonly message?: string }
  /** JSON that says no policy and no changes. */
  | { readonly kind: 'misread'; readonly faults: readonly Fault[] }
  /** A sheet that was not taken, with what is wrong in it. */
  | { readonly kind: 'unlaid'; readonly rows: number; readonly sheet: string; readonly faults: readonly Fault[] }
  | { readonly kind: 'outside'; readonly outside: readonly string[] }
  | { readonly kind: 'over'; readonly faults: readonly Fault[] }
  | ({ readonly kind: 'drafted' } & Drafted)
  | { readonly kind: 'compared'; readonly preview: Preview }
