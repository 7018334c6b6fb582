// Flows that the plan no longer has at an edge, but that the edge may still let through: they charge their links until
// the edge has moved on.

import type { Serial } from '../model/lease.js'
import type { Direction } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import { type KilobitsPerSecond, type Milliseconds, toKbps } from '../model/units.js'

export interface OrphanFlow {
  readonly edge: string
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

/** The links of the plan that they may take, by edge. */
export function hopsOf(
  orphans: readonly OrphanFlow[],
  { links, bootRate }: Pick<Plan, 'links' | 'bootRate'>,
): ReadonlyMap<string, readonly OrphanHop[]> {
  const hops = new Map<string, OrphanHop[]>()
  if (orphans.length === 0) return hops
  const places = new Map(links.map(({ id }, l) => [id, l]))
  for (const orphan of orphans) {
    const { edge, rate, safe, charges, isUnknown } = orphan
    const most = isUnknown ? Math.max(rate, safe, toKbps(bootRate)) : rate
    const own = hops.get(edge) ?? []
    hops.set(edge, own)
    for (const [id, fraction] of charges) {
      const link = places.get(id)
      if (link !== undefined) own.push({ orphan, link, fraction, most })
    }
  }
  return hops
}
