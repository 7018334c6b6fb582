// Tokens for scripts and systems. A token belongs to an account, does at most what its account may do, ends by itself,
// and is shown once. An administrator makes them for anybody; that is how a service gets in.

import type { Token } from '../../accounts/records.js'
import { MAX_NAME_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { toldScope } from '../audit/fit.js'
import { assertInPerson, principalOf } from '../guard.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from '../lists.js'
import { moment } from '../moments.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'
import { scopeShape, scopeView, type TokenView, tokenShape } from './account-shapes.js'
import { accountId, assertScope, someRoles } from './users.js'

const newToken = z.strictObject({
  user: accountId.describe('The account it acts for'),
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

const csv: CsvTable<TokenView> = {
  columns: ['id', 'user', 'name', 'roles', 'createdAt', 'createdBy', 'expires'],
  records: ({ created, roles, scope: _, ...row }) => [
    { ...row, roles: roles.join(' '), createdAt: created.at, createdBy: created.by },
  ],
}

export function tokenRoutes(app: App, { accounts: { administration }, scopes, clock }: Context): void {
  app.get(
    '/v1/tokens',
    {
      config: { access: 'admin', produces: LIST_TYPES, told: [] },
      schema: {
        summary: 'Tokens, without themselves',
        querystring: z.strictObject({ ...paging, user: filter }),
        response: answers({ 200: pageOf(tokenShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      note(request, {})
      const { user } = request.query
      const listing = new Listing(administration.tokens().map(tokenView))
      return answerList(request, reply, listing, request.query, (row) => user === undefined || row.user === user, csv)
    },
  )

  app.post(
    '/v1/tokens',
    {
      config: { access: 'admin', told: TOLD },
      schema: {
        summary: 'Makes a token for an account',
        body: newToken,
        response: answers(
          { 201: shownOnce },
          ...GATED,
          'NOT_FOUND',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'STORE_UNAVAILABLE',
        ),
      },
    },
    async (request, reply) => {
      // A token that made others would last for ever.
      assertInPerson(principalOf(request), clock)
      const { expires, ...body } = request.body
      assertScope(scopes, body.scope)
      const wanted = { ...body, expires: request.moment(expires, 'expires') }
      const { token, secret } = await administration.addToken(wanted, principalOf(request).actor)
      return reply.code(201).send({ ...tokenView(token), token: secret })
    },
  )

  app.delete(
    '/v1/tokens/:id',
    {
      config: { access: 'admin', told: TOLD },
      schema: {
        summary: 'Ends a token at once',
        params: z.object({ id: z.string().max(64) }),
        response: answers({ 200: tokenShape }, ...GATED, 'NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'),
      },
    },
    async (request) => {
      const { id } = request.params
      const known = administration.tokens().find((token) => token.id === id)
      if (known !== undefined) note(request, { before: tokenView(known) })
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
