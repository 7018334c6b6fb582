// Who pays which part of an invoice. Each rule gives weights; an amount is shared by them in whole cents with the
// largest remainders (Hamilton): everyone gets the cents of their quota rounded down, and what is left goes, a cent
// each, to those with the largest fractions, ids deciding between equals. So shares always add up to what was shared.
//
// A mixed rule shares the amount among its parts in the same way first. A part in which nobody has any weight (a month
// of which nothing was recorded cannot be shared by what was carried) is shared by promise instead, and by equal
// parts where nobody was promised anything; both are said in every statement that they concern.

import type { SharedBy } from '../policy/document/contracts.js'
import type { Cents } from './money.js'

export interface RulePart {
  readonly by: SharedBy
  /** Of the amount, in hundredths of a per cent; those of a rule sum to 10,000. */
  readonly share: number
}

/** Whole and not negative, in the order of the ids. */
export interface Payer extends Readonly<Record<SharedBy, bigint>> {
  readonly id: string
}

export interface Share {
  readonly id: string
  readonly amount: Cents
  readonly parts: readonly {
    readonly by: SharedBy | 'equal'
    readonly instead: SharedBy | null
    readonly amount: Cents
  }[]
}

/** Parts of an amount by weights, one of which at least is not zero; they add up to it. A credit is shared likewise. */
export function shareOut(amount: Cents, weights: readonly bigint[]): Cents[] {
  if (amount < 0) return shareOut(-amount, weights).map((part) => (part === 0 ? 0 : -part))
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  const quotas = weights.map((weight, at) => {
    const product = BigInt(amount) * weight
    return { at, whole: Number(product / total), rest: product % total }
  })
  let left = amount - quotas.reduce((sum, { whole }) => sum + whole, 0)
  const parts = quotas.map(({ whole }) => whole)
  // The sort is stable: between equal remainders the order of the ids decides.
  for (const { at } of [...quotas].sort((a, b) => (a.rest < b.rest ? 1 : a.rest > b.rest ? -1 : 0))) {
    if (left === 0) break
    parts[at]!++
    left--
  }
  return parts
}

/** @param payers at least one, ordered by id */
export function shareInvoice(amount: Cents, rule: readonly RulePart[], payers: readonly Payer[]): Share[] {
  const amounts = shareOut(
    amount,
    rule.map(({ share }) => BigInt(share)),
  )
  const byPart = rule.map((part, at) => {
    const { by, weights } = weightsOf(part.by, payers)
    return { by, instead: by === part.by ? null : part.by, amounts: shareOut(amounts[at]!, weights) }
  })
  return payers.map(({ id }, at) => {
    const parts = byPart.map(({ by, instead, amounts }) => ({ by, instead, amount: amounts[at]! }))
    return { id, parts, amount: parts.reduce((sum, part) => sum + part.amount, 0) }
  })
}

function weightsOf(by: SharedBy, payers: readonly Payer[]): { by: SharedBy | 'equal'; weights: bigint[] } {
  // One payer pays all of it, whatever it weighs.
  if (payers.length === 1) return { by, weights: [1n] }
  for (const way of [by, 'promise'] as const) {
    const weights = payers.map((payer) => payer[way])
    if (weights.some((weight) => weight > 0n)) return { by: way, weights }
  }
  return { by: 'equal', weights: payers.map(() => 1n) }
}
