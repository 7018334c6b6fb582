// Writes whose answers are lost, lists, and two in the morning, when one person alone can act.

import t from 'tap'
import { runningStore } from '../../../src/runtime/private-redis.js'
import { connect, untilReady } from '../../../src/runtime/redis.js'
import { slipOf } from './changes.js'
import {
  asha,
  type Body,
  data,
  hasCeiling,
  juma,
  M,
  MUHIMBILI,
  machine,
  monitor,
  neema,
  part,
  revisionNow,
  SCHOOLS,
  server,
  zawadi,
} from './day.js'

t.test('a write that is sent twice under one key is made once', async (t) => {
  /** As an engineer at the store: nobody could say whether it was made, and so no answer is kept. */
  const redis = connect((await runningStore(data, 'durable', 'supervisor'))!, 'supervisor')
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  const forget = async (): Promise<void> => {
    const [, kept] = await redis.scan(0, 'MATCH', 'mz:*:answer:*', 'COUNT', 10_000)
    await redis.del(...kept)
  }
  const keyed = (key: string, etag?: string) => ({ etag, headers: { 'idempotency-key': key } })
  const { body, etag } = await part(juma, `institutions/${SCHOOLS[7]}`)
  const send = (ticket: string) =>
    juma.call(
      'PUT',
      `/v1/policy/institutions/${SCHOOLS[7]}?reason=x`,
      { ...body, labels: { ticket } },
      keyed('k-1', etag),
    )
  const first = await send('T-1')
  t.equal(first.status, 200)
  t.same((await send('T-1')).body, first.body, 'the same answer, though the ETag is an old one by now')
  t.equal(await revisionNow(), first.body.revision)
  t.match(await send('T-2'), { status: 422, body: { code: 'IDEMPOTENCY_REUSED' } })
  await forget()
  const { revision } = first.body
  t.match(await send('T-1'), { status: 200, body: { revision, base: revision - 1 } }, 'the request itself tells')

  const whole = await juma.call('GET', '/v1/policy')
  const policy = whole.body as unknown as { regions: Record<string, unknown> }
  policy.regions.moon = { name: { en: 'Moon', sw: 'Mwezi' } }
  const put = () => juma.call('PUT', '/v1/policy?reason=x&confirmWithin=0', policy, keyed('k-2', whole.etag))
  t.match(await put(), { status: 200, body: { revision: revision + 1 } })
  await forget()
  t.match(await put(), { status: 200, body: { revision: revision + 1 } }, 'though the ETag is an old one by now')
  const patch = { on: { institution: SCHOOLS[8] }, tier: 'national' }
  const override = () => juma.call('POST', '/v1/overrides', { patch, seconds: 60, reason: 'x' }, keyed('k-3'))
  const { id } = (await override()).body
  await forget()
  t.match(await override(), { status: 201, body: { id } })
  await juma.call('DELETE', `/v1/overrides/${id}`)
  t.equal(await revisionNow(), revision + 1)
})

const MODE = {
  name: { en: 'Examinations', sw: 'Mitihani' },
  patches: [{ on: { category: 'agency' }, ceilings: { internet: '60Mbps' } }],
}

t.test('a mode is made and switched; lists are in pages, and come as sheets', async (t) => {
  const put = await juma.call('PUT', '/v1/policy/modes/exams?reason=exams&confirmWithin=0', MODE)
  t.equal(put.status, 200)
  t.match(await juma.call('POST', '/v1/modes/exams/activate', { reason: 'it begins' }), { body: { on: true } })
  await hasCeiling(SCHOOLS[2]!, 60 * M, 'the mode')
  for (const path of ['/v1/overrides', '/v1/proposals', '/v1/modes', '/v1/webhooks']) {
    const { items } = await asha.get(`${path}?pageSize=1000`)
    const ids: string[] = []
    for (let token: string | null = ''; token !== null; ) {
      const page: Body = await asha.get(`${path}?pageSize=1${token && `&pageToken=${token}`}`)
      ids.push(...page.items.map(({ id }) => id))
      token = page.nextPageToken
    }
    t.same(
      ids,
      items.map(({ id }) => id),
    )
    t.equal((await asha.call('GET', `${path}?pageSize=0`)).status, 400)
    const sheet = await asha.call('GET', path, undefined, { headers: { accept: 'text/csv' } })
    t.equal(String(sheet.body).trimEnd().split('\r\n').length, 1 + ids.length, path)
  }
  t.equal((await juma.call('POST', '/v1/modes/exams/end', { reason: 'over' })).status, 200)
  await hasCeiling(SCHOOLS[2]!, 100 * M, 'its end')
})

const plain = (school: string): string => `/v1/policy/institutions/${school}?reason=x&confirmWithin=0`

/** As it goes where a second person agrees. */
export async function withoutGuard(id: string): Promise<void> {
  const change = { changes: [{ pointer: `/guards/${id}` }] }
  const proposal = `/v1/proposals/${(await neema.post('/v1/proposals?reason=over', change)).id}`
  await zawadi.post(`${proposal}/approve`)
  await neema.post(`${proposal}/commit?confirmWithin=0`)
}

t.test('alone at two in the morning: what cannot wait needs no second person', async (t) => {
  // From now on every change of the policy needs one.
  const guard = { name: { en: 'Everything', sw: 'Yote' } }
  const patch = { on: { institution: SCHOOLS[3] }, ceilings: { internet: '250Mbps' } }
  const { id } = await juma.post('/v1/overrides', { patch, seconds: 3_600, reason: 'casualties' })
  t.equal((await juma.call('PUT', '/v1/policy/guards/all?reason=night', guard)).status, 200)
  const guarded = await revisionNow()
  const round = { on: { institution: SCHOOLS[4] }, tier: 'national' }
  t.match(await juma.call('POST', '/v1/overrides', { patch: round, seconds: 60, reason: 'x' }), {
    ...{ status: 409, body: { code: 'APPROVAL_REQUIRED', detail: /second person: all/ } },
  })
  const transit = await machine.get('/v1/links/transit-a.down')
  const event = { event: 'nms-1', factor: 0.4, reason: 'EASSy' }
  const say = (link: string, what: object) => monitor.call('POST', `/v1/links/${link}/state`, what)
  t.match(await say('cable-eassy', event), { status: 200, body: { effective: 0.4 } })
  t.match(await say('cable-eassy', { ...event, factor: 1 }), { body: { factor: 0.4 } }, 'an event is told once')
  const shrinks = ({ usable }: Body): boolean => Math.abs(usable - 0.4 * transit.usable) < 1
  await machine.until('/v1/links/transit-a.down', shrinks, 'the link shrinks')
  t.equal((await monitor.call('GET', '/v1/policy')).status, 403, 'a monitor does nothing else')
  t.equal((await say('moon', event)).status, 404)
  t.match(await say('transit-b', { event: 'nms-2', capacity: 120 * M }), { body: { effective: 0.1 } })

  await hasCeiling(SCHOOLS[3]!, 250 * M, 'it holds')
  t.match(await juma.call('POST', '/v1/freeze', { reason: 'exams' }), { status: 200, body: { frozen: true } })
  t.match(await juma.get('/v1/freeze'), { frozen: true, by: 'juma', until: null })
  const wanted = ['freeze:freeze', 'link_state:cable-eassy:', 'link_state:transit-b:', `override:${id}`]
  const isListed = ({ items }: Body): boolean => wanted.every((one) => items.some((item) => item.id.startsWith(one)))
  await juma.until('/v1/in-force', isListed, 'all of it is listed')
  const { body, etag } = await part(juma, `institutions/${SCHOOLS[4]}`)
  const path = `/v1/policy/institutions/${SCHOOLS[4]}?reason=x&breakGlass=true`
  t.match(
    await juma.call('PUT', path, { ...body, labels: {} }, { etag }),
    { status: 403 },
    'an operator breaks no glass',
  )
  t.match(await neema.call('PUT', path, { ...body, labels: {} }, { etag }), {
    status: 503,
    body: { code: 'READ_ONLY' },
  })
  t.equal((await juma.call('POST', '/v1/overrides', { patch, seconds: 60, reason: 'x' })).status, 503)
  t.match(await juma.call('DELETE', `/v1/overrides/${id}?reason=out`), { body: { state: 'ended' } })
  const back = await juma.call('POST', `/v1/policy/revisions/${guarded - 1}/rollback?reason=night`)
  t.match(back, { status: 409, body: { code: 'APPROVAL_REQUIRED' } }, 'a rollback takes no guard away')
  t.equal((await juma.call('POST', '/v1/unfreeze')).status, 200)
  await withoutGuard('all')
  const [before] = [await revisionNow()]
  t.equal((await juma.call('PUT', plain(SCHOOLS[4]!), { ...body, labels: { x: 'y' } }, { etag })).status, 200)
  t.equal((await juma.call('POST', '/v1/freeze', { reason: 'again' })).status, 200)
  const undone = await juma.call('POST', `/v1/policy/revisions/${before}/rollback?reason=night`)
  t.match(undone, { status: 200, body: { revision: before + 2 } }, 'and passes a freeze')
  t.equal((await juma.call('POST', '/v1/unfreeze')).status, 200)
  for (const link of ['cable-eassy', 'transit-b']) await say(link, { event: `${link}-well`, factor: 1 })
})

t.test('break glass: past approval and tests, to be confirmed, and on a list until somebody else signs', async (t) => {
  const guard = { name: { en: 'Everything', sw: 'Yote' } }
  t.equal((await neema.call('PUT', '/v1/policy/guards/all?reason=g', guard)).status, 200)
  const { body, etag } = await part(neema, `institutions/${MUHIMBILI}`)
  const path = `/v1/policy/institutions/${MUHIMBILI}?reason=flood`
  const edit = (query = '') => neema.call('PUT', path + query, slipOf(body), { etag })
  t.equal((await edit()).body.code, 'TESTS_FAILED')
  const glass = await edit('&breakGlass=true&confirmWithin=0')
  t.equal(glass.status, 200)
  t.ok(glass.body.confirmBy, 'it always waits for confirmation')
  t.match(server.log(), /BREAK GLASS/, 'the log says so')
  const { revision } = glass.body
  const unsigned = '/v1/policy/revisions?unsigned=true'
  t.match((await juma.get(unsigned)).items, [{ revision, unsigned: true }])
  const alarms = '/v1/alarms?code=BREAK_GLASS'
  await juma.until(alarms, ({ items }) => items.length === 1, 'its alarm')
  const sign = `/v1/policy/revisions/${revision}/sign`
  t.equal((await neema.call('POST', sign)).body.code, 'SELF_APPROVAL')
  t.equal((await juma.call('POST', sign)).status, 403, 'an operator does not sign')
  t.equal((await asha.call('POST', sign)).status, 403, 'nor does the administrator, where there are guards')
  t.equal((await zawadi.call('POST', sign)).status, 200)
  t.same((await juma.get(unsigned)).items, [])
  await juma.until(alarms, ({ items }) => items.length === 0, 'the end of the alarm')
  const confirm = `/v1/policy/revisions/${revision}/confirm`
  t.equal((await neema.call('POST', confirm)).body.code, 'SELF_APPROVAL', 'nor does its author confirm it')
  t.equal((await juma.call('POST', confirm)).status, 403)
  t.equal((await zawadi.call('POST', confirm)).status, 200)
  await withoutGuard('all')
})
