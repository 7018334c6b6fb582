// Who closes a month is killed at any instant: the month is open or closed, never half, and the trail is told of each
// that is closed. A few instants here; `npm run ledger:kills` has fifty.

import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { Ledger } from '../../src/ledger/ledger.js'
import { LedgerStore } from '../../src/ledger/store.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { keys } from '../../src/wire/redis-keys.js'
import { freshFolder, privateStores } from '../harness/place.js'
import { Program } from '../harness/program.js'
import { compiled } from '../harness/root.js'
import { until } from '../harness/until.js'
import { closingDeps, monthNo } from './closing-months.js'

const SEED = Number(process.env.MIZANI_SEED ?? 21)
const KILLS = Number(process.env.MIZANI_RUNS ?? 3)
/** Longest time after its start at which one is killed, ms. */
const WITHIN = 120

t.setTimeout(600_000)

const data = freshFolder(t)
const stores = await privateStores(t, join(data, 'stores'))
const redis = connect(stores.durableUrl, 'policy', { log: createLogger('test', 'silent') })
t.teardown(() => redis.disconnect())
await untilReady(redis, 5_000)

t.test('whoever is killed as they close a month leaves it open or closed, and the trail is told', async (t) => {
  const store = new LedgerStore({ redis, plane: 'taifa' })
  const deps = closingDeps()
  const told = new Set<string>()
  const tell = async ({ subject }: { readonly subject: string }): Promise<boolean> => told.add(subject).has(subject)
  const ledger = new Ledger({ ...deps, store, tell })
  let state = SEED
  let untold = 0
  const begun = performance.now()
  for (let kill = 0; kill < KILLS; kill++) {
    const before = (await store.closed()).size
    const program = [compiled('test/served/closing-child.ts')]
    const closing = new Program([stores.durableUrl, String(before)], t, { program })
    await until(() => closing.log().includes('ready'), 'it begins')
    // Some have not begun, others are among their months.
    if (kill % 2 === 0) await until(() => closing.log().includes('told'), 'one is closed')
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    await new Promise((done) => setTimeout(done, (state >>> 8) % WITHIN))
    await closing.end('SIGKILL')
    for (const [, month = ''] of closing.log().matchAll(/told (\S+)\n/g)) told.add(month)
    const [closings, months] = await Promise.all([store.closed(), redis.hkeys(keys('taifa').ledger.months)])
    t.same([...closings.keys()].sort(), months.sort(), 'each has its bytes and who closed it')
    for (const [month, { fingerprint }] of closings)
      t.equal(deps.sealing.fingerprint(gunzipSync((await store.month(month))!).toString()), fingerprint, month)
    untold += [...closings.keys()].filter((month) => !told.has(month)).length
    await ledger.tellTrail()
    t.same(
      [...closings.keys()].filter((month) => !told.has(month)),
      [],
      'what was left untold is told by the next',
    )
  }
  t.ok((await store.closed()).size > 0, 'months were closed')
  const deaf = new Ledger({ ...deps, store, tell: async () => false })
  const next = monthNo((await store.closed()).size)
  await deaf.close(next, { actor: 'fedha' })
  t.same(await store.untold(), [next], 'what a trail that ends did not take is told by the next')
  await ledger.tellTrail()
  t.ok(told.has(next))
  const [last = ''] = [...(await store.closed()).keys()].slice(-1)
  const bytes = await store.month(last)
  await ledger.close(last, { actor: 'somebody else' })
  t.same(await store.month(last), bytes, 'what is closed is not written again')
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  const closed = (await store.closed()).size
  t.comment(`seed ${SEED}, ${KILLS} kills, ${closed} months closed, ${untold} of them told later, ${seconds} s`)
})
