// Reports: which counters go into one, and that they leave one after the other with rising stamps. Counters are
// cumulative, so that a lost report loses nothing, but sending them all each second would be most of the traffic. A
// report builds on the one that the controller said last it has: it carries the leaves that changed since, so whatever
// was read before is not repeated, whatever may have been missed is.
//
// It builds on nothing, and carries all leaves, when no such report is known (a new leader, no answer to the last
// REPORTS_KEPT), when counters fell or a leaf is gone, and once in WHOLE_EVERY: a controller that only watches may have
// missed what the leader has.

import type { EdgeReport, Refusal } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import { REPORTS_KEPT } from '../runtime/limits.js'
import { columnsOf, LeafBuilder, type LeafColumns } from '../wire/leaf-columns.js'
import type { CounterBase, SentReport } from '../wire/messages.js'
import type { Driver, Stats } from './driver.js'

const WHOLE_EVERY: Milliseconds = 60_000

export class CounterSelection {
  #base: CounterBase | null = null
  /** What later reports than the base said, oldest first: the next base, once it is echoed. */
  #told: { readonly at: Milliseconds; readonly leaves: LeafColumns }[] = []
  #generation = -1
  #wholeAt: Milliseconds = Number.NEGATIVE_INFINITY

  /** The controller has read the report with this stamp; `counted`: and has all its counters. */
  echoed(at: Milliseconds, counted: boolean): void {
    if (this.#base && at <= this.#base.at) return
    if (!counted) this.#base = null
    const told = counted && this.#told.find((report) => report.at === at)
    if (!told) return
    this.#base = told
    this.#told = this.#told.filter((report) => report.at > at)
  }

  /** Another controller reads now, and may have read nothing: everything is told again. */
  startOver(): void {
    this.#base = null
    this.#told = []
  }

  /**
   * The leaves for a report with the stamp `at`, and what they build on; stamps rise.
   * @throws RangeError for leaves that no controller would accept.
   */
  select(stats: Stats, at: Milliseconds): Pick<SentReport, 'counters' | 'base'> {
    const leaves = columnsOf(stats.leaves)
    if (stats.generation !== this.#generation) this.startOver()
    this.#generation = stats.generation
    if (this.#told.length === REPORTS_KEPT) {
      this.#told.shift()
      this.#base = null
    }
    this.#told.push({ at, leaves })
    const changed = this.#base && at - this.#wholeAt < WHOLE_EVERY ? changedSince(this.#base, leaves) : null
    if (changed) return { counters: changed, base: this.#base }
    this.#base = null
    this.#wholeAt = at
    return { counters: leaves, base: null }
  }
}

const building = new LeafBuilder()

/** Null: they are not what was added to the base. */
function changedSince({ leaves: base }: CounterBase, leaves: LeafColumns): LeafColumns | null {
  building.begin()
  let k = 0
  for (let i = 0; i < leaves.length; i++) {
    const isKnown = base.key[k] === leaves.key[i]
    if (isKnown && fell(base, k, leaves, i)) return null
    if (!isKnown || !same(base, k, leaves, i)) building.pushFrom(leaves, i)
    if (isKnown) k++
  }
  // A leaf of the base that is gone has held up all that come after it.
  return k === base.length ? building.end() : null
}

const fell = (a: LeafColumns, k: number, b: LeafColumns, i: number): boolean =>
  b.bytes[i]! < a.bytes[k]! || b.packets[i]! < a.packets[k]! || b.drops[i]! < a.drops[k]!

const same = (a: LeafColumns, k: number, b: LeafColumns, i: number): boolean =>
  a.bytes[k] === b.bytes[i] &&
  a.packets[k] === b.packets[i] &&
  a.drops[k] === b.drops[i] &&
  a.backlog[k] === b.backlog[i]

/** What the agent adds to counters and stamp. */
export type ReportHead = Omit<EdgeReport, 'stamp' | 'counters' | 'isBase' | 'generation'>

export class Reporter {
  readonly counters = new CounterSelection()
  readonly #driver: Driver
  readonly #clock: Clock
  readonly #send: (report: SentReport) => Promise<void>
  readonly #head: () => ReportHead
  readonly #boot: string
  #last: { at: Milliseconds; generation: number } = { at: 0, generation: 0 }
  #busy = false
  #again = false
  #unreadable: Refusal | null = null
  #latest: Stats | null = null

  /** `send` never rejects: a lost report is no event. */
  constructor(
    boot: string,
    driver: Driver,
    clock: Clock,
    head: () => ReportHead,
    send: (report: SentReport) => Promise<void>,
  ) {
    this.#boot = boot
    this.#driver = driver
    this.#clock = clock
    this.#head = head
    this.#send = send
  }

  /** The counters that were read last; null: none yet. */
  get latest(): Stats | null {
    return this.#latest
  }

  /** Sends one soon; a report that is under way is followed by another. */
  report(): void {
    this.#again = true
    if (!this.#busy) void this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    this.#busy = true
    while (this.#again) {
      this.#again = false
      await this.#sendOne()
    }
    this.#busy = false
  }

  async #sendOne(): Promise<void> {
    const stats = await this.#stats()
    // Whole milliseconds, as they travel, and never the same twice: the controller takes only what is newer.
    const read = stats?.at ?? this.#clock.monotonic()
    const at = Math.max(Math.floor(read), this.#last.at + 1)
    const { generation } = stats ?? this.#last
    this.#last = { at, generation }
    const head = this.#head()
    const counters = stats ? this.counters.select(stats, at) : { counters: null }
    const refusal = head.refusal ?? this.#unreadable
    // Whether it arrives shows in the echo of its stamp: until then the next one says everything that this one did.
    await this.#send({ ...head, refusal, stamp: { boot: this.#boot, at }, generation, ...counters })
  }

  async #stats(): Promise<Stats | null> {
    try {
      const read = await this.#driver.stats()
      const stats = { ...read, leaves: columnsOf(read.leaves) }
      this.#unreadable = null
      this.#latest = stats
      return stats
    } catch (error) {
      this.#unreadable = { code: 'DRIVER', detail: `counters cannot be read: ${messageOf(error)}` }
      return null
    }
  }
}
