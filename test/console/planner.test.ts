// Pages of planning as the server writes them, and the one figure that the console works out by itself: break dates for
// another growth, which are held here against what a run of that growth says.

import t from 'tap'
import { readConsole } from '../../src/api/console.js'
import { type Call, Refused } from '../../src/console/call.js'
import { meanOf, monthsOf, movedTo } from '../../src/console/parts/break-months.js'
import { readRunout } from '../../src/console/runout.js'
import { askedSaid, PLAN, PLAN_KINDS, PLAN_STATES, PLAN_STORIES } from '../../src/console/words/plan-texts.js'
import { SHIPPED_SCENARIOS, SIMULATION_KINDS, SIMULATION_STATES } from '../../src/model/simulation.js'
import { DAY } from '../../src/model/units.js'
import { loadScenario } from '../../src/planning/scenario.js'
import { runoutOf, timeOfBreak } from '../../src/planning/study/runout.js'
import { shippedFile } from '../../src/runtime/config.js'
import { empty, startApi } from '../api/api-fixture.js'
import { ringStudy } from '../planning/study/ring-plane.js'

const { server } = await readConsole()
const api = await startApi({ simulations: empty({ onNews: () => undefined, list: () => [] }) }, [], Date.now())
t.teardown(api.close)

const AT = '2026-12-01T06:00:00Z'
const one = (id: string, more: object) => ({
  ...{ id, kind: id.split('-')[0], state: 'done', progress: 1, left: null, revision: 7, proposal: null },
  ...{ hash: 'sha256:7', build: '0.1.0', author: 'asha', at: AT, begun: AT, ended: AT, asked: {}, refusal: null },
  ...more,
})
const both = (en: string, sw = en) => ({ en, sw })
const column = (id: string, kind = 'text') => ({ id, kind, head: both(id) })
const table = (id: string, columns: readonly ReturnType<typeof column>[], rows: readonly unknown[][]) => ({
  ...{ id, title: both(`Table ${id}`, `Jedwali ${id}`), columns, rows },
})
const findings = {
  ...{ title: both('x'), zone: 'Africa/Dar_es_Salaam', from: Date.UTC(2026, 11, 1), engine: '0.1.0' },
  ...{ inputHash: 'sha256:1', result: '2', command: 'mizani plan', facts: [{ name: both('plane'), value: 'small' }] },
  ...{ findings: [both('It breaks.', 'Inavunjika.')], limits: [both('Not tried.', 'Haikujaribiwa.')], tables: [] },
}

/** What is drawn where the API answers so; `rows` is the list. */
async function page(address: string, answer: unknown, rows: readonly unknown[] = [], lang: 'en' | 'sw' = 'en') {
  const send = async ({ address: asked }: { readonly address: string }) => {
    const { pathname } = new URL(asked, api.url)
    if (pathname === '/v1/simulations') return { status: 200, body: { items: rows, nextPageToken: null } }
    if (pathname.startsWith('/v1/simulations/')) return { status: 200, body: answer }
    const { status, text } = await api.call(asked)
    return { status, body: JSON.parse(text) as unknown }
  }
  const assets = () => ({ script: '', style: '', more: [] })
  const html = await server.answer({ address, lang, turn: async () => undefined, assets, send })
  return html.replace(/<script type="application\/json".*<\/script>/s, '')
}

t.test('the list: how far each is, who may take it back, and a form without JSON', async (t) => {
  const rows = [
    one('runout-0000000000000001', { state: 'running', progress: 0.421, left: 12, asked: { growth: '0.25' } }),
    one('buy-0000000000000002', { at: '2026-12-02T06:00:00Z', author: 'juma', proposal: 'p-4' }),
  ]
  const html = await page('/planner', null, rows)
  t.match(html, /<progress max="1" value="0.421"[^>]*><\/progress> 42 %, about 12 s left/)
  t.match(html, /href="\/planner\/runout-0000000000000001"/)
  t.match(html, /Proposal p-4 · revision 7/)
  t.match(html, /growth 25 %/)
  t.ok(html.indexOf('buy-0000000000000002') < html.indexOf('runout-0000000000000001'), 'the latest first')
  for (const name of SHIPPED_SCENARIOS) t.match(html, `<option value="${name}">`)
  t.match(html, PLAN.pairs[0])
  t.match(await page('/planner', null, [], 'sw'), PLAN.noQuestions[1])
})

t.test('an answer of each kind: sentences, its picture, the table that says the same', async (t) => {
  const sheet = table(
    'cuts-by-tier',
    [
      ...[column('cut'), column('kind'), column('tier'), column('service'), column('institutions', 'count')],
      ...[column('short', 'count'), column('partly', 'count'), column('unreachable', 'count')],
    ],
    [
      ['sea', both('link'), 'hospital', 'internet', 10, 3, 0, 0],
      ['sea', both('link'), 'hospital', 'govnet', 10, 0, 0, 9],
      ['sea', both('link'), 'office', 'internet', 4, 4, 0, 0],
      ['road', both('link'), 'office', 'internet', 4, 0, 1, 0],
    ],
  )
  const failures = one('failures-1', { findings, tables: [sheet] })
  const html = await page('/planner/failures-1', failures, [one('failures-2', {}), one('buy-3', {})])
  t.match(html, /It breaks\./)
  t.match(html, /<th scope="row">sea<\/th><td class="number heat4">×9<\/td><td class="number heat4">4<\/td>/)
  t.notMatch(html, '>road<', 'a part of an institution is no institution')
  t.match(html, 'id="compare"')
  t.match(await page('/planner/failures-1?service=internet', failures), /<td class="number heat2">3<\/td>/)
  t.match(html, 'href="/v1/simulations/failures-1/report?lang=en"')

  const dates = table(
    'institutions',
    [column('institution'), column('break_date', 'date')],
    [
      ['posta', Date.UTC(2027, 4, 17)],
      ['reli', both('after 2031-11-29', 'baada ya 2031-11-29')],
    ],
  )
  const runout = await page(
    '/planner/runout-1',
    one('runout-1', { asked: { growth: '25%' }, findings, tables: [dates] }),
  )
  t.match(runout, /<title>2027-05: 1 newly short<\/title>/)
  t.match(runout, /2027-05<\/th><td class="number">1<\/td><td class="number">1<\/td>/)
  t.match(runout, />25 % a year</)
  t.match(runout, />after 2031-11-29</)

  const sets = table(
    'cheaper-sets',
    [column('set'), column('cost', 'money'), column('lacks', 'rate')],
    [
      [both('buy nothing', 'usinunue'), 0, 2e9],
      ['a (+2 Gbit/s)', 300_000, 1e9],
      ['b', 400_000, null],
    ],
  )
  const options = table(
    'options',
    [column('buys'), column('cost', 'money')],
    [
      ['x', 0],
      ['c (+4 Gbit/s)', 900_000],
    ],
  )
  const buy = await page('/planner/buy-1', one('buy-1', { findings, tables: [options, sets] }))
  t.match(buy, /<title>a \(\+2 Gbit\/s\): 300,000, 1 Gbit\/s \(refused\)<\/title>/)
  t.match(buy, /<title>c \(\+4 Gbit\/s\): 900,000, 0 bit\/s \(keeps everything\)<\/title>/)
  t.notMatch(buy, '<title>b:', 'who has no way is in the table alone')

  const range = table(
    'range',
    [column('years'), column('missing_mbps_hours', 'count')],
    [
      ['5', 10],
      ['95', 400],
    ],
  )
  const futures = await page('/planner/futures-1', one('futures-1', { findings, tables: [range] }), [], 'sw')
  t.match(futures, /Jedwali range/)
  t.match(futures, /Inavunjika\./)
  t.match(futures, '<rect width="2.5" height="10"></rect>')
  t.match(futures, /<span>missing_mbps_hours<\/span>/, 'under the head of its column, which has the unit')

  const tiers = table(
    'tiers',
    [
      column('tier'),
      column('institutions_below', 'count'),
      column('missing_mbit', 'count'),
      column('worst_kept', 'part'),
    ],
    [[{ id: 't2', ...both('Hospitals', 'Hospitali') }, 7, 199_414_684, 0.3]],
  )
  const played = await page('/planner/simulate-1', one('simulate-1', { findings, tables: [tiers] }), [], 'sw')
  t.match(played, /<th scope="row">Hospitali<\/th><td class="number">7<\/td><td class="number">30.0 %<\/td>/)
  t.match(played, '<span class="number">7</span>', 'and as a bar')
  t.notMatch(played, '199,414,684', 'that stands in the file')

  const refusal = {
    code: 'SCENARIO_INVALID',
    message: 'No such day.',
    words: null,
    faults: [{ code: 'X', pointer: '/id', message: 'is bad' }],
  }
  const failed = await page(
    '/planner/simulate-1',
    one('simulate-1', { state: 'failed', refusal, findings: null, tables: [] }),
  )
  t.match(failed, '/id: is bad')
  const inSwahili = (refused: object) => {
    const answers = one('simulate-1', { state: 'failed', refusal: refused, findings: null, tables: [] })
    return page('/planner/simulate-1', answers, [], 'sw')
  }
  t.match(await inSwahili(refusal), /Hakuna jibu: <span lang="en">No such day\.</, 'what a command said is marked')
  t.match(await inSwahili({ ...refusal, code: 'POLICY_INVALID' }), /Sera si sahihi: <span lang="en">No/)
  const late = { code: 'PAYLOAD_TOO_LARGE', message: 'It took longer.', words: both('It took longer.', 'Lilizidi.') }
  const said = await inSwahili({ ...late, faults: [] })
  t.match(said, '<p class="bad">Lilizidi.</p>')
  t.notMatch(said.replace(/<script type="application\/json".*<\/script>/s, ''), 'It took longer.')
})

t.test('the links know what the newest answer of the planner says of them, and ask seldom', async (t) => {
  const told = column('break_date', 'date')
  const links = table(
    'links',
    [column('link'), told, column('failure'), column('institution')],
    [['sea.down', Date.UTC(2027, 4, 17), both('nothing', 'hakuna'), { id: 'udom', ...both('Dodoma', 'Chuo') }]],
  )
  const all = [
    one('runout-1', { at: '2026-11-01T00:00:00Z' }),
    one('runout-2', {}),
    one('runout-3', { at: '2026-12-02T00:00:00Z', state: 'running' }),
    one('runout-4', { at: '2026-12-02T00:00:00Z', proposal: 'p-1' }),
  ]
  const asked: unknown[] = []
  const answering = (items: readonly unknown[] | null) =>
    (async (_: string, path: string, { path: of }: { path?: { id: string } }) => {
      asked.push(of?.id ?? path)
      if (items === null) throw new Refused(403, { code: 'FORBIDDEN' })
      return of === undefined ? { items, nextPageToken: null } : { tables: [links] }
    }) as unknown as Call
  const first = await readRunout(answering(all), null)
  t.equal(first.of?.simulation.id, 'runout-2', 'of the policy in force, and answered')
  t.match(first.of?.breaks['sea.down'], { at: Date.UTC(2027, 4, 17), institution: { sw: 'Chuo' } })
  t.equal(await readRunout(answering(all), first), first)
  t.same(asked, ['/v1/simulations', 'runout-2'])
  const again = await readRunout(answering(all), { ...first, read: 0 })
  t.equal(again.of, first.of, 'an answer does not change')
  t.equal((await readRunout(answering(null), null)).of, null, 'whoever may not see it sees the links')
})

t.test('stories are called what their files call them, also in a list of questions', async (t) => {
  for (const name of SHIPPED_SCENARIOS) {
    const { en, sw } = loadScenario(shippedFile(`config/scenarios/${name}.yaml`)).scenario.name
    t.same(PLAN_STORIES[name], [en, sw], name)
  }
  const rows = [
    one('simulate-1', { asked: { scenario: 'exam-week' } }),
    one('simulate-2', { asked: { scenario: 'mine' } }),
  ]
  const html = await page('/planner', null, rows, 'sw')
  t.match(html, '<option value="exam-week">Wiki ya mitihani</option>')
  t.match(html, /kisa Wiki ya mitihani/)
  t.match(html, /kisa mine/, 'what nobody has named keeps its id')
  t.equal(askedSaid('en', 'scenario', { id: 'x', name: { en: 'My own', sw: 'Yangu' } }), 'My own')
})

t.test('each kind and state has its words', (t) => {
  t.same(Object.keys(PLAN_KINDS).sort(), [...SIMULATION_KINDS].sort())
  t.same(Object.keys(PLAN_STATES).sort(), [...SIMULATION_STATES].sort())
  t.end()
})

t.test('a date for another growth is the date that a run of that growth finds, to four days', async (t) => {
  const study = ringStudy(3, 0.6)
  const [asked, years, from] = [0.25, 5, study.scenario.from]
  const common = { years, cuts: [], workers: 1 }
  const first = await runoutOf(study, { ...common, growth: asked })
  let compared = 0
  for (const growth of [0.18, 0.4, 0.9]) {
    const run = await runoutOf(study, { ...common, growth })
    for (const [institution, found] of run.institutions) {
      const known = first.institutions.get(institution)
      if (known === undefined) continue
      const moved = movedTo(timeOfBreak(study, known), from, asked, growth)
      // Both are found on working days: up to three days of no work before each, one of them stretched.
      const most = 4 * DAY * Math.max(1, Math.log1p(asked) / Math.log1p(growth))
      t.ok(Math.abs(moved - timeOfBreak(study, found)) <= most, `${growth} ${institution}`)
      compared++
    }
  }
  t.ok(compared > 5, `${compared} dates`)
  t.equal(movedTo(from + DAY, from, 0.25, 0), Number.POSITIVE_INFINITY, 'what does not grow does not break')
  t.same([meanOf('0.25'), meanOf('25%'), meanOf('0.25±0.08'), meanOf('25±8%')], [0.25, 0.25, 0.25, 0.25])
  const at = Date.UTC(2027, 0, 31, 22)
  const body = { id: 'x', name: ['X', 'Eksi'] } as const
  t.same(monthsOf([{ institution: body, at }], 'Africa/Dar_es_Salaam', at), [
    { month: '2027-02', newly: 1, inAll: 1, first: body },
  ])
  t.same(monthsOf([{ institution: body, at }], 'UTC', at - 1), [], 'nothing is said of later')
})
