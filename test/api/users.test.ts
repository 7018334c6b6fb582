// Accounts over HTTP: the first link, people, services, tokens, and the end of each.

import t from 'tap'
import { startApi } from './api-fixture.js'
import { browser } from './browser.js'

const PASSWORD = 'maji ya kunde 1961'

t.test('the first link makes an administrator, who lets others in and out', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const asha = browser(api)
  const first = { secret: api.accounts.secrets.firstSecret(), user: 'asha', password: PASSWORD }
  t.match(await asha.call('POST', '/v1/session', { ...first, password: 'short' }), { status: 400 })
  t.match(await asha.call('POST', '/v1/session', first), { status: 201, body: { actor: 'asha', person: true } })
  t.match(await asha.call('GET', '/v1/me'), { status: 200, body: { actor: 'asha', roles: ['admin'], via: 'password' } })

  const juma = { id: 'juma', name: 'Juma', roles: ['operator'], password: PASSWORD, scope: { envelopes: ['afya'] } }
  t.match(await asha.call('POST', '/v1/users', juma), { status: 201, body: { id: 'juma', created: { by: 'asha' } } })
  t.match(await asha.call('POST', '/v1/users', juma), { status: 400, body: { errors: [{ code: 'TAKEN' }] } })
  t.match(await asha.call('DELETE', '/v1/users/asha', {}), { status: 400, body: { errors: [{ code: 'LAST_ADMIN' }] } })
  const list = await asha.call('GET', '/v1/users?q=jum')
  t.match(list, { status: 200, body: { items: [{ id: 'juma', scope: { envelopes: ['afya'] }, person: true }] } })
  t.notMatch(JSON.stringify(list), /scrypt|password/, 'no hash leaves the house')

  const his = browser(api)
  t.match(await his.call('POST', '/v1/session', { user: 'juma', password: 'wrong' }), { status: 401 })
  t.match(await his.call('POST', '/v1/session', { user: 'juma', password: PASSWORD }), { status: 201 })
  t.match(await his.call('GET', '/v1/users'), { status: 403 })
  const next = { present: PASSWORD, password: 'nywila mpya kabisa' }
  t.match(await his.call('POST', '/v1/me/password', { ...next, present: 'wrong' }), { status: 403 })
  t.match(await his.call('POST', '/v1/me/password', next), { status: 200, body: { actor: 'juma' } })
  t.match(await his.call('GET', '/v1/me'), { status: 200 }, 'signed in anew')

  t.match(await asha.call('DELETE', '/v1/users/juma', {}), {
    status: 200,
    body: { user: { disabled: { by: 'asha' } }, left: { sessions: 1, tokens: [], owned: [] } },
  })
  t.match(await his.call('GET', '/v1/me'), { status: 401 })
  t.match(await asha.call('DELETE', '/v1/users/nobody', {}), { status: 404 })
  t.match(await asha.call('PATCH', '/v1/users/juma', { disabled: false, roles: ['viewer'] }), {
    body: { user: { disabled: null, roles: ['viewer'] } },
  })
  t.equal((await api.call('/v1/users?disabled=true', { headers: { accept: 'text/csv' } })).text.split('\n').length, 2)
})

t.test('a service acts by a token that is shown once', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const service = { id: 'zabbix', roles: ['monitor'] }
  t.match((await api.send('POST', '/v1/users', service)).json(), { id: 'zabbix', name: 'zabbix', person: false })
  const wanted = { user: 'zabbix', name: 'link states', roles: ['monitor'], expires: '2026-12-31T00:00:00+03:00' }
  t.equal((await api.send('POST', '/v1/tokens', { ...wanted, roles: ['operator'] })).status, 400)
  t.equal((await api.send('POST', '/v1/tokens', { ...wanted, user: 'nobody' })).status, 404)
  const made = (await api.send('POST', '/v1/tokens', wanted)).json() as { id: string; token: string }
  t.match(made, { user: 'zabbix', expires: '2026-12-30T21:00:00.000Z' })
  const as = { as: null, headers: { authorization: `Bearer ${made.token}` } }
  t.match((await api.call('/v1/me', as)).json(), { actor: 'zabbix', person: false, via: `token ${made.id}` })
  t.equal((await api.call('/v1/status', as)).status, 403, 'a monitor has its one duty')
  const list = await api.call('/v1/tokens?user=zabbix')
  t.match(list.json(), { items: [{ id: made.id }] })
  t.notOk(list.text.includes(made.token))
  t.equal((await api.send('DELETE', `/v1/tokens/${made.id}`, {})).status, 200)
  t.equal((await api.call('/v1/me', as)).status, 401)
  t.equal((await api.send('DELETE', `/v1/tokens/${made.id}`, {})).status, 404)
})

t.test('a scope names what the policy has, or is refused with what is near', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const user = { id: 'juma', roles: ['operator'], password: PASSWORD }
  const token = { user: 'a', name: 'x', roles: ['viewer'], expires: '2026-12-31T00:00:00Z' }
  const refused = async (method: string, path: string, body: object) => {
    const { status, text } = await api.send(method, path, body)
    return [
      status,
      ...(JSON.parse(text).errors ?? []).map((fault: Record<string, string>) => Object.values(fault).join(' ')),
    ]
  }
  const mbeya = [400, '/scope/regions/0 UNKNOWN unknown region "Mbeya"; did you mean "mbeya"?']
  t.strictSame(await refused('POST', '/v1/users', { ...user, scope: { regions: ['Mbeya'] } }), mbeya)
  const both = { envelopes: ['afya', 'elimu'], categories: ['hospitals'] }
  t.strictSame(await refused('POST', '/v1/users', { ...user, scope: both }), [
    ...[400, '/scope/categories/0 UNKNOWN unknown category "hospitals"; did you mean "hospital"?'],
    '/scope/envelopes/1 UNKNOWN unknown envelope "elimu"; known: afya',
  ])
  t.strictSame(await refused('POST', '/v1/tokens', { ...token, scope: { regions: ['Mbeya'] } }), mbeya)
  t.equal((await api.send('POST', '/v1/users', { ...user, scope: { regions: ['mbeya'] } })).status, 201)
  t.strictSame(await refused('PATCH', '/v1/users/juma', { scope: { regions: ['Mbeya'] } }), mbeya)
  t.equal((await api.send('PATCH', '/v1/users/juma', { scope: null })).status, 200, 'no scope is everywhere')
})

t.test('a browser in use is given a fresh cookie; the old one goes on for a minute', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const page = browser(api)
  await page.call('POST', '/v1/session', { token: api.tokens.operator })
  await page.call('POST', '/v1/session', { token: api.tokens.viewer })
  t.match(api.accounts.authenticator.logins(), [{ user: 'a-viewer' }], 'and what it had before another one is over')
  t.equal(api.accounts.authenticator.logins().length, 1)
  const before = page.cookie
  await api.clock.advance(15 * 60_000)
  t.match(await page.call('GET', '/v1/status'), { status: 200 })
  t.not(page.cookie, before)
  t.match(await page.call('GET', '/v1/me'), { status: 200 })
  await api.clock.advance(60_000)
  t.equal((await api.call('/v1/me', { as: null, headers: { cookie: before } })).status, 401)
  t.match(await page.call('GET', '/v1/me'), { status: 200 })
})
