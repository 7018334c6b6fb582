// Two controller processes on one pair of stores, and what befalls the one that leads: it is killed, or it stands still
// through its lease and then goes on as if nothing had happened. Each publication is heard on the wire.
//
//   TAKEOVERS=100   as many as that (`npm run faults:leaders`); 4 unless said

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { LEADER_LEASE } from '../../src/publish/publisher.js'
import { createLogger } from '../../src/runtime/log.js'
import { startPrivateStores } from '../../src/runtime/private-redis.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../../src/wire/access.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates } from '../../src/wire/codec.js'
import { keys } from '../../src/wire/redis-keys.js'
import { CLI, ROOT } from '../harness/root.js'
import { until } from './redis-server.js'

const TAKEOVERS = Number(process.env.TAKEOVERS ?? 4)
/** One takeover in so many is a death. */
const DEATHS = 4
const TOKEN = 'a-token-for-the-test-of-leaders-only'
const EDGE = 'dar-1'

const data = mkdtempSync(join(tmpdir(), 'mizani-leaders-'))
const log = createLogger('stores', 'silent')
const stores = await startPrivateStores({
  dataDir: join(data, 'stores'),
  log,
  durableUser: POLICY_USER,
  volatileUser: CONTROLLER_USER,
})

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly log: () => string
}
const running = new Set<Running>()
let made = 0

async function startController(): Promise<Running> {
  const folder = join(data, `controller-${made++}`)
  const child = spawn(process.execPath, [CLI, 'controller', '--port', '0'], {
    cwd: ROOT,
    env: {
      ...{ PATH: process.env.PATH ?? '', MIZANI_DATA: folder, MIZANI_ADMIN_TOKEN: TOKEN },
      ...{ REDIS_URL: stores.durableUrl, RATES_REDIS_URL: stores.volatileUrl },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += chunk))
  child.stderr.on('data', (chunk) => (text += chunk))
  const ready = /"url":"([^"]+)"[^\n]*"msg":"ready"/
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(text)
      return ready.test(text)
    },
    'a controller is ready',
    6_000,
  )
  const controller = { child, url: ready.exec(text)![1]!, log: () => text }
  await until(async () => (await fetch(`${controller.url}/v1/health/ready`)).ok, 'its first tick', 6_000)
  running.add(controller)
  return controller
}

t.teardown(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await stores.stop()
  rmSync(data, { recursive: true, force: true })
})

interface Status {
  readonly leader: string
  readonly leads: boolean
  readonly epoch: string
  readonly revision: number
}
async function ask<T>({ url }: Running, path: string, init: RequestInit = {}): Promise<T> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, { ...init, headers })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
const statusOf = (controller: Running): Promise<Status> => ask(controller, '/v1/status')

t.test(
  'one leads, the others watch; whoever leads may die or sleep',
  { timeout: 60_000 + TAKEOVERS * 15_000 },
  async (t) => {
    const names = keys('taifa')
    const head = connect(stores.volatileUrl, 'controller')
    const subscriber = connect(stores.volatileUrl, 'controller-subscriber')
    t.teardown(() => {
      head.disconnect()
      subscriber.disconnect()
    })
    await untilReady(head, 5_000)
    const writers = new Map<number, string>()
    const heard: { epoch: number; seq: number; at: number }[] = []
    const faults: string[] = []
    /** The test is over before the answer. */
    const ended = (): void => undefined
    subscriber.on('messageBuffer', (_: Buffer, bytes: Buffer) => {
      const message = decodeRates(bytes, { edge: EDGE })
      if (isRefusal(message)) return void faults.push(message.detail)
      const { epoch, seq } = message
      const last = heard.at(-1)
      const follows =
        last === undefined || (epoch === last.epoch ? seq === last.seq + 1 : epoch > last.epoch && seq === 1)
      if (!follows) faults.push(`${epoch}.${seq} after ${last.epoch}.${last.seq}`)
      heard.push({ epoch, seq, at: performance.now() })
      const asked = head.hmget(names.head, 'epoch', 'leader')
      void asked.then(([now, leader]) => {
        if (Number(now) !== epoch) return
        if ((writers.get(epoch) ?? leader) !== leader) faults.push(`epoch ${epoch} has two writers`)
        writers.set(epoch, leader!)
      }, ended)
    })
    await subscriber.subscribe(names.edge(EDGE).down)

    let [leader, standby] = [await startController(), await startController()]
    await until(
      async () => (await statusOf(standby)).leader === (await statusOf(leader)).leader,
      'both name one leader',
    )
    t.match(await statusOf(leader), { leads: true }, 'the first one leads')
    t.match(await statusOf(standby), { leads: false }, 'the second one stands by, and answers')

    await ask(standby, `/v1/edges/${EDGE}/enforcement`, {
      method: 'POST',
      body: JSON.stringify({ enforcement: 'observe', reason: 'said to the standby' }),
    })
    await until(async () => {
      const { enforcement } = await ask<{ enforcement: string }>(leader, `/v1/edges/${EDGE}`)
      return enforcement === 'observe'
    }, 'what is said to the standby is done by the leader')

    const takeovers: number[] = []
    for (let k = 1; k <= TAKEOVERS; k++) {
      const dies = k % DEATHS === 0
      const before = heard.at(-1)!.epoch
      const began = performance.now()
      leader.child.kill(dies ? 'SIGKILL' : 'SIGSTOP')
      await until(() => heard.at(-1)!.epoch > before, 'another one leads', 6_000)
      takeovers.push(heard.find(({ epoch }) => epoch > before)!.at - began)
      if (dies) {
        running.delete(leader)
        ;[leader, standby] = [standby, await startController()]
      } else {
        leader.child.kill('SIGCONT')
        ;[leader, standby] = [standby, leader]
        await until(async () => !(await statusOf(standby)).leads, 'who slept knows that it does not lead')
      }
      await sleep(300)
    }
    takeovers.sort((a, b) => a - b)
    const at = (q: number): string => `${(takeovers[Math.floor(q * (takeovers.length - 1))]! / 1_000).toFixed(2)} s`
    t.comment(`${TAKEOVERS} takeovers: median ${at(0.5)}, longest ${at(1)}; ${heard.length} publications in all`)
    t.same(faults, [], 'one writer in each term, every publication follows the one before')
    t.ok(writers.size > TAKEOVERS * 0.8, 'and it was looked at')
    t.match(await statusOf(leader), { leads: true, leader: writers.get(heard.at(-1)!.epoch) })
    // The lease, a tick of the other one, and what two busy cores add.
    t.ok(takeovers.at(-1)! < 2 * LEADER_LEASE, `no takeover took two leases: ${at(1)}`)
  },
)
