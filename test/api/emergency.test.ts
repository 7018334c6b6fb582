// The emergency account: it gets in with nothing but what lay in the envelope, everybody hears of it, and it does what
// it is for and nothing else; whoever seals it cannot make its use unheard.

import t from 'tap'
import type { Role } from '../../src/model/principal.js'
import { ADMIN_TOKEN, startApi } from './api-fixture.js'
import { browser } from './browser.js'

t.test('sealed, used, told, and sealed anew by another administrator', async (t) => {
  const api = await startApi({}, ['admin', 'operator'])
  t.teardown(api.close)
  const { administration, emergency, factors } = api.accounts
  const asha = { id: 'asha', name: 'Asha', roles: ['admin' as const], scope: null, password: 'chungwa la tatu 61' }
  await administration.addUser({ ...asha, chosen: true }, 'x')
  await factors.addTotp('asha')
  const page = browser(api)
  const enter = (password: string) => page.call('POST', '/v1/session', { user: 'emergency', password })
  t.match(await enter('maji ya kunde 1961'), { status: 401 }, 'there is none by default')
  const lastTold = () => JSON.parse(api.audited.rows.at(-1)!.text) as object
  t.equal((await api.send('POST', '/v1/users', { id: 'emergency', roles: ['admin'] })).status, 400, 'nor of a person')
  const seal = async () => (await api.send('POST', '/v1/emergency-account', {})).json() as { password: string }
  const { password } = await seal()
  t.match(password, /^(\w{4}-){4}\w{4}$/)
  t.equal(emergency.used(), null)
  t.match(await enter(password), { status: 201, body: { lacks: null, roles: ['operator', 'break-glass'] } })
  t.match(emergency.used(), { at: api.clock.wall(), address: '127.0.0.1' }, 'which is an alarm')
  const told = api.audited.rows.map(({ text }) => JSON.parse(text)).filter(({ actor }) => actor === 'emergency')
  t.match(told, [{ outcome: 'refused' }, { action: 'POST /v1/session', outcome: 'done' }].slice(-told.length))
  t.notOk(JSON.stringify(api.audited.rows).includes(password), 'without the password')

  t.match(await page.call('DELETE', '/v1/users/asha/factors', {}), { status: 200 }, 'it lets people in again')
  t.not((await page.call('PUT', '/v1/policy?breakGlass=true', { tiers: {} })).status, 403, 'and breaks the glass')
  for (const [method, path, body] of [
    ['GET', '/v1/users', undefined],
    ['PATCH', '/v1/users/asha', { password: 'barua nne za zamani' }],
    ['POST', '/v1/users/asha/vouch', {}],
    ['POST', '/v1/proposals/x/approve', {}],
    ['POST', '/v1/emergency-account', {}],
    ['POST', '/v1/emergency-account/sign', {}],
    ['GET', '/v1/audit', undefined],
  ] as const)
    t.match(await page.call(method, path, body), { status: 403 }, `${method} ${path}`)
  t.match(await page.call('POST', '/v1/me/factors/totp', {}), { status: 403 }, 'nobody makes it their own')
  const own = { user: 'emergency', name: 'x', roles: ['operator'], expires: '2026-01-02T00:00:00Z' }
  t.match(await page.call('POST', '/v1/tokens', own), { status: 400, body: { errors: [{ code: 'SEALED' }] } })
  const change = { present: password, password: 'barua nne za zamani' }
  t.match(await page.call('POST', '/v1/me/password', change), { status: 400, body: { errors: [{ code: 'SEALED' }] } })
  const token = { user: 'emergency', name: 'x', roles: ['operator'], expires: '2026-01-02T00:00:00Z' }
  t.equal((await api.send('POST', '/v1/tokens', token)).status, 400, 'nobody acts as it unseen')

  const sign = (as: Role = 'approver') => api.send('POST', '/v1/emergency-account/sign', {}, { as })
  t.match(await sign(), { status: 400 }, 'not before it is sealed')
  await api.clock.advance(1_000)
  const second = await seal()
  t.ok(emergency.used(), 'which does not end the alarm: the same administrator may have used it')
  t.match(await page.call('GET', '/v1/me'), { status: 401 }, 'but whoever is in')
  t.match(await enter(password), { status: 401 })
  t.match(await sign('admin'), { status: 403 }, 'nor may an administrator say that it was nothing')
  t.equal((await sign()).status, 204)
  t.equal(emergency.used(), null, 'an approver has looked into it')
  t.match(await sign(), { status: 404 })
  const typed = second.password.replaceAll('-', '').toUpperCase()
  t.match(await page.call('POST', '/v1/session', { user: ' Emergency', password: typed }), { status: 201 })
  await api.clock.advance(1_000)
  await emergency.seal('a-approver', false)
  t.match(await sign(), { status: 403, text: /another approver signs/ }, 'whoever has sealed it does not')
  await emergency.seal('cli', true)
  t.equal(emergency.used(), null, 'the owner of the machine needs nobody')
  // What is refused again within a minute is only counted.
  await api.clock.advance(60_000)
  t.match(await page.call('POST', '/v1/session', { user: ' Emergency ', password: 'a guess' }), { status: 401 })
  t.match(lastTold(), { actor: 'emergency', outcome: 'refused' }, 'however its name is typed')
})

t.test('whoever holds the envelope is shut out by an administrator in person alone, which is said', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const { administration, authenticator, emergency } = api.accounts
  const password = await emergency.seal('cli', true)
  await authenticator.signIn({ user: 'emergency', password }, '192.0.2.1')
  const [login] = authenticator.logins()
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }
  const asMachine = async (method: string, path: string, body: object) =>
    (await api.call(path, { as: null, headers, method, body: JSON.stringify(body) })).status
  t.equal(await asMachine('DELETE', `/v1/sessions/${login!.id}`, {}), 403)
  t.equal(await asMachine('DELETE', '/v1/users/emergency', {}), 403)
  t.equal(await asMachine('PATCH', '/v1/users/emergency', { disabled: true }), 403)
  t.match([administration.user('emergency'), authenticator.logins()], [{ disabled: null }, [{ user: 'emergency' }]])
  const asha = { id: 'asha', name: 'Asha', roles: ['admin' as const], scope: null, password: 'chungwa la tatu 61' }
  await administration.addUser({ ...asha, chosen: true }, 'x')
  const page = browser(api)
  await page.call('POST', '/v1/session', { user: 'asha', password: asha.password })
  t.match(await page.call('DELETE', `/v1/sessions/${login!.id}`, {}), { status: 200 })
  t.match(await page.call('DELETE', '/v1/users/emergency', {}), { status: 200 })
  const said = api.logged.filter((line) => line.includes('emergency account'))
  t.match(said, [/session of the emergency account was ended/, /the emergency account was disabled/])
})
