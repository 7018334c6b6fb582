// Two controller processes on one pair of stores, and what befalls the one that leads: it is killed, or it stands still
// through its lease and then goes on as if nothing had happened. Each publication is heard on the wire.
//
//   TAKEOVERS=100   as many as that (`npm run faults:leaders`), with the lease that users have; 2, and a short one,
//                   unless said

import { join } from 'node:path'
import t from 'tap'
import { LEADER_LEASE } from '../../src/publish/election.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { decodeRates } from '../../src/wire/codec.js'
import { keys } from '../../src/wire/redis-keys.js'
import { freshFolder, privateStores } from '../harness/place.js'
import { CLI, compiled } from '../harness/root.js'
import { until } from '../harness/until.js'
import { ControllerProcess } from './processes.js'
import { LEASE, PLANE, planeOf, seedPolicy } from './world.js'

const LONG = process.env.TAKEOVERS !== undefined
const TAKEOVERS = Number(process.env.TAKEOVERS ?? 2)
/** One takeover in so many is a death, and the last one is. */
const DEATHS = 4
const EDGE = 'east'

const data = freshFolder(t)
const stores = await privateStores(t, join(data, 'stores'))
const document = planeOf(LEASE)
// A standby looks once a tick.
if (!LONG) document.plane.timing.tick = 250
await seedPolicy(stores.durableUrl, document)
let made = 0

const startController = (): Promise<ControllerProcess> =>
  new ControllerProcess(
    {
      ...{ durableUrl: stores.durableUrl, volatileUrl: stores.volatileUrl, plane: join(data, PLANE) },
      ...{
        data: join(data, `controller-${made++}`),
        env: {
          MIZANI_EDGE_KEYS: join(data, 'edge-keys.json'),
          MIZANI_SEALING_KEY: join(data, 'sealing-key.json'),
        },
        program: LONG ? CLI : compiled('test/faults/hasty-controller.ts'),
      },
    },
    t,
  ).ready()

/** What every publication to an edge says, and who led when it was heard. */
async function listen() {
  const head = connect(stores.volatileUrl, 'controller')
  const subscriber = connect(stores.volatileUrl, 'controller-subscriber')
  t.teardown(() => {
    head.disconnect()
    subscriber.disconnect()
  })
  await untilReady(head, 5_000)
  const writers = new Map<number, string>()
  const heard: { epoch: number; seq: number; at: number }[] = []
  const faults: string[] = []
  /** The test is over before the answer. */
  const ended = (): void => undefined
  subscriber.on('messageBuffer', (_: Buffer, bytes: Buffer) => {
    const message = decodeRates(bytes, { edge: EDGE })
    if (isRefusal(message)) return void faults.push(message.detail)
    const { epoch, seq } = message
    const last = heard.at(-1)
    const follows =
      last === undefined || (epoch === last.epoch ? seq === last.seq + 1 : epoch > last.epoch && seq === 1)
    if (!follows) faults.push(`${epoch}.${seq} after ${last.epoch}.${last.seq}`)
    heard.push({ epoch, seq, at: performance.now() })
    const asked = head.hmget(keys(PLANE).head, 'epoch', 'leader')
    void asked.then(([now, leader]) => {
      if (Number(now) !== epoch) return
      if ((writers.get(epoch) ?? leader) !== leader) faults.push(`epoch ${epoch} has two writers`)
      writers.set(epoch, leader!)
    }, ended)
  })
  await subscriber.subscribe(keys(PLANE).edge(EDGE).down)
  return { heard, faults, writers }
}

interface Alarms {
  readonly items: readonly { readonly id: string; readonly acknowledgedBy: string | null; readonly note: string }[]
}

t.test(
  'one leads, the others watch; whoever leads may die or sleep',
  { timeout: 60_000 + TAKEOVERS * 15_000 },
  async (t) => {
    const { heard, faults, writers } = await listen()
    let [leader, standby] = [await startController(), await startController()]
    const leads = async (one: ControllerProcess): Promise<boolean> => (await one.status()).leads
    await until(async () => (await standby.status()).leader === (await leader.status()).leader, 'both name one leader')
    t.equal(await leads(leader), true, 'the first one leads')
    t.equal(await leads(standby), false, 'the second one stands by, and answers')

    await standby.api.post(`/v1/edges/${EDGE}/enforcement`, { enforcement: 'observe', reason: 'to the standby' })
    const isDone = ({ enforcement }: { enforcement: string }): boolean => enforcement === 'observe'
    await leader.api.until(`/v1/edges/${EDGE}`, isDone, 'what is said to the standby is done by the leader')

    await leader.api.post('/v1/links/transit/state', { event: 'cut-1', state: 'down' })
    const alarms = (one: ControllerProcess, holds: (items: Alarms['items']) => boolean, what: string) =>
      one.api.until<Alarms>('/v1/alarms?all=true&code=UPSTREAM_LOST', ({ items }) => holds(items), what)
    const [lost] = (await alarms(leader, ({ length }) => length > 0, 'the alarm of a cut')).items
    await alarms(standby, ({ length }) => length > 0, 'it at the standby')
    await leader.api.post(`/v1/alarms/${lost!.id}/acknowledge`, { note: 'EASSy was called' })
    const isSeen = (items: Alarms['items']): boolean => items.some(({ acknowledgedBy }) => acknowledgedBy !== null)
    t.match((await alarms(standby, isSeen, 'the word')).items, [
      { acknowledgedBy: 'env-admin', note: 'EASSy was called' },
    ])
    await leader.api.post('/v1/links/transit/state', { event: 'cut-2', state: 'up' })

    const takeovers: number[] = []
    for (let k = 1; k <= TAKEOVERS; k++) {
      const dies = k % DEATHS === 0 || k === TAKEOVERS
      const [before, began] = [heard.at(-1)!.epoch, performance.now()]
      if (dies) leader.kill()
      else leader.stop()
      const first = await until(() => heard.find(({ epoch }) => epoch > before), 'another one leads')
      takeovers.push(first.at - began)
      if (dies) [leader, standby] = [standby, k < TAKEOVERS ? await startController() : leader]
      else {
        leader.goOn()
        ;[leader, standby] = [standby, leader]
        await until(async () => !(await leads(standby)), 'who slept knows that it does not lead')
      }
      const { length } = heard
      await until(() => heard.length > length + 1, 'publications go on')
    }
    takeovers.sort((a, b) => a - b)
    const at = (q: number): string => `${(takeovers[Math.floor(q * (takeovers.length - 1))]! / 1_000).toFixed(2)} s`
    t.comment(`${TAKEOVERS} takeovers: median ${at(0.5)}, longest ${at(1)}; ${heard.length} publications in all`)
    t.same(faults, [], 'one writer in each term, every publication follows the one before')
    t.ok(writers.size > TAKEOVERS * 0.8, 'and it was looked at')
    t.match(await leader.status(), { leads: true, leader: writers.get(heard.at(-1)!.epoch) })
    // The lease, a tick of the other one, and what two busy cores add. Said where nobody else has the machine.
    if (LONG) t.ok(takeovers.at(-1)! < 2 * LEADER_LEASE, `no takeover took two leases: ${at(1)}`)
  },
)
