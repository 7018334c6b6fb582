// Class rates of every flow, kbit/s, recomputed only where it matters: when the flow's rate changed, or when what its
// classes ask for has moved by a quarter of the rate. Between, the edge lends inside the flow by itself.

import type { Plan } from '../model/plan.js'
import type { InPieces } from '../runtime/pieces.js'
import { splitClasses } from '../solve/classes.js'

const MOVED = 0.25
/** Flows; of a new plan all are. */
const SPLIT_A_PIECE = 200

export class ClassSplit {
  /** kbit/s by [flow * classes + class]; each row sums to the flow's rate. */
  readonly rates: Uint32Array
  readonly #classes: number
  readonly #weights: Float64Array
  readonly #guarantees: Float64Array
  readonly #splitOf: Uint32Array
  readonly #demandAt: Float64Array
  readonly #promise: Float64Array
  readonly #demand: Float64Array

  constructor(plan: Plan) {
    const C = plan.classes.length
    this.#classes = C
    this.#weights = Float64Array.from(plan.classes, (c) => c.weight)
    this.#guarantees = Float64Array.from(plan.classes, (c) => c.guarantee)
    this.rates = new Uint32Array(plan.flows.length * C)
    this.#splitOf = new Uint32Array(plan.flows.length)
    this.#demandAt = new Float64Array(plan.flows.length * C)
    this.#promise = new Float64Array(C)
    this.#demand = new Float64Array(C)
  }

  /** Splits `kbps` of each flow by class demand (bit/s by [flow * classes + class], with the estimator's margin). */
  *update(kbps: Uint32Array, classArrival: Float64Array, margin: number): InPieces<void> {
    const C = this.#classes
    let split = 0
    for (let f = 0; f < kbps.length; f++) {
      if (this.#splitOf[f] === kbps[f] && !this.#moved(f, kbps[f]!, classArrival, margin)) continue
      for (let c = 0; c < C; c++) {
        const demand = (margin * classArrival[f * C + c]!) / 1_000
        this.#demand[c] = demand
        this.#demandAt[f * C + c] = demand
        this.#promise[c] = this.#guarantees[c]! * kbps[f]!
      }
      splitClasses(kbps[f]!, this.#promise, this.#weights, this.#demand, this.rates.subarray(f * C, (f + 1) * C))
      this.#splitOf[f] = kbps[f]!
      if (++split % SPLIT_A_PIECE === 0) yield
    }
  }

  #moved(flow: number, kbps: number, classArrival: Float64Array, margin: number): boolean {
    const C = this.#classes
    for (let c = 0; c < C; c++) {
      const demand = (margin * classArrival[flow * C + c]!) / 1_000
      if (Math.abs(demand - this.#demandAt[flow * C + c]!) > MOVED * kbps) return true
    }
    return false
  }
}
