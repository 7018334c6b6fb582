// Question: does one controller carry ten nations?
//
// Goal      5,540 institutions behind 196 edges: at most 900 MB in all, a tick of 40 ms, a preview of 200 ms (medians).
// Non-goal  more than one machine; edges and stores in processes of their own.
//
// Method    The shipped plane, with each institution ten times, each gateway seven times and each link ten times as
//           wide. `up` is the compiled program with its private stores and all edges simulated in it. While nobody
//           asks, its ticks are read every second; then somebody asks for previews, one after the other, in a process
//           of its own. What it holds is read from the kernel once a second through both. A tick is from when it
//           begins until the store has taken what edges are told: with three round trips to the store and the solve,
//           and whatever else the two cores do meanwhile, but with no word of an edge; the picture for others comes
//           after it. Processor time is that of the whole process, simulated edges and all.
//
//   node src/bin/run.mjs bench/nations.ts          MIZANI_RUNS previews (40)

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadPlane } from '../src/policy/files/files.js'
import { planeFiles } from '../src/policy/files/plane-text.js'
import { shippedFile } from '../src/runtime/config.js'
import { printTable, SEED, shown } from './harness.js'
import { manyNations } from './many-nations.js'
import { busyFor, type Place, startUp, statusOf, tokenOf } from './memory-place.js'

const MB = 1_048_576
const RUNS = Number(process.env.MIZANI_RUNS ?? 40)
const QUIET_SECONDS = 30
const [NATIONS, GATEWAYS] = [10, 7]
const GOALS = { megabytes: 900, tickMs: 40, previewMs: 200 }

interface Status {
  readonly tick: { readonly lastMs: number; readonly solveMs: number }
  readonly institutions: number
  readonly edges: { readonly total: number; readonly fresh: number }
}

async function statusOfPlace(place: Place): Promise<Status> {
  const answer = await fetch(`${place.url}/v1/status`, { headers: { authorization: `Bearer ${tokenOf(place)}` } })
  if (!answer.ok) throw new Error(`status: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Status
}

/** The first preview compiles and solves all; on a busy machine it may be refused. */
async function warmUp(place: Place): Promise<void> {
  const headers = { authorization: `Bearer ${tokenOf(place)}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ changes: [{ pointer: '/institutions/min-kazi/labels/ticket', after: 'T-0' }] })
  for (;;) {
    const answer = await fetch(`${place.url}/v1/policy/preview`, { method: 'POST', headers, body })
    const said = await answer.text()
    if (answer.ok) return
    if (answer.status !== 413 && answer.status !== 503) throw new Error(said)
    await sleep(1_000)
  }
}

const at = (list: readonly number[], q: number): number => {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
}

async function measure(place: Place): Promise<boolean> {
  const held: number[] = []
  const seen = setInterval(() => held.push(statusOf(place, 'VmRSS') / MB), 1_000)
  const ticks: number[] = []
  const solves: number[] = []
  let status = await statusOfPlace(place)
  for (; status.edges.fresh < status.edges.total; status = await statusOfPlace(place)) await sleep(1_000)
  const [busy, began] = [busyFor(place), performance.now()]
  for (let second = 0; second < QUIET_SECONDS; second++) {
    await sleep(1_000)
    const { tick } = await statusOfPlace(place)
    ticks.push(tick.lastMs)
    solves.push(tick.solveMs)
  }
  const cores = ((busyFor(place) - busy) * 1_000) / (performance.now() - began)
  await warmUp(place)
  const client = fileURLToPath(new URL('preview-client.js', import.meta.url))
  const people = spawn(process.execPath, [client, 'preview', place.url, tokenOf(place), String(RUNS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await Promise.all([text(people.stdout), once(people, 'exit')])
  clearInterval(seen)
  const { times } = JSON.parse(said) as { times: readonly number[] }
  const row = (what: string, list: readonly number[], unit: (n: number) => string, goal: number) =>
    [
      what,
      unit(at(list, 0.5)),
      unit(at(list, 0.99)),
      `${at(list, 0.5) <= goal ? 'holds' : 'MISSED'} (${unit(goal)})`,
    ] as const
  const megabytes = (n: number): string => `${n.toFixed(0)} MB`
  const rows = [
    row('held in all', held.slice(held.length / 2), megabytes, GOALS.megabytes),
    row('a tick', ticks, shown, GOALS.tickMs),
    row('a preview over HTTP', times, shown, GOALS.previewMs),
  ]
  printTable(['', 'median', 'p99', 'goal'], rows)
  const { institutions, edges } = status
  console.log(
    `of a tick the solve takes ${shown(at(solves, 0.5))}, least tick ${shown(at(ticks, 0))}; ` +
      `while nobody asks, ${cores.toFixed(2)} cores are busy`,
  )
  console.log(
    `${institutions} institutions, ${edges.total} edges, ${RUNS} previews, seed ${SEED}, ` +
      `load average ${loadavg()[0]!.toFixed(1)}`,
  )
  return rows.every(([, , , goal]) => goal.startsWith('holds'))
}

const plane = mkdtempSync(join(tmpdir(), 'mizani-nations-'))
const { document } = loadPlane(shippedFile('config/taifa'))
for (const [name, file] of Object.entries(planeFiles(manyNations(document!, NATIONS, GATEWAYS))))
  writeFileSync(join(plane, name), file)
const place = await startUp(plane)
try {
  if (!(await measure(place))) process.exitCode = 1
} finally {
  await place.end()
  rmSync(plane, { recursive: true, force: true })
}
