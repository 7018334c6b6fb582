// Tokens for scripts and systems. A token belongs to an account, does at most what its account may do, ends by itself,
// and is shown once. A person makes those of their own account and nobody else does; an administrator makes those of
// services, which is how a service gets in.

import type { Token } from '../../accounts/records.js'
import { BY_TOKEN } from '../../model/principal.js'
import type { Clock } from '../../runtime/clock.js'
import { MAX_NAME_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { toldScope } from '../audit/fit.js'
import { assertFresh, assertInPerson, type Caller, principalOf } from '../guard.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from '../lists.js'
import { moment } from '../moments.js'
import { ApiError, notFound } from '../problem.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'
import { scopeShape, scopeView, type TokenView, tokenShape } from './account-shapes.js'
import { accountId, assertScope, someRoles } from './users.js'

const newToken = z.strictObject({
  user: accountId.describe('The account it acts for: the own one, or for an administrator a service'),
  name: z.string().trim().min(1).max(MAX_NAME_LENGTH).describe('What it is for'),
  roles: someRoles,
  scope: scopeShape.nullable().default(null),
  expires: moment,
})
const shownOnce = z
  .strictObject({ ...tokenShape.shape, token: z.string().describe('Shown this once; keep it in a file of mode 0600') })
  .meta({ id: 'NewToken' })

const TOLD = [
  ...['subject', 'id', 'user', 'name', 'roles', 'created.at', 'created.by', 'expires'],
  ...toldScope('scope'),
]

const WRITE = ['NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'] as const

const csv: CsvTable<TokenView> = {
  columns: ['id', 'user', 'name', 'roles', 'createdAt', 'createdBy', 'expires'],
  records: ({ created, roles, scope: _, ...row }) => [
    { ...row, roles: roles.join(' '), createdAt: created.at, createdBy: created.by },
  ],
}

const seesAll = ({ roles, scope }: Caller): boolean => roles.includes('admin') && scope === null

/** @throws ApiError FORBIDDEN for a token, which would last for ever by making others, and for a stranger. */
function assertMayMake(caller: Caller, user: string, clock: Clock): void {
  if (caller.actor !== user) {
    if (!seesAll(caller)) {
      const who = 'A person makes tokens of their own account, an administrator without a scope those of services.'
      throw new ApiError('FORBIDDEN', `${who} ${user} is not ${caller.actor}.`)
    }
    assertInPerson(caller, clock)
  } else if (caller.via.startsWith(BY_TOKEN)) {
    throw new ApiError('FORBIDDEN', 'A token makes no token: sign in as yourself (--as ACCOUNT).')
  } else {
    assertFresh(caller, clock)
  }
}

export function tokenRoutes(app: App, { accounts: { administration }, scopes, clock }: Context): void {
  const visible = (caller: Caller): TokenView[] =>
    administration
      .tokens()
      .filter(({ user }) => seesAll(caller) || user === caller.actor)
      .map(tokenView)

  app.get(
    '/v1/tokens',
    {
      config: { access: 'any', produces: LIST_TYPES, told: [] },
      schema: {
        summary: 'Tokens, without themselves: the own ones; for an administrator everybody’s',
        querystring: z.strictObject({ ...paging, user: filter }),
        response: answers({ 200: pageOf(tokenShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      const caller = principalOf(request)
      if (seesAll(caller)) note(request, {})
      const { user } = request.query
      const listing = new Listing(visible(caller))
      return answerList(request, reply, listing, request.query, (row) => user === undefined || row.user === user, csv)
    },
  )

  app.post(
    '/v1/tokens',
    {
      config: { access: 'any', told: TOLD },
      schema: {
        summary: 'Makes a token: of the own account, or for an administrator of a service',
        body: newToken,
        response: answers({ 201: shownOnce }, ...GATED, 'PAYLOAD_TOO_LARGE', ...WRITE),
      },
    },
    async (request, reply) => {
      const { expires, ...body } = request.body
      assertMayMake(principalOf(request), body.user, clock)
      assertScope(scopes, body.scope)
      const wanted = { ...body, expires: request.moment(expires, 'expires') }
      const { token, secret } = await administration.addToken(wanted, principalOf(request).actor)
      note(request, { subject: [token.id, token.user] })
      return reply.code(201).send({ ...tokenView(token), token: secret })
    },
  )

  app.delete(
    '/v1/tokens/:id',
    {
      config: { access: 'any', told: TOLD },
      schema: {
        summary: 'Ends a token at once: an own one; for an administrator anybody’s',
        params: z.object({ id: z.string().max(64) }),
        response: answers({ 200: tokenShape }, ...GATED, ...WRITE),
      },
    },
    async (request) => {
      const { id } = request.params
      const known = visible(principalOf(request)).find((token) => token.id === id)
      if (known === undefined) throw notFound('token', id)
      note(request, { subject: [id, known.user], before: known })
      return tokenView(await administration.removeToken(id))
    },
  )
}

function tokenView({ roles, scope, created, expires, ...rest }: Token): TokenView {
  return {
    ...rest,
    roles: [...roles],
    scope: scopeView(scope),
    created: { ...created, at: utc(created.at) },
    expires: utc(expires),
  }
}
