// Who crosses a link: the paths of all flows, turned round.
//
// Paths are static columns: they are written once, before the first solve of a buffer, so the turned form is made once
// per buffer and kept.

import type { Problem, Shape } from './problem.js'

export class Transpose {
  /** Grows whenever other paths are followed. */
  version = 0
  /** By link: entries start[l] .. start[l + 1]; entries that carry nothing are left out. */
  readonly start: Uint32Array
  readonly flow: Uint32Array
  readonly fraction: Float64Array
  private known: SharedArrayBuffer | undefined
  private readonly cursor: Uint32Array

  constructor({ links, nonZeros }: Shape) {
    this.start = new Uint32Array(links + 1)
    this.flow = new Uint32Array(nonZeros)
    this.fraction = new Float64Array(nonZeros)
    this.cursor = new Uint32Array(links)
  }

  /** Makes sure that this is the transpose of p's paths. */
  follow(p: Problem): void {
    if (this.known === p.buffer) return
    this.turn(p)
    this.known = p.buffer
    this.version++
  }

  private turn({ shape: { flows, links }, pathStart, pathLink, pathFraction }: Problem): void {
    const { start, flow, fraction, cursor } = this
    start.fill(0)
    for (let e = 0; e < pathStart[flows]!; e++) if (pathFraction[e]! > 0) start[pathLink[e]! + 1]!++
    for (let l = 0; l < links; l++) {
      start[l + 1]! += start[l]!
      cursor[l] = start[l]!
    }
    for (let i = 0, e = 0; i < flows; i++) {
      const end = pathStart[i + 1]!
      for (; e < end; e++) {
        if (!(pathFraction[e]! > 0)) continue
        const at = cursor[pathLink[e]!]!++
        flow[at] = i
        fraction[at] = pathFraction[e]!
      }
    }
  }
}
