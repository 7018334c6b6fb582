// The secrets from which the keys of edges are worked out. They stand in one file (setting `edgeKeys`, mode 0600), the
// same at each controller of a plane, and in no store: whoever breaks into a store can still sign nothing. The durable
// store holds their digests alone, so that a controller with other secrets than its peers does not come to lead edges
// that would not believe it.
//
// A new generation is written into the file an hour before it is announced: time to copy the file to the other
// controllers. Edges fetch their key of it by themselves, and go on with the one before meanwhile.

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { EdgeKey } from '../model/edge-account.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { type Redis, storeError } from '../runtime/redis.js'
import { readSecretFile } from '../runtime/secret-file.js'
import { EdgeMacs, edgeKeyOf } from '../wire/mac.js'
import { keys } from '../wire/redis-keys.js'

const fileSchema = z.strictObject({
  format: z.literal(1),
  generations: z
    .array(
      z.strictObject({ generation: z.int().positive(), secret: z.string().regex(/^[0-9a-f]{64}$/), from: z.int() }),
    )
    .min(1),
})
type Generations = z.output<typeof fileSchema>['generations']

export interface EdgeKeysOptions {
  readonly file: string
  readonly plane: string
  readonly clock: Clock
  /** Of the durable store. */
  readonly redis: Redis
}

export class EdgeKeys {
  readonly #o: EdgeKeysOptions
  #generations: Generations
  /** Those that are announced, as text: what was worked out for others is worked out anew. */
  #announced = ''
  readonly #macs = new Map<string, EdgeMacs>()

  private constructor(options: EdgeKeysOptions, generations: Generations) {
    this.#o = options
    this.#generations = generations
  }

  /**
   * Makes the first secret of a plane.
   * @throws MizaniError KEYS_DIFFER when other controllers of the plane hold others; CREDENTIALS for a damaged file.
   */
  static async open(options: EdgeKeysOptions): Promise<EdgeKeys> {
    const { file, clock } = options
    const told = await digests(options)
    if (told.size === 0 && !existsSync(file)) addGeneration(file, clock.wall(), clock.wall())
    const opened = new EdgeKeys(options, readGenerations(file))
    await opened.#agree(told)
    return opened
  }

  /** Takes over what the file holds now. */
  reread(): void {
    this.#generations = readGenerations(this.#o.file)
  }

  /** Whether others have the same. @throws as `open`. */
  async compare(): Promise<void> {
    await this.#agree(await digests(this.#o))
  }

  /** What an edge whose account was made at `since` is given: its keys of what is announced, the oldest first. */
  of(edge: string, since: UnixMilliseconds): EdgeKey[] {
    return this.#announcedNow().map(({ generation, secret }) => ({
      generation,
      key: edgeKeyOf(Buffer.from(secret, 'hex'), this.#o.plane, edge, since),
    }))
  }

  macsOf(edge: string, since: UnixMilliseconds): EdgeMacs {
    const announced = this.#announcedNow()
      .map(({ generation }) => generation)
      .join()
    if (announced !== this.#announced) this.#macs.clear()
    this.#announced = announced
    const name = `${edge} ${since}`
    const known = this.#macs.get(name)
    if (known !== undefined) return known
    const macs = new EdgeMacs(this.of(edge, since), 'controller')
    this.#macs.set(name, macs)
    return macs
  }

  /** Something is announced always: a clock that was set back takes nothing away. */
  #announcedNow(): Generations {
    const now = this.#o.clock.wall()
    const announced = this.#generations.filter(({ from }) => from <= now)
    return announced.length > 0 ? announced : this.#generations.slice(0, 1)
  }

  async #agree(told: ReadonlyMap<number, string>): Promise<void> {
    const own = new Map(this.#generations.map(({ generation, secret }) => [generation, digestOf(secret)]))
    const newest = Math.max(...own.keys())
    const differs = [...told].some(([generation, digest]) => (own.get(generation) ?? digest) !== digest)
    if (differs || newest < Math.max(0, ...told.keys())) {
      const message = `${this.#o.file} is not what the other controllers of this plane have.`
      const advice = 'Copy the file from one of them. Where it is lost: mizani edge-user new-keys --now.'
      throw new MizaniError({ code: 'KEYS_DIFFER', message, advice })
    }
    const missing = [...own].filter(([generation]) => !told.has(generation))
    if (missing.length === 0) return
    const { redis, plane } = this.#o
    await redis.hset(keys(plane).edgeKeys, Object.fromEntries(missing)).catch((error: unknown) => {
      throw storeError(error, 'Writing the digests of keys')
    })
  }
}

/** `from`: when it is announced. @throws MizaniError CREDENTIALS for a file that is damaged or cannot be written. */
export function addGeneration(file: string, now: UnixMilliseconds, from: UnixMilliseconds): void {
  const before = existsSync(file) ? readGenerations(file) : []
  const generation = Math.max(Math.floor(now / 1_000), ...before.map((known) => known.generation + 1))
  const added = { generation, secret: randomBytes(32).toString('hex'), from: Math.floor(from) }
  const draft = `${file}.${process.pid}`
  // The one in use goes on beside the one that follows it; one that was never announced is not missed.
  const inUse = before.filter((known) => known.from <= now).slice(-1)
  const generations = [...inUse, added]
  try {
    writeFileSync(draft, `${JSON.stringify({ format: 1, generations }, null, 2)}\n`, { mode: 0o600, flush: true })
    if (before.length > 0) renameSync(draft, file)
    else makeFirst(draft, file)
  } catch (cause) {
    const message = `The keys of edges cannot be written to ${file}: ${messageOf(cause)}.`
    const advice = 'Make its folder writable for this user, or name another file: edgeKeys, MIZANI_EDGE_KEYS.'
    throw new MizaniError({ code: 'CREDENTIALS', message, advice, cause })
  }
}

/** Of two that make the first one at the same moment, one has made it. */
function makeFirst(draft: string, file: string): void {
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}

function readGenerations(file: string): Generations {
  if (!existsSync(file)) {
    const message = `The keys of edges are not there: ${file}.`
    const advice = 'Copy the file from another controller. Where it is lost: mizani edge-user new-keys --now.'
    throw new MizaniError({ code: 'KEYS_DIFFER', message, advice })
  }
  try {
    return fileSchema.parse(JSON.parse(readSecretFile(file))).generations
  } catch (cause) {
    if (cause instanceof MizaniError) throw cause
    const advice =
      'Copy it from another controller, or from your copy of it; where there is none, move it away: ' +
      'mizani edge-user new-keys --now makes new ones.'
    throw new MizaniError({ code: 'CREDENTIALS', message: `The keys in ${file} cannot be read.`, advice, cause })
  }
}

async function digests({ redis, plane }: EdgeKeysOptions): Promise<ReadonlyMap<number, string>> {
  const found = await redis.hgetall(keys(plane).edgeKeys).catch((error: unknown) => {
    throw storeError(error, 'Reading the digests of keys')
  })
  return new Map(Object.entries(found).map(([generation, digest]) => [Number(generation), digest]))
}

const digestOf = (secret: string): string => createHash('sha256').update(`mizani edge keys\0${secret}`).digest('hex')
