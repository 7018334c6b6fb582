// The engineer at the box, with the controller away: what the edge shows of itself, limits lifted by hand (time-boxed,
// kept through a restart, told in the reports), and what an edge in observe says it would have held back.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Agent, createAgent } from '../../src/edge/agent.js'
import type { Stats, Surroundings } from '../../src/edge/driver.js'
import { createDryRunDriver } from '../../src/edge/drivers/dry-run.js'
import type { RateTable } from '../../src/edge/drivers/rate-operations.js'
import { runEdgeDryRun, runEdgeRemove } from '../../src/edge/local/by-hand.js'
import { type Bypasses, createBypasses, institutionNamed, toldOf } from '../../src/edge/local/bypasses.js'
import { runEdgeBypass, runEdgeResume, runEdgeStatus, socketOf } from '../../src/edge/local/commands.js'
import { lookAtMachine } from '../../src/edge/local/doctor.js'
import { guessInterfaces } from '../../src/edge/local/interfaces.js'
import { type LocalSocket, localRequest, openLocalSocket } from '../../src/edge/local/local-socket.js'
import { createLookout } from '../../src/edge/local/lookout.js'
import { statusPage } from '../../src/edge/local/picture.js'
import { createSupervisor } from '../../src/edge/local/systemd.js'
import { listenForUnmapped, tableText } from '../../src/edge/local/unmapped.js'
import { rowsNamed, runEdgeWhy } from '../../src/edge/local/why.js'
import type { EdgeProfile } from '../../src/model/lease.js'
import { type ManualClock, manualClock } from '../../src/runtime/clock.js'
import { type Flags, loadSettings, type Settings } from '../../src/runtime/config.js'
import { MAX_NOTICES_PER_EDGE } from '../../src/runtime/limits.js'
import { createLogger } from '../../src/runtime/log.js'
import { decodeReport, encodeReport } from '../../src/wire/codec.js'
import { BOOT, Carrier, edgeProfile, edgeProfile2, OTHER_BOOT, rateRecord } from './fixtures.js'

const HOUR = 3_600_000
const FLOWS = [rateRecord(2, 0, 4_000), rateRecord(2, 1, 1_000), rateRecord(3, 0, 2_000), rateRecord(3, 1, 500)]
const log = createLogger('edge', 'silent')

interface Box {
  readonly data: string
  readonly clock: ManualClock
  readonly carrier: Carrier
  readonly agent: Agent
  readonly bypasses: Bypasses
  readonly localSocket: LocalSocket
  readonly stats: { now: Stats }
  readonly beside: { now: Surroundings }
  readonly said: string[]
  table(): Promise<RateTable>
  stop(): Promise<void>
}

async function box(
  t: Test,
  more: { data?: string; profile?: EdgeProfile; boot?: string; at?: number } = {},
): Promise<Box> {
  const data = more.data ?? mkdtempSync(join(tmpdir(), 'mizani-box-'))
  const clock = manualClock({ monotonic: more.at ?? 100_000 })
  const boot = more.boot ?? BOOT
  const carrier = new Carrier(more.profile)
  const said: string[] = []
  const stats = { now: { generation: 1, leaves: [] } as Stats }
  const beside: Box['beside'] = { now: { escapes: [], uncounted: null } }
  const driver = {
    ...createDryRunDriver({ write: (text) => said.push(text) }),
    stats: async () => stats.now,
    surroundings: async () => beside.now,
  }
  const stateDir = join(data, 'edge')
  const bypasses = createBypasses(join(stateDir, 'dar-1.bypasses.json'), {
    clock,
    boot,
    note: (text) => said.push(text),
  })
  const lookout = createLookout(driver, { clock, log })
  const agent = createAgent({
    edge: 'dar-1',
    driver,
    clock,
    transport: carrier,
    stateDir,
    log,
    bypasses,
    boot,
    lookout,
  })
  const localSocket = await openLocalSocket({
    ...{ agent, lookout },
    bypasses,
    socket: socketOf(data, 'dar-1'),
    metrics: { host: '127.0.0.1', port: 0 },
    log,
  })
  await agent.start()
  const made: Box = {
    ...{ data, clock, carrier, agent, bypasses, localSocket, stats, beside, said },
    table: () => driver.observe(),
    async stop() {
      await localSocket.close()
      await lookout.close()
      await agent.stop()
    },
  }
  t.teardown(() => made.stop())
  return made
}

async function told({ carrier, clock, agent }: Box): Promise<void> {
  carrier.snapshot(FLOWS)
  await settled(clock, async () => agent.status().applied?.seq === carrier.seq)
}

/** Lets real work (files) come to its end without moving the clock. */
async function settled(clock: ManualClock, done: () => Promise<boolean>): Promise<void> {
  for (let k = 0; k < 5_000 && !(await done()); k++) {
    await sleep(1)
    await clock.advance(0)
  }
}

/** The command as a person types it: what it prints, or the fault. */
async function typed(run: (io: Parameters<typeof runEdgeStatus>[1]) => Promise<number>): Promise<string> {
  const out: string[] = []
  const sink = { write: (text: string) => out.push(text) }
  try {
    await run({ stdout: sink, stderr: sink, env: {}, isTTY: false })
  } catch (error) {
    out.push(String(error))
  }
  return out.join('')
}

function caught(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

const settingsAt = (data: string) => ({
  data,
  edge: { id: null, driver: null, lan: null, wan: null, ports: {}, device: null, metrics: null },
})

t.test('status shows every site, its rate, since when and why, and who was heard', async (t) => {
  const here = await box(t)
  const settings = settingsAt(here.data)
  t.match(await typed((io) => runEdgeStatus({ settings, json: false }, io)), /posta-hq +down +256 kbit.*boot rate/)
  await told(here)
  here.stats.now = {
    generation: 1,
    leaves: [
      { institution: 2, service: 0, direction: 0, class: 0, bytes: 900, packets: 3, drops: 7, backlog: 1_500 },
      { institution: 2, service: 0, direction: 0, class: 3, bytes: 100, packets: 1, drops: 1, backlog: 0 },
    ],
  }
  await here.clock.advance(5_000)
  const text = await typed((io) => runEdgeStatus({ settings, json: false }, io))
  t.match(text, /^state +STALE, enforce$/m)
  t.match(text, /^in force +publication 1\/1, revision 1$/m)
  t.match(text, /^controller heard +5 s ago/m)
  t.match(text, /^last refusal +none$/m)
  t.match(
    text,
    /^posta-hq +down +4 Mbit\/s +- +- +0 bit\/s +2026-01-01T00:00:00Z +1\.5 kB +8 +- +as told in publication 1\/1 of/m,
  )
  const page = JSON.parse(await typed((io) => runEdgeStatus({ settings, json: true }, io)))
  t.match(page.sites[0].flows[0], {
    service: 'internet',
    direction: 'down',
    rate: 4e6,
    sent: 1_000,
    queue: 1_500,
    drops: 8,
  })

  here.stats.now = {
    ...here.stats.now,
    leaves: [...here.stats.now.leaves].map((l) => ({ ...l, bytes: l.bytes * 251 })),
  }
  await here.clock.advance(2_000)
  const why = (of: string, json = false) => typed((io) => runEdgeWhy({ settings, of, json }, io))
  const asked = await why('posta-hq')
  t.match(asked, /^posta-hq of posta, 10.1.2.0\/24[^\n]*\n {2}as told in publication 1\/1 of revision 1$/m)
  t.match(
    asked,
    /^ {2}internet +down +4 Mbit\/s +2026-01-01T00:00:00Z +2 Mbit\/s +1\.5 kB +8 +-$/m,
    'and what passes now',
  )
  t.match(asked, /^as of 2026-01-01T00:00:07Z at dar-1, STALE: counters of 2026\S+; the controller was heard 7 s ago/m)
  t.equal(await why('posta'), asked, 'by its institution')
  t.match(await why('10.1.2.77'), /^posta-hq of posta/, 'by an address')
  t.match(await why('192.0.2.1'), /Nobody here has 192.0.2.1/)
  t.match(await why('po'), /No site of this edge is called "po"/)
  t.match(JSON.parse(await why('tra', true)), { of: 'tra', sites: [{ site: 'tra-hq', institution: 'tra' }] })
  t.match(
    await typed((io) => runEdgeStatus({ settings, json: false }, io)),
    /^posta-hq +down +4 Mbit\/s +- +- +2 Mbit/m,
  )
  const rows = ['10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32'].map((prefix, k) => ({
    ...{ site: `s${k}`, institution: `i${k}`, prefixes: [prefix], flows: [], why: '' },
  }))
  const unmapped = { ...rows[0]!, site: 'unmapped', prefixes: [] }
  for (const [address, site] of [
    ['10.1.2.3', 's1'],
    ['10.2.0.1', 's0'],
    ['2001:db8::7', 's2'],
    ['192.0.2.1', 'unmapped'],
  ] as const)
    t.match(rowsNamed([unmapped, ...rows], address), [{ site }], `${address}: the longest prefix, else unmapped`)

  await here.clock.advance(54_000)
  t.match(
    await typed((io) => runEdgeStatus({ settings, json: false }, io)),
    /256 kbit.*lease is over since .* s: the lower/,
  )
  for (const rest of [2_000, 58_000]) {
    here.carrier.deliverRefusal({ code: 'CHECKSUM', detail: 'damaged' })
    await here.clock.advance(rest)
  }
  const late = await typed((io) => runEdgeStatus({ settings, json: false }, io))
  t.match(late, /last refusal +CHECKSUM: damaged, 58 s ago \S+, again and again since 2026-\S+$/m)
  t.match(late, /the safe rate of publication 1\/1/)

  await here.stop()
  const gone = await typed((io) => runEdgeStatus({ settings, json: false }, io))
  t.match(gone, /the agent does not run. It remembers publication 1\/1[\s\S]*posta +down 4 Mbit\/s, up 1 Mbit\/s/)
  t.match(gone, /No agent answers/)
  t.match(await why('posta-hq'), /internet +down +4 Mbit[\s\S]*remembered: publication 1\/1[\s\S]*No agent answers/)
  const nobody = await typed((io) => runEdgeStatus({ settings: settingsAt(join(here.data, 'none')), json: false }, io))
  t.match(nobody, /Which edge\? No edge has been run/)
})

t.test(
  'the controller’s reasons stand at the box with what is promised, and are remembered with their time',
  async (t) => {
    const here = await box(t, { profile: edgeProfile2() })
    const settings = settingsAt(here.data)
    const since = Date.UTC(2025, 11, 31, 23, 59, 30)
    const reason = { institution: 2, service: 0, direction: 0, since, behind: null } as const
    const full = { ...reason, code: 'LINK', id: 'transit-a.down' } as const
    here.carrier.snapshot(FLOWS, { reasons: [full] })
    await settled(here.clock, async () => here.agent.status().applied?.seq === here.carrier.seq)
    const status = () => typed((io) => runEdgeStatus({ settings, json: false }, io))
    const why = (of: string) => typed((io) => runEdgeWhy({ settings, of, json: false }, io))
    t.match(
      await status(),
      /^posta-hq +down +4 Mbit\/s +1 Mbit\/s +8 Mbit\/s .* revision 1; internet: The link transit-a.down is full/m,
    )
    t.match(await status(), /^posta-hq +up +1 Mbit\/s +1 Mbit\/s +8 Mbit\/s .* revision 1$/m)
    const told =
      /internet down: The link transit-a\.down is full, since 2025-12-31T23:59:30Z\. Guarantee 1 Mbit\/s, ceiling 8 /
    t.match(await why('posta'), told)
    t.match(await why('posta'), /internet up: Nothing limits it\. Guarantee 1 Mbit\/s, ceiling 8 Mbit\/s\.\n/)
    await here.clock.advance(1_000)
    here.carrier.heartbeat()
    await here.clock.advance(400_000)
    t.match(await why('posta'), told, 'what is not said anew is so still')
    t.match(
      await why('posta'),
      /heard 400 s ago \S+; its reasons are as of 2026-01-01T00:00:00Z\n/,
      'as of when it was said, whatever was heard since',
    )
    here.carrier.heartbeat({ reasons: [{ ...full, code: 'CEILING', id: null, behind: { kind: 'mode', id: 'exams' } }] })
    await here.clock.advance(20_000)
    t.match(await why('posta'), /It has reached the ceiling that the mode exams sets, since 2025/)
    await here.stop()
    t.match(
      await why('posta'),
      /^ {2}internet down: It has reached the ceiling that the mode exams sets/m,
      'without an agent',
    )
    t.match(await why('posta'), /revision 1; reasons as of 2026-01-01T00:06:41Z; the kernel keeps what it has/)
  },
)

t.test('a bypass at the box lifts one site or all, is told, ends by itself, and outlives a restart', async (t) => {
  const here = await box(t)
  const settings = settingsAt(here.data)
  await told(here)
  const bypass = (site: string | null, time: string, reason = 'cable works') =>
    typed((io) => runEdgeBypass({ settings, site, for: time, reason }, io))
  t.match(await bypass('posta-hq', '15m'), /posta-hq is not limited until 2026-01-01T00:15:00Z/)
  await settled(here.clock, async () => (here.carrier.lastReport?.bypasses?.length ?? 0) > 0)
  await settled(here.clock, async () => (await here.table()).lifted !== undefined)
  t.same([...((await here.table()).lifted ?? [])], [2])
  t.equal((await here.table()).enforcement, 'enforce', 'the others stay limited')
  const since = here.clock.wall()
  const mine = { institution: 2, since, until: since + HOUR / 4, reason: 'cable works' }
  t.match(here.carrier.lastReport, { enforcement: 'enforce', bypasses: [mine], applied: { seq: 1 } })
  const decoded = decodeReport(encodeReport(here.carrier.lastReport!), { edge: 'dar-1' })
  t.match(decoded, { bypasses: [mine] }, 'it travels')
  const status = await typed((io) => runEdgeStatus({ settings, json: false }, io))
  t.match(status, /^LIFTED HERE +posta until 2026-01-01T00:15:00Z: cable works$/m)
  t.match(status, /^posta-hq +down +not limited .*lifted here: cable works$/m)
  t.match(status, /^tra-hq +down +2 Mbit\/s/m)

  await here.stop()
  const again = await box(t, { data: here.data, at: 200_000 })
  await settled(again.clock, async () => (await again.table()).lifted !== undefined)
  t.same([...((await again.table()).lifted ?? [])], [2], 'the restart keeps it')
  again.clock.jumpWall(-30 * 60_000)
  await again.clock.advance(HOUR / 4)
  await settled(again.clock, async () => (await again.table()).lifted === undefined)
  t.equal((await again.table()).lifted, undefined, 'a clock set back does not lengthen it')
  await settled(again.clock, async () => again.carrier.lastReport?.bypasses === undefined)
  t.equal(again.carrier.lastReport?.bypasses, undefined)

  t.match(await bypass(null, '30m', 'fire'), /This edge is not limited until/)
  await settled(again.clock, async () => again.carrier.lastReport?.enforcement === 'bypass')
  t.match(again.carrier.lastReport, { enforcement: 'bypass', bypasses: [{ institution: null, reason: 'fire' }] })
  await settled(again.clock, async () => (await again.table()).enforcement === 'bypass')
  t.equal((await again.table()).enforcement, 'bypass')
  t.match(await typed((io) => runEdgeResume({ settings, site: 'tra' }, io)), /Nothing was lifted/)
  t.match(await typed((io) => runEdgeResume({ settings, site: null }, io)), /Limits hold again \(1 ended\)/)
  await again.clock.advance(1_000)
  await settled(again.clock, async () => (await again.table()).enforcement === 'enforce')
  t.equal((await again.table()).enforcement, 'enforce')

  t.match(await bypass('post', '2h'), /No site of this edge is called "post"/)
  t.match(await bypass('posta', '8d'), /at most seven days/)
  t.match(await bypass('posta', 'two hours'), /no duration/)
  t.match(await bypass('posta', '1h', '  '), /needs a reason/)
  t.match(
    caught(() => institutionNamed(edgeProfile(), 'osta')),
    { advice: /posta-hq/ },
  )
  const still = toldOf([], new Set([2]), 5)
  t.same(still, [{ institution: 2, since: 5, until: 5, reason: 'ended, still in force' }], 'told until it is undone')
})

t.test('a bypass of another boot ends by the wall clock; a damaged file lifts nothing and is said', async (t) => {
  const here = await box(t)
  here.bypasses.lift(2, HOUR, 'repair')
  const file = join(here.data, 'edge', 'dar-1.bypasses.json')
  const kept = readFileSync(file, 'utf8')
  const read = (boot: string, wall: number): number => {
    const clock = manualClock({ monotonic: 0, wall })
    return createBypasses(file, { clock, boot, note: (text) => here.said.push(text) }).list().length
  }
  const begun = here.clock.wall()
  t.equal(read(OTHER_BOOT, begun + HOUR - 1), 1)
  t.equal(read(OTHER_BOOT, begun + HOUR), 0)
  writeFileSync(file, kept.replace('"reason":"repair"', '"reason":7'))
  t.equal(read(BOOT, begun), 0)
  t.match(here.said.at(-1), /bypasses.json is ignored, and no limit is lifted/)
})

t.test('while hold is ordered one site can be lifted; the others keep what is held', async (t) => {
  const profile = edgeProfile({ enforcement: 'hold', until: null })
  const here = await box(t, { profile: edgeProfile() })
  await told(here)
  here.carrier.useProfile(profile)
  here.carrier.snapshot(FLOWS.map((r) => rateRecord(r.institution, r.direction, 100)))
  await here.clock.advance(1_000)
  await settled(here.clock, async () => (await here.table()).enforcement === 'hold')
  here.bypasses.lift(2, HOUR, 'repair')
  here.agent.reconsider()
  await settled(here.clock, async () => (await here.table()).lifted !== undefined)
  const { enforcement, lifted, rates } = await here.table()
  t.same([enforcement, [...(lifted ?? [])]], ['enforce', [2]])
  t.same(new Set(rates.map(({ rate }) => rate)), new Set([4_000, 1_000, 2_000, 500]))
  const [own, other] = statusPage(here.agent.picture()).sites.map(({ why }) => why)
  t.match([own, other], [/lifted here: repair/, 'kept as it was when hold was ordered'])
})

t.test('an edge in observe says what it would have held back, for how long and by how much', async (t) => {
  const trial = await box(t, { profile: edgeProfile({ until: Date.UTC(2026, 0, 1, 2) }) })
  await told(trial)
  t.match(
    await typed((io) => runEdgeStatus({ settings: settingsAt(trial.data), json: false }, io)),
    /^state +FRESH, enforce, until 2026-01-01T02:00:00Z, then observe$/m,
    'a trial says when it ends',
  )
  const here = await box(t, { profile: edgeProfile({ enforcement: 'observe' }) })
  await told(here)
  const leaf = { institution: 2, service: 0, direction: 0, class: 0, drops: 0, backlog: 0 } as const
  const at = async (bytes: number, generation = 1): Promise<void> => {
    here.stats.now = { generation, leaves: [{ ...leaf, bytes, packets: bytes / 1_000 }] }
    await here.clock.advance(1_000)
  }
  // 4 Mbit/s is 500,000 bytes a second.
  await at(0)
  await at(500_000)
  t.equal(statusPage(here.agent.picture()).sites[0]!.flows[0]!.wouldLimit, null, 'exactly the rate is not too much')
  await at(1_200_000)
  await at(2_000_000)
  await at(2_100_000)
  await at(0, 2)
  await at(900_000, 2)
  await here.clock.advance(1_000)
  const [flow] = statusPage(here.agent.picture()).sites[0]!.flows
  t.same(flow?.wouldLimit, { duration: 3_000, excess: 200_000 + 300_000 + 400_000 })
  t.equal(flow?.rate, null)
  const text = await typed((io) => runEdgeStatus({ settings: settingsAt(here.data), json: false }, io))
  t.match(text, /counted and not limited: this edge observes; would have held back 900\.0 kB in 3 s/)
})

t.test('the local socket is for its own user, metrics are for collectors, and one agent is enough', async (t) => {
  const here = await box(t)
  await told(here)
  const socket = socketOf(here.data, 'dar-1')
  t.equal(statSync(socket).mode & 0o777, 0o600)
  const text = await (await fetch(`http://127.0.0.1:${here.localSocket.port}/metrics`)).text()
  t.match(text, /^mizani_edge_state\{edge="dar-1",state="FRESH"\} 1$/m)
  t.match(text, /^mizani_flow_rate_bits_per_second\{edge="dar-1",institution="posta",.*direction="down"\} 4000000$/m)
  for (const line of text.trim().split('\n'))
    t.match(line, /^(# (HELP|TYPE) \w+ .+|\w+\{(\w+="[^"]*",?)+\} -?[\d.e+-]+)$/)
  t.equal(
    (await fetch(`http://127.0.0.1:${here.localSocket.port}/status`)).status,
    404,
    'and nothing else is offered there',
  )
  await t.rejects(localRequest(socket, 'POST', '/bypass', { site: null, duration: 'long', reason: 'x' }), {
    code: 'BAD_REQUEST',
  })
  await t.rejects(localRequest(socket, 'GET', '/elsewhere'), { code: 'NOT_FOUND' })
  const options = { agent: here.agent, bypasses: here.bypasses, metrics: null, log }
  await t.rejects(openLocalSocket({ ...options, socket }), { code: 'EDGE_RUNS_ALREADY' })
  const deep = join(here.data, 'x'.repeat(100), 'dar-1.sock')
  await (await openLocalSocket({ ...options, socket: deep })).close()
  await t.rejects(localRequest(deep, 'GET', '/status'), { code: 'NOT_REACHED' }, 'too long a path is left, not fatal')
})

t.test('a dry run without a store goes by what is remembered; what cannot be taken away is said', async (t) => {
  const here = await box(t)
  await told(here)
  await here.stop()
  const settings = (driver: string, data = here.data) =>
    loadSettings({ env: { MIZANI_DATA: data }, flags: { edge: { id: 'dar-1', driver } } as Flags })
  const dryRun = (s: Settings) => typed((io) => runEdgeDryRun({ settings: s }, io))
  t.match(
    await dryRun(settings('dry-run')),
    /^# Where do the rates come from\?: this is by what is remembered here\nadd posta\/internet\/down at 4000 kbit/,
  )
  t.match(
    await dryRun(settings('dry-run', t.testdir())),
    /Where do the rates come from\?; and nothing is remembered here/,
  )
  const remove = (driver: string) => typed((io) => runEdgeRemove({ settings: settings(driver), dryRun: false }, io))
  t.match(await remove('simulated'), /simulated sets nothing that could be taken away from here/)
})

t.test('a way past the limits stands in status and metrics, with how much went uncounted', async (t) => {
  const here = await box(t)
  const status = () => typed((io) => runEdgeStatus({ settings: settingsAt(here.data), json: false }, io))
  const way = {
    code: 'PAST',
    subject: 'wan1',
    found: 'a default route leaves by wan1, past wan0',
    used: false,
  } as const
  t.notMatch(await status(), /uncounted|past/)
  here.beside.now = { escapes: [way], uncounted: { down: 0, up: 0 } }
  await here.clock.advance(10_000)
  t.match(await status(), /^past +a default route leaves by wan1/m, 'a way that nobody takes')
  const shaped = [
    { device: 'lan0', side: 'lan', state: 'up', sent: 0 },
    { device: 'wan0', side: 'wan', state: 'up', sent: 1_000 },
    { device: 'wan2', side: 'wan', state: 'down', sent: 5 },
    { device: 'wan3', side: 'wan', state: 'away', sent: 0 },
  ] as const
  here.beside.now = { escapes: [way], uncounted: { down: 0, up: 0 }, devices: shaped }
  await here.clock.advance(10_000)
  const devices = shaped.map((one) => (one.device === 'wan0' ? { ...one, sent: 2_501_000 } : one))
  here.beside.now = { escapes: [{ ...way, used: true }], uncounted: { down: 0, up: 12_500_000 }, devices }
  await here.clock.advance(10_000)
  t.match(await status(), /^uncounted +up 12.5 MB, now 10 Mbit\/s\nPAST +a default/m)
  t.match(await status(), /^lan +lan0 0 bit\/s\nwan +wan0 2 Mbit\/s, wan2 down, wan3 away$/m)
  const metrics = await (await fetch(`http://127.0.0.1:${here.localSocket.port}/metrics`)).text()
  t.match(metrics, 'mizani_edge_escape{edge="dar-1",code="PAST",subject="wan1"} 1')
  t.match(metrics, 'mizani_edge_uncounted_bytes_total{edge="dar-1",direction="up"} 12500000')
  t.match(metrics, 'mizani_edge_device_up{edge="dar-1",device="wan2",side="wan"} 0')
  t.match(metrics, 'mizani_edge_device_sent_bytes_total{edge="dar-1",device="wan0",side="wan"} 2501000')
  const { notices, uncounted } = here.agent.status()
  t.same(uncounted, { down: 0, up: 10_000_000 }, 'the controller is told the same')
  const byCode = (code: string) => notices?.find((notice) => notice.code === code)
  t.match(byCode('PAST'), { subject: 'wan1', used: true })
  t.match(byCode('UNCOUNTED'), { subject: 'up' })
  t.ok(byCode('PAST')!.since < byCode('UNCOUNTED')!.since, 'since when each was found')
  const down = { device: 'wan0', side: 'wan', state: 'down', sent: 0 } as const
  here.beside.now = { escapes: [], uncounted: { down: 0, up: 12_500_000 }, devices: [down] }
  await here.clock.advance(10_000)
  t.match(here.agent.status(), { notices: [{ code: 'UPLINK', subject: 'wan0' }], uncounted: undefined })
  here.beside.now = { escapes: [], uncounted: null, devices: [{ ...down, state: 'up', isFull: true }] }
  await here.clock.advance(10_000)
  t.match(here.agent.status(), { notices: [{ code: 'PORT', subject: 'wan0', used: true }] })
  const away = Array.from({ length: 40 }, (_, k) => ({ ...down, device: `wan${k}`, state: 'away' as const }))
  here.beside.now = { escapes: [way], uncounted: null, devices: away }
  await here.clock.advance(10_000)
  t.match(here.agent.status(), { notices: [{ code: 'INTERFACE', subject: 'wan0' }] })
  t.equal(here.agent.status().notices?.length, MAX_NOTICES_PER_EDGE, 'and no more than a report may hold')
})

t.test('systemd hears that the agent is ready, lives and stops; without it nothing is run', async (t) => {
  const clock = manualClock()
  const words: string[] = []
  const exec = async (command: string, args: readonly string[]) => {
    words.push([command, ...args].join(' '))
    return { code: 0, stdout: '', stderr: '' }
  }
  const unit = createSupervisor(
    { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '30000000' },
    { clock, log, exec },
  )
  await unit.ready()
  await clock.advance(30_000)
  await unit.stopping()
  await clock.advance(60_000)
  t.match(words[0], /^systemd-notify --ready/)
  t.same(words.slice(1), [...Array(3).fill('systemd-notify WATCHDOG=1'), 'systemd-notify --stopping'])
  const alone = createSupervisor({}, { clock, log, exec })
  await alone.ready()
  await alone.stopping()
  t.equal(words.length, 5)
})

t.test('doctor tells what shaping depends on, and what cannot be told', async (t) => {
  const files: Record<string, string> = {
    '/proc/net/psched': '000003e8 00000040 000f4240 3b9aca00',
    '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc',
    '/sys/class/net/lan0': '',
    '/sys/class/net/wan0': '',
  }
  const answers: Record<string, string> = {
    timedatectl: 'no\n',
    nft: '{"nftables":[{"rule":{"expr":[{"masquerade":null}]}}]}',
    ethtool: 'generic-receive-offload: on\nlarge-receive-offload: off [fixed]\n',
  }
  const look = async (lan: string | readonly string[]) => {
    const exec = async (command: string) => {
      const stdout = answers[command]
      return { code: stdout === undefined ? null : 0, stdout: stdout ?? '', stderr: '' }
    }
    const machine = { exec, read: (path: string) => files[path] ?? null, exists: (path: string) => path in files }
    const findings = await lookAtMachine({ lan: typeof lan === 'string' ? lan : [...lan], wan: 'wan0' }, machine)
    return Object.fromEntries(findings.slice(1).map(({ about, verdict, found }) => [about, `${verdict}: ${found}`]))
  }
  t.match(await look('lan0'), {
    timers: 'good: high resolution',
    'clock source': 'good: tsc',
    clock: 'look: not synchronised',
    translation: /^good: 1 rules of source NAT/,
    lan0: /^good: gathers segments \(generic-receive-offload\)/,
  })
  files['/sys/class/net/lan1'] = ''
  for (const several of ['lan0, lan1,gone1', ['lan0', 'lan1', 'gone1']])
    t.match(await look(several), { lan0: /^good/, lan1: /^good/, gone1: /^bad: there is no such/, wan0: /^good/ })
  answers.ethtool = 'large-receive-offload: on\n'
  files['/proc/net/psched'] = '000003e8 00000040 000f4240 00000064'
  files['/sys/devices/system/clocksource/clocksource0/current_clocksource'] = 'hpet'
  t.match(await look('gone0'), {
    timers: /^look: 100/,
    'clock source': /^look/,
    gone0: /^bad: there is no/,
    wan0: /^look/,
  })
  for (const name of Object.keys(answers)) delete answers[name]
  t.match(await look('lan0'), { clock: /^unknown/, translation: /^unknown/, lan0: /^unknown/ })
})

/** nft in a network namespace of its own that ends with the process: nothing outside is seen or changed. */
const nftAlone = (script: string) => spawnSync('unshare', ['-n', 'sh', '-c', script], { encoding: 'utf8' })
const withoutNft =
  nftAlone('nft list tables').status === 0 ? false : 'not run: nft or the right to a namespace is missing'

t.test(
  'unmapped traffic is listed by address, the largest first, and the table goes again',
  { skip: withoutNft },
  async (t) => {
    const said: string[] = []
    const exec = async (_: string, args: readonly string[], input = '') => {
      said.push(args.join(' '))
      if (!args.includes('-j')) return { code: 0, stdout: '', stderr: '' }
      // The real nft reads the table, as the kernel would have filled it.
      const fill = [
        'add element inet mizani-doctor down4 { 198.51.100.7 counter packets 3 bytes 300 }',
        'add element inet mizani-doctor up4 { 198.51.100.7 counter packets 9 bytes 900 }',
        'add element inet mizani-doctor up6 { 2001:db8::7 counter packets 1 bytes 1000 }',
      ]
      const script = `nft -f - <<'END'\n${table}\n${fill.join('\n')}\nEND\nnft -j list table inet mizani-doctor`
      const { status, stdout, stderr } = nftAlone(script)
      return { code: status, stdout, stderr: `${stderr}${input}` }
    }
    const profile = edgeProfile()
    const table = tableText(['lan0'], profile)
    t.match(tableText(['lan0', 'lan1'], profile), /iifname \{ "lan0", "lan1" \} ip6 saddr/)
    t.match(table, /oifname "lan0" ip daddr != @known4 update @down4 \{ ip daddr counter \}/)
    const clock = manualClock()
    const listening = listenForUnmapped(['lan0'], profile, 10_000, { exec, clock })
    await clock.advance(10_000)
    t.same(await listening, [
      { address: '2001:db8::7', direction: 'up', bytes: 1_000, packets: 1 },
      { address: '198.51.100.7', direction: 'up', bytes: 900, packets: 9 },
      { address: '198.51.100.7', direction: 'down', bytes: 300, packets: 3 },
    ])
    t.equal(said.at(-1), 'delete table inet mizani-doctor')
    const failing = async (_: string, args: readonly string[]) =>
      args.includes('-f')
        ? { code: 1, stdout: '', stderr: 'Operation not permitted' }
        : { code: 0, stdout: '', stderr: '' }
    await t.rejects(listenForUnmapped(['lan0'], profile, 1, { exec: failing, clock }), /nft: Operation not permitted/)
  },
)

t.test(
  'which interfaces are which: by the default route and the addresses, and what is no guess is none',
  async (t) => {
    const address = (scopeid?: number) => ({ internal: false, ...(scopeid === undefined ? {} : { scopeid }) })
    const found = { lo: [{ internal: true }], wan0: [address()], 'eth1.105': [address(0)], eth2: [address(2)] }
    const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n'
    const route = (device: string, metric: number, to = '00000000', mask = '00000000') =>
      `${device}\t${to}\t0100000A\t0003\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`
    const none = '0'.repeat(32)
    const six = (device: string, metric: string) => `${none} 00 ${none} 00 ${none} ${metric} 01 00 0003 ${device}\n`
    const guess = (more: object, files: Record<string, string>) =>
      guessInterfaces({ ...found, ...more } as never, (file) => {
        if (files[file] === undefined) throw new Error('ENOENT')
        return files[file]
      })
    const four = {
      '/proc/net/route': head + route('eth9', 100) + route('wan0', 10) + route('lte', 0, '0000A8C0', '00FFFFFF'),
    }
    t.same(guess({}, four), { wan: 'wan0', lan: 'eth1.105' }, 'the least metric; no link-local address counts')
    t.same(guess({ docker0: [address()], br0: [address()] }, four), { wan: 'wan0', lan: 'eth1.105,br0' })
    const rows = six('lo', 'ffffffff') + six('wan0', '00000400')
    t.same(guess({}, { '/proc/net/ipv6_route': rows }), { wan: 'wan0', lan: 'eth1.105' }, 'by IPv6 alone')
    t.same(guess({}, {}), { wan: null, lan: 'wan0,eth1.105' })
    t.same(guess({ 'eth1.105': [] }, four), { wan: 'wan0', lan: null })
  },
)
