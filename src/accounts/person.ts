// Who somebody is who has signed in, what they still lack, and whether it is them and nobody else. Worked out anew for
// each request from what their account is now.

import { IN_PERSON, isPerson, type Lack, type Principal, type Role, SECOND_PERSON } from '../model/principal.js'
import type { UnixMilliseconds } from '../model/units.js'
import { MizaniError } from '../runtime/errors.js'
import {
  type AccountState,
  type Factor,
  type Factors,
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
interface Shown {
  readonly via: Via
  /** The second factor that was given with it, and when; absent: none. */
  readonly factor?: Factor | undefined
}

/** Somebody whose identity was verified: here, or by a provider that is believed. */
export interface Verified extends Shown {
  /** An account that there is. */
  readonly user: string
  /** When they showed who they are, if not now. */
  readonly shown?: UnixMilliseconds | undefined
  /** Asked where the session is written: whether what was shown still lets in; absent: nobody here can say. */
  readonly holds?: ((state: AccountState) => boolean) | undefined
}

/** Somebody who has shown this very password: as long as it is theirs. */
export const byPassword = ({ id, password }: User): Verified => ({
  user: id,
  via: 'password',
  holds: ({ users }) => users.get(id)?.password === password,
})

/** Whether this account must have a second factor. */
export const isAsked = ({ roles }: Pick<User, 'roles'>, wanted: FactorRoles): boolean =>
  roles.some((role) => wanted.includes(role))

/** What was given that counts: whoever has a factor of their own here shows that one, whatever a provider has asked. */
const givenOf = (factors: Factors, factor: Factor | undefined): Factor | undefined =>
  factor?.kind === 'provider' && hasFactor(factors) ? undefined : factor

/** Whether the password alone was shown of somebody who has more to show. */
export function isHalf(state: AccountState, { of, factor }: Session): boolean {
  if (of.kind !== 'user' || state.users.get(of.user)?.emergency) return false
  const factors = factorsOf(state, of.user)
  return hasFactor(factors) && givenOf(factors, factor) === undefined
}

/** What the person does next, before anything else; null: nothing. */
export function lackOf(state: AccountState, user: User, { via, factor }: Shown, wanted: FactorRoles): Lack | null {
  // Its password was made for one use, and is the only thing that is left.
  if (user.emergency !== null) return null
  const factors = factorsOf(state, user.id)
  const has = hasFactor(factors)
  if (has && givenOf(factors, factor) === undefined) return 'code'
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
  return isTheirs && (givenOf(factors, factor) !== undefined || !needsFactor)
}

/**
 * Where factors are enrolled and removed: by a person who is still signed in.
 * @param login null: by none
 * @throws MizaniError UNAUTHENTICATED: the sign-in has ended; FORBIDDEN: it is the emergency account.
 */
export function assertStillIn(state: AccountState, user: string, login: string | null): void {
  if (login !== null && ![...state.sessions.values()].some((session) => session.login === login))
    throw new MizaniError({ code: 'UNAUTHENTICATED', message: 'This session has ended.' })
  if (!state.users.get(user)?.emergency) return
  const message = `${user} gets in by what lies in the envelope alone: it has no second factors.`
  throw new MizaniError({ code: 'FORBIDDEN', message })
}

/** What an approver vouches for. Who administers is no second person, whoever says so. */
export const vouchable = ({ roles }: Pick<User, 'roles'>): Role[] =>
  roles.filter((role) => IN_PERSON.includes(role) && !(roles.includes('admin') && SECOND_PERSON.includes(role)))

/** Whoever opens the envelope needs nobody else's word. */
const isVouched = (user: User): boolean => user.emergency !== null || isTrusted(user)

export const principalOf = (user: User, via: string, inPerson: boolean): Principal => ({
  actor: user.id,
  // An edge has an account here only of a release before.
  roles: user.roles.filter((role) => role !== 'edge' && (!IN_PERSON.includes(role) || isVouched(user))),
  unvouched: isVouched(user) ? [] : vouchable(user),
  administers: user.roles.includes('admin'),
  scope: user.scope,
  person: isPerson(user),
  inPerson,
  via,
})
