// From exact rates to the whole kbit/s that are published.
//
// Floor every rate; then give at most 1 kbit/s more to each flow that lost a fraction, the largest fraction first,
// then in the order of flows (which is the order of ids), as long as every link on its path, virtual ones for
// ceilings and envelopes included, and its own ceiling have room.
//
// A rate within 1e-12 of a whole kbit/s (and within 1e-9 kbit/s) was whole before float arithmetic.
//
// Most links have room for all they could be asked: whoever crosses only such links just gets its kbit/s. The others
// are put in order, and only the narrow links on their paths are looked at.
//
// Where paths are whole, sums over links are sums of whole numbers, and exact. A link that carries parts of flows
// keeps a hair of its room (2^-36) unused, so that it fits in whatever order its load is summed.

import { Copies } from './copies.js'
import type { Kernel } from './kernel/kernel.js'
import { Order } from './order.js'
import { Paths } from './paths.js'
import type { Problem, Shape } from './problem.js'
import { ShortPaths } from './short-paths.js'

/** Room that a link with parts of flows keeps: more than any order of summation can add. */
const HAIR = 2 ** -36

export class Integers {
  private readonly paths: Paths
  private readonly kernel: Kernel
  private readonly shortPaths: ShortPaths
  private readonly order: Order
  /** kbit/s, by flow: what it gets at least, and at most. */
  private readonly least: Float64Array
  private readonly most: Float64Array
  /** kbit/s, by link: what it may carry, what all flows at most would be, and what is left of it. */
  private readonly room: Float64Array
  private readonly asked: Float64Array
  private readonly left: Float64Array
  /** Flows on a link that have something, by their parts. */
  private readonly crossed: Float64Array
  private narrowCount = 0
  private readonly narrow: Uint32Array
  private readonly linkRoom: Float64Array
  private readonly rate: Float64Array
  private readonly ceiling: Float64Array
  private readonly taken = new Copies((p) => [
    [this.linkRoom, p.linkRoom],
    [this.rate, p.rate],
    [this.ceiling, p.ceiling],
  ])
  /** By flow: whether it crosses no narrow link (0), one (1) or several (2); the last of them, and its part there. */
  private readonly isNarrow: Uint8Array
  private readonly onLink: Uint32Array
  private readonly part: Float64Array
  /** By flow: what it gets. */
  private readonly kbps: Float64Array
  private readonly given = new Copies((p) => [[p.kbps, this.kbps]])

  constructor(shape: Shape, paths = new Paths(shape)) {
    const { flows, links } = shape
    this.paths = paths
    this.kernel = paths.kernel()
    const { memory } = paths
    this.shortPaths = new ShortPaths(shape, memory)
    this.order = new Order(flows, memory)
    this.rate = memory.f64(flows, 'rate')
    this.ceiling = memory.f64(flows, 'ceiling')
    this.least = memory.f64(flows)
    this.most = memory.f64(flows)
    this.linkRoom = memory.f64(links)
    this.room = memory.f64(links)
    this.crossed = new Float64Array(links)
    this.asked = memory.f64(links)
    this.left = memory.f64(links)
    this.narrow = memory.u32(links)
    this.isNarrow = memory.u8(flows)
    this.onLink = memory.u32(flows)
    this.part = memory.f64(flows)
    this.kbps = memory.f64(flows)
  }

  /** Fills `kbps` from `rate`. */
  round(p: Problem): void {
    this.paths.follow(p)
    this.floor(p)
    this.findNarrow(p)
    this.takeBack(p)
    this.handOut(p)
  }

  private floor(p: Problem): void {
    const { rate, ceiling, least, most } = this
    this.taken.make(p)
    this.kernel.floorRates(rate, ceiling, least, most)
  }

  /** A link is narrow when not everybody on it can be rounded up. */
  private findNarrow(p: Problem): void {
    const { paths, kernel, linkRoom, least, most, room, asked, left, narrow, isNarrow } = this
    kernel.loadLinks(most, asked)
    const count = kernel.findNarrow(linkRoom, paths.isParted, 1 - HAIR, asked, room, narrow, left)
    this.narrowCount = count
    this.shortPaths.keep(p, paths.version, narrow, count)
    kernel.sum(least, narrow, count, left)
    for (let k = 0; k < count; k++) left[narrow[k]!] = room[narrow[k]!]! - left[narrow[k]!]!
    kernel.markFlows(narrow, count, isNarrow, this.onLink, this.part)
  }

  private handOut(p: Problem): void {
    const { rate, least, most, left, isNarrow, onLink, part, kbps, kernel, order, shortPaths } = this
    const { start, link, fraction } = shortPaths
    order.count = kernel.giveWide(rate, least, most, isNarrow, kbps, order.level, order.tag)
    order.sort()
    kernel.giveNarrow(order.sorted, order.count, isNarrow, onLink, part, start, link, fraction, left, kbps)
    this.given.make(p)
  }

  /**
   * Where a rounding up made a link too full, its flows give back 1 kbit/s each, the last first, until it fits. (The
   * hair of a link of many Tbit/s is many kbit/s; there it is as much at a time as all of them can give.)
   */
  private takeBack(p: Problem): void {
    const { least, most, left, narrow, narrowCount } = this
    const { start, link, fraction } = this.shortPaths
    let over = 0
    for (let k = 0; k < narrowCount; k++) if (left[narrow[k]!]! < 0) over++
    for (let given = 1; over > 0 && given > 0; ) {
      given = 0
      const step = this.stepBack(p.shape.flows)
      for (let i = p.shape.flows - 1; i >= 0 && over > 0; i--) {
        let helps = false
        for (let e = start[i]!; e < start[i + 1]! && !helps; e++) helps = left[link[e]!]! < 0
        if (!helps || least[i] === 0) continue
        const back = Math.min(step, least[i]!)
        least[i]! -= back
        most[i]! -= back
        given++
        for (let e = start[i]!; e < start[i + 1]!; e++) {
          const was = left[link[e]!]! < 0
          left[link[e]!]! += fraction[e]! * back
          if (was && left[link[e]!]! >= 0) over--
        }
      }
    }
  }

  /** Whole kbit/s that every flow on links that are too full may give back without making any of them too empty. */
  private stepBack(flows: number): number {
    const { least, left, narrow, narrowCount, crossed } = this
    const { start, link, fraction } = this.shortPaths
    crossed.fill(0)
    for (let i = 0; i < flows; i++) {
      if (least[i] === 0) continue
      for (let e = start[i]!; e < start[i + 1]!; e++) crossed[link[e]!]! += fraction[e]!
    }
    let step = Number.POSITIVE_INFINITY
    for (let k = 0; k < narrowCount; k++) {
      const l = narrow[k]!
      if (left[l]! < 0 && crossed[l]! > 0) step = Math.min(step, Math.floor(-left[l]! / crossed[l]!))
    }
    return Math.max(1, step)
  }
}
