// The history of the policy in the durable store: immutable numbered revisions, a head that says which one is in force,
// the persistent numbers of institutions, and what engineers have switched at edges since.
//
// A write is acknowledged after compare-and-set on the revision and after WAITAOF says that the master and every
// replica have it on disk. Both commands go down one socket in one pipeline: after a reconnect WAITAOF would wait for
// nothing. When the answer is lost the outcome is unknown and is reported as that; the same request id asked again
// tells.

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ENFORCEMENTS } from '../model/network.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { loadLibrary, type Redis, readLibrary, replicasOf, storeError, unmetSettings } from '../runtime/redis.js'
import { keys, type PlaneKeys } from '../wire/redis-keys.js'
import { canonicalJson, hashOf } from './canonical.js'
import { type PolicyDocument, policySchema } from './document.js'

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))
const PUT = 'mizani_policy_put_1'
/** An answer to a request id is kept for a day. */
const REQUEST_LIFE_SECONDS = 86_400
const DURABLE_WITHIN: Milliseconds = 5_000

export interface RevisionMeta {
  readonly author: string
  readonly reason: string
  readonly reference: string | null
  readonly at: UnixMilliseconds
  /** The revision it was made on; null: the first. */
  readonly parent: number | null
}

export interface Revision {
  readonly revision: number
  /** sha256:… of the canonical document. */
  readonly hash: string
  readonly document: PolicyDocument
  /** Persistent numbers of all institutions that ever were in the policy, from 2. */
  readonly indexes: ReadonlyMap<string, number>
  readonly meta: RevisionMeta
}

export interface PutOptions extends Omit<RevisionMeta, 'parent'> {
  /** The revision the change was made on; 0: the store is empty. */
  readonly expected: number
  /** Names this write, so that it can be asked for again when its answer is lost. */
  readonly request?: string
}

const switchSchema = z.object({
  enforcement: z.enum(ENFORCEMENTS),
  /** Unix ms; null: no end. */
  until: z.number().nullable(),
  reason: z.string(),
  author: z.string(),
  at: z.number(),
})
/** What an engineer switched at an edge; it outranks the document. */
export type EnforcementSwitch = z.output<typeof switchSchema>

const recordSchema = z.object({
  revision: z.int().positive(),
  hash: z.string(),
  author: z.string(),
  reason: z.string(),
  reference: z.string().nullable(),
  at: z.number(),
  parent: z.number().nullable(),
  document: z.unknown(),
})

export interface RevisionStoreOptions {
  /** Of the durable store, role `policy`. */
  readonly redis: Redis
  readonly plane: string
  /** Replicas that must confirm a write; those that are connected count in any case. */
  readonly replicas?: number
  /** How long a write waits for them. A replica fsyncs once a second in the worst case. */
  readonly durableWithin?: Milliseconds
}

export class RevisionStore {
  readonly #redis: Redis
  readonly #keys: PlaneKeys
  readonly #replicas: number
  readonly #durableWithin: Milliseconds

  constructor({ redis, plane, replicas = 0, durableWithin = DURABLE_WITHIN }: RevisionStoreOptions) {
    this.#redis = redis
    this.#keys = keys(plane)
    this.#replicas = replicas
    this.#durableWithin = durableWithin
  }

  /** Number and hash of the revision in force; null: the store is empty. */
  async head(): Promise<{ revision: number; hash: string } | null> {
    const [revision, hash] = await this.#read((redis) => redis.hmget(this.#keys.policyHead, 'revision', 'hash'))
    return revision && hash ? { revision: Number(revision), hash } : null
  }

  /** The revision in force; null: the store is empty. */
  async current(): Promise<Revision | null> {
    const head = await this.head()
    return head === null ? null : this.get(head.revision)
  }

  /**
   * Any revision; null: there is none of that number.
   * @throws MizaniError REVISION_UNREADABLE when it was damaged, or belongs to another release.
   */
  async get(revision: number): Promise<Revision | null> {
    const text = await this.#read((redis) => redis.get(this.#keys.policyDoc(revision)))
    if (text === null) return null
    const { document, hash, revision: number, ...meta } = recordSchema.parse(JSON.parse(text))
    const parsed = policySchema.safeParse(document)
    if (!parsed.success) throw unreadable(revision, parsed.error.issues[0]?.message ?? 'not a policy document')
    if (hashOf(document) !== hash) throw unreadable(revision, `its hash is not ${hash}`)
    return { revision: number, hash, document: parsed.data, indexes: await this.indexes(), meta }
  }

  /** Persistent numbers of all institutions that ever were in the policy. */
  async indexes(): Promise<Map<string, number>> {
    const found = await this.#read((redis) => redis.hgetall(this.#keys.index))
    return new Map(Object.entries(found).map(([id, number]) => [id, Number(number)]))
  }

  /**
   * Makes a document that `validatePolicy` has passed the next revision.
   * @throws MizaniError PRECONDITION_FAILED (another revision is in force), READ_ONLY (the store is not set up to keep
   * what it acknowledges), STORE_UNAVAILABLE (nothing was written), OUTCOME_UNKNOWN (ask again with the same request),
   * IDEMPOTENCY_REUSED (the request id belongs to another document).
   */
  async put(document: PolicyDocument, { expected, request = randomUUID(), ...meta }: PutOptions): Promise<Revision> {
    await this.#assertDurable()
    const revision = expected + 1
    const hash = hashOf(document)
    const parent = expected === 0 ? null : expected
    const reply = await this.#durably(
      PUT,
      [this.#keys.policyHead, this.#keys.policyDoc(revision), this.#keys.index, this.#keys.policyRequest(request)],
      [
        String(expected),
        hash,
        canonicalJson({ revision, hash, ...meta, parent, document }),
        String(REQUEST_LIFE_SECONDS),
        this.#keys.policyChanged,
        ...Object.keys(document.institutions).sort(),
      ],
    )
    const [verdict, found, foundHash] = reply as string[]
    if (verdict === 'OK' && Number(found) === revision) {
      return { revision, hash, document, indexes: await this.indexes(), meta: { ...meta, parent } }
    }
    throw refusal(verdict, expected, found, foundHash)
  }

  /** What is switched at edges, by edge. An entry that this release cannot read is left out. */
  async enforcement(): Promise<Map<string, EnforcementSwitch>> {
    const found = await this.#read((redis) => redis.hgetall(this.#keys.enforcement))
    return new Map(
      Object.entries(found).flatMap(([edge, text]) => {
        const parsed = switchSchema.safeParse(parseJson(text))
        return parsed.success ? [[edge, parsed.data]] : []
      }),
    )
  }

  /** Switches an edge; the document's own word counts again with null. @throws as `put`, but for preconditions. */
  async setEnforcement(edge: string, change: EnforcementSwitch | null): Promise<void> {
    await this.#assertDurable()
    const { enforcement } = this.#keys
    const command = change === null ? ['HDEL', enforcement, edge] : ['HSET', enforcement, edge, canonicalJson(change)]
    await this.#acknowledged(command, 'Switching an edge')
  }

  async #read<T>(read: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await read(this.#redis)
    } catch (error) {
      throw storeError(error, 'Reading the policy')
    }
  }

  async #assertDurable(): Promise<void> {
    const [unmet] = await unmetSettings(this.#redis, 'durable')
    if (unmet === undefined) return
    throw new MizaniError({
      code: 'READ_ONLY',
      message: `The durable store would lose edits: ${unmet.setting} is ${unmet.found}, expected ${unmet.expected}.`,
      advice: 'Set it on the Redis that REDIS_URL names; until then the policy is served but cannot be changed.',
    })
  }

  /** A function call on disk everywhere; a library that the store has lost is loaded, and the call made once more. */
  async #durably(name: string, names: readonly string[], args: readonly string[]): Promise<unknown> {
    const command = ['FCALL', name, String(names.length), ...names, ...args]
    try {
      return await this.#acknowledged(command, 'Writing the policy')
    } catch (error) {
      if (!/function not found/i.test(messageOf(error))) throw error
    }
    await loadLibrary(this.#redis, LIBRARY)
    return this.#acknowledged(command, 'Writing the policy')
  }

  /** One command, and the word of the master and every replica that it is on disk. */
  async #acknowledged([command, ...args]: readonly string[], doing: string): Promise<unknown> {
    const replicas = Math.max(this.#replicas, await this.#read(replicasOf))
    const waiting = ['1', String(replicas), String(this.#durableWithin)]
    let replies: [Error | null, unknown][] | null
    try {
      replies = await this.#redis
        .pipeline()
        .call(command!, ...args)
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
        remedy: 'retry',
        message: `${doing}: written, but ${here} of 1 master and ${there} of ${replicas} replicas say it is on disk.`,
        advice: 'Read the policy again before repeating the change.',
        cause: durable?.[0],
      })
    }
    return done[1]
  }
}

function refusal(verdict: string | undefined, expected: number, found?: string, hash?: string): MizaniError {
  if (verdict === 'REUSED') {
    return new MizaniError({
      code: 'IDEMPOTENCY_REUSED',
      message: `This request id belongs to another document, ${found}.`,
    })
  }
  if (verdict === 'TAKEN') {
    return new MizaniError({
      code: 'STORE_CORRUPT',
      message: `Revision ${found} exists although revision ${expected} is in force: the store was made of two.`,
      advice: 'Restore the durable store from one backup.',
    })
  }
  return new MizaniError({
    code: 'PRECONDITION_FAILED',
    remedy: 'drop',
    message: `Revision ${found} (${hash || 'no policy yet'}) is in force, not ${expected}: somebody else was faster.`,
    advice: 'Read the policy again and repeat the change on it.',
  })
}

function unreadable(revision: number, why: string): MizaniError {
  return new MizaniError({
    code: 'REVISION_UNREADABLE',
    message: `Revision ${revision} in the store cannot be used: ${why}.`,
    advice: 'Was it written by a newer release? Otherwise restore the durable store from a backup.',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
