// Passwords as scrypt hashes (RFC 7914), with the cost in each record, so that it can rise without asking anybody for a
// new password. The cost is 32 MiB and about 80 ms of one thread: dear to a guesser, and to us as well, therefore one
// is computed at a time, behind whatever a tick needs the processor for, and the rest wait or are sent away.

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { MizaniError } from '../runtime/errors.js'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../runtime/limits.js'
import { createPool, type Pool } from '../runtime/pool.js'
import type { KeyOrder } from './derived-key.js'
import { commonFault } from './guessed-passwords.js'

export type PasswordCost = KeyOrder['cost']

const COST: PasswordCost = { N: 2 ** 15, r: 8, p: 1 }
const BYTES = 32
/** Two seconds of work on a machine that has nothing else to do. */
const MAX_WAITING = 18

export class Passwords {
  readonly #cost: PasswordCost
  /** Nobody's: what an unknown name is held against, so that it takes as long as a known one. */
  readonly #nobody: string
  #thread: Pool<KeyOrder, Uint8Array> | null = null
  #waiting = 0

  constructor(cost: PasswordCost = COST) {
    this.#cost = cost
    this.#nobody = written(cost, 'A'.repeat(22), 'A'.repeat(43))
  }

  /** `scrypt$N$r$p$salt$hash`, the last two in base64url. @throws MizaniError RATE_LIMITED for too many at once. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    const key = Buffer.from(await this.#derived(password, salt, this.#cost))
    return written(this.#cost, salt.toString('base64url'), key.toString('base64url'))
  }

  /**
   * Whether this is the password; null: there is none, which takes the same time to find out.
   * @throws MizaniError RATE_LIMITED for too many at once
   */
  async matches(password: string, stored: string | null): Promise<boolean> {
    const [scheme, N, r, p, salt = '', hash = ''] = (stored ?? this.#nobody).split('$')
    if (scheme !== 'scrypt') return false
    const wanted = Buffer.from(hash, 'base64url')
    const cost = { N: Number(N), r: Number(r), p: Number(p) }
    const found = await this.#derived(password, Buffer.from(salt, 'base64url'), cost)
    return found.length === wanted.length && timingSafeEqual(found, wanted) && stored !== null
  }

  /** Ends its thread, whoever waits. */
  async close(): Promise<void> {
    await this.#thread?.close()
  }

  async #derived(password: string, salt: Buffer, cost: PasswordCost): Promise<Uint8Array> {
    if (this.#waiting >= MAX_WAITING)
      throw new MizaniError({ code: 'RATE_LIMITED', message: 'Too many people sign in at this moment; try again.' })
    this.#thread ??= createPool('password', 1, { rare: true })
    this.#waiting++
    try {
      // One password has one form, however a keyboard composes its letters.
      return await this.#thread.run({ password: password.normalize('NFKC'), salt, cost, bytes: BYTES })
    } finally {
      this.#waiting--
    }
  }
}

const written = ({ N, r, p }: PasswordCost, salt: string, hash: string): string =>
  ['scrypt', N, r, p, salt, hash].join('$')

/**
 * Length is what counts, and that it is not what guessers try first (NIST SP 800-63B, section 5.1.1.2).
 * @param names that people here know, besides the account's own
 * @throws MizaniError BAD_REQUEST for a password that is too easy.
 */
export async function assertPassword(password: string, user: string, names: Iterable<string> = []): Promise<void> {
  const refuse = (message: string): never => {
    const faults = [{ code: 'WEAK_PASSWORD', pointer: '/password', message }]
    throw new MizaniError({ code: 'BAD_REQUEST', message, faults })
  }
  if (password.length < MIN_PASSWORD_LENGTH) refuse(`A password has at least ${MIN_PASSWORD_LENGTH} characters.`)
  if (password.length > MAX_PASSWORD_LENGTH) refuse(`A password has at most ${MAX_PASSWORD_LENGTH} characters.`)
  if (new Set(password).size < 5) refuse('A password has at least five different characters.')
  if (password.toLowerCase().includes(user)) refuse('A password does not contain the name of its account.')
  const fault = await commonFault(password, names)
  if (fault !== null) refuse(fault)
}
