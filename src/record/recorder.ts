// The recorder: gathers ticks into slots of five minutes and hands each, when it ends, to the archive. It watches
// from the first tick, as leader or as standby, and can fail without anybody's rates noticing: a disk that refuses is
// said in an alarm, the slot is lost, and the next one is tried again.

import { type Milliseconds, slotOf } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import type { Bound } from './archive.js'
import type { ArchivePort } from './archive-thread.js'
import { Gathering, type LinkCounters } from './gathering.js'
import { keepPlan } from './moment.js'
import type { SolvedTick } from './tick.js'

/** Months are counted as calendars do at their longest. */
const DAYS_A_MONTH = 31
/** Files of days that are over are merged, and old ones let go, this often. */
const TIDY_EVERY = 3_600_000
/** Slots that wait for a slow disk; an older one is lost. */
const MOST_WAITING = 6

export interface RecorderDeps {
  readonly archive: ArchivePort
  readonly clock: Clock
  readonly log: Logger
  readonly counters: LinkCounters
  readonly bound: { readonly months: number; readonly bytes: number }
}

export class Recorder {
  readonly #deps: RecorderDeps
  readonly #bound: Bound
  #open: Gathering | null = null
  #plan: { readonly of: unknown; readonly kept: ReturnType<typeof keepPlan> } | null = null
  #enforcement = new Map<string, string>()
  /** When the last tick that was seen here had been made. */
  #last: Milliseconds | null = null
  readonly #writing = new SerialQueue()
  #waiting = 0
  #timer: Timer | null = null
  /** Why nothing is recorded now; null: all is well. */
  failing: string | null = null
  /** Bytes the archive takes. */
  size = 0

  constructor(deps: RecorderDeps) {
    this.#deps = deps
    this.#bound = { days: deps.bound.months * DAYS_A_MONTH, bytes: deps.bound.bytes }
  }

  start(): void {
    const again = async (): Promise<void> => {
      await this.#tidy()
      if (this.#timer !== null) this.#timer = this.#deps.clock.setTimer(TIDY_EVERY, again)
    }
    this.#timer = this.#deps.clock.setTimer(0, again)
  }

  /** Takes a tick in. Never throws and never waits. */
  see(tick: SolvedTick): void {
    const { board } = tick
    const slot = slotOf(board.at)
    if (this.#open && (this.#open.slot !== slot || this.#open.plan !== board.plan)) this.#close()
    if (this.#plan?.of !== board.plan) this.#plan = { of: board.plan, kept: keepPlan(tick) }
    this.#open ??= new Gathering(slot, board.plan)
    for (const edge of board.edges) this.#enforcement.set(edge.id, edge.enforcement)
    const elapsed = this.#last === null ? board.plan.timing.tick : tick.made - this.#last
    this.#open.add(tick, elapsed, this.#deps.counters)
    this.#last = tick.made
  }

  /** Writes what is open and resolves when it is on the disk, or has failed. */
  async flush(): Promise<void> {
    if (this.#open) this.#close()
    await this.written()
  }

  /** Resolves when the slots that have ended are on the disk, or have failed. */
  async written(): Promise<void> {
    await this.#writing.idle()
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = null
    await this.flush()
  }

  #close(): void {
    const { gathered } = this.#open!
    const { kept } = this.#plan!
    const enforcement = new Map(this.#enforcement)
    this.#open = null
    if (gathered === null || this.#waiting >= MOST_WAITING) return
    this.#waiting++
    void this.#writing.run(async () => {
      try {
        const plan = await kept
        const taken = await this.#deps.archive.write({ gathered, plan, enforcement })
        if (!taken) this.#deps.log.warn({ slot: new Date(gathered.slot).toISOString() }, 'this slot takes no more rows')
        this.#worked()
      } catch (error) {
        this.#failed(error)
      }
      this.#waiting--
    })
  }

  async #tidy(): Promise<void> {
    try {
      this.size = await this.#deps.archive.tidy(this.#deps.clock.wall(), this.#bound)
    } catch (error) {
      // What is half tidied is tidied by the next process.
      if (!(error instanceof MizaniError && error.code === 'STOPPING')) this.#failed(error)
    }
  }

  #worked(): void {
    if (this.failing !== null) this.#deps.log.info('recording goes on')
    this.failing = null
  }

  #failed(error: unknown): void {
    const reason = messageOf(error)
    if (this.failing !== reason) this.#deps.log.error({ reason }, 'nothing is recorded; rates go on')
    this.failing = reason
  }
}
