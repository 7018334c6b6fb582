// Passkeys (WebAuthn): keys in a person's device, which proves by PIN or finger that it is them. One is possession and
// knowledge in one step, so it signs in by itself whom we know. A challenge says, sealed, who may answer, and is
// answered once; a counter that does not rise tells of a copied key, and is refused (WebAuthn level 3, section 6.1.1).

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { PASSKEY_PATIENCE } from '../runtime/limits.js'
import type { Sealing } from '../runtime/sealing.js'
import * as z from '../runtime/zod.js'
import type { AccountBook } from './book.js'
import { assertStillIn, type Verified } from './person.js'
import { type AccountState, enrolledBy, type Factor, factorsOf, fieldOf, newId, type Passkey } from './records.js'
import { NO_CODES, newRecovery } from './recovery.js'
import { SealedOnce } from './sealed-once.js'

/** Loaded where somebody uses one. */
const library = () => import('@simplewebauthn/server')

/** Who asks: the name that keys are bound to, and the page that may use them. */
export interface RelyingParty {
  /** Host of the address that people open. */
  readonly id: string
  readonly origin: string
}

/** A key that has proven itself; `holds`: it is still one of theirs. */
export type ShownKey = Pick<Verified, 'user' | 'holds'> & { readonly factor: Factor }

const MAX_PASSKEYS = 10

/** `user`: who may answer; null: whoever signs in. */
const asked = z.strictObject({ user: z.string().nullable() })
const ASKED = { place: 'what a passkey is asked', shape: asked, goodFor: PASSKEY_PATIENCE }

export class Passkeys {
  readonly #book: AccountBook
  readonly #clock: Clock
  readonly #challenges: SealedOnce<z.output<typeof asked>>

  constructor(book: AccountBook, sealing: Sealing, clock: Clock) {
    this.#book = book
    this.#clock = clock
    this.#challenges = new SealedOnce(ASKED, sealing, clock)
  }

  /** What navigator.credentials.create is asked, as JSON. */
  async registration(user: string, { id: rpID }: RelyingParty) {
    const { generateRegistrationOptions } = await library()
    return generateRegistrationOptions({
      ...{ rpName: 'Mizani', rpID, userName: user, userID: new TextEncoder().encode(user) },
      challenge: this.#challenge(user),
      timeout: PASSKEY_PATIENCE,
      attestationType: 'none',
      excludeCredentials: factorsOf(this.#book.state, user).passkeys.map(({ credential }) => ({ id: credential })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
  }

  /**
   * Takes a key that was made.
   * @param login of whoever has made it
   * @returns with it codes for the day it is lost, where there are none; shown this once.
   * @throws MizaniError BAD_REQUEST for what does not prove itself; UNAUTHENTICATED: the sign-in has ended.
   */
  async register(
    { user, login }: { readonly user: string; readonly login: string },
    name: string,
    response: object,
    { id, origin }: RelyingParty,
  ): Promise<{ readonly passkey: Passkey; readonly codes: readonly string[] }> {
    const { verifyRegistrationResponse } = await library()
    let answered = ''
    const { registrationInfo } = await proven(
      verifyRegistrationResponse({
        // Its shape is looked at there, before anything is believed.
        response: response as RegistrationResponseJSON,
        expectedChallenge: (challenge) => {
          answered = sealedIn(challenge)
          return this.#challenges.look(answered)?.user === user
        },
        expectedOrigin: origin,
        expectedRPID: id,
        requireUserVerification: true,
      }),
    )
    if (!registrationInfo || this.#challenges.take(answered) === null) throw refusal('this key has not proven itself')
    const { credential } = registrationInfo
    const passkey: Passkey = {
      ...{ id: newId(), name, credential: credential.id, counter: credential.counter, created: this.#clock.wall() },
      key: Buffer.from(credential.publicKey).toString('base64url'),
    }
    return this.#book.change((state) => {
      assertStillIn(state, user, login)
      const factors = factorsOf(state, user)
      if ([...state.factors.values()].some(({ passkeys }) => passkeys.some((one) => one.credential === credential.id)))
        throw refusal('this key is known already')
      if (factors.passkeys.length >= MAX_PASSKEYS) throw refusal(`there are ${MAX_PASSKEYS} already: remove one`)
      const { codes, digests } = factors.recovery.length > 0 ? NO_CODES : newRecovery()
      const recovery = [...factors.recovery, ...digests]
      const next = { ...factors, recovery, passkeys: [...factors.passkeys, passkey] }
      const enrolled = enrolledBy(state, user, factors)
      return { writes: [[fieldOf.factors(user), next], ...enrolled], result: { passkey, codes } }
    })
  }

  /** What navigator.credentials.get is asked, as JSON; whose key it is, the device knows. */
  async authentication({ id: rpID }: RelyingParty) {
    const { generateAuthenticationOptions } = await library()
    const challenge = this.#challenge(null)
    return generateAuthenticationOptions({ rpID, challenge, timeout: PASSKEY_PATIENCE, userVerification: 'required' })
  }

  /** Whose key this is, proven now; null: nobody's that is known. */
  async authenticate(response: object, { id, origin }: RelyingParty): Promise<ShownKey | null> {
    const { verifyAuthenticationResponse } = await library()
    const answer = response as AuthenticationResponseJSON
    const found = this.#find(answer.id)
    if (found === null) return null
    const { user, passkey } = found
    let answered = ''
    const checked = await verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: (challenge) => {
        answered = sealedIn(challenge)
        return this.#challenges.look(answered)?.user === null
      },
      expectedOrigin: origin,
      expectedRPID: id,
      credential: { id: passkey.credential, publicKey: bytesOf(passkey.key), counter: passkey.counter },
      requireUserVerification: true,
    }).catch(() => null) // not proven: why, is the business of nobody who guesses
    if (!checked?.verified || this.#challenges.take(answered) === null) return null
    const { newCounter } = checked.authenticationInfo
    const isFirst = await this.#book.change((state) => {
      const factors = factorsOf(state, user)
      const now = factors.passkeys.find(({ id: known }) => known === passkey.id)
      // Of two answers at one moment the second shows a counter that is known already.
      if (now === undefined || now.counter !== passkey.counter) return { writes: [], result: false }
      if (newCounter === passkey.counter) return { writes: [], result: true }
      const passkeys = factors.passkeys.map((one) => (one === now ? { ...one, counter: newCounter } : one))
      return { writes: [[fieldOf.factors(user), { ...factors, passkeys }]], result: true }
    })
    // A counter that a device does not keep is not written, so nothing has shown yet that the key was not removed.
    const holds = (state: AccountState): boolean =>
      factorsOf(state, user).passkeys.some(({ id: known }) => known === passkey.id)
    return isFirst ? { user, factor: { kind: 'passkey', at: this.#clock.wall() }, holds } : null
  }

  /** Bytes for the device. */
  #challenge(user: string | null): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Buffer.from(this.#challenges.seal({ user })))
  }

  #find(credential: string): { user: string; passkey: Passkey } | null {
    for (const [user, { passkeys }] of this.#book.state.factors) {
      const passkey = passkeys.find((one) => one.credential === credential)
      if (passkey !== undefined) return { user, passkey }
    }
    return null
  }
}

/** What a challenge says, as devices give it back: base64url. */
const sealedIn = (challenge: string): string => Buffer.from(challenge, 'base64url').toString()

/** Of a buffer of its own, as the library asks. */
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'))

async function proven<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw refusal(messageOf(cause))
  }
}

const refusal = (why: string): MizaniError =>
  new MizaniError({ code: 'BAD_REQUEST', message: `This passkey is not taken: ${why}.` })
