// What edges say now. A measurement holds as long as the edge that made it speaks: of one that has fallen silent, or
// whose counters cannot be read any more, nobody knows what it carries, and the last figure is no "now".
// An edge counts at its shaper what arrives there and what gets through; a link carries one or the other, by the side
// on which it lies (demand/lines.ts).

import { isBeforeShaper } from '../demand/lines.js'
import type { DemandTable } from '../demand/table.js'
import type { LinkColumns } from '../model/board.js'
import { staleAfter } from '../model/line.js'
import type { Direction } from '../model/network.js'
import type { Plan, PlanLink } from '../model/plan.js'
import type { BitsPerSecond, Milliseconds } from '../model/units.js'
import type { EdgeLease } from '../publish/edge-lease.js'
import type { Solved } from '../solve/problem.js'

export interface Heard {
  /** bit/s by flow before the shaper, and what it let through; NaN: its edge says nothing now. */
  readonly arrived: Float64Array
  readonly carried: Float64Array
  /** What arrived when the edge spoke last; NaN: it never said. */
  readonly last: Float64Array
  /** Links that carry less than a moment ago, or other traffic: what was counted before says nothing of them now. */
  readonly settling: ReadonlySet<number>
}

/**
 * Which links have come to carry less, and when: every counter may be as old as an edge may be silent, and a tick. When
 * one link does, traffic takes other routes, and what was counted before says nothing of those either.
 */
export class LoweredLinks {
  #plan: Plan | null = null
  readonly #at = new Map<string, Milliseconds>()

  /** Links of the plan of which edges may still tell what they, or others, carried before. */
  settling(plan: Plan, now: Milliseconds): Set<number> {
    const before = this.#plan
    this.#plan = plan
    if (before !== null && before !== plan) {
      const rooms = new Map(before.links.map(({ id, room }) => [id, room]))
      for (const { id, room, virtual } of plan.links) {
        if (!virtual && room < (rooms.get(id) ?? 0)) this.#at.set(id, now)
      }
    }
    const { tick, staleAfterTicks } = plan.timing
    for (const [id, at] of this.#at) if (now - at > (staleAfterTicks + 1) * tick) this.#at.delete(id)
    if (this.#at.size === 0) return new Set()
    const isReached = ({ id, kind, virtual }: PlanLink): boolean => this.#at.has(id) || (!virtual && isOnRoutes(kind))
    return new Set(plan.links.flatMap((link, l) => (isReached(link) ? [l] : [])))
  }
}

/** Access lines and ports have one way; what goes over the others may go elsewhere. */
const isOnRoutes = (kind: PlanLink['kind']): boolean => kind !== 'access' && kind !== 'port'

export function heardNow(
  plan: Plan,
  leases: ReadonlyMap<string, Pick<EdgeLease, 'report' | 'readAt'>>,
  demand: DemandTable,
  now: Milliseconds,
  settling: ReadonlySet<number>,
): Heard {
  const { arrival, carried } = demand
  const heard = { arrived: arrival.slice(), carried: carried.slice(), last: arrival.slice(), settling }
  for (const edge of plan.edges) {
    if (ageOf(edge.id, leases.get(edge.id), demand, now) <= staleAfter(plan.timing, edge.line)) continue
    for (const f of edge.flows) heard.arrived[f] = heard.carried[f] = Number.NaN
  }
  return heard
}

/** How old the last measurement is: the silence since the last report, and what lay before it on the edge's clock. */
function ageOf(
  edge: string,
  lease: Pick<EdgeLease, 'report' | 'readAt'> | undefined,
  demand: DemandTable,
  now: Milliseconds,
): Milliseconds {
  const measured = demand.measuredAt(edge)
  if (!lease?.report || measured?.boot !== lease.report.stamp.boot) return Number.POSITIVE_INFINITY
  return now - lease.readAt + lease.report.stamp.at - measured.at
}

/** What counters of whole packets, read once a second, leave open: a part of what a link carries. */
const COUNTING = 1e-3

type Sides = Readonly<Record<Direction, Uint8Array>>

/** By the list: most plans have the very one of the plan before. */
const known = new WeakMap<Plan['links'], Sides>()

/** 1: what goes this way over the link has the shaper before it. */
function sidesOf(links: Plan['links']): Sides {
  const side = (way: Direction): Uint8Array =>
    Uint8Array.from(links, ({ kind, virtual }) => (!virtual && isBeforeShaper(way, kind) ? 1 : 0))
  const sides = known.get(links) ?? { down: side('down'), up: side('up') }
  known.set(links, sides)
  return sides
}

/**
 * Sums over links; NaN where there are flows and none of them is heard, or what they say is from before a cut. What is
 * not heard passes its shaper at most as it was granted, and comes to it as it did before. A link that would carry more
 * than it can, by no more than counters leave open, carries what it can; by more, the plane is wrong, and it is shown.
 */
export function overLinks(
  { flows, links }: Plan,
  { pathStart, pathLink, pathFraction }: Solved,
  { arrived, carried, last, settling }: Heard,
  granted: (flow: number) => BitsPerSecond,
): Pick<LinkColumns, 'arrived' | 'carried' | 'unheard'> {
  const column = (): Float64Array => new Float64Array(links.length)
  const sums = { arrived: column(), carried: column(), unheard: column() }
  const heard = new Uint8Array(links.length)
  const crossed = new Uint8Array(links.length)
  const sides = sidesOf(links)
  for (let f = 0; f < flows.length; f++) {
    const isHeard = !Number.isNaN(arrived[f]!)
    const before = sides[flows[f]!.direction]
    for (let q = pathStart[f]!; q < pathStart[f + 1]!; q++) {
      const l = pathLink[q]!
      const a = pathFraction[q]!
      const isBefore = before[l] === 1
      crossed[l] = 1
      if (!isHeard) {
        sums.unheard[l]! += a * Math.max(granted(f), (isBefore && last[f]!) || 0)
        continue
      }
      heard[l] = 1
      sums.arrived[l]! += a * arrived[f]!
      sums.carried[l]! += a * (isBefore ? arrived[f]! : carried[f]!)
    }
  }
  for (let l = 0; l < links.length; l++) {
    const { capacity, virtual } = links[l]!
    if (!virtual && sums.carried[l]! <= capacity * (1 + COUNTING))
      sums.carried[l] = Math.min(sums.carried[l]!, capacity)
    if ((crossed[l] && !heard[l]) || settling.has(l)) sums.arrived[l] = sums.carried[l] = Number.NaN
  }
  return sums
}
