// Maker and checker over HTTP: somebody proposes a change, somebody else agrees to it, and then it is made.

import { z } from 'zod'
import type { PolicyHead } from '../model/revision.js'
import { MAX_BODY_BYTES } from '../runtime/limits.js'
import { type App, answers } from './app.js'
import { idText, outcomeShape, outcomeView, sentence } from './change-shapes.js'
import { principalOf } from './guard.js'
import { nameOf } from './idempotency.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from './lists.js'
import { moment } from './moments.js'
import type { ControlContext } from './policy-control.js'
import { CHANGE_PROBLEMS } from './policy-parts.js'
import { changesBody, edited } from './preview.js'
import { PROPOSAL_STATES, type ProposalView, proposalShape, proposalView } from './proposal-shape.js'
import { pageOf } from './shapes.js'

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

export function proposalRoutes(app: App, { control: { proposals, changes } }: ControlContext): void {
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
        (q === undefined || JSON.stringify(row).toLowerCase().includes(q.toLowerCase()))
      return answerList(request, reply, new Listing(proposals.list().map(proposalView)), request.query, keep, csv)
    },
  )

  app.post(
    '/v1/proposals',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'operator', scoped: true },
      schema: {
        summary: 'Proposes a change of the policy, for a second person or for a later hour',
        querystring: z.strictObject({
          reason: sentence,
          reference: sentence.optional(),
          effectiveAt: moment.optional().describe('Made by itself then, once nobody has to approve it any more'),
        }),
        body: changesBody,
        response: answers({ 201: proposalShape }, ...problems),
      },
    },
    async (request, reply) => {
      const { reason, reference = null, effectiveAt } = request.query
      const { actor: author, scope } = principalOf(request)
      const at = effectiveAt === undefined ? null : request.moment(effectiveAt, 'effectiveAt')
      const edit = ({ document }: PolicyHead): unknown => edited({ changes }, request.body, document)
      const proposal = await proposals.propose(edit, {
        ...{ author, scope, reason, reference, effectiveAt: at, request: nameOf(request) },
      })
      reply.code(201).header('location', `/v1/proposals/${proposal.id}`)
      return proposalView(proposal)
    },
  )

  app.post(
    '/v1/proposals/:id/approve',
    {
      config: { access: 'approver' },
      schema: {
        summary: 'Agrees to a change; not by its author',
        params,
        response: answers({ 200: proposalShape }, ...problems),
      },
    },
    async (request) => proposalView(await proposals.approve(request.params.id, principalOf(request).actor)),
  )

  app.post(
    '/v1/proposals/:id/reject',
    {
      config: { access: ['operator', 'approver'] },
      schema: {
        summary: 'Refuses a change, or takes back one of your own',
        params,
        querystring: z.strictObject({ reason: sentence }),
        response: answers({ 200: proposalShape }, ...problems),
      },
    },
    async (request) => {
      const { actor } = principalOf(request)
      return proposalView(await proposals.reject(request.params.id, actor, request.query.reason))
    },
  )

  app.post(
    '/v1/proposals/:id/commit',
    {
      config: { access: 'operator' },
      schema: {
        summary: 'Makes an approved change the next revision',
        params,
        querystring: z.strictObject({ confirmWithin: z.coerce.number().int().min(0).max(86_400).optional() }),
        response: answers({ 200: outcomeShape }, ...problems),
      },
    },
    async (request) => {
      const { confirmWithin } = request.query
      const within = confirmWithin === undefined ? undefined : confirmWithin * 1_000
      return outcomeView(await proposals.commit(request.params.id, within), false)
    },
  )
}
