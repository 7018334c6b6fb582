// Twenty files that are wrong, as people write them: every fault of each at once with its line and what may have been
// meant, and exit 1. What is not there at all, and options that mean nothing, are exit 2.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { main } from '../../../src/cli.js'
import { planeFiles } from '../../../src/policy/files/plane-text.js'
import type { Io } from '../../../src/runtime/io.js'
import { ringPlane } from './ring-plane.js'

const folder = mkdtempSync(join(tmpdir(), 'mizani-wrong-'))
const plane = join(folder, 'plane')
mkdirSync(plane)
for (const [name, text] of Object.entries(planeFiles(ringPlane(1)))) writeFileSync(join(plane, name), text)

const SCENARIO = `format: 1
id: wrong
name: { en: Wrong, sw: Kosa }
story: { en: It is wrong., sw: Si sahihi. }
source: invented for a test
plane: ${plane}
seed: 7
from: 2026-11-25T00:00:00+03:00
horizon: 1d
demand: { model: seeded, scale: 1 }
changes:
  - { at: /links/up-a/capacity, to: 9Gbps, why: larger }
events:
  cut: { name: { en: Cut, sw: Mkato }, from: 2026-11-25T06:00:00+03:00, conditions: { up-a: 0 } }
`
const OFFERS = `offer,link,kind,from,to,capacity,once,monthly,lead_days,groups,cost
a,up-a,,,,4Gbps,30000,32000,60,,
b,up-c,upstream,world,core,4Gbps,60000,34000,120,road,
`

/** Each: what is wrong with it, in the words that stand there and those that are written instead, and what is told. */
type Wrong = readonly [what: string, edits: readonly (readonly [string, string])[], told: readonly RegExp[]]

const SCENARIOS: readonly Wrong[] = [
  [
    'a key that is not known',
    [['seed: 7', 'sead: 7']],
    [/:7 \/sead: unknown key; did you mean "seed"/, /\/seed: is missing/],
  ],
  ['a percent', [['scale: 1 ', 'scale: 130% ']], [/:10 \/demand\/scale: .*write 1\.3/]],
  [
    'a number without a unit, a time without an offset',
    [
      ['1d', '7'],
      ['25T00:00:00+03:00', '25T00:00:00'],
    ],
    [/:9 \/horizon: .*such as "7d"/, /:8 \/from: expected an instant/],
  ],
  [
    'an end before the begin',
    [['conditions:', 'to: 2026-11-25T05:00:00+03:00, conditions:']],
    [/:14 .*ends before it begins/],
  ],
  ['an event beyond the horizon', [['25T06', '27T06']], [/:14 \/events\/cut: lies outside/]],
  [
    'a link that is not there',
    [['up-a: 0', 'up-aa: 0']],
    [/:14 .*no link or shared-risk group "up-aa"; did you mean "up-a"/],
  ],
  [
    'a category and a service that are not there',
    [['scale: 1', 'byCategory: { hospitl: 2 }, byService: { intranet: 2 }']],
    [/:10 .*no category "hospitl"; did you mean "hospital"/, /:10 .*no service "intranet"; did you mean "internet"/],
  ],
  [
    'a change of nothing',
    [['/links/up-a/', '/links/up-x/']],
    [/:12 .*the policy has no \/links\/up-x; did you mean "up-/],
  ],
  [
    'a change to what no policy may say',
    [['9Gbps', 'fast']],
    [/:12 \/changes\/0: \/links\/up-a\/capacity\/down: expected a rate/],
  ],
  [
    'a change that neither sets nor removes',
    [['to: 9Gbps, ', '']],
    [/:12 \/changes\/0: expected one of "to" and "remove"/],
  ],
  [
    'a plane that is not there',
    [
      [plane, '/nowhere/taifa'],
      ['scale: 1', 'scale: -1'],
    ],
    [/:10 \/demand\/scale: /, /\/nowhere\/taifa/],
  ],
  ['no YAML', [['name: {', 'name: [']], [/:3: /]],
  [
    'shape, times, names and changes together',
    [
      ['scale: 1', 'scale: 130%'],
      ['up-a: 0', 'up-aa: 0'],
      ['/links/up-a/', '/links/up-x/'],
      ['25T06:00', '25T06:02'],
    ],
    [/:10 .*write 1\.3/, /:12 .*up-x/, /:14 .*does not begin at a step/, /:14 .*"up-aa"; did you mean/, /: 4 faults/],
  ],
]

const SHEETS: readonly Wrong[] = [
  [
    'a column that is not known, and rows',
    [
      ['lead_days', 'lead_day'],
      ['4Gbps,30000', 'much,30000'],
    ],
    [
      /:1: no column "lead_day" is known; did you mean "lead_days"/,
      /:1: expected a column "lead_days"/,
      /:2: capacity: expected a rate/,
      /: 3 faults/,
    ],
  ],
  ['a link that is not there', [['a,up-a', 'a,up-x']], [/:2: link: the plane has no "up-x"; did you mean "up-/]],
  [
    'a node and a group that are not there',
    [
      ['world,core', 'wrold,core'],
      ['road', 'raod'],
    ],
    [/:3: from: .*did you mean "world"/, /:3: groups: .*did you mean "road"/],
  ],
  ['amounts and days', [['30000,32000,60', '-1,32k,1.5']], [/:2: once: /, /:2: monthly: /, /:2: lead_days: /]],
  ['a kind that is not one', [['upstream', 'upsteam']], [/:3: kind: .*did you mean "upstream"/]],
  [
    'what no policy may have, and a wrong amount elsewhere',
    [
      ['world,core', 'core,core'],
      ['32000', 'x'],
    ],
    [/:2: monthly: /, /:3: links up-c/],
  ],
  ['no sheet', [[OFFERS, '']], [/expected a first line with column names/]],
]

async function ran(args: readonly string[]): Promise<{ code: number; said: string }> {
  let said = ''
  const stderr = { write: (text: string) => (said += text) }
  const io: Io = { stdout: { write: () => undefined }, stderr, env: {}, isTTY: false }
  return { code: await main(args, io), said }
}

async function refused(t: Test, [what, edits, told]: Wrong, base: string, run: (text: string) => string[]) {
  const text = edits.reduce((all, [from, to]) => all.replace(from, to), base)
  t.not(text, base, `${what}: it is another file`)
  const { code, said } = await ran(run(text))
  t.equal(code, 1, what)
  for (const line of told) t.match(said, line, what)
}

const BUY = ['plan', 'buy', '--plane', plane, '--keep', 'hospital', '--offers']

t.test('wrong scenarios', async (t) => {
  for (const [n, wrong] of SCENARIOS.entries()) {
    const file = join(folder, `${n}.yaml`)
    await refused(t, wrong, SCENARIO, (text) => {
      writeFileSync(file, text)
      return [...(n % 2 === 0 ? ['simulate'] : ['plan', 'failures']), file]
    })
  }
})

t.test('wrong offers', async (t) => {
  t.equal(SCENARIOS.length + SHEETS.length, 20)
  for (const [n, wrong] of SHEETS.entries()) {
    const file = join(folder, `${n}.csv`)
    await refused(t, wrong, OFFERS, (text) => {
      writeFileSync(file, text)
      return [...BUY, file]
    })
  }
})

t.test('what is not there, and options that mean nothing', async (t) => {
  const sheet = join(folder, 'offers.csv')
  writeFileSync(sheet, OFFERS)
  for (const [args, told] of [
    [
      [...BUY, join(folder, 'offer.csv')],
      /offer\.csv: no such file; did you mean "offers\.csv"\?.*\n?.*columns offer, link, capacity/,
    ],
    [[...BUY, '/nowhere/offers.csv'], /there is no folder \/nowhere/],
    [[...BUY, sheet, '--any-one', 'upstrem'], /no "upstrem" that can be cut; did you mean "upstream"/],
    [[...BUY.slice(0, 5), 'hospitl', '--offers', sheet], /"hospitl" is no category.*did you mean "hospital"/],
    [['plan', 'runout', '--plane', plane, '--growth', 'much'], /expected the growth of a year/],
    [['plan', 'runout', '--plane', plane, '--growth=-0.2'], /demand that shrinks is not offered/],
    [['plan', 'failures', join(folder, 'nothing.yaml')], /no such file/],
  ] as const) {
    const { code, said } = await ran(args)
    t.equal(code, 2, args.join(' '))
    t.match(said, told)
  }
})
