// What the API says: shapes that scripts hold on to, lists, one form for all errors, its own description, its metrics.

import { connect } from 'node:net'
import { Registry } from 'prom-client'
import t from 'tap'
import { meShape } from '../../src/api/accounts/account-shapes.js'
import { BoardView } from '../../src/api/board-view.js'
import { inForceShape } from '../../src/api/in-force/in-force-shapes.js'
import { explainShape } from '../../src/api/institutions/explain-shape.js'
import { problemSchema } from '../../src/api/problem.js'
import * as shapes from '../../src/api/shapes.js'
import { runInForce } from '../../src/client/in-force.js'
import { runEdgeOrder } from '../../src/client/static-edges.js'
import { namedBy } from '../../src/policy/document/name-search.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import { runDoctor } from '../../src/process/doctor.js'
import { manualClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { FairTurns } from '../../src/runtime/fair-turns.js'
import * as z from '../../src/runtime/zod.js'
import { type Api, empty, policyStore, startApi } from './api-fixture.js'
import { fixtureBoard, whatIfOf } from './board-fixture.js'

const LISTS = {
  '/v1/institutions': shapes.institutionShape,
  '/v1/allocations': shapes.allocationShape,
  '/v1/links': shapes.linkShape,
  '/v1/envelopes': shapes.envelopeShape,
  '/v1/nodes': shapes.nodeShape,
  '/v1/edges': shapes.edgeShape,
  '/v1/unmapped': shapes.unmappedShape,
} as const

const idsOf = (answer: { json(): unknown }): string[] =>
  z
    .object({ items: z.array(z.object({ id: z.string() })) })
    .parse(answer.json())
    .items.map(({ id }) => id)

t.test('every answer has the shape that is documented, no field more and none less', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const paths = {
    '/v1/status': shapes.statusShape,
    '/v1/me': meShape,
    '/v1/institutions/min-afya': shapes.institutionDetailShape,
    '/v1/institutions/min-afya/explain': explainShape,
    '/v1/links/transit-a.down': shapes.linkDetailShape,
    '/v1/edges/kgm-1': shapes.edgeDetailShape,
    ...Object.fromEntries(Object.entries(LISTS).map(([path, shape]) => [path, shapes.pageOf(shape)])),
  }
  for (const [path, shape] of Object.entries(paths)) {
    const answer = await api.call(path, { as: 'viewer' })
    t.equal(answer.status, 200, path)
    t.match(answer.headers.get('content-type'), /^application\/json/)
    t.equal(answer.headers.get('cache-control'), 'no-store')
    t.strictSame(shape.safeParse(answer.json()).error?.issues ?? [], [], path)
  }
})

t.test('the status and the lists say what scripts hold on to', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  t.match((await api.call('/v1/status')).json(), {
    plane: 'taifa',
    demo: true,
    leader: 'ctl-1',
    epoch: '1795559707146',
    seq: 4211,
    revision: 7,
    institutions: 6,
    govnetMembers: 5,
    edges: { total: 3, fresh: 2, stale: 0, safe: 1, simulated: 3 },
    enforcement: { observe: 1, enforce: 2, hold: 0, bypass: 0, keepsEarlier: 2 },
    satisfied: { all: 2, short: 2, belowGuarantee: 2 },
    shortest: [{ institution: 'uni-udsm', belowGuarantee: true, limitedBy: { code: 'LINK', id: 'transit-a.down' } }],
    tick: { lastMs: 4.1, solveMs: 0.4, kept: 10, moved: 4 },
    certificate: { ok: true, checkedSeq: 4210 },
    alarms: [],
  })
  t.match((await api.call('/v1/institutions?q=muhimbili')).json(), {
    items: [
      {
        id: 'hosp-mnh-upanga',
        name: { en: 'Muhimbili National Hospital', sw: 'Hospitali ya Taifa Muhimbili' },
        edges: ['dar-1'],
        flows: [
          {
            service: 'internet',
            direction: 'down',
            guarantee: 60e6,
            ceiling: 200e6,
            demand: 48e6,
            need: 48e6,
            rate: 72e6,
            applied: 48e6,
            arrived: 57.6e6,
            carried: 43.2e6,
            measured: 43.2e6,
            unmet: 0,
            limitedBy: { code: 'DEMAND', id: null },
          },
          { direction: 'up' },
        ],
      },
    ],
    nextPageToken: null,
  })
  t.match((await api.call('/v1/links/transit-a.down')).json(), {
    from: 'outside',
    capacity: 150e6,
    usable: 45e6,
    needLoad: 31.5e6,
    load: 40.5e6,
    carried: null,
    unheard: 36e6,
    level: 0.75,
    state: 'derated',
    // Largest shortfall first.
    limits: { total: 2, flows: [{ id: 'uni-udsm/internet/down' }, { id: 'min-afya/internet/down@dar-1' }] },
  })
  t.match((await api.call('/v1/edges/kgm-1')).json(), {
    state: 'SAFE',
    applied: null,
    intended: { epoch: '1795559707146', seq: 4211 },
    leaseLeftMs: null,
    refusal: { code: 'CHECKSUM' },
    sites: [{ id: 'lga-kigoma-kgm-1' }],
    totals: { down: { demand: 12e6, applied: 0, arrived: null, carried: null } },
  })
  t.strictSame(idsOf(await api.call('/v1/unmapped')), ['unmapped/internet/down@dar-1', 'unmapped/internet/up@dar-1'])
  t.match((await api.call('/v1/nodes')).json(), {
    items: [
      { id: 'dar', at: [820, 460] },
      { id: 'kigoma', at: null },
    ],
  })
  const called = await api.call('/v1/names?of=nodes/kigoma,tiers/nobody,plane/x')
  t.match(called.json(), {
    items: [{ collection: 'nodes', id: 'kigoma' }],
  })
  t.equal((await api.call(`/v1/names?of=${'tiers/a,'.repeat(100)}`)).status, 400)
  t.match((await api.call('/v1/envelopes')).json(), { items: [{ envelope: 'health', ceiling: 40e6, members: 1 }] })
})

t.test('an institution behind two edges is one flow in the list and two parts in its details', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const detail = shapes.institutionDetailShape.parse((await api.call('/v1/institutions/min-afya')).json())
  const [flow, ...rest] = detail.flows
  t.strictSame(rest, [])
  t.match(flow, { guarantee: 20e6, demand: 120e6, need: 40e6, rate: 60e6, unmet: 80e6 })
  t.strictSame(flow?.limitedBy, { code: 'LINK', id: 'transit-a.down' }, 'the cause of the part that misses most')
  t.strictSame(
    flow?.parts.map(({ edge }) => edge),
    ['dar-1', 'dom-1'],
  )
  const explained = async (query: string) =>
    explainShape.parse((await api.call(`/v1/institutions/min-afya/explain${query}`)).json())
  t.match(await explained(''), { edge: 'dar-1', others: ['dom-1'], limitedBy: { code: 'LINK' } })
  t.match(await explained('?edge=dom-1'), { edge: 'dom-1', others: ['dar-1'], limitedBy: { code: 'ENVELOPE' } })
  const lifted = 'Its limits are lifted at the edge dom-1 until 2026-01-02 03:00 EAT: a fibre is cut.'
  t.equal((await explained('?edge=dom-1')).steps[0]!.en, lifted)
  t.match(
    (await explained('')).steps.map(({ en }) => en),
    [lifted],
    'of whichever edge serves it',
  )
  t.notOk((await explained('?edge=dar-1')).text.includes('lifted'))
  t.match((await explained('?edge=dar-1')).text, 'Also on transit-a.down: =University of Dar es Salaam (30 Mbit/s)')
  const { bypasses } = shapes.edgeDetailShape.parse((await api.call('/v1/edges/dom-1')).json())
  t.strictSame(bypasses, [
    ...[
      {
        institution: 'min-afya',
        since: '2026-01-01T00:00:00.000Z',
        until: '2026-01-02T00:00:00.000Z',
        reason: 'a fibre is cut',
      },
    ],
  ])
  const { whatIf, lifting } = await explained('')
  t.strictSame(
    whatIf,
    whatIfOf(
      fixtureBoard().plan.flows.findIndex(({ institution, edge }) => institution === 'min-afya' && edge === 'dar-1'),
    ),
    'and what would change it, in numbers',
  )
  t.match(lifting, { en: /With .* more there it would have .* With 2 times its weight/ })
})

t.test('what is in force is one list: whose it is, until when, and where it ends', async (t) => {
  const at = Date.UTC(2026, 0, 1)
  const [since, until] = [at - 3_600_000, at + 3_600_000]
  const cause = { owner: 'juma', by: 'asha', reason: 'a test', since, until, event: null, factors: {}, ceilings: [] }
  const causes = [
    { ...cause, kind: 'OVERRIDE', id: 'ov-1', subjects: ['institution min-afya'] },
    { ...cause, kind: 'LINK_STATE', id: 'cable-east', subjects: ['link cable-east'], factors: { 'cable-east': 0 } },
    { ...cause, kind: 'FREEZE', id: 'freeze', subjects: ['policy'], until: null },
  ] as const
  const freeze = { since, author: 'asha', reason: 'a test' }
  const order = { enforcement: 'enforce', author: 'neema', reason: 'a way in', at: since, until } as const
  const over = { ...order, until: at }
  const api = await startApi({
    policy: policyStore({
      interventions: empty({ inForce: { ...NOTHING_IN_FORCE, freeze } }),
      history: empty({ pending: { revision: 7, parent: 6, confirmBy: until }, unsigned: [] }),
      switches: new Map(Object.entries({ 'dar-1': order, 'kgm-1': over })),
    }).port,
    staticEdges: empty({ confirmations: [], drains: [{ edge: 'dom-1', since, author: 'asha', reason: 'replaced' }] }),
  })
  t.teardown(api.close)
  await api.clock.advance(at - api.clock.wall())
  api.show({ ...fixtureBoard({ at }), inForce: () => causes })

  const answer = await api.call('/v1/in-force', { as: 'viewer' })
  t.equal(answer.status, 200, answer.text)
  const { items } = shapes.pageOf(inForceShape).parse(answer.json())
  t.same(
    items.map(({ kind, ref, state, by, end }) => [kind, ref, state, by, end.command ?? end.request]),
    [
      ['DRAIN', 'dom-1', null, 'asha', 'mizani edge drain dom-1 --end'],
      ['ENFORCEMENT', 'dar-1', 'trial', 'neema', 'mizani edge order enforce dar-1 --reason "…"'],
      ['ENFORCEMENT', 'dom-1', 'observe', null, 'mizani edge resume'],
      ['FREEZE', 'freeze', null, 'asha', 'mizani unfreeze'],
      ['LINK_STATE', 'cable-east', 'cut', 'asha', 'mizani link state cable-east up'],
      ['OVERRIDE', 'ov-1', null, 'asha', 'mizani override end ov-1'],
      ['PIN', 'dar-1', 'pinned', null, null],
      ['PIN', 'kgm-1', 'safe', null, null],
      ['REVISION', '7', 'pending', 'seed', 'PUT /v1/policy'],
    ],
  )
  const [, trial] = items
  t.match(trial, { owner: 'neema', since: new Date(since).toISOString(), until: new Date(until).toISOString() })
  t.match(items.at(-1), { until: new Date(until).toISOString() }, 'a revision that waits goes by itself')
  t.match((await api.call('/v1/in-force?kind=OVERRIDE')).json(), { items: [{ ref: 'ov-1', owner: 'juma' }] })
  t.equal((await api.call('/v1/in-force?kind=WISH')).status, 400)

  const frozen = { since: new Date(since).toISOString(), by: 'asha', reason: 'a test', until: null }
  t.match((await api.call('/v1/freeze', { as: 'viewer' })).json(), { frozen: true, ...frozen })
  const inForce = { OVERRIDE: 1, LINK_STATE: 1, FREEZE: 1, ENFORCEMENT: 2, DRAIN: 1, PIN: 2, SCHEDULE: 0 }
  t.match((await api.call('/v1/status')).json(), { freeze: frozen, inForce, timezone: 'Africa/Dar_es_Salaam' })

  const said: string[] = []
  const sink = { write: (text: string) => said.push(text) }
  const io = { stdout: sink, stderr: sink, env: {}, isTTY: false }
  const env = { MIZANI_URL: api.url, MIZANI_TOKEN: api.tokens.viewer, MIZANI_DATA: t.testdir() }
  const settings = loadSettings({ env })
  await runInForce({ json: false, settings }, io)
  t.match(
    said.join(''),
    /^override +ov-1 +institution min-afya +asha .*\n +a test · juma answers for it · ends with: miz/m,
  )

  const plain = await startApi()
  t.teardown(plain.close)
  plain.show({ ...fixtureBoard({ at }), inForce: () => causes })
  said.length = 0
  const asAdmin = { ...env, MIZANI_URL: plain.url, MIZANI_TOKEN: plain.tokens.admin }
  await runDoctor({ settings: loadSettings({ env: asAdmin }), json: false }, io)
  t.match(
    said.join(''),
    /look +freeze +nothing about the policy changes since .* EAT, by asha: a test\n +`mizani unfreeze`/,
  )
  t.match(said.join(''), /look +in force +link state 1, override 1, enforcement 1, pin 2\n/)
})

t.test('what is not known is null, not 0', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const { flows } = shapes.institutionDetailShape.parse((await api.call('/v1/institutions/lga-kigoma')).json())
  for (const { applied, arrived, carried, measured } of flows)
    t.strictSame([applied, arrived, carried, measured], [null, null, null, null])
})

t.test('an explanation comes in both languages, and as text in the one that was asked for', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const path = '/v1/institutions/hosp-mnh-upanga/explain?service=internet&direction=down'
  const english = await api.call(path)
  t.match(english.json(), {
    sentence: {
      en: 'Muhimbili National Hospital gets all it asks for (48 of 48 Mbit/s). Shaping is not the cause.',
      sw:
        'Hospitali ya Taifa Muhimbili inapata kasi yote inayoomba (48 kati ya 48 Mbit/s). ' +
        'Mgao wa kasi siyo chanzo cha tatizo.',
    },
    lift: { by: 'NOTHING', id: null },
  })
  t.ok(explainShape.parse(english.json()).text.startsWith('Muhimbili National Hospital gets all'))
  const swahili = await api.call(`${path}&lang=sw`)
  t.equal(swahili.headers.get('content-language'), 'sw')
  t.ok(explainShape.parse(swahili.json()).text.startsWith('Hospitali ya Taifa Muhimbili inapata'))
  t.equal((await api.call('/v1/institutions/hosp-mnh-upanga/explain?service=telepathy')).status, 404)
  const unknown = await api.call('/v1/institutions/nobody', { headers: { 'accept-language': 'sw-TZ,en;q=0.5' } })
  t.match(unknown.json(), { code: 'NOT_FOUND', title: 'Haikupatikana' })
  t.match((await api.call('/v1/institutions/nobody')).json(), { code: 'NOT_FOUND', title: 'Not Found' })
  t.equal(swahili.headers.get('mizani-timezone'), 'Africa/Dar_es_Salaam')
  t.match((await api.call('/v1/status')).json(), { timezone: 'Africa/Dar_es_Salaam' })
  t.equal((await api.call('/v1/institutions/hosp-mnh-upanga/explain?edge=kgm-1')).status, 404)
  t.equal((await api.call('/v1/institutions/hosp-mnh-upanga/explain?lang=fr')).status, 400)
})

t.test('lists go by id, page by page, and a place in them outlives the board', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  for (const path of Object.keys(LISTS)) {
    const all = idsOf(await api.call(`${path}?pageSize=1000`))
    t.strictSame(all, [...all].sort(), `${path} is in order`)
    const walked: string[] = []
    let token: string | null = ''
    let tick = 0
    while (token !== null) {
      const answer = await api.call(`${path}?pageSize=2${token === '' ? '' : `&pageToken=${token}`}`)
      walked.push(...idsOf(answer))
      token = z.object({ nextPageToken: z.string().nullable() }).parse(answer.json()).nextPageToken
      api.show(fixtureBoard({ seq: 5000 + tick++ }))
    }
    t.strictSame(walked, all, `${path} page by page`)
  }
  const { nextPageToken } = shapes.pageOf(shapes.linkShape).parse((await api.call('/v1/links?pageSize=1')).json())
  for (const token of [nextPageToken, 'bm9uc2Vuc2U', '!!', 'x'.repeat(200)]) {
    t.match((await api.call(`/v1/institutions?pageToken=${token}`)).json(), { status: 400, code: 'PAGE_TOKEN_INVALID' })
  }
})

t.test('lists are filtered by field and by text', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const found = {
    '/v1/institutions?category=ministry': ['min-afya', 'min-elimu'],
    '/v1/institutions?region=dodoma&tier=court-high': ['court-high-dodoma'],
    '/v1/institutions?edge=kgm-1': ['lga-kigoma'],
    '/v1/institutions?limitedBy=ENVELOPE': [],
    '/v1/institutions?limitedBy=PENDING': ['hosp-mnh-upanga'],
    '/v1/institutions?limitedBy=transit-a.down': ['min-afya', 'uni-udsm'],
    '/v1/institutions?q=WIZARA': ['min-afya', 'min-elimu'],
    '/v1/institutions?q=mlimani': ['uni-udsm'],
    '/v1/institutions?q=nobody': [],
    '/v1/institutions?q=Elimu,%20Wiz.': ['min-elimu'],
    '/v1/institutions?q=wízara%20eli': ['min-elimu'],
    '/v1/allocations?institution=min-elimu&direction=up': ['min-elimu/internet/up'],
    '/v1/allocations?limitedBy=ENVELOPE': ['min-afya/internet/down@dom-1'],
    '/v1/allocations?kind=unmapped&direction=up': ['unmapped/internet/up@dar-1'],
    '/v1/links?kind=upstream&state=derated': ['transit-a.down'],
    '/v1/links?except=backbone': ['transit-a.down', 'transit-a.up'],
    '/v1/links?q=cable-east': ['transit-a.down', 'transit-a.up'],
    '/v1/edges?state=SAFE': ['kgm-1'],
    '/v1/edges?enforcement=observe': ['dom-1'],
    '/v1/edges?region=kigoma': ['kgm-1'],
    '/v1/institutions?q=192.0.2.7': [],
    '/v1/institutions?q=10.1.0.7&category=ministry': ['min-afya', 'min-elimu'],
    '/v1/figures?service=internet&direction=up': [
      ...['court-high-dodoma', 'hosp-mnh-upanga', 'lga-kigoma', 'min-elimu', 'uni-udsm'],
    ],
    '/v1/nodes?region=kigoma': ['kigoma'],
    '/v1/unmapped?direction=down': ['unmapped/internet/down@dar-1'],
    '/v1/envelopes?direction=up': [],
  }
  for (const [path, ids] of Object.entries(found)) t.strictSame(idsOf(await api.call(path)), ids, path)
})

t.test('people are found by the words they use, and a loose reading never adds to a strict one', (t) => {
  const names = {
    'hosp-rrh-meru': 'Mount Meru Regional Referral Hospital',
    'lga-meru': 'Meru District Council',
    'uni-mount': 'University of Mount Kibo',
    'min-fedha': 'Ministry of Finance, Meru Street',
  }
  const rows = Object.entries(names).map(([id, en]) => ({ id, name: { en, sw: en }, labels: {} }))
  const found = (text: string): string[] => rows.filter(namedBy(text, rows)).map(({ id }) => id)
  t.strictSame(found('Mount Meru'), ['hosp-rrh-meru'])
  t.strictSame(found('Mt Meru'), ['hosp-rrh-meru'], 'a ministry in Meru street is no mountain')
  t.strictSame(found('Mt. Meru hosp'), ['hosp-rrh-meru'])
  t.strictSame(found('hospital meru'), ['hosp-rrh-meru'], 'in any order')
  t.strictSame(found('Univ. Kíbo'), ['uni-mount'])
  t.strictSame(found('Hospitl Meru'), ['hosp-rrh-meru'], 'with a slip')
  t.strictSame(found('meru'), ['hosp-rrh-meru', 'lga-meru', 'min-fedha'])
  t.strictSame(found('Mt Kilimanjaro'), [])
  t.end()
})

t.test('what is asked about a service that is none is not what others are told', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const flows = async (query: string): Promise<number> => {
    const { items } = (await api.call(`/v1/institutions?${query}`)).json() as { items: { flows: unknown[] }[] }
    return items.reduce((sum, item) => sum + item.flows.length, 0)
  }
  t.equal(await flows('service=undefined&direction=down'), 0)
  t.ok((await flows('direction=down')) > 0)
})

t.test('lists come as CSV for those who ask, with names that no spreadsheet takes for formulas', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const csv = { headers: { accept: 'text/csv' } }
  const answer = await api.call('/v1/institutions?pageSize=3', csv)
  t.match(answer.headers.get('content-type'), /^text\/csv/)
  const lines = answer.text.trim().split('\r\n')
  t.equal(lines.length, 1 + 6, 'one line a flow')
  t.equal(lines[0]?.split(',')[0], 'id')
  t.equal(
    lines[3],
    'hosp-mnh-upanga,Muhimbili National Hospital,Hospitali ya Taifa Muhimbili,hospital,dar-es-salaam,national,dar-1,' +
      'internet,down,60000000,200000000,48000000,48000000,72000000,48000000,43200000,0,DEMAND,,57600000,43200000,' +
      '48000000,,false',
  )
  const next = /<(.*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1] ?? ''
  const rest = await api.call(next, csv)
  t.match(rest.text, "'=University of Dar es Salaam")
  t.equal(rest.headers.get('link'), null, 'the last page has no next')
  for (const path of Object.keys(LISTS)) {
    const { status, text } = await api.call(path, csv)
    t.equal(status, 200, path)
    t.notMatch(text, /undefined|\[object/, path)
  }
  const { text } = await api.call('/v1/institutions?q=nobody', csv)
  t.match(text, /^id,nameEn/, 'an empty list still names its columns')
  t.match(
    (await api.call('/v1/links', { headers: { accept: 'text/csv, application/json' } })).headers.get('content-type'),
    /json/,
  )
})

t.test('errors have one form, a code of the closed list and the place of the fault', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const json = { 'content-type': 'application/json' }
  const policy = (body: string, headers: Record<string, string> = {}) => ({
    method: 'PUT',
    body,
    headers: { ...json, ...headers },
  })
  const cases: readonly [number, string, string, RequestInit?][] = [
    [404, 'NOT_FOUND', '/v1/nothing'],
    [404, 'NOT_FOUND', '/v1/institutions/nobody'],
    [404, 'NOT_FOUND', '/v1/institutions/a%2Fb'],
    [404, 'NOT_FOUND', '/v1/links/transit-a'],
    [404, 'NOT_FOUND', '/v1/links/health.down'],
    [404, 'NOT_FOUND', '/v1/edges/nowhere'],
    [404, 'NOT_FOUND', '/v1/demo/edges/kgm-1/stop', { method: 'POST', body: '{}', headers: json }],
    [405, 'METHOD_NOT_ALLOWED', '/v1/status', { method: 'POST' }],
    [405, 'METHOD_NOT_ALLOWED', '/v1/edges/dar-1/enforcement'],
    [406, 'NOT_ACCEPTABLE', '/v1/status', { headers: { accept: 'text/html' } }],
    [400, 'BAD_REQUEST', '/v1/links?pageSize=0'],
    [400, 'BAD_REQUEST', '/v1/links?pageSize=1001'],
    [400, 'BAD_REQUEST', '/v1/links?colour=red'],
    [400, 'BAD_REQUEST', '/%zz'],
    [400, 'BAD_REQUEST', '/v1/policy', policy('{"tiers":', { 'if-match': '"r7"' })],
    [400, 'BAD_REQUEST', '/v1/policy', policy('{"__proto__":{}}', { 'if-match': '"r7"' })],
    [400, 'BAD_REQUEST', '/v1/policy', policy('[]', { 'if-match': '"r7"' })],
    [400, 'BAD_REQUEST', '/v1/policy', policy('{"tiers":{}}', { 'if-match': '"r7"' })],
    [413, 'PAYLOAD_TOO_LARGE', '/v1/demo/load', { method: 'POST', body: `"${'x'.repeat(70_000)}"`, headers: json }],
    [415, 'UNSUPPORTED_MEDIA_TYPE', '/v1/demo/load', { method: 'POST', body: 'x=1' }],
    [428, 'PRECONDITION_REQUIRED', '/v1/policy?reason=x', policy('{"tiers":{}}')],
    [412, 'PRECONDITION_FAILED', '/v1/policy?reason=x', policy('{"tiers":{}}', { 'if-match': '"r6"' })],
    [412, 'PRECONDITION_FAILED', '/v1/policy?reason=x', policy('{"tiers":{}}', { 'if-match': 'W/"r7"' })],
    [422, 'POLICY_INVALID', '/v1/policy?reason=x', policy('{}', { 'if-match': '"r7"' })],
  ]
  for (const [status, code, path, init] of cases) {
    const answer = await api.call(path, init)
    t.equal(answer.status, status, `${path}: ${answer.text.slice(0, 200)}`)
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/)
    const problem = problemSchema.parse(answer.json())
    t.match(problem, { status, code })
    t.equal(problem.requestId, answer.headers.get('x-request-id'))
  }
  t.equal((await api.call('/v1/status', { method: 'POST' })).headers.get('allow'), 'GET, HEAD')
  t.match((await api.call('/v1/links?pageSize=0')).json(), { errors: [{ pointer: '/pageSize', code: 'TOO_SMALL' }] })
  const refused = await api.call('/v1/policy?reason=x', policy('{}', { 'if-match': '"r7"' }))
  t.match(refused.json(), { errors: [{ pointer: '/tiers', code: 'MISSING', detail: 'tiers are missing' }] })
  t.match(await garbage(api), /^HTTP\/1.1 400 [\s\S]*"code":"BAD_REQUEST"/, 'even for what is not HTTP')
})

function garbage(api: Api): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write('\x16\x03\x01 hello\r\n\r\n'))
    socket.on('data', (data) => {
      text += data.toString()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

t.test('what breaks inside is told by a request id alone; a store that is away is told as such', async (t) => {
  let failure: Error = new Error('secret table missing at /srv/secret')
  const api = await startApi({
    policy: policyStore({ changes: empty({ change: () => Promise.reject(failure) }) }).port,
  })
  t.teardown(api.close)
  const put = () => api.send('PUT', '/v1/policy?reason=x', {}, { headers: { 'if-match': '"r7"' } })
  const broken = await put()
  t.match(broken.json(), { status: 500, code: 'INTERNAL' })
  t.notMatch(broken.text, /secret|at \w+ \(|\.ts/)
  const logged = api.logged.find((line) => line.includes('secret table'))
  t.ok(logged?.includes(problemSchema.parse(broken.json()).requestId), 'the log has the story under the same id')
  failure = new MizaniError({ code: 'REDIS_START', message: 'The policy store is away.', remedy: 'retry' })
  t.match((await put()).json(), { status: 503, code: 'STORE_UNAVAILABLE', detail: 'The policy store is away.' })
  failure = new MizaniError({ code: 'READ_ONLY', message: 'appendonly is off.', remedy: 'retry' })
  t.match((await put()).json(), { status: 503, code: 'READ_ONLY' })
})

t.test('before the first tick it is alive and not ready; without ticks it stops being ready', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const ready = () => api.call('/v1/health/ready', { as: null })
  api.show(null)
  t.equal((await api.call('/v1/health/live', { as: null })).status, 200)
  t.match((await ready()).json(), { status: 503, code: 'NOT_READY' })
  for (const path of ['/v1/status', '/v1/links', '/v1/edges/dar-1', '/v1/institutions/min-afya/explain']) {
    t.match((await api.call(path)).json(), { status: 503, code: 'NOT_READY' }, path)
  }
  api.show(fixtureBoard({ at: api.clock.wall() }))
  t.strictSame((await ready()).json(), { status: 'ok' })
  await api.clock.advance(10_001)
  t.match((await ready()).json(), { code: 'NOT_READY', detail: 'The last tick that was seen here is 10 s old.' })
})

t.test('a policy is written on the revision that was read, or not at all', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const read = await api.call('/v1/policy', { as: 'viewer' })
  t.strictSame(
    [read.json(), read.headers.get('etag'), read.headers.get('mizani-revision')],
    [{ tiers: {} }, '"r7"', '7'],
  )
  const write = (query: string, etag: string) =>
    api.send('PUT', `/v1/policy?${query}`, { tiers: { a: 1 } }, { as: 'operator', headers: { 'if-match': etag } })
  const known = { revision: 8, hash: 'sha256:8', base: 7, warnings: ['link x is promised twice'] }
  const outcome = { ...known, needsApproval: false, guards: [], confirmBy: null }
  t.strictSame((await write('dryRun=true', '"r7"')).json(), { ...outcome, dryRun: true })
  t.equal((await api.call('/v1/policy')).headers.get('etag'), '"r7"', 'a dry run changes nothing')
  const written = await write('reason=exams&reference=T-1', '"r6", "r7"')
  t.strictSame(written.json(), { ...outcome, dryRun: false })
  t.equal(written.headers.get('etag'), '"r8"')
  t.match(api.policy.made.at(-1), { author: 'a-operator', reason: 'exams', reference: 'T-1' })
  const late = await write('reason=exams', '"r7"')
  t.match([late.status, late.headers.get('etag')], [412, '"r8"'], 'the second of two people is told')
})

t.test('an edge is switched with a reason, and a bypass ends', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const set = (body: unknown, query = '') =>
    api.send('POST', `/v1/edges/dar-1/enforcement${query}`, body, { as: 'engineer' })
  const reason = 'fibre works'
  const refused = [
    { enforcement: 'bypass', reason },
    { enforcement: 'bypass', reason, until: '2025-12-31T23:00:00Z' },
    { enforcement: 'bypass', reason, until: '2026-02-01T00:00:00Z' },
    { enforcement: 'observe', reason, until: '2026-01-01T02:00:00Z' },
    { enforcement: 'enforce', reason, until: '2025-12-31T23:00:00Z' },
    { enforcement: 'bypass', until: '2026-01-01T02:00:00Z' },
    { enforcement: 'hold', reason: '   ' },
    { enforcement: 'sleep', reason },
  ]
  for (const body of refused) t.equal((await set(body)).status, 400, JSON.stringify(body))
  t.strictSame(api.enforced, [])
  const bypass = { enforcement: 'bypass', reason, until: '2026-01-01T05:00:00+03:00' }
  const dry = shapes.enforcementShape.parse((await set(bypass, '?dryRun=true')).json())
  t.match(dry, {
    edge: 'dar-1',
    before: 'enforce',
    enforcement: 'bypass',
    until: '2026-01-01T02:00:00.000Z',
    dryRun: true,
  })
  t.strictSame(
    dry.limited.map(({ institution, direction }) => `${institution} ${direction}`),
    ['min-afya down', 'uni-udsm down', 'uni-udsm up'],
    'those whose demand is above their rate',
  )
  t.strictSame(api.enforced, [], 'a dry run switches nothing')
  t.equal((await set(bypass)).status, 200)
  t.equal((await set({ enforcement: 'hold', reason })).status, 200, 'hold may last')
  const [first, second] = api.enforced
  t.strictSame(first, { ...bypass, edge: 'dar-1', until: Date.UTC(2026, 0, 1, 2), author: 'a-engineer' })
  t.equal(second?.until, null)
  const trial = { enforcement: 'enforce', reason, until: '2026-01-01T02:00:00Z' }
  t.match((await set(trial)).json(), { until: '2026-01-01T02:00:00.000Z' }, 'to enforce for a while is a trial')

  const said: string[] = []
  const sink = { write: (text: string) => said.push(text) }
  const settings = { client: { url: api.url, token: api.tokens.engineer! }, data: t.testdirName }
  const order = (more: object) => {
    const args = { enforcement: 'enforce', edges: ['dar-1', 'dom-1'], reason, dryRun: false, json: false, ...more }
    return runEdgeOrder({ ...args, settings } as Parameters<typeof runEdgeOrder>[0], {
      ...{ stdout: sink, stderr: sink, env: {}, isTTY: false },
    })
  }
  await order({})
  t.strictSame(said, [
    'dar-1: enforce -> enforce; ask for more than their rate: 3\n',
    'dom-1: observe -> enforce; ask for more than their rate: 1\n',
  ])
  t.match(api.enforced.slice(-2), [{ edge: 'dar-1', until: null }, { edge: 'dom-1' }])
  await t.rejects(order({ for: '30m' }), /seven days/, 'an end by the clock here, which is months ahead of the API')
  await t.rejects(order({ for: 'soon' }), /no duration/)

  said.length = 0
  const until = '2026-01-01T02:00:00.000Z'
  const partly = { edges: ['dar-1', 'nowhere', 'dom-1'], until: '2026-01-01T05:00:00+03:00' }
  await t.rejects(order({ ...partly, json: true }), { code: 'NOT_FOUND' })
  const rest = `Not known to be: nowhere, dom-1; order these again with this reason and --until ${until}.`
  const told = `Ordered until 2026-01-01 05:00 EAT: dar-1. ${rest}\n`
  t.match(JSON.parse(said[0]!), [{ edge: 'dar-1', until }], 'what was done before the failure is data all the same')
  t.strictSame(said.slice(1), [told])
  await t.rejects(order(partly), { code: 'NOT_FOUND' })
  t.equal(said.at(-1), told)
  await order({ edges: ['dom-1'], until })
  const both = api.enforced.slice(-2)
  t.match(both, [{ edge: 'dar-1' }, { edge: 'dom-1' }])
  t.equal(both[0]!.until, both[1]!.until, 'who joins later returns together with the others')
  said.length = 0
  await t.rejects(order({ ...partly, dryRun: true }), { code: 'NOT_FOUND' })
  t.notOk(said.join('').includes('Ordered'), 'a dry run has ordered nothing')
  await t.rejects(order({ until: 'March 2, 2026' }), { code: 'BAD_REQUEST', message: /"yesterday 14:00"/ })
  api.enforced.length = 0
  await order({ edges: ['dar-1', 'dom-1'], until: 'in 90 minutes' })
  t.equal(api.enforced[0]!.until, api.clock.wall() + 5_400_000)
  t.equal(api.enforced[1]!.until, api.enforced[0]!.until, 'a time that is relative is one time for all of them')
  await t.rejects(order({ until, for: '30m' }), { code: 'USAGE', message: /together/ })
})

t.test('the knobs of the demonstration exist beside simulated edges only', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  t.strictSame((await api.send('POST', '/v1/demo/load', { institution: 'min-afya', factor: 2 })).json(), {
    institution: 'min-afya',
    factor: 2,
  })
  t.strictSame(api.demanded, ['min-afya x 2'])
  t.equal((await api.send('POST', '/v1/demo/load', { institution: 'nobody', factor: 2 })).status, 404)
  t.equal((await api.send('POST', '/v1/demo/load', { institution: 'min-afya', factor: -1 })).status, 400)
  t.strictSame((await api.send('POST', '/v1/demo/edges/dar-1/stop', {})).json(), { edge: 'dar-1', running: false })
  t.strictSame((await api.send('POST', '/v1/demo/edges/dar-1/start', {})).json(), { edge: 'dar-1', running: true })
  const real = await startApi({ demo: undefined })
  t.teardown(real.close)
  t.equal((await real.send('POST', '/v1/demo/load', { institution: 'min-afya', factor: 2 })).status, 404)
})

t.test('a board is encoded once and forgotten with the board', async (t) => {
  const view = new BoardView(fixtureBoard(), '0.1.0')
  t.equal(view.institutions, view.institutions)
  t.equal(view.institutions.json(0), view.institutions.json(0))
  const api = await startApi()
  t.teardown(api.close)
  const need = async () =>
    shapes.institutionDetailShape.parse((await api.call('/v1/institutions/min-elimu')).json()).flows[0]?.need
  t.equal(await need(), 40e6)
  api.show(fixtureBoard({ seq: 4212, scale: 2 }))
  t.equal(await need(), 80e6)
})

t.test('who is the first to scrape, or to look at a board, pays for nobody else', async (t) => {
  const taken: string[] = []
  let made = 0
  class Watched extends FairTurns {
    override take(...about: Parameters<FairTurns['take']>): Promise<void> {
      taken.push(about[0])
      return super.take(...about)
    }

    override forAll<T>(work: () => T): T {
      made++
      return super.forAll(work)
    }
  }
  const api = await startApi({ turns: new Watched(manualClock(), 64) })
  t.teardown(api.close)
  await api.call('/metrics', { as: 'viewer' })
  t.equal(taken.filter((who) => who === 'a-viewer').length, 1)
  t.ok(taken.filter((who) => who === '*').length > 20, 'a turn for each metric')
  for (const path of ['/v1/status', '/v1/institutions', '/v1/links']) {
    made = 0
    for (let k = 0; k < 2; k++) await api.call(path, { as: 'viewer' })
    t.equal(made, 1, path)
  }
  for (const [who, turns] of [
    ['a-viewer', 0],
    ['a-member', 1],
  ] as const) {
    taken.length = 0
    await api.call('/v1/status', { as: who.replace('a-', '') as 'viewer' | 'member' })
    t.equal(taken.length, turns, `${who}: what lies ready for whoever sees everything takes no turn`)
  }
})

t.test('metrics follow the conventions of Prometheus and the board', async (t) => {
  const metrics = new Registry()
  const api = await startApi({ metrics })
  t.teardown(api.close)
  await api.call('/v1/status')
  const { text, headers } = await api.call('/metrics', { as: null, headers: { accept: 'text/plain' } })
  t.match(headers.get('content-type'), /^text\/plain; version=0.0.4/)
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '')
  t.ok(names.length > 12)
  for (const name of names) t.match(name, /^mizani_[a-z_]+$/)
  for (const line of [
    'mizani_policy_revision 7',
    'mizani_publication_seq 4211',
    'mizani_certificate_ok 1',
    'mizani_solve_duration_seconds 0.0004',
    'mizani_institutions{satisfied="below_guarantee"} 2',
    'mizani_edges{state="safe"} 1',
    'mizani_edges_enforcement{enforcement="observe"} 1',
    'mizani_link_usable_bits_per_second{link="transit-a",direction="down"} 45000000',
    'mizani_build_info{version="0.1.0"} 1',
    'mizani_http_request_duration_seconds_count{method="GET",route="/v1/status",status="200"} 1',
  ]) {
    t.ok(text.split('\n').includes(line), line)
  }
  t.notMatch(text, /link="health"/, 'virtual links are nobody’s interface')
  api.show(null)
  t.notMatch(
    (await api.call('/metrics', { as: null })).text,
    /transit-a/,
    'what is gone does not stay at its last value',
  )
})

t.test('the description is OpenAPI 3.1, knows every route, and every route knows its answers', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const operation = z.looseObject({ summary: z.string(), responses: z.record(z.string(), z.looseObject({})) })
  const shape = z.looseObject({
    openapi: z.literal('3.1.0'),
    info: z.looseObject({ title: z.literal('Mizani'), version: z.literal('0.1.0') }),
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
  })
  const answer = await api.call('/openapi.json', { as: null })
  const { paths, components } = shape.parse(answer.json())
  const hidden = [
    ...[
      '/',
      '/sign-in',
      '/assets/:file',
      '/openapi.json',
      '/institutions',
      '/institutions/:id',
      '/links',
      '/links/:id',
    ],
    ...['/edges', '/edges/:id', '/in-force', '/emergency', '/alarms', '/alarms/:id', '/audit', '/wall', '/import'],
    ...['/policy', '/policy/revisions/:n', '/policy/plane', '/policy/bands', '/policy/whole', '/policy/:collection'],
    ...['/policy/:collection/:id', '/proposals', '/proposals/:id', '/people', '/people/:id', '/me', '/told'],
    ...['/ledger', '/ledger/register', '/ledger/prices', '/ledger/:month', '/ledger/:month/:id'],
    ...['/mine', '/requests', '/requests/:id', '/planner', '/planner/:id'],
  ]
  for (const { method, url, access } of api.rules) {
    if (method === 'HEAD' || url.startsWith('/docs') || hidden.includes(url)) continue
    const described = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    t.ok(described, `${method} ${url} is described`)
    const statuses = Object.keys(described?.responses ?? {})
    t.ok(
      statuses.some((status) => status.startsWith('2')),
      `${method} ${url} says what it answers`,
    )
    if (access !== 'open' && access !== 'loopback') t.ok(statuses.includes('401'), `${method} ${url} says 401`)
    if (method !== 'GET' && url !== '/v1/session') t.ok(statuses.includes('415'), `${method} ${url} says 415`)
  }
  for (const [, name = ''] of answer.text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
    t.ok(name in components.schemas, `${name} is there`)
  }
})

t.test('pages and documentation load nothing from elsewhere and run no inline script', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const page = await api.call('/', { as: null, headers: { accept: 'text/html' } })
  const policy = page.headers.get('content-security-policy') ?? ''
  for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]) {
    t.ok(policy.split(';').includes(rule), rule)
  }
  for (const path of ['/', '/docs/']) {
    const { text, status, headers } = await api.call(path, { as: null, headers: { accept: '*/*' } })
    t.equal(status, 200, path)
    t.notMatch(text, /https?:\/\/(?!www\.w3\.org)/, `${path} names no other host`)
    t.notMatch(text, /<script>|<style|\sstyle=|\son[a-z]+="/, `${path} has nothing inline`)
    t.match(headers.get('x-content-type-options'), 'nosniff')
  }
})

t.test('a write that is sent again while the first is at work is told to wait', async (t) => {
  const answers = {
    begin: async (_id: string, digest: string) => ({ digest, answer: null }),
    keep: async () => undefined,
    forget: async () => undefined,
  }
  const api = await startApi({ answers })
  t.teardown(api.close)
  const again = await api.send('PUT', '/v1/policy?reason=x', {}, { headers: { 'idempotency-key': 'k' } })
  t.equal(again.status, 409)
  t.match(again.json(), { status: 409, code: 'IDEMPOTENCY_REUSED' })
  t.equal(again.headers.get('retry-after'), '1')
})

t.test('an edge says of its own line that it fell, for a while, and of no other', async (t) => {
  const said: { link: string; factor: number; until: number | null }[] = []
  const line = (from: string, to: string) => ({ kind: 'uplink', from, to, capacity: { down: 1e9, up: 1e9 } })
  const api: Api = await startApi({
    policy: policyStore({
      interventions: empty({
        inForce: NOTHING_IN_FORCE,
        factorOf: ({ factor }: { factor: number }) => factor,
        async reportLink(event: (typeof said)[number] & { source: string }) {
          said.push(event)
          return { ...event, at: api.clock.wall(), heldUntil: 0 }
        },
      }),
      document: {
        guards: {},
        edges: {
          'a-edge': { node: 'pop-mwanza', ports: { radio: { down: 4e8, up: 2e8 } } },
          other: { node: 'pop-dar', ports: { radio: { down: 4e8, up: 2e8 } } },
        },
        links: { 'uplink-mwanza': line('mwanza', 'pop-mwanza'), 'uplink-dar': line('dar', 'pop-dar') },
      },
    }).port,
  })
  t.teardown(api.close)
  const now = api.clock.wall()
  const report = (link: string, more = {}) =>
    api.send('POST', `/v1/links/${link}/state`, { event: 'e-1', state: 'down', ...more }, { as: 'edge' })
  t.equal((await report('uplink-mwanza')).status, 200)
  t.equal((await report('uplink-mwanza.up', { ttl: 60 })).status, 200)
  const others = ['uplink-dar', 'uplink-dar.down', 'nowhere', 'port.other.radio', 'port.a-edge.fibre']
  for (const other of others) t.equal((await report(other)).status, 404, other)
  t.match(said, [
    { link: 'uplink-mwanza', factor: 0, until: now + 600_000, source: 'a-edge' },
    { link: 'uplink-mwanza.up', until: now + 60_000 },
  ])
  await api.send('POST', '/v1/links/uplink-dar/state', { event: 'e-1', state: 'down' }, { as: 'monitor' })
  t.match(said[2], { link: 'uplink-dar', until: null })
  t.equal((await report('port.a-edge.radio')).status, 200, 'one of its own lines')
  const left = { event: 'e-2', capacity: 1e8 }
  await api.send('POST', '/v1/links/port.a-edge.radio.up/state', left, { as: 'monitor' })
  t.match(said.slice(3), [
    { link: 'port.a-edge.radio', factor: 0, source: 'a-edge' },
    { link: 'port.a-edge.radio.up', factor: 0.5 },
  ])
})

t.test(
  'an edge that says too often what its lines carry is refused and named, and the word of monitoring goes on',
  async (t) => {
    const taken: unknown[] = []
    const line = { from: 'mwanza', to: 'pop-mwanza', capacity: { down: 4e8, up: 4e8 } }
    const api: Api = await startApi({
      policy: policyStore({
        interventions: empty({
          inForce: NOTHING_IN_FORCE,
          reportLink: async (report: object) => {
            taken.push(report)
            return { ...report, at: api.clock.wall(), heldUntil: 0 }
          },
          factorOf: ({ factor }: { factor: number }) => factor,
        }),
        document: { guards: {}, edges: { 'a-edge': { node: 'pop-mwanza' } }, links: { 'uplink-mwanza': line } },
      }).port,
    })
    t.teardown(api.close)
    let event = 0
    const say = (role: 'edge' | 'monitor') =>
      api.send('POST', '/v1/links/uplink-mwanza/state', { event: `e-${event++}`, state: 'down' }, { as: role })
    for (let i = 0; i < 40; i++) await say('edge')
    t.equal(taken.length, 12, 'a dozen at once')
    t.same(api.flapping(), ['a-edge'])
    const refused = await say('edge')
    t.equal(refused.status, 429)
    t.equal(refused.headers.get('retry-after'), '10', 'it is told when it may speak again')
    t.match(refused.json(), {
      code: 'RATE_LIMITED',
      detail: 'a-edge says too often what its lines carry; try again in 10 s.',
    })
    t.equal((await say('monitor')).status, 200, 'monitoring is not held up')
    await api.clock.advance(10_000)
    t.strictSame(
      [(await say('edge')).status, (await say('edge')).status],
      [200, 429],
      'then one more every ten seconds',
    )
    await api.clock.advance(61_000)
    t.same(api.flapping(), [], 'and it is named no longer when it has been quiet for a minute')
  },
)
