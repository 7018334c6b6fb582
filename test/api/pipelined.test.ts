// Answers that wait behind another on one connection: whoever has sent for them and left is known to have left.

import { createConnection } from 'node:net'
import t from 'tap'
import { EventHub } from '../../src/api/events/event-hub.js'
import type { PolicyChange, PolicyEdit } from '../../src/model/revision.js'
import { manualClock } from '../../src/runtime/clock.js'
import { until } from '../harness/until.js'
import { empty, policyStore, startApi } from './api-fixture.js'

class CountingHub extends EventHub {
  readers = 0

  override listen(listener: Parameters<EventHub['listen']>[0]): () => void {
    const stop = super.listen(listener)
    this.readers++
    return () => {
      this.readers--
      stop()
    }
  }
}

t.test('with a connection all that was asked on it is over', async (t) => {
  const left: Record<string, AbortSignal> = {}
  const never = new Promise<never>(() => undefined)
  const relay = {
    newerThan: (_edge: string, _seen: object, _wait: number, gone: AbortSignal) => {
      left.poll = gone
      return never
    },
  }
  const change = (_edit: PolicyEdit, { gone }: PolicyChange) => {
    left.preview = gone!
    return never
  }
  const policy = policyStore({ changes: empty({ change }) }).port
  const events = new CountingHub(manualClock())
  const api = await startApi({ policy, events, edges: empty({ byToken: () => null, relay }) })
  t.teardown(api.close)
  const before = events.readers
  const { hostname, port } = new URL(api.url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  t.teardown(() => socket.destroy())
  const ask = (as: 'viewer' | 'edge' | 'operator', what: string, body = '') => {
    const head = [`Host: ${hostname}`, `Authorization: Bearer ${api.tokens[as]}`, `Content-Length: ${body.length}`]
    const more = ['If-None-Match: "1.1"', ...(body === '' ? [] : ['Content-Type: application/json'])]
    socket.write(`${[`${what} HTTP/1.1`, ...head, ...more].join('\r\n')}\r\n\r\n${body}`)
  }
  ask('viewer', 'GET /v1/events')
  ask('edge', 'GET /v1/edges/a-edge/rates?wait=30')
  ask('operator', 'POST /v1/policy/preview', '{"changes":[{"pointer":"/tiers/basic"}]}')
  ask('viewer', 'GET /v1/events')
  await until(() => left.poll && left.preview && events.readers === before + 2, 'all of them are under way')
  t.strictSame([left.poll!.aborted, left.preview!.aborted], [false, false])
  socket.destroy()
  await until(() => left.poll!.aborted && left.preview!.aborted, 'they are told')
  await until(() => events.readers === before, 'nobody is left to tell events to')
})
