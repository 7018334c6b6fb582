// Accounts of edges. An edge has two ways in, the volatile store and the API, with a secret for each. Nobody ever
// types them: an administrator carries one line with a one-time token to the gateway, the agent trades it for secrets
// that are made at that moment, and what is kept here are digests.
//
//   edge:<id>   what is known of the edge's account
//   version     raised by each write, so that of two who spend one token at the same moment exactly one succeeds
//
// This record in the durable store is the truth; the users on the nodes of the volatile store are made from it, again
// and again, so that a node that was away, or is new, comes to agree.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { digestOf, newSecret } from '../accounts/records.js'
import { EDGE_TOKEN, type Principal } from '../model/principal.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { DurableStore } from '../runtime/durable.js'
import { MizaniError } from '../runtime/errors.js'
import { type Redis, readLibrary } from '../runtime/redis.js'
import type { Account } from '../runtime/store-accounts.js'
import { edgeUser } from '../wire/access.js'
import { keys } from '../wire/redis-keys.js'

/** Time to walk to a gateway. */
export const INVITATION_LIFE: Milliseconds = 24 * 3_600_000
const MAX_ROUNDS = 20
const LIBRARY = readLibrary(new URL('../accounts/functions.lua', import.meta.url))
const WRITE = 'mizani_accounts_write_1'

const recordSchema = z.object({
  /** The one-time token that was not spent yet. */
  invitation: z.object({ digest: z.string(), expires: z.number() }).nullable(),
  /** SHA-256 of the secret at the volatile store, in hex as Redis takes it; null: not traded yet. */
  store: z.string().nullable(),
  /** Digest of the token at the API. */
  token: z.string().nullable(),
  /** Whether it was given a key: nothing without one is taken from it any more. */
  keyed: z.boolean().default(false),
  at: z.number(),
  by: z.string(),
})
export type EdgeRecord = z.output<typeof recordSchema>

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

export class EdgeAccounts {
  readonly #redis: Redis
  readonly #store: DurableStore
  readonly #plane: string
  readonly #key: string
  readonly #clock: Clock
  #version = 0
  #records: ReadonlyMap<string, EdgeRecord> = new Map()
  #byToken: ReadonlyMap<string, string> = new Map()

  private constructor(redis: Redis, plane: string, clock: Clock) {
    this.#redis = redis
    this.#store = new DurableStore({ redis })
    this.#plane = plane
    this.#key = keys(plane).edgeAccounts
    this.#clock = clock
  }

  /** @param redis of the durable store, role `policy`. @throws MizaniError STORE_UNAVAILABLE. */
  static async open(redis: Redis, plane: string, clock: Clock): Promise<EdgeAccounts> {
    const accounts = new EdgeAccounts(redis, plane, clock)
    await accounts.refresh()
    return accounts
  }

  get records(): ReadonlyMap<string, EdgeRecord> {
    return this.#records
  }

  /** Takes over what another controller has changed; true: something was. */
  async refresh(): Promise<boolean> {
    const version = await this.#store.read('Reading the accounts of edges', () =>
      this.#redis.hget(this.#key, 'version'),
    )
    if (Number(version ?? 0) === this.#version) return false
    await this.#read()
    return true
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
    return [...this.#records].map(([edge, { store }]) => ({ account: edgeUser(this.#plane, edge), secretHash: store }))
  }

  /** A new account and its one-time token. @throws MizaniError PRECONDITION_FAILED when the edge has one. */
  add(edge: string, by: string): Promise<Invitation> {
    return this.#invite(edge, by, (old) => {
      if (old === undefined) return
      throw refusal(`Edge ${edge} has an account already.`, `mizani edge-user rotate ${edge} makes new credentials.`)
    })
  }

  /** Ends the secrets in use and makes a one-time token for new ones. @throws MizaniError NOT_FOUND. */
  rotate(edge: string, by: string): Promise<Invitation> {
    return this.#invite(edge, by, (old) => {
      if (old === undefined) throw unknown(edge)
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

  async #invite(edge: string, by: string, check: (old: EdgeRecord | undefined) => void): Promise<Invitation> {
    const token = newSecret()
    const at = this.#clock.wall()
    const expires = at + INVITATION_LIFE
    await this.#change(edge, (old) => {
      check(old)
      return { invitation: { digest: digestOf(token), expires }, store: null, token: null, keyed: false, at, by }
    })
    return { token, expires }
  }

  /** Decides on what stands now and writes it if that still holds, else decides again. */
  async #change(edge: string, decide: (old: EdgeRecord | undefined) => EdgeRecord | null): Promise<void> {
    await this.#store.assertDurable()
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.#read()
      const next = decide(this.#records.get(edge))
      const write = [`edge:${edge}`, next === null ? '' : JSON.stringify(next)]
      const args = [String(this.#version), ...write]
      const reply = await this.#store.call(LIBRARY, WRITE, [this.#key], args, 'Writing the accounts of edges')
      if ((reply as string[])[0] !== 'OK') continue
      await this.#read()
      return
    }
    throw new MizaniError({ code: 'STORE_UNAVAILABLE', message: 'The accounts of edges change too fast.' })
  }

  async #read(): Promise<void> {
    const found = await this.#store.read('Reading the accounts of edges', () => this.#redis.hgetall(this.#key))
    const { version = '0', ...fields } = found
    this.#records = new Map(
      Object.entries(fields).map(([field, text]) => [
        field.slice('edge:'.length),
        recordSchema.parse(JSON.parse(text)),
      ]),
    )
    this.#byToken = new Map([...this.#records].flatMap(([edge, { token }]) => (token === null ? [] : [[token, edge]])))
    this.#version = Number(version)
  }
}

const refusal = (message: string, advice: string): MizaniError =>
  new MizaniError({ code: 'PRECONDITION_FAILED', remedy: 'drop', message, advice })

function unknown(edge: string): MizaniError {
  const advice = `mizani edge-user add ${edge} makes one.`
  return new MizaniError({ code: 'NOT_FOUND', remedy: 'drop', message: `Edge ${edge} has no account.`, advice })
}
