// Every code of the closed table has a source: for each one, the thing itself is made to happen in the small nation or
// under the controller, the alarm is raised, the thing is put right, and the alarm ends. The table below is typed by
// the codes, so that a new one without a story does not compile.

import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import t from 'tap'
import type { EdgeReport } from '../../src/model/lease.js'
import { DIRECTIONS } from '../../src/model/network.js'
import type { NoticeCode } from '../../src/model/notice.js'
import { formatRate } from '../../src/model/units.js'
import { EMPTY_REGISTER } from '../../src/policy/in-force/register.js'
import { watchExpiry } from '../../src/process/expiry.js'
import { watchStoreHealth } from '../../src/process/store-health.js'
import { AlarmBook } from '../../src/record/alarm-book.js'
import type { AlarmKind } from '../../src/record/alarm-kind.js'
import { ALARMS, type AlarmCode } from '../../src/record/alarm-table.js'
import { Counters } from '../../src/record/counters.js'
import type { SolvedTick } from '../../src/record/tick.js'
import { Watch } from '../../src/record/watch.js'
import { redisWebhooks, type UsableWebhook } from '../../src/record/webhook-store.js'
import { manualClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { sealingOfMoment } from '../../src/runtime/sealing.js'
import { makeAuthority } from '../faults/certificates.js'
import { startServer } from '../faults/redis-server.js'
import { Loop, type ModelEdge } from '../tick/loop.js'
import { smallPlane } from '../tick/small-plane.js'
import { log, temporaryFolder } from './world.js'

const UPSTREAM = 200_000_000

/** The nation of a story: what is observed of it, and the knobs by which it goes wrong. */
function nation(file: string) {
  const document = smallPlane({ institutions: 6, upstream: UPSTREAM, lease: 120_000 })
  const plane = { ...document.plane, timing: { ...document.plane.timing, tick: 5_000 } }
  const world = {
    offered: 20_000_000,
    unmapped: 0,
    sent: 0,
    /** What is posted of transit.down, by what edges say that it carries. */
    counter: null as ((carried: number) => number) | null,
    /** What the router of the upstream counts, if it has a counter. */
    truth: null as ((direction: 'down' | 'up') => number) | null,
    disk: null as string | null,
    proven: true,
    loop: undefined as unknown as Loop,
    edge: (id: string): ModelEdge => world.loop.edges.get(id)!,
  }
  const loop = new Loop({
    document: { ...document, plane },
    offer: (flow) =>
      /^inst.*internet\/down/.test(flow)
        ? world.offered
        : /^inst.*internet\/up/.test(flow)
          ? world.sent
          : flow.startsWith('unmapped')
            ? world.unmapped
            : 0,
    onTick(tick: SolvedTick) {
      const { plan, links, at } = tick.board
      const carried = links.carried[plan.links.findIndex(({ id }) => id === 'transit.down')]!
      if (world.counter !== null)
        counters.take('transit.down', { at, rate: world.counter(carried), source: 'librenms' }, at)
      for (const way of world.truth ? DIRECTIONS : [])
        counters.take(`transit.${way}`, { at, rate: world.truth!(way), source: 'librenms' }, at)
      const certificate = { ...tick.board.certificate, ok: world.proven }
      watch.see({ ...tick, board: { ...tick.board, certificate } })
    },
  })
  world.loop = loop
  const { clock } = loop
  const book = new AlarmBook({ file, clock, log })
  const counters = new Counters()
  const watch = new Watch({ book, clock, counters, recordFails: () => world.disk })
  return { ...world, world, book }
}
type World = ReturnType<typeof nation>['world']

/** What makes it and what ends it. */
interface Story {
  wrong(world: World): void
  right(world: World): void
}

/** The edge says something else than what is so. */
function lies(edge: ModelEdge, lie: Partial<EdgeReport>): void {
  edge.report = () => ({ ...Object.getPrototypeOf(edge).report.call(edge), ...lie })
}
const notice = (code: NoticeCode, subject: string, used: boolean) => ({ code, subject, since: 0, used })
/** At the box. */
const LIFTED = { institution: 2, since: 0, until: Date.UTC(2030, 0, 1), reason: 'a fibre is spliced' }
const honest = (edge: ModelEdge): void => void Reflect.deleteProperty(edge, 'report')

const link = (name: string, factor: number): Story => ({
  wrong({ loop }) {
    loop.conditions = { [name]: factor }
  },
  right({ loop }) {
    loop.conditions = {}
  },
})

type OfGround =
  | 'STORE_AWAY'
  | 'STORE_READ_ONLY'
  | 'STORE_LOST'
  | 'CERTIFICATE_EXPIRY'
  | 'REVERT_FIRED'
  | 'BREAK_GLASS'
  | 'UNENCRYPTED'
  | 'AUDIT_ANCHOR'
  | 'EMERGENCY_ACCOUNT'
  | 'GUESSING'
  | 'EDGE_FLOODING'
  | 'CONNECTIONS_LIMITED'
  | 'LINK_STATES_LIMITED'
  | 'ACCOUNTS_BEHIND'
  | 'ACCOUNT_SURPLUS'
const STORIES: Record<Exclude<AlarmCode, OfGround>, Story> = {
  UPSTREAM_LOST: link('transit', 0),
  UPSTREAM_DERATED: link('transit', 0.9),
  LINK_DOWN: link('trunk', 0),
  GUARANTEE_BROKEN: link('transit', 0.1),
  PROMISES_DO_NOT_FIT: link('transit', 0.5),
  LINK_SATURATED: {
    wrong(world) {
      world.offered = UPSTREAM
    },
    right(world) {
      world.offered = 20_000_000
    },
  },
  EDGE_STALE: {
    wrong: ({ edge }) => {
      edge('east').alive = false
    },
    right: ({ edge }) => {
      edge('east').alive = true
    },
  },
  EDGE_SAFE: {
    wrong: ({ edge }) => {
      edge('west').alive = false
    },
    right: ({ edge }) => {
      edge('west').alive = true
    },
  },
  EDGE_REFUSING: {
    wrong: ({ edge }) =>
      lies(edge('east'), { refusal: { code: 'FOREIGN_QDISC', detail: 'somebody else shapes here' } }),
    right: ({ edge }) => honest(edge('east')),
  },
  EDGE_UNORDERED: {
    wrong: ({ edge }) => lies(edge('east'), { enforcement: 'bypass' }),
    right: ({ edge }) => honest(edge('east')),
  },
  EDGE_CEASED: {
    // The store is another one: its revision is older, and an order that it had is not there.
    wrong({ loop, edge }) {
      const { edges } = loop.document
      loop.document = { ...loop.document, edges: { ...edges, east: { ...edges.east!, enforcement: 'observe' } } }
      loop.revision--
      edge('east').enforcement = 'observe'
    },
    right({ loop, edge }) {
      loop.switches.set('east', { enforcement: 'enforce', until: null })
      edge('east').enforcement = 'enforce'
    },
  },
  EDGE_BYPASSED: {
    wrong: ({ edge }) => lies(edge('east'), { enforcement: 'bypass', bypasses: [{ ...LIFTED, institution: null }] }),
    right: ({ edge }) => honest(edge('east')),
  },
  EDGE_NOT_CREDIBLE: {
    wrong: ({ edge }) => lies(edge('east'), { applied: { epoch: 9, seq: 1, crc: 0, profile: '0'.repeat(16) } }),
    right: ({ edge }) => honest(edge('east')),
  },
  EDGE_UNPROVEN: {
    wrong: ({ loop }) => void loop.replayed.add('east'),
    right: ({ loop }) => void loop.replayed.clear(),
  },
  EDGE_NOT_YIELDING: {
    wrong(world) {
      lies(world.edge('east'), { applied: world.edge('east').applied })
      world.offered = 60_000_000
    },
    right: ({ edge }) => honest(edge('east')),
  },
  EDGE_TWICE: {
    wrong({ loop, edge }) {
      lies(edge('east'), { instance: 'aaaaaaaa00000001', place: 'gw-a 10.0.0.1' })
      loop.besides.set('east', { instance: 'bbbbbbbb00000001', place: 'gw-b 10.0.0.2' })
    },
    right: ({ loop }) => void loop.besides.clear(),
  },
  EDGE_ESCAPES: {
    wrong: ({ edge }) => lies(edge('east'), { notices: [notice('PAST', 'eth2', true)] }),
    right: ({ edge }) => lies(edge('east'), { notices: [notice('PAST', 'eth2', false)] }),
  },
  EDGE_STRIPPED: {
    wrong: ({ edge }) => lies(edge('east'), { notices: [notice('REMOVED', 'lan0: the whole tree', true)] }),
    right: ({ edge }) => honest(edge('east')),
  },
  EDGE_UNCOUNTED: {
    wrong: ({ edge }) => lies(edge('east'), { uncounted: { down: 0, up: 1_000_000 } }),
    right: ({ edge }) => lies(edge('east'), { uncounted: { down: 999_999, up: 0 } }),
  },
  CERTIFICATE_FAILING: {
    wrong(world) {
      world.proven = false
    },
    right(world) {
      world.proven = true
    },
  },
  UNMAPPED_HIGH: {
    wrong(world) {
      world.unmapped = 800_000_000
    },
    right(world) {
      world.unmapped = 0
    },
  },
  MODEL_DIFFERS: {
    wrong(world) {
      world.counter = (carried) => carried + 100_000_000
    },
    right(world) {
      world.counter = (carried) => 1.05 * carried // headers that edges do not count
    },
  },
  DISK: {
    wrong(world) {
      world.disk = 'ENOSPC: no space left on device'
    },
    right(world) {
      world.disk = null
    },
  },
  CLOCK: { wrong: ({ loop }) => loop.clock.jumpWall(-60_000), right: () => undefined },
}

for (const [code, { wrong, right }] of Object.entries(STORIES)) {
  t.test(`${code} is raised, and ends`, async (t) => {
    const { world, book } = nation(join(temporaryFolder(t.teardown), 'alarms.jsonl'))
    const isOpen = (): boolean => book.open().some((alarm) => alarm.code === code)
    const { raiseAfter, clearAfter }: AlarmKind = ALARMS[code as AlarmCode]
    for (let k = 0; k < 10; k++) await world.loop.step()
    t.notOk(isOpen(), 'a quiet start')
    /** Ticks until it is so, at most what the table says and two leases. */
    const until = async (open: boolean, within: number): Promise<boolean> => {
      for (let k = 0; k * 5_000 <= within + 300_000 && isOpen() !== open; k++) await world.loop.step()
      return isOpen() === open
    }
    wrong(world)
    t.ok(await until(true, raiseAfter), 'it is raised')
    const [alarm] = book.open().filter((open) => open.code === code)
    t.ok(alarm!.members.length > 0 && !alarm!.detail.en.includes('{'))
    right(world)
    t.ok(await until(false, clearAfter), 'it ends')
  })
}

t.test('promises that a derate leaves no room for are an alarm with the sum, which follows the derate', async (t) => {
  const file = join(temporaryFolder(t.teardown), 'alarms.jsonl')
  const { world, book } = nation(file)
  world.offered = 0
  const { loop } = world
  /** Nobody asks for anything, so nobody is below anything: it is said all the same. */
  const open = () => book.open().map(({ code, subject }) => `${code} ${subject}`)
  const said = (): string => book.open().find(({ code }) => code === 'PROMISES_DO_NOT_FIT')!.detail.en
  loop.conditions = { 'port.west': 0.01 }
  for (let k = 0; k < 3; k++) await loop.step()
  t.same(open(), ['PROMISES_DO_NOT_FIT port.west.down +1'], 'an uplink, for which there was no alarm at all')
  const { promised, usable } = book.open()[0]!.short!['port.west.down']!
  t.equal(usable, 100_000_000)
  t.match(said(), `port.west.down (${formatRate(promised)} promised, 100 Mbit/s usable: `)
  t.match(said(), `${formatRate(promised - usable)} short)`)
  loop.conditions = { 'port.west': 0.005 }
  for (let k = 0; k < 3; k++) await loop.step()
  t.same(open(), ['PROMISES_DO_NOT_FIT port.west.down +1'], 'still one alarm')
  t.match(said(), '50 Mbit/s usable', 'with the sum as it is now')
  t.match(new AlarmBook({ file, clock: loop.clock, log }).open()[0]!.detail.en, '50 Mbit/s usable', 'after a restart')
  loop.conditions = {}
  for (let k = 0; k < 30; k++) await loop.step()
  t.same(open(), [], 'it ends with the derate')
})

t.test('a counter is held against what its link carries; of a silent edge nobody knows what that is', async (t) => {
  const { world, book } = nation(join(temporaryFolder(t.teardown), 'alarms.jsonl'))
  const { loop } = world
  const differs = (): boolean => book.open().some(({ code }) => code === 'MODEL_DIFFERS')
  // More than there is comes to every edge both ways. Up, only what is let through goes on.
  const sent = 60e6
  Object.assign(world, { offered: sent, sent })
  const goesUp = (): number =>
    loop.controller.board!.plan.flows.reduce((sum, { id, edge }, f) => {
      const passes = Math.min(sent, loop.edges.get(edge)!.rateOf(f) * 1_000)
      return /^inst.*internet\/up/.test(id) ? sum + passes : sum
    }, 0)
  for (let k = 0; k < 20; k++) await loop.step()
  const { plan, flows } = loop.controller.board!
  const comes = flows.arrived.reduce((sum, rate, f) => sum + (/internet\/down/.test(plan.flows[f]!.id) ? rate : 0), 0)
  t.ok(comes > 1.5 * goesUp())
  const held = async (): Promise<boolean> => {
    for (let k = 0; k < 200; k++) await loop.step()
    return differs()
  }
  world.truth = (way) => (way === 'down' ? comes : goesUp())
  t.notOk(await held(), 'what a router counts and what edges count agree')
  const before = goesUp()
  world.truth = (way) => (way === 'down' ? comes : before)
  loop.edges.get('east')!.alive = false
  t.notOk(await held(), 'what a silent edge goes on carrying is no wrong topology')
  world.truth = (way) => (way === 'down' ? comes : before + 100e6)
  t.ok(await held(), 'more than it may is')
})

t.test('whoever does now one thing and now another that nobody ordered is named all the same', async (t) => {
  const { world, book } = nation(join(temporaryFolder(t.teardown), 'alarms.jsonl'))
  const { loop, edge } = world
  for (let k = 0; k < 4; k++) await loop.step()
  for (let k = 0; k < 4; k++) {
    lies(edge('east'), { enforcement: k % 2 === 0 ? 'bypass' : 'hold' })
    await loop.step()
  }
  const named = book.open().find(({ code }) => code === 'EDGE_UNORDERED')
  t.match(named?.detail.en, /east \((bypass|hold)\)/)
  t.same(named?.members, ['east'])
})

t.test('who lifts limits at the box is named with the end and the reason', async (t) => {
  const { world, book } = nation(join(temporaryFolder(t.teardown), 'alarms.jsonl'))
  const { loop, edge } = world
  for (let k = 0; k < 4; k++) await loop.step()
  const { id } = loop.controller.board!.plan.institutions.find(({ index }) => index === LIFTED.institution)!
  lies(edge('east'), { bypasses: [LIFTED, { ...LIFTED, institution: null, reason: 'x'.repeat(200) }] })
  for (let k = 0; k < 4; k++) await loop.step()
  const named = book.open().find(({ code }) => code === 'EDGE_BYPASSED')!
  t.notOk(
    book.open().some(({ code }) => code === 'EDGE_UNORDERED'),
    'somebody ordered it: who stands at the box',
  )
  const until = '2030-01-01T00:00:00Z'
  const said = `bypass of ${id} until ${until}: a fibre is spliced, bypass until ${until}: ${'x'.repeat(80)}…`
  t.match(named, { members: ['east'], said: { east: said } })
  t.ok(named.detail.en.includes(`east (${said})`))
  t.match(named.detail.sw, `east (limeachia ${id} hadi ${until}: a fibre is spliced, limeachia hadi ${until}: xx`)
  t.match(loop.controller.board!.edges.find(({ id }) => id === 'east')?.bypasses, [{ ...LIFTED, institution: id }, {}])
})

t.test('what an edge has found, and who speaks beside it, are named in both languages', async (t) => {
  const { world, book } = nation(join(temporaryFolder(t.teardown), 'alarms.jsonl'))
  const { loop, edge } = world
  for (let k = 0; k < 4; k++) await loop.step()
  const found = [notice('VRF', 'eth1', false), notice('TUNNEL', 'wg0', true), notice('PAST', 'eth3', false)]
  const names = ['x'.repeat(200), 'wg2', 'wg3', 'wg4']
  lies(edge('east'), {
    ...{ instance: 'aaaaaaaa00000001', place: 'gw-a 10.0.0.1', uncounted: { down: 5e6, up: 5e6 } },
    notices: [
      ...found,
      ...names.map((name) => notice('TUNNEL', name, true)),
      notice('CERTIFICATE', 'ends on Friday', true),
      notice('REPAIRED', '2 steps', true),
    ],
  })
  loop.besides.set('east', { instance: 'bbbbbbbb00000001', place: 'gw-b 10.0.0.2' })
  for (let k = 0; k < 8; k++) await loop.step()
  const named = (code: string) => book.open().find((alarm) => alarm.code === code)
  t.match(named('EDGE_TWICE'), { members: ['east'], detail: { en: /: east \(gw-a 10\.0\.0\.1, gw-b 10\.0\.0\.2\)/ } })
  t.same(named('EDGE_ESCAPES')?.members, ['east VRF', 'east TUNNEL'], 'what is only possible is not')
  t.same(named('EDGE_ESCAPES')?.said, { 'east VRF': 'eth1', 'east TUNNEL': `wg0, ${'x'.repeat(40)}…, wg2 +2` })
  t.same(named('EDGE_UNCOUNTED')?.members, ['east (down)', 'east (up)'])
  t.match(named('EDGE_UNCOUNTED')?.detail.sw, 'east (kupakua), east (kupakia)')
  t.match(named('CERTIFICATE_EXPIRY')?.detail, { en: /: edge east\./, sw: /: lango east\./ })
  const status = loop.controller.board!.edges.find(({ id }) => id === 'east')
  t.match(status, { place: 'gw-a 10.0.0.1', second: { place: 'gw-b 10.0.0.2' }, uncounted: { up: 5e6 } })
  t.equal(status?.notices.length, 9)
})

t.test('what the controller stands on: stores, certificates, reverts, break-glass', async (t) => {
  const folder = temporaryFolder(t.teardown)
  const durableArgs = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']
  const store = await startServer(t, { folder: join(folder, 'store'), args: durableArgs })
  const durable = connect(`redis://127.0.0.1:${store.port}`, 'policy')
  const operator = connect(`redis://127.0.0.1:${store.port}`, 'supervisor')
  t.teardown(() => durable.disconnect())
  t.teardown(() => operator.disconnect())
  await Promise.all([untilReady(durable, 5_000), untilReady(operator, 5_000)])

  const authority = makeAuthority(join(folder, 'ca'))
  const good = authority.issue('localhost')
  const ended = authority.issue('localhost', { expired: true })
  const certificate = join(folder, 'api.crt')
  copyFileSync(good.certificate, certificate)

  const clock = manualClock({ wall: Date.now() })
  const tls = { ca: null, certificate: null, key: null, servername: null }
  const http = { tls: { certificate, key: good.key } }
  const settings = { http, redis: { tls } } as unknown as Parameters<typeof watchExpiry>[0]
  let shown: number | null = null
  const servers = { 'rates store': () => shown }
  const expiry = watchExpiry(settings, { metrics: new Registry(), clock, log, servers })
  t.same(expiry.soon(), [], 'thirty days are enough')

  let ratesAreThere = true
  const rates = { ready: async () => (ratesAreThere ? undefined : Promise.reject(new Error('away'))) }
  const meta = { kind: 'commit', reason: '' }
  const policy = {
    away: false,
    lostEdits: null as string | null,
    revision: { revision: 7, meta },
    register: EMPTY_REGISTER,
    store: { list: async () => [] },
  }
  const parts = { durable, rates, policy: policy as never, expiry, clock, log }
  const health = watchStoreHealth({ ...parts, inClear: null })
  t.teardown(() => health.cancel())
  const book = new AlarmBook({ file: join(folder, 'alarms.jsonl'), clock, log })
  let accepting: typeof health | null = null
  const others = () => [...health.findings(), ...(accepting?.findings() ?? [])]
  const watch = new Watch({ book, clock, counters: new Counters(), recordFails: () => null, others })

  /** Open alarms after the stores were asked and so much time was watched. */
  async function after(time = 20_000): Promise<string[]> {
    await health.look()
    for (let k = 0; k * 1_000 < time; k++) {
      watch.look()
      await clock.advance(1_000)
    }
    return book.open().map(({ code, subject }) => `${code} ${subject}`)
  }
  t.same(await after(), [], 'all is well')

  const sealing = sealingOfMoment()
  const webhooks = redisWebhooks({ redis: durable, plane: 'small', sealing })
  const webhook: UsableWebhook = {
    id: 'w1',
    url: 'https://hook.example/',
    secret: 's',
    severity: 'major',
    regions: [],
    by: 'asha',
  }
  await webhooks.put(webhook)
  const elsewhere = { redis: operator, plane: 'small' }
  t.same(await redisWebhooks({ ...elsewhere, sealing }).read(), [webhook], 'every controller has the same')
  await webhooks.remove('w1')
  t.same(await webhooks.read(), [])

  await operator.config('SET', 'appendfsync', 'everysec')
  await t.rejects(webhooks.put(webhook), { code: 'READ_ONLY' })
  t.same(await after(), ['STORE_READ_ONLY policy store (appendfsync everysec, expected always)'])
  await operator.config('SET', 'appendfsync', 'always')
  t.same(await after(), [])
  await operator.config('SET', 'min-replicas-to-write', '1')
  t.same(await after(), ['STORE_READ_ONLY policy store (0 of 1 replicas)'])
  await operator.config('SET', 'min-replicas-to-write', '0')
  t.same(await after(), [])

  policy.lostEdits = 'it is at revision 6, and revision 7 was in force'
  t.same(await after(), ['STORE_LOST policy store'])
  t.match(book.open()[0]?.said, { 'policy store': 'it is at revision 6, and revision 7 was in force' })
  policy.lostEdits = null
  t.same(await after(), [])

  policy.away = true
  t.same(await after(), ['STORE_AWAY policy store'])
  policy.away = false
  t.same(await after(), [])
  ratesAreThere = false
  t.same(await after(), ['STORE_AWAY rates store'], 'there are no ticks, and it is said all the same')
  ratesAreThere = true
  t.same(await after(), [])

  copyFileSync(ended.certificate, certificate)
  await clock.advance(3_600_000)
  t.same(await after(), ['CERTIFICATE_EXPIRY api'])
  copyFileSync(good.certificate, certificate)
  await clock.advance(3_600_000)
  t.same(await after(70_000), [])
  shown = clock.wall() + 3 * 86_400_000
  await clock.advance(3_600_000)
  t.same(await after(), ['CERTIFICATE_EXPIRY rates store'])
  shown = null
  await clock.advance(3_600_000)
  t.same(await after(70_000), ['CERTIFICATE_EXPIRY rates store'], 'a server that is away has not renewed it')
  shown = clock.wall() + 90 * 86_400_000
  await clock.advance(3_600_000)
  t.same(await after(70_000), [])

  const env = { MIZANI_UNENCRYPTED: 'accepted', REDIS_URL: 'redis://db.example', RATES_REDIS_URL: 'rediss://r' }
  accepting = watchStoreHealth({ ...parts, inClear: loadSettings({ env }).inClear })
  t.same(await after(3_000), ['UNENCRYPTED redis.durable db.example:6379'])
  book.acknowledge(book.open()[0]!.id, 'asha', 'known')
  t.equal((await after(600_000)).length, 1, 'whoever has seen it, it stands')
  accepting.cancel()
  accepting = null
  t.same(await after(70_000), [], 'until a start without')
  accepting = watchStoreHealth({ ...parts, inClear: loadSettings({ env: { MIZANI_UNENCRYPTED: 'accepted' } }).inClear })
  t.same(await after(3_000), ['UNENCRYPTED MIZANI_UNENCRYPTED'], 'edges may live by it')
  accepting.cancel()
  accepting = null
  t.same(await after(70_000), [])

  const unsigned = [{ revision: 8, author: 'neema', reason: 'flood', at: 0 }]
  policy.register = { ...EMPTY_REGISTER, unsigned }
  t.same(await after(3_000), ['BREAK_GLASS revision 8 by neema (flood)'])
  policy.register = EMPTY_REGISTER
  t.same(await after(3_000), [], 'somebody has signed')

  policy.revision = { revision: 9, meta: { kind: 'revert', reason: 'nobody confirmed' } }
  t.same(await after(3_000), ['REVERT_FIRED revision 9 (nobody confirmed)'])
  policy.revision = { revision: 10, meta }
  const [fired] = book.open()
  t.same((await after(86_400)).length, 1, 'it lasts until somebody has seen it')
  book.acknowledge(fired!.id, 'asha', '')
  t.same(await after(3_000), [])
})
