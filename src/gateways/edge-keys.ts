// The secrets from which the keys of edges are worked out. They stand in one file of the controller's data folder
// (mode 0600), the same at each controller of a plane, and in no store: whoever breaks into a store can still sign
// nothing. The durable store holds their digests alone, so that a controller with other secrets than its peers does not
// come to lead edges that would not believe it.
//
// A new generation is written into the file an hour before it is announced: time to copy the file to the other
// controllers. Edges fetch their key of it by themselves, and go on with the one before meanwhile.

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { EdgeKey } from '../model/edge-account.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { readSecretFile } from '../runtime/config.js'
import { MizaniError } from '../runtime/errors.js'
import { type Redis, storeError } from '../runtime/redis.js'
import { EdgeMacs, edgeKeyOf } from '../wire/mac.js'
import { keys } from '../wire/redis-keys.js'

const FILE = 'edge-keys.json'
/** The one in use and the one that follows it. */
const GENERATIONS = 2

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
  readonly dataFolder: string
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
    const { dataFolder, clock } = options
    const told = await digests(options)
    if (told.size === 0 && !existsSync(join(dataFolder, FILE))) addGeneration(dataFolder, clock.wall(), clock.wall())
    const opened = new EdgeKeys(options, readGenerations(dataFolder))
    await opened.#agree(told)
    return opened
  }

  /** Takes over what the file holds now, and looks whether others have the same. @throws as `open`. */
  async refresh(): Promise<void> {
    this.#generations = readGenerations(this.#o.dataFolder)
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
      const message = `${join(this.#o.dataFolder, FILE)} is not what the other controllers of this plane have.`
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

/** `from`: when it is announced. @returns the file. @throws MizaniError CREDENTIALS when the file there is damaged. */
export function addGeneration(dataFolder: string, now: UnixMilliseconds, from: UnixMilliseconds): string {
  const file = join(dataFolder, FILE)
  const before = existsSync(file) ? readGenerations(dataFolder) : []
  const generation = Math.max(Math.floor(now / 1_000), ...before.map((known) => known.generation + 1))
  const added = { generation, secret: randomBytes(32).toString('hex'), from: Math.floor(from) }
  const generations = [...before, added].slice(-GENERATIONS)
  writeFileSync(`${file}.new`, `${JSON.stringify({ format: 1, generations }, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  return file
}

function readGenerations(dataFolder: string): Generations {
  const file = join(dataFolder, FILE)
  if (!existsSync(file)) {
    const message = `The keys of edges are not there: ${file}.`
    const advice = 'Copy the file from another controller. Where it is lost: mizani edge-user new-keys --now.'
    throw new MizaniError({ code: 'KEYS_DIFFER', message, advice })
  }
  try {
    return fileSchema.parse(JSON.parse(readSecretFile(file))).generations
  } catch (cause) {
    if (cause instanceof MizaniError) throw cause
    const advice = 'Copy it from another controller, or from your backup of it.'
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
