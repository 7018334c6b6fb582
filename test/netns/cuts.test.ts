// A line that is cut and comes back, as TCP sees it: agents that come by Redis and by HTTPS stand behind a router that
// forwards nothing for a while, so that nobody is told and every connection sends again, later each time. Whoever waits
// for that stays away long after the line is back; every agent must be FRESH again within ten seconds.
//
//    agents  a0 ----- l0  router  l1 ----- r0  stores, controller
//    198.18.7.6        .5          .2       198.18.7.1
//
// In `npm test` one cut is long enough because the agents' system sends a lost segment again after 3 s, then after 9:
// the line is back between, and whoever waits for that is away for longer than is waited for here. `npm run
// test:kernel` waits as long as TCP needs to become as slow by itself.

import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer, type SecureContextOptions } from 'node:tls'
import t, { type Test } from 'tap'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { RevisionStore } from '../../src/policy/revisions/revisions.js'
import { withoutTls } from '../../src/runtime/store-address.js'
import { makeAuthority } from '../faults/certificates.js'
import type { EdgeOrder, Says, Stands } from '../faults/edge-process.js'
import { joinAt } from '../faults/join.js'
import { ControllerProcess, EdgeProcess, Store } from '../faults/processes.js'
import { signIn } from '../faults/redis-server.js'
import { DURABLE, PLANE, seedPolicy, VOLATILE } from '../faults/world.js'
import { because, type Ending, freshFolder } from '../harness/place.js'
import { smallPlane } from '../tick/small-plane.js'
import { kernelObstacle, LONG, until } from './namespaces.js'

/** Seconds. */
const CUTS = LONG ? [40, 90, 145, 240, 900] : [4]
const BACK_WITHIN = LONG ? 10 : 4
/** Agents of each transport: each comes back at a moment of its own. */
const EACH = LONG ? 20 : 2
const RTO = LONG ? [] : ['rto_min', '3s']
const HERE = '198.18.7.1'
/** Their lines; the rest are on fibre. */
const SLOW = new Map([
  [EACH - 1, 'satellite'],
  [EACH - 2, 'microwave'],
] as const)

t.test('a line back is a gateway back', { skip: kernelObstacle() ?? false, timeout: 2_400_000 }, async (t) => {
  const line = makeLine(t)
  const edges = (['redis', 'https'] as const).flatMap((way) =>
    Array.from({ length: EACH }, (_, k) => ({ way, id: `${way}-${k}` })),
  )
  const folder = freshFolder(t)
  const document = smallPlane({ institutions: 6, edges: [...edges.map(({ id }) => id), 'core'] })
  // All notice a cut before it is over.
  if (!LONG) document.plane.timing.tick = 500
  if (LONG) for (const { id } of edges) document.edges[id]!.line = SLOW.get(Number(id.split('-')[1])) ?? 'fibre'
  const [durable, volatile] = await Promise.all([
    Store.start(t, { folder: join(folder, 'durable'), args: DURABLE }),
    Store.start(t, { folder: join(folder, 'volatile'), args: VOLATILE }),
  ])
  await seedPolicy(durable.url, document)
  const controller = await new ControllerProcess(
    {
      durableUrl: durable.url,
      volatileUrl: volatile.url,
      plane: join(folder, PLANE),
      data: join(folder, 'controller'),
    },
    t,
  ).ready()
  const { secure, fingerprint } = certified(join(folder, 'ca'))
  const store = await relay(t, volatile.port)
  const api = await relay(t, Number(new URL(controller.url).port), secure)

  const states = new Map<string, Says>()
  const heard = (said: Says | Stands): void => void (said.kind === 'says' && states.set(said.edge, said))
  const joined = async (edge: string): Promise<Readonly<Record<string, string>>> => {
    const env = { MIZANI_DATA: join(folder, edge) }
    const { status, body } = await controller.api.call('POST', `/v1/edges/${edge}/account`)
    if (status !== 201) throw new Error(JSON.stringify(body))
    await joinAt(`${edge} https://${HERE}:${api} ${fingerprint} ${(body as { token: string }).token}`, env)
    return env
  }
  const orders = { redis: [] as EdgeOrder['edges'][number][], https: [] as EdgeOrder['edges'][number][] }
  for (const { way, id } of edges)
    orders[way].push(way === 'redis' ? { edge: id, url: accepted(store) } : { edge: id, env: await joined(id) })
  const rest = { plane: PLANE, stateDir: null, seed: 1, load: 1_000_000 }
  for (const some of Object.values(orders))
    new EdgeProcess({ ...rest, edges: some }, heard, t, ['ip', 'netns', 'exec', line.agents])

  const inState = (isFresh: boolean) => () => edges.every(({ id }) => (states.get(id)?.state === 'FRESH') === isFresh)
  const away = (): string => edges.map(({ id }) => `${id} ${states.get(id)?.state}`).join(', ')
  await until(away, inState(true), 60)
  let revision = 1
  for (const seconds of CUTS) {
    line.cut()
    // There is something to be read once the line is back.
    document.plane.unmapped.ceiling += 1_000_000
    await change(t, durable.url, document, revision++)
    await sleep(seconds * 1_000)
    t.ok(inState(false)(), `cut for ${seconds} s, all have noticed`)
    line.heal()
    const back = Number(process.hrtime.bigint()) / 1e6
    await t.resolves(until(away, inState(true), BACK_WITHIN), `and are FRESH within ${BACK_WITHIN} s after it is back`)
    const took = [...states].map(([edge, { at }]) => `${edge} ${((at - back) / 1_000).toFixed(1)}`)
    t.comment(`after ${seconds} s: ${took.join(', ')} s`)
    await until(away, inState(true), 300)
  }
})

const accepted = (port: number): string => withoutTls(`redis://${HERE}:${port}`)

async function change(t: Test, url: string, document: PolicyDocument, expected: number): Promise<void> {
  const redis = await signIn(t, url, 'policy')
  await new RevisionStore({ redis, plane: PLANE }).put(document, because(expected))
}

/** What stands on the line for HTTPS, and the mark of the authority behind it. */
function certified(folder: string): { readonly secure: SecureContextOptions; readonly fingerprint: string } {
  const authority = makeAuthority(folder)
  const { certificate, key } = authority.issue(HERE)
  const root = readFileSync(authority.certificate)
  const fingerprint = new X509Certificate(root).fingerprint256.replaceAll(':', '').toLowerCase()
  return { secure: { cert: Buffer.concat([readFileSync(certificate), root]), key: readFileSync(key) }, fingerprint }
}

/** Leads from the line to a port of this machine. */
async function relay(ending: Ending, port: number, secure?: SecureContextOptions): Promise<number> {
  const open = new Set<Socket>()
  const lead = (client: Socket): void => {
    const pair = [client, dial(port, '127.0.0.1')] as const
    for (const [socket, other] of [pair, [pair[1], pair[0]] as const]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => open.delete(socket) && other.destroy())
      socket.pipe(other)
    }
  }
  const server = (secure === undefined ? createServer(lead) : createTlsServer(secure, lead)).listen(0, HERE)
  await once(server, 'listening')
  ending.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return (server.address() as { port: number }).port
}

/** Two namespaces beside this one; what the router drops its neighbours believe sent. */
function makeLine(t: Test): { readonly agents: string; cut(): void; heal(): void } {
  const [agents, router] = [`mz${process.pid}-agents`, `mz${process.pid}-router`]
  const here = `mz${process.pid}`
  const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const nft = (text: string): void =>
    void execFileSync('ip', ['netns', 'exec', router, 'nft', '-f', '-'], { input: text })
  t.teardown(() => {
    for (const namespace of [agents, router]) spawnSync('ip', ['netns', 'del', namespace], { stdio: 'ignore' })
  })
  for (const namespace of [agents, router]) ip('netns', 'add', namespace)
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'l1', 'netns', router)
  ip('link', 'add', 'a0', 'netns', agents, 'type', 'veth', 'peer', 'name', 'l0', 'netns', router)
  const ends = [
    [[], here, `${HERE}/30`],
    [['-n', router], 'l1', '198.18.7.2/30'],
    [['-n', router], 'l0', '198.18.7.5/30'],
    [['-n', agents], 'a0', '198.18.7.6/30'],
  ] as const
  for (const [where, device, address] of ends) {
    ip(...where, 'addr', 'add', address, 'dev', device)
    ip(...where, 'link', 'set', device, 'up')
  }
  ip('route', 'add', '198.18.7.4/30', 'via', '198.18.7.2')
  ip('-n', agents, 'route', 'add', 'default', 'via', '198.18.7.5', ...RTO)
  ip('netns', 'exec', router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  return {
    agents,
    cut: () => nft('table ip cut { chain forwarded { type filter hook forward priority 0; policy drop; }; }'),
    heal: () => nft('delete table ip cut'),
  }
}
