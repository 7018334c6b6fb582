// Every write is told, once, with who, what, why and how it ended; nothing secret is; and the trail can be read.

import { once } from 'node:events'
import { connect as dial } from 'node:net'
import t from 'tap'
import { chain, START } from '../../src/audit/chain.js'
import { Caller } from '../harness/caller.js'
import { ADMIN_TOKEN, type Api, empty, startApi, startWholeApi } from './api-fixture.js'

const HOLD = { enforcement: 'hold', until: '2026-01-02T00:00:00Z', reason: 'works on the mast' }
/** As a filter, for whoever reads all of it without one exports it. */
const ALL = '&until=2100-01-01T00:00:00Z'
const entries = async (api: Api, query = ALL): Promise<Record<string, unknown>[]> =>
  ((await api.call(`/v1/audit?order=oldest${query}`, { as: 'auditor' })).json() as { items: Record<string, unknown>[] })
    .items

t.test('a write tells who, what, why, before, after and how it ended; a dry run tells nothing', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.call('/v1/status')
  await api.send('POST', '/v1/edges/dar-1/enforcement?dryRun=true', HOLD, { as: 'engineer' })
  t.strictSame(await entries(api), [])
  const done = await api.send('POST', '/v1/edges/dar-1/enforcement', HOLD, { as: 'engineer' })
  const policy = await api.call('/v1/policy')
  const etag = { 'if-match': policy.headers.get('etag') ?? '' }
  await api.send('PUT', '/v1/policy?reason=growth&reference=T-12', { tiers: {} }, { as: 'operator', headers: etag })
  await api.send('PUT', '/v1/policy?reason=again', { tiers: {} }, { as: 'operator', headers: etag })
  t.match(await entries(api), [
    {
      ...{ n: 1, actor: 'a-engineer', via: 'token', address: '127.0.0.1', subject: 'dar-1', reason: HOLD.reason },
      ...{ action: 'POST /v1/edges/:id/enforcement', outcome: 'done', code: null, reference: null, times: 1 },
      ...{ before: { enforcement: 'enforce' }, after: { enforcement: 'hold', until: HOLD.until } },
      ...{ requestId: done.headers.get('x-request-id'), time: '2026-01-01T00:00:00.000Z', hash: /^[0-9a-f]{64}$/ },
    },
    { n: 2, actor: 'a-admin', action: 'GET /v1/policy', after: { revision: 7 } },
    {
      ...{ n: 3, actor: 'a-operator', action: 'PUT /v1/policy', reason: 'growth', reference: 'T-12', outcome: 'done' },
      ...{ before: { revision: 7, hash: 'sha256:7' }, after: { revision: 8, hash: 'sha256:8' } },
    },
    { n: 4, actor: 'a-operator', reason: 'again', outcome: 'refused', code: 'PRECONDITION_FAILED', before: null },
  ])
  t.match((await api.call('/v1/audit/verify', { as: 'auditor' })).json(), { ok: true, entries: 4, fault: null })
  t.notOk(done.headers.has('mizani-audit'))
})

t.test('each route that names something in its address tells what', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const named = api.rules.filter(({ method, url, told }) => method !== 'GET' && told !== null && url.includes('/:'))
  t.ok(named.length > 30, `${named.length} of them`)
  const silent = named.filter(({ told }) => !told!.includes('subject')).map(({ method, url }) => `${method} ${url}`)
  // Whoever trades an invitation may have put it into the address: the edge is told once it is known to be one.
  t.strictSame(silent, ['POST /v1/edges/:id/credentials'])
})

t.test('no password, token or secret is told; a refused sign-in names known names only', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const password = 'maji ya kunde 1961'
  const service = { id: 'zabbix', name: 'x', roles: ['viewer'] as const, scope: null, password: null }
  await api.accounts.administration.addUser(service, 'x')
  await api.send('POST', '/v1/users', { id: 'asha', roles: ['admin'], password })
  const wanted = { user: 'zabbix', name: 'script', roles: ['viewer'], expires: '2026-12-31T00:00:00Z' }
  const made = (await api.send('POST', '/v1/tokens', wanted)).json() as { token: string }
  const signIn = (body: unknown) =>
    api.call('/v1/session', {
      method: 'POST',
      as: null,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  await signIn({ user: 'asha', password })
  for (let i = 0; i < 5; i++) {
    await signIn({ user: 'asha', password: 'a wrong guess' })
    await signIn({ user: password, password: 'the name in the wrong field' })
  }
  await api.clock.advance(60_000)
  await signIn({ user: 'asha', password: 'a wrong guess' })
  const told = await entries(api)
  const text = JSON.stringify(told) + api.logged.join()
  for (const secret of [password, made.token, 'a wrong guess', 'scrypt$']) t.notOk(text.includes(secret), secret)
  t.match(told[1]?.after, { token: undefined, user: 'zabbix', name: 'script' })
  t.match(
    told.slice(2).map(({ actor, outcome, times }) => ({ actor, outcome, times })),
    [
      { actor: 'asha', outcome: 'done', times: 1 },
      { actor: 'asha', outcome: 'refused', times: 1 },
      { actor: 'nobody', outcome: 'refused', times: 1 },
      { actor: 'asha', outcome: 'refused', times: 5 },
    ],
    'one line a minute for each, which says how many there were',
  )
})

t.test('the trail is read by page, filter and order, and as CSV', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  for (let i = 0; i < 12; i++) {
    await api.send(
      'POST',
      '/v1/demo/load',
      { institution: 'min-afya', factor: i },
      { as: i % 2 ? 'operator' : 'admin' },
    )
  }
  const numbers: unknown[] = []
  for (let token: string | null = ''; token !== null; ) {
    const page = (await api.call(`/v1/audit?pageSize=5${token && `&pageToken=${token}`}`)).json() as {
      items: { n: number }[]
      nextPageToken: string | null
    }
    numbers.push(page.items.map(({ n }) => n))
    token = page.nextPageToken
  }
  t.strictSame(numbers.flat(), [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  t.strictSame(
    (await entries(api, '&pageSize=3')).map(({ n }) => n),
    [1, 2, 3],
  )
  t.strictSame((await entries(api, '&actor=a-operator')).length, 6)
  t.strictSame((await entries(api, '&action=/v1/policy')).length, 0)
  t.strictSame((await entries(api, '&q=MIN-AFYA&outcome=done')).length, 12)
  t.strictSame((await entries(api, '&since=2026-01-01T03:00:01%2B03:00')).length, 0)
  t.strictSame((await entries(api, '&since=03:00:01')).length, 0, 'a clock is the plane’s')
  t.strictSame((await entries(api, '&since=yesterday&until=03:00:01')).length, 12)
  t.strictSame((await entries(api, '&until=2026-01-01T03:00:01%2B03:00')).length, 12)
  const csv = await api.call('/v1/audit?pageSize=2&order=oldest', { headers: { accept: 'text/csv' } })
  t.match(
    csv.text,
    /^n,time,actor,.*\r\n1,2026-01-01 03:00 EAT,a-admin,token,127.0.0.1,POST \/v1\/demo\/load,min-afya,done/,
  )
  t.match(csv.headers.get('link'), /rel="next"/)
  t.equal((await api.call('/v1/audit?pageToken=zzz')).status, 400)
  t.equal((await api.call('/v1/audit', { as: 'operator' })).status, 403)
})

/** An auditor of an administrator's making, who has chosen a password and whom nobody vouches for. */
async function madeUp(api: Api): Promise<Caller> {
  const [user, password, chosen] = ['ghost', 'maji ya kunde 1961', 'nywila mpya kabisa']
  await api.send('POST', '/v1/users', { id: user, name: 'Ghost', roles: ['auditor'], password })
  const ghost = new Caller(() => api.url)
  await ghost.post('/v1/session', { user, password })
  await ghost.post('/v1/me/password', { present: password, password: chosen })
  await ghost.post('/v1/session', { user, password: chosen })
  return ghost
}

t.test('a flipped bit is found, shown, and told apart from an honest cut', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  for (let i = 0; i < 4; i++) await api.send('POST', '/v1/demo/load', { institution: 'min-afya', factor: i })
  const [first] = await entries(api)
  const through = { n: 1, hash: first?.hash }
  const trim = (as: 'admin' | 'auditor' | 'approver', more: object = {}) =>
    api.send('POST', '/v1/audit/trim', { through, reason: 'exported', ...more }, { as })
  const read = async (query: string) =>
    ((await api.call(`/v1/audit?order=oldest${query}`, { as: 'auditor' })).json() as { receipt: string | null }).receipt
  t.equal((await trim('auditor')).status, 412, 'nothing was exported')
  for (const query of ['&actor=a-admin', '&pageSize=2', '&q=x'])
    t.equal(await read(query), null, `${query}: that was not all`)
  const receipt = await read('')
  t.match(receipt, /^[0-9a-f]{32}$/)
  t.equal((await trim('auditor', { receipt: '0'.repeat(32) })).status, 412)
  t.equal((await trim('admin', { receipt })).status, 412, 'the receipt of somebody else')
  const late = { through: { n: 99, hash: '0'.repeat(64) }, receipt }
  t.equal((await trim('auditor', late)).status, 412, 'more than was read')
  const asked = await trim('auditor', { receipt })
  t.equal(asked.status, 202)
  t.match(asked.json(), { base: { n: 0 }, trim: { through, by: 'a-auditor', reason: 'exported' } }, 'nothing is gone')
  t.equal((await trim('auditor')).status, 403, 'alone')
  const machine = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ through, reason: 'exported' })
  t.equal((await api.call('/v1/audit/trim', { method: 'POST', as: null, body, headers: machine })).status, 403)
  t.equal((await trim('admin')).status, 403, 'whoever could have made the second person up')
  const ghost = await madeUp(api)
  t.equal((await ghost.call('POST', '/v1/audit/trim', { through, reason: 'x' })).status, 403, 'or has')
  t.match((await trim('approver')).json(), { ok: true, base: through, trim: null })
  t.match(
    (await entries(api, '&action=audit')).map(({ actor, action, outcome }) => [actor, action, outcome]).slice(-6),
    [
      ['a-admin', 'POST /v1/audit/trim', 'refused'],
      ['a-auditor', 'POST /v1/audit/trim', 'done'],
      ['env-admin', 'POST /v1/audit/trim', 'refused'],
      ['ghost', 'POST /v1/audit/trim', 'refused'],
      ['mizani', 'audit trim', 'done'],
      ['a-approver', 'POST /v1/audit/trim', 'done'],
    ],
  )
  const row = api.audited.rows[1]!
  api.audited.rows[1] = { ...row, text: row.text.replace('a-admin', 'a-bdmin') }
  t.match((await api.call('/v1/audit/verify')).json(), { ok: false, fault: { n: row.n, code: 'CHANGED' } })
  api.audited.rows[1] = { ...row, text: row.text.slice(5) }
  t.match((await entries(api))[1], { n: row.n, action: 'DAMAGED' })
})

t.test('a store that is away keeps nobody from acting; the answer says that the entry is on its way', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  api.audited.away = true
  const before = api.clock.pending()
  const answer = api.send('POST', '/v1/edges/dar-1/enforcement', HOLD)
  for (let i = 0; i < 40 && api.clock.pending() < before + 2; i++)
    await new Promise((resolve) => setTimeout(resolve, 25))
  await api.clock.advance(2_000)
  const done = await answer
  t.equal(done.status, 200)
  t.equal(done.headers.get('mizani-audit'), 'pending')
  api.audited.away = false
  await api.clock.advance(1_000)
  t.match(await entries(api), [{ n: 1, outcome: 'done' }])
})

t.test(
  'what a release before has left in the trail is listed, rotated, taken out, and the trail still holds',
  async (t) => {
    const api = await startApi({ edges: empty({ byToken: () => null }) })
    t.teardown(api.close)
    const old = (action: string, subject: string, more: object) => ({
      ...{ at: 0, actor: 'asha', via: 'password', address: '', action, subject, reason: null, reference: null },
      ...{ requestId: 'r', outcome: 'done' as const, code: null, before: null, after: null, times: 1, ...more },
    })
    const left = [
      old('POST /v1/edges/:id/account', 'dar-1', {
        after: { edge: 'dar-1', line: 'dar-1 https://x - JOIN', token: 'JOIN' },
      }),
      old('PUT /v1/policy', '', { after: { revision: 2, warnings: ['evidence'] } }),
      old('POST /v1/edges/:id/credentials', 'dar-1', {
        after: { rates: { address: 'redis://e:STORE@h' }, edge: 'dar-1' },
      }),
      old('POST /v1/tokens', '', { after: { id: 't-1', user: 'juma', token: '[secret]' } }),
      old('POST /v1/edges/:id/credentials', 'JOIN', {
        outcome: 'refused',
        code: 'UNAUTHENTICATED',
        after: 'not known',
      }),
    ]
    const chained = chain(START, left, null)
    api.audited.rows.push(...chained)
    api.audited.head = { n: 5, hash: chained[4]!.hash }
    const ask = (dryRun: boolean) =>
      api.send('POST', `/v1/audit/purge?dryRun=${dryRun}`, { reason: 'join lines' }, { as: 'auditor' })
    const found = [
      { n: 1, fields: ['after.line', 'after.token'], rotate: 'mizani edge-user rotate dar-1' },
      { n: 3, fields: ['after.rates.address'], rotate: 'mizani edge-user rotate dar-1' },
      { n: 5, subject: '', fields: ['after', 'subject'] },
    ]
    t.match((await ask(true)).json(), { entries: found, dryRun: true })
    t.match(JSON.stringify(api.audited.rows), /JOIN.*STORE/, 'looking changes nothing')
    t.match((await ask(false)).json(), { entries: found, dryRun: false })
    const text = JSON.stringify(api.audited.rows)
    for (const secret of ['JOIN', 'STORE']) t.notOk(text.includes(secret), secret)
    t.match(text, /evidence/, 'what never was secret stays')
    t.match((await api.call('/v1/audit/verify')).json(), { ok: true, entries: 7, redacted: 3, signed: 2 })
    t.match((await ask(false)).json(), { entries: [] }, 'once more is nothing')
    const [redact, asked] = (await entries(api)).slice(5)
    t.match(redact, {
      actor: 'mizani',
      action: 'audit redact',
      reason: 'join lines',
      after: { entries: [{ n: 1 }, { n: 3 }] },
    })
    t.match(asked, {
      actor: 'a-auditor',
      action: 'POST /v1/audit/purge',
      after: { entries: [{ n: 1 }, { n: 3 }, { n: 5 }] },
    })

    const by = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }
    const asMachine = async (dryRun: boolean) => {
      const asked = { method: 'POST', as: null, body: '{"reason":"x"}', headers: by }
      return (await api.call(`/v1/audit/purge?dryRun=${dryRun}`, asked)).status
    }
    t.strictSame([await asMachine(true), await asMachine(false)], [200, 403], 'a token looks, a person takes out')

    const row = api.audited.rows[1]!
    api.audited.rows[1] = { ...row, text: row.text.replace('evidence', 'nothing') }
    t.equal((await ask(false)).status, 412, 'nothing that was changed by others is made good by the way')
  },
)

t.test('where a setting asks for it each request leaves a line, guesses too, and no secret', async (t) => {
  const api = await startApi({ http: { trustProxy: [], tls: null, accessLog: true } })
  t.teardown(api.close)
  await api.call('/v1/status?q=a-secret', { as: 'viewer' })
  await api.call('/v1/policy', { as: null, headers: { authorization: 'Bearer a-secret' } })
  await api.call('/a-secret', { as: null })
  await api.call('/v1/users/a-secret')
  const lines = api.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request')
  t.match(lines, [
    { actor: 'a-viewer', via: 'token', method: 'GET', route: '/v1/status', status: 200, address: '127.0.0.1' },
    { actor: 'nobody', shown: 'token', route: '/v1/policy', status: 401 },
    { actor: 'nobody', shown: null, route: null, status: 404 },
    { actor: 'a-admin', route: '/v1/users/:id', status: 404 },
  ])
  t.notMatch(JSON.stringify(lines), /a-secret/)
  const silent = await startApi()
  t.teardown(silent.close)
  await silent.call('/v1/status')
  t.notMatch(silent.logged.join(), /"msg":"request"/)
})

t.test(
  'whole policies, exports and accounts that are read are told, and guessed tokens; no other read is',
  async (t) => {
    const api = await startApi()
    t.teardown(api.close)
    for (const path of ['/v1/policy', '/v1/policy', '/v1/users', '/v1/status', '/v1/audit', '/v1/users/nobody'])
      await api.call(path)
    for (let i = 0; i < 20; i++) {
      const headers = { authorization: `Bearer guess-${i}` }
      t.equal((await api.call(i % 2 ? '/v1/status' : '/v1/policy', { as: null, headers })).status, 401)
    }
    await api.call('/v1/status', { as: null })
    t.match(await entries(api), [
      { actor: 'a-admin', action: 'GET /v1/policy', outcome: 'done', after: { revision: 7 }, times: 1 },
      { actor: 'a-admin', action: 'GET /v1/users', outcome: 'done', after: null },
      { actor: 'nobody', outcome: 'refused', code: 'UNAUTHENTICATED', address: '127.0.0.1', times: 1 },
    ])
    t.equal((await entries(api)).length, 3)
    t.notMatch(JSON.stringify(api.audited.rows), /guess-/)
    await api.clock.advance(60_000)
    await api.call('/v1/status', { as: null, headers: { authorization: 'Bearer once-more' } })
    t.match((await entries(api)).at(-1), { actor: 'nobody', outcome: 'refused', times: 20 })
    await api.call('/v1/audit?order=oldest', { as: 'auditor' })
    t.match(
      (await entries(api)).at(-1),
      { actor: 'a-auditor', action: 'GET /v1/audit', after: { n: 4 } },
      'an export too',
    )
  },
)

t.test('a write is told whatever stands behind its address', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const made = { id: 'juma', roles: ['operator'], password: 'maji ya kunde 1961' }
  await api.send('POST', '/v1/users?dryRun=true', made)
  const { items } = (await api.call('/v1/audit', { as: 'auditor' })).json() as { items: { action: string }[] }
  t.ok(items.some(({ action }) => action === 'POST /v1/users'))
})

t.test('who asks much on one connection and leaves gives all its places back', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const { port, hostname } = new URL(api.url)
  const ask = 'GET /v1/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'
  for (let k = 0; k < 4; k++) {
    const socket = dial(Number(port), hostname)
    await once(socket, 'connect')
    socket.write(ask.repeat(60))
    await once(socket, 'data')
    socket.destroy()
    await once(socket, 'close')
  }
  t.equal((await api.call('/v1/health/live', { as: null })).status, 200)
})
