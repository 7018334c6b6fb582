// The lease table: what every edge may be enforcing, and therefore what others may be granted.
//
// O_i is the most that flow i's edge may be enforcing (edge-lease.ts). Shrink before grow: a decrease goes out at
// once; an increase goes out when every link the flow crosses has sum max(O, target) <= C. So on every link, at every
// instant, the sum of what edges may enforce stays <= C, however long a message takes and in whatever order
// acknowledgements come back. Safe rates are grants like others: one that grows waits until the others have shrunk
// everywhere on its way; and at an edge that may rise to them by itself, until there is room for them beside rates.
//
// A flow of which its edge was never granted anything begins at what it may have already, or at the least there is.

import { type EdgeReport, type RateRecord, recordKey, type Serial } from '../model/lease.js'
import { DIRECTIONS, type Direction } from '../model/network.js'
import type { Plan, PlanEdge } from '../model/plan.js'
import {
  type BitsPerSecond,
  fromKbps,
  type KilobitsPerSecond,
  MIN_LIFELINE,
  type Milliseconds,
  toKbps,
} from '../model/units.js'
import type { Problem } from '../solve/problem.js'
import * as edgeLease from './edge-lease.js'
import { type Columns, type EdgeLease, type Grant, isKnown, isOver, isStuck } from './edge-lease.js'
import { type OrphanFlow, type OrphanHop, Orphans } from './orphans.js'
import { WorstCase } from './worst-case.js'

const LEAST: KilobitsPerSecond = toKbps(MIN_LIFELINE)

export class LeaseTable {
  readonly plan: Plan
  readonly #leases = new Map<string, EdgeLease>()
  readonly edges: ReadonlyMap<string, EdgeLease> = this.#leases
  /** kbit/s by flow, as last granted to its edge; 0: never. */
  readonly granted: Uint32Array
  /** Safe rates that may be granted now, kbit/s by flow: the plan's, or what they were before while others shrink. */
  readonly safe: Uint32Array
  readonly #problem: Problem
  /** By edge what it has now; and by flow the one of its edge. */
  readonly #present = new Map<string, { lease: EdgeLease }>()
  readonly #placeOf: { readonly at: { readonly lease: EdgeLease }; readonly position: number }[] = []
  readonly #planned: ReadonlyMap<string, PlanEdge>
  readonly #isDown: Uint8Array
  readonly #worst: WorstCase
  #orphans = new Orphans()

  constructor(plan: Plan, problem: Problem, now: Milliseconds) {
    this.plan = plan
    this.#problem = problem
    this.granted = new Uint32Array(plan.flows.length)
    this.safe = new Uint32Array(plan.flows.length)
    this.#planned = new Map(plan.edges.map((edge) => [edge.id, edge]))
    this.#isDown = Uint8Array.from(plan.flows, ({ direction }) => (direction === 'down' ? 1 : 0))
    this.#worst = new WorstCase(plan, problem)
    for (const { id, flows } of plan.edges) {
      const lease = edgeLease.unknownLease(flows, now, plan.timing.lease)
      const at = { lease }
      this.#leases.set(id, lease)
      this.#present.set(id, at)
      flows.forEach((f, position) => {
        this.#placeOf[f] = { at, position }
      })
    }
  }

  /** Carries every edge's leases over to a new plan; flows that are gone stay charged until their edge moved on. */
  static successor(old: LeaseTable, plan: Plan, problem: Problem, last: Serial, now: Milliseconds): LeaseTable {
    const table = new LeaseTable(plan, problem, now)
    table.#orphans = new Orphans(old.#orphans)
    for (const [edge, before] of old.edges) {
      const lease = table.edges.get(edge)
      // By what it is called at the edge: the id of a flow changes when its institution gets a second edge.
      const was = keysOf(old.plan, before.flows)
      const keys = lease ? keysOf(plan, lease.flows) : []
      if (lease && keys.length === was.length && keys.every((key, k) => key === was[k])) {
        table.#change(edge, () => edgeLease.replan(before, lease.flows))
        continue
      }
      const position = new Map(was.map((key, k) => [key, k]))
      if (lease) {
        const from = keys.map((key) => position.get(key) ?? -1)
        table.#change(edge, () => edgeLease.replan(before, lease.flows, from))
        for (const key of keys) position.delete(key)
      }
      // What is left in `position` this edge is not granted any more.
      const until = lease ? Number.POSITIVE_INFINITY : before.end
      const isUnknown = !isKnown(before)
      const gone = [...position].map(([key, k]): OrphanFlow => {
        const flow = before.flows[k]!
        const { direction } = old.plan.flows[flow]!
        const rate = edgeLease.boundOf(before, k)
        const safe = Math.max(edgeLease.boundOfSafe(before, k), isUnknown ? old.plan.safe[flow]! : 0)
        return { key, direction, rate, safe, charges: old.#chargesOf(flow), after: last, until, isUnknown }
      })
      table.#orphans.add(
        edge,
        gone.filter(({ rate }) => rate > 0 || isUnknown),
      )
    }
    return table
  }

  #chargesOf(flow: number): Map<string, number> {
    const charges = new Map<string, number>()
    this.#eachLink(flow, (l, fraction) => {
      const link = this.plan.links[l]!
      if (!link.virtual) charges.set(link.id, fraction)
    })
    return charges
  }

  #eachLink(flow: number, visit: (link: number, fraction: number) => void): void {
    const p = this.#problem
    for (let q = p.pathStart[flow]!; q < p.pathStart[flow + 1]!; q++) visit(p.pathLink[q]!, p.pathFraction[q]!)
  }

  /** Takes in what an edge says it applied. `freed`: room may have become free by it. `stale`: heard it before. */
  acknowledge(report: EdgeReport, now: Milliseconds): edgeLease.Verdict {
    const { edge } = report
    const before = this.edges.get(edge)
    if (!before) return 'stale'
    const { lease, verdict } = edgeLease.hear(before, report, now, () => this.#bootOf(before))
    this.#change(edge, () => lease)
    const reached = lease.applied
    if (reached && verdict === 'freed') {
      // A machine that was replaced may still let them through.
      const end = lease.predecessor?.end ?? Number.NEGATIVE_INFINITY
      this.#orphans.moveOn(edge, reached, end)
      this.#orphans.expire(now)
    }
    return verdict
  }

  /** What an edge enforces that we know nothing of: its boot rates, or the safe rates of this policy. */
  #bootOf({ flows }: EdgeLease): Columns {
    const safe = valuesOf(flows, this.plan.safe)
    return { rates: safe.map((kbps) => Math.max(kbps, toKbps(this.plan.bootRate))), safe }
  }

  /** Lets leases that are surely over expire: from then on the edge is charged at its safe rates. */
  expire(now: Milliseconds): void {
    for (const { id, line, port } of this.plan.edges) {
      const before = this.edges.get(id)!
      const lines = (): Uint32Array => this.#linesOf(before.flows, port)
      const safe = (): Uint32Array => valuesOf(before.flows, this.plan.safe)
      const lease = edgeLease.passTime(before, now, edgeLease.fadingAfter(this.plan.timing, line), safe, lines)
      this.#change(id, () => lease)
      if (isOver(lease) && !isOver(before) && !isStuck(lease)) this.#orphans.fall(id)
    }
    this.#orphans.expire(now)
  }

  /** The most that each flow may have kept: beyond the port their ways part, and any of them may have all of it. */
  #linesOf(flows: readonly number[], port: PlanEdge['port']): Uint32Array {
    return Uint32Array.from(flows, (f) => {
      const { ceiling, direction } = this.plan.flows[f]!
      return toKbps(Math.min(ceiling, port[direction]))
    })
  }

  /** What an earlier leader granted this edge becomes what we know of it. */
  recover(edge: string, grants: edgeLease.EarlierGrants, now: Milliseconds): void {
    this.#change(edge, (lease) => edgeLease.takeOver(lease, grants, now, this.plan.timing.lease))
  }

  /**
   * Charges what another leader granted this edge of flows that the plan does not have there, until it acknowledges
   * something after `last`. Their own path is not known any more: they are taken to go where a neighbour goes, and
   * where they would go from another edge, for a site that has moved has kept its line.
   */
  chargeOrphans(edge: string, gone: readonly RateRecord[], { epoch, seq }: Serial): void {
    if (gone.length === 0) return
    const lease = this.edges.get(edge)!
    const hasFallen = isOver(lease) && !isStuck(lease)
    const after = { epoch, seq }
    const kin = this.#chargesElsewhere(new Set(gone.map(recordKey)))
    const orphans = gone.map((record): OrphanFlow => {
      const { service, direction, rate, safe } = record
      const key = recordKey(record)
      const neighbour = lease.flows.find((f) => {
        const other = this.plan.flows[f]!.record
        return other.service === service && other.direction === direction
      })
      const beside = neighbour === undefined ? [] : this.#chargesOf(neighbour)
      const charges = new Map([...(kin.get(key) ?? []), ...beside])
      return {
        ...{ key, direction: DIRECTIONS[direction], rate: hasFallen ? safe : rate, safe, charges },
        ...{ after, until: Number.POSITIVE_INFINITY, isUnknown: false },
      }
    })
    this.#orphans.add(edge, orphans)
  }

  /** What flows of these keys charge where the plan has them, by key. */
  #chargesElsewhere(keys: ReadonlySet<number>): ReadonlyMap<number, ReadonlyMap<string, number>> {
    const charges = new Map<number, Map<string, number>>()
    this.plan.flows.forEach(({ record }, f) => {
      const key = recordKey(record)
      if (keys.has(key)) charges.set(key, new Map([...(charges.get(key) ?? []), ...this.#chargesOf(f)]))
    })
    return charges
  }

  /** Keeps up with what the leader, another process, grants this edge. */
  follow(edge: string, newest: Grant, now: Milliseconds): void {
    this.#change(edge, (lease) => edgeLease.follow(lease, newest, now, this.plan.timing.lease))
  }

  /** What this edge was granted cannot be read here. */
  markUnreadable(edge: string, now: Milliseconds): void {
    this.#change(edge, (lease) => edgeLease.markUnreadable(lease, now, this.plan.timing.lease))
  }

  /** Nobody kept what another leader granted this edge. */
  markUnverified(edge: string, now: Milliseconds): void {
    this.#change(edge, (lease) => edgeLease.markUnverified(lease, now, this.plan.timing.lease))
  }

  /** Nobody has to speak at this edge before it is known what may be in force. */
  assumeKnown(edge: string): void {
    this.#change(edge, edgeLease.assumeKnown)
  }

  #change(edge: string, event: (lease: EdgeLease) => EdgeLease): void {
    const before = this.#leases.get(edge)!
    const lease = event(before)
    if (lease === before) return
    this.#leases.set(edge, lease)
    this.#present.get(edge)!.lease = lease
    if (lease.granted === before.granted) return
    lease.flows.forEach((f, k) => {
      this.granted[f] = lease.granted?.rates[k] ?? 0
    })
  }

  /** What the flow's edge acknowledged, kbit/s; NaN: nothing yet. */
  acknowledgedRate(flow: number): KilobitsPerSecond {
    const { at, position } = this.#placeOf[flow]!
    return edgeLease.acknowledgedRate(at.lease, position)
  }

  /** What is in force as far as is known, kbit/s: acknowledged, else granted, else safe. */
  inForce(flow: number): KilobitsPerSecond {
    return this.acknowledgedRate(flow) || this.granted[flow]! || this.plan.safe[flow]!
  }

  /** The same two of all flows: what edges acknowledged, and what is in force. */
  readInto(acknowledged: Float64Array | null, inForce: Float64Array | null): void {
    const { safe } = this.plan
    for (const lease of this.#leases.values()) {
      const { flows } = lease
      for (let k = 0; k < flows.length; k++) {
        const f = flows[k]!
        const kbps = edgeLease.acknowledgedRate(lease, k)
        if (acknowledged !== null) acknowledged[f] = kbps
        if (inForce !== null) inForce[f] = kbps || this.granted[f]! || safe[f]!
      }
    }
  }

  /** O: the most that may be in force, kbit/s. */
  boundOf(flow: number): KilobitsPerSecond {
    const { at, position } = this.#placeOf[flow]!
    return edgeLease.boundOf(at.lease, position)
  }

  /** The most that this edge may be enforcing, bit/s by direction, with what left it and may have come back since. */
  sumsAt(edge: string): Record<Direction, BitsPerSecond> {
    const lease = this.edges.get(edge)!
    const { flows, most } = lease
    const rises = edgeLease.mayRise(lease)
    let [down, up] = [0, 0]
    for (let k = 0; k < flows.length; k++) {
      const bound = fromKbps(Math.max(most.rates[k]!, rises ? most.safe[k]! : 0))
      if (this.#isDown[flows[k]!] === 1) down += bound
      else up += bound
    }
    const sums = { down, up }
    for (const { direction, rate } of this.#orphans.at(edge).values()) sums[direction] += fromKbps(rate)
    return sums
  }

  /**
   * Decides what may be granted now. `target` is kbit/s by flow; `charged` is what a pinned flow is charged at, kbit/s,
   * and NaN for flows that are ours to steer; `mayGrow` is false while a new leader learns. Writes the decision into
   * `out` and `safe`, and returns how many increases wait for room that is being freed.
   */
  decide(target: Uint32Array, charged: Float64Array, mayGrow: boolean, out: Uint32Array): number {
    const { flows, safe } = this.plan
    // What is missing here would make every sum below NaN, and NaN is never above what a link has.
    if (target.length !== flows.length || charged.length !== flows.length)
      throw new Error(`rates of ${target.length} and pins of ${charged.length} for ${flows.length} flows`)
    this.#worst.weigh(this.edges, this.orphanHops(), target, charged)
    for (const lease of this.edges.values()) this.#decideSafe(lease, target)
    let waiting = 0
    for (const lease of this.edges.values()) {
      const mayGrowHere = mayGrow && isKnown(lease)
      for (let k = 0; k < lease.flows.length; k++) {
        const f = lease.flows[k]!
        const wants = target[f]!
        // Not what a fading edge may rise to by itself: others are only just being told to make room for that.
        const rate = lease.granted?.rates[k] || Math.min(wants, Math.max(LEAST, edgeLease.boundOfGranted(lease, k)))
        const waits = rate < wants && !(mayGrowHere && this.#worst.fits(f))
        out[f] = waits ? rate : wants
        if (waits || this.safe[f]! < safe[f]!) waiting++
      }
    }
    return waiting
  }

  /** An edge that may rise to its safe rates does so as soon as it hears of them: there is room, or it waits. */
  #decideSafe(lease: EdgeLease, target: Uint32Array): void {
    const { flows, granted } = lease
    const known = isKnown(lease)
    const rises = edgeLease.mayRise(lease)
    for (let k = 0; k < flows.length; k++) {
      const f = flows[k]!
      const safe = this.plan.safe[f]!
      const has = granted?.safe[k] || Math.min(safe, Math.max(LEAST, edgeLease.boundOfSafe(lease, k)))
      const mayBe = safe > has && known && this.#worst.fitsSafe(f)
      const more = rises ? safe - Math.max(this.#worst.bound[f]!, target[f]!) : 0
      this.safe[f] = mayBe && (more <= 0 || this.#worst.takes(f, more)) ? safe : Math.min(safe, has)
    }
  }

  /** What flows that are gone from their edges may take of links, by edge. */
  orphanHops(): ReadonlyMap<string, readonly OrphanHop[]> {
    return this.#orphans.hops(this.plan)
  }

  /** bit/s above capacity that edges may be enforcing, summed over real links: the promise, measured. */
  excess(): BitsPerSecond {
    return this.#worst.excess(this.edges, this.orphanHops())
  }

  /**
   * Notes that `rates` (kbit/s by flow) and the safe rates decided last go out to this edge under `serial`, echoing the
   * newest stamp read from it. To be called before they leave: an answer may be quicker than the store's.
   */
  noteGranted(edge: string, serial: Serial, rates: Uint32Array, changed: boolean, now: Milliseconds): void {
    const { flows } = this.edges.get(edge)!
    const { enforcement } = this.#planned.get(edge)!
    const content = changed ? { rates: valuesOf(flows, rates), safe: valuesOf(flows, this.safe) } : null
    this.#change(edge, (lease) => edgeLease.grant(lease, serial, content, enforcement, now, this.plan.timing.lease))
  }
}

const keysOf = (plan: Plan, flows: readonly number[]): number[] => flows.map((f) => recordKey(plan.flows[f]!.record))

function valuesOf(flows: readonly number[], column: Uint32Array): Uint32Array {
  const values = new Uint32Array(flows.length)
  for (let k = 0; k < flows.length; k++) values[k] = column[flows[k]!]!
  return values
}
