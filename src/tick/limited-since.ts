// What limits each flow and since when, and which edges have been told it. The reason goes to the edge with its rates,
// so that who stands at the box can say it with the controller away; the board shows what the edge was told, so that
// both say the same.
//
// Told are limits that are the policy's or the network's: what an edge does by itself (observe, hold, safe rates) it
// knows better. A flow that waits a moment for room is limited by what it was limited by before. An edge is told all
// its reasons anew when one has changed, no sooner than its line bears, and now and then for whoever has missed it.

import type { LimitCode, LimitedBy } from '../model/explanation.js'
import type { LineProfile } from '../model/network.js'
import type { LaidBy, Plan, PlanEdge } from '../model/plan.js'
import type { Reason } from '../model/reason.js'
import type { Milliseconds } from '../model/units.js'
import type { Reasons } from '../publish/publication.js'
import type { Clock } from '../runtime/clock.js'

const TOLD: readonly LimitCode[] = ['CEILING', 'LINK', 'ENVELOPE', 'OVERRIDE', 'NO_PATH']
/** The list of a large edge is three kilobytes. */
const SOONEST: Readonly<Record<LineProfile, Milliseconds>> = { fibre: 2_000, microwave: 5_000, satellite: 30_000 }
const AGAIN = 8

interface Told {
  readonly reasons: readonly Reason[]
  readonly at: Milliseconds
  /** It was all there is to say. */
  isCurrent: boolean
}

export class LimitedSince implements Reasons {
  readonly #clock: Pick<Clock, 'monotonic' | 'wall'>
  #plan: Plan | null = null
  /** As they were noted last, by flow of the plan. */
  #noted: readonly LimitedBy[] = []
  /** By flow of the plan; null: nothing that is told. */
  #limits: (Reason | null)[] = []
  /** All that is to be said to an edge, for as long as it is the same. */
  readonly #toSay = new Map<string, readonly Reason[]>()
  /** By edge. */
  readonly #told = new Map<string, Told>()
  readonly #edges = new Map<string, PlanEdge>()

  constructor(clock: Pick<Clock, 'monotonic' | 'wall'>) {
    this.#clock = clock
  }

  /** What limits the flows of this plan now. */
  note(plan: Plan, limits: readonly LimitedBy[]): void {
    const now = this.#clock.wall()
    const before = this.#limits
    const was = this.#plan
    const noted = was === plan ? this.#noted : []
    if (was !== plan) {
      this.#edges.clear()
      for (const edge of plan.edges) this.#edges.set(edge.id, edge)
      for (const edge of this.#told.keys()) if (!this.#edges.has(edge)) this.#told.delete(edge)
      this.#limits = plan.flows.map(({ id, record }) => {
        const limit = before[was?.flowIndex.get(id) ?? -1] ?? null
        return limit && { ...limit, ...record }
      })
      this.#toSay.clear()
      // Numbers of flows may be others' now.
      for (const told of this.#told.values()) told.isCurrent = false
    }
    this.#plan = plan
    this.#noted = limits
    for (let f = 0; f < limits.length; f++) {
      // Of most flows it is the very same, and what was made of it stands.
      if (limits[f] === noted[f]) continue
      const { code, id } = limits[f]!
      const held = this.#limits[f]!
      if (code === 'PENDING') continue
      const behind = code === 'CEILING' ? plan.flows[f]!.laidBy : null
      const isTold = TOLD.includes(code)
      if (isTold ? held !== null && isSame(held, code, id, behind) : held === null) continue
      const { edge, record } = plan.flows[f]!
      this.#limits[f] = isTold ? { ...record, code, id, behind, since: now } : null
      this.#toSay.delete(edge)
      const told = this.#told.get(edge)
      if (told) told.isCurrent = false
    }
  }

  /** All that is to be said to an edge. */
  of(edge: string): readonly Reason[] {
    const known = this.#toSay.get(edge)
    if (known) return known
    const reasons: Reason[] = []
    for (const f of this.#edges.get(edge)?.flows ?? []) if (this.#limits[f]) reasons.push(this.#limits[f])
    this.#toSay.set(edge, reasons)
    return reasons
  }

  isDue(edge: string): boolean {
    const told = this.#told.get(edge)
    if (!told) return true
    const age = this.#clock.monotonic() - told.at
    const soonest = SOONEST[this.#edges.get(edge)?.line ?? 'fibre']
    return age >= (told.isCurrent ? AGAIN * soonest : soonest)
  }

  noteTold(edge: string, reasons: readonly Reason[]): void {
    // Between what was said and this nothing is looked at.
    this.#told.set(edge, { reasons, at: this.#clock.monotonic(), isCurrent: true })
  }

  forget(edge?: string): void {
    if (edge === undefined) this.#told.clear()
    else this.#told.delete(edge)
  }

  /** What each edge has been told so far: all that limits flows of it. */
  told(): ReadonlyMap<string, readonly Reason[]> {
    return new Map([...this.#told].map(([edge, { reasons }]) => [edge, reasons]))
  }
}

const isSame = (held: Reason, code: LimitCode, id: string | null, behind: LaidBy | null): boolean =>
  held.code === code && held.id === id && held.behind?.kind === behind?.kind && held.behind?.id === behind?.id
