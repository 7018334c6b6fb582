// For how long does anybody hold the thread of the tick, and the one that answers everybody?
//
// Goal: a commit of the nation holds the tick's thread at most 5 ms at a time; a preview, an import of 5,000 rows and a
// month of history nothing that can be told from a second in which nobody asks. Counted is the processor's time of one
// round of the event loop, by the kernel's own account of the thread, so that neighbours on the machine matter little;
// the longest round of each run. Who asks is the thread that answers as well: what it sends and is sent is in that. Not
// a goal: how long an answer takes.
//
//   node src/bin/run.mjs bench/holds.ts [NAME]    MIZANI_RUNS of each (10)

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import workers, { BroadcastChannel } from 'node:worker_threads'
import { startTogether } from '../src/process/up.js'
import { systemClock } from '../src/runtime/clock.js'
import { loadSettings } from '../src/runtime/config.js'
import { createLogger } from '../src/runtime/log.js'
import { startPrivateStores } from '../src/runtime/private-redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../src/wire/access.js'
import { REMEMBERED, rememberMonth } from '../test/record/month.js'
import { printTable, shown } from './harness.js'
import { CHANNEL, type Told, watchRounds } from './hold-probe.js'

const RUNS = Number(process.env.MIZANI_RUNS ?? 10)
const ROWS = 5_000
const data = mkdtempSync(join(tmpdir(), 'mizani-bench-'))
const { from, to } = rememberMonth(join(data, 'history'), Date.now())
const log = createLogger('bench', 'silent')
const stores = await startPrivateStores({
  ...{ dataDir: data, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER },
})
const settings = loadSettings({ env: { MIZANI_DATA: data, PORT: '0' } })
const channel = new BroadcastChannel(CHANNEL)
const { Worker: Before } = workers
workers.Worker = class extends Before {
  constructor(file: string | URL, options: workers.WorkerOptions = {}) {
    const probe = new URL('./hold-probe.js', import.meta.url).href
    const isTick = String(file).endsWith('/tick-thread.js')
    super(file, isTick ? { ...options, execArgv: [...(options.execArgv ?? []), '--import', probe] } : options)
  }
}
const service = await startTogether(settings, stores, systemClock, log)
const token = readFileSync(join(data, 'cli-token'), 'utf8').trim()

/** The most that one round of the event loop took while the work was done: of the tick's thread, and of this one. */
async function longestHolds(work: () => Promise<unknown>): Promise<readonly [tick: number, answers: number]> {
  const ended = watchRounds()
  channel.postMessage('begin')
  await work()
  // What was put in force is taken up by the next tick.
  await sleep(300)
  const told = once(channel)
  channel.postMessage('end')
  return [(await told).longest, ended()]
}

const once = (from: BroadcastChannel): Promise<Told> =>
  new Promise((done) => {
    from.onmessage = (event) => done((event as { readonly data: Told }).data)
  })

async function ask(method: string, path: string, body?: unknown, type = 'application/json', more = {}) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type, ...more }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const init =
    body === undefined ? { method, headers: { authorization: headers.authorization } } : { method, headers, body: text }
  const answer = await fetch(service.url + path, init)
  // Whoever asked is this thread too: what it makes of the answer is not to be counted.
  const reader = answer.body!.getReader()
  let size = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) size += part.value.length
  if (answer.status >= 400 && answer.status !== 422) throw new Error(`${method} ${path}: ${answer.status}`)
  return { etag: answer.headers.get('etag') ?? '', size }
}

const part = `/v1/policy/institutions/${REMEMBERED}`
const sheet = await fetch(`${service.url}/v1/policy/export/institutions`, {
  headers: { authorization: `Bearer ${token}`, accept: 'text/csv' },
}).then((answer) => answer.text())
const [header = '', row = ''] = sheet.split('\n')
const many = [header, ...Array.from({ length: ROWS }, (_, k) => row.replace(/^[^,]*/, `made-up-${k}`))].join('\n')
const institution = structuredClone(service.policy.document.institutions[REMEMBERED]!)
const [first, end] = [from, to].map((at) => new Date(at).toISOString())
const month = `/v1/institutions/${REMEMBERED}/history?from=${first}&to=${end}`
let n = 0
const works: Readonly<Record<string, () => Promise<unknown>>> = {
  'nobody asks': () => sleep(1_000),
  'a commit': async () => {
    const { etag } = await ask('GET', part)
    const next = { ...institution, labels: { ...institution.labels, ticket: `T-${n++}` } }
    await ask('PUT', `${part}?reason=bench&confirmWithin=0`, next, undefined, { 'if-match': etag })
  },
  'a preview': () =>
    ask('POST', '/v1/policy/preview', {
      changes: [{ pointer: `/institutions/${REMEMBERED}/tier`, after: 'hospital-regional' }],
    }),
  [`an import of ${ROWS} rows, tried`]: () =>
    ask('POST', '/v1/policy/import/institutions?dryRun=true', many, 'text/csv'),
  'a month of history': () => ask('GET', month),
}
await sleep(5_000)
const rows: string[][] = []
for (const [name, work] of Object.entries(works)) {
  if (!name.includes(process.argv[2] ?? '')) continue
  await longestHolds(work)
  const holds: (readonly [number, number])[] = []
  for (let run = 0; run < RUNS; run++) holds.push(await longestHolds(work))
  for (const [at, thread] of ['of the tick', 'that answers'].entries()) {
    const sorted = holds.map((both) => both[at]!).sort((a, b) => a - b)
    rows.push([name, thread, shown(sorted[0]!), shown(sorted[RUNS >> 1]!), shown(sorted.at(-1)!)])
  }
}
printTable(['longest hold of a thread, ms', 'the one', 'least', 'median', 'most'], rows)
channel.close()
console.log(`${RUNS} runs of each, load average ${loadavg()[0]!.toFixed(1)}`)
await service.life.end()
await stores.stop()
rmSync(data, { recursive: true, force: true })
