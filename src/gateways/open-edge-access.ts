// How edges from elsewhere reach this controller and its volatile store, as the settings have it.

import type { EdgeKey } from '../model/edge-account.js'
import { fingerprintOfChain, readPem } from '../runtime/certificates.js'
import type { Clock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Logger } from '../runtime/log.js'
import { isLoopback } from '../runtime/loopback.js'
import type { Redis } from '../runtime/redis.js'
import { forOthers, parseAddress } from '../runtime/store-address.js'
import { StoreUsers } from '../runtime/store-users.js'
import type { EdgeMacs } from '../wire/mac.js'
import { EdgeAccounts } from './accounts.js'
import { EdgeAccess, type EdgeAccessOptions, type EdgeEndpoints } from './edge-access.js'
import { EdgeKeys } from './edge-keys.js'
import { EdgeRelay } from './edge-relay.js'

/** The volatile store from two more sides than the controller's own. */
export interface RatesStoreWays {
  /** As a user that may write ACLs; null: edges get no account there. */
  readonly admin: string | null
  /** As gateways reach it; null: they cannot. */
  readonly forEdges: string | null
}

export interface EdgeAccessParts {
  readonly settings: Settings
  readonly plane: string
  readonly secrets: EdgeSecretsKept
  readonly volatileUrl: string
  readonly ways: RatesStoreWays
  /** Where the API listens; asked when it does. */
  listening(): string
  isEdge(id: string): boolean
  readonly holderOf: EdgeAccessOptions['holderOf']
  leads(): boolean
  readonly policy: EdgeAccessOptions['policy']
  onAccount?: ((edge: string) => void) | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly ending: AbortSignal
}

/** What is kept of edges' secrets, and under which keys each of them is heard and told. */
export interface EdgeSecretsKept {
  readonly accounts: EdgeAccounts
  readonly keys: EdgeKeys
  /** Null: it has none. */
  macsOf(edge: string): EdgeMacs | null
  /** The keys of all edges that have any; the same lists while they are the same keys. */
  all(): ReadonlyMap<string, readonly EdgeKey[]>
}

export interface EdgeSecretsOptions {
  /** Of the keys. */
  readonly file: string
  /** What is known of accounts: see accounts.ts. */
  readonly known: string
  readonly plane: string
  readonly clock: Clock
}

/** @param redis of the durable store, role `policy`. @throws MizaniError STORE_UNAVAILABLE, and as EdgeKeys.open. */
export async function openEdgeSecrets(
  redis: Redis,
  { file, known, plane, clock }: EdgeSecretsOptions,
): Promise<EdgeSecretsKept> {
  const accounts = await EdgeAccounts.open(redis, { plane, clock, file: known })
  const keys = await EdgeKeys.open({ file, plane, clock, redis })
  const macsOf = (edge: string): EdgeMacs | null => {
    const account = accounts.records.get(edge)
    return account?.keyed ? keys.macsOf(edge, account.at) : null
  }
  const all = (): Map<string, readonly EdgeKey[]> =>
    new Map([...accounts.records].flatMap(([edge, { keyed, at }]) => (keyed ? [[edge, keys.of(edge, at)]] : [])))
  return { accounts, keys, macsOf, all }
}

/** @throws MizaniError STORE_UNAVAILABLE; TLS_FILE for a certificate that cannot be read. */
export function openEdgeAccess(parts: EdgeAccessParts): EdgeAccess {
  const { settings, plane, secrets, volatileUrl, ways, policy, clock, log, ending, onAccount } = parts
  const { accounts, keys, macsOf } = secrets
  const relay = new EdgeRelay({ url: volatileUrl, plane, macsOf, clock, log })
  try {
    return new EdgeAccess({
      ...{ plane, relay, accounts, keys, policy, clock, log, ending },
      users: ways.admin === null ? null : new StoreUsers(ways.admin),
      endpoints: endpointsOf(settings, ways, () => parts.listening()),
      isEdge: (id) => parts.isEdge(id),
      holderOf: parts.holderOf,
      leads: () => parts.leads(),
      ...(onAccount === undefined ? {} : { onAccount }),
    })
  } catch (error) {
    relay.close()
    throw error
  }
}

/**
 * The ways that the settings name. Gateways on other machines would look for a store on loopback on their own: where
 * they may come, such a store is theirs by HTTP.
 */
export function waysOf({ http, redis }: WaysSettings): RatesStoreWays {
  const { volatile, admin, forEdges } = redis
  const mayComeFromAfar = http.publicUrl !== null || !isLoopback(http.host)
  return { admin, forEdges: forEdges ?? (mayComeFromAfar && isOnlyHere(volatile) ? null : volatile) }
}

export interface WaysSettings {
  readonly http: Pick<Settings['http'], 'host' | 'publicUrl'>
  readonly redis: Pick<Settings['redis'], 'volatile' | 'admin' | 'forEdges'>
}

function isOnlyHere(address: string | null): boolean {
  return address !== null && parseAddress(address).nodes.every(({ host }) => isLoopback(host))
}

function endpointsOf({ http, redis }: Settings, { forEdges }: RatesStoreWays, listening: () => string): EdgeEndpoints {
  const { ca } = redis.tls
  const address = (): string => http.publicUrl ?? listening()
  return {
    address,
    others: () => http.controllers.filter((other) => new URL(other).origin !== new URL(address()).origin),
    fingerprint: fingerprintOfChain(http.tls?.certificate),
    rates:
      forEdges === null
        ? null
        : { address: forOthers(forEdges), ca: ca === null ? null : readPem('CA of the stores', ca) },
  }
}
