// What a store must be set to: a durable one that would lose what it has acknowledged takes no edits, and says which
// setting it is. Within which limits it should stand, so that nobody who may speak there can crowd the others out. And
// what of it would be gone after its next start.

import { toSeconds } from '../model/units.js'
import type { Verdict } from './doctor.js'
import { messageOf } from './errors.js'
import { LEAST_CONNECTIONS, LEAST_HEARING, MAX_PROFILE_BYTES, STORE_IDLE } from './limits.js'
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
    const found = await settingsOf(redis, Object.keys(wanted))
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

async function settingsOf(redis: Redis, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const reply = (await redis.call('CONFIG', 'GET', ...names)) as string[]
  return new Map(reply.flatMap((name, i) => (i % 2 === 0 ? [[name, reply[i + 1] ?? '']] : [])) as [string, string][])
}

interface Limit {
  readonly expected: string
  holds(found: string): boolean
}

const between = (least: number, most: number): Limit => ({
  expected: most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`,
  holds: (found) => Number(found) >= least && Number(found) <= most,
})

/** Of both stores. A private one is set to them (private-redis.ts). */
const LIMITS: Readonly<Record<string, Limit>> = {
  // Without a bound the machine ends the store when it is full; with noeviction it refuses writes until there is room.
  maxmemory: { ...between(1, Number.POSITIVE_INFINITY), expected: 'a bound, such as 1gb' },
  'proto-max-bulk-len': between(1, MAX_PROFILE_BYTES),
  'client-output-buffer-limit': {
    expected: `pubsub ${LEAST_HEARING} or more`,
    holds: (found) => Number(/\bpubsub (\d+)/.exec(found)?.[1]) >= LEAST_HEARING,
  },
  maxclients: between(LEAST_CONNECTIONS, Number.POSITIVE_INFINITY),
  timeout: between(toSeconds(STORE_IDLE), 600),
  'tcp-keepalive': between(1, 300),
}

/** Limits that a store lacks: it works, and one who shouts or crowds there may shut others out. @throws MizaniError. */
export async function unmetLimits(redis: Redis): Promise<UnmetSetting[]> {
  const found = await settingsOf(redis, Object.keys(LIMITS)).catch((error: unknown) => {
    throw storeError(error, 'Reading the settings of the store')
  })
  return Object.entries(LIMITS).flatMap(([setting, { expected, holds }]) => {
    const value = found.get(setting) ?? 'unknown'
    return holds(value) ? [] : [{ setting, expected, found: value }]
  })
}

export interface LostAtStart extends UnmetSetting {
  readonly verdict: Exclude<Verdict, 'good'>
}

/** What a restart of the machine empties. */
const PASSING = /^\/(?:tmp|run|dev\/shm)(?:\/|$)/

/**
 * What of a store would be gone after its next start, or would keep it from starting.
 * @param key one that is written there. @throws MizaniError.
 */
export async function lostAtStart(redis: Redis, kind: StoreKind, key: string): Promise<LostAtStart[]> {
  const found = await settingsOf(redis, ['aclfile', 'dir', 'aof-load-truncated', 'appendonly']).catch((error) => {
    throw storeError(error, 'Reading the settings of the store')
  })
  const value = (setting: string): string => found.get(setting) ?? 'unknown'
  const look = (setting: string, holds: boolean, expected: string): LostAtStart[] =>
    holds ? [] : [{ verdict: 'look', setting, expected, found: value(setting) }]
  const users = look('aclfile', value('aclfile') !== '', 'a file: users that are made while it runs are gone without')
  if (kind === 'volatile') return users
  return [
    ...users,
    ...look('dir', !PASSING.test(value('dir')), 'a folder that outlives the machine’s next start'),
    ...look('aof-load-truncated', value('aof-load-truncated') !== 'no', 'yes, or it does not start after a power cut'),
    ...(value('appendonly') === 'yes' ? await asDefault(redis, key) : []),
  ]
}

/** What an append-only file is made of here. A server that loads it runs it as `default`, switched off or not. */
const inTheFile = (key: string): readonly string[][] => [
  ...[['MULTI'], ['EXEC'], ['SET', key, ''], ['HSET', key, 'f', ''], ['DEL', key]],
  ...[
    ['XADD', key, '*', 'f', ''],
    ['FUNCTION', 'LOAD', ''],
  ],
]

async function asDefault(redis: Redis, key: string): Promise<LostAtStart[]> {
  const setting = 'user default'
  const expected = 'off ~* &* +@all: it runs the append-only file at the next start, which would come up empty'
  for (const command of inTheFile(key)) {
    try {
      const found = String(await redis.call('ACL', 'DRYRUN', 'default', ...command))
      if (found !== 'OK') return [{ verdict: 'bad', setting, expected, found }]
    } catch (error) {
      if (remedyOf(error) !== 'stop') throw storeError(error, 'Asking what `default` may')
      const ask = 'OK; ask as its administrator: ACL DRYRUN default SET x y'
      return [{ verdict: 'unknown', setting, expected: ask, found: 'not to be asked by this user' }]
    }
  }
  return []
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
