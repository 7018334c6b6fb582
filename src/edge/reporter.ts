// Reports: which counters go into one, and that they leave one after the other with rising stamps. Counters are
// cumulative, so that a lost report loses nothing, but sending them all each second would be most of the traffic. A
// report carries the leaves that changed since the report whose stamp the controller last echoed: whatever it read
// before is not repeated, whatever it may have missed is.

import { type EdgeReport, type LeafCounters, type Refusal, recordKey } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import { MAX_CLASSES } from '../runtime/limits.js'
import type { Driver, Stats } from './driver.js'

interface Seen {
  counters: LeafCounters
  /** Stamp of the report in which it first stood like this. */
  changedAt: Milliseconds
}

export class CounterSelection {
  readonly #seen = new Map<number, Seen>()
  #generation = -1
  #echoed: Milliseconds = Number.NEGATIVE_INFINITY

  /** The controller has read the report with this stamp, and so all that changed up to it. */
  echoed(at: Milliseconds): void {
    this.#echoed = Math.max(this.#echoed, at)
  }

  /** Another controller reads now, and may have read nothing: everything is told again. */
  startOver(): void {
    this.#echoed = Number.NEGATIVE_INFINITY
  }

  /** The leaves for a report with the stamp `at`; stamps rise. */
  select({ generation, leaves }: Stats, at: Milliseconds): readonly LeafCounters[] {
    if (generation !== this.#generation) this.#seen.clear()
    this.#generation = generation
    const selected: LeafCounters[] = []
    for (const counters of leaves) {
      const key = recordKey(counters) * MAX_CLASSES + counters.class
      const seen = this.#seen.get(key)
      if (seen === undefined) this.#seen.set(key, { counters, changedAt: at })
      else if (!same(seen.counters, counters)) {
        seen.counters = counters
        seen.changedAt = at
      }
      if (seen === undefined || seen.changedAt > this.#echoed) selected.push(counters)
    }
    return selected
  }
}

const same = (a: LeafCounters, b: LeafCounters): boolean =>
  a.bytes === b.bytes && a.packets === b.packets && a.drops === b.drops && a.backlog === b.backlog

/** What the agent adds to counters and stamp. */
export type ReportHead = Omit<EdgeReport, 'stamp' | 'counters' | 'generation'>

export class Reporter {
  readonly counters = new CounterSelection()
  readonly #driver: Driver
  readonly #clock: Clock
  readonly #send: (report: EdgeReport) => Promise<void>
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
    send: (report: EdgeReport) => Promise<void>,
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
    const at = Math.max(Math.floor(this.#clock.monotonic()), this.#last.at + 1)
    const { generation } = stats ?? this.#last
    this.#last = { at, generation }
    const head = this.#head()
    const counters = stats ? this.counters.select(stats, at) : []
    const refusal = head.refusal ?? this.#unreadable
    // Whether it arrives shows in the echo of its stamp: until then the next one says everything that this one did.
    await this.#send({ ...head, refusal, stamp: { boot: this.#boot, at }, generation, counters })
  }

  async #stats(): Promise<Stats | null> {
    try {
      const stats = await this.#driver.stats()
      this.#unreadable = null
      this.#latest = stats
      return stats
    } catch (error) {
      this.#unreadable = { code: 'DRIVER', detail: `counters cannot be read: ${messageOf(error)}` }
      return null
    }
  }
}
