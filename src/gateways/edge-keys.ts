// The secrets from which the keys of edges are worked out. They stand in one file (setting `edgeKeys`, mode 0600), the
// same at each controller of a plane, and in no store: whoever breaks into the rates store can sign nothing. The
// durable store holds their digests alone, so that a controller with other secrets than its peers does not come to
// lead edges that would not believe it.
//
// A new generation is written into the file an hour before it is announced: time to copy the file to the other
// controllers. Edges fetch their key of it by themselves, and go on with the one before meanwhile.
//
// Who has the right secrets is told by the digests of what was announced: whoever has one of them, none that differs,
// and is not behind. A file that takes the place of one that was lost says so, for it has none of them.

import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, linkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { EdgeKey } from '../model/edge-account.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { type Redis, storeError } from '../runtime/redis.js'
import { readSecretFile } from '../runtime/secret-file.js'
import { BESIDE, syncFolder } from '../runtime/whole-file.js'
import * as z from '../runtime/zod.js'
import { EdgeMacs, edgeKeyOf } from '../wire/mac.js'
import { keys } from '../wire/redis-keys.js'

const fileSchema = z.strictObject({
  format: z.literal(1),
  /** It was made where the one before was lost: the plane knew others. */
  replaces: z.boolean().default(false),
  generations: z
    .array(
      z.strictObject({ generation: z.int().positive(), secret: z.string().regex(/^[0-9a-f]{64}$/), from: z.int() }),
    )
    .min(1),
})
type KeysFile = z.output<typeof fileSchema>
type Generations = KeysFile['generations']

/** Beside the generations, under a number that none has: the digest with which they began. */
const FIRST = '0'

export interface EdgeKeysOptions {
  readonly file: string
  readonly plane: string
  readonly clock: Clock
  /** Of the durable store. */
  readonly redis: Redis
}

export class EdgeKeys {
  readonly #o: EdgeKeysOptions
  #kept: KeysFile
  /** Those that are announced, as text: what was worked out for others is worked out anew. */
  #announced = ''
  readonly #keys = new Map<string, readonly EdgeKey[]>()
  readonly #macs = new Map<string, EdgeMacs>()

  private constructor(options: EdgeKeysOptions, kept: KeysFile) {
    this.#o = options
    this.#kept = kept
  }

  /**
   * Makes the first secret of a plane.
   * @throws MizaniError KEYS_DIFFER when other controllers of the plane hold others; CREDENTIALS for a damaged file.
   */
  static async open(options: EdgeKeysOptions): Promise<EdgeKeys> {
    const { file, clock } = options
    const told = await digests(options)
    if (told.size === 0 && !existsSync(file)) addGeneration(file, clock.wall(), 0, { isFirst: true })
    const opened = new EdgeKeys(options, readKeys(file))
    await opened.#agree(told)
    return opened
  }

  /** Takes over what the file holds now. */
  reread(): void {
    this.#kept = readKeys(this.#o.file)
  }

  /** Whether others have the same. @throws as `open`. */
  async compare(): Promise<void> {
    await this.#agree(await digests(this.#o))
  }

  /** What an edge whose account was made at `since` is given: its keys of what is announced, the oldest first. */
  of(edge: string, since: UnixMilliseconds): readonly EdgeKey[] {
    return this.#workedOut(this.#keys, edge, since, (announced) =>
      announced.map(({ generation, secret }) => ({
        generation,
        key: edgeKeyOf(Buffer.from(secret, 'hex'), this.#o.plane, edge, since),
      })),
    )
  }

  macsOf(edge: string, since: UnixMilliseconds): EdgeMacs {
    return this.#workedOut(this.#macs, edge, since, () => new EdgeMacs(this.of(edge, since), 'controller'))
  }

  #workedOut<T>(kept: Map<string, T>, edge: string, since: UnixMilliseconds, make: (announced: Generations) => T): T {
    const now = this.#announcedNow()
    const announced = now.map(({ generation }) => generation).join()
    if (announced !== this.#announced) for (const all of [this.#keys, this.#macs]) all.clear()
    this.#announced = announced
    const name = `${edge} ${since}`
    const found = kept.get(name) ?? make(now)
    kept.set(name, found)
    return found
  }

  #announcedNow(): Generations {
    return announced(this.#kept.generations, this.#o.clock.wall())
  }

  async #agree(told: ReadonlyMap<number, string>): Promise<void> {
    const { redis, plane } = this.#o
    const own = this.#announcedNow().map(({ generation, secret }) => [generation, digestOf(secret)] as const)
    const isKnown = told.size === 0 || this.#kept.replaces || own.some(([generation]) => told.has(generation))
    if (!isKnown || own.at(-1)![0] < Math.max(0, ...told.keys())) throw this.#differs()
    if (told.size === 0 && !this.#kept.replaces) await this.#assertFirst(own[0]![1])
    for (const [generation, digest] of own) {
      // Of two that tell at the same moment the first one is right.
      const tell = () => redis.hsetnx(keys(plane).edgeKeys, String(generation), digest)
      const isNew = !told.has(generation) && (await tell().catch(storeFault('Writing the digests of keys'))) === 1
      if (isNew) continue
      const kept = told.get(generation) ?? (await digests(this.#o)).get(generation)
      if (kept !== digest) throw this.#differs()
    }
  }

  /** Of two that found nothing each may have made its own, under different names: whoever says so first is right. */
  async #assertFirst(digest: string): Promise<void> {
    const { redis, plane } = this.#o
    const place = [keys(plane).edgeKeys, FIRST] as const
    const fault = storeFault('Writing the digests of keys')
    const isFirst = (await redis.hsetnx(...place, digest).catch(fault)) === 1
    if (!isFirst && (await redis.hget(...place).catch(fault)) !== digest) throw this.#differs()
  }

  #differs(): MizaniError {
    const message = `${this.#o.file} is not what the other controllers of this plane have.`
    return new MizaniError({ code: 'KEYS_DIFFER', message, advice: WHERE_FROM })
  }
}

const WHERE_FROM =
  'Copy the file from one of them. Where it is lost everywhere, move what is there away: mizani edge-user new-keys ' +
  'makes others, which gateways fetch by HTTPS.'

/** Something is announced always: a clock that was set back takes nothing away. */
function announced(generations: Generations, now: UnixMilliseconds): Generations {
  const found = generations.filter(({ from }) => from <= now)
  return found.length > 0 ? found : generations.slice(0, 1)
}

/**
 * Adds a generation to the file; to none before it is announced at once.
 * @param from when it is announced
 * @param isFirst nobody had any before
 * @returns when it is announced. @throws MizaniError CREDENTIALS for a file that is damaged or cannot be written.
 */
export function addGeneration(
  file: string,
  now: UnixMilliseconds,
  from: UnixMilliseconds,
  { isFirst = false } = {},
): UnixMilliseconds {
  const before = existsSync(file) ? readKeys(file) : null
  const known = before?.generations ?? []
  const generation = Math.max(Math.floor(now / 1_000), ...known.map((one) => one.generation + 1))
  const since = before === null ? 0 : Math.floor(from)
  const added = { generation, secret: randomBytes(32).toString('hex'), from: since }
  // The one in use goes on beside the one that follows it; one that was never announced is not missed.
  const generations = [...announced(known, now).slice(-1), added]
  write(file, { format: 1, replaces: before?.replaces ?? !isFirst, generations })
  return before === null ? now : since
}

/** Whole or not at all, for whoever could read the one before; of two first ones one is made. */
function write(file: string, kept: KeysFile): void {
  const beside = `${file}${BESIDE}`
  try {
    rmSync(beside, { force: true })
    writeFileSync(beside, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flush: true })
    const before = statSync(file, { throwIfNoEntry: false })
    if (before === undefined) linkSync(beside, file)
    else {
      chownSync(beside, before.uid, before.gid)
      chmodSync(beside, before.mode & 0o777)
      renameSync(beside, file)
    }
    syncFolder(dirname(file))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return
    const message = `The keys of edges cannot be written to ${file}: ${messageOf(cause)}.`
    const advice = 'Make its folder writable for this user, or name another file: edgeKeys, MIZANI_EDGE_KEYS.'
    throw new MizaniError({ code: 'CREDENTIALS', message, advice, cause })
  } finally {
    rmSync(beside, { force: true })
  }
}

function readKeys(file: string): KeysFile {
  if (!existsSync(file)) {
    const message = `The keys of edges are not there: ${file}.`
    throw new MizaniError({ code: 'KEYS_DIFFER', message, advice: WHERE_FROM })
  }
  try {
    return fileSchema.parse(JSON.parse(readSecretFile(file)))
  } catch (cause) {
    if (cause instanceof MizaniError) throw cause
    const message = `The keys of edges in ${file} cannot be read.`
    throw new MizaniError({ code: 'CREDENTIALS', message, advice: WHERE_FROM, cause })
  }
}

async function digests({ redis, plane }: EdgeKeysOptions): Promise<ReadonlyMap<number, string>> {
  const found = await redis.hgetall(keys(plane).edgeKeys).catch(storeFault('Reading the digests of keys'))
  const generations = Object.entries(found).filter(([name]) => name !== FIRST)
  return new Map(generations.map(([generation, digest]) => [Number(generation), digest]))
}

const storeFault =
  (what: string) =>
  (error: unknown): never => {
    throw storeError(error, what)
  }

const digestOf = (secret: string): string => createHash('sha256').update(`mizani edge keys\0${secret}`).digest('hex')
