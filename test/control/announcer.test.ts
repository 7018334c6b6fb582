// What an announcer makes of a decision that goes out in several publications, of which the store takes some, refuses
// some and does not answer others. The model (test/publish) tells the same in thousands of stories.

import t from 'tap'
import { Announcer, type RatesStore } from '../../src/control/announcer.js'
import { type Desk, deskOf } from '../../src/control/desk.js'
import type { Pins } from '../../src/control/pins.js'
import type { PlanInForce } from '../../src/control/planner.js'
import type { EdgeReport, Serial } from '../../src/model/lease.js'
import type { EdgePublication } from '../../src/publish/publication.js'
import type { PublishOutcome } from '../../src/publish/publisher.js'
import { manualClock } from '../../src/runtime/clock.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { createLogger } from '../../src/runtime/log.js'
import { EDGES, firstDocument, geography } from '../faults/model/plane.js'

const { plan, problem } = geography(firstDocument(5), {})
const TERM = { leads: true, epoch: 7, leader: 'ctl' }
const PUBLISHED: PublishOutcome = { lost: [] }
const STALE = new MizaniError({ code: 'STALE_SEQ', message: 'a later one', remedy: 'drop' })
const FULL = new MizaniError({ code: 'STORE_REFUSED', message: 'OOM', remedy: 'stop' })

interface Call {
  readonly seq: number
  readonly edges: readonly string[]
  readonly kinds: readonly string[]
}

/** A leader whose store answers as it is told, one answer a call; then it takes everything. */
async function leading(edgesACall: number) {
  const calls: Call[] = []
  const answers: (PublishOutcome | MizaniError)[] = []
  const publish = async (_id: string, { seq }: Serial, edges: readonly EdgePublication[]): Promise<PublishOutcome> => {
    calls.push({ seq, edges: edges.map(({ edge }) => edge), kinds: edges.map(({ message }) => message.kind) })
    const answer = answers.shift() ?? PUBLISHED
    if (answer instanceof MizaniError) throw answer
    return answer
  }
  const store = {
    publish,
    elect: async () => TERM,
    profiles: () => new Map(EDGES.map((edge) => [edge, 'aaaaaaaaaaaaaaaa'])),
    readSnapshots: async () => new Map(),
  } as unknown as RatesStore
  const clock = manualClock({ monotonic: 1_000_000 })
  const announcer = new Announcer({ id: 'ctl', clock, log: createLogger('test', 'silent'), store, edgesACall })
  const inForce = { plan, problems: [problem, problem], until: new Map() } as unknown as PlanInForce
  const desk = deskOf(inForce, null, { epoch: 0, seq: 0 }, clock.monotonic())
  await announcer.assume(await announcer.elect(desk), desk)
  let at = 0
  /** All edges say what they have; then everyone is to have `kbps`. */
  const decide = (kbps: number, to: 'all' | 'changed' = 'all'): Promise<boolean> => {
    at++
    for (const edge of EDGES) desk.leases.acknowledge(reportOf(edge, at, announcer.intended.get(edge) ?? null), at)
    desk.rates.fill(kbps)
    const pins: Pins = {
      charged: new Float64Array(desk.rates.length).fill(Number.NaN),
      told: new Uint32Array(desk.rates.length),
      reason: [],
    }
    calls.length = 0
    return announcer.publish(desk, pins, to)
  }
  return { announcer, desk: desk as Desk, calls, answers, decide }
}

const reportOf = (edge: string, at: number, applied: Serial | null): EdgeReport => ({
  ...{ edge, stamp: { boot: 'b', at }, reads: 2, agent: 'test', driver: 'model', simulated: true },
  applied: applied && { ...applied, crc: 0, profile: '' },
  ...{ state: 'FRESH', enforcement: 'enforce', refusal: null, generation: 1, counters: [] },
})

t.test('a decision goes out in as many publications as it needs, each under a serial of its own', async (t) => {
  const { announcer, calls, decide } = await leading(2)
  t.equal(await decide(100), true)
  t.match(calls, [
    { seq: 1, edges: ['core', 'east'] },
    { seq: 2, edges: ['west'] },
  ])
  t.same(
    [...announcer.intended.values()].map(({ epoch, seq }) => `${epoch}.${seq}`),
    ['7.1', '7.1', '7.2'],
  )
  await decide(100)
  t.same(
    calls.flatMap(({ kinds }) => kinds),
    ['heartbeat', 'heartbeat', 'heartbeat'],
  )
  t.equal(announcer.serial.seq, 4)
  t.equal(await decide(100, 'changed'), false, 'nothing to say between ticks')
  t.equal(calls.length, 0)
})

t.test('what was not answered goes out again, the same, before anything else; its edges are told anew', async (t) => {
  const { calls, answers, decide } = await leading(1)
  await decide(100)
  answers.push(PUBLISHED, 'unknown', PUBLISHED)
  t.equal(await decide(90), true)
  t.match(
    calls.map(({ kinds }) => kinds[0]),
    ['delta', 'delta', 'delta'],
  )
  answers.push('unknown')
  t.equal(await decide(80), false, 'still no answer: nothing new is said')
  t.match(calls, [{ seq: 5, edges: ['east'], kinds: ['delta'] }])
  answers.push(STALE)
  t.equal(await decide(80), true, 'a later one got through, so this one did or never will')
  t.match(calls, [
    { seq: 5, edges: ['east'] },
    { seq: 7, kinds: ['delta'] },
    { seq: 8, edges: ['east'], kinds: ['snapshot'] },
    { seq: 9, kinds: ['delta'] },
  ])
  await decide(80)
  t.same(
    calls.map(({ kinds }) => kinds[0]),
    ['heartbeat', 'heartbeat', 'heartbeat'],
  )
})

t.test('what the store refuses is said by an error, and is composed anew; what it took counts', async (t) => {
  const { calls, answers, decide, announcer } = await leading(1)
  await decide(100)
  answers.push(PUBLISHED, FULL, { lost: ['west'] })
  await t.rejects(decide(90), { code: 'STORE_REFUSED' })
  t.same(
    [...announcer.intended.values()].map(({ epoch, seq }) => `${epoch}.${seq}`),
    ['7.4', '7.2', '7.6'],
  )
  t.equal(await decide(90), true)
  t.match(calls, [
    { seq: 7, kinds: ['heartbeat'] },
    { seq: 8, kinds: ['delta'] },
    { seq: 9, kinds: ['snapshot'] },
  ])
})

t.test('a leader that is fenced midway leads no more, although some was published', async (t) => {
  const { announcer, answers, decide, calls } = await leading(1)
  await decide(100)
  answers.push(PUBLISHED, 'fenced', 'fenced')
  t.equal(await decide(90), false)
  t.equal(announcer.leads, false)
  t.equal(await decide(80), false)
  t.equal(calls.length, 0)
})
