// What would cross a network in clear is refused where it is named (settings, so every start and both doctors) and
// where it is dialled (a replica, whom Sentinels call master, what a controller told an edge), unless one switch
// accepts it.

import t from 'tap'
import { main } from '../../src/cli.js'
import { chooseTransport } from '../../src/edge/choose-transport.js'
import { credentialsFile, writeCredentials } from '../../src/edge/credentials.js'
import { systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { formatError } from '../../src/runtime/errors.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect } from '../../src/runtime/redis.js'
import { withNode } from '../../src/runtime/store-address.js'

const device = (address: string) => ({
  edge: { device: { address, user: 'm', ca: null, session: null, accounting: null } },
})
/** By environment or flags; where the fault is said, or null: nothing is wrong. */
const CASES: readonly (readonly [
  Record<string, string>,
  Parameters<typeof loadSettings>[0]['flags'],
  string | null,
])[] = [
  [{ REDIS_URL: 'redis://db.example' }, {}, 'REDIS_URL: db.example:6379 is another machine'],
  [{ RATES_REDIS_URL: 'redis://10.0.0.1:1' }, {}, 'RATES_REDIS_URL: 10.0.0.1:1 is another machine'],
  [{ RATES_REDIS_ADMIN_URL: 'redis://u:p@[fd00::1]' }, {}, 'RATES_REDIS_ADMIN_URL: [fd00::1]:6379 is another machine'],
  [{ RATES_REDIS_EDGE_URL: 'redis://10.0.0.1' }, {}, 'RATES_REDIS_EDGE_URL: 10.0.0.1:6379 is another machine'],
  [{ REDIS_URL: 'redis://d?unencrypted=accepted' }, {}, 'REDIS_URL: d:6379 is another machine'],
  [
    { REDIS_URL: 'redis+sentinel://127.0.0.1,10.0.0.1/m' },
    {},
    'REDIS_URL: m (Sentinels 127.0.0.1:26379,10.0.0.1:26379)',
  ],
  [{ MIZANI_URL: 'http://10.0.0.1:8080' }, {}, 'MIZANI_URL: 10.0.0.1:8080 is another machine'],
  [{ MIZANI_PUBLIC_URL: 'http://mizani.example' }, {}, 'MIZANI_PUBLIC_URL: mizani.example is another machine'],
  [{ HOST: '0.0.0.0' }, {}, 'HOST: 0.0.0.0 is open to other machines: set http.tls'],
  [{ HOST: '127.evil.example' }, {}, 'HOST: 127.evil.example is open'],
  [
    {},
    device('http://192.0.2.1'),
    '192.0.2.1 is another machine, and http:// can be read on the way: name it by https://',
  ],
  [{}, device('http://127.0.0.1:80'), null],
  [{}, device('https://192.0.2.1'), null],
  [
    { REDIS_URL: 'rediss://db.example', RATES_REDIS_URL: 'redis://localhost', MIZANI_URL: 'https://m.example' },
    {},
    null,
  ],
  [
    { RATES_REDIS_URL: 'redis://127.1.2.3', REDIS_URL: 'redis://[::1]:1', RATES_REDIS_EDGE_URL: 'unix:///run/r' },
    {},
    null,
  ],
]

t.test('a setting that leads elsewhere in clear is refused with its remedy, and taken by one switch', async (t) => {
  for (const [env, flags = {}, said] of CASES) {
    const what = JSON.stringify([env, flags])
    let text = ''
    try {
      loadSettings({ env, flags })
    } catch (error) {
      text = formatError(error)
    }
    if (said === null) t.equal(text, '', what)
    else t.ok(text.includes(said) && text.includes('MIZANI_UNENCRYPTED=accepted lives without'), `${what}: ${text}`)
    const accepted = loadSettings({ env: { ...env, MIZANI_UNENCRYPTED: 'accepted' }, flags })
    t.equal(accepted.inClear?.length, said === null ? 0 : 1)
  }
  t.equal(loadSettings({ env: {} }).inClear, null)
})

t.test('every start and both doctors refuse it', async (t) => {
  const env = { REDIS_URL: 'redis://db.example', RATES_REDIS_URL: 'redis://db.example', MIZANI_DATA: t.testdir() }
  for (const args of [
    'controller',
    'up',
    'doctor',
    'backup f',
    'edge --id a --driver simulated',
    'edge doctor --id a',
  ]) {
    const said: string[] = []
    const sink = { write: (text: string) => said.push(text) }
    t.equal(await main(args.split(' '), { stdout: sink, stderr: sink, env, isTTY: false }), 2, args)
    t.match(said.join(''), /db\.example:6379 is another machine/)
  }
})

t.test('what another names is refused before it is dialled: replicas, masters, and what an edge is told', async (t) => {
  const replica = withNode('redis://u:p@127.0.0.1:1', { host: '10.0.0.9', port: 1 })
  t.throws(() => connect(replica, 'supervisor'), { code: 'NEEDS_TLS', message: /^10\.0\.0\.9:1 is another machine/ })
  const master = connect('redis+sentinel://127.0.0.1:1/m', 'policy')
  master.on('error', () => undefined)
  const { natMap } = master.options as { natMap: (node: string) => unknown }
  master.disconnect()
  t.throws(() => natMap('10.0.0.9:6379'), { code: 'NEEDS_TLS' })
  t.equal(natMap('127.0.0.1:6379'), null)

  const folder = t.testdir()
  const around = { edge: 'a', clock: systemClock, log: createLogger('test', 'silent') }
  const told = (api: string, rates: string) => {
    const access = { api: { address: api, others: [], token: 't' }, rates: { address: rates, ca: null } }
    writeCredentials(credentialsFile(folder, 'a'), { edge: 'a', plane: 'p', ...access, ca: null, keys: [] })
    return (more = {}) => chooseTransport(loadSettings({ env: { MIZANI_DATA: folder, ...more } }), around)
  }
  t.throws(told('https://m.example', 'redis://10.0.0.1'), { code: 'NEEDS_TLS' })
  t.throws(
    told('https://m.example', 'redis://10.0.0.1?unencrypted=accepted'),
    { code: 'NEEDS_TLS' },
    'not theirs to say',
  )
  t.throws(told('http://m.example', 'rediss://10.0.0.1'), { code: 'NEEDS_TLS', message: /m\.example is another/ })
  t.ok(told('http://m.example', 'redis://10.0.0.1')({ MIZANI_UNENCRYPTED: 'accepted' }))
})
