// Ten attackers for ten minutes: `npm run attack [-- --minutes N --seed N]`.
//
// `mizani up` over the nation with its two stores and simulated edges, and ten who mean harm, one of each kind: by
// HTTP, by the store, by streams of events. They are a process of their own that asks for the last place at the
// processor; what it took is told. Meanwhile somebody asks for the status and rolls back. The last line is the verdict.
//
//   --only NAMES      some of the attackers (roles.ts), by commas; `none` for what the machine does by itself
//   --only connections   half-open connections instead, for a minute (connections.ts); `--planted`: it must fail
//   --before FILE     a module that Mizani loads first, such as a profiler

import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compiled } from '../../harness/root.js'
import { Endings } from '../stage.js'
import type { Told } from './attackers.js'
import { attackByConnections } from './connections.js'
import { startPrey } from './prey.js'
import { type Lateness, Prober } from './prober.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    before: { type: 'string' },
    planted: { type: 'boolean', default: false },
  },
})
const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
if (values.only === 'connections')
  process.exit((await attackByConnections({ seed, planted: values.planted, before: values.before })) ? 0 : 1)

/** The least bound that so many of the ticks kept. */
function quantile(lateness: Lateness, q: number): number {
  const all = lateness.get(Number.POSITIVE_INFINITY) ?? 0
  const bounds = [...lateness].sort(([a], [b]) => a - b)
  return bounds.find(([, count]) => count >= q * all)?.[0] ?? Number.POSITIVE_INFINITY
}

const at = (times: readonly number[], q: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(q * times.length))] ?? Number.POSITIVE_INFINITY

const endings = new Endings()
const folder = mkdtempSync(join(tmpdir(), 'mizani-attack-'))
endings.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
process.once('SIGINT', () => void endings.end().then(() => process.exit(130)))
let told: Told = { answers: [], acts: [], cpu: 0 }

async function played(): Promise<{ prober: Prober; lateness: Lateness; turns: readonly string[] }> {
  const order = { seed, only: values.only?.split(',') ?? null, before: values.before }
  const { machine, prey } = await startPrey(folder, order, endings)
  const prober = new Prober(machine, folder)
  await prober.prepare()
  const child = fork(compiled('test/faults/attack/attackers.ts'), { execArgv: [] })
  endings.teardown(() => child.kill('SIGKILL'))
  child.on('message', (said: Told) => {
    told = said
  })
  child.send(prey)
  await prober.probe(minutes * 60_000)
  child.kill('SIGKILL')
  const lateness = await prober.lateness()
  const turns = await prober.longTurns()
  await machine.end('SIGTERM')
  return { prober, lateness, turns }
}

const { prober, lateness, turns } = await played().finally(() => endings.end())
const ticks = lateness.get(Number.POSITIVE_INFINITY) ?? 0
const ms = (value: number): string => `${value.toFixed(0)} ms`
const [late99, lateMost] = [quantile(lateness, 0.99), quantile(lateness, 1)]
const checks: readonly (readonly [boolean, string])[] = [
  [ticks >= 55 * minutes, `${ticks} ticks`],
  [late99 <= 50, `late p50 <= ${ms(quantile(lateness, 0.5))}, p99 <= ${ms(late99)} (of 50)`],
  [lateMost <= 500, `latest <= ${ms(lateMost)} (of 500)`],
  [prober.epochs.size === 1, `${prober.epochs.size} terms (of 1)`],
  [
    at(prober.rollbacks, 1) <= 1_000,
    `rollback p50 ${ms(at(prober.rollbacks, 0.5))}, worst ${ms(at(prober.rollbacks, 1))} (of 1000)`,
  ],
  [
    at(prober.statuses, 0.99) <= 100,
    `status p50 ${ms(at(prober.statuses, 0.5))}, p99 ${ms(at(prober.statuses, 0.99))} (of 100)`,
  ],
  [prober.faults.length === 0, `${prober.faults.length} refused or lost`],
]
const holds = checks.every(([kept]) => kept)
const durations = [...prober.durations.values()]
console.log(`acts: ${told.acts.map(([name, count]) => `${name} ${count}`).join(', ')}`)
console.log(
  `answers: ${[...told.answers]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')}`,
)
console.log(`attackers took ${((100 * told.cpu) / (minutes * 60)).toFixed(0)} % of a core, at nice 19`)
console.log(
  `a tick took p50 ${ms(at(durations, 0.5))}, p99 ${ms(at(durations, 0.99))}, at most ${ms(at(durations, 1))}`,
)
const [slow, syncs] = [prober.rollbacks.filter((took) => took > 500), [0.5, 0.99, 1].map((q) => at(prober.syncs, q))]
console.log(`rollbacks above 500 ms: ${slow.map(ms).join(', ') || 'none'}`)
console.log(`the disk synced a few bytes in p50, p99 and at most ${syncs.map(ms).join(', ')}`)
console.log(`ticks by lateness: ${[...lateness].map(([bound, count]) => `${bound}: ${count}`).join(', ')}`)
for (const turn of turns) console.log(`  held: ${turn}`)
for (const fault of prober.faults.slice(0, 5)) console.log(`  ${fault}`)
for (const [kept, what] of checks) console.log(`  ${kept ? 'holds ' : 'BREACH'} ${what}`)
console.log(
  `attack: seed ${seed}, ${minutes} min, ${checks.map(([, what]) => what).join(', ')}: ${holds ? 'holds' : 'BREACHED'}`,
)
process.exit(holds ? 0 : 1)
