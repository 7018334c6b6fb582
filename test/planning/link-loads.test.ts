// Of what links carried only the highest values are kept, and what is told of them is what all values say.

import t from 'tap'
import { seeded } from '../../bench/harness.js'
import { LinkLoads } from '../../src/planning/link-loads.js'

const LOADED = [2, 0]

/** Steps of several lengths, each with the rooms of three links, of which some are dead. */
function phasesOf(random: () => number) {
  const lengths = Array.from({ length: 1 + Math.floor(random() * 3) }, () => 1 + Math.floor(random() * 80))
  return lengths.map((length, n) => {
    const firstStep = lengths.slice(0, n).reduce((sum, each) => sum + each, 0)
    const linkRoom = Float64Array.from({ length: 3 }, () => (random() < 0.3 ? 0 : 1e6 * (1 + Math.floor(random() * 3))))
    return { firstStep, endStep: firstStep + length, problem: { linkRoom } }
  })
}

function plainly(phases: ReturnType<typeof phasesOf>, loads: Float32Array, n: number) {
  const room = phases.flatMap(({ firstStep, endStep, problem }) =>
    new Array<number>(endStep - firstStep).fill(problem.linkRoom[LOADED[n]!]!),
  )
  const carried = room.map((_, step) => loads[step * LOADED.length + n]!)
  const alive = room.flatMap((each, step) => (each > 0 ? [step] : []))
  const rankOf = (values: readonly number[]): number | null =>
    [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(0.95 * values.length) - 1)] ?? null
  const used = alive.map((step) => carried[step]! / room[step]!)
  return {
    isUsed: carried.some((each) => each !== 0),
    alive: alive.length,
    full: used.filter((each) => each >= 0.999).length,
    p95Load: rankOf(alive.map((step) => carried[step]!)),
    p95Utilisation: rankOf(used),
  }
}

t.test('percentiles, full and dead steps are those of all values, in whatever pieces they come', async (t) => {
  const random = seeded(20261201)
  for (let round = 0; round < 300; round++) {
    const phases = phasesOf(random)
    const steps = phases.at(-1)!.endStep
    const sizes = random() < 0.2 ? 1 : 10
    const loads = Float32Array.from({ length: steps * LOADED.length }, () => 2e5 * Math.floor(random() * sizes))
    const found = new LinkLoads(phases, LOADED)
    const stepsAtOnce = 1 + Math.floor(random() * 40)
    const pieces = Array.from({ length: Math.ceil(steps / stepsAtOnce) }, (_, n) => n * stepsAtOnce)
    pieces.sort(() => random() - 0.5)
    for (const first of pieces)
      found.take(first, loads.slice(first * LOADED.length, (first + stepsAtOnce) * LOADED.length))
    for (const n of LOADED.keys()) {
      const { isUsed, alive, full, p95Load, p95Utilisation } = found.of(n)
      t.same({ isUsed, alive, full, p95Load, p95Utilisation }, plainly(phases, loads, n))
    }
  }
})
