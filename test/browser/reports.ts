// The pages of `mizani plan`, in a browser: no rule of axe-core is broken on a screen, on a narrow one and on A4, in
// both languages, none of them asks the network for anything, and what a committee decides by fits on two pages of A4.
// `npm run console`; screenshots and printed pages go into a folder that is named.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { chromium, type Page } from 'playwright-core'
import { DAY, HOUR, SLOT } from '../../src/model/units.js'
import { InstitutionMonth } from '../../src/planning/month/figures.js'
import { monthReport } from '../../src/planning/month/report.js'
import { basisText } from '../../src/planning/recorded/basis-words.js'
import { replayReport } from '../../src/planning/recorded/replay-report.js'
import { tableFile } from '../../src/planning/simulations/answer-files.js'
import { buy } from '../../src/planning/study/buy.js'
import { buyReport } from '../../src/planning/study/buy-report.js'
import { compareReports } from '../../src/planning/study/compare.js'
import { cutsNamed } from '../../src/planning/study/cuts.js'
import { failuresOf } from '../../src/planning/study/failures.js'
import { failuresReport } from '../../src/planning/study/failures-report.js'
import { futuresOf } from '../../src/planning/study/futures.js'
import { poolRunner } from '../../src/planning/study/futures-parts.js'
import { futuresReport } from '../../src/planning/study/futures-report.js'
import { fiscalYear } from '../../src/planning/study/futures-years.js'
import type { Growth } from '../../src/planning/study/growth.js'
import { keptOnes } from '../../src/planning/study/keep.js'
import { readOdds } from '../../src/planning/study/odds.js'
import { readOffers, withAllOffers } from '../../src/planning/study/offers.js'
import { writeFiles } from '../../src/planning/study/plan-files.js'
import { renderPage } from '../../src/planning/study/plan-page.js'
import type { PlanReport } from '../../src/planning/study/plan-report.js'
import { planeText, tierText } from '../../src/planning/study/plan-words.js'
import { runoutOf } from '../../src/planning/study/runout.js'
import { runoutReport } from '../../src/planning/study/runout-report.js'
import { readStudy } from '../../src/planning/study/study.js'
import { shippedFile } from '../../src/runtime/config.js'

const folder = process.argv[2]
const study = readStudy({ scenario: shippedFile('config/scenarios/one-upstream-30.yaml'), plane: '' }, 0)
const growth = { mean: 0.25, spread: 0 }

/** A month in which lines are short on some afternoons, and a day is not recorded. */
function month(): PlanReport {
  const start = Date.UTC(2024, 3, 30, 21)
  const days = Array.from({ length: 31 }, (_, n) => ({ from: start + n * DAY, before: start + (n + 1) * DAY }))
  const span = { from: start, before: days.at(-1)!.before }
  const [id] = Object.keys(study.document.institutions)
  const { document } = study
  const { name, category, region, tier } = document.institutions[id!]!
  const [kind, place] = [document.categories[category]!.name, document.regions[region]!.name]
  const figures = new InstitutionMonth(span, days)
  for (let slot = span.from; slot < span.before; slot += SLOT) {
    const [day, hour] = [Math.floor((slot - start) / DAY), ((slot - start) % DAY) / HOUR]
    if (day === 17) continue
    const busy = hour > 7 && hour < 16 ? 1 : 0.2
    const isShort = day % 9 === 4 && hour > 13 && hour < 15
    for (const [n, flow] of ['internet/down', 'internet/up', 'govnet/down', 'govnet/up'].entries()) {
      const carried = Math.round((40_000 - 8_000 * n) * busy * (isShort ? 0.7 : 1) + 500 * (day % 5))
      const row = {
        slot: [slot],
        seconds: [300],
        heard: [300],
        flow: [`${id}/${flow}`],
        m_limit: ['LINK transit-a.down'],
      }
      const lacked = isShort && n === 0 ? 9_000 : 0
      const kbps = { demand: [carried + lacked], carried: [carried], promised: [50_000], claimed: [carried + lacked] }
      figures.add({ ...row, ...kbps, lacked: [lacked], below_guarantee_s: [0] }, 0)
    }
  }
  const subject = { id: id!, name, category: kind, region: place, tier: tierText(study, tier) }
  const services = Object.fromEntries(Object.entries(document.services).map(([id, { name }]) => [id, name]))
  return monthReport(subject, figures.figures(), {
    ...{ month: '2024-05', zone: document.plane.timezone, plane: planeText(document.plane), services },
    ...{ command: `mizani plan month --institution ${id} --month 2024-05 --out pages`, inputHash: 'sha256:0' },
  })
}

function replayed(): PlanReport {
  const institutions = study.plan.institutions.slice(0, 40).map(({ id }, n) => ({
    ...{ id, before: { minutesShort: 5 * n, missing: 1e9 * n, need: 2e7 } },
    after: { minutesShort: 9 * n, missing: 3e9 * n, need: 2e7 - 1e5 * (n - 3) },
  }))
  const window = { from: Date.UTC(2026, 9, 1), to: Date.UTC(2026, 9, 31) }
  const counts = { moments: 8_600, equal: 8_512, ofRevision: 8_590, unsteered: 12, slots: 8_640, recordedSlots: 8_600 }
  return replayReport(
    { window, ...counts, institutions: institutions.toReversed() },
    {
      study: {
        ...study,
        scenario: { ...study.scenario, name: { en: 'Half of the transit', sw: 'Nusu ya njia za nje' } },
      },
      command: 'mizani plan replay proposed.yaml --days 30',
      inputHash: 'sha256:0',
    },
  )
}

/** Growth as it is fitted to a record with gaps, and a day of such a record: with all that is said of them. */
const fitted: Growth = {
  ...{ mean: 0.25, spread: 0.08 },
  fit: {
    ...{
      link: null,
      range: [0.12, 0.38],
      least: 0.04,
      isBaseRecorded: false,
      base: 0,
      seed: 1,
      input: { months: [], aside: [] },
    },
    months: Array.from({ length: 11 }, (_, n) => ({
      ...{ month: new Date(Date.UTC(2023, 5 + n, 1)).toISOString().slice(0, 7), days: 19, of: 22 },
      level: n === 4 ? null : 4e6 + 1e5 * n,
    })),
  },
}

function onRecord(report: PlanReport): PlanReport {
  const basis = { recorded: 260, imported: 9, repeated: 12, modelled: 7, least: 3_412, silent: 905 }
  return { ...report, limits: [...report.limits, basisText(basis), basisText(basis)] }
}

/** Of the same question with less growth; with their words beside them, as the API keeps them. */
async function compared(report: PlanReport, cuts: Parameters<typeof runoutOf>[1]['cuts']): Promise<PlanReport> {
  const slower = { mean: 0.15, spread: 0 }
  const other = await runoutOf(study, { growth: slower.mean, years: 1, cuts, workers: 2 })
  const base = mkdtempSync(join(tmpdir(), 'mizani-reports-'))
  const [a, b] = [join(base, 'growth-25'), join(base, 'growth-15')]
  for (const [folder, one] of [
    [a, report],
    [b, runoutReport(other, { growth: slower, years: 1, anyOne: 'upstream' }, null)],
  ] as const) {
    writeFiles(one, 'en', folder)
    for (const table of one.tables) writeFileSync(join(folder, tableFile(table.id)), JSON.stringify(table))
  }
  return compareReports(a, b, 'UTC')
}

async function reports(): Promise<PlanReport[]> {
  const cuts = cutsNamed('upstream', study.document)
  const runout = await runoutOf(study, { growth: 0.25, years: 1, cuts, workers: 2 })
  const failures = await failuresOf(study, { busiest: 1, pairs: false, workers: 2 })
  const offersFile = shippedFile('config/offers/example.csv')
  const offers = readOffers(offersFile, study.document)
  const all = cutsNamed('upstream,uplink', withAllOffers(study.document, offers))
  const keep = keptOnes('hospital', study.plan)
  const bought = buy(study, { offers, keep, cuts: all, growth: 0.25, years: 1, busiest: 1 })
  const words = { offersFile, keep: 'hospital', anyOne: 'upstream,uplink', growth, years: 1, busiest: 1 }
  const brokenOn = runoutReport(runout, { growth: fitted, years: 1, anyOne: 'upstream' }, [runout, runout])
  return [
    onRecord(failuresReport(failures, { busiest: 1, pairs: false })),
    onRecord(brokenOn),
    onRecord(buyReport(bought, { ...words, growth: fitted }, [study.scenario.from])),
    onRecord(await yearsReport()),
    month(),
    replayed(),
    await compared(brokenOn, cuts),
  ]
}

async function yearsReport(): Promise<PlanReport> {
  const odds = readOdds(shippedFile('config/odds/example.csv'), study.document)
  const options = {
    year: fiscalYear(study),
    draws: 40,
    growth: { mean: 0.25, spread: 0.08 },
    odds,
    moments: 4,
    minutes: 0.999,
  }
  const futures = await futuresOf(study, options, (input) => poolRunner(input, 2))
  const worth = { price: 12, currency: 'USD', from: { en: 'a price', sw: 'bei' } }
  return futuresReport({ ...futures, options: { ...options, growth: fitted } }, worth, {
    outages: 'config/odds/example.csv',
  })
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(`${axe.source}; undefined`)
  const found = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as axe.AxeResults
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)
}

/** What A4 has between its margins, in pixels of 1/96 inch. */
const PRINTED = Math.floor(((210 - 2 * 12) / 25.4) * 96)
/** What a committee decides by, up to the sign-off, printed by itself: so many pages, and no more. */
const COMMITTEE_PAGES = 2

async function pagesBeforeDetails(page: Page): Promise<number> {
  await page.addStyleTag({ content: '.details{display:none}' })
  const printed = await page.pdf({ format: 'A4', preferCSSPageSize: true })
  return printed.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0
}

let failed = 0
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  for (const report of await reports()) {
    for (const lang of ['en', 'sw'] as const) {
      for (const [name, width, media] of [
        ['screen', 1100, 'screen'],
        ['narrow', 400, 'screen'],
        ['a4', PRINTED, 'print'],
      ] as const) {
        const page = await browser.newPage({ viewport: { width, height: 1_000 } })
        const asked: string[] = []
        page.on('request', (request) => asked.push(request.url()))
        await page.emulateMedia({ media })
        await page.setContent(renderPage(report, lang))
        const wide = (await page.evaluate('document.documentElement.scrollWidth')) as number
        const faults = [...(await violations(page)), ...asked.map((url) => `asks for ${url}`)]
        if (wide > width) faults.push(`${wide} px wide on ${width}`)
        const path = (kind: string): string => join(folder!, `${report.id}-${lang}-${name}.${kind}`)
        if (folder !== undefined) await page.screenshot({ path: path('png'), fullPage: true })
        if (folder !== undefined && media === 'print') await page.pdf({ path: path('pdf'), preferCSSPageSize: true })
        let told = ''
        if (media === 'print' && !report.unsigned) {
          const pages = await pagesBeforeDetails(page)
          told = `pages before the details: ${pages}`
          if (pages < 1 || pages > COMMITTEE_PAGES) faults.push(`${told}, expected ${COMMITTEE_PAGES} at most`)
        }
        failed += faults.length
        console.log(
          `${faults.length === 0 ? 'ok  ' : 'FAIL'} ${report.id} ${lang} ${name} ${faults.join('; ') || told}`,
        )
        await page.close()
      }
    }
  }
} finally {
  await browser.close()
}
console.log(failed === 0 ? 'VERDICT ok' : `VERDICT ${failed} faults`)
process.exitCode = failed === 0 ? 0 : 1
