// A run on a plane small enough to work out by hand: the metrics are what the words say, and chance is the seed.

import t from 'tap'
import { renderFiles, renderText, resultHash } from '../../src/planning/report.js'
import { compileUnder, simulate } from '../../src/planning/run.js'
import { phasesOf, type Scenario } from '../../src/planning/scenario.js'
import { shortFlowsOf } from '../../src/planning/shortage.js'
import { smallPlane } from './small-plane.js'

const HOUR = 3_600_000
const FROM = Date.UTC(2024, 4, 13, 0)
const text = { en: 'Derate', sw: 'Kupungua' }
const calm = { scale: 1, byCategory: {}, byService: {}, byInstitution: {} }

/** Everyone always asks for more than the ceiling; the upstream has 30 % from 02:00 to 03:00. */
const DERATED: Scenario = {
  format: 1,
  id: 'derated',
  name: text,
  story: text,
  source: 'worked out by hand',
  plane: '',
  seed: 1,
  from: FROM,
  horizon: 6 * HOUR,
  step: 300_000,
  demand: { model: 'seeded', ...calm, scale: 1_000 },
  changes: [],
  events: { cable: { name: text, from: FROM + 2 * HOUR, to: FROM + 3 * HOUR, conditions: { cable: 0.3 } } },
}

t.test('a derate on a plane small enough to work out by hand', async (t) => {
  const { outcome } = await simulate(DERATED, smallPlane(), { workers: 1 })
  // 60 Mbit/s are left: two lifelines of 1 Mbit/s and two of 64 kbit/s for the edge itself, the rest in equal parts.
  const committed = (60e6 - 2e6 - 128e3) / 2
  const missing = 79e6 - committed

  const [posta, reli] = outcome.institutions
  t.match(posta, { id: 'posta', minutesBelow: 60 })
  t.match(reli, { id: 'reli', minutesBelow: 60 })
  t.ok(close(posta!.missing, 2 * missing * 3_600), 'down and up, for an hour')
  t.ok(close(posta!.worst!.kept, (1e6 + committed) / 80e6))
  t.match(posta!.worst, { at: FROM + 2 * HOUR, events: ['cable'], flow: 'posta/internet/down' })
  t.same(posta!.worst!.links, [{ id: 'sea.down', loweredBy: ['cable'] }])

  t.same(
    outcome.shortFlows.map(({ flow, band, minutes }) => `${flow} ${band} ${minutes}`),
    ['posta', 'reli'].flatMap((id) =>
      ['down', 'up'].flatMap((way) => ['committed', 'guarantee'].map((band) => `${id}/internet/${way} ${band} 60`)),
    ),
    'no lifeline is short',
  )
  t.same(
    outcome.phases.map(({ events, bands }) => [events, bands.map((b) => b.mostInstitutionsShort)]),
    [
      [[], [0, 0, 0]],
      [['cable'], [0, 2, 2]],
      [[], [0, 0, 0]],
    ],
    'before, during, after: lifeline, committed, all together',
  )
  const during = outcome.phases[1]!.bands[1]!
  t.ok(close(during.missing, 4 * missing * 3_600) && close(during.promised, 4 * 79e6 * 3_600))
  t.ok(close(during.worstKept, committed / 79e6))

  const sea = outcome.links.find(({ id }) => id === 'sea.down')!
  t.match(sea, { minutesFull: 60, worstHour: { from: FROM + 2 * HOUR, room: 60e6, events: ['cable'] } })
  t.ok(close(sea.worstHour.load, 60e6) && close(sea.worstHour.utilisation!, 1))
  t.same(
    sea.worstHour.takers.map(({ institution }) => institution),
    ['posta', 'reli', 'control', 'unmapped'],
    'largest first',
  )
  t.ok(close(sea.p95Load!, 2 * 90e6 + 128e3), 'both at their ceilings for five hours of six')
})

/** Loads and hourly means are kept with 24 bits. */
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.abs(b)

t.test('a cut without another way: nothing arrives, not even the lifeline', async (t) => {
  const cut: Scenario = { ...DERATED, events: { cable: { ...DERATED.events.cable!, conditions: { sea: 0 } } } }
  const { outcome } = await simulate(cut, smallPlane(), { workers: 1 })
  t.match(outcome.institutions[0], { id: 'posta', minutesBelow: 60, worst: { kept: 0, links: [] } })
  t.equal(outcome.phases[1]!.bands[0]!.worstKept, 0, 'lifeline')
})

t.test('a spell is unbroken; what adds up says that it is a sum', async (t) => {
  const again = { ...DERATED.events.cable!, from: FROM + 4 * HOUR, to: FROM + 4.5 * HOUR }
  const run = await simulate({ ...DERATED, events: { ...DERATED.events, again } }, smallPlane(), { workers: 1 })
  const { institutions, tiers, bands } = run.outcome
  t.match(institutions[0], { minutesBelow: 90, longestSpell: { from: FROM + 2 * HOUR, minutes: 60 } })
  t.match(tiers, [{ longestMinutes: 90, longestSpellMinutes: 60, minutesBelow: 180 }])
  t.match(bands[2], { minutesShort: 90, longestSpellMinutes: 60 })
  const text = renderText(run)
  t.match(text, /2 of 2 institutions .*; the longest spell is 1 h, of posta from 2024-05-13 02:00 UTC:/)
  t.match(text, /below in all +longest spell .* lacks/)
  t.match(text, /posta +agency +1 h 30 min +1 h +37\.4 % +100 Mbit\/s /, 'what lacks is a rate, down and up together')
  t.match(renderFiles(run).get('institutions.csv'), /^posta,agency,dodoma,agency,90,60,2024-05-13T02:00:00Z,/m)
  t.notMatch(text, /Gbit(?!\/s)/)
})

t.test('what an event has lowered stands in front of what filled with it', async (t) => {
  const run = await simulate(DERATED, smallPlane(), { workers: 1 })
  const { plan, problem } = compileUnder(smallPlane(), {})
  const [phase] = phasesOf(DERATED).filter(({ events }) => events.length > 0)
  const together = ['mkongo.down', 'sea.down'].map((id) => plan.links.findIndex((link) => link.id === id))
  const causes = new Map([...run.sums.causes.keys()].map((at) => [at, together]))
  const phases = [{ ...phase!, firstStep: 0, endStep: run.ledger.shape.steps, plan, problem }]
  const [flow] = shortFlowsOf({ ...run, phases, sums: { ...run.sums, causes } })
  t.same(flow!.worst.links, [
    { id: 'sea.down', loweredBy: ['cable'] },
    { id: 'mkongo.down', loweredBy: [] },
  ])
  const [posta] = run.outcome.institutions
  const several = { ...posta!, worst: { ...flow!.worst, flow: flow!.flow } }
  const told = { ...run, outcome: { ...run.outcome, institutions: [several] } }
  t.match(renderText(told), / cable, at sea\.down, with mkongo\.down$/m)
  t.match(renderFiles(told).get('institutions.csv'), /,cable,sea\.down,sea\.down mkongo\.down,/)
})

t.test('a dead link has no percentile', async (t) => {
  const dead = { ...DERATED.events.cable!, from: FROM, to: FROM + 6 * HOUR, conditions: { sea: 0 } }
  const run = await simulate({ ...DERATED, events: { dead } }, smallPlane(), { workers: 1 })
  const [down] = run.outcome.links
  t.match(down, { id: 'sea.down', p95Load: null, p95Utilisation: null, minutesFull: 0, minutesDead: 360 })
  t.match(renderText(run), /^sea\.down +\S+ \S+ +- +0 bit\/s +- +0 s +6 h +dead/m)
  t.match(renderFiles(run).get('links.csv'), /^sea\.down,upstream,down,,,0,360,/m)
})

t.test('an event in the middle of an hour counts its own minutes', async (t) => {
  const from = FROM + 2 * HOUR + 300_000
  const short: Scenario = {
    ...DERATED,
    events: { cable: { ...DERATED.events.cable!, from, to: from + 900_000 } },
  }
  const { outcome } = await simulate(short, smallPlane(), { workers: 1 })
  t.match(outcome.institutions[0], { minutesBelow: 15, worst: { at: from } })
})

t.test('a change of promises changes what is kept, not what is asked', async (t) => {
  const calmDay = { ...DERATED, demand: { ...DERATED.demand, scale: 1 } }
  const plane = smallPlane()
  const frugal = smallPlane()
  frugal.tiers.agency!.services.internet!.down.segments[1]!.size = 20e6
  const before = await simulate(calmDay, plane, { workers: 1 })
  const after = await simulate(calmDay, frugal, { workers: 1, habits: plane })
  t.same(after.ledger.stepDemand, before.ledger.stepDemand)
  t.not(after.stamp.planeHash, before.stamp.planeHash)
  const follows = await simulate(calmDay, frugal, { workers: 1 })
  t.ok(follows.ledger.stepDemand[0]! < before.ledger.stepDemand[0]!, 'unless the plane itself is another')
})

t.test(
  'the same scenario gives the same bytes, whatever the number of workers; another seed gives others',
  async (t) => {
    const week = { ...DERATED, horizon: 48 * HOUR, demand: { ...DERATED.demand, scale: 1.5 } }
    const hashWith = async (scenario: Scenario, workers: number) =>
      resultHash(renderFiles(await simulate(scenario, smallPlane(), { workers })))
    const once = await hashWith(week, 1)
    t.equal(await hashWith(week, 2), once)
    t.equal(await hashWith(week, 2), once)
    t.not(await hashWith({ ...week, seed: 2 }, 2), once)
  },
)
