// The doctor where nothing runs yet: it looks at the disk that the data folder will lie on, and its lines and exit code
// are those of both doctors.

import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { runDoctor } from '../../src/process/doctor.js'
import { loadSettings, type Settings } from '../../src/runtime/config.js'
import { exitCodeOf, type Item, itemsText } from '../../src/runtime/doctor.js'
import { withoutFactor } from '../../src/runtime/second-factor.js'

type Tls = Settings['http']['tls']

t.test('a data folder that is not there yet will lie where the nearest folder above it lies', async (t) => {
  const above = t.testdir()
  const data = join(above, 'not', 'yet', 'there')
  const settings = loadSettings({ env: { MIZANI_URL: 'http://127.0.0.1:1', MIZANI_DATA: data } })
  const look = async (json: boolean, inClear: readonly string[] | null = null, tls: Tls = null) => {
    const said: string[] = []
    const sink = { write: (text: string) => said.push(text) }
    const code = await runDoctor(
      { settings: { ...settings, http: { ...settings.http, tls }, inClear }, json },
      { stdout: sink, stderr: sink, env: {}, isTTY: false },
    )
    return { code, text: said.join('') }
  }
  const { code, text } = await look(true)
  const { findings } = JSON.parse(text) as { findings: Item[] }
  const said = (about: string) => findings.find((item) => item.about === about)
  t.match(said('data folder'), { verdict: 'look', found: `${data} is not there` })
  t.ok(said('disk')?.found.endsWith(` GB free at ${above}`), 'the disk above it, not that of the working folder')
  t.match(said('controller'), { verdict: 'unknown' })
  t.equal(code, exitCodeOf(findings))
  t.match(
    (await look(false, ['http.host 0.0.0.0'])).text,
    /bad +encryption +may be left out, and is: http\.host 0\.0\.0\.0/,
  )

  const key = join(above, 'key.pem')
  writeFileSync(key, 'a key', { mode: 0o644 })
  const tls = { certificate: key, key }
  const keyed = async () => (await look(false, null, tls)).text.split('\n').filter((line) => / key /.test(line))
  t.match(await keyed(), [/bad +key +.* has mode 0644: others may read it/])
  chmodSync(key, 0o600)
  t.match(await keyed(), [/good +key/])

  mkdirSync(data, { recursive: true, mode: 0o700 })
  t.ok((await look(false)).text.includes(`GB free at ${data}\n`))
  rmSync(join(above, 'not'), { recursive: true })
})

t.test('edges that a person configures are not missed', async (t) => {
  const edges = { total: 3, fresh: 2, simulated: 0 }
  const status = {
    ...{ leader: 'c-1', leads: true, revision: 1, seq: 1, edges, certificate: { ok: true, checkedSeq: 1 } },
    ...{ alarms: [], freeze: null, inForce: {} },
  }
  let paces = ['live', 'live', 'static']
  const answers: Record<string, () => unknown> = {
    '/v1/status': () => status,
    '/v1/policy': () => ({ edges: Object.fromEntries(paces.map((pace, k) => [`e-${k}`, { pace }])) }),
    '/v1/audit/verify': () => ({ ok: true, entries: 0 }),
  }
  const server = createServer(({ url = '' }, reply) => {
    reply.writeHead(answers[url] ? 200 : 404, { 'content-type': 'application/json' })
    reply.end(JSON.stringify(answers[url]?.() ?? {}))
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const settings = loadSettings({ env: { MIZANI_URL: `http://127.0.0.1:${port}`, MIZANI_DATA: t.testdir() } })
  const look = async (): Promise<Item | undefined> => {
    let text = ''
    const sink = { write: (more: string) => (text += more) }
    await runDoctor({ settings, json: true }, { stdout: sink, stderr: sink, env: {}, isTTY: false })
    return (JSON.parse(text) as { findings: Item[] }).findings.find(({ about }) => about === 'edges')
  }
  t.match(await look(), { verdict: 'good', found: '2 of 2 are heard; besides 1 static' })
  paces = ['live', 'live', 'paced']
  t.match(await look(), { verdict: 'look', found: '2 of 3 are heard' })
})

t.test('beyond this machine it names the roles for which a password is enough', (t) => {
  const { http, accounts } = loadSettings({ env: {} })
  const open = (more: Partial<Settings['http']>, secondFactor: Settings['accounts']['secondFactor'] = []) =>
    withoutFactor({ http: { ...http, ...more }, accounts: { ...accounts, secondFactor } })
  t.strictSame(open({}), [], 'nobody is asked on loopback')
  t.strictSame(open({ host: '10.0.0.1' }), ['admin', 'approver', 'break-glass', 'operator'])
  t.strictSame(open({ publicUrl: 'https://mizani.example' }, ['admin', 'operator']), ['approver', 'break-glass'])
  t.strictSame(open({ trustProxy: ['127.0.0.1'] }, ['admin', 'approver', 'break-glass', 'operator']), [])
  t.end()
})

t.test('an item is a line with its advice below, and what is bad is the exit code', (t) => {
  const good: Item = { about: 'disk', verdict: 'good', found: 'room' }
  const bad: Item = { about: 'policy store', verdict: 'bad', found: 'away', advice: 'Look.' }
  t.equal(itemsText([good, bad]), `good    disk          room\nbad     policy store  away\n${' '.repeat(22)}Look.\n`)
  t.equal(exitCodeOf([good, { ...good, verdict: 'look' }, { ...good, verdict: 'unknown' }]), 0)
  t.equal(exitCodeOf([good, bad]), 1)
  t.end()
})
