// What is really in force on every link, at every change of any kernel, against what design allows. The controller is
// not asked: the sum is made from what kernels enforce and where packets go.
//
// Excused, and only for the time that is promised: a link after it lost capacity or its routes changed, after an edge
// came back from observe or bypass, and after a kernel that took no orders could say so. Five seconds where everyone
// can be reached, one lease and its grace (and what it takes to hear of it) where somebody on the link cannot, and a
// minute more where a device is changed once a minute. Five seconds also after a store that lost everything was found
// by a leader that had not heard all of what the last one told.
//
// A kernel that refuses while its edge cannot be heard is like an agent that is dead and not restarted: it goes on with
// what it has, and nobody can know. Design promises for agents that live; so its links are excused until it is heard.

import { recordKey, SERVICE_NUMBERS } from '../../../src/model/lease.js'
import { PACE } from '../../../src/model/network.js'
import { GRACE } from '../../../src/publish/edge-lease.js'
import type { Gateway } from './gateway.js'
import { type Geography, LEASE } from './plane.js'

const REACHABLE = 5_000
const UNREACHABLE = LEASE + GRACE + 4_000
/** A device that is told new rates once a minute. */
const SLOW = PACE + UNREACHABLE
/** An edge is told the least of a flow that it never had, before there is room for it. */
const LEAST = 64_000
const LIFELINE = 256_000

export interface Breach {
  readonly at: number
  readonly what: string
}

/** Bits that passed above what links carry. */
export interface Excess {
  excused: number
  beyond: number
}

export class Ledger {
  readonly #paced: string | undefined
  readonly #liars: readonly string[]
  readonly breaches: Breach[] = []
  readonly excess: Excess = { excused: 0, beyond: 0 }
  /** bit/s above, since the last check. */
  #above: Excess = { excused: 0, beyond: 0 }
  #checkedAt = Number.NaN
  readonly #charges = new Map<string, ReadonlyMap<string, number>>()
  readonly #intact = new Map<string, ReadonlyMap<string, number>>()
  #room: ReadonlyMap<string, number> = new Map()
  #intactRoom: ReadonlyMap<string, number> = new Map()
  #changedAt = Number.NEGATIVE_INFINITY
  #added = { flows: 0, at: Number.NEGATIVE_INFINITY }
  readonly #troubledAt = new Map<string, number>()
  readonly #loosedAt = new Map<string, number>()
  readonly #hungrySince = new Map<string, number>()
  /** Sums that were made. */
  checked = 0

  /** `paced`: an edge whose device is slow; `liars`: those that lie, and may enforce whatever they like. */
  constructor(paced: string | undefined, liars: readonly string[]) {
    this.#paced = paced
    this.#liars = liars
  }

  /** The network or the policy is another now: the last of `policies`, before which the others were in force. */
  redraw(
    policies: readonly Geography[],
    intact: Geography,
    gateways: Iterable<Gateway>,
    at: number,
    lossy: boolean,
  ): void {
    const before = new Map(this.#charges)
    const now = policies.at(-1)!
    for (const policy of policies) drawInto(this.#charges, policy)
    const drawn = namesOf(now)
    this.#noteRerouted(before, gateways, at)
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

  /** What a kernel lets through goes another way from now on, as when a site moves to an edge that has one there. */
  #noteRerouted(before: ReadonlyMap<string, ReadonlyMap<string, number>>, gateways: Iterable<Gateway>, at: number) {
    for (const gateway of gateways) {
      for (const key of gateway.rates.keys()) {
        const name = `${gateway.id} ${key}`
        const [old, now] = [before.get(name), this.#charges.get(name)]
        if (!old || !now || isEqual(old, now)) continue
        for (const link of now.keys()) if (!old.has(link)) this.#reroutedAt.set(link, at)
      }
    }
  }
  readonly #reroutedAt = new Map<string, number>()

  /** What the leader told last is known to nobody who leads. */
  lost(at: number): void {
    this.#lostAt = at
  }
  #lostAt = Number.NEGATIVE_INFINITY

  /** The store has lost everything, whoever leads. */
  forgotten(at: number): void {
    this.#forgottenAt = at
  }
  #forgottenAt = Number.NEGATIVE_INFINITY

  /** This edge, or what leads to it, cannot be relied on until then. */
  troubled(edge: string, until: number): void {
    this.#troubledAt.set(edge, Math.max(until, this.#troubledAt.get(edge) ?? Number.NEGATIVE_INFINITY))
  }

  /** It can be relied on from now. */
  healed(edge: string, at: number): void {
    this.#troubledAt.set(edge, at)
  }

  check(gateways: Iterable<Gateway>, at: number): void {
    this.checked++
    this.#count(at)
    const load = new Map<string, number>()
    const safe = new Map<string, number>()
    const on = new Map<string, Set<string>>()
    for (const gateway of gateways) {
      if (this.#liars.includes(gateway.id)) continue
      if (!gateway.limits || gateway.isBeyondReach) this.#loosedAt.set(gateway.id, at)
      for (const [key, { rate }] of gateway.rates) {
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
      // Where an institution left, its access line is no link of the plane any more.
      const room = (this.#room.get(link) ?? Number.POSITIVE_INFINITY) * (1 + 1e-9) + spare
      if (sum <= room) continue
      const isRerouted = at - (this.#reroutedAt.get(link) ?? Number.NEGATIVE_INFINITY) < REACHABLE
      const isExcused = isRerouted || this.#isExcused(on.get(link)!, at)
      this.#above[isExcused ? 'excused' : 'beyond'] += sum - room
      if (!isExcused)
        this.breaches.push({ at, what: `${link} carries ${Math.round(sum)} of ${Math.round(room)} bit/s` })
    }
    for (const [link, sum] of safe) {
      const room = this.#intactRoom.get(link)! * (1 + 1e-9) + spare
      if (sum > room)
        this.breaches.push({ at, what: `safe rates on ${link} are ${Math.round(sum)} of ${Math.round(room)}` })
    }
  }

  /** Nobody starves while the rest moves on: behind an edge that is well everyone has the lifeline before long. */
  checkLifelines(gateways: readonly Gateway[], at: number): void {
    // What an institution has behind a paced edge counts against its ceiling until that has been told twice.
    const slow = new Set(
      gateways.filter(({ id }) => id === this.#paced).flatMap(({ offered }) => institutionsOf(offered)),
    )
    // Between two changes of a kernel nothing is weighed, and this one may have been heard of by the next.
    for (const { id, isBeyondReach } of gateways) if (isBeyondReach) this.#loosedAt.set(id, at)
    for (const { id, limits, runs, rates, offered } of gateways) {
      if (id === this.#paced || this.#liars.includes(id)) continue
      for (const [key, bps] of offered) {
        const name = `${id} ${key}`
        const rate = (rates.get(key)?.rate ?? 0) * 1_000
        if (rate >= Math.min(bps, LIFELINE) || !limits || !runs) {
          this.#hungrySince.delete(name)
          continue
        }
        const hungrySince = this.#hungrySince.get(name) ?? at
        this.#hungrySince.set(name, hungrySince)
        const since = Math.max(
          hungrySince,
          this.#troubledAt.get(id) ?? Number.NEGATIVE_INFINITY,
          this.#blockedSince(id),
        )
        const told = slow.has(institutionOf(key)) ? PACE : 0
        if (at - since <= (this.#paced ? SLOW : UNREACHABLE) + told) continue
        this.breaches.push({ at, what: `${name} starves: ${rate} bit/s since ${Math.round(at - hungrySince)} ms` })
      }
    }
  }

  /**
   * When the store had lost what all were told and another edge could not be asked: it may hold anything until its
   * lease is over, so that nobody grows on the links it shares. A store that loses all again begins that anew.
   */
  #blockedSince(edge: string): number {
    const isBlocked = [...this.#troubledAt].some(
      ([other, until]) => other !== edge && until > this.#forgottenAt - REACHABLE,
    )
    return isBlocked ? this.#forgottenAt : Number.NEGATIVE_INFINITY
  }

  #count(at: number): void {
    const seconds = (at - this.#checkedAt) / 1_000
    if (seconds > 0) {
      this.excess.excused += this.#above.excused * seconds
      this.excess.beyond += this.#above.beyond * seconds
    }
    this.#above = { excused: 0, beyond: 0 }
    this.#checkedAt = at
  }

  #isExcused(edges: ReadonlySet<string>, at: number): boolean {
    const loosed = Math.max(...[...edges].map((edge) => this.#loosedAt.get(edge) ?? Number.NEGATIVE_INFINITY))
    const since = Math.max(this.#changedAt, loosed)
    if (at - Math.max(since, this.#lostAt) < REACHABLE) return true
    if (this.#paced && edges.has(this.#paced) && at - since < SLOW) return true
    return (
      at - since < UNREACHABLE && [...edges].some((edge) => (this.#troubledAt.get(edge) ?? -1e9) > since - REACHABLE)
    )
  }
}

const namesOf = ({ plan }: Geography): string[] =>
  plan.edges.flatMap((edge) => Array.from(edge.flows, (f) => `${edge.id} ${recordKey(plan.flows[f]!.record)}`))

function drawInto(charges: Map<string, ReadonlyMap<string, number>>, { plan, problem }: Geography): void {
  for (const edge of plan.edges) {
    for (const f of edge.flows) {
      const links = new Map<string, number>()
      for (let q = problem.pathStart[f]!; q < problem.pathStart[f + 1]!; q++) {
        const link = plan.links[problem.pathLink[q]!]!
        if (!link.virtual) links.set(link.id, problem.pathFraction[q]!)
      }
      charges.set(`${edge.id} ${recordKey(plan.flows[f]!.record)}`, links)
    }
  }
}

/** Whose flow a recordKey names. */
export const institutionOf = (key: number): number => Math.floor(key / (2 * SERVICE_NUMBERS))

const institutionsOf = (offered: ReadonlyMap<number, number>): number[] => [...offered.keys()].map(institutionOf)

const isEqual = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([link, part]) => b.get(link) === part)
