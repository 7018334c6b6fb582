// Accounts and audit in a real durable store, with the rights that the controller has there: two writers never lose
// each other's work, a restart forgets nobody, and a flipped bit in the store is found.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openAccounts } from '../../src/accounts/accounts.js'
import { redisAccountStore } from '../../src/accounts/store.js'
import { redisAuditStore } from '../../src/audit/store.js'
import { AuditTrail } from '../../src/audit/trail.js'
import type { Happening } from '../../src/model/happening.js'
import { systemClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { keys } from '../../src/wire/redis-keys.js'
import { testSeal } from '../accounts/memory-store.js'
import { memoryKeys } from '../audit/memory-store.js'
import { privateStores } from '../harness/place.js'

const log = createLogger('test', 'silent')
const stores = await privateStores(t, join(t.testdir(), 'data'))

/** Public keys of the controllers that were opened. */
const peers: string[] = []

async function open(t: Test, plane: string) {
  const redis = connect(stores.durableUrl, 'policy', { log })
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  const accounts = await openAccounts({
    seal: testSeal(),
    store: redisAccountStore({ redis, plane }),
    clock: systemClock,
    adminToken: null,
  })
  const store = redisAuditStore({ redis, plane })
  const trail = new AuditTrail({ store, plane, keys: memoryKeys({ peers }), clock: systemClock, log })
  peers.push(trail.keys.publicKey)
  return { redis, accounts, trail }
}

const happening = (subject: string): Happening => ({
  ...{ at: 1_767_225_600_000, actor: 'asha', via: 'password', address: '::1', action: 'PUT /v1/policy', subject },
  ...{ reason: 'växt', reference: null, requestId: 'r', outcome: 'done', code: null, before: null, after: { a: [1] } },
  times: 1,
})

t.test('two controllers keep one set of accounts; sessions outlive both', async (t) => {
  const [one, two] = await Promise.all([open(t, 'accounts'), open(t, 'accounts')])
  const person = (id: string) => ({ id, name: id, roles: ['admin'] as const, scope: null, password: null })
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).accounts.administration.addUser(person(`u${i}`), 'x')),
  )
  await Promise.all([one.accounts.refresh(), two.accounts.refresh()])
  t.equal(one.accounts.administration.users().length, 40)
  t.strictSame(new Set(two.accounts.administration.users()), new Set(one.accounts.administration.users()))
  const password = 'maji ya kunde 1961'
  await one.accounts.administration.addUser({ ...person('asha'), password }, 'x')
  const begun = await one.accounts.authenticator.signIn({ user: 'asha', password }, '::1')
  const three = await open(t, 'accounts')
  t.match(three.accounts.authenticator.bySession(begun?.secret ?? ''), { actor: 'asha' })
  await three.accounts.administration.changeUser('asha', { roles: ['viewer'] }, 'x').catch(() => undefined)
  await three.accounts.administration.addUser({ ...person('juma'), password }, 'x')
  await three.accounts.administration.changeUser('asha', { disabled: true }, 'x')
  await one.accounts.refresh()
  t.equal(one.accounts.authenticator.bySession(begun?.secret ?? ''), null, 'disabled there is disabled here')
})

t.test('two controllers write one trail; what is spoilt in the store is found', async (t) => {
  const [one, two] = await Promise.all([open(t, 'trail'), open(t, 'trail')])
  await Promise.all(Array.from({ length: 600 }, (_, i) => (i % 2 ? one : two).trail.append(happening(String(i)))))
  t.match(await one.trail.verify(), { ok: true, entries: 600, head: { n: 600 } })
  const newest = await two.trail.range(0, Number.MAX_SAFE_INTEGER, 3, true)
  t.strictSame(
    newest.map(({ n }) => n),
    [600, 599, 598],
  )

  const [cut] = await one.trail.range(250, 250, 1)
  await t.rejects(one.trail.trim({ n: 251, hash: cut!.hash }, 'exported'), { code: 'PRECONDITION_FAILED' })
  await one.trail.trim({ n: 250, hash: cut!.hash }, 'exported')
  t.match(await two.trail.verify(), { ok: true, entries: 351, base: { n: 250 }, head: { n: 601 } })

  // A stream cannot be edited in place: whoever spoils it writes it anew.
  const { audit } = keys('trail')
  const rows = await one.trail.range(0, 1_000, 1_000)
  await one.redis.del(audit)
  for (const { n, hash, text, signature } of rows) {
    const bytes = Buffer.from(text)
    if (n === 400) bytes[60]! ^= 0x01
    await one.redis.xadd(audit, `${n}-0`, 'text', bytes, 'hash', hash, 'signature', signature!)
  }
  t.match(await one.trail.verify(), { ok: false, fault: { n: 400, code: 'CHANGED' } })
})

t.test('secrets are taken out of the stream itself, and nothing of what stands beside them is lost', async (t) => {
  const { trail, redis } = await open(t, 'purged')
  const exposed = { action: 'POST /v1/edges/:id/account', after: { edge: 'dar-1', line: 'dar-1 JOIN' } }
  for (let i = 0; i < 30; i++) await trail.append({ ...happening(String(i)), ...(i % 9 === 4 ? exposed : {}) })
  const before = await trail.range(0, 100, 100)
  const unfit = await trail.unfit((entry) =>
    entry.action === exposed.action ? { entry: { ...entry, after: { edge: 'dar-1' } }, fields: ['after.line'] } : null,
  )
  t.strictSame(
    unfit.map(({ n }) => n),
    [5, 14, 23],
  )
  await trail.purge(unfit, 'join lines')
  const { audit } = keys('purged')
  t.notMatch(JSON.stringify(await redis.xrange(audit, '-', '+')), /dar-1 JOIN/)
  t.equal(await redis.exists(`${audit}:copy`), 0)
  const after = await trail.range(0, 100, 100)
  t.strictSame(
    after.slice(0, 30).filter(({ n }) => !unfit.some((one) => one.n === n)),
    before.filter(({ n }) => !unfit.some((one) => one.n === n)),
  )
  t.match(await trail.verify(), { ok: true, entries: 31, redacted: 3 })
  await trail.append(happening('goes on'))
  t.match(await trail.verify(), { ok: true, head: { n: 32 } })
})
