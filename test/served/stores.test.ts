// The two stores as they really are: private servers, real clients, real signals. What is asserted is what was
// promised; nothing here depends on how long anything takes, only on that it happens.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { measure } from '../../bench/publish.js'
import { watchListener } from '../../src/process/listener-watch.js'
import { claimName } from '../../src/process/name-claim.js'
import { profilesOf } from '../../src/publish/profile.js'
import type { EdgePublication } from '../../src/publish/publication.js'
import type { RatesStore } from '../../src/publish/rates-store.js'
import { manualClock, systemClock } from '../../src/runtime/clock.js'
import { MAX_MESSAGE_BYTES, MAX_PROFILE_BYTES, STORE_IDLE } from '../../src/runtime/limits.js'
import { createLogger } from '../../src/runtime/log.js'
import { type PrivateStores, startPrivateStores } from '../../src/runtime/private-redis.js'
import { callFunction, connect, type Redis, remedyOf, untilReady } from '../../src/runtime/redis.js'
import { lostAtStart, type StoreKind, unmetLimits, unmetSettings } from '../../src/runtime/store-settings.js'
import { CONTROLLER_USER, edgeUser, POLICY_USER } from '../../src/wire/access.js'
import { decodeRates, encodeRates, encodeReport } from '../../src/wire/codec.js'
import { columnsOf } from '../../src/wire/leaf-columns.js'
import { keys } from '../../src/wire/redis-keys.js'
import { bareEdgePlan } from '../harness/bare-plan.js'
import { childrenOf, ofProcess } from '../harness/proc.js'
import { openRates } from '../harness/rates.js'
import { compiled } from '../harness/root.js'
import { until } from '../harness/until.js'
import { report, sinceThen, snapshot } from '../wire/samples.js'

// Each has servers of its own and waits for them: several at a time.
t.jobs = 4

const PLANE = 'taifa'
const names = keys(PLANE)

const logged: string[] = []
const log = createLogger('test', 'trace', { write: (line) => logged.push(line) })
const secrets = new Set<string>()

async function start(dataDir: string): Promise<PrivateStores> {
  const stores = await startPrivateStores({ dataDir, log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER })
  for (const secret of Object.values(secretsOf(dataDir))) secrets.add(secret)
  return stores
}

const secretsOf = (dataDir: string): Record<string, string> =>
  JSON.parse(readFileSync(join(dataDir, 'store-secrets.json'), 'utf8'))

/** A connection that may do everything, as the owner of the machine has it. */
async function asOwner(t: Test, stores: PrivateStores, dataDir: string, kind: StoreKind): Promise<Redis> {
  const url = new URL(kind === 'durable' ? stores.durableUrl : stores.volatileUrl)
  url.username = 'supervisor'
  url.password = secretsOf(dataDir).supervisor!
  return signIn(t, url.href, 'supervisor')
}

async function signIn(t: Test, url: string, role: Parameters<typeof connect>[1]): Promise<Redis> {
  const redis = connect(url, role, { log })
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  return redis
}

/** Why ten thousand sockets cannot be opened here, on either side; false: they can. */
function fewFiles(): string | false {
  const hard = Number(
    /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Number.NaN,
  )
  return hard < 16_100 ? `at most ${hard} open files` : false
}

const pidOf = async (redis: Redis): Promise<number> => Number(/process_id:(\d+)/.exec(await redis.info('server'))![1])

function isRunning(pid: number): boolean {
  return /^State:\s+[^Z]/m.test(ofProcess(pid, 'status'))
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) =>
      /** a reply's first word, or our code */ (error as { code?: string }).code ?? String(error).split(' ')[1],
  )

// ---- a small plan with three edges, and publications to them

const EDGES = ['dar-1', 'dod-1', 'mwz-1']
const REPORTING = EDGES.map((id) => ({ id, flows: [] }))

const profiles = profilesOf(bareEdgePlan(PLANE, EDGES))

function publications(epoch: number, seq: number, kind: 'snapshot' | 'heartbeat' = 'snapshot'): EdgePublication[] {
  return EDGES.map((edge) => {
    const { hash, bytes: profile } = profiles.get(edge)!
    const head = { ...snapshot, edge, epoch, seq, profile: hash }
    const whole = { ...head, kind: 'snapshot' as const, baseSeq: 0 }
    if (kind === 'snapshot') return { edge, profile, snapshot: whole, message: whole }
    return { edge, profile, snapshot: null, message: { ...head, kind, baseSeq: 1, records: [] } }
  })
}

const publish = ({ outgoing }: RatesStore, epoch: number, seq: number, kind?: 'heartbeat', by = 'ctl-a') =>
  outgoing.publish(by, { epoch, seq }, publications(epoch, seq, kind))

t.test('the volatile store', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const owner = await asOwner(t, stores, dataDir, 'volatile')
  t.beforeEach(() => owner.flushall().then(() => undefined))

  const open = (t: Test) => openRates(t, stores.volatileUrl, PLANE, log)
  const seqInForce = (): Promise<string | null> => owner.hget(names.head, 'seq')

  await t.test('one leads, under an epoch that only rises, and only the leader publishes', async (t) => {
    const [a, b] = [await open(t), await open(t)]
    const first = await a.election.elect('ctl-a', 0)
    t.match(first, { leads: true, leader: 'ctl-a' })
    t.same(await b.election.elect('ctl-b', 0), { leads: false, epoch: first.epoch, leader: 'ctl-a' })
    t.same(await a.election.elect('ctl-a', 0), first, 'renewing keeps the epoch')

    t.same(await publish(a, first.epoch, 1), { lost: [] })
    const stored = await owner.getBuffer(names.snap('dar-1'))
    t.match(decodeRates(stored!, { edge: 'dar-1' }), { epoch: first.epoch, seq: 1, records: snapshot.records })
    t.same((await a.feed.readSnapshots(['dar-1'])).get('dar-1'), decodeRates(stored!, { edge: 'dar-1' }))
    const life = await owner.pttl(names.snap('dar-1'))
    t.ok(life > 60_000 && life <= 120_000, 'a snapshot lives for two leases')

    t.equal(await publish(b, first.epoch, 2, undefined, 'ctl-b'), 'fenced', 'another controller in the same epoch')
    t.equal(await publish(b, first.epoch - 1, 2), 'fenced', 'an old epoch')
    t.equal(await publish(b, first.epoch + 1, 2), 'fenced', 'an epoch that nobody was given')
    t.equal(await seqInForce(), '1', 'and nothing of them was written')
    t.same(await owner.getBuffer(names.snap('dar-1')), stored)

    await b.election.resign('ctl-b')
    t.match(await b.election.elect('ctl-b', 0), { leads: false }, 'nobody resigns for another')
    await a.election.resign('ctl-a')
    const second = await b.election.elect('ctl-b', 0)
    t.ok(second.leads && second.epoch > first.epoch, 'a standby leads as soon as the leader resigns')
    t.equal(await publish(a, first.epoch, 2), 'fenced')
  })

  await t.test('two of one name: the second is refused, until the first has gone', async (t) => {
    const redis = await signIn(t, stores.volatileUrl, 'controller')
    const clock = manualClock()
    const claim = (name: string | null) => claimName({ redis, plane: PLANE, name, clock, log })
    const first = await claim('mwanza')
    t.match(first.id, /^mwanza-[0-9a-f]{6}$/)
    const second = t.rejects(claim('mwanza'), { code: 'NAME_TAKEN', message: new RegExp(first.id) })
    let ended = false
    void second.then(() => (ended = true))
    await until(() => clock.advance(500).then(() => ended), 'the second gives up')
    await first.release()
    const third = await claim('mwanza')
    t.not(third.id, first.id, 'another process, another identity')
    await third.release()
    const [one, other] = [await claim(null), await claim(null)]
    t.not(one.id, other.id, 'without a name there is none to claim')
  })

  await t.test('a leader that says nothing for its lease loses it', async (t) => {
    const [a, b] = [await open(t), await open(t)]
    const first = await a.election.elect('ctl-a', 0, 30)
    await until(async () => (await b.election.elect('ctl-b', 0)).leads, 'the standby leads')
    t.equal(await publish(a, first.epoch, 1), 'fenced', 'what it publishes after that is fenced')
  })

  await t.test('a publication that was held on its way until its term is over is none', async (t) => {
    const a = await open(t)
    const { epoch } = await a.election.elect('ctl-a', 0, 30)
    const isOver = async (): Promise<boolean> => {
      const [seconds, microseconds] = (await owner.time()).map(Number) as [number, number]
      return seconds * 1_000 + microseconds / 1_000 > Number(await owner.hget(names.head, 'exp'))
    }
    await until(isOver, 'the term is over')
    t.equal(await publish(a, epoch, 1), 'fenced', 'though nobody else leads')
    t.equal(await seqInForce(), '0', 'nothing of it was written:')
    t.same((await a.feed.readSnapshots(['dar-1'])).get('dar-1'), undefined, 'who leads next would take it for new')
    t.ok((await a.election.elect('ctl-a', 0)).epoch > epoch, 'it leads again by another term')
  })

  await t.test('a publication that is sent again is published once, an older one never', async (t) => {
    const a = await open(t)
    const { epoch } = await a.election.elect('ctl-a', 0)
    const send = (seq: number) => publish(a, epoch, seq)
    await send(1)
    await send(2)
    t.same(await send(2), { lost: [] })
    t.equal(await owner.xlen(names.delta('dar-1')), 2)
    const profile = await owner.getBuffer(names.profile('dar-1'))
    await owner.set(names.profile('dar-1'), 'what an order that was taken back had made of it')
    await t.rejects(send(1), { code: 'STALE_SEQ', remedy: 'drop' })
    t.equal(await seqInForce(), '2')
    await send(3)
    t.same(
      await owner.getBuffer(names.profile('dar-1')),
      profile,
      'a profile goes again where no answer said it is there',
    )
  })

  await t.test('a heartbeat renews what is there, and tells what is not', async (t) => {
    const a = await open(t)
    const { epoch } = await a.election.elect('ctl-a', 0)
    const send = (seq: number, kind?: 'heartbeat') => publish(a, epoch, seq, kind)
    await send(1)
    await owner.pexpire(names.snap('dar-1'), 50_000)
    t.same(await send(2, 'heartbeat'), { lost: [] })
    t.ok((await owner.pttl(names.snap('dar-1'))) > 100_000, 'its life starts anew')
    t.equal(await owner.xlen(names.delta('dar-1')), 1, 'no content, no entry')
    await owner.del(names.snap('dod-1'), names.profile('mwz-1'))
    t.same(await send(3, 'heartbeat'), { lost: ['dod-1', 'mwz-1'] })
    t.same(
      await send(4, 'heartbeat'),
      { lost: ['dod-1'] },
      'a lost profile goes out by itself, a snapshot is composed anew',
    )
    t.same(await send(5), { lost: [] })
  })

  await t.test('a store that lost everything gets a higher epoch, also when its clock went back', async (t) => {
    const a = await open(t)
    const before = await a.election.elect('ctl-a', 0)
    await owner.flushall()
    t.equal(await publish(a, before.epoch, 1, 'heartbeat'), 'fenced')
    // Epochs are milliseconds of the store: within one and the same it may begin again with the same.
    const isAbove = async (): Promise<boolean> =>
      (await a.election.elect('ctl-a', 0)).epoch > before.epoch || (await owner.flushall()) !== 'OK'
    await until(isAbove, 'an epoch above the one that was lost')
    await owner.flushall()
    const far = before.epoch + 1e9
    t.equal((await a.election.elect('ctl-a', far)).epoch, far + 1, 'the floor is what edges and controllers have seen')
  })

  await t.test('functions that are lost are loaded again; another code under our name is refused', async (t) => {
    const a = await open(t)
    const { epoch } = await a.election.elect('ctl-a', 0)
    await owner.function('FLUSH')
    t.same(await publish(a, epoch, 1), { lost: [] })
    await owner.function('FLUSH')
    await owner.function(
      'LOAD',
      "#!lua name=mizani_publish_3\nredis.register_function('other', function() return 1 end)",
    )
    await t.rejects(a.election.elect('ctl-a', 0), { code: 'LIBRARY_CONFLICT', remedy: 'stop' })
    await owner.function('FLUSH')
    await owner.function(
      'LOAD',
      "#!lua name=mizani_publish_0\nredis.register_function('older', function() return 0 end)",
    )
    await a.election.elect('ctl-a', 0)
    t.equal(await callFunction(owner, { name: 'x', source: '' }, 'older', [], []), 0, 'older versions stay beside ours')
    await owner.function(
      'LOAD',
      "#!lua name=echo\nredis.register_function('echo', function(names, words) return { names, words } end)",
    )
    const called = ['', 'mz:é', 'mz:名']
    const words = ['', 'ü\r\n', Buffer.from('a\r\n€'), Buffer.alloc(0), Buffer.from('z'), 'z']
    t.same(
      await callFunction(owner, { name: 'x', source: '' }, 'echo', called, words),
      [called, words.map(String)],
      'what a function is called with arrives as it was',
    )
  })

  await t.test('without memory a publication fails whole, and the leader stays', async (t) => {
    const a = await open(t)
    const { epoch } = await a.election.elect('ctl-a', 0)
    const send = (seq: number) => publish(a, epoch, seq)
    await send(1)
    const stored = await owner.getBuffer(names.snap('mwz-1'))
    t.teardown(() => owner.config('SET', 'maxmemory', '0'))
    await owner.config('SET', 'maxmemory', '1')
    t.equal(await send(2), 'unknown')
    t.same(await a.election.elect('ctl-a', 0), { leads: true, epoch, leader: 'ctl-a' })
    t.equal(await seqInForce(), '1')
    t.same(await owner.getBuffer(names.snap('mwz-1')), stored)
    t.equal(await owner.xlen(names.delta('dar-1')), 1)
    await owner.config('SET', 'maxmemory', '0')
    t.same(await send(2), { lost: [] }, 'with memory again, the same one goes out')
  })

  await t.test('reports are heard as they come and read for truth; what is no report is passed over', async (t) => {
    const a = await open(t)
    const heard: string[] = []
    let takes = false
    a.incoming.onReport(({ edge }) => {
      heard.push(edge)
      return takes
    })
    const urls = await stores.ensureUsers(
      'volatile',
      EDGES.map((edge) => edgeUser(PLANE, edge)),
    )
    const edge = await signIn(t, urls.get(edgeUser(PLANE, 'dar-1').name)!, 'edge-reader')
    t.same(await a.incoming.readReports(REPORTING), [], 'none yet')
    const bytes = encodeReport(report)
    await until(async () => (await edge.publish(names.up('dar-1'), bytes)) > 0, 'the controller listens')
    await until(() => heard.includes('dar-1'), 'the report is heard')
    await edge.set(names.report('dar-1'), bytes)
    await owner.set(names.report('dod-1'), encodeReport(report))
    await owner.set(names.report('mwz-1'), Buffer.alloc(6 * 1024 * 1024))
    t.match(
      await a.incoming.readReports(REPORTING),
      [{ edge: 'dar-1', applied: { seq: 8 } }],
      'not of another edge, not too large',
    )
    takes = true
    await edge.publish(names.up('dar-1'), bytes)
    await until(() => heard.length === 2, 'it is heard again')
    t.same(await a.incoming.readReports(REPORTING), [], 'what was taken in as it came is not read once more')
    takes = false
    const { at, leaves } = sinceThen.base!
    const before = { ...report, stamp: { ...report.stamp, at }, counters: leaves }
    await edge.publish(names.up('dar-1'), encodeReport(before, 2))
    await until(() => heard.length === 3, 'what it builds on is heard')
    await edge.set(names.report('dar-1'), encodeReport(sinceThen, 2))
    const understood = [{ counters: columnsOf(report.counters), isBase: true }]
    t.match(await a.incoming.readReports(REPORTING), understood, 'what was added to counters is added to them')
    t.match(
      await (await open(t)).incoming.readReports(REPORTING),
      [{ counters: null }],
      'who has not read the one before knows nothing',
    )

    // One edge shouts: what is beyond a message's size between two readings waits for the next one.
    const counters = Array.from({ length: 1_025 }, (_, k) => ({
      ...{ institution: k, service: 0, direction: 0 as const, class: 0 },
      ...{ bytes: 2 ** 40, packets: 2 ** 30, drops: 0, backlog: 0 },
    }))
    const many = columnsOf(counters)
    const loud = (n: number) => ({ ...before, stamp: { ...before.stamp, at: at + 100_000 + n }, counters: many })
    const size = encodeReport(loud(0), 2).length
    const most = Math.ceil(MAX_MESSAGE_BYTES / size)
    const told = heard.length
    for (let n = 0; n < most + 50; n++) await edge.publish(names.up('dar-1'), encodeReport(loud(n), 2))
    await edge.set(names.report('dar-1'), encodeReport(loud(most + 50), 2))
    await until(() => heard.length >= told + most - 10, 'it is heard up to there')
    const [read] = await a.incoming.readReports(REPORTING)
    t.ok(heard.length - told <= most, `${heard.length - told} of ${most + 50} are heard`)
    t.match(read, { counters: null, isBase: false }, 'more leaves than its plan has are not kept')
  })

  await t.test(
    'a server that stands still: no answer is no failure, and the same publication goes out once',
    async (t) => {
      const a = await open(t)
      const { epoch } = await a.election.elect('ctl-a', 0)
      const subscriber = await signIn(t, stores.volatileUrl, 'controller-subscriber')
      const pid = await pidOf(owner)
      t.teardown(() => process.kill(pid, 'SIGCONT'))
      process.kill(pid, 'SIGSTOP')
      const closed = new Promise((done) => subscriber.once('close', done))
      const outcome = await publish(a, epoch, 1)
      await closed
      process.kill(pid, 'SIGCONT')
      t.equal(outcome, 'unknown')
      t.pass('a subscriber notices silence by itself')
      await until(async () => (await publish(a, epoch, 1)) !== 'unknown', 'the store answers again')
      t.equal(await owner.xlen(names.delta('dar-1')), 1)
      t.equal(await seqInForce(), '1')
    },
  )

  await t.test(
    'an edge reads what is meant for it, writes its report, uses its two channels, and nothing else',
    async (t) => {
      const urls = await stores.ensureUsers(
        'volatile',
        EDGES.map((edge) => edgeUser(PLANE, edge)),
      )
      const edge = await signIn(t, urls.get(edgeUser(PLANE, 'dar-1').name)!, 'edge-reader')
      const mine = names.edge('dar-1')
      const others = names.edge('dod-1')
      const ask = (words: readonly string[]): Promise<unknown> => codeOf(edge.call(words[0]!, ...words.slice(1)))
      const allowed = [
        ['GET', mine.profile],
        ['GET', mine.snap],
        ['XRANGE', mine.delta, '-', '+'],
        ['SET', mine.report, 'x', 'PX', '30000'],
        ['PUBLISH', mine.up, 'x'],
        ['PING'],
      ]
      const denied = [
        ...[others.profile, others.snap, others.report, mine.report, names.head, names.policyHead].map((key) => [
          'GET',
          key,
        ]),
        ...[mine.profile, mine.snap, mine.delta, others.report, names.head].map((key) => ['SET', key, 'x']),
        ['SET', mine.report, 'x', 'GET'],
        ['XRANGE', others.delta, '-', '+'],
        ['XADD', mine.delta, '*', 'm', 'x'],
        ['DEL', mine.report],
        ['PUBLISH', others.up, 'x'],
        ['PUBLISH', others.down, 'x'],
        ['PUBLISH', mine.down, 'x'],
        ['SUBSCRIBE', mine.up],
        ['SUBSCRIBE', others.down],
        ['SUBSCRIBE', others.up],
        ['PSUBSCRIBE', '*'],
        ['FCALL', 'mizani_elect_3', '1', names.head, 'me', '5000', '0'],
        ['FUNCTION', 'LIST'],
        ['EVAL', 'return 1', '0'],
        ['KEYS', '*'],
        ['SCAN', '0'],
        ['INFO'],
        ['CONFIG', 'GET', '*'],
        ['CLIENT', 'LIST'],
        ['CLIENT', 'KILL', 'TYPE', 'normal'],
        ['ACL', 'WHOAMI'],
        ['FLUSHALL'],
        ['MONITOR'],
        ['SHUTDOWN'],
      ]
      for (const words of allowed) t.equal(await ask(words), 'done', `may ${words.join(' ')}`)
      await owner.call('ACL', 'LOG', 'RESET')
      for (const words of denied) t.equal(await ask(words), 'NOPERM', `may not ${words.join(' ')}`)
      const told = (await owner.call('ACL', 'LOG', '128')) as (string | number)[][]
      const counts = told.map((entry) => Number(entry[entry.indexOf('count') + 1]))
      t.equal(
        counts.reduce((sum, count) => sum + count, 0),
        denied.length,
        'and the store has noted each denial',
      )
      const subscriber = await signIn(t, urls.get(edgeUser(PLANE, 'dar-1').name)!, 'edge-subscriber')
      t.equal(await subscriber.subscribe(mine.down), 1)
      const heard = once(subscriber, 'messageBuffer')
      const a = await open(t)
      const { epoch } = await a.election.elect('ctl-a', 0)
      const sent = publications(epoch, 1)
      await a.outgoing.publish('ctl-a', { epoch, seq: 1 }, sent)
      t.same((await heard)[1], encodeRates(sent[0]!.message), 'and hears what is published to it')
      t.same(
        await stores.ensureUsers('volatile', [edgeUser(PLANE, 'dar-1')]),
        new Map([[edgeUser(PLANE, 'dar-1').name, urls.get(edgeUser(PLANE, 'dar-1').name)]]),
      )
      t.equal(await edge.ping(), 'PONG', 'made again it is the same user, still signed in')
    },
  )

  await t.test(
    'the publish bench, small: every edge gets every message, and a seed makes the same ones twice',
    async (t) => {
      const [one, two] = [await measure(stores, 5, 'few', 3), await measure(stores, 5, 'few', 3)]
      t.equal(one.delivered, one.expected)
      t.equal(one.hash, two.hash)
    },
  )

  await t.test('strangers get in nowhere, and the controller is no owner', async (t) => {
    for (const url of [stores.volatileUrl, stores.durableUrl]) {
      const stranger = connect(`redis://${new URL(url).host}`, 'edge-reader')
      t.teardown(() => stranger.disconnect())
      await until(async () => (await codeOf(stranger.ping())) === 'NOAUTH', 'the stranger is told to sign in')
      const liar = connect(url.replace(/:[^:@]*@/, ':wrong@'), 'controller')
      t.teardown(() => liar.disconnect())
      await t.rejects(untilReady(liar, 5_000), { code: 'STORE_REFUSED', remedy: 'stop', message: /WRONGPASS/ })
    }
    const controller = await signIn(t, stores.volatileUrl, 'controller')
    const policy = await signIn(t, stores.durableUrl, 'policy')
    for (const [who, redis] of Object.entries({ controller, policy })) {
      for (const words of [
        ['FLUSHALL'],
        ['ACL', 'LIST'],
        ['ACL', 'GETUSER', 'default'],
        ['CONFIG', 'SET', 'maxmemory', '1'],
        ['SHUTDOWN'],
        ['GET', 'elsewhere'],
      ]) {
        t.equal(await codeOf(redis.call(words[0]!, ...words.slice(1))), 'NOPERM', `${who} may not ${words.join(' ')}`)
      }
    }
  })
})

t.test(
  'an edge that says too much is named: heard as long as it can be, and noticed when it cuts us off',
  async (t) => {
    const dataDir = join(t.testdir(), 'data')
    const stores = await start(dataDir)
    t.teardown(() => stores.stop())
    const [redis, subscriber] = [
      connect(stores.volatileUrl, 'controller'),
      connect(stores.volatileUrl, 'controller-subscriber'),
    ]
    t.teardown(() => [redis, subscriber].map((one) => one.disconnect()))
    await Promise.all([redis, subscriber].map((one) => untilReady(one, 5_000)))
    let closes = 0
    subscriber.on('close', () => closes++)
    const watch = watchListener({ redis, subscriber, plane: PLANE, clock: systemClock, log })
    t.teardown(() => watch.cancel())
    const found = (): string[] => watch.findings().map(({ code, subject }) => `${code} ${subject}`)
    const edges = ['dar-1', 'dar-2', 'dar-3']
    await subscriber.subscribe(...edges.map((edge) => names.up(edge)))
    const urls = await stores.ensureUsers(
      'volatile',
      edges.map((edge) => edgeUser(PLANE, edge)),
    )
    const shout = async (edge: string, bytes: number): Promise<void> => {
      const mouth = await signIn(t, urls.get(edgeUser(PLANE, edge).name)!, 'edge-reader')
      await mouth.publish(names.up(edge), Buffer.alloc(bytes))
    }
    const owner = await asOwner(t, stores, dataDir, 'volatile')
    const [, limits = ''] = (await owner.config('GET', 'client-output-buffer-limit')) as string[]
    await owner.config('SET', 'client-output-buffer-limit', 'pubsub 1mb 1mb 10')
    await shout('dar-3', 2 * MAX_MESSAGE_BYTES)
    const unknown = 'EDGE_FLOODING rates store (it cut the controller off)'
    await until(() => found().length > 0, 'nobody heard who it was')
    t.same(found(), [unknown])
    t.ok(logged.some((line) => line.includes('connection on which edges are heard has ended')))

    await owner.config('SET', 'client-output-buffer-limit', limits)
    await until(() => subscriber.status === 'ready', 'we are back')
    await subscriber.subscribe(...edges.map((edge) => names.up(edge)))
    await shout('dar-1', MAX_MESSAGE_BYTES / 64)
    await shout('dar-2', MAX_MESSAGE_BYTES + 1)
    await until(() => found().at(-1) === 'EDGE_FLOODING dar-2', 'it is heard')
    t.notOk(found().includes('EDGE_FLOODING dar-1'), 'who says little is not meant')
    t.equal(closes, 1, 'one message cuts nobody off, whatever its size')
    await t.rejects(shout('dar-1', MAX_PROFILE_BYTES + 1), 'and larger ones are not taken')
  },
)

t.test('ten thousand connections of nobody shut no edge out', { skip: fewFiles() }, async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const urls = await stores.ensureUsers('volatile', [edgeUser(PLANE, 'dar-1')])
  const sockets: Socket[] = []
  const crowd = { port: Number(new URL(stores.volatileUrl).port), host: '127.0.0.1' }
  t.teardown(() => sockets.map((socket) => socket.destroy()))
  for (let k = 0; k < 100; k++) {
    // From addresses of their own, whose ports nobody else counts on.
    const from = { ...crowd, localAddress: `127.0.1.${k + 1}` }
    const some = Array.from({ length: 101 }, () => connectSocket(from))
    for (const socket of some) socket.on('error', () => undefined)
    sockets.push(...some)
    await Promise.all(some.map((socket) => once(socket, 'connect')))
  }
  const edge = await signIn(t, urls.get(edgeUser(PLANE, 'dar-1').name)!, 'edge-reader')
  t.equal(await edge.ping(), 'PONG')
  const owner = await asOwner(t, stores, dataDir, 'volatile')
  const clients = async (): Promise<number> => Number(/connected_clients:(\d+)/.exec(await owner.info('clients'))![1])
  t.ok((await clients()) > 10_000)
  await owner.config('SET', 'timeout', '1')
  await until(async () => (await clients()) < 100, 'and who says nothing is sent away')
})

t.test('no connection of ours is idle for so long that a store ends it', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const clock = manualClock()
  const redis = connect(stores.volatileUrl, 'controller', { clock })
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  const owner = await asOwner(t, stores, dataDir, 'volatile')
  const pings = async (): Promise<number> =>
    Number(/cmdstat_ping:calls=(\d+)/.exec(await owner.info('commandstats'))?.[1] ?? 0)
  const before = await pings()
  await clock.advance(STORE_IDLE)
  await until(async () => (await pings()) >= before + 2, 'it says something of its own accord')
})

t.test('what is asked on a connection that is lost is answered then, though there is another one', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const [waits, owner] = [await asOwner(t, stores, dataDir, 'volatile'), await asOwner(t, stores, dataDir, 'volatile')]
  const id = await waits.client('ID')
  const asked = waits.blpop('nothing', 0)
  await until(async () => / flags=b /.test(String(await owner.client('LIST', 'ID', id))), 'it is asked')
  await owner.client('KILL', 'ID', id)
  await t.rejects(asked, { message: 'Connection is closed.' }, 'its patience is not asked for')
  await until(async () => (await codeOf(waits.ping())) === 'done', 'there is another connection')
})

t.test('settings that a store lacks are named', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const policy = await signIn(t, stores.durableUrl, 'policy')
  const controller = await signIn(t, stores.volatileUrl, 'controller')
  t.same(await unmetSettings(policy, 'durable'), [], 'ours lack none')
  t.same(await unmetSettings(controller, 'volatile'), [])
  for (const redis of [policy, controller]) t.same(await unmetLimits(redis), [])
  const durable = await asOwner(t, stores, dataDir, 'durable')
  await durable.config('SET', 'appendfsync', 'everysec')
  await durable.config('SET', 'maxmemory-policy', 'allkeys-lru')
  t.same(await unmetSettings(policy, 'durable'), [
    { setting: 'appendfsync', expected: 'always', found: 'everysec' },
    { setting: 'maxmemory-policy', expected: 'noeviction', found: 'allkeys-lru' },
  ])
  t.match(await unmetSettings(controller, 'durable'), [{ setting: 'appendonly' }, { setting: 'appendfsync' }])
  for (const [setting, value, expected] of [
    ['maxmemory', '0', /a bound/],
    ['timeout', '0', /60 to 600/],
    ['tcp-keepalive', '0', /1 to 300/],
    ['maxclients', '10000', /at least 12000/],
    ['proto-max-bulk-len', '536870912', /1 to 16777216/],
    ['client-output-buffer-limit', 'pubsub 4194304 1048576 10', /pubsub 33554432 or more/],
  ] as const) {
    const [, standing] = (await durable.config('GET', setting)) as string[]
    await durable.config('SET', setting, value)
    t.match(await unmetLimits(policy), [{ setting, expected }], setting)
    await durable.config('SET', setting, standing!)
  }
  t.same(await unmetLimits(policy), [])

  const key = keys(PLANE).policyHead
  /** Where this checkout lies, and its folders with it, is not the store's doing. */
  const lost = async (redis: typeof policy, kind: 'durable' | 'volatile') =>
    (await lostAtStart(redis, kind, key)).filter(({ setting }) => setting !== 'dir')
  t.same(await lost(policy, 'durable'), [], 'ours lose nothing')
  t.same(await lost(controller, 'volatile'), [])
  await durable.config('SET', 'aof-load-truncated', 'no')
  await durable.call('ACL', 'SETUSER', 'default', 'reset', 'off')
  t.match(await lost(policy, 'durable'), [
    { verdict: 'look', setting: 'aof-load-truncated', found: 'no' },
    { verdict: 'bad', setting: 'user default', found: /no permissions to run the 'multi' command/ },
  ])
  await durable.call('ACL', 'SETUSER', 'default', '~*', '&*', '+@all', '-function')
  t.match(await lost(policy, 'durable'), [{}, { verdict: 'bad', found: /'function\|load'/ }])
  // As a machine has it on which users were made by the release before.
  await durable.call('ACL', 'SETUSER', 'policy', '-acl|dryrun')
  t.match(await lost(policy, 'durable'), [{}, { verdict: 'unknown', expected: /ACL DRYRUN default/ }])
})

t.test('a server that dies comes back on its port, with what was acknowledged', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const policy = await signIn(t, stores.durableUrl, 'policy')
  const edges = await stores.ensureUsers('volatile', [edgeUser(PLANE, 'dar-1')])
  const owners = [await asOwner(t, stores, dataDir, 'durable'), await asOwner(t, stores, dataDir, 'volatile')]
  const before = await Promise.all(owners.map(pidOf))
  await policy.set(names.policyDoc(1), 'acknowledged')
  const gone = [policy, ...owners].map((redis) => new Promise((done) => redis.once('close', done)))
  for (const pid of before) process.kill(pid, 'SIGKILL')
  await Promise.all(gone)
  await until(async () => (await codeOf(policy.ping())) === 'done', 'the durable store is back')
  t.equal(await policy.get(names.policyDoc(1)), 'acknowledged')
  const edge = await signIn(t, edges.get(edgeUser(PLANE, 'dar-1').name)!, 'edge-reader')
  t.equal(await edge.ping(), 'PONG', 'users that were added later are known')
  for (const owner of owners) await until(async () => (await codeOf(owner.ping())) === 'done', 'the owner is back')
  const after = await Promise.all(owners.map(pidOf))
  t.not(after[0], before[0])

  await stores.stop()
  for (const pid of [...before, ...after]) t.notOk(isRunning(pid), 'stopping leaves no server')
  const again = await start(dataDir)
  t.teardown(() => again.stop())
  const later = await signIn(t, again.durableUrl, 'policy')
  t.equal(await later.get(names.policyDoc(1)), 'acknowledged', 'and the folder can be used again')
  await again.stop()
  await again.stop()
})

t.test('a server for which no process can be made is tried again', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const owner = await asOwner(t, stores, dataDir, 'volatile')
  const gone = new Promise((done) => owner.once('close', done))
  const pid = await pidOf(owner)
  // A place that leads to itself: the call fails at once, as it does where no memory is left.
  const [folder, aside] = [join(dataDir, 'volatile'), join(dataDir, 'aside')]
  renameSync(folder, aside)
  symlinkSync('volatile', folder)
  t.throws(() => spawn('true', { cwd: folder }), { code: 'ELOOP' })
  const said = logged.length
  process.kill(pid, 'SIGKILL')
  await gone
  const failures = () => logged.slice(said).filter((line) => /"store":"volatile","code":null/.test(line)).length
  await until(() => failures() > 1, 'it was tried, and failed')
  rmSync(folder)
  renameSync(aside, folder)
  await until(async () => (await codeOf(owner.ping())) === 'done', 'it is back')
  t.not(await pidOf(owner), pid)
})

t.test('one process a data folder', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  for (const stale of ['999999999 1', `${process.pid} 1`, '', 'garbage']) {
    writeFileSync(join(dataDir, 'lock'), stale)
    await (await start(dataDir)).stop()
    t.notOk(existsSync(join(dataDir, 'lock')), `a lock of nobody ("${stale}") is taken over, and given back`)
  }
  const stores = await start(dataDir)
  t.teardown(() => stores.stop())
  const refusal = { code: 'FOLDER_LOCKED', exitCode: 1, message: new RegExp(`in use by process ${process.pid}\\.`) }
  await t.rejects(start(dataDir), refusal)
  const policy = await signIn(t, stores.durableUrl, 'policy')
  t.equal(await policy.ping(), 'PONG', 'the holder is not disturbed')

  for (const file of ['store-secrets.json', 'durable/users.acl', 'volatile/users.acl']) {
    t.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600, `${file} is for its owner`)
  }
  t.equal(statSync(dataDir).mode & 0o777, 0o700)
  const acl = readFileSync(join(dataDir, 'volatile/users.acl'), 'utf8')
  for (const secret of Object.values(secretsOf(dataDir))) t.notOk(acl.includes(secret), 'a server knows hashes only')
})

t.test('a folder that is open to others and not ours is refused as it is', async (t) => {
  const dataDir = t.testdir({ 'letters.txt': 'private' })
  chmodSync(dataDir, 0o755)
  await t.rejects(start(dataDir), { code: 'FOLDER_OPEN', exitCode: 1 })
  t.equal(statSync(dataDir).mode & 0o777, 0o755)
})

t.test('kill -9 of the process leaves no server', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const script = compiled('test/served/parent.ts')
  const parent = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => parent.kill('SIGKILL'))
  await once(parent.stdout, 'data')
  await t.rejects(start(dataDir), { code: 'FOLDER_LOCKED', message: new RegExp(`process ${parent.pid}\\.`) })
  const children = childrenOf(parent.pid!)
  const servers = children.flatMap(childrenOf)
  t.ok(servers.length >= 2 && servers.every(isRunning), 'the servers run')
  parent.kill('SIGKILL')
  await until(() => [...children, ...servers].every((pid) => !isRunning(pid)), 'all are gone')
  const stores = await start(dataDir)
  t.pass('the folder is free, the lock of the dead is taken over')
  await stores.stop()
})

t.test('errors are told apart by what is to be done', async (t) => {
  const table = {
    retry: [
      'Command timed out',
      'Connection is closed.',
      'connect ECONNREFUSED 127.0.0.1:1',
      'OOM command not allowed',
      "READONLY You can't write",
      'LOADING Redis is loading',
      'NOREPLICAS Not enough',
      'MISCONF Errors writing',
    ],
    stop: ['NOAUTH Authentication required.', 'WRONGPASS invalid', 'NOPERM this user', "ERR unknown command 'FCALL'"],
    drop: ['WRONGTYPE Operation against a key', 'ERR syntax error'],
  }
  for (const [remedy, texts] of Object.entries(table)) {
    for (const text of texts) t.equal(remedyOf(new Error(text)), remedy, text)
  }
  const nobody = connect('redis://127.0.0.1:1', 'controller')
  t.teardown(() => nobody.disconnect())
  await t.rejects(untilReady(nobody, 50), {
    code: 'STORE_UNAVAILABLE',
    remedy: 'retry',
    message: /127\.0\.0\.1:1 does not/,
  })
})

t.test('no secret was logged', { buffered: false }, async (t) => {
  const lines = logged.join('')
  t.ok(secrets.size >= 3 && lines.includes('store is away'), 'there was something to tell')
  for (const secret of secrets) t.notOk(lines.includes(secret))
})
