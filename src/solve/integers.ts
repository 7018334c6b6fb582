// From exact rates to the whole kbit/s that are published.
//
// Floor every rate; then give at most 1 kbit/s more to each flow that lost a fraction, the largest fraction first,
// then in the order of flows (which is the order of ids), as long as every link on its path, virtual ones for
// ceilings and envelopes included, and its own ceiling have room.
//
// Where paths are whole, sums over links are sums of whole numbers, and exact. A link that carries parts of flows
// keeps a hair of its room (2^-36) unused, so that it fits in whatever order its load is summed.

import { Order } from './order.js'
import type { Problem, Shape } from './problem.js'

const KBIT = 1000
/** A rate this close to a whole kbit/s (relatively, and at least in kbit/s) was whole before float arithmetic. */
const WHOLE = 1e-12
const WHOLE_LEAST = 1e-9
/** Room that a link with parts of flows keeps: more than any order of summation can add. */
const HAIR = 2 ** -36

export class Integers {
  private readonly order: Order
  /** kbit/s, by link: what it carries and what it may. */
  private readonly load: Float64Array
  private readonly most: Float64Array

  constructor({ flows, links }: Shape) {
    this.order = new Order(flows)
    this.load = new Float64Array(links)
    this.most = new Float64Array(links)
  }

  /** Fills `kbps` from `rate`. */
  round(p: Problem): void {
    this.floor(p)
    this.sum(p)
    this.takeBack(p)
    this.handOutFractions(p)
  }

  private floor(p: Problem): void {
    const { order } = this
    const { kbps, rate, ceiling } = p
    order.clear()
    for (let i = 0; i < p.shape.flows; i++) {
      const exact = rate[i]! / KBIT
      const nearest = Math.round(exact)
      if (Math.abs(exact - nearest) <= Math.max(WHOLE_LEAST, WHOLE * exact) && nearest * KBIT <= ceiling[i]!) {
        kbps[i] = nearest
        continue
      }
      const whole = Math.floor(exact)
      kbps[i] = whole
      if ((whole + 1) * KBIT > ceiling[i]!) continue
      order.push(1 - (exact - whole), i)
    }
    order.sort()
  }

  private sum(p: Problem): void {
    const { load, most } = this
    const { pathStart, pathLink, pathFraction, kbps, linkRoom } = p
    load.fill(0)
    for (let l = 0; l < load.length; l++) most[l] = linkRoom[l]! / KBIT
    for (let i = 0, e = 0; i < p.shape.flows; i++) {
      const end = pathStart[i + 1]!
      for (const k = kbps[i]!; e < end; e++) {
        const l = pathLink[e]!
        const a = pathFraction[e]!
        load[l]! += a * k
        if (a !== 1) most[l] = (linkRoom[l]! / KBIT) * (1 - HAIR)
      }
    }
  }

  private handOutFractions(p: Problem): void {
    const { order, load, most } = this
    const { pathStart, pathLink, pathFraction, kbps } = p
    const { sorted, count } = order
    for (let n = 0; n < count; n++) {
      const i = sorted[n]!
      const start = pathStart[i]!
      const end = pathStart[i + 1]!
      let fits = true
      for (let e = start; e < end && fits; e++) {
        const l = pathLink[e]!
        fits = load[l]! + pathFraction[e]! <= most[l]! || pathFraction[e] === 0
      }
      if (!fits) continue
      kbps[i]!++
      for (let e = start; e < end; e++) load[pathLink[e]!]! += pathFraction[e]!
    }
  }

  /** Where a rounding up made a link too full, its flows give back 1 kbit/s each, the last first, until it fits. */
  private takeBack(p: Problem): void {
    const { load, most } = this
    const { pathStart, pathLink, pathFraction, kbps } = p
    let over = 0
    for (let l = 0; l < load.length; l++) if (load[l]! > most[l]!) over++
    for (let given = 1; over > 0 && given > 0; ) {
      given = 0
      for (let i = p.shape.flows - 1; i >= 0 && over > 0; i--) {
        const start = pathStart[i]!
        const end = pathStart[i + 1]!
        let helps = false
        for (let e = start; e < end && !helps; e++) {
          helps = pathFraction[e]! > 0 && load[pathLink[e]!]! > most[pathLink[e]!]!
        }
        if (!helps || kbps[i] === 0) continue
        kbps[i]!--
        given++
        for (let e = start; e < end; e++) {
          const l = pathLink[e]!
          const was = load[l]! > most[l]!
          load[l]! -= pathFraction[e]!
          if (was && load[l]! <= most[l]!) over--
        }
      }
    }
  }
}
