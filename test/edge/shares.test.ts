// One ceiling over several devices: the shares by properties, and the driver that sets them over a kernel of memory.
// What TCP and a real kernel make of it is in test/netns/sharing.test.ts.

import fc from 'fast-check'
import t from 'tap'
import type { Desired } from '../../src/edge/driver.js'
import { LEAST_SHARE } from '../../src/edge/drivers/linux-htb/devices.js'
import { createLinuxHtb, type LinuxHtbOptions } from '../../src/edge/drivers/linux-htb/driver.js'
import { serviceMinor } from '../../src/edge/drivers/linux-htb/layout.js'
import { divided, nextParts, withinPorts } from '../../src/edge/drivers/linux-htb/shares.js'
import { Enforcer } from '../../src/edge/enforcer.js'
import { manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { edgeProfile, rateRecord } from './fixtures.js'
import { fakeKernel } from './htb-fake.js'

const FLOOR = LEAST_SHARE / 1_000
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)
const rate = fc.integer({ min: 64, max: 40_000_000 })
const devices = fc.integer({ min: 2, max: 4 })
const listOf = <T>(of: fc.Arbitrary<T>) => devices.chain((n) => fc.array(of, { minLength: n, maxLength: n }))
const holds = <T>(of: fc.Arbitrary<T>, is: (value: T) => boolean) =>
  fc.assert(fc.property(of, is), { seed: 7, numRuns: 500 })

t.test('a rate is divided to the bit, with a floor, and stays as it was divided', async (t) => {
  holds(fc.tuple(rate, listOf(fc.nat(1e8))), ([all, weights]) => {
    const parts = divided(all, weights, FLOOR)
    const again = divided(all, parts, FLOOR)
    return sum(parts) === all && parts.every((part, k) => Number.isInteger(part) && part >= FLOOR && again[k] === part)
  })
  t.strictSame(divided(1_000, [0, 0], FLOOR), [500, 500], 'nothing is known: alike')
  t.strictSame(divided(10, [1, 1, 1], FLOOR), [3, 3, 4], 'less than the floors: alike')
  t.strictSame(divided(7, [3, 1], 0), [5, 2])
})

t.test('what arrives decides, who is held back shares the rest alike, and all have their rate', async (t) => {
  const offer = fc.record({ arrived: fc.nat(50_000_000), usual: fc.nat(50_000_000), waits: fc.boolean() })
  holds(fc.tuple(rate, listOf(offer)), ([all, offered]) => {
    const parts = divided(
      all,
      offered.map(() => 1),
      FLOOR,
    )
    const next = nextParts(all, parts, offered, FLOOR)
    return sum(next) === all && next.every((part) => part >= FLOOR)
  })
  const half = [15_000, 15_000]
  const next = (...offered: (readonly [arrived: number, usual: number, waits?: 'waits'])[]) =>
    nextParts(
      30_000,
      half,
      offered.map(([arrived, usual, waits]) => ({ arrived, usual, waits: waits !== undefined })),
      FLOOR,
    )
  t.equal(next([0, 0], [0, 0]), half)
  t.equal(next([14_000, 9_000], [1_000, 8_000]), half, 'there is room for all: nothing moves for little')
  t.strictSame(next([14_000, 14_000], [0, 0]), [28_776, 1_224], 'but to where it all arrives')
  t.equal(next([15_500, 15_000, 'waits'], [15_200, 15_000, 'waits']), half, 'both are full: alike')
  t.strictSame(next([15_000, 15_000, 'waits'], [0, 0]), [29_992, 8])
  const rests = [
    { arrived: 1_000, usual: 9_000, waits: false },
    { arrived: 0, usual: 0, waits: false },
  ]
  t.strictSame(nextParts(30_000, [29_992, 8], rests, FLOOR), [27_584, 2_416], 'there is room again for who may begin')
  t.strictSame(next([40_000, 15_000, 'waits'], [4_000, 4_000]), [25_600, 4_400])
})

/** What each device is offered whatever it may send; TCP offers what it is let, up to as much. */
t.test('under constant load it comes to rest, and nothing that could be sent is kept back', async () => {
  const load = fc.record({ offers: fc.nat(2_000), isElastic: fc.boolean() })
  holds(fc.tuple(fc.integer({ min: 200, max: 1_000 }), listOf(load)), ([all, loads]) => {
    let parts: readonly number[] = divided(
      all,
      loads.map(() => 1),
      FLOOR,
    )
    let usual = loads.map(() => 0)
    const second = () => {
      const offered = loads.map(({ offers, isElastic }, k) => {
        const arrived = isElastic ? Math.min(offers, parts[k]!) : offers
        usual = usual.with(k, usual[k]! + (arrived - usual[k]!) / 8)
        return { arrived, usual: usual[k]!, waits: offers >= parts[k]! && offers > 0 }
      })
      parts = nextParts(all, parts, offered, FLOOR)
    }
    for (let k = 0; k < 30; k++) second()
    const rest = parts
    for (let k = 0; k < 10; k++) second()
    const carried = sum(loads.map(({ offers }, k) => Math.min(offers, parts[k]!)))
    const most = Math.min(all, sum(loads.map(({ offers }) => offers)))
    // What a device is not moved for, the tenth more that each is given, and the floors of those that send nothing.
    return parts === rest && carried >= most - loads.length * (0.02 * all + FLOOR) - 0.1 * most
  })
})

t.test('no device has more than its port; what fits nowhere is nobody’s', async () => {
  const flows = devices.chain((n) =>
    fc.tuple(
      fc.array(fc.array(fc.integer({ min: FLOOR, max: 5_000 }), { minLength: n, maxLength: n }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.array(fc.integer({ min: 500, max: 20_000 }), { minLength: n, maxLength: n }),
    ),
  )
  holds(flows, ([parts, ports]) => {
    const fitting = withinPorts(parts, ports, FLOOR)
    const on = ports.map((_, k) => sum(fitting.map((flow) => flow[k]!)))
    const all = sum(parts.map(sum))
    return (
      on.every((used, k) => used <= ports[k]!) &&
      fitting.every((flow, f) => sum(flow) <= sum(parts[f]!) && flow.every((part) => part >= FLOOR)) &&
      sum(on) >= Math.min(all, sum(ports)) - ports.length * parts.length
    )
  })
})

// ---- the driver

const RATE = 8_000
const PROFILE = edgeProfile()
const RATES = ([0, 1] as const).flatMap((direction) => [
  rateRecord(0, direction, 64),
  rateRecord(1, direction, 64),
  rateRecord(2, direction, RATE),
  rateRecord(3, direction, 64),
])
const DESIRED: Desired = { profile: PROFILE, enforcement: 'enforce', rates: RATES }
const FLOW = `1:${serviceMinor(2, 0).toString(16)}`
const DEVICES = ['lan0', 'lan1', 'wan0', 'wan1'] as const

function gateway(more: Partial<LinuxHtbOptions> = {}) {
  const kernel = fakeKernel()
  const clock = manualClock()
  const log = createLogger('test', 'silent')
  const make = () => createLinuxHtb({ lan: 'lan0,lan1', wan: ['wan0', 'wan1'], exec: kernel.exec, clock, log, ...more })
  const bits = (device: string, classId = FLOW) => (kernel.classes.get(`${device} ${classId}`)?.rate ?? 0) * 8
  const both = (side: 'lan' | 'wan') => bits(`${side}0`) + bits(`${side}1`)
  /** Makes the leaves of the flow count. */
  const arrive = (device: string, bytes: number) => {
    for (const [key, one] of kernel.classes) if (key.startsWith(device) && one.parent === FLOW) one.bytes += bytes
  }
  return { kernel, clock, make, bits, both, arrive, driver: make() }
}
const cycle = async (driver: ReturnType<typeof createLinuxHtb>, desired = DESIRED) =>
  driver.apply(driver.plan(desired, await driver.observe()), desired)

t.test('at every step of every change all devices together have the rate, and no more', async (t) => {
  const { kernel, clock, driver, both, bits, arrive, make } = gateway()
  t.equal((await cycle(driver)).refusal, null)
  t.strictSame(
    DEVICES.map((device) => bits(device)),
    [4e6, 4e6, 4e6, 4e6],
  )
  let moves = 0
  driver.watch!(
    () => {},
    () => void moves++,
    () => {},
  )
  await driver.stats()
  const steps = async (desired: Desired, all: number) => {
    const most = Math.max(all, both('lan'))
    let worst = 0
    for (const { text } of driver.plan(desired, await driver.observe())) {
      await kernel.exec(text.includes('table') ? 'nft' : 'tc', ['-batch', '-'], text)
      worst = Math.max(worst, both('lan'), both('wan'))
    }
    t.ok(worst <= most, `${worst} of ${most} bit/s`)
    t.strictSame([both('lan'), both('wan')], [all, all])
  }
  for (const [device, other] of [
    ['lan1', 'wan0'],
    ['lan0', 'wan1'],
    ['lan1', 'wan1'],
  ] as const) {
    arrive(device, 1_500_000)
    arrive(other, 1_500_000)
    await clock.advance(1_000)
    await driver.stats()
    await steps(DESIRED, RATE * 1_000)
    t.ok(bits(device) > 7e6 && bits(other) > 7e6, 'it is where the traffic is')
  }
  t.equal(moves, 3, 'and each time the enforcer is told')
  const slower = { ...DESIRED, rates: RATES.map((r) => (r.institution === 2 ? rateRecord(2, r.direction, 800) : r)) }
  await steps(slower, 800_000)
  t.ok(bits('lan1') > 700_000, 'a rate that changes keeps its shares')
  await driver.close()

  const next = make()
  t.strictSame(next.plan(slower, await next.observe()), [], 'and so does an agent that begins anew')
})

t.test('the counters of a direction are those of all its devices, and began anew with any of them', async (t) => {
  const { driver, arrive, kernel } = gateway()
  await cycle(driver)
  arrive('wan0', 100)
  arrive('wan1', 50)
  const sent = async () => {
    const { leaves, generation } = await driver.stats()
    const its = [...leaves].filter((leaf) => leaf.institution === 2 && leaf.direction === 1)
    return { bytes: sum(its.map(({ bytes }) => bytes)), leaves: its.length, generation }
  }
  const first = await sent()
  t.match(first, { bytes: 150 * first.leaves, leaves: PROFILE.classes.length })
  arrive('wan0', 200)
  arrive('wan1', -20)
  t.match(await sent(), { generation: first.generation + 1 }, 'one went back, and their sum did not')
  kernel.away.add('wan1')
  t.match(await sent(), { generation: first.generation + 2, bytes: 300 * first.leaves }, 'one is away')
  t.match(await sent(), { generation: first.generation + 2 }, 'that is told once')
})

t.test(
  'a device that is away keeps nobody from the others: they have it all, and it has its part when it is back',
  async (t) => {
    const { driver, kernel, bits, both } = gateway()
    await cycle(driver)
    kernel.away.add('wan1')
    t.equal((await cycle(driver)).refusal, null)
    t.equal(bits('wan0'), RATE * 1_000)
    t.strictSame(driver.plan(DESIRED, await driver.observe()), [])
    t.match((await driver.probe()).obstacles, [/Cannot find device "wan1"/], 'and it is said')
    kernel.away.clear()
    t.equal((await cycle(driver)).refusal, null)
    t.equal(both('wan'), RATE * 1_000)
    for (const name of ['wan0', 'wan1']) kernel.away.add(name)
    await t.rejects(driver.observe(), { code: 'KERNEL' }, 'without any there is no direction')
  },
)

const fullOf = async (driver: ReturnType<typeof createLinuxHtb>) =>
  (await driver.surroundings?.())?.devices?.filter(({ isFull }) => isFull).map(({ device }) => device)

t.test('a device whose port is smaller has no more than that', async (t) => {
  const { driver, bits, both } = gateway({ ports: { wan1: 2_000_000 } })
  t.equal((await cycle(driver)).refusal, null)
  const below = sum(['1:fff0', '1:fff1', '1:40', '1:60'].map((classId) => bits('wan1', classId)))
  t.ok(below <= 2e6, `${below} bit/s`)
  t.equal(bits('wan1', '1:1'), 2e6)
  t.equal(both('wan'), RATE * 1_000, 'the other has the rest')
  t.same(await fullOf(driver), [], 'so nobody has to be told')

  const one = gateway({ lan: 'lan0', wan: 'wan0', ports: { wan0: 2_000_000 } })
  t.equal((await cycle(one.driver)).refusal, null)
  const tops = ['1:fff0', '1:fff1', '1:40', '1:60'].map((classId) => one.bits('wan0', classId))
  t.ok(sum(tops) <= 2e6 && sum(tops) > 1.99e6, `an only one neither: ${sum(tops)} bit/s`)
  t.equal(one.bits('lan0'), RATE * 1_000, 'in its direction')
  t.same(await fullOf(one.driver), ['wan0'], 'and somebody has less than his rate')
})

t.test('u32 sorts on each of them, and second apply does nothing', async (t) => {
  const { driver, kernel } = gateway({ filter: 'u32' })
  t.equal((await cycle(driver)).refusal, null)
  for (const device of DEVICES)
    t.ok(
      kernel.written.some((line) => line.startsWith(`filter add dev ${device} `)),
      device,
    )
  t.strictSame(driver.plan(DESIRED, await driver.observe()), [])
})

t.test('what the driver moves is set at once, and is no repair', async (t) => {
  const { driver, clock, arrive, bits, kernel } = gateway()
  const enforcer = new Enforcer(driver, clock, async () => undefined)
  enforcer.aim({ key: 'a', urgency: '', profileHash: '', desired: DESIRED, content: null })
  await enforcer.idle()
  const seconds = async (count: number, device: string) => {
    for (let k = 0; k < count; k++) {
      arrive(device, 1_500_000)
      await clock.advance(1_000)
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      await enforcer.idle()
    }
  }
  // Nobody asks for counters here: a gateway on a satellite line reports twice a minute.
  await seconds(3, 'wan1')
  t.ok(bits('wan1') > 7e6, `${bits('wan1')} bit/s`)
  t.equal(enforcer.lastRepair, null)
  for (let k = 0; k < 4; k++) {
    arrive('wan0', 1_500_000)
    await clock.advance(600)
    enforcer.look()
    await driver.stats()
    await enforcer.idle()
  }
  t.ok(bits('wan0') > 7e6, `${bits('wan0')} bit/s`)
  t.equal(enforcer.lastRepair, null, 'nor while it looks')
  await seconds(1, 'wan0')
  kernel.classes.delete(`wan1 ${FLOW}`)
  enforcer.look()
  await enforcer.idle()
  t.match(enforcer.lastRepair, { first: new RegExp(`wan1 .*${FLOW}`) }, 'what others do is one')
  await enforcer.close()
  await driver.close()
  t.equal(clock.pending(), 0)
})
