// Edges from elsewhere, with a real controller, real stores and real agents: the pasted line and what it opens, rates
// through the store and over HTTP, and what ends when an account is renewed or removed.

import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { main } from '../../src/cli.js'
import { runEdgeUser } from '../../src/client/edge-accounts.js'
import { type Agent, createAgent } from '../../src/edge/agent.js'
import { chooseTransport } from '../../src/edge/choose-transport.js'
import { credentialsFile, readCredentials } from '../../src/edge/credentials.js'
import { createSimulatedDriver } from '../../src/edge/drivers/simulated.js'
import type { Self } from '../../src/edge/self.js'
import { EdgeAccounts, INVITATION_LIFE } from '../../src/gateways/accounts.js'
import { EdgeAccess } from '../../src/gateways/edge-access.js'
import { addGeneration, EdgeKeys } from '../../src/gateways/edge-keys.js'
import type { EdgeRelay } from '../../src/gateways/edge-relay.js'
import type { EdgeWay } from '../../src/model/edge-account.js'
import { EMPTY_REGISTER } from '../../src/policy/in-force/register.js'
import { type Service, startService } from '../../src/process/main.js'
import { type Clock, manualClock, systemClock } from '../../src/runtime/clock.js'
import { loadSettings, type Settings } from '../../src/runtime/config.js'
import type { Io } from '../../src/runtime/io.js'
import { createLogger } from '../../src/runtime/log.js'
import type { PrivateStores } from '../../src/runtime/private-redis.js'
import { StoreUsers } from '../../src/runtime/store-users.js'
import { edgeUser, edgeUsersOf } from '../../src/wire/access.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates, decodeReport, encodeRates, encodeReport } from '../../src/wire/codec.js'
import { EdgeMacs } from '../../src/wire/mac.js'
import type { RateMessage } from '../../src/wire/messages.js'
import { keys } from '../../src/wire/redis-keys.js'
import { type Authority, makeAuthority } from '../faults/certificates.js'
import { codeOf, hasProgram, signIn, startServer } from '../faults/redis-server.js'
import { examplePlane, privateStores } from '../harness/place.js'
import { until } from '../harness/until.js'
import { told as asked, report, snapshot } from '../wire/samples.js'

// Each has servers of its own and waits for them: several at a time.
t.jobs = 3

const log = createLogger('test', 'silent')
const folder = t.testdir()
// Edges notice within three ticks that nobody tells them anything.
const plane = examplePlane(folder, (text) => text.replace('tick: 1000', 'tick: 200'))

interface Office {
  readonly service: Service
  readonly stores: PrivateStores
  /** Runs `mizani edge-user` and gives the words of the line for `edge join`, or of what is printed. */
  user(action: Parameters<typeof runEdgeUser>[0]['action'], edge?: string, over?: EdgeWay): Promise<readonly string[]>
  call(path: string, init?: RequestInit): Promise<Response>
}

const ADMIN = 'an-admin-token-of-some-32-letters'

/** A controller with private stores, as `mizani up` composes them. */
async function office(
  t: Pick<Test, 'teardown'>,
  name: string,
  more: Record<string, string>,
  near = true,
  ca?: string,
): Promise<Office> {
  const data = join(folder, name)
  const stores = await privateStores(t, data)
  const env = { MIZANI_DATA: data, MIZANI_PLANE: plane.folder, PORT: '0', MIZANI_ADMIN_TOKEN: ADMIN, ...more }
  const settings = loadSettings({ env })
  const { durableUrl, volatileUrl, volatileAdminUrl: admin } = stores
  const ways = { admin, forEdges: near ? volatileUrl : null }
  const service = await startService({ settings, durableUrl, volatileUrl, ways, clock: systemClock, log })
  t.teardown(() => service.life.end())
  await until(() => service.ticks.board !== null, 'it ticks')
  const client = { url: service.url, token: ADMIN, ca: ca ?? null }
  return {
    ...{ service, stores },
    async user(action, edge = '', over) {
      const { io, said, told } = page()
      const json = action === 'add' || action === 'rotate'
      const code = await runEdgeUser({ action, edge, over, json, settings: { client, data } }, io)
      if (code !== 0) throw new Error(said() + told())
      return (json ? (JSON.parse(said()).line as string) : said().trim()).split(' ')
    },
    call: (path, init = {}) => fetch(service.url + path, init),
  }
}

/** A program that is told something and ends. */
function spawnAsync(
  program: string,
  args: readonly string[],
  { env, input }: { env: Record<string, string>; input: string },
) {
  const child = spawn(program, args, { env, stdio: 'pipe' })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  child.stdin.end(input)
  return new Promise<{ code: number | null; said: string }>((done) => child.on('close', (code) => done({ code, said })))
}

function page(): { io: Io; said(): string; told(): string } {
  const [said, told] = [[] as string[], [] as string[]]
  const into = (list: string[]) => ({ write: (text: string) => void list.push(text) })
  const io: Io = { stdout: into(said), stderr: into(told), env: {}, isTTY: false }
  return { io, said: () => said.join(''), told: () => told.join('') }
}

interface Typed {
  /** Behind `mizani edge join`. */
  readonly words?: readonly string[]
  readonly env?: Record<string, string>
  readonly stdin?: string
}

/** The gateway's side. @throws Error with what was said. */
async function joinAt({ data }: Pick<Settings, 'data'>, { words = [], env = {}, stdin = '' }: Typed): Promise<void> {
  let said = ''
  const sink = { write: (text: string) => (said += text) }
  async function* chunks(): AsyncIterable<Uint8Array> {
    for (const part of stdin.match(/.{1,40}/gs) ?? []) yield Buffer.from(part)
  }
  const io = { stdout: sink, stderr: sink, env: { MIZANI_DATA: data, ...env }, isTTY: false, stdin: chunks }
  if ((await main(['edge', 'join', ...words], io)) !== 0) throw new Error(said)
}

/** What was printed, pasted where it is asked for: EDGE ADDRESS FINGERPRINT TOKEN. */
const paste = (line: readonly string[], gateway: Pick<Settings, 'data'>): Promise<void> =>
  joinAt(gateway, { stdin: `${line.join(' ')}\nwhat the shell says next` })

const gatewayAt = (name: string, env: Record<string, string> = {}): Settings =>
  loadSettings({ env: { MIZANI_DATA: join(folder, name), ...env } })

async function startAgent(t: Test, edge: string, gateway: Settings, self?: Self): Promise<Agent> {
  const clock = systemClock
  const transport = chooseTransport(gateway, { edge, clock, log })
  const driver = createSimulatedDriver({ clock, seed: 1 })
  const agent = createAgent({
    ...{ edge, driver, clock, transport, stateDir: null, log },
    ...(self ? { self, boot: self.instance } : {}),
  })
  t.teardown(() => agent.stop())
  await agent.start()
  return agent
}

const fresh = (agent: Agent): boolean => agent.status().state === 'FRESH' && agent.status().applied !== null

t.test('a pasted line opens the store to one edge, and a rotation or removal shuts it at once', async (t) => {
  const { service, stores, user, call } = await office(t, 'near', {})
  const [edge] = Object.keys(service.policy.document.edges)
  const gateway = gatewayAt('gateway-1')
  const owner = await signIn(t, stores.volatileAdminUrl)
  const sessions = async (): Promise<number> => {
    const list = (await owner.call('CLIENT', 'LIST')) as string
    return list.split('\n').filter((line) => line.includes(`user=${edgeUser(service.plane, edge!).name} `)).length
  }
  const line = await user('add', edge)
  t.match(line, [edge, service.url, '-', /^\S{20,}$/])
  for (const words of [line, ['--token', line[3]!], [...line.slice(0, 3), `--token=${line[3]}`]])
    await t.rejects(joinAt(gateway, { words }), { message: /command line is seen by everybody.*MIZANI_JOIN_FILE/s })
  await t.rejects(joinAt(gateway, { stdin: 'dar-1 https://x' }), { message: /is not the line/ })
  t.notOk(existsSync(gateway.data), 'nothing was asked, and the token is not spent')
  await t.rejects(user('add', edge), { code: 'PRECONDITION_FAILED', message: /has an account already/ })
  await t.rejects(user('add', 'nowhere'), { code: 'NOT_FOUND' })
  const taken = gatewayAt('gateway-0')
  writeFileSync(taken.data, 'a file where the folder should be')
  await t.rejects(paste(line, taken), { message: /cannot be written .*MIZANI_DATA/s }, 'and the token is not spent')
  await paste(line, gateway)
  const file = credentialsFile(gateway.data, edge!)
  t.equal(statSync(file).mode & 0o777, 0o600)
  await t.rejects(paste(line, gatewayAt('gateway-2')), { message: /was used before/ })

  const agent = await startAgent(t, edge!, gateway)
  await until(() => fresh(agent), 'rates come from the store')
  t.ok((await sessions()) >= 2)
  t.same(await user('check'), [''], 'the nodes agree')

  const again = await user('rotate', edge)
  t.equal(await sessions(), 0, 'its sessions ended with the answer')
  const old = readCredentials(file)!
  await t.rejects(signIn(t, old.rates!.address), { code: 'STORE_REFUSED' }, 'and the old secret is dead')
  const asOld = { headers: { authorization: `Bearer ${old.api.token}` } }
  t.equal((await call(`/v1/edges/${edge}/rates`, asOld)).status, 401, 'at the other door too')
  const before = agent.status().applied!
  await paste(again, gateway)
  await until(async () => (await sessions()) >= 2, 'the running agent comes back with the new ones')
  await service.ticks.tick()
  await until(() => fresh(agent) && agent.status().applied!.seq >= before.seq, 'and follows')

  await user('remove', edge)
  t.equal(await sessions(), 0)
  t.notMatch((await owner.call('ACL', 'USERS')) as string[], [edgeUser(service.plane, edge!).name])
  await t.rejects(user('rotate', edge), { code: 'NOT_FOUND' })
  t.equal(
    readFileSync(join(folder, 'near', 'volatile', 'users.acl'), 'utf8').includes(
      `user ${edgeUser(service.plane, edge!).name} `,
    ),
    false,
  )
})

t.test('one line for a shell installs the program of a gateway, joins, and does no harm a second time', async (t) => {
  const { service, user, call } = await office(t, 'one-line', {})
  const [edge = ''] = Object.keys(service.policy.document.edges)
  const print = async (action: 'add' | 'rotate'): Promise<string> => {
    const { io, said } = page()
    const client = { url: service.url, token: ADMIN, ca: null }
    t.equal(await runEdgeUser({ action, edge, json: false, settings: { client, data: folder } }, io), 0)
    return said().trimEnd()
  }
  const root = join(t.testdir(), 'root')
  const there = (path: string): string => readFileSync(join(root, path), 'utf8')
  /** As root, in an interactive shell that keeps what it is told, with nothing on its path but Node and what it has. */
  const bin = t.testdir({ bin: { node: t.fixture('symlink', process.execPath) }, history: '' })
  const pasted = (line: string, shell = ['bash', '--norc', '-i']) => {
    const env = { PATH: join(bin, 'bin'), HISTFILE: join(bin, 'history'), TMPDIR: bin, HOME: bin }
    const input = `echo before\n${line} --root ${root} --no-start --lan lan0 --wan wan0\n`
    const [program = '', ...args] = shell
    return spawnAsync(`/bin/${program}`, args, { env, input })
  }
  const line = await print('add')
  const token = /'\S+ \S+ \S+ (\S+)'/.exec(line)![1]!
  t.ok(line.startsWith(' ') && !line.includes('\n'), 'one line, behind a blank')
  t.notOk(line.slice(line.indexOf('|')).includes(token), 'the token is in no argument of a program')

  const changed = line.replace(/[0-9a-f]{64}$/, '0'.repeat(64))
  t.match(await pasted(changed), { said: /the package is another one than the line says.*Nothing was changed here/s })
  const old = join(bin, 'old.cjs')
  const versions = '{ value: { ...process.versions, node: "18.19.0" } }'
  writeFileSync(old, `Object.defineProperty(process, 'versions', ${versions})\n`)
  t.match(await pasted(`export NODE_OPTIONS=--require=${old}\n${line}`), { said: /20\.19 or later is needed/ })
  const first = await pasted(line)
  t.match(first, {
    said: new RegExp(`Edge ${edge} of plane .* has its credentials.*systemctl enable --now mizani-edge`, 's'),
  })
  t.notMatch(readFileSync(join(bin, 'history'), 'utf8'), token, 'the shell forgets it')
  t.match(readFileSync(join(bin, 'history'), 'utf8'), /^echo before$/m, 'and that alone')

  const file = credentialsFile(join(root, 'var/lib/mizani'), edge)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(root, 'var/lib/mizani')).mode & 0o777, 0o700)
  t.match(there('etc/mizani/edge.yaml'), new RegExp(`id: ${edge}\n  driver: linux-htb\n  lan: lan0\n  wan: wan0\n`))
  const program = join(root, 'usr/local/lib/mizani/mizani-edge.mjs')
  t.match(
    there('etc/systemd/system/mizani-edge.service'),
    `ExecStart=${process.execPath} --no-opt --optimize-for-size ${program.slice(root.length)} edge`,
  )
  t.ok(statSync(program).size < 5e6)

  writeFileSync(join(root, 'etc/mizani/edge.yaml'), there('etc/mizani/edge.yaml').replace('lan0', 'lan1'))
  const kept = readFileSync(file)
  const unit = join(root, 'etc/systemd/system/mizani-edge.service')
  const own = there('etc/systemd/system/mizani-edge.service')
  writeFileSync(unit, own.replace(/^ExecStart=.* edge/m, 'ExecStart=/usr/bin/node /opt/mizani/dist/src/cli.js edge'))
  writeFileSync(join(root, 'usr/local/bin/mizani'), '#!/bin/sh\necho of somebody else\n')
  const second = await pasted(line, ['sh'])
  t.equal(there('etc/systemd/system/mizani-edge.service'), own, 'a unit of the earlier way runs this program')
  t.match(second.said, /usr\/local\/bin\/mizani is another program and stays/)
  t.match(there('usr/local/bin/mizani'), /of somebody else/)
  writeFileSync(unit, '[Service]\nExecStart=/usr/bin/true\n')
  t.match(await pasted(line), { code: 0, said: /mizani-edge\.service runs something else and stays/ })
  t.match(second, { code: 0, said: /had joined before: its credentials in .* are good/ })
  t.match(there('etc/mizani/edge.yaml'), /lan1/, 'what a person wrote stays')
  t.same(readFileSync(file), kept)

  const agent = spawn(process.execPath, [program, 'edge', '--id', edge, '--driver', 'simulated'], {
    env: { MIZANI_DATA: join(root, 'var/lib/mizani') },
    stdio: 'ignore',
  })
  t.teardown(() => agent.kill('SIGKILL'))
  const seen = async () => {
    const answer = await call(`/v1/edges/${edge}`, { headers: { authorization: `Bearer ${ADMIN}` } })
    return (await answer.json()) as { state: string; enforcement: string }
  }
  await until(async () => (await seen()).state === 'FRESH', 'the program alone is heard, though rates do not move')
  t.match(await seen(), { enforcement: /\w/ })

  await print('rotate')
  t.match(
    await pasted(line),
    { said: /was used before, or has expired.*mizani edge-user rotate/s },
    'what to do is said',
  )
  await user('remove', edge)
})

t.test('whoever breaks into the rates store speaks for nobody', async (t) => {
  const { service, stores, user } = await office(t, 'broken-into', {})
  const [edge = ''] = Object.keys(service.policy.document.edges)
  const gateway = gatewayAt('gateway-8')
  await paste(await user('add', edge), gateway)
  const agent = await startAgent(t, edge, gateway)
  await until(() => fresh(agent), 'rates come')
  const seen = () => service.ticks.board!.edges.find(({ id }) => id === edge)!
  await until(() => seen().state === 'FRESH', 'reports too')

  const intruder = await signIn(t, stores.volatileAdminUrl)
  const names = keys(service.plane).edge(edge)
  const old = (await intruder.getBuffer(names.snap))!
  const { keys: own } = readCredentials(credentialsFile(gateway.data, edge))!
  const told = decodeRates(old, { edge, macs: new EdgeMacs(own, 'edge') }) as RateMessage
  const records = told.records.map((record) => ({
    ...record,
    rate: 64,
    classes: record.classes.map((_, c) => (c ? 0 : 64)),
  }))
  const starving = { ...told, seq: told.seq + 1_000, records }
  const another = new EdgeMacs([{ generation: own[0]!.generation, key: '77'.repeat(32) }], 'controller')
  for (const bytes of [1, 2]
    .map((version) => encodeRates({ ...starving, version }))
    .concat(encodeRates(starving, another))) {
    await intruder.set(names.snap, bytes)
    await intruder.publish(names.down, bytes)
    await until(() => agent.status().refusal?.code === 'MAC', 'the edge refuses it')
    await until(() => agent.status().refusal === null, 'and goes on with what is true')
  }
  await intruder.publish(names.down, old)
  const lie = { ...report, edge, enforcement: 'bypass' as const, applied: null, stamp: { ...report.stamp, at: 1e12 } }
  for (const bytes of [encodeReport(lie, 2), encodeReport(lie, 1, another)]) {
    await intruder.set(names.report, bytes)
    await intruder.publish(names.up, bytes)
  }
  const { seq } = agent.status().applied!
  await until(() => agent.status().applied!.seq >= seq && seen().lag === 0 && fresh(agent), 'all goes on')
  t.equal(seen().enforcement, agent.status().enforcement, 'the controller believes the edge alone')
  t.ok(agent.status().applied!.seq < starving.seq)
})

t.test(
  'another machine with the account takes the place of the first when a person says so, and not before',
  async (t) => {
    const { service, stores, user } = await office(t, 'replaced', {})
    const [edge = ''] = Object.keys(service.policy.document.edges)
    const gateway = gatewayAt('gateway-twice')
    await paste(await user('add', edge), gateway)
    const first = await startAgent(t, edge, gateway, { instance: 'aaaaaaaa00000001', place: 'the old one' })
    const seen = () => service.ticks.board!.edges.find(({ id }) => id === edge)!
    await until(() => fresh(first) && seen().state === 'FRESH', 'rates come, and that is seen')
    const second = await startAgent(t, edge, gateway, { instance: 'bbbbbbbb00000001', place: 'the new one' })
    const isRefused = (agent: Agent): boolean => agent.status().refusal?.code === 'SECOND'
    await until(() => isRefused(second) && seen().second?.place === 'the new one', 'the second is refused, and seen')
    t.match(seen(), { place: 'the old one', second: { place: 'the new one' } })
    const owner = await signIn(t, stores.volatileAdminUrl)
    const lies = async () => `${await owner.call('GET', keys(service.plane).edge(edge).report)}`
    t.match(await lies(), /the old one/, 'what the second says lies in nobody’s place')
    await until(() => seen().state === 'FRESH' && fresh(first), 'the first goes on')
    t.notOk(isRefused(first))
    await user('replace', edge)
    await until(() => fresh(second) && seen().place === 'the new one', 'one command, and it has its place')
    await until(() => isRefused(first), 'and the first is refused')
    await until(() => seen().second?.place === 'the old one', 'as people see')
    await first.stop()
    await until(() => seen().second === null, 'until it is switched off')
    await until(() => fresh(second) && !isRefused(second), 'and who is left goes on')
  },
)

t.test('who polls and has missed why rates are as they are is told it with the next answer', async (t) => {
  const { service, stores } = await office(t, 'missed', {})
  const relay = service.edges.relay
  const edge = 'nobody-else-tells'
  const poll = async (seq: number) => (await relay.newerThan(edge, { epoch: 1, seq }, 100))?.bytes
  t.equal(await poll(1), undefined, 'and is listened for from now on')
  const owner = await signIn(t, stores.volatileAdminUrl)
  const beat: RateMessage = {
    ...snapshot,
    ...asked,
    edge,
    version: 4,
    kind: 'heartbeat',
    epoch: 1,
    baseSeq: 1,
    records: [],
  }
  const { reasons, ...silent } = beat
  const say = (message: RateMessage) => owner.publish(keys(service.plane).edge(edge).down, encodeRates(message))
  const heard = async (seq: number) => {
    const bytes = await poll(seq)
    return bytes && (decodeRates(bytes, { edge }) as RateMessage)
  }
  await until(async () => {
    await say({ ...beat, seq: 2 })
    return (await heard(1))?.seq === 2
  }, 'it is heard')
  await say({ ...silent, seq: 3 })
  await until(async () => (await heard(2))?.seq === 3, 'and what comes after it')
  t.match(await heard(1), { seq: 3, reasons }, 'who has seen neither is told both')
  t.equal((await heard(2))?.reasons, undefined, 'who has seen it, what is new')
})

t.test('keys are renewed while edges run, and no controller leads with others than its peers', async (t) => {
  const { service, stores, user, call } = await office(t, 'keys', {})
  const [edge = ''] = Object.keys(service.policy.document.edges)
  const gateway = gatewayAt('gateway-9')
  await paste(await user('add', edge), gateway)
  const agent = await startAgent(t, edge, gateway)
  await until(() => fresh(agent), 'rates come')
  const file = credentialsFile(gateway.data, edge)
  const kept = () => readCredentials(file)!.keys
  const [first] = kept()
  const own = join(folder, 'keys', 'edge-keys.json')
  t.equal(statSync(own).mode & 0o777, 0o600)
  const newKeys = (path: string, ...more: string[]) =>
    main(['edge-user', 'new-keys', ...more], {
      ...page().io,
      env: { MIZANI_EDGE_KEYS: path, MIZANI_DATA: join(folder, 'keys') },
    })
  t.equal(await newKeys(own), 0)
  t.equal(JSON.parse(readFileSync(own, 'utf8')).generations.length, 2)
  t.same(kept(), [first], 'announced in an hour')
  t.equal(await newKeys(own, '--now'), 0)
  await until(() => kept().length === 2, 'the edge has the new one')
  t.same(kept()[0], first, 'beside the old')
  const store = await signIn(t, stores.volatileAdminUrl)
  const names = keys(service.plane).edge(edge)
  const newest = { edge, macs: new EdgeMacs(kept().slice(1), 'edge') }
  const isTold = async (): Promise<boolean> => !isRefusal(decodeRates((await store.getBuffer(names.snap))!, newest))
  const speaks = async (): Promise<boolean> => !isRefusal(decodeReport((await store.getBuffer(names.report))!, newest))
  await until(async () => (await isTold()) && (await speaks()), 'and both speak under the newest')
  const { seq } = agent.status().applied!
  await service.ticks.tick()
  await until(
    () => fresh(agent) && agent.status().applied!.seq >= seq && agent.status().refusal === null,
    'all goes on',
  )

  t.throws(() => addGeneration(join(folder, 'no-folder', 'k.json'), 0, 0), {
    code: 'CREDENTIALS',
    advice: /MIZANI_EDGE_KEYS/,
  })

  const durable = await signIn(t, stores.durableUrl, 'policy')
  const asPeer = (path: string) =>
    EdgeKeys.open({ file: path, plane: service.plane, clock: systemClock, redis: durable })
  const copy = join(folder, 'copy.json')
  const made = (kept: object) => writeFileSync(copy, JSON.stringify(kept), { mode: 0o600 })
  const ours = JSON.parse(readFileSync(own, 'utf8'))
  t.equal(await codeOf(asPeer(copy)), 'KEYS_DIFFER', 'a peer without the file')
  made({ ...ours, generations: [...ours.generations, { ...ours.generations[0], generation: 9e9, from: 9e15 }] })
  t.equal(await codeOf(asPeer(copy)), 'done', 'what is announced later')
  t.equal(await codeOf(asPeer(own)), 'done', 'is nobody told of before')
  made({ ...ours, generations: ours.generations.map((one: object) => ({ ...one, secret: '00'.repeat(32) })) })
  t.equal(await codeOf(asPeer(copy)), 'KEYS_DIFFER', 'another secret under the same name')
  rmSync(copy)
  addGeneration(copy, Date.now() + 60_000, 0, { isFirst: true })
  t.equal(await codeOf(asPeer(copy)), 'KEYS_DIFFER', 'those of another plane, though they are newer')
  rmSync(copy)
  addGeneration(copy, Date.now() + 120_000, 0)
  t.equal(await codeOf(asPeer(copy)), 'done', 'but those that take the place of lost ones')
  t.equal(await codeOf(asPeer(own)), 'KEYS_DIFFER', 'and now the other is behind')
  for (const [k, ahead] of [0, 1_500].entries()) {
    const clocks = [systemClock, { ...systemClock, wall: () => Date.now() + ahead }]
    const firsts = clocks.map((clock, n) =>
      codeOf(EdgeKeys.open({ file: join(folder, `${k}-${n}`), plane: `new-${k}`, clock, redis: durable })),
    )
    const what = `of two first ones one is right, ${ahead} ms apart`
    t.same((await Promise.all(firsts)).sort(), ['KEYS_DIFFER', 'done'], what)
  }
  chmodSync(copy, 0o640)
  addGeneration(copy, 0, 9e12)
  t.equal(statSync(copy).mode & 0o777, 0o640, 'whoever could read it can')
  t.equal(JSON.parse(readFileSync(copy, 'utf8')).generations.length, 2, 'a clock that was set back takes nothing away')

  // A gateway of the release before asks for no keys, and is heard without.
  const [, , , token] = await user('rotate', edge)
  const body = JSON.stringify({ token })
  const traded = await call(`/v1/edges/${edge}/credentials`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  const { api } = (await traded.json()) as { api: { token: string } }
  t.equal(service.edges.accounts().get(edge)!.keyed, false)
  const asked = { method: 'POST', headers: { authorization: `Bearer ${api.token}` } }
  t.equal((await call('/v1/edges/another/keys', asked)).status, 403, "another's")
  t.equal(((await (await call(`/v1/edges/${edge}/keys`, asked)).json()) as { keys: unknown[] }).keys.length, 2)
  t.ok(service.edges.accounts().get(edge)!.keyed, 'once it was upgraded it has keys, and nothing without is heard')
})

t.test('what a node lost or somebody changed is put right', async (t) => {
  const { service, stores, user } = await office(t, 'changed', {})
  const [edge = ''] = Object.keys(service.policy.document.edges)
  await paste(await user('add', edge), gatewayAt('gateway-3'))
  const owner = await signIn(t, stores.volatileAdminUrl)
  const { name } = edgeUser(service.plane, edge)
  const intruder = `${edgeUsersOf(service.plane)}intruder`
  const faults = async (): Promise<unknown> =>
    (await service.edges.check())!.map(({ user, fault, left }) => [user, fault, left])
  const durable = await signIn(t, stores.durableUrl, 'policy')
  const version = await durable.hget(keys(service.plane).edgeAccounts, 'version')
  const file = join(folder, 'changed', 'edge-accounts.json')
  const known = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  await until(() => known().includes(`"version":${version},`), 'the controller has looked, and not again for a while')
  t.same(await faults(), [])
  await owner.call('ACL', 'SETUSER', name, '+@all')
  await owner.call('ACL', 'SETUSER', intruder, 'on', 'nopass')
  t.same(await faults(), [
    [name, 'differs', false],
    [intruder, 'surplus', true],
  ])
  const users = new StoreUsers(stores.volatileAdminUrl)
  const accounts = await EdgeAccounts.open(durable, { plane: service.plane, clock: systemClock, file: null })
  const repair = () => users.repair(accounts.wanted(), edgeUsersOf(service.plane), () => false)
  t.match(await repair(), [{ user: name, fault: 'differs' }])
  t.same(await repair(), [], 'twice is once')
  t.same(await faults(), [[intruder, 'surplus', true]], 'whom nobody knows is named, and shut out by a person')
  await t.rejects(user('check'), {
    message: /intruder is let in without an account, .*: mizani edge-user remove intruder\n/,
  })
  await user('remove', 'intruder')
  t.same(await faults(), [])
  await t.rejects(user('remove', 'intruder'), { code: 'NOT_FOUND' })
  await owner.call('ACL', 'DELUSER', name)
  t.same(await faults(), [[name, 'missing', false]])
})

/** How much sooner a keeper of these tests looks again. */
const HASTE = 20

/** One controller's edges, kept in line with a volatile store; whether it leads and its policy are the test's. */
async function keeper(t: Test, accounts: EdgeAccounts, users: StoreUsers) {
  const policy = {
    away: false,
    lostEdits: null as string | null,
    refresh: async () => {},
    edit: async () => EMPTY_REGISTER,
  }
  const state = { leads: true, policy }
  const ending = new AbortController()
  let looks = 0
  const sleep: Clock['sleep'] = (ms, signal) => {
    looks++
    return systemClock.sleep(ms / HASTE, signal)
  }
  const unused = { compare: async () => {}, reread: () => {}, close: () => {} } as unknown as EdgeKeys & EdgeRelay
  const access = new EdgeAccess({
    ...{ plane: 'p', accounts, keys: unused, relay: unused, users, policy: state.policy, log },
    ...{ macsOf: () => null, isEdge: () => true, holderOf: () => null, leads: () => state.leads },
    ...{ clock: { ...systemClock, sleep }, ending: ending.signal },
    endpoints: { address: () => 'http://127.0.0.1', others: () => [], fingerprint: null, rates: null },
  })
  const running = access.run()
  t.teardown(async () => {
    ending.abort()
    await running
  })
  const codes = () => access.findings().map(({ code, subject }) => `${code} ${subject}`)
  /** With all that it does about what it sees, from its beginning. */
  const looksAgain = async (): Promise<void> => {
    const seen = looks
    await until(() => looks > seen + 1, 'it looks again')
  }
  return { access, state, codes, looksAgain }
}

t.test('who comes between the look and the repair is shut out by nobody', async (t) => {
  let looks = 0
  const records = new Map(['a', 'b'].map((edge) => [edge, {}]))
  const accounts = {
    ...{ records, behind: null, refresh: async () => ++looks > 0, remember: () => undefined },
    wanted: () => [...records.keys()].map((edge) => ({ account: edgeUser('p', edge), secretHash: null })),
  } as unknown as EdgeAccounts
  const nameOf = (edge: string): string => edgeUser('p', edge).name
  let asked: readonly boolean[] | null = null
  const users = {
    compare: async () => (records.has('b') ? [] : [{ node: 'one', user: nameOf('b'), fault: 'surplus' }]),
    async repair(_: unknown, __: unknown, mayShutOut: (user: string) => boolean) {
      asked = ['b', 'c'].map((edge) => mayShutOut(nameOf(edge)))
      return []
    },
  } as unknown as StoreUsers
  await keeper(t, accounts, users)
  await until(() => looks > 1, 'both were seen in force')
  records.delete('b')
  const found = await until(() => asked, 'it repairs')
  t.same(found, [true, false], 'who was seen to lose an account, and nobody who was not there to be looked at')
})

t.test('a store that is empty, younger or behind takes an account from nobody', async (t) => {
  const here = (name: string): string => join(folder, `behind-${name}`)
  mkdirSync(here('rates'))
  writeFileSync(join(here('rates'), 'users.acl'), 'user default on nopass ~* &* +@all\n')
  const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']
  const durable = await startServer(t, { folder: here('policy'), args: kept })
  const rates = await startServer(t, { folder: here('rates'), args: ['--aclfile', join(here('rates'), 'users.acl')] })
  const redis = await signIn(t, `redis://127.0.0.1:${durable.port}`, 'policy')
  const owner = await signIn(t, `redis://127.0.0.1:${rates.port}`)
  const letIn = async (): Promise<string> =>
    ((await owner.call('ACL', 'USERS')) as string[])
      .flatMap((name) => name.split('edge-p_')[1] ?? [])
      .sort()
      .join(' ')
  const key = keys('p').edgeAccounts
  const stored = () => redis.hgetall(key)
  const put = (fields: Record<string, string>) => redis.multi().del(key).hset(key, fields).exec()
  const options = { plane: 'p', clock: systemClock, file: here('accounts.json') }
  const accounts = await EdgeAccounts.open(redis, options)
  const [peer] = [await EdgeAccounts.open(redis, { ...options, file: null })]
  const { access, state, codes, looksAgain } = await keeper(
    t,
    accounts,
    new StoreUsers(`redis://127.0.0.1:${rates.port}`),
  )
  const tokens = new Map<string, string>()
  for (const edge of ['a', 'b', 'c']) {
    const { token } = await peer.add(edge, 'asha')
    tokens.set(edge, (await peer.claim(edge, token)).api)
  }
  const backup = await stored()
  await until(async () => (await letIn()) === 'a b c', 'all are let in')
  // One is let in before it has claimed its secrets, which is a version more.
  await looksAgain()

  state.policy.lostEdits = 'it is at revision 0, and revision 1 was in force'
  for (const [name, now] of Object.entries({ empty: {}, younger: { version: '1' } })) {
    await (name === 'empty' ? redis.del(key) : put(now))
    await until(() => access.behind() !== null, name)
    for (let k = 0; k < 2; k++) await looksAgain()
    t.equal(await letIn(), 'a b c', `${name}: nobody is shut out`)
    t.match(access.byToken(tokens.get('a')!), { actor: 'a' }, 'nor at the other door')
    t.equal(await codeOf(access.add('d', 'asha')), 'READ_ONLY')
    t.match(codes(), [
      /^ACCOUNTS_BEHIND policy store \(its accounts of edges are at version [01], and version 6 is known/,
    ])
  }
  await put(backup)
  await until(() => access.behind() === null, 'as far as it was, it counts again')
  await put({ ...backup, version: '99', 'edge:a': '{' })
  await until(() => access.behind() !== null, 'what cannot be read')
  t.equal(accounts.records.size, 3)
  await put(backup)
  await until(() => access.behind() === null, 'is right again')

  state.policy.lostEdits = null
  await peer.remove('c')
  await until(async () => (await letIn()) === 'a b', 'who is seen to lose an account is shut out by who leads')
  await until(() => existsSync(options.file) && !readFileSync(options.file, 'utf8').includes('"c"'), 'it is kept')
  t.equal(statSync(options.file).mode & 0o777, 0o600)
  const missing = { ...backup, 'edge:b': '', version: '4' } as Record<string, string>
  delete missing['edge:b']
  state.leads = false
  await put(missing)
  const again = await EdgeAccounts.open(redis, options)
  t.same([...again.records.keys()].sort(), ['a', 'b'], 'a start on a backup: b is kept, and c not revived')
  t.match(again.byToken(tokens.get('b')!), { actor: 'b' })
  t.match(again.behind, /at version 4, and version 7 is known/)
  await until(() => access.behind() !== null, 'who does not lead leaves the store as it is')
  t.equal((await stored()).version, '4')
  state.leads = true
  await until(() => access.behind() === null, 'who leads writes back what is known')
  await Promise.all([again, peer].map((one) => one.refresh()))
  for (const one of [accounts, again, peer]) t.same([...one.records.keys()].sort(), ['a', 'b'])
  t.same(Object.keys(await stored()).sort(), ['edge:a', 'edge:b', 'version'])
  t.equal((await stored()).version, '8')

  state.leads = false
  await until(async () => codes().length === 0, 'it follows')
  await peer.remove('a')
  await until(() => accounts.records.size === 1, 'it knows')
  await looksAgain()
  state.leads = true
  await until(() => codes().join() === 'ACCOUNT_SURPLUS a', 'what ended before its term is named')
  t.equal(await letIn(), 'a b')
  await access.remove('a')
  t.same([await letIn(), codes()], ['b', []], 'and ended by a person')
  for (const edge of ['d', 'e']) await peer.add(edge, 'asha')
  await until(async () => (await letIn()) === 'b d e', 'others come')
  await redis.multi().hdel(key, 'edge:d', 'edge:e').hincrby(key, 'version', 1).exec()
  await until(
    () => codes().join() === 'ACCOUNT_SURPLUS d,ACCOUNT_SURPLUS e',
    'two of three at once are a case for people',
  )
  t.equal(await letIn(), 'b d e')
})

t.test('every node of a store is written, replicas included, and each must keep what it is told', async (t) => {
  const aclFile = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true })
    const file = join(folder, name, 'users.acl')
    writeFileSync(file, 'user default on nopass ~* &* +@all\nuser admin on >secret ~* &* +@all\n')
    return file
  }
  const master = await startServer(t, {
    folder: join(folder, 'm'),
    args: ['--aclfile', aclFile('m'), '--repl-diskless-sync-delay', '0'],
  })
  const address = `redis://admin:secret@127.0.0.1:${master.port}`
  const replicaOf = ['--replicaof', '127.0.0.1', String(master.port), '--aclfile', aclFile('r')]
  const replica = await startServer(t, { folder: join(folder, 'r'), args: replicaOf })
  const at = { master: await signIn(t, address), replica: await signIn(t, `redis://127.0.0.1:${replica.port}`) }
  await until(async () => (await at.master.info('replication')).includes('state=online'), 'the replica follows')
  const users = new StoreUsers(address)
  const never = (): boolean => false
  const wanted = { account: edgeUser('p', 'dar-1'), secretHash: 'ab'.repeat(32) }
  await users.put(wanted)
  for (const node of [at.master, at.replica])
    t.match((await node.call('ACL', 'USERS')) as string[], ['admin', 'default', wanted.account.name])
  t.match(readFileSync(join(folder, 'r', 'users.acl'), 'utf8'), /user edge-p_dar-1 on/, 'and saved')
  t.same(await users.compare([wanted], edgeUsersOf('p')), [])
  await at.replica.call('ACL', 'DELUSER', wanted.account.name)
  t.match(await users.compare([wanted], edgeUsersOf('p')), [{ node: `127.0.0.1:${replica.port}`, fault: 'missing' }])
  await users.repair([wanted], edgeUsersOf('p'), never)
  t.same(await users.compare([wanted], edgeUsersOf('p')), [])
  // Another plane on this store, whose name begins like this one's: neither takes the other's users for its own.
  const others = { account: edgeUser('p-2', 'dar-1'), secretHash: 'cd'.repeat(32) }
  await users.put(others)
  t.same(await users.repair([wanted], edgeUsersOf('p'), never), [])
  t.same(await users.repair([others], edgeUsersOf('p-2'), never), [])
  await users.remove(others.account.name)
  await users.remove(wanted.account.name)
  t.notMatch(JSON.stringify(await at.replica.call('ACL', 'USERS')), /dar-1/)

  const forgetful = await startServer(t, { folder: join(folder, 'f') })
  const code = await codeOf(new StoreUsers(`redis://127.0.0.1:${forgetful.port}`).put(wanted))
  t.equal(code, 'USERS_NOT_KEPT')
})

t.test('a one-time token is for one edge, one use, and one day', async (t) => {
  const server = await startServer(t, {
    folder: join(folder, 'durable'),
    args: ['--appendonly', 'yes', '--appendfsync', 'always'],
  })
  const redis = await signIn(t, `redis://127.0.0.1:${server.port}`, 'policy')
  const clock = manualClock()
  const options = { plane: 'p', clock, file: null }
  const [one, other] = [await EdgeAccounts.open(redis, options), await EdgeAccounts.open(redis, options)]
  const { token } = await one.add('a', 'asha')
  t.equal(await codeOf(one.claim('b', token)), 'UNAUTHENTICATED', 'of another edge')
  const outcomes = await Promise.all([codeOf(one.claim('a', token)), codeOf(other.claim('a', token))])
  t.same(outcomes.sort(), ['UNAUTHENTICATED', 'done'], 'two controllers, one of them')
  const late = await one.rotate('a', 'asha')
  clock.jumpWall(INVITATION_LIFE)
  t.equal(await codeOf(one.claim('a', late.token)), 'UNAUTHENTICATED', 'too late')
  const { api } = await one.claim('a', (await one.rotate('a', 'asha')).token)
  t.equal(other.byToken(api), null)
  await other.refresh()
  t.match(other.byToken(api), { actor: 'a', roles: ['edge'] }, 'another controller learns of it')
  const kept = JSON.stringify(await redis.hgetall('mz:{p}:edge-accounts'))
  t.notMatch(kept, api, 'nothing that opens a door is kept')

  const key = keys('p').edgeAccounts
  const writes = async () => Number(/cmdstat_waitaof:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1])
  const { version, ...fields } = await redis.hgetall(key)
  // The first time the store has to be given the function.
  for (const round of [1, 2]) {
    await redis.multi().del(key).hset(key, { version: '1', 'edge:z': fields['edge:a']! }).exec()
    await one.refresh()
    t.match(one.behind, /version 1/)
    const before = await writes()
    await one.putBack()
    if (round === 2) t.equal(await writes(), before + 1, 'written back in one step: nobody reads some of both')
    t.same(await redis.hgetall(key), { version: String(Number(version) + round), ...fields })
  }
})

t.test('rates over HTTPS', { skip: !hasProgram('openssl', 'version') && 'openssl is not installed' }, async (t) => {
  const authority: Authority = makeAuthority(join(folder, 'ca'))
  const { certificate, key } = authority.issue('localhost')
  const chain = join(folder, 'chain.pem')
  writeFileSync(chain, readFileSync(certificate, 'utf8') + readFileSync(authority.certificate, 'utf8'))
  const config = join(folder, 'office.yaml')
  writeFileSync(config, `http: { tls: { certificate: ${chain}, key: ${key} }, controllers: ['https://localhost:1'] }\n`)
  chmodSync(key, 0o644)
  const open = office(t, 'open', { MIZANI_CONFIG: config }, false)
  await t.rejects(open, { code: 'SECRET_FILE', message: /has mode 0644: others may read it/ })
  chmodSync(key, 0o600)
  const { service, user } = await office(t, 'far', { MIZANI_CONFIG: config }, false, authority.certificate)
  const [edge = ''] = Object.keys(service.policy.document.edges)
  const gateway = gatewayAt('gateway-4')
  const line = await user('add', edge)
  t.match(line[2], /^[0-9a-f]{64}$/)
  const forged = [...line.slice(0, 2), '00'.repeat(32), line[3]!]
  await t.rejects(paste(forged, gateway), { message: /another authority/ })
  await paste(line, gateway)
  t.equal(readCredentials(credentialsFile(gateway.data, edge))!.rates, null)
  const agent = await startAgent(t, edge, gateway)
  await until(() => fresh(agent), 'rates come over HTTPS, though the token was shown to nobody under a wrong name')
  const first = agent.status().applied!
  await until(() => service.ticks.board!.edges.some((e) => e.id === edge && e.state === 'FRESH'), 'reports go back')
  t.equal(agent.status().applied!.epoch, first.epoch)
  const again = await user('rotate', edge)
  await until(() => agent.status().state === 'STALE', 'shut out')
  const kept = join(folder, 'line')
  const [, addresses, fingerprint, token] = again
  writeFileSync(kept, `${edge} ${addresses} ${fingerprint},- ${token}`, { mode: 0o600 })
  const mixed = joinAt(gateway, { env: { MIZANI_JOIN_FILE: kept } })
  await t.rejects(mixed, { message: /Some have a fingerprint and some have/ }, 'no pin is lost beside none')
  t.match(addresses, /^https:\/\/127\.0\.0\.1:\d+,https:\/\/localhost:1$/, 'the line names every controller')
  const backwards = addresses!.split(',').reverse().join(',')
  writeFileSync(kept, `${edge} ${backwards} ${fingerprint},${fingerprint} ${token}`)
  chmodSync(kept, 0o644)
  const byFile = { env: { MIZANI_JOIN_FILE: kept } }
  await t.rejects(joinAt(gateway, byFile), { message: /others may read it/ })
  chmodSync(kept, 0o600)
  await joinAt(gateway, byFile)
  const { api } = readCredentials(credentialsFile(gateway.data, edge))!
  t.match(api, { address: service.url, others: ['https://localhost:1'] }, 'the one that answers comes first')
  await until(() => fresh(agent), 'and back, without a restart')
})

t.test('an administrator chooses the way by edge', async (t) => {
  const { service, user } = await office(t, 'chosen', {})
  const [edge = ''] = Object.keys(service.policy.document.edges)
  const gateway = gatewayAt('gateway-chosen')
  await paste(await user('add', edge, 'https'), gateway)
  t.equal(readCredentials(credentialsFile(gateway.data, edge))!.rates, null, 'no store, though there is a way to it')
  await paste(await user('rotate', edge), gateway)
  t.equal(readCredentials(credentialsFile(gateway.data, edge))!.rates, null, 'and so it stays')
  const { user: afar } = await office(t, 'no-store', {}, false)
  await t.rejects(afar('add', edge, 'redis'), /no way to the volatile store/)
})

t.test('the three routes as any gateway may use them', async (t) => {
  const { service, user, call } = await office(t, 'plain', {}, false)
  const [edge = ''] = Object.keys(service.policy.document.edges)
  await paste(await user('add', edge), gatewayAt('gateway-5'))
  const { api, keys } = readCredentials(credentialsFile(gatewayAt('gateway-5').data, edge))!
  const macs = new EdgeMacs(keys, 'edge')
  const own = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> =>
    call(`/v1/edges/${edge}${path}`, { ...init, headers: { authorization: `Bearer ${api.token}`, ...headers } })
  const said = { ...report, edge, applied: null, counters: [] }
  const { edge: _, ...body } = said
  const json = { 'content-type': 'application/json' }
  const post = (content: string | Buffer, type: Record<string, string>) =>
    own('/reports', type, { method: 'POST', body: content as never })
  await post(JSON.stringify(body), json)
  await until(async () => (await own('/rates')).status === 200, 'an edge that has spoken is told')

  const profile = await own('/profile')
  t.equal(profile.status, 200)
  t.match(await profile.json(), { edge, plane: service.plane })
  const tag = profile.headers.get('etag')!
  t.equal((await own('/profile', { 'if-none-match': tag })).status, 304)

  const rates = await own('/rates')
  const told = (await rates.json()) as { kind: string; epoch: number; seq: number; records: unknown[]; profile: string }
  t.match(told, { kind: 'snapshot', edge, profile: JSON.parse(tag) })
  t.ok(told.records.length > 0)
  t.equal(rates.headers.get('etag'), `"${told.epoch}.${told.seq}"`)
  const bytes = await own('/rates', { accept: 'application/octet-stream' })
  t.equal(bytes.headers.get('content-type'), 'application/octet-stream')
  t.equal(Buffer.from(await bytes.arrayBuffer()).toString('latin1', 0, 4), 'MZNI')
  t.equal((await own('/rates', { 'if-none-match': `"${told.epoch + 1}.1"` })).status, 304, 'nothing newer')
  const next = await own('/rates?wait=30', { 'if-none-match': rates.headers.get('etag')! })
  const renewal = (await next.json()) as { kind: string; seq: number }
  t.ok(renewal.seq > told.seq, `a poll is answered by what comes next, a ${renewal.kind}`)
  t.equal((await own('/rates?wait=31')).status, 400)

  t.equal((await post(JSON.stringify(body), json)).status, 204)
  const octets = { 'content-type': 'application/octet-stream' }
  t.equal((await post(encodeReport(said, 1, macs), octets)).status, 204)
  t.match(await (await post(encodeReport(said), octets)).json(), { errors: [{ code: 'MAC' }] }, 'without its key')
  await until(() => service.ticks.board!.edges.some((e) => e.id === edge && e.driver === said.driver), 'heard')
  t.equal((await post(JSON.stringify({ ...body, counters: 'many' }), json)).status, 400)
  const foreign = encodeReport({ ...said, edge: 'another' }, 1, macs)
  t.match(await (await post(foreign, octets)).json(), { errors: [{ code: 'FOREIGN' }] })
  t.equal((await post('x', { 'content-type': 'text/plain' })).status, 415)

  t.equal((await call(`/v1/edges/another/rates`, { headers: { authorization: `Bearer ${api.token}` } })).status, 403)
  t.equal((await call(`/v1/edges/${edge}/rates`)).status, 401)
  t.equal((await call(`/v1/edges/${edge}/rates`, { headers: { authorization: `Bearer ${ADMIN}` } })).status, 403)
  t.equal((await call('/v1/status', { headers: { authorization: `Bearer ${api.token}` } })).status, 403, 'and no more')
  t.ok(existsSync(credentialsFile(gatewayAt('gateway-5').data, edge)))
})
