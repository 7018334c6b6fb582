// The history of the policy in the durable store: immutable numbered revisions, a head that says which one is in force,
// the persistent numbers of institutions, and what engineers have switched at edges since.
//
// A write is acknowledged after compare-and-set on the revision and when it is on disk everywhere (runtime/durable.ts).
// When the answer is lost the outcome is unknown and is reported as that; the same request id asked again tells.

import { randomUUID } from 'node:crypto'
import { canonicalJson } from '../../model/canonical.js'
import { ENFORCEMENTS } from '../../model/network.js'
import type { UnixMilliseconds } from '../../model/units.js'
import { type DurableOptions, DurableStore } from '../../runtime/durable.js'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import { jsonOrNull } from '../../runtime/json.js'
import { type Redis, readLibrary } from '../../runtime/redis.js'
import * as z from '../../runtime/zod.js'
import { keys, type PlaneKeys } from '../../wire/redis-keys.js'
import { hashOf } from '../document/canonical.js'
import type { PolicyDocument } from '../document/document.js'
import { fieldOf } from '../in-force/register.js'
import { type RecordAnswer, type RecordTask, readRecord } from './record-reader.js'
import { type Anchor, decodeRecord, encodeRecord } from './revision-record.js'

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))
const PUT = 'mizani_policy_put_3'
/** An answer to a request id is kept for a day. */
const REQUEST_LIFE_SECONDS = 86_400
const READING = 'Reading the policy'
const WRITING = 'Writing the policy'

export interface RevisionMeta {
  readonly author: string
  readonly reason: string
  readonly reference: string | null
  readonly at: UnixMilliseconds
  /** The revision it was made on; null: the first. */
  readonly parent: number | null
  readonly kind: 'commit' | 'rollback' | 'revert'
  /** Unless somebody confirms it before then, the revision before it comes back; null: it stays. */
  readonly confirmBy: UnixMilliseconds | null
  /** It went past approval and tests; an approver has to sign it afterwards. */
  readonly breakGlass: boolean
  /** Who approved it; null: nobody had to. */
  readonly approvedBy: string | null
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

/** A commit that nobody has to approve, sign or confirm. */
const PLAIN = { kind: 'commit', confirmBy: null, breakGlass: false, approvedBy: null } as const

type Told = 'author' | 'reason' | 'reference' | 'at'

export interface PutOptions extends Pick<RevisionMeta, Told>, Partial<Omit<RevisionMeta, Told | 'parent'>> {
  /** The revision the change was made on; 0: the store is empty. */
  readonly expected: number
  /** Of the document, where it is known: finding it takes as long as everything else. */
  readonly hash?: string
  /** Names this write, so that it can be asked for again when its answer is lost. */
  readonly request?: string
  /** The version of the register that it was judged beside; absent: whatever is laid over the policy. */
  readonly beside?: number
  /** It can be made again from where it came from: a store that may lose it is good enough. */
  readonly repeatable?: boolean
}

export const switchSchema = z.object({
  enforcement: z.enum(ENFORCEMENTS),
  /** Unix ms; null: no end. */
  until: z.number().nullable(),
  reason: z.string(),
  author: z.string(),
  at: z.number(),
})
/** What an engineer switched at an edge; it outranks the document. */
export type EnforcementSwitch = z.output<typeof switchSchema>

export interface RevisionStoreOptions extends DurableOptions {
  readonly plane: string
  /** Reads records in a thread; here unless said. */
  readonly reader?: ReadRecord
}

type ReadRecord = (task: RecordTask, looking: boolean) => Promise<RecordAnswer>

export class RevisionStore {
  readonly #store: DurableStore
  readonly #keys: PlaneKeys
  readonly #reader: ReadRecord
  /** The whole revision that was used last; the next one may lean on it, whoever wrote what lies between. */
  #anchor: Anchor | null = null

  constructor({ plane, reader = async (task) => readRecord(task), ...store }: RevisionStoreOptions) {
    this.#store = new DurableStore(store)
    this.#reader = reader
    this.#keys = keys(plane)
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
   * @param judged also whether it would still pass as a new policy
   * @param looking by whoever only looks: what a change, a revert or a takeover needs does not wait for it
   * @throws MizaniError REVISION_UNREADABLE when it was damaged, or belongs to another release; POLICY_INVALID.
   */
  async get(revision: number, { judged = false, looking = false } = {}): Promise<Revision | null> {
    const record = await this.#bytesOf(revision)
    if (record === null) return null
    let answer = await this.#reader({ record, anchor: null, judged }, looking)
    if (answer.kind === 'leans') {
      const anchor = await this.#bytesOf(answer.on)
      if (anchor === null) throw unreadable(revision, `revision ${answer.on}, on which it leans, is gone`)
      answer = await this.#reader({ record, anchor, judged }, looking)
    }
    if (answer.kind === 'refused') {
      const { faults } = answer
      throw new MizaniError({
        code: 'POLICY_INVALID',
        message: `Revision ${revision} cannot be used any more:`,
        faults,
      })
    }
    if (answer.kind !== 'read') throw unreadable(revision, 'why' in answer ? answer.why : 'it leans on one that leans')
    const { hash: _, revision: number, ...meta } = answer.meta
    return { revision: number, hash: answer.hash, document: answer.document, indexes: await this.indexes(), meta }
  }

  /** A revision out of a whole record that was kept elsewhere; null: it cannot be read. */
  async revive(record: Buffer, indexes: Revision['indexes']): Promise<Revision | null> {
    const answer = await this.#reader({ record, anchor: null, judged: false }, false)
    if (answer.kind !== 'read') return null
    const { hash: _, revision, ...meta } = answer.meta
    return { revision, hash: answer.hash, document: answer.document, indexes, meta }
  }

  /** The store has been written by somebody who knows what it holds: the next revision leans on what is there. */
  forgetAnchor(): void {
    this.#anchor = null
  }

  #bytesOf(revision: number): Promise<Buffer | null> {
    return this.#read((redis) => redis.getBuffer(this.#keys.policyDoc(revision)))
  }

  /** What is known of revisions, without their documents: `most` of them down from `from`, the newest first. */
  async list(from: number, most: number): Promise<(RevisionMeta & Pick<Revision, 'revision' | 'hash'>)[]> {
    const numbers = Array.from({ length: Math.max(0, Math.min(most, from)) }, (_, k) => from - k)
    if (numbers.length === 0) return []
    const found = await this.#read((redis) => redis.mgetBuffer(numbers.map((n) => this.#keys.policyDoc(n))))
    return found.flatMap((bytes, k) => (bytes === null ? [] : [metaOf(numbers[k]!, bytes)]))
  }

  async #record(revision: number): Promise<(ReturnType<typeof decodeRecord> & { bytes: number }) | null> {
    const bytes = await this.#bytesOf(revision)
    if (bytes === null) return null
    try {
      return { ...decodeRecord(bytes), bytes: bytes.length }
    } catch (error) {
      throw unreadable(revision, messageOf(error))
    }
  }

  /** A whole revision: the one that was used last, or another; null: it is not there, or not whole. */
  async #anchorAt(revision: number): Promise<Anchor | null> {
    if (this.#anchor?.revision === revision) return this.#anchor
    const record = await this.#record(revision)
    if (record === null || 'changes' in record.content) return null
    this.#anchor = { revision, document: record.content.document, bytes: record.bytes }
    return this.#anchor
  }

  /** What a revision made on `expected` may lean on; null: nothing yet. */
  async #anchorFor(expected: number): Promise<Anchor | null> {
    if (expected === 0) return null
    if (this.#anchor !== null && this.#anchor.revision <= expected) return this.#anchor
    const record = await this.#record(expected)
    return record && this.#anchorAt('changes' in record.content ? record.content.anchor : expected)
  }

  /** The revision that a write of this name became within the last day; null: none. */
  async madeBy(request: string): Promise<number | null> {
    const found = await this.#read((redis) => redis.hget(this.#keys.policyRequest(request), 'revision'))
    return found === null ? null : Number(found)
  }

  /** Persistent numbers of all institutions that ever were in the policy. */
  async indexes(): Promise<Map<string, number>> {
    const found = await this.#read((redis) => redis.hgetall(this.#keys.index))
    return new Map(Object.entries(found).map(([id, number]) => [id, Number(number)]))
  }

  /**
   * Makes a document that `validatePolicy` has passed the next revision.
   * @throws RegisterMoved; MizaniError PRECONDITION_FAILED (another revision is in force), READ_ONLY (the store is not
   * set up to keep what it acknowledges), STORE_UNAVAILABLE (nothing was written), OUTCOME_UNKNOWN (ask again with the
   * same request), IDEMPOTENCY_REUSED (the request id belongs to another document).
   */
  async put(
    document: PolicyDocument,
    { expected, beside, request = randomUUID(), repeatable = false, hash = hashOf(document), ...told }: PutOptions,
  ): Promise<Revision> {
    if (!repeatable) await this.#store.assertDurable()
    const revision = expected + 1
    const parent = expected === 0 ? null : expected
    const meta: RevisionMeta = { ...PLAIN, ...told, parent }
    const { bytes, anchor } = encodeRecord({ revision, hash, ...meta }, document, await this.#anchorFor(expected))
    const { author, reason, at } = meta
    const reply = await this.#store.call(
      LIBRARY,
      PUT,
      [
        this.#keys.policyHead,
        this.#keys.policyDoc(revision),
        this.#keys.index,
        this.#keys.policyRequest(request),
        this.#keys.register,
      ],
      [
        String(expected),
        hash,
        bytes,
        String(REQUEST_LIFE_SECONDS),
        this.#keys.policyChanged,
        meta.breakGlass ? fieldOf.unsigned(revision) : '',
        meta.breakGlass ? canonicalJson({ revision, author, reason, at }) : '',
        beside === undefined ? '' : String(beside),
        ...Object.keys(document.institutions).sort(),
      ],
      WRITING,
    )
    const [verdict, found, more] = reply as string[]
    if (verdict === 'OK' && Number(found) === revision) {
      // What was written the first time may lean on another record than what would have been written now.
      if (more !== 'again') this.#anchor = anchor
      return { revision, hash, document, indexes: await this.indexes(), meta }
    }
    throw refusal(verdict, expected, found, more)
  }

  /** What is switched at edges, by edge. An entry that this release cannot read is left out. */
  async enforcement(): Promise<Map<string, EnforcementSwitch>> {
    const found = await this.#read((redis) => redis.hgetall(this.#keys.enforcement))
    return new Map(
      Object.entries(found).flatMap(([edge, text]) => {
        const parsed = switchSchema.safeParse(jsonOrNull(text))
        return parsed.success ? [[edge, parsed.data]] : []
      }),
    )
  }

  /** Switches an edge; the document's own word counts again with null. @throws as `put`, but for preconditions. */
  async setEnforcement(edge: string, change: EnforcementSwitch | null): Promise<void> {
    await this.#store.assertDurable()
    const { enforcement } = this.#keys
    const command: [string, ...string[]] =
      change === null ? ['HDEL', enforcement, edge] : ['HSET', enforcement, edge, canonicalJson(change)]
    await this.#store.write(command, 'Switching an edge')
  }

  #read<T>(read: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#store.read(READING, read)
  }
}

/** What is laid over the policy has changed since this was judged beside it: nothing was written. */
export class RegisterMoved extends MizaniError {
  constructor(version: string | undefined) {
    super({
      code: 'PRECONDITION_FAILED',
      message: `What is in force beside the policy was changed meanwhile (version ${version}): judge it anew.`,
    })
  }
}

/** One that was damaged stands in the list as that: it must not hide the others, nor be hidden itself. */
function metaOf(revision: number, bytes: Buffer): RevisionMeta & Pick<Revision, 'revision' | 'hash'> {
  try {
    return decodeRecord(bytes).meta
  } catch (error) {
    const reason = `this record cannot be read: ${messageOf(error)}`
    return { ...PLAIN, revision, hash: '', author: '', reason, reference: null, at: 0, parent: null }
  }
}

function refusal(verdict: string | undefined, expected: number, found?: string, hash?: string): MizaniError {
  if (verdict === 'MOVED') return new RegisterMoved(found)
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
