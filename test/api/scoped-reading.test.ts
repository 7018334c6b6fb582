// Whoever reads within a scope holds up nobody else: what is known to be theirs is not looked through, and what is long
// is looked through a piece a turn. And asking for what is hidden is answered as asking for what is not there.

import t from 'tap'
import type { PolicyEdit } from '../../src/model/revision.js'
import { manualClock } from '../../src/runtime/clock.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { FairTurns } from '../../src/runtime/fair-turns.js'
import { empty, policyStore, startApi } from './api-fixture.js'
import { fixtureBoard } from './board-fixture.js'

const named = (id: string) => ({ name: { en: `Office ${id}`, sw: `Ofisi ${id}` }, region: 'mbeya', tier: 'basic' })
const others = Array.from({ length: 8_000 }, (_, n) => [`other-${n}`, named(`other-${n}`)] as const)
const drawn = fixtureBoard()
const institutions = {
  mine: { ...named('mine'), from: ['mine-before', 'other-1'] },
  ...Object.fromEntries([...others, ...drawn.plan.institutions.map(({ id, name }) => [id, { ...named(id), name }])]),
}
const sites = { 'min-afya.hq': { institution: 'min-afya' }, 'mine.office': { institution: 'mine' } }
const tests = { 'health-first': { flow: 'min-afya/internet/down', atLeast: 5 } }
const former = { 'mine-before': named('mine-before'), 'other-before': named('other-before') }
const document = { institutions, sites, former, tests, guards: {}, links: {} }
const head = {
  document,
  revision: 7,
  etag: '"r7"',
  hash: 'sha256:7',
  meta: { author: 'seed', reason: 'start', reference: null, at: 0, parent: null },
}
/** No JSON: whoever looks into it fails. */
const SERIES = '[what was recorded]'
const links = drawn.plan.links.map((link) =>
  link.id === 'dar-dom.up' ? { ...link, id: 'access.min-afya.hq.down', link: 'access.min-afya.hq' } : link,
)
const board = { ...drawn, plan: { ...drawn.plan, links } }
const change = (pointer: string, after?: unknown) => ({ pointer, ...(after === undefined ? {} : { after }) })
const proposal = (id: string, author: string, changes: readonly object[]) => ({
  ...{ id, author, changes, state: 'open', reason: 'growth', reference: null, at: 0, base: 7 },
  ...{ guards: [], losses: [], approvedBy: null, note: null, effectiveAt: null },
})
let proposals = [proposal('p-1', 'juma', [change('/sites/mine.office/prefixes', ['10.0.0.0/24'])])]

let turns = 0
class CountedTurns extends FairTurns {
  override take(...turn: Parameters<FairTurns['take']>): Promise<void> {
    turns++
    return super.take(...turn)
  }
}

async function start() {
  const state = { current: () => head, document, revision: { ...head, indexes: new Map([['long-gone', 9]]) } }
  const propose = async () => proposal('p-9', 'asha', [change('/institutions/other-7/tier', 'basic')])
  /** As far as a scope lets through what is asked. */
  async function write(edit: PolicyEdit): Promise<never> {
    edit(head)
    throw new MizaniError({ code: 'FORBIDDEN', message: 'This change reaches outside what you may change.' })
  }
  const readParts = empty<object>({ remember: () => undefined, between: () => undefined })
  const changes = empty<object>({ change: write, tagOf: () => '"tag"', readParts, readPolicies: readParts })
  const policy = policyStore({ state, changes, proposals: empty({ list: () => proposals, propose }) }).port
  const history = async ({ id }: { id: string }) => ({ isKnown: id !== 'nobody', text: Buffer.from(SERIES) })
  const alarm = {
    ...{ id: 'al-1', code: 'EDGE_SILENT', severity: 'major', subject: 'min-afya', members: [], regions: [] },
    ...{ since: 0, cleared: null, gone: null, acknowledged: null },
  }
  const alarms = { open: () => [], find: (id: string) => (id === 'al-1' ? alarm : undefined) }
  const api = await startApi({
    ...{ policy, turns: new CountedTurns(manualClock(), 64), board: () => board },
    memory: empty({
      ...{ history, alarms: empty(alarms), recorder: { failing: null, size: 0 } },
      async boardAt() {
        throw new MizaniError({ code: 'NOT_FOUND', message: 'Nothing is recorded there.' })
      },
    }),
    scopes: { faults: () => [], edge: () => false, institution: (id) => ['mine', 'uni-udsm'].includes(id) },
  })
  t.teardown(api.close)
  const scope = { regions: ['dodoma'], reads: 'scope' as const }
  const roles = ['viewer' as const, 'operator' as const]
  const who = { actor: 'asha', roles, scope, person: true, inPerson: true, via: 'token' as const }
  const authorization = `Bearer ${api.accounts.secrets.issue(who)}`
  async function read(path: string, accept = 'application/json', init: RequestInit = {}) {
    turns = 0
    const headers = { authorization, accept, ...init.headers }
    return { ...(await api.call(path, { ...init, as: null, headers })), turns }
  }
  return { api, read }
}
const { api, read } = await start()

t.test('a history is shown as it is, to those whose it is', async (t) => {
  const mine = await read('/v1/institutions/mine/history')
  t.equal(mine.status, 200)
  t.match(mine.text, `"flows":${SERIES}`)
  t.match(mine.text, '"continues":["mine-before"]', 'what others were made from is not told')
  t.equal((await read('/v1/institutions/mine/history', 'text/csv')).text, SERIES)
  for (const id of ['other-1', 'long-gone', 'nobody']) {
    t.equal((await read(`/v1/institutions/${id}/history`)).status, 404, id)
    t.equal((await read(`/v1/links/access.${id}.down/history`)).status, 404, `the line of ${id}`)
  }
})

t.test('a long answer is looked through in many turns', async (t) => {
  const { status, text, turns } = await read('/v1/policy')
  t.equal(status, 200)
  t.notMatch(text, 'other-')
  t.match(text, 'Ofisi mine')
  t.ok(turns > 15, `${turns} turns`)
})

/** What is hidden, and what is not there; the text of the one with the id of the other. */
const HIDDEN: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  '/v1/institutions/:id': [['min-afya', 'nobody']],
  '/v1/links/:id': [['access.min-afya.hq.down', 'access.nobody.hq.down']],
  '/v1/alarms/:id': [['al-1', 'al-2']],
  '/v1/policy/:collection/:id': [
    ...([['institutions/min-afya', 'institutions/nobody']] as const),
    ...([['sites/min-afya.hq', 'sites/nobody.hq']] as const),
    ...([['former/other-before', 'former/nobody-before']] as const),
    ...([['tests/health-first', 'tests/health-last']] as const),
  ],
}

t.test('what is hidden is answered in the very words in which that is which is not there', async (t) => {
  const asked = [
    ...['', '?bogus=1', '?step=5m&from=2026-01-01&to=2025-01-01', '?at=never', '?at=2025-06-01T00:00:00Z'],
    ...['?edge=nowhere', '?reason=x'],
  ]
  const json = { 'content-type': 'application/json' }
  let compared = 0
  for (const { method, url } of api.rules) {
    const [place, pairs = []] = Object.entries(HIDDEN).find(([start]) => url.startsWith(start)) ?? []
    if (place === undefined || method === 'HEAD') continue
    for (const [seen, absent] of pairs)
      for (const query of asked)
        for (const headers of method === 'PUT' || method === 'DELETE' ? [json, { ...json, 'if-match': '"x"' }] : [json])
          for (const body of method === 'GET' ? [null] : ['{"tier":"basic"}', null]) {
            // What is not there is made by this: whoever may make something learns which ids are taken.
            if (method === 'PUT' && body !== null && !('if-match' in headers)) continue
            const answerFor = async (id: string) => {
              const path = `${url.replace(place, place.replace(/:.*/, id))}${query}`
              const { status, text } = await read(path, 'application/json', { method, headers, body })
              const last = id.split('/').at(-1)!
              return `${status} ${text.replaceAll(last, 'ID').replace(/"requestId":"[^"]*"/, '')}`
            }
            const [one, other] = [await answerFor(seen), await answerFor(absent)]
            compared++
            if (one !== other)
              t.equal(one, other, `${method} ${url} ${seen}${query} ${JSON.stringify(headers)} ${body}`)
          }
  }
  t.ok(compared > 200, `${compared} pairs`)
  t.match((await read('/v1/institutions/min-afya')).text, 'There is no institution \\"min-afya\\".')
  t.match((await read('/v1/policy/sites/min-afya.hq')).text, 'There is no part of sites \\"min-afya.hq\\".')
})

t.test('a search finds among what is seen, whatever else has the word', async (t) => {
  const found = async (q: string) => ((await read(`/v1/institutions?q=${q}`)).json() as { items: object[] }).items
  t.match(await found('uni'), [{ id: 'uni-udsm' }])
  t.match(await found('mi'), [{ id: 'uni-udsm' }], 'as short for Mlimani, though ministries have it as it stands')
})

t.test('what is proposed for a site of theirs leaves them the site', async (t) => {
  t.equal((await read('/v1/policy/sites/mine.office')).status, 200)
})

t.test('proposals are learned once each, a piece a turn', async (t) => {
  const many = (n: number) =>
    Array.from({ length: 1_000 }, (_, i) => change(`/institutions/new-${n}-${i}`, named(`new-${n}-${i}`)))
  const before = (await read('/v1/policy/sites/mine.office')).turns
  proposals = [...proposals, ...Array.from({ length: 20 }, (_, n) => proposal(`p-${n + 2}`, 'juma', many(n)))]
  t.equal((await read('/v1/policy/sites/mine.office')).turns - before, 40)
  proposals = [...proposals]
  t.equal((await read('/v1/policy/sites/mine.office')).turns, before, 'an edit that proposes nothing')
  t.match((await read('/v1/proposals')).json(), { items: [{ id: 'p-1' }] })
})

t.test('the trail is told what was done, whoever did it', async (t) => {
  const body = JSON.stringify({ changes: [change('/institutions/mine/tier', 'basic')] })
  const headers = { 'content-type': 'application/json' }
  const made = await read('/v1/proposals?reason=x', 'application/json', { method: 'POST', body, headers })
  t.equal(made.status, 201)
  t.same((made.json() as { changes: object[] }).changes, [])
  const told = (await api.call('/v1/audit?until=2100-01-01T00:00:00Z', { as: 'auditor' })).json()
  t.match(told, { items: [{ after: { changes: [{ pointer: '/institutions/other-7/tier' }] } }] })
})
