// Turns at a thread: one a round, and who has used least of it is next.

import t from 'tap'
import { anotherRound } from '../../src/runtime/clock.js'
import { FairTurns } from '../../src/runtime/fair-turns.js'

/** A thread at which time passes by work alone. */
function thread(mostEach = 100) {
  let now = 0
  const turns = new FairTurns({ monotonic: () => now }, mostEach)
  const order: string[] = []
  const work = async (who: string, took: number): Promise<void> => {
    await turns.take(who, 'work')
    order.push(who)
    now += took
  }
  const pass = (time: number): void => {
    now += time
  }
  return { turns, order, work, pass }
}

t.test('in one round there is one turn, and what else is due comes between any two', async (t) => {
  const { order, work } = thread()
  const all = [work('a', 1), work('a', 1), work('a', 1)]
  const seen: number[] = []
  for (let round = 0; round < 5; round++) {
    await anotherRound()
    seen.push(order.length)
  }
  await Promise.all(all)
  t.ok(
    seen.every((count, round) => count - (seen[round - 1] ?? 0) <= 1),
    seen.join(),
  )
})

t.test('who asks for little is next, however many wait before', async (t) => {
  const { order, work } = thread()
  const many = Array.from({ length: 20 }, () => work('greedy', 10))
  while (order.length < 3) await anotherRound()
  const few = work('modest', 1)
  await Promise.all([...many, few])
  t.ok(order.indexOf('modest') <= 4, order.join())
  t.equal(order.filter((who) => who === 'greedy').length, 20, 'nobody is forgotten')
})

t.test('two who ask for all have half each', async (t) => {
  const { order, work } = thread()
  const all = Array.from({ length: 30 }, () => [work('dear', 30), work('cheap', 10)]).flat()
  while (order.length < 20) await anotherRound()
  const part = order.slice(0, 20)
  const count = (who: string): number => part.filter((one) => one === who).length
  t.ok(count('cheap') >= 2 * count('dear'), part.join())
  await Promise.all(all)
})

t.test('who waits for too many is refused, and told who and how many', async (t) => {
  const { turns, work } = thread(2)
  const taken = [work('a', 1), work('a', 1)]
  await t.rejects(turns.take('a', 'work'), { code: 'RATE_LIMITED', message: /2 requests of a / })
  taken.push(work('b', 1))
  await Promise.all(taken)
  await work('a', 1)
})

t.test('who is the first to ask for what all are given has not used the thread for it', async (t) => {
  const { turns, order, work, pass } = thread()
  const first = async (): Promise<void> => {
    await turns.take('first', 'work')
    turns.forAll(() => {
      pass(20)
      turns.forAll(() => pass(20))
    })
    pass(1)
  }
  await Promise.all([first(), work('second', 5)])
  // Both line up behind another.
  const all = [work('other', 1), work('second', 1), work('first', 1)]
  await Promise.all(all)
  t.ok(order.lastIndexOf('first') < order.lastIndexOf('second'), order.join())
})

t.test('what has been used fades for all alike, and who has used least of late is next', async (t) => {
  const { order, work, pass } = thread()
  await work('early', 64)
  await anotherRound()
  pass(8_000)
  await work('late', 16)
  await anotherRound()
  await Promise.all([work('late', 1), work('early', 1)])
  t.same(order.slice(2), ['early', 'late'], '64 ms of four half-lives ago are 4')
})

t.test('however many lines there are, a turn looks at a few, and those that are idle are forgotten', async (t) => {
  const { turns, work, pass } = thread()
  const many = Array.from({ length: 3_000 }, (_, n) => work(`address ${n}`, 0.2))
  await Promise.all(many)
  t.equal(turns.lines, 3_000)
  await anotherRound()
  pass(60_000)
  for (let n = 0; n < 1_600; n++) await work('one', 0.01)
  t.equal(turns.lines, 1)
})
