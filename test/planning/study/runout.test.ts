// Break dates of small seeded planes: those that looking at every five minutes of every working day finds.

import t from 'tap'
import { DAY } from '../../../src/model/units.js'
import { claimOf, keptOf, lackOf } from '../../../src/planning/claims.js'
import { compileUnder } from '../../../src/planning/run.js'
import { type Cut, cutsNamed, singleCuts } from '../../../src/planning/study/cuts.js'
import { readGrowth } from '../../../src/planning/study/growth.js'
import { type PlanReport, resultHash } from '../../../src/planning/study/plan-report.js'
import { runoutOf, timeOfBreak } from '../../../src/planning/study/runout.js'
import { runoutReport } from '../../../src/planning/study/runout-report.js'
import { growthAfter } from '../../../src/planning/study/scan.js'
import { checkWorkingDay, demandOfDay, type Study } from '../../../src/planning/study/study.js'
import { createSolver } from '../../../src/solve/solve.js'
import { ringStudy } from './ring-plane.js'

/** First time each institution is short, by its place, looking at everything. */
function lookedAtAll(study: Study, cuts: readonly Cut[], growth: number, days: readonly number[]): Map<number, number> {
  const demand = demandOfDay(study)
  const firsts = new Map<number, number>()
  for (const conditions of [{}, ...cuts.map((cut) => cut.conditions)]) {
    const { plan, problem } = compileUnder(study.document, conditions)
    const solver = createSolver(problem.shape)
    const { flows } = problem.shape
    for (const day of days) {
      for (let step = 0; step < 288; step++) {
        for (let i = 0; i < flows; i++) problem.demand[i] = demand[step * flows + i]! * growthAfter(growth, day)
        solver.solveNeed(problem)
        for (const [n, institution] of plan.institutions.entries()) {
          const isShort = (i: number): boolean =>
            !plan.unreachable.has(i) && lackOf(claimOf(problem, i), keptOf(problem, i)) > 0
          const at = study.scenario.from + day * DAY + step * 300_000
          if (at < (firsts.get(n) ?? Infinity) && institution.flows.some(isShort)) firsts.set(n, at)
        }
      }
    }
  }
  return firsts
}

t.test('break dates equal a scan of everything', async (t) => {
  let broken = 0
  // Nearly three times as much is asked for after 20 days.
  const growth = 6e7
  for (const seed of [5, 7]) {
    const study = ringStudy(seed, 1)
    const cuts = singleCuts(study.document).filter(({ id }) => study.document.links[id]?.kind === 'upstream')
    const days = Array.from({ length: 20 }, (_, n) => n).filter((n) => n % 7 !== 3 && n % 7 !== 4)
    const slow = lookedAtAll(study, cuts, growth, days)
    const runout = await runoutOf(study, { growth, years: 20 / 365.25, cuts, workers: 2 })
    t.equal(runout.first && timeOfBreak(study, runout.first), Math.min(...slow.values()), `seed ${seed}: break date`)
    t.same(
      new Map([...runout.institutions].sort(([a], [b]) => a - b).map(([n, found]) => [n, timeOfBreak(study, found)])),
      new Map([...slow].sort(([a], [b]) => a - b)),
      `seed ${seed}: each institution`,
    )
    const [n, last] = [...slow].reduce((a, b) => (b[1] > a[1] ? b : a))
    const { first } = await runoutOf(study, { growth, years: 20 / 365.25, cuts, workers: 1 }, [n])
    t.equal(first && timeOfBreak(study, first), last, `seed ${seed}: the last alone`)
    broken += slow.size
  }
  t.ok(broken > 4, `${broken} institutions are short some day`)
})

t.test('growth 0 says never; a break is told with its cause, and the same for any number of workers', async (t) => {
  const study = ringStudy(6, 0.1)
  const cuts = cutsNamed('upstream', study.document)
  const said = async (growth: number, workers: number): Promise<PlanReport> => {
    const runout = await runoutOf(study, { growth, years: 1, cuts, workers })
    return runoutReport(runout, { growth: { mean: growth, spread: 0 }, years: 1, anyOne: 'upstream' }, null)
  }
  const never = await said(0, 1)
  t.same(never.findings[1]!.en, 'Break date: never. Nothing grows, and every promise is kept.')
  for (const [, date] of never.tables[0]!.rows) t.same(date, { en: 'never', sw: 'kamwe' })
  const breaks = await said(9, 1)
  t.match(
    breaks.findings[1]!.en,
    /^Break date: 20\d\d-\d\d-\d\d \d\d:\d\d, if up-[ab] is cut\. [a-f] \(\w+\) is short for Inter/,
  )
  t.equal(resultHash(await said(9, 2)), resultHash(breaks))
  t.throws(() => cutsNamed('upstrem,up-aa', study.document), /mean "upstream"\?\n.*"up-aa".*mean "up-a"/)
})

t.test('a day on which nobody works is refused, and the next one named', async (t) => {
  const study = ringStudy(1, 1)
  t.doesNotThrow(() => checkWorkingDay(study))
  const saturday = { ...study, scenario: { ...study.scenario, from: study.scenario.from + 3 * DAY } }
  t.throws(() => checkWorkingDay(saturday), /--day 2026-11-28: .* the next working day is 2026-11-30/)
})

t.test('growth is read as people write it', async (t) => {
  t.same(readGrowth('0.25'), { mean: 0.25, spread: 0 })
  t.same(readGrowth('25 %'), { mean: 0.25, spread: 0 })
  for (const text of ['0.25±0.08', '0.25+-0.08', '25±8%']) t.same(readGrowth(text), { mean: 0.25, spread: 0.08 }, text)
  t.same(readGrowth('25% ± 8%'), { mean: 0.25, spread: 0.08 })
  for (const text of ['0.25±8%', '25%±0.08']) t.throws(() => readGrowth(text), /one part is in percent/, text)
  t.same(readGrowth('fitted'), { link: null })
  t.same(readGrowth('fitted:sea.down'), { link: 'sea.down' })
  t.throws(() => readGrowth('fitted:'), /expected a directed link/)
  for (const text of ['', '-0.1', 'much', '25']) t.throws(() => readGrowth(text), /expected the growth of a year/, text)
})

t.test('of those who break at one moment every answer names the same first', async (t) => {
  let ties = 0
  for (const seed of [1, 2, 3, 4]) {
    const study = ringStudy(seed, 40)
    const cuts = singleCuts(study.document).filter(({ kind }) => kind === 'link')
    // Of the whole day one moment is left in which anybody asks.
    const flows = study.plan.flows.length
    demandOfDay(study)
      .fill(0, 0, 100 * flows)
      .fill(0, 101 * flows)
    const runout = await runoutOf(study, { growth: 0, years: 1, cuts, workers: 1 })
    const all = [...runout.institutions.keys()]
    t.same(
      all,
      all.toSorted((a, b) => a - b),
      `seed ${seed}: in the order of the plan`,
    )
    ties += all.length
    const { findings, tables } = runoutReport(
      runout,
      { growth: { mean: 0, spread: 0 }, years: 1, anyOne: 'link' },
      null,
    )
    const [first] = tables.find(({ id }) => id === 'institutions')!.rows
    const { id, name } = study.plan.institutions[all[0]!]!
    t.match(first?.[0], { id })
    t.ok(
      findings.some(({ en }) => en.startsWith('Break date') && en.includes(`${name.en} (`)),
      `${id} in the sentence`,
    )
  }
  t.ok(ties > 8, `${ties} break at one moment`)
})
