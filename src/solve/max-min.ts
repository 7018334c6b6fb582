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
import { TILE } from './paths-by-link.js'
import type { Shape } from './problem.js'

/** Numbers that the kernel keeps of each flow: what it has at level 0, speed, what it may take, who has stopped it. */
const WATER = 4

export class MaxMin {
  private readonly kernel: Kernel
  private readonly events: Events

  constructor(shape: Shape, kernel: Kernel) {
    const { flows, links, nonZeros } = shape
    const { memory } = kernel
    this.kernel = kernel
    this.events = new Events(shape, memory)
    kernel.place({
      water: memory.f64(WATER * flows),
      slope: memory.f64(links),
      gone: memory.f64(links),
      liveFlow: memory.u16(nonZeros),
      liveEnd: memory.u32(links * Math.max(1, Math.ceil(flows / TILE))),
      heapLink: memory.u32(links + 1),
      heapLevel: memory.f64(links + 1),
      stepTag: this.events.order.sorted,
      stepLevel: this.events.order.sortedLevel,
    })
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
    const { run } = this.kernel
    if (run.begin() === 1) this.sortSteps(participants, held)
    run.climb(band, net.tight.byteOffset, net.tightCount, net.left.byteOffset)
    const { amount, level, bottleneck } = answer.rows[band]!
    const isBounded = run.record(amount.byteOffset, level.byteOffset, bottleneck.byteOffset, held.byteOffset, need)
    if (isBounded === 0) throw unbounded(participants, amount)
  }

  private sortSteps(participants: Participants, held: Float64Array): void {
    const { events, kernel } = this
    const { flow, count, upTo, piece } = participants
    events.clear()
    for (let n = 0; n < count; n++) {
      if (upTo[piece[flow[n]!]!]! < Number.POSITIVE_INFINITY) events.add(participants, flow[n]!, held)
    }
    events.order.sort()
    kernel.setCount('stepCount', events.order.count)
  }
}

function unbounded({ flow }: Participants, amount: Float64Array): RangeError {
  const first = flow.find((i) => amount[i]! >= Number.MAX_VALUE)
  return new RangeError(`flow ${first} has no finite demand, ceiling or link`)
}
