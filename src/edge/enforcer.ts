// Brings what stands to what is desired, one change at a time: observe, plan, apply, read back.
//
// A driver that reads back by itself spares the next change its first look; what others have done meanwhile is found
// when it is looked at again (`look`), and a change that fails over it says so at once.
//
// Only the newest goal counts: goals that come while a change is under way replace each other. A goal counts as reached
// when a plan made from what was read back is empty. What failed is tried again, later each time, and the reason is
// kept for the reports; another goal is tried at once.

import type { Refusal } from '../model/lease.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
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
  readonly at: UnixMilliseconds
}

/** What others had changed and is as it should be again. */
export interface Repair {
  readonly at: UnixMilliseconds
  readonly steps: number
  /** The beginning of the first one. */
  readonly first: string
}

const FIRST_RETRY: Milliseconds = 1_000
const LAST_RETRY: Milliseconds = 30_000

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
  #busy = false
  #work: Promise<void> = Promise.resolve()
  #recheck = false
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
    driver.watch?.(() => this.look())
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
    if (!this.#busy) this.#work = this.#pursue()
  }

  /**
   * Looks again at what stands, even where nothing should have changed: others have hands too. At once, for the goal at
   * hand: a device that is told seldom has it put right all the same.
   */
  look(): void {
    this.#recheck = true
    if (this.#goal && !this.#busy) this.#work = this.#pursue()
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    do await this.#work
    while (this.#busy)
  }

  async #pursue(): Promise<void> {
    this.#busy = true
    for (let goal = this.#next(); goal; goal = this.#next()) {
      if (this.#recheck) this.#observed = null
      this.#recheck = false
      const refusal = await this.#bring(goal)
      if (refusal && refusal.detail !== this.#refusal?.detail) this.#log?.warn(refusal, 'the driver refuses')
      this.#refusal = refusal
      if (refusal) {
        this.#lastRefusal = { refusal, at: this.#clock.wall() }
        const delay = this.#failed?.key === goal.key ? Math.min(LAST_RETRY, this.#failed.delay * 2) : FIRST_RETRY
        this.#failed = { key: goal.key, retryAt: this.#clock.monotonic() + delay, delay }
      } else this.#failed = null
    }
    this.#busy = false
  }

  #next(): Goal | null {
    const goal = this.#goal
    if (!goal) return null
    if (this.#failed?.key === goal.key) return this.#clock.monotonic() >= this.#failed.retryAt ? goal : null
    return this.#recheck || goal.key !== this.#told ? goal : null
  }

  async #bring(goal: Goal): Promise<Refusal | null> {
    const { desired } = goal
    const driver = this.#driver
    try {
      const found = this.#observed ?? (await driver.observe())
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
      if (goal.key === this.#told && operations.length > 0) this.#noteRepair(operations)
      if (goal.key !== this.#told) await this.#reached(goal)
      this.#told = goal.key
      return null
    } catch (error) {
      return { code: 'DRIVER', detail: messageOf(error) }
    }
  }

  #noteRepair(operations: readonly Operation[]): void {
    const first = operations[0]!.text.split('\n', 1)[0]!
    this.#lastRepair = { at: this.#clock.wall(), steps: operations.length, first }
    this.#log?.warn(this.#lastRepair, 'put right what others had changed')
  }
}
