// Events: what happens is told once and in order; who lost the line is told what was missed; who is slow costs nothing.

import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { EventHub, tellChanges, tellOngoing } from '../../src/api/events/event-hub.js'
import type { Board } from '../../src/model/board.js'
import { manualClock } from '../../src/runtime/clock.js'
import { MAX_EVENT_STREAMS_EACH } from '../../src/runtime/limits.js'
import { until } from '../harness/until.js'
import { type Api, startApi } from './api-fixture.js'
import { fixtureBoard } from './board-fixture.js'

interface Told {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

/** Reads a stream; `until` waits for so many events. */
async function listen(t: Test, api: Api, path = '/v1/events', headers: Record<string, string> = {}) {
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const authorization = `Bearer ${api.tokens.viewer}`
  const answer = await fetch(api.url + path, { headers: { authorization, ...headers }, signal: stop.signal })
  const told: Told[] = []
  let text = ''
  let ended = false
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of answer.body!) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        const fields = block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string])
        if (fields.some(([name]) => name === 'event')) told.push(Object.fromEntries(fields))
      }
    }
    ended = true
  })().catch(() => undefined)
  return {
    ...{ answer, told, reading },
    ended: () => ended,
    stop: () => stop.abort(),
    async until(count: number): Promise<Told[]> {
      for (let i = 0; i < 400 && told.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 10))
      return told
    },
  }
}

const next = (board: Board, more: Partial<Board> = {}): Board => ({
  ...board,
  serial: { ...board.serial, seq: board.serial.seq + 1 },
  ...more,
})

t.test('each tick, and each change of an edge or of the policy, is told to those who asked', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const [all, edges] = [await listen(t, api), await listen(t, api, '/v1/events?kinds=edge,revision')]
  t.equal(all.answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  t.ok(all.answer.headers.get('x-request-id') && all.answer.headers.get('content-security-policy'))
  const board = fixtureBoard()
  await api.clock.advance(100)
  const safe = board.edges.map((edge, i) => (i === 0 ? { ...edge, state: 'SAFE' as const } : edge))
  api.show(next(board, { edges: safe }))
  await api.clock.advance(100)
  api.show(next(board, { edges: safe, plan: { ...board.plan, revision: 99 } }))
  await api.clock.advance(100)
  const told = await all.until(5)
  t.strictSame(
    told.map(({ event }) => event),
    ['tick', 'edge', 'tick', 'revision', 'tick'],
  )
  t.match(JSON.parse(told[1]?.data ?? ''), { id: board.edges[0]?.id, state: 'SAFE' })
  t.strictSame(
    (await edges.until(2)).map(({ event }) => event),
    ['edge', 'revision'],
  )
  await api.clock.advance(15_000)
  t.equal((await api.call('/v1/events?kinds=weather')).status, 400)
  t.equal((await api.call('/v1/events', { headers: { accept: 'application/json' } })).status, 406)
})

t.test('who comes back is told what was missed, or that it is forgotten', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const first = await listen(t, api)
  api.events.tell('override', { id: 'o1' })
  const [last] = await first.until(1)
  first.stop()
  api.events.tell('override', { id: 'o2' })
  for (let i = 0; i < 3; i++) api.events.tell('tick', { seq: i })
  api.events.tell('override', { id: 'o3' })
  const again = await listen(t, api, '/v1/events', { 'last-event-id': last?.id ?? '' })
  t.strictSame(
    (await again.until(3)).map(({ data }) => data),
    ['{"id":"o2"}', '{"seq":2}', '{"id":"o3"}'],
    'one tick',
  )
  const query = await listen(t, api, `/v1/events?kinds=override&lastEventId=${last?.id}`)
  t.equal((await query.until(2)).length, 2)
  for (const id of ['another-7', `${last?.id?.split('-')[0]}-99999`, 'x']) {
    t.strictSame(
      (await (await listen(t, api, `/v1/events?lastEventId=${id}`)).until(1)).map(({ event }) => event),
      ['reset'],
    )
  }
  for (let i = 0; i < 2_001; i++) api.events.tell('override', { i })
  const late = await listen(t, api, `/v1/events?lastEventId=${last?.id}`)
  t.equal((await late.until(1))[0]?.event, 'reset', 'more than is remembered')
})

t.test('who may no longer read is told nothing more', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  await api.send('POST', '/v1/users', { id: 'asha', roles: ['viewer'] })
  const wanted = { user: 'asha', name: 'page', roles: ['viewer'], expires: '2026-12-31T00:00:00Z' }
  const { token } = (await api.send('POST', '/v1/tokens', wanted)).json() as { token: string }
  const stream = await listen(t, api, '/v1/events', { authorization: `Bearer ${token}` })
  await api.send('DELETE', '/v1/users/asha', {})
  await api.clock.advance(15_000)
  await stream.reading
  t.ok(stream.ended())
})

t.test('a reader who does not read falls behind, costs no memory, and is told the rest', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const waiting: Socket[] = []
  api.app.server.on('connection', (connection) => waiting.push(connection))
  const { hostname, port } = new URL(api.url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  t.teardown(() => socket.destroy())
  socket.write(`GET /v1/events HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${api.tokens.viewer}\r\n\r\n`)
  await once(socket, 'readable')
  const big = 'x'.repeat(64 * 1024)
  for (let i = 0; i < 1_000; i++) api.events.tell('override', { i, big })
  t.ok(
    waiting.every(({ writableLength }) => writableLength < 1024 * 1024),
    'no more than a moment of it is in memory',
  )
  await api.clock.advance(15_000)
  const named = api.logged.filter((line) => line.includes('does not read'))
  t.equal(named.length, 1, 'and the log names who')
  t.match(JSON.parse(named[0] ?? '{}'), { actor: 'a-viewer', address: '127.0.0.1', ended: false })
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString().replaceAll('x', '')
  })
  for (let i = 0; i < 400 && !text.includes('"i":999'); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  const seen = [...text.matchAll(/"i":(\d+)/g)].map(([, i]) => Number(i))
  t.strictSame(
    seen,
    Array.from({ length: 1_000 }, (_, i) => i),
    'all of it, once, in order',
  )
})

t.test('one account cannot take the places of the others', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const as = async (role: 'viewer' | 'operator') => {
    const stream = await listen(t, api, '/v1/events', { authorization: `Bearer ${api.tokens[role]}` })
    return { ...stream, status: stream.answer.status }
  }
  const first = await as('viewer')
  const all = await Promise.all(Array.from({ length: MAX_EVENT_STREAMS_EACH }, () => as('viewer')))
  const refused = all.filter(({ status }) => status !== 200)
  t.strictSame(
    refused.map(({ status, answer }) => [status, answer.headers.get('retry-after')]),
    [[429, '1']],
  )
  t.equal((await as('operator')).status, 200, 'somebody else is not refused')
  first.stop()
  await until(async () => (await as('viewer')).status === 200, 'a place that was left is free again')
})

t.test('an id is a place in what this process remembers', async (t) => {
  const hub = new EventHub(manualClock())
  const board = fixtureBoard()
  tellChanges(hub, null, board)
  t.equal(hub.last, 1, 'a first board changes nothing')
  t.equal(hub.placeOf(hub.idOf({ n: 1 })), 1)
  for (const id of ['', '-', 'x-1', hub.idOf({ n: 2 }), `${hub.idOf({ n: 1 })}e3`]) t.equal(hub.placeOf(id), null, id)
})

t.test('what lasts for a while is told when it begins and when it ends, once each', async (t) => {
  const told: unknown[] = []
  const hub = { tell: (kind: string, data: unknown) => void told.push([kind, JSON.parse(JSON.stringify(data))]) }
  const on = { institution: 'min-afya' }
  const boost = { kind: 'override', id: 'override a', on, owner: 'asha' } as const
  const cut = { kind: 'alarm', id: 'cut', severity: 'major' } as const
  tellOngoing(hub, [], [boost])
  tellOngoing(hub, [boost], [{ ...boost }])
  tellOngoing(hub, [boost], [cut])
  t.strictSame(told, [
    ['override', { id: 'override a', on, owner: 'asha', state: 'began' }],
    ['alarm', { id: 'cut', severity: 'major', state: 'began' }],
    ['override', { id: 'override a', on, state: 'ended' }],
  ])
})
