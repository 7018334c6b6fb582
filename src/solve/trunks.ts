// Flows that share all of their way but the first line.
//
// A network is mostly a tree: the flow of an institution has an access line that few others use, and from there on the
// anchor, gateway and core of hundreds of others. Such flows make a trunk: what they carry is added up once, and links
// add up trunks. In the nation that ships, a sum over all links then takes a third of the additions. Where no two
// paths are alike there are no trunks, and the search for them is all they cost.

import type { Problem } from './problem.js'
import { Turned } from './turned.js'

/** A link with more flows than this is shared; access lines are not. */
const FEW = 4
/** Fewer flows are not worth a trunk, nor is one link. */
const LEAST_FLOWS = 3
const LEAST_LINKS = 2
const NONE = 0xffffffff

export class Trunks {
  count = 0
  /** What no trunk carries, link by link. */
  readonly others: Turned
  /** Flows of trunk t: flow[start[t]] .. flow[start[t + 1] - 1]. */
  private readonly start: Uint32Array
  private readonly flow: Uint32Array
  /** By trunk, what its flows have together. */
  private readonly sum: Float64Array
  /** Trunks on link l, and what part of each it carries: entries linkStart[l] .. linkStart[l + 1] - 1. */
  private readonly linkStart: Uint32Array
  private readonly trunk: Uint32Array
  private readonly fraction: Float64Array

  /** `crossing`: the paths as they are. */
  constructor(p: Problem, crossing: Turned) {
    const { flows, links } = p.shape
    const { pathStart, pathLink, pathFraction } = p
    const isShared = sharedLinks(p)
    const { like, size } = findAlike(p, isShared)
    const trunkOf = new Uint32Array(flows).fill(NONE)
    const start = [0]
    const entries: { readonly link: number; readonly trunk: number; readonly fraction: number }[] = []
    for (let i = 0; i < flows; i++) {
      const first = like[i]!
      if (first === NONE || size[first]! < LEAST_FLOWS) continue
      trunkOf[i] = first === i ? this.count : trunkOf[first]!
      if (first !== i) continue
      for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
        if (!(pathFraction[e]! > 0) || isShared[pathLink[e]!] === 0) continue
        entries.push({ link: pathLink[e]!, trunk: this.count, fraction: pathFraction[e]! })
      }
      start.push(start[this.count++]! + size[i]!)
    }
    const isOther = (i: number, e: number): boolean => trunkOf[i] === NONE || isShared[pathLink[e]!] === 0
    this.others = this.count === 0 ? crossing : new Turned(p, isOther)

    this.start = Uint32Array.from(start)
    this.flow = new Uint32Array(start[this.count]!)
    this.sum = new Float64Array(this.count)
    const cursor = this.start.slice()
    for (let i = 0; i < flows; i++) if (trunkOf[i] !== NONE) this.flow[cursor[trunkOf[i]!]!++] = i

    entries.sort((a, b) => a.link - b.link || a.trunk - b.trunk)
    this.linkStart = new Uint32Array(links + 1)
    for (const { link } of entries) this.linkStart[link + 1]!++
    for (let l = 0; l < links; l++) this.linkStart[l + 1]! += this.linkStart[l]!
    this.trunk = Uint32Array.from(entries, ({ trunk }) => trunk)
    this.fraction = Float64Array.from(entries, ({ fraction }) => fraction)
  }

  /** Adds to the load of each link what trunks bring; x by flow. */
  add(x: Float64Array, load: Float64Array): void {
    const { count, start, flow, sum, linkStart, trunk, fraction } = this
    for (let t = 0; t < count; t++) {
      let a = 0
      let b = 0
      let m = start[t]!
      const end = start[t + 1]!
      for (; m + 1 < end; m += 2) {
        a += x[flow[m]!]!
        b += x[flow[m + 1]!]!
      }
      if (m < end) a += x[flow[m]!]!
      sum[t] = a + b
    }
    for (let l = 0; l < load.length; l++) {
      let a = load[l]!
      for (let e = linkStart[l]!, end = linkStart[l + 1]!; e < end; e++) a += fraction[e]! * sum[trunk[e]!]!
      load[l] = a
    }
  }
}

function sharedLinks({ shape, pathLink, pathFraction }: Problem): Uint8Array {
  const crowd = new Uint32Array(shape.links)
  for (let e = 0; e < shape.nonZeros; e++) if (pathFraction[e]! > 0) crowd[pathLink[e]!]!++
  return Uint8Array.from(crowd, (flows) => (flows > FEW ? 1 : 0))
}

/** By flow, the first one with the same shared links in the same parts; and by such a first one, how many there are. */
function findAlike(p: Problem, isShared: Uint8Array): { like: Uint32Array; size: Uint32Array } {
  const { flows } = p.shape
  const like = new Uint32Array(flows).fill(NONE)
  const size = new Uint32Array(flows)
  const table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * flows + 1))).fill(NONE)
  const mask = table.length - 1
  for (let i = 0; i < flows; i++) {
    let hash = 0
    let length = 0
    for (let e = p.pathStart[i]!; e < p.pathStart[i + 1]!; e++) {
      if (!(p.pathFraction[e]! > 0) || isShared[p.pathLink[e]!] === 0) continue
      hash = Math.imul((hash ^ p.pathLink[e]!) + length, 0x9e3779b1)
      hash ^= hash >>> 15
      length++
    }
    if (length < LEAST_LINKS) continue
    let at = hash & mask
    while (table[at] !== NONE && !isAlike(p, isShared, i, table[at]!)) at = (at + 1) & mask
    if (table[at] === NONE) table[at] = i
    like[i] = table[at]!
    size[like[i]!]!++
  }
  return { like, size }
}

function isAlike(p: Problem, isShared: Uint8Array, i: number, j: number): boolean {
  const next = (e: number, end: number): number => {
    while (e < end && !(p.pathFraction[e]! > 0 && isShared[p.pathLink[e]!] === 1)) e++
    return e
  }
  const [endI, endJ] = [p.pathStart[i + 1]!, p.pathStart[j + 1]!]
  let a = next(p.pathStart[i]!, endI)
  let b = next(p.pathStart[j]!, endJ)
  while (a < endI && b < endJ) {
    if (p.pathLink[a] !== p.pathLink[b] || p.pathFraction[a] !== p.pathFraction[b]) return false
    a = next(a + 1, endI)
    b = next(b + 1, endJ)
  }
  return a === endI && b === endJ
}
