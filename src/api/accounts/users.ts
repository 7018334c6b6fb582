// Accounts of people and services. None is ever deleted: DELETE disables, and says what the account leaves behind.

import type { FastifyRequest } from 'fastify'
import type { User } from '../../accounts/records.js'
import { isPerson, OF_MACHINE, ROLES, type Scope, satisfies } from '../../model/principal.js'
import { MizaniError } from '../../runtime/errors.js'
import { MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { type App, answers, type Context, GATED } from '../app.js'
import { note } from '../audit/audit-hook.js'
import { toldScope } from '../audit/fit.js'
import { assertFresh, assertInPerson, principalOf } from '../guard.js'
import { answerList, type CsvTable, filter, LIST_TYPES, Listing, paging } from '../lists.js'
import type { ScopePort } from '../ports.js'
import { ApiError, notFound } from '../problem.js'
import { pageOf } from '../shapes.js'
import { utc } from '../views.js'
import { scopeShape, scopeView, type UserView, userShape } from './account-shapes.js'

export const accountId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'An id has small letters, digits, dots and hyphens, at most 63.')
const name = z.string().trim().min(1).max(MAX_NAME_LENGTH)
export const someRoles = z.array(z.enum(ROLES)).min(1).max(ROLES.length)
const scope = scopeShape.nullable()
const password = z.string().min(1).max(MAX_PASSWORD_LENGTH)

const newUser = z.strictObject({
  id: accountId,
  name: name.optional(),
  roles: someRoles,
  scope: scope.default(null),
  password: password.nullable().default(null).describe('Set in person; null: a service, which acts by tokens alone'),
})
const userChange = z.strictObject({
  name: name.optional(),
  roles: someRoles.optional(),
  scope: scope.optional(),
  password: password.optional().describe('Set in person, as the role admin is given, and false as `disabled`'),
  disabled: z.boolean().optional(),
})
const changed = z
  .strictObject({
    user: userShape,
    left: z
      .strictObject({
        sessions: z.int(),
        tokens: z.array(z.strictObject({ id: z.string(), name: z.string() })),
        owned: z.array(z.strictObject({ kind: z.string(), id: z.string() })),
      })
      .describe('What was ended, and what the account still owns'),
  })
  .meta({ id: 'UserChanged' })

const csv: CsvTable<UserView> = {
  columns: ['id', 'name', 'roles', 'person', 'createdAt', 'createdBy', 'disabledAt', 'disabledBy'],
  records: ({ id, name: known, roles, person, created, disabled }) => [
    {
      ...{ id, name: known, roles: roles.join(' '), person, createdAt: created.at, createdBy: created.by },
      ...{ disabledAt: disabled?.at ?? null, disabledBy: disabled?.by ?? null },
    },
  ],
}

const MADE = ['created', 'disabled', 'vouched'].flatMap((deed) => [deed, `${deed}.at`, `${deed}.by`])
const ACCOUNT = ['id', 'name', 'roles', 'source', 'subject', 'person', 'chosen', ...MADE, 'vouched.lapsed']
const TOLD = [...ACCOUNT, ...toldScope('scope')]
const LEFT = ['sessions', 'tokens.id', 'tokens.name', 'owned.kind', 'owned.id']
const TOLD_OF_CHANGE = [
  ...['subject', ...TOLD],
  ...[...TOLD.map((name) => `user.${name}`), ...LEFT.map((name) => `left.${name}`)],
]

const ID = z.object({ id: accountId })
const BODY = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'] as const

/** @throws MizaniError BAD_REQUEST for a scope of names that the policy in force does not have. */
export function assertScope(scopes: ScopePort, scope: Scope | null): void {
  const faults = scopes.faults(scope)
  if (faults.length > 0) throw new MizaniError({ code: 'BAD_REQUEST', message: 'This is no scope:', faults })
}

export function userRoutes(app: App, context: Context): void {
  const {
    accounts: { administration },
    scopes,
    owned = () => [],
    clock,
  } = context
  app.get(
    '/v1/users',
    {
      config: { access: 'admin', produces: LIST_TYPES, told: [] },
      schema: {
        summary: 'Accounts of people and services',
        querystring: z.strictObject({ ...paging, q: filter, disabled: z.enum(['true', 'false']).optional() }),
        response: answers({ 200: pageOf(userShape) }, ...GATED, 'PAGE_TOKEN_INVALID'),
      },
    },
    (request, reply) => {
      note(request, {})
      const { q, disabled } = request.query
      const listing = new Listing(administration.users().map(userView))
      const keep = (row: UserView): boolean =>
        (q === undefined || `${row.id} ${row.name}`.toLowerCase().includes(q.toLowerCase())) &&
        (disabled === undefined || (row.disabled !== null) === (disabled === 'true'))
      return answerList(request, reply, listing, request.query, keep, csv)
    },
  )

  app.get(
    '/v1/users/:id',
    {
      config: { access: 'admin', told: ['subject'] },
      schema: { summary: 'One account', params: ID, response: answers({ 200: userShape }, ...GATED, 'NOT_FOUND') },
    },
    (request) => {
      const user = administration.user(request.params.id)
      if (user === null) throw notFound('account', request.params.id)
      note(request, {})
      return userView(user)
    },
  )

  app.post(
    '/v1/users',
    {
      config: { access: 'admin', told: TOLD },
      schema: { summary: 'Adds an account', body: newUser, response: answers({ 201: userShape }, ...GATED, ...BODY) },
    },
    async (request, reply) => {
      const { id, name: known = id, ...rest } = request.body
      if (rest.password !== null) assertInPerson(principalOf(request), clock)
      assertScope(scopes, rest.scope)
      const user = await administration.addUser({ id, name: known, ...rest }, principalOf(request).actor)
      return reply.code(201).send(userView(user))
    },
  )

  async function change(
    request: FastifyRequest<{ Params: { id: string } }>,
    body: z.infer<typeof userChange>,
  ): Promise<z.infer<typeof changed>> {
    const { id } = request.params
    assertScope(scopes, body.scope ?? null)
    const known = administration.user(id)
    if (known !== null) note(request, { before: userView(known) })
    const principal = principalOf(request)
    // Whom nobody else lets in any more: somebody may be waiting with the envelope in their hand.
    const isRescue = known !== null && known.emergency !== null && body.disabled === true
    if (isRescue || letsIn(known, body)) assertInPerson(principal, clock)
    const { user, left } = await administration.changeUser(id, body, principal.actor)
    if (isRescue) request.log.error({ by: principal.actor }, 'the emergency account was disabled')
    return { user: userView(user), left: { ...left, tokens: [...left.tokens], owned: [...owned(id)] } }
  }

  app.patch(
    '/v1/users/:id',
    {
      config: { access: 'admin', told: TOLD_OF_CHANGE },
      schema: {
        summary: 'Changes an account; a new password ends its sessions, disabling its tokens as well',
        params: ID,
        body: userChange,
        response: answers({ 200: changed }, ...GATED, 'NOT_FOUND', ...BODY),
      },
    },
    (request) => change(request, request.body),
  )

  app.post(
    '/v1/users/:id/vouch',
    {
      config: { access: ['approver', 'admin'], told: TOLD_OF_CHANGE },
      schema: {
        summary: 'An approver vouches for another: that the account is in the hands of whom it is named after',
        params: ID,
        response: answers({ 200: userShape }, ...GATED, 'NOT_FOUND', 'SELF_APPROVAL', ...BODY),
      },
    },
    async (request) => {
      const { id } = request.params
      const principal = principalOf(request)
      const { actor, via } = principal
      // Whoever owns the machine can write the store by other means; they had better do it here, where it is told.
      const ofMachine = via === OF_MACHINE
      if (ofMachine)
        request.log.error({ approver: id }, 'an approver is vouched for by the owner of this machine alone')
      else if (satisfies(principal, 'approver', true)) assertFresh(principal, clock)
      else throw new ApiError('FORBIDDEN', `Another approver vouches for ${id}, in person; ${actor} is none.`)
      const known = administration.user(id)
      if (known !== null) note(request, { before: userView(known) })
      return userView(await administration.vouch(id, actor))
    },
  )

  app.delete(
    '/v1/users/:id',
    {
      config: { access: 'admin', told: TOLD_OF_CHANGE },
      schema: {
        summary: 'Disables an account; its id is never used again',
        params: ID,
        response: answers({ 200: changed }, ...GATED, 'NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE', 'STORE_UNAVAILABLE'),
      },
    },
    (request) => change(request, { disabled: true }),
  )
}

/** Whether somebody could sign in by it, or administer, who could not before. */
function letsIn(known: User | null, { password, roles = [], disabled }: z.infer<typeof userChange>): boolean {
  const isMade = roles.includes('admin') && known?.roles.includes('admin') !== true
  return password !== undefined || disabled === false || isMade
}

function userView(user: User): UserView {
  const { password: _, emergency: __, created, disabled, vouched, roles, scope: known, ...rest } = user
  return {
    ...rest,
    roles: [...roles],
    scope: scopeView(known),
    person: isPerson(user),
    created: { ...created, at: utc(created.at) },
    vouched: vouched === null ? null : { ...vouched, at: utc(vouched.at) },
    disabled: disabled === null ? null : { ...disabled, at: utc(disabled.at) },
  }
}
