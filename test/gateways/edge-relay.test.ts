// What the relay answers a poll with, against a real store. An edge without a grant hears the nonce. A state that the
// edge has not seen comes first. No poll gets the same state twice.

import t from 'tap'
import { EdgeRelay } from '../../src/gateways/edge-relay.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { decodeRates, encodeRates } from '../../src/wire/codec.js'
import { EdgeMacs } from '../../src/wire/mac.js'
import { PROVING_VERSION, type RateMessage } from '../../src/wire/messages.js'
import { keys } from '../../src/wire/redis-keys.js'
import { codeOf, signIn, startServer } from '../faults/redis-server.js'
import { until } from '../harness/until.js'
import { snapshot } from '../wire/samples.js'

const PLANE = 'relay'
const NOTHING_SEEN = { epoch: 0, seq: 0 }
const NO_WAIT = 0
/** What a poll waits for at most that is to be answered at once; a test that gets there fails. */
const HOPELESS = 60_000

const macs = new EdgeMacs([{ generation: 1, key: 'a'.repeat(64) }], 'controller')
const received = new EdgeMacs([{ generation: 1, key: 'a'.repeat(64) }], 'edge')
const beat: RateMessage = {
  ...snapshot,
  ...{ kind: 'heartbeat', version: PROVING_VERSION, nonce: 'ab'.repeat(16), stamp: null, baseSeq: 0, records: [] },
}

t.test('an edge without a grant hears the nonce, and no state twice', async (t) => {
  const { port } = await startServer(t, { folder: t.testdir() })
  const url = `redis://127.0.0.1:${port}`
  const owner = await signIn(t, url)
  const relay = new EdgeRelay({
    ...{ url, plane: PLANE, macsOf: () => macs, clock: systemClock, log: createLogger('test', 'silent') },
  })
  t.teardown(() => relay.close())
  await until(async () => (await codeOf(relay.snapshot('anybody'))) === 'done', 'the relay reaches the store')

  async function scene(edge: string) {
    const names = keys(PLANE).edge(edge)
    const bytesOf = (message: RateMessage): Buffer => encodeRates({ ...message, edge }, macs)
    const poll = async (seen: { epoch: number; seq: number }, wait = NO_WAIT) => {
      const granted = await relay.newerThan(edge, seen, wait)
      return granted && (decodeRates(granted.bytes, { edge, macs: received }) as RateMessage)
    }
    const say = (message: RateMessage): Promise<number> => owner.publish(names.down, bytesOf(message))
    t.equal(await poll(NOTHING_SEEN), null, `${edge}: nothing yet`)
    await until(async () => (await say({ ...beat, seq: 1 })) > 0, 'the relay listens')
    return { poll, say, store: (message: RateMessage) => owner.set(names.snap, bytesOf(message)) }
  }

  const { epoch } = snapshot
  const fresh = await scene('no-grant')
  t.match(await fresh.poll(NOTHING_SEEN, HOPELESS), { kind: 'heartbeat', seq: 1, nonce: beat.nonce })
  t.equal(await fresh.poll({ epoch, seq: 1 }), null, 'once')
  const next = fresh.poll({ epoch, seq: 1 }, HOPELESS)
  await fresh.say({ ...beat, seq: 2, nonce: 'cd'.repeat(16) })
  t.match(await next, { seq: 2, nonce: 'cd'.repeat(16) }, 'and the next nonce as soon as it comes')

  const behind = await scene('of-the-term-before')
  const before = { ...snapshot, version: PROVING_VERSION, epoch: epoch - 1, baseSeq: 0 }
  await behind.store(before)
  t.match(await behind.poll(NOTHING_SEEN, HOPELESS), { kind: 'snapshot', epoch: epoch - 1 }, 'what it has missed first')
  t.match(await behind.poll(before, HOPELESS), { kind: 'heartbeat', epoch, nonce: beat.nonce }, 'then the heartbeat')

  const granted = await scene('granted')
  await granted.store({ ...before, epoch, seq: 3 })
  await granted.say({ ...beat, seq: 4, baseSeq: 3 })
  const whole = { kind: 'snapshot', epoch, seq: 3 }
  await until(async () => (await granted.poll({ epoch, seq: 2 }))?.kind === 'snapshot', 'the heartbeat is heard')
  t.match(
    await granted.poll({ epoch, seq: 1 }, HOPELESS),
    whole,
    'a heartbeat that renews what was not seen: the state',
  )
  t.match(
    await granted.poll({ epoch, seq: 3 }, HOPELESS),
    { kind: 'heartbeat', seq: 4 },
    'one that renews what was seen',
  )
})
