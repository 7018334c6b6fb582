// Who is on a link, as the API says it: who lacks most first, all counted, and nobody named who is not shown.

import t from 'tap'
import { startApi } from './api-fixture.js'
import { fixtureBoard } from './board-fixture.js'

const api = await startApi()
t.teardown(api.close)

interface LinkFlows {
  readonly total: number
  readonly short: number
  readonly flows: readonly { readonly id: string; readonly unmet: number }[]
}

const read = async (query = '', link = 'transit-a.down') =>
  (await api.call(`/v1/links/${link}/flows${query}`)).json() as LinkFlows

t.test('who lacks most stands first, with band and level and what holds it; then who brings most', async (t) => {
  const all = await read()
  t.match(all, { link: 'transit-a.down', total: 8, short: 6 })
  t.same(
    all.flows.map(({ id }) => id),
    [
      ...['uni-udsm/internet/down', 'min-afya/internet/down@dar-1', 'min-afya/internet/down@dom-1'],
      ...['min-elimu/internet/down', 'court-high-dodoma/internet/down', 'lga-kigoma/internet/down'],
      ...['hosp-mnh-upanga/internet/down', 'unmapped/internet/down@dar-1'],
    ],
  )
  t.same(all.flows[0], {
    ...{ id: 'uni-udsm/internet/down', institution: 'uni-udsm', part: 1, load: 30e6 },
    ...{ demand: 300e6, estimatedSince: null, need: 30e6, unmet: 270e6 },
    ...{ limitedBy: { code: 'LINK', id: 'transit-a.down' } },
    ...{ band: 'committed', kind: 'guarantee', level: null, kept: 0.75 },
  })
  t.match(all.flows[1], { part: 0.5, load: 12.5e6, band: 'share', level: 0.75e6, kept: null }, 'of two edges')
  t.match(all.flows[5], { limitedBy: { code: 'SAFE' }, band: null, kind: null }, 'it shares in nothing now')
})

t.test('only so many are named, the first of all, and all are counted', async (t) => {
  const all = await read()
  for (const limit of [1, 3, 6, 7, 8, 1000])
    t.same(await read(`?limit=${limit}`), { ...all, flows: all.flows.slice(0, limit) }, `${limit}`)
  for (const limit of ['0', '1001', 'x'])
    t.equal((await api.call(`/v1/links/transit-a.down/flows?limit=${limit}`)).status, 400)
})

t.test('a link that nothing crosses has nobody, and one that is not there is not found', async (t) => {
  t.match(await read('', 'dar-dom.up'), { total: 0, short: 0, flows: [] })
  t.equal((await api.call('/v1/links/health.down/flows')).status, 404, 'an envelope is no link')
  t.equal((await api.call('/v1/links/nowhere.down/flows')).status, 404)
})

t.test('of a link of a large nation as many are named as are asked for, a piece a turn', async (t) => {
  const board = fixtureBoard()
  const crossing = () => Array.from({ length: 3_000 }, (_, n) => ({ flow: n % board.plan.flows.length, part: 1 }))
  const large = await startApi({ board: () => ({ ...board, crossing }) })
  t.teardown(large.close)
  const { total, flows } = (await large.call('/v1/links/transit-a.down/flows?limit=1000')).json() as LinkFlows
  t.same([total, flows.length], [3_000, 1_000])
  t.ok(
    flows.every(({ unmet }, n) => n === 0 || unmet <= flows[n - 1]!.unmet),
    'who lacks most first',
  )
})
