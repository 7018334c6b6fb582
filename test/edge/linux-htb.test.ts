// The pure core of linux-htb by literal texts and by properties, and the driver over a kernel of memory. What only a
// real kernel can show is in test/netns.

import fc from 'fast-check'
import t from 'tap'
import type { Desired } from '../../src/edge/driver.js'
import { classification } from '../../src/edge/drivers/linux-htb/classification.js'
import {
  desiredTree,
  htbBurst,
  LIFTED_RATE,
  leafRates,
  limitedBelowPort,
} from '../../src/edge/drivers/linux-htb/desired.js'
import { createLinuxHtb } from '../../src/edge/drivers/linux-htb/driver.js'
import { escapesOf, type IpLink, type Looked, uncountedOf } from '../../src/edge/drivers/linux-htb/escapes.js'
import { exec, type Follow } from '../../src/edge/drivers/linux-htb/exec.js'
import {
  fits,
  institutionMinor,
  LAST_INDEX,
  leafMinor,
  leafName,
  PORT_MINOR,
} from '../../src/edge/drivers/linux-htb/layout.js'
import { queueLimit } from '../../src/edge/drivers/linux-htb/leaf-queue.js'
import { nftDiff, nftTable, parseFlowtables, parsePast, parseTable } from '../../src/edge/drivers/linux-htb/nft.js'
import { parseComplaint, parseQdiscs } from '../../src/edge/drivers/linux-htb/parse.js'
import { disjoint, formatPrefix, parsePrefix } from '../../src/edge/drivers/linux-htb/prefixes.js'
import { treeDiff } from '../../src/edge/drivers/linux-htb/tree-diff.js'
import { u32Filter } from '../../src/edge/drivers/linux-htb/u32.js'
import { Enforcer } from '../../src/edge/enforcer.js'
import type { EdgeProfile, RateRecord } from '../../src/model/lease.js'
import { manualClock } from '../../src/runtime/clock.js'
import { TC_STRIDE } from '../../src/runtime/limits.js'
import { createLogger } from '../../src/runtime/log.js'
import { edgeProfile } from './fixtures.js'
import { fakeKernel } from './htb-fake.js'

const text = (en: string) => ({ en, sw: en })
const access = { down: 10e6, up: 10e6 }
const site = (id: string, ...prefixes: string[]) => ({ id, prefixes, vlan: null, access })

/** Two services, two classes; the clinic's prefix lies inside the ministry's. */
const PROFILE: EdgeProfile = edgeProfile({
  port: { down: 15e6, up: 15e6 },
  institutions: [
    { index: 2, id: 'ministry', name: text('Ministry'), sites: [site('hq', '10.1.4.0/22', 'fd10:5::/48')] },
    { index: 3, id: 'clinic', name: text('Clinic'), sites: [site('c', '10.1.5.0/24')] },
  ],
  services: [
    { index: 0, id: 'internet', prefixes: [] },
    { index: 1, id: 'exchange', prefixes: ['196.41.0.0/16'] },
  ],
  classes: [
    { index: 0, id: 'realtime', dscp: [46], weight: 3, guarantee: 0.1 },
    { index: 1, id: 'standard', dscp: [0], weight: 1, guarantee: 0 },
  ],
})

const record = (institution: number, service: number, direction: 0 | 1, ...classes: number[]): RateRecord => {
  const rate = classes.reduce((sum, r) => sum + r, 0)
  return { institution, service, direction, rate, safe: 64, burst: 0, classes }
}
const RATES = [
  record(0, 0, 0, 512),
  record(1, 0, 0, 1000),
  record(2, 0, 0, 2000, 6000),
  record(2, 1, 0, 500, 1500),
  record(3, 0, 0, 0, 400),
]
const desired = (more: Partial<Desired> = {}): Desired => ({
  profile: PROFILE,
  enforcement: 'enforce',
  rates: RATES,
  ...more,
})

t.test('a minor names its flow and nothing else', async (t) => {
  const seen = new Set<number>()
  for (const institution of [2, 3, 554, LAST_INDEX]) {
    for (const service of [0, 1, 2, 3, 4, 5]) {
      for (const trafficClass of [0, 1, 2, 3]) {
        const minor = leafMinor(institution, service, trafficClass)
        const name = leafName(minor)
        const right = name?.institution === institution && name.service === service && name.class === trafficClass
        if (!right || minor <= 0x40 || minor >= 0xfff0) t.fail(`${institution}/${service}/${trafficClass} is ${minor}`)
        seen.add(minor)
      }
    }
  }
  t.equal(seen.size, 4 * 6 * 4, 'no two leaves share one')
  t.equal(LAST_INDEX, 2046)
  t.notOk(fits(LAST_INDEX + 1, 0, 0), 'one more institution would run into the default class')
  t.notOk(fits(2, 6, 0))
  t.notOk(fits(2, 0, 4))
})

t.test('prefixes', async (t) => {
  t.test('are read in one form or not at all', async (t) => {
    for (const [from, to] of [
      ['10.1.5.9/24', '10.1.5.0/24'],
      ['10.1.5.9', '10.1.5.9/32'],
      ['FD10:5:0::/48', 'fd10:5::/48'],
      ['0.0.0.0/0', '0.0.0.0/0'],
    ] as const) {
      t.equal(formatPrefix(parsePrefix(from)!), to)
    }
    const bad = ['', '10.1.300.0/24', '10.1.5.0/33', '10.1.5.0/', 'gov.go.tz', '10.1/16', '10.1.5.0/24/8', '::/129']
    for (const wrong of bad) t.equal(parsePrefix(wrong), undefined, wrong)
  })

  t.test('that nest are split as longest-prefix match would have it', async (t) => {
    const split = disjoint(
      ['10.1.4.0/22', '10.1.5.0/24'].map((p, value) => ({ prefix: parsePrefix(p)!, value })),
      4,
    )
    t.strictSame(
      split.map(({ prefix, value }) => `${formatPrefix(prefix)} ${value}`),
      ['10.1.4.0/24 0', '10.1.5.0/24 1', '10.1.6.0/23 0'],
    )
  })

  t.test('agree with a slow longest-prefix match at every address', async (t) => {
    const entry = fc.record({ length: fc.integer({ min: 24, max: 32 }), host: fc.integer({ min: 0, max: 255 }) })
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
          const list = entries.map(({ length, host }, value) => ({
            prefix: parsePrefix(`10.0.0.${host}/${length}`)!,
            value,
          }))
          const pieces = disjoint(list, 4)
          const covers = ({ prefix }: (typeof list)[number], host: number) => {
            const shift = BigInt(32 - prefix.length)
            return (0x0a000000n + BigInt(host)) >> shift === prefix.address >> shift
          }
          for (let host = 0; host < 256; host++) {
            const slow = list
              .filter((e) => covers(e, host))
              .sort((a, b) => b.prefix.length - a.prefix.length || a.value - b.value)
            const fast = pieces.filter((e) => covers(e, host))
            if (fast.length > 1 || fast[0]?.value !== slow[0]?.value) return false
          }
          return true
        }),
        { seed: 7 },
      ),
    )
  })
})

t.test('the tree of a direction', async (t) => {
  t.test('gives each flow its rate, the institution their sum, and each leaf its class up to the flow', async (t) => {
    const tree = desiredTree(desired(), 0)
    const rate = (minor: number) => tree.get(minor)?.rate
    t.equal(rate(PORT_MINOR), 15e6)
    t.equal(rate(0x40), 10e6, 'the ministry: 8 + 2 Mbit/s')
    t.equal(rate(0x41), 8e6)
    t.match(tree.get(leafMinor(2, 0, 1)), { rate: 6e6, ceil: 8e6, parent: 0x41, leaf: { prio: 1, quantum: 65_536 } })
    t.match(tree.get(leafMinor(2, 0, 0)), { rate: 2e6, ceil: 8e6, leaf: { prio: 0, quantum: 3 * 65_536 } })
    t.match(tree.get(leafMinor(3, 0, 0)), { rate: 8000, ceil: 400_000 }, 'a class without a rate keeps its floor')
    t.match(tree.get(leafMinor(3, 0, 1)), { rate: 392_000 }, 'which the largest gives')
    t.match(tree.get(0xfff0), { rate: 512_000, parent: PORT_MINOR })
    t.match(tree.get(0xfff1), { rate: 1e6, parent: PORT_MINOR })
    t.equal(limitedBelowPort([tree]), 10e6 + 400_000 + 512_000 + 1e6)
  })

  t.test('never lets children exceed their parent', async (t) => {
    const kbps = fc.integer({ min: 64, max: 400_000 })
    const flow = fc.tuple(
      fc.constantFrom(2, 3),
      fc.constantFrom(0, 1),
      kbps,
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.uniqueArray(flow, { selector: ([i, s]) => i * 2 + s, maxLength: 4 }), (flows) => {
          const rates = flows.map(([institution, service, rate, part]) => {
            const first = Math.floor(rate * part)
            return record(institution, service, 0, first, rate - first)
          })
          const tree = desiredTree(desired({ rates }), 0)
          for (const { minor, rate } of tree.values()) {
            if (minor === PORT_MINOR) continue
            const children = [...tree.values()].filter(({ parent }) => parent === minor)
            if (children.length > 0 && children.reduce((sum, child) => sum + child.rate, 0) !== rate) return false
          }
          return true
        }),
        { seed: 11 },
      ),
    )
  })

  t.test('delays nothing in observe and bypass, and counts as ever', async (t) => {
    for (const enforcement of ['observe', 'bypass'] as const) {
      const lifted = desiredTree(desired({ enforcement }), 0)
      t.strictSame([...lifted.keys()], [...desiredTree(desired(), 0).keys()], 'the same classes')
      for (const c of lifted.values()) if (c.rate !== LIFTED_RATE || c.ceil !== LIFTED_RATE) t.fail(`${c.minor} limits`)
    }
  })

  t.test('lifts one institution alone, and asks of the others only that they fit the port', async (t) => {
    const before = desiredTree(desired(), 0)
    const after = desiredTree(desired({ lifted: new Set([2]) }), 0)
    t.strictSame([...after.keys()], [...before.keys()], 'the same classes')
    const first = institutionMinor(2)
    for (const [minor, { rate, ceil }] of after) {
      const isTheirs = minor >= first && minor < first + TC_STRIDE
      if (isTheirs) t.strictSame([rate, ceil], [LIFTED_RATE, LIFTED_RATE], minor.toString(16))
      else t.strictSame(after.get(minor), before.get(minor), minor.toString(16))
    }
    t.equal(limitedBelowPort([after]), limitedBelowPort([before]) - before.get(first)!.rate)
  })

  t.test('shapes what has no rate yet at the boot rate', async (t) => {
    const tree = desiredTree(desired({ rates: [] }), 1)
    t.strictSame(
      [...tree.values()].map(({ rate }) => rate),
      [15e6, 256_000, 256_000],
    )
  })

  t.test('leaves out whom the profile or the layout does not know', async (t) => {
    const tree = desiredTree(desired({ rates: [record(9, 0, 0, 100, 100), record(2, 6, 0, 100, 100)] }), 0)
    t.equal(tree.size, 3)
  })

  t.test('keeps bursts and queues within what HTB can hold', async (t) => {
    t.equal(htbBurst(1e9), 500_000, '4 ms of 1 Gbit/s')
    t.equal(htbBurst(1e6), 3028, 'two frames at least')
    t.equal(htbBurst(1e9, 10), 125_000, 'a wish cannot go below 1 ms')
    t.equal(htbBurst(64_000, 1e9), 1_600_000, 'nor above 200 s: at 274 s the kernel wraps around')
    t.equal(queueLimit(1e6), 65_536, 'one gathered packet at least')
    for (const rate of [50e6, 100e6, 500e6, 1e9]) {
      const ms = (queueLimit(rate) * 8000) / rate
      t.ok(ms >= 25 && ms <= 50, `${rate}: ${ms} ms`)
    }
    t.strictSame(leafRates(20_000, [0, 0, 0]), [8000, 8000, 8000], 'floors are not given away')
  })
})

/** The batch for the download side of PROFILE, on a device that has nothing. */
const GOLDEN_BATCH = `
class add dev lan0 parent 1: classid 1:1 htb rate 15000000bit ceil 15000000bit burst 7500 cburst 7500
class add dev lan0 parent 1:1 classid 1:fff0 htb rate 512000bit ceil 512000bit burst 3028 cburst 3028 quantum 65536 prio 1
qdisc add dev lan0 parent 1:fff0 handle fff0: bfifo limit 65536
class add dev lan0 parent 1:1 classid 1:fff1 htb rate 1000000bit ceil 1000000bit burst 3028 cburst 3028 quantum 65536 prio 0
qdisc add dev lan0 parent 1:fff1 handle fff1: bfifo limit 65536
class add dev lan0 parent 1:1 classid 1:60 htb rate 400000bit ceil 400000bit burst 3028 cburst 3028
class add dev lan0 parent 1:60 classid 1:61 htb rate 400000bit ceil 400000bit burst 3028 cburst 3028
class add dev lan0 parent 1:61 classid 1:68 htb rate 8000bit ceil 400000bit burst 3028 cburst 3028 quantum 196608 prio 0
qdisc add dev lan0 parent 1:68 handle 68: bfifo limit 65536
class add dev lan0 parent 1:61 classid 1:69 htb rate 392000bit ceil 400000bit burst 3028 cburst 3028 quantum 65536 prio 1
qdisc add dev lan0 parent 1:69 handle 69: bfifo limit 65536
`.trim()

t.test('the batch is exact, and what it changes comes in a safe order', async (t) => {
  const clinic = desiredTree(desired({ rates: RATES.filter(({ institution }) => institution !== 2) }), 0)
  const batch = treeDiff('lan0', clinic, new Map())
  t.equal(batch.map((o) => o.text).join('\n'), GOLDEN_BATCH)

  const device = async (...steps: Desired[]) => {
    const kernel = fakeKernel()
    const driver = createLinuxHtb({ lan: 'lan0', wan: 'wan0', exec: kernel.exec, log: createLogger('test', 'silent') })
    for (const step of steps) await driver.apply(driver.plan(step, await driver.observe()), step)
    return { kernel, driver }
  }
  const { driver } = await device(desired())
  const rates = [
    record(0, 0, 0, 512),
    record(2, 0, 0, 1000, 1000),
    record(3, 1, 0, 3000, 1000),
    record(3, 0, 0, 100, 500),
  ]
  const steps = driver.plan(desired({ rates }), await driver.observe())
  t.strictSame(
    steps.map(({ kind, text: line }) => `${kind} ${(/classid (\S+)/.exec(line) ?? /parent (\S+)/.exec(line))![1]}`),
    [
      // exchange of the ministry goes, leaves first
      'delete 1:4c',
      'delete 1:4d',
      'delete 1:42',
      // then what shrinks, leaves first
      'decrease 1:49',
      'decrease 1:48',
      'decrease 1:41',
      'decrease 1:40',
      'decrease 1:fff1',
      // then the clinic's new service, parents first, queues after their classes
      'add 1:62',
      'add 1:6c',
      'add 1:6c',
      'add 1:6d',
      'add 1:6d',
      // then what grows, parents first
      'increase 1:60',
      'increase 1:61',
      'increase 1:68',
      'increase 1:69',
    ],
  )
})

t.test('leaves are fq_codel or cake where the kernel has one (not run: no kernel here has either)', async (t) => {
  const golden = {
    fq_codel: [
      // 8 Mbit/s: a frame takes 1.5 ms. 400 kbit/s: 30 ms, and CoDel must not take the packet on its way for a queue.
      'dev lan0 parent 1:48 handle 48: fq_codel limit 10240 target 5ms interval 100ms memory_limit 131072 flows 128',
      'dev lan0 parent 1:69 handle 69: fq_codel limit 10240 target 64ms interval 159ms memory_limit 131072 flows 128',
      'dev lan0 parent 1:69 fq_codel limit 10240 target 8ms interval 103ms memory_limit 131072',
    ],
    cake: [
      'dev lan0 parent 1:48 handle 48: cake unlimited besteffort memlimit 131072',
      'dev lan0 parent 1:69 handle 69: cake unlimited besteffort memlimit 131072',
    ],
  } as const
  for (const queue of ['fq_codel', 'cake'] as const) {
    const kernel = fakeKernel()
    const log = createLogger('test', 'silent')
    const driver = createLinuxHtb({ lan: 'lan0', wan: 'wan0', exec: kernel.exec, queue, log })
    const cycle = async (d: Desired) => driver.apply(driver.plan(d, await driver.observe()), d)
    t.equal((await cycle(desired())).refusal, null)
    t.strictSame(driver.plan(desired(), await driver.observe()), [], 'second apply does nothing')
    const faster = RATES.map((r) => (r.institution === 3 ? record(3, 0, 0, 0, 2_500) : r))
    t.equal((await cycle(desired({ rates: faster }))).refusal, null)
    const said = kernel.written.map((line) => line.replace(/^qdisc (add|replace) /, ''))
    for (const line of golden[queue]) t.ok(said.includes(line), line)
    t.equal((await driver.probe()).facts.queue, queue)

    kernel.queueDrops.set('lan0 1:69', 7)
    const { leaves } = await driver.stats()
    const leaf = [...leaves].find((l) => l.direction === 0 && l.institution === 3 && l.class === 1)
    t.equal(leaf?.drops, 7, 'what such a queue drops by itself is counted: its class does not see it')
  }
})

t.test(
  'another kind of queue takes the place of one in service, whole; one that cannot be had leaves bfifo',
  async (t) => {
    const kernel = fakeKernel()
    const log = createLogger('test', 'silent')
    const around = { lan: 'lan0', wan: 'wan0', exec: kernel.exec, log }
    const cycle = async (queue: 'bfifo' | 'fq_codel') => {
      const driver = createLinuxHtb({ ...around, queue })
      const outcome = await driver.apply(driver.plan(desired(), await driver.observe()), desired())
      t.strictSame(driver.plan(desired(), await driver.observe()), [])
      return { ...outcome, ...(await driver.probe()).facts }
    }
    await cycle('bfifo')
    kernel.refuse = { pattern: /fq_codel/, times: Number.POSITIVE_INFINITY, complaint: 'Error: Qdisc kind is unknown.' }
    t.match(await cycle('fq_codel'), { refusal: null, queue: 'bfifo' })
    kernel.refuse = null
    kernel.written.length = 0
    t.match(await cycle('fq_codel'), { refusal: null, queue: 'fq_codel' })
    const replaced = kernel.written.filter((line) => line.startsWith('qdisc replace'))
    t.ok(replaced.length > 0)
    for (const line of replaced) t.match(line, / flows 128$/, 'a new queue is told what only a new one may be')
  },
)

t.test('in the course of a batch the port never carries more than before or after', async (t) => {
  const kbps = fc.integer({ min: 64, max: 7000 })
  const rates = fc
    .tuple(kbps, kbps, kbps, kbps)
    .map(([a, b, c, d]) => [record(2, 0, 0, a, 64), record(2, 1, 0, b, 64), record(3, 0, 0, c, 64), record(0, 0, 0, d)])
  await t.resolves(
    fc.assert(
      fc.asyncProperty(rates, rates, async (before, after) => {
        const kernel = fakeKernel()
        const driver = createLinuxHtb({
          lan: 'lan0',
          wan: 'wan0',
          exec: kernel.exec,
          log: createLogger('test', 'silent'),
        })
        const first = desired({ rates: before, profile: { ...PROFILE, port: { down: 1e9, up: 1e9 } } })
        const second = { ...first, rates: after }
        await driver.apply(driver.plan(first, await driver.observe()), first)
        const sum = () => {
          let total = 0
          for (const c of kernel.classes.values()) if (c.parent === '1:1') total += c.rate
          return total
        }
        const start = sum()
        const seen: number[] = []
        for (const step of driver.plan(second, await driver.observe())) {
          await kernel.exec('tc', ['-batch', '-'], step.text)
          seen.push(sum())
        }
        return seen.every((total) => total <= Math.max(start, sum()))
      }),
      { seed: 5, numRuns: 40 },
    ),
  )
})

const GOLDEN_NFT = `
add table netdev mizani-lan0
delete table netdev mizani-lan0
table netdev mizani-lan0 {
 map near4 {
  type ipv4_addr : classid; flags interval;
 }
 map near6 {
  type ipv6_addr : classid; flags interval;
 }
 map far4 {
  type ipv4_addr : verdict; flags interval;
 }
 map far6 {
  type ipv6_addr : verdict; flags interval;
 }
 chain class-0 {
 }
 chain class-1 {
  meta priority set meta priority | 0x1
 }
 chain believed {
  meta l4proto tcp tcp flags & (syn|fin|rst|ack) == ack meta length < 128 goto class-0
  ip dscp vmap { 0 : goto class-1, 46 : goto class-0 }
  ip6 dscp vmap { 0 : goto class-1, 46 : goto class-0 }
  goto class-1
 }
 chain unbelieved {
  meta l4proto tcp tcp flags & (syn|fin|rst|ack) == ack meta length < 128 goto class-0
  goto class-1
 }
 chain service-0 {
  meta priority set meta priority | 0x8
  goto unbelieved
 }
 chain service-1 {
  meta priority set meta priority | 0xc
  goto believed
 }
 chain sort {
  meta priority set ip daddr map @near4
  meta priority set ip6 daddr map @near6
  ip saddr vmap @far4
  ip6 saddr vmap @far6
  goto service-0
 }
 chain down {
  type filter hook egress device "lan0" priority 0; policy accept;
  goto sort
 }
 chain mark-MARK {
 }
}
add element netdev mizani-lan0 near4 { 10.1.4.0/24 : 1:40, 10.1.5.0/24 : 1:60, 10.1.6.0/23 : 1:40 }
add element netdev mizani-lan0 near6 { fd10:5::/48 : 1:40 }
add element netdev mizani-lan0 far4 { 196.41.0.0/16 : goto service-1 }
`.trim()

const ENDS = { lan: ['lan0'], wan: ['wan0'] }

t.test('nftables', async (t) => {
  const down = nftTable(classification(PROFILE), 0, 'lan0', ENDS)
  const up = nftTable(classification(PROFILE), 1, 'wan0', ENDS)

  t.test('the table is exact', async (t) => {
    t.equal(nftDiff(down, null)!.text.replace(down.mark, 'mark-MARK'), GOLDEN_NFT)
    const words = up.body
    t.match(words, 'type filter hook forward priority -150', 'upload before address translation')
    t.match(words, 'oifname "wan0" goto sort', 'and only towards the WAN device')
    t.match(words, 'oifname "wan0" meta priority set 1:fff1', 'the gateway itself is the control flow')
    t.match(words, 'ip saddr map @near4')
    t.match(words, /chain service-0 \{[^}]*goto believed/, 'upwards the mark of the institution is believed')
  })

  t.test('a site without prefixes is told by its VLAN (not run: no kernel here has VLANs)', async (t) => {
    const vlan = { ...site('by-vlan'), prefixes: [], vlan: 105 }
    const both = { ...site('by-both', '10.9.0.0/24'), vlan: 106 }
    const c = classification({
      ...PROFILE,
      institutions: [{ index: 5, id: 'z', name: text('Z'), sites: [vlan, both] }],
    })
    t.match(
      nftTable(c, 0, 'lan0', ENDS).body,
      ' chain sort {\n  meta priority set vlan id map { 105 : 1:a0 }\n  meta priority',
    )
    t.match(nftTable(c, 1, 'wan0', ENDS).body, '  meta priority set iifname map { "lan0.105" : 1:a0 }\n')
    t.match(
      nftDiff(nftTable(c, 0, 'lan0', ENDS), null)!.text,
      '10.9.0.0/24 : 1:a0',
      'who has prefixes is told by these',
    )
  })

  t.test('a table whose hook went with its interface is made anew', async (t) => {
    const read = (hook: object) =>
      parseTable(JSON.stringify({ nftables: [{ chain: { name: 'down', ...hook } }, { chain: { name: down.mark } }] }))
    t.equal(read({ hook: 'egress' })!.mark, down.mark)
    t.match(nftDiff(down, read({}))!.text, 'delete table netdev mizani-lan0')
  })

  t.test('what stands is left alone, and of two maps only the one that differs is filled anew', async (t) => {
    t.equal(nftDiff(down, down), null)
    const moved = { ...PROFILE, institutions: PROFILE.institutions.slice(0, 1) }
    const change = nftDiff(nftTable(classification(moved), 0, 'lan0', ENDS), down)
    t.equal(
      change?.text,
      'flush map netdev mizani-lan0 near4\nadd element netdev mizani-lan0 near4 { 10.1.4.0/22 : 1:40 }',
      'one transaction, no table made anew',
    )
    const classes = PROFILE.classes.map((c) => ({ ...c, dscp: c.index === 0 ? [46, 40] : c.dscp }))
    const marked = nftDiff(nftTable(classification({ ...PROFILE, classes }), 0, 'lan0', ENDS), down)
    t.match(marked?.text, 'delete table netdev mizani-lan0', 'other marks make another body')
  })

  t.test('what no filter can hold is named and left out', async (t) => {
    const wrong = { index: 4, id: 'x', name: text('X'), sites: [site('s', '10.1.300.0/24')] }
    const beyond = { index: 2047, id: 'y', name: text('Y'), sites: [site('s', '10.9.0.0/24')] }
    const { ignored, near } = classification({ ...PROFILE, institutions: [wrong, beyond] })
    t.strictSame(near, [])
    t.strictSame(ignored, [
      'y: number 2047 is beyond the 2046 that tc minors can hold',
      'x: "10.1.300.0/24" is not an address prefix',
    ])
  })
})

t.test('ways past the limits are told by the texts of ip and nft (not run: no kernel here has these)', async (t) => {
  const kind = (ifname: string, info_kind: string, info_data = {}): IpLink => ({
    ifname,
    linkinfo: { info_kind, info_data },
  })
  const past = (...names: string[]) => new Map(names.map((name, k) => [name, 1_000 * (k + 1)]))
  const looked = (more: Partial<Looked>): Looked => ({
    ...{ lan: ['lan0'], wan: ['wan0'], links: [], defaults: [], rules: [], flowtables: new Map() },
    ...{ past: [new Map(), new Map()], carriedBy: new Map(), ...more },
  })
  const told = (more: Partial<Looked>) =>
    escapesOf(looked(more)).map(({ code, subject, used }) => `${code} ${subject}${used ? ', used' : ''}`)

  const tunnels = [
    kind('wg0', 'wireguard'),
    kind('gre1', 'gre', { link: 'wan0', remote: '203.0.113.2' }),
    kind('gre2', 'gre', { remote: '192.0.2.2' }),
    kind('gre3', 'ip6gre', { link: 'eth7' }),
    { ifname: 'ppp0', link_type: 'ppp' },
  ]
  const out = past('wg0', 'gre1', 'gre2', 'gre3', 'ppp0', 'eth7', 'lan0.105')
  const seen = { links: tunnels, past: [new Map(), out] as const }
  t.strictSame(told(seen), [
    'TUNNEL wg0, used',
    'TUNNEL gre2, used',
    'PAST gre3, used',
    'TUNNEL ppp0, used',
    'PAST eth7, used',
  ])
  t.strictSame(
    uncountedOf(looked(seen)),
    [0, 4_000 + 6_000],
    'what a tunnel carries to the WAN device is counted there',
  )
  t.notOk(told({ ...seen, carriedBy: new Map([['gre2', 'wan0']]) }).includes('TUNNEL gre2, used'), 'or by its route')
  t.strictSame(told({ links: tunnels, past: [past('gre1', 'lan1'), new Map()] }), ['PAST lan1, used'])

  const hops = { dst: 'default', nexthops: [{ dev: 'wan0' }, { dev: 'wan1' }] }
  const other = { dst: 'default', dev: 'wan2', table: 'isp-b' }
  t.strictSame(told({ defaults: [hops, other] }), ['PAST wan1'], 'a table that no rule names is asked by nobody')
  const rule = { priority: 900, src: '10.1.0.0', srclen: 16, fwmark: '0x7', table: 'isp-b' }
  t.match(escapesOf(looked({ defaults: [other], rules: [rule] })), [
    {
      subject: 'wan2',
      found: 'rule 900 (from 10.1.0.0/16 fwmark 0x7) looks up table isp-b, whose default route leaves by wan2',
    },
  ])

  const slave: IpLink = { ifname: 'wan0', master: 'blue', linkinfo: { info_kind: 'vlan', info_slave_kind: 'vrf' } }
  t.strictSame(told({ links: [slave] }), ['VRF wan0'])
  const listed = (...dev: string[]) =>
    parseFlowtables(
      JSON.stringify({ nftables: [{ metainfo: {} }, { flowtable: { table: 'filter', name: 'f', dev } }] }),
    )
  t.strictSame(told({ flowtables: listed('lan0', 'wan0') }), ['FLOWTABLE filter f'])
  t.strictSame(told({ flowtables: listed('eth7', 'eth8') }), [])

  const elem = [{ elem: { val: 'wan1', counter: { packets: 10, bytes: 1_000 } } }]
  const sets = ['past-up', 'past-down', 'theirs'].map((name) => ({ set: { name, elem } }))
  const frames = new Map([['wan1', 1_140]])
  t.strictSame(parsePast(JSON.stringify({ nftables: sets })), [frames, frames], 'frames with their headers')
})

const GOLDEN_U32 = `
filter add dev lan0 parent 1: prio 14 handle 104: protocol ip u32 divisor 256
filter add dev lan0 parent 1: prio 14 protocol ip u32 ht 104:5: match u32 0x0a010500 0xffffff00 at 16 match u32 0xc4290000 0xffff0000 at 12 match u32 0x00b80000 0x00fc0000 at 0 flowid 1:6c
filter add dev lan0 parent 1: prio 14 protocol ip u32 ht 104:5: match u32 0x0a010500 0xffffff00 at 16 match u32 0xc4290000 0xffff0000 at 12 flowid 1:6d
filter add dev lan0 parent 1: prio 14 protocol ip u32 ht 104:5: match u32 0x0a010500 0xffffff00 at 16 flowid 1:69
filter add dev lan0 parent 1: prio 14 protocol ip u32 match u32 0x00000000 0x00000000 at 0 hashkey mask 0x0000ff00 at 16 link 104:
`.trim()

t.test('u32, where there is no nft', async (t) => {
  const only = (index: number) => ({ ...PROFILE, institutions: PROFILE.institutions.filter((i) => i.index === index) })
  t.equal(u32Filter(classification(only(3)), 0, 'lan0').lines.join('\n'), GOLDEN_U32)

  const ministry = u32Filter(classification(only(2)), 1, 'wan0').lines
  const buckets = ministry.filter((line) => line.includes('ht 104:')).map((line) => /ht 104:(\w+):/.exec(line)![1])
  t.strictSame([...new Set(buckets)], ['4', '5', '6', '7'], 'a /22 stands in each bucket that it covers')
  t.ok(ministry.some((line) => line.includes('ht 106:0:') && line.includes('match u32 0xfd100005 0xffffffff at 8')))
  t.ok(
    ministry.some((line) => line.endsWith('hashkey mask 0x00ff0000 at 12 link 106:')),
    'the sixth octet of the source',
  )
  t.ok(
    ministry.some((line) => line.includes('at 12 match u32 0x00b80000 0x00fc0000 at 0 flowid 1:48')),
    'upwards marks are believed to the internet too',
  )
})

t.test('complaints', async (t) => {
  for (const [stderr, kind] of [
    ['Cannot find device "lan0"', 'device-away'],
    ['RTNETLINK answers: No such device\nCommand failed -:3\nRTNETLINK answers: No such device', 'device-away'],
    ['RTNETLINK answers: Operation not permitted', 'not-permitted'],
    ['tc: spawn tc ENOENT', 'tool-missing'],
    ['Error: Specified qdisc kind is unknown.', 'not-supported'],
    ['Error: HTB class in use.\nCommand failed -:1', 'failed'],
    ['RTNETLINK answers: File exists\nCommand failed -:2', 'failed'],
  ] as const) {
    t.match(parseComplaint(stderr), { kind, text: /^\w.*[^:]$/ }, stderr)
  }
  t.equal(parseComplaint('Warning: sch_htb: quantum of class 10011 is small. Consider r2q change.\n'), null)
  t.equal(parseComplaint('Error: HTB class in use.\nCommand failed -:1')?.text, 'Error: HTB class in use.')
})

t.test('complaints of a whole batch are cut: no more than is read of them is kept', async (t) => {
  const line = 'RTNETLINK answers: No such device'
  const { code, stderr } = await exec('sh', ['-c', `yes '${line}' | head -c 2000000 >&2; exit 1`])
  t.equal(code, 1)
  t.equal(stderr.length, 65_536)
  t.match(parseComplaint(stderr), { kind: 'device-away', text: line })
})

t.test('a tool that is missing keeps nobody waiting', async (t) => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  t.match(await exec('no-such-tool', []), { code: null, stderr: /no-such-tool: .*ENOENT/ })
  t.equal(timers(), before, 'nothing is left that a process would stay for')
})

t.test('where there is no descriptor left a tool is said not to have started, and nothing is thrown', async (t) => {
  const script = `
    const { exec, follow } = await import(process.argv[1])
    const { openSync } = await import('node:fs')
    const held = []
    try { for (;;) held.push(openSync('/dev/null')) } catch {}
    const outcome = await exec('true', []).catch(String)
    const over = []
    let stop
    const on = { line() {}, ended: (why) => over.push(why) }
    try { stop = follow('true', [], on) } catch (error) { over.push(String(error)) }
    await new Promise(setImmediate)
    stop?.()
    const { closeSync } = await import('node:fs')
    held.forEach((fd) => closeSync(fd))
    console.log(JSON.stringify({ outcome, over }))`
  const module = new URL('../../src/edge/drivers/linux-htb/exec.js', import.meta.url).href
  const node = [process.execPath, '--input-type=module', '-e', script, module]
  const { stdout, stderr } = await exec('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...node])
  const { outcome, over } = JSON.parse(stdout || JSON.stringify({ stderr }))
  t.match(outcome, { code: null, stdout: '', stderr: /^true: .*EMFILE/ })
  t.match(over, [/^true: .*EMFILE/])
})

t.test('whoever follows changes looks again whenever that was begun, and hears nothing after its end', async (t) => {
  const clock = manualClock()
  const log = createLogger('test', 'silent')
  const begun: Parameters<Follow>[2][] = []
  let stopped = 0
  const follow: Follow = (_command, _args, on) => {
    begun.push(on)
    return () => void stopped++
  }
  const driver = createLinuxHtb({ lan: 'lan0', wan: 'wan0', exec: fakeKernel().exec, follow, clock, log })
  const said: string[] = []
  const again = 'again'
  driver.watch!(
    (what) => void said.push(what),
    () => undefined,
    () => void said.push(again),
  )
  await clock.advance(1_000)
  const [nft, tc] = ['nft monitor was begun', 'tc monitor was begun']
  t.strictSame(said.splice(0), [nft, again, tc], 'what was changed before they heard is looked for')
  begun[0]!.line('delete table inet mizani-wan0')
  await clock.advance(100)
  t.strictSame(said.splice(0), ['delete table inet mizani-wan0'])
  for (const [monitor, text, isOurs] of [
    [1, '7: wan0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP', true],
    [1, 'Deleted 7: wan0@if6: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN', true],
    [1, '8: wan0.105@wan0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500', false],
    [2, 'deleted qdisc htb 1: dev lan0 root r2q 1000 default 0xfff0 direct_packets_stat 0', true],
    [2, 'class htb 1:41 dev wan0 parent 1:40 prio 0 rate 900Mbit ceil 900Mbit burst 15000b', true],
    [2, 'deleted filter dev lan0 parent 1: protocol ip pref 14 u32', true],
    [2, 'deleted qdisc htb 1: dev lan00 root r2q 1000 default 0xfff0', false],
    [2, 'class htb 1:41 root rate 900Mbit', false],
  ] as const) {
    begun[monitor]!.line(text)
    await clock.advance(100)
    t.strictSame(said.splice(0), isOurs ? [monitor === 1 ? again : text] : [], text)
  }
  // What the driver changes itself is heard as well: a deletion is looked at, a change is not.
  const change = 'class htb 1:41 dev wan0 parent 1:40 prio 0 rate 9Mbit'
  await driver.apply(driver.plan(desired(), await driver.observe()), desired())
  for (const [text, wait, isOurs] of [
    [change, 200, false],
    ['deleted class htb 1:41 dev wan0 parent 1:40 prio 0', 200, true],
    [change, 100, true],
  ] as const) {
    begun[2]!.line(text)
    await clock.advance(wait)
    t.strictSame(said.splice(0), isOurs ? [text] : [], text)
  }
  begun[0]!.ended('killed')
  await clock.advance(1_000)
  t.equal(begun.length, 4)
  await clock.advance(1_000)
  t.strictSame(said.splice(0), [nft], 'so is what was changed while it was away')
  begun[3]!.line('delete table inet mizani-wan0')
  await driver.close()
  await clock.advance(60_000)
  t.strictSame([said, stopped, clock.pending()], [[], 3, 0])
})

t.test('who changes it each time costs two looks a second, and is told of', async (t) => {
  const kernel = fakeKernel()
  const clock = manualClock()
  const lines: string[] = []
  const log = createLogger('test', 'warn', { write: (line: string) => void lines.push(line) })
  const own = createLinuxHtb({ lan: 'lan0', wan: 'wan0', exec: kernel.exec, clock, log })
  let changed = (_what: string): void => {}
  let looks = 0
  const driver: typeof own = Object.create(own, {
    plan: { value: own.plan.bind(own) },
    watch: {
      value(tell: typeof changed) {
        changed = tell
      },
    },
    observe: { value: () => own.observe().finally(() => looks++) },
    // Whatever it does is undone, and that is heard of.
    apply: {
      value: async (...change: Parameters<typeof own.apply>) => {
        const outcome = await own.apply(...change)
        kernel.tables.delete('inet mizani-wan0')
        changed('delete table inet mizani-wan0')
        return outcome
      },
    },
  })
  const enforcer = new Enforcer(driver, clock, async () => undefined, log)
  enforcer.aim({ key: 'a', urgency: '', profileHash: '', desired: desired(), content: null })
  await enforcer.idle()
  looks = 0
  for (let ms = 0; ms < 10_000; ms += 50) {
    await clock.advance(50)
    await enforcer.idle()
  }
  t.ok(looks >= 18 && looks <= 21, `${looks} looks in ten seconds`)
  t.match(lines.join(''), /somebody changes this as often as it is put right/)
  t.ok(lines.length <= 6, `and not each time: ${lines.length} lines`)

  await enforcer.close()
  looks = 0
  changed('delete table inet mizani-wan0')
  enforcer.aim({ key: 'b', urgency: '', profileHash: '', desired: desired(), content: null })
  await clock.advance(10_000)
  t.equal(looks, 0, 'an agent that ends begins nothing more, whatever is heard')
})

t.test('who owns a root queue', async (t) => {
  const owner = (kind: string, handle: string, fallback?: string) =>
    parseQdiscs(JSON.stringify([{ kind, handle, root: true, options: { default: fallback } }])).root.owner
  t.equal(owner('htb', '1:', '0xfff0'), 'ours')
  t.equal(owner('noqueue', '0:'), 'kernel')
  t.equal(owner('fq_codel', '0:'), 'kernel')
  t.equal(owner('htb', '1:', '0x10'), 'foreign')
  t.equal(owner('fq_codel', '8001:'), 'foreign')
  t.equal(parseQdiscs('').root.owner, 'kernel', 'tc prints nothing for some devices')
})

t.test('the driver', async (t) => {
  const make = (more: { filter?: 'u32' } = {}) => {
    const kernel = fakeKernel()
    const clock = manualClock()
    const log = createLogger('test', 'silent')
    const driver = createLinuxHtb({ lan: 'lan0', wan: 'wan0', exec: kernel.exec, clock, log, ...more })
    const cycle = async (d: Desired) => driver.apply(driver.plan(d, await driver.observe()), d)
    return { kernel, driver, cycle }
  }

  for (const filter of ['nft', 'u32'] as const) {
    t.test(`second apply does nothing (${filter})`, async (t) => {
      const { driver, cycle, kernel } = make(filter === 'u32' ? { filter } : {})
      const { applied, refusal } = await cycle(desired())
      t.equal(refusal, null)
      t.ok(applied > 20)
      t.strictSame(driver.plan(desired(), await driver.observe()), [], 'the second plan is empty')
      const before = kernel.written.length
      t.strictSame(await cycle(desired()), { applied: 0, refusal: null })
      t.equal(kernel.written.length, before, 'and nothing was written')
    })
  }

  t.test('writes tc first and the filter last, so that no packet is sent to a class that is not there', async (t) => {
    const { cycle, kernel } = make()
    await cycle(desired())
    const kinds = kernel.written.map((line) => line.split(' ', 1)[0])
    t.equal(kinds.indexOf('add'), kinds.lastIndexOf('class') + 2, 'tables after the last class and its queue')
  })

  t.test('hold leaves what is in force as it is', async (t) => {
    const { driver, cycle } = make()
    await cycle(desired())
    t.strictSame(driver.plan(desired({ enforcement: 'hold', rates: [] }), await driver.observe()), [])
    const less = RATES.map((one) => ({ ...one, rate: one.rate / 2, classes: one.classes.map((c) => c / 2) }))
    t.strictSame(driver.plan(desired({ enforcement: 'hold', rates: less }), await driver.observe()), [])
  })

  t.test('hold makes again what a reboot, a redial or a flush has taken', async (t) => {
    const { driver, cycle, kernel } = make()
    const held = desired({ enforcement: 'hold' })
    t.equal((await cycle(held)).refusal, null)
    t.strictSame(driver.plan(desired(), await driver.observe()), [], 'as it would be enforced')
    const [table] = [...kernel.tables.keys()]
    kernel.tables.delete(table!)
    const plan = driver.plan(held, await driver.observe())
    t.match(plan, [{ kind: 'filter' }])
    t.equal(plan.length, 1)
  })

  t.test('a queue that somebody else set up is refused, not replaced', async (t) => {
    const { kernel, cycle, driver } = make()
    kernel.roots.set('wan0', 'fq_codel 8001:')
    t.match(await cycle(desired()), {
      applied: 0,
      refusal: { code: 'FOREIGN_QDISC', detail: /wan0 has a fq_codel queue/ },
    })
    t.strictSame(kernel.written, [])
    // Beside what keeps whoever runs this from shaping: all of it is told at once.
    t.match((await driver.probe()).obstacles.join('\n'), /tc qdisc del dev wan0 root/)
  })

  t.test('a failed step is tried once more; what fails twice is refused with its complaint', async (t) => {
    const { kernel, cycle } = make()
    await cycle(desired())
    const less = desired({
      rates: RATES.map((r) => ({ ...r, rate: r.rate / 2, classes: r.classes.map((c) => c / 2) })),
    })
    kernel.refuse = { pattern: /class change .*1:49/, times: 1, complaint: 'RTNETLINK answers: Invalid argument' }
    t.equal((await cycle(less)).refusal, null, 'once')
    kernel.refuse = { pattern: /class change .*1:49/, times: 2, complaint: 'RTNETLINK answers: Invalid argument' }
    t.match(await cycle(desired()), {
      refusal: { code: 'DRIVER', detail: /1 steps failed twice: RTNETLINK answers: Invalid argument/ },
    })
  })

  t.test('a change reads back and looks no further; who looks again finds what others have done', async (t) => {
    const { kernel, driver } = make()
    let looks = 0
    const counting: typeof driver = Object.create(driver, {
      ...{ plan: { value: driver.plan.bind(driver) }, apply: { value: driver.apply.bind(driver) } },
      observe: { value: () => driver.observe().finally(() => looks++) },
    })
    const clock = manualClock()
    const enforcer = new Enforcer(counting, clock, async () => undefined)
    const look = async () => {
      await clock.advance(1_000)
      enforcer.look()
    }
    const bring = async (key: string, factor: number): Promise<void> => {
      const rates = RATES.map((r) => ({ ...r, rate: r.rate / factor, classes: r.classes.map((c) => c / factor) }))
      enforcer.aim({ key, urgency: '', profileHash: '', desired: desired({ rates }), content: null })
      await enforcer.idle()
      t.equal(enforcer.refusal, null)
    }
    await bring('a', 1)
    t.equal(looks, 1, 'at what it found')
    await bring('b', 2)
    await bring('c', 1)
    t.equal(looks, 1, 'what it read back is known')
    const healthy = new Map(kernel.classes)
    kernel.classes.delete('lan0 1:49')
    await look()
    await bring('c', 1)
    t.equal(looks, 2)
    t.strictSame([...kernel.classes].sort(), [...healthy].sort())
    await look()
    await bring('c', 1)
    await bring('e', 2)
    await bring('c', 1)
    t.equal(looks, 3, 'what was looked at and found right is known to the next change')
    kernel.tables.clear()
    await look()
    await bring('d', 2)
    t.equal(kernel.tables.size, 2, 'whatever it is')
  })

  for (const filter of ['nft', 'u32'] as const) {
    t.test(`asks for whole devices only: tc shows every class whatever parent is named (${filter})`, async (t) => {
      const kernel = fakeKernel()
      const asked = new Set<string>()
      const listening: typeof kernel.exec = (command, args, input = '') => {
        const lines = args.includes('-batch') ? input.split('\n') : [args.join(' ')]
        for (const [show] of lines.map((line) => /(class|qdisc) show.*$/.exec(line) ?? [])) if (show) asked.add(show)
        return kernel.exec(command, args, input)
      }
      const log = createLogger('test', 'silent')
      const driver = createLinuxHtb({ lan: 'lan0', wan: 'wan0', exec: listening, filter, log })
      await driver.apply(driver.plan(desired(), await driver.observe()), desired())
      await driver.stats()
      const whole = ['class', 'qdisc'].flatMap((what) => ['lan0', 'wan0'].map((device) => `${what} show dev ${device}`))
      t.strictSame([...asked].sort(), whole)
    })
  }

  t.test('what is missing, alien or in the wrong place is put right', async (t) => {
    const { kernel, cycle } = make()
    await cycle(desired())
    const healthy = new Map(kernel.classes)
    kernel.classes.delete('lan0 1:49')
    kernel.classes.set('lan0 1:77', { ...healthy.get('lan0 1:48')! })
    kernel.classes.set('lan0 1:61', { ...healthy.get('lan0 1:61')!, root: true })
    t.equal((await cycle(desired())).refusal, null)
    t.strictSame([...kernel.classes].sort(), [...healthy].sort())
  })

  t.test('more than the port is refused, less is not, however much it still is', async (t) => {
    const { cycle } = make()
    const times = (factor: number) =>
      desired({
        rates: RATES.map((r) => ({ ...r, rate: r.rate * factor, classes: r.classes.map((c) => c * factor) })),
        profile: PROFILE,
      })
    t.equal((await cycle(times(4))).refusal, null, 'at first there is nothing, and too much is better')
    t.equal((await cycle(times(3))).refusal, null, 'a decrease')
    t.match(await cycle(times(5)), { applied: 0, refusal: { code: 'BOUNDS', detail: /lan0 exceed its port by/ } })
    t.equal((await cycle(times(1))).refusal, null)
  })

  t.test('counts each leaf under the name of its flow, and says when counters began anew', async (t) => {
    const { kernel, driver, cycle } = make()
    await cycle(desired())
    for (const [minor, bytes] of Object.entries({ '1:49': 900, '1:fff0': 100, '1:fff1': 200 })) {
      kernel.classes.get(`lan0 ${minor}`)!.bytes = bytes
    }
    const first = await driver.stats()
    const leaf = (institution: number, c: number) =>
      [...first.leaves].find(
        (l) => l.direction === 0 && l.institution === institution && l.class === c && l.service === 0,
      )
    t.match(leaf(2, 1), { bytes: 900, packets: 9, drops: 0, backlog: 0 })
    t.match(leaf(0, 0), { bytes: 100 })
    t.match(leaf(1, 0), { bytes: 200 })
    t.equal((await driver.stats()).generation, first.generation, 'the same life')
    kernel.classes.get('lan0 1:49')!.bytes = 5
    t.equal((await driver.stats()).generation, first.generation + 1, 'one counter went back')
  })

  t.test('says what keeps it from working', async (t) => {
    const { kernel, driver } = make()
    kernel.installed = { tc: false, nft: false }
    const { obstacles, facts } = await driver.probe()
    t.match(obstacles, [/tc is not installed: apt-get install iproute2/])
    t.match(facts.filter, /^u32: cannot see upload behind address translation/)
    await t.rejects(driver.observe(), { code: 'KERNEL', remedy: 'retry' })
    const log = createLogger('test', 'silent')
    t.throws(
      () => createLinuxHtb({ lan: 'lan0', wan: 'lan0', log }),
      /lan0 is named twice: each direction is shaped on devices of its own/,
    )
    t.throws(() => createLinuxHtb({ lan: 'lan0; reboot', wan: 'wan0', log }), /not the name of a network interface/)
  })
})
