// A policy store that has lost something of what is in force, in a real store: what is known at a controller holds, in
// the same process and in the next one, until a person decides.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Interventions } from '../../src/change/interventions.js'
import type { PolicyChanges } from '../../src/change/policy-changes.js'
import { PolicyState } from '../../src/change/policy-state.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { KnownPolicy } from '../../src/policy/in-force/known.js'
import { RegisterStore } from '../../src/policy/in-force/register.js'
import { RevisionStore } from '../../src/policy/revisions/revisions.js'
import { type Clock, manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, type Redis, untilReady } from '../../src/runtime/redis.js'
import { BESIDE } from '../../src/runtime/whole-file.js'
import { keys } from '../../src/wire/redis-keys.js'
import { codeOf } from '../faults/redis-server.js'
import { because, examplePlane, freshFolder, privateStores, variantOf } from '../harness/place.js'

const log = createLogger('test', 'silent')
const folder = freshFolder(t)
const { folder: planeFolder, document: example } = examplePlane(folder)
const stores = await privateStores(t, join(folder, 'stores'))
const clock = manualClock({ monotonic: 0, wall: 1_767_225_600_000 })
const HOUR = 3_600_000
const observe = { enforcement: 'observe', until: null } as const
const deed = { author: 'asha', reason: 'a test' }
let planes = 0

interface Place {
  readonly redis: Redis
  readonly plane: string
  readonly data: string
  readonly store: RevisionStore
  /** A controller that starts on this data folder, or on another one. */
  start(data?: string, itsClock?: Clock): Promise<PolicyState>
}

async function place(t: Test): Promise<Place> {
  const plane = `p${++planes}`
  const data = join(folder, plane)
  mkdirSync(data)
  const redis = connect(stores.durableUrl, 'policy', { log })
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  const store = new RevisionStore({ redis, plane })
  const start = (at = data, itsClock: Clock = clock): Promise<PolicyState> => {
    mkdirSync(at, { recursive: true })
    const registerStore = new RegisterStore({ redis, plane })
    const known = new KnownPolicy(at, plane, log)
    const seed = loadPlane(planeFolder)
    return PolicyState.open({
      store: new RevisionStore({ redis, plane }),
      registerStore,
      folder: planeFolder,
      seed,
      known,
      clock: itsClock,
      log,
    })
  }
  return { redis, plane, data, store, start }
}

/** Revision 2, an edge by order, one on trial, a mode, an override, a link that is cut. */
async function inForce(policy: PolicyState): Promise<void> {
  const document = variantOf(example, 1)
  const [link = ''] = Object.keys(example.links)
  const mode = { name: { en: 'Night', sw: 'Usiku' }, atMost: 600, patches: [{ on: { link }, factor: 0.9 }] }
  await policy.commit({ ...document, modes: { night: mode } }, because(1))
  const interventions = new Interventions(policy, {} as PolicyChanges, clock)
  await policy.set('edge-1', { enforcement: 'enforce', until: null, ...deed })
  await policy.set('edge-2', { enforcement: 'enforce', until: clock.wall() + HOUR, ...deed })
  await interventions.activate('night', clock.wall() + HOUR, deed)
  const word = { link, factor: 0, until: null, source: 'noc', reason: 'cut', event: 'e1' }
  await interventions.reportLink(word)
  const patch = { on: { link }, factor: 0.5 }
  const [from, at] = [clock.wall(), clock.wall()]
  const override = { id: 'ov-1', patch, from, until: from + HOUR, reference: null, owner: 'asha', at, ...deed }
  await policy.edit(() => ({ 'override:ov-1': override }))
}

const heldBy = ({ revision, register, switches }: PolicyState) => ({
  ...{ revision: revision.revision, hash: revision.hash, indexes: [...revision.indexes] },
  ...{ overrides: register.overrides, modes: register.modes, links: register.links },
  orders: Object.fromEntries(switches),
})

const namesOf = ({ plane }: Place): string[] => {
  const { policyHead, index, register, enforcement, policyDoc } = keys(plane)
  return [policyHead, index, register, enforcement, ...Array.from({ length: 20 }, (_, k) => policyDoc(k))]
}

const wipe = (at: Place): Promise<unknown> => at.redis.del(...namesOf(at))

/** What it holds now, to come back as a backup does. */
async function backup(at: Place): Promise<() => Promise<void>> {
  const kept = await Promise.all(
    namesOf(at).map(async (name) => {
      const type = await at.redis.type(name)
      if (type === 'hash') return { name, fields: await at.redis.hgetall(name), text: null }
      return { name, fields: null, text: type === 'string' ? await at.redis.getBuffer(name) : null }
    }),
  )
  return async () => {
    await wipe(at)
    for (const { name, fields, text } of kept) {
      if (fields !== null) await at.redis.hset(name, fields)
      else if (text !== null) await at.redis.set(name, text)
    }
  }
}

type Loss = (place: Place, older: () => Promise<void>) => Promise<unknown>
const key = (place: Place) => keys(place.plane)
const LOSSES: Readonly<Record<string, readonly [Loss, RegExp]>> = {
  'it comes back empty': [
    wipe,
    /revision 0, and revision 2 was.*register is at version 0.*the order to edge-1, edge-2/,
  ],
  'it comes back older': [(_, older) => older(), /revision 1, and revision 2.*register is at version/],
  'it is another plane of that name': [
    async (place, older) => {
      await older()
      for (let k = 1; k < 5; k++) await place.store.put(variantOf(example, 10 + k), because(k))
    },
    /its revision 2 is another.*the order to edge-1/,
  ],
  'the head is lost': [(place) => place.redis.del(key(place).policyHead), /revision 0, and revision 2/],
  'the register is lost': [(place) => place.redis.del(key(place).register), /register is at version 0/],
  'the orders are lost': [(place) => place.redis.del(key(place).enforcement), /^it lacks the order to edge-1, edge-2$/],
  'one order is lost': [
    (place) => place.redis.hdel(key(place).enforcement, 'edge-1'),
    /^it lacks the order to edge-1$/,
  ],
  'one order is older': [
    (place) =>
      place.redis.hset(
        key(place).enforcement,
        'edge-1',
        JSON.stringify({ enforcement: 'observe', until: null, reason: 'x', author: 'x', at: 1 }),
      ),
    /^it lacks the order to edge-1$/,
  ],
  'one order is damaged': [
    (place) => place.redis.hset(key(place).enforcement, 'edge-1', '{"enforce'),
    /order to edge-1$/,
  ],
  'an override is lost': [(place) => place.redis.hdel(key(place).register, 'override:ov-1'), /register says something/],
  'a mode is damaged': [(place) => place.redis.hset(key(place).register, 'mode:night', 'x'), /register says something/],
  'a mode is lost, and somebody has edited since': [
    async (place) => {
      await place.redis.hdel(key(place).register, 'mode:night')
      await new RegisterStore({ redis: place.redis, plane: place.plane }).edit(() => ({ 'drain:x': null }))
    },
    /^its register lacks night$/,
  ],
  'the register is something else': [
    async (place) => {
      await place.redis.del(key(place).register)
      await place.redis.set(key(place).register, 'a string')
    },
    /register is at version 0/,
  ],
  'the orders are something else': [
    async (place) => {
      await place.redis.del(key(place).enforcement)
      await place.redis.set(key(place).enforcement, 'a string')
    },
    /^it lacks the order to/,
  ],
}

for (const [name, [lose, says]] of Object.entries(LOSSES)) {
  for (const decision of ['keep', 'take'] as const) {
    t.test(`${name}: what is known holds, after a restart too, until somebody decides to ${decision} it`, async (t) => {
      const at = await place(t)
      const policy = await at.start()
      const older = await backup(at)
      await inForce(policy)
      await policy.refresh()
      t.equal(policy.lostEdits, null, 'nothing is lost')
      const held = heldBy(policy)
      await lose(at, older)
      await policy.refresh()
      const restarted = await at.start()
      const other = await at.start(copied(at.data))
      for (const one of [policy, restarted, other]) {
        t.same(heldBy(one), held, 'it holds')
        t.match(one.lostEdits, says)
        t.equal(await codeOf(one.edit(() => ({ freeze: null }))), 'READ_ONLY')
        t.equal(await codeOf(one.set('edge-1', { ...observe, ...deed })), 'READ_ONLY')
      }

      const stored = (await at.store.head())?.revision ?? 0
      const head = await restarted.settle(decision, { author: 'juma', reason: 'it is meant' })
      t.match(head.meta, { author: 'juma', reason: 'it is meant' })
      t.equal(head.revision, Math.max(2, stored) + 1, 'under a number that nobody knows')
      t.equal(restarted.lostEdits, null)
      const now = heldBy(restarted)
      if (decision === 'keep') t.same({ ...now, revision: 2 }, held, 'all of it goes on')
      else t.notSame({ ...now, revision: 2 }, held, 'what was lost is over')
      await other.refresh()
      t.same([other.lostEdits, heldBy(other)], [null, now], 'another controller follows the decision')
      t.equal(await codeOf(other.settle(decision, { author: 'juma', reason: 'again' })), 'NOT_FOUND')

      await other.set('edge-3', { ...observe, ...deed })
      const next = await other.commit(variantOf(example, 9), because(head.revision))
      t.equal((await at.store.get(next.revision))?.hash, next.hash, 'the next revision can be read back')
      const last = await at.start()
      t.same([last.lostEdits, last.revision.revision], [null, next.revision], 'and is known from then on')
      t.equal(last.switches.get('edge-3')?.enforcement, 'observe')
    })
  }
}

/** What another controller of the plane has in its data folder. */
function copied(data: string): string {
  const to = `${data}-of-another`
  cpSync(data, to, { recursive: true })
  return to
}

t.test('what is kept is whole or not there: a file that is damaged, another plane, a disk that is full', async (t) => {
  const at = await place(t)
  const policy = await at.start()
  await inForce(policy)
  const held = heldBy(policy)
  t.equal(new KnownPolicy(at.data, 'another', log).read(), null, "another plane's")
  for (const name of ['known-in-force.json', 'known-policy.json']) {
    const file = join(at.data, name)
    const text = readFileSync(file)
    writeFileSync(file, text.subarray(0, text.length / 2))
    t.same(heldBy(await at.start()), held, `${name} was cut: the store is believed`)
    t.same(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(text.toString()), 'and it is written anew')
  }
  const inTheWay = join(at.data, `known-in-force.json${BESIDE}`)
  mkdirSync(inTheWay)
  await policy.set('edge-1', { ...observe, ...deed })
  t.equal(policy.switches.get('edge-1')?.enforcement, 'observe', 'without a disk people are served')
  rmSync(inTheWay, { recursive: true })
  await policy.set('edge-1', { enforcement: 'enforce', until: null, ...deed })
  await wipe(at)
  t.equal((await at.start()).switches.get('edge-1')?.enforcement, 'enforce')
})

t.test('what ends by itself or by a person is no loss', async (t) => {
  const at = await place(t)
  const policy = await at.start()
  await inForce(policy)
  const other = await at.start(copied(at.data))
  await clock.advance(2 * HOUR)
  await policy.edit(() => ({ freeze: { since: 1, reason: 'x', author: 'x' } }))
  await other.refresh()
  await policy.edit(() => ({ freeze: null }))
  await clock.advance(31 * 24 * HOUR)
  await policy.edit(() => ({ 'override:ov-1': null }))
  for (const one of [policy, other]) {
    await one.refresh()
    t.equal(one.lostEdits, null)
    t.equal(one.register.overrides.length, 0)
  }
})

t.test('of two controllers whose clocks differ each follows the later order', async (t) => {
  const at = await place(t)
  const policy = await at.start()
  await policy.set('edge-1', { enforcement: 'enforce', until: null, ...deed })
  const behind = manualClock({ monotonic: 0, wall: clock.wall() - HOUR })
  const other = await at.start(copied(at.data), behind)
  await other.set('edge-1', { ...observe, ...deed })
  await policy.refresh()
  t.equal(policy.switches.get('edge-1')?.enforcement, 'observe')
  t.equal(policy.lostEdits, null)
})
