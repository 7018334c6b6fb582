// Rates for edges that a person configures. Nobody follows demand, a schedule or a cut cable by hand, so such an edge
// has the rates of a revision and of nothing else: what its flows get on the intact network when everyone asks for the
// ceiling. The same revision makes the same rates, so its number is all that a person has to name.
//
// What is in force there is what somebody has confirmed, or what the present revision says and somebody may be typing
// in right now. The more of the two is charged, flow by flow: shrink before grow, with a person as the messenger. While
// the two differ that is more than either says, and an institution's own access line may read as overfull.

import { recordKey } from '../model/lease.js'
import type { Plan } from '../model/plan.js'
import type { KilobitsPerSecond, UnixMilliseconds } from '../model/units.js'
import { compile } from '../policy/compile/compile.js'
import type { EdgeConfirmation } from '../policy/in-force/register.js'
import type { Problem } from '../solve/problem.js'
import type { Revision } from './planner.js'

/** Revisions whose rates are kept: the one in force, and those that people ask about beside it. */
const KEPT = 4

export interface StandingRates {
  /** Of the revision alone; its safe rates are not solved. */
  readonly plan: Plan
  /** By flow of that plan. */
  readonly kbps: Float64Array
}

/** A confirmation, and since when the policy has said something else; null: it has not. */
export interface HandConfirmation extends EdgeConfirmation {
  readonly differsSince: UnixMilliseconds | null
}

/** kbit/s of a flow at an edge that a person configures. */
export interface HandRate {
  /** The most that may be in force. */
  readonly charged: KilobitsPerSecond
  /** What the present revision says. */
  readonly granted: KilobitsPerSecond
  /** NaN: nobody ever confirmed any text there. */
  readonly confirmed: KilobitsPerSecond
}

export class Standing {
  readonly #solve: (problem: Problem) => Promise<unknown>
  readonly #kept = new Map<string, Promise<StandingRates>>()

  constructor(solve: (problem: Problem) => Promise<unknown>) {
    this.#solve = solve
  }

  of(revision: Revision): Promise<StandingRates> {
    const found = this.#kept.get(revision.hash) ?? this.#made(revision)
    this.#kept.delete(revision.hash)
    this.#kept.set(revision.hash, found)
    // A solve that failed is asked for again.
    void found.catch(() => this.#kept.delete(revision.hash))
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return found
  }

  async #made(revision: Revision): Promise<StandingRates> {
    const { plan, problem } = compile(revision.document, revision)
    problem.demand.set(problem.ceiling)
    await this.#solve(problem)
    return { plan, kbps: problem.kbps.slice() }
  }
}

/** Rates of one edge by the number of the flow; null: the revision does not have the edge. */
export function ratesOfEdge(
  { plan, kbps }: StandingRates,
  edge: string,
): ReadonlyMap<number, KilobitsPerSecond> | null {
  const flows = plan.edges.find(({ id }) => id === edge)?.flows
  return flows === undefined ? null : new Map(flows.map((f) => [recordKey(plan.flows[f]!.record), kbps[f]!]))
}

/** Whether the edge has in force what these rates say. */
export function agrees({ rates }: EdgeConfirmation, wanted: ReadonlyMap<number, KilobitsPerSecond> | null): boolean {
  return (
    wanted !== null &&
    wanted.size === Object.keys(rates).length &&
    [...wanted].every(([key, kbps]) => rates[key] === kbps)
  )
}

/** The flows of all static edges of `plan`, which may have another list of flows than the revision alone. */
export function handRates(
  plan: Plan,
  standing: StandingRates,
  confirmations: readonly EdgeConfirmation[],
): Map<number, HandRate> {
  const rates = new Map<number, HandRate>()
  for (const edge of plan.edges) {
    if (edge.pace !== 'static') continue
    const wanted = ratesOfEdge(standing, edge.id)
    const said = confirmations.find((confirmation) => confirmation.edge === edge.id)
    for (const f of edge.flows) {
      const key = recordKey(plan.flows[f]!.record)
      const granted = wanted?.get(key) ?? 0
      // A flow that is new since then is not limited by the text that stands.
      const confirmed = said?.rates[key] ?? Number.NaN
      rates.set(f, { granted, confirmed, charged: Math.max(granted, confirmed || 0) })
    }
  }
  return rates
}
