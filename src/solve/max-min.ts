// Weighted max-min fairness over links: one filling of one band, for flows that answer only to links.
//
// Raise one water level for everybody. At level L flow i has taken f_i(L), which rises by its weight, more slowly
// after each step, and stops at its cap. A link fills at the level at which the sum of a_li f_i(L) over its flows
// is its room; its flows stop there, and the others go on. What results is the allocation whose sorted levels are
// lexicographically largest: nobody can have more without somebody at the same level or a lower one having less
// (Bertsekas and Gallager, Data Networks, 6.5.2; with functions instead of weights: Jain et al., BwE, SIGCOMM
// 2015).
//
// What a link carries at level L is concave and piecewise linear in L, also when some of its flows have been stopped
// elsewhere below L. So Newton's method climbs towards the level at which the link fills, never past it: seen from L,
// where some flows are capped or stopped and the others rise, it fills at (room - what the former have) / (weights of
// the latter), or later. Links are filed in a heap under such bounds. The one at the top is looked at: either its
// bound rises, or nothing has changed since it was filed, and it is full. That takes three or four looks a link, and
// never more than about the bits of a number, as each at least quarters (room left) x (weights that rise). Nothing is
// sorted by cap, nothing is charged to links as flows stop, and every sum is made afresh of what is there.
//
// A flow that is capped or stopped at some level of a link's climb will be so above it: what it has is added up for
// good, and each look sees only those that still rose at the last one.
//
// Only tight links can fill (contention.ts).
//
// Cost: a few additions per crossing of a tight link, O(log) per look in the heap. The climb itself is in
// kernel/assembly/filling.ts.

import type { Answer } from './answer.js'
import type { Contention } from './contention.js'
import { Events } from './events.js'
import type { Kernel } from './kernel/kernel.js'
import type { Participants } from './participants.js'
import type { Shape } from './problem.js'

/** Columns in which the kernel keeps where a filling stands. */
const SCRATCH = ['water', 'slope', 'gone', 'liveFlow', 'liveEnd', 'heapLink', 'heapLevel'] as const

export class MaxMin {
  private readonly kernel: Kernel
  private readonly events: Events

  constructor(shape: Shape, kernel: Kernel) {
    this.kernel = kernel
    this.events = new Events(shape, kernel)
    for (const name of SCRATCH) kernel.column(name)
  }

  /**
   * Fills the participants from level 0, and writes what each got into the band's rows of the answer. `held` (bit/s, by
   * flow) places the steps, and grows by what is handed out. Tells the participants which links are full, and who is
   * short in a band of need. Throws RangeError for a flow without any bound.
   */
  fill(
    band: number,
    need: number,
    net: Contention,
    participants: Participants,
    held: Float64Array,
    answer: Answer,
  ): void {
    const { kernel } = this
    const steps = kernel.begin() ? this.sortSteps(participants, held) : 0
    kernel.climb(band, net.tight, net.tightCount, net.left, steps)
    const { amount, level, bottleneck } = answer.rows[band]!
    const isBounded = kernel.record(amount, level, bottleneck, held, need)
    if (!isBounded) throw unbounded(participants, amount)
  }

  private sortSteps(participants: Participants, held: Float64Array): number {
    const { events } = this
    const { flow, count, upTo, piece } = participants
    events.clear()
    for (let n = 0; n < count; n++) {
      if (upTo[piece[flow[n]!]!]! < Number.POSITIVE_INFINITY) events.add(participants, flow[n]!, held)
    }
    events.order.sort()
    return events.order.count
  }
}

function unbounded({ flow }: Participants, amount: Float64Array): RangeError {
  const first = flow.find((i) => amount[i]! >= Number.MAX_VALUE)
  return new RangeError(`flow ${first} has no finite demand, ceiling or link`)
}
