// Sign in, sign out, who am I. A session is a cookie that scripts of a page cannot read and other sites cannot send.

import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Principal } from '../model/principal.js'
import { MAX_SIGN_INS_PER_MINUTE } from '../runtime/limits.js'
import { type App, answers, type Context, GATED } from './app.js'
import { principalOf, refuseForeignWrite, SESSION_COOKIE } from './guard.js'
import { ApiError } from './problem.js'
import { meShape } from './shapes.js'
import { utc } from './views.js'

const credential = z.string().min(1).max(512)
const signIn = z.union([z.strictObject({ token: credential }), z.strictObject({ secret: credential })])

/** Secure where the reader's side of the connection is; on loopback it is plain HTTP. */
const cookieOptions = (request: FastifyRequest): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure: request.protocol === 'https',
})

export function sessionRoutes(app: App, { access, log }: Context): void {
  app.post(
    '/v1/session',
    {
      config: { access: 'open', rateLimit: { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 } },
      schema: {
        summary: 'Trades a token, or the secret of the first sign-in link, for a session cookie',
        body: signIn,
        response: answers(
          { 201: meShape },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
        ),
      },
    },
    (request, reply) => {
      // A browser names the page that sends this. Another site must not sign the reader in as somebody else.
      if (request.headers.origin !== undefined) refuseForeignWrite(request)
      const begun = access.signIn(request.body)
      if (begun === null) {
        throw new ApiError('UNAUTHENTICATED', 'This token or link is not known, was used before, or has expired.')
      }
      const { actor, roles, expires } = begun.session
      log.info({ actor, roles }, 'signed in')
      reply.setCookie(SESSION_COOKIE, begun.secret, { ...cookieOptions(request), expires: new Date(expires) })
      return reply.code(201).send(meOf(begun.session))
    },
  )

  app.delete(
    '/v1/session',
    {
      config: { access: 'any' },
      schema: {
        summary: 'Ends the session',
        response: answers({ 204: z.undefined() }, ...GATED, 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    (request, reply) => {
      const secret = request.cookies[SESSION_COOKIE]
      if (secret !== undefined) access.signOut(secret)
      return reply.clearCookie(SESSION_COOKIE, cookieOptions(request)).code(204).send()
    },
  )

  app.get(
    '/v1/me',
    {
      config: { access: 'any' },
      schema: { summary: 'Who am I, and until when', response: answers({ 200: meShape }, ...GATED) },
    },
    (request) => {
      return meOf(principalOf(request))
    },
  )
}

function meOf({ actor, roles, scope, person, via, expires }: Principal & { readonly expires?: number }) {
  return { actor, roles: [...roles], scope, person, via, expires: expires === undefined ? null : utc(expires) }
}
