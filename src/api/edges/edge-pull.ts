// Rates for gateways without Redis: profile, rates and reports over HTTP, for the edge itself and nobody else. The
// answers are the messages that other edges get through the store, as their bytes or as JSON, by Accept. The tag of
// an answer is its place in history: shown again, it is waited for what comes after it (`wait` seconds, then 304).

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type EdgeReport, LEASE_STATES, REFUSALS, type Refusal, type Serial } from '../../model/lease.js'
import { ENFORCEMENTS } from '../../model/network.js'
import { fromSeconds, type Milliseconds } from '../../model/units.js'
import { MAX_BYPASSES_PER_EDGE, MAX_ID_LENGTH, MAX_MESSAGE_BYTES, MAX_POLL_SECONDS } from '../../runtime/limits.js'
import { shapeFaults } from '../../runtime/shape-faults.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { accepts, principalOf } from '../guard.js'
import { answerJson } from '../lists.js'
import { ApiError, notFound } from '../problem.js'

/** What an edge is granted: the message, and the bytes that carry it. */
export interface Granted {
  readonly message: Serial & object
  readonly bytes: Buffer
}

export interface EdgePullPort {
  profile(edge: string): Promise<{ readonly bytes: Buffer; readonly hash: string } | null>
  /** The whole state of the edge. All of these throw MizaniError STORE_UNAVAILABLE. */
  snapshot(edge: string): Promise<Granted | null>
  /** The first thing newer than `seen`, waited for; null: nothing came in time. */
  newerThan(edge: string, seen: Serial, wait: Milliseconds, gone: AbortSignal): Promise<Granted | null>
  /** Null: it was handed on; else why it is no report of this edge. */
  report(edge: string, report: Buffer | EdgeReport): Promise<Refusal | null>
}

const BINARY = 'application/octet-stream'
const BOTH = ['application/json', BINARY] as const
const ID = z.object({ id: z.string().max(MAX_ID_LENGTH) })
const MESSAGE = z.unknown().describe('The message: JSON, or the bytes that go through the store')

const whole = z.int().min(0)
const hash = z.string().regex(/^[0-9a-f]{16}$/)
const text = z.string().max(255)
/** A report as JSON; see EdgeReport. */
const reportSchema = z.strictObject({
  stamp: z.strictObject({ boot: hash, at: z.number().min(0) }),
  reads: whole,
  agent: text,
  driver: text,
  simulated: z.boolean(),
  applied: z.strictObject({ epoch: whole, seq: whole, crc: whole, profile: hash }).nullable(),
  state: z.enum(LEASE_STATES),
  enforcement: z.enum(ENFORCEMENTS),
  refusal: z.strictObject({ code: z.enum(REFUSALS), detail: text }).nullable(),
  bypasses: z
    .array(z.strictObject({ institution: whole.nullable(), since: whole, until: whole, reason: text }))
    .min(1)
    .max(MAX_BYPASSES_PER_EDGE)
    .optional()
    .describe('Limits that the engineer at the box has lifted'),
  generation: whole,
  counters: z.array(
    z.strictObject({
      ...{ institution: whole, service: whole, direction: z.literal([0, 1]), class: whole },
      ...{ bytes: whole, packets: whole, drops: whole, backlog: whole },
    }),
  ),
})

export function edgePullRoutes(app: App, context: Context, edges: EdgePullPort): void {
  // The only bytes that are read are reports; nowhere else may anything but JSON be sent.
  void app.register(async (scope) => {
    scope.addContentTypeParser(BINARY, { parseAs: 'buffer', bodyLimit: MAX_MESSAGE_BYTES }, (_request, body, done) =>
      done(null, body),
    )
    pullRoutes(scope as unknown as App, context, edges)
  })
}

function pullRoutes(app: App, _context: Context, edges: EdgePullPort): void {
  const open = new Set<AbortController>()
  app.addHook('preClose', async () => {
    for (const gone of open) gone.abort()
  })
  app.get(
    '/v1/edges/:id/profile',
    {
      config: { access: 'edge', produces: BOTH },
      schema: {
        summary: 'What this edge must know to shape; its hash is its tag',
        params: ID,
        headers: z.object({ 'if-none-match': z.string().max(200).optional() }),
        response: answers({ 200: MESSAGE, 304: z.undefined() }, ...GATED, 'NOT_FOUND', 'STORE_UNAVAILABLE'),
      },
    },
    async (request, reply) => {
      const edge = ownId(request)
      const found = await edges.profile(edge)
      if (found === null) throw notFound('profile for edge', edge)
      const tag = `"${found.hash}"`
      reply.header('etag', tag)
      if (request.headers['if-none-match'] === tag) return reply.code(304).send()
      return wantsBytes(request) ? answerBytes(reply, found.bytes) : answerJson(reply, found.bytes.toString())
    },
  )

  app.get(
    '/v1/edges/:id/rates',
    {
      config: { access: 'edge', produces: BOTH },
      schema: {
        summary:
          'The rates of this edge: whole, or what renews them; with If-None-Match and wait, as soon as they come',
        params: ID,
        headers: z.object({ 'if-none-match': z.string().max(200).optional() }),
        querystring: z.strictObject({ wait: z.coerce.number().int().min(0).max(MAX_POLL_SECONDS).default(0) }),
        response: answers({ 200: MESSAGE, 304: z.undefined() }, ...GATED, 'NOT_FOUND', 'STORE_UNAVAILABLE'),
      },
    },
    async (request, reply) => {
      const edge = ownId(request)
      const shown = request.headers['if-none-match']
      const [, epoch, seq] = /^"(\d{1,15})\.(\d{1,15})"$/.exec(shown ?? '') ?? []
      const gone = new AbortController()
      open.add(gone)
      reply.raw.once('close', () => {
        gone.abort()
        open.delete(gone)
      })
      const wait = fromSeconds(request.query.wait)
      const found =
        epoch === undefined
          ? await edges.snapshot(edge)
          : await edges.newerThan(edge, { epoch: Number(epoch), seq: Number(seq) }, wait, gone.signal)
      if (found === null && epoch !== undefined) return reply.header('etag', shown).code(304).send()
      if (found === null) throw notFound('publication for edge', edge)
      reply.header('etag', `"${found.message.epoch}.${found.message.seq}"`)
      return wantsBytes(request) ? answerBytes(reply, found.bytes) : answerJson(reply, JSON.stringify(found.message))
    },
  )

  app.post(
    '/v1/edges/:id/reports',
    {
      bodyLimit: MAX_MESSAGE_BYTES,
      config: { access: 'edge', audit: false },
      schema: {
        summary: 'A report of this edge: JSON, or the bytes that would go through the store',
        params: ID,
        body: z.unknown().describe('EdgeReport'),
        response: answers(
          { 204: z.undefined() },
          ...GATED,
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async (request, reply) => {
      const edge = ownId(request)
      const refusal = await edges.report(
        edge,
        Buffer.isBuffer(request.body) ? request.body : reportOf(edge, request.body),
      )
      if (refusal !== null) {
        const { code, detail } = refusal
        throw new ApiError('BAD_REQUEST', `The report is refused: ${detail}.`, {
          errors: [{ pointer: '', code, detail }],
        })
      }
      return reply.code(204).send()
    },
  )
}

/** @throws ApiError FORBIDDEN: an edge learns of itself alone. */
export function ownId(request: FastifyRequest): string {
  const { id } = request.params as z.output<typeof ID>
  const { actor, roles } = principalOf(request)
  // `admin` may do everything that people do; to speak as an edge is not among it.
  if (roles.includes('edge') && actor === id) return id
  throw new ApiError('FORBIDDEN', `This is for edge ${id} alone.`)
}

function reportOf(edge: string, body: unknown): EdgeReport {
  const parsed = reportSchema.safeParse(body)
  if (parsed.success) {
    const { bypasses, ...report } = parsed.data
    return { edge, ...report, ...(bypasses === undefined ? {} : { bypasses }) }
  }
  const errors = shapeFaults(parsed.error.issues)
    .slice(0, 20)
    .map(({ pointer = '', code, message }) => ({ pointer, code, detail: message }))
  throw new ApiError('BAD_REQUEST', `The report is not valid: ${errors[0]?.detail}`, { errors })
}

const wantsBytes = ({ headers: { accept } }: FastifyRequest): boolean =>
  accept !== undefined && !accepts(accept, 'application/json') && accepts(accept, BINARY)

const answerBytes = (reply: FastifyReply, bytes: Buffer): FastifyReply => reply.type(BINARY).send(bytes)
