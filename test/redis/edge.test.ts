// An edge on a real store, signed in as its own user: the transport that the tests on a manual clock leave out. The
// controller's side is the real publisher with rates of the test's own. Nothing here asserts how long a thing takes.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Agent, createAgent } from '../../src/edge/agent.js'
import { createSimulatedDriver } from '../../src/edge/drivers/simulated.js'
import { createSubscriber } from '../../src/edge/subscriber.js'
import { type EdgeReport, type RateRecord, recordKey } from '../../src/model/lease.js'
import type { Plan } from '../../src/model/plan.js'
import { Publisher } from '../../src/publish/publisher.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { type PrivateStores, startPrivateStores } from '../../src/runtime/private-redis.js'
import { connect, type Redis, untilReady } from '../../src/runtime/redis.js'
import { CONTROLLER_USER, edgeUser, POLICY_USER } from '../../src/wire/access.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeReport, versionFor } from '../../src/wire/codec.js'
import type { RateMessage } from '../../src/wire/messages.js'
import { keys } from '../../src/wire/redis-keys.js'
import { edgeProfile, rateRecord } from '../edge/fixtures.js'
import { CLI } from '../harness/root.js'

const PLANE = 'test'
const EDGE = 'dar-1'
const name = keys(PLANE).edge(EDGE)
const log = createLogger('test', 'silent')
const FLOWS = [rateRecord(2, 0, 4_000), rateRecord(2, 1, 1_000), rateRecord(3, 0, 2_000), rateRecord(3, 1, 500)]

/** Waits for what must come to pass; the limit only ends a test that has failed already. */
async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    if (await condition()) return
    await sleep(10)
  }
  throw new Error(`never: ${what}`)
}

// ---- the controller's side: one edge, whose profile is that of the fixtures

const profile = edgeProfile()
const plan: Plan = {
  plane: PLANE,
  name: { en: 'Test', sw: 'Jaribio' },
  demo: true,
  revision: 1,
  hash: 'sha256:00',
  timezone: 'Africa/Dar_es_Salaam',
  timing: { tick: profile.tick, lease: profile.lease, staleAfterTicks: profile.staleAfterTicks },
  demand: { margin: 1.15, threshold: 0.9 },
  shortfalls: [],
  detours: [],
  bootRate: profile.bootRate,
  flows: [],
  flowIndex: new Map(),
  families: [],
  envelopes: [],
  links: [],
  institutions: profile.institutions.map(({ index, id, name }) => ({
    ...{ id, index, name, category: 'agency', region: 'dar', tier: 'office', govnet: true, internet: true },
    ...{ envelope: null, labels: {}, edges: [EDGE], flows: [] },
  })),
  edges: [
    {
      ...{ id: EDGE, name: { en: EDGE, sw: EDGE }, node: EDGE, region: 'dar', enforcement: 'enforce', pace: 'live' },
      ...{ line: 'fibre', port: profile.port, flows: [] },
      sites: profile.institutions.flatMap(({ id, sites }) =>
        sites.map((site) => ({ ...site, institution: id, edge: EDGE })),
      ),
    },
  ],
  services: profile.services.map((service) => ({ ...service, name: { en: service.id, sw: service.id } })),
  classes: profile.classes.map((one) => ({ ...one, name: { en: one.id, sw: one.id } })),
  bands: [],
  safe: new Uint32Array(),
  unreachable: new Set(),
  warnings: [],
}

class Controller {
  readonly publisher: Publisher
  epoch = 0
  seq = 0
  #contentSeq = 0
  #records: readonly RateRecord[] = []

  constructor(url: string) {
    this.publisher = new Publisher({ url, plane: PLANE, log })
  }

  async lead(): Promise<void> {
    await this.publisher.ready(5_000)
    this.epoch = (await this.publisher.elect('ctl', this.epoch)).epoch
    this.seq = 0
    this.#contentSeq = 0
  }

  async report(): Promise<EdgeReport | null> {
    return (await this.publisher.readReports([{ id: EDGE, flows: [] }]))[0] ?? null
  }

  /** Publishes the records as a snapshot, or as a delta where there is content to build on; none: a heartbeat. */
  async publish(records: readonly RateRecord[] = []): Promise<void> {
    await this.publisher.elect('ctl', 0)
    const heard = await this.report()
    const stamp = heard?.stamp ?? null
    const counted = heard?.isBase ?? false
    const version = versionFor(heard?.reads ?? null)
    const hash = this.publisher.profiles(plan, new Map()).get(EDGE)!
    const seq = ++this.seq
    const head = {
      ...{ version, edge: EDGE, epoch: this.epoch, seq, revision: 1, profile: hash, lease: 60_000, stamp, counted },
    }
    const changed = new Map(records.map((record) => [recordKey(record), record]))
    const first = this.#contentSeq === 0
    this.#records = first ? records : this.#records.map((record) => changed.get(recordKey(record)) ?? record)
    const whole: RateMessage = { ...head, kind: 'snapshot', baseSeq: 0, records: this.#records }
    const kind = first ? 'snapshot' : records.length > 0 ? 'delta' : 'heartbeat'
    const message: RateMessage = first ? whole : { ...head, kind, baseSeq: this.#contentSeq, records }
    if (kind !== 'heartbeat') this.#contentSeq = seq
    const snapshot = kind === 'heartbeat' ? null : whole
    await this.publisher.publish('ctl', { epoch: this.epoch, seq }, [{ edge: EDGE, snapshot, message }])
  }

  /** Renews until it is so. */
  async renewUntil(condition: (report: EdgeReport) => boolean, what: string): Promise<EdgeReport> {
    await until(async () => {
      const report = await this.report()
      if (report && condition(report)) return true
      await this.publish()
      await sleep(50)
      return false
    }, what)
    return (await this.report())!
  }
}

interface World {
  readonly stores: PrivateStores
  readonly edgeUrl: string
  readonly owner: Redis
  readonly controller: Controller
}

async function world(t: Test): Promise<World> {
  const dataDir = join(t.testdir(), 'data')
  const stores = await startPrivateStores({ dataDir, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER })
  t.teardown(() => stores.stop())
  const urls = await stores.ensureUsers('volatile', [edgeUser(PLANE, EDGE)])
  const url = new URL(stores.volatileUrl)
  url.username = 'supervisor'
  url.password = JSON.parse(readFileSync(join(dataDir, 'store-secrets.json'), 'utf8')).supervisor
  const owner = connect(url.href, 'supervisor', { log })
  const controller = new Controller(stores.volatileUrl)
  t.teardown(() => {
    owner.disconnect()
    controller.publisher.close()
  })
  await untilReady(owner, 5_000)
  await controller.lead()
  return { stores, edgeUrl: [...urls.values()][0]!, owner, controller }
}

async function startAgent(t: Test, url: string): Promise<Agent> {
  const clock = systemClock
  const driver = createSimulatedDriver({ clock, seed: 1 })
  const transport = createSubscriber({ url, plane: PLANE, edge: EDGE, clock, log })
  const agent = createAgent({ edge: EDGE, driver, clock, transport, stateDir: null, log })
  t.teardown(() => agent.stop())
  await agent.start()
  return agent
}

const applied = (seq: number) => (report: EdgeReport) => report.applied?.seq === seq && report.state === 'FRESH'

t.test('over a real store', async (t) => {
  const { edgeUrl, owner, controller } = await world(t)
  const agent = await startAgent(t, edgeUrl)

  await t.test('an edge is told, applies, acknowledges, and counts', async (t) => {
    await controller.publish(FLOWS)
    await controller.renewUntil(applied(1), 'the first rates are in force')
    const { seq } = controller
    await controller.publish([rateRecord(2, 0, 3_000)])
    await controller.renewUntil(applied(seq + 1), 'the delta is in force')
    const report = await controller.renewUntil(
      ({ counters }) => counters?.some(({ bytes }) => bytes > 0) ?? false,
      'traffic was counted',
    )
    t.match(report, { driver: 'simulated', simulated: true, refusal: null })
    await until(async () => {
      const said = decodeReport((await owner.getBuffer(keys(PLANE).report(EDGE)))!, { edge: EDGE })
      await controller.publish()
      return !isRefusal(said) && said.counted?.kind === 'added'
    }, 'counters are told as what was added')
    await controller.renewUntil(({ isBase }) => isBase === true, 'and understood')
  })

  await t.test('what was published while its link was cut is read from the snapshot', async (t) => {
    await owner.client('KILL', 'USER', edgeUser(PLANE, EDGE).name)
    await controller.publish([rateRecord(3, 0, 1_111)])
    const { seq } = controller
    await controller.renewUntil(applied(seq), 'the missed delta is in force')
    t.equal(agent.status().state, 'FRESH')
  })

  await t.test('what is damaged or foreign is refused, and said', async (t) => {
    const good = (await owner.getBuffer(name.snap))!
    const damaged = Buffer.from(good)
    damaged[60]! ^= 1
    const seq = agent.status().applied!.seq
    await owner.publish(name.down, damaged)
    await controller.renewUntil(({ refusal }) => refusal?.code === 'CHECKSUM', 'the damage is reported')
    await owner.publish(name.down, 'hello')
    await until(() => agent.status().refusal?.code === 'MALFORMED', 'what is not ours is refused')
    t.equal(agent.status().applied?.seq, seq, 'the last good rates stay')
    await controller.renewUntil(({ refusal }) => refusal === null, 'a good message clears it')
  })

  await t.test('a store that lost everything is no event for the rates', async (t) => {
    const before = agent.status().applied!
    await owner.flushall()
    await sleep(100)
    t.same(agent.status().applied, before)
    await controller.lead()
    t.ok(controller.epoch > before.epoch)
    await controller.publish(FLOWS)
    const report = await controller.renewUntil(applied(1), 'the new leader is followed')
    t.equal(report.applied?.epoch, controller.epoch)
  })
})

t.test('mizani edge as a process', async (t) => {
  const { edgeUrl, controller } = await world(t)
  const folder = join(t.testdir(), 'gateway')
  mkdirSync(folder)
  const secret = join(folder, 'rates-url')
  writeFileSync(secret, edgeUrl, { mode: 0o600 })
  await controller.publish(FLOWS)

  const args = [CLI, 'edge', '--id', EDGE, '--driver', 'dry-run']
  const start = (more: Record<string, string>): [ChildProcess, () => string] => {
    const { PATH = '' } = process.env
    const env = { PATH, MIZANI_PLANE: PLANE, MIZANI_DATA: folder, ...more }
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    t.teardown(() => child.kill('SIGKILL'))
    let text = ''
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (s) => (text += s))
    return [child, () => text]
  }

  await t.test('says what it would do, and ends on SIGTERM', async (t) => {
    const [child, text] = start({ RATES_REDIS_URL_FILE: secret })
    const exit = once(child, 'exit')
    await controller.renewUntil(applied(1), 'the process acknowledges')
    t.match(text(), /posta\/internet\/down .*4000 kbit\/s/)
    child.kill('SIGTERM')
    t.same(await exit, [0, null])
    t.notMatch(text(), new URL(edgeUrl).password, 'its secret is not in its words')
  })

  await t.test('without a store it says what is missing', async (t) => {
    const [child, text] = start({})
    t.same(await once(child, 'exit'), [2, null])
    t.match(text(), /RATES_REDIS_URL/)
    t.notMatch(text(), /\n\s+at /)
  })
})
