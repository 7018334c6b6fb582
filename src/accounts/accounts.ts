// The accounts put together: the book in the store, the machine's own secrets, the authenticator, and what
// administrators do.

import { IN_PERSON } from '../model/principal.js'
import type { Clock } from '../runtime/clock.js'
import type { Sealing } from '../runtime/sealing.js'
import { Administration, assertAccountId, type Fitness } from './administration.js'
import { AccountBook } from './book.js'
import { EmergencyAccount } from './emergency.js'
import { EndedAccess, type TakenBack } from './ended.js'
import { AccountFactors } from './factors.js'
import { Federated, type FederatedOptions, NOBODY_ELSE } from './federated/federated.js'
import { MachineSecrets } from './machine.js'
import { Passkeys } from './passkeys.js'
import { assertPassword, type PasswordCost, Passwords } from './passwords.js'
import type { FactorRoles } from './person.js'
import { Authenticator } from './sessions.js'
import type { AccountStore } from './store.js'
import { SignInThrottle } from './throttle.js'

export interface Accounts {
  readonly authenticator: Authenticator
  readonly administration: Administration
  readonly federated: Federated
  readonly factors: AccountFactors
  readonly passkeys: Passkeys
  readonly emergency: EmergencyAccount
  readonly secrets: MachineSecrets
  /** Accounts at which somebody guesses, passwords or codes, at this controller. */
  guessedAt(): readonly string[]
  /** Takes over what another process has changed. @throws MizaniError STORE_UNAVAILABLE. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export interface AccountsOptions {
  readonly store: AccountStore
  readonly clock: Clock
  /** Of `env-admin`; null: there is none. */
  readonly adminToken: string | null
  /** Of deriving a key from a password; absent: what is dear to a guesser. */
  readonly cost?: PasswordCost
  /** Who else signs people in; absent: nobody. */
  readonly federated?: FederatedOptions
  /** What secrets of second factors are sealed by. */
  readonly seal: Sealing
  /** Who must have a second factor; absent: nobody. */
  readonly factorRoles?: FactorRoles
  /** Other machines reach us: then what is done in person takes a second factor, whoever must have one. */
  readonly reached?: boolean
  /** Ids that no account may have, for they speak for themselves; absent: none. */
  readonly isEdge?: (id: string) => boolean
  /** Names that people here know: no password is made of one; absent: none but their own. */
  readonly names?: () => Iterable<string>
  /** Where it is remembered who was disabled, and of which plane; absent: nowhere. */
  readonly ended?: { readonly file: string; readonly plane: string }
  /** The accounts of the store were older than what was remembered. */
  readonly onTakenBack?: (taken: TakenBack) => void
}

export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const { store, clock, adminToken, seal, factorRoles = [], reached = false, ended, onTakenBack } = options
  const book = await AccountBook.open(store)
  const access = ended === undefined ? null : new EndedAccess(ended.file, ended.plane, book, () => clock.wall())
  const look = async (): Promise<void> => {
    const taken = (await access?.look()) ?? null
    if (taken !== null) onTakenBack?.(taken)
  }
  await look()
  const secrets = new MachineSecrets(clock, adminToken)
  const [throttle, codes] = [new SignInThrottle(clock), new SignInThrottle(clock, 'codes')]
  const factors = new AccountFactors(book, seal, clock, { wanted: factorRoles, throttle: codes })
  const fitness = fitnessBy(options)
  const federated = new Federated(book, clock, options.federated ?? NOBODY_ELSE, fitness.assertId)
  const inPersonRoles = reached ? [...factorRoles, ...IN_PERSON] : factorRoles
  const passwords = new Passwords(options.cost)
  const checks = { passwords, factors, factorRoles, inPersonRoles, federated, throttle, ...fitness }
  return {
    authenticator: new Authenticator(book, secrets, clock, checks),
    factors,
    passkeys: new Passkeys(book, seal, clock),
    emergency: new EmergencyAccount(book, clock, passwords),
    administration: new Administration(book, clock, { throttle, passwords, ...fitness }),
    federated,
    secrets,
    // A name that nobody has may be a password in the wrong field.
    guessedAt: () => [...book.state.users.keys()].filter((id) => throttle.isAttacked(id) || codes.isAttacked(id)),
    close: () => passwords.close(),
    async refresh() {
      await book.refresh()
      await look()
    },
  }
}

function fitnessBy({ isEdge = () => false, names = () => [] }: AccountsOptions): Fitness {
  return {
    assertId: (id) => assertAccountId(id, isEdge),
    assertPassword: (password, id, name = id) =>
      assertPassword(password, id, [id, name, ...name.split(/\s+/), ...names()]),
  }
}
