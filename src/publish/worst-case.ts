// What links carry at worst: over all edges, also those that have left the plan, the sum of what each may be enforcing,
// nowhere more than its port can carry. A large plane has a quarter of a million hops, and all of them are walked each
// tick: loops are plain here.

import type { Plan } from '../model/plan.js'
import { type BitsPerSecond, fromKbps, type KilobitsPerSecond } from '../model/units.js'
import type { Problem } from '../solve/problem.js'
import { type EdgeLease, isKnown, mayRise } from './edge-lease.js'
import { EdgeLoad } from './edge-load.js'
import { EdgeWays } from './edge-ways.js'
import type { OrphanHop } from './orphans.js'

/** Float sums of whole kbit/s times fractions may be off by this part. */
const SLACK = 1e-9

type Gone = ReadonlyMap<string, readonly OrphanHop[]>

export class WorstCase {
  /** The most that a flow may have now, kbit/s; of a pinned one what it is charged at. */
  readonly bound: Float64Array
  readonly #plan: Plan
  readonly #problem: Problem
  /** bit/s that a link has for everybody, and what rates and safe rates may put on it. */
  readonly #most: Float64Array
  /** The same of real links; Infinity: it is virtual. */
  readonly #mostReal: Float64Array
  readonly #worst: Float64Array
  readonly #worstSafe: Float64Array
  readonly #sums: Float64Array
  /** Nobody grows here: an edge of which nothing is known may be filling it. */
  readonly #blocked: Uint8Array
  readonly #load: EdgeLoad
  readonly #ways: EdgeWays
  /** kbit/s by way, of the edge that is weighed: rates, and safe rates. */
  readonly #onWay: Float64Array
  readonly #safeOnWay: Float64Array
  /** Of an edge in the plan. */
  readonly #placeOf: ReadonlyMap<string, number>
  /** Some real link may carry more than it has. */
  #isAbove = false

  constructor(plan: Plan, problem: Problem) {
    this.bound = new Float64Array(plan.flows.length)
    this.#plan = plan
    this.#problem = problem
    this.#most = Float64Array.from(plan.links, ({ room }) => room * (1 + SLACK))
    this.#mostReal = this.#most.map((most, l) => (plan.links[l]!.virtual ? Number.POSITIVE_INFINITY : most))
    this.#worst = new Float64Array(plan.links.length)
    this.#worstSafe = new Float64Array(plan.links.length)
    this.#sums = new Float64Array(plan.links.length)
    this.#blocked = new Uint8Array(plan.links.length)
    this.#load = new EdgeLoad(plan.links)
    this.#ways = new EdgeWays(plan.edges, problem, plan.links.length)
    this.#onWay = new Float64Array(this.#ways.ways.pathStart.length)
    this.#safeOnWay = this.#onWay.slice()
    this.#placeOf = new Map(plan.edges.map(({ id }, e) => [id, e]))
  }

  /**
   * Per link sum of max(O, target); links that an unknown edge may be filling are blocked for growth. `charged` is
   * kbit/s, and NaN for flows that are ours to steer.
   */
  weigh(edges: ReadonlyMap<string, EdgeLease>, gone: Gone, target: Uint32Array, charged: Float64Array): void {
    this.#worstSafe.fill(0)
    this.#blocked.fill(0)
    this.#sumByEdge(this.#worst, edges, gone, (id, lease, hops) => {
      const known = lease !== undefined && isKnown(lease)
      if (lease !== undefined) this.#weighEdge(this.#placeOf.get(id)!, lease, known, target, charged)
      for (const { link, fraction, most, orphan } of hops) {
        this.#load.add(link, fraction, most)
        this.#worstSafe[link]! += fraction * fromKbps(orphan.safe)
        // Where it is known by now, it is so because a lease went by in silence, or the edge began anew.
        if (orphan.isUnknown && !known) this.#blocked[link] = 1
      }
    })
    this.#isAbove = isAbove(this.#worst, this.#mostReal)
  }

  #weighEdge(place: number, lease: EdgeLease, known: boolean, target: Uint32Array, charged: Float64Array): void {
    const { flows, most } = lease
    const { rates, safe: safes } = most
    const { safe } = this.#plan
    const rises = mayRise(lease)
    const { own, ways, wayOf, firstFlow, firstWay } = this.#ways
    const first = firstFlow[place]!
    for (let k = 0; k < flows.length; k++) {
      const f = flows[k]!
      const pinned = charged[f]!
      const steered = Number.isNaN(pinned)
      const bound = steered ? Math.max(rates[k]!, rises ? safes[k]! : 0) : pinned
      this.bound[f] = bound
      const rate = steered ? Math.max(bound, target[f]!) : pinned
      const other = Math.max(safes[k]!, safe[f]!)
      this.#load.addFlowAnd(own, first + k, rate, other, this.#worstSafe)
      const way = wayOf[first + k]!
      this.#onWay[way]! += rate
      this.#safeOnWay[way]! += other
      if (!known) this.#block(f)
    }
    for (let way = firstWay[place]!; way < firstWay[place + 1]!; way++) {
      this.#load.addFlowAnd(ways, way, this.#onWay[way]!, this.#safeOnWay[way]!, this.#worstSafe)
      this.#onWay[way] = this.#safeOnWay[way] = 0
    }
  }

  #block(flow: number): void {
    const { pathStart, pathLink } = this.#problem
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) this.#blocked[pathLink[q]!] = 1
  }

  /** Sums by link over all edges, also those that have left the plan, of what `add` adds to the load of one. */
  #sumByEdge(
    into: Float64Array,
    edges: ReadonlyMap<string, EdgeLease>,
    gone: Gone,
    add: (edge: string, lease: EdgeLease | undefined, gone: readonly OrphanHop[]) => void,
  ): void {
    into.fill(0)
    for (const { id, port } of this.#plan.edges) {
      add(id, edges.get(id), gone.get(id) ?? [])
      this.#load.drainInto(port, into)
    }
    for (const [id, hops] of gone) {
      if (this.#placeOf.has(id)) continue
      add(id, edges.get(id), hops)
      this.#load.drainInto(null, into)
    }
  }

  /** Whether no link of this flow carries more than it has room for. */
  fits(flow: number): boolean {
    return this.#fits(flow, this.#worst)
  }

  /** The same of safe rates. */
  fitsSafe(flow: number): boolean {
    return this.#fits(flow, this.#worstSafe)
  }

  #fits(flow: number, load: Float64Array, more: BitsPerSecond = 0): boolean {
    const { pathStart, pathLink, pathFraction } = this.#problem
    for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) {
      const l = pathLink[q]!
      if (this.#blocked[l] === 1 || load[l]! + pathFraction[q]! * more > this.#most[l]!) return false
    }
    return true
  }

  /** Adds so much to the worst that this flow's links may carry, where all of them have room for it. */
  takes(flow: number, kbps: KilobitsPerSecond): boolean {
    if (!this.#fits(flow, this.#worst, fromKbps(kbps))) return false
    addTo(this.#worst, this.#problem, flow, kbps)
    return true
  }

  /** bit/s above capacity that edges may be enforcing, summed over real links, by what was weighed last. */
  excess(edges: ReadonlyMap<string, EdgeLease>, gone: Gone): BitsPerSecond {
    // Where not even what is meant as well is too much, nothing is, as nearly always: a quarter of a million hops less.
    if (!this.#isAbove) return 0
    const sums = this.#sums
    this.#sumByEdge(sums, edges, gone, (_edge, lease, hops) => {
      if (lease !== undefined) for (const f of lease.flows) this.#load.addFlow(this.#problem, f, this.bound[f]!)
      for (const { link, fraction, orphan } of hops) this.#load.add(link, fraction, orphan.rate)
    })
    let excess = 0
    for (let l = 0; l < sums.length; l++) excess += Math.max(0, sums[l]! - this.#mostReal[l]!)
    return excess
  }
}

function isAbove(sums: Float64Array, most: Float64Array): boolean {
  for (let l = 0; l < sums.length; l++) if (sums[l]! > most[l]!) return true
  return false
}

/** Adds so much of a flow to each link on its way. */
function addTo(
  load: Float64Array,
  { pathStart, pathLink, pathFraction }: Problem,
  flow: number,
  kbps: KilobitsPerSecond,
): void {
  const bps = fromKbps(kbps)
  for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) load[pathLink[q]!]! += pathFraction[q]! * bps
}
