// The month of one contract: what was carried on its links by its own rule, what that costs, and who pays which part.
// What was used and what it costs are kept apart from the first step on: `MonthOfContract` has no amount in it and may
// be shown to everyone who may look at links; `Charge` is for those who may see prices.

import { SLOT, toSeconds } from '../model/units.js'
import type { Counts } from '../policy/document/contracts.js'
import { type Bill, billOf, commitAdvice, heldPart, idleCost, type Tariff } from './bill.js'
import type { BillingMonth } from './billing-month.js'
import type { Cents } from './money.js'
import { type Kbps, type Series, type Usage, usageOf } from './percentile.js'
import { type Payer, type RulePart, type Share, shareInvoice } from './sharing.js'

export interface ContractTerms {
  readonly id: string
  readonly committed: Kbps
  readonly percent: number
  readonly counts: Counts
  readonly from: string
  readonly until: string | null
}

/** How a contract's cost is shared. */
export interface Rule {
  readonly id: string
  readonly parts: readonly RulePart[]
  /** Slots of the month that cost an institution of this tier nothing. */
  isFree(slot: number, tier: string): boolean
}

/** A stretch of the month in which an institution was of one tier. */
export interface Tenure {
  /** Slots of the month. */
  readonly from: number
  readonly before: number
  readonly tier: string
  /** kbit/s, in the services that the contract pays for. */
  readonly promised: Directions<Kbps>
}
export type Directions<Value> = { readonly down: Value; readonly up: Value }

export interface PayerUse {
  readonly id: string
  /** In order of time; none overlaps another. */
  readonly tenures: readonly Tenure[]
  readonly carried: Directions<Series>
}

export interface MonthOfContract {
  readonly contract: string
  readonly rule: string | null
  readonly down: Usage
  readonly up: Usage
  /** By the contract's own rule; null: nothing was counted. */
  readonly billed: Kbps | null
  readonly committed: Kbps
  readonly idle: Kbps | null
  /** Sum of what its payers were promised, a mean over the days in which the contract held. */
  readonly promised: Directions<Kbps>
}

export interface Charge {
  readonly contract: string
  readonly bill: Bill
  /** What the provider asks; null: it is not known, and the bill of our own is shared. */
  readonly invoice: Cents | null
  /** Null: nobody knows. */
  readonly idleCost: Cents | null
  readonly commitAdvice: Kbps | null
  readonly corrections: readonly Correction[]
  /** The invoice, or else the bill, and the corrections. `shares` and `unshared` add up to it, always. */
  readonly total: Cents
  readonly shares: readonly Share[]
  /** What nobody pays, because the contract has no sharing rule or nobody uses it; else 0. */
  readonly unshared: Cents
}

/** An entry for something that a month before got wrong. */
export interface Correction {
  readonly id: string
  readonly contract: string
  /** The closed month that it is about. */
  readonly of: string
  /** Who pays, or gets, all of it; null: it is shared as the month's invoice is. */
  readonly institution: string | null
  readonly amount: Cents
  readonly reason: string
}

export interface ContractMonth {
  readonly terms: ContractTerms
  /** The whole month; series and tenures are of the days in which the contract held. */
  readonly month: BillingMonth
  readonly rule: Rule | null
  readonly carried: Directions<Series>
  readonly payers: readonly PayerUse[]
}

export function monthOf({ terms, rule, carried, payers }: ContractMonth): MonthOfContract {
  const [down, up] = [usageOf(carried.down, terms.percent), usageOf(carried.up, terms.percent)]
  const billed = countedOf({ down: down.percentile, up: up.percentile }, terms.counts)
  const slots = carried.down.means.length
  const promised = (way: 'down' | 'up'): Kbps =>
    Math.round(
      payers.reduce((sum, { tenures }) => sum + tenures.reduce((own, t) => own + t.promised[way] * lengthOf(t), 0), 0) /
        Math.max(1, slots),
    )
  return {
    ...{ contract: terms.id, rule: rule?.id ?? null, down, up, billed, committed: terms.committed },
    idle: billed === null ? null : Math.max(0, terms.committed - billed),
    promised: { down: promised('down'), up: promised('up') },
  }
}

export interface Prices {
  readonly tariff: Tariff
  /** Millionths a month, by tier. */
  readonly tiers: ReadonlyMap<string, bigint>
  readonly invoice: Cents | null
  readonly corrections: readonly Correction[]
  /** What the contract's percentile was in earlier months, for advice. */
  readonly earlier: readonly Kbps[]
}

/** @param weights of the payers; those of contracts that share alike are the same */
export function chargeOf(
  of: ContractMonth,
  prices: Prices,
  weights: readonly Payer[] = of.rule === null ? [] : weigh(of, of.rule, prices.tiers),
): Charge {
  const { terms, month, rule } = of
  const { billed } = monthOf(of)
  const bill = billOf(prices.tariff, terms.committed, billed, heldPart(terms, month))
  const { corrections } = prices
  const toAll = corrections.filter(({ institution }) => institution === null)
  const base = (prices.invoice ?? bill.total) + sum(toAll)
  const total = base + sum(corrections) - sum(toAll)
  const shared = rule === null || weights.length === 0 ? [] : shareInvoice(base, rule.parts, weights)
  const shares = withOwn(shared, corrections)
  const percentiles = [...prices.earlier, ...(billed === null ? [] : [billed])]
  return {
    ...{ contract: terms.id, bill, invoice: prices.invoice, corrections, total },
    idleCost: idleCost(bill, terms.committed, billed),
    commitAdvice: commitAdvice(prices.tariff, terms.committed, percentiles),
    shares,
    unshared: shares.reduce((left, { amount }) => left - amount, total),
  }
}

const sum = (corrections: readonly Correction[]): Cents => corrections.reduce((total, { amount }) => total + amount, 0)

/** Corrections of one institution are theirs alone, also where they pay no part of the month. */
function withOwn(shares: readonly Share[], corrections: readonly Correction[]): Share[] {
  const own = new Map<string, Cents>()
  for (const { institution, amount } of corrections)
    if (institution !== null) own.set(institution, (own.get(institution) ?? 0) + amount)
  const known = new Set(shares.map(({ id }) => id))
  const others = [...own.keys()].filter((id) => !known.has(id)).map((id) => ({ id, amount: 0, parts: [] }))
  return [...shares, ...others]
    .map((share) => ({ ...share, amount: share.amount + (own.get(share.id) ?? 0) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** What each payer has on each scale, in the slots that count. */
export function weigh({ terms, payers }: ContractMonth, rule: Rule, tiers: Prices['tiers']): Payer[] {
  return payers.map(({ id, tenures, carried }) => {
    const counted = new Uint8Array(carried.down.means.length)
    for (const { from, before, tier } of tenures)
      for (let slot = from; slot < before; slot++) counted[slot] = rule.isFree(slot, tier) ? 0 : 1
    const [down, up] = [usageOf(carried.down, terms.percent, counted), usageOf(carried.up, terms.percent, counted)]
    const over = (of: (tenure: Tenure) => bigint): bigint =>
      tenures.reduce((sum, tenure) => sum + of(tenure) * BigInt(lengthOf(tenure)), 0n)
    return {
      id,
      promise: over(({ promised }) => BigInt(countedOf(promised, terms.counts)!)),
      percentile: BigInt(countedOf({ down: down.percentile, up: up.percentile }, terms.counts) ?? 0),
      volume: wholeVolume(down) + wholeVolume(up),
      'tier-price': over(({ tier }) => tiers.get(tier) ?? 0n),
    }
  })
}

/** The mean of what was heard over the time that counts: a gap of an hour makes nobody's volume smaller. */
const wholeVolume = ({ volume, heard, slots }: Usage): bigint =>
  heard === 0 ? 0n : (BigInt(volume) * BigInt(slots * toSeconds(SLOT))) / BigInt(heard)

const lengthOf = ({ from, before }: Tenure): number => before - from

function countedOf({ down, up }: Directions<Kbps | null>, counts: Counts): Kbps | null {
  if (counts !== 'greater') return counts === 'down' ? down : up
  return down === null || up === null ? (down ?? up) : Math.max(down, up)
}
