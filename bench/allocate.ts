// `mizani allocate` as a process: how long a large file takes, and what a hostile one costs.
//
// Goal: 100,000 flows over 1,000 links in 2 s, reading and printing included; a file that means harm is refused in 3 s
// with 400 MB. Not a goal: the solve alone (solve.ts). Seed: MIZANI_SEED. The compiled program runs, as users run it.
// Processor time stands beside the time of the wall, which a busy machine stretches.

import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MAX_PROBLEM_BYTES } from '../src/runtime/limits.js'
import { printTable, SEED, seeded } from './harness.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Read by a process about itself, when it ends. */
const COST =
  'process.on("exit",()=>{const{userCPUTime,systemCPUTime,maxRSS}=process.resourceUsage();' +
  'process.stderr.write("\\ncost "+JSON.stringify([userCPUTime+systemCPUTime,maxRSS]))})'

/** What is measured is what ships. */
const BUILD = "import { build, isBuilt } from './src/bin/build.mjs'; if (!isBuilt()) build()"
execFileSync(process.execPath, ['--input-type=module', '--eval', BUILD], { cwd: ROOT, stdio: 'inherit' })

const folder = mkdtempSync(join(tmpdir(), 'mizani-bench-'))
const file = join(folder, 'problem.json')

interface Run {
  readonly wall: number
  readonly cpu: number
  readonly megabytes: number
  readonly code: number | null
  readonly answer: string
  readonly message: string
}

function allocate(...flags: string[]): Run {
  const begun = performance.now()
  const args = ['--import', `data:text/javascript,${encodeURIComponent(COST)}`, 'dist/src/cli.js', 'allocate', file]
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...flags], {
    cwd: ROOT,
    maxBuffer: 2 ** 30,
  })
  const wall = performance.now() - begun
  const [message = '', cost = '[0,0]'] = stderr.toString().split('\ncost ')
  const [microseconds, kilobytes] = JSON.parse(cost) as [number, number]
  const answer = createHash('sha256').update(stdout).digest('hex').slice(0, 12)
  return { wall, cpu: microseconds / 1_000, megabytes: kilobytes / 1_024, code: status, answer, message }
}

function large(flows: number, links: number): string {
  const random = seeded(SEED)
  return JSON.stringify({
    bands: [
      { id: 'committed', kind: 'guarantee' },
      { id: 'share', kind: 'share' },
      { id: 'headroom', kind: 'headroom', fill: 0.95 },
    ],
    links: Array.from({ length: links }, (_, l) => ({ id: `l${l}`, capacity: Math.round(1e9 * (1 + random())) })),
    flows: Array.from({ length: flows }, (_, n) => ({
      id: `inst-${n}/internet/down`,
      path: [...new Set(Array.from({ length: 4 }, () => `l${Math.floor(random() * links)}`))],
      demand: Math.round(2e7 * random() ** 2),
      recent: Math.round(2e7 * random()),
      ceiling: 5e7,
      segments: [
        { band: 'committed', size: 1e6 },
        { band: 'share', weight: 1 + Math.floor(random() * 8) },
      ],
    })),
  })
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(2)} s`
const RUNS = 5
writeFileSync(file, large(100_000, 1_000))
const good = [['--json'], []].map((flags) => {
  const runs = Array.from({ length: RUNS }, () => allocate(...flags))
  const median = (of: (run: Run) => number): number => runs.map(of).sort((a, b) => a - b)[RUNS >> 1]!
  const cells = [seconds(median(({ wall }) => wall)), seconds(median(({ cpu }) => cpu))]
  const { code, answer } = runs[0]!
  return [flags[0] ?? 'as text', ...cells, `${median(({ megabytes }) => megabytes).toFixed(0)} MB`, `${code}`, answer]
})
console.log(`100,000 flows, 1,000 links, seed ${SEED}, ${RUNS} runs each; goal 2 s`)
printTable(['output', 'wall', 'processor', 'most memory', 'exit', 'answer'], good)

const flow = { id: 'f', path: ['l'], demand: 1, segments: [{ band: 's' }] }
const problem = { bands: [{ id: 's', kind: 'share' }], links: [{ id: 'l', capacity: 1 }], flows: [flow] }
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const BAD = {
  ...{ path: ['x', 'y', 'y', { link: 'zz', fraction: 7 }], demand: -1, recent: '100 MB/s', ceiling: null },
  ...{ envelope: 'nowhere', colour: 'red', segments: [{ band: 'q' }, { band: 's', upTo: 5 }] },
}
const HOSTILE: Readonly<Record<string, string>> = {
  'capacity 1e308': JSON.stringify({ ...problem, links: [{ id: 'l', capacity: 1e308 }] }),
  'demand -0': JSON.stringify(problem).replace('"demand":1', '"demand":-0'),
  'NaN as text': JSON.stringify({ ...problem, flows: [{ ...flow, demand: 'NaN' }] }),
  'a million bands': JSON.stringify({ ...problem, bands: many(1_000_000, (n) => ({ id: `b${n}`, kind: 'share' })) }),
  '100,000 flows of one id': JSON.stringify({ ...problem, flows: many(100_000, () => flow) }),
  'envelopes in a circle': JSON.stringify({
    ...problem,
    envelopes: many(1_000, (n) => ({ id: `e${n}`, parent: `e${(n + 1) % 1_000}` })),
  }),
  '100 MB of nesting': `{"flows":${'['.repeat(100e6)}`,
  '60 MB, a fault in every flow': JSON.stringify({
    ...problem,
    flows: many(850_000, (n) => ({ ...flow, id: `f${n}`, demand: -1 })),
  }),
  '200 MB of faults': JSON.stringify({
    ...problem,
    flows: many(900_000, (n) => ({ ...BAD, id: `institution-${n}/internet/down` })),
  }),
  'the largest file, all brackets and commas': `{"flows":[${'[],'.repeat(MAX_PROBLEM_BYTES / 3 - 20)}0]}`,
  'the largest file, all one string': `{"flows":["${'x'.repeat(MAX_PROBLEM_BYTES - 20)}"]}`,
}
const refused = Object.entries(HOSTILE).map(([what, text]) => {
  writeFileSync(file, text)
  const { wall, cpu, megabytes, code, message } = allocate('--json')
  const said = message.trim().split('\n')
  return [
    what,
    seconds(wall),
    seconds(cpu),
    `${megabytes.toFixed(0)} MB`,
    `${code}`,
    (said[1] ?? said[0]!).slice(0, 70),
  ]
})
console.log('\nhostile files; goal 3 s and 400 MB, exit 1')
printTable(['file', 'wall', 'processor', 'most memory', 'exit', 'says'], refused)
rmSync(folder, { recursive: true })
