// Is the allocation what a general solver finds, and how much sooner is it there?
//
// Goal: an independent check of flat share bands, by HiGHS (npm `highs`, WebAssembly) as max-min fairness is computed
// with linear programs: raise a common level as far as it goes, freeze the flows that are at their cap or on a link
// that is full, and again, until all are frozen (Danna et al., INFOCOM 2012). Not the goal: the fastest way to use an
// LP solver. It reads its programs as text, which is counted; a native HiGHS with a warm start would be quicker.
//
//   node src/bin/run.mjs bench/highs.ts
//
// The difference is the largest, relative to the rate, over all flows.

import { pathToFileURL } from 'node:url'
import highs from 'highs'
import type { Problem } from '../src/solve/problem.js'
import { createSolver } from '../src/solve/solve.js'
import { randomNetwork, type Size } from './generate.js'
import { hashOf, printTable, SEED, shown } from './harness.js'
import { timesOf } from './suite.js'

// Its types describe the CommonJS build, but an import gets the ESM build, whose default export is the loader itself.
const loadHighs = highs as unknown as typeof highs.default

type Highs = Awaited<ReturnType<typeof highs.default>>

/** Mbit/s: programs want numbers near 1. */
const UNIT = 1e6
/** A link with less than this part of its room left is full; HiGHS itself works to 1e-7. */
const FULL = 1e-7

export interface HighsRow {
  readonly flows: number
  readonly links: number
  readonly programs: number
  readonly milliseconds: number
  readonly ours: number
  readonly difference: number
  readonly hash: string
}

export async function benchHighs(size: Size, runs: number, seed = SEED): Promise<HighsRow> {
  const p = randomNetwork(size, seed)
  const solver = createSolver(p.shape)
  const ours = timesOf({ ours: { runs, run: () => solver.solve(p) } }).ours.median
  const loaded = await loadHighs()
  // Processor time: a run of seconds is interrupted by whoever else is on the machine, one of microseconds is not.
  const begun = process.cpuUsage()
  const { rate, programs } = maxMinByPrograms(p, loaded)
  const { user, system } = process.cpuUsage(begun)
  const milliseconds = (user + system) / 1000
  const difference = rate.reduce((most, x, i) => Math.max(most, Math.abs(x - p.rate[i]!) / p.rate[i]!), 0)
  return { flows: size.flows, links: size.links, programs, milliseconds, ours, difference, hash: hashOf(p.rate) }
}

/** Weighted max-min of a problem with one share band, whole paths and unbroken weights. Rates in bit/s. */
export function maxMinByPrograms(p: Problem, solver: Highs): { rate: Float64Array; programs: number } {
  const { flows, links } = p.shape
  const rate = new Float64Array(flows).fill(Number.NaN)
  const onLink: number[][] = Array.from({ length: links }, () => [])
  for (let i = 0; i < flows; i++) {
    for (let e = p.pathStart[i]!; e < p.pathStart[i + 1]!; e++) onLink[p.pathLink[e]!]!.push(i)
  }
  let rising = Array.from({ length: flows }, (_, i) => i)
  let programs = 0
  while (rising.length > 0) {
    const solution = solver.solve(programOf(p, onLink, rising, rate))
    if (solution.Status !== 'Optimal') throw new Error(`HiGHS: ${solution.Status}`)
    programs++
    const reported = (solution.Columns.t as { Primal: number }).Primal
    freeze(p, onLink, rising, rate, reported)
    rising = rising.filter((i) => Number.isNaN(rate[i]!))
  }
  return { rate, programs }
}

/** maximize t, where every rising flow has at least its weight times t, within caps and what links have left. */
function programOf(p: Problem, onLink: readonly number[][], rising: readonly number[], rate: Float64Array): string {
  const isRising = new Set(rising)
  const rows: string[] = rising.map((i) => ` w${i}: x${i} - ${p.segmentWeight[i]} t >= 0`)
  for (const [l, members] of onLink.entries()) {
    const here = members.filter((i) => isRising.has(i))
    if (here.length === 0) continue
    rows.push(` l${l}: ${here.map((i) => `x${i}`).join(' + ')} <= ${leftOf(p, members, rate, l) / UNIT}`)
  }
  const bounds = rising.map((i) => ` 0 <= x${i} <= ${p.demand[i]! / UNIT}`)
  return `Maximize\n obj: t\nSubject To\n${rows.join('\n')}\nBounds\n${bounds.join('\n')}\nEnd\n`
}

function leftOf(p: Problem, members: readonly number[], rate: Float64Array, l: number): number {
  return members.reduce((left, i) => (Number.isNaN(rate[i]!) ? left : left - rate[i]!), p.linkRoom[l]!)
}

/**
 * Freezes what the level stops. HiGHS reports it to seven digits; which caps and links it meets is read from that, and
 * the level itself is then taken from the nearest of them, so that roundings of a thousand programs do not add up.
 */
function freeze(
  p: Problem,
  onLink: readonly number[][],
  rising: readonly number[],
  rate: Float64Array,
  reported: number,
): void {
  const isRising = new Set(rising)
  const levels: { readonly at: number; readonly flows: readonly number[] }[] = rising.map((i) => ({
    at: p.demand[i]! / UNIT / p.segmentWeight[i]!,
    flows: [i],
  }))
  for (const [l, members] of onLink.entries()) {
    const here = members.filter((i) => isRising.has(i))
    const weights = here.reduce((sum, i) => sum + p.segmentWeight[i]!, 0)
    if (here.length > 0) levels.push({ at: Math.max(0, leftOf(p, members, rate, l)) / UNIT / weights, flows: here })
  }
  const met = levels.filter(({ at }) => Math.abs(at - reported) <= FULL * Math.max(1, reported))
  if (met.length === 0) throw new Error(`HiGHS reports the level ${reported}, at which nothing stops`)
  const level = Math.min(...met.map(({ at }) => at))
  for (const { at, flows } of met) {
    if (at > level * (1 + 1e-12)) continue
    for (const i of flows) rate[i] = Math.min(p.demand[i]!, level * UNIT * p.segmentWeight[i]!)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(`seed ${SEED}; ours is the median of many runs, HiGHS the processor time of one run of all its programs`)
  const rows: HighsRow[] = []
  for (const [flows, links, crossings] of [
    [132, 30, 2.5],
    [462, 72, 3.5],
    [554, 90, 4],
    [1_154, 68, 5],
  ] as const) {
    rows.push(await benchHighs({ flows, links, crossings }, 10_000))
  }
  printTable(
    ['flows', 'links', 'programs', 'HiGHS', 'ours', 'ratio', 'largest difference', 'hash'],
    rows.map(({ flows, links, programs, milliseconds, ours, difference, hash }) => [
      flows,
      links,
      programs,
      shown(milliseconds),
      shown(ours),
      Math.round(milliseconds / ours),
      difference.toExponential(1),
      hash,
    ]),
  )
}
