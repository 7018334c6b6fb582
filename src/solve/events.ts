// The levels at which flows slow down or stop by themselves: where a piece of their weights ends, and their caps. They
// depend on nobody else, so they are sorted once per filling.

import { Order } from './order.js'
import type { Shape } from './problem.js'
import type { Takers } from './takers.js'

/** Instead of a piece: the flow has stopped, or stops here. */
export const STOPPED = 0xffffffff

export class Events {
  readonly order: Order
  /** By event: whose it is, and the piece that begins there (STOPPED: none, the cap is reached). */
  readonly flow: Uint32Array
  readonly piece: Uint32Array

  constructor({ flows, segments }: Shape) {
    this.order = new Order(flows + segments)
    this.flow = new Uint32Array(flows + segments)
    this.piece = new Uint32Array(flows + segments)
  }

  clear(): void {
    this.order.clear()
  }

  /** Adds the events of flow i, which holds x and may take u more; returns the level of its cap. */
  add({ from, to, weight, upTo }: Takers, i: number, x: number, u: number): number {
    let s = from[i]!
    let at = 0 // amount and level at which the piece begins
    let level = 0
    for (const last = to[i]! - 1; s < last && upTo[s]! - x < u; s++) {
      const next = upTo[s]! - x
      level += (next - at) / weight[s]!
      at = next
      this.push(i, s + 1, level)
    }
    level += (u - at) / weight[s]!
    if (u < Number.POSITIVE_INFINITY) this.push(i, STOPPED, level)
    return level
  }

  private push(flow: number, piece: number, level: number): void {
    const event = this.order.push(level)
    this.flow[event] = flow
    this.piece[event] = piece
  }
}
