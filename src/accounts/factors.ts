// Second factors of accounts: what a person shows besides the password. A secret of an authenticator is sealed, codes
// for the day it is lost are kept as digests, and no code is taken twice. What somebody else has taken away does not
// come back by itself: the person enrols anew, and an approver vouches for them.

import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Sealing } from '../runtime/sealing.js'
import { type LeftBehind, tokensOf } from './administration.js'
import type { AccountBook } from './book.js'
import { assertStillIn, type FactorRoles, isAsked } from './person.js'
import {
  digestOf,
  endingOf,
  enrolledBy,
  type Factor,
  type Factors,
  factorsOf,
  fieldOf,
  hasFactor,
  NO_FACTORS,
  newId,
  type User,
  type Write,
} from './records.js'
import { newRecovery, plainCode } from './recovery.js'
import type { SignInThrottle } from './throttle.js'

/** A second factor, as its owner sees it. */
export interface FactorView {
  readonly id: string
  readonly kind: 'totp' | 'passkey'
  readonly name: string
  readonly created: UnixMilliseconds
}

interface FactorOptions {
  /** Who must have one. */
  readonly wanted: FactorRoles
  /** Of codes. */
  readonly throttle: SignInThrottle
}

export class AccountFactors {
  readonly #book: AccountBook
  readonly #sealing: Sealing
  readonly #clock: Clock
  readonly #options: FactorOptions

  constructor(book: AccountBook, sealing: Sealing, clock: Clock, options: FactorOptions) {
    this.#book = book
    this.#options = options
    this.#sealing = sealing
    this.#clock = clock
  }

  /** Those that count. */
  of(user: string): { readonly items: readonly FactorView[]; readonly recoveryCodes: number } {
    const { totp, passkeys, recovery } = factorsOf(this.#book.state, user)
    const items: FactorView[] = passkeys.map(({ id, name, created }) => ({ id, kind: 'passkey', name, created }))
    if (totp?.confirmed) items.push({ id: totp.id, kind: 'totp', name: 'authenticator', created: totp.created })
    return { items, recoveryCodes: recovery.length }
  }

  /**
   * Begins to enrol an authenticator. It counts once a code of it was given; until then the one before it does, so that
   * nobody is without one while they change phones.
   * @returns its secret, shown this once. @throws MizaniError FORBIDDEN: it is the emergency account.
   */
  async addTotp(user: string): Promise<{ readonly id: string; readonly secret: string; readonly uri: string }> {
    const { newTotpSecret, totpUri } = await import('./totp.js')
    const secret = newTotpSecret()
    const sealed = this.#sealing.seal(secret, ownerOf(user))
    const id = newId()
    const next = { id, sealed, created: this.#clock.wall(), confirmed: false, step: 0 }
    await this.#book.change((state) => {
      assertStillIn(state, user, null)
      return { writes: [[fieldOf.factors(user), { ...factorsOf(state, user), next }]], result: undefined }
    })
    return { id, secret, uri: totpUri(secret, user) }
  }

  /**
   * The first code of an authenticator: from now on it counts, and the one before it does not.
   * @param login which does not end where the authenticator takes the place of another
   * @returns codes for the day it is lost, shown this once; null: it is not its code.
   * @throws MizaniError RATE_LIMITED; BAD_REQUEST: none is being enrolled; UNAUTHENTICATED: the sign-in has ended.
   */
  async confirmTotp(user: string, typed: string, { login, address }: Asker) {
    const guess = this.#options.throttle.take(user, address)
    const { stepOf } = await import('./totp.js')
    const { codes, digests } = newRecovery()
    const now = this.#clock.wall()
    const changed = this.#book.change((state) => {
      assertStillIn(state, user, login)
      const factors = factorsOf(state, user)
      const { next, totp } = factors
      if (next === null) throw refusal('No authenticator is being enrolled.')
      const step = stepOf(this.#secretOf(user, next.sealed), plainCode(typed), now)
      if (step === null) return { writes: [], result: false }
      const after: Factors = {
        ...factors,
        totp: { ...next, confirmed: true, step },
        next: null,
        recovery: [...digests],
      }
      const ended = totp?.confirmed ? endingOf(state, user, login).writes : []
      return { writes: [[fieldOf.factors(user), after], ...ended, ...enrolledBy(state, user, factors)], result: true }
    })
    if (!(await guess.looking(changed))) return null
    guess.right()
    return { codes, factor: { kind: 'totp', at: now } satisfies Factor }
  }

  /** What this code shows, which it does once; null: nothing. @throws MizaniError RATE_LIMITED, KEYS_DIFFER. */
  async check(user: string, typed: string, address: string): Promise<Factor | null> {
    const code = plainCode(typed)
    const now = this.#clock.wall()
    if (!/^\d{6}$/.test(code)) {
      // Nobody guesses one, so whoever guesses the others keeps nobody from these.
      const isOne = await this.#change(user, (factors) => {
        const recovery = factors.recovery.filter((digest) => digest !== digestOf(code))
        return recovery.length < factors.recovery.length ? { ...factors, recovery } : null
      })
      return isOne && { kind: 'recovery', at: now }
    }
    const guess = this.#options.throttle.take(user, address)
    const { stepOf } = await import('./totp.js')
    const changed = this.#change(user, (factors) => {
      const { totp } = factors
      if (!totp?.confirmed || totp.sealed === '') return null
      const step = stepOf(this.#secretOf(user, totp.sealed), code, now)
      return step === null || step <= totp.step ? null : { ...factors, totp: { ...totp, step } }
    })
    if ((await guess.looking(changed)) === null) return null
    guess.right()
    return { kind: 'totp', at: now }
  }

  /**
   * The person's own; with the last one the codes for its loss go as well. All other sign-ins of theirs end, for any
   * may have come by it.
   * @param login which does not end
   * @throws MizaniError NOT_FOUND; BAD_REQUEST: it is the last of somebody who must have one; UNAUTHENTICATED.
   */
  async remove(user: string, id: string, login: string | null): Promise<void> {
    await this.#book.change((state) => {
      assertStillIn(state, user, login)
      const factors = factorsOf(state, user)
      const passkeys = factors.passkeys.filter((one) => one.id !== id)
      const totp = factors.totp?.id === id ? null : factors.totp
      if (totp === factors.totp && passkeys.length === factors.passkeys.length) throw unknown(`second factor "${id}"`)
      const left = { ...factors, totp, passkeys }
      const account = state.users.get(user)
      if (!hasFactor(left) && account !== undefined && isAsked(account, this.#options.wanted))
        throw refusal(`${user} must have a second factor, and this is the last: enrol another first.`)
      const after = hasFactor(left) ? left : { ...left, recovery: [] }
      return { writes: [[fieldOf.factors(user), after], ...endingOf(state, user, login).writes], result: undefined }
    })
  }

  /**
   * Takes all from somebody who has lost them; ends their sessions and tokens, and what was vouched for lapses.
   * @throws MizaniError NOT_FOUND; SELF_APPROVAL: one's own are removed, with a code.
   */
  reset(id: string, by: string): Promise<LeftBehind & { readonly user: User }> {
    return this.#book.change((state) => {
      const user = state.users.get(id)
      if (user === undefined) throw unknown(`account "${id}"`)
      if (id === by) {
        const message = 'Nobody resets the own factors: another administrator does.'
        throw new MizaniError({ code: 'SELF_APPROVAL', message })
      }
      const sessions = endingOf(state, id)
      const tokens = tokensOf(state, id)
      const next: User = { ...user, vouched: user.vouched && { ...user.vouched, lapsed: true } }
      const reset = { at: this.#clock.wall(), by }
      const writes: Write[] = [
        [fieldOf.factors(id), { ...NO_FACTORS, reset }],
        [fieldOf.user(id), next],
        ...sessions.writes,
        ...tokens.map(([digest]) => [fieldOf.token(digest), null] as const),
      ]
      const left = tokens.map(([, { id, name }]) => ({ id, name }))
      return { writes, result: { user: next, sessions: sessions.count, tokens: left } }
    })
  }

  /** @throws MizaniError KEYS_DIFFER: it was sealed with another key, or for somebody else. */
  #secretOf(user: string, sealed: string): string {
    const secret = this.#sealing.unseal(sealed, ownerOf(user))
    if (secret !== null) return secret
    throw new MizaniError({
      code: 'KEYS_DIFFER',
      message: `The secret of the authenticator of ${user} does not open with the key that this controller has.`,
      advice: 'A code for its loss signs in; or another administrator takes it away: mizani factor reset.',
    })
  }

  /** Null: nothing changes. */
  #change(user: string, next: (factors: Factors) => Factors | null): Promise<Factors | null> {
    return this.#book.change((state) => {
      const factors = next(factorsOf(state, user))
      return { writes: factors === null ? [] : [[fieldOf.factors(user), factors]], result: factors }
    })
  }
}

const ownerOf = (user: string): string => `the authenticator of ${user}`

/** Who types a code, and from where. */
interface Asker {
  /** Null: by none. */
  readonly login: string | null
  readonly address: string
}

const unknown = (what: string): MizaniError => new MizaniError({ code: 'NOT_FOUND', message: `There is no ${what}.` })

const refusal = (message: string): MizaniError => new MizaniError({ code: 'BAD_REQUEST', message })
