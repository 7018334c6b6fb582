// The index by link of entries of paths: link by link instead of flow by flow.
//
// Almost everything the solver asks of a network is a sum: what do the flows on this link hold, ask for, gain per
// level? Flow by flow such a sum scatters into memory, and each addition waits for the one before it; link by link it
// gathers, and four additions are under way at once, which is twice as fast. Three things keep it so:
//
//   whole first   most flows cross a link undivided; those entries come first in a column and need no fraction
//   equal lengths links are summed in the order of how many flows cross them: most are access lines with two or four,
//                 and a loop that always ends at the same turn is foreseen
//   tiles         a column is cut where flows pass a multiple of 65,536, and all first pieces are summed before any
//                 second one, so that the numbers gathered from lie in the nearer caches, and an entry is two bytes
//
// Entries that carry nothing are left out: a path that carries nothing is no path.

import { TILE, tilesOf } from './kernel/columns.js'
import type { LinearMemory } from './kernel/linear-memory.js'
import type { Problem } from './problem.js'

type IsKept = (i: number, e: number) => boolean

export class LinkIndex {
  readonly links: number
  readonly tiles: number
  /** Piece `tile * links + link` is entries start[piece] .. start[piece + 1] - 1, from parts[piece] on in parts. */
  readonly start: Uint32Array
  readonly parts: Uint32Array
  /** By entry: the flow, less the first of its tile. */
  readonly flow: Uint16Array
  readonly fraction: Float64Array
  /** All links, those with few entries first, then by number. */
  readonly all: Uint32Array

  /** Of all crossings, or only of those of flows in no path group. */
  constructor(memory: LinearMemory, of: 'crossing' | 'other') {
    this.links = memory.shape.links
    this.tiles = tilesOf(memory.shape)
    this.start = memory.column(`${of}Start`)
    this.parts = memory.column(`${of}Parts`)
    this.flow = memory.column(`${of}Flow`)
    this.fraction = memory.column(`${of}Fraction`)
    this.all = memory.column(`${of}Links`)
  }

  /** Takes the entries e of the paths of flows i that are kept. */
  build(p: Problem, isKept: IsKept): void {
    this.count(p, isKept)
    this.place(p, isKept)
    this.order()
  }

  private count({ shape: { flows }, pathStart, pathLink, pathFraction }: Problem, isKept: IsKept): void {
    const { links, start, parts } = this
    start.fill(0)
    parts.fill(0)
    for (let i = 0; i < flows; i++) {
      const tile = Math.floor(i / TILE) * links
      for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
        if (!(pathFraction[e]! > 0 && isKept(i, e))) continue
        start[tile + pathLink[e]! + 1]!++
        if (pathFraction[e] === 1) parts[tile + pathLink[e]!]!++
      }
    }
    for (let piece = 0; piece < parts.length; piece++) {
      start[piece + 1]! += start[piece]!
      parts[piece]! += start[piece]!
    }
  }

  private place({ shape: { flows }, pathStart, pathLink, pathFraction }: Problem, isKept: IsKept): void {
    const { links, start, parts, flow, fraction } = this
    const whole = start.slice(0, parts.length)
    const parted = parts.slice()
    for (let i = 0; i < flows; i++) {
      const tile = Math.floor(i / TILE) * links
      for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
        const a = pathFraction[e]!
        if (!(a > 0 && isKept(i, e))) continue
        const at = (a === 1 ? whole : parted)[tile + pathLink[e]!]!++
        flow[at] = i % TILE
        fraction[at] = a
      }
    }
  }

  private order(): void {
    const { links, tiles, start, all } = this
    const keys = Float64Array.from({ length: links }, (_, l) => l)
    for (let piece = 0; piece < tiles * links; piece++) {
      keys[piece % links]! += (start[piece + 1]! - start[piece]!) * links
    }
    all.set(Uint32Array.from(keys.sort(), (key) => key % links))
  }

  /** Whether link l carries parts of flows. */
  isParted(l: number): boolean {
    const { links, tiles, start, parts } = this
    for (let piece = l; piece < tiles * links; piece += links) if (parts[piece]! < start[piece + 1]!) return true
    return false
  }

  /** Lists the flows on link l; returns how many there are. */
  list(l: number, onLink: Uint32Array): number {
    const { links, tiles, start, flow } = this
    let count = 0
    for (let tile = 0; tile < tiles; tile++) {
      const first = tile * TILE
      const piece = tile * links + l
      for (let e = start[piece]!, end = start[piece + 1]!; e < end; e++) onLink[count++] = first + flow[e]!
    }
    return count
  }

  /** What part of each flow on link l it carries, in the order of `list`. */
  listParts(l: number, part: Float64Array): void {
    const { links, tiles, start, fraction } = this
    let count = 0
    for (let piece = l; piece < tiles * links; piece += links) {
      for (let e = start[piece]!, end = start[piece + 1]!; e < end; e++) part[count++] = fraction[e]!
    }
  }
}
