// What one edge may put on links: the sums over its flows, but nowhere more than its port can carry of them. What an
// honest edge was granted never is; one that says what cannot be takes no more from others than its own lines carry.

import type { Direction } from '../model/network.js'
import type { PlanLink } from '../model/plan.js'
import { type BitsPerSecond, fromKbps, type KilobitsPerSecond } from '../model/units.js'
import type { Problem } from '../solve/problem.js'

const UNBOUNDED = { down: Number.POSITIVE_INFINITY, up: Number.POSITIVE_INFINITY }

/** By row, which is a flow or several that go one way. */
export type Paths = Pick<Problem, 'pathStart' | 'pathLink' | 'pathFraction'>

/** What is kept of a link, side by side: links are looked at in no order, and each look should cost one. */
const SUM = 0
const BESIDE = 1
/** The largest part of a flow that goes over it. */
const PART = 2
const WIDTH = 4

export class EdgeLoad {
  readonly #isDown: Uint8Array
  readonly #cells: Float64Array
  readonly #touched: Uint32Array
  #count = 0

  constructor(links: readonly Pick<PlanLink, 'direction'>[]) {
    this.#isDown = Uint8Array.from(links, ({ direction }) => (direction === 'down' ? 1 : 0))
    this.#cells = new Float64Array(links.length * WIDTH)
    this.#touched = new Uint32Array(links.length)
  }

  /** A flow has so much on its way: what `add` does for each of its links. */
  addFlow({ pathStart, pathLink, pathFraction }: Paths, flow: number, kbps: KilobitsPerSecond): void {
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) this.add(pathLink[q]!, pathFraction[q]!, kbps)
  }

  /** The same, and so much else of it to a sum by link that is nobody's load. All flows are added so in each tick. */
  addFlowAnd(
    { pathStart, pathLink, pathFraction }: Paths,
    flow: number,
    kbps: KilobitsPerSecond,
    other: KilobitsPerSecond,
    sums: Float64Array,
  ): void {
    const cells = this.#cells
    const bps = fromKbps(kbps)
    const otherBps = fromKbps(other)
    const end = pathStart[flow + 1]!
    for (let q = pathStart[flow]!; q < end; q++) {
      const link = pathLink[q]!
      const fraction = pathFraction[q]!
      const at = link * WIDTH
      if (cells[at + PART]! < fraction) this.#touch(link, fraction)
      cells[at + SUM]! += fraction * bps
      sums[link]! += fraction * otherBps
    }
  }

  /** What `addBeside` does for each of its links. */
  addFlowBeside({ pathStart, pathLink, pathFraction }: Paths, flow: number, kbps: KilobitsPerSecond): void {
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) this.addBeside(pathLink[q]!, pathFraction[q]!, kbps)
  }

  /** So much of a flow goes over the link. */
  add(link: number, fraction: number, kbps: KilobitsPerSecond): void {
    this.#touch(link, fraction)
    this.#cells[link * WIDTH + SUM]! += fraction * fromKbps(kbps)
  }

  /** So much does too, and is counted by others. */
  addBeside(link: number, fraction: number, kbps: KilobitsPerSecond): void {
    this.#touch(link, fraction)
    this.#cells[link * WIDTH + BESIDE]! += fraction * fromKbps(kbps)
  }

  /** So much, as far as any of its flows goes over the link. */
  addWhole(link: number, bps: BitsPerSecond): void {
    if (this.#cells[link * WIDTH + PART]! > 0) this.#cells[link * WIDTH + SUM]! += bps
  }

  /** Of which nothing goes over the link, it is not touched by. */
  #touch(link: number, fraction: number): void {
    const before = this.#cells[link * WIDTH + PART]!
    if (fraction <= before) return
    if (before === 0) this.#touched[this.#count++] = link
    this.#cells[link * WIDTH + PART] = fraction
  }

  /** What all that was added comes to, added to a column by link; begins anew. @param port null: nobody knows it */
  drainInto(port: Readonly<Record<Direction, BitsPerSecond>> | null, into: Float64Array): void {
    const { down, up } = port ?? UNBOUNDED
    const cells = this.#cells
    for (let k = 0; k < this.#count; k++) {
      const link = this.#touched[k]!
      const at = link * WIDTH
      const most = cells[at + PART]! * (this.#isDown[link] === 1 ? down : up)
      into[link]! += Math.max(0, Math.min(cells[at + SUM]!, most - cells[at + BESIDE]!))
      cells[at + SUM] = cells[at + BESIDE] = cells[at + PART] = 0
    }
    this.#count = 0
  }
}
