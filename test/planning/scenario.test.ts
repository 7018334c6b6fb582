// A scenario file is read whole or refused whole, and every fault is told with its line.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createLoadModel, type LoadSubject } from '../../src/model/load.js'
import { loadEventsOf, loadScenario, phasesOf, type ScenarioFile, stepsOf } from '../../src/planning/scenario.js'
import { nameFaults } from '../../src/planning/scenario-names.js'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { formatFault, MizaniError } from '../../src/runtime/errors.js'
import { smallPlane } from './small-plane.js'

const GOOD = `format: 1
id: two-cuts
name: { en: Two cuts, sw: Kukatika mara mbili }
story: { en: Two cables fail one after the other., sw: Nyaya mbili zinakatika. }
source: invented for a test
plane: ../plane
seed: 7
from: 2024-05-11T00:00:00Z
horizon: 1d
demand: { model: seeded, scale: 2, byCategory: { agency: 0.5 }, growth: { perYear: 0.1, years: 2 } }
events:
  first:
    name: { en: First, sw: Kwanza }
    from: 2024-05-11T06:00:00+03:00
    to: 2024-05-11T12:00:00Z
    conditions: { sea: 0.5, mkongo.down: 0.9 }
  second:
    name: { en: Second, sw: Pili }
    from: 2024-05-11T06:00:00Z
    conditions: { sea: 0.3 }
    demand: { byInstitution: { posta: 3 } }
`

function load(yaml: string): ScenarioFile {
  const file = join(mkdtempSync(join(tmpdir(), 'mizani-scenario-')), 'scenario.yaml')
  writeFileSync(file, yaml)
  return loadScenario(file)
}

/** Faults as a person reads them, without the folder. */
function faultsOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof MizaniError) return error.faults.map((f) => formatFault({ ...f, file: 'scenario.yaml' }))
    throw error
  }
  return []
}

t.test('a scenario is read whole, times with any offset', async (t) => {
  const { scenario } = load(GOOD)
  t.equal(scenario.step, 300_000, 'five minutes unless it says otherwise')
  t.equal(stepsOf(scenario), 288)
  t.equal(scenario.events.first!.from, Date.UTC(2024, 4, 11, 3), '06:00 in Dar es Salaam is 03:00 UTC')
  t.match(
    phasesOf(scenario),
    [
      { firstStep: 0, endStep: 36, events: [], conditions: {} },
      { firstStep: 36, endStep: 72, events: ['first'], conditions: { sea: 0.5, 'mkongo.down': 0.9 } },
      { firstStep: 72, endStep: 144, events: ['first', 'second'], conditions: { sea: 0.3, 'mkongo.down': 0.9 } },
      { firstStep: 144, endStep: 288, events: ['second'], conditions: { sea: 0.3 } },
    ],
    'the horizon is cut where conditions change; where they overlap the smallest factor counts',
  )
})

t.test('demand factors multiply: scale, growth, category, and an event while it lasts', async (t) => {
  const { scenario } = load(GOOD)
  const subject: LoadSubject = {
    institution: 'posta',
    category: 'agency',
    service: 'internet',
    direction: 'down',
    guarantee: 80e6,
    ceiling: 90e6,
  }
  const plain = createLoadModel(7, [subject])
  const factored = createLoadModel(7, [subject], loadEventsOf(scenario))
  const factorAt = (hour: number): number => {
    const [a, b] = [new Float64Array(1), new Float64Array(1)]
    plain.fill(scenario.from + hour * 3_600_000, a)
    factored.fill(scenario.from + hour * 3_600_000, b)
    return Number((b[0]! / a[0]!).toFixed(9))
  }
  t.equal(factorAt(1), 1.21, '2 x 1.1 x 1.1 x 0.5')
  t.equal(factorAt(7), 3.63, 'and 3 for posta once the second event began')
})

t.test('what is wrong with a file is said at once, each fault with its line', async (t) => {
  const bad = GOOD.replace('seed: 7', 'seed: -7')
    .replace('horizon: 1d', 'horizon: a week')
    .replace('plane: ../plane\n', '')
    .replace('sea: 0.5', 'sea: 1.5')
    .replace('12:00:00Z', '12:00:00')
    .replace('perYear: 0.1', 'perYaer: 0.1')
  const faults = faultsOf(() => load(bad))
  t.match(
    faults.sort(),
    [
      /^scenario.yaml \/plane: is missing/,
      /^scenario.yaml:15 \/events\/first\/conditions\/sea: .*1/,
      /^scenario.yaml:14 \/events\/first\/to: expected an instant with its offset/,
      /^scenario.yaml:6 \/seed:/,
      /^scenario.yaml:8 \/horizon: expected a duration such as/,
      /^scenario.yaml:9 \/demand\/growth\/perYaer: unknown key; did you mean "perYear"/,
      /^scenario.yaml:9 \/demand\/growth\/perYear: is missing/,
    ].sort(),
  )
  const percent = GOOD.replace('growth: { perYear: 0.1, years: 2 }', 'growth: "30%"')
  t.match(
    faultsOf(() => load(percent)),
    [/^scenario.yaml:10 \/demand\/growth: expected the growth of a year .* found "30%"/],
    'what is there in another shape is not missing',
  )
  t.throws(() => load('# nothing\n'), /is empty/)
})

t.test('a number without its unit and a percent hear how they are written', async (t) => {
  const bad = GOOD.replace('horizon: 1d', 'horizon: 7')
    .replace('scale: 2', 'scale: 130%')
    .replace('growth: { perYear: 0.1, years: 2 }', 'growth: 30%')
    .replace('sea: 0.3', 'sea: 30 %')
  t.same(
    faultsOf(() => load(bad)).map((fault) => fault.replace(/^scenario.yaml:\d+ (.*) \[INVALID\]$/, '$1')),
    [
      '/horizon: expected a duration such as "5min", "12h" or "7d", found 7: a number needs its unit, such as "7d"',
      '/demand/scale: expected a factor as a number, found "130%": write 1.3',
      '/demand/growth: expected the growth of a year and the years, such as { perYear: 0.3, years: 2 }, found "30%"',
      '/events/second/conditions/sea: expected the part that is left as a number, found "30 %": write 0.3',
    ],
  )
  t.match(
    faultsOf(() => load(GOOD.replace('horizon: 1d\n', ''))),
    [/\/horizon: is missing: expected a duration/],
  )
  const { scenario } = load(GOOD.replace('horizon: 1d', 'horizon: 1d\nstep: 15min'))
  t.equal(scenario.step, 900_000)
})

t.test('contradictions that no single field can see', async (t) => {
  const bad = GOOD.replace('12:00:00Z', '02:00:00Z').replace('2024-05-11T06:00:00Z', '2024-05-11T06:02:00Z')
  t.match(
    faultsOf(() => load(bad)),
    [/:15 \/events\/first\/to: ends before/, /:19 .*from: does not begin at a step/],
  )
  t.match(
    faultsOf(() => load(GOOD.replace('horizon: 1d', 'horizon: 90min'))),
    [/horizon: is not a whole number of hours/, /first.* lies outside/, /second.* lies outside/],
  )
  t.match(
    faultsOf(() => load(GOOD.replace('horizon: 1d', 'horizon: 9000d'))),
    [/:9 .*2592000 steps; the most is/],
  )
  const both = 'changes: [{ at: /a, to: 1, remove: true, why: x }, { at: /a, why: x }]'
  t.match(
    faultsOf(() => load(GOOD.replace('horizon: 1d', `horizon: 1d\n${both}`))),
    [/:10 \/changes\/0: expected one of "to" and "remove"/, /:10 \/changes\/1: expected one of/],
  )
  t.match(
    faultsOf(() => load(`${GOOD}  idle: { name: { en: a, sw: a }, from: 2024-05-11T06:00:00Z }\n`)),
    [/:22 \/events\/idle: changes nothing/],
  )
})

t.test('a file that is not there, is not YAML, or says a key twice', async (t) => {
  t.throws(() => loadScenario('/nowhere/x.yaml'), { code: 'SCENARIO_FILE', message: /no such file/ })
  t.match(
    faultsOf(() => load('format: [1')),
    [/^scenario.yaml:1: /],
  )
  t.match(
    faultsOf(() => load(`${GOOD}seed: 8\n`)),
    [/^scenario.yaml:22: .*unique/],
  )
})

t.test('names that the plane does not have', async (t) => {
  const document = smallPlane()
  const { plan } = compile(document, { revision: 1, hash: '', indexes: provisionalIndexes(document) })
  t.same(nameFaults(load(GOOD), plan), [])
  t.same(nameFaults(load(GOOD.replace('sea: 0.3', 'cable: 0.3')), plan), [], 'a shared-risk group')
  const bad = GOOD.replace('sea: 0.3', 'see: 0.3')
    .replace('agency: 0.5', 'agencies: 0.5')
    .replace('posta: 3', 'post: 3')
  t.match(
    nameFaults(load(bad), plan).map((fault) => formatFault({ ...fault, file: 'scenario.yaml' })),
    [
      /:10 \/demand\/byCategory\/agencies: the plane has no category "agencies"/,
      /:20 \/events\/second\/conditions\/see: the plane has no link or shared-risk group "see"/,
      /:21 \/events\/second\/demand\/byInstitution\/post: the plane has no institution "post"; did you mean "posta"\?/,
    ],
  )
})
