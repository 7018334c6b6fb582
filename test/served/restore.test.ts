// A restore gives nobody back what was taken from them since, and the trail says what went with it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import { redisAccountStore } from '../../src/accounts/store.js'
import { runBackup, runRestore } from '../../src/process/backup.js'
import { keepTelling, openTrail } from '../../src/process/trail.js'
import { systemClock } from '../../src/runtime/clock.js'
import { loadSettings } from '../../src/runtime/config.js'
import type { Io } from '../../src/runtime/io.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { keys } from '../../src/wire/redis-keys.js'
import { testSeal } from '../accounts/memory-store.js'
import { freshFolder, privateStores } from '../harness/place.js'

const log = createLogger('test', 'silent')
const plane = 'taifa'
const data = freshFolder(t)
const stores = await privateStores(t, join(data, 'stores'))
const settings = loadSettings({
  env: { MIZANI_DATA: data, REDIS_URL: stores.durableUrl, RATES_REDIS_URL: stores.volatileUrl },
})
const said: string[] = []
const io = { stderr: { write: (text: string) => void said.push(text) }, env: {} } as unknown as Io
const redis = connect(stores.durableUrl, 'policy', { log })
t.teardown(() => redis.disconnect())
await untilReady(redis, 5_000)

/** As a controller does when it starts. */
async function start() {
  const trail = await openTrail({ settings, durable: redis, plane, clock: systemClock, log })
  const telling = keepTelling(trail, { settings, clock: systemClock, log })
  const taken: unknown[] = []
  const accounts = await openAccounts({
    seal: testSeal(),
    ...{ store: redisAccountStore({ redis, plane }), clock: systemClock, adminToken: null },
    ended: { file: join(data, 'ended-access.json'), plane },
    onTakenBack: (what) => taken.push(what),
  })
  const deed = (subject: string) =>
    trail.tell({ action: 'x', subject, reason: null, reference: null, before: null, after: null })
  return { trail, telling, accounts, taken, deed }
}

t.test('a restored backup lets nobody in again, and what of the trail is gone is said', async (t) => {
  const { accounts, trail, telling, deed } = await start()
  t.teardown(() => telling.cancel())
  const person = (id: string) => ({
    id,
    name: id,
    roles: ['admin'] as const,
    scope: null,
    password: 'maji ya kunde 1961',
  })
  for (const id of ['asha', 'juma']) await accounts.administration.addUser(person(id), 'x')
  const wanted = { user: 'juma', name: 'x', roles: ['viewer'] as const, scope: null, expires: Date.now() + 1e9 }
  const { secret: token } = await accounts.administration.addToken(wanted, 'juma')
  const session = await accounts.authenticator.signIn({ user: 'asha', password: person('asha').password }, '::1')
  const { factors } = accounts
  const newCodes = async (user: string) => {
    const { id, secret } = await factors.addTotp(user)
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: systemClock.wall() })
    t.not(await factors.confirmTotp(user, code, { login: null, address: '::1' }), null)
    return id
  }
  const lostPhone = await newCodes('asha')
  await newCodes('juma')
  for (const subject of ['1', '2']) await deed(subject)
  const file = join(data, 'backup')
  await runBackup({ file, settings }, io)
  await accounts.administration.changeUser('juma', { disabled: true }, 'asha')
  await accounts.authenticator.signOut(session!.secret)
  await factors.remove('asha', lostPhone, null)
  await accounts.refresh()
  await deed('3')
  await telling.tell()
  const head = await trail.head()

  await runRestore({ file, settings, force: true }, io)
  const kept = await start()
  kept.telling.cancel()
  t.equal(kept.accounts.authenticator.byToken(token), null, 'the token of an account that was disabled since')
  t.equal(kept.accounts.authenticator.bySession(session!.secret), null, 'a session that was ended since')
  t.not(kept.accounts.administration.user('juma')?.disabled, null)
  t.match(await kept.trail.verify(), { ok: true, entries: 4 }, 'the trail goes on')
  t.match((await kept.trail.range(4, 4, 1))[0]?.text, /"action":"restore","subject":"20/)
  t.strictSame(kept.taken, [])
  t.match(said.join(''), /Nobody got back what was taken/)

  // The store is lost, and with it what was done since.
  await redis.del(...allKeys())
  await runRestore({ file, settings, force: false }, io)
  const lost = await start()
  lost.telling.cancel()
  t.equal(lost.accounts.authenticator.byToken(token), null)
  t.equal(lost.accounts.authenticator.bySession(session!.secret), null)
  t.match(lost.accounts.administration.user('juma'), { disabled: { by: 'asha' } }, 'it is known here who was disabled')
  t.equal(lost.accounts.administration.user('asha')?.disabled, null)
  t.match(lost.taken, [{ accounts: ['juma'], factors: ['asha'], tokens: 0, sessions: 0 }])
  t.same(lost.accounts.factors.of('asha'), { items: [], recoveryCodes: 0 }, 'nor does a phone that was lost come back')
  t.match(lost.accounts.factors.of('juma'), { items: [{ kind: 'totp' }], recoveryCodes: 10 }, 'others stay')
  const { fault } = await lost.trail.verify()
  t.match(fault, { n: 3, code: 'CUT', detail: /behind 2, up to (3|4), are gone: a backup of .* was restored/ })
  t.equal(head.n, 3)
  const again = await start()
  again.telling.cancel()
  t.strictSame(again.taken, [], 'once')
  await again.accounts.administration.changeUser('juma', { disabled: false }, 'asha')
  await again.accounts.refresh()
  const last = await start()
  last.telling.cancel()
  t.equal(last.accounts.administration.user('juma')?.disabled, null, 'who is let in on purpose stays in')
  t.match(JSON.parse(readFileSync(join(data, 'ended-access.json'), 'utf8')), { plane, disabled: {} })
})

const allKeys = (): string[] => {
  const { accounts, audit, auditHead } = keys(plane)
  return [accounts, audit, auditHead]
}
