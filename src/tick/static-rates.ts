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
import { type CompileContext, makeCompiler } from '../policy/compile/compile.js'
import { Topology } from '../policy/compile/topology.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { EdgeConfirmation } from '../policy/in-force/register.js'
import { anotherRound } from '../runtime/clock.js'
import { LruMap } from '../runtime/lru-map.js'
import { byPieces } from '../runtime/pieces.js'
import type { Problem } from '../solve/problem.js'

/** A revision with the persistent numbers of its institutions. */
type Revision = { readonly document: PolicyDocument } & Pick<CompileContext, 'revision' | 'hash' | 'indexes'>

/** Revisions whose rates are kept: the one in force, and those that people ask about beside it. */
const KEPT = 4

export interface RevisionRates {
  /** Of the revision alone; its safe rates are not solved. */
  readonly plan: Plan
  /** By flow of that plan. */
  readonly kbps: Float64Array
}

/** A confirmation, and since when the policy has said something else; null: it has not. */
export interface StaticConfirmation extends EdgeConfirmation {
  readonly differsSince: UnixMilliseconds | null
}

/** kbit/s of a flow at an edge that a person configures. */
export interface StaticRate {
  /** The most that may be in force. */
  readonly charged: KilobitsPerSecond
  /** What the present revision says. */
  readonly granted: KilobitsPerSecond
  /** NaN: nobody ever confirmed any text there. */
  readonly confirmed: KilobitsPerSecond
}

/** The tick has one, and who asks beside it another: each compiles a revision once. */
export class StaticRates {
  readonly #solve: (problem: Problem) => Promise<unknown>
  readonly #round: () => Promise<void>
  readonly #kept = new LruMap<Promise<RevisionRates>>(KEPT)
  #topology: Topology | null = null

  /** @param round lets whatever else is due at this thread come between two pieces of work */
  constructor(solve: (problem: Problem) => Promise<unknown>, round: () => Promise<void> = anotherRound) {
    this.#solve = solve
    this.#round = round
  }

  of(revision: Revision): Promise<RevisionRates> {
    const found = this.#kept.get(revision.hash, () => this.#made(revision))
    // A solve that failed is asked for again.
    void found.catch(() => this.#kept.delete(revision.hash))
    return found
  }

  async #made(revision: Revision): Promise<RevisionRates> {
    this.#topology = Topology.of(revision.document, this.#topology)
    const compile = await byPieces(makeCompiler(revision.document, revision, this.#topology), this.#round)
    const { plan, problem } = await byPieces(compile({}), this.#round)
    problem.demand.set(problem.ceiling)
    await this.#solve(problem)
    return { plan, kbps: problem.kbps.slice() }
  }
}

/** Rates of one edge by the number of the flow; null: the revision does not have the edge. */
export function ratesOfEdge(
  { plan, kbps }: RevisionRates,
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
export function staticRatesOf(
  plan: Plan,
  ofRevision: RevisionRates,
  confirmations: readonly EdgeConfirmation[],
): Map<number, StaticRate> {
  const rates = new Map<number, StaticRate>()
  for (const edge of plan.edges) {
    if (edge.pace !== 'static') continue
    const wanted = ratesOfEdge(ofRevision, edge.id)
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
