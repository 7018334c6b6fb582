// What a contract costs in a month by its own rule, what of it lay idle, and how much it would have been wise to
// commit to. Prices come from the price book and never from the policy.

import { type BillingMonth, dayEnd, dayStart } from './billing-month.js'
import { amountOf, type Cents } from './money.js'
import type { Kbps } from './percentile.js'

export interface Tariff {
  /** Three letters (ISO 4217). */
  readonly currency: string
  /** Millionths: for the committed rate, a month. */
  readonly monthly: bigint
  /** Millionths: for each Mbit/s of the percentile above the committed rate, a month. */
  readonly perMbps: bigint
}

export interface Bill {
  readonly currency: string
  /** For the committed rate, in the days of the month in which the contract held. */
  readonly fixed: Cents
  /** For what the percentile was above it. */
  readonly overage: Cents
  readonly total: Cents
}

/** Part of the month in which a contract with these dates holds, both days included: so many of so many ms. */
export function heldPart(
  { from, until }: { readonly from: string; readonly until: string | null },
  month: BillingMonth,
): { readonly held: bigint; readonly of: bigint } {
  const start = Math.max(month.from, dayStart(from, month.zone))
  const end = Math.min(month.before, until === null ? month.before : dayEnd(until, month.zone))
  return { held: BigInt(Math.max(0, end - start)), of: BigInt(month.before - month.from) }
}

/** @param percentile null: nothing was counted, so nothing above the committed rate is billed */
export function billOf(
  tariff: Tariff,
  committed: Kbps,
  percentile: Kbps | null,
  { held, of }: { readonly held: bigint; readonly of: bigint },
): Bill {
  const above = BigInt(Math.max(0, (percentile ?? 0) - committed))
  const fixed = amountOf(tariff.monthly, held, of)
  const overage = held === 0n ? 0 : amountOf(tariff.perMbps, above, 1_000n)
  return { currency: tariff.currency, fixed, overage, total: fixed + overage }
}

/** What was paid for the part of the committed rate that the percentile never reached. */
export function idleCost({ fixed }: Bill, committed: Kbps, percentile: Kbps | null): Cents {
  if (committed === 0 || percentile === null) return 0
  const idle = BigInt(Math.max(0, committed - percentile))
  return Number((2n * BigInt(fixed) * idle + BigInt(committed)) / (2n * BigInt(committed)))
}

/**
 * The committed rate at which these months together would have cost least, if each Mbit/s of it costs what one costs
 * now. Cost is linear between the percentiles, so one of them, or nothing, is best; of equals the smaller.
 * Null: without a committed rate nobody knows what one costs.
 */
export function commitAdvice(tariff: Tariff, committed: Kbps, percentiles: readonly Kbps[]): Kbps | null {
  if (committed === 0 || percentiles.length === 0) return null
  const cost = (commit: Kbps): bigint => {
    const over = percentiles.reduce((sum, one) => sum + Math.max(0, one - commit), 0)
    // Both times 1,000 x committed.
    return (
      tariff.monthly * BigInt(commit) * 1_000n * BigInt(percentiles.length) +
      tariff.perMbps * BigInt(over) * BigInt(committed)
    )
  }
  return [0, ...percentiles].sort((a, b) => a - b).reduce((best, one) => (cost(one) < cost(best) ? one : best))
}
