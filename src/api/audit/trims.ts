// What it takes to cut the trail off: that it was read to its end by whoever asks, without a filter and without a gap,
// and a second person whom an approver has vouched for: an account that somebody has made up agrees to nothing. Both
// are remembered here, in the controller that answered: after a restart, or at another one, it is begun again.

import { randomBytes } from 'node:crypto'
import type { Link } from '../../audit/chain.js'
import { DAY, type Milliseconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { ApiError } from '../problem.js'

/** So long a receipt is good, and so long a trim waits for its second person. */
const GOOD_FOR: Milliseconds = DAY
const MAX_READERS = 100

export interface WaitingTrim {
  readonly through: Link
  readonly by: string
  readonly reason: string
  /** By the wall. */
  readonly until: number
}

interface Ask {
  readonly through: Link
  readonly reason: string
  readonly receipt?: string | undefined
}

interface Reading {
  /** Up to here without a gap. */
  end: Link
  receipt: string | null
  at: Milliseconds
}

export class Trims {
  readonly #clock: Clock
  /** By actor. */
  readonly #readings = new Map<string, Reading>()
  #waiting: WaitingTrim | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A page, oldest first and unfiltered. @returns the receipt, where it was the last one of them all. */
  read(actor: string, page: { readonly from: Link | null; readonly rows: readonly Link[]; readonly isLast: boolean }) {
    const { from, rows, isLast } = page
    const known = from === null ? this.#readings.get(actor) : { end: from, receipt: null, at: 0 }
    const first = rows[0]
    const isNext = known !== undefined && (first === undefined || first.n === known.end.n + 1)
    this.#readings.delete(actor)
    if (!isNext) return null
    const end = rows.at(-1) ?? known.end
    const receipt = isLast ? randomBytes(16).toString('hex') : null
    this.#readings.set(actor, { end: { n: end.n, hash: end.hash }, receipt, at: this.#clock.monotonic() })
    for (const oldest of this.#readings.keys()) {
      if (this.#readings.size <= MAX_READERS) break
      this.#readings.delete(oldest)
    }
    return receipt
  }

  get waiting(): WaitingTrim | null {
    if (this.#waiting !== null && this.#clock.wall() >= this.#waiting.until) this.#waiting = null
    return this.#waiting
  }

  /**
   * Whether it may be done now; else it waits for a second person.
   * @param mayAgree whether they are known to be a person of their own
   * @throws ApiError PRECONDITION_FAILED where it was not read to its end, SELF_APPROVAL, FORBIDDEN.
   */
  ask(actor: string, mayAgree: boolean, { through, reason, receipt }: Ask) {
    const { waiting } = this
    if (waiting !== null && isSame(waiting.through, through) && receipt === undefined) {
      if (waiting.by === actor) throw new ApiError('SELF_APPROVAL', 'You have asked for this: another is to agree.')
      if (!mayAgree) throw new ApiError('FORBIDDEN', 'To this an approver agrees, whom another has vouched for.')
      this.#waiting = null
      return true
    }
    const reading = this.#readings.get(actor)
    const isGood = reading !== undefined && this.#clock.monotonic() - reading.at < GOOD_FOR
    if (!isGood || reading.receipt === null || reading.receipt !== receipt || reading.end.n < through.n) {
      const detail = 'Read the trail to its end first, oldest first and unfiltered: the last page has the receipt.'
      throw new ApiError('PRECONDITION_FAILED', detail)
    }
    this.#waiting = { through, by: actor, reason, until: this.#clock.wall() + GOOD_FOR }
    return false
  }
}

const isSame = (a: Link, b: Link): boolean => a.n === b.n && a.hash === b.hash
