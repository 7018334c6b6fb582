// What must never be: a link that carries more than it has, by what edges that do not lie enforce; or an edge that is
// kept from what nobody can take from it.

import { phaseAt, ratesAt } from '../../../../src/edge/lease-keeper.js'
import { recordKey } from '../../../../src/model/lease.js'
import { bootOf, EDGES, type EdgeId, flowsOf, plan, problem, STALE_AFTER } from './plane.js'
import type { Small } from './world.js'

/** kbit/s by recordKey that its kernel lets through. */
function enforced({ edges, now }: Small, edge: EdgeId): ReadonlyMap<number, number> {
  const { keeping, deadSince } = edges[edge]
  if (!keeping.content) return bootOf.get(edge)!
  const { step } = phaseAt(keeping, deadSince ?? now, STALE_AFTER)
  return new Map(ratesAt(keeping.content, step).map((record) => [recordKey(record), record.rate]))
}

/** Null: all is as it should be. */
export function breachOf(world: Small): string | null {
  if (world.fault !== null) return world.fault
  const load = new Float64Array(plan.links.length)
  for (const edge of EDGES) {
    if (world.lie !== null && edge === 'west') continue
    const rates = enforced(world, edge)
    for (const f of flowsOf[edge]) {
      const bps = 1_000 * (rates.get(recordKey(plan.flows[f]!.record)) ?? 0)
      for (let q = problem.pathStart[f]!; q < problem.pathStart[f + 1]!; q++)
        load[problem.pathLink[q]!]! += problem.pathFraction[q]! * bps
    }
  }
  const above = plan.links.findIndex(({ virtual, room }, l) => !virtual && load[l]! > room * (1 + 1e-9))
  if (above < 0) return null
  const { id, room } = plan.links[above]!
  return `${id} carries ${Math.round(load[above]!)} of ${room} bit/s`
}
