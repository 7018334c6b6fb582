// Traffic as a fluid: queues of bytes, served at rates, over steps of time. Pure arithmetic on columns; no clock.
//
// A leaf (a class of a flow) is served its class rate first; what siblings leave of the flow's rate is lent by
// weight, as HTB lends inside a flow and never across. What does not fit the leaf's buffer is dropped.
//
// Senders are elastic: when a flow offers more than it is let through, its elastic classes back off until the sum
// presses only a little on the rate, as TCP does. So an edge sees that a flow is held back, but not how much it would
// send: the controller has to find out by granting more. Real-time classes do not back off.

import { FRAME } from '../../model/burst.js'
import type { BitsPerSecond, Bytes, Milliseconds } from '../../model/units.js'

/** Mean size of a packet of mixed traffic; an assumption. */
export const PACKET: Bytes = 900
/** A throttled elastic flow still offers this much of what it is let through. */
const PRESSURE = 1.02
/** A leaf's buffer holds 50 ms of the flow's rate, and at least 30 frames. */
const BUFFER_SECONDS = 0.05
const BUFFER_LEAST: Bytes = 30 * FRAME

export class FluidQueues {
  readonly flows: number
  readonly classes: number
  /** bit/s by flow and by [flow * classes + class]. Infinity: not shaped. */
  readonly rate: Float64Array
  readonly classRate: Float64Array
  /** What is offered, bit/s by flow, and the parts of it by class. */
  readonly offered: Float64Array
  readonly share: Float64Array
  readonly weight: Float64Array
  /** 1: backs off when it is held back. */
  readonly elastic: Uint8Array
  // Cumulative by leaf; fractions are kept here, and cut off only where counters are shown.
  readonly bytes: Float64Array
  readonly dropped: Float64Array
  readonly backlog: Float64Array
  readonly #asks: Float64Array
  readonly #served: Float64Array

  constructor(flows: number, classes: number) {
    this.flows = flows
    this.classes = classes
    this.rate = new Float64Array(flows)
    this.classRate = new Float64Array(flows * classes)
    this.offered = new Float64Array(flows)
    this.share = new Float64Array(classes)
    this.weight = new Float64Array(classes)
    this.elastic = new Uint8Array(classes)
    this.bytes = new Float64Array(flows * classes)
    this.dropped = new Float64Array(flows * classes)
    this.backlog = new Float64Array(flows * classes)
    this.#asks = new Float64Array(classes)
    this.#served = new Float64Array(classes)
  }

  /** Takes over the counters and the queue of a flow of other columns. */
  carry(flow: number, from: FluidQueues, other: number): void {
    for (let c = 0; c < Math.min(this.classes, from.classes); c++) {
      const to = flow * this.classes + c
      this.bytes[to] = from.bytes[other * from.classes + c]!
      this.dropped[to] = from.dropped[other * from.classes + c]!
      this.backlog[to] = from.backlog[other * from.classes + c]!
    }
  }

  /** What the senders of a flow put on their way to it, bit/s, once they have backed off. */
  sends(flow: number): BitsPerSecond {
    const yielding = this.#yielding(flow)
    let parts = 0
    for (let c = 0; c < this.classes; c++) parts += this.share[c]! * (this.elastic[c] ? yielding : 1)
    return this.offered[flow]! * parts
  }

  step(duration: Milliseconds): void {
    const seconds = duration / 1_000
    for (let f = 0; f < this.flows; f++) this.#stepFlow(f, seconds)
  }

  #stepFlow(flow: number, seconds: number): void {
    const C = this.classes
    const first = flow * C
    const room = (this.rate[flow]! * seconds) / 8
    const yielding = this.#yielding(flow)
    for (let c = 0; c < C; c++) {
      const arrives = (this.offered[flow]! * this.share[c]! * (this.elastic[c] ? yielding : 1) * seconds) / 8
      this.#asks[c] = this.backlog[first + c]! + arrives
      this.#served[c] = Math.min(this.#asks[c]!, (this.classRate[first + c]! * seconds) / 8)
    }
    this.#lend(room)
    const buffer = Math.max(BUFFER_LEAST, (this.rate[flow]! * BUFFER_SECONDS) / 8)
    for (let c = 0; c < C; c++) {
      const waits = this.#asks[c]! - this.#served[c]!
      this.bytes[first + c]! += this.#served[c]!
      this.backlog[first + c] = Math.min(waits, buffer)
      this.dropped[first + c]! += Math.max(0, waits - buffer)
    }
  }

  /** By how much the elastic classes of a flow back off: 1 when it is not held back. */
  #yielding(flow: number): number {
    const offered = this.offered[flow]!
    const most = PRESSURE * this.rate[flow]!
    if (offered <= most) return 1
    let elastic = 0
    for (let c = 0; c < this.classes; c++) if (this.elastic[c]) elastic += this.share[c]!
    return elastic === 0 ? 1 : Math.max(0, most / offered - (1 - elastic)) / elastic
  }

  /** Hands what is left of `room` to the classes that still ask, by weight. Each round ends a class or the room. */
  #lend(room: Bytes): void {
    for (let round = 0; round < this.classes; round++) {
      let left = room
      let weights = 0
      for (let c = 0; c < this.classes; c++) {
        left -= this.#served[c]!
        if (this.#asks[c]! > this.#served[c]!) weights += this.weight[c]!
      }
      if (left <= 0 || weights === 0) return
      for (let c = 0; c < this.classes; c++) {
        const lacks = this.#asks[c]! - this.#served[c]!
        if (lacks > 0) this.#served[c]! += Math.min(lacks, (left * this.weight[c]!) / weights)
      }
    }
  }
}
