// The gate in front of every route. A route states its rule; one without a rule does not start. Here a request is given
// its principal, the rule is held against it, and what browsers send without being asked (cookies) is not trusted to
// write anything unless it plainly comes from our own page.

import type { ServerResponse } from 'node:http'
import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Authenticator, Begun, SignedIn } from '../accounts/sessions.js'
import { IN_PERSON, type Lack, OF_MACHINE, type Principal, type Rule, satisfies } from '../model/principal.js'
import type { Asker } from '../model/revision.js'
import type { Clock } from '../runtime/clock.js'
import { IN_PERSON_FOR } from '../runtime/limits.js'
import { isLoopback } from '../runtime/loopback.js'
import type { Told } from './audit/fit.js'
import { whenOver } from './over.js'
import { ApiError } from './problem.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call it. */
    access?: Rule
    /** Media types it can answer with; absent: JSON. */
    produces?: readonly string[]
    /** This write holds the caller's scope against what it touches; all others are closed to the scoped. */
    scoped?: boolean
    /** Open also to whoever still lacks this: it is how they get it, or leave. */
    despite?: readonly Lack[]
  }
  interface FastifyRequest {
    /** Null on open routes only. */
    principal: Caller | null
    /** Closes when it was sent, or when nobody is there any more to take it. */
    answer: ServerResponse | null
  }
}

/** Whoever calls; with a session also since when and until when. */
export type Caller = Principal & Partial<Pick<SignedIn, 'login' | 'begun' | 'proved' | 'expires' | 'factor' | 'lacks'>>

export const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/** Under HTTPS by a name that browsers take from this very host alone, never from a neighbour (RFC 6265bis, 4.1.3). */
export const cookieName = ({ protocol }: Pick<FastifyRequest, 'protocol'>, name = 'mizani-session'): string =>
  protocol === 'https' ? `__Host-${name}` : name

/** The secret of the session that a browser has. */
export const cookieOf = (request: FastifyRequest): string | undefined => request.cookies[cookieName(request)]

/** The caller, where the route's rule has made sure that there is one. */
export function principalOf(request: FastifyRequest): Caller {
  if (request.principal === null) throw new ApiError('UNAUTHENTICATED', 'Nobody is signed in.')
  return request.principal
}

/** The caller, and whether they are still there. */
export function askerOf(request: FastifyRequest): Asker {
  const left = new AbortController()
  if (request.answer !== null) whenOver(request.answer, () => left.abort())
  return { actor: principalOf(request).actor, gone: left.signal }
}

export interface Gate {
  readonly authenticator: Authenticator
  readonly identify: Identify
  /** Whether the policy in force has guards: then nobody is a second person to themselves. */
  isGuarded(): boolean
  readonly clock: Clock
}

/** An onRequest hook: who is it, may they, and can we answer in a form they accept. */
export function guard(gate: Gate) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    request.answer = reply.raw
    if (request.is404) return
    const { access, produces = ['application/json'] } = request.routeOptions.config
    // A browser may still hold the cookie of a session that has ended; that must not keep it from an open route.
    if (access !== 'open') request.principal = gate.identify(request)
    admitTo(request, request.principal, gate)
    if (!produces.some((type) => accepts(request.headers.accept, type))) {
      throw new ApiError('NOT_ACCEPTABLE', `This can be answered as ${produces.join(' or ')} only.`)
    }
    if (request.principal?.expires !== undefined) await renewSession(gate.authenticator, request, reply)
  }
}

/**
 * A preHandler hook: a body takes its time, which its sender may draw out, and who was somebody when a write began may
 * be nobody, or may do less, when all of it is there. Of who is refused here the trail still knows who they were.
 */
export function guardAgain(gate: Gate) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.is404 || isRead(request) || request.routeOptions.config.access === 'open') return
    const principal = gate.identify(request)
    admitTo(request, principal, gate)
    request.principal = principal
  }
}

function admitTo(request: FastifyRequest, principal: Caller | null, { isGuarded, clock }: Gate): void {
  const { access: rule, scoped = false, despite = [] } = request.routeOptions.config
  if (rule === undefined) throw new Error(`route ${request.routeOptions.url} has no access rule`)
  admitComplete(principal, despite)
  if (rule !== 'open' && !(rule === 'loopback' && isLocal(request))) admit(principal, rule, isGuarded(), clock)
  // Past approval: a role of its own, besides the route's.
  if (asksBreakGlass(request)) admit(principal, 'break-glass', isGuarded(), clock)
  if (!scoped && rule !== 'any' && !isRead(request)) admitUnscoped(principal)
}

function admit(principal: Caller | null, rule: Rule, guarded: boolean, clock: Clock): void {
  if (principal === null) {
    throw new ApiError('UNAUTHENTICATED', 'This needs a bearer token or a session.', {
      headers: { 'www-authenticate': 'Bearer realm="mizani"' },
    })
  }
  if (!satisfies(principal, rule, guarded)) {
    const has = `${principal.actor} has ${principal.roles.join(', ') || 'none that counts'}`
    const needs = `This needs the role ${[rule].flat().join(' or ')}; ${has}.`
    throw new ApiError('FORBIDDEN', `${needs}${isInPerson(rule) ? IN_PERSON_MEANS : ''}`)
  }
  if (isInPerson(rule)) assertFresh(principal, clock)
}

/** @throws ApiError FORBIDDEN for who has signed in by half, with what to do about it. */
function admitComplete(principal: Caller | null, despite: readonly Lack[]): void {
  const lacks = principal?.lacks
  if (lacks && !despite.includes(lacks)) throw new ApiError('FORBIDDEN', LACKING[lacks](principal?.actor ?? ''))
}

const LACKING: Readonly<Record<Lack, (account: string) => string>> = {
  code: (account) => `${account} has a second factor: give its code first (POST /v1/session/factor, MIZANI_CODE).`,
  password: (account) =>
    `Somebody else has set the password of ${account}: choose one first (mizani password --as ${account}).`,
  factor: (account) => `${account} must have a second factor: enrol one first (mizani factor add --as ${account}).`,
}

const asksBreakGlass = ({ query }: FastifyRequest): boolean =>
  typeof query === 'object' && query !== null && 'breakGlass' in query && query.breakGlass === 'true'

const isInPerson = (rule: Rule): boolean => IN_PERSON.some((role) => role === rule)

const IN_PERSON_MEANS =
  ' It is done in person: signed in by name and a password of your own choice, vouched for by an approver ' +
  '(mizani user vouch), with a second factor of who has one, and where the policy has guards by nobody who administers.'

export function isFresh({ begun, proved = begun }: Caller, clock: Clock): boolean {
  return proved !== undefined && clock.wall() - proved <= IN_PERSON_FOR
}

/** @throws ApiError FORBIDDEN for a session that is older than what is done in person may be. */
export function assertFresh(caller: Caller, clock: Clock): void {
  if (isFresh(caller, clock)) return
  const minutes = IN_PERSON_FOR / 60_000
  throw new ApiError(
    'FORBIDDEN',
    `This is done within ${minutes} minutes after signing in: sign in again, or give your code anew.`,
  )
}

/**
 * What makes a way in is given to a person in person, or to the owner of the machine; never to a token.
 * @returns whether it is the machine's owner. @throws ApiError FORBIDDEN.
 */
export function assertInPerson(caller: Caller, clock: Clock): boolean {
  if (caller.via === OF_MACHINE) return true
  if (!caller.inPerson) {
    const how = `with a password of their own and a second factor of who has one (--as ACCOUNT)`
    throw new ApiError('FORBIDDEN', `A person does this, signed in ${how}, or the machine's own cli-token.`)
  }
  assertFresh(caller, clock)
  return false
}

/** What has no place in a scope, such as a mode of the whole network, is not for those who have one. */
function admitUnscoped(principal: Principal | null): void {
  if (principal === null || principal.scope === null) return
  throw new ApiError('FORBIDDEN', `This reaches outside what ${principal.actor} may change.`)
}

/** Who sends this, as far as is known now: by token, or by the cookie of a session. */
export type Identify = (request: FastifyRequest) => FastifyRequest['principal']

export function identifyBy(authenticator: Authenticator, byEdgeToken: (token: string) => Principal | null): Identify {
  return (request) => {
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const token = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(authorization)?.[1]
      return token === undefined ? null : (authenticator.byToken(token) ?? byEdgeToken(token))
    }
    const cookie = cookieOf(request)
    const session = cookie === undefined ? null : authenticator.bySession(cookie)
    if (session !== null && !isRead(request)) refuseForeignWrite(request)
    return session
  }
}

/** Gives the browser a fresh cookie when it is time. One that cannot be kept now will be given later. */
export async function renewSession(
  authenticator: Authenticator,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const fresh = await authenticator.renew(cookieOf(request) ?? '').catch((error: unknown) => {
    request.log.warn({ err: error }, 'a session could not be renewed')
    return null
  })
  if (fresh !== null) giveCookie(request, reply, fresh)
}

/** Secure where the reader's side of the connection is; on loopback it is plain HTTP. */
export const cookieOptions = (request: FastifyRequest): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure: request.protocol === 'https',
})

export function giveCookie(request: FastifyRequest, reply: FastifyReply, { secret, session }: Begun): void {
  reply.setCookie(cookieName(request), secret, { ...cookieOptions(request), expires: new Date(session.expires) })
}

const isRead = (request: FastifyRequest): boolean => request.method === 'GET' || request.method === 'HEAD'

/** A form on another site can send our cookie, but neither this media type nor this Origin. */
export function refuseForeignWrite(request: FastifyRequest): void {
  const own = `${request.protocol}://${request.host}`
  if (request.headers.origin !== own) {
    throw new ApiError(
      'FORBIDDEN',
      `With a session cookie a write must come from ${own}; use a bearer token in scripts.`,
    )
  }
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', 'With a session cookie a write must be application/json.')
  }
}

/**
 * Whether the caller sits on this machine. A request that a proxy has passed on does not, whatever its address, nor
 * does one for a foreign host name, by which a web page elsewhere could reach us through the reader's own browser.
 */
function isLocal(request: FastifyRequest): boolean {
  if (['forwarded', 'x-forwarded-for', 'x-forwarded-host'].some((name) => name in request.headers)) return false
  return isLoopback(request.ip) && isLoopback(request.hostname)
}

/** Whether an Accept header allows this media type (RFC 9110 section 12.5.1): the most specific range decides. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '') return true
  let best = { rank: 0, quality: 0 }
  for (const part of header.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim())
    const rank = range === type ? 3 : range === `${type.split('/')[0]}/*` ? 2 : range === '*/*' ? 1 : 0
    if (rank <= best.rank) continue
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
    best = { rank, quality: Number(quality) }
  }
  return best.rank > 0 && best.quality !== 0
}

/** Whether the caller would rather have CSV than JSON. */
export const wantsCsv = (request: FastifyRequest): boolean =>
  request.headers.accept !== undefined &&
  !accepts(request.headers.accept, 'application/json') &&
  accepts(request.headers.accept, 'text/csv')

export interface RouteRule {
  readonly method: string
  readonly url: string
  readonly access: Rule
  readonly scoped: boolean
  /** What of it is fit for the trail; null: it is not told. */
  readonly told: Told | null
}

/** Keeps the list of routes, refuses one without a rule, and knows which methods an address would have had. */
export function routeBook() {
  const rules: RouteRule[] = []
  return {
    rules: rules as readonly RouteRule[],
    /** An onRoute hook. */
    enter(route: RouteOptions): void {
      // Pages of the documentation come from a plugin, which knows nothing of our rules.
      if (route.url.startsWith('/docs')) {
        route.config = { ...route.config, access: 'loopback', produces: ['*/*'] }
      }
      const access = route.config?.access
      if (access === undefined) throw new Error(`route ${route.url} has no access rule`)
      const scoped = route.config?.scoped === true
      const told = route.config?.told
      for (const method of [route.method].flat()) {
        if (told === undefined && !READS.includes(method))
          throw new Error(`route ${route.url} has no rule for the trail`)
        rules.push({ method, url: route.url, access, scoped, told: told || null })
      }
    },
    /** A not-found handler: 405 where another method would have been right. */
    miss(request: FastifyRequest, _reply: FastifyReply): never {
      const path = request.url.split('?', 1)[0] ?? ''
      const methods = [...new Set(rules.filter(({ url }) => matches(url, path)).map(({ method }) => method))]
      if (methods.length === 0) throw new ApiError('NOT_FOUND', 'There is nothing at this address.')
      const allow = methods.sort().join(', ')
      throw new ApiError('METHOD_NOT_ALLOWED', `Allowed here: ${allow}.`, { headers: { allow } })
    },
  }
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const found = path.split('/')
  if (pattern.endsWith('*')) return path.startsWith(pattern.slice(0, -1))
  return (
    wanted.length === found.length &&
    wanted.every((part, i) => (part.startsWith(':') ? found[i] !== '' : part === found[i]))
  )
}
