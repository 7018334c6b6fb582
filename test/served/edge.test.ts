// An edge on a real store, signed in as its own user: the transport that the tests on a manual clock leave out. The
// controller's side is the real one with rates of the test's own. Nothing here asserts how long a thing takes.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Agent, createAgent } from '../../src/edge/agent.js'
import { createSimulatedDriver } from '../../src/edge/drivers/simulated.js'
import { createSubscriber } from '../../src/edge/subscriber.js'
import { type EdgeReport, type RateRecord, recordKey } from '../../src/model/lease.js'
import type { Plan } from '../../src/model/plan.js'
import { profilesOf } from '../../src/publish/profile.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import type { PrivateStores } from '../../src/runtime/private-redis.js'
import { connect, type Redis, untilReady } from '../../src/runtime/redis.js'
import { edgeUser } from '../../src/wire/access.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeReport, versionFor } from '../../src/wire/codec.js'
import type { RateMessage } from '../../src/wire/messages.js'
import { keys } from '../../src/wire/redis-keys.js'
import { edgeProfile, rateRecord } from '../edge/fixtures.js'
import { bareEdgePlan } from '../harness/bare-plan.js'
import { privateStores } from '../harness/place.js'
import { Program } from '../harness/program.js'
import { type OpenRates, openRates } from '../harness/rates.js'
import { until } from '../harness/until.js'

const PLANE = 'test'
const EDGE = 'dar-1'
const name = keys(PLANE).edge(EDGE)
const log = createLogger('test', 'silent')
const FLOWS = [rateRecord(2, 0, 4_000), rateRecord(2, 1, 1_000), rateRecord(3, 0, 2_000), rateRecord(3, 1, 500)]

// ---- the controller's side: one edge, whose profile is that of the fixtures

// What is said each tick is said soon, and nobody is STALE sooner than with ticks of a second.
const profile = { ...edgeProfile(), tick: 200, staleAfterTicks: 15 }
const plan: Plan = {
  ...bareEdgePlan(PLANE, [EDGE]),
  timing: { tick: profile.tick, lease: profile.lease, staleAfterTicks: profile.staleAfterTicks },
  bootRate: profile.bootRate,
  institutions: profile.institutions.map(({ index, id, name }) => ({
    ...{ id, index, name, category: 'agency', region: 'dar', tier: 'office', govnet: true, internet: true },
    ...{ envelope: null, labels: {}, edges: [EDGE], flows: [] },
  })),
  edges: bareEdgePlan(PLANE, [EDGE]).edges.map((edge) => ({
    ...{ ...edge, port: profile.port },
    sites: profile.institutions.flatMap(({ id, sites }) =>
      sites.map((site) => ({ ...site, institution: id, edge: EDGE })),
    ),
  })),
  services: profile.services.map((service) => ({ ...service, name: { en: service.id, sw: service.id } })),
  classes: profile.classes.map((one) => ({ ...one, name: { en: one.id, sw: one.id } })),
}

class Controller {
  readonly #rates: OpenRates
  epoch = 0
  seq = 0
  #contentSeq = 0
  #records: readonly RateRecord[] = []

  constructor(rates: OpenRates) {
    this.#rates = rates
  }

  async lead(): Promise<void> {
    await this.#rates.ready()
    this.epoch = (await this.#rates.election.elect('ctl', this.epoch)).epoch
    this.seq = 0
    this.#contentSeq = 0
  }

  async report(): Promise<EdgeReport | null> {
    return (await this.#rates.incoming.readReports([{ id: EDGE, flows: [] }]))[0] ?? null
  }

  /** Publishes the records as a snapshot, or as a delta where there is content to build on; none: a heartbeat. */
  async publish(records: readonly RateRecord[] = []): Promise<void> {
    await this.#rates.election.elect('ctl', 0)
    const heard = await this.report()
    const stamp = heard?.stamp ?? null
    const counted = heard?.isBase ?? false
    const version = versionFor(heard?.reads ?? null)
    const { hash, bytes } = profilesOf(plan).get(EDGE)!
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
    await this.#rates.outgoing.publish('ctl', { epoch: this.epoch, seq }, [
      { edge: EDGE, profile: bytes, snapshot, message },
    ])
  }

  /** Renews until it is so. */
  async renewUntil(condition: (report: EdgeReport) => boolean, what: string): Promise<EdgeReport> {
    await until(
      async () => {
        const report = await this.report()
        if (report && condition(report)) return true
        await this.publish()
        return false
      },
      what,
      50,
    )
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
  const stores = await privateStores(t, dataDir)
  const urls = await stores.ensureUsers('volatile', [edgeUser(PLANE, EDGE)])
  const owner = connect(stores.volatileAdminUrl, 'supervisor', { log })
  const controller = new Controller(await openRates(t, stores.volatileUrl, PLANE))
  t.teardown(() => owner.disconnect())
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
      ({ counters }) => [...(counters ?? [])].some(({ bytes }) => bytes > 0),
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
    // Again and again: its channel may not be back yet, and nothing good may clear it before it is said.
    await until(
      async () => {
        if ((await controller.report())?.refusal?.code === 'CHECKSUM') return true
        await owner.publish(name.down, damaged)
        return false
      },
      'the damage is reported',
      50,
    )
    await owner.publish(name.down, 'hello')
    await until(() => agent.status().refusal?.code === 'MALFORMED', 'what is not ours is refused')
    t.equal(agent.status().applied?.seq, seq, 'the last good rates stay')
    await controller.renewUntil(({ refusal }) => refusal === null, 'a good message clears it')
  })

  await t.test('a store that lost everything is no event for the rates', async (t) => {
    const before = agent.status().applied!
    await owner.flushall()
    await until(async () => (await controller.report()) !== null, 'the edge has spoken to the empty store')
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

  const start = (more: Record<string, string>): Program =>
    new Program(['edge', '--id', EDGE, '--driver', 'dry-run'], t, {
      env: { MIZANI_PLANE: PLANE, MIZANI_DATA: folder, ...more },
    })

  await t.test('says what it would do, and ends on SIGTERM', async (t) => {
    const edge = start({ RATES_REDIS_URL_FILE: secret })
    await controller.renewUntil(applied(1), 'the process acknowledges')
    t.match(edge.log(), /posta\/internet\/down .*4000 kbit\/s/)
    t.equal(await edge.end('SIGTERM'), 0)
    t.notMatch(edge.log(), new URL(edgeUrl).password, 'its secret is not in its words')
  })

  await t.test('without a store it says what is missing', async (t) => {
    const edge = start({})
    t.equal(await edge.ended, 2)
    t.match(edge.log(), /RATES_REDIS_URL/)
    t.notMatch(edge.log(), /\n\s+at /)
  })
})
