// Idempotency-Key: a write of the policy that is sent twice is made once. The second time it gets the answer of the
// first; another request under the same key is refused, and so is the same one while the first is still at work. Where
// nobody could say whether it was made (OUTCOME_UNKNOWN), the same request again tells: the store knows it by its name.

import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { AnswerStore } from '../policy/revisions/answers.js'
import type { App } from './app.js'
import { ApiError } from './problem.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Under which id, and of which request, the answer is to be kept. */
    keepAs: { readonly id: string; readonly digest: string } | null | undefined
  }
}

const AREAS = ['/v1/policy', '/v1/proposals', '/v1/overrides', '/v1/modes', '/v1/requests']

/** Under which name the store knows this very write; undefined: it has none. */
export const nameOf = ({ keepAs }: FastifyRequest): string | undefined =>
  keepAs === null || keepAs === undefined ? undefined : `${keepAs.id}.${keepAs.digest}`

/** Added before the routes. */
export function idempotentWrites(app: App, answers: Pick<AnswerStore, 'begin' | 'keep' | 'forget'>): void {
  app.decorateRequest('keepAs', null)
  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string' || !isWrite(request)) return
    if (key.length === 0 || key.length > 200)
      throw new ApiError('BAD_REQUEST', 'An Idempotency-Key has 1 to 200 signs.')
    const id = digestOf([request.principal?.actor ?? '', key])
    const digest = digestOf([request.method, request.url, textOf(request.body)])
    const known = await answers.begin(id, digest)
    if (known === null) {
      request.keepAs = { id, digest }
      return
    }
    if (known.digest !== digest) {
      throw new ApiError('IDEMPOTENCY_REUSED', 'This Idempotency-Key was used for another request; choose a new one.')
    }
    if (known.answer === null) {
      const detail = 'The same request is still being worked on; send it again in a moment.'
      throw new ApiError('IDEMPOTENCY_REUSED', detail, { status: 409, headers: { 'retry-after': '1' } })
    }
    const { status, body } = known.answer
    return reply.code(status).type('application/json; charset=utf-8').header('idempotency-replayed', 'true').send(body)
  })
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const { keepAs } = request
    if (keepAs === null || keepAs === undefined) return payload
    request.keepAs = null
    const good = reply.statusCode < 300 && typeof payload === 'string'
    const done = good
      ? answers.keep(keepAs.id, { digest: keepAs.digest, answer: { status: reply.statusCode, body: payload } })
      : answers.forget(keepAs.id)
    // What was done is done: an answer that could not be kept is still the answer.
    await done.catch((error: unknown) => request.log.warn({ err: error }, 'the answer could not be kept'))
    return payload
  })
}

const isWrite = ({ method, url }: FastifyRequest): boolean =>
  method !== 'GET' && method !== 'HEAD' && AREAS.some((area) => url.startsWith(area))

/** JSON; of bytes that nobody has read, their hash. */
const textOf = (body: unknown): string =>
  JSON.stringify(body ?? null, (_, value: unknown) =>
    value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value,
  )

const digestOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
