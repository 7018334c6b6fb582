// What a line asks of both its ends. Over a satellite an answer takes most of a second, a lost segment two more, and
// every byte is counted: what would mean on fibre that a connection is dead is there an ordinary minute.

import type { LineProfile, Timing } from './network.js'
import type { Milliseconds } from './units.js'

export interface LineTimers {
  /** Without a message for longer than this, and than `staleAfterTicks`, an edge is STALE. */
  readonly quiet: Milliseconds
  /** A connection on which nothing comes for so long is dead, and is made anew. */
  readonly silence: Milliseconds
  /** Longest time to an answer. */
  readonly answer: Milliseconds
  /** Between two reports of which nothing is urgent; 0: each tick. */
  readonly reports: Milliseconds
  /** Whether a report also goes through the channel: sooner, and the same bytes again. */
  readonly hurries: boolean
}

export const LINE_TIMERS: Readonly<Record<LineProfile, LineTimers>> = {
  fibre: { quiet: 0, silence: 1_500, answer: 1_000, reports: 0, hurries: true },
  microwave: { quiet: 5_000, silence: 4_000, answer: 3_000, reports: 0, hurries: true },
  satellite: { quiet: 12_000, silence: 15_000, answer: 10_000, reports: 4_000, hurries: false },
}

/** How long an edge on such a line may be silent before it is STALE. */
export const staleAfter = ({ tick, staleAfterTicks }: Timing, line: LineProfile): Milliseconds =>
  Math.max(tick * staleAfterTicks, LINE_TIMERS[line].quiet)
