// Passkeys over HTTP, by a device made of node:crypto: what proves itself is let in, and what is bent in any place is
// not. The same against a browser: `npm run identity`.

import t from 'tap'
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
  t.match(await enrol(), { status: 201, body: { kind: 'passkey', name: 'phone' } })
  t.match((await page.call('GET', '/v1/me')).body, { lacks: null, factor: { kind: 'passkey' } })
  t.match(await enrol(), { status: 400, body: { detail: /known already/ } })
  t.match((await (await signIn('asha')).call('GET', '/v1/me')).body, { lacks: 'code' })
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

t.test('without a name that people open there is nothing to bind a passkey to', async (t) => {
  const { api, page } = await open(null)
  t.teardown(api.close)
  const refused = await page.call('POST', '/v1/me/factors/passkeys/options', {})
  t.match(refused, { status: 400, body: { detail: /http\.publicUrl/ } })
})
