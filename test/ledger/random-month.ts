// Months as nobody would think of them: tiers that change, institutions that are merged, split and closed within the
// month, gaps in anybody's record, every rule alone and mixed, credits, corrections, nights that are free. Small ones
// are drawn for the tests, those of a nation for `npm run ledger:months`.

import fc from 'fast-check'
import type { BillingMonth } from '../../src/ledger/billing-month.js'
import { SLOT } from '../../src/ledger/billing-month.js'
import type { Charge, ContractMonth, Correction, PayerUse, Prices, Tenure } from '../../src/ledger/month.js'
import { GAP, type Series } from '../../src/ledger/percentile.js'
import { COUNTS, SHARED_BY } from '../../src/policy/document/contracts.js'

export interface RandomMonth {
  readonly of: ContractMonth
  readonly prices: Prices
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

/** @param payers how many institutions there are at least and at most */
export function randomMonths(payers: { readonly min: number; readonly max: number }): fc.Arbitrary<RandomMonth> {
  return fc
    .record({
      seed: fc.nat(),
      count: fc.integer(payers),
      slots: fc.integer({ min: 1, max: 60 }),
      committed: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10_000_000 })),
      percent: fc.constantFrom(90, 95, 98, 99.5, 100),
      counts: fc.constantFrom(...COUNTS),
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
    .map((drawn) => {
      const roll = dice(drawn.seed)
      const { slots, committed, percent, counts } = drawn
      const month: BillingMonth = {
        id: '2026-11',
        zone: 'Africa/Dar_es_Salaam',
        from: FROM,
        before: FROM + slots * SLOT,
      }
      const terms = { id: 'transit-a', committed, percent, counts, from: '2026-01-01', until: null }
      const of: ContractMonth = {
        ...{ terms, month },
        rule: drawn.rule && {
          id: 'by-all',
          parts: drawn.rule,
          isFree: (slot, tier) => drawn.freeNight && slot % 3 === 0 && tier !== 'national',
        },
        carried: { down: series(slots, drawn.gaps, roll), up: series(slots, drawn.gaps, roll) },
        payers: Array.from({ length: drawn.count }, (_, at) => payer(at, slots, drawn.gaps, roll)),
      }
      const prices: Prices = {
        tariff: { currency: 'USD', monthly: drawn.monthly, perMbps: drawn.perMbps },
        tiers: new Map(TIERS.map((tier, at) => [tier, drawn.tiers[at]!])),
        ...{ invoice: drawn.invoice, earlier: drawn.earlier },
        corrections: drawn.corrections.map(([amount, who], at): Correction => {
          const institution = who === null ? null : `inst-${String(who % (drawn.count + 1)).padStart(3, '0')}`
          return { ...{ id: `c${at}`, contract: 'transit-a', of: '2026-10', reason: 'a meter' }, amount, institution }
        }),
      }
      return { of, prices }
    })
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

/** What is wrong with what the ledger makes of a month; null: nothing is. */
export function faultOf({ of, prices }: RandomMonth, charge: Charge): string | null {
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
