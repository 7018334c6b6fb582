// The name that an operator gave a controller (`--id`), claimed in the volatile store for as long as the process lives.
// Who leads is decided by an identity that no two processes share, whatever they are called; but two of one name would
// be one in every log and on every page, so the second does not start.

import { randomBytes } from 'node:crypto'
import type { Milliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { type Redis, storeError } from '../runtime/redis.js'
import { keys } from '../wire/redis-keys.js'

/** A process that died holds its name for this long; who comes after it waits. */
const LIFE: Milliseconds = 6_000
const RENEWAL: Milliseconds = 2_000
const LOOK: Milliseconds = 500

export interface NameClaim {
  /** Of this process alone; it begins with the name. */
  readonly id: string
  release(): Promise<void>
}

export interface ClaimOptions {
  /** Of the volatile store, role `controller`. */
  readonly redis: Redis
  readonly plane: string
  /** Null: any name, which nobody can claim twice. */
  readonly name: string | null
  readonly clock: Clock
  readonly log: Logger
}

/** @throws MizaniError NAME_TAKEN while another process runs under the name; STORE_UNAVAILABLE. */
export async function claimName({ redis, plane, name, clock, log }: ClaimOptions): Promise<NameClaim> {
  const id = `${name ?? 'ctl'}-${randomBytes(3).toString('hex')}`
  if (name === null) return { id, release: async () => undefined }
  const key = keys(plane).controller(name)
  const take = (): Promise<string | null> => redis.set(key, id, 'PX', LIFE, 'NX')
  const end = clock.monotonic() + LIFE + RENEWAL
  while ((await take().catch((error: unknown) => Promise.reject(storeError(error, 'Claiming a name')))) === null) {
    if (clock.monotonic() > end) throw taken(name, await redis.get(key))
    await clock.sleep(LOOK)
  }
  let timer: Timer = clock.setTimer(RENEWAL, renew)
  let isTold = false

  /** A store that lost the claim is told again; one that is away will be asked again. */
  async function renew(): Promise<void> {
    try {
      if ((await redis.get(key)) === null) await take()
      const holder = await redis.get(key)
      if (holder === id) await redis.pexpire(key, LIFE)
      else if (!isTold) log.error({ name, other: holder }, 'another controller runs under the name of this one')
      isTold = holder !== id
    } catch {
      // Its absence is told by everyone else.
    }
    timer = clock.setTimer(RENEWAL, renew)
  }

  return {
    id,
    async release() {
      timer.cancel()
      if ((await redis.get(key).catch(() => null)) === id) await redis.del(key).catch(() => 0)
    },
  }
}

const taken = (name: string, holder: string | null): MizaniError =>
  new MizaniError({
    code: 'NAME_TAKEN',
    message: `A controller named ${name} runs already (${holder ?? 'it has just begun'}).`,
    advice: 'Give each its own --id, or none: then each takes a name of its own.',
  })
