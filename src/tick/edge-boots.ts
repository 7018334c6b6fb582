// What each boot of an edge says of its clock, and of what it applied. A report of a former boot may come late, so each
// is held against itself alone; only a new one against what was applied before it.

import { compareSerial, type EdgeReport, type Serial } from '../model/lease.js'
import type { Milliseconds } from '../model/units.js'

/** How far a stamp may come to be ahead of where it was when it was read first: the way of a report, and crystals. */
const AHEAD: Milliseconds = 2_000
const CRYSTAL = 1e-3
/** By which a stamp gains on our clock from one report to the next. */
const GAIN: Milliseconds = 250
/** More than reports may be late. */
const BELOW: Milliseconds = 10_000
const BEGUN_MOST = 3
const BEGUN_WITHIN: Milliseconds = 5_000
const BOOTS_KEPT = 4

interface Boot {
  /** Where its stamps were when they were first read twice, less our clock; and when that was. */
  ahead: { readonly from: Milliseconds; readonly at: Milliseconds; readonly reads: number }
  last: Milliseconds
  applied: Serial | null
}

export class EdgeBoots {
  readonly #boots = new Map<string, Boot>()
  #begun: Milliseconds[] = []
  #applied: Serial | null = null

  /**
   * Takes a report in, and says what of it cannot be.
   * @param isOld nobody read reports for a while before this one, so that it may have lain in the store
   */
  note(
    { stamp, applied }: EdgeReport,
    readAt: Milliseconds,
    isOld = false,
  ): {
    /** Its clock gained on ours. */
    readonly gains: boolean
    /** It begins again and again. */
    readonly beginsAgain: boolean
    /** It says that it applied what is older than what it had. */
    readonly goesBack: boolean
  } {
    const boot = this.#bootOf(stamp.boot, readAt)
    const gains = gainsOf(boot, stamp.at - readAt, readAt, isOld)
    this.#begun = this.#begun.filter((at) => readAt - at < BEGUN_WITHIN)
    const goesBack = isOlder(applied, boot.applied)
    boot.applied = this.#applied = applied ?? boot.applied
    return { gains, beginsAgain: this.#begun.length >= BEGUN_MOST, goesBack }
  }

  #bootOf(id: string, readAt: Milliseconds): Boot {
    const known = this.#boots.get(id)
    if (known) return known
    if (this.#boots.size > 0) this.#begun.push(readAt)
    const boot = { ahead: { from: 0, at: readAt, reads: 0 }, last: 0, applied: this.#applied }
    this.#boots.set(id, boot)
    const [oldest] = this.#boots.keys()
    if (this.#boots.size > BOOTS_KEPT) this.#boots.delete(oldest!)
    return boot
  }
}

function gainsOf(boot: Boot, ahead: Milliseconds, readAt: Milliseconds, isOld: boolean): boolean {
  const { from, at, reads } = boot.ahead
  // What has lain in the store says nothing of where the clock stands, and the first may have lain there for as long as
  // an edge is remembered: where the next is far below it, the first was not true.
  const isFirst = reads === 0 || (reads === 1 && ahead < from - BELOW)
  if (reads < 2) {
    if (!isOld) boot.ahead = { from: isFirst ? ahead : Math.max(from, ahead), at: readAt, reads: reads + 1 }
  }
  // Twice far below that, and it was not true.
  else if (!isOld && Math.max(ahead, boot.last) < from - BELOW)
    boot.ahead = { from: Math.max(ahead, boot.last), at: readAt, reads }
  const gains = reads >= 2 && ahead > from + AHEAD + CRYSTAL * (readAt - at) && ahead > boot.last + GAIN
  boot.last = ahead
  return gains
}

export const isOlder = (a: Serial | null, b: Serial | null): boolean =>
  a !== null && b !== null && compareSerial(a, b) < 0
