// The allocation is exact, and its certificate accepts it and nothing else.

import t from 'tap'
import { nation, randomNetwork } from '../../bench/generate.js'
import { seeded } from '../../bench/harness.js'
import { allocate } from '../../src/planning/allocate.js'
import { buildProblem } from '../../src/planning/problem-columns.js'
import { checkProblem, type ProblemFile } from '../../src/planning/problem-file.js'
import { Causes } from '../../src/solve/causes.js'
import { Certifier } from '../../src/solve/certificate.js'
import { Integers } from '../../src/solve/integers.js'
import { Paths } from '../../src/solve/paths.js'
import { type Problem, viewProblem } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { acceptsFalse, acceptsWrongCause, differ, disagreement, solved } from './agree.js'
import { GOLDEN, hurtByOwnWeight } from './golden.js'
import { forAll, SEED, scaleOf } from './problems.js'

const RUNS = 1_200
const needsOf = (file: ProblemFile): number[] => allocate(file).flows.map(({ need }) => need)
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)

t.test('golden vectors', async (t) => {
  for (const { name, file, need } of GOLDEN) {
    const { flows, certificate } = allocate(file)
    t.equal(flows.length, need.length)
    for (const [n, flow] of flows.entries())
      t.ok(Math.abs(flow.need - need[n]!) <= 1e-12 * need[n]!, `${name}: ${flow.id}`)
    t.same(certificate, { ok: true, violations: [] }, name)
  }
})

t.test(`random problems, MIZANI_SEED=${SEED}`, async (t) => {
  t.doesNotThrow(() => forAll({ envelopes: false }, RUNS, disagreement), 'flat: as the oracle says, and proved')
  t.doesNotThrow(() => forAll({ envelopes: true }, RUNS, disagreement), 'nested: as the oracle says, and proved')
  const moved = { count: 0 }
  const rejects = (file: ProblemFile): string | undefined => acceptsFalse(file, moved)
  t.doesNotThrow(() => forAll({ envelopes: false }, RUNS / 4, rejects), 'flat: every false allocation is rejected')
  t.doesNotThrow(() => forAll({ envelopes: true }, RUNS / 4, rejects), 'nested: every false allocation is rejected')
  t.ok(moved.count >= RUNS, `${moved.count} false allocations`)
})

t.test('a link without room fills when somebody wants some of it, even who is stopped elsewhere as well', async (t) => {
  const share = (id: string, path: string[], band: string, envelope?: string): object => ({
    ...{ id, path, segments: [{ band }] },
    ...(envelope === undefined ? {} : { envelope }),
  })
  const file = checkProblem({
    bands: [
      { id: 'g0', kind: 'guarantee' },
      { id: 's0', kind: 'share' },
      { id: 's1', kind: 'share' },
    ],
    links: [
      { id: 'narrow', capacity: 1 },
      { id: 'down', capacity: 0 },
    ],
    envelopes: [{ id: 'e', parent: null, ceiling: 0 }],
    flows: [
      { id: 'a', path: [], ceiling: 100, envelope: 'e', segments: [{ band: 'g0', size: 10 }] },
      share('b', ['down'], 's0', 'e'),
      share('c', ['narrow'], 's0'),
      share('d', ['down', 'narrow'], 's1'),
    ],
  })
  t.equal(disagreement(file), undefined)
  const { problem } = solved(file)
  t.same(new Causes(problem).of(3), [1, 0], 'the link that is down filled before the narrow one did')
  t.same([...problem.saturatedIn], [1, 1, 0])
})

t.test('a cause that is not the cause is refused', async (t) => {
  for (const envelopes of [false, true]) {
    const told = new Map<string, number>()
    const refuses = (file: ProblemFile): string | undefined => acceptsWrongCause(file, told)
    t.doesNotThrow(() => forAll({ envelopes }, RUNS / 4, refuses), `envelopes: ${envelopes}`)
    t.equal(told.size, 6, [...told].map(([kind, count]) => `${kind}: ${count}`).join(', '))
    const count = sum([...told.values()])
    t.ok(count >= RUNS, `${count} wrong causes`)
  }
})

/** The bytes of an answer. */
const bytesOf = (p: Problem): string =>
  [p.amount, p.level, p.bottleneck, p.shortIn, p.need, p.rate, p.linkNeedLoad, p.linkLoad, p.saturatedIn, p.kbps]
    .map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('base64'))
    .join()

/** Changes a number or two, as a tick or an engineer does; rarely most of them. */
function disturb(p: Problem, random: () => number): void {
  const one = (column: Float64Array): void => {
    const n = Math.floor(random() * column.length)
    if (column[n]! < Number.POSITIVE_INFINITY)
      column[n] = Math.round(column[n]! * 2 * random() + (random() < 0.3 ? 50 : 0))
  }
  const bounded = [p.demand, p.demand, p.demand, p.recent, p.ceiling, p.linkRoom]
  const moves = random() < 0.1 ? 2 * p.shape.flows : 1 + Math.floor(2 * random())
  for (let n = 0; n < moves; n++) one(bounded[Math.floor(random() * bounded.length)]!)
}

t.test('a warm solver gives the bytes of a cold one, whatever it solved before', async (t) => {
  const random = seeded(SEED)
  const walks = (p: Problem, steps: number): string | undefined => {
    const warm = { solver: createSolver(p.shape), integers: new Integers(p.shape), certifier: new Certifier(p.shape) }
    const cold = viewProblem(p.shape, new SharedArrayBuffer(p.buffer.byteLength))
    for (let step = 0; step < steps; step++) {
      disturb(p, random)
      new Uint8Array(cold.buffer).set(new Uint8Array(p.buffer))
      warm.solver.solve(p)
      warm.integers.round(p)
      const paths = new Paths(cold.shape)
      createSolver(cold.shape, paths).solve(cold)
      new Integers(cold.shape, paths).round(cold)
      if (bytesOf(p) !== bytesOf(cold)) return `the answers differ in step ${step}`
      if (!warm.certifier.certify(p).ok) return `the warm certificate rejects step ${step}`
    }
    return undefined
  }
  for (const envelopes of [false, true]) {
    t.doesNotThrow(() => forAll({ envelopes }, 60, (file) => walks(buildProblem(file).problem, 8)), `${envelopes}`)
  }
  t.equal(walks(randomNetwork({ flows: 400, links: 40, crossings: 4 }, SEED), 60), undefined, 'one share band')
  t.equal(walks(nation(SEED, 1.5), 12), undefined, 'the nation, short of room')
})

t.test('weights and demands over many decades are proved as well', async (t) => {
  const random = seeded(SEED)
  const decades = (most: number): number => 10 ** (most * random())
  const shapes: readonly (readonly [string, (i: number) => number, (i: number) => number])[] = [
    ['twelve decades, at random', () => decades(12), () => 1e-6 * decades(12)],
    // Each look at a link passes one cap or two: the most looks that there can be.
    ['a ladder of caps', () => 1e9, (i) => 3 ** -(i % 500)],
  ]
  for (const [name, demandOf, weightOf] of shapes) {
    const p = randomNetwork({ flows: 5_000, links: 100, crossings: 4 }, SEED)
    p.linkRoom.fill(0)
    for (let i = 0; i < p.shape.flows; i++) {
      p.demand[i] = demandOf(i)
      p.segmentWeight[i] = weightOf(i)
      for (let e = p.pathStart[i]!; e < p.pathStart[i + 1]!; e++) p.linkRoom[p.pathLink[e]!]! += p.demand[i]!
    }
    for (let l = 0; l < p.shape.links; l++) p.linkRoom[l]! *= 0.3 + 0.7 * random()
    createSolver(p.shape).solve(p)
    t.same(new Certifier(p.shape).certify(p), { ok: true, violations: [] }, name)
    t.ok(p.bottleneck.some((l) => l >= 0) && p.bottleneck.some((l) => l < 0), 'some are stopped, some are not')
  }
})

// ---- properties of design section 2, each over the class of problems it is stated for

/** Changes a file, solves both, and compares need (and rate) of flows that both have. */
function unchanged(
  before: ProblemFile,
  after: ProblemFile,
  factor = 1,
  columns: readonly ('need' | 'rate')[] = ['need', 'rate'],
): string | undefined {
  const known = new Map(allocate(before).flows.map((flow) => [flow.id, flow]))
  for (const flow of allocate(checkProblem(after)).flows) {
    for (const column of columns) {
      const was = known.get(flow.id)![column] * factor
      if (differ(flow[column], was, scaleOf(before) * factor))
        return `${flow.id}: ${column} ${flow[column]}, was ${was}`
    }
  }
  return undefined
}

/** Every rate in the file times k. */
function scaleRates(file: ProblemFile, k: number): ProblemFile {
  const rates = new Set(['capacity', 'demand', 'recent', 'ceiling', 'size', 'upTo'])
  return JSON.parse(JSON.stringify(file), (key, value) =>
    rates.has(key) && typeof value === 'number' ? value * k : value,
  )
}

const scaleWeights = (file: ProblemFile, k: number): ProblemFile =>
  JSON.parse(JSON.stringify(file), (key, value) => (key === 'weight' && typeof value === 'number' ? value * k : value))

const reversed = (file: ProblemFile): ProblemFile => ({
  ...file,
  links: file.links.toReversed(),
  envelopes: file.envelopes.toReversed(),
  flows: file.flows.toReversed().map((flow) => ({ ...flow, path: flow.path.toReversed() })),
})

/** Every other flow asks for no more than it gets. */
function truncated(file: ProblemFile): ProblemFile {
  const need = needsOf(file)
  return { ...file, flows: file.flows.map((flow, n) => (n % 2 === 0 ? { ...flow, demand: need[n]! } : flow)) }
}

/** Links that are not full even with headroom become ten times as large. */
function moreSlack(file: ProblemFile): ProblemFile {
  const { links } = allocate(file)
  const fill = file.bands.reduce((least, band) => (band.kind === 'headroom' ? band.fill : least), 1)
  const isSlack = (l: number): boolean => links[l]!.load < 0.999 * fill * links[l]!.capacity
  return {
    ...file,
    links: file.links.map((link, l) => (isSlack(l) ? { ...link, capacity: link.capacity * 10 } : link)),
  }
}

t.test('properties with and without envelopes', async (t) => {
  for (const envelopes of [false, true]) {
    const holds = (name: string, property: (file: ProblemFile) => string | undefined): void => {
      t.doesNotThrow(() => forAll({ envelopes }, RUNS / 16, property), `${name}, envelopes: ${envelopes}`)
    }
    holds('scale: all rates times 1000', (file) => unchanged(file, scaleRates(file, 1000), 1000))
    holds('weight-scale: all weights times 3', (file) => unchanged(file, scaleWeights(file, 3)))
    holds('permutation: the order of links, flows and envelopes', (file) => unchanged(file, reversed(file)))
    holds('truncation: asking for no more than one gets', (file) => unchanged(file, truncated(file)))
    holds('slack links: their capacity does not matter', (file) => unchanged(file, moreSlack(file)))
  }
})

/** The first flow with one thing changed; its own need must not fall. */
const notHurt =
  (change: (flow: ProblemFile['flows'][number]) => object) =>
  (file: ProblemFile): string | undefined => {
    const [first, ...others] = file.flows
    const before = needsOf(file)[0]!
    const after = needsOf(checkProblem({ ...file, flows: [{ ...first!, ...change(first!) }, ...others] }))[0]!
    return after >= before * (1 - 1e-9) - 1e-12 * scaleOf(file) ? undefined : `need falls from ${before} to ${after}`
  }

/** Takes the first flow away, and from its links what it had. */
function withoutFirst(file: ProblemFile): ProblemFile {
  const [first, ...flows] = file.flows
  const share = needsOf(file)[0]!
  const taken = new Map(
    first!.path.map((step) => (typeof step === 'string' ? [step, share] : [step.link, step.fraction * share])),
  )
  const links = file.links.map(({ id, capacity }) => ({ id, capacity: Math.max(0, capacity - (taken.get(id) ?? 0)) }))
  return { ...file, links, flows }
}

const withoutHeadroom = (file: ProblemFile): ProblemFile => ({
  ...file,
  bands: file.bands.filter(({ kind }) => kind !== 'headroom'),
  flows: file.flows.map((flow) => ({ ...flow, segments: flow.segments.filter(({ band }) => band !== 'h') })),
})

t.test('properties without envelopes only', async (t) => {
  const holds = (name: string, property: (file: ProblemFile) => string | undefined): void => {
    t.doesNotThrow(() => forAll({ envelopes: false }, RUNS / 10, property), name)
  }
  holds(
    'own demand never hurts',
    notHurt(({ demand }) => (demand === undefined ? {} : { demand: demand * 1.5 + 3 })),
  )
  holds(
    'own ceiling never hurts',
    notHurt(({ ceiling }) => (ceiling === undefined ? {} : { ceiling: ceiling * 1.5 + 3 })),
  )
  holds(
    'own guarantee never hurts',
    notHurt(({ segments }) => ({
      segments: segments.map((s) => (s.size === undefined ? s : { ...s, size: s.size + 20 })),
    })),
  )
  holds(
    'own weight never hurts',
    notHurt(({ segments }) => ({ segments: segments.map((s) => ({ ...s, weight: (s.weight ?? 1) * 2 })) })),
  )
  holds('consistency: a flow leaves with its share', (file) => {
    const bare = withoutHeadroom(file)
    return bare.flows.length === 1 ? undefined : unchanged(bare, withoutFirst(bare), 1, ['need'])
  })
  holds('a share band gives at least cap, or weight times the least R / W', leastShare)
})

/** In a share band with unbroken weights: amount >= min(cap, w x min over its links of R_l / W_l). */
function leastShare(file: ProblemFile): string | undefined {
  const { flows } = allocate(file)
  const amountOf = (n: number, band: string): number => flows[n]!.bands.find((b) => b.band === band)?.amount ?? 0
  const fractionOf = (n: number, link: string): number => {
    const step = file.flows[n]!.path.find((s) => (typeof s === 'string' ? s : s.link) === link)
    return step === undefined ? 0 : typeof step === 'string' ? 1 : step.fraction
  }
  for (const [b, { id: band, kind }] of file.bands.entries()) {
    const segments = file.flows.map((flow) => flow.segments.filter((s) => s.band === band))
    if (kind !== 'share' || segments.some(({ length }) => length > 1)) continue
    const held = flows.map((_, n) => sum(file.bands.slice(0, b).map(({ id }) => amountOf(n, id))))
    const caps = file.flows.map(({ demand = Infinity, ceiling = Infinity }, n) => Math.min(demand, ceiling) - held[n]!)
    const weights = caps.map((cap, n) => (cap > 1e-9 ? (segments[n]![0]?.weight ?? 0) : 0))
    const levels = file.links.map(({ id, capacity }) => {
      const room = capacity - sum(held.map((x, n) => x * fractionOf(n, id)))
      return Math.max(0, room) / sum(weights.map((w, n) => w * fractionOf(n, id)))
    })
    for (const [n, w] of weights.entries()) {
      const least = Math.min(...levels.filter((_, l) => fractionOf(n, file.links[l]!.id) > 0))
      const floor = Math.min(caps[n]!, w * least)
      if (w > 0 && amountOf(n, band) < floor * (1 - 1e-9) - 1e-9)
        return `f${n}: ${amountOf(n, band)} in ${band}, below ${floor}`
    }
  }
  return undefined
}

t.test('on one link envelopes are isolated from each other', async (t) => {
  const isolated = (random: ProblemFile): string | undefined => {
    // Only what the property speaks of: one share band, whole paths, no ceilings of envelopes, no nesting.
    const envelopes = random.envelopes.map(({ id, weight = 1 }) => ({ id, weight, parent: null }))
    const flows = random.flows.map(({ id, demand = 50, envelope }) => ({
      ...{ id, path: ['l0'], demand, segments: [{ band: 's0' }] },
      ...(envelope === undefined ? {} : { envelope }),
    }))
    const capacity = random.links[0]!.capacity
    const file = checkProblem({
      bands: [{ id: 's0', kind: 'share' }],
      links: [{ id: 'l0', capacity }],
      envelopes,
      flows,
    })
    const need = needsOf(file)
    const total = sum(envelopes.map(({ weight }) => weight)) + flows.filter((f) => !('envelope' in f)).length
    for (const { id, weight } of envelopes) {
      const members = file.flows.flatMap((flow, n) => (flow.envelope === id ? [n] : []))
      const floor = Math.min(sum(members.map((n) => file.flows[n]!.demand!)), (capacity * weight) / total)
      const got = sum(members.map((n) => need[n]!))
      if (got < floor * (1 - 1e-9)) return `${id} has ${got}, below ${floor}`
    }
    return undefined
  }
  t.doesNotThrow(() => forAll({ envelopes: true, links: 1 }, RUNS / 10, isolated))
})

// ---- what is false, so that nobody promises it

t.test('false in networks: counterexamples that explain must be able to tell', async (t) => {
  const line = (l1: number, l2: number, last: object = {}): ProblemFile =>
    checkProblem({
      bands: [{ id: 's', kind: 'share' }],
      links: [
        { id: 'l1', capacity: l1 },
        { id: 'l2', capacity: l2 },
      ],
      flows: [
        { id: 'a', path: ['l1'], segments: [{ band: 's' }] },
        { id: 'b', path: ['l1', 'l2'], segments: [{ band: 's' }] },
        { id: 'c', path: ['l2'], segments: [{ band: 's' }], ...last },
      ],
    })
  t.same(needsOf(line(10, 4)), [8, 2, 2])
  t.same(needsOf(line(10, 16)), [5, 5, 11], '"nobody loses when a link grows": a falls from 8 to 5')
  t.same(needsOf(line(10, 4, { demand: 1 })), [7, 3, 1], '"nobody loses when another asks less": a falls from 8 to 7')

  const star = (middle: number): ProblemFile =>
    checkProblem({
      bands: [{ id: 's', kind: 'share' }],
      links: [{ id: 'm', capacity: middle }, ...['x', 'y', 'z'].map((id) => ({ id, capacity: 10 }))],
      flows: [
        { id: 'long', path: ['m', 'x', 'y', 'z'], segments: [{ band: 's' }] },
        ...['x', 'y', 'z'].map((link) => ({ id: `on-${link}`, path: [link], segments: [{ band: 's' }] })),
      ],
    })
  t.equal(sum(needsOf(star(2))), 26)
  t.equal(sum(needsOf(star(4))), 22, '"throughput grows with capacity": it falls from 26 to 22')

  const weights = [1, 2, 4].map((weight) => needsOf(hurtByOwnWeight(weight))[0]!)
  t.ok(weights[0]! > weights[1]! && weights[1]! > weights[2]!, '"more weight never hurts me", under an envelope')

  const pair = (flows: readonly object[]): ProblemFile =>
    checkProblem({
      bands: [{ id: 's', kind: 'share' }],
      links: [
        { id: 'a', capacity: 10 },
        { id: 'b', capacity: 10 },
      ],
      envelopes: [{ id: 'e', weight: 1 }],
      flows: flows.map((flow) => ({ segments: [{ band: 's' }], ...flow })),
    })
  const f1 = { id: 'f1', path: ['a'], envelope: 'e' }
  const f2 = { id: 'f2', path: ['b'], envelope: 'e' }
  const f3 = { id: 'f3', path: ['a'] }
  t.ok(Math.abs(needsOf(pair([f1, f2, f3]))[0]! - 10 / 3) < 1e-12)
  t.same(needsOf(pair([f1, f3]))[0], 5, '"a flow leaves with its share and the others keep theirs", under an envelope')
})
