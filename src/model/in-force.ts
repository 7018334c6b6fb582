// What is in force beside the policy as it is written: what a schedule, a mode, a person or a monitoring system has put
// there for a while. As nouns, so that an explanation can name the cause behind a cause, the record can keep it for a
// later question, and a list can say who ends it. Times are Unix ms; null is "no end", or "not known" where it says so.

import type { UnixMilliseconds } from './units.js'

/** What may limit a flow; the other kinds of a list of what is in force say who steers, not what there is. */
export const CAUSES = ['LINK_STATE', 'OVERRIDE', 'MODE', 'SCHEDULE', 'FREEZE'] as const
export type CauseKind = (typeof CAUSES)[number]

/** Everything that a list of what is in force may hold. */
export const IN_FORCE_KINDS = ['REVISION', 'UNSIGNED', ...CAUSES, 'ENFORCEMENT', 'DRAIN', 'PIN'] as const
export type InForceKind = (typeof IN_FORCE_KINDS)[number]

export interface CauseInForce {
  readonly kind: CauseKind
  /** Override, mode or schedule; of a link state the link, directed link or cable that was spoken of. */
  readonly id: string
  /** "institution min-afya", "link transit-a", "policy": each thing that it concerns. */
  readonly subjects: readonly string[]
  readonly by: string
  /** Who answers for it. */
  readonly owner: string
  readonly reason: string
  /** Null: not known. */
  readonly since: UnixMilliseconds | null
  /** Null: no end is set. */
  readonly until: UnixMilliseconds | null
  /** Of monitoring: the id of its last event. */
  readonly event: string | null
  /** What is left of links, directed links and cables, by id. */
  readonly factors: Readonly<Record<string, number>>
  /** Ceilings that it sets of envelopes: "health/internet". */
  readonly ceilings: readonly string[]
}
