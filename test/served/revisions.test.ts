// The policy in a real durable store: one writer wins each revision, what is acknowledged is on disk, a lost answer
// can be asked for again, and numbers of institutions are given once and for ever.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { Interventions } from '../../src/change/interventions.js'
import { PolicyChanges } from '../../src/change/policy-changes.js'
import { PolicyState } from '../../src/change/policy-state.js'
import { createPreviews } from '../../src/change/previews.js'
import { Proposals } from '../../src/change/proposals.js'
import { RevisionHistory } from '../../src/change/revision-history.js'
import { createDrafter } from '../../src/planning/drafter.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { applyChanges } from '../../src/policy/document/diff.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { conditionsAt } from '../../src/policy/in-force/holding.js'
import { fieldOf, RegisterStore } from '../../src/policy/in-force/register.js'
import type { DrafterTask } from '../../src/policy/revisions/draft.js'
import { RevisionStore } from '../../src/policy/revisions/revisions.js'
import { manualClock } from '../../src/runtime/clock.js'
import { MAX_OVERRIDES_EACH, MAX_PREVIEWS_EACH, MAX_PREVIEWS_WAITING } from '../../src/runtime/limits.js'
import { createLogger } from '../../src/runtime/log.js'
import { connect, type Redis, untilReady } from '../../src/runtime/redis.js'
import { keys } from '../../src/wire/redis-keys.js'
import { codeOf } from '../faults/redis-server.js'
import { because as becauseOf, examplePlane, privateStores, variantOf } from '../harness/place.js'
import { TAIFA } from '../harness/root.js'

const log = createLogger('test', 'silent')
const folder = t.testdir()
const { folder: planeFolder, document: example } = examplePlane(folder)
const variant = (n: number) => variantOf(example, n)
const because = (author: string, expected: number) => becauseOf(expected, author)
const stores = await privateStores(t, join(folder, 'data'))

/** A store under a plane name of its own, so that tests share one server. */
async function open(
  t: Test,
  plane = `p${randomBytes(4).toString('hex')}`,
): Promise<{ store: RevisionStore; registerStore: RegisterStore; redis: Redis; plane: string }> {
  const redis = connect(stores.durableUrl, 'policy', { log })
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  const registerStore = new RegisterStore({ redis, plane })
  return { store: new RevisionStore({ redis, plane }), registerStore, redis, plane }
}

/** The policy as these stores keep it; its folder says what the example says. */
const policyOptions = (store: RevisionStore, registerStore: RegisterStore, clock = manualClock()) => ({
  ...{ store, registerStore, folder: planeFolder, seed: loadPlane(planeFolder), clock, log },
})

t.test('an empty store has no head; the first write makes revision 1, as it was handed in', async (t) => {
  const { store } = await open(t)
  t.equal(await store.head(), null)
  t.equal(await store.current(), null)
  const written = await store.put(example, because('asha', 0))
  t.match(written, { revision: 1, hash: hashOf(example), meta: { author: 'asha', parent: null } })
  const read = await store.current()
  t.same(read, written)
  t.same(read!.document, example)
})

t.test('of fifty writers on one revision exactly one wins, five rounds long', async (t) => {
  const { store, plane } = await open(t)
  const others = await Promise.all(Array.from({ length: 4 }, () => open(t, plane)))
  const writers = [store, ...others.map(({ store }) => store)]
  await store.put(example, because('seed', 0))
  for (let round = 1; round <= 5; round++) {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        codeOf(writers[n % writers.length]!.put(variant(round * 100 + n), because(`writer-${n}`, round))),
      ),
    )
    t.equal(outcomes.filter((outcome) => outcome === 'done').length, 1, `round ${round}`)
    t.equal(outcomes.filter((outcome) => outcome === 'PRECONDITION_FAILED').length, 49)
    const { revision, hash, document, meta } = (await store.current())!
    t.match({ revision, parent: meta.parent }, { revision: round + 1, parent: round })
    t.equal(hashOf(document), hash)
  }
  for (let revision = 1; revision <= 6; revision++) t.equal((await store.get(revision))?.revision, revision, 'no gap')
  t.equal(await store.get(7), null)
})

t.test('the same request answers as the first time; with another document it is refused', async (t) => {
  const { store } = await open(t)
  await store.put(example, because('asha', 0))
  const request = 'r-1'
  const first = await store.put(variant(1), { ...because('asha', 1), request })
  t.same(await store.put(variant(1), { ...because('asha', 1), request }), first)
  t.match(await store.head(), { revision: 2 })
  t.equal(await codeOf(store.put(variant(2), { ...because('asha', 2), request })), 'IDEMPOTENCY_REUSED')
  t.match(await store.head(), { revision: 2 })
})

t.test('an institution keeps its number, also when it leaves and comes back', async (t) => {
  const { store } = await open(t)
  const withBodies = (...ids: string[]): PolicyDocument => {
    const [body] = Object.values(example.institutions)
    return { ...example, institutions: Object.fromEntries(ids.map((id) => [id, body!])) }
  }
  const first = await store.put(withBodies('b', 'd'), because('asha', 0))
  t.same(
    [...first.indexes],
    [
      ['b', 2],
      ['d', 3],
    ],
  )
  const second = await store.put(withBodies('a', 'd'), because('asha', 1))
  t.same(
    new Map(second.indexes),
    new Map([
      ['b', 2],
      ['d', 3],
      ['a', 4],
    ]),
  )
  const third = await store.put(withBodies('a', 'b', 'c', 'd'), because('asha', 2))
  t.same(
    new Map(third.indexes),
    new Map([
      ['b', 2],
      ['d', 3],
      ['a', 4],
      ['c', 5],
    ]),
  )
})

t.test('what is not on disk everywhere is not acknowledged, and is told apart from what was not done', async (t) => {
  const { store, redis, plane } = await open(t)
  await store.put(example, because('asha', 0))
  const pair = new RevisionStore({ redis, plane, replicas: 1, durableWithin: 100 })
  const request = 'r-2'
  t.equal(
    await codeOf(pair.put(variant(1), { ...because('asha', 1), request })),
    'OUTCOME_UNKNOWN',
    'the replica is away',
  )
  t.match(
    await store.put(variant(1), { ...because('asha', 1), request }),
    { revision: 2 },
    'the same request settles it',
  )
})

t.test('a store that would lose edits is read-only and says which setting', async (t) => {
  const redis = connect(stores.volatileUrl, 'policy', { log })
  t.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  const store = new RevisionStore({ redis, plane: 'elsewhere' })
  await t.rejects(store.put(example, because('asha', 0)), {
    code: 'READ_ONLY',
    message: /appendonly is no, expected yes/,
  })
})

t.test('a store that is away is STORE_UNAVAILABLE', async (t) => {
  const redis = connect('redis://127.0.0.1:1', 'policy')
  t.teardown(() => redis.disconnect())
  const store = new RevisionStore({ redis, plane: 'elsewhere' })
  t.equal(await codeOf(store.head()), 'STORE_UNAVAILABLE')
  t.equal(await codeOf(store.put(example, because('asha', 0))), 'STORE_UNAVAILABLE')
})

t.test('a damaged or foreign revision is refused, never served', async (t) => {
  const { store, redis, plane } = await open(t)
  await store.put(example, because('asha', 0))
  const key = keys(plane).policyDoc(1)
  const text = inflateSync((await redis.getBuffer(key))!).toString()
  await redis.set(key, text.replace('Example Agency', 'Another Agency'))
  t.equal(await codeOf(store.get(1)), 'REVISION_UNREADABLE')
  await redis.set(key, text.replace('"schema":1', '"schema":2'))
  await t.rejects(store.get(1), { code: 'REVISION_UNREADABLE', message: /schema 1/ })
  await redis.set(key, deflateSync(text).subarray(0, 300))
  t.equal(await codeOf(store.get(1)), 'REVISION_UNREADABLE', 'cut short')
  t.match(
    await store.list(1, 10),
    [{ revision: 1, reason: /^this record cannot be read/ }],
    'and does not hide the others',
  )
  await redis.set(keys(plane).policyDoc(2), 'left over')
  t.equal(await codeOf(store.put(variant(1), because('asha', 1))), 'STORE_CORRUPT', 'no revision is ever written over')
})

t.test('a change of the nation takes no more room than a change, and is read back whole', async (t) => {
  const { store, redis, plane } = await open(t)
  const nation = loadPlane(TAIFA).document!
  const names = Object.keys(nation.institutions)
  const documents = [nation]
  for (let n = 1; n < 60; n++) {
    const id = names[(n * 37) % names.length]!
    const after = [{ pointer: `/institutions/${id}/labels/ticket`, after: hashOf(n) }]
    documents.push(applyChanges(documents[n - 1], after) as PolicyDocument)
  }
  const sizes: number[] = []
  for (const [n, document] of documents.entries()) {
    await store.put(document, because('asha', n))
    sizes.push(await redis.strlen(keys(plane).policyDoc(n + 1)))
  }
  const whole = sizes[0]!
  t.ok(whole < 60_000, `whole: ${whole} bytes`)
  t.ok(sizes.every((size) => size === whole || size <= whole / 16 || size > whole / 2))
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
  t.ok(mean < 4_000, `mean of sixty: ${Math.round(mean)} bytes; 12,500 a year are ${Math.round(mean * 0.0125)} MB`)
  t.ok(sizes.filter((size) => size > whole / 2).length > 1, 'another one was written whole on the way')

  const other = new RevisionStore({ redis, plane })
  for (const n of [1, 2, 30, 59, 60]) {
    const read = await other.get(n)
    t.equal(read!.hash, hashOf(documents[n - 1]), `revision ${n}`)
    t.equal(hashOf(read!.document), read!.hash)
  }
  t.equal((await other.list(60, 100)).length, 60)
  const next = await other.put(nation, because('juma', 60))
  t.equal(hashOf((await store.get(next.revision))!.document), hashOf(nation), 'who never wrote before leans on others')

  await redis.set(keys(plane).policyDoc(1), deflateSync(JSON.stringify({ ...next, document: example })))
  t.equal(
    await codeOf(new RevisionStore({ redis, plane }).get(2)),
    'REVISION_UNREADABLE',
    'what it leans on is damaged',
  )
})

t.test('a revision that an earlier release wrote is read, and the next is made on it', async (t) => {
  const { store, redis, plane } = await open(t)
  const told = { author: 'asha', reason: 'an old one', reference: null, at: 1, parent: null }
  const record = { revision: 1, hash: hashOf(example), ...told, document: example }
  await redis.set(keys(plane).policyDoc(1), JSON.stringify(record))
  await redis.hset(keys(plane).policyHead, 'revision', 1, 'hash', record.hash)
  t.match(await store.current(), { revision: 1, document: example, meta: { ...told, kind: 'commit' } })
  await store.put(variant(1), because('juma', 1))
  t.equal((await new RevisionStore({ redis, plane }).current())!.hash, hashOf(variant(1)))
})

t.test('a commit past approval is on the list of the unsigned in the same step', async (t) => {
  const { store, registerStore } = await open(t)
  await store.put(example, because('asha', 0))
  const glass = { ...because('asha', 1), breakGlass: true, request: 'g-1' }
  const { version: before } = await registerStore.read()
  await store.put(variant(1), glass)
  const { unsigned, version } = await registerStore.read()
  t.same(unsigned, [{ revision: 2, author: 'asha', reason: 'a test', at: glass.at }])
  t.ok(version > before, 'others look at the register anew')
  await registerStore.edit(() => ({ 'unsigned:2': null }))
  await store.put(variant(1), glass)
  t.same((await registerStore.read()).unsigned, [], 'the same request again does not ask for a second signature')
})

/** Drafts on this thread, one after the other when `gate` has opened. */
function changesAt(
  policy: PolicyState,
  gate: Promise<unknown> = Promise.resolve(),
  clock = manualClock(),
): PolicyChanges {
  const drafter = createDrafter(() => 0)
  const run = (task: DrafterTask) => gate.then(() => structuredClone(drafter(task)))
  const previews = createPreviews(manualClock(), { run, close: async () => undefined })
  return new PolicyChanges({ policy, previews, board: () => null, busyHour: () => null, clock, log })
}

t.test('an empty store is seeded from the folder once; afterwards the store wins', async (t) => {
  const { store, registerStore } = await open(t)
  const options = policyOptions(store, registerStore)
  const policy = await PolicyState.open(options)
  let told = 0
  policy.onChange(() => told++)
  t.match(policy.current(), { revision: 1, hash: hashOf(example), meta: { author: 'seed', parent: null } })

  const changes = changesAt(policy)
  const edit = { author: 'asha', reason: 'more', reference: 'T-1', dryRun: false }
  const planned = await changes.change(() => variant(1), { ...edit, dryRun: true })
  t.match(planned, { revision: 2, base: 1, warnings: [] })
  t.equal(policy.current().revision, 1, 'a dry run keeps nothing')
  t.same(await changes.change(() => variant(1), edit), planned)
  t.equal(told, 1)
  t.match(policy.current(), { revision: 2, etag: planned.etag, meta: { reference: 'T-1', parent: 1 } })
  t.equal(await codeOf(changes.change(() => ({ ...variant(2), bands: [] }), edit)), 'POLICY_INVALID')

  const restarted = await PolicyState.open(options)
  t.equal(restarted.current().hash, hashOf(variant(1)), 'the folder still says what it said')
  await changes.change(() => variant(3), edit)
  t.equal(restarted.current().revision, 2)
  await restarted.refresh()
  t.equal(restarted.current().revision, 3, 'what another controller wrote')
})

t.test('whoever ends waits for a revert that was begun, and is told of it', async (t) => {
  const { store, registerStore } = await open(t)
  const policy = await PolicyState.open(policyOptions(store, registerStore))
  const deeds: string[] = []
  policy.onOwnDeed(({ action, subject }) => deeds.push(`${action} ${subject}`))
  await policy.settled(60_000)
  await policy.commit(variant(1), because('asha', 1))
  void policy.revert({ revision: 2, parent: 1, confirmBy: 0 }, 'nobody confirmed')
  t.same(deeds, [])
  await policy.settled(60_000)
  t.same(deeds, ['revert 2'])
})

t.test('a store that has lost edits is served and takes none, whoever notices', async (t) => {
  const { store, registerStore, redis, plane } = await open(t)
  const options = policyOptions(store, registerStore)
  const policy = await PolicyState.open(options)
  await policy.commit(variant(1), because('asha', 1))
  await redis.hset(keys(plane).policyHead, 'revision', 1, 'hash', hashOf(example))
  await policy.refresh()
  t.match(policy.lostEdits, /revision 1, and revision 2 was in force/)
  t.match(policy.current(), { revision: 2 }, 'what was in force still is')
  t.equal(await codeOf(policy.commit(variant(2), because('asha', 2))), 'READ_ONLY')
  t.equal(await codeOf(policy.edit(() => ({}))), 'READ_ONLY')

  const fresh = await PolicyState.open(options)
  t.equal(fresh.lostEdits, null, 'it cannot know')
  fresh.noteInForce(2)
  t.equal(await codeOf(fresh.commit(variant(2), because('asha', 1))), 'READ_ONLY', 'edges know')
})

t.test('previews wait for each other up to a limit, of one person and of all; a change goes before them', async (t) => {
  const { store, registerStore } = await open(t)
  const policy = await PolicyState.open(policyOptions(store, registerStore))
  let openGate = (): void => undefined
  const changes = changesAt(policy, new Promise<void>((resolve) => (openGate = resolve)))
  const edit = { author: 'asha', reason: 'more', reference: null, dryRun: true }
  const look = (n: number, who: number) => codeOf(changes.change(() => variant(n + 1), { ...edit, author: `p-${who}` }))
  const looks = Array.from({ length: MAX_PREVIEWS_WAITING }, (_, n) => look(n, Math.floor(n / MAX_PREVIEWS_EACH)))
  t.equal(await look(1, 99), 'RATE_LIMITED', 'as many as there may be')
  const made = codeOf(changes.change(() => variant(100), { ...edit, dryRun: false }))
  openGate()
  t.same(new Set(await Promise.all([...looks, made])), new Set(['done']))
  t.equal(policy.current().revision, 2)
  const mine = Array.from({ length: MAX_PREVIEWS_EACH + 1 }, (_, n) => look(n, 1))
  const theirs = look(1, 2)
  t.same((await Promise.all(mine)).sort(), [...Array(MAX_PREVIEWS_EACH).fill('done'), 'RATE_LIMITED'].sort())
  t.equal(await theirs, 'done', 'whoever asks for little is not refused for whoever asks for much')
})

t.test(
  'a rollback waits for no preview and no change, however long they take, and goes back from what they made',
  async (t) => {
    const { store, registerStore } = await open(t)
    const policy = await PolicyState.open(policyOptions(store, registerStore))
    await policy.commit(variant(1), because('asha', 1))
    const changes = changesAt(policy, new Promise<void>(() => undefined))
    const edit = { author: 'juma', reason: 'more', reference: null }
    const stuck = [true, false, false].map((dryRun) => changes.change(() => variant(9), { ...edit, dryRun }))
    let settled = 0
    for (const one of stuck) void one.finally(() => settled++).catch(() => {})
    const { bands } = policy.document
    const history = new RevisionHistory(changes)
    const why = { author: 'asha', reason: 'back', reference: null }
    t.match(await history.rollback(1, why), { revision: 3, base: 2, hash: hashOf(example) })
    t.match(policy.current(), { revision: 3, hash: hashOf(example) })
    t.equal(policy.document.bands, bands, 'what both say alike is the very same: nothing of it is compiled again')
    const elsewhere = await PolicyState.open(policyOptions(store, registerStore))
    await elsewhere.commit(variant(5), because('asha', 3))
    t.match(await history.rollback(2, why), { revision: 5, base: 4, hash: hashOf(variant(1)) }, 'others were faster')
    t.equal(await codeOf(history.rollback(2, why)), 'BAD_REQUEST', 'there is nothing to go back from')
    t.equal(await codeOf(history.rollback(99, why)), 'NOT_FOUND')
    t.equal(await codeOf(history.rollback(1, { ...why, only: 4 })), 'PRECONDITION_FAILED', 'it undoes one, not two')
    t.match(await history.rollback(1, { ...why, only: 5 }), { revision: 6, base: 5 })
    t.equal(settled, 0, 'they still wait')
  },
)

t.test('an edge takes back nothing of what monitoring has said of a link, nor the other way', async (t) => {
  const { store, registerStore } = await open(t)
  const clock = manualClock()
  const options = policyOptions(store, registerStore, clock)
  const policy = await PolicyState.open(options)
  const interventions = new Interventions(policy, changesAt(policy), clock)
  const link = Object.keys(policy.document.links)[0]!
  const say = (factor: number, edge?: string, seconds?: number) =>
    interventions.reportLink({
      ...{ link, factor, edge, source: edge ?? 'nms', reason: '', event: randomBytes(4).toString('hex') },
      until: seconds === undefined ? null : clock.wall() + seconds * 1_000,
    })
  const counts = () => conditionsAt([], policy.register, clock.wall())[link] ?? 1
  await say(0)
  await say(0, 'edge-1', 600)
  await clock.advance(601_000)
  t.equal(counts(), 0, 'its word has ended, the other has not')
  await say(1, 'edge-1', 600)
  t.equal(counts(), 0)
  await say(1)
  t.equal(counts(), 1)
  await say(0.5, 'edge-1', 600)
  await say(1)
  t.equal(counts(), 0.5)
  await clock.advance(601_000)
  t.equal(counts(), 1)
})

t.test('a write by its name makes one override, and none for ever', async (t) => {
  const { store, registerStore } = await open(t)
  const clock = manualClock()
  const options = policyOptions(store, registerStore, clock)
  const policy = await PolicyState.open(options)
  const interventions = new Interventions(policy, changesAt(policy), clock)
  const on = { link: Object.keys(example.links)[0]! }
  const add = (request?: string) =>
    interventions.addOverride({
      ...{ patch: { on, factor: 0.5 }, until: clock.wall() + 60_000, reason: 'x', reference: null, author: 'asha' },
      request,
    })
  const first = await add('weekly')
  await clock.advance(61_000)
  t.match(await add('weekly'), { id: first.id, until: first.until }, 'whose answer was lost')
  await clock.advance(86_400_000)
  t.equal(await codeOf(add('weekly')), 'IDEMPOTENCY_REUSED', 'a week later it is another')
  t.not((await add()).id, first.id)
})

t.test('a scope holds no more than its budget, by however many changes and at whatever hour', async (t) => {
  const { store, registerStore } = await open(t)
  const clock = manualClock()
  const policy = await PolicyState.open(policyOptions(store, registerStore, clock))
  const [one] = Object.entries(example.institutions)
  const rates = (rate: number) => ({ ceilings: { internet: { down: rate, up: rate } } })
  const institutions = Object.fromEntries(['a', 'b'].map((id) => [id, { ...one![1], ...rates(1e9) }]))
  const [site] = Object.values(example.sites)
  const sites = { a: { ...site!, institution: 'a' }, b: { ...site!, institution: 'b', prefixes: [], vlan: 77 } }
  await policy.commit({ ...example, institutions, sites }, because('asha', 1))
  const changes = changesAt(policy, undefined, clock)
  const [interventions, proposals] = [new Interventions(policy, changes, clock), new Proposals(changes, clock, log)]
  const scope = { regions: [one![1].region], budget: { ceiling: 3e9, guarantee: 1e12 } }
  const why = { reason: 'x', reference: null, author: 'juma', scope }
  const add = (institution: string, scoped = true) => {
    const patch = { on: { institution }, ...rates(2e9) }
    return interventions.addOverride({
      patch,
      until: clock.wall() + 3_600_000,
      ...why,
      ...(scoped ? {} : { scope: null }),
    })
  }
  const outcomes = await Promise.all(['a', 'b'].map((id) => codeOf(add(id))))
  t.same(outcomes.sort(), ['FORBIDDEN', 'done'], 'each fits, both do not; who asks at the same time is judged after')
  for (const { id } of policy.register.overrides) await interventions.endOverride(id, why)

  const effectiveAt = clock.wall() + 60_000
  const larger = (on: string) => () => ({
    ...policy.document,
    institutions: { ...policy.document.institutions, [on]: { ...institutions[on]!, ...rates(2e9) } },
  })
  const { id } = await proposals.propose(larger('a'), { ...why, effectiveAt })
  await add('b', false)
  await clock.advance(60_000)
  await proposals.commitDue()
  const waiting = () => proposals.list().find((one) => one.id === id)!
  t.match(waiting(), { state: 'approved', note: /more than your scope may hold/ }, 'held against the scope at its hour')
  for (const { id } of policy.register.overrides) await interventions.endOverride(id, why)
  await proposals.commitDue()
  t.match(waiting(), { state: 'committed' })
})

/** Two institutions of one scope, of 1 Gbit/s each, and what their officer may do with 3 Gbit/s. */
async function scopeOfTwo(t: Test) {
  const { store, registerStore } = await open(t)
  const clock = manualClock()
  const policyHere = await PolicyState.open(policyOptions(store, registerStore, clock))
  const [one] = Object.values(example.institutions)
  const [site] = Object.values(example.sites)
  const rates = (rate: number) => ({ ceilings: { internet: { down: rate, up: rate } } })
  const institutions = Object.fromEntries(['a', 'b'].map((id) => [id, { ...one!, ...rates(1e9) }]))
  const sites = { a: { ...site!, institution: 'a' }, b: { ...site!, institution: 'b', prefixes: [], vlan: 77 } }
  await policyHere.commit({ ...example, institutions, sites }, because('asha', 1))
  const scope = { regions: [one!.region], budget: { ceiling: 3e9, guarantee: 1e12 } }
  const why = { reason: 'x', reference: null, author: 'juma', scope }
  const controller = (policy: PolicyState, gate?: Promise<unknown>) => {
    const changes = changesAt(policy, gate, clock)
    const interventions = new Interventions(policy, changes, clock)
    return { policy, changes, interventions, proposals: new Proposals(changes, clock, log) }
  }
  const laid = (institution: string, rate: number) => {
    return { ...why, patch: { on: { institution }, ...rates(rate) }, until: clock.wall() + 3_600_000 }
  }
  const edited = (id: string, rate: number) => (head: { readonly document: unknown }) => {
    const document = head.document as PolicyDocument
    const changed = { ...document.institutions[id]!, ...rates(rate) }
    return { ...document, institutions: { ...document.institutions, [id]: changed } }
  }
  /** Another one, whose judgements wait for `gate`. */
  const other = async (gate?: Promise<unknown>) =>
    controller(await PolicyState.open(policyOptions(store, registerStore, clock)), gate)
  /** What another one answers that judges beside what it knew, while something is done here. */
  const meanwhile = async (
    slow: (there: Awaited<ReturnType<typeof other>>) => Promise<unknown>,
    here: () => Promise<unknown>,
  ) => {
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const outcome = codeOf(slow(await other(gate)))
    await new Promise(setImmediate)
    await here()
    open()
    return outcome
  }
  return { ...controller(policyHere), other, meanwhile, why, laid, edited, store, registerStore, clock }
}

t.test('a budget is not passed by way of a revision that goes back', async (t) => {
  const { policy, changes, interventions, why, laid, edited } = await scopeOfTwo(t)
  t.equal(await codeOf(interventions.addOverride(laid('b', 25e8))), 'FORBIDDEN', 'beside the other')
  const shrink = { ...why, dryRun: false, confirmWithin: 20_000 }
  await changes.change(edited('a', 5e8), shrink)
  await t.rejects(interventions.addOverride(laid('b', 25e8)), {
    code: 'FORBIDDEN',
    message: /on revision 2, which comes back unless 3 is confirmed/,
    advice: /confirm it or roll it back first/,
  })
  await policy.confirm(3)
  const { id: larger } = await interventions.addOverride(laid('b', 25e8))
  await interventions.endOverride(larger, why)

  await changes.change(edited('b', 28e8), { ...why, scope: null, dryRun: false, confirmWithin: 0 })
  const { id } = await interventions.addOverride(laid('b', 1e8))
  await changes.change(edited('b', 5e8), shrink)
  t.equal(await codeOf(interventions.endOverride(id, why)), 'FORBIDDEN', 'nor by ending what makes room there')
  await policy.confirm(5)
  await interventions.endOverride(id, why)
})

t.test('two controllers do not pass a budget together', async (t) => {
  const { changes, interventions, meanwhile, why, laid, edited } = await scopeOfTwo(t)
  const commit = (id: string, rate: number) =>
    changes.change(edited(id, rate), { ...why, scope: null, dryRun: false, confirmWithin: 0 })
  t.equal(
    await meanwhile(
      (there) => there.interventions.addOverride(laid('a', 20e8)),
      () => commit('b', 20e8),
    ),
    'FORBIDDEN',
    'a revision was made meanwhile',
  )
  await commit('b', 15e8)
  const { id } = await interventions.addOverride(laid('b', 1e8))
  t.equal(
    await meanwhile(
      (there) => there.interventions.endOverride(id, why),
      () => interventions.addOverride(laid('a', 25e8)),
    ),
    'FORBIDDEN',
    'something was laid beside what was to end',
  )
})

t.test('nor by a revision, and not where one comes between judgement and write', async (t) => {
  const about = await scopeOfTwo(t)
  const { changes, interventions, proposals, other, meanwhile, why, laid, edited, store, registerStore } = about
  const now = { ...why, dryRun: false, confirmWithin: 0 }
  const { id } = await proposals.propose(edited('a', 20e8), { ...why, effectiveAt: null })
  type There = Awaited<ReturnType<typeof other>>
  const ways: Readonly<Record<string, (there: There) => Promise<unknown>>> = {
    'a proposal': (there) => there.proposals.commit(id),
    'a change': (there) => there.changes.change(edited('a', 20e8), now),
  }
  const atTheWrite = (work: () => Promise<unknown>): void => {
    const put = store.put.bind(store)
    store.put = async (...args) => {
      store.put = put
      await work()
      return put(...args)
    }
  }
  const laidHere: string[] = []
  const lay = async () => laidHere.push((await interventions.addOverride(laid('b', 20e8))).id)
  const end = () => interventions.endOverride(laidHere.at(-1)!, why)
  for (const [name, make] of Object.entries(ways)) {
    t.equal(await meanwhile(make, lay), 'FORBIDDEN', `${name} that was judged before`)
    await end()
    atTheWrite(lay)
    t.equal(await codeOf(make(await other())), 'FORBIDDEN', `${name} that was about to be written`)
    await end()
  }

  const read = registerStore.read.bind(registerStore)
  const there = await other()
  registerStore.read = async () => {
    registerStore.read = read
    const found = await read()
    await changes.change(edited('a', 20e8), { ...now, scope: null })
    return found
  }
  t.equal(await codeOf(there.interventions.addOverride(laid('b', 20e8))), 'FORBIDDEN', 'an override that was judged')

  atTheWrite(() =>
    registerStore.edit(() => ({ [fieldOf.drain('x')]: { edge: 'x', since: 0, author: 'a', reason: 'r' } })),
  )
  t.equal(await codeOf(there.changes.change(edited('b', 5e8), now)), 'done', 'what is no budget keeps nobody from it')
})

t.test('one account has so many overrides at a time and no more', async (t) => {
  const { interventions, registerStore, policy, laid, clock } = await scopeOfTwo(t)
  const made = (n: number) => ({
    ...laid('a', 1e8),
    id: `ov-${n}`,
    from: clock.wall(),
    at: clock.wall(),
    owner: 'juma',
  })
  const many = Array.from({ length: MAX_OVERRIDES_EACH }, (_, n) => made(n))
  await registerStore.edit(() => Object.fromEntries(many.map((one) => [fieldOf.override(one.id), one])))
  await policy.refresh()
  await t.rejects(interventions.addOverride(laid('b', 1e8)), {
    code: 'RATE_LIMITED',
    message: /juma has 200 overrides that have not ended; one account has at most 200/,
  })
  t.ok(await interventions.addOverride({ ...laid('b', 1e8), author: 'asha', scope: null }), 'others are not meant')
  await interventions.endOverride('ov-7', { author: 'juma', reason: 'x' })
  t.equal(await codeOf(interventions.addOverride(laid('b', 1e8))), 'POLICY_INVALID', 'there is room, and one there')
})

t.test('what is switched at an edge outlives the controller', async (t) => {
  const { store, registerStore } = await open(t)
  const options = policyOptions(store, registerStore)
  const change = { enforcement: 'bypass' as const, until: options.clock.wall() + 60_000, reason: 'x', author: 'juma' }
  await (await PolicyState.open(options)).set('edge-1', change)
  const restarted = await PolicyState.open(options)
  t.match(restarted.situation().switches.get('edge-1'), change)
  await store.setEnforcement('edge-1', null)
  t.equal((await store.enforcement()).size, 0, "the document's own word counts again")
})
