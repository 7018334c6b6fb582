// Each pass of the kernel does what its definition says, bit for bit, on all that solving, rounding and proving 2,000
// random problems puts to it; half of the proofs are of an answer with a false number in it.

import t from 'tap'
import { randomNetwork } from '../../bench/generate.js'
import { seeded } from '../../bench/harness.js'
import { Certifier } from '../../src/solve/certificate.js'
import { Integers } from '../../src/solve/integers.js'
import type { ColumnName } from '../../src/solve/kernel/columns.js'
import { Kernel, type PassName } from '../../src/solve/kernel/kernel.js'
import { Paths } from '../../src/solve/paths.js'
import { BAND_KIND, createProblem, type Problem, type Shape } from '../../src/solve/problem.js'
import { createSolver } from '../../src/solve/solve.js'
import { DEFINITIONS, SCRATCH, type World } from './passes.js'
import { SEED } from './problems.js'

type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array
type Pass = (this: Kernel, ...of: unknown[]) => unknown
const NAMES = Object.keys(DEFINITIONS) as PassName[]
const isColumn = (value: unknown): value is Column => ArrayBuffer.isView(value)

/** A second memory beside a kernel's, in which definitions run. */
class Twin {
  private readonly memory: Uint8Array
  private readonly copy: Uint8Array
  private readonly views = new Map<Column, Column>()
  private readonly world: World

  constructor(kernel: Kernel, bytes: number) {
    this.memory = new Uint8Array(kernel.memory.memory.buffer, 0, bytes)
    this.copy = new Uint8Array(bytes)
    const columns = Object.entries(kernel.columns as Record<ColumnName, Column>)
    const views = columns.map(([name, column]) => [name, this.viewOf(column)])
    this.world = { shape: kernel.memory.shape, ...Object.fromEntries(views) }
    for (const name of SCRATCH) this.views.delete(kernel.columns[name] as Column)
  }

  viewOf(column: Column): Column {
    const known = this.views.get(column)
    if (known !== undefined) return known
    const Type = column.constructor as new (buffer: ArrayBuffer, at: number, length: number) => Column
    const view = new Type(this.copy.buffer as ArrayBuffer, column.byteOffset, column.length)
    this.views.set(column, view)
    return view
  }

  /** Runs a pass and its definition on the same memory; what they do not agree on. */
  run(name: PassName, of: readonly unknown[], pass: () => unknown): string | undefined {
    this.copy.set(this.memory)
    const define = DEFINITIONS[name] as (w: World, ...of: unknown[]) => unknown
    const expected = define(this.world, ...of.map((value) => (isColumn(value) ? this.viewOf(value) : value)))
    const found = pass()
    if (found !== expected) return `${name} returns ${found}, and should ${expected}`
    if (Buffer.compare(this.memory, this.copy) === 0) return undefined
    for (const [column, view] of this.views) {
      for (let n = 0; n < column.length; n++) {
        if (!Object.is(column[n], view[n])) return `${name} leaves ${column[n]} in row ${n}, and should ${view[n]}`
      }
    }
    return undefined
  }
}

/** Does something while every pass is compared; how often each ran. Throws at the first difference. */
function compared(work: () => void): Map<PassName, number> {
  const prototype = Kernel.prototype as unknown as Record<PassName, Pass>
  const passes = new Map(NAMES.map((name) => [name, prototype[name]]))
  const twins = new WeakMap<Kernel, Twin>()
  const counts = new Map<PassName, number>()
  for (const [name, pass] of passes) {
    prototype[name] = function (...of): unknown {
      const twin = twins.get(this) ?? new Twin(this, endOf(this))
      twins.set(this, twin)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      let found: unknown
      const wrong = twin.run(name, of, () => {
        found = pass.apply(this, of)
        return found
      })
      if (wrong !== undefined) throw new Error(wrong)
      return found
    }
  }
  try {
    work()
  } finally {
    for (const [name, pass] of passes) prototype[name] = pass
  }
  return counts
}

/** Bytes of a kernel's memory that are in use: a new column would stand behind them. */
const endOf = (kernel: Kernel): number => kernel.memory.u8(1).byteOffset

const BANDS = ['guarantee', 'guarantee', 'share', 'share', 'headroom'] as const
const SEGMENTS = [0, 1, 2, 2, 3, 4]

/** Two guarantees and two bands of shares for each flow; paths over an access line and some of a few shared links. */
function draw(shape: Shape, random: () => number): Problem {
  const p = createProblem(shape)
  const upTo = (n: number): number => Math.floor(random() * n)
  // Thirds have no end, so that sums of them are rounded.
  const rate = (): number => (random() < 0.1 ? 0 : random() < 0.3 ? 1e5 * upTo(9) : (1e6 * random()) / 3)
  const perFlow = shape.nonZeros / shape.flows
  const kinds = Array.from({ length: 3 }, () => Array.from({ length: perFlow - 1 }, () => upTo(shape.links)))
  const parts = [1, 1, 1, 0.5, 0.3, 0]
  for (let b = 0; b < shape.bands; b++) {
    p.bandKind[b] = BAND_KIND[BANDS[b]!]
    p.bandFill[b] = b === 4 ? 0.9 : 1
  }
  for (let i = 0; i < shape.flows; i++) {
    const path = [upTo(shape.links), ...kinds[upTo(3)]!]
    const part = random() < 0.5 ? 1 : parts[upTo(parts.length)]!
    for (const [n, l] of path.entries()) {
      const e = perFlow * i + n
      p.pathLink[e] = l
      // No link twice on a path.
      p.pathFraction[e] = path.indexOf(l) < n ? 0 : n === 1 ? part : 1
    }
    p.pathStart[i + 1] = perFlow * (i + 1)
    p.segmentStart[i + 1] = SEGMENTS.length * (i + 1)
  }
  for (let s = 0; s < shape.segments; s++) p.segmentBand[s] = SEGMENTS[s % SEGMENTS.length]!
  p.flowEnvelope.fill(-1)
  number(p, rate, random)
  return p
}

function number(p: Problem, rate: () => number, random: () => number): void {
  const weights = [1, 1, 2, 3, 7, 0.25]
  for (let s = 0; s < p.shape.segments; s++) {
    const step = s % SEGMENTS.length
    p.segmentSize[s] = step < 2 ? rate() / 4 : 0
    p.segmentWeight[s] = weights[Math.floor(random() * weights.length)]! * (step === 2 ? 30 : 1) // weights fall
    p.segmentUpTo[s] = step === 2 ? rate() : Number.POSITIVE_INFINITY
  }
  for (const l of p.linkRoom.keys()) p.linkRoom[l] = rate() * (random() < 0.5 ? 20 : p.shape.flows / 3)
  for (const column of [p.demand, p.recent, p.ceiling]) for (const i of column.keys()) column[i] = rate()
}

/** One false number. */
function falsify(p: Problem, random: () => number): void {
  const { flows } = p.shape
  const column = [p.amount, p.level, p.bottleneck, p.shortIn, p.need][Math.floor(5 * random())]!
  const at = Math.floor(column.length * random())
  column[at] = column instanceof Int32Array ? Math.floor(4 * random()) - 1 : column[at]! * 2 + (at % flows)
}

t.test('each pass agrees with its definition, bit for bit', async (t) => {
  const random = seeded(SEED)
  const sizes = [1, 2, 3, 6, 9, 12, 17, 30]
  const counts = compared(() => {
    for (const [n, flows] of sizes.entries()) {
      const segments = SEGMENTS.length * flows
      const shape = { flows, links: 2 + n, bands: BANDS.length, nonZeros: 4 * flows, segments, envelopes: 0 }
      const paths = new Paths(shape)
      const tools = [createSolver(shape, paths), new Integers(shape, paths), new Certifier(shape, paths)] as const
      for (let round = 0; round < 2_000 / sizes.length; round++) {
        const [solver, integers, certifier] = tools
        const p = draw(shape, random)
        solver.solve(p)
        if (!certifier.certify(p).ok) throw new Error(`${flows} flows, round ${round}: not proved`)
        integers.round(p)
        falsify(p, random)
        certifier.certify(p)
        for (const i of p.demand.keys()) p.demand[i]! *= 2 * random()
        if (round % 2 === 0) p.ceiling[0]! += 1
        if (round % 5 === 0) p.linkRoom[0]! *= 0.9
        solver.solve(p)
      }
    }
  })
  const rare = NAMES.filter((name) => (counts.get(name) ?? 0) < 2_000)
  t.same(rare, [], 'on 2,000 inputs and more')
})

t.test('and where flows fill more than one tile', async (t) => {
  const p = randomNetwork({ flows: 65_536 + 9, links: 3, crossings: 1.5 }, SEED)
  const counts = compared(() => {
    const paths = new Paths(p.shape)
    createSolver(p.shape, paths).solve(p)
    new Integers(p.shape, paths).round(p)
    t.ok(new Certifier(p.shape, paths).certify(p).ok)
  })
  t.ok(counts.size > 20)
})
