// What is promised of flows beside each other, on a real kernel: nobody sends more than their own. By `npm run
// test:kernel` also: they get it all, weights hold inside a flow, what is urgent does not wait for what is not.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { arrivedBits } from '../../src/demand/estimator.js'
import { serviceMinor } from '../../src/edge/drivers/linux-htb/layout.js'
import { Enforcer } from '../../src/edge/enforcer.js'
import { systemClock } from '../../src/runtime/clock.js'
import { arrivingShare, measured, measuredUdp } from './accuracy.js'
import { atMbit, BULK, BUSINESS, bench, CLINIC, EXCHANGE, FINANCE, INTERNET, PROFILE, STANDARD } from './gateway.js'
import { CLIENT, kernelObstacle, LONG, PORT, SERVER, until } from './namespaces.js'

const skip = kernelObstacle() ?? false

t.test('services keep to their own flows, and all together to the parent', { skip, timeout: 60_000 }, async (t) => {
  const { net, cycle, counting } = bench(t)
  const RATE = 4
  t.equal((await cycle(atMbit(RATE))).refusal, null)
  const flows = [
    [FINANCE, INTERNET, CLIENT.finance, SERVER.internet],
    [FINANCE, EXCHANGE, CLIENT.finance, SERVER.exchange],
    [CLINIC, INTERNET, CLIENT.clinic, SERVER.internet],
    [CLINIC, EXCHANGE, CLIENT.clinic, SERVER.exchange],
  ] as const
  const mbit = RATE * 1.5
  net.send(net.server, ...flows.map(([, , to, from]) => ({ from, to, mbit })))
  net.send(net.client, ...flows.map(([, , from, to]) => ({ from, to, mbit })))
  const ways = [0, 1].flatMap((direction) => flows.map(([i, service]) => [direction as 0 | 1, i, service] as const))
  const waiting = await counting()
  await until('all queues are full', async () => {
    const { of } = await waiting()
    return ways.every((way) => of(...way, STANDARD).drops > 0)
  })
  let full = 0
  for (let turn = 0; turn < (LONG ? 4 : 1); turn++) {
    const since = await counting()
    // A machine that is slow takes longer, and allows more in that time.
    const window = await until('each has sent what it may in half a second', async () => {
      const seen = await since()
      return ways.every((way) => seen.of(...way, STANDARD).bytes >= (RATE * 1e6) / 16) && seen
    })
    // Over any time t at most rate x t + burst: 4 ms of the rate, and a frame.
    const allowed = RATE * 1e6 * (window.longest + 0.004) * 1.01 + 1_514 * 8
    const bits = ways.map((way) => window.of(...way, STANDARD).bytes * 8)
    for (const [k, sent] of bits.entries()) t.ok(sent <= allowed, `${ways[k]}: ${sent} of ${Math.round(allowed)} bits`)
    for (const sums of [bits.slice(0, 4), bits.slice(4)]) {
      const sum = sums.reduce((all, one) => all + one, 0)
      t.ok(sum <= 4 * RATE * 1e6 * (window.longest + 0.004) * 1.01, `together ${sum} bits in ${window.longest} s`)
      if (sum >= 4 * RATE * 1e6 * window.longest * 0.9) full++
    }
  }
  if (LONG) t.ok(full > 0, 'they were full at least once')
})

/** A gateway of two interfaces on each side, finance with a branch behind the others, kept so by an enforcer. */
async function twoBySide(t: Test, mbit: number) {
  const made = bench(t, { lans: 2, wans: 2 })
  const [finance, clinic] = PROFILE.institutions
  const [hq] = finance!.sites
  const branch = { ...hq!, id: 'finance-branch', prefixes: ['10.1.10.0/24'] }
  const institutions = [{ ...finance!, sites: [hq!, branch] }, clinic!]
  const desired = atMbit(mbit, { profile: { ...PROFILE, institutions } })
  const enforcer = new Enforcer(made.driver, systemClock, async () => {})
  t.teardown(async () => {
    await enforcer.close()
    await made.driver.close()
  })
  enforcer.aim({ key: 'a', urgency: 'a', profileHash: 'p', desired, content: null })
  await enforcer.idle()
  t.equal(enforcer.refusal, null)
  return { ...made, desired, enforcer }
}

t.test('two LANs and two WANs with policy routing keep one ceiling', { skip, timeout: 120_000 }, async (t) => {
  const RATE = 8
  const { net, driver, counting, steps, desired, enforcer } = await twoBySide(t, RATE)
  const flow = serviceMinor(FINANCE, INTERNET)
  const rateOn = (device: string) => (net.classes(device).get(flow)?.rate ?? 0) * 8
  for (const side of ['lan', 'wan'])
    t.strictSame([rateOn(`${side}0`), rateOn(`${side}1`)], [4e6, 4e6], 'nothing was seen yet: each half')

  const mbit = RATE * 1.5
  const loads = {
    first: [
      net.send(net.client, { from: CLIENT.finance, to: SERVER.internet, mbit }),
      net.send(net.server, { from: SERVER.internet, to: CLIENT.finance, mbit }),
    ],
    second: [
      net.send(net.client, { from: CLIENT.branch, to: SERVER.internet, mbit }),
      net.send(net.server, { from: SERVER.internet, to: CLIENT.branch, mbit }),
    ],
  }
  /** That over half a second both devices together carry the rate and no more, by classes and by interfaces. */
  const keeps = async (what: string) => {
    const wire = () => [net.received(net.client, 'c0') + net.received(net.client, 'c1'), sentUp()]
    const sentUp = () => net.received(net.server, 's0') + net.received(net.server, 's1')
    const begun = performance.now()
    const [before, since] = [wire(), await counting()]
    const window = await until(what, async () => {
      const seen = await since()
      const isFull = [0, 1].every((way) => {
        return seen.of(way as 0 | 1, FINANCE, INTERNET, STANDARD).bytes * 8 >= RATE * 1e6 * seen.longest * 0.9
      })
      return seen.longest > 0.5 && isFull && seen
    })
    const after = wire()
    const longest = (performance.now() - begun) / 1_000
    // On each device a burst, 4 ms of its part or two frames, and a frame.
    const most = (seconds: number) => RATE * 1e6 * seconds * 1.01 + 2 * 3 * 1_514 * 8
    for (const way of [0, 1] as const) {
      const bits = window.of(way, FINANCE, INTERNET, STANDARD).bytes * 8
      t.ok(bits <= most(window.longest), `${what}: ${bits} of ${Math.round(most(window.longest))} bits`)
      const seen = (after[way]! - before[way]!) * 8
      t.ok(seen <= most(longest), `on the wire ${seen} of ${Math.round(most(longest))}`)
    }
  }
  await keeps('both full')
  for (const side of ['lan', 'wan']) t.equal(rateOn(`${side}0`) + rateOn(`${side}1`), RATE * 1e6)

  for (const sender of loads.first) sender.stop()
  await keeps('all by the second')
  await until('the second has nearly all', () => rateOn('wan1') > 7e6 && rateOn('lan1') > 7e6)
  await keeps('still no more')
  t.equal(enforcer.lastRepair, null, 'what the driver moves is not what others changed')
  t.match((await driver.surroundings!()).escapes, [], 'and the second WAN is no escape')

  net.run(net.gateway, 'ip', 'link', 'del', 'wan1')
  await until('a WAN that is gone leaves all of it to the other', () => rateOn('wan0') === RATE * 1e6)
  t.equal(enforcer.refusal, null)
  net.run(net.gateway, 'ip', 'link', 'add', 'wan1', 'type', 'veth', 'peer', 'name', 's1')
  await until('and has its part when it is back', () => rateOn('wan1') > 0 && rateOn('wan0') < RATE * 1e6)
  await until('and nothing is left to do', async () => (await steps(desired)) === 0)
})

// A kernel test that skips itself counts as failed, so what takes long is not there at all in the short run.
if (LONG) takesLong()

function takesLong(): void {
  t.test('40 Mbit/s into 25 read 40 arrived and 25 carried, both ways', { skip, timeout: 90_000 }, async (t) => {
    const { net, cycle, counting } = bench(t)
    t.equal((await cycle(atMbit(25))).refusal, null)
    const ways = [
      { name: 'down', direction: 0, at: net.server, from: SERVER.internet, to: CLIENT.finance },
      { name: 'up', direction: 1, at: net.client, from: CLIENT.finance, to: SERVER.internet },
    ] as const
    for (const { name, direction, at, from, to } of ways) {
      // Bits a second of both, as parts of what they are meant to be; the worse of the two counts.
      await measured(t, `${name}: what is further from 40 arrived and 25 carried`, [0.99, 1.01], async () => {
        const sender = net.send(at, { from, to, mbit: 40 })
        await sleep(1_000)
        const since = await counting()
        // Long enough that a reading that comes late is no part of it that counts.
        await sleep(6_000)
        const window = await since()
        sender.stop()
        await sender.done
        const { backlog: backlogChange, ...leaf } = window.of(direction, FINANCE, INTERNET, STANDARD)
        const arrived = arrivedBits({ ...leaf, backlogChange }, 1_514) / window.elapsed / 40e6
        const carried = (leaf.bytes * 8) / window.elapsed / 25e6
        t.comment(`${(40 * arrived).toFixed(2)} Mbit/s arrived, ${(25 * carried).toFixed(2)} carried`)
        return Math.abs(arrived - 1) > Math.abs(carried - 1) ? arrived : carried
      })
    }
  })

  t.test('weights hold inside a flow', { skip, timeout: 120_000 }, async (t) => {
    const { net, cycle, counting } = bench(t)
    const desired = atMbit(20)
    // Nearly all is promised to a class that sends nothing, so what the others get they get by weight.
    const rates = desired.rates.map((record) =>
      record.institution === FINANCE ? { ...record, classes: [17_000, 1_000, 1_000, 1_000] } : record,
    )
    t.equal((await cycle({ ...desired, rates })).refusal, null)
    const weights = [
      [BUSINESS, 4, 34],
      [STANDARD, 2, 0],
      [BULK, 1, 8],
    ] as const
    const shares = async (): Promise<number[]> => {
      const senders = weights.map(([, , dscp]) => net.send(net.client, { to: SERVER.internet, dscp, mbit: 20 }))
      await sleep(1_500)
      const since = await counting()
      await sleep(3_000)
      const window = await since()
      for (const sender of senders) sender.stop()
      await Promise.all(senders.map(({ done }) => done))
      return weights.map(([trafficClass, weight]) => {
        const expected = 1 + (17 * weight) / 7
        return (window.of(1, FINANCE, INTERNET, trafficClass).bytes * 8) / 1e6 / window.longest / expected
      })
    }
    await measured(t, 'the class that is furthest from its share of the excess by weight', [0.9, 1.1], async () => {
      const found = await shares()
      t.comment(
        `business, standard, bulk: ${found.map((part) => part.toFixed(3)).join(', ')} of what weights 4:2:1 give`,
      )
      return found.reduce((a, b) => (Math.abs(b - 1) > Math.abs(a - 1) ? b : a))
    })
  })

  t.test('what is urgent does not wait for bulk', { skip, timeout: 120_000 }, async (t) => {
    const { net, cycle } = bench(t)
    t.equal((await cycle(atMbit(20))).refusal, null)
    await measured(t, 'p99 of the way of EF beside full bulk, as a part of 2 ms', [0, 1], async () => {
      const urgent = String(PORT + 46)
      const sink = net.traffic(net.server, 'probe-sink', urgent)
      const bulk = net.send(net.client, { to: SERVER.internet, mbit: 30 })
      await sleep(1_000)
      await net.traffic(net.client, 'probe-send', SERVER.internet, urgent, '4').done
      for (const one of [bulk, sink]) one.stop()
      await bulk.done
      return (await sink.done) / 2_000
    })
  })

  t.test("twenty thousand changes of a flow's rates lose no packet", { skip, timeout: 120_000 }, async (t) => {
    const { net, cycle, losesNothing, steps, driver } = bench(t)
    t.equal((await cycle(atMbit(300))).refusal, null)
    // The driver's own text, there and back again.
    const there = driver.plan(atMbit(360), await driver.observe()).map(({ text }) => text)
    t.equal((await cycle(atMbit(360))).refusal, null)
    const back = driver.plan(atMbit(300), await driver.observe()).map(({ text }) => text)
    const lines = Array.from({ length: Math.ceil(20_000 / (there.length + back.length)) }, () => [
      ...back,
      ...there,
    ]).flat()
    const batch = join(t.testdir(), 'batch')
    writeFileSync(batch, `${lines.join('\n')}\n`)
    const work = async () => {
      await sleep(1_000)
      net.run(net.gateway, 'tc', '-batch', batch)
    }
    const sent = await losesNothing(t, work, { mbit: 10 })
    t.pass(`${sent} packets through ${lines.length} changes`)
    t.equal(await steps(atMbit(360)), 0, 'and what stands is what was written last')
  })

  t.test('TCP behind two LANs has one rate, whichever of them carries it', { skip, timeout: 180_000 }, async (t) => {
    const { net } = await twoBySide(t, 10)
    await net.traffic(net.client, 'tcp-sink', String(PORT)).ready
    const arrived = () => net.received(net.client, 'c0') + net.received(net.client, 'c1')
    const share = (settle: number) => arrivingShare(arrived, 10e6, { settle, seconds: 10 })
    await measured(t, 'both', [0.94, 1.01], async () => {
      const senders = [CLIENT.finance, CLIENT.branch].map((to) => net.traffic(net.server, 'tcp-send', to, String(PORT)))
      const both = await share(5)
      for (const sender of senders) sender.stop()
      await Promise.all(senders.map(({ done }) => done))
      return both
    })
    for (const [name, to] of [
      ['the second alone', CLIENT.branch],
      ['the first alone', CLIENT.finance],
    ] as const)
      await measured(t, name, [0.94, 1.01], async () => {
        const sender = net.traffic(net.server, 'tcp-send', to, String(PORT))
        const alone = await share(5)
        sender.stop()
        await sender.done
        return alone
      })
  })

  t.test('the side of the institutions may be a bridge', { skip, timeout: 120_000 }, async (t) => {
    const { net, cycle, counting } = bench(t, { lan: 'br0' })
    const ip = (...args: string[]) => net.run(net.gateway, 'ip', ...args)
    ip('link', 'add', 'br0', 'type', 'bridge')
    ip('addr', 'flush', 'dev', 'lan0')
    ip('link', 'set', 'lan0', 'master', 'br0')
    ip('link', 'set', 'br0', 'up')
    for (const n of [5, 6]) ip('addr', 'add', `10.1.${n}.1/24`, 'dev', 'br0')
    t.equal((await cycle(atMbit(10))).refusal, null)
    await measuredUdp(t, 'UDP down at 10 Mbit/s through a bridge', net, 10e6, { settle: 2 })
    const since = await counting()
    await net.send(net.server, { to: CLIENT.clinic, count: 20 }).done
    await until('whose packets they are is known there too', async () => {
      return (await since()).of(0, CLINIC, INTERNET, STANDARD).packets >= 20
    })
  })
}
