// What a controller keeps of its trail and tells of it: keys in a file of its own, the end to a file of another account
// and to a syslog server, which is a real one here but for its name.

import { once } from 'node:events'
import { chmodSync, chownSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { anchorsIn } from '../../src/audit/anchors.js'
import { AuditTrail } from '../../src/audit/trail.js'
import { addTrailKey, publicKeysIn, TrailKeys } from '../../src/audit/trail-keys.js'
import { keepTelling } from '../../src/process/trail.js'
import { manualClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { createLogger } from '../../src/runtime/log.js'
import { memoryAudit } from '../audit/memory-store.js'
import { makeAuthority } from '../faults/certificates.js'
import { hasProgram } from '../faults/redis-server.js'
import { freshFolder } from '../harness/place.js'

const isRoot = process.geteuid?.() === 0
const deed = (subject: string) => ({
  action: 'revert',
  subject,
  reason: null,
  reference: null,
  before: null,
  after: null,
})

function open(t: Test, audit: object, store = memoryAudit()) {
  const data = freshFolder(t)
  const config = join(data, 'mizani.yaml')
  writeFileSync(config, JSON.stringify({ audit, data }))
  const settings = loadSettings({ env: {}, file: config })
  const clock = manualClock()
  const lines: string[] = []
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
  const keys = TrailKeys.open({ file: settings.audit.key, peers: settings.audit.peers }, store.head, clock.wall())
  const trail = new AuditTrail({ store: store.port, plane: 'taifa', keys, clock, log })
  const telling = keepTelling(trail, { settings, clock, log })
  t.teardown(() => telling.cancel())
  return { data, settings, clock, lines, trail, telling, store, keys }
}

t.test(
  'the end of the trail goes to a file of another account, whole lines, and never over what stands there',
  async (t) => {
    const folder = freshFolder(t)
    const file = join(folder, 'anchors')
    const { trail, telling, clock, lines } = open(t, { anchorFile: file })
    await trail.tell(deed('1'))
    t.notOk(await telling.tell(), 'there is no such file')
    t.match(telling.findings(), [{ code: 'AUDIT_ANCHOR', subject: file }])
    writeFileSync(file, 'what others have written\n', { mode: 0o620 })
    t.notOk(await telling.tell())
    t.match(lines.at(-1), /belongs to the account that it is to be kept from/)
    t.equal(readFileSync(file, 'utf8'), 'what others have written\n')
    if (!isRoot) return
    chownSync(file, 65_534, 0)
    chmodSync(file, 0o622)
    t.notOk(await telling.tell())
    t.match(lines.at(-1), /mode 0622: anybody may write it/)
    chmodSync(file, 0o620)
    t.ok(await telling.tell())
    t.strictSame(telling.findings(), [])
    await telling.tell()
    t.equal(anchorsIn(readFileSync(file, 'utf8'), 'taifa').length, 1, 'nothing is new')
    await trail.tell(deed('2'))
    await telling.tell()
    await clock.advance(3_600_000)
    await telling.tell()
    const anchors = anchorsIn(readFileSync(file, 'utf8'), 'taifa')
    t.strictSame(
      anchors.map(({ n }) => n),
      [1, 2, 2],
      'each end, and each hour that there is no other',
    )
    const link = join(folder, 'link')
    symlinkSync(file, link)
    const other = open(t, { anchorFile: link })
    await other.trail.tell(deed('1'))
    t.notOk(await other.telling.tell(), 'what leads elsewhere')
  },
)

t.test(
  'a syslog server takes it as RFC 5424 over TLS, from whoever trusts it, and is told again when it was away',
  { skip: !hasProgram('openssl', 'version') && 'openssl is not installed' },
  async (t) => {
    const folder = freshFolder(t)
    const authority = makeAuthority(join(folder, 'ca'))
    const own = authority.issue('127.0.0.1')
    const taken: string[] = []
    const server = createServer({ cert: readFileSync(own.certificate), key: readFileSync(own.key) }, (socket) => {
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes
      })
      socket.on('error', () => undefined)
      socket.on('end', () => taken.push(text))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => server.close())
    const { port } = server.address() as AddressInfo
    const { trail, telling, lines } = open(t, { syslog: { host: '127.0.0.1', port, ca: authority.certificate } })
    await trail.tell(deed('1'))
    t.ok(await telling.tell(), lines.at(-1) ?? '')
    const [, length, message = ''] = /^(\d+) (.*)$/s.exec(taken[0]!) ?? []
    t.equal(Number(length), Buffer.byteLength(message), 'RFC 5425: its length comes first')
    t.match(message, /^<109>1 2026-01-01T00:00:00\.000Z \S+ mizani \d+ audit-head - mizani-audit plane=taifa n=1 hash=/)
    const verified = await trail.verify()
    t.match(anchorsIn(message, 'taifa'), [verified.head])

    const strange = open(t, { syslog: { host: '127.0.0.1', port } })
    await strange.trail.tell(deed('1'))
    t.notOk(await strange.telling.tell(), 'nobody here vouches for it')
    t.match(strange.lines.at(-1), /does not take what it is sent/)
    server.close()
    await trail.tell(deed('2'))
    t.notOk(await telling.tell())
    await trail.tell(deed('3'))
    await once(server.listen(port, '127.0.0.1'), 'listening')
    t.ok(await telling.tell())
    t.match(taken.at(-1), /n=3 /, 'each end covers those before it')
  },
)

t.test('keys are made once, for their owner alone; the newest signs, and those before still count', async (t) => {
  const { settings, trail, keys, store } = open(t, {})
  const file = settings.audit.key
  t.equal(statSync(file).mode & 0o777, 0o600)
  await trail.tell(deed('1'))
  addTrailKey(file, 1)
  keys.reread()
  await trail.tell(deed('2'))
  t.match(await trail.verify(), { ok: true, keys: publicKeysIn(file).toSorted() })
  t.equal(store.rows[1]?.signature?.split('.')[0], publicKeysIn(file)[1])

  const other = open(t, {}, store)
  t.match(await other.trail.verify(), { fault: { n: 1, code: 'FORGED' } }, 'another controller vouches for nobody')
  const peer = open(t, { peers: publicKeysIn(file) }, store)
  await peer.trail.tell(deed('3'))
  t.match(await peer.trail.verify(), { ok: true, signed: 3 })
  t.throws(() => loadSettings({ env: {}, flags: { audit: { peers: ['x'] } } }), { code: 'SETTINGS_INVALID' })

  chmodSync(file, 0o644)
  t.throws(() => keys.reread(), { code: 'SECRET_FILE' })
  chmodSync(file, 0o600)
  writeFileSync(file, '{}')
  t.throws(() => keys.reread(), { code: 'CREDENTIALS', advice: /audit\.peers/ })
  t.throws(() => addTrailKey(join(freshFolder(t), 'none'), 1), { code: 'CREDENTIALS' })
})

t.test('what a controller has seen of the trail outlives it, and the store', async (t) => {
  const { trail, telling, data } = open(t, {})
  await trail.tell(deed('1'))
  await telling.tell()
  t.match(JSON.parse(readFileSync(join(data, 'audit-head.json'), 'utf8')), { plane: 'taifa', n: 1 })
})
