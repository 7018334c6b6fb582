// Question: how much is said when nothing much happens?
//
// Goal      the national plane, demand with 5 % noise and no shortage: fewer than 5 % of rates change per tick, and the
//           median edge says and hears at most 16 kbit/s, both ways together. In shortage the same is printed; there
//           noise moves levels, so rates follow it.
// Non-goal  speed. The clock is manual; every message is encoded, decoded and counted.

import { createHash } from 'node:crypto'
import { createAgent } from '../src/edge/agent.js'
import { createSimulatedDriver } from '../src/edge/drivers/simulated.js'
import type { LoadSubject } from '../src/model/load.js'
import { loadPlane } from '../src/policy/files/files.js'
import { manualClock } from '../src/runtime/clock.js'
import { shippedFile } from '../src/runtime/config.js'
import { createLogger } from '../src/runtime/log.js'
import { createSolverThreads } from '../src/tick/solver.js'
import { Bus } from './bus.js'

const QUIET = 0.4
const SHORTAGE = 4

export interface QuietResult {
  /** Part of all rates that changes in a tick, mean over the ticks. */
  readonly changed: number
  /** kbit/s of the median edge: heard, said, both. */
  readonly medianEdge: { readonly down: number; readonly up: number; readonly both: number }
  readonly hash: string
}

/** Each institution offers so many times its guarantee; each flow and second its own noise of +-5 %. */
function noisyLoad(seed: number, times: number) {
  return (subjects: readonly LoadSubject[]) => ({
    size: subjects.length,
    fill(at: number, load: Float64Array) {
      subjects.forEach((s, i) => {
        let x = (seed ^ Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(Math.floor(at / 1_000), 0x85ebca6b)) >>> 0
        x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d)
        x = Math.imul(x ^ (x >>> 12), 0x297a2d39)
        const noise = 0.95 + (0.1 * ((x ^ (x >>> 15)) >>> 0)) / 2 ** 32
        load[i] = times * (s.guarantee || 0.1 * s.ceiling) * noise
      })
    },
  })
}

/** Lets the plane settle for 40 ticks and measures the `ticks` after that. */
export async function measureQuiet(ticks: number, times = QUIET, seed = 20261125): Promise<QuietResult> {
  const { document } = loadPlane(shippedFile('config/taifa'))
  if (!document) throw new Error('the default plane has faults')
  const clock = manualClock({ wall: Date.UTC(2026, 10, 25, 7) })
  const log = createLogger('bench', 'error')
  const solver = createSolverThreads()
  const bus = new Bus({ document, clock, log, solver })
  const { controller } = bus
  await controller.tick()
  const { plan } = controller.board!
  const guaranteeOf = new Map(plan.flows.map((f) => [`${f.institution}/${f.service}/${f.direction}`, f]))
  const agents = plan.edges.map(({ id: edge }) => {
    const driver = createSimulatedDriver({
      clock,
      seed,
      load: noisyLoad(seed, times),
      describe: (institution, service, direction) => {
        const flow = guaranteeOf.get(`${institution}/${service}/${direction}`)
        return flow && { category: 'office', guarantee: flow.guarantee, ceiling: flow.ceiling }
      },
    })
    return createAgent({
      edge,
      driver,
      clock,
      transport: bus.transport(edge),
      stateDir: null,
      log,
      boot: '1'.repeat(16),
    })
  })
  for (const agent of agents) await agent.start()
  const step = async (): Promise<void> => {
    await clock.advance(1_000)
    await controller.tick()
  }
  for (let k = 0; k < 40; k++) await step()

  bus.reset()
  const hash = createHash('sha256')
  let changed = 0
  let before = controller.board!.flows.rate
  for (let k = 0; k < ticks; k++) {
    await step()
    const { rate } = controller.board!.flows
    for (let f = 0; f < rate.length; f++) if (rate[f] !== before[f]) changed++
    hash.update(new Uint8Array(rate.buffer))
    before = rate
  }
  for (const agent of agents) await agent.stop()
  await solver.close()
  const kbps = (bytes: number): number => (bytes * 8) / 1_000 / ticks
  const median = (of: (edge: string) => number): number =>
    plan.edges.map(({ id }) => kbps(of(id))).sort((a, b) => a - b)[plan.edges.length >> 1]!
  const down = (edge: string): number => bus.traffic.down.get(edge) ?? 0
  const up = (edge: string): number => bus.traffic.up.get(edge) ?? 0
  return {
    changed: changed / (ticks * plan.flows.length),
    medianEdge: { down: median(down), up: median(up), both: median((edge) => down(edge) + up(edge)) },
    hash: hash.digest('hex').slice(0, 16),
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const [name, times, goal] of [
    ['no shortage', QUIET, ' (goals: 5 %, 16 kbit/s)'],
    ['shortage', SHORTAGE, ''],
  ] as const) {
    const { changed, medianEdge, hash } = await measureQuiet(100, times)
    const [down, up, both] = [medianEdge.down, medianEdge.up, medianEdge.both].map((kbps) => kbps.toFixed(1))
    console.log(`${name}: ${(100 * changed).toFixed(2)} % of rates change per tick; median edge ${both} kbit/s${goal}`)
    console.log(`  down ${down}, up ${up}; each offers ${times} times its guarantee, seed 20261125, result ${hash}`)
  }
}
