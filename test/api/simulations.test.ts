// Questions of planners over HTTP: who may, what is taken, what is told meanwhile, and what is answered in which form.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Simulation } from '../../src/model/simulation.js'
import { BOUNDS } from '../../src/planning/simulations/process.js'
import { Simulations } from '../../src/planning/simulations/simulations.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { until } from '../harness/until.js'
import { ringPlane } from '../planning/study/ring-plane.js'
import { type Api, empty, policyStore, startApi } from './api-fixture.js'

t.setTimeout(300_000)

const ring = ringPlane(3)
const ASKED = { kind: 'failures', busiest: 2, day: '2026-12-01' }

interface Answer extends Simulation {
  readonly kind: string
  readonly findings: { readonly tables: readonly { readonly id: string; readonly isSheet: boolean }[] } | null
  readonly tables: readonly { readonly id: string; readonly rows: readonly unknown[] }[]
}

async function start(t: Test): Promise<Api> {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-api-simulations-'))
  const log = createLogger('test', 'silent')
  // Beside other tests, which do not wait.
  const bounds = { ...BOUNDS, isLast: false }
  const simulations = new Simulations({ folder, record: folder, workers: 1, clock: systemClock, log, bounds })
  const [link = ''] = Object.keys(ring.links)
  const proposal = {
    ...{ id: 'p-1', state: 'open', base: 7 },
    changes: [{ pointer: `/links/${link}/capacity`, after: { down: 1e6, up: 1e6 } }],
  }
  const policy = policyStore({
    state: {
      ...{ current: () => policy.current(), switches: new Map(), document: ring, refresh: async () => undefined },
      revision: { revision: 7, hash: hashOf(ring), document: ring, indexes: new Map() },
    },
    proposals: empty({ list: () => [proposal, { ...proposal, id: 'p-2', state: 'rejected' }] }),
  })
  const api = await startApi({ simulations, policy: policy.port })
  t.teardown(async () => {
    await api.close()
    await simulations.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return api
}

const answerOf = async (api: Api, id: string, query = ''): Promise<Answer> =>
  (await api.call(`/v1/simulations/${id}${query}`, { as: 'planner' })).json() as Answer

const ended = (api: Api, id: string): Promise<Answer> =>
  until(async () => {
    const found = await answerOf(api, id)
    return found.state !== 'queued' && found.state !== 'running' && found
  }, `the end of ${id}`)

t.test('a question is asked, told of, answered, and the same one again is the same', async (t) => {
  const api = await start(t)
  const heard: unknown[] = []
  api.events.listen(({ kind, text }) => kind === 'simulation' && heard.push(JSON.parse(text)))
  const asked = await api.send('POST', '/v1/simulations', ASKED, { as: 'planner' })
  t.equal(asked.status, 202, asked.text)
  const { id } = asked.json() as Answer
  t.match(id, /^failures-[0-9a-f]{16}$/)
  t.equal(asked.headers.get('location'), `/v1/simulations/${id}`)
  t.match(asked.json(), { kind: 'failures', revision: 7, proposal: null, author: 'a-planner', refusal: null })
  const done = await ended(api, id)
  t.match(done, { state: 'done', progress: 1, left: null, asked: ASKED }, `${done.refusal?.message}`)
  t.same(
    [heard.at(0), heard.at(-1)].map((news) => (news as Answer).state),
    ['queued', 'done'],
  )
  t.match(heard.at(-1), { id, kind: 'failures', progress: 1, author: 'a-planner' })
  const again = await api.send('POST', '/v1/simulations', ASKED, { as: 'admin' })
  t.same([again.status, (again.json() as Answer).id], [200, id])

  t.same(
    done.tables.map((table) => table.id),
    ['cuts', 'tiers'],
    'without the long ones',
  )
  const one = await answerOf(api, id, '?tables=cuts-by-tier')
  t.same(
    one.tables.map((table) => table.id),
    ['cuts-by-tier'],
  )
  t.ok(one.tables[0]!.rows.length > 0)
  t.same((await answerOf(api, id, '?tables=none')).tables, [])
  const few = await answerOf(api, id, '?tables=cuts,tiers&rows=1')
  t.same(
    few.tables.map(({ rows }) => rows.length),
    [1, 1],
  )
  t.same(few.tables[0]!.rows[0], done.tables[0]!.rows[0])

  const list = (await api.call('/v1/simulations?state=done', { as: 'planner' })).json() as { items: Answer[] }
  t.same(
    list.items.map((row) => row.id),
    [id],
  )
  const csv = await api.call('/v1/simulations', { as: 'planner', headers: { accept: 'text/csv' } })
  t.match(csv.text, /^id,kind,state/)
})

t.test('the report: a page that stands alone, a table, JSON', async (t) => {
  const api = await start(t)
  const { id } = (await api.send('POST', '/v1/simulations', ASKED, { as: 'planner' })).json() as Answer
  const report = (accept: string, query = '') =>
    api.call(`/v1/simulations/${id}/report${query}`, { as: 'planner', headers: { accept } })
  t.equal((await api.call('/v1/simulations/runout-0123456789abcdef/report', { as: 'planner' })).status, 404)
  await ended(api, id)
  const page = await report('text/html,application/xhtml+xml,*/*;q=0.8', '?lang=sw')
  t.match(page.text, /<html lang="sw">/)
  t.match(page.headers.get('content-security-policy'), /^default-src 'none'; style-src 'sha256-[\w+/]{43}='/)
  t.notMatch(page.text, / style="/)
  t.match((await report('text/csv')).text, /^cut,kind,institutions_short/)
  t.match((await report('text/csv', '?table=tiers')).text, /^tier,service/)
  t.equal((await report('text/csv', '?table=prices')).status, 404)
  t.equal((await report('text/csv', '?table=..%2Fx')).status, 400)
  t.match((await report('application/json')).json(), { report: 'failures', tables: {} })
})

t.test('whoever does not plan, or reads within a scope, is refused', async (t) => {
  const api = await start(t)
  for (const as of ['viewer', 'operator', 'member', 'finance'] as const) {
    t.equal((await api.send('POST', '/v1/simulations', ASKED, { as })).status, 403, as)
    t.equal((await api.call('/v1/simulations', { as })).status, 403, as)
  }
  const within = api.accounts.secrets.issue({
    ...{ actor: 'amina', roles: ['planner'], person: true, inPerson: true, via: 'token', begun: 0 },
    scope: { regions: ['dar-es-salaam'], reads: 'scope' },
  })
  const headers = { authorization: `Bearer ${within}`, 'content-type': 'application/json' }
  const asked = await fetch(`${api.url}/v1/simulations`, { method: 'POST', headers, body: JSON.stringify(ASKED) })
  t.equal(asked.status, 403)
  t.equal((await fetch(`${api.url}/v1/simulations`, { headers })).status, 403)
  const regional = api.accounts.secrets.issue({
    ...{ actor: 'baraka', roles: ['planner'], person: true, inPerson: true, via: 'token', begun: 0 },
    scope: { regions: ['dar-es-salaam'] },
  })
  const other = { ...headers, authorization: `Bearer ${regional}` }
  const taken = await fetch(`${api.url}/v1/simulations`, {
    method: 'POST',
    headers: other,
    body: JSON.stringify(ASKED),
  })
  t.equal(taken.status, 202, 'who sees all may ask, wherever they may change something')
  const { id } = (await taken.json()) as Answer
  t.equal((await api.send('DELETE', `/v1/simulations/${id}`, {}, { as: 'planner' })).status, 403, 'it is not theirs')
  t.equal((await api.send('DELETE', `/v1/simulations/${id}`, {}, { as: 'admin' })).status, 200)
})

t.test('what cannot be asked is refused with its place; of a proposal, another question', async (t) => {
  const api = await start(t)
  const ask = (body: unknown) => api.send('POST', '/v1/simulations', body, { as: 'planner' })
  for (const body of [
    { kind: 'guess' },
    { ...ASKED, busiest: 289 },
    { ...ASKED, growth: '0.2' },
    { kind: 'runout', growth: 'much' },
    { kind: 'runout' },
    { kind: 'futures', growth: 0.2, draws: 10_001 },
    { kind: 'buy', keep: 'everyone', offers: [] },
    { kind: 'failures', scenario: 'no-such-story' },
    { kind: 'failures', scenario: '../secret' },
    { kind: 'compare', a: 'x', b: 'y' },
  ])
    t.match((await ask(body)).status, /^40[04]$/, JSON.stringify(body))
  const scenario = await ask({ kind: 'simulate', scenario: { format: 1, id: 'x', horizon: 6 } })
  t.match(scenario.json(), { code: 'BAD_REQUEST', errors: [{ pointer: '/name' }] })
  const proposed = await ask({ ...ASKED, proposal: 'p-1' })
  t.equal(proposed.status, 202, proposed.text)
  t.match(proposed.json(), { proposal: 'p-1', revision: 7 })
  t.equal((await ask({ ...ASKED, proposal: 'p-2' })).status, 404, 'it is decided')
  t.match(await ended(api, (proposed.json() as Answer).id), { state: 'done' })
})

t.test('offers come as a sheet or as rows; what they cost is not told to the trail, nor listed', async (t) => {
  const api = await start(t)
  const link = Object.entries(ring.links).find(([, { kind }]) => kind === 'backbone')![0]
  const row = { offer: 'more', link, capacity: '2Gbps', once: 98_765, monthly: 4_321, lead_days: 30 }
  const asked = { kind: 'buy', keep: 'everyone', years: 1, anyOne: 'backbone', day: ASKED.day }
  const made = await api.send('POST', '/v1/simulations', { ...asked, offers: [row] }, { as: 'planner' })
  t.equal(made.status, 202, made.text)
  const done = await ended(api, (made.json() as Answer).id)
  t.match(done, { state: 'done' }, `${done.refusal?.message}`)
  t.ok(done.tables.some(({ id }) => id === 'options'))
  t.match(JSON.stringify(done.asked), /98765/, 'whoever opens it sees what was asked')
  t.notMatch((await api.call('/v1/simulations', { as: 'planner' })).text, /98765/)
  t.notMatch(JSON.stringify(api.audited.rows), /98765/)
})
