// The ways to a store as operators have them: TLS where both sides show certificates, and Sentinels that say who is
// master. What must not work is tried as well: each refusal is one that happens before any secret has been said.

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lookAtLink } from '../../src/edge/local/doctor.js'
import { createSubscriber } from '../../src/edge/subscriber.js'
import { certificatesIn, EXPIRY_WARNING, expiryOf, expiryWarning } from '../../src/runtime/certificates.js'
import { type Clock, systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, serverExpiry, untilReady } from '../../src/runtime/redis.js'
import { parseAddress, placeName, withAccount, withTls } from '../../src/runtime/store-address.js'
import { makeAuthority } from '../faults/certificates.js'
import { hasProgram, signIn, startServer } from '../faults/redis-server.js'
import { freePort } from '../harness/place.js'
import { until } from '../harness/until.js'

const folder = t.testdir()
/** Said once in a process. */
const warnings: (string | undefined)[] = []
process.on('warning', ({ code }: Error & { code?: string }) => warnings.push(code))

t.test('an address says where and how, and is refused without its secret being repeated', (t) => {
  t.match(parseAddress('redis://a:b%40c@h:1/2'), { nodes: [{ host: 'h', port: 1 }], db: 2, user: 'a', secret: 'b@c' })
  t.match(parseAddress('rediss://[::1]'), { nodes: [{ host: '::1', port: 6379 }], tls: { ca: null } })
  t.match(parseAddress('redis+sentinel://u:s@a,b:1/main?sentinel-password=x'), {
    nodes: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 1 },
    ],
    ...{ master: 'main', sentinelSecret: 'x' },
  })
  t.match(parseAddress('unix:///run/redis.sock'), { path: '/run/redis.sock', nodes: [] })
  for (const bad of [
    'http://u:geheim@h',
    'redis://u:geheim@a,b',
    'redis+sentinel://u:geheim@a',
    'redis://u:geheim@h?ca=x',
    'rediss://u:geheim@h?key=x',
    'rediss://u:geheim@h?nonsense=x',
    'redis://u:geheim@h:port',
    'redis://u:geheim@h/name',
  ]) {
    t.throws(() => parseAddress(bad), { code: 'STORE_ADDRESS', message: /^(?!.*geheim)/ }, bad)
  }
  t.equal(withAccount('rediss://a:b@h:1?ca=x', { user: 'e', secret: 'p@' }), 'rediss://e:p%40@h:1?ca=x')
  t.equal(withAccount('redis+sentinel://a:b@h:1,i:2/m', null), 'redis+sentinel://h:1,i:2/m')
  t.equal(withTls('rediss://h?servername=own', { ca: '/x', servername: 'other' }), 'rediss://h?servername=own&ca=%2Fx')
  t.equal(withTls('redis://h', { ca: '/x' }), 'redis://h')
  t.equal(placeName('redis+sentinel://u:geheim@a,b/main'), 'main (Sentinels a:26379,b:26379)')
  t.end()
})

t.test('certificates come from settings, and belong to addresses that speak TLS', (t) => {
  const env = { REDIS_URL: 'rediss://d', RATES_REDIS_URL: 'rediss://v', REDIS_CA_FILE: 'ca.pem', REDIS_SERVERNAME: 'n' }
  const { redis } = loadSettings({ env, cwd: '/etc/mizani' })
  t.equal(redis.durable, 'rediss://d?ca=%2Fetc%2Fmizani%2Fca.pem&servername=n')
  t.match(parseAddress(redis.volatile!).tls, { ca: '/etc/mizani/ca.pem', servername: 'n' })
  const faults = (more: Record<string, string>): unknown => {
    try {
      return loadSettings({ env: { ...env, ...more } })
    } catch (error) {
      return (error as { faults: { code: string }[] }).faults.map(({ code }) => code)
    }
  }
  t.same(faults({ REDIS_URL: 'redis://127.0.0.1' }), ['NEEDS_TLS'], 'certificates for whom?')
  t.same(faults({ REDIS_CERTIFICATE_FILE: 'c.pem' }), ['HALF_A_PAIR'])
  t.same(faults({ RATES_REDIS_URL: 'redis://a,b' }), ['INVALID'])
  t.end()
})

t.test('mutual TLS', { skip: !hasProgram('openssl', 'version') && 'openssl is not installed' }, async (t) => {
  const authority = makeAuthority(join(folder, 'ca'))
  const stranger = makeAuthority(join(folder, 'other-ca'), 'Somebody else')
  const server = authority.issue('localhost')
  const client = authority.issue('controller')
  const encode = (values: Record<string, string>): string => new URLSearchParams(values).toString()
  const address = (port: number, values: Record<string, string>): string =>
    `rediss://127.0.0.1:${port}?${encode(values)}`
  const good = { ca: authority.certificate, certificate: client.certificate, key: client.key }
  const start = (t: Test, pair: typeof server, name: string, servername = 'localhost') =>
    startServer(t, {
      folder: join(folder, name),
      tls: { ...pair, ca: authority.certificate },
      address: (port) => address(port, { ...good, servername }),
    })
  const { port } = await start(t, server, 'good')
  const ask = async (text: string): Promise<string> => {
    const redis = connect(text, 'controller')
    try {
      const refused = once(redis, 'close').then(() => 'closed')
      return await Promise.race([once(redis, 'ready').then(() => redis.ping()), refused])
    } catch (error) {
      return String(error)
    } finally {
      redis.disconnect()
    }
  }

  await t.test('both sides show who they are', async (t) => {
    t.equal(await ask(address(port, good)), 'PONG')
    t.equal(await ask(address(port, { ...good, servername: 'localhost' })), 'PONG')
    const subscriber = await signIn(t, address(port, good), 'edge-subscriber')
    t.equal(await subscriber.subscribe('x'), 1)
  })
  await t.test('whoever cannot is refused', async (t) => {
    const own = { certificate: client.certificate, key: client.key }
    const foreign = stranger.issue('controller')
    const late = authority.issue('controller', { expired: true })
    const cases: [string, string, RegExp | null][] = [
      ['nobody vouches for it', address(port, own), /self-signed certificate|unable to (get|verify)/],
      ['others vouch', address(port, { ...good, ca: stranger.certificate }), /self-signed|unable to|signature/],
      ['the name of another server', address(port, { ...good, servername: 'elsewhere' }), /altnames/],
      ['no certificate of ours', address(port, { ca: authority.certificate }), null],
      ['a certificate of strangers', address(port, { ...good, ...foreign }), null],
      ['no TLS at all', `redis://127.0.0.1:${port}`, null],
      ['ours has expired', address(port, { ...good, ...late }), null],
    ]
    for (const [what, text, says] of cases) {
      const answer = await ask(text)
      t.not(answer, 'PONG', what)
      if (says !== null) t.match(answer, says, what)
    }
  })
  await t.test('each reason why it is away is named at the box', async (t) => {
    const owner = await signIn(t, address(port, { ...good, servername: 'localhost' }))
    const show = (pair: typeof server) =>
      owner.call('CONFIG', 'SET', 'tls-cert-file', pair.certificate, 'tls-key-file', pair.key)
    t.teardown(() => show(server))
    const silent = createServer().listen(0, '127.0.0.1')
    t.teardown(() => silent.close())
    await once(silent, 'listening')
    const wayTo = (t: Test, url: string, clock: Clock) => {
      const transport = createSubscriber({
        url,
        plane: 'test',
        edge: 'dar-1',
        clock,
        log: createLogger('test', 'silent'),
      })
      t.teardown(() => transport.close())
      transport.open({ linked() {}, received() {}, refused() {} })
      return transport
    }
    const early = authority.issue('localhost', { early: true })
    const late = authority.issue('localhost', { expired: true })
    const own = authority.issue('dar-1', { expired: true })
    const [now, past] = [Date.now(), 1_000_000_000_000].map((wall) => ({ ...systemClock, wall: () => wall })) as [
      Clock,
      Clock,
    ]
    const unreadable = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
    t.throws(() => new X509Certificate(unreadable))
    const withUnreadable = join(t.testdir(), 'ca.pem')
    writeFileSync(withUnreadable, unreadable + readFileSync(authority.certificate, 'utf8'))
    const nobody = address(port, good).replace('://', '://nobody:wrong@')
    const cases = [
      ['EARLY', early, address(port, good), now],
      ['EXPIRED', late, address(port, good), now],
      ['EXPIRED', late, address(port, { ...good, ca: withUnreadable }), now],
      ['CLOCK', late, address(port, good), past],
      ['OWN_EXPIRED', server, address(port, { ...good, ...own }), now],
      ['UNTRUSTED', server, address(port, { ...good, ca: stranger.certificate }), now],
      ['PASSWORD', server, nobody, now],
      ['REFUSED', server, address(await freePort(), good), now],
      ['UNREACHABLE', server, address((silent.address() as AddressInfo).port, good), now],
    ] as const
    for (const [kind, pair, url, clock] of cases) {
      await show(pair)
      const transport = wayTo(t, url, clock)
      const found = () => transport.whyAway!()
      const away = await until(() => found()?.kind === kind && found(), `${kind}, and not ${found()?.reason}`)
      t.match(away.reason, kind === 'CLOCK' ? /it says 2001-09-09/ : /127\.0\.0\.1:\d+/, `${kind}: ${away.reason}`)
      let elapsed = 0
      const hasty = { ...clock, monotonic: () => (elapsed += 5_000) }
      const [item, ...more] = (await lookAtLink(transport, hasty)).items
      t.match(item, { verdict: 'bad', found: found()?.reason ?? away.reason, advice: away.advice }, 'as doctor says it')
      t.equal(more.length, kind === 'OWN_EXPIRED' ? 1 : 0, 'and the end of our own certificate')
      await transport.close()
    }
    await show(server)
    const transport = wayTo(t, address(port, good), systemClock)
    await until(
      () =>
        transport.readProfile().then(
          () => transport.whyAway!() === null,
          () => false,
        ),
      'it is back',
    )
  })
  await t.test('a server that is known by its address must show that address', async (t) => {
    t.equal(await ask(address(port, good)), 'PONG')
    const other = await start(t, authority.issue('127.0.0.2'), 'other', '127.0.0.2')
    t.equal(await ask(address(other.port, { ...good, servername: '127.0.0.2' })), 'PONG')
    t.match(await ask(address(other.port, good)), /IP: 127\.0\.0\.1 is not in the cert's list/)
    t.notOk(warnings.includes('DEP0123'), 'and TLS is never asked for an address by name')
  })
  await t.test('whoever leaves in the midst of a handshake that fails goes in peace', async (t) => {
    const late = authority.issue('controller', { expired: true })
    for (let k = 0; k < 40; k++) {
      const wrong = k % 2 === 0 ? { ca: stranger.certificate } : late
      const redis = connect(address(port, { ...good, ...wrong }), 'controller')
      // Before the connection that has been made is handed to whoever asked for it, and after.
      await new Promise<void>((left) => {
        const leave = () => {
          redis.disconnect()
          left()
        }
        if (k % 4 < 2) process.nextTick(leave)
        else setImmediate(leave)
      })
      // Not `once`, which would listen for errors as well.
      await new Promise<void>((ended) => redis.on('end', ended))
    }
    t.pass('and no failure of it is left for nobody to catch')
  })
  await t.test(
    'files that are being renewed while the line is away end nobody, and are read once they fit',
    async (t) => {
      const pair = { certificate: join(folder, 'renewed.crt'), key: join(folder, 'renewed.key') }
      const write = (what: keyof typeof pair, from: string) =>
        writeFileSync(pair[what], readFileSync(from), { mode: 0o600 })
      write('certificate', client.certificate)
      write('key', client.key)
      const owner = await signIn(t, address(port, good))
      const redis = connect(() => address(port, { ...good, ...pair }), 'edge-reader')
      t.teardown(() => redis.disconnect())
      await until(() => redis.status === 'ready', 'it is there')
      const cut = () => owner.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      const isBack = async () => {
        await once(redis, 'reconnecting')
        await until(() => redis.status === 'ready', 'it is back')
      }
      write('key', stranger.issue('controller').key)
      await Promise.all([isBack(), cut()])
      t.pass('by what it had read before')
      rmSync(pair.key)
      await Promise.all([isBack(), cut()])
      t.pass('and so where one is missing')
      const next = authority.issue('controller')
      write('certificate', next.certificate)
      write('key', next.key)
      await Promise.all([isBack(), cut()])
      t.equal(redis.options.tls?.cert, readFileSync(next.certificate, 'utf8'), 'the new ones')
    },
  )
  await t.test('a certificate and a key that do not belong together are named at once', (t) => {
    const mixed = address(port, { ...good, key: stranger.issue('controller').key })
    t.throws(() => connect(mixed, 'controller'), { code: 'TLS_FILE', exitCode: 2, message: /cannot be used together/ })
    t.end()
  })
  await t.test('a file that is missing or open to others is named at once', (t) => {
    const missing = address(port, { ...good, ca: join(folder, 'none.pem') })
    t.throws(() => connect(missing, 'controller'), { code: 'TLS_FILE', message: /CA in .*none\.pem/ })
    const open = join(folder, 'open.key')
    writeFileSync(open, readFileSync(client.key), { mode: 0o644 })
    t.throws(() => connect(address(port, { ...good, key: open }), 'controller'), {
      code: 'SECRET_FILE',
      message: /0644/,
    })
    t.end()
  })
  await t.test('their end is known beforehand', async (t) => {
    const pem = readFileSync(server.certificate, 'utf8')
    const redis = await signIn(t, address(port, good), 'controller')
    t.equal(serverExpiry(redis), expiryOf(pem), 'that of the server from what it shows')
    redis.disconnect()
    t.equal(certificatesIn(pem).length, 1)
    const end = expiryOf(pem)!
    t.equal(expiryWarning('It', end, end - EXPIRY_WARNING - 1), null)
    t.match(expiryWarning('It', end, end - 1_000), /^It expires at 20/)
    t.match(expiryWarning('It', end, end), /^It has expired at 20/)
  })
})

t.test('Sentinels say who is master, and a failover is followed', async (t) => {
  const first = await startServer(t, { folder: join(folder, 'first'), args: ['--repl-diskless-sync-delay', '0'] })
  const replicaOf = ['--replicaof', '127.0.0.1', String(first.port), '--repl-diskless-sync-delay', '0']
  const second = await startServer(t, { folder: join(folder, 'second'), args: replicaOf })
  const sentinel = (port: number): string =>
    [
      `sentinel monitor main 127.0.0.1 ${first.port} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 2000',
      `sentinel announce-port ${port}`,
      '',
    ].join('\n')
  const owner = await signIn(t, `redis://127.0.0.1:${first.port}`)
  t.equal(await owner.set('before', '1'), 'OK')
  await until(async () => (await owner.wait(1, 100)) === 1, 'the replica has it')
  const watch = await startServer(t, { folder: join(folder, 'watch'), sentinel })
  const address = `redis+sentinel://127.0.0.1:${watch.port}/main`
  const redis = await signIn(t, address, 'controller')
  const reader = await signIn(t, address, 'edge-reader')
  const subscriber = await signIn(t, address, 'edge-subscriber')
  await subscriber.subscribe('news')
  // As an agent does: each connection is subscribed anew, by hand, so that a refusal is heard.
  subscriber.on('ready', () => subscriber.subscribe('news').catch(() => undefined))
  const heard: string[] = []
  subscriber.on('message', (_channel, text) => heard.push(text))
  t.equal(await redis.get('before'), '1')
  const sentinelSide = await signIn(t, `redis://127.0.0.1:${watch.port}`)
  await until(
    async () => ((await sentinelSide.call('SENTINEL', 'REPLICAS', 'main')) as unknown[]).length === 1,
    'known',
  )

  await first.end('SIGKILL')
  await until(
    () =>
      redis.set('after', '2').then(
        () => true,
        () => false,
      ),
    'the new master takes writes',
  )
  t.match(await redis.info('replication'), /role:master/)
  t.equal(await redis.get('before'), '1', 'nothing that both had is lost')
  await until(async () => (await redis.publish('news', 'hello').catch(() => 0)) > 0, 'the subscriber is there as well')
  await until(() => heard.length > 0, 'the news arrive')
  // Each connection finds the new master in its own time.
  await until(async () => (await reader.get('after').catch(() => null)) === '2', 'the reader is there as well')
  const direct = await signIn(t, `redis://127.0.0.1:${second.port}`)
  t.equal(await direct.get('after'), '2', 'it was the replica')

  const nowhere = connect(`redis+sentinel://127.0.0.1:${watch.port}/other`, 'controller')
  await t.rejects(untilReady(nowhere, 300), { code: 'STORE_UNAVAILABLE', message: /other \(by its Sentinels\)/ })
  const ended = once(nowhere, 'end')
  nowhere.disconnect()
  await ended
})

t.test('a Sentinel that takes connections and says nothing any more ends nobody', async (t) => {
  const master = await startServer(t, { folder: join(folder, 'alone') })
  const address = ['127.0.0.1', String(master.port)].map((word) => `$${word.length}\r\n${word}\r\n`)
  const lines = new Set<Socket>()
  const heard = { answered: 0, unanswered: 0 }
  let isMute = false
  const reply = (command: string): string => {
    if (/subscribe/.test(command)) return '*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n'
    if (/get-master-addr-by-name/.test(command)) return `*2\r\n${address.join('')}`
    return /sentinels/.test(command) ? '*0\r\n' : '+OK\r\n'
  }
  const sentinel = createServer((line) => {
    lines.add(line)
    line.on('error', () => undefined).on('close', () => lines.delete(line))
    line.on('data', (asked) => {
      if (/subscribe/.test(asked.toString())) heard[isMute ? 'unanswered' : 'answered']++
      // Each array of the protocol is one command.
      if (!isMute) for (const command of asked.toString().split(/^(?=\*\d)/m)) line.write(reply(command))
    })
  })
  await once(sentinel.listen(0, '127.0.0.1'), 'listening')
  const { port } = sentinel.address() as AddressInfo
  t.teardown(() => sentinel.close())
  const redis = await signIn(t, `redis+sentinel://127.0.0.1:${port}/main`, 'controller')
  await until(() => heard.answered > 0, 'it is asked for the next master')
  isMute = true
  const said = t.capture(console, 'error')
  for (const times of [1, 2]) {
    for (const line of lines) line.resetAndDestroy()
    await until(() => heard.unanswered === times, 'who has lost it comes back, asks, and has no answer')
  }
  t.equal(await redis.set('still', 'here'), 'OK')
  t.same(
    said().map(({ args }) => args.join()),
    [],
    'nor does a library speak where our log does',
  )
  redis.disconnect()
  await until(() => lines.size === 0, 'and it is left with it')
})
