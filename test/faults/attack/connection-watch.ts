// What is measured while half-open connections attack, and before: ticks, stores, key files, gateways, an honest
// client, alarms. Both phases do the same, so that you can compare them.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../../src/runtime/errors.js'
import { CLI } from '../../harness/root.js'
import type { Says } from '../edge-process.js'
import { credentialsOf } from '../gateways.js'
import type { Status } from '../processes.js'
import type { AttackedPlane } from './attacked-plane.js'

const STATUS_EVERY = 100
const EDGES_EVERY = 500
const HONEST_EVERY = 200
const TOKEN_EVERY = 2_000
const COUNT_EVERY = 1_000
const KEYS_TIMEOUT = 30_000
const NEVER = Number.POSITIVE_INFINITY
const WARN = 40
const PRESSURE = '/proc/pressure/cpu'

interface EdgeRow {
  readonly id: string
  readonly state: string
  readonly lastReport: string | null
  readonly leaseLeftMs: number | null
}

export interface Alarm {
  readonly code: string
  readonly members: readonly string[]
  readonly detail: { readonly en: string }
}

/** All times in ms. */
export interface Phase {
  readonly seconds: number
  /** Ticks a second. */
  readonly tickRate: number
  readonly longestGap: number
  /** Edges that were not FRESH, with their states. */
  readonly notFresh: readonly string[]
  /** Since the last report of an edge, at most. */
  readonly silence: number
  /** Of the lease of an edge, at least. */
  readonly leaseLeft: number
  readonly honest: readonly number[]
  /** Tokens that were made, used and ended. */
  readonly tokens: number
  /** From a new generation in the key file until each edge has its key. */
  readonly keysTook: number
  /** What failed, as it was said. */
  readonly faults: readonly string[]
  /** Kinds of warnings and errors in the log of the controller, and how often. */
  readonly warnings: ReadonlyMap<string, number>
  /** Connections of all programs that the kernel dropped because a queue of accepted ones was full. */
  readonly dropped: number
  /** Part of the time in which some program of the machine waited for a processor; NaN: the kernel does not say. */
  readonly pressure: number
  readonly descriptors: number
  readonly residentMb: number
  /** Of one core, that the controller with all its threads takes. */
  readonly cpu: number
  readonly alarms: readonly Alarm[]
}

export class ConnectionWatch {
  readonly #states = new Set<string>()

  /** What an agent says of itself. */
  hear({ edge, state }: Says): void {
    if (state !== 'FRESH') this.#states.add(`${edge} ${state} by its own word`)
  }

  async phase(plane: AttackedPlane, time: number): Promise<Phase> {
    const began = performance.now()
    const [said, cpu, dropped, waited] = [plane.up.log().length, plane.cpu, droppedSoFar(), waitedSoFar()]
    this.#states.clear()
    const faults: string[] = []
    const end = began + time
    const [ticks, edges, honest, tokens, keysTook, most] = await Promise.all([
      watchTicks(plane, end, faults),
      watchEdges(plane, end, faults),
      askHonestly(plane, end, faults),
      useTokens(plane, end, faults),
      renewKeys(plane, began + time / 4, faults),
      weigh(plane, end),
    ])
    const seconds = (performance.now() - began) / 1_000
    const { items } = await plane.get<{ items: Alarm[] }>('/v1/alarms?all=true&pageSize=1000')
    return {
      ...{ ...ticks, ...most, ...edges, seconds, honest, tokens, keysTook, faults, alarms: items },
      cpu: (plane.cpu - cpu) / seconds,
      dropped: droppedSoFar() - dropped,
      pressure: (waitedSoFar() - waited) / seconds,
      notFresh: [...edges.notFresh, ...this.#states],
      warnings: warningsIn(plane.up.log().slice(said)),
    }
  }
}

/** Does it again and again until the time is over; what it throws is a fault. */
async function each(end: number, pause: number, faults: string[], act: () => Promise<void>): Promise<void> {
  while (performance.now() < end) {
    const began = performance.now()
    await act().catch((error: unknown) => faults.push(messageOf(error)))
    await sleep(Math.max(0, pause - (performance.now() - began)))
  }
}

/** A controller may publish more than once in a tick, so the metrics count ticks. */
async function watchTicks(plane: AttackedPlane, end: number, faults: string[]) {
  const seen = new Map<number, number>()
  const [before, began] = [await ticksOf(plane), performance.now()]
  await each(end, STATUS_EVERY, faults, async () => {
    const { seq, at } = await plane.get<Status & { readonly at: string }>('/v1/status')
    seen.set(seq, Date.parse(at))
  })
  const times = [...seen].sort(([a], [b]) => a - b).map(([, at]) => at)
  const gaps = times.slice(1).map((at, k) => at - times[k]!)
  const [ticks, seconds] = [(await ticksOf(plane)) - before, (performance.now() - began) / 1_000]
  return { tickRate: ticks / seconds, longestGap: Math.max(0, ...gaps) }
}

async function ticksOf(plane: AttackedPlane): Promise<number> {
  return Number(/^mizani_tick_lateness_seconds_count (\d+)/m.exec(await plane.text('/metrics'))?.[1])
}

async function watchEdges(plane: AttackedPlane, end: number, faults: string[]) {
  const notFresh = new Set<string>()
  let [silence, leaseLeft] = [0, NEVER]
  await each(end, EDGES_EVERY, faults, async () => {
    const { items } = await plane.get<{ items: EdgeRow[] }>('/v1/edges?pageSize=1000')
    const now = Date.now()
    for (const { id, state, lastReport, leaseLeftMs } of items) {
      if (state !== 'FRESH') notFresh.add(`${id} ${state}`)
      silence = Math.max(silence, lastReport === null ? NEVER : now - Date.parse(lastReport))
      leaseLeft = Math.min(leaseLeft, leaseLeftMs ?? 0)
    }
  })
  return { notFresh: [...notFresh], silence, leaseLeft }
}

/** Counted from when it was to be asked: an answer that does not come delays no other. */
async function askHonestly(plane: AttackedPlane, end: number, faults: string[]): Promise<readonly number[]> {
  const times: number[] = []
  const asked: Promise<void>[] = []
  const ask = async (): Promise<void> => {
    const began = performance.now()
    try {
      const status = await plane.asHonest('/v1/status')
      if (status !== 200) throw new Error(`status ${status}`)
      times.push(performance.now() - began)
    } catch (error) {
      times.push(NEVER)
      faults.push(`honest client: ${messageOf(error)}`)
    }
  }
  while (performance.now() < end) {
    asked.push(ask())
    await sleep(HONEST_EVERY)
  }
  await Promise.all(asked)
  return times
}

/** Each is written to the policy store and to a file, is let in, and is ended. */
async function useTokens(plane: AttackedPlane, end: number, faults: string[]): Promise<number> {
  const user = `service-${Math.round(end)}`
  await plane.send('POST', '/v1/users', { id: user, roles: ['viewer'], scope: null })
  let used = 0
  await each(end, TOKEN_EVERY, faults, async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    const order = { user, name: 'attack', roles: ['viewer'], expires }
    const { id, token } = await plane.send<{ id: string; token: string }>('POST', '/v1/tokens', order)
    const [during, , after] = [
      await plane.asHonest('/v1/status', token),
      await plane.send('DELETE', `/v1/tokens/${id}`),
      await plane.asHonest('/v1/status', token),
    ]
    if (during !== 200 || after !== 401) throw new Error(`a token is answered ${during}, and ${after} when it is ended`)
    used++
  })
  return used
}

/** The command writes the key file, the controller reads it, each gateway fetches its key and writes it down. */
async function renewKeys(plane: AttackedPlane, at: number, faults: string[]): Promise<number> {
  await sleep(Math.max(0, at - performance.now()))
  const began = performance.now()
  const before = new Map(plane.edges.map((edge) => [edge, newestKey(plane, edge)]))
  const env = { PATH: process.env.PATH ?? '', MIZANI_DATA: plane.data }
  const child = spawn(process.execPath, [CLI, 'edge-user', 'new-keys', '--now'], { env, stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) faults.push(`new-keys ended with ${code}`)
  let without = [...plane.edges]
  while (performance.now() - began < KEYS_TIMEOUT) {
    without = without.filter((edge) => newestKey(plane, edge) === before.get(edge))
    if (without.length === 0) return performance.now() - began
    await sleep(50)
  }
  faults.push(`no new key at ${without.join(', ')}`)
  return NEVER
}

const newestKey = ({ gateways }: AttackedPlane, edge: string): number =>
  Math.max(0, ...credentialsOf(gateways, edge).keys.map(({ generation }) => generation))

async function weigh(plane: AttackedPlane, end: number) {
  let [descriptors, residentMb] = [0, 0]
  await each(end, COUNT_EVERY, [], async () => {
    descriptors = Math.max(descriptors, plane.descriptors)
    residentMb = Math.max(residentMb, plane.residentMb)
  })
  return { descriptors, residentMb }
}

function droppedSoFar(): number {
  const [names = [], values = []] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  return Number(values[names.indexOf('ListenDrops')])
}

/** Seconds. */
function waitedSoFar(): number {
  const text = existsSync(PRESSURE) ? readFileSync(PRESSURE, 'utf8') : ''
  return Number(/^some .*total=(\d+)/m.exec(text)?.[1] ?? Number.NaN) / 1e6
}

function warningsIn(log: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const line of log.split('\n')) {
    const level = Number(/"level":(\d+)/.exec(line)?.[1] ?? 0)
    const isPlain = line !== '' && !line.startsWith('{')
    if (level < WARN && !isPlain) continue
    const what = /"msg":"([^"]*)"/.exec(line)?.[1] ?? line.slice(0, 120)
    found.set(what, (found.get(what) ?? 0) + 1)
  }
  return found
}
