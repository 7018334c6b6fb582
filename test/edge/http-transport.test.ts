// Rates by HTTP from one of several controllers: who is asked next when one refuses, fails or is slow.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createHttpTransport } from '../../src/edge/http-transport.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { until } from '../harness/until.js'

const log = createLogger('edge', 'silent')
const at = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

t.test('who has new credentials is back with whoever gave them, at once', async (t) => {
  let token = 'old'
  const asked: string[] = []
  const listening = async (name: string, status: (bearer: string) => number): Promise<Server> => {
    const server = createServer(({ headers }, response) => {
      const bearer = headers.authorization!.replace('Bearer ', '')
      asked.push(`${name} ${bearer}`)
      response.writeHead(status(bearer), { connection: 'close' }).end()
    })
    t.teardown(() => server.close())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return server
  }
  // Renewed between the refusal and the moment it is read.
  const first = await listening('first', (bearer) => {
    if (asked.filter((line) => line === 'first old').length === 3) token = 'new'
    return bearer === 'new' ? 304 : 401
  })
  const second = await listening('second', () => 503)
  const transport = createHttpTransport({
    ...{ edge: 'dar-1', clock: systemClock, log, pollSeconds: 0 },
    access: () => ({ address: at(first), others: [at(second)], token, ca: null }),
  })
  let linked = false
  transport.open({ linked: () => (linked = true), received: () => {}, refused: () => {} })
  t.teardown(() => transport.close())
  await until(() => linked, 'it is heard again')
  const shown = asked.slice(0, 1 + asked.indexOf('first new')).join(', ')
  t.equal(shown, 'first old, second old, first old, second old, first old, first new')
})

t.test('who answers a poll with 404 is no controller: nothing is linked, and the next one is asked', async (t) => {
  const asked: string[] = []
  const listening = async (name: string, status: number): Promise<Server> => {
    const server = createServer((_, response) => {
      asked.push(name)
      response.writeHead(status, { connection: 'close' }).end('somebody else')
    })
    t.teardown(() => server.close())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return server
  }
  const [web, controller] = [await listening('web', 404), await listening('controller', 304)]
  const transport = createHttpTransport({
    ...{ edge: 'dar-1', clock: systemClock, log, pollSeconds: 0 },
    access: () => ({ address: at(web), others: [at(controller)], token: 'one', ca: null }),
  })
  const linkedBy: string[] = []
  transport.open({ linked: () => linkedBy.push(asked.at(-1)!), received: () => {}, refused: () => {} })
  t.teardown(() => transport.close())
  await until(() => linkedBy.length > 0, 'a controller is found')
  t.same(linkedBy, ['controller'])
  t.equal(asked[0], 'web')
})
