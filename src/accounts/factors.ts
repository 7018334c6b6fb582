// Second factors of accounts: what a person shows besides the password. A secret of an authenticator is sealed, codes
// for the day it is lost are kept as digests, and no code is taken twice. What somebody else has taken away does not
// come back by itself: the person enrols anew, and an approver vouches for them.

import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Seal } from '../runtime/seal.js'
import { type LeftBehind, sessionsOf, tokensOf } from './administration.js'
import type { AccountBook } from './book.js'
import {
  type AccountState,
  digestOf,
  enrolledBy,
  type Factor,
  type Factors,
  factorsOf,
  fieldOf,
  hasFactor,
  NO_FACTORS,
  newId,
  newSpelled,
  type User,
  type Write,
} from './records.js'
import { SignInThrottle } from './throttle.js'

const RECOVERY_CODES = 10
/** 80 bits each: their digests tell nobody who copies the store. */
const RECOVERY_GROUPS = 4

/** A second factor, as its owner sees it. */
export interface FactorView {
  readonly id: string
  readonly kind: 'totp' | 'passkey'
  readonly name: string
  readonly created: UnixMilliseconds
}

export class AccountFactors {
  readonly #book: AccountBook
  readonly #seal: Seal
  readonly #clock: Clock
  readonly #throttle: SignInThrottle

  constructor(book: AccountBook, seal: Seal, clock: Clock) {
    this.#book = book
    this.#seal = seal
    this.#clock = clock
    this.#throttle = new SignInThrottle(clock, 'codes')
  }

  /** Those that count. */
  of(user: string): { readonly items: readonly FactorView[]; readonly recoveryCodes: number } {
    const { totp, passkeys, recovery } = factorsOf(this.#book.state, user)
    const items: FactorView[] = passkeys.map(({ id, name, created }) => ({ id, kind: 'passkey', name, created }))
    if (totp?.confirmed) items.push({ id: totp.id, kind: 'totp', name: 'authenticator', created: totp.created })
    return { items, recoveryCodes: recovery.length }
  }

  /**
   * Begins to enrol an authenticator; it counts once a code of it was given.
   * @returns its secret, shown this once. @throws MizaniError BAD_REQUEST: there is one.
   */
  async addTotp(user: string): Promise<{ readonly id: string; readonly secret: string; readonly uri: string }> {
    const { newTotpSecret, totpUri } = await import('./totp.js')
    const secret = newTotpSecret()
    const sealed = this.#seal.close(secret, ownerOf(user))
    const id = newId()
    await this.#change(user, (factors) => {
      if (factors.totp?.confirmed) throw refusal('There is an authenticator: remove it first, then enrol another one.')
      return { ...factors, totp: { id, sealed, created: this.#clock.wall(), confirmed: false, step: 0 } }
    })
    return { id, secret, uri: totpUri(secret, user) }
  }

  /**
   * The first code of an authenticator.
   * @returns codes for the day it is lost, shown this once; null: it is not its code.
   * @throws MizaniError RATE_LIMITED; BAD_REQUEST: none is being enrolled.
   */
  async confirmTotp(user: string, code: string, address: string): Promise<{ codes: string[]; factor: Factor } | null> {
    this.#throttle.assertOpen(user, address)
    const { stepOf } = await import('./totp.js')
    const codes = Array.from({ length: RECOVERY_CODES }, () => newSpelled(RECOVERY_GROUPS))
    const now = this.#clock.wall()
    const next = await this.#change(user, (factors) => {
      const { totp } = factors
      if (totp === null || totp.confirmed) throw refusal('No authenticator is being enrolled.')
      const step = stepOf(this.#seal.open(totp.sealed, ownerOf(user)), code, now)
      if (step === null) return null
      return {
        ...factors,
        totp: { ...totp, confirmed: true, step },
        recovery: codes.map((one) => digestOf(plainOf(one))),
      }
    })
    this.#note(next !== null, user, address)
    return next === null ? null : { codes, factor: { kind: 'totp', at: now } }
  }

  /** What this code shows, which it does once; null: nothing. @throws MizaniError RATE_LIMITED, KEYS_DIFFER. */
  async check(user: string, typed: string, address: string): Promise<Factor | null> {
    this.#throttle.assertOpen(user, address)
    const { stepOf } = await import('./totp.js')
    const code = plainOf(typed)
    const now = this.#clock.wall()
    let kind: Factor['kind'] = 'totp'
    const next = await this.#change(user, (factors) => {
      const left = factors.recovery.filter((digest) => digest !== digestOf(code))
      if (left.length < factors.recovery.length) {
        kind = 'recovery'
        return { ...factors, recovery: left }
      }
      const { totp } = factors
      if (!totp?.confirmed || !/^\d{6}$/.test(code) || totp.sealed === '') return null
      const step = stepOf(this.#seal.open(totp.sealed, ownerOf(user)), code, now)
      return step === null || step <= totp.step ? null : { ...factors, totp: { ...totp, step } }
    })
    this.#note(next !== null, user, address)
    return next === null ? null : { kind, at: now }
  }

  /** The person's own; with the last one the codes for its loss go as well. @throws MizaniError NOT_FOUND. */
  async remove(user: string, id: string): Promise<void> {
    await this.#change(user, (factors) => {
      const passkeys = factors.passkeys.filter((one) => one.id !== id)
      const totp = factors.totp?.id === id ? null : factors.totp
      if (totp === factors.totp && passkeys.length === factors.passkeys.length) throw unknown(`second factor "${id}"`)
      const left = { ...factors, totp, passkeys }
      return hasFactor(left) ? left : { ...left, recovery: [] }
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
      const sessions = sessionsOf(state, id)
      const tokens = tokensOf(state, id)
      const next: User = { ...user, vouched: user.vouched && { ...user.vouched, lapsed: true } }
      const reset = { at: this.#clock.wall(), by }
      const writes: Write[] = [
        [fieldOf.factors(id), { ...NO_FACTORS, reset }],
        [fieldOf.user(id), next],
        ...sessions.map((digest) => [fieldOf.session(digest), null] as const),
        ...tokens.map(([digest]) => [fieldOf.token(digest), null] as const),
      ]
      const left = tokens.map(([, { id, name }]) => ({ id, name }))
      return { writes, result: { user: next, sessions: sessions.length, tokens: left } }
    })
  }

  /** Null: nothing changes. */
  #change(user: string, next: (factors: Factors, state: AccountState) => Factors | null): Promise<Factors | null> {
    return this.#book.change((state) => {
      const before = factorsOf(state, user)
      const factors = next(before, state)
      if (factors === null) return { writes: [], result: null }
      const enrolled = hasFactor(factors) ? enrolledBy(state, user, before) : []
      return { writes: [[fieldOf.factors(user), factors], ...enrolled], result: factors }
    })
  }

  #note(isRight: boolean, user: string, address: string): void {
    if (isRight) this.#throttle.succeeded(user, address)
    else this.#throttle.failed(user, address)
  }
}

/** As people type them: in groups, in capitals. */
const plainOf = (code: string): string => code.replace(/[\s-]/g, '').toLowerCase()

const ownerOf = (user: string): string => `the authenticator of ${user}`

const unknown = (what: string): MizaniError => new MizaniError({ code: 'NOT_FOUND', message: `There is no ${what}.` })

const refusal = (message: string): MizaniError => new MizaniError({ code: 'BAD_REQUEST', message })
