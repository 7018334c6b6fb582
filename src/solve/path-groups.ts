// Flows that share all of their path but the first link.
//
// A network is mostly a tree: the flow of an institution has an access line that few others use, and from there on the
// anchor, gateway and core of hundreds of others. Such flows make a group: what they carry is added up once, and links
// add up groups. In the nation that ships, a sum over all links then takes a third of the additions. Where no two
// paths are alike there are no groups, and the search for them is all they cost.

import { LEAST_FLOWS } from './kernel/columns.js'
import type { LinearMemory } from './kernel/linear-memory.js'
import { LinkIndex } from './paths-by-link.js'
import type { Problem } from './problem.js'

/** A link with more flows than this is shared; access lines are not. */
const FEW = 4
/** One link is not worth a group. */
const LEAST_LINKS = 2
const NONE = 0xffffffff

export class PathGroups {
  private readonly others: LinkIndex
  /** [0]: how many groups there are. */
  private readonly count: Uint32Array
  /** Flows of group g: flow[start[g]] .. flow[start[g + 1] - 1]. */
  private readonly start: Uint32Array
  private readonly flow: Uint32Array
  /** Groups on link l, and what part of each it carries: entries linkStart[l] .. linkStart[l + 1] - 1. */
  private readonly linkStart: Uint32Array
  private readonly group: Uint32Array
  private readonly fraction: Float64Array

  constructor(memory: LinearMemory) {
    this.others = new LinkIndex(memory, 'other')
    this.count = memory.column('pathGroupCount')
    this.start = memory.column('pathGroupStart')
    this.flow = memory.column('pathGroupFlow')
    this.linkStart = memory.column('pathGroupLinkStart')
    this.group = memory.column('pathGroupOnLink')
    this.fraction = memory.column('pathGroupFraction')
  }

  /** Finds the groups of these paths. */
  find(p: Problem): void {
    const { flows } = p.shape
    const { pathStart, pathLink, pathFraction } = p
    const { start, flow } = this
    const isShared = sharedLinks(p)
    const { like, size } = findAlike(p, isShared)
    const groupOf = new Uint32Array(flows).fill(NONE)
    const entries: Entry[] = []
    let count = 0
    for (let i = 0; i < flows; i++) {
      const first = like[i]!
      if (first === NONE || size[first]! < LEAST_FLOWS) continue
      groupOf[i] = first === i ? count : groupOf[first]!
      if (first !== i) continue
      for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
        if (!(pathFraction[e]! > 0) || isShared[pathLink[e]!] === 0) continue
        entries.push({ link: pathLink[e]!, group: count, fraction: pathFraction[e]! })
      }
      start[count + 1] = start[count++]! + size[i]!
    }
    this.count[0] = count
    if (count === 0) return
    this.others.build(p, (i, e) => groupOf[i] === NONE || isShared[pathLink[e]!] === 0)
    const cursor = start.slice(0, count)
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
