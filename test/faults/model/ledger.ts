// What is really in force on every link, at every change of any kernel, against what design allows. The controller is
// not asked: the sum is made from what kernels enforce and where packets go.
//
// Excused, and only for the time that is promised: a link after it lost capacity or its routes changed, and after an
// edge came back from observe or bypass. Five seconds where everyone can be reached, one lease and its grace (and what
// it takes to hear of it) where somebody on the link cannot.

import { recordKey } from '../../../src/model/lease.js'
import { GRACE } from '../../../src/publish/edge-lease.js'
import type { Gateway } from './gateway.js'
import { type Geography, LEASE } from './plane.js'

const REACHABLE = 5_000
const UNREACHABLE = LEASE + GRACE + 4_000
/** An edge is told the least of a flow that it never had, before there is room for it. */
const LEAST = 64_000

export interface Breach {
  readonly at: number
  readonly what: string
}

export class Ledger {
  readonly breaches: Breach[] = []
  readonly #charges = new Map<string, ReadonlyMap<string, number>>()
  readonly #intact = new Map<string, ReadonlyMap<string, number>>()
  #room: ReadonlyMap<string, number> = new Map()
  #intactRoom: ReadonlyMap<string, number> = new Map()
  #changedAt = Number.NEGATIVE_INFINITY
  #added = { flows: 0, at: Number.NEGATIVE_INFINITY }
  readonly #troubledAt = new Map<string, number>()
  readonly #loosedAt = new Map<string, number>()
  /** Sums that were made. */
  checked = 0

  /** The network or the policy is another now. */
  redraw(now: Geography, intact: Geography, at: number, { lossy }: { readonly lossy: boolean }): void {
    const drawn = drawInto(this.#charges, now)
    const added = this.#drawn ? drawn.filter((name) => !this.#drawn!.has(name)).length : 0
    this.#drawn = new Set(drawn)
    const recent = at - this.#added.at < UNREACHABLE ? this.#added.flows : 0
    if (added > 0) this.#added = { flows: recent + added, at }
    drawInto(this.#intact, intact)
    this.#room = now.room
    this.#intactRoom = intact.room
    if (lossy) this.#changedAt = at
  }
  #drawn: ReadonlySet<string> | null = null

  /** This edge, or what leads to it, cannot be relied on at this moment. */
  troubled(edge: string, at: number): void {
    this.#troubledAt.set(edge, at)
  }

  check(gateways: Iterable<Gateway>, at: number): void {
    this.checked++
    const load = new Map<string, number>()
    const safe = new Map<string, number>()
    const on = new Map<string, Set<string>>()
    for (const gateway of gateways) {
      if (!gateway.limits) this.#loosedAt.set(gateway.id, at)
      for (const [key, { rate }] of gateway.standing.rates) {
        const name = `${gateway.id} ${key}`
        for (const [link, fraction] of this.#charges.get(name) ?? []) {
          on.set(link, (on.get(link) ?? new Set()).add(gateway.id))
          if (gateway.limits) load.set(link, (load.get(link) ?? 0) + fraction * rate * 1_000)
        }
      }
      for (const [key, kbps] of gateway.safe) {
        for (const [link, fraction] of this.#intact.get(`${gateway.id} ${key}`) ?? [])
          safe.set(link, (safe.get(link) ?? 0) + fraction * kbps * 1_000)
      }
    }
    const spare = at - this.#added.at < UNREACHABLE ? this.#added.flows * LEAST : 0
    for (const [link, sum] of load) {
      const room = this.#room.get(link)! * (1 + 1e-9) + spare
      if (sum > room && !this.#isExcused(on.get(link)!, at))
        this.breaches.push({ at, what: `${link} carries ${Math.round(sum)} of ${Math.round(room)} bit/s` })
    }
    for (const [link, sum] of safe) {
      const room = this.#intactRoom.get(link)! * (1 + 1e-9) + spare
      if (sum > room)
        this.breaches.push({ at, what: `safe rates on ${link} are ${Math.round(sum)} of ${Math.round(room)}` })
    }
  }

  #isExcused(edges: ReadonlySet<string>, at: number): boolean {
    const loosed = Math.max(...[...edges].map((edge) => this.#loosedAt.get(edge) ?? Number.NEGATIVE_INFINITY))
    const since = Math.max(this.#changedAt, loosed)
    if (at - since < REACHABLE) return true
    return (
      at - since < UNREACHABLE && [...edges].some((edge) => (this.#troubledAt.get(edge) ?? -1e9) > since - REACHABLE)
    )
  }
}

function drawInto(charges: Map<string, ReadonlyMap<string, number>>, { plan, problem }: Geography): string[] {
  const names: string[] = []
  for (const edge of plan.edges) {
    for (const f of edge.flows) {
      const links = new Map<string, number>()
      for (let q = problem.pathStart[f]!; q < problem.pathStart[f + 1]!; q++) {
        const link = plan.links[problem.pathLink[q]!]!
        if (!link.virtual) links.set(link.id, problem.pathFraction[q]!)
      }
      const name = `${edge.id} ${recordKey(plan.flows[f]!.record)}`
      charges.set(name, links)
      names.push(name)
    }
  }
  return names
}
