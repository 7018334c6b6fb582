// Sign-in by a provider, as a page does it: which ways in there are, the way to the provider, and the way back. The
// provider sends the browser to a page of ours (/sign-in), which passes on what it brings; so both ends are calls of
// our own page, and the cookie that holds them together goes to nobody else.

import type { FastifyRequest } from 'fastify'
import { MAX_SIGN_INS_PER_MINUTE, PROVIDER_ROUND_TRIP } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { cookieName, cookieOf, cookieOptions, giveCookie, refuseForeignWrite } from '../guard.js'
import { meShape, meView, TOLD_OF_ME } from './account-shapes.js'

const journeyName = (request: FastifyRequest): string => cookieName(request, 'mizani-provider')
const GUESSED = { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 }
const BODY = ['FORBIDDEN', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const
/** A code, a state, and what else a provider sends. */
const MAX_QUERY = 8_192

const ways = z
  .strictObject({
    provider: z.string().nullable().describe('What people call the provider that signs them in; null: there is none'),
    directory: z.boolean().describe('Whether a name and password may be those of a directory'),
  })
  .meta({ id: 'WaysIn' })

/** As where one signs in by name: another site must not begin or end this for the reader. */
function refuseOtherPages(request: FastifyRequest): void {
  if (request.headers.origin !== undefined) refuseForeignWrite(request)
}

export function providerRoutes(app: App, { accounts: { authenticator, federated } }: Context): void {
  app.get(
    '/v1/session/ways',
    {
      config: { access: 'open' },
      schema: { summary: 'Who signs people in here', response: answers({ 200: ways }) },
    },
    () => federated.ways,
  )

  app.post(
    '/v1/session/provider',
    {
      // Nothing is done yet: whoever comes back is told.
      config: { access: 'open', rateLimit: GUESSED, told: false },
      schema: {
        summary: 'The way to the provider: where the browser goes, and a cookie for the way back',
        body: z.strictObject({
          fresh: z.boolean().default(false).describe('They show anew who they are, for what is done in person'),
        }),
        response: answers({ 200: z.strictObject({ url: z.url() }) }, 'NOT_FOUND', 'PROVIDER_UNAVAILABLE', ...BODY),
      },
    },
    async (request, reply) => {
      refuseOtherPages(request)
      const { url, sealed } = await federated.depart(request.body.fresh)
      reply.setCookie(journeyName(request), sealed, { ...cookieOptions(request), maxAge: PROVIDER_ROUND_TRIP / 1_000 })
      return { url }
    },
  )

  app.post(
    '/v1/session/provider/return',
    {
      config: { access: 'open', rateLimit: GUESSED, told: TOLD_OF_ME },
      schema: {
        summary: 'The way back from the provider, once: trades what it sent for a session cookie',
        body: z.strictObject({
          query: z.string().max(MAX_QUERY).describe('Behind the ? of the address, as it stands'),
        }),
        response: answers({ 201: meShape }, 'UNAUTHENTICATED', 'NOT_FOUND', 'PROVIDER_UNAVAILABLE', ...BODY),
      },
    },
    async (request, reply) => {
      refuseOtherPages(request)
      note(request, { via: 'oidc' })
      reply.clearCookie(journeyName(request), cookieOptions(request))
      const known = await federated.arrive(request.body.query, request.cookies[journeyName(request)] ?? '')
      const begun = await authenticator.begin(known, request.ip)
      const { actor, roles, via } = begun.session
      note(request, { actor, via })
      request.log.info({ actor, roles }, 'signed in')
      // Of somebody who showed anew who they are, the sign-in before is over.
      await authenticator.signOut(cookieOf(request) ?? '')
      giveCookie(request, reply, begun)
      return reply.code(201).send(meView(begun.session))
    },
  )
}
