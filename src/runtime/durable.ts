// Writes to the durable store. One is acknowledged when the master and every replica say that it is on disk, and a
// store that is not set up to keep what it acknowledges takes none.
//
// The write and its WAITAOF go down one socket in one pipeline: after a reconnect WAITAOF would wait for nothing. When
// the answer is lost, the outcome is unknown and is reported as that.

import type { Milliseconds } from '../model/units.js'
import { MizaniError, messageOf } from './errors.js'
import { type FunctionLibrary, loadLibrary, type Redis, replicasOf, storeError } from './redis.js'
import { unmetSettings } from './store-settings.js'

const DURABLE_WITHIN: Milliseconds = 5_000

export interface DurableOptions {
  /** Of the durable store, role `policy`. */
  readonly redis: Redis
  /** Replicas that must confirm a write; those that are connected count in any case. */
  readonly replicas?: number
  /** How long a write waits for them. A replica fsyncs once a second in the worst case. */
  readonly durableWithin?: Milliseconds
}

export class DurableStore {
  readonly #redis: Redis
  readonly #replicas: number
  readonly #durableWithin: Milliseconds

  constructor({ redis, replicas = 0, durableWithin = DURABLE_WITHIN }: DurableOptions) {
    this.#redis = redis
    this.#replicas = replicas
    this.#durableWithin = durableWithin
  }

  /** @throws MizaniError STORE_UNAVAILABLE and its kin. */
  async read<T>(doing: string, read: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await read(this.#redis)
    } catch (error) {
      throw storeError(error, doing)
    }
  }

  /** @throws MizaniError READ_ONLY for a store that would lose what it acknowledges. */
  async assertDurable(): Promise<void> {
    const [unmet] = await unmetSettings(this.#redis, 'durable')
    if (unmet === undefined) return
    throw new MizaniError({
      code: 'READ_ONLY',
      message: `The durable store would lose edits: ${unmet.setting} is ${unmet.found}, expected ${unmet.expected}.`,
      advice: 'Set it on the Redis that REDIS_URL names; until then the policy is served but cannot be changed.',
    })
  }

  /** A function call on disk everywhere; a library that the store has lost is loaded, and the call made once more. */
  async call(
    library: FunctionLibrary,
    name: string,
    keys: readonly string[],
    args: readonly (string | Buffer)[],
    doing: string,
  ): Promise<unknown> {
    const command = ['FCALL', name, String(keys.length), ...keys, ...args] as const
    try {
      return await this.write(command, doing)
    } catch (error) {
      if (!/function not found/i.test(messageOf(error))) throw error
    }
    await loadLibrary(this.#redis, library)
    return this.write(command, doing)
  }

  /**
   * One command, and the word of the master and every replica that it is on disk.
   * @throws MizaniError STORE_UNAVAILABLE (nothing was written), OUTCOME_UNKNOWN (it may have been).
   */
  async write([command, ...args]: readonly [string, ...(string | Buffer)[]], doing: string): Promise<unknown> {
    const replicas = Math.max(this.#replicas, await this.read(doing, replicasOf))
    const waiting = ['1', String(replicas), String(this.#durableWithin)]
    let replies: [Error | null, unknown][] | null
    try {
      replies = await this.#redis
        .pipeline()
        .call(command, ...args)
        .call('WAITAOF', ...waiting)
        .exec()
    } catch (error) {
      throw storeError(error, doing)
    }
    const [done, durable] = replies ?? []
    if (done?.[0]) throw storeError(done[0], doing)
    const [here = 0, there = 0] = (durable?.[1] ?? []) as number[]
    if (done === undefined || durable === undefined || durable[0] || here < 1 || there < replicas) {
      throw new MizaniError({
        code: 'OUTCOME_UNKNOWN',
        message: `${doing}: written, but ${here} of 1 master and ${there} of ${replicas} replicas say it is on disk.`,
        advice: 'Read it again before repeating the change.',
        cause: durable?.[0],
      })
    }
    return done[1]
  }
}
