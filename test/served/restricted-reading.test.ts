// Restricted institutions are a sum to whoever only looks around: every address of the API that is read, as JSON and as
// a sheet, every page of the console and the stream of events, against a running product with something of everything
// in it. Somebody who is cleared asks the same, so that it is known what there would have been to see.

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

const OPEN = ['zahanati-moja', 'zahanati-mbili']
const SECRET = ['idara-ya-kwanza', 'benki-ya-siri', 'ngome']
const NAMES = ['High Bureau of Somewhere', 'Secret Bank', 'The Citadel']
const CLOSED = ['kambi-ya-zamani', 'Old Camp']
const PROPOSED = ['ubalozi-mpya', 'New Embassy']
const HIDDEN = new RegExp([...SECRET, ...NAMES, ...CLOSED, ...PROPOSED].join('|').replaceAll('-', '[- ]'), 'i')

const both = (text: string) => ({ en: text, sw: text })
const {
  envelope: _,
  ceilings: __,
  ...institution
} = (EXAMPLE_POLICY.institutions as Record<string, Record<string, unknown>>)['chuo-dodoma']!
const body = (name: string, region: string, restricted = false) => ({
  ...{ ...institution, name: both(name), region },
  ...(restricted ? { restricted } : {}),
})
const site = (institution: string, n: number) => ({
  ...{ institution, edge: 'dodoma-1', prefixes: [`10.20.${n}.0/24`], access: '100Mbps' },
})
const { document, faults } = validatePolicy({
  ...EXAMPLE_POLICY,
  ...{ guards: {}, tests: {} },
  institutions: {
    ...(EXAMPLE_POLICY.institutions as object),
    ...Object.fromEntries(OPEN.map((id) => [id, body(`Dispensary ${id}`, 'dodoma')])),
    [OPEN[1]!]: { ...body(`Dispensary ${OPEN[1]}`, 'dodoma'), from: ['ngome'], labels: { next: 'to the Secret Bank' } },
    ...Object.fromEntries(SECRET.map((id, k) => [id, body(NAMES[k]!, 'mbeya', true)])),
  },
  former: { ...(EXAMPLE_POLICY.former as object), [CLOSED[0]!]: { name: both(CLOSED[1]!), restricted: true } },
  sites: {
    ...(EXAMPLE_POLICY.sites as object),
    ...Object.fromEntries([...OPEN, ...SECRET].map((id, k) => [`${id}.office`, site(id, k)])),
    // Nobody's line is told by its name alone.
    posta: site(SECRET[1]!, 50),
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

/** A token of an account with these roles. */
async function reader(id: string, roles: readonly string[], scope: object | null = null) {
  await machine.post('/v1/users', { id, roles, scope, password: null })
  const { token } = await machine.post<{ token: string }>('/v1/tokens', {
    user: id,
    name: 'x',
    roles,
    expires: IN_AN_HOUR,
  })
  return new Caller(url, token)
}

await machine.until<{ edges: { fresh: number } }>('/v1/status', ({ edges }) => edges.fresh >= 1, 'an edge is heard')
const viewer = await reader('viewer', ['viewer'])
const cleared = await reader('cleared', ['planner'])
const dodoma = await reader('dodoma', ['operator', 'engineer'], { regions: ['dodoma'] })
const mbeya = await reader('mbeya', ['operator', 'engineer'], { regions: ['mbeya'] })

t.test('something of everything happens to them', async (t) => {
  const why = 'the High Bureau of Somewhere asked, and ngome'
  const part = await machine.call('GET', '/v1/policy/institutions/ngome')
  const changed = { ...(part.body as object), tier: 'hospital' }
  const put = `/v1/policy/institutions/ngome?reason=${encodeURIComponent(why)}&confirmWithin=0`
  t.equal((await machine.call('PUT', put, changed, { etag: part.etag })).status, 200)
  const hour = { until: IN_AN_HOUR, reason: why }
  for (const id of [SECRET[0], OPEN[0]])
    await machine.post('/v1/overrides', { ...hour, patch: { on: { institution: id }, tier: 'hospital' } })
  for (const link of ['transit-a', 'transit-b'])
    await machine.post('/v1/overrides', { ...hour, reason: 'works', patch: { on: { link }, factor: 0.003 } })
  const document = await machine.get<{ institutions: Record<string, object> }>('/v1/policy')
  document.institutions[SECRET[1]!] = { ...document.institutions[SECRET[1]!], tier: 'hospital' }
  await machine.post(`/v1/proposals?reason=${encodeURIComponent(why)}`, document)
  const more = await machine.get<{ institutions: Record<string, object>; sites: Record<string, object> }>('/v1/policy')
  more.institutions[PROPOSED[0]!] = body(PROPOSED[1]!, 'mbeya', true)
  more.sites[`${PROPOSED[0]}.office`] = site(PROPOSED[0]!, 77)
  await machine.post(`/v1/proposals?reason=${encodeURIComponent(`for ${PROPOSED.join(', ')}`)}`, more)
  await machine.call('POST', '/v1/links/dodoma-mbeya/state', { state: 'down', ttl: 600, event: 'e', reason: why })
  type Alarms = { items: { code: string }[] }
  await machine.until<Alarms>('/v1/alarms', ({ items }) => items.length > 1, 'there are alarms')
  const explain = `/v1/institutions/${OPEN[0]}/explain`
  const isLink = ({ limitedBy }: { limitedBy: { code: string } }): boolean => limitedBy.code === 'LINK'
  await machine.until(explain, isLink, 'who shares a short link is told by name')
})

const ids = async (list: string): Promise<string[]> =>
  (await machine.get<{ items: { id: string }[] }>(list)).items.map(({ id }) => id)

/** Addresses that are read, with something in every place. */
async function addresses(): Promise<string[]> {
  const { paths } = await machine.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')
  const reads = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []))
  const places: Readonly<Record<string, readonly string[]>> = {
    '/v1/institutions/{id}': [OPEN[0]!, SECRET[0]!, CLOSED[0]!],
    '/v1/links/{id}': [
      ...['transit-a.down', 'dodoma-mbeya.down', `access.${OPEN[0]}.office.down`],
      ...[`access.${SECRET[0]}.office.down`, 'access.posta.up'],
    ],
    '/v1/edges/{id}': ['dodoma-1', 'mbeya-1'],
    '/v1/alarms/{id}': await ids('/v1/alarms'),
    '/v1/proposals/{id}': await ids('/v1/proposals'),
    '/v1/overrides/{id}': await ids('/v1/overrides'),
    '/v1/policy/revisions/{n}': ['1', '2'],
    '/v1/ledger/{month}': [new Date().toISOString().slice(0, 7)],
  }
  return reads.flatMap((path) => {
    // A stream has a test of its own below; the description of the API says nothing of anybody.
    if (path === '/v1/events' || /^\/(?:openapi|docs)/.test(path)) return []
    if (path === '/v1/policy/{collection}/{id}') {
      const parts = [...OPEN, ...SECRET].map((id) => `institutions/${id}`)
      const lines = [...SECRET.map((id) => `sites/${id}.office`), 'sites/posta']
      return [...parts, ...lines, `former/${CLOSED[0]}`, 'tiers/basic'].map((part) => `/v1/policy/${part}`)
    }
    const [start = '', known] = Object.entries(places).find(([place]) => path.startsWith(place)) ?? []
    const filled = (known ?? ['x']).map((one) =>
      start === '' ? path : path.replace(start, start.replace(/\{\w+\}/, one)),
    )
    if (path.endsWith('/diff')) return filled.map((one) => `${one}?against=1`)
    if (path.endsWith('/rendered')) return filled.map((one) => `${one}?for=ios-xe&port=Gi1`)
    if (path.endsWith('/explain')) return filled.flatMap((one) => [one, `${one}?lang=sw`])
    if (path === '/v1/figures') return [`${path}?service=internet&direction=down`]
    if (path === '/v1/institutions') return [path, `${path}?q=siri`, `${path}?q=10.20.3.7`, `${path}?limitedBy=LINK`]
    return filled
  })
}

t.test('no answer to who only looks around names a restricted institution', async (t) => {
  const told: string[] = []
  const isWhole = /metrics|export|rendered/
  for (const path of await addresses())
    for (const accept of isWhole.test(path) ? ['*/*'] : ['application/json', 'text/csv']) {
      const look = (who: Caller) => who.call('GET', path, undefined, { headers: { accept } })
      const [all, ...some] = await Promise.all([look(cleared), look(viewer), look(dodoma)])
      const whole = JSON.stringify(all.body)
      for (const [k, name] of ['viewer', 'dodoma'].entries()) {
        const seen = some[k]!
        const text = JSON.stringify(seen.body)
        t.notOk(seen.status >= 500, `${name} ${path} ${accept}: ${seen.status}`)
        if ([...SECRET, CLOSED[0]!, 'posta'].some((id) => path.includes(id))) {
          t.equal(seen.status, accept === 'text/csv' && seen.status === 406 ? 406 : 404, `${name} ${path} ${accept}`)
          continue
        }
        const leak = HIDDEN.exec(text)
        if (leak === null) continue
        t.fail(`${name} ${path} ${accept}: ${text.slice(Math.max(0, leak.index - 200), leak.index + 80)}`)
      }
      if (HIDDEN.test(whole)) told.push(path)
    }
  t.ok(new Set(told).size >= 15, `what there was to see: ${told.join(', ')}`)
})

t.test('nor does a page of the machine itself, or what scrapes it', async (t) => {
  const text = await (await fetch(`${url()}/metrics`)).text()
  t.match(text, /mizani_link_load_bits_per_second\{link="transit-a"/)
  t.match(text, `link="access.${OPEN[0]}.office"`)
  t.notMatch(text, HIDDEN)
  t.notMatch(text, /access\.posta/)
  t.match(String((await machine.call('GET', '/metrics', undefined, { headers: { accept: '*/*' } })).body), HIDDEN)
})

/** Somebody who reads pages, with a password of their own choice. */
async function person(id: string, roles: readonly string[]): Promise<Caller> {
  const [given, own] = ['maji ya kunde 1961', 'mvua za masika 1964']
  await machine.post('/v1/users', { id, name: id, roles, scope: null, password: given })
  const browser = new Caller(url)
  await browser.post('/v1/session', { user: id, password: given })
  await browser.post('/v1/me/password', { present: given, password: own })
  await browser.post('/v1/session', { user: id, password: own })
  return browser
}

t.test('names are told of whom one sees, and of nobody else, be they there or closed', async (t) => {
  const hidden = [...SECRET.map((id) => `institutions/${id}`), `former/${CLOSED[0]}`]
  const asked = [`institutions/${OPEN[0]}`, ...hidden, 'tiers/basic'].join()
  type Named = { items: { id: string }[] }
  const seenBy = async (who: Caller): Promise<string[]> =>
    (await who.get<Named>(`/v1/names?of=${asked}`)).items.map(({ id }) => id)
  t.same(await seenBy(cleared), [OPEN[0], ...SECRET, CLOSED[0], 'basic'])
  for (const who of [viewer, dodoma]) t.same(await seenBy(who), [OPEN[0], 'basic'])
})

t.test('no page that the server writes for them names one either', async (t) => {
  const [asha, juma] = [await person('asha', ['viewer']), await person('juma', ['planner'])]
  const places: Readonly<Record<string, readonly string[]>> = {
    '/institutions/:id': [...OPEN, ...SECRET, 'restricted'],
    '/links/:id': ['transit-a', 'dodoma-mbeya', `access.${OPEN[0]}.office`, 'access.posta'],
    '/edges/:id': ['dodoma-1', 'mbeya-1'],
    '/alarms/:id': await ids('/v1/alarms'),
    '/proposals/:id': await ids('/v1/proposals'),
    '/policy/revisions/:n': ['1', '2'],
    '/policy/:collection': ['institutions', 'sites', 'former', 'tiers'],
    '/policy/:collection/:id': ['tiers/basic', `institutions/${OPEN[0]}`, `institutions/${SECRET[0]}`],
    '/people/:id': ['asha'],
    '/ledger/:month': [new Date().toISOString().slice(0, 7)],
  }
  const told: string[] = []
  for (const pattern of (await readConsole()).server.patterns) {
    const start = pattern.replace(/:.*/, '')
    for (const place of places[pattern] ?? (pattern.includes(':') ? [] : [''])) {
      const path = pattern.includes(':') ? start + place : pattern
      const look = (who: Caller) => who.call('GET', path, undefined, { headers: { accept: 'text/html' } })
      const [seen, whole] = await Promise.all([look(asha), look(juma)])
      // An address that was typed stands in the page, whoever has it.
      const text = SECRET.includes(place.split('/').at(-1)!) ? '' : String(seen.body)
      const leak = HIDDEN.exec(text)
      if (leak !== null) t.fail(`${path}: ${text.slice(Math.max(0, leak.index - 200), leak.index + 80)}`)
      if (HIDDEN.test(String(whole.body))) told.push(path)
    }
  }
  t.ok(told.length >= 8, `what there was to see: ${told.join(', ')}`)
  const list = String((await asha.call('GET', '/institutions', undefined, { headers: { accept: 'text/html' } })).body)
  t.match(list, /Restricted institutions \(3\)/)
  t.notMatch(list, 'href="/institutions/restricted')
})

t.test('who is cleared, or has them in their scope, sees them as any other', async (t) => {
  type Rows = { items: { id: string; name: { en: string } }[] }
  const seenBy = async (who: Caller) => (await who.get<Rows>('/v1/institutions')).items.map(({ id }) => id)
  const all = [...Object.keys(document.institutions)].sort()
  const sum = all.filter((id) => !SECRET.includes(id))
  for (const who of [cleared, machine, mbeya]) t.same(await seenBy(who), all)
  for (const who of [viewer, dodoma]) t.same(await seenBy(who), [...sum, 'restricted'])
  for (const role of ['operator', 'engineer', 'auditor', 'finance'])
    t.same(await seenBy(await reader(`one-${role}`, [role])), all, role)
  const refused = await (await reader('scoped-auditor', ['auditor'], { regions: ['dodoma'] })).call('GET', '/v1/audit')
  t.equal(refused.status, 403, 'the trail cannot be shown in part')
})

t.test('an event names none', async (t) => {
  const stop = new AbortController()
  const { body: events } = await fetch(`${url()}/v1/events`, { headers: viewer.headers, signal: stop.signal })
  let text = ''
  const reading = (async () => {
    for await (const chunk of events!) text += Buffer.from(chunk).toString()
  })().catch(() => undefined) // it is ended below
  const hour = { until: IN_AN_HOUR, reason: 'x' }
  for (const id of [SECRET[2], OPEN[1]])
    await machine.post('/v1/overrides', { ...hour, patch: { on: { institution: id }, tier: 'hospital' } })
  await until(() => text.includes(OPEN[1]!), 'what is open is told', 20)
  t.notMatch(text, HIDDEN)
  stop.abort()
  await reading
})
