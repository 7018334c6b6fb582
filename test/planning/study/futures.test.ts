// A year many times over: what is drawn, what it comes to, and that nothing depends on who computes it. Its interval
// against 1,000 years that happen, and the nation: `npm run planning:futures`.

import { readdirSync } from 'node:fs'
import t from 'tap'
import { DAY } from '../../../src/model/units.js'
import { simulate } from '../../../src/planning/run.js'
import { normalQuantile, poissonQuantile, stratified, stream } from '../../../src/planning/study/chance.js'
import { type Futures, futuresOf, stepOfMoment } from '../../../src/planning/study/futures.js'
import { poolRunner } from '../../../src/planning/study/futures-parts.js'
import { futuresReport } from '../../../src/planning/study/futures-report.js'
import { measureOf } from '../../../src/planning/study/futures-sums.js'
import { type DrawnYear, fiscalYear, Years } from '../../../src/planning/study/futures-years.js'
import { parseOdds } from '../../../src/planning/study/odds.js'
import { renderPage } from '../../../src/planning/study/plan-page.js'
import { renderCsv, renderText, resultHash } from '../../../src/planning/study/plan-report.js'
import { formatFault, type MizaniError } from '../../../src/runtime/errors.js'
import { Program } from '../../harness/program.js'
import { compiled } from '../../harness/root.js'
import { until } from '../../harness/until.js'
import { ringStudy } from './ring-plane.js'
import { ODDS, ringFutures, SlowYears } from './synthetic-years.js'

t.setTimeout(600_000)

const local = (workers: number) => (input: Parameters<typeof poolRunner>[0]) => poolRunner(input, workers)
const hashOf = (futures: Futures): string => resultHash(futuresReport(futures, null, {}))

t.test('without chance every year is the one that simulate plays', async (t) => {
  const study = ringStudy(9, 4)
  const still = { draws: 20, odds: [], growth: { mean: 0, spread: 0 } }
  const options = ringFutures(study, { ...still, moments: 24 })
  const { missing, intact, solves } = await futuresOf(study, options, local(1))
  const dayOf = async (from: number): Promise<number> => {
    const { ledger } = await simulate({ ...study.scenario, from }, study.document, { workers: 1 })
    const { rows } = ledger.shape
    const lacks = Array.from({ length: 24 }, (_, h) => ledger.stepMissing[(stepOfMoment(h, 24) + 1) * rows - 1]!)
    return lacks.reduce((sum, each) => sum + each, 0)
  }
  const working = await dayOf(study.scenario.from)
  const off = await dayOf(study.scenario.from + 3 * DAY)
  const year = options.year.isOff.reduce((sum, isOff) => sum + (isOff ? off : working), 0)
  t.ok(working > 0 && solves > 0)
  const { mean, error, p5, p50, p95 } = measureOf(missing)
  t.same([error, p5, p50, p95], [0, mean, mean, mean])
  t.ok(Math.abs(mean / year - 1) < 1e-9, `${mean} is ${year}`)
  t.ok(Math.abs(intact / mean - 1) < 1e-9)

  const growing = ringFutures(study, { ...still, growth: { mean: 0.25, spread: 0 } })
  const grown = await futuresOf(study, growing, local(1))
  const slow = new SlowYears(study, growing)
  const expected = slow.missing(0.25, (from, to) => [{ hours: to - from, away: [] }])
  t.ok(Math.abs(grown.missing[0]! / expected - 1) < 1e-3, 'levels of 2 % cost less than a thousandth')
})

t.test('the same bytes for 1, 2 and 8 workers, with half of them killed, and from a run that was killed', async (t) => {
  const study = ringStudy(9, 4)
  const options = ringFutures(study, { draws: 200, moments: 12 })
  const asked: string[] = []
  const done: string[] = []
  const once = await futuresOf(study, options, (input) => {
    const runner = poolRunner(input, 1, new AbortController().signal)
    return {
      ...runner,
      async run(name, part) {
        asked.push(name)
        return runner.run(name, part).finally(() => done.push(name))
      },
    }
  })
  t.same(done, asked, 'parts are answered in their order: those that wait for an earlier one take memory')
  const result = hashOf(once)
  t.ok(once.states > 48 && once.solves > 50, `there is something to share out: ${once.states}, ${once.solves}`)
  t.equal(hashOf(await futuresOf(study, options, local(2))), result, '2')
  t.equal(hashOf(await futuresOf(study, options, local(8))), result, '8')

  let killed = 0
  const chance = stream([1, 2, 3])
  const half = await futuresOf(study, options, (input) => {
    const runner = poolRunner(input, 2)
    return {
      ...runner,
      async run(name, part) {
        if (chance() < 0.5) {
          const dying = poolRunner(input, 1, AbortSignal.timeout(1 + Math.floor(20 * chance())))
          await dying.run(name, part).catch(() => killed++)
          await dying.close()
        }
        return runner.run(name, part)
      },
    }
  })
  t.equal(hashOf(half), result)
  t.ok(killed > 0, `${killed} threads were killed over their part`)

  const folder = t.testdir()
  const played = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.json'))
  const program = [compiled('test/planning/study/futures-child.ts')]
  for (const enough of [1, 2]) {
    const child = new Program([folder, '2'], t, { program })
    await until(() => played().length >= enough || child.log().includes('result'), 'parts are kept')
    await child.end('SIGKILL')
  }
  const last = new Program([folder, '1'], t, { program })
  t.equal(await last.ended, 0)
  t.equal(last.log(), `result ${result}\n`)
})

t.test('what is drawn: rare things as often as they are, the same luck in every plan', (t) => {
  const study = ringStudy(1, 1)
  const odds = parseOdds('what,failures_per_year,hours_to_repair\nup-a,0.05,100\nr1,12,10', 'o', study.document)
  const options = { seed: 1, draws: 1_000, growth: { mean: 0.25, spread: 0.08 }, odds, days: 365 }
  const years = new Years(options)
  const all = Array.from({ length: 1_000 }, (_, n) => years.year(n))
  const rare = odds.findIndex(({ cut }) => cut.id === 'up-a')
  const met = all.filter(({ stretches }) => stretches.some(({ away }) => away.includes(rare))).length
  // One year in twenty, and a hundred hours longer than a year; to within one draw a batch.
  t.ok(Math.abs(met - 1_000 * (1 - Math.exp(-0.05 * (8_860 / 8_766)))) < 10, `${met}`)
  const rates = all.map(({ growth }) => growth)
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / 1_000
  const spread = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / 1_000)
  t.ok(Math.abs(mean - 0.25) < 1e-3 && Math.abs(spread - 0.08) < 2e-3, `${mean}±${spread}`)
  const hours = all.reduce(
    (sum, { stretches }) =>
      sum + stretches.reduce((n, { from, to, away }) => n + (away.includes(1 - rare) ? to - from : 0), 0),
    0,
  )
  const expected = 1_000 * 8_760 * (1 - Math.exp(-120 / 8_766))
  t.ok(Math.abs(hours / expected - 1) < 0.02, `${hours} of ${expected}`)

  const more = parseOdds('what,failures_per_year,hours_to_repair\nup-a,0.05,100\nr1,12,10\nr2,1,1', 'o', study.document)
  const other = new Years({ ...options, odds: more })
  const added = more.findIndex(({ cut }) => cut.id === 'r2')
  const named = ({ stretches }: DrawnYear, of: typeof odds, leftOut = -1) => {
    const found: { from: number; to: number; away: string }[] = []
    for (const { from, to, away } of stretches) {
      const ids = away.filter((n) => n !== leftOut).map((n) => of[n]!.cut.id)
      const last = found.at(-1)
      // Where nothing but the new thing begins or ends, nothing of the others does.
      if (last?.to === from && last.away === ids.join()) last.to = to
      else if (ids.length > 0) found.push({ from, to, away: ids.join() })
    }
    return found
  }
  let both = 0
  for (const n of [7, 8, 9, 10, 11]) {
    const [old, now] = [years.year(n), other.year(n)]
    t.same(named(now, more, added), named(old, odds), 'another thing changes no luck of this')
    t.equal(now.growth, old.growth)
    both += now.stretches.filter(({ away }) => away.includes(added)).length
  }
  t.ok(both > 0, 'and it has met the others')

  const column = stratified(100, stream([1, 2, 3]))
  t.same(
    [...column].map((u) => Math.floor(100 * u)).sort((a, b) => a - b),
    [...column.keys()],
  )
  for (const [u, z] of [
    [0.5, 0],
    [0.975, 1.959964],
    [0.001, -3.090232],
  ] as const)
    t.ok(Math.abs(normalQuantile(u) - z) < 1e-5, `${u}`)
  t.same(
    [0.3, 0.37, 0.8, 0.999_99].map((u) => poissonQuantile(1, u)),
    [0, 1, 2, 8],
  )
  t.end()
})

t.test('a fiscal year may begin on the day of the study', async (t) => {
  const study = ringStudy(1, 1)
  const on = (date: string) => ({ ...study, scenario: { ...study.scenario, from: Date.parse(`${date}T00:00+03:00`) } })
  t.match(fiscalYear(on('2026-07-01'), 2026), { year: 2026, since: 0, days: 365, isOff: { length: 365 } })
  t.match(fiscalYear(on('2026-07-01')), { year: 2026 })
  t.match(fiscalYear(on('2026-06-30')), { year: 2026, since: 1 })
  t.match(fiscalYear(on('2026-07-02')), { year: 2027, since: 364 })
  t.throws(() => fiscalYear(on('2026-07-02'), 2026), { code: 'USAGE', message: /expected 2027 to/ })
})

t.test('the report: who, what from, how likely, in both languages', async (t) => {
  const study = ringStudy(5, 3)
  const options = ringFutures(study)
  const futures = await futuresOf(study, options, local(1))
  const report = futuresReport(futures, null, { outages: 'my odds.csv' })
  t.match(
    report.command,
    /^mizani plan futures --seed 5 --growth 0.25±0.08 --outages 'my odds.csv' --draws 400 --year 2027/,
  )
  const elsewhere = futuresReport(futures, null, { outages: '../other/my odds.csv' })
  t.match(elsewhere.command, "--outages '../other/my odds.csv'")
  t.equal(resultHash(elsewhere), resultHash(report), 'the same sheet from another folder is the same result')
  const en = renderText(report, 'en')
  t.match(en, /^Of what is promised, [\d,]+ Mbit\/s-hours are expected to be missing in 2027\/28/m)
  t.match(en, /^No money is named: neither prices nor offers were given\.$/m)
  t.match(renderPage(report, 'sw'), /<h1>Mwaka wa fedha 2027\/28 unavyoweza kuwa<\/h1>/)
  t.match(renderPage(report, 'en'), />July 2027<\/text>/, 'bars are named in the language of the page')
  const worth = { price: 73.05, currency: 'USD', from: { en: 'a price', sw: 'bei' } }
  const priced = futuresReport(futures, worth, { prices: 'p.json' })
  const [missing, , , , , money] = priced.tables[0]!.rows
  // 730.5 hours a month: a tenth of a dollar for each Mbit/s-hour.
  t.ok(Math.abs(Number(money![1]) / Number(missing![1]) - 0.1) < 1e-12)
  t.match([...renderCsv(report, report.tables[0]!)].join(''), /^\ufeffmeasure,expected,standard_error,p5,p50,p95\r\n/)
  const sums = (id: string, column: number): number =>
    report.tables.find((table) => table.id === id)!.rows.reduce((sum, row) => sum + Number(row[column]), 0)
  const [short, unreachable] = [report.tables[0]!.rows[1]![1], report.tables[0]!.rows[2]![1]].map(Number)
  for (const [id, columns] of [
    ['months', [1, 2]],
    ['tiers', [6, 7]],
    ['availability', [7, 8]],
  ] as const) {
    t.ok(Math.abs(sums(id, columns[0]) / short! - 1) < 1e-9, `${id} add up to what is short`)
    t.ok(Math.abs(sums(id, columns[1]) / unreachable! - 1) < 1e-9, `${id} add up to what is unreachable`)
  }
  for (const { part, whole, short: lack, unreachable: lost } of futures.availability) {
    t.ok(part >= 0 && part <= 1 && (whole < 1 || lack + lost === 0))
    t.equal(whole >= 0.999, part === 1)
  }
})

t.test('every fault of a sheet of odds at once, with its line', (t) => {
  const { document } = ringStudy(1, 1)
  const faultsOf = (sheet: string): string[] => {
    try {
      parseOdds(sheet, 'o.csv', document)
      return []
    } catch (error) {
      return (error as MizaniError).faults.map(formatFault)
    }
  }
  t.same(faultsOf(ODDS), [])
  const rows = ['up-a,400,1', 'up-c,1,1', 'road,1,-2', 'road,1,1,a note,more']
  t.same(faultsOf(['what,failures_per_year,hours_to_repair,note', ...rows].join('\n')), [
    'o.csv:2: failures_per_year: expected a number from 0 to 366, found "400" [INVALID]',
    'o.csv:3: what: the plane has no "up-c" that can fail; did you mean "up-a"? [INVALID]',
    'o.csv:4: hours_to_repair: expected a number from 0 to 8,766, found "-2" [INVALID]',
    'o.csv:5: expected 4 cells, as the header has columns; found 5 [INVALID]',
    'o.csv:5: what: road has a row already [INVALID]',
  ])
  t.match(faultsOf('what,failures,hours_to_repair\n'), [/no column "failures" is known/, /"failures_per_year"/])
  const all = parseOdds('what,failures_per_year,hours_to_repair\nbackbone,1,2\nr1,3,4', 'o', document)
  t.same(
    all.map(({ cut, failures }) => `${cut.id} ${failures}`),
    ['r1 3', 'r2 1', 'r3 1', 'r4 1', 'x1 1', 'x2 1'],
    'a row of its own outranks that of its sort',
  )
  // A node of the name of a line: each has a row where its sort is named, and neither takes the other's.
  const { x1 } = document.links
  const twins = { ...document, links: { ...document.links, n3: x1! } }
  const header = 'what,failures_per_year,hours_to_repair\n'
  const rated = (rows: string): string[] =>
    parseOdds(header + rows, 'o', twins).map(({ cut, failures }) => `${cut.kind} ${cut.id} ${failures}`)
  t.same(rated('node:n3,1,2').sort(), ['node n3 1'])
  t.same(rated('node:n3,1,2\nn3,5,2').sort(), ['link n3 5', 'node n3 1'])
  t.same(faultsOf(`${header}node:n2,1,2\nn2,5,2`), ['o.csv:3: what: n2 has a row already [INVALID]'])
  t.end()
})
