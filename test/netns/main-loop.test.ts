// The main job end to end on a real kernel: controller, private stores and agent as processes in the gateway's
// namespace, traffic between the others. What is published is what is measured; a TCP flow that wakes has the guarantee
// that was lent back within two ticks; a new policy reaches the kernel without losing a packet; without the stores the
// rates stay until the lease is over, and then the safe rates are in force.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { serviceMinor } from '../../src/edge/drivers/linux-htb/layout.js'
import { socketOf } from '../../src/edge/local/commands.js'
import { localRequest } from '../../src/edge/local/local-socket.js'
import type { EdgeStatusPage } from '../../src/edge/local/picture.js'
import { CLI, compiled, ROOT } from '../harness/root.js'
import { arrivingShare, measuredTcp, measuredUdp } from './accuracy.js'
import { CLIENT, kernelObstacle, LONG, makeNamespaces, PORT, SERVER, until } from './namespaces.js'
import type { PlaneReady, TickLine } from './plane-host.js'

const EDGE = 'gw'
/** ms; the shortest is as the relation of both allows with room for a busy machine. */
const [TICK, LEASE] = LONG ? [1_000, 6_000] : [200, 2_000]
const TOKEN = 'a-token-of-the-kernel-tests-that-nobody-guesses'

/** Each institution with its ceiling in Mbit/s; four tenths of it are guaranteed, and so are its safe rate. */
const CEILINGS = { clinic: 1, finance: 10, school: 100, campus: 500 } as const
type Institution = keyof typeof CEILINGS
const INSTITUTIONS = Object.keys(CEILINGS) as Institution[]
const SAFE_PART = 0.4

const name = (en: string) => ({ en, sw: en })
const mbps = (n: number) => Math.round(n * 1e6)

/** Of a full frame: what is left for TCP after Ethernet, IP, and TCP with its timestamps. */
const TCP_PAYLOAD = 1448 / 1514

/** YAML is a superset of JSON, so the files are made of objects. */
function writePlane(folder: string, ceilings: Readonly<Record<Institution, number>>): void {
  const bandwidth = (mbit: number) => ({
    ceiling: mbps(mbit),
    segments: [
      { band: 'lifeline', size: 64_000 },
      { band: 'committed', size: mbps(mbit * SAFE_PART) - 64_000 },
      { band: 'share', weight: 1 },
    ],
  })
  const own = { service: 'internet', lifeline: 256_000, weight: 1, ceiling: 1_000_000 }
  const files = {
    'policy.yaml': {
      schema: 1,
      plane: {
        id: 'netns',
        name: name('Namespaces'),
        timing: { tick: TICK, lease: LEASE, staleAfterTicks: 3 },
        unmapped: own,
        control: own,
      },
      services: { internet: { index: 0, name: name('Internet'), members: 'internet', via: ['transit'] } },
      categories: { office: { name: name('Office') } },
      regions: { here: { name: name('Here') } },
    },
    'network.yaml': {
      nodes: { outside: { name: name('Outside') }, core: { name: name('Core'), region: 'here' } },
      links: { transit: { kind: 'upstream', from: 'outside', to: 'core', capacity: '5Gbps' } },
      edges: {
        [EDGE]: { name: name('Gateway'), node: 'core', region: 'here', port: '10Gbps', enforcement: 'enforce' },
      },
    },
    'tiers.yaml': {
      bands: [
        { id: 'lifeline', kind: 'guarantee' },
        { id: 'committed', kind: 'guarantee' },
        { id: 'share', kind: 'share' },
        { id: 'headroom', kind: 'headroom', fill: 0.95 },
      ],
      classes: {
        realtime: { index: 0, name: name('Realtime'), dscp: [46], guarantee: 0.2, weight: 2 },
        standard: { index: 1, name: name('Standard'), dscp: [0], guarantee: 0.2, weight: 1 },
      },
      tiers: Object.fromEntries(
        Object.entries(ceilings).map(([id, mbit]) => [
          id,
          { name: name(id), services: { internet: { down: bandwidth(mbit), up: bandwidth(mbit) } } },
        ]),
      ),
    },
  }
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), JSON.stringify(content))
  const prefix = (id: Institution) => CLIENT[id].replace(/\.2$/, '.0/24')
  writeFileSync(
    join(folder, 'institutions.csv'),
    ['id,name,name_sw,category,region,tier,internet,govnet,envelope']
      .concat(INSTITUTIONS.map((id) => `${id},${id},${id},office,here,${id},yes,no,`))
      .join('\n'),
  )
  writeFileSync(
    join(folder, 'sites.csv'),
    ['id,institution,edge,prefixes,down,up,vlan,medium']
      .concat(INSTITUTIONS.map((id) => `${id}.office,${id},${EDGE},${prefix(id)},1Gbps,1Gbps,,fibre`))
      .join('\n'),
  )
}

function startLoop(t: Test) {
  const net = makeNamespaces({ masquerade: true })
  const folder = mkdtempSync(join(tmpdir(), 'mizani-netns-'))
  const plane = join(folder, 'netns')
  writePlane(plane, CEILINGS)
  const children: ChildProcess[] = []
  t.teardown(async () => {
    for (const child of children.reverse()) {
      const ended = child.exitCode === null && new Promise((done) => child.once('close', done))
      child.kill('SIGTERM')
      await Promise.race([ended, sleep(6_000, undefined, { ref: false })])
    }
    net.remove()
    rmSync(folder, { recursive: true })
  })

  const inGateway = (env: Record<string, string>, ...args: string[]): ChildProcess => {
    const command = ['netns', 'exec', net.gateway, process.execPath, ...args]
    const child = spawn('ip', command, {
      cwd: ROOT,
      env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', MIZANI_PLANE: plane, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return child
  }

  /** What a process prints, line by line; the first one says that it is ready. */
  const linesOf = async (child: ChildProcess) => {
    const rest = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    const { value: first, done } = await rest.next()
    if (done) throw new Error('it ended before it was ready')
    return { first, rest }
  }

  /** The API listens inside the namespace, so the question is asked there. */
  const ask = (url: string, path: string, body?: object): unknown => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) }
    const request = JSON.stringify({ headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) })
    const script = `fetch(process.argv[1], JSON.parse(process.argv[2]))
      .then(async (r) => process.stdout.write(await r.text()))`
    return JSON.parse(net.run(net.gateway, process.execPath, '-e', script, `${url}${path}`, request))
  }

  /** From now on every rate that a class of the kernel is given, bit/s, with the Unix milliseconds of it. */
  const watchClass = (minor: number) => {
    const seen: { readonly at: number; readonly rate: number }[] = []
    const watch = ['netns', 'exec', net.gateway, 'nice', '-n', '-15', 'tc', '-ts', 'monitor']
    const child = spawn('ip', watch, { env: { ...process.env, TZ: 'UTC' }, stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const line = new RegExp(`^\\[(.*)\\] class htb 1:${minor.toString(16)} dev lan0 .* rate (\\d+)(K|M|G)?bit `)
    createInterface({ input: child.stdout }).on('line', (text) => {
      const [, at, amount, unit] = line.exec(text) ?? []
      const times = { K: 1e3, M: 1e6, G: 1e9 }[unit ?? ''] ?? 1
      if (at) seen.push({ at: Date.parse(`${at}Z`), rate: Number(amount) * times })
    })
    return seen
  }
  return { net, folder, plane, inGateway, linesOf, ask, watchClass }
}

t.test('the loop between namespaces', { skip: kernelObstacle() ?? false, timeout: 280_000 }, async (t) => {
  const { net, folder, plane, inGateway, linesOf, ask, watchClass } = startLoop(t)
  const host = inGateway(
    { MIZANI_DATA: join(folder, 'data'), PORT: '0', MIZANI_ADMIN_TOKEN: TOKEN },
    compiled('test/netns/plane-host.ts'),
    EDGE,
  )
  const told = await linesOf(host)
  const { url, edgeUrl, numbers } = JSON.parse(told.first) as PlaneReady
  const ticks: TickLine[] = []
  void (async () => {
    for await (const line of told.rest) ticks.push(JSON.parse(line))
  })()
  const agent = (data: string, ...more: string[]) =>
    inGateway(
      { RATES_REDIS_URL: edgeUrl, MIZANI_DATA: join(folder, data) },
      ...[CLI, 'edge', '--id', EDGE, '--driver', 'linux-htb', '--lan', 'lan0', '--wan', 'wan0', ...more],
    )
  agent('edge')
  const rates = watchClass(serviceMinor(numbers.finance!, 0))
  await net.traffic(net.client, 'tcp-sink', String(PORT)).ready

  /** Resolves when this is published and the edge has acknowledged it. */
  const published = (institution: Institution, direction: 'down' | 'up', rate: number) =>
    until(`${institution} published ${direction} at ${rate} bit/s, and applied`, () => {
      const [flow, last] = [`${institution}/internet/${direction}`, ticks.at(-1)]
      return last?.rate[flow] === rate && last.applied[flow] === rate
    })
  /** What the kernel sends of a flow at most, bit/s; it is what it always may. */
  const kernelRate = (institution: Institution, direction: 'down' | 'up' = 'down'): number => {
    const minor = serviceMinor(numbers[institution]!, 0)
    const { rate = 0, ceil = 0 } = net.classes(direction === 'down' ? 'lan0' : 'wan0').get(minor) ?? {}
    return rate === ceil ? rate * 8 : Number.NaN
  }

  t.test('what is published is what the kernel enforces, and no more passes', async (t) => {
    for (const institution of INSTITUTIONS) {
      for (const direction of ['down', 'up'] as const) {
        const ceiling = mbps(CEILINGS[institution])
        await published(institution, direction, ceiling)
        t.equal(
          kernelRate(institution, direction),
          ceiling,
          `${institution} ${direction} at its ceiling: no link is full`,
        )
      }
    }
    const { flows } = ask(url, '/v1/institutions/finance') as { flows: object[] }
    t.match(flows[0], { service: 'internet', rate: mbps(10), applied: mbps(10) }, 'and the API says so')

    const reader = text(agent('reader', '--dry-run').stdout!)
    const [near, far] = [['clinic', 'finance'].map((id) => CLIENT[id as Institution]), SERVER.internet]
    const senders = [
      net.send(net.server, ...near.map((to) => ({ to, mbit: 20 }))),
      net.send(net.client, ...near.map((from) => ({ from, to: far, mbit: 20 }))),
    ]
    const both = mbps(CEILINGS.clinic + CEILINGS.finance)
    for (const [namespace, device] of [
      [net.client, 'c0'],
      [net.server, 's0'],
    ] as const) {
      const begun = performance.now()
      const before = net.received(namespace, device)
      // A machine that is slow takes longer, and allows more in that time.
      const bits = await until(`half a second of it at ${device}`, () => {
        const found = (net.received(namespace, device) - before) * 8
        return found >= both / 2 && found
      })
      const seconds = (performance.now() - begun) / 1_000
      t.ok(bits <= both * (seconds + 0.004) * 1.01 + 4 * 1_514 * 8, `${bits} bits in ${seconds} s at ${device}`)
    }
    for (const sender of senders) sender.stop()
    const said = await reader
    t.match(said, /^# (nothing to do|tc)/, 'a dry run asks the store as the agent does')
    t.notMatch(said, /^(class|qdisc) add|^add table/m, 'and finds what the agent has made of it')
    if (!LONG) return

    for (const institution of INSTITUTIONS) {
      const rate = mbps(CEILINGS[institution])
      await measuredUdp(t, `UDP down at the published ${rate} bit/s`, net, rate, { near: CLIENT[institution] })
      t.equal(ticks.at(-1)!.rate[`${institution}/internet/down`], rate, 'and was published all the while')
    }
    await measuredUdp(t, 'UDP up behind masquerade', net, mbps(10), { direction: 1 })
    await measuredTcp(t, net, 10)
  })

  t.test('a TCP flow that wakes has the guarantee back that was lent', async (t) => {
    // Room for the promises and little more; school asks for all of it, with UDP that never gives way.
    const room = mbps(50)
    const guarantee = mbps(CEILINGS.finance * SAFE_PART)
    const link = (event: string, word: object) => ask(url, '/v1/links/transit/state', { event, ...word })
    link('less', { capacity: room })
    const flood = net.send(net.server, { to: CLIENT.school, mbit: (room / 1e6) * 1.2 })
    // As most machines send; what the default is here says nothing of others.
    net.run(net.server, 'ip', 'route', 'change', 'default', 'via', '203.0.113.1', 'congctl', 'cubic')
    const sleeper = net.traffic(net.server, 'tcp-send', CLIENT.finance, String(PORT))
    const both = () => [kernelRate('finance'), kernelRate('school')] as const
    const socket = (word: RegExp): number =>
      Number(word.exec(net.run(net.server, 'ss', '-tinH', 'state', 'established', 'dst', CLIENT.finance))?.[1])
    const acknowledged = () => socket(/bytes_acked:(\d+)/)
    const arrived = (line: TickLine): number => line.arrived['finance/internet/down'] ?? Number.NaN
    await until('awake, at its guarantee on a full link', () => {
      const [own, other] = both()
      return acknowledged() > 0 && own >= guarantee && own + other <= room
    })
    if (LONG) await sleep(2_000)

    sleeper.child.kill('SIGUSR2')
    await until('all that it had written is sent', () => socket(/^\d+\s+(\d+)/) === 0)
    // What an idle flow keeps is a quarter of its guarantee; if it had all of it, school could not have so much.
    const [own, other] = await until('asleep and silent, and its guarantee lent', () => {
      const found = both()
      return found[0] <= 0.3 * guarantee && found[1] >= 0.9 * room && arrived(ticks.at(-1)!) === 0 && found
    })
    t.pass(`asleep it has ${own} of ${guarantee} bit/s in the kernel, school ${other}`)

    const woken = Date.now()
    sleeper.child.kill('SIGUSR2')
    const back = await until('the guarantee in the kernel', () =>
      rates.find(({ at, rate }) => at >= woken && rate >= guarantee),
    )
    if (LONG) {
      // Counted as in the simulated loop: from the first tick that has heard of the woken flow, that one and the next.
      // What these two told must be in force before a third one begins.
      const first = await until('a tick that has heard', () => ticks.find((k) => k.began > woken && arrived(k) > 0))
      const third = await until('two ticks later', () => ticks.find(({ tick }) => tick === first.tick + 2))
      t.ok(back.at <= third.began, `${back.rate} bit/s are in force when the third tick begins`)
      const share = await arrivingShare(acknowledged, guarantee, { settle: 0, seconds: 5 })
      t.ok(share >= TCP_PAYLOAD, `then TCP brings a payload of ${(share * 100).toFixed(1)} % of the guarantee`)
    } else {
      const before = acknowledged()
      await until('half a second of the guarantee, by TCP', () => acknowledged() - before >= guarantee / 16)
    }
    const since = (at: number): string => `${((at - woken) / 1_000).toFixed(2)} s`
    for (const k of ticks.filter(({ began }) => began > woken))
      t.comment(`tick ${k.tick} at ${since(k.began)} knows of ${Math.round(arrived(k))} bit/s`)
    for (const { at, rate } of rates) if (at >= woken) t.comment(`${rate} bit/s in the kernel at ${since(at)}`)
    t.ok(
      rates.every(({ at, rate }) => at < back.at || rate >= guarantee),
      'and it keeps the guarantee from then on',
    )

    for (const sender of [sleeper, flood]) sender.stop()
    link('whole', { state: 'up' })
    await published('finance', 'down', mbps(CEILINGS.finance))
  })

  t.test('a policy change reaches the kernel without losing a packet', async (t) => {
    const { count, reach } = net.arrivals()
    // So little that a sender that was starved can catch up in one go without a queue being full.
    const sender = net.send(net.server, { to: CLIENT.finance, mbit: 1, size: 200 })
    await reach(1)
    writePlane(plane, { ...CEILINGS, finance: 20 })
    const apply = inGateway({ MIZANI_URL: url, MIZANI_TOKEN: TOKEN }, ...[CLI, 'policy', 'apply', plane, '--json'])
    t.match(JSON.parse((await linesOf(apply)).first), { revision: 2, changed: true })
    await published('finance', 'down', mbps(20))
    t.equal(kernelRate('finance'), mbps(20), 'acknowledged as it stands in the kernel')
    const changed = count()
    await reach(changed + 10)
    sender.stop()
    const sent = await sender.done
    await reach(sent)
    t.equal(count(), sent, `${sent} packets, ${changed} of them until it was acknowledged`)
  })

  t.test('with the stores gone the rates stay, and at the end of the lease the safe rates are in force', async (t) => {
    const page = () => localRequest(socketOf(join(folder, 'edge'), EDGE), 'GET', '/status') as Promise<EdgeStatusPage>
    const killed = Date.now()
    host.kill('SIGUSR2')
    const stale = await until('STALE', async () => {
      if ((await page()).state !== 'STALE') return
      const rate = kernelRate('finance')
      return (await page()).state === 'STALE' && rate
    })
    t.equal(stale, mbps(20), 'the rate stands, the edge being STALE')

    const safe = (institution: Institution) =>
      mbps((institution === 'finance' ? 20 : CEILINGS[institution]) * SAFE_PART)
    for (const institution of INSTITUTIONS)
      for (const direction of ['down', 'up'] as const)
        await until(`the safe rate of ${institution} ${direction} in the kernel`, () => {
          return kernelRate(institution, direction) === safe(institution)
        })
    const over = await page()
    t.equal(over.state, 'SAFE')
    t.ok(over.leaseLeft! <= 0, 'and not before the lease is over')
    if (LONG) await measuredUdp(t, 'UDP at the safe rate', net, safe('finance'))
    const end = await until('two leases over', async () => {
      const seen = await page()
      return seen.sites.every(({ why }) => why.includes(': the safe rate of')) && seen
    })
    t.ok(end.leaseLeft! < 0)
    t.strictSame(
      [...new Set(rates.filter(({ at }) => at > killed).map(({ rate }) => rate))],
      [safe('finance')],
      'and so it stays after a second lease',
    )
    t.equal(host.exitCode, null, 'the controller waits for its stores')
  })
})
