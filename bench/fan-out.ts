// What many edges cost: the curve of one publication from 50 to 2,000 edges; 200 real agents in a second process in
// steady state, in bytes on the wire; and the storm when all of them come back at once.
//
// The curve's edges are connections that decode and verify (bench/publish.ts), each with its own store user; the 200
// are agents with simulated kernels, under a real controller (test/faults/world.ts). Not a goal: a real network. All
// share this machine's cores, so that the last rows of the curve are also the price of 2,000 listeners.

import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Endings } from '../test/faults/stage.js'
import { cpuOf, MANY, planeOfMany, returnAtOnce } from '../test/faults/storm.js'
import { World } from '../test/faults/world.js'
import { printTable, SEED, shown } from './harness.js'
import { runPublishBench } from './publish.js'

const SIZES = [50, 200, 500, 1_000, 2_000]
const TICKS = 20
const LEASE = 60_000
const STEADY = 20_000
const OUTAGE = 20_000

console.log(`fan-out, seed ${SEED}, load average ${loadavg()[0]!.toFixed(1)}`)
const rows = await runPublishBench(TICKS, SIZES)
printTable(
  ['edges', 'changed', 'publish, median', 'of it per edge', 'decoded, median', 'p99', 'kB a tick', 'arrived', 'hash'],
  rows.map(({ edges, mode, publish, applied, bytesPerTick, delivered, expected, hash }) => [
    ...[String(edges), mode, shown(publish.p50), `${((publish.p50 * 1_000) / edges).toFixed(1)} us`],
    ...[shown(applied.p50), shown(applied.p99), (bytesPerTick / 1_000).toFixed(0), `${delivered} of ${expected}`, hash],
  ]),
)

const folder = mkdtempSync(join(tmpdir(), 'mizani-fan-out-'))
const endings = new Endings()
try {
  const document = planeOfMany(MANY, LEASE)
  const world = await World.start(join(folder, 'world'), SEED, endings, { document, together: true, controllers: 1 })
  // The first samples still hold what waited while the edges started.
  await sleep(10_000)
  const line = world.lines.get(world.edges[0]!)!
  const [carried, cpu, began] = [line.carried, await cpuOf(world), performance.now()]
  await sleep(STEADY)
  const seconds = (performance.now() - began) / 1_000
  const [up, down] = line.carried.map((bytes, way) => ((bytes - carried[way]!) * 8) / 1_000 / seconds / MANY)
  const busy = ((await cpuOf(world)) - cpu) / seconds
  const soon = async (_limit: number, _what: string, holds: () => boolean | Promise<boolean>): Promise<number> => {
    const from = performance.now()
    while (!(await holds())) await sleep(5)
    return performance.now() - from
  }
  const storm = await returnAtOnce(world, OUTAGE, soon, 0)
  console.log(`\n${MANY} agents in a second process, one institution each`)
  printTable(
    ['what', 'measured', 'goal'],
    [
      ['an edge says, its demand changing all the time', `${up!.toFixed(1)} kbit/s`, '16 kbit/s both ways'],
      ['an edge hears', `${down!.toFixed(1)} kbit/s`, ''],
      ['the rates store, CPU a second', shown(busy), ''],
      [`all back after ${OUTAGE / 1_000} s without a line`, shown(storm.took), '10 s'],
      ['attempts an edge, on two connections', storm.attempts.toFixed(1), '6'],
      ['CPU of the store meanwhile', shown(storm.cpu), ''],
    ],
  )
} finally {
  await endings.end()
  rmSync(folder, { recursive: true, force: true })
}
