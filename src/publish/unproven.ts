// Reports that are not shown to be new, by the edge whose name they bear. An edge that has not heard who leads yet says
// one or two; where they go on for a while and nothing proven comes between, somebody sends old ones again, or the edge
// hears nothing of what it is told. What lies in the store lies there for as long as nobody writes another, and counts
// once.

import { type Milliseconds, SECOND } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'

/** Longer than an edge takes to hear who leads, by whatever line. */
const GOES_ON_AFTER: Milliseconds = 10 * SECOND
/** After a pause of this length they are others. */
const PAUSE: Milliseconds = 30 * SECOND
const LEAST = 3

interface Row {
  reads: number
  count: number
  readonly since: Milliseconds
  lastAt: Milliseconds
  /** Boot and stamp of the last one that lay in the store. */
  lying: string
}

export class Unproven {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #rows = new Map<string, Row>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** @param lying boot and stamp of a report that lay in the store; null: it came */
  note(edge: string, reads: number, lying: string | null): void {
    const now = this.#clock.monotonic()
    const before = this.#rows.get(edge)
    const row = before ?? { reads, count: 0, since: now, lastAt: now, lying: '' }
    row.reads = Math.max(row.reads, reads)
    const isKnown = lying !== null && lying === row.lying
    if (lying !== null) row.lying = lying
    if (isKnown) return
    const isOther = now - row.lastAt > PAUSE
    this.#rows.set(edge, { ...row, count: isOther ? 1 : row.count + 1, since: isOther ? now : row.since, lastAt: now })
  }

  /** The highest wire version that they say their edge reads; null: there are none. */
  readsOf(edge: string): number | null {
    return this.#rows.get(edge)?.reads ?? null
  }

  goesOn(edge: string): boolean {
    const row = this.#rows.get(edge)
    if (row === undefined || row.count < LEAST) return false
    return row.lastAt - row.since >= GOES_ON_AFTER && this.#clock.monotonic() - row.lastAt <= PAUSE
  }

  /** The edge has shown that it speaks now. */
  end(edge: string): void {
    this.#rows.delete(edge)
  }

  clear(): void {
    this.#rows.clear()
  }
}
