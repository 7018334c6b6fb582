// A day of the nation's policy control, whole, over HTTP, against what `npm start` starts: the built program, private
// stores, the default plane with its 28 simulated edges. Compressed are the times that people wait: a change is undone
// after 2 seconds, an override ends after 2 seconds; nothing else is.
//
//   npx tsx test/redis/nation-day.suite.ts            builds what is stale, then runs it
//   npx tsx test/redis/nation-day.suite.ts --source   the sources, while dist/ cannot be built

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { main } from '../../src/cli.js'
import type { Impact } from '../../src/model/preview.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { runningStore } from '../../src/runtime/private-redis.js'
import { readSheet } from '../../src/runtime/sheet.js'
import { keys } from '../../src/wire/redis-keys.js'
import { ROOT } from '../harness/root.js'
import { type Answer, Caller, until } from './people.js'

const PASSWORD = 'maji ya kunde 1961'
const MUHIMBILI = 'hosp-mnh-upanga'
const M = 1_000_000
// Not a folder of tap's: that is taken away while the program still writes to it.
const data = mkdtempSync(join(tmpdir(), 'mizani-nation-day-'))

const program = process.argv.includes('--source') ? ['--import', 'tsx', 'src/cli.ts', 'up'] : ['src/bin/start.mjs']
const { PATH = '', HOME = '' } = process.env
// As a user has it: tap gives its loader to every child, and the compiler cannot be loaded by that.
const server = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, ...program, '--port', '0'], {
  cwd: ROOT,
  env: { PATH, HOME, MIZANI_DATA: data },
  stdio: ['ignore', 'ignore', 'pipe'],
})
let log = ''
server.stderr.on('data', (chunk) => {
  log += chunk
})
const ended = new Promise((resolve) => server.once('exit', resolve))
t.teardown(async () => {
  server.kill('SIGTERM')
  await ended
  rmSync(data, { recursive: true, force: true })
})
const url = await until(
  'ready',
  async () => {
    if (server.exitCode !== null) throw new Error(log)
    return /"url":"([^"]+)"[^\n]*"msg":"ready"/.exec(log)?.[1]
  },
  600,
)

/** No more names of the answers than are looked at here. */
interface Body {
  readonly id: string
  readonly revision: number
  readonly base: number
  readonly code: string
  readonly detail: string
  readonly sheet: string
  readonly token: string
  readonly state: string
  readonly tier: string
  readonly services: PolicyDocument['tiers'][string]['services']
  readonly labels: Readonly<Record<string, string>>
  readonly confirmBy: string | null
  readonly guards: readonly string[]
  readonly ok: boolean
  readonly fault: { readonly n: number } | null
  readonly proposal: { readonly id: string }
  readonly import: { readonly counts: Readonly<Record<string, number>>; readonly missing: readonly string[] }
  readonly impact: Readonly<Record<string, Impact | null>>
  readonly tests: { readonly failed: readonly { readonly test: string }[] }
  readonly items: readonly { readonly id: string; readonly revision: number; readonly kind: string }[]
  readonly flows: readonly { readonly service: string; readonly direction: string; readonly ceiling: number }[]
  readonly bands: readonly { readonly band: string; readonly amount: number; readonly cap: number }[]
}
type Person = Caller<Body>

const browser = (): Person => new Caller<Body>(() => url)
const [asha, juma, neema] = [browser(), browser(), browser()]
let monitor: Person = browser()
const people = new Map<string, Person>()

const revisionNow = async (): Promise<number> =>
  (await juma.call('GET', '/v1/policy/revisions?pageSize=1')).body.items[0]!.revision
const part = (person: Person, path: string) => person.call('GET', `/v1/policy/${path}`)
const ceilingOf = async (id: string): Promise<number | undefined> =>
  (await juma.call('GET', `/v1/institutions/${id}`)).body.flows?.find(
    ({ service, direction }) => service === 'internet' && direction === 'down',
  )?.ceiling
const isNow = (id: string, ceiling: number) => async () => ((await ceilingOf(id)) === ceiling ? ceiling : undefined)

async function signIn(person: Person, user: string, more: Record<string, string> = {}): Promise<void> {
  const { status } = await person.call('POST', '/v1/session', { user, password: PASSWORD, ...more })
  t.equal(status, 201, `${user} signs in`)
}

async function tokenFor(user: string, role: string): Promise<Person> {
  const made = await asha.call('POST', '/v1/users', { id: user, roles: [role] })
  t.equal(made.status, 201, user)
  const expires = new Date(Date.now() + 86_400_000).toISOString()
  const { body } = await asha.call('POST', '/v1/tokens', { user, name: 'day', roles: [role], expires })
  return new Caller<Body>(() => url, body.token)
}

t.test('the first administrator signs in and lets the others in', async (t) => {
  const link = readFileSync(join(data, 'first-sign-in'), 'utf8')
  await signIn(asha, 'asha', { secret: /first\/(\S+)/.exec(link)![1]! })
  for (const [id, roles] of Object.entries({ juma: ['operator'], neema: ['operator', 'approver'] })) {
    t.equal((await asha.call('POST', '/v1/users', { id, roles, password: PASSWORD })).status, 201)
  }
  await Promise.all([signIn(juma, 'juma'), signIn(neema, 'neema')])
  monitor = await tokenFor('nms', 'monitor')
  for (let k = 1; k <= 20; k++) people.set(`op-${k}`, await tokenFor(`op-${k}`, 'operator'))
})

const SCHOOLS = Array.from({ length: 10 }, (_, k) => `chuo-cha-ufundi-${'abcdefghij'[k]}${'abcdefghij'[k]}`)
const sheetOf = (last: string) =>
  [
    'Jina la Taasisi;Aina;Mkoa;Ngazi;Intaneti;GovNet;Mkataba;Lango;Anwani;Kasi (Mbps)',
    ...SCHOOLS.map((id, k) => {
      const name = id.replaceAll('-', ' ').toUpperCase()
      return `${name};agency;Dodoma;agency;ndiyo;hapana;MK-${k};dodoma-1;10.250.${k}.0/24;500`
    }),
    last,
  ].join('\r\n')
const SLIP = 'Muhimbili Natl Hosp Upanga;hospital;Dar es Salaam;hospital-national;ndiyo;ndiyo;;dar-1;10.3.1.0/25;20'

t.test('ten institutions come in from a spreadsheet, none until all can', async (t) => {
  const path = '/v1/policy/import/institutions?reason=vyuo'
  const refused = await juma.call('POST', path, { csv: sheetOf(SLIP) })
  t.match(refused, { status: 422, body: { code: 'POLICY_INVALID', detail: /^1 row cannot be taken/ } })
  const { header, rows } = readSheet(refused.body.sheet)
  t.equal(header.at(-1), 'error')
  t.match(rows.at(-1)?.cells.at(-1), /is this hosp-mnh-upanga \("Muhimbili National Hospital, Upanga"\)/)
  t.equal(await revisionNow(), 1)
  const dry = await juma.call('POST', `${path}&dryRun=true`, { csv: sheetOf('') })
  t.match(dry, { status: 200, body: { revision: 2, import: { counts: { new: 10, changed: 0, same: 0 } } } })
  t.equal(dry.body.import.missing.length, 554)
  const made = await juma.call('POST', `${path}&confirmWithin=0`, { csv: sheetOf('') })
  t.match(made, { status: 200, body: { revision: 2, confirmBy: null, import: { counts: { new: 10 } } } })
  const again = await juma.call('POST', path, { csv: sheetOf('') })
  t.match(again, { status: 200, body: { revision: 2, base: 2, import: { counts: { new: 0, same: 10 } } } })
  await until('their flows', async () => await ceilingOf(SCHOOLS[0]!))
  t.equal((await part(juma, `institutions/${SCHOOLS[3]}`)).body.labels.mkataba, 'MK-3')
})

const dearer = { changes: SCHOOLS.map((id) => ({ pointer: `/institutions/${id}/tier`, after: 'national' })) }
const slip = { pointer: `/institutions/${MUHIMBILI}/tier`, after: 'office' }

t.test(
  'a tier change is previewed: who loses, and in which demand; a test of the policy stops the slip in it',
  async (t) => {
    const { status, body } = await juma.call('POST', '/v1/policy/preview', { changes: [...dearer.changes, slip] })
    t.equal(status, 200)
    const losers = Object.entries(body.impact).flatMap(([demand, impact]) =>
      (impact?.losers ?? []).map(({ institution }) => ({ demand, institution })),
    )
    t.ok(losers.some(({ demand, institution }) => demand === 'allAtCeiling' && institution === MUHIMBILI))
    t.ok(
      losers.some(({ institution }) => institution !== MUHIMBILI),
      'others lose to the ten',
    )
    t.ok(body.tests.failed.some(({ test }) => test === 'muhimbili-on-an-ordinary-day'))
    const { body: present, etag } = await part(juma, `institutions/${MUHIMBILI}`)
    const wrong = { ...present, tier: 'office' }
    const stopped = await juma.call('PUT', `/v1/policy/institutions/${MUHIMBILI}?reason=x`, wrong, { etag })
    t.match(stopped, {
      status: 422,
      body: { code: 'TESTS_FAILED', detail: /hosp-mnh-upanga, internet down: expected/ },
    })
    t.equal(await revisionNow(), 2, 'a refusal changes nothing')
    t.match((await juma.call('POST', '/v1/policy/preview', dearer)).body.tests.failed, [], 'without the slip')
  },
)

const proposed = async (reason: string): Promise<string> => {
  const { status, body } = await juma.call('POST', `/v1/proposals?reason=${reason}`, dearer)
  t.equal(status, 201)
  return `/v1/proposals/${body.id}`
}
const tierNow = async (): Promise<string> => (await part(juma, `institutions/${SCHOOLS[0]}`)).body.tier

t.test(
  'it needs a second person; nobody confirms it and it undoes itself; confirmed it stays; rolled back',
  async (t) => {
    const guard = { name: { en: 'Tiers', sw: 'Ngazi' }, touches: ['/institutions', '/tiers'] }
    t.equal((await neema.call('PUT', '/v1/policy/guards/tiers?reason=four+eyes', guard)).status, 200)
    const direct = await neema.call('PUT', `/v1/policy/institutions/${SCHOOLS[0]}?reason=x`, {}, { etag: '*' })
    t.equal(direct.body.code, 'POLICY_INVALID', 'and what is no institution is none')
    const sheet = { csv: sheetOf('').replace('MK-0', 'MK-99') }
    const imported = '/v1/policy/import/institutions?reason=x'
    t.match(await juma.call('POST', imported, sheet), { status: 409, body: { code: 'APPROVAL_REQUIRED' } })
    const asked = await juma.call('POST', `${imported}&propose=true`, sheet)
    t.match(asked, { status: 201, body: { proposal: { state: 'open' }, import: { counts: { changed: 1, same: 9 } } } })
    await juma.call('POST', `/v1/proposals/${asked.body.proposal.id}/reject?reason=another+day`)

    const path = await proposed('more')
    t.match(await juma.call('POST', `${path}/commit`), { status: 409, body: { code: 'APPROVAL_REQUIRED' } })
    const own = await neema.call('POST', '/v1/proposals?reason=own', dearer)
    t.match(await neema.call('POST', `/v1/proposals/${own.body.id}/approve`), {
      status: 403,
      body: { code: 'SELF_APPROVAL' },
    })
    await neema.call('POST', `/v1/proposals/${own.body.id}/reject?reason=juma+has+it`)
    t.match(await neema.call('POST', `${path}/approve`), { status: 200, body: { state: 'approved' } })
    const made = await juma.call('POST', `${path}/commit?confirmWithin=2`)
    t.equal(made.status, 200)
    t.ok(made.body.confirmBy)
    t.equal(await tierNow(), 'national')
    const reverted = made.body.revision + 1
    await until('the revert', async () => ((await revisionNow()) === reverted ? true : undefined))
    t.match((await juma.call('GET', '/v1/policy/revisions?pageSize=1')).body.items, [{ kind: 'revert' }])
    t.equal(await tierNow(), 'agency')

    const second = await proposed('again')
    await neema.call('POST', `${second}/approve`)
    const { body } = await juma.call('POST', `${second}/commit?confirmWithin=60`)
    t.equal((await juma.call('POST', `/v1/policy/revisions/${body.revision}/confirm`)).status, 200)
    t.equal(await tierNow(), 'national')
    const back = await juma.call('POST', `/v1/policy/revisions/${reverted}/rollback?reason=back`)
    t.match(back, { status: 200, body: { revision: body.revision + 1 } })
    t.equal(await tierNow(), 'agency')
  },
)

t.test('an override of two seconds begins and ends; a mode is switched', async (t) => {
  const { body } = await part(juma, 'tiers/agency')
  const before = body.services.internet!.down.ceiling
  await until('the tier before', isNow(SCHOOLS[1]!, before))
  const patch = { on: { institution: SCHOOLS[1] }, ceilings: { internet: '333Mbps' } }
  const made = await juma.call('POST', '/v1/overrides', { patch, seconds: 2, reason: 'a broadcast' })
  t.equal(made.status, 201)
  await until('it holds', isNow(SCHOOLS[1]!, 333 * M))
  await until('it has ended', isNow(SCHOOLS[1]!, before))
  t.match((await juma.call('GET', '/v1/overrides?state=ended')).body.items, [{ id: made.body.id }])

  const exams = {
    name: { en: 'Examinations', sw: 'Mitihani' },
    patches: [{ on: { category: 'agency' }, ceilings: { internet: '111Mbps' } }],
  }
  const put = await juma.call('PUT', '/v1/policy/modes/exams?reason=exams&confirmWithin=0', exams)
  t.equal(put.status, 200, put.body.detail)
  t.equal((await juma.call('POST', '/v1/modes/exams/activate', { reason: 'it begins' })).status, 200)
  await until('the mode', isNow(SCHOOLS[2]!, 111 * M))
  t.equal((await juma.call('POST', '/v1/modes/exams/end', { reason: 'over' })).status, 200)
  await until('its end', isNow(SCHOOLS[2]!, before))
})

t.test('cables are derated: promises shrink, the first band last', async (t) => {
  // All upstreams at a fourteenth of what they were: not even the guarantees of hospitals fit.
  const cables = ['cable-eassy', 'cable-seacom', 'cable-2africa']
  const report = (k: number, factor: number) =>
    monitor.call('POST', `/v1/links/${cables[k]}/state`, { event: `noc-${k}-${factor}`, factor, reason: 'EASSy' })
  // Whatever the hour: by night that much is enough for what is asked.
  const { body } = await juma.call('GET', '/v1/institutions?pageSize=1000')
  const everyoneAsks = (factor: number) =>
    Promise.all(body.items.map(({ id }) => juma.call('POST', '/v1/demo/load', { institution: id, factor })))
  t.ok(
    (await everyoneAsks(20)).every(({ status }) => status === 200),
    `${body.items.length} ask for more`,
  )
  for (const k of cables.keys()) t.equal((await report(k, 0.07)).status, 200)
  const ids = ['ikulu', MUHIMBILI, 'min-afya', SCHOOLS[0]!]
  const kept = async (): Promise<Record<string, number>> => {
    const sums: Record<string, { amount: number; cap: number }> = {}
    for (const id of ids) {
      const { status, body } = await juma.call('GET', `/v1/institutions/${id}/explain?service=internet`)
      if (status !== 200) continue
      for (const { band, amount, cap } of body.bands) {
        const sum = sums[band] ?? { amount: 0, cap: 0 }
        sums[band] = { amount: sum.amount + amount, cap: sum.cap + cap }
      }
    }
    return Object.fromEntries(
      Object.entries(sums).map(([band, { amount, cap }]) => [band, cap === 0 ? 1 : amount / cap]),
    )
  }
  const found = await until('promises shrink', async () => {
    const now = await kept()
    return (now.committed ?? 1) < 0.5 ? now : undefined
  })
  t.comment(JSON.stringify(found))
  t.ok(found.lifeline! > 0.999, 'lifelines are whole')
  t.ok(found.critical! >= found.committed! && found.committed! >= found.share!, 'the later band suffers first')
  for (const k of cables.keys()) t.equal((await report(k, 1)).status, 200)
  await everyoneAsks(1)
})

t.test('twenty people edit twenty institutions at once: nobody gets a 412', async (t) => {
  const removed = await neema.call('POST', '/v1/proposals?reason=no+guard', { changes: [{ pointer: '/guards/tiers' }] })
  await asha.call('POST', `/v1/proposals/${removed.body.id}/approve`)
  t.equal((await neema.call('POST', `/v1/proposals/${removed.body.id}/commit?confirmWithin=0`)).status, 200)
  const before = await revisionNow()
  const { body } = await juma.call('GET', '/v1/institutions?category=agency&pageSize=20')
  const edits = [...people.values()].map(async (person, k) => {
    const id = body.items[k]!.id
    const { body: present, etag } = await part(person, `institutions/${id}`)
    const next = { ...present, labels: { ticket: `T-${k}` } }
    return person.call('PUT', `/v1/policy/institutions/${id}?reason=ticket+${k}`, next, { etag })
  })
  const answers = await Promise.all(edits)
  t.same(
    answers.map(({ status }) => status),
    answers.map(() => 200),
  )
  const made = answers.map((answer) => answer.body.revision).sort((a, b) => a - b)
  t.same(
    made,
    made.map((_, k) => before + 1 + k),
    'twenty revisions without a gap',
  )
})

t.test('fifty writers on one part: exactly one wins each round', async (t) => {
  const writers = [...people.values()]
  for (let round = 0; round < 3; round++) {
    const before = await revisionNow()
    const { body, etag } = await part(juma, `institutions/${SCHOOLS[5]}`)
    const writes = Array.from({ length: 50 }, (_, k) => {
      const next = { ...body, labels: { writer: `${round}-${k}` } }
      return writers[k % 20]!.call('PUT', `/v1/policy/institutions/${SCHOOLS[5]}?reason=race`, next, { etag })
    })
    const answers = await Promise.all(writes)
    const won = answers.filter(({ status }) => status === 200)
    t.equal(won.length, 1, 'one')
    t.same(new Set(answers.map(({ status }) => status)), new Set([200, 412]))
    t.equal(won[0]!.body.revision, before + 1)
    t.equal(await revisionNow(), before + 1, 'the others made none')
  }
  const { body } = await juma.call('GET', '/v1/policy/revisions?pageSize=1000')
  const numbers = body.items.map(({ revision }) => revision)
  t.same(
    numbers,
    numbers.map((_, k) => numbers.length - k),
    'revisions are contiguous',
  )
})

t.test('alone at two in the morning: no second person is needed for what cannot wait', async (t) => {
  // From now on every change of the policy needs one.
  const guard = { name: { en: 'Everything', sw: 'Yote' } }
  t.equal((await juma.call('PUT', '/v1/policy/guards/all?reason=night', guard)).status, 200)
  const guarded = await revisionNow()
  const derate = { event: 'noc-9', factor: 0.4, ttl: 3_600, reason: 'cable fault' }
  t.match(await monitor.call('POST', '/v1/links/cable-eassy/state', derate), { status: 200, body: { effective: 0.4 } })
  t.equal((await juma.call('POST', '/v1/modes/exams/activate', { reason: 'shed load' })).status, 200)
  const patch = { on: { institution: MUHIMBILI }, ceilings: { internet: '250Mbps' } }
  const held = await juma.call('POST', '/v1/overrides', { patch, seconds: 3_600, reason: 'casualties' })
  t.equal(held.status, 201)
  await until('it holds', isNow(MUHIMBILI, 250 * M))
  const { body } = await part(juma, `institutions/${SCHOOLS[7]}`)
  const path = `/v1/policy/institutions/${SCHOOLS[7]}?reason=night`
  const edit = (query: string) => juma.call('PUT', path + query, { ...body, labels: {} }, { etag: '*' })
  t.match(await edit(''), { status: 409, body: { code: 'APPROVAL_REQUIRED' } })
  const glass = await edit('&breakGlass=true')
  t.match(glass, { status: 200, body: { revision: guarded + 1 } })
  t.ok(glass.body.confirmBy, 'it is undone unless it is confirmed')
  t.match((await juma.call('GET', '/v1/policy/revisions?unsigned=true')).body.items, [{ revision: guarded + 1 }])
  t.equal((await juma.call('POST', `/v1/policy/revisions/${guarded + 1}/confirm`)).status, 200)
  t.match(await juma.call('POST', '/v1/freeze', { reason: 'nobody touches it' }), { status: 200 })
  const frozen = await juma.call('PUT', `${path}&breakGlass=true`, body, { etag: '*' })
  t.match(frozen, { status: 503, body: { code: 'READ_ONLY' } })
  const back = await juma.call('POST', `/v1/policy/revisions/${guarded}/rollback?reason=safe`)
  t.match(back, { status: 200, body: { revision: guarded + 2 } }, 'a rollback passes a freeze, and guards')
  t.equal((await juma.call('POST', '/v1/unfreeze')).status, 200)
  t.equal((await juma.call('DELETE', `/v1/overrides/${held.body.id}?reason=over`)).status, 200)

  const sign = (person: Person): Promise<Answer<Body>> =>
    person.call('POST', `/v1/policy/revisions/${guarded + 1}/sign`)
  t.equal((await sign(juma)).status, 403, 'an operator does not sign')
  t.equal((await sign(neema)).status, 200, 'in the morning an approver does')
  t.same((await juma.call('GET', '/v1/policy/revisions?unsigned=true')).body.items, [])
})

async function mizani(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const stdout = { write: (text: string) => (said.out += text) }
  const stderr = { write: (text: string) => (said.err += text) }
  const code = await main(args, { stdout, stderr, env: { MIZANI_URL: url, MIZANI_DATA: data }, isTTY: false })
  return { code, ...said }
}

t.test('the policy is taken away as files, and is the same; so is the trail, and a flipped bit shows', async (t) => {
  const folder = join(data, 'taken')
  t.match(await mizani('policy', 'get', '--out', folder), { code: 0 })
  const { document, faults } = loadPlane(folder)
  t.same(faults, [])
  t.equal(hashOf(document), hashOf((await juma.call('GET', '/v1/policy')).body))
  t.match(await mizani('policy', 'apply', folder), { code: 0, out: /^Nothing to do/ })
  const sheet = join(data, 'out.csv')
  t.match(await mizani('policy', 'export', 'institutions', '--out', sheet), { code: 0 })
  t.match(await mizani('policy', 'import', 'institutions', sheet), { code: 0, out: /564 the same\nNothing to do/ })

  t.match(await mizani('audit', 'verify'), { code: 0, out: /^The trail holds: \d+ entries/ })
  const trail = join(data, 'trail')
  t.match(await mizani('audit', 'export', trail), { code: 0 })
  t.match(await mizani('audit', 'verify', '--file', trail), { code: 0 })
  const bytes = readFileSync(trail)
  const at = bytes.indexOf('vyuo')
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(trail, bytes)
  t.match(await mizani('audit', 'verify', '--file', trail), { code: 1, out: /^THE TRAIL WAS CHANGED at entry \d+/ })

  // The same bit in the store itself, by somebody who has all its rights.
  const store = new Redis((await runningStore(data, 'durable', 'supervisor'))!)
  const { audit } = keys('taifa')
  const entries = await store.xrange(audit, '-', '+')
  const changed = entries.find(([, fields]) => fields.some((field) => field.includes('vyuo')))!
  await store.del(audit)
  for (const [id, fields] of entries) {
    await store.xadd(audit, id, ...(id === changed[0] ? fields.map((field) => field.replace('vyuo', 'wyuo')) : fields))
  }
  store.disconnect()
  const verdict = await asha.call('GET', '/v1/audit/verify')
  t.match(verdict.body, { ok: false, fault: { n: Number(changed[0].split('-')[0]) } })
})
