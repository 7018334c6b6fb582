// Which roles and scopes an account may have, and which a token of it.

import {
  APART,
  IN_PERSON,
  isPerson,
  memberFault,
  PERSONS_ALONE,
  type Role,
  type Scope,
  SECOND_PERSON,
} from '../model/principal.js'
import type { UnixMilliseconds } from '../model/units.js'
import { MizaniError } from '../runtime/errors.js'
import { MAX_TOKEN_LIFE, MAX_TOKEN_LIFE_FEDERATED } from '../runtime/limits.js'
import type { User } from './records.js'

export interface NewToken {
  readonly user: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly scope: Scope | null
  readonly expires: UnixMilliseconds
}

/**
 * What a token of this account may be.
 * @param by the account that asks for it
 * @throws MizaniError FORBIDDEN: the account is another person's; BAD_REQUEST: roles or a scope that the account does
 * not have, an end that is too far away.
 */
export function assertToken(user: User, token: NewToken, by: string, now: UnixMilliseconds): void {
  if (user.emergency !== null) throw wrong('/user', 'SEALED', 'The emergency account has no tokens.')
  if (isPerson(user) && user.id !== by) throw notTheirs(user.id)
  assertNoEdge(token.roles)
  const apart = user.roles.includes('admin') ? token.roles.filter((role) => SECOND_PERSON.includes(role)) : []
  if (apart.length > 0) throw wrong('/roles', 'ROLE', `${user.id} administers, so no token is ${apart.join(', ')}.`)
  const personal = token.roles.filter((role) => IN_PERSON.includes(role))
  if (personal.length > 0) throw wrong('/roles', 'ROLE', `${personal.join(', ')}: in person, never by a token.`)
  const missing = token.roles.filter((role) => !user.roles.includes(role) && !user.roles.includes('admin'))
  if (missing.length > 0) throw wrong('/roles', 'ROLE', `${user.id} does not have ${missing.join(', ')}.`)
  const own = token.roles.filter((role) => APART.includes(role) && !user.roles.includes(role))
  if (own.length > 0) throw wrong('/roles', 'ROLE', `${user.id} does not have ${own.join(', ')} itself.`)
  if (user.scope !== null && token.scope !== null) {
    throw wrong('/scope', 'SCOPE', `The scope of ${user.id} counts; leave that of the token away.`)
  }
  assertMember({ roles: token.roles, scope: user.scope ?? token.scope })
  if (token.expires <= now) throw wrong('/expires', 'INVALID', 'The end must lie in the future.')
  if (token.expires > now + MAX_TOKEN_LIFE) throw wrong('/expires', 'INVALID', 'A token lives a year at most.')
  if (user.source !== 'local' && token.expires > now + MAX_TOKEN_LIFE_FEDERATED) {
    const why = 'whoever has left them is not heard of here'
    throw wrong('/expires', 'INVALID', `A token of an account by ${user.source} lives 30 days at most: ${why}.`)
  }
}

/** An edge has an account of its own kind: mizani edge-user add. @throws MizaniError BAD_REQUEST. */
export function assertNoEdge(roles: readonly Role[]): void {
  if (!roles.includes('edge')) return
  throw wrong('/roles', 'ROLE', 'No account of a person or service is an edge: mizani edge-user add EDGE.')
}

/** @throws MizaniError BAD_REQUEST for a member of no institution, or of several. */
export function assertMember({
  roles,
  scope,
}: {
  readonly roles: readonly Role[]
  readonly scope: Scope | null
}): void {
  const fault = memberFault(roles, scope)
  if (fault !== null) throw wrong('/scope', 'SCOPE', fault)
}

/** @throws MizaniError BAD_REQUEST for a service with a role that is a person's. */
export function assertNoService(
  account: Pick<User, 'password' | 'source'> & { readonly roles: readonly Role[] },
): void {
  const personal = isPerson(account) ? [] : account.roles.filter((role) => PERSONS_ALONE.includes(role))
  if (personal.length === 0) return
  throw wrong('/roles', 'ROLE', `${personal.join(', ')}: a person's, with a password. This account is a service.`)
}

/** A token acts in the name of its account: one that somebody else has made would put words into the person's mouth. */
const notTheirs = (id: string): MizaniError =>
  new MizaniError({
    code: 'FORBIDDEN',
    message: `${id} is a person, and only ${id} makes tokens of that account.`,
    advice: `Sign in as ${id} (mizani token add --as ${id}), or make a service account (mizani user add ID --service).`,
  })

export const wrong = (pointer: string, code: string, message: string): MizaniError =>
  new MizaniError({ code: 'BAD_REQUEST', message, faults: [{ code, pointer, message }] })
