// What happens by itself: nobody confirms a change, an override is over, an hour has come; also while the program is
// ended and started again, and each once.

import t from 'tap'
import { until } from '../../harness/until.js'
import {
  type Body,
  hasCeiling,
  hourIn,
  juma,
  labelsOf,
  M,
  machine,
  mails,
  neema,
  part,
  restart,
  SCHOOLS,
  server,
} from './day.js'

const alarmOf = (code: string) => machine.until(`/v1/alarms?code=${code}`, ({ items }) => items.length > 0, code)

/** The override that is made before the restart; that it ends is looked at last, for it lasts the longest. */
let broadcast = ''

t.test('over a restart, what nobody confirms is undone, and what is due is made', async (t) => {
  const override = {
    patch: { on: { institution: SCHOOLS[1] }, ceilings: { internet: '333Mbps' } },
    ...{ seconds: 6, reason: 'a broadcast', reference: 'T-7', owner: 'neema' },
  }
  const made = await juma.call('POST', '/v1/overrides', override)
  t.match(made, { status: 201, body: { state: 'active', owner: 'neema', author: 'juma' } })
  const clash = await neema.call('POST', '/v1/overrides', override)
  t.match(clash, { status: 422, body: { code: 'POLICY_INVALID', errors: [{ code: 'OVERLAP' }] } })
  const nobody = { ...override, patch: { on: { institution: 'nobody' }, tier: 'national' } }
  t.match(await juma.call('POST', '/v1/overrides', nobody), { status: 422, body: { errors: [{ code: 'UNKNOWN' }] } })
  broadcast = made.body.id
  await hasCeiling(SCHOOLS[1]!, 333 * M, 'it holds')

  const due = await part(juma, `institutions/${SCHOOLS[5]}`)
  const later = `/v1/policy/institutions/${SCHOOLS[5]}?reason=x&effectiveAt=${hourIn(2_000)}`
  const put = (etag: string) => juma.call('PUT', later, { ...due.body, labels: { ticket: 'T-100' } }, { etag })
  t.match(await put('"sha256:0"'), { status: 412 })
  const waits = await put(due.etag)
  t.match(waits, { status: 201, body: { proposal: { state: 'approved', author: 'juma', effectiveAt: /Z$/ } } })
  t.not((await labelsOf(SCHOOLS[5]!)).ticket, 'T-100')

  const changes = [{ pointer: `/institutions/${SCHOOLS[0]}/tier`, after: 'national' }]
  const { id: risk } = await juma.post('/v1/proposals?reason=x', { changes })
  const change = await juma.call('POST', `/v1/proposals/${risk}/commit?confirmWithin=2`)
  t.equal(change.status, 200)
  t.ok(change.body.confirmBy, 'it waits')
  t.equal((await part(juma, `institutions/${SCHOOLS[0]}`)).body.tier, 'national', 'and is in force meanwhile')

  const stream = fetch(`${server.url}/v1/events`, { headers: machine.headers })
  await machine.post('/v1/links/transit-a/state', { event: 'cut', state: 'down', reason: 'a trawler' })
  await until(() => mails.asked.size > 0, 'the mail server is asked')
  const events = await stream
  await restart(mails.mend)
  await events.text()

  // People are still signed in.
  const isUndone = ({ items }: Body): boolean => items.some(({ kind }) => kind === 'revert')
  const { items } = await juma.until('/v1/policy/revisions?pageSize=3', isUndone, 'the revert')
  const revert = items.find(({ kind }) => kind === 'revert')!
  t.match(revert, { author: 'mizani', parent: change.body.revision, reason: /was not confirmed in time/ })
  t.equal((await part(juma, `institutions/${SCHOOLS[0]}`)).body.tier, 'agency')
  await until(async () => (await labelsOf(SCHOOLS[5]!)).ticket === 'T-100', 'what was due', 50)
  t.match((await alarmOf('REVERT_FIRED')).items[0], { subject: new RegExp(`^revision ${revert.revision} `) })

  await machine.post('/v1/links/transit-a/state', { event: 'mended', state: 'up', reason: 'spliced' })
  await until(() => mails.took.length > 0, 'the letter that nobody took is told')
  t.ok(
    mails.took.every((letter) => letter.startsWith('noc-1@example.tz ')),
    'to whom it is for',
  )
  t.equal(new Set(mails.took).size, mails.took.length, `each once: ${mails.took.join(' ')}`)
})

t.test('what waits for its hour is not made before it without a word', async (t) => {
  const far = new Date(Date.now() + 7_200_000).toISOString()
  const changes = [{ pointer: `/institutions/${SCHOOLS[6]}/labels/ticket`, after: 'T-1' }]
  const asked = await juma.post(`/v1/proposals?reason=night&effectiveAt=${encodeURIComponent(far)}`, { changes })
  const hour = `/v1/proposals/${asked.id}`
  t.match(await juma.call('POST', `${hour}/commit`), {
    status: 412,
    body: { code: 'PRECONDITION_FAILED', detail: new RegExp(`waits for ${far} and is made by itself then`) },
  })
  t.match(await juma.call('POST', `${hour}/commit?now=true`), { status: 400, body: { code: 'BAD_REQUEST' } })
  t.equal((await juma.call('POST', `${hour}/commit?now=true&reason=visit&confirmWithin=0`)).status, 200)
  t.match((await juma.get('/v1/policy/revisions')).items[0], { reason: 'night; made before its hour by juma: visit' })
  t.match(await juma.get(hour), { state: 'committed', preview: null, note: /before its hour by juma/ })
})

t.test('what cannot be made in its hour says why, and is made when it can be', async (t) => {
  const { body, etag } = await juma.call('GET', '/v1/policy')
  const policy = structuredClone(body) as unknown as { institutions: Record<string, { labels: object }> }
  policy.institutions[SCHOOLS[5]!]!.labels = { ticket: 'T-101' }
  await juma.post('/v1/freeze', { reason: 'nothing moves' })
  const now = hourIn(0)
  const whole = await juma.call('PUT', `/v1/policy?reason=x&effectiveAt=${now}`, policy, { etag })
  t.equal(whole.status, 201)
  t.match(await juma.call('PUT', '/v1/policy?reason=x', policy, { etag }), { status: 503, body: { code: 'READ_ONLY' } })
  const list = '/v1/proposals?state=approved'
  const stopped = await machine.until(list, ({ items }) => items.some(({ note }) => note !== null), 'its note')
  t.match(stopped.items.find(({ note }) => note !== null)!.note, /^its hour has come, but: The policy is frozen/)
  await juma.post('/v1/unfreeze')
  const hurried = `/v1/policy?reason=x&effectiveAt=${now}&confirmWithin=60`
  t.match(await juma.call('PUT', hurried, policy, { etag }), { status: 400, body: { code: 'BAD_REQUEST' } })
  await until(async () => (await labelsOf(SCHOOLS[5]!)).ticket === 'T-101', 'its hour, late', 50)
})

t.test('what was said to hold over the restart for a while is over', async (t) => {
  await hasCeiling(SCHOOLS[1]!, 100 * M, 'the override is over')
  t.match((await juma.get('/v1/overrides?state=ended')).items, [{ id: broadcast }])
})
