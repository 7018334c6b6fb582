// What does it cost to plan on what was recorded of a nation?
//
// Goal      30 days of five-minute steps in 6 s and 350 MB, a fiscal year of 105,120 in 60 s and 400 MB, on two quiet
//           cores; a replay of 30 days, every moment under the policy in force and a proposed one, in 6 s.
// Non-goal  the time in which a day's digest is made: the archive's thread does that once, when the day is over.
//
// Method    One day of the default plane through the production controller, recorder and archive; it stands under as
//           many dates (hard links, and digests whose times are shifted). Each run is a process of its own, because
//           memory is the most that a process ever held. CPU of all its threads is counted beside the time, and halved
//           is what two quiet cores would take at best: neighbours on the machine lengthen the time alone.
//
//   node src/bin/run.mjs bench/recorded.ts [days] [workers]       (30, and 365 for the year)

import { spawnSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DAY, SLOT } from '../src/model/units.js'
import { replay } from '../src/planning/recorded/replay.js'
import { renderFiles, resultHash } from '../src/planning/report.js'
import { simulate } from '../src/planning/run.js'
import type { Scenario } from '../src/planning/scenario.js'
import type { PolicyDocument } from '../src/policy/document/document.js'
import { loadPlane } from '../src/policy/files/files.js'
import { NOTHING_IN_FORCE } from '../src/policy/in-force/holding.js'
import { Archive } from '../src/record/archive.js'
import { keepDemand } from '../src/record/demand-digest.js'
import { digestOf } from '../src/record/digest.js'
import { shippedFile } from '../src/runtime/config.js'
import { mindMemory } from '../src/runtime/heap.js'
import { measureRecording } from './recording.js'

const SLOTS_A_DAY = DAY / SLOT
const KEPT = /^demand-/

function plane(): PolicyDocument {
  const { document } = loadPlane(shippedFile('config/taifa'))
  return document!
}

/** The one day of the folder, under so many dates before it. */
function repeat(folder: string, days: number): void {
  const archive = new Archive(folder)
  const newest = archive.days().at(-1)!
  const start = Date.parse(`${newest}T00:00:00Z`)
  const names = readdirSync(join(folder, newest))
  const digest = readFileSync(join(folder, newest, names.find((name) => KEPT.test(name))!))
  const end = digest.indexOf(10)
  const header = JSON.parse(digest.toString('utf8', 0, end)) as { parts: { slot: number; at: number }[] }
  for (let back = 1; back < days; back++) {
    const shift = back * DAY
    const copy = join(folder, new Date(start - shift).toISOString().slice(0, 10))
    mkdirSync(copy)
    for (const name of names) if (!KEPT.test(name)) linkSync(join(folder, newest, name), join(copy, name))
    const parts = header.parts.map((part) => ({ ...part, slot: part.slot - shift, at: part.at - shift }))
    const bytes = [Buffer.from(JSON.stringify({ ...header, parts })), digest.subarray(end)]
    writeFileSync(digestOf(archive, start - shift, 'demand', 1)!, Buffer.concat(bytes))
  }
}

async function play(folder: string, days: number, workers: number): Promise<string> {
  const to = Date.parse(`${new Archive(folder).days().at(-1)}T00:00:00Z`) + DAY
  const text = { en: 'Bench', sw: 'Kipimo' }
  const window = { from: to - days * DAY, to }
  const demand = { model: 'recorded' as const, ...window, scale: 1, byCategory: {}, byService: {}, byInstitution: {} }
  const about = { format: 1 as const, id: 'bench', name: text, story: text, source: '', plane: '', seed: 1 }
  const span = { from: window.from, horizon: days * DAY, step: SLOT }
  const scenario: Scenario = { ...about, ...span, demand, changes: [], events: {} }
  const run = await simulate(scenario, plane(), { workers, record: folder })
  return resultHash(renderFiles(run))
}

async function playAgain(folder: string, days: number, workers: number): Promise<string> {
  const to = Date.parse(`${new Archive(folder).days().at(-1)}T00:00:00Z`) + DAY
  const document = plane()
  const before = { document, inForce: NOTHING_IN_FORCE }
  const cut = { ...document.links['transit-a']!, capacity: { down: 4e9, up: 4e9 } }
  const after = { document: { ...document, links: { ...document.links, 'transit-a': cut } }, inForce: NOTHING_IN_FORCE }
  const found = await replay(folder, { from: to - days * DAY, to }, before, after, workers)
  return `${found.equal} of ${found.moments} moments as recorded`
}

interface Spent {
  readonly seconds: number
  readonly cpu: number
  readonly megabytes: number
  readonly result: string
}

function inProcess(what: 'play' | 'replay', folder: string, days: number, workers: number): Spent {
  const args = [fileURLToPath(import.meta.url), what, folder, String(days), String(workers)]
  const { stdout, status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`${what} ended with ${status}`)
  return JSON.parse(stdout.toString()) as Spent
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first = '30', ...rest] = process.argv.slice(2)
  if (first === 'play' || first === 'replay') {
    // As the commands do.
    mindMemory()
    const [folder, days, workers] = [rest[0]!, Number(rest[1]), Number(rest[2])]
    const begun = performance.now()
    const result = await (first === 'play' ? play : playAgain)(folder, days, workers)
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const cpu = (userCPUTime + systemCPUTime) / 1e6
    const spent: Spent = { seconds: (performance.now() - begun) / 1_000, cpu, megabytes: maxRSS / 1_024, result }
    console.log(JSON.stringify(spent))
  } else {
    const [days, workers] = [Number(first), Number(rest[0] ?? 2)]
    const folder = mkdtempSync(join(tmpdir(), 'mizani-recorded-'))
    try {
      await measureRecording(folder, plane(), SLOTS_A_DAY)
      await keepDemand(new Archive(folder))
      repeat(folder, days)
      const goal = days > 31 ? { seconds: 60, megabytes: 400 } : { seconds: 6, megabytes: 350 }
      let holds = true
      for (const what of days > 31 ? (['play'] as const) : (['play', 'replay'] as const)) {
        const { seconds, cpu, megabytes, result } = inProcess(what, folder, days, workers)
        holds &&= Math.min(seconds, cpu / 2) <= goal.seconds && megabytes <= goal.megabytes
        console.log(
          `${what}: ${days * SLOTS_A_DAY} steps in ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU ` +
            `(${(cpu / 2).toFixed(1)} s on each of two cores), ${megabytes.toFixed(0)} MB; ${result}`,
        )
      }
      console.log(
        `VERDICT ${holds ? 'ok' : 'A GOAL IS MISSED'} ` +
          `(${goal.seconds} s of both cores, ${goal.megabytes} MB), seed 20261125`,
      )
      process.exitCode = holds ? 0 : 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
