// The one account for the day nobody else gets in: the provider is away, devices are lost. Its password is made here,
// printed once, and lies in a sealed envelope; it needs no second factor and nobody else's word. It breaks the glass of
// the policy and gives people their way in back, and does nothing else. Each sign-in is an alarm that stays until
// another administrator has sealed it anew.

import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { AccountBook } from './book.js'
import { hashPassword } from './passwords.js'
import { fieldOf, newSpelled, type User, type Write } from './records.js'

/** The word for it in Swahili and in English is no name of a person. */
const EMERGENCY = 'emergency'

/** 100 bits: typed by hand, once. */
const PASSWORD_GROUPS = 5

export class EmergencyAccount {
  readonly #book: AccountBook
  readonly #clock: Clock

  constructor(book: AccountBook, clock: Clock) {
    this.#book = book
    this.#clock = clock
  }

  /** When and from where it was used since it was sealed; null: not at all. */
  used(): { readonly at: UnixMilliseconds; readonly address: string } | null {
    return this.#book.state.users.get(EMERGENCY)?.emergency?.used ?? null
  }

  /**
   * Makes it, or seals it anew: a new password, and whoever is signed in by the old one is out.
   * @returns the password, shown this once. @throws MizaniError SELF_APPROVAL; BAD_REQUEST: a person has that name.
   */
  async seal(by: string): Promise<string> {
    if (by === EMERGENCY) {
      const message = 'It does not seal itself: another administrator does.'
      throw new MizaniError({ code: 'SELF_APPROVAL', message })
    }
    const password = newSpelled(PASSWORD_GROUPS)
    const hash = await hashPassword(password)
    return this.#book.change((state) => {
      const known = state.users.get(EMERGENCY)
      if (known !== undefined && known.emergency === null)
        throw new MizaniError({ code: 'BAD_REQUEST', message: `The account "${EMERGENCY}" is somebody's own.` })
      const at = this.#clock.wall()
      const user: User = {
        ...{ id: EMERGENCY, name: 'Emergency account', roles: ['operator', 'break-glass'], scope: null },
        ...{ source: 'local', subject: null, password: hash, chosen: false, vouched: null, disabled: null },
        created: known?.created ?? { at, by },
        emergency: { sealed: { at, by }, used: null },
      }
      const sessions = [...state.sessions].filter(([, { of }]) => of.kind === 'user' && of.user === EMERGENCY)
      const ended = sessions.map(([digest]): Write => [fieldOf.session(digest), null])
      return {
        writes: [[fieldOf.user(EMERGENCY), user], [fieldOf.factors(EMERGENCY), null], ...ended],
        result: password,
      }
    })
  }
}
