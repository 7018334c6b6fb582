// The history of the policy over HTTP: which revisions there are, what each changed, and the three things that can
// still be done with one: confirm it, roll back to it, sign it.

import type { FastifyRequest } from 'fastify'
import { satisfies } from '../../model/principal.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { partsChanged } from '../audit/subjects.js'
import { isFresh, principalOf } from '../guard.js'
import { answerJson } from '../lists.js'
import { ApiError } from '../problem.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'
import { tellChanged } from './change.js'
import { outcomeShape, outcomeView, sentence, TOLD_OF_CHANGE, time } from './change-shapes.js'

const count = z.int().nonnegative()
const undone = z.coerce
  .number()
  .int()
  .nonnegative()
  .describe('The revision that is undone: refused where another one is in force')
const number = z.coerce.number().int().positive().max(1e12)
const params = z.strictObject({ n: number })

const lineShape = z
  .strictObject({
    revision: count,
    hash: z.string(),
    author: z.string(),
    reason: z.string(),
    reference: z.string().nullable(),
    at: time,
    parent: count.nullable(),
    kind: z.enum(['commit', 'rollback', 'revert']),
    confirmBy: time.nullable(),
    waits: z.boolean().describe('It is undone at confirmBy unless it is confirmed'),
    breakGlass: z.boolean(),
    unsigned: z.boolean().describe('It went past approval and tests, and nobody has signed it yet'),
    approvedBy: z.string().nullable(),
  })
  .meta({ id: 'Revision' })

const changeShape = z.strictObject({
  pointer: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
})

const write = [
  ...GATED,
  'NOT_FOUND',
  'PRECONDITION_FAILED',
  'POLICY_INVALID',
  'STORE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'READ_ONLY',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
] as const
const read = [...GATED, 'NOT_FOUND', 'STORE_UNAVAILABLE'] as const

export function revisionRoutes(app: App, context: Context): void {
  listRoutes(app, context)
  diffRoute(app, context)
  settleRoutes(app, context)
  lossRoutes(app, context)
}

/** Where the store has lost something of what is in force, and what is known holds until somebody decides. */
function lossRoutes(app: App, { policy: { state } }: Context): void {
  const decisions = {
    keep: 'What is known goes on: policy, orders to edges and all that was put in force are written into the store',
    take: 'What the store holds goes on: what it has lost is over',
  }
  for (const [decision, does] of Object.entries(decisions) as [keyof typeof decisions, string][]) {
    app.post(
      `/v1/policy/store/${decision}`,
      {
        // By taking an older store limits that an approver agreed to may end.
        config: { access: decision === 'keep' ? 'operator' : 'approver', told: TOLD_OF_CHANGE },
        schema: {
          summary: `Of a policy store that has lost something: ${does[0]!.toLowerCase()}${does.slice(1)}`,
          body: z.strictObject({ reason: sentence }),
          response: answers({ 200: z.strictObject({ revision: count }) }, ...write),
        },
      },
      async (request) => {
        const deed = { author: principalOf(request).actor, reason: request.body.reason }
        const { revision } = await state.settle(decision, deed)
        note(request, { secondPerson: null })
        return { revision }
      },
    )
  }
}

function listRoutes(app: App, { policy: { history } }: Context): void {
  const lineOf = ({ at, confirmBy, ...line }: Awaited<ReturnType<typeof history.list>>[number]) => ({
    ...line,
    at: utc(at),
    confirmBy: confirmBy === null ? null : utc(confirmBy),
    waits: history.pending?.revision === line.revision,
    unsigned: history.unsigned.some(({ revision }) => revision === line.revision),
  })

  app.get(
    '/v1/policy/revisions',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Revisions, the newest first; unsigned=true: those that went past approval and wait for a signature',
        querystring: z.strictObject({
          pageSize: z.coerce.number().int().min(1).max(1_000).default(100),
          pageToken: number.optional(),
          unsigned: z.enum(['true', 'false']).default('false'),
        }),
        response: answers({ 200: pageOf(lineShape) }, ...read),
      },
    },
    async (request) => {
      const { pageSize, pageToken, unsigned } = request.query
      if (unsigned === 'true') {
        const waiting = await Promise.all(history.unsigned.map(({ revision }) => history.get(revision)))
        const items = waiting.map(({ revision, hash, meta }) => lineOf({ revision, hash, ...meta }))
        return { items, nextPageToken: null }
      }
      const items = (await history.list(pageSize, pageToken)).map(lineOf)
      const last = items.at(-1)?.revision ?? 1
      return { items, nextPageToken: last > 1 ? String(last) : null }
    },
  )

  app.get(
    '/v1/policy/revisions/:n',
    {
      config: { access: 'viewer', told: ['subject'] },
      schema: {
        summary: 'One revision, whole',
        params,
        response: answers({ 200: z.record(z.string(), z.unknown()) }, ...read),
      },
    },
    async (request, reply) => {
      const { revision, hash, document, meta } = await history.get(request.params.n)
      note(request, {})
      return answerJson(reply, JSON.stringify({ ...lineOf({ revision, hash, ...meta }), document }))
    },
  )
}

function diffRoute(app: App, { policy: { history } }: Context): void {
  app.get(
    '/v1/policy/revisions/:n/diff',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What it says differently from another revision; from the one before it when none is named',
        params,
        querystring: z.strictObject({ against: number.optional() }),
        response: answers(
          { 200: z.strictObject({ revision: count, against: count.nullable(), changes: z.array(changeShape) }) },
          ...read,
        ),
      },
    },
    async (request) => {
      const { n } = request.params
      const { against, changes } = await history.diff(n, request.query.against)
      return { revision: n, against, changes }
    },
  )
}

/** What can still be done with one. */
function settleRoutes(app: App, { policy: { history, state }, clock }: Context): void {
  app.post(
    '/v1/policy/revisions/:n/confirm',
    {
      config: { access: 'operator', scoped: true, told: TOLD_OF_CHANGE },
      schema: {
        summary: 'A revision that waits for confirmation stays; one past approval by an approver alone, not its author',
        params,
        response: answers({ 200: z.strictObject({ revision: count }) }, ...write, 'SELF_APPROVAL'),
      },
    },
    async (request) => {
      const principal = principalOf(request)
      const { actor, scope } = principal
      // Whoever has a scope confirms what they have changed themselves, and nothing else.
      if (scope !== null && state.current().meta.author !== actor) {
        const detail = 'This is the change of somebody else; its author, or someone without a scope, confirms it.'
        throw new ApiError('FORBIDDEN', detail)
      }
      const { n } = request.params
      await history.confirm(n, { actor, approves: satisfies(principal, 'approver', true) && isFresh(principal, clock) })
      await tellRevision(request, history, n)
      return { revision: n }
    },
  )

  app.post(
    '/v1/policy/revisions/:n/rollback',
    {
      config: { access: 'operator', told: TOLD_OF_CHANGE },
      schema: {
        summary:
          'A new revision that says what this one said; needs a second person where it weakens guards, tests or bands',
        params,
        querystring: z.strictObject({
          reason: sentence.optional(),
          reference: sentence.optional(),
          only: undone.optional(),
        }),
        response: answers({ 200: outcomeShape }, ...write),
      },
    },
    async (request) => {
      const { n } = request.params
      const { reason = `rollback to revision ${n}`, reference = null, only } = request.query
      const author = principalOf(request).actor
      const outcome = await history.rollback(n, { author, reason, reference, only })
      await tellChanged(request, history, outcome)
      return outcomeView(outcome, false)
    },
  )

  app.post(
    '/v1/policy/revisions/:n/sign',
    {
      config: { access: 'approver', told: TOLD_OF_CHANGE },
      schema: {
        summary: 'Signs a break-glass commit afterwards; not by its author',
        params,
        response: answers({ 200: z.strictObject({ revision: count }) }, ...write, 'SELF_APPROVAL'),
      },
    },
    async (request) => {
      const { n } = request.params
      await history.sign(n, principalOf(request).actor)
      await tellRevision(request, history, n)
      return { revision: n }
    },
  )
}

async function tellRevision(request: FastifyRequest, history: Context['policy']['history'], n: number): Promise<void> {
  note(request, { subject: [String(n), ...(await partsChanged(history, n))] })
}
