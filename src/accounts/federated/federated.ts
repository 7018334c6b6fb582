// Accounts of people whom somebody else signs in. One is made at the first sign-in and found again by what never
// changes there, never by a name; its name, roles and scope are what its source said last. One book holds all accounts,
// so that an id means one person, whoever signs them in: whose id is taken already is not let in under it.

import type { UnixMilliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError } from '../../runtime/errors.js'
import { lapsedBy, newAccount, scopeOf } from '../administration.js'
import type { AccountBook, Decision } from '../book.js'
import { type AccountState, type Factor, fieldOf, type User } from '../records.js'
import type { Introduced } from './introduced.js'
import { type Directory, directoryName } from './ldap.js'
import type { OidcProvider } from './oidc.js'

export interface FederatedOptions {
  readonly provider: OidcProvider | null
  readonly directory: Directory | null
  /** Where a provider sends browsers back to. */
  redirect(): string
  /** An account was made, or is another one than before. */
  onTaken?(before: User | null, after: User): void
}

export const NOBODY_ELSE: FederatedOptions = { provider: null, directory: null, redirect: () => '' }

/** Somebody who has an account here, ready to be let in. */
interface Known {
  readonly user: string
  readonly via: Introduced['source']
  readonly factor: Factor | undefined
  readonly shown: UnixMilliseconds | undefined
}

interface Taken {
  readonly before: User | null
  readonly user: User
}

export class Federated {
  readonly #book: AccountBook
  readonly #clock: Clock
  readonly #options: FederatedOptions
  readonly #assertId: (id: string) => void

  /** @param assertId throws BAD_REQUEST for what cannot be the id of an account */
  constructor(book: AccountBook, clock: Clock, options: FederatedOptions, assertId: (id: string) => void) {
    this.#assertId = assertId
    this.#book = book
    this.#clock = clock
    this.#options = options
  }

  /** Who else signs people in: the provider by its name, and whether passwords of a directory are taken. */
  get ways(): { readonly provider: string | null; readonly directory: boolean } {
    const { provider, directory } = this.#options
    return { provider: provider?.name ?? null, directory: directory !== null }
  }

  /** A way to the provider; see OidcProvider.depart. @throws MizaniError NOT_FOUND: there is none. */
  depart(fresh: boolean) {
    return this.#provider().depart(this.#options.redirect(), fresh)
  }

  /** The way back. @throws MizaniError UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, PROVIDER_UNAVAILABLE. */
  async arrive(query: string, sealed: string): Promise<Known> {
    return this.#taken(await this.#provider().arrive(this.#options.redirect(), query, sealed))
  }

  /**
   * By which name the directory is asked for what somebody has typed; null: it is not asked. Accounts of our own come
   * first, however their names are typed, so that no password of theirs is ever sent elsewhere.
   */
  nameIn(typed: string): string | null {
    const name = this.#options.directory === null ? null : directoryName(typed)
    return name === null || this.#isOurs(name) ? null : name
  }

  /**
   * @param name as nameIn gives it
   * @returns null: this is not the way in
   * @throws MizaniError FORBIDDEN, PROVIDER_UNAVAILABLE, RATE_LIMITED.
   */
  async signIn(name: string, password: string): Promise<Known | null> {
    const introduced = (await this.#options.directory?.signIn(name, password)) ?? null
    return introduced === null ? null : this.#taken(introduced)
  }

  #isOurs(id: string): boolean {
    return this.#book.state.users.get(id)?.source === 'local'
  }

  #provider(): OidcProvider {
    const { provider } = this.#options
    if (provider !== null) return provider
    throw new MizaniError({ code: 'NOT_FOUND', message: 'No provider signs people in here.' })
  }

  /** Takes over what was said. Whoever may do nothing any more keeps an account that may do nothing. */
  async #taken(introduced: Introduced): Promise<Known> {
    const { source, factor, shown } = introduced
    const { before, user } = await this.#book.change((state) => this.#decided(state, introduced))
    if (before !== user) this.#options.onTaken?.(before, user)
    if (user.disabled !== null)
      throw refused(`The account ${user.id} is disabled here.`, 'An administrator enables it.')
    if (user.roles.length === 0) throw mayNothing(introduced)
    return { user: user.id, via: source, factor, shown }
  }

  #decided(state: AccountState, introduced: Introduced): Decision<Taken> {
    const { source, subject, id, name, rights } = introduced
    const before = [...state.users.values()].find((user) => user.source === source && user.subject === subject) ?? null
    if (before === null) {
      if (rights.roles.length === 0) throw mayNothing(introduced)
      this.#assertId(id)
      assertFree(state, id)
      const account = { id, name, ...rights, source, subject, password: null }
      const { writes, result } = newAccount(state, account, { at: this.#clock.wall(), by: source })
      return { writes, result: { before, user: result } }
    }
    const { roles } = rights
    const vouched = lapsedBy(before, { roles, hash: undefined })
    const after: User = { ...before, name, roles: [...roles], scope: scopeOf(rights.scope), vouched }
    if (JSON.stringify(after) === JSON.stringify(before)) return { writes: [], result: { before, user: before } }
    return { writes: [[fieldOf.user(before.id), after] as const], result: { before, user: after } }
  }
}

function assertFree({ users }: AccountState, id: string): void {
  const known = users.get(id)
  if (known === undefined) return
  throw refused(
    `The id ${id} is taken: by an account of another person, or of the same one that signs in by ${known.source}.`,
    'An id is never given twice: give the person another name there, or take another claim or attribute for ids.',
  )
}

const mayNothing = ({ source, id }: Introduced): MizaniError =>
  refused(
    `${id} is in no group that may do something here.`,
    `An administrator puts them into a group that ${source}.roles names, or names one of theirs there.`,
  )

const refused = (message: string, advice: string): MizaniError =>
  new MizaniError({ code: 'FORBIDDEN', message, advice })
