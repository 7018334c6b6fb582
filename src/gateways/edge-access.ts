// Edges that come from elsewhere: their accounts, what each account opens, and the relay for those that have no way to
// the store. An account is changed in the durable store first and on the nodes of the volatile store then; should the
// second fail, the first is made good by the next comparison.

import type { EdgeCredentials, EdgeKey, JoinLine } from '../model/edge-account.js'
import type { Principal } from '../model/principal.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { withAccount } from '../runtime/store-address.js'
import type { Disagreement, StoreUsers } from '../runtime/store-users.js'
import { edgeUser, edgeUsersOf } from '../wire/access.js'
import type { EdgeMacs } from '../wire/mac.js'
import type { EdgeAccounts, EdgeRecord, Invitation } from './accounts.js'
import type { EdgeKeys } from './edge-keys.js'
import type { EdgeRelay } from './edge-relay.js'

/** What is changed by another controller counts here within this time. */
const REFRESH: Milliseconds = 500
const COMPARE: Milliseconds = 30_000

export interface EdgeEndpoints {
  /** Of the API, as gateways reach it. */
  readonly address: () => string
  /** SHA-256 (hex) of the certificate that vouches for it; null: the gateway's own trust decides. */
  readonly fingerprint: string | null
  /** Of the volatile store as gateways reach it, without an account, and who vouches for it; null: they cannot. */
  readonly rates: { readonly address: string; readonly ca: string | null } | null
}

export interface EdgeAccessOptions {
  readonly plane: string
  readonly accounts: EdgeAccounts
  readonly keys: EdgeKeys
  /** Under which keys it speaks and is spoken to; null: it has none. */
  macsOf(edge: string): EdgeMacs | null
  /** Null: nobody here may write users of the volatile store, so edges come by the API alone. */
  readonly users: StoreUsers | null
  readonly relay: EdgeRelay
  readonly endpoints: EdgeEndpoints
  isEdge(id: string): boolean
  /** An edge has an account of its own from now on. */
  onAccount?(edge: string): void
  readonly clock: Clock
  readonly log: Logger
  /** Ends `run`. */
  readonly ending: AbortSignal
}

export class EdgeAccess {
  readonly #o: EdgeAccessOptions
  #disagreed = ''

  constructor(options: EdgeAccessOptions) {
    this.#o = options
  }

  get relay(): EdgeRelay {
    return this.#o.relay
  }

  byToken(token: string): Principal | null {
    return this.#o.accounts.byToken(token)
  }

  macsOf(edge: string): EdgeMacs | null {
    return this.#o.macsOf(edge)
  }

  accounts(): ReadonlyMap<string, EdgeRecord> {
    return this.#o.accounts.records
  }

  /** @throws MizaniError NOT_FOUND, PRECONDITION_FAILED, STORE_UNAVAILABLE and its kin. */
  async add(edge: string, by: string): Promise<JoinLine> {
    this.#assertEdge(edge)
    const invitation = await this.#o.accounts.add(edge, by)
    await this.#write(edge)
    return this.#line(edge, invitation)
  }

  /** The secrets in use end now, here and on every node. @throws as `add`. */
  async rotate(edge: string, by: string): Promise<JoinLine> {
    this.#assertEdge(edge)
    const invitation = await this.#o.accounts.rotate(edge, by)
    await this.#write(edge)
    return this.#line(edge, invitation)
  }

  async remove(edge: string): Promise<void> {
    await this.#o.accounts.remove(edge)
    await this.#o.users?.remove(edgeUser(this.#o.plane, edge).name)
  }

  /** @throws MizaniError UNAUTHENTICATED for a token that is not known, was spent, or has expired. */
  async claim(edge: string, token: string): Promise<EdgeCredentials> {
    const { accounts, users, endpoints, plane, log } = this.#o
    const secrets = await accounts.claim(edge, token)
    const rates = users === null ? null : endpoints.rates
    await this.#write(edge).catch((error: unknown) => {
      log.error({ edge, reason: messageOf(error) }, 'its user is not on every node yet; it will be')
    })
    const account = { user: edgeUser(plane, edge).name, secret: secrets.store }
    return {
      ...{ edge, plane, api: { address: endpoints.address(), others: [], token: secrets.api } },
      rates: rates && { address: withAccount(rates.address, account), ca: rates.ca },
    }
  }

  /** Of an edge that has proven who it is; nothing without a key is taken from it from now on. @throws as `add`. */
  async keysOf(edge: string): Promise<readonly EdgeKey[]> {
    const { accounts, keys } = this.#o
    await accounts.noteKeyed(edge)
    return keys.of(edge, accounts.records.get(edge)!.at)
  }

  /** Where nodes of the volatile store differ from the accounts; null: nobody here may look. */
  async check(): Promise<readonly Disagreement[] | null> {
    const { users, accounts, plane } = this.#o
    return users === null ? null : users.compare(accounts.wanted(), edgeUsersOf(plane))
  }

  /** Follows other controllers, and keeps the nodes in line. */
  async run(): Promise<void> {
    const { accounts, keys, clock, log, ending } = this.#o
    let compareAt = clock.monotonic()
    while (!ending.aborted) {
      try {
        const changed = await accounts.refresh()
        if (changed || clock.monotonic() >= compareAt) {
          compareAt = clock.monotonic() + COMPARE
          await this.#repair()
          await keys.compare()
        }
        keys.reread()
        this.#disagreed = ''
      } catch (error) {
        const reason = messageOf(error)
        if (reason !== this.#disagreed) log.warn({ reason }, 'accounts of edges cannot be kept in line; trying on')
        this.#disagreed = reason
      }
      await clock.sleep(REFRESH, ending)
    }
  }

  close(): void {
    this.#o.relay.close()
  }

  async #repair(): Promise<void> {
    const { users, accounts, plane, log } = this.#o
    const repaired = (await users?.repair(accounts.wanted(), edgeUsersOf(plane))) ?? []
    for (const fault of repaired) log.warn(fault, 'a user of the volatile store was not as it should be, and is now')
  }

  async #write(edge: string): Promise<void> {
    const { users, accounts } = this.#o
    this.#o.onAccount?.(edge)
    const wanted = accounts.wanted().find(({ account }) => account.name === edgeUser(this.#o.plane, edge).name)
    if (wanted) await users?.put(wanted)
  }

  #line(edge: string, invitation: Invitation): JoinLine {
    const { endpoints } = this.#o
    return { ...invitation, edge, address: endpoints.address(), fingerprint: endpoints.fingerprint }
  }

  #assertEdge(edge: string): void {
    if (this.#o.isEdge(edge)) return
    const message = `There is no edge "${edge}" in the policy: GET /v1/edges lists those that are.`
    throw new MizaniError({ code: 'NOT_FOUND', remedy: 'drop', message })
  }
}
