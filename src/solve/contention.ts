// The links that can hold anybody back, and the flows on them: the problem with its slack links taken out.
//
// If all flows on a link together may never hold more than its room, the link binds nobody, whatever the others do:
// leaving it out changes nothing (exactly, not nearly). Access lines and most of a backbone go this way, and what
// is left is small enough to walk once per band. Entries stand twice: by flow, to charge its links when it freezes,
// and by link, to find whom a full link freezes. Links are renumbered 0..links-1 here; `link` leads back.

import type { Problem, Shape } from './problem.js'
import type { Takers } from './takers.js'

const SLACK = 0xffffffff

export class Contention {
  links = 0
  /** Contended link -> link of the problem. */
  readonly link: Uint32Array
  /** By flow: entries start[i] .. start[i + 1]. */
  readonly start: Uint32Array
  readonly entryLink: Uint32Array
  readonly entryFraction: Float64Array
  /** By contended link: entries columnStart[k] .. columnStart[k + 1]. */
  readonly columnStart: Uint32Array
  readonly columnFlow: Uint32Array
  readonly columnFraction: Float64Array
  private readonly number: Uint32Array
  private readonly most: Float64Array
  private readonly cursor: Uint32Array

  constructor({ flows, links, nonZeros }: Shape) {
    this.link = new Uint32Array(links)
    this.start = new Uint32Array(flows + 1)
    this.entryLink = new Uint32Array(nonZeros)
    this.entryFraction = new Float64Array(nonZeros)
    this.columnStart = new Uint32Array(links + 1)
    this.columnFlow = new Uint32Array(nonZeros)
    this.columnFraction = new Float64Array(nonZeros)
    this.number = new Uint32Array(links)
    this.most = new Float64Array(links)
    this.cursor = new Uint32Array(links)
  }

  /** Keeps the links on which flows that hold up to `bound` (bit/s, by flow) could ask for more than `room`. */
  build(p: Problem, bound: Float64Array, room: Float64Array): void {
    this.chooseLinks(p, bound, room)
    this.fillRows(p)
    this.fillColumns(p.shape.flows)
  }

  private chooseLinks(p: Problem, bound: Float64Array, room: Float64Array): void {
    const { most, number, link } = this
    const { pathStart, pathLink, pathFraction } = p
    const { flows, links } = p.shape
    most.fill(0)
    for (let i = 0, e = 0; i < flows; i++) {
      const end = pathStart[i + 1]!
      const b = bound[i]!
      for (; e < end; e++) {
        const a = pathFraction[e]!
        if (a > 0) most[pathLink[e]!]! += a * b // 0 x Infinity is not 0, and a path that carries nothing is no path
      }
    }
    let kept = 0
    for (let l = 0; l < links; l++) {
      if (most[l]! > room[l]!) {
        link[kept] = l
        number[l] = kept++
      } else number[l] = SLACK
    }
    this.links = kept
  }

  private fillRows(p: Problem): void {
    const { start, entryLink, entryFraction, number, columnStart } = this
    const { pathStart, pathLink, pathFraction } = p
    const { flows } = p.shape
    columnStart.fill(0, 0, this.links + 1)
    let n = 0
    for (let i = 0, e = 0; i < flows; i++) {
      const end = pathStart[i + 1]!
      start[i] = n
      for (; e < end; e++) {
        const k = number[pathLink[e]!]!
        const a = pathFraction[e]!
        if (k === SLACK || !(a > 0)) continue
        entryLink[n] = k
        entryFraction[n++] = a
        columnStart[k + 1]!++
      }
    }
    start[flows] = n
  }

  private fillColumns(flows: number): void {
    const { start, entryLink, entryFraction, columnStart, columnFlow, columnFraction, cursor } = this
    for (let k = 0; k < this.links; k++) {
      columnStart[k + 1]! += columnStart[k]!
      cursor[k] = columnStart[k]!
    }
    for (let i = 0, e = 0; i < flows; i++) {
      const end = start[i + 1]!
      for (; e < end; e++) {
        const at = cursor[entryLink[e]!]!++
        columnFlow[at] = i
        columnFraction[at] = entryFraction[e]!
      }
    }
  }

  /** load_k = sum over the takers of a_ki x_i, by contended link. */
  load({ count, flow }: Takers, x: Float64Array, load: Float64Array): void {
    const { start, entryLink, entryFraction, links } = this
    load.fill(0, 0, links)
    for (let n = 0; n < count; n++) {
      const i = flow[n]!
      const held = x[i]!
      for (let e = start[i]!, end = start[i + 1]!; e < end; e++) load[entryLink[e]!]! += entryFraction[e]! * held
    }
  }
}
