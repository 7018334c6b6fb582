// Flows that the plan no longer has at an edge, but that the edge may still let through: they charge their links until
// the edge has moved on.

import { compareSerial, type Serial } from '../model/lease.js'
import type { Direction } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import { type KilobitsPerSecond, type Milliseconds, toKbps } from '../model/units.js'

export interface OrphanFlow {
  /** What it is called at its edge: its recordKey. */
  readonly key: number
  readonly direction: Direction
  readonly rate: KilobitsPerSecond
  readonly safe: KilobitsPerSecond
  /** Parts of its rate, by id of the link. */
  readonly charges: ReadonlyMap<string, number>
  /** Gone once the edge acknowledges a publication after this one, */
  readonly after: Serial
  /** or, at an edge that the plan no longer has, when its lease is over. */
  readonly until: Milliseconds
  /** What its edge held was not known when the flow left it: until it is, nobody grows beside it. */
  readonly isUnknown: boolean
}

export interface OrphanHop {
  readonly orphan: OrphanFlow
  readonly link: number
  readonly fraction: number
  /** The most that it may have, kbit/s. */
  readonly most: KilobitsPerSecond
}

/** By edge and key. */
export class Orphans {
  readonly #byEdge: Map<string, ReadonlyMap<number, OrphanFlow>>

  constructor(others?: Orphans) {
    this.#byEdge = new Map(others ? others.#byEdge : [])
  }

  /** What is known of these keeps the most of both, until its edge has moved on from both. */
  add(edge: string, flows: readonly OrphanFlow[]): void {
    if (flows.length === 0) return
    const own = new Map(this.#byEdge.get(edge))
    for (const flow of flows) own.set(flow.key, mostOf(own.get(flow.key) ?? flow, flow))
    this.#byEdge.set(edge, own)
  }

  at(edge: string): ReadonlyMap<number, OrphanFlow> {
    return this.#byEdge.get(edge) ?? NONE
  }

  /** Its edge has acknowledged this. A machine that was replaced may let them through until `end`. */
  moveOn(edge: string, reached: Serial, end: Milliseconds): void {
    this.#change(edge, (flow) =>
      compareSerial(reached, flow.after) > 0 ? { ...flow, until: Math.min(flow.until, end) } : flow,
    )
  }

  /** The lease of its edge is over. */
  fall(edge: string): void {
    this.#change(edge, (flow) => ({ ...flow, rate: flow.safe }))
  }

  expire(now: Milliseconds): void {
    for (const edge of this.#byEdge.keys()) this.#change(edge, (flow) => (now <= flow.until ? flow : null))
  }

  #change(edge: string, change: (flow: OrphanFlow) => OrphanFlow | null): void {
    const own = this.#byEdge.get(edge)
    if (!own) return
    const left = [...own.values()].flatMap((flow) => change(flow) ?? [])
    if (left.length === 0) this.#byEdge.delete(edge)
    else this.#byEdge.set(edge, new Map(left.map((flow) => [flow.key, flow])))
  }

  /** The links of the plan that they may take, by edge. */
  hops({ links, bootRate }: Pick<Plan, 'links' | 'bootRate'>): ReadonlyMap<string, readonly OrphanHop[]> {
    const hops = new Map<string, OrphanHop[]>()
    if (this.#byEdge.size === 0) return hops
    const places = new Map(links.map(({ id }, l) => [id, l]))
    for (const [edge, flows] of this.#byEdge) {
      const own: OrphanHop[] = []
      hops.set(edge, own)
      for (const orphan of flows.values()) {
        const { rate, safe, charges, isUnknown } = orphan
        const most = isUnknown ? Math.max(rate, safe, toKbps(bootRate)) : rate
        for (const [id, fraction] of charges) {
          const link = places.get(id)
          if (link !== undefined) own.push({ orphan, link, fraction, most })
        }
      }
    }
    return hops
  }
}

const NONE: ReadonlyMap<number, OrphanFlow> = new Map()

const mostOf = (a: OrphanFlow, b: OrphanFlow): OrphanFlow => ({
  ...a,
  rate: Math.max(a.rate, b.rate),
  safe: Math.max(a.safe, b.safe),
  charges: new Map([...b.charges, ...a.charges]),
  after: compareSerial(a.after, b.after) < 0 ? b.after : a.after,
  until: Math.max(a.until, b.until),
  isUnknown: a.isUnknown || b.isUnknown,
})
