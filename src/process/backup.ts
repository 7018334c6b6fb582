// `mizani backup` and `mizani restore`: the durable store as one file. A store that a setting names is used where it
// is; a private one is asked beside a running `mizani up`, and started for the moment where none runs. Restoring
// needs it alone: a controller that goes on with what it knew would publish one policy and hold another.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { usageError } from '../runtime/errors.js'
import { openFolder } from '../runtime/folder-lock.js'
import type { Io } from '../runtime/io.js'
import { MAX_FILE_BYTES } from '../runtime/limits.js'
import { createLogger } from '../runtime/log.js'
import { runningStore, startPrivateStores } from '../runtime/private-redis.js'
import { connect, type Redis, untilReady } from '../runtime/redis.js'
import { backUp, restore } from '../runtime/store-backup.js'
import { CONTROLLER_USER, POLICY_USER } from '../wire/access.js'
import { ANY_PLANE } from '../wire/redis-keys.js'
import { watchRestore } from './restored.js'

/** How long a store is waited for. */
export const PATIENCE = 3_000

export interface BackupArgs {
  readonly file: string
  readonly settings: Pick<Settings, 'data' | 'redis' | 'edgeKeys' | 'sealingKey' | 'audit'>
}

export async function runBackup({ file, settings }: BackupArgs, io: Io): Promise<void> {
  const beside = settings.redis.durable ?? (await runningStore(settings.data, 'durable', POLICY_USER.name))
  const at = new Date(systemClock.wall()).toISOString()
  const text = await onStore(beside, settings, io, (redis) => backUp(redis, ANY_PLANE, at))
  // Whole or not at all, and for its owner alone: it holds the digests of all secrets.
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  const history = join(settings.data, 'history')
  io.stderr.write(`${text.split('\n').length - 2} keys are in ${file}: policy, accounts, audit, webhooks, ledger.\n`)
  io.stderr.write(
    'Not in it: what was measured, alarms and who acknowledged them, and letters that wait. They are files in ' +
      `${history} of each controller: copy that folder too. Nor the secrets behind the keys of edges and of the ` +
      'audit, nor what the secrets of webhooks and authenticators are sealed with: keep ' +
      `${settings.edgeKeys}, ${settings.audit.key} and ${settings.sealingKey} where you keep keys.\n`,
  )
}

export async function runRestore({ file, force, settings }: BackupArgs & { force: boolean }, io: Io): Promise<void> {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw usageError(`Cannot read ${file}.`)
  }
  if (text.length > MAX_FILE_BYTES) throw usageError(`${file} is too large for a backup.`)
  const { keys, at } = await onDurable(settings, io, async (redis) => {
    openFolder(settings.data)
    const watch = watchRestore(redis, settings, createLogger('restore', 'error', io.stderr))
    const restored = await restore(redis, ANY_PLANE, text, force, watch.plan)
    await watch.tell(restored.at)
    return restored
  })
  const again =
    'Controllers on this store are to be started anew; where edges know a newer revision, once more when they have ' +
    'been told this one: until then no edits are taken.'
  const access =
    'Nobody got back what was taken from them since: accounts that the store still knew are as they were, others ' +
    'have to sign in and to be given tokens again.'
  io.stderr.write(`${keys} keys as of ${at} are restored. ${again}\n${access}\n`)
}

/** On the durable store while no controller uses it. */
export const onDurable = <T>(
  settings: Pick<Settings, 'data' | 'redis'>,
  io: Io,
  work: (redis: Redis) => Promise<T>,
): Promise<T> => onStore(settings.redis.durable, settings, io, work)

/** @param address null: the private store, started for this and stopped again. */
async function onStore<T>(
  address: string | null,
  { data }: Pick<Settings, 'data'>,
  io: Io,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const log = createLogger('backup', 'error', io.stderr)
  const users = { durableUser: POLICY_USER, volatileUser: CONTROLLER_USER }
  const stores = address === null ? await startPrivateStores({ dataDir: data, log, ...users }) : null
  const redis = connect(address ?? stores!.durableUrl, 'policy')
  try {
    await untilReady(redis, PATIENCE)
    return await work(redis)
  } finally {
    redis.disconnect()
    await stores?.stop()
  }
}
