// Whom conditions of the network hurt: flows added up by institution and service, and what is short at one time added
// up over all of them and over each tier. Sums are of things that are missing together, never of worst moments.

import type { Plan } from '../../model/plan.js'
import type { BitsPerSecond } from '../../model/units.js'

/** One institution and service that a cut hurts. Places are those of the plan. */
export interface Hurt {
  readonly institution: number
  readonly service: number
  /**
   * Flows that have a way and get too little are `short`. Where flows have none left the service is `unreachable` if no
   * site has one, in one direction or both, and `partly` so if another site has. What is short beside it stands apart.
   */
  readonly kind: 'short' | 'unreachable' | 'partly'
  /** What its short or unreachable flows lacked of their claims in the step in which they lacked most. */
  readonly missing: BitsPerSecond
  /** Place in the list of steps. */
  readonly worstStep: number
  /** The least part of a claim that any of its flows got. */
  readonly kept: number
  /** Link that stopped a flow in the worst step; -1: none did. */
  readonly cause: number
}

/** What several lack together in the step in which that is most. */
export interface Moment {
  readonly missing: BitsPerSecond
  /** Place in the list of steps; -1: nobody lacks anything. */
  readonly step: number
}

/** Whom conditions hurt, and what those that are short lack at once: all of them, and of a tier and service. */
export interface Harm {
  /** By institution, then service. */
  readonly hurts: readonly Hurt[]
  readonly most: Moment
  /** By "tier service". */
  readonly tiers: ReadonlyMap<string, Moment>
}

interface Lack extends Pick<Hurt, 'kind' | 'missing' | 'kept' | 'cause'> {
  readonly step: number
}

interface Row {
  institution: number
  service: number
  kind: Hurt['kind']
  /** By step, and the first cause of each. */
  missing: Map<number, { sum: number; cause: number }>
  kept: number
}

/** Adds up flows by institution and service, those that are cut off apart from those that are short. */
export class Tally {
  readonly #plan: Plan
  readonly #services: number
  readonly #rows = new Map<number, Row>()
  /** By step, what is short: of all, and by tier and service. */
  readonly #all: Float64Array
  readonly #tiers = new Map<string, Float64Array>()

  constructor(plan: Plan, steps: number) {
    this.#plan = plan
    this.#services = plan.services.length
    this.#all = new Float64Array(steps)
  }

  add(institution: number, service: number, { kind, step, missing, kept, cause }: Lack): void {
    const key = 2 * (institution * this.#services + service) + (kind === 'short' ? 1 : 0)
    const row = this.#rows.get(key) ?? { institution, service, kind, missing: new Map(), kept: 1 }
    this.#rows.set(key, row)
    const known = row.missing.get(step)
    if (known === undefined) row.missing.set(step, { sum: missing, cause })
    else {
      known.sum += missing
      if (known.cause < 0) known.cause = cause
    }
    row.kept = Math.min(row.kept, kept)
    if (kind !== 'short') return
    const name = `${this.#plan.institutions[institution]!.tier} ${this.#plan.services[service]!.id}`
    const tier = this.#tiers.get(name) ?? new Float64Array(this.#all.length)
    this.#tiers.set(name, tier)
    tier[step]! += missing
    this.#all[step]! += missing
  }

  harm(): Harm {
    const ordered = [...this.#rows].sort(([a], [b]) => a - b)
    const tiers = new Map([...this.#tiers].map(([name, lacks]) => [name, momentOf(lacks)]))
    return { hurts: ordered.map(hurtOf), most: momentOf(this.#all), tiers }
  }
}

/** The first of equals. */
function momentOf(lacks: Float64Array): Moment {
  const missing = lacks.reduce((most, each) => Math.max(most, each), 0)
  return { missing, step: missing === 0 ? -1 : lacks.indexOf(missing) }
}

function hurtOf([, { missing, ...row }]: readonly [number, Row]): Hurt {
  const [worstStep, { sum, cause }] = [...missing].reduce((w, next) => (next[1].sum > w[1].sum ? next : w))
  return { ...row, missing: sum, worstStep, cause }
}
