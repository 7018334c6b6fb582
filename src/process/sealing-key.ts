// Which key a plane's secrets are sealed with. The durable store holds its fingerprint, told before anything is sealed:
// a controller with another key, or with none where there is one, would seal what its peers cannot open, and open
// nothing of theirs. It does not start.

import { existsSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { loadPlane } from '../policy/files/files.js'
import { leaderNow } from '../publish/election.js'
import type { Settings } from '../runtime/config.js'
import type { Item } from '../runtime/doctor.js'
import { MizaniError, messageOf, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { connect, type Redis, storeError, untilReady } from '../runtime/redis.js'
import { makeSealingKey, type Sealing, sealingIn } from '../runtime/sealing.js'
import { keys } from '../wire/redis-keys.js'
import { onDurable, PATIENCE } from './backup.js'

interface Where {
  readonly file: string
  /** Of the durable store. */
  readonly redis: Redis
  readonly plane: string
}

const WHERE_FROM =
  'Copy the file from another controller of the plane, or from where you keep keys (same owner, mode 0600), and ' +
  'start this one again. Where it is lost everywhere: move what is there away, `mizani sealing-key new`, then a new ' +
  'secret for every webhook (`mizani webhook rotate`) and `mizani factor reset` for whoever had an authenticator.'

/**
 * Makes the key of a plane that has none.
 * @throws MizaniError KEYS_DIFFER: the plane has another; CREDENTIALS, SECRET_FILE; STORE_UNAVAILABLE.
 */
export async function openSealing({ file, redis, plane }: Where): Promise<Sealing> {
  const name = keys(plane).sealing
  const told = await redis.get(name).catch(storeFault('Reading which key seals'))
  if (told === null && !existsSync(file)) makeSealingKey(file)
  if (!existsSync(file)) throw differs(`${file} is not there, and the secrets of this plane are sealed with a key.`)
  const sealing = sealingIn(file)
  // Of two that tell at the same moment the first one is right.
  const before = told ?? (await redis.set(name, sealing.id, 'NX', 'GET').catch(storeFault('Telling which key seals')))
  if (before !== null && before !== sealing.id)
    throw differs(`${file} is not the key that the secrets of this plane are sealed with.`)
  return sealing
}

/** For the doctor, which makes nothing. */
export async function lookAtSealing({ file, redis, plane }: Where): Promise<Item[]> {
  const about = 'sealing key'
  const bad = (found: string): Item[] => [{ about, verdict: 'bad', found, advice: WHERE_FROM }]
  const told = await redis.get(keys(plane).sealing)
  if (told === null) return []
  try {
    if (!existsSync(file)) return bad(`${file} is not there`)
    if (sealingIn(file).id !== told) return bad(`${file} is not the key that the secrets of this plane are sealed with`)
    return [{ about, verdict: 'good', found: file }]
  } catch (error) {
    return bad(messageOf(error))
  }
}

export interface NewSealingKeyArgs {
  readonly settings: Pick<Settings, 'data' | 'plane' | 'redis' | 'sealingKey'>
}

/** `mizani sealing-key new`: for a plane whose key is lost. What was sealed with that opens nowhere any more. */
export async function runNewSealingKey({ settings }: NewSealingKeyArgs, io: Io): Promise<void> {
  const { sealingKey: file } = settings
  if (existsSync(file)) throw usageError(`${file} is there: it may be the key.`, 'Move it away first, and keep it.')
  const plane = loadPlane(settings.plane).document?.plane.id ?? basename(settings.plane)
  await assertNobodyLeads(settings.redis.volatile, plane)
  await onDurable(settings, io, async (redis) => {
    makeSealingKey(file)
    try {
      await redis.set(keys(plane).sealing, sealingIn(file).id)
    } catch (error) {
      // Nothing is sealed with it yet; the next try makes another one.
      rmSync(file)
      throw storeError(error, 'Telling which key seals')
    }
  })
  io.stderr.write(
    `${file} is the new key of plane ${plane}. Copy it to every controller and start them anew; then a new secret ` +
      'for every webhook (mizani webhook rotate), and mizani factor reset for whoever had an authenticator.\n',
  )
}

/**
 * A controller that runs would go on with the key that it has.
 * @param address null: of private stores, which a lock keeps
 */
async function assertNobodyLeads(address: string | null, plane: string): Promise<void> {
  if (address === null) return
  const redis = connect(address, 'controller')
  try {
    await untilReady(redis, PATIENCE)
    const leader = await leaderNow(redis, keys(plane)).catch(storeFault('Looking who leads'))
    if (leader !== null) throw usageError(`The controller ${leader} runs.`, 'Stop all of the plane first.')
  } finally {
    redis.disconnect()
  }
}

const differs = (message: string): MizaniError => new MizaniError({ code: 'KEYS_DIFFER', message, advice: WHERE_FROM })

const storeFault =
  (what: string) =>
  (error: unknown): never => {
    throw storeError(error, what)
  }
