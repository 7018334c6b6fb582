// Passkeys over HTTP, by a device made of node:crypto: what proves itself is let in, and what is bent in any place is
// not. The same against a browser: `npm run identity`.

import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import { manualClock } from '../../src/runtime/clock.js'
import { CHEAP, memoryStore, testSeal } from '../accounts/memory-store.js'
import { type Bent, SoftAuthenticator } from '../harness/authenticator.js'
import { startApi } from './api-fixture.js'
import { browser } from './browser.js'

const PASSWORD = 'maji ya kunde 1961'
const ORIGIN = 'https://mizani.example.go.tz'

async function open(publicUrl: string | null = ORIGIN) {
  const api = await startApi({ http: { trustProxy: [], tls: null, publicUrl } })
  const account = { name: 'x', roles: ['admin' as const], scope: null, password: PASSWORD, chosen: true }
  for (const id of ['asha', 'juma']) await api.accounts.administration.addUser({ ...account, id }, 'x')
  const signIn = async (user: string) => {
    const page = browser(api)
    await page.call('POST', '/v1/session', { user, password: PASSWORD })
    return page
  }
  const page = await signIn('asha')
  const device = new SoftAuthenticator(ORIGIN)
  const asked = async (path: string, by = page) => {
    const { body } = await by.call('POST', path, {})
    return body as { challenge: string }
  }
  const enrol = async (by = page, key = device, bent: Bent = {}) => {
    const credential = key.create(await asked('/v1/me/factors/passkeys/options', by), bent)
    return by.call('POST', '/v1/me/factors/passkeys', { name: 'phone', credential })
  }
  const enter = async (key = device, bent: Bent = {}) => {
    const stranger = browser(api)
    const credential = key.get(await asked('/v1/session/passkey/options', stranger), bent)
    return { stranger, credential, ...(await stranger.call('POST', '/v1/session/passkey', { credential })) }
  }
  return { api, page, device, asked, enrol, enter, signIn }
}

t.test('a passkey is both factors, and its password alone is none any more', async (t) => {
  const { api, page, device, enrol, enter, signIn } = await open()
  t.teardown(api.close)
  t.match(await enter(), { status: 401 }, 'nobody knows it yet')
  const made = await enrol()
  t.match(made, { status: 201, body: { kind: 'passkey', name: 'phone' } })
  const codes = made.body.recoveryCodes as string[]
  t.equal(codes.length, 10)
  t.match((await page.call('GET', '/v1/me')).body, { lacks: null, factor: { kind: 'passkey' } })
  t.match(await enrol(), { status: 400, body: { detail: /known already/ } })
  const half = await signIn('asha')
  t.match((await half.call('GET', '/v1/me')).body, { lacks: 'code' })
  const lost = await half.call('POST', '/v1/session/factor', { code: codes[0] })
  t.match(lost, { status: 200, body: { lacks: null, factor: { kind: 'recovery' } } }, 'without the device')
  t.match(JSON.parse(api.audited.rows.at(-1)?.text ?? ''), { actor: 'asha', after: { factor: { kind: 'recovery' } } })
  t.notMatch(JSON.stringify(api.audited.rows), new RegExp(codes[0]!))
  const { stranger, credential, ...entered } = await enter()
  t.match(entered, { status: 201, body: { actor: 'asha', via: 'passkey', lacks: null, factor: { kind: 'passkey' } } })
  t.match(await stranger.call('GET', '/v1/users'), { status: 200 })
  t.match(await stranger.call('POST', '/v1/session/passkey', { credential }), { status: 401 }, 'no answer twice')
  const [{ id } = { id: '' }] = (await stranger.call('GET', '/v1/me/factors')).body.items as { id: string }[]
  t.match(await stranger.call('DELETE', `/v1/me/factors/${id}`, {}), { status: 200, body: { items: [] } })
  t.match(await enter(device), { status: 401 }, 'removed')
  t.notMatch(JSON.stringify(api.audited.rows), new RegExp(device.credential.toString('base64url')))
})

t.test('what is bent in any place is refused', async (t) => {
  const { api, page, device, asked, enrol, enter, signIn } = await open()
  t.teardown(api.close)
  const bends: Record<string, Bent> = {
    'of another page': { origin: 'https://mizani.example.com' },
    'of another name': { rpId: 'example.go.tz' },
    'without PIN or finger': { flags: 0x01 },
  }
  for (const [what, bent] of Object.entries(bends)) {
    const made = { ...bent, ...(bent.flags === undefined ? {} : { flags: 0x41 }) }
    t.match(await enrol(page, new SoftAuthenticator(ORIGIN), made), { status: 400 }, `enrolled ${what}`)
  }
  const his = await signIn('juma')
  const hers = device.create(await asked('/v1/me/factors/passkeys/options'))
  t.match(await his.call('POST', '/v1/me/factors/passkeys', { name: 'x', credential: hers }), { status: 400 }, 'his')
  await enrol()
  for (const [what, bent] of Object.entries(bends)) t.match(await enter(device, bent), { status: 401 }, `shown ${what}`)
  const forged = new SoftAuthenticator(ORIGIN)
  Object.assign(forged, { credential: device.credential })
  t.match(await enter(forged), { status: 401 }, 'signed by another key')
  t.match(await enter(device, { counter: 50 }), { status: 201 })
  t.match(await enter(device, { counter: 50 }), { status: 401 }, 'a counter that stands still: the key was copied')
  t.match(await enter(device, { counter: 51 }), { status: 201 })
  const late = device.get(await asked('/v1/session/passkey/options'), { counter: 60 })
  await api.clock.advance(5 * 60_000)
  t.match(await page.call('POST', '/v1/session/passkey', { credential: late }), { status: 401 }, 'too late')
})

t.test('a key that was taken away at another controller lets in nowhere, also one that does not count', async (t) => {
  const party = { id: 'mizani.example.go.tz', origin: ORIGIN }
  const store = memoryStore().port
  const start = () => openAccounts({ cost: CHEAP, store, clock: manualClock(), adminToken: null, seal: testSeal() })
  const [one, two] = [await start(), await start()]
  const asha = { id: 'asha', name: 'Asha', roles: ['operator' as const], scope: null, password: PASSWORD, chosen: true }
  await one.administration.addUser(asha, 'x')
  const { session } = (await one.authenticator.signIn({ user: 'asha', password: PASSWORD }, '192.0.2.1'))!
  const device = new SoftAuthenticator(ORIGIN)
  const made = device.create(await one.passkeys.registration('asha', party), { counter: 0 })
  const gone = { user: 'asha', login: 'that has ended' }
  await t.rejects(one.passkeys.register(gone, 'phone', made, party), { code: 'UNAUTHENTICATED' })
  const again = device.create(await one.passkeys.registration('asha', party), { counter: 0 })
  await one.passkeys.register({ user: 'asha', login: session.login }, 'phone', again, party)
  await two.refresh()
  const enter = async () => {
    const answer = device.get(await two.passkeys.authentication(party), { counter: 0 })
    const shown = (await two.passkeys.authenticate(answer, party))!
    return two.authenticator.byPasskey(shown, undefined, '192.0.2.1')
  }
  t.match((await enter()).session, { actor: 'asha', via: 'passkey' })
  await one.factors.reset('asha', 'juma')
  await t.rejects(enter(), { code: 'UNAUTHENTICATED' })
  await one.refresh()
  t.strictSame(one.authenticator.logins(), [])
})

t.test('whom a directory signs in, a passkey alone does not: they may be there no more', async (t) => {
  const { api, enter } = await open()
  t.teardown(api.close)
  const { administration, authenticator } = api.accounts
  const of = { source: 'ldap' as const, subject: 'uid=zawadi', password: null, scope: null }
  await administration.addUser({ id: 'zawadi', name: 'Zawadi', roles: ['operator'], ...of }, 'ldap')
  let cookie = `mizani-session=${(await authenticator.begin({ user: 'zawadi', via: 'ldap' }, '192.0.2.1')).secret}`
  const call = async (path: string, body: object) => {
    const headers = { cookie, origin: api.url, 'content-type': 'application/json' }
    const answer = await api.call(path, { method: 'POST', as: null, headers, body: JSON.stringify(body) })
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return { status: answer.status, body: answer.json() as Record<string, unknown> }
  }
  const key = new SoftAuthenticator(ORIGIN)
  const asked = (await call('/v1/me/factors/passkeys/options', {})).body as { challenge: string }
  const credential = key.create(asked)
  t.match(await call('/v1/me/factors/passkeys', { name: 'x', credential }), { status: 201 })
  const before = authenticator.bySession(cookie.split('=')[1]!)
  await api.clock.advance(60_000)
  t.match(await enter(key), { status: 403, body: { detail: /zawadi signs in by ldap/ } })
  const challenge = (await call('/v1/session/passkey/options', {})).body as { challenge: string }
  const shown = await call('/v1/session/passkey', { credential: key.get(challenge) })
  t.match(shown, { status: 201, body: { actor: 'zawadi', via: 'ldap', factor: { kind: 'passkey' } } }, 'a second step')
  const after = authenticator.bySession(cookie.split('=')[1]!)
  t.equal(after?.begun, before?.begun, 'which lengthens nothing')
  t.ok(after!.proved > before!.proved)
  await administration.changeUser('zawadi', { disabled: true }, 'asha')
  t.match(await call('/v1/session/passkey/options', {}), { status: 200 })
})

t.test('who only asks pushes nobody out, and any controller takes the answer', async (t) => {
  const { api, device, asked, enrol } = await open()
  t.teardown(api.close)
  await enrol()
  const first = await asked('/v1/session/passkey/options')
  const { passkeys } = api.accounts
  const party = { id: 'mizani.example.go.tz', origin: ORIGIN }
  for (let k = 0; k < 1_001; k++) await passkeys.authentication(party)
  const stranger = browser(api)
  t.match(await stranger.call('POST', '/v1/session/passkey', { credential: device.get(first) }), { status: 201 })
  const standby = { store: memoryStore().port, clock: api.clock, adminToken: null, seal: testSeal() }
  const elsewhere = (await openAccounts({ cost: CHEAP, ...standby })).passkeys
  const credential = device.get(await elsewhere.authentication(party))
  t.match(await stranger.call('POST', '/v1/session/passkey', { credential }), { status: 201 }, 'of the standby')
  t.match(await stranger.call('POST', '/v1/session/passkey', { credential }), { status: 401 }, 'once')
  const { challenge } = await elsewhere.authentication(party)
  const bent = Buffer.from(challenge, 'base64url').toString().replace(/.{8}$/, 'AAAAAAAA')
  const forged = device.get({ challenge: Buffer.from(bent).toString('base64url') })
  t.match(await stranger.call('POST', '/v1/session/passkey', { credential: forged }), { status: 401 })
})

t.test('on the machine itself a passkey is bound to where it listens, whatever the request says', async (t) => {
  const { api, page } = await open(null)
  t.teardown(api.close)
  const key = new SoftAuthenticator('http://localhost:1')
  const to = new URL(api.url)
  /** fetch writes the Host by itself. */
  const call = (path: string, body: object): Promise<{ status: number; body: { challenge: string } }> =>
    new Promise((resolve, reject) => {
      const host = 'localhost:1'
      const headers = { host, origin: `http://${host}`, cookie: page.cookie, 'content-type': 'application/json' }
      const asked = request({ host: to.hostname, port: to.port, path, method: 'POST', headers }, async (answer) => {
        resolve({ status: answer.statusCode ?? 0, body: JSON.parse(await text(answer)) })
      })
      asked.on('error', reject).end(JSON.stringify(body))
    })
  const { body } = await call('/v1/me/factors/passkeys/options', {})
  const credential = key.create(body)
  t.match(await call('/v1/me/factors/passkeys', { name: 'x', credential }), { status: 400 })
})

t.test('without a name that people open there is nothing to bind a passkey to', async (t) => {
  const { api, page } = await open(null)
  t.teardown(api.close)
  const refused = await page.call('POST', '/v1/me/factors/passkeys/options', {})
  t.match(refused, { status: 400, body: { detail: /http\.publicUrl/ } })
})
