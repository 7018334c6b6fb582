// How long do the monthly pages of a nation take?
//
// Goal      554 pages in each language in 60 s on two quiet cores.
// Non-goal  the day's files themselves: they are written here with the columns that the pages read.
//
// Method    The default plane, a month of its flows with seeded figures; then `mizani plan month --all` in a process of
//           its own. CPU of all its threads is counted beside the time: neighbours lengthen the time alone.
//
//   node src/bin/run.mjs bench/month.ts [workers]

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from '../src/cli.js'
import { DAY, SLOT } from '../src/model/units.js'
import { compileUnder } from '../src/planning/run.js'
import { loadPlane } from '../src/policy/files/files.js'
import { tableWriter } from '../src/record/parquet-file.js'
import { emptyRows, FLOWS, type Table } from '../src/record/tables.js'
import { shippedFile } from '../src/runtime/config.js'
import { SEED, seeded } from './harness.js'

const MONTH = '2024-05'
const GOAL = 60
const { slot, seconds, flow, asked, demand, carried, promised, claimed, lacked, m_limit } = FLOWS.columns
const columns = { slot, seconds, flow, asked, demand, carried, promised, claimed, lacked, m_limit }
const READ: Table<typeof columns> = { name: 'flows', columns, subject: 'flow', former: { without: 'asked', names: {} } }

function writeDay(folder: string, start: number, ids: readonly string[], chance: () => number): void {
  const path = join(folder, new Date(start).toISOString().slice(0, 10))
  mkdirSync(path)
  const writing = tableWriter(READ)
  for (let first = 0; first < ids.length; first += 500) {
    const rows = emptyRows(READ)
    for (const id of ids.slice(first, first + 500)) {
      const size = Math.round(1_000 + 90_000 * chance())
      for (let at = start; at < start + DAY; at += SLOT) {
        const wants = Math.round(size * 1.2 * chance())
        const claims = Math.min(wants, size)
        const lacks = chance() < 0.01 ? Math.round(claims / 10) : 0
        rows.slot.push(at)
        rows.seconds.push(300)
        rows.flow.push(id)
        rows.asked.push(wants)
        rows.demand.push(wants)
        rows.carried.push(wants - lacks)
        rows.promised.push(size)
        rows.claimed.push(claims)
        rows.lacked.push(lacks)
        rows.m_limit.push(lacks > 0 ? 'LINK transit-a.down' : 'DEMAND')
      }
    }
    writing.add(rows)
  }
  writeFileSync(join(path, 'flows.parquet'), writing.end())
}

async function pages(record: string, out: string, workers: string): Promise<number> {
  const place = ['--month', MONTH, '--plane', shippedFile('config/taifa'), '--record', record, '--workers', workers]
  const { stderr, env } = process
  const io = {
    stdout: { write: () => true },
    stderr: { write: (text: string) => stderr.write(text) },
    env,
    isTTY: false,
  }
  return main(['plan', 'month', '--all', '--out', out, ...place], io)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first = '2', ...rest] = process.argv.slice(2)
  if (first === 'pages') {
    const begun = performance.now()
    process.exitCode = await pages(rest[0]!, rest[1]!, rest[2]!)
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const spent = { seconds: (performance.now() - begun) / 1_000, cpu: (userCPUTime + systemCPUTime) / 1e6 }
    console.log(JSON.stringify({ ...spent, megabytes: maxRSS / 1_024 }))
  } else {
    const folder = mkdtempSync(join(tmpdir(), 'mizani-month-'))
    try {
      const ids = compileUnder(loadPlane(shippedFile('config/taifa')).document!, {}).plan.flows.map(({ id }) => id)
      const chance = seeded(SEED)
      mkdirSync(join(folder, 'record'))
      for (let n = -1; n < 31; n++) writeDay(join(folder, 'record'), Date.UTC(2024, 4, 1 + n), ids.toSorted(), chance)
      const out = join(folder, 'out')
      const args = [fileURLToPath(import.meta.url), 'pages', join(folder, 'record'), out, first]
      const { stdout, status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const { seconds, cpu, megabytes } = JSON.parse(stdout.toString()) as Record<string, number>
      const written = readdirSync(out).filter((name) => name.endsWith('.html')).length / 2
      const holds = status === 0 && written === 554 && Math.min(seconds!, cpu! / 2) <= GOAL
      console.log(
        `${written} pages in each language in ${seconds!.toFixed(1)} s, ${cpu!.toFixed(1)} s of CPU ` +
          `(${(cpu! / 2).toFixed(1)} s on each of two cores), ${megabytes!.toFixed(0)} MB, seed ${SEED}`,
      )
      console.log(`VERDICT ${holds ? 'ok' : 'A GOAL IS MISSED'} (${GOAL} s of both cores)`)
      process.exitCode = holds ? 0 : 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
