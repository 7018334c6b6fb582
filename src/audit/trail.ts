// The trail of who did what. What happened is written in the order in which it was told, by one hand at a time, and
// told to be written only when it is on disk. A store that is away keeps nobody from acting on rates: the entries wait
// here, in order, and go in when it is back.

import type { Happening } from '../model/happening.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import { MAX_AUDIT_WAITING } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { chain, type Fault, follow, type Link, type Row, START } from './chain.js'
import type { AuditStore } from './store.js'

const BATCH = 100
const PAGE = 1_000
const RETRY: Milliseconds = 1_000
/** Other controllers add to the same end; so many in a row that are faster do not happen. */
const MAX_ROUNDS = 50
const ENDING = 'this process ends and the store is away'

export interface Verdict {
  readonly ok: boolean
  readonly entries: number
  readonly base: Link
  readonly head: Link
  readonly fault: Fault | null
}

interface Waiting {
  readonly happening: Happening
  readonly written: Promise<void>
  done(): void
}

export class AuditTrail {
  readonly #store: AuditStore
  readonly #clock: Clock
  readonly #log: Logger
  #waiting: Waiting[] = []
  #writing = false
  #head: Link = START
  #lost = 0
  #closed = false

  constructor({ store, clock, log }: { readonly store: AuditStore; readonly clock: Clock; readonly log: Logger }) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  /** Resolves when it is on disk. While the store is away it waits; only the end of the process loses it. */
  append(happening: Happening): Promise<void> {
    if (this.#waiting.length >= MAX_AUDIT_WAITING) {
      this.#logOnly(happening, 'the audit is full')
      return Promise.resolve()
    }
    if (this.#closed) {
      this.#logOnly(happening, ENDING)
      return Promise.resolve()
    }
    let done = (): void => {}
    const written = new Promise<void>((resolve) => {
      done = resolve
    })
    this.#waiting.push({ happening, written, done })
    void this.#write()
    return written
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

  async head(): Promise<Link> {
    return (await this.#store.ends()).head
  }

  /** Reads the trail from its checkpoint to its end and holds every hash against what is there. */
  async verify(): Promise<Verdict> {
    const { base, head } = await this.#store.ends()
    let end = base
    let fault: Fault | null = null
    while (end.n < head.n && fault === null) {
      const rows = await this.#store.range(end.n + 1, head.n, PAGE, false)
      if (rows.length === 0) fault = { n: end.n + 1, code: 'GAP', detail: `entry ${end.n + 1} is missing` }
      else ({ end, fault } = follow(end, rows))
    }
    if (fault === null && end.hash !== head.hash) {
      fault = { n: head.n, code: 'HEAD', detail: `the last entry is not the one that was written as number ${head.n}` }
    }
    return { ok: fault === null, entries: end.n - base.n, base, head, fault }
  }

  /**
   * Cuts off what was exported. The checkpoint stays, so that the rest can still be verified.
   * @throws MizaniError PRECONDITION_FAILED when the entry of this number has another hash, or is gone.
   */
  async trim(through: Link): Promise<void> {
    if (await this.#store.trim(through)) return
    throw new MizaniError({
      code: 'PRECONDITION_FAILED',
      remedy: 'drop',
      message: `There is no entry ${through.n} with this hash: export the trail again, and cut off what was exported.`,
    })
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
      const rows = chain(this.#head, happenings)
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
