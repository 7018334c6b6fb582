// One leader after another where the store is of no help: it has lost everything, or holds what cannot be read here.

import t from 'tap'
import { type EdgeReport, recordKey } from '../../src/model/lease.js'
import type { Plan } from '../../src/model/plan.js'
import { boundOf, boundOfGranted, GRACE, isKnown, isOver, isUntouchable } from '../../src/publish/edge-lease.js'
import { LeaseTable } from '../../src/publish/lease-table.js'
import { epochFloor, followLeader, isBelowEdges, takeOver } from '../../src/tick/takeover.js'
import type { RateMessage } from '../../src/wire/messages.js'
import { EDGES, firstDocument, geography, LEASE } from '../faults/model/plane.js'
import { World } from '../faults/model/world.js'
import { NOTHING_HEARD } from './loop.js'

const { plan, problem } = geography(firstDocument(5), {})
const CENTURY = 100 * 366 * 86_400_000
const NOW = 1_800_000_000_000

const report = (edge: string, at: number, applied: { epoch: number; seq: number } | null): EdgeReport => ({
  ...{ edge, stamp: { boot: 'b', at }, reads: 2, agent: 'test', driver: 'model', simulated: true },
  applied: applied && { ...applied, crc: 0, profile: '' },
  ...{ state: 'FRESH', enforcement: 'enforce', refusal: null, generation: 1, counters: [] },
})

function tableOf(claims: readonly (number | null)[]): LeaseTable {
  const leases = new LeaseTable(plan as Plan, problem, 0)
  claims.forEach((epoch, k) => {
    leases.acknowledge(report(EDGES[k]!, 1, epoch === null ? null : { epoch, seq: 1 }), 0)
  })
  return leases
}

t.test('who forgot everything begins above what edges hold, although the clock of the store is behind', async (t) => {
  const world = new World({ seed: 1 })
  world.offer(1)
  await world.run(20_000)
  for (const { process } of world.controllers) process.kill()
  world.controllers = []
  world.store.forget()
  world.store.behind = 3_600_000
  world.startController()
  await world.run(LEASE + GRACE + 10_000)
  const { edges, serial } = world.leader()!.controller.board!
  for (const { id, state, applied } of edges) {
    t.equal(state, 'FRESH', id)
    t.equal(applied?.epoch, serial.epoch, `${id} listens to the new leader`)
  }
  t.same(world.breaches, [])
})

t.test('a term ends early on the word of most edges, not of one', async (t) => {
  t.equal(isBelowEdges(tableOf([9, 9, 9]), 5, NOW), true)
  t.equal(isBelowEdges(tableOf([9, 9, 5]), 5, NOW), true)
  t.equal(isBelowEdges(tableOf([9, 5, null]), 5, NOW), false)
  t.equal(isBelowEdges(tableOf([9]), 5, NOW), true, 'all that speak')
  t.equal(isBelowEdges(tableOf([]), 5, NOW), false)
  t.equal(isBelowEdges(tableOf([2 ** 52, 2 ** 52, 5]), 5, NOW), false, 'what no clock could give is not believed')
})

t.test('a claim lifts epochs by a century at most, and what came of it still counts a moment later', async (t) => {
  t.equal(epochFloor(tableOf([2 ** 53 - 1, 7, null]), 3, NOW), 7)
  t.equal(epochFloor(tableOf([NOW + CENTURY, 7, 7]), 3, NOW), NOW + CENTURY)
  const lifted = NOW + CENTURY + 1
  t.equal(epochFloor(tableOf([lifted, lifted, 7]), 3, NOW + 1), lifted)
})

t.test('one that never says what it has keeps others from growing for a lease, and no longer', async (t) => {
  const leases = tableOf([])
  const rates = Uint32Array.from(plan.flows, () => 900)
  const [edge] = EDGES
  const lease = () => leases.edges.get(edge)!
  const most = { rates: Uint32Array.from(lease().flows, () => 5_000), safe: Uint32Array.from(lease().flows, () => 300) }
  leases.acknowledge(report(edge, 1, { epoch: 8, seq: 1 }), 0)
  leases.recover(edge, { newest: { epoch: 9, seq: 90, ...most }, most, isComplete: false }, 0)
  for (let now = 0; now < LEASE + GRACE; now += 1_000) {
    leases.acknowledge(report(edge, 2 + now, { epoch: 8, seq: 1 }), now)
    leases.noteGranted(edge, { epoch: 10, seq: 1 + now }, rates, now === 0, now)
    leases.expire(now)
    t.equal(isKnown(lease()), false, `${now} ms on`)
  }
  leases.expire(LEASE + GRACE + 1)
  t.ok(isKnown(lease()) && !isOver(lease()))
  t.equal(boundOf(lease(), 0), 5_000, 'what it was told, and what it was told since, still counts')
})

t.test('what an edge was told and nobody here can read may be anything for a lease', async (t) => {
  const leases = tableOf([])
  const state = { plan, leases }
  const readSnapshots = async () => new Map<string, RateMessage | null>(EDGES.map((edge) => [edge, null]))
  const feed = { ...NOTHING_HEARD, readSnapshots, watch: readSnapshots }
  const charged = new Float64Array(plan.flows.length).fill(Number.NaN)
  const target = Uint32Array.from(plan.flows, () => 1_000)
  const out = new Uint32Array(plan.flows.length)
  const hour = 3_600_000
  for (let now = 0; now <= hour; now += 1_000) {
    await followLeader(state, feed, now)
    leases.expire(now)
  }
  await takeOver(state, feed, hour)
  for (const edge of EDGES) leases.acknowledge(report(edge, hour, { epoch: 9, seq: 9 }), hour)
  for (let now = hour; now < hour + LEASE + GRACE; now += 1_000) {
    leases.expire(now)
    leases.decide(target, charged, true, out)
    t.ok([...leases.edges.values()].every(isUntouchable), `${now - hour} ms on`)
    for (const edge of EDGES) leases.noteGranted(edge, { epoch: 10, seq: 1 + now }, out, false, now)
  }
  leases.expire(hour + LEASE + GRACE + 1)
  t.ok([...leases.edges.values()].every(isKnown), 'then every lease is over, whatever the edge says')
})

t.test('who began once a site had moved charges what its old edge still lets through', async (t) => {
  const [edge, site] = ['east', 'inst-002-a']
  const document = structuredClone(firstDocument(5))
  document.sites[site]!.edge = 'west'
  const after = geography(document, {})
  const recordsIn = ({ edges, flows }: Plan) => edges.find(({ id }) => id === edge)!.flows.map((f) => flows[f]!.record)
  const left = new Set(recordsIn(after.plan).map(recordKey))
  const records = recordsIn(plan).filter((record) => !left.has(recordKey(record)))
  t.ok(records.length > 0)
  const told = (seq: number, rate: number): RateMessage => ({
    ...{ kind: 'snapshot', version: 2, edge, epoch: 7, seq, baseSeq: 0, revision: 1, profile: '', lease: LEASE },
    ...{ stamp: null, records: records.map((record) => ({ ...record, rate, safe: 100, burst: 0, classes: [] })) },
  })
  const leases = new LeaseTable(after.plan, after.problem, 0)
  const state = { plan: after.plan, leases }
  const followed = (content: RateMessage, now: number) =>
    followLeader(state, { watch: async () => new Map([[edge, content]]) }, now)
  const onItsLine = () => {
    const hops = leases.orphanHops().get(edge) ?? []
    return new Set(
      hops.flatMap(({ link, most }) => (after.plan.links[link]!.id === `access.${site}.down` ? [most] : [])),
    )
  }

  await followed(told(1, 500), 0)
  await followed(told(1, 500), 1_000)
  await followed(told(2, 300), 2_000)
  t.same([...onItsLine()], [500], 'the most it may hold')
  const [all] = leases.orphanHops().values()
  t.equal(new Set(all!.map(({ orphan }) => orphan)).size, records.length, 'each once, however often it was read')
  await takeOver(state, NOTHING_HEARD, 3_000)
  t.same([...onItsLine()], [500], 'the store has lost it')
  leases.acknowledge(report(edge, 1, { epoch: 7, seq: 2 }), 3_000)
  t.same([...onItsLine()], [500], 'the edge has what holds them')
  leases.noteGranted(edge, { epoch: 8, seq: 1 }, new Uint32Array(after.plan.flows.length), true, 3_000)
  leases.acknowledge(report(edge, 2, { epoch: 8, seq: 1 }), 4_000)
  t.same([...onItsLine()], [], 'the edge has moved on')
  await followed(told(3, 500), 4_000 + LEASE + GRACE + 1)
  t.same([...onItsLine()], [100], 'its lease is over')
})

t.test('what an edge may hold comes of whatever knows more: the store, or what was heard', async (t) => {
  const [edge] = EDGES
  const flows = plan.edges.find(({ id }) => id === edge)!.flows
  const told = (epoch: number, seq: number, rate: number): RateMessage => ({
    ...{
      kind: 'snapshot',
      version: 2,
      edge,
      epoch,
      seq,
      baseSeq: 0,
      revision: 1,
      profile: '',
      lease: LEASE,
      stamp: null,
    },
    records: flows.map((f) => ({ ...plan.flows[f]!.record, rate, safe: 100, burst: 0, classes: [] })),
  })
  const [older, old, last] = [told(7, 1, 700), told(8, 2, 500), told(8, 3, 300)] as const
  interface Known {
    readonly stored?: readonly RateMessage[]
    readonly heard?: readonly RateMessage[]
    readonly hasGap?: boolean
    readonly says?: RateMessage
    readonly pace?: Plan['edges'][number]['pace']
  }
  const takenOver = async ({ stored = [], heard = [], hasGap = false, says, pace = 'live' }: Known) => {
    const mine = { ...plan, edges: plan.edges.map((one) => ({ ...one, pace })) }
    const leases = new LeaseTable(mine, problem, 0)
    if (pace === 'static') leases.assumeKnown(edge)
    if (says) leases.acknowledge(report(edge, 1, says), 0)
    const feed = {
      readSnapshots: async () => new Map(stored.slice(-1).map((content) => [edge, content])),
      readContents: async () => ({ contents: stored, whole: true }),
      logOf: (id: string) => ({ contents: id === edge ? heard : [], hasGap }),
    }
    await takeOver({ plan: mine, leases }, feed, 0)
    const lease = leases.edges.get(edge)!
    const [most, known] = [boundOfGranted(lease, 0), isKnown(lease)]
    return { leases, granted: leases.granted[flows[0]!], most, known, isUntouchable: isUntouchable(lease) }
  }

  t.match(await takenOver({ stored: [old, last], says: last }), { granted: 300, most: 300, known: true })
  t.match(await takenOver({ stored: [old, last], says: old }), { granted: 300, most: 500, known: true })
  t.match(await takenOver({ stored: [old], heard: [old, last], says: old }), { granted: 300, most: 500, known: true })
  t.match(await takenOver({ heard: [old, last], says: last }), { granted: 300, most: 300, known: true })
  t.match(
    await takenOver({ heard: [old, last], hasGap: true, says: old }),
    { granted: 300, most: 500, known: false },
    'it may have been told more',
  )
  t.match(
    await takenOver({ heard: [last], says: old }),
    { granted: 300, known: false },
    'what came between is not known',
  )
  t.match(await takenOver({ stored: [last], says: older }), { known: false }, 'the store was emptied since')
  t.match(await takenOver({ stored: [last] }), { granted: 300, known: true }, 'all there ever was')
  t.match(
    await takenOver({ stored: [old], says: last }),
    { granted: 0, known: false, isUntouchable: true },
    'it holds what was lost',
  )
  t.match(await takenOver({ heard: [old, last], pace: 'static' }), { granted: 300, known: true }, 'one that never says')
  t.match(await takenOver({}), { granted: 0, known: false })

  const change = { ...last, kind: 'delta' as const, baseSeq: 2, records: [] }
  t.match(await takenOver({ stored: [old, change, last], says: old }), { most: 500, known: true })
  t.match(
    await takenOver({ stored: [change, last], says: { ...change, seq: 3 } }),
    { known: true },
    'what is applied is the last, and the store has that whole',
  )
  t.match(
    await takenOver({ stored: [{ ...change, seq: 2 }, last], says: { ...change, seq: 2 } }),
    { known: false },
    'what a change builds on is gone',
  )
  t.match(
    await takenOver({ stored: [old], says: last, pace: 'paced' }),
    { granted: 500, known: false },
    'a slow one that holds what was lost',
  )

  const { leases } = await takenOver({ stored: [old] })
  const lease = () => leases.edges.get(edge)!
  const next = Uint32Array.from(plan.flows, () => 200)
  leases.noteGranted(edge, { epoch: 9, seq: 1 }, next, true, 0)
  leases.acknowledge(report(edge, 2, last), 0)
  t.equal(isKnown(lease()), false, 'it says that it holds what nobody here knows')
  leases.acknowledge(report(edge, 3, { epoch: 9, seq: 1 }), 0)
  t.ok(isKnown(lease()) && boundOfGranted(lease(), 0) === 200, 'it has what it was told here')

  leases.markUnverified(edge, 0)
  t.equal(isKnown(lease()), false, 'who was told by others since may hold something else')
  leases.noteGranted(edge, { epoch: 9, seq: 2 }, next, true, 0)
  leases.acknowledge({ ...report(edge, 4, { epoch: 9, seq: 2 }), enforcement: 'hold' }, 0)
  leases.markUnverified(edge, 0)
  t.ok(isKnown(lease()), 'who holds what it said, holds that, whatever it was told')
  leases.acknowledge({ ...report(edge, 5, { epoch: 9, seq: 9 }), enforcement: 'hold' }, 0)
  leases.markUnverified(edge, 0)
  t.equal(isKnown(lease()), false, 'unless it says something else')
})
