// What is asked: the estimator by its literal rules, the split by its promises, intake by what reports may do to it.

import fc from 'fast-check'
import t from 'tap'
import {
  arrivedBits,
  ask,
  FREE,
  idleAsk,
  isThrottled,
  nextNow,
  nextRecent,
  PRESSED,
  recentLeft,
  STILL,
  settles,
  THROTTLED,
} from '../../src/demand/estimator.js'
import { moveSplit, PHI_LEAST, PHI_STEP } from '../../src/demand/split.js'
import { DemandTable } from '../../src/demand/table.js'
import type { EdgeReport, LeafCounters } from '../../src/model/lease.js'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { smallPlane } from '../tick/small-plane.js'

t.test('arrival is bytes, drops at the mean packet, and the change of backlog', async (t) => {
  t.equal(arrivedBits({ bytes: 1_000, packets: 2, drops: 0, backlogChange: 0 }, 900), 8_000)
  t.equal(arrivedBits({ bytes: 1_000, packets: 2, drops: 3, backlogChange: 0 }, 900), 20_000, 'mean packet 500')
  t.equal(arrivedBits({ bytes: 0, packets: 0, drops: 2, backlogChange: 0 }, 900), 14_400, 'nothing sent: the last mean')
  t.equal(arrivedBits({ bytes: 1_000, packets: 1, drops: 0, backlogChange: 500 }, 900), 12_000)
  t.equal(arrivedBits({ bytes: 100, packets: 1, drops: 0, backlogChange: -500 }, 900), 0, 'never negative')
})

t.test('now is still under rounding, recent decays by half in 30 s and never below now', async (t) => {
  t.equal(nextNow(0, 100, 1.15), 1.15 * 100)
  t.equal(nextNow(115, 101, 1.15), 115, 'a change within the stillness is no change')
  t.equal(nextNow(115, 110, 1.15), 1.15 * 110)
  t.equal(nextRecent(1_000, 0, recentLeft(30_000)), 500)
  t.equal(nextRecent(1_000, 900, recentLeft(30_000)), 900)
})

t.test('the condition for coming to rest', async (t) => {
  t.ok(settles(1.15, 0.9))
  t.notOk(settles(1.1, 0.9), '1.1 does not exceed 1/0.9')
  t.notOk(settles(1.12, 0.9), '1.12 does, but not by the stillness')
  fc.assert(
    fc.property(
      fc.double({ min: 1.01, max: 3, noNaN: true }),
      fc.double({ min: 0.4, max: 0.99, noNaN: true }),
      (m, th) => {
        // Where it settles, a steady flow that is given what it asks for never looks throttled.
        if (!settles(m, th)) return
        const now = nextNow(0, 1e6, m) * (1 - STILL / (1 + STILL))
        if (isThrottled(1e6, now, false, th)) throw new Error(`margin ${m} threshold ${th}`)
      },
    ),
    { seed: 20261125 },
  )
})

t.test('throttled flows probe, idle flows keep enough to be heard', async (t) => {
  t.ok(isThrottled(90, 100, false, 0.9))
  t.notOk(isThrottled(89, 100, false, 0.9))
  t.ok(isThrottled(75, 100, true, 0.9), 'with backlog twice, 75 % is enough')
  t.notOk(isThrottled(74, 100, true, 0.9))
  t.notOk(isThrottled(10, 0, true, 0.9))
  t.equal(idleAsk(0), 256_000)
  t.equal(idleAsk(4_000_000), 1_000_000)
  t.equal(idleAsk(100_000_000), 2_000_000)
  t.equal(ask(50e6, FREE, 60e6, 40e6), 50e6)
  t.equal(ask(50e6, THROTTLED, 60e6, 40e6), 90e6, '1.5 x the rate')
  t.equal(ask(20e6, THROTTLED, 30e6, 40e6), 60e6, '2 x below the guarantee')
  t.equal(ask(1e6, THROTTLED, 2e6, 40e6), 40e6, 'at least the guarantee')
  t.equal(ask(20e6, PRESSED, 40e6, 40e6), 40e6, 'and so while that is not long ago')
  t.equal(ask(50e6, PRESSED, 60e6, 40e6), 50e6, 'but nothing above it')
})

t.test('phi keeps its sum, its least part, and its pace', async (t) => {
  const parts = fc.array(fc.double({ min: 0.06, max: 1, noNaN: true }), { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(
      parts,
      fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 5, maxLength: 5 }),
      (raw, recent) => {
        const total = raw.reduce((a, b) => a + b, 0)
        const phi = Float64Array.from(raw, (r) => r / total)
        const before = phi.slice()
        moveSplit(phi, recent.slice(0, phi.length), new Uint8Array(phi.length))
        const sum = phi.reduce((a, b) => a + b, 0)
        if (Math.abs(sum - 1) > 1e-9) throw new Error(`sum ${sum}`)
        phi.forEach((p, k) => {
          if (Math.abs(p - before[k]!) > PHI_STEP + 1e-12) throw new Error(`moved ${p - before[k]!}`)
          if (p < Math.min(PHI_LEAST, before[k]!) - 1e-12) throw new Error(`part ${p}`)
        })
      },
    ),
    { seed: 20261125 },
  )
  const phi = Float64Array.of(0.5, 0.5)
  for (let k = 0; k < 10; k++) moveSplit(phi, [0, 100e6], [false, false])
  t.same(
    [...phi].map((p) => Number(p.toFixed(3))),
    [0.05, 0.95],
    'all demand at one edge: the other keeps 5 %',
  )
  const pinned = Float64Array.of(0.5, 0.3, 0.2)
  for (let k = 0; k < 10; k++) moveSplit(pinned, [0, 100, 0], [true, false, false])
  t.equal(pinned[0], 0.5, 'a silent edge keeps its part')
  t.ok(Math.abs(pinned[1]! + pinned[2]! - 0.5) < 1e-9, 'the others share the rest')
})

function planAndTable() {
  const document = smallPlane()
  const { plan, problem, makeWhole } = compile(document, {
    revision: 1,
    hash: 'sha256:0',
    indexes: provisionalIndexes(document),
  })
  return { plan, problem, whole: makeWhole(), table: new DemandTable(plan, problem) }
}

/** Reports on one flow of the plane, all its traffic in one leaf. */
function reportsOf({ plan }: ReturnType<typeof planAndTable>, flow: number) {
  const { record, edge } = plan.flows[flow]!
  const leaf = (bytes: number, more: Partial<LeafCounters> = {}): LeafCounters => ({
    ...record,
    class: 0,
    bytes,
    packets: bytes / 1_000,
    drops: 0,
    backlog: 0,
    ...more,
  })
  const report = (at: number, counters: LeafCounters[], more: Partial<EdgeReport> = {}): EdgeReport => ({
    edge,
    stamp: { boot: 'b', at },
    reads: 1,
    agent: 'test',
    driver: 'model',
    simulated: true,
    applied: null,
    state: 'FRESH',
    enforcement: 'enforce',
    refusal: null,
    generation: 1,
    counters,
    ...more,
  })
  return { leaf, report }
}

t.test('a guarantee that has come back is not lent again before the flow had time to fill it', async (t) => {
  const made = planAndTable()
  const { plan, table } = made
  const flow = plan.flowIndex.get('inst-001/internet/down')!
  const { leaf, report } = reportsOf(made, flow)
  const { guarantee } = plan.flows[flow]!
  const low = guarantee / 4
  let bits = 0
  const second = (at: number, arrives: number, rate: number): number => {
    bits += arrives
    table.observe(report(at, [leaf(bits / 8)]), () => rate, 0)
    return table.askOf(flow, rate)
  }
  second(0, 0, low)
  t.ok(second(1_000, 0, low) < guarantee, 'asleep')
  t.ok(second(2_000, low, low) >= guarantee, 'awake: it fills what it has')
  t.ok(second(3_000, 0.6 * guarantee, guarantee) >= guarantee, 'raised within the second, so it cannot have filled it')
  t.ok(second(4_000, 0.6 * guarantee, guarantee) >= guarantee, 'slow to fill it')
  t.ok(second(5_000, 0.6 * guarantee, guarantee) < guarantee, 'three seconds later it does not need it')
})

t.test('what its rate decides is an estimate, with what was seen of it and since when', (t) => {
  const made = planAndTable()
  const { plan, table } = made
  const flow = plan.flowIndex.get('inst-001/internet/down')!
  const { leaf, report } = reportsOf(made, flow)
  const { guarantee } = plan.flows[flow]!
  const [asks, cut] = [0.6 * guarantee, 0.25 * guarantee]
  const began = Date.UTC(2026, 0, 1)
  let [bits, drops] = [0, 0]
  const second = (at: number, arrives: number, rate: number, more: { backlog?: number; drops?: number } = {}) => {
    bits += arrives
    drops += more.drops ?? 0
    table.observe(report(at, [leaf(bits / 8, { ...more, drops })]), () => rate, began + at)
    const asked = Float64Array.from(plan.flows, (_, f) => table.askOf(f, rate))
    const { atLeast, estimatedSince, waits } = table.seenOf(asked)
    return { asked: asked[flow]!, atLeast: atLeast[flow]!, since: estimatedSince[flow]!, waits: waits[flow] === 1 }
  }
  second(0, 0, guarantee)
  second(1_000, asks, guarantee)
  const free = second(2_000, asks, guarantee)
  t.equal(free.atLeast, free.asked, 'with room to spare all that it asks for is seen')
  t.ok(Number.isNaN(free.since))
  const held = second(3_000, cut, cut)
  t.equal(held.asked, guarantee, 'held back it counts with its guarantee')
  t.equal(held.atLeast, free.asked, 'of which what it asked for before was seen')
  t.equal(held.since, began + 3_000)
  t.notOk(held.waits, 'nobody knows whether it still asks for more')
  const still = second(4_000, cut, cut)
  t.strictSame([still.atLeast, still.since], [free.asked, began + 3_000], 'for as long as it is held back')
  t.ok(second(5_000, cut, cut, { drops: 3 }).waits, 'what is dropped asked for more')
  for (const at of [6_000, 7_000]) second(at, cut, cut)
  t.notOk(second(8_000, cut, cut).waits, 'three seconds ago, and not since')
  second(9_000, cut, cut, { backlog: 9_000 })
  t.ok(second(10_000, cut, cut, { backlog: 9_000 }).waits, 'so did what waits at two samples')
  for (const at of [11_000, 12_000, 13_000]) second(at, cut / 2, guarantee)
  const over = second(14_000, cut / 2, guarantee)
  t.equal(over.atLeast, over.asked, 'what it asks for now is seen again')
  t.ok(Number.isNaN(over.since))
  t.ok(over.asked < free.asked, 'and what it asked for before is forgotten')
  t.end()
})

t.test('intake: cumulative counters, whatever is lost, late, doubled or reset', async (t) => {
  const made = planAndTable()
  const { plan, table } = made
  const flow = plan.flowIndex.get('inst-001/internet/down')!
  const { leaf, report } = reportsOf(made, flow)
  const rate = () => 100e6
  table.observe(report(0, [leaf(5_000_000)]), rate, 0)
  t.ok(Number.isNaN(table.arrival[flow]!), 'one sample is not a rate')
  table.observe(report(1_000, [leaf(6_000_000)]), rate, 0)
  t.equal(table.arrival[flow], 8e6)
  table.observe(report(1_010, [leaf(6_020_000)]), rate, 0)
  t.equal(table.arrival[flow], 8e6, 'a report right after an apply is taken in but not divided by 10 ms')
  table.observe(report(4_000, [leaf(9_000_000)]), rate, 0)
  t.equal(table.arrival[flow], 8e6, 'two lost reports lose nothing: 3 MB over 3 s')
  table.observe(report(4_500, [], { counters: null }), rate, 0)
  table.observe(report(4_900, [], { counters: null, generation: 9 }), rate, 0)
  t.equal(table.arrival[flow], 8e6, 'a report that says nothing of counters is no sample')
  table.observe(report(5_000, []), rate, 0)
  t.equal(table.arrival[flow], 0, 'a leaf that is not named has not moved')
  t.equal(table.now[flow], 1.15 * 8e6, 'now remembers the window')
  table.observe(report(6_000, [leaf(1_000_000)], { generation: 2 }), rate, 0)
  table.observe(report(7_000, [leaf(1_500_000)], { generation: 2 }), rate, 0)
  t.equal(table.arrival[flow], 4e6, 'new generation: counted from what it starts with')
  table.observe(report(8_000, [leaf(1_500_000, { drops: 500, packets: 1_500 })], { generation: 2 }), rate, 0)
  t.equal(table.arrival[flow], 4e6, 'drops at the mean packet of the leaf')
  t.equal(table.carried[flow], 0, 'what is dropped arrived and was not carried')
  table.observe(report(9_000, [leaf(2_500_000, { drops: 1_000, packets: 2_500 })], { generation: 2 }), rate, 0)
  t.same([table.arrival[flow], table.carried[flow]], [12e6, 8e6], 'both are known')
  table.observe({ ...report(9_900, [leaf(9e9)]), edge: 'nowhere' }, rate, 0)
  t.equal(table.arrival[flow], 12e6, 'a stranger changes nothing')
  const at = (): number | undefined => table.measuredAt(plan.flows[flow]!.edge)?.at
  t.equal(at(), 9_000)
  table.observe(report(10_000, [leaf(0)], { generation: 3 }), rate, 0)
  t.equal(at(), undefined, 'counters that begin anew say nothing of now until they have had time')
  table.observe(report(11_000, [leaf(0)], { generation: 3 }), rate, 0)
  t.equal(at(), 11_000)
  const rebooted = (at: number, bytes: number) =>
    table.observe({ ...report(at, [leaf(bytes)], { generation: 3 }), stamp: { boot: 'c', at } }, rate, 0)
  rebooted(500, 4_000_000)
  t.equal(at(), undefined, 'the clock of another boot is another clock')
  rebooted(1_500, 5_000_000)
  t.equal(table.arrival[flow], 8e6, 'by which it is measured from then on')
})

t.test('a plan change keeps what is known, by flow id', async (t) => {
  const { plan, table } = planAndTable()
  const flow = plan.flowIndex.get('inst-003/internet/up')!
  table.now[flow] = 7e6
  table.arrival[flow] = 6e6
  const larger = smallPlane({ institutions: 13 })
  const next = compile(larger, { revision: 2, hash: 'sha256:1', indexes: provisionalIndexes(larger) })
  const after = new DemandTable(next.plan, next.problem)
  after.inherit(table)
  const moved = next.plan.flowIndex.get('inst-003/internet/up')!
  t.equal(after.now[moved], 7e6)
  t.equal(after.arrival[moved], 6e6)
  after.fill(next.problem, next.makeWhole(), () => 10e6)
  t.equal(next.problem.demand[moved], 7e6)
  t.ok(next.plan.flowIndex.has('inst-012/internet/up'))
})

t.test('a plan change does not make a throttled flow look idle', async (t) => {
  const made = planAndTable()
  const flow = made.plan.flowIndex.get('inst-001/internet/down')!
  const { leaf, report } = reportsOf(made, flow)
  const low = made.plan.flows[flow]!.guarantee / 4
  for (const n of [0, 1]) made.table.observe(report(n * 1_000, [leaf((n * low) / 8)]), () => low, 0)
  const after = new DemandTable(made.plan, made.problem)
  after.inherit(made.table)
  t.ok(made.table.askOf(flow, low) >= 4 * low, 'it asks for its guarantee')
  t.equal(after.askOf(flow, low), made.table.askOf(flow, low))
})

t.test('what a flow counted while it was not of the plan is nothing that arrives when it comes back', async (t) => {
  const made = planAndTable()
  const flow = made.plan.flowIndex.get('inst-001/internet/down')!
  const { leaf, report } = reportsOf(made, flow)
  const rate = () => 10e6
  const smaller = smallPlane({ institutions: 1 })
  const without = compile(smaller, { revision: 2, hash: 'sha256:1', indexes: provisionalIndexes(smaller) })
  const [away, back] = [new DemandTable(without.plan, without.problem), new DemandTable(made.plan, made.problem)]
  for (const at of [0, 1_000]) made.table.observe(report(at, [leaf(at * 1_000)]), rate, 0)
  away.inherit(made.table)
  for (const at of [2_000, 60_000]) away.observe(report(at, [leaf(at * 1_000)]), rate, 0)
  back.inherit(away)
  for (const [at, arrival] of [
    [61_000, 0],
    [62_000, 8e6],
  ] as const) {
    back.observe(report(at, [leaf(at * 1_000)]), rate, 0)
    t.equal(back.arrival[flow], arrival)
  }
})

t.test('fill scales the promise of a split institution by its part', async (t) => {
  const { plan, problem, whole, table } = planAndTable()
  const family = plan.families.find(
    (f) => f.institution === 'inst-000' && f.service === 'internet' && f.direction === 'down',
  )!
  const [a, b] = family.flows as [number, number]
  table.phi[a] = 0.75
  table.phi[b] = 0.25
  table.fill(problem, whole, () => 1e6)
  const committed = (f: number) => {
    for (let s = problem.segmentStart[f]!; s < problem.segmentStart[f + 1]!; s++)
      if (plan.bands[problem.segmentBand[s]!]!.id === 'committed') return problem.segmentSize[s]!
    return Number.NaN
  }
  t.equal(committed(a) / committed(b), 3)
  t.equal(committed(a) + committed(b), 80_000_000)
})
