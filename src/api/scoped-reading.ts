// Whoever has a scope and reads within it alone (`reads: scope` of the scope) is answered through the sight of that
// scope, whatever they ask for; here is the one place that decides. What cannot be looked through is refused: the
// trail, and texts that are not JSON and not a sheet.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { canonicalJson } from '../model/canonical.js'
import type { Scope } from '../model/principal.js'
import { LruMap } from '../runtime/lru-map.js'
import type { App } from './app.js'
import { READS } from './guard.js'
import type { ServerDeps } from './ports.js'
import { ApiError, notFound, PROBLEM_TYPE, problemOf } from './problem.js'
import { ScopedSight } from './scoped-sight.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the caller may see of the policy that is in force now; null: everything. */
    readonly sight: ScopedSight | null
    /** The answer says no more than what was asked for. */
    isShownWhole: boolean
  }
}

/** As many scopes as look at one policy at a time. */
const SIGHTS_KEPT = 50
/** What takes a moment to look through takes a turn. */
const LARGE = 64 * 1024

/** The sight of a scope over the policy in force. */
function sightsOf({ policy, scopes }: Pick<ServerDeps, 'policy' | 'scopes'>) {
  let kept = new LruMap<ScopedSight>(SIGHTS_KEPT)
  let of: object | null = null
  return (scope: Scope | null | undefined): ScopedSight | null => {
    if (scope?.reads !== 'scope') return null
    const { document } = policy.state
    if (of !== document) kept = new LruMap(SIGHTS_KEPT)
    of = document
    return kept.get(canonicalJson(scope), () => new ScopedSight(document, (id) => scopes.institution(id, scope)))
  }
}

/** Added after the gate. */
export function readWithinScopes(app: App, deps: Pick<ServerDeps, 'policy' | 'scopes'>): void {
  const sightOf = sightsOf(deps)
  app.decorateRequest('sight', {
    getter() {
      return sightOf(this.principal?.scope)
    },
  })
  app.decorateRequest('isShownWhole', false)
  app.addHook('onRequest', async (request) => {
    const { sight } = request
    if (sight !== null) admitReader(request, sight)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const { sight } = request
    if (sight === null || request.isShownWhole || isOpen(request)) return payload
    return shown(request, reply, sight, payload)
  })
}

/** The start page and the description of the API say nothing of anybody. */
function isOpen({ is404, routeOptions: { url, config } }: FastifyRequest): boolean {
  return is404 || config.access === 'open' || (config.access === 'loopback' && url !== '/metrics')
}

function admitReader(request: FastifyRequest, sight: ScopedSight): void {
  const { url = '', config } = request.routeOptions
  if ([config.access].flat().includes('auditor')) throw refused(request)
  const { id, collection } = request.params as { id?: string; collection?: string }
  const what = singular[collection ?? ''] ?? singular[/^\/v1\/(\w+)\/:id/.exec(url)?.[1] ?? '']
  if (what === undefined || id === undefined || !sight.mentions(id)) return
  // In the very words in which one is answered that is not there.
  request.isShownWhole = true
  throw notFound(what, id)
}

const singular: Readonly<Record<string, string>> = {
  ...{ institutions: 'institution', sites: 'site', former: 'former', links: 'link' },
}

const refused = ({ principal }: FastifyRequest): ApiError =>
  new ApiError('FORBIDDEN', `${principal?.actor} reads within a scope; this tells of more.`)

async function shown(request: FastifyRequest, reply: FastifyReply, sight: ScopedSight, payload: unknown) {
  if (payload === undefined || payload === null || payload === '') return payload
  const type = String(reply.getHeader('content-type') ?? '')
  const text = typeof payload === 'string' ? payload : Buffer.isBuffer(payload) ? payload.toString() : null
  if (text === null) return instead(request, reply, refused(request))
  if (text.length > LARGE) await request.turn()
  reply.removeHeader('content-length')
  const isRead = READS.includes(request.method)
  if (/^text\/csv/.test(type)) return sight.sheet(text)
  if (/json/.test(type)) {
    const answer: unknown = JSON.parse(text)
    const seen = sight.of(answer, !isRead || reply.statusCode >= 400, request.principal?.actor)
    if (seen !== undefined) return JSON.stringify(seen)
    return instead(request, reply, notFound('such thing', 'of yours'))
  }
  return sight.mentions(text) ? instead(request, reply, refused(request)) : payload
}

function instead(request: FastifyRequest, reply: FastifyReply, error: ApiError): string {
  reply.code(error.status).type(PROBLEM_TYPE).removeHeader('etag')
  return JSON.stringify(problemOf(error, request.id))
}
