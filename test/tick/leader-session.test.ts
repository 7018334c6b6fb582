// What a leader session makes of a decision that goes out in several publications, of which the store takes some,
// refuses and does not answer others. The same over a real store: test/served/leader-session.test.ts.

import t from 'tap'
import { Freshness } from '../../src/publish/freshness.js'
import type { Outgoing, PublishOutcome } from '../../src/publish/outgoing.js'
import { manualClock } from '../../src/runtime/clock.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { leading } from './leading.js'
import { NOTHING_HEARD } from './loop.js'

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
async function scripted(edgesACall: number) {
  const calls: Call[] = []
  const answers: (PublishOutcome | MizaniError)[] = []
  const publish: Outgoing['publish'] = async (_id, { seq }, edges) => {
    calls.push({ seq, edges: edges.map(({ edge }) => edge), kinds: edges.map(({ message }) => message.kind) })
    const answer = answers.shift() ?? PUBLISHED
    if (answer instanceof MizaniError) throw answer
    return answer
  }
  const election = { elect: async () => TERM, resign: async () => undefined }
  const store = { election, outgoing: { publish }, feed: NOTHING_HEARD, freshness: new Freshness(manualClock()) }
  const { session, decide } = await leading(store, edgesACall)
  const afresh: typeof decide = (kbps, to) => {
    calls.length = 0
    return decide(kbps, to)
  }
  return { session, calls, answers, decide: afresh }
}

t.test('a decision goes out in as many publications as it needs, each under a serial of its own', async (t) => {
  const { session, calls, decide } = await scripted(2)
  t.equal(await decide(100), true)
  t.match(calls, [
    { seq: 1, edges: ['core', 'east'] },
    { seq: 2, edges: ['west'] },
  ])
  t.same(
    [...session.grantedSerials.values()].map(({ epoch, seq }) => `${epoch}.${seq}`),
    ['7.1', '7.1', '7.2'],
  )
  await decide(100)
  t.same(
    calls.flatMap(({ kinds }) => kinds),
    ['heartbeat', 'heartbeat', 'heartbeat'],
  )
  t.equal(session.serial.seq, 4)
  t.equal(await decide(100, 'changed'), false, 'nothing to say between ticks')
  t.equal(calls.length, 0)
})

t.test('what was not answered goes out again, the same, before anything else; its edges are told anew', async (t) => {
  const { calls, answers, decide } = await scripted(1)
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
  const { calls, answers, decide, session } = await scripted(1)
  await decide(100)
  answers.push(PUBLISHED, FULL, { lost: ['west'] })
  await t.rejects(decide(90), { code: 'STORE_REFUSED' })
  t.same(
    [...session.grantedSerials.values()].map(({ epoch, seq }) => `${epoch}.${seq}`),
    ['7.4', '7.2', '7.6'],
  )
  t.equal(await decide(90), true)
  t.match(calls, [
    { seq: 7, edges: ['east'], kinds: ['snapshot'] },
    { seq: 8, edges: ['core'], kinds: ['heartbeat'] },
    { seq: 9, edges: ['west'], kinds: ['snapshot'] },
  ])
  answers.push('unknown')
  await decide(80)
  answers.push(FULL)
  await t.rejects(decide(70), { code: 'STORE_REFUSED' }, 'what is refused at last is said once')
  t.equal(await decide(70), true, 'and does not keep the others from hearing')
})

t.test('edges that are to shrink hear of it first, and others wait for the word of the store', async (t) => {
  const { calls, answers, decide, session } = await scripted(3)
  await decide(100)
  await decide((edge) => (edge === 'west' ? 90 : 110))
  t.match(calls, [
    { seq: 2, edges: ['west'] },
    { seq: 3, edges: ['core', 'east'] },
  ])
  answers.push('unknown')
  await decide((edge) => (edge === 'east' ? 80 : 120))
  t.match(calls, [{ seq: 4, edges: ['east'] }], 'of a store that is silent nothing more is asked in this tick')
  answers.push(PUBLISHED, FULL)
  await t.rejects(
    decide((edge) => (edge === 'core' ? 70 : 120)),
    { code: 'STORE_REFUSED' },
  )
  t.match(
    calls.map(({ seq, edges }) => [seq, ...edges]),
    [
      [4, 'east'],
      [5, 'core', 'east'],
      [6, 'west'],
    ],
    'a refusal of some is none of the others',
  )
  t.equal(session.serial.seq, 6)
})

t.test('a leader that is fenced midway leads no more, although some was published', async (t) => {
  const { session, answers, decide, calls } = await scripted(1)
  await decide(100)
  answers.push(PUBLISHED, 'fenced', 'fenced')
  t.equal(await decide(90), false)
  t.equal(session.leads, false)
  t.equal(await decide(80), false)
  t.equal(calls.length, 0)
})
