// `mizani up` as its user meets it: one process, the default plane, the whole loop, and every way it can be ended.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { examplesAt } from '../../src/api/examples.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { mailServer } from '../faults/receivers.js'
import { CLI, ROOT } from '../harness/root.js'

interface Up {
  readonly child: ChildProcess
  readonly data: string
  readonly url: string
  /** Ports of the private stores. */
  readonly ports: readonly number[]
  readonly token: string
  log(): string
}

const folders: string[] = []
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mizani-up-'))
  folders.push(folder)
  return folder
}
t.teardown(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function launch(args: readonly string[], env: Record<string, string>): { child: ChildProcess; log(): string } {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout!.on('data', (chunk) => (text += chunk))
  child.stderr!.on('data', (chunk) => (text += chunk))
  return { child, log: () => text }
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined, tries = 300): Promise<T> {
  for (let k = 0; k < tries; k++) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`never happened: ${what}`)
}

async function startUp(
  data = freshFolder(),
  { env = {}, more = [] }: { env?: Record<string, string>; more?: readonly string[] } = {},
): Promise<Up> {
  const { child, log } = launch(['up', '--port', '0', ...more], { MIZANI_DATA: data, ...env })
  const url = await until('ready', () => {
    if (child.exitCode !== null) throw new Error(log())
    return /"url":"([^"]+)"[^\n]*"msg":"ready"/.exec(log())?.[1]
  })
  const ports = [...log().matchAll(/"port":(\d+)/g)].map((m) => Number(m[1]))
  return { child, data, url, ports, token: readFileSync(join(data, 'cli-token'), 'utf8').trim(), log }
}

// Answers as scripts read them: the names of the outside contract, and no more of them than are looked at here.
interface Status {
  readonly seq: number
  readonly revision: number
  readonly institutions: number
  readonly govnetMembers: number
  readonly demo: boolean
  readonly learning: boolean
  readonly edges: { readonly total: number; readonly fresh: number }
  readonly enforcement: { readonly enforce: number }
  readonly certificate: { readonly ok: boolean }
}
interface Flow {
  readonly service: string
  readonly direction: string
  readonly ceiling: number
  readonly need: number
  readonly rate: number
  readonly measured: number
  readonly limitedBy: { readonly code: string; readonly id: string | null }
}
interface Institution {
  readonly id: string
  readonly edges: readonly string[]
  readonly flows: readonly Flow[]
}
interface Link {
  readonly id: string
  readonly load: number
  readonly usable: number
}
interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken: string | null
}
interface Why {
  readonly limitedBy: unknown
  readonly sharersTotal: number
  readonly sentence: { readonly en: string; readonly sw: string }
}
interface Document {
  readonly links: Record<string, { capacity: { down: number; up: number } }>
}

const internetDown = ({ flows }: Institution): Flow =>
  flows.find((f) => f.service === 'internet' && f.direction === 'down')!

async function get<T>(up: Up, path: string): Promise<T> {
  const answer = await fetch(up.url + path, { headers: { authorization: `Bearer ${up.token}` } })
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}
async function post(up: Up, path: string, body: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${up.token}`, 'content-type': 'application/json' }
  return (await fetch(up.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).status
}

/** Raw RESP, as a stranger would speak it. */
function redisSays(port: number, command: string): Promise<string> {
  return import('node:net').then(
    ({ connect }) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
        socket.once('data', (chunk) => {
          resolve(chunk.toString())
          socket.destroy()
        })
        socket.once('error', reject)
      }),
  )
}

const answers = (port: number): Promise<boolean> =>
  redisSays(port, 'PING').then(
    () => true,
    () => false,
  )

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve))

t.test('the whole loop on the default plane', async (t) => {
  const mails = await mailServer(t)
  const to = [{ address: 'noc-1@example.tz' }]
  const settings = { MIZANI_CONFIG: join(freshFolder(), 'settings.yaml') }
  const mail = { host: '127.0.0.1', port: mails.port, from: 'mizani@example.tz', to }
  writeFileSync(settings.MIZANI_CONFIG, JSON.stringify({ mail }))
  const up = await startUp(freshFolder(), { env: settings })
  t.teardown(() => up.child.kill('SIGKILL'))

  const status = await until('all edges fresh and room handed out', async () => {
    const s = await get<Status>(up, '/v1/status')
    // Some ticks more: the first samples still hold what waited while the edges started.
    return s.edges.fresh === s.edges.total && !s.learning && s.seq > 12 ? s : undefined
  })
  t.equal(status.institutions, 554)
  t.equal(status.govnetMembers, 394)
  t.match(status.edges, { total: 28, fresh: 28, stale: 0, safe: 0, simulated: 28 })
  t.match(status.enforcement, { observe: 0, enforce: 28, hold: 0, bypass: 0 })
  t.equal(status.demo, true)
  t.equal(status.certificate.ok, true)
  const later = await until('seq rises', async () => {
    const s = await get<Status>(up, '/v1/status')
    return s.seq > status.seq ? s : undefined
  })
  t.ok(later.seq > status.seq)

  const { items } = await get<Page<Institution>>(up, '/v1/institutions?pageSize=1000')
  t.equal(items.length, 554)
  const flows = items.flatMap((i) => i.flows)
  t.ok(
    flows.every((f) => f.rate > 0),
    'every flow has a rate',
  )
  let page = '/v1/links?pageSize=1000'
  const links: Link[] = []
  for (;;) {
    const { items: some, nextPageToken } = await get<Page<Link>>(up, page)
    links.push(...some)
    if (!nextPageToken) break
    page = `/v1/links?pageSize=1000&pageToken=${encodeURIComponent(nextPageToken)}`
  }
  t.ok(links.length > 1_000)
  t.same(
    links.filter((l) => l.load > l.usable + 1).map((l) => l.id),
    [],
    'on every link load <= usable',
  )

  t.equal((await fetch(`${up.url}/v1/status`)).status, 401, 'without a token')
  t.equal((await fetch(`${up.url}/v1/health/ready`)).status, 200)
  for (const port of up.ports.slice(0, 2)) t.match(await redisSays(port, 'PING'), /NOAUTH/, 'a stranger at the store')

  t.test('a doubled load changes its rate or need within 3 ticks', async (t) => {
    // A bearer whose load is far above what an idle flow keeps, so that a doubling is a doubling of need.
    const flowOf = async (id: string): Promise<Flow> =>
      internetDown(await get<Institution>(up, `/v1/institutions/${id}`))
    const busiest = items
      .filter((i) => i.edges.length === 1)
      .map((i) => ({ id: i.id, f: internetDown(i) }))
      .filter(({ f }) => f.measured > 4e6 && f.measured < f.ceiling / 3)
      .sort((a, b) => b.f.measured - a.f.measured)[0]!
    t.ok(busiest, 'somebody is at work')
    const before = await flowOf(busiest.id)
    const seqBefore = (await get<Status>(up, '/v1/status')).seq
    t.equal(await post(up, '/v1/demo/load', { institution: busiest.id, factor: 2 }), 200)
    const answered = await until('need follows', async () => {
      const f = await flowOf(busiest.id)
      return f.need > 1.5 * before.need && f.rate >= f.need - 1_000 ? f : undefined
    })
    const ticks = (await get<Status>(up, '/v1/status')).seq - seqBefore
    t.ok(answered.rate > 0, `need ${before.need} -> ${answered.need}, rate ${answered.rate}`)
    // Publications between ticks (acknowledged shrinks) have numbers of their own, hence the double.
    t.ok(ticks <= 2 * 3 + 1, `seq went on by ${ticks}`)
  })

  t.test('a stopped edge goes STALE and the others get no more than what is free', async (t) => {
    t.equal(await post(up, '/v1/demo/edges/mwanza-1/stop', {}), 200)
    await until('STALE', async () =>
      (await get<{ state: string }>(up, '/v1/edges/mwanza-1')).state === 'STALE' ? true : undefined,
    )
    const s = await get<Status>(up, '/v1/status')
    t.match(s.edges, { fresh: 27, stale: 1 })
    t.equal(await post(up, '/v1/demo/edges/mwanza-1/start', {}), 200)
    await until('FRESH again', async () =>
      (await get<{ state: string }>(up, '/v1/edges/mwanza-1')).state === 'FRESH' ? true : undefined,
    )
  })

  t.test('explain names the binding link and who shares it', async (t) => {
    // A cable of the uplink fails: monitoring says so, and nobody has to approve it.
    const loss = { event: 'up-test-1', factor: 0.04, reason: 'most of its fibres are cut' }
    t.equal(await post(up, '/v1/links/uplink-mwanza/state', loss), 200)
    const short = await until('somebody is short of uplink-mwanza', async () => {
      const { items: found } = await get<Page<Institution>>(up, '/v1/institutions?edge=mwanza-1&pageSize=100')
      for (const i of found) {
        const f = i.flows.find((x) => x.limitedBy.code === 'LINK' && x.limitedBy.id === 'uplink-mwanza.down')
        if (f) return { id: i.id, service: f.service }
      }
      return undefined
    })
    const why = await get<Why>(up, `/v1/institutions/${short.id}/explain?service=${short.service}&direction=down`)
    t.match(why.limitedBy, { code: 'LINK', id: 'uplink-mwanza.down' })
    t.ok(why.sharersTotal > 3, `${why.sharersTotal} others share it`)
    t.match(why.sentence.en, /uplink-mwanza/i)
    t.ok(why.sentence.sw.length > 20)
    const repaired = { event: 'up-test-2', factor: 1, reason: 'spliced' }
    t.equal(await post(up, '/v1/links/uplink-mwanza/state', repaired), 200)
  })

  t.test('a change of the policy is in force with the next tick', async (t) => {
    const authorization = `Bearer ${up.token}`
    const policy = await fetch(`${up.url}/v1/policy`, { headers: { authorization } })
    const document = (await policy.json()) as Document
    document.links['uplink-mwanza']!.capacity = { down: 1_500_000_000, up: 1_500_000_000 }
    const changed = await fetch(`${up.url}/v1/policy?reason=upgrade`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json', 'if-match': policy.headers.get('etag')! },
      body: JSON.stringify(document),
    })
    t.equal(changed.status, 200)
    const published = await until('revision 2', async () => {
      const s = await get<Status>(up, '/v1/status')
      return s.revision === 2 ? s : undefined
    })
    t.equal(published.revision, 2)
  })

  t.test('a second start on the data folder is refused with the holder', async (t) => {
    const second = launch(['up', '--port', '0'], { MIZANI_DATA: up.data })
    t.equal(await ended(second.child), 1)
    t.match(second.log(), new RegExp(`in use by process ${up.child.pid}`))
    t.notMatch(second.log(), /\n\s+at /, 'no stack trace')
  })

  t.test('SIGTERM ends it in order; a restart finds revision 2, and the letter that nobody took', async (t) => {
    const events = await fetch(`${up.url}/v1/events`, { headers: { authorization: `Bearer ${up.token}` } })
    t.equal(await post(up, '/v1/links/transit-a/state', { event: 'cut', state: 'down', reason: 'a trawler' }), 200)
    await until('the mail server is asked', () => (mails.asked.size > 0 ? true : undefined))
    up.child.kill('SIGTERM')
    t.equal(await ended(up.child), 0)
    t.notMatch(up.log(), /Ended by force|This is a fault/)
    await events.text()
    mails.mend()
    for (const port of up.ports) t.equal(await answers(port), false, 'no store is left')
    const again = await startUp(up.data, { env: settings })
    const restored = await until('the first tick after the restart', () =>
      get<Status>(again, '/v1/status').catch(() => undefined),
    )
    t.equal(restored.revision, 2)
    await until('the letter is told', () => (mails.took.length > 0 ? true : undefined))
    // The upstream is lost, and promises do not fit: an alarm each, each told once.
    t.ok(
      mails.took.every((letter) => letter.startsWith('noc-1@example.tz ')),
      mails.took.join(' '),
    )
    t.equal(new Set(mails.took).size, mails.took.length, mails.took.join(' '))
    again.child.kill('SIGKILL')
    await ended(again.child)
    await until('kill -9 leaves no redis-server', async () => {
      const left = await Promise.all(again.ports.map(answers))
      return left.includes(true) ? undefined : true
    })
    t.pass('kill -9 leaves no redis-server')
  })
})

t.test('what cannot start says why, in a sentence', async (t) => {
  const says = async (args: string[], env: Record<string, string>): Promise<{ code: number | null; text: string }> => {
    const { child, log } = launch(args, env)
    const code = await ended(child)
    return { code, text: log() }
  }
  const taken: Server = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const cases: [string, string[], Record<string, string>, RegExp][] = [
    ['a busy port', ['up', '--port', String(port)], { MIZANI_DATA: freshFolder() }, /Cannot listen on/],
    [
      'Redis out of reach at the first start',
      ['controller', '--port', '0'],
      { MIZANI_DATA: freshFolder(), REDIS_URL: 'redis://127.0.0.1:1', RATES_REDIS_URL: 'redis://127.0.0.1:1' },
      /127\.0\.0\.1:1 does not answer/,
    ],
    [
      'a plane that is not there',
      ['up', '--port', '0', '--plane', '/nonexistent'],
      { MIZANI_DATA: freshFolder() },
      /nonexistent/,
    ],
    ['an unknown setting', ['up'], { MIZANI_COLOUR: 'blue' }, /MIZANI_COLOUR/],
    ['one store only', ['up'], { MIZANI_DATA: freshFolder(), REDIS_URL: 'redis://127.0.0.1:1' }, /both/i],
  ]
  for (const [what, args, env, expected] of cases) {
    const { code, text } = await says(args, env)
    t.ok(code === 1 || code === 2, `${what}: exit code ${code}`)
    t.match(text, expected, what)
    t.notMatch(text, /\n\s+at .*:\d+/, `${what}: no stack trace`)
  }
})

/** What the description of the API shows of one operation. */
interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly example?: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> }
}

/** The request that an operation shows; null: it has an id that only the server makes. */
function shownRequest(name: string, { parameters = [], requestBody }: Described) {
  const [method = '', path = ''] = name.split(' ')
  const shown = (place: string): [string, string][] =>
    parameters.flatMap((one) => (one.in === place && one.example !== undefined ? [[one.name, one.example]] : []))
  const query = new URLSearchParams(shown('query'))
  const address = shown('path').reduce((so, [key, value]) => so.replace(`{${key}}`, value), path)
  if (address.includes('{')) return null
  const body = requestBody?.content['application/json']?.example
  return { method, path: query.size === 0 ? address : `${address}?${query}`, headers: shown('header'), body }
}

t.test('whatever request the description of the API shows is taken by a server of that plane', async (t) => {
  const folder = freshFolder()
  const { document } = validatePolicy(EXAMPLE_POLICY)
  const plane = { ...document!, plane: { ...document!.plane, demo: true } }
  for (const [file, text] of Object.entries(planeFiles(plane))) writeFileSync(join(folder, file), text)
  writeFileSync(join(folder, 'mizani.yaml'), 'webhooks: { allow: [alarms.example.go.tz] }\n')
  const up = await startUp(freshFolder(), { more: ['--plane', folder, '--config', join(folder, 'mizani.yaml')] })
  t.teardown(() => up.child.kill('SIGKILL'))
  let cookie = ''
  const send = async (method: string, path: string, body?: unknown, more: readonly [string, string][] = []) => {
    const headers = { cookie, origin: up.url, 'content-type': 'application/json', ...Object.fromEntries(more) }
    const bodyText = method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }
    const answer = await fetch(up.url + path, { method, headers, ...bodyText })
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return { status: answer.status, text: await answer.text() }
  }
  const secret = readFileSync(join(up.data, 'first-sign-in'), 'utf8').trim().split('/').at(-1)
  const examples = examplesAt(Date.now())
  const signIn = examples['POST /v1/session']!.body as object
  t.equal((await send('POST', '/v1/session', { ...signIn, secret })).status, 201, 'whom the examples speak of')
  await until('every edge has reported', async () => {
    const { edges } = await get<Status>(up, '/v1/status')
    return edges.fresh >= 1 ? true : undefined
  })

  const { paths } = JSON.parse((await send('GET', '/openapi.json')).text) as {
    paths: Record<string, Record<string, Described>>
  }
  // What nobody can know beforehand: a secret that was just made, the hash of an entry.
  const known = new Map<string, () => Promise<object>>()
  const made: string[] = []
  for (const name of Object.keys(examples)) {
    const [method = '', path = ''] = name.split(' ')
    const request = shownRequest(name, paths[path]![method.toLowerCase()]!)
    if (request === null) {
      made.push(name)
      continue
    }
    const { body } = request
    const sent = known.has(name) ? { ...(body as object), ...(await known.get(name)!()) } : body
    const { status, text } = await send(request.method, request.path, sent, request.headers)
    t.ok(status >= 200 && status < 300, `${name}: ${status} ${text.slice(0, 300)}`)
    if (name === 'POST /v1/edges/{id}/account') {
      const { token } = JSON.parse(text) as { token: string }
      known.set('POST /v1/edges/{id}/credentials', async () => ({ token }))
    }
    if (name === 'PATCH /v1/users/{id}')
      known.set('POST /v1/audit/trim', async () => {
        const { items } = JSON.parse((await send('GET', '/v1/audit?order=oldest&pageSize=1')).text) as Page<{
          n: number
          hash: string
        }>
        return { through: { n: items[0]!.n, hash: items[0]!.hash } }
      })
  }
  t.strictSame(made, ['POST /v1/alarms/{id}/acknowledge'])
  const alarm = await until('the cut that was shown is an alarm', async () => {
    const { items } = JSON.parse((await send('GET', '/v1/alarms')).text) as Page<{ id: string }>
    return items[0]
  })
  const acknowledge = paths['/v1/alarms/{id}/acknowledge']!.post!.requestBody!.content['application/json']!.example
  const { status: taken } = await send('POST', `/v1/alarms/${alarm.id}/acknowledge`, acknowledge)
  t.ok(taken >= 200 && taken < 300, `the only request whose id the server makes: ${taken}`)
  const bodies = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) =>
      requestBody === undefined ? [] : [`${method.toUpperCase()} ${path}`],
    ),
  )
  // An edge's own software sends this; its bytes have golden vectors of their own.
  const untold = bodies.filter((name) => examples[name]?.body === undefined)
  t.strictSame(untold, ['POST /v1/edges/{id}/reports'])
})
