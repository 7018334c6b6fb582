// Signing in by a provider as a browser does it: from our page to a real provider and back, with the cookies of both.

import t from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import { OidcProvider } from '../../src/accounts/federated/oidc.js'
import { manualClock } from '../../src/runtime/clock.js'
import { CHEAP, memoryStore, testSeal } from '../accounts/memory-store.js'
import { ASHA, CLIENT_SECRET, startProvider } from '../accounts/provider.js'
import { startApi } from './api-fixture.js'
import { browser } from './browser.js'

async function start(t: { teardown(end: () => unknown): void }) {
  const clock = manualClock({ wall: Date.now() })
  let provider: OidcProvider | null = null
  let url = ''
  const accounts = await openAccounts({
    cost: CHEAP,
    ...{ store: memoryStore().port, seal: testSeal(), clock, adminToken: null },
    federated: {
      get provider() {
        return provider
      },
      directory: null,
      redirect: () => `${url}/sign-in`,
    },
  })
  const api = await startApi({ accounts })
  t.teardown(() => api.close())
  url = api.url
  const there = await startProvider(t, { redirect: `${url}/sign-in` })
  provider = new OidcProvider({ settings: there.settings(), secret: CLIENT_SECRET, seal: testSeal(), clock })
  return { api, accounts, there }
}

t.test('from the page to the provider and back', async (t) => {
  const { api, accounts, there } = await start(t)
  const ways = await api.call('/v1/session/ways', { as: null })
  t.strictSame(ways.json(), { provider: 'GovID', directory: false })
  t.equal((await api.call('/sign-in?code=x&state=y', { as: null })).status, 200)

  /** Each call with the cookies that a browser would send. */
  async function call(path: string, body: object, cookie = '', origin = api.url) {
    const headers = { origin, cookie, 'content-type': 'application/json' }
    const answer = await api.call(path, { method: 'POST', as: null, headers, body: JSON.stringify(body) })
    return {
      status: answer.status,
      body: answer.json() as Record<string, unknown>,
      cookies: answer.headers.getSetCookie(),
    }
  }
  async function depart() {
    const { body, cookies } = await call('/v1/session/provider', {})
    const query = new URL(await there.visit(body.url as string)).search.slice(1)
    return { query, cookies }
  }
  const { query, cookies } = await depart()
  t.match(cookies, [/^mizani-provider=\S+; Max-Age=600; Path=\/; HttpOnly; SameSite=Strict$/])
  const cookie = cookies[0]!.split(';')[0]
  t.match(await call('/v1/session/provider/return', { query }, cookie, 'http://elsewhere.example'), { status: 403 })
  t.match(await call('/v1/session/provider/return', { query }), { status: 401, body: { code: 'UNAUTHENTICATED' } })
  const back = await call('/v1/session/provider/return', { query }, cookie)
  t.match(back, { status: 201, body: { actor: 'asha.mrema', roles: ['operator'], via: 'oidc', lacks: null } })
  t.match(back.cookies.join('\n'), /mizani-session=/)
  t.match(await call('/v1/session/provider/return', { query }, cookie), { status: 401 }, 'once')
  t.equal((await call('/v1/session/provider', {}, '', 'http://elsewhere.example')).status, 403)

  const told = api.audited.rows.map(({ text }) => JSON.parse(text) as Record<string, unknown>)
  const entries = told.filter(({ action }) => action === 'POST /v1/session/provider/return')
  t.ok(entries.some(({ actor, via, outcome }) => `${actor} ${via} ${outcome}` === 'asha.mrema oidc done'))
  t.notOk(JSON.stringify(entries).includes(query.slice(5, 25)), 'no code is in the trail')

  there.person = { ...ASHA, claims: { ...ASHA.claims, groups: [] } }
  const next = await depart()
  const refused = await call('/v1/session/provider/return', { query: next.query }, next.cookies[0]!.split(';')[0])
  t.match(refused, { status: 403, body: { code: 'FORBIDDEN', detail: /in no group/ } })
  t.equal(accounts.authenticator.logins().length, 1)

  await there.end()
  t.match(await call('/v1/session/provider', {}), { status: 200 }, 'what it says of itself is known')
})

t.test('without a provider nobody is sent anywhere', async (t) => {
  const api = await startApi()
  t.teardown(() => api.close())
  t.strictSame((await api.call('/v1/session/ways', { as: null })).json(), { provider: null, directory: false })
  const { call } = browser(api)
  t.match(await call('POST', '/v1/session/provider', {}), { status: 404 })
  t.match(await call('POST', '/v1/session/provider/return', { query: 'code=x' }), { status: 404 })
})
