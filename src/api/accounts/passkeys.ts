// Passkeys over HTTP: what a browser's navigator.credentials is asked, and what it answers. They are bound to the
// address that people open, so that address is a setting (`http.publicUrl`); on the machine itself http://localhost is.

import type { FastifyRequest } from 'fastify'
import type { RelyingParty } from '../../accounts/passkeys.js'
import { MAX_SIGN_INS_PER_MINUTE } from '../../runtime/limits.js'
import { isLoopback } from '../../runtime/loopback.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { assertFresh, cookieOf, giveCookie, refuseForeignWrite } from '../guard.js'
import { ApiError } from '../problem.js'
import { utc } from '../views.js'
import { factorShape, meShape, meView, ownSession, recoveryCodes, TOLD_OF_ME } from './account-shapes.js'

/** WebAuthn level 3, section 5.1.8 and 5.1.9: parsed by the browser and by the library, not here. */
const options = z.looseObject({ challenge: z.string() })
const credential = z
  .looseObject({ id: z.string().max(1_400), rawId: z.string().max(1_400), type: z.literal('public-key') })
  .describe('As PublicKeyCredential.toJSON() gives it')

const enrolled = factorShape.extend({ recoveryCodes }).meta({ id: 'NewPasskey' })

const GUESSED = { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 }
const BODY = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'] as const

/** @throws ApiError BAD_REQUEST where people open no address that keys can be bound to. */
function relyingPartyOf(request: FastifyRequest, publicUrl: string | null): RelyingParty {
  if (publicUrl !== null) {
    const { hostname: id, origin } = new URL(publicUrl)
    return { id, origin }
  }
  // Where it listens, and not what the request says of that: whoever sends it writes that too.
  const { localAddress = '', localPort } = request.socket
  if (request.hostname === 'localhost' && isLoopback(localAddress))
    return { id: 'localhost', origin: `${'encrypted' in request.socket ? 'https' : 'http'}://localhost:${localPort}` }
  const where = 'set http.publicUrl to the address that people open, or open http://localhost on the machine itself'
  throw new ApiError('BAD_REQUEST', `A passkey is bound to a name, and ${request.hostname} is none: ${where}.`)
}

export function passkeyRoutes(app: App, context: Context): void {
  signInRoutes(app, context)
  enrolRoutes(app, context)
}

function signInRoutes(app: App, { accounts: { authenticator, passkeys }, http: { publicUrl = null } }: Context): void {
  app.post(
    '/v1/session/passkey/options',
    {
      config: { access: 'open', rateLimit: GUESSED, told: false },
      schema: {
        summary: 'What navigator.credentials.get is asked to sign in by a passkey',
        response: answers({ 200: options }, 'FORBIDDEN', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    async (request) => ({ ...(await passkeys.authentication(relyingPartyOf(request, publicUrl))) }),
  )

  app.post(
    '/v1/session/passkey',
    {
      config: { access: 'open', rateLimit: GUESSED, told: TOLD_OF_ME },
      schema: {
        summary: 'Signs in by a passkey, both factors at once; whom others sign in it gives, or renews, the second one',
        body: z.strictObject({ credential }),
        response: answers({ 201: meShape }, ...GATED, ...BODY),
      },
    },
    async (request, reply) => {
      if (request.headers.origin !== undefined) refuseForeignWrite(request)
      const known = await passkeys.authenticate(request.body.credential, relyingPartyOf(request, publicUrl))
      if (known === null) throw new ApiError('UNAUTHENTICATED', 'This passkey is not known here, or was not asked for.')
      note(request, { actor: known.user, via: 'passkey' })
      const begun = await authenticator.byPasskey(known, cookieOf(request), request.ip)
      giveCookie(request, reply, begun)
      return reply.code(201).send(meView(begun.session))
    },
  )
}

function enrolRoutes(app: App, { accounts, http: { publicUrl = null }, clock }: Context): void {
  const { authenticator, passkeys } = accounts
  app.post(
    '/v1/me/factors/passkeys/options',
    {
      config: { access: 'any', despite: ['factor'], told: false },
      schema: {
        summary: 'What navigator.credentials.create is asked to make a passkey',
        response: answers({ 200: options }, ...GATED, 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    async (request) => {
      const { principal, user } = ownSession(request)
      assertFresh(principal, clock)
      return { ...(await passkeys.registration(user, relyingPartyOf(request, publicUrl))) }
    },
  )

  app.post(
    '/v1/me/factors/passkeys',
    {
      config: { access: 'any', despite: ['factor'], rateLimit: GUESSED, told: ['id', 'kind', 'name'] },
      schema: {
        summary: 'Takes a passkey that was made: from now on it signs in, and a password alone does not',
        body: z.strictObject({ name: z.string().trim().min(1).max(60), credential }),
        response: answers({ 201: enrolled }, ...GATED, ...BODY),
      },
    },
    async (request, reply) => {
      const { principal, cookie, user, login } = ownSession(request)
      assertFresh(principal, clock)
      const { name, credential: made } = request.body
      const party = relyingPartyOf(request, publicUrl)
      const { passkey, codes } = await passkeys.register({ user, login }, name, made, party)
      giveCookie(request, reply, await authenticator.prove(cookie, { kind: 'passkey', at: clock.wall() }, true))
      const view = { id: passkey.id, kind: 'passkey' as const, name, created: utc(passkey.created) }
      return reply.code(201).send({ ...view, recoveryCodes: [...codes] })
    },
  )
}
