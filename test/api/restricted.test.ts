// Restricted institutions before whoever is not cleared: their figures are one row at the end of lists, to the bit/s; a
// filter counts none of them; what is hidden is answered as what is not there. Without any, nothing is another byte.

import t from 'tap'
import { withSum } from '../../src/api/ledger/ledger-sum.js'
import type { InstitutionView } from '../../src/api/shapes.js'
import { ROLES, type Role } from '../../src/model/principal.js'
import { type Api, empty, policyStore, startApi } from './api-fixture.js'
import { fixtureBoard } from './board-fixture.js'

const SECRET = ['hosp-mnh-upanga', 'min-afya', 'uni-udsm']
const drawn = fixtureBoard()
const SERIES = '[what was recorded]'

function policyOf(restricted: readonly string[], proposals: readonly object[] = []) {
  const institutions = Object.fromEntries(
    drawn.plan.institutions.map(({ id, name }) => {
      return [id, { name, region: 'x', tier: 'basic', ...(restricted.includes(id) ? { restricted: true } : {}) }]
    }),
  )
  const sites = Object.fromEntries(
    drawn.plan.edges.flatMap(({ sites }) => sites.map(({ id, institution }) => [id, { institution }])),
  )
  const former = { 'kambi-ya-zamani': { name: { en: 'Old Camp', sw: 'Kambi' }, restricted: true } }
  const known = restricted.length > 0 ? { institutions, sites, former } : { institutions, sites }
  const document = { ...known, modes: {}, edges: {}, links: {}, guards: {}, nodes: {} }
  const meta = { author: 'seed', reason: 'start', reference: null, at: 0, parent: null }
  const head = { document, revision: 7, etag: '"r7"', hash: 'sha256:7', meta }
  const gone = new Map([['wakala-osha', 9]])
  const state = { current: () => head, document, revision: { ...head, indexes: gone }, switches: new Map() }
  return policyStore({
    state: { ...state, refresh: async () => undefined },
    proposals: empty({ list: () => proposals }),
  }).port
}

const links = drawn.plan.links.map((link) =>
  link.id === 'dar-dom.up' ? { ...link, id: 'access.min-afya-dar-1.down', link: 'access.min-afya-dar-1' } : link,
)
const board = { ...drawn, plan: { ...drawn.plan, links } }

/** Histories that were read. */
let histories = 0
async function start(restricted: readonly string[], proposals: readonly object[] = []): Promise<Api> {
  const history = async ({ id }: { id: string }) => ({
    isKnown: ++histories > 0 && id !== 'nobody',
    text: Buffer.from(SERIES),
  })
  const api = await startApi({
    ...{ policy: policyOf(restricted, proposals), board: () => board },
    memory: empty({
      ...{ history, recorder: { failing: null, size: 0 }, counters: empty({ latest: () => undefined }) },
      ...{ alarms: empty({ open: () => [] }), webhooks: empty({ list: () => [] }) },
    }),
    scopes: { faults: () => [], edge: () => false, institution: (id, scope) => scope === null || id === 'min-afya' },
  })
  t.teardown(api.close)
  return api
}
const api = await start(SECRET)

interface Flow extends Record<string, unknown> {
  readonly service: string
  readonly direction: string
  readonly limitedBy: { readonly code: string; readonly id: string | null }
}
type Rows<Row = InstitutionView> = { readonly items: readonly Row[]; readonly nextPageToken: string | null }
const rowsOf = async <Row>(path: string, as: Role, of = api): Promise<readonly Row[]> =>
  ((await of.call(path, { as })).json() as Rows<Row>).items
const AMOUNTS = ['guarantee', 'ceiling', 'demand', 'need', 'rate', 'applied', 'arrived', 'carried', 'measured', 'unmet']

t.test('the last row is the sum of those that a cleared caller is shown, to the bit/s', async (t) => {
  const all = await rowsOf<InstitutionView>('/v1/institutions', 'planner')
  const seen = await rowsOf<InstitutionView>('/v1/institutions', 'viewer')
  t.same(
    seen.slice(0, -1),
    all.filter(({ id }) => !SECRET.includes(id)),
    'all others are as they were',
  )
  const sum = seen.at(-1)!
  t.match(sum, { id: 'restricted', name: { en: 'Restricted institutions (3)', sw: 'Taasisi zenye usiri (3)' } })
  t.match(sum, { category: '', region: '', tier: '', edges: [], labels: {}, envelope: null, govnet: false })
  const theirs = all.filter(({ id }) => SECRET.includes(id)).flatMap(({ flows }) => flows)
  t.equal(sum.flows.length, 2)
  for (const flow of sum.flows as unknown as Flow[]) {
    const parts = theirs.filter(({ direction }) => direction === flow.direction) as unknown as Flow[]
    for (const amount of AMOUNTS) {
      const values = parts.map((part) => part[amount] as number | null)
      const total = values.includes(null) ? null : values.reduce((a: number, b) => a + (b ?? 0), 0)
      t.equal(flow[amount], total, `${flow.direction} ${amount}`)
    }
    t.equal(flow.limitedBy.id, null, 'a code alone')
  }
  const figures = await rowsOf<Flow>('/v1/figures?service=internet&direction=down', 'viewer')
  const { guarantee, demand, need, carried, unmet } = sum.flows.find(({ direction }) => direction === 'down')!
  t.match(figures.at(-1), { id: 'restricted', guarantee, demand, need, carried, unmet })
  const flows = await rowsOf<Flow & { id: string }>('/v1/allocations?kind=institution', 'viewer')
  t.same(
    flows
      .slice(-2)
      .map(({ id }) => id)
      .sort(),
    ['restricted/internet/down', 'restricted/internet/up'],
  )
  t.match(
    flows.find(({ id }) => id === 'restricted/internet/down'),
    { institution: 'restricted', edge: '', demand, need },
  )
  t.notMatch(JSON.stringify([seen, figures, flows]), new RegExp(SECRET.join('|')))
})

t.test('a sheet and pages end with it too', async (t) => {
  const { text } = await api.call('/v1/institutions', { as: 'viewer', headers: { accept: 'text/csv' } })
  const lines = text.trim().split('\r\n')
  t.match(lines.at(-1), /^restricted,Restricted institutions \(3\),/)
  t.notMatch(text, /min-afya|Ministry of Health/)
  const ids: string[] = []
  for (let token: string | null = ''; token !== null; ) {
    const more: string = token === '' ? '' : `&pageToken=${token}`
    const page = (await api.call(`/v1/institutions?pageSize=1${more}`, { as: 'viewer' })).json() as Rows
    ids.push(...page.items.map(({ id }) => id))
    token = page.nextPageToken
  }
  t.same(ids, ['court-high-dodoma', 'lga-kigoma', 'min-elimu', 'restricted'])
})

t.test('no filter finds one of them, and none counts them', async (t) => {
  for (const query of ['q=Health', 'q=min-afya', 'q=10.1.0.7', 'q=restricted', 'category=ministry', 'edge=dar-1'])
    t.notMatch(
      (await rowsOf<InstitutionView>(`/v1/institutions?${query}`, 'viewer')).map(({ id }) => id),
      /min-afya|restricted/,
      query,
    )
  t.same(await rowsOf('/v1/institutions?limitedBy=ENVELOPE', 'viewer'), [])
  t.same(await rowsOf('/v1/allocations?limitedBy=ENVELOPE', 'viewer'), [])
  t.same(await rowsOf('/v1/allocations?institution=min-afya', 'viewer'), [])
  t.equal((await rowsOf('/v1/institutions?q=Health', 'planner')).length, 1)
})

t.test('the status counts all, and names none: who is short among them is a sum', async (t) => {
  type Status = { shortest: { institution: string; unmet: number }[]; satisfied: object; institutions: number }
  const [seen, all] = await Promise.all(
    (['viewer', 'engineer'] as const).map(async (as) => (await api.call('/v1/status', { as })).json() as Status),
  )
  t.same(seen!.satisfied, all!.satisfied)
  t.equal(seen!.institutions, all!.institutions)
  const theirs = all!.shortest.filter(({ institution }) => SECRET.includes(institution))
  t.match(seen!.shortest.at(-1), {
    institution: 'restricted',
    unmet: theirs.reduce((sum, { unmet }) => sum + unmet, 0),
  })
  t.notMatch(JSON.stringify(seen), /Muhimbili|Afya|udsm/)
})

t.test('flows that a link limits are a sum as well, and all are counted', async (t) => {
  type Link = { limits: { total: number; flows: { id: string; demand: number }[] } }
  const link = async (as: Role) => (await api.call('/v1/links/transit-a.down', { as })).json() as Link
  const [seen, all] = [await link('viewer'), await link('planner')]
  t.equal(seen.limits.total, all.limits.total)
  t.same(
    seen.limits.flows.map(({ id }) => id),
    ['restricted'],
  )
  t.equal(
    seen.limits.flows[0]!.demand,
    all.limits.flows.reduce((sum, { demand }) => sum + demand, 0),
  )
})

t.test('flows on a link are a sum as well, which names nobody and holds all that they bring', async (t) => {
  type OnLink = { total: number; short: number; flows: { id: string; load: number; unmet: number }[] }
  const on = async (as: Role, query = '') =>
    (await api.call(`/v1/links/transit-a.down/flows${query}`, { as })).json() as OnLink
  const [seen, all] = [await on('viewer'), await on('planner')]
  t.same([seen.total, seen.short], [all.total, all.short])
  const isSecret = ({ id }: { id: string }) => SECRET.includes(id.split('/', 1)[0]!)
  const theirs = all.flows.filter(isSecret)
  t.same(
    seen.flows.map(({ id }) => id),
    [...all.flows.filter((flow) => !isSecret(flow)).map(({ id }) => id), 'restricted'],
  )
  const sum = (of: 'load' | 'unmet') => theirs.reduce((total, flow) => total + flow[of], 0)
  t.match(seen.flows.at(-1), { load: sum('load'), unmet: sum('unmet'), limitedBy: { id: null }, band: null })
  t.same((await on('viewer', '?limit=1')).flows.at(-1), seen.flows.at(-1), 'the sum is of all of them')
})

t.test('a month of the ledger ends with a sum, in which nothing is anybody’s own', async (t) => {
  const row = (institution: string, used: number | null) => ({
    ...{
      institution,
      tiers: ['basic'],
      entitled: { internet: { down: 10, up: 5 } },
      asked: 9,
      served: 8,
      used,
      missed: 1,
    },
    ...{ seen: 10, slots: 12, minutesBelow: 5, causes: [{ limit: `access.${institution}.down`, minutes: 5 }] },
    ...{ attainment: 0.5, agreements: [] },
  })
  const head = { month: '2026-01', zone: 'UTC', from: '', before: '', closing: null, contracts: [], charges: null }
  const month = { ...head, institutions: [row('a', 3), row('b', 4), row('c', null)], toClose: null }
  const { institutions } = withSum(month, (id) => id === 'a')
  t.same(institutions[0], row('a', 3))
  t.same(institutions.slice(1), [
    {
      ...{ institution: 'restricted', tiers: [], entitled: { internet: { down: 20, up: 10 } } },
      ...{ asked: 18, served: 16, used: 4, missed: 2, seen: 20, slots: 24, minutesBelow: 10 },
      ...{ causes: [], attainment: null, agreements: [] },
    },
  ])
  t.equal(
    withSum(month, () => true),
    month,
  )
})

t.test('every role of who works here but the viewer is shown them; a scope those that lie in it', async (t) => {
  const duties: readonly Role[] = ['member', 'monitor', 'edge']
  for (const role of ROLES.filter((role) => !duties.includes(role))) {
    const ids = (await rowsOf<InstitutionView>('/v1/institutions', role)).map(({ id }) => id)
    t.equal(ids.includes('restricted'), role === 'viewer', role)
    t.equal(ids.includes('min-afya'), role !== 'viewer', role)
  }
  const scope = { regions: ['x'] }
  const roles: readonly Role[] = ['operator', 'auditor']
  const who = { actor: 'juma', roles, scope, person: true, inPerson: true, via: 'token' }
  const headers = { authorization: `Bearer ${api.accounts.secrets.issue(who)}` }
  const read = async (path: string) => api.call(path, { as: null, headers })
  const items = ((await read('/v1/institutions')).json() as Rows).items
  t.same(
    items.map(({ id }) => id),
    ['court-high-dodoma', 'lga-kigoma', 'min-afya', 'min-elimu', 'restricted'],
  )
  t.match(items.at(-1), { name: { en: 'Restricted institutions (2)' } })
  t.equal((await read('/v1/institutions/min-afya')).status, 200)
  t.equal((await read('/v1/institutions/uni-udsm')).status, 404)
  t.equal((await read('/v1/audit?until=2100-01-01T00:00:00Z')).status, 403, 'the trail is not told in part')
})

t.test('nobody in particular on the machine scrapes no line of theirs, the administrator of it does', async (t) => {
  const line = /link="access\.min-afya-dar-1"/
  const nobody = await api.call('/metrics', { as: null })
  t.equal(nobody.status, 200)
  t.match(nobody.text, /mizani_link_load_bits_per_second\{link="transit-a",direction="down"\}/)
  t.notMatch(nobody.text, line)
  for (const as of ['viewer', 'monitor', 'edge'] as const)
    t.notMatch((await api.call('/metrics', { as })).text, line, as)
  t.match((await api.call('/metrics', { as: 'admin' })).text, line)
})

t.test('what is hidden is answered in the very words in which that is which is not there', async (t) => {
  const paths = api.rules.filter(({ method, url }) => method === 'GET' && url.startsWith('/v1/institutions/:id'))
  t.ok(paths.length >= 4)
  const asked = ['', '?bogus=1', '?step=5m&from=2026-01-01&to=2025-01-01', '?at=never', '?edge=nowhere']
  const all = [
    ...paths.flatMap(({ url }) => [...SECRET, 'wakala-osha', 'restricted'].map((id) => [url.replace(':id', id), id])),
    ...['', '/history'].map((end) => [`/v1/links/access.min-afya-dar-1.down${end}`, 'min-afya-dar-1']),
    ...['institutions/min-afya', 'sites/min-afya-dar-1', 'former/kambi-ya-zamani'].map((part) => {
      return [`/v1/policy/${part}`, part.split('/')[1]!]
    }),
  ] as [string, string][]
  for (const [path, id] of all)
    for (const query of asked) {
      const answer = async (address: string, named: string) => {
        const { status, text } = await api.call(address + query, { as: 'viewer' })
        return `${status} ${text.replaceAll(named, 'ID').replace(/"requestId":"[^"]*"/, '')}`
      }
      t.equal(await answer(path, id), await answer(path.replace(id, 'nobody'), 'nobody'), path + query)
    }
  t.equal(histories, 0, 'nothing was read of either: how long it takes would tell')
  t.match((await api.call('/v1/institutions/lga-kigoma/history', { as: 'viewer' })).text, SERIES)
  t.equal(histories, 1)
})

t.test('what somebody proposes to make restricted is not named; whoever proposes it sees it', async (t) => {
  const change = {
    pointer: '/institutions/ubalozi',
    after: { name: { en: 'New Embassy', sw: 'Ubalozi' }, restricted: true },
  }
  const proposal = {
    ...{ id: 'p-1', author: 'a-viewer', changes: [change], state: 'open', reason: 'the New Embassy', reference: null },
    ...{ at: 0, base: 7, guards: [], losses: [], approvedBy: null, note: null, effectiveAt: null },
  }
  const other = { ...proposal, id: 'p-2', author: 'juma' }
  const api = await start([], [proposal, other])
  const seen = (await api.call('/v1/proposals', { as: 'viewer' })).text
  t.match(seen, '"id":"p-1"')
  t.match(seen, 'New Embassy')
  t.notMatch(seen, '"id":"p-2"')
  t.match((await api.call('/v1/proposals', { as: 'planner' })).text, '"id":"p-2"')
  t.equal((await rowsOf('/v1/institutions', 'viewer', api)).length, 6, 'no sum of nothing')
})

t.test('without any, every answer to a viewer is what one who is cleared gets, to the byte', async (t) => {
  const none = await start([])
  const reads = none.rules.filter(({ method, url }) => method === 'GET' && !/events|audit|\/me|docs|openapi/.test(url))
  let same = 0
  for (const { url } of reads) {
    const path = url.replace('/v1/links/:id', '/v1/links/transit-a.down').replace(/:id/, 'min-afya')
    for (const accept of ['application/json', 'text/csv']) {
      const answer = async (as: Role) => {
        const { status, text } = await none.call(path, { as, headers: { accept } })
        return `${status} ${text
          .replace(/"requestId":"[^"]*"/, '')
          .replaceAll(`a-${as}`, 'WHO')
          .replaceAll(as, 'ROLE')}`
      }
      const [one, other] = [await answer('viewer'), await answer('planner')]
      if (url !== '/metrics') t.equal(one, other, `${path} ${accept}`)
      if (one.startsWith('200')) same++
    }
  }
  t.ok(same > 20, `${same} answers`)
})
