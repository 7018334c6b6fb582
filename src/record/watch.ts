// The watch: looks at each tick, adds what needs a memory or another eye (edges that stand still, the disk, the clock,
// counters of links), and enters it all into the alarm book. Where there are no ticks it looks all the same, for why
// there are none is what people must know.

import type { SeenElsewhere } from '../model/alarm.js'
import type { Board } from '../model/board.js'
import type { Milliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import type { AlarmBook } from './alarm-book.js'
import { DIFFERS_LEAST, DIFFERS_PART } from './counters.js'
import { type Finding, findingsOf } from './findings.js'
import type { LinkCounters } from './gathering.js'
import type { SolvedTick } from './tick.js'

/** NTP slews a clock; what moves it this far between two ticks was a step. */
const CLOCK_STEP: Milliseconds = 2_000
/** Ticks within which an edge that answers has been heard; and within which one does that is known not to yield. */
const ANSWERS = 1.5
const GOES_ON = 2
/** After so long without a tick. */
const LOOK: Milliseconds = 2_000

export interface WatchDeps {
  readonly book: Pick<AlarmBook, 'observe' | 'heed'>
  readonly clock: Clock
  readonly counters: LinkCounters
  /** Why nothing is recorded; null: it is. */
  recordFails(): string | null
  /** What other parts know to be wrong now: stores, certificates. */
  readonly others?: () => readonly Finding[]
  /** What was acknowledged at other controllers. */
  readonly seen?: () => readonly SeenElsewhere[]
}

export class Watch {
  readonly #deps: WatchDeps
  #offset: Milliseconds | null = null
  /** What the last tick showed; holds until the next one. */
  #ofTick: readonly Finding[] = []
  /** Serial that each edge had applied at the tick before. */
  #applied: ReadonlyMap<string, string | null> = new Map()
  /** Found so in the tick before. */
  #unyielding = new Set<string>()
  #timer: Timer | null = null

  constructor(deps: WatchDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = this.#deps.clock.setTimer(LOOK, () => this.look())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  see(tick: SolvedTick): void {
    this.#ofTick = [...findingsOf(tick.board), ...this.#ofYielding(tick.board), ...this.#ofCounters(tick)]
    this.look()
  }

  look(): void {
    const { book, others, seen } = this.#deps
    book.observe([...this.#ofTick, ...this.#ofMachine(), ...(others?.() ?? [])])
    book.heed(seen?.() ?? [])
    if (this.#timer === null) return
    this.#timer.cancel()
    this.start()
  }

  /**
   * Edges that answer, have something to apply, and have applied nothing since the tick before. A report that is lost
   * begins nothing anew; one that has fallen silent is no such edge.
   */
  #ofYielding({ plan, edges, learning, at }: Board): Finding[] {
    const before = this.#applied
    const unyielding = this.#unyielding
    this.#unyielding = new Set()
    this.#applied = new Map(edges.map(({ id, applied }) => [id, applied && `${applied.epoch} ${applied.seq}`]))
    if (learning) return []
    const planned = new Map(plan.edges.map((edge) => [edge.id, edge]))
    return edges.flatMap(({ id, state, enforcement, refusal, lag, lastReport }): Finding[] => {
      const moves = this.#applied.get(id) !== before.get(id)
      const ticks = lastReport === null ? Number.POSITIVE_INFINITY : (at - lastReport) / plan.timing.tick
      const answers = ticks <= ANSWERS || (ticks < GOES_ON && unyielding.has(id))
      if (moves || !answers || lag === 0 || state !== 'FRESH' || enforcement !== 'enforce' || refusal !== null)
        return []
      this.#unyielding.add(id)
      const { pace, region = null } = planned.get(id) ?? {}
      return pace === 'live' ? [{ code: 'EDGE_NOT_YIELDING', subject: id, cause: id, region }] : []
    })
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
      // Like with like: the side of shapers on which the link lies, and what edges that say nothing may add.
      const carried = links.carried[l]! || 0
      const apart = Math.max(carried - counter, counter - carried - links.unheard[l]!)
      if (apart <= Math.max(DIFFERS_LEAST, DIFFERS_PART * counter)) return []
      return [{ code: 'MODEL_DIFFERS', subject: id, cause: id, region: null }]
    })
  }
}
