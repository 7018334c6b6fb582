// Months as they are counted from a record: contracts that change within one, institutions that move, merge and are
// corrected, lines that come later. Whatever happens, the statements that institutions get add up to what is shared.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { useOf } from '../../src/ledger/answers.js'
import { billingMonth, slotsIn } from '../../src/ledger/billing-month.js'
import { Holdings } from '../../src/ledger/holdings.js'
import { countMonth, type LedgerMonth } from '../../src/ledger/ledger-month.js'
import { parseCents } from '../../src/ledger/money.js'
import { type PriceBook, priceBookShape } from '../../src/ledger/price-book.js'
import { registerOf } from '../../src/ledger/register.js'
import { statementPage } from '../../src/ledger/statement-page.js'
import { statementView } from '../../src/ledger/views.js'
import { DAY, formatMinutes, inMinutes, SLOT } from '../../src/model/units.js'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { type PolicyDocument, policySchema } from '../../src/policy/document/document.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { Archive } from '../../src/record/archive.js'
import { missedIn } from '../../src/record/missed.js'
import { writeTable } from '../../src/record/parquet-file.js'
import { appendRows, emptyRows, FLOWS, LINKS, type Rows, type TableColumns } from '../../src/record/tables.js'

const MONTH = '2026-11'
const WHOLE = billingMonth(MONTH, 'Africa/Dar_es_Salaam')
const HALF = WHOLE.from + 15 * DAY
const RATES: Readonly<Record<string, (at: number) => number | null>> = {
  'transit-a.down': (at) => (at < HALF ? 600_000 : 500_000),
  'transit-a.up': () => 1_000,
  // It came in mid-month, and was not heard on the last day.
  'transit-b.down': (at) => (at < HALF ? null : 100_000),
  'transit-b.up': (at) => (at < HALF ? null : 1_000),
  'dodoma-mbeya.down': () => 0,
}

type Parts = { [Name in 'contracts' | 'agreements' | 'institutions' | 'sites' | 'sharing']?: object }

/** The example's policy with other parts. */
function policyWith(parts: Parts): PolicyDocument {
  return policySchema.parse({ ...EXAMPLE_POLICY, guards: {}, tests: {}, ...parts })
}
const [EXAMPLE] = Object.values(policyWith({}).contracts ?? {})
const contract = (from: string, until: string | null, more: object = {}) => ({
  ...{ ...EXAMPLE!, links: ['transit-a'], committed: '400Mbps', capacity: { down: '1Gbps', up: '1Gbps' } },
  ...{ from, until, ...more },
})

function push(rows: Rows<TableColumns>, said: Readonly<Record<string, number | string | null>>): void {
  const common = { seconds: 300, revision: 1, plan: 'p', enforcement: 'enforce', m_at: said.slot!, m_limit: 'DEMAND' }
  const all: Readonly<Record<string, number | string | null>> = { ...common, ...said }
  for (const [name, column] of Object.entries(rows))
    (column as (number | string | null)[]).push(Object.hasOwn(all, name) ? all[name]! : 0)
}

/** All days of the month: what a counter said of the links, and a hospital whose gateway fell silent in mid-month. */
function record(folder: string): Archive {
  for (let start = WHOLE.from - (WHOLE.from % DAY); start < WHOLE.before; start += DAY) {
    const rows = emptyRows(LINKS)
    for (const [link, rate] of Object.entries(RATES))
      for (let slot = start; slot < start + DAY; slot += SLOT) {
        const carried = rate(slot)
        if (carried === null) continue
        push(rows, { slot, link, state: 'up', measured_by: 'counter', carried, heard: 300 })
      }
    const flows = emptyRows(FLOWS)
    const flow = 'hosp-mbeya/internet/down'
    const wanted = { asked: 9_000, need: 8_000, unmet: 1_000, below_guarantee_s: 60 }
    for (let slot = start; slot < start + DAY; slot += SLOT)
      push(flows, { slot, flow, ...wanted, carried: slot < HALF ? 7_000 : null, heard: slot < HALF ? 300 : 0 })
    // The college gets all of one service and half of what it was promised of another.
    for (const [service, below] of [
      ['internet', 0],
      ['exchange', 150],
    ] as const)
      for (let slot = start; slot < start + DAY; slot += SLOT)
        push(flows, {
          ...{ slot, flow: `chuo-dodoma/${service}/down`, asked: 1, need: 1, carried: 1, heard: 300 },
          below_guarantee_s: below,
        })
    const day = join(folder, new Date(start).toISOString().slice(0, 10))
    mkdirSync(day)
    writeTable(join(day, 'links.parquet'), LINKS, rows)
    writeTable(join(day, 'flows.parquet'), FLOWS, flows)
  }
  return new Archive(folder)
}

const tariff = { currency: 'USD', monthly: '30000', perMbps: '10' }

/** @param policies in force in turn, with when each began */
async function count(
  archive: Archive,
  policies: readonly (readonly [number, PolicyDocument])[],
  book: Partial<Record<keyof PriceBook, object>>,
): Promise<LedgerMonth> {
  const holdings = new Holdings()
  for (const [at, [from, document]] of policies.entries())
    holdings.add(document, from, policies[at + 1]?.[0] ?? WHOLE.before)
  const [, document] = policies.at(-1)!
  return countMonth(archive, {
    ...{ month: MONTH, document, policy: { revision: 1, hash: 'sha256:1' }, earlier: {} },
    ...{ holdings: holdings.all(), there: holdings.there, book: priceBookShape.parse(book) },
  })
}

/** What all statements come to, in cents. */
function paidIn(month: LedgerMonth): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { institution } of month.usage.institutions) {
    const { totals } = statementView(month, null, institution, 'all')!
    for (const [currency, sum] of Object.entries(totals!)) sums[currency] = (sums[currency] ?? 0) + parseCents(sum)!
  }
  return sums
}
const chargeIn = ({ money }: LedgerMonth, id: string) => money.charges.find((one) => one.contract === id)!

t.test('a breach of two seconds is two seconds, in the ledger and in what an alarm has cost', async (t) => {
  const folder = t.testdir()
  const rows = emptyRows(FLOWS)
  for (let slot = HALF; slot < HALF + DAY; slot += SLOT) {
    const known = { asked: 9_000, need: 9_000, carried: 9_000, heard: 300, unmet: slot === HALF ? 60 : 0 }
    push(rows, { slot, flow: 'chuo-dodoma/internet/down', ...known, below_guarantee_s: slot === HALF ? 2 : 0 })
  }
  for (let start = HALF - (HALF % DAY); start < HALF + DAY; start += DAY) {
    const day = join(folder, new Date(start).toISOString().slice(0, 10))
    mkdirSync(day)
    const own = emptyRows(FLOWS)
    appendRows(own, rows, (row) => rows.slot[row]! >= start && rows.slot[row]! < start + DAY)
    writeTable(join(day, 'flows.parquet'), FLOWS, own)
    writeTable(join(day, 'links.parquet'), LINKS, emptyRows(LINKS))
  }
  const archive = new Archive(folder)
  const month = await count(archive, [[WHOLE.from, policyWith({ contracts: {} })]], {})
  const college = month.usage.institutions.find((one) => one.institution === 'chuo-dodoma')
  t.match(college, { minutesBelow: 0.03, attainment: 0.999976 })
  const page = statementPage(statementView(month, null, 'chuo-dodoma', 'all')!, { en: 'College', sw: 'Chuo' }, 'en')
  t.match(page, /Below the guarantee<\/td><td class="n">2 s</)
  t.match(await missedIn(archive, { from: HALF, before: HALF + DAY, concerns: 'all', named: [] }), [
    { institution: 'chuo-dodoma', minutesBelowGuarantee: 0.03, mbitMissing: 18 },
  ])
  const said = [0, 1, 2, 60, 200, 3_600, 3_902].map((seconds) => formatMinutes(inMinutes(seconds)))
  t.same(said, ['0 s', '1 s', '2 s', '1 min', '3 min 20 s', '1 h', '1 h 5 min 2 s'])
})

t.test('months as they come', async (t) => {
  const archive = record(t.testdir())

  await t.test('two contracts in turn bill their own days', async (t) => {
    const contracts = { first: contract('2026-01-01', '2026-11-15'), second: contract('2026-11-16', null) }
    const month = await count(archive, [[WHOLE.from, policyWith({ contracts })]], {
      tariffs: { first: tariff, second: tariff },
    })
    const [first, second] = month.usage.contracts
    t.match(first, { billed: 600_000, down: { counted: slotsIn(WHOLE) / 2, slots: slotsIn(WHOLE) / 2 } })
    t.match(second, { billed: 500_000 })
    // 200 and 100 Mbit/s above the committed rate, half a month each: as much as 150 in a whole one.
    t.match(chargeIn(month, 'first').bill, { fixed: 1_500_000, overage: 100_000 })
    t.match(chargeIn(month, 'second').bill, { fixed: 1_500_000, overage: 50_000 })
    t.same(paidIn(month), { USD: 3_150_000 })
  })

  await t.test('a silent gateway makes nothing larger or smaller', async (t) => {
    const { usage } = await count(archive, [[WHOLE.from, policyWith({ contracts: {} })]], {})
    t.match(
      usage.institutions.find((one) => one.institution === 'hosp-mbeya'),
      { asked: 9_000, used: 7_000, missed: 1_000, attainment: 0.8, seen: slotsIn(WHOLE) / 2 },
    )
  })

  await t.test('each agreement is judged by its own services and days', async (t) => {
    const { 'mk-7': agreement } = policyWith({}).agreements ?? {}
    const of = (more: object) => ({ ...agreement!, institution: 'chuo-dodoma', ...more })
    const agreements = {
      a: of({ reference: 'A', from: '2026-01-01', services: ['internet'] }),
      b: of({ reference: 'B', from: '2026-01-01', until: '2026-11-10', services: ['exchange'] }),
      c: of({ reference: 'C', from: '2026-11-11', services: ['exchange'], attainment: 0.5 }),
      old: of({ reference: 'D', from: '2025-01-01', until: '2025-12-31' }),
    }
    const { usage } = await count(archive, [[WHOLE.from, policyWith({ contracts: {}, agreements })]], {})
    const { agreements: found, attainment } = usage.institutions.find((one) => one.institution === 'chuo-dodoma')!
    t.equal(attainment, 0.5)
    t.match(Object.fromEntries(found.map(({ id, ...one }) => [id, one])), {
      a: { reached: 1, kept: true },
      b: { reached: 0.5, kept: false },
      c: { reached: 0.5, kept: true },
    })
    t.same(
      found.map(({ id }) => id),
      ['c', 'a', 'b'],
      'the latest first',
    )
  })

  await t.test('who was not seen has no figures, and the register says so of them and of lines', async (t) => {
    const policy = policyWith({ contracts: { second: contract('2026-01-01', null, { links: ['transit-b'] }) } })
    const month = await count(archive, [[WHOLE.from, { ...policy, links: { ...policy.links } }]], {})
    const { rows } = registerOf(policy, useOf(month), { today: '2026-12-02' })
    const about = (subject: string) => rows.filter((row) => row.subject === subject).map(({ finding }) => finding)
    t.same(about('hosp-mbeya.office'), ['unseen-line'])
    t.same(about('dodoma-mbeya'), ['dead-line'])
    t.same(about('transit-b'), [], 'it came in mid-month')
    const ahead = { now: contract('2026-01-01', '2026-11-30'), next: contract('2027-01-01', null) }
    const paying = registerOf(policyWith({ contracts: ahead }), useOf(month), { today: '2026-12-02' }).rows
    t.same(
      paying.filter(({ subject }) => subject === 'transit-a').map(({ finding }) => finding),
      ['no-contract'],
      'one that begins later pays for nothing today',
    )
    const never = { ...policy.institutions, mpya: policy.institutions['chuo-dodoma']! }
    const other = { ...policy, institutions: never }
    const later = await count(archive, [[WHOLE.from, other]], {})
    t.match(
      later.usage.institutions.find((one) => one.institution === 'mpya'),
      { asked: null, served: null, used: null, missed: null, seen: 0, attainment: null },
    )
    t.match(
      registerOf(other, useOf(later), { today: '2026-12-02' }).rows.filter(({ subject }) => subject === 'mpya'),
      [{ finding: 'no-agreement' }, { finding: 'unseen' }],
    )
  })

  await t.test('who pays has a statement, and what ended is still invoiced', async (t) => {
    const contracts = { old: contract('2025-01-01', '2026-10-31'), now: contract('2026-11-01', null) }
    const { institutions, ...rest } = policyWith({ contracts })
    const { 'chuo-dodoma': gone, ...left } = institutions
    t.ok(gone)
    const correction = { month: MONTH, of: '2026-10', contract: 'old', reason: 'a meter' }
    const month = await count(archive, [[WHOLE.from, { ...rest, institutions: left }]], {
      tariffs: { old: tariff, now: { ...tariff, currency: 'TZS' } },
      invoices: { [MONTH]: { old: '777.77' } },
      corrections: {
        c1: { ...correction, institution: 'chuo-dodoma', amount: '-55.55' },
        c2: { ...correction, amount: '1.01' },
      },
    })
    t.match(chargeIn(month, 'old'), { bill: { total: 0 }, total: 72_323, unshared: 0 })
    t.match(
      month.usage.contracts.find((one) => one.contract === 'old'),
      { billed: null, lines: [] },
      'what its line carried is the new one`s',
    )
    t.match(statementView(month, null, 'chuo-dodoma', 'all'), { institution: { slots: 0 }, totals: { USD: '-55.55' } })
    t.same(paidIn(month), { USD: 72_323, TZS: chargeIn(month, 'now').total })
  })

  await t.test('a line is paid by whoever has it, for as long', async (t) => {
    const sites = policyWith({}).sites
    const [site, { institution }] = Object.entries(sites)[0]!
    const contracts = { line: contract('2026-01-01', null, { links: [site], sharing: 'promised' }) }
    const sharing = { promised: { name: { en: 'Promised', sw: 'Ahadi' }, parts: [{ by: 'promise', share: 1 }] } }
    const before = policyWith({ contracts, sharing })
    const other = Object.keys(before.institutions).find((id) => id !== institution)!
    const after = { ...before, sites: { ...sites, [site]: { ...sites[site]!, institution: other } } }
    const month = await count(
      archive,
      [
        [WHOLE.from, before],
        [WHOLE.from + 3 * DAY, after],
      ],
      { tariffs: { line: { currency: 'USD', monthly: '3000' } } },
    )
    const promised = (id: string): bigint => {
      const { entitled } = month.usage.institutions.find((one) => one.institution === id)!
      return BigInt(Math.max(...(['down', 'up'] as const).map((way) => sum(entitled, way))))
    }
    const sum = (of: LedgerMonth['usage']['institutions'][number]['entitled'], way: 'down' | 'up'): number =>
      Object.values(of).reduce((total, pair) => total + pair[way], 0)
    const { shares, unshared } = chargeIn(month, 'line')
    t.equal(unshared, 0)
    const [early, late] = [3n * promised(institution), 27n * promised(other)]
    const share = shares.find(({ id }) => id === institution)!.amount
    t.equal(share, Math.round(Number((300_000n * 1_000n * early) / (early + late)) / 1_000), 'three days of thirty')
    t.same(paidIn(month), { USD: 300_000 })
  })

  await t.test('a line that was not there yet is no gap, and one that was is', async (t) => {
    const both = policyWith({
      contracts: { pair: contract('2026-01-01', null, { links: ['transit-a', 'transit-b'] }) },
    })
    const { 'transit-b': _, ...links } = both.links
    const book = { tariffs: { pair: tariff } }
    const grown = await count(
      archive,
      [
        [WHOLE.from, { ...both, links }],
        [HALF, both],
      ],
      book,
    )
    t.match(grown.usage.contracts, [{ down: { counted: slotsIn(WHOLE) }, billed: 600_000, silent: [] }])
    const always = await count(archive, [[WHOLE.from, both]], book)
    t.match(always.usage.contracts, [{ down: { counted: slotsIn(WHOLE) / 2 } }])
  })
})

t.test('nobody is promised more than the own ceiling', async (t) => {
  const { institutions } = policyWith({})
  const small = { ...institutions['hosp-mbeya']!, ceilings: { internet: { down: '1Mbps', up: '500kbps' } } }
  const policy = policyWith({ institutions: { ...institutions, 'hosp-mbeya': small } })
  const { plan } = compile(policy, { revision: 1, hash: '', indexes: provisionalIndexes(policy) })
  const holdings = new Holdings()
  holdings.add(policy, WHOLE.from, WHOLE.before)
  const [[, [held]] = ['', []]] = holdings.all().filter(([id]) => id === 'hosp-mbeya')
  t.same(held?.promised.internet, { down: 1_000, up: 500 })
  const planned = plan.flows.filter(
    ({ institution, service }) => institution === 'hosp-mbeya' && service === 'internet',
  )
  t.same(
    planned.map(({ direction, guarantee }) => [direction, guarantee]).sort(),
    [
      ['down', 1e6],
      ['up', 5e5],
    ],
    'as the plan says',
  )
})
