// People whom a provider signs in: a real one, over HTTP, with everything that may go wrong on the way there and back.

import t, { type Test } from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import { OidcProvider } from '../../src/accounts/federated/oidc.js'
import { providers } from '../../src/process/doctor-providers.js'
import { manualClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { type OidcSettings, oidcSettings } from '../../src/runtime/identity-settings.js'
import { CHEAP, memoryStore, testSeal } from './memory-store.js'
import { ASHA, Browser, CLIENT_SECRET, type ProviderOptions, startProvider } from './provider.js'

const HERE = '192.0.2.1'
const REDIRECT = 'http://127.0.0.1:8080/sign-in'
const MINUTE = 60_000

async function open(settings: OidcSettings, secret: string | null = CLIENT_SECRET) {
  // Ahead of the provider's: what it says was a moment ago is not of the future.
  const clock = manualClock({ wall: Date.now() + 5 * MINUTE })
  const provider = new OidcProvider({ settings, secret, seal: testSeal(), clock })
  const federated = { provider, directory: null, redirect: () => REDIRECT }
  const accounts = await openAccounts({
    cost: CHEAP,
    store: memoryStore().port,
    seal: testSeal(),
    clock,
    adminToken: null,
    federated,
  })
  return { ...accounts, clock, provider }
}

async function start(t: Test, options: Partial<ProviderOptions> = {}, more: object = {}) {
  const there = await startProvider(t, { redirect: REDIRECT, ...options })
  const here = await open(there.settings(more))
  const { federated, authenticator } = here
  /** There and back by one browser, as a session. */
  async function signIn({ fresh = false, browser = new Browser() } = {}) {
    const { url, sealed } = await federated.depart(fresh)
    const query = new URL(await there.visit(url, browser)).search.slice(1)
    const begun = await authenticator.begin(await federated.arrive(query, sealed), HERE)
    return { ...begun, query, sealed, url }
  }
  return { ...here, there, signIn }
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    const { code, message, advice = '' } = error as { code: string; message: string; advice?: string }
    return `${code} ${message} ${advice}`
  }
}

t.test('who comes back from the provider has an account, as it says at each sign-in', async (t) => {
  const { signIn, administration, there, clock } = await start(t)
  const browser = new Browser()
  const { session, url } = await signIn({ browser })
  t.match(session, {
    actor: 'asha.mrema',
    roles: ['operator'],
    scope: { regions: ['mbeya'] },
    via: 'oidc',
    person: true,
  })
  t.notOk(session.inPerson, 'the word of a provider alone is not in person')
  t.match(Object.fromEntries(new URL(url).searchParams), {
    ...{ code_challenge_method: 'S256', response_type: 'code', redirect_uri: REDIRECT, max_age: '43200' },
    ...{ state: /^[\w-]{43}$/, nonce: /^[\w-]{43}$/ },
  })
  t.match(administration.user('asha.mrema'), { name: 'Asha Mrema', source: 'oidc', subject: `${there.issuer} u-1` })

  await clock.advance(20 * MINUTE)
  const { session: silent } = await signIn({ browser })
  t.equal(
    silent.proved,
    session.proved,
    'whom the provider remembers has shown nothing since: nothing is enrolled by it',
  )

  there.person = {
    ...ASHA,
    claims: { ...ASHA.claims, preferred_username: 'a.juma', name: 'Asha Juma', groups: 'auditors' },
  }
  t.match((await signIn()).session, { actor: 'asha.mrema', roles: ['auditor'], scope: null }, 'the same person')
  t.equal(administration.user('asha.mrema')?.name, 'Asha Juma')
  there.person = { ...ASHA, sub: 'u-2' }
  t.match(await refusal(signIn()), /FORBIDDEN The id asha.mrema is taken/, 'another person of the same name')
  there.person = { ...ASHA, claims: { ...ASHA.claims, groups: ['guests'] } }
  t.match(await refusal(signIn()), /FORBIDDEN asha.mrema is in no group .* oidc.roles/)
  t.strictSame(administration.user('asha.mrema')?.roles, [])
  there.person = { ...ASHA, claims: { groups: ['operators'] } }
  t.match(await refusal(signIn()), /FORBIDDEN .* nothing of preferred_username.* oidc.id/)
  there.person = ASHA
  await administration.changeUser('asha.mrema', { disabled: true }, 'cli')
  t.match(await refusal(signIn()), /FORBIDDEN The account asha.mrema is disabled/)
  there.person = null
  t.match(await refusal(signIn()), /UNAUTHENTICATED .* access_denied/)
})

t.test('a way back is good once, in its own browser, for ten minutes', async (t) => {
  const { federated, signIn, clock, there } = await start(t)
  const first = await signIn()
  t.match(await refusal(federated.arrive(first.query, first.sealed)), /UNAUTHENTICATED .* is over/, 'once')
  const depart = async () => {
    const { url, sealed } = await federated.depart(false)
    return { sealed, query: new URL(await there.visit(url)).search.slice(1) }
  }
  const [one, other] = [await depart(), await depart()]
  t.match(await refusal(federated.arrive(one.query, other.sealed)), /UNAUTHENTICATED .*state/i, "another's way back")
  t.match(await refusal(federated.arrive(one.query, '')), /never begun in this browser/)
  // Not the last letter, some bits of which stand for nothing.
  const changed = one.sealed.slice(0, 20) + (one.sealed[20] === 'A' ? 'B' : 'A') + one.sealed.slice(21)
  t.match(await refusal(federated.arrive(one.query, changed)), /never begun in this browser/)
  const code = one.query.replace(/code=[^&]+/, 'code=guessed')
  t.match(await refusal(federated.arrive(code, one.sealed)), /UNAUTHENTICATED .* invalid_grant/)
  const late = await depart()
  await clock.advance(11 * MINUTE)
  t.match(await refusal(federated.arrive(late.query, late.sealed)), /is over/)
  const standby = await open(there.settings())
  const way = await depart()
  t.equal(await refusal(standby.federated.arrive(way.query, way.sealed)), 'nothing', 'a controller with the same key')
  t.match(await refusal(federated.arrive(way.query, way.sealed)), /invalid_grant/, 'once at the provider, too')
  const issuer = await depart()
  const elsewhere = issuer.query.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Felsewhere.example')
  t.match(await refusal(federated.arrive(elsewhere, issuer.sealed)), /UNAUTHENTICATED .*iss/, 'RFC 9207')
})

t.test('a second factor at the provider counts from when it was given there', async (t) => {
  const { signIn, there, administration, clock } = await start(t, {}, { secondFactor: { acr: ['gold'] } })
  const browser = new Browser()
  there.person = { ...ASHA, claims: { ...ASHA.claims, groups: ['approvers'] }, amr: ['pwd', 'mfa'] }
  const first = await signIn({ browser })
  t.equal(new URL(first.url).searchParams.get('acr_values'), 'gold')
  t.ok(first.session.inPerson, 'amr: mfa')
  t.strictSame(first.session.roles, [], 'nobody has vouched for the approver')
  await administration.vouch('asha.mrema', 'cli')
  await clock.advance(MINUTE)
  const second = await signIn({ browser })
  t.strictSame(second.session.roles, ['approver'])
  t.equal(second.session.proved, first.session.proved, 'one that the provider remembers is no new proof')

  there.person = { ...there.person, amr: ['pwd'] }
  t.ok((await signIn({ browser })).session.inPerson, 'the provider remembers the sign-in, and with what')
  const fresh = await signIn({ browser, fresh: true })
  t.match(Object.fromEntries(new URL(fresh.url).searchParams), { prompt: 'login', max_age: '0' })
  t.notOk(fresh.session.inPerson, 'asked anew they gave a password alone')
  there.person = { ...there.person, amr: ['pwd'], acr: 'gold' }
  t.ok((await signIn({ browser, fresh: true })).session.inPerson, 'acr: gold')
})

t.test('a provider that is away, slow to change, or a stranger', async (t) => {
  const { signIn, there, federated } = await start(t)
  await signIn()
  await signIn()
  const discovered = there.asked.filter((path) => path.includes('openid-configuration')).length
  t.equal(discovered, 1, 'what it says of itself is kept')
  const { ldap, http } = loadSettings({ env: {} })
  const doctor = (oidc: OidcSettings) =>
    providers({ oidc, http, ldap, providerSecrets: { oidc: CLIENT_SECRET, ldap: null } })
  t.match(await doctor(there.settings()), [{ verdict: 'good', found: /shows its keys/ }, { found: /publicUrl/ }])
  const unlisted = await doctor(there.settings({ groups: 'realm_access.roles' }))
  t.match(unlisted[1], { verdict: 'look', found: /claims realm_access.roles/ })
  const wrong = await open(there.settings(), 'another secret')
  const { url, sealed } = await wrong.federated.depart(false)
  const query = new URL(await there.visit(url)).search.slice(1)
  t.match(
    await refusal(wrong.federated.arrive(query, sealed)),
    /UNAUTHENTICATED .* does not know us.* OIDC_CLIENT_SECRET/,
  )

  const way = await federated.depart(false)
  const back = new URL(await there.visit(way.url)).search.slice(1)
  await there.end()
  t.match(await refusal(federated.arrive(back, way.sealed)), /PROVIDER_UNAVAILABLE .* ECONNREFUSED/)
  const away = await open(there.settings())
  t.match(await doctor(there.settings()), [{ verdict: 'bad', found: /does not answer.*ECONNREFUSED/ }])
  t.match(await refusal(away.federated.depart(false)), /PROVIDER_UNAVAILABLE .* ECONNREFUSED.* doctor/)
  const maji = { id: 'juma', name: 'Juma', roles: ['admin'] as const, scope: null, password: 'maji ya kunde 1961' }
  await away.administration.addUser(maji, 'cli')
  t.ok(await away.authenticator.signIn({ user: 'juma', password: maji.password }, HERE), 'others sign in as ever')
})

t.test('clocks that differ are named', async (t) => {
  const { signIn } = await start(t, { jump: 10 * MINUTE })
  t.match(await refusal(signIn()), /UNAUTHENTICATED .* differ by more than 30 s \(oidc.skew\)/)
})

t.test('nobody is believed without TLS but this machine', async (t) => {
  const roles = [{ group: 'x', roles: ['viewer'] }]
  const of = (issuer: string) => oidcSettings.safeParse({ issuer, client: 'mizani', roles }).error?.issues[0]?.message
  t.equal(of('https://login.example'), undefined)
  t.equal(of('http://127.0.0.1:8080/realm'), undefined)
  t.match(of('http://login.example'), /name it by https/)
})
