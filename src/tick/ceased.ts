// Edges that enforced and stopped although nobody said so. An edge may stop by an order, by the end of an order (a
// trial), or by a newer revision. Where none of these says it, what made the edge enforce was lost, as with a policy
// store and a data folder that are lost together. The edge obeys its controller then, so no other alarm names it.
//
// Of an edge that was never seen before, its own report says whether it enforced.

import { type Enforcement, isLifted } from '../model/network.js'
import type { Plan } from '../model/plan.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { LeaseTable } from '../publish/lease-table.js'
import type { Situation, Switch } from './planner.js'

/** A plan is made a moment before it is looked at here. */
const LATE: Milliseconds = 5_000

interface Enforced {
  /** The revision under which it enforced, and when it was last to enforce. */
  readonly revision: number
  readonly at: UnixMilliseconds
}

export class Ceased {
  /** Null: it does not enforce, and that is as it should be. */
  readonly #edges = new Map<string, Enforced | null>()
  readonly #ceased = new Set<string>()

  has(edge: string): boolean {
    return this.#ceased.has(edge)
  }

  /** To be called once a tick. */
  look(
    { edges }: Pick<Plan, 'edges'>,
    leases: Pick<LeaseTable, 'edges'>,
    { revision, switches }: Pick<Situation, 'revision' | 'switches'>,
    now: UnixMilliseconds,
  ): void {
    for (const id of this.#edges.keys()) if (!leases.edges.has(id)) this.#forget(id)
    for (const { id, enforcement } of edges) {
      const says = leases.edges.get(id)?.report?.enforcement
      const enforced = isLifted(enforcement) ? this.#enforced(id, says, revision.revision) : undefined
      if (enforced === undefined) {
        this.#ceased.delete(id)
        if (!isLifted(enforcement)) this.#edges.set(id, { revision: revision.revision, at: now })
        continue
      }
      if (enforced === null || isOrdered(switches.get(id), enforced) || revision.revision > enforced.revision) {
        this.#edges.set(id, null)
        this.#ceased.delete(id)
      } else {
        this.#ceased.add(id)
      }
    }
  }

  /** Undefined: nobody knows yet. */
  #enforced(edge: string, says: Enforcement | undefined, revision: number): Enforced | null | undefined {
    const known = this.#edges.get(edge)
    if (known !== undefined || says === undefined) return known
    const first = isLifted(says) ? null : { revision, at: Number.NEGATIVE_INFINITY }
    this.#edges.set(edge, first)
    return first
  }

  #forget(edge: string): void {
    this.#edges.delete(edge)
    this.#ceased.delete(edge)
  }
}

/** An order lives that it follows, or one has ended since it was last to enforce. */
const isOrdered = (order: Switch | undefined, { at }: Enforced): boolean =>
  order !== undefined && (order.until === null || order.until >= at - LATE)
