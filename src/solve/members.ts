// The participants of a filling group by group (each envelope, then the root), with the events of each group in the
// order of its own level.

import type { Order } from './order.js'
import type { Participants } from './participants.js'
import type { Problem, Shape } from './problem.js'

export class Members {
  /** By flow that takes part: its innermost envelope, or the root. */
  readonly groupOf: Uint32Array
  /** Flows of group g: flow[start[g]] .. flow[start[g + 1] - 1]. */
  readonly flow: Uint32Array
  readonly start: Uint32Array
  /** Events of group g, likewise, the first to come first. */
  readonly event: Uint32Array
  readonly eventStart: Uint32Array
  private readonly cursor: Uint32Array

  constructor({ flows, segments, envelopes }: Shape) {
    const groups = envelopes + 1
    this.groupOf = new Uint32Array(flows)
    this.flow = new Uint32Array(flows)
    this.start = new Uint32Array(groups + 1)
    this.event = new Uint32Array(flows + segments)
    this.eventStart = new Uint32Array(groups + 1)
    this.cursor = new Uint32Array(groups)
  }

  group({ flowEnvelope }: Problem, { flow, count }: Participants, root: number): void {
    const { groupOf, start, cursor } = this
    start.fill(0)
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      groupOf[i] = flowEnvelope[i]! < 0 ? root : flowEnvelope[i]!
      start[groupOf[i]! + 1]!++
    }
    for (let g = 0; g <= root; g++) start[g + 1]! += start[g]!
    cursor.set(start.subarray(0, root + 1))
    for (let n = 0; n < count; n++) this.flow[cursor[groupOf[flow[n]!]!]!++] = flow[n]!
  }

  /** Takes events that are sorted by level; what is listed is their places in that order. */
  groupEvents({ count, sorted }: Order, root: number): void {
    const { groupOf, event, eventStart, cursor } = this
    eventStart.fill(0)
    for (let n = 0; n < count; n++) eventStart[groupOf[sorted[n]! >>> 1]! + 1]!++
    for (let g = 0; g <= root; g++) eventStart[g + 1]! += eventStart[g]!
    cursor.set(eventStart.subarray(0, root + 1))
    for (let n = 0; n < count; n++) event[cursor[groupOf[sorted[n]! >>> 1]!]!++] = n
  }
}
