// A proposal as the API shows it: in a list, and in full with what an approver reads before agreeing.

import type { ProposalLook } from '../../change/proposals.js'
import { staleSaid } from '../../model/revision.js'
import type { Proposal } from '../../policy/revisions/proposal.js'
import * as z from '../../runtime/zod.js'
import { utc } from '../views.js'
import { previewShape, previewView, time } from './change-shapes.js'

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
    losses: z
      .array(z.string())
      .describe('demand:institution that loses, demand:promise:institution whose promise breaks: all of them'),
    approvedBy: z.string().nullable(),
    note: z.string().nullable(),
    effectiveAt: time.nullable().describe('Once approved it waits for this time, and is made by itself then'),
  })
  .meta({ id: 'Proposal' })
export type ProposalView = z.infer<typeof proposalShape>

export function proposalView({ at, effectiveAt, scope: _, ...proposal }: Proposal): ProposalView {
  return { ...proposal, at: utc(at), effectiveAt: effectiveAt === null ? null : utc(effectiveAt) }
}

export const proposalDetailShape = z
  .strictObject({
    ...proposalShape.shape,
    words: z.array(z.strictObject({ en: z.string(), sw: z.string() })).describe('`changes` in words, one for one'),
    seenOn: count.describe('The revision in force, on which this was looked at: for `seenOn` of an approval'),
    stale: z.string().nullable().describe('Why it cannot be made any more'),
    whyStale: z
      .union([
        z.strictObject({ code: z.literal('TOUCHED'), place: z.string(), since: count }),
        z.strictObject({ code: z.literal('REFUSED'), detail: z.string() }),
      ])
      .nullable()
      .describe('The same as data: a place that was changed since a revision, or what the policy in force refuses'),
    warnings: z.array(z.string()),
    preview: z
      .strictObject(previewShape)
      .nullable()
      .describe('What it would do if it were made now; null: it is decided, or cannot be made'),
  })
  .meta({ id: 'ProposalDetail' })

export function proposalDetail({ proposal, words, base, preview, stale }: ProposalLook) {
  return {
    ...proposalView(proposal),
    words: [...words],
    ...{ seenOn: base, stale: stale && staleSaid(stale), whyStale: stale, warnings: [...(preview?.warnings ?? [])] },
    preview: preview === null ? null : previewView(preview),
  }
}
