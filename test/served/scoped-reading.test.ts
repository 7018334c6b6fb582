// Whoever reads within a scope sees nothing of other institutions: every address of the API that is read, as JSON and
// as a sheet, every page of the console, what a try answers, and the stream of events, against a running product with
// something of everything in it. Somebody who reads everything asks the same, so that it is known what there would have
// been to see.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readConsole } from '../../src/api/console.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { Caller } from '../harness/caller.js'
import { freshFolder } from '../harness/place.js'
import { Program } from '../harness/program.js'
import { until } from '../harness/until.js'

const OWN = ['zahanati-moja', 'zahanati-mbili']
const FOREIGN = ['mahakama-kuu', 'benki-ya-siri', 'nida']
const NAMES = ['High Court of Somewhere', 'Secret Bank', 'Identity Authority']
const CLOSED = ['shule-ya-zamani', 'Old School']
/** It was in the policy once, and nothing says so any more. */
const GONE = 'wakala-osha'
const PROPOSED = ['ubalozi-mpya', 'New Embassy']
const SEEN = new RegExp(
  [...FOREIGN, ...NAMES, ...CLOSED, GONE, ...PROPOSED, 'hosp-mbeya', 'Referral'].join('|').replaceAll('-', '[- ]'),
  'i',
)

const both = (text: string) => ({ en: text, sw: text })
const {
  envelope: _,
  ceilings: __,
  ...institution
} = (EXAMPLE_POLICY.institutions as Record<string, Record<string, unknown>>)['chuo-dodoma']!
const body = (name: string, region: string) => ({ ...institution, name: both(name), region })
const site = (institution: string, n: number) => ({
  ...{ institution, edge: 'dodoma-1', prefixes: [`10.20.${n}.0/24`], access: '100Mbps' },
})
const { document, faults } = validatePolicy({
  ...EXAMPLE_POLICY,
  ...{ guards: {}, tests: {} },
  institutions: {
    ...(EXAMPLE_POLICY.institutions as object),
    ...Object.fromEntries(OWN.map((id) => [id, body(`Dispensary ${id}`, 'dodoma')])),
    [OWN[1]!]: { ...body(`Dispensary ${OWN[1]}`, 'dodoma'), from: ['nida'] },
    [GONE]: body('Safety Agency', 'mbeya'),
    ...Object.fromEntries(FOREIGN.map((id, k) => [id, body(NAMES[k]!, 'mbeya')])),
  },
  sites: {
    ...(EXAMPLE_POLICY.sites as object),
    ...Object.fromEntries([...OWN, ...FOREIGN, GONE].map((id, k) => [`${id}.office`, site(id, k)])),
  },
})
if (document === null) throw new Error(JSON.stringify(faults))
const folder = freshFolder(t)
const data = freshFolder(t)
const edges = { ...document.edges, 'dodoma-1': { ...document.edges['dodoma-1']!, enforcement: 'enforce' as const } }
const plane = { ...document, edges, plane: { ...document.plane, demo: true } }
for (const [file, text] of Object.entries(planeFiles(plane))) writeFileSync(join(folder, file), text)
const up = await new Program(['up', '--port', '0', '--plane', folder], t, { env: { MIZANI_DATA: data } }).ready()
const url = () => up.url
const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString()
const machine = new Caller(url, readFileSync(join(data, 'cli-token'), 'utf8').trim())

/** A token of an account, with every role that looks and may try something. */
async function reader(id: string, reads: 'all' | 'scope') {
  const budget = { tiers: ['basic', 'hospital'], guarantee: 1e9, ceiling: 1e9 }
  const scope = { regions: ['dodoma'], reads, budget }
  await machine.post('/v1/users', { id, roles: ['operator', 'engineer'], scope, password: null })
  const wanted = { user: id, name: 'x', roles: ['operator', 'engineer'], expires: IN_AN_HOUR }
  const { token } = await machine.post<{ token: string }>('/v1/tokens', wanted)
  return new Caller(url, token)
}

await machine.until<{ edges: { fresh: number } }>('/v1/status', ({ edges }) => edges.fresh >= 1, 'an edge is heard')
const within = await reader('within', 'scope')
const all = await reader('everywhere', 'all')

t.test('something of everything happens to others', async (t) => {
  const why = 'the High Court of Somewhere asked, and nida'
  const part = await machine.call('GET', '/v1/policy/institutions/nida')
  const changed = { ...(part.body as object), tier: 'hospital' }
  const put = `/v1/policy/institutions/nida?reason=${encodeURIComponent(why)}&confirmWithin=0`
  t.equal((await machine.call('PUT', put, changed, { etag: part.etag })).status, 200)
  const left = await machine.call('GET', '/v1/policy')
  const { institutions, sites, ...rest } = left.body as Record<'institutions' | 'sites', Record<string, object>>
  const without = (known: Record<string, object>, gone: string) =>
    Object.fromEntries(Object.entries(known).filter(([id]) => id !== gone))
  const smaller = { ...rest, institutions: without(institutions, GONE), sites: without(sites, `${GONE}.office`) }
  const closing = `/v1/policy?reason=${encodeURIComponent(`${GONE} closes`)}&confirmWithin=0`
  t.equal((await machine.call('PUT', closing, smaller, { etag: left.etag })).status, 200)
  const hour = { until: IN_AN_HOUR, reason: why }
  for (const id of [FOREIGN[0], OWN[0]])
    await machine.post('/v1/overrides', { ...hour, patch: { on: { institution: id }, tier: 'hospital' } })
  for (const link of ['transit-a', 'transit-b'])
    await machine.post('/v1/overrides', { ...hour, reason: 'works', patch: { on: { link }, factor: 0.003 } })
  const other = { on: { link: 'dodoma-mbeya' }, factor: 0.9 }
  await machine.post('/v1/overrides', { ...hour, reason: 'on mizani-nida-internet', patch: other })
  const document = await machine.get<{ institutions: Record<string, object> }>('/v1/policy')
  document.institutions[FOREIGN[1]!] = { ...document.institutions[FOREIGN[1]!], tier: 'hospital' }
  await machine.post(`/v1/proposals?reason=${encodeURIComponent(why)}`, document)
  const more = await machine.get<{ institutions: Record<string, object>; sites: Record<string, object> }>('/v1/policy')
  more.institutions[PROPOSED[0]!] = body(PROPOSED[1]!, 'mbeya')
  more.sites[`${PROPOSED[0]}.office`] = site(PROPOSED[0]!, 77)
  await machine.post(`/v1/proposals?reason=${encodeURIComponent(`for ${PROPOSED.join(', ')}`)}`, more)
  await machine.call('POST', '/v1/links/dodoma-mbeya/state', { state: 'down', ttl: 600, event: 'e', reason: why })
  type Alarms = { items: { code: string }[] }
  await machine.until<Alarms>('/v1/alarms', ({ items }) => items.length > 1, 'there are alarms')
  const explain = `/v1/institutions/${OWN[0]}/explain`
  const isLink = ({ limitedBy }: { limitedBy: { code: string } }): boolean => limitedBy.code === 'LINK'
  await machine.until(explain, isLink, 'who shares a short link is told by name')
})

/** Addresses that are read, with something in every place; `null` in the list of those that answer for themselves. */
async function addresses(): Promise<string[]> {
  const { paths } = await machine.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')
  const reads = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []))
  const own = OWN[0]!
  const overrides = await machine.get<{ items: { id: string }[] }>('/v1/overrides')
  const proposals = await machine.get<{ items: { id: string }[] }>('/v1/proposals')
  const alarms = await machine.get<{ items: { id: string }[] }>('/v1/alarms')
  const ids = (rows: { items: { id: string }[] }) => rows.items.map(({ id }) => id)
  const places: Readonly<Record<string, readonly string[]>> = {
    '/v1/institutions/{id}': [own, FOREIGN[0]!],
    '/v1/links/{id}': [
      ...['transit-a.down', 'dodoma-mbeya.down', `access.${OWN[0]}.office.down`],
      ...[`access.${FOREIGN[0]}.office.down`, `access.${GONE}.office.down`],
    ],
    '/v1/edges/{id}': ['dodoma-1', 'mbeya-1'],
    '/v1/alarms/{id}': ids(alarms),
    '/v1/proposals/{id}': ids(proposals),
    '/v1/overrides/{id}': ids(overrides),
    '/v1/policy/revisions/{n}': ['1', '2', '3'],
  }
  return reads.flatMap((path) => {
    // A stream has a test of its own below; the description of the API says nothing of anybody.
    if (path === '/v1/events' || /^\/(?:openapi|docs)/.test(path)) return []
    if (path === '/v1/policy/{collection}/{id}') {
      const parts = [...OWN, ...FOREIGN].map((id) => `institutions/${id}`)
      return [...parts, ...FOREIGN.map((id) => `sites/${id}.office`), 'former/shule-ya-zamani', 'tiers/basic'].map(
        (part) => `/v1/policy/${part}`,
      )
    }
    const [start = '', known] = Object.entries(places).find(([place]) => path.startsWith(place)) ?? []
    const filled = (known ?? ['x']).map(
      (one) => `${start === '' ? path : path.replace(start, start.replace(/\{\w+\}/, one))}`,
    )
    if (path.endsWith('/diff')) return filled.map((one) => `${one}?against=1`)
    if (path.endsWith('/rendered')) return filled.map((one) => `${one}?for=ios-xe&port=Gi1`)
    if (path.endsWith('/explain')) return filled.flatMap((one) => [one, `${one}?lang=sw`])
    return filled
  })
}

t.test('no answer to a reader within a scope names somebody else’s institution', async (t) => {
  const asked = await addresses()
  const told: string[] = []
  for (const path of asked)
    for (const accept of /metrics|export|rendered/.test(path) ? ['*/*'] : ['application/json', 'text/csv']) {
      const look = (who: Caller) => who.call('GET', path, undefined, { headers: { accept } })
      const [seen, whole] = await Promise.all([look(within), look(all)])
      const text = JSON.stringify(seen.body)
      const asks = [...FOREIGN, CLOSED[0]!, GONE].some((id) => path.includes(id))
      if (asks) {
        t.equal(seen.status, accept === 'text/csv' && seen.status === 406 ? 406 : 404, `${path} ${accept}`)
        continue
      }
      const leaks = SEEN.exec(text)
      if (leaks !== null) t.fail(`${path} ${accept}: ${text.slice(Math.max(0, leaks.index - 200), leaks.index + 80)}`)
      if (SEEN.test(JSON.stringify(whole.body))) told.push(`${path} ${accept}`)
      t.notOk(seen.status >= 500, `${path} ${accept}: ${seen.status}`)
    }
  t.ok(new Set(told.map((one) => one.split(' ')[0])).size >= 15, `what there was to see: ${told.join(', ')}`)
})

/** Somebody who reads pages, with a password of their own choice. */
async function person(id: string, reads: 'all' | 'scope'): Promise<Caller> {
  const scope = { regions: ['dodoma'], reads }
  const [given, own] = ['maji ya kunde 1961', 'mvua za masika 1964']
  await machine.post('/v1/users', { id, name: id, roles: ['operator', 'engineer'], scope, password: given })
  const browser = new Caller(url)
  await browser.post('/v1/session', { user: id, password: given })
  await browser.post('/v1/me/password', { present: given, password: own })
  await browser.post('/v1/session', { user: id, password: own })
  return browser
}

t.test('no page that the server writes for a reader within a scope names one either', async (t) => {
  const [asha, juma] = [await person('asha', 'scope'), await person('juma', 'all')]
  const ids = async (list: string): Promise<string[]> =>
    (await machine.get<{ items: { id: string }[] }>(list)).items.map(({ id }) => id)
  const places: Readonly<Record<string, readonly string[]>> = {
    '/institutions/:id': OWN,
    '/links/:id': ['transit-a', 'dodoma-mbeya', `access.${OWN[0]}.office`],
    '/edges/:id': ['dodoma-1', 'mbeya-1'],
    '/alarms/:id': await ids('/v1/alarms'),
    '/proposals/:id': await ids('/v1/proposals'),
    '/policy/revisions/:n': ['2', '3'],
    '/policy/:collection': ['institutions', 'sites', 'former', 'tiers'],
    '/policy/:collection/:id': ['tiers/basic', `institutions/${OWN[0]}`],
    '/people/:id': ['asha'],
  }
  const told: string[] = []
  for (const pattern of (await readConsole()).server.patterns) {
    const start = pattern.replace(/:.*/, '')
    for (const place of places[pattern] ?? (pattern.includes(':') ? [] : [''])) {
      const path = pattern.includes(':') ? start + place : pattern
      const look = (who: Caller) => who.call('GET', path, undefined, { headers: { accept: 'text/html' } })
      const [seen, whole] = await Promise.all([look(asha), look(juma)])
      const leaks = SEEN.exec(String(seen.body))
      if (leaks !== null)
        t.fail(`${path}: ${String(seen.body).slice(Math.max(0, leaks.index - 200), leaks.index + 80)}`)
      t.equal(seen.status, 200, path)
      t.match(seen.body, /id="who">asha/, `${path} is theirs`)
      if (SEEN.test(String(whole.body))) told.push(path)
    }
  }
  t.ok(told.length >= 8, `what there was to see: ${told.join(', ')}`)
})

t.test('and they see all of their own', async (t) => {
  type Rows = { items: { id: string }[] }
  const mine = ['chuo-dodoma', ...OWN].sort()
  t.same(
    (await within.get<Rows>('/v1/institutions')).items.map(({ id }) => id),
    mine,
  )
  const policy = await within.get<{ institutions: object; sites: object; tiers: object }>('/v1/policy')
  t.same(Object.keys(policy.institutions).sort(), mine)
  t.same(Object.keys(policy.tiers).sort(), ['basic', 'hospital'], 'what is common stays')
  t.equal(Object.keys(policy.sites).length, 3)
  const [site] = (await within.get<{ sites: { id: string; prefixes: string[] }[] }>(`/v1/institutions/${OWN[0]}`)).sites
  t.match(site, { id: `${OWN[0]}.office`, prefixes: ['10.20.0.0/24'] })
  const edge = await within.get<{ sites: { institution: string }[] }>('/v1/edges/dodoma-1')
  t.same(edge.sites.map(({ institution }) => institution).sort(), mine)
  const explained = await within.get<{ sentence: { en: string }; sharers: object[] }>(
    `/v1/institutions/${OWN[0]}/explain`,
  )
  t.match(explained.sentence.en, /Dispensary zahanati-moja/)
  const overrides = await within.get<{ items: { patch: { on: object } }[] }>('/v1/overrides')
  t.same(
    overrides.items.map(({ patch }) => Object.keys(patch.on)[0]).sort(),
    ['institution', 'link', 'link', 'link'],
    'on their own, and on what is common',
  )
  const csv = await within.call('GET', '/v1/policy/export/institutions', undefined, { headers: { accept: 'text/csv' } })
  t.equal(String(csv.body).trim().split('\r\n').length, 3, 'a head and their rows, but for one that names others')
})

t.test('a try, a refusal and an event name nobody either', async (t) => {
  const part = await within.call('GET', `/v1/policy/institutions/${OWN[1]}`)
  const promoted = { ...(part.body as object), tier: 'hospital' }
  const tried = await within.call('PUT', `/v1/policy/institutions/${OWN[1]}?dryRun=true`, promoted, { etag: part.etag })
  t.equal(tried.status, 200, JSON.stringify(tried.body).slice(0, 300))
  const seen = await all.call('PUT', `/v1/policy/institutions/${OWN[1]}?dryRun=true`, promoted, { etag: part.etag })
  t.match(JSON.stringify(seen.body), SEEN, 'who would lose')
  t.notMatch(JSON.stringify(tried.body), SEEN)
  // Not theirs to change, also not into what it is: it would say that they have guessed right.
  const theirs = await machine.get<{ tier: string }>(`/v1/policy/institutions/${FOREIGN[0]}`)
  const guess = [{ pointer: `/institutions/${FOREIGN[0]}/tier`, after: theirs.tier }]
  const long = [...Array(1_500).fill(guess[0]), { pointer: `/institutions/${OWN[0]}/tier`, after: 'basic' }]
  const csv = `id,tier\r\n${FOREIGN[0]},${theirs.tier}\r\n`
  for (const answer of [
    await within.call('PUT', `/v1/policy/institutions/${FOREIGN[0]}?reason=x`, theirs),
    await within.call('POST', '/v1/policy/preview', { changes: guess }),
    await within.call('POST', '/v1/policy/preview', { changes: long }),
    await within.call('POST', '/v1/proposals?reason=x', { changes: guess }),
    await within.call('POST', '/v1/policy/import/institutions?dryRun=true', { csv }),
  ])
    t.equal(answer.status, 403, JSON.stringify(answer.body))
  const same = [{ pointer: `/institutions/${OWN[0]}/tier`, after: 'basic' }]
  t.equal((await within.call('POST', '/v1/policy/preview', { changes: same })).status, 200, 'their own they may')
  // What somebody proposes for a site of theirs leaves them the site.
  const proposed = await machine.get<{ sites: Record<string, object> }>('/v1/policy')
  const office = `${OWN[1]}.office`
  proposed.sites[office] = { ...proposed.sites[office], prefixes: ['10.21.0.0/24'] }
  await machine.post('/v1/proposals?reason=another+network', proposed)
  t.equal((await within.call('GET', `/v1/policy/sites/${office}`)).status, 200)
  const whatIf = await within.call('POST', `/v1/institutions/${OWN[0]}/what-if`, { tier: 'hospital' })
  t.notMatch(JSON.stringify(whatIf.body), SEEN)
  t.equal((await within.call('POST', `/v1/institutions/${FOREIGN[0]}/what-if`, { tier: 'hospital' })).status, 404)
  // What they read back whole would take all others away; the refusal says how many, not who.
  const whole = await within.call('GET', '/v1/policy')
  const refused = await within.call('PUT', '/v1/policy?reason=x', whole.body, { etag: whole.etag })
  t.equal(refused.status, 403)
  t.notMatch(JSON.stringify(refused.body), SEEN)

  const stop = new AbortController()
  const { body: events } = await fetch(`${url()}/v1/events`, { headers: within.headers, signal: stop.signal })
  let text = ''
  const reading = (async () => {
    for await (const chunk of events!) text += Buffer.from(chunk).toString()
  })().catch(() => undefined) // it is ended below
  const hour = { until: IN_AN_HOUR, reason: 'x' }
  for (const id of [FOREIGN[2], OWN[1]])
    await machine.post('/v1/overrides', { ...hour, patch: { on: { institution: id }, tier: 'hospital' } })
  await until(() => text.includes(OWN[1]!), 'their own is told', 20)
  t.notMatch(text, SEEN)
  stop.abort()
  await reading
})
