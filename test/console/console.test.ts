// The console as the server answers it: readable without script, in the reader's language, from nowhere else, small;
// and its words, of which none is missing, none is left over, and each is said in both languages.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { readConsole } from '../../src/api/console.js'
import { API_RULES } from '../../src/client/api-rules.js'
import { rebased } from '../../src/console/differences.js'
import { emptyOf, PolicySchema } from '../../src/console/schema.js'
import { readTable, wholeSheet, writeTable } from '../../src/console/sheet-text.js'
import { ACTIONS } from '../../src/console/words/action-texts.js'
import { KINDS } from '../../src/console/words/alarm-kinds.js'
import { HINTS, OPTIONS } from '../../src/console/words/hints.js'
import { IMPORT } from '../../src/console/words/import-texts.js'
import { IN_PERSON } from '../../src/console/words/in-person-texts.js'
import { institutionSentences } from '../../src/console/words/institution-sentences.js'
import { INSTITUTION } from '../../src/console/words/institution-texts.js'
import { INSTITUTIONS } from '../../src/console/words/institutions-texts.js'
import { HELD_STATES, NETWORK } from '../../src/console/words/network-texts.js'
import { OVERVIEW } from '../../src/console/words/overview-texts.js'
import { codesLeft, PEOPLE } from '../../src/console/words/people-texts.js'
import { PERSON } from '../../src/console/words/person-texts.js'
import { impactSaid, POLICY, passedSaid } from '../../src/console/words/policy-texts.js'
import { REQUEST } from '../../src/console/words/request-texts.js'
import { SHEET } from '../../src/console/words/sheet-texts.js'
import { TEXTS } from '../../src/console/words/texts.js'
import { TOLD } from '../../src/console/words/told-texts.js'
import { ageSaid, purgedSaid, verdictSaid, WATCH } from '../../src/console/words/watch-texts.js'
import { createWords } from '../../src/console/words/words.js'
import { SEVERITIES } from '../../src/model/alarm.js'
import { FIELDS } from '../../src/model/field-names.js'
import { PROBLEM_TITLES } from '../../src/model/glossary.mjs'
import { ENFORCEMENTS } from '../../src/model/network.js'
import { policyOutline } from '../../src/policy/document/describe.js'
import { COLUMNS } from '../../src/policy/import/columns.js'
import { ALARM_CODES } from '../../src/record/alarm-table.js'
import { ADMIN_TOKEN, type Api, startApi } from '../api/api-fixture.js'
import { ROOT } from '../harness/root.js'
import { weighPage } from '../harness/weigh-page.js'
import { NO_PAGE, WRITE_PAGES } from './write-pages.js'

const CONSOLE = join(ROOT, 'src', 'console')
/** What the scripts of a first page may weigh, compressed; all of it, with the nation on it: test/served/day. */
const MOST_SCRIPT = 35_000

/** The cookie of somebody who has signed in. */
async function signedIn(api: Api, credential: object = { token: ADMIN_TOKEN }): Promise<string> {
  const answer = await api.call('/v1/session', {
    ...{ as: null, method: 'POST', body: JSON.stringify(credential) },
    headers: { 'content-type': 'application/json' },
  })
  t.equal(answer.status, 201)
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

const read = (api: Api, path: string, headers: Record<string, string> = {}) => api.call(path, { as: null, headers })

t.test('a page is readable without script, by whoever may read it and in their language', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const nobody = await read(api, '/')
  t.match(nobody.text, /<form id="sign-in"/)
  t.notMatch(nobody.text, /Wizara|Ministry/, 'whoever is not signed in reads nothing')
  t.match((await read(api, '/', { 'accept-language': 'sw-TZ,en;q=0.5' })).text, /<html lang="sw">.*Ingia/s)
  t.match((await read(api, '/', { 'accept-language': 'fr,en;q=0.5,sw;q=0.2' })).text, /<html lang="en">/)
  t.match((await read(api, '/', { 'accept-language': 'en', cookie: 'lang=sw' })).text, /<html lang="sw">/)
  const chosen = await read(api, '/?lang=sw')
  t.match(chosen.headers.get('set-cookie'), /^lang=sw; .*SameSite=Strict/)

  const cookie = await signedIn(api)
  const page = await read(api, '/', { cookie })
  t.match(page.text, /<h1 id="sentence"[^>]*>\d+ gets? all (?:it|they) asks?, /)
  t.match(page.text, /<td class="number[^"]*">[\d.]+ [kMG]bit\/s<\/td>/, 'with figures')
  t.match((await read(api, '/', { cookie: `${cookie}; lang=sw` })).text, /<h1 id="sentence"[^>]*>Taasisi \d+ /)
  const tag = page.headers.get('etag') ?? ''
  t.equal((await read(api, '/', { cookie, 'if-none-match': tag })).status, 304)
  const lost = await read(api, '/no-such-page', { cookie, accept: 'text/html,*/*;q=0.8' })
  t.equal(lost.status, 404)
  t.match(lost.text, /<h1>There is nothing at this address.*<a href="\/">/s, 'who has typed a wrong address finds back')
  for (const [path, accept] of [
    ['/no-such-page', '*/*'],
    ['/v1/no-such', 'text/html'],
  ] as const)
    t.match((await read(api, path, { cookie, accept })).headers.get('content-type'), /problem\+json/)
  t.equal((await read(api, '/assets/no-such-file.js')).status, 404)

  api.show(null)
  t.match((await read(api, '/', { cookie })).text, /has not made its first allocation/, 'before the first tick')
})

t.test('a page shows nobody what they could not ask for themselves', async (t) => {
  const api = await startApi({}, [], Date.now())
  t.teardown(api.close)
  const password = 'maji ya kunde 1961'
  const probe = { id: 'zabbix', name: 'Zabbix', roles: ['monitor' as const], scope: null, password, chosen: true }
  await api.accounts.administration.addUser(probe, 'test')
  const cookie = await signedIn(api, { user: 'zabbix', password })
  const page = await read(api, '/', { cookie })
  t.match(page.text, /Your account may not see this/)
  t.notMatch(page.text, /href="\/docs"/)
  const admin = await signedIn(api)
  for (const path of ['/people', '/people/zabbix', '/me', '/audit'])
    t.equal((await read(api, path, { cookie: admin })).headers.get('cache-control'), 'no-store', `${path} lies nowhere`)
  t.notMatch(page.text, /id="sentence"|transit-a/)
})

t.test('who cannot be told who they are is told why, and not asked to sign in', async (t) => {
  const { server } = await readConsole()
  const assets = () => ({ script: '', style: '', more: [] })
  const asked = { address: '/', lang: 'en' as const, turn: async () => undefined, assets }
  const page = (status: number, code: string): Promise<string> =>
    server.answer({ ...asked, send: async () => ({ status, body: { code } }) })
  t.match(await page(401, 'UNAUTHENTICATED'), /id="sign-in"/)
  const failing = await page(503, 'STORE_UNAVAILABLE')
  t.notMatch(failing, /id="sign-in"/)
  t.match(failing, PROBLEM_TITLES.STORE_UNAVAILABLE?.[0])
})

t.test('no form writes a secret or a sheet into an address, whether or not the scripts are there', async (t) => {
  const api = await startApi({}, [], Date.now())
  t.teardown(api.close)
  const asha = { id: 'asha', name: 'Asha', roles: ['admin' as const], scope: null, password: 'maji ya kunde 1961' }
  await api.accounts.administration.addUser({ ...asha, chosen: true }, 'test')
  const cookie = await signedIn(api)
  let found = 0
  for (const path of ['/people', '/people/asha', '/policy/tiers', '/']) {
    const { text } = await read(api, path, path === '/' ? {} : { cookie })
    for (const [, attributes = '', inner = ''] of text.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)) {
      if (/role="search"|class="row filters"/.test(attributes)) continue
      found++
      t.match(attributes, /method="post"/, `${path}: ${attributes}`)
      const buttons = [...inner.matchAll(/<button[^>]*type="submit"[^>]*>/g)].map(([button]) => button)
      t.ok(buttons.length > 0 && buttons.every((button) => button.includes(' disabled')), `${path}: ${buttons}`)
    }
  }
  t.equal(found, 5, 'forms of accounts, tokens, parts and of signing in were looked at')
  const plain = SOURCES.replace(/<form\.\w+/g, '').match(/<form\b[^>]*/g) ?? []
  t.strictSame(
    plain.filter((form) => !/method="post"|role="search"|class="row filters"/.test(form)),
    [],
    'nor do those that a browser draws',
  )
})

t.test('a page and all it needs come from here, packed, and are small', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const cookie = await signedIn(api)
  const packed = await fetch(`${api.url}/`, { headers: { cookie, 'accept-encoding': 'gzip' } })
  t.equal(packed.headers.get('content-encoding'), 'gzip')
  const html = await packed.text()
  const codingFor = async (said: string): Promise<string | null> =>
    (await fetch(`${api.url}/`, { headers: { cookie, 'accept-encoding': said } })).headers.get('content-encoding')
  for (const [said, coding] of [
    ['br', null],
    ['gzip;q=0', null],
    ['br, gzip;q=0.5', 'gzip'],
  ] as const)
    t.equal(await codingFor(said), coding, said)
  t.notMatch(html, /<script>|<style|\sstyle=|\son[a-z]+="/, 'nothing inline that a policy would have to allow')
  const { all, script, files } = await weighPage(`${api.url}/`, cookie)
  t.ok(files.some((file) => file.endsWith('.css')) && files.some((file) => file.endsWith('.js')))
  for (const path of files) {
    const { text, headers, status } = await api.call(path, { as: null, headers: { 'accept-encoding': 'identity' } })
    t.equal(status, 200, path)
    t.match(headers.get('cache-control'), /immutable/)
    t.match(headers.get('x-content-type-options'), 'nosniff')
    t.equal(headers.get('content-security-policy'), null, `${path}: rules of a document weigh more than a small file`)
    t.notMatch(text, /https?:\/\/(?!www\.w3\.org)/, `${path} names no other host`)
    t.notMatch(text, /\beval\(|new Function\(/, `${path} makes no code of text`)
  }
  t.comment(`first load: ${all} bytes, of them ${script} of JavaScript`)
  t.ok(script <= MOST_SCRIPT, `${script} bytes of JavaScript`)
  const asset = files[0] ?? ''
  const answer = await api.app.inject({ url: asset, headers: { 'accept-encoding': 'gzip, br' } })
  t.equal(answer.headers['content-encoding'], 'br')
  const plain = await api.app.inject({ url: asset, headers: { 'accept-encoding': 'gzip' } })
  t.equal(gunzipSync(plain.rawPayload).toString(), (await api.call(asset, { as: null })).text)
})

const WATCHING = { WATCH, POLICY, IN_PERSON, IMPORT, PEOPLE, TOLD }
/** All that the console is written in. */
const SOURCES = readdirSync(CONSOLE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .join('\n')

const TABLES = { ACTIONS, REQUEST, SHEET, TEXTS, PERSON, OVERVIEW, INSTITUTIONS, INSTITUTION, NETWORK, ...WATCHING }

/** Texts that no source says. */
function unused(tables: Readonly<Record<string, object>>, sources: string): string[] {
  return Object.entries(tables).flatMap(([name, table]) =>
    Object.keys(table)
      .map((key) => `${name}.${key}`)
      .filter((text) => !new RegExp(`\\b${name}\\.${text.slice(name.length + 1)}\\b`).test(sources)),
  )
}

t.test('no text is left over; one that is missing does not compile', (t) => {
  t.strictSame(
    unused({ A: { said: 1, kept: 1 } }, 'say(A.said) A.keptOther'),
    ['A.kept'],
    'one that is left over is found',
  )
  const named = ['TEXTS.down', 'TEXTS.up', 'TEXTS.institution', 'TEXTS.link', 'TEXTS.edge']
  named.push('TEXTS.signedOut', 'TEXTS.sessionOver')
  named.push(...['observe', 'enforce', 'trial', 'hold', 'bypass'].map((key) => `NETWORK.${key}`))
  named.push(...['done', 'refused', 'unknown', 'from', 'until'].map((key) => `WATCH.${key}`))
  named.push(...['now', 'busyHour', 'allAtCeiling', 'worstFailure'].map((key) => `POLICY.${key}`))
  named.push(...['open', 'approved', 'rejected', 'committed', 'void'].map((key) => `POLICY.${key}`))
  named.push(...['invited', 'active'].map((key) => `TOLD.${key}`))
  named.push(...['new', 'changed', 'same', 'closed'].map((key) => `IMPORT.${key}`))
  named.push(...['institutions', 'regions', 'categories', 'envelopes', 'totp', 'passkey'].map((key) => `PEOPLE.${key}`))
  named.push(...['open', 'accepted', 'refused', 'withdrawn'].map((key) => `REQUEST.${key}`))
  named.push(...['byUnmet', 'byName', 'byNeed', 'byDemand'].map((key) => `INSTITUTIONS.${key}`))
  t.strictSame(
    unused(TABLES, SOURCES).filter((text) => !named.includes(text)),
    [],
  )
  t.end()
})

t.test('sentences with figures say the same in both languages', (t) => {
  const [en, sw] = [createWords('en', 'Africa/Dar_es_Salaam'), createWords('sw', 'Africa/Dar_es_Salaam')]
  const status = {
    satisfied: { all: 551, short: 1, belowGuarantee: 0, maybeBelow: 0 },
    shortest: [
      {
        ...{ institution: 'min', name: { en: 'Ministry', sw: 'Wizara' }, unmet: 1e6, belowGuarantee: false },
        limitedBy: { code: 'LINK' as const, id: 'transit-a.down' },
      },
    ],
    edges: { total: 28, fresh: 28, stale: 0, safe: 0, unknown: 0, simulated: 0 },
    enforcement: { enforce: 28, observe: 0, hold: 0, bypass: 0, keepsEarlier: 0 },
  }
  t.equal(
    en.sentence(status),
    '551 get all they ask, 1 short (Ministry: link transit-a.down), 0 below guarantee; 28 of 28 edges enforce.',
  )
  t.equal(
    sw.sentence(status),
    'Taasisi 551 zinapata kasi yote zinayoomba, 1 imepungukiwa (Wizara: kiungo transit-a.down), ' +
      '0 ziko chini ya kiwango cha uhakika; malango 28 kati ya 28 yanatekeleza.',
  )
  const one = { ...status, satisfied: { all: 1, short: 0, belowGuarantee: 1, maybeBelow: 2 } }
  t.match(
    sw.sentence(one),
    /^Taasisi 1 inapata kasi yote inayoomba, 0 zimepungukiwa, 1 iko chini .* na labda nyingine 2;/,
  )
  t.match(en.sentence(one), / 1 below guarantee and perhaps 2 more; /)
  t.match(en.sentence(one), /^1 gets all it asks/)
  const tick = { seq: 7, at: '2026-05-12T07:05:00Z', revision: 12, leader: 'ctl-1', learning: false }
  t.equal(en.tick(tick), 'Publication 7 at 10:05:00 EAT, policy revision 12, leader ctl-1')
  t.equal(sw.tick(tick), 'Tangazo la 7 saa 10:05:00 EAT, toleo la 12 la sera, kiongozi ctl-1')
  for (const word of ['FRESH', 'STALE', 'SAFE', 'UNKNOWN', ...ENFORCEMENTS, 'up', 'derated', 'down', ...SEVERITIES]) {
    t.equal(en.state(word), word.toLowerCase())
    t.not(sw.state(word), word, `${word} has a word in Swahili`)
  }
  const freeze = { since: '2026-05-12T07:05:00Z', by: 'asha', reason: 'exams', until: null }
  const none = { UNSIGNED: 0, LINK_STATE: 0, MODE: 0, SCHEDULE: 0, ENFORCEMENT: 0, DRAIN: 0, PIN: 0, REVISION: 1 }
  const inForce = { ...none, OVERRIDE: 2, FREEZE: 1 }
  t.equal(
    en.inForce({ freeze, inForce }),
    'The policy is frozen since 10:05:00 EAT by asha: exams · In force: overrides: 2',
  )
  t.match(sw.inForce({ freeze: null, inForce }), /^Vinavyotumika sasa: mabadiliko ya muda: 2$/)
  t.equal(
    en.inForce({ freeze: null, inForce: { ...none, OVERRIDE: 0, FREEZE: 0 } }),
    '',
    'only the policy as it is written',
  )
  t.equal(en.alarmAge({ since: tick.at, acknowledgedBy: 'asha' }), 'since 10:05:00 EAT; seen by asha')
  t.equal(createWords('sw', 'UTC').alarmAge({ since: tick.at, acknowledgedBy: null }), 'tangu 07:05:00 UTC')
  t.end()
})

/** What a person may ask for that changes something; programs and gateways have writes of their own. */
const WRITES = API_RULES.filter(
  ({ method, access }) => method !== 'GET' && access.some((who) => !['edge', 'monitor', 'loopback'].includes(who)),
).map(({ method, path }) => `${method} ${path}`)

t.test('every write that a person may ask for has a page, or a reason why it needs none', (t) => {
  const known = [...Object.keys(WRITE_PAGES), ...Object.keys(NO_PAGE)]
  t.strictSame([...known].sort(), [...WRITES].sort(), 'each route once, and no other')
  const plain = SOURCES.replace(/\s+/g, ' ')
  const isAsked = (route: string): boolean => {
    const [method = '', path = ''] = route.split(' ')
    return plain.includes(`'${method.toLowerCase()}', '${path}'`)
  }
  for (const [route, page] of Object.entries(WRITE_PAGES)) {
    t.ok(isAsked(route), `the console asks for ${route}`)
    const isThere = plain.includes(`pattern: '${page}'`) || ['plane', 'bands', 'whole'].includes(page.slice(8))
    t.ok(isThere, `${page} is a page`)
  }
  t.end()
})

t.test('every field that a policy may have is called something in both languages', (t) => {
  const names = new Set<string>()
  const look = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return
    const { properties } = schema as { properties?: object }
    for (const name of Object.keys(properties ?? {})) names.add(name)
    for (const inner of Object.values(schema)) look(inner)
  }
  look(policyOutline().root)
  t.strictSame([...names].filter((name) => !Object.hasOwn(FIELDS, name)).sort(), [])
  t.ok(names.has('promiseBroken'), 'they were found')
  t.end()
})

t.test('every kind of alarm, and each way in which something holds, has a name in both languages', (t) => {
  t.strictSame(Object.keys(KINDS).sort(), [...ALARM_CODES].sort())
  const states = ['pending', 'cut', 'derated', 'safe', 'pinned', 'trial', ...ENFORCEMENTS]
  t.strictSame(Object.keys(HELD_STATES).sort(), states.sort())
  t.end()
})

t.test(
  'every hint and every choice of a form of the policy is said in Swahili, and none that there is no more',
  (t) => {
    const [hints, options] = [new Set<string>(), new Set<string>()]
    const look = (schema: unknown, isMap: boolean): void => {
      if (typeof schema !== 'object' || schema === null) return
      const { description, enum: choices } = schema as { description?: unknown; enum?: unknown }
      if (!isMap && typeof description === 'string') hints.add(description)
      if (!isMap && Array.isArray(choices)) for (const one of choices) if (typeof one === 'string') options.add(one)
      for (const [name, inner] of Object.entries(schema))
        if (name !== 'propertyNames') look(inner, !isMap && (name === 'properties' || name === '$defs'))
    }
    look(policyOutline().root, false)
    t.strictSame([...hints].sort(), Object.keys(HINTS).sort())
    t.strictSame([...options].sort(), Object.keys(OPTIONS).sort())
    t.ok(hints.size > 150 && options.has('headroom'), 'they were found')
    t.end()
  },
)

t.test('a form is made of what the API says of a policy, whichever part it is of', (t) => {
  const schemas = new PolicySchema(policyOutline().root as ConstructorParameters<typeof PolicySchema>[0])
  const whole = schemas.of('whole', false)
  t.ok(whole?.properties?.tiers, 'all of it')
  t.equal(schemas.of('bands', false)?.type, 'array')
  t.equal(schemas.of('no-such-collection', true), undefined)
  for (const [name, part] of Object.entries(whole?.properties ?? {})) {
    const { additionalProperties } = schemas.resolved(part)
    if (typeof additionalProperties !== 'object') continue
    const member = schemas.of(name, true)
    const { properties, required = [] } = schemas.resolved(member ?? {})
    t.ok(Object.keys(properties ?? {}).length > 0, `members of ${name} have fields`)
    const empty = emptyOf(schemas, member ?? {})
    t.strictSame(Object.keys(empty ?? {}).sort(), [...required].sort(), `a new one of ${name} has what it must have`)
  }
  t.end()
})

t.test('what somebody writes is laid on what others have changed meanwhile, place by place', (t) => {
  const base = { name: 'a', labels: { x: '1', y: '2' }, days: ['mon'] }
  const value = { name: 'a', labels: { x: '9' }, days: ['mon', 'tue'] }
  const theirs = { name: 'b', labels: { x: '1', y: '2', z: '3' }, days: ['mon'] }
  t.strictSame(rebased({ base, etag: '"1"', value }, { value: theirs, etag: '"2"' }), {
    ...{ base: theirs, etag: '"2"' },
    value: { name: 'b', labels: { x: '9', z: '3' }, days: ['mon', 'tue'] },
  })
  const gone = rebased({ base, etag: '"1"', value: undefined }, { value: theirs, etag: '"2"' })
  t.equal(gone.value, undefined, 'what is to go goes')
  t.end()
})

t.test('a sheet is read as it was written, and written so that its lines are those of the answer', (t) => {
  const written = '\uFEFFJina;Kasi\r\n"Hospitali ya ""Mkoa""; Mbeya";20Mbps\r\n\r\n;\r\nChuo,Kikuu;5\r\n'
  const table = readTable(written)
  t.strictSame(table, {
    header: ['Jina', 'Kasi'],
    rows: [
      ['Hospitali ya "Mkoa"; Mbeya', '20Mbps'],
      ['Chuo,Kikuu', '5'],
    ],
  })
  t.equal(writeTable(table), 'Jina,Kasi\n"Hospitali ya ""Mkoa""; Mbeya",20Mbps\n"Chuo,Kikuu",5')
  t.strictSame(readTable(writeTable(table)), table)
  t.match(SOURCES, /split_from/, 'the page knows the columns')
  for (const column of new Set(Object.values(COLUMNS).flat())) t.match(SOURCES, `'${column}'`, `the page has ${column}`)
  t.end()
})

t.test('a sheet of many pages has one head and all rows, or says that it has not', async (t) => {
  const pages = (all: number) => async (address: string) => {
    const n = Number(address)
    return { text: `id,name\r\n${n},x\r\n`, next: n < all ? String(n + 1) : null }
  }
  t.same(await wholeSheet('1', pages(3)), { text: 'id,name\r\n1,x\r\n2,x\r\n3,x\r\n', isWhole: true })
  t.match(await wholeSheet('1', pages(1_000)), { isWhole: false })
})

t.test('what a change would do is said in both languages', (t) => {
  t.equal(impactSaid('en', 0, 0), 'Nobody would have less.')
  t.equal(impactSaid('en', 3, 1), 'Up to 3 institutions would have less; 1 promise breaks.')
  t.equal(impactSaid('sw', 1, 2), 'Hadi taasisi 1 ingepungukiwa; ahadi 2 zinavunjika.')
  t.equal(passedSaid('en', 4, 1, 2), 'Tests: 4 pass, 1 begins to fail, 2 failed before too.')
  t.equal(passedSaid('sw', 1, 2, 1), 'Majaribio: 1 limefaulu, 2 yanaanza kushindwa, 1 lilishindwa hata kabla.')
  const end = { entries: 5, signed: 5, redacted: 0, head: { n: 5, hash: 'a'.repeat(64) } }
  t.match(verdictSaid('en', { ok: true, fault: null, ...end }), /^The trail is whole: 5 entries/)
  t.equal(purgedSaid('en', 1), 'Taken out of 1 entry.')
  t.equal(codesLeft('sw', 1), 'Namba 1 ya siku ya kupoteza imebaki.')
  t.same(
    [30, 600, 7_200, 93_900].map((s) => ageSaid('en', s * 1_000)),
    ['30 s', '10 min', '2 h', '26 h 5 min'],
  )
  const [en, sw] = [institutionSentences('en'), institutionSentences('sw')]
  t.equal(en.sharers(1, 1, 'link a.down'), '1 other institution shares the same link a.down: 1 other flow.')
  t.equal(sw.sharers(4, 2, 'kiungo a'), 'Taasisi nyingine 2 zinashiriki hicho hicho (kiungo a): mitiririko mingine 4.')
  t.match(en.sharers(3, 0, 'link a.down'), /^Its other services share the same link a\.down/)
  t.equal(en.losers(1), '1 other flow would have less.')
  t.equal(sw.losers(1), 'Mtiririko mwingine 1 ungepungukiwa.')
  t.match(en.historySaid('1 Mbit/s', '2 s'), /; 2 s were below the guarantee/)
  const fault = { n: 3, code: 'CHANGED', detail: 'is another' }
  t.match(verdictSaid('sw', { ok: false, fault, ...end }), /ingizo 3 \(CHANGED\): is another/)
  t.end()
})
