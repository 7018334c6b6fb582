// Question: how much memory does `mizani up` hold, with people at work on it?
//
// Goal      at most 350 MB on the default plane, with previews, explanations and sheets; a controller alone 250 MB.
// Non-goal  its two stores, which are processes of their own.
//
// Method    The compiled program with its private stores and 28 simulated edges. Every two seconds somebody asks for a
//           preview, an explanation with its what-if, or has a sheet read; what the process holds is read from the
//           kernel once a second. What is printed is the median and the most of the last half.
//
//   node src/bin/run.mjs bench/resident.ts [minutes]

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const GOAL = 350
const minutes = Number(process.argv[2] ?? 10)
const data = mkdtempSync(join(tmpdir(), 'mizani-resident-'))
const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const env = { PATH: process.env.PATH ?? '', HOME: data, MIZANI_DATA: data }
const server = spawn(process.execPath, [cli, 'up', '--port', '0'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
let log = ''
const url = await new Promise<string>((done, failed) => {
  server.stderr.setEncoding('utf8').on('data', (part) => {
    log += part
    const found = /"url":"([^"]+)"[^\n]*"msg":"ready"/.exec(log)?.[1]
    if (found !== undefined) done(found)
  })
  server.once('exit', () => failed(new Error(log)))
})
const headers = { authorization: `Bearer ${readFileSync(join(data, 'cli-token'), 'utf8').trim()}` }
const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
  const answer = await fetch(url + path, { ...init, headers: { ...headers, ...init.headers } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.text()
}
const post = (path: string, type: string, body: string) =>
  ask(path, { method: 'POST', body, headers: { 'content-type': type } })

const { items } = JSON.parse(await ask('/v1/institutions?pageSize=500')) as { items: { id: string }[] }
const sheet = await ask('/v1/policy/export/institutions')
const WORK: readonly ((n: number) => Promise<string>)[] = [
  (n) => {
    const change = { pointer: `/institutions/${items[n % items.length]!.id}/labels/ticket`, after: `T-${n}` }
    return post('/v1/policy/preview', 'application/json', JSON.stringify({ changes: [change] }))
  },
  (n) => ask(`/v1/institutions/${items[n % items.length]!.id}/explain`),
  () => post('/v1/policy/import/institutions?dryRun=true', 'text/csv', sheet),
]
/** Megabytes. */
const resident = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1_024

const seen: number[] = []
try {
  for (let second = 0; second < 60 * minutes; second++) {
    if (second % 2 === 0) await WORK[(second / 2) % WORK.length]!(second)
    await sleep(1_000)
    seen.push(resident())
    if (second % 60 === 59) console.log(`${(second + 1) / 60} min: ${seen.at(-1)!.toFixed(0)} MB`)
  }
} finally {
  const ended = new Promise((done) => server.once('exit', done))
  server.kill('SIGTERM')
  await ended
  rmSync(data, { recursive: true, force: true })
}
const late = seen.slice(seen.length / 2).sort((a, b) => a - b)
const [median, most] = [late[Math.floor(late.length / 2)]!, late.at(-1)!]
console.log(`median ${median.toFixed(0)} MB, most ${most.toFixed(0)} MB of the last half (goal ${GOAL} MB)`)
console.log(median <= GOAL ? 'the goal holds' : 'THE GOAL IS MISSED')
