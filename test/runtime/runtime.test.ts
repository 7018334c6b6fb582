// The ground everything stands on: settings and their four layers, faults with their places, the manual clock, the
// pool in a source run, and logs without secrets.

import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { manualClock, systemClock } from '../../src/runtime/clock.js'
import { loadSettings, shippedFile } from '../../src/runtime/config.js'
import {
  type ErrorCode,
  type ForeignCode,
  foreignCode,
  formatError,
  invalid,
  MizaniError,
  messageOf,
  type Remedy,
} from '../../src/runtime/errors.js'
import { createHttpClient } from '../../src/runtime/http-call.js'
import { Lifetime } from '../../src/runtime/lifetime.js'
import { PARTS_TIME } from '../../src/runtime/limits.js'
import { createLogger, withoutPassword } from '../../src/runtime/log.js'
import { connect } from '../../src/runtime/redis.js'
import { openTo, readSecretFile } from '../../src/runtime/secret-file.js'
import { settingsSchema } from '../../src/runtime/settings.js'

const refusal = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return formatError(error)
  }
  return ''
}

t.test('config/mizani.yaml shows every setting, with its default', async (t) => {
  const shown = parse(readFileSync(shippedFile('config/mizani.yaml'), 'utf8'))
  t.same(shown, settingsSchema.parse({}))
})

t.test('flags outrank the environment, the environment the file, the file the defaults', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'http:\n  port: 1\n  host: localhost\ndata: from-file\n' }), 'a.yaml')
  const layers = (env: Record<string, string>, port?: number) =>
    loadSettings({ env, file, flags: { http: port === undefined ? undefined : { port } }, cwd: '/' }).http
  t.match(loadSettings({ env: {} }).http, { port: 8080, host: '127.0.0.1' })
  t.match(layers({}), { port: 1, host: 'localhost' })
  t.match(layers({ PORT: '2' }), { port: 2, host: 'localhost' })
  t.match(layers({ PORT: '2' }, 3), { port: 3, host: 'localhost' })
  t.match(layers({ PORT: '' }), { port: 1 }, 'an empty variable is an unset one')
  t.equal(loadSettings({ env: { MIZANI_CONFIG: file }, cwd: '/' }).data, '/from-file', 'MIZANI_CONFIG names the file')
})

t.test('a gateway has one interface on a side, or a list; a flag names several with commas', async (t) => {
  const of = (yaml: string, flags = {}) => {
    const file = join(t.testdir({ 'a.yaml': `edge:\n  ${yaml}\n` }), 'a.yaml')
    return loadSettings({ env: {}, file, flags: { edge: flags } }).edge
  }
  t.match(of('lan: [eth1, eth2]\n  ports: { eth2: 100Mbps }'), { lan: ['eth1', 'eth2'], ports: { eth2: 100e6 } })
  t.match(of('lan: [eth1, eth2]', { lan: 'eth3,eth4' }), { lan: 'eth3,eth4', wan: null, ports: {} })
  t.match(
    refusal(() => of('wan: []')),
    /a.yaml:2 \/edge\/wan: expected at least 1 entr/,
  )
  t.match(
    refusal(() => of('ports: { eth1: "100" }')),
    /\/edge\/ports\/eth1: expected a rate such as 20Mbps/,
  )
})

t.test('every fault at once, each with the place where it was said', async (t) => {
  const yaml = 'http:\n  port: "a"\n  hots: x\nredis:\n  durable: redis://user:secret@host\nplain: 1\n'
  const file = join(t.testdir({ 'a.yaml': yaml, open: 'token' }), 'a.yaml')
  const open = join(t.testdirName, 'open')
  chmodSync(open, 0o644)
  const env = { MIZANI_PLAIN: '1', LOG_LEVEL: 'loud', MIZANI_ADMIN_TOKEN: 'short', MIZANI_TOKEN_FILE: open }
  const text = refusal(() => loadSettings({ env, file }))
  for (const part of [
    'a.yaml:2 /http/port: expected a number',
    'a.yaml:3 /http/hots: unknown key; did you mean "host"?',
    'a.yaml:5 /redis/durable: a password does not belong into this file',
    'a.yaml:6 /plain: unknown key',
    'MIZANI_PLAIN: no such variable',
    'LOG_LEVEL: expected one of',
    'MIZANI_ADMIN_TOKEN: expected 32 characters or more, found 5',
    `MIZANI_TOKEN_FILE: ${open} has mode 0644: others may read it; chmod 600 ${open}`,
  ]) {
    t.ok(text.includes(part), part)
  }
  t.notOk(text.includes('secret@'), 'the password itself is not repeated')
  t.match(
    refusal(() => loadSettings({ env: { HOST: '0.0.0.0' } })),
    /HOST: 0.0.0.0 is open to other machines/,
  )
  for (const [trustProxy, why] of [
    [true, /trustProxy: expected a list of proxies such as \["127.0.0.1", "10.20.0.0\/28"\]/],
    [['all'], /expected the address of a proxy/],
    [['10.0.0.1', '::/0'], /this is everybody/],
  ] as const)
    t.match(
      refusal(() => loadSettings({ env: {}, flags: { http: { trustProxy: trustProxy as unknown as string[] } } })),
      why,
    )
  t.match(
    refusal(() => loadSettings({ env: {}, file: '/no/such.yaml' })),
    /no such file/,
  )
})

/** Mode, owner, and whether somebody may read it who should not. Root may give a service its key by a group. */
const MODES = [
  [0o600, 0, false],
  [0o400, 1_000, false],
  [0o640, 0, false],
  [0o440, 0, false],
  [0o640, 1_000, true],
  [0o660, 0, true],
  [0o644, 0, true],
  [0o604, 1_000, true],
] as const

t.test('a secret file belongs to its owner alone', async (t) => {
  const file = join(t.testdir({ secret: '  s3cret\n', empty: '' }), 'secret')
  chmodSync(file, 0o600)
  t.equal(readSecretFile(file), 's3cret')
  t.equal(loadSettings({ env: { MIZANI_TOKEN_FILE: file } }).client.token, 's3cret')
  t.match(
    refusal(() => loadSettings({ env: { MIZANI_TOKEN_FILE: file, MIZANI_TOKEN: 'x' } })),
    /keep one of the two/,
  )
  for (const [mode, uid, isOpen] of MODES) {
    const found = openTo(file, { mode: 0o100000 | mode, uid })
    t.equal(found !== null, isOpen, `${mode.toString(8)} of ${uid}`)
  }
  chmodSync(file, 0o644)
  t.match(
    refusal(() => readSecretFile(file)),
    /has mode 0644.*chmod 600 .*chown root:GROUP .*; chmod 640 /s,
  )
  chmodSync(join(t.testdirName, 'empty'), 0o600)
  t.match(
    refusal(() => readSecretFile(join(t.testdirName, 'empty'))),
    /is empty/,
  )
})

t.test('an error says what, where, and what to do', async (t) => {
  const faults = [
    { code: 'UNKNOWN_LINK', pointer: '/flows/3/path/0', message: 'no link "gw2"' },
    { code: 'RANGE', file: 'sites.csv', line: 12, message: 'a rate below 0' },
  ]
  const error = invalid('POLICY_INVALID', 'config/taifa', faults)
  t.equal(
    formatError(error),
    'config/taifa: 2 faults\n  /flows/3/path/0: no link "gw2" [UNKNOWN_LINK]\n  sites.csv:12: a rate below 0 [RANGE]',
  )
  t.match(error, { code: 'POLICY_INVALID', exitCode: 1, remedy: 'stop' })
  const remedyOf = (code: ErrorCode | ForeignCode, remedy?: Remedy) =>
    new MizaniError({ code, message: 'm', ...(remedy && { remedy }) }).remedy
  t.same([remedyOf('STORE_BUSY'), remedyOf('SHEET_INVALID'), remedyOf('KERNEL')], ['retry', 'drop', 'stop'])
  t.equal(remedyOf('KERNEL', 'retry'), 'retry', 'who throws may know better')
  t.equal(remedyOf(foreignCode('OF_ANOTHER_RELEASE')), 'stop')
  const many = invalid(
    'POLICY_INVALID',
    'f',
    Array.from({ length: 150 }, (_, i) => ({ code: 'A', message: `${i}` })),
  )
  t.match(formatError(many), /and 50 more$/)
  const retry = new MizaniError({ code: 'STORE_UNAVAILABLE', message: 'm', remedy: 'retry', advice: 'Start it.' })
  t.equal(formatError(retry), 'm\nStart it.')
  t.equal(messageOf(new Error('first\nsecond')), 'first', 'one line of anything thrown')
})

t.test('the manual clock fires timers in order, each at its own moment', async (t) => {
  const clock = manualClock({ wall: 1_000 })
  const fired: (readonly [string, number])[] = []
  clock.setTimer(30, () => fired.push(['c', clock.monotonic()]))
  clock.setTimer(10, () => {
    fired.push(['a', clock.monotonic()])
    clock.setTimer(5, () => fired.push(['b', clock.monotonic()]))
  })
  const cancelled = clock.setTimer(20, () => fired.push(['never', clock.monotonic()]))
  clock.setTimer(30, () => fired.push(['d', clock.monotonic()]))
  cancelled.cancel()
  await clock.advance(29)
  t.same(fired, [
    ['a', 10],
    ['b', 15],
  ])
  await clock.advance(1)
  t.same(
    fired.slice(2),
    [
      ['c', 30],
      ['d', 30],
    ],
    'those of one moment in the order of their making',
  )
  t.equal(clock.pending(), 0)
  t.equal(clock.wall(), 1_030)
  clock.jumpWall(-500)
  t.equal(clock.wall(), 530)
  t.equal(clock.monotonic(), 30, 'a jump of the wall clock moves no lease')
})

t.test('a loop of sleeps is followed, and an abort ends it at once', async (t) => {
  const clock = manualClock()
  const stop = new AbortController()
  const woken: number[] = []
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(10, stop.signal)
      woken.push(clock.monotonic())
    }
  })()
  await clock.advance(35)
  t.same(woken, [10, 20, 30])
  stop.abort()
  await loop
  t.equal(clock.pending(), 0, 'no timer is left behind')
  t.equal(woken.at(-1), 35)
})

t.test('a life ends in order: what waits at once, then each part, and no later than it may', async (t) => {
  const clock = manualClock()
  const life = new Lifetime(clock)
  const said: string[] = []
  life.ending.addEventListener('abort', () => said.push('nobody waits'))
  life.begun('store', (name) => said.push(name))
  life.begun('server', () => Promise.reject(new Error('it failed')))
  life.begun('tick', async (name) => said.push(name))
  t.equal(await life.end((error) => said.push(messageOf(error))), true)
  t.same(said, ['nobody waits', 'tick', 'it failed', 'store'])
  t.equal(clock.pending(), 0)
  const stuck = new Lifetime(clock)
  stuck.begun('disk', () => new Promise(() => undefined))
  const end = stuck.end()
  await clock.advance(PARTS_TIME)
  t.equal(await end, false)
})

/** Hears, and says what it is told to: nothing, unless said. */
async function mute(t: Test, answer: (said: string, connection: number) => string | null = () => '') {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const connection = sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      const word = answer(bytes.toString(), connection)
      if (word === null) socket.destroy()
      else socket.write(word)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

t.test('calls end with their client: those under way, those that wait for a connection, and later ones', async (t) => {
  const { server, port } = await mute(t)
  const client = createHttpClient(`http://127.0.0.1:${port}`, null)
  const call = () => client.call('/', { silence: 600_000, most: 1 })
  // Four connections at most.
  const calls = Array.from({ length: 6 }, call)
  await once(server, 'connection')
  client.close()
  for (const one of [...calls, call()]) await t.rejects(one, { code: 'NOT_REACHED', message: /given up here/ })
})

t.test('a server that changes the protocol gives an answer as well', async (t) => {
  const { port } = await mute(t, () => 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
  const client = createHttpClient(`http://127.0.0.1:${port}`, null)
  t.teardown(client.close)
  const call = client.call('/', { silence: 600_000, most: 1 })
  await t.rejects(call, { code: 'NOT_REACHED', message: /another protocol/ })
})

t.test('a subscription that is made again, and never answered, ends no process', async (t) => {
  let again = (): void => undefined
  const repeated = new Promise<void>((resolve) => {
    again = resolve
  })
  const { port } = await mute(t, (said, connection) => {
    const subscribes = /subscribe/i.test(said)
    if (connection === 1)
      return subscribes
        ? '*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'
        : said.includes('\r\nping')
          ? '+OK\r\n+PONG\r\n'
          : '+OK\r\n'
    if (subscribes) again()
    return ''
  })
  const redis = connect(`redis://127.0.0.1:${port}`, 'controller-subscriber')
  t.teardown(() => redis.disconnect())
  await once(redis, 'ready')
  await redis.subscribe('a')
  redis.disconnect(true)
  await repeated
  const over = once(redis, 'end')
  redis.disconnect()
  await over
  t.equal(redis.status, 'end')
})

t.test('the system clock does not go back', async (t) => {
  const before = systemClock.monotonic()
  await systemClock.sleep(1)
  t.ok(systemClock.monotonic() > before)
  const aborted = AbortSignal.abort()
  await systemClock.sleep(3_600_000, aborted)
  t.pass('a sleep whose signal is aborted already ends')
})

t.test('logs carry no secrets', async (t) => {
  const lines: string[] = []
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
  log.info({ token: 's3cret', redis: { password: 's3cret' }, req: { headers: { authorization: 's3cret' } } }, 'hello')
  log.debug('below the level')
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0] ?? ''), { name: 'test', msg: 'hello', token: '[secret]' })
  t.notMatch(lines[0], 's3cret')
  log.warn({ said: '\u009b2J\u202e' }, 'a name that steers terminals')
  t.match(lines[1], '"said":"\\u009b2J\\u202e"', 'whoever reads the log is shown it')
  t.match(JSON.parse(lines[1] ?? ''), { said: '\u009b2J\u202e' }, 'and whoever parses it has it')
  t.equal(withoutPassword('redis://user:pass@host:6379/0'), 'redis://user:***@host:6379/0')
  t.equal(withoutPassword('redis://host:6379'), 'redis://host:6379')
})
