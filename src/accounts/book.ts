// The accounts as this process knows them, and the one way to change them: decide on what is known, write if it still
// holds, else read again and decide again. Answers to requests never wait for the store; a store that is away stops
// changes and lets in whoever was let in before.

import { MizaniError } from '../runtime/errors.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import { type AccountState, isLocked, isUnreadable, readState, type Write } from './records.js'
import type { AccountStore } from './store.js'

/** Each round somebody else wrote; so many in a row do not happen by accident. */
const MAX_ROUNDS = 100

export interface Decision<T> {
  readonly writes: readonly Write[]
  readonly result: T
}

export class AccountBook {
  readonly #store: AccountStore
  #state: AccountState
  readonly #turns = new SerialQueue()

  private constructor(store: AccountStore, state: AccountState) {
    this.#store = store
    this.#state = state
  }

  static async open(store: AccountStore): Promise<AccountBook> {
    return new AccountBook(store, readState(await store.read()))
  }

  get state(): AccountState {
    return this.#state
  }

  /** Looks whether another process has changed something. Cheap: one number. */
  async refresh(): Promise<void> {
    if ((await this.#store.version()) !== this.#state.version) await this.#read()
  }

  /** A decision without writes changes nothing. Decisions of one process take turns. */
  change<T>(decide: (state: AccountState) => Decision<T>): Promise<T> {
    return this.#turns.run(() => this.#change(decide))
  }

  async #change<T>(decide: (state: AccountState) => Decision<T>): Promise<T> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { version } = this.#state
      const { writes, result } = decide(this.#state)
      if (writes.length === 0) return result
      this.#assertReadable(writes)
      const texts = writes.map(([field, value]) => [field, value === null ? null : JSON.stringify(value)] as const)
      const written = await this.#store.write(version, texts)
      await this.#read()
      if (written) return result
    }
    throw new MizaniError({ code: 'STORE_UNAVAILABLE', message: 'Others keep changing the accounts.' })
  }

  /** What cannot be read would be lost. */
  #assertReadable(writes: readonly Write[]): void {
    for (const write of writes) {
      const lost = lostBy(this.#state, write)
      if (lost === null) continue
      throw new MizaniError({
        code: 'FORBIDDEN',
        message: `The account ${lost} was written by a newer release, or is damaged: this one changes nothing in it.`,
        advice: 'Upgrade this controller; where it is damaged, restore the accounts from a backup.',
      })
    }
  }

  async #read(): Promise<void> {
    this.#state = readState(await this.#store.read())
  }
}

/** Of which account something would be written over that cannot be read here. Factors may be taken away all at once. */
function lostBy({ users, factors }: AccountState, [field, value]: Write): string | null {
  const [kind, id = ''] = field.split(/:(.*)/s)
  const user = users.get(id)
  if (kind === 'user') return user !== undefined && isUnreadable(user) ? id : null
  const known = kind === 'factors' ? factors.get(id) : undefined
  const isReset = value === null || ('reset' in value && value.reset !== null)
  return known !== undefined && isLocked(known) && !isReset ? id : null
}
