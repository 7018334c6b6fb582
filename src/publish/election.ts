// Who may publish. A controller takes the term, renews it and frees it, each by one function call that nothing comes
// between (functions.lua). A term has an epoch, which only rises; every publication shows it, so that whoever slept
// through the end of a term is fenced.

import { fromSeconds, type Milliseconds } from '../model/units.js'
import { callFunction, type Redis, readLibrary } from '../runtime/redis.js'
import type { PlaneKeys } from '../wire/redis-keys.js'

/** How long a controller leads without saying so again. Above any pause of a store that is not a failure. */
export const LEADER_LEASE: Milliseconds = 5_000

/** Elections, and the fence that publications pass. */
export const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))

export interface Term {
  readonly leads: boolean
  readonly epoch: number
  readonly leader: string
}

export interface Election {
  /**
   * Takes or renews the term, for LEADER_LEASE unless said. `floor`: the highest epoch seen anywhere.
   * @throws MizaniError, remedy retry, while the store is away.
   */
  elect(id: string, floor: number, lease?: Milliseconds): Promise<Term>
  /** Frees the term for a standby; its epoch stays, for epochs only rise. */
  resign(id: string): Promise<void>
}

/** Who leads, by the store's own clock; null: nobody does. */
export async function leaderNow(redis: Redis, { head }: PlaneKeys): Promise<string | null> {
  const [leader, end] = await redis.hmget(head, 'leader', 'exp')
  const [now] = await redis.time()
  return leader && Number(end) > fromSeconds(Number(now)) ? leader : null
}

export const election = (redis: Redis, { head }: PlaneKeys): Election => ({
  async elect(id, floor, lease = LEADER_LEASE) {
    const reply = await callFunction(redis, LIBRARY, 'mizani_elect_3', [head], [id, String(lease), String(floor)])
    const [leads, epoch, leader] = reply as [number, string, string]
    return { leads: leads === 1, epoch: Number(epoch), leader }
  },
  async resign(id) {
    await callFunction(redis, LIBRARY, 'mizani_resign_3', [head], [id])
  },
})
