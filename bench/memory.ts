// Question: how much memory does `mizani up` hold, with people at work on it, and who holds it?
//
// Goal      at most 350 MB on the default plane, with previews, explanations and sheets; a controller alone 250 MB.
// Non-goal  its two stores, which are processes of their own; and, alone, its edges.
//
// Method    The compiled program with its private stores and 28 simulated edges, or a controller on stores of its own
//           beside a process that plays nothing. Every two seconds somebody asks for a preview, an explanation with
//           its what-if, or has a sheet read: of each ten a minute, which is a busy hour in five minutes. What the
//           process holds is read from the kernel once a second; printed are the median and the most of the last half.
//           Then a probe inside tells what each thread holds, and the heap of the main thread is shared out among the
//           classes that reach it. Threads wait for tasks by their event loop, so that they can answer the probe.
//
//   node src/bin/run.mjs bench/memory.ts [minutes] [seconds between two requests]

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { printTable } from './harness.js'
import { classesOf, ownersOf } from './memory-owners.js'
import type { ProcessMemory } from './memory-probe.js'

const GOAL = 350
const MB = 1_048_576
/** Owners that hold less than this of the heap are added up. */
const WORTH_A_ROW = MB / 2
/** Half of the time to begin with counts for nothing. */
const [minutes = 5, pause = 2] = process.argv.slice(2).map(Number)

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'mizani-memory-'))

/** The program, once it is ready, and where its API listens. */
async function start(): Promise<{ readonly server: ChildProcess; readonly url: string }> {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: data,
    MIZANI_DATA: data,
    PISCINA_DISABLE_ATOMICS: '1',
    ...JSON.parse(process.env.MORE ?? '{}'),
  }
  const server = spawn(
    process.execPath,
    [
      ...(process.env.EXTRA?.split(' ') ?? []),
      '--import',
      here('memory-probe.js'),
      here('../src/cli.js'),
      'up',
      '--port',
      '0',
    ],
    { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  let log = ''
  const url = await new Promise<string>((done, failed) => {
    server.stderr!.setEncoding('utf8').on('data', (part) => {
      log += part
      const found = /"url":"([^"]+)"[^\n]*"msg":"ready"/.exec(log)?.[1]
      if (found !== undefined) done(found)
    })
    server.once('exit', () => failed(new Error(log)))
  })
  return { server, url }
}

/** People at work, one request after the other. */
async function peopleOf(url: string): Promise<(n: number) => Promise<string>> {
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
  const work: readonly ((n: number) => Promise<string>)[] = [
    (n) => {
      const change = { pointer: `/institutions/${items[n % items.length]!.id}/labels/ticket`, after: `T-${n}` }
      return post('/v1/policy/preview', 'application/json', JSON.stringify({ changes: [change] }))
    },
    (n) => ask(`/v1/institutions/${items[n % items.length]!.id}/explain`),
    () => post('/v1/policy/import/institutions?dryRun=true', 'text/csv', sheet),
  ]
  return (n) => work[n % work.length]!(n)
}

const statusOf = (server: ChildProcess, name: string): number =>
  1_024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1])

/** Seconds of processor time so far. */
function busyFor(server: ChildProcess): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Bytes in memory of the kernels' memories: each is followed by GiB of addresses that are only reserved. */
function kernels(server: ChildProcess): { readonly count: number; readonly bytes: number } {
  const text = readFileSync(`/proc/${server.pid}/smaps`, 'utf8')
  const areas = [...text.matchAll(/^[0-9a-f]+-[0-9a-f]+ (\S+)[\s\S]*?^Size:\s+(\d+)[\s\S]*?^Rss:\s+(\d+)/gm)]
  const found = areas.filter(([, rights], n) => rights === 'rw-p' && Number(areas[n + 1]?.[2]) > 2 ** 20)
  return { count: found.length, bytes: found.reduce((sum, [, , , rss]) => sum + 1_024 * Number(rss), 0) }
}

async function tellOf(server: ChildProcess, question: string | null): Promise<ProcessMemory> {
  const answer = new Promise<ProcessMemory>((done) => server.once('message', (told) => done(told as ProcessMemory)))
  server.send(question as unknown as string)
  return answer
}

function printByOwner(server: ChildProcess, { threads }: ProcessMemory): void {
  const memories = kernels(server)
  const shared = new Map<string, number>()
  for (const [by, bytes] of threads.flatMap((one) => Object.entries(one.shared)))
    shared.set(by, (shared.get(by) ?? 0) + bytes)
  const owners: [string, number, string][] = [
    ['Node and libraries', statusOf(server, 'RssFile'), ''],
    ...threads.flatMap(({ name, heap, used, buffers }): [string, number, string][] => [
      [`heap of ${name}`, heap, `${(used / MB).toFixed(0)} MB used`],
      [`array buffers of ${name}`, buffers, ''],
    ]),
    ...[...shared]
      .filter(([, bytes]) => bytes > 0)
      .map(([by, b]): [string, number, string] => [`arenas of ${by}`, b, '']),
    ['memories of kernels', memories.bytes, `${memories.count} of them`],
  ]
  const all = statusOf(server, 'VmRSS')
  const rest = all - owners.reduce((sum, [, bytes]) => sum + bytes, 0)
  printTable(
    ['owner', 'MB', ''],
    [...owners, ['the rest: malloc, stacks, parsers, code', rest, ''] as const, ['all', all, ''] as const].map(
      ([owner, bytes, note]) => [owner, (bytes / MB).toFixed(1), note],
    ),
  )
}

function printHeap(file: string): void {
  const owners = ownersOf(file, classesOf(here('../src/')))
  const small = owners.filter(({ bytes }) => bytes < WORTH_A_ROW).reduce((sum, { bytes }) => sum + bytes, 0)
  const rows = [...owners.filter(({ bytes }) => bytes >= WORTH_A_ROW), { owner: 'others', bytes: small }]
  console.log('\nwhat lives on the heap of the main thread')
  printTable(
    ['reached from', 'MB'],
    rows.map(({ owner, bytes }) => [owner, (bytes / MB).toFixed(1)]),
  )
}

const { server, url } = await start()
const seen: number[] = []
try {
  const work = await peopleOf(url)
  const begun = busyFor(server)
  for (let second = 0; second < 60 * minutes; second++) {
    if (second % pause === 0) await work(second / pause)
    await sleep(1_000)
    seen.push(statusOf(server, 'VmRSS') / MB)
    if (second % 60 === 59) console.log(`${(second + 1) / 60} min: ${seen.at(-1)!.toFixed(0)} MB`)
  }
  console.log(`processor time ${(busyFor(server) - begun).toFixed(1)} s`)
  printByOwner(server, await tellOf(server, null))
  const snapshot = process.env.KEEP ?? join(data, 'main.heapsnapshot')
  await tellOf(server, snapshot)
  printHeap(snapshot)
} finally {
  const ended = new Promise((done) => server.once('exit', done))
  server.kill('SIGTERM')
  await ended
  rmSync(data, { recursive: true, force: true })
}
const late = seen.slice(seen.length / 2).sort((a, b) => a - b)
const [median, most] = [late[Math.floor(late.length / 2)]!, late.at(-1)!]
console.log(`\nmedian ${median.toFixed(0)} MB, most ${most.toFixed(0)} MB of the last half (goal ${GOAL} MB)`)
console.log(median <= GOAL ? 'the goal holds' : 'THE GOAL IS MISSED')
if (median > GOAL) process.exitCode = 1
