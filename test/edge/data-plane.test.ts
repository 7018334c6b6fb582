// The simulated data plane: fluid queues that lose and make no byte, counters, and the dry run beside it.

import t from 'tap'
import { chooseDriver, type DriverSettings } from '../../src/edge/choose-driver.js'
import type { Desired } from '../../src/edge/driver.js'
import { createDryRunDriver } from '../../src/edge/drivers/dry-run.js'
import { FluidQueues } from '../../src/edge/drivers/fluid-queues.js'
import { createSimulatedDriver } from '../../src/edge/drivers/simulated.js'
import type { LeafCounters } from '../../src/model/lease.js'
import type { LoadModel, LoadSubject } from '../../src/model/load.js'
import type { Conditions } from '../../src/model/network.js'
import { compile, provisionalIndexes } from '../../src/policy/compile/compile.js'
import { DemoLinks } from '../../src/process/demo-links.js'
import { manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { DRIVERS } from '../../src/runtime/settings.js'
import { smallPlane } from '../tick/small-plane.js'
import { edgeProfile, rateRecord } from './fixtures.js'

const constant =
  (bitsPerSecond: number) =>
  (subjects: readonly unknown[]): LoadModel => ({
    size: subjects.length,
    fill: (_, load) => void load.fill(bitsPerSecond),
  })

function desired(rate: number, more: Partial<Desired> = {}): Desired {
  const rates = [rateRecord(2, 0, rate), rateRecord(2, 1, rate), rateRecord(3, 0, rate), rateRecord(3, 1, rate)]
  return { profile: edgeProfile(), enforcement: 'enforce', rates, ...more }
}

const sum = (leaves: readonly LeafCounters[], field: 'bytes' | 'backlog', institution = 2): number =>
  leaves.reduce(
    (total, leaf) => (leaf.institution === institution && leaf.direction === 0 ? total + leaf[field] : total),
    0,
  )

t.test(
  'a queue serves at its rate, lends inside the flow by weight, and drops what its buffer cannot hold',
  async (t) => {
    const queues = new FluidQueues(1, 2)
    queues.share.set([0.75, 0.25])
    queues.weight.set([1, 1])
    queues.offered.set([2e6])
    queues.rate.set([1e6])
    queues.classRate.set([200_000, 800_000])
    for (let second = 0; second < 10; second++) queues.step(1_000)
    // Class 1 offers 500 kbit/s and gets it; class 0 is lent the rest of the flow's rate.
    t.same([...queues.bytes].map(Math.round), [625_000, 625_000])
    t.equal(queues.backlog[0], 30 * 1_514, 'its buffer is full')
    t.equal(queues.backlog[1], 0)
    const offered = (1.5e6 * 10) / 8
    t.equal(Math.round(queues.bytes[0]! + queues.backlog[0]! + queues.dropped[0]!), offered, 'no byte is lost or made')
  },
)

t.test('an elastic flow that is held back presses a little on its rate and hides the rest', async (t) => {
  const queues = new FluidQueues(1, 1)
  queues.share.set([1])
  queues.weight.set([1])
  queues.elastic.set([1])
  queues.offered.set([50e6])
  queues.rate.set([1e6])
  queues.classRate.set([1e6])
  for (let second = 0; second < 10; second++) queues.step(1_000)
  const arrived = queues.bytes[0]! + queues.backlog[0]! + queues.dropped[0]!
  t.equal(Math.round((arrived * 8) / 10), 1_020_000)
  t.equal(Math.round((queues.bytes[0]! * 8) / 10), 1_000_000)
  queues.rate.set([100e6])
  queues.classRate.set([100e6])
  const before = queues.bytes[0]!
  queues.step(1_000)
  t.ok((queues.bytes[0]! - before) * 8 > 50e6, 'what it hid comes out as soon as there is room')
})

t.test('a simulated edge counts what its rates let through', async (t) => {
  const clock = manualClock()
  const driver = createSimulatedDriver({ clock, seed: 1, load: constant(2e6) })
  const plan = desired(1_000)
  await driver.apply(driver.plan(plan, await driver.observe()), plan)
  t.same(driver.plan(plan, await driver.observe()), [], 'a second apply has nothing to do')
  await clock.advance(10_000)
  const leaves = [...(await driver.stats()).leaves]
  t.equal(leaves.length, 4 * 4)
  t.ok(Math.abs(sum(leaves, 'bytes') - 1_250_000) < 4, `${sum(leaves, 'bytes')} bytes in ten seconds at 1 Mbit/s`)
  t.ok(sum(leaves, 'backlog') > 0, 'more is offered: a queue stands')
  t.same([...(await driver.stats()).leaves], leaves, 'time that did not pass moves nothing')
})

t.test('a changed rate holds from its moment, and flows that stay keep their counters', async (t) => {
  const clock = manualClock()
  const driver = createSimulatedDriver({ clock, seed: 1, load: constant(2e6) })
  const first = desired(1_000)
  await driver.apply(driver.plan(first, await driver.observe()), first)
  await clock.advance(4_500)
  const second = { ...desired(500), rates: desired(500).rates.slice(0, 2) }
  await driver.apply(driver.plan(second, await driver.observe()), second)
  await clock.advance(5_500)
  const leaves = [...(await driver.stats()).leaves]
  t.equal(leaves.length, 2 * 4)
  t.ok(Math.abs((sum(leaves, 'bytes') * 8) / (4.5 * 1e6 + 5.5 * 5e5) - 1) < 0.01)
})

t.test('observe and bypass let through what the access line and the port carry', async (t) => {
  for (const enforcement of ['observe', 'bypass'] as const) {
    const clock = manualClock()
    const driver = createSimulatedDriver({ clock, seed: 1, load: constant(15e6) })
    const plan = desired(64, { enforcement })
    await driver.apply(driver.plan(plan, await driver.observe()), plan)
    await clock.advance(10_000)
    const leaves = [...(await driver.stats()).leaves]
    // Both access lines are 10 Mbit/s, the port is 15.
    t.ok(Math.abs((sum(leaves, 'bytes', 2) * 8) / 10 - 7.5e6) < 1e5, `${enforcement}: ${sum(leaves, 'bytes', 2)}`)
    t.equal(sum(leaves, 'bytes', 2), sum(leaves, 'bytes', 3))
  }
})

t.test('doubling an institution doubles what it offers, and nobody else', async (t) => {
  const clock = manualClock()
  const driver = createSimulatedDriver({ clock, seed: 1, load: constant(1e6) })
  const plan = desired(9_000)
  await driver.apply(driver.plan(plan, await driver.observe()), plan)
  t.equal(driver.setFactor('posta', 2), true)
  t.equal(driver.setFactor('elsewhere', 2), false)
  await clock.advance(10_000)
  const leaves = [...(await driver.stats()).leaves]
  t.ok(Math.abs(sum(leaves, 'bytes', 2) - 2_500_000) < 4)
  t.ok(Math.abs(sum(leaves, 'bytes', 3) - 1_250_000) < 4)
})

t.test('load comes from what the edge was told of its institutions, and of nobody it keeps office hours', async (t) => {
  const described: LoadSubject[] = []
  const load = (subjects: readonly LoadSubject[]): LoadModel => {
    described.push(...subjects)
    return constant(0)(subjects)
  }
  const describe = (institution: string) =>
    institution === 'posta' ? { category: 'hospital', guarantee: 1e6, ceiling: 2e6, scale: 0.5 } : undefined
  const driver = createSimulatedDriver({ clock: manualClock(), seed: 1, describe, load })
  const rates = [rateRecord(0, 0, 64), rateRecord(2, 0, 64), rateRecord(3, 0, 64)]
  await driver.apply([], desired(64, { rates }))
  t.match(described, [
    { institution: 'unmapped', service: 'internet', direction: 'down', category: 'unmapped' },
    { institution: 'posta', category: 'hospital', guarantee: 1e6, scale: 0.5 },
    { institution: 'tra', category: 'other', guarantee: 0, ceiling: 10e6 },
  ])
})

t.test('the driver that is asked for is loaded, and asks for what it needs', async (t) => {
  const places = { io: { stdout: { write() {} }, stderr: { write() {} }, env: {}, isTTY: false } }
  const around = { ...places, clock: manualClock(), log: createLogger('test', 'silent') }
  const choose = (driver: (typeof DRIVERS)[number], more: Partial<DriverSettings>) =>
    chooseDriver(driver, { lan: null, wan: null, ...more }, around)
  const needs: Record<(typeof DRIVERS)[number], Partial<DriverSettings>> = {
    'linux-htb': { lan: 'lan0', wan: 'wan0' },
    routeros: {
      device: { address: 'https://192.0.2.1', user: 'mizani', ca: null, session: null, accounting: null },
      secret: 'x',
    },
    'radius-coa': {
      device: { address: 'radius://192.0.2.1', user: null, ca: null, session: null, accounting: null },
      secret: 'x',
    },
    simulated: {},
    'dry-run': {},
  }
  const several = { lan: ['lan0', 'lan1'], wan: 'wan0, wan1', ports: { wan1: 1e6 } }
  t.equal((await choose('linux-htb', several)).name, 'linux-htb')
  for (const [wrong, why] of [
    [{ wan: 'wan0,lan0' }, /lan0 is named twice/],
    [{ lan: 'a,b,c,d,e' }, /--lan names 5 interfaces, at most 4/],
    [{ wan: ' , ' }, /--wan names no interface/],
    [{ ports: { wan2: 1e6 } }, /edge.ports: "wan2" is neither in --lan nor in --wan/],
  ] as const)
    await t.rejects(choose('linux-htb', { ...several, ...wrong }), { code: 'USAGE', message: why })
  for (const name of DRIVERS) {
    t.equal((await choose(name, needs[name])).name, name)
    for (const key of Object.keys(needs[name]) as (keyof DriverSettings)[]) {
      await t.rejects(choose(name, { ...needs[name], [key]: null }), { code: 'USAGE' }, `${name} without ${key}`)
    }
  }
})

t.test('a dry run says what would be done, in the order that makes room first, and once', async (t) => {
  const lines: string[] = []
  const driver = createDryRunDriver({ write: (text) => void lines.push(text) })
  const first = desired(1_000)
  await driver.apply(driver.plan(first, await driver.observe()), first)
  t.equal(lines.length, 4 + 2)
  t.match(lines[0], /^add posta\/internet\/down at 1000 kbit\/s/)
  lines.length = 0
  const [a, b, c] = first.rates
  const rates = [rateRecord(2, 0, 2_000), b!, rateRecord(3, 0, 500), rateRecord(4, 0, 100)]
  const second = { ...first, rates }
  t.ok(a && c)
  await driver.apply(driver.plan(second, await driver.observe()), second)
  t.same(
    lines.map((line) => line.trim().split(' ', 2).join(' ')),
    ['delete tra/internet/up', 'decrease tra/internet/down', 'add 4/internet/down', 'increase posta/internet/down'],
  )
  t.same(driver.plan(second, await driver.observe()), [])
  t.same([...(await driver.stats()).leaves], [])
})

t.test('what links cannot carry does not arrive: at every instant all that does fits every link', async (t) => {
  const document = smallPlane({ institutions: 6, upstream: 100e6 })
  document.links.transit!.usable = 0.8
  const indexes = provisionalIndexes(document)
  const under = (conditions: Conditions) => {
    const { plan, problem } = compile(document, { revision: 1, hash: 'sha256:1', indexes, conditions })
    return { plan, problems: [problem] as const }
  }
  let network = under({})
  const links = new DemoLinks(
    () => network,
    (link) => document.links[link]?.usable ?? 1,
  )
  const arriving = new Map<string, number>()
  /** A step of one edge, whose flows all send so much and are shaped at `rate`. */
  const step = (edge: string, sends: number, rate = Number.POSITIVE_INFINITY): void => {
    const { plan } = network
    const own = plan.edges.find(({ id }) => id === edge)!.flows.filter((f) => plan.flows[f]!.id.startsWith('inst'))
    const records = own.map((f) => ({ ...rateRecord(2, 0, 0), ...plan.flows[f]!.record }))
    const arrives = new Float64Array(own.length).fill(sends)
    links.at(edge).limit(records, arrives, new Float64Array(own.length).fill(rate))
    own.forEach((f, i) => void arriving.set(plan.flows[f]!.id, arrives[i]!))
  }
  const sum = (direction: string): number =>
    [...arriving].reduce((all, [id, rate]) => (id.includes(`internet/${direction}`) ? all + rate : all), 0)
  step('east', 10e6)
  t.equal(arriving.get('inst-002/internet/down'), 10e6, 'while there is room all of it arrives')
  const all = ['west', 'core', 'east']
  for (const edge of all) {
    step(edge, 50e6)
    for (const way of ['down', 'up']) t.ok(sum(way) <= 100e6 + 1, `${edge} ${way}: ${sum(way)}`)
  }
  for (const edge of all) step(edge, 50e6)
  t.ok(Math.abs(sum('down') - 100e6) < 1, 'full, and not more')
  t.equal(arriving.get('inst-001/internet/down'), arriving.get('inst-002/internet/down'), 'everybody cut alike')
  network = under({ transit: 0.3 })
  for (const edge of all) step(edge, 50e6)
  t.ok(Math.abs(sum('down') - 30e6) < 1, 'a cut cable carries its part of what it was built for')
  for (let turn = 0; turn < 2; turn++) for (const edge of all) step(edge, 50e6, 2e6)
  t.equal(arriving.get('inst-001/internet/up'), 50e6, 'upwards the shaper stands before it: 2 Mbit/s each fit')
  t.ok(Math.abs(sum('down') - 30e6) < 1, 'downwards behind it')
  t.ok(arriving.get('inst-001/govnet/down') === 50e6, 'who crosses no full link is not cut')
  links.leave('west')
  links.leave('core')
  step('east', 50e6)
  t.ok(Math.abs(arriving.get('inst-002/internet/down')! - 10e6) < 1, 'what others leave is theirs: 30 by three')
})
