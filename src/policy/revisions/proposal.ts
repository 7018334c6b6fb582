// A proposal: a change of the policy that waits for a second person, or for its hour. It keeps what is changed, not the
// whole document, so that it can be laid on a base that has moved meanwhile; an approval is bound to that change, and
// to all institutions that lose by it, never to a list that was cut.

import type { UnixMilliseconds } from '../../model/units.js'
import * as z from '../../runtime/zod.js'

export const changeSchema = z.strictObject({
  /** RFC 6901. */
  pointer: z.string(),
  /** Absent: it was not there. */
  before: z.unknown().optional(),
  /** Absent: it is taken away. */
  after: z.unknown().optional(),
})
/** One place of the document, before and after. */
export type Change = z.output<typeof changeSchema>

const ids = z.array(z.string()).optional()
const amount = z.number().optional()
const budget = z.object({ institutions: amount, tiers: ids, guarantee: amount, ceiling: amount }).optional()

export const PROPOSAL_STATES = ['open', 'approved', 'rejected', 'committed', 'void'] as const

export const proposalSchema = z.object({
  id: z.string(),
  state: z.enum(PROPOSAL_STATES),
  author: z.string(),
  /** What its author may change and hold: whenever it is laid on a base anew it is held against that again. */
  scope: z
    .object({ institutions: ids, categories: ids, regions: ids, envelopes: ids, budget })
    .nullable()
    .default(null),
  reason: z.string(),
  reference: z.string().nullable(),
  at: z.number(),
  /** The revision it was made on, or was last laid on. */
  base: z.number(),
  changes: z.array(changeSchema),
  /** Names of the guards that ask for a second person. */
  guards: z.array(z.string()),
  /** Who loses and whose promise breaks, as `demand:institution`, so that a new one is noticed. All of them. */
  losses: z.array(z.string()),
  approvedBy: z.string().nullable(),
  /** The last word about it: why it was rejected or is void, or which revision it became. */
  note: z.string().nullable(),
  /** Committed by itself at this time; null: by a person. */
  effectiveAt: z.number().nullable(),
})
export type Proposal = z.output<typeof proposalSchema>

/** Ids of those made before `old` that nobody waits for any more: the revisions have what became of them. */
export function decidedBefore(proposals: readonly Proposal[], old: UnixMilliseconds): string[] {
  const isDecided = ({ state, at }: Proposal): boolean => at < old && state !== 'open' && state !== 'approved'
  return proposals.filter(isDecided).map(({ id }) => id)
}
