// Does planning delay the tick?
//
// Goal: the nation is solved and proved in the solver's own thread at a steady beat, first alone, then while planning
// threads on every core solve without a pause. Counted is the time from when a tick is due until its answer is in the
// arena: timer, hand-over, solve and proof. Not the goal: publication; priorities of the operating system (there are
// none here: with all cores busy, the tick pays for its share of them, but never waits for a planner to finish).
//
//   node src/bin/run.mjs bench/ticks.ts [ticks]

import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createPool, type Pool } from '../src/runtime/pool.js'
import type { Problem } from '../src/solve/problem.js'
import { moveDemand, nation, randomNetwork } from './generate.js'
import { printTable, SEED, seeded, shown } from './harness.js'

const BEAT = 50
const LOAD = 0.6

interface SolveTask {
  readonly id: number
  readonly shape: Problem['shape']
  readonly buffer: SharedArrayBuffer
  readonly certify: boolean
}

export interface TickRow {
  readonly name: string
  readonly median: number
  readonly p99: number
  readonly worst: number
  readonly plans: number
}

const taskOf = (id: number, { shape, buffer }: Problem): SolveTask => ({ id, shape, buffer, certify: true })

/** Lateness of `ticks` ticks, milliseconds, with `planners` threads solving one large problem after another. */
export async function benchTicks(name: string, ticks: number, planners: number, seed = SEED): Promise<TickRow> {
  const solver = createPool<SolveTask, void>('solve', 1)
  const planning = planners > 0 ? createPool<SolveTask, void>('solve', planners) : undefined
  const p = nation(seed, LOAD)
  const random = seeded(seed)
  const late: number[] = []
  let busy = true
  let plans = 0
  const plan = async (pool: Pool<SolveTask, void>, n: number): Promise<void> => {
    const large = taskOf(n, randomNetwork({ flows: 20_000, links: 300, crossings: 4 }, seed + n))
    while (busy) {
      await pool.run(large)
      plans++
    }
  }
  const planned = planning === undefined ? [] : Array.from({ length: planners }, (_, n) => plan(planning, n + 2))
  await solver.run(taskOf(1, p))
  const start = performance.now()
  for (let n = 1; n <= ticks; n++) {
    const due = start + n * BEAT
    await sleep(Math.max(0, due - performance.now()))
    moveDemand(p, random, LOAD, 0.01)
    await solver.run(taskOf(1, p))
    late.push(performance.now() - due)
  }
  busy = false
  await Promise.all(planned)
  await solver.close()
  await planning?.close()
  late.sort((a, b) => a - b)
  const at = (q: number): number => late[Math.min(late.length - 1, Math.floor(q * late.length))]!
  return { name, median: at(0.5), p99: at(0.99), worst: late.at(-1)!, plans }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const ticks = Number(process.argv[2] ?? 100)
  console.log(`seed ${SEED}, ${ticks} ticks, one each ${BEAT} ms`)
  const rows = [
    await benchTicks('the tick alone', ticks, 0),
    await benchTicks('planning on every core', ticks, availableParallelism()),
  ]
  printTable(
    ['', 'median', 'p99', 'worst', 'plans solved meanwhile'],
    rows.map(({ name, median, p99, worst, plans }) => [name, shown(median), shown(p99), shown(worst), plans]),
  )
}
