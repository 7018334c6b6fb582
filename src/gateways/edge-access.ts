// Edges that come from elsewhere: their accounts, what each account opens, and the relay for those that have no way to
// the store. An account is changed in the durable store first and on the nodes of the volatile store then; should the
// second fail, the first is made good by the next comparison.
//
// Who leads compares, while the durable store is whole. What is missing is put right; but a user is shut out only where
// this process saw its account in force in this term and saw it end, and of a tenth of the edges at once at most: an
// edge that is let in without an account is a name in an alarm, and many that are shut out are a network without rates.

import type { PolicyState } from '../change/policy-state.js'
import type { EdgeCredentials, EdgeKey, EdgeWay, JoinLine } from '../model/edge-account.js'
import type { Principal } from '../model/principal.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { fieldOf } from '../policy/in-force/register.js'
import type { Finding } from '../record/findings.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { MOST_SHUT_OUT } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { withAccount } from '../runtime/store-address.js'
import { type Disagreement, type StoreUsers, shutsOut } from '../runtime/store-users.js'
import { edgeUser, edgeUsersOf } from '../wire/access.js'
import type { EdgeAccounts, Invitation } from './accounts.js'
import type { EdgeKeys } from './edge-keys.js'
import type { EdgeRelay } from './edge-relay.js'
import type { Records } from './known-accounts.js'

/** What is changed by another controller counts here within this time. */
const REFRESH: Milliseconds = 500
const COMPARE: Milliseconds = 30_000

export interface EdgeEndpoints {
  /** Of the API, as gateways reach it. */
  readonly address: () => string
  /** Of the other controllers' APIs. */
  readonly others: () => readonly string[]
  /** SHA-256 (hex) of the certificate that vouches for it; null: the gateway's own trust decides. */
  readonly fingerprint: string | null
  /** Of the volatile store as gateways reach it, without an account, and who vouches for it; null: they cannot. */
  readonly rates: { readonly address: string; readonly ca: string | null } | null
}

export interface EdgeAccessOptions {
  readonly plane: string
  readonly accounts: EdgeAccounts
  readonly keys: EdgeKeys
  /** Null: nobody here may write users of the volatile store, so edges come by the API alone. */
  readonly users: StoreUsers | null
  readonly relay: EdgeRelay
  readonly endpoints: EdgeEndpoints
  isEdge(id: string): boolean
  /** Which agent speaks as the edge; null: it is not known. */
  holderOf(edge: string): string | null
  /** Whether this controller leads. */
  leads(): boolean
  /** Of the durable store: looked at, away, or without edits that were in force. */
  readonly policy: Pick<PolicyState, 'refresh' | 'away' | 'lostEdits' | 'edit'>
  /** An edge has an account of its own from now on. */
  onAccount?(edge: string): void
  readonly clock: Clock
  readonly log: Logger
  /** Ends `run`. */
  readonly ending: AbortSignal
}

/** What the nodes of the volatile store have that is not as the accounts have it. */
export interface CheckedUser extends Disagreement {
  readonly edge: string
  /** It is not put right by itself: it would shut out whom nobody was seen to shut out. */
  readonly left: boolean
}

export class EdgeAccess {
  readonly #o: EdgeAccessOptions
  #disagreed = ''
  #led = false
  /** Who had an account at the last look, and who of such has lost it in this term. */
  #inForce: ReadonlySet<string> = new Set()
  readonly #ended = new Set<string>()
  /** Of the last comparison. */
  #left: readonly string[] = []

  constructor(options: EdgeAccessOptions) {
    this.#o = options
  }

  get relay(): EdgeRelay {
    return this.#o.relay
  }

  byToken(token: string): Principal | null {
    return this.#o.accounts.byToken(token)
  }

  accounts(): Records {
    return this.#o.accounts.records
  }

  /** Why accounts in the durable store do not count, and those that were known do; null: they count. */
  behind(): string | null {
    return this.#o.accounts.behind
  }

  findings(): Finding[] {
    const { behind } = this.#o.accounts
    const found = (code: Finding['code'], subject: string): Finding => ({ code, subject, cause: code, region: null })
    return [
      ...(behind === null ? [] : [found('ACCOUNTS_BEHIND', `policy store (${behind})`)]),
      ...this.#left.map((edge) => found('ACCOUNT_SURPLUS', edge)),
    ]
  }

  /** @throws MizaniError NOT_FOUND, PRECONDITION_FAILED, STORE_UNAVAILABLE and its kin. */
  async add(edge: string, by: string, over: EdgeWay | null = null): Promise<JoinLine> {
    this.#assertEdge(edge)
    if (over === 'redis' && (this.#o.users === null || this.#o.endpoints.rates === null)) throw noStore()
    const invitation = await this.#o.accounts.add(edge, by, over)
    await this.#write(edge)
    return this.#line(edge, invitation)
  }

  /** The secrets in use end now, on every node; whoever joins within the hour takes the place. @throws as `add`. */
  async rotate(edge: string, by: string): Promise<JoinLine> {
    this.#assertEdge(edge)
    const invitation = await this.#o.accounts.rotate(edge, by)
    await this.#write(edge)
    // The old secrets are dead: whoever asked needs the line, whether or not the place was given up.
    await this.replace(edge, by).catch((error: unknown) => {
      this.#o.log.warn({ edge, reason: messageOf(error) }, 'another machine has to wait for a lease')
    })
    return this.#line(edge, invitation)
  }

  /** Within an hour another agent may take the place of the one that still speaks. @throws as `add`. */
  async replace(edge: string, by: string): Promise<UnixMilliseconds> {
    this.#assertEdge(edge)
    const at = this.#o.clock.wall()
    const instance = this.#o.holderOf(edge) ?? undefined
    await this.#o.policy.edit(() => ({ [fieldOf.replacement(edge)]: { edge, at, author: by, instance } }))
    return at
  }

  /** A user of the volatile store without an account is removed as well. @throws as `add`. */
  async remove(edge: string): Promise<void> {
    const { users, accounts, plane } = this.#o
    await accounts.refresh()
    const isSurplus = !accounts.records.has(edge) && (await this.check())?.some((one) => one.edge === edge)
    if (!isSurplus) await accounts.remove(edge)
    await users?.remove(edgeUser(plane, edge).name)
    this.#left = this.#left.filter((left) => left !== edge)
  }

  /** @throws MizaniError UNAUTHENTICATED for a token that is not known, was spent, or has expired. */
  async claim(edge: string, token: string): Promise<EdgeCredentials> {
    const { accounts, users, endpoints, plane, log } = this.#o
    const secrets = await accounts.claim(edge, token)
    const rates = users === null || accounts.records.get(edge)?.over === 'https' ? null : endpoints.rates
    await this.#write(edge).catch((error: unknown) => {
      log.error({ edge, reason: messageOf(error) }, 'its user is not on every node yet; it will be')
    })
    const account = { user: edgeUser(plane, edge).name, secret: secrets.store }
    return {
      ...{ edge, plane, api: { address: endpoints.address(), others: endpoints.others(), token: secrets.api } },
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
  async check(): Promise<readonly CheckedUser[] | null> {
    const { users, accounts, plane } = this.#o
    if (users === null) return null
    const wanted = accounts.wanted()
    const byName = new Map(wanted.map((one) => [one.account.name, one]))
    const faults = await users.compare(wanted, edgeUsersOf(plane))
    const out = new Set(faults.filter((fault) => shutsOut(fault, byName.get(fault.user))).map(({ user }) => user))
    const most = Math.max(1, Math.floor(MOST_SHUT_OUT * (wanted.length + this.#ended.size)))
    const edgeOf = (user: string): string => user.slice(edgeUsersOf(plane).length)
    const seen = [...out].filter((user) => byName.has(user) || this.#ended.has(edgeOf(user)))
    const isLeft = (user: string): boolean => out.has(user) && (seen.length > most || !seen.includes(user))
    return faults.map((fault) => ({ ...fault, edge: edgeOf(fault.user), left: isLeft(fault.user) }))
  }

  /** Follows other controllers, and keeps the nodes in line. */
  async run(): Promise<void> {
    const { accounts, keys, clock, log, ending } = this.#o
    let compareAt = clock.monotonic()
    while (!ending.aborted) {
      try {
        const changed = await accounts.refresh()
        const isNewTerm = this.#follow()
        if (accounts.behind !== null) await this.#putBack()
        else if (changed || isNewTerm || clock.monotonic() >= compareAt) {
          compareAt = clock.monotonic() + COMPARE
          await this.#repair()
          await keys.compare()
        }
        keys.reread()
        accounts.remember()
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

  /** Notes who has lost an account under the eyes of this process while it leads; true: it has come to lead. */
  #follow(): boolean {
    const leads = this.#o.leads()
    const isNewTerm = leads && !this.#led
    const now = new Set(this.#o.accounts.records.keys())
    if (!this.#led || !leads) this.#ended.clear()
    else for (const edge of this.#inForce) if (!now.has(edge)) this.#ended.add(edge)
    for (const edge of now) this.#ended.delete(edge)
    this.#inForce = now
    this.#led = leads
    return isNewTerm
  }

  async #repair(): Promise<void> {
    const { users, accounts, plane, leads, log } = this.#o
    this.#left = []
    if (users === null || !leads() || !this.#isWhole) return
    const faults = (await this.check()) ?? []
    // Whoever is there by now and was not looked at is left alone: another controller may just have let them in.
    const mine = new Set(faults.filter((one) => !one.left).map(({ user }) => user))
    this.#left = [...new Set(faults.filter((one) => one.left).map(({ edge }) => edge))]
    if (mine.size === 0) return
    const mayShutOut = (user: string): boolean => leads() && mine.has(user)
    const repaired = await users.repair(accounts.wanted(), edgeUsersOf(plane), mayShutOut)
    for (const fault of repaired) log.warn(fault, 'a user of the volatile store was not as it should be, and is now')
  }

  /** A backup of this plane may know fewer accounts, or some that were removed since; an empty store knows nothing. */
  async #putBack(): Promise<void> {
    const { accounts, policy, leads, log } = this.#o
    const { behind } = accounts
    if (!leads()) return
    await policy.refresh()
    if (!this.#isWhole) return
    await accounts.putBack()
    if (accounts.behind === null) log.warn({ behind }, 'the accounts of edges were written back to the policy store')
  }

  get #isWhole(): boolean {
    const { policy } = this.#o
    return !policy.away && policy.lostEdits === null
  }

  async #write(edge: string): Promise<void> {
    const { users, accounts } = this.#o
    this.#o.onAccount?.(edge)
    const wanted = accounts.wanted().find(({ account }) => account.name === edgeUser(this.#o.plane, edge).name)
    if (wanted) await users?.put(wanted)
  }

  #line(edge: string, invitation: Invitation): JoinLine {
    const { endpoints } = this.#o
    const [address, others] = [endpoints.address(), endpoints.others()]
    return { ...invitation, edge, address, others, fingerprint: endpoints.fingerprint }
  }

  #assertEdge(edge: string): void {
    if (this.#o.isEdge(edge)) return
    const message = `There is no edge "${edge}" in the policy: GET /v1/edges lists those that are.`
    throw new MizaniError({ code: 'NOT_FOUND', remedy: 'drop', message })
  }
}

const noStore = (): MizaniError =>
  new MizaniError({
    code: 'PRECONDITION_FAILED',
    remedy: 'drop',
    message: 'Gateways have no way to the volatile store from here.',
    advice: 'Set RATES_REDIS_ADMIN_URL and RATES_REDIS_EDGE_URL, or let its rates come over https.',
  })
