// The linux-htb driver on a real kernel: what it says stands, holds, and counts. Everything that is measured in time
// may be tried three times, because other work on the machine can starve a sender; each try says what it measured.

import t from 'tap'
import {
  atMbit,
  BULK,
  BUSINESS,
  bench,
  CLINIC,
  EXCHANGE,
  FINANCE,
  INTERNET,
  PLAIN,
  PROFILE,
  REALTIME,
  STANDARD,
  settled,
} from './gateway.js'
import { arrivingShare, CLIENT, HOLE, kernelObstacle, LONG, measured, OFFERED, SERVER } from './namespaces.js'

const obstacle = kernelObstacle()

t.test('rates', { skip: obstacle ?? false, timeout: 240_000 }, async (t) => {
  const { net, cycle, counted, driver } = bench(t, { masquerade: true })
  net.traffic(net.client, 'tcp-sink', PLAIN)
  await settled()

  async function udpShare(direction: 0 | 1, mbit: number): Promise<number> {
    const [from, to, at, device] =
      direction === 0
        ? ([net.server, CLIENT.finance, net.client, 'c0'] as const)
        : ([net.client, SERVER.internet, net.server, 's0'] as const)
    const sender = net.traffic(from, 'udp-send', to, HOLE, String(mbit * OFFERED), '4.5')
    const share = await arrivingShare(() => net.received(at, device), mbit * 1e6, { settle: 1, seconds: 3 })
    sender.stop()
    await sender.done
    return share
  }

  // The lower rates are measured through the whole loop as well (main-loop.test.ts).
  for (const mbit of LONG ? [1, 10, 100, 500] : [10]) {
    t.equal((await cycle(atMbit(mbit))).refusal, null)
    await measured(t, `UDP down at ${mbit} Mbit/s`, 0.99, 1.01, () => udpShare(0, mbit))
  }
  t.equal((await cycle(atMbit(10))).refusal, null)
  await measured(t, 'UDP up at 10 Mbit/s, behind masquerade', 0.99, 1.01, () => udpShare(1, 10))

  for (const mbit of LONG ? [1, 10, 100] : []) {
    t.equal((await cycle(atMbit(mbit))).refusal, null)
    await measured(t, `TCP at ${mbit} Mbit/s from second 5 to 15`, 0.94, 1.01, async () => {
      const sender = net.traffic(net.server, 'tcp-send', CLIENT.finance, PLAIN, '16')
      const share = await arrivingShare(() => net.received(net.client, 'c0'), mbit * 1e6, { settle: 5, seconds: 10 })
      await sender.done
      return share
    })
  }
  const counts = await counted(() => net.traffic(net.server, 'tcp-send', CLIENT.finance, PLAIN, '3').done)
  const [urgent, other] = [REALTIME, STANDARD].map((c) => counts(1, FINANCE, INTERNET, c)) as [number, number]
  t.ok(
    urgent > 20 && urgent > other,
    `acknowledgements of a download: ${urgent} in the urgent class, ${other} beside it`,
  )

  t.test('change without losing a packet', async (t) => {
    await cycle(atMbit(20))
    const sink = net.traffic(net.client, 'udp-sink', '5001')
    await settled()
    const sender = net.traffic(net.server, 'udp-send', CLIENT.finance, '5001', '5', '3')
    let steps = 0
    const refusals: unknown[] = []
    for (let turn = 0; turn < 30; turn++) {
      // Also the set of prefixes changes, so the filter's maps are replaced under the flow.
      const sites = turn % 2 === 0 ? PROFILE.institutions : PROFILE.institutions.slice(0, 1)
      const { applied, refusal } = await cycle(
        atMbit(20 + (turn % 5) * 10, { profile: { ...PROFILE, institutions: sites } }),
      )
      if (refusal) refusals.push(refusal)
      steps += applied
    }
    const sent = await sender.done
    await settled()
    sink.stop()
    t.strictSame(refusals, [])
    t.equal(await sink.done, sent, `${sent} packets through ${steps} changes`)
    t.ok(steps > 300 && sent > 1000, 'there was something to change and something to lose')
  })

  t.test('limit nothing in observe, and go on counting', async (t) => {
    t.equal((await cycle(atMbit(1, { enforcement: 'observe' }))).refusal, null)
    const sink = net.traffic(net.client, 'udp-sink', '5001')
    await settled()
    let sent = 0
    const packets = await counted(async () => {
      sent = await net.traffic(net.server, 'udp-send', CLIENT.finance, '5001', '20', '1').done
      await settled()
    })
    sink.stop()
    t.equal(await sink.done, sent, 'twenty times the rate gets through')
    t.equal(packets(0, FINANCE, INTERNET, STANDARD), sent)
    t.strictSame(driver.plan(atMbit(5, { enforcement: 'hold' }), await driver.observe()), [], 'hold changes nothing')
  })
})

for (const filter of ['nft', 'u32'] as const) {
  t.test(`classification by ${filter}`, { skip: obstacle ?? false, timeout: 60_000 }, async (t) => {
    // u32 sees upload only behind address translation, so there is none for it.
    const masquerade = filter === 'nft'
    const { net, cycle, counted, driver } = bench(t, { masquerade, filter })
    t.equal((await cycle(atMbit(50))).refusal, null)
    t.strictSame(driver.plan(atMbit(50), await driver.observe()), [], 'second apply does nothing')
    for (const ns of [net.client, net.server, net.gateway]) net.traffic(ns, 'udp-sink', '5000,5046,5034,5008')
    await settled()

    const up = (to: string, dscp: number, from?: string) => [net.client, to, dscp, from] as const
    const down = (to: string, dscp: number, from?: string) => [net.server, to, dscp, from] as const
    const rows = [
      ['v4 up, unmarked', up(SERVER.internet, 0), [1, FINANCE, INTERNET, STANDARD]],
      ['v4 up, EF', up(SERVER.internet, 46), [1, FINANCE, INTERNET, REALTIME]],
      ['v4 up, AF41', up(SERVER.internet, 34), [1, FINANCE, INTERNET, BUSINESS]],
      ['v4 up, CS1', up(SERVER.internet, 8), [1, FINANCE, INTERNET, BULK]],
      ['v4 up to the exchange', up(SERVER.exchange, 46), [1, FINANCE, EXCHANGE, REALTIME]],
      ['v6 up, unmarked', up(SERVER.internet6, 0), [1, FINANCE, INTERNET, STANDARD]],
      ['v6 up, EF', up(SERVER.internet6, 46), [1, FINANCE, INTERNET, REALTIME]],
      ['another institution, up', up(SERVER.internet, 0, CLIENT.clinic), [1, CLINIC, INTERNET, STANDARD]],
      ['an unknown sender', up(SERVER.internet, 46, CLIENT.stranger), [1, 0, 0, 0]],
      ['v4 down, unmarked', down(CLIENT.finance, 0), [0, FINANCE, INTERNET, STANDARD]],
      ['v4 down, EF by a stranger', down(CLIENT.finance, 46), [0, FINANCE, INTERNET, STANDARD]],
      ['v4 down from the exchange, EF', down(CLIENT.clinic, 46, SERVER.exchange), [0, CLINIC, EXCHANGE, REALTIME]],
      ['v6 down', down(CLIENT.finance6, 0), [0, FINANCE, INTERNET, STANDARD]],
      ['an unknown receiver', down(CLIENT.stranger, 0), [0, 0, 0, 0]],
    ] as const
    for (const [what, [namespace, to, dscp, from], leaf] of rows) {
      let sent = 0
      const found = await counted(async () => {
        const args = ['udp-send', to, String(5000 + dscp), '1', '0.25', ...(from ? [from] : [])]
        sent = await net.traffic(namespace, ...args).done
      }).then((packets) => packets(leaf[0], leaf[1], leaf[2], leaf[3]))
      // A few more may be neighbour discovery, which can come at any time.
      t.ok(sent > 10 && found >= sent && found < sent + 10, `${what}: ${found} packets counted of ${sent} sent`)
    }

    if (filter === 'nft') {
      t.match(net.run(net.gateway, 'nft', 'list', 'table', 'ip', 'nat'), /packets [1-9]/, 'masquerade was at work')
      let sent = 0
      const own = await counted(async () => {
        sent = await net.traffic(net.gateway, 'udp-send', SERVER.internet, PLAIN, '1', '0.25').done
      })
      t.ok(own(1, 1, 0, 0) >= sent && sent > 10, "the gateway's own traffic is the control flow")
    }
  })
}

// What tc and nft do wrong with exit code 0, and where it is seen here and in test/edge/linux-htb.test.ts:
//
//   a class with a missing parent lands at the top, outside every limit    below, and `what is missing, alien …` there
//   a change does not move a class to another parent                       below
//   rate above ceil is taken; prio 9 becomes 7                             below
//   what a change leaves out is reset to a default                         below; `the batch is exact` names all
//   bursts wrap around after 274 s of their rate                           below; `keeps bursts … within` asks for none
//   a filter that leads to no class: packets go to the default             below (a missing class, flushed maps)
//   `class show parent` does not filter                                    never asked
//   an interface that comes back has no classes, and on older kernels no
//   filter hook: only the mark of the table still stands                   below; `nftables` there
//   nft takes a device that is not there                                   below: the device is asked for with tc
//   overlapping prefixes refuse a whole transaction; a bad one is asked
//   of the DNS                                                             `prefixes`, `what no filter can hold` there
//   a concatenated map of ip6 and dscp loads and never matches             not used; `classification by nft`, v6 rows
//   upload behind masquerade matches nothing at the device                 `rates`: UDP up, behind masquerade

t.test('what stands is put right, and nobody else is overwritten', { skip: obstacle ?? false }, async (t) => {
  const { net, cycle, driver } = bench(t)
  const tc = (...args: string[]) => net.run(net.gateway, 'tc', ...args)

  tc('qdisc', 'add', 'dev', 'wan0', 'root', 'handle', '7:', 'bfifo', 'limit', '100000')
  t.match((await driver.probe()).obstacles, [/wan0 has a bfifo queue \(7:\)/])
  t.match(await cycle(atMbit(10)), { applied: 0, refusal: { code: 'FOREIGN_QDISC' } })
  t.notMatch(tc('qdisc', 'show', 'dev', 'lan0'), /htb/, 'the other device is left alone too')
  tc('qdisc', 'del', 'dev', 'wan0', 'root')
  t.strictSame((await driver.probe()).obstacles, [])

  t.equal((await cycle(atMbit(10))).refusal, null)
  const right = () => tc('-j', 'class', 'show', 'dev', 'lan0')
  const sorted = (json: string) => (JSON.parse(json) as { handle: string }[]).map(({ handle }) => handle).sort()
  const healthy = sorted(right())
  const steps = async () => driver.plan(atMbit(10), await driver.observe()).length

  tc('class', 'del', 'dev', 'lan0', 'classid', '1:4a')
  t.ok((await steps()) >= 2, 'a missing class and its queue')
  t.equal((await cycle(atMbit(10))).refusal, null)
  t.equal(await steps(), 0)

  for (const c of ['48', '49', '4a', '4b', '41']) tc('class', 'del', 'dev', 'lan0', 'classid', `1:${c}`)
  tc('class', 'add', 'dev', 'lan0', 'parent', '1:7770', 'classid', '1:41', 'htb', 'rate', '1mbit')
  t.match(right(), /"handle":"1:41","root":true/, 'tc puts a class with a missing parent at the top, and says nothing')
  tc('class', 'add', 'dev', 'lan0', 'parent', '1:1', 'classid', '1:1234', 'htb', 'rate', '1mbit')
  t.equal((await cycle(atMbit(10))).refusal, null)
  t.equal(await steps(), 0)
  t.strictSame(sorted(right()), healthy, 'and the alien class is gone')

  const leaf = ['dev', 'lan0', 'parent', '1:41', 'classid', '1:4a', 'htb']
  const own = ['burst', '15000', 'cburst', '15000', 'quantum', '131072', 'prio', '1']
  const silent: readonly (readonly [string, readonly string[]])[] = [
    [
      'a change that names another parent keeps the old one',
      ['class', 'change', ...leaf.with(3, '1:42'), 'rate', '9mbit'],
    ],
    ['a rate above its ceil', ['class', 'change', ...leaf, 'rate', '20mbit', 'ceil', '5mbit', ...own]],
    ['a priority beyond 7', ['class', 'change', ...leaf, 'rate', '7mbit', 'ceil', '10mbit', ...own.with(7, '9')]],
    ['what a change leaves out is reset', ['class', 'change', ...leaf, 'rate', '7mbit', 'ceil', '10mbit']],
    ['a burst of more than 274 s wraps around', ['class', 'change', ...leaf, 'rate', '64kbit', 'burst', '12300000']],
    ['a queue that counts packets', ['qdisc', 'replace', 'dev', 'lan0', 'parent', '1:4a', 'pfifo']],
    ['no queue of ours at all', ['qdisc', 'del', 'dev', 'lan0', 'parent', '1:4a']],
  ]
  for (const [what, command] of silent) {
    tc(...command)
    t.ok((await steps()) > 0, `seen: ${what}`)
    t.equal((await cycle(atMbit(10))).refusal, null)
    t.equal(await steps(), 0, 'and put right')
  }
  t.strictSame(sorted(right()), healthy)

  net.run(net.gateway, 'nft', 'flush', 'ruleset')
  t.equal(await steps(), 2, 'both tables')
  t.equal((await cycle(atMbit(10))).refusal, null)
  net.run(net.gateway, 'nft', 'flush', 'map', 'netdev', 'mizani-lan0', 'near4')
  t.match(driver.plan(atMbit(10), await driver.observe()), [
    { kind: 'filter', text: /^flush map netdev mizani-lan0 near4\n/ },
  ])
  t.equal((await cycle(atMbit(10))).refusal, null)

  const { generation } = await driver.stats()
  tc('qdisc', 'del', 'dev', 'lan0', 'root')
  t.equal((await cycle(atMbit(10))).refusal, null, 'the whole tree is made anew')
  t.equal(await steps(), 0)
  t.ok((await driver.stats()).generation >= generation)

  net.run(net.gateway, 'ip', 'link', 'del', 'lan0')
  await t.rejects(driver.observe(), { code: 'KERNEL', remedy: 'retry', message: /Cannot find device "lan0"/ })
  net.run(net.gateway, 'ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'c0')
  t.equal((await cycle(atMbit(10))).refusal, null, 'it comes back, and so does what it had')
  t.equal(await steps(), 0)
  t.strictSame(sorted(right()), healthy)
})
