// What a month comes to: percentiles by nearest rank with gaps that stay gaps, a bill by the contract's own rule, and
// statements that add up to the invoice to the cent whatever is shared among whom.

import fc from 'fast-check'
import t from 'tap'
import { type Bill, billOf, commitAdvice, heldPart, idleCost } from '../../src/ledger/bill.js'
import { billingMonth, slotsIn } from '../../src/ledger/billing-month.js'
import { amountOf, formatCents, parseCents, parsePrice } from '../../src/ledger/money.js'
import { type ContractMonth, chargeOf, monthOf, type PayerUse, type Prices } from '../../src/ledger/month.js'
import { GAP, type Series, sumOf, usageOf } from '../../src/ledger/percentile.js'
import { priceBookShape } from '../../src/ledger/price-book.js'
import { type RulePart, shareInvoice, shareOut } from '../../src/ledger/sharing.js'
import { nearestRank } from '../../src/record/nearest-rank.js'
import { faultOf, type RandomMonth, randomMonths } from './random-month.js'

const series = (...means: number[]): Series => ({
  means: Int32Array.from(means),
  seconds: Uint16Array.from(means, (mean) => (mean === GAP ? 0 : 300)),
})

t.test('a billing month begins at midnight by the clocks of its zone', async (t) => {
  const november = billingMonth('2026-11', 'Africa/Dar_es_Salaam')
  t.equal(new Date(november.from).toISOString(), '2026-10-31T21:00:00.000Z')
  t.equal(new Date(november.before).toISOString(), '2026-11-30T21:00:00.000Z')
  t.equal(slotsIn(november), 30 * 288)
  const london = billingMonth('2026-10', 'Europe/London')
  t.equal(slotsIn(london), 31 * 288 + 12, 'the hour that comes twice counts twice')
  const late = billingMonth('2026-12', 'Africa/Dar_es_Salaam', 16)
  t.equal(new Date(late.from).toISOString(), '2026-12-15T21:00:00.000Z')
  t.equal(new Date(late.before).toISOString(), '2027-01-15T21:00:00.000Z')
  t.throws(() => billingMonth('2026-13', 'UTC'), /found "2026-13"/)
})

t.test('the percentile is a value that was measured, at place ceil(p/100 n)', async (t) => {
  const rank = (n: number, percent: number) =>
    nearestRank(
      Int32Array.from({ length: n }, (_, i) => n - i),
      new Uint16Array(n).fill(300),
      percent,
    )
  t.equal(rank(20, 95), 19)
  t.equal(rank(21, 95), 20)
  t.equal(rank(1, 95), 1)
  t.equal(rank(1_000, 99.5), 995)
  t.equal(rank(100, 100), 100)
  t.equal(rank(0, 95), null)
})

t.test('a gap is counted, never filled and never zero', async (t) => {
  const seen = usageOf(series(10, GAP, 0, 30), 50)
  t.match(seen, { percentile: 10, mean: 13, peak: 30, volume: 12_000, counted: 3, slots: 4 })
  t.match(usageOf(series(GAP, GAP), 95), { percentile: null, mean: null, peak: null, volume: 0, counted: 0, slots: 2 })
  const both = sumOf([series(1, GAP, 3), series(10, 20, GAP)], 3)
  t.same([...both.means], [11, GAP, GAP], 'where one of two is not known the sum is not')
  t.same([...sumOf([], 2).means], [GAP, GAP])
})

t.test('a slot weighs by the seconds of it that were heard', async (t) => {
  const heard = (...slots: [number, number][]): Series => ({
    means: Int32Array.from(slots, ([mean]) => mean),
    seconds: Uint16Array.from(slots, ([, seconds]) => seconds),
  })
  const twoSeconds = heard([10, 300], [20, 300], [1_000, 2])
  t.match(usageOf(twoSeconds, 95), { percentile: 20, mean: 18, volume: 11_000, counted: 3, heard: 602, slots: 3 })
  t.match(usageOf(heard([10, 300], [20, 300], [1_000, 300]), 95), { percentile: 1_000 })
  const both = sumOf([heard([1, 300], [1, 40]), heard([2, 10], [2, 300])], 2)
  t.same([...both.seconds], [10, 40], 'a sum is known for as long as the one that was heard least')
})

t.test('prices are exact and rounded once', async (t) => {
  t.equal(parsePrice('5.25'), 5_250_000n)
  for (const wrong of ['', '-1', '1,5', '1e3', '0.1234567', '٣']) t.equal(parsePrice(wrong), undefined, wrong)
  t.equal(amountOf(parsePrice('0.005')!, 1n, 1n), 1, 'half a cent is one')
  t.equal(amountOf(parsePrice('0.004999')!, 1n, 1n), 0)
  t.equal(amountOf(parsePrice('5.25')!, 1_234_567n, 1_000n), 648_148)
  for (const cents of [0, 5, -5, 1_234_567, -100]) t.equal(parseCents(formatCents(cents)), cents)
  t.equal(parseCents('1.234'), undefined)
})

t.test('a bill is the committed rate for the days that were held, and what the percentile was above it', async (t) => {
  const month = billingMonth('2026-11', 'Africa/Dar_es_Salaam')
  const tariff = { currency: 'USD', monthly: parsePrice('30000')!, perMbps: parsePrice('2.5')! }
  const whole = heldPart({ from: '2026-01-01', until: null }, month)
  t.match(billOf(tariff, 1_000_000, 1_200_500, whole), { fixed: 3_000_000, overage: 50_125, total: 3_050_125 })
  t.match(billOf(tariff, 1_000_000, null, whole), { overage: null, total: 3_000_000 }, 'unknown is not nothing')
  const ending = heldPart({ from: '2026-01-01', until: '2026-11-10' }, month)
  t.equal(billOf(tariff, 1_000_000, 0, ending).fixed, 1_000_000, 'ten days of thirty')
  t.equal(billOf(tariff, 1_000_000, 1_300_000, ending).overage, 25_000, 'and of what was above it')
  t.equal(idleCost(billOf(tariff, 1_000_000, null, whole), 1_000_000, null), null)
  t.equal(billOf(tariff, 0, 5_000_000, heldPart({ from: '2027-01-01', until: null }, month)).total, 0)
  const bill: Bill = { currency: 'USD', fixed: 3_000_000, overage: 0, total: 3_000_000 }
  t.equal(idleCost(bill, 10_000_000, 3_000_000), 2_100_000, 'ten were bought and three used')
  t.equal(commitAdvice(tariff, 10_000_000, [3_000_000, 2_000_000]), 0, 'above the commitment a unit costs less')
  const dear = { ...tariff, perMbps: parsePrice('30')! }
  t.equal(commitAdvice(dear, 10_000_000, [3_000_000, 2_000_000, 2_500_000]), 3_000_000)
})

t.test('whole cents by largest remainder, ids between equals', async (t) => {
  t.same(shareOut(100, [1n, 1n, 1n]), [34, 33, 33])
  t.same(shareOut(-100, [1n, 1n, 1n]), [-34, -33, -33])
  t.same(shareOut(10, [0n, 7n, 0n]), [0, 10, 0])
  t.same(shareOut(1, [10n ** 30n, 2n * 10n ** 30n]), [0, 1])
  const payer = (id: string, promise: bigint, volume: bigint) => ({
    ...{ id, promise, volume, percentile: 0n, 'tier-price': 0n },
  })
  const mixed = [
    { by: 'promise', share: 6_000 },
    { by: 'percentile', share: 4_000 },
  ] as const
  const found = shareInvoice(1_001, mixed, [payer('a', 3n, 0n), payer('b', 1n, 0n)])
  t.same(
    found.map(({ amount }) => amount),
    [751, 250],
  )
  t.match(
    found[0]!.parts[1],
    { by: 'promise', instead: 'percentile' },
    'nothing was recorded, and the statement says so',
  )
  const equal = shareInvoice(101, [{ by: 'volume', share: 10_000 }], [payer('a', 0n, 0n), payer('b', 0n, 0n)])
  t.match(equal, [{ amount: 51, parts: [{ by: 'equal', instead: 'volume' }] }, { amount: 50 }])
})

t.test('who was promised more for longer pays more; a free night costs nothing', async (t) => {
  const slots = 30 * 288
  const month = billingMonth('2026-11', 'Africa/Dar_es_Salaam')
  const flat = (rate: number, until = slots): Series => ({
    means: new Int32Array(slots).fill(rate).fill(GAP, until),
    seconds: new Uint16Array(slots).fill(300),
  })
  const payer = (id: string, tenures: [number, number, string, number][], down: Series): PayerUse => ({
    ...{ id, carried: { down, up: flat(0) } },
    tenures: tenures.map(([from, before, tier, rate]) => ({ from, before, tier, promised: { down: rate, up: rate } })),
  })
  const half = slots / 2
  const by = (...parts: RulePart[]): ContractMonth => ({
    terms: { id: 'a', committed: 0, percent: 95, counts: 'greater', from: '2026-01-01', until: null },
    month,
    rule: { id: 'r', parts, isFree: (slot, tier) => tier === 'night' && slot % 288 < 96 },
    carried: { down: flat(0), up: flat(0) },
    payers: [
      payer(
        'moved',
        [
          [0, half, 'day', 100],
          [half, slots, 'day', 300],
        ],
        flat(10),
      ), // a new tier in mid-month
      payer('night', [[0, slots, 'night', 200]], flat(10)),
      payer('split', [[half, slots, 'day', 400]], flat(10)),
    ],
  })
  const prices: Prices = {
    ...{ tariff: { currency: 'TZS', monthly: 0n, perMbps: 0n }, tiers: new Map([['day', 3n]]), invoice: 60_000 },
    ...{ corrections: [], earlier: [] },
  }
  const amounts = (of: ContractMonth): number[] => chargeOf(of, prices).shares.map(({ amount }) => amount)
  t.same(amounts(by({ by: 'promise', share: 10_000 })), [20_000, 20_000, 20_000])
  t.same(
    amounts(by({ by: 'volume', share: 10_000 })),
    [27_692, 18_462, 13_846],
    '3 : 2 : 1.5, in the time they were there',
  )
  t.same(amounts(by({ by: 'tier-price', share: 10_000 })), [40_000, 0, 20_000])
  t.match(monthOf(by({ by: 'promise', share: 10_000 })), { promised: { down: 600 }, billed: 0, idle: 0 })
  const none = chargeOf({ ...by({ by: 'promise', share: 10_000 }), rule: null }, prices)
  t.match(none, { shares: [], unshared: 60_000, total: 60_000 }, 'without a rule it is nobody, and said')
})

t.test(
  'random months: statements add up to the invoice, parts to the statement, percentiles to a plain sort',
  async (t) => {
    fc.assert(
      fc.property(randomMonths({ min: 0, max: 12 }), (random) => {
        const charges = random.contracts.map(({ of, prices }) => chargeOf(of, prices))
        t.equal(faultOf(random, charges) ?? '', '')
        const [{ of }] = random.contracts as [RandomMonth['contracts'][number]]
        const { terms, carried } = of
        const plain = [carried.down, carried.up].map(({ means, seconds }) => {
          const known = [...means].flatMap((mean, slot) => (mean === GAP ? [] : [{ mean, seconds: seconds[slot]! }]))
          known.sort((a, b) => a.mean - b.mean)
          const upTo = (value: number) =>
            known.reduce((sum, one) => sum + (one.mean <= value ? one.seconds : 0), 0) * 1_000
          return known.find(({ mean }) => upTo(mean) >= (terms.percent * 10 * upTo(Number.POSITIVE_INFINITY)) / 1_000)
            ?.mean
        })
        const { down, up } = monthOf(of)
        t.same([down.percentile ?? undefined, up.percentile ?? undefined], plain)
      }),
      { seed: 21, numRuns: 200 },
    )
  },
)

t.test('a price book has no more of anything than is said', async (t) => {
  const tariff = { currency: 'USD', monthly: '1' }
  const tariffs = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, k) => [`c-${k}`, tariff]))
  t.ok(priceBookShape.safeParse({ tariffs: tariffs(5_000) }).success)
  t.match(priceBookShape.safeParse({ tariffs: tariffs(5_001) }).error?.issues, [
    { path: ['tariffs'], message: 'expected at most 5000 tariffs' },
  ])
})
