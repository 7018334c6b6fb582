// The secrets that sign letters rest sealed: who reads the policy store or a backup of it can sign nothing.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { runBackup } from '../../src/process/backup.js'
import { lookAtSealing, openSealing, runNewSealingKey } from '../../src/process/sealing-key.js'
import { redisWebhooks } from '../../src/record/webhook-store.js'
import { Webhooks } from '../../src/record/webhooks.js'
import { manualClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import type { Io } from '../../src/runtime/io.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, type Redis, untilReady } from '../../src/runtime/redis.js'
import { makeSealingKey, sealingIn, sealingOfMoment } from '../../src/runtime/sealing.js'
import { keys } from '../../src/wire/redis-keys.js'
import { codeOf } from '../faults/redis-server.js'
import { freshFolder, privateStores } from '../harness/place.js'

const log = createLogger('test', 'silent')
const plane = 'taifa'
const data = freshFolder(t)
const stores = await privateStores(t, join(data, 'stores'))
const redis = connect(stores.durableUrl, 'policy', { log })
t.teardown(() => redis.disconnect())
await untilReady(redis, 5_000)
const file = join(data, 'sealing-key.json')
const sealing = await openSealing({ file, redis, plane })
const key = keys(plane).webhooks
function heard() {
  const said: string[] = []
  const log = createLogger('test', 'error', { write: (text: string) => void said.push(text) })
  return { log, lines: () => said }
}
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
    t.match(said.join(''), file, 'and who backs up is told what else to keep')
  },
)

t.test('sealed text opens with its key, in its place, unchanged, or not at all', async (t) => {
  const other = redisWebhooks({ redis, plane, sealing: sealingOfMoment() })
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

t.test('what another controller has removed or renewed while it was read does not come back', async (t) => {
  for (const id of ['removed', 'renewed', 'stays']) await redis.hset(key, id, JSON.stringify(webhook(id)))
  const there = redisWebhooks({ redis, plane, sealing })
  let isFirst = true
  const meanwhile = Object.create(redis, {
    hgetall: {
      async value(name: string) {
        const found = await redis.hgetall(name)
        if (isFirst) {
          isFirst = false
          await there.remove('removed')
          await there.put({ ...webhook('renewed'), secret: 'its new secret' })
        }
        return found
      },
    },
  }) as Redis
  const found = await redisWebhooks({ redis: meanwhile, plane, sealing }).read()
  const secretOf = (id: string) => found.find((one) => one.id === id)?.secret
  t.equal(secretOf('removed'), undefined)
  t.equal(secretOf('renewed'), 'its new secret')
  t.equal(secretOf('stays'), 'the secret of stays')
  t.equal(await redis.hexists(key, 'removed'), 0)
  t.strictSame(await there.read(), found)
  t.strictSame(
    found.map(({ id }) => id),
    ['new', 'old', 'renewed', 'stays'],
    'by id, in whatever order the store has them',
  )
  t.equal(await there.replace(webhook('removed')), false, 'nor does a rotation bring one back')
})

t.test('a controller with another key than its peers, or with none, does not start', async (t) => {
  const other = freshFolder(t)
  const copy = join(other, 'sealing-key.json')
  const asPeer = () => openSealing({ file: copy, redis, plane })
  await t.rejects(asPeer(), { code: 'KEYS_DIFFER', message: /is not there/, advice: /Copy the file/ })
  t.notOk(existsSync(copy), 'it makes none of its own')
  makeSealingKey(copy)
  await t.rejects(asPeer(), { code: 'KEYS_DIFFER', message: /is not the key/, advice: /sealing-key new/ })
  t.match(await lookAtSealing({ file: copy, redis, plane }), [{ verdict: 'bad', found: /is not the key/ }])
  t.match(await lookAtSealing({ file, redis, plane }), [{ verdict: 'good' }])
  copyFileSync(file, copy)
  t.equal((await asPeer()).unseal(sealing.seal('x', 'y'), 'y'), 'x', 'a copy opens what the other has sealed')

  const firsts = ['one', 'two'].map((name) =>
    codeOf(openSealing({ file: join(other, name), redis, plane: 'new' }).then(() => undefined)),
  )
  t.same((await Promise.all(firsts)).sort(), ['KEYS_DIFFER', 'done'], 'of two first ones one is right')

  // Lost everywhere.
  const settings = loadSettings({
    env: { MIZANI_DATA: other, REDIS_URL: stores.durableUrl, RATES_REDIS_URL: stores.volatileUrl },
  })
  const io = { stderr: { write: () => undefined }, env: {} } as unknown as Io
  await t.rejects(runNewSealingKey({ settings }, io), { message: /it may be the key/ })
  rmSync(copy)
  // A controller that runs goes on with the key it has.
  const rates = connect(stores.volatileUrl, 'controller')
  t.teardown(() => rates.disconnect())
  await untilReady(rates, 5_000)
  const leads = (until: number) => rates.hset(keys(plane).head, { leader: 'ctl-1', exp: String(until) })
  await leads(Date.now() + 600_000)
  await t.rejects(runNewSealingKey({ settings }, io), { message: /ctl-1 runs/, advice: /Stop all/ })
  await leads(1)
  // A store that does not take it leaves no file that looks like the key.
  const rules = ['-@all', '+hello', '+auth', '+ping', '+client|setname', '+client|setinfo', '+client|id', '+info']
  const reader = (await stores.ensureUsers('durable', [{ name: 'reader', rules }])).get('reader')!
  const refused = loadSettings({ env: { MIZANI_DATA: other, REDIS_URL: reader, RATES_REDIS_URL: stores.volatileUrl } })
  await t.rejects(runNewSealingKey({ settings: refused }, io), { code: 'STORE_REFUSED' })
  t.notOk(existsSync(copy))
  await runNewSealingKey({ settings }, io)
  t.not((await asPeer()).id, sealing.id)
  await t.rejects(openSealing({ file, redis, plane }), { code: 'KEYS_DIFFER' }, 'and the old one is behind')
  await redis.set(keys(plane).sealing, sealing.id)
})

t.test('a secret that does not open is said in the list and in the log', async (t) => {
  const { log, lines } = heard()
  const webhooks = new Webhooks({
    ...{ store: redisWebhooks({ redis, plane, sealing: sealingOfMoment() }), folder: freshFolder(t), plane, log },
    ...{ zone: () => 'UTC', rules: { allow: [], ownPorts: () => [] }, clock: manualClock() },
    ending: new AbortController().signal,
  })
  await webhooks.refresh()
  await webhooks.refresh()
  const list = webhooks.list()
  t.ok(list.length > 1)
  for (const { lastError } of list) t.match(lastError, /does not open with the sealing key .* webhook rotate/)
  t.equal(lines().length, list.length, 'once for each')
})

t.test('the key is for its owner alone, and a file that is no key says what to do', async (t) => {
  t.equal(statSync(file).mode & 0o777, 0o600)
  chmodSync(file, 0o644)
  t.throws(() => sealingIn(file), { code: 'SECRET_FILE' })
  chmodSync(file, 0o600)
  t.equal(sealingIn(file).unseal(sealing.seal('x', 'y'), 'y'), 'x', 'the same after a restart')
  const key = 'ab'.repeat(32)
  for (const text of ['{}', key, `{"${key}":1}`]) {
    writeFileSync(file, text)
    t.throws(() => sealingIn(file), { code: 'CREDENTIALS' })
    t.notMatch(
      inspect(
        thrownBy(() => sealingIn(file)),
        { depth: 9 },
      ),
      /abab/,
      'nor is a part of the key told',
    )
  }
})

t.test('a key that is being made by two is made once, and what one left behind goes', async (t) => {
  const first = join(freshFolder(t), 'key')
  // The other one has the same number of a process, and was stopped between its two steps.
  const beside = `${first}.writing.${process.pid}`
  makeSealingKey(first)
  const made = sealingIn(first).id
  linkSync(first, beside)
  makeSealingKey(first)
  t.equal(sealingIn(first).id, made)
  t.same(readdirSync(dirname(first)), ['key'])
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
