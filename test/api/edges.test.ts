// Edges over HTTP: what a gateway without Redis may say of itself as JSON, and who may confirm and drain.

import { request } from 'node:http'
import t from 'tap'
import { confirmationShape, drainShape, renderedShape } from '../../src/api/edges/static-edges-shapes.js'
import type { ServerDeps } from '../../src/api/ports.js'
import { readReport } from '../../src/gateways/report-json.js'
import { MAX_REPORTS_PER_SECOND, REPORT_BASE_BYTES } from '../../src/runtime/limits.js'
import { decodeReport, encodeReport, signedUnder } from '../../src/wire/codec.js'
import { EdgeMacs } from '../../src/wire/mac.js'
import type { ReportMessage } from '../../src/wire/messages.js'
import { until as waitFor } from '../harness/until.js'
import { about } from '../wire/samples.js'
import { empty, startApi } from './api-fixture.js'
import { fixtureBoard } from './board-fixture.js'

const REPORT = {
  ...{ stamp: { boot: '00112233445566aa', at: 5 }, reads: 1, agent: '0.1.0', driver: 'linux-htb', simulated: false },
  ...{ applied: null, state: 'SAFE', enforcement: 'enforce', refusal: null, generation: 1 },
}
const bypasses = [{ institution: 7, since: 1, until: 2, reason: 'repair' }]

t.test('a report as JSON says what the bytes say, limits lifted at the box included', async (t) => {
  for (const said of [REPORT, { ...REPORT, bypasses }, { ...REPORT, ...about }, { ...REPORT, place: 'x' }]) {
    const read = readReport({ edge: 'a-edge', json: Buffer.from(JSON.stringify({ ...said, counters: [] })) })
    t.match(decodeReport(Buffer.from('bytes' in read ? read.bytes : []), { edge: 'a-edge' }), said)
  }
  const wrong = { ...REPORT, counters: [], bypasses: [{ ...bypasses[0], until: -1 }] }
  t.match(readReport({ edge: 'a-edge', json: Buffer.from(JSON.stringify(wrong)) }), {
    faults: [{ pointer: '/bypasses/0/until' }],
  })
  const noticed = { ...REPORT, counters: [], notices: [{ ...about.notices![0]!, since: Number.MAX_SAFE_INTEGER }] }
  t.match(readReport({ edge: 'a-edge', json: Buffer.from(JSON.stringify(noticed)) }), {
    faults: [{ pointer: '/notices/0/since' }],
  })
  t.match(readReport({ edge: 'a-edge', json: Buffer.from('{') }), { faults: [{ pointer: '' }] })
})

t.test('what an edge with keys says as JSON becomes the bytes that it would have signed itself', async (t) => {
  const edge = 'a-edge'
  const macs = new EdgeMacs(
    [1, 2].map((generation) => ({ generation, key: `${generation}`.repeat(64) })),
    'controller',
  )
  const counters = [1, 2, 3].map((institution) => ({
    ...{ institution, service: 1, direction: 0 as const, class: 2 },
    ...{ bytes: institution * 1e9, packets: 7, drops: 1, backlog: 0 },
  }))
  const json = Buffer.from(JSON.stringify({ ...REPORT, bypasses, counters }))
  const read = readReport({ edge, json, isKeyed: true })
  const unsigned = readReport({ edge, json })
  const told = decodeReport(Buffer.from('bytes' in unsigned ? unsigned.bytes : []), { edge }) as ReportMessage
  const own = encodeReport({ ...told, counters: told.counted?.leaves ?? null }, 1, macs)
  t.same(signedUnder('bytes' in read ? read.bytes : Buffer.alloc(0), macs), own)
  t.match(decodeReport(own, { edge, macs }), { edge, version: 3 })
  const echo = 'ab'.repeat(16)
  const asked = readReport({ edge, json, isKeyed: true, echo })
  const signed = signedUnder('bytes' in asked ? asked.bytes : Buffer.alloc(0), macs)
  t.match(decodeReport(signed, { edge, macs }), { edge, version: 6, echo }, 'with the nonce that it was sent')
})

t.test(
  'an edge has one report on its way, ten a second, none larger than its leaves, and it stays bytes',
  async (t) => {
    const handed: { size: number; isJson: boolean }[] = []
    let answer = (): void => undefined
    let until = Promise.resolve()
    const relay = {
      async report(_edge: string, { length: size }: Uint8Array, isJson: boolean) {
        handed.push({ size, isJson })
        await until
        return null
      },
    }
    const api = await startApi({ edges: empty({ byToken: () => null, relay }) })
    t.teardown(api.close)
    const post = (body: string | Buffer | ReadableStream, type = 'application/json') =>
      api.call('/v1/edges/a-edge/reports', {
        ...{ method: 'POST', as: 'edge', headers: { 'content-type': type }, body, duplex: 'half' },
      } as Parameters<typeof api.call>[1])
    t.equal((await post('not JSON at all')).status, 204, 'whoever reads it judges it')
    t.equal((await post(Buffer.alloc(9), 'application/octet-stream')).status, 204)
    t.strictSame(handed.splice(0), [
      { size: 15, isJson: true },
      { size: 9, isJson: false },
    ])
    // This edge has no leaves in the plan of the fixture.
    const large = 'x'.repeat(REPORT_BASE_BYTES + 1)
    t.match((await post(large)).json(), { status: 413, code: 'PAYLOAD_TOO_LARGE' })
    const untold = await post(new Blob([large]).stream())
    t.match(untold.json(), { status: 413 }, 'nor one that does not say how large it is')
    until = new Promise((resolve) => {
      answer = resolve
    })
    const first = post('{}')
    await waitFor(() => handed.length === 1, 'the first is on its way')
    const second = await post('{}')
    t.match(second.json(), { status: 429, code: 'RATE_LIMITED' })
    t.equal(second.headers.get('retry-after'), '1')
    answer()
    t.equal((await first).status, 204)
    await api.clock.advance(1_000)
    const statuses: number[] = []
    for (let n = 0; n <= MAX_REPORTS_PER_SECOND; n++) statuses.push((await post('{}')).status)
    t.strictSame([...new Set(statuses.slice(0, -1)), statuses.at(-1)], [204, 429])
    await api.clock.advance(1_000)
    const headers = { authorization: `Bearer ${api.tokens.edge}`, 'content-type': 'application/json' }
    const cut = request(`${api.url}/v1/edges/a-edge/reports`, {
      method: 'POST',
      headers: { ...headers, 'content-length': 99 },
    })
    let isCut = false
    cut.on('error', () => {
      isCut = true
    })
    cut.write('{')
    const again = async (): Promise<boolean> => {
      await api.clock.advance(1_000)
      return (await post('{}')).status === 204 && isCut
    }
    await waitFor(again, 'a report that was cut off on its way keeps nobody from coming back by another line')
  },
)

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
    render: async (
      edge: string,
      { port, revision, since }: { port: string; revision: number | null; since: number | null },
    ) => ({
      ...{
        revision: revision ?? 7,
        text: since === 7 ? '' : `${edge} ${port}`,
        left: [{ site: 'x', code: 'NO_INTERFACE' as const }],
      },
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
  t.match(renderedShape.parse(text.json()), {
    revision: 7,
    text: 'kgm-1 GigabitEthernet0/0/1',
    left: [/^x: it has no interface/],
  })
  const same = await api.call('/v1/edges/kgm-1/rendered?for=ios-xe&since=7', { as: 'viewer' })
  t.match(renderedShape.parse(same.json()), { revision: 7, since: 7, text: '' })
  t.equal((await api.call('/v1/edges/kgm-1/rendered?for=ios-xe&since=7&remove=true', { as: 'viewer' })).status, 400)
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
