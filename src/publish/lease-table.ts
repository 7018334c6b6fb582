// The lease table: what every edge may be enforcing, and therefore what others may be told.
//
// O_i is the most that flow i's edge may be enforcing: the largest of what it acknowledged and of what was sent
// since, under lease. Shrink before grow: a decrease goes out at once; an increase goes out when every link the flow
// crosses has sum max(O, target) <= C. So on every link, at every instant, the sum of what edges may enforce stays <=
// C, however long a message takes and in whatever order acknowledgements come back.
//
//   unknown    we never heard what it enforces: nobody may grow on its links until it acknowledges or one lease passed
//   under lease  O = max(acknowledged, sent and not yet superseded)
//   expired    the edge is in SAFE or goes there: O = safe, and what was sent before can no longer be applied; when it
//              comes back it is told new content that starts from safe, never a heartbeat for the old
//   no memory  an edge that has applied nothing shapes each site at its boot rate: each flow is charged at least that
//
// The lease of an edge ends, by its own clock, at the newest stamp it was ever sent plus the lease. We read that stamp
// after it was made, so "when we read it + lease + grace" by our clock is never earlier.

import type { EdgeReport, Serial, Stamp } from '../model/lease.js'
import { compareSerial } from '../model/lease.js'
import type { Plan } from '../model/plan.js'
import type { KilobitsPerSecond, Milliseconds } from '../model/units.js'
import type { Problem } from '../solve/problem.js'

/** How long a killed agent may take to come back and notice that its lease is gone. */
export const GRACE: Milliseconds = 5_000
/** Publications that may be unacknowledged before the oldest two are merged into their maximum. */
const PENDING_MOST = 8
/** Float sums of whole kbit/s times fractions may be off by this part. */
const SLACK = 1e-9

interface Sent extends Serial {
  /** kbit/s by position in the edge's flow list. */
  readonly rates: Uint32Array
}

export interface EdgeLease {
  readonly id: string
  readonly flows: readonly number[]
  /** False until what the edge enforces is bounded by acknowledged and pending. */
  known: boolean
  expired: boolean
  acknowledged: Uint32Array
  pending: Sent[]
  /** What it was told last. */
  sent: Uint32Array
  ackedSerial: Serial | null
  /** Newest stamp read from it, and when we read it. */
  stamp: Stamp | null
  stampReadAt: Milliseconds
  /** By our clock, when the lease of everything sent so far is surely over. */
  leaseEnd: Milliseconds
  report: EdgeReport | null
  reportAt: Milliseconds
}

/** A flow that the plan no longer has but that an edge may still let through. */
interface Ghost {
  readonly edge: string
  readonly kbps: KilobitsPerSecond
  readonly charges: ReadonlyMap<string, number>
  /** Gone once the edge acknowledges a publication after this one. */
  readonly after: Serial
}

export class LeaseTable {
  readonly plan: Plan
  readonly edges: ReadonlyMap<string, EdgeLease>
  /** kbit/s by flow, as last told to its edge; 0: never. */
  readonly sent: Uint32Array
  readonly #problem: Problem
  readonly #placeOf: { readonly lease: EdgeLease; readonly position: number }[] = []
  readonly #startedAt: Milliseconds
  readonly #bound: Float64Array
  readonly #worst: Float64Array
  readonly #blocked: Uint8Array
  #ghosts: Ghost[] = []

  constructor(plan: Plan, problem: Problem, startedAt: Milliseconds) {
    this.plan = plan
    this.#problem = problem
    this.#startedAt = startedAt
    this.sent = new Uint32Array(plan.flows.length)
    this.#bound = new Float64Array(plan.flows.length)
    this.#worst = new Float64Array(plan.links.length)
    this.#blocked = new Uint8Array(plan.links.length)
    this.edges = new Map(
      plan.edges.map((edge) => [edge.id, unknownEdge(edge.id, edge.flows, startedAt, plan.timing.lease)]),
    )
    for (const lease of this.edges.values()) {
      lease.flows.forEach((f, position) => {
        this.#placeOf[f] = { lease, position }
      })
    }
  }

  /** Carries every edge's leases over to a new plan; flows that are gone stay charged until their edge moved on. */
  static successor(old: LeaseTable, plan: Plan, problem: Problem, last: Serial): LeaseTable {
    const table = new LeaseTable(plan, problem, old.#startedAt)
    table.#ghosts = old.#ghosts.filter((g) => table.edges.has(g.edge))
    for (const lease of table.edges.values()) {
      const before = old.edges.get(lease.id)
      if (!before) continue
      const position = new Map(before.flows.map((f, k) => [old.plan.flows[f]!.id, k]))
      const carry = (rates: Uint32Array): Uint32Array =>
        Uint32Array.from(lease.flows, (f) => rates[position.get(plan.flows[f]!.id) ?? -1] ?? 0)
      Object.assign(lease, {
        ...before,
        flows: lease.flows,
        acknowledged: carry(before.acknowledged),
        pending: before.pending.map((s) => ({ epoch: s.epoch, seq: s.seq, rates: carry(s.rates) })),
        sent: carry(before.sent),
      })
      lease.flows.forEach((f, k) => {
        table.sent[f] = lease.sent[k]!
      })
      before.flows.forEach((f, k) => {
        const kbps = bound(before, k)
        if (plan.flowIndex.has(old.plan.flows[f]!.id) || kbps === 0) return
        table.#ghosts.push({ edge: lease.id, kbps, charges: old.#chargesOf(f), after: last })
      })
    }
    return table
  }

  #chargesOf(flow: number): Map<string, number> {
    const charges = new Map<string, number>()
    const p = this.#problem
    for (let k = p.pathStart[flow]!; k < p.pathStart[flow + 1]!; k++) {
      const link = this.plan.links[p.pathLink[k]!]!
      if (!link.virtual) charges.set(link.id, p.pathFraction[k]!)
    }
    return charges
  }

  /** An earlier leader's grants, read back from the store: what this edge may be enforcing, kbit/s by flow. */
  recover(edge: string, rates: ReadonlyMap<number, KilobitsPerSecond>, serial: Serial): void {
    const lease = this.edges.get(edge)
    if (!lease || lease.known) return
    const column = Uint32Array.from(lease.flows, (f) => rates.get(f) ?? 0)
    lease.pending = [{ ...serial, rates: column }]
    lease.sent = column.slice()
    lease.acknowledged = new Uint32Array(column.length)
    lease.known = true
    lease.leaseEnd = this.#startedAt + this.plan.timing.lease + GRACE
    lease.flows.forEach((f, k) => {
      this.sent[f] = column[k]!
    })
  }

  /** Takes in what an edge says it applied. `freed`: room may have become free by it. `stale`: heard it before. */
  acknowledge(report: EdgeReport, now: Milliseconds): 'stale' | 'heard' | 'freed' {
    const lease = this.edges.get(report.edge)
    if (!lease || (lease.report && !isNewer(report.stamp, lease.report.stamp))) return 'stale'
    const previous = lease.ackedSerial
    lease.report = report
    lease.reportAt = now
    lease.stamp = report.stamp
    lease.stampReadAt = now
    const applied = report.applied
    if (!applied) return this.#startWithoutMemory(lease)
    if (previous && compareSerial(applied, previous) <= 0) return 'heard'
    lease.ackedSerial = { epoch: applied.epoch, seq: applied.seq }
    this.#ghosts = this.#ghosts.filter((g) => g.edge !== lease.id || compareSerial(applied, g.after) <= 0)
    let reached = -1
    lease.pending.forEach((s, k) => {
      if (compareSerial(s, applied) <= 0) reached = k
    })
    if (reached < 0) return 'heard'
    lease.acknowledged = lease.pending[reached]!.rates
    lease.pending = lease.pending.slice(reached + 1)
    lease.known = true
    return 'freed'
  }

  #startWithoutMemory(lease: EdgeLease): 'heard' | 'freed' {
    if (lease.known) return 'heard'
    lease.known = true
    lease.acknowledged = Uint32Array.from(lease.flows, (f) => Math.max(this.plan.safe[f]!, this.plan.bootRate / 1_000))
    return 'freed'
  }

  /** Lets leases that are surely over expire: from then on the edge is charged at its safe rates. */
  expire(now: Milliseconds): void {
    for (const lease of this.edges.values()) {
      if (lease.expired || now <= lease.leaseEnd) continue
      lease.expired = true
      lease.known = true
      lease.pending = []
      lease.acknowledged = Uint32Array.from(lease.flows, (f) => this.plan.safe[f]!)
      lease.sent = new Uint32Array(lease.flows.length)
      for (const f of lease.flows) this.sent[f] = 0
      this.#ghosts = this.#ghosts.filter((g) => g.edge !== lease.id)
    }
  }

  /** What the flow's edge acknowledged, kbit/s; NaN: nothing yet. */
  acknowledgedRate(flow: number): KilobitsPerSecond {
    const { lease, position } = this.#placeOf[flow]!
    return lease.known && lease.ackedSerial ? lease.acknowledged[position]! : Number.NaN
  }

  /** What is in force as far as is known, kbit/s: acknowledged, else told, else safe. */
  inForce(flow: number): KilobitsPerSecond {
    return this.acknowledgedRate(flow) || this.sent[flow]! || this.plan.safe[flow]!
  }

  /** O: the most that may be in force, kbit/s. */
  boundOf(flow: number): KilobitsPerSecond {
    const { lease, position } = this.#placeOf[flow]!
    return bound(lease, position)
  }

  /**
   * Decides what may be told now. `target` is kbit/s by flow; `charged` is what a pinned flow is charged at, kbit/s,
   * and NaN for flows that are ours to steer; `mayGrow` is false while a new leader learns. Writes the decision into
   * `out` and returns how many increases wait for room that is being freed.
   */
  decide(target: Uint32Array, charged: Float64Array, mayGrow: boolean, out: Uint32Array): number {
    const { plan } = this
    this.#weigh(target, charged)
    let waiting = 0
    for (const lease of this.edges.values()) {
      lease.flows.forEach((f, k) => {
        const told = lease.sent[k]! || Math.min(target[f]!, plan.safe[f]!)
        const goal = lease.known ? target[f]! : Math.min(target[f]!, told)
        if (goal > told && !(mayGrow && this.#fits(f))) {
          out[f] = told
          waiting++
        } else out[f] = goal
      })
    }
    return waiting
  }

  /** Per link sum of max(O, target); links that an unknown edge may be filling are blocked for growth. */
  #weigh(target: Uint32Array, charged: Float64Array): void {
    const p = this.#problem
    this.#worst.fill(0)
    this.#blocked.fill(0)
    for (const lease of this.edges.values()) {
      lease.flows.forEach((f, k) => {
        const pinned = charged[f]!
        this.#bound[f] = Number.isNaN(pinned) ? bound(lease, k) : pinned
        const kbps = Number.isNaN(pinned) ? Math.max(this.#bound[f]!, target[f]!) : pinned
        for (let q = p.pathStart[f]!; q < p.pathStart[f + 1]!; q++) {
          this.#worst[p.pathLink[q]!]! += p.pathFraction[q]! * kbps * 1_000
          if (!lease.known) this.#blocked[p.pathLink[q]!] = 1
        }
      })
    }
    for (const ghost of this.#ghosts) {
      this.plan.links.forEach((link, l) => {
        const fraction = ghost.charges.get(link.id)
        if (fraction) this.#worst[l]! += fraction * ghost.kbps * 1_000
      })
    }
  }

  #fits(flow: number): boolean {
    const p = this.#problem
    for (let q = p.pathStart[flow]!; q < p.pathStart[flow + 1]!; q++) {
      const l = p.pathLink[q]!
      if (this.#blocked[l] || this.#worst[l]! > this.plan.links[l]!.room * (1 + SLACK)) return false
    }
    return true
  }

  /** bit/s above capacity that edges may be enforcing, summed over real links: the promise, measured. */
  excess(): number {
    const p = this.#problem
    const load = new Float64Array(this.plan.links.length)
    for (let f = 0; f < this.plan.flows.length; f++) {
      for (let q = p.pathStart[f]!; q < p.pathStart[f + 1]!; q++)
        load[p.pathLink[q]!]! += p.pathFraction[q]! * this.#bound[f]! * 1_000
    }
    return this.plan.links.reduce(
      (sum, link, l) => (link.virtual ? sum : sum + Math.max(0, load[l]! - link.room * (1 + SLACK))),
      0,
    )
  }

  /** Notes that `rates` (kbit/s by flow) go out to this edge under `serial`, echoing the newest stamp read from it. */
  noteSent(edge: string, serial: Serial, rates: Uint32Array, changed: boolean, now: Milliseconds): void {
    const lease = this.edges.get(edge)!
    // Without a stamp no lease can come of it: the edge counts from the stamp it is echoed, and from nothing else.
    if (lease.stamp) lease.leaseEnd = lease.stampReadAt + this.plan.timing.lease + GRACE
    if (now <= lease.leaseEnd) lease.expired = false
    if (!changed) return
    const column = Uint32Array.from(lease.flows, (f) => rates[f]!)
    lease.sent = column
    lease.flows.forEach((f, k) => {
      this.sent[f] = column[k]!
    })
    lease.pending.push({ epoch: serial.epoch, seq: serial.seq, rates: column })
    if (lease.pending.length > PENDING_MOST) {
      const [a, b] = lease.pending.splice(0, 2) as [Sent, Sent]
      lease.pending.unshift({ ...b, rates: b.rates.map((r, k) => Math.max(r, a.rates[k]!)) })
    }
  }
}

function unknownEdge(id: string, flows: readonly number[], startedAt: Milliseconds, lease: Milliseconds): EdgeLease {
  return {
    id,
    flows,
    known: false,
    expired: false,
    acknowledged: new Uint32Array(flows.length),
    pending: [],
    sent: new Uint32Array(flows.length),
    ackedSerial: null,
    stamp: null,
    stampReadAt: startedAt,
    leaseEnd: startedAt + lease + GRACE,
    report: null,
    reportAt: Number.NEGATIVE_INFINITY,
  }
}

/** O of the flow at this position of its edge. */
function bound(lease: EdgeLease, position: number): KilobitsPerSecond {
  let most = lease.acknowledged[position]!
  for (const s of lease.pending) most = Math.max(most, s.rates[position]!)
  return most
}

/** A report of another boot is newer: the clock started again. */
function isNewer(a: Stamp, b: Stamp): boolean {
  return a.boot !== b.boot || a.at > b.at
}
