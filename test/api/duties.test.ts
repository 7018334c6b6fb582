// One person stays one: what an administrator, a token or whoever knows a name could do to become a second person, or
// to stay in when they should be out. Over HTTP, by accounts as they are.

import t, { type Test } from 'tap'
import { machine } from '../../src/accounts/machine.js'
import { EDGE_TOKEN, OF_MACHINE, type Role, satisfies } from '../../src/model/principal.js'
import { ADMIN_TOKEN, type Api, startApi, startWholeApi } from './api-fixture.js'
import { browser } from './browser.js'

const PASSWORD = 'maji ya kunde 1961'
const HERE = '192.0.2.1'
const HOUR = 3_600_000

async function open(t: Test) {
  const api = await startApi()
  t.teardown(api.close)
  return api
}

/** A person with a password of the own choice. */
const person = ({ accounts: { administration } }: Api, id: string, ...roles: Role[]) =>
  administration.addUser({ id, name: id, roles, scope: null, password: PASSWORD, chosen: true }, 'x')

/** A token of theirs; resolves with how to show it. */
async function tokenOf(api: Api, user: string, ...roles: Role[]) {
  const wanted = { user, name: 'x', roles, scope: null, expires: api.clock.wall() + HOUR }
  const { secret } = await api.accounts.administration.addToken(wanted, user)
  return { as: null, headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' } }
}

async function signedIn(api: Api, user: string) {
  const page = browser(api)
  t.match(await page.call('POST', '/v1/session', { user, password: PASSWORD }), { status: 201 })
  return page
}

t.test('an administrator does not audit by a token that says no more than auditor', async (t) => {
  const api = await open(t)
  await person(api, 'asha', 'admin')
  const { administration, authenticator } = api.accounts
  const wanted = { user: 'asha', name: 'x', roles: ['auditor'] as const, scope: null, expires: api.clock.wall() + HOUR }
  await t.rejects(administration.addToken(wanted, 'asha'), { message: /administers, so no token is auditor/ })
  // One that there is already, of somebody who administers only since.
  await person(api, 'juma', 'auditor')
  const { secret } = await administration.addToken({ ...wanted, user: 'juma' }, 'juma')
  t.ok(satisfies(authenticator.byToken(secret)!, 'auditor', true), 'who does not administer audits by it')
  await administration.changeUser('juma', { roles: ['auditor', 'admin'] }, 'asha')
  const principal = authenticator.byToken(secret)!
  t.match(principal, { roles: [], administers: true })
  t.notOk(satisfies(principal, 'auditor', true))
  const viewer = { ...principal, roles: ['auditor' as const] }
  t.notOk(satisfies(viewer, 'auditor', true), 'the account counts, whatever this way in may')
})

t.test('no token makes a way in: neither a password, nor the emergency one, nor another token', async (t) => {
  const api = await open(t)
  await person(api, 'asha', 'admin')
  await person(api, 'juma', 'operator')
  const token = await tokenOf(api, 'asha', 'admin')
  const expires = new Date(api.clock.wall() + HOUR).toISOString()
  const post = (path: string, body: object) => api.call(path, { ...token, method: 'POST', body: JSON.stringify(body) })
  const wanted = { user: 'zabbix', name: 'x', roles: ['monitor'], expires }
  t.equal((await post('/v1/users', { id: 'zabbix', roles: ['monitor'] })).status, 201, 'it administers')
  t.equal((await post('/v1/tokens', wanted)).status, 403)
  t.equal((await post('/v1/tokens', { ...wanted, user: 'asha', roles: ['viewer'] })).status, 403)
  t.equal((await post('/v1/emergency-account', {})).status, 403)
  t.equal(api.accounts.administration.user('emergency'), null)
  await person(api, 'zawadi', 'operator')
  await api.accounts.administration.changeUser('zawadi', { disabled: true }, 'x')
  const environment = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }
  for (const headers of [token.headers, environment]) {
    const ask = async (method: string, path: string, body: object) =>
      (await api.call(path, { as: null, headers, method, body: JSON.stringify(body) })).status
    t.equal(await ask('POST', '/v1/users', { id: 'pili', roles: ['viewer'], password: PASSWORD }), 403)
    t.equal(await ask('PATCH', '/v1/users/juma', { password: `${PASSWORD}!` }), 403)
    t.equal(await ask('PATCH', '/v1/users/juma', { roles: ['operator', 'admin'] }), 403)
    t.equal(await ask('PATCH', '/v1/users/zawadi', { disabled: false }), 403, 'who was shut out stays out')
    t.equal(await ask('DELETE', '/v1/users/juma/factors', {}), 403)
    t.equal(await ask('PATCH', '/v1/users/juma', { roles: ['operator', 'planner'] }), 200, 'the rest it does')
  }
  const asha = await signedIn(api, 'asha')
  t.match(await asha.call('POST', '/v1/tokens', wanted), { status: 201 }, 'a person does')
  t.match(await asha.call('POST', '/v1/emergency-account', {}), { status: 201 })
  await api.clock.advance(11 * 60_000)
  t.match(await asha.call('POST', '/v1/tokens', wanted), { status: 403 }, 'soon after signing in')
  t.match(await asha.call('POST', '/v1/emergency-account', {}), { status: 403 })
})

t.test('a person alone makes the tokens of their account, an administrator those of services', async (t) => {
  const api = await open(t)
  await person(api, 'asha', 'admin')
  await person(api, 'fedha', 'finance')
  const expires = new Date(api.clock.wall() + HOUR).toISOString()
  const hers = { user: 'fedha', name: 'ledger', roles: ['finance'], expires }
  const [asha, fedha] = [await signedIn(api, 'asha'), await signedIn(api, 'fedha')]
  const refused = await asha.call('POST', '/v1/tokens', hers)
  t.match(refused, { status: 403, body: { detail: /fedha is a person, and only fedha makes tokens/ } })
  const owner = api.accounts.secrets.issue(machine('cli', OF_MACHINE))
  const asOwner = { as: null, headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' } }
  const byOwner = await api.call('/v1/tokens', { ...asOwner, method: 'POST', body: JSON.stringify(hers) })
  t.equal(byOwner.status, 403, 'nor does the owner of the machine')
  const made = await fedha.call('POST', '/v1/tokens', hers)
  t.match(made, { status: 201, body: { user: 'fedha', created: { by: 'fedha' } } })
  const { id, token } = made.body as { id: string; token: string }
  const held = { as: null, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }
  const again = await api.call('/v1/tokens', { ...held, method: 'POST', body: JSON.stringify(hers) })
  t.equal(again.status, 403, 'a token makes no token, of its own account neither')
  t.match(await fedha.call('POST', '/v1/tokens', { ...hers, user: 'asha' }), { status: 403 })
  t.match(
    await fedha.call('POST', '/v1/tokens', { ...hers, user: 'nobody' }),
    { status: 403 },
    'nor tells who there is',
  )
  t.match(await asha.call('GET', '/v1/tokens'), { body: { items: [{ id }] } }, 'an administrator sees it')

  const juma = await person(api, 'juma', 'viewer').then(() => signedIn(api, 'juma'))
  t.strictSame((await juma.call('GET', '/v1/tokens')).body, { items: [], nextPageToken: null })
  t.match(await juma.call('DELETE', `/v1/tokens/${id}`, {}), { status: 404 }, 'to others it is not there')
  t.match(await asha.call('DELETE', `/v1/tokens/${id}`, {}), { status: 200 }, 'and ends it')

  for (const role of ['finance', 'approver', 'break-glass']) {
    const service = { id: 'roboti', roles: ['viewer', role] }
    t.match(await asha.call('POST', '/v1/users', service), { status: 400, body: { errors: [{ code: 'ROLE' }] } }, role)
  }
  t.match(await asha.call('POST', '/v1/users', { id: 'roboti', roles: ['viewer'] }), { status: 201 })
  const given = { roles: ['viewer', 'finance'] }
  t.match(await asha.call('PATCH', '/v1/users/roboti', given), { status: 400, body: { errors: [{ code: 'ROLE' }] } })
  t.match(await asha.call('POST', '/v1/tokens', { ...hers, user: 'roboti', roles: ['viewer'] }), { status: 201 })
})

t.test('a reset and a new password end tokens, and say which', async (t) => {
  const api = await open(t)
  const { administration, authenticator, factors } = api.accounts
  await person(api, 'juma', 'operator')
  const mint = async () => {
    const { headers } = await tokenOf(api, 'juma', 'operator')
    return headers.authorization.slice('Bearer '.length)
  }
  for (const [what, act] of [
    ['a reset of the factors', () => factors.reset('juma', 'asha')],
    [
      'a password that somebody else sets',
      () => administration.changeUser('juma', { password: `${PASSWORD}!` }, 'asha'),
    ],
    ['the own new password', () => administration.changePassword('juma', `${PASSWORD}!`, PASSWORD, '::1')],
  ] as const) {
    const secret = await mint()
    t.ok(authenticator.byToken(secret))
    await act()
    t.equal(authenticator.byToken(secret), null, what)
  }
  await mint()
  const reset = await api.call('/v1/users/juma/factors', { method: 'DELETE' })
  t.match(reset, { status: 200 })
  t.match(reset.json(), { sessions: 0, tokens: [{ name: 'x' }] })
})

t.test('a scope that an account gets is not widened by the scope of its token', async (t) => {
  const { accounts, clock } = await open(t)
  const { administration, authenticator } = accounts
  const account = { id: 'juma', name: 'Juma', roles: ['operator'] as const, scope: null, password: PASSWORD }
  await administration.addUser(account, 'x')
  const wanted = { user: 'juma', name: 'x', roles: ['operator'] as const, expires: clock.wall() + HOUR }
  const narrow = await administration.addToken({ ...wanted, scope: { categories: ['hospital'] } }, 'juma')
  t.match(authenticator.byToken(narrow.secret), { scope: { categories: ['hospital'] } })
  const { left } = await administration.changeUser('juma', { scope: { regions: ['mbeya'] } }, 'x')
  t.equal(authenticator.byToken(narrow.secret), null, 'neither scope alone is what somebody meant')
  t.match(left.tokens, [{ id: narrow.token.id }], 'and it is said')
})

t.test('sessions are a person’s business, and all of them an administrator’s without a scope', async (t) => {
  const api = await open(t)
  await person(api, 'asha', 'admin')
  await person(api, 'juma', 'operator')
  const scope = { regions: ['mbeya'] }
  const account = { id: 'neema', name: 'Neema', roles: ['admin'] as const, scope, password: PASSWORD, chosen: true }
  await api.accounts.administration.addUser(account, 'x')
  await signedIn(api, 'juma')
  const token = await tokenOf(api, 'asha', 'admin')
  const [login] = api.accounts.authenticator.logins()
  t.equal((await api.call('/v1/sessions', token)).status, 403)
  t.equal(
    (await api.call('/v1/sessions', { as: null, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).status,
    403,
  )
  t.equal((await api.call(`/v1/sessions/${login!.id}`, { ...token, method: 'DELETE', body: '{}' })).status, 403)
  const neema = await signedIn(api, 'neema')
  t.match(await neema.call('GET', '/v1/sessions'), { status: 200, body: { items: [{ user: 'neema' }] } })
  t.notMatch(JSON.stringify(await neema.call('GET', '/v1/sessions')), /juma/)
  t.match(await neema.call('DELETE', `/v1/sessions/${login!.id}`, {}), { status: 404 })
  const asha = await signedIn(api, 'asha')
  t.match(JSON.stringify(await asha.call('GET', '/v1/sessions')), /juma.*neema|neema.*juma/)
  t.match(await asha.call('DELETE', `/v1/sessions/${login!.id}`, {}), { status: 200 })
})

t.test('no account speaks as an edge, whatever it is called', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  for (const body of [
    { id: 'dar-9', roles: ['edge'] },
    { id: 'dar-9', roles: ['viewer', 'edge'] },
  ])
    t.match((await api.send('POST', '/v1/users', body)).json(), { errors: [{ code: 'ROLE' }] })
  const keysOf = async (via: string) => {
    const who = { actor: 'dar-1', roles: ['edge' as const], scope: null, person: false, inPerson: false, via }
    const headers = { authorization: `Bearer ${api.accounts.secrets.issue(who)}`, 'content-type': 'application/json' }
    return (await api.call('/v1/edges/dar-1/keys', { as: null, method: 'POST', headers, body: '{}' })).status
  }
  t.equal(await keysOf('token 5f2a'), 403, 'a token of an account')
  t.not(await keysOf(EDGE_TOKEN), 403, 'the edge itself')
})

t.test('the holder of the envelope is not shut out by who knows the name of its account', async (t) => {
  const api = await open(t)
  const { authenticator, emergency } = api.accounts
  const password = await emergency.seal('cli', true)
  const enter = (typed: string) => authenticator.signIn({ user: 'emergency', password: typed }, HERE)
  for (let k = 0; k < 5; k++) t.equal(await enter('a slip'), null)
  for (let k = 0; k < 5; k++) {
    await t.rejects(enter(password), { code: 'RATE_LIMITED' }, 'who slips waits')
    await api.clock.advance(12_000)
    t.equal(await enter('a slip'), null, 'but seconds, however often')
  }
  await api.clock.advance(12_000)
  t.ok(await enter(password.replaceAll('-', ' ').toUpperCase()), 'and may type it as they like')
})
