// Figures of one page agree, or the page says why not: faults that people met, one by one. test/console/agree looks for
// others.

import t from 'tap'
import { wholeOf } from '../../src/api/institutions/whole.js'
import { impactLines } from '../../src/client/preview-words.js'
import { createWords } from '../../src/console/words/words.js'
import type { BandStep, Explanation } from '../../src/model/explanation.js'
import { startApi } from '../api/api-fixture.js'
import { explanationOf } from '../api/board-fixture.js'
import { Loop } from '../tick/loop.js'
import { smallPlane } from '../tick/small-plane.js'
import { drawPage, textOf } from './agree/drawn.js'

const api = await startApi({}, [], Date.now())
t.teardown(api.close)

const PLACE = '/institutions/hosp-mnh-upanga'
const explainedBy = (more: object) => ({
  [`/v1${PLACE}/explain`]: (known: Record<string, unknown>) => ({ ...known, ...more }),
})
const step = (band: string, kind: BandStep['kind'], amount: number, cap: number, bottleneck: string | null) => ({
  ...{ band, kind, amount, cap, bottleneck, level: null, kept: null },
})

t.test('where steps add up to another rate than the published one, the page names that and why', async (t) => {
  const bands = [step('share', 'share', 40e6, 40e6, null), step('headroom', 'headroom', 6.1e6, 60e6, 'transit-a.down')]
  const answers = explainedBy({ bands, rate: 44e6, computed: 46.1e6, differs: 'KEPT' })
  const { html } = await drawPage(api, PLACE, 'en', answers)
  t.match(
    textOf(/<table id="ladder".*?<\/table>/s.exec(html)![0]),
    /46\.1 Mbit\/s.*Published rate 44 Mbit\/s a small change/,
  )
  const same = await drawPage(api, PLACE, 'en', explainedBy({ bands, rate: 46.1e6, differs: null }))
  t.notMatch(same.html, /id="published"/)
})

t.test('a link whose rest is handed out as headroom stops nothing of what is asked', async (t) => {
  const bands = [step('share', 'share', 48e6, 48e6, null), step('headroom', 'headroom', 0, 52e6, 'transit-a.down')]
  const { html } = await drawPage(api, PLACE, 'en', explainedBy({ bands }))
  const ladder = textOf(/<table id="ladder".*?<\/table>/s.exec(html)![0])
  t.match(ladder, /100 % what is left of transit-a\.down/)
  t.notMatch(ladder, /all it asks|100 % transit-a\.down/)
  t.match(textOf(html), /It gets all it asks, so it shares no limit\./)
})

t.test('an institution with two gateways cannot use its ceiling twice', async (t) => {
  const part = (used: number): Explanation => ({
    ...{ ...explanationOf(2), ceiling: 300e6, demand: used, need: used, rate: used, computed: used, differs: null },
    bands: [step('share', 'share', used, used, null), step('headroom', 'headroom', 0, 300e6 - used, null)],
  })
  const parts = [part(10e6), part(20e6)]
  const whole = wholeOf(parts, parts[0]!, { guarantee: 60e6, ceiling: 300e6 })
  t.match(whole.bands, [
    { amount: 30e6, cap: 30e6 },
    { amount: 0, cap: 270e6 },
  ])
})

t.test('a rate that is kept although another was computed is said to be kept', async (t) => {
  let offered = 30e6
  const loop = new Loop({ document: smallPlane(), offer: () => offered })
  for (let n = 0; n < 8; n++) await loop.step()
  const seen = new Set<string | null>()
  for (let n = 0; n < 12; n++) {
    offered *= n % 2 === 0 ? 1.04 : 0.97
    await loop.step()
    const { plan, explain } = loop.controller.board!
    for (const f of plan.flows.keys()) {
      const { rate, computed, bands, differs } = explain(f)
      t.equal(
        computed,
        bands.reduce((sum, { amount }) => sum + amount, 0),
      )
      t.equal(differs === null, Math.abs(rate - computed) <= 2_000, `${rate} ${computed} ${differs}`)
      seen.add(differs)
    }
  }
  t.ok(seen.has('KEPT'), `${[...seen]}`)
})

t.test('who gets as much as before and is promised less of it is said to lose promise, no speed', async (t) => {
  const less = { before: 41.2e6, after: 41.2e6, keptBefore: 41.2e6, keptAfter: 20e6 }
  const row = { institution: 'min-afya', down: less, up: null }
  const impact = {
    ...{ failure: null, gainers: [], losers: [], guaranteesBroken: [], links: [] },
    institutions: { gainers: [], losers: [row], guaranteesBroken: [] },
    totals: { gainers: 0, losers: 1, guaranteesBroken: 0 },
  }
  const impacts = { now: impact, busyHour: impact, allAtCeiling: impact, worstFailure: impact }
  t.same(impactLines({ impact: impacts }, 5).slice(0, 2), [
    'now: 1 institution loses promise but no speed, 0 gain, no promise breaks',
    '    min-afya loses down 41.2 Mbit/s as before, of its promise 41.2 Mbit/s -> 20 Mbit/s',
  ])
  const slower = { ...row, institution: 'lga', down: { ...less, after: 30e6 } }
  const two = { ...impact, institutions: { ...impact.institutions, losers: [slower, row] } }
  t.match(
    impactLines({ impact: { ...impacts, now: { ...two, totals: { ...impact.totals, losers: 2 } } } }, 5).slice(0, 2),
    [/^now: 2 institutions lose \(1 of them no speed\)/, /lga loses down 41\.2 Mbit\/s -> 30 Mbit\/s, of its/],
  )
  const proposal = {
    ...{ id: 'p-1', state: 'open', author: 'asha', reason: 'x', reference: null, at: '2026-01-01T00:00:00Z' },
    ...{ effectiveAt: null, approvedBy: null, note: null, stale: null, whyStale: null, changes: [], losses: [] },
    ...{ guards: [], warnings: [], words: [], seenOn: 7, preview: { impact: impacts } },
  }
  const instead = {
    '/v1/proposals/p-1': () => proposal,
    '/v1/policy/revisions': () => ({ items: [], nextPageToken: null }),
  }
  const { html } = await drawPage(api, '/proposals/p-1', 'en', instead)
  t.match(textOf(html), /would have less, or be promised less/)
  t.match(textOf(html), /41\.2 Mbit\/s \(of its promise 41\.2 Mbit\/s → 20 Mbit\/s\)/)
  t.notMatch(textOf(html), /41\.2 Mbit\/s → 41\.2/)
})

t.test('edges that enforce and take no new rates are counted in both sentences', async (t) => {
  const { html, said } = await drawPage(api, '/', 'en')
  const { enforcement, inForce } = said.get('/v1/status') as Record<string, Record<string, number>>
  t.same([enforcement!.enforce, enforcement!.keepsEarlier, inForce!.PIN], [2, 2, 2])
  t.match(textOf(html), /2 of 3 edges enforce, 2 of them earlier rates\..*edges that keep earlier rates: 2/)
  const sw = createWords('sw', 'Africa/Dar_es_Salaam').sentence(said.get('/v1/status') as never)
  t.match(sw, /malango 2 kati ya 3 yanatekeleza, 2 kati yake kwa viwango vya awali\.$/)
})
