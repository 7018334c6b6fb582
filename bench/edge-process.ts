// How much memory does the process of the largest edge take, and how soon after it is started do its rates stand?
//
// Goal: `mizani edge` as it is deployed (compiled, nothing but Node), with the linux-htb driver on one or two devices a
// side in a namespace. It remembers the rates of 124 institutions (the largest edge of config/taifa) x 4 services x 4
// classes, which stand in the kernel as after an upgrade or, as after a reboot, do not. Resident memory is read while
// it reads counters each second. Not the goal: traffic, or a store that answers.
//
//   node src/bin/run.mjs bench/edge-process.ts [seconds [institutions]]        as root; `npm run build` first

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootId } from '../src/edge/boot-id.js'
import { createMemoryStore } from '../src/edge/memory.js'
import { encodeProfile } from '../src/wire/profile.js'
import { atRate, LARGEST, profileOf } from './edge-sizes.js'
import { printTable } from './harness.js'

/** From the project's own folder. */
const CLI = resolve('dist/src/cli.js')
const EDGE = 'largest'
const UNIT = readFileSync('config/systemd/mizani-edge.service', 'utf8')
const AS_THE_UNIT = {
  NODE_OPTIONS: /^Environment="NODE_OPTIONS=(.*)"$/m.exec(UNIT)![1]!,
  MALLOC_ARENA_MAX: /^Environment=MALLOC_ARENA_MAX=(.*)$/m.exec(UNIT)![1]!,
}
const FLAGS = /^ExecStart=\S+ (.*) \S+ edge /m.exec(UNIT)![1]!.split(' ')

async function remember(folder: string, institutions: number): Promise<void> {
  const profile = profileOf({ ...LARGEST, institutions })
  const { hash } = encodeProfile(profile)
  const { rates: records } = atRate(profile, 1_000)
  const content = { epoch: 1, seq: 1, revision: 1, profile: hash, crc: 1, records }
  const lease = 3_600_000
  const leaseEnd = Number(process.hrtime.bigint()) / 1e6 + lease
  const memory = { boot: bootId(), lease, leaseEnd, content, held: null }
  await createMemoryStore(join(folder, 'edge'), EDGE).save(memory, { profile, hash })
}

interface Life {
  /** Seconds from the start of the process to rates in force, by its own account. */
  readonly stands: number
  /** Resident, MB: the most that was seen, and at the end. */
  readonly most: number
  readonly end: number
}

const names = (side: string, count: number): string => Array.from({ length: count }, (_, k) => `${side}${k}`).join()

async function live(namespace: string, folder: string, seconds: number, devices: number): Promise<Life> {
  const started = performance.now()
  const command = ['netns', 'exec', namespace, process.execPath, ...FLAGS, CLI]
  const sides = ['--lan', names('lan', devices), '--wan', names('wan', devices)]
  const child = spawn('ip', [...command, 'edge', '--id', EDGE, '--driver', 'linux-htb', ...sides], {
    env: {
      PATH: process.env.PATH,
      MIZANI_DATA: folder,
      RATES_REDIS_URL: 'redis://127.0.0.1:1',
      LOG_LEVEL: 'error',
      ...AS_THE_UNIT,
    },
    stdio: 'ignore',
  })
  try {
    const socket = join(folder, 'edge', `${EDGE}.sock`)
    let stands = Number.NaN
    let most = 0
    while (performance.now() - started < seconds * 1_000) {
      if (Number.isNaN(stands) && (await isInForce(socket))) stands = (performance.now() - started) / 1_000
      most = Math.max(most, resident(child.pid!))
      await sleep(20)
    }
    return { stands, most, end: resident(child.pid!) }
  } finally {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))
  }
}

/** Whether the agent says at its local socket that some rate is in force. */
const isInForce = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/status' }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve(/"applied":\s*\{/.test(text)))
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })

/** MB; `ip netns exec` becomes the command it runs, so its number is that of the agent. */
function resident(pid: number): number {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) / 1_024
  } catch {
    return 0 // not there yet, or no more
  }
}

async function run(seconds: number, institutions: number): Promise<void> {
  const rows = []
  for (const devices of [1, 2]) {
    const folder = mkdtempSync(join(tmpdir(), 'mizani-edge-'))
    const namespace = `mizani-bench-${process.pid}`
    const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'inherit' })
    ip('netns', 'add', namespace)
    try {
      for (let k = 0; k < devices; k++)
        ip('-n', namespace, 'link', 'add', `lan${k}`, 'type', 'veth', 'peer', 'name', `wan${k}`)
      await remember(folder, institutions)
      for (const what of ['after a reboot', 'as in an upgrade']) {
        const { stands, most, end } = await live(namespace, folder, seconds, devices)
        const size = `${devices} and ${devices}`
        rows.push([size, what, `${stands.toFixed(2)} s`, `${most.toFixed(0)} MB`, `${end.toFixed(0)} MB`])
      }
    } finally {
      ip('netns', 'del', namespace)
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const heading = [
    'LANs and WANs',
    `${institutions} institutions`,
    'rates stand after',
    'most resident',
    `after ${seconds} s`,
  ]
  printTable(heading, rows)
}

const [, , seconds = '20', institutions = '124'] = process.argv
if (process.getuid?.() !== 0) console.log('edge-process: skipped, network namespaces need root')
else if (!existsSync(CLI)) console.log('edge-process: skipped, npm run build first')
else await run(Number(seconds), Number(institutions))
