// Second factors: one's own are enrolled, shown and removed here, a session is given one or has it renewed, and an
// administrator in person takes away what somebody has lost. Secrets and codes are answered once, and are in no trail.

import { MAX_SIGN_INS_PER_MINUTE } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { assertFresh, assertInPerson, giveCookie, principalOf } from '../guard.js'
import { ApiError } from '../problem.js'
import { utc } from '../views.js'
import { factorShape, meShape, meView, ownSession, recoveryCodes, TOLD_OF_ME } from './account-shapes.js'
import { accountId } from './users.js'

const factorsShape = z
  .strictObject({ items: z.array(factorShape), recoveryCodes: z.int().describe('How many are left') })
  .meta({ id: 'Factors' })
const endedToken = z.strictObject({ id: z.string(), name: z.string() })
const code = z.string().trim().min(6).max(40).describe('Of the authenticator, or one kept for the day it is lost')

const GUESSED = { max: MAX_SIGN_INS_PER_MINUTE, timeWindow: 60_000 }
const BODY = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'] as const

export function factorRoutes(app: App, context: Context): void {
  proofRoute(app, context)
  listRoutes(app, context)
  enrolRoutes(app, context)
  resetRoute(app, context)
}

function proofRoute(app: App, { accounts: { authenticator, factors } }: Context): void {
  app.post(
    '/v1/session/factor',
    {
      config: { access: 'any', despite: ['code', 'password'], rateLimit: GUESSED, told: TOLD_OF_ME },
      schema: {
        summary: 'The second step of signing in, or the same person still there: takes a code of the authenticator',
        body: z.strictObject({ code }),
        response: answers({ 200: meShape }, ...GATED, ...BODY),
      },
    },
    async (request, reply) => {
      const { user, cookie } = ownSession(request)
      const factor = await factors.check(user, request.body.code, request.ip)
      if (factor === null) {
        await authenticator.missed(cookie)
        throw new ApiError('FORBIDDEN', NOT_THE_CODE)
      }
      const begun = await authenticator.prove(cookie, factor)
      giveCookie(request, reply, begun)
      return meView(begun.session)
    },
  )
}

const NOT_THE_CODE = 'This is not the code now, or it was used: wait for the next one. After five you sign in again.'

function listRoutes(app: App, { accounts: { factors }, clock }: Context): void {
  app.get(
    '/v1/me/factors',
    {
      config: { access: 'any', despite: ['factor', 'password'] },
      schema: { summary: 'The own second factors', response: answers({ 200: factorsShape }, ...GATED) },
    },
    (request) => viewOf(factors.of(ownSession(request).user)),
  )

  app.delete(
    '/v1/me/factors/:id',
    {
      config: { access: 'any', told: ['subject'] },
      schema: {
        summary: 'Removes an own second factor, within ten minutes after one was given; ends all other own sessions',
        params: z.object({ id: z.string().max(64) }),
        response: answers({ 200: factorsShape }, ...GATED, 'NOT_FOUND', ...BODY),
      },
    },
    async (request) => {
      const { principal, user, login } = ownSession(request)
      assertFresh(principal, clock)
      await factors.remove(user, request.params.id, login)
      return viewOf(factors.of(user))
    },
  )
}

function enrolRoutes(app: App, { accounts: { authenticator, factors }, clock }: Context): void {
  app.post(
    '/v1/me/factors/totp',
    {
      config: { access: 'any', despite: ['factor'], told: ['id'] },
      schema: {
        summary:
          'Begins to enrol an authenticator, shown this once; after its first code it takes the place of another',
        response: answers(
          { 201: z.strictObject({ id: z.string(), secret: z.string(), uri: z.string().describe('otpauth://totp/…') }) },
          ...GATED,
          ...BODY,
        ),
      },
    },
    async (request, reply) => {
      const { principal, user } = ownSession(request)
      assertFresh(principal, clock)
      return reply.code(201).send(await factors.addTotp(user))
    },
  )

  app.post(
    '/v1/me/factors/totp/confirm',
    {
      config: { access: 'any', despite: ['factor'], rateLimit: GUESSED, told: [] },
      schema: {
        summary: 'The first code of the authenticator: from now on it is asked for, and one before it no longer',
        body: z.strictObject({ code }),
        response: answers({ 200: z.strictObject({ recoveryCodes }) }, ...GATED, ...BODY),
      },
    },
    async (request, reply) => {
      const { principal, cookie, user, login } = ownSession(request)
      assertFresh(principal, clock)
      const done = await factors.confirmTotp(user, request.body.code, { login, address: request.ip })
      if (done === null) throw new ApiError('FORBIDDEN', 'This is not its code now: is the clock of the device right?')
      giveCookie(request, reply, await authenticator.prove(cookie, done.factor, true))
      return { recoveryCodes: done.codes }
    },
  )
}

function resetRoute(app: App, { accounts: { administration, factors }, clock }: Context): void {
  app.delete(
    '/v1/users/:id/factors',
    {
      config: { access: ['admin', 'break-glass'], told: ['subject', 'sessions', 'tokens.id', 'tokens.name'] },
      schema: {
        summary:
          'Takes the second factors from somebody who has lost them; sessions, tokens and vouching end with them',
        params: z.object({ id: accountId }),
        response: answers(
          { 200: z.strictObject({ sessions: z.int(), tokens: z.array(endedToken) }) },
          ...GATED,
          'NOT_FOUND',
          'SELF_APPROVAL',
          ...BODY,
        ),
      },
    },
    async (request) => {
      const { id } = request.params
      const principal = principalOf(request)
      const { actor, roles } = principal
      if (!roles.includes('admin') && !administration.user(actor)?.emergency)
        throw new ApiError('FORBIDDEN', 'An administrator does this, or the emergency account where there is none.')
      assertInPerson(principal, clock)
      const { sessions, tokens } = await factors.reset(id, actor)
      return { sessions, tokens: [...tokens] }
    },
  )
}

const viewOf = ({ items, recoveryCodes }: ReturnType<Context['accounts']['factors']['of']>) => ({
  items: items.map(({ created, ...rest }) => ({ ...rest, created: utc(created) })),
  recoveryCodes,
})
