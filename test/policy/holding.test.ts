// What holds at a time: schedules, calendars, modes, overrides and link states as pure functions of the clock, and
// what a policy may prepare.

import fc from 'fast-check'
import t from 'tap'
import type { Conditions } from '../../src/model/network.js'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import type { Patch } from '../../src/policy/document/prepared.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import {
  holdingsAt,
  type InForce,
  laidOver,
  NOTHING_IN_FORCE,
  type Override,
  policyAt,
} from '../../src/policy/in-force/holding.js'
import { causesInForce } from '../../src/policy/in-force/in-force.js'
import { afterEvent, factorNow, type LinkEvent, type LinkState, spanNow } from '../../src/policy/in-force/link-state.js'
import { decidedBefore, PROPOSAL_STATES, type Proposal } from '../../src/policy/revisions/proposal.js'
import { createSolver } from '../../src/solve/solve.js'
import { nameLimit } from '../../src/tick/board.js'
import { smallPlane } from '../tick/small-plane.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Wednesday, 9 December 2026, 00:00 in Dar es Salaam (UTC+3): Independence Day. */
const WEDNESDAY = Date.UTC(2026, 11, 8, 21)
const small = smallPlane()
const base = { ...small, services: { ...small.services, govnet: { ...small.services.govnet!, split: 'nearest' } } }
const text = (en: string) => ({ en, sw: en })
const fast: Patch = { on: { category: 'office' }, ceilings: { internet: { down: 500_000_000, up: 300_000_000 } } }

function policy(more: Record<string, unknown>): PolicyDocument {
  const { document, faults } = validatePolicy({ ...base, ...more })
  t.same(faults, [])
  return document!
}

function override(id: string, patch: Patch, from: number, until: number): Override {
  return { id, patch, from, until, reason: 'a test', reference: null, owner: 'asha', author: 'asha', at: from }
}

const ceilingAt = (document: PolicyDocument, inForce: InForce, at: number, id = 'inst-001'): number => {
  const { document: held } = policyAt(document, inForce, at)
  const plan = compile(held, { revision: 1, hash: '', indexes: provisionalIndexes(held) }).plan
  return plan.flows[plan.flowIndex.get(`${id}/internet/down`)!]!.ceiling
}

t.test('a schedule holds in its hours, in the time zone of the plane, on the days it names', async (t) => {
  const document = policy({
    calendars: { holidays: { name: text('Holidays'), days: [{ from: '2026-12-09', until: '2026-12-09' }] } },
    schedules: {
      office: {
        ...{ name: text('Office hours'), days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:30', until: '15:30' },
        ...{ except: 'holidays', patches: [fast] },
      },
      night: { name: text('Backups'), days: ['sat'], from: '22:00', until: '04:00', patches: [fast] },
    },
  })
  const holds = (at: number): string[] => policyAt(document, NOTHING_IN_FORCE, at).holdings.map(({ id }) => id)
  const thursday = WEDNESDAY + 24 * HOUR
  t.same(holds(thursday + 7.5 * HOUR - 1), [], 'one millisecond before')
  t.same(holds(thursday + 7.5 * HOUR), ['office'])
  t.same(holds(thursday + 15.5 * HOUR - 1), ['office'])
  t.same(holds(thursday + 15.5 * HOUR), [], 'the end is not in it')
  t.same(holds(WEDNESDAY + 10 * HOUR), [], 'not on a holiday')
  const saturday = WEDNESDAY + 72 * HOUR
  t.same(holds(saturday + 23 * HOUR), ['night'])
  t.same(holds(saturday + 27 * HOUR), ['night'], 'on Sunday at 03:00 it is still the night of Saturday')
  t.same(holds(saturday + 3 * HOUR), [], 'the night of Friday is no Saturday')
  t.equal(ceilingAt(document, NOTHING_IN_FORCE, thursday + 8 * HOUR), 500_000_000)
  t.equal(ceilingAt(document, NOTHING_IN_FORCE, thursday + 16 * HOUR), 400_000_000)

  const frozen = { ...NOTHING_IN_FORCE, freeze: { since: thursday + 8 * HOUR, reason: 'a test', author: 'asha' } }
  t.same(
    policyAt(document, frozen, thursday + 20 * HOUR).holdings.map(({ id }) => id),
    ['office'],
    'while frozen, schedules stand still',
  )
})

t.test('an override outranks a mode, a mode a schedule, and the narrower change the wider', async (t) => {
  const to = (down: number): Patch['ceilings'] => ({ internet: { down, up: down } })
  const document = policy({
    schedules: { all: { name: text('All'), from: '00:00', until: '00:00', patches: [{ ...fast, ceilings: to(1e8) }] } },
    modes: { exams: { name: text('Exams'), patches: [{ on: { region: 'r' }, ceilings: to(2e8) }] } },
  })
  const at = WEDNESDAY + HOUR
  const mode = { mode: 'exams', from: at, until: at + HOUR, reason: 'a test', author: 'asha' }
  const wide = override('z-wide', { on: { tier: 'small' }, ceilings: to(3e8) }, at, at + HOUR)
  const narrow = override('a-narrow', { on: { institution: 'inst-001' }, ceilings: to(3.5e8) }, at, at + HOUR)
  t.equal(ceilingAt(document, NOTHING_IN_FORCE, at), 1e8)
  t.equal(ceilingAt(document, { ...NOTHING_IN_FORCE, modes: [mode] }, at), 2e8)
  const both = { ...NOTHING_IN_FORCE, modes: [mode], overrides: [narrow, wide] }
  t.equal(ceilingAt(document, both, at), 3.5e8, 'the institution outranks its tier, whatever their ids')
  t.equal(ceilingAt(document, both, at, 'inst-002'), 3e8)
  t.equal(ceilingAt(document, both, at, 'inst-003'), 2e8, 'the mode still holds for the others')
  t.equal(ceilingAt(document, both, at + HOUR), 1e8, 'all of them end by themselves')
})

t.test('another tier, a cut link, an envelope; what names nothing any more does nothing', async (t) => {
  const document = policy({ envelopes: { e: { name: text('E'), ceilings: { internet: 1e8 } } } })
  const at = WEDNESDAY
  const held = (patch: Patch) =>
    policyAt(document, { ...NOTHING_IN_FORCE, overrides: [override('o', patch, at, at + HOUR)] }, at)
  t.equal(held({ on: { institution: 'inst-001' }, tier: 'large' }).document.institutions['inst-001']!.tier, 'large')
  t.same(held({ on: { link: 'transit' }, factor: 0.25 }).conditions, { transit: 0.25 })
  t.equal(held({ on: { link: 'transit' }, factor: 0.25 }).document, document, 'the document is the same object')
  const raised = held({ on: { envelope: 'e' }, ceilings: { internet: { down: 7, up: 8 } } })
  t.same(raised.document.envelopes.e!.ceilings.internet, { down: 7, up: 8 })
  t.same(held({ on: { institution: 'gone' }, tier: 'large' }).document.institutions, document.institutions)
  t.same(held({ on: { institution: 'inst-001' }, tier: 'gone' }).document.institutions, document.institutions)
})

t.test('what was laid over a limit, service by service; a schedule is the policy itself', async (t) => {
  const document = policy({
    schedules: { always: { name: text('Always'), from: '00:00', until: '23:59', patches: [fast] } },
  })
  const [on, at] = [{ institution: 'inst-001' }, WEDNESDAY]
  const owed = (...patches: Patch[]) => {
    const overrides = patches.map((patch, n) => override(`o-${n}`, patch, at, at + HOUR))
    return Object.fromEntries(laidOver(document, holdingsAt(document, { ...NOTHING_IN_FORCE, overrides }, at)))
  }
  const always = owed()
  t.equal(Object.keys(always).length, 12)
  t.match(always, { 'inst-001/internet': { kind: 'schedule', id: 'always' } })
  const narrower = { ...always, 'inst-001/internet': { kind: 'override', id: 'o-0' } }
  t.same(owed({ on, ceilings: { internet: { down: 7, up: 8 } } }), narrower)
  t.ok('inst-001/govnet' in owed({ on, tier: 'large' }), 'a tier says the ceiling of every service')
  t.same(owed({ on, tier: 'gone' }), always)
  t.same(owed({ on: { link: 'transit' }, factor: 0.5 }), always)

  const laid = new Map([
    ['inst-001/internet', { kind: 'override', id: 'fire' }],
    ['inst-002/internet', { kind: 'schedule', id: 'always' }],
  ] as const)
  const context = { revision: 1, hash: '', indexes: provisionalIndexes(document), laid }
  const { plan, problem } = compile(document, context)
  problem.demand.set(problem.ceiling.map((ceiling) => 2 * ceiling))
  problem.linkRoom.fill(1e12)
  createSolver(problem.shape).solve(problem)
  const limitOf = (id: string) => nameLimit(plan, problem, plan.flowIndex.get(`${id}/internet/down`)!)
  t.same(limitOf('inst-001'), { code: 'OVERRIDE', id: 'fire' })
  t.same(limitOf('inst-002'), { code: 'CEILING', id: null })
})

t.test('what holds depends on the time alone: asked once or a hundred times on the way', async () => {
  const document = policy({
    schedules: { day: { name: text('Day'), from: '08:00', until: '17:00', patches: [fast] } },
  })
  const minutes = fc.integer({ min: 0, max: 2_880 })
  fc.assert(
    fc.property(fc.array(fc.tuple(minutes, minutes), { maxLength: 6 }), minutes, (spans, minute) => {
      const overrides = spans.map(([from, length], n) =>
        override(`o-${n}`, fast, WEDNESDAY + from * MINUTE, WEDNESDAY + (from + length) * MINUTE),
      )
      const inForce = { ...NOTHING_IN_FORCE, overrides }
      const at = WEDNESDAY + minute * MINUTE
      const held = policyAt(document, inForce, at)
      const expected = spans.flatMap(([from, length], n) =>
        from <= minute && minute < from + length ? [`o-${n}`] : [],
      )
      const got = held.holdings.filter(({ kind }) => kind === 'override').map(({ id }) => id)
      return (
        JSON.stringify(got) === JSON.stringify(expected) &&
        JSON.stringify(policyAt(document, inForce, at)) === JSON.stringify(held)
      )
    }),
    { seed: 5, numRuns: 200 },
  )
})

t.test('bad news of a link counts at once; good news of one that flaps waits until it has been quiet', async (t) => {
  let state: LinkState | undefined
  let events = 0
  const report = (factor: number, at: number, more: Partial<LinkEvent> = {}): number => {
    const event = {
      event: `e-${++events}`,
      link: 'transit',
      factor,
      until: null,
      source: 'nms',
      reason: '',
      at,
      ...more,
    }
    state = afterEvent(state, event)
    return factorNow(state, at)
  }
  t.equal(report(0, 1_000), 0)
  t.equal(report(1, 2_000), 1, 'the first recovery is believed')
  t.equal(report(0.4, 3_000), 0.4)
  t.equal(report(1, 4_000), 1, 'and the second')
  t.equal(report(0, 5_000), 0)
  t.equal(report(1, 6_000), 0, 'the third within ten minutes waits')
  t.equal(report(1, 60_000), 0)
  t.equal(factorNow(state!, 64_999), 0)
  t.equal(factorNow(state!, 65_000), 1, 'a minute after the fall, however often it was repeated')
  t.equal(report(0, 66_000), 0)
  report(1, 67_000)
  t.equal(factorNow(state!, 66_000 + 119_999), 0, 'the next wait is twice as long')
  t.equal(factorNow(state!, 66_000 + 120_000), 1)
  t.equal(report(0.5, 2_000_000, { until: 2_060_000 }), 0.5, 'a word with an end')
  t.equal(factorNow(state!, 2_060_000), 1, 'counts until then')
  const before = state
  report(0, 2_000_001, { event: 'e-1' })
  t.equal(state, before, 'the same event twice is one event')

  // All of this while the clock was a day ahead: when it is set right, a repaired cable does not wait for tomorrow.
  const ahead = 24 * HOUR
  for (let k = 0; k < 4; k++) {
    report(0, ahead + 2_000 * k)
    report(1, ahead + 2_000 * k + 1_000)
  }
  t.equal(factorNow(state!, ahead + 10_000), 0, 'it waits')
  t.equal(factorNow(state!, 3_000_000), 1, 'not for a day')
  t.equal(report(0, 3_001_000), 0)
  t.equal(report(1, 3_002_000), 1, 'nor do falls of tomorrow count against it')
})

t.test('every fault of what a policy prepares is found, with its place', async (t) => {
  const { faults } = validatePolicy({
    ...base,
    calendars: { c: { name: text('C'), days: [{ from: '2026-02-02', until: '2026-01-01' }] } },
    schedules: { s: { name: text('S'), from: '08:00', until: '09:00', only: 'x', patches: [fast] } },
    modes: {
      m: {
        name: text('M'),
        patches: [
          { on: { institution: 'nobody' }, tier: 'large' },
          { on: { tier: 'small' }, tier: 'gold' },
          { on: { category: 'office' }, ceilings: { internet: 1_000 } },
        ],
      },
    },
    guards: { g: { name: text('G'), during: 'y' } },
    tests: { t: { expect: { tier: 'tin', keeps: 'lifeline' }, during: { cut: ['moon'] } } },
  })
  t.same(faults.map(({ code, pointer }) => `${code} ${pointer}`).sort(), [
    'ORDER /calendars/c/days/0',
    'TOO_SMALL /modes/m/patches/2/ceilings/internet/down',
    'TOO_SMALL /modes/m/patches/2/ceilings/internet/up',
    'UNKNOWN /guards/g/during',
    'UNKNOWN /modes/m/patches/0/on/institution',
    'UNKNOWN /modes/m/patches/1/tier',
    'UNKNOWN /schedules/s/only',
    'UNKNOWN /tests/t/during/cut/0',
    'UNKNOWN /tests/t/expect/tier',
  ])
  const shapes = [
    { on: {}, tier: 'large' },
    { on: { tier: 'small', region: 'r' }, tier: 'large' },
    { on: { link: 'transit' }, tier: 'large' },
    { on: { institution: 'inst-000' }, factor: 0.5 },
    { on: { envelope: 'e' }, tier: 'large' },
    { on: { institution: 'inst-000' } },
    { on: { link: 'transit' }, factor: 1 },
  ]
  const bad = validatePolicy({ ...base, modes: { m: { name: text('M'), patches: shapes } } }).faults
  for (const at of shapes.keys())
    t.ok(
      bad.some(({ pointer }) => pointer?.startsWith(`/modes/m/patches/${at}`)),
      `shape ${at} is refused`,
    )
})

t.test('what was decided a month ago leaves the register; what somebody waits for stays', (t) => {
  const proposals = PROPOSAL_STATES.flatMap((state) => [1, 3].map((at) => ({ id: `${state}-${at}`, state, at })))
  t.same(decidedBefore(proposals as Proposal[], 2), ['rejected-1', 'committed-1', 'void-1'])
  t.end()
})

t.test('what is in force says who, since when and until when; a schedule by the clocks of its zone', async (t) => {
  const document = policy({
    calendars: { holidays: { name: text('Holidays'), days: [{ from: '2026-12-09', until: '2026-12-09' }] } },
    schedules: {
      day: { name: text('Office hours'), from: '07:30', until: '15:30', patches: [fast] },
      night: { name: text('Backups'), days: ['tue', 'wed'], from: '22:00', until: '04:00', patches: [fast] },
      ever: { name: text('Ever'), from: '00:00', until: '00:00', patches: [fast] },
      feast: { name: text('Feast'), from: '00:00', until: '00:00', only: 'holidays', patches: [fast] },
    },
  })
  const spans = (at: number, inForce: InForce = NOTHING_IN_FORCE) =>
    Object.fromEntries(causesInForce(document, inForce, at).map(({ id, since, until }) => [id, { since, until }]))
  const [midnight, next] = [WEDNESDAY, WEDNESDAY + 24 * HOUR]
  t.same(spans(midnight + 3 * HOUR), {
    night: { since: midnight - 2 * HOUR, until: midnight + 4 * HOUR },
    ever: { since: null, until: null },
    feast: { since: midnight, until: next },
  })
  t.match(spans(midnight + 8 * HOUR), { day: { since: midnight + 7.5 * HOUR, until: midnight + 15.5 * HOUR } })

  const freeze = { since: midnight + 8 * HOUR, reason: 'the census', author: 'asha' }
  const link = afterEvent(undefined, {
    ...{ link: 'transit', event: 'eassy-1', factor: 0.3, until: null, at: midnight, source: 'nms', reason: 'EASSy' },
  })
  const held = { on: { institution: 'inst-001' }, tier: 'large' }
  const overrides = [{ ...override('fire', held, midnight, next + HOUR), owner: 'juma' }]
  const frozen: InForce = { ...NOTHING_IN_FORCE, freeze, overrides, links: [link] }
  const found = causesInForce(document, frozen, next)
  t.same(
    found.map(({ kind, id, by, owner, until, factors }) => [kind, id, by, owner, until, factors]),
    [
      ['SCHEDULE', 'day', 'policy', 'policy', null, {}],
      ['SCHEDULE', 'ever', 'policy', 'policy', null, {}],
      ['SCHEDULE', 'feast', 'policy', 'policy', null, {}],
      ['OVERRIDE', 'fire', 'asha', 'juma', next + HOUR, {}],
      ['LINK_STATE', 'transit', 'nms', 'nms', null, { transit: 0.3 }],
      ['FREEZE', 'freeze', 'asha', 'asha', null, {}],
    ],
    'frozen, what held then holds on without an end',
  )

  const repeated = afterEvent(link, { ...link, event: 'eassy-2', at: midnight + HOUR })
  t.same(spanNow(repeated, midnight + HOUR), { since: midnight, until: null }, 'a word said again began before')
  let flaps = repeated
  for (const [n, factor] of [1, 0, 1, 0, 1, 0, 1].entries())
    flaps = afterEvent(flaps, { ...link, factor, event: `f-${n}`, at: midnight + HOUR + n * 1_000 })
  const [fell, now] = [midnight + HOUR + 5_000, midnight + HOUR + 7_000]
  t.equal(factorNow(flaps, now), 0, 'the bad word still counts')
  t.same(spanNow(flaps, now), { since: fell, until: fell + MINUTE }, 'until good news has waited')
})

t.test('promises that do not fit what a derate or a cut has left, link by link', async (t) => {
  const shortOf = (conditions: Conditions) => {
    const context = { revision: 1, hash: '', indexes: provisionalIndexes(small), conditions }
    const { links, shortfalls } = compile(small, context).plan
    return shortfalls.map(({ link, promised }) => [links[link]!.id, promised, links[link]!.room] as const)
  }
  // Twelve institutions, four of them large: 8 x 40.256 and 4 x 80.256 Mbit/s, and the edges' own lifelines.
  const promised = (8 * 40_256 + 4 * 80_256 + 3 * 256) * 1_000
  t.same(shortOf({}), [])
  t.same(shortOf({ transit: 0.7 }), [], 'there is room for all')
  t.same(shortOf({ transit: 0.6 }), [
    ['transit.down', promised, 600_000_000],
    ['transit.up', promised, 600_000_000],
  ])
  const cut = shortOf({ transit: 0 })
  t.same(cut[0], ['transit.down', promised, 0], 'what has no other way is missing where it is cut')
  t.same(
    shortOf({ 'trunk.down': 0.01 }).map(([id, , room]) => [id, room]),
    [['trunk.down', 100_000_000]],
    'an uplink as well',
  )
})
