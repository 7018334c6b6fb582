// Clients that connect and say nothing: over TLS no request of theirs is known yet, and closing waits for none of them.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import t from 'tap'
import { systemClock } from '../../src/runtime/clock.js'
import { makeAuthority } from '../faults/certificates.js'
import { hasProgram } from '../faults/redis-server.js'
import { until } from '../harness/until.js'
import { startApi } from './api-fixture.js'

const skip = !hasProgram('openssl', 'version') && 'openssl is not installed'

t.test('a server closes although somebody never ends a handshake', { skip }, async (t) => {
  const pair = makeAuthority(t.testdir()).issue('127.0.0.1')
  const tls = { certificate: readFileSync(pair.certificate, 'utf8'), key: readFileSync(pair.key, 'utf8') }
  const api = await startApi({ http: { trustProxy: [], tls }, clock: systemClock })
  const { hostname, port } = new URL(api.url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  const [left] = await Promise.all([once(socket, 'close'), api.close()])
  t.ok(left, 'it is let go')
})

t.test('a server that closes waits for nobody who has said nothing', async (t) => {
  // Whose clock stands still.
  const api = await startApi()
  const { hostname, port } = new URL(api.url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  await api.call('/v1/health')
  let isLeft = false
  socket.once('close', () => (isLeft = true)).on('error', () => undefined)
  await api.close()
  await until(() => isLeft, 'it is let go')
  t.pass('the server has closed, without a time that went by')
})
