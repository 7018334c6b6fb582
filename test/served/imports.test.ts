// What people have said of their sheets answers for nobody who may change more than they: an officer cannot store that
// another institution's name means his own and wait until a sheet of the whole nation comes.

import { join } from 'node:path'
import t from 'tap'
import { Imports } from '../../src/change/imports.js'
import { PolicyChanges } from '../../src/change/policy-changes.js'
import { PolicyState } from '../../src/change/policy-state.js'
import { createPreviews } from '../../src/change/previews.js'
import { Proposals } from '../../src/change/proposals.js'
import type { Scope } from '../../src/model/principal.js'
import { createDrafter } from '../../src/planning/drafter.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { RegisterStore } from '../../src/policy/in-force/register.js'
import type { DrafterTask } from '../../src/policy/revisions/draft.js'
import { RevisionStore } from '../../src/policy/revisions/revisions.js'
import { manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, untilReady } from '../../src/runtime/redis.js'
import { keys } from '../../src/wire/redis-keys.js'
import { examplePlane, privateStores } from '../harness/place.js'

const log = createLogger('test', 'silent')
const clock = manualClock()
const data = t.testdir()
const { folder } = examplePlane(data)
const stores = await privateStores(t, join(data, 'stores'))
const redis = connect(stores.durableUrl, 'policy', { log })
t.teardown(() => redis.disconnect())
await untilReady(redis, 5_000)

const HEAD = 'name,category,region,tier,internet,govnet,edge,prefixes,down,up'
const row = (name: string, prefix: string) => `${name},agency,dodoma,basic,yes,no,edge-1,${prefix},20Mbps,20Mbps`
const sheetOf = (...rows: string[]) => `${[HEAD, ...rows].join('\n')}\n`
const KLINIK = row('Kliniki ya Dodoma', '10.8.1.0/24')
const BENKI = row('Benki Kuu', '10.8.2.0/24')

/** Imports of a plane of its own. */
async function open(plane: string) {
  const registerStore = new RegisterStore({ redis, plane })
  const store = new RevisionStore({ redis, plane })
  const policy = await PolicyState.open({ store, registerStore, folder, seed: loadPlane(folder), clock, log })
  const drafter = createDrafter(() => 0)
  const run = async (task: DrafterTask) => structuredClone(drafter(task))
  const previews = createPreviews(clock, { run, close: async () => undefined })
  const changes = new PolicyChanges({ policy, previews, board: () => null, busyHour: () => null, clock, log })
  const imports = new Imports(changes, new Proposals(changes, clock, log))
  const take = async (
    author: string,
    scope: Scope | null,
    csv: string,
    { same = {}, kind = 'institutions' as 'institutions' | 'sites', dryRun = false, propose = false } = {},
  ): Promise<string[]> => {
    const sheet = { kind, csv, columns: {}, same, defaults: {}, prune: false }
    const why = { author, scope, reason: 'a test', reference: null, dryRun, confirmWithin: 0 }
    const { found } = propose
      ? await imports.propose(sheet, { ...why, effectiveAt: null }, () => undefined)
      : await imports.take(sheet, why, () => undefined)
    const { rows } = JSON.parse(found) as { rows: { verdict: string; id: string }[] }
    return rows.map(({ verdict, id }) => `${verdict} ${id}`)
  }
  return { take, policy }
}

t.test(
  'what an officer said of a name means nothing in the sheet of the nation, nor in another officer’s',
  async (t) => {
    const { take, policy } = await open('officers')
    t.same(await take('asha', null, sheetOf(KLINIK, BENKI)), ['new kliniki-ya-dodoma', 'new benki-kuu'])
    const dodoma = { regions: ['dodoma'] }
    // The attack: the bank's name is said to mean his clinic, with a sheet that changes nothing.
    const same = { 'Benki Kuu': 'kliniki-ya-dodoma' }
    for (const propose of [false, true]) {
      t.same(
        await take('juma', dodoma, sheetOf(KLINIK.replace('20Mbps,', propose ? '22Mbps,' : '21Mbps,')), {
          same,
          propose,
        }),
        ['changed kliniki-ya-dodoma'],
      )
    }
    const national = sheetOf(row('Benki Kuu', '10.8.2.0/24').replace('20Mbps,', '30Mbps,'))
    t.same(await take('asha', null, national, { dryRun: true }), ['changed benki-kuu'], 'whom the name names')
    t.same(await take('neema', dodoma, national, { dryRun: true }), ['changed benki-kuu'], 'nor for one of his rank')
    t.same(Object.keys(policy.register.imports), ['institutions:juma'])
    t.same(policy.register.imports['institutions:juma']?.same, same, 'it is remembered, for himself')
  },
)

t.test('what is said without a scope is remembered for all who have none; of sites for sites alone', async (t) => {
  const { take } = await open('nation')
  await take('asha', null, sheetOf(KLINIK))
  const other = 'name,category,region,tier,internet,govnet\nThe clinic,agency,dodoma,basic,yes,no\n'
  const site = 'institution,edge,prefixes,down,up\nThe clinic,edge-1,10.8.4.0/24,1Mbps,1Mbps\n'
  const same = { 'The clinic': 'kliniki-ya-dodoma' }
  await take('engineer', null, site, { kind: 'sites', same })
  // An engineer changes no institution: to all others this is a new one, without a site.
  await t.rejects(take('asha', null, other, { dryRun: true }), { code: 'POLICY_INVALID' })
  t.same(await take('asha', null, other, { same }), ['same kliniki-ya-dodoma'])
  t.same(await take('juma', null, other, { dryRun: true }), ['same kliniki-ya-dodoma'], 'nobody is asked twice')
})

t.test('what releases before have kept answers for nobody, and goes', async (t) => {
  const { register } = keys('before')
  const poison = { columns: {}, same: { 'Benki Kuu': 'kliniki-ya-dodoma' } }
  await redis.hset(register, { version: '1', 'import:institutions': JSON.stringify(poison) })
  const { take } = await open('before')
  t.same(await take('asha', null, sheetOf(KLINIK, BENKI)), ['new kliniki-ya-dodoma', 'new benki-kuu'])
  await take('asha', null, sheetOf(KLINIK), { same: { x: 'benki-kuu' } })
  t.notOk(await redis.hexists(register, 'import:institutions'))
})
