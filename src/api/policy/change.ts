// A change of the policy over HTTP, whichever place it is of: the whole document, one part of it, or what a sheet says.
// The query says why, from when on, and whether it is only tried. If-Match says what the writer has read; it is judged
// once, when the turn of the change has come, on what is in force then. So two people who edit at once cannot lose each
// other's work: the second one is told what the first has changed, and under which ETag it is now.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Conflict } from '../../change/conflicts.js'
import type { PolicyPort } from '../../change/policy-control.js'
import type { PolicyChange, PolicyEdit, PolicyHead, PolicyOutcome } from '../../model/revision.js'
import { fromSeconds, type UnixMilliseconds } from '../../model/units.js'
import type { Proposal } from '../../policy/revisions/proposal.js'
import { MizaniError } from '../../runtime/errors.js'
import * as z from '../../runtime/zod.js'
import { GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { partsChanged, partsOf } from '../audit/subjects.js'
import { askerOf, principalOf } from '../guard.js'
import { nameOf } from '../idempotency.js'
import { moment } from '../moments.js'
import { ApiError } from '../problem.js'
import { outcomeView, sentence } from './change-shapes.js'
import { proposalShape, proposalView } from './proposal-shape.js'

export const CHANGE_PROBLEMS = [
  ...GATED,
  'NOT_FOUND',
  'PRECONDITION_REQUIRED',
  'PRECONDITION_FAILED',
  'POLICY_INVALID',
  'TESTS_FAILED',
  'APPROVAL_REQUIRED',
  'CONFIRM_PENDING',
  'IDEMPOTENCY_REUSED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'STORE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'READ_ONLY',
] as const

export const ifMatch = (about: string) => z.object({ 'if-match': z.string().max(1_000).optional().describe(about) })

export const changeQuery = {
  dryRun: z.enum(['true', 'false']).default('false'),
  reason: sentence.optional().describe('Required unless dryRun=true'),
  reference: sentence.optional(),
  confirmWithin: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe('Seconds; absent: 600 where someone loses; 0: at once and for good'),
  effectiveAt: moment
    .optional()
    .describe('Made by itself then, once nobody has to approve it: answers 201, a proposal'),
  breakGlass: z.enum(['true', 'false']).default('false').describe('Past approval and tests, to be signed afterwards'),
}

interface AskedChange extends PolicyChange {
  /** Kept as a proposal until then; null: made at once. */
  readonly effectiveAt: UnixMilliseconds | null
}

/** What the query of a write says of the change. @throws ApiError BAD_REQUEST without a reason. */
export function changeOf(query: z.infer<z.ZodObject<typeof changeQuery>>, request: FastifyRequest): AskedChange {
  const { actor, scope } = principalOf(request)
  const dryRun = query.dryRun === 'true'
  const { reason = dryRun ? 'dry run' : undefined, reference = null, confirmWithin } = query
  if (reason === undefined) {
    const detail = 'A change of the policy needs a reason: ?reason=...'
    throw new ApiError('BAD_REQUEST', detail, { errors: [{ pointer: '/reason', code: 'REQUIRED', detail }] })
  }
  if (query.effectiveAt !== undefined && (confirmWithin !== undefined || query.breakGlass === 'true')) {
    const detail =
      'What waits for its hour is made by itself: confirmWithin and breakGlass have no place beside effectiveAt.'
    throw new ApiError('BAD_REQUEST', detail, { errors: [{ pointer: '/effectiveAt', code: 'CONFLICT', detail }] })
  }
  return {
    ...{
      author: actor,
      scope,
      reason,
      reference,
      dryRun,
      gone: askerOf(request).gone,
      breakGlass: query.breakGlass === 'true',
    },
    request: nameOf(request),
    effectiveAt: query.effectiveAt === undefined || dryRun ? null : request.moment(query.effectiveAt, 'effectiveAt'),
    confirmWithin: confirmWithin === undefined ? undefined : fromSeconds(confirmWithin),
  }
}

/** Makes the change, or keeps it as a proposal for its hour. @param made tells of one that was made, or only tried. */
export async function answerChange(
  { state, changes, proposals, history }: Pick<PolicyPort, 'state' | 'changes' | 'proposals' | 'history'>,
  reply: FastifyReply,
  edit: PolicyEdit,
  change: AskedChange,
  made: (outcome: PolicyOutcome) => void,
) {
  if (change.effectiveAt !== null) return answerProposed(reply, await proposals.propose(edit, change))
  const outcome = await changes.change(edit, change).catch(async (error: unknown) => {
    // Another controller, or a revert, was faster while this was looked at: it is said as to whoever comes later.
    if (error instanceof MizaniError && error.code === 'PRECONDITION_FAILED') {
      await state.refresh()
      edit(state.current())
    }
    throw error
  })
  made(outcome)
  if (!change.dryRun) await tellChanged(reply.request, history, outcome)
  return outcomeView(outcome, change.dryRun)
}

/** Says for the trail what a revision changes, and who agreed to it beside its author. */
export async function tellChanged(
  request: FastifyRequest,
  history: PolicyPort['history'],
  { revision, base }: Pick<PolicyOutcome, 'revision' | 'base'>,
  secondPerson: string | null = null,
): Promise<void> {
  const subject = revision === base ? {} : { subject: await partsChanged(history, revision, base) }
  note(request, { ...subject, secondPerson })
}

/** A change that waits for its hour. */
export const proposedShape = z.strictObject({ proposal: proposalShape }).meta({ id: 'Proposed' })

export function answerProposed(reply: FastifyReply, proposal: Proposal): z.infer<typeof proposedShape> {
  reply.code(201).header('location', `/v1/proposals/${proposal.id}`)
  tellProposed(reply.request, proposal)
  return { proposal: proposalView(proposal) }
}

/** A proposal is told under its own id, and under what it would change. */
export const tellProposed = (request: FastifyRequest, { id, changes }: Pick<Proposal, 'id' | 'changes'>): void =>
  note(request, { subject: [id, ...partsOf(changes)] })

/** What is at the place of a write, and what its writer is told of it. */
export interface Place {
  /** Null: nothing is there, and it must not be expected. */
  readonly etag: string | null
  /** Where the ETag is to be read. */
  readonly read: string
  readonly moved: string
  readonly headers?: Readonly<Record<string, string>>
}

export const wholePolicy = ({ etag, revision }: PolicyHead): Place => ({
  etag,
  read: 'GET /v1/policy',
  moved: `The policy is at revision ${revision} with the ETag ${etag}; read it again, and repeat your change on it.`,
  headers: { 'mizani-revision': String(revision) },
})

/** @throws ApiError PRECONDITION_REQUIRED or PRECONDITION_FAILED (RFC 9110 section 13.1.1, strong comparison). */
export function mustMatch(
  header: string | undefined,
  { etag, read, moved, headers: more }: Place,
  conflict?: (tags: readonly string[]) => Conflict | undefined,
): void {
  if (etag === null) {
    if (header === undefined) return
    throw new ApiError('PRECONDITION_FAILED', 'This part of the policy does not exist any more.')
  }
  const headers = { etag, ...more }
  if (header === undefined) {
    throw new ApiError('PRECONDITION_REQUIRED', `Send If-Match with the ETag that ${read} gave.`, { headers })
  }
  const tags = header.split(',').map((tag) => tag.trim())
  if (tags.includes('*') || tags.includes(etag)) return
  throw new ApiError('PRECONDITION_FAILED', moved, { headers, carried: { conflict: conflict?.(tags) } })
}
