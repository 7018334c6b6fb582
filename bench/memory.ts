// Question: how much memory does `mizani up` hold, with people at work on it, and who holds it?
//
// Goal      at most 350 MB on the default plane, with previews, explanations and sheets; a controller alone 250 MB.
// Non-goal  stores and edges in processes of their own.
//
// Method    `up` is the compiled program with its private stores and 28 simulated edges, `alone` a controller whose
//           stores and edges are elsewhere. Every two seconds somebody asks for a preview, an explanation with its
//           what-if, or has a sheet read; what the process holds is read from the kernel once a second, and printed
//           are the median and the most of the last half. Then a probe inside tells what each thread holds, and the
//           heap of the main thread is shared out among the classes that reach it.
//
//   node src/bin/run.mjs bench/memory.ts [minutes] [up | alone]

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { shippedFile } from '../src/runtime/config.js'
import { printTable, shown } from './harness.js'
import { classesOf, ownersOf } from './memory-owners.js'
import { askProbe, busyFor, kernelsOf, type Place, startAlone, startUp, statusOf, tokenOf } from './memory-place.js'

const MB = 1_048_576
const GOALS = { up: 350, alone: 250 }
/** Owners that hold less than this of the heap are added up. */
const WORTH_A_ROW = MB / 2

/** People at work, one request after the other. */
async function peopleOf(place: Place): Promise<(n: number) => Promise<string>> {
  const headers = { authorization: `Bearer ${tokenOf(place)}` }
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await fetch(place.url + path, { ...init, headers: { ...headers, ...init.headers } })
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

async function printByOwner(place: Place): Promise<void> {
  const { threads } = await askProbe(place, null)
  const memories = kernelsOf(place)
  const shared = new Map<string, number>()
  for (const [by, bytes] of threads.flatMap((one) => Object.entries(one.shared)))
    shared.set(by, (shared.get(by) ?? 0) + bytes)
  const owners: [string, number, string][] = [
    ['Node and libraries', statusOf(place, 'RssFile'), ''],
    ...threads.flatMap(({ name, heap, used, buffers }): [string, number, string][] => [
      [`heap of ${name}`, heap, `${(used / MB).toFixed(0)} MB used`],
      [`array buffers of ${name}`, buffers, ''],
    ]),
    ...[...shared].map(([by, bytes]): [string, number, string] => [`arenas of ${by}`, bytes, '']),
    ['memories of kernels', memories.bytes, `${memories.count} of them`],
  ]
  const all = statusOf(place, 'VmRSS')
  const rest = all - owners.reduce((sum, [, bytes]) => sum + bytes, 0)
  const rows = [...owners.filter(([, bytes]) => bytes > MB / 10), ['malloc, stacks, compiled code', rest, '']] as const
  printTable(
    ['owner', 'MB', ''],
    [...rows, ['all', all, ''] as const].map(([owner, bytes, note]) => [owner, (bytes / MB).toFixed(1), note]),
  )
}

async function printHeap(place: Place): Promise<void> {
  const file = join(place.data, 'main.heapsnapshot')
  await askProbe(place, file)
  const owners = ownersOf(file, classesOf(fileURLToPath(new URL('../src/', import.meta.url))))
  const small = owners.filter(({ bytes }) => bytes < WORTH_A_ROW).reduce((sum, { bytes }) => sum + bytes, 0)
  const rows = [...owners.filter(({ bytes }) => bytes >= WORTH_A_ROW), { owner: 'others', bytes: small }]
  console.log('\nwhat lives on the heap of the main thread, and in array buffers that it knows')
  printTable(
    ['nearest class', 'MB'],
    rows.map(({ owner, bytes }) => [owner, (bytes / MB).toFixed(1)]),
  )
}

async function measure(kind: keyof typeof GOALS, minutes: number): Promise<boolean> {
  const plane = shippedFile('config/taifa')
  const place = await (kind === 'up' ? startUp(plane) : startAlone(plane))
  const seen: number[] = []
  const took: number[][] = [[], [], []]
  try {
    console.log(`\n${kind}`)
    const work = await peopleOf(place)
    // The first preview compiles and solves all; on a busy machine it may be refused.
    while (!(await work(0).catch(() => false))) await sleep(1_000)
    const begun = busyFor(place)
    let refused = 0
    for (let second = 0; second < 60 * minutes; second++) {
      if (second % 2 === 0) {
        const asked = performance.now()
        const answer = await work(second / 2).catch(() => null)
        if (answer === null) refused++
        else took[(second / 2) % took.length]!.push(performance.now() - asked)
      }
      await sleep(1_000)
      seen.push(statusOf(place, 'VmRSS') / MB)
    }
    const [preview, explanation, sheet] = took.map((times) =>
      shown(times.sort((a, b) => a - b)[times.length >> 1] ?? 0),
    )
    console.log(`a preview took ${preview}, an explanation ${explanation}, a sheet ${sheet} (medians)`)
    if (refused > 0) console.log(`${refused} questions were refused: the machine had no time for them`)
    console.log(`processor time ${(busyFor(place) - begun).toFixed(1)} s`)
    await printByOwner(place)
    await printHeap(place)
  } finally {
    await place.end()
  }
  const late = seen.slice(seen.length / 2).sort((a, b) => a - b)
  const [median, most] = [late[Math.floor(late.length / 2)]!, late.at(-1)!]
  const holds = median <= GOALS[kind]
  console.log(`median ${median.toFixed(0)} MB, most ${most.toFixed(0)} MB of the last half`)
  console.log(holds ? `the goal of ${GOALS[kind]} MB holds` : `THE GOAL OF ${GOALS[kind]} MB IS MISSED`)
  return holds
}

const [minutes = '5', wanted] = process.argv.slice(2)
for (const kind of ['up', 'alone'] as const) {
  if (wanted !== undefined && wanted !== kind) continue
  if (!(await measure(kind, Number(minutes)))) process.exitCode = 1
}
