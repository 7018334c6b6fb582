// Cuts of small seeded planes: the sweep says what `simulate` says. The whole nation: `npm run planning`.

import t from 'tap'
import { type CutResult, failuresOf } from '../../../src/planning/study/failures.js'
import { failuresReport } from '../../../src/planning/study/failures-report.js'
import { renderPage } from '../../../src/planning/study/plan-page.js'
import { renderCsv, renderJson, renderText, resultHash } from '../../../src/planning/study/plan-report.js'
import { asSimulated, asSwept } from './as-simulated.js'
import { ringStudy } from './ring-plane.js'

const SINGLE = { busiest: 1, pairs: false, workers: 1 }

t.test('rows equal simulate: short, unreachable, neither', async (t) => {
  const seen = { short: 0, unreachable: 0, calm: 0 }
  for (const seed of [1, 2]) {
    const study = ringStudy(seed, 3)
    const { cuts, steps } = await failuresOf(study, SINGLE)
    t.equal(cuts.length, 8 + 2 + 5, 'links, groups, nodes')
    for (const result of cuts.filter((_, n) => n % 3 === 0)) {
      t.same(asSwept(study, result), await asSimulated(study, result, steps[0]!), `${seed}: ${result.cut.id}`)
      if (result.short.size > 0) seen.short++
      if (result.unreachable.size > 0) seen.unreachable++
      if (result.hurts.length === 0) seen.calm++
    }
  }
  t.ok(seen.short > 2 && seen.unreachable > 1 && seen.calm > 0, `all kinds are among them: ${JSON.stringify(seen)}`)
})

t.test('a report is the same bytes for any number of workers, and says its own command', async (t) => {
  const study = ringStudy(3, 3)
  const options = { busiest: 12, pairs: false }
  const failures = await failuresOf(study, { ...options, workers: 1 })
  const report = failuresReport(failures, options)
  t.equal(resultHash(failuresReport(await failuresOf(study, { ...options, workers: 2 }), options)), resultHash(report))
  t.equal(report.command, 'mizani plan failures --seed 3 --busiest 12')
  t.equal(resultHash({ ...report, command: 'the same, from another folder' }), resultHash(report))
  t.match(renderText(report, 'en'), /^short: At least 1 kbit\/s less than demand may claim of its promise\.$/m)
  t.match(renderText(report, 'sw'), /^Kati ya mikato ya pekee 15, \d+ huacha ahadi ikiwa pungufu/m)
  const { tables } = JSON.parse(renderJson(report)) as {
    tables: { cuts: { cut: string; institutions_short: number }[] }
  }
  for (const { cut, short } of failures.cuts)
    t.equal(tables.cuts.find((row) => row.cut === cut.id)!.institutions_short, short.size, cut.id)
  const page = renderPage({ ...report, findings: [{ en: 'A & <b>', sw: 'B' }] }, 'en')
  t.match(page, /<p>A &amp; &lt;b&gt;<\/p>/, 'what is printed is text')
  t.notMatch(page, /<script|src=|href=/, 'it needs nothing else')
  for (const result of failures.cuts.slice(0, 12))
    t.match(page, `>${result.cut.id}</text>`, 'a bar for each of the first')
  t.match(renderPage(report, 'sw'), /<html lang="sw">/)
  t.match(renderCsv(report, report.tables[0]!), /^\ufeffcut,kind,institutions_short,.*\r\n/)
})

t.test('of a pair it is said what only the two together do', async (t) => {
  const study = ringStudy(4, 0.01)
  const { cuts } = await failuresOf(study, { busiest: 1, pairs: true, workers: 1 })
  t.equal(cuts.length, (10 * 9) / 2, 'each two of eight links and two groups')
  const names = ({ unreachable }: CutResult): string[] =>
    [...unreachable].map((n) => study.plan.institutions[n]!.id).sort()
  const upstreams = cuts.find(({ cut }) => cut.id === 'up-a + up-b')!
  t.same(names(upstreams), ['a', 'b', 'c', 'd', 'e', 'f'], 'no way out is left')
  t.equal(upstreams.onlyTogether.size, 6)
  const alone = cuts.find(({ cut }) => cut.id === 'r1 + r3')!
  t.same(names(alone), [], 'the chords hold')
})
