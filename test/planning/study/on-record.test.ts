// Plans on demand that was recorded: every report says how much of it was.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DAY, HOUR, SLOT } from '../../../src/model/units.js'
import { simulate } from '../../../src/planning/run.js'
import { buy } from '../../../src/planning/study/buy.js'
import { buyReport } from '../../../src/planning/study/buy-report.js'
import { singleCuts } from '../../../src/planning/study/cuts.js'
import { failuresOf } from '../../../src/planning/study/failures.js'
import { failuresReport } from '../../../src/planning/study/failures-report.js'
import { demandOfMoments, futuresOf, stepOfMoment } from '../../../src/planning/study/futures.js'
import { poolRunner } from '../../../src/planning/study/futures-parts.js'
import { futuresReport } from '../../../src/planning/study/futures-report.js'
import { parseOffers } from '../../../src/planning/study/offers.js'
import { renderText } from '../../../src/planning/study/plan-report.js'
import { runoutOf } from '../../../src/planning/study/runout.js'
import { runoutReport } from '../../../src/planning/study/runout-report.js'
import { type Study, withDayOff, withRecord } from '../../../src/planning/study/study.js'
import { isWeekend } from '../../../src/planning/working-day.js'
import { writeTable } from '../../../src/record/parquet-file.js'
import { emptyRows, FLOWS, type FlowRows, LINKS } from '../../../src/record/tables.js'
import { ringStudy } from './ring-plane.js'
import { ringFutures } from './synthetic-years.js'

const ZONE = 'Africa/Dar_es_Salaam'
/** Monday 9 November 2026, and two weeks. */
const FROM = Date.UTC(2026, 10, 9)
const TO = FROM + 14 * DAY
/** kbit/s of every flow. */
const [WORKING, OFF] = [90_000, 3_000]

/** Every flow of the plan in two weeks, in all of which `isRecorded` says that anybody wrote. */
function writeRecord(folder: string, { plan }: Study, isRecorded: (slot: number) => boolean = () => true): string {
  for (let day = FROM; day < TO; day += DAY) {
    const path = join(folder, new Date(day).toISOString().slice(0, 10))
    mkdirSync(path, { recursive: true })
    const rows = emptyRows(FLOWS)
    for (const { id } of plan.flows)
      for (let slot = day; slot < day + DAY; slot += SLOT) if (isRecorded(slot)) push(rows, id, slot)
    writeTable(join(path, 'flows.parquet'), FLOWS, rows)
    writeTable(join(path, 'links.parquet'), LINKS, emptyRows(LINKS))
  }
  return folder
}

function push(rows: FlowRows, flow: string, slot: number): void {
  const said: Readonly<Record<string, number | string>> = {
    ...{ slot, m_at: slot, seconds: 300, heard: 300, flow, plan: 'p', enforcement: 'enforce', m_limit: '', unmet: 0 },
    ...{ at_ceiling_s: slot % DAY === 0 ? 1 : 0, demand: isWeekend(slot, ZONE) ? OFF : WORKING },
  }
  // Each column takes what its kind says: what is not said is a number.
  for (const [name, column] of Object.entries(rows)) (column as (number | string)[]).push(said[name] ?? 0)
}

const recordedStudy = (seed: number, window = { from: FROM, to: TO }): Study => {
  const study = ringStudy(seed, 1)
  const demand = { ...study.scenario.demand, model: 'recorded' as const, ...window }
  return { ...study, scenario: { ...study.scenario, demand } }
}

t.test('every plan says how much of its demand was recorded', async (t) => {
  const asked = recordedStudy(5)
  const isOut = (slot: number): boolean => slot === FROM + 2 * DAY || slot === FROM + 9 * DAY
  const study = await withRecord(
    asked,
    writeRecord(t.testdir(), asked, (slot) => !isOut(slot)),
  )
  const flows = study.plan.flows.length
  t.match(study.recorded!.basis, { recorded: 287, repeated: 1, modelled: 0, silent: 0, least: flows })
  const offers = parseOffers('offer,link,capacity,once,monthly,lead_days\no,up-a,1Gbps,1,1,1', 'o', study.document)
  const growth = { mean: 0, spread: 0 }
  const cuts = singleCuts(study.document).slice(0, 1)
  const bought = buy(study, { offers, keep: [0], cuts, growth: 0, years: 1, busiest: 1 })
  const words = { offersFile: 'o.csv', keep: 'a', anyOne: 'link', growth, years: 1, busiest: 1 }
  const reports = [
    failuresReport(await failuresOf(study, { busiest: 1, pairs: false, workers: 1 }), { busiest: 1, pairs: false }),
    runoutReport(await runoutOf(study, { growth: 0, years: 1, cuts: [], workers: 1 }), { growth, years: 1 }, null),
    buyReport(bought, words, [null]),
  ]
  for (const report of reports) {
    const seen = '1,435 of 1,440 minutes of that day were recorded; 5 are of another day, 0 of the model.'
    t.equal(report.findings[1]!.en, seen)
    t.match(renderText(report, 'en'), `Demand by steps: 287 recorded, 1 taken from the same time of another week`)
    t.match(renderText(report, 'en'), `${flows} five-minute demands of a flow are lower bounds`)
    t.match(renderText(report, 'sw'), 'Mahitaji kwa hatua: 287 zimerekodiwa, 1 ni za wakati uleule wa wiki')
    t.match(renderText(report, 'en'), /^age of data: recorded until 2026-11-23, 2 days before the day of the study$/m)
    t.match(renderText(report, 'sw'), /^umri wa data: yaliyorekodiwa hadi 2026-11-23, siku 2 kabla ya siku iliyo/m)
  }
})

t.test('a year on recorded demand has working days and days off as they are recorded', async (t) => {
  const asked = recordedStudy(9)
  const isSaturday = (slot: number): boolean => new Date(slot + 3 * HOUR).getUTCDay() === 6
  const folder = writeRecord(t.testdir(), asked, (slot) => !isSaturday(slot))
  const study = await withRecord(asked, folder)
  t.match((await withDayOff(study)).recorded, {
    basis: { recorded: 288 },
    off: { basis: { recorded: 0, repeated: 288, modelled: 0 } },
  })
  const ofMoments = demandOfMoments(await withDayOff(study), 4)
  t.same([...new Set(ofMoments.subarray(0, ofMoments.length / 2))], [1_000 * WORKING])
  t.same([...new Set(ofMoments.subarray(ofMoments.length / 2))], [1_000 * OFF], 'a Sunday stands for a Saturday')

  const still = { draws: 20, odds: [], growth: { mean: 0, spread: 0 } }
  const options = ringFutures(study, still)
  const futures = await futuresOf(study, options, (input) => poolRunner(input, 1))
  const { from } = study.scenario
  const dayOf = async (day: number): Promise<number> => {
    const { ledger } = await simulate({ ...study.scenario, from: day }, study.document, { workers: 1, record: folder })
    const { rows } = ledger.shape
    const hours = study.scenario.horizon / HOUR
    const lacks = [0, 1, 2, 3].map((n) => ledger.stepMissing[(stepOfMoment(n, 4) + 1) * rows - 1]!)
    return (hours / 4) * lacks.reduce((sum, each) => sum + each, 0)
  }
  // The record has no Saturday, so that a Sunday is played.
  const [working, off] = [await dayOf(from), await dayOf(from + 4 * DAY)]
  t.ok(working > 0 && off === 0, `${working} ${off}`)
  const year = options.year.isOff.reduce((sum, isOff) => sum + (isOff ? off : working), 0)
  t.ok(Math.abs(futures.missing[0]! / year - 1) < 1e-9, 'the one that simulate plays')

  const report = futuresReport(futures, null, {})
  const [en, sw] = [renderText(report, 'en'), renderText(report, 'sw')]
  t.match(en, /^demand: recorded from 2026-11-09T00:00:00.000Z to 2026-11-23T00:00:00.000Z, grown by 0 % a year$/m)
  t.match(en, /^years drawn: 20, seed 9$/m)
  t.notMatch(en, /seeded model|Recorded demand/)
  t.match(en, /Working days\. Demand by steps: 288 recorded\./)
  t.match(en, /Days off\. Demand by steps: 288 taken from the same time of another week or day/)
  t.match(sw, /Mapumziko\. Mahitaji kwa hatua: 288 ni za wakati uleule/)
  t.notMatch(sw, /Mahitaji yaliyorekodiwa/)

  const tuesday = { from: FROM + DAY, to: FROM + 3 * DAY }
  const midweek = await withRecord(recordedStudy(9, tuesday), folder)
  await t.rejects(
    futuresOf(midweek, options, (input) => poolRunner(input, 1)),
    {
      code: 'USAGE',
      message: /^demand is recorded from 2026-11-10.* to 2026-11-12.*: no day off is recorded in that time/,
      advice: /hold a weekend/,
    },
  )
})
