// The hook through which every write of the API goes into the audit, and some of what is read: whole policies, exports,
// accounts. A route does nothing for it but say which fields
// are fit for the trail (fit.ts): who, what, why and with what outcome are known here. Where a route knows what was
// there before, it says so with `note`; one that only computes says `told: false`.
//
// The answer waits until its entry is on disk, but not for a store that is away: then a header says that the entry is
// still on its way. Nobody's rates wait for an audit.

import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuditTrail } from '../../audit/trail.js'
import type { Happening, Outcome } from '../../model/happening.js'
import type { Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { isTree, jsonOrNull } from '../../runtime/json.js'
import { MAX_AUDIT_VALUE, MAX_TEXT_LENGTH } from '../../runtime/limits.js'
import type { App } from '../app.js'
import { READS } from '../guard.js'
import { fitOf, type Told } from './fit.js'
import { Repeats } from './repeats.js'
import { subjectByRoute, subjectOf } from './subjects.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What of it is fit for the trail. False: a write by method only, which changes nothing or is too frequent. */
    told?: Told | false
  }
  interface FastifyRequest {
    noted: Noted | null
  }
}

interface Noted {
  /** Of a sign-in, where nobody is signed in yet. */
  readonly actor?: string
  readonly via?: string
  /** Which are known to be some. */
  readonly subject?: string | readonly string[]
  /** Of a change: who agreed to it beside the actor; null: nobody, it was done by one person alone. */
  readonly secondPerson?: string | null
  readonly before?: unknown
  readonly after?: unknown
}

/** Tokens that nobody has are told together, whatever was asked with them. */
const GUESS = 'guess'
/** Longest that an answer waits for its entry. */
const PATIENCE: Milliseconds = 2_000

/** What only the route knows of its write; of before and after, what is fit stays. */
export function note(request: FastifyRequest, more: Noted): void {
  request.noted = { ...request.noted, ...more }
}

/** Added before the routes. */
export function auditWrites(app: App, trail: Pick<AuditTrail, 'append'>, clock: Clock): void {
  const repeats = new Repeats(clock)
  app.decorateRequest('noted', null)
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const told = toldOf(request, reply)
    if (told === null) return payload
    const happening = tell(request, clock.wall(), told, outcomeOf(request, reply, payload))
    const { actor, action, subject, outcome } = happening
    const isRead = READS.includes(request.method)
    const what = !isRead ? action : outcome === 'refused' ? GUESS : `${action} ${subject}`
    const times = isRead || outcome === 'refused' ? repeats.tell(actor, what) : 1
    if (times === 0) return payload
    const kept = await within(trail.append({ ...happening, times }), clock)
    if (!kept) reply.header('mizani-audit', 'pending')
    return payload
  })
}

/**
 * Null: it is not told. What is read is told where its route has noted something, and where somebody shows a token that
 * nobody has: whatever it was meant for.
 */
function toldOf(request: FastifyRequest, { statusCode }: FastifyReply): Told | null {
  if (request.is404) return null
  const told = request.routeOptions.config.told || null
  // A try is no deed, where the route knows of tries; elsewhere the word means nothing.
  if (!READS.includes(request.method)) return isTry(request) ? null : told
  if (statusCode < 300) return request.noted === null ? null : (told ?? [])
  return statusCode === 401 && request.headers.authorization !== undefined ? [] : null
}

function isTry({ query, routeOptions }: FastifyRequest): boolean {
  const { schema } = routeOptions
  const known = schema?.querystring
  const shape = typeof known === 'object' && known !== null && 'shape' in known ? known.shape : null
  return typeof shape === 'object' && shape !== null && 'dryRun' in shape && textIn(query, 'dryRun') === 'true'
}

type Ending = Pick<Happening, 'outcome' | 'code' | 'after'>

function tell(request: FastifyRequest, at: number, told: Told, ending: Ending): Omit<Happening, 'times'> {
  const { principal, noted, params } = request
  const { outcome, code, after } = ending
  const asked = (name: string): string | null =>
    told.includes(name) ? (textIn(request.query, name) ?? textIn(request.body, name)) : null
  const actor = principal?.actor ?? noted?.actor ?? 'nobody'
  const named = told.includes('subject') ? Object.values(params ?? {}).join('/') : ''
  const made = outcome === 'done' && told.includes('id') ? textIn(after, 'id') : null
  const byRoute = outcome === 'done' ? subjectByRoute(request, actor) : ''
  const subject = noted?.subject ?? (named || made || byRoute)
  const kept = auditValue(outcome === 'done' ? (noted?.after ?? after) : null, told)
  return {
    at,
    actor,
    via: principal?.via ?? noted?.via ?? '',
    address: request.ip,
    action: `${request.method} ${request.routeOptions.url ?? ''}`,
    subject: subjectOf(subject),
    reason: asked('reason'),
    reference: asked('reference'),
    requestId: request.id,
    outcome,
    code,
    before: auditValue(noted?.before ?? null, told),
    after: outcome === 'done' && noted?.secondPerson !== undefined ? withSecond(kept, noted.secondPerson) : kept,
  }
}

const withSecond = (value: unknown, secondPerson: string | null) => ({
  ...(isTree(value) ? value : {}),
  secondPerson,
})

/** After a write, what it answered; of a refusal the code, for its words may quote what was sent. */
function outcomeOf({ noted }: FastifyRequest, reply: FastifyReply, payload: unknown): Ending {
  // What the route has said of it is not looked for in an answer that may be as long as a sheet.
  if (reply.statusCode < 400 && noted?.after !== undefined) return { outcome: 'done', code: null, after: noted.after }
  const answer = typeof payload === 'string' ? jsonOrNull(payload) : null
  if (reply.statusCode < 400) return { outcome: 'done', code: null, after: answer }
  const code = textIn(answer, 'code') ?? 'INTERNAL'
  // Where something went wrong inside, nobody can say how far it had come.
  const outcome: Outcome = code === 'OUTCOME_UNKNOWN' || code === 'INTERNAL' ? 'unknown' : 'refused'
  return { outcome, code, after: null }
}

function textIn(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
  const found: unknown = Reflect.get(value, key)
  return typeof found === 'string' ? found.slice(0, MAX_TEXT_LENGTH) : null
}

/** A large value by its hash, so that it can still be recognized. */
function auditValue(value: unknown, told: Told): unknown {
  const fit = fitOf(value, told)
  const text = JSON.stringify(fit)
  if (Buffer.byteLength(text) <= MAX_AUDIT_VALUE) return fit
  return { sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text) }
}

/** Whether it was done in time. */
async function within(work: Promise<boolean>, clock: Clock): Promise<boolean> {
  const late = new AbortController()
  const first = await Promise.race([work, clock.sleep(PATIENCE, late.signal).then(() => false)])
  late.abort()
  return first
}
