// Who was disabled, and which second factors each had, remembered outside of the store: in a file of this
// controller's. A store that comes back from a backup, or from a disk that was copied, knows less than was known here;
// its accounts count their versions, so that is seen. Then whoever was disabled is disabled again, a factor that was
// removed since is removed again, and all tokens and sessions end, for nobody can say which of them had ended since.
// Whoever is let in again on purpose is let in by a later version.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { UnixMilliseconds } from '../model/units.js'
import { jsonOrNull } from '../runtime/json.js'
import { writeWhole } from '../runtime/whole-file.js'
import type { AccountBook } from './book.js'
import {
  type AccountState,
  type Factors,
  factorsOf,
  fieldOf,
  hasFactor,
  isUnreadable,
  NO_FACTORS,
  type Write,
} from './records.js'

const schema = z.object({
  plane: z.string(),
  version: z.int(),
  disabled: z.record(z.string(), z.object({ at: z.number(), by: z.string() })),
  /** Of each account, ids of its factors and digests of its codes; absent: an earlier release did not remember them. */
  factors: z.record(z.string(), z.array(z.string())).optional(),
})
type Kept = z.output<typeof schema>

/** What was taken back. */
export interface TakenBack {
  readonly accounts: readonly string[]
  readonly tokens: number
  readonly sessions: number
  /** Accounts that had a second factor again which was removed since. */
  readonly factors: readonly string[]
}

/** In whose name factors are taken back. */
const BY = 'restore'

export class EndedAccess {
  readonly #file: string
  readonly #book: AccountBook
  readonly #now: () => UnixMilliseconds
  #kept: Kept

  constructor(file: string, plane: string, book: AccountBook, now: () => UnixMilliseconds) {
    this.#file = file
    this.#book = book
    this.#now = now
    const { data } = schema.safeParse(jsonOrNull(textOf(file)))
    this.#kept = data?.plane === plane ? data : { plane, version: -1, disabled: {} }
  }

  /** Remembers what holds now; null: the accounts are no older than what was remembered. */
  async look(): Promise<TakenBack | null> {
    const { version } = this.#book.state
    if (version === this.#kept.version) return null
    const isOlder = version < this.#kept.version
    const taken = isOlder ? await this.#book.change((state) => this.#takenFrom(state)) : null
    this.#remember(this.#book.state)
    return taken
  }

  #takenFrom(state: AccountState): { writes: Write[]; result: TakenBack } {
    const { users, tokens, sessions } = state
    const back = Object.entries(this.#kept.disabled).flatMap(([id, disabled]) => {
      const user = users.get(id)
      return user === undefined || user.disabled !== null ? [] : [{ ...user, disabled }]
    })
    const factors = [...users.keys()].flatMap((id) => {
      const [had, left] = [factorsOf(state, id), this.#leftOf(factorsOf(state, id), id)]
      return left === had ? [] : ([[id, left]] as const)
    })
    const writes: Write[] = [
      ...factors.map(([id, left]) => [fieldOf.factors(id), left] as const),
      ...back.map((user) => [fieldOf.user(user.id), user] as const),
      ...[...tokens.keys()].map((digest) => [fieldOf.token(digest), null] as const),
      ...[...sessions.keys()].map((digest) => [fieldOf.session(digest), null] as const),
    ]
    const taken = { accounts: back.map(({ id }) => id), factors: factors.map(([id]) => id) }
    return { writes, result: { ...taken, tokens: tokens.size, sessions: sessions.size } }
  }

  /** Those that were not removed since. Whoever has none left enrols anew, as after a reset. */
  #leftOf(factors: Factors, id: string): Factors {
    if (this.#kept.factors === undefined) return factors
    const known = new Set(this.#kept.factors[id])
    if (namesOf(factors).every((name) => known.has(name))) return factors
    const left = {
      ...factors,
      totp: factors.totp !== null && known.has(factors.totp.id) ? factors.totp : null,
      next: null,
      passkeys: factors.passkeys.filter((one) => known.has(one.id)),
      recovery: factors.recovery.filter((digest) => known.has(digest)),
    }
    if (hasFactor(left) || !hasFactor(factors)) return left
    return { ...NO_FACTORS, reset: factors.reset ?? { at: this.#now(), by: BY } }
  }

  #remember(state: AccountState): void {
    const { version, users } = state
    const readable = [...users.values()].filter((user) => !isUnreadable(user))
    const named = readable.map(({ id }) => [id, namesOf(factorsOf(state, id))] as const)
    const factors = Object.fromEntries(named.filter(([, names]) => names.length > 0))
    const disabled = readable.flatMap((user) => (user.disabled === null ? [] : [[user.id, user.disabled]]))
    this.#kept = { plane: this.#kept.plane, version, disabled: Object.fromEntries(disabled), factors }
    writeWhole(this.#file, JSON.stringify(this.#kept))
  }
}

/** What tells a factor or a code from all others. */
const namesOf = ({ totp, passkeys, recovery }: Factors): string[] => [
  ...(totp === null ? [] : [totp.id]),
  ...passkeys.map(({ id }) => id),
  ...recovery,
]

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // A first start.
    return ''
  }
}
