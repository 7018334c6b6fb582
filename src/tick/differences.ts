// Edges that lag by their nature: a router that is granted something new once a minute at most, and one that a person
// configures. For each of them: since when it has not had what it should have. What a paced edge lags is counted by who
// watches it and begins anew with each leader; what a static one lags is read from the history of the policy.

import type { EdgeStatus } from '../model/board.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { PlanState } from './plan-state.js'
import type { StaticConfirmation } from './static-rates.js'

type Difference = Pick<EdgeStatus, 'confirmed' | 'differsSince'>

const NONE: Difference = { confirmed: null, differsSince: null }

export class Differences {
  #known = new Map<string, Difference>()

  /** To be called once a tick, after its publication. */
  note(
    { plan, leases, rates }: Pick<PlanState, 'plan' | 'leases' | 'rates'>,
    said: readonly StaticConfirmation[],
    now: UnixMilliseconds,
  ): void {
    const before = this.#known
    this.#known = new Map()
    for (const { id, pace, flows } of plan.edges) {
      const confirmation = said.find(({ edge }) => edge === id)
      if (pace === 'static' && confirmation) {
        const { revision, at, author, differsSince } = confirmation
        this.#known.set(id, { confirmed: { revision, at, by: author }, differsSince })
      } else if (pace === 'paced' && flows.some((f) => leases.acknowledgedRate(f) !== rates[f])) {
        this.#known.set(id, { confirmed: null, differsSince: before.get(id)?.differsSince ?? now })
      }
    }
  }

  of(edge: string): Difference {
    return this.#known.get(edge) ?? NONE
  }
}
