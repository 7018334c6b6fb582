// Accounts of edges. An edge has two ways in, the volatile store and the API, with a secret for each. Nobody ever
// types them: an administrator carries one line with a one-time token to the gateway, the agent trades it for secrets
// that are made at that moment, and what is kept here are digests.
//
//   edge:<id>   what is known of the edge's account
//   version     raised by each write, so that of two who spend one token at the same moment exactly one succeeds
//
// This record in the durable store is the truth; the users on the nodes of the volatile store are made from it, again
// and again, so that a node that was away, or is new, comes to agree.
//
// The version only grows. A store with a lower one than was known here is empty, younger, a backup's or another
// plane's: it is behind, and what it lacks was taken from nobody. What was known goes on to count then, tokens and keys
// included, and nothing is written; after a restart too, for what was known is kept in a file of this controller's
// (known-accounts.ts). Whoever was removed is not in it, so nobody is revived by it.

import { createHash } from 'node:crypto'
import { digestOf, newSecret } from '../accounts/records.js'
import type { EdgeWay } from '../model/edge-account.js'
import { EDGE_TOKEN, type Principal } from '../model/principal.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { DurableStore } from '../runtime/durable.js'
import { MizaniError } from '../runtime/errors.js'
import { type Redis, readLibrary } from '../runtime/redis.js'
import type { Account } from '../runtime/store-accounts.js'
import { edgeUser } from '../wire/access.js'
import { keys } from '../wire/redis-keys.js'
import { type EdgeRecord, KnownAccounts, type Records, recordsIn, sameRecords } from './known-accounts.js'

/** Time to walk to a gateway. */
export const INVITATION_LIFE: Milliseconds = 24 * 3_600_000
const MAX_ROUNDS = 20
const LIBRARY = readLibrary(new URL('../accounts/functions.lua', import.meta.url))
const WRITE = 'mizani_accounts_write_1'
const OWN_LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))
const PUT_BACK = 'mizani_edge_accounts_put_back_1'

/** A user of the volatile store as it must stand on every node; without a secret nobody can sign in as it. */
export interface WantedUser {
  readonly account: Account
  readonly secretHash: string | null
}

export interface Invitation {
  readonly token: string
  readonly expires: UnixMilliseconds
}

/** Said once, to the edge alone. */
export interface EdgeSecrets {
  readonly store: string
  readonly api: string
}

export interface EdgeAccountsOptions {
  readonly plane: string
  readonly clock: Clock
  /** Where what is known is kept over a restart; null: nowhere. */
  readonly file: string | null
}

export class EdgeAccounts {
  readonly #redis: Redis
  readonly #store: DurableStore
  readonly #plane: string
  readonly #key: string
  readonly #clock: Clock
  readonly #known: KnownAccounts | null
  #version = 0
  #records: Records = new Map()
  #byToken: ReadonlyMap<string, string> = new Map()
  #behind: string | null = null
  #taken: () => void = () => {}

  private constructor(redis: Redis, { plane, clock, file }: EdgeAccountsOptions) {
    this.#redis = redis
    this.#store = new DurableStore({ redis })
    this.#plane = plane
    this.#key = keys(plane).edgeAccounts
    this.#clock = clock
    this.#known = file === null ? null : new KnownAccounts(file, plane)
    if (this.#known !== null) this.#take(this.#known.version, this.#known.records)
  }

  /** @param redis of the durable store, role `policy`. @throws MizaniError STORE_UNAVAILABLE. */
  static async open(redis: Redis, options: EdgeAccountsOptions): Promise<EdgeAccounts> {
    const accounts = new EdgeAccounts(redis, options)
    await accounts.#read()
    return accounts
  }

  get records(): Records {
    return this.#records
  }

  /** Told when other records may count, before whoever changed them is. */
  onTaken(taken: () => void): void {
    this.#taken = taken
  }

  /** Why what the store says does not count, and what was known does; null: the store is as far. */
  get behind(): string | null {
    return this.#behind
  }

  /** Takes over what another controller has changed; true: something was. */
  async refresh(): Promise<boolean> {
    const version = await this.#store.read('Reading the accounts of edges', () =>
      this.#redis.hget(this.#key, 'version'),
    )
    if (Number(version ?? 0) === this.#version && this.#behind === null) return false
    await this.#read()
    return this.#behind === null
  }

  /** Keeps what counts for the next start. @throws what the disk says. */
  remember(): void {
    this.#known?.keep(this.#version, this.#records)
  }

  /**
   * Writes what is known here over a store that is behind, under a later version than either: for who leads, once the
   * store has a policy that counts. One account that cannot be read is left to a person: a later release may have
   * written it. @throws as `add`.
   */
  async putBack(): Promise<void> {
    await this.#store.assertDurable()
    const { version = '0', ...found } = await this.#stored()
    if (Number(version) >= this.#version || recordsIn(found) === null) return
    const fields = [...this.#records].flatMap(([edge, record]) => [fieldOf(edge), JSON.stringify(record)])
    const args = [version, String(this.#version + 1), ...fields]
    // Where another controller was first, what it wrote is read.
    await this.#store.call(OWN_LIBRARY, PUT_BACK, [this.#key], args, 'Writing the accounts of edges')
    await this.#read()
  }

  /** Whose token of the API this is; from memory, for every request asks. */
  byToken(token: string): Principal | null {
    const edge = this.#byToken.get(digestOf(token))
    return edge === undefined
      ? null
      : { actor: edge, roles: ['edge'], scope: null, person: false, inPerson: false, via: EDGE_TOKEN }
  }

  /** What every node of the volatile store must hold. */
  wanted(): WantedUser[] {
    return [...this.#records].map(([edge, { store, over }]) => ({
      account: edgeUser(this.#plane, edge),
      secretHash: over === 'https' ? null : store,
    }))
  }

  /** A new account and its one-time token. @throws MizaniError PRECONDITION_FAILED when the edge has one. */
  add(edge: string, by: string, over: EdgeWay | null = null): Promise<Invitation> {
    return this.#invite(edge, by, (old) => {
      if (old === undefined) return over
      throw refusal(`Edge ${edge} has an account already.`, `mizani edge-user rotate ${edge} makes new credentials.`)
    })
  }

  /** Ends the secrets in use and makes a one-time token for new ones. @throws MizaniError NOT_FOUND. */
  rotate(edge: string, by: string): Promise<Invitation> {
    return this.#invite(edge, by, (old) => {
      if (old === undefined) throw unknown(edge)
      return old.over
    })
  }

  /** @throws MizaniError NOT_FOUND. */
  async remove(edge: string): Promise<void> {
    await this.#change(edge, (old) => {
      if (old === undefined) throw unknown(edge)
      return null
    })
  }

  /** Trades the one-time token. @throws MizaniError UNAUTHENTICATED: unknown, spent or expired, which look alike. */
  async claim(edge: string, token: string): Promise<EdgeSecrets> {
    const secrets = { store: newSecret(), api: newSecret() }
    await this.#change(edge, (old) => {
      const invitation = old?.invitation ?? null
      if (!old || invitation?.digest !== digestOf(token) || this.#clock.wall() >= invitation.expires) {
        const message = 'This token is not known for this edge, was used before, or has expired.'
        throw new MizaniError({
          code: 'UNAUTHENTICATED',
          message,
          advice: 'Ask for a new line: mizani edge-user rotate.',
        })
      }
      const store = createHash('sha256').update(secrets.store).digest('hex')
      return { ...old, invitation: null, store, token: digestOf(secrets.api) }
    })
    return secrets
  }

  /** From now on it is taken at its word under its key alone. @throws MizaniError NOT_FOUND. */
  async noteKeyed(edge: string): Promise<void> {
    if (this.#records.get(edge)?.keyed) return
    await this.#change(edge, (old) => {
      if (old === undefined) throw unknown(edge)
      return { ...old, keyed: true }
    })
  }

  /** @param way throws, or says by which way rates shall come */
  async #invite(edge: string, by: string, way: (old: EdgeRecord | undefined) => EdgeWay | null): Promise<Invitation> {
    const token = newSecret()
    const at = this.#clock.wall()
    const expires = at + INVITATION_LIFE
    await this.#change(edge, (old) => {
      const rest = { store: null, token: null, keyed: false, over: way(old), at, by }
      return { invitation: { digest: digestOf(token), expires }, ...rest }
    })
    return { token, expires }
  }

  /** Decides on what stands now and writes it if that still holds, else decides again. */
  async #change(edge: string, decide: (old: EdgeRecord | undefined) => EdgeRecord | null): Promise<void> {
    await this.#store.assertDurable()
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#read()
      if (this.#behind !== null) throw readOnly(this.#behind)
      const next = decide(this.#records.get(edge))
      const write = [fieldOf(edge), next === null ? '' : JSON.stringify(next)]
      const args = [String(this.#version), ...write]
      const reply = await this.#store.call(LIBRARY, WRITE, [this.#key], args, 'Writing the accounts of edges')
      if ((reply as string[])[0] !== 'OK') continue
      await this.#read()
      return
    }
    throw new MizaniError({ code: 'STORE_UNAVAILABLE', message: 'The accounts of edges change too fast.' })
  }

  async #stored(): Promise<Record<string, string>> {
    return this.#store.read('Reading the accounts of edges', () => this.#redis.hgetall(this.#key))
  }

  /** Takes over what the store says, unless it is behind. */
  async #read(): Promise<void> {
    const { version = '0', ...fields } = await this.#stored()
    const records = recordsIn(fields)
    const counted = Number(version)
    this.#behind = this.#whyBehind(counted, records)
    if (this.#behind === null && records !== null) this.#take(counted, records)
  }

  /** Under a lower version the same accounts are no loss: they were restored, or written back. */
  #whyBehind(version: number, records: Records | null): string | null {
    if (records === null || Number.isNaN(version)) return 'its accounts of edges cannot be read'
    if (version >= this.#version || sameRecords(records, this.#records)) return null
    return `its accounts of edges are at version ${version}, and version ${this.#version} is known`
  }

  #take(version: number, records: Records): void {
    this.#records = records
    this.#byToken = new Map([...records].flatMap(([edge, { token }]) => (token === null ? [] : [[token, edge]])))
    this.#version = version
    this.#taken()
  }
}

const FIELD = 'edge:'
const fieldOf = (edge: string): string => `${FIELD}${edge}`

const readOnly = (behind: string): MizaniError =>
  new MizaniError({
    code: 'READ_ONLY',
    message: `The policy store is behind: ${behind}.`,
    advice: 'Restore its newest backup. Those that are known go on to count, and no account is changed meanwhile.',
  })

const refusal = (message: string, advice: string): MizaniError =>
  new MizaniError({ code: 'PRECONDITION_FAILED', remedy: 'drop', message, advice })

function unknown(edge: string): MizaniError {
  const advice = `mizani edge-user add ${edge} makes one.`
  return new MizaniError({ code: 'NOT_FOUND', remedy: 'drop', message: `Edge ${edge} has no account.`, advice })
}
