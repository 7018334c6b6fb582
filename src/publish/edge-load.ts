// What one edge may put on links: the sums over its flows, but nowhere more than its port can carry of them. What an
// honest edge was granted never is; one that says what cannot be takes no more from others than its own lines carry.

import type { Direction } from '../model/network.js'
import type { PlanLink } from '../model/plan.js'
import { type BitsPerSecond, fromKbps, type KilobitsPerSecond } from '../model/units.js'
import type { Problem } from '../solve/problem.js'

type Paths = Pick<Problem, 'pathStart' | 'pathLink' | 'pathFraction'>

export class EdgeLoad {
  readonly #links: readonly Pick<PlanLink, 'direction'>[]
  readonly #sum: Float64Array
  readonly #beside: Float64Array
  /** The largest part of a flow that goes over the link. */
  readonly #part: Float64Array
  readonly #touched: Uint32Array
  #count = 0

  constructor(links: readonly Pick<PlanLink, 'direction'>[]) {
    this.#links = links
    this.#sum = new Float64Array(links.length)
    this.#beside = new Float64Array(links.length)
    this.#part = new Float64Array(links.length)
    this.#touched = new Uint32Array(links.length)
  }

  /** A flow has so much on its way: what `add` does for each of its links. */
  addFlow({ pathStart, pathLink, pathFraction }: Paths, flow: number, kbps: KilobitsPerSecond): void {
    const sum = this.#sum
    const part = this.#part
    const bps = fromKbps(kbps)
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) {
      const link = pathLink[q]!
      const fraction = pathFraction[q]!
      if (part[link]! < fraction) this.#touch(link, fraction)
      sum[link]! += fraction * bps
    }
  }

  /** What `addBeside` does for each of its links. */
  addFlowBeside({ pathStart, pathLink, pathFraction }: Paths, flow: number, kbps: KilobitsPerSecond): void {
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) this.addBeside(pathLink[q]!, pathFraction[q]!, kbps)
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

  /** Of which nothing goes over the link, it is not touched by. */
  #touch(link: number, fraction: number): void {
    const before = this.#part[link]!
    if (fraction <= before) return
    if (before === 0) this.#touched[this.#count++] = link
    this.#part[link] = fraction
  }

  /** What all that was added comes to; begins anew. @param port null: of an edge that is gone nobody knows */
  drain(
    port: Readonly<Record<Direction, BitsPerSecond>> | null,
    visit: (link: number, bps: BitsPerSecond) => void,
  ): void {
    for (let k = 0; k < this.#count; k++) {
      const link = this.#touched[k]!
      const most = port === null ? Number.POSITIVE_INFINITY : this.#part[link]! * port[this.#links[link]!.direction]
      visit(link, Math.max(0, Math.min(this.#sum[link]!, most - this.#beside[link]!)))
      this.#sum[link] = this.#beside[link] = this.#part[link] = 0
    }
    this.#count = 0
  }

  /** The same, added to a column by link. */
  drainInto(port: Readonly<Record<Direction, BitsPerSecond>> | null, into: Float64Array): void {
    this.drain(port, (link, bps) => {
      into[link]! += bps
    })
  }
}
