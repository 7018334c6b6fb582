// `mizani up` as whoever begins with it meets it: what cannot start says why, and every request that the description of
// the API shows is taken. (A whole day of it is in nation-day.test.ts.)

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { examplesAt } from '../../src/api/examples.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { BEHIND } from '../../src/runtime/priority.js'
import { CLIENT_SECRET, startProvider } from '../accounts/provider.js'
import { DIRECTORY_SECRET, directorySettings, passwordOf, slapdIsMissing, startSlapd } from '../accounts/slapd.js'
import { Caller } from '../harness/caller.js'
import { freshFolder } from '../harness/place.js'
import { ofProcess } from '../harness/proc.js'
import { Program } from '../harness/program.js'

const data = freshFolder(t)
const folder = freshFolder(t)
const { document } = validatePolicy(EXAMPLE_POLICY)
const plane = { ...document!, plane: { ...document!.plane, demo: true } }
for (const [file, text] of Object.entries(planeFiles(plane))) writeFileSync(join(folder, file), text)
const config = join(folder, 'mizani.yaml')
const redirect = 'http://127.0.0.1:9/sign-in'
const [provider, slapd] = await Promise.all([startProvider(t, { redirect }), slapdIsMissing ? null : startSlapd(t)])
const secrets = { OIDC_CLIENT_SECRET: CLIENT_SECRET, LDAP_PASSWORD: DIRECTORY_SECRET }
const settings = {
  webhooks: { allow: ['alarms.example.go.tz'] },
  http: { publicUrl: 'http://127.0.0.1:9' },
  oidc: provider.settings(),
  ldap: slapd && directorySettings(slapd.plain),
}
// JSON is YAML.
writeFileSync(config, JSON.stringify(settings))
const up = await new Program(['up', '--port', '0', '--plane', folder, '--config', config], t, {
  env: { MIZANI_DATA: data, ...secrets },
}).ready()

/** Starts beside it, each to be refused: what is started, its environment, what it says, its exit code. */
const refused = ((): [string, Program, RegExp, number][] => {
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Program =>
    new Program(args, t, { env: { MIZANI_DATA: freshFolder(t), ...env } })
  const away = 'redis://127.0.0.1:1'
  const port = new URL(up.url).port
  const isUsed = new RegExp(`in use by process ${up.child.pid}`)
  return [
    ['a busy port', start(['up', '--port', port, '--plane', folder]), /Cannot listen on/, 1],
    [
      'Redis out of reach at the first start',
      start(['controller', '--port', '0'], { REDIS_URL: away, RATES_REDIS_URL: away }),
      /127\.0\.0\.1:1 does not answer/,
      1,
    ],
    ['a plane that is not there', start(['up', '--port', '0', '--plane', '/nonexistent']), /nonexistent/, 1],
    ['an unknown setting', start(['up'], { MIZANI_COLOUR: 'blue' }), /MIZANI_COLOUR/, 2],
    ['a folder that another one uses', start(['up', '--port', '0'], { MIZANI_DATA: data }), isUsed, 1],
    ['one store only', start(['up'], { REDIS_URL: away }), /both/i, 2],
  ]
})()

t.test('who answers people comes behind the tick at the processor', async (t) => {
  const { pid } = up.child
  const niceOf = (thread: string): number => {
    const [, fields = ''] = ofProcess(pid!, `task/${thread}/stat`).split(') ')
    return Number(fields.split(' ')[16])
  }
  const all = readdirSync(`/proc/${pid}/task`).map(niceOf)
  const own = getPriority()
  // A sandbox may refuse it to all of them.
  t.equal(niceOf(String(pid)) > own, BEHIND > 0)
  t.ok(all.includes(own), all.join())
})

t.test('people of a directory and of a provider come in', { skip: slapdIsMissing }, async (t) => {
  await slapd?.group('auditors', 'neema')
  const token = readFileSync(join(data, 'cli-token'), 'utf8').trim()
  const env = { MIZANI_DATA: data, MIZANI_CONFIG: config, MIZANI_PASSWORD: passwordOf('neema') }
  const asNeema = new Program(['audit', 'list', '--as', 'neema', '--json'], t, { env })
  t.equal(await asNeema.ended, 0, asNeema.log())
  t.match(asNeema.log(), /take over an account/, 'a command runs as somebody of the directory, and the trail tells it')
  const doctor = new Program(['doctor'], t, { env: { ...env, ...secrets } })
  await doctor.ended
  t.match(doctor.log(), /good +provider +.* shows its keys/)
  t.match(doctor.log(), /good +directory +.* lets us search/)

  const machine = new Caller(() => up.url, token)
  t.strictSame(await machine.get('/v1/session/ways'), { provider: 'GovID', directory: true })
  const page = new Caller(() => up.url)
  const { url } = await page.post<{ url: string }>('/v1/session/provider', {})
  const query = new URL(await provider.visit(url)).search.slice(1)
  t.match(await page.post('/v1/session/provider/return', { query }), { actor: 'asha.mrema', via: 'oidc' })
})

interface Page<T> {
  readonly items: readonly T[]
}

/** What the description of the API shows of one operation. */
interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly example?: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> }
}

/** The request that an operation shows; null: it has an id that only the server makes. */
function shownRequest(name: string, { parameters = [], requestBody }: Described) {
  const [method = '', path = ''] = name.split(' ')
  const shown = (place: string): [string, string][] =>
    parameters.flatMap((one) => (one.in === place && one.example !== undefined ? [[one.name, one.example]] : []))
  const query = new URLSearchParams(shown('query'))
  const address = shown('path').reduce((so, [key, value]) => so.replace(`{${key}}`, value), path)
  if (address.includes('{')) return null
  const body = requestBody?.content['application/json']?.example
  return { method, path: query.size === 0 ? address : `${address}?${query}`, headers: shown('header'), body }
}

t.test('whatever request the description of the API shows is taken by a server of that plane', async (t) => {
  const machine = new Caller(() => up.url, readFileSync(join(data, 'cli-token'), 'utf8').trim())
  const person = new Caller(() => up.url)
  // The plane has guards: whoever administers does not audit.
  const auditor = new Caller(() => up.url)
  // Nor does any other role see prices.
  const finance = new Caller(() => up.url)
  // Nor does anybody but a member ask for an institution.
  const member = new Caller(() => up.url)
  const senders = { '/v1/audit': auditor, '/v1/ledger': finance, '/v1/requests': member }
  const send = (method: string, path: string, body?: unknown, more: readonly [string, string][] = []) => {
    const [, sender = person] = Object.entries(senders).find(([start]) => path.startsWith(start)) ?? []
    return sender.call(method, path, body, { headers: Object.fromEntries(more) })
  }
  const secret = readFileSync(join(data, 'first-sign-in'), 'utf8').trim().split('/').at(-1)
  const examples = examplesAt(Date.now())
  const signIn = examples['POST /v1/session']!.body as object
  t.equal((await send('POST', '/v1/session', { ...signIn, secret })).status, 201, 'whom the examples speak of')
  const audits = { id: 'mkaguzi', roles: ['auditor'], password: 'barua nne za zamani' }
  await person.post('/v1/users', audits)
  await auditor.post('/v1/session', { user: audits.id, password: audits.password })
  await auditor.post('/v1/me/password', { present: audits.password, password: 'maji ya kunde 1962' })
  const pays = { id: 'fedha', roles: ['finance'], password: 'barua tano za zamani' }
  await person.post('/v1/users', pays)
  await finance.post('/v1/session', { user: pays.id, password: pays.password })
  await finance.post('/v1/me/password', { present: pays.password, password: 'maji ya kunde 1963' })
  const speaks = { id: 'mwanachama', roles: ['member'], password: 'barua sita za zamani' }
  await person.post('/v1/users', { ...speaks, scope: { institutions: ['chuo-dodoma'], reads: 'scope' } })
  await member.post('/v1/session', { user: speaks.id, password: speaks.password })
  await member.post('/v1/me/password', { present: speaks.password, password: 'maji ya kunde 1964' })
  const isHeard = ({ edges }: { edges: { fresh: number } }): boolean => edges.fresh >= 1
  await machine.until('/v1/status', isHeard, 'every edge has reported')

  const { paths } = await person.get<{ paths: Record<string, Record<string, Described>> }>('/openapi.json')
  // What nobody can know beforehand: a secret that was just made, the hash of an entry.
  const known = new Map<string, () => Promise<object>>()
  const totp = new TOTP({})
  known.set('POST /v1/me/factors/totp/confirm', async () => {
    const { secret } = await person.post<{ secret: string }>('/v1/me/factors/totp', {})
    totp.secret = Secret.fromBase32(secret)
    return { code: totp.generate() }
  })
  // One that is taken already is not taken again; that of the next step is.
  known.set('POST /v1/session/factor', async () => ({ code: totp.generate({ timestamp: Date.now() + 30_000 }) }))
  const made: string[] = []
  for (const name of Object.keys(examples)) {
    const [method = '', path = ''] = name.split(' ')
    const request = shownRequest(name, paths[path]![method.toLowerCase()]!)
    if (request === null) {
      made.push(name)
      continue
    }
    const { body } = request
    const sent = known.has(name) ? { ...(body as object), ...(await known.get(name)!()) } : body
    const { status, body: answer } = await send(request.method, request.path, sent, request.headers)
    // Its months before this one had no policy.
    if (name.startsWith('POST /v1/policy/store/')) {
      t.match(answer, { status: name.endsWith('/keep') ? 404 : 403, detail: /has lost nothing|approver/ })
    } else if (name === 'POST /v1/ledger/prices/approve')
      t.match(answer, { status: 404, detail: /No price book waits/ })
    else if (name === 'POST /v1/ledger/{month}/close')
      t.match(answer, { status: 412, detail: /it is before the policy/ })
    else t.ok(status >= 200 && status < 300, `${name}: ${status} ${JSON.stringify(answer).slice(0, 300)}`)
    if (name === 'POST /v1/edges/{id}/account') {
      const { token } = answer as { token: string }
      known.set('POST /v1/edges/{id}/credentials', async () => ({ token }))
    }
    if (name === 'PATCH /v1/users/{id}')
      known.set('POST /v1/audit/trim', async () => {
        type Entries = Page<{ n: number; hash: string }> & { readonly receipt: string }
        const { items, receipt } = await auditor.get<Entries>('/v1/audit?order=oldest&pageSize=1000')
        return { through: { n: items[0]!.n, hash: items[0]!.hash }, receipt }
      })
  }
  t.strictSame(made, ['POST /v1/alarms/{id}/acknowledge'])
  const isThere = ({ items }: Page<{ id: string }>): boolean => items.length > 0
  const [alarm] = (await person.until('/v1/alarms', isThere, 'the cut that was shown is an alarm')).items
  const acknowledge = paths['/v1/alarms/{id}/acknowledge']!.post!.requestBody!.content['application/json']!.example
  const { status: taken } = await send('POST', `/v1/alarms/${alarm!.id}/acknowledge`, acknowledge)
  t.ok(taken >= 200 && taken < 300, `the only request whose id the server makes: ${taken}`)
  const bodies = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) =>
      requestBody === undefined ? [] : [`${method.toUpperCase()} ${path}`],
    ),
  )
  // An edge's own software sends this, a device with a key, and a browser on its way: all have tests of their own.
  const untold = bodies.filter((name) => examples[name]?.body === undefined)
  const devices = ['POST /v1/session/passkey', 'POST /v1/me/factors/passkeys']
  const travels = ['POST /v1/session/provider', 'POST /v1/session/provider/return']
  t.strictSame(untold.sort(), ['POST /v1/edges/{id}/reports', ...devices, ...travels].sort())

  type Told = { action: string; subject: string; outcome: string }
  const trail = (await auditor.get<Page<Told>>('/v1/audit?pageSize=1000')).items.filter((e) => e.outcome === 'done')
  t.strictSame(
    trail.filter(({ subject }) => subject === ''),
    [],
    'the trail says of each what it was done to',
  )
})

t.test('the trail finds what was done to an institution, whichever way, and who was alone', async (t) => {
  const machine = new Caller(() => up.url, readFileSync(join(data, 'cli-token'), 'utf8').trim())
  const institution = 'chuo-dodoma'
  const path = `/v1/policy/institutions/${institution}`
  const pointer = `/institutions/${institution}/labels/asked`
  const because = (way: string) => `reason=${encodeURIComponent(way)}`
  const part = await machine.call('GET', path)
  const labelled = (asked: string) => ({ ...(part.body as object), labels: { asked } })
  const done = (answer: { status: number; body: unknown }, what: string) =>
    t.ok(answer.status < 300, `${what}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`)

  done(await machine.call('PUT', `${path}?${because('a part')}`, labelled('1'), { etag: part.etag }), 'a part')
  const whole = await machine.call('GET', '/v1/policy')
  const { institutions, ...rest } = whole.body as { institutions: object }
  const policy = { ...rest, institutions: { ...institutions, [institution]: labelled('2') } }
  done(await machine.call('PUT', `/v1/policy?${because('the whole')}`, policy, { etag: whole.etag }), 'the whole')
  const csv = `id,region\r\n${institution},mbeya\r\n`
  done(await machine.call('POST', `/v1/policy/import/institutions?${because('a sheet')}`, { csv }), 'a sheet')
  const changes = [{ pointer, after: '3' }]
  const { id } = await machine.post<{ id: string }>(`/v1/proposals?${because('a proposal')}`, { changes })
  done(await machine.call('POST', `/v1/proposals/${id}/commit`, {}), 'its commit')
  const { revision } = await machine.get<{ revision: number }>('/v1/status')
  const back = `/v1/policy/revisions/${revision - 1}/rollback?${because('back')}`
  done(await machine.call('POST', back, {}), 'a rollback')
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const patch = { on: { institution }, ceilings: { internet: '90Mbps' } }
  const override = await machine.post<{ id: string }>('/v1/overrides', { patch, until, reason: 'an override' })
  await machine.delete(`/v1/overrides/${override.id}`)

  const auditor = new Caller(() => up.url)
  await auditor.post('/v1/session', { user: 'mkaguzi', password: 'maji ya kunde 1962' })
  const own = { user: 'mkaguzi', name: 'a list', roles: ['auditor'], expires: until }
  const { token } = await auditor.post<{ token: string }>('/v1/tokens', own)
  type Told = { action: string; subject: string; after: { secondPerson?: string | null } }
  const found = async (query: string): Promise<readonly Told[]> =>
    (await auditor.get<Page<Told>>(`/v1/audit?subject=${institution}&order=oldest${query}`)).items
  const ways = [
    ...[
      'PUT /v1/policy/:collection/:id',
      'PUT /v1/policy',
      'POST /v1/policy/import/institutions',
      'POST /v1/proposals',
    ],
    ...['POST /v1/proposals/:id/commit', 'POST /v1/policy/revisions/:n/rollback'],
    ...['POST /v1/overrides', 'DELETE /v1/overrides/:id'],
  ]
  const since = (entries: readonly Told[]): string[] => entries.map(({ action }) => action).slice(-ways.length)
  t.strictSame(since(await found('')), ways)
  const alone = ways.filter((way) => way !== 'POST /v1/proposals')
  t.strictSame((await found('&alone=true')).map(({ action }) => action).slice(-alone.length), alone)
  t.strictSame((await found(`&alone=true&q=proposals`)).length, 1)
  const env = { MIZANI_URL: up.url, MIZANI_TOKEN: token }
  const listed = new Program(['audit', 'list', '--subject', institution, '--alone'], t, { env })
  t.equal(await listed.ended, 0)
  t.match(listed.log(), /POST \/v1\/overrides of ov-[^ ]+, chuo-dodoma, by one person alone: an override/)
})

t.test('what cannot start says why, in a sentence', async (t) => {
  for (const [what, program, says, exit] of refused) {
    t.equal(await program.ended, exit, `${what}: exit code`)
    t.match(program.log(), says, what)
    t.notMatch(program.log(), /\n\s+at .*:\d+/, `${what}: no stack trace`)
  }
})
