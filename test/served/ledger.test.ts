// The ledger of a running plane: a month that was recorded is counted, shared and closed once, and whoever has not the
// role finance finds no amount, wherever they look: in answers, exports, pages, events, refusals, the trail, the log.
// It looks a few hundred times; `npm run ledger:secrets` a thousand.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { daysOf } from '../../src/client/history-import.js'
import { billingMonth, monthBefore } from '../../src/ledger/billing-month.js'
import { parseCents } from '../../src/ledger/money.js'
import { DAY, HOUR, SLOT } from '../../src/model/units.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { Archive } from '../../src/record/archive.js'
import { writeTable } from '../../src/record/parquet-file.js'
import { emptyRows, FLOWS } from '../../src/record/tables.js'
import { Caller } from '../harness/caller.js'
import { ownToken } from '../harness/own-token.js'
import { freshFolder } from '../harness/place.js'
import { Program } from '../harness/program.js'

const SEED = Number(process.env.MIZANI_SEED ?? 21)
const LOOKS = Number(process.env.MIZANI_RUNS ?? 250)
const MONTH = monthBefore(new Date(Date.now() - 2 * DAY).toISOString().slice(0, 7))
const ZONE = 'Africa/Dar_es_Salaam'
const FLOW_IDS = ['hosp-mbeya', 'chuo-dodoma'].flatMap((id) => ['down', 'up'].map((way) => `${id}/internet/${way}`))

const data = freshFolder(t)
const folder = freshFolder(t)
const { document } = validatePolicy({ ...EXAMPLE_POLICY, guards: {}, tests: {} })
for (const [file, text] of Object.entries(planeFiles(document!))) writeFileSync(join(folder, file), text)
await record(join(data, 'history'))
const up = await new Program(['up', '--port', '0', '--plane', folder, '--no-demo'], t, {
  env: { MIZANI_DATA: data },
}).ready()
const machine = new Caller(() => up.url, readFileSync(join(data, 'cli-token'), 'utf8').trim())

/** The first two days of the month: what edges counted, and a counter that was imported. */
async function record(history: string): Promise<void> {
  const { from } = billingMonth(MONTH, ZONE)
  const samples = Array.from({ length: 576 }, (_, k) => from + k * SLOT).flatMap((at, k) => [
    { at, link: 'transit-a.down', rate: 300e6 + k * 1e6 },
    { at, link: 'transit-a.up', rate: 50e6 },
  ])
  for (const start of new Set(samples.map(({ at }) => at - (at % DAY)))) {
    const day = join(history, new Date(start).toISOString().slice(0, 10))
    mkdirSync(day, { recursive: true, mode: 0o700 })
    const rows = emptyRows(FLOWS)
    for (const flow of FLOW_IDS)
      for (let slot = Math.max(start, from); slot < Math.min(start + DAY, from + 2 * DAY); slot += SLOT) {
        const said: Readonly<Record<string, number | string>> = {
          ...{
            slot,
            flow,
            seconds: 300,
            revision: 1,
            plan: 'p',
            enforcement: 'enforce',
            m_at: slot,
            m_limit: 'DEMAND',
          },
          ...{ below_guarantee_s: flow.startsWith('hosp') && slot < from + HOUR ? 60 : 0, at_ceiling_s: 0 },
        }
        for (const [name, column] of Object.entries(rows)) (column as (number | string)[]).push(said[name] ?? 10_000)
      }
    writeTable(join(day, 'flows.parquet'), FLOWS, rows)
  }
  await new Archive(history).adopt(daysOf(samples, document!))
}

/** Somebody with a token; finance is a person's. */
async function somebody(id: string, roles: readonly string[], scope: object | null = null): Promise<Caller> {
  if (roles.includes('finance'))
    return new Caller(() => up.url, await ownToken(() => up.url, machine, { id, name: id, roles, scope }))
  const speaks = roles.includes('member')
  await machine.post('/v1/users', { id, name: id, roles, scope: speaks ? scope : null })
  const expires = new Date(Date.now() + DAY).toISOString()
  const { token } = await machine.post<{ token: string }>('/v1/tokens', {
    user: id,
    name: 'test',
    roles,
    expires,
    scope: speaks ? null : scope,
  })
  return new Caller(() => up.url, token)
}

interface Month {
  readonly closing: { readonly fingerprint: string } | null
  readonly toClose: { readonly missing: readonly string[]; readonly gaps: readonly string[] } | null
  readonly contracts: readonly { billed: number; down: { counted: number; slots: number }; idle: number }[]
  readonly institutions: readonly { institution: string; minutesBelow: number; attainment: number }[]
  readonly charges:
    | readonly {
        cost: { total: string; idle: string; unshared: string } | null
        shares: readonly { institution: string; amount: string }[]
      }[]
    | null
}

const OWN = { institutions: ['hosp-mbeya'], reads: 'scope' }

/** Easy to find. */
const BOOK = {
  tariffs: { 'transit-2026': { currency: 'USD', monthly: '777123.45', perMbps: '77.7123' } },
  tiers: { hospital: '7771.23', basic: '777.12' },
  invoices: { [MONTH]: { 'transit-2026': '7779991.57' } },
  corrections: {},
}

t.test('a month is counted, shared to the cent, and closes once', async (t) => {
  const finance = await somebody('fedha', ['finance'])
  const viewer = await somebody('mtazamaji', ['viewer'])
  const path = `/v1/ledger/${MONTH}`
  const early = await finance.call('POST', `${path}/close`)
  t.match(early, { status: 412, body: { detail: /contract transit-2026 has no price/ } })
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=x', BOOK), { status: 428 })
  t.match(await finance.call('PUT', '/v1/ledger/prices', BOOK, { etag: '"0"' }), {
    status: 400,
    body: { errors: [{ pointer: '/reason' }] },
  })
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=mkataba', BOOK, { etag: '"0"' }), { status: 200 })
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=x', BOOK, { etag: '"0"' }), { status: 412 })
  const typo = { 'transit-2026': { currency: 'dollars', monthly: '12,000' } }
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=x', { ...BOOK, tariffs: typo }, { etag: '"1"' }), {
    status: 422,
    body: {
      errors: [{ pointer: '/tariffs/transit-2026/currency' }, { pointer: '/tariffs/transit-2026/monthly' }],
    },
  })
  const vast = { [MONTH]: { 'transit-2026': '9999999999999.00' } }
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=x', { ...BOOK, invoices: vast }, { etag: '"1"' }), {
    body: { errors: [{ pointer: `/invoices/${MONTH}/transit-2026` }] },
  })
  const wrong = { ...BOOK, tariffs: { nobody: BOOK.tariffs['transit-2026'] } }
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=x', wrong, { etag: '"1"' }), { status: 422 })

  const open = await viewer.get<Month>(path)
  t.match(open, { closing: null, charges: null }, 'who looks around sees use, and no amount')
  // 576 means from 300 Mbit/s in steps of 1: place ceil(0.95 x 576) = 548 of them; the rest of the month is a gap.
  t.match(open.contracts[0], { billed: 847_000, down: { counted: 576 }, idle: 0 })
  const hospital = open.institutions.find(({ institution }) => institution === 'hosp-mbeya')
  t.match(hospital, { minutesBelow: 12, attainment: 0.995833 })

  t.match(open.contracts[0], { asked: { down: 20_000, up: 20_000 } }, 'what both asked together')
  t.equal(open.toClose, null)
  t.match((await finance.get<Month>(path)).toClose, { missing: [], gaps: [/576 of \d+ slots are recorded/] })

  t.equal((await viewer.call('POST', `${path}/close`)).status, 403)
  t.match(
    await finance.call('POST', `${path}/close`),
    { status: 412, body: { detail: /576 of \d+ slots are recorded/ } },
    'two days of a month, unless that is said',
  )
  const old = await finance.call('POST', '/v1/ledger/2016-10/close?gaps=accepted')
  t.match(old, { status: 412, body: { detail: /before the policy and before the record/ } })
  t.equal((await finance.call('GET', '/v1/ledger/0001-01')).status, 400)
  const closed = await finance.call('POST', `${path}/close?gaps=accepted`)
  t.equal(closed.status, 200, JSON.stringify(closed.body))
  const skipped = await finance.call('POST', `/v1/ledger/${monthBefore(MONTH)}/close?gaps=accepted`)
  t.match(skipped, { status: 412, body: { detail: /the month after/ } }, 'in their order')
  t.same((await finance.call('POST', `${path}/close`)).body, closed.body, 'closing again changes nothing')
  const month = await finance.get<Month>(path)
  const [charge] = month.charges ?? []
  const shares = charge!.shares.map(({ amount }) => parseCents(amount)!)
  t.equal(
    shares.reduce((a, b) => a + b, 0),
    777_999_157,
    'statements add up to the invoice',
  )
  t.match(charge!.cost, { total: '7779991.57', unshared: '0.00' })
  const changed = { ...BOOK, invoices: { [MONTH]: { 'transit-2026': '1.00' } } }
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=x', changed, { etag: '"1"' }), {
    body: { errors: [{ pointer: `/invoices/${MONTH}`, code: 'CLOSED' }] },
  })
  const next = new Date().toISOString().slice(0, 7)
  const credit = { month: next, of: MONTH, contract: 'transit-2026', amount: '-777.55', reason: 'a meter was wrong' }
  const corrected = { ...BOOK, corrections: { c1: credit } }
  t.match(await finance.call('PUT', '/v1/ledger/prices?reason=x', corrected, { etag: '"1"' }), { status: 200 })
  t.same(await finance.get<Month>(path), month, 'closed months never change')

  const bills = { libreNms: { bills: [{ bill_id: 1, bill_name: 'transit-2026', rate_95th: '850000000' }] } }
  const { body: held } = await finance.call('POST', `${path}/reconcile`, bills)
  t.match(held, { rows: [{ contract: 'transit-2026', ours: 847_000, theirs: 850_000, apart: 0.0035 }], unknown: [] })
  const billed = async (...them: readonly object[]) => {
    const libreNms = {
      bills: them.map((one, k) => ({ bill_id: k, bill_name: null, bill_ref: 'transit-2026', ...one })),
    }
    return finance.call('POST', `${path}/reconcile`, { libreNms })
  }
  const several = await billed({ rate_95th: 1 }, { rate_95th: 2 })
  t.match(several.body, { rows: [{ theirs: null }], unclear: ['0', '1'] }, 'which of two it is nobody knows')
  t.match((await billed({ rate_95th: null })).body, { rows: [{ theirs: null }], unclear: ['0'] })
  t.match(await billed({ rate_95th: -1 }), { status: 400 })
  const scoped = await somebody('mbeya-fedha', ['finance'], { regions: ['mbeya'] })
  const part = await scoped.get<Month>(path)
  t.match(part.charges, [{ cost: null, shares: [{ institution: 'hosp-mbeya' }] }])
  t.equal(part.charges![0]!.shares.length, 1, 'of the scope alone')
  t.equal((await scoped.call('GET', '/v1/ledger/prices')).status, 404)
  t.equal((await machine.call('GET', '/v1/ledger/prices')).status, 403, 'nor is it an administrator`s')

  const page = await finance.call('GET', `/v1/institutions/hosp-mbeya/statement?month=${MONTH}&lang=sw`, undefined, {
    headers: { accept: 'text/html' },
  })
  t.match(page.body, /<html lang="sw">[\s\S]*Hospitali ya Rufaa Mbeya[\s\S]*Jumla ya kulipa/)
  const own = `/v1/institutions/hosp-mbeya/statement?month=${MONTH}`
  const member = await somebody('hosp', ['member'], OWN)
  t.match(await member.get(own), { institution: { minutesBelow: 12 }, charges: null, totals: null }, 'without a price')
  const both = await somebody('hosp-fedha', ['member', 'finance'], OWN)
  t.match(await both.get(own), { totals: { USD: /^\d+\.\d\d$/ } }, 'unless they are its finance officer too')
  t.equal((await member.call('GET', path)).status, 403, 'nor the month of all')
  const { items: months } = await member.get<{ items: { month: string }[] }>('/v1/ledger')
  t.match(
    months.find(({ month }) => month === MONTH),
    { closing: { by: 'fedha' } },
  )
  const register = await viewer.get<{ rows: readonly { finding: string; subject: string }[] }>('/v1/ledger/register')
  t.match(
    register.rows.filter(({ finding }) => finding === 'no-agreement'),
    [{ subject: 'chuo-dodoma' }],
  )
  t.ok(register.rows.some(({ finding, subject }) => finding === 'no-contract' && subject === 'transit-b'))
  const told = await (await somebody('mkaguzi', ['auditor'])).get<{ items: readonly object[] }>(
    '/v1/audit?order=oldest&pageSize=1000',
  )
  const entry = told.items.filter((one) => 'action' in one && one.action === 'ledger close')
  const put = told.items.filter((one) => 'action' in one && one.action === 'PUT /v1/ledger/prices')
  const keys = [`invoices/${MONTH}/transit-2026`, 'tariffs/transit-2026', 'tiers/basic', 'tiers/hospital']
  t.match(
    put.find((one) => 'outcome' in one && one.outcome === 'done'),
    { reason: 'mkataba', after: { version: '1', fingerprint: /^[0-9a-f]{64}$/, changed: keys, changes: 4 } },
  )
  t.match(entry, [{ subject: MONTH, after: { by: 'fedha', fingerprint: month.closing!.fingerprint } }], 'told once')
})

t.test('sheets with mistakes come back row by row, by the API and by the command, and nothing is taken', async (t) => {
  const operator = await somebody('karani', ['operator'])
  const { body: before } = await operator.call('GET', '/v1/policy')
  const sheets = {
    contracts:
      'name;provider;links;down;committed;from;to\n' +
      'Second;Lake;transit-b;1Gbps;300Mbps;2026-07-01;\n' +
      'Third;Lake;transit-z;1Gbps;300;31/2/2026;\n' +
      'Fourth;;transit-a;1Gbps;2Gbps;2026-07-01;2026-01-01\n',
    agreements:
      'Reference;Taasisi;Kuanzia;Hadi;Daraja;Huduma;SLA;Aliyesaini\n' +
      'MK/8;Dodoma College;1/7/2026;30/6/2027;basic;Intaneti;99,5 %;B. Komba\n' +
      'MK/9;Chuo cha Mwezi;1/7/2026;;basic;Intaneti;99 %;B. Komba\n' +
      'MK/10;Dodoma College;1/7/2026;1/1/2026;basic;Intaneti;990;\n',
  }
  for (const [kind, csv] of Object.entries(sheets)) {
    const path = `/v1/policy/import/${kind}?reason=x`
    const { status, body } = await operator.call('POST', path, { csv, columns: {}, same: {}, defaults: {} })
    t.match({ status, body }, { status: 422, body: { errors: [{ pointer: String }] } }, kind)
    const { sheet } = body as { sheet: string }
    const [, good = '', ...bad] = sheet.trim().split(/\r?\n/)
    t.match(good, /[;,]$/, 'what is right has nothing beside it')
    t.equal(bad.length, 2)
    for (const row of bad) t.notMatch(row, /[;,]$/, `${kind}: ${row}`)
    const file = join(folder, `${kind}.csv`)
    writeFileSync(file, csv)
    const command = new Program(['policy', 'import', kind, file, '--reason', 'x'], t, {
      env: { MIZANI_DATA: data, MIZANI_URL: up.url },
    })
    t.not(await command.ended, 0)
    for (const line of [3, 4]) t.match(command.log(), new RegExp(`\\b${line}\\b`), `${kind}: line ${line} is named`)
  }
  t.same((await operator.call('GET', '/v1/policy')).body, before, 'nothing was taken')
})

t.test('who has not the role finds no amount anywhere', async (t) => {
  const finance = await somebody('fedha-2', ['finance'])
  const month = await finance.get<Month>(`/v1/ledger/${MONTH}`)
  const begun = performance.now()
  const secrets = secretsIn([month, await finance.get('/v1/ledger/prices')])
  t.ok(secrets.length >= 8, `${secrets.length} amounts to look for`)
  const roles = ['viewer', 'operator', 'engineer', 'planner', 'auditor', 'admin', 'monitor']
  const people = [machine]
  for (const role of roles) people.push(await somebody(`bila-${role}`, [role]))
  people.push(await somebody('bila-mbeya', ['operator'], { regions: ['mbeya'] }))
  people.push(await somebody('mwanachama', ['member'], OWN))
  people.push(await somebody('bila-mbeya-tu', ['viewer'], { regions: ['mbeya'], reads: 'scope' }))

  const events = await fetch(`${up.url}/v1/events`, { headers: people[1]!.headers })
  const { paths } = await machine.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')
  const reads = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []))
  const pages = [
    '/',
    '/institutions',
    '/institutions/hosp-mbeya',
    '/policy',
    '/policy/contracts',
    '/in-force',
    '/audit',
    ...['/ledger', `/ledger/${MONTH}`, `/ledger/${MONTH}/hosp-mbeya`, '/ledger/register', '/ledger/prices'],
  ]
  let state = SEED
  const pick = <One>(of: readonly One[]): One => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return of[(state >>> 8) % of.length]!
  }
  const ids = ['hosp-mbeya', 'chuo-dodoma', 'transit-a.down', 'transit-2026', '1', 'mk-7', 'prices', 'fedha', 'mbeya-1']
  const collections = ['contracts', 'agreements', 'sharing', 'tiers', 'institutions']
  const types = ['application/json', 'text/csv', 'text/html', '*/*']
  const queries = ['', `?month=${MONTH}`, '?pageSize=1000', '?against=1', '?lang=sw', '?q=7']
  const found: string[] = []
  const look = (where: string, text: string): void => {
    const seen = secrets.find((secret) => text.includes(secret))
    if (seen !== undefined) found.push(`${where}: ${seen}`)
  }
  for (let n = 0; n < LOOKS; n++) {
    const template =
      n % 10 === 0 ? pick(pages) : n % 5 === 0 ? `/v1/ledger/${pick([MONTH, 'prices', 'register'])}` : pick(reads)
    if (template === '/v1/events') continue
    const path = template
      .replace('{collection}', () => pick(collections))
      .replace('{month}', MONTH)
      .replace(/\{\w+\}/g, () => pick(ids))
    const address = `${path}${path.startsWith('/v1/') ? pick(queries) : ''}`
    const answer = await fetch(up.url + address, { headers: { ...pick(people).headers, accept: pick(types) } })
    look(address, `${[...answer.headers].join(' ')} ${await answer.text()}`)
  }
  // What a write says of what is there: a try, a refusal, a proposal, what the trail keeps of it.
  const [, , operator] = people as [Caller, Caller, Caller]
  const { body: policy, etag } = await operator.call('GET', '/v1/policy')
  const bold = { ...(policy as object), contracts: {} }
  for (const [method, path] of [
    ['PUT', '/v1/policy?dryRun=true&reason=x'],
    ['POST', '/v1/policy/preview'],
    ['POST', '/v1/proposals?reason=x'],
    ['PUT', '/v1/ledger/prices?reason=x'],
    ['POST', `/v1/ledger/${MONTH}/reconcile`],
  ] as const)
    look(path, JSON.stringify((await operator.call(method, path, bold, { etag })).body))
  const path = '/v1/policy/contracts/transit-2026'
  const { body: part, etag: of } = await operator.call('GET', path)
  const later = { ...(part as object), leadDays: 77 }
  t.match(await operator.call('PUT', `${path}?reason=x&confirmWithin=0`, later, { etag: of }), { status: 200 })
  const reader = events.body!.getReader()
  let told = ''
  while (!['tick', 'revision'].every((kind) => told.includes(`event: ${kind}\n`))) {
    const { value, done } = await reader.read()
    if (done) break
    told += new TextDecoder().decode(value)
  }
  await reader.cancel()
  look('events', told)
  look('the log', up.log())
  t.same(found, [], `seed ${SEED}, ${LOOKS} looks`)
  await fetch(`${up.url}/v1/ledger/prices`, { headers: finance.headers }).then(async (answer) =>
    look('with the role', await answer.text()),
  )
  t.equal(found.length, 1, 'who looks as finance does find one')
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  t.comment(`seed ${SEED}, ${LOOKS} looks for ${secrets.length} texts, ${seconds} s: no amount was found`)
})

/** Every amount of 100 and more, as text and in whole cents. */
function secretsIn(answers: readonly unknown[]): string[] {
  const amounts = [...JSON.stringify(answers).matchAll(/"(-?\d{3,}\.\d{2,6})"/g)].map(([, amount = '']) => amount)
  const all = amounts.flatMap((amount) => [amount, amount.replace('.', '')])
  return [...new Set(all)].filter((text) => text.length >= 6)
}
