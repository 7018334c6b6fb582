// Whoever has a scope and reads within it alone (`reads: scope` of the scope; a member always does) is answered through
// the sight of that scope, whatever they ask for; here is the one place that decides. What cannot be looked through is
// refused: the trail, and texts that are not JSON and not a sheet.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { canonicalJson } from '../model/canonical.js'
import { readsWithin, type Scope } from '../model/principal.js'
import { isTree } from '../runtime/json.js'
import { LruMap } from '../runtime/lru-map.js'
import { keepingRecords } from '../runtime/sheet.js'
import type { App } from './app.js'
import { READS } from './guard.js'
import type { ServerDeps } from './ports.js'
import { ApiError, notFound, PROBLEM_TYPE, problemOf } from './problem.js'
import { ScopedSight } from './scoped-sight.js'
import { type KnownPolicy, knownIn, NOBODY, WhoIsWho } from './who-is-who.js'

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
/** Proposals that are forgotten and still known here, beside as many as there are. */
const FORGOTTEN = 100
/** Changes of a proposal that are learned in a millisecond or two. */
const CHANGES = 500
/** What takes a moment to look through takes a turn. */
const LARGE = 64 * 1024
/** Texts that are looked through in a millisecond or two. */
const PIECE = 500
/** Records of a sheet, of some twenty cells each. */
const RECORDS = 25
/** Members of a list that are encoded in as much. */
const ENCODED = 50

type Deps = Pick<ServerDeps, 'policy' | 'scopes'>

/** The sight of a scope over the policy in force. Who is who is found out once for all scopes. */
function sightsOf({ policy, scopes }: Deps, proposed: () => WhoIsWho) {
  let kept = new LruMap<ScopedSight>(SIGHTS_KEPT)
  let index: WhoIsWho | null = null
  let of: object | null = null
  return (scope: Scope | null): ScopedSight | null => {
    if (scope === null) return null
    const { document, indexes } = policy.state.revision
    if (of !== document || index === null) {
      kept = new LruMap(SIGHTS_KEPT)
      index = new WhoIsWho(document, indexes.keys())
    }
    of = document
    const whose = index
    return kept.get(canonicalJson(scope), () => {
      return new ScopedSight(
        whose,
        ownOf(document, (id) => scopes.institution(id, scope)),
        proposed,
      )
    })
  }
}

/** Institutions of a scope, and those that are gone of which nobody else was made. */
export function ownOf({ institutions, former = {} }: KnownPolicy, isOwn: (id: string) => boolean): ReadonlySet<string> {
  const [mine, others] = [new Set<string>(), new Set<string>()]
  const past: string[] = []
  for (const [id, { from = [] }] of Object.entries(institutions)) {
    if (isOwn(id)) mine.add(id)
    for (const one of from) isOwn(id) ? past.push(one) : others.add(one)
  }
  for (const id of past) if (id in former && !others.has(id)) mine.add(id)
  return mine
}

/** What the proposals there are would make; of one that is forgotten it is known for a while longer. */
class Proposed {
  readonly #proposals: Deps['policy']['proposals']
  #index = new WhoIsWho(NOBODY)
  #known = new Set<string>()
  #of: object | null = null

  constructor({ proposals }: Deps['policy']) {
    this.#proposals = proposals
  }

  index(): WhoIsWho {
    const learning = this.learning()
    while (learning.next().done !== true);
    return this.#index
  }

  /** Learns of those that are new, with a pause after each piece. */
  *learning(): Generator<undefined, void, undefined> {
    const list = this.#proposals.list()
    if (this.#of === list) return
    if (this.#known.size > 2 * list.length + FORGOTTEN) {
      this.#index = new WhoIsWho(NOBODY)
      this.#known = new Set()
    }
    // Another one may begin anew during a pause.
    const [index, known] = [this.#index, this.#known]
    for (const { id, base, changes } of list) {
      const name = `${id} ${base}`
      if (known.has(name)) continue
      for (let at = 0; at < changes.length; at += CHANGES) {
        index.add(knownIn(changes.slice(at, at + CHANGES)))
        yield
      }
      known.add(name)
    }
    if (index === this.#index) this.#of = list
  }
}

/** Added after the gate. */
export function readWithinScopes(app: App, deps: Deps): void {
  const proposed = new Proposed(deps.policy)
  const sightOf = sightsOf(deps, () => proposed.index())
  app.decorateRequest('sight', {
    getter() {
      return sightOf(scopeOf(this))
    },
  })
  app.decorateRequest('isShownWhole', false)
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions
    if (isWithin(request) && [config.access].flat().includes('auditor')) throw refused(request)
  })
  // What many propose takes a while to be learned.
  app.addHook('preHandler', async (request) => {
    if (isWithin(request)) await inTurns(proposed.learning(), () => request.turn(), 1)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isWithin(request) || request.isShownWhole || isOpen(request)) return payload
    const { sight } = request
    return sight === null ? payload : shown(request, reply, sight, payload)
  })
}

const scopeOf = ({ principal }: Pick<FastifyRequest, 'principal'>): Scope | null => principal && readsWithin(principal)
const isWithin = (request: FastifyRequest): boolean => scopeOf(request) !== null

/** The start page and the description of the API say nothing of anybody. */
function isOpen({ is404, routeOptions: { url, config } }: FastifyRequest): boolean {
  return is404 || config.access === 'open' || (config.access === 'loopback' && url !== '/metrics')
}

const refused = ({ principal }: FastifyRequest): ApiError =>
  new ApiError('FORBIDDEN', `${principal?.actor} reads within a scope; this tells of more.`)

async function shown(request: FastifyRequest, reply: FastifyReply, sight: ScopedSight, payload: unknown) {
  if (payload === undefined || payload === null || payload === '') return payload
  const type = String(reply.getHeader('content-type') ?? '')
  const text = typeof payload === 'string' ? payload : Buffer.isBuffer(payload) ? payload.toString() : null
  if (text === null) return instead(request, reply, refused(request))
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
    if (seen !== undefined) return turn === null ? JSON.stringify(seen) : inTurns(encoding(seen, 0), turn, 1)
    return instead(request, reply, notFound('such thing', 'of yours'))
  }
  return sight.mentions(text) ? instead(request, reply, refused(request)) : payload
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
