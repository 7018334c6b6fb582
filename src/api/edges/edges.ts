// Edges: what they were told against what they apply, and the switch between observing and enforcing.

import type { FastifyRequest } from 'fastify'
import { ENFORCEMENTS } from '../../model/network.js'
import type { PlanEdge } from '../../model/plan.js'
import { MAX_BYPASS, MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import type { BoardView } from '../board-view.js'
import { principalOf } from '../guard.js'
import { answerJson, answerList, type CsvTable, filter, LIST_TYPES, paging } from '../lists.js'
import { moment } from '../moments.js'
import { ApiError, notFound } from '../problem.js'
import { type EdgeView, edgeDetailShape, edgeShape, enforcementShape, pageOf } from '../shapes.js'
import { limitedAt, utc } from '../views.js'

const ID = z.object({ id: z.string() })

const csv: CsvTable<EdgeView> = {
  columns: [
    ...[
      'id',
      'nameEn',
      'nameSw',
      'region',
      'node',
      'state',
      'enforcement',
      'pace',
      'line',
      'driver',
      'simulated',
      'lag',
    ],
    ...[
      'lastReport',
      'leaseLeftMs',
      'refusal',
      'bypasses',
      'place',
      'second',
      'notices',
      'uncountedDown',
      'uncountedUp',
    ],
    ...['confirmed', 'differsSince', 'institutions', 'flows'],
  ],
  records: ({ name, refusal, bypasses, second, notices, uncounted, confirmed, ...edge }) => {
    const { intended: _, applied: __, port: ___, ...row } = edge
    const found = notices.map(({ code, subject }) => `${code} ${subject}`).join('; ')
    const uncountedOf = { uncountedDown: uncounted.down, uncountedUp: uncounted.up }
    return [
      {
        ...row,
        ...{ nameEn: name.en, nameSw: name.sw, notices: found, ...uncountedOf },
        ...{ refusal: refusal?.code ?? null, bypasses: bypasses.length, confirmed: confirmed?.revision ?? null },
        second: second && (second.place ?? 'not told'),
      },
    ]
  },
}

const enforcementBody = z.strictObject({
  enforcement: z.enum(ENFORCEMENTS),
  until: moment.nullable().default(null).describe(`When hold, bypass or a trial ends by itself; ${moment.description}`),
  reason: z.string().trim().min(1).max(MAX_TEXT_LENGTH),
})

export function edgeRoutes(app: App, context: Context): void {
  const { view, enforcement: port, scopes, clock } = context
  app.get(
    '/v1/edges',
    {
      config: { access: 'viewer', produces: LIST_TYPES },
      schema: {
        summary: 'Edges: intended against applied, state, lag, lease left, last refusal',
        querystring: z.strictObject({
          ...paging,
          region: filter,
          state: z.enum(['FRESH', 'STALE', 'SAFE', 'UNKNOWN']).optional(),
          enforcement: z.enum(ENFORCEMENTS).optional(),
        }),
        response: answers({ 200: pageOf(edgeShape) }, ...GATED, 'PAGE_TOKEN_INVALID', 'NOT_READY'),
      },
    },
    (request, reply) => {
      const { region, state, enforcement } = request.query
      const keep = (row: EdgeView): boolean =>
        (region === undefined || row.region === region) &&
        (state === undefined || row.state === state) &&
        (enforcement === undefined || row.enforcement === enforcement)
      return answerList(request, reply, view().edges, request.query, keep, csv)
    },
  )

  app.get(
    '/v1/edges/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One edge with its sites and totals',
        params: ID,
        response: answers({ 200: edgeDetailShape }, ...GATED, 'NOT_FOUND', 'NOT_READY'),
      },
    },
    (request, reply) => {
      const shown = view()
      return answerJson(reply, shown.edge(edgeOf(shown, request.params.id)))
    },
  )

  app.post(
    '/v1/edges/:id/enforcement',
    {
      config: { access: 'engineer', scoped: true, told: ['subject', 'reason', 'enforcement', 'until'] },
      schema: {
        summary: 'Observe, enforce, hold or bypass; dryRun=true only says whom it touches',
        params: ID,
        querystring: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') }),
        body: enforcementBody,
        response: answers(
          { 200: enforcementShape },
          ...GATED,
          'NOT_FOUND',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async (request) => {
      const shown = view()
      const edge = edgeOf(shown, request.params.id)
      const { enforcement, reason } = request.body
      const until = endOf(request, request.body, clock.wall())
      const dryRun = request.query.dryRun === 'true'
      const { actor, scope } = principalOf(request)
      if (!scopes.edge(edge.id, scope)) {
        throw new ApiError('FORBIDDEN', `The edge ${edge.id} lies outside what ${actor} may change.`)
      }
      const before = shown.edges.find(edge.id)?.enforcement ?? edge.enforcement
      if (!dryRun) {
        note(request, {
          before: { enforcement: before },
          after: { enforcement, until: request.body.until },
          secondPerson: null,
        })
        await port.set(edge.id, { enforcement, until, reason, author: actor })
        request.log.warn({ edge: edge.id, enforcement, until, reason, actor }, 'enforcement of an edge was changed')
      }
      const end = until === null ? null : utc(until)
      return { edge: edge.id, before, enforcement, until: end, dryRun, limited: limitedAt(shown.board, edge) }
    },
  )
}

export function edgeOf({ board }: BoardView, id: string): PlanEdge {
  const edge = board.plan.edges.find((candidate) => candidate.id === id)
  if (edge === undefined) throw notFound('edge', id)
  return edge
}

/**
 * A bypass without an end is a hole that nobody remembers; observe is a state, not an exception. To enforce until a
 * stated time is a trial: the edge observes again then, and sooner where its health fails.
 */
function endOf(
  request: FastifyRequest,
  { enforcement, until }: z.infer<typeof enforcementBody>,
  now: number,
): number | null {
  const refuse = (detail: string): never => {
    throw new ApiError('BAD_REQUEST', detail, { errors: [{ pointer: '/until', code: 'INVALID', detail }] })
  }
  if (enforcement === 'observe') return until === null ? null : refuse('"observe" has no end: leave "until" away.')
  if (until === null) return enforcement === 'bypass' ? refuse('A bypass needs the time at which it ends.') : null
  const end = request.moment(until, 'until')
  if (end <= now) return refuse('The end must lie in the future.')
  return end - now > MAX_BYPASS ? refuse('The end must lie within seven days.') : end
}
