// The accounts put together: the book in the store, the machine's own secrets, the authenticator, and what
// administrators do.

import type { Clock } from '../runtime/clock.js'
import { Administration } from './administration.js'
import { AccountBook } from './book.js'
import { MachineSecrets } from './machine.js'
import { Authenticator } from './sessions.js'
import type { AccountStore } from './store.js'

export interface Accounts {
  readonly authenticator: Authenticator
  readonly administration: Administration
  readonly secrets: MachineSecrets
  /** Takes over what another process has changed. @throws MizaniError STORE_UNAVAILABLE. */
  refresh(): Promise<void>
}

export interface AccountsOptions {
  readonly store: AccountStore
  readonly clock: Clock
  /** Of `env-admin`; null: there is none. */
  readonly adminToken: string | null
}

export async function openAccounts({ store, clock, adminToken }: AccountsOptions): Promise<Accounts> {
  const book = await AccountBook.open(store)
  const secrets = new MachineSecrets(clock, adminToken)
  return {
    authenticator: new Authenticator(book, secrets, clock),
    administration: new Administration(book, clock),
    secrets,
    refresh: () => book.refresh(),
  }
}
