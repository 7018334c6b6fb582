// The hops of a plan as its edges put load on them. What an edge serves goes a few ways: each flow has an access
// line of its own, and from there on the gateway, uplinks and core of hundreds of others. What goes one way is added up
// once, and links add up ways. Rows stand in the order in which edges and their flows are weighed: a large plane has a
// quarter of a million hops, and looked up in another order each of them is waited for.

import type { PlanEdge } from '../model/plan.js'
import type { Paths } from './edge-load.js'

/** A link that more flows of an edge take is shared; access lines are not. */
const FEW = 4
/** An edge whose flows have more ways than these gains nothing by them. */
const WAYS_MOST = 64

export class EdgeWays {
  /** What a flow has for itself or nearly; row `firstFlow[e] + k` is the flow at position k of edge e. */
  readonly own: Paths
  /** What flows share, by way; those of edge e are firstWay[e] to firstWay[e + 1]. */
  readonly ways: Paths
  /** By row of `own`. */
  readonly wayOf: Uint32Array
  readonly firstFlow: Uint32Array
  readonly firstWay: Uint32Array

  constructor(edges: readonly Pick<PlanEdge, 'flows'>[], paths: Paths, links: number) {
    const { pathStart, pathLink, pathFraction } = paths
    const [own, ways] = [new Rows(paths), new Rows(paths)]
    this.wayOf = new Uint32Array(pathStart.length - 1)
    this.firstFlow = new Uint32Array(edges.length + 1)
    this.firstWay = new Uint32Array(edges.length + 1)
    const crowd = new Uint32Array(links)
    edges.forEach(({ flows }, e) => {
      for (const f of flows) for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) crowd[pathLink[q]!]!++
      const first = ways.count
      for (const f of flows) {
        for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) {
          const link = pathLink[q]!
          const rows = crowd[link]! > FEW ? ways : own
          rows.add(link, pathFraction[q]!)
        }
        this.wayOf[own.end()] = ways.endAlike(first, WAYS_MOST)
      }
      for (const f of flows) for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) crowd[pathLink[q]!] = 0
      this.firstFlow[e + 1] = own.count
      this.firstWay[e + 1] = ways.count
    })
    this.own = own.paths()
    this.ways = ways.paths()
  }
}

/** Rows made one after the other, of no more hops than these paths have. A plan is made at once: loops are plain. */
class Rows {
  readonly #start: Uint32Array
  readonly #link: Uint32Array
  readonly #fraction: Float64Array
  #size = 0
  count = 0

  constructor({ pathStart, pathLink }: Paths) {
    this.#start = new Uint32Array(pathStart.length)
    this.#link = new Uint32Array(pathLink.length)
    this.#fraction = new Float64Array(pathLink.length)
  }

  add(link: number, fraction: number): void {
    this.#link[this.#size] = link
    this.#fraction[this.#size++] = fraction
  }

  /** The row is whole; returns its number. */
  end(): number {
    this.#start[++this.count] = this.#size
    return this.count - 1
  }

  /** The same, unless one of the `most` rows from `first` on is alike: that takes its place. */
  endAlike(first: number, most: number): number {
    for (let row = first; row < Math.min(this.count, first + most); row++) {
      if (!this.#isAlike(row)) continue
      this.#size = this.#start[this.count]!
      return row
    }
    return this.end()
  }

  #isAlike(row: number): boolean {
    const [from, to] = [this.#start[row]!, this.#start[this.count]!]
    const length = this.#start[row + 1]! - from
    if (length !== this.#size - to) return false
    for (let n = 0; n < length; n++) {
      if (this.#link[from + n] !== this.#link[to + n] || this.#fraction[from + n] !== this.#fraction[to + n])
        return false
    }
    return true
  }

  paths(): Paths {
    return {
      pathStart: this.#start.slice(0, this.count + 1),
      pathLink: this.#link.slice(0, this.#size),
      pathFraction: this.#fraction.slice(0, this.#size),
    }
  }
}
