// The secrets that sign letters rest sealed: who reads the policy store or a backup of it can sign nothing.

import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runBackup } from '../../src/process/backup.js'
import { redisWebhooks } from '../../src/record/webhook-store.js'
import { loadSettings } from '../../src/runtime/config.js'
import type { Io } from '../../src/runtime/io.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { openSealing, sealingKeyIn } from '../../src/runtime/sealing.js'
import { keys } from '../../src/wire/redis-keys.js'
import { freshFolder, privateStores } from '../harness/place.js'

const log = createLogger('test', 'silent')
const plane = 'taifa'
const data = freshFolder(t)
const stores = await privateStores(t, join(data, 'stores'))
const redis = connect(stores.durableUrl, 'policy', { log })
t.teardown(() => redis.disconnect())
await untilReady(redis, 5_000)
const sealing = openSealing(sealingKeyIn(data))
const key = keys(plane).webhooks
const about = { severity: 'major' as const, regions: [], by: 'asha' }
const webhook = (id: string) => ({ id, url: `https://${id}.example/`, ...about, secret: `the secret of ${id}` })

t.test(
  'what the store and its backup hold signs nothing, and what was there in clear is sealed when it is read',
  async (t) => {
    const webhooks = redisWebhooks({ redis, plane, sealing })
    await webhooks.put(webhook('new'))
    await redis.hset(key, 'old', JSON.stringify(webhook('old')))
    const found = await webhooks.read()
    t.strictSame(found.map(({ secret }) => secret).sort(), ['the secret of new', 'the secret of old'])
    const kept = await redis.hgetall(key)
    t.strictSame(Object.keys(kept).sort(), ['new', 'old'])
    t.notMatch(Object.values(kept).join(), /the secret of/)
    t.strictSame(await webhooks.read(), found, 'sealed once, and read again')

    const settings = loadSettings({
      env: { MIZANI_DATA: data, REDIS_URL: stores.durableUrl, RATES_REDIS_URL: stores.volatileUrl },
    })
    const said: string[] = []
    const io = { stderr: { write: (text: string) => void said.push(text) }, env: {} } as unknown as Io
    await runBackup({ file: join(data, 'backup'), settings }, io)
    t.notMatch(readFileSync(join(data, 'backup'), 'utf8'), /the secret of/)
    t.match(said.join(''), sealingKeyIn(data), 'and who backs up is told what else to keep')
  },
)

t.test('sealed text opens with its key, in its place, unchanged, or not at all', async (t) => {
  const other = redisWebhooks({ redis, plane, sealing: openSealing(join(data, 'another.json')) })
  t.strictSame(
    (await other.read()).map(({ secret }) => secret),
    [null, null],
    'with the key of another machine',
  )
  const moved = JSON.parse((await redis.hget(key, 'new'))!) as object
  await redis.hset(key, 'new', JSON.stringify({ ...moved, url: 'https://elsewhere.example/' }))
  const found = await redisWebhooks({ redis, plane, sealing }).read()
  t.match(
    found.find(({ id }) => id === 'new'),
    { secret: null },
    'signs nothing for another receiver',
  )

  const sealed = sealing.seal('maji ya kunde', 'here')
  t.equal(sealing.unseal(sealed, 'here'), 'maji ya kunde')
  t.not(sealing.seal('maji ya kunde', 'here'), sealed, 'no two are alike')
  t.equal(sealing.unseal(sealed, 'there'), null)
  for (let at = 2; at < sealed.length; at += 7) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    t.equal(sealing.unseal(changed, 'here'), null, `changed at ${at}`)
  }
  for (const broken of ['', '1.', '2.AAAA', sealed.slice(0, 20), 'x']) t.equal(sealing.unseal(broken, 'here'), null)
})

t.test('the key is for its owner alone, and a file that is no key says what to do', async (t) => {
  const file = sealingKeyIn(data)
  t.equal(statSync(file).mode & 0o777, 0o600)
  chmodSync(file, 0o644)
  t.throws(() => openSealing(file), { code: 'SECRET_FILE' })
  chmodSync(file, 0o600)
  t.equal(openSealing(file).unseal(sealing.seal('x', 'y'), 'y'), 'x', 'the same after a restart')
  writeFileSync(file, '{}')
  t.throws(() => openSealing(file), { code: 'CREDENTIALS' })
})
