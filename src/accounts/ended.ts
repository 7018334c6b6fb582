// Who was disabled, and which roles, second factors and standing voucher each had, remembered outside of the store: in
// a file of this controller's. A store that comes back from a backup, or from a disk that was copied, knows less than
// was known here; its accounts count their versions, so that is seen. Then whoever was disabled is disabled again, what
// was taken from them since is taken again, and all tokens and sessions end, for nobody can say which of them had ended
// since. Whoever is let in again on purpose is let in by a later version.

import { readFileSync } from 'node:fs'
import type { UnixMilliseconds } from '../model/units.js'
import { jsonOrNull } from '../runtime/json.js'
import { writeWhole } from '../runtime/whole-file.js'
import * as z from '../runtime/zod.js'
import type { AccountBook } from './book.js'
import {
  type AccountState,
  type Factors,
  factorsOf,
  fieldOf,
  hasFactor,
  isLocked,
  isUnreadable,
  NO_FACTORS,
  type User,
  type Write,
} from './records.js'

const schema = z.object({
  plane: z.string(),
  version: z.int(),
  disabled: z.record(z.string(), z.object({ at: z.number(), by: z.string() })),
  /** Of each account, ids of its factors and digests of its codes; absent: an earlier release did not remember them. */
  factors: z.record(z.string(), z.array(z.string())).optional(),
  /** Of each account its roles, and when the voucher was given that stands; absent: as with factors. */
  rights: z.record(z.string(), z.object({ roles: z.array(z.string()), vouched: z.number().nullable() })).optional(),
})
type Kept = z.output<typeof schema>
/** As this release writes it. */
type Whole = { [Key in keyof Kept]-?: NonNullable<Kept[Key]> }

/** What was taken back. */
export interface TakenBack {
  readonly accounts: readonly string[]
  readonly tokens: number
  readonly sessions: number
  /** Accounts that had a second factor again which was removed since. */
  readonly factors: readonly string[]
  /** Accounts that had a role or a voucher again. */
  readonly rights: readonly string[]
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
    const readable = [...users.values()].filter((user) => !isUnreadable(user))
    const back = readable.filter(({ id, disabled }) => disabled === null && knownOf(this.#kept.disabled, id))
    const rights = readable.filter((user) => this.#rightsLeftTo(user) !== user)
    const changed = new Set([...back, ...rights])
    const factors = [...users.keys()].flatMap((id) => {
      const [had, left] = [factorsOf(state, id), this.#leftOf(factorsOf(state, id), id)]
      return left === had ? [] : ([[id, left]] as const)
    })
    const writes: Write[] = [
      ...factors.map(([id, left]) => [fieldOf.factors(id), left] as const),
      ...[...changed].map((user) => {
        const disabled = user.disabled ?? knownOf(this.#kept.disabled, user.id) ?? null
        return [fieldOf.user(user.id), { ...this.#rightsLeftTo(user), disabled }] as const
      }),
      ...[...tokens.keys()].map((digest) => [fieldOf.token(digest), null] as const),
      ...[...sessions.keys()].map((digest) => [fieldOf.session(digest), null] as const),
    ]
    const idsOf = (some: readonly User[]): string[] => some.map(({ id }) => id)
    const taken = { accounts: idsOf(back), rights: idsOf(rights), factors: factors.map(([id]) => id) }
    return { writes, result: { ...taken, tokens: tokens.size, sessions: sessions.size } }
  }

  /** The account itself, where it has no role and no voucher but those that were not taken since. */
  #rightsLeftTo(user: User): User {
    const known = knownOf(this.#kept.rights, user.id)
    if (known === undefined) return user
    const roles = user.roles.filter((role) => known.roles.includes(role))
    const lapses = rightsOf(user).vouched !== null && user.vouched?.at !== known.vouched
    if (roles.length === user.roles.length && !lapses) return user
    return { ...user, roles, vouched: user.vouched && { ...user.vouched, lapsed: user.vouched.lapsed || lapses } }
  }

  /** Those that were not removed since. Whoever has none left enrols anew, as after a reset. */
  #leftOf(factors: Factors, id: string): Factors {
    if (this.#kept.factors === undefined || isLocked(factors)) return factors
    const known = new Set(knownOf(this.#kept.factors, id))
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

  /** What cannot be read now, as it was. */
  #remember(state: AccountState): void {
    const { plane, disabled, factors, rights } = this.#kept
    const kept: Whole = { plane, version: state.version, disabled: {}, factors: {}, rights: {} }
    for (const user of state.users.values()) {
      const { id } = user
      const had = factorsOf(state, id)
      const names = isLocked(had) ? knownOf(factors, id) : namesOf(had)
      if (names !== undefined && names.length > 0) kept.factors[id] = names
      const [ended, held] = isUnreadable(user)
        ? [knownOf(disabled, id), knownOf(rights, id)]
        : [user.disabled, rightsOf(user)]
      if (ended) kept.disabled[id] = ended
      if (held) kept.rights[id] = held
    }
    this.#kept = kept
    writeWhole(this.#file, JSON.stringify(kept))
  }
}

const rightsOf = ({ roles, vouched }: User) => ({ roles, vouched: vouched?.lapsed === false ? vouched.at : null })

/** An account may be called like something that every object has. */
const knownOf = <T>(record: Readonly<Record<string, T>> | undefined, id: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, id) ? record[id] : undefined

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
