// Second factors over HTTP: who has signed in by half gets no further than the second half, and the trail tells who did
// what, with no secret in it.

import { once } from 'node:events'
import { request } from 'node:http'
import { TOTP } from 'otpauth'
import t from 'tap'
import { type Api, startApi } from './api-fixture.js'
import { browser } from './browser.js'

const PASSWORD = 'maji ya kunde 1961'
const STEP = 30_000

const codeOf = (api: Api, secret: string): string => new TOTP({ secret }).generate({ timestamp: api.clock.wall() })

async function open(...factorRoles: ('admin' | 'approver')[]) {
  const api = await startApi({}, factorRoles)
  const add = (id: string, ...roles: ('admin' | 'approver')[]) =>
    api.accounts.administration.addUser({ id, name: id, roles, scope: null, password: PASSWORD, chosen: true }, 'x')
  await add('asha', 'admin')
  await add('neema', 'approver')
  await api.accounts.administration.vouch('neema', 'cli')
  const signIn = async (user: string, code?: string) => {
    const page = browser(api)
    const signed = await page.call('POST', '/v1/session', { user, password: PASSWORD, ...(code ? { code } : {}) })
    return { page, signed }
  }
  return { api, signIn }
}

t.test('enrolled, asked for in one step or two, renewed, removed', async (t) => {
  const { api, signIn } = await open()
  t.teardown(api.close)
  const { page } = await signIn('neema')
  const { body } = await page.call('POST', '/v1/me/factors/totp', {})
  const secret = String(body.secret)
  t.match(await page.call('POST', '/v1/me/factors/totp/confirm', { code: '000000' }), { status: 403 })
  const confirmed = await page.call('POST', '/v1/me/factors/totp/confirm', { code: codeOf(api, secret) })
  t.match(confirmed, { status: 200, body: { recoveryCodes: [/^\w{4}-\w{4}-\w{4}-\w{4}$/] } })
  t.match((await page.call('GET', '/v1/me')).body, { lacks: null, factor: { kind: 'totp' } }, 'the session has it')
  const [factor] = (await page.call('GET', '/v1/me/factors')).body.items as { id: string }[]

  await api.clock.advance(STEP)
  const half = await signIn('neema')
  t.match(half.signed, { status: 201, body: { lacks: 'code', factor: null } })
  for (const [method, path] of [
    ['GET', '/v1/status'],
    ['GET', '/v1/me/factors'],
    ['POST', '/v1/me/factors/totp'],
    ['GET', '/v1/sessions'],
    ['POST', '/v1/me/password'],
    ['POST', '/v1/proposals/x/approve'],
  ] as const) {
    const answer = await half.page.call(method, path, method === 'POST' ? {} : undefined)
    t.match(answer, { status: 403, body: { detail: /neema has a second factor: give its code first/ } }, path)
  }
  const code = codeOf(api, secret)
  t.match(await half.page.call('POST', '/v1/session/factor', { code: '123' }), { status: 400 })
  t.match(await half.page.call('POST', '/v1/session/factor', { code }), { status: 200, body: { lacks: null } })
  t.match(await half.page.call('GET', '/v1/status'), { status: 200 })
  t.match((await signIn('neema', code)).signed, { status: 401 }, 'a code that was seen is worth nothing')

  await api.clock.advance(11 * 60_000)
  const approve = () => half.page.call('POST', '/v1/proposals/x/approve', { reason: 'r' })
  t.match(await approve(), { status: 403, body: { detail: /sign in again, or give your code anew/ } })
  t.match(await half.page.call('DELETE', `/v1/me/factors/${factor!.id}`, {}), { status: 403 })
  await half.page.call('POST', '/v1/session/factor', { code: codeOf(api, secret) })
  t.not((await approve()).status, 403, 'the same person is still there')
  t.match(await half.page.call('DELETE', '/v1/me/factors/x', {}), { status: 404 })
  t.match(await half.page.call('DELETE', `/v1/me/factors/${factor!.id}`, {}), { status: 200, body: { items: [] } })

  for (const text of [secret, code, ...(confirmed.body.recoveryCodes as string[])])
    t.notOk(JSON.stringify(api.audited.rows).includes(text) || api.logged.join('').includes(text), 'nowhere told')
  t.match(JSON.stringify(api.audited.rows), /POST \/v1\/me\/factors\/totp\/confirm/)
  t.match(await api.send('POST', '/v1/me/factors/totp', {}), { status: 403 }, 'a token is nobody')
})

/** A write by this browser whose body is still on its way: what was asked of its head was asked. */
async function held(api: Api, cookie: string, path: string) {
  const headers = { cookie, origin: api.url, 'content-type': 'application/json', expect: '100-continue' }
  const sent = request(api.url + path, { method: 'POST', headers })
  const answered = once(sent, 'response')
  sent.flushHeaders()
  await once(sent, 'continue')
  return async (body: object): Promise<number> => {
    sent.end(JSON.stringify(body))
    const [answer] = await answered
    answer.resume()
    return answer.statusCode
  }
}

t.test('who is nobody any more when the body of a write has come has written nothing', async (t) => {
  const { api, signIn } = await open()
  t.teardown(api.close)
  const { administration, authenticator, factors } = api.accounts
  const zawadi = { id: 'zawadi', name: 'Zawadi', roles: ['approver'] as const, scope: null, password: PASSWORD }
  await administration.addUser({ ...zawadi, chosen: true }, 'x')
  const { page } = await signIn('neema')
  const { body } = await page.call('POST', '/v1/me/factors/totp', {})
  const confirm = await held(api, page.cookie, '/v1/me/factors/totp/confirm')
  const vouch = await held(api, page.cookie, '/v1/users/zawadi/vouch')
  const still = await held(api, page.cookie, '/v1/me/password')
  t.equal(await still({ present: 'a slip', password: 'barua nne za zamani' }), 403, 'who is still there is heard')
  await administration.changeUser('neema', { password: 'barua nne za zamani' }, 'asha')
  t.strictSame(authenticator.logins(), [])
  t.equal(await confirm({ code: codeOf(api, String(body.secret)) }), 401)
  t.strictSame(factors.of('neema').items, [])
  t.equal(await vouch({}), 401)
  t.equal(administration.user('zawadi')?.vouched, null)
  const { actor, code } = JSON.parse(api.audited.rows.at(-1)!.text)
  t.strictSame([actor, code], ['neema', 'UNAUTHENTICATED'], 'and the trail knows who it was')
})

t.test('five wrong codes end a sign-in that waits for one; the right one gives it another cookie', async (t) => {
  const { api, signIn } = await open()
  t.teardown(api.close)
  const { page } = await signIn('neema')
  const { body } = await page.call('POST', '/v1/me/factors/totp', {})
  const secret = String(body.secret)
  await page.call('POST', '/v1/me/factors/totp/confirm', { code: codeOf(api, secret) })
  await api.clock.advance(STEP)
  const [other, half] = [await signIn('neema'), await signIn('neema')]
  const before = half.page.cookie
  t.match(await half.page.call('POST', '/v1/session/factor', { code: codeOf(api, secret) }), { status: 200 })
  t.not(half.page.cookie, before)
  const stolen = await api.call('/v1/me', { as: null, headers: { cookie: before } })
  t.equal(stolen.status, 401)
  for (let k = 0; k < 4; k++) {
    t.match(await other.page.call('POST', '/v1/session/factor', { code: '000000' }), { status: 403 })
    t.match(await other.page.call('GET', '/v1/me'), { status: 200 })
  }
  t.match(await other.page.call('POST', '/v1/session/factor', { code: '000000' }), { status: 403 })
  t.match(await other.page.call('GET', '/v1/me'), { status: 401 })
  t.match(await half.page.call('GET', '/v1/me'), { status: 200 })
})

t.test('under HTTPS the cookie is of this host alone; a guess is told of whom it was at', async (t) => {
  const api = await startApi({ http: { trustProxy: ['127.0.0.1'], tls: null } })
  t.teardown(api.close)
  const neema = { id: 'neema', name: 'Neema', roles: ['operator' as const], scope: null, chosen: true }
  await api.accounts.administration.addUser({ ...neema, password: PASSWORD }, 'x')
  const secure = { 'x-forwarded-proto': 'https', 'content-type': 'application/json' }
  const signIn = (user: string, password: string) =>
    api.call('/v1/session', { method: 'POST', as: null, headers: secure, body: JSON.stringify({ user, password }) })
  const set = (await signIn('neema', PASSWORD)).headers.get('set-cookie') ?? ''
  t.match(set, /^__Host-mizani-session=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; Secure; SameSite=Strict$/)
  const me = (cookie: string) => api.call('/v1/me', { as: null, headers: { ...secure, cookie } })
  const cookie = set.split(';')[0] ?? ''
  t.equal((await me(cookie)).status, 200)
  t.equal((await me(cookie.replace('__Host-', ''))).status, 401, 'that of a neighbour is not looked at')
  t.equal((await signIn('NEEMA', 'something else')).status, 401)
  t.match(JSON.parse(api.audited.rows.at(-1)?.text ?? ''), { actor: 'neema', outcome: 'refused' })
})

t.test('who must have one enrols first; another administrator takes it away, and that is told', async (t) => {
  const { api, signIn } = await open('approver')
  t.teardown(api.close)
  const { page, signed } = await signIn('neema')
  t.match(signed.body, { lacks: 'factor' })
  const refusal = /neema must have a second factor: enrol one first \(mizani factor add --as neema\)/
  t.match(await page.call('GET', '/v1/status'), { status: 403, body: { detail: refusal } })
  const { body } = await page.call('POST', '/v1/me/factors/totp', {})
  await page.call('POST', '/v1/me/factors/totp/confirm', { code: codeOf(api, String(body.secret)) })
  t.match(await page.call('GET', '/v1/status'), { status: 200 })

  const asha = await signIn('asha')
  t.match(await asha.page.call('DELETE', '/v1/users/neema/factors', {}), { status: 200, body: { sessions: 1 } })
  t.match(await asha.page.call('DELETE', '/v1/users/asha/factors', {}), {
    status: 403,
    body: { code: 'SELF_APPROVAL' },
  })
  t.match(await page.call('GET', '/v1/me'), { status: 401 })
  t.match((await asha.page.call('GET', '/v1/users/neema')).body, { vouched: { lapsed: true } })
  const told = api.audited.rows
    .map(({ text }) => JSON.parse(text))
    .filter(({ action, subject }) => action.startsWith('DELETE') && subject === 'neema')
  t.match(told, [{ actor: 'asha', action: 'DELETE /v1/users/:id/factors', outcome: 'done', after: { sessions: 1 } }])
})
