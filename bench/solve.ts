// How long does an exact allocation take, and how does that grow?
//
// Goal: the solve that ships, on the nation that ships and on random networks, in the thread that calls it. `cold`
// draws all demands anew before each run, `warm` moves one in a hundred; both are exact, and so is a question what if,
// which changes one link and asks for need alone. Ratios first: against two usual ways to share one link, and time
// against n log n. Not the goal: compile, the thread boundary, publication.
//
//   node src/bin/run.mjs bench/solve.ts
//
// MIZANI_SEED chooses other problems. The hash is that of the rates: equal seeds give equal bytes everywhere.

import { pathToFileURL } from 'node:url'
import { Certifier } from '../src/solve/certificate.js'
import { WhatIf } from '../src/solve/counterfactual.js'
import { Integers } from '../src/solve/integers.js'
import { Paths } from '../src/solve/paths.js'
import type { Problem } from '../src/solve/problem.js'
import { createSolver } from '../src/solve/solve.js'
import { fairShareRound, sortedWaterFill } from './baselines.js'
import { drawDemand, moveDemand, nation, randomNetwork, type Size } from './generate.js'
import { hashOf, printTable, SEED, seeded, shown } from './harness.js'
import { type Times, timesOf } from './suite.js'

export interface SolveRow {
  readonly name: string
  readonly solve: Times
  /** Solve, whole kbit/s and proof together. */
  readonly proved: Times
  readonly hash: string
  readonly ok: boolean
  /** Bytes of heap that one warm solve leaves behind. */
  readonly heap: number
}

/** Times the solve of a problem; `draw` changes its demands before each run, uncounted. */
export function benchSolve(name: string, p: Problem, runs: number, draw: (n: number) => void): SolveRow {
  const paths = new Paths(p.shape)
  const solver = createSolver(p.shape, paths)
  const integers = new Integers(p.shape, paths)
  const certifier = new Certifier(p.shape, paths)
  let ok = true
  const { solve } = timesOf({ solve: { runs, run: () => solver.solve(p), prepare: draw } })
  const heap = heapPerRun(Math.ceil(Math.min(runs, 400) / 4), () => solver.solve(p))
  const run = (): void => {
    solver.solve(p)
    integers.round(p)
    ok = certifier.certify(p).ok && ok
  }
  const { proved } = timesOf({ proved: { runs, run, prepare: draw } })
  return { name, solve, proved, hash: hashOf(p.rate, Uint32Array.from(p.kbps)), ok, heap }
}

/** The least growth of the heap over ten batches: one in which no collection falls and nothing is compiled. */
function heapPerRun(runs: number, run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < 10; batch++) {
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < runs; n++) run()
    const grown = process.memoryUsage().heapUsed - before
    if (grown >= 0 && grown < least) least = grown
  }
  return least / runs
}

const LOAD = 0.6

export function benchNation(runs: number, seed = SEED): SolveRow[] {
  const cold = nation(seed, LOAD)
  const warm = nation(seed, LOAD)
  const [a, b] = [seeded(seed + 1), seeded(seed + 2)]
  return [
    benchSolve('the nation, five bands, cold', cold, runs, () => drawDemand(cold, a, LOAD)),
    benchSolve('the nation, 1 % moved', warm, runs, () => moveDemand(warm, b, LOAD, 0.01)),
  ]
}

/** Room of one link after another is lowered by a tenth. */
export function benchWhatIf(runs: number, seed = SEED): { times: Times; hash: string } {
  const base = nation(seed, LOAD)
  createSolver(base.shape).solve(base)
  const whatIf = new WhatIf(base)
  let need = base.need
  let link = 0
  const run = (): void => {
    need = whatIf.solve((p) => {
      p.linkRoom[link]! *= 0.9
    }).need
  }
  const prepare = (n: number): void => {
    link = n % base.shape.links
  }
  const { times } = timesOf({ times: { runs, run, prepare } })
  return { times, hash: hashOf(need) }
}

export function benchNetwork(size: Size, runs: number, seed = SEED): SolveRow {
  const p = randomNetwork(size, seed)
  const random = seeded(seed + 1)
  const { flows, links, envelopes = 0 } = size
  const name = `${flows} flows x ${links} links${envelopes > 0 ? `, ${envelopes} envelopes` : ''}`
  return benchSolve(name, p, runs, () => {
    for (let n = 0; n < flows / 100; n++) {
      p.demand[Math.floor(random() * flows)] = Math.round(1e6 * Math.exp(3 * random()))
    }
  })
}

/** One link shared by n clients, by us and by the usual ways. */
export function benchOneLink(n: number, runs: number, seed = SEED): (string | number)[][] {
  const p = randomNetwork({ flows: n, links: 1, crossings: 1 }, seed)
  p.linkRoom[0] = 0.6 * p.demand.reduce((sum, d) => sum + d, 0)
  const weight = Float64Array.from(p.segmentWeight)
  const demand = Float64Array.from(p.demand)
  const solver = createSolver(p.shape)
  let sorted: Float64Array = new Float64Array(0)
  let round = sorted
  const bySort = (): void => {
    sorted = sortedWaterFill(p.linkRoom[0]!, demand, weight)
  }
  const byRound = (): void => {
    round = fairShareRound(p.linkRoom[0]!, demand, weight)
  }
  const { ours, bySorting, byRounds } = timesOf({
    ours: { runs, run: () => solver.solve(p) },
    bySorting: { runs: Math.ceil(runs / 10), run: bySort },
    byRounds: { runs: 1, run: byRound },
  })
  const worst = (share: Float64Array): string => {
    const off = share.map((x, i) => Math.abs(x - p.need[i]!) / p.need[i]!).reduce((a, b) => Math.max(a, b), 0)
    return off < 1e-9 ? `${off.toExponential(1)}` : `${(100 * off).toFixed(1)} %`
  }
  const row = (name: string, { median, p99, least }: Times, off: string): (string | number)[] => [
    ...[name, shown(median), shown(p99), shown(least), round3(median / ours.median), off],
  ]
  return [
    row(`${n} clients, one link`, ours, '0'),
    row('  a plain sort-based water-fill', bySorting, worst(sorted)),
    row('  a doorman-style full round', byRounds, worst(round)),
  ]
}

const round3 = (value: number): number => Number(value.toPrecision(3))

function printSolves(rows: readonly SolveRow[]): void {
  printTable(
    ['problem', 'solve', 'p99', 'least', 'with kbit/s, proof', 'p99', 'least', 'proved', 'heap/solve', 'runs', 'hash'],
    rows.map(({ name, solve, proved, ok, heap, hash }) => [
      name,
      shown(solve.median),
      shown(solve.p99),
      shown(solve.least),
      shown(proved.median),
      shown(proved.p99),
      shown(proved.least),
      ok ? 'yes' : 'NO',
      Number.isFinite(heap) ? `${Math.round(heap)} B` : 'not seen',
      solve.runs,
      hash,
    ]),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(`seed ${SEED}; medians, and the least of all runs, which is what remains on a machine that is shared`)
  printSolves([...benchNation(1_000), benchNetwork({ flows: 2_216, links: 90, crossings: 4 }, 3_000)])
  const { times, hash } = benchWhatIf(400)
  console.log(
    `what if one link had a tenth less: ${shown(times.median)}, p99 ${shown(times.p99)}, ` +
      `least ${shown(times.least)}, ${hash}`,
  )
  printSolves([benchNetwork({ flows: 2_216, links: 90, crossings: 4, envelopes: 40 }, 100)])
  const curve = [
    benchNetwork({ flows: 10_000, links: 300, crossings: 4.5 }, 100),
    benchNetwork({ flows: 100_000, links: 1_000, crossings: 4.5 }, 31),
    benchNetwork({ flows: 1_000_000, links: 5_000, crossings: 4.5 }, 7),
  ]
  printSolves(curve)
  const perFlow = curve.map(({ solve }, n) => (1e6 * solve.median) / (10_000 * 10 ** n * Math.log2(10_000 * 10 ** n)))
  console.log(`ns per n log2 n at 10 k, 100 k and 1 M flows: ${perFlow.map((x) => x.toFixed(1)).join(', ')}`)
  console.log(`resident: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`)
  printTable(['one link', 'time', 'p99', 'least', 'ratio', 'largest difference'], benchOneLink(10_000, 2_000))
}
