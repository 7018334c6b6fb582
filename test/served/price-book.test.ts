// The price book and closing as they meet: prices that change while a month is counted, a book that cannot be read, and
// the policy by which a month is counted. And the command, which changes the book that was read and no other.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { runPrices } from '../../src/client/ledger.js'
import { billingMonth } from '../../src/ledger/billing-month.js'
import { Ledger, type LedgerDeps } from '../../src/ledger/ledger.js'
import type { MonthAsked } from '../../src/ledger/ledger-month.js'
import { LedgerStore } from '../../src/ledger/store.js'
import { DAY } from '../../src/model/units.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { loadSettings } from '../../src/runtime/config.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { keys } from '../../src/wire/redis-keys.js'
import { freshFolder, privateStores } from '../harness/place.js'
import { closingDeps } from './closing-months.js'

const stores = await privateStores(t, join(freshFolder(t), 'stores'))
const redis = connect(stores.durableUrl, 'policy', { log: createLogger('test', 'silent') })
t.teardown(() => redis.disconnect())
await untilReady(redis, 5_000)
const asker = { actor: 'fedha' }

function ledgerOf(plane: string, more: Partial<LedgerDeps> = {}) {
  const store = new LedgerStore({ redis, plane })
  return { store, ledger: new Ledger({ ...closingDeps(), store, tell: async () => true, ...more }) }
}

/** A policy whose prices the example's contract has. */
function withContract(): Partial<LedgerDeps> {
  const { policy } = closingDeps()
  const { contracts } = validatePolicy(EXAMPLE_POLICY).document!
  return { policy: { ...policy, document: { ...policy.document, contracts } } }
}

t.test('a month does not close on prices that have changed while it was counted', async (t) => {
  const deps = closingDeps()
  let meanwhile = async (): Promise<unknown> => undefined
  const thread: LedgerDeps['thread'] = {
    ...deps.thread,
    ask: async (of, question, who) => {
      const answer = await deps.thread.ask(of, question, who)
      await meanwhile()
      return answer
    },
  }
  const { store, ledger } = ledgerOf('race', { thread })
  meanwhile = () => ledger.setPrices({ tiers: { hospital: '5' } }, '0', { by: 'fedha', reason: 'x' })
  await t.rejects(ledger.close('2026-01', asker), { code: 'PRECONDITION_FAILED', message: /Prices have changed/ })
  t.same([...(await store.closed()).keys()], [], 'it is open')
  meanwhile = async () => undefined
  t.match(await ledger.close('2026-01', asker), { by: 'fedha' })
})

t.test('a price book that cannot be read quotes nothing, and a whole one takes its place', async (t) => {
  const { ledger } = ledgerOf('unreadable')
  await redis.hset(keys('unreadable').ledger.prices, 'version', '7', 'text', '{"tariffs": 41000.77')
  const refused: unknown = await ledger.prices().catch((error: unknown) => error)
  t.match(refused, { code: 'STORE_CORRUPT', advice: /If-Match "7"/ })
  t.notMatch(String(refused), /41000/)
  t.match(await ledger.setPrices({ tiers: { hospital: '5' } }, '7', { by: 'fedha', reason: 'x' }), { version: '8' })
  t.match(await ledger.prices(), { version: '8', book: { tiers: { hospital: '5' } } })
})

t.test('a month is counted by the last policy that was in force in it, and by who held what before', async (t) => {
  const deps = closingDeps()
  const { document } = deps.policy
  const { from } = billingMonth('2026-03', document.plane.timezone)
  const [hospital, college] = ['hosp-mbeya', 'chuo-dodoma'] as const
  const of = (tier: string) => ({
    ...document,
    institutions: { ...document.institutions, [hospital]: { ...document.institutions[hospital]!, tier } },
  })
  const { [college]: _, ...left } = document.institutions
  const revisions = [
    { at: from - 90 * DAY, document: of('hospital') },
    { at: from + 10 * DAY, document: of('basic') },
    { at: from + 40 * DAY, document: { ...document, institutions: left } },
  ]
  const meta = (await deps.policy.store.list(1, 1))[0]!
  const store: LedgerDeps['policy']['store'] = {
    list: async (newest) =>
      revisions
        .slice(0, newest)
        .map(({ at }, k) => ({ ...meta, revision: k + 1, hash: `sha256:${k + 1}`, at }))
        .reverse(),
    get: async (n) => ({
      ...{ revision: n, hash: `sha256:${n}`, indexes: new Map(), meta: { ...meta, revision: n } },
      document: revisions[n - 1]!.document,
    }),
  }
  let asked: MonthAsked | null = null
  const thread: LedgerDeps['thread'] = {
    ...deps.thread,
    ask: async (month, question, who) => {
      const source = await month.source()
      if ('count' in source) asked = source.count
      return deps.thread.ask(month, question, who)
    },
  }
  const { ledger } = ledgerOf('revisions', { policy: { document, revision: { revision: 3 }, store }, thread })
  await ledger.month('2026-03', 'all', asker)
  const found = asked as MonthAsked | null
  t.same(found?.policy, { revision: 2, hash: 'sha256:2' })
  const held = new Map(found?.holdings)
  t.same(
    held.get(hospital)?.map(({ tier }) => tier),
    ['hospital', 'basic'],
  )
  t.ok(held.has(college), 'who left in a later month was there')
})

t.test('the command changes the book that it printed, and no other', async (t) => {
  const sent: unknown[] = []
  const server = createServer((request, response) => {
    sent.push([request.method, request.headers['if-match']])
    const body =
      request.method === 'PUT' ? { version: '5', fingerprint: 'f', waitsFor: [] } : { version: '4', book: {} }
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const data = t.testdir()
  const env = { MIZANI_DATA: data, MIZANI_URL: `http://127.0.0.1:${port}`, MIZANI_TOKEN: 'a-token' }
  const settings = loadSettings({ env })
  const printed: string[] = []
  const sink = { write: (text: string) => printed.push(text) }
  const io = { stdout: sink, stderr: sink, env, isTTY: false }
  await runPrices({ json: false, settings }, io)
  const file = join(data, 'prices.json')
  writeFileSync(file, printed.join(''))
  await runPrices({ json: false, settings, file, reason: 'x' }, io)
  t.same(sent.at(-1), ['PUT', '"4"'])
  t.match(printed.at(-1), /version 5/)
})

t.test('a change of the book keeps its reason, names what it changed, and tells no amount', async (t) => {
  const { ledger } = ledgerOf('told', withContract())
  const first = { tariffs: { 'transit-2026': { currency: 'USD', monthly: '777123.45' } }, tiers: { hospital: '5' } }
  await ledger.setPrices(first, '0', { by: 'fedha', reason: 'the contract of 2026' })
  const put = await ledger.setPrices({ ...first, tiers: { hospital: '6' } }, '1', { by: 'fedha', reason: 'new tiers' })
  t.match(put, { version: '2', guards: [], change: { changed: ['tiers/hospital'], changes: 1 } })
  t.match((await ledger.prices()).about, { by: 'fedha', approvedBy: null, reason: 'new tiers' })
  t.equal((await ledger.prices()).about?.fingerprint, put.change.fingerprint)
  t.notMatch(JSON.stringify(put), /777123/)
})

t.test('where a guard asks for a second person, a book waits until another officer agrees', async (t) => {
  const deps = closingDeps()
  const guards = { 'prices-by-two': { name: { en: 'Prices', sw: 'Bei' }, touches: ['/contracts', '/tiers'] } }
  const policy = { ...deps.policy, document: { ...deps.policy.document, guards } } as LedgerDeps['policy']
  const { ledger, store } = ledgerOf('second', { policy })
  const book = { tiers: { hospital: '5' } }
  const put = await ledger.setPrices(book, '0', { by: 'fedha', reason: 'x' })
  t.match(put, { version: '0', guards: ['prices-by-two'] })
  t.match(await ledger.prices(), { version: '0', book: { tiers: {} }, waiting: { by: 'fedha', reason: 'x' } })
  const { fingerprint } = put.change
  await t.rejects(ledger.approvePrices(fingerprint, 'fedha'), { code: 'SELF_APPROVAL' })
  await t.rejects(ledger.approvePrices('another', 'fedha-2'), { code: 'PRECONDITION_FAILED' })
  const other = await ledger.setPrices({ tiers: { hospital: '6' } }, '0', { by: 'fedha', reason: 'y' })
  await t.rejects(ledger.approvePrices(fingerprint, 'fedha-2'), { code: 'PRECONDITION_FAILED' }, 'it was replaced')
  t.match(await ledger.approvePrices(other.change.fingerprint, 'fedha-2'), { version: '1' })
  t.match(await store.prices(), { book: { tiers: { hospital: '6' } }, about: { approvedBy: 'fedha-2' }, waiting: null })
  await t.rejects(ledger.approvePrices(other.change.fingerprint, 'fedha-2'), { code: 'NOT_FOUND' })
})

t.test('a currency that there is not and an invoice below zero are refused, each at its place', async (t) => {
  const { ledger } = ledgerOf('checked', withContract())
  const { from } = billingMonth('2026-01', 'UTC')
  const month = new Date(from).toISOString().slice(0, 7)
  const contract = 'transit-2026'
  const tariffs = { [contract]: { currency: 'QQQ', monthly: '1' } }
  const asked = { tariffs, invoices: { [month]: { [contract]: '-5.00' } } }
  const refused = await ledger.setPrices(asked, '0', { by: 'fedha', reason: 'x' }).catch((error: unknown) => error)
  t.match(refused, {
    code: 'POLICY_INVALID',
    faults: [
      { pointer: `/tariffs/${contract}/currency`, message: /QQQ.*TZS, USD or EUR/ },
      { pointer: `/invoices/${month}/${contract}`, message: /credit as a correction/ },
    ],
  })
  for (const currency of ['TZS', 'USD', 'EUR']) {
    const { version } = await ledger.prices()
    const book = { tariffs: { [contract]: { currency, monthly: '1' } } }
    t.ok(await ledger.setPrices(book, version, { by: 'fedha', reason: 'x' }), currency)
  }
})
