// The story of the shipped scenarios, on the shipped plane: what planners are told must be what the policy says.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { comparePlans } from '../../bench/plan.js'
import { createLoadModel } from '../../src/model/load.js'
import { loadBase } from '../../src/planning/base.js'
import { compileUnder, type Run, simulate } from '../../src/planning/run.js'
import { loadEventsOf, loadScenario } from '../../src/planning/scenario.js'
import { runSimulate } from '../../src/planning/simulate.js'
import { loadSubjects } from '../../src/planning/subjects.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { shippedFile } from '../../src/runtime/config.js'
import { formatFault, MizaniError } from '../../src/runtime/errors.js'
import { createSolver } from '../../src/solve/solve.js'

const scenarioFile = (name: string): string => shippedFile(`config/scenarios/${name}.yaml`)
const UPSTREAM = /^transit-[abc]\.down$/

/** A shipped scenario with some of its words replaced, in a folder of its own. */
function variant(name: string, edits: readonly (readonly [string, string])[], more = ''): string {
  const file = join(mkdtempSync(join(tmpdir(), 'mizani-simulate-')), 'variant.yaml')
  const paths = [['plane: ../taifa', `plane: ${shippedFile('config/taifa')}`]] as const
  const text = readFileSync(scenarioFile(name), 'utf8')
  writeFileSync(file, [...paths, ...edits].reduce((part, [from, to]) => part.replace(from, to), text) + more)
  return file
}

for (const { name, event, steps, file } of [
  {
    // In coarser steps than it is shipped with: `bench/plan.ts` plays it as it is.
    ...{ name: 'cable-cut-2024-05', event: 'cut', steps: 7 * 48 },
    file: loadScenario(variant('cable-cut-2024-05', [['step: 5min', 'step: 30min']])),
  },
  {
    // To the working day after it, in coarser steps: here nobody is cut off, and everybody has grown.
    ...{ name: 'one-upstream-30', event: 'degraded', steps: 4 * 48 },
    file: loadScenario(
      variant('one-upstream-30', [
        ['horizon: 7d', 'horizon: 4d'],
        ['step: 5min', 'step: 30min'],
      ]),
    ),
  },
]) {
  t.test(name, async (t) => {
    const { document } = loadBase(file)
    const run = await simulate(file.scenario, document, { workers: 2 })
    const { outcome, plan } = run
    t.equal(run.ledger.shape.steps, steps)
    t.equal(plan.institutions.length, 554)

    const [lifeline, critical, committed] = outcome.bands
    t.match(
      [lifeline, critical],
      [
        { band: 'lifeline', missing: 0, worstKept: 1 },
        { band: 'critical', missing: 0 },
      ],
    )
    t.ok(lifeline!.promised > 0 && critical!.promised > 0, 'and both promise something')
    t.ok(committed!.worstKept < 0.95 && committed!.mostInstitutionsShort > 100, 'committed shrinks for many')

    t.test('only under the event, only towards the institutions, only at the upstreams', async (t) => {
      for (const phase of outcome.phases) {
        const short = phase.bands.some((band) => band.mostInstitutionsShort > 0)
        t.equal(short, phase.events.includes(event), `someone is short: ${phase.events.join(' ') || 'as built'}`)
      }
      t.same(new Set(outcome.shortFlows.map(({ band }) => band)), new Set(['committed', 'guarantee']))
      const elsewhere = outcome.shortFlows.filter(
        ({ flow, worst }) => !flow.includes('/internet/down') || !UPSTREAM.test(worst.links[0]?.id ?? ''),
      )
      t.same(elsewhere, [])
      const spared = outcome.institutions.filter(({ tier }) => tier === 'state-house' || tier.startsWith('hospital-'))
      t.ok(
        spared.length === 50 && spared.every(({ minutesBelow }) => minutesBelow === 0),
        'the critical tiers lose nothing',
      )
    })

    t.test('pro rata: who is stopped by the same link keeps the same part of its size', async (t) => {
      const stopped = stoppedAtWorst(run, document)
      t.ok(stopped.length > 100)
      for (const link of new Set(stopped.map((flow) => flow.link))) {
        const parts = stopped.filter((flow) => flow.link === link).map((flow) => flow.part)
        const [least, most] = [Math.min(...parts), Math.max(...parts)]
        t.match(link, UPSTREAM)
        t.ok(most < 1 && most - least <= 1e-9 * most, `${link}: all keep ${least}`)
      }
    })

    t.test('recovery: the last phase is as built, and all that is asked fits again', async (t) => {
      const last = outcome.phases.at(-1)!
      t.same(last.events, [])
      t.ok(last.bands.every(({ missing, worstKept }) => missing === 0 && worstKept === 1))
      t.ok(carried(run, last.from) > 0.99 && carried(run, last.from) > carried(run, outcome.phases[1]!.from) + 0.01)
    })

    t.test('the worst hour of an upstream has its cause', async (t) => {
      const upstreams = outcome.links.filter(({ id }) => UPSTREAM.test(id))
      t.equal(upstreams.length, 3)
      for (const { worstHour, minutesFull } of upstreams) {
        t.same(worstHour.events, [event])
        t.ok(worstHour.utilisation! > 0.999 && minutesFull >= 60)
        t.equal(worstHour.takers.length, 5)
      }
    })
  })
}

/** Solves the step in which committed kept least, and lists the flows that a link stopped in it. */
function stoppedAtWorst({ scenario, outcome, plan }: Run, document: PolicyDocument) {
  const band = plan.bands.findIndex(({ id }) => id === 'committed')
  const { conditions } = scenario.events[outcome.phases[1]!.events[0]!]!
  const { problem: p } = compileUnder(document, conditions)
  const offered = createLoadModel(scenario.seed, loadSubjects(plan), loadEventsOf(scenario))
  offered.fill(outcome.bands.find(({ band }) => band === 'committed')!.worstAt!, p.demand)
  createSolver(p.shape).solve(p)
  return plan.flows.flatMap((_, i) => {
    const bottleneck = p.bottleneck[band * p.shape.flows + i]!
    if (bottleneck < 0) return []
    let size = 0
    for (let s = p.segmentStart[i]!; s < p.segmentStart[i + 1]!; s++) {
      if (p.segmentBand[s] === band) size = p.segmentSize[s]!
    }
    return [{ link: plan.links[bottleneck]!.id, part: p.amount[band * p.shape.flows + i]! / size }]
  })
}

/** Need over offered load, all flows together, from a moment to the next change. */
function carried({ scenario, outcome, ledger }: Run, from: number): number {
  const { to } = outcome.phases.find((phase) => phase.from === from)!
  const steps = (at: number) => (at - scenario.from) / scenario.step
  const sum = (column: Float64Array) => column.slice(steps(from), steps(to)).reduce((a, b) => a + b, 0)
  return sum(ledger.stepNeed) / sum(ledger.stepDemand)
}

/** A scenario of an hour on the shipped plane. */
function hourFile(more: string): string {
  const edits = [
    ['horizon: 7d', 'horizon: 1h'],
    ['from: 2024-06-03T00:00:00Z', 'from: 2024-06-04T07:00:00Z'],
  ] as const
  return variant('one-upstream-30', edits, more)
}

function collect() {
  const text: string[] = []
  const notes: string[] = []
  const io = { stdout: { write: (s: string) => text.push(s) }, stderr: { write: (s: string) => notes.push(s) } }
  return { io: { ...io, env: {}, isTTY: false }, stdout: () => text.join(''), stderr: () => notes.join('') }
}

t.test('the command prints the report and writes the files', async (t) => {
  const out = mkdtempSync(join(tmpdir(), 'mizani-report-'))
  const { io, stdout, stderr } = collect()
  await runSimulate({ scenario: hourFile(''), out, workers: 1, seed: 9 }, io)
  t.match(stdout(), /\d+ of 554 institutions fall below their guarantee/)
  t.match(stdout(), /Latency and loss are not\./)
  t.match(stderr(), /^12 steps in .* 1 workers; result [0-9a-f]{16}; \d files in /)
  t.same(readdirSync(out).sort(), [
    ...['about', 'bands', 'institutions', 'links'].map((name) => `${name}.csv`),
    ...['report.json', 'short-flows.csv', 'summary.txt', 'tiers.csv', 'timeline.csv'],
  ])
  t.equal(readFileSync(join(out, 'summary.txt'), 'utf8'), stdout())
  t.equal(readFileSync(join(out, 'institutions.csv'), 'utf8').trim().split('\n').length, 555)
  t.equal(readFileSync(join(out, 'timeline.csv'), 'utf8').trim().split('\n').length, 13)
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Record<string, Record<string, unknown>>
  t.match(report.about, { seed: 9, engine: /^\d/, scenarioHash: /^sha256:/, planeHash: /^sha256:/ })
  t.ok(report.definitions?.minutes_below && report.links && report['short-flows'])

  const json = collect()
  await runSimulate({ scenario: hourFile(''), workers: 1, seed: 9, json: true }, json.io)
  t.equal(json.stdout(), readFileSync(join(out, 'report.json'), 'utf8'), 'the same file on stdout, wherever it lies')
})

t.test('changes edit the policy, and a change that breaks it is told at its line', async (t) => {
  const wider = hourFile(`changes:
  - { at: /links/transit-a/capacity, to: 30Gbps, why: a bigger upstream }
`)
  const { document } = loadBase(loadScenario(wider))
  t.match(document.links['transit-a']!.capacity, { down: 30e9, up: 30e9 })
  const { io, stdout } = collect()
  await runSimulate({ scenario: wider, workers: 1 }, io)
  t.match(stdout(), /Nobody of 554 institutions falls below the guarantee/)

  const broken = hourFile(`changes:
  - { at: /links/transit-z/capacity, to: 30Gbps, why: it is not there }
  - { at: /links/transit-a/capacity, to: -1, why: negative }
  - { at: /institutions/min-kazi/tier, to: royal, why: unknown tier }
`)
  const lines = readFileSync(broken, 'utf8').split('\n')
  const lineOf = (why: string): number => 1 + lines.findIndex((line) => line.includes(`why: ${why}`))
  try {
    loadBase(loadScenario(broken))
    t.fail('it was accepted')
  } catch (error) {
    if (!(error instanceof MizaniError)) throw error
    const faults = error.faults.map((fault) => formatFault({ ...fault, file: 'hour.yaml' }))
    t.match(
      faults.find((fault) => fault.includes('transit-z')),
      `hour.yaml:${lineOf('it is not there')} `,
    )
    t.match(
      faults.find((fault) => fault.includes('/links/transit-a/')),
      `hour.yaml:${lineOf('negative')} `,
    )
    t.match(
      faults.find((fault) => fault.includes('royal')),
      `hour.yaml:${lineOf('unknown tier')} `,
    )
  }
})

t.test('options that cannot be', async (t) => {
  const scenario = hourFile('')
  await t.rejects(runSimulate({ scenario, workers: 0 }, collect().io), { code: 'USAGE', exitCode: 2 })
  await t.rejects(runSimulate({ scenario, seed: 2 ** 32 }, collect().io), { code: 'USAGE', exitCode: 2 })
  for (const out of [scenario, join(scenario, 'below')])
    await t.rejects(runSimulate({ scenario, out, workers: 1 }, collect().io), {
      ...{
        code: 'USAGE',
        exitCode: 2,
        message: `--out ${out}: there is a file of that name.`,
        advice: /Name a folder/,
      },
    })
  await t.rejects(runSimulate({ scenario: 'nowhere.yaml', workers: 1 }, collect().io), { code: 'SCENARIO_FILE' })
})

t.test('the bench for planners plays every variant with the demand of the plane as shipped', async (t) => {
  const rows = await comparePlans(1 / 12, 1)
  t.equal(new Set(rows.map(({ hash }) => hash)).size, rows.length, 'each is another plane')
  t.ok(
    rows.every(({ below, satisfaction }) => below === 0 && satisfaction === 1),
    'before the cut all is well',
  )
  const some = await comparePlans(1 / 12, 1, ['16', 'no-critical'])
  t.same(
    some.map(({ hash }) => hash),
    [rows[1]!.hash, rows[4]!.hash],
  )
  await t.rejects(comparePlans(1 / 12, 1, ['17']), /no "17"; there are shipped, 16, 24/)
})

t.test('a plane that is not there is one clear message', async (t) => {
  const file = hourFile('')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/plane: .*/, 'plane: nowhere'))
  await t.rejects(runSimulate({ scenario: file }, collect().io), { code: 'PLANE_INVALID', message: /nowhere is not/ })
})
