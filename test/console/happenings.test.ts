// What happened while a history was recorded: each thing once, where it was, in order, and nothing from outside of it.

import t from 'tap'
import type { Call } from '../../src/console/call.js'
import { cutsIn, happeningsOf, revisionsIn } from '../../src/console/happenings.js'

const at = (clock: string): string => `2026-12-01T${clock}:00Z`
const span = { from: Date.parse(at('06:00')), to: Date.parse(at('18:00')) }
const cut = (since: string, cleared: string | null) => ({
  ...{ code: 'UPSTREAM_LOST', subject: 'upstreams', members: ['transit-b'] },
  since: at(since),
  cleared: cleared && at(cleared),
})

t.test('revisions, cuts, what held for a while, and gaps', (t) => {
  const point = (clock: string, revision: number | null) => ({ at: at(clock), revision, need: revision && 1_000 })
  const points = [
    ...[point('06:00', null), point('07:00', 3), point('08:00', null), point('08:15', null), point('09:00', 3)],
    ...[point('10:00', 4), point('11:00', 4), point('12:00', null)],
  ]
  const override = (from: string, until: string, state: 'active' | 'ended') => ({
    ...{ reason: 'an operation', owner: 'asha', from: at(from), until: at(until), state },
  })
  const found = happeningsOf(
    points,
    [{ revision: 4, at: at('10:00') }],
    [cut('09:30', '17:00'), cut('05:00', '06:30')],
    [override('07:30', '07:45', 'ended'), override('16:00', '17:30', 'active')],
    span,
  )
  const said = found.map((one) => `${new Date(one.at).toISOString().slice(11, 16)} ${one.kind}`)
  t.same(said, [
    ...['06:30 alarm', '07:30 override', '07:45 override', '08:00 gap', '09:30 alarm', '10:00 revision'],
    ...['16:00 override', '17:00 alarm'],
  ])
  t.match(found, [
    { isOver: true, code: 'UPSTREAM_LOST', of: 'transit-b' },
    { isOver: false },
    { isOver: true },
    { until: Date.parse(at('09:00')) },
  ])
  t.same(happeningsOf([], [], [], [], span), [])
  t.end()
})

t.test('cuts are asked for by their kinds', async (t) => {
  const asked: unknown[] = []
  const call = (async (_: string, __: string, { query }: { query: { code: string } }) => {
    asked.push(query.code)
    const ofLinks = [cut('04:00', '05:00'), cut('04:00', null)]
    return { items: query.code === 'LINK_DOWN' ? ofLinks : [cut('07:00', null)], nextPageToken: null }
  }) as unknown as Call
  t.match(await cutsIn(call, span), [{ since: at('07:00') }, { since: at('07:00') }], 'of that time')
  t.same(asked, ['UPSTREAM_LOST', 'UPSTREAM_DERATED', 'LINK_DOWN'])
})

t.test('each revision stands at its own time, those of one step of the record too', async (t) => {
  const revision = (n: number, clock: string) => ({ revision: n, at: `2026-12-01T${clock}Z` })
  const pages = [
    [revision(5, '18:30:00.000'), revision(4, '09:26:51.000')],
    [revision(3, '09:04:57.000'), revision(2, '09:01:12.000')],
    [revision(1, '05:00:00.000')],
  ]
  let asked = 0
  const call = (async (_: string, path: string, { query }: { query: { pageToken?: string } }) => {
    t.equal(path, '/v1/policy/revisions')
    const n = Number(query.pageToken ?? 0)
    asked = n + 1
    return { items: pages[n], nextPageToken: String(n + 1) }
  }) as unknown as Call
  const revisions = await revisionsIn(call, span)
  t.equal(asked, 3, 'nothing older than the time is asked for')
  const points = ['09:00', '09:15', '09:30'].map((clock) => ({ at: at(clock), need: 1_000 }))
  t.same(
    happeningsOf(points, revisions, [], [], span).map((one) => [
      one.kind,
      new Date(one.at).toISOString().slice(11, 19),
    ]),
    [
      ['revision', '09:01:12'],
      ['revision', '09:04:57'],
      ['revision', '09:26:51'],
    ],
  )
})
