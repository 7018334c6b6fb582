// What edges were told last, by flow. Ten nations have 37,000 flows, and most edges are told nothing new in a tick:
// read in the order of flows all that was told passes once, where edge by edge each flow would be looked up in memory.

import type { Plan } from '../model/plan.js'
import type { Columns } from './edge-lease.js'

/** kbit/s: rates and safe rates by flow, class rates by [flow * classes + class]. */
export interface Rates extends Columns {
  readonly classes: Uint32Array
}

export class Told implements Rates {
  readonly rates: Uint32Array
  readonly safe: Uint32Array
  readonly classes: Uint32Array
  readonly #edgeOf: Uint32Array
  readonly #edges: Plan['edges']

  constructor({ flows, edges, classes }: Pick<Plan, 'flows' | 'edges' | 'classes'>) {
    this.rates = new Uint32Array(flows.length)
    this.safe = new Uint32Array(flows.length)
    this.classes = new Uint32Array(flows.length * classes.length)
    this.#edges = edges
    this.#edgeOf = new Uint32Array(flows.length)
    edges.forEach((edge, e) => {
      for (const f of edge.flows) this.#edgeOf[f] = e
    })
  }

  /** These flows, of one edge, were told this: columns by their position there. */
  note(flows: readonly number[], { rates, safe, classes }: Rates): void {
    const C = this.#classCount
    for (let k = 0; k < flows.length; k++) {
      const f = flows[k]!
      this.rates[f] = rates[k]!
      this.safe[f] = safe[k]!
      for (let c = 0; c < C; c++) this.classes[f * C + c] = classes[k * C + c]!
    }
  }

  /** Flows of which something else was decided, by edge and in their order; columns by flow. */
  changed({ rates, safe, classes }: Rates): ReadonlyMap<string, readonly number[]> {
    const C = this.#classCount
    const changed = new Map<string, number[]>()
    for (let f = 0; f < rates.length; f++) {
      let differs = rates[f] !== this.rates[f] || safe[f] !== this.safe[f]
      for (let i = f * C; i < (f + 1) * C && !differs; i++) differs = classes[i] !== this.classes[i]
      if (!differs) continue
      const edge = this.#edges[this.#edgeOf[f]!]!.id
      const own = changed.get(edge)
      if (own) own.push(f)
      else changed.set(edge, [f])
    }
    return changed
  }

  get #classCount(): number {
    return this.rates.length === 0 ? 0 : this.classes.length / this.rates.length
  }
}
