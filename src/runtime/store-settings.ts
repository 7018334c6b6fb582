// What a store must be set to: a durable one that would lose what it has acknowledged takes no edits, and says which
// setting it is.

import { messageOf } from './errors.js'
import { type Redis, remedyOf, replicasOf, storeError } from './redis.js'

export type StoreKind = 'durable' | 'volatile'

export interface UnmetSetting {
  readonly setting: string
  readonly expected: string
  readonly found: string
}

/**
 * The settings that a store lacks for its kind; empty: all is well. A durable store without them loses acknowledged
 * edits (no AOF or a lazy one), any store with an eviction policy loses its head under pressure, and a volatile store
 * that waits for replicas refuses publications when they are away.
 */
export async function unmetSettings(redis: Redis, kind: StoreKind): Promise<UnmetSetting[]> {
  const wanted: Record<string, string> =
    kind === 'durable'
      ? { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' }
      : { 'maxmemory-policy': 'noeviction', 'min-replicas-to-write': '0' }
  try {
    if (kind === 'durable' && (await replicasOf(redis)) > 0) wanted['min-replicas-to-write'] = '1'
    const reply = (await redis.call('CONFIG', 'GET', ...Object.keys(wanted))) as string[]
    const found = new Map(
      reply.flatMap((name, i) => (i % 2 === 0 ? [[name, reply[i + 1] ?? '']] : [])) as [string, string][],
    )
    return Object.entries(wanted)
      .map(([setting, expected]) => ({ setting, expected, found: found.get(setting) ?? 'unknown' }))
      .filter(({ setting, expected, found: value }) =>
        setting === 'min-replicas-to-write' && expected === '1' ? !(Number(value) >= 1) : value !== expected,
      )
  } catch (error) {
    if (remedyOf(error) !== 'stop') throw storeError(error, 'Reading the settings of the store')
    return [{ setting: 'CONFIG GET', expected: 'permitted', found: messageOf(error) }]
  }
}

/**
 * Why a durable store takes no edits now, in its own words; null: it does.
 * @throws MizaniError when it does not answer.
 */
export async function whyReadOnly(redis: Redis): Promise<string | null> {
  const [unmet] = await unmetSettings(redis, 'durable')
  if (unmet !== undefined) return `${unmet.setting} ${unmet.found}, expected ${unmet.expected}`
  const info = await redis.info('replication', 'persistence')
  const says = (field: string): string | undefined => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1]
  if (says('role') === 'slave') return 'it is a replica'
  if (says('aof_last_write_status') === 'err') return 'its disk takes nothing'
  // Said only where replicas must be there; those that are there are too few.
  const [, least = '0'] = (await redis.call('CONFIG', 'GET', 'min-replicas-to-write')) as string[]
  const good = says('min_slaves_good_slaves')
  return good !== undefined && Number(good) < Number(least) ? `${good} of ${least} replicas` : null
}
