// One part of the policy at a time, with an ETag of its own: two people who edit two institutions never meet, however
// many revisions the other makes meanwhile.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Conflict } from '../../change/conflicts.js'
import type { PolicyHead } from '../../model/revision.js'
import { fromSeconds } from '../../model/units.js'
import { memberShapes } from '../../policy/document/describe.js'
import type { Proposal } from '../../policy/revisions/proposal.js'
import { type App, answers, GATED } from '../app.js'
import { shownAs } from '../documentation.js'
import { principalOf } from '../guard.js'
import { nameOf } from '../idempotency.js'
import { moment } from '../moments.js'
import { ApiError, notFound } from '../problem.js'
import { idText, outcomeShape, outcomeView, sentence } from './change-shapes.js'
import type { ControlContext } from './policy-control.js'
import { memberOf } from './preview.js'
import { proposalShape, proposalView } from './proposal-shape.js'

/** Not collections of parts: the schema's number, the plane, the ordered bands. */
const WHOLE = ['schema', 'plane', 'bands']

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

/** What the query of a write says of the change. @throws ApiError BAD_REQUEST without a reason. */
export function changeOf(query: z.infer<z.ZodObject<typeof changeQuery>>, request: FastifyRequest) {
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
    ...{ author: actor, scope, reason, reference, dryRun, breakGlass: query.breakGlass === 'true' },
    request: nameOf(request),
    effectiveAt: query.effectiveAt === undefined || dryRun ? null : request.moment(query.effectiveAt, 'effectiveAt'),
    confirmWithin: confirmWithin === undefined ? undefined : fromSeconds(confirmWithin),
  }
}

/** A change that waits for its hour. */
export const proposedShape = z.strictObject({ proposal: proposalShape }).meta({ id: 'Proposed' })

export function answerProposed(reply: FastifyReply, proposal: Proposal): z.infer<typeof proposedShape> {
  reply.code(201).header('location', `/v1/proposals/${proposal.id}`)
  return { proposal: proposalView(proposal) }
}

const params = z.strictObject({ collection: idText, id: idText })
const part = shownAs(z.record(z.string(), z.unknown()), z.union(memberShapes()))
const headers = z.object({ 'if-match': z.string().max(1_000).optional().describe('The ETag of this part') })
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

export function partRoutes(app: App, { control: { changes, proposals } }: ControlContext): void {
  app.get(
    '/v1/policy/:collection/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One part of the policy, such as /v1/policy/institutions/hosp-mnh-upanga, with its ETag',
        params,
        response: answers({ 200: part }, ...GATED, 'NOT_FOUND'),
      },
    },
    (request, reply) => {
      const { collection, id } = request.params
      const found = partOf(changes.current().document, collection, id)
      if (found === undefined) throw notFound(singular(collection), id)
      const etag = changes.tagOf(found)
      changes.readParts.remember(etag, found)
      reply.header('etag', etag).header('mizani-revision', changes.current().revision)
      return found
    },
  )

  for (const method of ['PUT', 'DELETE'] as const) {
    app.route({
      method,
      url: '/v1/policy/:collection/:id',
      config: { access: 'operator', scoped: true },
      schema: {
        summary: method === 'PUT' ? 'Makes or replaces one part of the policy' : 'Takes one part out of the policy',
        params,
        headers,
        querystring: z.strictObject(changeQuery),
        ...(method === 'PUT' ? { body: part } : {}),
        response: answers({ 200: outcomeShape, 201: proposedShape }, ...CHANGE_PROBLEMS),
      },
      async handler(request, reply) {
        const { collection, id } = request.params
        const change = changeOf(request.query, request)
        const value = method === 'PUT' ? request.body : undefined
        const edit = ({ document }: PolicyHead): unknown => {
          const present = partOf(document, collection, id)
          mustMatch(request.headers['if-match'], present === undefined ? null : changes.tagOf(present), (tags) =>
            changes.readParts.between(tags, present, value, [collection, id]),
          )
          if (method === 'DELETE' && present === undefined) throw notFound(singular(collection), id)
          return withPart(document, collection, id, value)
        }
        if (change.effectiveAt !== null) return answerProposed(reply, await proposals.propose(edit, change))
        const outcome = await changes.edit(edit, change)
        const made = partOf(changes.current().document, collection, id)
        if (!change.dryRun && made !== undefined) reply.header('etag', changes.tagOf(made))
        reply.header('mizani-revision', outcome.revision)
        return outcomeView(outcome, change.dryRun)
      },
    })
  }
}

function partOf(document: unknown, collection: string, id: string): Record<string, unknown> | undefined {
  const members = WHOLE.includes(collection) ? undefined : memberOf(document, collection)
  if (members === undefined) throw notFound('collection', collection)
  return memberOf(members, id)
}

function withPart(document: unknown, collection: string, id: string, value: unknown): unknown {
  const { [id]: _, ...others } = memberOf(document, collection) ?? {}
  return { ...(document as object), [collection]: value === undefined ? others : { ...others, [id]: value } }
}

/** A part that is there needs its ETag; one that is not there must not be expected. */
function mustMatch(header: string | undefined, etag: string | null, conflict: (tags: string[]) => Conflict): void {
  if (etag === null) {
    if (header === undefined) return
    throw new ApiError('PRECONDITION_FAILED', 'This part of the policy does not exist any more.')
  }
  const headers = { etag }
  if (header === undefined) {
    throw new ApiError('PRECONDITION_REQUIRED', 'Send If-Match with the ETag that GET of this part gave.', { headers })
  }
  const tags = header.split(',').map((tag) => tag.trim())
  if (tags.includes('*') || tags.includes(etag)) return
  const carried = { conflict: conflict(tags) }
  throw new ApiError('PRECONDITION_FAILED', `This part has changed; its ETag is ${etag} now.`, { headers, carried })
}

const singular = (collection: string): string => `part of ${collection}`
