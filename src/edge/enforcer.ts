// Brings what stands to what is desired, one change at a time: observe, plan, apply, read back.
//
// A driver that reads back by itself spares the next change its first look; what others have done meanwhile is found
// when it is looked at again (`look`), and a change that fails over it says so at once. Where somebody undoes each
// change as soon as it is made, looking does not become all that is done here: so many looks a second, and it is said.
//
// Only the newest goal counts: goals that come while a change is under way replace each other. A goal counts as reached
// when a plan made from what was read back is empty. What failed is tried again, later each time, and the reason is
// kept for the reports; another goal is tried at once.

import type { Refusal } from '../model/lease.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock, Timer } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { Desired, Driver, Operation } from './driver.js'
import type { Content } from './lease-keeper.js'

export interface Goal {
  /** Equal keys: the same rates, profile and enforcement. */
  readonly key: string
  /** What of the key is not a matter of rates; slow devices are told at once when it changes. */
  readonly urgency: string
  readonly profileHash: string
  readonly desired: Desired
  /** The content that is acknowledged once this stands; null: rates of the edge's own making. */
  readonly content: Content | null
}

export interface DatedRefusal {
  readonly refusal: Refusal
  /** When it was said last. */
  readonly at: UnixMilliseconds
  /** When it was said first, of those in a row. */
  readonly since: UnixMilliseconds
}

/** What others had changed and is as it should be again. */
export interface Repair {
  readonly at: UnixMilliseconds
  readonly steps: number
  /** The beginning of the first one. */
  readonly first: string
  /** What they had taken away, where limits were gone; null: they had changed something. */
  readonly taken: string | null
}

const FIRST_RETRY: Milliseconds = 1_000
const LAST_RETRY: Milliseconds = 30_000
/** From the beginning of a look to the next: two a second, which is 12 % of a core at the largest edge. */
const LOOK_PAUSE: Milliseconds = 500
/** Looks in a row that each found something: somebody else sets it too. */
const A_QUARREL = 5

export class Enforcer {
  readonly #driver: Driver
  readonly #clock: Clock
  readonly #reached: (goal: Goal) => Promise<void>
  readonly #log: Logger | null
  #goal: Goal | null = null
  #inForce: Goal | null = null
  #failed: { readonly key: string; readonly retryAt: Milliseconds; readonly delay: Milliseconds } | null = null
  #refusal: Refusal | null = null
  #lastRefusal: DatedRefusal | null = null
  #told: string | null = null
  #lastRepair: Repair | null = null
  /** Looks in a row that found something, the last of them when. */
  #repairs: { readonly row: number; readonly at: Milliseconds } = { row: 0, at: Number.NEGATIVE_INFINITY }
  #busy = false
  #work: Promise<void> = Promise.resolve()
  #recheck = false
  #moved = false
  #lookedAt: Milliseconds = Number.NEGATIVE_INFINITY
  #nextLook: Timer | null = null
  #closed = false
  /** What stood after the last change or look, where the driver reads back; null: not known so well. */
  #observed: unknown = null
  /** Whether the driver reads back by itself. */
  #readsBack = false

  /**
   * `reached` is called after each change, before the next begins; what it throws counts as a failure. `log` hears
   * of what was put right, and of each other reason why something cannot be.
   */
  constructor(driver: Driver, clock: Clock, reached: (goal: Goal) => Promise<void>, log?: Logger) {
    this.#driver = driver
    this.#clock = clock
    this.#reached = reached
    this.#log = log ?? null
    driver.watch?.(
      () => this.look(),
      () => this.#move(),
      () => this.#again(),
    )
  }

  /** What stands, read back; null: nothing of ours yet. */
  get inForce(): Goal | null {
    return this.#inForce
  }

  get refusal(): Refusal | null {
    return this.#refusal
  }

  /** The newest one, over since then or not. */
  get lastRefusal(): DatedRefusal | null {
    return this.#lastRefusal
  }

  /** The newest one; null: nothing was ever changed by others. */
  get lastRepair(): Repair | null {
    return this.#lastRepair
  }

  /** Makes this the goal. Cheap when it stands already. */
  aim(goal: Goal): void {
    this.#goal = goal
    this.#begin()
  }

  /**
   * Looks again at what stands, even where nothing should have changed: others have hands too. At once, for the goal at
   * hand: a device that is told seldom has it put right all the same. What asks again at once waits for its turn.
   */
  look(): void {
    if (this.#nextLook || this.#closed) return
    const wait = this.#lookedAt + LOOK_PAUSE - this.#clock.monotonic()
    const now = (): void => {
      this.#nextLook = null
      this.#recheck = true
      this.#begin()
    }
    if (wait <= 0) now()
    else this.#nextLook = this.#clock.setTimer(wait, now)
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    do await this.#work
    while (this.#busy)
  }

  /** Ends what is under way, and begins nothing more, whoever has heard of a change. */
  async close(): Promise<void> {
    this.#closed = true
    this.#nextLook?.cancel()
    await this.idle()
  }

  /** The driver divides the same goal otherwise: that is no change by others. */
  #move(): void {
    this.#moved = true
    this.#begin()
  }

  /** What was refused is tried without waiting, under the pause between looks. */
  #again(): void {
    this.#failed = null
    this.look()
  }

  #begin(): void {
    if (!this.#busy && !this.#closed) this.#work = this.#pursue()
  }

  async #pursue(): Promise<void> {
    this.#busy = true
    for (let goal = this.#next(); goal; goal = this.#next()) {
      const isMove = this.#moved && goal.key === this.#told
      this.#moved = false
      if (this.#recheck && !isMove) {
        this.#recheck = false
        this.#lookedAt = this.#clock.monotonic()
        this.#observed = null
      }
      const refusal = await this.#bring(goal, isMove)
      const isGoingOn = refusal?.detail === this.#refusal?.detail
      if (refusal && !isGoingOn) this.#log?.warn(refusal, 'the driver refuses')
      this.#refusal = refusal
      if (refusal) {
        const at = this.#clock.wall()
        this.#lastRefusal = { refusal, at, since: isGoingOn ? (this.#lastRefusal?.since ?? at) : at }
        const delay = this.#failed?.key === goal.key ? Math.min(LAST_RETRY, this.#failed.delay * 2) : FIRST_RETRY
        this.#failed = { key: goal.key, retryAt: this.#clock.monotonic() + delay, delay }
      } else this.#failed = null
    }
    this.#busy = false
  }

  #next(): Goal | null {
    const goal = this.#goal
    if (!goal || this.#closed) return null
    if (this.#failed?.key === goal.key) return this.#clock.monotonic() >= this.#failed.retryAt ? goal : null
    return this.#recheck || this.#moved || goal.key !== this.#told ? goal : null
  }

  async #bring(goal: Goal, isMove: boolean): Promise<Refusal | null> {
    const { desired } = goal
    const driver = this.#driver
    try {
      const found = this.#observed ?? (await driver.observe())
      // Divided otherwise while that was read: whose the difference is cannot be told, and mostly it is the driver's.
      const isMoved = isMove || this.#moved
      const operations = driver.plan(desired, found)
      if (operations.length === 0) this.#observed = this.#readsBack ? found : null
      else {
        this.#observed = null
        const { refusal, observed } = await driver.apply(operations, desired)
        if (refusal) return refusal
        const [left, ...more] = driver.plan(desired, observed ?? (await driver.observe()))
        this.#observed = observed ?? null
        this.#readsBack = observed !== undefined
        if (left)
          return {
            code: 'DRIVER',
            detail: `did not take: ${left.text}${more.length > 0 ? ` and ${more.length} more` : ''}`,
          }
      }
      this.#inForce = goal
      const taken = driver.takenAway?.() ?? null
      const isRepair = taken !== null || (goal.key === this.#told && !isMoved)
      if (operations.length > 0 && isRepair) this.#noteRepair(operations, taken)
      if (goal.key !== this.#told) await this.#reached(goal)
      this.#told = goal.key
      return null
    } catch (error) {
      return { code: 'DRIVER', detail: messageOf(error) }
    }
  }

  #noteRepair(operations: readonly Operation[], taken: string | null): void {
    const first = operations[0]!.text.split('\n', 1)[0]!
    this.#lastRepair = { at: this.#clock.wall(), steps: operations.length, first, taken }
    const now = this.#clock.monotonic()
    // A look late: the pause and what the look itself takes.
    const isNext = now - this.#repairs.at <= 4 * LOOK_PAUSE
    this.#repairs = { row: isNext ? this.#repairs.row + 1 : 1, at: now }
    const did = taken === null ? 'put right what others had changed' : 'somebody removed our limits; they are back'
    if (this.#repairs.row < A_QUARREL) this.#log?.warn(this.#lastRepair, did)
    else if (this.#repairs.row === A_QUARREL)
      this.#log?.error(
        this.#lastRepair,
        'somebody changes this as often as it is put right: two looks a second, no more',
      )
  }
}
