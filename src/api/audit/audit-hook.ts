// The hook through which every write of the API goes into the audit. A route does nothing for it: who, what, why and
// with what outcome are known here. Where a route knows what was there before, it says so with `note`; one that only
// computes says `audit: false`.
//
// The answer waits until its entry is on disk, but not for a store that is away: then a header says that the entry is
// still on its way. Nobody's rates wait for an audit.

import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuditTrail } from '../../audit/trail.js'
import type { Happening, Outcome } from '../../model/happening.js'
import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { jsonOrNull } from '../../runtime/json.js'
import { MAX_AUDIT_VALUE, MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import type { App } from '../app.js'
import { Refusals } from './refusals.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: a write by method only, which changes nothing or is too frequent to be told. */
    audit?: boolean
  }
  interface FastifyRequest {
    noted: Noted | null
  }
}

interface Noted {
  /** Of a sign-in, where nobody is signed in yet. */
  readonly actor?: string
  readonly via?: string
  readonly subject?: string
  readonly before?: unknown
  readonly after?: unknown
}

/** Longest that an answer waits for its entry. */
const PATIENCE: Milliseconds = 2_000
const READS = ['GET', 'HEAD', 'OPTIONS']

/** What only the route knows of its write. Secrets are taken out of it. */
export function note(request: FastifyRequest, more: Noted): void {
  request.noted = { ...request.noted, ...more }
}

/** Added before the routes. */
export function auditWrites(app: App, trail: Pick<AuditTrail, 'append'>, clock: Clock): void {
  const refusals = new Refusals(clock)
  app.decorateRequest('noted', null)
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!isWrite(request)) return payload
    const { outcome, code, after } = outcomeOf(request, reply, payload)
    const happening = tell(request, clock.wall(), { outcome, code, after })
    const times = outcome === 'refused' ? refusals.tell(happening.actor, happening.action) : 1
    if (times === 0) return payload
    const kept = await within(trail.append({ ...happening, times }), clock)
    if (!kept) reply.header('mizani-audit', 'pending')
    return payload
  })
}

function isWrite(request: FastifyRequest): boolean {
  if (READS.includes(request.method) || request.is404 || request.routeOptions.config.audit === false) return false
  return textIn(request.query, 'dryRun') !== 'true'
}

type Ending = Pick<Happening, 'outcome' | 'code' | 'after'>

function tell(request: FastifyRequest, at: number, { outcome, code, after }: Ending): Omit<Happening, 'times'> {
  const { principal, noted, params } = request
  const subject = noted?.subject ?? Object.values(params ?? {}).join('/')
  return {
    at,
    actor: principal?.actor ?? noted?.actor ?? 'nobody',
    via: principal?.via ?? noted?.via ?? '',
    address: request.ip,
    action: `${request.method} ${request.routeOptions.url ?? ''}`,
    subject: subject.slice(0, MAX_TEXT_LENGTH),
    reason: textIn(request.query, 'reason') ?? textIn(request.body, 'reason'),
    reference: textIn(request.query, 'reference') ?? textIn(request.body, 'reference'),
    requestId: request.id,
    outcome,
    code,
    before: auditValue(noted?.before ?? null),
    after: auditValue(outcome === 'done' ? (noted?.after ?? after) : after),
  }
}

/** After a refusal, what was wrong; after a write, what it answered. */
function outcomeOf({ noted }: FastifyRequest, reply: FastifyReply, payload: unknown): Ending {
  // What the route has said of it is not looked for in an answer that may be as long as a sheet.
  if (reply.statusCode < 400 && noted?.after !== undefined) return { outcome: 'done', code: null, after: noted.after }
  const answer = typeof payload === 'string' ? jsonOrNull(payload) : null
  if (reply.statusCode < 400) return { outcome: 'done', code: null, after: answer }
  const code = textIn(answer, 'code') ?? 'INTERNAL'
  // Where something went wrong inside, nobody can say how far it had come.
  const outcome: Outcome = code === 'OUTCOME_UNKNOWN' || code === 'INTERNAL' ? 'unknown' : 'refused'
  return { outcome, code, after: textIn(answer, 'detail') }
}

function textIn(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
  const found: unknown = Reflect.get(value, key)
  return typeof found === 'string' ? found.slice(0, MAX_TEXT_LENGTH) : null
}

const SECRET = /password|secret|^token$|^present$/i

/** JSON without secrets; a large value by its hash, so that it can still be recognized. */
function auditValue(value: unknown): unknown {
  const clean = withoutSecrets(value)
  const text = JSON.stringify(clean) ?? 'null'
  if (Buffer.byteLength(text) <= MAX_AUDIT_VALUE) return clean
  return { sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text) }
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET.test(key) && typeof inner === 'string' ? '[secret]' : withoutSecrets(inner),
    ]),
  )
}

/** Whether it was done in time. */
async function within(work: Promise<void>, clock: Clock): Promise<boolean> {
  const late = new AbortController()
  const done = work.then(() => true)
  const first = await Promise.race([done, clock.sleep(PATIENCE, late.signal).then(() => false)])
  late.abort()
  return first
}
