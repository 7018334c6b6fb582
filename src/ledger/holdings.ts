// Who was of which tier, with which promises and lines, when: folded out of the revisions of the policy that were in
// force in a month. A revision that changes nothing of an institution leaves its stretch as it is, so that a month of a
// hundred revisions is a few stretches an institution.

import { toKbps, type UnixMilliseconds } from '../model/units.js'
import { linesOf } from '../policy/document/contract-rules.js'
import type { PolicyContract } from '../policy/document/contracts.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { promisesTo } from '../policy/document/promise.js'
import type { Directions } from './month.js'
import type { Kbps } from './percentile.js'
import type { Spans } from './reading.js'

/** A stretch of time in which nothing of it changed. */
export interface Holding {
  readonly from: UnixMilliseconds
  readonly before: UnixMilliseconds
  readonly tier: string
  /** What is guaranteed to it, by service that it takes: what its tier says, and no more than its own ceiling. */
  readonly promised: Readonly<Record<string, Directions<Kbps>>>
  readonly sites: readonly string[]
}

export class Holdings {
  readonly #of = new Map<string, Holding[]>()
  readonly #there = new Map<string, { from: UnixMilliseconds; before: UnixMilliseconds }[]>()

  /** The policy that was in force from `from` to `before`; to be told in order of time. */
  add(document: PolicyDocument, from: UnixMilliseconds, before: UnixMilliseconds): void {
    const { institutions, sites, links } = document
    for (const line of [...Object.keys(links), ...Object.keys(sites)]) {
      const spans = this.#there.get(line) ?? []
      const last = spans.at(-1)
      if (last?.before === from) last.before = before
      else spans.push({ from, before })
      this.#there.set(line, spans)
    }
    const sitesOf = new Map<string, string[]>()
    for (const [id, { institution }] of Object.entries(sites))
      sitesOf.set(institution, [...(sitesOf.get(institution) ?? []), id].sort())
    for (const [id, institution] of Object.entries(institutions)) {
      const promised: Record<string, { down: Kbps; up: Kbps }> = {}
      for (const { service, direction, guarantee } of promisesTo(document, institution)) {
        promised[service] ??= { down: 0, up: 0 }
        promised[service][direction] = Math.round(toKbps(guarantee))
      }
      const next: Holding = { from, before, tier: institution.tier, promised, sites: sitesOf.get(id) ?? [] }
      const own = this.#of.get(id) ?? []
      const last = own.at(-1)
      if (last !== undefined && last.before === from && isSame(last, next)) own[own.length - 1] = { ...last, before }
      else own.push(next)
      this.#of.set(id, own)
    }
  }

  /** When there was each link and site. */
  get there(): ReadonlyMap<string, Spans> {
    return this.#there
  }

  /** By institution, in the order of the ids: also those that are not there any more. */
  all(): [string, readonly Holding[]][] {
    return [...this.#of].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

const isSame = (a: Holding, b: Holding): boolean =>
  JSON.stringify([a.tier, a.promised, a.sites]) === JSON.stringify([b.tier, b.promised, b.sites])

/** The services that a contract carries. */
export function servicesOf(
  document: Pick<PolicyDocument, 'links' | 'groups' | 'services'>,
  contract: Pick<PolicyContract, 'links' | 'services'>,
): string[] {
  if (contract.services !== undefined) return contract.services
  const lines = linesOf(document, contract)
  const entering = Object.entries(document.services).filter(([, { via }]) => via.some((link) => lines.includes(link)))
  return (entering.length > 0 ? entering : Object.entries(document.services)).map(([id]) => id).sort()
}
