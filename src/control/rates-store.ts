// What the controller needs of the volatile store, as a seam: the real one is Redis (publish/publisher.ts), tests and the
// model of many edges put their own behind it.

import type { EdgeReport, Serial } from '../model/lease.js'
import type { Plan } from '../model/plan.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { EdgePublication } from '../publish/publication.js'
import type { RateMessage } from '../wire/messages.js'

export interface Term {
  readonly leads: boolean
  readonly epoch: number
  readonly leader: string
}

/**
 * `fenced`: another leader's term; nothing was published. `unknown`: no answer came; it may have been published, and the
 * very same bytes are sent again before anything else is. Else published; `lost` are edges whose content the store no
 * longer holds, which need a snapshot.
 */
export type PublishOutcome = 'fenced' | 'unknown' | { readonly lost: readonly string[] }

export interface RatesStore {
  /** Takes or renews the term. `floor` is the highest epoch this controller has seen anywhere. */
  elect(id: string, floor: number): Promise<Term>
  resign(id: string): Promise<void>
  /** Profile hashes by edge; profiles that changed go out with the next publication. */
  profiles(plan: Plan, until: ReadonlyMap<string, UnixMilliseconds | null>): ReadonlyMap<string, string>
  publish(id: string, serial: Serial, publications: readonly EdgePublication[]): Promise<PublishOutcome>
  /** The newest report of each edge that has one. */
  readReports(edges: readonly string[]): Promise<readonly EdgeReport[]>
  readSnapshot(edge: string): Promise<RateMessage | null>
  /** Reports as they come, for speed; `readReports` is for truth. */
  onReport(heard: (report: EdgeReport) => void): void
}
