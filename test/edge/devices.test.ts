// Routers without an agent of their own. RouterOS is an HTTP server in this process that behaves as its REST interface
// is documented, with every request compared to a golden one; RADIUS meets FreeRADIUS, which knows nothing of us, and
// a socket that answers wrongly in every way RFC 5176 tells us to refuse.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createAgent } from '../../src/edge/agent.js'
import type { Desired, Driver } from '../../src/edge/driver.js'
import { attributesFor, createRadiusCoa } from '../../src/edge/drivers/radius-coa.js'
import {
  type Attribute,
  attribute,
  decodeCoaAnswer,
  encodeCoaRequest,
  integer,
  vendorAttribute,
} from '../../src/edge/drivers/radius-packet.js'
import { sessionsBy, wordsOf } from '../../src/edge/drivers/radius-session.js'
import { createRouterOs } from '../../src/edge/drivers/routeros.js'
import { Enforcer, type Goal } from '../../src/edge/enforcer.js'
import { goalOf } from '../../src/edge/goal.js'
import { statusPage } from '../../src/edge/local/picture.js'
import { isDue } from '../../src/edge/pace.js'
import { placeSites, renderIosXe } from '../../src/gateways/ios-xe.js'
import { differencesOf } from '../../src/gateways/ios-xe-read.js'
import type { RateRecord } from '../../src/model/lease.js'
import { leftOutSaid } from '../../src/model/left-out.js'
import { PACE } from '../../src/model/network.js'
import { manualClock, systemClock } from '../../src/runtime/clock.js'
import { createHttpClient } from '../../src/runtime/http-call.js'
import { createLogger } from '../../src/runtime/log.js'
import { until } from '../harness/until.js'
import { BOOT, Carrier, edgeProfile, rateRecord } from './fixtures.js'

const FLOWS = [rateRecord(2, 0, 4_000), rateRecord(2, 1, 1_000), rateRecord(3, 0, 2_000), rateRecord(3, 1, 500)]
const desired = (rates: readonly RateRecord[], more: Partial<Desired> = {}): Desired => ({
  ...{ profile: edgeProfile(), enforcement: 'enforce', rates },
  ...more,
})

/** As the enforcer does it: observe, plan, apply, and what a plan then still wants. */
async function bring<O>(driver: Driver<O>, goal: Desired) {
  const operations = driver.plan(goal, await driver.observe())
  const result = await driver.apply(operations, goal)
  const left = driver.plan(goal, await driver.observe())
  return { said: operations.map(({ kind, text }) => `${kind} ${text}`), ...result, left: left.length }
}

// ---- RouterOS

type Item = Record<string, string>

/**
 * /rest/queue/simple as help.mikrotik.com documents it: strings, ids as *1, the record as answer, errors as objects.
 */
class Router {
  readonly requests: string[] = []
  readonly queues: Item[] = []
  /** Of the firewall, those that take connections past all queues. */
  readonly fastTracks: Item[] = []
  #made = 0
  readonly server = createServer(async (request, response) => {
    const body = await text(request)
    const { method, url } = request
    if (request.headers.authorization !== `Basic ${Buffer.from('mizani:geheim').toString('base64')}`) {
      response.writeHead(401).end(JSON.stringify({ error: 401, message: 'Unauthorized' }))
      return
    }
    this.requests.push(`${method} ${url}${body === '' ? '' : ` ${body}`}`)
    const [status, answer] = this.#answer(method!, url!, body === '' ? {} : JSON.parse(body))
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 204 ? '' : JSON.stringify(answer))
  })

  #answer(method: string, url: string, item: Item): [number, unknown] {
    const missing: [number, unknown] = [404, { error: 404, message: 'Not Found', detail: 'no such item' }]
    if (url === '/rest/system/resource') return [200, { version: '7.16.1 (stable)', uptime: '1w2d' }]
    if (url === '/rest/ip/firewall/filter?action=fasttrack-connection') return [200, this.fastTracks]
    const [, id] = /^\/rest\/queue\/simple(?:\/(.+))?$/.exec(url) ?? ['', 'none']
    if (method === 'GET') return id === undefined ? [200, this.queues] : missing
    if (method === 'PUT') return [201, this.add(item)]
    const at = this.queues.findIndex((queue) => queue['.id'] === id)
    if (at < 0) return missing
    if (method === 'DELETE') this.queues.splice(at, 1)
    else if (method === 'PATCH') Object.assign(this.queues[at]!, item)
    else return [400, { error: 400, message: 'Bad Request' }]
    return method === 'DELETE' ? [204, null] : [200, this.queues[at]]
  }

  add(item: Item): Item {
    const counters = { bytes: '0/0', packets: '0/0', dropped: '0/0', 'queued-bytes': '0/0' }
    const queue = { '.id': `*${(++this.#made).toString(16).toUpperCase()}`, disabled: 'false', ...counters, ...item }
    this.queues.push(queue)
    return queue
  }

  /** Requests since last asked, without reading. */
  writes(): string[] {
    return this.requests.splice(0).filter((line) => !line.startsWith('GET'))
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let all = ''
  for await (const chunk of request.setEncoding('utf8')) all += chunk
  return all
}

async function router(t: Test, password = 'geheim') {
  const device = new Router()
  await new Promise<void>((resolve) => device.server.listen(0, '127.0.0.1', resolve))
  const { port } = device.server.address() as AddressInfo
  const http = createHttpClient(`http://127.0.0.1:${port}`, null)
  const driver = createRouterOs({ http, user: 'mizani', password, clock: manualClock() })
  t.teardown(async () => {
    await driver.close()
    device.server.close()
  })
  return { device, driver }
}

t.test('RouterOS: queues are made, changed and removed with these very requests; only ours are touched', async (t) => {
  const { device, driver } = await router(t)
  const theirs = device.add({ name: 'guest', target: '192.168.88.0/24', 'max-limit': '1M/1M', comment: 'reception' })
  t.match(await driver.probe(), { facts: { version: /7\.16/, cannot: /services apart/ }, obstacles: [] })

  const made = await bring(driver, desired(FLOWS))
  t.match(made, { applied: 2, refusal: null, left: 0 })
  t.same(device.writes(), [
    'PUT /rest/queue/simple {"name":"mizani-posta","target":"10.1.2.0/24","max-limit":"1000000/4000000",' +
      '"comment":"mizani 2","bucket-size":"0.01/0.01","priority":"8/8"}',
    'PUT /rest/queue/simple {"name":"mizani-tra","target":"10.1.3.0/24","max-limit":"500000/2000000",' +
      '"comment":"mizani 3","bucket-size":"0.01/0.01","priority":"8/8"}',
  ])
  t.match(await bring(driver, desired(FLOWS)), { said: [], left: 0 }, 'the second time there is nothing to do')

  const [, ours, other] = device.queues
  ours!['max-limit'] = '1M/4M'
  t.match(await bring(driver, desired(FLOWS)), { said: [] }, 'as a person would write the same')
  ours!['max-limit'] = '9M/9M'
  other!.disabled = 'true'
  const righted = await bring(driver, desired([rateRecord(2, 0, 3_000), ...FLOWS.slice(1)]))
  t.equal(righted.left, 0)
  t.same(device.writes(), [
    'PATCH /rest/queue/simple/*2 {"max-limit":"1000000/3000000"}',
    'PATCH /rest/queue/simple/*3 {"disabled":"false"}',
  ])

  const swap = [rateRecord(2, 0, 5_000), rateRecord(2, 1, 1_000), rateRecord(3, 0, 1_000), rateRecord(3, 1, 500)]
  await bring(driver, desired(swap))
  t.match(device.writes(), [/\*3 \{"max-limit":"500000\/1000000"\}/, /\*2 \{"max-limit":"1000000\/5000000"\}/])

  await bring(driver, desired(swap, { lifted: new Set([2]) }))
  t.same(device.writes(), ['PATCH /rest/queue/simple/*2 {"max-limit":"0/0"}'], 'one institution lifted')
  await bring(driver, desired(swap, { enforcement: 'observe' }))
  t.same(device.writes(), ['PATCH /rest/queue/simple/*3 {"max-limit":"0/0"}'], 'observe: queues stay, and count')

  const [posta] = edgeProfile().institutions
  await bring(driver, desired(swap.slice(0, 2), { profile: edgeProfile({ institutions: [posta!] }) }))
  t.same(device.writes(), [
    'DELETE /rest/queue/simple/*3',
    'PATCH /rest/queue/simple/*2 {"max-limit":"1000000/5000000"}',
  ])
  const removal = driver.removal!
  const steps = removal.plan(await driver.observe())
  t.strictSame(
    steps.map(({ text }) => text),
    ['remove mizani-posta'],
  )
  t.equal(await removal.carryOut(steps), null)
  t.same(device.writes(), ['DELETE /rest/queue/simple/*2'], 'on request all of ours goes')
  t.ok(device.queues.includes(theirs), 'what others made stands as it was')
  t.equal(theirs['max-limit'], '1M/1M')
})

t.test('RouterOS: counters by direction and their restarts; what shadows, refuses or is away is said', async (t) => {
  const { device, driver } = await router(t)
  await bring(driver, desired(FLOWS))
  Object.assign(device.queues[0]!, { bytes: '111/222', packets: '3/4', dropped: '5/6', 'queued-bytes': '7/8' })
  const stats = await driver.stats()
  t.match([...stats.leaves].slice(0, 2), [
    { institution: 2, service: 0, direction: 0, bytes: 222, packets: 4, drops: 6, backlog: 8 },
    { institution: 2, service: 0, direction: 1, bytes: 111, packets: 3, drops: 5, backlog: 7 },
  ])
  device.queues[0]!.bytes = '0/0'
  t.equal((await driver.stats()).generation, stats.generation + 1)

  device.queues.unshift({ '.id': '*99', name: 'everyone', target: '10.0.0.0/8', 'max-limit': '5M/5M', comment: '' })
  const refused = await bring(driver, desired([rateRecord(2, 0, 1), ...FLOWS.slice(1)]))
  t.match(refused, {
    applied: 0,
    refusal: { code: 'FOREIGN_QDISC', detail: /"everyone" stands before ours and takes 10\.1/ },
  })
  device.queues[0]!.disabled = 'true'
  t.match(await bring(driver, desired([rateRecord(2, 0, 100), ...FLOWS.slice(1)])), { refusal: null, left: 0 })

  const [step] = driver.plan(desired(FLOWS), await driver.observe())
  device.queues.splice(1, 1)
  await t.rejects(driver.apply([step!], desired(FLOWS)), /PATCH .*: the router answered 404, Not Found, no such item/)
  const stranger = await router(t, 'wrong')
  t.match((await stranger.driver.probe()).obstacles, [/the router answered 401, Unauthorized/])
  device.server.closeAllConnections()
  await new Promise((resolve) => device.server.close(resolve))
  t.match((await driver.probe()).obstacles, [/The router does not answer: .*(ECONNREFUSED|hang up)/])
})

t.test(
  'slow devices are told at most once a minute, and only what is worth it; a lost lease does not wait',
  async (t) => {
    const goal = (seq: number, kbps: number, more: Partial<Parameters<typeof goalOf>[0]> = {}): Goal => {
      const content = { epoch: 1, seq, crc: 1, revision: 1, profile: 'p', records: [rateRecord(2, 0, kbps, 50)] }
      const profile = { profile: edgeProfile({ pace: 'paced' }), hash: 'p' }
      return goalOf({ profile, enforcement: 'enforce', content, held: null, step: 0, lifted: new Set(), ...more })
    }
    const stands = goal(1, 1_000)
    t.ok(isDue(stands, null, 0, 0), 'the first')
    t.notOk(isDue(goal(2, 500), stands, 0, PACE - 1), 'too soon')
    t.ok(isDue(goal(2, 500), stands, 0, PACE))
    t.notOk(isDue(goal(2, 905), stands, 0, PACE), 'not worth it')
    t.ok(isDue(goal(2, 895), stands, 0, PACE))
    t.ok(isDue(goal(1, 1_000, { step: 1 }), stands, 0, 1), 'the lease is over')
    t.ok(isDue(goal(1, 1_000, { enforcement: 'bypass' }), stands, 0, 1))
    t.ok(isDue(goal(1, 1_000, { lifted: new Set([2]) }), stands, 0, 1))
  },
)

t.test('RouterOS: what others change is put right within five ticks, though it is told once a minute', async (t) => {
  const { device, driver } = await router(t)
  const clock = manualClock({ monotonic: 100_000 })
  const carrier = new Carrier(edgeProfile({ pace: 'paced' }))
  const log = createLogger('edge', 'silent')
  const agent = createAgent({ edge: 'dar-1', driver, clock, transport: carrier, stateDir: null, log, boot: BOOT })
  t.teardown(() => agent.stop())
  await agent.start()
  let kbps = 4_000
  let rests = true
  carrier.snapshot([rateRecord(2, 0, kbps), ...FLOWS.slice(1)])
  /** Rates never rest once it stands as told, and whatever the router is asked takes its own time. */
  const within = async (ticks: number, what: string, holds: () => boolean): Promise<void> => {
    for (let k = 0; k < ticks && !holds(); k++) {
      if (rests) carrier.heartbeat()
      else carrier.delta([rateRecord(2, 0, ++kbps)])
      await clock.advance(1_000)
      for (let tries = 0; tries < 3_000 / ticks && !holds(); tries++) await sleep(5)
    }
    t.ok(holds(), what)
  }
  const stands = () => device.queues.map((queue) => `${queue.comment} ${queue['max-limit']} ${queue.disabled}`).join()
  await within(20, 'both stand as told', () => /2 1000000.400.*3 500000.2000000/.test(stands()))
  // Its safe rates came before; that is over when these have been read back.
  const isReadBack = () => agent.picture().inForce?.rates.some(({ rate }) => rate === kbps) === true
  await within(5, 'and nothing is under way', () => isReadBack() && agent.status().applied !== null)
  rests = false
  const good = stands()

  device.queues[1]!['max-limit'] = '900M/900M'
  const isTold = () => agent.picture().lastRepair !== null
  await within(5, 'a limit that was changed by hand', () => stands() === good && isTold())
  t.match(agent.picture().lastRepair, { steps: 1, first: /mizani-tra/ }, 'and it is told')
  device.queues[0]!.disabled = 'true'
  await within(5, 'a queue that was disabled', () => stands() === good)
  device.queues.length = 0
  await within(5, 'a router that was wiped', () => stands() === good)
  const foreign = { '.id': '*99', name: 'everyone', target: '10.0.0.0/8', 'max-limit': '5M/5M', comment: '' }
  device.queues.unshift(foreign)
  await within(5, 'a queue of others before ours is told', () => agent.status().refusal?.code === 'FOREIGN_QDISC')
  device.queues.shift()
  await within(40, 'and that it is gone', () => agent.status().refusal === null)

  const rows = statusPage(agent.picture()).sites.map(({ site }) => site)
  t.strictSame(rows, ['posta-hq', 'tra-hq'], 'no limits are shown that nothing here enforces')
})

t.test('RouterOS: FastTrack is named, and whether it is used', async (t) => {
  const { device, driver } = await router(t)
  const look = async () => (await driver.surroundings!()).escapes
  device.fastTracks.push({ '.id': '*7', disabled: 'true', comment: 'defconf', bytes: '10' })
  t.strictSame(await look(), [], 'a rule that is off is none')
  device.fastTracks[0]!.disabled = 'false'
  t.match(await look(), [{ code: 'FASTTRACK', subject: '*7', found: /rule \*7 \(defconf\)/, used: false }])
  device.fastTracks[0]!.bytes = '5000'
  t.match(await look(), [{ used: true }])
  t.match((await driver.probe()).obstacles, [/FastTrack.*disable it/])
})

// ---- IOS-XE

/** Checked line by line against the command references named in ios-xe.ts; not run on a router. */
const GOLDEN_IOS_XE = `! Mizani, edge dar-1, revision 7. Experimental: never run on a router.
! cannot express services apart: a site is limited as a whole
! cannot express an institution with several sites here: its rates are divided over them by their access lines
! cannot express sites without an interface or a VLAN: they are left out
! cannot express unmapped traffic: it is not limited
! bursts: police 1.5 s of its rate (Cisco 19645), as a policer drops where a shaper delays; shape 4 ms, as it delays
! left out tra-hq: it has no interface and no VLAN of its own
! When it is in force: mizani edge confirm dar-1 --revision 7
!
class-map match-any MIZANI-REALTIME
 match dscp 46
!
class-map match-any MIZANI-BUSINESS
 match dscp 10 12 14 18 20 22 26 28
 match dscp 30
!
policy-map MIZANI-2-CLASSES
 class MIZANI-REALTIME
  priority level 1
  police cir 1600000
 class MIZANI-BUSINESS
  bandwidth remaining ratio 2
 class class-default
  bandwidth remaining ratio 1
!
policy-map MIZANI-2-DOWN
 description posta-hq
 class class-default
  shape average 4000000 24224 0
  service-policy MIZANI-2-CLASSES
!
policy-map MIZANI-2-UP
 description posta-hq
 class class-default
  police cir 100000000 bc 18750000 conform-action transmit exceed-action drop
!
interface GigabitEthernet0/0/1.105
 service-policy input MIZANI-2-UP
 service-policy output MIZANI-2-DOWN
!
end
`

t.test('IOS-XE: the text is exact, and says what is left out', async (t) => {
  const { institutions, classes } = edgeProfile()
  const [posta, tra] = institutions
  const dscp: Record<string, number[]> = { realtime: [46], business: [30, 10, 12, 14, 18, 20, 22, 26, 28] }
  const profile = edgeProfile({
    institutions: [{ ...posta!, sites: posta!.sites.map((site) => ({ ...site, vlan: 105 })) }, tra!],
    classes: classes.slice(0, 3).map((one) => ({ ...one, dscp: dscp[one.id] ?? [] })),
  })
  const place = { port: 'GigabitEthernet0/0/1', revision: 7 }
  const rates = [rateRecord(2, 0, 4_000), rateRecord(2, 1, 100_000), ...FLOWS.slice(2)]
  const { text: written, left } = renderIosXe(profile, rates, place)
  t.equal(written, GOLDEN_IOS_XE)
  t.same(left, [{ site: 'tra-hq', code: 'NO_INTERFACE' }])
  for (const line of written.split('\n')) t.ok(line.length <= 200, 'a line that a console takes')
  const two = posta!.sites.flatMap((site) => [
    { ...site, vlan: 105 },
    { ...site, id: 'posta-2', vlan: 106, access: { down: 30e6, up: 0 } },
  ])
  const both = renderIosXe(edgeProfile({ institutions: [{ ...posta!, sites: two }] }), rates, place).text
  const slow = renderIosXe(profile, [rateRecord(2, 0, 16), rateRecord(2, 1, 16)], place).text
  t.match(slow, /^ {2}police cir 8000$/m, 'no less than a router takes')
  t.match(slow, /^ {2}police cir 16000 bc 3028 /m)
  const bare = [{ ...posta!, sites: posta!.sites.map((site) => ({ ...site, prefixes: [], vlan: 105 })) }, tra!]
  const byVlan = renderIosXe(edgeProfile({ institutions: bare }), rates, place)
  t.match(byVlan.text, /interface GigabitEthernet0\/0\/1.105\n/, 'who is told by a VLAN alone is not lost')
  const silent = renderIosXe(edgeProfile({ institutions: bare }), rates.slice(2), place).left
  t.match(silent.map(leftOutSaid), [/^posta-hq: its institution has no rates here/, /^tra-hq/], 'whoever is not in it')

  const interfaces = new Map([
    ['tra-hq', 'GigabitEthernet0/0/2'],
    ['posta-hq', 'GigabitEthernet0/0/1.7'],
  ])
  const named = { ...place, interfaces }
  const all = renderIosXe(profile, rates, named)
  t.same(all.left, [])
  t.match(all.text, /interface GigabitEthernet0\/0\/1\.7\n service-policy input MIZANI-2-UP\n/, 'before its VLAN')
  t.match(all.text, /interface GigabitEthernet0\/0\/2\n service-policy input MIZANI-3-UP\n/, 'a routed port')
  t.notMatch(all.text.slice(all.text.indexOf('\ninterface')), 'description', "the operator's words stay")

  const { placed } = placeSites(profile, rates, named)
  const removed = renderIosXe(profile, rates, { ...named, remove: true }).text
  t.match(
    removed,
    /interface GigabitEthernet0\/0\/2\n no service-policy input MIZANI-3-UP\n no service-policy output MIZANI/,
  )
  for (const [made] of all.text.matchAll(/^(?:policy|class)-map \S+.*/gm)) t.match(removed, `\nno ${made}\n`)
  const running = all.text.replace('interface GigabitEthernet0/0/2', 'interface Gi0/0/2\n description theirs')
  t.same(differencesOf(running, placed), [], 'what was typed in, in other company')
  const differs = (from: RegExp | string, to: string) => differencesOf(running.replace(from, to), placed)
  t.match(differs('output MIZANI-3-DOWN', 'output CUSTOMER'), [
    /^tra-hq: GigabitEthernet0\/0\/2 has service-policy output C/,
  ])
  t.match(differs(/ service-policy input MIZANI-2-UP\n/, ''), [/^posta-hq: .* has no input policy/])
  t.match(differs('shape average 4000000 ', 'shape average 9000000 '), [
    /MIZANI-2-DOWN says shape average 9000000, not 4000/,
  ])
  t.equal(differencesOf('', placed).length, 6, 'an empty router has none of it')
  const again =
    'policy-map MIZANI-3-DOWN\n class video\n  shape average 64000\n!\ninterface Gi0/0/2\n service-policy input X'
  t.match(
    differencesOf(`${running}\n${again}`, placed),
    [/^tra-hq: .* has service-policy input X, not/, /^tra-hq: .*says shape average 64000, not/],
    'every line counts, not the first alone',
  )
  t.match(both, /policy-map MIZANI-2-1-DOWN[\s\S]*?shape average 1000000 /)
  t.match(both, /policy-map MIZANI-2-2-DOWN[\s\S]*?shape average 3000000 /)
})

// ---- RADIUS

const SECRET = 'sesame-of-the-test'
const POSTA = [attribute(1, 'posta-hq')]

t.test('RADIUS: a request is signed as RFC 5176 and RFC 2869 say', async (t) => {
  const request = encodeCoaRequest(7, attributesFor(POSTA, { down: 4e6, up: 1e6 }, 1_767_225_600), SECRET)
  t.equal(request.subarray(0, 4).toString('hex'), `2b07${request.length.toString(16).padStart(4, '0')}`)
  t.equal(
    request.subarray(20, -18).toString('hex'),
    [
      `010a${Buffer.from('posta-hq').toString('hex')}`,
      '37066955b900',
      `1a17 00003a8c 0811 ${Buffer.from('1000000/4000000').toString('hex')}`,
      '1a0c 0000372a 0706 000f4240',
      '1a0c 0000372a 0806 003d0900',
    ]
      .join('')
      .replaceAll(' ', ''),
  )
  const blank = Buffer.from(request).fill(0, 4, 20)
  const signed = createHash('md5').update(blank).update(SECRET).digest()
  t.same(request.subarray(4, 20), signed, 'Request Authenticator: MD5 with 16 zeros in its place')
  blank.fill(0, blank.length - 16)
  const hmac = createHmac('md5', SECRET).update(blank).digest()
  t.same(request.subarray(-16), hmac, 'Message-Authenticator: HMAC with zeros in both places')
})

/** An answer of an access server, signed. */
function answerTo(request: Buffer, code: number, attributes = Buffer.alloc(0), secret = SECRET): Buffer {
  return plainAnswerTo(
    request,
    code,
    Buffer.concat([attributes, Buffer.from([80, 18]), Buffer.alloc(16)]),
    secret,
    true,
  )
}

/** The same without Message-Authenticator, unless it ends in one of zeros that is to be filled. */
function plainAnswerTo(request: Buffer, code: number, attributes = Buffer.alloc(0), secret = SECRET, fill = false) {
  const head = Buffer.from(request.subarray(0, 20))
  head.writeUInt8(code, 0)
  head.writeUInt16BE(20 + attributes.length, 2)
  const packet = Buffer.concat([head, attributes])
  if (fill)
    createHmac('md5', secret)
      .update(packet)
      .digest()
      .copy(packet, packet.length - 16)
  createHash('md5').update(packet).update(secret).digest().copy(packet, 4)
  return packet
}

t.test('RADIUS: what is not a signed answer to this request is discarded as if it had not come', async (t) => {
  const request = encodeCoaRequest(9, attributesFor(POSTA, { down: 1, up: 1 }, 0), SECRET)
  const read = (bytes: Buffer) => decodeCoaAnswer(bytes, request, SECRET)
  const change = (bytes: Buffer, at: number, to: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy[at] = to
    return copy
  }
  const ack = answerTo(request, 44)
  t.same(read(ack), { code: 'ack' })
  t.same(read(Buffer.concat([ack, Buffer.from([1, 2, 3])])), { code: 'ack' }, 'padding behind the length')
  const cause = Buffer.from('6506000001f7', 'hex')
  t.same(read(answerTo(request, 45, cause)), { code: 'nak', cause: 'session context not found (Error-Cause 503)' })
  t.same(read(answerTo(request, 45)), { code: 'nak', cause: 'no cause given' })
  const discarded: Record<string, Buffer> = {
    'another identifier': change(ack, 1, 10),
    'another secret': answerTo(request, 44, Buffer.alloc(0), 'guess'),
    'one bit of the authenticator': change(ack, 10, ack[10]! ^ 1),
    'an answer to an Access-Request': answerTo(request, 2),
    'a request': answerTo(request, 43),
    'cut off': ack.subarray(0, 19),
    'shorter than its length': change(ack, 3, 40),
    'an attribute without length': answerTo(request, 44, Buffer.from([101, 0])),
    'an attribute beyond the end': answerTo(request, 44, Buffer.from([101, 9, 0])),
    'a wrong Message-Authenticator': answerTo(request, 44, Buffer.concat([Buffer.from([80, 18]), Buffer.alloc(16, 7)])),
    'a NAK turned into an ACK': change(answerTo(request, 45, cause), 0, 44),
  }
  for (const [what, bytes] of Object.entries(discarded)) t.equal(read(bytes), null, what)

  for (const code of [44, 45])
    t.equal(read(plainAnswerTo(request, code, cause)), 'unsigned', `${code} signed by MD5 alone`)
})

/** Lets time pass until it is over. */
async function untilOver<T>(work: Promise<T>, clock: ReturnType<typeof manualClock>): Promise<T> {
  let isOver = false
  work.then(() => {
    isOver = true
  })
  while (!isOver) {
    await sleep(2)
    await clock.advance(500)
  }
  return work
}

/** A UDP server on loopback that handles each datagram. */
async function peer(t: Test, handle: (bytes: Buffer, reply: (bytes: Buffer) => void, port: number) => void) {
  const socket: Socket = createSocket('udp4')
  socket.on('message', (bytes, from) =>
    handle(bytes, (answer) => socket.send(answer, from.port, from.address), from.port),
  )
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  t.teardown(() => socket.close())
  return socket.address().port
}

t.test(
  'RADIUS: lost requests are sent again, the same bytes from the same port; silence and refusals are said',
  async (t) => {
    const clock = manualClock({ wall: 1_767_225_600_000 })
    const heard: { bytes: string; port: number }[] = []
    const port = await peer(t, (bytes, reply, from) => {
      heard.push({ bytes: bytes.toString('hex'), port: from })
      reply(answerTo(bytes, 44, Buffer.alloc(0), 'forged'))
      if (heard.length >= 3) reply(answerTo(bytes, 44))
    })
    const driver = createRadiusCoa({ host: '127.0.0.1', port, secret: SECRET, clock })
    t.match(await untilOver(bring(driver, desired(FLOWS.slice(0, 2))), clock), {
      said: ['add posta-hq: down 4000000 bit/s, up 1000000 bit/s'],
      applied: 1,
      refusal: null,
      left: 0,
    })
    t.equal(heard.length, 3)
    t.equal(new Set(heard.map(({ bytes, port }) => `${bytes} ${port}`)).size, 1)

    let requests = 0
    const mute = await peer(t, () => requests++)
    const waiting = bring(createRadiusCoa({ host: '127.0.0.1', port: mute, secret: SECRET, clock }), desired(FLOWS))
    t.match(await untilOver(waiting, clock), {
      applied: 0,
      refusal: { code: 'DRIVER', detail: /does not answer \(5 requests\)/ },
      left: 2,
    })
    t.equal(requests, 5, 'the second site is not tried on a server that is silent')

    const nowhere = bring(
      createRadiusCoa({ host: '255.255.255.255', port: mute, secret: SECRET, clock }),
      desired(FLOWS),
    )
    t.match(await untilOver(nowhere, clock), {
      applied: 0,
      refusal: { code: 'DRIVER', detail: /EACCES|ENETUNREACH|EPERM/ },
      left: 2,
    })

    const plain = await peer(t, (bytes, reply) => reply(plainAnswerTo(bytes, 44)))
    const unsigned = bring(createRadiusCoa({ host: '127.0.0.1', port: plain, secret: SECRET, clock }), desired(FLOWS))
    t.match(await untilOver(unsigned, clock), {
      applied: 0,
      refusal: { code: 'DRIVER', detail: /answers without Message-Authenticator/ },
      left: 2,
    })
  },
)

t.test('RADIUS: by which attributes a session is known', async (t) => {
  const site = { ...edgeProfile().institutions[1]!.sites[0]!, vlan: 105, prefixes: ['fd00:1::/64', '10.1.2.7/32'] }
  const known = (text: string, more: object = {}) => {
    const found = sessionsBy(text)({ ...site, ...more }, 'posta')
    return typeof found === 'string' ? found : wordsOf(found)
  }
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  t.same(known('User-Name={site}'), [`1 ${hex(site.id)}`])
  t.same(known('nas-identifier=bras-1 , NAS-Port-Id=ge-0/0/1.{vlan}'), [
    `32 ${hex('bras-1')}`,
    `87 ${hex('ge-0/0/1.105')}`,
  ])
  t.same(known('Framed-IP-Address={address}'), ['8 0a010207'], 'of its address of that kind')
  t.same(known('Framed-IPv6-Address={address}'), [`168 fd000001${'0'.repeat(24)}`])
  t.same(known('NAS-Port={vlan},NAS-IP-Address=192.0.2.1'), ['5 00000069', '4 c0000201'])
  t.same(known('ADSL-Agent-Circuit-Id={institution}/{vlan}'), [`26.3561.1 ${hex('posta/105')}`])
  t.same(known('26.4874.31=0x0aFF, 126={site}=x'), ['26.4874.31 0aff', `126 ${hex(`${site.id}=x`)}`])
  t.match(known('NAS-Port-Id={vlan}', { vlan: null }), /it has no vlan/)
  t.match(known('Framed-IP-Address={address}', { prefixes: [] }), /it has no address/)
  t.match(known('NAS-Port={site}'), /is no number for NAS-Port/)
  for (const wrong of ['Nas-Prot=1', 'User-Name', '0=x', '256=x', '26.1.300=x', '', 'User-Name={name}'])
    t.throws(() => sessionsBy(wrong), { code: 'USAGE', message: /edge\.device\.session/ }, wrong)
})

/** Nobody looks. */
const unwatched = [() => undefined, () => undefined, () => undefined] as const

/** An Accounting-Request of a session, signed. */
function accounting(status: number, attributes: readonly Attribute[], secret = SECRET): Buffer {
  const all = [attribute(40, integer(status)), ...attributes]
  const words = all.flatMap(({ type, value }) => [Buffer.from([type, value.length + 2]), value])
  const head = Buffer.from([4, 77, 0, 0, ...Buffer.alloc(16)])
  const packet = Buffer.concat([head, ...words])
  packet.writeUInt16BE(packet.length, 2)
  createHash('md5').update(packet).update(secret).digest().copy(packet, 4)
  return packet
}

async function freeUdpPort(): Promise<number> {
  const finder = createSocket('udp4')
  await new Promise<void>((resolve) => finder.bind(0, '127.0.0.1', resolve))
  const { port } = finder.address()
  finder.close()
  return port
}

/** Sends it until there is an answer. */
async function answerOf(t: Test, port: number, packet: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  let answer: Buffer | null = null
  socket.on('message', (bytes) => (answer ??= bytes))
  return until(
    () => {
      if (answer === null) socket.send(packet, port, '127.0.0.1')
      return answer
    },
    'an answer of accounting',
    50,
  )
}

t.test('RADIUS: a session that begins is told again, by what its access server says of it', async (t) => {
  const clock = manualClock({ wall: 1_767_225_600_000 })
  const port = await freeUdpPort()
  const told: string[] = []
  let isDown = true
  const server = await peer(t, (bytes, reply) => {
    const name = bytes.subarray(22, 20 + bytes[21]!).toString()
    const nak = isDown && name === 'tra-hq'
    told.push(`${name}${nak ? ' NAK' : ''}`)
    reply(answerTo(bytes, nak ? 45 : 44, nak ? Buffer.from('6506000001f7', 'hex') : Buffer.alloc(0)))
  })
  const log = createLogger('test', 'silent')
  const driver = createRadiusCoa({
    ...{ host: '127.0.0.1', port: server, secret: SECRET, clock },
    accounting: { host: '127.0.0.1', port, log },
  })
  const enforcer = new Enforcer(driver, clock, async () => undefined)
  t.teardown(async () => {
    await enforcer.close()
    await driver.close()
  })
  enforcer.aim({ key: 'one', desired: desired(FLOWS), serial: null, step: 0 } as unknown as Goal)
  await enforcer.idle()
  t.same(told.splice(0), ['posta-hq', 'tra-hq NAK'])
  t.match(enforcer.refusal, { detail: /tra-hq: refused/ })

  const named = (name: string, id: string) => [attribute(44, id), attribute(1, name), attribute(33, 'proxy')]
  const start = accounting(1, named('tra-hq', '1'))
  isDown = false
  const answer = await answerOf(t, port, start)
  const expected = Buffer.from([5, 77, 0, 27, ...start.subarray(4, 20), 33, 7, ...Buffer.from('proxy')])
  createHash('md5').update(expected).update(SECRET).digest().copy(expected, 4)
  t.same(answer, expected, 'signed by its authenticator, Proxy-State back (RFC 2866)')
  await until(() => told.length > 0, 'it is told')
  await enforcer.idle()
  t.same(told.splice(0), ['tra-hq'], 'it alone, without waiting for a retry')
  t.equal(enforcer.refusal, null)

  /** Answered, and so done with. */
  const say = async (packet: Buffer) => {
    await answerOf(t, port, packet)
    await clock.advance(1_000)
    await enforcer.idle()
    return told.splice(0)
  }
  t.same(await say(accounting(3, named('tra-hq', '1'))), [], 'it goes on')
  t.same(await say(accounting(2, named('tra-hq', '1'))), [], 'it ends')
  t.same(await say(accounting(1, named('somebody', '9'))), [], 'a session that is nothing to us')
  t.same(await say(accounting(1, [attribute(44, '3')])), [], 'without a name')
  t.same(await say(accounting(3, named('tra-hq', '2'))), ['tra-hq'], 'another one goes on: its start was not heard')
  t.same(await say(accounting(7, [attribute(32, 'bras-1')])), ['posta-hq', 'tra-hq'], 'the access server has restarted')

  t.same(await say(accounting(7, [attribute(32, 'bras-2')])), [], 'all of them are told anew every 10 s at most')
  t.same(await say(start), [], 'a packet that was answered is answered again, and no more')
  await clock.advance(60_000)
  t.same(await say(start), ['tra-hq'], 'it is remembered for a minute')
  const at = (seconds: number) => attribute(55, integer(Math.floor(clock.wall() / 1_000) - seconds))
  t.same(await say(accounting(1, [...named('tra-hq', '6'), at(400)])), [], 'old by its own word')
  t.same(await say(accounting(1, [...named('tra-hq', '6'), at(200)])), ['tra-hq'])
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  let answers = 0
  socket.on('message', () => answers++)
  const forged = accounting(1, named('tra-hq', '5'), 'another secret')
  const short = accounting(1, named('tra-hq', '5'))
  short[3] = 255
  for (const bytes of [forged, short, start.subarray(0, 19), Buffer.from(start).fill(11, 0, 1)])
    await new Promise((sent) => socket.send(bytes, port, '127.0.0.1', sent))
  t.same(await say(accounting(3, named('tra-hq', '6'))), [], 'what the secret has not signed says nothing')
  t.equal(answers, 0, 'and is not answered')
})

t.test('RADIUS: accounting is listened to once it can be, and heard from whom it may come', async (t) => {
  const port = await freeUdpPort()
  const taken = createSocket('udp4')
  await new Promise<void>((resolve) => taken.bind(port, '127.0.0.1', resolve))
  const clock = manualClock({ wall: 1_767_225_600_000 })
  const accountingFrom = (from: string) =>
    createRadiusCoa({
      ...{ host: '127.0.0.1', port: 9, secret: SECRET, clock },
      accounting: { host: '127.0.0.1', port, from: [from], log: createLogger('test', 'silent') },
    })
  const obstaclesOf = async (driver: ReturnType<typeof accountingFrom>) => (await driver.probe()).obstacles.join()
  const ours = accountingFrom('127.0.0.1')
  ours.watch?.(...unwatched)
  const obstacles = await until(async () => (await obstaclesOf(ours)) || null, 'it is named')
  t.match(obstacles, /accounting cannot be listened to at 127\.0\.0\.1 port \d+: .*EADDRINUSE/)
  await new Promise<void>((resolve) => taken.close(() => resolve()))
  await clock.advance(5_000)
  await answerOf(t, port, accounting(3, [attribute(44, '1')]))
  t.equal(await obstaclesOf(ours), '', 'and no more')
  await ours.close()
  const others = accountingFrom('192.0.2.1')
  others.watch?.(...unwatched)
  const socket = createSocket('udp4')
  let answers = 0
  socket.on('message', () => answers++)
  for (let k = 0; k < 3; k++)
    await new Promise((sent) => socket.send(accounting(3, [attribute(44, '1')]), port, '127.0.0.1', sent))
  await others.close()
  socket.close()
  t.equal(answers, 0, 'whoever is not named is not answered')
})

interface FreeRadius {
  readonly port: number
  /** Where it takes accounting, and passes it on. */
  readonly accounting: number
  log(): string
}

const CONFIG = (folder: string, { port, accounting, to }: Ports, signs: boolean): string => `
libdir = /usr/lib/freeradius
raddbdir = ${folder}
logdir = ${folder}
run_dir = ${folder}
name = radiusd
max_request_time = 5
cleanup_delay = 2
max_requests = 256
log {
  destination = stdout
}
security {
  max_attributes = 200
  reject_delay = 0
}
thread pool {
  start_servers = 1
  max_servers = 2
  min_spare_servers = 1
  max_spare_servers = 1
}
modules {
  always ok {
    rcode = ok
  }
  always reject {
    rcode = reject
  }
}
client gateway {
  ipaddr = 127.0.0.1
  secret = ${SECRET}
  require_message_authenticator = yes
}
proxy server {
  retry_delay = 1
}
home_server mizani {
  type = acct
  ipaddr = 127.0.0.1
  port = ${to}
  secret = ${SECRET}
  status_check = none
}
home_server_pool mizani {
  home_server = mizani
}
realm mizani {
  acct_pool = mizani
}
server accounting {
  listen {
    type = acct
    ipaddr = 127.0.0.1
    port = ${accounting}
  }
  preacct {
    update control {
      Proxy-To-Realm := mizani
    }
  }
  accounting {
    ok
  }
}
server coa {
  listen {
    type = coa
    ipaddr = 127.0.0.1
    port = ${port}
  }
  recv-coa {
    ${signs ? 'update reply { Message-Authenticator := 0x00 }' : ''}
    if (&User-Name == "tra-hq") {
      update reply {
        Error-Cause := Session-Context-Not-Found
      }
      reject
    }
    else {
      ok
    }
  }
  send-coa {
    ok
  }
}
`

interface Ports {
  readonly port: number
  readonly accounting: number
  /** Where accounting is passed on to. */
  readonly to: number
}

/** FreeRADIUS as an access server that has no session for tra-hq, and signs its answers only where it is told to. */
async function freeRadius(t: Test, signs = true, to = 9): Promise<FreeRadius> {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-radius-'))
  const [port, accounting] = [await freeUdpPort(), await freeUdpPort()]
  writeFileSync(join(folder, 'radiusd.conf'), CONFIG(folder, { port, accounting, to }, signs))
  const server: ChildProcess = spawn('freeradius', ['-f', '-l', 'stdout', '-xx', '-d', folder, '-n', 'radiusd'])
  let log = ''
  server.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk
  })
  const ended = new Promise((resolve) => server.once('close', resolve))
  t.teardown(async () => {
    server.kill('SIGKILL')
    await ended
  })
  for (let k = 0; k < 500 && !log.includes('Ready to process requests'); k++) await sleep(10)
  if (!log.includes('Ready to process requests')) t.fail(`FreeRADIUS did not start: ${log.slice(-500)}`)
  return { port, accounting, log: () => log }
}

const missing =
  spawnSync('freeradius', ['-v']).status === 0 ? false : 'not run: FreeRADIUS is missing (apt-get install freeradius)'

t.test('RADIUS: FreeRADIUS reads our attributes, acknowledges, and refuses', { skip: missing }, async (t) => {
  const peer = await freeRadius(t)
  const driver = createRadiusCoa({ host: '127.0.0.1', port: peer.port, secret: SECRET, clock: systemClock })
  const result = await bring(driver, desired(FLOWS))
  t.match(result, {
    applied: 1,
    refusal: { code: 'DRIVER', detail: 'tra-hq: refused, session context not found (Error-Cause 503)' },
    left: 1,
  })
  for (let k = 0; k < 200 && !peer.log().includes('Sent CoA-NAK'); k++) await sleep(10)
  const log = peer.log()
  for (const words of [
    'User-Name = "posta-hq"',
    'Mikrotik-Rate-Limit = "1000000/4000000"',
    'WISPr-Bandwidth-Max-Up = 1000000',
    'WISPr-Bandwidth-Max-Down = 4000000',
    'Sent CoA-ACK',
    'Sent CoA-NAK',
  ]) {
    t.ok(log.includes(words), words)
  }
  t.match(log, /Event-Timestamp = "/)

  const stranger = encodeCoaRequest(1, attributesFor(POSTA, { down: 1, up: 1 }, 0), 'another secret')
  const socket = createSocket('udp4')
  socket.send(stranger, peer.port, '127.0.0.1')
  for (let k = 0; k < 200 && !/invalid.*(Message-Authenticator|signature)/i.test(peer.log()); k++) await sleep(10)
  socket.close()
  t.match(peer.log(), /invalid.*(Message-Authenticator|signature)/i, 'and it discards what another secret signed')
})

t.test('RADIUS: what FreeRADIUS acknowledges by MD5 alone counts as not said', { skip: missing }, async (t) => {
  const { port, log } = await freeRadius(t, false)
  const clock = manualClock({ wall: Date.now() })
  const work = bring(createRadiusCoa({ host: '127.0.0.1', port, secret: SECRET, clock }), desired(FLOWS))
  for (let k = 0; k < 500 && !log().includes('Sent CoA-ACK'); k++) await sleep(10)
  const refusal = { code: 'DRIVER', detail: /answers without Message-Authenticator/ }
  t.match(await untilOver(work, clock), { applied: 0, refusal, left: 2 })
})

t.test('RADIUS: FreeRADIUS finds a session by its port, and says when it begins anew', { skip: missing }, async (t) => {
  const port = await freeUdpPort()
  const peer = await freeRadius(t, true, port)
  const profile = edgeProfile({
    institutions: edgeProfile().institutions.map((one) => ({
      ...one,
      sites: one.sites.map((site) => ({ ...site, vlan: 100 + one.index })),
    })),
  })
  const driver = createRadiusCoa({
    ...{ host: '127.0.0.1', port: peer.port, secret: SECRET, clock: systemClock },
    session: 'NAS-Identifier=bras-1, NAS-Port-Id=ge-0/0/1.{vlan}, ADSL-Agent-Circuit-Id=c/{site}',
    accounting: { host: '127.0.0.1', port, log: createLogger('test', 'silent') },
  })
  const enforcer = new Enforcer(driver, systemClock, async () => undefined)
  t.teardown(async () => {
    await enforcer.close()
    await driver.close()
  })
  enforcer.aim({ key: 'one', desired: desired(FLOWS, { profile }), serial: null, step: 0 } as unknown as Goal)
  await enforcer.idle()
  t.equal(enforcer.refusal, null)
  const requests = (): string[] => peer.log().split('Received CoA-Request').slice(1)
  await until(() => requests().length === 2, 'both are told')
  for (const words of ['NAS-Identifier = "bras-1"', 'NAS-Port-Id = "ge-0/0/1.102"', 'ADSL-Agent-Circuit-Id = 0x632f'])
    t.ok(requests()[0]!.includes(words), words)

  const session = [attribute(32, 'bras-1'), attribute(87, 'ge-0/0/1.102'), vendorAttribute(3561, 1, 'c/posta-hq')]
  await answerOf(t, peer.accounting, accounting(1, [attribute(44, '0000001'), ...session]))
  await until(() => requests().length === 3, 'the one that began is told again')
  t.ok(requests()[2]!.includes('NAS-Port-Id = "ge-0/0/1.102"'))
  t.match(peer.log(), /Received Accounting-Response .* from 127\.0\.0\.1:\d+ /, 'and it takes our answer')
})
