// Who crosses which link, turned round so that sums over links are quick.
//
// Almost everything the solver asks of a network is a sum: what do the flows on this link hold, ask for, gain per
// level? Flow by flow such a sum scatters into memory, and each addition waits for the one before it; link by link it
// gathers, and four additions are under way at once, which is twice as fast. Two things keep it so:
//
//   whole first   most flows cross a link undivided; those entries come first in a column and need no fraction
//   equal lengths links are summed in the order of how many flows cross them: most are access lines with two or four,
//                 and a loop that always ends at the same turn is foreseen
//   tiles         a column is cut where flows pass a multiple of 65,536, and all first pieces are summed before any
//                 second one, so that the numbers gathered from lie in the nearer caches, and an entry is two bytes
//
// Paths are static columns: they are written once, before the first solve of a buffer, so the turned form is made once
// per buffer and kept. Entries that carry nothing are left out: a path that carries nothing is no path.

import type { Problem, Shape } from './problem.js'

/** Flows in a tile. */
export const TILE = 1 << 16

export class Paths {
  /** Grows whenever other paths are followed. */
  version = 0
  readonly links: number
  /** All links, those with few flows first. */
  readonly all: Uint32Array
  /** By link: 1 when it carries parts of flows. */
  readonly isParted: Uint8Array
  readonly tiles: number
  /** Piece `tile * links + link` is entries start[piece] .. start[piece + 1] - 1, from parts[piece] on in parts. */
  readonly start: Uint32Array
  readonly parts: Uint32Array
  /** By entry: the flow, less the first of its tile. */
  readonly flow: Uint16Array
  readonly fraction: Float64Array
  private known: SharedArrayBuffer | undefined

  constructor({ flows, links, nonZeros }: Shape) {
    this.links = links
    this.all = new Uint32Array(links)
    this.isParted = new Uint8Array(links)
    this.tiles = Math.max(1, Math.ceil(flows / TILE))
    this.start = new Uint32Array(this.tiles * links + 1)
    this.parts = new Uint32Array(this.tiles * links)
    this.flow = new Uint16Array(nonZeros)
    this.fraction = new Float64Array(nonZeros)
  }

  /** Makes sure that these are the paths of p. */
  follow(p: Problem): void {
    if (this.known === p.buffer) return
    this.turn(p)
    this.known = p.buffer
    this.version++
  }

  private turn({ shape: { flows }, pathStart, pathLink, pathFraction }: Problem): void {
    const { links, start, parts, flow, fraction } = this
    const cursor = new Uint32Array(parts.length)
    start.fill(0)
    parts.fill(0)
    this.isParted.fill(0)
    for (let i = 0; i < flows; i++) {
      const tile = Math.floor(i / TILE) * links
      for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
        if (!(pathFraction[e]! > 0)) continue
        start[tile + pathLink[e]! + 1]!++
        if (pathFraction[e] === 1) parts[tile + pathLink[e]!]!++
        else this.isParted[pathLink[e]!] = 1
      }
    }
    const crowd = (l: number): number => {
      let sum = 0
      for (let piece = l; piece < parts.length; piece += links) sum += start[piece + 1]!
      return sum
    }
    this.all.set(Uint32Array.from(this.all.keys()).sort((a, b) => crowd(a) - crowd(b) || a - b))
    for (let piece = 0; piece < parts.length; piece++) {
      start[piece + 1]! += start[piece]!
      parts[piece]! += start[piece]!
    }
    for (const whole of [true, false]) {
      cursor.set(whole ? start.subarray(0, parts.length) : parts)
      for (let i = 0; i < flows; i++) {
        const tile = Math.floor(i / TILE) * links
        for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) {
          const a = pathFraction[e]!
          if (!(a > 0) || (a === 1) !== whole) continue
          const at = cursor[tile + pathLink[e]!]!++
          flow[at] = i % TILE
          fraction[at] = a
        }
      }
    }
  }

  /** sum[l] = sum over all flows of a_li x_i, for `count` links; x by flow, sum by link. */
  sum(x: Float64Array, link: Uint32Array, count: number, sum: Float64Array): void {
    const { links, tiles, start, parts, flow, fraction } = this
    for (let k = 0; k < count; k++) sum[link[k]!] = 0
    for (let tile = 0; tile < tiles; tile++) {
      const first = tile * TILE
      for (let k = 0; k < count; k++) {
        const l = link[k]!
        const piece = tile * links + l
        const whole = parts[piece]!
        const end = start[piece + 1]!
        let e = start[piece]!
        let a = 0
        let b = 0
        let c = 0
        let d = 0
        for (; e + 3 < whole; e += 4) {
          a += x[first + flow[e]!]!
          b += x[first + flow[e + 1]!]!
          c += x[first + flow[e + 2]!]!
          d += x[first + flow[e + 3]!]!
        }
        for (; e < whole; e++) a += x[first + flow[e]!]!
        for (; e + 1 < end; e += 2) {
          b += fraction[e]! * x[first + flow[e]!]!
          c += fraction[e + 1]! * x[first + flow[e + 1]!]!
        }
        if (e < end) d += fraction[e]! * x[first + flow[e]!]!
        sum[l]! += a + b + (c + d)
      }
    }
  }

  /** isOn[i] = 1 for the flows on `count` links. */
  mark(link: Uint32Array, count: number, isOn: Uint8Array): void {
    const { links, tiles, start, flow } = this
    for (let tile = 0; tile < tiles; tile++) {
      const first = tile * TILE
      for (let k = 0; k < count; k++) {
        const piece = tile * links + link[k]!
        for (let e = start[piece]!, end = start[piece + 1]!; e < end; e++) isOn[first + flow[e]!] = 1
      }
    }
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
