// The hops of a plan as its edges put load on them. What an edge serves goes a few ways: each flow has an access
// line of its own, and from there on the gateway, uplinks and core of hundreds of others. What goes one way is added up
// once, and links add up ways. Rows stand in the order in which edges and their flows are weighed: a large plane has a
// quarter of a million hops, and looked up in another order each of them is waited for.

import type { PlanEdge } from '../model/plan.js'
import type { Problem } from '../solve/problem.js'

/** Hops by row: pathLink[q] and pathFraction[q] for q from pathStart[row] to pathStart[row + 1]. */
export type Hops = Pick<Problem, 'pathStart' | 'pathLink' | 'pathFraction'>

/** A link that more flows of an edge take is shared; access lines are not. */
const FEW = 4
/** An edge whose flows have more ways than these gains nothing by them. */
const WAYS_MOST = 64

export class EdgeWays {
  /** What a flow has for itself or nearly; row `firstFlow[e] + k` is the flow at position k of edge e. */
  readonly own: Hops
  /** What flows share, by way; those of edge e are firstWay[e] to firstWay[e + 1]. */
  readonly ways: Hops
  /** By row of `own`. */
  readonly wayOf: Uint32Array
  readonly firstFlow: Uint32Array
  readonly firstWay: Uint32Array

  constructor(edges: readonly Pick<PlanEdge, 'flows'>[], paths: Hops, links: number) {
    const [own, ways] = [new HopRows(), new HopRows()]
    const wayOf: number[] = []
    this.firstFlow = new Uint32Array(edges.length + 1)
    this.firstWay = new Uint32Array(edges.length + 1)
    const crowd = new Uint32Array(links)
    edges.forEach(({ flows }, e) => {
      eachHop(paths, flows, (link) => crowd[link]!++)
      const first = ways.count
      for (const f of flows) {
        const [from, to] = [paths.pathStart[f]!, paths.pathStart[f + 1]!]
        const isShared = (q: number): boolean => crowd[paths.pathLink[q]!]! > FEW
        own.add(paths, from, to, (q) => !isShared(q))
        ways.add(paths, from, to, isShared)
        wayOf.push(ways.settle(first, WAYS_MOST))
      }
      eachHop(paths, flows, (link) => {
        crowd[link] = 0
      })
      this.firstFlow[e + 1] = wayOf.length
      this.firstWay[e + 1] = ways.count
    })
    this.own = own.hops()
    this.ways = ways.hops()
    this.wayOf = Uint32Array.from(wayOf)
  }
}

function eachHop({ pathStart, pathLink }: Hops, flows: readonly number[], visit: (link: number) => void): void {
  for (const f of flows) for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) visit(pathLink[q]!)
}

/** Rows that are added one after the other. */
class HopRows {
  readonly #start = [0]
  readonly #link: number[] = []
  readonly #fraction: number[] = []

  get count(): number {
    return this.#start.length - 1
  }

  /** A row of the hops from `from` to `to` of a path that are kept. */
  add({ pathLink, pathFraction }: Hops, from: number, to: number, keeps: (q: number) => boolean): void {
    for (let q = from; q < to; q++) {
      if (!keeps(q)) continue
      this.#link.push(pathLink[q]!)
      this.#fraction.push(pathFraction[q]!)
    }
    this.#start.push(this.#link.length)
  }

  /** The number of the row that was added last; one of the `most` from `first` on that is the same takes its place. */
  settle(first: number, most: number): number {
    const last = this.count - 1
    for (let row = first; row < Math.min(last, first + most); row++) {
      if (!this.#isSame(row, last)) continue
      this.#start.pop()
      this.#link.length = this.#fraction.length = this.#start.at(-1)!
      return row
    }
    return last
  }

  #isSame(a: number, b: number): boolean {
    const [from, to] = [this.#start[a]!, this.#start[b]!]
    const length = this.#start[a + 1]! - from
    if (length !== this.#start[b + 1]! - to) return false
    for (let n = 0; n < length; n++) {
      if (this.#link[from + n] !== this.#link[to + n] || this.#fraction[from + n] !== this.#fraction[to + n])
        return false
    }
    return true
  }

  hops(): Hops {
    return {
      pathStart: Uint32Array.from(this.#start),
      pathLink: Uint32Array.from(this.#link),
      pathFraction: Float64Array.from(this.#fraction),
    }
  }
}
