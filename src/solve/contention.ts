// The links that can hold anybody back: the problem with its slack links taken out.
//
// If all flows on a link together may never hold more than its room, the link binds nobody, whatever the others do:
// leaving it out changes nothing (exactly, not nearly). Access lines and most of a backbone go this way, and what is
// left is small enough to walk once per band. Links are renumbered 0..links-1 here; `link` leads back.
//
// From tick to tick the same links are left, so the shortened paths are kept as long as that is so; and where bounds
// and rooms are the same (ceilings seldom change), the question is not even asked again.

import type { Problem, Shape } from './problem.js'
import type { Takers } from './takers.js'
import type { Transpose } from './transpose.js'

const SLACK = 0xffffffff

export class Contention {
  links = 0
  /** Contended link -> link of the problem. */
  readonly link: Uint32Array
  /** By flow: entries start[i] .. start[i + 1]. */
  readonly start: Uint32Array
  readonly entryLink: Uint32Array
  readonly entryFraction: Float64Array
  /** Who crosses a link, by links of the problem. */
  readonly columns: Transpose
  /** By link of the problem: its number here, or SLACK. */
  private readonly number: Uint32Array
  private readonly most: Float64Array
  /** The question that was answered last. */
  private readonly lastBound: Float64Array
  private readonly lastRoom: Float64Array
  private version = 0

  constructor({ flows, links, nonZeros }: Shape, columns: Transpose) {
    this.columns = columns
    this.link = new Uint32Array(links)
    this.start = new Uint32Array(flows + 1)
    this.entryLink = new Uint32Array(nonZeros)
    this.entryFraction = new Float64Array(nonZeros)
    this.number = new Uint32Array(links)
    this.most = new Float64Array(links)
    this.lastBound = new Float64Array(flows)
    this.lastRoom = new Float64Array(links)
  }

  /** Keeps the links on which flows that hold up to `bound` (bit/s, by flow) could ask for more than `room`. */
  build(p: Problem, bound: Float64Array, room: Float64Array): void {
    const isKnown = this.version === this.columns.version
    if (isKnown && isEqual(bound, this.lastBound) && isEqual(room, this.lastRoom)) return
    this.lastBound.set(bound)
    this.lastRoom.set(room)
    const isSame = this.chooseLinks(p, bound, room)
    if (isSame && isKnown) return
    this.shortenPaths(p)
    this.version = this.columns.version
  }

  /** True: the same links as before. */
  private chooseLinks(p: Problem, bound: Float64Array, room: Float64Array): boolean {
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
    let isSame = true
    for (let l = 0; l < links; l++) {
      const here = most[l]! > room[l]! ? kept++ : SLACK
      if (here !== SLACK) link[here] = l
      isSame &&= number[l] === here
      number[l] = here
    }
    this.links = kept
    return isSame
  }

  private shortenPaths(p: Problem): void {
    const { start, entryLink, entryFraction, number } = this
    const { pathStart, pathLink, pathFraction } = p
    const { flows } = p.shape
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
      }
    }
    start[flows] = n
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

function isEqual(a: Float64Array, b: Float64Array): boolean {
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return false
  return true
}
