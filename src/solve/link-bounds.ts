// When a link may fill at the earliest, while envelopes on it may still become faster.
//
// A link is filed with what it had left at some root level and with more speed than is on it now, so it has at least
// left - speed (t - at) left at root level t, and its key in the heap is a lower bound. More speed is added in constant
// time; only a link that comes to the top is looked at in full.

import { Heap } from './heap.js'

export class LinkBounds {
  readonly heap: Heap
  private readonly at: Float64Array
  private readonly left: Float64Array
  private readonly speed: Float64Array

  constructor(links: number) {
    this.heap = new Heap(links)
    this.at = new Float64Array(links)
    this.left = new Float64Array(links)
    this.speed = new Float64Array(links)
  }

  /** Link k has `left` at root level `now` and loses no more than `speed` from then on. */
  file(k: number, now: number, left: number, speed: number): void {
    this.at[k] = now
    this.left[k] = left
    this.speed[k] = speed
    this.heap.key[k] = left > 0 ? now + left / speed : now
    this.heap.file(k)
  }

  /** Link link[n] may lose by[n] x factor[g] more from root level now[0] on; numbers in columns are not boxed. */
  hasten(link: Uint32Array, by: Float64Array, n: number, factor: Float64Array, g: number, now: Float64Array): void {
    const k = link[n]!
    const speed = this.speed[k]! + by[n]! * factor[g]!
    const left = this.left[k]! - this.speed[k]! * (now[0]! - this.at[k]!)
    this.at[k] = now[0]!
    this.left[k] = left
    this.speed[k] = speed
    this.heap.key[k] = left > 0 ? now[0]! + left / speed : now[0]!
    this.heap.file(k)
  }
}
