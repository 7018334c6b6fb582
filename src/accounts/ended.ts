// Who was disabled, remembered outside of the store: in a file of this controller's. A store that comes back from a
// backup, or from a disk that was copied, knows less than was known here; its accounts count their versions, so that is
// seen. Then whoever was disabled is disabled again, and all tokens and sessions end, for nobody can say which of them
// had ended since. Whoever is let in again on purpose is let in by a later version.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { jsonOrNull } from '../runtime/json.js'
import { writeWhole } from '../runtime/whole-file.js'
import type { AccountBook } from './book.js'
import { type AccountState, fieldOf, isUnreadable, type Write } from './records.js'

const schema = z.object({
  plane: z.string(),
  version: z.int(),
  disabled: z.record(z.string(), z.object({ at: z.number(), by: z.string() })),
})
type Kept = z.output<typeof schema>

/** What was taken back. */
export interface TakenBack {
  readonly accounts: readonly string[]
  readonly tokens: number
  readonly sessions: number
}

export class EndedAccess {
  readonly #file: string
  readonly #book: AccountBook
  #kept: Kept

  constructor(file: string, plane: string, book: AccountBook) {
    this.#file = file
    this.#book = book
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

  #takenFrom({ users, tokens, sessions }: AccountState): { writes: Write[]; result: TakenBack } {
    const back = Object.entries(this.#kept.disabled).flatMap(([id, disabled]) => {
      const user = users.get(id)
      return user === undefined || user.disabled !== null ? [] : [{ ...user, disabled }]
    })
    const writes: Write[] = [
      ...back.map((user) => [fieldOf.user(user.id), user] as const),
      ...[...tokens.keys()].map((digest) => [fieldOf.token(digest), null] as const),
      ...[...sessions.keys()].map((digest) => [fieldOf.session(digest), null] as const),
    ]
    return { writes, result: { accounts: back.map(({ id }) => id), tokens: tokens.size, sessions: sessions.size } }
  }

  #remember({ version, users }: AccountState): void {
    const known = [...users.values()].filter((user) => !isUnreadable(user))
    const disabled = known.flatMap((user) => (user.disabled === null ? [] : [[user.id, user.disabled]]))
    this.#kept = { plane: this.#kept.plane, version, disabled: Object.fromEntries(disabled) }
    writeWhole(this.#file, JSON.stringify(this.#kept))
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // A first start.
    return ''
  }
}
