// Plans on demand that was recorded: every report says how much of it was.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DAY } from '../../../src/model/units.js'
import { buy } from '../../../src/planning/study/buy.js'
import { buyReport } from '../../../src/planning/study/buy-report.js'
import { singleCuts } from '../../../src/planning/study/cuts.js'
import { failuresOf } from '../../../src/planning/study/failures.js'
import { failuresReport } from '../../../src/planning/study/failures-report.js'
import { parseOffers } from '../../../src/planning/study/offers.js'
import { renderText } from '../../../src/planning/study/plan-report.js'
import { runoutOf } from '../../../src/planning/study/runout.js'
import { runoutReport } from '../../../src/planning/study/runout-report.js'
import { isWeekend, type Study, withRecord } from '../../../src/planning/study/study.js'
import { SLOT } from '../../../src/record/archive.js'
import { writeTable } from '../../../src/record/parquet-file.js'
import { emptyRows, FLOWS, type FlowRows, LINKS } from '../../../src/record/tables.js'
import { ringStudy } from './ring-plane.js'

const ZONE = 'Africa/Dar_es_Salaam'
/** Monday 9 November 2026, and two weeks. */
const FROM = Date.UTC(2026, 10, 9)
const TO = FROM + 14 * DAY
/** kbit/s of every flow. */
const [WORKING, OFF] = [12_000, 3_000]

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
    t.match(renderText(report, 'en'), `Demand by steps: 287 recorded, 1 taken from the same time of another week`)
    t.match(renderText(report, 'en'), `${flows} five-minute demands of a flow are lower bounds`)
    t.match(renderText(report, 'sw'), 'Mahitaji kwa hatua: 287 zimerekodiwa, 1 ni za wakati uleule wa wiki')
  }
})
