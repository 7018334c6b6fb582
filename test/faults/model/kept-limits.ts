// No loss of the policy store lifts a limit: an edge that is really to enforce goes on enforcing, and no class of the
// institution that a mode holds down rises above what the mode says.

import { recordKey } from '../../../src/model/lease.js'
import type { Milliseconds } from '../../../src/model/units.js'
import { provisionalIndexes } from '../../../src/policy/compile/compile.js'
import type { Gateway } from './gateway.js'
import type { Breach } from './ledger.js'
import { HELD_DOWN, MODE_CEILING, type PolicyStore } from './policy-store.js'

/** What was ordered is obeyed after this time, where the line is well. */
const OBEYED: Milliseconds = 5_000

export class KeptLimits {
  readonly breaches: Breach[] = []
  readonly #policy: PolicyStore
  readonly #deafAt: ReadonlyMap<string, Milliseconds>
  readonly #limited = new Set<string>()
  #checked = 0

  /** @param deafAt by edge, when it could hear nothing of what it is told */
  constructor(policy: PolicyStore, deafAt: ReadonlyMap<string, Milliseconds>) {
    this.#policy = policy
    this.#deafAt = deafAt
  }

  get checked(): number {
    return this.#checked
  }

  check(gateways: Iterable<Gateway>, at: Milliseconds): void {
    const institution = provisionalIndexes(this.#policy.document).get(HELD_DOWN)!
    for (const gateway of gateways) {
      const { id, limits, isBare, rates } = gateway
      this.#checked++
      const { enforcement, since: orderedAt } = this.#policy.meantOf(id)
      const since = Math.max(orderedAt, this.#deafAt.get(id) ?? orderedAt)
      const isMeant = enforcement === 'enforce' || enforcement === 'hold'
      if (this.#limited.has(id) && !limits && !isBare && isMeant && at - since > OBEYED)
        this.breaches.push({ at, what: `${id} stops enforcing, and is to ${enforcement}` })
      if (limits) this.#limited.add(id)
      else this.#limited.delete(id)
      for (const direction of [0, 1] as const) {
        const kbps = rates.get(recordKey({ institution, service: 0, direction }))?.rate ?? 0
        if (limits && kbps * 1_000 > MODE_CEILING)
          this.breaches.push({ at, what: `${HELD_DOWN} may have ${kbps} kbit/s at ${id}, and a mode says less` })
      }
    }
  }
}
