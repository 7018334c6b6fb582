// A day of policy control over HTTP, against the whole controller on real stores: what is hurt is seen before it
// happens, what fails is stopped, what needs two people needs two, what nobody confirms undoes itself; and at two in
// the morning one person alone can act.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import { main } from '../../src/cli.js'
import type { Impact } from '../../src/model/preview.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { EMPTY_PLANE } from '../../src/policy/files/empty-plane.js'
import { startService } from '../../src/process/main.js'
import { systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import { createLogger } from '../../src/runtime/log.js'
import { startPrivateStores } from '../../src/runtime/private-redis.js'
import { CONTROLLER_USER, POLICY_USER } from '../../src/wire/access.js'

t.setTimeout(120_000)
const M = 1_000_000
const PASSWORD = 'maji ya kunde 1961'
const logged: string[] = []
const log = createLogger('test', 'warn', { write: (line) => void logged.push(line) })
const folder = t.testdir()
const planeFolder = join(folder, 'plane')
mkdirSync(planeFolder)
for (const [name, text] of Object.entries(EMPTY_PLANE)) writeFileSync(join(planeFolder, name), text)

const stores = await startPrivateStores({
  ...{ dataDir: join(folder, 'data'), log, durableUser: POLICY_USER, volatileUser: CONTROLLER_USER },
})
/** As an engineer at the store. */
const redis = new Redis(stores.durableUrl)
const settings = loadSettings({
  env: { MIZANI_DATA: join(folder, 'data'), MIZANI_PLANE: planeFolder, PORT: '0' },
})
const { durableUrl, volatileUrl } = stores
const start = () => startService({ settings, durableUrl, volatileUrl, clock: systemClock, log })
let service = await start()
async function stop(): Promise<void> {
  await service.life.end()
}
t.teardown(async () => {
  redis.disconnect()
  await stop()
  await stores.stop()
})

/** Answers as scripts read them: no more of their names than are looked at here. */
interface Body extends PolicyPart {
  readonly id: string
  readonly revision: number
  readonly items: readonly { readonly id: string; readonly revision: number; readonly actor: string }[]
  readonly confirmBy: string | null
  readonly impact: Readonly<Record<'busyHour' | 'allAtCeiling', Impact>>
  readonly tests: { readonly failed: readonly { readonly test: string }[] }
  readonly changes: readonly unknown[]
  readonly code: string
  readonly nextPageToken: string | null
  readonly proposal?: unknown
  readonly conflict?: { readonly theirs: readonly { readonly pointer: string }[]; readonly both: string[] }
  readonly state: string
  readonly usable: number
  readonly flows: readonly { readonly direction: string; readonly ceiling: number }[]
}
interface PolicyPart {
  tier: string
  labels: Record<string, string>
  services: PolicyDocument['tiers'][string]['services']
}

interface Answer {
  readonly status: number
  readonly etag: string
  readonly body: Body
}

/** Somebody at a browser. */
class Person {
  readonly #user: string
  #cookie = ''
  constructor(user: string) {
    this.#user = user
  }
  async signIn(more: Record<string, string> = {}): Promise<this> {
    const { status } = await this.call('POST', '/v1/session', { user: this.#user, password: PASSWORD, ...more })
    t.equal(status, 201, `${this.#user} signs in`)
    return this
  }
  async sheet(path: string): Promise<string> {
    const headers = { accept: 'text/csv', cookie: this.#cookie }
    return (await fetch(service.url + path, { headers })).text()
  }
  async call(method: string, path: string, body?: unknown, etag?: string, more = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...more, origin: service.url, cookie: this.#cookie }
    if (method !== 'GET') headers['content-type'] = 'application/json'
    if (etag !== undefined) headers['if-match'] = etag
    const init = { method, headers, ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }) }
    const answer = await fetch(service.url + path, init)
    this.#cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie
    const text = await answer.text()
    const etagOf = answer.headers.get('etag') ?? ''
    return { status: answer.status, etag: etagOf, body: text === '' ? null : JSON.parse(text) }
  }
}

async function until<T>(what: string, look: () => Promise<T | undefined>, tries = 200): Promise<T> {
  for (let k = 0; k < tries; k++) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`never happened: ${what}`)
}

const asha = new Person('asha')
const juma = new Person('juma')
const neema = new Person('neema')
const monitor = new Person('nms')
const revisionNow = async (): Promise<number> =>
  (await asha.call('GET', '/v1/policy/revisions?pageSize=1')).body.items[0]!.revision
const document = async (): Promise<{ policy: PolicyDocument; etag: string }> => {
  const { body, etag } = await juma.call('GET', '/v1/policy')
  return { policy: body as unknown as PolicyDocument, etag }
}
const text = (en: string) => ({ en, sw: en })
const bandwidth = (ceiling: string, committed: string, weight: number) => ({
  ...{ ceiling },
  segments: [
    { band: 'lifeline', size: '256kbps' },
    { band: 'committed', size: committed },
    { band: 'share', weight },
  ],
})

t.test('people sign in', async (t) => {
  await asha.signIn({ secret: /first\/(.+)$/.exec(service.firstLink!)![1]! })
  for (const [id, roles] of Object.entries({ juma: ['operator'], neema: ['operator', 'approver'], nms: ['monitor'] })) {
    const made = await asha.call('POST', '/v1/users', { id, name: id, roles, password: PASSWORD })
    t.equal(made.status, 201)
  }
  await Promise.all([juma, neema, monitor].map((person) => person.signIn()))
})

t.test('ten institutions come in with what guards them: a mode, a test', async (t) => {
  const { policy, etag } = await document()
  // A draft is JSON to whoever edits it.
  const draft = structuredClone(policy) as unknown as Record<string, Record<string, unknown>>
  for (let k = 0; k < 10; k++) {
    const id = `body-${k}`
    draft.institutions![id] = { ...policy.institutions['example-agency'], name: text(id) }
    draft.sites![id] = {
      ...{ institution: id, edge: 'edge-1', prefixes: [`10.2.${k}.0/24`], access: '500Mbps' },
    }
  }
  const gold = bandwidth('400Mbps', '80Mbps', 10)
  draft.tiers!.gold = { name: text('Gold'), services: { internet: { down: gold, up: gold } } }
  const narrow = { internet: '60Mbps' }
  draft.modes = { exams: { name: text('Exams'), patches: [{ on: { category: 'agency' }, ceilings: narrow }] } }
  draft.tests = {
    'ten-each': { expect: { tier: 'basic', service: 'internet' }, atLeast: '10Mbps', during: { cut: [] } },
    'half-a-cable': { expect: { keeps: 'guarantee' }, during: { derate: { 'cable-one': 0.25 } } },
  }
  t.equal((await juma.call('PUT', '/v1/policy?reason=import', draft)).status, 428, 'not without an ETag')
  const made = await juma.call('PUT', '/v1/policy?reason=import', draft, etag)
  t.match(made, { status: 200, body: { revision: 2, base: 1, needsApproval: false, tests: { passed: 2 } } })
  const again = await juma.call('PUT', '/v1/policy?reason=import', draft, etag)
  t.match(again, { status: 412, body: { conflict: { known: true } } }, 'the second of two people is told')
  t.same(again.body.conflict!.both.sort(), again.body.conflict!.theirs.map(({ pointer }) => pointer).sort())
  if (made.body.confirmBy !== null) await juma.call('POST', '/v1/policy/revisions/2/confirm')
})

const goldChanges = (...ids: number[]) => ({
  changes: ids.map((k) => ({ pointer: `/institutions/body-${k}/tier`, after: 'gold' })),
})

t.test('a tier change is previewed; a test of the policy stops the worse one', async (t) => {
  const preview = await juma.call('POST', '/v1/policy/preview', goldChanges(0, 1, 2, 3))
  t.equal(preview.status, 200)
  t.same(preview.body.impact.busyHour.totals.guaranteesBroken, 0)
  const { allAtCeiling } = preview.body.impact
  t.ok(allAtCeiling.totals.gainers >= 4, 'four gain')
  t.ok(allAtCeiling.losers.length > 0, 'when everyone asks for the ceiling, others lose')
  t.notOk(allAtCeiling.losers.some(({ institution }) => institution === 'body-0'))
  t.same(
    preview.body.tests.failed.map(({ test }) => test),
    ['half-a-cable'],
  )
  t.match(preview.body.tests.failed[0], { bottleneck: /^transit-a/, service: 'internet' })
  const { policy, etag } = await document()
  for (const k of [0, 1, 2, 3]) policy.institutions[`body-${k}`]!.tier = 'gold'
  const stopped = await juma.call('PUT', '/v1/policy?reason=gold', policy, etag)
  t.match(stopped, { status: 422, body: { code: 'TESTS_FAILED', errors: [{ pointer: '/tests/half-a-cable' }] } })
  t.equal(await revisionNow(), 2, 'a refusal changes nothing')
  const whatIf = await juma.call('POST', '/v1/institutions/body-0/what-if', { tier: 'gold' })
  t.match(whatIf, { status: 200, body: { impact: { allAtCeiling: { gainers: [{ institution: 'body-0' }] } } } })
})

t.test('a change nobody confirms undoes itself, also over a restart; confirmed, it stays', async (t) => {
  const part = await juma.call('GET', '/v1/policy/institutions/body-0')
  const gold = { ...part.body, tier: 'gold' }
  const path = '/v1/policy/institutions/body-0?reason=gold'
  const made = await juma.call('PUT', `${path}&confirmWithin=3`, gold, part.etag)
  t.match(made, { status: 200, body: { revision: 3, tests: { failed: [] } } })
  t.ok(made.body.confirmBy, 'it waits')
  t.match(await juma.call('POST', '/v1/policy/preview', goldChanges(1)), { status: 200 })
  const other = await juma.call('GET', '/v1/policy/institutions/body-1')
  const second = await juma.call(
    'PUT',
    '/v1/policy/institutions/body-1?reason=x',
    { ...other.body, tier: 'gold' },
    other.etag,
  )
  t.match(second, { status: 409, body: { code: 'CONFIRM_PENDING' } })

  await stop()
  service = await start()
  for (const person of [asha, juma, neema, monitor]) await person.signIn()
  await until('the revert', async () => ((await revisionNow()) === 4 ? true : undefined))
  const [revert] = (await juma.call('GET', '/v1/policy/revisions')).body.items
  t.match(revert, { kind: 'revert', author: 'mizani', parent: 3 })
  const alarm = (code: string) => juma.call('GET', `/v1/alarms?code=${code}`)
  const fired = await until('its alarm', async () => (await alarm('REVERT_FIRED')).body.items[0])
  t.match(fired, { subject: /^revision 4 / })
  t.equal((await juma.call('GET', '/v1/policy/institutions/body-0')).body.tier, 'basic')

  t.match(await juma.call('PUT', path, gold, part.etag), { status: 200, body: { revision: 5 } })
  t.match((await juma.call('GET', '/v1/policy/revisions')).body.items[0], { revision: 5, waits: true })
  t.match(await juma.call('POST', '/v1/policy/revisions/5/confirm'), { status: 200 })
  t.match(await juma.call('POST', '/v1/policy/revisions/5/confirm'), { status: 412 })
  const diff = await juma.call('GET', '/v1/policy/revisions/5/diff?against=4')
  t.same(diff.body.changes, [{ pointer: '/institutions/body-0/tier', before: 'basic', after: 'gold' }])
  t.match(await juma.call('POST', '/v1/policy/revisions/4/rollback?reason=back'), {
    status: 200,
    body: { revision: 6 },
  })
  t.equal((await juma.call('GET', '/v1/policy/institutions/body-0')).body.tier, 'basic')
})

t.test('of two at once, the one that waits for its hour does not undo the other then', async (t) => {
  const { policy, etag } = await document()
  const other = structuredClone(policy)
  other.plane.name.en = `${other.plane.name.en} of today`
  const hour = encodeURIComponent(new Date(Date.now() + 3_600_000).toISOString())
  const answers = await Promise.all([
    juma.call('PUT', '/v1/policy?reason=x&confirmWithin=0', other, etag),
    juma.call('PUT', `/v1/policy?reason=x&effectiveAt=${hour}`, policy, etag),
  ])
  t.same(
    answers.map(({ status }) => status),
    [200, 412],
  )
})

t.test('guards ask for a second person, who is not the first', async (t) => {
  const guards = { tiers: { name: text('Tiers'), touches: ['/tiers'] } }
  const { policy, etag } = await document()
  t.equal((await juma.call('PUT', '/v1/policy?reason=guards', { ...policy, guards }, etag)).status, 200)
  const tier = await juma.call('GET', '/v1/policy/tiers/gold')
  tier.body.services.internet!.down.ceiling = 450 * M
  const refused = await neema.call('PUT', '/v1/policy/tiers/gold?reason=more', tier.body, tier.etag)
  t.match(refused, { status: 409, body: { code: 'APPROVAL_REQUIRED' } })
  const ready = refused.body.proposal!
  t.same(ready, { changes: [{ pointer: '/tiers/gold/services/internet/down/ceiling', after: 450 * M }] }, 'ready')
  const unguarded = { changes: [{ pointer: '/guards', after: {} }] }
  t.match(await neema.call('POST', '/v1/policy/preview', unguarded), { body: { needsApproval: true } }, 'no way round')

  const proposal = await neema.call('POST', '/v1/proposals?reason=more', ready)
  t.match(proposal, { status: 201, body: { state: 'open', author: 'neema', guards: ['tiers'] } })
  const path = `/v1/proposals/${proposal.body.id}`
  const seenOn = await revisionNow()
  t.match(await asha.call('GET', path), {
    status: 200,
    body: {
      ...{ state: 'open', author: 'neema', reason: 'more', guards: ['tiers'], seenOn, stale: null },
      words: [{ en: /^tier gold \(.*\), services internet down ceiling: 400 Mbit\/s -> 450 Mbit\/s$/ }],
      preview: { tests: { failed: [] }, impact: { allAtCeiling: { institutions: { losers: Array }, totals: Object } } },
    },
  })
  t.equal((await asha.call('GET', '/v1/proposals/p-nothing')).status, 404)
  const same = { changes: [{ pointer: '/tiers/gold/services/internet/down/ceiling', after: 400 * M }] }
  t.match(await neema.call('POST', '/v1/proposals?reason=same', same), {
    status: 400,
    body: { detail: /^This changes nothing: revision \d+, which is in force, says the same/ },
  })
  t.match(await neema.call('POST', `/v1/policy/revisions/${seenOn}/rollback?reason=none`), {
    status: 400,
    body: { detail: /is the one in force: rolling back to it would change nothing/ },
  })
  t.match(await neema.call('POST', `${path}/commit`), {
    status: 409,
    body: { code: 'APPROVAL_REQUIRED', detail: /waits for a second person: tiers/ },
  })
  t.match(await neema.call('POST', `${path}/approve`), { status: 403, body: { code: 'SELF_APPROVAL' } })
  t.equal((await juma.call('POST', `${path}/approve`)).status, 403, 'an operator is no approver')

  // Somebody else changes another place meanwhile: the approval is for the change, not for the revision.
  const label = await juma.call('GET', '/v1/policy/institutions/body-9')
  const labelled = { ...label.body, labels: { contract: '12' } }
  t.equal((await juma.call('PUT', '/v1/policy/institutions/body-9?reason=x', labelled, label.etag)).status, 200)
  t.match(await asha.call('POST', `${path}/approve?seenOn=${seenOn}`), {
    status: 409,
    body: {
      code: 'PROPOSAL_STALE',
      detail: new RegExp(`looked at on revision ${seenOn}, and ${seenOn + 1} is in force`),
    },
  })
  t.match(await asha.call('POST', `${path}/approve`), { status: 200, body: { state: 'approved', approvedBy: 'asha' } })
  const done = await neema.call('POST', `${path}/commit`)
  t.match(done, { status: 200, body: { revision: await revisionNow() } })
  t.match((await juma.call('GET', '/v1/policy/revisions')).body.items[0], { author: 'neema', approvedBy: 'asha' })
  t.match(await neema.call('POST', `${path}/commit`), { status: 409, body: { code: 'PROPOSAL_STALE' } })
  const { body } = await juma.call('GET', '/v1/policy/tiers/gold')
  t.equal(body.services.internet!.down.ceiling, 450 * M)
  if (done.body.confirmBy !== null) await neema.call('POST', `/v1/policy/revisions/${done.body.revision}/confirm`)

  const late = await juma.call('POST', '/v1/proposals?reason=late', {
    changes: [{ pointer: '/tiers/gold/services/internet/down/ceiling', after: '460Mbps' }],
  })
  const rival = await neema.call('POST', '/v1/proposals?reason=rival', {
    changes: [{ pointer: '/tiers/gold/services/internet/down/ceiling', after: '470Mbps' }],
  })
  await asha.call('POST', `/v1/proposals/${rival.body.id}/approve`)
  const won = await neema.call('POST', `/v1/proposals/${rival.body.id}/commit?confirmWithin=0`)
  t.equal(won.status, 200)
  t.match(await asha.call('POST', `/v1/proposals/${late.body.id}/approve`), { body: { code: 'PROPOSAL_STALE' } })
  t.match((await asha.call('GET', '/v1/proposals?state=void')).body.items, [{ id: late.body.id }])
})

const ceilingOf = async (id: string): Promise<number> =>
  (await juma.call('GET', `/v1/institutions/${id}`)).body.flows.find(({ direction }) => direction === 'down')!.ceiling

t.test('a short override begins and ends by itself; two of one field are refused', async (t) => {
  const patch = { on: { institution: 'body-1' }, ceilings: { internet: '90Mbps' } }
  const body = { patch, seconds: 3, reason: 'a broadcast', reference: 'T-7', owner: 'neema' }
  const made = await juma.call('POST', '/v1/overrides', body)
  t.match(made, { status: 201, body: { state: 'active', owner: 'neema', author: 'juma' } })
  const clash = await neema.call('POST', '/v1/overrides', { ...body, seconds: 60 })
  t.match(clash, { status: 422, body: { code: 'POLICY_INVALID', errors: [{ code: 'OVERLAP' }] } })
  const wrong = { ...body, patch: { on: { institution: 'nobody' }, tier: 'gold' } }
  t.match(await juma.call('POST', '/v1/overrides', wrong), { status: 422, body: { errors: [{ code: 'UNKNOWN' }] } })
  t.equal(await until('it holds', async () => ((await ceilingOf('body-1')) === 90 * M ? 90 : undefined)), 90)
  t.equal(await until('it ends', async () => ((await ceilingOf('body-1')) === 50 * M ? 50 : undefined)), 50)
  t.match((await juma.call('GET', '/v1/overrides?state=ended')).body.items, [{ id: made.body.id }])
})

t.test('twenty people edit twenty parts at once: nobody is refused, revisions have no gap', async (t) => {
  const before = await revisionNow()
  const ids = Array.from({ length: 10 }, (_, k) => [`institutions/body-${k}`, `sites/body-${k}`]).flat()
  const parts = await Promise.all(ids.map((id) => juma.call('GET', `/v1/policy/${id}`)))
  const answers = await Promise.all(
    ids.map((id, k) =>
      juma.call(
        'PUT',
        `/v1/policy/${id}?reason=label`,
        { ...parts[k]!.body, labels: { ticket: `T-${k}` } },
        parts[k]!.etag,
      ),
    ),
  )
  t.same([...new Set(answers.map(({ status }) => status))], [200])
  t.same(
    answers.map(({ body }) => body.revision).sort((a, b) => a - b),
    ids.map((_, k) => before + 1 + k),
  )
  const stale = await juma.call('PUT', `/v1/policy/${ids[0]}?reason=late`, parts[0]!.body, parts[0]!.etag)
  t.equal(stale.status, 412, 'the same part twice')
  const theirs = [{ pointer: '/institutions/body-0/labels/ticket', after: 'T-0' }]
  t.same(stale.body.conflict, { known: true, theirs, yours: [], both: [] })
  const mine = { ...parts[0]!.body, labels: { ticket: 'mine' }, tier: 'gold' }
  const both = await juma.call('PUT', `/v1/policy/${ids[0]}?reason=late`, mine, parts[0]!.etag)
  t.match(both.body.conflict, { both: ['/institutions/body-0/labels/ticket'], yours: { length: 2 } })
  t.match(await juma.call('PUT', `/v1/policy/${ids[0]}?reason=late`, mine, '"sha256:0"'), {
    status: 412,
    body: { conflict: { known: false, theirs: [] } },
  })
})

t.test('a write that is sent twice under one key is made once', async (t) => {
  const part = await juma.call('GET', '/v1/policy/institutions/body-7')
  const key = { 'idempotency-key': 'k-1' }
  const send = (ticket: string) =>
    juma.call(
      ...(['PUT', '/v1/policy/institutions/body-7?reason=x', { ...part.body, labels: { ticket } }] as const),
      ...([part.etag, key] as const),
    )
  const first = await send('T-1')
  t.equal(first.status, 200)
  t.same((await send('T-1')).body, first.body, 'the same answer, though the ETag is an old one by now')
  t.equal(await revisionNow(), first.body.revision)
  t.match(await send('T-2'), { status: 422, body: { code: 'IDEMPOTENCY_REUSED' } })

  // Nobody could say whether it was made, and so no answer is kept: the same request again tells.
  const forget = async (): Promise<void> => {
    const [, kept] = await redis.scan(0, 'MATCH', 'mz:*:answer:*', 'COUNT', 10_000)
    await redis.del(...kept)
  }
  await forget()
  const { revision } = first.body
  t.match(await send('T-1'), { status: 200, body: { revision, base: revision - 1 } })
  const { policy, etag } = await document()
  const whole = { ...policy, regions: { ...policy.regions, moon: { name: text('Moon') } } }
  const put = () => juma.call('PUT', '/v1/policy?reason=x&confirmWithin=0', whole, etag, { 'idempotency-key': 'k-2' })
  t.match(await put(), { status: 200, body: { revision: revision + 1 } })
  await forget()
  t.match(await put(), { status: 200, body: { revision: revision + 1 } }, 'though the ETag is an old one by now')
  const override = () =>
    juma.call(
      ...(['POST', '/v1/overrides'] as const),
      { patch: { on: { institution: 'body-8' }, tier: 'gold' }, seconds: 60, reason: 'x' },
      ...([undefined, { 'idempotency-key': 'k-3' }] as const),
    )
  const one = await override()
  await forget()
  const same = await override()
  t.match(same, { status: 201, body: { id: one.body.id } })
  await juma.call('DELETE', `/v1/overrides/${one.body.id}`)
  t.equal(await revisionNow(), revision + 1)
})

t.test('lists are in pages, and come as sheets', async (t) => {
  for (const path of ['/v1/overrides', '/v1/proposals', '/v1/modes', '/v1/webhooks']) {
    const { body } = await asha.call('GET', `${path}?pageSize=1000`)
    const ids: string[] = []
    for (let token: string | null | undefined = ''; token !== null; ) {
      const page: Answer = await asha.call('GET', `${path}?pageSize=1${token ? `&pageToken=${token}` : ''}`)
      t.equal(page.status, 200)
      ids.push(...page.body.items.map(({ id }) => id))
      token = page.body.nextPageToken
    }
    t.same(
      ids,
      body.items.map(({ id }) => id),
    )
    t.equal((await asha.call('GET', `${path}?pageSize=0`)).status, 400)
    const sheet = await asha.sheet(path)
    t.equal(sheet.trimEnd().split('\r\n').length, 1 + ids.length, path)
  }
})

t.test('alone at two in the morning', async (t) => {
  const usable = async (): Promise<{ usable: number; state: string }> =>
    (await juma.call('GET', '/v1/links/transit-a.down')).body
  const event = { event: 'nms-1', factor: 0.4, reason: 'EASSy' }
  t.match(await monitor.call('POST', '/v1/links/cable-one/state', event), { status: 200, body: { effective: 0.4 } })
  t.match(await monitor.call('POST', '/v1/links/cable-one/state', { ...event, factor: 1 }), { body: { factor: 0.4 } })
  await until('the link shrinks', async () => ((await usable()).usable === 380 * M ? true : undefined))
  t.equal((await monitor.call('GET', '/v1/policy')).status, 403, 'a monitor does nothing else')
  t.equal((await monitor.call('POST', '/v1/links/moon/state', event)).status, 404)
  t.match(await monitor.call('POST', '/v1/links/transit-a/state', { event: 'nms-2', capacity: 100 * M }), {
    body: { effective: 0.1 },
  })

  t.match(await juma.call('POST', '/v1/modes/exams/activate', { reason: 'exams' }), { status: 200, body: { on: true } })
  await until('the mode', async () => ((await ceilingOf('body-2')) === 60 * M ? true : undefined))
  t.equal((await juma.call('POST', '/v1/modes/exams/end', { reason: 'over' })).status, 200)
  await until('its end', async () => ((await ceilingOf('body-2')) === 50 * M ? true : undefined))

  const patch = { on: { institution: 'body-3' }, tier: 'gold' }
  const held = await juma.call('POST', '/v1/overrides', { patch, seconds: 3_600, reason: 'hospital fire' })
  t.equal(held.status, 201)
  t.match(await juma.call('POST', '/v1/freeze', { reason: 'exams' }), { status: 200, body: { frozen: true } })
  t.match(await juma.call('GET', '/v1/freeze'), { status: 200, body: { frozen: true, by: 'juma', until: null } })
  const standing = async (): Promise<string[]> =>
    (await juma.call('GET', '/v1/in-force')).body.items.map(({ id }) => id)
  const wanted = ['freeze:freeze', 'link_state:cable-one:', 'link_state:transit-a:', `override:${held.body.id}`]
  const isListed = (found: readonly string[]): boolean => wanted.every((one) => found.some((id) => id.startsWith(one)))
  await until('all of it is listed', async () => (isListed(await standing()) ? true : undefined))
  const part = await juma.call('GET', '/v1/policy/institutions/body-4')
  const edit = () =>
    juma.call('PUT', '/v1/policy/institutions/body-4?reason=x', { ...part.body, labels: {} }, part.etag)
  t.match(await edit(), { status: 503, body: { code: 'READ_ONLY' } })
  t.equal((await juma.call('POST', '/v1/overrides', { patch, seconds: 60, reason: 'x' })).status, 503)
  t.match(await juma.call('DELETE', `/v1/overrides/${held.body.id}?reason=out`), { body: { state: 'ended' } })
  const back = await juma.call('POST', '/v1/policy/revisions/2/rollback?reason=night')
  t.equal(back.status, 200, 'a rollback passes a freeze, and guards')
  t.equal((await juma.call('POST', '/v1/unfreeze')).status, 200)
})

t.test('break glass: past approval and tests, to be confirmed, and on a list until somebody else signs', async (t) => {
  const { policy, etag } = await document()
  const guards = { all: { name: text('All') } }
  t.equal((await neema.call('PUT', '/v1/policy?reason=g', { ...policy, guards }, etag)).status, 200)
  const part = await neema.call('GET', '/v1/policy/tiers/basic')
  part.body.services.internet!.down.segments[1]!.size = 40 * M
  const path = '/v1/policy/tiers/basic?reason=flood'
  t.equal((await neema.call('PUT', path, part.body, part.etag)).body.code, 'TESTS_FAILED')
  const glass = await neema.call('PUT', `${path}&breakGlass=true&confirmWithin=0`, part.body, part.etag)
  t.equal(glass.status, 200)
  t.ok(glass.body.confirmBy, 'it always waits for confirmation')
  t.ok(
    logged.some((line) => line.includes('BREAK GLASS')),
    'the log says so',
  )
  const { revision } = glass.body
  t.match((await juma.call('GET', '/v1/policy/revisions?unsigned=true')).body.items, [{ revision, unsigned: true }])
  const alarms = async (): Promise<number> => (await juma.call('GET', '/v1/alarms?code=BREAK_GLASS')).body.items.length
  await until('its alarm', async () => ((await alarms()) === 1 ? true : undefined))
  t.equal((await neema.call('POST', `/v1/policy/revisions/${revision}/sign`)).body.code, 'SELF_APPROVAL')
  t.equal((await asha.call('POST', `/v1/policy/revisions/${revision}/sign`)).status, 200)
  t.same((await juma.call('GET', '/v1/policy/revisions?unsigned=true')).body.items, [])
  await until('the end of the alarm', async () => ((await alarms()) === 0 ? true : undefined))
  t.equal((await neema.call('POST', `/v1/policy/revisions/${revision}/confirm`)).status, 200)
})

t.test('an alarm that was acknowledged at one controller is seen at the other', async (t) => {
  const data = join(folder, 'other')
  mkdirSync(data, { mode: 0o700 })
  const other = await startService({
    settings: { ...settings, data },
    durableUrl,
    volatileUrl,
    clock: systemClock,
    log,
  })
  const authorization = `Bearer ${readFileSync(join(data, 'cli-token'), 'utf8').trim()}`
  type Seen = { items: { code: string; acknowledgedBy: string | null; note: string }[] }
  const there = async (): Promise<Seen['items']> => {
    const answer = await fetch(`${other.url}/v1/alarms?all=true`, { headers: { authorization } })
    return ((await answer.json()) as Seen).items
  }
  try {
    await juma.call('POST', '/v1/links/cable-one/state', { event: 'cut-1', state: 'down' })
    const lost = await until(
      'its alarm',
      async () => (await juma.call('GET', '/v1/alarms?code=UPSTREAM_LOST')).body.items[0],
    )
    await until('it there', async () => (await there()).find(({ code }) => code === 'UPSTREAM_LOST'))
    const seen = await juma.call('POST', `/v1/alarms/${lost.id}/acknowledge`, { note: 'EASSy was called' })
    t.equal(seen.status, 200)
    const same = await until('the word', async () =>
      (await there()).find(({ acknowledgedBy }) => acknowledgedBy !== null),
    )
    t.match(same, { code: 'UPSTREAM_LOST', acknowledgedBy: 'juma', note: 'EASSy was called' })
    await juma.call('POST', '/v1/links/cable-one/state', { event: 'cut-2', state: 'up' })
  } finally {
    await other.life.end()
  }
})

t.test('what was proposed for an hour is made in that hour', async (t) => {
  const effectiveAt = new Date(Date.now() + 2_000).toISOString()
  const changes = [{ pointer: '/institutions/body-5/labels/ticket', after: 'T-99' }]
  const path = `/v1/proposals?reason=x&effectiveAt=${encodeURIComponent(effectiveAt)}`
  const proposal = await juma.call('POST', path, { changes })
  t.equal(proposal.body.state, 'open')
  await asha.call('POST', `/v1/proposals/${proposal.body.id}/approve`)
  const label = async () => (await juma.call('GET', '/v1/policy/institutions/body-5')).body.labels.ticket
  t.not(await label(), 'T-99')
  await until('its hour', async () => ((await label()) === 'T-99' ? true : undefined))

  // One that waits for its hour is not made before it without a word.
  const far = new Date(Date.now() + 7_200_000).toISOString()
  const waiting = await juma.call('POST', `/v1/proposals?reason=night&effectiveAt=${encodeURIComponent(far)}`, {
    changes: [{ pointer: '/institutions/body-6/labels/ticket', after: 'T-1' }],
  })
  const hour = `/v1/proposals/${waiting.body.id}`
  await asha.call('POST', `${hour}/approve`)
  t.match(await juma.call('POST', `${hour}/commit`), {
    status: 412,
    body: { code: 'PRECONDITION_FAILED', detail: new RegExp(`waits for ${far} and is made by itself then`) },
  })
  t.match(await juma.call('POST', `${hour}/commit?now=true`), { status: 400, body: { code: 'BAD_REQUEST' } })
  t.equal((await juma.call('POST', `${hour}/commit?now=true&reason=visit&confirmWithin=0`)).status, 200)
  t.match((await juma.call('GET', '/v1/policy/revisions')).body.items[0], {
    reason: 'night; made before its hour by juma: visit',
  })
  t.match((await juma.call('GET', hour)).body, { state: 'committed', preview: null, note: /before its hour by juma/ })

  // The same for a write of a part, and for one that cannot be made when its hour has come.
  const soon = encodeURIComponent(new Date(Date.now() + 1_000).toISOString())
  const part = await juma.call('GET', '/v1/policy/institutions/body-5')
  const later = { ...part.body, labels: { ticket: 'T-100' } }
  const put = (etag: string) =>
    juma.call('PUT', `/v1/policy/institutions/body-5?reason=x&effectiveAt=${soon}`, later, etag)
  t.match(await put('"sha256:0"'), { status: 412 })
  const waits = await put(part.etag)
  t.match(waits, { status: 201, body: { proposal: { state: 'open', author: 'juma', effectiveAt: /Z$/ } } })
  const { id } = waits.body.proposal as { id: string }
  await asha.call('POST', `/v1/proposals/${id}/approve`)
  await until('its hour', async () => ((await label()) === 'T-100' ? true : undefined))
  const { policy, etag } = await document()
  policy.institutions['body-5']!.labels = { ticket: 'T-101' }
  await juma.call('POST', '/v1/freeze', { reason: 'nothing moves' })
  const whole = await juma.call('PUT', `/v1/policy?reason=x&effectiveAt=${soon}`, policy, etag)
  t.equal(whole.status, 201)
  await asha.call('POST', `/v1/proposals/${(whole.body.proposal as { id: string }).id}/approve`)
  type Noted = readonly { readonly note: string | null }[]
  const list = async () => (await juma.call('GET', '/v1/proposals?state=approved')).body.items as unknown as Noted
  const stopped = await until('its note', async () => (await list()).find(({ note }) => note !== null))
  t.match(stopped.note, /^its hour has come, but: The policy is frozen/)
  await juma.call('POST', '/v1/unfreeze')
  const hurried = `/v1/policy?reason=x&effectiveAt=${soon}&confirmWithin=60`
  t.match(await juma.call('PUT', hurried, policy, etag), { status: 400, body: { code: 'BAD_REQUEST' } })
  await until('its hour, late', async () => ((await label()) === 'T-101' ? true : undefined))
})

t.test('the same from a command line', async (t) => {
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const said = { out: '', err: '' }
    const code = await main(args, {
      stdout: { write: (part) => (said.out += part) },
      stderr: { write: (part) => (said.err += part) },
      env: { MIZANI_URL: service.url, MIZANI_DATA: settings.data, ...env },
      isTTY: false,
    })
    return { code, ...said }
  }
  const mizani = (...args: string[]) => run(args)
  const preview = await mizani('policy', 'preview', planeFolder)
  t.match(preview, { code: 0, out: /if everyone asks for the ceiling: \d+ institutions? loses?, \d+ gains?, / })
  t.match(await mizani('policy', 'history', '--most', '3'), { code: 0, out: /^\d+ {2}2\d{3}-.*\n.*\n.*\n$/ })
  const diff = await mizani('policy', 'diff', '5', '--against', '4')
  t.equal(diff.out, '/institutions/body-0/tier\n  - "basic"\n  + "gold"\n')
  t.match(await mizani('policy', 'confirm', '2'), { code: 1, err: /does not wait for confirmation/ })
  const made = await mizani(
    ...['override', 'add', '--on', 'institution=BODY-6', '--ceiling', 'internet=80Mbps/70Mbps', '--for', '8h'],
    ...['--reason', 'a visit', '--json'],
  )
  const { id, patch } = JSON.parse(made.out) as { id: string; patch: unknown }
  t.same(patch, { on: { institution: 'body-6' }, ceilings: { internet: { down: 80 * M, up: 70 * M } } })
  const nobody = await mizani('override', 'add', '--on', 'institution=body', '--for', '8h', '--reason', 'x')
  t.match(nobody, { code: 1, err: /"body" finds 10 institutions/ }, 'a text that finds several is not guessed')
  t.match(await mizani('override', 'list'), { code: 0, out: new RegExp(`${id} {2}active`) })
  t.match(await mizani('override', 'end', id), { code: 0, out: /has ended/ })
  t.match(await mizani('override', 'add', '--on', 'tier', '--for', '8h', '--reason', 'x'), { code: 2 })
  const shortly = await mizani('mode', 'on', 'exams', '--reason', 'x', '--for', '10m', '--json')
  const left = Date.parse((JSON.parse(shortly.out) as { until: string }).until) - Date.now()
  t.ok(left > 0 && left <= 600_000, `${left} ms of ten minutes`)
  t.match(await mizani('mode', 'on', 'exams', '--reason', 'x', '--for', '2h', '--until', 'noon'), { code: 2 })
  t.match(await mizani('mode', 'list'), { code: 0, out: /exams {2}on until/ })
  t.match(await mizani('mode', 'off', 'exams', '--reason', 'x'), { code: 0 })
  t.match(await mizani('freeze', '--reason', 'x'), { code: 0, out: /frozen/ })
  t.match(await mizani('unfreeze'), { code: 0 })

  const edited = join(folder, 'edited')
  await mizani('policy', 'get', '--out', edited)
  const file = join(edited, 'institutions.csv')
  writeFileSync(file, readFileSync(file, 'utf8').replace('body-4,body-4', 'body-4,Body Four'))
  const refused = await mizani('policy', 'apply', edited, '--reason', 'a name')
  t.match(refused, { code: 1, err: /second person: all\.\nmizani proposal add .*edited --reason "a name"/ })
  const added = await mizani('proposal', 'add', edited, '--reason', 'a name')
  const [, proposal = ''] = /mizani proposal approve (\S+)/.exec(added.out) ?? []
  t.match(await mizani('proposal', 'list', '--state', 'open'), {
    code: 0,
    out: new RegExp(`^${proposal}  open .* a name`),
  })
  t.match(await mizani('proposal', 'approve', proposal), { code: 1 }, 'the token of the machine is nobody')
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const token = { user: 'neema', name: 'laptop', roles: ['approver'], expires }
  const { token: secret } = (await asha.call('POST', '/v1/tokens', token)).body as unknown as { token: string }
  const asNeema = (...args: string[]) => run(args, { MIZANI_TOKEN: secret })
  const whole = new RegExp(
    [
      `^Proposal ${proposal} is open; cli made it at .*`,
      'Why: a name',
      'A second person has to agree because of: all',
      'What changes, 1 place, made on revision (\\d+), with \\1 in force:',
      ' {2}institution body-4 \\(.*\\), name en: .* -> Body Four',
      'What it would do if it were made now:',
      ' {2}now: 0 institutions lose, 0 gain, no promise breaks',
    ].join('\n'),
  )
  t.match(await mizani('proposal', 'show', proposal), { code: 0, out: whole })
  const agreed = await asNeema('proposal', 'approve', proposal)
  t.match(agreed, { code: 0, out: whole }, 'who agrees reads the same first')
  t.match(agreed.out, /is approved: 1 place, 0 institutions lose by it\.\nmizani proposal commit /)
  t.match(await mizani('proposal', 'commit', proposal, '--confirm-within', '0'), { code: 0, out: /is in force/ })
  t.equal((await mizani('proposal', 'commit', proposal)).code, 1)
  t.match(await run(['whoami'], { MIZANI_URL: '' }), { code: 0, out: /^cli: admin/ }, 'the data folder says where')
  writeFileSync(file, readFileSync(file, 'utf8').replace('Body Four', 'Body 4'))
  const night = await mizani('policy', 'apply', edited, '--reason', 'night', '--break-glass', '--confirm-within', '10m')
  const [, glass = ''] =
    /mizani policy confirm (\d+)\nAn approver is to sign it: mizani policy sign \1/.exec(night.out) ?? []
  t.match(await mizani('policy', 'history', '--unsigned'), { out: new RegExp(`^${glass} .* unsigned`, 'm') })
  t.match(await asNeema('policy', 'sign', glass), { code: 0, out: /made past approval and tests, is signed/ })
  t.match(await mizani('policy', 'confirm', glass), { code: 0 })
  const future = await mizani('what-if', 'body-4', '--ceiling', 'internet=300/150 Mbit/s')
  t.match(future, { code: 0, out: /if everyone asks for the ceiling: \d+ institutions? / })
  const cut = await mizani('link', 'state', 'cable-one', '40%', '--for', '2h', '--reason', 'cut')
  t.match(cut, { code: 0, out: /^cable-one is told to have 40 % of its capacity until / })
  t.match(await mizani('link', 'state', 'cable-one', 'up'), { code: 0 })
  t.match(await mizani('link', 'state', 'cable-one', 'half'), { code: 2, err: /"half" is no state of a link/ })
  const done = await mizani('audit', 'list', '--actor', 'juma', '--most', '5')
  t.match(done, { code: 0, out: /^ *n {2}time .*\n *\d+ .* juma \(password\) / })

  const { findings } = JSON.parse((await mizani('doctor', '--json')).out) as {
    findings: { about: string; verdict: string; found: string }[]
  }
  for (const about of ['data folder', 'controller', 'edges', 'proof', 'audit'])
    t.ok(
      findings.some((finding) => finding.about === about && finding.verdict !== 'unknown'),
      about,
    )
  t.ok(
    findings.some(({ found, verdict }) => verdict === 'bad' && /taken back by itself/.test(found)),
    'open alarms are said',
  )
  const alone = await run(['doctor'], { MIZANI_URL: 'http://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1' })
  t.match(alone, { code: 1, out: /bad +policy store +Redis at .*\n.*\nunknown controller +No controller answers/ })
  t.match(await mizani('policy', 'rollback', '2', '--reason', 'x'), { code: 0, out: /says what revision 2 said/ })
})

t.test('the trail of the day holds together', async (t) => {
  const verdict = await asha.call('GET', '/v1/audit/verify')
  t.match(verdict, { status: 200, body: { ok: true } })
  const reverts = await asha.call('GET', '/v1/audit?pageSize=1000&action=revert')
  t.ok(
    reverts.body.items.some(({ actor }) => actor === 'mizani'),
    'what the machine undid by itself is told too',
  )
  const trail = await asha.call('GET', '/v1/audit?pageSize=1000&action=overrides')
  t.ok(trail.body.items.some(({ actor }) => actor === 'juma'))
})
