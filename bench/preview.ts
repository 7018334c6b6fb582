// How long does a person wait for a preview or a commit, and does the tick wait for it too?
//
// Goal: p99 of a preview (four demands, all tests, the whole default plane, over HTTP) at most 100 ms; ticks no later
// than without; the thread that answers requests never held up for long by either. Not a goal:
// previews side by side; they share one thread on purpose. Stores are private and real, edges are away, so that the
// tick solves but nobody answers it; people are a process of their own.
//
//   node src/bin/run.mjs bench/preview.ts          MIZANI_RUNS previews (100), a fifth as many commits

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startService } from '../src/process/main.js'
import { systemClock } from '../src/runtime/clock.js'
import { loadSettings } from '../src/runtime/config.js'
import { createLogger } from '../src/runtime/log.js'
import { startPrivateStores } from '../src/runtime/private-redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../src/wire/access.js'
import { hashOf, printTable, SEED, shown } from './harness.js'

const RUNS = Number(process.env.MIZANI_RUNS ?? 100)
const QUIET_MS = 10_000
const data = mkdtempSync(join(tmpdir(), 'mizani-bench-'))
const log = createLogger('bench', 'silent')
const stores = await startPrivateStores({
  ...{ dataDir: data, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER },
})
const settings = loadSettings({ env: { MIZANI_DATA: data, PORT: '0' } })
const { durableUrl, volatileUrl } = stores
const service = await startService({ settings, durableUrl, volatileUrl, clock: systemClock, log })
const token = readFileSync(join(data, 'cli-token'), 'utf8').trim()

interface Done {
  readonly times: readonly number[]
  readonly solves: readonly number[]
  readonly losers: readonly number[]
}

async function people(work: 'preview' | 'commit', runs: number): Promise<Done> {
  const client = fileURLToPath(new URL('preview-client.js', import.meta.url))
  const args = [client, work, service.url, token, String(runs)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return JSON.parse(said) as Done
}

interface Held<T> {
  readonly done: T
  /** How late ticks began against the beat of the one before, ms. */
  readonly late: readonly number[]
  /** How long the service's own thread was held up, ms: its p99 and its worst. */
  readonly loop: readonly [number, number]
}

async function watched<T>(work: () => Promise<T>): Promise<Held<T>> {
  const late: number[] = []
  const seen = setInterval(() => {
    const at = service.ticks.board?.at ?? 0
    if (at !== last && last > 0) late.push(Math.max(0, at - last - 1_000))
    last = at
  }, 20)
  let last = service.ticks.board?.at ?? 0
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const done = await work()
  delay.disable()
  clearInterval(seen)
  const beyond = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 1)
  return { done, late, loop: [beyond(delay.percentile(99)), beyond(delay.max)] }
}

const at = (list: readonly number[], q: number): string => {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted.length === 0 ? 'none' : shown(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!)
}

const spread = (list: readonly number[]): string[] => [0, 0.5, 0.99].map((q) => at(list, q))

await sleep(5_000)
await people('preview', 20)
const quiet = await watched(() => sleep(QUIET_MS))
const previews = await watched(() => people('preview', RUNS))
const commits = await watched(() => people('commit', Math.ceil(RUNS / 5)))
printTable(
  ['', 'least', 'median', 'p99'],
  [
    ['preview over HTTP, four demands, all tests', ...spread(previews.done.times)],
    ['of it in the solver', ...spread(previews.done.solves)],
    ['commit over HTTP, on disk', ...spread(commits.done.times)],
    ['tick beyond its second, nothing else', ...spread(quiet.late)],
    ['tick beyond its second, previews all the time', ...spread(previews.late)],
  ],
)
printTable(
  ["the service's thread held up", 'p99', 'worst'],
  [
    ['nothing else', ...quiet.loop.map(shown)],
    ['previews all the time', ...previews.loop.map(shown)],
    ['commits all the time', ...commits.loop.map(shown)],
  ],
)
const result = hashOf(Float64Array.from(previews.done.losers))
console.log(`${RUNS} previews, seed ${SEED}, result ${result}, load average ${loadavg()[0]!.toFixed(1)}`)
await service.life.end()
await stores.stop()
rmSync(data, { recursive: true, force: true })
