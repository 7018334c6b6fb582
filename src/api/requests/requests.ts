// A member's requests over HTTP: the member makes, reads and takes back those of their own institution; whoever may
// change the policy accepts or refuses. Who may, and for whom, is all that is decided here.

import type { FastifyRequest } from 'fastify'
import type { RequestSeen } from '../../change/requests.js'
import { DIRECTIONS } from '../../model/network.js'
import { REQUEST_STATES } from '../../model/request.js'
import { MAX_SERVICES } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { askerOf, principalOf } from '../guard.js'
import { nameOf } from '../idempotency.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from '../lists.js'
import { idText, sentence } from '../policy/change-shapes.js'
import { ApiError, notFound } from '../problem.js'
import { pageOf } from '../shapes.js'
import { choicesShape, type RequestView, requestShape, requestView } from './request-shape.js'

const MEMBER = ['viewer', 'member'] as const
const READ = [...GATED, 'NOT_FOUND', 'STORE_UNAVAILABLE'] as const
const WRITE = [
  ...READ,
  ...(['READ_ONLY', 'OUTCOME_UNKNOWN', 'PRECONDITION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const),
  ...(['POLICY_INVALID', 'IDEMPOTENCY_REUSED'] as const),
] as const
const params = z.strictObject({ id: idText })
const writtenRate = z.union([z.string(), z.number()])
const ceiling = z.union([writtenRate, z.strictObject({ down: writtenRate, up: writtenRate })])
const TOLD = ['subject', 'reason', 'id', 'state', 'institution', 'author', 'tier', 'proposal', 'decided.reason']

const csv: CsvTable<RequestView> = {
  columns: [
    ...['id', 'state', 'institution', 'author', 'at', 'tier', 'ceilings', 'reason', 'decidedAt', 'decidedBy'],
    ...['answer', 'proposal', 'outcome'],
  ],
  records: ({ ceilings, preview: _, decided, ...row }) => [
    {
      ...{ ...row, ceilings: JSON.stringify(ceilings) },
      ...{ decidedAt: decided?.at ?? null, decidedBy: decided?.by ?? null, answer: decided?.reason ?? null },
    },
  ],
}

export function requestRoutes(app: App, context: Context): void {
  readRoutes(app, context)
  makeRoutes(app, context)
  decideRoutes(app, context)
}

/** The institution that a member speaks for. @throws ApiError BAD_REQUEST for who speaks for none, or for several. */
function institutionOf(request: FastifyRequest): string {
  const { actor, scope } = principalOf(request)
  const [institution, ...others] = scope?.institutions ?? []
  if (institution !== undefined && others.length === 0) return institution
  throw new ApiError('BAD_REQUEST', `${actor} speaks for no institution: a scope of one says for which.`)
}

/** The trail names whose it is beside its id. */
function told(request: FastifyRequest, made: RequestView): RequestView {
  note(request, { subject: [made.id, made.institution] })
  return made
}

/** Of others there is none. */
const isSeen = ({ sight }: FastifyRequest, { request: { institution } }: RequestSeen): boolean =>
  sight?.owns(institution) !== false

function readRoutes(app: App, { requests }: Context): void {
  app.get(
    '/v1/requests',
    {
      config: { access: MEMBER, produces: LIST_TYPES },
      schema: {
        summary: 'What institutions have asked for, and what was answered',
        querystring: z.strictObject({ ...paging, state: z.enum(REQUEST_STATES).optional(), institution: filter }),
        response: answers({ 200: pageOf(requestShape) }, ...READ, 'PAGE_TOKEN_INVALID'),
      },
    },
    async (request, reply) => {
      const { state, institution } = request.query
      const seen = (await requests.list()).filter((one) => isSeen(request, one))
      const keep = (row: RequestView): boolean =>
        (state === undefined || row.state === state) && (institution === undefined || row.institution === institution)
      return answerList(request, reply, new Listing(seen.map(requestView)), request.query, keep, csv)
    },
  )

  app.get(
    '/v1/requests/:id',
    {
      config: { access: MEMBER },
      schema: { summary: 'One request', params, response: answers({ 200: requestShape }, ...READ) },
    },
    async (request) => {
      const seen = await requests.find(request.params.id)
      if (!isSeen(request, seen)) throw notFound('request', request.params.id)
      return requestView(seen)
    },
  )

  app.get(
    '/v1/institutions/:id/choices',
    {
      config: { access: MEMBER },
      schema: {
        summary: 'Tiers that the institution may ask for, with what each promises',
        params,
        response: answers({ 200: choicesShape }, ...GATED, 'NOT_FOUND'),
      },
    },
    (request) => {
      const { id } = request.params
      if (request.sight?.owns(id) === false) throw notFound('institution', id)
      const tiers = requests.choices(id).map(({ flows, ...tier }) => ({ ...tier, flows: [...flows] }))
      return { institution: id, tiers }
    },
  )
}

function makeRoutes(app: App, { requests }: Context): void {
  app.post(
    '/v1/requests',
    {
      config: { access: 'member', scoped: true, told: TOLD },
      schema: {
        summary: 'Asks for another tier or other ceilings for the own institution, and says why',
        querystring: z.strictObject({
          dryRun: z.enum(['true', 'false']).default('false').describe('Shows what it would do; nothing is kept'),
        }),
        body: z
          .strictObject({
            tier: idText.optional(),
            ceilings: z
              .record(idText, ceiling)
              .refine((all) => Object.keys(all).length <= MAX_SERVICES, `at most ${MAX_SERVICES} services`)
              .optional()
              .describe(`By service, ${DIRECTIONS.join(' and ')}: "300Mbps/150Mbps", one rate for both, or bit/s`),
            reason: sentence.describe('Why it is needed'),
          })
          .refine(({ tier, ceilings }) => tier !== undefined || ceilings !== undefined, 'expected tier or ceilings'),
        response: answers({ 200: requestShape, 201: requestShape }, ...WRITE),
      },
    },
    async (request, reply) => {
      const { tier = null, ceilings = {}, reason } = request.body
      const wish = { institution: institutionOf(request), tier, ceilings, reason }
      const dryRun = request.query.dryRun === 'true'
      const made = requestView(await requests.make(wish, askerOf(request), { dryRun, request: nameOf(request) }))
      if (dryRun) return made
      return reply.code(201).header('location', `/v1/requests/${made.id}`).send(told(request, made))
    },
  )

  app.post(
    '/v1/requests/:id/withdraw',
    {
      config: { access: 'member', scoped: true, told: TOLD },
      schema: {
        summary: 'Takes back a request of the own institution that waits',
        params,
        response: answers({ 200: requestShape }, ...WRITE),
      },
    },
    async (request) => {
      const [institution = null] = principalOf(request).scope?.institutions ?? []
      return told(
        request,
        requestView(await requests.withdraw(request.params.id, institution, principalOf(request).actor)),
      )
    },
  )
}

function decideRoutes(app: App, { requests }: Context): void {
  app.post(
    '/v1/requests/:id/accept',
    {
      config: { access: 'operator', scoped: true, told: TOLD },
      schema: {
        summary: 'Makes a request a proposal of your own, which goes the way of all proposals',
        params,
        response: answers({ 200: requestShape }, ...WRITE),
      },
    },
    async (request) => {
      const { scope } = principalOf(request)
      return told(request, requestView(await requests.accept(request.params.id, { ...askerOf(request), scope })))
    },
  )

  app.post(
    '/v1/requests/:id/refuse',
    {
      config: { access: 'operator', scoped: true, told: TOLD },
      schema: {
        summary: 'Refuses a request, with a reason that the member reads',
        params,
        querystring: z.strictObject({ reason: sentence }),
        response: answers({ 200: requestShape }, ...WRITE),
      },
    },
    async (request) => {
      const { scope } = principalOf(request)
      const deciding = { ...askerOf(request), scope }
      return told(request, requestView(await requests.refuse(request.params.id, request.query.reason, deciding)))
    },
  )
}
