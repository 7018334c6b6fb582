// Whoever has a scope and reads within it alone (`reads: scope` of the scope; a member always does) is answered through
// the sight of that scope, whatever they ask for; and where institutions are restricted whoever is not cleared for them
// through a sight of all but those (sights.ts). Here is the one place that looks. What cannot be looked through is
// refused: the trail, and texts that are not JSON, not a sheet and not a list of metrics.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { looksAround } from '../model/looks-around.js'
import type { Principal } from '../model/principal.js'
import { isTree } from '../runtime/json.js'
import { keepingRecords } from '../runtime/sheet.js'
import type { App } from './app.js'
import { READS } from './guard.js'
import { ApiError, PROBLEM_TYPE, problemOf } from './problem.js'
import type { ScopedSight } from './scoped-sight.js'
import { Proposed, type SightDeps, sightsOf } from './sights.js'
import { VeiledDigests } from './veiled-digests.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the caller may see of the policy that is in force now; null: everything. */
    readonly sight: ScopedSight | null
    /** The answer says no more than what was asked for. */
    isShownWhole: boolean
    /** The text with tags of this reader's own in place of digests, where they do not see all that was digested. */
    withoutDigests(text: string): string
  }
}

/** What takes a moment to look through takes a turn. */
const LARGE = 64 * 1024
/** Headers in which a reader names a version (RFC 9110 section 13.1). */
const CONDITIONS = ['if-match', 'if-none-match']
/** Texts that are looked through in a millisecond or two. */
const PIECE = 500
/** Records of a sheet, of some twenty cells each. */
const RECORDS = 25
/** Members of a list that are encoded in as much. */
const ENCODED = 50

/** Added after the gate. */
export function readWithinScopes(app: App, deps: SightDeps): void {
  const proposed = new Proposed(deps.policy)
  const sightOf = sightsOf(deps, proposed)
  app.decorateRequest('sight', {
    getter() {
      const { config } = this.routeOptions
      const isOfMachine = config.access === 'loopback'
      // On the machine itself an edge or a monitoring system is nobody in particular either.
      const who = isOfMachine && this.principal !== null && isOnDuty(this.principal) ? null : this.principal
      return who === null && !isOfMachine ? null : sightOf(who)
    },
  })
  app.decorateRequest('isShownWhole', false)
  const digests = new VeiledDigests()
  app.decorateRequest('withoutDigests', function (this: FastifyRequest, text: string): string {
    return this.sight === null ? text : digests.veil(text)
  })
  app.addHook('onRequest', async (request) => {
    for (const name of CONDITIONS) {
      const condition = request.headers[name]
      if (typeof condition === 'string' && request.sight !== null) request.headers[name] = digests.unveil(condition)
    }
  })
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions
    if ([config.access].flat().includes('auditor') && request.sight !== null) throw refused(request, request.sight)
  })
  // What many propose takes a while to be learned.
  app.addHook('preHandler', async (request) => {
    if (request.sight !== null) await inTurns(proposed.learning(), () => request.turn(), 1)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.isShownWhole || isOpen(request)) return payload
    const { sight } = request
    return sight === null ? payload : shown(request, reply, sight, payload)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.sight === null) return payload
    const tag = reply.getHeader('etag')
    if (typeof tag === 'string') reply.header('etag', request.withoutDigests(tag))
    return typeof payload === 'string' ? request.withoutDigests(payload) : payload
  })
}

const isOnDuty = ({ roles }: Pick<Principal, 'roles'>): boolean => !looksAround(roles) && !roles.includes('member')

/** The start page and the description of the API say nothing of anybody. */
function isOpen({ is404, routeOptions: { url, config } }: FastifyRequest): boolean {
  return is404 || config.access === 'open' || (config.access === 'loopback' && url !== '/metrics')
}

function refused({ principal }: FastifyRequest, { inSums }: ScopedSight): ApiError {
  const who = principal?.actor ?? 'Nobody in particular'
  if (inSums)
    return new ApiError('FORBIDDEN', `${who} sees restricted institutions in a sum alone; this tells of more.`)
  return new ApiError('FORBIDDEN', `${who} reads within a scope; this tells of more.`)
}

async function shown(request: FastifyRequest, reply: FastifyReply, sight: ScopedSight, payload: unknown) {
  if (payload === undefined || payload === null || payload === '') return payload
  const type = String(reply.getHeader('content-type') ?? '')
  const text = typeof payload === 'string' ? payload : Buffer.isBuffer(payload) ? payload.toString() : null
  if (text === null) return instead(request, reply, refused(request, sight))
  const turn = text.length > LARGE ? () => request.turn() : null
  if (turn !== null) await turn()
  reply.removeHeader('content-length')
  const isRead = READS.includes(request.method)
  if (/^text\/csv/.test(type))
    return inTurns(
      keepingRecords(text, (cells) => !sight.hidesRecord(cells, request.principal?.actor)),
      turn,
      RECORDS,
    )
  if (/json/.test(type)) {
    const answer: unknown = JSON.parse(text)
    if (turn !== null) await turn()
    const drafts = !isRead || reply.statusCode >= 400
    const seen = await inTurns(sight.lookingThrough(answer, drafts, request.principal?.actor), turn)
    const told = reply.statusCode >= 400 ? withHidden(answer, seen) : seen
    if (told !== undefined) return turn === null ? JSON.stringify(told) : inTurns(encoding(told, 0), turn, 1)
    return instead(request, reply, new ApiError('NOT_FOUND', 'There is no such thing, or it is not shown to you.'))
  }
  if (sight.inSums && request.routeOptions.url === '/metrics') {
    const lines = await inTurns(linesSeen(text, sight), () => request.turn())
    return lines.join('\n')
  }
  return sight.mentions(text) ? instead(request, reply, refused(request, sight)) : payload
}

/** A refusal counts the faults that are about others: without a reason it would help nobody. */
function withHidden(answer: unknown, seen: unknown): unknown {
  if (!isTree(answer) || !isTree(seen) || !Array.isArray(answer.errors) || !Array.isArray(seen.errors)) return seen
  const hidden = answer.errors.length - seen.errors.length
  if (hidden === 0) return seen
  const about = hidden === 1 ? '1 fault is about what you do not see' : `${hidden} faults are about what you do not see`
  const remedy = answer.code === 'POLICY_INVALID' ? ' Whoever reads a policy in part sends its parts, or changes.' : ''
  return { ...seen, detail: `${seen.detail} ${about}.${remedy}` }
}

/** What of the metrics names nobody that is hidden: one by one, for a scraper takes what there is. */
function* linesSeen(text: string, sight: ScopedSight): Generator<undefined, string[], undefined> {
  const seen: string[] = []
  for (const line of text.split('\n')) {
    const labels = line.slice(line.indexOf('{') + 1, line.lastIndexOf('}'))
    if (line.startsWith('#') || !sight.mentions(labels)) seen.push(line)
    yield
  }
  return seen
}

/** What comes of it, a piece a turn. */
async function inTurns<T>(
  work: Generator<undefined, T, undefined>,
  turn: (() => Promise<void>) | null,
  piece = PIECE,
): Promise<T> {
  let pauses = 0
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
    if (turn !== null && ++pauses % piece === 0) await turn()
  }
}

/** JSON, with a pause between its larger parts: members of the answer, and of those. */
function* encoding(value: unknown, depth: number): Generator<undefined, string, undefined> {
  if (depth < 2 && isTree(value)) {
    const members: string[] = []
    for (const [key, inner] of Object.entries(value)) {
      if (inner !== undefined) members.push(`${JSON.stringify(key)}:${yield* encoding(inner, depth + 1)}`)
    }
    return `{${members.join(',')}}`
  }
  if (!Array.isArray(value)) return JSON.stringify(value)
  const pieces: string[] = []
  for (let at = 0; at < value.length; at += ENCODED) {
    pieces.push(JSON.stringify(value.slice(at, at + ENCODED)).slice(1, -1))
    yield
  }
  return `[${pieces.join(',')}]`
}

function instead(request: FastifyRequest, reply: FastifyReply, error: ApiError): string {
  reply.code(error.status).type(PROBLEM_TYPE).removeHeader('etag')
  return JSON.stringify(problemOf(error, request.id))
}
