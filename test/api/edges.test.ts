// Edges over HTTP: what a gateway without Redis may say of itself as JSON, and who may confirm and drain.

import t from 'tap'
import { confirmationShape, drainShape, renderedShape } from '../../src/api/edges/static-edges-shapes.js'
import type { ServerDeps } from '../../src/api/ports.js'
import { empty, startApi } from './api-fixture.js'
import { fixtureBoard } from './board-fixture.js'

t.test('a report as JSON says what the bytes say, limits lifted at the box included', async (t) => {
  const seen: unknown[] = []
  const relay = {
    async report(edge: string, report: unknown) {
      seen.push({ edge, report })
      return null
    },
  }
  const api = await startApi({ edges: empty({ byToken: () => null, relay }) })
  t.teardown(api.close)
  const report = {
    ...{ stamp: { boot: '00112233445566aa', at: 5 }, reads: 1, agent: '0.1.0', driver: 'linux-htb', simulated: false },
    ...{ applied: null, state: 'SAFE', enforcement: 'enforce', refusal: null, generation: 1, counters: [] },
  }
  const bypasses = [{ institution: 7, since: 1, until: 2, reason: 'repair' }]
  const send = (body: object) => api.send('POST', '/v1/edges/a-edge/reports', body, { as: 'edge' })
  t.equal((await send(report)).status, 204)
  t.equal((await send({ ...report, bypasses })).status, 204)
  t.strictSame(seen, [
    { edge: 'a-edge', report: { edge: 'a-edge', ...report } },
    { edge: 'a-edge', report: { edge: 'a-edge', ...report, bypasses } },
  ])
  const wrong = await send({ ...report, bypasses: [{ ...bypasses[0], until: -1 }] })
  t.match(wrong.json(), { status: 400, errors: [{ pointer: '/bypasses/0/until' }] })
})

t.test('an edge that waits for news is answered when the server ends, and not waited for', async (t) => {
  let asked = (): void => undefined
  const waiting = new Promise<void>((resolve) => {
    asked = resolve
  })
  const relay = {
    newerThan: (_edge: string, _seen: unknown, wait: number, gone: AbortSignal) =>
      new Promise<null>((done) => {
        gone.addEventListener('abort', () => done(null))
        t.equal(wait, 30_000)
        asked()
      }),
  }
  const api = await startApi({ edges: empty({ byToken: () => null, relay }) })
  const headers = { 'if-none-match': '"9.1"' }
  const poll = api.call('/v1/edges/a-edge/rates?wait=30', { as: 'edge', headers })
  await waiting
  await Promise.all([api.close(), poll])
  t.match(await poll, { status: 304 })
})

t.test('only a static edge is confirmed, by an engineer whose edge it is', async (t) => {
  const confirmed: unknown[] = []
  const drained: unknown[] = []
  const staticEdges = empty<NonNullable<ServerDeps['staticEdges']>>({
    ...{ confirmations: [], drains: [] },
    render: async (edge: string, port: string, revision: number | null) => ({
      ...{ revision: revision ?? 7, text: `${edge} ${port}`, left: ['x: no VLAN'] },
    }),
    confirm: async (edge: string, revision: number, author: string) => {
      confirmed.push({ edge, revision, author })
      return { edge, revision, author, at: 0 }
    },
    drain: async (...args: unknown[]) => drained.push(args),
  })
  const api = await startApi({ staticEdges })
  t.teardown(api.close)
  const board = fixtureBoard()
  const edges = board.plan.edges.map((edge) => ({ ...edge, pace: edge.id === 'kgm-1' ? 'static' : edge.pace }) as const)
  api.show({ ...board, plan: { ...board.plan, edges } })
  const text = await api.call('/v1/edges/kgm-1/rendered?for=ios-xe&port=GigabitEthernet0/0/1', { as: 'viewer' })
  t.match(renderedShape.parse(text.json()), { revision: 7, text: 'kgm-1 GigabitEthernet0/0/1', left: [/x/] })
  t.equal((await api.call('/v1/edges/kgm-1/rendered?for=ios-xe&port=a%20b', { as: 'viewer' })).status, 400)
  const confirm = (edge: string) => api.send('POST', `/v1/edges/${edge}/confirm`, { revision: 6 }, { as: 'engineer' })
  t.match((await confirm('dar-1')).json(), { status: 400, detail: /live: its agent confirms by itself/ })
  t.match(confirmationShape.parse((await confirm('kgm-1')).json()), { revision: 6, by: 'a-engineer' })
  t.strictSame(confirmed, [{ edge: 'kgm-1', revision: 6, author: 'a-engineer' }])
  const drain = (query: string) =>
    api.send('POST', `/v1/edges/dom-1/drain${query}`, { reason: 'old' }, { as: 'engineer' })
  const dry = drainShape.parse((await drain('?dryRun=true')).json())
  t.match(dry, { dryRun: true, draining: null, safe: false, waitsFor: /no other edge: min-elimu, court-high-dodoma/ })
  t.strictSame(
    dry.institutions.map(({ institution, others }) => [institution, others]),
    [
      ['min-elimu', []],
      ['court-high-dodoma', []],
      ['min-afya', ['dar-1']],
    ],
    'whoever has no other edge first',
  )
  t.strictSame(drained, [], 'a dry run marks nothing')
  t.equal((await drain('')).status, 200)
  t.strictSame(drained, [['dom-1', { author: 'a-engineer', reason: 'old' }]])
})
