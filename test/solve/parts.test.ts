// The parts of the solver that have a truth of their own: order, heap, classes, whole kbit/s, explanation, thread.

import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import t from 'tap'
import { sortedWaterFill } from '../../bench/baselines.js'
import { nation, randomNetwork } from '../../bench/generate.js'
import { seeded } from '../../bench/harness.js'
import { buildProblem } from '../../src/planning/problem-columns.js'
import { checkProblem, type ProblemFile } from '../../src/planning/problem-file.js'
import { createLogger } from '../../src/runtime/log.js'
import { createPool } from '../../src/runtime/pool.js'
import { Causes } from '../../src/solve/causes.js'
import { certify } from '../../src/solve/certificate.js'
import { splitClasses } from '../../src/solve/classes.js'
import { copyBuffer } from '../../src/solve/copies.js'
import { WhatIf } from '../../src/solve/counterfactual.js'
import { explain, limitedBy } from '../../src/solve/explain.js'
import { Heap } from '../../src/solve/heap.js'
import { Integers } from '../../src/solve/integers.js'
import { Order } from '../../src/solve/order.js'
import { Paths } from '../../src/solve/paths.js'
import {
  BAND_KIND,
  bytesOf,
  changingBytes,
  createProblem,
  type Problem,
  solvedOf,
  viewProblem,
  viewRest,
} from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { createSolverThreads } from '../../src/tick/solver.js'
import { createWhatIfs } from '../../src/tick/what-if.js'
import { differ, solved } from './agree.js'
import { hurtByOwnWeight } from './golden.js'
import { CODE_FILE, kernelCode } from './kernel-code.js'
import { SEED } from './problems.js'

const seed = { seed: SEED }

t.test('the kernel is what its sources say', async (t) =>
  t.equal(readFileSync(CODE_FILE, 'utf8'), await kernelCode(), 'else run: npm run kernel'),
)

t.test('a link without room, asked again; an amount without end, proved', async (t) => {
  const p = randomNetwork({ flows: 2, links: 2, crossings: 1 }, SEED)
  p.pathLink.set([0, 1])
  p.linkRoom.set([0, 1e9])
  p.ceiling.set([0, 5e6])
  const solver = createSolver(p.shape)
  solver.solve(p)
  p.ceiling[0] = 3e6
  solver.solve(p)
  t.equal(p.need[0], 0, 'a ceiling that grows makes no room')
  t.ok(certify(p).ok)
  p.amount[1] = Number.POSITIVE_INFINITY
  t.notOk(certify(p).ok)
  t.equal(p.status[1], 0)
})

t.test('order: exact and stable, however the levels lie', async (t) => {
  const sortsAs = (levels: readonly number[]): boolean => {
    const order = new Order(levels.length)
    for (const [n, level] of levels.entries()) order.push(level, n)
    order.sort()
    const expected = levels.map((_, n) => n).sort((a, b) => levels[a]! - levels[b]! || a - b)
    return expected.every((event, n) => order.sorted[n] === event)
  }
  const level = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(level, { maxLength: 300 }), sortsAs), seed), 'any doubles')
  const near = fc.integer({ min: 0, max: 500 }).map((n) => 1e9 + n * 2 ** -20)
  t.doesNotThrow(
    () => fc.assert(fc.property(fc.array(near, { maxLength: 400 }), sortsAs), seed),
    'within 2^-20 of another',
  )
  const equal = Array.from({ length: 1_000 }, () => 7)
  t.ok(sortsAs(equal), 'all equal')
  const falling = Array.from({ length: 20_000 }, (_, n) => 1e9 - n * 2 ** -22)
  t.ok(sortsAs(falling), 'falling, and too close for the leading bits')
})

t.test('heap: the smallest key first, ties by number, any key may change or leave', async (t) => {
  const command = fc.tuple(fc.nat({ max: 15 }), fc.option(fc.nat({ max: 5 })))
  const behaves = (commands: readonly (readonly [number, number | null])[]): boolean => {
    const heap = new Heap(16)
    const model = new Map<number, number>()
    for (const [item, key] of commands) {
      if (key === null) {
        heap.delete(item)
        model.delete(item)
      } else {
        heap.key[item] = key
        heap.file(item)
        model.set(item, key)
      }
      const inOrder = [...model].sort(([a, x], [b, y]) => x - y || a - b)
      if (heap.size !== model.size) return false
      if (heap.top() !== (inOrder[0]?.[0] ?? 16)) return false
      const [first, second] = [0, 1].map((n) => inOrder[n]?.[1] ?? Infinity)
      if (heap.key[heap.top()] !== first || heap.second() !== second) return false
    }
    return true
  }
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(command, { maxLength: 60 }), behaves), seed))
})

t.test('classes: guarantees, then weights up to demand, then by weight; the parts are the rate', async (t) => {
  const split = (kbps: number, guarantee: number[], weight: number[], demand: number[]): number[] => {
    const out = new Uint32Array(weight.length)
    splitClasses(kbps, guarantee, weight, demand, out)
    return [...out]
  }
  t.same(split(1000, [100, 0, 0, 0], [1, 4, 2, 1], [50, 2000, 100, 2000]), [50, 680, 100, 170])
  t.same(split(1000, [0, 0], [3, 1], [10, 10]), [745, 255], 'what nobody asks for goes by weight')
  t.same(split(90, [100, 50], [1, 1], [1000, 1000]), [60, 30], 'guarantees that do not fit shrink in proportion')
  t.same(split(100, [0, 0, 0], [1, 1, 1], [1000, 1000, 1000]), [34, 33, 33], 'whole kbit/s, the first class first')
  t.same(split(0, [5], [1], [5]), [0])
  t.throws(() => split(1, [], [], []), RangeError)
  const four = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { minLength: 4, maxLength: 4 })
  const kbit = fc.nat({ max: 5_000_000 })
  const weights = four(fc.integer({ min: 1, max: 20 }))
  const keeps = (kbps: number, guarantee: number[], weight: number[], demand: number[]): boolean => {
    const parts = split(kbps, guarantee, weight, demand)
    const promised = guarantee.map((g, c) => Math.min(g, demand[c]!))
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0)
    return sum(parts) === kbps && (sum(promised) > kbps || parts.every((part, c) => part >= promised[c]! - 1))
  }
  t.doesNotThrow(() => fc.assert(fc.property(kbit, four(kbit), weights, four(kbit), keeps), seed))
})

const share = (flows: readonly object[], capacity: number, more: object = {}): ProblemFile =>
  checkProblem({
    bands: [{ id: 'share', kind: 'share' }],
    links: [{ id: 'l', capacity }],
    flows: flows.map((flow, n) => ({ id: `f${n}`, path: ['l'], segments: [{ band: 'share' }], ...flow })),
    ...more,
  })

t.test('whole kbit/s: largest fraction first, then id, while there is room', async (t) => {
  const kbps = (file: ProblemFile): number[] => {
    const { problem } = solved(file)
    new Integers(problem.shape).round(problem)
    return [...problem.kbps]
  }
  t.same(kbps(share([{ demand: 9e9 }, { demand: 9e9 }, { demand: 9e9 }], 100_000)), [34, 33, 33])
  t.same(
    kbps(share([{ demand: 1_200 }, { demand: 1_700 }, { demand: 1_100 }], 4_900)),
    [1, 2, 1],
    '1.2, 1.7, 1.1 in 4.9',
  )
  t.same(kbps(share([{ demand: 1_500, ceiling: 1_500 }], 9_000)), [1], 'never above the ceiling')
  const third = { path: [{ link: 'l', fraction: 1 / 3 }], demand: 9e9 }
  const load = kbps(share([third, third, third], 1_000_000)).reduce((sum, k) => sum + k / 3, 0)
  t.ok(load <= 1_000 && load > 998, `parts of flows: ${load} of 1000 kbit/s`)
})

/** Two flows that ask for 90 Mbit/s each, over two upstreams by their capacity. */
const upstreams = ([a, b]: readonly [number, number]): ProblemFile =>
  checkProblem({
    bands: [{ id: 'share', kind: 'share' }],
    links: [
      { id: 'a', capacity: a },
      { id: 'b', capacity: b },
    ],
    flows: ['f', 'g'].map((id) => ({
      ...{ id, demand: 90e6, segments: [{ band: 'share' }] },
      path: [
        { link: 'a', fraction: a / (a + b) },
        { link: 'b', fraction: b / (a + b) },
      ],
    })),
  })

t.test('the cause is what filled first, in the first band in which a flow is short', async (t) => {
  const file = checkProblem({
    bands: [
      { id: 'critical', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
      { id: 'headroom', kind: 'headroom' },
    ],
    links: [
      { id: 'uplink', capacity: 8 },
      { id: 'upstream', capacity: 40 },
      { id: 'port', capacity: 5 },
    ],
    flows: [
      { id: 'a-hospital', path: ['uplink', 'upstream'], demand: 30, critical: 10 },
      { id: 'b-other', path: ['upstream'], demand: 100, critical: 10 },
      { id: 'c-clinic', path: ['port'], demand: 9, recent: 2, critical: 5 },
      { id: 'd-idle', path: ['upstream'], demand: 1, recent: 2, ceiling: 9, critical: 1 },
    ].map(({ critical, ...flow }) => ({
      ...flow,
      segments: [{ band: 'critical', size: critical }, { band: 'share' }],
    })),
  })
  const { problem } = solved(file)
  const causeOf = (i: number): object => ({ ...limitedBy(problem, i), all: new Causes(problem).of(i) })
  t.same(causeOf(0), { code: 'LINK', index: 0, band: 0, all: [0] }, 'its own uplink, though the upstream filled later')
  t.same(causeOf(1), { code: 'LINK', index: 1, band: 1, all: [1] })
  t.same(
    causeOf(2),
    { code: 'LINK', index: 2, band: 1, all: [2] },
    'a promise that is kept to the last bit is no cause',
  )
  t.same([...problem.saturatedIn], [0, 1, 0], 'and the link it fills is full in its band')
  t.same(causeOf(3), { code: 'DEMAND', index: -1, band: -1, all: [] })
  const headroom = 2 * problem.shape.flows
  for (let i = 0; i < problem.shape.flows; i++) {
    t.notOk(problem.amount[headroom + i]! > 0 && problem.level[headroom + i] === 0, 'no level 0 beside an amount')
  }

  const three = solved(upstreams([60e6, 30e6])).problem
  t.same(new Causes(three).of(0), [0, 1], 'what fills together is named together')
  t.same(explain(three, 0).with, [{ code: 'LINK', index: 1 }])
})

t.test('what is only a rounding of what a flow holds has a level that is proved as well', async (t) => {
  const bands = [
    { id: 'promise', kind: 'guarantee' },
    { id: 'share', kind: 'share' },
  ]
  const size = 3_000_000
  // A hair more than the promise, as sums of measurements are.
  const flow = { path: ['l'], segments: [{ band: 'promise', size }, { band: 'share' }] }
  const flows = [
    { id: 'a', demand: size + 2 ** -31, ...flow },
    { id: 'b', demand: 2 * size, ...flow },
  ]
  const { problem } = solved(checkProblem({ bands, links: [{ id: 'l', capacity: 2.5 * size }], flows }))
  t.ok(problem.amount[2]! > 0 && problem.amount[2]! < 1e-6, 'it is there')
  t.same(certify(problem), { ok: true, violations: [] })
})

t.test('explain: who shares the bottleneck, and what would lift it', async (t) => {
  const { problem } = solved(share([{ demand: 5 }, { demand: 500 }, { demand: 500 }, { demand: 40, ceiling: 20 }], 100))
  const reason = explain(problem, 1)
  t.same(reason.limitedBy, { code: 'LINK', index: 0, band: 0 })
  t.same(reason.bands, [{ band: 0, amount: 37.5, cap: 500, level: 37.5, kept: null, bottleneck: 0 }])
  t.same(
    reason.sharers.map(({ flow, need }) => [flow, need]),
    [
      [1, 37.5],
      [2, 37.5],
      [3, 20],
      [0, 5],
    ],
  )
  t.same(reason.lift, { by: 'LINK', index: 0 })
  t.same(explain(problem, 0).lift, { by: 'NOTHING', index: -1 })
  t.same(explain(problem, 3).lift, { by: 'CEILING', index: -1 })
  t.equal(explain(problem, 1, 2).sharers.length, 2)

  const promised = checkProblem({
    bands: [
      { id: 'sector', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
    ],
    links: [{ id: 'l', capacity: 100 }],
    envelopes: [{ id: 'e', guarantee: { band: 'sector', size: 50 }, ceiling: 60 }],
    flows: ['a', 'b'].map((id) => ({ id, path: ['l'], demand: 90, envelope: 'e', segments: [{ band: 'share' }] })),
  })
  const nested = solved(promised).problem
  t.same(limitedBy(nested, 0), { code: 'ENVELOPE', index: 0, band: 1 })
  t.same([...nested.bottleneck.subarray(0, 2)], [-2, -2], 'stopped by the promise of envelope 0, which is kept')
})

t.test('loads are what paths carry, whether flows are in a path group or not', async (t) => {
  const random = seeded(SEED)
  const city = (): Problem => {
    // Access lines, two shared links in parts, and of four flows one that crosses the core alone.
    const p = createProblem({ flows: 40, links: 43, bands: 0, nonZeros: 40 * 2 + 30 * 2, segments: 0, envelopes: 0 })
    let e = 0
    for (let i = 0; i < 40; i++) {
      for (const [l, a] of [
        [i, 1],
        [40, i % 4 === 0 ? 0 : 0.3],
        [41, i % 4 === 0 ? 0 : 0.7],
        [42, 1],
      ] as const) {
        if (a === 0) continue
        p.pathLink[e] = l
        p.pathFraction[e++] = a
      }
      p.pathStart[i + 1] = e
    }
    return p
  }
  for (const p of [city(), nation(SEED, 1), randomNetwork({ flows: 300, links: 20, crossings: 4 }, SEED)]) {
    const { flows, links } = p.shape
    const paths = new Paths(p.shape)
    paths.follow(p)
    const { memory } = paths
    const x = memory.f64(flows)
    x.set(x.map(() => Math.floor(1e6 * random())))
    const expected = new Float64Array(links)
    for (let i = 0; i < flows; i++) {
      for (let e = p.pathStart[i]!; e < p.pathStart[i + 1]!; e++) {
        expected[p.pathLink[e]!]! += p.pathFraction[e]! * x[i]!
      }
    }
    const few = memory.u32(2)
    few.set([0, links - 1])
    const [load, some] = [memory.f64(links), memory.f64(links)]
    paths.kernel().loadLinks(x, load)
    paths.kernel().sum(x, few, 2, some)
    const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * b
    t.ok(
      load.every((sum, l) => isNear(sum, expected[l]!)),
      `all ${links} links`,
    )
    t.ok(
      few.every((l) => isNear(some[l]!, expected[l]!)),
      'a few of them',
    )
  }
})

t.test('a column is found without a search, and all problems have one form in memory', (t) => {
  // With a dictionary for each problem the passes of a tick took four times as long.
  setFlagsFromString('--allow-natives-syntax')
  const isFast = new Function('object', 'return %HasFastProperties(object)')
  const areAlike = new Function('one', 'other', 'return %HaveSameMap(one, other)')
  setFlagsFromString('--no-allow-natives-syntax')
  const of = (flows: number) => randomNetwork({ flows, links: 5, crossings: 2 }, SEED)
  const [one, other] = [of(10), of(20)]
  const copied = ({ shape, buffer }: Problem) => {
    const [changing, whole] = [changingBytes(shape), new Uint8Array(buffer).slice()]
    return solvedOf(shape, whole.buffer.slice(0, changing), viewRest(shape, whole.buffer.slice(changing)))
  }
  const [shown, shownNext] = [copied(one), copied(other)]
  for (const problem of [one, other, shown, shownNext]) t.ok(isFast(problem))
  t.ok(areAlike(one, other))
  t.ok(areAlike(shown, shownNext))
  t.same([...shown.pathLink, ...shown.demand], [...one.pathLink, ...one.demand], 'and it holds what it is a copy of')
  t.notOk(isFast(new Array(40).fill(0).reduce((all, _, n) => Object.assign(all, { [`column${n}`]: n }), {})))
  t.end()
})

t.test('the solver thread fills the same columns as the solver here', async (t) => {
  const here = solved(share([{ demand: 60e6 }, { demand: 500e6 }, { demand: 10e6 }], 120e6)).problem
  const there: Problem = createProblem(here.shape)
  new Uint8Array(there.buffer).set(new Uint8Array(here.buffer))
  there.rate.fill(0)
  there.kbps.fill(0)
  const pool = createPool<object, void>('solve', 1)
  t.teardown(() => pool.close())
  for (const certify of [false, true]) {
    await pool.run({ id: 1, shape: there.shape, buffer: there.buffer, certify })
    t.same([...there.rate], [...here.rate])
    t.same(
      [...there.kbps],
      [55_000 - 5_000, 60_000, 10_000].map((_, i) => here.rate[i]! / 1000),
    )
    t.equal(there.status[1], certify ? 1 : -1, 'the verdict is in the status')
  }
  const threads = createSolverThreads()
  t.teardown(() => threads.close())
  for (let n = 1; n <= 12; n++) {
    // One after the other: of another shape, on other paths, or with other numbers alone, in the memory of the last.
    const random = randomNetwork({ flows: 20 + Math.floor(n / 6), links: 6, crossings: 2 }, SEED)
    for (const [e, l] of random.pathLink.entries()) random.pathLink[e] = (l + Math.floor(n / 3)) % 6
    for (const l of random.linkRoom.keys()) random.linkRoom[l] = 1e6 * (l + 1) * n
    const own = viewProblem(random.shape, copyBuffer(random.buffer, new SharedArrayBuffer(random.buffer.byteLength)))
    await threads.solve(random, { once: true, certify: true })
    createSolver(own.shape).solve(own)
    new Integers(own.shape).round(own)
    t.same([[...random.rate], [...random.kbps], random.status[1]], [[...own.rate], [...own.kbps], 1])
  }
  t.equal(bytesOf(there.shape), there.buffer.byteLength)
  t.equal(viewProblem(there.shape, there.buffer).kbps[0], there.kbps[0])
})

t.test('one link shared by many: what a plain sort-based water-fill says', async (t) => {
  interface Client {
    readonly demand: number
    readonly ceiling: number
    readonly weight: number
  }
  const shared = (clients: readonly Client[], room: number): Problem => {
    const n = clients.length
    const p = createProblem({ flows: n, links: 1, bands: 1, nonZeros: n, segments: n, envelopes: 0 })
    p.linkRoom[0] = room
    p.pathFraction.fill(1)
    p.bandKind.fill(BAND_KIND.share)
    p.bandFill.fill(1)
    p.segmentUpTo.fill(Number.POSITIVE_INFINITY)
    p.flowEnvelope.fill(-1)
    for (const column of [p.pathStart, p.segmentStart]) for (const i of column.keys()) column[i] = i
    for (const [i, { demand, ceiling, weight }] of clients.entries()) {
      p.demand[i] = demand
      p.ceiling[i] = ceiling
      p.segmentWeight[i] = weight
    }
    return p
  }
  const agrees = (clients: readonly Client[], tenths: number): void => {
    // Whole numbers, whose sums are the same in any order; and who has no end has no weight in them.
    const asked = clients.map(({ demand, ceiling, weight }) => (weight > 0 ? Math.min(demand, ceiling) : 0))
    const sum = asked.reduce((all, one) => all + (one < Number.POSITIVE_INFINITY ? one : 0), 0)
    const p = shared(clients, (sum * tenths) / 10)
    const solver = createSolver(p.shape)
    for (const one of [shared(clients, 1), p]) solver.solve(one) // warm, and with another problem
    const weighed = [...asked.keys()].filter((i) => clients[i]!.weight > 0)
    const [demand, weight] = [asked, clients.map((client) => client.weight)].map((column) =>
      Float64Array.from(weighed, (i) => column[i]!),
    ) as [Float64Array, Float64Array]
    const expected = sortedWaterFill(p.linkRoom[0]!, demand, weight)
    for (const [n, i] of weighed.entries()) {
      if (differ(p.need[i]!, expected[n]!, 0)) throw new Error(`${i}: ${p.need[i]}, by sorting ${expected[n]}`)
    }
    if (p.need.some((x, i) => clients[i]!.weight === 0 && x > 0)) throw new Error('who has no weight has something')
    const { ok, violations } = certify(p)
    if (!ok) throw new Error(JSON.stringify(violations))
  }
  const amount = fc.oneof(
    ...[fc.nat({ max: 9 }), fc.nat({ max: 5_000_000 }), fc.constant(Number.POSITIVE_INFINITY)],
    fc.nat({ max: 40 }).map((power) => 2 ** power),
  )
  const clients = fc.array(fc.record({ demand: amount, ceiling: amount, weight: fc.nat({ max: 9 }) }), {
    ...{ minLength: 1, maxLength: 300, size: 'max' as const },
  })
  t.doesNotThrow(() => fc.assert(fc.property(clients, fc.nat({ max: 12 }), agrees), { ...seed, numRuns: 1_000 }))

  const endless = shared([{ demand: Number.POSITIVE_INFINITY, ceiling: Number.POSITIVE_INFINITY, weight: 1 }], 1)
  endless.linkRoom[0] = Number.POSITIVE_INFINITY
  t.throws(() => createSolver(endless.shape).solve(endless), RangeError, 'no bound at all')
})

t.test('a flow without any bound is refused, not looped over', async (t) => {
  const { problem } = buildProblem(share([{ demand: 5 }], 100))
  problem.demand[0] = Number.POSITIVE_INFINITY
  problem.pathFraction[0] = 0
  t.throws(() => createSolver(problem.shape).solve(problem), RangeError)
})

t.test('what would change a need is found out in a thread that starts when somebody asks', async (t) => {
  const log = createLogger('test', 'silent')
  let started = 0
  const whatIfs = createWhatIfs(log, () => {
    started++
    return createPool('what-if', 1)
  })
  t.teardown(() => whatIfs.close())
  const content = solved(share([{ demand: 5 }, { demand: 6 }], 100)).problem
  t.strictSame(await whatIfs.ask(content, 0), [], 'who has all it asks needs no change')
  t.equal(started, 0)
  const hurt = solved(hurtByOwnWeight(1)).problem
  const before = Buffer.from(hurt.buffer).toString('hex')
  const answers = await Promise.all(Array.from({ length: 20 }, () => whatIfs.ask(hurt, 0)))
  const weighed = answers.map((changes) => changes.find(({ change }) => change === 'WEIGHT'))
  const told = weighed.filter((change) => change !== undefined)
  t.ok(told.length >= 1 && told.length < 20, `${told.length} of 20 were told, the others at once that nobody has time`)
  for (const { need, losers } of told) t.ok(Math.abs(need - 35) < 1e-9 && losers === 1, 'twice the weight, less need')
  const turned = solved(hurtByOwnWeight(1)).problem
  for (const [e, l] of turned.pathLink.entries()) turned.pathLink[e] = 1 - l
  createSolver(turned.shape).solve(turned)
  const alone = new WhatIf(turned)
  const expected = [alone.lift(0), alone.weigh(0, 2)].flatMap((change) => (change === undefined ? [] : [change.after]))
  for (const p of [turned, hurt, turned]) {
    const needs = (await whatIfs.ask(p, 0)).map(({ need }) => need)
    if (p === turned) t.same(needs, expected, 'other paths of the same shape are another problem')
  }
  t.equal(started, 1)
  t.equal(Buffer.from(hurt.buffer).toString('hex'), before, 'the problem itself is only read')

  const broken = createWhatIfs(log, () => ({
    run: () => Promise.reject(new Error('no thread')),
    close: async () => {},
  }))
  t.strictSame(await broken.ask(hurt, 0), [], 'and an explanation never fails for it')
})

t.test('counterfactuals are exact answers to another problem', async (t) => {
  const { problem } = solved(
    checkProblem({
      bands: [{ id: 'share', kind: 'share' }],
      links: [
        { id: 'l1', capacity: 10e6 },
        { id: 'l2', capacity: 4e6 },
      ],
      flows: [
        { id: 'a', path: ['l1'], demand: 100e6, segments: [{ band: 'share' }] },
        { id: 'b', path: ['l1', 'l2'], demand: 100e6, segments: [{ band: 'share' }] },
        { id: 'c', path: ['l2'], demand: 100e6, segments: [{ band: 'share' }] },
        { id: 'd', path: [], demand: 9e6, ceiling: 3e6, segments: [{ band: 'share' }] },
      ],
    }),
  )
  const before = [...problem.need]
  const whatIf = new WhatIf(problem)
  const { by, ...room } = whatIf.lift(1)!
  t.same(
    room,
    { change: 'ROOM', link: 1, together: 0, before: 2e6, after: 5e6, losers: 1 },
    'b is held at 5 by l1, and a loses',
  )
  t.ok(Math.abs(by - 6e6) <= 2_000, `l2 must grow from 4 to 10, by ${by}`)
  t.same(whatIf.lift(3), { change: 'CEILING', link: -1, together: 0, by: 6e6, before: 3e6, after: 9e6, losers: 0 })
  t.same([...problem.need], before, 'the problem itself is only read')

  const together = solved(upstreams([60e6, 30e6])).problem
  const { by: more, ...both } = new WhatIf(together).lift(0)!
  const grown = { change: 'ROOM', link: 0, together: 1, before: 45e6, after: 90e6, losers: 0 }
  t.same(both, grown, 'where two fill as one, more room in one helps nobody: both grow in proportion')
  t.ok(Math.abs(more - 60e6) <= 2_000, `the first from 60 to 120, by ${more}`)

  const hurt = solved(hurtByOwnWeight(1)).problem
  const { after, before: now } = new WhatIf(hurt).weigh(0, 2)
  t.ok(Math.abs(now - 110 / 3) < 1e-9 && Math.abs(after - 35) < 1e-9, 'more weight, less need')
})
