// A running product in which something of everything happens to institutions that not everybody may see: restricted
// ones, which are a sum to whoever only looks around, and those of another region, of which whoever reads within a
// scope sees nothing.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readConsole } from '../../src/api/console.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { Caller } from '../harness/caller.js'
import { freshFolder } from '../harness/place.js'
import { Program } from '../harness/program.js'

/** In Dodoma, and seen by all. */
export const OPEN = ['zahanati-moja', 'zahanati-mbili'] as const
/** In Mbeya: restricted, and not. */
export const SECRET = ['idara-ya-kwanza', 'benki-ya-siri', 'ngome'] as const
export const FOREIGN = ['mahakama-kuu', 'benki-ya-watu', 'nida'] as const
/** Closed: restricted, and not. */
export const CLOSED = 'kambi-ya-zamani'
const LEFT = 'shule-ya-zamani'
/** It was in the policy once, and nothing says so any more. */
export const GONE = 'wakala-osha'
/** Proposed: restricted, and not. */
const PROPOSED = ['ubalozi-mpya', 'kituo-kipya'] as const
/** A site of a restricted institution that is not named after it: nobody's line is told by its name alone. */
export const LINE = 'posta'

const SECRET_NAMES = ['High Bureau of Somewhere', 'Secret Bank', 'The Citadel']
const FOREIGN_NAMES = ['High Court of Somewhere', 'Bank of the People', 'Identity Authority']
const PROPOSED_NAMES = ['New Embassy', 'New Station']
const pattern = (words: readonly string[]) => new RegExp(words.join('|').replaceAll('-', '[- ]'), 'i')
const hidden = [...SECRET, ...SECRET_NAMES, CLOSED, 'Old Camp', PROPOSED[0], PROPOSED_NAMES[0]!]
const foreign = [...FOREIGN, ...FOREIGN_NAMES, LEFT, 'Old School', GONE, PROPOSED[1], PROPOSED_NAMES[1]!]
/** What tells of restricted institutions, and of any in another region. */
export const HIDDEN = pattern(hidden)
export const ELSEWHERE = pattern([...hidden, ...foreign, 'hosp-mbeya', 'Referral'])

const both = (text: string) => ({ en: text, sw: text })
const {
  envelope: _,
  ceilings: __,
  ...model
} = (EXAMPLE_POLICY.institutions as Record<string, object>)['chuo-dodoma'] as Record<string, unknown>
const body = (name: string, region: string, restricted = false) => ({
  ...{ ...model, name: both(name), region },
  ...(restricted ? { restricted } : {}),
})
const site = (institution: string, n: number) => ({
  ...{ institution, edge: 'dodoma-1', prefixes: [`10.20.${n}.0/24`], access: '100Mbps' },
})
const named = <T>(ids: readonly string[], of: (id: string, k: number) => T): Record<string, T> =>
  Object.fromEntries(ids.map((id, k) => [id, of(id, k)]))

const { document, faults } = validatePolicy({
  ...EXAMPLE_POLICY,
  ...{ guards: {}, tests: {} },
  institutions: {
    ...(EXAMPLE_POLICY.institutions as object),
    ...named(OPEN, (id) => body(`Dispensary ${id}`, 'dodoma')),
    [OPEN[1]]: {
      ...{ ...body(`Dispensary ${OPEN[1]}`, 'dodoma'), from: ['ngome', 'nida'] },
      labels: { next: 'to the Secret Bank' },
    },
    [GONE]: body('Safety Agency', 'mbeya'),
    ...named(SECRET, (_, k) => body(SECRET_NAMES[k]!, 'mbeya', true)),
    ...named(FOREIGN, (_, k) => body(FOREIGN_NAMES[k]!, 'mbeya')),
  },
  former: { ...(EXAMPLE_POLICY.former as object), [CLOSED]: { name: both('Old Camp'), restricted: true } },
  sites: {
    ...(EXAMPLE_POLICY.sites as object),
    ...Object.fromEntries([...OPEN, ...SECRET, ...FOREIGN, GONE].map((id, k) => [`${id}.office`, site(id, k)])),
    [LINE]: site(SECRET[1], 50),
  },
})
if (document === null) throw new Error(JSON.stringify(faults))
/** Of the plane as it begins. */
export const INSTITUTIONS = Object.keys(document.institutions).sort()
const folder = freshFolder(t)
const data = freshFolder(t)
const edges = { ...document.edges, 'dodoma-1': { ...document.edges['dodoma-1']!, enforcement: 'enforce' as const } }
const plane = { ...document, edges, plane: { ...document.plane, demo: true } }
for (const [file, text] of Object.entries(planeFiles(plane))) writeFileSync(join(folder, file), text)
const up = await new Program(['up', '--port', '0', '--plane', folder], t, { env: { MIZANI_DATA: data } }).ready()
export const url = () => up.url
export const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString()
export const machine = new Caller(url, readFileSync(join(data, 'cli-token'), 'utf8').trim())

/** A token of an account with these roles. */
export async function reader(id: string, roles: readonly string[], scope: object | null = null): Promise<Caller> {
  await machine.post('/v1/users', { id, roles, scope, password: null })
  const wanted = { user: id, name: 'x', roles, expires: IN_AN_HOUR }
  const { token } = await machine.post<{ token: string }>('/v1/tokens', wanted)
  return new Caller(url, token)
}

/** Somebody who reads pages, with a password of their own choice. */
export async function person(id: string, roles: readonly string[], scope: object | null = null): Promise<Caller> {
  const [given, own] = ['maji ya kunde 1961', 'mvua za masika 1964']
  await machine.post('/v1/users', { id, name: id, roles, scope, password: given })
  const browser = new Caller(url)
  await browser.post('/v1/session', { user: id, password: given })
  await browser.post('/v1/me/password', { present: given, password: own })
  await browser.post('/v1/session', { user: id, password: own })
  return browser
}

type Policy = Record<'institutions' | 'sites', Record<string, object>>
const said = (why: string): string => `reason=${encodeURIComponent(why)}`

/** Something of everything, so that every list has a row of theirs; some of it to who is seen as well. */
export async function happen(t: Test): Promise<void> {
  for (const [id, name] of [
    ['ngome', 'High Bureau'],
    ['nida', 'High Court'],
  ]) {
    const part = await machine.call('GET', `/v1/policy/institutions/${id}`)
    const put = `/v1/policy/institutions/${id}?${said(`the ${name} of Somewhere asked, and ${id}`)}&confirmWithin=0`
    const changed = { ...(part.body as object), tier: 'hospital' }
    t.equal((await machine.call('PUT', put, changed, { etag: part.etag })).status, 200)
  }
  const left = await machine.call('GET', '/v1/policy')
  const { institutions, sites, ...rest } = left.body as Policy
  const without = (known: Record<string, object>, gone: string) =>
    Object.fromEntries(Object.entries(known).filter(([id]) => id !== gone))
  const smaller = { ...rest, institutions: without(institutions, GONE), sites: without(sites, `${GONE}.office`) }
  const closing = `/v1/policy?${said(`${GONE} closes`)}&confirmWithin=0`
  t.equal((await machine.call('PUT', closing, smaller, { etag: left.etag })).status, 200)

  const hour = { until: IN_AN_HOUR, reason: 'the High Bureau of Somewhere asked, and nida' }
  for (const institution of [SECRET[0], FOREIGN[0], OPEN[0]])
    await machine.post('/v1/overrides', { ...hour, patch: { on: { institution }, tier: 'hospital' } })
  for (const id of [SECRET[0], FOREIGN[0], OPEN[0]]) {
    const member = await reader(`of-${id}`, ['member'], { institutions: [id], reads: 'scope' })
    await member.post('/v1/requests', { tier: 'hospital', reason: `${id} is no bureau any more` })
  }
  for (const link of ['transit-a', 'transit-b'])
    await machine.post('/v1/overrides', { ...hour, reason: 'works', patch: { on: { link }, factor: 0.003 } })
  const other = { on: { link: 'dodoma-mbeya' }, factor: 0.9 }
  await machine.post('/v1/overrides', { ...hour, reason: 'on mizani-nida-internet', patch: other })
  for (const id of [SECRET[1], FOREIGN[1]]) {
    const document = await machine.get<Policy>('/v1/policy')
    document.institutions[id] = { ...document.institutions[id], tier: 'hospital' }
    await machine.post(`/v1/proposals?${said(hour.reason)}`, document)
  }
  for (const [k, id] of PROPOSED.entries()) {
    const more = await machine.get<Policy>('/v1/policy')
    more.institutions[id] = body(PROPOSED_NAMES[k]!, 'mbeya', k === 0)
    more.sites[`${id}.office`] = site(id, 77)
    await machine.post(`/v1/proposals?${said(`for ${id}, ${PROPOSED_NAMES[k]}`)}`, more)
  }
  const down = { state: 'down', ttl: 600, event: 'e', reason: hour.reason }
  await machine.call('POST', '/v1/links/dodoma-mbeya/state', down)
  type Alarms = { items: { code: string }[] }
  await machine.until<Alarms>('/v1/alarms', ({ items }) => items.length > 1, 'there are alarms')
  const isLink = ({ limitedBy }: { limitedBy: { code: string } }): boolean => limitedBy.code === 'LINK'
  await machine.until(`/v1/institutions/${OPEN[0]}/explain`, isLink, 'who shares a short link is told by name')
}

const ids = async (list: string): Promise<string[]> =>
  (await machine.get<{ items: { id: string }[] }>(list)).items.map(({ id }) => id)
const month = (): string => new Date().toISOString().slice(0, 7)

/** Addresses that are read, with something in every place. */
export async function addresses(): Promise<string[]> {
  const { paths } = await machine.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')
  const reads = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []))
  const lines = [OPEN[0], SECRET[0], FOREIGN[0], GONE].map((id) => `access.${id}.office.down`)
  const places: Readonly<Record<string, readonly string[]>> = {
    '/v1/institutions/{id}': [OPEN[0], SECRET[0], FOREIGN[0], CLOSED],
    '/v1/links/{id}': ['transit-a.down', 'dodoma-mbeya.down', ...lines, `access.${LINE}.up`],
    '/v1/edges/{id}': ['dodoma-1', 'mbeya-1'],
    '/v1/alarms/{id}': await ids('/v1/alarms'),
    '/v1/proposals/{id}': await ids('/v1/proposals'),
    '/v1/overrides/{id}': await ids('/v1/overrides'),
    '/v1/requests/{id}': await ids('/v1/requests'),
    '/v1/policy/revisions/{n}': ['1', '2', '3'],
    '/v1/ledger/{month}': [month()],
  }
  return reads.flatMap((path) => {
    // A stream has a test of its own; the description of the API says nothing of anybody.
    if (path === '/v1/events' || /^\/(?:openapi|docs)/.test(path)) return []
    if (path === '/v1/policy/{collection}/{id}') {
      const parts = [...OPEN, ...SECRET, ...FOREIGN].map((id) => `institutions/${id}`)
      const theirs = [...SECRET, ...FOREIGN].map((id) => `sites/${id}.office`)
      const others = [`sites/${LINE}`, `former/${CLOSED}`, `former/${LEFT}`, 'tiers/basic']
      return [...parts, ...theirs, ...others].map((part) => `/v1/policy/${part}`)
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

/** What an address may ask for that is restricted, and that is anywhere but in Dodoma. */
export const RESTRICTED = [...SECRET, CLOSED, LINE]
export const OUTSIDE = [...RESTRICTED, ...FOREIGN, LEFT, GONE]

/** Pages of the console, with something in every place. */
export async function pages(): Promise<string[]> {
  const places: Readonly<Record<string, readonly string[]>> = {
    '/institutions/:id': [...OPEN, ...SECRET, 'restricted'],
    '/links/:id': ['transit-a', 'dodoma-mbeya', `access.${OPEN[0]}.office`, `access.${LINE}`],
    '/edges/:id': ['dodoma-1', 'mbeya-1'],
    '/alarms/:id': await ids('/v1/alarms'),
    '/proposals/:id': await ids('/v1/proposals'),
    '/policy/revisions/:n': ['1', '2', '3'],
    '/policy/:collection': ['institutions', 'sites', 'former', 'tiers'],
    '/policy/:collection/:id': ['tiers/basic', `institutions/${OPEN[0]}`, `institutions/${SECRET[0]}`],
    '/people/:id': ['asha', 'neema'],
    '/requests/:id': await ids('/v1/requests'),
    '/ledger/:month': [month()],
    '/ledger/:month/:id': [OPEN[0], SECRET[0], FOREIGN[0]].map((id) => `${month()}/${id}`),
    // Nobody has asked the planner anything.
    '/planner/:id': [],
  }
  return (await readConsole()).server.patterns.flatMap((pattern) => {
    if (!pattern.includes(':')) return [pattern]
    return places[pattern]!.map((place) => pattern.replace(/:.*/, '') + place)
  })
}
