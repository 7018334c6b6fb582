// From exact rates to the whole kbit/s that are published.
//
// Floor every rate; then give at most 1 kbit/s more to each flow that lost a fraction, the largest fraction first,
// then in the order of flows (which is the order of ids), as long as every link on its path, virtual ones for
// ceilings and envelopes included, and its own ceiling have room. Sums over links are sums of whole numbers where
// fractions of paths are 1, so there they are exact; where they are not, the last pass takes back what rounding let
// through.

import { Order } from './order.js'
import type { Problem, Shape } from './problem.js'

const KBIT = 1000
/** A rate this close to a whole kbit/s (relatively, and at least in kbit/s) was whole before float arithmetic. */
const WHOLE = 1e-12
const WHOLE_LEAST = 1e-9

export class Integers {
  private readonly order: Order
  private readonly flow: Uint32Array
  /** kbit/s, by link. */
  private readonly load: Float64Array

  constructor({ flows, links }: Shape) {
    this.order = new Order(flows)
    this.flow = new Uint32Array(flows)
    this.load = new Float64Array(links)
  }

  /** Fills `kbps` from `rate`. */
  round(p: Problem): void {
    this.floor(p)
    this.sum(p)
    this.handOutFractions(p)
    this.sum(p)
    this.takeBack(p)
  }

  private floor(p: Problem): void {
    const { order, flow } = this
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
      flow[order.count] = i
      order.push(1 - (exact - whole))
    }
    order.sort()
  }

  private sum(p: Problem): void {
    const { load } = this
    const { pathStart, pathLink, pathFraction, kbps } = p
    load.fill(0)
    for (let i = 0, e = 0; i < p.shape.flows; i++) {
      const end = pathStart[i + 1]!
      for (const k = kbps[i]!; e < end; e++) load[pathLink[e]!]! += pathFraction[e]! * k
    }
  }

  private handOutFractions(p: Problem): void {
    const { order, flow, load } = this
    const { pathStart, pathLink, pathFraction, kbps, linkRoom } = p
    for (let n = 0; n < order.count; n++) {
      const i = flow[order.sorted[n]!]!
      const start = pathStart[i]!
      const end = pathStart[i + 1]!
      let fits = true
      for (let e = start; e < end && fits; e++) {
        const l = pathLink[e]!
        fits = pathFraction[e] === 0 || (load[l]! + pathFraction[e]!) * KBIT <= linkRoom[l]!
      }
      if (!fits) continue
      kbps[i]!++
      for (let e = start; e < end; e++) load[pathLink[e]!]! += pathFraction[e]!
    }
  }

  /** Where a rounding made a link too full, its flows give back 1 kbit/s each, the last first, until it fits. */
  private takeBack(p: Problem): void {
    const { load } = this
    const { pathStart, pathLink, pathFraction, kbps, linkRoom } = p
    let over = 0
    for (let l = 0; l < p.shape.links; l++) if (load[l]! * KBIT > linkRoom[l]!) over++
    while (over > 0) {
      const before = over
      for (let i = p.shape.flows - 1; i >= 0 && over > 0; i--) {
        if (kbps[i] === 0) continue
        const start = pathStart[i]!
        const end = pathStart[i + 1]!
        let helps = false
        for (let e = start; e < end && !helps; e++) {
          const l = pathLink[e]!
          helps = pathFraction[e]! > 0 && load[l]! * KBIT > linkRoom[l]!
        }
        if (!helps) continue
        kbps[i]!--
        for (let e = start; e < end; e++) {
          const l = pathLink[e]!
          const was = load[l]! * KBIT > linkRoom[l]!
          load[l]! -= pathFraction[e]!
          if (was && load[l]! * KBIT <= linkRoom[l]!) over--
        }
      }
      if (over < before) continue
      this.sum(p)
      if (p.kbps.every((k) => k === 0)) return
    }
  }
}
