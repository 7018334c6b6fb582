// The one account for the day nobody else gets in: the provider is away, devices are lost. Its password is made here,
// printed once, and lies in a sealed envelope; it needs no second factor and nobody else's word. It breaks the glass of
// the policy and gives people their way in back, and does nothing else. Each sign-in is an alarm that stays until it
// was sealed anew and an approver has signed that they know who used it and why: whoever seals it reads its password,
// and must not be the one who says that nothing has happened.

import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { AccountBook } from './book.js'
import type { Passwords } from './passwords.js'
import { endingOf, fieldOf, newSpelled, type User } from './records.js'

/** The word for it in Swahili and in English is no name of a person. */
export const EMERGENCY = 'emergency'

/** 100 bits: typed by hand, once. */
const PASSWORD_GROUPS = 5

export class EmergencyAccount {
  readonly #book: AccountBook
  readonly #clock: Clock
  readonly #passwords: Passwords

  constructor(book: AccountBook, clock: Clock, passwords: Passwords) {
    this.#book = book
    this.#clock = clock
    this.#passwords = passwords
  }

  /** When and from where it was used; null: not at all since that was signed for. */
  used(): { readonly at: UnixMilliseconds; readonly address: string } | null {
    return this.#book.state.users.get(EMERGENCY)?.emergency?.used ?? null
  }

  /**
   * Makes it, or seals it anew: a new password, and whoever is signed in by the old one is out. That it was used stays.
   * @param ofMachine by the machine's owner, who may say so alone
   * @returns the password, shown this once. @throws MizaniError SELF_APPROVAL; BAD_REQUEST: a person has that name.
   */
  async seal(by: string, ofMachine: boolean): Promise<string> {
    if (by === EMERGENCY) {
      const message = 'It does not seal itself: another administrator does.'
      throw new MizaniError({ code: 'SELF_APPROVAL', message })
    }
    const password = newSpelled(PASSWORD_GROUPS)
    const hash = await this.#passwords.hash(password)
    return this.#book.change((state) => {
      const known = state.users.get(EMERGENCY)
      if (known !== undefined && known.emergency === null)
        throw new MizaniError({ code: 'BAD_REQUEST', message: `The account "${EMERGENCY}" is somebody's own.` })
      const at = this.#clock.wall()
      const used = known?.emergency?.used ?? null
      const user: User = {
        ...{ id: EMERGENCY, name: 'Emergency account', roles: ['operator', 'break-glass'], scope: null },
        ...{ source: 'local', subject: null, password: hash, chosen: false, vouched: null, disabled: null },
        created: known?.created ?? { at, by },
        emergency: {
          sealed: { at, by },
          used: ofMachine || used === null ? null : { ...used, sealedBy: [...new Set([...used.sealedBy, by])] },
        },
      }
      const ended = endingOf(state, EMERGENCY).writes
      return {
        writes: [[fieldOf.user(EMERGENCY), user], [fieldOf.factors(EMERGENCY), null], ...ended],
        result: password,
      }
    })
  }

  /**
   * Ends the alarm of its use.
   * @param by a trusted approver
   * @throws MizaniError NOT_FOUND: it was not used; SELF_APPROVAL: the same person has sealed it since; BAD_REQUEST:
   * its password is still the one that was used.
   */
  sign(by: string): Promise<void> {
    return this.#book.change((state) => {
      const known = state.users.get(EMERGENCY)
      const { sealed, used = null } = known?.emergency ?? {}
      if (!known || !sealed || used === null)
        throw new MizaniError({ code: 'NOT_FOUND', message: 'The emergency account was not used.' })
      if (used.sealedBy.length === 0) {
        const message = 'Its password is still the one that was used: seal it first (mizani emergency seal).'
        throw new MizaniError({ code: 'BAD_REQUEST', message })
      }
      if (used.sealedBy.includes(by)) {
        const message = `${by} has sealed it, and may have used it: another approver signs.`
        throw new MizaniError({ code: 'SELF_APPROVAL', message })
      }
      const user: User = { ...known, emergency: { sealed, used: null } }
      return { writes: [[fieldOf.user(EMERGENCY), user]], result: undefined }
    })
  }
}

/** Whether this name is typed for it. */
export const isEmergency = (name: string): boolean => name.trim().toLowerCase() === EMERGENCY

/** Its password as it was made, however it is read from the paper: in capitals, in one piece, with spaces. */
export function asSealed(typed: string): string {
  const letters = typed.replace(/[\s-]/g, '').toLowerCase()
  return (letters.match(/.{1,4}/g) ?? []).join('-')
}
