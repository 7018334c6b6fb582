// The agent from message to kernel and back, on a manual clock and a carrier in memory: what it enforces, acknowledges
// and says, at which moment, and what becomes of it when something fails.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { createAgent } from '../../src/edge/agent.js'
import type { Desired, Driver } from '../../src/edge/driver.js'
import { EMPTY_TABLE, type RateTable, rateOperations, tableAfter } from '../../src/edge/drivers/rate-operations.js'
import { type Self, selfOf } from '../../src/edge/self.js'
import type { EdgeProfile, LeafCounters, RateRecord } from '../../src/model/lease.js'
import { type ManualClock, manualClock } from '../../src/runtime/clock.js'
import { REPORTS_KEPT } from '../../src/runtime/limits.js'
import { createLogger } from '../../src/runtime/log.js'
import { decodeProfile } from '../../src/wire/profile-reader.js'
import { ROOT } from '../harness/root.js'
import { BOOT, Carrier, edgeProfile, edgeProfile2, OTHER_BOOT, rateRecord } from './fixtures.js'

/** A driver over a table in memory, which can be made to fail. */
class TableDriver implements Driver<RateTable> {
  readonly name = 'table'
  readonly simulated = true
  readonly applies: Desired[] = []
  observes = 0
  table = EMPTY_TABLE
  leaves: LeafCounters[] = []
  fails: 'observe' | 'apply' | 'silently' | 'stats' | null = null
  /** Runs while an apply is under way. */
  meanwhile: () => Promise<void> | void = () => {}

  probe = async () => ({ facts: {}, obstacles: [] })
  plan = rateOperations
  close = async () => {}

  async observe(): Promise<RateTable> {
    this.observes++
    if (this.fails === 'observe') throw new Error('no such device')
    return this.table
  }

  async apply(operations: readonly unknown[], desired: Desired) {
    await this.meanwhile()
    if (this.fails === 'apply') return { applied: 0, refusal: { code: 'FOREIGN_QDISC', detail: 'not ours' } as const }
    this.applies.push(desired)
    if (this.fails !== 'silently') this.table = tableAfter(desired)
    return { applied: operations.length, refusal: null }
  }

  async stats() {
    if (this.fails === 'stats') throw new Error('no counters')
    return { generation: 1, leaves: this.leaves }
  }

  /** kbit/s of the flow, as it stands. */
  rate(institution = 2, direction: 0 | 1 = 0): number | undefined {
    return this.rates().find((r) => r.institution === institution && r.direction === direction)?.rate
  }

  rates(): readonly RateRecord[] {
    return [...this.table.rates]
  }
}

interface Scene {
  readonly clock: ManualClock
  readonly carrier: Carrier
  readonly driver: TableDriver
  readonly agent: ReturnType<typeof createAgent>
}

async function scene(
  more: {
    profile?: EdgeProfile
    stateDir?: string
    at?: number
    boot?: string
    self?: Self
    fails?: TableDriver['fails']
  } = {},
): Promise<Scene> {
  const clock = manualClock({ monotonic: more.at ?? 100_000 })
  const carrier = new Carrier(more.profile)
  const driver = new TableDriver()
  driver.fails = more.fails ?? null
  const log = createLogger('edge', 'silent')
  const boot = more.boot ?? BOOT
  const agent = createAgent({
    edge: 'dar-1',
    driver,
    clock,
    transport: carrier,
    stateDir: more.stateDir ?? null,
    log,
    boot,
    ...(more.self ? { self: more.self } : {}),
  })
  await agent.start()
  await clock.advance(0)
  return { clock, carrier, driver, agent }
}

const FLOWS = [rateRecord(2, 0, 4_000), rateRecord(2, 1, 1_000), rateRecord(3, 0, 2_000), rateRecord(3, 1, 500)]

/** An edge that was told its rates and holds a lease. */
async function freshScene(more: Parameters<typeof scene>[0] = {}): Promise<Scene> {
  const made = await scene(more)
  made.carrier.snapshot(FLOWS)
  await settled(made)
  return made
}

/** Lets real work (files) come to its end without moving the clock. */
async function settled({ clock, carrier, agent }: Scene, seq = carrier.seq): Promise<void> {
  await clock.advance(0)
  for (let k = 0; k < 5_000 && agent.status().applied?.seq !== seq; k++) {
    await sleep(1)
    await clock.advance(0)
  }
  await clock.advance(0)
}

/** A controller that renews every second for a while. */
async function renewFor({ clock, carrier }: Scene, seconds: number): Promise<void> {
  for (let k = 0; k < seconds; k++) {
    carrier.heartbeat()
    await clock.advance(1_000)
  }
}

t.test('an edge reports itself at once, is told its rates, enforces them, reads back and acknowledges', async (t) => {
  const here = await scene()
  const { carrier, driver, agent, clock } = here
  t.match(carrier.reports[0], { edge: 'dar-1', stamp: { boot: BOOT, at: 100_000 }, applied: null, state: 'SAFE' })
  t.equal(driver.rate(), 256, 'the profile alone gives boot rates')
  carrier.snapshot(FLOWS)
  await settled(here)
  t.equal(driver.rate(), 4_000)
  t.match(carrier.lastReport, { state: 'FRESH', refusal: null, enforcement: 'enforce' })
  t.match(carrier.lastReport?.applied, { epoch: 1, seq: 1, crc: carrier.lastCrc })
  const applies = driver.applies.length
  await renewFor(here, 60)
  t.equal(driver.applies.length, applies, 'a second apply does nothing, nor does the sixtieth')
  t.ok(driver.observes > applies + 5, 'though what stands was looked at again')
  t.equal(agent.status().state, 'FRESH')
  await agent.stop()
  t.equal(clock.pending(), 0)
  t.equal(driver.rate(), 4_000, 'and leaves its rates in force')
})

t.test('STALE after three silent ticks, SAFE at one lease after the stamp, in two steps, and back', async (t) => {
  const here = await freshScene()
  const { clock, carrier, driver, agent } = here
  await clock.advance(2_999)
  t.equal(agent.status().state, 'FRESH')
  await clock.advance(1)
  t.equal(carrier.lastReport?.state, 'STALE', 'and says so at that moment')
  t.equal(driver.rate(), 4_000, 'the rates stay')
  await clock.advance(56_999)
  t.equal(driver.rate(), 4_000)
  await clock.advance(1)
  t.same([driver.rate(), driver.rate(3, 1)], [256, 256], 'one lease: min(last, safe)')
  t.equal(carrier.lastReport?.state, 'SAFE')
  await clock.advance(60_000)
  t.equal(driver.rate(), 256)
  carrier.snapshot(FLOWS)
  await settled(here)
  t.equal(driver.rate(), 4_000)
  t.equal(carrier.lastReport?.state, 'FRESH')
  await agent.stop()
})

t.test(
  'over a satellite an edge is STALE later and reports less often, but what happens it says at once',
  async (t) => {
    const here = await freshScene({ profile: { ...edgeProfile(), line: 'satellite' } })
    const { clock, carrier, agent } = here
    t.equal(carrier.line, 'satellite', 'the carrier is told')
    await renewFor(here, 1)
    const said = carrier.reports.length
    await renewFor(here, 40)
    t.equal(carrier.reports.length - said, 10, 'a report each four seconds')
    await clock.advance(10_999)
    t.equal(agent.status().state, 'FRESH', 'twelve seconds without a message are an ordinary minute')
    await clock.advance(1)
    t.equal(carrier.lastReport?.state, 'STALE')
    await agent.stop()
  },
)

t.test('min(last, safe) differs from safe where the last rate was below it', async (t) => {
  const here = await scene()
  here.carrier.snapshot([rateRecord(2, 0, 100, 256), rateRecord(2, 1, 900, 256)])
  await settled(here)
  await here.clock.advance(60_000)
  t.same([here.driver.rate(2, 0), here.driver.rate(2, 1)], [100, 256])
  await here.clock.advance(60_000)
  t.same([here.driver.rate(2, 0), here.driver.rate(2, 1)], [256, 256])
  await here.agent.stop()
})

t.test('a process that stood still enforces no longer than the echoed stamp allows', async (t) => {
  const here = await freshScene({ profile: edgeProfile({ lease: 6_000 }) })
  const { clock, carrier, driver, agent } = here
  // The report of 100.0 s is read; the renewal is sent, and waits 0.8 s in the socket of a stopped process.
  const { stamp } = carrier.lastReport!
  t.equal(stamp.at < 100_010, true)
  await clock.advance(800)
  carrier.heartbeat({ stamp: { boot: BOOT, at: 100_000 } })
  await clock.advance(5_199)
  t.equal(driver.rate(), 4_000)
  await clock.advance(1)
  t.equal(driver.rate(), 256, 'six seconds after the stamp, not after the receipt')
  await agent.stop()
})

t.test('a lost delta is a gap: the snapshot is read once, and nothing old comes back', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent, clock } = here
  const first = carrier.sent[0]!
  carrier.losing = true
  carrier.delta([rateRecord(2, 0, 3_000)])
  carrier.losing = false
  const reads = carrier.snapshotReads
  carrier.delta([rateRecord(3, 0, 1_500)])
  await settled(here)
  t.same([driver.rate(2, 0), driver.rate(3, 0), driver.rate(3, 1)], [3_000, 1_500, 500])
  t.equal(carrier.snapshotReads, reads + 1)
  carrier.replay(first)
  await clock.advance(0)
  t.equal(driver.rate(2, 0), 3_000)
  t.equal(agent.status().applied?.seq, 3)
  await agent.stop()
})

t.test('a heartbeat for content that is not held renews nothing', async (t) => {
  const here = await freshScene()
  const { carrier, clock, agent, driver } = here
  carrier.losing = true
  carrier.delta([rateRecord(2, 0, 3_000)])
  carrier.losing = false
  carrier.away = true
  for (let k = 0; k < 60; k++) {
    carrier.heartbeat({ stamp: { boot: BOOT, at: clock.monotonic() } })
    await clock.advance(1_000)
  }
  t.equal(agent.status().state, 'SAFE', 'its messages came every second, for other rates')
  t.equal(driver.rate(), 256)
  carrier.away = false
  carrier.heartbeat()
  await settled(here, 2)
  t.equal(driver.rate(), 3_000, 'with the store back the gap is closed')
  await agent.stop()
})

t.test('a snapshot that could not be read is read with the next tick, though no message asks for it', async (t) => {
  const here = await scene()
  const { carrier, clock, driver, agent } = here
  carrier.away = true
  carrier.losing = true
  carrier.snapshot(FLOWS)
  carrier.relink()
  await clock.advance(500)
  t.equal(driver.rate(), 256)
  carrier.away = false
  await clock.advance(500)
  await settled(here)
  t.equal(driver.rate(), 4_000)
  await agent.stop()
})

t.test('the newest goal wins while an apply is under way', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent } = here
  const before = driver.applies.length
  driver.meanwhile = async () => {
    driver.meanwhile = () => {}
    for (const rate of [3_000, 2_000, 1_000]) carrier.delta([rateRecord(2, 0, rate)])
    await setImmediate()
  }
  carrier.delta([rateRecord(2, 0, 3_500)])
  await settled(here, 5)
  t.equal(driver.rate(), 1_000)
  t.equal(driver.applies.length - before, 2, 'the two in between were never enforced')
  t.equal(agent.status().applied?.seq, 5)
  await agent.stop()
})

t.test('a driver that cannot be read, refuses, or does not do what it says is reported and tried again', async (t) => {
  const reasons = { observe: /no such device/, apply: /not ours/, silently: /did not take: decrease posta/ } as const
  for (const fails of ['observe', 'apply', 'silently'] as const) {
    const here = await freshScene()
    const { carrier, driver, agent, clock } = here
    driver.fails = fails
    carrier.delta([rateRecord(2, 0, 3_000)])
    await clock.advance(500)
    t.equal(carrier.lastReport?.applied?.seq, 1, `${fails}: what failed is not acknowledged`)
    carrier.heartbeat()
    await clock.advance(600)
    t.match(carrier.lastReport?.refusal?.detail, reasons[fails])
    t.equal(driver.rate(), 4_000, 'what was in force stays')
    driver.fails = null
    await renewFor(here, 4)
    t.equal(driver.rate(), 3_000)
    t.match(carrier.lastReport, { applied: { seq: 2 }, refusal: null })
    await agent.stop()
  }
  const here = await freshScene()
  here.driver.fails = 'stats'
  await here.clock.advance(1_000)
  t.match(here.carrier.lastReport, {
    counters: null,
    refusal: { code: 'DRIVER', detail: /no counters/ },
    state: 'FRESH',
  })
  await here.agent.stop()
})

t.test('what others have changed in the kernel is put right', async (t) => {
  const here = await freshScene()
  here.driver.table = tableAfter({ ...here.driver.applies.at(-1)!, rates: [rateRecord(2, 0, 9_999)] })
  await renewFor(here, 11)
  t.equal(here.driver.rate(), 4_000)
  await here.agent.stop()
})

t.test('rates wait for their profile, and come into force with it', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent, clock } = here
  const third = { ...edgeProfile().institutions[0]!, index: 4, id: 'tanesco' }
  const next = edgeProfile({ institutions: [...edgeProfile().institutions, third] })
  carrier.useProfile(next, { stored: false })
  carrier.snapshot([...FLOWS, rateRecord(4, 0, 700)])
  await clock.advance(1_000)
  t.equal(driver.rate(4), undefined)
  t.match(carrier.lastReport, { applied: { seq: 1 }, refusal: { code: 'PROFILE' } })
  carrier.useProfile(next)
  carrier.heartbeat()
  await settled(here, 2)
  t.equal(driver.rate(4), 700)
  t.equal(driver.applies.at(-1)?.profile.institutions.length, 3)
  t.match(carrier.lastReport?.applied, { seq: 2, profile: carrier.profileHash })
  carrier.snapshot([rateRecord(77, 0, 100)])
  await renewFor(here, 1)
  t.match(carrier.lastReport, { applied: { seq: 2 }, refusal: { code: 'PROFILE', detail: /77/ } })
  await agent.stop()
})

t.test('messages that are not for us are refused, said once, and forgotten after the next good one', async (t) => {
  const here = await freshScene()
  const { carrier, agent, clock } = here
  carrier.deliverRefusal({ code: 'FOREIGN', detail: 'this message is not for edge dar-1' })
  await clock.advance(1_000)
  t.match(carrier.lastReport, { applied: { seq: 1 }, refusal: { code: 'FOREIGN' }, state: 'FRESH' })
  carrier.heartbeat()
  await clock.advance(1_000)
  t.equal(carrier.lastReport?.refusal, null)
  await agent.stop()
})

t.test('a change that was under way when hold began is what is held', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent, clock } = here
  let finish = (): void => {}
  driver.meanwhile = () =>
    new Promise((resolve) => {
      finish = resolve
    })
  carrier.snapshot([rateRecord(2, 0, 3_000), ...FLOWS.slice(1)])
  await clock.advance(0)
  carrier.useProfile(edgeProfile({ enforcement: 'hold' }))
  carrier.snapshot([rateRecord(2, 0, 64), ...FLOWS.slice(1)])
  await clock.advance(0)
  driver.meanwhile = () => {}
  finish()
  await clock.advance(100)
  t.equal(driver.rate(), 3_000, 'not 4000, which others were given meanwhile')
  t.match(carrier.lastReport, { enforcement: 'hold', applied: { seq: 2 } }, 'and what is applied never goes back')
  await agent.stop()
})

t.test('a flow that left an edge in hold comes back at what it is told, not at what it had', async (t) => {
  const { carrier, driver, agent, clock } = await freshScene()
  const { institutions } = edgeProfile()
  const tell = async (some: number, ...flows: RateRecord[]): Promise<void> => {
    carrier.useProfile(edgeProfile({ enforcement: 'hold', institutions: institutions.slice(0, some) }))
    carrier.snapshot(flows)
    await clock.advance(100)
  }
  const [own, up, ...others] = FLOWS
  await tell(2, ...FLOWS)
  await tell(1, own!, up!)
  t.equal(driver.rates().length, 2, 'its site is elsewhere')
  await tell(2, rateRecord(2, 0, 64), up!, rateRecord(3, 0, 64), others[1]!)
  t.same(
    driver.rates().map(({ rate }) => rate),
    [4_000, 1_000, 64, 500],
    'what stayed is held, what came back is not',
  )
  await agent.stop()
})

t.test('hold keeps what is in force, lease or not; bypass and hold end by themselves', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent, clock } = here
  carrier.useProfile(edgeProfile({ enforcement: 'hold', until: clock.wall() + 200_000 }))
  carrier.snapshot([rateRecord(2, 0, 64), ...FLOWS.slice(1)])
  await clock.advance(100)
  t.equal(driver.rate(), 4_000)
  t.match(carrier.lastReport, { enforcement: 'hold', applied: { seq: 1 } }, 'and acknowledges what is in force')
  await clock.advance(150_000)
  t.match(carrier.lastReport, { state: 'SAFE', enforcement: 'hold' })
  t.equal(driver.rate(), 4_000)
  carrier.heartbeat()
  await clock.advance(50_000)
  t.equal(driver.rate(), 64, 'the time is over: what was told meanwhile holds')
  t.match(carrier.lastReport, { enforcement: 'enforce', applied: { seq: 2 } })

  carrier.useProfile(edgeProfile({ enforcement: 'bypass', until: clock.wall() + 5_000 }))
  carrier.snapshot(FLOWS)
  await settled(here)
  t.equal(driver.applies.at(-1)?.enforcement, 'bypass')
  await clock.advance(6_000)
  t.equal(driver.applies.at(-1)?.enforcement, 'enforce')
  t.equal(driver.rate(), 4_000)

  carrier.useProfile(edgeProfile({ enforcement: 'enforce', until: clock.wall() + 5_000 }))
  carrier.snapshot(FLOWS)
  await settled(here)
  t.match(carrier.lastReport, { enforcement: 'enforce' }, 'on trial')
  carrier.away = true
  await clock.advance(6_000)
  t.equal(driver.applies.at(-1)?.enforcement, 'observe', 'a trial ends by itself, with nobody to say so')
  carrier.away = false
  for (const [enforcement, after] of [
    ['bypass', 'observe'],
    ['enforce', 'hold'],
  ] as const) {
    carrier.useProfile(edgeProfile2({ enforcement, until: clock.wall() + 5_000, after }))
    carrier.snapshot(FLOWS)
    await settled(here)
    await clock.advance(6_000)
    t.equal(carrier.lastReport?.enforcement, after, 'what the policy says follows, where the profile tells')
  }
  await agent.stop()
})

t.test('reports repeat what the controller may have missed, and nothing else', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent, clock } = here
  const leaf = (institution: number, bytes: number): LeafCounters => {
    return { institution, service: 0, direction: 0, class: 0, bytes, packets: 1, drops: 0, backlog: 0 }
  }
  const told = () => [...(carrier.lastReport?.counters ?? [])].map(({ institution, bytes }) => [institution, bytes])
  driver.leaves = [leaf(2, 10), leaf(3, 10)]
  await clock.advance(1_000)
  t.same(told(), [
    [2, 10],
    [3, 10],
  ])
  carrier.heartbeat()
  driver.leaves = [leaf(2, 20), leaf(3, 10)]
  await clock.advance(1_000)
  t.same(told(), [[2, 20]], 'what was echoed is not repeated')
  await clock.advance(1_000)
  t.same(told(), [[2, 20]], 'no echo: it may be lost')
  carrier.heartbeat()
  await clock.advance(1_000)
  t.same(told(), [])
  carrier.newLeader()
  carrier.snapshot(FLOWS, { stamp: null })
  await clock.advance(1_000)
  t.same(
    told(),
    [
      [2, 20],
      [3, 10],
    ],
    'another controller is told everything',
  )
  const stamps = carrier.reports.map(({ stamp }) => stamp.at)
  t.same(
    stamps,
    [...new Set(stamps)].sort((a, b) => a - b),
    'stamps rise',
  )
  await agent.stop()
})

t.test('reports build on what the controller says it has', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent, clock } = here
  const leaf = (institution: number, bytes: number): LeafCounters => {
    return { institution, service: 0, direction: 0, class: 0, bytes, packets: bytes, drops: bytes, backlog: 0 }
  }
  const said = async (...leaves: LeafCounters[]) => {
    driver.leaves = leaves
    await clock.advance(1_000)
    const { base, counters } = carrier.lastReport!
    return { base: base?.at ?? null, bytes: counters && [...counters].map(({ bytes }) => bytes) }
  }
  const answer = (counted: boolean) => {
    carrier.heartbeat({ version: 2, counted })
    return carrier.lastReport!.stamp.at
  }
  t.same(await said(leaf(2, 10), leaf(3, 10)), { base: null, bytes: [10, 10] })
  answer(false)
  t.same(await said(leaf(2, 20), leaf(3, 10)), { base: null, bytes: [20, 10] }, 'it was read, and not understood')
  const first = answer(true)
  t.same(await said(leaf(2, 30), leaf(3, 10)), { base: first, bytes: [30] })
  t.same(await said(leaf(2, 30), leaf(3, 10), leaf(4, 1)), { base: first, bytes: [30, 1] }, 'no answer: since then')
  const second = answer(true)
  t.same(await said(leaf(2, 30), leaf(3, 10), leaf(4, 1)), { base: second, bytes: [] }, 'nothing changed')
  t.same(await said(leaf(2, 30), leaf(4, 1)), { base: null, bytes: [30, 1] }, 'a leaf is gone: everything')
  const third = answer(true)
  t.same(await said(leaf(2, 31), leaf(4, 1)), { base: third, bytes: [31] })
  t.same(await said(leaf(2, 29), leaf(4, 1)), { base: null, bytes: [29, 1] }, 'a counter fell')
  answer(true)
  answer(false)
  t.equal(
    (await said(leaf(2, 29), leaf(4, 1))).base,
    carrier.reports.at(-2)!.stamp.at,
    'what came before it is no news',
  )

  driver.fails = 'stats'
  t.same(await said(), { base: null, bytes: null }, 'counters that cannot be read are not told')
  await agent.stop()
})

t.test('all counters are told once a minute, and when nobody answers', async (t) => {
  const here = await freshScene()
  const { carrier, driver, agent, clock } = here
  const built: boolean[] = []
  let bytes = 0
  const second = async (answered: boolean) => {
    driver.leaves = [
      { institution: 2, service: 0, direction: 0, class: 0, bytes: ++bytes, packets: 1, drops: 0, backlog: 0 },
    ]
    await clock.advance(1_000)
    built.push(Boolean(carrier.lastReport?.base))
    if (answered) carrier.heartbeat({ version: 2, counted: true })
  }
  for (let k = 0; k < 150; k++) await second(true)
  const whole = built.flatMap((isBuilt, k) => (isBuilt ? [] : [k]))
  t.equal(whole.at(-1)! - whole.at(-2)!, 60, `${whole}`)
  t.ok(whole.length <= 4, 'and not more often')
  built.length = 0
  for (let k = 0; k < 20; k++) await second(false)
  t.same(built, [...Array(REPORTS_KEPT).fill(true), ...Array(20 - REPORTS_KEPT).fill(false)])
  await agent.stop()
})

t.test('an edge remembers: its rates are in force before the store is there', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'mizani-edge-'))
  const first = await freshScene({ stateDir })
  await first.agent.stop()
  const again = await scene({ stateDir, at: 120_000 })
  t.equal(again.driver.rate(), 4_000)
  t.match(again.carrier.reports[0], { state: 'STALE', applied: { epoch: 1, seq: 1, crc: first.carrier.lastCrc } })
  await again.clock.advance(39_999)
  t.equal(again.driver.rate(), 4_000)
  await again.clock.advance(1)
  t.equal(again.driver.rate(), 256, 'its lease ends when it would have ended')
  await again.agent.stop()
  const rebooted = await scene({ stateDir, at: 3_000, boot: OTHER_BOOT })
  t.equal(rebooted.driver.rate(), 256, 'another boot has another clock')
  t.equal(rebooted.agent.status().state, 'SAFE')
  await rebooted.agent.stop()
})

t.test('over a kernel that takes no orders a restarted agent says what was left there', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'mizani-edge-'))
  const first = await freshScene({ stateDir, profile: { ...edgeProfile(), enforcement: 'observe' } })
  first.driver.fails = 'apply'
  first.carrier.useProfile(edgeProfile())
  first.carrier.snapshot(FLOWS)
  for (let k = 0; k < 5_000 && first.agent.status().refusal === null; k++) await settled(first, 1)
  t.match(first.agent.status(), { applied: { seq: 1 }, enforcement: 'observe' })
  await first.agent.stop()
  const again = await scene({ stateDir, at: 110_000, fails: 'apply' })
  t.match(again.agent.status(), { refusal: { code: 'FOREIGN_QDISC' }, applied: { seq: 1 }, enforcement: 'observe' })
  again.driver.fails = null
  for (let k = 0; k < 60 && again.agent.status().refusal !== null; k++) await again.clock.advance(1_000)
  await settled(again, 2)
  t.match(again.agent.status(), { refusal: null, applied: { seq: 2 }, enforcement: 'enforce' })
  await again.agent.stop()
  const rebooted = await scene({ stateDir, at: 3_000, boot: OTHER_BOOT, fails: 'apply' })
  t.match(rebooted.agent.status(), { applied: null }, 'the machine has begun anew')
  await rebooted.agent.stop()
})

t.test('a profile of format 2 is remembered so that the release before can start from it too', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'mizani-edge-'))
  const profile = edgeProfile2({ enforcement: 'bypass', until: 1e15, after: 'observe' })
  const first = await freshScene({ stateDir, profile })
  await first.agent.stop()
  const [, body = ''] = readFileSync(join(stateDir, 'dar-1.json'), 'utf8').split('\n')
  const named = JSON.parse(body).content.profile
  const file = (hash: string) => join(stateDir, `dar-1.profile-${hash}.json`)
  t.match(decodeProfile(readFileSync(file(named))), { hash: named, profile: { format: 1 } }, 'which reads this')
  const again = await scene({ stateDir, at: 120_000 })
  t.same(again.agent.picture().profile, profile, 'and this one has all of it')
  t.match(again.carrier.reports[0], { state: 'STALE', applied: { seq: 1, profile: first.carrier.profileHash } })
  await again.agent.stop()
  rmSync(file(first.carrier.profileHash))
  const without = await scene({ stateDir, at: 121_000 })
  t.match(without.agent.picture().profile, { format: 1 }, 'who went back and came again starts too')
  t.equal(without.driver.rate(), 4_000)
  await without.agent.stop()
})

t.test('what is meant for another agent of this edge is not taken, and renews nothing', async (t) => {
  const self = { instance: '1111111122222222', place: 'here' }
  const here = await freshScene({ self })
  const { carrier, driver, agent, clock } = here
  t.match(carrier.lastReport, self)
  carrier.heartbeat({ instance: self.instance })
  carrier.delta([rateRecord(2, 0, 3_000)], { instance: null })
  await settled(here)
  t.equal(driver.rate(), 3_000, 'what is for anybody is for this one')
  for (let k = 0; k < 70; k++) {
    carrier.snapshot(FLOWS, { instance: '3333333344444444' })
    await clock.advance(1_000)
    if (k === 0) t.match(agent.status().refusal, { code: 'SECOND', detail: /3333333344444444/ }, 'said at once')
  }
  t.match(carrier.lastReport, { state: 'SAFE', refusal: { code: 'SECOND' }, applied: { seq: 3 } })
  t.equal(driver.rate(), 256, 'the lease is over, and it still speaks')
  const [last] = agent.picture().lastRefusals
  t.equal(last!.at - last!.since, 69_000, 'since when another has its place is known')
  carrier.snapshot(FLOWS, { instance: self.instance })
  await settled(here)
  t.equal(driver.rate(), 4_000, 'until it is meant')
  await clock.advance(1_000)
  t.match(carrier.lastReport, { state: 'FRESH', refusal: null })
  await agent.stop()
})

t.test('a decrease is on the disk before it is acknowledged', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'mizani-edge-'))
  const here = await freshScene({ stateDir })
  const { carrier, agent } = here
  const onDisk = (): string => readFileSync(join(stateDir, 'dar-1.json'), 'utf8')
  const seen: [number, boolean][] = []
  carrier.onReport = ({ applied }) => void seen.push([applied?.seq ?? 0, onDisk().includes('"rate":1234')])
  carrier.delta([rateRecord(2, 0, 1_234)])
  await settled(here)
  t.same(
    seen.filter(([seq]) => seq === 2).map(([, there]) => there),
    [true],
  )
  t.same(readdirSync(stateDir).sort(), ['dar-1.json', `dar-1.profile-${carrier.profileHash}.json`])
  await agent.stop()
})

t.test('memory that cannot be trusted is left alone', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'mizani-edge-'))
  const first = await freshScene({ stateDir })
  await first.agent.stop()
  const file = join(stateDir, 'dar-1.json')
  const good = readFileSync(file, 'utf8')
  const spoiled = {
    'one digit differs': good.replace('"rate":4000', '"rate":9000'),
    'cut off': good.slice(0, good.length / 2),
    empty: '',
    'of another edge': good.replace('"edge":"dar-1"', '"edge":"dar-2"'),
    'of another format': good.replace('"format":1', '"format":2'),
    'not ours at all': 'hello\n',
  }
  for (const [what, text] of Object.entries(spoiled)) {
    t.not(text, good)
    writeFileSync(file, text)
    const again = await scene({ stateDir })
    t.equal(again.agent.status().applied, null, what)
    t.equal(again.driver.rate(), 256, 'boot rates')
    again.carrier.snapshot(FLOWS)
    await settled(again)
    t.equal(again.driver.rate(), 4_000)
    await again.agent.stop()
  }
  writeFileSync(file, good)
  writeFileSync(join(stateDir, `dar-1.profile-${first.carrier.profileHash}.json`), '{}')
  const again = await scene({ stateDir })
  t.equal(again.agent.status().applied, null, 'without its profile it means nothing')
  await again.agent.stop()
})

t.test('where nothing can be remembered the old memory is gone before anything is acknowledged', async (t) => {
  const stateDir = join(mkdtempSync(join(tmpdir(), 'mizani-edge-')), 'state')
  const here = await freshScene({ stateDir })
  const { carrier, agent } = here
  // A folder stands where the new file would be written: writing fails, removing the old one does not.
  mkdirSync(join(stateDir, 'dar-1.json.new'))
  carrier.delta([rateRecord(2, 0, 1_234)])
  await settled(here)
  t.equal(agent.status().applied?.seq, 2)
  t.notOk(readdirSync(stateDir).includes('dar-1.json'))
  await agent.stop()
})

t.test('an edge can be deployed alone: all it loads, and no more', async (t) => {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const walk = (file: URL): void => {
    if (seen.has(file.href)) return
    seen.add(file.href)
    const text = readFileSync(file, 'utf8').replaceAll(/^import type .*$/gm, '')
    for (const [, target] of text.matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)) {
      if (target!.startsWith('.')) walk(new URL(target!.replace(/\.js$/, '.ts'), file))
      else if (!target!.startsWith('node:')) packages.add(target!)
    }
  }
  walk(pathToFileURL(join(ROOT, 'src/edge/main.ts')))
  t.same([...packages].sort(), ['ioredis', 'ipaddr.js', 'pino', 'yaml', 'zod'])
  const folders = new Set([...seen].map((href) => /\/src\/(\w+)\//.exec(href)?.[1]))
  t.same([...folders].sort(), ['edge', 'model', 'runtime', 'wire'])
})

t.test('a machine is what it was made with: a modem, a bond and a card that comes make no other of it', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'mizani-machine-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  const write = (file: string, text: string): void => {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), `${text}\n`)
  }
  const card = (name: string, address: string, type = 0, ...more: string[]): void => {
    for (const part of ['device', ...more]) mkdirSync(join(root, `sys/class/net/${name}`, part), { recursive: true })
    write(`sys/class/net/${name}/address`, address)
    write(`sys/class/net/${name}/addr_assign_type`, `${type}`)
  }
  const self = (boot: string): string =>
    selfOf(join(root, 'state'), 'e', boot, createLogger('edge', 'silent'), root).instance
  const machine = (boot: string): string => self(boot).slice(0, 8)
  write('etc/machine-id', 'a'.repeat(32))
  card('eth0', '02:00:00:00:00:01')
  const first = self('a')
  t.equal(self('a'), first, 'started again')
  card('wwan0', '02:00:00:00:00:02', 1)
  card('eth1', '02:00:00:00:00:03', 0, 'master')
  t.equal(machine('b'), first.slice(0, 8), 'a modem whose address is drawn, and part of a bond')
  const before = self('b')
  card('eth2', '02:00:00:00:00:04')
  t.equal(self('b'), before, 'a card that comes while it runs')
  write('etc/machine-id', 'b'.repeat(32))
  t.not(machine('b'), first.slice(0, 8), 'a copy of the folder elsewhere')
  write('etc/machine-id', 'a'.repeat(32))
  rmSync(join(root, 'sys/class/net/eth2'), { recursive: true })
  t.equal(machine('c'), first.slice(0, 8))
  card('eth0', '02:00:00:00:00:09')
  t.not(machine('d'), first.slice(0, 8), 'a copy of the whole disk')
})
