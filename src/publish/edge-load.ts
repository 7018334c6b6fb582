// What one edge may put on links: the sums over its flows, but nowhere more than its port can carry of them. What an
// honest edge was granted never is; one that says what cannot be takes no more from others than its own lines carry.

import type { Direction } from '../model/network.js'
import type { PlanLink } from '../model/plan.js'
import { type BitsPerSecond, fromKbps, type KilobitsPerSecond } from '../model/units.js'

export class EdgeLoad {
  readonly #links: readonly Pick<PlanLink, 'direction'>[]
  readonly #sum: Float64Array
  readonly #beside: Float64Array
  /** The largest part of a flow that goes over the link. */
  readonly #part: Float64Array
  readonly #touched: number[] = []

  constructor(links: readonly Pick<PlanLink, 'direction'>[]) {
    this.#links = links
    this.#sum = new Float64Array(links.length)
    this.#beside = new Float64Array(links.length)
    this.#part = new Float64Array(links.length)
  }

  /** So much of a flow goes over the link. */
  add(link: number, fraction: number, kbps: KilobitsPerSecond): void {
    this.#touch(link, fraction)
    this.#sum[link]! += fraction * fromKbps(kbps)
  }

  /** So much does too, and is counted by others. */
  addBeside(link: number, fraction: number, kbps: KilobitsPerSecond): void {
    this.#touch(link, fraction)
    this.#beside[link]! += fraction * fromKbps(kbps)
  }

  /** So much, as far as any of its flows goes over the link. */
  addWhole(link: number, bps: BitsPerSecond): void {
    if (this.#part[link]! > 0) this.#sum[link]! += bps
  }

  #touch(link: number, fraction: number): void {
    if (this.#part[link] === 0) this.#touched.push(link)
    this.#part[link] = Math.max(this.#part[link]!, fraction)
  }

  /** What all that was added comes to; begins anew. @param port null: of an edge that is gone nobody knows */
  drain(
    port: Readonly<Record<Direction, BitsPerSecond>> | null,
    visit: (link: number, bps: BitsPerSecond) => void,
  ): void {
    for (const link of this.#touched) {
      const most = port === null ? Number.POSITIVE_INFINITY : this.#part[link]! * port[this.#links[link]!.direction]
      visit(link, Math.max(0, Math.min(this.#sum[link]!, most - this.#beside[link]!)))
      this.#sum[link] = this.#beside[link] = this.#part[link] = 0
    }
    this.#touched.length = 0
  }
}
