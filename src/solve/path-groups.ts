// Flows that share all of their path but the first link.
//
// A network is mostly a tree: the flow of an institution has an access line that few others use, and from there on the
// anchor, gateway and core of hundreds of others. Such flows make a group: what they carry is added up once, and links
// add up groups. In the nation that ships, a sum over all links then takes a third of the additions. Where no two
// paths are alike there are no groups, and the search for them is all they cost.

import type { LinearMemory } from './kernel/linear-memory.js'
import { LinkIndex } from './paths-by-link.js'
import type { Problem, Shape } from './problem.js'

/** A link with more flows than this is shared; access lines are not. */
const FEW = 4
/** Fewer flows are not worth a group, nor is one link. */
const LEAST_FLOWS = 3
const LEAST_LINKS = 2
const NONE = 0xffffffff

export class PathGroups {
  count = 0
  /** What flows in no group carry, link by link. */
  others: LinkIndex
  private readonly rest: LinkIndex
  /** Flows of group g: flow[start[g]] .. flow[start[g + 1] - 1]. */
  readonly start: Uint32Array
  readonly flow: Uint32Array
  /** By group, what its flows have together. */
  readonly sum: Float64Array
  /** Groups on link l, and what part of each it carries: entries linkStart[l] .. linkStart[l + 1] - 1. */
  readonly linkStart: Uint32Array
  readonly group: Uint32Array
  readonly fraction: Float64Array

  constructor(shape: Shape, memory: LinearMemory) {
    const { flows, links, nonZeros } = shape
    const most = Math.floor(flows / LEAST_FLOWS)
    this.rest = new LinkIndex(shape, memory)
    this.others = this.rest
    this.start = memory.u32(most + 1)
    this.flow = memory.u32(flows)
    this.sum = memory.f64(most)
    this.linkStart = memory.u32(links + 1)
    this.group = memory.u32(nonZeros)
    this.fraction = memory.f64(nonZeros)
  }

  /** Finds the groups of these paths; `crossing`: all that cross each link. */
  find(p: Problem, crossing: LinkIndex): void {
    const { flows } = p.shape
    const { pathStart, pathLink, pathFraction } = p
    const { start, flow } = this
    const isShared = sharedLinks(p)
    const { like, size } = findAlike(p, isShared)
    const groupOf = new Uint32Array(flows).fill(NONE)
    const entries: Entry[] = []
    this.count = 0
    for (let i = 0; i < flows; i++) {
      const first = like[i]!
      if (first === NONE || size[first]! < LEAST_FLOWS) continue
      groupOf[i] = first === i ? this.count : groupOf[first]!
      if (first !== i) continue
      for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
        if (!(pathFraction[e]! > 0) || isShared[pathLink[e]!] === 0) continue
        entries.push({ link: pathLink[e]!, group: this.count, fraction: pathFraction[e]! })
      }
      start[this.count + 1] = start[this.count++]! + size[i]!
    }
    this.others = this.count === 0 ? crossing : this.rest
    if (this.count === 0) return
    this.rest.build(p, (i, e) => groupOf[i] === NONE || isShared[pathLink[e]!] === 0)
    const cursor = start.slice(0, this.count)
    for (let i = 0; i < flows; i++) if (groupOf[i] !== NONE) flow[cursor[groupOf[i]!]!++] = i
    this.place(entries)
  }

  private place(entries: Entry[]): void {
    const { linkStart, group, fraction } = this
    entries.sort((a, b) => a.link - b.link || a.group - b.group)
    linkStart.fill(0)
    for (const [n, entry] of entries.entries()) {
      linkStart[entry.link + 1]!++
      group[n] = entry.group
      fraction[n] = entry.fraction
    }
    for (let l = 0; l + 1 < linkStart.length; l++) linkStart[l + 1]! += linkStart[l]!
  }
}

interface Entry {
  readonly link: number
  readonly group: number
  readonly fraction: number
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
