// The levels at which flows slow down or stop by themselves: where a piece of their weights ends, and their caps. They
// depend on nobody else, so they are sorted once per filling.

import type { Kernel } from './kernel/kernel.js'
import { Order } from './order.js'
import type { Participants } from './participants.js'
import type { Shape } from './problem.js'

export class Events {
  readonly order: Order

  /** With a kernel, its passes find them in order. */
  constructor({ flows, segments }: Shape, kernel?: Kernel) {
    const sorted = kernel && { sorted: kernel.column('stepTag'), sortedLevel: kernel.column('stepLevel') }
    this.order = new Order(flows + segments, kernel?.memory, sorted)
  }

  clear(): void {
    this.order.clear()
  }

  /** Adds the events of flow i; `held`, by flow, is what it holds as the band begins. */
  add({ cap, piece, speed, weight, upTo }: Participants, i: number, held: Float64Array): void {
    const { order } = this
    const { level: eventLevel, tag } = order
    const x = held[i]!
    const u = cap[i]!
    let n = order.count
    let w = speed[i]!
    let at = 0 // amount and level at which the piece begins
    let level = 0
    for (let s = piece[i]!; upTo[s]! - x < u; s++) {
      const next = upTo[s]! - x
      level += (next - at) / w
      at = next
      w = weight[s + 1]!
      eventLevel[n] = level
      tag[n++] = 2 * i + STEP
    }
    if (u < Number.POSITIVE_INFINITY) {
      eventLevel[n] = level + (u - at) / w
      tag[n++] = 2 * i
    }
    order.count = n
  }
}

/** Added to twice the number of a flow: here it goes on with its next piece. Without: it reaches its cap. */
export const STEP = 1
