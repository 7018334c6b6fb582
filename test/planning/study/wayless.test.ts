// A scenario takes away the only ways to two of six institutions. Every study says so, and counts neither as kept.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { simulate } from '../../../src/planning/run.js'
import { buy } from '../../../src/planning/study/buy.js'
import { breaksOf } from '../../../src/planning/study/buy-command.js'
import { buyReport } from '../../../src/planning/study/buy-report.js'
import { compareReports } from '../../../src/planning/study/compare.js'
import { cutsNamed } from '../../../src/planning/study/cuts.js'
import { failuresOf } from '../../../src/planning/study/failures.js'
import { failuresReport } from '../../../src/planning/study/failures-report.js'
import { futuresOf } from '../../../src/planning/study/futures.js'
import { poolRunner } from '../../../src/planning/study/futures-parts.js'
import { futuresReport } from '../../../src/planning/study/futures-report.js'
import { parseOffers } from '../../../src/planning/study/offers.js'
import { writeFiles } from '../../../src/planning/study/plan-files.js'
import { type PlanReport, renderCsv, renderText } from '../../../src/planning/study/plan-report.js'
import { runoutOf, timeOfBreak } from '../../../src/planning/study/runout.js'
import { runoutReport } from '../../../src/planning/study/runout-report.js'
import { readStudy, type Study } from '../../../src/planning/study/study.js'
import { planeFiles } from '../../../src/policy/files/plane-text.js'
import { ringPlane } from './ring-plane.js'
import { ringFutures } from './synthetic-years.js'

t.setTimeout(120_000)

const NO_WAY = /^2 institutions have no way even with nothing cut: a \(Internet\), d \(Internet\)\.$/m

/** The ring without the links of n1, at which a and d are. */
function ringWithout(links: readonly string[]): Study {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-wayless-'))
  mkdirSync(join(folder, 'ring'))
  for (const [name, text] of Object.entries(planeFiles(ringPlane(1)))) writeFileSync(join(folder, 'ring', name), text)
  const changes = links.map((link) => ({ at: `/links/${link}`, remove: true, why: 'sold' }))
  const story = { en: 'Sold', sw: 'Imeuzwa' }
  const about = { format: 1, id: 'sold', name: story, story, source: 'a test', plane: './ring', seed: 1 }
  const day = { from: '2026-11-25T00:00:00Z', horizon: '1d', step: '5min' }
  const scenario = { ...about, ...day, changes, demand: { model: 'seeded', scale: 0.05 } }
  writeFileSync(join(folder, 'sold.yaml'), JSON.stringify(scenario))
  return readStudy({ scenario: join(folder, 'sold.yaml'), plane: '' }, 0)
}

const study = ringWithout(['r1', 'r2', 'x1'])
const wayless = ['a', 'd'].map((id) => study.plan.institutions.findIndex((one) => one.id === id))
const said = (report: PlanReport): string => renderText(report, 'en')
const failures = async (of: Study): Promise<PlanReport> => {
  const options = { busiest: 2, pairs: false }
  return failuresReport(await failuresOf(of, { ...options, workers: 1 }), options)
}

t.test('failures: with nothing cut two have no way, and no cut is blamed for them', async (t) => {
  const report = await failures(study)
  t.match(said(report), NO_WAY)
  t.match(said(report), /with nothing cut, 4 of 6 institutions have their promises\.$/m)
  t.match(renderText(report, 'sw'), /^Taasisi 2 hazina njia hata bila mkato: a/m)
  const { intact, cuts } = await failuresOf(study, { busiest: 1, pairs: false, workers: 1 })
  t.same([...intact.unreachable], wayless)
  t.same(
    cuts.filter(({ unreachable }) => wayless.some((n) => unreachable.has(n))),
    [],
  )
  const first = [...renderCsv(report, report.tables[0]!)].join('').split('\r\n')[1]
  t.match(first, /^nothing,intact,0,0,2,/, 'the table says it too')
})

t.test('failures and simulate find the same missing with nothing cut', async (t) => {
  const { intact, steps } = await failuresOf(study, { busiest: 1, pairs: false, workers: 1 })
  const { ledger } = await simulate(study.scenario, study.document, { workers: 1, habits: study.habits })
  const { rows } = ledger.shape
  const missing = ledger.stepMissing[(steps[0]! + 1) * rows - 1]!
  const found = intact.hurts.reduce((sum, hurt) => sum + hurt.missing, 0)
  t.ok(missing > 0 && Math.abs(found / missing - 1) < 1e-9, `${found} is ${missing}`)
})

t.test('runout: the break date is the first day, beside that of all others', async (t) => {
  const options = { growth: 0.3, years: 1, cuts: [], workers: 1 }
  const runout = await runoutOf(study, options)
  t.equal(runout.first && timeOfBreak(study, runout.first), study.scenario.from)
  t.same([...runout.institutions.keys()].sort(), wayless)
  const report = runoutReport(runout, { growth: { mean: 0.3, spread: 0 }, years: 1 }, null)
  t.match(said(report), NO_WAY)
  t.match(said(report), /^Break date: 2026-11-25 00:00, with nothing cut\.$/m)
  t.match(said(report), /^Where there is a way: Break date: not before 2027-/m)
  const [row] = report.tables.find(({ id }) => id === 'institutions')!.rows
  t.match(row, [{ id: 'a' }, Object, study.scenario.from, Object, { en: 'no way' }])
})

t.test('buy: no offer keeps them, unless it is a way', async (t) => {
  const kept = study.plan.institutions.map((_, n) => n)
  const head = 'offer,link,from,to,capacity,once,monthly,lead_days\n'
  const growth = { mean: 0, spread: 0 }
  const bought = async (row: string): Promise<string> => {
    const offers = parseOffers(head + row, 'o.csv', study.document)
    const cuts = cutsNamed('r3', study.document)
    const found = buy(study, { offers, keep: kept, cuts, growth: 0, years: 1, busiest: 1 })
    const dates = await breaksOf(study, found, kept, growth, 1)
    return said(
      buyReport(found, { offersFile: 'o.csv', keep: 'everyone', anyOne: 'r3', growth, years: 1, busiest: 1 }, dates),
    )
  }
  const useless = await bought('r3,r3,,,1Gbps,1,1,1')
  t.match(useless, NO_WAY)
  t.match(useless, /^Buy nothing: all of them are kept wherever a way is left\.$/m)
  const way = await bought('way,way,core,n1,1Gbps,7,1,30')
  t.notMatch(way, /no way even/)
  t.match(way, /^With nothing bought the first promise breaks on 2026-11-25: /m)
})

t.test('futures: what they may claim is missing all year, as simulate has it', async (t) => {
  const options = ringFutures(study, { draws: 20, odds: [], growth: { mean: 0, spread: 0 }, moments: 2 })
  const futures = await futuresOf(study, options, (input) => poolRunner(input, 1))
  t.match(said(futuresReport(futures, null, {})), NO_WAY)
  t.match(said(futuresReport(futures, null, {})), /missing while nothing is away: that is demand, and who has no way/)
  t.same(
    futures.availability.filter(({ part }) => part === 0).map(({ institution }) => institution),
    wayless,
  )
})

t.test('compare: the ways that a scenario takes are a difference', async (t) => {
  const folder = t.testdir()
  writeFiles(await failures(ringWithout([])), 'en', join(folder, 'a'))
  writeFiles(await failures(study), 'en', join(folder, 'b'))
  const { tables } = compareReports(join(folder, 'a'), join(folder, 'b'), 'UTC')
  t.match(
    tables[0]!.rows.filter(([, row, value]) => row === 'intact nothing' && value === 'institutions_unreachable'),
    [['cuts', 'intact nothing', 'institutions_unreachable', null, 2]],
  )
})
