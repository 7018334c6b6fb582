// Random problem files, small enough for the oracle and mean enough for the solver: zero rooms and demands, exact
// ties, unbounded flows, split paths, falling weights, several bands of each kind, nested envelopes.
//
// Made by fast-check from plain numbers, so that a failure shrinks to a small problem, which is printed as a file for
// `mizani allocate`.

import fc from 'fast-check'
import { checkProblem, type ProblemFile } from '../../src/planning/problem-file.js'

/** What a class of problems may contain; properties are stated for classes. */
export interface ProblemClass {
  readonly envelopes: boolean
  /** At most this many links. */
  readonly links?: number
}

const amount = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }).map((n) => n * 10) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 400 }) },
)
const capacity = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 700 }) },
)
const weight = fc.constantFrom(1, 1, 2, 3, 4, 7, 0.5, 0.25, 12)
const fraction = fc.constantFrom(1, 1, 1, 1, 0.5, 0.25, 0.75, 0.3, 0)
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 3 })

const rawFlow = fc.record({
  path: fc.array(fc.tuple(fc.nat({ max: 9 }), fraction), { maxLength: 4 }),
  demand: maybe(amount),
  ceiling: maybe(amount),
  recent: maybe(amount),
  envelope: fc.nat({ max: 7 }),
  guarantees: fc.array(fc.tuple(amount, weight), { minLength: 2, maxLength: 2 }),
  guaranteed: fc.nat({ max: 3 }),
  shares: fc.array(fc.array(fc.tuple(weight, amount), { maxLength: 3 }), { minLength: 2, maxLength: 2 }),
  headroom: maybe(weight),
})

const rawEnvelope = fc.record({
  parent: fc.nat({ max: 5 }),
  weight: maybe(weight),
  ceiling: maybe(capacity),
  guarantee: fc.option(amount, { nil: undefined, freq: 1 }),
})

const raw = fc.record({
  guarantees: fc.nat({ max: 2 }),
  sector: fc.boolean(),
  shares: fc.integer({ min: 1, max: 2 }),
  headroom: fc.option(fc.constantFrom(1, 0.9, 0.5), { nil: undefined, freq: 2 }),
  links: fc.array(capacity, { minLength: 1, maxLength: 5 }),
  envelopes: fc.array(rawEnvelope, { maxLength: 4 }),
  flows: fc.array(rawFlow, { minLength: 1, maxLength: 8 }),
})
type Raw = typeof raw extends fc.Arbitrary<infer T> ? T : never
type RawFlow = Raw['flows'][number]

/** Drops what is undefined, as a file has no such thing. */
const trim = <T extends object>(entry: T): T =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as T

function flowOf(r: Raw, f: RawFlow, n: number, links: number, envelopes: number): object {
  const path = new Map(f.path.map(([link, a]) => [`l${link % links}`, a]))
  const crosses = [...path.values()].some((a) => a > 0)
  const segments: object[] = []
  for (let b = 0; b < r.guarantees; b++) {
    if (f.guaranteed & (1 << b))
      segments.push({ band: `g${b}`, size: f.guarantees[b]![0], weight: f.guarantees[b]![1] })
  }
  for (let b = 0; b < r.shares; b++) {
    const pieces = [...f.shares[b]!].sort((x, y) => y[0] - x[0])
    const ends = [...new Set(pieces.map(([, upTo]) => upTo))].sort((x, y) => x - y)
    for (const [s, end] of ends.entries()) {
      segments.push(trim({ band: `s${b}`, weight: pieces[s]![0], upTo: s < ends.length - 1 ? end : undefined }))
    }
  }
  if (r.headroom !== undefined && f.headroom !== undefined) segments.push({ band: 'h', weight: f.headroom })
  return trim({
    id: `f${n}`,
    path: [...path].map(([link, a]) => (a === 1 ? link : { link, fraction: a })),
    demand: f.demand,
    recent: f.recent,
    ceiling: f.ceiling === undefined && !crosses ? 100 : f.ceiling,
    envelope: f.envelope < envelopes ? `e${f.envelope}` : undefined,
    segments,
  })
}

function fileOf(r: Raw, { envelopes: wanted, links: most = 5 }: ProblemClass): ProblemFile {
  const links = r.links.slice(0, most)
  const envelopes = wanted ? r.envelopes : []
  const sector = r.sector && envelopes.length > 0
  const bands = [
    ...Array.from({ length: r.guarantees }, (_, b) => ({ id: `g${b}`, kind: 'guarantee' })),
    ...(sector ? [{ id: 'sector', kind: 'guarantee' }] : []),
    ...Array.from({ length: r.shares }, (_, b) => ({ id: `s${b}`, kind: 'share' })),
    ...(r.headroom === undefined ? [] : [{ id: 'h', kind: 'headroom', fill: r.headroom }]),
  ]
  // A parent stands before its children; an envelope whose ancestors already promise in the band promises nothing.
  const parentOf = envelopes.map(({ parent }, n) => (parent < n ? parent : -1))
  const promises = envelopes.map(({ guarantee }) => sector && guarantee !== undefined)
  for (const [n] of envelopes.entries()) {
    for (let at = parentOf[n]!; at >= 0; at = parentOf[at]!) if (promises[at]!) promises[n] = false
  }
  return checkProblem({
    bands,
    links: links.map((room, l) => ({ id: `l${l}`, capacity: room })),
    envelopes: envelopes.map(({ weight, ceiling, guarantee }, n) =>
      trim({
        id: `e${n}`,
        parent: parentOf[n]! < 0 ? null : `e${parentOf[n]}`,
        weight,
        ceiling,
        guarantee: promises[n]! ? { band: 'sector', size: guarantee } : undefined,
      }),
    ),
    flows: r.flows.map((f, n) => flowOf(r, f, n, links.length, envelopes.length)),
  })
}

export const problems = (of: ProblemClass): fc.Arbitrary<ProblemFile> => raw.map((r) => fileOf(r, of))

/** Rates in a problem, largest first: the scale against which a difference of nearly nothing is judged. */
export function scaleOf(file: ProblemFile): number {
  const flows = file.flows.flatMap(({ demand, ceiling, recent }) => [demand ?? 0, ceiling ?? 0, recent ?? 0])
  return Math.max(1, ...flows, ...file.links.map(({ capacity }) => capacity))
}

export const SEED = Number(process.env.MIZANI_SEED ?? 20_261_124)

/** Of each class, the problems that were drawn: every property is asked of the same ones. */
const drawn = new Map<string, readonly ProblemFile[]>()

function draw(of: ProblemClass, runs: number): readonly ProblemFile[] {
  const known = drawn.get(JSON.stringify(of))
  if (known !== undefined && known.length >= runs) return known.slice(0, runs)
  const files = fc.sample(problems(of), { numRuns: runs, seed: SEED })
  drawn.set(JSON.stringify(of), files)
  return files
}

/** Runs a property over `runs` problems; a failure throws with the shrunk problem as a file. */
export function forAll(of: ProblemClass, runs: number, property: (file: ProblemFile) => string | undefined): void {
  const reasonOf = (file: ProblemFile): string | undefined => {
    try {
      return property(file)
    } catch (error) {
      return String(error)
    }
  }
  const broken = draw(of, runs).find((file) => reasonOf(file) !== undefined)
  if (broken === undefined) return
  const found = fc.check(
    fc.property(problems(of), (file) => reasonOf(file) === undefined),
    { numRuns: runs, seed: SEED },
  )
  const [file] = found.counterexample ?? [broken]
  throw new Error(`MIZANI_SEED=${SEED}: ${reasonOf(file)}\n${JSON.stringify(file)}`)
}
