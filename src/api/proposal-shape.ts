// A proposal as the API shows it.

import { z } from 'zod'
import type { Proposal } from '../policy/proposal.js'
import { time } from './change-shapes.js'
import { utc } from './views.js'

const count = z.int().nonnegative()
export const PROPOSAL_STATES = ['open', 'approved', 'rejected', 'committed', 'void'] as const

export const proposalShape = z
  .strictObject({
    id: z.string(),
    state: z.enum(PROPOSAL_STATES),
    author: z.string(),
    reason: z.string(),
    reference: z.string().nullable(),
    at: time,
    base: count,
    changes: z.array(
      z.strictObject({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
    ),
    guards: z.array(z.string()),
    losses: z.array(z.string()).describe('demand:institution/service/direction that loses, as the approver sees it'),
    approvedBy: z.string().nullable(),
    note: z.string().nullable(),
    effectiveAt: time.nullable(),
  })
  .meta({ id: 'Proposal' })
export type ProposalView = z.infer<typeof proposalShape>

export function proposalView({ at, effectiveAt, ...proposal }: Proposal): ProposalView {
  return { ...proposal, at: utc(at), effectiveAt: effectiveAt === null ? null : utc(effectiveAt) }
}
