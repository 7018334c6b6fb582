// Production as it is shipped: the package with nothing in it that only builds and tests need starts a controller, on
// stores that are set up by what `mizani unit install` writes, and each part has a user and a sandbox of its own.

import { execFile, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { runEdgeUser } from '../../src/client/edge-accounts.js'
import { createAgent } from '../../src/edge/agent.js'
import { chooseTransport } from '../../src/edge/choose-transport.js'
import { createSimulatedDriver } from '../../src/edge/drivers/simulated.js'
import { runEdgeJoin } from '../../src/edge/join.js'
import { waysOf } from '../../src/gateways/open-edge-access.js'
import { RevisionStore } from '../../src/policy/revisions/revisions.js'
import { runBackup, runRestore } from '../../src/process/backup.js'
import { runUnitInstall } from '../../src/process/units.js'
import { systemClock } from '../../src/runtime/clock.js'
import { CLI_TOKEN_FILE, loadSettings } from '../../src/runtime/config.js'
import type { Io } from '../../src/runtime/io.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { lostAtStart, unmetLimits, unmetSettings } from '../../src/runtime/store-settings.js'
import { StoreUsers } from '../../src/runtime/store-users.js'
import { CONTROLLER_USER, edgeUser, edgeUsersOf, POLICY_USER } from '../../src/wire/access.js'
import { keys } from '../../src/wire/redis-keys.js'
import { codeOf, hasProgram, signIn, startServer } from '../faults/redis-server.js'
import { because, examplePlane, freePort, freshFolder, variantOf } from '../harness/place.js'
import { Program } from '../harness/program.js'
import { ROOT } from '../harness/root.js'
import { until } from '../harness/until.js'
import { ProductionStores } from './production-stores.js'

// The last two wait for servers of their own: both at a time.
t.jobs = 2

const UNITS = ['controller', 'policy-store', 'rates-store', 'edge'] as const
const machine = freshFolder(t)
const unitOf = (name: string) => readFileSync(join(ROOT, `config/systemd/mizani-${name}.service`), 'utf8')
const lineOf = (unit: string, key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1]

function install(root = machine) {
  const said = { out: '', err: '' }
  const io = {
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text) },
  } as unknown as Io
  runUnitInstall({ root }, io)
  return said
}

t.test('each part runs as a user of its own that is not root, in a sandbox as tight as the edge’s', async (t) => {
  const users = UNITS.map((name) => lineOf(unitOf(name), 'User'))
  t.equal(new Set(users).size, UNITS.length)
  for (const name of ['root', undefined]) t.notOk(users.includes(name))
  const made = readFileSync(join(ROOT, 'config/systemd/mizani.sysusers'), 'utf8')
  for (const user of users) t.match(made, new RegExp(`^u ${user} `, 'm'))
  // What the edge may and others need not: it changes queues and filters, and reads what /proc says of the network.
  const own = /^(?:AmbientCapabilities|CapabilityBoundingSet|RestrictAddressFamilies)=/
  const tight = unitOf('edge')
    .slice(unitOf('edge').indexOf('CapabilityBoundingSet'))
    .split('\n')
    .filter((line) => /^(?:Protect|Private|Restrict|Lock|NoNew|SystemCall)/.test(line) && !own.test(line))
  t.ok(tight.length > 15)
  for (const name of ['controller', 'policy-store', 'rates-store']) {
    const unit = unitOf(name)
    for (const line of tight) t.ok(unit.includes(`\n${line}\n`), `${name}: ${line}`)
    t.equal(lineOf(unit, 'CapabilityBoundingSet'), '', `${name} has no right of root`)
  }
  const sentinel = join(ROOT, 'config/production/mizani-sentinel.service')
  for (const line of tight) t.ok(readFileSync(sentinel, 'utf8').includes(`\n${line}\n`), `Sentinel: ${line}`)
  // Without it each thread that is to step behind the tick's would end as it starts, and the controller with it.
  const filters = unitOf('controller').match(/^SystemCallFilter=.*$/gm) ?? []
  t.equal(filters.at(-1), 'SystemCallFilter=setpriority', 'what the others take away is given back')
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.comment('systemd is not here to ask')
  const exposureOf = (name: string) => {
    const file = join(ROOT, `config/systemd/mizani-${name}.service`)
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' })
    return Number(/exposure level for .*: ([\d.]+)/.exec(stdout)?.[1])
  }
  const edge = exposureOf('edge')
  const verified = [sentinel]
  for (const name of ['controller', 'policy-store', 'rates-store']) {
    t.ok(exposureOf(name) < edge, `systemd finds ${name} (${exposureOf(name)}) tighter than the edge (${edge})`)
    verified.push(join(ROOT, `config/systemd/mizani-${name}.service`))
  }
  for (const file of verified) {
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
    const faults = stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable'))
    t.same(faults, [], 'and nothing in it that it does not know')
  }
})

t.test('what is written is for root alone where it is secret, and a second time nothing is', async (t) => {
  const first = install()
  t.match(first.err, /systemctl enable --now/)
  const folder = join(machine, 'etc/mizani')
  for (const file of readdirSync(folder)) {
    const mode = statSync(join(folder, file)).mode & 0o777
    t.equal(mode, /\.(?:acl|env)$/.test(file) ? 0o600 : 0o644, file)
  }
  const env = readFileSync(join(folder, 'controller.env'), 'utf8')
  for (const file of readdirSync(folder))
    if (!file.endsWith('.env'))
      for (const [, secret] of env.matchAll(/:([\w-]{43})@/g))
        t.notOk(readFileSync(join(folder, file), 'utf8').includes(secret!), `no password in ${file}`)
  const second = install()
  t.equal(second.out, '')
  t.equal(readFileSync(join(folder, 'controller.env'), 'utf8'), env)
})

t.test('each finds its files under whatever umask they were installed', async (t) => {
  const root = freshFolder(t)
  const before = process.umask(0o077)
  try {
    install(root)
  } finally {
    process.umask(before)
  }
  for (const folder of ['etc', 'etc/mizani', 'etc/systemd/system', 'usr/lib/sysusers.d'])
    t.equal(statSync(join(root, folder)).mode & 0o777, 0o755, folder)
  t.equal(statSync(join(root, 'etc/mizani/mizani.yaml')).mode & 0o777, 0o644)
})

t.test('secrets are made with who is let in by them, or nothing is', async (t) => {
  const env = 'etc/mizani/controller.env'
  const acls = ['etc/mizani/policy-store.acl', 'etc/mizani/rates-store.acl']
  const kept = ['var/lib/mizani-policy/users.acl', 'var/lib/mizani-rates/users.acl']
  const whole = freshFolder(t)
  install(whole)
  const withFiles = (files: readonly string[]) => {
    const root = freshFolder(t)
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      copyFileSync(join(whole, acls[kept.indexOf(file)] ?? file), join(root, file))
    }
    return root
  }
  for (const files of [[env], acls, [acls[1]!], [env, acls[0]!], kept, [env, kept[1]!], [...kept, ...acls]]) {
    const root = withFiles(files)
    const named = new RegExp(files.map((file) => join(root, file)).join('|'))
    t.throws(() => install(root), { code: 'FILE_EXISTS', message: named, advice: /move away/ }, files.join(' '))
    t.notOk(existsSync(join(root, 'etc/systemd')), 'and nothing is written')
  }
  for (const files of [
    [env, ...kept],
    [env, ...acls],
    [env, acls[0]!, kept[1]!],
  ]) {
    const root = withFiles(files)
    t.match(install(root).out, /mizani\.yaml/, `${files.join(' ')}: what else is missing comes`)
    t.same(readFileSync(join(root, env)), readFileSync(join(whole, env)))
    for (const acl of acls) t.equal(existsSync(join(root, acl)), files.includes(acl))
  }
})

t.test('every package that is locked runs on the oldest Node that is promised', async (t) => {
  const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
  const major = (range: string) => Number(/^>=\s*v?(\d+)[\d.]*$/.exec(range)?.[1] ?? 0)
  const least = major(read('package.json').engines.node)
  t.ok(least > 0)
  const { packages } = read('package-lock.json') as { packages: Record<string, { engines?: { node?: string } }> }
  const newer = Object.entries(packages).filter(([, { engines }]) => major(engines?.node ?? '') > least)
  t.same(
    newer.map(([path]) => path),
    [],
  )
})

t.test('the anchors of the trail have a place that the unit lets the controller write', async (t) => {
  t.equal(lineOf(unitOf('controller'), 'ReadWritePaths'), '-/var/log/mizani')
  const group = lineOf(unitOf('controller'), 'User')!
  for (const file of ['README.md', 'config/mizani.yaml']) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    t.match(text, new RegExp(`chown\\s+siem:${group}\\b`), file)
    t.match(text, /\/var\/log\/mizani/, file)
  }
})

t.test('a store on loopback is told to gateways only where none comes from elsewhere', async (t) => {
  const here = { host: '127.0.0.1', publicUrl: null }
  const far = { host: '0.0.0.0', publicUrl: null }
  const proxied = { host: '127.0.0.1', publicUrl: 'https://mizani.example' }
  const near = 'redis://u:s@127.0.0.1:6392'
  const [socket, server] = ['unix:///run/rates', 'rediss://rates.example:6379']
  const told = (http: typeof far | typeof proxied, volatile: string, forEdges: string | null = null) =>
    waysOf({ http, redis: { volatile, admin: near, forEdges } }).forEdges
  t.equal(told(here, near), near)
  for (const http of [far, proxied]) for (const only of [near, socket]) t.equal(told(http, only), null)
  t.equal(told(far, 'redis+sentinel://127.0.0.1,10.0.0.1/rates'), 'redis+sentinel://127.0.0.1,10.0.0.1/rates')
  for (const http of [far, proxied]) t.equal(told(http, server), server)
  t.equal(told(far, near, server), server, 'who names another address knows better')
})

const needsOpenssl = { skip: !hasProgram('openssl', 'version') && 'openssl is not installed' }
t.test(
  'stores as the page has them: TLS, users, a replica, a restart, a failover, a restore',
  needsOpenssl,
  async (t) => {
    const stores = new ProductionStores(t, freshFolder(t))
    const first = await stores.start('policy-store', 'first', 'policy')
    const args = ['--replicaof', '127.0.0.1', String(first.port)]
    const second = await stores.start('policy-store', 'second', 'policy', { args })
    const watch = await stores.sentinel(first.port)
    const rates = await stores.start('rates-store', 'rates', 'controller')
    const url = stores.byName(watch.port)
    const policy = await signIn(t, url, 'policy')
    const controller = await signIn(t, stores.address('controller', rates.port), 'controller')
    for (const [redis, kind] of [
      [policy, 'durable'],
      [controller, 'volatile'],
    ] as const) {
      const { policyHead } = keys('p')
      const lacks = [unmetSettings(redis, kind), unmetLimits(redis), lostAtStart(redis, kind, policyHead)]
      const found = (await Promise.all(lacks)).flat()
      // Where a test's folder lies is no fault of the file.
      t.same(
        found.filter(({ setting }) => setting !== 'dir'),
        [],
        `${kind}: the doctor finds nothing`,
      )
    }
    for (const [file, { name, rules }] of Object.entries({ policy: POLICY_USER, rates: CONTROLLER_USER })) {
      const text = readFileSync(join(ROOT, `config/production/${file}-store.acl`), 'utf8')
      t.ok(text.includes(`\nuser ${name} reset on >PASSWORD-OF-${name.toUpperCase()} ${rules.join(' ')}\n`), name)
    }
    const bare = connect(stores.address('policy', first.port).replace(/certificate=[^&]*&key=[^&]*&/, ''), 'policy')
    t.teardown(() => bare.disconnect())
    await t.rejects(untilReady(bare, 2_000), 'whoever shows no certificate comes no further')

    const { document } = examplePlane(freshFolder(t))
    const store = new RevisionStore({ redis: policy, plane: 'p' })
    const put = (n: number) => codeOf(store.put(variantOf(document, n), because(n)))
    await until(async () => (await put(0)) === 'done', 'with its replica it takes an edit')
    const users = new StoreUsers(stores.address('supervisor', rates.port))
    const wanted = { account: edgeUser('p', 'dar-1'), secretHash: 'ab'.repeat(32) }
    await users.put(wanted)
    await rates.end()
    await stores.start('rates-store', 'rates', 'controller', { port: rates.port })
    t.same(await users.compare([wanted], edgeUsersOf('p')), [], 'a user that was made while it ran is there again')

    await second.end()
    await until(async () => (await put(1)) !== 'done', 'without a replica it takes none')
    await stores.start('policy-store', 'second', 'policy', { args, port: second.port })
    await until(async () => (await put((await store.head())!.revision)) === 'done', 'with one it does')
    const { revision } = (await store.head())!
    const settings = loadSettings({ env: { MIZANI_DATA: freshFolder(t), REDIS_URL: url } })
    const io = { stderr: { write: () => undefined }, env: {} } as unknown as Io
    const file = join(freshFolder(t), 'backup')
    await runBackup({ file, settings }, io)
    await until(async () => (await put(revision)) === 'done', 'another edit')
    await runRestore({ file, force: true, settings }, io)
    t.equal((await store.head())!.revision, revision, 'restored')

    await first.end('SIGKILL')
    await until(async () => /role:master/.test(await policy.info('replication').catch(() => '')), 'the other is master')
    await stores.start('policy-store', 'first', 'policy', { port: first.port })
    await until(async () => (await put(revision)) === 'done', 'with the first as its replica it takes edits')
  },
)

t.test('the package alone, with the packages of production, starts a controller on those stores', async (t) => {
  install()
  const conf = (name: string) => join(machine, 'etc/mizani', name)
  const env = readFileSync(conf('controller.env'), 'utf8')
  const addresses: Record<string, string> = {}
  for (const [name, kind, variables] of [
    ['policy-store', 'durable', ['REDIS_URL']],
    ['rates-store', 'volatile', ['RATES_REDIS_URL', 'RATES_REDIS_ADMIN_URL']],
  ] as const) {
    const folder = freshFolder(t)
    const port = await freePort()
    for (const name of variables) {
      const written = new RegExp(`^${name}=(.*)$`, 'm').exec(env)![1]!
      addresses[name] = written.replace(/:\d+$/, `:${port}`)
    }
    const address = addresses[variables[0]]!
    const own = join(folder, 'own.conf')
    // Its folder is there where systemd has made it.
    writeFileSync(own, readFileSync(conf(`${name}.conf`), 'utf8').replace(/^dir .*$/m, `dir ${folder}`))
    const args = ['--aclfile', conf(`${name}.acl`)]
    await startServer(t, { folder, port, conf: own, args, address: () => address })
    const redis = await signIn(t, address, kind === 'durable' ? 'policy' : 'controller')
    t.same([...(await unmetSettings(redis, kind)), ...(await unmetLimits(redis))], [], `${name} keeps what it is told`)
  }

  const folder = freshFolder(t)
  // Whoever waits for servers meanwhile sees that they are there.
  const pack = promisify(execFile)('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], { cwd: ROOT })
  await t.resolves(pack)
  t.notOk(existsSync(join(ROOT, 'npm-shrinkwrap.json')), 'nothing is left behind')
  const [tarball = ''] = readdirSync(folder)
  spawnSync('tar', ['-xzf', tarball], { cwd: folder })
  const unpacked = join(folder, 'package')
  t.same(
    readdirSync(unpacked).filter((name) => ['src', 'test', 'bench', 'node_modules'].includes(name)),
    [],
  )
  // As `npm ci --omit=dev` does, from the lock that was shipped; the network is not asked.
  type Locked = Record<string, { dev?: boolean; devOptional?: boolean }>
  const { packages } = JSON.parse(readFileSync(join(unpacked, 'npm-shrinkwrap.json'), 'utf8')) as { packages: Locked }
  const wanted = Object.entries(packages).filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  for (const [path] of wanted) {
    if (existsSync(join(unpacked, path)) || !existsSync(join(ROOT, path))) continue
    mkdirSync(dirname(join(unpacked, path)), { recursive: true })
    symlinkSync(join(ROOT, path), join(unpacked, path))
  }
  t.ok(wanted.length < Object.keys(packages).length / 2, `${wanted.length} of ${Object.keys(packages).length} packages`)
  const data = freshFolder(t)
  const port = await freePort()
  const controller = new Program(['controller', '--port', String(port)], t, {
    program: ['--preserve-symlinks', '--preserve-symlinks-main', join(unpacked, 'dist/src/cli.js')],
    env: { MIZANI_DATA: data, NODE_ENV: 'production', MIZANI_PUBLIC_URL: `http://localhost:${port}`, ...addresses },
  })
  await controller.ready()
  t.equal((await fetch(`${controller.url}/v1/health/live`)).status, 200)
  await joinsFromElsewhere(t, controller.url, data)
  if (process.getuid?.() === 0) t.match(controller.log(), /runs as root/, 'and advises against root')
  t.ok(await controller.endsInOrder(), controller.log())
})

/** The rates store of such a machine listens for the machine alone: what a gateway is told must not lead to its own. */
async function joinsFromElsewhere(t: Test, url: string, data: string): Promise<void> {
  const edge = 'arusha-1'
  const client = { url, token: readFileSync(join(data, CLI_TOKEN_FILE), 'utf8').trim() }
  const printed: string[] = []
  const words = (into: string[]) => ({ write: (text: string) => void into.push(text) })
  const io: Io = { stdout: words(printed), stderr: words([]), env: {}, isTTY: false }
  t.equal(await runEdgeUser({ action: 'add', edge, json: false, settings: { client, data } }, io), 0)
  const settings = loadSettings({ env: { MIZANI_DATA: freshFolder(t), MIZANI_JOIN: printed.join('') } })
  const told: string[] = []
  await runEdgeJoin({ words: [], settings }, { ...io, stderr: words(told) })
  t.match(told.join(''), /Rates will come by HTTP/)
  const clock = systemClock
  const log = createLogger('test', 'silent')
  const transport = chooseTransport(settings, { edge, clock, log })
  const driver = createSimulatedDriver({ clock, seed: 1 })
  const agent = createAgent({ edge, driver, clock, transport, stateDir: null, log })
  t.teardown(() => agent.stop())
  await agent.start()
  await until(() => agent.status().state === 'FRESH' && agent.status().applied !== null, 'its rates are in force')
  await agent.stop()
}
