// Rates for gateways without Redis: profile, rates and reports over HTTP, for the edge itself and nobody else. The
// answers are the messages that other edges get through the store, as their bytes or as JSON, by Accept. The tag of
// an answer is its place in history: shown again, it is waited for what comes after it (`wait` seconds, then 304).

import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Board } from '../../model/board.js'
import type { Refusal, Serial } from '../../model/lease.js'
import { EDGE_TOKEN } from '../../model/principal.js'
import { fromSeconds, type Milliseconds, SECOND } from '../../model/units.js'
import {
  MAX_CLASSES,
  MAX_ID_LENGTH,
  MAX_MESSAGE_BYTES,
  MAX_POLL_SECONDS,
  MAX_REPORTS_PER_SECOND,
  REPORT_BASE_BYTES,
  REPORT_LEAF_BYTES,
} from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { accepts, principalOf } from '../guard.js'
import { answerJson } from '../lists.js'
import { whenOver } from '../over.js'
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
  /**
   * Null: it was handed on; else why it is no report of this edge.
   * @throws MizaniError BAD_REQUEST with what is wrong with the JSON, RATE_LIMITED, STORE_UNAVAILABLE.
   */
  report(edge: string, report: Uint8Array, isJson: boolean): Promise<Refusal | null>
}

const BINARY = 'application/octet-stream'
const BOTH = ['application/json', BINARY] as const
const ID = z.object({ id: z.string().max(MAX_ID_LENGTH) })
const MESSAGE = z.unknown().describe('The message: JSON, or the bytes that go through the store')

export function edgePullRoutes(app: App, context: Context, edges: EdgePullPort): void {
  void app.register(async (scope) => {
    reportRoute(scope as unknown as App, context, edges)
    pullRoutes(scope as unknown as App, edges)
  })
}

function pullRoutes(app: App, edges: EdgePullPort): void {
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
      whenOver(reply.raw, () => {
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
}

/**
 * Reports stay bytes here, whatever they are spelled in, and nobody's keep the others waiting: an edge has one on its
 * way, so many a second, and none larger than its leaves can fill.
 */
function reportRoute(app: App, { board, clock }: Context, edges: EdgePullPort): void {
  /** By edge: its report that is on its way, and how many there were in this second. */
  const senders = new Map<string, { busy: FastifyRequest['raw'] | null; since: Milliseconds; count: number }>()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser([...BOTH], (request, payload, done) => {
    read(payload, mostBytes(board(), ownId(request))).then((bytes) => done(null, bytes), done)
  })
  app.post(
    '/v1/edges/:id/reports',
    {
      bodyLimit: MAX_MESSAGE_BYTES,
      config: { access: 'edge', told: false },
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
      async onRequest(request, reply) {
        const edge = ownId(request)
        const now = clock.monotonic()
        const known = senders.get(edge)
        const busy = known?.busy ?? null
        const sender = known !== undefined && now - known.since < SECOND ? known : { busy, since: now, count: 0 }
        senders.set(edge, sender)
        if (busy?.complete || sender.count >= MAX_REPORTS_PER_SECOND) throw tooManyReports(edge)
        if (Number(request.headers['content-length'] ?? 0) > mostBytes(board(), edge)) throw tooLarge(edge)
        // The one before was cut off on its way: its edge has come back by another line.
        busy?.destroy()
        sender.busy = request.raw
        sender.count++
        whenOver(reply.raw, () => {
          const now = senders.get(edge)!
          if (now.busy === request.raw) now.busy = null
        })
      },
    },
    async (request, reply) => {
      const edge = ownId(request)
      const isJson = !(request.headers['content-type'] ?? '').startsWith(BINARY)
      // Read by the parser above, where there was anything.
      const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
      const refusal = await edges.report(edge, bytes, isJson)
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

/** What this edge's leaves can fill; that of a plan without it, where it is not in the one in force. */
function mostBytes(board: Board | null, id: string): number {
  // Before the first tick nobody knows; whoever was cut off a moment ago is heard.
  if (board === null) return MAX_MESSAGE_BYTES
  const flows = board.plan.edges.find((edge) => edge.id === id)?.flows.length ?? 0
  return Math.min(MAX_MESSAGE_BYTES, REPORT_BASE_BYTES + 2 * flows * MAX_CLASSES * REPORT_LEAF_BYTES)
}

/** @throws ApiError PAYLOAD_TOO_LARGE as soon as it is more than that. */
async function read(payload: Readable, most: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of payload) {
    size += part.length
    if (size > most) throw tooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const tooLarge = (edge = 'this edge'): ApiError =>
  new ApiError('PAYLOAD_TOO_LARGE', `This is more than ${edge} has leaves to report.`, {
    headers: { connection: 'close' },
  })

const tooManyReports = (edge: string): ApiError =>
  new ApiError('RATE_LIMITED', `One report of ${edge} at a time, ${MAX_REPORTS_PER_SECOND} a second.`)

/** @throws ApiError FORBIDDEN: an edge learns of itself alone. */
export function ownId(request: FastifyRequest): string {
  const { id } = request.params as z.output<typeof ID>
  const { actor, via } = principalOf(request)
  // By its own token alone: an account that is called like an edge, or has its role, is not one.
  if (via === EDGE_TOKEN && actor === id) return id
  throw new ApiError('FORBIDDEN', `This is for edge ${id} alone.`)
}

const wantsBytes = ({ headers: { accept } }: FastifyRequest): boolean =>
  accept !== undefined && !accepts(accept, 'application/json') && accepts(accept, BINARY)

const answerBytes = (reply: FastifyReply, bytes: Buffer): FastifyReply => reply.type(BINARY).send(bytes)
