// Months as nobody would think of them: several contracts, of a line or a group, in several currencies, some of which
// change in mid-month; tiers that change, institutions that are merged, split and closed within the
// month, gaps in anybody's record, every rule alone and mixed, credits, corrections, nights that are free. Small ones
// are drawn for the tests, those of a nation for `npm run ledger:months`.

import fc from 'fast-check'
import type { BillingMonth } from '../../src/ledger/billing-month.js'
import type { LedgerMonth } from '../../src/ledger/ledger-month.js'
import { parseCents } from '../../src/ledger/money.js'
import {
  type Charge,
  type ContractMonth,
  type Correction,
  monthOf,
  type PayerUse,
  type Prices,
  type Tenure,
} from '../../src/ledger/month.js'
import { GAP, type Series, sumOf } from '../../src/ledger/percentile.js'
import { statementView } from '../../src/ledger/views.js'
import { SLOT } from '../../src/model/units.js'
import { COUNTS, SHARED_BY } from '../../src/policy/document/contracts.js'

interface RandomContract {
  readonly of: ContractMonth
  readonly prices: Prices
}

/** All contracts that bill in a month. */
export interface RandomMonth {
  readonly contracts: readonly RandomContract[]
}

/** mulberry32: a small generator, so that a month of a nation is drawn in a millisecond. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

const TIERS = ['national', 'district', 'small']
const FROM = Date.parse('2026-10-31T21:00:00Z')

const parts = fc.uniqueArray(fc.constantFrom(...SHARED_BY), { minLength: 1, maxLength: 4 }).chain((ways) =>
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: ways.length, maxLength: ways.length }).map((sizes) => {
    const sum = sizes.reduce((a, b) => a + b, 0)
    const shares = sizes.map((size) => Math.floor((10_000 * size) / sum))
    shares[0]! += 10_000 - shares.reduce((a, b) => a + b, 0)
    return ways.map((by, at) => ({ by, share: shares[at]! }))
  }),
)

const price = fc.bigInt({ min: 0n, max: 10n ** 13n })
const cents = fc.oneof(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -1e12, max: 1e12 }))

/** Of the month the days in which a contract holds: all of it, or up to a change of contract, or from it. */
type Held = { readonly first: number; readonly end: number }

/** Contracts of a month, one after another on one line or beside each other: lines, groups, in several currencies. */
export function randomMonths(payers: { readonly min: number; readonly max: number }): fc.Arbitrary<RandomMonth> {
  const size = fc.record({
    count: fc.integer(payers),
    slots: fc.integer({ min: 2, max: 60 }),
    /** Where contracts change in mid-month. */
    cut: fc.integer({ min: 1, max: 59 }),
  })
  return fc.tuple(size, fc.array(randomTerms, { minLength: 1, maxLength: 4 })).map(([{ count, slots, cut }, drawn]) => {
    const change = Math.min(cut, slots - 1)
    return {
      contracts: drawn.flatMap((one, k): RandomContract[] => {
        const halves = [
          { first: 0, end: change },
          { first: change, end: slots },
        ]
        const held = one.changes ? halves : [{ first: 0, end: slots }]
        return held.map((part, half) => contractOf(one, `c-${k}-${half}`, count, slots, part))
      }),
    }
  })
}

const randomTerms = fc.record({
  seed: fc.nat(),
  committed: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10_000_000 })),
  percent: fc.constantFrom(90, 95, 98, 99.5, 100),
  counts: fc.constantFrom(...COUNTS),
  /** Another contract takes its place in mid-month. */
  changes: fc.boolean(),
  /** Lines whose sum is billed: a group has several. */
  lines: fc.integer({ min: 1, max: 3 }),
  currency: fc.constantFrom('USD', 'TZS', 'EUR'),
  /** In a hundred slots of an institution. */
  gaps: fc.constantFrom(0, 3, 50, 100),
  rule: fc.option(parts, { freq: 20 }),
  freeNight: fc.boolean(),
  monthly: price,
  perMbps: price.map((one) => one / 1_000n),
  tiers: fc.array(fc.oneof(fc.constant(0n), price), { minLength: 3, maxLength: 3 }),
  invoice: fc.option(cents),
  corrections: fc.array(fc.tuple(cents, fc.option(fc.nat())), { maxLength: 3 }),
  earlier: fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 3 }),
})
type RandomTerms = typeof randomTerms extends fc.Arbitrary<infer Drawn> ? Drawn : never

function contractOf(drawn: RandomTerms, id: string, count: number, all: number, { first, end }: Held): RandomContract {
  const roll = dice(drawn.seed + first)
  const { committed, percent, counts, gaps } = drawn
  const slots = end - first
  const month: BillingMonth = { id: '2026-11', zone: 'Africa/Dar_es_Salaam', from: FROM, before: FROM + all * SLOT }
  const line = (): Series => series(slots, gaps, roll)
  const sum = (): Series => sumOf(Array.from({ length: drawn.lines }, line), slots)
  return {
    of: {
      ...{ terms: { id, committed, percent, counts, from: '2026-01-01', until: null }, month },
      rule: drawn.rule && {
        id: 'by-all',
        parts: drawn.rule,
        isFree: (slot, tier) => drawn.freeNight && slot % 3 === 0 && tier !== 'national',
      },
      carried: { down: sum(), up: sum() },
      payers: Array.from({ length: count }, (_, at) => payer(at, slots, gaps, roll)),
    },
    prices: {
      tariff: { currency: drawn.currency, monthly: drawn.monthly, perMbps: drawn.perMbps },
      tiers: new Map(TIERS.map((tier, at) => [tier, drawn.tiers[at]!])),
      ...{ invoice: drawn.invoice, earlier: drawn.earlier },
      corrections: drawn.corrections.map(([amount, who], at): Correction => {
        const institution = who === null ? null : `inst-${String(who % (count + 1)).padStart(3, '0')}`
        return { ...{ id: `c${at}`, contract: id, of: '2026-10', reason: 'a meter' }, amount, institution }
      }),
    },
  }
}

function series(slots: number, gaps: number, roll: (below: number) => number): Series {
  const means = Int32Array.from({ length: slots }, () => (roll(100) < gaps ? GAP : roll(5) === 0 ? 0 : roll(2_000_000)))
  return {
    means,
    seconds: Uint16Array.from(means, (mean) => (mean === GAP ? 0 : 300 - (roll(10) === 0 ? roll(300) : 0))),
  }
}

/** There from the beginning or from a split, to the end or to a merger, of one tier or of several in turn. */
function payer(at: number, slots: number, gaps: number, roll: (below: number) => number): PayerUse {
  const cuts = Array.from({ length: 1 + roll(3) }, () => roll(slots + 1))
  const ends = [...new Set([roll(4) === 0 ? roll(slots) : 0, ...cuts, roll(4) === 0 ? roll(slots + 1) : slots])]
  ends.sort((a, b) => a - b)
  const tenures = ends.slice(1).map((before, k): Tenure => {
    const promised = roll(3) === 0 ? 0 : roll(200_000)
    return { from: ends[k]!, before, tier: TIERS[roll(3)]!, promised: { down: promised, up: promised >> 1 } }
  })
  return {
    id: `inst-${String(at).padStart(3, '0')}`,
    tenures,
    carried: { down: series(slots, gaps, roll), up: series(slots, gaps, roll) },
  }
}

/**
 * What is wrong with what the ledger makes of a month; null: nothing is. Each contract's shares add up to what is
 * asked, and in each currency the statements of all institutions add up to all that its contracts ask.
 */
export function faultOf({ contracts }: RandomMonth, charges: readonly Charge[]): string | null {
  for (const [at, charge] of charges.entries()) {
    const fault = chargeFault(contracts[at]!, charge)
    if (fault !== null) return fault
  }
  const month = { ...HEAD, usage: usageOf(contracts, charges), money: { charges } }
  const paid = new Map<string, bigint>()
  const add = (currency: string, amount: bigint): unknown => paid.set(currency, (paid.get(currency) ?? 0n) + amount)
  for (const { institution } of month.usage.institutions)
    for (const [currency, total] of Object.entries(statementView(month, null, institution, 'all')!.totals!))
      add(currency, BigInt(parseCents(total)!))
  for (const { bill, total, unshared } of charges) add(bill.currency, BigInt(unshared) - BigInt(total))
  const wrong = [...paid].find(([, left]) => left !== 0n)
  return wrong === undefined ? null : `statements and invoices in ${wrong[0]} are ${wrong[1]} cents apart`
}

const HEAD = {
  format: 1,
  ...{ plane: 'taifa', month: '2026-11', zone: 'UTC', from: '', before: '' },
  policy: { revision: 1, hash: 'sha256:1' },
} as const

/** What a statement needs to know of use: who there is, and the rule of each contract. */
function usageOf(contracts: RandomMonth['contracts'], charges: readonly Charge[]): LedgerMonth['usage'] {
  const ids = new Set(charges.flatMap(({ shares }) => shares.map(({ id }) => id)))
  const unseen = { asked: null, served: null, used: null, missed: null, seen: 0, slots: 0, minutesBelow: 0 }
  return {
    contracts: contracts.map(({ of }) => ({
      ...{ ...monthOf(of), provider: 'p', lines: [], services: [], silent: [], from: '', before: '' },
      asked: { down: null, up: null },
    })),
    institutions: [...ids].map((institution) => ({
      ...{ institution, tiers: [], entitled: {}, ...unseen, causes: [], attainment: null, agreements: [] },
    })),
    idleLines: [],
  }
}

function chargeFault({ of, prices }: RandomContract, charge: Charge): string | null {
  const { shares, unshared, total, bill } = charge
  const paid = shares.reduce((sum, share) => sum + BigInt(share.amount), BigInt(unshared))
  const asked = prices.corrections.reduce((sum, { amount }) => sum + amount, prices.invoice ?? bill.total)
  if (paid !== BigInt(total) || total !== asked) return `the statements say ${paid}, the invoice ${asked}`
  if (of.rule !== null && of.payers.length > 0 && unshared !== 0) return `${unshared} cents are left over`
  for (const { id, amount, parts } of shares) {
    const own = prices.corrections.filter(({ institution }) => institution === id)
    const sum = own.reduce((a, b) => a + b.amount, 0) + parts.reduce((a, b) => a + b.amount, 0)
    if (!Number.isSafeInteger(amount) || amount !== sum) return `${id} pays ${amount}, its parts say ${sum}`
  }
  return null
}
