// The scenarios that ship: each fits the plane that ships, some are played for what they tell, and their schema is what
// the reader takes. Changes of a plane may replace, add and take away.

import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { applyChanges } from '../../src/planning/base.js'
import { compileUnder, simulate } from '../../src/planning/run.js'
import { loadScenario, type Scenario, scenarioJsonSchema } from '../../src/planning/scenario.js'
import { nameFaults } from '../../src/planning/scenario-names.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { shippedFile } from '../../src/runtime/config.js'
import { formatFault, MizaniError } from '../../src/runtime/errors.js'
import { smallPlane } from './small-plane.js'

const HOUR = 3_600_000
const folder = shippedFile('config/scenarios')
const plane = loadPlane(shippedFile('config/taifa')).document!

t.test('every scenario that ships fits the plane that ships', async (t) => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  t.ok(files.length >= 11)
  for (const name of files) {
    const file = loadScenario(`${folder}/${name}`)
    t.equal(`${file.scenario.id}.yaml`, name, 'named by its story')
    const document = applyChanges(plane, file)
    t.same(nameFaults(file, compileUnder(document, {}).plan), [], name)
    t.match(readFileSync(`${folder}/${name}`, 'utf8'), /^# yaml-language-server: \$schema=\.\/scenario\.schema\.json$/m)
  }
})

t.test('the schema beside them is what `mizani simulate --schema` prints', async (t) => {
  t.same(JSON.parse(readFileSync(`${folder}/scenario.schema.json`, 'utf8')), scenarioJsonSchema())
})

for (const [name, hours, below, of] of [
  ['ring-cut', 12, 65, 554],
  ['both-data-centres', 9, 400, 554],
  ['all-upstreams-lost', 11, 554, 554],
  ['new-districts', 12, 0, 556],
] as const) {
  t.test(`${name}: ${below} of ${of} fall below`, async (t) => {
    const file = loadScenario(`${folder}/${name}.yaml`)
    const scenario: Scenario = { ...file.scenario, horizon: hours * HOUR, step: HOUR }
    const cut = Object.fromEntries(
      Object.entries(scenario.events).map(([id, event]) => {
        const to = Math.min(event.to ?? Infinity, scenario.from + scenario.horizon)
        return [id, { ...event, to }]
      }),
    )
    const { outcome } = await simulate({ ...scenario, events: cut }, applyChanges(plane, file), { workers: 1 })
    t.equal(outcome.institutions.length, of)
    t.equal(outcome.institutions.filter(({ minutesBelow }) => minutesBelow > 0).length, below)
  })
}

/** The small plane with these changes, or what is wrong with them. */
function changed(changes: Scenario['changes']): PolicyDocument | string[] {
  const scenario = { changes } as Scenario
  try {
    return applyChanges(smallPlane(), { file: 'x.yaml', scenario, lineOf: () => 1 })
  } catch (error) {
    if (error instanceof MizaniError) return error.faults.map(formatFault)
    throw error
  }
}

t.test('a change replaces, adds, appends and takes away', async (t) => {
  const link = { kind: 'upstream', from: 'world', to: 'dar', capacity: '50Mbps' }
  const why = 'a test'
  const document = changed([
    { at: '/links/sea/capacity', to: '300Mbps', why },
    { at: '/links/sky', to: link, why },
    { at: '/services/internet/via/-', to: 'sky', why },
    { at: '/links/sea/groups/0', remove: true, why },
    { at: '/sites/reli-hq', remove: true, why },
    { at: '/institutions/reli', remove: true, why },
  ]) as PolicyDocument
  t.match(document.links, { sea: { capacity: { down: 300e6 }, groups: [] }, sky: { capacity: { down: 50e6 } } })
  t.same(document.services.internet!.via, ['sea', 'sky'])
  t.same(Object.keys(document.institutions), ['posta'])
})

t.test('what cannot be changed is told at once, with what may be meant', async (t) => {
  const why = 'a test'
  t.match(
    changed([
      { at: '/linkz/sea/capacity', to: 1, why },
      { at: '/links/see/capacity', to: 1, why },
      { at: '/links/sae', remove: true, why },
      { at: '/services/internet/via/7', to: 'sea', why },
    ]),
    [
      /^x\.yaml:1 \/changes\/0: the policy has no \/linkz; did you mean "links"\?/,
      /\/changes\/1: the policy has no \/links\/see; did you mean "sea"\?/,
      /\/changes\/2: the policy has no \/links\/sae; did you mean "sea"\?/,
      /\/changes\/3: the policy has no \/services\/internet\/via\/7 /,
    ],
  )
  t.match(changed([{ at: '/links/sea/capcity', to: '1Gbps', why }]), [/capcity.*did you mean "capacity"/])
})
