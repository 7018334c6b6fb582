// What the record is handed of each tick: the board that everyone sees, and the solved problem behind it, from which
// the very same answer can be had again.

import type { Board } from '../model/board.js'
import type { WholeSegments } from '../model/families.js'
import type { Milliseconds } from '../model/units.js'
import type { Solved } from '../solve/problem.js'

/** Valid during the call only: the arenas may be filled again by later ticks. */
export interface SolvedTick {
  readonly board: Board
  /** When it had been made, by the clock that does not jump: it may be seen a while later, and some are not seen. */
  readonly made: Milliseconds
  readonly problem: Solved
  readonly whole: WholeSegments
  /** Part of its family's promise that each flow holds. */
  readonly phi: Float64Array
  /** kbit/s at which a flow that cannot be steered is charged; NaN: it is steered. */
  readonly charged: Float64Array
}
