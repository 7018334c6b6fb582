// Who may do what: no route without a rule, no secret that can be used twice or read by others, and no write that a
// browser sends on somebody else's behalf.

import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HTTPMethods } from 'fastify'
import t from 'tap'
import { writeAccessFiles } from '../../src/accounts/machine.js'
import { accepts, routeBook } from '../../src/api/guard.js'
import { EDGE_TOKEN, ROLES, type Role, type Rule, satisfies } from '../../src/model/principal.js'
import { loadSettings } from '../../src/runtime/config.js'
import { MAX_SIGN_INS_PER_MINUTE } from '../../src/runtime/limits.js'
import { ADMIN_TOKEN, startApi, startWholeApi } from './api-fixture.js'

const MEMBER: Rule = ['viewer', 'member']
/** Every address of the API and who may use it. A new route belongs here, by a decision. */
const RULES: Readonly<Record<string, Rule>> = {
  'GET /metrics': 'loopback',
  'GET /v1/health/live': 'open',
  'GET /v1/health/ready': 'open',
  'GET /v1/status': MEMBER,
  'GET /v1/in-force': 'viewer',
  'POST /v1/session': 'open',
  'GET /v1/session/ways': 'open',
  'POST /v1/session/provider': 'open',
  'POST /v1/session/provider/return': 'open',
  'DELETE /v1/session': 'any',
  'GET /v1/me': 'any',
  'POST /v1/me/password': 'any',
  'POST /v1/session/factor': 'any',
  'GET /v1/me/factors': 'any',
  'POST /v1/me/factors/totp': 'any',
  'POST /v1/me/factors/totp/confirm': 'any',
  'DELETE /v1/me/factors/:id': 'any',
  'POST /v1/me/factors/passkeys/options': 'any',
  'POST /v1/me/factors/passkeys': 'any',
  'POST /v1/session/passkey/options': 'open',
  'POST /v1/session/passkey': 'open',
  'DELETE /v1/users/:id/factors': ['admin', 'break-glass'],
  'POST /v1/emergency-account': 'admin',
  'POST /v1/emergency-account/sign': 'approver',
  'GET /v1/users': 'admin',
  'GET /v1/users/:id': 'admin',
  'POST /v1/users': 'admin',
  'POST /v1/users/:id/vouch': ['approver', 'admin'],
  'PATCH /v1/users/:id': 'admin',
  'DELETE /v1/users/:id': 'admin',
  'GET /v1/sessions': 'any',
  'DELETE /v1/sessions/:id': 'any',
  'GET /v1/tokens': 'any',
  'POST /v1/tokens': 'any',
  'DELETE /v1/tokens/:id': 'any',
  'GET /v1/audit': 'auditor',
  'GET /v1/audit/verify': ['auditor', 'approver', 'admin'],
  'POST /v1/audit/purge': 'auditor',
  'POST /v1/audit/trim': ['auditor', 'approver'],
  'GET /v1/events': MEMBER,
  'GET /v1/institutions': 'viewer',
  'GET /v1/institutions/:id': MEMBER,
  'GET /v1/institutions/:id/explain': MEMBER,
  'GET /v1/allocations': 'viewer',
  'GET /v1/links': 'viewer',
  'GET /v1/links/:id': 'viewer',
  'GET /v1/links/:id/flows': 'viewer',
  'GET /v1/envelopes': 'viewer',
  'GET /v1/nodes': 'viewer',
  'GET /v1/names': MEMBER,
  'GET /v1/figures': 'viewer',
  'GET /v1/unmapped': 'viewer',
  'GET /v1/edges': 'viewer',
  'GET /v1/edges/:id': 'viewer',
  'POST /v1/edges/:id/enforcement': 'engineer',
  'GET /v1/edges/:id/rendered': 'viewer',
  'POST /v1/edges/:id/confirm': 'engineer',
  'POST /v1/edges/:id/drain': 'engineer',
  'DELETE /v1/edges/:id/drain': 'engineer',
  'GET /v1/institutions/:id/history': MEMBER,
  'GET /v1/links/:id/history': 'viewer',
  'GET /v1/alarms': 'viewer',
  'GET /v1/alarms/:id': 'viewer',
  'POST /v1/alarms/:id/acknowledge': 'operator',
  'POST /v1/links/:id/samples': 'monitor',
  'GET /v1/edge-package': 'open',
  'GET /v1/edge-accounts': 'admin',
  'POST /v1/edges/:id/account': 'admin',
  'POST /v1/edges/:id/account/rotate': 'admin',
  'POST /v1/edges/:id/replace': 'admin',
  'DELETE /v1/edges/:id/account': 'admin',
  'POST /v1/edges/:id/credentials': 'open',
  'POST /v1/edges/:id/keys': 'edge',
  'GET /v1/policy': 'viewer',
  'PUT /v1/policy': 'operator',
  'POST /v1/policy/preview': 'operator',
  'POST /v1/policy/import/institutions': 'operator',
  'POST /v1/policy/import/sites': ['operator', 'engineer'],
  'POST /v1/policy/import/contracts': 'operator',
  'POST /v1/policy/import/agreements': 'operator',
  'GET /v1/policy/export/contracts': 'viewer',
  'GET /v1/policy/export/agreements': 'viewer',
  'GET /v1/policy/export/institutions': 'viewer',
  'GET /v1/policy/export/sites': 'viewer',
  'POST /v1/institutions/:id/what-if': 'viewer',
  'POST /v1/links/:id/what-if': 'viewer',
  'GET /v1/policy/revisions': 'viewer',
  'GET /v1/policy/revisions/:n': 'viewer',
  'GET /v1/policy/revisions/:n/diff': 'viewer',
  'POST /v1/policy/revisions/:n/confirm': 'operator',
  'POST /v1/policy/revisions/:n/rollback': 'operator',
  'POST /v1/policy/revisions/:n/sign': 'approver',
  'POST /v1/policy/store/keep': 'operator',
  'POST /v1/policy/store/take': 'approver',
  'GET /v1/policy/:collection/:id': 'viewer',
  'PUT /v1/policy/:collection/:id': 'operator',
  'DELETE /v1/policy/:collection/:id': 'operator',
  'GET /v1/proposals': 'viewer',
  'POST /v1/proposals': 'operator',
  'GET /v1/proposals/:id': 'viewer',
  'GET /v1/proposals/:id/replay': 'viewer',
  'POST /v1/proposals/:id/approve': 'approver',
  'POST /v1/proposals/:id/reject': ['operator', 'approver'],
  'POST /v1/proposals/:id/commit': 'operator',
  'GET /v1/requests': MEMBER,
  'GET /v1/requests/:id': MEMBER,
  'GET /v1/institutions/:id/choices': MEMBER,
  'POST /v1/requests': 'member',
  'POST /v1/requests/:id/withdraw': 'member',
  'POST /v1/requests/:id/accept': 'operator',
  'POST /v1/requests/:id/refuse': 'operator',
  'GET /v1/overrides': 'viewer',
  'POST /v1/overrides': 'operator',
  'DELETE /v1/overrides/:id': 'operator',
  'GET /v1/freeze': 'viewer',
  'POST /v1/freeze': 'operator',
  'POST /v1/unfreeze': 'operator',
  'GET /v1/modes': 'viewer',
  'POST /v1/modes/:id/activate': 'operator',
  'POST /v1/modes/:id/end': 'operator',
  'POST /v1/links/:id/state': ['monitor', 'operator', 'engineer', 'edge'],
  'POST /v1/demo/load': 'operator',
  'POST /v1/demo/edges/:id/stop': 'operator',
  'POST /v1/demo/edges/:id/start': 'operator',
  'GET /openapi.json': 'loopback',
  'GET /': 'open',
  'GET /sign-in': 'open',
  'GET /assets/:file': 'open',
  'GET /institutions': 'open',
  'GET /institutions/:id': 'open',
  'GET /links': 'open',
  'GET /links/:id': 'open',
  'GET /edges': 'open',
  'GET /edges/:id': 'open',
  'GET /in-force': 'open',
  'GET /emergency': 'open',
  'GET /policy': 'open',
  'GET /policy/revisions/:n': 'open',
  'GET /policy/plane': 'open',
  'GET /policy/bands': 'open',
  'GET /policy/whole': 'open',
  'GET /policy/:collection': 'open',
  'GET /policy/:collection/:id': 'open',
  'GET /mine': 'open',
  'GET /requests': 'open',
  'GET /requests/:id': 'open',
  'GET /proposals': 'open',
  'GET /proposals/:id': 'open',
  'GET /import': 'open',
  'GET /v1/policy/schema': 'viewer',
  'GET /alarms': 'open',
  'GET /alarms/:id': 'open',
  'GET /audit': 'open',
  'GET /people': 'open',
  'GET /people/:id': 'open',
  'GET /me': 'open',
  'GET /told': 'open',
  'GET /ledger': 'open',
  'GET /ledger/register': 'open',
  'GET /ledger/prices': 'open',
  'GET /ledger/:month': 'open',
  'GET /ledger/:month/:id': 'open',
  'GET /wall': 'open',
  'GET /v1/ledger': MEMBER,
  'GET /v1/ledger/register': 'viewer',
  'GET /v1/ledger/prices': 'finance',
  'PUT /v1/ledger/prices': 'finance',
  'POST /v1/ledger/prices/approve': 'finance',
  'GET /v1/ledger/:month': 'viewer',
  'POST /v1/ledger/:month/close': 'finance',
  'POST /v1/ledger/:month/reconcile': 'finance',
  'GET /v1/institutions/:id/statement': MEMBER,
  'GET /v1/simulations': 'planner',
  'POST /v1/simulations': 'planner',
  'GET /v1/simulations/:id': 'planner',
  'GET /v1/simulations/:id/report': 'planner',
  'DELETE /v1/simulations/:id': 'planner',
  'GET /planner': 'open',
  'GET /planner/:id': 'open',
  'GET /v1/webhooks': 'admin',
  'POST /v1/webhooks': 'admin',
  'POST /v1/webhooks/:id/try': 'admin',
  'POST /v1/webhooks/:id/rotate': 'admin',
  'DELETE /v1/webhooks/:id': 'admin',
  'GET /v1/edges/:id/profile': 'edge',
  'GET /v1/edges/:id/rates': 'edge',
  'POST /v1/edges/:id/reports': 'edge',
}

/** Asked for by a session of a person alone, whatever else is wrong with the request. */
const PERSONS = [
  'GET /v1/me/factors',
  'POST /v1/me/factors/totp',
  'POST /v1/me/factors/passkeys/options',
  'DELETE /v1/me/factors/:id',
]
/** Writes that hold a scope against what they touch; whoever has a scope may use no other write. */
const SCOPED = [
  'POST /v1/edges/:id/enforcement',
  'POST /v1/edges/:id/confirm',
  'POST /v1/edges/:id/drain',
  'DELETE /v1/edges/:id/drain',
  'PUT /v1/policy',
  'POST /v1/policy/preview',
  'POST /v1/policy/import/institutions',
  'POST /v1/policy/import/contracts',
  'POST /v1/policy/import/agreements',
  'POST /v1/policy/import/sites',
  'POST /v1/institutions/:id/what-if',
  'POST /v1/links/:id/what-if',
  'POST /v1/policy/revisions/:n/confirm',
  'PUT /v1/policy/:collection/:id',
  'DELETE /v1/policy/:collection/:id',
  'DELETE /v1/simulations/:id',
  'POST /v1/simulations',
  'POST /v1/proposals',
  'POST /v1/requests',
  'POST /v1/requests/:id/withdraw',
  'POST /v1/requests/:id/accept',
  'POST /v1/requests/:id/refuse',
  'POST /v1/overrides',
  'DELETE /v1/overrides/:id',
]

t.test('every route of the router has the rule that was decided for it', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const found = api.rules.filter(({ url, method }) => !url.startsWith('/docs') && method !== 'HEAD')
  t.strictSame(Object.fromEntries(found.map(({ method, url, access }) => [`${method} ${url}`, access])), RULES)
  const scoped = found.filter((rule) => rule.scoped).map(({ method, url }) => `${method} ${url}`)
  t.strictSame(scoped.sort(), [...SCOPED].sort(), 'and is scoped by a decision')
  t.ok(api.rules.some(({ url }) => url.startsWith('/docs')))
  const fetched = Array.from({ length: MAX_SIGN_INS_PER_MINUTE + 1 }, () => api.call('/v1/edge-package', { as: null }))
  const answers = (await Promise.all(fetched)).map(({ status }) => status).sort()
  t.match([answers[0], answers.at(-1)], [200, 429], 'the program of gateways is for all, so many times a minute')
  for (const { url, access } of api.rules.filter(({ url }) => url.startsWith('/docs'))) t.equal(access, 'loopback', url)
  for (const head of api.rules.filter(({ method, url }) => method === 'HEAD' && !url.startsWith('/docs'))) {
    const get = api.rules.find(({ method, url }) => method === 'GET' && url === head.url)
    t.equal(head.access, get?.access, `HEAD ${head.url} asks for what GET asks for`)
  }
  const bare = { method: 'GET', url: '/v1/secrets', path: '/v1/secrets', prefix: '', routePath: '', handler: () => {} }
  t.throws(() => routeBook().enter(bare), /no access rule/)
})

t.test('every route keeps its rule against nobody, against strangers and against every role', async (t) => {
  const api = await startWholeApi()
  t.teardown(api.close)
  const looking: readonly Rule[] = ['open', 'loopback', 'any', 'viewer']
  const may: Readonly<Record<Role, readonly Rule[]>> = {
    viewer: looking,
    operator: [...looking, 'operator'],
    approver: [...looking, 'approver'],
    engineer: [...looking, 'engineer'],
    planner: [...looking, 'planner'],
    auditor: [...looking, 'auditor'],
    finance: [...looking, 'finance'],
    member: ['open', 'any', 'member'],
    monitor: ['open', 'any', 'monitor'],
    edge: ['open', 'any', 'edge'],
    'break-glass': [...looking, 'break-glass'],
    admin: [...looking, ...ROLES.filter((role) => !['edge', 'break-glass', 'finance', 'member'].includes(role))],
  }
  const scopes = [null, { regions: ['mbeya'] }]
  const callers = ROLES.flatMap((role) =>
    scopes.map((scope) => {
      // An edge is told of itself alone.
      const actor = role === 'edge' ? 'nothing-of-this-name' : `a-${role}`
      const who = {
        actor,
        roles: [role],
        scope,
        person: true,
        inPerson: true,
        via: role === 'edge' ? EDGE_TOKEN : 'token',
        begun: api.clock.wall(),
      }
      return { role, scope, authorization: `Bearer ${api.accounts.secrets.issue(who)}` }
    }),
  )
  for (const [route, rule] of Object.entries(RULES)) {
    const [method, pattern] = route.split(' ') as [HTTPMethods, string]
    const path = pattern.replace(':collection', 'tiers').replace(/:(id|n)/, 'nothing-of-this-name')
    const isRead = method === 'GET'
    const type: Record<string, string> = isRead ? {} : { 'content-type': 'application/json' }
    const body = isRead ? undefined : '{}'
    const gated = rule !== 'open' && rule !== 'loopback'
    const nobody = await api.status(method, path, type, body)
    // An empty sign-in is a bad request, for anybody.
    t.equal(nobody.status === 401, gated, `nobody, ${route}: ${nobody.status}`)
    if (gated) t.equal(nobody.challenge, 'Bearer realm="mizani"')
    const wrong: string[] = []
    for (const { role, scope, authorization } of callers) {
      const { status } = await api.status(method, path, { ...type, authorization }, body)
      const hasRole = [rule].flat().some((wanted) => may[role].includes(wanted))
      if (satisfies({ roles: [role], inPerson: true }, rule, false) !== hasRole) wrong.push(`${role} by rule`)
      // The owner of the machine may, by `cli-token`; an administrator may not.
      const isOwners =
        ['POST /v1/users/:id/vouch', 'POST /v1/emergency-account/sign'].includes(route) && role === 'admin'
      // A token has no second factor; of those who break glass only the emergency account resets any.
      const isPersons = PERSONS.includes(route) || (route === 'DELETE /v1/users/:id/factors' && role === 'break-glass')
      const common = !isRead && rule !== 'any' && rule !== 'open' && !SCOPED.includes(route)
      // On this machine `loopback` lets anyone in.
      const refused = (!hasRole && rule !== 'loopback') || isOwners || isPersons || (scope !== null && common)
      if ((status === 403) !== refused || status === 401) wrong.push(`${role} of ${JSON.stringify(scope)}: ${status}`)
    }
    t.strictSame(wrong, [], route)
  }
  for (const authorization of [
    'Bearer wrong',
    'Bearer ',
    'Basic YTpi',
    `bearer${ADMIN_TOKEN}`,
    `Bearer ${'x'.repeat(2000)}`,
  ]) {
    t.equal(
      (await api.call('/v1/status', { as: null, headers: { authorization } })).status,
      401,
      authorization.slice(0, 30),
    )
  }
  const me = await api.call('/v1/me', { as: null, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  t.match(me.json(), { actor: 'env-admin', roles: ['admin'], person: false, expires: null })
})

t.test(
  'an approval is given in person, soon after signing in, and where there are guards by no administrator',
  async (t) => {
    const inPerson = { inPerson: true }
    const may = (roles: readonly Role[], rule: Rule, guarded: boolean, how = inPerson) =>
      satisfies({ roles, ...how }, rule, guarded)
    for (const [roles, rule, expected] of [
      [['approver'], 'approver', [true, true]],
      [['admin'], 'approver', [true, false]],
      [['admin', 'approver'], 'approver', [true, false]],
      [['admin'], 'auditor', [true, false]],
      [['admin', 'auditor'], 'auditor', [true, false]],
      [['auditor'], 'auditor', [true, true]],
      [['admin'], ['operator', 'approver'], [true, true]],
      [['admin'], 'viewer', [true, true]],
      [['admin'], 'break-glass', [false, false]],
      [['break-glass'], 'break-glass', [true, true]],
    ] as [Role[], Rule, boolean[]][]) {
      t.strictSame([may(roles, rule, false), may(roles, rule, true)], expected, `${roles.join()} as ${rule}`)
    }
    for (const role of ['approver', 'break-glass'] as const)
      t.notOk(may([role], role, false, { inPerson: false }), role)

    const api = await startApi()
    t.teardown(api.close)
    const approve = async (who: { inPerson: boolean; begun?: number }) => {
      const neema = {
        actor: 'neema',
        roles: ['approver'] as Role[],
        scope: null,
        person: true,
        via: 'password',
        ...who,
      }
      const authorization = `Bearer ${api.accounts.secrets.issue(neema)}`
      const headers = { authorization, 'content-type': 'application/json' }
      return (await api.call('/v1/proposals/p-1/approve', { method: 'POST', body: '{}', as: null, headers })).status
    }
    const now = api.clock.wall()
    t.equal(await approve({ inPerson: false, begun: now }), 403, 'by a token, or a password that was given')
    t.equal(await approve({ inPerson: true }), 403)
    t.equal(await approve({ inPerson: true, begun: now - 600_001 }), 403, 'a screen that was left open')
    t.not(await approve({ inPerson: true, begun: now - 600_000 }), 403)
  },
)

t.test('who has a scope acts inside it, and what they write says whose scope it is held against', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const as = (role: Role, region: string) => {
    const who = {
      actor: 'asha',
      roles: [role],
      scope: { regions: [region] },
      person: true,
      inPerson: true,
      via: 'token',
    }
    const authorization = `Bearer ${api.accounts.secrets.issue(who)}`
    return { as: null, headers: { authorization, 'content-type': 'application/json', 'if-match': '"r7"' } }
  }
  const body = JSON.stringify({ enforcement: 'observe', reason: 'works' })
  const drain = (region: string) =>
    api.call('/v1/edges/dar-1/enforcement', { method: 'POST', body, ...as('engineer', region) })
  t.equal((await drain('mbeya')).status, 403)
  t.strictSame(api.enforced, [])
  t.equal((await drain('dar-es-salaam')).status, 200)
  const put = { method: 'PUT', body: '{"tiers":{}}', ...as('operator', 'mbeya') }
  t.equal((await api.call('/v1/policy?reason=x', put)).status, 200)
  t.strictSame(api.policy.made[0]?.scope, { regions: ['mbeya'] }, 'the change is judged by it')
})

t.test('what is open on loopback is not open to what a proxy passes on or a foreign name leads to', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  for (const path of ['/metrics', '/openapi.json', '/docs/']) {
    t.equal((await api.call(path, { as: null })).status, 200, path)
    t.equal((await api.call(path, { as: null, headers: { 'x-forwarded-for': '127.0.0.1' } })).status, 401, path)
    t.equal((await api.call(path, { as: 'viewer', headers: { 'x-forwarded-for': '196.44.0.1' } })).status, 200, path)
    // fetch sets the Host header itself.
    const status = await new Promise((resolve, reject) => {
      httpRequest(api.url + path, { headers: { host: 'rebound.example.org' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .on('error', reject)
        .end()
    })
    t.equal(status, 401, `${path} under a foreign host name`)
  }
})

t.test('behind named proxies the caller is who the last of them says, whatever stands before', async (t) => {
  const start = async (proxies: string[]) => {
    const { trustProxy } = loadSettings({ env: {}, flags: { http: { trustProxy: proxies } } }).http
    const api = await startApi({ http: { trustProxy, tls: null } })
    t.teardown(api.close)
    /** Where it came from and over what, by the claims of those who passed it on. */
    const signIn = (body: object, from: string, proto = 'https') =>
      api.send('POST', '/v1/session', body, { headers: { 'x-forwarded-for': from, 'x-forwarded-proto': proto } })
    const metrics = async (from: string) =>
      (await api.call('/metrics', { as: null, headers: { 'x-forwarded-for': from } })).status
    return { api, signIn, metrics, address: () => JSON.parse(api.audited.rows.at(-1)!.text).address }
  }
  const { signIn, metrics, address } = await start(['127.0.0.0/8', '10.9.0.1'])
  const signedIn = await signIn({ token: ADMIN_TOKEN }, '6.6.6.6, 127.0.0.1, 196.44.0.1, 10.9.0.1')
  t.match(signedIn.headers.get('set-cookie'), /; Secure/, 'a cookie of an encrypted connection stays on such')
  t.equal(address(), '196.44.0.1')
  for (const from of ['196.44.0.1', '127.0.0.1', '127.0.0.1, 196.44.0.1']) t.equal(await metrics(from), 401, from)
  const guesses = Array.from({ length: MAX_SIGN_INS_PER_MINUTE + 1 }, (_, i) =>
    signIn({ user: `u${i}`, password: 'a wrong password' }, `6.6.${i}.6, 196.44.0.2`),
  )
  t.ok(
    (await Promise.all(guesses)).some(({ status }) => status === 429),
    'one caller, whoever he says',
  )

  const stranger = await start(['10.9.0.1'])
  const direct = await stranger.signIn({ token: ADMIN_TOKEN }, '196.44.0.1')
  t.notMatch(direct.headers.get('set-cookie'), /; Secure/)
  t.equal(stranger.address(), '127.0.0.1', 'who is no proxy of ours is believed nothing')
  t.equal(await stranger.metrics('127.0.0.1'), 401)
})

t.test('the files for the command line and the first sign-in are for the owner of the data folder alone', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const folder = mkdtempSync(join(tmpdir(), 'mizani-access-'))
  writeFileSync(join(folder, 'cli-token'), 'left behind by an earlier start', { mode: 0o644 })
  const link = writeAccessFiles(api.accounts.secrets, { hasAdmin: false }, folder, api.url) ?? ''
  const { client } = loadSettings({ env: { MIZANI_DATA: folder } })
  t.equal(client.url, api.url, 'the data folder alone leads to it')
  const named = loadSettings({ env: { MIZANI_DATA: folder, MIZANI_URL: 'https://elsewhere:1' } })
  t.equal(named.client.url, 'https://elsewhere:1')
  for (const name of ['cli-token', 'cli-url', 'first-sign-in'])
    t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  const token = readFileSync(join(folder, 'cli-token'), 'utf8').trim()
  const me = await api.call('/v1/me', { as: null, headers: { authorization: `Bearer ${token}` } })
  t.match(me.json(), { actor: 'cli', roles: ['admin'], person: false, expires: null })
  t.equal(readFileSync(join(folder, 'first-sign-in'), 'utf8'), `${link}\n`)
  t.ok(link.startsWith(`${api.url}/#/first/`), 'the secret stands behind the #, which no browser sends')
  const secret = link.split('/').at(-1) ?? ''
  t.notOk(api.logged.some((line) => line.includes(secret) || line.includes(token)))
})

t.test('the first sign-in works once, within an hour, and gives a session that ends', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const trade = (secret: string) => api.send('POST', '/v1/session', { secret })
  const secret = api.accounts.secrets.firstSecret()
  t.equal((await trade('wrong')).status, 401, 'a wrong guess')
  const signedIn = await trade(secret)
  t.equal(signedIn.status, 201, 'does not spend it')
  t.match(signedIn.json(), { actor: 'first-sign-in', roles: ['admin'], expires: '2026-01-01T02:00:00.000Z' })
  t.equal((await trade(secret)).status, 401, 'it works once')

  const cookie = signedIn.headers.get('set-cookie') ?? ''
  t.match(cookie, /^mizani-session=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/)
  const session = { as: null, headers: { cookie: cookie.split(';')[0] ?? '' } } as const
  t.match((await api.call('/v1/me', session)).json(), { actor: 'first-sign-in' })
  t.equal((await api.call('/v1/status', session)).status, 200)
  await api.clock.advance(2 * 3_600_000)
  t.equal((await api.call('/v1/me', session)).status, 401, 'a session ends by itself')
  t.equal((await api.call('/v1/health/live', session)).status, 200, 'and its cookie is in nobody’s way')

  const late = api.accounts.secrets.firstSecret()
  await api.clock.advance(3_600_000)
  t.equal((await trade(late)).status, 401, 'an hour later the link is dead')
  const older = api.accounts.secrets.firstSecret()
  api.accounts.secrets.firstSecret()
  t.equal((await trade(older)).status, 401, 'a newer link replaces the older one')
})

t.test('a session ends when it is told to, and only for requests from our own page', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const signedIn = await api.send(
    'POST',
    '/v1/session',
    { token: api.tokens.engineer },
    { headers: { origin: api.url } },
  )
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const end = (headers: Record<string, string>) =>
    api.call('/v1/session', { method: 'DELETE', as: null, body: '{}', headers: { cookie, ...headers } })
  const json = { 'content-type': 'application/json' }
  t.equal((await end(json)).status, 403, 'no Origin')
  t.equal((await end({ ...json, origin: 'https://evil.example.org' })).status, 403, 'a foreign Origin')
  t.equal((await end({ 'content-type': 'text/plain', origin: api.url })).status, 415, 'what a form can send')
  const drain = { method: 'POST', as: null, body: '{"enforcement":"observe","reason":"x"}' } as const
  t.equal((await api.call('/v1/edges/dar-1/enforcement', { ...drain, headers: { cookie, ...json } })).status, 403)
  t.strictSame(api.enforced, [], 'nothing was done')
  const own = { cookie, ...json, origin: api.url }
  t.equal((await api.call('/v1/edges/dar-1/enforcement', { ...drain, headers: own })).status, 200)
  t.equal(api.enforced[0]?.author, 'a-engineer')
  t.equal((await end({ ...json, origin: api.url })).status, 204)
  t.equal((await api.call('/v1/me', { as: null, headers: { cookie } })).status, 401)
  const foreign = { headers: { origin: 'https://evil.example.org' } }
  t.equal((await api.send('POST', '/v1/session', { token: ADMIN_TOKEN }, foreign)).status, 403, 'nobody signs us in')
})

t.test('guessing at the sign-in is slowed down', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const statuses = new Set<number>()
  for (let i = 0; i < 31; i++) statuses.add((await api.send('POST', '/v1/session', { token: `guess-${i}` })).status)
  t.strictSame([...statuses], [401, 429])
  t.equal((await api.call('/v1/status')).status, 200, 'and nothing else is')
})

t.test('Accept is read as RFC 9110 says: the most specific range decides', async (t) => {
  t.ok(accepts(undefined, 'application/json'))
  t.ok(accepts('*/*', 'application/json'))
  t.ok(accepts('text/html, application/*;q=0.8', 'application/json'))
  t.notOk(accepts('text/html', 'application/json'))
  t.notOk(accepts('*/*, application/json;q=0', 'application/json'))
  t.ok(accepts('*/*;q=0, application/json', 'application/json'))
})
