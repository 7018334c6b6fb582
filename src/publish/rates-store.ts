// The controller's side of the volatile store: who may publish (election.ts), what goes out (outgoing.ts), what comes
// in (incoming.ts), what of it is new (freshness.ts), and what a standby knows of what others grant (standby-feed.ts).
// Each is handed what it needs of two connections, one that asks and one that hears, and whoever uses one part sees
// only that.
//
// Nothing in this store is the truth: rates are derived and reports are renewed each second. A store that lost
// everything is filled again by the next publications under a higher epoch.

import type { Clock } from '../runtime/clock.js'
import type { Logger } from '../runtime/log.js'
import type { Redis } from '../runtime/redis.js'
import type { MacsOf } from '../wire/mac.js'
import { keys } from '../wire/redis-keys.js'
import { election } from './election.js'
import { Freshness } from './freshness.js'
import { incoming } from './incoming.js'
import { outgoing } from './outgoing.js'
import { standbyFeed } from './standby-feed.js'

/** What a controller needs of the store. */
export type RatesStore = ReturnType<typeof ratesStore>

/** `redis` asks and publishes, `subscriber` hears: in the roles `controller` and `controller-subscriber`. */
export function ratesStore(
  redis: Redis,
  subscriber: Redis,
  plane: string,
  clock: Clock,
  log: Logger,
  macsOf: MacsOf = () => null,
) {
  const names = keys(plane)
  const freshness = new Freshness(clock)
  return {
    freshness,
    election: election(redis, names),
    outgoing: outgoing(redis, names, macsOf),
    incoming: incoming(redis, subscriber, names, log, macsOf, freshness),
    feed: standbyFeed(redis, subscriber, names, clock, log, macsOf, freshness),
  } as const
}
