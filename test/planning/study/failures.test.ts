// Cuts of small seeded planes: the sweep says what `simulate` says. The whole nation: `npm run planning`.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { claimOf, cutOff, keptOf, lackOf } from '../../../src/planning/claims.js'
import { compileUnder } from '../../../src/planning/run.js'
import { singleCuts } from '../../../src/planning/study/cuts.js'
import { type CutResult, failuresOf } from '../../../src/planning/study/failures.js'
import { failuresReport } from '../../../src/planning/study/failures-report.js'
import { renderPage } from '../../../src/planning/study/plan-page.js'
import { type Named, renderCsv, renderJson, renderText, resultHash } from '../../../src/planning/study/plan-report.js'
import { demandOfDay, readStudy, timeOfStep } from '../../../src/planning/study/study.js'
import { Sweep } from '../../../src/planning/study/sweep.js'
import { planeFiles } from '../../../src/policy/files/plane-text.js'
import { createSolver } from '../../../src/solve/solve.js'
import { asSimulated, asSwept } from './as-simulated.js'
import { ringPlane, ringStudy } from './ring-plane.js'

const SINGLE = { busiest: 1, pairs: false, workers: 1 }

t.test('rows equal simulate: short, unreachable, neither', async (t) => {
  const seen = { short: 0, unreachable: 0, calm: 0 }
  for (const seed of [1, 2]) {
    const study = ringStudy(seed, 3)
    const { cuts, steps } = await failuresOf(study, SINGLE)
    t.equal(cuts.length, 8 + 1 + 5, 'links, groups but for the one that is a link, nodes')
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
  t.match(renderText(report, 'sw'), /^Kati ya mikato ya pekee 14, \d+ huacha ahadi ikiwa pungufu/m)
  const { tables } = JSON.parse([...renderJson(report)].join('')) as {
    tables: { cuts: { cut: string; institutions_short: number }[] }
  }
  for (const { cut, short } of failures.cuts)
    t.equal(tables.cuts.find((row) => row.cut === cut.id)!.institutions_short, short.size, cut.id)
  const page = renderPage({ ...report, findings: [{ en: 'A & <b>', sw: 'B' }] }, 'en')
  t.match(page, /<p>A &amp; &lt;b&gt;<\/p>/, 'what is printed is text')
  t.notMatch(page, /<script|src=|href=/, 'it needs nothing else')
  for (const result of failures.cuts.slice(0, 8))
    t.match(page, `>${result.cut.id}</text>`, 'a bar for each of the first')
  t.match(renderPage(report, 'sw'), /<html lang="sw">/)
  t.match([...renderCsv(report, report.tables[0]!)].join(''), /^\ufeffcut,kind,institutions_short,.*\r\n/)
})

t.test('of a pair it is said what only the two together do', async (t) => {
  const study = ringStudy(4, 0.01)
  const { cuts } = await failuresOf(study, { busiest: 1, pairs: true, workers: 1 })
  // The cable is up-a, the road r1 with x2: who pairs a part with the whole, or the road's two links, cuts one thing.
  t.equal(cuts.length, (8 * 7) / 2 - 1 + 6, 'each two of eight links but the road; the road with each other link')
  t.same(cuts.find(({ cut }) => cut.id === 'r1 + up-a')?.cut.also, ['r1 + cable'])
  t.same(cuts.find(({ cut }) => cut.id === 'up-a + up-b')?.cut.also, ['up-b + cable', 'node:world'])
  const names = ({ unreachable }: CutResult): string[] =>
    [...unreachable].map((n) => study.plan.institutions[n]!.id).sort()
  const upstreams = cuts.find(({ cut }) => cut.id === 'up-a + up-b')!
  t.same(names(upstreams), ['a', 'b', 'c', 'd', 'e', 'f'], 'no way out is left')
  t.equal(upstreams.onlyTogether.size, 6)
  const alone = cuts.find(({ cut }) => cut.id === 'r1 + r3')!
  t.same(names(alone), [], 'the chords hold')
})

t.test(
  'an institution that keeps a way at another site is partly cut off; what that site lacks is short',
  async (t) => {
    const study = ringStudy(1, 3)
    const policy = structuredClone(study.document)
    for (const link of ['r2', 'r4', 'x1', 'x2']) policy.links[link]!.capacity = { down: 20e6, up: 20e6 }
    // One site of a hangs on n1 alone, the other on n2, whose ways are small.
    policy.sites['a-two'] = { ...policy.sites['a-hq']!, edge: 'e-n2' }
    const { plan } = compileUnder(policy, {})
    const two = { ...study, document: policy, habits: policy, plan }
    const { cuts } = await failuresOf(two, SINGLE)
    const lost = cuts.find(({ cut }) => cut.id === 'n1')!
    const of = (id: string) => plan.institutions.findIndex((one) => one.id === id)
    t.ok(lost.partly.has(of('a')) && !lost.unreachable.has(of('a')), 'n2 still serves it')
    t.ok(lost.unreachable.has(of('d')) && !lost.partly.has(of('d')), 'd has no other site')
    const world = cuts.find(({ cut }) => cut.id === 'world')!
    t.equal(world.unreachable.size, 6)
    t.equal(world.partly.size, 0, 'no site of anybody has a way')
    t.ok(
      cuts.some(({ short, partly }) => partly.has(of('a')) && short.has(of('a'))),
      'short beside it is told apart',
    )
    const report = failuresReport(await failuresOf(two, SINGLE), { busiest: 1, pairs: false })
    const matrix = [...report.sheets![0]!.rows()].filter(
      ([cut, , tier]) => cut === 'n1' && (tier as Named).id === 'hospital',
    )
    const named = [{ id: 'hospital', en: 'hospital' }, { id: 'internet' }]
    t.match(matrix, [['n1', { en: 'node', sw: 'kituo' }, ...named, 3, Number, 1, 0, Number, Number]])
  },
)

t.test(
  'what a cut lacks is of one moment, with its time: worst moments that never coincide are not added',
  async (t) => {
    const study = ringStudy(1, 3)
    for (const link of Object.values(study.document.links))
      link.capacity = { down: link.capacity.down / 5, up: link.capacity.up / 5 }
    // Of two steps of the day those of odd places ask for all in the first, the others in the second.
    const flows = study.plan.flows.length
    const demand = demandOfDay(study)
    for (const [n, { flows: own }] of study.plan.institutions.entries())
      for (const i of own)
        for (const step of [100, 200]) if ((step === 100) === (n % 2 === 0)) demand[step * flows + i] = 0
    const steps = [100, 200]
    const both = new Float64Array(2 * flows)
    for (const [n, step] of steps.entries()) both.set(demand.subarray(step * flows, (step + 1) * flows), n * flows)
    const sweep = new Sweep(study.document, { count: 2, demand: both })
    let apart = 0
    for (const { conditions, id } of singleCuts(study.document)) {
      const { hurts, most, tiers } = sweep.under(conditions)
      const short = hurts.filter(({ kind }) => kind === 'short')
      const worst = short.reduce((sum, { missing }) => sum + missing, 0)
      const at = steps.map((_, step) => {
        const { plan, problem } = compileUnder(study.document, conditions)
        problem.demand.set(both.subarray(step * flows, (step + 1) * flows))
        createSolver(problem.shape).solveNeed(problem)
        const isGone = cutOff(plan, problem)
        const lacks = (i: number) => (isGone(i) ? 0 : lackOf(claimOf(problem, i), keptOf(problem, i)))
        return plan.institutions.flatMap((one) => [...one.flows]).reduce((sum, i) => sum + lacks(i), 0)
      })
      t.ok(Math.abs(most.missing - Math.max(...at)) < 1, `${id}: ${most.missing} of ${at}`)
      if (most.missing > 0) t.equal(most.step, at.indexOf(Math.max(...at)))
      for (const tier of tiers.values()) t.ok(tier.missing <= most.missing + 1)
      if (worst > most.missing + 1) apart++
    }
    t.ok(apart > 0, `in ${apart} cuts the worst moments of all come to more`)
    const failures = await failuresOf(study, { busiest: 12, pairs: false, workers: 1 })
    const report = failuresReport(failures, { busiest: 12, pairs: false })
    const { columns, rows } = report.tables[0]!
    const place = (id: string) => columns.findIndex((each) => each.id === id)
    for (const [n, row] of rows.entries()) {
      const { most } = failures.cuts[n]!
      t.equal(row[place('lacks')], most.missing)
      t.equal(row[place('lacks_at')], most.step < 0 ? null : timeOfStep(study, failures.steps[most.step]!))
    }
  },
)

t.test('a report names files, and no folder of the machine it was made on', async (t) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'mizani-words-')), 'ring')
  mkdirSync(folder)
  for (const [name, text] of Object.entries(planeFiles(ringPlane(1)))) writeFileSync(join(folder, name), text)
  const { words } = readStudy({ plane: folder, day: '2026-11-25', seed: 3 }, 0)
  t.same(words, ['--plane ring', '--day 2026-11-25', '--seed 3'])
})
