// Shapes of what is said about accounts: who asks, who has one, which tokens there are, how far a scope reaches.

import type { FastifyRequest } from 'fastify'
import { BY_TOKEN, FACTORS, LACKS, READ_WITHIN, ROLES, type Scope, SOURCES } from '../../model/principal.js'
import { MAX_ID_LENGTH } from '../../runtime/limits.js'
import * as z from '../../runtime/zod.js'
import { toldScope } from '../audit/fit.js'
import { type Caller, cookieOf, principalOf } from '../guard.js'
import { ApiError } from '../problem.js'
import { time } from '../shapes.js'
import { utc } from '../views.js'

const rate = z.int().nonnegative().describe('bit/s')
const someIds = z.array(z.string().min(1).max(MAX_ID_LENGTH)).min(1).max(100).optional()
const budgetShape = z
  .strictObject({
    institutions: z.int().min(0).max(100_000).optional().describe('How many'),
    tiers: someIds.describe('That may be given'),
    guarantee: rate.optional().describe('bit/s in sum, in each direction'),
    ceiling: rate.optional().describe('bit/s in sum, in each direction'),
  })
  .describe('What the scope may hold; of what is not named no more than it holds')
const reads = z.enum(READ_WITHIN).optional().describe('scope: of other institutions nothing is shown; absent: all is')
export const scopeShape = z
  .strictObject({
    institutions: someIds,
    ...{ categories: someIds, regions: someIds, envelopes: someIds },
    ...{ budget: budgetShape.optional(), reads },
  })
  .meta({ id: 'Scope' })

/** A scope as it is sent: a copy, because shapes are not read-only. */
export const scopeView = (scope: Scope | null) => structuredClone(scope) as z.infer<typeof scopeShape> | null

export const meShape = z
  .strictObject({
    actor: z.string(),
    roles: z.array(z.enum(ROLES)),
    unvouched: z.array(z.enum(ROLES)).describe('Roles that do not count until an approver has vouched for the account'),
    scope: scopeShape.nullable().describe('What may be changed; null: everything'),
    person: z.boolean().describe('False for secrets of the machine, which may not approve'),
    via: z.string(),
    expires: time.nullable(),
    factor: z
      .strictObject({ kind: z.enum(FACTORS), at: time })
      .nullable()
      .describe('The latest second factor of this session; null: none was given'),
    lacks: z
      .enum(LACKS)
      .nullable()
      .describe('What comes before anything else: the code of a factor, a password of the own choice, a factor'),
  })
  .meta({ id: 'Me' })
/** Of whoever is signed in now; not a word of what they signed in with. */
export const TOLD_OF_ME = [
  'actor',
  'roles',
  'person',
  'via',
  'expires',
  'lacks',
  'factor.kind',
  'factor.at',
  ...toldScope('scope'),
]

export function meView({
  actor,
  roles,
  unvouched = [],
  scope,
  person,
  via,
  expires,
  factor,
  lacks = null,
}: Caller): z.infer<typeof meShape> {
  return {
    ...{ actor, roles: [...roles], unvouched: [...unvouched], scope: scopeView(scope), person, via, lacks },
    expires: expires === undefined ? null : utc(expires),
    factor: factor ? { ...factor, at: utc(factor.at) } : null,
  }
}

const made = { at: time, by: z.string() }
export const userShape = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    roles: z.array(z.enum(ROLES)),
    scope: scopeShape.nullable(),
    source: z.enum(SOURCES).describe('Who knows the person: we, or the provider that signs them in'),
    subject: z.string().nullable().describe('Who it is there, for ever; null: our own'),
    person: z.boolean().describe('False: a service, which acts by tokens alone'),
    chosen: z.boolean().describe('The password is of the own choice'),
    vouched: z
      .strictObject({ ...made, lapsed: z.boolean() })
      .nullable()
      .describe('By another approver'),
    created: z.strictObject(made),
    disabled: z.strictObject(made).nullable(),
  })
  .meta({ id: 'User' })
export type UserView = z.infer<typeof userShape>

export const tokenShape = z
  .strictObject({
    id: z.string(),
    user: z.string(),
    name: z.string(),
    roles: z.array(z.enum(ROLES)),
    scope: scopeShape.nullable(),
    created: z.strictObject(made),
    expires: time,
  })
  .meta({ id: 'Token' })
export type TokenView = z.infer<typeof tokenShape>

export const factorShape = z
  .strictObject({ id: z.string(), kind: z.enum(['totp', 'passkey']), name: z.string(), created: time })
  .meta({ id: 'Factor' })

export const recoveryCodes = z
  .array(z.string())
  .describe('For the day it is lost: shown this once, each works once; none where there are some already')

/** The person and their session. @throws ApiError FORBIDDEN for tokens and secrets of the machine. */
export function ownSession(request: FastifyRequest) {
  const principal = principalOf(request)
  const cookie = cookieOf(request)
  const { actor: user, login, person, via } = principal
  if (login !== undefined && person && !via.startsWith(BY_TOKEN) && cookie !== undefined)
    return { principal, cookie, user, login }
  throw new ApiError('FORBIDDEN', 'A second factor is a person’s: sign in as yourself.')
}
