// The trail of who did what. What happened is written in the order in which it was told, by one hand at a time, and
// told to be written only when it is on disk. A store that is away keeps nobody from acting on rates: the entries wait
// here, in order, and go in when it is back.

import { randomUUID } from 'node:crypto'
import type { Entry, Happening, OwnDeed } from '../model/happening.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { MAX_AUDIT_WAITING } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { chain, type Link, type Row, type Signer, START } from './chain.js'
import { CUT, TRIM } from './deeds.js'
import type { Verdict } from './prove.js'
import { type Cleaned, findUnfit, purge, type Unfit } from './purge.js'
import type { AuditStore } from './store.js'
import { type TrustedKeys, Verification } from './verification.js'

const BATCH = 100
const RETRY: Milliseconds = 1_000
/** Other controllers add to the same end; so many in a row that are faster do not happen. */
const MAX_ROUNDS = 50
const ENDING = 'this process ends and the store is away'
const NOT_ASKED = { reason: null, reference: null }

/** What entries are signed with, and whose signatures count. */
export interface TrailSigner extends Signer, TrustedKeys {
  /** Takes over what was added to them; absent: nothing can be. */
  reread?(): void
}

export interface TrailOptions {
  readonly store: AuditStore
  readonly plane: string
  readonly keys: TrailSigner
  /** The last end that this controller has seen, in a run before. */
  readonly known?: Link
  readonly clock: Clock
  readonly log: Logger
}

interface Waiting {
  readonly happening: Happening
  readonly written: Promise<boolean>
  done(): void
}

export class AuditTrail {
  readonly plane: string
  readonly keys: TrailSigner
  readonly #store: AuditStore
  readonly #clock: Clock
  readonly #log: Logger
  /** The end when it was last looked at. What was there then is still there, or somebody took it away. */
  #known: Link
  readonly #verification: Verification
  #waiting: Waiting[] = []
  #writing = false
  #head: Link = START
  #lost = 0
  #closed = false

  constructor({ store, plane, keys, known = START, clock, log }: TrailOptions) {
    this.#store = store
    this.plane = plane
    this.keys = keys
    this.#known = known
    this.#verification = new Verification(store, keys)
    this.#clock = clock
    this.#log = log
  }

  /**
   * Resolves when it is on disk. While the store is away it waits; only the end of the process loses it.
   * @returns whether it stands in the trail; false: in the log only
   */
  append(happening: Happening): Promise<boolean> {
    if (this.#waiting.length >= MAX_AUDIT_WAITING) {
      this.#logOnly(happening, 'the audit is full')
      return Promise.resolve(false)
    }
    if (this.#closed) {
      this.#logOnly(happening, ENDING)
      return Promise.resolve(false)
    }
    let done = (): void => {}
    const written = new Promise<boolean>((resolve) => {
      done = () => resolve(true)
    })
    this.#waiting.push({ happening, written, done })
    void this.#write()
    return written
  }

  /** What the machine does by itself. @returns as `append` */
  tell(deed: OwnDeed): Promise<boolean> {
    const asked = { actor: 'mizani', via: 'machine', address: '', requestId: randomUUID() }
    return this.append({ ...deed, ...asked, at: this.#clock.wall(), outcome: 'done', code: null, times: 1 })
  }

  /** Waits so long for what waits; what finds no store by then is in the log only, which outlives the process. */
  async close(within: Milliseconds): Promise<void> {
    this.#closed = true
    const last = this.#waiting.at(-1)
    if (last === undefined) return
    const late = new AbortController()
    await Promise.race([last.written, this.#clock.sleep(within, late.signal)])
    late.abort()
    for (const { happening } of this.#waiting.splice(0)) this.#logOnly(happening, ENDING)
  }

  /** Entries that wait for the store. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Entries that are in the log only, since the start of this process. */
  get lost(): number {
    return this.#lost
  }

  range(from: number, to: number, most: number, newestFirst = false): Promise<Row[]> {
    return this.#store.range(from, to, most, newestFirst)
  }

  /**
   * The end of the trail, once it was made sure that what was the end before is still in it. Where it is not, somebody
   * has cut the trail or put an older one in its place, and the trail says so itself from then on.
   */
  async head(): Promise<Link> {
    const { base, head } = await this.#store.ends()
    const known = this.#known
    const [row] = known.n > base.n ? await this.#store.range(known.n, known.n, 1, false) : [base]
    if (known !== this.#known) return this.head()
    // What was cut off by others after it was exported is not asked for.
    if (known.n >= base.n && row?.hash !== known.hash) {
      this.#known = head
      this.#log.error({ known, head }, 'the trail is not the one that was written: its end is gone')
      await this.tell({ action: CUT, subject: String(known.n), ...NOT_ASKED, before: known, after: head })
      return this.head()
    }
    this.#known = head
    return head
  }

  /** What the first entry follows on that is still kept. */
  async base(): Promise<Link> {
    return (await this.#store.ends()).base
  }

  /** Reads the trail from its checkpoint to its end and holds every hash and signature against what is there. */
  async verify(): Promise<Verdict> {
    await this.head()
    return this.#verification.verdict()
  }

  /**
   * Cuts off what was exported. The checkpoint stays, so that the rest can still be verified, and an entry of it.
   * @throws MizaniError PRECONDITION_FAILED when the entry of this number has another hash, or is gone.
   */
  async trim(through: Link, reason: string): Promise<void> {
    const [row] = await this.#store.range(through.n, through.n, 1, false)
    if (row?.hash === through.hash) {
      const { base } = await this.#store.ends()
      await this.tell({ ...NOT_ASKED, action: TRIM, subject: String(through.n), reason, before: base, after: through })
      if (await this.#store.trim(through)) return
    }
    throw new MizaniError({
      code: 'PRECONDITION_FAILED',
      remedy: 'drop',
      message: `There is no entry ${through.n} with this hash: export the trail again, and cut off what was exported.`,
    })
  }

  /** Entries that releases before have written, and today's rules would not. */
  unfit(clean: (entry: Entry) => Cleaned): Promise<Unfit[]> {
    return findUnfit(this.#store, clean)
  }

  /** Rewrites them, and says so in the trail. @throws MizaniError STORE_BUSY. */
  purge(unfit: readonly Unfit[], reason: string): Promise<void> {
    return purge(this.#store, unfit, reason, (deed) => this.tell(deed))
  }

  #logOnly(happening: Happening, why: string): void {
    this.#lost++
    this.#log.error({ ...happening }, `${why}: this entry is in the log only`)
  }

  async #write(): Promise<void> {
    if (this.#writing) return
    this.#writing = true
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH)
        await this.#append(batch.map(({ happening }) => happening))
        this.#waiting.splice(0, batch.length)
        for (const { done } of batch) done()
      }
      this.#writing = false
    } catch (error) {
      this.#log.warn({ reason: messageOf(error), waiting: this.#waiting.length }, 'the audit waits for the store')
      this.#clock.setTimer(RETRY, () => {
        this.#writing = false
        void this.#write()
      })
    }
  }

  async #append(happenings: readonly Happening[]): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const rows = chain(this.#head, happenings, this.keys)
      const end = rows.at(-1)!
      // After an answer that was lost the rows may be there already.
      const { head } = round === 0 && this.#head !== START ? { head: this.#head } : await this.#store.ends()
      if (head.n === end.n && head.hash === end.hash) {
        this.#head = { n: end.n, hash: end.hash }
        return
      }
      if (head.n !== this.#head.n || head.hash !== this.#head.hash) {
        this.#head = head
        continue
      }
      if (await this.#store.append(head, rows)) {
        this.#head = { n: end.n, hash: end.hash }
        return
      }
    }
    throw new Error('others keep adding to the audit')
  }
}
