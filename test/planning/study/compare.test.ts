// Two reports side by side: what differs and by how much, and whether chance is in it.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { renderFiles } from '../../../src/planning/report.js'
import { simulate } from '../../../src/planning/run.js'
import { compareReports } from '../../../src/planning/study/compare.js'
import { failuresOf } from '../../../src/planning/study/failures.js'
import { failuresReport } from '../../../src/planning/study/failures-report.js'
import { renderJson } from '../../../src/planning/study/plan-report.js'
import { ringStudy } from './ring-plane.js'

const base = mkdtempSync(join(tmpdir(), 'mizani-compare-'))
function written(name: string, json: string): string {
  mkdirSync(join(base, name))
  writeFileSync(join(base, name, 'report.json'), json)
  return join(base, name)
}

t.test('the same cuts under more demand', async (t) => {
  const options = { busiest: 1, pairs: false }
  const at = async (name: string, scale: number): Promise<string> =>
    written(
      name,
      [...renderJson(failuresReport(await failuresOf(ringStudy(2, scale), { ...options, workers: 1 }), options))].join(
        '',
      ),
    )
  const [less, more] = [await at('less', 0.1), await at('more', 3)]
  const { findings, tables } = compareReports(less, more, 'UTC')
  t.match(findings[1], { en: 'Both of seed 2: what differs is not chance.' })
  const short = tables[0]!.rows.filter(([table, , value]) => table === 'cuts' && value === 'institutions_short')
  t.ok(short.length > 0)
  for (const [, row, , a, b, change] of short) t.ok(a === 0 && Number(b) > 0 && change === b, String(row))
  const changes = short.map((row) => Number(row[5]))
  t.same(
    changes,
    changes.toSorted((x, y) => y - x),
    'the largest first',
  )
  t.same(compareReports(less, less, 'UTC').tables[0]!.rows, [])
})

t.test('runs of a scenario, with other chance; what is no report', async (t) => {
  const played = async (name: string, seed: number): Promise<string> => {
    const { scenario, document } = ringStudy(seed, 3)
    const run = await simulate({ ...scenario, horizon: 12 * 3_600_000 }, document, { workers: 1 })
    return written(name, renderFiles(run).get('report.json')!)
  }
  const [a, b] = [await played('a', 2), await played('b', 3)]
  const { findings, tables } = compareReports(a, b, 'UTC')
  t.match(findings[1], { en: 'Of seeds 2 and 3: some of what differs is chance.' })
  t.ok(tables[0]!.rows.some(([table, , value]) => table === 'links' && value === 'worst_hour_load_mbps'))
  t.throws(() => compareReports(a, join(base, 'less'), 'UTC'), /of simulate, .* of failures: nothing to compare/)
  t.throws(() => compareReports(a, base, 'UTC'), /expected a folder that --out has written/)
})

t.test('reports that answer different questions are not compared', async (t) => {
  const report = (name: string, command: string, cuts: readonly string[]): string =>
    written(
      name,
      JSON.stringify({
        ...{ report: 'failures', inputHash: name, command: `mizani plan failures ${command}`, about: {} },
        tables: { cuts: cuts.map((cut) => ({ kind: 'link', cut, institutions_short: 1 })) },
      }),
    )
  const single = report('single', '--growth 0.25', ['r1', 'r2'])
  const refused = (other: string, why: RegExp): void => {
    t.throws(() => compareReports(single, other, 'UTC'), {
      message: new RegExp(`^These reports answer different questions\\. .*${why.source}`),
    })
  }
  refused(report('pairs', '--pairs', ['r1']), /single asks with none of these, .*pairs with --pairs\.$/)
  refused(report('elsewhere', '', ['x1', 'x2']), /No row of .*single is one of .*elsewhere\.$/)
  t.doesNotThrow(() => compareReports(single, report('faster', '--growth 0.4', ['r2', 'r3']), 'UTC'))
})

t.test('whose rows differ is counted in every report, and what is not drawn is not chance', async (t) => {
  const report = (name: string, demand: string, part: number, drawn = ''): string =>
    written(
      name,
      JSON.stringify({
        ...{ report: 'futures', inputHash: name, about: { demand, 'years drawn': drawn } },
        tables: {
          availability: [
            { institution: 'a', service: 'internet', part },
            { institution: 'a', service: 'govnet', part },
            { institution: 'b', service: 'internet', part: 1 },
          ],
          range: [{ years: '95', missing_mbps_hours: part }],
        },
      }),
    )
  const [one, two] = [report('one', 'recorded from x to y', 0.5), report('two', 'recorded from x to y', 0.25)]
  const { findings, tables } = compareReports(one, two, 'UTC')
  t.match(findings[0], { en: 'Values that differ: 3; institutions among them: 1.' })
  t.match(findings[1], { en: 'Neither draws anything: what differs is not chance.', sw: /tofauti si bahati/ })
  t.ok(tables[0]!.rows.some(([table, row]) => table === 'range' && row === '95'))
  const drawn = report('drawn', 'recorded from x to y', 0.25, '1,000, seed 7')
  const other = report('other', 'recorded from x to y', 0.5, '1,000, seed 7')
  t.match(compareReports(drawn, other, 'UTC').findings[1], { en: /^Both of seed 7/ })
  const same = compareReports(drawn, drawn, 'UTC').findings
  t.same(
    same.map(({ en }) => en),
    ['The two answers are the same.'],
    'said once',
  )
  t.match(compareReports(one, drawn, 'UTC').findings[1], { en: /^One is of seed 7 and the other draws nothing/ })
})
