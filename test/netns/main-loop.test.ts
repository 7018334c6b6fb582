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
import { CLI, compiled, ROOT } from '../harness/root.js'
import {
  arrivingShare,
  CLIENT,
  HOLE,
  kernelObstacle,
  LONG,
  makeNamespaces,
  measured,
  OFFERED,
  SERVER,
  shareOfKernel,
} from './namespaces.js'
import type { PlaneReady, TickLine } from './plane-host.js'

const obstacle = kernelObstacle()
const EDGE = 'gw'
const LEASE = 6_000
const TOKEN = 'a-token-of-the-kernel-tests-that-nobody-guesses'
const PLAIN = '5000'

/** Each institution with its ceiling in Mbit/s; four tenths of it are guaranteed, and so are its safe rate. */
const CEILINGS = { clinic: 1, finance: 10, school: 100, campus: 500 } as const
type Institution = keyof typeof CEILINGS
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
        timing: { tick: 1_000, lease: LEASE, staleAfterTicks: 3 },
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
  const ids = Object.keys(ceilings) as Institution[]
  const prefix = (id: Institution) => CLIENT[id].replace(/\.2$/, '.0/24')
  writeFileSync(
    join(folder, 'institutions.csv'),
    ['id,name,name_sw,category,region,tier,internet,govnet,envelope']
      .concat(ids.map((id) => `${id},${id},${id},office,here,${id},yes,no,`))
      .join('\n'),
  )
  writeFileSync(
    join(folder, 'sites.csv'),
    ['id,institution,edge,prefixes,down,up,vlan,medium']
      .concat(ids.map((id) => `${id}.office,${id},${EDGE},${prefix(id)},1Gbps,1Gbps,,fibre`))
      .join('\n'),
  )
}

interface FlowView {
  readonly service: string
  readonly direction: string
  readonly rate: number
  readonly applied: number | null
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

async function until<T>(what: string, seconds: number, look: () => T | undefined): Promise<T> {
  for (let turn = 0; turn < seconds * 5; turn++) {
    const found = look()
    if (found !== undefined) return found
    await sleep(200)
  }
  throw new Error(`${what}: not within ${seconds} s`)
}

t.test('the loop between namespaces', { skip: obstacle ?? false, timeout: 280_000 }, async (t) => {
  const { net, folder, plane, inGateway, linesOf, ask, watchClass } = startLoop(t)
  const host = inGateway(
    { MIZANI_DATA: join(folder, 'data'), PORT: '0', MIZANI_ADMIN_TOKEN: TOKEN },
    compiled('test/netns/plane-host.ts'),
    EDGE,
  )
  const told = await linesOf(host)
  const { url, edgeUrl } = JSON.parse(told.first) as PlaneReady
  const ticks: TickLine[] = []
  void (async () => {
    for await (const line of told.rest) ticks.push(JSON.parse(line))
  })()
  inGateway(
    { RATES_REDIS_URL: edgeUrl, MIZANI_DATA: join(folder, 'edge') },
    CLI,
    ...['edge', '--id', EDGE, '--driver', 'linux-htb', '--lan', 'lan0', '--wan', 'wan0'],
  )

  const flow = (institution: Institution, direction: 'down' | 'up'): FlowView | undefined => {
    const { flows } = ask(url, `/v1/institutions/${institution}`) as { flows: FlowView[] }
    return flows.find((f) => f.service === 'internet' && f.direction === direction)
  }
  /** Resolves with the published rate once the edge has acknowledged that very rate. */
  const published = (institution: Institution, direction: 'down' | 'up', least: number) =>
    until(`${institution} at ${least} bit/s or more`, 30, () => {
      const found = flow(institution, direction)
      return found && found.rate >= least && found.applied === found.rate ? found.rate : undefined
    })
  const kernelRate = (institution: number): number => {
    const text = net.run(net.gateway, 'tc', '-j', 'class', 'show', 'dev', 'lan0')
    const classes = JSON.parse(text) as { handle: string; rate: number }[]
    const minor = serviceMinor(institution, 0).toString(16)
    return (classes.find(({ handle }) => handle === `1:${minor}`)?.rate ?? 0) * 8
  }
  /** Institutions are numbered by the plane; the kernel is asked for whoever has this rate. */
  const numberOf = (rate: number): number | undefined => [2, 3, 4, 5].find((n) => kernelRate(n) === rate)

  net.traffic(net.client, 'tcp-sink', PLAIN)

  async function udpShare(institution: Institution, direction: 'down' | 'up', rate: number): Promise<number> {
    const [from, to, source, at, device] =
      direction === 'down'
        ? ([net.server, CLIENT[institution], SERVER.internet, net.client, 'c0'] as const)
        : ([net.client, SERVER.internet, CLIENT[institution], net.server, 's0'] as const)
    const sender = net.traffic(from, 'udp-send', to, HOLE, String((rate / 1e6) * OFFERED), '4.5', source)
    const share = await arrivingShare(() => net.received(at, device), rate, { settle: 1, seconds: 3 })
    sender.stop()
    await sender.done
    return share
  }

  for (const institution of ['clinic', 'finance', 'school', ...(LONG ? (['campus'] as const) : [])] as const) {
    const rate = await published(institution, 'down', mbps(CEILINGS[institution]))
    t.equal(rate, mbps(CEILINGS[institution]), `${institution} is published at its ceiling, as the link is free`)
    await measured(
      t,
      `UDP down at the published ${rate} bit/s`,
      0.99,
      1.01,
      () => udpShare(institution, 'down', rate),
      () => shareOfKernel(rate),
    )
    t.equal(flow(institution, 'down')?.rate, rate, 'and was published all the while')
  }
  const upRate = await published('finance', 'up', mbps(10))
  await measured(
    t,
    'UDP up behind masquerade',
    0.99,
    1.01,
    () => udpShare('finance', 'up', upRate),
    () => shareOfKernel(upRate),
  )

  await measured(t, 'TCP at 10 Mbit/s from second 5 to 15', 0.94, 1.01, async () => {
    const sender = net.traffic(net.server, 'tcp-send', CLIENT.finance, PLAIN, '16')
    const share = await arrivingShare(() => net.received(net.client, 'c0'), mbps(10), { settle: 5, seconds: 10 })
    await sender.done
    return share
  })

  const finance = numberOf(mbps(10))
  t.ok(finance, 'the kernel holds the rate that was published')

  const reader = inGateway(
    { RATES_REDIS_URL: edgeUrl, MIZANI_DATA: join(folder, 'reader') },
    CLI,
    ...['edge', '--id', EDGE, '--driver', 'linux-htb', '--lan', 'lan0', '--wan', 'wan0', '--dry-run'],
  )
  const said = await text(reader.stdout!)
  t.match(said, /^# (nothing to do|tc)/, 'a dry run asks the store as the agent does')
  t.notMatch(said, /^(class|qdisc) add|^add table/m, 'and finds what the agent has made of it')

  t.test('a TCP flow that wakes has the guarantee that was lent back within two ticks', async (t) => {
    // Room for the promises and little more; school asks for all of it, with UDP that never gives way.
    const room = mbps(50)
    const guarantee = mbps(CEILINGS.finance * SAFE_PART)
    const school = numberOf(mbps(CEILINGS.school))!
    const link = (event: string, word: object) => ask(url, '/v1/links/transit/state', { event, ...word })
    link('less', { capacity: room })
    const flood = net.traffic(net.server, 'udp-send', CLIENT.school, HOLE, String((room / 1e6) * OFFERED), '60')
    // As most machines send; what the default is here says nothing of others.
    net.run(net.server, 'ip', 'route', 'change', 'default', 'via', '203.0.113.1', 'congctl', 'cubic')
    const sleeper = net.traffic(net.server, 'tcp-send', CLIENT.finance, PLAIN, '60')
    const both = () => [kernelRate(finance!), kernelRate(school)] as const
    await until('awake, at its guarantee on a full link', 20, () => {
      const [own, other] = both()
      return (own >= guarantee && own + other <= room) || undefined
    })
    await sleep(2_000)

    sleeper.child.kill('SIGUSR2')
    // What an idle flow keeps is a quarter of its guarantee; if it had all of it, school could not have so much.
    const [own, other] = await until('asleep, and its guarantee lent', 20, () => {
      const found = both()
      return found[0] <= 0.3 * guarantee && found[1] >= 0.9 * room ? found : undefined
    })
    t.pass(`asleep it has ${own} of ${guarantee} bit/s in the kernel, school ${other}`)
    const rates = watchClass(serviceMinor(finance!, 0))
    await sleep(500)

    const arrived = (line: TickLine): number => line.arrived['finance/internet/down'] ?? Number.NaN
    t.equal(arrived(ticks.at(-1)!), 0, 'and sends nothing')
    const woken = Date.now()
    sleeper.child.kill('SIGUSR2')
    // Counted as in the simulated loop: from the first tick that has heard of the woken flow, that one and the next.
    // What these two told must be in force before a third one begins.
    const first = await until('a tick that has heard', 10, () => ticks.find((k) => k.began > woken && arrived(k) > 0))
    const third = await until('two ticks later', 10, () => ticks.find(({ tick }) => tick === first.tick + 2))
    await sleep(200)
    const inForce = rates.findLast(({ at }) => at <= third.began)
    t.ok(inForce && inForce.rate >= guarantee, `${inForce?.rate} bit/s are in force when the third tick begins`)

    const acknowledged = (): number => {
      const text = net.run(net.server, 'ss', '-tinH', 'state', 'established', 'dst', CLIENT.finance)
      return Number(/bytes_acked:(\d+)/.exec(text)?.[1])
    }
    const share = await arrivingShare(acknowledged, guarantee, { settle: 0, seconds: 5 })
    t.ok(share >= TCP_PAYLOAD, `then TCP brings a payload of ${(share * 100).toFixed(1)} % of the guarantee`)
    const since = (at: number): string => `${((at - woken) / 1_000).toFixed(2)} s`
    for (const k of ticks.filter(({ began }) => began > woken))
      t.comment(`tick ${k.tick} at ${since(k.began)} knows of ${Math.round(arrived(k))} bit/s`)
    for (const { at, rate } of rates) t.comment(`${rate} bit/s in the kernel at ${since(at)}`)
    const back = rates.find(({ at, rate }) => at >= woken && rate >= guarantee)?.at ?? Number.NEGATIVE_INFINITY
    t.ok(
      rates.every(({ at, rate }) => at < back || rate >= guarantee),
      'and it keeps the guarantee from then on',
    )

    for (const sender of [sleeper, flood]) sender.stop()
    link('whole', { state: 'up' })
    await published('finance', 'down', mbps(CEILINGS.finance))
  })

  t.test('a policy change reaches the kernel without losing a packet', async (t) => {
    const sink = net.traffic(net.client, 'udp-sink', '5001')
    await sleep(500)
    const sender = net.traffic(net.server, 'udp-send', CLIENT.finance, '5001', '3', '8')
    writePlane(plane, { ...CEILINGS, finance: 20 })
    const apply = inGateway(
      { MIZANI_URL: url, MIZANI_TOKEN: TOKEN },
      CLI,
      ...['policy', 'apply', plane, '--json'],
    )
    t.match(JSON.parse((await linesOf(apply)).first), { revision: 2, changed: true })
    await until('the new ceiling in the kernel', 10, () => kernelRate(finance!) === mbps(20) || undefined)
    t.equal(await published('finance', 'down', mbps(20)), mbps(20), 'acknowledged as it stands in the kernel')
    const sent = await sender.done
    await sleep(300)
    sink.stop()
    t.equal(await sink.done, sent, `${sent} packets`)
    t.ok(sent > 1_000)
  })

  t.test('with the stores gone the rates stay, and at the end of the lease the safe rates are in force', async (t) => {
    host.kill('SIGUSR2')
    const killed = process.hrtime.bigint()
    const seconds = () => Number(process.hrtime.bigint() - killed) / 1e9
    await sleep(LEASE / 2)
    t.equal(kernelRate(finance!), mbps(20), `${seconds().toFixed(1)} s later the rate stands, the edge being STALE`)
    await until('the safe rate in the kernel', 20, () => kernelRate(finance!) === mbps(20 * SAFE_PART) || undefined)
    t.comment(`SAFE after ${seconds().toFixed(1)} s, the lease being ${LEASE / 1000} s`)
    const safe = mbps(20 * SAFE_PART)
    const safeShare = () => udpShare('finance', 'down', safe)
    await measured(t, 'UDP at the safe rate', 0.99, 1.01, safeShare, () => shareOfKernel(safe))
    await sleep(LEASE)
    t.equal(kernelRate(finance!), mbps(20 * SAFE_PART), 'and so it stays after a second lease')
    t.equal(host.exitCode, null, 'the controller waits for its stores')
  })
})
