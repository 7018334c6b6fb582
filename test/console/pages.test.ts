// Pages of the console as the server writes them, of answers that the API gives seldom: two things of one kind, what
// is not known, what others have done.

import t from 'tap'
import { readConsole } from '../../src/api/console.js'
import { IN_PERSON } from '../../src/console/words/in-person-texts.js'
import { NETWORK, NOTICES, REFUSED } from '../../src/console/words/network-texts.js'
import { POLICY } from '../../src/console/words/policy-texts.js'
import { startApi } from '../api/api-fixture.js'

const { server } = await readConsole()
const api = await startApi({}, [], Date.now())
t.teardown(api.close)

type Answers = Readonly<Record<string, (query: URLSearchParams, known: Record<string, unknown>) => unknown>>

/** What is answered otherwise than the API does, by path; `known` is what it says itself. `forbidden`: a path. */
function page(address: string, answers: Answers, forbidden?: string, lang: 'en' | 'sw' = 'en'): Promise<string> {
  const send = async ({ address: asked }: { readonly address: string }) => {
    const { pathname, searchParams } = new URL(asked, api.url)
    const { status, text } = await api.call(asked)
    const known = JSON.parse(text) as Record<string, unknown>
    if (pathname === forbidden) return { status: 403, body: { code: 'FORBIDDEN' } }
    const other = answers[pathname]
    return other === undefined ? { status, body: known } : { status: 200, body: other(searchParams, known) }
  }
  const assets = () => ({ script: '', style: '', more: [] })
  return server.answer({ address, lang, turn: async () => undefined, assets, send })
}

/** As JSON, what it was drawn from stands in the page as well. */
const drawn = (html: string): string => html.replace(/<script type="application\/json".*<\/script>/s, '')

const BEGUN = '2026-01-01T00:00:00Z'
const listed = (items: readonly unknown[], nextPageToken: string | null = null) => ({ items, nextPageToken })

t.test('an institution shows what is laid on it for a while, and nothing that only has its name', async (t) => {
  const override = (id: string, state: string, on: object) => ({
    ...{
      id,
      state,
      owner: `of-${id}`,
      author: 'asha',
      reason: 'not for min-afya',
      reference: null,
      at: BEGUN,
      from: BEGUN,
    },
    ...{ until: '2027-01-01T00:00:00Z', patch: { on, tier: 'hospital' } },
  })
  const all = [
    override('own', 'active', { institution: 'min-afya' }),
    override('next', 'planned', { institution: 'min-afya' }),
    override('ended', 'ended', { institution: 'min-afya' }),
    override('theirs', 'active', { institution: 'hosp-mnh' }),
    override('link', 'active', { link: 'transit-a' }),
  ]
  // The newest of many stands on the last page.
  const answer = (query: URLSearchParams) => {
    const found = all.filter(({ state }) => state === (query.get('state') ?? state))
    return query.has('pageToken') ? listed(found) : listed([], 'more')
  }
  const html = drawn(await page('/institutions/min-afya', { '/v1/overrides': answer }))
  t.same(
    [...html.matchAll(/of-(\w+)/g)].map(([, id]) => id),
    ['own', 'next'],
  )
})

t.test('of a ceiling that nobody knows no part is tried', async (t) => {
  const unknown = (_: URLSearchParams, known: Record<string, unknown>) => ({
    ...known,
    flows: (known.flows as object[]).map((flow) => ({ ...flow, ceiling: null })),
  })
  const usual = drawn(await page('/institutions/min-afya', {}))
  t.match(usual, /<input type="range"/)
  const html = drawn(await page('/institutions/min-afya', { '/v1/institutions/min-afya': unknown }))
  t.notMatch(html, /<input type="range"|0 bit\/s/)
  t.match(html, /id="what-if".*<select/s, 'another tier is')
})

const proposal = (n: number, state: string) => ({
  ...{ id: `p-${(n * 7_919) % 1_000}`, state, author: 'asha', reason: `of ${n}`, reference: null },
  ...{ at: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(), effectiveAt: null, approvedBy: null, note: null },
  ...{ stale: null, whyStale: null, changes: [], losses: [], guards: [], warnings: [], words: [], seenOn: 7 },
})

t.test('what waits stands first among proposals, however many there are', async (t) => {
  const many = Array.from({ length: 300 }, (_, n) => proposal(n, n === 3 ? 'open' : 'committed'))
  many.sort((a, b) => (a.id < b.id ? -1 : 1))
  const answer = (query: URLSearchParams) => {
    const start = Number(query.get('pageToken') ?? 0)
    return listed(many.slice(start, start + 100), start < 200 ? String(start + 100) : null)
  }
  const html = drawn(await page('/proposals', { '/v1/proposals': answer }))
  t.same(
    [...html.matchAll(/of (\d+)</g)].slice(0, 3).map(([, n]) => n),
    ['3', '299', '298'],
  )
})

t.test('what a change does to the traffic of now is unknown before the first tick, and said to be', async (t) => {
  const impact = {
    ...{ failure: null, gainers: [], losers: [], guaranteesBroken: [], links: [] },
    institutions: { gainers: [], losers: [], guaranteesBroken: [] },
    totals: { gainers: 0, losers: 0, guaranteesBroken: 0 },
  }
  const of = (now: object | null) => () => ({
    ...proposal(1, 'open'),
    preview: { impact: { now, busyHour: impact, allAtCeiling: impact, worstFailure: impact } },
  })
  const revisions = { '/v1/policy/revisions': () => listed([]) }
  t.match(await page('/proposals/p-1', { ...revisions, '/v1/proposals/p-1': of(null) }), POLICY.nowUnknown[0])
  t.notMatch(await page('/proposals/p-1', { ...revisions, '/v1/proposals/p-1': of(impact) }), POLICY.nowUnknown[0])
})

t.test('what went past approval is confirmed in person, by whom the API lets do it', async (t) => {
  const revision = (breakGlass: boolean) => () =>
    listed([
      {
        ...{
          revision: 8,
          parent: 7,
          kind: 'commit',
          author: 'asha',
          reason: 'fire',
          reference: null,
          hash: 'sha256:8',
        },
        ...{ at: '2026-05-12T07:05:00Z', confirmBy: '2026-05-12T07:15:00Z', waits: true, breakGlass },
        ...{ unsigned: false, approvedBy: null },
      },
    ])
  const me =
    (...roles: string[]) =>
    (_: URLSearchParams, known: object) => ({
      ...{ ...known, roles, factor: { kind: 'totp', at: '2025-01-01T00:00:00Z' } },
    })
  const look = async (breakGlass: boolean, ...roles: string[]) =>
    drawn(
      await page('/policy', {
        ...{ '/v1/policy/revisions': revision(breakGlass), '/v1/me': me(...roles), '/v1/proposals': () => listed([]) },
      }),
    )
  t.match(await look(true, 'operator', 'approver'), IN_PERSON.how[0])
  t.notMatch(await look(false, 'operator', 'approver'), IN_PERSON.how[0])
  t.notMatch(await look(true, 'operator'), /id="confirm"/)
  t.notMatch(await look(false, 'approver'), /id="confirm"/)
  t.match(await look(false, 'operator'), /id="confirm".*id="revert"/s)
  const trail = await page('/audit', { '/v1/me': me('auditor'), '/v1/audit': () => listed([]) })
  t.match(drawn(trail), new RegExp(`id="purge".*${IN_PERSON.how[0]}`, 's'), 'so is the trail written anew')
  const forbidden = await page('/audit', { '/v1/me': me('approver') }, '/v1/audit')
  t.match(drawn(forbidden), /id="verify"/, 'an approver, who may not read it, agrees that it is cut off')
  t.notMatch(drawn(forbidden), /id="trail"|id="purge"|id="export"/)
})

t.test('an edge says who else speaks as it, what it has found, and what passes it uncounted', async (t) => {
  const since = '2026-05-12T07:05:00Z'
  const more = (_: URLSearchParams, known: object) => ({
    ...known,
    ...{ place: '10.1.2.3', second: { place: '10.9.9.9', since }, uncounted: { down: 3_000_000, up: 0 } },
    notices: [{ code: 'FASTTRACK', subject: 'rule 7', since, used: true }],
  })
  const html = drawn(await page('/edges/dar-1', { '/v1/edges/dar-1': more }))
  t.match(html, /10\.1\.2\.3/)
  t.match(html, new RegExp(`id="second".*${NETWORK.second[0]} 10\\.9\\.9\\.9`, 's'))
  t.match(html, new RegExp(`${NOTICES.FASTTRACK[0]}.*rule 7.*${NETWORK.used[0]}`, 's'))
  t.match(html, /3\sMbit\/s/)
})

t.test('what is done to an edge is offered where it can be done, to whom the API lets do it', async (t) => {
  const look = async (edge: object, role: string): Promise<string[]> => {
    const html = await page('/edges/dar-1', {
      '/v1/edges/dar-1': (_, known) => ({ ...known, ...edge }),
      '/v1/me': (_, known) => ({ ...known, roles: [role] }),
    })
    return ['drain', 'stop-edge', 'start-edge', 'edge-text'].filter((id) => drawn(html).includes(`id="${id}"`))
  }
  t.same(await look({ driver: 'simulated' }, 'operator'), ['stop-edge', 'start-edge'])
  t.same(await look({ driver: 'linux-htb' }, 'engineer'), ['drain'])
  t.same(await look({ driver: null, pace: 'static' }, 'engineer'), ['drain', 'edge-text'])
  t.same(await look({ driver: null, pace: 'static' }, 'viewer'), [])
})

t.test(
  'a router that a person configures and that has an old text is named, and what is typed in is said',
  async (t) => {
    const old = { pace: 'static', differsSince: BEGUN, confirmed: { revision: 5, at: BEGUN, by: 'juma' } }
    const edge = (more: object) => (_: URLSearchParams, known: Record<string, unknown>) => ({ ...known, ...more })
    const one = async (more: object) => drawn(await page('/edges/dar-1', { '/v1/edges/dar-1': edge(more) }))
    t.match(await one(old), '<code>mizani render dar-1 --for ios-xe --since 5</code>')
    t.match(await one({ ...old, confirmed: null }), '<code>mizani render dar-1 --for ios-xe</code>')

    const all = (_: URLSearchParams, known: Record<string, unknown>) => {
      const items = known.items as { id: string }[]
      return { ...known, items: items.map((row) => (row.id === 'dom-1' ? { ...row, ...old } : row)) }
    }
    const list = drawn(await page('/edges', { '/v1/edges': all }, undefined, 'sw'))
    const named = /<p id="must-be-typed".*?<\/p>/s.exec(list)?.[0] ?? ''
    t.match(named, NETWORK.mustBeTyped[1])
    t.match(named, /<a href="\/edges\/dom-1">Dodoma 1<\/a> \(Tangu 2026-01-01/)
    t.notMatch(named, 'dar-1')
    t.notMatch(drawn(await page('/edges', {})), 'must-be-typed')
  },
)

t.test('what holds is ended by whom the API lets end it', async (t) => {
  const held = (kind: string, ref: string, request: string | null, state: string | null = null) => ({
    ...{ id: `${kind}:${ref}`, kind, ref, state, subjects: [ref], by: null, owner: null, reason: null },
    ...{ event: null, since: null, until: null, end: { command: `mizani end ${ref}`, request } },
  })
  const rows = [
    held('LINK_STATE', 'transit-a', 'POST /v1/links/transit-a/state'),
    held('DRAIN', 'dar-1', 'DELETE /v1/edges/dar-1/drain'),
    held('OVERRIDE', 'ov-1', 'DELETE /v1/overrides/ov-1'),
    held('ENFORCEMENT', 'moshi-1', 'POST /v1/edges/moshi-1/enforcement', 'bypass'),
    held('ENFORCEMENT', 'tanga-1', null, 'hold'),
    held('REVISION', '9', 'POST /v1/policy/revisions/8/rollback'),
  ]
  const by = async (role: string): Promise<string[]> => {
    const me = (_: URLSearchParams, known: object) => ({ ...known, roles: [role] })
    const html = drawn(await page('/in-force', { '/v1/in-force': () => listed(rows), '/v1/me': me }))
    const commands = [...html.matchAll(/mizani end ([\w-]+)/g)].map(([, ref = '']) => ref)
    return rows.map(({ ref }) => ref).filter((ref) => !commands.includes(ref))
  }
  t.same(await by('operator'), ['transit-a', 'ov-1', '9'])
  t.same(await by('engineer'), ['transit-a', 'dar-1', 'moshi-1'])
  t.same(await by('viewer'), [])
  const elsewhere = [
    held('SCHEDULE', 'nights', 'DELETE /v1/policy/schedules/nights'),
    held('ENFORCEMENT', 'dar-1', 'POST /v1/edges/dar-1/enforcement', 'trial'),
  ]
  const html = drawn(await page('/in-force', { '/v1/in-force': () => listed(elsewhere) }))
  t.match(html, /href="\/policy\/schedules\/nights".*href="\/edges\/dar-1"/s, 'what has more than one end is led to')
})

t.test('what lasts is among the alarms, and what ended last stands first, however many have ended', async (t) => {
  const alarm = (n: number) => ({
    ...{ id: `2026${String(n).padStart(6, '0')}-x`, code: 'EDGE_SILENT', severity: 'major', subject: 'dar-1' },
    ...{ detail: { en: `no ${n}.`, sw: `na ${n}.` }, remedy: { en: '', sw: '' }, gone: null, acknowledgedBy: null },
    ...{ note: '', since: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(), members: [], regions: [] },
    cleared: n === 2_000 ? null : new Date(Date.UTC(2026, 0, 2, 0, n)).toISOString(),
  })
  const all = Array.from({ length: 2_001 }, (_, n) => alarm(n))
  const answer = (query: URLSearchParams) => {
    const [start, size] = [Number(query.get('pageToken') ?? 0), Number(query.get('pageSize'))]
    return listed(all.slice(start, start + size), start + size < all.length ? String(start + size) : null)
  }
  const html = drawn(await page('/alarms', { '/v1/alarms': answer }))
  t.same(
    [...html.matchAll(/no (\d+)\./g)].slice(0, 3).map(([, n]) => n),
    ['2000', '1999', '1998'],
  )
  t.match(html, /50 of 2000/)
})

t.test('the statements of a month call institutions, closed ones too, and tiers by their names', async (t) => {
  const statement = (institution: string, tier: string) => ({
    ...{ institution, tiers: [tier], entitled: {}, agreements: [], causes: [], slots: 8_928, seen: 8_928 },
    ...{ asked: 1_000, served: 1_000, used: 800, missed: 0, minutesBelow: 0, attainment: 1 },
  })
  const month = {
    ...{ month: '2026-10', zone: 'Africa/Dar_es_Salaam', closing: null, toClose: null, contracts: [], charges: null },
    institutions: [statement('min-afya', 'hospital'), statement('old-post', 'gone')],
  }
  const names = (query: URLSearchParams) => ({
    items: [
      { collection: 'tiers', id: 'hospital', name: { en: 'Hospitals', sw: 'Hospitali zote' } },
      { collection: 'former', id: 'old-post', name: { en: 'The old post', sw: 'Posta ya zamani' } },
    ].filter(({ collection, id }) => query.get('of')?.split(',').includes(`${collection}/${id}`)),
  })
  const answers = { '/v1/ledger/2026-10': () => month, '/v1/names': names }
  const html = drawn(await page('/ledger/2026-10', answers, undefined, 'sw'))
  t.match(html, /<td[^>]*>Hospitali zote<\/td>/)
  t.match(html, '>Posta ya zamani<')
  t.match(html, '>gone<', 'what has no name any more keeps its id')
})

t.test('a link is told by the names of its ends, its cables and whom it keeps short', async (t) => {
  const flow = (id: string) => ({ id, demand: 9_000_000, need: 4_000_000, rate: 4_000_000 })
  const way = (direction: 'down' | 'up', more: object) => ({
    ...{ id: `port.mwanza-1.${direction}`, link: 'port.mwanza-1', direction, kind: 'port', groups: ['road-mwanza'] },
    ...{ arrived: null, capacity: 1e9, carried: 1e8, level: null, load: 1e8, measured: null, measuredBy: 'edges' },
    ...{ needLoad: 1e8, state: 'up', unheard: 0, unmet: 5_000_000, usable: 9e8, limits: { flows: [], total: 0 } },
    ...more,
  })
  const limits = { flows: [flow('min-afya/internet/down@mwanza-1'), flow('restricted/internet/down')], total: 2 }
  const known: Readonly<Record<string, string>> = {
    ...{ 'nodes/pop-mwanza': 'Mwanza point of presence', 'edges/mwanza-1': 'Mwanza gateway' },
    ...{ 'groups/road-mwanza': 'The road to Mwanza', 'institutions/min-afya': 'Ministry of Health' },
  }
  const names = (query: URLSearchParams) => ({
    items: (query.get('of') ?? '').split(',').flatMap((place) => {
      const [collection, id] = place.split('/')
      return known[place] === undefined ? [] : [{ collection, id, name: { en: known[place], sw: known[place] } }]
    }),
  })
  const answers = {
    '/v1/names': names,
    '/v1/links/port.mwanza-1.down': () => way('down', { from: 'pop-mwanza', to: 'mwanza-1', limits }),
    '/v1/links/port.mwanza-1.down/flows': () => nobodyOn('port.mwanza-1.down'),
    '/v1/links/port.mwanza-1.up/flows': () => nobodyOn('port.mwanza-1.up'),
    '/v1/links/port.mwanza-1.up': () => way('up', { from: 'mwanza-1', to: 'pop-mwanza' }),
  }
  const html = drawn(await page('/links/port.mwanza-1', answers))
  t.match(html, 'Mwanza point of presence → Mwanza gateway')
  t.match(html, 'The road to Mwanza')
  t.match(html, />Ministry of Health, [^<]*, Mwanza gateway<\/a>/)
  t.match(html, `<span>${NETWORK.restricted[0]}</span>`, 'who is nobody by name has no page')
})

const nobodyOn = (link: string) => ({ link, at: BEGUN, total: 0, short: 0, flows: [] })

t.test(
  'a link says who is on it, how far each has got, and who holds them; what is an edge’s own leads there',
  async (t) => {
    const flow = (id: string, more: object) => ({
      ...{ id, institution: id.split('/', 1)[0], part: 1, load: 20e6, demand: 30e6, need: 20e6, unmet: 10e6 },
      ...{ limitedBy: { code: 'LINK', id: 'transit-a.down' }, band: 'share', kind: 'share', level: 2.5e6, kept: null },
      ...more,
    })
    const flows = [
      flow('uni-udsm/internet/down', {}),
      flow('min-afya/internet/down@dar-1', { band: 'committed', kind: 'guarantee', level: null, kept: 0.759 }),
      flow('min-elimu/internet/down', {
        band: null,
        kind: null,
        level: null,
        limitedBy: { code: 'OBSERVE', id: null },
      }),
      flow('unmapped/internet/down@dar-1', { unmet: 0, limitedBy: { code: 'DEMAND', id: null } }),
    ]
    const asked: string[] = []
    const answers: Answers = {
      '/v1/links/transit-a.down/flows': (query) => {
        asked.push(query.get('limit') ?? '')
        return { link: 'transit-a.down', at: BEGUN, total: 311, short: 157, flows }
      },
      '/v1/links/transit-a.up/flows': () => ({
        link: 'transit-a.up',
        at: BEGUN,
        total: 2,
        short: 0,
        flows: [flow('unmapped/internet/up@dar-1', {})],
      }),
    }
    for (const [lang, said] of [
      [
        'en',
        ['fair share: 2.5 Mbit/s for each unit of weight', 'committed: 75 %', 'only observed', 'Flows on it: 311'],
      ],
      [
        'sw',
        ['mgao wa haki: 2.5 Mbit/s kwa kila uzito wa 1', 'kiwango kilichoahidiwa: 75 %', 'Mitiririko inayopita: 311'],
      ],
    ] as const) {
      const html = drawn(await page('/links/transit-a', answers, undefined, lang))
      for (const words of said) t.ok(html.includes(words), `${lang}: ${words}`)
      t.match(html, /href="\/edges\/dar-1">[^<]*, dar-1</)
      t.notMatch(html, /institutions\/unmapped/)
      const regions = [...html.matchAll(/role="region" aria-label="([^"]+)"/g)].map(([, label]) => label)
      t.equal(new Set(regions).size, regions.length, `each table has a name of its own: ${regions.join('; ')}`)
      t.match(html, /href="\/links\/transit-a\?on=more"/)
    }
    const more = drawn(await page('/links/transit-a?on=more', answers))
    t.match(more, /href="\/links\/transit-a"/, 'and back')
    t.same(asked, ['10', '10', '250'])
  },
)

t.test('what a gateway refuses is said in the reader’s words, and what it said itself stands beside it', async (t) => {
  const refusal = { code: 'MAC', detail: 'tag 3f' }
  const one = { '/v1/edges/dar-1': (_: URLSearchParams, known: Record<string, unknown>) => ({ ...known, refusal }) }
  for (const lang of ['en', 'sw'] as const) {
    const said = REFUSED.MAC[lang === 'sw' ? 1 : 0]
    const html = drawn(await page('/edges/dar-1', one, undefined, lang))
    t.ok(html.includes(`: ${said} <small lang="en">(MAC: tag 3f)</small>`), lang)
    // Of the edge in Kigoma, as the API says it.
    const list = drawn(await page('/edges', {}, undefined, lang))
    t.ok(list.includes(`${REFUSED.CHECKSUM[lang === 'sw' ? 1 : 0]} <small lang="en">(CHECKSUM: crc)</small>`), lang)
  }
})

t.test('why a proposal cannot be made any more is said in the reader’s words', async (t) => {
  const of = (whyStale: object) => ({
    '/v1/policy/revisions': () => listed([]),
    '/v1/proposals/p-1': () => ({ ...proposal(1, 'open'), preview: null, stale: 'As in English.', whyStale }),
  })
  const touched = of({ code: 'TOUCHED', place: '/tiers/gold', since: 5 })
  t.match(
    drawn(await page('/proposals/p-1', touched, undefined, 'sw')),
    ': /tiers/gold imebadilishwa tangu toleo la 5</p>',
  )
  t.match(drawn(await page('/proposals/p-1', touched)), ': /tiers/gold has been changed since revision 5</p>')
  const refused = of({ code: 'REFUSED', detail: 'no tier gold.' })
  const html = drawn(await page('/proposals/p-1', refused, undefined, 'sw'))
  t.match(html, `${POLICY.refusedNow[1]} <span lang="en">no tier gold.</span>`)
})
