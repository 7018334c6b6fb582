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
    this.heap.set(k, left > 0 ? now + left / speed : now)
  }

  /** Link k may lose `more` from root level `now` on. */
  hasten(k: number, more: number, now: number): void {
    this.file(k, now, this.left[k]! - this.speed[k]! * (now - this.at[k]!), this.speed[k]! + more)
  }
}
