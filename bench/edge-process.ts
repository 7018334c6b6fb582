// How much memory does the process of the largest edge take, and how soon after it is started do its rates stand?
//
// Goal: `mizani edge` as it is deployed (compiled, nothing but Node), with the linux-htb driver on two devices of a
// namespace. It remembers the rates of 60 institutions x 4 services x 4 classes, which stand in the kernel as after an
// upgrade or, as after a reboot, do not. Resident memory is read while it reads its counters each second. Not the goal:
// traffic, or a store that answers.
//
//   node src/bin/run.mjs bench/edge-process.ts [seconds]        as root; `npm run build` first

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bootId } from '../src/edge/boot-id.js'
import { createMemoryStore } from '../src/edge/memory.js'
import { encodeProfile } from '../src/wire/profile.js'
import { atRate, LARGEST, profileOf } from './edge-sizes.js'
import { printTable } from './harness.js'

const CLI = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url))
const EDGE = 'largest'
const UNIT = readFileSync(new URL('../config/systemd/mizani-edge.service', import.meta.url), 'utf8')
const AS_THE_UNIT = { NODE_OPTIONS: /^Environment="NODE_OPTIONS=(.*)"$/m.exec(UNIT)![1]! }

async function remember(folder: string): Promise<void> {
  const profile = profileOf(LARGEST)
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

async function live(namespace: string, folder: string, seconds: number): Promise<Life> {
  const started = performance.now()
  const command = ['netns', 'exec', namespace, process.execPath, CLI]
  const child = spawn(
    'ip',
    [...command, 'edge', '--id', EDGE, '--driver', 'linux-htb', '--lan', 'lan0', '--wan', 'wan0'],
    {
      env: {
        PATH: process.env.PATH,
        MIZANI_DATA: folder,
        RATES_REDIS_URL: 'redis://127.0.0.1:1',
        LOG_LEVEL: 'error',
        ...AS_THE_UNIT,
      },
      stdio: 'ignore',
    },
  )
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

async function run(seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-edge-'))
  const namespace = `mizani-bench-${process.pid}`
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'inherit' })
  ip('netns', 'add', namespace)
  try {
    ip('-n', namespace, 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'wan0')
    await remember(folder)
    const rows = []
    for (const what of ['after a reboot', 'as in an upgrade']) {
      const { stands, most, end } = await live(namespace, folder, seconds)
      rows.push([what, `${stands.toFixed(2)} s`, `${most.toFixed(0)} MB`, `${end.toFixed(0)} MB`])
    }
    printTable(['largest edge', 'rates stand after', 'most resident', `after ${seconds} s`], rows)
  } finally {
    ip('netns', 'del', namespace)
    rmSync(folder, { recursive: true, force: true })
  }
}

const [, , seconds = '20'] = process.argv
if (process.getuid?.() !== 0) console.log('edge-process: skipped, network namespaces need root')
else if (!existsSync(CLI)) console.log('edge-process: skipped, npm run build first')
else await run(Number(seconds))
