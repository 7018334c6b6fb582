// Maker and checker over HTTP: somebody proposes a change, somebody else reads what it would do as things are now and
// agrees to it or not, and then it is made: by a person, or by itself when its hour has come.

import { fromSeconds } from '../../model/units.js'
import { MAX_BODY_BYTES, MAX_PROPOSED_CHANGES } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { askerOf, principalOf } from '../guard.js'
import { nameOf } from '../idempotency.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging, says } from '../lists.js'
import { moment } from '../moments.js'
import { ApiError } from '../problem.js'
import { pageOf } from '../shapes.js'
import { CHANGE_PROBLEMS, tellChanged, tellProposed } from './change.js'
import { idText, outcomeShape, outcomeView, sentence, TOLD_OF_CHANGE } from './change-shapes.js'
import { changesBody, editOf } from './preview.js'
import {
  PROPOSAL_STATES,
  type ProposalView,
  proposalDetail,
  proposalDetailShape,
  proposalShape,
  proposalView,
} from './proposal-shape.js'
import { replayShape, replayView } from './replay-shape.js'

const csv: CsvTable<ProposalView> = {
  columns: [
    ...['id', 'state', 'author', 'reason', 'reference', 'at', 'base', 'changes', 'guards', 'losses'],
    ...['approvedBy', 'note', 'effectiveAt'],
  ],
  records: ({ changes, guards, losses, ...row }) => [
    { ...row, changes: JSON.stringify(changes), guards: guards.join(' '), losses: losses.join(' ') },
  ],
}

const problems = [...CHANGE_PROBLEMS, 'SELF_APPROVAL', 'PROPOSAL_STALE'] as const
const params = z.strictObject({ id: idText })
/** A month, as the record of overrides goes back; a year at most. */
const DAYS = 30
const MOST_DAYS = 366

export function proposalRoutes(app: App, context: Context): void {
  proposeRoutes(app, context)
  decideRoutes(app, context)
  replayRoute(app, context)
  commitRoute(app, context)
}

/** Those there are, and a new one. */
function proposeRoutes(app: App, { policy: { proposals, changes } }: Context): void {
  app.get(
    '/v1/proposals',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'Proposals of changes; those made in the last 30 days, and whatever waits',
        querystring: z.strictObject({
          ...paging,
          state: z.enum(PROPOSAL_STATES).optional(),
          author: filter,
          q: filter,
        }),
        response: answers({ 200: pageOf(proposalShape) }, ...problems, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const { state, author, q } = request.query
      const keep = (row: ProposalView): boolean =>
        (state === undefined || row.state === state) &&
        (author === undefined || row.author === author) &&
        (q === undefined || says(request, row, q))
      return answerList(request, reply, new Listing(proposals.list().map(proposalView)), request.query, keep, csv)
    },
  )

  app.post(
    '/v1/proposals',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'operator', scoped: true, unread: true, told: TOLD_OF_CHANGE },
      schema: {
        summary: 'Proposes a change of the policy, for a second person or for a later hour',
        querystring: z.strictObject({
          reason: sentence,
          reference: sentence.optional(),
          effectiveAt: moment.optional().describe('Made by itself then, once nobody has to approve it any more'),
        }),
        body: changesBody(MAX_PROPOSED_CHANGES),
        response: answers({ 201: proposalShape }, ...problems),
      },
    },
    async (request, reply) => {
      const { reason, reference = null, effectiveAt } = request.query
      const { actor: author, scope } = principalOf(request)
      const at = effectiveAt === undefined ? null : request.moment(effectiveAt, 'effectiveAt')
      const proposal = await proposals.propose(editOf(changes, request.body, MAX_PROPOSED_CHANGES), {
        ...{ author, scope, reason, reference, effectiveAt: at, request: nameOf(request) },
      })
      reply.code(201).header('location', `/v1/proposals/${proposal.id}`)
      tellProposed(request, proposal)
      return proposalView(proposal)
    },
  )
}

/** What is read of one before it is agreed to, or refused. */
function decideRoutes(app: App, { policy: { proposals } }: Context): void {
  app.get(
    '/v1/proposals/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What an approver reads: who wants what and why, in words, and who loses by it as things are now',
        params,
        response: answers(
          { 200: proposalDetailShape },
          ...GATED,
          'NOT_FOUND',
          'PAYLOAD_TOO_LARGE',
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async (request) => proposalDetail(await proposals.look(request.params.id, askerOf(request))),
  )

  app.post(
    '/v1/proposals/:id/approve',
    {
      config: { access: 'approver', told: TOLD_OF_CHANGE },
      schema: {
        summary:
          'Agrees to a change; not by its author. It is bound to the change and to everybody who loses by it now',
        params,
        querystring: z.strictObject({
          seenOn: z.coerce
            .number()
            .int()
            .positive()
            .optional()
            .describe('The revision on which it was looked at; refused when another one is in force by now'),
        }),
        response: answers({ 200: proposalShape }, ...problems),
      },
    },
    async (request) => {
      const { actor } = principalOf(request)
      const approved = await proposals.approve(request.params.id, actor, request.query.seenOn)
      tellProposed(request, approved)
      return proposalView(approved)
    },
  )

  app.post(
    '/v1/proposals/:id/reject',
    {
      config: { access: ['operator', 'approver'], told: TOLD_OF_CHANGE },
      schema: {
        summary: 'Refuses a change, or takes back one of your own',
        params,
        querystring: z.strictObject({ reason: sentence }),
        response: answers({ 200: proposalShape }, ...problems),
      },
    },
    async (request) => {
      const { actor } = principalOf(request)
      const rejected = await proposals.reject(request.params.id, actor, request.query.reason)
      tellProposed(request, rejected)
      return proposalView(rejected)
    },
  )
}

function replayRoute(app: App, { policy: { proposals } }: Context): void {
  app.get(
    '/v1/proposals/:id/replay',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The change on what was recorded: every moment of the last days under what is in force, and under it',
        params,
        querystring: z.strictObject({
          days: z.coerce.number().int().min(1).max(MOST_DAYS).default(DAYS).describe('So many back from now'),
        }),
        response: answers(
          { 200: replayShape },
          ...GATED,
          ...(['NOT_FOUND', 'POLICY_INVALID', 'PAYLOAD_TOO_LARGE', 'STORE_UNAVAILABLE'] as const),
        ),
      },
    },
    async (request) => replayView(await proposals.replay(request.params.id, request.query.days, askerOf(request))),
  )
}

function commitRoute(app: App, { policy: { proposals, history } }: Context): void {
  app.post(
    '/v1/proposals/:id/commit',
    {
      config: { access: 'operator', told: TOLD_OF_CHANGE },
      schema: {
        summary: 'Makes an approved change the next revision; one that waits for its hour only with now=true',
        params,
        querystring: z.strictObject({
          confirmWithin: z.coerce.number().int().min(0).max(86_400).optional(),
          now: z.enum(['true', 'false']).default('false').describe('Before its hour; needs a reason'),
          reason: sentence.optional().describe('Why it cannot wait for its hour; kept with the revision'),
        }),
        response: answers({ 200: outcomeShape }, ...problems),
      },
    },
    async (request) => {
      const { confirmWithin, now, reason } = request.query
      if (now === 'true' && reason === undefined) {
        const detail = 'Whoever does not wait for the hour says why: ?now=true&reason=...'
        throw new ApiError('BAD_REQUEST', detail, { errors: [{ pointer: '/reason', code: 'REQUIRED', detail }] })
      }
      const { actor } = principalOf(request)
      const within = confirmWithin === undefined ? undefined : fromSeconds(confirmWithin)
      const early = now === 'true' && reason !== undefined ? { actor, reason } : undefined
      const outcome = await proposals.commit(request.params.id, { confirmWithin: within, early, actor })
      const made = proposals.list().find(({ id }) => id === request.params.id)
      await tellChanged(request, history, outcome, made?.approvedBy ?? null)
      return outcomeView(outcome, false)
    },
  )
}
