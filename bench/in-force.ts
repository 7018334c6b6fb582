// How long a decision takes to be true: from the moment a change of policy is accepted to the moment kernels enforce
// it, at 50 edges over real stores, each with its own agent and user. Kernels are made up and take no time; every flow
// always wants more than it has. The edges stand in pairs behind a line of their own: when one's promise is cut, it
// shrinks at once, and its neighbour grows when that is known.

import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Agent, createAgent } from '../src/edge/agent.js'
import type { Driver } from '../src/edge/driver.js'
import { EMPTY_TABLE, type RateTable, rateOperations, tableAfter } from '../src/edge/drivers/rate-operations.js'
import { createSubscriber } from '../src/edge/subscriber.js'
import { recordKey } from '../src/model/lease.js'
import { provisionalIndexes } from '../src/policy/compile/compile.js'
import type { PolicyDocument } from '../src/policy/document/document.js'
import { NOTHING_IN_FORCE } from '../src/policy/in-force/holding.js'
import { ratesStore } from '../src/publish/rates-store.js'
import { systemClock } from '../src/runtime/clock.js'
import { createLogger } from '../src/runtime/log.js'
import { startPrivateStores } from '../src/runtime/private-redis.js'
import { connect, type Redis } from '../src/runtime/redis.js'
import { Controller } from '../src/tick/controller.js'
import { createSolverThreads } from '../src/tick/solver.js'
import { CONTROLLER_USER, edgeUser, POLICY_USER } from '../src/wire/access.js'
import { smallPlane } from '../test/tick/small-plane.js'
import { printTable, shown } from './harness.js'

const EDGES = 50
const ROUNDS = 60
/** bit/s of the line behind which a pair stands. */
const LINE = 100_000_000
const log = createLogger('bench', 'error')
const clock = systemClock

function plane(): PolicyDocument {
  const document = structuredClone(smallPlane({ institutions: 1, upstream: 100_000_000_000 }))
  const [link, edge] = [document.links.trunk!, document.edges.east!]
  const [institution, site] = [document.institutions['inst-000']!, document.sites['inst-000-a']!]
  document.nodes = { outside: document.nodes.outside!, centre: document.nodes.centre! }
  document.links = { transit: document.links.transit! }
  document.edges = {}
  document.institutions = {}
  document.sites = {}
  for (let k = 0; k < EDGES; k++) {
    const pair = `pair-${Math.floor(k / 2)}`
    const id = nameOf(k)
    document.nodes[pair] = document.nodes.centre!
    document.links[`line-${pair}`] = { ...link, from: 'centre', to: pair, capacity: { down: LINE, up: LINE } }
    document.edges[id] = { ...edge, node: pair }
    document.institutions[id] = { ...institution, tier: 'large' }
    document.sites[id] = { ...site, institution: id, edge: id, prefixes: [`10.9.${k}.0/24`] }
  }
  return document
}

const nameOf = (k: number): string => `edge-${String(k).padStart(2, '0')}`

/** A kernel that takes no time and flows that always want more than they get. */
function eagerDriver(changed: (table: RateTable) => void): Driver<RateTable> {
  let table = EMPTY_TABLE
  const sent = new Map<number, number>()
  let countedAt = clock.monotonic()
  return {
    name: 'eager',
    simulated: true,
    probe: async () => ({ facts: {}, obstacles: [] }),
    observe: async () => table,
    plan: rateOperations,
    apply: async (operations, desired) => {
      table = tableAfter(desired)
      changed(table)
      return { applied: operations.length, refusal: null }
    },
    stats: async () => {
      const seconds = (clock.monotonic() - countedAt) / 1_000
      countedAt = clock.monotonic()
      const leaves = table.rates.map((record) => {
        const { institution, service, direction, rate } = record
        const key = recordKey(record)
        const bytes = (sent.get(key) ?? 0) + (rate * 1_000 * seconds) / 8
        sent.set(key, bytes)
        const packets = Math.floor(bytes / 1_000)
        return {
          institution,
          service,
          direction,
          class: 0,
          bytes: Math.floor(bytes),
          packets,
          drops: 0,
          backlog: 9_000,
        }
      })
      return { generation: 1, leaves }
    },
    close: async () => undefined,
  }
}

const data = mkdtempSync(join(tmpdir(), 'mizani-in-force-'))
const stores = await startPrivateStores({
  dataDir: data,
  log,
  durableUser: POLICY_USER,
  volatileUser: CONTROLLER_USER,
})
const agents: Agent[] = []
const solver = createSolverThreads()
const connections: Redis[] = []
try {
  let document = plane()
  let revision = 1
  const startController = (id: string): Controller => {
    const redis = connect(stores.volatileUrl, 'controller', { log })
    const subscriber = connect(stores.volatileUrl, 'controller-subscriber')
    connections.push(redis, subscriber)
    const situation = () => ({
      revision: { document, revision, hash: `sha256:${revision}`, indexes: provisionalIndexes(document) },
      inForce: NOTHING_IN_FORCE,
      switches: new Map(),
    })
    const store = ratesStore(redis, subscriber, 'small', systemClock, log)
    const controller = new Controller({ id, clock, log, solver, store, situation })
    controller.start()
    return controller
  }
  const controller = startController('first')
  const rates = new Map<string, number>()
  const waiting = new Set<() => void>()
  const ids = Array.from({ length: EDGES }, (_, k) => nameOf(k))
  const users = await stores.ensureUsers(
    'volatile',
    ids.map((id) => edgeUser('small', id)),
  )
  await Promise.all(
    ids.map(async (edge) => {
      const driver = eagerDriver(({ rates: records, profile }) => {
        const index = profile!.institutions[0]!.index
        const record = [...records.values()].find(
          (r) => r.institution === index && r.service === 0 && r.direction === 0,
        )
        rates.set(edge, record!.rate)
        for (const look of [...waiting]) look()
      })
      const url = users.get(edgeUser('small', edge).name)!
      const transport = createSubscriber({ url, plane: 'small', edge, clock, log })
      const agent = createAgent({ edge, driver, clock, transport, stateDir: null, log })
      agents.push(agent)
      await agent.start()
    }),
  )
  await clock.sleep(8_000)

  /** Resolves with the time this took. */
  const until = (holds: () => boolean): Promise<number> =>
    new Promise((resolve, reject) => {
      const began = performance.now()
      const end = (settle: () => void): void => {
        timer.cancel()
        waiting.delete(look)
        settle()
      }
      const timer = clock.setTimer(10_000, () => end(() => reject(new Error('it never came into force'))))
      const look = (): void => {
        if (holds()) end(() => resolve(performance.now() - began))
      }
      waiting.add(look)
    })

  const decreases: number[] = []
  const increases: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const pair = round % (EDGES / 2)
    const [loser, winner] = [nameOf(2 * pair), nameOf(2 * pair + 1)]
    const [had, gave] = [rates.get(loser)!, rates.get(winner)!]
    document = structuredClone(document)
    document.institutions[loser]!.tier = 'small'
    revision++
    controller.wake()
    const [decrease, increase] = await Promise.all([
      until(() => rates.get(loser)! < 0.85 * had),
      until(() => rates.get(winner)! > 1.1 * gave),
    ])
    decreases.push(decrease)
    increases.push(increase)
    document = structuredClone(document)
    document.institutions[loser]!.tier = 'large'
    revision++
    controller.wake()
    await clock.sleep(400 + 50 * (round % 7))
  }

  // The first leader stands still: it ticks no more, and does not say so.
  const second = startController('second')
  await clock.sleep(2_500)
  const died = performance.now()
  await controller.stop({ resign: false })
  while (!second.leads) await clock.sleep(5)
  const takeover = performance.now() - died
  await second.stop()

  const at = (times: number[], q: number): string => {
    times.sort((a, b) => a - b)
    return shown(times[Math.min(times.length - 1, Math.floor(q * times.length))]!)
  }
  console.log(`${EDGES} edges, ${ROUNDS} changes of policy, load average ${loadavg()[0]!.toFixed(1)}`)
  printTable(
    ['accepted -> in force', 'median', 'p99', 'goal'],
    [
      ['a decrease', at(decreases, 0.5), at(decreases, 0.99), '25 ms / 100 ms'],
      ['an increase that waits for one shrink', at(increases, 0.5), at(increases, 0.99), '60 ms'],
      ['takeover from a leader that died', shown(takeover), '', '6 s'],
    ],
  )
} finally {
  await Promise.all(agents.map((agent) => agent.stop()))
  for (const redis of connections) redis.disconnect()
  await solver.close()
  await stores.stop()
  rmSync(data, { recursive: true, force: true })
}
