// A controller's own look at its trail: every hash and signature against what the store holds. Signatures take their
// time, so what was found good before is known by its last hash, which covers all of it: if that is met again, only
// what came behind is asked for its signatures.

import type { Link } from './chain.js'
import { NO_TRUST, Proof, type Trust, type Verdict } from './prove.js'
import type { AuditStore } from './store.js'

const PAGE = 1_000

export interface TrustedKeys {
  /** Entries behind this one are signed. */
  readonly since: number
  /** Public keys whose signatures count here. */
  trusted(): ReadonlySet<string>
}

export class Verification {
  readonly #store: AuditStore
  readonly #keys: TrustedKeys
  #proven: Link | null = null

  constructor(store: AuditStore, keys: TrustedKeys) {
    this.#store = store
    this.#keys = keys
  }

  async verdict(): Promise<Verdict> {
    const trust = { ...NO_TRUST, keys: this.#keys.trusted(), since: this.#keys.since }
    let proof = await this.#prove({ ...trust, proven: this.#proven })
    if (!proof.isProvenMet) proof = await this.#prove(trust)
    const verdict = proof.verdict
    this.#proven = verdict.ok ? verdict.head : null
    return verdict
  }

  async #prove(trust: Trust): Promise<{ readonly isProvenMet: boolean; readonly verdict: Verdict }> {
    const { base, head } = await this.#store.ends()
    const proof = await Proof.open(base, trust)
    while (proof.end.n < head.n && proof.fault === null) {
      const rows = await this.#store.range(proof.end.n + 1, head.n, PAGE, false)
      if (rows.length === 0) break
      await proof.add(rows)
    }
    return { isProvenMet: proof.isProvenMet, verdict: proof.verdict(head) }
  }
}
