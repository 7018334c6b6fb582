// Who is asking. Every request asks this, so it answers from memory: a token or a cookie is looked up by digest,
// and what it may do is what its account may do now, so that a disabled account is out at its next request.
//
// A cookie is renewed every quarter of an hour while it is used; its predecessor lives on for the minute that requests
// under way may need. Renewal is also what shows that somebody is still there: idle is counted from it. Sessions are
// in the store, so a restart signs nobody out, but for those that were traded for a secret that ended with the process.

import {
  APART,
  BY_TOKEN,
  isPerson,
  type Lack,
  PERSONS_ALONE,
  type Principal,
  type Role,
  SECOND_PERSON,
} from '../model/principal.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import { SESSION_OVERLAP, SESSION_RENEWAL } from '../runtime/limits.js'
import { type Fitness, newAccount, reachesElsewhere } from './administration.js'
import type { AccountBook } from './book.js'
import { asSealed, EMERGENCY, isEmergency } from './emergency.js'
import type { AccountFactors } from './factors.js'
import type { Federated } from './federated/federated.js'
import { type MachineSecrets, machine } from './machine.js'
import type { ShownKey } from './passkeys.js'
import type { Passwords } from './passwords.js'
import { byPassword, type FactorRoles, inPersonBy, isHalf, lackOf, principalOf, type Verified } from './person.js'
import {
  digestOf,
  type Factor,
  factorsOf,
  fieldOf,
  hasFactor,
  newId,
  newSecret,
  type Session,
  type User,
  type Write,
} from './records.js'
import { endOf, outlived, WrongCodes } from './session-ends.js'
import type { SignInThrottle } from './throttle.js'

export interface SignedIn extends Principal {
  /** Which sign-in it is, whatever cookies it has had. */
  readonly login: string
  readonly begun: UnixMilliseconds
  /** When the person last showed who they are: by a second factor, else by signing in. */
  readonly proved: UnixMilliseconds
  /** The latest second factor; null: none was given. */
  readonly factor: Factor | null
  /** What comes before anything else. */
  readonly lacks: Lack | null
  readonly expires: UnixMilliseconds
}

/** What people and pages sign in with. With `secret` alone the machine's owner looks in without an account. */
export type Credential =
  | { readonly user: string; readonly password: string; readonly code?: string | undefined }
  | { readonly token: string }
  | { readonly secret: string }
  | { readonly secret: string; readonly user: string; readonly password: string }

/** A sign-in that has not ended. */
export interface Login {
  readonly id: string
  readonly user: string
  readonly via: string
  readonly address: string
  readonly begun: UnixMilliseconds
  /** When it was last renewed: to a quarter of an hour. */
  readonly seen: UnixMilliseconds
  readonly expires: UnixMilliseconds
}

export interface Begun {
  /** For the cookie; kept nowhere else. */
  readonly secret: string
  readonly session: SignedIn
}

/** What signing in asks besides passwords of our own. */
interface Checks extends Fitness {
  readonly factors: AccountFactors
  readonly factorRoles: FactorRoles
  /** Of these nothing is in person without one. */
  readonly inPersonRoles: FactorRoles
  readonly federated: Federated
  /** Of passwords, wherever one is asked for. */
  readonly throttle: SignInThrottle
  readonly passwords: Passwords
}

export class Authenticator {
  readonly #book: AccountBook
  readonly #secrets: MachineSecrets
  readonly #clock: Clock
  readonly #checks: Checks
  readonly #wrongCodes = new WrongCodes()

  constructor(book: AccountBook, secrets: MachineSecrets, clock: Clock, checks: Checks) {
    this.#book = book
    this.#checks = checks
    this.#secrets = secrets
    this.#clock = clock
  }

  byToken(token: string): Principal | null {
    return this.#ofToken(digestOf(token))
  }

  bySession(secret: string): SignedIn | null {
    const session = this.#book.state.sessions.get(digestOf(secret))
    if (session === undefined) return null
    const expires = endOf(this.#book.state, session)
    if (this.#clock.wall() >= expires) return null
    const principal = this.#ofSession(session)
    const { login, begun, shown = begun, factor = null } = session
    const proved = factor?.at ?? shown
    return principal && { ...principal, login, begun, proved, factor, lacks: this.#lack(session), expires }
  }

  /**
   * Null: this is not the way in, and nothing says which part of it was wrong.
   * @throws MizaniError RATE_LIMITED for a name that has to wait, BAD_REQUEST for a first password that is too easy.
   */
  async signIn(credential: Credential, address: string): Promise<Begun | null> {
    if ('token' in credential) {
      const digest = digestOf(credential.token)
      const principal = this.#ofToken(digest)
      if (principal === null) return null
      const ofMachine = this.#secrets.byDigest(digest) !== null
      return this.#begin(
        ofMachine ? { kind: 'machine', actor: principal.actor, digest } : { kind: 'token', digest },
        address,
      )
    }
    if ('secret' in credential) return this.#signInFirst(credential, address)
    return this.#signInPerson(credential, address)
  }

  /**
   * The session of somebody whose identity was verified, by whatever means. A factor of the future counts from now.
   * @throws MizaniError UNAUTHENTICATED: there is no such account, it is disabled, or what was shown holds no longer.
   */
  begin({ user, via, factor, shown, holds }: Verified, address: string): Promise<Begun> {
    const past = (at: UnixMilliseconds): UnixMilliseconds => Math.min(at, this.#clock.wall())
    const given = factor && { factor: { ...factor, at: past(factor.at) } }
    return this.#begin({ kind: 'user', user, via }, address, { ...given, ...(shown && { shown: past(shown) }) }, holds)
  }

  /**
   * Gives a session a second factor, or renews it: the second step of signing in, or the same person still there. From
   * here on it has another cookie: whoever has seen the one before the code has nothing.
   * @param enrolled just now, in this session, which was whole before
   * @throws MizaniError UNAUTHENTICATED: it has ended.
   */
  async prove(secret: string, factor: Factor, enrolled = false): Promise<Begun> {
    const digest = digestOf(secret)
    const next = newSecret()
    await this.#book.change((state) => {
      const now = this.#clock.wall()
      const session = state.sessions.get(digest)
      if (session === undefined || now >= endOf(state, session)) return { writes: [], result: undefined }
      const before = [...state.sessions].filter(([, { login }]) => login === session.login)
      const ended = before.map(([known, one]): Write => {
        // Requests under way carry the one before, where it could do anything.
        const ends = Math.min(now + SESSION_OVERLAP, one.ends ?? Number.POSITIVE_INFINITY)
        if (enrolled) return [fieldOf.session(known), { ...one, factor, ends }]
        return [fieldOf.session(known), one.factor === undefined ? null : { ...one, ends }]
      })
      const proven: Session = { ...session, factor, renewed: now, ends: null }
      return { writes: [...ended, [fieldOf.session(digestOf(next)), proven]], result: undefined }
    })
    const session = this.bySession(next)
    if (session !== null) return { secret: next, session }
    throw new MizaniError({ code: 'UNAUTHENTICATED', message: 'This session has ended.' })
  }

  /** A wrong code was given with this cookie: five end a sign-in that waits for one. */
  async missed(secret: string): Promise<void> {
    const session = this.#book.state.sessions.get(digestOf(secret))
    if (session === undefined || !isHalf(this.#book.state, session)) return
    if (this.#wrongCodes.isTooMany(session.login)) await this.end(session.login)
  }

  /**
   * By a passkey, which is both factors of an account of ours. Of whom others sign in it is a second step: whether they
   * are still there, their provider or directory alone knows, so it begins nothing, and lengthens nothing.
   * @param before the cookie that the browser has
   * @throws MizaniError FORBIDDEN: it signs in elsewhere first; UNAUTHENTICATED.
   */
  async byPasskey(shown: ShownKey, before: string | undefined, address: string): Promise<Begun> {
    const { user, factor } = shown
    const source = this.#book.state.users.get(user)?.source ?? 'local'
    if (source === 'local') {
      const begun = await this.begin({ ...shown, via: 'passkey' }, address)
      if (before !== undefined) await this.signOut(before)
      return begun
    }
    if (before !== undefined && this.bySession(before)?.actor === user) return this.prove(before, factor)
    throw new MizaniError({
      code: 'FORBIDDEN',
      message: `${user} signs in by ${source}: the passkey is asked for after that, and does not stand for it.`,
      advice: 'Sign in as usual, then by the passkey.',
    })
  }

  /** Ends the sign-in that this cookie belongs to, its predecessors included. */
  async signOut(secret: string): Promise<void> {
    const login = this.#book.state.sessions.get(digestOf(secret))?.login
    if (login !== undefined) await this.end(login)
  }

  /** Who is signed in, the latest first: each sign-in once, whatever cookies it has had. */
  logins(): readonly Login[] {
    const found = new Map<string, Login>()
    const now = this.#clock.wall()
    for (const session of this.#book.state.sessions.values()) {
      const { login, begun, renewed, address } = session
      const principal = this.#ofSession(session)
      const expires = endOf(this.#book.state, session)
      if (principal === null || now >= expires) continue
      const known = found.get(login)
      if (known !== undefined && known.seen >= renewed) continue
      found.set(login, { id: login, user: principal.actor, via: principal.via, address, begun, seen: renewed, expires })
    }
    return [...found.values()].sort((a, b) => b.begun - a.begun || (a.id < b.id ? -1 : 1))
  }

  /** Ends a sign-in with all its cookies; none of that name is left either way. */
  async end(login: string): Promise<void> {
    await this.#book.change((state) => {
      const of = [...state.sessions].filter(([, session]) => session.login === login)
      return { writes: of.map(([digest]) => [fieldOf.session(digest), null] as const), result: undefined }
    })
  }

  /** A fresh cookie for one that is due; null: it is not, or a request beside this one was faster. */
  async renew(secret: string): Promise<Begun | null> {
    const digest = digestOf(secret)
    const now = this.#clock.wall()
    const known = this.#book.state.sessions.get(digest)
    if (known === undefined || known.ends !== null || now - known.renewed < SESSION_RENEWAL) return null
    const next = newSecret()
    const done = await this.#book.change((state) => {
      const session = state.sessions.get(digest)
      if (session === undefined || session.ends !== null) return { writes: [], result: false }
      const writes: Write[] = [
        [fieldOf.session(digest), { ...session, ends: now + SESSION_OVERLAP }],
        [fieldOf.session(digestOf(next)), { ...session, renewed: now }],
        ...outlived(state, now),
      ]
      return { writes, result: true }
    })
    const session = done ? this.bySession(next) : null
    return session === null ? null : { secret: next, session }
  }

  async #signInPerson(
    { user: typed, password, code }: { user: string; password: string; code?: string | undefined },
    address: string,
  ) {
    const { federated, throttle, factors } = this.#checks
    const isSealed = isEmergency(typed)
    const name = isSealed ? EMERGENCY : typed
    const there = federated.nameIn(name)
    // As the directory tells names apart, so that another spelling is not another guess.
    const guess = throttle.take(there ?? name, address, isSealed)
    const asked: Promise<Verified | null> =
      there === null ? this.#ours(name, password) : federated.signIn(there, password)
    const verified = await guess.looking(asked)
    if (verified === null) return null
    guess.right()
    // Without a code the session waits for one. Whoever has no factor has none to show.
    const { user } = verified
    if (code === undefined || !hasFactor(factorsOf(this.#book.state, user))) return this.begin(verified, address)
    const factor = await factors.check(user, code, address)
    return factor && this.begin({ ...verified, factor }, address)
  }

  async #ours(name: string, password: string): Promise<Verified | null> {
    const user = this.#book.state.users.get(name)
    const written = user?.emergency ? asSealed(password) : password
    const right = await this.#checks.passwords.matches(written, user?.password ?? null)
    return !right || user === undefined || user.disabled !== null ? null : byPassword(user)
  }

  async #signInFirst(credential: { secret: string; user?: string; password?: string }, address: string) {
    const { secret, user: id, password } = credential
    if (!this.#secrets.isFirst(secret)) return null
    if (id === undefined || password === undefined) {
      this.#secrets.spendFirst()
      // As a token that nobody is shown: the session ends with this process.
      const digest = digestOf(this.#secrets.issue(machine('first-sign-in', 'link')))
      return this.#begin({ kind: 'machine', actor: 'first-sign-in', digest }, address)
    }
    this.#checks.assertId(id)
    await this.#checks.assertPassword(password, id)
    const account = {
      id,
      name: id,
      roles: ['admin'] as const,
      scope: null,
      password: await this.#checks.passwords.hash(password),
      chosen: true,
    }
    // Asked again: hashing takes its time, and the link works once.
    if (!this.#secrets.isFirst(secret)) return null
    this.#secrets.spendFirst()
    const created = { at: this.#clock.wall(), by: 'first-sign-in' }
    await this.#book.change((state) => newAccount(state, { ...account, roles: [...account.roles] }, created))
    return this.begin({ user: id, via: 'password' }, address)
  }

  async #begin(
    of: Session['of'],
    address: string,
    more: Pick<Session, 'factor' | 'shown'> = {},
    holds: Verified['holds'] = () => true,
  ): Promise<Begun> {
    const secret = newSecret()
    const now = this.#clock.wall()
    const session: Session = { login: newId(), of, ...more, address, begun: now, renewed: now, ends: null }
    await this.#book.change((state) => {
      if (!holds(state)) return { writes: [], result: undefined }
      const user = of.kind === 'user' ? state.users.get(of.user) : undefined
      const used: Write[] = user?.emergency ? [[fieldOf.user(user.id), usedAt(user, now, address)]] : []
      const writes = [...outlived(state, now, session), [fieldOf.session(digestOf(secret)), session] as const, ...used]
      return { writes, result: undefined }
    })
    const begun = this.bySession(secret)
    if (begun !== null) return { secret, session: begun }
    const message = 'This account is not in use, or what was shown lets in no longer.'
    throw new MizaniError({ code: 'UNAUTHENTICATED', message })
  }

  #ofSession({ of, factor }: Session): Principal | null {
    switch (of.kind) {
      case 'machine':
        return of.digest === null ? null : this.#secrets.byDigest(of.digest)
      case 'token':
        return this.#ofToken(of.digest)
      case 'user': {
        const { state } = this.#book
        const user = state.users.get(of.user)
        // A release before let passkeys alone sign in whom a provider or a directory may not know any more.
        const isOrphan = of.via === 'passkey' && user?.source !== 'local'
        return user === undefined || user.disabled !== null || isOrphan
          ? null
          : principalOf(user, of.via, inPersonBy(state, user, { via: of.via, factor }, this.#checks.inPersonRoles))
      }
    }
  }

  #lack({ of, factor }: Session): Lack | null {
    const { state } = this.#book
    const user = of.kind === 'user' ? state.users.get(of.user) : undefined
    return of.kind !== 'user' || !user ? null : lackOf(state, user, { via: of.via, factor }, this.#checks.factorRoles)
  }

  #ofToken(digest: string): Principal | null {
    const ours = this.#secrets.byDigest(digest)
    if (ours !== null) return ours
    const token = this.#book.state.tokens.get(digest)
    if (token === undefined || this.#clock.wall() >= token.expires) return null
    const user = this.#book.state.users.get(token.user)
    if (user === undefined || user.disabled !== null || reachesElsewhere(user, token)) return null
    // An earlier release let administrators make tokens of people, and give services what is a person's.
    const person = isPerson(user)
    if (person && token.created.by !== user.id) return null
    const administers = user.roles.includes('admin')
    const mayHold = (role: Role): boolean => {
      if (!person && PERSONS_ALONE.includes(role)) return false
      return administers && !APART.includes(role) ? !SECOND_PERSON.includes(role) : user.roles.includes(role)
    }
    const roles = token.roles.filter(mayHold)
    // The token of a scoped account cannot reach further than its account.
    const principal = principalOf(user, `${BY_TOKEN}${token.id}`, false)
    return { ...principal, roles, unvouched: [], scope: user.scope ?? token.scope }
  }
}

const usedAt = (user: User, at: UnixMilliseconds, address: string): User => ({
  ...user,
  emergency: user.emergency && { ...user.emergency, used: { at, address, sealedBy: [] } },
})
