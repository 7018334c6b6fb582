// Accounts and their tokens as administrators see and change them. Each change is decided on the whole of the accounts,
// so that no two administrators can, at the same moment, disable each other and leave nobody.
//
// An account is never deleted: its id in the audit means one person for ever. Disabling one ends its sessions and
// tokens and says what else it owned, for somebody to look after.

import { IN_PERSON, type Role, type Scope, type Source } from '../model/principal.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import { MAX_TOKENS, MAX_USERS } from '../runtime/limits.js'
import type { AccountBook, Decision } from './book.js'
import type { Passwords } from './passwords.js'
import { byPassword, type Verified, vouchable } from './person.js'
import {
  type AccountState,
  digestOf,
  endingOf,
  factorsOf,
  fieldOf,
  hasFactor,
  isOwn,
  newId,
  newSecret,
  type Token,
  type User,
  type Write,
} from './records.js'
import { assertMember, assertNoEdge, assertNoService, assertToken, type NewToken, wrong } from './rights.js'
import type { SignInThrottle } from './throttle.js'

export interface NewUser {
  readonly id: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly scope: Scope | null
  /** Null: a service, which acts by tokens alone, or somebody whom a provider signs in. */
  readonly password: string | null
  /** Who signs the person in; absent: we. */
  readonly source?: Source
  /** Who the person is there; absent: our own. */
  readonly subject?: string
  /** Whether it is the person's own choice. */
  readonly chosen?: boolean
}

export interface UserChange {
  readonly name?: string | undefined
  readonly roles?: readonly Role[] | undefined
  readonly scope?: Scope | null | undefined
  readonly password?: string | undefined
  readonly disabled?: boolean | undefined
}

/** What an account leaves behind when it is disabled. */
export interface LeftBehind {
  readonly sessions: number
  readonly tokens: readonly { readonly id: string; readonly name: string }[]
}

/** What a new account and a new password are held against. */
export interface Fitness {
  /** @throws MizaniError BAD_REQUEST for what cannot be the id of an account. */
  readonly assertId: (id: string) => void
  /** @throws MizaniError BAD_REQUEST for a password that is too easy. */
  readonly assertPassword: (password: string, id: string, name?: string) => Promise<void>
}

export interface AdministrationOptions extends Fitness {
  /** That of signing in: the present password is guessed no faster here. */
  readonly throttle: SignInThrottle
  readonly passwords: Passwords
}

export class Administration {
  readonly #book: AccountBook
  readonly #clock: Clock
  readonly #options: AdministrationOptions

  constructor(book: AccountBook, clock: Clock, options: AdministrationOptions) {
    this.#book = book
    this.#clock = clock
    this.#options = options
  }

  users(): readonly User[] {
    return [...this.#book.state.users.values()]
  }

  user(id: string): User | null {
    return this.#book.state.users.get(id) ?? null
  }

  /** Whether somebody could sign in and administer. */
  hasAdmin(): boolean {
    return this.users().some(isActiveAdmin)
  }

  tokens(): readonly Token[] {
    return [...this.#book.state.tokens.values()]
  }

  /** @throws MizaniError BAD_REQUEST: the id is or was taken, the password is too easy. */
  async addUser({ password, ...account }: NewUser, by: string): Promise<User> {
    const { assertId, assertPassword } = this.#options
    assertId(account.id)
    if (password !== null) await assertPassword(password, account.id, account.name)
    const hash = password === null ? null : await this.#options.passwords.hash(password)
    const created = { at: this.#clock.wall(), by }
    return this.#book.change((state) => newAccount(state, { ...account, password: hash }, created))
  }

  /**
   * Changes what is given. A new password and disabling end the sessions and the tokens, a scope ends the tokens that
   * have another.
   * @param shown the stored password that the person was held against, where it is their own change; null: it is not
   * @throws MizaniError NOT_FOUND; BAD_REQUEST: nobody could administer afterwards, the password is too easy;
   * FORBIDDEN: what was shown is the password no longer.
   */
  async changeUser(
    id: string,
    change: UserChange,
    by: string,
    shown: string | null = null,
  ): Promise<{ user: User; left: LeftBehind }> {
    const { password, disabled, ...rest } = change
    const own = shown !== null
    if (password !== undefined) await this.#options.assertPassword(password, id, rest.name ?? this.user(id)?.name)
    const hash = password === undefined ? undefined : await this.#options.passwords.hash(password)
    const now = this.#clock.wall()
    return this.#book.change((state) => {
      const known = state.users.get(id)
      if (known === undefined) throw unknown('account', id)
      // Somebody else may have set another one while this was worked out, at this controller or another.
      if (own && (known.password !== shown || known.disabled !== null)) throw notPresent()
      assertOurs(known, change)
      assertNoEdge(rest.roles ?? [])
      if (known.emergency !== null && (hash !== undefined || rest.roles || rest.scope))
        throw wrong('/id', 'SEALED', `${id} is the emergency account: mizani emergency seal gives it a new password.`)
      const user: User = {
        ...known,
        ...(rest.name === undefined ? {} : { name: rest.name }),
        ...(rest.roles === undefined ? {} : { roles: [...rest.roles] }),
        ...(rest.scope === undefined ? {} : { scope: scopeOf(rest.scope) }),
        ...(hash === undefined ? {} : { password: hash, chosen: own }),
        ...(disabled === undefined ? {} : { disabled: disabled ? (known.disabled ?? { at: now, by }) : null }),
      }
      if (!own) user.vouched = lapsedBy(known, { ...change, hash })
      assertMember(user)
      // One of an earlier release can be disabled as it is.
      if (rest.roles !== undefined) assertNoService(user)
      assertAdminLeft(state, user)
      const isOut = user.disabled !== null || hash !== undefined
      const sessions = isOut ? endingOf(state, id) : { writes: [], count: 0 }
      const tokens = tokensOf(state, id).filter(([, token]) => isOut || reachesElsewhere(user, token))
      const writes: Write[] = [
        [fieldOf.user(id), user],
        ...sessions.writes,
        ...tokens.map(([digest]) => [fieldOf.token(digest), null] as const),
        ...(isOut ? enrollingEnds(state, id) : []),
      ]
      const left = {
        sessions: sessions.count,
        tokens: tokens.map(([, token]) => ({ id: token.id, name: token.name })),
      }
      return { writes, result: { user, left } }
    })
  }

  /**
   * An approver answers for another, or for who breaks glass: that the account is in the hands of the person it is
   * named after. Without it an administrator could make the second person up; for the first there is, the machine's
   * owner does. Who administers is vouched for to break glass, not to approve.
   * @param by a trusted approver, or the machine's owner
   * @throws MizaniError NOT_FOUND, SELF_APPROVAL, BAD_REQUEST: it is neither, its password is not its own yet, or it is
   * set elsewhere and all that there is.
   */
  vouch(id: string, by: string): Promise<User> {
    return this.#book.change((state) => {
      const known = state.users.get(id)
      if (known === undefined || known.disabled !== null) throw unknown('account that is in use', id)
      if (id === by) {
        throw new MizaniError({
          code: 'SELF_APPROVAL',
          message: 'Nobody vouches for themselves: another approver does.',
        })
      }
      const factors = factorsOf(state, id)
      if (vouchable(known).length === 0 && factors.reset === null) {
        const why = known.roles.includes('admin')
          ? `${id} administers, and nobody does both: take that role away first.`
          : `${id} is neither approver nor break-glass: give the role first.`
        throw wrong('/id', 'ROLE', why)
      }
      if (factors.reset !== null && !hasFactor(factors)) {
        const first = `The second factor of ${id} was reset, and none is enrolled yet (mizani factor add --as ${id}).`
        throw wrong('/id', 'FACTOR', first)
      }
      if (known.source !== 'local' && !hasFactor(factors) && !isFactorGiven(state, id)) {
        const why = `whoever administers ${known.source} can set its password`
        const first = `${id} has shown no second factor, and ${why}: enrol one first (mizani factor add --as ${id}).`
        throw wrong('/id', 'FACTOR', first)
      }
      if (!isOwn(known)) {
        const own = `${id} has not chosen the password yet (mizani password --as ${id}): whoever set it still knows it.`
        throw wrong('/id', 'PASSWORD', own)
      }
      const user: User = { ...known, vouched: { at: this.#clock.wall(), by, lapsed: false } }
      const again: Write[] = factors.reset === null ? [] : [[fieldOf.factors(id), { ...factors, reset: null }]]
      return { writes: [[fieldOf.user(id), user], ...again], result: user }
    })
  }

  /**
   * The person's own change; signs them out elsewhere and here.
   * @returns who signs in anew
   * @throws MizaniError FORBIDDEN: the present password is another one, or there is none to change; RATE_LIMITED.
   */
  async changePassword(id: string, present: string, next: string, address: string): Promise<Verified> {
    const shown = this.user(id)?.password ?? null
    const { throttle, passwords } = this.#options
    const guess = throttle.take(id, address)
    const right = await guess.looking(passwords.matches(present, shown))
    if (!right) throw notPresent()
    guess.right()
    if (present === next) throw wrong('/password', 'WEAK_PASSWORD', 'The new password is the present one.')
    const { user } = await this.changeUser(id, { password: next }, id, shown)
    return byPassword(user)
  }

  /**
   * A token of an account; it is shown once. A person makes their own; others make those of services.
   * @param by the account that asks for it
   * @throws MizaniError NOT_FOUND; FORBIDDEN: the account is another person's; BAD_REQUEST: roles that the account does
   * not have, an end that is too far away.
   */
  addToken(token: NewToken, by: string): Promise<{ token: Token; secret: string }> {
    const secret = newSecret()
    const now = this.#clock.wall()
    return this.#book.change((state) => {
      const user = state.users.get(token.user)
      if (user === undefined || user.disabled !== null) throw unknown('account that is in use', token.user)
      assertToken(user, token, by, now)
      const over = [...state.tokens].filter(([, { expires }]) => expires <= now)
      if (state.tokens.size - over.length >= MAX_TOKENS) throw wrong('', 'LIMIT', `There are ${MAX_TOKENS} tokens.`)
      const { roles, scope, ...rest } = token
      const kept: Token = { ...rest, id: newId(), roles: [...roles], scope: scopeOf(scope), created: { at: now, by } }
      const writes: Write[] = [
        ...over.map(([digest]) => [fieldOf.token(digest), null] as const),
        [fieldOf.token(digestOf(secret)), kept],
      ]
      return { writes, result: { token: kept, secret } }
    })
  }

  /** @throws MizaniError NOT_FOUND. */
  removeToken(id: string): Promise<Token> {
    return this.#book.change((state) => {
      const found = [...state.tokens].find(([, token]) => token.id === id)
      if (found === undefined) throw unknown('token', id)
      return { writes: [[fieldOf.token(found[0]), null]], result: found[1] }
    })
  }
}

/** Names of the machine and of nobody: an account of such a name could hide behind them in the audit. */
const RESERVED = [
  ...['emergency', 'env-admin', 'cli', 'first-sign-in', 'first', 'nobody', 'seed', 'mizani'],
  ...['unreadable', 'restore', 'oidc', 'ldap'],
]

/** @throws MizaniError BAD_REQUEST for what cannot be the id of an account. */
export function assertAccountId(id: string, isEdge: (id: string) => boolean): void {
  if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(id)) {
    throw wrong('/id', 'INVALID', 'An id has small letters, digits, dots and hyphens, at most 63.')
  }
  if (RESERVED.includes(id)) throw wrong('/id', 'RESERVED', `"${id}" is a name of the machine.`)
  if (isEdge(id)) throw wrong('/id', 'RESERVED', `"${id}" is an edge, which speaks for itself.`)
}

/** The decision to add an account. @throws MizaniError BAD_REQUEST. */
export function newAccount(state: AccountState, account: NewUser, created: User['created']): Decision<User> {
  if (state.users.has(account.id)) throw wrong('/id', 'TAKEN', `The account "${account.id}" exists, or existed.`)
  assertNoEdge(account.roles)
  assertMember(account)
  assertNoService({ source: 'local', ...account })
  if (state.users.size >= MAX_USERS) throw wrong('', 'LIMIT', `There are ${MAX_USERS} accounts.`)
  const { roles, scope, chosen = false, source = 'local', subject = null, ...rest } = account
  const user: User = {
    ...rest,
    ...{ source, subject, chosen },
    vouched: null,
    roles: [...roles],
    scope: scopeOf(scope),
    created,
    emergency: null,
    disabled: null,
  }
  return { writes: [[fieldOf.user(user.id), user]], result: user }
}

/**
 * What somebody else does to an account that lets them act as it; and that it begins to administer, or ends: whoever
 * does is no second person, and becomes none by giving it up.
 */
export function lapsedBy(
  { vouched, roles }: User,
  change: Pick<UserChange, 'roles' | 'disabled'> & { readonly hash: string | undefined },
): User['vouched'] {
  const after = change.roles ?? roles
  const isGiven = IN_PERSON.some((role) => after.includes(role) && !roles.includes(role))
  const isOther = after.includes('admin') !== roles.includes('admin')
  const isTaken = change.hash !== undefined || isGiven || isOther || change.disabled === false
  return vouched === null || !isTaken ? vouched : { ...vouched, lapsed: true }
}

/** An authenticator that waits for its first code may be of somebody who is out now. */
function enrollingEnds(state: AccountState, id: string): Write[] {
  const factors = factorsOf(state, id)
  return factors.next === null ? [] : [[fieldOf.factors(id), { ...factors, next: null }]]
}

/** What its source says of an account is changed there: here it would last until the next sign-in. */
function assertOurs({ id, source }: User, { disabled: _, ...change }: UserChange): void {
  const [what] =
    source === 'local' ? [] : Object.entries(change).flatMap(([key, value]) => (value === undefined ? [] : key))
  if (what === undefined) return
  const where = what === 'password' ? 'it is changed there' : `there, by groups and the setting ${source}.roles`
  throw wrong(`/${what}`, 'SOURCE', `${id} signs in by ${source}, which says the ${what}: ${where}.`)
}

/** One of our own: a provider or a directory may be away, and then somebody must be able to mend it. */
const isActiveAdmin = ({ source, password, roles, disabled, scope }: User): boolean =>
  source === 'local' && password !== null && roles.includes('admin') && disabled === null && scope === null

function assertAdminLeft({ users }: AccountState, changed: User): void {
  const before = users.get(changed.id)
  if (before === undefined || !isActiveAdmin(before) || isActiveAdmin(changed)) return
  if ([...users.values()].some((user) => user.id !== changed.id && isActiveAdmin(user))) return
  throw wrong('', 'LAST_ADMIN', `${changed.id} is the last administrator: make another one first.`)
}

/** The account has got another scope than the token has: neither counts more, so the token says nothing. */
export const reachesElsewhere = (user: User, token: Token): boolean => user.scope !== null && token.scope !== null

/** Whether a provider has had the person show a second factor, in a session that lasts. */
const isFactorGiven = ({ sessions }: AccountState, id: string): boolean =>
  [...sessions.values()].some(({ of, factor }) => of.kind === 'user' && of.user === id && factor?.kind === 'provider')

/** By digest. */
export const tokensOf = ({ tokens }: AccountState, user: string): [string, Token][] =>
  [...tokens].filter(([, token]) => token.user === user)

export const scopeOf = (scope: Scope | null): User['scope'] => structuredClone(scope) as User['scope']

const notPresent = (): MizaniError =>
  new MizaniError({ code: 'FORBIDDEN', message: 'This is not the present password.' })

const unknown = (what: string, id: string): MizaniError =>
  new MizaniError({ code: 'NOT_FOUND', message: `There is no ${what} "${id}".` })
