// How much can be read while a tick is made every second?
//
// Goal      /v1/status and one institution: at least 5,000 requests/s with a tick every second; the full list of
//           institutions: at least 50/s; no tick late by more than a tenth because of it. Preview (four demands, the
//           whole network) over HTTP: p99 at most 100 ms.
// Non-goal  a network: the client runs on this machine and takes one of its cores.
//
//   node src/bin/run.mjs bench/api.ts [seconds for each]
//
// The whole of `mizani up` runs beside it: two stores, the controller, simulated edges that report every second.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { printTable } from './harness.js'

/** What is used of autocannon, which has no types of its own. */
interface Shot {
  readonly url: string
  readonly connections: number
  readonly duration: number
  readonly method?: string
  readonly body?: string
  readonly headers: Readonly<Record<string, string>>
}
interface Shots {
  readonly requests: { readonly total: number }
  readonly duration: number
  readonly latency: { readonly p50: number; readonly p99: number }
  readonly non2xx: number
  readonly errors: number
}
const autocannon = createRequire(import.meta.url)('autocannon') as (shot: Shot) => Promise<Shots>

const SECONDS = Number(process.argv[2] ?? 8)
const folder = mkdtempSync(join(tmpdir(), 'mizani-bench-api-'))
const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const up = spawn(process.execPath, [cli, 'up', '--port', '0'], {
  env: { ...process.env, MIZANI_DATA: join(folder, 'data'), LOG_LEVEL: 'info' },
  stdio: ['ignore', 'ignore', 'pipe'],
})
try {
  const url = await listening()
  const token = readFileSync(join(folder, 'data', 'cli-token'), 'utf8').trim()
  await measure(url, { authorization: `Bearer ${token}` })
} finally {
  up.kill('SIGTERM')
  await once(up, 'exit')
  rmSync(folder, { recursive: true, force: true })
}

/** Where the API says it listens. */
function listening(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    up.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const url = /"url":"(http[^"]+)".*"msg":"ready"/.exec(text)?.[1]
      if (url !== undefined) resolve(url)
    })
    up.once('exit', () => reject(new Error(`mizani up has ended: ${text}`)))
  })
}

async function measure(url: string, headers: Record<string, string>): Promise<void> {
  const read = async <T>(path: string): Promise<T> => (await (await fetch(url + path, { headers })).json()) as T
  for (let status = 0; status !== 200; await sleep(200)) status = (await fetch(`${url}/v1/health/ready`)).status
  const { items } = await read<{ items: { id: string; tier: string }[] }>('/v1/institutions?pageSize=1000')
  const [one] = items
  if (one === undefined) throw new Error('there are no institutions')
  await sleep(3_000)

  const rows: (string | number)[][] = []
  const shoot = async (name: string, path: string, more: Partial<Shot> = {}): Promise<void> => {
    const [before, begun] = [await read<{ seq: number }>('/v1/status'), performance.now()]
    const shots = await autocannon({ url: url + path, connections: 20, duration: SECONDS, headers, ...more })
    const after = await read<{ seq: number; tick: { lastMs: number } }>('/v1/status')
    const ticks = ((after.seq - before.seq) * 1_000) / (performance.now() - begun)
    const { requests, duration, latency, non2xx, errors } = shots
    // What is over the limit of requests a second is refused quickly, and is no answer.
    const rate = Math.round((requests.total - non2xx) / duration)
    rows.push([name, rate, latency.p50, latency.p99, non2xx + errors, ticks.toFixed(2), after.tick.lastMs.toFixed(1)])
  }
  await shoot('/v1/status', '/v1/status')
  await shoot('one institution', `/v1/institutions/${one.id}`)
  await shoot('all institutions', '/v1/institutions?pageSize=1000', { connections: 4 })
  const changes = [
    { pointer: `/institutions/${one.id}/tier`, after: items.find(({ tier }) => tier !== one.tier)?.tier },
  ]
  const body = JSON.stringify({ changes })
  const type = { ...headers, 'content-type': 'application/json' }
  await shoot('preview', '/v1/policy/preview', { connections: 1, method: 'POST', body, headers: type })
  await shoot('nothing', '/v1/health/live', { connections: 1, duration: 1 })
  console.log(`${items.length} institutions, ${SECONDS} s each, load average ${loadavg()[0]!.toFixed(1)}`)
  printTable(['route', 'answers/s', 'p50 ms', 'p99 ms', 'refused', 'ticks/s', 'last tick ms'], rows)
}
