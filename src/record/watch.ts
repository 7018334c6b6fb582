// The watch: looks at each tick, adds what only it can know (the disk, the clock, counters of links), and enters it all
// into the alarm book.

import type { Milliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import type { AlarmBook } from './alarm-book.js'
import { type Finding, findingsOf } from './findings.js'
import type { LinkCounters } from './gathering.js'
import type { SolvedTick } from './tick.js'

/** NTP slews a clock; what moves it this far between two ticks was a step. */
const CLOCK_STEP: Milliseconds = 2_000
/** How far a counter and the sum of edges may be apart: headers, and moments that differ. */
const DIFFERS_PART = 0.15
const DIFFERS_LEAST = 5_000_000

export interface WatchDeps {
  readonly book: AlarmBook
  readonly clock: Clock
  readonly counters: LinkCounters
  /** Why nothing is recorded; null: it is. */
  recordFails(): string | null
  /** What other parts know to be wrong now: stores, certificates. */
  others?(): readonly Finding[]
}

export class Watch {
  readonly #deps: WatchDeps
  #offset: Milliseconds | null = null

  constructor(deps: WatchDeps) {
    this.#deps = deps
  }

  see(tick: SolvedTick): void {
    const { book, others } = this.#deps
    book.observe([
      ...findingsOf(tick.board, tick.phi),
      ...this.#ofMachine(),
      ...this.#ofCounters(tick),
      ...(others?.() ?? []),
    ])
  }

  #ofMachine(): Finding[] {
    const { clock, recordFails } = this.#deps
    const found: Finding[] = []
    if (recordFails() !== null) found.push({ code: 'DISK', subject: 'history', cause: 'disk', region: null })
    const offset = clock.wall() - clock.monotonic()
    if (this.#offset !== null && Math.abs(offset - this.#offset) > CLOCK_STEP)
      found.push({ code: 'CLOCK', subject: 'controller', cause: 'clock', region: null })
    this.#offset = offset
    return found
  }

  #ofCounters({ board: { plan, links, at } }: SolvedTick): Finding[] {
    return plan.links.flatMap(({ id, virtual }, l): Finding[] => {
      const counter = virtual ? undefined : this.#deps.counters.measured(id, at)
      if (counter === undefined) return []
      const apart = Math.abs(counter - (links.measured[l]! || 0))
      if (apart <= Math.max(DIFFERS_LEAST, DIFFERS_PART * counter)) return []
      return [{ code: 'MODEL_DIFFERS', subject: id, cause: id, region: null }]
    })
  }
}
