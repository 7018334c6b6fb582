// Who somebody is who has signed in, what they still lack, and whether it is them and nobody else. Worked out anew for
// each request from what their account is now.

import { IN_PERSON, isPerson, type Lack, type Principal, type Role } from '../model/principal.js'
import {
  type AccountState,
  type Factor,
  factorsOf,
  hasFactor,
  isOwn,
  isTrusted,
  type Session,
  type User,
  type Via,
} from './records.js'

/** Roles that take a second factor. */
export type FactorRoles = readonly Role[]

/** A sign-in as a person. */
export interface Shown {
  readonly via: Via
  readonly factor?: Factor | undefined
}

/** Whether this account must have a second factor. */
export const isAsked = ({ roles }: Pick<User, 'roles'>, wanted: FactorRoles): boolean =>
  roles.some((role) => wanted.includes(role))

/** Whether the password alone was shown of somebody who has more to show. */
export const isHalf = (state: AccountState, { of, factor }: Session): boolean =>
  of.kind === 'user' &&
  factor === undefined &&
  hasFactor(factorsOf(state, of.user)) &&
  !state.users.get(of.user)?.emergency

/** What the person does next, before anything else; null: nothing. */
export function lackOf(state: AccountState, user: User, { via, factor }: Shown, wanted: FactorRoles): Lack | null {
  // Its password was made for one use, and is the only thing that is left.
  if (user.emergency !== null) return null
  const has = hasFactor(factorsOf(state, user.id))
  if (has && factor === undefined) return 'code'
  // Whoever has set it knows it still.
  if (via === 'password' && !user.chosen) return 'password'
  return has || factor?.kind === 'provider' || !isAsked(user, wanted) ? null : 'factor'
}

/**
 * Whether this is the person and nobody else: a password of their own choice, and a second factor of whoever has one.
 * A provider's word alone is not enough, for whoever administers it can set a password there.
 */
export function inPersonBy(state: AccountState, user: User, { via, factor }: Shown, wanted: FactorRoles): boolean {
  const factors = factorsOf(state, user.id)
  if (user.emergency !== null) return via === 'password'
  if (factors.reset !== null) return false
  const isTheirs = via === 'password' ? user.chosen : isOwn(user)
  const needsFactor = via !== 'password' || hasFactor(factors) || isAsked(user, wanted)
  return isTheirs && (factor !== undefined || !needsFactor)
}

/** Whoever opens the envelope needs nobody else's word. An edge has an account here only of a release before. */
const hasRole = (user: User, role: Role): boolean =>
  role !== 'edge' && (!IN_PERSON.includes(role) || user.emergency !== null || isTrusted(user))

export const principalOf = (user: User, via: string, inPerson: boolean): Principal => ({
  actor: user.id,
  roles: user.roles.filter((role) => hasRole(user, role)),
  administers: user.roles.includes('admin'),
  scope: user.scope,
  person: isPerson(user),
  inPerson,
  via,
})
