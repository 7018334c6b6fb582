// Telling people: webhooks go only where they may, are signed, tried again and never waited for; e-mail is sent.

import { spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { WordedAlarm } from '../../src/model/alarm.js'
import { worded } from '../../src/record/alarm-table.js'
import { PAUSES } from '../../src/record/delivery-queue.js'
import { type RequestRules, targetOf } from '../../src/record/guarded-request.js'
import { LeaderNotifier } from '../../src/record/leader-notifier.js'
import { createMail } from '../../src/record/mail.js'
import { Notifications } from '../../src/record/notifications.js'
import { isFor, Webhooks } from '../../src/record/webhooks.js'
import { type ManualClock, manualClock } from '../../src/runtime/clock.js'
import { LAST_WORDS } from '../../src/runtime/limits.js'
import { hasProgram } from '../faults/redis-server.js'
import { compiled } from '../harness/root.js'
import { log, temporaryFolder, webhooksInMemory } from './world.js'

const alarm: WordedAlarm = worded({
  ...{ id: '202601010000-1', code: 'GUARANTEE_BROKEN', severity: 'critical', regions: ['kigoma'] },
  ...{ members: Array.from({ length: 300 }, (_, k) => `institution-with-a-long-name-${k}`), since: 0 },
  ...{ cleared: null, acknowledged: null },
})
const ALL = { severity: 'minor', regions: [] } as const
const rules = (more: Partial<RequestRules> = {}): RequestRules => ({ allow: [], ownPorts: () => [8080], ...more })

t.test('only targets that are allowed are called, whatever their name turns into', async (t) => {
  const allow = ['hook.example', '[::ffff:7f00:1]', '127.0.0.1', '169.254.169.254', '[::1]', '10.1.2.3']
  const resolve = async (): Promise<string[]> => ['93.184.216.34']
  t.match(await targetOf('https://hook.example/a', rules({ allow, resolve })), { address: '93.184.216.34' })
  t.match(await targetOf('https://10.1.2.3/sms', rules({ allow })), { address: '10.1.2.3' })
  const refusals: readonly [string, string, Partial<RequestRules>?][] = [
    ['https://other.example/', 'not in webhooks.allow'],
    ['https://[::ffff:127.0.0.1]/', 'loopback'],
    ['http://127.0.0.1/', 'loopback'],
    ['http://[::1]/', 'loopback'],
    ['http://2130706433/', 'loopback'],
    ['http://169.254.169.254/latest', 'linkLocal'],
    ['file:///etc/passwd', 'only https and http'],
    ['https://user:secret@hook.example/', 'password'],
    // A name that is rebound: one good address, one of ours.
    ['https://hook.example/', 'loopback', { resolve: async () => ['93.184.216.34', '127.0.0.1'] }],
    ['https://hook.example/', 'loopback', { resolve: async () => ['::ffff:127.0.0.1'] }],
    ['http://127.0.0.1:8080/v1/policy', 'this very service', { loopback: true }],
  ]
  for (const [url, why, more] of refusals)
    await t.rejects(targetOf(url, rules({ allow, resolve, ...more })), { message: new RegExp(why) }, url)
  const lost = async () => Promise.reject(new Error('ENOTFOUND'))
  await t.rejects(targetOf('https://hook.example/', rules({ allow, resolve: lost })), {
    message: /the name hook\.example leads nowhere \(ENOTFOUND\)/,
  })
})

interface Received {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A receiver on this machine; `answer` says what it answers, null: nothing at all. */
async function receiver(t: Test, answer: (n: number) => number | null, location = '') {
  const received: Received[] = []
  const server = createServer((request, reply) => {
    let body = ''
    request.on('data', (bytes: Buffer) => {
      body += bytes.toString()
    })
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      const status = answer(received.length)
      if (status !== null) reply.writeHead(status, location ? { location } : {}).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}
function webhooks(t: Test, clock: ManualClock) {
  const folder = temporaryFolder(t.teardown)
  const ending = new AbortController()
  const options = {
    store: webhooksInMemory(),
    folder,
    plane: 'taifa',
    zone: () => 'Africa/Dar_es_Salaam',
    clock,
    log,
    rules: rules({ allow: ['127.0.0.1'], loopback: true }),
  }
  const again = async (later = clock, signal = new AbortController().signal): Promise<Webhooks> => {
    const hooks = new Webhooks({ ...options, clock: later, ending: signal })
    await hooks.refresh()
    return hooks
  }
  // An attempt that nobody answers must not outlive its test.
  t.teardown(async () => {
    ending.abort()
    await clock.advance(LAST_WORDS)
  })
  return { folder, hooks: new Webhooks({ ...options, ending: ending.signal }), again, stop: () => ending.abort() }
}

/** Until something is so: notifications cross real sockets. */
async function until(holds: () => boolean, clock?: ManualClock): Promise<void> {
  for (let k = 0; k < 2_000 && !holds(); k++) {
    await clock?.advance(1_000)
    await new Promise((done) => setTimeout(done, 5))
  }
  if (!holds()) throw new Error(`it never came to be: ${holds}`)
}

t.test('a notification is signed, short enough for a telephone, and goes to those it is for', async (t) => {
  const { received, url } = await receiver(t, () => 204)
  const { hooks, again } = webhooks(t, manualClock())
  const { secret, id } = await hooks.add(url, ALL, 'asha')
  await hooks.add(`${url}/mwanza`, { severity: 'minor', regions: ['mwanza'] }, 'asha')
  hooks.notify('raised', alarm)
  await until(() => received.length > 0)
  t.equal(received.length, 1, 'the route for another region is not told')
  const [{ headers, body }] = received as [Received]
  const [, seconds, sum] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['mizani-signature']))!
  t.equal(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'), sum)
  const said = JSON.parse(body) as { text: string; texts: { sw: string }; alarm: { code: string } }
  t.equal(said.alarm.code, 'GUARANTEE_BROKEN')
  t.match(said.text, /^taifa CRITICAL 03:00 EAT: Below guarantee: /, 'in the time of the plane, which is named')
  t.match(said.texts.sw, /^taifa HATARI 03:00 EAT: Chini ya kiwango cha uhakika: /)
  for (const text of [said.text, said.texts.sw]) t.ok(text.length <= 160, text)
  t.notOk(JSON.stringify(hooks.list()).includes(secret), 'the secret is shown once')
  const other = await again()
  t.equal(other.list().length, 2, 'webhooks outlive the process')
  const rotated = await other.rotate(id)
  t.equal(await other.rotate('nobody'), null)
  await hooks.refresh()
  await hooks.try(id)
  const last = received.at(-1)!
  const [, at, sign] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(last.headers['mizani-signature']))!
  const signedBy = (key: string) => createHmac('sha256', key).update(`${at}.${last.body}`).digest('hex')
  t.strictSame([signedBy(rotated!.secret) === sign, signedBy(secret) === sign], [true, false], 'the new one signs')
  t.ok(await hooks.remove(id))
  t.notOk(await hooks.remove(id))
  await t.rejects(hooks.add('https://elsewhere.example/', ALL, 'asha'), { code: 'BAD_REQUEST' })
})

t.test('what would never be called is refused when it is entered; what waits says why, and can be tried', async (t) => {
  const status = { now: 503 }
  const { received, url } = await receiver(t, () => status.now)
  const clock = manualClock()
  const { hooks } = webhooks(t, clock)
  const strict = new Webhooks({
    ...{
      store: webhooksInMemory(),
      folder: temporaryFolder(t.teardown),
      plane: 'taifa',
      zone: () => 'Africa/Dar_es_Salaam',
      clock,
      log,
    },
    rules: rules({ allow: ['127.0.0.1'] }),
    ending: new AbortController().signal,
  })
  await t.rejects(strict.add(url, ALL, 'asha'), { code: 'BAD_REQUEST', message: /127\.0\.0\.1 is a loopback address/ })
  t.same(strict.list(), [], 'and is not kept')
  const early = new Webhooks({
    ...{
      store: webhooksInMemory(),
      folder: temporaryFolder(t.teardown),
      plane: 'taifa',
      zone: () => 'UTC',
      clock,
      log,
    },
    rules: rules({ allow: ['hook.example'], resolve: async () => Promise.reject(new Error('ENOTFOUND')) }),
    ending: new AbortController().signal,
  })
  await early.add('https://hook.example/', ALL, 'asha')
  t.match(early.list(), [{ lastError: /leads nowhere/ }], 'a name that is not known yet is kept, and says so')

  const { id, secret } = await hooks.add(url, ALL, 'asha')
  t.match(hooks.list(), [{ lastAttempt: null, lastError: null, nextTry: null, waiting: 0 }])
  hooks.notify('raised', alarm)
  await until(() => hooks.list()[0]!.nextTry !== null)
  t.match(hooks.list(), [
    {
      ...{ lastAttempt: clock.wall(), lastDelivered: null, lastError: 'answered 503', waiting: 1 },
      nextTry: clock.wall() + PAUSES[0]!,
    },
  ])
  status.now = 200
  t.match(await hooks.try(id), { delivered: true, status: 200, reason: null })
  const tried = received.at(-1)!
  const [, seconds, sum] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(tried.headers['mizani-signature']))!
  t.equal(createHmac('sha256', secret).update(`${seconds}.${tried.body}`).digest('hex'), sum, 'signed like any other')
  t.match(JSON.parse(tried.body), { change: 'test', alarm: null, plane: 'taifa' })
  t.match(hooks.list(), [{ lastError: null, lastDelivered: clock.wall(), waiting: 1, nextTry: Number }])
  status.now = 404
  t.match(await hooks.try(id), { delivered: false, status: 404, reason: 'answered 404' })
  t.equal(await hooks.try('nobody'), null)
})

t.test('a redirect is a failure; what fails is tried again and listed at last', async (t) => {
  const inside = await receiver(t, () => 200)
  const { received, url } = await receiver(t, () => 302, inside.url)
  const clock = manualClock()
  const { hooks } = webhooks(t, clock)
  await hooks.add(url, ALL, 'asha')
  hooks.notify('raised', alarm)
  await until(() => received.length === 1)
  for (const [k, pause] of PAUSES.entries()) {
    await until(() => clock.pending() > 0)
    await clock.advance(pause)
    await until(() => received.length === k + 2)
  }
  await until(() => hooks.list()[0]!.dead.length > 0)
  t.match(hooks.list()[0], { waiting: 0, dead: [{ alarm: alarm.id, reason: 'answered 302' }] })
  t.equal(received.length, PAUSES.length + 1)
  t.same(inside.received, [], 'nobody followed it')
})

t.test('letters outlive the process, each delivered once, and what was given up stays listed', async (t) => {
  let up = false
  const { received, url } = await receiver(t, () => (up ? 200 : 503))
  const { hooks, again, stop } = webhooks(t, manualClock())
  const { id } = await hooks.add(url, ALL, 'asha')
  for (let k = 0; k < 3; k++) hooks.notify('raised', { ...alarm, id: `a-${k}` })
  await until(() => received.length === 1)
  t.equal(hooks.list()[0]!.waiting, 3, 'the first is tried, the others wait behind it')
  stop()
  up = true
  const restarted = await again()
  await until(() => received.length === 4)
  t.same(
    received.slice(1).map(({ headers }) => headers['mizani-delivery']),
    ['a-0.raised', 'a-1.raised', 'a-2.raised'],
    'in their order',
  )
  await until(() => restarted.list()[0]!.waiting === 0)
  t.equal((await again()).list()[0]!.waiting, 0, 'what was delivered is not sent again')
  t.equal(received.length, 4)

  up = false
  const clock = manualClock()
  const late = await again(clock)
  late.notify('cleared', alarm)
  for (const pause of [0, ...PAUSES]) {
    if (pause > 0) await until(() => clock.pending() > 0)
    await clock.advance(pause)
  }
  await until(() => late.list()[0]!.dead.length > 0, clock)
  t.match((await again()).list()[0], {
    id,
    waiting: 0,
    dead: [{ alarm: alarm.id, change: 'cleared', reason: 'answered 503' }],
  })
  t.ok(await late.remove(id))
  t.same((await again()).list(), [])
})

t.test('more notifications than are kept: the oldest are given up, and the file stays short', async (t) => {
  const { hooks, again, folder, stop } = webhooks(t, manualClock())
  const silent = await receiver(t, () => null)
  await hooks.add(silent.url, ALL, 'asha')
  for (let k = 0; k < 3_500; k++) hooks.notify('raised', { ...alarm, id: `a-${k}`, members: [] })
  t.equal(hooks.list()[0]!.waiting, 1_000)
  t.equal(hooks.list()[0]!.dead.length, 100)
  t.match(hooks.list()[0]!.dead.at(-1), { alarm: 'a-2499', reason: 'too many were waiting' })
  const lines = readFileSync(join(folder, 'letters.jsonl'), 'utf8').split('\n').length
  t.ok(lines <= 3_200, `${lines} lines`)
  stop()
  const restarted = await again(manualClock(), AbortSignal.abort())
  t.match(restarted.list()[0], { waiting: 1_000, dead: { length: 100 } })
})

t.test('what was entered is on the disk soon, for a power cut as for a kill', async (t) => {
  if (!hasProgram('gcc', '--version')) return t.pass('gcc is not installed: nobody sees what is synced')
  const folder = temporaryFolder(t.teardown)
  const [shim, synced, file] = ['unsynced.so', 'synced', 'journal.jsonl'].map((name) => join(folder, name))
  const source = new URL('../faults/unsynced.c', import.meta.url).pathname
  t.equal(spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', shim!, source, '-ldl']).status, 0)
  const child = compiled('test/record/journal-child.ts')
  const env = { ...process.env, LD_PRELOAD: shim!, UNSYNCED_LOG: synced! }
  const writer = spawn(process.execPath, [child, file!], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => writer.kill('SIGKILL'))
  await once(writer.stdout, 'data')
  const all = statSync(file!).size
  const sizes = (): number[] =>
    readFileSync(synced!, 'utf8')
      .split('\n')
      .flatMap((line) => (line.endsWith(file!) ? [Number(line.split(' ', 1)[0])] : []))
  await until(() => existsSync(synced!) && sizes().at(-1) === all)
  t.equal(sizes().at(-1), all)
})

t.test('only the controller that leads tells; one that comes to lead tells what began meanwhile and lasts', (t) => {
  const told: string[] = []
  const notifier = new LeaderNotifier([(change, { id }) => void told.push(`${change} ${id}`)])
  notifier.lead(false)
  notifier.change('raised', { ...alarm, id: 'short' })
  notifier.change('raised', { ...alarm, id: 'long' })
  notifier.change('cleared', { ...alarm, id: 'short' })
  notifier.change('raised', { ...alarm, id: 'seen' })
  notifier.change('acknowledged', { ...alarm, id: 'seen' })
  t.same(told, [], 'another one leads, and tells')
  notifier.lead(true)
  notifier.lead(true)
  t.same(told, ['raised long'])
  notifier.change('cleared', { ...alarm, id: 'long' })
  notifier.lead(false)
  notifier.change('raised', { ...alarm, id: 'later' })
  t.same(told, ['raised long', 'cleared long'])
  t.end()
})

t.test('a slow receiver delays nobody', async (t) => {
  const slow = await receiver(t, () => null)
  const quick = await receiver(t, () => 200)
  const { hooks } = webhooks(t, manualClock())
  await hooks.add(slow.url, ALL, 'asha')
  await hooks.add(quick.url, ALL, 'asha')
  for (let k = 0; k < 20; k++) hooks.notify('raised', { ...alarm, id: `a-${k}` })
  await until(() => quick.received.length === 20)
  t.equal(quick.received.length, 20)
  t.equal(slow.received.length, 1, 'one call at a time')
  t.equal(hooks.list()[0]!.waiting, 20)
})

/** A mail server; `answer` says what it answers to a recipient, `sender` to the one who sends. */
async function mailServer(t: Test, answer: (line: string) => string, sender = () => '250 ok') {
  const lines: string[] = []
  const server = createTcpServer((socket) => {
    let inData = false
    socket.write('220 test\r\n')
    socket.on('data', (bytes) => {
      for (const line of bytes.toString().split('\r\n').slice(0, -1)) {
        lines.push(line)
        if (inData && line !== '.') continue
        const wasData = inData
        inData = line === 'DATA'
        const special = { RCPT: answer, MAIL: sender, STAR: () => '502 no TLS here' }[line.slice(0, 4)]
        const word = special?.(line) ?? '250 ok'
        socket.write(wasData ? '250 kept\r\n' : inData ? '354 go on\r\n' : `${word}\r\n`)
      }
    })
    socket.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { lines, port: (server.address() as AddressInfo).port }
}

t.test('an alarm goes by e-mail to those it is for, again after a refusal, and after a restart', async (t) => {
  let word = '451 come back later'
  const { lines, port } = await mailServer(t, (line) => (line.includes('nobody@') ? '550 no such user' : word))
  const folder = temporaryFolder(t.teardown)
  const clock = manualClock()
  const open = (address: string) => {
    const ending = new AbortController()
    const mail = createMail({
      server: { host: '127.0.0.1', port, secure: false, user: null, password: null },
      from: 'mizani@example.tz',
      to: [
        { address, ...ALL },
        { address: 'mwanza@example.tz', severity: 'minor', regions: ['mwanza'] },
      ],
      ...{ folder, plane: 'taifa', zone: () => 'Africa/Dar_es_Salaam', clock, log, ending: ending.signal },
    })
    return { ...mail, close: () => ending.abort() }
  }
  const sent = (): number => lines.filter((line) => line === '.').length
  // What a server will never take does not keep the next one waiting.
  const wrong = open('nobody@example.tz')
  wrong.notify('raised', alarm)
  await until(() => lines.some((line) => line.includes('nobody@')) && notifications() === 0)
  wrong.close()

  const before = open('noc@example.tz')
  before.notify('raised', alarm)
  await until(() => lines.some((line) => line.includes('noc@')))
  t.equal(sent(), 0)
  t.equal(notifications(), 1, 'it waits')
  before.close()
  word = '250 ok'
  const after = open('noc@example.tz')
  await until(() => sent() === 1)
  t.ok(lines.some((line) => /^Subject: taifa CRITICAL/.test(line)))
  t.ok(lines.some((line) => line.includes('GUARANTEE_BROKEN')))
  t.notOk(lines.some((line) => line.includes('mwanza@')))
  await until(() => notifications() === 0)
  after.close()
  open('noc@example.tz').close()
  t.equal(sent(), 1, 'once')

  function notifications(): number {
    const kept = new Notifications({ file: join(folder, 'mail.jsonl'), clock, log })
    return ['nobody', 'noc', 'mwanza'].flatMap((name) => kept.waiting(`${name}@example.tz`)).length
  }
})

t.test('a password goes to no mail server that has no TLS', async (t) => {
  const { lines, port } = await mailServer(t, () => '250 ok')
  const clock = manualClock()
  const folder = temporaryFolder(t.teardown)
  const mail = createMail({
    server: { host: '127.0.0.1', port, secure: false, user: 'mizani', password: 'mnazi mmoja' },
    ...{ from: 'mizani@a.tz', to: [{ address: 'noc@a.tz', ...ALL }], folder },
    ...{ plane: 'taifa', zone: () => 'Africa/Dar_es_Salaam', clock, log, ending: new AbortController().signal },
  })
  mail.notify('raised', alarm)
  await until(() => lines.filter((line) => line === 'STARTTLS').length >= 2, clock)
  t.notOk(
    lines.some((line) => /^(AUTH|MAIL|DATA)/.test(line)),
    'asked twice for TLS, and nothing else said',
  )
  const kept = new Notifications({ file: join(folder, 'mail.jsonl'), clock, log })
  t.equal(kept.waiting('noc@a.tz').length, 1, 'it waits')
})

t.test('what a mail server says of one address is of that address alone, and of the sender for a while', async (t) => {
  const [fine, gone, slow, left] = ['fine@a.tz', 'gone@a.tz', 'slow@a.tz', 'left@a.tz'] as const
  let sender = '530 authenticate first'
  let later = '451 come back later'
  const { lines, port } = await mailServer(
    t,
    (line) => (line.includes(gone) ? '550 no such user' : line.includes(slow) ? later : '250 ok'),
    () => sender,
  )
  const clock = manualClock()
  const folder = temporaryFolder(t.teardown)
  const kept = () => new Notifications({ file: join(folder, 'mail.jsonl'), clock, log })
  const waiting = () => [fine, gone, slow].map((address) => kept().waiting(address).length)
  const got = (address: string, subject: string): number =>
    lines.filter((line, k) => line === `To: ${address}` && lines[k + 1] === `Subject: ${subject}`).length
  // As an earlier release left it: one notification for all of them, one of whom is told no longer.
  const former = { from: 'mizani@a.tz', to: [fine, slow, left], subject: 'former', text: 'former' }
  kept().enter('mail', { body: JSON.stringify(former), alarm: 'former', change: 'raised' })
  const mail = createMail({
    server: { host: '127.0.0.1', port, secure: false, user: null, password: null },
    from: 'mizani@a.tz',
    to: [...[fine, gone, slow].map((address) => ({ address, ...ALL })), { address: fine, ...ALL, regions: ['kigoma'] }],
    ...{ folder, plane: 'taifa', zone: () => 'Africa/Dar_es_Salaam', clock, log, ending: new AbortController().signal },
  })
  t.same([kept().waiting('mail').length, ...waiting()], [0, 1, 0, 1], 'parted among those who are still told')
  mail.notify('raised', alarm)
  const asked = (): number => lines.filter((line) => line.startsWith('MAIL')).length
  await until(() => asked() >= 6, clock)
  t.ok(asked() >= 6, 'each is tried again')
  t.same(waiting(), [2, 1, 2], 'nothing was given up for what the server says of the sender')

  sender = '250 ok'
  await until(() => waiting().join() === '0,0,2', clock)
  t.same(waiting(), [0, 0, 2])
  t.same([got(fine, 'former'), got(slow, 'former')], [1, 0])
  t.equal(lines.filter((line) => line === `To: ${fine}`).length, 2, 'once, though two routes lead there')
  t.match(kept().deadLetters(gone), [{ alarm: alarm.id, reason: /550 no such user/ }], 'refused for good, and listed')

  later = '250 ok'
  await until(() => waiting()[2] === 0, clock)
  t.equal(got(slow, 'former'), 1)
  t.equal(lines.filter((line) => line === `To: ${slow}`).length, 2)
  t.notOk(lines.some((line) => line.includes(left)))
})

t.test(
  'as the process ends nobody waits for notifications, and those that nobody took are there after it',
  async (t) => {
    const clock = manualClock()
    const ending = new AbortController()
    const busy = await receiver(t, () => 503)
    const mute = await receiver(t, () => null)
    const { lines, port } = await mailServer(t, () => '451 come back later')
    const still = createTcpServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(still, 'listening')
    t.teardown(() => still.close())
    const { folder, again } = webhooks(t, clock)
    const hooks = await again(clock, ending.signal)
    for (const { url } of [busy, mute]) await hooks.add(url, ALL, 'asha')
    const mailTo = (server: number, address: string) =>
      createMail({
        server: { host: '127.0.0.1', port: server, secure: false, user: null, password: null },
        ...{ from: 'mizani@a.tz', to: [{ address, ...ALL }], folder: join(folder, address) },
        ...{ plane: 'taifa', zone: () => 'Africa/Dar_es_Salaam', clock, log, ending: ending.signal },
      })
    const mails = [mailTo(port, 'later@a.tz'), mailTo((still.address() as AddressInfo).port, 'mute@a.tz')]
    const greeted = once(still, 'connection')
    for (const way of [hooks, ...mails]) for (const id of ['a', 'b']) way.notify('raised', { ...alarm, id })
    // Two wait for their next attempt, two are in the midst of one that nobody answers.
    await until(
      () => busy.received.length > 0 && mute.received.length > 0 && lines.some((line) => line.includes('later@')),
    )
    await greeted
    await until(() => clock.pending() === 2)
    t.equal(clock.pending(), 2)
    ending.abort()
    const over = Promise.all([hooks, ...mails].map((way) => way.settled()))
    await clock.advance(LAST_WORDS)
    await over
    t.equal(clock.pending(), 0, 'nothing waits any more')
    t.same(
      (await again(clock, AbortSignal.abort())).list().map(({ waiting }) => waiting),
      [2, 2],
    )
    for (const address of ['later@a.tz', 'mute@a.tz']) {
      const kept = new Notifications({ file: join(folder, address, 'mail.jsonl'), clock, log })
      t.equal(kept.waiting(address).length, 2)
    }
  },
)

t.test('routes are by severity and region', (t) => {
  t.ok(isFor({ severity: 'critical', regions: [] }, { severity: 'critical', regions: [] }))
  t.notOk(isFor({ severity: 'critical', regions: [] }, { severity: 'major', regions: [] }))
  t.ok(isFor({ severity: 'minor', regions: ['a'] }, { severity: 'major', regions: ['b', 'a'] }))
  t.notOk(isFor({ severity: 'minor', regions: ['a'] }, { severity: 'major', regions: ['b'] }))
  t.ok(isFor({ severity: 'minor', regions: ['a'] }, { severity: 'major', regions: [] }), 'it concerns everybody')
  t.end()
})
