// The programs that benches of memory look into, each compiled, as a process of its own: `mizani up`, or a controller
// whose stores and edges are elsewhere.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadPlane } from '../src/policy/files/files.js'
import { DemoEdges } from '../src/process/demo-edges.js'
import { systemClock } from '../src/runtime/clock.js'
import { createLogger } from '../src/runtime/log.js'
import { startPrivateStores } from '../src/runtime/private-redis.js'
import { CONTROLLER_USER, edgeUser, POLICY_USER } from '../src/wire/access.js'
import type { ProcessMemory } from './memory-probe.js'

/** As `npm start` starts it (package.json). */
const FLAGS = ['--max-semi-space-size=2', '--v8-pool-size=1']
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' }

export interface Place {
  readonly server: ChildProcess
  readonly url: string
  /** Its data folder, which goes with it. */
  readonly data: string
  end(): Promise<void>
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = (): string => mkdtempSync(join(tmpdir(), 'mizani-memory-'))

/** `mizani up`, once it is ready. */
export async function startUp(plane: string): Promise<Place> {
  const data = folder()
  const { server, url, stop } = await start(['up'], data, { MIZANI_PLANE: plane })
  return {
    ...{ server, url, data },
    async end() {
      await stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** `mizani controller`; its stores and its edges belong to this process. */
export async function startAlone(plane: string): Promise<Place> {
  const [data, dataDir] = [folder(), folder()]
  // What the edges say of a busy machine is not what is asked here.
  const log = createLogger('bench', 'error', new Writable({ write: (_part, _encoding, done) => done() }))
  const stores = await startPrivateStores({ dataDir, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER })
  const { server, url, stop } = await start(['controller'], data, {
    ...{ MIZANI_PLANE: plane, REDIS_URL: stores.durableUrl, RATES_REDIS_URL: stores.volatileUrl },
  })
  const { document } = loadPlane(plane)
  const users = Object.keys(document!.edges).map((edge) => edgeUser(document!.plane.id, edge))
  const urls = await stores.ensureUsers('volatile', users)
  const edges = new DemoEdges({
    ...{ plane: document!.plane.id, network: () => null, usableOf: () => 1, clock: systemClock, log },
    urls: new Map(Object.keys(document!.edges).map((edge, n) => [edge, urls.get(users[n]!.name)!])),
  })
  await edges.startAll()
  return {
    ...{ server, url, data },
    async end() {
      await edges.stopAll()
      await stop()
      await stores.stop()
      for (const place of [data, dataDir]) rmSync(place, { recursive: true, force: true })
    },
  }
}

async function start(command: readonly string[], data: string, more: Record<string, string>) {
  const env = { PATH: process.env.PATH ?? '', HOME: data, MIZANI_DATA: data, ...MALLOC, ...more }
  const server = spawn(
    process.execPath,
    [...FLAGS, '--import', here('memory-probe.js'), here('../src/cli.js'), ...command, '--port', '0'],
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
  while ((await fetch(`${url}/v1/health/ready`)).status !== 200) await sleep(100)
  const stop = async (): Promise<void> => {
    const ended = new Promise((done) => server.once('exit', done))
    server.kill('SIGTERM')
    await ended
  }
  return { server, url, stop }
}

/** Of the person at the API. */
export const tokenOf = ({ data }: Place): string => readFileSync(join(data, 'cli-token'), 'utf8').trim()

/** Bytes, of a line of the kernel's account of the process. */
export const statusOf = ({ server }: Place, name: string): number =>
  1_024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1])

/** Seconds of processor time so far. */
export function busyFor({ server }: Place): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Bytes in memory of the kernels' memories: each is followed by GiB of addresses that are only reserved. */
export function kernelsOf({ server }: Place): { readonly count: number; readonly bytes: number } {
  const text = readFileSync(`/proc/${server.pid}/smaps`, 'utf8')
  const areas = [...text.matchAll(/^[0-9a-f]+-[0-9a-f]+ (\S+)[\s\S]*?^Size:\s+(\d+)[\s\S]*?^Rss:\s+(\d+)/gm)]
  const found = areas.filter(([, rights], n) => rights === 'rw-p' && Number(areas[n + 1]?.[2]) > 2 ** 20)
  return { count: found.length, bytes: found.reduce((sum, [, , , rss]) => sum + 1_024 * Number(rss), 0) }
}

/** Null: what each thread holds; else the main thread's heap is written to this file. */
export async function askProbe({ server }: Place, snapshot: string | null): Promise<ProcessMemory> {
  const answer = new Promise<ProcessMemory>((done) => server.once('message', (told) => done(told as ProcessMemory)))
  server.send({ snapshot })
  return answer
}
