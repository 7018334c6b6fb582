// Errors of the API: application/problem+json (RFC 9457) with a code from a closed list. Whatever is thrown below a
// route comes out here in one shape; what is not foreseen becomes INTERNAL with a request id, and its story goes to
// the log, never to the caller.

import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_TITLES, word } from '../model/glossary.mjs'
import { type Fault, formatFault, MizaniError } from '../runtime/errors.js'
import { MAX_FAULTS_SHOWN } from '../runtime/limits.js'
import * as z from '../runtime/zod.js'
import { hasZodFastifySchemaValidationErrors } from './type-provider.js'

/** Every code an answer may carry, with its status. Scripts hold on to these. */
export const PROBLEMS = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  BAD_REQUEST: 400,
  PAGE_TOKEN_INVALID: 400,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  POLICY_INVALID: 422,
  TESTS_FAILED: 422,
  APPROVAL_REQUIRED: 409,
  SELF_APPROVAL: 403,
  PROPOSAL_STALE: 409,
  CONFIRM_PENDING: 409,
  PRECONDITION_REQUIRED: 428,
  PRECONDITION_FAILED: 412,
  IDEMPOTENCY_REUSED: 422,
  RATE_LIMITED: 429,
  STORE_UNAVAILABLE: 503,
  PROVIDER_UNAVAILABLE: 503,
  OUTCOME_UNKNOWN: 503,
  READ_ONLY: 503,
  NOT_READY: 503,
  INTERNAL: 500,
} as const
export type ProblemCode = keyof typeof PROBLEMS

const place = z.strictObject({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })

/** What some answers carry besides, for whoever sends the request again in another way. */
const carried = {
  sheet: z.string().optional().describe('Of an import: the same sheet with a column `error`'),
  proposal: z
    .strictObject({ changes: z.array(z.strictObject({ pointer: z.string(), after: z.unknown().optional() })) })
    .optional()
    .describe('Of APPROVAL_REQUIRED: the change, ready to be sent to POST /v1/proposals'),
  conflict: z
    .strictObject({
      known: z.boolean().describe('False: what the ETag named is forgotten; `yours` is then against what is in force'),
      theirs: z.array(place).describe('What others have changed since it was read'),
      yours: z.array(place).describe('What this write would have changed in what was read'),
      both: z.array(z.string()).describe('Pointers that both touch; the rest can be laid on what is in force'),
    })
    .optional()
    .describe('Of PRECONDITION_FAILED'),
}

export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), code: z.string(), detail: z.string() })),
    requestId: z.string(),
    ...carried,
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problemSchema>
const carriedShape = z.object(carried)
type Carried = z.infer<typeof carriedShape>

/** Thrown by routes; `headers` travel with the answer (Allow, ETag, WWW-Authenticate). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ProblemCode
  readonly errors: Problem['errors']
  readonly headers: Readonly<Record<string, string>>
  readonly carried: Carried
  readonly status: number
  /** It repeats what was asked for, and says nothing else. */
  readonly echoes: boolean

  constructor(
    code: ProblemCode,
    detail: string,
    more: {
      readonly errors?: Problem['errors']
      readonly headers?: Readonly<Record<string, string>>
      readonly carried?: Carried
      /** Where the code has another one than usual. */
      readonly status?: number
      readonly echoes?: boolean
    } = {},
  ) {
    super(detail)
    this.code = code
    this.errors = more.errors ?? []
    this.headers = { ...(code === 'RATE_LIMITED' ? { 'retry-after': '1' } : {}), ...more.headers }
    this.carried = more.carried ?? {}
    this.status = more.status ?? PROBLEMS[code]
    this.echoes = more.echoes ?? false
  }
}

/** Also where it is not for whoever asks: one and the same answer. */
export const notFound = (what: string, id: string): ApiError =>
  new ApiError('NOT_FOUND', `There is no ${what} "${id}".`, { echoes: true })

/** @param lang of whoever asks: in Swahili the title is that of the code, in English the status in words (RFC 9457). */
export function problemOf(error: ApiError, requestId: string, lang: 'en' | 'sw' = 'en'): Problem {
  const { status } = error
  const title = lang === 'sw' ? word(PROBLEM_TITLES, error.code, lang) : (STATUS_CODES[status] ?? 'Error')
  return {
    type: 'about:blank',
    title,
    status,
    code: error.code,
    detail: error.message,
    errors: error.errors,
    requestId,
    ...error.carried,
  }
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Fastify's error handler. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toApiError(thrown)
  if (error.code === 'INTERNAL') request.log.error({ err: thrown, requestId: request.id }, 'request failed')
  if (error.echoes) request.isShownWhole = true
  const lang = /^sw\b/i.test(request.headers['accept-language'] ?? '') ? 'sw' : 'en'
  reply.code(error.status).headers(error.headers).type(PROBLEM_TYPE).header('x-request-id', request.id)
  return reply.send(JSON.stringify(problemOf(error, request.id, lang)))
}

/** What fastify itself throws, by the status it carries. */
const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
}

function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof MizaniError) return ofMizaniError(thrown)
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const where = 'validationContext' in thrown ? String(thrown.validationContext) : 'request'
    const errors = thrown.validation.slice(0, MAX_FAULTS_SHOWN).map((fault) => ({
      pointer: fault.instancePath,
      code: fault.keyword.toUpperCase(),
      detail: fault.message ?? 'not valid',
    }))
    const first = errors[0]
    const detail = first === undefined ? `The ${where} is not valid.` : `The ${where} is not valid: ${first.detail}`
    return new ApiError('BAD_REQUEST', detail, { errors })
  }
  const status = statusOf(thrown)
  if (status >= 400 && status < 500) {
    const text = thrown instanceof Error ? thrown.message : 'The request is not valid.'
    return new ApiError(BY_STATUS[status] ?? 'BAD_REQUEST', text)
  }
  return new ApiError('INTERNAL', 'Something went wrong here. The log of the controller has it under this request id.')
}

function ofMizaniError(error: MizaniError): ApiError {
  const known = error.code in PROBLEMS
  if (!known && error.remedy !== 'retry') {
    return new ApiError('INTERNAL', 'Something went wrong here. The log has it under this request id.')
  }
  const code = known ? (error.code as ProblemCode) : error.code === 'STOPPING' ? 'NOT_READY' : 'STORE_UNAVAILABLE'
  const detail = error.advice === undefined ? error.message : `${error.message} ${error.advice}`
  const found = carriedShape.safeParse(error)
  return new ApiError(code, detail, {
    errors: error.faults.slice(0, MAX_FAULTS_SHOWN).map(faultOf),
    ...(found.success ? { carried: found.data } : {}),
  })
}

const faultOf = (fault: Fault): Problem['errors'][number] => ({
  pointer: fault.pointer ?? '',
  code: fault.code,
  detail: fault.file === undefined ? fault.message : formatFault(fault),
})

function statusOf(thrown: unknown): number {
  if (typeof thrown !== 'object' || thrown === null || !('statusCode' in thrown)) return 500
  return typeof thrown.statusCode === 'number' ? thrown.statusCode : 500
}
