// Connections without an account: how many are kept open, for how long, and who is named for them.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { createConnection, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { ConnectionLimits } from '../../src/runtime/connections.js'
import { connectionsWithin, descriptorLimit } from '../../src/runtime/descriptors.js'
import { makeAuthority } from '../faults/certificates.js'
import { hasProgram } from '../faults/redis-server.js'
import { until } from '../harness/until.js'
import { type Api, CONNECTIONS, startApi } from './api-fixture.js'

const skip = !hasProgram('openssl', 'version') && 'openssl is not installed'
const FOREIGN = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']

async function apiWith(t: Test, limits: Partial<ConnectionLimits>, http: object = {}): Promise<Api> {
  const api = await startApi({ http: { connections: { ...CONNECTIONS, ...limits }, ...http } })
  t.teardown(() => api.close())
  return api
}

/** A connection from this address; whether it has ended is its `destroyed`. */
async function from(t: Test, { url }: Pick<Api, 'url'>, localAddress: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port), localAddress })
  socket.on('error', () => undefined).resume()
  t.teardown(() => socket.destroy())
  await once(socket, 'connect').catch(() => undefined) // it may be refused at once
  return socket
}

/** A head that never ends, a few bytes at a time. */
function drip(t: Test, socket: Socket): void {
  socket.write('GET /v1/health/live HTTP/1.1\r\n')
  const timer = setInterval(() => socket.writable && socket.write('x-a: b\r\n'), 20)
  t.teardown(() => clearInterval(timer))
}

/** What came back, once something has. */
async function answer(socket: Socket): Promise<string> {
  const heard = once(socket, 'data')
  const [data] = (await heard) as [Buffer]
  return data.toString()
}

const ask = (socket: Socket, more = ''): void =>
  void socket.write(`GET /v1/${more === '' ? 'health/live' : 'status'} HTTP/1.1\r\nHost: x\r\n${more}\r\n`)

t.test('a head of a request that never ends is ended, however it drips', async (t) => {
  const api = await apiWith(t, { headerSeconds: 0.2 })
  const sockets = await Promise.all(Array.from({ length: 20 }, () => from(t, api, '127.0.0.1')))
  for (const socket of sockets) drip(t, socket)
  // One that has asked before, and begins another request.
  const kept = await from(t, api, '127.0.0.1')
  ask(kept)
  t.match(await answer(kept), /^HTTP\/1.1 200/)
  drip(t, kept)
  await until(() => [...sockets, kept].every(({ destroyed }) => destroyed), 'all of them are ended')
  t.equal((await api.call('/v1/health/live')).status, 200)
})

t.test('so is a TLS handshake that never ends', { skip }, async (t) => {
  const pair = makeAuthority(t.testdir()).issue('127.0.0.1')
  const [certificate, key] = [pair.certificate, pair.key].map((file) => readFileSync(file, 'utf8')) as [string, string]
  const api = await apiWith(t, { headerSeconds: 0.2, halfOpen: 5 }, { tls: { certificate, key } })
  const silent = await Promise.all(Array.from({ length: 5 }, () => from(t, api, '127.0.0.2')))
  // The first bytes of a handshake, and no more of it.
  for (const socket of silent) socket.write(Buffer.from([22, 3, 1, 2, 0]))
  const honest = request(`${api.url}/v1/health/live`, { rejectUnauthorized: false, agent: false }).end()
  const [{ statusCode }] = await once(honest, 'response')
  t.equal(statusCode, 200, 'an honest client is answered meanwhile')
  await until(() => silent.every(({ destroyed }) => destroyed), 'all of them are ended')
})

/** Ends with 0 when so many connections are open at one time, and with 1 when they never are. */
const OPEN_MANY = `
  const [port, many] = process.argv.slice(1).map(Number)
  let open = 0
  const done = () => { if (++open === many) process.exit(0) }
  for (let k = 0; k < many; k++) require('node:net').connect(port, '127.0.0.1', done).on('error', () => process.exit(2))
  setTimeout(() => process.exit(1), 30_000)`

const queue = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'))
const skipQueue = queue < 2 * 511 && 'the kernel keeps a short queue'
t.test('a crowd waits while the server does something else', { skip: skipQueue }, async (t) => {
  const api = await apiWith(t, {})
  const args = ['-e', OPEN_MANY, new URL(api.url).port, '900']
  // Our own thread takes no connection until the other program has ended.
  t.equal(spawnSync(process.execPath, args).status, 0, 'the kernel drops none')
  t.equal((await api.call('/v1/health/live')).status, 200)
})

t.test('a flood of half-open connections ends its own, and is named', async (t) => {
  const api = await apiWith(t, { halfOpen: 10, total: 60 })
  const flood: Socket[] = []
  for (let round = 0; round < 25; round++) for (const address of FOREIGN) flood.push(await from(t, api, address))
  await until(() => flood.filter(({ destroyed }) => !destroyed).length <= 40, 'ten of each address are left')
  t.same([...api.limited()].sort(), FOREIGN, 'each address is named')
  t.equal((await api.call('/v1/health/live')).status, 200, 'an honest client is answered')
  await api.clock.advance(61_000)
  t.same(api.limited(), [], 'and named no longer when it is over')
})

t.test('one that floods faster than a request can come is refused, and who was let in keeps its time', async (t) => {
  const api = await apiWith(t, { halfOpen: 10, headerSeconds: 30 })
  const first = await Promise.all(Array.from({ length: 10 }, () => from(t, api, '127.0.0.2')))
  const second = await Promise.all(Array.from({ length: 10 }, () => from(t, api, '127.0.0.2')))
  await until(() => first.every(({ destroyed }) => destroyed), 'a burst replaces the oldest')
  const refused = await Promise.all(Array.from({ length: 30 }, () => from(t, api, '127.0.0.2')))
  await until(() => refused.every(({ destroyed }) => destroyed), 'more are refused')
  t.notOk(
    second.some(({ destroyed }) => destroyed),
    'and end none',
  )
  t.same(api.limited(), ['127.0.0.2'])
  await api.clock.advance(3_000)
  const late = await from(t, api, '127.0.0.2')
  ask(late)
  t.match(await answer(late), /^HTTP\/1.1 200/, 'a tenth of the time later one is let in')
})

t.test('where all connections are taken those without an account make room, and accounts stay', async (t) => {
  const api = await apiWith(t, { total: 12, each: 12 })
  const own = await from(t, api, '127.0.0.1')
  ask(own, `Authorization: Bearer ${api.tokens.viewer}\r\n`)
  t.match(await answer(own), /^HTTP\/1.1 200/)
  const strangers = await Promise.all(Array.from({ length: 11 }, () => from(t, api, '127.0.0.2')))
  for (const socket of strangers) {
    ask(socket)
    t.match(await answer(socket), /^HTTP\/1.1 200/, 'a stranger may ask for the health')
  }
  const late = await from(t, api, '127.0.0.3')
  ask(late)
  t.match(await answer(late), /^HTTP\/1.1 200/, 'the newcomer is answered')
  await until(() => strangers[0]!.destroyed, 'the oldest stranger has made room')
  t.notOk(own.destroyed, 'the account keeps its connection')
  t.same(api.limited(), ['127.0.0.2'])
})

t.test('one address of many accounts is refused more, and others are not', async (t) => {
  const api = await apiWith(t, { each: 3 })
  const kept = await Promise.all(Array.from({ length: 3 }, () => from(t, api, '127.0.0.2')))
  for (const socket of kept) {
    ask(socket, `Authorization: Bearer ${api.tokens.viewer}\r\n`)
    await answer(socket)
  }
  const more = await from(t, api, '127.0.0.2')
  await until(() => more.destroyed, 'the fourth is refused')
  t.notOk(
    kept.some(({ destroyed }) => destroyed),
    'the three stay',
  )
  t.equal((await api.call('/v1/health/live')).status, 200)
})

t.test('a trusted proxy speaks for many, and has a limit of its own', async (t) => {
  const api = await apiWith(t, { each: 2, halfOpen: 1, proxy: 20 }, { trustProxy: ['127.0.0.2/31'] })
  const many = await Promise.all(Array.from({ length: 20 }, () => from(t, api, '127.0.0.3')))
  for (const socket of many) ask(socket)
  for (const socket of many) t.match(await answer(socket), /^HTTP\/1.1 200/)
  t.same(api.limited(), [])
})

t.test('stores and files keep their descriptors', (t) => {
  const head = 'Max cpu time              unlimited            unlimited            seconds\n'
  const folder = t.testdir({
    some: `${head}Max open files            20000                524288               files\n`,
    all: `${head}Max open files            unlimited            unlimited            files\n`,
    other: head,
  })
  t.equal(descriptorLimit(`${folder}/some`), 20_000)
  t.equal(descriptorLimit(`${folder}/all`), Number.POSITIVE_INFINITY)
  t.equal(descriptorLimit(`${folder}/other`), null)
  t.equal(descriptorLimit(`${folder}/none`), null, 'no Linux')
  t.equal(connectionsWithin(8_000, 20_000), 8_000)
  t.equal(connectionsWithin(8_000, 5_000), 4_000)
  t.equal(connectionsWithin(8_000, 1_024), 512, 'half of a small limit')
  t.equal(connectionsWithin(8_000, null), 8_000)
  t.end()
})
