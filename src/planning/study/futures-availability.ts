// How much of what it may claim each institution keeps of a service, and for how long: the rate R that it has in at
// least so many of all minutes, added up from the results of parts in their order.

import type { Plan } from '../../model/plan.js'
import { type PartResult, WHOLE } from './futures-task.js'

/** Of an institution and service. */
export interface Availability {
  readonly institution: number
  readonly service: number
  /** The part of its promise that it has in so many minutes as were asked about. */
  readonly part: number
  /** The part of all minutes in which it has all of it. */
  readonly whole: number
  /** Expected in a year: bit/s times hours. */
  readonly short: number
  readonly unreachable: number
}

/** What an institution and service lack in all years. */
interface Lacks {
  /** By thousandths of its claims that it keeps: hours. */
  readonly kept: Float64Array
  /** bit/s times hours. */
  short: number
  unreachable: number
}

export class Kept {
  /** By institution and service. */
  readonly #rows = new Map<number, Lacks>()

  #of(row: number): Lacks {
    const known = this.#rows.get(row) ?? { kept: new Float64Array(WHOLE), short: 0, unreachable: 0 }
    this.#rows.set(row, known)
    return known
  }

  take({ kept, lacks }: PartResult): void {
    for (let at = 0; at < kept.length; at += 3) this.#of(kept[at]!).kept[kept[at + 1]!]! += kept[at + 2]!
    for (let at = 0; at < lacks.length; at += 3) {
      const sum = this.#of(lacks[at]!)
      sum.short += lacks[at + 1]!
      sum.unreachable += lacks[at + 2]!
    }
  }

  /** @param hours of one year; `minutes`: the part of them in which a rate is to be had */
  availability(plan: Plan, draws: number, hours: number, minutes: number): Availability[] {
    const served = new Set(plan.flows.map(({ institution, service }) => `${institution} ${service}`))
    return plan.institutions.flatMap(({ id }, institution) =>
      plan.services.flatMap((of, service): Availability[] => {
        if (!served.has(`${id} ${of.id}`)) return []
        const { kept, short, unreachable } = this.#of(institution * plan.services.length + service)
        const had = partHad(kept, draws * hours, minutes)
        return [{ institution, service, ...had, short: short / draws, unreachable: unreachable / draws }]
      }),
    )
  }
}

/** @param kept hours in which less than all was kept, by thousandths of it */
function partHad(kept: Float64Array, hours: number, minutes: number): { part: number; whole: number } {
  const lacking = kept.reduceRight((sum, spent) => sum + spent, 0)
  const whole = Math.min(1, Math.max(0, 1 - lacking / hours))
  let below = lacking
  let part = 1
  for (let bin = WHOLE - 1; bin >= 0 && 1 - below / hours < minutes; bin--) {
    if (kept[bin] === 0) continue
    below -= kept[bin]!
    part = bin / WHOLE
  }
  // Rounding may leave a breath of the last bin.
  return { part: 1 - Math.max(0, below) / hours >= minutes - 1e-12 ? part : 0, whole }
}
