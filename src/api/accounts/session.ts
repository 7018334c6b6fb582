// Sign in, sign out, who am I. A session is a cookie that scripts of a page cannot read and other sites cannot send.

import { LACKS } from '../../model/principal.js'
import { MAX_ID_LENGTH, MAX_PASSWORD_LENGTH, MAX_SIGN_INS_PER_MINUTE } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { cookieName, cookieOf, cookieOptions, giveCookie, principalOf, refuseForeignWrite } from '../guard.js'
import { ApiError } from '../problem.js'
import { meShape, meView, TOLD_OF_ME } from './account-shapes.js'

const credential = z.string().min(1).max(512)
const person = { user: z.string().min(1).max(MAX_ID_LENGTH), password: z.string().min(1).max(MAX_PASSWORD_LENGTH) }
const signIn = z.union([
  z.strictObject({
    ...person,
    code: z.string().trim().max(40).optional().describe('Of the second factor; without, the session waits for it'),
  }),
  z.strictObject({ token: credential }),
  z.strictObject({ secret: credential, ...person }).describe('Makes the first administrator'),
  z.strictObject({ secret: credential }).describe('Looks in without an account; may not approve'),
])
const newPassword = z.strictObject({ present: person.password, password: person.password })

export function sessionRoutes(app: App, { accounts: { authenticator, administration, federated } }: Context): void {
  app.post(
    '/v1/session',
    {
      config: { access: 'open', rateLimit: { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 }, told: TOLD_OF_ME },
      schema: {
        summary: 'Trades a name and password, a token, or the secret of the first sign-in link, for a session cookie',
        body: signIn,
        response: answers(
          { 201: meShape },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'PROVIDER_UNAVAILABLE',
        ),
      },
    },
    async (request, reply) => {
      // A browser names the page that sends this. Another site must not sign the reader in as somebody else.
      if (request.headers.origin !== undefined) refuseForeignWrite(request)
      const named = 'user' in request.body ? request.body.user : ''
      // A name that nobody has is not written down: it may be a password in the wrong field.
      const plain = named.trim().toLowerCase()
      const known = administration.user(federated.nameIn(named) ?? named) ?? administration.user(plain)
      if (known !== null) note(request, { actor: known.id, via: known.source === 'local' ? 'password' : known.source })
      const begun = await authenticator.signIn(request.body, request.ip)
      if (begun === null) {
        throw new ApiError('UNAUTHENTICATED', 'This is not known here, was used before, or has expired.')
      }
      const { actor, roles, via } = begun.session
      note(request, { actor, via })
      request.log.info({ actor, roles }, 'signed in')
      // What this browser had before is over.
      await authenticator.signOut(cookieOf(request) ?? '')
      giveCookie(request, reply, begun)
      return reply.code(201).send(meView(begun.session))
    },
  )

  app.delete(
    '/v1/session',
    {
      config: { access: 'any', despite: LACKS, told: [] },
      schema: {
        summary: 'Ends the session',
        response: answers({ 204: z.undefined() }, ...GATED, 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    async (request, reply) => {
      const secret = cookieOf(request)
      if (secret !== undefined) await authenticator.signOut(secret)
      return reply.clearCookie(cookieName(request), cookieOptions(request)).code(204).send()
    },
  )

  app.get(
    '/v1/me',
    {
      config: { access: 'any', despite: LACKS },
      schema: { summary: 'Who am I, and until when', response: answers({ 200: meShape }, ...GATED) },
    },
    (request) => {
      return meView(principalOf(request))
    },
  )
  passwordRoute(app, { authenticator, administration })
}

function passwordRoute(
  app: App,
  { authenticator, administration }: Pick<Context['accounts'], 'authenticator' | 'administration'>,
): void {
  app.post(
    '/v1/me/password',
    {
      config: {
        access: 'any',
        despite: ['password', 'factor'],
        rateLimit: { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 },
        told: TOLD_OF_ME,
      },
      schema: {
        summary: 'Changes the own password; ends all other sessions and gives this browser a new one',
        body: newPassword,
        response: answers({ 200: meShape }, ...GATED, 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'),
      },
    },
    async (request, reply) => {
      const { actor, person: isPerson, via, factor } = principalOf(request)
      if (!isPerson || via !== 'password') {
        throw new ApiError('FORBIDDEN', 'Sign in with a name and password of ours to change the password.')
      }
      const { present, password } = request.body
      const known = await administration.changePassword(actor, present, password, request.ip)
      const begun = await authenticator.begin({ ...known, factor: factor ?? undefined }, request.ip)
      giveCookie(request, reply, begun)
      return meView(begun.session)
    },
  )
}
